"""What was done, in lines that only grow, each bound to all before it?"""

import os
from hashlib import sha256

from authkit import files, strictjson
from authkit.clock import format_instant, parse_stamp
from authkit.errors import InputError, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

FIRST = "0" * 64
REPAIRED = "repaired"
_LIMIT = 1 << 30


class Broken(StoreError):
    """A line is none of a ledger, or does not follow from the one before."""


class Ledger:
    """A file of lines, each with the SHA-256 of the line before it.

    The chain finds any change before the last line.  A cut end, or a ledger written anew as a whole, is found only
    against a head that somebody else kept.

    Args:
        path: the file, which may not exist yet.

    Source:
        FORMATS F5.
    """

    __slots__ = ("_head", "_interrupted", "_lines", "_whole", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self._lines: "list[dict[str, object]] | None" = None
        self._interrupted = self._whole = b""
        self._head = FIRST

    def lines(self) -> "list[dict[str, object]]":
        """Return all lines, oldest first; none where there is no file.

        Raises:
            Broken: naming the line that is no line of a ledger, or does not follow from the one before.
            StoreError: if the file cannot be read.
        """
        if self._lines is None:
            self._read()
        assert self._lines is not None
        return self._lines

    @property
    def interrupted(self) -> bool:
        """Whether the file ends in the beginning of a line, which a write that was killed left; the next repairs it."""
        self.lines()
        return bool(self._interrupted)

    def head(self) -> str:
        """Return the count of lines and the SHA-256 of the last: "41:<64 hex>", or "0:none"."""
        count = len(self.lines())
        return f"{count}:{self._head}" if count else "0:none"

    def locked(self) -> files.locked:
        """Return the lock under which to read, decide and append as one step; what was read before it is forgotten."""
        self._lines = None
        return files.locked(f"{self.path}.lock")

    def append(self, events: "Sequence[dict[str, object]]", at: "datetime") -> None:
        """Add a line for each event, all of them on the disk before this returns; the caller holds the lock.

        Args:
            events: each with "event", and members that strict JSON can hold; no secret.
            at: aware UTC.

        Raises:
            StoreError: if the ledger is damaged, or cannot be written; then it is as it was.
        """
        self.lines()
        if self._interrupted:
            self._repair(at)
        self._add(events, at)

    def _add(self, events: "Sequence[dict[str, object]]", at: "datetime") -> None:
        lines, head = self.lines(), self._head
        rows: "list[dict[str, object]]" = []
        new = []
        for event in events:
            row = {"n": len(lines) + len(rows) + 1, "at": format_instant(at), "prev": head, **event}
            line = strictjson.encode(row)
            head = sha256(line).hexdigest()
            new.append(line)
            rows.append(row)
        files.append(self.path, b"".join(new))
        lines += rows
        self._head = head

    def _repair(self, at: "datetime") -> None:
        """Move the beginning of a line aside and say so in a line of its own; nothing is dropped (F5)."""
        aside = f"{self.path}.{len(self.lines()) + 1}.interrupted"
        files.write_secret(aside, self._interrupted, replace=True)
        event = {"event": REPAIRED, "file": os.path.basename(aside), "sha256": sha256(self._interrupted).hexdigest()}
        row = {"n": len(self.lines()) + 1, "at": format_instant(at), "prev": self._head, **event}
        line = strictjson.encode(row)
        files.write_secret(self.path, self._whole + line, replace=True)
        self.lines().append(row)
        self._head = sha256(line).hexdigest()
        self._interrupted = b""

    def _read(self) -> None:
        data = b""
        if os.path.lexists(self.path):
            try:
                data = files.read_private(self.path, _LIMIT, "ledger")
            except InputError as error:
                raise StoreError(error.message, error.hint) from error
        end = data.rfind(b"\n") + 1
        self._whole, self._interrupted, self._head = data[:end], data[end:], FIRST
        lines = []
        for number, line in enumerate(self._whole.splitlines(keepends=True), 1):
            lines.append(_parse(line, number, self._head, f"{self.path}: line {number}"))
            self._head = sha256(line).hexdigest()
        self._lines = lines


def _parse(line: bytes, number: int, previous: str, what: str) -> "dict[str, object]":
    """Return the line if it is the one that follows."""
    try:
        row = strictjson.parse(line, what)
        for name in ("n", "at", "prev", "event"):
            if name not in row:
                raise InputError(f"{what}: member {name!r} is missing")
        at = strictjson.text(row, "at", what)
        strictjson.text(row, "event", what)
    except InputError as error:
        raise Broken(error.message) from error
    if row["n"] != number or row["n"] is True:
        raise Broken(f"{what} is numbered otherwise, so a line was removed or put in")
    if row["prev"] != previous:
        raise Broken(f"{what} does not follow from the line before, so one of the two was changed")
    if parse_stamp(at) is None:
        raise Broken(f"{what}: at is not an instant")
    return row
