"""For which other instant, scope and secret could the request have been signed?"""

from datetime import datetime, timedelta

from authkit.clock import UTC, parse_compact
from authkit.explain.view import View
from authkit.keys.scope import part_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from authkit.explain.case import Case

REGIONS = (
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-southeast-1",
    "ap-northeast-1",
    "auto",
    "us",
)
# names of services that are taken for one another
SERVICES = (
    "s3",
    "execute-api",
    "lambda",
    "es",
    "aoss",
    "sts",
    "iam",
    "ses",
    "email",
    "sqs",
    "sns",
    "dynamodb",
    "bedrock",
    "monitoring",
    "logs",
    "apigateway",
    "s3express",
    "s3-outposts",
)
MAX_LABELS = 8
FIRST_YEAR, LAST_YEAR = 2, 9999

Found = tuple[str, View]


def near_second(case: "Case", view: View) -> "Iterator[Found]":
    """The instant a second or two away, as when a clock is read twice."""
    at = _usable(case.row.parse_stamp(view.stamp))
    if at is not None:
        for seconds in (-1, 1, -2, 2):
            yield _at(case, view, at + timedelta(seconds=seconds))


def date_header(case: "Case", view: View) -> "Iterator[Found]":
    """The instant of the Date header."""
    from email.utils import parsedate_to_datetime

    for value in case.request.values("date"):
        try:
            at = _usable(parsedate_to_datetime(value))
        except (ValueError, OverflowError):
            at = _usable(parse_compact(value))
        if at is not None:
            yield _at(case, view, at if at.tzinfo else at.replace(tzinfo=UTC))


def time_zone(case: "Case", view: View) -> "Iterator[Found]":
    """The instant a number of half hours away, as when local time was written for UTC."""
    at = _usable(case.row.parse_stamp(view.stamp))
    if at is not None:
        for halves in range(1, 29):
            for sign in (-1, 1):
                yield _at(case, view, at + timedelta(minutes=30 * halves * sign))


def _usable(at: "datetime | None") -> "datetime | None":
    """Return an instant that is far enough from the ends of the calendar to be moved."""
    return at if at is not None and FIRST_YEAR <= at.year < LAST_YEAR else None


def _at(case: "Case", view: View, at: datetime) -> Found:
    stamp = case.row.format_stamp(at)
    return stamp, view.but(stamp=stamp)


def _parts(case: "Case", name: str) -> "list[str]":
    """Return likely values of one scope part: what was said, then what the host holds, then the usual ones."""
    said, usual = (case.region, REGIONS) if name == "region" else (case.service, SERVICES)
    labels = "".join(case.request.values("host")).partition(":")[0].split(".")[:MAX_LABELS]
    labels += [label[3:] for label in labels if label.startswith("s3-")]
    found = [said, *labels, *usual]
    return list(dict.fromkeys([one for one in found if one and not part_fault(one)]))


def _scopes(case: "Case", view: View, name: str) -> "Iterator[tuple[str, tuple[str, ...]]]":
    index = case.row.chain.place(name)
    for value in _parts(case, name) if index < len(case.row.chain.parts) else ():
        scope = (*view.scope[:index], value, *view.scope[index + 1 :])
        if value != view.scope[index]:
            yield value, scope


def other_region(case: "Case", view: View) -> "Iterator[Found]":
    """The region that was said, or that the host holds, or a usual one."""
    for value, scope in _scopes(case, view, "region"):
        yield value, view.but(scope=scope, key_scope=scope)


def other_service(case: "Case", view: View) -> "Iterator[Found]":
    """The service that was said, or that the host holds, or a usual one."""
    for value, scope in _scopes(case, view, "service"):
        yield value, view.but(scope=scope, key_scope=scope)


def other_day(case: "Case", view: View) -> "Iterator[Found]":
    """The day of the instant, and the days around it."""
    for day in _days(case, view):
        scope = (day, *view.scope[1:])
        yield day, view.but(scope=scope, key_scope=scope)
        yield day, view.but(scope=scope)


def _days(case: "Case", view: View) -> "list[str]":
    at = case.row.parse_stamp(view.stamp)
    held = case.row.chain.parse_day(view.scope[0])
    days = [at.date()] if at is not None else []
    days += (
        [held + timedelta(days=one) for one in (-1, 1)]
        if held is not None and FIRST_YEAR <= held.year < LAST_YEAR
        else []
    )
    found = [case.row.chain.format_day(day) for day in days]
    return [day for day in dict.fromkeys(found) if day != view.scope[0]]


def secret_owner(kind: str) -> "Callable[[Case, View], Iterator[Found]]":
    """Return the reading in which another secret of *kind* signed: see owners.Owner."""

    def resign(case: "Case", view: View) -> "Iterator[Found]":
        for index, owner in enumerate(case.owners):
            if owner.kind == kind:
                yield owner.detail, view.but(owner=index)

    return resign


def other_key_scope(case: "Case", view: View) -> "Iterator[Found]":
    """The scope as it is, and a signing key derived for another one."""
    for day in _days(case, view):
        key_scope = (day, *view.scope[1:])
        yield "/".join(key_scope), view.but(key_scope=key_scope)
    for name in ("region", "service"):
        for _, key_scope in _scopes(case, view, name):
            yield "/".join(key_scope), view.but(key_scope=key_scope)
