"""How is a text shown as a QR code, on a terminal or as a picture?"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSIONS = range(1, 41)
LEAST_ON_TERMINAL = 4  # a smaller window shows too little of a message at a time to be worth a person's while
DEFAULT_LARGEST = 14  # what a camera of 480 lines reads though the code is tilted, in perspective and a little blurred
QUIET = 4  # light modules around a code, as the standard asks
LEAST_QUIET = 2  # what scanners make do with, where a terminal has no more room
_PIXELS = 8  # a module's side in a picture
_CAPTION = 1  # lines

# Characters of the alphanumeric mode that a code of version 1, 2, … holds at error correction level L.
_CAPACITIES = (
    *(25, 47, 77, 114, 154, 195, 224, 279, 335, 395, 468, 535, 619, 667, 758, 854, 938, 1046, 1153, 1249),
    *(1352, 1460, 1588, 1704, 1853, 1990, 2132, 2223, 2369, 2520, 2677, 2840, 3009, 3183, 3351, 3537, 3729, 3927),
    *(4087, 4296),
)

# Both colours are always said, from the fixed part of the 256: what the terminal's own are, light or dark, and what a
# theme makes of the sixteen that have names, must not decide whether a camera can read the code.
_LIGHT = "\x1b[38;5;16;48;5;231m"  # black on white
_DARK = "\x1b[38;5;231;48;5;16m"
_PLAIN = "\x1b[0m"
# What one character shows: its upper and lower module, dark or not.  Two alike are a space, since a glyph may leave
# a gap to the line above, which a background does not.
_CELLS = {
    (False, False): (_LIGHT, " "),
    (True, False): (_LIGHT, "\u2580"),
    (False, True): (_LIGHT, "\u2584"),
    (True, True): (_DARK, " "),
}


def capacity(version: int) -> int:
    """Return how many alphanumeric characters a code holds.

    Args:
        version: 1–40.

    Source:
        ISO/IEC 18004, "Number of symbol characters and input data capacity"; the same as in BBQr's table of sizes.
    """
    return _CAPACITIES[version - 1]


def modules(version: int) -> int:
    """Return how many modules a side of the code has, without the quiet zone."""
    return 17 + 4 * version


def extent(version: int, quiet: int = LEAST_QUIET) -> "tuple[int, int]":
    """Return the columns and lines that a code takes on a terminal, its caption included."""
    side = modules(version) + 2 * quiet
    return side, -(-side // 2) + _CAPTION


def largest_for(columns: int, lines: int) -> int:
    """Return the largest version that fits on a terminal; 0 if none does."""
    return max([version for version in VERSIONS if _fits(version, columns, lines, LEAST_QUIET)], default=0)


def quiet_for(version: int, columns: int, lines: int) -> int:
    """Return the widest quiet zone, in modules, that a code has room for on a terminal."""
    return QUIET if _fits(version, columns, lines, QUIET) else LEAST_QUIET


def _fits(version: int, columns: int, lines: int, quiet: int) -> bool:
    wide, high = extent(version, quiet)
    return wide <= columns and high <= lines


def draw(text: str, version: int, quiet: int = QUIET) -> str:
    """Return a code as lines of half blocks, each with its own colours.

    Args:
        text: alphanumeric characters, at most `capacity(version)`.
        version: 1–40.
        quiet: light modules around it.
    """
    rows = [[module > 0 for module in row] for row in _made(text, version).matrix_iter(border=quiet)]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)  # the lower half of the last line
    return "".join([_line(upper, lower) for upper, lower in zip(rows[::2], rows[1::2])])


def _line(upper: "list[bool]", lower: "list[bool]") -> str:
    parts, now = [], ""
    for pair in zip(upper, lower):
        colours, glyph = _CELLS[pair]
        parts.append(glyph if colours == now else colours + glyph)
        now = colours
    return "".join(parts) + _PLAIN + "\n"


def picture(text: str, version: int) -> bytes:
    """Return a code as a PNG, black on white, 8 pixels a module."""
    import io

    made = io.BytesIO()
    _made(text, version).save(made, kind="png", scale=_PIXELS, border=QUIET)
    return made.getvalue()


def _made(text: str, version: int) -> "Any":
    import segno

    # what room is left becomes error correction: segno raises the level as far as the version allows
    return segno.make_qr(text, error="l", version=version, mode="alphanumeric")
