"""What may a header be called, and what may it hold?"""

_TOKEN = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CONTROLS = bytes(byte for byte in range(256) if (byte < 0x20 and byte != 0x09) or byte == 0x7F)


def is_token(text: str) -> bool:
    """Say whether *text* is a token: 1 or more of RFC 9110 §5.6.2's characters."""
    return bool(text) and text.isascii() and not text.encode("ascii").translate(None, _TOKEN)


def value_fault(value: str) -> "str | None":
    """Say what is wrong with a header's value; None if nothing is.

    Args:
        value: one character a byte.

    Source:
        RFC 9110 §5.5: visible characters, space, tab and bytes above 0x7F; CR, LF and NUL are dangerous.
    """
    try:
        raw = value.encode("latin-1")
    except UnicodeEncodeError:
        return "holds a character above U+00FF"
    if len(raw.translate(None, _CONTROLS)) != len(raw):
        return "holds a control character"
    return None


def trim(value: str) -> str:
    """Return *value* without the spaces and tabs around it."""
    return value.strip(" \t")


def collapse(value: str) -> str:
    """Return *value* trimmed, each run of spaces and tabs inside it as one space.

    Source:
        AWS SigV4, "Create a canonical request", canonical headers. Tabs count as spaces, as in botocore and aws-c-auth.
    """
    if "\t" in value:
        value = value.replace("\t", " ")
    if "  " not in value:
        return value.strip(" ")
    return " ".join([word for word in value.split(" ") if word])
