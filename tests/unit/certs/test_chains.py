"""Are issuers found by name and identifier, and never in a circle?"""

from typing import Any

from authkit.certs.chains import issuers
from described import client


def one(name: str, issuer: str, ski: "str | None" = None, aki: "str | None" = None, **more: Any) -> Any:
    changes = {"subject_parts": (("CN", name),), "subject_der": name.encode(), "issuer_der": issuer.encode()}
    return client(**changes, ski=ski, aki=aki, sha256=f"{name} {issuer} {ski} {aki}", **more)


def test_a_chain_in_any_order() -> None:
    leaf, middle, root = one("leaf", "middle", "1", "2"), one("middle", "root", "2", "3"), one("root", "root", "3")
    assert issuers([leaf, middle, root]) == [1, 2, None]
    assert issuers([root, leaf, middle]) == [None, 2, 0]
    assert issuers([leaf, root]) == [None, None]
    assert issuers([]) == []


def test_the_identifier_decides_between_those_of_the_same_name() -> None:
    leaf, old, new = one("leaf", "ca", "1", "3"), one("ca", "root", "2"), one("ca", "root", "3")
    assert issuers([leaf, old, new]) == [2, None, None]
    assert issuers([leaf, old]) == [None, None]


def test_an_issuer_with_the_identifier_goes_before_one_without() -> None:
    assert issuers([one("leaf", "ca", "1", "3"), one("ca", "root"), one("ca", "root", "3")]) == [2, None, None]
    assert issuers([one("leaf", "ca", "1", "3"), one("ca", "root")]) == [1, None]
    assert issuers([one("leaf", "ca"), one("ca", "root", "2"), one("ca", "root", "3")]) == [1, None, None]


def test_the_same_name_with_another_identifier_is_no_issuer() -> None:
    assert issuers([one("ca", "ca", "1", "1"), one("ca", "ca", "2", "1")]) == [None, 0]


def test_a_certificate_that_stands_twice_is_not_its_own_issuer() -> None:
    assert issuers([one("root", "root", "1"), one("root", "root", "1")]) == [None, None]


def test_an_empty_name_is_nobodys_issuer() -> None:
    nameless = client(subject_parts=(), subject_der=b"0\0", issuer_der=b"0\0", sha256="a")
    assert issuers([nameless, client(subject_parts=(), issuer_der=b"0\0", sha256="b")]) == [None, None]


def test_circles_are_cut() -> None:
    first, second, third = one("a", "b"), one("b", "c"), one("c", "a")
    assert issuers([first, second]) == [1, None]
    assert issuers([first, second, third]) == [1, 2, None]
    assert issuers([one("leaf", "a"), first, second, third]) == [1, 2, 3, None]
    # what was looked at already ends the walk
    assert issuers([one("a", "b"), one("b", "a"), one("leaf", "a")]) == [1, None, 0]


def test_a_long_chain_is_no_recursion() -> None:
    long = [one(str(number), str(number + 1)) for number in range(5000)]
    assert issuers(long) == [*range(1, 5000), None]
