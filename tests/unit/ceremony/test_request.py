"""Is a request read exactly as FORMATS F4 has it, and is every other line named?"""

from datetime import date, datetime
from typing import Any

import pytest

from authkit.ceremony import request
from authkit.clock import UTC
from authkit.errors import InputError

TEXT = b"""authkit-request/v1
id: 0123456789abcdef0123456789abcdef
requester: web-1
recipient: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
issuer: SHA256:DKKtr3CsNTYGGUSKazGNTddjCrXz+j0eQDvpjOilGkU
access-key-id: AKIDEXAMPLE
scheme: AWS4-HMAC-SHA256
level: signing
scope: us-east-1/s3
scope: us-east-1/sqs
days: 20261123-20261129
created: 2026-11-22T08:55:00Z
previous: none
ledger: 12:%s 0:none
""" % (b"ab" * 32)


def changed(old: str, new: str) -> bytes:
    assert old.encode() in TEXT
    return TEXT.replace(old.encode(), new.encode(), 1)


def test_a_request_is_read_and_written_again() -> None:
    found = request.parse_request(TEXT, "req")
    assert found.id == "0123456789abcdef0123456789abcdef"
    assert (found.requester, found.recipient[:8], found.issuer[:10]) == ("web-1", "age1ql3z", "SHA256:DKK")
    assert (found.access_key_id, found.scheme, found.level) == ("AKIDEXAMPLE", "AWS4-HMAC-SHA256", "signing")
    assert found.scopes == ("us-east-1/s3", "us-east-1/sqs")
    assert found.days == (date(2026, 11, 23), date(2026, 11, 29))
    assert (found.span, found.day_count) == ("20261123-20261129", 7)
    assert found.created == datetime(2026, 11, 22, 8, 55, tzinfo=UTC)
    assert (found.previous, found.ledger) == ("none", ("12:" + "ab" * 32, "0:none"))
    assert request.format_request(found) == TEXT


@pytest.mark.parametrize("level", ["service", "region", "date"])
def test_a_wider_level(level: str) -> None:
    scope = {"service": "us-east-1/s3", "region": "us-east-1", "date": "-"}[level]
    text = changed("scope: us-east-1/s3\nscope: us-east-1/sqs", f"scope: {scope}").replace(b"signing", level.encode())
    found = request.parse_request(text, "req")
    assert (found.level, found.scopes) == (level, (scope,))
    assert request.format_request(found) == text


def test_a_previous_response() -> None:
    text = changed("previous: none", "previous: " + "0f" * 32)
    assert request.parse_request(text, "req").previous == "0f" * 32


def test_carriers_may_change_the_ends_of_lines() -> None:
    assert request.normalise(TEXT.replace(b"\n", b"\r\n")) == TEXT
    assert request.normalise(TEXT) == TEXT
    assert request.normalise(b"a\rb\r\r\nc") == b"a\rb\r\nc"


def test_sixty_four_scopes_are_as_many_as_there_may_be() -> None:
    lines = [f"scope: us-east-1/s{i:03}" for i in range(65)]
    old = "scope: us-east-1/s3\nscope: us-east-1/sqs"
    assert len(request.parse_request(changed(old, "\n".join(lines[:64])), "req").scopes) == 64
    with pytest.raises(InputError, match="^req: more than 64 scopes$"):
        request.parse_request(changed(old, "\n".join(lines)), "req")


def test_a_request_is_at_most_eight_kibibytes() -> None:
    room = request.MAX_BYTES - len(TEXT)
    text = changed("requester: web-1", "requester: web-1" + "x" * room)
    assert len(text) == 8192
    assert request.parse_request(text, "req").requester.endswith("xxx")
    with pytest.raises(InputError, match="over 8 KiB"):
        request.parse_request(text.replace(b"web", b"webx"), "req")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("authkit-request/v1", "authkit-request/v2", "line 1 is not 'authkit-request/v1'"),
        ("id: 0123", "id:0123", "line 2 is not 'id: …'"),
        ("id: 0123", "id:  0123", "line 2 is not 'id: …'"),
        ("id: 0123456789abcdef", "id: 0123456789ABCDEF", "id is not 32 lower-case hexadecimal digits"),
        ("id: 0123456789abcdef", "id: 123456789abcdef", "id is not 32 lower-case hexadecimal digits"),
        ("requester: web-1", "requester: ", "line 3 is not 'requester: …'"),
        ("requester: web-1", "requester: web-1 ", "line 3 is not 'requester: …'"),
        ("requester: web-1", "requester: web\t1", "line 3 is not 'requester: …'"),
        ("requester: web-1", "requester: web\x1b1", "line 3 is not 'requester: …'"),
        ("requester: web-1", "recipient: web-1", "line 3 is not 'requester: …'"),
        ("requester: web-1\n", "", "line 3 is not 'requester: …'"),
        ("level: signing", "level: sign", "level is none of signing, service, region, date"),
        ("scope: us-east-1/s3\nscope: us-east-1/sqs\n", "", "line 9 is not 'scope: …'"),
        ("scope: us-east-1/s3", "scope: us-east-1/t3", "scopes are not sorted, or one stands twice"),
        ("scope: us-east-1/s3", "scope: us-east-1/sqs", "scopes are not sorted, or one stands twice"),
        ("scope: us-east-1/s3", "scope: -", "scope '-' is not one of level signing"),
        ("level: signing", "level: date", "scope 'us-east-1/s3' is not one of level date"),
        ("days: 20261123-20261129", "days: 20261123", "days is not YYYYMMDD-YYYYMMDD, the first day before the last"),
        ("days: 20261123-20261129", "days: 20261129-20261123", "days is not YYYYMMDD-YYYYMMDD"),
        ("days: 20261123-20261129", "days: 20261131-20261129", "days is not YYYYMMDD-YYYYMMDD"),
        ("days: 20261123-20261129", "days: 2026112-320261129", "days is not YYYYMMDD-YYYYMMDD"),
        ("days: 20261123-20261129", "days: 20261123-202611290", "days is not YYYYMMDD-YYYYMMDD"),
        ("days: 20261123-20261129", "days: 20261123_20261129", "days is not YYYYMMDD-YYYYMMDD"),
        ("08:55:00Z", "08:55:00", "created is not an instant YYYY-MM-DDThh:mm:ssZ"),
        ("previous: none", "previous: nil", "previous is neither a SHA-256 in hexadecimal nor 'none'"),
        ("previous: none", "previous: " + "0F" * 32, "previous is neither a SHA-256 in hexadecimal nor 'none'"),
        ("previous: none", "previous: " + "0f" * 31, "previous is neither a SHA-256 in hexadecimal nor 'none'"),
        (" 0:none", "", "ledger is not the head of a ledger"),
        (" 0:none", " 0:none 0:none", "ledger is not the head of a ledger"),
        (" 0:none", " 1:none", "ledger is not the head of a ledger"),
        (" 0:none", " 0:" + "ab" * 32, "ledger is not the head of a ledger"),
        (" 0:none", " 01:" + "ab" * 32, "ledger is not the head of a ledger"),
        (" 0:none", " 1:" + "ab" * 31, "neither a SHA-256"),
        (" 0:none", " 0:none\nmore: yes", "17 lines where there should be 16"),
    ],
)
def test_every_other_line_is_named(old: str, new: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        request.parse_request(changed(old, new), "req")
    assert caught.value.message.startswith("req: ")
    if message.startswith("17 lines"):
        assert "lines where there should be" in caught.value.message
    else:
        assert message in caught.value.message


@pytest.mark.parametrize("data", [b"", TEXT[:-1], TEXT.replace(b"web", b"w\xc3\xa9b"), TEXT + b"x"])
def test_what_is_no_text_of_lines(data: bytes) -> None:
    with pytest.raises(InputError, match="req: not a request: over 8 KiB, not ASCII, or without an end"):
        request.parse_request(data, "req")


@pytest.mark.parametrize("text", ["1:" + "ab" * 32, "0:none", "999999999999999:" + "00" * 32])
def test_a_head(text: str) -> None:
    assert request.check_head(text, "x") == text


@pytest.mark.parametrize(
    "text", ["", ":", "none", "٣:" + "ab" * 32, "1000000000000000:" + "ab" * 32, "-1:" + "ab" * 32]
)
def test_what_is_no_head(text: str) -> None:
    with pytest.raises(InputError, match="^x is not the head of a ledger, COUNT:SHA-256$"):
        request.check_head(text, "x")


def test_every_member_is_in_the_text() -> None:
    whole: dict[str, Any] = {
        name: getattr(request.parse_request(TEXT, "req"), name) for name in request.SubkeyRequest.__slots__
    }
    others = {
        "id": "f" * 32,
        "requester": "web-2",
        "recipient": "age1x",
        "issuer": "SHA256:x",
        "access_key_id": "AK2",
        "scheme": "GOOG4-HMAC-SHA256",
        "level": "service",
        "scopes": ("eu-west-1/s3",),
        "days": (date(2026, 11, 24), date(2026, 11, 29)),
        "created": datetime(2026, 11, 22, 8, 55, 1, tzinfo=UTC),
        "previous": "1" * 64,
        "ledger": ("12:" + "ab" * 32, "1:" + "cd" * 32),
    }
    assert others.keys() == whole.keys()
    texts = {request.format_request(request.SubkeyRequest(**{**whole, name: other})) for name, other in others.items()}
    assert len(texts | {TEXT}) == len(others) + 1
