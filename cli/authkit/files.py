"""How is a file read within bounds, or written so that it is whole or absent?"""

import errno
import os
import stat
import sys

from authkit.errors import InputError, Refused, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# A write goes through one of these names beside its target, so that what a killed run left behind is found by the
# next write to the same target without listing the folder.
_SLOTS = 16
_CHUNK = 1 << 20
_OPEN_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_OLD = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def read_bounded(path: str, limit: int, what: str) -> bytes:
    """Return the whole content of an ordinary input.

    A pipe is read to its end; a named pipe without a writer waits for one, as in any other program.

    Args:
        path: a file or a pipe, process substitution included.
        limit: most bytes accepted.
        what: what the file should be, for messages, such as "subkey file".

    Raises:
        InputError: if *path* is absent, a folder, larger than *limit*, or cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY)
        try:
            return _read_whole(descriptor, path, limit, what)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        raise _unreadable(path, what, error) from error


def read_private(path: str, limit: int, what: str, is_public: "Callable[[bytes], bool] | None" = None) -> bytes:
    """Return the whole content of a file that holds a secret, or something that decides what is trusted.

    What was opened is judged, not the name, so nothing can be exchanged in between.  A pipe of our own, as process
    substitution makes it, is accepted; a named pipe nobody writes to reads as empty instead of waiting.

    Args:
        path, limit, what: as for `read_bounded`.
        is_public: says of the content that all may read it; then nobody else may write it (T11).

    Raises:
        InputError: as for `read_bounded`.
        Refused: if it is no file or pipe, belongs to another user than us or root, or is open to group or others.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISDIR(status.st_mode):
                _judge_owner(path, status, what)
                if is_public is None:
                    _judge_mode(path, status.st_mode & 0o777, public=False)
            os.set_blocking(descriptor, True)
            data = _read_whole(descriptor, path, limit, what)
            if is_public is not None:
                _judge_mode(path, status.st_mode & 0o777, is_public(data))
            return data
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        raise _unreadable(path, what, error) from error


def _judge_owner(path: str, status: os.stat_result, what: str) -> None:
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
        raise Refused(f"{path} is not a regular file, so it is not read as a {what}")
    if status.st_uid not in (0, os.geteuid()):
        raise Refused(f"{path} belongs to another user", f"chown {os.geteuid()} {path}")


def _judge_mode(path: str, mode: int, public: bool) -> None:
    if public and mode & 0o022:
        raise Refused(f"{path} can be written by other users (mode {mode:04o})", f"chmod go-w {path}")
    if not public and mode & 0o077:
        raise Refused(f"{path} is open to other users (mode {mode:04o})", f"chmod 600 {path}")


def _read_whole(descriptor: int, path: str, limit: int, what: str) -> bytes:
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        raise InputError(f"{path} is a folder, not a {what}")
    data = _read_up_to(descriptor, limit + 1)
    if len(data) > limit:
        raise InputError(f"{path} is too large for a {what}: more than {limit} bytes")
    return data


def _read_up_to(descriptor: int, size: int) -> bytes:
    """Read from the descriptor's present place to the end, or *size* bytes."""
    parts = []
    while size:
        part = os.read(descriptor, min(size, _CHUNK))
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _unreadable(path: str, what: str, error: "OSError | ValueError") -> InputError:
    if isinstance(error, ValueError):
        return InputError(f"{path!r} cannot be the path of a {what}")
    if error.errno == errno.ENOENT:
        return InputError(f"no such file: {path}")
    return InputError(f"cannot read {path}: {_reason(error)}")


def write_secret(path: str, data: bytes, *, replace: bool = False) -> None:
    """Write a file that only its owner can read, whole or not at all.

    Complete and on the disk before it appears under its name, and read again afterwards.  A symbolic link at *path*
    is itself replaced, never followed.

    Args:
        path: its folder must exist.
        data: the content.
        replace: whether an existing file gives way.

    Raises:
        Refused: if *path* exists and *replace* is false, is no regular file, or cannot be kept private there.
        StoreError: if it cannot be written, or did not keep what was written; the old content, if any, is intact.
    """
    _write(path, data, 0o600, replace)


def write_public(path: str, data: bytes, *, replace: bool = False) -> None:
    """Write a file that anyone may read, as the umask allows, whole or not at all.

    Args, Raises: as for `write_secret`.
    """
    _write(path, data, 0o644, replace)


def _write(path: str, data: bytes, mode: int, replace: bool) -> None:
    folder, name = os.path.split(path)
    try:
        if name in ("", ".", ".."):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        at = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _judge_target(at, name, path, replace)
            _write_at(at, name, path, data, mode, replace)
        finally:
            os.close(at)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise StoreError(f"cannot write {path}: {_reason(error)}") from error
    except ValueError as error:
        raise StoreError(f"cannot write {path!r}: it cannot be a path") from error


def _exists(path: str) -> Refused:
    return Refused(f"{path} exists", "--force replaces it")


def _judge_target(at: int, name: str, path: str, replace: bool) -> None:
    try:
        mode = os.stat(name, dir_fd=at, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not replace:
        raise _exists(path)
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):  # a device or pipe would be deleted, which nobody means
        raise Refused(f"{path} is not a regular file, so it is not replaced")


def _write_at(at: int, name: str, path: str, data: bytes, mode: int, replace: bool) -> None:
    stem = os.fsdecode(os.fsencode(name)[:200])
    spares = [f".{stem}.{number}.tmp" for number in range(_SLOTS)]
    for spare in spares:
        _sweep(at, spare)
    try:
        spare, descriptor = _open_spare(at, spares, path, mode)
        try:
            if mode == 0o600:
                _keep_private(descriptor, path)
            _fill(descriptor, data)
            os.fsync(descriptor)
            _compare(descriptor, data, path)  # before it gets its name: a disk that lies must not cost the old file
            _publish(at, spare, name, replace)
            os.fsync(at)
            _compare_published(at, name, descriptor, data, path)
        finally:
            os.close(descriptor)
    except BaseException:  # Ctrl-C included: a half-written secret must not stay
        for spare in spares:
            _sweep(at, spare)
        raise


def _open_spare(at: int, spares: "list[str]", path: str, mode: int) -> "tuple[str, int]":
    """Create and lock a temporary file beside the target.

    A spare file's lock lives as long as its writer, so one that can be locked has no writer any more.
    """
    for spare in spares:
        descriptor = -1
        try:
            descriptor = os.open(spare, _OPEN_NEW, mode, dir_fd=at)
            if _lock(descriptor) and os.fstat(descriptor).st_nlink:
                return spare, descriptor
            os.close(descriptor)  # another writer's sweep came before our lock, and removes it
        except FileExistsError:
            continue
        except BaseException:
            if descriptor >= 0:
                os.close(descriptor)
            raise
    raise StoreError(f"cannot write {path}: other programs are writing it")


def _sweep(at: int, spare: str) -> None:
    """Remove a temporary file whose writer is gone, and nothing else."""
    try:
        descriptor = os.open(spare, _OPEN_OLD, dir_fd=at)
    except OSError:  # absent as a rule; else not ours, and then its place is not used
        return
    try:
        status = os.fstat(descriptor)
        ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
        if ours and _lock(descriptor) and os.fstat(descriptor).st_nlink:
            os.unlink(spare, dir_fd=at)
    except OSError:  # it stays, and the next write to the same target tries again
        pass
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Take the file's lock; false if another process has it."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _keep_private(descriptor: int, path: str) -> None:
    """Make sure of mode 0600: an odd umask takes bits away, a foreign file system may add some."""
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != 0o600:
        os.fchmod(descriptor, 0o600)
        if os.fstat(descriptor).st_mode & 0o077:
            raise Refused(f"{path} would be open to other users: its file system keeps no modes")


def _fill(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _compare(descriptor: int, data: bytes, path: str) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    if _read_up_to(descriptor, len(data) + 1) != data:
        raise StoreError(f"{path} did not keep what was written")


def _publish(at: int, spare: str, name: str, replace: bool) -> None:
    if replace:
        os.rename(spare, name, src_dir_fd=at, dst_dir_fd=at)
        return
    try:
        os.link(spare, name, src_dir_fd=at, dst_dir_fd=at, follow_symlinks=False)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        _rename_if_absent(at, spare, name)  # no hard links there, as on a USB stick with FAT
        return
    os.unlink(spare, dir_fd=at)


def _rename_if_absent(at: int, spare: str, name: str) -> None:
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    call, flag = (library.renameatx_np, 4) if sys.platform == "darwin" else (library.renameat2, 1)
    if call(at, os.fsencode(spare), at, os.fsencode(name), flag):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _compare_published(at: int, name: str, descriptor: int, data: bytes, path: str) -> None:
    again = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=at)
    try:
        if os.path.samestat(os.fstat(again), os.fstat(descriptor)):  # else another writer came after us
            _compare(again, data, path)
    finally:
        os.close(again)


def append(path: str, data: bytes) -> None:
    """Add *data* to the end of a file that only its owner can read, on the disk before this returns.

    The caller holds the lock of the file.  What a failed write left is cut off again; what a killed one left stays.

    Args:
        path: made when absent; its folder must exist.
        data: whole lines.

    Raises:
        Refused: if *path* is no file of ours, or is open to others.
        StoreError: if it cannot be written, or did not keep what was written.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags, 0o600)
        try:
            status = os.fstat(descriptor)
            _judge_owner(path, status, "ledger")
            _judge_mode(path, status.st_mode & 0o777, public=False)
            _append_at(descriptor, data, path)
            _sync_folder(os.path.dirname(path))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {_reason(error)}") from error


def _append_at(descriptor: int, data: bytes, path: str) -> None:
    before = os.fstat(descriptor).st_size
    try:
        _fill(descriptor, data)
        os.fsync(descriptor)
        os.lseek(descriptor, before, os.SEEK_SET)
        if _read_up_to(descriptor, len(data) + 1) != data:
            raise StoreError(f"{path} did not keep what was written")
    except BaseException:
        os.ftruncate(descriptor, before)
        raise


def _sync_folder(folder: str) -> None:
    at = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(at)
    finally:
        os.close(at)


_UNFINISHED = ".authkit-unfinished"


def write_folder(path: str, contents: "Iterable[tuple[str, bytes, int]]") -> None:
    """Write a new folder of files, all of them or none.

    They are written to `PATH.new`, put on the disk once, read again, and get their name at once.

    Args:
        path: what does not exist yet; its parent must.
        contents: file names, their bytes, and 0o600 or 0o644; drawn one by one, so that they may be made meanwhile.

    Raises:
        Refused: if *path* exists, or something that is not an unfinished folder of ours is where it is prepared.
        StoreError: if it cannot be written; then nothing is there.
    """
    path = path.rstrip("/") or path
    folder = f"{path}.new"
    if os.path.lexists(path):
        raise Refused(f"{path} exists", "name a folder that does not exist yet")
    try:
        marker = _begin_folder(folder)
        try:
            _fill_folder(folder, contents)
            _rename_if_absent(_CURRENT, folder, path)
            _sync_folder(os.path.dirname(path))
            os.unlink(os.path.join(path, _UNFINISHED))
        except BaseException:
            if os.path.lexists(folder):
                _remove_folder(folder)
            raise
        finally:
            os.close(marker)
    except FileExistsError as error:
        raise Refused(f"{path} exists", "name a folder that does not exist yet") from error
    except OSError as error:
        raise StoreError(f"cannot write {path}: {_reason(error)}") from error


_CURRENT = -2 if sys.platform == "darwin" else -100  # AT_FDCWD


def _begin_folder(folder: str) -> int:
    """Make the folder and the marker in it, whose lock is held, as a spare file's is, while it is written."""
    if os.path.lexists(folder):
        _sweep_folder(folder)
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError as error:
        raise _busy(folder) from error
    marker = -1
    try:
        marker = os.open(os.path.join(folder, _UNFINISHED), _OPEN_NEW, 0o600)
        if _lock(marker) and os.fstat(marker).st_nlink:
            return marker
    except FileExistsError as error:  # between the two lines above another process swept ours and made its own
        raise _busy(folder) from error
    except BaseException:
        if marker >= 0:
            os.close(marker)
        _remove_folder(folder)
        raise
    os.close(marker)  # another process took it for one that a killed run left, and removes it
    raise _busy(folder)


def _sweep_folder(folder: str) -> None:
    """Remove what a killed run left: an empty folder, or one with the marker, which was made first and goes last."""
    try:
        if os.path.islink(folder):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        try:
            marker = os.open(os.path.join(folder, _UNFINISHED), _OPEN_OLD)
        except FileNotFoundError:
            os.rmdir(folder)
            return
    except OSError as error:
        raise Refused(f"{folder} is in the way", "move it elsewhere, or name another folder") from error
    try:
        if not _lock(marker):
            raise _busy(folder)
        _remove_folder(folder)
    finally:
        os.close(marker)


def _busy(folder: str) -> StoreError:
    return StoreError(f"{folder} is being written by another process", "wait until it is done, then try again")


def _fill_folder(folder: str, contents: "Iterable[tuple[str, bytes, int]]") -> None:
    from hashlib import sha256

    hashes = {}
    for name, data, mode in contents:
        _write_plain(os.path.join(folder, name), data, mode)
        hashes[name] = sha256(data).digest()
    _sync_all(folder)
    for name, expected in hashes.items():
        with open(os.path.join(folder, name), "rb") as again:
            if sha256(again.read()).digest() != expected:
                raise StoreError(f"{folder}/{name} did not keep what was written")


def _write_plain(path: str, data: bytes, mode: int) -> None:
    descriptor = os.open(path, _OPEN_NEW, mode)
    try:
        if mode == 0o600:
            _keep_private(descriptor, path)
        _fill(descriptor, data)
    finally:
        os.close(descriptor)


def _sync_all(folder: str) -> None:
    """Put everything in a folder on the disk with one call instead of one for each file."""
    import ctypes

    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if not hasattr(library, "syncfs"):  # pragma: no cover - a system without it, such as macOS
            os.sync()
        elif library.syncfs(at):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        os.fsync(at)
    finally:
        os.close(at)


def _remove_folder(folder: str) -> None:
    for name in sorted(os.listdir(folder), key=lambda name: name == _UNFINISHED):
        os.unlink(os.path.join(folder, name))
    os.rmdir(folder)


def remove(path: str) -> None:
    """Delete a file for good, its folder's entry on the disk included.

    Raises:
        StoreError: if it cannot be deleted.
    """
    try:
        at = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.unlink(os.path.basename(path), dir_fd=at)
            os.fsync(at)
        finally:
            os.close(at)
    except OSError as error:
        raise StoreError(f"cannot delete {path}: {_reason(error)}") from error


def make_private_folder(path: str) -> None:
    """Make a folder that only its owner may enter, and its missing parents alike; one that exists is left as it is.

    Raises:
        StoreError: if it cannot be made, or something else has its name.
    """
    try:
        _make_folders(path)
    except OSError as error:
        raise StoreError(f"cannot make the folder {path}: {_reason(error)}") from error


def _make_folders(path: str) -> None:
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path.rstrip("/"))
    if parent:
        _make_folders(parent)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:  # made by another process just now; anything else than a folder is an error
        if not os.path.isdir(path):
            raise
        return
    _sync_folder(parent)


class locked:
    """A lock that one process at a time holds, for reading, changing and writing again as one step.

    Args:
        path: the lock's own file, made 0600 when absent and never removed.
        patience: seconds to wait for another holder, 0 or more.

    Raises:
        StoreError: on entering, if another process holds it for longer, or *path* is no file of ours.
    """

    __slots__ = ("path", "patience", "descriptor")

    def __init__(self, path: str, patience: float = 10.0) -> None:
        self.path = path
        self.patience = patience
        self.descriptor = -1

    def __enter__(self) -> "locked":
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            self.descriptor = os.open(self.path, flags, 0o600)
            self._wait()
        except OSError as error:
            self._close()
            raise StoreError(f"cannot lock {self.path}: {_reason(error)}") from error
        except BaseException:
            self._close()
            raise
        return self

    def _wait(self) -> None:
        import time

        status = os.fstat(self.descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid not in (0, os.geteuid()):
            raise StoreError(f"{self.path} is not a file of ours, so it cannot be a lock")
        end = time.monotonic() + self.patience
        while not _lock(self.descriptor):
            if time.monotonic() >= end:
                raise StoreError(f"{self.path} is locked by another process", "wait until it is done, then try again")
            time.sleep(0.02)

    def _close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __exit__(self, *exception: object) -> None:
        self._close()


def _reason(error: OSError) -> str:
    """Say what the system said, as the rest of a sentence."""
    text = os.strerror(error.errno or 0)
    return text[:1].lower() + text[1:]
