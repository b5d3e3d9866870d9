"""Which headers does a curl line set?"""

from authkit.curl.body import Files
from authkit.curl.line import Option
from authkit.curl.words import chars, latin
from authkit.errors import InputError, Refused, UsageError
from authkit.messages import fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    Pairs = list[tuple[str, str]]

# what a SigV4 signature sets; other schemes bring their own list
RESERVED = ("authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token")


def user_headers(options: "list[Option]", files: Files, reserved: "tuple[str, ...]") -> "tuple[Pairs, list[str]]":
    """Return what the -H options set, and which headers they take away.

    Args:
        options: in order, -H alone.
        reserved: names, lower case, that signing sets.

    Returns:
        (name, value) pairs with one character a byte, values trimmed; names, lower case, no duplicates.

    Raises:
        Refused: for a header that signing sets, or that changes where the body ends.
        UsageError, or InputError in a file: for what curl would drop or send as something else.
    """
    pairs: "Pairs" = []
    removed: "list[str]" = []
    for option in options:
        value = option.text
        if value.startswith("@"):
            raw = files.read(option, value[1:])
            lines = [chars(line) for line in raw.replace(b"\r", b"\n").split(b"\n") if line]
        else:
            lines = [latin(value)]
        for line in lines:
            name, content = _split(option, line)
            _refuse(option, name, content, reserved)
            if content is not None:
                pairs.append((name, content))
            elif name.lower() not in removed:
                removed.append(name.lower())
    return pairs, removed


def _split(option: Option, line: str) -> "tuple[str, str | None]":
    name, mark, content = line.partition(":")
    value = fields.trim(content) or None
    empty = not mark and line.endswith(";")
    if empty:
        name, value = line[:-1], ""
    if not (mark or empty) or not fields.is_token(name):
        raise _fault(option, f"{option} is not 'Name: value', and curl would not send it as a header")
    fault = fields.value_fault(fields.trim(content))
    if fault:
        raise _fault(option, f"{option} for {name} {fault}, which could smuggle in another header")
    return name, value


def _fault(option: Option, message: str) -> "InputError | UsageError":
    in_file = option.place or option.text.startswith("@")
    return InputError(message) if in_file else UsageError(message)


def _refuse(option: Option, name: str, value: "str | None", reserved: "tuple[str, ...]") -> None:
    lower = name.lower()
    if lower in reserved:
        raise Refused(f"{option} sets {name}, which signing sets", "leave it out")
    if lower == "transfer-encoding":
        raise Refused(f"{option} sets {name}, and a body sent in chunks cannot be signed", "leave it out")
    if lower == "host" and not value:
        raise Refused(f"{option} takes away Host, which a signature must cover")


def one_host(pairs: "Pairs") -> "str | None":
    """Return the Host that the user set; None without one.

    Raises:
        Refused: if there are two, of which curl would send the first.
    """
    hosts = [value for name, value in pairs if name.lower() == "host"]
    if len(hosts) > 1:
        raise Refused("the curl line sets Host twice, and curl would send one of the two")
    return hosts[0] if hosts else None


def has(pairs: "Pairs", name: str) -> bool:
    """Say whether *pairs* holds the header *name*, lower case."""
    return any(key.lower() == name for key, _ in pairs)
