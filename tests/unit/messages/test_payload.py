"""Are hash and length of a body right, however it comes?"""

import io
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from authkit.messages.payload import BUFFER, EMPTY_HASH, STREAMED, Length, hash_bytes, hash_reader

if TYPE_CHECKING:
    from authkit.messages.payload import Reader

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


# ----------------------------------------------------------------------------------------- bodies signed piece by piece


class Seen:
    """A watcher that keeps what it is shown."""

    def __init__(self) -> None:
        self.data = b""

    def update(self, data: "bytes | memoryview", /) -> None:
        self.data += bytes(data)


def test_a_watched_body_is_hashed_too() -> None:
    one, other = Seen(), sha256()
    assert hash_reader(io.BytesIO(b"c"), b"ab", {"one": one, "other": other}) == (ABC, 3)
    assert (one.data, other.hexdigest()) == (b"abc", ABC)
    assert hash_bytes(b"abc", {"one": one}) == ABC
    assert one.data == b"abcabc"


def test_a_body_that_is_checked_piece_by_piece_is_not_hashed_as_a_whole() -> None:
    seen = Seen()
    assert hash_reader(io.BytesIO(b"c"), b"ab", {STREAMED: seen}) == (None, 3)
    assert hash_bytes(b"abc", {STREAMED: seen, "other": Seen()}) is None
    assert hash_bytes(b"", {STREAMED: seen}) is None
    assert seen.data == b"abcabc"


class NotRead(io.BytesIO):
    """A file whose length can be asked."""

    def readinto(self, buffer: object) -> int:
        raise AssertionError("the body was read")


class Pipe(io.BytesIO):
    """What has no places to go to."""

    def seek(self, place: int, whence: int = 0) -> int:
        raise OSError("a pipe")


@pytest.mark.parametrize("kind", [NotRead, Pipe, Slow])
def test_a_length_alone_is_asked_for_where_it_can_be(kind: "Callable[[bytes], Reader]") -> None:
    counted = Length()
    assert hash_reader(kind(bytes(300)), b"ab", {STREAMED: counted}) == (None, 302)
    assert counted.length == 302


def test_a_length_is_counted_from_where_the_file_stands() -> None:
    counted, file = Length(), NotRead(bytes(300))
    file.seek(100)
    assert hash_reader(file, b"", {STREAMED: counted}) == (None, 200)


def test_a_length_beside_others() -> None:
    counted, seen = Length(), Seen()
    assert hash_reader(io.BytesIO(b"c"), b"ab", {STREAMED: counted, "seen": seen}) == (None, 3)
    assert hash_bytes(b"de", {STREAMED: counted}) is None
    assert (counted.length, seen.data) == (5, b"abc")
