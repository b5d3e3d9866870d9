"""What did a client write to its log about the signature it made?"""

_BLOCK = "CanonicalRequest:\n"
_TO_SIGN = "StringToSign:\n"
_SIGNATURE = "Signature:\n"
_CURL_CANONICAL = "aws_sigv4: Canonical request (enclosed in []) - ["
_CURL_TO_SIGN = "aws_sigv4: String to sign (enclosed in []) - ["
_CURL_SIGNATURE = "aws_sigv4: Signature - "
_HEX = frozenset("0123456789abcdef")


def read_botocore_log(text: str) -> "tuple[str | None, str | None, str | None] | None":
    """Return canonical request, string to sign and signature of the last request that botocore logged; None if none is.

    Args:
        text: the log with LF line ends, whatever stands before each message.
    """
    if _BLOCK not in text and _TO_SIGN not in text:
        return None
    signature = _behind(text, _SIGNATURE).partition("\n")[0]
    return _canonical(_behind(text, _BLOCK)), _to_sign(_behind(text, _TO_SIGN)), read_signature(signature)


def read_curl_log(text: str) -> "tuple[str | None, str | None, str | None] | None":
    """Return canonical request, string to sign and signature of the last request that curl -v told of; None if none is.

    Args:
        text: the log with LF line ends.
    """
    if _CURL_TO_SIGN not in text:
        return None
    canonical = _behind(text, _CURL_CANONICAL).partition("]\n")[0]
    to_sign = _behind(text, _CURL_TO_SIGN).partition("]")[0]
    signature = _behind(text, _CURL_SIGNATURE).partition("\n")[0]
    return _canonical(canonical), _to_sign(to_sign), read_signature(signature)


def _behind(text: str, mark: str) -> str:
    """Return what stands behind the last *mark*; "" where there is none."""
    return text.rpartition(mark)[2] if mark in text else ""


def _canonical(text: str) -> "str | None":
    """Return the canonical request that *text* begins with: its parts say where it ends."""
    lines = text.split("\n")
    try:
        end = lines.index("", 3) + 3
    except ValueError:
        return None
    return "\n".join(lines[:end]) if len(lines) >= end else None


def _to_sign(text: str) -> "str | None":
    lines = text.split("\n")[:4]
    return "\n".join(lines) if len(lines) == 4 else None


def read_signature(text: str) -> "str | None":
    """Return a signature, lower-case hex, 64; None if *text* is none."""
    text = text.strip()
    return text if len(text) == 64 and _HEX.issuperset(text) else None
