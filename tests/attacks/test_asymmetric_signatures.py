"""Do the schemes of key pairs refuse what broke others: confused algorithms, empty proofs, keys of the attacker?

Known failures that these are modelled on: CVE-2015-9235 (a public key as an HMAC secret), CVE-2022-21449 (r and s of
zero), CVE-2020-0601 (a certificate that brings its own curve), MinIO's CVE-2026-41145 (two places of authentication).
"""

import os
from hashlib import sha256
from hmac import digest
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from asked import asked
from authkit.errors import Rejected
from authkit.keys.prove import load_private, load_public
from authkit.keys.whole import derive_scalar, encode_scalar
from authkit.messages.draft import parse_draft
from authkit.messages.request import Request
from authkit.schemes import find
from authkit.schemes.base import SignJob
from authkit.schemes.sigv4a import SCHEME
from authkit.secret import Secret
from plainpair import PlainPair
from plainsigner import signing_key
from samples import AT, ID, SECRET, access_key

LABEL, SCOPE = "AWS4-ECDSA-P256-SHA256", "20261123/service/aws4_request"
DER = encode_scalar(derive_scalar(Secret(SECRET.encode()), ID))
KEY: Any = load_der_private_key(DER, None)
PUBLIC = load_private(DER, "key", ID).public()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HERE = {"region": "us-east-1", "service": "service"}


def verdict(request: Request, *keys: Any, scheme: str = "sigv4a", **given: Any) -> "tuple[str, str]":
    found = find(scheme)
    try:
        found.verifier(list(keys), asked(found.verify_options, **{**HERE, **given})).judge(request, AT)
    except Rejected as rejected:
        return rejected.verdict, rejected.reason
    return "valid", "ok"


def crafted(sign: Any, label: str = LABEL, scope: str = SCOPE, **settings: Any) -> PlainPair:
    made = PlainPair(label, sign, ID, scope, Region_Set="us-east-1")
    for name, value in settings.items():
        setattr(made, name, value)
    return made


def ecdsa(text: bytes) -> bytes:
    signature: bytes = KEY.sign(text, ec.ECDSA(hashes.SHA256()))
    return signature


def test_the_crafted_request_is_right_to_begin_with() -> None:
    assert verdict(crafted(ecdsa).header(), PUBLIC) == ("valid", "ok")


@pytest.mark.parametrize("secret", [
    PUBLIC.spki,
    KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
])  # fmt: skip
def test_a_public_key_is_never_a_mac_secret(secret: bytes) -> None:
    """Whoever has the public key signs with it as if it were the secret, under the algorithm of secrets."""
    scope = "20261123/us-east-1/service/aws4_request"
    chain = [*scope.split("/")]
    key = b"AWS4" + secret
    for part in chain:
        key = digest(key, part.encode(), "sha256")
    request = crafted(lambda text: digest(key, text, "sha256"), "AWS4-HMAC-SHA256", scope).header()
    assert verdict(request, PUBLIC, scheme="sigv4") == ("cannot-check", "subkey-out-of-scope")
    assert verdict(request, PUBLIC) == ("malformed", "algorithm")
    mac = crafted(lambda text: digest(key, text, "sha256")).header()
    assert verdict(mac, PUBLIC) == ("invalid", "signature-mismatch")


def test_a_right_mac_is_no_signature_and_the_other_way_round() -> None:
    scope = "20261123/us-east-1/service/aws4_request"
    key = signing_key(SECRET, *scope.split("/"))
    right = crafted(lambda text: digest(key, text, "sha256"), "AWS4-HMAC-SHA256", scope).header()
    assert verdict(right, access_key(), scheme="sigv4") == ("valid", "ok")
    assert verdict(right, access_key()) == ("malformed", "algorithm")
    assert verdict(crafted(ecdsa).header(), access_key(), scheme="sigv4") == ("malformed", "algorithm")


@pytest.mark.parametrize("r, s", [(0, 0), (0, 1), (1, 0), (ORDER, ORDER), (1, 1), (ORDER - 1, 1)])
def test_signatures_of_nothing(r: int, s: int) -> None:
    assert verdict(crafted(lambda _: encode_dss_signature(r, s)).header(), PUBLIC) == ("invalid", "signature-mismatch")


@pytest.mark.parametrize("change", [
    lambda der: der + b"\0",
    lambda der: b"\x30\x81" + der[1:],
    lambda der: der[:2] + b"\x02" + bytes([der[3] + 1]) + b"\0" + der[4:],
    lambda der: b"\x31" + der[1:],
    lambda der: b"".join(value.to_bytes(32, "big") for value in decode_dss_signature(der)),
    lambda der: der[: len(der) // 2],
])  # fmt: skip
def test_another_encoding_of_a_right_signature(change: Any) -> None:
    assert verdict(crafted(lambda text: change(ecdsa(text))).header(), PUBLIC) == ("invalid", "signature-mismatch")


def test_authorization_and_query_at_once() -> None:
    request = crafted(ecdsa).header()
    both = request.with_target(f"{request.target}?X-Amz-Algorithm={LABEL}&X-Amz-Credential=x&X-Amz-Signature=00")
    assert verdict(both, PUBLIC) == ("malformed", "multiple-auth-locations")


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1())])
def test_a_key_of_the_attackers_own(key: Any) -> None:
    """Neither a key under the same ID nor one that the message might bring is the verifier's."""
    request = crafted(lambda text: key.sign(text, ec.ECDSA(hashes.SHA256()))).header()
    assert verdict(request, PUBLIC) == ("invalid", "signature-mismatch")
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert verdict(request, load_public(spki, "key", "OTHER")) == ("cannot-check", "unknown-access-key")


SIGNED = SCHEME.sign(
    SignJob(
        parse_draft(b"PUT /a/b?c=d HTTP/1.1\nHost: api.example.com\nContent-Type: a/b\n\nhello").request,
        [access_key()],
        asked(SCHEME.sign_options, region_set="us-*", service="service"),
        AT,
        os.urandom,
    )
).request


@given(st.data())
@settings(max_examples=200)
def test_flipping_any_byte_of_anything_signed(data: st.DataObject) -> None:
    """Of the target, of a signed header's value, of the body's hash, of the credential, of the signature."""
    places = [("target", SIGNED.target), *[(name, value) for name, value in SIGNED.headers if name != "Content-Length"]]
    name, text = data.draw(st.sampled_from(places))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=text[place]))
    changed = text[:place] + other + text[place + 1 :]
    if name == "target":
        request = SIGNED.with_target(changed)
    else:
        request = SIGNED.with_headers(tuple((a, changed if (a, b) == (name, text) else b) for a, b in SIGNED.headers))
    if name == "X-Amz-Region-Set" and changed.strip(" \t") == text:
        return
    found = verdict(request, PUBLIC)
    assert found[0] in ("invalid", "malformed", "cannot-check"), (name, changed)


def test_another_body() -> None:
    assert verdict(SIGNED, PUBLIC) == ("valid", "ok")
    for body in (b"", b"hellO", b"hello "):
        other = SIGNED.with_body(sha256(body).hexdigest(), len(body))
        assert verdict(other, PUBLIC)[0] == "invalid"
