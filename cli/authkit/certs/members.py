"""In which form is each member of a CA's ledger?"""

from authkit import base64
from authkit.clock import parse_stamp
from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

ELSEWHERE = "elsewhere"

# reason -> its name in RFC 5280 §5.3.1; what can be taken back (certificateHold) is not offered
REASONS = {
    "unspecified": "unspecified",
    "key-compromise": "keyCompromise",
    "ca-compromise": "cACompromise",
    "affiliation-changed": "affiliationChanged",
    "superseded": "superseded",
    "cessation-of-operation": "cessationOfOperation",
    "privilege-withdrawn": "privilegeWithdrawn",
}
_HEX = frozenset("0123456789abcdef")


def _text(value: object) -> "str | None":
    return value if isinstance(value, str) and value.isprintable() and value else None


def _instant(value: object) -> "datetime | None":
    return parse_stamp(value) if isinstance(value, str) else None


def _hexadecimal(value: object) -> "str | None":
    return value if isinstance(value, str) and 0 < len(value) <= 128 and _HEX.issuperset(value) else None


def _fingerprint(value: object) -> "str | None":
    found = _hexadecimal(value)
    return found if found and len(found) == 64 else None


def _serial(value: object) -> "str | None":
    found = _hexadecimal(value)
    return found if found and found[0] != "0" and len(found) <= 40 else None


def _texts(value: object) -> "tuple[str, ...] | None":
    return tuple(value) if isinstance(value, list) and all(_text(one) for one in value) else None


def _number(value: object) -> "int | None":
    return value if type(value) is int and value > 0 else None


def _der(value: object) -> "bytes | None":
    return (base64.decode(value) or None) if isinstance(value, str) else None


def _reason(value: object) -> "str | None":
    return value if isinstance(value, str) and value in REASONS else None


_TEXT: "tuple[str, Callable[[object], object]]" = ("text", _text)
_AT: "tuple[str, Callable[[object], object]]" = ("an instant", _instant)
_HASH: "tuple[str, Callable[[object], object]]" = ("64 lower-case hexadecimal digits", _fingerprint)
_COUNT: "tuple[str, Callable[[object], object]]" = ("a number from 1 on", _number)
# member -> (its form, for messages; what reads it)
FORMS: "dict[str, tuple[str, Callable[[object], object]]]" = {
    "at": _AT,
    "name": _TEXT,
    "serial": ("a serial number in lower-case hexadecimal digits", _serial),
    "issuer": ("lower-case hexadecimal digits", _hexadecimal),
    "fingerprint": _HASH,
    "san": ("a list of texts", _texts),
    "not_before": _AT,
    "not_after": _AT,
    "profile": _TEXT,
    "certificate": ("base64", _der),
    "common_name": _TEXT,
    "sid": _TEXT,
    "key": ("'elsewhere'", lambda value: value if value == ELSEWHERE else None),
    "date": _AT,
    "reason": ("a reason for revocation", _reason),
    "first": _COUNT,
    "last": _COUNT,
    "number": _COUNT,
    "sha256": _HASH,
    "this_update": _AT,
    "next_update": _AT,
    "file": _TEXT,
}


def read_member(line: "dict[str, object]", name: str, where: str) -> "Any":
    """Return the value of a member as the rows of a record have it: an instant, bytes, a tuple of texts …

    Args:
        line: of the ledger.
        name: a key of FORMS.
        where: names the line in messages.

    Raises:
        InputError: if it has another form.
    """
    form, read = FORMS[name]
    found = read(line[name])
    if found is None:
        raise InputError(f"{where}: member {name!r} is not {form}")
    return found
