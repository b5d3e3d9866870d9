"""Is a folder of files there whole, or not at all?"""

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from authkit import files
from authkit.errors import Refused, StoreError

CONTENTS = [("a.key", b"secret", 0o600), ("a.pem", b"public", 0o644)]
MARKER = ".authkit-unfinished"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("end", ["", "/"])
def test_all_is_there(end: str, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        files.write_folder(f"{tmp_path}/out{end}", CONTENTS)
    finally:
        os.umask(before)
    assert names(tmp_path) == ["out"]
    out = tmp_path / "out"
    assert names(out) == ["a.key", "a.pem"]
    assert [(out / name).read_bytes() for name, _, _ in CONTENTS] == [b"secret", b"public"]
    assert [oct((out / name).stat().st_mode & 0o777) for name, _, _ in CONTENTS] == ["0o600", "0o644"]
    assert out.stat().st_mode & 0o777 == 0o700


def test_a_relative_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files.write_folder("out", CONTENTS)
    assert names(tmp_path / "out") == ["a.key", "a.pem"]


def test_a_lax_umask_or_file_system_keeps_no_secret(tmp_path: Path) -> None:
    before = os.umask(0o277)
    try:
        files.write_folder(f"{tmp_path}/out", [("a.key", b"secret", 0o600)])
    except StoreError:  # root may write into a folder without rights, others may not
        assert os.geteuid() != 0
    finally:
        os.umask(before)


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_exists_stays(kind: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    if kind == "folder":
        out.mkdir()
    elif kind == "file":
        out.write_text("mine")
    else:
        out.symlink_to("nowhere")
    with pytest.raises(Refused) as caught:
        files.write_folder(str(out), CONTENTS)
    assert (caught.value.message, caught.value.hint) == (f"{out} exists", "name a folder that does not exist yet")
    assert names(tmp_path) == ["out"]


def test_a_folder_that_appears_meanwhile_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def contents() -> Iterator[tuple[str, bytes, int]]:
        yield CONTENTS[0]
        out.mkdir()
        (out / "theirs").write_text("mine")

    with pytest.raises(Refused, match="exists"):
        files.write_folder(str(out), contents())
    assert names(out) == ["theirs"]


def test_what_a_killed_run_left_gives_way(tmp_path: Path) -> None:
    left = tmp_path / "out.new"
    left.mkdir()
    (left / MARKER).write_bytes(b"")
    (left / "old.key").write_bytes(b"half")
    files.write_folder(f"{tmp_path}/out", CONTENTS)
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["a.key", "a.pem"]


def test_an_empty_folder_that_a_killed_run_left_gives_way(tmp_path: Path) -> None:
    (tmp_path / "out.new").mkdir()
    files.write_folder(f"{tmp_path}/out", CONTENTS)
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("call", ["open", "_lock"])
def test_nothing_stays_when_it_cannot_be_begun(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os if call == "open" else files, call, fail)
    with pytest.raises(StoreError, match=r"^cannot write .*/out: no space left on device$"):
        files.write_folder(f"{tmp_path}/out", CONTENTS)
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", ["no marker", "link"])
def test_a_folder_of_somebody_else_is_in_the_way(kind: str, tmp_path: Path) -> None:
    left = tmp_path / "out.new"
    if kind == "link":
        other = tmp_path / "other"
        other.mkdir()
        (other / MARKER).write_bytes(b"")
        left.symlink_to(other)
    else:
        left.mkdir()
        (left / "mine").write_text("mine")
    before = names(left)
    with pytest.raises(Refused) as caught:
        files.write_folder(f"{tmp_path}/out", CONTENTS)
    assert caught.value.message == f"{left} is in the way"
    assert caught.value.hint == "move it elsewhere, or name another folder"
    assert names(left) == before


class Stop(BaseException):
    pass


def test_nothing_stays_when_the_contents_cannot_be_made(tmp_path: Path) -> None:
    def contents() -> Iterator[tuple[str, bytes, int]]:
        yield CONTENTS[0]
        raise Stop

    with pytest.raises(Stop):
        files.write_folder(f"{tmp_path}/out", contents())
    assert names(tmp_path) == []


def test_nothing_stays_when_it_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(StoreError, match=r"^cannot write .*/out: no space left on device$"):
        files.write_folder(f"{tmp_path}/out", CONTENTS)
    assert names(tmp_path) == []


def test_a_disk_that_lies_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, b"x" * len(data)))
    with pytest.raises(StoreError, match=r"out\.new/a\.key did not keep what was written"):
        files.write_folder(f"{tmp_path}/out", CONTENTS)
    assert names(tmp_path) == []


def test_a_disk_that_cannot_be_synced_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Library:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def syncfs(self, _: int) -> int:
            return -1

    monkeypatch.setattr(ctypes, "CDLL", Library)
    monkeypatch.setattr(ctypes, "get_errno", lambda: 5)
    with pytest.raises(StoreError, match=r"^cannot write .*/out: input/output error$"):
        files.write_folder(f"{tmp_path}/out", CONTENTS)
    assert names(tmp_path) == []


BUSY = "is being written by another process"


def test_a_folder_that_is_being_written_stays(tmp_path: Path) -> None:
    def contents() -> Iterator[tuple[str, bytes, int]]:
        yield CONTENTS[0]
        with pytest.raises(StoreError) as caught:
            files.write_folder(f"{tmp_path}/out", [("other", b"", 0o644)])
        assert caught.value.message == f"{tmp_path}/out.new {BUSY}"
        assert caught.value.hint == "wait until it is done, then try again"
        yield CONTENTS[1]

    files.write_folder(f"{tmp_path}/out", contents())
    assert names(tmp_path / "out") == ["a.key", "a.pem"]


def test_a_folder_that_appears_at_the_same_instant_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out.new").mkdir()
    monkeypatch.setattr(os.path, "lexists", lambda path: False)
    with pytest.raises(StoreError, match=f"out.new {BUSY}"):
        files.write_folder(f"{tmp_path}/out", CONTENTS)


def test_a_folder_that_another_process_began_anew_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.mkdir

    def make(path: str, mode: int) -> None:
        real(path, mode)
        (tmp_path / "out.new" / MARKER).write_bytes(b"")

    monkeypatch.setattr(os, "mkdir", make)
    with pytest.raises(StoreError, match=f"out.new {BUSY}"):
        files.write_folder(f"{tmp_path}/out", CONTENTS)
    assert names(tmp_path / "out.new") == [MARKER]


@pytest.mark.parametrize("how", ["locked", "removed"])
def test_a_marker_that_another_process_took_is_left_to_it(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lock(descriptor: int) -> bool:
        if how == "removed":
            (tmp_path / "out.new" / MARKER).unlink()
        return how == "removed"

    monkeypatch.setattr(files, "_lock", lock)
    with pytest.raises(StoreError, match=f"out.new {BUSY}"):
        files.write_folder(f"{tmp_path}/out", CONTENTS)
    assert names(tmp_path) == ["out.new"]


def test_a_marker_that_stays_costs_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "unlink", fail)
    with pytest.raises(StoreError, match=r"^cannot write .*/out: input/output error$"):
        files.write_folder(f"{tmp_path}/out", CONTENTS)
    monkeypatch.undo()
    assert names(tmp_path / "out") == [MARKER, "a.key", "a.pem"]
