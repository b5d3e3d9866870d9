"""Does a request that a certificate's key signed verify against a trust anchor, and nothing else?"""

import base64
import os
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from asked import asked
from authkit.certs.presented import Presented
from authkit.errors import Refused, Rejected, UsageError
from authkit.keys.prove import load_private
from authkit.keys.serial import serial_of
from authkit.messages.draft import parse_draft
from authkit.messages.request import Request
from authkit.schemes.aws4_x509 import SCHEME
from authkit.schemes.base import Signed, SignJob, Verified
from authkit.schemes.claim import Claim
from paths import ALICE, Made, crl, key_of, key_usage, leaf, middle, revoked, root
from plainpair import PlainPair
from samples import access_key

AT = datetime(2026, 11, 24, 9, 0, 0, tzinfo=timezone.utc)
STAMP = "20261124T090000Z"
SCOPE = "20261124/us-east-1/rolesanywhere/aws4_request"
SHA256 = hashes.SHA256()
COVERED = ": the certificate must be covered by the signature it goes with"
POST = b"POST /sessions HTTP/1.1\nHost: rolesanywhere.us-east-1.amazonaws.com\nContent-Type: application/json\n\n{}"


@cache
def anchor() -> Made:
    return root("Anchor")


@cache
def above() -> Made:
    return middle(anchor(), "Issuing")


@cache
def alice(kind: str = "p256") -> Made:
    return leaf(above(), "alice", kind=kind, serial=2**150 + 12345)


def presented(**more: Any) -> Presented:
    return Presented([anchor().der], **more)


def b64(der: bytes) -> str:
    return base64.b64encode(der).decode()


def sign_with(key: Any) -> Any:
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda text: key.sign(text, padding.PKCS1v15(), SHA256)
    return lambda text: key.sign(text, ec.ECDSA(SHA256))


def plain(made: "Made | None" = None, label: str = "AWS4-X509-ECDSA-SHA256", **settings: Any) -> PlainPair:
    made = made or alice()
    serial = str(made.certificate.serial_number)
    found = PlainPair(label, sign_with(made.key), serial, SCOPE, X509=b64(made.der), X509_Chain=b64(above().der))
    found.stamp = STAMP
    for name, value in settings.items():
        setattr(found, name, value)
    return found


def judge(request: Request, at: datetime = AT, presented: "Presented | None" = None, **given: Any) -> Verified:
    options = {"region": "us-east-1", "presented": presented or globals()["presented"](), **given}
    return SCHEME.verifier([], asked(SCHEME.verify_options, **options)).judge(request, at)


def reject(request: Request, **given: Any) -> "tuple[str, str]":
    with pytest.raises(Rejected) as caught:
        judge(request, **given)
    return caught.value.reason, caught.value.detail


def pem(key: Any, *chain: Made) -> bytes:
    text: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return text + b"".join([one.certificate.public_bytes(Encoding.PEM) for one in chain])


def sign(*chain: Made, key: Any = None, data: bytes = POST, **given: Any) -> Signed:
    chain = chain or (alice(), above())
    held = key if key is not None else load_private(pem(chain[0].key, *chain), "key.pem")
    options = asked(SCHEME.sign_options, **given)
    return SCHEME.sign(SignJob(parse_draft(data).request, [held], options, AT, os.urandom))


# --------------------------------------------------------------------------------------------------------------- valid


def test_a_verdict_of_yes_says_whose_certificate_it_was() -> None:
    found = judge(plain().header())
    serial = str(alice().certificate.serial_number)
    assert (found.scheme, found.access_key_id, found.scope) == ("aws4-x509", serial, SCOPE)
    assert (found.signed_at, found.replayable_until) == (AT, AT + timedelta(seconds=300))
    assert found.covered == (
        "method", "path", "query", "host", "x-amz-date", "x-amz-x509", "x-amz-x509-chain", "body",
    )  # fmt: skip
    assert found.more["certificate"] == alice().certificate.fingerprint(SHA256).hex()
    assert found.more["identity"] == ["email:alice@example.com"]
    assert found.warnings == ("authority-not-compared", "identity-not-compared", "revocation-not-checked")


def test_the_identity_that_is_allowed() -> None:
    found = judge(plain().header(), presented=presented(identities=["email:alice@example.com"]))
    assert found.warnings == ("authority-not-compared", "revocation-not-checked")


@pytest.mark.parametrize("kind, label", [
    ("p256", "AWS4-X509-ECDSA-SHA256"),
    ("p384", "AWS4-X509-ECDSA-SHA256"),
    ("rsa2048", "AWS4-X509-RSA-SHA256"),
])  # fmt: skip
def test_each_kind_of_key(kind: str, label: str) -> None:
    assert judge(plain(alice(kind), label).header()).scope == SCOPE
    found = sign(alice(kind), above())
    assert found.request.values("authorization")[0].startswith(f"{label} Credential={2**150 + 12345}/{SCOPE}, ")
    assert judge(found.request).scope == SCOPE


def test_the_intermediate_may_be_known_to_the_verifier() -> None:
    made = plain()
    made.sent = made.sent[:2]
    assert judge(made.header(), presented=presented(intermediates=[above().der])).scope == SCOPE


# -------------------------------------------------------------------------------------------------------------- refused


def test_no_certificate() -> None:
    made = plain()
    made.sent = made.sent[:1]
    assert reject(made.header()) == ("client-cert-missing", "no X-Amz-X509")


@pytest.mark.parametrize("value", ["", "!", "MA==", "MAA=", b64(b"0\3\2\1\1"), b64(b"0\5\2\1\1"),
                                   "MIIB", f"{b64(b'0')},{b64(b'0')}"])  # fmt: skip
def test_what_is_no_certificate(value: str) -> None:
    made = plain()
    made.sent[1] = ("X-Amz-X509", value)
    assert reject(made.header()) == ("client-cert-format", "X-Amz-X509 is not one certificate in base64")


def test_two_certificates_in_one_header() -> None:
    made = plain()
    made.sent[1] = ("X-Amz-X509", f"{b64(alice().der)},{b64(above().der)}")
    assert reject(made.header()) == ("client-cert-format", "X-Amz-X509 is not one certificate in base64")


@pytest.mark.parametrize("name", ["X-Amz-X509", "X-Amz-X509-Chain"])
def test_a_header_that_stands_twice(name: str) -> None:
    made = plain()
    made.sent.append((name, b64(above().der)))
    assert reject(made.header()) == ("duplicate-header", name.lower())


def test_a_chain_that_is_none_or_too_long() -> None:
    expected = ("client-cert-format", "X-Amz-X509-Chain is not 1 to 5 certificates in base64")
    one = b64(above().der)
    for value in ("", f"{one},", "!", ",".join([one] * 6)):
        made = plain()
        made.sent[2] = ("X-Amz-X509-Chain", value)
        assert reject(made.header()) == expected
    made = plain()
    made.sent[2] = ("X-Amz-X509-Chain", ", ".join([one] * 5))
    assert judge(made.header()).scope == SCOPE


@pytest.mark.parametrize("id", ["1", "0", "-5", f"0{2**150 + 12345}", f"{2**150 + 12345:x}", f"{2**150 + 12346}"])
def test_a_serial_number_of_another(id: str) -> None:
    assert reject(plain(id=id).header()) == ("serial-mismatch", f"{id!r} and {2**150 + 12345}")


def test_anothers_certificate_with_the_same_serial_number() -> None:
    """The serial is unique for one issuer only; what was sent must lead to the anchor and have made the signature."""
    evil_root = root("Evil")
    evil = leaf(evil_root, "alice", serial=2**150 + 12345, key=key_of("mallory"))
    made = plain(evil)
    made.sent[2] = ("X-Amz-X509-Chain", b64(evil_root.der))
    assert reject(made.header())[0] == "certificate-untrusted"


def test_a_right_certificate_and_another_key() -> None:
    made = plain()
    made.sign = sign_with(key_of("mallory"))
    assert reject(made.header()) == ("signature-mismatch", "")


def test_a_certificate_that_was_swapped() -> None:
    bob = leaf(above(), "bob", serial=2**150 + 12345)
    request = plain().header()
    headers = tuple((name, b64(bob.der) if name == "X-Amz-X509" else value) for name, value in request.headers)
    assert reject(request.with_headers(headers)) == ("signature-mismatch", "")


def test_certificate_and_chain_must_be_signed() -> None:
    for name in ("x-amz-x509", "x-amz-x509-chain"):
        made = plain(unsigned=[name])
        assert reject(made.header()) == ("unsigned-x-amz-header", name)


@pytest.mark.parametrize("kind, label", [
    ("p256", "AWS4-X509-RSA-SHA256"),
    ("p256", "AWS4-X509-MLDSA"),
    ("p384", "AWS4-X509-RSA-SHA256"),
    ("rsa2048", "AWS4-X509-ECDSA-SHA256"),
])  # fmt: skip
def test_an_algorithm_that_is_not_the_keys(kind: str, label: str) -> None:
    assert reject(plain(alice(kind), label).header()) == (
        "algorithm",
        f"{label} with a key of type {'rsa' if kind[0] == 'r' else kind}",
    )


def test_a_kind_of_key_that_roles_anywhere_does_not_take() -> None:
    made = leaf(above(), "ed", kind="ed25519", serial=7)
    found = plain(made, id="7", sign=made.key.sign)
    assert reject(found.header()) == ("algorithm", "AWS4-X509-ECDSA-SHA256 with a key of type ed25519")


@pytest.mark.parametrize("settings, expected", [
    ({"label": "AWS4-HMAC-SHA256"}, "algorithm"),
    ({"label": "AWS4-X509-ECDSA-SHA384"}, "algorithm"),
    ({"label": "AWS4-ECDSA-P256-SHA256"}, "algorithm"),
    ({"scope": "20261124/us-east-2/rolesanywhere/aws4_request"}, "scope-region"),
    ({"scope": "20261124/us-east-1/sts/aws4_request"}, "scope-service"),
    ({"scope": "20261123/us-east-1/rolesanywhere/aws4_request"}, "scope-date-mismatch"),
    ({"scope": "20261124/rolesanywhere/aws4_request"}, "scope-format"),
    ({"stamp": "20261124T085459Z"}, "expired"),
    ({"stamp": "20261124T090501Z"}, "not-yet-valid"),
    ({"listed": "x-amz-date;x-amz-x509;x-amz-x509-chain"}, "host-not-signed"),
    ({"signature": "00"}, "signature-mismatch"),
    ({"signature": "zz"}, "signature-format"),
])  # fmt: skip
def test_what_else_is_refused(settings: "dict[str, Any]", expected: str) -> None:
    assert reject(plain(**settings).header())[0] == expected


def test_a_signature_in_the_query_has_no_place_here() -> None:
    assert reject(plain().presigned())[0] == "no-signature"


@pytest.mark.parametrize("more, expected", [
    ({"end": AT - timedelta(seconds=1)}, "certificate-expired"),
    ({"begin": AT + timedelta(seconds=1)}, "certificate-not-yet-valid"),
    ({"eku": [x509.ExtendedKeyUsageOID.SERVER_AUTH]}, "certificate-eku-mismatch"),
    ({"eku": None}, "certificate-eku-missing"),
    ({"usage": key_usage("key_agreement")}, "certificate-key-usage"),
])  # fmt: skip
def test_the_path_is_judged(more: "dict[str, Any]", expected: str) -> None:
    made = leaf(above(), "alice", **{"serial": 9, "san": [ALICE], **more})
    assert reject(plain(made).header())[0] == expected


def test_the_path_is_judged_at_the_instant_of_the_signature() -> None:
    made = leaf(above(), "alice", serial=9, end=AT)
    assert judge(plain(made).header(), at=AT + timedelta(seconds=300)).scope == SCOPE


def test_revocation_lists_are_of_the_verifiers_present() -> None:
    """The path is judged at the instant of the signature, its lists at the verifier's own."""
    listed = [crl(above(), begin=AT + timedelta(seconds=60)), crl(anchor(), begin=AT + timedelta(seconds=60))]
    made = presented(crls=listed)
    found = judge(plain().header(), at=AT + timedelta(seconds=60), presented=made)
    assert "revocation-not-checked" not in found.warnings
    assert reject(plain().header(), at=AT + timedelta(seconds=59), presented=made)[0] == "certificate-crl-out-of-date"
    gone = [crl(above(), revoked(alice().certificate.serial_number)), crl(anchor())]
    assert reject(plain().header(), presented=presented(crls=gone))[0] == "certificate-revoked"


def test_a_proxys_header_must_hold_the_same_certificate() -> None:
    header = presented(header="Client-Cert")
    for made, expected in ((alice(), None), (leaf(above(), "bob", serial=8), "client-cert-mismatch")):
        one = plain()
        one.late = [("Client-Cert", f":{b64(made.der)}:")]
        if expected is None:
            assert judge(one.header(), presented=header).scope == SCOPE
        else:
            assert reject(one.header(), presented=header)[0] == expected
    assert reject(plain().header(), presented=header)[0] == "client-cert-missing"


def test_what_is_shown_of_a_long_id() -> None:
    assert reject(plain(id="9" * 100).header())[1] == f"{'9' * 64!r} and {2**150 + 12345}"


def test_an_identity_that_is_not_allowed_is_named_after_the_signature() -> None:
    bob = presented(identities=["email:bob@example.com"])
    with pytest.raises(Rejected) as caught:
        judge(plain().header(), presented=bob)
    assert (caught.value.reason, caught.value.detail) == ("identity-mismatch", "email:alice@example.com")
    assert isinstance(caught.value.claim, Claim)
    assert caught.value.claim.access_key_id == str(2**150 + 12345)
    assert reject(plain(signature="00").header(), presented=bob)[0] == "signature-mismatch"


@pytest.mark.parametrize("given, message, hint", [
    ({"presented": None}, "a certificate that arrives with the message proves nothing by itself",
     "add --trust-anchor"),
    ({"region": None}, "a certificate opens every region", "say which is yours with --region"),
    ({"allow_unsigned": ("X-Amz-X509",)}, f"--allow-unsigned X-Amz-X509{COVERED}", None),
    ({"allow_unsigned": ("x-amz-x509-chain",)}, f"--allow-unsigned x-amz-x509-chain{COVERED}", None),
    ({"max_skew": -1}, "--max-skew -1 is not 0 to 900 seconds", None),
])  # fmt: skip
def test_options_that_do_not_fit_a_verifier(given: "dict[str, Any]", message: str, hint: "str | None") -> None:
    options = {"region": "us-east-1", "presented": presented(), **given}
    with pytest.raises(UsageError) as caught:
        SCHEME.verifier([], asked(SCHEME.verify_options, **options))
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_another_service() -> None:
    assert judge(plain(scope="20261124/us-east-1/own/aws4_request").header(), service="own").access_key_id
    assert reject(plain().header(), service="own")[0] == "scope-service"


def test_other_rules_for_the_path() -> None:
    data = b"GET /a%20b/./c HTTP/1.1\nHost: rolesanywhere.us-east-1.amazonaws.com\n\n"
    for how in ({"normalize_path": True, "double_encode": False}, {"normalize_path": False, "double_encode": True}):
        found = sign(data=data, **how)
        path = "/a%20b/c" if how["normalize_path"] else "/a%2520b/./c"
        assert found.stages["canonical-request"].split("\n")[1] == path
        assert SCHEME.stages is not None
        assert SCHEME.stages(found.request, asked(SCHEME.inspect_options, **how)) == found.stages


def test_the_payload_hash_may_be_sent_and_another_header_be_signed() -> None:
    found = sign(payload_header=True)
    assert "X-Amz-Content-Sha256" in dict(found.added)
    assert judge(found.request).scope == SCOPE
    data = POST.replace(b"Content-Type", b"User-Agent: a/1\nContent-Type")
    assert "user-agent" not in sign(data=data).stages["canonical-request"]
    assert "\nuser-agent:a/1\n" in sign(data=data, sign_header=("User-Agent",)).stages["canonical-request"]


def test_other_headers_may_be_left_unsigned() -> None:
    data = POST.replace(b"Content-Type", b"X-Other: 1\nContent-Type")
    found = sign(data=data, no_sign_header=("X-Other",))
    assert judge(found.request, allow_unsigned=("x-other",)).uncovered == ("x-other",)


def test_no_key_is_needed() -> None:
    assert SCHEME.needs_key is False


# ----------------------------------------------------------------------------------------------------------------- sign


def test_what_is_sent() -> None:
    found = sign()
    assert [name for name, _ in found.added] == ["X-Amz-X509", "X-Amz-X509-Chain", "X-Amz-Date", "Authorization"]
    assert found.added[0][1] == b64(alice().der)
    assert found.added[1][1] == b64(above().der)
    listed = "SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-x509;x-amz-x509-chain, Signature=30"
    assert listed in found.added[3][1]
    assert (found.scheme, found.access_key_id, found.bearer) == ("aws4-x509", str(2**150 + 12345), ())
    assert found.stages["string-to-sign"].startswith(f"AWS4-X509-ECDSA-SHA256\n{STAMP}\n{SCOPE}\n")
    assert SCHEME.stages is not None
    assert SCHEME.stages(found.request, asked(SCHEME.inspect_options)) == found.stages


def test_a_leaf_alone_and_a_long_chain() -> None:
    assert [name for name, _ in sign(alice()).added] == ["X-Amz-X509", "X-Amz-Date", "Authorization"]
    found = sign(alice(), *[above()] * 5)
    assert dict(found.added)["X-Amz-X509-Chain"] == ",".join([b64(above().der)] * 5)
    with pytest.raises(Refused, match="^6 certificates behind the leaf, and Roles Anywhere takes 5$"):
        sign(alice(), *[above()] * 6)


def test_keys_that_do_not_sign() -> None:
    with pytest.raises(Refused, match="^AWS4-X509 signs with the key of a certificate$") as caught:
        sign(key=access_key())
    assert caught.value.hint == "give a PEM with the key and its certificates"
    with pytest.raises(Refused, match="^the key has no certificate$") as caught:
        sign(key=load_private(pem(alice().key), "key.pem"))
    assert caught.value.hint == "add it to the key's file, or give it with --certificate FILE"
    with pytest.raises(Refused, match="^Roles Anywhere takes no key of type ed25519$") as caught:
        made = leaf(above(), "ed", kind="ed25519")
        sign(made)
    assert caught.value.hint == "it takes RSA, P-256, P-384 and ML-DSA"


@pytest.mark.parametrize("name", ["X-Amz-X509", "X-Amz-X509-Chain"])
def test_headers_that_are_there_already_or_must_be_signed(name: str) -> None:
    with pytest.raises(Refused, match=f"^the request already has the header {name.lower()}$") as caught:
        sign(data=POST.replace(b"Content-Type", f"{name}: x\nContent-Type".encode()))
    assert caught.value.hint == "remove it: signing adds it"
    with pytest.raises(UsageError, match=f"^--no-sign-header {name}: the certificate that goes"):
        sign(no_sign_header=(name,))


def test_what_nobody_says() -> None:
    other = POST.replace(b"rolesanywhere.us-east-1.amazonaws.com", b"h")
    with pytest.raises(UsageError, match="^neither the key nor the URL says which region to sign for$") as caught:
        sign(data=other)
    assert caught.value.hint == "add --region"
    assert sign(data=other, region="eu-west-1", service="own").scope == "20261124/eu-west-1/own/aws4_request"
    for name in ("region", "service"):
        with pytest.raises(UsageError, match=f"^--{name} 'a/b' holds a character"):
            sign(**{name: "a/b"})


# -------------------------------------------------------------------------------------------------------------- ML-DSA


@cache
def quantum(size: int) -> Made:
    """A leaf with an ML-DSA key, under the same classical CA."""
    made = {44: mldsa.MLDSA44PrivateKey, 65: mldsa.MLDSA65PrivateKey, 87: mldsa.MLDSA87PrivateKey}[size]
    return leaf(above(), "alice", serial=size, key=made.generate())


@pytest.mark.parametrize("size", [44, 65, 87])
def test_mldsa_signs_the_string_to_sign_itself(size: int) -> None:
    found = sign(quantum(size), above())
    assert found.stages["string-to-sign"].startswith("AWS4-X509-MLDSA\n")
    signature = bytes.fromhex(found.stages["signature"])
    quantum(size).key.public_key().verify(signature, found.stages["string-to-sign"].encode())
    assert len(signature) == {44: 2420, 65: 3309, 87: 4627}[size]
    found_too = judge(found.request)
    assert found_too.more["certificate"] == quantum(size).certificate.fingerprint(SHA256).hex()
    changed = found.request.with_target("/session")
    assert reject(changed) == ("signature-mismatch", "")


def test_a_ca_with_an_mldsa_key_is_not_checked() -> None:
    strange = root("Quantum", key=mldsa.MLDSA44PrivateKey.generate(), hash=None)
    made = leaf(strange, "alice", serial=5, hash=None)
    request = plain(made).header()
    assert reject(request, presented=Presented([strange.der]))[0] == "certificate-key-unsupported"


# --------------------------------------------------------------------------------------------------------- the serial


def test_serial_numbers() -> None:
    assert serial_of(alice().der) == 2**150 + 12345
    v1 = b"0\x07" + b"0\x05" + b"\x02\x01\x81" + b"\0\0"
    assert serial_of(v1) == -127
    assert serial_of(b"0\x82\0\x07" + v1[2:]) == -127


@pytest.mark.parametrize("der", [b"", b"0", b"1\0", b"0\0", b"0\x02\x30\0", b"0\x04\x30\x02\x02\0",
                                 b"0\x05\x30\x03\x03\x01\x01", b"0\x05\x30\x03\xa0\x01\x01",
                                 b"0\x06\x30\x03\x02\x01\x01",
                                 b"0\x05\x30\x04\x02\x01\x01", b"0\x05\x30\x03\x02\x02\x01", b"0\x83"])  # fmt: skip
def test_what_shows_no_serial_number(der: bytes) -> None:
    assert serial_of(der) is None
