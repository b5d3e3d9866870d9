"""When is a certificate revoked, when is it not, and when can nobody say?"""

from base64 import encodebytes
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from authkit.certs import der, revoke
from authkit.certs.path_rules import read_certificate
from authkit.certs.revoke import check_revocation, read_list, reason_of, split_lists
from authkit.errors import InputError, PathRejected
from paths import (
    AT,
    DAY,
    SECOND,
    Made,
    crl,
    key_of,
    key_usage,
    leaf,
    middle,
    named,
    revoked,
    root,
    scope,
    with_sha1,
)
from rawcert import oid, seq, tlv

ROOT = root()
MIDDLE = middle(ROOT)
ALICE = leaf(MIDDLE)
SERIAL = ALICE.certificate.serial_number
OF_ROOT = crl(ROOT)
UNKNOWN = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\5\0")
URL, OTHER_URL = (
    x509.UniformResourceIdentifier("http://a.example/1"),
    x509.UniformResourceIdentifier("http://a.example/2"),
)
Flags = x509.ReasonFlags
SHA224 = hashes.SHA224()


def check(
    *crls: bytes,
    path: "Sequence[Made | bytes]" = (ALICE, MIDDLE, ROOT),
    at: datetime = AT,
    require_crl: bool = False,
    historical: bool = False,
) -> list[tuple[str, str]]:
    read = [read_certificate(one if isinstance(one, bytes) else one.der, "leaf") for one in path]
    return check_revocation(read, [read_list(one) for one in crls], at, require_crl=require_crl, historical=historical)


def why(*crls: bytes, **more: Any) -> tuple[str, str]:
    with pytest.raises(PathRejected) as caught:
        check(*crls, **more)
    return caught.value.reason, caught.value.detail


def idp(**settings: Any) -> dict[str, Any]:
    return {"extra": [(scope(**settings), True)]}


# good, or revoked


def test_a_certificate_that_no_list_names_is_good() -> None:
    assert check(OF_ROOT, crl(MIDDLE, revoked(SERIAL + 1))) == []


def test_a_certificate_that_a_list_names_is_revoked() -> None:
    found = why(OF_ROOT, crl(MIDDLE, revoked(SERIAL, AT - DAY, Flags.key_compromise), number=41))
    assert found == ("revoked", "CN=alice, at 2026-11-23T09:00:00Z, keyCompromise; the list 41 of CN=Middle")


def test_an_intermediate_that_a_list_names_is_revoked() -> None:
    of_root = crl(ROOT, revoked(MIDDLE.certificate.serial_number), number=None)
    detail = "CN=Middle, at 2026-11-23T09:00:00Z, unspecified; the list of CN=Root"
    assert why(of_root, crl(MIDDLE)) == ("revoked", detail)


def test_the_same_number_by_another_issuer_is_another_certificate() -> None:
    assert check(crl(ROOT, revoked(SERIAL)), crl(MIDDLE)) == []


def test_an_anchor_is_looked_for_in_no_list() -> None:
    assert check(crl(ROOT, revoked(ROOT.certificate.serial_number)), crl(MIDDLE)) == []


def test_revoked_comes_before_what_is_missing() -> None:
    of_root = crl(ROOT, revoked(MIDDLE.certificate.serial_number))
    assert why(of_root)[0] == "revoked"
    assert why(crl(MIDDLE, revoked(SERIAL)))[0] == "revoked"


@pytest.mark.parametrize(
    "more",
    [
        {"begin": AT - 9 * DAY, "end": AT - 8 * DAY},
        {"begin": AT + 8 * DAY, "end": AT + 9 * DAY},
        {"number": None},
        {"extra": [(x509.DeltaCRLIndicator(1), True)]},
        idp(only_contains_ca_certs=True),
        idp(only_some_reasons=frozenset([Flags.ca_compromise])),
        idp(full_name=[URL]),
        {"identifier": None},
    ],
)
def test_whatever_its_issuer_signed_makes_it_revoked(more: dict[str, Any]) -> None:
    bad = crl(MIDDLE, revoked(SERIAL), **{"number": 7, **more})
    for lists in ([bad], [crl(MIDDLE, number=1), bad], [bad, crl(MIDDLE, number=99)]):
        assert why(OF_ROOT, *lists)[0] == "revoked"


def test_a_list_signed_with_a_short_hash_makes_it_revoked_and_never_good() -> None:
    assert why(OF_ROOT, crl(MIDDLE, revoked(SERIAL), hash=SHA224), crl(MIDDLE))[0] == "revoked"
    detail = "the list 1 of CN=Middle is signed with sha224"
    assert why(OF_ROOT, crl(MIDDLE, hash=SHA224)) == ("crl-signature", detail)


def test_a_list_signed_with_sha1_says_nothing() -> None:
    old = with_sha1(crl(MIDDLE), MIDDLE.key)
    assert why(OF_ROOT, old) == ("crl-signature", "the list 1 of CN=Middle")


def test_a_hold_is_lifted_in_a_delta_list_alone() -> None:
    lifted = revoked(SERIAL, AT, Flags.remove_from_crl)
    delta = [(x509.DeltaCRLIndicator(1), True)]
    unused = "the list 2 of CN=Middle is a delta list, which shows only what changed"
    assert check(OF_ROOT, crl(MIDDLE), crl(MIDDLE, lifted, number=2, extra=delta)) == [("crl-unused", unused)]
    detail = "CN=alice, at 2026-11-24T09:00:00Z, removeFromCRL; the list 1 of CN=Middle"
    assert why(OF_ROOT, crl(MIDDLE, lifted)) == ("revoked", detail)
    held = crl(MIDDLE, revoked(SERIAL, AT - DAY, Flags.certificate_hold))
    assert why(OF_ROOT, held, crl(MIDDLE, lifted, number=2, extra=delta))[0] == "revoked"


def test_every_entry_of_a_number_counts() -> None:
    twice = [revoked(SERIAL, AT, Flags.remove_from_crl), revoked(SERIAL, AT, Flags.key_compromise)]
    delta = crl(MIDDLE, *twice, number=2, extra=[(x509.DeltaCRLIndicator(1), True)])
    detail = "CN=alice, at 2026-11-24T09:00:00Z, keyCompromise; the list 2 of CN=Middle"
    assert why(OF_ROOT, crl(MIDDLE), delta) == ("revoked", detail)
    twice = [revoked(SERIAL, AT + DAY), revoked(SERIAL, AT)]
    assert why(OF_ROOT, crl(MIDDLE, *twice), historical=True)[0] == "revoked"


@pytest.mark.parametrize("at", [AT - 20 * DAY, AT - SECOND, AT, AT + SECOND])
def test_revoked_whatever_the_instant(at: datetime) -> None:
    times = {"begin": at - DAY, "end": at + DAY}
    lists = [crl(ROOT, **times), crl(MIDDLE, revoked(SERIAL, AT), **times)]
    assert why(*lists, at=at)[0] == "revoked"


def test_historical_passes_what_was_revoked_later_alone() -> None:
    lists = [OF_ROOT, crl(MIDDLE, revoked(SERIAL, AT))]
    assert check(*lists, at=AT - SECOND, historical=True) == []
    assert why(*lists, at=AT, historical=True)[0] == "revoked"
    assert why(*lists, at=AT + SECOND, historical=True)[0] == "revoked"


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_historical_counts_from_when_it_was_known_to_be_bad(days: int) -> None:
    known = x509.InvalidityDate((AT + days * DAY).replace(tzinfo=None))
    lists = [OF_ROOT, crl(MIDDLE, revoked(SERIAL, AT, extra=[(known, False)]), begin=AT - 9 * DAY)]
    lists[0] = crl(ROOT, begin=AT - 9 * DAY)
    since = min(AT, AT + days * DAY)
    assert check(*lists, at=since - SECOND, historical=True) == []
    assert why(*lists, at=since, historical=True)[0] == "revoked"


def test_historical_looks_at_every_list() -> None:
    lists = [OF_ROOT, crl(MIDDLE, revoked(SERIAL, AT + DAY)), crl(MIDDLE, revoked(SERIAL, AT))]
    assert why(*lists, historical=True)[0] == "revoked"


# time


def test_a_list_is_of_its_time_from_its_first_to_its_last_second() -> None:
    lists = [crl(one, begin=AT, end=AT + DAY) for one in (ROOT, MIDDLE)]
    assert check(*lists, at=AT) == check(*lists, at=AT + DAY) == []
    detail = "the list 1 of CN=Middle begins at 2026-11-24T09:00:00Z"
    assert why(*lists, at=AT - SECOND) == ("crl-out-of-date", detail)
    detail = "the list 1 of CN=Middle ended at 2026-11-25T09:00:00Z"
    assert why(*lists, at=AT + DAY + SECOND) == ("crl-out-of-date", detail)


def test_of_lists_that_have_not_begun_the_first_is_named() -> None:
    lists = [crl(MIDDLE, number=n, begin=AT + n * DAY, end=AT + 9 * DAY) for n in (2, 1, 3)]
    assert why(OF_ROOT, *lists) == ("crl-out-of-date", "the list 1 of CN=Middle begins at 2026-11-25T09:00:00Z")


def test_the_highest_number_that_has_begun_decides() -> None:
    old, new = crl(MIDDLE, number=1, end=AT + 9 * DAY), crl(MIDDLE, number=2, end=AT - SECOND)
    for lists in ([old, new], [new, old]):
        assert why(OF_ROOT, *lists) == ("crl-out-of-date", "the list 2 of CN=Middle ended at 2026-11-24T08:59:59Z")
    later = crl(MIDDLE, number=3, begin=AT + SECOND, end=AT + 2 * SECOND)
    assert check(OF_ROOT, old, later) == []
    assert check(OF_ROOT, crl(MIDDLE, number=1, end=AT - SECOND), crl(MIDDLE, number=2)) == []


def test_of_lists_without_number_the_last_decides() -> None:
    old, new = crl(MIDDLE, number=None, begin=AT - 2 * DAY), crl(MIDDLE, number=None, end=AT - SECOND)
    for lists in ([old, new], [new, old]):
        assert why(OF_ROOT, *lists) == ("crl-out-of-date", "the list of CN=Middle ended at 2026-11-24T08:59:59Z")
    numbered = crl(MIDDLE, number=0, begin=AT - 2 * DAY)
    assert check(OF_ROOT, new, numbered) == []


def without_end(data: bytes) -> bytes:
    """Return a list without nextUpdate."""
    from cryptography.hazmat.primitives.asymmetric import ec

    from paths import SHA256

    (_, body), (_, algorithm), _ = der.children(data)
    parts = [whole for _, whole in der.children(body)]
    body = seq(*parts[:4], *parts[5:])
    return seq(body, algorithm, tlv(3, b"\0" + MIDDLE.key.sign(body, ec.ECDSA(SHA256))))


def test_a_list_that_never_ends_is_of_no_time() -> None:
    detail = "the list 1 of CN=Middle does not say when the next is due"
    assert why(OF_ROOT, without_end(crl(MIDDLE))) == ("crl-out-of-date", detail)


# whose list it is


def test_a_list_of_nobody_on_the_path() -> None:
    elsewhere = crl(root("Elsewhere"))
    assert why(elsewhere) == ("crl-not-applicable", "none is of CN=Middle")
    assert why(elsewhere, require_crl=True) == ("crl-missing", "none is of CN=Middle")
    unused = ("crl-unused", "the list 1 of CN=Elsewhere is of no issuer on the path")
    assert check(OF_ROOT, crl(MIDDLE), elsewhere, elsewhere) == [unused]


def test_a_missing_list_has_a_hint() -> None:
    with pytest.raises(PathRejected) as caught:
        check(OF_ROOT)
    assert caught.value.hint == "add it with --crl FILE"


def test_the_first_that_cannot_be_checked_is_named() -> None:
    assert why(crl(MIDDLE)) == ("crl-not-applicable", "none is of CN=Root")
    assert why(crl(MIDDLE, end=AT - SECOND))[0] == "crl-out-of-date"


def test_a_list_of_a_namesakes_key() -> None:
    false = middle(ROOT, key=key_of("another"))
    other, forged = "the list 1 of CN=Middle is of another key of that name", "the list 1 of CN=Middle"
    assert why(OF_ROOT, crl(false)) == ("crl-not-applicable", other)
    assert why(OF_ROOT, crl(false, identifier=None)) == ("crl-signature", forged)
    assert check(OF_ROOT, crl(MIDDLE), crl(false)) == [("crl-unused", other)]
    assert check(OF_ROOT, crl(MIDDLE), crl(false, identifier=None)) == [("crl-unused", forged)]


@pytest.mark.parametrize(("more", "reason"), [({}, "crl-not-applicable"), ({"identifier": None}, "crl-signature")])
def test_what_a_namesakes_key_lists_is_neither_good_nor_revoked(more: Any, reason: str) -> None:
    false = middle(ROOT, key=key_of("another"))
    strange = crl(false, revoked(SERIAL), number=7, **more)
    for lists in ([strange, crl(MIDDLE)], [crl(MIDDLE, number=9), strange]):
        assert why(OF_ROOT, *lists)[0] == reason
    assert why(OF_ROOT, strange, crl(MIDDLE, revoked(SERIAL)))[0] == "revoked"
    assert check(OF_ROOT, crl(MIDDLE), crl(false, revoked(SERIAL + 1), number=7, **more))[0][0] == "crl-unused"


def test_of_two_doubts_the_first_is_named() -> None:
    strange = [crl(MIDDLE, revoked(SERIAL), number=n, signer=key_of("another"), identifier=None) for n in (7, 8)]
    assert why(OF_ROOT, *strange, crl(MIDDLE)) == ("crl-signature", "the list 7 of CN=Middle")


def test_a_list_by_the_right_key_counts_whatever_identifier_it_has() -> None:
    wrong = x509.AuthorityKeyIdentifier(b"1" * 20, None, None)
    listing = crl(MIDDLE, revoked(SERIAL), identifier=wrong, number=5)
    assert why(OF_ROOT, crl(MIDDLE, number=4, identifier=None), listing)[0] == "revoked"
    assert check(OF_ROOT, crl(MIDDLE, identifier=wrong)) == []


@pytest.mark.parametrize("text", ["middle", "MIDDLE", "  Middle ", "mIDDLE"])
def test_a_list_that_writes_the_name_in_another_way_revokes_but_shows_nothing(text: str) -> None:
    assert why(OF_ROOT, crl(MIDDLE, number=9), crl(MIDDLE, revoked(SERIAL), name=named(text)))[0] == "revoked"
    name = named(text).rfc4514_string()
    detail = f"the list 1 of {name} writes the name of its issuer in another way"
    assert why(OF_ROOT, crl(MIDDLE, name=named(text))) == ("crl-not-applicable", detail)
    assert check(OF_ROOT, crl(MIDDLE), crl(MIDDLE, name=named(text))) == [("crl-unused", detail)]


def test_a_list_with_another_kind_of_string_revokes() -> None:
    other = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Middle", x509.name._ASN1Type.PrintableString)])
    assert other.public_bytes() != named("Middle").public_bytes()
    assert why(OF_ROOT, crl(MIDDLE, number=9), crl(MIDDLE, revoked(SERIAL), name=other))[0] == "revoked"


@pytest.mark.parametrize(
    "name",
    [
        named("Middles"),
        x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Middle")]),
        x509.Name([*named("Middle").rdns, *named("Middle").rdns]),
    ],
)
def test_a_list_of_another_name_is_of_nobody(name: x509.Name) -> None:
    unused = f"the list 1 of {name.rfc4514_string()} is of no issuer on the path"
    assert check(OF_ROOT, crl(MIDDLE), crl(MIDDLE, revoked(SERIAL), name=name)) == [("crl-unused", unused)]


def test_a_forged_list_with_the_right_identifier() -> None:
    right = x509.AuthorityKeyIdentifier.from_issuer_public_key(MIDDLE.key.public_key())
    forged = crl(MIDDLE, signer=key_of("another"), identifier=right)
    assert why(OF_ROOT, forged) == ("crl-signature", "the list 1 of CN=Middle")


def test_a_list_by_a_key_of_another_kind() -> None:
    forged = crl(MIDDLE, signer=key_of("rsa of lists", "rsa2048"), identifier=None)
    assert why(OF_ROOT, forged) == ("crl-signature", "the list 1 of CN=Middle")


def test_a_list_by_an_unknown_algorithm() -> None:
    (_, body), (_, algorithm), (_, signature) = der.children(crl(MIDDLE))
    parts, strange = [whole for _, whole in der.children(body)], seq(oid("1.2.3.9"))
    odd = seq(seq(parts[0], strange, *parts[2:]), strange, signature)
    assert algorithm == parts[1]
    assert why(OF_ROOT, odd) == ("crl-signature", "the list 1 of CN=Middle")


def test_what_an_issuer_lists_that_may_not_is_neither_good_nor_revoked() -> None:
    between = middle(ROOT, usage=key_usage("key_cert_sign"))
    one = leaf(between)
    listing = crl(between, revoked(one.certificate.serial_number))
    assert why(OF_ROOT, listing, path=[one, between, ROOT])[0] == "crl-not-applicable"


def test_a_list_of_an_issuer_whose_key_cannot_sign() -> None:
    between = middle(ROOT, kind="x25519", signer=ROOT.key)
    one = leaf(between, signer=MIDDLE.key)
    forged = crl(between, signer=MIDDLE.key, identifier=None)
    assert why(OF_ROOT, forged, path=[one, between, ROOT]) == ("crl-signature", "the list 1 of CN=Middle")


def test_an_issuer_without_identifier_is_known_by_its_signature() -> None:
    between = middle(ROOT, identifiers=False)
    assert check(OF_ROOT, crl(between), path=[leaf(between), between, ROOT]) == []


def test_an_issuer_that_may_not_sign_lists() -> None:
    between = middle(ROOT, usage=key_usage("key_cert_sign"))
    one = leaf(between)
    detail = "the key usage of CN=Middle does not allow it to sign lists"
    assert why(OF_ROOT, crl(between), path=[one, between, ROOT]) == ("crl-not-applicable", detail)
    free = middle(ROOT, usage=None)
    assert check(OF_ROOT, crl(free), path=[leaf(free), free, ROOT]) == []


# what a list covers


@pytest.mark.parametrize(
    ("more", "detail"),
    [
        ({"extra": [(x509.DeltaCRLIndicator(1), True)]}, "is a delta list, which shows only what changed"),
        ({"extra": [(x509.DeltaCRLIndicator(1), False)]}, "is a delta list, which shows only what changed"),
        (idp(only_contains_attribute_certs=True), "is of attribute certificates only"),
        (idp(only_contains_ca_certs=True), "is of CAs only, and CN=alice is a leaf"),
        (idp(only_some_reasons=frozenset([Flags.key_compromise])), "is of some reasons only"),
        (idp(full_name=[URL]), "is for another distribution point than those of CN=alice"),
        ({"extra": [(UNKNOWN, True)]}, "has the critical extension 1.2.3.4"),
    ],
)
def test_a_list_that_does_not_cover_a_leaf(more: dict[str, Any], detail: str) -> None:
    part = crl(MIDDLE, number=7, **more)
    assert why(OF_ROOT, part) == ("crl-not-applicable", f"the list 7 of CN=Middle {detail}")
    assert check(OF_ROOT, part, crl(MIDDLE)) == [("crl-unused", f"the list 7 of CN=Middle {detail}")]


def test_a_list_that_does_not_cover_a_ca() -> None:
    detail = "the list 1 of CN=Root is of leaves only, and CN=Middle is a CA"
    assert why(crl(ROOT, **idp(only_contains_user_certs=True)), crl(MIDDLE)) == ("crl-not-applicable", detail)


def test_lists_of_cas_and_of_leaves_cover_their_own() -> None:
    of_root = crl(ROOT, **idp(only_contains_ca_certs=True))
    assert check(of_root, crl(MIDDLE, **idp(only_contains_user_certs=True))) == []


def test_a_scope_that_is_not_critical_counts_too() -> None:
    part = crl(MIDDLE, extra=[(scope(only_contains_ca_certs=True), False)])
    assert why(OF_ROOT, part)[0] == "crl-not-applicable"


def test_a_list_of_attribute_certificates_has_other_numbers() -> None:
    other = crl(MIDDLE, revoked(SERIAL), number=2, **idp(only_contains_attribute_certs=True))
    unused = "the list 2 of CN=Middle is of attribute certificates only"
    assert check(OF_ROOT, crl(MIDDLE), other) == [("crl-unused", unused)]


def pointed(*points: x509.DistributionPoint) -> Made:
    return leaf(MIDDLE, extra=[(x509.CRLDistributionPoints(points), False)])


def point(full: Any = None, relative: Any = None, issuer: Any = None) -> x509.DistributionPoint:
    return x509.DistributionPoint(full, relative, None, issuer)


def relative(text: str) -> x509.RelativeDistinguishedName:
    return x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, text)])


def whole(text: str) -> x509.DirectoryName:
    return x509.DirectoryName(x509.Name([*named("Middle").rdns, relative(text)]))


@pytest.mark.parametrize(
    ("points", "settings"),
    [
        ([point([URL])], {"full_name": [URL]}),
        ([point([OTHER_URL]), point([OTHER_URL, URL])], {"full_name": [URL]}),
        ([point([URL])], {"full_name": [OTHER_URL, URL]}),
        ([point(relative=relative("1"))], {"relative_name": relative("1")}),
        ([point(relative=relative("1"))], {"full_name": [whole("1")]}),
        ([point([whole("1")])], {"relative_name": relative("1")}),
        ([], {"full_name": [x509.DirectoryName(named("Middle"))]}),
    ],
)
def test_a_list_for_the_distribution_point(points: Any, settings: Any) -> None:
    one = pointed(*points) if points else ALICE
    assert check(OF_ROOT, crl(MIDDLE, **idp(**settings)), path=[one, MIDDLE, ROOT]) == []


@pytest.mark.parametrize(
    ("points", "settings"),
    [
        ([point([URL])], {"full_name": [OTHER_URL]}),
        ([point([URL], issuer=[x509.DirectoryName(named("Middle"))])], {"full_name": [URL]}),
        ([point(issuer=[x509.DirectoryName(named("Elsewhere"))])], {"full_name": [URL]}),
        ([point(relative=relative("1"))], {"relative_name": relative("2")}),
        ([point([x509.DirectoryName(named("Middle"))])], {"relative_name": relative("1")}),
        ([], {"full_name": [URL]}),
        ([], {"full_name": [x509.DirectoryName(named("Elsewhere"))]}),
        ([point([URL])], {"full_name": [x509.DirectoryName(named("Middle"))]}),
    ],
)
def test_a_list_for_another_distribution_point(points: Any, settings: Any) -> None:
    one = pointed(*points) if points else ALICE
    detail = "the list 1 of CN=Middle is for another distribution point than those of CN=alice"
    found = why(OF_ROOT, crl(MIDDLE, **idp(**settings)), path=[one, MIDDLE, ROOT])
    assert found == ("crl-not-applicable", detail)


# what a list says that nobody here understands


def issuer_of_entry(text: str) -> x509.CertificateIssuer:
    return x509.CertificateIssuer([x509.DirectoryName(named(text))])


@pytest.mark.parametrize(("value", "oid"), [(UNKNOWN, "1.2.3.4"), (issuer_of_entry("Middle"), "2.5.29.29")])
def test_an_entry_that_is_not_understood(value: Any, oid: str) -> None:
    strange = crl(MIDDLE, revoked(1), revoked(SERIAL + 1, extra=[(value, True)]), number=7)
    detail = f"the list 7 of CN=Middle has an entry with the critical extension {oid}"
    assert why(OF_ROOT, strange) == ("crl-not-applicable", detail)
    assert check(OF_ROOT, strange, crl(MIDDLE)) == [("crl-unused", detail)]


def test_entries_may_say_more_that_is_not_critical_or_is_known() -> None:
    more = [(UNKNOWN, False), (x509.InvalidityDate(AT.replace(tzinfo=None)), True)]
    assert check(OF_ROOT, crl(MIDDLE, revoked(1, reason=Flags.superseded, extra=more))) == []


def with_bad_entry(data: bytes) -> bytes:
    """Return a list whose entry extension of an enumeration is a boolean."""
    from cryptography.hazmat.primitives.asymmetric import ec

    from paths import SHA256

    (_, body), (_, algorithm), _ = der.children(data)
    body = body.replace(b"\x04\x03\x0a\x01\x01", b"\x04\x03\x0a\x01\x63")
    return seq(body, algorithm, tlv(3, b"\0" + MIDDLE.key.sign(body, ec.ECDSA(SHA256))))


def test_an_entry_that_cannot_be_read() -> None:
    bad = with_bad_entry(crl(MIDDLE, revoked(1, reason=Flags.key_compromise), number=7))
    reason, detail = why(OF_ROOT, bad)
    assert reason == "crl-not-applicable"
    assert detail == "the list 7 of CN=Middle has an entry that cannot be read: Unsupported reason code: 99"
    own = with_bad_entry(crl(MIDDLE, revoked(SERIAL, reason=Flags.key_compromise), number=7))
    assert why(OF_ROOT, own, crl(MIDDLE)) == ("crl-not-applicable", detail)
    assert reason_of(next(iter(x509.load_der_x509_crl(own)))) == "unspecified"


def test_an_entry_of_the_year_0_is_not_understood() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    from paths import SHA256

    (_, body), (_, algorithm), _ = der.children(crl(MIDDLE, revoked(SERIAL, AT.replace(year=2050)), number=7))
    body = body.replace(b"20501124090000Z", b"00001124090000Z")
    strange = seq(body, algorithm, tlv(3, b"\0" + MIDDLE.key.sign(body, ec.ECDSA(SHA256))))
    detail = "the list 7 of CN=Middle has an entry that cannot be read: year 0 is out of range"
    assert why(OF_ROOT, strange) == why(OF_ROOT, strange, crl(MIDDLE)) == ("crl-not-applicable", detail)


@pytest.mark.parametrize("more", [{"extra": [(UNKNOWN, True)]}, {}])
def test_a_certificate_named_by_a_list_that_is_not_understood_is_not_good(more: Any) -> None:
    entry = revoked(SERIAL) if more else revoked(SERIAL, extra=[(UNKNOWN, True)])
    strange = crl(MIDDLE, entry, number=7, **more)
    for lists in ([strange, crl(MIDDLE)], [crl(MIDDLE, number=9), strange]):
        reason, detail = why(OF_ROOT, *lists)
        assert reason == "crl-not-applicable"
        assert detail.startswith("the list 7 of CN=Middle has ")
    assert why(OF_ROOT, strange, crl(MIDDLE, revoked(SERIAL)))[0] == "revoked"


# indirect lists


def test_an_indirect_list_of_the_issuer_shows_nothing() -> None:
    indirect = crl(MIDDLE, number=7, **idp(indirect_crl=True))
    assert why(OF_ROOT, indirect) == ("crl-indirect", "the list 7 of CN=Middle")
    assert check(OF_ROOT, indirect, crl(MIDDLE)) == [("crl-unused", "the list 7 of CN=Middle")]


def test_a_certificate_named_by_an_indirect_list_is_not_good() -> None:
    indirect = crl(MIDDLE, revoked(SERIAL), number=7, **idp(indirect_crl=True))
    assert why(OF_ROOT, indirect, crl(MIDDLE)) == ("crl-indirect", "the list 7 of CN=Middle")
    assert why(OF_ROOT, indirect, crl(MIDDLE, revoked(SERIAL)))[0] == "revoked"


def test_an_indirect_list_of_somebody_else() -> None:
    elsewhere = crl(root("Elsewhere"), **idp(indirect_crl=True))
    detail = "the list 1 of CN=Elsewhere; there is none of CN=Middle itself"
    assert why(OF_ROOT, elsewhere) == ("crl-indirect", detail)
    assert why(OF_ROOT, elsewhere, require_crl=True) == ("crl-indirect", detail)
    unused = ("crl-unused", "the list 1 of CN=Elsewhere is of no issuer on the path")
    assert check(OF_ROOT, crl(MIDDLE), elsewhere) == [unused]


def test_a_certificate_that_somebody_elses_indirect_list_may_name_is_not_good() -> None:
    entry = revoked(SERIAL, extra=[(issuer_of_entry("Middle"), True)])
    elsewhere = crl(root("Elsewhere"), entry, **idp(indirect_crl=True))
    detail = "the list 1 of CN=Elsewhere may name CN=alice"
    assert why(OF_ROOT, crl(MIDDLE), elsewhere) == ("crl-indirect", detail)
    assert why(OF_ROOT, elsewhere, crl(MIDDLE, revoked(SERIAL)))[0] == "revoked"
    direct = crl(root("Elsewhere"), revoked(SERIAL))
    assert check(OF_ROOT, crl(MIDDLE), direct)[0][0] == "crl-unused"


# reading


def test_what_is_no_list_is_an_input_error() -> None:
    for data in (b"", b"\x30\0", ALICE.der):
        with pytest.raises(InputError) as caught:
            read_list(data)
        assert caught.value.message.startswith("a revocation list cannot be read: error parsing asn1 value")


def test_a_list_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert revoke.LARGEST == 64 * 1024 * 1024
    monkeypatch.setattr(revoke, "LARGEST", len(OF_ROOT))
    assert read_list(OF_ROOT).what == "the list 1 of CN=Root"
    with pytest.raises(InputError) as caught:
        read_list(OF_ROOT + b"\0")
    assert caught.value.message == "a revocation list is over 64 MiB"


def test_what_a_list_says() -> None:
    listing = read_list(crl(MIDDLE, number=41, begin=AT, end=AT + DAY))
    assert (listing.number, listing.begins, listing.ends) == (41, AT, AT + DAY)
    assert (listing.is_delta, listing.is_indirect, listing.scope) == (False, False, None)
    assert (listing.entries_fault(), listing.entries_fault()) == ("", "")
    assert read_list(crl(MIDDLE, number=None)).number == -1
    assert read_list(crl(MIDDLE, number=0)).what == "the list 0 of CN=Middle"


def test_the_name_of_a_list_is_cut() -> None:
    long = x509.Name([x509.NameAttribute(NameOID.TITLE, "x" * 300)])
    assert read_list(crl(MIDDLE, name=long)).what == "the list 1 of " + long.rfc4514_string()[:200]


def pem(data: bytes, label: bytes = b"X509 CRL") -> bytes:
    return b"-----BEGIN " + label + b"-----\n" + encodebytes(data) + b"-----END " + label + b"-----\n"


def test_a_file_holds_one_list_in_der_or_several_in_pem() -> None:
    one, two = crl(ROOT), crl(MIDDLE)
    assert split_lists(one, "a.crl") == [one]
    text = b"# lists\r\n" + pem(one) + pem(ALICE.der, b"CERTIFICATE") + pem(two).replace(b"\n", b"\r\n") + b"end"
    assert split_lists(text, "a.crl") == [one, two]
    assert split_lists(pem(one, b"CRL"), "a.crl") == [one]
    assert split_lists(pem(one) + b"-----END X509 CRL-----\n", "a.crl") == [one]
    assert x509.load_der_x509_crl(one).public_bytes(Encoding.PEM).startswith(b"-----BEGIN X509 CRL-----")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "a.crl holds no revocation list"),
        (pem(b"x", b"CERTIFICATE"), "a.crl holds no revocation list"),
        (pem(OF_ROOT)[:-20], "a.crl: a revocation list has no END line"),
        (pem(OF_ROOT).replace(b"A", b"*"), "a.crl: a revocation list is not base64"),
    ],
)
def test_a_file_without_a_whole_list(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        split_lists(data, "a.crl")
    assert caught.value.message == message


def test_a_file_without_a_list_has_a_hint() -> None:
    with pytest.raises(InputError) as caught:
        split_lists(b"", "a.crl")
    assert caught.value.hint == "give a CRL in PEM or DER"
