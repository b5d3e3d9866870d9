"""What do Signature-Input and Signature say?"""

from datetime import datetime, timezone

from authkit import base64
from authkit.errors import MessageRejected
from authkit.messages import plain
from authkit.messages.structured import is_key
from authkit.schemes.httpsig.components import Component, is_known, parse_components

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.messages.structured import BareItem

INPUT, SIGNATURE = "signature-input", "signature"
MAX_COMPONENTS = 64
MAX_LENGTH = 16384
TIMES = ("created", "expires")
STRINGS = ("nonce", "alg", "keyid", "tag")
LAST_SECOND = 253402300799  # of the year 9999


class Input:
    """One member of Signature-Input; nothing of it is verified.

    Attributes:
        label: its name in the message.
        params: the signature parameters, in order.
        text: components and parameters as RFC 9651 writes them, which is the value of @signature-params.
    """

    __slots__ = ("label", "params", "text", "_listed")

    def __init__(self, label: str, params: "dict[str, BareItem]", text: str, listed: str) -> None:
        self.label = label
        self.params = params
        self.text = text
        self._listed = listed

    def components(self) -> "tuple[Component, ...]":
        """Return the covered components.

        Raises:
            Rejected: component, limit, structured-field.

        Source:
            RFC 9421 §2, §2.5 step 2. Deviations: more than 64 are refused.
        """
        if self._listed.count('"') > 16 * MAX_COMPONENTS:
            raise MessageRejected("limit", f"more than {MAX_COMPONENTS} components")
        found = parse_components(self._listed)
        if len(found) > MAX_COMPONENTS:
            raise MessageRejected("limit", f"{len(found)} components")
        if len(set(found)) != len(found):
            twice = next(one for one in found if found.count(one) > 1)
            raise MessageRejected("component", f"{twice.text[:80]} is covered twice")
        return found

    def text_of(self, name: str) -> "str | None":
        """Return the parameter *name*, which is a String; None without it.

        Raises:
            Rejected: parameter-type.
        """
        value = self.params.get(name)
        if value is not None and type(value) is not str:
            raise MessageRejected("parameter-type", f"{name} is not a string")
        return value

    def time_of(self, name: str) -> "datetime | None":
        """Return the parameter *name*, which is an Integer of Unix seconds: aware UTC; None without it.

        Raises:
            Rejected: parameter-type.
        """
        value = self.params.get(name)
        if value is None:
            return None
        if type(value) is not int or not 0 <= value <= LAST_SECOND:
            raise MessageRejected("parameter-type", f"{name} is not an instant in Unix seconds")
        return datetime.fromtimestamp(value, timezone.utc)


def read_signatures(message: "Any") -> "tuple[dict[str, Input], dict[str, bytes]]":
    """Return the message's signatures by label: what each covers, and its bytes.

    Args:
        message: a Request or a Response; untrusted.

    Raises:
        Rejected: no-signature, limit, structured-field, duplicate-label, duplicate-parameter, parameter-type, base64.

    Source:
        RFC 9421 §4.1, §4.2. Deviations: a label or parameter that stands twice is refused.
    """
    inputs, signatures = ", ".join(message.values(INPUT)), ", ".join(message.values(SIGNATURE))
    if not inputs.strip(" \t,"):
        old = "--scheme cavage checks what has a Signature header alone" if signatures else None
        raise MessageRejected("no-signature", hint=old)
    for name, text in ((INPUT, inputs), (SIGNATURE, signatures)):
        if len(text) > MAX_LENGTH:
            raise MessageRejected("limit", f"{name} is {len(text)} characters long")
    return read_inputs(inputs), read_bytes(signatures)


def read_inputs(text: str) -> "dict[str, Input]":
    """Read the value of Signature-Input.

    Raises:
        Rejected: structured-field, duplicate-label, duplicate-parameter, parameter-type.
    """
    found = _plain_inputs(text) if plain.is_plain(text) else None
    if found is not None:
        return found
    from authkit.messages.structured import InnerList, format_member, format_params, parse_dictionary

    found = {}
    for label, member in parse_dictionary(text, "Signature-Input").items():
        if not isinstance(member, InnerList):
            raise MessageRejected("structured-field", f"Signature-Input: {label} is not a list of components")
        written = format_member(member)
        end = len(written) - len(format_params(member.params)) - 1
        found[label] = Input(label, member.params, written, written[1:end])
    return found


def _plain_inputs(text: str) -> "dict[str, Input] | None":
    found: "dict[str, Input]" = {}
    place = 0
    while True:
        start = text.find("=(", place)
        end = plain.end_of_list(text, start + 2)
        label = text[place:start].strip(" ")
        if start < 0 or end < 0 or not is_key(label) or label in found:
            return None
        listed = text[start + 2 : end]
        read = plain.read_params(text, end + 1)
        # the list is read as a whole only where it is chosen; that it can be is known at once
        if read is None or not (is_known(listed) or plain.read_strings(listed) is not None):
            return None
        params, after = read
        found[label] = Input(label, params, text[start + 1 : after], listed)
        rest = text[after:].lstrip(" ")
        if not rest:
            return found
        if not rest.startswith(",") or not rest[1:].strip(" "):
            return None
        place = len(text) - len(rest) + 1


def read_bytes(text: str) -> "dict[str, bytes]":
    """Read the value of Signature.

    Raises:
        Rejected: structured-field, duplicate-label, duplicate-parameter, base64.
    """
    found = plain.read_bytes(text)
    if found is not None:
        return found
    from authkit.messages.structured import Item, parse_dictionary

    found = {}
    for label, member in parse_dictionary(text, "Signature").items():
        if not isinstance(member, Item) or not isinstance(member.value, bytes):
            raise MessageRejected("structured-field", f"Signature: {label} is not a byte sequence")
        # the parser takes base64 without its padding, or with bits left over, too (RFC 9651 §4.2.7)
        if f":{base64.encode(member.value)}:" not in text:
            raise MessageRejected("base64", label)
        found[label] = member.value
    return found
