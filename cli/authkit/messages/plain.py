"""What is read of a structured field without its parser, where it is written in the one canonical way?"""

# Every function here gives None for what it does not fully understand, and never another answer than the parser's.

from authkit import base64
from authkit.messages.structured import is_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.messages.structured import BareItem

    Params = dict[str, BareItem]

# keys that were met before, and are keys
_keys = {"created", "expires", "keyid", "nonce", "alg", "tag", "name", "key"}
_MANY = 1024


def is_plain(text: str) -> bool:
    """Say whether *text* is printable ASCII without an escape, as the readers here want it."""
    return text.isascii() and text.isprintable() and "\\" not in text


def read_params(text: str, place: int) -> "tuple[Params, int] | None":
    """Read parameters with integers, strings and nothing as values.

    Args:
        text: plain.
        place: where the first ';' is, if there is any.

    Returns:
        key -> value, and where the parameters end.
    """
    found: "Params" = {}
    length = len(text)
    while place < length and text[place] == ";":
        equal = text.find("=", place)
        name = text[place + 1 : equal]
        if equal < 0 or name not in _keys:
            end = place + 1
            while end < length and text[end] not in '=; ,)"':
                end += 1
            name = text[place + 1 : end]
            if not is_key(name) or name in found:
                return None
            if end >= length or text[end] != "=":
                found[name], place = True, end
                continue
            equal = end
            if len(_keys) < _MANY:
                _keys.add(name)
        if name in found:
            return None
        if text[equal + 1 : equal + 2] == '"':
            end = text.find('"', equal + 2)
            if end < 0:
                return None
            found[name], place = text[equal + 2 : end], end + 1
            continue
        end = equal + 1
        while end < length and text[end] in "0123456789":
            end += 1
        digits = text[equal + 1 : end]
        if not 1 <= len(digits) <= 15 or (digits[0] == "0" and digits != "0") or text[end : end + 1] == ".":
            return None
        found[name], place = int(digits), end
    return found, place


def read_strings(text: str) -> "list[tuple[str, Params, str]] | None":
    """Read what stands between the parentheses of an inner list of strings.

    Args:
        text: plain, e.g. '"@method" "@query-param";name="a"'.

    Returns:
        (string, its parameters, both as written), in order.
    """
    found: "list[tuple[str, Params, str]]" = []
    place = 0
    while place < len(text):
        end = text.find('"', place + 1)
        if text[place] != '"' or end < 0:
            return None
        read = read_params(text, end + 1)
        if read is None:
            return None
        params, after = read
        found.append((text[place + 1 : end], params, text[place:after]))
        if after == len(text):
            return found
        if text[after] != " ":
            return None
        place = after + 1
    return None if text else found


def end_of_list(text: str, place: int) -> int:
    """Return where the inner list ends whose '(' is before *place*; -1 for one that goes on to the end."""
    end = text.find(")", place)
    while end >= 0 and text.count('"', place, end) % 2:
        end = text.find(")", end + 1)
    return end


def read_bytes(text: str) -> "dict[str, bytes] | None":
    """Read a dictionary of byte sequences, each in canonical base64 and without parameters.

    Args:
        text: e.g. 'sig1=:AAAA:, sig2=:BBBB:'.
    """
    found: "dict[str, bytes]" = {}
    for member in text.split(","):
        key, mark, rest = member.strip(" ").partition("=:")
        value = base64.decode(rest[:-1]) if mark and rest[-1:] == ":" else None
        if value is None or key in found or (key not in _keys and not is_key(key)):
            return None
        found[key] = value
    return found
