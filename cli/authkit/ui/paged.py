"""How are drawings shown one at a time?"""

import os

from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# The other screen is used, so that nothing drawn stays where somebody could scroll back to it; it is cleared as well,
# for terminals that have no other.
_BEGIN, _CLEAR, _END = "\x1b[?1049h", "\x1b[2J\x1b[H", "\x1b[2J\x1b[H\x1b[?1049l"
MOST_CAPTION = 37  # columns


def show(count: int, draw: "Callable[[int], str]") -> None:
    """Show drawings on the terminal, each until a person goes on; without somebody there, write all of them.

    Enter goes on to the next and in the end away, a number shows that drawing, q ends.

    Args:
        count: how many, from 1.
        draw: gives the drawing of an index, whole lines.

    Raises:
        BrokenPipeError, StoreError: as for `render.write`.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY) if render.is_terminal(1) else None
    except OSError:
        terminal = None
    if terminal is None:
        for index in range(count):
            render.write(f"{draw(index)}{index + 1} of {count}\n")
        return
    try:
        _write(terminal, _BEGIN)
        try:
            _turn(terminal, count, draw)
        finally:
            _write(terminal, _END)
    finally:
        os.close(terminal)


def _turn(terminal: int, count: int, draw: "Callable[[int], str]") -> None:
    index = 0
    while index < count:
        choices = "Enter, q or a number" if count > 1 else "Enter"
        _write(terminal, f"{_CLEAR}{draw(index)}{index + 1} of {count} ({choices}): ")
        answer = os.read(terminal, 4096)
        typed = answer.strip()
        if not answer or typed == b"q":
            return
        if not typed:
            index += 1
        elif typed.isdigit() and 1 <= int(typed[:5]) <= count:
            index = int(typed[:5]) - 1


def _write(terminal: int, text: str) -> None:
    data = text.encode()
    while data:
        data = data[os.write(terminal, data) :]
