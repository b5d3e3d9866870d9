"""What does a listing of keys say of a CA?"""

from unittest import mock

import pytest

from authkit.clock import parse_instant
from authkit.commands import _expiring
from authkit.commands.list_keys import _row
from authkit.errors import UsageError
from authkit.stores.base import Entry

CA = {"kind": "ca", "common_name": "Office", "fingerprint": "0123456789abcdef" * 4, "not_after": "2026-11-24T09:00:00Z"}


@pytest.mark.parametrize(
    ("change", "now", "state"),
    [
        ({}, "2026-11-24T09:00:00Z", "until 2026-11-24"),
        ({}, "2026-11-24T09:00:01Z", "expired"),
        ({"not_after": "", "fingerprint": ""}, "2026-11-24T09:00:00Z", "no certificate yet"),
    ],
)
def test_a_ca(change: dict[str, object], now: str, state: str) -> None:
    found = _row(Entry("office", {**CA, **change}), now)
    assert found == ("office", "ca", str({**CA, **change}["fingerprint"])[:16], "Office", state)


def test_a_ca_that_waits_for_its_certificate() -> None:
    entry = Entry("office", {"kind": "ca", "common_name": "Office"})
    assert _row(entry, "2026-11-24T09:00:00Z") == ("office", "ca", "", "Office", "no certificate yet")


@pytest.mark.parametrize("role", ["requester", "issuer"])
def test_an_identity(role: str) -> None:
    fingerprint = "SHA256:DKKtr3CsNTYGGUSKazGNTddjCrXz+j0eQDvpjOilGkU"
    entry = Entry("authkit-x", {"kind": "identity", "role": role, "name": "web-1", "fingerprint": fingerprint})
    assert _row(entry, "2026-11-24T09:00:00Z") == ("authkit-x", "identity", fingerprint[:23], f"{role} web-1", "")


def entries() -> list[Entry]:
    subkeys = {"kind": "subkeys", "access_key_id": "AK", "regions": ["us-east-1"], "services": ["s3"]}
    week = {"signs_from": "2026-11-23T00:00:00Z", "signs_until": "2026-11-29T23:59:59Z"}
    day = {"signs_from": "2026-11-24T00:00:00Z", "signs_until": "2026-11-24T23:59:59Z"}
    return [
        Entry("b", {**subkeys, **week, "dangerous_until": "2026-12-06T23:59:59Z"}),
        Entry("a", {**subkeys, **week, "dangerous_until": "2026-12-06T23:59:59Z"}),
        Entry("day", {**subkeys, **day, "dangerous_until": "2026-12-01T23:59:59Z"}),
        Entry("sts", {"kind": "access-key", "access_key_id": "AS", "expires_at": "2026-11-24T20:00:00Z"}),
        Entry("web", {"kind": "access-key", "access_key_id": "AK"}),
        Entry("ca", CA),
        Entry("odd", {}, error="damaged"),
    ]


@pytest.mark.parametrize(
    ("at", "days", "names"),
    [
        ("2026-11-24T09:00:00Z", 0, []),
        ("2026-11-23T20:00:00Z", 1, ["sts"]),
        ("2026-11-23T19:59:59Z", 1, []),
        ("2026-11-24T20:00:00Z", 0, ["sts"]),
        ("2026-11-24T20:00:01Z", 1, ["day"]),
        ("2026-11-24T23:59:59Z", 0, ["day"]),
        ("2026-11-25T00:00:00Z", 4, []),
        ("2026-11-25T00:00:00Z", 5, ["a", "b"]),
        ("2026-11-24T09:00:00Z", 36500, ["sts", "day", "a", "b"]),
        ("2026-11-30T00:00:00Z", 36500, []),
    ],
)
def test_what_runs_out(at: str, days: int, names: list[str]) -> None:
    assert [one.name for one in _expiring.chosen(entries(), days, parse_instant(at))] == names


@pytest.mark.parametrize("days", [None, 0, 36500])
def test_days_that_can_be_asked_about(days: "int | None") -> None:
    _expiring.check(days)


@pytest.mark.parametrize("days", [-1, 36501])
def test_days_that_cannot(days: int) -> None:
    with pytest.raises(UsageError, match=f"^--expiring {days} is not 0 to 36500 days$"):
        _expiring.check(days)


def test_a_table_of_what_runs_out(capfd: pytest.CaptureFixture[str]) -> None:
    at = parse_instant("2026-11-23T23:59:59Z")
    _expiring.show(_expiring.chosen(entries(), 6, at), 6, at)
    out, err = capfd.readouterr()
    week = "subkeys     AK  2026-11-23 to 2026-11-29 us-east-1 s3  2026-11-29T23:59:59Z  6     2026-12-06T23:59:59Z"
    assert out.splitlines() == [
        "NAME  KIND        ID  GOOD FOR                               SIGNS UNTIL           DAYS  DANGEROUS UNTIL",
        "sts   access-key  AS  a session                              2026-11-24T20:00:00Z  0     2026-11-24T20:00:00Z",
        "day   subkeys     AK  2026-11-24 us-east-1 s3                2026-11-24T23:59:59Z  1     2026-12-01T23:59:59Z",
        f"a     {week}",
        f"b     {week}",
    ]
    assert err == ""


@pytest.mark.parametrize(("days", "text"), [(0, "0 days"), (1, "1 day"), (2, "2 days")])
def test_nothing_runs_out(days: int, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    _expiring.show([], days, parse_instant("2026-11-23T09:00:00Z"))
    assert capfd.readouterr() == ("", f"authkit: note: nothing runs out within {text}\n")


def test_what_runs_out_today_is_red_and_tomorrow_yellow() -> None:
    at = parse_instant("2026-11-23T23:59:59Z")
    with mock.patch.object(_expiring.render, "table", return_value="") as table:
        _expiring.show(_expiring.chosen(entries(), 6, at), 6, at)
    assert table.call_args.args[2] == ("31", "33", "", "")


def test_an_end_that_is_no_instant_is_no_end() -> None:
    entry = Entry("x", {"kind": "subkeys", "signs_until": "2026-11-24"})
    at = parse_instant("2026-11-23T09:00:00Z")
    assert _expiring.chosen([entry], 3, at) == []
