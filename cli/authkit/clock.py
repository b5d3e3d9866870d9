"""What time is it, and what instant does a text name?"""

from datetime import date, datetime, timedelta, timezone

from authkit.errors import UsageError

UTC = timezone.utc


def now() -> datetime:
    """Return the present instant: aware UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def local_today() -> date:
    """Return today's date where the machine thinks it is."""
    return datetime.now().astimezone().date()


def parse_instant(text: str) -> datetime:
    """Read an instant from a command line.

    Args:
        text: RFC 3339 with an offset, or YYYYMMDDThhmmssZ; fractions are cut.

    Returns:
        aware UTC, whole seconds.

    Raises:
        UsageError: if *text* is neither, has no offset, or names second 60.
    """
    compact = parse_compact(text)
    if compact is not None:
        return compact
    hint = "write 2026-11-23T09:00:00Z or 20261123T090000Z"
    shape = (
        text[4:5] == "-"
        and text[7:8] == "-"
        and text[10:11] in ("T", "t", " ")
        and text[13:14] == ":"
        and text[16:17] == ":"
    )
    if not shape or not text.isascii():
        raise UsageError(f"{text[:64]!r} is not an instant", hint)
    stem, offset = (text[:-1], "+00:00") if text[-1] in "Zz" else (text[:-6], text[-6:])
    if len(offset) != 6 or offset[0] not in "+-" or offset[3] != ":" or len(stem) < 19:
        raise UsageError(f"{text[:64]!r} has no offset from UTC", hint)
    whole, _, fraction = stem.partition(".")
    if len(whole) != 19 or ("." in stem and not fraction.isdigit()):
        raise UsageError(f"{text[:64]!r} is not an instant", hint)
    at, hours, minutes = parse_stamp(f"{whole[:10]}T{whole[11:]}Z"), offset[1:3], offset[4:]
    if at is None or not (hours + minutes).isdigit() or hours > "23" or minutes > "59":
        raise UsageError(f"{text[:64]!r} is not an instant", hint)
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        return at - ahead if offset[0] == "+" else at + ahead
    except OverflowError as error:
        raise UsageError(f"{text[:64]!r} is not an instant", hint) from error


def parse_compact(text: str) -> "datetime | None":
    """Read YYYYMMDDThhmmssZ, ASCII digits; None if it is not a real instant in that form."""
    if len(text) != 16 or text[8] != "T" or text[15] != "Z" or text[9:11] > "23":
        return None
    digits = text[:8] + text[9:15]
    if not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def later(at: datetime, seconds: int) -> datetime:
    """Return the instant *seconds* (0 or more) after *at*, or the last second that can be written."""
    try:
        return at + timedelta(seconds=seconds)
    except OverflowError:
        return datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def format_compact(at: datetime) -> str:
    """Write YYYYMMDDThhmmssZ."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return "%04d%02d%02dT%02d%02d%02dZ" % (at.year, at.month, at.day, at.hour, at.minute, at.second)  # noqa: UP031 - thrice as fast


def format_instant(at: datetime) -> str:
    """Write YYYY-MM-DDThh:mm:ssZ, 20 characters."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return f"{at.isoformat()[:19]}Z"


def parse_stamp(text: str) -> "datetime | None":
    """Read YYYY-MM-DDThh:mm:ssZ, exactly 20 ASCII characters; None if it is anything else."""
    if len(text) != 20 or text[4] != "-" or text[7] != "-" or text[13] != ":" or text[16] != ":":
        return None
    return parse_compact(text.replace("-", "").replace(":", ""))


def parse_day(text: str, today: date) -> date:
    """Read a UTC day: YYYY-MM-DD, YYYYMMDD, 'today' or 'tomorrow'.

    Raises:
        UsageError: if *text* is none of them.
    """
    if text in ("today", "tomorrow"):
        return today + timedelta(days=text == "tomorrow")
    digits = text.replace("-", "") if len(text) == 10 and text[4] == text[7] == "-" else text
    if len(digits) == 8 and digits.isascii() and digits.isdigit():
        try:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            pass
    raise UsageError(f"{text[:64]!r} is not a day", "write 2026-11-23, 20261123, today or tomorrow")
