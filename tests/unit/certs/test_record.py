"""Is a CA's ledger read strictly, and written in the form that is read?"""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from authkit.certs import record
from authkit.errors import StoreError
from ledgers import AT, DAY, issued_line, issuer_of, line, make_authority, make_leaf, revoked_line, stamp, written_lines

CA = make_authority()
SKI = issuer_of(CA)
LEAF = make_leaf(CA, 0xABC)


def issued(**members: object) -> dict[str, object]:
    return {**issued_line(LEAF, SKI), **members}


CREATED = line("created", name="demo", issuer=SKI)
RESERVED, WRITTEN = written_lines(1, AT)
REPAIRED = line("repaired", file="demo.jsonl.2.interrupted", sha256="ab" * 32)


def without(row: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in row.items() if key != name}


def test_an_empty_ledger() -> None:
    found = record.parse_record([])
    assert (found.created, found.issued, found.revoked, found.crls) == ([], [], {}, [])
    assert (found.last_crl_number, found.next_crl_number, found.misleading_until) == (0, 1, None)


def test_every_event_is_read() -> None:
    lines = [
        {**CREATED, "fingerprint": "ab" * 32, "not_after": stamp(AT)},
        issued(common_name="Alice", sid="S-1-5-21-1-2-3-4", at=stamp(AT - DAY)),
        revoked_line(0xABC, SKI, AT + DAY, "key-compromise"),
        RESERVED,
        WRITTEN,
        REPAIRED,
    ]
    found = record.parse_record(lines)
    assert found.created == [("demo", SKI)]
    (row,) = found.issued
    assert (row.number, row.at, row.name, row.serial) == (2, AT - DAY, "alice", "abc")
    assert (row.fingerprint, row.san) == (issued()["fingerprint"], ("email:alice@example.com",))
    assert (row.not_before, row.not_after, row.profile, row.issuer) == (AT - DAY, AT + 7 * DAY, "client", SKI)
    assert row.certificate == LEAF.public_bytes(Encoding.DER)
    assert (row.common_name, row.sid, row.elsewhere) == ("Alice", "S-1-5-21-1-2-3-4", False)
    assert record.parse_record([issued(key="elsewhere")]).issued[0].elsewhere
    (revocation,) = found.revoked.values()
    assert (revocation.serial, revocation.issuer, revocation.date) == ("abc", SKI, AT + DAY)
    assert revocation.reason == "key-compromise"
    (crl,) = found.crls
    assert (crl.at, crl.number, crl.sha256) == (AT, 1, f"{1:064x}")
    assert (crl.this_update, crl.next_update) == (AT, AT + 7 * DAY)
    assert (found.last_crl_number, found.next_crl_number) == (1, 2)
    assert (repr(row), repr(revocation)) == ("<IssuedRow alice abc>", "<Revocation abc key-compromise>")


def test_rows_are_found() -> None:
    other, renewed = make_leaf(CA, 2), make_leaf(CA, 3)
    lines = [issued(), issued_line(other, SKI, "bob"), issued_line(renewed, SKI)]
    found = record.parse_record(lines)
    assert [row.serial for row in found.named("alice")] == ["abc", "3"]
    assert found.named("nobody") == []
    assert [(name, row.serial) for name, row in found.latest().items()] == [("alice", "3"), ("bob", "2")]
    row = found.by_serial("2")
    assert row is not None
    assert (row.name, row.common_name, row.sid) == ("bob", None, None)
    assert found.by_serial("4") is None


@pytest.mark.parametrize(
    ("lines", "until"),
    [
        ([revoked_line(1, SKI)], None),
        ([*written_lines(1, AT)], None),
        ([*written_lines(1, AT), revoked_line(1, SKI)], 7),
        ([*written_lines(1, AT, count=3), revoked_line(1, SKI)], 21),
        ([*written_lines(1, AT, count=3), *written_lines(4, AT), revoked_line(1, SKI)], 21),
        ([*written_lines(1, AT), revoked_line(1, SKI), *written_lines(2, AT, count=3)], 7),
        ([*written_lines(1, AT), revoked_line(1, SKI), *written_lines(2, AT, count=3), revoked_line(2, SKI)], 21),
    ],
)
def test_until_when_a_list_misleads(lines: list[dict[str, object]], until: "int | None") -> None:
    found = record.parse_record(lines).misleading_until
    assert found == (None if until is None else AT + timedelta(days=until))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (without(CREATED, "event"), "'None' is not an event of a CA's ledger"),
        ({**CREATED, "event": "approved"}, "'approved' is not an event of a CA's ledger"),
        ({**CREATED, "event": 3}, "'3' is not an event of a CA's ledger"),
        ({**CREATED, "event": ["created"]}, "\"['created']\" is not an event of a CA's ledger"),
        ({**CREATED, "event": "x" * 99}, f"'{'x' * 64}' is not an event of a CA's ledger"),
        ({**CREATED, "colour": "red"}, "unknown member 'colour'"),
        ({**CREATED, "sid": "S-1"}, "unknown member 'sid'"),
        (without(CREATED, "issuer"), "member 'issuer' is missing"),
        (without(CREATED, "at"), "member 'at' is missing"),
        (without(issued(), "san"), "member 'san' is missing"),
        (without(revoked_line(1, SKI), "reason"), "member 'reason' is missing"),
        (without(RESERVED, "last"), "member 'last' is missing"),
        (without(REPAIRED, "sha256"), "member 'sha256' is missing"),
        ({**CREATED, "at": "2026-11-24 09:00:00Z"}, "member 'at' is not an instant"),
        ({**CREATED, "at": 5}, "member 'at' is not an instant"),
        ({**CREATED, "name": ""}, "member 'name' is not text"),
        ({**CREATED, "name": 5}, "member 'name' is not text"),
        ({**CREATED, "name": "a\x1b"}, "member 'name' is not text"),
        ({**CREATED, "issuer": "AB"}, "member 'issuer' is not lower-case hexadecimal digits"),
        ({**CREATED, "issuer": ""}, "member 'issuer' is not lower-case hexadecimal digits"),
        ({**CREATED, "issuer": "a" * 129}, "member 'issuer' is not lower-case hexadecimal digits"),
        ({**CREATED, "fingerprint": "ab" * 31}, "member 'fingerprint' is not 64 lower-case hexadecimal digits"),
        ({**CREATED, "fingerprint": 7}, "member 'fingerprint' is not 64 lower-case hexadecimal digits"),
        ({**CREATED, "not_after": "never"}, "member 'not_after' is not an instant"),
        (issued(serial="0abc"), "member 'serial' is not a serial number in lower-case hexadecimal digits"),
        (issued(serial="ABC"), "member 'serial' is not a serial number in lower-case hexadecimal digits"),
        (issued(serial="a" * 41), "member 'serial' is not a serial number in lower-case hexadecimal digits"),
        (issued(serial=17), "member 'serial' is not a serial number in lower-case hexadecimal digits"),
        (issued(san="email:a@b"), "member 'san' is not a list of texts"),
        (issued(san=["a", 1]), "member 'san' is not a list of texts"),
        (issued(san=["a", ""]), "member 'san' is not a list of texts"),
        (issued(profile=None), "member 'profile' is not text"),
        (issued(sid=["S-1"]), "member 'sid' is not text"),
        (issued(common_name=""), "member 'common_name' is not text"),
        (issued(key="here"), "member 'key' is not 'elsewhere'"),
        (issued(key=True), "member 'key' is not 'elsewhere'"),
        ({**CREATED, "key": "elsewhere"}, "unknown member 'key'"),
        (issued(certificate="AB=="), "member 'certificate' is not base64"),
        (issued(certificate=""), "member 'certificate' is not base64"),
        (issued(certificate=1), "member 'certificate' is not base64"),
        (issued(fingerprint="ab" * 32), "the fingerprint is not that of the certificate"),
        (revoked_line(1, SKI, reason="bored"), "member 'reason' is not a reason for revocation"),
        ({**revoked_line(1, SKI), "reason": 1}, "member 'reason' is not a reason for revocation"),
        ({**revoked_line(1, SKI), "date": ""}, "member 'date' is not an instant"),
        ({**RESERVED, "first": 0}, "member 'first' is not a number from 1 on"),
        ({**RESERVED, "first": True}, "member 'first' is not a number from 1 on"),
        ({**RESERVED, "last": "1"}, "member 'last' is not a number from 1 on"),
        ({**RESERVED, "first": 2, "last": 2}, "CRL numbers 2 to 2 cannot be reserved here"),
        ({**RESERVED, "first": 1, "last": 10_001}, "CRL numbers 1 to 10001 cannot be reserved here"),
        (WRITTEN, "CRL number 1 is not reserved, or written a second time"),
        ({**REPAIRED, "file": 1}, "member 'file' is not text"),
    ],
)
def test_what_is_not_a_line_is_named(row: dict[str, object], message: str) -> None:
    with pytest.raises(StoreError) as caught:
        record.parse_record([CREATED, row], "demo.jsonl")
    assert caught.value.message == f"demo.jsonl: line 2: {message}"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([issued(), issued(name="bob")], "serial abc is issued a second time"),
        ([revoked_line(1, SKI), revoked_line(1, SKI)], "serial 1 is revoked a second time"),
        ([RESERVED, RESERVED], "CRL numbers 1 to 1 cannot be reserved here"),
        ([RESERVED, {**RESERVED, "first": 3, "last": 3}], "CRL numbers 3 to 3 cannot be reserved here"),
        ([RESERVED, {**RESERVED, "first": 2, "last": 1}], "CRL numbers 2 to 1 cannot be reserved here"),
        ([RESERVED, WRITTEN, WRITTEN], "CRL number 1 is not reserved, or written a second time"),
        (
            [RESERVED, WRITTEN, {**RESERVED, "first": 2, "last": 2}, WRITTEN],
            "CRL number 1 is not reserved, or written a second time",
        ),
        ([RESERVED, {**WRITTEN, "number": 2}], "CRL number 2 is not reserved, or written a second time"),
    ],
)
def test_what_cannot_follow_is_named(lines: list[dict[str, object]], message: str) -> None:
    with pytest.raises(StoreError) as caught:
        record.parse_record(lines)
    assert caught.value.message == f"the ledger: line {len(lines)}: {message}"


def test_the_longest_numbers() -> None:
    found = record.parse_record([issued(serial="f" * 40, issuer="a" * 128)]).issued[0]
    assert (found.serial, found.issuer) == ("f" * 40, "a" * 128)


def test_the_longest_reservation() -> None:
    found = record.parse_record([{**RESERVED, "last": 10_000}, {**WRITTEN, "number": 10_000}])
    assert (found.last_crl_number, found.crls[0].number) == (10_000, 10_000)


def made(**members: object) -> Any:
    names = SimpleNamespace(common_name=None, sid=None, sans=["email:alice@example.com"])
    found = {
        "name": "alice",
        "der": LEAF.public_bytes(Encoding.DER),
        "names": names,
        "profile": "client",
        "serial_hex": "abc",
        "fingerprint": issued()["fingerprint"],
        "not_before": AT - DAY,
        "not_after": AT + 7 * DAY,
    }
    return SimpleNamespace(**{**found, **members})


def test_what_is_written_is_what_is_read() -> None:
    names = SimpleNamespace(common_name="Alice", sid="S-1-5", sans=["email:alice@example.com"])
    events = [
        record.created_event("demo", SKI),
        record.created_event("demo", SKI, CA.certificate),
        record.issued_event(made(names=names), SKI),
        record.revoked_event(record.Revocation("abc", SKI, AT, "superseded")),
        record.crl_reserved_event(1, 2),
        record.crl_written_event(2, "ab" * 32, AT, AT + DAY),
    ]
    common = {"n": 1, "at": stamp(AT), "prev": "0" * 64}
    found = record.parse_record([{**common, **event} for event in events])
    assert (found.issued[0].common_name, found.issued[0].sid) == ("Alice", "S-1-5")
    assert events[0] == {"event": "created", "name": "demo", "issuer": SKI}
    assert events[1]["not_after"] == stamp(AT + 3650 * DAY)
    assert len(str(events[1]["fingerprint"])) == 64
    assert events[3] == {"event": "revoked", "serial": "abc", "issuer": SKI, "date": stamp(AT), "reason": "superseded"}
    assert events[4] == {"event": "crl-reserved", "first": 1, "last": 2}
    assert events[5] == {
        "event": "crl-written",
        "number": 2,
        "sha256": "ab" * 32,
        "this_update": stamp(AT),
        "next_update": stamp(AT + DAY),
    }


def test_an_issued_line_names_no_more_than_there_is() -> None:
    expected = {name: value for name, value in issued().items() if name not in ("n", "at", "prev")}
    assert record.issued_event(made(), SKI) == expected
    assert record.issued_event(made(), SKI, elsewhere=True) == {**expected, "key": "elsewhere"}


def test_the_key_identifier_of_a_ca() -> None:
    assert record.ski_of(CA.certificate) == SKI
    assert record.ski_of(make_authority(ski=False).certificate) == SKI
