"""Is everything listed that goes in clear below TLS 1.3?"""

import pytest

from authkit.certs.describe import Described
from authkit.certs.leaks import LEAKS, host_of, is_inside, leaks
from described import ca, client, named, root

ISSUER = ("issuer", "who issued it (issuer CN)", "Example CA")


def told(one: Described) -> "list[tuple[str, str, str]]":
    """Return what leaks, but for the issuer of `described`'s certificates."""
    found = [(leak.id, leak.message, leak.value) for leak in leaks(one)]
    return [row for row in found if row != ISSUER]


def test_what_a_client_certificate_tells() -> None:
    found = [(leak.id, leak.message, leak.value) for leak in leaks(client())]
    assert found == [("email", "a mail address (SAN email)", "alice@example.com"), ISSUER]
    assert repr(leaks(client())[0]) == "<Leak email>"


def test_what_a_certificate_without_names_tells() -> None:
    assert told(client(san=[])) == []


def test_the_subject() -> None:
    parts = [
        ("CN", "Alice", "common-name"),
        ("SN", "Example", "person"),
        ("GN", "Alice", "person"),
        ("initials", "A", "person"),
        ("pseudonym", "al", "person"),
        ("telephoneNumber", "1", "person"),
        ("O", "Acme", "organisation"),
        ("organizationIdentifier", "X", "organisation"),
        ("OU", "Sales", "unit"),
        ("title", "Boss", "unit"),
        ("L", "Berlin", "place"),
        ("ST", "BE", "place"),
        ("STREET", "Weg 1", "place"),
        ("postalCode", "1", "place"),
        ("UID", "u1", "id-number"),
        ("serialNumber", "7", "id-number"),
        ("emailAddress", "a@b", "email"),
    ]
    one = client(subject_parts=tuple([(name, value) for name, value, _ in parts] + [("C", "DE")]), san=[])
    assert told(one) == [(id, f"{LEAKS[id]} (subject {name})", value) for name, value, id in parts]


@pytest.mark.parametrize(
    ("san", "id", "kind"),
    [
        ("email:a@b", "email", "email"),
        ("upn:a@corp", "upn", "upn"),
        ("ip:192.0.2.1", "address", "ip"),
        ("dns:a.example.com", "host", "dns"),
        ("dns:a.corp", "internal-host", "dns"),
        ("uri:spiffe://example.org/a", "spiffe-id", "uri"),
        ("uri:SPIFFE://example.org/a", "spiffe-id", "uri"),
        ("uri:urn:example:a", "uri", "uri"),
        ("dirname:CN=Bob Smith", "person", "dirname"),
        ("other:1.2.3:#05", "id-number", "other"),
    ],
)
def test_the_san(san: str, id: str, kind: str) -> None:
    assert told(client(san=[san])) == [(id, f"{LEAKS[id]} (SAN {kind})", san.partition(":")[2])]


def test_the_sid() -> None:
    assert told(client(san=[], sid="S-1-5")) == [("sid", "a Windows account (security identifier)", "S-1-5")]


def test_the_issuer() -> None:
    parts = (("CN", "Acme VPN"), ("O", "Acme"), ("C", "DE"))
    assert told(client(san=[], issuer_parts=parts)) == [
        ("issuer", "who issued it (issuer CN)", "Acme VPN"),
        ("issuer", "who issued it (issuer O)", "Acme"),
    ]
    one = root(issuer_parts=(("CN", "Example CA"), ("O", "Acme")))
    assert told(one) == [("common-name", "the common name (subject CN)", "Example CA")]


def test_urls() -> None:
    one = client(
        san=[],
        aia=["http://ocsp.example.com/", "http://pki.corp.internal/ca.cer"],
        ocsp_urls=["http://ocsp.example.com/"],
        crl_urls=["ldap:///CN=CA", "http://10.0.0.1/a.crl"],
    )
    assert told(one) == [
        ("url", "an address of the issuer's (OCSP)", "http://ocsp.example.com/"),
        ("internal-url", "an internal address (AIA)", "http://pki.corp.internal/ca.cer"),
        ("url", "an address of the issuer's (CRL)", "ldap:///CN=CA"),
        ("internal-url", "an internal address (CRL)", "http://10.0.0.1/a.crl"),
    ]


@pytest.mark.parametrize(
    ("one", "value"),
    [
        (client(san=[], serial="1a"), "1a"),
        (client(san=[], serial="0"), "0"),
        (ca(subject_parts=(), serial="2"), "2"),
        (root(subject_parts=(("C", "DE"),), serial="2"), None),
        (client(san=[], serial="-1"), None),
        (client(san=[], serial=""), None),
    ],
)
def test_the_serial_number(one: Described, value: "str | None") -> None:
    wanted = [] if value is None else [("serial", "about how many were issued (serial number)", value)]
    assert told(one) == wanted


def test_long_values_are_cut() -> None:
    assert [len(value) for _, _, value in told(client(san=["email:" + "a" * 301], **named("b" * 300)))] == [300, 300]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://a.example/b", "a.example"),
        ("http://user:pass@a.example:80/b", "a.example"),
        ("https://[2001:db8::1]:443/", "2001:db8::1"),
        ("https://[2001:db8::1]:4]3/", "2001:db8::1"),
        ("ldap:///CN=a", ""),
        ("nonsense", ""),
        ("http://a", "a"),
    ],
)
def test_hosts_of_urls(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("pki", True),
        ("PKI.Corp", True),
        ("a.local", True),
        ("a.home.arpa.", True),
        ("a.internal", True),
        ("a.lan", True),
        ("internal", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("192.168.0.1", True),
        ("fd00::1", True),
        ("8.8.8.8", False),
        ("2001:4860:4860::8888", False),
        ("a.example.com", False),
        ("a.corpX", False),
        ("alocal.com", False),
        ("1.2", False),
        ("a:b", False),
        ("", False),
        ("bücher", False),
    ],
)
def test_internal_hosts(host: str, inside: bool) -> None:
    assert is_inside(host) is inside
