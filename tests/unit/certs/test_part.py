"""Is an oversized certificate judged in part, and is that said?"""

import pytest

from authkit.certs.lint import FINDINGS, lint
from authkit.certs.part import MOST, part_of
from described import AT, client


def test_a_certificate_of_usual_size_is_judged_whole() -> None:
    one = client(san=["email:a@b"] * MOST, faults=[("a", "b")] * MOST)
    part, rows = part_of(one)
    assert part is one
    assert rows == []
    assert MOST == 1000


@pytest.mark.parametrize(
    ("name", "value", "called"),
    [
        ("subject_parts", ("CN", "a"), "parts of the subject"),
        ("issuer_parts", ("CN", "a"), "parts of the issuer"),
        ("san", "email:a@b", "names in the SAN"),
        ("eku", "clientAuth", "purposes"),
        ("extensions", ("1.2.3", True), "extensions"),
        ("critical_unknown", "1.2.3", "unknown critical extensions"),
        ("aia", "http://a/", "AIA addresses"),
        ("ocsp_urls", "http://a/", "OCSP addresses"),
        ("crl_urls", "http://a/", "CRL addresses"),
        ("faults", ("a", "b"), "faults"),
    ],
)
def test_what_is_beyond_is_counted(name: str, value: object, called: str) -> None:
    one = client(**{name: [value] * 1001})
    part, rows = part_of(one)
    assert rows == [("names-many", f"1001 {called}")]
    assert getattr(part, name) == [value] * 1000
    assert getattr(one, name) == [value] * 1001
    assert part.serial == one.serial


def test_the_first_are_what_is_judged() -> None:
    names = [f"email:{number}@example.com" for number in range(1500)]
    part, rows = part_of(client(san=names, crl_urls=["http://a/"] * 2000))
    assert part.san == names[:1000]
    assert len(part.crl_urls) == 1000
    assert rows == [("names-many", "1500 names in the SAN"), ("names-many", "2000 CRL addresses")]


def test_what_is_left_out_is_a_finding() -> None:
    part, rows = part_of(client(san=["email:a@example.com"] * 1001))
    found = [(one.severity, one.message) for one in lint(part, AT, rows)]
    assert found == [("warning", f"{FINDINGS['names-many'][1]}: 1001 names in the SAN")]
    assert "first 1000 " in FINDINGS["names-many"][1]
