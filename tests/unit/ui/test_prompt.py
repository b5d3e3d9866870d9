"""Is a person asked on the terminal, unheard, and never anywhere else?"""

import os
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from authkit.errors import AuthkitError, Refused, UsageError
from authkit.ui import prompt
from commandline import Terminal, run_here


def ask(work: "Callable[[], Any]", folder: Path, terminal: "Terminal | None") -> tuple[Any, str]:
    """Return what *work* gives or raises, and what the terminal showed."""
    found: list[Any] = []

    def main(words: list[str]) -> int:
        try:
            found.append(work())
        except AuthkitError as error:
            found.append((type(error), error.message, error.hint))
        return 0

    done = run_here("", folder, main=main, terminal=terminal)
    assert (done.stdout, done.stderr) == (b"", b"")
    return found[0], done.terminal


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("secret\n", b"secret"),
        (" with spaces \n", b" with spaces "),
        ("é\n", "é".encode()),
        ("typo\x15right\n", b"right"),
        ("no end\x04\x04", b"no end"),
    ],
)
def test_a_secret_is_not_echoed(typed: str, answer: bytes, tmp_path: Path) -> None:
    found, seen = ask(lambda: prompt.ask_secret("name:", "hint"), tmp_path, Terminal([("name: ", typed)]))
    assert (found, seen) == (answer, "name: \n")


@pytest.mark.parametrize("typed", ["\n", "\x04"])
def test_no_answer_is_refused(typed: str, tmp_path: Path) -> None:
    found, seen = ask(lambda: prompt.ask_secret("name:", "hint"), tmp_path, Terminal([("name: ", typed)]))
    assert (found, seen) == ((Refused, "no passphrase was given", "hint"), "name: \n")


def test_the_terminal_is_as_before(tmp_path: Path) -> None:
    terminal = Terminal([("name: ", "x\n")])
    before = termios.tcgetattr(terminal.slave)
    seen = []

    def work() -> bytes:
        answer = prompt.ask_secret("name:", "hint")
        seen.append(termios.tcgetattr(terminal.slave))
        return answer

    ask(work, tmp_path, terminal)
    assert before[3] & termios.ECHO
    assert seen == [before]


def test_the_terminal_is_as_before_an_interrupt(tmp_path: Path) -> None:
    terminal = Terminal()
    before = termios.tcgetattr(terminal.slave)
    silent = []

    def interrupt(number: int) -> bytes:
        silent.append(termios.tcgetattr(number)[3] & termios.ECHO)
        raise KeyboardInterrupt

    def work() -> object:
        with mock.patch.object(prompt, "_read_line", interrupt), pytest.raises(KeyboardInterrupt):
            prompt.ask_secret("name:", "hint")
        return termios.tcgetattr(terminal.slave)

    found, seen = ask(work, tmp_path, terminal)
    assert (found, silent, seen) == (before, [0], "name: \n")


def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    expected = (Refused, "there is no terminal to ask for a passphrase", "hint")
    assert ask(lambda: prompt.ask_secret("name:", "hint"), tmp_path, None)[0] == expected
    expected = (UsageError, "there is no terminal to confirm on", "hint")
    assert ask(lambda: prompt.confirm_typed("sure?", "yes", "hint"), tmp_path, None)[0] == expected
    assert ask(lambda: prompt.tell("x"), tmp_path, None)[0] is False


def test_what_is_told_goes_to_the_terminal_alone(tmp_path: Path) -> None:
    assert ask(lambda: prompt.tell("words é"), tmp_path, Terminal()) == (True, "words é\n")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("yes\n", None),
        ("yes\x04\x04", None),
        ("no\n", (Refused, "not confirmed", None)),
        ("Yes\n", (Refused, "not confirmed", None)),
        ("yes \n", (Refused, "not confirmed", None)),
        ("\n", (Refused, "not confirmed", None)),
        ("\x04", (Refused, "not confirmed", None)),
    ],
)
def test_a_confirmation_is_typed(typed: str, found: object, tmp_path: Path) -> None:
    terminal = Terminal([("sure? ", typed)])
    assert ask(lambda: prompt.confirm_typed("sure?", "yes", "hint"), tmp_path, terminal)[0] == found


def test_bytes_that_are_no_text_confirm_nothing(tmp_path: Path) -> None:
    with mock.patch.object(prompt, "_read_line", return_value=b"\xff"):
        found, _ = ask(lambda: prompt.confirm_typed("sure?", "\ufffe", "hint"), tmp_path, Terminal())
    assert found == (Refused, "not confirmed", None)


def test_an_answer_comes_in_pieces() -> None:
    pieces = [b"a", b"b", b"c\r\n"]
    with mock.patch.object(os, "read", side_effect=pieces):
        assert prompt._read_line(0) == b"abc"


@pytest.mark.parametrize(
    ("typed", "answer", "seen"),
    [
        ("a line\n", "a line", "line 1: a line\n\x1b[1A\r\x1b[J"),
        ("\n", "", "line 1: \n\x1b[1A\r\x1b[J"),
        ("é\n", "é", "line 1: é\n\x1b[1A\r\x1b[J"),
        ("x" * 91 + "\n", "x" * 91, f"line 1: {'x' * 91}\n\x1b[1A\r\x1b[J"),
        ("x" * 92 + "\n", "x" * 92, f"line 1: {'x' * 92}\n\x1b[2A\r\x1b[J"),
        ("x" * 192 + "\n", "x" * 192, f"line 1: {'x' * 192}\n\x1b[3A\r\x1b[J"),
        ("two\x04parts\n", "twoparts", "line 1: twoparts\n\x1b[1A\r\x1b[J"),
    ],
)
def test_a_line_is_seen_while_it_is_typed_and_wiped_off(typed: str, answer: str, seen: str, tmp_path: Path) -> None:
    terminal = Terminal([("line 1: ", typed)])
    assert ask(lambda: prompt.ask_line("line 1:", "hint"), tmp_path, terminal) == (answer, seen)


@pytest.mark.parametrize("typed", ["\x04", "broken off\x04\x04"])
def test_a_line_that_is_broken_off_is_refused(typed: str, tmp_path: Path) -> None:
    told = (Refused, "the input ended before all was typed", "hint")
    assert ask(lambda: prompt.ask_line("line 1:", "hint"), tmp_path, Terminal([("line 1: ", typed)]))[0] == told


def test_no_line_is_asked_for_without_a_terminal(tmp_path: Path) -> None:
    told = (UsageError, "there is no terminal to type it on", "hint")
    assert ask(lambda: prompt.ask_line("line 1:", "hint"), tmp_path, None)[0] == told


def test_a_terminal_without_a_size_is_wiped_too() -> None:
    told: list[bytes] = []

    def write(terminal: int, data: bytes) -> int:
        told.append(data)
        return len(data)

    with (
        mock.patch.object(os, "open", return_value=9),
        mock.patch.object(os, "close"),
        mock.patch.object(os, "write", write),
        mock.patch.object(os, "read", return_value=b"ab\r\n"),
        mock.patch.object(os, "get_terminal_size", return_value=os.terminal_size((0, 0))),
    ):
        assert prompt.ask_line("x:", "hint") == "ab"
    assert told == [b"x: ", b"\x1b[1A\r\x1b[J"]
