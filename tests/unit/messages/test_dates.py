"""Are HTTP's dates written and read exactly as RFC 9110 has them?"""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authkit.clock import UTC
from authkit.messages.dates import format_http_date, parse_http_date


def test_the_specification_s_example() -> None:
    at = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
    assert format_http_date(at) == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == at


def test_another_zone_is_written_in_gmt() -> None:
    at = datetime(2026, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-1)))
    assert format_http_date(at) == "Fri, 01 Jan 2027 00:30:00 GMT"


@given(st.datetimes(min_value=datetime(1, 1, 1), timezones=st.just(UTC)))
def test_what_is_written_is_read(at: datetime) -> None:
    assert parse_http_date(format_http_date(at)) == at.replace(microsecond=0)


def test_a_wrong_name_of_the_day_is_read() -> None:
    assert parse_http_date("Thu, 05 Jan 2014 21:31:40 GMT") == datetime(2014, 1, 5, 21, 31, 40, tzinfo=UTC)


@pytest.mark.parametrize("text", [
    "",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 GMT ",
    "Sun, 06 nov 1994 08:49:37 GMT",
    "sun, 06 Nov 1994 08:49:37 GMT",
    "Sun; 06 Nov 1994 08:49:37 GMT",
    "Sunday 06 Nov 1994 8:49:3 GMT",
    "Sun, 6 Nov 01994 08:49:37 GMT",
    "Sun, 06 Nov 1994 8:049:37 GMT",
    "Sun, 06 Nov 1994 08:49.37 GMT",
    "Sun, 06 Nov 1994  8:49:37 GMT",
    "Sun, +6 Nov 1994 08:49:37 GMT",
    "Sun, ٠6 Nov 1994 08:49:37 GMT",
    "Sun, 31 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 0000 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:60 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
])  # fmt: skip
def test_refused(text: str) -> None:
    assert parse_http_date(text) is None
