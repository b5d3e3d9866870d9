"""Which key do these pages hold?"""

from authkit.ceremony.kept import Part, judge_parts, read_paper
from authkit.ceremony.paper import PAPER, SHARE, parse_pages
from authkit.commands import _carried
from authkit.errors import InputError, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from authkit.ceremony.kept import Kept
    from authkit.ceremony.paper import Page
    from authkit.ceremony.shares import Share


def read_pages(paths: "Sequence[str]") -> "list[Page]":
    """Return the pages in files, '-' for standard input.

    Raises:
        InputError: naming the file, and the lines that are mistyped.
    """
    pages: "list[Page]" = []
    for path in paths:
        pages += parse_pages(_carried.read(path, "page"), "standard input" if path == "-" else path)
    return pages


def key_of(pages: "Sequence[Page]") -> "Kept":
    """Return the key that pages hold: one with the whole key, or shares.

    Raises:
        InputError: if a page is not in order.
        Refused: if the shares are not enough, not of one key, or do not fit together; or the key does not fit its
            check value.
    """
    whole = [page for page in pages if page.format == PAPER]
    if len(whole) == len(pages) == 1:
        return read_paper(whole[0])
    if whole:
        other = next(page for page in pages if page is not whole[0])
        also = "a share" if other.format == SHARE else "another"
        raise Refused(f"{whole[0].what} holds a whole key, and {other.what} {also}", "bring back one key at a time")
    from authkit.ceremony import shares

    parts, found = judge_shares(pages)
    return parts[0].joined(shares.decode_secret(shares.combine(found)))


def judge_shares(pages: "Sequence[Page]") -> "tuple[list[Part], list[Share]]":
    """Return shares that were split together, though they may be too few.

    Raises:
        InputError: if a page is not in order.
        Refused: naming the pages that do not belong together.
    """
    from authkit.ceremony import shares

    for page in pages:
        if page.format != SHARE:
            raise Refused(f"{page.what} holds a whole key, not a share")
    parts = [Part(page) for page in pages]
    found = [shares.parse_share(part.words, part.what) for part in parts]
    for part, one in zip(parts, found):
        if (part.number, part.needed) != (one.number, one.needed):
            raise InputError(f"{part.what}: its words are of share {one.number}, {one.needed} needed")
    judge_parts(parts)
    shares.judge_set(found)
    return parts, found
