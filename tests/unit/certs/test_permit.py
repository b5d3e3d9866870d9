"""Which names do constraints leave to a CA?"""

from ipaddress import ip_network

import pytest
from cryptography import x509

from authkit.certs import permit
from authkit.certs.names import Names, parse_san
from authkit.certs.permit import Permitted, parse_permitted
from authkit.errors import Refused, UsageError
from authorities import ca_marks, foreign, root


def test_what_a_command_line_asks_for() -> None:
    found = parse_permitted(["example.com"], ["example.com", ".example.org", "ada@example.net"], ["192.0.2.0/24"])
    assert found is not None
    assert (found.dns, found.email, found.ip) == (
        ("example.com",),
        ("example.com", ".example.org", "ada@example.net"),
        ("192.0.2.0/24",),
    )
    assert repr(found) == "<Permitted example.com example.com .example.org ada@example.net 192.0.2.0/24>"
    assert parse_permitted([], [], []) is None
    for one in (parse_permitted(["a"], [], []), parse_permitted([], ["a"], []), parse_permitted([], [], ["::/0"])):
        assert one is not None


VISIBLE = "it is empty, too long, or holds something that is not visible or not NFC"


@pytest.mark.parametrize(
    ("kind", "text", "message", "hint"),
    [
        ("dns", ".example.com", "'.example.com' cannot constrain host names", "write example.com"),
        ("dns", "*.example.com", "'*.example.com' cannot constrain host names", "write example.com"),
        ("dns", "", "'' cannot constrain host names", "write example.com"),
        ("email", "", "'' cannot constrain mailboxes", "write example.com, or .example.com"),
        ("email", "..a", "'..a' cannot constrain mailboxes", "write example.com, or .example.com"),
        ("email", "a b@c", "'a b@c' is not a mailbox", VISIBLE),
        ("ip", "192.0.2.1/24", "'192.0.2.1/24' is not a network", "write 192.0.2.0/24 or 2001:db8::/32"),
        ("dns", "_" * 90, f"{'_' * 80!r} cannot constrain host names", "write example.com"),
        ("email", "_" * 90, f"{'_' * 80!r} cannot constrain mailboxes", "write example.com, or .example.com"),
        ("ip", "_" * 90, f"{'_' * 80!r} is not a network", "write 192.0.2.0/24 or 2001:db8::/32"),
        ("ip", "host", "'host' is not a network", "write 192.0.2.0/24 or 2001:db8::/32"),
    ],
)
def test_what_cannot_constrain(kind: str, text: str, message: str, hint: str) -> None:
    lists: dict[str, list[str]] = {"dns": [], "email": [], "ip": [], kind: [text]}
    with pytest.raises(UsageError) as caught:
        parse_permitted(lists["dns"], lists["email"], lists["ip"])
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_what_a_constraint_leaves_free() -> None:
    assert permit.free_kinds(Permitted(email=["example.com"])) == ["dns", "uri", "upn", "ip", "sid", "cn"]
    assert permit.free_kinds(Permitted(["a"], ["b"], ["::/0"])) == ["uri", "upn", "sid", "cn"]
    assert permit.free_kinds(None, ("dns", "cn")) == ["dns", "cn"]


PERMITTED = Permitted(
    ["example.com"], ["example.com", ".Example.org", "Ada@example.net"], ["192.0.2.0/24", "2001:db8::/32"]
)
OUTSIDE = [
    ("dns", "example.org"),
    ("dns", "badexample.com"),
    ("email", "a@sub.example.com"),
    ("email", "a@example.org"),
    ("email", "ada@example.net"),
    ("email", "eve@example.net"),
    ("email", "Ada@sub.example.net"),
    ("ip", "192.0.3.1"),
    ("ip", "2001:db9::1"),
]
INSIDE = [
    ("dns", "example.com"),
    ("dns", "EXAMPLE.com"),
    ("dns", "a.b.example.com"),
    ("dns", "*.example.com"),
    ("email", "a@example.com"),
    ("email", "a@EXAMPLE.com"),
    ("email", "a@sub.example.org"),
    ("email", "Ada@example.net"),
    ("ip", "192.0.2.255"),
    ("ip", "2001:db8::1"),
    ("uri", "urn:a:b"),
    ("upn", "a@b"),
]


@pytest.mark.parametrize(("kind", "text"), INSIDE)
def test_names_inside(kind: str, text: str) -> None:
    permit.judge_constraints([root(constraints=PERMITTED).certificate], Names(None, [parse_san(kind, text)]))


@pytest.mark.parametrize(("kind", "text"), OUTSIDE)
def test_names_outside(kind: str, text: str) -> None:
    with pytest.raises(Refused) as caught:
        permit.judge_constraints(
            [root().certificate, root(constraints=PERMITTED).certificate],
            Names(None, [parse_san("upn", "a@b"), parse_san(kind, text)]),
        )
    assert caught.value.message == f"{kind}:{text} lies outside what the CA may certify"
    limits = {"dns": PERMITTED.dns, "email": PERMITTED.email, "ip": PERMITTED.ip}
    assert caught.value.hint == f"it is limited to {', '.join(limits[kind])}"


def test_kinds_that_are_not_constrained() -> None:
    certificate = root(constraints=Permitted(dns=["example.com"])).certificate
    permit.judge_constraints([certificate], Names("eve", [parse_san("email", "eve@evil.test")]))


def test_what_others_exclude() -> None:
    subtrees = [x509.DNSName("bad.example"), x509.RFC822Name("bad.example")]
    certificate = foreign(*ca_marks(), (x509.NameConstraints(None, subtrees), True)).certificate
    permit.judge_constraints([certificate], Names(None, [parse_san("dns", "good.example")]))
    for kind, text in (("dns", "a.bad.example"), ("email", "a@bad.example")):
        with pytest.raises(Refused) as caught:
            permit.judge_constraints([certificate], Names(None, [parse_san(kind, text)]))
        assert caught.value.message == f"{kind}:{text} lies outside what the CA may certify"
        assert caught.value.hint is None


@pytest.mark.parametrize(
    ("base", "kind", "text"),
    [
        (x509.DNSName("a.bad.example"), "dns", "*.bad.example"),
        (x509.DNSName("bad.example."), "dns", "bad.example"),
        (x509.DNSName(".bad.example"), "dns", "a.bad.example"),
        (x509.RFC822Name("Eve@bad.example"), "email", "eve@bad.example"),
        (x509.IPAddress(ip_network("192.0.2.0/24")), "ip", "192.0.2.1"),
    ],
)
def test_what_is_excluded_as_verifiers_read_it(base: x509.GeneralName, kind: str, text: str) -> None:
    certificate = foreign(*ca_marks(), (x509.NameConstraints(None, [base]), True)).certificate
    with pytest.raises(Refused) as caught:
        permit.judge_constraints([certificate], Names(None, [parse_san(kind, text)]))
    assert (caught.value.message, caught.value.hint) == (f"{kind}:{text} lies outside what the CA may certify", None)


def test_a_leading_dot_permits_what_is_below_alone() -> None:
    certificate = foreign(*ca_marks(), (x509.NameConstraints([x509.DNSName(".good.example")], None), True)).certificate
    permit.judge_constraints([certificate], Names(None, [parse_san("dns", "a.good.example")]))
    with pytest.raises(Refused) as caught:
        permit.judge_constraints([certificate], Names(None, [parse_san("dns", "good.example")]))
    assert caught.value.hint == "it is limited to .good.example"


def test_an_address_outside_both_kinds_of_network() -> None:
    permitted = [x509.IPAddress(ip_network("192.0.2.0/24")), x509.IPAddress(ip_network("2001:db8::/32"))]
    certificate = foreign(*ca_marks(), (x509.NameConstraints(permitted, None), True)).certificate
    with pytest.raises(Refused) as caught:
        permit.judge_constraints([certificate], Names(None, [parse_san("ip", "192.0.3.1")]))
    assert caught.value.hint == "it is limited to 192.0.2.0/24, 2001:db8::/32"


def test_a_constraint_on_every_host() -> None:
    certificate = foreign(*ca_marks(), (x509.NameConstraints([x509.DNSName("")], None), True)).certificate
    permit.judge_constraints([certificate], Names(None, [parse_san("dns", "a.b")]))


def test_the_extension() -> None:
    certificate = root(constraints=PERMITTED).certificate
    extension = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert extension.critical
    assert extension.value == permit.encode_permitted(PERMITTED)
    assert [str(one.value) for one in extension.value.permitted_subtrees or ()] == [
        *PERMITTED.dns,
        *PERMITTED.email,
        *PERMITTED.ip,
    ]
    assert extension.value.excluded_subtrees is None
