"""What is the hash of a body, and how long is it?"""

from hashlib import sha256

from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Reader(Protocol):
        """A binary file, unbuffered or not."""

        def readinto(self, buffer: memoryview, /) -> "int | None":
            """Fill *buffer*; return how many bytes, 0 at the end."""

    class Watcher(Protocol):
        """What sees a body go by: a hash, or anything that is fed like one."""

        def update(self, data: "bytes | memoryview", /) -> None:
            """Take the next bytes."""


# name of the watcher that checks a body piece by piece, as it was signed: its plain hash is then not computed
STREAMED = "payload"
EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
# 64 KiB was the fastest of 64, 256 and 1024 KiB: it stays in the second-level cache
BUFFER = 65536


class Kept:
    """A watcher that keeps the body.

    Attributes:
        limit: octets that it takes; more is an error.
        data: what it saw.
    """

    __slots__ = ("limit", "data")

    def __init__(self, limit: int = 64 * 1024 * 1024) -> None:
        self.limit = limit
        self.data = bytearray()

    def update(self, data: "bytes | memoryview", /) -> None:
        """Take the next bytes.

        Raises:
            InputError: if it would be more than the limit.
        """
        if len(self.data) + len(data) > self.limit:
            raise InputError(f"the body is over {self.limit} octets")
        self.data += data


class Length:
    """A watcher that only counts.

    Attributes:
        length: octets that it saw.
    """

    __slots__ = ("length",)

    def __init__(self) -> None:
        self.length = 0

    def update(self, data: "bytes | memoryview", /) -> None:
        """Take the next bytes."""
        self.length += len(data)


def hash_bytes(body: bytes, watched: "dict[str, Watcher] | None" = None) -> "str | None":
    """Return the SHA-256 of *body*: lower-case hex, 64; None where STREAMED watches it.

    Args:
        watched: what else is shown the body.
    """
    if watched:
        for one in watched.values():
            one.update(body)
        if STREAMED in watched:
            return None
    return sha256(body).hexdigest() if body else EMPTY_HASH


def hash_reader(
    reader: "Reader", start: bytes = b"", watched: "dict[str, Watcher] | None" = None
) -> "tuple[str | None, int]":
    """Return the SHA-256 and the length of all that *reader* still gives, in constant memory.

    Args:
        reader: at where the body goes on.
        start: what was already read of the body.
        watched: what else is shown the body, piece by piece.

    Returns:
        lower-case hex, 64, or None where STREAMED watches the body; octets, *start* included.
    """
    others = list(watched.values()) if watched else []
    if len(others) == 1 and isinstance(others[0], Length):
        others[0].length = len(start) + _measure(reader)
        return None, others[0].length
    state = None if watched and STREAMED in watched else sha256(start)
    for one in others:
        one.update(start)
    length = len(start)
    buffer = memoryview(bytearray(BUFFER))
    while count := reader.readinto(buffer):
        piece = buffer[:count]
        if state is not None:
            state.update(piece)
        for one in others:
            one.update(piece)
        length += count
    return None if state is None else state.hexdigest(), length


def _measure(reader: "Reader") -> int:
    """Return how many octets *reader* still gives, without reading them where it can be asked."""
    seek = getattr(reader, "seek", None)
    if seek is not None:
        try:
            here: int = seek(0, 1)
            end: int = seek(0, 2)
        except OSError:
            pass  # a pipe
        else:
            return end - here
    length, buffer = 0, memoryview(bytearray(BUFFER))
    while count := reader.readinto(buffer):
        length += count
    return length
