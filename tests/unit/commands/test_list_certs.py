"""Is every certificate shown as it stands, without a secret being touched?"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from commandline import Terminal
from workplace import AT, Place, make_place

HEADER = ["NAME", "KIND", "FOR", "CA", "UNTIL", "DAYS", "STATE", "SERIAL"]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def rows(place: Place, line: str = "list-certs", at: str = AT) -> list[tuple[str, str, str]]:
    """Return name, days and state of each row."""
    head, *found = [one.split("  ") for one in place.ok(line, at=at).splitlines()]
    assert [cell.strip() for cell in head if cell.strip()] == HEADER
    cells = [[cell.strip() for cell in row if cell.strip()] for row in found]
    return [(row[0], row[-3], row[-2]) for row in cells]


def listed(place: Place, line: str = "list-certs", at: str = AT) -> list[dict[str, Any]]:
    found = json.loads(place.ok(f"{line} --json", at=at))
    assert found["schema"] == "authkit.certs/v1"
    return list(found["certificates"])


def test_what_counts(place: Place) -> None:
    text = place.ok("list-certs").splitlines()
    assert [line.split() for line in text] == [
        HEADER,
        ["bob", "client", "dns:bob.example.com", "demo", "2026-11-25", "1", "valid", place.serial("bob")[:16]],
        ["alice", "client", "email:alice@example.com", "demo", "2026-12-01", "7", "valid", place.serial("alice")[:16]],
        [*"demo ca issuing to clients demo 2036-11-21 3650 valid".split(), text[3].split()[-1]],
    ]


def test_as_json(place: Place) -> None:
    bob, alice, demo = listed(place)
    line = place.lines()[1]
    assert alice == {
        "ca": "demo",
        "name": "alice",
        "serial": line["serial"],
        "sha256": line["fingerprint"],
        "san": ["email:alice@example.com"],
        "profile": "client",
        "not_before": "2026-11-24T08:55:00Z",
        "not_after": "2026-12-01T09:00:00Z",
        "days_left": 7,
        "state": "valid",
    }
    assert (bob["name"], bob["days_left"]) == ("bob", 1)
    assert (demo["profile"], demo["ca"], demo["san"]) == ("ca", "demo", [])
    assert demo["sha256"] == place.lines()[0]["fingerprint"]


@pytest.mark.parametrize(
    ("at", "bob"),
    [
        ("2026-11-24T08:54:59Z", ("bob", "1", "not yet valid")),
        ("2026-11-24T08:55:00Z", ("bob", "1", "valid")),
        ("2026-11-24T09:00:01Z", ("bob", "0", "valid")),
        ("2026-11-25T09:00:00Z", ("bob", "0", "valid")),
        ("2026-11-25T09:00:01Z", None),
    ],
)
def test_what_ends(at: str, bob: "tuple[str, str, str] | None", place: Place) -> None:
    found = rows(place, at=at)
    assert found[0] == bob if bob else [row[0] for row in found] == ["alice", "demo"]


def test_what_ended_and_what_was_revoked(place: Place) -> None:
    place.ok("revoke-cert alice --reason key-compromise")
    at = "2026-11-26T09:00:00Z"
    assert [row[0] for row in rows(place, at=at)] == ["demo"]
    assert rows(place, "list-certs --all", at) == [
        ("bob", "-1", "expired"),
        ("alice", "5", "revoked 2026-11-24"),
        ("demo", "3648", "valid"),
    ]
    bob, alice, _ = listed(place, "list-certs --all", at)
    assert (bob["state"], bob["days_left"], "reason" in bob) == ("expired", -1, False)
    assert (alice["state"], alice["revoked_at"], alice["reason"]) == ("revoked", AT, "key-compromise")
    assert listed(place, "list-certs", "2026-11-24T08:54:59Z")[0]["state"] == "not-yet-valid"


@pytest.mark.parametrize(
    ("at", "days"),
    [("2026-11-25T09:00:01Z", "0"), ("2026-11-26T08:59:59Z", "0"), ("2026-11-26T09:00:00Z", "-1")],
)
def test_what_has_just_expired(at: str, days: str, place: Place) -> None:
    assert rows(place, "list-certs --all", at)[0] == ("bob", days, "expired")


def test_what_was_renewed(place: Place) -> None:
    place.ok("renew-cert bob --out new --days 9")
    assert rows(place)[:3] == [("bob", "1", "renewed"), ("alice", "7", "valid"), ("bob", "9", "valid")]
    place.ok(f"revoke-cert {place.serial('bob')}")
    assert rows(place)[:2] == [("bob", "1", "valid"), ("alice", "7", "valid")]


@pytest.mark.parametrize(
    ("days", "names"),
    [(0, []), (1, ["bob"]), (6, ["bob"]), (7, ["bob", "alice"]), (3650, ["bob", "alice", "demo"]), (36500, None)],
)
def test_what_runs_out(days: int, names: "list[str] | None", place: Place) -> None:
    found = listed(place, f"list-certs --expiring {days}")
    assert [one["name"] for one in found] == (names or ["bob", "alice", "demo"] if names is None else names)


def test_nothing_runs_out(place: Place) -> None:
    done = place.run("list-certs --expiring 0")
    assert done.triple == ("", "authkit: note: nothing runs out within 0 days\n", 0)
    done = place.run("list-certs --expiring 1", at="2026-11-25T09:00:01Z")
    assert done.triple == ("", "authkit: note: nothing runs out within 1 day\n", 0)
    assert [row[0] for row in rows(place, "list-certs --expiring 0", "2026-11-25T09:00:00Z")] == ["bob"]
    assert place.ok("list-certs --expiring 0", at="2026-11-25T09:00:01Z") == ""


def test_what_was_renewed_or_revoked_runs_out_no_more(place: Place) -> None:
    place.ok("renew-cert bob --out new --days 9")
    place.ok("revoke-cert alice")
    assert place.ok("list-certs --expiring 7") == ""
    assert [row[0] for row in rows(place, "list-certs --expiring 9")] == ["bob"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--expiring -1", "--expiring -1 is not 0 to 36500 days"),
        ("--expiring 36501", "--expiring 36501 is not 0 to 36500 days"),
        ("--expiring 1 --all", "--expiring and --all contradict each other"),
    ],
)
def test_usage(options: str, said: str, place: Place) -> None:
    assert place.run(f"list-certs {options}").triple == ("", f"authkit: error: {said}\n", 2)


def test_several_cas(place: Place) -> None:
    place.ok("create-ca other --no-passphrase --for server")
    place.ok("issue-cert www --ca other --profile server --dns www.example.com")
    assert [row[0] for row in rows(place)] == ["bob", "alice", "www", "demo", "other"]
    assert [row[0] for row in rows(place, "list-certs --ca other")] == ["www", "other"]
    assert "issuing to servers" in place.ok("list-certs --ca other")
    assert place.run("list-certs --ca third").code == 4


def test_a_ca_below_another_stands_once(place: Place) -> None:
    place.ok("create-ca sub --parent demo --no-passphrase")
    found = {one["name"]: (one["ca"], one["profile"], one["state"]) for one in listed(place, "list-certs --all")}
    assert found["sub"] == ("demo", "intermediate", "valid")
    assert len(listed(place)) == 4
    assert [(one["ca"], one["profile"]) for one in listed(place, "list-certs --ca sub")] == [("sub", "ca")]
    place.ok("revoke-cert sub --ca demo")
    found = {one["name"]: (one["ca"], one["profile"], one["state"]) for one in listed(place, "list-certs --all")}
    assert found["sub"] == ("demo", "intermediate", "revoked")
    assert len(listed(place)) == 3


def test_a_ca_without_a_certificate_is_not_listed(place: Place) -> None:
    place.ok("create-ca later --no-passphrase --csr later.csr")
    assert [row[0] for row in rows(place, "list-certs --all")] == ["bob", "alice", "demo"]


def test_an_empty_list(place: Place) -> None:
    done = place.run("list-certs", at="2099-01-01T00:00:00Z")
    said = "authkit: note: nothing is valid: 'authkit issue-cert' issues a certificate, --all shows what was issued\n"
    assert done.triple == ("", said, 0)
    assert listed(place, at="2099-01-01T00:00:00Z") == []


def test_nobody_is_asked(place: Place) -> None:
    (place.path / "pass").unlink()
    assert place.run("list-certs").code == 0


def test_a_common_name_alone(place: Place) -> None:
    place.ok("create-ca sub --parent demo --no-passphrase --common-name 'Sub CA'")
    assert "cn:Sub CA" in place.ok("list-certs")


def test_a_damaged_ca(place: Place) -> None:
    path = place.path / "store" / "keys" / "demo.json"
    path.write_text(path.read_text().replace("BEGIN CERTIFICATE", "BEGIN SOMETHING"))
    done = place.run("list-certs")
    assert (done.code, done.stdout) == (6, b"")
    assert b"the CA demo is damaged" in done.stderr


def test_an_entry_that_cannot_be_read(place: Place) -> None:
    path = place.path / "store" / "keys" / "other.json"
    path.write_text("{}\n")
    path.chmod(0o600)
    done = place.run("list-certs")
    assert done.code == 0
    assert done.stderr.decode() == f"authkit: warning: other is left out: {path}: member 'schema' is missing\n"
    assert place.run("list-certs --ca demo").stderr == b""


def test_colours(place: Place) -> None:
    place.ok("issue-cert long --email l@example.com --days 8")
    place.ok("revoke-cert alice")
    found = on_terminal(place, "list-certs --all", "2026-11-24T09:00:01Z")
    assert {name: row[:5] for name, row in found.items()} == {
        "bob": "\x1b[31m",  # ends today
        "alice": "\x1b[31m",  # revoked
        "long": "long ",
        "demo": "demo ",
    }
    assert on_terminal(place, "list-certs", "2026-11-26T09:00:00Z")["long"].startswith("\x1b[33m")


def on_terminal(place: Place, line: str, at: str) -> dict[str, str]:
    """Return the name in each row of a table -> the row, styles included."""
    environ = {"COLUMNS": "200", "TERM": "xterm-256color"}
    done = place.run(line, at=at, terminal=Terminal(), screens=(1,), environ=environ)
    assert done.code == 0
    rows = done.terminal.splitlines()[2:]
    return {re.sub(r"\x1b\[[0-9;]*m", "", row).split()[0]: row for row in rows}


@pytest.mark.parametrize(
    ("at", "style"),
    [
        ("2026-11-24T09:00:00Z", ""),
        ("2026-11-24T09:00:01Z", "33"),
        ("2026-11-30T09:00:00Z", "33"),
        ("2026-11-30T09:00:01Z", "31"),
        ("2026-12-01T09:00:01Z", "31"),
    ],
)
def test_what_is_soon(at: str, style: str) -> None:
    from authkit.clock import parse_instant
    from authkit.commands._listed import Listed

    start, end = parse_instant("2026-11-24T08:55:00Z"), parse_instant("2026-12-01T09:00:00Z")
    one = Listed("demo", "alice", "client", "", (), "ab", "cd", start, end, parse_instant(at))
    assert one.style == style
    assert repr(one) == f"<Listed alice {one.state}>"
    old = Listed("demo", "alice", "client", "", (), "ab", "cd", start, end, parse_instant(at), renewed=True)
    assert old.style == ("" if style == "33" else style)
