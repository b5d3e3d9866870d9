"""Are drawings shown one at a time where somebody looks, and all at once where nobody does?"""

from pathlib import Path

import pytest

from authkit.ui import paged
from commandline import Done, Terminal, run_here

BEGIN, CLEAR, END = "\x1b[?1049h", "\x1b[2J\x1b[H", "\x1b[2J\x1b[H\x1b[?1049l"


def show(
    count: int, folder: Path, terminal: "Terminal | None" = None, *, screens: "tuple[int, ...]" = (1,)
) -> tuple[list[int], Done]:
    """Return the indexes that were drawn, and what was left."""
    drawn: list[int] = []

    def draw(index: int) -> str:
        drawn.append(index)
        return f"drawing {index}\n"

    def main(words: list[str]) -> int:
        paged.show(count, draw)
        return 0

    return drawn, run_here("", folder, main=main, terminal=terminal, screens=screens)


def prompt(number: int, count: int) -> str:
    return f"{number} of {count} (Enter, q or a number): "


def test_in_a_pipe_all_are_written(tmp_path: Path) -> None:
    drawn, done = show(3, tmp_path, screens=())
    assert drawn == [0, 1, 2]
    assert done.stdout.decode() == "drawing 0\n1 of 3\ndrawing 1\n2 of 3\ndrawing 2\n3 of 3\n"


def test_a_pipe_is_no_reason_to_wait_though_there_is_a_terminal(tmp_path: Path) -> None:
    drawn, done = show(2, tmp_path, Terminal(), screens=())
    assert (drawn, done.terminal) == ([0, 1], "")
    assert done.stdout == b"drawing 0\n1 of 2\ndrawing 1\n2 of 2\n"


def test_on_a_screen_without_a_keyboard_all_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paged.render, "is_terminal", lambda stream: True)
    drawn, done = show(2, tmp_path, None, screens=())
    assert drawn == [0, 1]
    assert done.stdout == b"drawing 0\n1 of 2\ndrawing 1\n2 of 2\n"


def test_enter_goes_on_to_the_end_and_nothing_stays(tmp_path: Path) -> None:
    terminal = Terminal([(prompt(number, 3), "\n") for number in (1, 2, 3)])
    drawn, done = show(3, tmp_path, terminal)
    assert drawn == [0, 1, 2]
    pages = "".join(f"{CLEAR}drawing {number - 1}\n{prompt(number, 3)}\n" for number in (1, 2, 3))
    assert done.terminal == f"{BEGIN}{pages}{END}"
    assert done.stdout == b""


def test_one_drawing_waits_for_enter(tmp_path: Path) -> None:
    drawn, done = show(1, tmp_path, Terminal([("1 of 1 (Enter): ", "\n")]))
    assert drawn == [0]
    assert done.terminal == f"{BEGIN}{CLEAR}drawing 0\n1 of 1 (Enter): \n{END}"


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        (["3", "1", "q"], [0, 2, 0]),
        ([" 2 ", "q"], [0, 1]),
        (["q"], [0]),
        (["4", "", "", ""], [0, 0, 1, 2]),  # there is none
        (["0", "q"], [0, 0]),
        (["-1", "what", "²", "q"], [0, 0, 0, 0]),
        (["3", ""], [0, 2]),
        (["123456", "q"], [0, 0]),
    ],
)
def test_a_number_shows_that_one(typed: list[str], drawn: list[int], tmp_path: Path) -> None:
    terminal = Terminal([("a number): ", f"{word}\n") for word in typed])
    found, done = show(3, tmp_path, terminal)
    assert found == drawn
    assert done.terminal.endswith(END)


def test_the_end_of_what_is_typed_ends(tmp_path: Path) -> None:
    drawn, done = show(3, tmp_path, Terminal([("a number): ", "\x04")]))
    assert drawn == [0]
    assert done.terminal.endswith(END)


def test_a_long_drawing_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = paged.os.write
    monkeypatch.setattr(paged.os, "write", lambda where, data: really(where, data[:7]))
    _, done = show(2, tmp_path, Terminal([(prompt(1, 2), "q\n")]))
    assert done.terminal == f"{BEGIN}{CLEAR}drawing 0\n{prompt(1, 2)}q\n{END}"


def test_what_goes_wrong_leaves_the_screen_as_it_was(tmp_path: Path) -> None:
    def main(words: list[str]) -> int:
        with pytest.raises(KeyboardInterrupt):
            paged.show(2, interrupted)
        return 0

    def interrupted(index: int) -> str:
        raise KeyboardInterrupt

    done = run_here("", tmp_path, main=main, terminal=Terminal(), screens=(1,))
    assert done.terminal == f"{BEGIN}{END}"


def test_a_caption_is_no_wider_than_the_smallest_code() -> None:
    assert len(prompt(1295, 1295)) - 1 <= paged.MOST_CAPTION
