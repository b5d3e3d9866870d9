"""What is the hash of a body, and how long is it?"""

from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Reader(Protocol):
        """A binary file, unbuffered or not."""

        def readinto(self, buffer: memoryview, /) -> "int | None":
            """Fill *buffer*; return how many bytes, 0 at the end."""


EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
# 64 KiB was the fastest of 64, 256 and 1024 KiB: it stays in the second-level cache
BUFFER = 65536


def hash_bytes(body: bytes) -> str:
    """Return the SHA-256 of *body*: lower-case hex, 64."""
    return sha256(body).hexdigest() if body else EMPTY_HASH


def hash_reader(reader: "Reader", start: bytes = b"") -> "tuple[str, int]":
    """Return the SHA-256 and the length of all that *reader* still gives, in constant memory.

    Args:
        reader: at where the body goes on.
        start: what was already read of the body.

    Returns:
        lower-case hex, 64; octets, *start* included.
    """
    state = sha256(start)
    length = len(start)
    buffer = memoryview(bytearray(BUFFER))
    while count := reader.readinto(buffer):
        state.update(buffer[:count])
        length += count
    return state.hexdigest(), length
