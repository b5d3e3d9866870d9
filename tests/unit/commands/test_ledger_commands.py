"""Does the ledger show what was done, and is a ledger that is not whole refused by name?"""

import json
from pathlib import Path
from typing import Any

import pytest

import responses
from authkit.commands import _ledgers
from commandline import Done
from responses import ASK, HASH, Place, Signer, make_place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = make_place(tmp_path)
    found.renewed()
    return found


def verify(place: Place, words: str = "") -> dict[str, Any]:
    """Return the verdict, whose exit code is 0 or 1 by it."""
    done = place.run(f"verify-ledger --json {words}", at="")
    row: dict[str, Any] = json.loads(done.stdout)
    assert row.pop("schema") == "authkit.ledger-verified/v1"
    assert done.code == (0 if row["verdict"] == "valid" else 1)
    return row


def whole(place: Place) -> list[bytes]:
    return place.ledger.read_bytes().splitlines(keepends=True)


def rewrite(place: Place, rows: list[dict[str, Any]]) -> None:
    """Write a ledger anew as a whole, each line bound to the one before."""
    from hashlib import sha256

    before, text = "0" * 64, b""
    for number, row in enumerate(rows, 1):
        line = json.dumps({**row, "n": number, "prev": before}).encode() + b"\n"
        before, text = sha256(line).hexdigest(), text + line
    place.ledger.write_bytes(text)


def head(place: Place) -> str:
    return place.ok("show-ledger", at="").splitlines()[-1]


# Showing


def test_what_was_done(place: Place) -> None:
    lines = place.ok("show-ledger", at="").splitlines()
    assert lines[0].split() == ["N", "AT", "EVENT", "WHAT"]
    request, key = place.lines()[1], Signer("vault").fingerprint
    assert lines[1].split(maxsplit=3)[2:] == [
        "created",
        f"kind identity, role requester, key {place.lines()[0]['key']}",
    ]
    assert lines[2].split(maxsplit=3) == [
        "2",
        "2026-11-23T09:00:00Z",
        "created",
        f"request {request['id'][:16]}… to {key}, for build: "
        "signing keys of AKIDEXAMPLE, us-east-1/s3, 20261123-20261129",
    ]
    assert lines[3].split(maxsplit=3)[2:] == ["imported", "response 1 of vault, stored as build"]
    assert lines[4] == ""
    assert lines[5].startswith("3:")
    assert len(lines) == 6


def test_the_last_of_it(place: Place) -> None:
    lines = place.ok("show-ledger --last 1", at="").splitlines()
    assert [lines[1].split()[0], len(lines), lines[-1]] == ["3", 4, head(place)]
    assert len(place.ok("show-ledger --last 9", at="").splitlines()) == 6
    done = place.run("show-ledger --last 0", at="")
    assert done.triple == ("", "authkit: error: --last 0 is not 1 or more\n", 2)


def test_as_json(place: Place) -> None:
    row = json.loads(place.ok("show-ledger --json", at=""))
    assert row == {"schema": "authkit.ledger/v1", "head": head(place), "lines": place.lines()}
    assert json.loads(place.ok("show-ledger --json --last 2", at=""))["lines"] == place.lines()[1:]


def test_an_empty_ledger(place: Place) -> None:
    place.ledger.unlink()
    done = place.run("show-ledger", at="")
    assert done.triple == ("0:none\n", "authkit: note: the ledger is empty\n", 0)


def test_a_line_that_was_not_finished(place: Place) -> None:
    place.ledger.write_bytes(place.ledger.read_bytes() + b'{"n": 4')
    warning = (
        f"authkit: warning: {place.path}/store/ceremony/ledger.jsonl ends in a line that was not finished; "
        "the next that is written moves it aside\n"
    )
    assert place.run("show-ledger", at="").triple[1:] == (warning, 0)
    assert place.run("verify-ledger", at="").triple[1:] == (warning, 0)


def test_a_damaged_ledger_is_not_shown(place: Place) -> None:
    place.ledger.write_bytes(b"".join(whole(place)[1:]))
    done = place.run("show-ledger", at="")
    assert (done.code, done.stdout) == (6, b"")


def test_no_store(place: Place) -> None:
    for command in ("show-ledger", "verify-ledger"):
        done = place.run(f"{command} --store none", at="")
        assert done.triple[::2] == ("", 4)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ({"event": "created", "kind": "request"}, "request None to None: None keys of None, None, None"),
        (
            {"event": "created", "kind": "request", "id": "ab" * 16, "issuer": "SHA256:x", "name": "", "level": "date"}
            | {"access_key_id": "AK", "scopes": ["-"], "days": "d"},
            f"request {'ab' * 8}… to SHA256:x: date keys of AK, -, d",
        ),
        (
            {"event": "approved", "kind": "subkeys", "sequence": 7, "requester": "web-1", "level": "signing"}
            | {"access_key_id": "AK", "scopes": ["a/b", "c/d"], "days": "20261123-20261129"},
            "response 7 to web-1: signing keys of AK, a/b c/d, 20261123-20261129",
        ),
        (
            {
                "event": "approved",
                "kind": "signature",
                "requester": "web-1",
                "method": "GET",
                "host": "h",
                "path": "/x",
            },
            "signature for web-1: GET h/x",
        ),
        ({"event": "imported", "sequence": 1, "issuer": "v"}, "response 1 of v, stored as None"),
        (
            {"event": "created", "kind": "approval-request", "id": "ab" * 16, "issuer": "SHA256:x", "scope": "a/b"},
            f"request {'ab' * 8}… to SHA256:x for one signature: a/b",
        ),
        (
            {"event": "imported", "kind": "signature", "id": "ab" * 16, "issuer": "vault"},
            f"signature of vault for the request {'ab' * 8}…",
        ),
        (
            {"event": "policy", "requester": "web-1", "sha256": HASH, "policy": {"a": 1, "b": 2}},
            f"requester web-1, sha256 {HASH[:16]}…, policy of 2 members",
        ),
        ({"event": "trusted", "ids": [HASH, "x"], "yes": True}, f"ids {HASH[:16]}… x, yes True"),
        ({"event": "x", "hash": "AB" * 32}, f"hash {'AB' * 32}"),
        ({"event": "x", "hash": "ab" * 16}, f"hash {'ab' * 8}…"),
        ({"event": "x", "hash": "ab" * 17}, f"hash {'ab' * 17}"),
        ({"event": "repaired"}, ""),
    ],
)
def test_what_a_line_says(line: dict[str, object], what: str) -> None:
    found = _ledgers.row({"n": 4, "at": "2026-11-23T09:00:00Z", "prev": HASH, **line})
    assert found == ("4", "2026-11-23T09:00:00Z", line["event"], what)


# Deciding


def test_a_whole_ledger(place: Place) -> None:
    found = head(place)
    assert verify(place) == {
        "verdict": "valid",
        "reason": "ok",
        "message": "3 lines, each follows from the one before",
        "head": found,
    }
    assert place.ok("verify-ledger", at="").splitlines() == [
        "verdict: valid",
        "reason:  ok",
        "message: 3 lines, each follows from the one before",
        f"head:    {found}",
    ]


def test_every_head_that_it_ever_had(place: Place) -> None:
    heads = [f"{line['n'] - 1}:{line['prev']}" for line in place.lines()][1:] + [head(place)]
    assert [one.partition(":")[0] for one in heads] == ["1", "2", "3"]
    for one in heads:
        assert verify(place, f"--head {one}")["message"].endswith("; 1 head found in it")
    found = verify(place, " ".join(f"--head {one}" for one in [*heads, "0:none"]))
    assert found["message"] == "3 lines, each follows from the one before; 4 heads found in it"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_head_that_it_never_had(number: int, place: Place) -> None:
    found = verify(place, f"--head {number}:{HASH}")
    assert (found["verdict"], found["reason"], found["message"]) == (
        "invalid",
        "ledger-changed",
        f"the ledger is not the one that it was: a line is another: line {number} is not the one of --head",
    )
    assert "head" not in found


def test_a_cut_end_is_found_by_the_head_on_paper(place: Place) -> None:
    paper = head(place)
    place.ledger.write_bytes(b"".join(whole(place)[:-1]))
    found = verify(place, f"--head {paper}")
    assert (found["reason"], found["message"]) == (
        "ledger-shorter",
        "the ledger is shorter than it was: lines were removed from its end: it has 2 lines, and --head says 3",
    )


def test_a_removed_line(place: Place) -> None:
    lines = whole(place)
    for number in (0, 1):
        place.ledger.write_bytes(b"".join(lines[:number] + lines[number + 1 :]))
        found = verify(place)
        assert (found["verdict"], found["reason"]) == ("invalid", "ledger-broken")
        assert f"line {number + 1} is numbered otherwise" in found["message"]


def test_every_byte_of_a_line_that_another_follows_counts(place: Place) -> None:
    data = place.ledger.read_bytes()
    from authkit.errors import LedgerRejected
    from authkit.ledger import Ledger

    end = data.index(b"\n") + 1
    for number in range(end):
        altered = bytearray(data)
        altered[number] ^= 1
        place.ledger.write_bytes(bytes(altered))
        with pytest.raises(LedgerRejected) as caught:
            _ledgers.verify(Ledger(str(place.ledger)), [], None)  # type: ignore[arg-type]
        assert caught.value.reason == "ledger-broken"


def test_a_ledger_written_anew_is_found_by_what_we_told(place: Place) -> None:
    place.ask(ASK.replace("build", "b2"))  # it tells the head of line 3
    rows = place.lines()
    rows[0]["role"] = "issuer"
    rewrite(place, rows)
    found = verify(place)
    assert (found["reason"], found["verdict"]) == ("ledger-changed", "invalid")
    assert ": line 1 is not the one of the request " in found["message"] or ": line 3 " in found["message"]


def test_a_cut_end_is_found_by_our_own_requests(place: Place) -> None:
    place.ask(ASK.replace("build", "b2"))
    place.ledger.write_bytes(b"".join(whole(place)[:-2]))
    found = verify(place)
    assert found["reason"] in ("ledger-shorter", "ledger-contradicted")
    place.ledger.write_bytes(b"".join(whole(place)[:1]))
    assert verify(place)["reason"] in ("ledger-shorter", "ledger-contradicted")


def test_the_line_of_a_request_that_is_gone(place: Place) -> None:
    request = place.ask(ASK.replace("build", "b2"))
    place.ledger.write_bytes(b"".join(whole(place)[:-1]))
    found = verify(place)
    name = responses.members(request)["id"]
    assert (found["reason"], found["message"]) == (
        "ledger-contradicted",
        f"what the ledger says is not what is kept beside it: it lacks the line of the request {name}",
    )


def test_the_line_of_a_response_that_is_gone(place: Place) -> None:
    place.ledger.write_bytes(b"".join(whole(place)[:-1]))
    found = verify(place)
    assert (found["reason"], found["message"]) == (
        "ledger-contradicted",
        "what the ledger says is not what is kept beside it: build holds response 1 of "
        f"{Signer('vault').fingerprint}, and no line says that it was taken in",
    )


def test_a_request_that_cannot_be_read(place: Place) -> None:
    (path,) = (place.path / "store" / "ceremony" / "requests").iterdir()
    path.write_bytes(b"x")
    found = verify(place)
    assert (found["reason"], found["message"]) == (
        "ledger-contradicted",
        f"what the ledger says is not what is kept beside it: {path}: it is not signed (not-signed)",
    )


def test_a_request_of_another_kind_is_looked_up_too(place: Place) -> None:
    """A request for one signature tells no head in its first lines; its own line must be there all the same."""
    name = "0f" * 16
    path = place.path / "store" / "ceremony" / "requests" / f"{name}.request"
    path.write_bytes(Signer("web").sign(b"authkit-approval/v1\nid: x\n", "authkit-approval-v1"))
    path.chmod(0o600)
    found = verify(place)
    assert (found["reason"], found["message"].rpartition(" ")[2]) == ("ledger-contradicted", name)


@pytest.mark.parametrize(
    "text", ["", "3", "3:", f"3:{HASH[:-1]}", f"03:{HASH}", "3:none", f"x:{HASH}", f"3:{HASH.upper()}"]
)
def test_what_is_no_head(text: str, place: Place) -> None:
    done = place.run(f"verify-ledger --head '{text}'", at="")
    assert done.triple[::2] == ("", 2)
    assert done.stderr.decode().splitlines()[1] == "authkit: hint: 'authkit show-ledger' prints one in its last line"


def test_a_ledger_that_others_may_read_is_not_judged(place: Place) -> None:
    place.ledger.chmod(0o644)
    done = place.run("verify-ledger", at="")
    assert (done.code, done.stdout) == (5, b"")


# The ledger of a CA


@pytest.fixture
def office(tmp_path: Path) -> Any:
    from workplace import make_place as make_office

    return make_office(tmp_path)


def of_ca(office: Any, words: str = "") -> tuple[Done, dict[str, Any]]:
    done = office.run(f"verify-ledger --ca demo --json {words}", at="")
    return done, json.loads(done.stdout)


def test_a_ca(office: Any) -> None:
    shown = office.ok("show-ledger --ca demo", at="").splitlines()
    assert [line.split()[2] for line in shown[1:-2]] == office.events()
    done, row = of_ca(office, f"--head {shown[-1]}")
    assert (done.code, row["verdict"], row["head"]) == (0, "valid", shown[-1])


def test_a_ca_whose_end_is_cut(office: Any) -> None:
    path = office.path / "store" / "ledgers" / "demo.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    done, row = of_ca(office)
    assert (done.code, row["reason"]) == (1, "ledger-contradicted")
    assert row["message"].endswith("its end is cut, or it is an older copy")


def test_a_ca_that_is_unknown(office: Any) -> None:
    done = office.run("verify-ledger --ca none", at="")
    assert done.triple[::2] == ("", 4)
