"""When does a path lead from a leaf to a trust anchor, and what is said where it does not?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID, ObjectIdentifier

from authkit.certs import verify as verify_module
from authkit.certs.path_rules import read_certificate, said
from authkit.certs.verify import VerifiedPath, verify_path
from authkit.errors import InputError, PathRejected, UsageError
from paths import (
    ALICE,
    ANY,
    AT,
    CLIENT,
    DAY,
    EMAIL,
    SECOND,
    SERVER,
    Made,
    crl,
    key_of,
    key_usage,
    leaf,
    make,
    middle,
    named,
    resigned,
    revoked,
    root,
    spki_of,
    with_sha1,
)
from rawcert import oid, seq, tlv

ROOT = root()
MIDDLE = middle(ROOT, path_length=0)
LEAF = leaf(MIDDLE)
UNKNOWN = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\5\0")
HINT_BETWEEN = "add the certificates between with --intermediate FILE, if there are some"


def verify(
    one: "Made | bytes",
    *,
    anchors: "Sequence[Made | bytes]" = (ROOT,),
    between: "Sequence[Made | bytes]" = (MIDDLE,),
    crls: Sequence[bytes] = (),
    at: datetime = AT,
    purpose: str = "client",
    **more: Any,
) -> VerifiedPath:
    def der(value: "Made | bytes") -> bytes:
        return value if isinstance(value, bytes) else value.der

    return verify_path(
        der(one),
        trust_anchors=[der(value) for value in anchors],
        intermediates=[der(value) for value in between],
        crls=crls,
        at=at,
        purpose=purpose,
        **more,
    )


def refusal(*args: Any, **more: Any) -> tuple[str, str, "str | None"]:
    """Return reason, detail and hint."""
    with pytest.raises(PathRejected) as caught:
        verify(*args, **more)
    return caught.value.reason, caught.value.detail, caught.value.hint


def why(*args: Any, **more: Any) -> tuple[str, str]:
    return refusal(*args, **more)[:2]


def names(found: VerifiedPath) -> list[str]:
    return [one.name for one in found.path]


# what passes


def test_a_path_with_an_intermediate_is_found_and_what_was_not_checked_is_said() -> None:
    found = verify(LEAF)
    assert names(found) == ["CN=alice", "CN=Middle", "CN=Root"]
    assert [one.der for one in found.path] == [LEAF.der, MIDDLE.der, ROOT.der]
    assert found.not_checked == ("revocation", "ocsp", "policies", "possession", "name")
    assert found.findings == ()


@pytest.mark.parametrize(
    ("more", "left"),
    [
        ({"name": "alice@example.com"}, ("revocation", "ocsp", "policies", "possession")),
        ({"purpose": "any"}, ("revocation", "ocsp", "policies", "possession", "name", "purpose")),
        ({"crls": [crl(ROOT), crl(MIDDLE)]}, ("ocsp", "policies", "possession", "name")),
    ],
)
def test_what_was_checked_is_not_among_what_was_not(more: dict[str, Any], left: tuple[str, ...]) -> None:
    assert verify(LEAF, **more).not_checked == left


def test_each_thing_not_checked_is_said_in_words() -> None:
    assert verify_module.NOT_CHECKED == {
        "revocation": "revocation: no list was given",
        "ocsp": "OCSP: nothing is ever fetched",
        "policies": "certificate policies: any is accepted",
        "possession": "whether whoever showed the certificate has its key",
        "name": "the name: none was given to compare",
        "purpose": "the purpose: any is accepted",
    }


def test_an_intermediate_may_be_the_trust_anchor() -> None:
    assert names(verify(LEAF, anchors=[MIDDLE], between=[])) == ["CN=alice", "CN=Middle"]


def test_an_anchor_that_is_among_the_intermediates_ends_the_path() -> None:
    assert names(verify(LEAF, anchors=[MIDDLE], between=[MIDDLE, ROOT])) == ["CN=alice", "CN=Middle"]


@pytest.mark.parametrize("kind", ["p256", "p384", "p521", "rsa2048", "ed25519", "ed448"])
def test_a_leaf_may_have_any_good_key(kind: str) -> None:
    assert names(verify(leaf(MIDDLE, kind=kind))) == ["CN=alice", "CN=Middle", "CN=Root"]


@pytest.mark.parametrize("kind", ["p384", "p521", "rsa2048"])
def test_a_ca_may_have_any_good_key_that_signs(kind: str) -> None:
    top = root(f"Root {kind}", kind=kind)
    assert names(verify(leaf(top), anchors=[top], between=[])) == ["CN=alice", f"CN=Root {kind}"]


def test_a_leaf_of_a_san_alone_is_named_by_it() -> None:
    assert names(verify(leaf(MIDDLE, "", san=[x509.UniformResourceIdentifier("urn:example:a")])))[0] == "urn:example:a"


def test_a_name_is_cut_where_it_is_long() -> None:
    long = x509.Name([x509.NameAttribute(NameOID.TITLE, "x" * (201 - len("2.5.4.12=")))])
    assert verify(leaf(MIDDLE, long)).path[0].name == long.rfc4514_string()[:200] + "…"
    fits = x509.Name([x509.NameAttribute(NameOID.TITLE, "x" * (200 - len("2.5.4.12=")))])
    assert verify(leaf(MIDDLE, fits)).path[0].name == fits.rfc4514_string()
    assert (len(long.rfc4514_string()), len(fits.rfc4514_string())) == (201, 200)


@pytest.mark.parametrize(
    ("one", "purpose"),
    [
        (leaf(MIDDLE, eku=[SERVER, CLIENT]), "client"),
        (leaf(MIDDLE, eku=[SERVER]), "server"),
        (leaf(MIDDLE, eku=[EMAIL]), "email"),
        (leaf(MIDDLE, eku=[EMAIL], usage=key_usage("content_commitment")), "email"),
        (leaf(MIDDLE, eku=[CLIENT, ANY]), "client"),
        (leaf(MIDDLE, usage=None), "client"),
        (leaf(MIDDLE, eku=None), "any"),
        (leaf(MIDDLE, eku=[SERVER], usage=key_usage("key_encipherment")), "any"),
    ],
)
def test_a_leaf_serves_its_purposes(one: Made, purpose: str) -> None:
    assert len(verify(one, purpose=purpose).path) == 3


@pytest.mark.parametrize("eku", [None, [CLIENT], [SERVER, CLIENT], [ANY]])
def test_a_ca_may_leave_the_purpose_to_what_is_below(eku: Any) -> None:
    between = middle(ROOT, eku=eku)
    assert len(verify(leaf(between), between=[between]).path) == 3


def test_policies_may_be_critical_since_any_is_accepted() -> None:
    policies = x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("1.2.3.5"), None)])
    between = middle(ROOT, extra=[(policies, True)])
    assert len(verify(leaf(between, extra=[(policies, True)]), between=[between]).path) == 3


@pytest.mark.parametrize(
    "value",
    [
        x509.CRLDistributionPoints([x509.DistributionPoint([ALICE], None, None, None)]),
        x509.IssuerAlternativeName([ALICE]),
        x509.SubjectKeyIdentifier(b"1" * 20),
        x509.AuthorityKeyIdentifier(b"2" * 20, None, None),
    ],
)
def test_what_is_known_may_be_critical(value: x509.ExtensionType) -> None:
    for extra in ([(value, True)], [(value, False)]):
        between = make("Middle", ROOT, ca=True, extra=extra, identifiers=False)
        assert len(verify(leaf(between, extra=extra, identifiers=False), between=[between]).path) == 3


def test_basic_constraints_and_names_may_be_critical() -> None:
    eku = (x509.ExtendedKeyUsage([CLIENT]), True)
    one = leaf(MIDDLE, eku=None, san=[], extra=[eku, (x509.SubjectAlternativeName([ALICE]), True)])
    assert len(verify(one).path) == 3
    constraints = (x509.NameConstraints([x509.RFC822Name("example.com")], None), True)
    between = middle(ROOT, extra=[eku, constraints])
    assert len(verify(leaf(between), between=[between]).path) == 3


def test_extensions_that_are_not_critical_may_be_unknown() -> None:
    quiet = [(UNKNOWN, False), (x509.PolicyConstraints(None, 0), False), (x509.InhibitAnyPolicy(0), False)]
    assert len(verify(leaf(MIDDLE, extra=quiet)).path) == 3


# what is remarked


def test_a_ca_without_key_usage_is_remarked() -> None:
    between = middle(ROOT, usage=None)
    assert verify(leaf(between), between=[between]).findings == (
        ("ca-without-key-usage", "the CA CN=Middle has no key usage"),
    )


def test_basic_constraints_that_are_not_critical_are_remarked() -> None:
    top = root(critical=False)
    assert verify(LEAF, anchors=[top]).findings == (
        ("ca-not-critical", "the basic constraints of the CA CN=Root are not critical"),
    )


def test_a_leaf_without_san_is_remarked() -> None:
    assert verify(leaf(MIDDLE, san=[])).findings == (
        ("san-missing", "the leaf CN=alice has no subject alternative name"),
    )


def test_an_intermediate_that_cannot_be_read_is_remarked() -> None:
    found = verify(LEAF, between=[MIDDLE, b"\x30\0"]).findings
    assert [id for id, _ in found] == ["intermediate-unreadable"]
    assert found[0][1].startswith("the intermediate cannot be read: error parsing asn1 value: ")


# time: both bounds are within, to the second


@pytest.mark.parametrize("which", ["leaf", "intermediate", "trust anchor"])
def test_the_validity_of_each_is_inclusive(which: str) -> None:
    begin, end = AT - 7 * DAY, AT + 7 * DAY
    short: dict[str, Any] = {"begin": begin, "end": end}
    wide: dict[str, Any] = {"begin": AT - 30 * DAY, "end": AT + 30 * DAY}
    top = root(**(short if which == "trust anchor" else wide))
    between = middle(top, **(short if which == "intermediate" else wide))
    one = leaf(between, **(short if which == "leaf" else wide))
    name = {"leaf": "CN=alice", "intermediate": "CN=Middle", "trust anchor": "CN=Root"}[which]
    for at in (begin, end):
        assert len(verify(one, anchors=[top], between=[between], at=at).path) == 3
    early = why(one, anchors=[top], between=[between], at=begin - SECOND)
    assert early == ("not-yet-valid", f"the {which} {name} begins at 2026-11-17T09:00:00Z")
    late = why(one, anchors=[top], between=[between], at=end + SECOND)
    assert late == ("expired", f"the {which} {name} ended at 2026-12-01T09:00:00Z")


# the leaf


def test_a_leaf_that_is_no_certificate_is_malformed() -> None:
    reason, detail = why(b"\x30\0")
    assert reason == "malformed"
    assert detail.startswith("the leaf cannot be read: error parsing asn1 value: ")
    assert len(detail) <= 230


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("it broke\n at  once.", "it broke at once"),
        (".5 is X", ".5 is X"),
        ("x" * 201, "x" * 200),
        ("", "ValueError"),
        (".", "ValueError"),
    ],
)
def test_what_a_library_said_is_one_line(text: str, line: str) -> None:
    assert said(ValueError(text)) == line


def changed_version(body: bytes) -> bytes:
    """Return the signed part without version and extensions."""
    from authkit.certs import der

    return seq(*[whole for kind, whole in der.children(body) if kind not in (0xA0, 0xA3)])


def test_a_leaf_of_version_1_is_malformed() -> None:
    old = resigned(LEAF, MIDDLE.key, changed_version)
    assert why(old) == ("malformed", "the leaf CN=alice is of version 1, which cannot say what it is for")


def with_serial(number: bytes) -> bytes:
    from authkit.certs import der

    return resigned(
        LEAF,
        MIDDLE.key,
        lambda body: seq(*[tlv(2, number) if kind == 2 else whole for kind, whole in der.children(body)]),
    )


@pytest.mark.parametrize("number", [b"\0", b"\xff", b"\0\x80" + bytes(19), b"\x01" + bytes(20)])
def test_a_serial_number_out_of_bounds_is_malformed(number: bytes) -> None:
    assert why(with_serial(number)) == ("malformed", "the serial number of the leaf CN=alice is not of 1 to 159 bits")


@pytest.mark.parametrize("number", [b"\1", b"\x7f" + b"\xff" * 19])
def test_a_serial_number_within_bounds_is_good(number: bytes) -> None:
    assert len(verify(with_serial(number)).path) == 3


def with_times(begin: bytes, end: bytes) -> bytes:
    from authkit.certs import der

    times = seq(tlv(24, begin), tlv(24, end))

    def change(body: bytes) -> bytes:
        parts = [whole for _, whole in der.children(body)]
        return seq(*parts[:4], times, *parts[5:])

    return resigned(LEAF, MIDDLE.key, change)


@pytest.mark.parametrize("times", [(b"00000101000000Z", b"20500101000000Z"), (b"20500101000000Z", b"00000101000000Z")])
def test_a_year_that_is_none_is_malformed(times: tuple[bytes, bytes]) -> None:
    assert why(with_times(*times)) == ("malformed", "the leaf cannot be read: year 0 is out of range")


def test_an_extension_that_stands_twice_is_malformed() -> None:
    from authkit.certs import der

    def twice(body: bytes) -> bytes:
        parts = [whole for _, whole in der.children(body)]
        inner = [whole for _, whole in der.children(der.content(parts[-1]))]
        return seq(*parts[:-1], tlv(0xA3, seq(*inner, inner[0])))

    reason, detail = why(resigned(LEAF, MIDDLE.key, twice))
    assert reason == "malformed"
    assert detail == "the leaf cannot be read: Duplicate 2.5.29.19 extension found"


def test_names_without_end_are_malformed() -> None:
    many = [x509.DNSName(f"h{number}.example") for number in range(1000)]
    assert len(verify(leaf(MIDDLE, san=many)).path) == 3
    more = leaf(MIDDLE, san=[*many, ALICE])
    assert why(more) == ("malformed", "the leaf CN=alice has more than 1000 names")


def test_a_ca_is_no_leaf() -> None:
    assert why(MIDDLE, between=[]) == ("leaf-is-ca", "the leaf CN=Middle: its basic constraints say so")


@pytest.mark.parametrize("basic", [None, x509.BasicConstraints(False, None)])
def test_a_leaf_may_not_sign_certificates(basic: Any) -> None:
    one = leaf(MIDDLE, basic=basic, usage=key_usage("digital_signature", "key_cert_sign"))
    assert why(one) == ("leaf-is-ca", "the leaf CN=alice: its key usage lets it sign certificates")


@pytest.mark.parametrize("purpose", ["client", "any"])
def test_a_leaf_that_is_an_anchor_has_no_path(purpose: str) -> None:
    alone = leaf(None)
    hint = "a self-signed certificate is pinned by comparing fingerprints: 'authkit inspect-cert' prints them"
    detail = "the leaf CN=alice is itself given as a trust anchor"
    assert refusal(alone, anchors=[ROOT, alone], purpose=purpose) == ("untrusted", detail, hint)


def test_a_self_signed_leaf_is_untrusted() -> None:
    detail = "the leaf CN=alice names itself as its issuer, and is no trust anchor"
    assert refusal(leaf(None)) == ("untrusted", detail, None)


@pytest.mark.parametrize(
    ("purpose", "wanted"), [("client", "clientAuth"), ("server", "serverAuth"), ("email", "emailProtection")]
)
def test_a_leaf_without_purposes_serves_none(purpose: str, wanted: str) -> None:
    found = why(leaf(MIDDLE, eku=None), purpose=purpose)
    assert found == ("eku-missing", f"the leaf CN=alice has no extended key usage, so no {wanted}")


@pytest.mark.parametrize(
    ("eku", "purpose", "detail"),
    [
        ([SERVER], "client", "the leaf CN=alice is for serverAuth, not for clientAuth"),
        ([CLIENT], "server", "the leaf CN=alice is for clientAuth, not for serverAuth"),
        ([CLIENT, SERVER], "email", "the leaf CN=alice is for clientAuth, serverAuth, not for emailProtection"),
        ([ANY], "client", "the leaf CN=alice is for anyExtendedKeyUsage, not for clientAuth"),
        ([ObjectIdentifier("1.2.3")], "client", "the leaf CN=alice is for 1.2.3, not for clientAuth"),
    ],
)
def test_a_leaf_for_another_purpose(eku: Any, purpose: str, detail: str) -> None:
    assert why(leaf(MIDDLE, eku=eku), purpose=purpose) == ("eku-mismatch", detail)


@pytest.mark.parametrize(
    ("bit", "purpose", "eku"),
    [
        ("key_encipherment", "client", CLIENT),
        ("content_commitment", "client", CLIENT),
        ("content_commitment", "server", SERVER),
        ("key_encipherment", "email", EMAIL),
    ],
)
def test_a_leaf_that_may_not_sign(bit: str, purpose: str, eku: Any) -> None:
    one = leaf(MIDDLE, eku=[eku], usage=key_usage(bit))
    assert why(one, purpose=purpose) == ("key-usage", "the leaf CN=alice may not make digital signatures")


@pytest.mark.parametrize("purpose", ["client", "any"])
def test_a_leaf_that_names_nobody(purpose: str) -> None:
    one = leaf(MIDDLE, "", san=[], serial=0xABC)
    assert why(one, purpose=purpose) == ("san-missing", "the leaf abc has no subject either")


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("bob@example.com", "bob@example.com is not among email:alice@example.com"),
        ("alice.example", "alice.example is not among email:alice@example.com"),
    ],
)
def test_another_name(name: str, detail: str) -> None:
    assert why(LEAF, name=name) == ("name-mismatch", detail)


def test_a_pattern_names_hosts_in_a_certificate_of_a_server_alone() -> None:
    one = leaf(MIDDLE, san=[x509.DNSName("*.example.com")], eku=[SERVER, CLIENT])
    assert len(verify(one, name="a.example.com", purpose="server").path) == 3
    detail = "a.example.com is not among dns:*.example.com"
    assert why(one, name="a.example.com") == ("name-mismatch", detail)


def test_a_name_that_is_none_is_a_usage_error_before_anything_else() -> None:
    with pytest.raises(UsageError) as caught:
        verify(b"nothing", name="dns:*.example.com")
    assert caught.value.message == "'*.example.com' is a pattern, not a name"


# keys, for leaf, intermediate and anchor alike


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("rsa1024", "the RSA key of the leaf CN=alice has 1024 bits"),
        ("p192", "the key of the leaf CN=alice is on the curve secp192r1"),
        ("p224", "the key of the leaf CN=alice is on the curve secp224r1"),
        ("k256", "the key of the leaf CN=alice is on the curve secp256k1"),
        ("brainpool", "the key of the leaf CN=alice is on the curve brainpoolP256r1"),
        ("dsa", "the key of the leaf CN=alice is a DSA key"),
    ],
)
def test_a_weak_key(kind: str, what: str) -> None:
    assert why(leaf(MIDDLE, kind=kind)) == ("weak-key", what)


def with_key(key: bytes) -> bytes:
    old = spki_of(LEAF)
    return resigned(LEAF, MIDDLE.key, lambda body: seq(body.replace(old, key)[4:]))


def rsa_spki(modulus: int, exponent: int) -> bytes:
    def number(value: int) -> bytes:
        return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))

    return seq(seq(oid("1.2.840.113549.1.1.1"), tlv(5)), tlv(3, b"\0", seq(number(modulus), number(exponent))))


@pytest.mark.parametrize("bits", [2047, 16385])
def test_an_rsa_key_out_of_bounds(bits: int) -> None:
    one = with_key(rsa_spki((1 << bits) - 1, 65537))
    assert why(one) == ("weak-key", f"the RSA key of the leaf CN=alice has {bits} bits")


@pytest.mark.parametrize("bits", [2048, 16384])
def test_an_rsa_key_at_its_bounds(bits: int) -> None:
    assert len(verify(with_key(rsa_spki((1 << bits) - 1, 65537))).path) == 3


@pytest.mark.parametrize("exponent", [1, 2, 4, 65536])
def test_an_rsa_exponent_that_is_none(exponent: int) -> None:
    one = with_key(rsa_spki((1 << 2048) - 1, exponent))
    assert why(one) == ("weak-key", "the key of the leaf CN=alice is of a kind or curve that cannot be read")


def test_an_rsa_exponent_that_is_too_long() -> None:
    one = with_key(rsa_spki((1 << 2048) - 1, (1 << 64) + 1))
    assert why(one) == ("weak-key", "the RSA key of the leaf CN=alice has the exponent 0x10000000000000001")


@pytest.mark.parametrize("exponent", [3, (1 << 64) - 1])
def test_an_rsa_exponent_at_its_bounds(exponent: int) -> None:
    assert len(verify(with_key(rsa_spki((1 << 2048) - 1, exponent))).path) == 3


def test_an_rsa_exponent_is_shown_cut() -> None:
    _, detail = why(with_key(rsa_spki((1 << 2048) - 1, (1 << 2000) + 1)))
    assert len(detail) == 400
    assert detail.startswith("the RSA key of the leaf CN=alice has the exponent 0x10000")


def test_a_key_that_cannot_be_read() -> None:
    one = with_key(seq(seq(oid("1.2.3.4")), tlv(3, b"\0\1")))
    assert why(one) == ("weak-key", "the key of the leaf CN=alice is of a kind or curve that cannot be read")


def test_a_key_that_cannot_sign() -> None:
    assert why(leaf(MIDDLE, kind="x25519", usage=None)) == (
        "key-unsupported",
        "the key of the leaf CN=alice is of a kind that is not known here",
    )


@pytest.mark.parametrize("role", ["intermediate", "trust anchor"])
def test_a_weak_key_of_a_ca(role: str) -> None:
    top = root("Root weak", kind="rsa1024") if role == "trust anchor" else ROOT
    between = middle(top, "Middle weak", kind="rsa1024") if role == "intermediate" else middle(top)
    name = "CN=Root weak" if role == "trust anchor" else "CN=Middle weak"
    found = why(leaf(between), anchors=[top], between=[between])
    assert found == ("weak-key", f"the RSA key of the {role} {name} has 1024 bits")


@pytest.mark.parametrize(("kind", "word"), [("ed25519", "Ed25519"), ("ed448", "Ed448")])
def test_a_ca_key_that_cryptography_does_not_take_is_named(kind: str, word: str) -> None:
    top = root(f"Root {kind}", kind=kind)
    reason, detail, hint = refusal(leaf(top), anchors=[top], between=[])
    assert (reason, detail) == ("key-unsupported", f"the trust anchor CN=Root {kind} has an {word} key")
    assert hint == "'openssl verify' can check such a path; a CA of 'authkit create-ca' has a P-256 key"


# signatures


def test_a_signature_with_sha1() -> None:
    assert why(with_sha1(LEAF, MIDDLE.key)) == ("weak-signature", "the leaf CN=alice is signed with sha1")
    between = with_sha1(MIDDLE, ROOT.key)
    assert why(LEAF, between=[between]) == ("weak-signature", "the intermediate CN=Middle is signed with sha1")


def test_a_signature_with_a_short_hash() -> None:
    one = leaf(MIDDLE, hash=hashes.SHA224())
    assert why(one) == ("weak-signature", "the leaf CN=alice is signed with sha224")


@pytest.mark.parametrize("hash", [hashes.SHA384(), hashes.SHA512()])
def test_a_signature_with_a_longer_hash(hash: Any) -> None:
    assert len(verify(leaf(MIDDLE, hash=hash)).path) == 3


def test_the_signature_of_an_anchor_is_nobodys_concern() -> None:
    assert len(verify(LEAF, anchors=[with_sha1(ROOT, ROOT.key)]).path) == 3


def test_a_signature_with_md5_is_named() -> None:
    from authkit.certs import der

    md5 = seq(oid("1.2.840.113549.1.1.4"), tlv(5))
    algorithm = der.children(LEAF.der)[1][1]
    body = der.children(der.children(LEAF.der)[0][1])
    changed = seq(*[md5 if whole == algorithm else whole for _, whole in body])
    assert why(seq(changed, md5, tlv(3, b"\0\1"))) == ("weak-signature", "the leaf CN=alice is signed with md5")


def test_a_signature_with_an_unknown_algorithm_is_named() -> None:
    from authkit.certs import der

    algorithm, strange = der.children(LEAF.der)[1][1], seq(oid("1.2.3.9"))
    changed = seq(
        *[strange if whole == algorithm else whole for _, whole in der.children(der.children(LEAF.der)[0][1])]
    )
    assert why(seq(changed, strange, tlv(3, b"\0\1"))) == ("weak-signature", "the leaf CN=alice is signed with 1.2.3.9")


def test_a_signature_that_was_changed() -> None:
    forged = LEAF.der.replace(b"alice@example.com", b"malice@xample.com")
    detail = "that of the leaf CN=alice is not by the key of the intermediate CN=Middle"
    assert why(forged) == ("signature-mismatch", detail)


def test_a_namesake_of_the_anchor_does_not_make_trust() -> None:
    false = root(key=key_of("another"))
    between = middle(false)
    detail = "that of the intermediate CN=Middle is not by the key of the trust anchor CN=Root"
    assert why(leaf(between), between=[between]) == ("signature-mismatch", detail)


def test_a_signature_of_another_kind_than_the_key() -> None:
    other = root(kind="rsa2048", key=key_of("an RSA key", "rsa2048"))
    reason, detail = why(LEAF, anchors=[other])
    assert reason == "signature-mismatch"
    assert detail.startswith("that of the intermediate CN=Middle cannot be checked: ")
    assert not detail.endswith(": None")


def test_of_namesakes_the_one_that_signed_counts() -> None:
    false = middle(root("Elsewhere"), key=key_of("another"))
    for between in ([false, MIDDLE], [MIDDLE, false]):
        assert names(verify(LEAF, between=between)) == ["CN=alice", "CN=Middle", "CN=Root"]
    expired, one = middle(ROOT, end=AT - SECOND), leaf(MIDDLE, identifiers=False)
    for between in ([false, expired], [expired, false]):
        assert why(one, between=between)[0] == "expired"


def test_the_path_that_came_furthest_is_told() -> None:
    expired = middle(ROOT, end=AT - SECOND, serial=1)
    for between in ([expired, MIDDLE], [MIDDLE, expired]):
        found = why(LEAF, between=between, anchors=[root("Elsewhere")])
        assert found == ("untrusted", "no certificate of CN=Root is given, which issued the intermediate CN=Middle")
    old = resigned(ROOT, ROOT.key, changed_version)
    for anchors in ([old, root(end=AT - SECOND)], [root(end=AT - SECOND), old]):
        assert why(LEAF, anchors=anchors)[0] == "expired"


def test_a_reason_found_with_the_last_signature_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_module, "MOST_SIGNATURES", 2)
    assert why(LEAF, anchors=[root(end=AT - SECOND)])[0] == "expired"


# issuers


def test_no_issuer_at_all() -> None:
    detail = "no certificate of CN=Middle is given, which issued the leaf CN=alice"
    assert refusal(LEAF, between=[]) == ("untrusted", detail, HINT_BETWEEN)


def test_a_path_that_ends_before_an_anchor() -> None:
    detail = "no certificate of CN=Root is given, which issued the intermediate CN=Middle"
    assert refusal(LEAF, anchors=[root("Elsewhere")]) == ("untrusted", detail, HINT_BETWEEN)


def test_a_root_that_is_only_an_intermediate_is_not_trusted() -> None:
    detail = "the intermediate CN=Root names itself as its issuer, and is no trust anchor"
    assert why(LEAF, anchors=[root("Elsewhere")], between=[MIDDLE, ROOT]) == ("untrusted", detail)


def test_the_name_of_an_issuer_is_cut() -> None:
    long = x509.Name([x509.NameAttribute(NameOID.TITLE, "x" * 300)])
    detail = f"no certificate of {long.rfc4514_string()[:200]} is given, which issued the leaf CN=alice"
    assert why(leaf(MIDDLE, issuer_name=long)) == ("untrusted", detail)


def test_an_issuer_without_name() -> None:
    one = leaf(MIDDLE, issuer_name=named(""))
    assert why(one) == ("untrusted", "no certificate of nobody is given, which issued the leaf CN=alice")


def test_an_issuer_with_an_empty_name() -> None:
    top = root("", serial=1, san=[x509.DNSName("x.example")])
    found = why(leaf(top, issuer_name=named("")), anchors=[top], between=[])
    assert found == ("malformed", "the trust anchor x.example has an empty subject")


@pytest.mark.parametrize("basic", [None, x509.BasicConstraints(False, None)])
def test_an_issuer_that_is_no_ca(basic: Any) -> None:
    between = middle(ROOT, basic=basic)
    detail = "the intermediate CN=Middle has no basic constraints that make it a CA"
    assert why(leaf(between), between=[between]) == ("issuer-not-ca", detail)


def test_an_anchor_that_is_no_ca() -> None:
    top = root(basic=None)
    detail = "the trust anchor CN=Root has no basic constraints that make it a CA"
    assert why(leaf(top), anchors=[top], between=[]) == ("issuer-not-ca", detail)


def test_a_ca_that_may_not_sign_certificates() -> None:
    between = middle(ROOT, usage=key_usage("crl_sign", "digital_signature"))
    detail = "the intermediate CN=Middle may not sign certificates"
    assert why(leaf(between), between=[between]) == ("key-usage", detail)


def test_a_leaf_that_issued_another() -> None:
    detail = "the intermediate CN=alice has no basic constraints that make it a CA"
    assert why(leaf(LEAF, "mallory"), between=[LEAF, MIDDLE]) == ("issuer-not-ca", detail)


@pytest.mark.parametrize("which", ["intermediate", "trust anchor"])
def test_a_ca_for_another_purpose(which: str) -> None:
    top = root(eku=[SERVER] if which == "trust anchor" else None)
    between = middle(top, eku=[SERVER, EMAIL] if which == "intermediate" else None)
    name = "CN=Middle is for serverAuth, emailProtection" if which == "intermediate" else "CN=Root is for serverAuth"
    found = why(leaf(between), anchors=[top], between=[between])
    assert found == ("eku-mismatch", f"the {which} {name}, not for clientAuth")


def test_a_ca_for_another_purpose_is_good_for_any() -> None:
    between = middle(ROOT, eku=[SERVER])
    assert len(verify(leaf(between), between=[between], purpose="any").path) == 3


def chain(count: int, **of_first: Any) -> tuple[Made, list[Made]]:
    """Return a leaf below *count* intermediates, and those."""
    between: list[Made] = []
    for number in range(count):
        between.append(middle(between[-1] if between else ROOT, f"M{number}", **(of_first if number == 0 else {})))
    return leaf(between[-1]), between


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_the_path_length_of_a_ca(limit: int) -> None:
    one, between = chain(limit + 1, path_length=limit)
    assert len(verify(one, between=between).path) == limit + 3
    one, between = chain(limit + 2, path_length=limit)
    detail = f"the intermediate CN=M0 may have {limit} CAs below it, and here are {limit + 1}"
    assert why(one, between=between) == ("path-too-long", detail)


def test_the_path_length_of_an_anchor() -> None:
    top = root(path_length=0)
    assert len(verify(leaf(top), anchors=[top], between=[]).path) == 2
    detail = "the trust anchor CN=Root may have 0 CAs below it, and here are 1"
    assert why(LEAF, anchors=[top]) == ("path-too-long", detail)


def test_a_self_issued_ca_counts_too() -> None:
    top = root(path_length=0)
    again = make("Root", top, ca=True, key=key_of("the new key"))
    detail = "the trust anchor CN=Root may have 0 CAs below it, and here are 1"
    assert why(leaf(again), anchors=[top], between=[again])[0] == "path-too-long"
    assert why(leaf(again), anchors=[top], between=[again])[1] == detail


def test_as_many_cas_as_a_path_may_have() -> None:
    one, between = chain(8)
    assert len(verify(one, between=between).path) == 10
    one, between = chain(9)
    assert why(one, between=between) == ("path-too-long", "it has more than 8 CAs below the trust anchor")


@pytest.mark.parametrize("which", ["leaf", "intermediate", "trust anchor"])
@pytest.mark.parametrize(
    ("extension", "oid"),
    [
        ((UNKNOWN, True), "1.2.3.4"),
        ((x509.PolicyConstraints(0, None), False), "2.5.29.36"),
        ((x509.PolicyConstraints(None, 0), True), "2.5.29.36"),
        ((x509.InhibitAnyPolicy(0), True), "2.5.29.54"),
        ((x509.FreshestCRL([x509.DistributionPoint([ALICE], None, None, None)]), True), "2.5.29.46"),
    ],
)
def test_a_critical_extension_that_is_unknown(which: str, extension: Any, oid: str) -> None:
    extra = {"extra": [extension]}
    top = root(**(extra if which == "trust anchor" else {}))
    between = middle(top, **(extra if which == "intermediate" else {}))
    one = leaf(between, **(extra if which == "leaf" else {}))
    name = {"leaf": "CN=alice", "intermediate": "CN=Middle", "trust anchor": "CN=Root"}[which]
    found = why(one, anchors=[top], between=[between])
    assert found == ("unknown-critical-extension", f"{oid} in the {which} {name}")


def test_several_critical_extensions_are_all_named() -> None:
    extra = [(UNKNOWN, True), (x509.InhibitAnyPolicy(0), True)]
    found = why(leaf(MIDDLE, extra=extra))
    assert found == ("unknown-critical-extension", "1.2.3.4, 2.5.29.54 in the leaf CN=alice")


def test_an_anchor_of_version_1_is_malformed() -> None:
    old = resigned(ROOT, ROOT.key, changed_version)
    detail = "the trust anchor CN=Root is of version 1, which cannot say what it is for"
    assert why(LEAF, anchors=[old]) == ("malformed", detail)
    assert len(verify(LEAF, anchors=[old, ROOT]).path) == 3


def test_name_constraints_are_looked_at() -> None:
    top = root(extra=[(x509.NameConstraints([x509.RFC822Name("example.org")], None), True)])
    detail = "alice@example.com of CN=alice; CN=Root permits example.org"
    assert why(LEAF, anchors=[top]) == ("name-constraint", detail)


def test_what_only_cryptography_sees_is_malformed() -> None:
    detail = (
        "cryptography's verifier refuses the path: validation failed: validity dates between 1950 and 2049 must be "
        "UtcTime"
    )
    assert why(with_times(b"20261123090000Z", b"20261224090000Z")) == ("malformed", detail)


def asked(*path: Made, purpose: str = "client") -> None:
    """Show a path to cryptography's verifier that nobody else has judged."""
    verify_module._ask_pyca([read_certificate(one.der, "leaf") for one in path], AT, purpose)


NOT_CA, NO_SIGN = middle(ROOT, basic=x509.BasicConstraints(False, None)), middle(ROOT, usage=key_usage("crl_sign"))
FOR_SERVERS = middle(ROOT, eku=[SERVER])


NO_BASIC = middle(ROOT, basic=None)


@pytest.mark.parametrize(
    ("path", "purpose", "answer"),
    [
        ([leaf(MIDDLE, eku=None), MIDDLE, ROOT], "client", "the purpose is missing"),
        ([leaf(MIDDLE, eku=[ANY]), MIDDLE, ROOT], "client", "the purpose is missing"),
        ([leaf(MIDDLE, eku=[SERVER]), MIDDLE, ROOT], "client", "the purpose is missing"),
        ([leaf(NOT_CA), NOT_CA, ROOT], "client", "basicConstraints.cA must be asserted in a CA certificate"),
        ([leaf(NO_BASIC), NO_BASIC, ROOT], "client", "CA certificate has no basicConstraints"),
        ([leaf(NO_SIGN), NO_SIGN, ROOT], "client", "keyCertSign is missing"),
        ([leaf(FOR_SERVERS), FOR_SERVERS, ROOT], "client", "the purpose is missing"),
        ([leaf(MIDDLE, end=AT - SECOND), MIDDLE, ROOT], "client", "cert is not valid at validation time"),
    ],
)
def test_cryptography_would_refuse_the_same_by_itself(path: list[Made], purpose: str, answer: str) -> None:
    with pytest.raises(PathRejected) as caught:
        asked(*path, purpose=purpose)
    assert caught.value.reason == "malformed"
    assert caught.value.detail.startswith("cryptography's verifier refuses the path: validation failed: ")
    assert caught.value.detail.rpartition(": ")[2] == answer


def test_cryptography_is_shown_the_anchor_alone_as_trusted() -> None:
    with pytest.raises(PathRejected) as caught:
        asked(LEAF, MIDDLE, root(key=key_of("another")))
    assert caught.value.reason == "malformed"


@pytest.mark.parametrize(
    ("path", "purpose"),
    [
        ([LEAF, MIDDLE, ROOT], "client"),
        ([leaf(MIDDLE, eku=None), MIDDLE, ROOT], "any"),
        ([leaf(FOR_SERVERS, eku=[SERVER]), FOR_SERVERS, ROOT], "server"),
        ([leaf(FOR_SERVERS), FOR_SERVERS, ROOT], "any"),
    ],
)
def test_cryptography_would_accept_the_same_by_itself(path: list[Made], purpose: str) -> None:
    asked(*path, purpose=purpose)


# revocation is asked for, and comes last


def test_a_revoked_leaf() -> None:
    lists = [crl(ROOT), crl(MIDDLE, revoked(LEAF.certificate.serial_number))]
    detail = "CN=alice, at 2026-11-23T09:00:00Z, unspecified; the list 1 of CN=Middle"
    assert why(LEAF, crls=lists) == ("revoked", detail)


def test_a_list_that_must_be() -> None:
    assert why(LEAF, require_crl=True) == ("crl-missing", "none is of CN=Middle")
    assert why(LEAF, crls=[crl(MIDDLE)], require_crl=True) == ("crl-missing", "none is of CN=Root")
    assert why(LEAF, crls=[crl(MIDDLE)]) == ("crl-not-applicable", "none is of CN=Root")
    assert verify(LEAF, crls=[crl(MIDDLE), crl(ROOT)], require_crl=True).findings == ()


def test_historical_is_handed_on() -> None:
    lists = [crl(ROOT), crl(MIDDLE, revoked(LEAF.certificate.serial_number, AT + SECOND))]
    assert why(LEAF, crls=lists)[0] == "revoked"
    assert len(verify(LEAF, crls=lists, historical=True).path) == 3


def test_findings_about_lists_follow_those_about_the_path() -> None:
    between = middle(ROOT, usage=None)
    lists = [crl(ROOT), crl(between), crl(root("Elsewhere"))]
    assert verify(leaf(between), between=[between], crls=lists).findings == (
        ("ca-without-key-usage", "the CA CN=Middle has no key usage"),
        ("crl-unused", "the list 1 of CN=Elsewhere is of no issuer on the path"),
    )


# what is given


def test_without_anchor_there_is_no_trust() -> None:
    with pytest.raises(UsageError) as caught:
        verify(LEAF, anchors=[])
    assert (caught.value.message, caught.value.hint) == (
        "there is no trust anchor",
        "name one with --trust-anchor FILE",
    )


def test_an_anchor_that_cannot_be_read_is_an_input_error() -> None:
    with pytest.raises(InputError) as caught:
        verify(LEAF, anchors=[ROOT, b"\x30\0"])
    assert caught.value.message.startswith("a trust anchor cannot be read: error parsing asn1 value: ")


def test_a_list_that_cannot_be_read_is_an_input_error() -> None:
    with pytest.raises(InputError) as caught:
        verify(LEAF, crls=[b"\x30\0"])
    assert caught.value.message.startswith("a revocation list cannot be read: error parsing asn1 value: ")


TOO_MANY = "there are more than 10000 trust anchors, 50 intermediates or 1000 revocation lists"


def test_intermediates_without_end_are_an_input_error() -> None:
    others = [middle(ROOT, f"M{number}").der for number in range(50)]
    assert len(verify(LEAF, between=[MIDDLE, MIDDLE, *others[:49]]).path) == 3
    with pytest.raises(InputError) as caught:
        verify(LEAF, between=[MIDDLE, *others])
    assert caught.value.message == TOO_MANY


def test_anchors_and_lists_without_end_are_an_input_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_module, "MOST_ANCHORS", 2)
    assert len(verify(LEAF, anchors=[ROOT, ROOT]).path) == 3
    with pytest.raises(InputError, match="there are more than 2 trust anchors"):
        verify(LEAF, anchors=[ROOT, ROOT, ROOT])
    monkeypatch.setattr(verify_module, "MOST_LISTS", 2)
    assert len(verify(LEAF, crls=[crl(ROOT), crl(MIDDLE)]).path) == 3
    with pytest.raises(InputError, match="or 2 revocation lists"):
        verify(LEAF, crls=[crl(ROOT), crl(MIDDLE), crl(MIDDLE)])


def test_a_maze_is_left_after_so_many_signatures() -> None:
    same = key_of("maze")
    maze = [middle(ROOT, "A", key=same, signer=same, issuer_name=named("A"), serial=1 + n) for n in range(50)]
    assert why(leaf(maze[0], signer=same), between=maze) == ("untrusted", "none was found within 128 signatures")


def test_as_many_signatures_as_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    false = [middle(ROOT, key=key_of("another"), serial=1 + n) for n in range(2)]
    monkeypatch.setattr(verify_module, "MOST_SIGNATURES", 4)
    between = [make("Middle", ROOT, ca=True, path_length=0, identifiers=False)]
    one = leaf(between[0], identifiers=False)
    assert len(verify(one, between=[*false, *between]).path) == 3
    monkeypatch.setattr(verify_module, "MOST_SIGNATURES", 3)
    assert why(one, between=[*false, *between]) == ("untrusted", "none was found within 3 signatures")


def test_the_issuer_that_is_named_by_its_key_is_tried_first(monkeypatch: pytest.MonkeyPatch) -> None:
    nameless = [middle(ROOT, key=key_of("another"), serial=1 + n, identifiers=False) for n in range(5)]
    false = [middle(ROOT, key=key_of("another"), serial=1 + n) for n in range(5)]
    monkeypatch.setattr(verify_module, "MOST_SIGNATURES", 2)
    assert len(verify(LEAF, between=[*false, MIDDLE, *false]).path) == 3
    assert len(verify(LEAF, between=[*nameless, MIDDLE]).path) == 3


# no byte can be another


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes((data[place] ^ 1 << place % 8,)) + data[place + 1 :]


@pytest.mark.parametrize("part", range(4))
def test_no_byte_of_a_leaf_or_an_intermediate_can_be_another(part: int) -> None:
    for place in range(part, len(LEAF.der), 4):
        with pytest.raises(PathRejected):
            verify(flipped(LEAF.der, place))
    for place in range(part, len(MIDDLE.der), 4):
        with pytest.raises(PathRejected):
            verify(LEAF, between=[flipped(MIDDLE.der, place)])


def test_no_byte_of_a_list_can_be_another() -> None:
    of_root, of_middle = crl(ROOT), crl(MIDDLE, revoked(1))
    assert len(verify(LEAF, crls=[of_root, of_middle]).path) == 3
    for place in range(len(of_middle)):
        with pytest.raises((PathRejected, InputError)):
            verify(LEAF, crls=[of_root, flipped(of_middle, place)])


def test_no_length_of_a_leaf_can_be_another() -> None:
    for size in range(0, len(LEAF.der), 7):
        assert why(LEAF.der[:size])[0] == "malformed"
    assert why(LEAF.der + b"\0")[0] == "malformed"
