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
    canonical = _canonical(text.rpartition(_BLOCK)[2]) if _BLOCK in text else None
    to_sign = _to_sign(text.rpartition(_TO_SIGN)[2]) if _TO_SIGN in text else None
    signature = text.rpartition(_SIGNATURE)[2] if _SIGNATURE in text else ""
    return canonical, to_sign, read_signature(signature.partition("\n")[0])


def read_curl_log(text: str) -> "tuple[str | None, str | None, str | None] | None":
    """Return canonical request, string to sign and signature of the last request that curl -v told of; None if none is.

    Args:
        text: the log with LF line ends.
    """
    if _CURL_TO_SIGN not in text:
        return None
    canonical = text.rpartition(_CURL_CANONICAL)[2].partition("]\n")[0] if _CURL_CANONICAL in text else ""
    to_sign = text.rpartition(_CURL_TO_SIGN)[2].partition("]")[0]
    signature = text.rpartition(_CURL_SIGNATURE)[2] if _CURL_SIGNATURE in text else ""
    return _canonical(canonical), _to_sign(to_sign), read_signature(signature.partition("\n")[0])


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
