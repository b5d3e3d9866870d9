"""Does every text that names an instant or a day mean one thing, and every other text nothing?"""

from datetime import date, datetime, timedelta, timezone

import pytest

from authkit import clock
from authkit.clock import UTC
from authkit.errors import UsageError

NINE = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)
INSTANT_HINT = "write 2026-11-23T09:00:00Z or 20261123T090000Z"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("20261123T090000Z", NINE),
        ("2026-11-23T09:00:00Z", NINE),
        ("2026-11-23t09:00:00z", NINE),
        ("2026-11-23 09:00:00Z", NINE),
        ("2026-11-23T09:00:00+00:00", NINE),
        ("2026-11-23T09:00:00-00:00", NINE),
        ("2026-11-23T14:30:00+05:30", NINE),
        ("2026-11-22T21:00:00-12:00", NINE),
        ("2026-11-23T09:00:00.999999Z", NINE),
        ("2026-11-23T09:00:00.9+00:00", NINE),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2026-12-31T23:59:59Z", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_parse_instant(text: str, at: datetime) -> None:
    found = clock.parse_instant(text)
    assert found == at
    assert found.tzinfo is UTC
    assert found.microsecond == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1763888400",
        "2026-11-23",
        "2026-11-23T09:00Z",
        "2026/11-23T09:00:00Z",
        "2026-11/23T09:00:00Z",
        "2026-11-23_09:00:00Z",
        "2026-11-23T09.00:00Z",
        "2026-11-23T09:00.00Z",
        "2026-11-23T09:00:00,5Z",
        "2026-11-23T09:00:00.Z",
        "2026-11-23T09:00:00.5.5Z",
        "2026-11-23T09:00:00.5xZ",
        "2026-11-23T09:00:000Z",
        "2026-11-23T09:00:60Z",
        "2026-11-23T24:00:00Z",
        "2026-11-31T09:00:00Z",
        "2025-02-29T09:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "2026-11-23T09:00:00+24:00",
        "2026-11-23T09:00:00+0a:00",
        "2026-11-23T09:00:00+00:60",
        "20261123T090060Z",
        "20261123T240000Z",
        "２026-11-23T09:00:00Z",
        "2026-11-23T09:00:0٠Z",
    ],
)
def test_parse_instant_refuses(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        clock.parse_instant(text)
    assert caught.value.message == f"{text!r} is not an instant"
    assert caught.value.hint == INSTANT_HINT


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T09:00:00",
        "2026-11-23T09:00:00.123456",
        "2026-11-23T09:00:00 UTC",
        "2026-11-23T09:00:00+0000",
        "2026-11-23T09:00:00+00.00",
        "2026-11-23T09:00:00~00:00",
        "2026-11-23T09:00:0Z",
    ],
)
def test_an_instant_without_offset_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        clock.parse_instant(text)
    assert caught.value.message == f"{text!r} has no offset from UTC"
    assert caught.value.hint == INSTANT_HINT


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("20261123T090000Z", NINE),
        ("00010101T000000Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("99991231T235959Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("20240229T010203Z", datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC)),
    ],
)
def test_parse_compact(text: str, at: datetime) -> None:
    assert clock.parse_compact(text) == at
    assert clock.format_compact(at) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20261123T090000",
        "20261123T090000ZZ",
        "20261123T0900000Z",
        "20261123t090000Z",
        "20261123T090000z",
        "20261123 090000Z",
        "2026112３T090000Z",
        "20261123T09000٠Z",
        "20261123T09000+Z",
        "2026112 T090000Z",
        "20261123T+90000Z",
        "20260023T090000Z",
        "20261323T090000Z",
        "20261100T090000Z",
        "20261131T090000Z",
        "20261123T240000Z",
        "20261123T096000Z",
        "20261123T090060Z",
        "00001123T090000Z",
    ],
)
def test_parse_compact_refuses(text: str) -> None:
    assert clock.parse_compact(text) is None


def test_stamp_is_exactly_twenty_characters() -> None:
    assert clock.parse_stamp("2026-11-23T09:00:00Z") == NINE
    for text in (
        "",
        "2026-11-23T09:00:00",
        "2026-11-23T09:00:00ZZ",
        "2026-11-23T09:00:00z",
        "2026-11-23t09:00:00Z",
        "2026-11-23 09:00:00Z",
        "2026:11-23T09:00:00Z",
        "2026-11:23T09:00:00Z",
        "2026-11-23T09-00:00Z",
        "2026-11-23T09:00-00Z",
        "20261123T090000Z----",
        "2026-11-2-T09:00:003Z",
        "2026-1--23T09:00:00Z",
        "2026-11-23T09:00:60Z",
        "2026-11-31T09:00:00Z",
        "2026-11-23T09:00:0٠Z",
    ):
        assert clock.parse_stamp(text) is None, text


def test_formats_are_utc_and_zero_padded() -> None:
    at = datetime(987, 1, 2, 3, 4, 5, 999999, tzinfo=timezone(timedelta(hours=-5)))
    assert clock.format_compact(at) == "09870102T080405Z"
    assert clock.format_instant(at) == "0987-01-02T08:04:05Z"
    assert clock.format_instant(NINE) == "2026-11-23T09:00:00Z"


TODAY = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", TODAY),
        ("tomorrow", date(2027, 1, 1)),
        ("2026-11-23", date(2026, 11, 23)),
        ("20261123", date(2026, 11, 23)),
        ("2024-02-29", date(2024, 2, 29)),
    ],
)
def test_parse_day(text: str, day: date) -> None:
    assert clock.parse_day(text, TODAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Today",
        "2026-11-2",
        "2026-11-231",
        "2026-1-123",
        "2026-11/23",
        "2026/11-23",
        "2026112",
        "202611233",
        "2026 123",
        "2026-1--23",
        "2026112٣",
        "+2026112",
        "2025-02-29",
        "20260001",
        "00000101",
    ],
)
def test_parse_day_refuses(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        clock.parse_day(text, TODAY)
    assert caught.value.message == f"{text!r} is not a day"
    assert caught.value.hint == "write 2026-11-23, 20261123, today or tomorrow"


def test_now_is_whole_seconds_of_utc() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    found = clock.now()
    assert before <= found <= datetime.now(UTC)
    assert (found.tzinfo, found.microsecond) == (UTC, 0)


def test_local_today_is_the_machine_s_own_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two zones 26 hours apart never agree on the day."""
    import time

    try:
        days = []
        for zone in ("AAA-14", "AAA+12"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            offset = timedelta(hours=14 if "-" in zone else -12)
            days.append(clock.local_today())
            assert days[-1] == (datetime.now(UTC) + offset).date()
        assert days[0] > days[1]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_long_text_is_cut_where_it_is_named() -> None:
    long = "x" * 65
    for read, what in (
        (clock.parse_instant, "an instant"),
        (lambda text: clock.parse_day(text, date(2026, 11, 23)), "a day"),
    ):
        with pytest.raises(UsageError) as caught:
            read(long)
        assert caught.value.message == f"{long[:64]!r} is not {what}"
    with pytest.raises(UsageError) as caught:
        clock.parse_instant("2026-11-23T09:00:00." + "1" * 60)
    assert caught.value.message == f"{'2026-11-23T09:00:00.' + '1' * 44!r} has no offset from UTC"
