"""Which keys soon sign no longer?"""

from datetime import timedelta

from authkit.clock import format_instant, later, parse_stamp
from authkit.errors import UsageError
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.stores.base import Entry

_DAY = timedelta(days=1)
_SOON = 2  # days


def check(days: "int | None") -> None:
    """Refuse a number of days that is none.

    Raises:
        UsageError: if it is not 0 to 36500.
    """
    if days is not None and not 0 <= days <= 36500:
        raise UsageError(f"--expiring {days} is not 0 to 36500 days")


def chosen(entries: "list[Entry]", days: int, at: "datetime") -> "list[Entry]":
    """Return the entries that sign at *at* or later, and not longer than *days* from it; soonest end first."""
    end = format_instant(later(at, days * 86400))
    found = [one for one in entries if format_instant(at) <= _end(one) <= end]
    return sorted(found, key=lambda one: (_end(one), one.name))


def show(entries: "list[Entry]", days: int, at: "datetime") -> None:
    """Print what `chosen` found."""
    if not entries:
        render.note(f"nothing runs out within {days} day{'' if days == 1 else 's'}")
        return
    header = ("NAME", "KIND", "ID", "GOOD FOR", "SIGNS UNTIL", "DAYS", "DANGEROUS UNTIL")
    rows = [_row(one, at) for one in entries]
    styles = tuple(["31" if int(row[5]) < 1 else "33" if int(row[5]) < _SOON else "" for row in rows])
    render.write(render.table(header, rows, styles))


def _end(entry: "Entry") -> str:
    """Return the last second that a key signs, as a store says it; "" for what has no end, or not one of a key's."""
    member = {"subkeys": "signs_until", "access-key": "expires_at"}.get(str(entry.metadata.get("kind")), "")
    found = str(entry.metadata.get(member, ""))
    return "" if parse_stamp(found) is None else found


def _row(entry: "Entry", at: "datetime") -> "tuple[str, ...]":
    from authkit.commands.list_keys import good_for

    found, until = entry.metadata, parse_stamp(_end(entry))
    assert until is not None  # it was chosen by it
    days = (until - at) // _DAY
    subkeys = found.get("kind") == "subkeys"
    scope = good_for(found) if subkeys else "a session"
    danger = str(found.get("dangerous_until")) if subkeys else _end(entry)
    return entry.name, str(found.get("kind")), str(found.get("access_key_id")), scope, _end(entry), str(days), danger
