"""What does a person type who has the paper beside the keyboard?"""

from authkit.ceremony import paper
from authkit.commands import _gathered
from authkit.errors import InputError, Refused
from authkit.ui import prompt
from authkit.ui.printable import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from authkit.ceremony.paper import Page, Row
    from authkit.errors import AuthkitError

_INSTEAD = "give the pages as files, or '-' for standard input"


def ask_pages(judge: "Callable[[Row], None]") -> "list[Page]":
    """Return the pages that are typed at the terminal: one with the whole key, or as many shares as are needed.

    Args:
        judge: called with each line that is right; what it raises ends the typing.

    Raises:
        UsageError: if there is no terminal.
        InputError, Refused: if the first page is not in order.
    """
    pages = [_ask_page("page", judge)]
    if pages[0].format != paper.SHARE:
        return pages
    needed = _gathered.judge_shares(pages)[0][0].needed
    while len(pages) < needed:
        prompt.tell(f"{needed - len(pages)} of the {needed} shares to go")
        page = _ask_page(f"page {len(pages) + 1}", judge)
        try:
            _gathered.judge_shares([*pages, page])
        except (InputError, Refused) as error:
            prompt.tell(one_line(f"{error.message}; another page, please"))
            continue
        pages.append(page)
    return pages


def once_more(error: "AuthkitError") -> bool:
    """Say whether a person wants to try again, such as with another passphrase, rather than type all of it anew."""
    prompt.tell(one_line(f"{error.message}{f'; {error.hint}' if error.hint else ''}"))
    return prompt.ask_line("Enter tries again with what was typed, 'no' gives up:", _INSTEAD) == ""


def _ask_page(what: str, judge: "Callable[[Row], None]") -> "Page":
    """Ask for a page line by line; a line that does not fit its check is asked for again."""
    prompt.tell(f"{what}: type what stands behind each number, to the end of the line")
    rows: "list[Row]" = []
    while not rows or rows[-1][0] != paper.PAGE:
        number = len(rows) + 1
        text = prompt.ask_line(f"line {number}:", _INSTEAD)
        try:
            row = paper.parse_line(text, number, what)
        except InputError as error:
            prompt.tell(f"{error.message}; once more")
            continue
        prompt.tell(f"line {number}: right ({row[0]})")
        judge(row)
        rows.append(row)
    return paper.finish(rows, what)
