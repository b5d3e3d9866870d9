"""Is a certificate's scope read as it is written, and refused where it is wrong or wider than its CAs?"""

from datetime import date, datetime, timezone
from typing import Any

import pytest
from cryptography import x509

from authkit.certs import der
from authkit.certs.path_rules import LEAF, Certified, read_certificate
from authkit.certs.profile import REQUEST_SIGNING_EKU, SCOPE_EXTENSION
from authkit.certs.scoped import (
    CertScope,
    check_scope,
    decode_scope,
    encode_scope,
    is_scoped,
    judge_scope,
    parse_ca_scope,
    parse_cert_scope,
    scope_of,
)
from authkit.certs.verify import verify_path
from authkit.errors import INVALID, PATH_REASONS, InputError, PathRejected, Refused
from paths import AT, CLIENT, DAY, Made, crl, leaf, middle, revoked, root

EKU = x509.ObjectIdentifier(REQUEST_SIGNING_EKU)
OID = x509.ObjectIdentifier(SCOPE_EXTENSION)
TEXT = "20261124/us-east-1/s3"


def raw(value: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(OID, value)


def scoped(issuer: Made, text: str = TEXT, **more: Any) -> Made:
    return leaf(issuer, **{"eku": [EKU], "extra": [(encode_scope(text), False)], **more})


def certified(made: Made) -> Certified:
    return read_certificate(made.der, LEAF)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("20261124", ()),
        ("20261124/us-east-1", ("us-east-1",)),
        (TEXT, ("us-east-1", "s3")),
        ("20240229/A_.-/z", ("A_.-", "z")),
    ],
)
def test_a_scope_is_read_as_it_is_written(text: str, parts: tuple[str, ...]) -> None:
    found = parse_cert_scope(text, "it")
    assert (str(found), found.parts) == (text, parts)
    assert repr(found) == f"<CertScope {text}>"
    assert decode_scope(encode_scope(text).value) == text


def test_its_day_is_a_whole_one() -> None:
    scope = CertScope(date(2026, 11, 24), ("a", "b"))
    assert scope.not_before == datetime(2026, 11, 24, 0, 0, 0, tzinfo=timezone.utc)
    assert scope.not_after == datetime(2026, 11, 24, 23, 59, 59, tzinfo=timezone.utc)
    assert str(CertScope(date(1, 2, 3), ())) == "00010203"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it: '' is not a day"),
        ("20261131/a/b", "it: '20261131' is not a day"),
        ("00000101", "it: '00000101' is not a day"),
        ("2026-11-24/a/b", "it: '2026-11-24' is not a day"),
        ("202611240/a", "it: '202611240' is not a day"),
        ("2026112", "it: '2026112' is not a day"),
        ("٢٠٢٦١١٢٤", "it: '٢٠٢٦١١٢٤' is not a day"),
        ("us-east-1/s3", "it: 'us-east-1' is not a day"),
        ("20261124/", "it: region '' is not 1 to 64 characters"),
        ("20261124//s3", "it: region '' is not 1 to 64 characters"),
        ("20261124/a/", "it: service '' is not 1 to 64 characters"),
        (f"20261124/{'a' * 65}", f"it: region '{'a' * 65}' is not 1 to 64 characters"),
        (f"20261124/{'a' * 81}", f"it: region '{'a' * 80}' is not 1 to 64 characters"),
        ("20261124/*/s3", "it: region '*' holds a character that is not a letter, digit, '.', '_' or '-'"),
        ("20261124/a/s 3", "it: service 's 3' holds a character that is not a letter, digit, '.', '_' or '-'"),
        ("20261124/a/b/aws4_request", "it: more parts than region, service"),
        (f"{'9' * 99}/a", f"it: '{'9' * 80}' is not a day"),
    ],
)
def test_what_is_no_scope(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_cert_scope(text, "it")
    assert caught.value.message == message
    assert caught.value.hint == ("write it as 20261123/us-east-1/s3" if message.endswith(" is not a day") else None)


def test_the_longest_part() -> None:
    assert parse_cert_scope(f"20261124/{'a' * 64}", "it").parts == ("a" * 64,)


def test_a_ca_s_scope_has_no_day() -> None:
    assert parse_ca_scope("us-east-1", "it") == ("us-east-1",)
    assert parse_ca_scope("us-east-1/s3", "it") == ("us-east-1", "s3")
    for text, message in (
        ("", "it: region '' is not 1 to 64 characters"),
        ("a/", "it: service '' is not 1 to 64 characters"),
        ("20261124/a/b", "it: more parts than region, service"),
    ):
        with pytest.raises(InputError) as caught:
            parse_ca_scope(text, "it")
        assert caught.value.message == message


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x0c",
        b"\x0c\x01",
        b"\x0c\x01ab",  # something follows
        b"\x0c\x81\x01a",  # a length that is not the shortest
        b"\x0c\x80a\0\0",  # an indefinite length
        b"\x13\x01a",  # PrintableString
        b"\x16\x01a",  # IA5String
        b"\x04\x01a",  # OCTET STRING
        b"\x30\x03\x0c\x01a",  # in a SEQUENCE
        b"\x0c\x01\xff",  # not UTF-8
        b"\x0c\x02\xc1\xa1",  # UTF-8 in too many bytes
    ],
)
def test_an_extension_that_is_not_a_utf8string(value: bytes) -> None:
    with pytest.raises(InputError) as caught:
        decode_scope(value)
    assert caught.value.message == "the scope is not a UTF8String"


def test_what_a_certificate_says() -> None:
    top = root()
    assert scope_of(leaf(top).certificate) is None
    made = scoped(top)
    assert scope_of(made.certificate) == TEXT
    found = made.certificate.extensions.get_extension_for_oid(OID)
    assert (found.critical, found.value.value) == (False, b"\x0c\x15" + TEXT.encode())  # type: ignore[attr-defined]


def test_which_certificates_are_judged_as_scoped() -> None:
    """Also one that has but half of it, so that leaving out the other half opens nothing."""
    top = root()
    extension = [(encode_scope(TEXT), False)]
    assert [
        is_scoped(certified(one))
        for one in (
            leaf(top),
            leaf(top, eku=None),
            leaf(top, eku=[CLIENT, EKU]),
            leaf(top, eku=[EKU]),
            leaf(top, extra=extension),
            leaf(top, eku=None, extra=[(raw(b""), False)]),
        )
    ] == [False, False, True, True, True, True]


def path_of(one: Made, *above: Made) -> "list[Certified]":
    return [certified(each) for each in (one, *above)]


def limited(text: str) -> "dict[str, Any]":
    return {"eku": [CLIENT, EKU], "extra": [(encode_scope(text), False)]}


def test_a_scope_within_those_of_all_cas() -> None:
    free, wide, narrow = root(), root("Wide", **limited("us-east-1")), root("Narrow", **limited("us-east-1/s3"))
    for top in (free, wide, narrow):
        assert str(check_scope(path_of(scoped(top), top))) == TEXT
    between = middle(wide, **limited("us-east-1/s3"))
    assert str(check_scope(path_of(scoped(between), between, wide))) == TEXT
    assert str(check_scope(path_of(scoped(free, "20261124"), free))) == "20261124"
    assert str(check_scope(path_of(scoped(wide, "20261124/us-east-1"), wide))) == "20261124/us-east-1"


OUTSIDE = {
    "another region": ("us-east-1", "20261124/us-east-2/s3"),
    "no region": ("us-east-1", "20261124"),
    "another service": ("us-east-1/s3", "20261124/us-east-1/sqs"),
    "no service": ("us-east-1/s3", "20261124/us-east-1"),
    "the beginning alone": ("us-east-1", "20261124/us-east-10/s3"),
    "another case": ("us-east-1", "20261124/US-EAST-1/s3"),
    "a service for a region": ("s3", "20261124/us-east-1/s3"),
}


@pytest.mark.parametrize("what", OUTSIDE)
def test_a_scope_outside_that_of_a_ca(what: str) -> None:
    limit, text = OUTSIDE[what]
    top = root(**limited(limit))
    between = middle(top)
    for path in (path_of(scoped(top, text), top), path_of(scoped(between, text), between, top)):
        with pytest.raises(PathRejected) as caught:
            check_scope(path)
        detail = f"{text}, and the CA CN=Root is for {limit}"
        assert (caught.value.reason, caught.value.detail) == ("scope-outside", detail)


def test_every_ca_counts() -> None:
    """A CA below that says nothing, or something wider, does not widen what is above it."""
    top = root(**limited("us-east-1/s3"))
    for more in ({}, limited("us-east-1"), limited("eu-1")):
        between = middle(top, **more)
        with pytest.raises(PathRejected) as caught:
            check_scope(path_of(scoped(between, "20261124/us-east-1/sqs"), between, top))
        assert caught.value.reason == "scope-outside"


def judged(one: Made, *above: Made, **more: Any) -> Any:
    between, top = [each.der for each in above[:-1]], above[-1].der
    given = {"intermediates": between, "crls": (), "at": AT, "purpose": "sign-requests", **more}
    return verify_path(one.der, trust_anchors=[top], **given)


def test_the_path_of_a_scoped_certificate() -> None:
    for more in ({}, {"eku": [CLIENT, EKU]}, {"eku": [x509.ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]}):
        top = root(**more)
        found = judged(scoped(top), top)
        assert str(found.scope) == TEXT
        assert "purpose" not in found.not_checked
    assert judged(leaf(top), top, purpose="any").scope is None
    also = scoped(top, eku=[EKU, CLIENT])
    assert judged(also, top, purpose="client").scope is None
    assert str(judged(also, top).scope) == TEXT


TOP = root()
MISTAKES: "dict[str, tuple[Made, Made, str, str, str]]" = {
    "a login": (scoped(TOP), TOP, "client", "eku-mismatch", "for authkitRequestSigning, not for clientAuth"),
    "a server": (scoped(TOP), TOP, "server", "eku-mismatch", "for authkitRequestSigning, not for serverAuth"),
    "no EKU": (
        leaf(TOP, eku=None, extra=[(encode_scope(TEXT), False)]),
        TOP,
        "sign-requests",
        "eku-missing",
        "the leaf CN=alice has no extended key usage, so no authkitRequestSigning",
    ),
    "a client with a scope": (
        leaf(TOP, extra=[(encode_scope(TEXT), False)]),
        TOP,
        "sign-requests",
        "eku-mismatch",
        "the leaf CN=alice is for clientAuth, not for authkitRequestSigning",
    ),
    "any EKU": (
        scoped(TOP, eku=[x509.ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]),
        TOP,
        "sign-requests",
        "eku-mismatch",
        "the leaf CN=alice is for anyExtendedKeyUsage, not for authkitRequestSigning",
    ),
    "a CA for clients": (
        scoped(root("Clients", eku=[CLIENT])),
        root("Clients", eku=[CLIENT]),
        "sign-requests",
        "eku-mismatch",
        "the trust anchor CN=Clients is for clientAuth, not for authkitRequestSigning",
    ),
    "no scope": (leaf(TOP, eku=[EKU]), TOP, "sign-requests", "scope-missing", "the leaf CN=alice"),
    "an empty scope": (
        leaf(TOP, eku=[EKU], extra=[(raw(b"\x0c\0"), False)]),
        TOP,
        "sign-requests",
        "scope-malformed",
        "the leaf CN=alice: '' is not a day",
    ),
    "a scope in another type": (
        leaf(TOP, eku=[EKU], extra=[(raw(der.encode(der.IA5_STRING, TEXT.encode())), False)]),
        TOP,
        "sign-requests",
        "scope-malformed",
        "the scope is not a UTF8String",
    ),
    "a scope without its day": (
        scoped(TOP, "us-east-1/s3"),
        TOP,
        "sign-requests",
        "scope-malformed",
        "the leaf CN=alice: 'us-east-1' is not a day",
    ),
    "a critical scope": (
        scoped(TOP, extra=[(encode_scope(TEXT), True)]),
        TOP,
        "sign-requests",
        "unknown-critical-extension",
        f"{SCOPE_EXTENSION} in the leaf CN=alice",
    ),
    "a CA's scope with a day": (
        scoped(root("Dated", **limited("20261124/us-east-1/s3"))),
        root("Dated", **limited("20261124/us-east-1/s3")),
        "sign-requests",
        "scope-malformed",
        "the CA CN=Dated: more parts than region, service",
    ),
    "a CA's scope in another type": (
        scoped(root("Odd", extra=[(raw(b"\x04\0"), False)])),
        root("Odd", extra=[(raw(b"\x04\0"), False)]),
        "sign-requests",
        "scope-malformed",
        "the scope is not a UTF8String",
    ),
    "one of yesterday": (
        scoped(TOP, usage=None, san=(), end=AT - DAY / 2),
        TOP,
        "sign-requests",
        "expired",
        "the leaf CN=alice ended at 2026-11-23T21:00:00Z",
    ),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_every_mistake_has_its_reason(what: str) -> None:
    made, top, purpose, reason, detail = MISTAKES[what]
    with pytest.raises(PathRejected) as caught:
        judged(made, top, purpose=purpose)
    assert caught.value.reason == reason
    assert detail in caught.value.detail
    assert PATH_REASONS[reason][0] == INVALID


def test_a_scope_that_stands_twice() -> None:
    """pyca makes no such certificate, and reads none."""
    from cryptography.hazmat.primitives.serialization import Encoding

    from paths import resigned

    other = x509.ObjectIdentifier("2.25.48901464700541601157577263218296215987")
    second = x509.UnrecognizedExtension(other, encode_scope("20261124").value)
    made = scoped(TOP, extra=[(encode_scope(TEXT), False), (second, False)])
    twins = resigned(
        made, TOP.key, lambda body: body.replace(der.encode_oid(other.dotted_string), der.encode_oid(SCOPE_EXTENSION))
    )
    assert twins != made.certificate.public_bytes(Encoding.DER)
    with pytest.raises(PathRejected) as caught:
        verify_path(twins, trust_anchors=[TOP.der], intermediates=(), crls=(), at=AT, purpose="sign-requests")
    assert caught.value.reason == "malformed"
    assert "uplicate" in caught.value.detail


def test_lists_are_of_another_instant_than_the_path() -> None:
    """A request of 23:59:59 is judged at 00:00:10, by the list of that minute."""
    top = root()
    made = scoped(top, begin=AT - DAY, end=AT)
    fresh = crl(top, begin=AT + DAY, end=AT + 2 * DAY)
    assert judged(made, top, crls=[fresh], lists_at=AT + DAY).scope is not None
    with pytest.raises(PathRejected) as caught:
        judged(made, top, crls=[fresh])
    assert caught.value.reason == "crl-out-of-date"
    late = crl(top, revoked(made.certificate.serial_number, AT + DAY), begin=AT + DAY, end=AT + 2 * DAY)
    with pytest.raises(PathRejected) as caught:
        judged(made, top, crls=[late], lists_at=AT + DAY)
    assert caught.value.reason == "revoked"


def test_what_cas_may_give() -> None:
    top, free = root(**limited("us-east-1")), root("Free")
    for parts in (("us-east-1",), ("us-east-1", "s3")):
        judge_scope((free.certificate, top.certificate), parts, "it")
    judge_scope((free.certificate,), (), "it")
    for parts in ((), ("us-east-2", "s3")):
        with pytest.raises(Refused) as caught:
            judge_scope((free.certificate, top.certificate), parts, "the scope x")
        assert (caught.value.message, caught.value.hint) == (
            "the scope x lies outside what the CA CN=Root may certify",
            "it is limited to us-east-1",
        )
    with pytest.raises(InputError, match="^the scope is not a UTF8String$"):
        judge_scope((root("Odd", extra=[(raw(b"\x04\0"), False)]).certificate,), ("a",), "it")
    with pytest.raises(InputError, match="^the CA: region 'b c' holds"):
        judge_scope((root("Odd", **limited("b c")).certificate,), ("a",), "it")
    named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "N" * 64)] * 4)
    with pytest.raises(Refused) as caught:
        judge_scope((root(named, **limited("us-east-1/s3")).certificate,), ("a",), "it")
    cut = ",".join(["CN=" + "N" * 64] * 4)[:200]
    assert (caught.value.message, caught.value.hint) == (
        f"it lies outside what the CA {cut} may certify",
        "it is limited to us-east-1/s3",
    )
