"""Does a renewal ask for what is held, for other days, and is nothing lost by it?"""

from datetime import date, datetime

import pytest

from authkit.ceremony import renew
from authkit.clock import UTC
from authkit.errors import Refused
from authkit.keys.scope import Chain, Scope
from authkit.keys.subkeys import Subkey, SubkeyFile
from authkit.schemes.derived import AWS4, TC3
from authkit.secret import MacKey, Secret

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def held(*texts: str, chain: Chain = AWS4.chain, ends: "datetime | None" = None) -> SubkeyFile:
    token = None if ends is None else Secret(b"token")
    subkeys = [Subkey("AK", Scope(tuple(text.split("/")), chain), MacKey(b"k" * 32), token, ends) for text in texts]
    return SubkeyFile(chain, "AK", AT, subkeys)


def signing(first: int, last: int, pair: str = "us-east-1/s3") -> list[str]:
    return [f"202611{day}/{pair}/aws4_request" for day in range(first, last + 1)]


def test_as_many_days_from_today_on() -> None:
    days = renew.days_again(held(*signing(23, 29)), AT.date())
    assert (days[0], days[-1], len(days)) == (date(2026, 11, 25), date(2026, 12, 1), 7)
    assert renew.days_again(held(*signing(23, 23)), AT.date()) == [date(2026, 11, 25)]
    # days between that are not held are asked for too
    assert len(renew.days_again(held(signing(23, 23)[0], signing(29, 29)[0]), AT.date())) == 7


def test_the_same_scopes() -> None:
    file = held(*signing(23, 24), *signing(23, 24, "us-east-1/sqs"), *signing(24, 24, "eu-west-1/s3"))
    wanted = renew.wanted_again(file, [date(2026, 11, 25)], "build")
    assert (wanted.chain, wanted.level, wanted.days) == (AWS4.chain, "signing", [date(2026, 11, 25)])
    assert wanted.pairs == [("eu-west-1", "s3"), ("us-east-1", "s3"), ("us-east-1", "sqs")]


@pytest.mark.parametrize(
    ("text", "level", "pair"),
    [
        ("20261123/us-east-1/s3", "service", ("us-east-1", "s3")),
        ("20261123/us-east-1", "region", ("us-east-1",)),
        ("20261123", "date", ()),
    ],
)
def test_a_wider_level(text: str, level: str, pair: tuple[str, ...]) -> None:
    wanted = renew.wanted_again(held(text), [date(2026, 11, 24)], "build")
    assert (wanted.level, wanted.pairs) == (level, [pair])


def test_a_scheme_without_regions() -> None:
    file = held("2026-11-23/cvm/tc3_request", chain=TC3.chain)
    wanted = renew.wanted_again(file, [date(2026, 11, 24)], "build")
    assert (wanted.level, wanted.pairs, [str(one) for one in wanted.scopes()]) == (
        "signing",
        [("cvm",)],
        ["2026-11-24/cvm/tc3_request"],
    )


def test_keys_of_several_levels() -> None:
    with pytest.raises(Refused) as caught:
        renew.wanted_again(held("20261123/us-east-1", *signing(23, 23)), [date(2026, 11, 24)], "build")
    assert caught.value.message == "build holds keys of several levels: region, signing"


def test_what_is_held_already() -> None:
    file = held(*signing(23, 24))
    with pytest.raises(Refused) as caught:
        renew.wanted_again(file, [date(2026, 11, 23), date(2026, 11, 24)], "build")
    assert (caught.value.message, caught.value.hint) == (
        "build holds all of that already",
        "ask for more days with --days, or later",
    )
    assert renew.wanted_again(file, [date(2026, 11, 24), date(2026, 11, 25)], "build").count == 2


def test_what_would_be_lost() -> None:
    old, new = held(*signing(23, 29)), held(*signing(25, 30))
    assert renew.lost(old, new, AT) == []
    assert [str(one) for one in renew.lost(old, new, datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC))] == signing(24, 24)
    assert renew.lost(old, new, datetime(2026, 11, 25, 0, 0, 0, tzinfo=UTC)) == []
    assert [str(one) for one in renew.lost(old, held(*signing(25, 27)), AT)] == signing(28, 29)
    assert [str(one) for one in renew.lost(old, held(*signing(25, 30, "us-east-1/sqs")), AT)] == signing(25, 29)


@pytest.mark.parametrize("wider", ["20261125", "20261125/us-east-1", "20261125/us-east-1/s3"])
def test_a_wider_key_reaches_what_a_narrower_did(wider: str) -> None:
    assert renew.lost(held(*signing(25, 25)), held(wider), AT) == []
    assert [str(one) for one in renew.lost(held(wider), held(*signing(25, 25)), AT)] == [wider]


def test_a_session_that_ends_is_not_lost_after_its_end() -> None:
    old, new = held(*signing(25, 25), ends=AT), held(*signing(26, 26))
    assert len(renew.lost(old, new, AT)) == 1
    assert renew.lost(old, new, datetime(2026, 11, 25, 9, 0, 1, tzinfo=UTC)) == []
