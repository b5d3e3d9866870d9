"""How does HTTP write an instant?"""

from datetime import datetime

from authkit.clock import UTC

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def format_http_date(at: datetime) -> str:
    """Write an instant as the Date header does, e.g. 'Sun, 05 Jan 2014 21:31:40 GMT'.

    Args:
        at: aware; fractions of a second are cut.

    Source:
        RFC 9110 §5.6.7, IMF-fixdate.
    """
    at = at.astimezone(UTC)
    day, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    return f"{day}, {at.day:02d} {month} {at.year:04d} {at.hour:02d}:{at.minute:02d}:{at.second:02d} GMT"


def parse_http_date(text: str) -> "datetime | None":
    """Read the Date header's form; None if *text* is not a real instant in it.

    The name of the day must be one, but not the right one: published examples have wrong ones, and it says nothing
    that the rest does not say.

    Returns:
        aware UTC.

    Source:
        RFC 9110 §5.6.7, IMF-fixdate. Deviations: the obsolete forms are not read; a leap second is no instant.
    """
    words = text.split(" ")
    if len(words) != 6 or words[5] != "GMT":
        return None
    clock = words[4].split(":")
    numbers = (words[3], words[1], *clock)
    if words[0][3:] != "," or words[0][:3] not in _DAYS or [len(one) for one in numbers] != [4, 2, 2, 2, 2]:
        return None
    if not ("".join(numbers).isascii() and "".join(numbers).isdigit()):
        return None
    year, day, hour, minute, second = [int(one) for one in numbers]
    try:
        return datetime(year, _MONTHS.index(words[2]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
