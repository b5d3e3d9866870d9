"""How is a page written, so that whoever types it in is told which line is wrong?"""

from hashlib import sha256

from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Row = tuple[str, str]

PAPER, SHARE = "authkit-paper/v1", "authkit-share/v1"
PAGE, WORDS = "page", "words"
# labels whose content is one long text, in groups of four that spaces divide
GROUPED = ("secret", "secret-b64", "text-b64", "pkcs8", "identity")
MAX_BYTES = 1 << 20
_MAX_LINES = 999
_WIDTHS = (24, 40)  # characters of a long text a line, where it has few and where it has many
_MANY = 400
_WORDS_A_LINE = 4
_TELLING = 4  # letters by which a word of SLIP-39 is told from every other
_NEAR = 10  # lines ahead among which one is looked for that was typed too early
_HEX = frozenset("0123456789abcdef")


class Page:
    """The numbered lines of one page, each of which fits its check, and all together that of the page.

    Attributes:
        what: names it in errors: a file, or what somebody typed.
        rows: (label, content), the last one, which is the page's check, left out.
    """

    __slots__ = ("rows", "what")

    def __init__(self, what: str, rows: "Sequence[Row]") -> None:
        self.what = what
        self.rows = tuple(rows)

    def __repr__(self) -> str:
        return f"<Page {self.what}>"

    @property
    def format(self) -> str:
        """PAPER or SHARE."""
        return self.rows[0][0]

    def facts(self) -> "dict[str, str]":
        """Return label -> content, the lines of a long text put together.

        Raises:
            InputError: if another label stands twice.
        """
        found: "dict[str, str]" = {}
        for label, content in self.rows:
            if label not in found:
                found[label] = content
            elif label in GROUPED:
                found[label] += content
            elif label == WORDS:
                found[label] += f" {content}"
            else:
                raise InputError(f"{self.what}: {label} stands twice")
        return found


def line_check(number: int, label: str, content: str) -> str:
    """Return the check of a line: lower-case hex, 4.

    Args:
        content: of a long text without spaces; of words their first four letters.

    Source:
        The first digits of SHA-256 of `authkit-line-v1` LF number LF label LF content.
    """
    text = f"authkit-line-v1\n{number}\n{label}\n{_told(label, content)}"
    return sha256(text.encode("ascii")).hexdigest()[:4]


def page_check(rows: "Iterable[Row]") -> str:
    """Return the check of a whole page: lower-case hex, 8.

    Source:
        The first digits of SHA-256 of `authkit-page-v1` LF, and of each line before it: label, a space, content, LF.
    """
    lines = [f"{label} {_told(label, content)}\n" for label, content in rows]
    return sha256("".join(["authkit-page-v1\n", *lines]).encode("ascii")).hexdigest()[:8]


def _told(label: str, content: str) -> str:
    """Return what the checks are over: of a word the letters that tell it, since more need not be typed."""
    return " ".join([word[:_TELLING] for word in content.split(" ")]) if label == WORDS else content


def divide(label: str, text: str) -> "list[Row]":
    """Return a long text, or the words of a share, in lines that can be typed."""
    if label == WORDS:
        words = text.split(" ")
        pieces = [" ".join(words[start : start + _WORDS_A_LINE]) for start in range(0, len(words), _WORDS_A_LINE)]
    else:
        width = _WIDTHS[len(text) > _MANY]
        pieces = [text[start : start + width] for start in range(0, len(text), width)]
    return [(label, piece) for piece in pieces]


def format_lines(rows: "Sequence[Row]", *, marked: bool = False) -> str:
    """Return the numbered lines of a page, its own check as the last.

    Args:
        rows: (label, content); ASCII.
        marked: whether a line below a long text says of each character what it is.
    """
    lines = []
    for number, (label, content) in enumerate([*rows, (PAGE, page_check(rows))], 1):
        head = f"{number:3}: {label} "
        shown = _grouped(content) if label in GROUPED else content
        lines.append(f"{head}{shown} = {line_check(number, label, content)}")
        if marked and label in GROUPED:
            lines.append(" " * len(head) + _grouped("".join([_mark(char) for char in content])))
    return "".join([line + "\n" for line in lines])


def parse_line(text: str, number: int, what: str) -> "Row":
    """Return (label, content) of one line, its number with or without it.

    Args:
        text: what somebody typed; untrusted.
        number: which line it must be.

    Raises:
        InputError: naming the line; never its content.
    """
    given, rest = _numbered(text)
    if given not in (None, number):
        raise InputError(f"{what}: line {number} is next, and that is line {given}")
    row, printed = _split(rest, number, what)
    if printed == line_check(number, *row):
        return row
    other = next((one for one in range(1, number + _NEAR) if printed == line_check(one, *row)), None)
    if other is not None:
        raise InputError(f"{what}: line {number} is next, and that is line {other}")
    raise InputError(_mistyped(what, [number]), "compare it with the page, character by character")


def parse_pages(data: bytes, what: str) -> "list[Page]":
    """Return the pages in a text; what is not a numbered line is for people, and is not looked at.

    Args:
        data: one page or more; untrusted.
        what: names the text in errors.

    Raises:
        InputError: naming every line that does not fit its check, or the first that is missing; never their content.
    """
    if len(data) > MAX_BYTES:
        raise InputError(f"{what}: larger than a page can be")
    pages: "list[Page]" = []
    rows: "list[Row]" = []
    wrong: "list[int]" = []
    for line in data.decode("ascii", "replace").splitlines():
        given, rest = _numbered(line)
        if given is None:
            continue
        place = _place(what, len(pages))
        if given != (number := len(rows) + 1):
            raise InputError(f"{place}: line {number} is missing", "the lines are typed in their order, each once")
        row, printed = _split(rest, number, place)
        if printed != line_check(number, *row):
            wrong.append(number)
        rows.append(row)
        if row[0] == PAGE:
            pages.append(_finish(rows, wrong, place))
            rows, wrong = [], []
    if wrong:
        raise InputError(_mistyped(_place(what, len(pages)), wrong), "compare them with the page")
    if rows:
        raise InputError(f"{_place(what, len(pages))}: line {len(rows) + 1} is missing", "the last one is 'page'")
    if not pages:
        raise InputError(f"{what}: not a page of authkit", "the lines that count begin with their number: '1: …'")
    return pages


def finish(rows: "Sequence[Row]", what: str) -> Page:
    """Return the page of lines that fit their checks, the last of which is the page's.

    Raises:
        InputError: if they are not of one page, or the page is not of this format.
    """
    return _finish(rows, [], what)


def _finish(rows: "Sequence[Row]", wrong: "list[int]", what: str) -> Page:
    if wrong:
        raise InputError(_mistyped(what, wrong), "compare them with the page")
    page = Page(what, rows[:-1])
    if rows[-1][1] != page_check(page.rows):
        raise InputError(f"{what}: each line fits its check and the page does not, so lines of two pages are mixed")
    if not page.rows or page.format not in (PAPER, SHARE):
        raise InputError(f"{what}: line 1 is neither {PAPER} nor {SHARE}", "a newer authkit may have printed it")
    return page


def _place(what: str, before: int) -> str:
    return f"{what}, page {before + 1}" if before else what


def _mistyped(what: str, numbers: "list[int]") -> str:
    if len(numbers) == 1:
        return f"{what}: line {numbers[0]} does not fit its check, so something in it is mistyped"
    listed = f"{', '.join([str(one) for one in numbers[:-1]])} and {numbers[-1]}"
    return f"{what}: lines {listed} do not fit their checks, so something in each is mistyped"


def _numbered(text: str) -> "tuple[int | None, str]":
    """Split a line's number off."""
    head, mark, rest = text.strip().partition(":")
    if mark and len(head) <= 3 and head.isascii() and head.isdigit() and int(head):
        return int(head), rest.strip()
    return None, text.strip()


def _split(text: str, number: int, what: str) -> "tuple[Row, str]":
    """Return (label, content) and the check that stands behind them."""
    label, _, rest = text.partition(" ")
    label, printed = label.lower(), rest[-4:].lower()
    content = " ".join(rest[:-4].split())
    if label == WORDS:
        content = content.lower()
    if content.endswith(" ="):
        content = content[:-2]
    if label in GROUPED:
        content = content.replace(" ", "")
    shown = f"{label}{content}"
    if (
        not content
        or not (shown.isascii() and shown.isprintable())
        or len(printed) != 4
        or not _HEX.issuperset(printed)
    ):
        raise InputError(f"{what}: line {number} is not whole: it is a word, a text, '=' and a check of four")
    # an '=' that was typed without its space is not of the text, if the check says so
    if content[-1:] == "=" and printed == line_check(number, label, content[:-1]):
        content = content[:-1]
    return (label, content), printed


def _grouped(text: str) -> str:
    return " ".join([text[start : start + 4] for start in range(0, len(text), 4)])


def _mark(char: str) -> str:
    if char.isdigit():
        return "#"
    return "^" if char.isupper() else "." if char.islower() else "*"
