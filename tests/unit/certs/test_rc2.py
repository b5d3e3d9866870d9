"""Does RC2 decrypt what RFC 2268 encrypted?"""

import pytest

from authkit.certs.rc2 import BLOCK, decrypt_cbc

ZERO = "0000000000000000"
LONG = "88bca90e90875a7f0f79c384627bafb2"
# RFC 2268 §5: key, effective bits, plaintext, ciphertext
VECTORS = [
    (ZERO, 63, ZERO, "ebb773f993278eff"),
    ("ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"),
    ("3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"),
    ("88", 64, ZERO, "61a8a244adacccf0"),
    ("88bca90e90875a", 64, ZERO, "6ccf4308974c267f"),
    (LONG, 64, ZERO, "1a807d272bbe5db1"),
    (LONG, 128, ZERO, "2269552ab0f85ca6"),
    (LONG + "16f80a6f85920584c42fceb0be255daf1e", 129, ZERO, "5b78d3a43dfff1f1"),
]


@pytest.mark.parametrize(("key", "effective", "plain", "cipher"), VECTORS)
def test_the_vectors(key: str, effective: int, plain: str, cipher: str) -> None:
    iv, data = bytes(BLOCK), bytes.fromhex(cipher)
    assert decrypt_cbc(bytes.fromhex(key), effective, iv, data).hex() == plain


def test_blocks_are_chained() -> None:
    key, data = bytes.fromhex(LONG), bytes.fromhex("2269552ab0f85ca6")
    iv = bytes(range(8))
    assert decrypt_cbc(key, 128, iv, data) == iv
    assert decrypt_cbc(key, 128, iv, data * 2) == iv + data
    assert decrypt_cbc(key, 128, iv, data + data[:7]) == iv
    assert decrypt_cbc(key, 128, iv, b"") == b""
