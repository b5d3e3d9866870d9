"""Is any change of what a signed response covers, or of the request it answers, refused?"""

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st

from authkit.errors import InputError, Rejected
from authkit.keys.prove import load_private
from authkit.messages.request import Request
from authkit.messages.response import format_response_head, parse_response, parse_response_draft
from authkit.schemes import rfc9421
from authkit.schemes.base import SignJob
from httpsigs import AT, random, to_sign, to_verify

KEY = load_private(
    ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ),
    "key",
)
CALL = Request("POST", "/orders/7?mode=fast", (("Host", "example.com"), ("Content-Type", "text/plain")))
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)


def signed(status: int, kind: str, body: bytes) -> bytes:
    draft = parse_response_draft(f"HTTP/1.1 {status} X\nContent-Type: {kind}\nX-Note: n\n\n".encode() + body, CALL)
    made: Any = rfc9421.sign(SignJob(draft.request, [KEY], to_sign(), AT, random)).request  # type: ignore[arg-type]
    return format_response_head(made) + draft.body


def judge(wire: bytes, related: "Request | None" = CALL) -> Any:
    verifier = rfc9421.verifier([KEY.public()], to_verify())
    assert verifier.watch is not None
    watch: Any = verifier.watch
    message: Any = parse_response(wire, related, watch=lambda head, _: watch(head, AT))
    return verifier.judge(message, AT)


STATUSES = st.integers(200, 599).filter(lambda status: status not in (204, 304))


@given(status=STATUSES, kind=VALUES, body=st.binary(min_size=1, max_size=30), data=st.data())
def test_a_changed_byte_is_refused(status: int, kind: str, body: bytes, data: st.DataObject) -> None:
    wire = signed(status, kind, body)
    found = judge(wire)
    assert found.uncovered == ("content-length", "x-note")
    assert set(found.covered) >= {"@status", "content-type", "content-digest", "body", '"@query";req'}
    head_end = wire.index(b"\r\n\r\n") + 4
    place = data.draw(st.integers(0, len(wire) - 1))
    changed = wire[:place] + bytes([wire[place] ^ data.draw(st.sampled_from([1, 2, 32, 128]))]) + wire[place + 1 :]
    try:
        after = judge(changed)
    except (Rejected, InputError):
        return
    # what passes changes nothing that is covered: the phrase, the case of a name, a header that is not covered
    assert place < head_end
    assert after.covered == found.covered
    one, two = parse_response(wire, CALL), parse_response(changed, CALL)
    assert one.status == two.status
    for name in ("content-type", "content-digest", "signature-input", "signature"):
        assert one.values(name) == two.values(name)


@given(
    method=st.sampled_from(["GET", "PUT", "PATCH"]),
    target=st.sampled_from(["/orders/8?mode=fast", "/orders/7?mode=slow", "/orders/7"]),
    host=st.sampled_from(["example.org", "example.com:8443"]),
    which=st.sampled_from(["method", "target", "host"]),
)
def test_another_request_is_refused(method: str, target: str, host: str, which: str) -> None:
    wire = signed(200, "text/plain", b"done")
    other = Request(
        method if which == "method" else CALL.method,
        target if which == "target" else CALL.target,
        (("Host", host if which == "host" else "example.com"),),
    )
    with pytest.raises(Rejected) as caught:
        judge(wire, other)
    assert caught.value.reason == "signature-mismatch"
    with pytest.raises(Rejected) as caught:
        judge(wire, None)
    assert caught.value.reason == "request-unavailable"
