"""Are responses signed and verified from Python as on the command line?"""

from datetime import datetime, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

import authkit
from authkit.errors import Rejected, UsageError
from authkit.keys.prove import load_private
from authkit.messages.response import format_response_head

AT = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)
KEY: Any = load_private(
    ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ),
    "key",
)
CALL = authkit.parse_request(b"GET /a?b=1 HTTP/1.1\r\nHost: example.com\r\n\r\n")
DRAFT = b"HTTP/1.1 200 OK\nContent-Type: text/plain\n\nhello"


def test_bytes_and_values_are_signed_alike() -> None:
    made: Any = authkit.sign_with("rfc9421", DRAFT, [KEY], at=AT, request=CALL, no_nonce=True).request
    assert isinstance(made, authkit.Response)
    assert made.related is CALL
    value = authkit.parse_response(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", CALL
    )
    again: Any = authkit.sign_with("rfc9421", value, [KEY], at=AT, no_nonce=True).request
    assert again.headers == made.headers
    wire = format_response_head(made) + b"hello"
    for message in (wire, made):
        found = authkit.verify_with("rfc9421", message, [KEY.public()], at=AT, request=CALL)
        assert '"@path";req' in found.covered
    other = authkit.parse_request(b"GET /b?b=1 HTTP/1.1\r\nHost: example.com\r\n\r\n")
    with pytest.raises(Rejected) as caught:
        authkit.verify_with("rfc9421", wire, [KEY.public()], at=AT, request=other)
    assert caught.value.reason == "signature-mismatch"
    with pytest.raises(Rejected) as caught:
        authkit.verify_with("rfc9421", wire, [KEY.public()], at=AT)
    assert caught.value.reason == "request-unavailable"


def test_the_other_digest_is_seen_too() -> None:
    made: Any = authkit.sign_with("rfc9421", DRAFT, [KEY], at=AT, request=CALL, digest="sha-512").request
    assert made.values("content-digest")[0].startswith("sha-512=:")
    wire = format_response_head(made) + b"hello"
    assert authkit.verify_with("rfc9421", wire, [KEY.public()], at=AT, request=CALL).covered[-1] == "body"
    with pytest.raises(Rejected) as caught:
        authkit.verify_with("rfc9421", wire[:-1] + b"!", [KEY.public()], at=AT, request=CALL)
    assert caught.value.reason == "content-digest-mismatch"


WIRE = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.mark.parametrize("scheme", ["dpop", "cavage"])
@pytest.mark.parametrize("message", [WIRE, authkit.Response(204)])
def test_schemes_for_requests_alone(scheme: str, message: Any) -> None:
    for call, key in ((authkit.sign_with, KEY), (authkit.verify_with, KEY.public())):
        with pytest.raises(UsageError) as caught:
            call(scheme, message, [key], at=AT)
        assert caught.value.message == f"{scheme} does not sign responses"
