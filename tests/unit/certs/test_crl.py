"""Do CRLs list what they must, for the time they should?"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from authkit.certs import crl
from authkit.certs.record import REASONS, Record, Revocation, parse_record
from authkit.errors import Refused, UsageError
from ledgers import (
    AT,
    DAY,
    issued_line,
    issuer_of,
    key_of,
    make_authority,
    make_leaf,
    revoked_line,
    usage,
    written_lines,
)

MINUTES = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
CA = make_authority(key_usage=usage())
SKI = issuer_of(CA)


def test_one_list() -> None:
    (window,) = crl.plan_crls(CA, 41, AT, 7)
    assert (window.number, window.begins) == (41, AT)
    assert (window.this_update, window.next_update) == (AT - MINUTES, AT + 7 * DAY)


def test_a_series_overlaps_by_a_quarter() -> None:
    windows = crl.plan_crls(CA, 999_999, AT, 2, 3)
    assert [one.number for one in windows] == [999_999, 1_000_000, 1_000_001]
    assert [one.begins for one in windows] == [AT, AT + 2 * DAY, AT + 4 * DAY]
    assert [one.this_update for one in windows] == [one.begins - MINUTES for one in windows]
    assert [one.next_update - one.begins for one in windows] == [timedelta(days=2, hours=12)] * 3
    assert [one.file_name for one in windows[:2]] == ["999999-2026-11-24.crl", "1000000-2026-11-26.crl"]
    assert crl.plan_crls(CA, 7, AT, 1, 1)[0].file_name == "000007-2026-11-24.crl"
    assert crl.plan_crls(CA, 7, AT, 1, 1)[0].next_update == AT + timedelta(hours=30)


@pytest.mark.parametrize(("ahead", "this_update"), [(0, 0), (299, 0), (300, 0), (301, 1)])
def test_no_list_begins_before_its_ca(ahead: int, this_update: int) -> None:
    authority = make_authority(start=AT)
    (window,) = crl.plan_crls(authority, 1, AT + ahead * SECOND, 7)
    assert window.this_update == AT + this_update * SECOND


@pytest.mark.parametrize(("days", "count"), [(90, None), (1, 90), (30, 3), (45, 2)])
def test_ninety_days_need_no_word(days: int, count: "int | None") -> None:
    assert len(crl.plan_crls(CA, 1, AT, days, count)) == (count or 1)


@pytest.mark.parametrize(("days", "count", "total"), [(91, None, 91), (1, 91, 91), (31, 3, 93), (46, 2, 92)])
def test_more_are_refused(days: int, count: "int | None", total: int) -> None:
    with pytest.raises(Refused) as caught:
        crl.plan_crls(CA, 1, AT, days, count)
    said = f"{total} days in advance are more than 90: each list says for all that time who is not revoked"
    assert (caught.value.message, caught.value.hint) == (said, "add --long if you mean it")
    assert len(crl.plan_crls(CA, 1, AT, days, count, long=True)) == (count or 1)


@pytest.mark.parametrize(
    ("days", "count", "message"),
    [
        (0, None, "--days 0 is not 1 to 3650"),
        (-1, 5, "--days -1 is not 1 to 3650"),
        (3651, None, "--days 3651 is not 1 to 3650"),
        (1, 0, "--series 0 is not 1 to 1000"),
        (1, 1001, "--series 1001 is not 1 to 1000"),
    ],
)
def test_numbers_out_of_bounds(days: int, count: "int | None", message: str) -> None:
    with pytest.raises(UsageError) as caught:
        crl.plan_crls(CA, 1, AT, days, count, long=True)
    assert caught.value.message == message


def test_the_longest_lists() -> None:
    far = make_authority(end=datetime(9999, 12, 31, 23, 59, 59, tzinfo=AT.tzinfo))
    assert len(crl.plan_crls(far, 1, AT, 1, 1000, long=True)) == 1000
    assert crl.plan_crls(far, 1, AT, 3650, long=True)[0].next_update == AT + 3650 * DAY


@pytest.mark.parametrize(
    ("at", "count", "message"),
    [
        (AT + 4 * DAY, None, None),
        (AT + 4 * DAY + SECOND, None, "expires before a list of 2026-11-28T09:00:01Z begins"),
        (AT, 3, None),
        (AT, 4, "expires before a list of 2026-11-30T09:00:00Z begins"),
        (AT - DAY, None, None),
        (AT - DAY - SECOND, None, "is not valid yet when a list of 2026-11-23T08:59:59Z begins"),
    ],
)
def test_a_list_begins_while_the_ca_is_valid(at: datetime, count: "int | None", message: "str | None") -> None:
    authority = make_authority(start=AT - DAY, end=AT + 4 * DAY)
    if message is None:
        assert crl.plan_crls(authority, 1, at, 2, count)
        return
    with pytest.raises(Refused) as caught:
        crl.plan_crls(authority, 1, at, 2, count)
    assert caught.value.message == f"the CA demo {message}"


def record_with(*lines: dict[str, object]) -> Record:
    return parse_record(lines)


def serials(record: Record, windows: list[crl.Window], issuer: str = SKI) -> list[list[str]]:
    return [[one.serial for one in some] for some in crl.listed_in(record, issuer, windows)]


def at_days(*days: float) -> list[crl.Window]:
    return [crl.Window(9, AT, AT + day * DAY, AT + (day + 1) * DAY) for day in days]


def test_all_that_is_not_expired_is_listed() -> None:
    record = record_with(
        issued_line(make_leaf(CA, 1), SKI),
        revoked_line(2, SKI),  # of another ledger: nobody knows when it expires
        revoked_line(1, SKI),
        revoked_line(3, "ab"),  # by the key that the CA had before
    )
    assert serials(record, at_days(1, 6.9, 7)) == [["2", "1"]] * 3
    assert serials(record, at_days(1), "ab") == [["3"]]
    assert serials(record, []) == []


def test_what_expired_stays_on_one_list_more() -> None:
    record = record_with(issued_line(make_leaf(CA, 1), SKI), revoked_line(1, SKI))  # expires on day 7
    assert serials(record, at_days(5, 7, 8, 9, 10)) == [["1"], ["1"], ["1"], [], []]
    assert serials(record, at_days(99)) == [["1"]]  # none before it listed it after its end


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ([], True),
        ([(0, 6)], True),  # before its end
        ([(0, 7)], True),  # at its end
        ([(0, 8)], False),
        ([(0, 6), (0, 8)], False),
        ([(0, 10)], True),  # not before this one
        ([(0, 9.5)], False),
        ([(-1, 8)], True),  # signed before the revocation
        ([(-0.5, 8)], True),  # as old as the revocation
    ],
)
def test_a_list_of_the_ledger_counts(written: list[tuple[float, float]], listed: bool) -> None:
    lines = [issued_line(make_leaf(CA, 1), SKI), revoked_line(1, SKI, AT - 0.5 * DAY)]
    for number, (at, this_update) in enumerate(written, 1):
        (reserved, row) = written_lines(number, AT + at * DAY)
        lines += [reserved, {**row, "this_update": f"{AT + this_update * DAY:%Y-%m-%dT%H:%M:%SZ}"}]
    assert serials(record_with(*lines), at_days(10)) == [["1"] if listed else []]


@pytest.mark.parametrize(
    ("kind", "algorithm"), [("p256", hashes.SHA256), ("p384", hashes.SHA384), ("rsa", hashes.SHA256)]
)
def test_a_list_is_signed(kind: str, algorithm: type[hashes.HashAlgorithm]) -> None:
    authority = make_authority(key=key_of(kind), key_usage=usage())
    found = crl.issue_crl(authority, [Revocation("abc", SKI, AT, "superseded")], 41, AT, AT + DAY)
    assert found.is_signature_valid(authority.certificate.public_key())
    assert isinstance(found.signature_hash_algorithm, algorithm)
    assert found.issuer == authority.certificate.subject
    assert (found.last_update_utc, found.next_update_utc) == (AT, AT + DAY)
    number, identifier = [found.extensions.get_extension_for_class(one) for one in (x509.CRLNumber, AKI)]
    assert (number.value.crl_number, number.critical) == (41, False)
    assert identifier.value.key_identifier == bytes.fromhex(issuer_of(authority))
    assert (identifier.value.authority_cert_issuer, identifier.critical) == (None, False)
    assert len(found.extensions) == 2


AKI = x509.AuthorityKeyIdentifier


def test_what_was_made() -> None:
    (window,) = crl.plan_crls(CA, 41, AT, 7)
    made = crl.sign_crl(CA, [Revocation("abc", SKI, AT, "superseded")], window)
    assert (made.window, made.count, repr(made)) == (window, 1, "<Made 41>")
    assert (made.crl.last_update_utc, made.crl.next_update_utc) == (window.this_update, window.next_update)
    assert made.sha256 == made.crl.fingerprint(hashes.SHA256()).hex()
    assert x509.load_der_x509_crl(crl.encode_crl(made.crl, der=True)) == made.crl
    assert x509.load_pem_x509_crl(crl.encode_crl(made.crl)) == made.crl


def test_an_empty_list() -> None:
    assert list(crl.issue_crl(CA, [], 1, AT, AT + DAY)) == []


@pytest.mark.parametrize("reason", REASONS)
def test_an_entry_says_since_when_and_why(reason: str) -> None:
    found = crl.issue_crl(CA, [Revocation("ff" * 19, SKI, AT - DAY, reason)], 1, AT, AT + DAY)
    entry = found.get_revoked_certificate_by_serial_number(int("ff" * 19, 16))
    assert entry is not None
    assert entry.revocation_date_utc == AT - DAY
    assert [one.critical for one in entry.extensions] == [False] * len(entry.extensions)
    named = [one.value.reason.value for one in entry.extensions if isinstance(one.value, x509.CRLReason)]
    assert named == ([] if reason == "unspecified" else [REASONS[reason]])


def test_a_ca_without_key_usage_may_sign() -> None:
    assert list(crl.issue_crl(make_authority(), [], 1, AT, AT + DAY)) == []


def test_a_ca_that_may_not_sign_lists() -> None:
    authority = make_authority(key_usage=usage(crl_sign=False))
    with pytest.raises(Refused, match=r"^the certificate of the CA demo does not allow it to sign CRLs$"):
        crl.issue_crl(authority, [], 1, AT, AT + DAY)


def test_the_key_must_be_the_cas() -> None:
    authority: Any = make_authority()
    authority.private_key = key_of(number=7)
    with pytest.raises(Refused, match=r"^the key of the CA demo is not the one of its certificate$"):
        crl.issue_crl(authority, [], 1, AT, AT + DAY)
