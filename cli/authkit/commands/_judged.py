"""What inspect-cert says about one certificate, or about many at once."""

import gc

from authkit.certs.describe import describe
from authkit.certs.leaks import leaks
from authkit.certs.lint import SEVERITIES, lint
from authkit.certs.part import part_of
from authkit.certs.works import works_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from typing import TypeVar

    from authkit.certs.formats import Other
    from authkit.certs.formats.header import HeaderFound

    Result = TypeVar("Result")
    Piece = Sequence[tuple[bytes, str]]

# from how many on it is worth starting processes, and how many a message to one of them holds
MANY, _PIECE = 300, 100


class Judged:
    """A certificate, and everything that is said about it.

    Attributes:
        source: where it stood.
        described, findings, answers, leaks: see `describe`, `lint`, `works_for`, `leaks`.
    """

    __slots__ = ("answers", "described", "findings", "leaks", "source")

    def __init__(self, der: bytes, source: str, at: "datetime") -> None:
        self.source = source
        self.described = describe(der)
        part, left_out = part_of(self.described)
        self.findings = lint(part, at, left_out)
        self.answers = works_for(part, at)
        self.leaks = leaks(part)


def each(work: "Callable[[Piece], Result]", certificates: "Piece") -> "Iterator[Result]":
    """Yield what *work* makes of the certificates, some at a time, in order; over all cores where there are many."""
    pieces = [certificates[place : place + _PIECE] for place in range(0, len(certificates), _PIECE)]
    if len(certificates) < MANY:
        yield from map(work, pieces)
        return
    from authkit import bulk

    yield from bulk.ordered_map(lambda piece: _without_collector(work, piece), pieces)


def _without_collector(work: "Callable[[Piece], Result]", piece: "Piece") -> "Result":
    """Return work(piece); what it makes holds no circles, and looking for some takes a tenth of the time."""
    gc.disable()
    try:
        return work(piece)
    finally:
        gc.enable()


def ranks(judged: "Judged") -> "set[str]":
    """Return the severities of what was found."""
    return {one.severity for one in judged.findings}


def severities(found: "Sequence[Other | HeaderFound]") -> "set[str]":
    """Return the severities of what was found in other things than certificates."""
    return {severity for one in found for _, severity, _ in one.findings}


def fails(found: "set[str]", fail_on: "str | None") -> bool:
    """Say whether any severity in *found* is as bad as *fail_on*, or worse."""
    return fail_on is not None and not found.isdisjoint(SEVERITIES[: SEVERITIES.index(fail_on) + 1])
