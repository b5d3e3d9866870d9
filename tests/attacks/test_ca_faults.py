"""Is a CA's ledger ahead of every file, and each file whole, whatever fails at whatever system call?"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)

from agefile import PASSPHRASE, make_store
from attacks.disturbed import CALLS, ENVIRON, Done, Files, Place, Point
from authkit.certs.authority import load_authority
from authkit.certs.record import Record, parse_record
from authkit.errors import StoreError
from authkit.ledger import Ledger
from authkit.stores.folder import FolderStore
from authkit.unlock.passphrase import open_identity
from commandline import run_here

AT = "--at 2026-11-24T09:00:00Z"
HOME = "store/ledgers/home.jsonl"
HEAD = f"{HOME}.head"
# command -> (its line, what it writes, the line that does it when the first was half done)
COMMANDS = {
    "create-ca": (f"create-ca root --no-passphrase {AT}", ["store/keys/root.json"], None),
    "create-ca below": (
        f"create-ca sub --parent home --no-passphrase {AT}",
        ["store/keys/sub.json"],
        None,
    ),
    "create-ca for a parent elsewhere": (
        f"create-ca far --csr far.csr --no-passphrase {AT}",
        ["store/keys/far.json", "far.csr"],
        f"create-ca far2 --csr far2.csr --no-passphrase {AT}",
    ),
    "create-csr": (
        "create-csr zoe --email zoe@x.example",
        ["zoe.key", "zoe.csr"],
        "create-csr zoe --email z@x --force",
    ),
    "issue-cert": (
        f"issue-cert carol --email carol@x.example {AT}",
        ["carol.key", "carol.pem"],
        f"issue-cert carol --email carol@x.example --force {AT}",
    ),
    "issue-cert over": (
        f"issue-cert alice --email alice@x.example --force {AT}",
        ["alice.key", "alice.pem"],
        f"issue-cert alice --email alice@x.example --force {AT}",
    ),
    "issue-cert of a table": (
        f"issue-cert --from-csv people.csv --p12 --out people {AT}",
        ["people/dora.p12", "people/emil.p12", "people/passwords.csv"],
        f"issue-cert --from-csv people.csv --p12 --out people2 --force {AT}",
    ),
    "issue-cert in PKCS#12": (
        f"issue-cert carol --email carol@x.example --p12 --password-out carol.password {AT}",
        ["carol.password", "carol.p12"],
        f"issue-cert carol --email carol@x.example --p12 --password-out carol.password --force {AT}",
    ),
    "renew-cert": (
        f"renew-cert alice --revoke-old --out new {AT}",
        ["new/alice.key", "new/alice.pem"],
        f"renew-cert alice --out new --force {AT}",
    ),
    "renew-cert of all": (
        f"renew-cert --expiring 30 --out later {AT}",
        ["later/alice.key", "later/alice.pem", "later/bob.key", "later/bob.pem"],
        f"renew-cert --expiring 30 --out later2 {AT}",
    ),
    "revoke-cert": (f"revoke-cert bob {AT}", [], None),
    "issue-crl": (f"issue-crl -o home.crl {AT}", ["home.crl"], f"issue-crl -o home.crl --force {AT}"),
    "issue-crl of a series": (
        f"issue-crl --series 2 --plain --out lists {AT}",
        ["lists/000001-2026-11-24.crl", "lists/000002-2026-12-01.crl"],
        f"issue-crl --series 2 --plain --out lists2 {AT}",
    ),
    "export-p12": (
        "export-p12 alice --password-out alice.password -o alice.p12",
        ["alice.password", "alice.p12"],
        "export-p12 alice --password-out alice.password -o alice.p12 --force",
    ),
}
# what is done without a line in the ledger, and how many lines the others write
LINES = {
    "create-csr": 0,
    "export-p12": 0,
    "create-ca": 0,  # its own ledger is another
    "create-ca for a parent elsewhere": 0,
    "issue-cert of a table": 2,
    "renew-cert": 2,
    "renew-cert of all": 2,
    "issue-crl": 2,
    "issue-crl of a series": 3,
}
DISTURBED = [*CALLS, "ftruncate", "syncfs", "rmdir", "fchmod"]
SPACE, BROKEN, DENIED = "error=ENOSPC", "error=EIO", "error=EACCES"
KILL, INTERRUPT = SIGNALS = ("signal=SIGKILL", "signal=SIGINT")
ACTIONS = {
    "openat": (SPACE, BROKEN, DENIED),
    "write": (SPACE, BROKEN, "retval=1"),
    "fsync": (BROKEN, SPACE),
    "syncfs": (BROKEN, SPACE),
    "renameat": (SPACE, BROKEN, DENIED),
    "renameat2": (SPACE, BROKEN, DENIED),
    "linkat": (SPACE, BROKEN, DENIED),
    "unlink": (BROKEN, DENIED),
    "unlinkat": (BROKEN, DENIED),
    "flock": (BROKEN,),
    "mkdir": (SPACE, DENIED),
}
FEW = 9
# which of the other calls are disturbed: all of them where nothing may be left out, else some, since each takes a run
EVERY = 1 if os.environ.get("AUTHKIT_REQUIRE_INTEROP") == "1" else 3


def fill(folder: Path) -> None:
    """A store with a CA, which issued two certificates; their files, and a table of two more people."""
    make_store(folder / "store")
    (folder / "pass").write_bytes(PASSPHRASE + b"\n")
    (folder / "pass").chmod(0o600)
    (folder / "people.csv").write_text("name,email\ndora,dora@x.example\nemil,emil@x.example\n")
    for line in (
        "create-ca home --no-passphrase",
        "issue-cert alice --email alice@x.example",
        "issue-cert bob --email bob@x.example",
    ):
        done = run_here(f"{line} --at 2026-11-23T09:00:00Z", folder, environ=ENVIRON)
        assert done.code == 0, done.stderr


@pytest.fixture
def place(tmp_path: Path, require_tool: Callable[[str], str]) -> Iterator[Place]:
    made = Place(tmp_path, require_tool("strace"), fill, DISTURBED)
    yield made
    made.close()


class State:
    """What a run left.

    Attributes:
        files: path -> content.
        raw: the bytes of the CA's ledger.
        interrupted: whether it ends in the beginning of a line.
        record: what its whole lines say.
    """

    def __init__(self, place: Place) -> None:
        self.files = place.files()
        self.raw = self.files[HOME]
        ledger = Ledger(str(place.here / HOME))
        self.interrupted = ledger.interrupted
        self.count = len(ledger.lines())
        self.record: Record = parse_record(ledger.lines(), HOME)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_of_the_ca_that_is_disturbed(name: str, place: Place) -> None:
    line = COMMANDS[name][0]
    place.load(line)
    points = place.points(line)
    after = State(place)
    judge_files(name, place, after, "", "undisturbed")
    assert is_done(name, place, after), f"undisturbed: {sorted(set(after.files) - set(place.before))}"
    assert {"openat", "write", "fsync"} <= {call for call, _, _ in points}
    for place_of, (call, number, text) in enumerate(points):
        # the first few calls take the ledger's lock and write to it: they get every action, as do few calls; the rest
        # is killed, and fails or is interrupted in turn
        whole = len(points) <= FEW or place_of < FEW
        if not whole and place_of % EVERY:
            continue
        one = INTERRUPT if place_of // EVERY % 2 else ACTIONS[call][0]
        for action in (*ACTIONS[call], *SIGNALS) if whole else (one, KILL):
            what = f"{action} at {text}"
            done = disturb(place, line, (call, number, text), action)
            judge(name, place, done, action, what)
            if action == KILL or (whole and action == ACTIONS[call][0]):
                judge_next(name, place, what)


def disturb(place: Place, line: str, point: Point, action: str) -> Done:
    """Run a command from the start, and let one system call fail."""
    call, number, text = point
    hit = "none"
    # where somebody writes to a folder that modules come from, it is listed in between, or was when calls were counted
    for shift in (0, 1, -1, 2, 0):
        place.reset()
        done = place.run(line, "-e", f"inject={call}:{action}:when={number + shift}")
        calls = [one for one in done.trace.splitlines() if one.startswith(f"{call}(")]
        if any(word in done.trace for word in ("(INJECTED)", "--- SIGINT", "+++ killed")):
            hit = calls[number + shift - 1]
            if call == "write" or named_in(hit) == named_in(text):
                return done
    raise AssertionError(f"another call was hit: {hit} instead of {text}")


def named_in(call: str) -> "list[str]":
    return call.split('"')[1::2]


def judge(name: str, place: Place, done: Done, action: str, what: str) -> None:
    """The run left what it found or what it was to make, and says which."""
    state = State(place)
    judge_files(name, place, state, action, what)
    if action == KILL:
        assert done.returncode == -9, what
        return
    assert not state.interrupted, f"half a line stays: {what}"
    if action == INTERRUPT:
        assert (done.returncode, "error" in done.stderr) in ((0, False), (130, False)), f"{what}: {done.stderr}"
    elif done.returncode:
        assert (done.returncode, done.stdout) == (6, ""), f"{what}: {done.returncode} {done.stderr}"
        assert re.search(r"^authkit: error: (?:cannot|\S+ did not)[^\n]*[\w/.]+", done.stderr, re.M), done.stderr
    if done.returncode == 0:
        assert is_done(name, place, state), f"reported done and is not: {what}"


def judge_files(name: str, place: Place, state: State, action: str, what: str) -> None:
    """The ledger only grew and is ahead of every file; each file is whole; nothing else changed or stays."""
    files, targets = state.files, COMMANDS[name][1]
    assert state.raw.startswith(place.before[HOME]), f"the ledger lost a line: {what}"
    folders = {path.rpartition("/")[0] for path in targets if "/" in path} - {"store/keys", "new"}
    left = {
        path for path in files if path.endswith(".tmp") or path.rpartition("/")[0] in {f"{one}.new" for one in folders}
    }
    assert not left or action == KILL or "unlink" in what, f"left behind: {what}: {left}"
    for path, data in place.before.items():
        if path not in (*targets, HOME, HEAD):
            assert files.get(path) == data, f"changed: {what}: {path}"
    expected = {*targets, *[f"{one}/.authkit-unfinished" for one in folders]}
    new = set(files) - set(place.before) - left - expected
    assert all(path.startswith("store/ledgers/") or path == "store/lock" for path in new), f"{what}: {new}"
    for folder in folders:
        there = [path for path in targets if path in files and path.startswith(f"{folder}/")]
        assert there in ([], [path for path in targets if path.startswith(f"{folder}/")]), f"torn: {what}: {there}"
    for path in files:
        plain = path.rpartition("/")[2].removesuffix(".tmp").strip(".0")
        public = plain.endswith((".pem", ".csr", ".csv")) or plain == "home.crl"
        if not public or path.endswith("passwords.csv"):
            assert (place.here / path).stat().st_mode & 0o077 == 0, f"open to others: {what}: {path}"
        if path in targets:
            judge_content(path, files, place, state, what)
        elif path in left:
            judge_left(path, files, place, state, what)
    for path in targets:
        if path.endswith(".key") and path != "zoe.key" and path in files:
            judge_pair(path, files, state, what)
    count, _, line = files[HEAD].decode().rstrip("\n").partition(":")
    last = b"".join(state.raw.splitlines(keepends=True)[int(count) - 1 :][:1])
    assert line == sha256(last).hexdigest(), f"the head is ahead: {what}"


def judge_content(path: str, files: Files, place: Place, state: State, what: str) -> None:
    """A file that is there is whole, and the ledger knows what it holds."""
    if files[path] == place.before.get(path):
        return
    try:
        judge_whole(path, files, place, state, what)
    except ValueError as error:
        raise AssertionError(f"torn: {what}: {path}: {error}") from error


def judge_left(path: str, files: Files, place: Place, state: State, what: str) -> None:
    """What a killed run left may be half, but whole or not it was in the ledger before."""
    folder, mark, name = path.rpartition("/")
    name = folder + mark + name.removesuffix(".0.tmp").removeprefix(".")
    with suppress(ValueError):
        judge_whole(name, {**files, name: files[path]}, place, state, what)


def judge_whole(path: str, files: Files, place: Place, state: State, what: str) -> None:
    data, kind = files[path], path.rpartition(".")[2]
    if kind == "pem":
        known([certificate.serial_number for certificate in x509.load_pem_x509_certificates(data)], state, what)
    elif kind == "p12":
        opened = pkcs12.load_pkcs12(data, password_of(path, files))
        assert opened.cert is not None
        known([opened.cert.certificate.serial_number], state, what)
    elif kind == "crl":
        number = x509.load_pem_x509_crl(data).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        assert number < state.record.next_crl_number, f"not in the ledger: {what}: CRL {number}"
        assert number in [one.number for one in state.record.crls], f"not in the ledger: {what}: CRL {number}"
    elif kind == "key":
        load_pem_private_key(data, None)
    elif kind == "csr":
        assert x509.load_pem_x509_csr(data).is_signature_valid
    elif kind == "json" and (place.here / path).exists():
        judge_entry(place.here / path)


def judge_pair(path: str, files: Files, state: State, what: str) -> None:
    """The certificate of a key is beside it, or can be had from the ledger."""
    key = public_key(load_pem_private_key(files[path], None).public_key())
    beside = files.get(path.removesuffix("key") + "pem")
    if beside is None or public_key(x509.load_pem_x509_certificates(beside)[0].public_key()) != key:
        held = [public_key(x509.load_der_x509_certificate(row.certificate).public_key()) for row in state.record.issued]
        assert key in held, f"a key without its certificate: {what}: {path}"


def public_key(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def known(serials: "list[int]", state: State, what: str) -> None:
    for serial in serials:
        assert state.record.by_serial(f"{serial:x}") is not None, f"not in the ledger: {what}: {serial:x}"


def password_of(path: str, files: Files) -> bytes:
    """Return the password of a PKCS#12 file, which is never there without it."""
    folder = path.rpartition("/")[0]
    if f"{folder}/passwords.csv" in files:
        rows = dict(line.partition(",")[::2] for line in files[f"{folder}/passwords.csv"].decode().split())
        found = rows.get(path.rpartition("/")[2].removesuffix(".p12"))
        if found is None:
            raise ValueError("no password yet")
        return found.encode()
    beside = path.removesuffix("p12") + "password"
    if folder:  # of a table that was not finished, whose passwords come last
        raise ValueError("no password yet")
    return files[beside].strip()


def judge_entry(path: Path) -> None:
    """An entry of a store opens, and is a CA with its key."""
    store = FolderStore(str(path.parents[1]), lambda info: open_identity(info.identity_path, lambda prompt: PASSPHRASE))
    entry = store.get(path.stem)
    assert entry.secret is not None
    if "certificate" in entry.metadata:
        load_authority(entry.metadata, entry.secret.reveal(), path.stem)


def is_done(name: str, place: Place, state: State) -> bool:
    before = parse_record(Ledger(str(place.fresh / HOME)).lines(), HOME)
    if name == "revoke-cert":
        return len(state.record.revoked) == 1 + len(before.revoked)
    wanted = LINES.get(name, 1)
    targets = COMMANDS[name][1]
    there = all(path in state.files and state.files[path] != place.before.get(path) for path in targets)
    return there and state.raw.count(b"\n") == place.before[HOME].count(b"\n") + wanted


def judge_next(name: str, place: Place, what: str) -> None:
    """The same command does what it did not, or says what stands in its way and how to go on."""
    line, _, again = COMMANDS[name]
    before = State(place)
    done = place.run(line, traced=False)
    if done.returncode == 5:
        assert re.search(
            r" exists$| has a certificate that is valid until |there is a key named |was revoked already",
            done.stderr,
            re.M,
        ), f"next: {what}: {done.stderr}"
        if again is None:
            assert is_done(name, place, before), f"next: {what}: {done.stderr}"
            return
        done = place.run(again, traced=False)
    assert done.returncode == 0, f"next: {what}: {done.returncode} {done.stderr}"
    after = State(place)
    assert not after.interrupted, f"next: {what}"
    assert after.raw.startswith(before.raw[: before.raw.rfind(b"\n") + 1]), f"next: {what}: the ledger lost a line"
    left = [path for path in after.files if path.endswith(".tmp") and path in before.files]
    assert len(left) <= 1, f"next: {what}: {left}"


BEGUN = b'{"n": 4, "at": "2026-11-24T09:00:00Z", "pre'


def fill_interrupted(folder: Path) -> None:
    """The same, but a run that wrote the ledger's fourth line was killed."""
    fill(folder)
    with (folder / HOME).open("ab") as ledger:
        ledger.write(BEGUN)


def judge_repair(place: Place, before: bytes, what: str) -> State:
    """The whole lines are all there, and the half one too: where it was, or moved aside."""
    state = State(place)
    whole = before.removesuffix(BEGUN)
    assert state.raw.startswith(whole), what
    aside = state.files.get(f"{HOME}.4.interrupted")
    assert aside in (None, BEGUN), what
    if state.interrupted:
        assert state.raw == before, what
    else:
        assert aside == BEGUN, f"dropped: {what}"
        assert f'"event": "repaired", "file": "home.jsonl.4.interrupted", "sha256": "{sha256(BEGUN).hexdigest()}"' in (
            state.raw[len(whole) :].split(b"\n")[0].decode()
        ), what
        assert (place.here / f"{HOME}.4.interrupted").stat().st_mode & 0o777 == 0o600
    return state


def test_a_repair_that_is_disturbed(tmp_path: Path, require_tool: Callable[[str], str]) -> None:
    line = f"revoke-cert bob {AT}"
    place = Place(tmp_path, require_tool("strace"), fill_interrupted, DISTURBED)
    try:
        place.load(line)
        points = place.points(line)
        assert judge_repair(place, place.before[HOME], "undisturbed").raw.count(b"\n") == 5
        assert len(points) > 12
        for call, number, text in points:
            for action in (ACTIONS[call][0], *SIGNALS):
                what = f"{action} at {text}"
                done = disturb(place, line, (call, number, text), action)
                judge_repair(place, place.before[HOME], what)
                assert done.returncode in {KILL: (-9,), INTERRUPT: (0, 130)}.get(action, (0, 6)), what
                again = place.run(line, traced=False)
                after = judge_repair(place, place.before[HOME], f"next: {what}")
                assert (again.returncode, after.interrupted, list(after.record.revoked.values())[0].reason) in (
                    (0, False, "unspecified"),
                    (5, False, "unspecified"),
                ), f"next: {what}: {again.stderr}"
                assert after.raw.count(b"\n") == 5
    finally:
        place.close()


@pytest.mark.parametrize("name", [name for name in COMMANDS if LINES.get(name, 1)])
def test_half_a_line_is_repaired_by_the_next_that_is_written(name: str, tmp_path: Path) -> None:
    fill_interrupted(tmp_path)
    done = run_here(COMMANDS[name][0], tmp_path, environ=ENVIRON)
    assert done.code == 0, done.stderr
    note = f"authkit: warning: {HOME} ends in a line that was not finished; the next that is written moves it aside\n"
    assert note in done.stderr.decode()
    lines = Ledger(str(tmp_path / HOME)).lines()
    assert [line["event"] for line in lines].count("repaired") == 1
    assert lines[3]["event"] == "repaired"
    assert (tmp_path / f"{HOME}.4.interrupted").read_bytes() == BEGUN


# a write that stops in the middle of the ledger's line, as on a full disk or in a crash, without a tracer
STOPPED = """
import resource, signal, sys
sys.path[:0] = {path!r}
from authkit import app
signal.signal(signal.SIGXFSZ, signal.{handler})
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
sys.exit(app.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("handler", ["SIG_IGN", "SIG_DFL"])
def test_a_disk_that_fills_up_in_the_middle_of_a_line(handler: str, tmp_path: Path) -> None:
    fill(tmp_path)
    before = (tmp_path / HOME).read_bytes()
    assert len(before) > 2000
    line = COMMANDS["issue-cert"][0]
    path = [path for path in sys.path if path]
    code = STOPPED.format(path=path, handler=handler, size=len(before) + 100)
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, *line.split()],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **ENVIRON},
        capture_output=True,
        timeout=60,
    )
    after = (tmp_path / HOME).read_bytes()
    assert [path.name for path in tmp_path.glob("carol*")] == []
    if handler == "SIG_IGN":
        expected = f"authkit: error: cannot write {HOME}: file too large\n"
        assert (done.returncode, done.stdout, done.stderr.decode()) == (6, b"", expected)
        assert after == before
    else:
        assert (done.returncode, done.stdout) == (-25, b"")
        assert (after[: len(before)], len(after)) == (before, len(before) + 100)
    again = run_here(line, tmp_path, environ=ENVIRON)
    assert again.code == 0, again.stderr
    events = [str(row["event"]) for row in Ledger(str(tmp_path / HOME)).lines()][3:]
    assert events == (["issued"] if handler == "SIG_IGN" else ["repaired", "issued"])
    if handler == "SIG_DFL":
        assert (tmp_path / f"{HOME}.4.interrupted").read_bytes() == after[len(before) :]


# a process that is ready, waits for a line, and then does its work
WORKER = """
import sys
sys.path[:0] = {path!r}
from authkit import app
from authkit.certs import issue, crl, record
from authkit.commands import _ca, _issued
print("ready", flush=True)
sys.stdin.readline()
codes = [app.main(line.split()) for line in sys.argv[1:]]
sys.stderr.write(" ".join(map(str, codes)))
"""


def at_once(folder: Path, work: "list[list[str]]") -> "list[str]":
    """Run each list of command lines in a process of its own, all at the same time; return their exit codes."""
    code = WORKER.format(path=[path for path in sys.path if path])
    children = [
        subprocess.Popen(
            [sys.executable, "-B", "-c", code, *lines],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), **ENVIRON},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for lines in work
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write(b"go\n")
        child.stdin.flush()
    return [child.communicate(timeout=120)[1].decode().split("\n")[-1] for child in children]


def test_eight_processes_issue_and_no_serial_is_lost(tmp_path: Path) -> None:
    fill(tmp_path)
    before = (tmp_path / HOME).read_bytes()
    work = [
        [
            *[f"issue-cert p{process}-{number} --email p{process}@x.example --out made {AT}" for number in range(4)],
            f"issue-crl -o {process}.crl {AT}",
        ]
        for process in range(8)
    ]
    assert at_once(tmp_path, work) == ["0 0 0 0 0"] * 8
    ledger = Ledger(str(tmp_path / HOME))
    record = parse_record(ledger.lines(), HOME)
    assert (tmp_path / HOME).read_bytes().startswith(before)
    assert len(record.issued) == 2 + 32
    assert len({row.serial for row in record.issued}) == 2 + 32
    found = {f"{x509.load_pem_x509_certificates(path.read_bytes())[0].serial_number:x}"
             for path in (tmp_path / "made").glob("*.pem")}  # fmt: skip
    assert found == {row.serial for row in record.issued[2:]}
    numbers = [
        x509.load_pem_x509_crl(path.read_bytes()).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        for path in tmp_path.glob("*.crl")
    ]
    assert sorted(numbers) == list(range(1, 9))
    assert ledger.head().startswith("51:")  # 3 before, 32 issued, 8 times reserved and written


def test_of_eight_that_issue_one_name_one_does(tmp_path: Path) -> None:
    fill(tmp_path)
    line = f"issue-cert carol --email carol@x.example --out {{}} {AT}"
    codes = at_once(tmp_path, [[line.format(f"out{process}")] for process in range(8)])
    assert sorted(codes) == ["0", *["5"] * 7]
    record = parse_record(Ledger(str(tmp_path / HOME)).lines(), HOME)
    assert [row.name for row in record.issued] == ["alice", "bob", "carol"]
    assert len(list(tmp_path.glob("out*/carol.pem"))) == 1


def test_what_must_not_be_would_be_seen(place: Place) -> None:
    name = "issue-cert"
    place.load(COMMANDS[name][0])
    whole = place.files()
    done = Done(0, "", "", "")
    judge(name, place, done, "error=EIO", "x")

    def put(path: str, data: "bytes | None", mode: int = 0o600) -> None:
        (place.here / path).unlink(missing_ok=True)
        if data is not None:
            (place.here / path).write_bytes(data)
            (place.here / path).chmod(mode)

    def refused(said: str) -> None:
        with pytest.raises(AssertionError, match=f"^{said}"):
            judge(name, place, done, "error=EIO", "x")
        for path, data in whole.items():
            put(path, data)

    put(HOME, place.before[HOME])
    refused("not in the ledger: x: ")
    put(HOME, place.before[HOME])
    for path in ("carol.key", "carol.pem"):
        put(path, None)
    put(".carol.pem.0.tmp", whole["carol.pem"])
    done.returncode = -9
    with pytest.raises(AssertionError, match="^not in the ledger: x: "):
        judge(name, place, done, KILL, "x")
    put(".carol.pem.0.tmp", None)
    done.returncode = 0
    for path, data in whole.items():
        put(path, data)
    put(HOME, place.before[HOME])
    for path in ("carol.key", "carol.pem"):
        put(path, None)
    refused("the head is ahead: x")
    put(HOME, whole[HOME].split(b"\n", 1)[1])
    with pytest.raises(StoreError):
        judge(name, place, done, "error=EIO", "x")
    put(HOME, whole[HOME] + BEGUN)
    refused("half a line stays: x")
    put("carol.key", whole["carol.key"][:-40])
    refused("torn: x: carol.key: ")
    put("carol.pem", whole["carol.pem"][:-40])
    refused("torn: x: carol.pem: ")
    put("carol.pem", None)
    refused("reported done and is not: x")
    put("carol.key", whole["carol.key"], 0o640)
    refused("open to others: x: carol.key")
    put("alice.key", whole["carol.key"])
    refused("changed: x: alice.key")
    put(".carol.pem.0.tmp", b"")
    refused("left behind: x: ")
    put(".carol.pem.0.tmp", None)
    put("carol.key", whole["alice.key"])
    judge(name, place, done, "error=EIO", "x")  # the certificate of that key is in the ledger
