"""How is a new access key made?"""

from zlib import crc32

from authkit import base64
from authkit.errors import UsageError
from authkit.keys.access import AccessKey
from authkit.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RESERVED = ("AKIA", "ASIA")
ID_LENGTH = 20
MIN_RANDOM = 16  # base32 characters: 80 bits


def generate_access_key(
    random: "Callable[[int], bytes]", id_prefix: str, style: str, use: "str | None", scheme: "str | None" = None
) -> AccessKey:
    """Return a new access key.

    Args:
        random: a callable, count -> that many random bytes.
        id_prefix: 1–12 of A–Z 2–7; the ID is it and random A–Z 2–7, 20 characters and at least 80 random bits.
        style: "aws" for 30 random bytes as 40 base64 characters; "scannable" for aks_ + 30 base62 + 6 of CRC-32.
        use: "derive" for a master secret, else None.
        scheme: label of the only scheme that may use it; None for any.

    Raises:
        UsageError: if *id_prefix* has another character or length, or begins AKIA or ASIA.
    """
    if not 1 <= len(id_prefix) <= 12 or not set(id_prefix) <= set(_BASE32):
        raise UsageError(f"--id-prefix {id_prefix!r} is not 1 to 12 of A-Z and 2-7")
    if id_prefix.startswith(_RESERVED):
        raise UsageError(f"--id-prefix {id_prefix!r} looks like a key of AWS, and hides real leaks from scanners")
    count = max(ID_LENGTH - len(id_prefix), MIN_RANDOM)
    access_key_id = id_prefix
    while access_key_id == id_prefix or access_key_id.startswith(_RESERVED):
        access_key_id = id_prefix + "".join(_BASE32[byte & 31] for byte in random(count))
    text = _scannable(random) if style == "scannable" else base64.encode(random(30))
    return AccessKey(access_key_id, Secret(text.encode("ascii")), use=use, scheme=scheme)


def checksum62(text: str) -> str:
    """Return the CRC-32 of *text* as 6 base62 characters, most significant first.

    Source:
        GitHub's token format, 2021: https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/
    """
    value = crc32(text.encode("ascii"))
    digits = ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = _BASE62[digit] + digits
    return digits


def _scannable(random: "Callable[[int], bytes]") -> str:
    body = ""
    while len(body) < 30:
        # 248 = 4 * 62: a byte above it is thrown away, so that every character is equally likely
        body += "".join(_BASE62[byte % 62] for byte in random(30) if byte < 248)
    return f"aks_{body[:30]}{checksum62(body[:30])}"
