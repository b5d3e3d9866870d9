"""Is a file old or new, and never torn, whatever fails at whatever system call?"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agefile import make_store
from authkit import files
from authkit.secret import Secret
from authkit.stores.folder import FolderStore

# Each driver does its imports, gives a sign that the trace shows, and does one thing.
START = """
import errno, fcntl, os, sys, time
from authkit import files
from authkit.errors import AuthkitError
def run(action):
    try:
        action()
    except AuthkitError as error:
        print(error.message)
        raise SystemExit(error.exit_code)
    except KeyboardInterrupt:
        raise SystemExit(130)
path = sys.argv[1]
"""
SIGN = "os.access('/sign', 0)\n"
WRITE = SIGN + "run(lambda: files.{}(path, b'new' * 99, replace={}))"
PUT = """
import json  # what is imported late would meet the faults meant for the files that are written
from authkit.stores.folder import FolderStore
from authkit.secret import Secret
identity = sys.stdin.read()
store = FolderStore(os.path.dirname(os.path.dirname(path)), lambda info: identity)
store.identity()
os.access('/sign', 0)
run(lambda: store.put("web", {"kind": "access-key"}, Secret(b"new"), replace=True))
"""
OPERATIONS = {
    "secret": WRITE.format("write_secret", False),
    "secret over old": WRITE.format("write_secret", True),
    "public": WRITE.format("write_public", False),
    "remove": SIGN + "run(lambda: files.remove(path))",
}
CALLS = tuple(
    "openat write fsync rename renameat renameat2 link linkat unlinkat flock fchmod lseek newfstatat mkdir".split()  # noqa: SIM905
)
ERRORS = ("ENOSPC", "EIO", "EROFS", "EACCES", "EDQUOT")
SIGNALS = ("SIGKILL", "SIGINT", "SIGTERM")
OLD, NEW = b"old" * 9, b"new" * 99


class Driver:
    """One operation, run under strace in a folder of its own."""

    def __init__(self, folder: Path, code: str, strace: str) -> None:
        self.folder = folder
        self.target = folder / "f"
        self.code = START + code
        self.strace = strace
        self.stdin = ""

    def points(self, old: bytes | None) -> list[tuple[str, int, str]]:
        """Run undisturbed, once to compile and once to count, and return what there is to disturb."""
        for _ in range(2):
            reset(self, old)
            done = self.run()
            assert (done.returncode, done.stderr) == (0, "")
        return list(self._points())

    def run(self, *options: str) -> "subprocess.CompletedProcess[str]":
        trace = ["-qq", "-o", str(self.folder.with_suffix(".trace")), "-e", f"trace=access,{','.join(CALLS)}"]
        command = [self.strace, *trace, *options, sys.executable, "-S", "-c", self.code, str(self.target)]
        compiled = str(self.folder.with_suffix(".compiled"))  # its own, so that system calls can be counted
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONPYCACHEPREFIX": compiled}
        return subprocess.run(
            command, env=environment, input=self.stdin, capture_output=True, text=True, check=False, timeout=60
        )

    def lines(self) -> list[str]:
        return self.folder.with_suffix(".trace").read_text().splitlines()

    def _points(self) -> Iterator[tuple[str, int, str]]:
        """Yield the name, the number and the line of each system call after the sign; sweeps of one kind once."""
        counts, started, swept = dict.fromkeys(CALLS, 0), False, False
        for line in self.lines():
            found = re.match(r"(\w+)\(", line)
            if found is None:
                continue
            name = found[1]
            started = started or '"/sign"' in line
            if name not in counts:
                continue
            counts[name] += 1
            sweep = ".tmp" in line and "ENOENT" in line
            if started and not (sweep and swept):
                yield name, counts[name], line
            swept = swept or sweep


@pytest.fixture
def strace(require_tool: Callable[[str], str]) -> str:
    return require_tool("strace")


def reset(driver: Driver, old: bytes | None) -> None:
    folder = driver.target.parent
    folder.mkdir(exist_ok=True)
    for name in os.listdir(folder):
        if name.startswith((driver.target.name, "." + driver.target.name)):
            (folder / name).unlink()
    if old is not None:
        driver.target.write_bytes(old)
        driver.target.chmod(0o600)


def actions(name: str, line: str) -> list[str]:
    injected = [f"error={error}" for error in ERRORS] if name not in ("newfstatat", "lseek", "flock") else ["error=EIO"]
    if name == "openat" and ".tmp" not in line:
        injected = ["error=EIO", "error=EACCES"]
    return injected + [f"signal={each}" for each in SIGNALS] + (["retval=1"] if name == "write" else [])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_file_is_old_or_new(operation: str, tmp_path: Path, strace: str) -> None:
    old = OLD if operation in ("secret over old", "remove") else None
    new = None if operation == "remove" else NEW
    driver = Driver(tmp_path / "folder", OPERATIONS[operation], strace)
    points = driver.points(old)
    assert len(points) >= 3
    tried = 0
    for name, number, line in points:
        for action in actions(name, line):
            reset(driver, old)
            done = driver.run("-e", f"inject={name}:{action}:when={number}")
            what = f"{operation}: {action} at {line}"
            assert disturbed(driver), what
            judge(driver, done, action, (old, new), what)
            tried += 1
    assert tried >= 20


def disturbed(driver: Driver) -> bool:
    """Say whether the last run met what was injected; else the test would show nothing."""
    text = "".join(driver.lines())
    return any(word in text for word in ("(INJECTED)", "--- SIG", "+++ killed"))


def judge(
    driver: Driver,
    done: "subprocess.CompletedProcess[str]",
    action: str,
    states: tuple[bytes | None, bytes | None],
    what: str,
) -> None:
    found = driver.target.read_bytes() if driver.target.exists() else None
    assert found in states, f"torn: {what}"
    if done.returncode == 0:
        assert found == states[1], f"reported done and is not: {what}"
    left = [name for name in os.listdir(driver.folder) if name != "f"]
    if action in ("signal=SIGKILL", "signal=SIGTERM"):
        for name in left:
            assert (driver.folder / name).stat().st_mode & 0o077 == 0 or "public" in what, what
    else:
        assert left == [] or "unlinkat" in what or "O_RDWR" in what, what
    if action == "signal=SIGINT":
        assert (done.returncode, done.stderr) in ((0, ""), (130, "")), what
    elif action.startswith(("error", "retval")):
        assert (done.returncode, done.stderr) in ((0, ""), (6, "")), what
        assert done.returncode == 0 or str(driver.target) in done.stdout, what
    files.write_secret(str(driver.target), b"after", replace=True)
    assert os.listdir(driver.folder) == ["f"], f"the next write does not tidy up: {what}"


@pytest.mark.parametrize("action", ["error=EIO", "signal=SIGKILL", "signal=SIGINT"])
def test_an_entry_of_a_store_is_old_or_new(action: str, tmp_path: Path, strace: str) -> None:
    store = make_store(tmp_path / "store")
    identity = store.identity()
    driver = Driver(tmp_path / "store", PUT, strace)
    driver.target, driver.stdin = tmp_path / "store" / "keys" / "web.json", identity
    store.put("web", {"kind": "access-key"}, Secret(b"old"))
    store.put("other", {"kind": "access-key"}, Secret(b"other"))
    points = driver.points(driver.target.read_bytes())
    assert len(points) >= 10
    for name, number, line in points:
        store.put("web", {"kind": "access-key"}, Secret(b"old"), replace=True)
        done = driver.run("-e", f"inject={name}:{action}:when={number}")
        what = f"{action} at {line}"
        assert disturbed(driver), what
        again = FolderStore(str(tmp_path / "store"), lambda info: identity)
        found = again.get("web").secret
        assert found in (Secret(b"old"), Secret(b"new")), f"torn: {what}"
        assert done.returncode or found == Secret(b"new"), f"reported done and is not: {what}"
        codes = {"error=EIO": (0, 6), "signal=SIGKILL": (-9,), "signal=SIGINT": (0, 130)}[action]
        assert (done.returncode in codes, done.stderr) == (True, ""), f"{what}: {done.returncode}"
        assert again.get("other").secret == Secret(b"other"), what
        assert again.names() == ["other", "web"], what
    again.put("web", {"kind": "access-key"}, Secret(b"after"), replace=True)
    assert sorted(os.listdir(tmp_path / "store" / "keys")) == ["other.json", "web.json"]


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_secrets_are_private_from_their_first_instant(mask: int, tmp_path: Path, strace: str) -> None:
    code = SIGN + f"os.umask({mask})\nrun(lambda: (files.make_private_folder(path + '.d/e'), "
    code += "files.locked(path + '.lock').__enter__(), files.write_secret(path, b'x'), "
    code += "files.write_public(path + '.pub', b'x')))"
    driver = Driver(tmp_path / "folder", code, strace)
    reset(driver, None)
    assert driver.run().returncode == 0
    lines = driver.lines()
    lines = lines[next(number for number, line in enumerate(lines) if '"/sign"' in line) :]
    made = [line for line in lines if "O_CREAT" in line]
    modes = {re.findall(r'"([^"]*)"', line)[0].rpartition("/")[2]: line.rpartition(") ")[0][-4:] for line in made}
    assert modes == {"f.lock": "0600", ".f.0.tmp": "0600", ".f.pub.0.tmp": "0644"}
    for line in made:
        assert "O_NOFOLLOW" in line
        assert ("O_EXCL" in line) == (".tmp" in line)
    folders = [line for line in lines if line.startswith("mkdir(")]
    assert [line.rpartition(") ")[0][-4:] for line in folders] == ["0700"] * 2
    assert not [line for line in lines if line.startswith(("fchmod", "chmod"))]


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    code = START + "run(lambda: files.write_secret(path, b'x' * 100000))"
    limited = f"import resource, signal; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n{code}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-B", "-c", limited, str(tmp_path / "f")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == (f"cannot write {tmp_path}/f: file too large\n", 6)
    assert os.listdir(tmp_path) == []


def test_an_injected_tear_would_be_seen(tmp_path: Path, strace: str) -> None:
    careless = SIGN + "open(path, 'wb').write(b'new' * 99)"
    driver = Driver(tmp_path / "folder", careless, strace)
    name, number, line = next(point for point in driver.points(OLD) if point[0] == "write")
    reset(driver, OLD)
    done = driver.run("-e", f"inject={name}:signal=SIGKILL:when={number}")
    with pytest.raises(AssertionError, match="^torn: "):
        judge(driver, done, "signal=SIGKILL", (OLD, NEW), line)
