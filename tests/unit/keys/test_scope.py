"""Is a scope read byte for byte, and is every other spelling refused by the name of its part?"""

from datetime import date

import pytest

from authkit.errors import InputError
from authkit.keys.scope import Chain, Scope, id_fault, parse_credential, parse_scope, part_fault
from samples import CHAIN, ID, TC3

WHOLE = "20261123/us-east-1/s3/aws4_request"
DAY = date(2026, 11, 23)


def test_levels_are_widest_first() -> None:
    assert CHAIN.levels == ("date", "region", "service", "signing")
    assert TC3.levels == ("date", "service", "signing")


@pytest.mark.parametrize(
    ("day", "plain", "dashed"),
    [
        (DAY, "20261123", "2026-11-23"),
        (date(987, 1, 2), "09870102", "0987-01-02"),
        (date(2024, 2, 29), "20240229", "2024-02-29"),
        (date(9999, 12, 31), "99991231", "9999-12-31"),
    ],
)
def test_day_both_ways(day: date, plain: str, dashed: str) -> None:
    assert (CHAIN.format_day(day), TC3.format_day(day)) == (plain, dashed)
    assert (CHAIN.parse_day(plain), TC3.parse_day(dashed)) == (day, day)
    assert (CHAIN.parse_day(dashed), TC3.parse_day(plain)) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026112",
        "202611233",
        "2026112x",
        "2026112٣",
        "+2026112",
        "2026 123",
        "20250229",
        "20261131",
        "20260023",
        "20261300",
        "00000101",
    ],
)
def test_plain_day_refused(text: str) -> None:
    assert CHAIN.parse_day(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-2",
        "2026-11-233",
        "2026/11-23",
        "2026-11/23",
        "2026-1-123",
        "2026-11-2x",
        "2026-11-2٣",
        "2026--1-23",
        "2025-02-29",
        "2026-13-01",
        "0000-01-01",
    ],
)
def test_dashed_day_refused(text: str) -> None:
    assert TC3.parse_day(text) is None


@pytest.mark.parametrize(
    ("text", "level", "parts"),
    [
        (WHOLE, "signing", ("20261123", "us-east-1", "s3")),
        ("20261123/us-east-1/s3", "service", ("20261123", "us-east-1", "s3")),
        ("20261123/us-east-1", "region", ("20261123", "us-east-1", None)),
        ("20261123", "date", ("20261123", None, None)),
    ],
)
def test_parse_scope(text: str, level: str, parts: tuple[str, ...]) -> None:
    scope = parse_scope(text, CHAIN)
    assert (str(scope), repr(scope), scope.level, scope.day) == (text, f"<Scope {text}>", level, DAY)
    assert tuple(scope.part(name) for name in CHAIN.parts) == parts
    assert scope.part("signing") is None
    assert scope.part("tenant") is None
    assert scope.chain is CHAIN


def test_a_scheme_without_regions() -> None:
    scope = parse_scope("2026-11-23/cvm/tc3_request", TC3)
    assert (scope.level, scope.day, scope.part("region"), scope.part("service")) == ("signing", DAY, None, "cvm")
    assert parse_scope("2026-11-23/cvm", TC3).level == "service"


PART = "holds a character that is not a letter, digit, '.', '_' or '-'"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "date '' is not 1 to 64 characters"),
        ("/us-east-1/s3/aws4_request", "date '' is not 1 to 64 characters"),
        ("20261123//s3/aws4_request", "region '' is not 1 to 64 characters"),
        ("20261123/us-east-1//aws4_request", "service '' is not 1 to 64 characters"),
        ("20261123/us-east-1/s3/", "terminator '' is not 1 to 64 characters"),
        (f"20261123/{'r' * 65}", f"region {'r' * 65!r} is not 1 to 64 characters"),
        (f"20261123/{'r' * 99}", f"region {'r' * 80!r} is not 1 to 64 characters"),
        ("20261123/*/s3/aws4_request", f"region '*' {PART}"),
        ("20261123/us-east-1/s3\n", f"service 's3\\n' {PART}"),
        ("20261123/us-east-1/s 3", f"service 's 3' {PART}"),
        ("20261123/us-east-1/s３", f"service 's３' {PART}"),
        ("20261123/us-east-1/s3/aws4_request\0", f"terminator 'aws4_request\\x00' {PART}"),
        ("20261131/us-east-1/s3/aws4_request", "'20261131' is not a day"),
        ("2026-11-23/us-east-1/s3/aws4_request", "'2026-11-23' is not a day"),
        ("us-east-1/20261123/s3/aws4_request", "'us-east-1' is not a day"),
        ("20261123/us-east-1/s3/aws5_request", "ends with 'aws5_request' instead of 'aws4_request'"),
        ("20261123/us-east-1/s3/AWS4_REQUEST", "ends with 'AWS4_REQUEST' instead of 'aws4_request'"),
        ("20261123/us-east-1/s3/x/aws4_request", "'20261123/us-east-1/s3/x/aws4_request' has more than 4 parts"),
        (WHOLE + "/", f"'{WHOLE}/' has more than 4 parts"),
        ("a/" * 128 + "b", f"'{'a/' * 128}' has more than 4 parts"),
    ],
)
def test_parse_scope_refuses(text: str, message: str) -> None:
    for what in ("scope", "FILE: subkey 3"):
        with pytest.raises(InputError) as caught:
            parse_scope(text, CHAIN, what) if what != "scope" else parse_scope(text, CHAIN)
        assert caught.value.message == f"{what}: {message}"


def test_part_fault() -> None:
    for good in ("s", "S3", "us-east-1", "a.b_c-d", "0", "r" * 64):
        assert part_fault(good) is None
    for bad in ("", "r" * 65):
        assert part_fault(bad) == "is not 1 to 64 characters"
    for bad in ("a/b", "*", "a b", "a\n", "é", "a+b", "a=b", "a,b", "a:b", "a~b", '"', "\0"):
        assert part_fault(bad) == PART


def test_every_byte_of_a_part() -> None:
    allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
    assert {chr(number) for number in range(0x250) if part_fault(chr(number)) is None} == set(allowed)


def test_id_fault() -> None:
    for good in ("A", "AKIDEXAMPLE", "A" * 256, "a.b-c_d@e:f;g~", "'"):
        assert id_fault(good) is None
    for bad in ("", "A" * 257):
        assert id_fault(bad) == "is not 1 to 256 characters"
    for bad in ("A B", "A/B", "A,B", "A=B", 'A"B', "A\n", "Aé", "A\x7f", "A\0"):
        assert id_fault(bad) == "holds a character that an access key ID cannot hold"


def test_reaches() -> None:
    texts = ["20261123", "20261123/us-east-1", "20261123/us-east-1/s3", WHOLE]
    scopes = [parse_scope(text, CHAIN) for text in texts]
    for i, wider in enumerate(scopes):
        for j, narrower in enumerate(scopes):
            assert wider.reaches(narrower) is (i <= j)
    for other in ("20261124", "20261123/us-east-2", "20261123/us-east-1/sqs", "20261123/us-east-1/sqs/aws4_request"):
        assert not scopes[3].reaches(parse_scope(other, CHAIN))
        assert scopes[1].reaches(parse_scope(other, CHAIN)) is other.startswith("20261123/us-east-1/")


def renamed(label: str) -> Chain:
    return Chain(label, CHAIN.prefix, CHAIN.parts, CHAIN.terminator, CHAIN.dashed, CHAIN.lower_case, CHAIN.max_expires)


def test_a_scope_of_another_scheme_is_another_scope() -> None:
    here, there = parse_scope(WHOLE, CHAIN), parse_scope(WHOLE, renamed("OSC4-HMAC-SHA256"))
    assert here != there
    assert not here.reaches(there)
    assert not there.reaches(here)
    same = parse_scope(WHOLE, renamed(CHAIN.label))
    assert (here == same, hash(here) == hash(same), len({here, same, there})) == (True, True, 2)
    assert here != WHOLE
    assert here != Scope(here.values[:3], CHAIN)


@pytest.mark.parametrize(
    ("text", "access_key_id"),
    [
        (f"AKID/{WHOLE}", "AKID"),
        (f"user@example.com/{WHOLE}", "user@example.com"),
        (f"{'A' * 256}/{WHOLE}", "A" * 256),
    ],
)
def test_parse_credential(text: str, access_key_id: str) -> None:
    assert parse_credential(text, CHAIN) == (access_key_id, ("20261123", "us-east-1", "s3", "aws4_request"))


def test_parse_credential_leaves_the_day_to_others() -> None:
    assert parse_credential("AKID/tomorrow/r/s/aws4_request", CHAIN) == ("AKID", ("tomorrow", "r", "s", "aws4_request"))
    assert parse_credential("AKID/2026-11-23/cvm/tc3_request", TC3) == ("AKID", ("2026-11-23", "cvm", "tc3_request"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AKID",
        WHOLE,
        f"/{WHOLE}",
        f"A/B/{WHOLE}",
        f"A B/{WHOLE}",
        f"A,B/{WHOLE}",
        f"A=B/{WHOLE}",
        f'A"B/{WHOLE}',
        f"Aé/{WHOLE}",
        f"{'A' * 257}/{WHOLE}",
        "AKID/20261123/us-east-1/s3",
        "AKID/20261123/us-east-1/s3/aws4_request/",
        "AKID/20261123/us-east-1/s3/aws5_request",
        "AKID/20261123/us-east-1/s3/AWS4_request",
        "AKID/20261123//s3/aws4_request",
        "AKID//us-east-1/s3/aws4_request",
        "AKID/20261123/us-east-1/*/aws4_request",
        "AKID/20261123/us east/s3/aws4_request",
        f"AKID/20261123/{'r' * 65}/s3/aws4_request",
        "AKID%2F20261123%2Fus-east-1%2Fs3%2Faws4_request",
    ],
)
def test_parse_credential_refuses(text: str) -> None:
    assert parse_credential(text, CHAIN) is None


def test_long_parts_that_are_each_short_enough() -> None:
    region, service = "r" * 64, "s" * 64
    text = f"{ID}/20261123/{region}/{service}/aws4_request"
    assert parse_credential(text, CHAIN) == (ID, ("20261123", region, service, "aws4_request"))
    assert parse_credential(text.replace(region, region + "r"), CHAIN) is None


def test_a_chain_is_what_it_was_made_of() -> None:
    chain = Chain("LABEL", b"PRE", ("date", "service"), "end", True, False, {"*": 5})
    assert (chain.label, chain.prefix, chain.parts, chain.terminator) == ("LABEL", b"PRE", ("date", "service"), "end")
    assert (chain.dashed, chain.lower_case, chain.max_expires) == (True, False, {"*": 5})
    assert chain.levels == ("date", "service", "signing")
    assert [chain.place(name) for name in ("date", "service", "region")] == [0, 1, 3]
