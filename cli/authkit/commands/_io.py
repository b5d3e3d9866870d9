"""Where a command's input comes from."""

import os

from authkit import clock, files
from authkit.errors import InputError, Refused, UsageError
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from io import FileIO

MAX_INPUT = 64 * 1024 * 1024
_PIECE = 256 * 1024


def read(path: str, what: str) -> bytes:
    """Return the whole input *path*, '-' for standard input.

    Raises:
        InputError: if it cannot be read, or is over 64 MiB.
        UsageError: if '-' is a terminal.
    """
    if path != "-":
        return files.read_bounded(path, MAX_INPUT, what)
    if render.is_terminal(0):
        raise UsageError(
            f"the {what} is to come from standard input, which is a terminal", "give a file, or pipe it in"
        )
    return read_stdin(what)


def read_stdin(what: str) -> bytes:
    """Return all of standard input."""
    return b"".join(pieces_of_stdin(what))


def pieces_of_stdin(what: str) -> "Iterator[bytes]":
    """Yield what comes on standard input as it comes.

    Raises:
        InputError: if it cannot be read, or is over 64 MiB.
    """
    size = 0
    try:
        while piece := os.read(0, 1 << 16):
            size += len(piece)
            if size > MAX_INPUT:
                raise InputError(f"the {what} on standard input is over 64 MiB")
            yield piece
    except OSError as error:
        raise InputError(f"cannot read the {what} on standard input: {reason(error)}") from error


def is_waiting(seconds: float) -> bool:
    """Say whether standard input has more, or ends, within *seconds*."""
    import select

    return bool(select.select([0], [], [], seconds)[0])


def open_body(path: str, what: str = "body") -> "FileIO":
    """Open a body to be hashed, '-' for standard input.

    Raises:
        InputError: if it cannot be opened.
    """
    try:
        # unbuffered: the reader brings its own buffer
        return open(0 if path == "-" else path, "rb", buffering=0, closefd=path != "-")
    except ValueError as error:
        raise InputError(f"{path!r} cannot be the path of a {what}") from error
    except OSError as error:
        raise InputError(f"cannot read the {what} {path}: {reason(error)}") from error


def whole_lines(file: "FileIO") -> "Iterator[tuple[int, bytes]]":
    """Yield (number of the first line, whole lines), a few hundred requests at a time.

    Raises:
        InputError: if a line is over 64 MiB.
    """
    number, rest = 1, b""
    while data := file.read(_PIECE):
        rest += data
        cut = rest.rfind(b"\n") + 1
        if cut:
            yield number, rest[:cut]
            number, rest = number + rest.count(b"\n", 0, cut), rest[cut:]
        elif len(rest) > MAX_INPUT:
            raise InputError(f"line {number} is over 64 MiB")
    if rest:
        yield number, rest


def reason(error: OSError) -> str:
    """Say what the system said, as the rest of a sentence."""
    return os.strerror(error.errno or 0).lower()


def instant(text: "str | None") -> "datetime":
    """Return the instant that --at names, else now."""
    return clock.now() if text is None else clock.parse_instant(text)


def check_delivery(output: "str | None", *, force: bool, reveal: bool, what: str) -> None:
    """Refuse a destination that cannot be, before a person is asked for a passphrase.

    Raises:
        Refused: if a secret would appear on a terminal, or replace a file.
    """
    if output is not None and output != "-":
        if not force and os.path.lexists(output):
            raise Refused(f"{output} exists", "--force replaces it")
    elif render.is_terminal(1) and not reveal:
        raise Refused(f"{what} would appear on the terminal", "write it with --output FILE, pipe it, or add --reveal")


def deliver(data: bytes, output: "str | None", *, force: bool, reveal: bool, what: str) -> None:
    """Hand a secret over: to a 0600 file, or to standard output if that is no terminal or --reveal was given.

    Raises:
        Refused: if it would appear on a terminal, or replace a file.
        StoreError: if the file cannot be written.
    """
    check_delivery(output, force=force, reveal=reveal, what=what)
    if output is not None and output != "-":
        files.write_secret(output, data, replace=force)
    else:
        render.write(data)


def protect_process() -> None:
    """Keep what this process knows out of core dumps and of other processes of the same user (T21)."""
    import ctypes
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):  # pragma: no cover - a system without prctl, such as macOS
        return
    prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def curlrc() -> "bytes | None":
    """Return curl's own configuration file, the first that it would find; None without one.

    Source:
        curl's manual, -K: $CURL_HOME/.curlrc, $XDG_CONFIG_HOME/curlrc, $HOME/.curlrc, $HOME/.config/curlrc.
    """
    places = (("CURL_HOME", ".curlrc"), ("XDG_CONFIG_HOME", "curlrc"), ("HOME", ".curlrc"), ("HOME", ".config/curlrc"))
    for variable, name in places:
        folder = os.environ.get(variable)
        if folder and os.path.lexists(path := os.path.join(folder, name)):
            return files.read_bounded(path, MAX_INPUT, "curl configuration")
    return None
