"""Does a ledger show any change before its last line, and lose nothing when a write is killed?"""

import json
from collections.abc import Callable
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path

import pytest

from authkit import files
from authkit.errors import Refused, StoreError
from authkit.ledger import Ledger

AT = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
# made with printf and sha256sum
LINE_1 = (
    b'{"n": 1, "at": "2026-11-23T09:00:00Z", "prev": "' + b"0" * 64 + b'", "event": "created", "name": "\\u00fcber"}\n'
)


def three(path: Path) -> Ledger:
    ledger = Ledger(str(path))
    with ledger.locked():
        ledger.append([{"event": "created", "name": "über"}], AT)
        ledger.append([{"event": "issued", "serial": "01"}, {"event": "issued", "serial": "02"}], AT)
    return ledger


def fault(path: Path) -> str:
    with pytest.raises(StoreError) as caught:
        Ledger(str(path)).lines()
    return caught.value.message


def test_lines_are_chained(tmp_path: Path) -> None:
    path = tmp_path / "ca.jsonl"
    ledger = three(path)
    lines = path.read_bytes().splitlines(keepends=True)
    assert lines[0] == LINE_1
    rows = [json.loads(line) for line in lines]
    assert [row["n"] for row in rows] == [1, 2, 3]
    assert rows[1]["prev"] == sha256(lines[0]).hexdigest()
    assert rows[2]["prev"] == sha256(lines[1]).hexdigest()
    assert rows == ledger.lines() == Ledger(str(path)).lines()
    assert ledger.head() == Ledger(str(path)).head() == f"3:{sha256(lines[2]).hexdigest()}"
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_file_is_an_empty_ledger(tmp_path: Path) -> None:
    ledger = Ledger(str(tmp_path / "ca.jsonl"))
    assert (ledger.lines(), ledger.head(), ledger.interrupted) == ([], "0:none", False)
    assert list(tmp_path.iterdir()) == []


def test_what_was_read_before_the_lock_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "ca.jsonl"
    early = Ledger(str(path))
    assert early.lines() == []
    three(path)
    assert early.lines() == []
    with early.locked():
        assert len(early.lines()) == 3


def change(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old, new, 1)


AFTER = "line {} does not follow from the line before, so one of the two was changed"
NUMBER = "line {} is numbered otherwise, so a line was removed or put in"
CHANGES = {
    "a value": (change(b"fcber", b"fcbes"), AFTER.format(2)),
    "a line removed": (lambda data: b"".join(data.splitlines(True)[1:]), NUMBER.format(1)),
    "a middle line removed": (lambda data: b"".join(data.splitlines(True)[::2]), NUMBER.format(2)),
    "two exchanged": (lambda data: b"".join([data.splitlines(True)[i] for i in (0, 2, 1)]), NUMBER.format(2)),
    "a number that is true": (change(b'"n": 1', b'"n": true'), NUMBER.format(1)),
    "an empty line": (change(b"\n", b"\n\n"), "line 2: not JSON at line 2, column 1"),
    "a member missing": (change(b', "event": "created"', b""), "line 1: member 'event' is missing"),
    "an event that is no text": (change(b'"created"', b"1"), "line 1: member 'event' is not text"),
    "an instant that is none": (change(b"09:00:00Z", b"24:00:00Z"), "line 1: at is not an instant"),
    "the first with a line before": (change(b"0" * 64, b"1" * 64), AFTER.format(1)),
    "a member twice": (change(b'"n": 1', b'"n": 1, "n": 1'), "line 1: member 'n' stands twice"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_is_found_and_its_line_named(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "ca.jsonl"
    three(path)
    alter, message = CHANGES[kind]
    path.write_bytes(alter(path.read_bytes()))
    assert fault(path) == f"{path}: {message}"


def test_a_cut_end_is_seen_by_its_head_alone(tmp_path: Path) -> None:
    path = tmp_path / "ca.jsonl"
    before = three(path).head()
    path.write_bytes(b"".join(path.read_bytes().splitlines(True)[:2]))
    assert Ledger(str(path)).head() != before
    assert len(Ledger(str(path)).lines()) == 2


@pytest.mark.parametrize("kept", [0, 3])
def test_an_interrupted_line_is_moved_aside_and_told(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "ca.jsonl"
    if kept:
        three(path)
    whole = path.read_bytes() if kept else b""
    path.write_bytes(whole + b'{"n": 4, "at": "2026')
    path.chmod(0o600)
    ledger = Ledger(str(path))
    assert ledger.interrupted
    assert len(ledger.lines()) == kept
    with ledger.locked():
        ledger.append([{"event": "issued", "serial": "03"}], AT)
    assert not ledger.interrupted
    aside = tmp_path / f"ca.jsonl.{kept + 1}.interrupted"
    assert aside.read_bytes() == b'{"n": 4, "at": "2026'
    assert aside.stat().st_mode & 0o777 == 0o600
    rows = Ledger(str(path)).lines()
    assert path.read_bytes().startswith(whole)
    assert rows[kept]["event"] == "repaired"
    assert rows[kept]["file"] == aside.name
    assert rows[kept]["sha256"] == sha256(aside.read_bytes()).hexdigest()
    assert rows[kept + 1]["serial"] == "03"
    assert rows == ledger.lines()
    assert Ledger(str(path)).head() == ledger.head()


def test_a_ledger_open_to_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ca.jsonl"
    three(path)
    path.chmod(0o644)
    with pytest.raises(Refused, match=r"is open to other users \(mode 0644\)"):
        Ledger(str(path)).lines()


def test_a_ledger_that_cannot_be_read_is_a_fault_of_the_store(tmp_path: Path) -> None:
    path = tmp_path / "ca.jsonl"
    path.mkdir()
    assert fault(path) == f"{path} is a folder, not a ledger"


def test_a_failed_write_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ca.jsonl"
    ledger = three(path)
    before, head = path.read_bytes(), ledger.head()

    def fail(path: str, data: bytes) -> None:
        raise StoreError("no space")

    monkeypatch.setattr(files, "append", fail)
    with pytest.raises(StoreError, match="no space"):
        ledger.append([{"event": "issued"}], AT)
    assert (path.read_bytes(), ledger.head(), len(ledger.lines())) == (before, head, 3)


def test_a_second_writer_waits(tmp_path: Path) -> None:
    ledger = Ledger(str(tmp_path / "ca.jsonl"))
    with ledger.locked():
        other = ledger.locked()
        other.patience = 0
        with pytest.raises(StoreError, match="is locked by another process"), other:
            pass
