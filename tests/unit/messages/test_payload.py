"""Are hash and length of a body right, however it comes?"""

import io
from hashlib import sha256

import pytest

from authkit.messages.payload import BUFFER, EMPTY_HASH, hash_bytes, hash_reader

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4, "abc"


class Slow:
    """A reader that gives a byte at a time, as a pipe may."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.asked: "set[int]" = set()

    def readinto(self, buffer: memoryview, /) -> "int | None":
        self.asked.add(len(buffer))
        count = min(1, len(self.data))
        buffer[:count] = self.data[:count]
        self.data = self.data[count:]
        return count


def test_known_answers() -> None:
    assert EMPTY_HASH == sha256().hexdigest() == hash_bytes(b"")
    assert hash_bytes(b"abc") == ABC
    assert hash_reader(io.BytesIO(b"abc")) == (ABC, 3)
    assert hash_reader(io.BytesIO(b"")) == (EMPTY_HASH, 0)


def test_what_was_read_already_is_counted() -> None:
    assert hash_reader(io.BytesIO(b"c"), b"ab") == (ABC, 3)
    assert hash_reader(io.BytesIO(b""), b"abc") == (ABC, 3)


def test_a_reader_that_gives_little_at_a_time() -> None:
    slow = Slow(b"bc")
    assert hash_reader(slow, b"a") == (ABC, 3)
    assert slow.asked == {65536}


@pytest.mark.parametrize("size", [BUFFER - 1, BUFFER, BUFFER + 1, 2 * BUFFER])
def test_around_the_size_of_the_buffer(size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert hash_reader(io.BytesIO(body)) == (sha256(body).hexdigest(), size)
