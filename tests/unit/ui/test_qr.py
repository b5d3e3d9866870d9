"""Is a QR code what the standard and the terminal make it?"""

import struct
import zlib

import pytest
import segno

from authkit.ui import qr

# BBQr's table of sizes, which gives the standard's numbers
PUBLISHED = {1: (21, 25), 11: (61, 468), 23: (109, 1588), 27: (125, 2132), 33: (149, 3009), 40: (177, 4296)}
BLACK_ON_WHITE, WHITE_ON_BLACK = "\x1b[38;5;16;48;5;231m", "\x1b[38;5;231;48;5;16m"


@pytest.mark.parametrize(("version", "side", "characters"), [(key, *row) for key, row in PUBLISHED.items()])
def test_sizes_are_the_published_ones(version: int, side: int, characters: int) -> None:
    assert (qr.modules(version), qr.capacity(version)) == (side, characters)


def test_a_code_holds_what_it_is_said_to_and_not_one_more(subtests: pytest.Subtests) -> None:
    for version in qr.VERSIONS:
        with subtests.test(version=version):
            text = "A" * qr.capacity(version)
            with pytest.raises(segno.DataOverflowError):
                segno.make_qr(text + "A", error="l", version=version, mode="alphanumeric")
            if version < 11:
                assert segno.make_qr(text, error="l", version=version).designator == f"{version}-L"


@pytest.mark.parametrize(
    ("columns", "lines", "version"),
    [
        (80, 24, 6),  # 45 columns, 23 lines and the caption
        (80, 23, 5),
        (80, 50, 14),
        (77, 40, 14),
        (76, 40, 13),
        (77, 39, 13),
        (100, 50, 19),
        (37, 20, 4),
        (25, 14, 1),
        (24, 14, 0),
        (25, 13, 0),
        (181, 92, 40),
        (1000, 1000, 40),
    ],
)
def test_what_fits_on_a_terminal(columns: int, lines: int, version: int) -> None:
    assert qr.largest_for(columns, lines) == version
    if version:
        wide, high = qr.extent(version)
        assert wide <= columns
        assert high <= lines
        assert wide == 21 + 4 * version
        assert high == (wide + 1) // 2 + 1


@pytest.mark.parametrize(("columns", "lines", "quiet"), [(49, 26, 4), (48, 26, 2), (49, 25, 2), (80, 50, 4)])
def test_the_quiet_zone_is_the_standards_where_there_is_room(columns: int, lines: int, quiet: int) -> None:
    assert qr.quiet_for(6, columns, lines) == quiet


def modules_of(drawn: str) -> list[list[int]]:
    """Return the modules that a terminal would show, 1 dark: read from the colours and the half blocks alone."""
    rows: list[list[int]] = []
    for line in drawn.split("\n")[:-1]:
        assert line.endswith("\x1b[0m")
        upper, lower, colours = [], [], ""
        rest = line.removesuffix("\x1b[0m")
        while rest:
            if rest.startswith("\x1b"):
                colours, _, rest = rest.partition("m")
                colours += "m"
                assert colours in (BLACK_ON_WHITE, WHITE_ON_BLACK)
                continue
            ground = int(colours == WHITE_ON_BLACK)
            upper.append(1 - ground if rest[0] == "▀" else ground)
            lower.append(1 - ground if rest[0] == "▄" else ground)
            assert rest[0] in " ▀▄"
            rest = rest[1:]
        rows += [upper, lower]
    return rows


@pytest.mark.parametrize("version", [1, 6, 14])
@pytest.mark.parametrize("quiet", [2, 4])
def test_a_drawing_is_the_code(version: int, quiet: int) -> None:
    text = "B$2U0100" + "A" * (qr.capacity(version) - 8)
    drawn = qr.draw(text, version, quiet)
    seen = modules_of(drawn)
    side = qr.modules(version)
    made = [list(row) for row in segno.make_qr(text, version=version, error="l").matrix]
    assert [row[quiet : quiet + side] for row in seen[quiet : quiet + side]] == made
    assert {len(row) for row in seen} == {side + 2 * quiet}
    # around it is only light, and the last line's lower half is as well
    assert len(seen) == side + 2 * quiet + 1
    assert sum(map(sum, seen)) == sum(map(sum, made))
    assert drawn.count("\n") == qr.extent(version, quiet)[1] - 1


def test_a_line_says_its_colours_once() -> None:
    first = qr.draw("A", 1, 2).split("\n")[0]
    assert first == f"{BLACK_ON_WHITE}{' ' * 25}\x1b[0m"


def test_a_drawing_has_the_wide_quiet_zone_unless_asked() -> None:
    assert qr.draw("A", 1) == qr.draw("A", 1, 4)


def pixels(data: bytes) -> list[bytes]:
    """Return the rows of a PNG of one bit a pixel, 1 light."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    wide, high, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert (depth, kind) == (1, 0)
    start = data.index(b"IDAT") + 4
    size = int.from_bytes(data[start - 8 : start - 4], "big")
    raw = zlib.decompress(data[start : start + size])
    step = 1 + (wide + 7) // 8
    rows = [bytes(step - 1)]
    for place in range(0, len(raw), step):
        row = raw[place + 1 : place + step]
        assert raw[place] in (0, 2)  # as it is, or what was added to the row above
        rows.append(bytes([(one + above * (raw[place] == 2)) & 255 for one, above in zip(row, rows[-1])]))
    assert len(rows) == high + 1
    return rows[1:]


def test_a_picture_has_eight_pixels_a_module_and_four_light_modules_around() -> None:
    text = "A" * 20
    rows = pixels(qr.picture(text, 1))
    assert len(rows) == (21 + 8) * 8
    made = [list(row) for row in segno.make_qr(text, version=1, error="l").matrix]
    seen = [[int(module == 0) for module in row] for row in rows[::8]]
    assert [row[4:-4] for row in seen[4:-4]] == made
    assert sum(map(sum, seen)) == sum(map(sum, made))
    assert all(rows[place] == rows[place - place % 8] for place in range(len(rows)))


def test_room_that_is_left_becomes_error_correction() -> None:
    full, short = "A" * qr.capacity(6), "A" * 20
    assert qr.draw(short, 6) != qr.draw(full, 6)
    assert segno.make_qr(short, version=6, error="l", mode="alphanumeric").error == "H"
    assert [list(row) for row in segno.make_qr(short, version=6, error="h").matrix] == [
        row[4:-4] for row in modules_of(qr.draw(short, 6))[4:-5]
    ]
