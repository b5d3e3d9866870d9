"""Does a file that only grows keep what it had?"""

import os
from pathlib import Path

import pytest

from authkit import files
from authkit.errors import Refused, StoreError


def test_what_is_appended_stands_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    before = os.umask(0)
    try:
        files.append(str(path), b"one\n")
    finally:
        os.umask(before)
    files.append(str(path), b"two\n")
    assert path.read_bytes() == b"one\ntwo\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files.append("ledger", b"one\n")
    assert (tmp_path / "ledger").read_bytes() == b"one\n"


@pytest.mark.parametrize("kind", ["open to others", "link", "folder", "fifo", "no folder"])
def test_what_is_no_private_file_is_refused(kind: str, tmp_path: Path) -> None:
    path, other = tmp_path / "ledger", tmp_path / "other"
    other.write_bytes(b"")
    if kind == "open to others":
        path.write_bytes(b"")
        path.chmod(0o640)
    elif kind == "link":
        path.symlink_to(other)
    elif kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path, 0o644)
    else:
        path = tmp_path / "absent" / "ledger"
    with pytest.raises((Refused, StoreError), match=r"ledger"):
        files.append(str(path), b"one\n")
    assert other.read_bytes() == b""


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_failed_write_is_cut_off_again(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger"
    files.append(str(path), b"one\n")
    real = os.write

    def fail(descriptor: int, *data: bytes) -> int:
        if call == "write":
            real(descriptor, b"tw")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(StoreError, match=r"^cannot write .*: no space left on device$"):
        files.append(str(path), b"two\n")
    monkeypatch.undo()
    assert path.read_bytes() == b"one\n"


def test_a_disk_that_lies_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger"
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, b"x" * len(data)))
    with pytest.raises(StoreError, match="did not keep what was written"):
        files.append(str(path), b"two\n")
