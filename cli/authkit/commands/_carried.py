"""How a message that crosses the air gap is handed over, and taken in."""

from authkit import files
from authkit.ceremony import frames
from authkit.commands import _codes, _io
from authkit.errors import InputError, Refused, UsageError
from authkit.ui import qr, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from authkit.commands._quick import Given

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_WAIT = 0.3  # seconds in which more of what is pasted or piped in has come
_SCANNER = "zbarimg -q --raw"


def check(given: "Given", *, what: str, secret: bool) -> None:
    """Refuse a way of handing over that cannot be, before a person is asked for anything.

    Args:
        given, what, secret: as for `deliver`.

    Raises:
        Refused: if a secret would be shown without --reveal, a file would be replaced without --force, or the terminal
            is too small for QR codes.
        UsageError: if the options do not go together.
    """
    if not _value(given, "qr"):
        if _value(given, "qr_size") is not None:
            raise UsageError("--qr-size is the size of QR codes, which nothing asks for")
        _io.check_delivery(
            given.output, force=given.force, reveal=not secret or bool(_value(given, "reveal")), what=what
        )
        return
    size = _value(given, "qr_size")
    if size is not None and size not in qr.VERSIONS:
        raise UsageError("--qr-size is a number from 1 to 40")
    if secret and not _value(given, "reveal"):
        hint = "add --reveal if no other eye or camera sees it"
        raise Refused(f"{what} would be in QR codes that anybody who sees them can read", hint)
    if given.output not in (None, "-"):
        _codes.check_pictures(given.output, force=given.force)
    elif _value(given, "json"):
        raise UsageError("--json and --qr both write to standard output", "write pictures with --output NAME.png")
    else:
        _codes.largest_shown(size)


def deliver(data: bytes, given: "Given", *, what: str, secret: bool) -> "tuple[str, ...]":
    """Hand a message over as the options --output, --qr, --qr-size, --reveal and --force say.

    Args:
        data: the message, text.
        given: with output and force, and where a command has them with qr, qr_size, reveal and json.
        what: names the message in notes and errors, with its article: "the response".
        secret: whether it opens anything by itself; then it is not shown without --reveal (T13).

    Returns:
        the files that were written; none where it went to standard output.

    Raises:
        Refused, UsageError: as for `check`.
        StoreError: if it cannot be written.
    """
    check(given, what=what, secret=secret)
    to_file, size = given.output not in (None, "-"), _value(given, "qr_size")
    if to_file and _value(given, "qr"):
        return _codes.write_pictures(data, given.output, size, force=given.force, what=what)
    if not to_file:
        if _value(given, "qr"):
            _codes.show(data, size, what)
        else:
            render.write(data)
        return ()
    files.write_secret(given.output, data, replace=given.force)
    return (given.output,)


def read(path: str, what: str) -> bytes:
    """Return what was carried: a file, or "-" for what is piped in or pasted on the terminal.

    The lines of scanned QR codes are put together; they may come in any order.  Where they are piped or pasted in, the
    last one that was missing ends the reading, so a scanner may stay open.

    Args:
        what: names it in messages, without an article: "subkey request".

    Raises:
        InputError: if it cannot be read, or QR codes are missing or do not belong together.
    """
    if path != "-":
        data = _io.read(path, what)
        return frames.join(data, path) if frames.are_frames(data) else _not_a_picture(data, path)
    if render.is_terminal(0):
        render.note(f"paste the {what} here; then press Enter and Ctrl-D")
    pieces = _io.pieces_of_stdin(what)
    data = b""
    for piece in pieces:
        data += piece
        if frames.are_frames(data) is not None:
            break
    if frames.are_frames(data):
        return _gather(data, pieces)
    return _not_a_picture(data + b"".join(pieces), "standard input")


def _value(given: "Given", name: str) -> "Any":
    """Return an option that a command may not have."""
    return given.__dict__.get(name)


def _gather(data: bytes, pieces: "Iterator[bytes]") -> bytes:
    """Return the message in frames that are still coming."""
    gathered, number, told = frames.Frames("standard input"), 1, ""
    while True:
        cut = data.rfind(b"\n") + 1
        lines = data[:cut].splitlines()
        gathered.add_lines(lines, number)
        number, data = number + len(lines), data[cut:]
        if not _io.is_waiting(_WAIT):
            if gathered.is_complete() and not data:
                break
            told = _tell_missing(gathered, told)
        piece = next(pieces, b"")
        if not piece:
            gathered.add_lines(data.splitlines(), number)
            break
        data += piece
    return gathered.join()


def _tell_missing(gathered: frames.Frames, told: str) -> str:
    """Say to a person which frames are still to be scanned, unless that was said; return what was said."""
    text = f"still missing of {gathered.total}: {frames.name_numbers(gathered.missing() or [gathered.total])}"
    if text != told and render.is_terminal(2):
        render.note(text)
    return text


def _not_a_picture(data: bytes, path: str) -> bytes:
    if data.startswith(_PICTURES):
        shown = "FILE" if path == "standard input" else path
        raise InputError(f"{path} is a picture", f"read its QR codes with '{_SCANNER} {shown}' and give its output")
    return data
