"""Under which cause would the request have the signature, or the hash, that it has?"""

from hashlib import sha256
from hmac import compare_digest

from authkit.explain.causes import CAUSES, Cause
from authkit.explain.view import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from authkit.explain.case import Case

# what bounds a search: readings tried, and about how many microseconds that takes; a request of a few hundred bytes
# has all of its pairs of causes tried, one of a mebibyte perhaps not all of its causes
MAX_TRIES = 15_000
MAX_WORK = 2_000_000


class Finding:
    """What explains a signature.

    Attributes:
        causes: rows of the table with their details, one or two.
        view: the request read so.
    """

    __slots__ = ("causes", "view")

    def __init__(self, causes: "tuple[tuple[Cause, str], ...]", view: View) -> None:
        self.causes = causes
        self.view = view

    def text(self, who: str) -> str:
        """Return what happened and what to do about it."""
        return "; and ".join([cause.text(who, detail) for cause, detail in self.causes])


def by_signature(case: "Case") -> "Callable[[View, str], bool]":
    """Return what says whether a reading has the client's signature, with the keys of the case."""
    label, wanted, owners = case.row.chain.label, case.signature or "", case.owners

    def accept(view: View, canonical: str) -> bool:
        key = owners[view.owner].key(view.key_scope)
        text = view.to_sign(label, canonical).encode("latin-1")
        return key is not None and compare_digest(key.mac(text).hex(), wanted)

    return accept


def by_hash(digest: str) -> "Callable[[View, str], bool]":
    """Return what says whether the canonical request of a reading has this hash: lower-case hex, 64."""
    return lambda view, canonical: sha256(canonical.encode("latin-1")).hexdigest() == digest


def find_cause(case: "Case", base: View, accept: "Callable[[View, str], bool]") -> "Finding | None":
    """Return the row of the table of causes, or the two rows, under which *accept* says yes; None if there is none.

    Args:
        base: the request as the service reads it; never accepted itself.
    """
    budget = _Budget(base)
    singles: "list[tuple[int, Cause, str, View]]" = []
    for index, cause in enumerate(CAUSES):
        for detail, view in cause.resign(case, base):
            canonical = budget.take(view)
            if canonical is None:
                continue
            if accept(view, canonical):
                return Finding(((cause, detail),), view)
            if not cause.alone:
                singles.append((index, cause, detail, view))
    for index, cause, detail, first in singles:
        for other, further, view in _second(case, index, first):
            canonical = budget.take(view)
            if canonical is not None and accept(view, canonical):
                return Finding(((cause, detail), (other, further)), view)
            if budget.spent:
                return None
    return None


def _second(case: "Case", index: int, first: View) -> "Iterator[tuple[Cause, str, View]]":
    for cause in CAUSES[index + 1 :]:
        if not cause.alone:
            for detail, view in cause.resign(case, first):
                yield cause, detail, view


class _Budget:
    """What is left of a search, and what was tried before."""

    __slots__ = ("seen", "tries", "work")

    def __init__(self, base: View) -> None:
        self.seen: "set[tuple[object, ...]]" = {self._mark(base, base.canonical())}
        self.tries = MAX_TRIES
        self.work = MAX_WORK

    @property
    def spent(self) -> bool:
        return self.tries <= 0 or self.work <= 0

    def take(self, view: View) -> "str | None":
        """Return the canonical request of a reading that is new and can still be paid for."""
        if self.spent:
            return None
        self.work -= view.work
        canonical = view.canonical()
        self.tries -= 1
        self.work -= len(canonical) // 256
        mark = self._mark(view, canonical)
        if mark in self.seen:
            return None
        self.seen.add(mark)
        return canonical

    @staticmethod
    def _mark(view: View, canonical: str) -> "tuple[object, ...]":
        return hash(canonical), view.stamp, view.scope, view.key_scope, view.owner
