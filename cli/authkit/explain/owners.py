"""With which keys could the request have been signed?"""

from authkit.errors import Rejected
from authkit.keys.access import AccessKey
from authkit.keys.derive import derive_key
from authkit.keys.scope import Chain, Scope
from authkit.keys.select import Key, choose_checking
from authkit.keys.subkeys import Subkey
from authkit.secret import MacKey, Secret

NAMED, ALTERED, UNPREFIXED, OTHER_ID, OTHER_SCOPE = "named", "altered", "unprefixed", "other-id", "other-scope"


class Owner:
    """One way to a signing key.

    Attributes:
        kind: NAMED for the keys of the request's access key ID; ALTERED for its secret as it is often mistyped;
            UNPREFIXED for its secret without what the scheme puts before it; OTHER_ID for the keys of another ID;
            OTHER_SCOPE for a subkey whatever its scope.
        detail: what is different, for people; never a secret.
    """

    __slots__ = ("kind", "detail", "_keys", "_chain", "_first", "_found")

    def __init__(self, kind: str, detail: str, keys: "list[Key]", chain: Chain, first: "MacKey | None" = None) -> None:
        self.kind = kind
        self.detail = detail
        self._keys = keys
        self._chain = chain
        self._first = first
        self._found: "dict[tuple[str, ...], MacKey | None]" = {}

    def key(self, scope: "tuple[str, ...]") -> "MacKey | None":
        """Return the signing key for *scope*; None if these keys do not reach it."""
        if self.kind == OTHER_SCOPE:
            return self._first
        if scope not in self._found:
            self._found[scope] = self._derive(scope)
        return self._found[scope]

    def _derive(self, scope: "tuple[str, ...]") -> "MacKey | None":
        if self._first is not None:
            return derive_key(self._first, scope)
        if not self._keys:
            return None
        try:
            return choose_checking(self._keys, self._keys[0].access_key_id, Scope(scope, self._chain))[0]
        except Rejected:
            return None


def list_owners(keys: "list[Key]", access_key_id: "str | None", chain: Chain) -> "list[Owner]":
    """Return all ways to a signing key; the first is NAMED, and without a key of *access_key_id* reaches nothing."""
    own = [key for key in keys if key.access_key_id == access_key_id]
    found = [Owner(NAMED, "", own, chain)]
    for key in own:
        # a secret behind a handle cannot be mistyped
        if isinstance(key, AccessKey) and type(key.secret) is Secret:
            for detail, secret in _alterations(key.secret.reveal()):
                altered = AccessKey(key.access_key_id, Secret(secret), scheme=key.scheme)
                found.append(Owner(ALTERED, detail, [altered], chain))
            found.append(Owner(UNPREFIXED, "", [key], chain, key.secret.mac_key(b"")))
    for other in dict.fromkeys(key.access_key_id for key in keys if key.access_key_id != access_key_id):
        found.append(Owner(OTHER_ID, other, [key for key in keys if key.access_key_id == other], chain))
    for one in keys:
        if isinstance(one, Subkey) and one.scope.level == "signing":
            found.append(Owner(OTHER_SCOPE, str(one.scope), [one], chain, one.key))
    return found


def _alterations(secret: bytes) -> "list[tuple[str, bytes]]":
    """Return what people make of a secret when they copy it: a sentence's end, and the bytes."""
    from urllib.parse import quote, unquote_to_bytes

    found = [
        ("with a line feed behind it", secret + b"\n"),
        ("with a carriage return and line feed behind it", secret + b"\r\n"),
        ("with a carriage return behind it", secret + b"\r"),
        ("with a space behind it", secret + b" "),
        ("with a space before it", b" " + secret),
        ("in double quotes", b'"' + secret + b'"'),
        ("in single quotes", b"'" + secret + b"'"),
        ("without the spaces and line ends around it", secret.strip()),
        ("without the quotes around it", secret.strip(b"\"'")),
        ("percent-encoded", quote(secret, safe="").encode("ascii")),
        ("percent-decoded", unquote_to_bytes(secret)),
        ("with a space for each '+'", secret.replace(b"+", b" ")),
        ("without its last character", secret[:-1]),
        ("without its first character", secret[1:]),
        ("without its backslashes", secret.replace(b"\\", b"")),
        ("without its slashes", secret.replace(b"/", b"")),
    ]
    return [(detail, changed) for detail, changed in found if changed and changed != secret]
