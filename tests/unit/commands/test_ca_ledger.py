"""Is a CA refused whose ledger is missing, another's or without its end?"""

import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from authkit import strictjson
from workplace import Place, make_place

BACK = "authkit: hint: put it back from a backup: nothing else says what was revoked\n"
NEWER = "authkit: hint: put the newer one back; authkit-ledger(5) says what to do where it is lost\n"
# each asks the ledger, and must not go on without it
COMMANDS = (
    "issue-cert carol --email carol@example.com",
    "renew-cert alice --out new",
    "renew-cert --expiring 7 --out new",
    "revoke-cert alice",
    "issue-crl -o demo.crl",
    "export-cert alice",
    "export-p12 alice --password-out pw -o alice.p12",
    "list-certs",
    "create-ca sub --parent demo --no-passphrase",
)
SHOWN_ONLY = ("export-cert", "export-p12")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def ledger_of(place: Place, ca: str = "demo") -> Path:
    return place.path / "store" / "ledgers" / f"{ca}.jsonl"


def head_of(place: Place, ca: str = "demo") -> Path:
    return place.path / "store" / "ledgers" / f"{ca}.jsonl.head"


def run(place: Place, line: str) -> tuple[str, str, int]:
    return place.run(line, at="" if line.startswith(SHOWN_ONLY) else "2026-11-24T09:00:00Z").triple


def refused(place: Place, line: str, said: str, hint: str) -> None:
    before = {path.name: path.read_bytes() for path in ledger_of(place).parent.iterdir() if path.suffix != ".lock"}
    files = sorted(path.name for path in place.path.iterdir())
    assert run(place, line) == ("", f"authkit: error: {said}\n{hint}", 6)
    assert {p.name: p.read_bytes() for p in ledger_of(place).parent.iterdir() if p.suffix != ".lock"} == before
    assert sorted(path.name for path in place.path.iterdir()) == files


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("line", COMMANDS)
def test_a_ca_whose_ledger_is_missing(line: str, empty: bool, place: Place) -> None:
    place.ok("revoke-cert bob")
    path = ledger_of(place)
    if empty:
        path.write_bytes(b"")
    else:
        path.unlink()
    refused(place, line, f"the ledger of the CA demo is missing: {path}", BACK)
    head_of(place).unlink()
    refused(place, line, f"the ledger of the CA demo is missing: {path}", BACK)


def test_a_store_that_was_restored_without_its_ledgers(place: Place) -> None:
    shutil.rmtree(ledger_of(place).parent)
    said = f"authkit: error: the ledger of the CA demo is missing: {ledger_of(place)}\n{BACK}"
    assert run(place, "issue-crl -o demo.crl") == ("", said, 6)


@pytest.mark.parametrize("line", COMMANDS)
def test_the_ledger_of_another_ca(line: str, place: Place) -> None:
    place.ok("create-ca other --no-passphrase")
    line = line if "--parent" in line else f"{line} --ca demo"
    for end in ("", ".head"):
        shutil.copy(f"{ledger_of(place, 'other')}{end}", f"{ledger_of(place)}{end}")
    refused(place, line, f"{ledger_of(place)} is the ledger of another CA than demo", BACK)


@pytest.mark.parametrize("member", ["name", "issuer"])
def test_a_ledger_is_that_of_a_name_and_a_key(member: str, place: Place) -> None:
    place.ok("create-ca other --no-passphrase")
    theirs, ours = place.lines("other")[0][member], place.lines()[0]
    ledger_of(place).write_bytes(strictjson.encode({**ours, member: theirs}))
    head_of(place).unlink()
    refused(place, "list-certs --ca demo", f"{ledger_of(place)} is the ledger of another CA than demo", BACK)


def test_a_key_that_the_ca_had_before_is_enough(place: Place) -> None:
    """A create-ca that was killed leaves a line of a key that nobody has, and the next goes on behind it."""
    lines = [{**place.lines()[0], "issuer": "ab"}]
    lines.append({**place.lines()[0], "n": 2, "prev": sha256(strictjson.encode(lines[0])).hexdigest()})
    ledger_of(place).write_bytes(b"".join(map(strictjson.encode, lines)))
    head_of(place).unlink()
    place.ok("issue-cert carol --email carol@example.com")


def test_the_head_is_kept_beside_the_ledger(place: Place) -> None:
    def expected() -> str:
        lines = ledger_of(place).read_bytes().splitlines(keepends=True)
        return f"{len(lines)}:{sha256(lines[-1]).hexdigest()}\n"

    assert (head_of(place).read_text(), head_of(place).stat().st_mode & 0o777) == (expected(), 0o600)
    for line in ("revoke-cert bob", "issue-crl -o demo.crl", "renew-cert alice --out new"):
        place.ok(line)
        assert head_of(place).read_text() == expected()
    before = head_of(place).read_bytes()
    place.ok("list-certs")
    assert head_of(place).read_bytes() == before


@pytest.mark.parametrize("line", COMMANDS)
@pytest.mark.parametrize("kept", [1, 3])
def test_an_older_copy_that_comes_back(kept: int, line: str, place: Place) -> None:
    place.ok("revoke-cert bob")
    lines = ledger_of(place).read_bytes().splitlines(keepends=True)
    ledger_of(place).write_bytes(b"".join(lines[:kept]))
    said = f"{ledger_of(place)} has {kept} lines and had 4: its end is cut, or it is an older copy"
    refused(place, line, said, NEWER)


def test_an_older_copy_on_which_others_went_on(place: Place) -> None:
    old, head = ledger_of(place).read_bytes(), head_of(place).read_bytes()
    place.ok("revoke-cert bob")
    newer = head_of(place).read_bytes()
    ledger_of(place).write_bytes(old)
    head_of(place).write_bytes(head)
    place.ok("revoke-cert alice")  # another line 4
    head_of(place).write_bytes(newer)
    for more in ("the last line", "one before it"):
        refused(place, "list-certs", f"{ledger_of(place)} is not what it was: its line 4 is another", NEWER)
        if more == "the last line":
            head_of(place).unlink()
            place.ok("issue-crl -o demo.crl")
            head_of(place).write_bytes(newer)


def test_a_head_that_is_behind(place: Place) -> None:
    """A command that was killed behind its line has not kept the head."""
    head = head_of(place).read_bytes()
    place.ok("revoke-cert bob")
    place.ok("issue-crl -o demo.crl")
    head_of(place).write_bytes(head)
    place.ok("list-certs")
    place.ok("revoke-cert alice")
    assert head_of(place).read_text().startswith("7:")


def test_a_ledger_from_before_heads_were_kept(place: Place) -> None:
    head_of(place).unlink()
    place.ok("list-certs")
    assert not head_of(place).exists()
    place.ok("revoke-cert bob")
    assert head_of(place).read_text().startswith("4:")


@pytest.mark.parametrize(
    "text",
    ["", "3", "3:", ":{64}", "0:{64}", "-1:{64}", "3:{63}", "3:{65}", "²:{64}", "3 {64}"],
)
def test_what_is_no_head(text: str, place: Place) -> None:
    for count in (63, 64, 65):
        text = text.replace(f"{{{count}}}", "a" * count)
    head_of(place).write_text(text, "latin-1")
    said = f"{head_of(place)} is not the head of a ledger"
    hint = f"authkit: hint: once {ledger_of(place)} is known to be whole, delete it\n"
    refused(place, "list-certs", said, hint)


def test_a_head_of_the_first_line(place: Place) -> None:
    place.ok("create-ca other --no-passphrase")
    assert head_of(place, "other").read_text().startswith("1:")
    place.ok("list-certs --ca other")
    head_of(place, "other").write_text("1:" + "a" * 64)
    said = f"authkit: error: {ledger_of(place, 'other')} is not what it was: its line 1 is another\n{NEWER}"
    assert run(place, "list-certs --ca other") == ("", said, 6)


def test_a_head_that_cannot_be_read(place: Place) -> None:
    head_of(place).write_text("3:" + "a" * 200)
    said = f"authkit: error: {head_of(place)} is too large for a head of a ledger: more than 128 bytes\n"
    assert run(place, "list-certs") == ("", said, 6)
    head_of(place).chmod(0o644)
    assert run(place, "list-certs")[2] == 5


def unwritable(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from authkit import files
    from authkit.errors import StoreError

    really = files.write_secret

    def write(path: str, data: bytes, *, replace: bool = False) -> None:
        if path.endswith(".head"):
            raise StoreError(f"cannot write {path}: no space left on device")
        really(path, data, replace=replace)

    monkeypatch.setattr(files, "write_secret", write)


def test_without_a_new_head_the_command_goes_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is written already: a revocation stands, and a certificate may leave."""
    unwritable(place, monkeypatch)
    done = place.run("issue-cert carol --email carol@example.com")
    said = f"cannot write {head_of(place)}: no space left on device"
    warning = f"authkit: warning: an older copy of the ledger would not be noticed: {said}\n"
    assert (done.code, done.stderr.decode(), place.events()[-1]) == (0, warning, "issued")
    assert (place.path / "carol.pem").exists()
    assert head_of(place).read_text().startswith("3:")


def test_without_a_place_for_the_head_the_command_goes_on(place: Place) -> None:
    os.mkfifo(head_of(place, "later"), 0o600)
    done = place.run("create-ca later --no-passphrase")
    said = f"{head_of(place, 'later')} is not a regular file, so it is not replaced"
    warning = f"authkit: warning: an older copy of the ledger would not be noticed: {said}\n"
    assert (done.code, done.stderr.decode(), place.events("later")) == (0, warning, ["created"])


@pytest.mark.parametrize("begin", ["create-ca later --no-passphrase", "create-ca later --parent demo --no-passphrase"])
def test_a_ca_that_is_being_made_has_no_ledger_yet(begin: str, place: Place) -> None:
    head_of(place, "later").write_text("9:" + "a" * 64)  # of a former CA, whose ledger was moved elsewhere
    place.ok(begin)
    assert head_of(place, "later").read_text().startswith("1:")
    place.ok("issue-cert carol --ca later --email carol@example.com")


def test_a_ca_whose_parent_is_elsewhere(place: Place) -> None:
    place.ok("create-ca later --no-passphrase --csr later.csr")
    place.ok("list-certs")  # no ledger of it is missing yet
    place.ok("issue-cert later --ca demo --profile intermediate --csr later.csr")
    place.ok("export-cert demo -o root.pem", at="")
    place.ok("create-ca later --certificate later.pem --certificate root.pem")
    place.ok("issue-cert carol --ca later --email carol@example.com")
    assert place.events("later") == ["created", "issued"]
    ledger_of(place, "later").unlink()
    said = f"authkit: error: the ledger of the CA later is missing: {ledger_of(place, 'later')}\n{BACK}"
    assert run(place, "revoke-cert carol --ca later") == ("", said, 6)


def test_another_process_adds_a_line_meanwhile(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The head is read before the lines, so it is never ahead of them."""
    from authkit.commands._ca_ledger import CaLedger

    really: Callable[[CaLedger], object] = CaLedger._kept
    ran = []

    def kept(self: CaLedger) -> object:
        found = really(self)
        if not ran:
            ran.append(1)
            place.ok("revoke-cert bob")
        return found

    monkeypatch.setattr(CaLedger, "_kept", kept)
    assert "bob" not in place.ok("list-certs")
