"""What does an object in a token say of itself?"""

from authkit.errors import InputError
from authkit.keys.scope import Chain, id_fault, parse_scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.keys.scope import Scope

MARK = "authkit-key/v1"
SECRET, SUBKEY = "secret", "subkey"
NONE = "-"
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+:")
_HEX = frozenset("0123456789ABCDEF")


class Held:
    """What a secret key in a token is: the text of its CKA_ID, which nobody can change once it is there.

    Attributes:
        kind: SECRET (prefix + secret access key) or SUBKEY.
        access_key_id: whose key.
        label: of its scheme.
        prefix: of a SECRET: the bytes that stand before the secret; b"" of a SUBKEY.
        use: of a SECRET: "derive" or None.
        scope: of a SUBKEY: the text of its scope; "" of a SECRET.
    """

    __slots__ = ("access_key_id", "kind", "label", "prefix", "scope", "use")

    def __init__(
        self,
        kind: str,
        access_key_id: str,
        label: str,
        *,
        prefix: bytes = b"",
        use: "str | None" = None,
        scope: str = "",
    ) -> None:
        self.kind = kind
        self.access_key_id = access_key_id
        self.label = label
        self.prefix = prefix
        self.use = use
        self.scope = scope

    def __repr__(self) -> str:
        return f"<Held {self.kind} {self.access_key_id}>"

    def read_scope(self, chains: "dict[str, Chain]", what: str) -> "Scope":
        """Return the scope of a subkey.

        Raises:
            InputError: if its scheme is not known here, or it is no scope of it.
        """
        if self.label not in chains:
            raise InputError(f"{what}: the scheme {self.label!r} is not known here")
        return parse_scope(self.scope, chains[self.label], what)


def format_held(held: Held) -> bytes:
    """Return the CKA_ID of an object: ASCII, words with one space between them."""
    label = _encode(held.label.encode("utf-8"))
    rest = [held.scope] if held.kind == SUBKEY else [_encode(held.prefix) or NONE, held.use or NONE]
    return " ".join([MARK, held.kind, held.access_key_id, label, *rest]).encode("ascii")


def parse_held(id: bytes) -> "Held | None":
    """Return what a CKA_ID says; None if authkit did not write it."""
    try:
        words = id.decode("ascii").split(" ")
    except UnicodeDecodeError:
        return None
    if words[0] != MARK or len(words) < 5 or id_fault(words[2]) is not None:
        return None
    kind, access_key_id, rest = words[1], words[2], words[3:]
    label = _decode(rest[0])
    if not label:
        return None
    if kind == SUBKEY and len(rest) == 2:
        return Held(SUBKEY, access_key_id, label.decode("utf-8", "replace"), scope=rest[1])
    prefix = b"" if rest[1] == NONE else _decode(rest[1])
    if kind != SECRET or len(rest) != 3 or prefix is None or rest[2] not in ("derive", NONE):
        return None
    use = None if rest[2] == NONE else rest[2]
    return Held(SECRET, access_key_id, label.decode("utf-8", "replace"), prefix=prefix, use=use)


def _encode(data: bytes) -> str:
    """Return bytes as one word that is never NONE: '-' and what is not plain in percent form, but for '-' within."""
    text = "".join([chr(one) if chr(one) in _PLAIN or one == 0x2D else f"%{one:02X}" for one in data])
    return "%2D" if text == NONE else text


def _decode(word: str) -> "bytes | None":
    found, place = bytearray(), 0
    while place < len(word):
        if word[place] == "%":
            digits = word[place + 1 : place + 3]
            if len(digits) != 2 or not _HEX.issuperset(digits):
                return None
            found.append(int(digits, 16))
            place += 3
        elif word[place] in _PLAIN or word[place] == "-":
            found.append(ord(word[place]))
            place += 1
        else:
            return None
    return bytes(found)
