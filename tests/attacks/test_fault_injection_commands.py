"""Is what a command writes old or new, and never torn or claimed, whatever fails at whatever system call?

tests/attacks/test_fault_injection_files.py disturbs each call of the one file that writes; here it is whole commands,
at each call that writes.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agefile import PASSPHRASE, seal_quickly
from attacks.disturbed import Done, Files, Place
from authkit.ceremony.paper import parse_pages
from authkit.stores.folder import FolderStore
from authkit.unlock.passphrase import open_identity
from sample import Sample

SUBKEYS = "--scope us-east-1/s3 --at 2026-11-23T09:00:00Z"
# command -> (its line, what it writes, what else a message may name)
COMMANDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "keygen": ("keygen new", "store/keys/new.json", ("store/lock",)),
    "keygen over": ("keygen web --force", "store/keys/web.json", ("store/lock",)),
    "keygen to a file": ("keygen -o new.json", "new.json", ()),
    "keygen over a file": ("keygen -o key.json --force", "key.json", ()),
    "keygen of a store": (
        "keygen new --store fresh --unlock passphrase",
        "fresh/keys/new.json",
        ("fresh", "fresh/lock", "fresh/identity.age", "fresh/keys", "fresh/store.json"),
    ),
    "keygen of a pair": ("keygen --type ed25519 -o new.pem", "new.pem", ()),
    "derive-subkey": (f"derive-subkey --key file:key.json {SUBKEYS} -o new.subkeys", "new.subkeys", ()),
    "derive-subkey over": (f"derive-subkey --key root {SUBKEYS} -o day.subkeys --force", "day.subkeys", ()),
    "import-key": ("import-key new accessKeys.csv", "store/keys/new.json", ("store/lock",)),
    "import-key over": ("import-key pair key.pem --force", "store/keys/pair.json", ("store/lock",)),
    "import-subkey": ("import-subkey new two.subkeys --expect-id AKIDEXAMPLE", "store/keys/new.json", ("store/lock",)),
    "import-subkey in clear": (
        "import-subkey new day.subkeys --expect-id AKIDEXAMPLE --unprotected",
        "store/keys/new.json",
        ("store/lock",),
    ),
    "export-key": ("export-key web -o new.json", "new.json", ()),
    "export-key of the identity": ("export-key --store-identity copy.age", "copy.age", ()),
    "backup-key": ("backup-key web --paper -o new.txt", "new.txt", ()),
    "backup-key over": ("backup-key pair --paper -o signed.http --force", "signed.http", ()),
    "delete-key": ("delete-key web --yes", "store/keys/web.json", ("store/lock",)),
}
SPACE, BROKEN, READ_ONLY, DENIED = "error=ENOSPC", "error=EIO", "error=EROFS", "error=EACCES"
SIGNALS = ("signal=SIGKILL", "signal=SIGINT")
ACTIONS = {
    "openat": (SPACE, BROKEN, READ_ONLY, DENIED),
    "write": (SPACE, BROKEN, "retval=1"),
    "fsync": (BROKEN, SPACE),
    "renameat": (SPACE, BROKEN, READ_ONLY, DENIED),
    "linkat": (SPACE, BROKEN, READ_ONLY, DENIED, "error=EPERM"),
    "unlinkat": (BROKEN, READ_ONLY, DENIED),
    "flock": (BROKEN,),
    "mkdir": (SPACE, READ_ONLY, DENIED),
}


@pytest.fixture
def place(tmp_path: Path, require_tool: Callable[[str], str]) -> Iterator[Place]:
    made = Place(tmp_path, require_tool("strace"), Sample().write)
    yield made
    made.close()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_disturbed(name: str, place: Place) -> None:
    line = COMMANDS[name][0]
    place.load(line)
    points = place.points(line)
    assert {"openat", "write", "fsync"} <= {call for call, _, _ in points} or name == "delete-key"
    assert {call for call, _, _ in points} & {"renameat", "linkat", "unlinkat"}
    few = len(points) > 15  # as of a new store, three files of which are written alike
    for call, number, text in points:
        for action in (*ACTIONS[call][: 1 if few else None], *SIGNALS):
            place.reset()
            done = place.run(line, "-e", f"inject={call}:{action}:when={number}")
            what = f"{action} at {text}"
            assert any(word in done.trace for word in ("(INJECTED)", "--- SIGINT", "+++ killed")), what
            judge(name, place, done, action, what)
            if action in ("signal=SIGKILL", ACTIONS[call][0]):
                judge_next(name, place, what)


def judge(name: str, place: Place, done: Done, action: str, what: str) -> None:
    _, target, others = COMMANDS[name]
    after = place.files()
    judge_files(name, place, after, action, what)
    if action == "signal=SIGKILL":
        assert done.returncode == -9, what
    elif action == "signal=SIGINT":
        assert (done.returncode, "error" in done.stderr) in ((0, False), (130, False)), f"{what}: {done.stderr}"
    elif done.returncode:
        assert (done.returncode, done.stdout) == (6, ""), f"{what}: {done.stderr}"
        notes = r"(authkit: (note|warning): .*\n)*"
        error = re.fullmatch(rf"{notes}authkit: error: (.*)\n(authkit: hint: .*\n)?", done.stderr)
        assert error is not None, f"{what}: {done.stderr}"
        named = re.findall(r"[\w./]*\w", error[3])
        assert {target, *others} & set(named), f"{what}: {error[3]}"
    if done.returncode == 0:
        assert is_done(name, place, after), f"reported done and is not: {what}"


def judge_files(name: str, place: Place, after: Files, action: str, what: str) -> None:
    """Every file is as it was or as it is to be, and only its owner's."""
    _, target, others = COMMANDS[name]
    left = {path for path in after if path.endswith(".tmp")}
    assert left == set() or action == "signal=SIGKILL" or "unlinkat" in what, f"left behind: {what}: {left}"
    for path in after:
        assert (place.here / path).stat().st_mode & 0o077 == 0, f"open to others: {what}: {path}"
    for path, data in place.before.items():
        if path != target:
            assert after.get(path) == data, f"changed: {what}: {path}"
    assert set(after) - set(place.before) - left <= {target, *others}, what
    if target in after and after[target] != place.before.get(target):
        assert is_whole(after[target]), f"torn: {what}: {target}"
        if "keys/" in target:
            judge_entry(place.here / target, what)


def is_whole(data: bytes) -> bool:
    """Say whether a key file is JSON, a page, or PEM or armored age, from its first byte to its last."""
    if data.startswith(b"authkit   A key on paper"):
        return len(parse_pages(data, "page")) == 1 and data.endswith((b"secret access key.\n", b"OpenSSL reads.\n"))
    try:
        if not data.startswith(b"-----BEGIN "):
            return data.endswith(b"}\n") and "schema" in json.loads(data)
        first, *body, last, end = data.decode().split("\n")
        return (last, end) == (first.replace("BEGIN", "END"), "") and len(b64decode("".join(body), validate=True)) >= 48
    except ValueError:
        return False


def judge_entry(path: Path, what: str) -> None:
    """An entry of a store opens."""
    store = FolderStore(str(path.parents[1]), lambda info: open_identity(info.identity_path, lambda prompt: PASSPHRASE))
    assert len(store.get(path.stem).secret or "") > 100, f"torn: {what}"


def is_done(name: str, place: Place, after: Files) -> bool:
    target = COMMANDS[name][1]
    if name == "delete-key":
        return target not in after
    return target in after and after[target] != place.before.get(target)


def judge_next(name: str, place: Place, what: str) -> None:
    """The same command does what it did not, and clears away what was left, or says that it was done."""
    line, target, _ = COMMANDS[name]
    before = place.files()
    again = place.run(line, traced=False)
    after = place.files()
    if is_done(name, place, before) and "--force" not in line:
        expected = (4, "no key named web") if name == "delete-key" else (5, " new" if "keys/" in target else target)
        assert again.returncode == expected[0], f"next: {what}: {again.stderr}"
        assert expected[1] in again.stderr, f"next: {what}: {again.stderr}"
    else:
        assert again.returncode == 0, f"next: {what}: {again.stderr}"
        assert is_done(name, place, after), f"next: {what}"
        judge_files(name, place, after, "", what)


def test_a_torn_file_would_be_seen(place: Place) -> None:
    name, path = "keygen to a file", place.here / "new.json"
    done = Done(0, "AKX\n", "", "")
    with pytest.raises(AssertionError, match="^reported done and is not: "):
        judge(name, place, done, "error=EIO", "x")
    whole = (place.here / "key.json").read_bytes()
    path.write_bytes(whole)
    with pytest.raises(AssertionError, match="^open to others: "):
        judge(name, place, done, "error=EIO", "x")
    path.chmod(0o600)
    for torn in (
        whole[1:],
        whole[:-1],
        whole[:9],
        b"",
        whole[:9] + bytes(9),
        (place.here / "key.pem").read_bytes()[1:],
    ):
        path.write_bytes(torn)
        with pytest.raises(AssertionError, match="^torn: "):
            judge(name, place, done, "error=EIO", "x")
    path.write_bytes(whole)
    judge(name, place, done, "error=EIO", "x")
    (place.here / ".new.json.0.tmp").touch(0o600)
    with pytest.raises(AssertionError, match="^left behind: "):
        judge(name, place, done, "error=EIO", "x")
    (place.here / "store" / "keys" / "day.json").write_bytes(seal_quickly(PASSPHRASE, b"x"))
    with pytest.raises(AssertionError, match="day.json"):
        judge(name, place, done, "signal=SIGKILL", "x")


@pytest.mark.parametrize(
    ("stderr", "code"),
    [
        ("authkit: error: cannot write it: no space left on device\n", 6),
        ("authkit: error: cannot write new.json: no space left on device\n", 3),
        ("authkit: error: cannot write new.json: no space left on device\nmore\n", 6),
        ("Traceback (most recent call last):\nOSError: new.json\n", 6),
    ],
)
def test_a_message_that_does_not_help_would_be_seen(stderr: str, code: int, place: Place) -> None:
    judge("keygen to a file", place, Done(6, "", "authkit: error: cannot write new.json: x\n", ""), "error=EIO", "x")
    with pytest.raises(AssertionError):
        judge("keygen to a file", place, Done(code, "", stderr, ""), "error=EIO", "x")


def test_every_command_that_writes_is_disturbed() -> None:
    writing = {"keygen", "derive-subkey", "import-key", "import-subkey", "export-key", "backup-key", "delete-key"}
    assert {line.split()[0] for line, _, _ in COMMANDS.values()} == writing


def test_a_run_without_its_write_would_be_seen(place: Place) -> None:
    """The loaded program is the one that is run: it writes what the words say, and its trace shows it."""
    place.load("keygen -o new.json")
    place.reset()
    done = place.run("keygen -o other.json")
    assert done.returncode == 0
    assert set(place.files()) - set(place.before) == {"other.json"}
    assert ".other.json.0.tmp" in done.trace
