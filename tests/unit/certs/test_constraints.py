"""Which names does a CA on the path leave to what is below it?"""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from authkit.certs import constraints, der
from authkit.certs.constraints import check_constraints
from authkit.certs.names import UPN_OID
from authkit.certs.path_rules import read_certificate
from authkit.errors import PathRejected
from paths import ALICE, Made, key_of, leaf, make, middle, resigned, root
from rawcert import oid, seq, tlv

DNS, MAIL, URI = x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier
UPN = x509.OtherName(ObjectIdentifier(UPN_OID), der.encode(der.UTF8_STRING, b"a@b"))
RID = x509.RegisteredID(ObjectIdentifier("1.2.3"))


def network(text: str) -> x509.IPAddress:
    return x509.IPAddress(ip_network(text))


def address(text: str) -> x509.IPAddress:
    return x509.IPAddress(ip_address(text))


def directory(text: str) -> x509.DirectoryName:
    return x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)]))


def limits(permitted: Any = None, excluded: Any = None, critical: bool = True) -> dict[str, Any]:
    return {"extra": [(x509.NameConstraints(permitted, excluded), critical)]}


def check(*path: "Made | bytes") -> None:
    """Judge a path, leaf first."""
    check_constraints([read_certificate(one if isinstance(one, bytes) else one.der, "leaf") for one in path])


def why(*path: "Made | bytes") -> tuple[str, str]:
    with pytest.raises(PathRejected) as caught:
        check(*path)
    return caught.value.reason, caught.value.detail


def under(name: Any, permitted: Any = None, excluded: Any = None) -> tuple[Made, Made]:
    """Return a leaf of one name, and its constrained CA."""
    top = root(**limits(permitted, excluded))
    return leaf(top, "", san=[name]), top


@pytest.mark.parametrize(
    ("name", "base"),
    [
        (DNS("example.com"), DNS("example.com")),
        (DNS("a.example.com"), DNS("example.com")),
        (DNS("A.EXAMPLE.com"), DNS("example.COM")),
        (DNS("a.example.com"), DNS(".example.com")),
        (DNS("a.example.com"), DNS("")),
        (DNS("*.example.com"), DNS("example.com")),
        (DNS("a.example.com."), DNS("example.com")),
        (DNS("a.example.com"), DNS("example.com.")),
        (DNS("example.com."), DNS("example.com")),
        (MAIL("alice@example.com"), MAIL("example.com")),
        (MAIL('"a@b"@example.com'), MAIL("example.com")),
        (MAIL("alice@EXAMPLE.com"), MAIL("example.COM")),
        (MAIL("alice@a.example.com"), MAIL(".example.com")),
        (MAIL("alice@A.example.com"), MAIL(".EXAMPLE.com")),
        (MAIL("alice@example.com"), MAIL("alice@example.com")),
        (MAIL("alice@Example.com"), MAIL("alice@example.Com")),
        (address("192.0.2.255"), network("192.0.2.0/24")),
        (address("2001:db8::1"), network("2001:db8::/32")),
    ],
)
def test_a_name_within(name: Any, base: Any) -> None:
    check(*under(name, [base]))
    reason, detail = why(*under(name, None, [base]))
    assert reason == "name-constraint"
    assert detail == f"{name.value} of {name.value}; CN=Root excludes {base.value}"


@pytest.mark.parametrize(
    ("name", "base"),
    [
        (DNS("example.org"), DNS("example.com")),
        (DNS("aexample.com"), DNS("example.com")),
        (DNS("com"), DNS("example.com")),
        (DNS("example.com"), DNS(".example.com")),
        (MAIL("alice@a.example.com"), MAIL("example.com")),
        (MAIL("alice@aexample.com"), MAIL("example.com")),
        (MAIL("alice@example.com"), MAIL(".example.com")),
        (MAIL("bob@example.com"), MAIL("alice@example.com")),
        (MAIL("alice@example.org"), MAIL("alice@example.com")),
        (address("192.0.3.0"), network("192.0.2.0/24")),
        (address("192.0.2.1"), network("2001:db8::/32")),
    ],
)
def test_a_name_outside(name: Any, base: Any) -> None:
    check(*under(name, None, [base]))
    reason, detail = why(*under(name, [base]))
    assert reason == "name-constraint"
    assert detail == f"{name.value} of {name.value}; CN=Root permits {base.value}"


def test_a_mailbox_is_permitted_by_case_and_excluded_without() -> None:
    assert why(*under(MAIL("Alice@example.com"), [MAIL("alice@example.com")]))[0] == "name-constraint"
    assert why(*under(MAIL("Alice@example.com"), None, [MAIL("alice@example.com")]))[0] == "name-constraint"


@pytest.mark.parametrize("text", ["nobody", "@example.com"])
def test_what_is_no_mailbox_is_never_within(text: str) -> None:
    one, top = under(MAIL(text), [MAIL("example.com")])
    assert why(one, top)[0] == "name-constraint"


def test_what_has_no_at_is_excluded_by_any_exclusion() -> None:
    assert why(*under(MAIL("nobody"), None, [MAIL("example.com")])) == (
        "name-constraint",
        "nobody of nobody; CN=Root excludes example.com",
    )


@pytest.mark.parametrize(
    ("name", "base"),
    [
        (DNS("*.example.com"), DNS("a.example.com")),
        (DNS("*.example.com"), DNS("A.Example.com")),
        (DNS("*.a.example.com"), DNS("example.com")),
    ],
)
def test_a_wildcard_that_may_stand_for_what_is_excluded(name: Any, base: Any) -> None:
    assert why(*under(name, None, [base]))[0] == "name-constraint"


def test_a_wildcard_that_stands_for_none_that_is_excluded() -> None:
    check(*under(DNS("*.example.com"), None, [DNS("a.example.org")]))
    assert why(*under(DNS("*.example.com"), [DNS("a.example.com")])) == (
        "name-constraint",
        "*.example.com of *.example.com; CN=Root permits a.example.com",
    )


def test_one_permitted_base_is_enough_and_one_excluded_too_many() -> None:
    check(*under(ALICE, [MAIL("example.org"), MAIL("example.com")]))
    assert why(*under(ALICE, [MAIL("example.com")], [MAIL("example.org"), MAIL("alice@example.com")])) == (
        "name-constraint",
        "alice@example.com of alice@example.com; CN=Root excludes alice@example.com",
    )


@pytest.mark.parametrize(("count", "end"), [(5, ""), (6, " …")])
def test_five_bases_are_named(count: int, end: str) -> None:
    bases = [MAIL(f"h{number}.example") for number in range(count)]
    named = ", ".join([f"h{number}.example" for number in range(5)]) + end
    assert why(*under(ALICE, bases))[1] == f"alice@example.com of alice@example.com; CN=Root permits {named}"


def test_a_kind_that_is_not_named_is_free() -> None:
    check(*under(ALICE, [DNS("example.org"), network("192.0.2.0/24")], [DNS("example.com")]))


# where the names stand


def mailed(*values: str, san: Any = ()) -> tuple[x509.Name, Any]:
    return x509.Name([x509.NameAttribute(NameOID.EMAIL_ADDRESS, value) for value in values]), san


@pytest.mark.parametrize("text", ["Bob <bob@example.com>", "bob@example.com ", "bob", " "])
def test_a_mailbox_in_the_subject_that_is_none(text: str) -> None:
    top = root(**limits([MAIL("example.com")]))
    assert why(leaf(top, mailed(text)[0], san=()), top)[0] == "name-constraint"
    check(leaf(root(), mailed(text)[0], san=()), root())


@pytest.mark.parametrize("san", [(), (MAIL("alice@example.com"),), (DNS("a.example"),)])
def test_a_mailbox_in_the_subject_is_one_too(san: Any) -> None:
    top = root(**limits([MAIL("example.com")]))
    check(leaf(top, mailed("bob@example.com")[0], san=san), top)
    subject = mailed("bob@example.com", "bob@example.org")[0]
    found = why(leaf(top, subject, san=san), top)
    assert found[0] == "name-constraint"
    assert found[1].startswith("bob@example.org of ")


def test_a_mailbox_in_the_subject_that_is_not_ascii_is_within_nothing() -> None:
    top = root(**limits([MAIL("example.com")]))
    reason, detail = why(leaf(top, mailed("ä@example.com")[0], san=()), top)
    assert reason == "name-constraint"
    assert detail.startswith(" of ")
    free = root(**limits([DNS("example.com")]))
    check(leaf(free, mailed("ä@example.com")[0], san=()), free)


def test_names_of_an_intermediate_count() -> None:
    top = root(**limits([MAIL("example.com")]))
    good = middle(top, san=[MAIL("ca@example.com")])
    check(leaf(good), good, top)
    bad = middle(top, san=[MAIL("ca@example.org")])
    detail = "ca@example.org of CN=Middle; CN=Root permits example.com"
    assert why(leaf(bad), bad, top) == ("name-constraint", detail)


def test_a_self_issued_intermediate_does_not_count_but_a_self_issued_leaf_does() -> None:
    top = root(**limits([MAIL("example.com")]))
    again = make("Root", top, ca=True, key=key_of("new"), san=[MAIL("ca@example.org")])
    check(leaf(again), again, top)
    one = leaf(top, "Root", san=[MAIL("ca@example.org")])
    assert why(one, top)[0] == "name-constraint"


def test_what_stands_above_a_self_issued_intermediate_counts() -> None:
    top = root(**limits([MAIL("example.com")]))
    between = middle(top, san=[MAIL("ca@example.org")])
    again = make("Middle", between, ca=True, key=key_of("new"))
    detail = "ca@example.org of CN=Middle; CN=Root permits example.com"
    assert why(leaf(again), again, between, top) == ("name-constraint", detail)


def test_every_ca_above_constrains() -> None:
    top = root(**limits([MAIL("example.com"), MAIL("example.org")]))
    between = middle(top, **limits([MAIL("example.org"), MAIL("example.net")]))
    check(leaf(between, san=[MAIL("a@example.org")]), between, top)
    for host, by in (("example.com", "CN=Middle"), ("example.net", "CN=Root")):
        reason, detail = why(leaf(between, san=[MAIL(f"a@{host}")]), between, top)
        assert reason == "name-constraint"
        assert f"; {by} permits " in detail


def test_a_leaf_constrains_nobody() -> None:
    top = root()
    check(leaf(top, **limits([MAIL("example.org")])), top)


def test_a_ca_does_not_constrain_itself() -> None:
    top = root(san=[MAIL("ca@example.org")], **limits([MAIL("example.com")]))
    check(leaf(top), top)


# what is not compared


@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize("excluded", [True, False])
@pytest.mark.parametrize(
    ("base", "name", "kind"),
    [
        (URI("example.com"), URI("https://example.com/a"), "URI"),
        (UPN, UPN, "UPN or other"),
        (RID, RID, "registered ID"),
        (directory("Example"), directory("Example"), "directory"),
    ],
)
def test_a_constraint_that_may_forbid_a_name_and_is_not_compared(
    base: Any, name: Any, kind: str, excluded: bool, critical: bool
) -> None:
    trees = ([base], None) if not excluded else (None, [base])
    top = root(**limits(*trees, critical=critical))
    one = leaf(top, "", san=[DNS("a.example"), name])
    expected = f"CN=Root constrains {kind} names, as a.example has"
    assert why(one, top) == ("name-constraint-unsupported", expected)
    check(leaf(top, "", san=[DNS("a.example")]), top)


def test_a_directory_constraint_matters_to_a_subject() -> None:
    top = root(**limits([directory("Example")], critical=False))
    detail = "CN=Root constrains directory names, as CN=alice has"
    assert why(leaf(top), top) == ("name-constraint-unsupported", detail)


def test_an_intermediate_with_a_name_that_is_not_compared() -> None:
    top = root(**limits([URI("example.com")]))
    between = middle(top, san=[URI("https://example.com/")])
    detail = "CN=Root constrains URI names, as CN=Middle has"
    assert why(leaf(between), between, top) == ("name-constraint-unsupported", detail)


@pytest.mark.parametrize("excluded", [True, False])
def test_minimum_and_maximum_are_refused(excluded: bool) -> None:
    trees = ([MAIL("example.com")], [MAIL("example.org")])
    top = root(**limits(*trees))
    tree = seq(tlv(0x81, b"example.org" if excluded else b"example.com"))

    def change(body: bytes) -> bytes:
        parts = [whole for _, whole in der.children(body)]
        extensions = [whole for _, whole in der.children(der.content(parts[-1]))]
        longer = seq(tlv(0x81, b"example.org" if excluded else b"example.com"), tlv(0x81, b"\2"))
        for place, one in enumerate(extensions):
            if oid("2.5.29.30") in one:
                (_, id), (_, critical), (_, value) = der.children(one)
                inner = [whole for _, whole in der.children(der.content(value))]
                inner = [
                    tlv(one[0], *[longer if each == tree else each for _, each in der.children(one)]) for one in inner
                ]
                extensions[place] = seq(id, critical, tlv(4, seq(*inner)))
        return seq(*parts[:-1], tlv(0xA3, seq(*extensions)))

    assert why(leaf(top), resigned(top, top.key, change)) == (
        "name-constraint-unsupported",
        "CN=Root sets a minimum or a maximum",
    )


def test_comparisons_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    top = root(**limits([MAIL("example.com"), DNS("example.com")], [DNS("example.org")]))
    one = leaf(top, san=[ALICE, DNS("a.example.com")])  # with its subject three names, against three subtrees
    monkeypatch.setattr(constraints, "MOST_COMPARISONS", 9)
    check(one, top)
    monkeypatch.setattr(constraints, "MOST_COMPARISONS", 8)
    assert why(one, top) == ("name-constraint-unsupported", "CN=Root has too many to compare")


def test_comparisons_add_up_over_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    top = root(**limits([MAIL("example.com")]))
    between = middle(top, **limits([MAIL("example.com")]))
    one = leaf(between)  # two names below each CA, and the subject of the one between below the other
    monkeypatch.setattr(constraints, "MOST_COMPARISONS", 5)
    check(one, between, top)
    monkeypatch.setattr(constraints, "MOST_COMPARISONS", 4)
    assert why(one, between, top) == ("name-constraint-unsupported", "CN=Root has too many to compare")
