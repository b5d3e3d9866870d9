"""Does the policy of a requester allow what is asked for?"""

from datetime import timedelta

from authkit.ceremony.request import ANY
from authkit.errors import Untrusted
from authkit.keys.request import harmful_services

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from authkit.ceremony.peers import Requester
    from authkit.keys.request import Wanted


def judge(requester: "Requester", access_key_id: str, wanted: "Wanted", today: "date", what: str) -> None:
    """Refuse what the policy of *requester* does not allow.

    Args:
        access_key_id: whose subkeys.
        wanted: which.
        today: the UTC day.
        what: names what asks, in errors.

    Raises:
        Untrusted: "policy-access-key", "policy-level", "policy-scope", "policy-service", "policy-past",
            "policy-ahead" or "policy-days"; the first of them.
    """
    if access_key_id not in requester.access_key_ids:
        raise Untrusted("policy-access-key", what, access_key_id)
    if wanted.level not in requester.levels:
        raise Untrusted("policy-level", what, f"{wanted.level}, not {' or '.join(requester.levels)}")
    for scope in map(scope_text, wanted.pairs):
        if scope not in requester.scopes:
            raise Untrusted("policy-scope", what, scope)
    for service in harmful_services(wanted.pairs, wanted.chain):
        if service not in requester.services:
            raise Untrusted("policy-service", what, service)
    judge_days(requester, wanted.days[0], wanted.days[-1], today, what)


def judge_days(requester: "Requester", first: "date", last: "date", today: "date", what: str) -> None:
    """Refuse days that the policy of *requester* does not allow.

    Raises:
        Untrusted: "policy-past", "policy-ahead" or "policy-days".
    """
    if first < today:
        raise Untrusted("policy-past", what, f"{first} is before today, {today}")
    if (last - today).days > requester.max_ahead:
        furthest = today + timedelta(days=requester.max_ahead)
        raise Untrusted("policy-ahead", what, f"{last} is after {furthest}, {_days(requester.max_ahead)} from today")
    count = (last - first).days + 1
    if count > requester.max_days:
        raise Untrusted("policy-days", what, f"{_days(count)}, and at most {_days(requester.max_days)}")


def scope_text(pair: "tuple[str, ...]") -> str:
    """Return the scope parts behind the date as requests and policies write them."""
    return "/".join(pair) or ANY


def accepted(lines: "Sequence[dict[str, object]]", name: str) -> "dict[str, object] | None":
    """Return the ledger's line of the policy of *name* that was accepted last; None if it is trusted no more."""
    found = None
    for row in lines:
        if row["event"] == "policy" and row.get("requester") == name:
            found = row
        elif row["event"] == "untrusted" and (row.get("kind"), row.get("name")) == ("requester", name):
            found = None
    return found


def differences(before: "object", after: "dict[str, object]") -> "list[str]":
    """Return the members in which two policies differ, for people: "max_days: 7, was 31"."""
    if not isinstance(before, dict):
        return []
    return [
        f"{name}: {_shown(value)}, was {_shown(before.get(name))}"
        for name, value in after.items()
        if value != before.get(name)
    ]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "none"
    return str(value)


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
