"""Is the ledger that is there the one with which the CA last worked?"""

import os

from authkit import files
from authkit.errors import InputError, Refused, StoreError
from authkit.ledger import Ledger
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from authkit.certs.record import Record

_LIMIT = 128  # bytes of a head
_BACK = "put it back from a backup: nothing else says what was revoked"
_NEWER = "put the newer one back; authkit-ledger(5) says what to do where it is lost"


class CaLedger(Ledger):
    """The ledger of a CA.

    Its head is kept in a file beside it, so that an older copy that comes back is seen.  Whoever can write both
    files is not.

    Args:
        path: the file.
        name: of the CA.
        issuer: SKI of its key, lower-case hex; None while it is being made, and may have none yet.
    """

    __slots__ = ("_issuer", "_name")

    def __init__(self, path: str, name: str, issuer: "str | None") -> None:
        super().__init__(path)
        self._name = name
        self._issuer = issuer

    def record(self) -> "Record":
        """Return what the ledger says of the CA's certificates, and note a line that a killed run left.

        Raises:
            StoreError: if it is damaged, missing, another CA's, or without its end.
        """
        from authkit.certs.record import parse_record

        kept = None if self._issuer is None else self._kept()  # before the lines, to which others may add meanwhile
        if self.interrupted:
            render.warn(f"{self.path} ends in a line that was not finished; the next that is written moves it aside")
        record = parse_record(self.lines(), self.path)
        if self._issuer is not None:
            self._judge_owner(record, self._issuer)
        if kept is not None:
            self._judge_end(*kept)
        return record

    def append(self, events: "Sequence[dict[str, object]]", at: "datetime") -> None:
        """Add a line for each event, as any ledger does, and keep the new head.

        Args, Raises: as for `Ledger.append`.
        """
        super().append(events, at)
        try:
            files.write_secret(self._head_path, f"{self.head()}\n".encode("ascii"), replace=True)
        except (Refused, StoreError) as error:  # the lines are there, so what they speak of may leave
            render.warn(f"an older copy of the ledger would not be noticed: {error.message}")

    @property
    def _head_path(self) -> str:
        return f"{self.path}.head"

    def _kept(self) -> "tuple[int, str] | None":
        """Return count and hash of the head that was kept; None where none was, as before an update of authkit."""
        path = self._head_path
        if not os.path.lexists(path):
            return None
        try:
            text = files.read_private(path, _LIMIT, "head of a ledger").decode("latin-1")
        except InputError as error:
            raise StoreError(error.message, error.hint) from error
        count, _, line = text.rstrip("\n").partition(":")
        if not count.isdecimal() or int(count) < 1 or len(line) != 64:
            raise StoreError(f"{path} is not the head of a ledger", f"once {self.path} is known to be whole, delete it")
        return int(count), line

    def _judge_owner(self, record: "Record", issuer: str) -> None:
        if (self._name, issuer) in record.created:
            return
        if not self.lines():
            raise StoreError(f"the ledger of the CA {self._name} is missing: {self.path}", _BACK)
        raise StoreError(f"{self.path} is the ledger of another CA than {self._name}", _BACK)

    def _judge_end(self, number: int, line: str) -> None:
        """Refuse lines without the one whose hash was kept; the hash of each is in the one behind it."""
        lines = self.lines()
        if number > len(lines):
            what = f"{self.path} has {len(lines)} lines and had {number}: its end is cut, or it is an older copy"
            raise StoreError(what, _NEWER)
        found = self.head().partition(":")[2] if number == len(lines) else lines[number]["prev"]
        if found != line:
            raise StoreError(f"{self.path} is not what it was: its line {number} is another", _NEWER)
