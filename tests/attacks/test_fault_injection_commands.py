"""Is what a command writes old or new, and never torn or claimed, whatever fails at whatever system call?

tests/attacks/test_fault_injection_files.py disturbs each call of the one file that writes; here it is whole commands,
at a sample of their calls.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agefile import PASSPHRASE, seal_quickly
from authkit.errors import NotFound
from authkit.stores.folder import FolderStore
from authkit.unlock.passphrase import open_identity
from sample import Sample

# The product seals with a passphrase at a cost of seconds, so the child seals as the tests do.
START = """
import sys
sys.path[:0] = {path!r}
import agefile
from authkit import app, seal
seal.encrypt_with_passphrase = lambda passphrase, data: agefile.seal_quickly(passphrase, data).decode()
import os
os.access("/sign", 0)
sys.exit(app.main({words!r}))
"""
# command -> (words, what it writes, which of these are made anew)
COMMANDS = {
    "keygen": "keygen new",
    "keygen over": "keygen web --force",
    "keygen to a file": "keygen -o new.json",
    "keygen over a file": "keygen -o key.json --force",
    "keygen of a store": "keygen new --store fresh --unlock passphrase",
    "derive-subkey": "derive-subkey --key file:key.json --scope us-east-1/s3 --at 2026-11-23T09:00:00Z -o new.subkeys",
    "derive-subkey over": "derive-subkey --key file:key.json --scope us-east-1/s3 -o day.subkeys --force",
    "import-key": "import-key new accessKeys.csv",
    "import-subkey": "import-subkey new two.subkeys --expect-id AKIDEXAMPLE",
    "export-key": "export-key web -o new.json",
    "export-key of the identity": "export-key --store-identity copy.age",
    "delete-key": "delete-key web --yes",
}
CALLS = "openat write fsync rename renameat linkat unlinkat flock lseek mkdir".split()
ACTIONS = {
    "openat": ("error=EACCES", "error=ENOSPC", "signal=SIGKILL"),
    "write": ("error=ENOSPC", "error=EIO", "retval=1", "signal=SIGKILL", "signal=SIGINT"),
    "fsync": ("error=EIO", "signal=SIGINT"),
    "rename": ("error=EROFS", "signal=SIGKILL", "signal=SIGINT"),
    "renameat": ("error=EROFS", "signal=SIGKILL", "signal=SIGINT"),
    "linkat": ("error=EACCES", "signal=SIGKILL", "signal=SIGINT"),
    "unlinkat": ("error=EROFS", "signal=SIGINT"),
    "flock": ("error=EIO",),
    "lseek": ("error=EIO",),
    "mkdir": ("error=EROFS", "signal=SIGKILL"),
}
# how many of the points of a command are disturbed
SAMPLE = 6
ENVIRON = {
    "AUTHKIT_STORE": "store",
    "AUTHKIT_PASSPHRASE_FILE": "pass",
    "AUTHKIT_KEY_PASSPHRASE_FILE": "pass",
}


class Place:
    """A folder that a command is run in, again and again."""

    def __init__(self, folder: Path, line: str, strace: str) -> None:
        self.here = folder / "here"
        self.trace = folder / "trace"
        self.compiled = folder / "compiled"
        self.strace = strace
        self.code = START.format(path=[path for path in sys.path if path], words=line.split())

    def reset(self) -> "dict[str, bytes]":
        if self.here.exists():
            subprocess.run(["rm", "-rf", str(self.here)], check=True)
        self.here.mkdir(mode=0o700)
        Sample().write(self.here)
        return self.files()

    def files(self) -> "dict[str, bytes]":
        return {str(path.relative_to(self.here)): path.read_bytes() for path in self.here.rglob("*") if path.is_file()}

    def run(self, *options: str) -> "subprocess.CompletedProcess[str]":
        trace = ["-f", "-qq", "-o", str(self.trace), "-e", f"trace=access,{','.join(CALLS)}"]
        return subprocess.run(
            [self.strace, *trace, *options, sys.executable, "-S", "-c", self.code],
            cwd=self.here,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.here),
                "PYTHONPYCACHEPREFIX": str(self.compiled),
                **ENVIRON,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            start_new_session=True,
            timeout=60,
        )

    def points(self) -> "list[tuple[str, int, str]]":
        """Run undisturbed, once to compile and once to count; return name, number and line of each call that writes."""
        for _ in range(2):
            self.reset()
            done = self.run()
            assert done.returncode == 0, done.stderr
        counts: dict[str, int] = dict.fromkeys(CALLS, 0)
        found, started = [], False
        for line in self.trace.read_text().splitlines():
            match = re.match(r"\d+ +(\w+)\((.*)", line)
            started = started or '"/sign"' in line
            if match is None or match[1] not in counts:
                continue
            counts[match[1]] += 1
            sweep = ".tmp" in line and "ENOENT" in line
            reads = (match[1] == "openat" and "O_CREAT" not in line) or "SEEK_CUR" in line
            if started and not sweep and not reads and not match[2].startswith(("2, ", "1, ")):
                found.append((match[1], counts[match[1]], line))
        return found


@pytest.fixture
def strace(require_tool: Callable[[str], str]) -> str:
    return require_tool("strace")


def chosen(points: "list[tuple[str, int, str]]") -> "list[tuple[str, int, str, str]]":
    """Return some of the points, spread evenly, each with one action; every run of the tests takes the same."""
    every = [
        (name, number, line, action)
        for place, (name, number, line) in enumerate(points)
        for action in (ACTIONS[name][place % len(ACTIONS[name])], ACTIONS[name][(place + 1) % len(ACTIONS[name])])
    ]
    step = max(len(every) / SAMPLE, 1)
    return [every[int(place * step)] for place in range(min(SAMPLE, len(every)))]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_disturbed(name: str, tmp_path: Path, strace: str) -> None:
    place = Place(tmp_path, COMMANDS[name], strace)
    points = place.points()
    assert len(points) >= 4
    picked = chosen(points)
    assert len(picked) >= 4
    assert len({action.partition("=")[0] for _, _, _, action in picked}) >= 2
    for call, number, line, action in picked:
        before = place.reset()
        done = place.run("-e", f"inject={call}:{action}:when={number}")
        what = f"{name}: {action} at {line}"
        trace = place.trace.read_text()
        assert any(word in trace for word in ("(INJECTED)", "--- SIG", "+++ killed")), what
        judge(place, before, done, action, what)


def judge(
    place: Place, before: "dict[str, bytes]", done: "subprocess.CompletedProcess[str]", action: str, what: str
) -> None:
    after = place.files()
    left = {path for path in after if path.endswith(".tmp")}
    assert left == set() or action == "signal=SIGKILL" or "unlinkat" in what, what
    for path in after:
        assert (place.here / path).stat().st_mode & 0o077 == 0, f"{what}: {path}"
    for path, data in before.items():
        if path != "store/lock" and after.get(path) != data:
            assert path in expected(what), f"{what}: {path} was changed"
    for path in set(after) - left - set(before):
        assert after[path] or path.endswith("lock"), f"{what}: {path} is empty"
    check_stores(place, what)
    for name in ("new.json", "new.subkeys", "key.json", "day.subkeys", "copy.age"):
        if name in after:
            assert after[name].endswith((b"}\n", b"-----\n")), f"{what}: {name} is torn"
    if action == "signal=SIGKILL":
        assert done.returncode < 0, what
    elif action == "signal=SIGINT":
        assert (done.returncode, done.stderr.count("error")) in ((0, 0), (130, 0)), f"{what}: {done.stderr}"
    else:
        assert done.returncode in (0, 6), f"{what}: {done.returncode} {done.stderr}"
        if done.returncode:
            assert done.stdout == "", what
            assert re.match(r"(authkit: note: .*\n)*authkit: error: ", done.stderr), what
            assert names_a_place(done.stderr), f"{what}: {done.stderr}"
    if done.returncode == 0:
        assert complete(what, before, after), f"{what}: reported done and is not"


def expected(what: str) -> "tuple[str, ...]":
    """Return the files that a command may change or remove."""
    return {
        "keygen over": ("store/keys/web.json",),
        "keygen over a file": ("key.json",),
        "derive-subkey over": ("day.subkeys",),
        "delete-key": ("store/keys/web.json",),
    }.get(what.partition(":")[0], ())


def complete(what: str, before: "dict[str, bytes]", after: "dict[str, bytes]") -> bool:
    name = what.partition(":")[0]
    if name == "delete-key":
        return "store/keys/web.json" not in after
    changed = {path for path in after if after[path] != before.get(path)}
    wanted = {
        "keygen": "store/keys/new.json",
        "keygen to a file": "new.json",
        "keygen of a store": "fresh/keys/new.json",
        "derive-subkey": "new.subkeys",
        "import-key": "store/keys/new.json",
        "import-subkey": "store/keys/new.json",
        "export-key": "new.json",
        "export-key of the identity": "copy.age",
    }
    return {wanted.get(name) or expected(what)[0]} <= changed


def names_a_place(text: str) -> bool:
    return any(word in text for word in ("store", "fresh", "new.", "key.json", "day.subkeys", "copy.age"))


def check_stores(place: Place, what: str) -> None:
    """Every entry of a store opens or is not there; what was not meant is as it was."""
    for folder in ("store", "fresh"):
        path = place.here / folder
        if not (path / "store.json").exists():
            continue
        identity = open_identity(str(path / "identity.age"), lambda prompt: PASSPHRASE)
        store = FolderStore(str(path), lambda info, identity=identity: identity)  # type: ignore[misc]
        for name in store.names():
            assert store.get(name).secret, f"{what}: {name}"
        if folder == "store":
            others = {"clear", "day", "pair", "root"} | ({"web"} - {"web" for _ in [0] if "delete-key" in what})
            assert others <= set(store.names()), what
            with pytest.raises(NotFound):
                store.get("never")


def test_a_torn_file_would_be_seen(tmp_path: Path, strace: str) -> None:
    place = Place(tmp_path, "--version", strace)
    before = place.reset()
    done = place.run()
    assert done.returncode == 0
    (place.here / "new.json").write_bytes(b'{"schema": ')
    (place.here / "new.json").chmod(0o600)
    with pytest.raises(AssertionError, match="new.json is torn"):
        judge(place, before, done, "error=EIO", "keygen to a file: x")
    (place.here / "new.json").unlink()
    with pytest.raises(AssertionError, match="reported done and is not"):
        judge(place, before, done, "error=EIO", "keygen to a file: x")
    (place.here / "store" / "keys" / "day.json").write_bytes(seal_quickly(PASSPHRASE, b"x"))
    with pytest.raises(AssertionError, match="day.json was changed"):
        judge(place, before, done, "error=EIO", "keygen to a file: x")
