"""Does a message cross as QR codes, pictures, files and pasted lines, and is what cannot cross said beforehand?"""

import os
import random
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from authkit.ceremony import frames
from authkit.commands import _carried
from authkit.commands._quick import Given
from authkit.errors import AuthkitError, InputError, Refused, UsageError
from authkit.ui import qr
from commandline import Done, Terminal, run_here

# noise, so that how many codes it takes does not depend on how well it is compressed
TEXT = random.Random(7).randbytes(700)
LONG = random.Random(8).randbytes(2000)
REVEAL = "add --reveal if no other eye or camera sees it"


def given(**options: Any) -> Given:
    return Given({"output": None, "force": False, **options})


def run(
    work: "Callable[[], Any]",
    folder: Path,
    *,
    terminal: "Terminal | None" = None,
    screens: "tuple[int, ...]" = (),
    stdin: bytes = b"",
    environ: "dict[str, str] | None" = None,
) -> tuple[Any, Done]:
    """Return what *work* gives or raises, and what it left."""
    found: list[Any] = []

    def main(words: list[str]) -> int:
        try:
            found.append(work())
        except AuthkitError as error:
            found.append((type(error), error.message, error.hint))
        return 0

    done = run_here("", folder, main=main, terminal=terminal, screens=screens, stdin=stdin, environ=environ)
    return found[0], done


def deliver(folder: Path, data: bytes = TEXT, secret: bool = False, **options: Any) -> tuple[Any, Done]:
    def work() -> Any:
        return _carried.deliver(data, given(**options), what="the response", secret=secret)

    return run(work, folder)


def window(columns: int, lines: int, steps: Any = ()) -> Terminal:
    terminal = Terminal(steps)
    termios.tcsetwinsize(terminal.slave, (lines, columns))
    return terminal


def on_screen(
    columns: int, lines: int, folder: Path, data: bytes = TEXT, steps: Any = (), term: str = "xterm", **options: Any
) -> tuple[Any, Done]:
    def work() -> Any:
        return _carried.deliver(data, given(qr=True, **options), what="the response", secret=False)

    terminal = window(columns, lines, steps or [("): ", "q\n")])
    return run(work, folder, terminal=terminal, screens=(1,), environ={"TERM": term})


# Handing over without QR codes


def test_a_message_goes_to_standard_output_as_it_is(tmp_path: Path) -> None:
    found, done = deliver(tmp_path)
    assert (found, done.stdout, done.stderr) == ((), TEXT, b"")


def test_a_message_goes_to_a_private_file(tmp_path: Path) -> None:
    found, done = deliver(tmp_path, output="response.age")
    assert (found, done.stdout, done.stderr) == (("response.age",), b"", b"")
    assert (tmp_path / "response.age").read_bytes() == TEXT
    assert (tmp_path / "response.age").stat().st_mode & 0o777 == 0o600


def test_a_dash_is_standard_output(tmp_path: Path) -> None:
    assert deliver(tmp_path, output="-")[1].stdout == TEXT
    assert deliver(tmp_path, output="-", qr=True)[1].stdout.startswith(b"\x1b[38;5;16;48;5;231m")


def test_a_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "r").write_bytes(b"old")
    found, _ = deliver(tmp_path, output="r")
    assert found == (Refused, "r exists", "--force replaces it")
    assert deliver(tmp_path, output="r", force=True)[0] == ("r",)
    assert (tmp_path / "r").read_bytes() == TEXT


@pytest.mark.parametrize("secret", [True, False])
@pytest.mark.parametrize("reveal", [True, False, None])
def test_a_secret_is_shown_only_when_asked(secret: bool, reveal: "bool | None", tmp_path: Path) -> None:
    def work() -> Any:
        options = {} if reveal is None else {"reveal": reveal}
        return _carried.deliver(b"a key\n", given(**options), what="the key", secret=secret)

    found, done = run(work, tmp_path, terminal=Terminal(), screens=(1,))
    if secret and not reveal:
        hint = "write it with --output FILE, pipe it, or add --reveal"
        assert found == (Refused, "the key would appear on the terminal", hint)
        assert done.terminal == ""
    else:
        assert (found, done.terminal) == ((), "a key\n")


# T13


@pytest.mark.parametrize("output", [None, "-", "r.png"])
@pytest.mark.parametrize("options", [{}, {"reveal": False}])
def test_a_secret_is_in_no_qr_code_without_reveal(
    output: "str | None", options: "dict[str, bool]", tmp_path: Path
) -> None:
    found, done = deliver(tmp_path, secret=True, qr=True, output=output, **options)
    assert found == (Refused, "the response would be in QR codes that anybody who sees them can read", REVEAL)
    assert (done.stdout, list(tmp_path.iterdir())) == (b"", [])


@pytest.mark.parametrize("output", [None, "r.png"])
def test_a_secret_is_in_qr_codes_with_reveal(output: "str | None", tmp_path: Path) -> None:
    found, _ = deliver(tmp_path, secret=True, qr=True, output=output, reveal=True)
    assert found == (() if output is None else ("r-1-of-2.png", "r-2-of-2.png"))


def test_what_is_sealed_needs_no_reveal(tmp_path: Path) -> None:
    assert deliver(tmp_path, qr=True, reveal=False)[0] == ()


# QR codes


def test_size_and_count_are_said(tmp_path: Path) -> None:
    found, done = deliver(tmp_path, LONG, qr=True, output="r.png")
    assert done.stderr.decode() == (
        "authkit: note: the response has 2,000 bytes: 5 QR codes of size 14, 73 by 73 modules\n"
        "authkit: note: written: r-1-of-5.png to r-5-of-5.png\n"
    )
    assert found == tuple([f"r-{number}-of-5.png" for number in range(1, 6)])
    assert done.stdout == b""


def test_one_code_is_no_larger_than_needed(tmp_path: Path) -> None:
    found, done = deliver(tmp_path, b"short", qr=True, output="r.png")
    assert found == ("r.png",)
    assert done.stderr.decode() == (
        "authkit: note: the response has 5 bytes: 1 QR code of size 1, 21 by 21 modules\n"
        "authkit: note: written: r.png\n"
    )
    assert (tmp_path / "r.png").read_bytes() == qr.picture(frames.split(b"short", 25)[0], 1)


@pytest.mark.parametrize(
    ("size", "count", "side"), [(40, 1, 157), (14, 5, 73), (6, 18, 41), (1, 200, 21), (None, 5, 73)]
)
def test_the_size_is_a_limit(size: "int | None", count: int, side: int, tmp_path: Path) -> None:
    found, done = deliver(tmp_path, LONG, qr=True, output="r.png", qr_size=size)
    assert len(found) == count
    assert f"{count} QR codes of size" in done.stderr.decode() or count == 1
    assert f" {side} by {side} modules\n" in done.stderr.decode()


def test_pictures_are_private_and_numbered_by_width(tmp_path: Path) -> None:
    found, _ = deliver(tmp_path, LONG, qr=True, output="r.PNG", qr_size=9)
    assert (found[0], found[-1]) == ("r-01-of-10.PNG", "r-10-of-10.PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(found)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_too_many_codes_are_refused(tmp_path: Path) -> None:
    found, _ = deliver(tmp_path, random.Random(1).randbytes(13_000), qr=True, output="r.png", qr_size=1)
    assert found == (
        Refused,
        "1,300 QR codes of this size would be needed, and a message has at most 1,295",
        "choose a larger --qr-size, or carry it as a file",
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["response", "response.age", ".png", "folder/.PNG", "png", "r.png/"])
def test_pictures_have_the_name_of_one(name: str, tmp_path: Path) -> None:
    found, _ = deliver(tmp_path, qr=True, output=name)
    assert found == (UsageError, "with --qr, --output names a picture: NAME.png", None)


@pytest.mark.parametrize("there", ["r.png", "r-1-of-2.png", "r-2-of-2.png", "r-07-of-12.png"])
@pytest.mark.parametrize("folder", ["", "sub/"])
def test_older_pictures_are_not_mixed_with_new_ones(there: str, folder: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / f"{folder}{there}").write_bytes(b"old")
    options = {"qr": True, "output": f"{folder}r.png"}
    found, _ = deliver(tmp_path, **options)
    assert found == (Refused, f"{folder}{there} exists", "--force replaces it")
    assert len(list((tmp_path / folder).iterdir())) == (2 if not folder else 1)
    assert deliver(tmp_path, force=True, **options)[0] == (f"{folder}r-1-of-2.png", f"{folder}r-2-of-2.png")


@pytest.mark.parametrize("there", ["r-1-of-2.jpg", "rx.png", "r-1.png", "r-a-of-2.png", "xr-1-of-2.png", "r2.png"])
def test_other_files_are_in_nobodys_way(there: str, tmp_path: Path) -> None:
    (tmp_path / there).write_bytes(b"other")
    assert deliver(tmp_path, qr=True, output="r.png")[0] == ("r-1-of-2.png", "r-2-of-2.png")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    found, _ = deliver(tmp_path, qr=True, output="nowhere/r.png")
    assert found[1] == "cannot write nowhere/r-1-of-2.png: no such file or directory"


@pytest.mark.parametrize("size", [0, 41, -1])
def test_a_size_that_no_code_has(size: int, tmp_path: Path) -> None:
    found, _ = deliver(tmp_path, qr=True, qr_size=size)
    assert found == (UsageError, "--qr-size is a number from 1 to 40", None)


def test_a_size_without_codes_is_a_mistake(tmp_path: Path) -> None:
    found, _ = deliver(tmp_path, qr=False, qr_size=6)
    assert found == (UsageError, "--qr-size is the size of QR codes, which nothing asks for", None)


def test_json_and_codes_do_not_share_a_stream(tmp_path: Path) -> None:
    found, _ = deliver(tmp_path, qr=True, json=True)
    hint = "write pictures with --output NAME.png"
    assert found == (UsageError, "--json and --qr both write to standard output", hint)
    assert deliver(tmp_path, qr=True, json=True, output="r.png")[0] == ("r-1-of-2.png", "r-2-of-2.png")


def test_a_pipe_gets_every_drawing_with_the_standards_quiet_zone(tmp_path: Path) -> None:
    _, done = deliver(tmp_path, qr=True)
    texts = frames.split(TEXT, qr.capacity(13))
    assert done.stdout.decode() == "".join(
        f"{qr.draw(text, 13, 4)}{number} of 2\n" for number, text in enumerate(texts, 1)
    )
    assert done.stderr.decode() == (
        f"authkit: note: the response has {len(TEXT):,} bytes: 2 QR codes of size 13, 69 by 69 modules\n"
    )


# on a terminal


@pytest.mark.parametrize(
    ("columns", "lines", "version", "quiet", "count"),
    [(80, 24, 6, 2, 7), (80, 50, 13, 4, 2), (200, 100, 13, 4, 2), (73, 38, 13, 2, 2), (37, 20, 4, 2, 11)],
)
def test_codes_fit_on_the_terminal(
    columns: int, lines: int, version: int, quiet: int, count: int, tmp_path: Path
) -> None:
    found, done = on_screen(columns, lines, tmp_path)
    assert found == ()
    texts = frames.split(TEXT, qr.capacity(version))
    assert len(texts) == count
    assert qr.draw(texts[0], version, quiet) in done.terminal
    assert done.terminal.endswith("\x1b[?1049l")
    wide, high = qr.extent(version, quiet)
    assert wide <= columns
    assert high <= lines
    notes = done.stderr.decode().split("\n")
    assert notes[0] == (
        f"authkit: note: the response has {len(TEXT):,} bytes: {count} QR codes of size {version},"
        f" {qr.modules(version)} by {qr.modules(version)} modules"
    )
    more = "authkit: note: a terminal of 77 columns and 40 lines would do with 2"
    assert notes[1:] == ([more, ""] if count > 2 else [""])


def test_a_terminal_that_does_not_know_its_size(tmp_path: Path) -> None:
    assert "7 QR codes of size 6," in on_screen(0, 0, tmp_path)[1].stderr.decode()


@pytest.mark.parametrize(("columns", "lines"), [(36, 50), (80, 19), (10, 3)])
def test_a_terminal_that_is_too_small_is_told_so(columns: int, lines: int, tmp_path: Path) -> None:
    found, done = on_screen(columns, lines, tmp_path)
    assert found == (
        Refused,
        f"a QR code of size 4 takes 37 columns and 20 lines, and this terminal has {columns} and {lines}",
        "enlarge the window, or write pictures with --output NAME.png",
    )
    assert (done.terminal, done.stderr) == ("", b"")


def test_a_size_that_was_asked_for_is_not_made_smaller(tmp_path: Path) -> None:
    found, _ = on_screen(80, 24, tmp_path, qr_size=14)
    assert found == (
        Refused,
        "a QR code of size 14 takes 77 columns and 40 lines, and this terminal has 80 and 24",
        "enlarge the window, or write pictures with --output NAME.png",
    )
    found, done = on_screen(77, 40, tmp_path, LONG, qr_size=14)
    assert found == ()
    assert b"5 QR codes of size 14," in done.stderr


def test_a_small_size_that_was_asked_for_is_small(tmp_path: Path) -> None:
    found, done = on_screen(30, 16, tmp_path, qr_size=2)
    assert found == ()
    assert done.stderr.decode().endswith("QR codes of size 2, 25 by 25 modules\n")


def test_a_terminal_without_colours_draws_none(tmp_path: Path) -> None:
    found, _ = on_screen(80, 50, tmp_path, term="dumb")
    hint = "write pictures with --output NAME.png"
    assert found == (Refused, "this terminal draws no QR codes (TERM=dumb)", hint)


def test_colours_do_not_depend_on_a_wish_for_none(tmp_path: Path) -> None:
    def work() -> Any:
        return _carried.deliver(b"x", given(qr=True), what="the response", secret=False)

    terminal = window(80, 24, [("(Enter): ", "\n")])
    _, done = run(work, tmp_path, terminal=terminal, screens=(1,), environ={"TERM": "xterm", "NO_COLOR": "1"})
    assert qr.draw(frames.split(b"x", 25)[0], 1, 4) in done.terminal


# Checking beforehand


@pytest.mark.parametrize(
    ("options", "secret", "kind"),
    [
        ({"output": "old"}, False, Refused),
        ({"output": "old.png", "qr": True}, False, Refused),
        ({"output": "old", "qr": True}, False, UsageError),
        ({"qr": True}, True, Refused),
        ({"qr": True, "json": True}, False, UsageError),
        ({"qr": True, "qr_size": 41}, False, UsageError),
        ({"qr_size": 4}, False, UsageError),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_asked(
    options: "dict[str, Any]", secret: bool, kind: type, tmp_path: Path
) -> None:
    for name in ("old", "old.png"):
        (tmp_path / name).write_bytes(b"old")

    def work(**more: Any) -> Any:
        return _carried.check(given(**options, **more), what="the response", secret=secret)

    found, done = run(work, tmp_path)
    assert found[0] is kind
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.parametrize("options", [{}, {"output": "new"}, {"output": "new.png", "qr": True}, {"qr": True}])
def test_what_can_be_is_not_refused(options: "dict[str, Any]", tmp_path: Path) -> None:
    found, done = run(lambda: _carried.check(given(**options), what="the response", secret=False), tmp_path)
    assert (found, done.stdout, done.stderr) == (None, b"", b"")


def test_a_small_terminal_is_found_beforehand(tmp_path: Path) -> None:
    def work() -> Any:
        return _carried.check(given(qr=True), what="the response", secret=False)

    found, _ = run(work, tmp_path, terminal=window(30, 10), screens=(1,), environ={"TERM": "xterm"})
    assert found[0] is Refused


# Taking in


def read(folder: Path, path: str = "-", stdin: bytes = b"") -> tuple[Any, Done]:
    return run(lambda: _carried.read(path, "subkey file"), folder, stdin=stdin)


def scanned(data: bytes = TEXT, characters: int = 195, seed: int = 1) -> list[str]:
    made = frames.split(data, characters)
    random.Random(seed).shuffle(made)
    return made


@pytest.mark.parametrize("data", [b"", b"x", TEXT, b"\n\n", b"B", b"\xff\x00\r\n"])
def test_what_is_no_frame_is_taken_as_it_is(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(data)
    assert read(tmp_path, "file")[0] == data
    found, done = read(tmp_path, "-", data)
    assert (found, done.stderr) == (data, b"")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\r"])
@pytest.mark.parametrize("mark", ["", "QR-Code:"])
@pytest.mark.parametrize("last", [True, False])
def test_scanned_lines_are_put_together(end: str, mark: str, last: bool, tmp_path: Path) -> None:
    lines = (end.join(f"{mark}{one}" for one in scanned()) + end * last).encode()
    (tmp_path / "scan").write_bytes(lines)
    assert read(tmp_path, "scan")[0] == TEXT
    found, done = read(tmp_path, "-", lines)
    assert (found, done.stderr) == (TEXT, b"")


def test_a_missing_frame_is_named_with_the_total(tmp_path: Path) -> None:
    made = frames.split(TEXT, 195)
    assert len(made) == 7
    lines = "\n".join(made[:2] + made[3:]).encode()
    (tmp_path / "scan").write_bytes(lines)
    for path, named in (("scan", "scan"), ("-", "standard input")):
        assert read(tmp_path, path, lines)[0] == (
            InputError,
            f"{named}: frame 3 of 7 is missing",
            "scan what is missing and give all frames together, in any order",
        )


def test_lines_are_counted_from_the_first(tmp_path: Path) -> None:
    made = frames.split(TEXT, 195)
    lines = "\n".join(["", *made[:3], "", "B$what?"]).encode()
    for stdin in (lines, lines + b"\n"):
        assert read(tmp_path, "-", stdin)[0][1] == "standard input: line 6: the frame is cut short"


@pytest.mark.parametrize("other", ["DataBar:0114128101400741", "0114128101400741", "23456723"])
def test_a_bar_code_that_a_scanner_saw_in_the_pattern_is_passed_over(other: str, tmp_path: Path) -> None:
    lines = "\n".join([other, *scanned(), other]).encode()
    (tmp_path / "scan").write_bytes(lines)
    assert read(tmp_path, "scan")[0] == TEXT
    assert read(tmp_path, "-", lines)[0] == TEXT


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x00\x00\x00\x00WEBP"])
def test_a_picture_is_not_read_but_who_reads_it_is_named(start: bytes, tmp_path: Path) -> None:
    (tmp_path / "scan.png").write_bytes(start + bytes(50))
    hint = "read its QR codes with 'zbarimg -q --raw scan.png' and give its output"
    assert read(tmp_path, "scan.png")[0] == (InputError, "scan.png is a picture", hint)
    assert read(tmp_path, "-", start + bytes(50))[0] == (
        InputError,
        "standard input is a picture",
        hint.replace("scan.png", "FILE"),
    )


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert read(tmp_path, "nowhere")[0] == (InputError, "no such file: nowhere", None)


def test_a_message_is_pasted(tmp_path: Path) -> None:
    terminal = Terminal([("Ctrl-D\r\n", "authkit-request/v1\nmore\n\x04")])
    found, done = run(lambda: _carried.read("-", "request"), tmp_path, terminal=terminal, screens=(0, 2))
    assert found == b"authkit-request/v1\nmore\n"
    note = "authkit: note: paste the request here; then press Enter and Ctrl-D\n"
    assert done.terminal.startswith(note)


def test_the_last_frame_that_is_pasted_ends_it(tmp_path: Path) -> None:
    """Nobody presses Ctrl-D; what is still missing is said whenever nothing comes."""
    made = frames.split(TEXT, 195)
    steps = [
        ("Ctrl-D\r\n", f"{made[4]}\n"),
        ("missing of 7: 1-4 and 6-7\r\n", f"{made[0]}\r{made[4]}\n{made[5]}\n{made[6]}\n"),
        ("missing of 7: 2-4\r\n", f"{made[0]}\n{made[3]}\n{made[2]}\n"),
        ("missing of 7: 2\r\n", f"{made[1]}\n"),
    ]
    found, done = run(lambda: _carried.read("-", "response"), tmp_path, terminal=Terminal(steps), screens=(0, 2))
    assert found == TEXT
    said = [line for line in done.terminal.split("\n") if "still" in line]
    assert said[0] == "authkit: note: still missing of 7: 1-4 and 6-7"
    assert len(said) == len(set(said))


def test_what_is_missing_is_said_once(tmp_path: Path) -> None:
    def work() -> Any:
        gathered = frames.Frames("x")
        gathered.add_lines([frames.split(TEXT, 195)[0].encode()])
        return _carried._tell_missing(gathered, _carried._tell_missing(gathered, ""))

    found, done = run(work, tmp_path, terminal=Terminal(), screens=(2,))
    assert found == "still missing of 7: 2-7"
    assert done.terminal == "authkit: note: still missing of 7: 2-7\n"


def test_nothing_is_said_where_nobody_reads_it(tmp_path: Path) -> None:
    gathered = frames.Frames("x")
    gathered.add_lines([frames.split(TEXT, 195)[0].encode()])
    _, done = run(lambda: _carried._tell_missing(gathered, ""), tmp_path)
    assert done.stderr == b""


def test_a_scanner_may_stay_open(tmp_path: Path) -> None:
    """The last frame ends the reading, though the pipe does not end."""
    code = "import sys; from authkit.commands import _carried as c; sys.stdout.buffer.write(c.read('-', 'x'))"
    kept = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path, env=kept
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("".join(f"{line}\n" for line in scanned()).encode())
        child.stdin.flush()
        assert child.stdout.read() == TEXT
        assert child.wait(30) == 0


def test_a_line_without_its_end_is_waited_for(tmp_path: Path) -> None:
    """What has come so far may be the beginning of a line."""
    whole = "\n".join(frames.split(TEXT, 195)).encode()
    pieces = iter([whole[-30:], b""])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_carried._io, "is_waiting", lambda seconds: False)
        assert _carried._gather(whole[:-30], pieces) == TEXT
