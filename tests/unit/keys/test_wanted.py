"""Are exactly the subkeys made that were asked for, and never a wider one?"""

from datetime import date

import pytest

from authkit.errors import Refused, UsageError
from authkit.keys import request
from authkit.keys.request import Wanted, derive_wanted, grid_keys, harmful_services, is_grid, read_days, read_pairs
from authkit.keys.scope import Chain
from authkit.secret import Secret
from samples import CHAIN, ID, SCOPE, TC3, access_key, subkey

TODAY = date(2026, 11, 23)
DAY = date(2026, 11, 23)


def days(
    first: str = "today", count: "int | None" = None, until: "str | None" = None, long: bool = False
) -> list[date]:
    return read_days(first, count, until, TODAY, long)


def test_days() -> None:
    assert days() == [TODAY]
    assert days("tomorrow") == [date(2026, 11, 24)]
    assert days("20261130", 3) == [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2)]
    assert days("2026-11-30", until="2026-12-01") == [date(2026, 11, 30), date(2026, 12, 1)]
    assert days(until="today") == [TODAY]
    assert days(until="tomorrow") == [TODAY, date(2026, 11, 24)]


def test_thirty_one_days_and_no_more_without_being_asked() -> None:
    assert len(days(count=31)) == 31
    assert days(until="2026-12-23")[-1] == date(2026, 12, 23)
    for given in ({"count": 32}, {"until": "2026-12-24"}):
        with pytest.raises(Refused) as caught:
            days(**given)  # type: ignore[arg-type]
        assert caught.value.message == "32 days at once are as dangerous as their last day, 2026-12-24"
        assert caught.value.hint == "add --long"
        assert len(days(**given, long=True)) == 32  # type: ignore[arg-type]


def test_ten_years_and_no_more() -> None:
    found = days(count=3660, long=True)
    assert (len(found), found[-1]) == (3660, date(2036, 11, 29))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"count": 3661, "long": True}, "3661 days are not 1 to 3660"),
        ({"count": 0}, "0 days are not 1 to 3660"),
        ({"count": -1}, "-1 days are not 1 to 3660"),
        ({"first": "9999-12-31", "count": 2}, "2 days are not 1 to 3660"),
        ({"first": "9999-12-01", "count": 32, "long": True}, "32 days are not 1 to 3660"),
        ({"until": "2026-11-22"}, "--until 2026-11-22 is before 2026-11-23"),
        ({"until": "yesterday"}, "'yesterday' is not a day"),
        ({"first": "yesterday"}, "'yesterday' is not a day"),
        ({"count": 1, "until": "today"}, "--days and --until say the same; give one of them"),
    ],
)
def test_days_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        days(**given)  # type: ignore[arg-type]
    assert caught.value.message == message


def test_the_last_day_there_is() -> None:
    assert days("9999-12-31") == [date(9999, 12, 31)]
    assert days("9999-12-30", 2) == [date(9999, 12, 30), date(9999, 12, 31)]


# --------------------------------------------------------------------------------------------------------------- pairs


def pairs(
    level: str = "signing",
    scopes: tuple[str, ...] = (),
    regions: tuple[str, ...] = (),
    services: tuple[str, ...] = (),
    exact: bool = False,
    chain: Chain = CHAIN,
) -> list[tuple[str, ...]]:
    return read_pairs(chain, level, scopes, {"region": regions, "service": services}, exact)


def refusal(*given: object, **named: object) -> tuple[str, "str | None"]:
    with pytest.raises(UsageError) as caught:
        pairs(*given, **named)  # type: ignore[arg-type]
    return caught.value.message, caught.value.hint


def test_lists_multiply() -> None:
    assert pairs(regions=("us-east-1",), services=("s3",)) == [("us-east-1", "s3")]
    assert pairs(regions=("r2", "r1"), services=("s2", "s1", "s2")) == [
        ("r1", "s1"),
        ("r1", "s2"),
        ("r2", "s1"),
        ("r2", "s2"),
    ]
    assert pairs("service", regions=("r",), services=("s",)) == [("r", "s")]
    assert pairs("region", regions=("r2", "r1")) == [("r1",), ("r2",)]
    assert pairs("date") == [()]


def test_pairs_are_sorted_as_their_scopes_are() -> None:
    """A region that begins another one, and a character below the slash, sort by text and not by part."""
    assert pairs(regions=("us", "us-east-1"), services=("s3",)) == [("us-east-1", "s3"), ("us", "s3")]
    assert pairs(scopes=("us0/s3", "us/s3")) == [("us", "s3"), ("us0", "s3")]
    assert pairs(scopes=("us/s3", "us-east-1/s3", "us/s3-x")) == [("us-east-1", "s3"), ("us", "s3-x"), ("us", "s3")]


def test_scopes() -> None:
    assert pairs(scopes=("us-east-1/sqs", "us-east-1/s3", "us-east-1/sqs")) == [
        ("us-east-1", "s3"),
        ("us-east-1", "sqs"),
    ]
    assert pairs("service", scopes=("us-east-1/s3",)) == [("us-east-1", "s3")]
    assert pairs("region", scopes=("us-east-1",)) == [("us-east-1",)]


def test_a_scheme_without_regions() -> None:
    assert read_pairs(TC3, "signing", (), {"service": ("cvm",)}, False) == [("cvm",)]
    assert read_pairs(TC3, "signing", ("cvm",), {"service": ()}, False) == [("cvm",)]


@pytest.mark.parametrize(
    ("level", "scope", "message"),
    [
        ("signing", "us-east-1", "--scope is REGION/SERVICE for a signing key"),
        ("signing", "us-east-1/s3/aws4_request", "--scope is REGION/SERVICE for a signing key"),
        ("service", "us-east-1", "--scope is REGION/SERVICE for a service key"),
        ("region", "us-east-1/s3", "--scope is REGION for a region key"),
        ("date", "us-east-1", "--scope is nothing for a date key"),
        ("date", "", "--scope is nothing for a date key"),
    ],
)
def test_scope_of_another_form(level: str, scope: str, message: str) -> None:
    assert refusal(level, (scope,)) == (message, None)
    assert refusal("signing", ("us-east-1/s3", "us-east-1"))[0] == "--scope is REGION/SERVICE for a signing key"


def test_scope_beside_its_parts() -> None:
    expected = ("--scope says region and service together; leave out --region and --service", None)
    assert refusal(scopes=("us-east-1/s3",), regions=("us-east-1",)) == expected
    assert refusal(scopes=("us-east-1/s3",), services=("s3",)) == expected


@pytest.mark.parametrize(
    ("level", "regions", "services", "name"),
    [
        ("region", ("r",), ("s",), "service"),
        ("region", (), ("s",), "service"),
        ("date", ("r",), (), "region"),
        ("date", (), ("s",), "service"),
        ("date", ("r",), ("s",), "region"),
    ],
)
def test_a_part_that_the_level_does_not_have(
    level: str, regions: tuple[str, ...], services: tuple[str, ...], name: str
) -> None:
    message = f"a {level} key is not bound to a {name}; leave out --{name}, or ask for a narrower --level"
    assert refusal(level, (), regions, services) == (message, None)


@pytest.mark.parametrize(
    ("level", "regions", "services", "name", "form"),
    [
        ("signing", (), (), "region", "REGION/SERVICE"),
        ("signing", ("r",), (), "service", "REGION/SERVICE"),
        ("service", (), ("s",), "region", "REGION/SERVICE"),
        ("region", (), (), "region", "REGION"),
    ],
)
def test_a_missing_part_is_never_a_wider_key(
    level: str, regions: tuple[str, ...], services: tuple[str, ...], name: str, form: str
) -> None:
    expected = (f"a {level} key needs a {name}", f"add --{name}, or --scope {form}")
    assert refusal(level, (), regions, services) == expected


def test_parts_are_checked() -> None:
    strange = "holds a character that is not a letter, digit, '.', '_' or '-'"
    assert refusal(regions=("*",), services=("s3",)) == (f"the region '*' {strange}", None)
    assert refusal(scopes=("us-east-1/s 3",)) == (f"the service 's 3' {strange}", None)
    assert refusal(scopes=("us-east-1/",)) == ("the service '' is not 1 to 64 characters", None)
    long = refusal(regions=("r" * 90,), services=("s",))
    assert long == (f"the region {'r' * 80!r} is not 1 to 64 characters", None)


def test_an_upper_case_letter_is_meant_or_refused() -> None:
    hint = "add --exact if you mean it"
    assert refusal(scopes=("US-east-1/s3",)) == (
        "the region 'US-east-1' has an upper-case letter, and AWS has none",
        hint,
    )
    assert refusal(scopes=("us-east-1/S3",)) == ("the service 'S3' has an upper-case letter, and AWS has none", hint)
    assert pairs(scopes=("us-east-1/S3",), exact=True) == [("us-east-1", "S3")]
    assert read_pairs(TC3, "signing", ("CVM",), {"service": ()}, False) == [("CVM",)]


def test_harmful_services() -> None:
    found = [("r", "sts"), ("q", "iam"), ("r", "s3"), ("r", "iam"), ("iam", "s3")]
    assert harmful_services(found, CHAIN) == ["iam", "sts"]
    assert harmful_services([("iam",), ()], CHAIN) == []
    assert harmful_services([("kms",), ("cvm",)], TC3) == ["kms"]


# -------------------------------------------------------------------------------------------------------------- derive


def wanted(level: str = "signing", *found: tuple[str, ...], count: int = 1) -> Wanted:
    return Wanted(CHAIN, level, [date(2026, 11, 23 + i) for i in range(count)], list(found or [("us-east-1", "s3")]))


def test_wanted() -> None:
    one = wanted("signing", ("r1", "s"), ("r2", "s"), count=2)
    assert one.count == 4
    assert [str(scope) for scope in one.scopes()] == [
        "20261123/r1/s/aws4_request",
        "20261123/r2/s/aws4_request",
        "20261124/r1/s/aws4_request",
        "20261124/r2/s/aws4_request",
    ]
    assert [str(scope) for scope in wanted("service").scopes()] == ["20261123/us-east-1/s3"]
    assert [str(scope) for scope in wanted("date", ()).scopes()] == ["20261123"]


def test_from_a_master() -> None:
    ends = subkey().expires_at
    for key in (access_key(), access_key(use="derive"), access_key(scheme=CHAIN.label)):
        (one,) = derive_wanted([key], wanted())
        assert (one.access_key_id, str(one.scope), one.key) == (ID, SCOPE, subkey().key)
        assert (one.session_token, one.expires_at) == (None, ends)


def test_a_session_goes_with_what_is_derived_from_it() -> None:
    from samples import AT

    (one,) = derive_wanted([access_key(token="T", expires_at=AT)], wanted())
    assert (one.session_token, one.expires_at) == (Secret(b"T"), AT)
    (one,) = derive_wanted([subkey("20261123", token="T", expires_at=AT)], wanted())
    assert (one.session_token, one.expires_at, one.key) == (Secret(b"T"), AT, subkey().key)


@pytest.mark.parametrize("level", ["20261123", "20261123/us-east-1", "20261123/us-east-1/s3", SCOPE])
def test_from_a_wider_key(level: str) -> None:
    far = subkey("20261124", secret="another")
    for holders in ([subkey(level)], [far, subkey(level)], [subkey(level), far]):
        (one,) = derive_wanted(list(holders), wanted())
        assert (str(one.scope), one.key) == (SCOPE, subkey().key)


def test_the_narrowest_holder_derives() -> None:
    wide, narrow = subkey("20261123", secret="another"), subkey("20261123/us-east-1")
    for holders in ([wide, narrow], [narrow, wide]):
        assert derive_wanted(list(holders), wanted())[0].key == subkey().key


def test_several_days_from_several_holders() -> None:
    found = derive_wanted([subkey("20261123"), subkey("20261124")], wanted(count=2))
    assert [str(one.scope)[:8] for one in found] == ["20261123", "20261124"]
    assert [one.key for one in found] == [subkey().key, subkey("20261124/us-east-1/s3/aws4_request").key]


@pytest.mark.parametrize(
    ("holders", "message"),
    [
        (
            [subkey("20261123/us-east-2")],
            f"no key held reaches {SCOPE}: held are 20261123/us-east-2, of 2026-11-23",
        ),
        (
            [subkey("20261121"), subkey("20261122"), subkey("20261124")],
            f"no key held reaches {SCOPE}: held are 20261121 and others, of 2026-11-21 to 2026-11-22, 2026-11-24",
        ),
        (
            [subkey("20261121"), subkey("20261122")],
            f"no key held reaches {SCOPE}: held are 20261121 and others, of 2026-11-21 to 2026-11-22",
        ),
        (
            [subkey("2026-11-23/cvm", chain=TC3)],
            "the key is for TC3-HMAC-SHA256, not for AWS4-HMAC-SHA256",
        ),
        ([access_key(scheme="TC3-HMAC-SHA256")], f"{ID} is for TC3-HMAC-SHA256, not for AWS4-HMAC-SHA256"),
    ],
)
def test_no_key_reaches(holders: list[request.Key], message: str) -> None:
    with pytest.raises(Refused) as caught:
        derive_wanted(holders, wanted())
    assert caught.value.message == message


def test_a_signing_key_derives_nothing_else() -> None:
    with pytest.raises(Refused) as caught:
        derive_wanted([subkey()], wanted("service"))
    assert caught.value.message == f"no key held reaches {SCOPE[:21]}: held are {SCOPE}, of 2026-11-23"


def test_a_million_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    many = Wanted(CHAIN, "signing", [DAY] * 1000, [("r", "s")] * 1001)
    with pytest.raises(UsageError) as caught:
        derive_wanted([access_key()], many)
    assert caught.value.message == "1,001,000 subkeys are more than 1,000,000"
    monkeypatch.setattr(request, "MAX_SUBKEYS", 2)
    assert len(derive_wanted([access_key()], wanted(count=2))) == 2
    with pytest.raises(UsageError) as caught:
        derive_wanted([access_key()], wanted(count=3))
    assert caught.value.message == "3 subkeys are more than 2"


# ----------------------------------------------------------------------------------------------------------- fast way


def slowly(asked: Wanted) -> list[tuple[str, bytes]]:
    return [(str(one.scope), one.key.reveal()) for one in derive_wanted([access_key()], asked)]


def test_the_fast_way_gives_what_the_slow_way_makes() -> None:
    grid = wanted("signing", ("r1", "s1"), ("r1", "s2"), ("r2", "s1"), ("r2", "s2"), count=3)
    assert is_grid(grid)
    secret = access_key().secret.mac_key(b"AWS4").reveal()
    assert grid_keys(secret, grid, grid.days) == slowly(grid)
    assert grid_keys(secret, grid, grid.days[1:2]) == slowly(grid)[4:8]
    assert grid_keys(secret, grid, []) == []


def test_the_fast_way_of_a_scheme_without_regions() -> None:
    asked = Wanted(TC3, "signing", [DAY], [("cos",), ("cvm",)])
    assert is_grid(asked)
    secret = access_key().secret.mac_key(b"TC3").reveal()
    assert grid_keys(secret, asked, [DAY]) == slowly(asked)
    assert [scope for scope, _ in slowly(asked)] == ["2026-11-23/cos/tc3_request", "2026-11-23/cvm/tc3_request"]


@pytest.mark.parametrize(
    ("level", "found"),
    [
        ("service", [("r1", "s1")]),
        ("signing", [("r1", "s1"), ("r2", "s2")]),
        ("signing", [("r1", "s2"), ("r1", "s1")]),
        # a region that begins another one: sorted by scope, not by part
        ("signing", [("us-east-1", "s3"), ("us", "s3")]),
    ],
)
def test_what_is_no_grid(level: str, found: list[tuple[str, ...]]) -> None:
    assert not is_grid(Wanted(CHAIN, level, [DAY], found))
