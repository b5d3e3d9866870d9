"""Structured fields (RFC 9651) as values."""

from datetime import datetime

from authkit import base64
from authkit.errors import InputError, MessageRejected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Any

    BareItem = int | str | bool | bytes | datetime | Decimal

MAX_INTEGER = 999999999999999
_KEY_FIRST = frozenset("abcdefghijklmnopqrstuvwxyz*")
_KEY = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-.*")
_TOKEN_FIRST = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*")
_TOKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~:/")


class Token(str):
    """A Token; a plain str is a String."""

    __slots__ = ()


class Display(str):
    """A Display String: any Unicode text."""

    __slots__ = ()


class Item:
    """A value with its parameters.

    Attributes:
        value: int, str, Token, Display, bool, bytes, datetime or Decimal.
        params: key -> value, in order.
    """

    __slots__ = ("value", "params")

    def __init__(self, value: "BareItem", params: "dict[str, BareItem] | None" = None) -> None:
        self.value = value
        self.params: "dict[str, BareItem]" = {} if params is None else params


class InnerList:
    """Items between parentheses, with the parameters of the whole.

    Attributes:
        items: in order.
        params: key -> value, in order.
    """

    __slots__ = ("items", "params")

    def __init__(self, items: "list[Item]", params: "dict[str, BareItem] | None" = None) -> None:
        self.items = items
        self.params: "dict[str, BareItem]" = {} if params is None else params


def is_key(text: str) -> bool:
    """Say whether *text* may name a member or a parameter."""
    return bool(text) and text[0] in _KEY_FIRST and _KEY.issuperset(text)


def parse_dictionary(text: str, what: str) -> "dict[str, Item | InnerList]":
    """Read a Dictionary, in which no key may stand twice.

    Args:
        text: the field's values joined by ', '; one character a byte; untrusted.
        what: names the field in errors.

    Raises:
        Rejected: structured-field, duplicate-label (of members), duplicate-parameter.

    Source:
        RFC 9651 §4.2.2. Deviations: a repeated key is refused, where the RFC lets the last one win.
    """
    return {key: _own(member) for key, member in _parse(text, "dictionary", what).items()}


def parse_list(text: str, what: str) -> "list[Item | InnerList]":
    """Read a List; arguments and refusals as for `parse_dictionary`.

    Source:
        RFC 9651 §4.2.1. Deviations: a repeated parameter is refused.
    """
    return [_own(member) for member in _parse(text, "list", what)]


def parse_item(text: str, what: str) -> Item:
    """Read an Item; arguments and refusals as for `parse_dictionary`.

    Source:
        RFC 9651 §4.2.3. Deviations: a repeated parameter is refused.
    """
    item = _own(_parse(text, "item", what))
    assert isinstance(item, Item)
    return item


def _parse(text: str, kind: str, what: str) -> "Any":
    import http_sf

    def refuse(key: str, place: str) -> None:
        raise MessageRejected("duplicate-label" if place == "dictionary" else "duplicate-parameter", f"{key} in {what}")

    try:
        return http_sf.parse(text.encode("latin-1"), tltype=kind, on_duplicate_key=refuse)
    except http_sf.StructuredFieldError as error:
        reason = "structured-field" if error.context not in _TIMES else "parameter-type"
        raise MessageRejected(reason, f"{what}: {error}") from error


# a number too long to be one is a parameter of the wrong type, where the parameter is known
_TIMES = ("created", "expires")


def _own(parsed: "Any") -> "Item | InnerList":
    """Return what http_sf found as a value of this module."""
    value, params = parsed
    own = {key: _own_value(one) for key, one in params.items()}
    if isinstance(value, list):
        return InnerList([Item(_own_value(one), {k: _own_value(v) for k, v in its.items()}) for one, its in value], own)
    return Item(_own_value(value), own)


def _own_value(value: "Any") -> "BareItem":
    import http_sf

    if isinstance(value, http_sf.Token):
        return Token(value)
    if isinstance(value, http_sf.DisplayString):
        return Display(value)
    found: "BareItem" = value
    return found


def format_value(value: "BareItem") -> str:
    """Write a bare item.

    Raises:
        InputError: if no field can hold it.

    Source:
        RFC 9651 §4.1.3.1 and §4.1.4–§4.1.11. Deviations: none.
    """
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise InputError(f"{value} has more than 15 digits")
        return str(value)
    if isinstance(value, Token):
        if not value or value[0] not in _TOKEN_FIRST or not _TOKEN.issuperset(value):
            raise InputError(f"{str(value)[:64]!r} is not a token")
        return str(value)
    if isinstance(value, Display):
        return _format_display(value)
    if isinstance(value, str):
        return format_string(value)
    if isinstance(value, bytes):
        return f":{base64.encode(value)}:"
    if isinstance(value, datetime):
        return f"@{int(value.timestamp())}"
    return _format_decimal(value)


def format_string(text: str) -> str:
    """Write a String.

    Raises:
        InputError: if *text* holds a character that is not printable ASCII.
    """
    if not text.isascii() or not text.isprintable():
        raise InputError(f"{text[:64]!r} holds a character that is not printable ASCII")
    if '"' in text or "\\" in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _format_display(text: str) -> str:
    out = []
    for byte in text.encode("utf-8"):
        out.append(f"%{byte:02x}" if byte in b'%"' or not 0x20 <= byte <= 0x7E else chr(byte))
    return f'%"{"".join(out)}"'


def _format_decimal(value: "Decimal") -> str:
    whole, _, fraction = f"{abs(value):f}".partition(".")
    fraction = fraction.rstrip("0")
    if len(whole) > 12 or len(fraction) > 3:
        raise InputError(f"{value} has more than 12 digits before its point or 3 behind it")
    return f"{'-' if value < 0 else ''}{whole}.{fraction or '0'}"


def format_params(params: "dict[str, BareItem]") -> str:
    """Write parameters.

    Raises:
        InputError: if a name is no key, or a value cannot be written.

    Source:
        RFC 9651 §4.1.1.2. Deviations: none.
    """
    out = []
    for key, value in params.items():
        if not is_key(key):
            raise InputError(f"{key[:64]!r} cannot name a parameter")
        out.append(f";{key}" if value is True else f";{key}={format_value(value)}")
    return "".join(out)


def format_member(member: "Item | InnerList") -> str:
    """Write an Item or an Inner List with its parameters.

    Source:
        RFC 9651 §4.1.1.1, §4.1.3. Deviations: none.
    """
    if isinstance(member, InnerList):
        return f"({' '.join([format_member(one) for one in member.items])}){format_params(member.params)}"
    return format_value(member.value) + format_params(member.params)


def format_list(members: "list[Item | InnerList]") -> str:
    """Write a List; "" for an empty one, which no field may hold.

    Source:
        RFC 9651 §4.1.1. Deviations: none.
    """
    return ", ".join([format_member(one) for one in members])


def format_dictionary(members: "dict[str, Item | InnerList]") -> str:
    """Write a Dictionary; "" for an empty one, which no field may hold.

    Raises:
        InputError: if a name is no key, or a value cannot be written.

    Source:
        RFC 9651 §4.1.2. Deviations: none.
    """
    out = []
    for key, member in members.items():
        if not is_key(key):
            raise InputError(f"{key[:64]!r} cannot name a member of a dictionary")
        if isinstance(member, Item) and member.value is True:
            out.append(key + format_params(member.params))
        else:
            out.append(f"{key}={format_member(member)}")
    return ", ".join(out)
