"""Are the checksums of trailers right, however the body is cut?"""

import zlib

import pytest

from authkit.schemes.checksums import SIZES, Crc, begin_checksum, format_checksum

# of "123456789", from the catalogue of parametrised CRC algorithms and FIPS 180-4
CHECKS = {
    "crc32": "cbf43926",
    "crc32c": "e3069283",
    "crc64nvme": "ae8b14860a799888",
    "sha1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
    "sha256": "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
    "sha512": "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02d73d4"
    "99c95455b6b5bb503acf574fba8ffe85",
}


def test_names() -> None:
    assert {name: len(value) // 2 for name, value in CHECKS.items()} == SIZES


@pytest.mark.parametrize("cut", range(10))
@pytest.mark.parametrize("name", CHECKS)
def test_check_value(name: str, cut: int) -> None:
    checksum = begin_checksum(name)
    checksum.update(b"123456789"[:cut])
    checksum.update(memoryview(b"123456789")[cut:])
    assert checksum.digest().hex() == CHECKS[name]


def test_digest_changes_nothing() -> None:
    checksum = begin_checksum("crc32c")
    checksum.update(b"123")
    checksum.digest()
    checksum.update(b"456789")
    assert checksum.digest().hex() == CHECKS["crc32c"]


@pytest.mark.parametrize("name, empty", [("crc32", "AAAAAA=="), ("crc32c", "AAAAAA=="), ("crc64nvme", "AAAAAAAAAAA=")])
def test_of_nothing(name: str, empty: str) -> None:
    assert format_checksum(begin_checksum(name)) == empty


def test_format() -> None:
    """The value of Amazon's own example."""
    checksum = begin_checksum("crc32c")
    checksum.update(b"a" * 66560)
    assert format_checksum(checksum) == "sOO8/Q=="


@pytest.mark.parametrize("data", [bytes(range(256)) * 3, b"\xff" * 1001, b"x"])
def test_table_agrees_with_zlib(data: bytes) -> None:
    """The same code with zlib's polynomial, for every value of an octet."""
    checksum = Crc(0xEDB88320, 4)
    checksum.update(data)
    assert int.from_bytes(checksum.digest(), "big") == zlib.crc32(data)
