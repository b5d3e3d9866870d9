"""Base64 as RFC 4648 §4 writes it: padded, no white space, canonical."""

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
