"""Is this the name that the certificate should have?"""

from ipaddress import ip_address
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from authkit.certs import der
from authkit.certs.names import UPN_OID
from authkit.certs.path_rules import read_certificate
from authkit.certs.subject_name import check_name, parse_name
from authkit.errors import PathRejected, UsageError
from paths import leaf, named, root

ROOT = root()
DNS, MAIL, URI = x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier


def upn(value: bytes, kind: int = der.UTF8_STRING, oid: str = UPN_OID) -> x509.OtherName:
    return x509.OtherName(ObjectIdentifier(oid), der.encode(kind, value))


def ip(text: str) -> x509.IPAddress:
    return x509.IPAddress(ip_address(text))


def check(name: str, *san: Any, purpose: str = "client") -> None:
    check_name(read_certificate(leaf(ROOT, san=san).der, "leaf"), name, purpose)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("email:a@b.example", (("email", "a@b.example"),)),
        ("upn:a@b", (("upn", "a@b"),)),
        ("dns:a.example", (("dns", "a.example"),)),
        ("ip:192.0.2.1", (("ip", "192.0.2.1"),)),
        ("uri:urn:example:a", (("uri", "urn:example:a"),)),
        ("a@b.example", (("email", "a@b.example"), ("upn", "a@b.example"))),
        ("a.example", (("dns", "a.example"),)),
        ("192.0.2.1", (("ip", "192.0.2.1"),)),
        ("2001:DB8:0::1", (("ip", "2001:db8::1"),)),
        ("urn:example:a@b", (("uri", "urn:example:a@b"),)),
        ("spiffe://example.com/a", (("uri", "spiffe://example.com/a"),)),
    ],
)
def test_what_a_name_means(text: str, meant: Any) -> None:
    assert parse_name(text) == meant


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not a host name"),
        ("a b", "'a b' is not a host name"),
        ("email:alice", "'alice' is not a mailbox"),
        ("ip:999.0.0.1", "'999.0.0.1' is not an IP address"),
        ("uri:nothing", "'nothing' is not a URI"),
        ("spiffe://EXAMPLE/a", "'spiffe://EXAMPLE/a' is not a SPIFFE ID"),
        ("*.example.com", "'*.example.com' is a pattern, not a name"),
        ("dns:*", "'*' is a pattern, not a name"),
    ],
)
def test_what_is_no_name(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_name(text)
    assert caught.value.message == message


@pytest.mark.parametrize("size", [80, 81])
def test_a_pattern_is_shown_cut(size: int) -> None:
    text = "*" + "x" * (size - 1)
    with pytest.raises(UsageError) as caught:
        parse_name(text)
    assert caught.value.message == f"{text[:80]!r} is a pattern, not a name"


def test_a_pattern_has_a_hint() -> None:
    with pytest.raises(UsageError) as caught:
        parse_name("*.example.com")
    assert caught.value.hint == "name one host"


@pytest.mark.parametrize(
    ("name", "san"),
    [
        ("alice@example.com", MAIL("alice@example.com")),
        ("alice@EXAMPLE.com", MAIL("alice@example.COM")),
        ("alice@example.com", upn(b"alice@example.com")),
        ("upn:j\u00fcrgen@b", upn("j\u00fcrgen@b".encode())),
        ("A.example", DNS("a.EXAMPLE")),
        ("192.0.2.1", ip("192.0.2.1")),
        ("ip:2001:db8:0:0::1", ip("2001:db8::1")),
        ("urn:example:a", URI("urn:example:a")),
        ("uri:spiffe://example.com/a", URI("spiffe://example.com/a")),
    ],
)
def test_the_same_name(name: str, san: Any) -> None:
    check(name, san)
    check(name, DNS("first.example"), san, DNS("last.example"))


@pytest.mark.parametrize(
    ("name", "san", "has"),
    [
        ("Alice@example.com", MAIL("alice@example.com"), "email:alice@example.com"),
        ("alice@example.org", MAIL("alice@example.com"), "email:alice@example.com"),
        ("email:alice@example.com", upn(b"alice@example.com"), "upn:alice@example.com"),
        ("upn:Alice@b", upn(b"alice@b"), "upn:alice@b"),
        ("upn:alice@example.com", MAIL("alice@example.com"), "email:alice@example.com"),
        ("a.example", DNS("b.a.example"), "dns:b.a.example"),
        ("a.example", URI("https://a.example"), "uri:https://a.example"),
        ("192.0.2.1", ip("192.0.2.2"), "ip:192.0.2.2"),
        ("192.0.2.1", DNS("192.0.2.1"), "dns:192.0.2.1"),
        ("urn:example:A", URI("urn:example:a"), "uri:urn:example:a"),
        ("a.example.com", DNS("*.example.com"), "dns:*.example.com"),
        ("upn:a@b", upn(b"a@b", der.IA5_STRING), "names of other kinds"),
        ("upn:a@b", upn(b"a@b", oid="1.2.3"), "names of other kinds"),
        ("upn:a@b", upn(b"\xff"), "names of other kinds"),
        ("upn:a@b", x509.OtherName(ObjectIdentifier(UPN_OID), b"\x1f\x81\x01\x00"), "names of other kinds"),
        ("a.example", x509.DirectoryName(named("a.example")), "names of other kinds"),
        ("a.example", x509.RegisteredID(ObjectIdentifier("1.2.3")), "names of other kinds"),
    ],
)
def test_another_name(name: str, san: Any, has: str) -> None:
    with pytest.raises(PathRejected) as caught:
        check(name, san)
    assert (caught.value.reason, caught.value.detail) == ("name-mismatch", f"{name} is not among {has}")


@pytest.mark.parametrize(("count", "end"), [(5, ""), (6, " …")])
def test_five_names_are_shown(count: int, end: str) -> None:
    with pytest.raises(PathRejected) as caught:
        check("other.example", *[DNS(f"h{number}.example") for number in range(count)])
    shown = ", ".join([f"dns:h{number}.example" for number in range(5)])
    assert caught.value.detail == f"other.example is not among {shown}{end}"


def test_a_common_name_is_no_name() -> None:
    one = read_certificate(leaf(ROOT, "alice.example", san=()).der, "leaf")
    with pytest.raises(PathRejected) as caught:
        check_name(one, "alice.example", "client")
    assert caught.value.reason == "san-missing"
    assert caught.value.detail == "the leaf CN=alice.example has none, so alice.example cannot be in it"


@pytest.mark.parametrize(("name", "pattern"), [("a.example.com", "*.example.com"), ("A.EXAMPLE.com", "*.example.COM")])
def test_a_wildcard_of_a_server(name: str, pattern: str) -> None:
    check(name, DNS(pattern), purpose="server")


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("example.com", "*.example.com"),
        ("a.b.example.com", "*.example.com"),
        ("a.example.org", "*.example.com"),
        ("example.com", "*.com"),
        ("a.example.com", "a*.example.com"),
        ("a.example.com", "a.*.com"),
        ("com", "*"),
    ],
)
def test_a_wildcard_that_does_not_fit(name: str, pattern: str) -> None:
    with pytest.raises(PathRejected) as caught:
        check(name, DNS(pattern), purpose="server")
    assert (caught.value.reason, caught.value.detail) == ("name-mismatch", f"{name} is not among dns:{pattern}")


@pytest.mark.parametrize("purpose", ["client", "email", "any"])
def test_a_wildcard_of_anything_else(purpose: str) -> None:
    with pytest.raises(PathRejected):
        check("a.example.com", DNS("*.example.com"), purpose=purpose)
