"""Which checksums may stand in a trailer, and how are they computed piece by piece?"""

from authkit.base64 import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Checksum(Protocol):
        """What is fed a body and then says its checksum."""

        def update(self, data: "bytes | memoryview", /) -> None:
            """Take the next bytes."""

        def digest(self) -> bytes:
            """Return the checksum of all bytes taken: big-endian."""


PREFIX = "x-amz-checksum-"
# name -> octets of its digest
SIZES = {"crc32": 4, "crc32c": 4, "crc64nvme": 8, "sha1": 20, "sha256": 32, "sha512": 64}
# polynomials, reflected
_CRC32C, _CRC64NVME = 0x82F63B78, 0x9A6C9329AC4BC9B5
_tables: "dict[int, list[int]]" = {}


class Crc32:
    """CRC-32 as in zlib."""

    __slots__ = ("_value", "_step")

    def __init__(self) -> None:
        from binascii import crc32

        self._value = 0
        self._step = crc32

    def update(self, data: "bytes | memoryview", /) -> None:
        """Take the next bytes."""
        self._value = self._step(data, self._value)

    def digest(self) -> bytes:
        """Return 4 bytes."""
        return self._value.to_bytes(4, "big")


class Crc:
    """A reflected CRC of 32 or 64 bits whose first and last value are inverted.

    Args:
        polynomial: reflected.
        size: octets.

    It works on two octets at a time, about a hundred times slower than a hash in C.
    """

    __slots__ = ("_table", "_mask", "_size", "_value", "_odd")

    def __init__(self, polynomial: int, size: int) -> None:
        self._table = _table(polynomial)
        self._mask = (1 << 8 * size) - 1
        self._size = size
        self._value = self._mask
        self._odd = b""

    def update(self, data: "bytes | memoryview", /) -> None:
        """Take the next bytes."""
        from struct import unpack_from

        if self._odd:
            data = self._odd + bytes(data)
        pairs = len(data) // 2
        self._odd = bytes(data[2 * pairs :])
        value, table = self._value, self._table
        for pair in unpack_from(f"<{pairs}H", data):
            value = table[(value ^ pair) & 0xFFFF] ^ (value >> 16)
        self._value = value

    def digest(self) -> bytes:
        """Return 4 or 8 bytes."""
        value = self._value
        for octet in self._odd:
            value = _one(self._table, value, octet)
        return (value ^ self._mask).to_bytes(self._size, "big")


def _one(table: "list[int]", value: int, octet: int) -> int:
    """Return *value* after one octet, whose entry is that for two of which the first changes nothing."""
    return table[((value ^ octet) & 0xFF) << 8] ^ (value >> 8)


def _table(polynomial: int) -> "list[int]":
    """Return what each value of two octets does to the rest of a CRC."""
    if polynomial not in _tables:
        single = []
        for value in range(256):
            for _ in range(8):
                value = (value >> 1) ^ (polynomial if value & 1 else 0)
            single.append(value)
        _tables[polynomial] = [
            single[(single[low] ^ high) & 0xFF] ^ (single[low] >> 8) for high in range(256) for low in range(256)
        ]
    return _tables[polynomial]


def begin_checksum(name: str) -> "Checksum":
    """Return a checksum that has taken nothing yet.

    Args:
        name: one of SIZES.

    Source:
        Amazon S3 User Guide, "Checking object integrity". Deviations: none.  Vectors: the check values of the
        catalogue of parametrised CRC algorithms.
    """
    if name == "crc32":
        return Crc32()
    if name == "crc32c":
        return Crc(_CRC32C, 4)
    if name == "crc64nvme":
        return Crc(_CRC64NVME, 8)
    import hashlib

    made: "dict[str, Callable[[], Checksum]]" = {
        "sha1": hashlib.sha1,
        "sha256": hashlib.sha256,
        "sha512": hashlib.sha512,
    }
    return made[name]()


def format_checksum(checksum: "Checksum") -> str:
    """Return the checksum as a trailer carries it: base64, padded."""
    return encode(checksum.digest())
