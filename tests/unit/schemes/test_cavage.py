"""What do the signatures of draft-cavage cover, under which names, and with which keys?"""

import base64
import hmac
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

import schemejobs as jobs
from authkit.clock import UTC
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.prove import load_private, load_public
from authkit.messages.request import Request
from authkit.schemes import cavage, cavage_text, digests
from samples import SCOPE, subkey

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECONDS = 1795424400
NOW = "Mon, 23 Nov 2026 09:00:00 GMT"
KEY = jobs.access_key()
SHA256 = "SHA-256=LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
MADE = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}


def private(kind: str, id: "str | None" = "k") -> Any:
    pem = MADE[kind].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return load_private(pem, "key", id)


def public(kind: str, id: "str | None" = None) -> Any:
    pem = MADE[kind].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return load_public(pem, "key", id)


def sign(sent: Request, key: Any = KEY, **given: Any) -> Any:
    return jobs.sign(cavage.SCHEME, sent, key, AT, **given)


def judge(sent: Request, *keys: Any, at: datetime = AT, **given: Any) -> Any:
    return jobs.verifier(cavage.SCHEME, *(keys or (KEY,)), **given).judge(sent, at)


def reject(sent: Request, *keys: Any, at: datetime = AT, **given: Any) -> "tuple[str, str]":
    with pytest.raises(Rejected) as caught:
        judge(sent, *keys, at=at, **given)
    return caught.value.reason, caught.value.detail


def refuse(kind: type, sent: Request, key: Any = KEY, **given: Any) -> "tuple[str, str | None]":
    with pytest.raises(kind) as caught:
        sign(sent, key, **given)
    return caught.value.message, caught.value.hint


POST = jobs.request("POST", "/a?b=c", (("Content-Type", "text/plain"), ("X-A", " 1 ")), b"hello")

# ---------------------------------------------------------------------------------------------------------- signing


def test_what_is_added() -> None:
    signed = sign(POST)
    text = f"(request-target): post /a?b=c\nhost: example.com\ndate: {NOW}\ndigest: {SHA256}\ncontent-type: text/plain"
    made = base64.b64encode(hmac.digest(b"SecretKey", text.encode(), "sha256")).decode()
    assert signed.stages == {"signing-string": text, "signature": made}
    names = "(request-target) host date digest content-type"
    value = f'keyId="AK",algorithm="hmac-sha256",headers="{names}",signature="{made}"'
    assert signed.added == (("Date", NOW), ("Digest", SHA256), ("Signature", value))
    assert signed.request.headers == POST.headers + signed.added
    assert (signed.scheme, signed.access_key_id, signed.scope, signed.warnings) == ("cavage", "AK", "", ())
    assert cavage.stages(signed.request, None) == signed.stages
    found = judge(signed.request, authority=("example.com",))
    assert found.covered == ("method", "path", "query", "host", "date", "digest", "content-type", "body")
    assert (found.uncovered, found.warnings, found.more) == (("x-a",), (), {"algorithm": "hmac-sha256"})


def test_hmac_sha512() -> None:
    signed = sign(POST, algorithm="hmac-sha512")
    text = signed.stages["signing-string"]
    assert signed.stages["signature"] == base64.b64encode(hmac.digest(b"SecretKey", text.encode(), "sha512")).decode()
    assert judge(signed.request, algorithm="hmac-sha512").more == {"algorithm": "hmac-sha512"}


@pytest.mark.parametrize("named, old", [
    (None, False), ("hs2019", False), ("ed25519", False), ("rsa-sha256", True), ("hmac-sha256", True),
    ("ecdsa-sha256", True),
])  # fmt: skip
def test_the_names_that_sign_no_times(named: "str | None", old: bool) -> None:
    assert cavage.is_old(named) is old


def test_what_is_claimed_goes_with_the_refusal() -> None:
    with pytest.raises(Rejected) as caught:
        judge(sign(POST).request, jobs.access_key("BK"))
    claim: Any = caught.value.claim
    assert (claim.access_key_id, claim.scope, claim.at) == ("AK", "", AT)
    with pytest.raises(Rejected) as caught:
        judge(jobs.with_body(sign(POST).request, None))
    assert (caught.value.reason, caught.value.hint) == ("body-unavailable", "--body-unchecked accepts it")


def test_in_the_authorization_header() -> None:
    signed = sign(POST, authorization=True)
    assert signed.added[-1][0] == "Authorization"
    assert signed.added[-1][1] == f"Signature {sign(POST).added[-1][1]}"
    assert judge(signed.request).uncovered == ("x-a",)
    lower = jobs.changed(signed.request, "authorization", signed.added[-1][1].replace("Signature ", "signature  ", 1))
    assert judge(lower).uncovered == ("x-a",)


def test_authorization_beside_the_signature_is_covered() -> None:
    sent = jobs.added(POST, ("Authorization", "Bearer x"))
    signed = sign(sent)
    assert signed.stages["signing-string"].endswith("\nauthorization: Bearer x")
    assert judge(signed.request).warnings == ("authority-not-compared",)
    left = sign(sent, cover=("(request-target)", "host", "date", "digest", "content-type"))
    assert judge(left.request).warnings == ("authority-not-compared", "authorization-not-covered")
    assert judge(left.request).uncovered == ("authorization", "x-a")
    assert refuse(Refused, sent, authorization=True)[0] == "the request already has the header authorization"


def test_hs2019_signs_the_time_itself() -> None:
    signed = sign(POST, hs2019=True, expires=60)
    assert [name for name, _ in signed.added] == ["Digest", "Signature"]
    assert signed.stages["signing-string"].startswith(
        f"(request-target): post /a?b=c\n(created): {SECONDS}\n(expires): {SECONDS + 60}\nhost: example.com\n"
    )
    assert f'algorithm="hs2019",created={SECONDS},expires={SECONDS + 60},headers=' in signed.added[-1][1]
    found = judge(signed.request)
    assert found.signed_at == AT
    assert found.replayable_until == AT + timedelta(seconds=60)
    assert found.covered[3:6] == ("(created)", "(expires)", "host")
    assert judge(signed.request, at=AT + timedelta(seconds=60))
    reason, detail = reject(signed.request, at=AT + timedelta(seconds=61))
    assert (reason, detail) == ("expired", "it was good until 2026-11-23T09:01:00Z and now is 2026-11-23T09:01:01Z")


def test_a_date_is_signed_besides() -> None:
    signed = sign(jobs.request(headers=(("Date", NOW),)), hs2019=True)
    assert signed.stages["signing-string"].endswith(f"\nhost: example.com\ndate: {NOW}")
    signed = sign(jobs.request(), hs2019=True, cover=("(request-target)", "host", "date"))
    assert signed.added[0] == ("Date", NOW)


@pytest.mark.parametrize("method, body, given, digest", [
    ("GET", b"", {}, None),
    ("POST", b"", {}, None),
    ("POST", b"", {"digest": "sha-256"}, "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ("POST", b"", {"cover": ("digest",)}, "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ("POST", b"", {"digest": "sha-512"},
     "SHA-512=z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="),
    ("POST", b"hello", {"digest": "sha-512"},
     "SHA-512=m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw=="),
    ("POST", b"hello", {"digest": "none"}, None),
])  # fmt: skip
def test_digests(method: str, body: bytes, given: "dict[str, Any]", digest: "str | None") -> None:
    watch = cavage.watch(jobs.options(cavage.SCHEME, "sign", **given))
    signed = sign(jobs.request(method, "/", (), body, watch=watch), **given)
    found = [value for name, value in signed.added if name == "Digest"]
    assert found == ([] if digest is None else [digest])
    if digest is None and body:
        assert signed.warnings == ("the signature does not cover the body",)
        found = judge(signed.request, allow_unsigned_payload=True)
        assert found.uncovered == ("body",)
    elif "cover" not in given:
        verifier = jobs.verifier(cavage.SCHEME, KEY)
        found = verifier.judge(jobs.with_body(signed.request, body, verifier), AT)
        assert ("body" in found.covered) == (digest is not None)


def test_only_what_is_needed_is_watched() -> None:
    watch = jobs.verifier(cavage.SCHEME, KEY).watch
    assert watch is not None
    assert watch(sign(POST).request, AT) == {}
    assert list(watch(jobs.request(headers=(("Digest", "sha-512=x"),)), AT)) == ["sha-512"]
    assert list(cavage.watch(jobs.options(cavage.SCHEME, "sign", digest="sha-512"))) == ["sha-512"]
    assert cavage.watch(jobs.options(cavage.SCHEME, "sign")) == {}


def test_two_digests_must_both_be_the_body_s() -> None:
    verifier = jobs.verifier(cavage.SCHEME, KEY)
    both = f"{SHA256}, sha-512=m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw=="
    signed = sign(jobs.request("POST", "/", (("Digest", f"MD5=x,{both}"),), b"hello"), digest="none")
    found = verifier.judge(jobs.with_body(signed.request, b"hello", verifier), AT)
    assert found.covered[-1] == "body"
    with pytest.raises(InputError, match=r"^the body was seen without its SHA-512$"):
        verifier.judge(signed.request, AT)


def test_digest_needs_the_body() -> None:
    with pytest.raises(InputError, match=r"^the body is not known, so it cannot be signed$"):
        digests.of_body(jobs.request(body=None), "sha-256")
    assert refuse(InputError, jobs.request("POST", body=None))[1] == "give it with --body"
    assert refuse(InputError, POST, digest="sha-512")[0] == "the body was seen without its SHA-512"


def test_what_the_user_says_is_covered() -> None:
    signed = sign(POST, cover=("X-A", "(request-target)", "date"), keyid="me#1")
    assert signed.stages["signing-string"] == f"x-a: 1\n(request-target): post /a?b=c\ndate: {NOW}"
    assert signed.access_key_id == "me#1"
    assert signed.warnings == (
        "the signature does not cover host",
        "the signature does not cover the body",
    )
    bare = sign(jobs.request(), cover=("date",))
    assert bare.warnings == (
        "the signature does not cover (request-target)",
        "the signature does not cover host",
    )


@pytest.mark.parametrize("given, message, hint", [
    ({"cover": ("date", "Date")}, "--cover names something twice", None),
    ({"cover": ("x y",)}, "--cover 'x y' is neither a header nor (request-target), (created) or (expires)", None),
    ({"cover": ("(created)",)}, "hmac-sha256 does not sign (created) or (expires)", "add --hs2019"),
    ({"expires": 60}, "hmac-sha256 does not sign (created) or (expires)", "add --hs2019"),
    ({"expires": 0, "hs2019": True}, "--expires 0 is not 1 or more seconds", None),
    ({"keyid": 'a"b'}, "the keyId holds a character that it cannot hold", "give another with --keyid"),
    ({"keyid": "a\tb"}, "the keyId holds a character that it cannot hold", "give another with --keyid"),
    ({"keyid": "a\\b"}, "the keyId holds a character that it cannot hold", "give another with --keyid"),
    ({"keyid": "a\u00e9"}, "the keyId holds a character that it cannot hold", "give another with --keyid"),
    ({"oci": True}, "--oci is for RSA keys and rsa-sha256", None),
    ({"oci": True, "cover": ("date",)}, "--oci says by itself what is signed and where", "leave out the other options"),
    ({"oci": True, "digest": "none"}, "--oci says by itself what is signed and where", "leave out the other options"),
    ({"oci": True, "hs2019": True}, "--oci says by itself what is signed and where", "leave out the other options"),
    ({"oci": True, "expires": 1}, "--oci says by itself what is signed and where", "leave out the other options"),
    ({"algorithm": "rsa-sha256"}, "--algorithm rsa-sha256 is not for a key of type secret", None),
])  # fmt: skip
def test_options_that_do_not_fit(given: "dict[str, Any]", message: str, hint: "str | None") -> None:
    assert refuse(UsageError, jobs.request(), **given) == (message, hint)


def test_requests_that_do_not_fit() -> None:
    assert refuse(InputError, jobs.request(), cover=("x-b",)) == (
        "x-b is to be signed and the request has none",
        "add it",
    )
    assert refuse(InputError, jobs.request(), cover=("(expires)",), hs2019=True)[0] == (
        "(expires) is to be signed and the request has none"
    )
    assert refuse(Refused, jobs.request(headers=(("Signature", "x"),)))[0] == (
        "the request already has the header signature"
    )
    assert refuse(UsageError, jobs.request(headers=(("Date", "then"),)))[0] == (
        f"the request has Date then and is signed with {NOW}"
    )
    assert refuse(UsageError, jobs.request("POST", "/", (("Digest", "x"),), b"hello"))[0] == (
        f"the request has Digest x and is signed with {SHA256}"
    )


def test_keys_that_do_not_sign() -> None:
    for key, message in (
        (jobs.access_key(token="t"), "AK has a session token, for which cavage has no place"),
        (subkey(SCOPE), "the key is a subkey, and cavage signs with a secret"),
        (public("rsa"), "the key is a public key, which verifies and never signs"),
    ):
        assert refuse(Refused, jobs.request(), key)[0] == message
    assert refuse(UsageError, jobs.request(), private("rsa", None)) == (
        "nothing says which keyId to send",
        "add --keyid",
    )
    assert sign(jobs.request(), private("rsa", None), keyid="x").access_key_id == "x"


@pytest.mark.parametrize("kind, algorithm, given", [
    ("rsa", "rsa-sha256", {}),
    ("rsa", "rsa-sha512", {"algorithm": "rsa-sha512"}),
    ("rsa", "rsa-pss-sha512", {"algorithm": "rsa-pss-sha512"}),
    ("p256", "ecdsa-sha256", {}),
    ("p256", "ecdsa-sha512", {"algorithm": "ecdsa-sha512"}),
    ("p384", "ecdsa-sha384", {}),
    ("p384", "ecdsa-sha512", {"algorithm": "ecdsa-sha512"}),
    ("ed25519", "ed25519", {}),
])  # fmt: skip
def test_key_pairs(kind: str, algorithm: str, given: "dict[str, str]") -> None:
    signed = sign(POST, private(kind), **given)
    named = "hs2019" if algorithm == "rsa-pss-sha512" else algorithm
    assert f'keyId="k",algorithm="{named}",' in signed.added[-1][1]
    for key, warnings in ((public(kind, "k"), ()), (public(kind), ("keyid-not-compared",)), (private(kind), ())):
        found = judge(signed.request, key, **given)
        assert (found.more["algorithm"], found.warnings[1:]) == (algorithm, warnings)
    assert reject(jobs.changed(signed.request, "content-type", "x"), public(kind), **given)[0] == "signature-mismatch"
    hidden = sign(POST, private(kind), hs2019=True, **given)
    assert judge(hidden.request, public(kind), **given).more == {"algorithm": algorithm}
    silent = jobs.changed(signed.request, "signature", signed.added[-1][1].replace(f'algorithm="{named}",', ""))
    assert judge(silent, public(kind), **given).more == {"algorithm": algorithm}


def test_the_key_and_not_the_message_decides() -> None:
    """A public key is never the secret of an HMAC, and no other hash is taken because the message says so."""
    signed = sign(POST, private("rsa"))
    spki = public("rsa").spki
    forged = sign(POST, jobs.access_key("k", spki))
    assert reject(forged.request, public("rsa", "k")) == ("algorithm", "'hmac-sha256' instead of 'rsa-sha256'")
    for other in ("rsa-sha512", "ecdsa-sha256", "ed25519", "rsa-pss-sha512", "rsa-sha1"):
        sent = jobs.changed(signed.request, "signature", signed.added[-1][1].replace("rsa-sha256", other))
        assert reject(sent, public("rsa")) == ("algorithm", f"{other!r} instead of 'rsa-sha256'")
    pss = sign(POST, private("rsa"), algorithm="rsa-pss-sha512")
    assert reject(pss.request, public("rsa"))[0] == "signature-mismatch"
    named = jobs.changed(pss.request, "signature", pss.added[-1][1].replace("hs2019", "rsa-pss-sha512"))
    assert reject(named, public("rsa"), algorithm="rsa-pss-sha512")[0] == "algorithm"


def test_an_alias_of_ed25519() -> None:
    signed = sign(POST, private("ed25519"))
    other = jobs.changed(signed.request, "signature", signed.added[-1][1].replace('"ed25519"', '"ED25519-sha512"'))
    assert judge(other, public("ed25519")).more == {"algorithm": "ed25519"}


def test_a_kind_of_key_that_does_not_sign_here() -> None:
    with pytest.raises(UsageError, match=r"^a key of type mldsa44 does not sign with this scheme$"):
        cavage.algorithm_for("mldsa44", None)


def test_which_key_answers() -> None:
    signed = sign(POST, private("rsa"))
    # one that names itself so goes before one that answers to any
    assert judge(signed.request, public("p256"), public("rsa", "k")).warnings == ("authority-not-compared",)
    assert reject(signed.request, public("p256", "k"), public("rsa"))[0] == "algorithm"
    # the first of those that answer to any
    assert judge(signed.request, public("rsa"), public("p256")).warnings[1] == "keyid-not-compared"
    # a secret of that ID goes before one that answers to any
    assert reject(signed.request, public("rsa"), jobs.access_key("k"))[0] == "algorithm"
    assert reject(signed.request, public("rsa", "other")) == ("unknown-access-key", "'k'")
    named = sign(POST, private("rsa", None), keyid=next(iter(public("rsa").names)))
    assert judge(named.request, public("rsa")).warnings == ("authority-not-compared",)


# -------------------------------------------------------------------------------------------------------------- OCI


def oci(**given: Any) -> Any:
    return sign(given.pop("sent", POST), private("rsa"), oci=True, **given)


def test_oci() -> None:
    signed = oci(keyid="t/u/f:1")
    assert [name for name, _ in signed.added] == ["Date", "Content-Length", "X-Content-Sha256", "Authorization"]
    assert jobs.value(signed.request, "authorization").startswith(
        'Signature version="1",keyId="t/u/f:1",algorithm="rsa-sha256",headers="date (request-target) host '
        'content-length content-type x-content-sha256",signature="'
    )
    found = judge(signed.request, public("rsa"), oci=True)
    assert (found.covered[-1], found.uncovered) == ("body", ("x-a",))
    assert signed.warnings == ()
    got = oci(sent=jobs.request("GET", "/a", (("Content-Type", "text/plain"),)))
    assert [name for name, _ in got.added] == ["Date", "Authorization"]
    assert judge(got.request, public("rsa"), oci=True).uncovered == ("content-type",)
    assert reject(got.request, public("rsa"))[0] == "content-type-unsigned"
    assert reject(signed.request, public("rsa")) == ("unsigned-payload", "")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_oci_covers_the_body_of(method: str) -> None:
    signed = oci(sent=jobs.request(method, "/", (("Content-Type", "a/b"),), b"hello"))
    assert 'headers="date (request-target) host content-length content-type x-content-sha256"' in signed.added[-1][1]
    value = signed.added[-1][1].replace(" content-length", "")
    sent = jobs.changed(signed.request, "authorization", value)
    assert reject(sent, public("rsa"), oci=True) == ("required-component", "content-length")


def test_oci_signs_a_content_type() -> None:
    with pytest.raises(InputError, match=r"^content-type is to be signed and the request has none$"):
        oci(sent=jobs.request("POST"))
    with pytest.raises(InputError, match=r"^the body is not known, so it cannot be signed$"):
        oci(sent=jobs.request("POST", body=None))


def test_oci_demands_more() -> None:
    """The three headers of a body, date and not (created), version 1, Authorization."""
    signed = oci()
    value = jobs.value(signed.request, "authorization")
    for old, new, reason, detail in (
        ('version="1",', "", "authorization-syntax", "it is not in Authorization, or not of version 1"),
        ('version="1"', 'version="2"', "authorization-syntax", "it is not in Authorization, or not of version 1"),
        (" x-content-sha256", "", "unsigned-payload", "x-content-sha256"),
        (" content-type", "", "required-component", "content-type"),
        (" content-length", "", "required-component", "content-length"),
        ("date ", "", "date-not-signed", ""),
        (" host", "", "host-not-signed", ""),
        (" (request-target)", "", "required-component", "(request-target)"),
    ):
        sent = jobs.changed(signed.request, "authorization", value.replace(old, new))
        assert reject(sent, public("rsa"), oci=True) == (reason, detail)
    created = sign(POST, private("rsa"), hs2019=True, authorization=True)
    sent = jobs.changed(created.request, "authorization", created.added[-1][1].replace("keyId", 'version="1",keyId'))
    assert reject(sent, public("rsa"), oci=True) == ("date-not-signed", "")
    changed = jobs.changed(signed.request, "content-length", "6")
    assert reject(changed, public("rsa"), oci=True)[0] == "signature-mismatch"
    assert reject(jobs.with_body(signed.request, b"x"), public("rsa"), oci=True) == ("payload-mismatch", "sha-256")
    assert reject(jobs.with_body(signed.request, None), public("rsa"), oci=True)[0] == "body-unavailable"
    unknown = judge(jobs.with_body(signed.request, None), public("rsa"), oci=True, body_unchecked=True)
    assert unknown.uncovered == ("x-a", "body")


def test_oci_may_leave_the_body_out() -> None:
    """As Object Storage does for an upload."""
    signed = sign(jobs.request("PUT", body=b"hello"), private("rsa"), authorization=True, digest="none")
    value = jobs.value(signed.request, "authorization").replace("keyId", 'version="1",keyId')
    sent = jobs.changed(signed.request, "authorization", value)
    assert reject(sent, public("rsa"), oci=True) == ("required-component", "content-length")
    found = judge(sent, public("rsa"), oci=True, allow_unsigned_payload=True)
    assert found.uncovered == ("body",)


def test_both_digests_must_agree() -> None:
    zero = base64.b64encode(bytes(32)).decode()
    differ = ("payload-mismatch", "Digest and X-Content-Sha256 differ")
    for digest, other, reason in (
        (SHA256, SHA256[8:], None),
        (f"SHA-256={zero}", SHA256[8:], differ),
        (SHA256, zero, differ),
        (f"SHA-256={zero}", zero, ("payload-mismatch", "sha-256")),
        ("SHA-512=x", SHA256[8:], ("digest-format", "sha-512 is not the base64 of 64 bytes")),
    ):
        headers = (("Digest", digest), ("X-Content-Sha256", other))
        sent = jobs.request("POST", "/", headers, b"hello")
        names = ("(request-target)", "host", "date", "digest", "x-content-sha256")
        signed = sign(sent, cover=names, digest="none")
        if reason is None:
            assert judge(signed.request).covered[-1] == "body"
        else:
            assert reject(signed.request) == reason


# ----------------------------------------------------------------------------------------------------------- reading


def test_times_that_cannot_be() -> None:
    signed = sign(POST, hs2019=True)
    value = jobs.value(signed.request, "signature")
    far = jobs.changed(signed.request, "signature", value.replace(f"created={SECONDS}", "created=999999999999"))
    assert reject(far) == ("date-format", "(created)")
    ends = jobs.changed(signed.request, "signature", value.replace(",created", ",expires=999999999999,created"))
    assert judge(ends).replayable_until == AT + timedelta(seconds=300)
    before = jobs.changed(signed.request, "signature", value.replace(",created", f",expires={SECONDS - 1},created"))
    assert reject(before)[0] == "expired"
    late = jobs.changed(signed.request, "signature", value.replace(f"created={SECONDS}", f"created={SECONDS + 301}"))
    assert reject(late)[0] == "not-yet-valid"
    assert cavage_text.instant(10**12) is None
    assert cavage_text.instant(SECONDS) == AT


@pytest.mark.parametrize("value, headers", [
    ('keyId="k",signature="AAAA"', ("date",)),
    ('keyId="k",signature="AAAA",created=1', ("(created)",)),
    ('keyId="k", headers="A  B" ,signature="AAAA"', None),
    ('keyId="k" ,\theaders="A b", signature="AAAA"', ("a", "b")),
    ('signature="AAAA",created=1 ,keyId="k",headers="(expires)",expires=2', ("(expires)",)),
])  # fmt: skip
def test_parse(value: str, headers: "tuple[str, ...] | None") -> None:
    sent = jobs.request(headers=(("Signature", value),))
    if headers is None:
        with pytest.raises(Rejected) as caught:
            cavage_text.parse(sent)
        assert caught.value.reason == "signed-headers"
        return
    found = cavage_text.parse(sent)
    assert (found.key_id, found.headers, found.signature, found.placement) == ("k", headers, b"\0\0\0", "signature")
    assert cavage_text.parse(jobs.request(headers=(("Signature", str(found)),))).headers == headers


def test_a_signature_that_is_too_long() -> None:
    for length, reason in ((16384, "authorization-syntax"), (16385, "authorization-syntax")):
        with pytest.raises(Rejected) as caught:
            cavage_text.parse(jobs.request(headers=(("Signature", "x" * length),)))
        assert (caught.value.reason, f"it is {length} characters long" in caught.value.detail) == (
            reason,
            length > 16384,
        )


def test_one_second_is_a_lifetime() -> None:
    assert f"expires={SECONDS + 1}," in sign(POST, hs2019=True, expires=1).added[-1][1]


def test_two_signatures_in_authorization() -> None:
    value = ("Authorization", 'Signature keyId="k",signature="AAAA"')
    assert reject(jobs.request(headers=(value, value)))[0] == "multiple-authorization"
    basic = ("Authorization", "Basic x")
    assert cavage_text.find(jobs.request(headers=(basic, value))) == (
        "authorization",
        'keyId="k",signature="AAAA"',
    )
    assert reject(jobs.request(headers=(basic,)))[0] == "no-signature"


def test_signature_of_rfc_9421() -> None:
    sent = jobs.request(headers=(("Signature", "sig=:AAAA:"), ("Signature-Input", "sig=()")))
    with pytest.raises(Rejected) as caught:
        judge(sent)
    assert (caught.value.reason, caught.value.hint) == ("no-signature", "say --scheme rfc9421")


@pytest.mark.parametrize("target, line", [
    ("/", "/"),
    ("/a?", "/a?"),
    ("/a?b?c", "/a?b?c"),
    ("/A%2f//../b", "/A%2f//../b"),
    ("http://example.com", "/"),
    ("http://example.com/a?b", "/a?b"),
    ("*", "*"),
])  # fmt: skip
def test_the_target_as_it_travels(target: str, line: str) -> None:
    parameters = cavage_text.Parameters("k", None, None, None, ("(request-target)",))
    sent = jobs.request("OPTIONS", target)
    assert cavage_text.signing_string(sent, parameters) == f"(request-target): options {line}"


@pytest.mark.parametrize("method", ["get", "gET"])
def test_a_method_that_has_the_signature_of_another(method: str) -> None:
    """The draft signs the method in lower case, so a signature of GET is one of get."""
    message = f"the method {method!r} has the signature of 'GET'"
    assert refuse(Refused, jobs.request(method)) == (message, "write it in capitals")
    sent = sign(jobs.request("GET")).request
    other = Request(method, sent.target, sent.headers, sent.payload_hash, sent.content_length)
    assert reject(other) == ("request-line-syntax", f"the method {method!r}, which has the signature of 'GET'")
    assert judge(sent).covered[0] == "method"


def test_values_of_headers() -> None:
    parameters = cavage_text.Parameters("k", None, None, None, ("x-a", "x-b"))
    sent = jobs.request(headers=(("X-A", " 1  2 "), ("x-b", ""), ("x-a", "\u00e9\t")))
    assert cavage_text.signing_string(sent, parameters) == "x-a: 1  2, \u00e9\nx-b: "
