"""Do messages cross the air gap as QR codes: drawn by authkit, read by zbarimg, put together by authkit?

Nothing but what zbarimg reads gets from one machine to the other here.
"""

import json
import os
import random
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from authkit.ceremony.places import Places
from interop.machines import Gap, Machine
from interop.program import PROJECT, run

SCOPES = ("us-east-1/s3", "us-east-1/sqs", "eu-west-1/s3", "eu-west-1/sqs")
EVERY = [word for scope in SCOPES for word in ("--scope", scope)]
POLICY = (*EVERY, "--max-days", "7", "--max-ahead", "10")
WEEK = ("--access-key-id", "AKIDEXAMPLE", *EVERY, "--days", "7")
MASTER = json.dumps(
    {
        "schema": "authkit.access-key/v1",
        "access_key_id": "AKIDEXAMPLE",
        "secret": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    }
).encode()
GLYPHS = {" ": (False, False), "\u2580": (True, False), "\u2584": (False, True)}  # upper and lower half: ink or not


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], str]) -> Gap:
    """Two machines that trust each other, which no test changes."""
    require_tool("zbarimg")
    folder = tmp_path_factory.mktemp("codes")
    (folder / "vault").mkdir()
    (folder / "web").mkdir()
    gap = Gap(Machine(folder / "vault", alone=False), Machine(folder / "web", alone=False))
    gap.enrol(MASTER, *POLICY)
    return gap


@pytest.fixture
def gap(enrolled: Gap, tmp_path: Path) -> Gap:
    """A copy of the two machines."""
    return enrolled.copy(tmp_path)


def photographed(folder: Path, name: str, *options: str) -> list[bytes]:
    """Return the frames that zbarimg reads in the pictures NAME-….png, in another order; the pictures are gone then.

    Now and then it also sees a bar code in the pattern of a QR code.
    """
    pictures = sorted(folder.glob(f"{name}*.png"))
    assert {path.stat().st_mode & 0o777 for path in pictures} == {0o600}
    done = subprocess.run(["zbarimg", "-q", *options, *pictures], capture_output=True, check=True, timeout=60)
    lines = [line for line in done.stdout.splitlines() if b"B$" in line]
    assert len(lines) == len(pictures)
    for path in pictures:
        path.unlink()
    random.Random(1).shuffle(lines)
    return lines


def asked(gap: Gap, name: str = "week", *options: str) -> list[bytes]:
    """Ask for a week; return the scanned request."""
    gap.web.ok("request-subkey", name, "--qr", "-o", f"{name}.png", *(options or WEEK))
    return photographed(gap.web.home, name)


def approved(gap: Gap, name: str = "week", *options: str, more: tuple[str, ...] = ()) -> list[bytes]:
    """Ask for a week and have it approved, the request scanned; return the scanned response."""
    request = b"\n".join(asked(gap, name, *options))
    confirmed = ("--confirm", "web-1", "--confirm-date", gap.vault.today())
    gap.vault.ok("approve-subkey", "-", "--qr", "-o", f"{name}-answer.png", *confirmed, *more, stdin=request)
    return photographed(gap.vault.home, f"{name}-answer")


def issued(gap: Gap, number: int = 1) -> bytes:
    """Return the response as the issuer keeps it."""
    return Path(Places(str(gap.vault.store)).response("web-1", number)).read_bytes()


# ------------------------------------------------------------------------------------------------------------ pictures


def test_a_week_of_four_scopes_crosses_shuffled(gap: Gap) -> None:
    frames = approved(gap)
    assert len(frames) > 4
    assert frames != sorted(frames)
    done = gap.web.run("import-subkey", "-", stdin=b"\n".join([b"DataBar:0114128101400741", *frames]))
    assert (done.code, done.out) == (0, b"AKIDEXAMPLE\n"), done.err
    row = gap.web.ledger()[-1]
    assert row["event"] == "imported"
    # it is what was issued, and what the master derives to
    listed = json.loads(gap.web.ok("inspect-subkey", "week", "--json"))
    assert len(json.dumps(listed)) > 1000
    exported = gap.web.home / "week.subkeys"
    gap.web.ok("export-key", "week", "-o", exported)
    said = gap.vault.ok("derive-subkey", "--key", "root", "--verify", exported, "--json")
    assert json.loads(said)["message"] == "every key of the file (28) derives from this one"


def test_what_is_put_together_is_identical(gap: Gap) -> None:
    frames = approved(gap)
    (gap.web.home / "scanned").write_bytes(b"\r\n\r\n".join(frames))
    code = "import sys; from authkit.commands import _carried; sys.stdout.buffer.write(_carried.read('scanned', 'x'))"
    done = run([sys.executable, "-c", code], gap.web.home)
    assert (done.out, done.err) == (issued(gap), "")


@pytest.mark.parametrize("options", [(), ("--raw",)])
def test_both_ways_in_which_zbarimg_writes(options: tuple[str, ...], gap: Gap) -> None:
    approved(gap)
    gap.vault.ok("approve-subkey", "web-1", "--again", "1", "--qr", "-o", "again.png")
    frames = photographed(gap.vault.home, "again", *options)
    assert frames[0].startswith(b"B$ZU" if options else b"QR-Code:B$ZU")
    gap.web.ok("import-subkey", "-", stdin=b"\n".join(frames) + b"\n")


@pytest.mark.parametrize("which", [0, 2, -1])
def test_a_missing_frame_is_named(which: int, gap: Gap) -> None:
    frames = approved(gap)
    lost = sorted(frames)[which]
    frames.remove(lost)
    number, total = int(lost[lost.index(b"B$") + 6 :][:2], 36) + 1, len(frames) + 1
    before = gap.web.ledger()
    done = gap.web.run("import-subkey", "-", stdin=b"\n".join(frames))
    assert (done.code, done.out) == (3, b"")
    assert done.err == (
        f"authkit: error: standard input: frame {number} of {total} is missing\n"
        "authkit: hint: scan what is missing and give all frames together, in any order\n"
    )
    assert gap.web.ledger() == before
    gap.web.ok("import-subkey", "-", stdin=b"\n".join([*frames, lost]))


def test_frames_of_two_messages_are_found(gap: Gap) -> None:
    """Of other counts by their headers; of one count by their contents."""
    one = approved(gap)
    other = sorted(asked(gap, "again"))
    assert len(one) != len(other)
    done = gap.web.run("import-subkey", "-", stdin=b"\n".join([*one, other[0]]))
    assert (done.code, done.out) == (3, b"")
    assert f"and those before it are of another message of {len(one)}\n" in done.err


def test_a_response_mixed_with_another_of_as_many_frames_does_not_open(gap: Gap) -> None:
    scanned = []
    for number, name in enumerate(("week", "again"), 1):
        # the second is asked for before the first is taken in, as by who has lost it
        approved(gap, name, more=("--starting-over", "web-1") if number == 2 else ())
        gap.vault.ok("approve-subkey", "web-1", "--again", str(number), "--qr", "--qr-size", "40", "-o", f"{name}.png")
        scanned.append(sorted(photographed(gap.vault.home, name)))
    one, other = scanned
    assert len(one) == len(other) == 2
    for mixed in ([one[0], other[1]], [other[0], one[1]]):
        done = gap.web.run("import-subkey", "-", "--json", stdin=b"\n".join(mixed))
        error = json.loads(done.err.splitlines()[-1])["error"]
        assert (done.code, done.out, error.get("reason")) in ((5, b"", "damaged"), (3, b"", None)), error
        # which of these it is depends on how well each of the two could be packed
        said = ("do not fit together", "age file", "is cut short")
        assert done.code == 5 or any(text in error["message"] for text in said), error
    gap.web.ok("import-subkey", "-", stdin=b"\n".join(one))


def test_a_plain_subkey_file_is_in_codes_only_when_that_is_asked(gap: Gap) -> None:
    derive = ("derive-subkey", "--key", "root", *EVERY, "--days", "7", "--format", "qr", "-o", "plain.png")
    done = gap.vault.run(*derive)
    assert (done.code, done.out) == (5, b"")
    assert list(gap.vault.home.glob("*.png")) == []
    gap.vault.ok(*derive, "--reveal")
    frames = b"\n".join(photographed(gap.vault.home, "plain"))
    done = gap.web.run("import-subkey", "plain", "-", "--expect-id", "AKIDEXAMPLE", stdin=frames)
    assert (done.code, done.out) == (0, b"AKIDEXAMPLE\n"), done.err


def test_the_largest_codes_are_read(gap: Gap) -> None:
    gap.web.ok("request-subkey", "week", "--qr", "--qr-size", "40", "-o", "large.png", *WEEK)
    frames = photographed(gap.web.home, "large")
    assert len(frames) == 1
    gap.vault.ok(
        *("approve-subkey", "-", "-o", "answer", "--confirm", "web-1", "--confirm-date", gap.vault.today()),
        stdin=frames[0],
    )


# ------------------------------------------------------------------------------------------------------------ terminal


class Screen:
    """A terminal by tmux, and a camera before it.

    Args:
        folder: where tmux's socket lies.
        columns, lines: its size.
    """

    def __init__(self, folder: Path, columns: int, lines: int) -> None:
        self._tmux = ["tmux", "-S", str(folder / "tmux"), "-f", os.devnull]
        self.columns, self.lines, self.folder = columns, lines, folder

    def begin(self, line: str) -> None:
        size = ["-x", str(self.columns), "-y", str(self.lines)]
        self._do("new-session", "-d", *size, line)

    def end(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, timeout=30)

    def type(self, *keys: str) -> None:
        self._do("send-keys", *keys)

    def wait_for(self, text: str) -> str:
        """Return what is shown, colours included, once *text* is on the last line that is not empty."""
        for _ in range(600):
            shown = self._do("capture-pane", "-e", "-N", "-p")
            plain = re.sub("\x1b\\[[0-9;]*m", "", shown)
            if plain.rstrip().rpartition("\n")[2].startswith(text):
                return shown
            time.sleep(0.05)  # tmux tells nobody when something appears
        raise AssertionError(plain)

    def _do(self, *words: str) -> str:
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        done = subprocess.run([*self._tmux, *words], capture_output=True, check=True, timeout=30, env=env)
        return done.stdout.decode()


@pytest.fixture
def screen(tmp_path: Path, require_tool: Callable[[str], str]) -> Iterator[Callable[[int, int], Screen]]:
    require_tool("tmux")
    made: list[Screen] = []

    def make(columns: int, lines: int) -> Screen:
        made.append(Screen(tmp_path, columns, lines))
        return made[-1]

    yield make
    for one in made:
        one.end()


def photograph(shown: str, path: Path, columns: int, ink: int, paper: int) -> str:
    """Return what zbarimg reads on a terminal with these colours of its own, as grey levels: 8 by 16 pixels a cell."""
    rows = bytearray()
    colours: list[int | None] = [None, None]
    lines = shown.rstrip("\n").split("\n")
    for line in lines:
        upper, lower, wide = bytearray(), bytearray(), 0
        for code, glyph in re.findall("\x1b\\[([0-9;]*)m|([^\x1b])", line):
            if not glyph:
                _set_colours(colours, [int(number or 0) for number in code.split(";")])
                continue
            front, back = (ink if colours[0] is None else colours[0]), (paper if colours[1] is None else colours[1])
            halves = GLYPHS.get(glyph, (True, False))  # letters are some ink
            for half, row in zip(halves, (upper, lower), strict=True):
                row += bytes([front if half else back]) * 8
            wide += 1
        for row in (upper, lower):
            rows += (bytes(row) + bytes([paper]) * 8 * (columns - wide)) * 8
    path.write_bytes(b"P5 %d %d 255\n" % (columns * 8, len(lines) * 16) + bytes(rows))
    done = subprocess.run(["zbarimg", "-q", "--raw", path], capture_output=True, timeout=60)
    return done.stdout.decode()


def _set_colours(colours: "list[int | None]", numbers: list[int]) -> None:
    grey = {16: 0, 231: 255}
    while numbers:
        number = numbers.pop(0)
        if number == 0:
            colours[:] = [None, None]
        elif number in (38, 48):
            assert numbers[0] == 5
            colours[number == 48] = grey[numbers[1]]
            del numbers[:2]
        else:
            assert number in (39, 49)
            colours[number == 49] = None


LIGHT, DARK = (0, 255), (255, 0)


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (80, 50), (120, 60), (37, 20)])
def test_codes_on_a_terminal_are_read_whatever_its_colours(
    columns: int, lines: int, gap: Gap, screen: Callable[[int, int], Screen]
) -> None:
    """A request is shown page by page; a light and a dark terminal are photographed, and the vault takes both in."""
    window = screen(columns, lines)
    env = {
        "AUTHKIT_STORE": gap.web.store,
        "AUTHKIT_PASSPHRASE_FILE": gap.web.home / "pass",
        "PYTHONPATH": PROJECT / "cli",
    }
    words = [sys.executable, "-m", "authkit", "request-subkey", "week", "--qr", *WEEK]
    line = " ".join([f"{name}={shlex.quote(str(value))}" for name, value in env.items()])
    window.begin(f"cd {shlex.quote(str(gap.web.home))} && {line} {shlex.join(words)}; echo done; cat")
    shown = window.wait_for("1 of ")
    total = int(re.findall(r"1 of (\d+) \(", shown)[0])
    seen: dict[tuple[int, int], list[str]] = {LIGHT: [], DARK: []}
    for number in range(1, total + 1):
        shown = window.wait_for(f"{number} of {total} (")
        for ink, paper in seen:
            seen[ink, paper].append(photograph(shown, gap.web.home / "photo.pgm", columns, ink, paper))
        window.type("Enter")
    rest = window.wait_for("done")
    assert "\u2580" not in rest  # nothing stays that could be scrolled back to
    assert seen[LIGHT] == seen[DARK]
    assert all(text.count("B$") == 1 for text in seen[LIGHT])
    gap.vault.ok(
        *("approve-subkey", "-", "-o", "answer", "--confirm", "web-1", "--confirm-date", gap.vault.today()),
        stdin="".join(reversed(seen[LIGHT])).encode(),
    )
