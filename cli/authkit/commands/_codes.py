"""In which QR codes does a message appear?"""

import os

from authkit import files
from authkit.ceremony import frames
from authkit.errors import Refused, UsageError
from authkit.ui import paged, progress, qr, render


def _plan(data: bytes, largest: int, what: str) -> "tuple[int, list[str]]":
    """Return the version of the QR codes and their texts, and say how many there will be.

    The number is the least that *largest* allows, and the version the smallest that keeps it.
    """
    size = len(frames.pack(data)[1])
    total = frames.count_frames(size, qr.capacity(largest))
    version = next(one for one in qr.VERSIONS if frames.count_frames(size, qr.capacity(one)) <= total)
    texts = frames.split(data, qr.capacity(version))
    side = qr.modules(version)
    codes = "1 QR code" if total == 1 else f"{total:,} QR codes"
    render.note(f"{what} has {len(data):,} bytes: {codes} of size {version}, {side} by {side} modules")
    return version, texts


def show(data: bytes, size: "int | None", what: str) -> None:
    """Show QR codes on the terminal, or write their drawings to a pipe.

    Args:
        data: the message.
        size: the largest version that was asked for; None for what fits.
        what: names the message in notes, with its article.

    Raises:
        Refused: as for `largest_shown`, or if there would be too many.
        StoreError: if they cannot be written.
    """
    version, texts = _plan(data, largest_shown(size), what)
    quiet = qr.QUIET
    if room := _room():
        quiet = qr.quiet_for(version, *room)
        if size is None:
            _tell_room(len(frames.pack(data)[1]), len(texts))
    paged.show(len(texts), lambda index: qr.draw(texts[index], version, quiet))


def _tell_room(size: int, total: int) -> None:
    """Say what a larger terminal would save."""
    fewer = frames.count_frames(size, qr.capacity(qr.DEFAULT_LARGEST))
    if fewer < total:
        columns, lines = qr.extent(qr.DEFAULT_LARGEST)
        render.note(f"a terminal of {columns} columns and {lines} lines would do with {fewer}")


def _room() -> "tuple[int, int] | None":
    """Return the columns and lines of the terminal that standard output is; None if it is none."""
    if not render.is_terminal(1):
        return None
    columns, lines = os.get_terminal_size(1)
    return columns or 80, lines or 24  # a serial line does not know


def largest_shown(asked: "int | None") -> int:
    """Return the largest version to be drawn on standard output.

    Raises:
        Refused: if it is a terminal that has no room for it.
    """
    room, wanted = _room(), asked or qr.DEFAULT_LARGEST
    if room is None:
        return wanted
    if os.environ.get("TERM") == "dumb":
        raise Refused("this terminal draws no QR codes (TERM=dumb)", "write pictures with --output NAME.png")
    fitting = qr.largest_for(*room)
    least = asked or qr.LEAST_ON_TERMINAL
    if fitting < least:
        columns, lines = qr.extent(least)
        raise Refused(
            f"a QR code of size {least} takes {columns} columns and {lines} lines, and this terminal has"
            f" {room[0]} and {room[1]}",
            "enlarge the window, or write pictures with --output NAME.png",
        )
    return min(wanted, fitting)


def write_pictures(data: bytes, output: str, size: "int | None", *, force: bool, what: str) -> "tuple[str, ...]":
    """Write QR codes as PNG files, readable by the user alone; return their names.

    Args:
        data, size, what: as for `show`.
        output: NAME.png, which several become NAME-1-of-3.png and so on.
        force: whether existing files give way.

    Raises:
        Refused: if a file exists, or there would be too many.
        StoreError: if a file cannot be written.
    """
    version, texts = _plan(data, size or qr.DEFAULT_LARGEST, what)
    names = _names(output, len(texts))
    for name, text in progress.tracked(zip(names, texts), len(texts), "pictures"):
        files.write_secret(name, qr.picture(text, version), replace=force)
    render.note(f"written: {names[0]}" if len(names) == 1 else f"written: {names[0]} to {names[-1]}")
    return names


def _names(output: str, total: int) -> "tuple[str, ...]":
    """Return the files that the pictures go to: the one named, or numbered ones beside it."""
    if total == 1:
        return (output,)
    stem, ending = output[:-4], output[-4:]
    return tuple([f"{stem}-{number:0{len(str(total))}}-of-{total}{ending}" for number in range(1, total + 1)])


def check_pictures(output: str, *, force: bool) -> None:
    """Refuse a name that pictures cannot have, or that older pictures have.

    How many there will be is not known yet, so a set of any number is found: its pictures would be scanned together.
    """
    import re

    folder, name = os.path.split(output)
    if not name.lower().endswith(".png") or len(name) == 4:
        raise UsageError("with --qr, --output names a picture: NAME.png")
    if force:
        return
    numbered = re.compile(re.escape(name[:-4]) + r"-[0-9]+-of-[0-9]+" + re.escape(name[-4:]))
    try:
        there = os.listdir(folder or ".")
    except OSError:
        there = []  # what is wrong with the folder is said when it is written to
    for found in sorted(there):
        if found == name or numbered.fullmatch(found):
            raise Refused(f"{os.path.join(folder, found)} exists", "--force replaces it")
