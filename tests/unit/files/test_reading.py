"""Is a file read whole, within its limit, and only if it may be?"""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agefile import give_away
from authkit import files
from authkit.errors import InputError, Refused

READERS = [files.read_bounded, files.read_private]
Reader = Callable[[str, int, str], bytes]


def private(path: Path, data: bytes, mode: int = 0o600) -> str:
    path.write_bytes(data)
    path.chmod(mode)
    return str(path)


def failure(kind: type[InputError | Refused], read: Reader, path: str, limit: int = 10) -> tuple[str, str | None]:
    with pytest.raises(kind) as caught:
        read(path, limit, "subkey file")
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("data", [b"", b"x", b"\x00\xff\r\n", b"0123456789"])
def test_a_file_is_read_whole(read: Reader, data: bytes, tmp_path: Path) -> None:
    assert read(private(tmp_path / "f", data), 10, "subkey file") == data


def test_a_file_of_many_reads_is_read_whole(tmp_path: Path) -> None:
    data = os.urandom(1 << 10) * (2 << 10) + b"end"
    assert files.read_bounded(private(tmp_path / "f", data), len(data), "x") == data


@pytest.mark.parametrize("read", READERS)
def test_a_file_above_the_limit_is_named(read: Reader, tmp_path: Path) -> None:
    path = private(tmp_path / "f", b"0123456789A")
    assert failure(InputError, read, path) == (f"{path} is too large for a subkey file: more than 10 bytes", None)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(("count", "fits"), [(10, True), (11, False), (70000, False)])
def test_a_pipe_is_read_to_its_end_or_the_limit(read: Reader, count: int, fits: bool) -> None:
    source, sink = os.pipe()
    os.set_blocking(sink, False)  # a full pipe must not stop the test
    os.write(sink, b"x" * count)
    os.close(sink)
    path = f"/dev/fd/{source}"
    try:
        if fits:
            assert read(path, 10, "subkey file") == b"x" * count
        else:
            message = f"{path} is too large for a subkey file: more than 10 bytes"
            assert failure(InputError, read, path) == (message, None)
    finally:
        os.close(source)


@pytest.mark.parametrize("read", READERS)
def test_a_pipe_that_fills_later_is_waited_for(read: Reader) -> None:
    source, sink = os.pipe()
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(read(f"/dev/fd/{source}", 10, "x")))
    reader.start()
    os.write(sink, b"la")
    os.write(sink, b"te")
    os.close(sink)
    reader.join(20)
    os.close(source)
    assert found == [b"late"]


def test_a_pipe_is_read_as_one_that_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    source, sink = os.pipe()
    os.write(sink, b"x")
    os.close(sink)
    real, blocking = os.read, []

    def read(descriptor: int, size: int) -> bytes:
        blocking.append(os.get_blocking(descriptor))
        return real(descriptor, size)

    monkeypatch.setattr(os, "read", read)
    assert files.read_private(f"/dev/fd/{source}", 10, "x") == b"x"
    os.close(source)
    assert blocking == [True, True]


def test_a_named_pipe_waits_for_its_writer(tmp_path: Path) -> None:
    path = str(tmp_path / "pipe")
    os.mkfifo(path, 0o600)
    writer = threading.Thread(target=lambda: Path(path).write_bytes(b"data"))
    writer.start()
    assert files.read_bounded(path, 10, "x") == b"data"
    writer.join(20)


def test_a_private_named_pipe_without_a_writer_is_empty(tmp_path: Path) -> None:
    path = str(tmp_path / "pipe")
    os.mkfifo(path, 0o600)
    assert files.read_private(path, 10, "x") == b""


@pytest.mark.parametrize("read", READERS)
def test_what_cannot_be_read_is_named(read: Reader, tmp_path: Path) -> None:
    absent, loop, below = str(tmp_path / "absent"), tmp_path / "loop", private(tmp_path / "f", b"") + "/x"
    loop.symlink_to(loop)
    long = str(tmp_path / ("n" * 256))
    assert failure(InputError, read, absent) == (f"no such file: {absent}", None)
    assert failure(InputError, read, str(tmp_path)) == (f"{tmp_path} is a folder, not a subkey file", None)
    assert failure(InputError, read, str(loop)) == (f"cannot read {loop}: too many levels of symbolic links", None)
    assert failure(InputError, read, below) == (f"cannot read {below}: not a directory", None)
    assert failure(InputError, read, long) == (f"cannot read {long}: file name too long", None)
    assert failure(InputError, read, "a\0b") == (r"'a\x00b' cannot be the path of a subkey file", None)


@pytest.mark.parametrize("read", READERS)
def test_an_error_while_reading_is_named(read: Reader) -> None:
    path = "/proc/self/mem"  # opens, and its first byte cannot be read
    assert failure(InputError, read, path) == (f"cannot read {path}: input/output error", None)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_private_file_is_read(mode: int, tmp_path: Path) -> None:
    path = private(tmp_path / "f", b"secret", mode)
    assert files.read_private(path, 10, "x") == b"secret"


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o644, 0o777])
def test_a_file_open_to_others_is_refused(mode: int, tmp_path: Path) -> None:
    path = private(tmp_path / "f", b"secret", mode)
    message = f"{path} is open to other users (mode 0{mode:o})"
    assert failure(Refused, files.read_private, path) == (message, f"chmod 600 {path}")
    assert files.read_bounded(path, 10, "x") == b"secret"


def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(private(tmp_path / "f", b"secret"))
    assert files.read_private(str(link), 10, "x") == b"secret"
    (tmp_path / "f").chmod(0o644)
    assert failure(Refused, files.read_private, str(link))[0] == f"{link} is open to other users (mode 0644)"


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = private(tmp_path / "f", b"secret")
    give_away(tmp_path / "f", monkeypatch)
    assert failure(Refused, files.read_private, path) == (
        f"{path} belongs to another user",
        f"chown {os.geteuid()} {path}",
    )


def test_a_file_of_root_is_read_by_anyone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    status = os.stat_result((0o100600, 1, 1, 1, 0, 0, 0, 0, 0, 0))
    files._judge_owner("f", status, "x")


def test_a_pipe_open_to_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    path.chmod(0o660)
    message = f"{path} is open to other users (mode 0660)"
    assert failure(Refused, files.read_private, str(path)) == (message, f"chmod 600 {path}")


def test_a_device_holds_no_secret() -> None:
    message = "/dev/zero is not a regular file, so it is not read as a subkey file"
    assert failure(Refused, files.read_private, "/dev/zero") == (message, None)
    message = "/dev/zero is too large for a subkey file: more than 10 bytes"
    assert failure(InputError, files.read_bounded, "/dev/zero") == (message, None)


def test_reading_leaves_no_descriptor_open(tmp_path: Path) -> None:
    lax = private(tmp_path / "lax", b"x" * 20, 0o644)
    before = os.listdir("/proc/self/fd")
    for read in READERS:
        for path in (lax, str(tmp_path), str(tmp_path / "absent")):
            with pytest.raises((InputError, Refused)):
                read(path, 10, "x")
    assert os.listdir("/proc/self/fd") == before
