"""Does one process at a time hold a lock, and nobody for ever?"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agefile import give_away
from authkit import files
from authkit.errors import StoreError


def failure(path: Path, patience: float = 0) -> tuple[str, str | None]:
    with pytest.raises(StoreError) as caught, files.locked(str(path), patience):
        pytest.fail("the lock was given")
    return caught.value.message, caught.value.hint


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with files.locked(str(path)) as lock:
        assert lock.descriptor >= 0
        assert failure(path) == (
            f"{path} is locked by another process",
            "wait until it is done, then try again",
        )
    assert lock.descriptor == -1
    with files.locked(str(path), 0):
        pass
    assert path.read_bytes() == b""


def test_a_lock_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = files.locked(str(tmp_path / "lock")).__enter__()
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            holder.__exit__()

    monkeypatch.setattr(time, "sleep", pause)
    with files.locked(str(tmp_path / "lock")):
        assert pauses == [0.02] * 3


def test_patience_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 109.9, 110.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with files.locked(str(tmp_path / "lock")) as lock:
        assert lock.patience == 10.0  # the clock is not looked at when nobody holds it
        clock = iter([100.0, 109.9, 110.0])
        assert failure(tmp_path / "lock", 10)[0] == f"{tmp_path}/lock is locked by another process"
    assert list(clock) == []


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "folder", "theirs", "no folder"])
def test_a_lock_is_a_file_of_ours(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim, path = tmp_path / "victim", tmp_path / "lock"
    victim.write_bytes(b"victim")
    expected = f"{path} is not a file of ours, so it cannot be a lock"
    if kind == "link":
        path.symlink_to(victim)
        expected = f"cannot lock {path}: too many levels of symbolic links"
    elif kind == "dangling":
        path.symlink_to(tmp_path / "nowhere")
        expected = f"cannot lock {path}: too many levels of symbolic links"
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
        expected = f"cannot lock {path}: is a directory"
    elif kind == "theirs":
        path.write_bytes(b"")
        give_away(path, monkeypatch)
    else:
        path = tmp_path / "absent" / "lock"
        expected = f"cannot lock {path}: no such file or directory"
    before = os.listdir("/proc/self/fd")
    assert failure(path) == (expected, None)
    assert os.listdir("/proc/self/fd") == before
    assert victim.read_bytes() == b"victim"
    assert not (tmp_path / "nowhere").exists()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    held = "with files.locked(sys.argv[1]):\n print('held', flush=True)\n sys.stdin.read()"
    code = f"import sys\nfrom authkit import files\n{held}"
    child = subprocess.Popen(
        [sys.executable, "-c", code, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    assert failure(path)[0] == f"{path} is locked by another process"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    with files.locked(str(path), 0):
        pass
