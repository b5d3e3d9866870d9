"""Does the right key sign, does the right key check, and is every wrong one refused by name?"""

from datetime import date, datetime, timedelta

import pytest

from authkit.clock import UTC
from authkit.errors import Refused, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.derive import derive_key
from authkit.keys.scope import Chain, parse_scope
from authkit.keys.select import (
    Credential,
    Key,
    choose_checking,
    choose_signing,
    describe_days,
    secret_checking,
    secret_for,
    widest_level,
    without_scheme,
)
from authkit.secret import Secret
from samples import AT, CHAIN, ID, SCOPE, SECRET, TC3, access_key, subkey

NOBODY: "dict[str, str | None]" = {"region": None, "service": None}
S3: "dict[str, str | None]" = {"region": "us-east-1", "service": "s3"}


def choose(
    *keys: Key,
    at: datetime = AT,
    wanted: "dict[str, str | None]" = NOBODY,
    likely: "dict[str, str | None]" = NOBODY,
    chain: Chain = CHAIN,
) -> Credential:
    return choose_signing(list(keys), chain, at, wanted, lambda: likely)


def refusal(
    *keys: Key,
    at: datetime = AT,
    wanted: "dict[str, str | None]" = NOBODY,
    likely: "dict[str, str | None]" = NOBODY,
    chain: Chain = CHAIN,
) -> tuple[str, "str | None"]:
    with pytest.raises((Refused, UsageError)) as caught:
        choose(*keys, at=at, wanted=wanted, likely=likely, chain=chain)
    return caught.value.message, caught.value.hint


def is_signing_key(credential: Credential, scope: str = SCOPE) -> None:
    expected = parse_scope(scope, CHAIN)
    assert credential.scope == expected
    assert credential.key == derive_key(Secret(SECRET.encode()).mac_key(b"AWS4"), expected.values)
    assert credential.access_key_id == ID


def test_an_access_key_derives_what_is_asked_for() -> None:
    credential = choose(access_key(token="T"), wanted=S3)
    is_signing_key(credential)
    assert credential.session_token == Secret(b"T")
    assert choose(access_key(), wanted=S3).session_token is None


def test_what_the_url_suggests_fills_gaps_and_never_contradicts() -> None:
    is_signing_key(choose(access_key(), likely=S3))
    is_signing_key(choose(access_key(), wanted={"region": None, "service": "s3"}, likely={**S3, "service": "sqs"}))
    is_signing_key(choose(subkey(), likely={"region": "eu-west-1", "service": "sqs"}))


@pytest.mark.parametrize("level", ["20261123", "20261123/us-east-1", "20261123/us-east-1/s3", SCOPE])
def test_a_subkey_of_any_level(level: str) -> None:
    credential = choose(subkey(level, token="T"), wanted=S3)
    is_signing_key(credential)
    assert credential.session_token == Secret(b"T")


def test_the_key_says_what_the_user_need_not() -> None:
    is_signing_key(choose(subkey()))
    is_signing_key(choose(subkey("20261123/us-east-1"), wanted={"region": None, "service": "s3"}))


@pytest.mark.parametrize(
    ("wanted", "likely", "name"),
    [
        (NOBODY, NOBODY, "region"),
        ({"region": "us-east-1", "service": None}, NOBODY, "service"),
        (NOBODY, {"region": "us-east-1", "service": None}, "service"),
        ({"region": None, "service": "s3"}, NOBODY, "region"),
        ({}, {}, "region"),
    ],
)
def test_a_part_said_by_nobody(wanted: "dict[str, str | None]", likely: "dict[str, str | None]", name: str) -> None:
    message = f"neither the key nor the URL says which {name} to sign for"
    assert refusal(access_key(), wanted=wanted, likely=likely) == (message, f"add --{name}")
    assert refusal(subkey("20261123"), wanted=wanted, likely=likely) == (message, f"add --{name}")


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("us-east-1/s3", "holds a character that is not a letter, digit, '.', '_' or '-'"),
        ("", "is not 1 to 64 characters"),
        ("r" * 90, "is not 1 to 64 characters"),
    ],
)
def test_a_part_that_is_none(value: str, fault: str) -> None:
    assert refusal(access_key(), wanted={**S3, "region": value}) == (f"--region {value[:80]!r} {fault}", None)
    assert refusal(access_key(), likely={**S3, "service": value}) == (f"--service {value[:80]!r} {fault}", None)


def test_the_day_of_a_key_is_the_request_s() -> None:
    for at in (datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)):
        is_signing_key(choose(subkey(), at=at))
        is_signing_key(choose(access_key(), at=at, wanted=S3))


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC), "2026-11-22T23:59:59Z"),
        (datetime(2026, 11, 24, tzinfo=UTC), "2026-11-24T00:00:00Z"),
    ],
)
def test_one_second_outside_the_day(at: datetime, text: str) -> None:
    """Clock skew never widens a day (A1)."""
    assert refusal(subkey(), at=at) == (f"no key for {text}: held are keys of 2026-11-23 (UTC)", None)
    other = subkey("20261126/us-east-1/s3/aws4_request")
    two = f"no key for {text}: held are keys of 2026-11-23, 2026-11-26 (UTC)"
    assert refusal(subkey(), other, at=at) == (two, None)


def test_today_s_key_among_many_days() -> None:
    days = [subkey(f"202611{day}/us-east-1/s3/aws4_request") for day in (22, 23, 24)]
    is_signing_key(choose(*days))
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    assert str(choose(*days, at=midnight).scope) == "20261124/us-east-1/s3/aws4_request"


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        ({"region": "eu-west-1", "service": None}, "region eu-west-1"),
        ({"region": None, "service": "sqs"}, "service sqs"),
        ({"region": "us-east-1", "service": "sqs"}, "region us-east-1, service sqs"),
    ],
)
def test_an_option_that_contradicts_the_key(wanted: "dict[str, str | None]", asked: str) -> None:
    assert refusal(subkey(), wanted=wanted) == (f"{asked} was asked for and the key is for {SCOPE}", None)


def test_at_most_three_scopes_are_listed() -> None:
    names = [f"20261123/{region}/s3/aws4_request" for region in ("d", "b", "c", "a", "e")]
    keys = [subkey(name) for name in names]
    asked = "service sqs was asked for and the key is for "
    three = "20261123/a/s3/aws4_request, 20261123/b/s3/aws4_request, 20261123/c/s3/aws4_request"
    wanted = {"region": None, "service": "sqs"}
    assert refusal(*keys, wanted=wanted)[0] == f"{asked}{three} and 2 more"
    assert refusal(*keys[:4], wanted=wanted)[0] == f"{asked}{three} and 1 more"
    assert refusal(*keys[1:4], wanted=wanted)[0] == f"{asked}{three}"


def test_several_keys_fit() -> None:
    keys = [subkey(), subkey("20261123/us-east-1/sqs/aws4_request")]
    message = f"several keys fit: {SCOPE}, 20261123/us-east-1/sqs/aws4_request"
    hint = "say which with --region and --service"
    assert refusal(*keys) == (message, hint)
    assert refusal(*keys, likely={"region": "us-east-1", "service": "lambda"}) == (message, hint)
    assert refusal(*keys, likely={"region": "us-east-1", "service": None}) == (message, hint)
    is_signing_key(choose(*keys, likely={"region": None, "service": "s3"}))
    is_signing_key(choose(*keys, wanted={"region": None, "service": "s3"}))
    is_signing_key(choose(*reversed(keys), wanted={"region": None, "service": "s3"}))


def test_the_url_is_asked_only_where_it_matters() -> None:
    def guess() -> "dict[str, str | None]":
        raise AssertionError

    is_signing_key(choose_signing([subkey()], CHAIN, AT, NOBODY, guess))
    is_signing_key(choose_signing([access_key()], CHAIN, AT, S3, guess))
    with pytest.raises(AssertionError):
        choose_signing([access_key()], CHAIN, AT, NOBODY, guess)


def test_the_narrowest_of_several_wins() -> None:
    wide, narrow = subkey("20261123/us-east-1", secret="another"), subkey()
    for keys in ([wide, narrow], [narrow, wide]):
        is_signing_key(choose(*keys, wanted=S3))


def test_what_the_url_suggests_decides_before_the_level() -> None:
    wide, narrow = subkey("20261123/us-east-1"), subkey("20261123/us-east-1/sqs/aws4_request")
    is_signing_key(choose(wide, narrow, likely=S3))
    assert str(choose(wide, narrow, likely={"region": "us-east-1", "service": "sqs"}).scope) == str(narrow.scope)
    far = subkey("20261123/eu-west-1/s3/aws4_request")
    assert choose(subkey(), far, likely={"region": "eu-west-1", "service": "s3"}).scope == far.scope


def test_the_session_s_last_second() -> None:
    for key in (subkey(token="T", expires_at=AT), access_key(token="T", expires_at=AT)):
        is_signing_key(choose(key, wanted=S3))
        over = AT + timedelta(seconds=1)
        assert refusal(key, at=over, wanted=S3) == (f"the session of {ID} ended at 2026-11-23T09:00:00Z", None)


def test_a_master_never_signs() -> None:
    assert refusal(access_key(use="derive"), wanted=S3) == (
        f"{ID} is a master secret: it derives and never signs",
        "derive a subkey with 'authkit derive-subkey' and sign with that",
    )


def test_one_secret_one_scheme() -> None:
    is_signing_key(choose(access_key(scheme=CHAIN.label), wanted=S3))
    message = f"{ID} is for TC3-HMAC-SHA256 and the request for AWS4-HMAC-SHA256"
    assert refusal(access_key(scheme=TC3.label), wanted=S3) == (message, "--scheme-override insists, for once")
    freed = without_scheme([access_key(scheme=TC3.label)])
    is_signing_key(choose(*freed, wanted=S3))
    other = subkey("2026-11-23/cvm/tc3_request", chain=TC3)
    assert refusal(other) == ("the key is for TC3-HMAC-SHA256 and the request for AWS4-HMAC-SHA256", None)
    is_signing_key(choose(other, subkey()))


def test_a_scheme_without_regions() -> None:
    wanted: "dict[str, str | None]" = {"service": "cvm"}
    assert str(choose(access_key(), wanted=wanted, chain=TC3).scope) == "2026-11-23/cvm/tc3_request"
    held = subkey("2026-11-23/cvm/tc3_request", chain=TC3)
    assert choose(held, wanted=wanted, chain=TC3).scope == held.scope


# ------------------------------------------------------------------------------------------------------------ checking


def check(*keys: Key, access_key_id: str = ID, scope: str = SCOPE) -> tuple[bytes, "bytes | None"]:
    key, token = choose_checking(list(keys), access_key_id, parse_scope(scope, CHAIN))
    return key.reveal(), None if token is None else token.reveal()


def reject(*keys: Key, access_key_id: str = ID, scope: str = SCOPE) -> tuple[str, str]:
    with pytest.raises(Rejected) as caught:
        check(*keys, access_key_id=access_key_id, scope=scope)
    return caught.value.reason, caught.value.detail


SIGNING = subkey().key.reveal()


@pytest.mark.parametrize("level", ["20261123", "20261123/us-east-1", "20261123/us-east-1/s3", SCOPE])
def test_any_level_checks(level: str) -> None:
    assert check(subkey(level)) == (SIGNING, None)
    assert check(subkey(level, token="T")) == (SIGNING, b"T")


def test_a_master_checks() -> None:
    assert check(access_key(token="T")) == (SIGNING, b"T")
    assert check(access_key(use="derive")) == (SIGNING, None)
    assert check(access_key(scheme=CHAIN.label)) == (SIGNING, None)


def test_the_narrowest_key_checks() -> None:
    wide, narrow, master = subkey("20261123", token="W"), subkey(token="N"), access_key(token="M")
    for keys in ([wide, narrow, master], [master, narrow, wide], [narrow, wide, master]):
        assert check(*keys) == (SIGNING, b"N")
    assert check(master, wide) == (SIGNING, b"W")
    assert check(subkey("20261124"), master) == (SIGNING, b"M")


def test_of_two_keys_for_one_scope_the_first_checks() -> None:
    assert check(subkey(), subkey(secret="another")) == (SIGNING, None)


def test_the_id_is_compared_as_bytes() -> None:
    assert check(subkey(access_key_id="OTHER", secret="x"), subkey()) == (SIGNING, None)
    assert reject(subkey(), access_key_id="akidexample") == ("unknown-access-key", "'akidexample'")
    assert reject(subkey(), access_key_id=ID + "\n") == ("unknown-access-key", f"{ID + chr(10)!r}")
    assert reject() == ("unknown-access-key", f"'{ID}'")


@pytest.mark.parametrize("scope", ["20261124", "20261123/us-east-2", "20261123/us-east-1/sqs/aws4_request"])
def test_no_key_reaches(scope: str) -> None:
    assert reject(subkey(scope)) == ("subkey-out-of-scope", f"{SCOPE}; held: {scope}")


def test_at_most_three_held_scopes_are_named() -> None:
    keys = [subkey(day) for day in ("20261122", "20261120", "20261121", "20261119")]
    expected = ("subkey-out-of-scope", f"{SCOPE}; held: 20261119, 20261120, 20261121")
    assert reject(*keys) == expected
    assert reject(*keys, access_key(scheme=TC3.label)) == expected


def test_a_key_of_another_scheme() -> None:
    expected = ("subkey-out-of-scope", f"{SCOPE}; held: a key of another scheme")
    assert reject(access_key(scheme=TC3.label)) == expected


def test_an_empty_secret_is_no_key() -> None:
    assert reject(access_key("")) == ("no-secret", "")
    assert check(access_key(""), subkey()) == (SIGNING, None)
    assert check(access_key("", scheme=TC3.label), access_key()) == (SIGNING, None)


def test_widest_level() -> None:
    assert widest_level([subkey(), access_key()]) == "master"
    assert widest_level([subkey()]) == "signing"
    assert widest_level([subkey(), subkey("20261123/us-east-1/s3")]) == "service"
    assert widest_level([subkey("20261123/us-east-1/s3"), subkey("20261123")]) == "date"
    assert widest_level([subkey("20261123"), subkey("20261123/us-east-1/s3"), subkey()]) == "date"
    assert widest_level([subkey("20261123/us-east-1"), subkey("20261124/us-east-1")]) == "region"


def test_how_wide_a_key_is_counts_from_the_end_of_its_own_chain() -> None:
    signing, service = subkey("2026-11-23/cvm/tc3_request", chain=TC3), subkey("20261123/us-east-1/s3")
    assert widest_level([signing, service]) == widest_level([service, signing]) == "service"
    assert widest_level([signing, subkey()]) == "signing"
    assert widest_level([subkey("2026-11-23", chain=TC3), service]) == "date"
    assert isinstance(access_key(), AccessKey)


@pytest.mark.parametrize(
    ("days", "text"),
    [
        ([23], "2026-11-23"),
        ([23, 23], "2026-11-23"),
        ([24, 23], "2026-11-23 to 2026-11-24"),
        ([21, 23, 25, 26, 27], "2026-11-21, 2026-11-23, 2026-11-25 to 2026-11-27"),
        ([27, 21, 26, 22], "2026-11-21 to 2026-11-22, 2026-11-26 to 2026-11-27"),
        ([], ""),
    ],
)
def test_describe_days(days: list[int], text: str) -> None:
    assert describe_days([date(2026, 11, day) for day in days]) == text


# secrets that sign by themselves


def raw_key(**values: object) -> AccessKey:
    return AccessKey("WHO", Secret(b"s"), **values)  # type: ignore[arg-type]


def test_a_secret_that_signs_by_itself() -> None:
    plain, own, other = raw_key(), raw_key(scheme="MINE"), raw_key(scheme="OTHER")
    assert secret_for([plain], "MINE") is plain
    assert secret_for([own, other], "MINE") is own
    assert secret_for([other], "MINE", override=True) is other


@pytest.mark.parametrize(
    ("key", "message", "hint"),
    [
        (
            raw_key(use="derive"),
            "WHO is a master secret: it derives and never signs",
            "derive a subkey with 'authkit derive-subkey' and sign with that",
        ),
        (
            raw_key(scheme="OTHER"),
            "WHO is for OTHER and the request for MINE",
            "--scheme-override insists, for once",
        ),
        (subkey(), "the key is a subkey, and MINE signs with a secret", None),
    ],
)
def test_what_signs_by_itself_no_request(key: Key, message: str, hint: "str | None") -> None:
    with pytest.raises(Refused) as caught:
        secret_for([key], "MINE")
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_master_never_signs_whatever_is_insisted_on() -> None:
    with pytest.raises(Refused, match="is a master secret"):
        secret_for([raw_key(use="derive", scheme="OTHER")], "MINE", override=True)


def test_a_secret_that_checks_by_itself() -> None:
    plain, own, other = raw_key(), raw_key(scheme="MINE"), raw_key(scheme="OTHER")
    assert secret_checking([subkey(), plain], "WHO", "MINE") is plain
    assert secret_checking([other, own], "WHO", "MINE") is own
    assert secret_checking([other], "WHO", "MINE", override=True) is other
    assert secret_checking([raw_key(use="derive")], "WHO", "MINE").use == "derive"


@pytest.mark.parametrize(
    ("keys", "reason", "detail"),
    [
        ([], "unknown-access-key", "'WHO'"),
        ([subkey()], "unknown-access-key", "'WHO'"),
        ([AccessKey("WHO2", Secret(b"s"))], "unknown-access-key", "'WHO'"),
        ([raw_key(scheme="OTHER")], "other-scheme", "OTHER and MINE"),
        ([AccessKey("WHO", Secret(b""))], "no-secret", ""),
    ],
)
def test_what_checks_nothing_by_itself(keys: list[Key], reason: str, detail: str) -> None:
    with pytest.raises(Rejected) as caught:
        secret_checking(keys, "WHO", "MINE")
    assert (caught.value.reason, caught.value.detail) == (reason, detail)


def test_an_id_that_is_long_is_cut() -> None:
    with pytest.raises(Rejected) as caught:
        secret_checking([], "X" * 129, "MINE")
    assert caught.value.detail == repr("X" * 128)
