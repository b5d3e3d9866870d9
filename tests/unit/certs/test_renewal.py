"""Is renewed what runs out, and as it was?"""

import base64
import hashlib
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from authkit.certs.record import Record, parse_record
from authkit.certs.renewal import certificate_of, renewal_of, running_out, standing, withdrawn
from authkit.errors import Refused, StoreError
from ledgers import AT, DAY, issued_line, issuer_of, make_authority, make_leaf, revoked_line, stamp, subject

CA = make_authority()
SKI = issuer_of(CA)
SECOND = timedelta(seconds=1)


def record_with(*lines: dict[str, object]) -> Record:
    return parse_record(lines)


def issued(serial: int, name: str = "alice", days: float = 7, **members: object) -> dict[str, object]:
    return {**issued_line(make_leaf(CA, serial, end=AT + days * DAY), SKI, name), **members}


def test_the_last_of_a_name_counts() -> None:
    record = record_with(issued(1), issued(2, "bob"), issued(3), issued(4, "carol"), revoked_line(4, SKI))
    assert [row.serial for row in standing(record)] == ["3", "2"]
    record = record_with(issued(1), issued(3), revoked_line(3, SKI))
    assert [row.serial for row in standing(record)] == ["1"]
    assert standing(record_with()) == []


@pytest.mark.parametrize(
    ("days", "at", "serials"),
    [
        (6, AT, []),
        (7, AT, ["1"]),
        (7, AT - SECOND, []),
        (8, AT, ["1", "2"]),
        (0, AT + 7 * DAY, ["1"]),
        (0, AT + 7 * DAY - SECOND, []),
        (1, AT + 7 * DAY + SECOND, ["2"]),
        (36_500, AT + 8 * DAY, ["2"]),
        (36_500, AT + 8 * DAY + SECOND, []),
    ],
)
def test_what_runs_out(days: int, at: datetime, serials: list[str]) -> None:
    record = record_with(issued(9, "carol", 1), issued(1), issued(2, "bob", 8), issued(3, "carol", 99_999))
    assert [row.serial for row in running_out(record, at, days)] == serials


def test_what_is_revoked_does_not_run_out() -> None:
    record = record_with(issued(1), revoked_line(1, SKI))
    assert running_out(record, AT, 99) == []


def test_whose_last_certificate_was_taken_back() -> None:
    lines = [issued(1), issued(2), issued(3, "bob"), issued(4, "bob"), issued(5, "carol"), issued(6, "dave")]
    lines += [revoked_line(2, SKI, reason="key-compromise"), revoked_line(3, SKI, reason="key-compromise")]
    lines += [revoked_line(5, SKI, reason="superseded"), revoked_line(6, SKI)]
    found = withdrawn(record_with(*lines))
    assert {name: one.reason for name, one in found.items()} == {"alice": "key-compromise", "dave": "unspecified"}
    assert list(withdrawn(record_with(*lines, issued(7)))) == ["dave"]  # a new one was issued knowingly
    record = record_with(issued(1), issued(2), revoked_line(2, SKI, reason="superseded"))
    assert renewal_of(record, record.issued[0]).row.serial == "1"


@pytest.mark.parametrize(
    ("lifetime", "days"),
    [(DAY, 1), (7 * DAY, 7), (7 * DAY + SECOND, None), (DAY - SECOND, None), (timedelta(0), None), (-DAY, None)],
)
def test_a_renewed_certificate_lives_as_long(lifetime: timedelta, days: "int | None") -> None:
    record = record_with(issued(1, days=7, at=stamp(AT + 7 * DAY - lifetime)))
    assert renewal_of(record, record.issued[0]).days == days


def test_names_and_profile_are_taken_over() -> None:
    sans = ["email:a@example.com", "uri:spiffe://example.com/a", "upn:a@example.com"]
    record = record_with(issued(1, san=sans, profile="eap-tls", common_name="Ada", sid="S-1-5-21-1-2-3-4"))
    found = renewal_of(record, record.issued[0])
    assert [str(one) for one in found.names.sans] == sans
    assert (found.names.common_name, found.names.sid) == ("Ada", "S-1-5-21-1-2-3-4")
    assert (found.profile.name, found.row) == ("eap-tls", record.issued[0])
    assert (found.crl_urls, found.aia_urls) == ((), ())
    assert found.certificate.serial_number == 1
    assert repr(found) == "<Renewal alice>"


def test_urls_are_taken_over() -> None:
    uri = x509.UniformResourceIdentifier
    points = [
        x509.DistributionPoint([uri("http://a/1"), uri("http://a/2")], None, None, None),
        x509.DistributionPoint(None, None, None, [x509.DirectoryName(subject("x"))]),
    ]
    reader = x509.AuthorityInformationAccess(
        [x509.AccessDescription(x509.AuthorityInformationAccessOID.CA_ISSUERS, uri("http://a/ca"))]
    )
    key = CA.private_key
    builder = x509.CertificateBuilder(subject("demo"), subject("a"), key.public_key(), 5, AT, AT + DAY)
    made = (
        builder.add_extension(x509.CRLDistributionPoints(points), critical=False)
        .add_extension(reader, critical=False)
        .sign(key, hashes.SHA256())
    )
    record = record_with(issued_line(made, SKI))
    found = renewal_of(record, record.issued[0])
    assert (found.crl_urls, found.aia_urls) == (("http://a/1", "http://a/2"), ("http://a/ca",))


@pytest.mark.parametrize(
    ("lines", "message", "hint"),
    [
        (
            [issued(1), revoked_line(1, SKI, AT + DAY)],
            "the certificate of alice was revoked at 2026-11-25T09:00:00Z, so it is not renewed",
            "'authkit issue-cert alice --force' issues another",
        ),
        (
            [issued(1), issued(2), revoked_line(2, SKI, AT + DAY, "privilege-withdrawn")],
            "the last certificate of alice was revoked at 2026-11-25T09:00:00Z (privilege-withdrawn), so none is "
            "renewed",
            "'authkit issue-cert alice --force' issues another",
        ),
        (
            [issued(1, profile="later")],
            "the certificate of alice has the profile later, which is not known here",
            None,
        ),
        (
            [issued(1, profile="intermediate")],
            "alice is a CA, so it is not renewed",
            "create-ca --parent makes another CA",
        ),
    ],
)
def test_what_is_not_renewed(lines: list[dict[str, object]], message: str, hint: "str | None") -> None:
    record = record_with(*lines)
    with pytest.raises(Refused) as caught:
        renewal_of(record, record.issued[0])
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_line_without_a_certificate() -> None:
    members = {"certificate": base64.b64encode(b"x").decode(), "fingerprint": hashlib.sha256(b"x").hexdigest()}
    record = record_with(issued(1, **members))
    with pytest.raises(StoreError, match=r"^the ledger's line 1 holds no certificate that can be read$"):
        certificate_of(record.issued[0])
