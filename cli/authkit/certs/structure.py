"""Which of the structures around certificates is this DER?"""

from binascii import Error, a2b_base64
from functools import lru_cache

from authkit.certs import der

# tags of what an outermost SEQUENCE holds
_BEGINNINGS = (
    (b"\2\x30\4", "private-key"),
    (b"\2" * 9, "rsa-private-key"),
    (b"\2" * 6, "dsa-private-key"),
    (b"\2\4", "ec-private-key"),
)
_EXACT = {
    b"\2\2": "rsa-public-key",
    b"\x30\3": "public-key",
    b"\x30\4": "encrypted-private-key",
    b"\2\x30": "pkcs12",
    b"\2\x30\x30": "pkcs12",
    b"\6\xa0": "pkcs7",
    b"\n": "ocsp-response",
    b"\n\xa0": "ocsp-response",
}
_MOST = 10
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def structure(data: bytes) -> str:
    """Return what *data* is by the tags of its first elements; "" for anything that is not known here.

    Returns:
        "certificate", "csr", "crl", "spkac", "pkcs7", "pkcs12", "ocsp-response", "private-key",
        "encrypted-private-key", "rsa-private-key", "dsa-private-key", "ec-private-key", "public-key",
        "rsa-public-key" or "".
    """
    if data[:1] != b"\x30":
        return ""
    start, end, _ = der.outer(data)
    parts = _first(data, start, end)
    tags = bytes([part[0] for part in parts])
    if tags[:3] == b"\x30\x30\3":
        _, _, start, end = parts[0]
        return _signed(bytes([part[0] for part in _first(data, start, end)]))
    if not tags and data[start : start + 1] == b"\x30":  # a length that lies
        inner, _, _ = der.outer(data[start:])
        return "certificate" if data[start + inner : start + inner + 1] == b"\xa0" else ""
    for pattern, name in _BEGINNINGS:
        if tags.startswith(pattern):
            return name
    return _EXACT.get(tags, "")


def _signed(tags: bytes) -> str:
    """Tell apart what is made of a body, an algorithm and a signature, by the tags in the body."""
    if tags == b"\x30\x16":
        return "spkac"
    if tags[:1] == b"\xa0" or tags[:6] == b"\2\x30\x30\x30\x30\x30":
        return "certificate"
    if tags in (b"\2\x30\x30\xa0", b"\2\x30\x30"):
        return "csr"
    rest = tags[1:] if tags[:1] == b"\2" else tags
    return "crl" if rest[:2] == b"\x30\x30" and rest[2:3] in (b"\x17", b"\x18") else ""


def _first(data: bytes, at: int, end: int) -> "list[der.Element]":
    found: "list[der.Element]" = []
    try:
        for one in der.elements(data, at, end):
            found.append(one)
            if len(found) == _MOST:
                break
    except der.Broken:
        pass  # what was read tells enough, or not
    return found


@lru_cache(maxsize=2)  # every format asks for the same
def unwrapped(data: bytes) -> bytes:
    """Return *data* as DER if it is DER, or base64 of it without delimiters; b"" if it is neither.

    BER, as older programs write PKCS#7 and PKCS#12, becomes DER.
    """
    if data[:1] != b"\x30":
        text = b"".join(data.removeprefix(b"\xef\xbb\xbf").split())
        if text[:1] != b"M":  # what every SEQUENCE begins with
            return b""
        text = text.rstrip(b"=").translate(_URL_SAFE)
        try:
            data = a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
        except Error:
            return b""
    if structure(data) not in ("", "pkcs7", "pkcs12"):
        return data
    try:
        return der.from_ber(data)
    except der.Broken:
        return data
