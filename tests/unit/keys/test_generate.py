"""Is a new access key as random as promised, and never mistaken for one of AWS's?"""

from collections.abc import Callable
from zlib import crc32

import pytest

from authkit.errors import UsageError
from authkit.keys.generate import checksum62, generate_access_key


class Random:
    """Random bytes that a test chooses; it keeps what was asked for."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked: list[int] = []

    def __call__(self, count: int) -> bytes:
        self.asked.append(count)
        return self.answers.pop(0)


def base32(text: str) -> bytes:
    return bytes("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".index(one) for one in text)


def test_aws_style() -> None:
    random = Random(base32("ABCDEFGHIJKLMNOPQZ"), bytes(range(30)))
    key = generate_access_key(random, "AK", "aws", None)
    assert key.access_key_id == "AKABCDEFGHIJKLMNOPQZ"
    assert key.secret.reveal() == b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
    assert random.asked == [18, 30]
    assert (key.use, key.scheme, key.session_token, key.raw) == (None, None, None, False)


def test_every_byte_counts_five_bits() -> None:
    random = Random(bytes(range(0xE0, 0xF2)), bytes(30))
    assert generate_access_key(random, "ZZ", "aws", "derive").access_key_id == "ZZABCDEFGHIJKLMNOPQR"


def test_use_is_kept() -> None:
    assert generate_access_key(Random(bytes(18), bytes(30)), "ZZ", "aws", "derive").use == "derive"


@pytest.mark.parametrize(
    ("prefix", "count"), [("Z", 19), ("ZZZ", 17), ("ZZZZ", 16), ("ZZZZZ", 16), ("ABCDEFGH2347", 16)]
)
def test_at_least_eighty_random_bits(prefix: str, count: int) -> None:
    random = Random(bytes(count), bytes(30))
    assert generate_access_key(random, prefix, "aws", None).access_key_id == prefix + "A" * count
    assert random.asked == [count, 30]


@pytest.mark.parametrize(("prefix", "first"), [("AK", "IA"), ("AS", "IA"), ("A", "KIA"), ("A", "SIA")])
def test_an_id_that_looks_like_aws_s_is_drawn_again(prefix: str, first: str) -> None:
    count = 20 - len(prefix)
    random = Random(base32(first.ljust(count, "A")), base32("B" * count), bytes(30))
    assert generate_access_key(random, prefix, "aws", None).access_key_id == prefix + "B" * count
    assert random.asked == [count, count, 30]


def test_scannable_style_throws_away_what_would_be_unfair() -> None:
    first = bytes([0, 61, 62, 247, 248, 255]) + bytes([10] * 24)
    random = Random(bytes(18), first, bytes([36] * 30))
    text = generate_access_key(random, "ZZ", "scannable", None).secret.reveal().decode()
    body = "0z0z" + "A" * 24 + "aa"
    assert text == "aks_" + body + checksum62(body)
    assert random.asked == [18, 30, 30]
    assert len(text) == 40


def test_thirty_fair_bytes_are_enough() -> None:
    random = Random(bytes(18), bytes([1] * 30))
    text = generate_access_key(random, "ZZ", "scannable", None).secret.reveal().decode()
    assert text == "aks_" + "1" * 30 + checksum62("1" * 30)


@pytest.mark.parametrize("prefix", ["", "A" * 13, "ak", "A1", "A8", "A9", "A0", "A-", "A B", "Ä"])
def test_prefix_refused(prefix: str) -> None:
    with pytest.raises(UsageError) as caught:
        generate_access_key(Random(), prefix, "aws", None)
    assert caught.value.message == f"--id-prefix {prefix!r} is not 1 to 12 of A-Z and 2-7"


@pytest.mark.parametrize("prefix", ["AKIA", "ASIA", "AKIAX", "ASIA234567"])
def test_prefix_of_aws_refused(prefix: str) -> None:
    with pytest.raises(UsageError) as caught:
        generate_access_key(Random(), prefix, "aws", None)
    expected = f"--id-prefix {prefix!r} looks like a key of AWS, and hides real leaks from scanners"
    assert caught.value.message == expected


def decode62(text: str) -> int:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return sum(digits.index(one) * 62**place for place, one in enumerate(reversed(text)))


def test_checksum() -> None:
    assert checksum62("") == "000000"
    assert decode62(checksum62("123456789")) == 0xCBF43926  # the check value of CRC-32
    assert checksum62("123456789") == "3jZRME"
    for text in ("0" * 30, "z" * 30, "authkit"):
        assert len(checksum62(text)) == 6
        assert decode62(checksum62(text)) == crc32(text.encode())


def test_two_keys_differ() -> None:
    from os import urandom

    draw: Callable[[int], bytes] = urandom
    one, other = (generate_access_key(draw, "AK", "scannable", None) for _ in range(2))
    assert one.access_key_id != other.access_key_id
    assert one.secret != other.secret
