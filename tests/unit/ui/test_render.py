"""Do results and notes come as they should, on a terminal and in a pipe?"""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from authkit.errors import StoreError
from authkit.ui import render
from commandline import Terminal, run_here


def shown(work: "Callable[[], object]", folder: Path, terminal: "Terminal | None" = None, **environ: str) -> str:
    """Return what *work* writes: to standard output and error, or to the terminal."""

    def main(words: list[str]) -> int:
        work()
        return 0

    done = run_here("", folder, main=main, environ=environ, terminal=terminal, screens=(1, 2) if terminal else ())
    return done.terminal if terminal else done.stdout.decode() + done.stderr.decode()


@pytest.mark.parametrize(
    ("result", "written"),
    [("é漢\n", "é漢\n".encode()), ("\udcff", b"\\udcff"), (b"\xff\x00", b"\xff\x00"), ("", b"")],
)
def test_a_result_is_written_as_it_is(result: "str | bytes", written: bytes, tmp_path: Path) -> None:
    done = run_here("", tmp_path, main=lambda words: render.write(result) or 0)
    assert (done.stdout, done.stderr) == (written, b"")


def test_a_short_write_goes_on(tmp_path: Path) -> None:
    really = os.write
    with mock.patch.object(os, "write", lambda number, data: really(number, bytes(data)[:3])):
        assert shown(lambda: render.write("0123456789"), tmp_path) == "0123456789"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.ENOSPC, "no space left on device"),
        (errno.EBADF, "bad file descriptor"),
        (errno.EIO, "input/output error"),
    ],
)
def test_a_result_that_cannot_be_written_is_a_failure(number: int, text: str) -> None:
    with (
        mock.patch.object(os, "write", side_effect=OSError(number, "")),
        pytest.raises(StoreError, match=f"^cannot write the result: {text}$"),
    ):
        render.write("x")


def test_a_reader_that_went_away_is_told_apart() -> None:
    with (
        mock.patch.object(os, "write", side_effect=BrokenPipeError(errno.EPIPE, "")),
        pytest.raises(BrokenPipeError, match="^the reader went away$") as caught,
    ):
        render.write("x")
    assert caught.value.errno is None


def test_a_reader_of_help_that_went_away(tmp_path: Path) -> None:
    really = os.write

    def write(number: int, data: bytes) -> int:
        if number == 1:
            raise BrokenPipeError(errno.EPIPE, "")
        return really(number, data)

    with mock.patch.object(os, "write", write):
        assert run_here("keygen --help", tmp_path).triple == ("", "", 141)


def test_json_is_one_line_of_ascii(tmp_path: Path) -> None:
    assert shown(lambda: render.write_json({"é": ["\x1b", None, True]}), tmp_path) == (
        '{"\\u00e9": ["\\u001b", null, true]}\n'
    )


def test_notes_and_warnings_go_to_standard_error(tmp_path: Path) -> None:
    def work(words: list[str]) -> int:
        render.note("a\x1b[2J")
        render.warn("b\n")
        render.tell("c\n\udcff\n")
        return 0

    done = run_here("", tmp_path, main=work)
    assert done.triple == ("", "authkit: note: a\\x1b[2J\nauthkit: warning: b\\x0a\nc\n\\udcff\n", 0)


def test_a_note_that_nobody_reads_is_no_failure() -> None:
    with mock.patch.object(os, "write", side_effect=OSError(errno.EPIPE, "")) as write:
        render.note("x")
        render.tell("x")
    assert write.call_count == 2


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "0"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm"}, True),
    ],
)
def test_when_there_is_colour(environ: dict[str, str], coloured: bool, tmp_path: Path) -> None:
    found = shown(lambda: render.write(render.style("x", "31")), tmp_path, Terminal(), **environ)
    assert found == ("\x1b[31mx\x1b[0m" if coloured else "x")
    assert shown(lambda: render.write(render.style("x", "31")), tmp_path, **environ) == "x"


def test_a_closed_stream_is_no_terminal() -> None:
    with mock.patch.object(os, "isatty", side_effect=OSError(errno.EBADF, "")):
        assert render.is_terminal() is False


def test_facts_stand_in_one_column() -> None:
    rows = [("a", "1"), ("", "2"), ("longer", "3"), ("b", "")]
    assert render.facts(iter(rows)) == "a:      1\n        2\nlonger: 3\nb:\n"
    assert render.facts([]) == ""


def test_facts_in_colour(tmp_path: Path) -> None:
    assert shown(lambda: render.write(render.facts([("a", "1")])), tmp_path, Terminal()) == "\x1b[2ma:\x1b[0m 1\n"


def test_a_table_in_a_pipe_is_plain_and_escaped() -> None:
    rows = [("x\x1b[31m", "1", ""), ("y", "22", "\u202e")]
    assert render.table(("NAME", "N", "END"), rows) == ("NAME       N   END\nx\\x1b[31m  1\ny          22  \\u202e\n")
    assert render.table(("NAME",), []) == "NAME\n"


def test_a_row_of_a_table_may_have_a_style(tmp_path: Path) -> None:
    def work() -> None:
        render.write(render.table(("A",), [("red one",), ("plain one",)], ("31", "")))

    lines = shown(work, tmp_path, Terminal(), COLUMNS="80").splitlines()
    assert [line for line in lines if "red one" in line] == ["\x1b[31mred one  \x1b[0m"]
    assert [line.rstrip() for line in lines if "plain one" in line] == ["plain one"]
    assert shown(work, tmp_path) == "A\nred one\nplain one\n"


def test_a_table_on_a_terminal_takes_no_orders(tmp_path: Path) -> None:
    rows = [("[link=x]a[/link]:smile:", "\x1b]8;;x\x07"), ("b" * 60, "c" * 60)]
    found = shown(lambda: render.write(render.table(("A", "B"), rows)), tmp_path, Terminal(), COLUMNS="80")
    assert "[link=x]a[/link]:smile:" in found
    assert "\\x1b]8;;x\\x07" in found
    assert "\x1b]" not in found
    assert found.replace("\n", "").count("c") == 60  # folded, not cut
    assert max(len(line) for line in found.splitlines()[1:]) <= 80
