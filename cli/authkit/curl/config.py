"""What does a curl configuration file say?"""

from authkit.curl.words import to_word
from authkit.errors import InputError

_SPACE = b" \t\v\f\r"
_SEPARATORS = b"=:"
_ESCAPES = {0x74: 0x09, 0x6E: 0x0A, 0x72: 0x0D, 0x76: 0x0B}


def parse_config(data: bytes, origin: str) -> "list[tuple[str, str | None, int]]":
    """Return the options of ~/.curlrc or of a file given with -K.

    Args:
        data: the whole file.
        origin: its name, for messages.

    Returns:
        (option with or without dashes, value or None, line number from 1); text as in sys.argv.

    Raises:
        InputError: for a line of which curl would ignore a part.
    """
    found = []
    for number, line in enumerate(data.split(b"\n"), 1):
        line = line.strip()
        if not line or line.startswith(b"#"):
            continue
        where = f"{origin} line {number}"
        if b"\0" in line:
            raise InputError(f"{where}: a NUL byte")
        option, rest = _split_option(line)
        value = _read_value(rest, where)
        found.append((to_word(option), None if value is None else to_word(value), number))
    return found


def _split_option(line: bytes) -> "tuple[bytes, bytes]":
    # a dashed option may hold = and : itself; they separate only behind a bare name
    ends = _SPACE if line.startswith(b"-") else _SPACE + _SEPARATORS
    at = 0
    while at < len(line) and line[at] not in ends:
        at += 1
    return line[:at], line[at:].lstrip(ends)


def _read_value(rest: bytes, where: str) -> "bytes | None":
    value: "bytes | None" = None
    if rest.startswith(b'"'):
        value, rest = _unquote(rest, where)
    elif rest:
        value = rest.split()[0]
        rest = rest[len(value) :]
    if rest.strip() and not rest.strip().startswith(b"#"):
        raise InputError(f"{where}: text behind the value, which curl ignores", "put the value in double quotes")
    return value


def _unquote(rest: bytes, where: str) -> "tuple[bytes, bytes]":
    out = bytearray()
    at = 1
    while at < len(rest):
        byte = rest[at]
        if byte == 0x22:
            return bytes(out), rest[at + 1 :]
        if byte == 0x5C and at + 1 < len(rest):
            at += 1
            byte = _ESCAPES.get(rest[at], rest[at])
        out.append(byte)
        at += 1
    raise InputError(f'{where}: a " that nothing closes')
