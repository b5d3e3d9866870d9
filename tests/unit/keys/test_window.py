"""Are the three instants of a subkey right to the second?"""

from datetime import datetime

import pytest

from authkit.clock import UTC, format_instant, later
from authkit.keys.scope import Chain, parse_scope
from authkit.keys.window import HARMFUL_SERVICES, LIMITS, Window, window_of
from samples import CHAIN, TC3


def instants(window: Window) -> list[str]:
    return [format_instant(one) for one in (window.signs_from, window.signs_until, window.dangerous_until)]


def test_an_s3_key_is_dangerous_for_seven_more_days() -> None:
    window = window_of(parse_scope("20261123/us-east-1/s3/aws4_request", CHAIN))
    assert instants(window) == ["2026-11-23T00:00:00Z", "2026-11-23T23:59:59Z", "2026-11-30T23:59:59Z"]
    assert window.signs_from.tzinfo is UTC


DAYS = Chain("X", b"X", ("date", "region", "service"), "x", False, True, {"short": 60, "long": 3600, "*": 900})


@pytest.mark.parametrize(
    ("scope", "chain", "until"),
    [
        ("20261123/r/short/x", DAYS, "2026-11-24T00:00:59Z"),
        ("20261123/r/short", DAYS, "2026-11-24T00:00:59Z"),
        ("20261123/r/long/x", DAYS, "2026-11-24T00:59:59Z"),
        ("20261123/r/other/x", DAYS, "2026-11-24T00:14:59Z"),
        ("20261123/r", DAYS, "2026-11-24T00:59:59Z"),
        ("20261123", DAYS, "2026-11-24T00:59:59Z"),
        ("2026-11-23/cvm/tc3_request", TC3, "2026-11-24T00:00:59Z"),
        ("2026-11-23/cos/tc3_request", TC3, "2026-11-23T23:59:59Z"),
        ("20261231/us-east-1/sqs/aws4_request", CHAIN, "2027-01-07T23:59:59Z"),
    ],
)
def test_dangerous_until(scope: str, chain: Chain, until: str) -> None:
    assert instants(window_of(parse_scope(scope, chain)))[2] == until


@pytest.mark.parametrize(
    ("ends", "until", "dangerous"),
    [
        ("2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z"),
        ("2026-11-25T12:00:00Z", "2026-11-23T23:59:59Z", "2026-11-25T12:00:00Z"),
        ("2026-12-25T12:00:00Z", "2026-11-23T23:59:59Z", "2026-11-30T23:59:59Z"),
        ("2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z"),
    ],
)
def test_the_end_of_a_session_shortens_both(ends: str, until: str, dangerous: str) -> None:
    window = window_of(parse_scope("20261123/us-east-1/s3/aws4_request", CHAIN), datetime.fromisoformat(ends))
    assert instants(window) == ["2026-11-23T00:00:00Z", until, dangerous]


def test_the_last_day_there_is() -> None:
    """A subkey file may name it, and adding seven days to it is more than a date can hold."""
    window = window_of(parse_scope("99991231/us-east-1/s3/aws4_request", CHAIN))
    assert instants(window) == ["9999-12-31T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"]
    assert instants(window_of(parse_scope("99991224", CHAIN)))[2] == "9999-12-31T23:59:59Z"
    assert instants(window_of(parse_scope("99991223", CHAIN)))[2] == "9999-12-30T23:59:59Z"


def test_later() -> None:
    at = datetime(9999, 12, 31, 23, 59, 58, tzinfo=UTC)
    assert later(at, 0) == at
    assert later(at, 1) == later(at, 2) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert later(at, 2).tzinfo is UTC


def test_seven_limits_and_the_services_that_hand_out_keys() -> None:
    assert HARMFUL_SERVICES == ("iam", "sts", "sso", "organizations", "kms")
    assert len(LIMITS) == 7
