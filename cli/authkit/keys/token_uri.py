"""Which token, and which object in it, does a pkcs11: URI name?"""

from authkit.errors import Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "pkcs11:"
LONGEST = 4096
TYPES = ("secret-key", "private", "public", "cert", "data")
# what a token is told by, and an object in it; of the second row every part is a number
_TOKEN = ("token", "manufacturer", "serial", "model")
_SLOT = ("slot-manufacturer", "slot-description", "library-manufacturer", "library-description")
_NUMBERS = ("slot-id", "library-version")
_OBJECT = ("object", "id", "type")
_PATH = (*_TOKEN, *_OBJECT, *_SLOT, *_NUMBERS)
_QUERY = ("module-path", "pin-source", "x-init")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_PLAIN = frozenset(_LETTERS + "-._~")
_IN_PATH = _PLAIN | frozenset(":[]@!$'()*+,=&")
_IN_QUERY = _PLAIN | frozenset(":[]@!$'()*+,=/?|")
_HEX = frozenset("0123456789abcdefABCDEF")


class TokenUri:
    """What a pkcs11: URI says.

    Attributes:
        parts: name of a path attribute -> its value; of text, but for "id".
        id: the bytes of "id"; None where it is not there.
        module_path: absolute path of the module; None where it is not there.
        pin_source: absolute path of the file that holds the PIN; None where it is not there.
        init: what the module is initialised with; None for nothing.
    """

    __slots__ = ("id", "init", "module_path", "parts", "pin_source")

    def __init__(
        self,
        parts: "Mapping[str, str]",
        id: "bytes | None" = None,
        module_path: "str | None" = None,
        pin_source: "str | None" = None,
        init: "str | None" = None,
    ) -> None:
        self.parts = dict(parts)
        self.id = id
        self.module_path = module_path
        self.pin_source = pin_source
        self.init = init

    def __repr__(self) -> str:
        return f"<TokenUri {self}>"

    def __str__(self) -> str:
        path = [f"{name}={_encode(self.parts[name], _PLAIN)}" for name in _PATH if name in self.parts]
        if self.id is not None:
            path.append("id=" + "".join([f"%{byte:02X}" for byte in self.id]))
        given = (("module-path", self.module_path), ("pin-source", self.pin_source), ("x-init", self.init))
        query = [f"{name}={_encode(value, _PLAIN | {'/'})}" for name, value in given if value is not None]
        return PREFIX + ";".join(path) + ("?" + "&".join(query) if query else "")

    def names_object(self) -> bool:
        """Say whether it names an object, and not the token alone."""
        return self.id is not None or "object" in self.parts

    def of(self, name: str, type: str, parts: "Mapping[str, str]", module_path: str) -> "TokenUri":
        """Return the URI of the object *name* in the same token.

        Args:
            parts: what tells the token from every other.
            module_path: of the module in use.
        """
        return TokenUri({**parts, "object": name, "type": type}, None, module_path, self.pin_source, self.init)


def parse_token_uri(text: str) -> TokenUri:
    """Read a pkcs11: URI.

    Args:
        text: as it was typed.

    Raises:
        Refused: if it holds a PIN, or names a program that gives one.
        UsageError: naming what else is wrong with it.

    Source:
        RFC 7512 §2.3.
        Deviations: attributes that are not known here are refused, as are module-name and pin-value; module-path and
        pin-source are absolute paths of files; the vendor's attribute x-init is authkit's own.
    """
    if not text.startswith(PREFIX):
        raise UsageError("a reference to a key in a token begins with pkcs11:")
    if len(text) > LONGEST:
        raise UsageError(f"a pkcs11: URI of more than {LONGEST} characters")
    path, mark, query = text[len(PREFIX) :].partition("?")
    parts = _attributes(path, ";", _PATH, _IN_PATH) if path else {}
    asked = _attributes(query, "&", _QUERY, _IN_QUERY) if mark else {}
    id = parts.pop("id", None)
    texts = {name: _text(name, value) for name, value in parts.items()}
    if texts.get("type", TYPES[0]) not in TYPES:
        raise UsageError(f"the type of a pkcs11: URI is one of {', '.join(TYPES)}")
    if not texts.get("slot-id", "0").isdigit():
        raise UsageError("the slot-id of a pkcs11: URI is a number")
    module = _text("module-path", asked["module-path"]) if "module-path" in asked else None
    if module is not None and not module.startswith("/"):
        raise UsageError("the module-path of a pkcs11: URI is not an absolute path")
    source = _pin_source(_text("pin-source", asked["pin-source"])) if "pin-source" in asked else None
    init = _text("x-init", asked["x-init"]) if "x-init" in asked else None
    return TokenUri(texts, id, module, source, init)


def _attributes(text: str, mark: str, known: "tuple[str, ...]", allowed: "frozenset[str]") -> "dict[str, bytes]":
    found: "dict[str, bytes]" = {}
    for one in text.split(mark):
        name, equals, value = one.partition("=")
        if name == "pin-value":
            hint = "leave it out: the PIN is asked for, or name a file with ?pin-source= or $AUTHKIT_PIN_FILE"
            raise Refused("pin-value: a PIN in a URI is seen by everybody who sees the command line", hint)
        if name == "module-name":
            raise UsageError(
                "module-name in a pkcs11: URI is not looked for", "name the module's file: ?module-path=/…"
            )
        if name not in known or not equals:
            hint = f"here it may have {', '.join(known)}"
            raise UsageError(f"a pkcs11: URI with {_shown(name or one)}, which is not known here", hint)
        if name in found:
            raise UsageError(f"a pkcs11: URI that says {name} twice")
        found[name] = _decode(name, value, allowed)
    return found


def _decode(name: str, text: str, allowed: "frozenset[str]") -> bytes:
    found, place = bytearray(), 0
    while place < len(text):
        letter = text[place]
        if letter == "%":
            digits = text[place + 1 : place + 3]
            if len(digits) != 2 or not _HEX.issuperset(digits):
                raise UsageError(f"{name} in a pkcs11: URI: a '%' without two hexadecimal digits")
            found.append(int(digits, 16))
            place += 3
            continue
        if letter not in allowed:
            raise UsageError(f"{name} in a pkcs11: URI: {_shown(letter)} must be written in percent form")
        found.append(ord(letter))
        place += 1
    if not found:
        raise UsageError(f"{name} in a pkcs11: URI is empty")
    return bytes(found)


def _text(name: str, value: bytes) -> str:
    try:
        found = value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} in a pkcs11: URI is not UTF-8") from error
    if "\0" in found:
        raise UsageError(f"{name} in a pkcs11: URI holds a NUL")
    return found


def _pin_source(text: str) -> str:
    """Return the path of a pin-source."""
    if text.startswith("|"):
        raise Refused("pin-source: a URI starts no program", "name a file with ?pin-source= or $AUTHKIT_PIN_FILE")
    path = text.removeprefix("file:")
    path = path[2:] if path.startswith("///") else path
    if not path.startswith("/") or path.startswith("//"):
        raise UsageError("the pin-source of a pkcs11: URI is not the absolute path of a file")
    return path


def _encode(text: str, plain: "frozenset[str]") -> str:
    return "".join([chr(one) if chr(one) in plain else f"%{one:02X}" for one in text.encode("utf-8")])


def _shown(text: str) -> str:
    return ascii(text[:32])
