"""What must be asked for so that a subkey file goes on?"""

from datetime import timedelta

from authkit.errors import Refused
from authkit.keys.request import Wanted
from authkit.keys.window import window_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

    from authkit.keys.scope import Scope
    from authkit.keys.subkeys import SubkeyFile


def wanted_again(file: "SubkeyFile", days: "list[date]", name: str) -> Wanted:
    """Return the scopes of *file* for other days.

    Args:
        file: what is held.
        days: the days to ask for, in order; see `days_again`.
        name: what the file is called, for errors.

    Raises:
        Refused: if its keys are of several levels, or it holds all that would be asked for.
    """
    scopes = [one.scope for one in file.subkeys]
    levels = {scope.level for scope in scopes}
    if len(levels) > 1:
        raise Refused(f"{name} holds keys of several levels: {', '.join(sorted(levels))}", "ask for each by itself")
    end = 1 if levels == {"signing"} else 0
    pairs = sorted({scope.values[1 : len(scope.values) - end] for scope in scopes})
    wanted = Wanted(file.chain, levels.pop(), days, pairs)
    if set(wanted.scopes()) <= set(scopes):
        raise Refused(f"{name} holds all of that already", "ask for more days with --days, or later")
    return wanted


def days_again(file: "SubkeyFile", today: "date") -> "list[date]":
    """Return as many days as *file* spans, from today on: what signs now goes on, so that nothing is missing when the
    new file takes the place of the old one.
    """
    held = [one.scope.day for one in file.subkeys]
    return [today + timedelta(days=i) for i in range((max(held) - min(held)).days + 1)]


def lost(held: "SubkeyFile", new: "SubkeyFile", at: "datetime") -> "list[Scope]":
    """Return the scopes for which *held* can still sign at *at* or later and *new* cannot.

    Args:
        at: aware UTC.
    """
    kept = {one.scope.values for one in new.subkeys}
    found = []
    for one in held.subkeys:
        values = one.scope.values
        reached = any(values[:count] in kept for count in range(1, len(values) + 1))
        if not reached and window_of(one.scope, one.expires_at).signs_until >= at:
            found.append(one.scope)
    return found
