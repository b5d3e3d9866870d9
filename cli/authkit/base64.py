"""Base64 as RFC 4648 writes it: no white space, canonical; padded, or unpadded with the alphabet of URLs."""

from binascii import Error, a2b_base64, b2a_base64


def encode(data: bytes) -> str:
    """Return *data* as base64, padded."""
    return b2a_base64(data, newline=False).decode("ascii")


def decode(text: str) -> "bytes | None":
    """Return the bytes that *text* encodes; None unless encoding them again gives *text* (A12)."""
    try:
        data = a2b_base64(text.encode("ascii"))
    except (Error, UnicodeEncodeError):
        return None
    return data if encode(data) == text else None


def encode_url(data: bytes) -> str:
    """Return *data* as base64url, unpadded (RFC 4648 §5)."""
    return encode(data).rstrip("=").replace("+", "-").replace("/", "_")


def decode_url(text: str) -> "bytes | None":
    """Return the bytes that unpadded base64url encodes; None unless encoding them again gives *text*."""
    if "+" in text or "/" in text or "=" in text:
        return None
    return decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))
