"""Is a file written whole, private from its first instant, and never over something else?"""

import ctypes
import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agefile import give_away
from authkit import files
from authkit.errors import AuthkitError, Refused, StoreError

WRITERS = [files.write_secret, files.write_public]
Writer = Callable[..., None]


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    """The function os.umask; what it sets is undone."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def failure(kind: type[AuthkitError], action: Callable[..., object], *args: object, **named: object) -> str:
    with pytest.raises(kind) as caught:
        action(*args, **named)
    return caught.value.message


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("data", [b"", b"x", b"\x00\xff\r\n", b"0123456789abcdef" * 200_000])
def test_what_is_written_is_there(write: Writer, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "f"
    write(str(path), data)
    assert path.read_bytes() == data
    assert os.listdir(tmp_path) == ["f"]
    assert path.stat().st_nlink == 1


@pytest.mark.parametrize("write", WRITERS)
def test_a_path_may_be_relative(write: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("f", b"x")
    assert (tmp_path / "f").read_bytes() == b"x"


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o177, 0o777])
def test_modes_do_not_depend_on_the_umask_for_secrets(mask: int, tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(mask)
    files.write_secret(str(tmp_path / "secret"), b"x")
    files.make_private_folder(str(tmp_path / "folder"))
    with files.locked(str(tmp_path / "lock")):
        pass
    assert mode_of(tmp_path / "secret") == 0o600
    assert mode_of(tmp_path / "folder") == 0o700 & ~mask
    assert mode_of(tmp_path / "lock") == 0o600 & ~mask


@pytest.mark.parametrize(("mask", "mode"), [(0o000, 0o644), (0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_a_public_file_follows_the_umask(mask: int, mode: int, tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(mask)
    files.write_public(str(tmp_path / "public"), b"x")
    assert mode_of(tmp_path / "public") == mode


@pytest.mark.parametrize("write", WRITERS)
def test_nothing_is_replaced_unless_asked(write: Writer, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    with pytest.raises(Refused) as caught:
        write(str(path), b"new")
    assert (caught.value.message, caught.value.hint) == (f"{path} exists", "--force replaces it")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["f"]


def test_replacing_makes_a_lax_file_private(tmp_path: Path) -> None:
    path, other = tmp_path / "f", tmp_path / "other"
    path.write_bytes(b"old")
    path.chmod(0o666)
    other.hardlink_to(path)
    files.write_secret(str(path), b"new", replace=True)
    assert (path.read_bytes(), mode_of(path)) == (b"new", 0o600)
    assert (other.read_bytes(), mode_of(other)) == (b"old", 0o666)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("dangling", [False, True])
def test_a_link_is_never_followed(write: Writer, dangling: bool, tmp_path: Path) -> None:
    victim, link = tmp_path / "victim", tmp_path / "link"
    link.symlink_to(victim)
    if not dangling:
        victim.write_bytes(b"victim")
    assert failure(Refused, write, str(link), b"new") == f"{link} exists"
    assert link.is_symlink()
    write(str(link), b"new", replace=True)
    assert not link.is_symlink()
    assert link.read_bytes() == b"new"
    assert victim.exists() is not dangling
    assert dangling or victim.read_bytes() == b"victim"


@pytest.mark.parametrize("write", WRITERS)
def test_a_link_to_what_is_no_file_is_itself_replaced(write: Writer, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        link = tmp_path / f"to-{name}"
        link.symlink_to(tmp_path / name)
        assert failure(Refused, write, str(link), b"new") == f"{link} exists"
        write(str(link), b"new", replace=True)
        assert (link.is_symlink(), link.read_bytes()) == (False, b"new")
    assert (tmp_path / "folder").is_dir()
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("replace", [False, True])
def test_a_pipe_is_never_replaced(write: Writer, replace: bool, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    expected = f"{path} is not a regular file, so it is not replaced" if replace else f"{path} exists"
    assert failure(Refused, write, str(path), b"new", replace=replace) == expected
    assert path.is_fifo()


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("replace", [False, True])
def test_what_cannot_be_written_is_named(write: Writer, replace: bool, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, reason in (
        ("folder", "is a directory"),
        ("folder/", "is a directory"),
        ("folder/.", "is a directory"),
        ("folder/..", "is a directory"),
        ("absent/f", "no such file or directory"),
        ("file/f", "not a directory"),
        ("loop/f", "too many levels of symbolic links"),
        ("n" * 256, "file name too long"),
    ):
        path = f"{tmp_path}/{name}"
        assert failure(StoreError, write, path, b"new", replace=replace) == f"cannot write {path}: {reason}"
    assert failure(StoreError, write, "a\0b", b"") == r"cannot write 'a\x00b': it cannot be a path"
    assert failure(StoreError, write, "", b"") == "cannot write : is a directory"
    assert sorted(os.listdir(tmp_path)) == ["file", "folder", "loop"]
    assert (tmp_path / "file").read_bytes() == b"old"


@pytest.mark.parametrize("name", ["n" * 255, "é" * 127, "n" * 200 + "é" * 20])
def test_the_longest_names_work(name: str, tmp_path: Path) -> None:
    files.write_secret(str(tmp_path / name), b"x")
    files.write_secret(str(tmp_path / name), b"y", replace=True)
    assert [(found, (tmp_path / found).read_bytes()) for found in os.listdir(tmp_path)] == [(name, b"y")]


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    for number in (0, 7, 15):
        (tmp_path / f".f.{number}.tmp").write_bytes(b"half a sec")
    (tmp_path / "f").write_bytes(b"old")
    os.link(tmp_path / "f", tmp_path / ".f.3.tmp")  # killed between its last two steps
    kept = [".f.16.tmp", ".f.00.tmp", ".g.0.tmp", "f.0.tmp", ".f.tmp"]
    for name in kept:
        (tmp_path / name).write_bytes(b"not ours")
    files.write_secret(str(tmp_path / "f"), b"new", replace=True)
    assert sorted(os.listdir(tmp_path)) == sorted([*kept, "f"])
    assert (tmp_path / "f").read_bytes() == b"new"


def test_the_temporary_file_of_a_live_writer_stays(tmp_path: Path) -> None:
    live = tmp_path / ".f.0.tmp"
    with files.locked(str(live)):
        files.write_secret(str(tmp_path / "f"), b"x")
        assert sorted(os.listdir(tmp_path)) == [".f.0.tmp", "f"]
    files.write_secret(str(tmp_path / "f"), b"y", replace=True)
    assert os.listdir(tmp_path) == ["f"]


def plant(kind: str, place: Path, victim: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "link":
        place.symlink_to(victim)
    elif kind == "dangling":
        place.symlink_to(victim.with_name("nowhere"))
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        place.write_bytes(b"theirs")
        give_away(place, monkeypatch)


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "folder", "theirs"])
def test_what_is_planted_in_the_way_is_left_alone(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim, folder = tmp_path / "victim", tmp_path / "folder"
    victim.write_bytes(b"victim")
    folder.mkdir()
    target = str(folder / "f")
    for number in range(15):
        plant(kind, folder / f".f.{number}.tmp", victim, monkeypatch)
    files.write_secret(target, b"secret")
    assert Path(target).read_bytes() == b"secret"
    plant(kind, folder / ".f.15.tmp", victim, monkeypatch)
    for _ in range(2):
        message = failure(StoreError, files.write_secret, target, b"new", replace=True)
        assert message == f"cannot write {target}: other programs are writing it"
    assert Path(target).read_bytes() == b"secret"
    assert victim.read_bytes() == b"victim"
    assert sorted(os.listdir(folder)) == sorted(["f"] + [f".f.{number}.tmp" for number in range(16)])
    assert sorted(os.listdir(tmp_path)) == ["folder", "victim"]


def test_a_sweep_between_making_and_locking_costs_a_name_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.listdir("/proc/self/fd")
    lock, spares = files._lock, []

    def slow_lock(descriptor: int) -> bool:
        spares.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        if len(spares) == 1:
            return False  # a sweeper holds it
        if len(spares) == 2:
            os.unlink(spares[1])  # a sweeper was done with it
        return lock(descriptor)

    monkeypatch.setattr(files, "_lock", slow_lock)
    files.write_secret(str(tmp_path / "f"), b"x")
    assert [os.path.basename(spare) for spare in spares] == [".f.0.tmp", ".f.1.tmp", ".f.2.tmp"]
    assert (tmp_path / "f").read_bytes() == b"x"
    assert os.listdir("/proc/self/fd") == before


def test_a_sweep_that_fails_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".f.0.tmp").write_bytes(b"old")
    (tmp_path / "f").write_bytes(b"old")

    def broken(path: str, *, dir_fd: int) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "unlink", broken)
    files.write_secret(str(tmp_path / "f"), b"x", replace=True)
    assert sorted(os.listdir(tmp_path)) == [".f.0.tmp", "f"]
    assert (tmp_path / "f").read_bytes() == b"x"


def test_ctrl_c_while_a_name_is_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def interrupted(path: str, flags: int, *args: int, **named: int) -> int:
        descriptor = real(path, flags, *args, **named)
        if flags & os.O_EXCL:
            os.close(descriptor)
            raise KeyboardInterrupt
        return descriptor

    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write_secret(str(tmp_path / "f"), b"x")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("call", ["fstat", "write", "fsync", "link", "lseek"])
def test_ctrl_c_leaves_nothing_behind(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.listdir("/proc/self/fd")

    def interrupted(*args: object, **named: object) -> int:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(os, call, interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write_secret(str(tmp_path / "f"), b"x")
    assert os.listdir(tmp_path) == []
    assert os.listdir("/proc/self/fd") == before


def test_a_file_system_without_modes_gets_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: Callable[[int], int]
) -> None:
    umask(0)
    real, changed = os.open, []
    monkeypatch.setattr(
        os, "open", lambda path, flags, mode=0, dir_fd=None: real(path, flags, 0o604 if mode else 0, dir_fd=dir_fd)
    )
    monkeypatch.setattr(os, "fchmod", lambda descriptor, mode: changed.append(mode))
    path = str(tmp_path / "f")
    message = f"{path} would be open to other users: its file system keeps no modes"
    assert failure(Refused, files.write_secret, path, b"x") == message
    assert changed == [0o600]
    files.write_public(path, b"x")
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.parametrize("replace", [False, True])
def test_a_disk_that_loses_bytes_costs_nothing(replace: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    if replace:
        path.write_bytes(b"old")
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data[:-1])) + 1)
    message = failure(StoreError, files.write_secret, str(path), b"new", replace=replace)
    assert message == f"{path} did not keep what was written"
    assert os.listdir(tmp_path) == (["f"] if replace else [])
    assert not replace or path.read_bytes() == b"old"


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data[:3])))
    files.write_secret(str(tmp_path / "f"), b"0123456789")
    assert (tmp_path / "f").read_bytes() == b"0123456789"


def test_what_is_published_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = files._publish

    def spoiling(at: int, spare: str, name: str, replace: bool) -> None:
        publish(at, spare, name, replace)
        (tmp_path / "f").write_bytes(b"new!")

    monkeypatch.setattr(files, "_publish", spoiling)
    message = failure(StoreError, files.write_secret, str(tmp_path / "f"), b"new")
    assert message == f"{tmp_path}/f did not keep what was written"


def test_another_writer_right_after_us_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = files._publish

    def overtaken(at: int, spare: str, name: str, replace: bool) -> None:
        publish(at, spare, name, replace)
        (tmp_path / "theirs").write_bytes(b"theirs")
        (tmp_path / "theirs").rename(tmp_path / "f")

    monkeypatch.setattr(files, "_publish", overtaken)
    files.write_secret(str(tmp_path / "f"), b"ours", replace=True)
    assert (tmp_path / "f").read_bytes() == b"theirs"


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_disk_without_hard_links(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(*args: object, **named: object) -> None:
        raise OSError(number, "unable")

    monkeypatch.setattr(os, "link", unable)
    path = tmp_path / "f"
    files.write_secret(str(path), b"x")
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"x", ["f"])
    monkeypatch.setattr(files, "_judge_target", lambda *args: None)  # it appears just now
    assert failure(Refused, files.write_secret, str(path), b"y") == f"{path} exists"
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"x", ["f"])


def test_a_link_that_fails_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(*args: object, **named: object) -> None:
        raise OSError(errno.EACCES, "unable")

    monkeypatch.setattr(os, "link", unable)
    message = failure(StoreError, files.write_secret, str(tmp_path / "f"), b"x")
    assert message == f"cannot write {tmp_path}/f: permission denied"
    assert os.listdir(tmp_path) == []


def test_the_call_of_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[object, ...]] = []

    class Library:
        def renameatx_np(self, *args: object) -> int:
            calls.append(args)
            return 0

    monkeypatch.setattr(ctypes, "CDLL", lambda name, use_errno: Library())
    monkeypatch.setattr("sys.platform", "darwin")
    files._rename_if_absent(7, ".f.0.tmp", "f")
    assert calls == [(7, b".f.0.tmp", 7, b"f", 4)]


def test_a_file_that_appears_while_writing_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_judge_target", lambda *args: None)
    (tmp_path / "f").write_bytes(b"theirs")
    assert failure(Refused, files.write_secret, str(tmp_path / "f"), b"x") == f"{tmp_path}/f exists"
    assert ((tmp_path / "f").read_bytes(), os.listdir(tmp_path)) == (b"theirs", ["f"])


def test_removing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"x")
    files.remove(str(tmp_path / "a"))
    monkeypatch.chdir(tmp_path)
    files.remove("b")
    assert os.listdir(tmp_path) == []
    assert failure(StoreError, files.remove, "b") == "cannot delete b: no such file or directory"
    assert failure(StoreError, files.remove, "/absent/b") == "cannot delete /absent/b: no such file or directory"


def test_removing_a_link_spares_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    files.remove(str(tmp_path / "link"))
    assert os.listdir(tmp_path) == ["victim"]


def test_folders_are_private_and_their_parents_too(tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(0)
    tmp_path.chmod(0o755)
    files.make_private_folder(f"{tmp_path}/a/b/c/")
    assert [mode_of(tmp_path / name) for name in ("a", "a/b", "a/b/c")] == [0o700] * 3
    assert mode_of(tmp_path) == 0o755
    (tmp_path / "a").chmod(0o711)
    files.make_private_folder(f"{tmp_path}/a")
    assert mode_of(tmp_path / "a") == 0o711


def test_a_folder_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files.make_private_folder("a/b")
    files.make_private_folder("c")
    assert sorted(os.listdir(tmp_path)) == ["a", "c"]
    assert os.listdir(tmp_path / "a") == ["b"]


@pytest.mark.parametrize("kind", ["file", "dangling"])
def test_a_folder_in_whose_place_is_something_else(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    if kind == "file":
        path.write_bytes(b"")
    else:
        path.symlink_to("nowhere")
    message = failure(StoreError, files.make_private_folder, str(path))
    assert message == f"cannot make the folder {path}: file exists"
    below = f"{path}/below"
    message = failure(StoreError, files.make_private_folder, below)
    assert message == f"cannot make the folder {below}: file exists"


def test_a_folder_that_another_process_makes_just_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.mkdir

    def overtaken(path: str, mode: int) -> None:
        real(path, mode)
        raise FileExistsError(errno.EEXIST, "exists")

    monkeypatch.setattr(os, "mkdir", overtaken)
    files.make_private_folder(f"{tmp_path}/a/b")
    assert (tmp_path / "a/b").is_dir()


def test_what_is_done_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    real = {name: getattr(os, name) for name in ("fsync", "link", "rename", "unlink", "mkdir")}

    def record(name: str) -> Callable[..., object]:
        def call(*args: object, **named: object) -> object:
            place = os.readlink(f"/proc/self/fd/{args[0]}") if name == "fsync" else str(args[0])
            events.append(f"{name} {place.removeprefix(str(tmp_path))}")
            return real[name](*args, **named)

        return call

    for name in real:
        monkeypatch.setattr(os, name, record(name))
    before = os.listdir("/proc/self/fd")
    files.make_private_folder(f"{tmp_path}/a/b")
    assert events == ["mkdir /a", "fsync ", "mkdir /a/b", "fsync /a"]
    events.clear()
    files.make_private_folder(f"{tmp_path}/a/b")
    assert events == []
    files.write_secret(f"{tmp_path}/a/f", b"x")
    assert events == ["fsync /a/.f.0.tmp", "link .f.0.tmp", "unlink .f.0.tmp", "fsync /a"]
    events.clear()
    files.write_secret(f"{tmp_path}/a/f", b"y", replace=True)
    assert events == ["fsync /a/.f.0.tmp", "rename .f.0.tmp", "fsync /a"]
    events.clear()
    files.remove(f"{tmp_path}/a/f")
    assert events == ["unlink f", "fsync /a"]
    assert os.listdir("/proc/self/fd") == before
