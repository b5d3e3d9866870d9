"""What does a section of schemes.toml say of a kind of webhook?"""

from authkit.errors import InputError
from authkit.messages.fields import is_token, value_fault
from authkit.schemes.webhooks.format import Format, Item, split_text
from authkit.schemes.webhooks.proof import ED25519, HASHES

# member -> what it may be; () for a text of its own kind
MEMBERS: "dict[str, tuple[str, ...]]" = {
    "message": (),
    "signature": (),
    "headers": (),
    "separator": (),
    "mac": (*HASHES, ED25519),
    "encoding": ("hex", "base64", "base64url"),
    "key": ("text", "base64", "hex"),
    "key_prefix": (),
    "body": ("raw", "sha256-hex", "sha256-base64"),
    "timestamp": ("unix", "unix-ms", "rfc3339"),
}
# what stands neither in a signature nor in a time, whatever their form
_SEPARATORS = " ,;&|.~!*"
SENT = ("id", "timestamp")
SIGNED = (*SENT, "body", "method", "target")


def read_format(name: str, table: "dict[str, object]", what: str) -> Format:
    """Return the kind of webhook that a section [webhook.NAME] describes.

    Args:
        name: NAME; that it is no built-in one is for the caller to see.
        table: the section's members.
        what: names the file in errors.

    Raises:
        InputError: naming the section and the member that is wrong.

    Source:
        authkit-schemes(5), webhook sections. Deviations: none.  Every value can be told from what stands beside it in
        the text that is signed, so no two sets of values give the same text.
    """
    where = f"{what}: [webhook.{name}]"
    texts, lines = _members(table, where)
    message = _message(texts["message"], where)
    carrier, value = _header(texts["signature"], "signature", where)
    items = _items(value, texts.get("separator", ""), texts.get("mac", "hmac-sha256"), where)
    headers = tuple([_own_header(line, where) for line in lines])
    names = [carrier.lower(), *[header.lower() for header, _ in headers]]
    if len(set(names)) != len(names):
        raise InputError(f"{where}: two headers have one name")
    _check_values([item for _, item in headers] + list(items), message, texts, where)
    return Format(
        name=name,
        stage="message",
        message=texts["message"],
        carrier=carrier,
        items=items,
        headers=headers,
        separator=texts.get("separator", ""),
        encoding=texts.get("encoding", "hex"),
        key=texts.get("key", "text"),
        key_prefix=texts.get("key_prefix", ""),
        body=texts.get("body", "raw"),
        timestamp=texts.get("timestamp", "unix") if "timestamp" in message[1::2] else "",
    )


def _members(table: "dict[str, object]", where: str) -> "tuple[dict[str, str], list[str]]":
    """Return the members that are texts, and the lines of `headers`."""
    lines = table.get("headers", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise InputError(f"{where} headers: not a list of texts")
    texts: "dict[str, str]" = {}
    for member, value in table.items():
        if member not in MEMBERS:
            raise InputError(f"{where} {member[:64]!r}: no such member", f"there are {', '.join(MEMBERS)}")
        if member == "headers":
            continue
        if not isinstance(value, str) or not value:
            raise InputError(f"{where} {member}: not a text of one character or more")
        if MEMBERS[member] and value not in MEMBERS[member]:
            raise InputError(f"{where} {member}: {value[:64]!r} is none of {', '.join(MEMBERS[member])}")
        texts[member] = value
    for member in ("message", "signature"):
        if member not in texts:
            raise InputError(f"{where}: the member {member!r} is missing")
    separator = texts.get("separator", " ")
    if len(separator) != 1 or separator not in _SEPARATORS:
        raise InputError(f"{where} separator: {separator[:8]!r} is not one of a space and {_SEPARATORS.strip()}")
    return texts, lines


def _split(text: str, member: str, allowed: "tuple[str, ...]", where: str) -> "tuple[str, ...]":
    try:
        parts = split_text(text)
    except ValueError as error:
        raise InputError(f"{where} {member}: {error}") from None
    for value in parts[1::2]:
        if value not in allowed:
            raise InputError(
                f"{where} {member}: {{{value[:32]}}} is none of {', '.join(f'{{{one}}}' for one in allowed)}"
            )
    if len(set(parts[1::2])) != len(parts[1::2]):
        raise InputError(f"{where} {member}: one placeholder stands twice")
    return parts


def _message(text: str, where: str) -> "tuple[str, ...]":
    """Return the parts of the text that is signed, if no two sets of values can give the same text."""
    parts = _split(text, "message", SIGNED, where)
    if not text.isascii():
        raise InputError(f"{where} message: a character that is not ASCII")
    if "body" not in parts[1::2]:
        raise InputError(f"{where} message: {{body}} is missing, and a signature that leaves it out is none")
    for place in range(2, len(parts) - 1, 2):
        fixed, before = parts[place], parts[place - 1]
        if not fixed or fixed[0].isalnum() or fixed[-1].isalnum():
            raise InputError(
                f"{where} message: between {{{before}}} and {{{parts[place + 1]}}} stands nothing that marks the end",
                "write a character there that is no letter or digit",
            )
        if before == "target" and fixed[0] > " ":
            raise InputError(f"{where} message: {fixed[0]!r} may stand in a {{target}}", "end it with a space or \\n")
    return parts


def _header(line: str, member: str, where: str) -> "tuple[str, str]":
    """Split 'Name: value'."""
    name, colon, value = line.partition(":")
    value = value.strip(" \t")
    if not colon or not is_token(name) or not value or not value.isascii() or value_fault(value):
        raise InputError(f"{where} {member}: {line[:64]!r} is not 'Name: value'")
    return name, value


def _item(text: str, member: str, mac: str, where: str) -> Item:
    parts = _split(text, member, (*SENT, "signature"), where)
    if len(parts) != 3:
        raise InputError(f"{where} {member}: {text[:64]!r} does not hold one placeholder")
    return Item(parts[0], parts[1], parts[2], mac if parts[1] == "signature" else "")


def _items(value: str, separator: str, mac: str, where: str) -> "tuple[Item, ...]":
    """Return what stands in the header that holds the signature."""
    texts = value.split(separator) if separator else [value]
    items = tuple([_item(text, "signature", mac, where) for text in texts])
    if [item.value for item in items].count("signature") != 1:
        raise InputError(f"{where} signature: {{signature}} does not stand once in it")
    starts = [item.before for item in items]
    for place, start in enumerate(starts):
        if any(start.startswith(other) for other in starts[:place] + starts[place + 1 :]):
            raise InputError(f"{where} signature: {start!r} does not tell one part from the others")
    return items


def _own_header(line: str, where: str) -> "tuple[str, Item]":
    name, value = _header(line, "headers", where)
    item = _item(value, "headers", "", where)
    if item.value == "signature":
        raise InputError(f"{where} headers: {{signature}} stands in the member 'signature'")
    return name, item


def _check_values(items: "list[Item]", message: "tuple[str, ...]", texts: "dict[str, str]", where: str) -> None:
    """Raise unless what is sent is what is signed."""
    sent = [item.value for item in items if item.value != "signature"]
    if len(set(sent)) != len(sent):
        raise InputError(f"{where}: one value is sent twice")
    for value in SENT:
        if value in sent and value not in message[1::2]:
            raise InputError(f"{where}: {{{value}}} is sent and not signed")
        if value in message[1::2] and value not in sent:
            raise InputError(f"{where}: {{{value}}} is signed and not sent, so nobody could check it")
    if "timestamp" in texts and "timestamp" not in message[1::2]:
        raise InputError(f"{where} timestamp: {{timestamp}} is not signed")
