"""How does a secret in a token stand in for one in memory?"""

from hmac import compare_digest

from authkit.errors import Refused
from authkit.secret import MacKey, Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.stores.pkcs11 import Token

_COMPARED = b"authkit compares two keys"


class TokenSecret(Secret):
    """A secret access key in a token, with the prefix of its scheme before it.

    Args:
        name: of the key, for errors.
        prefix: what stands before the secret in the token.
    """

    __slots__ = ("_key", "_name", "_prefix")
    in_token = True

    def __init__(self, token: "Token", handle: "Any", name: str, prefix: bytes) -> None:
        super().__init__(b"")
        self._key = TokenKey(token, handle, name)
        self._name = name
        self._prefix = prefix

    def reveal(self) -> bytes:
        """Raise Refused: it does not leave the token."""
        raise inside(self._name)

    def mac_key(self, prefix: bytes) -> MacKey:
        """Return the key *prefix* + secret.

        Raises:
            Refused: if it was put there for a scheme with another prefix.
        """
        if prefix != self._prefix:
            raise Refused(f"the key {self._name} was put into its token for another scheme than this one")
        return self._key

    def __len__(self) -> int:
        return 32  # as far as anybody knows; it is not empty

    def __eq__(self, other: object) -> bool:
        return self is other


class TokenKey(MacKey):
    """A key for HMAC-SHA256 in a token.

    Args:
        handle: of the token's session.
        name: of the key, for errors.
    """

    __slots__ = ("_handle", "_last", "_name", "_token")
    in_token = True

    def __init__(self, token: "Token", handle: "Any", name: str) -> None:
        super().__init__(b"")
        self._token = token
        self._handle = handle
        self._name = name
        self._last: "tuple[bytes, MacKey] | None" = None

    def reveal(self) -> bytes:
        """Raise Refused: it does not leave the token."""
        raise inside(self._name)

    def mac(self, message: bytes) -> bytes:
        """Return HMAC-SHA256 of *message*: bytes, 32; the token makes it."""
        return self._token.mac(self.handle(), message)

    def derived(self, part: bytes) -> MacKey:
        """Return the key that is HMAC-SHA256 of *part*: in the token where it can do that, else in memory."""
        if self._last is None or self._last[0] != part:
            made = ChildKey(self._token, self, part, self._name) if self._token.chains() else MacKey(self.mac(part))
            self._last = (part, made)
        return self._last[1]

    def handle(self) -> "Any":
        """Return the handle that the token knows it by."""
        return self._handle

    def __len__(self) -> int:
        return 32

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MacKey) and compare_digest(self.mac(_COMPARED), other.mac(_COMPARED))


class ChildKey(TokenKey):
    """A key that a token derived from another of its keys, and keeps.

    Args:
        parent: the other.
        part: what its HMAC is made of.
    """

    __slots__ = ("_parent", "_part")

    def __init__(self, token: "Token", parent: TokenKey, part: bytes, name: str) -> None:
        super().__init__(token, None, name)
        self._parent = parent
        self._part = part

    def reveal(self) -> bytes:
        """Return the key: only a key that somebody asked for leaves the token, and none that it was derived from."""
        return self._parent.mac(self._part)

    def handle(self) -> "Any":
        """Return the handle, made when it is first needed, and again once the token was told to forget it."""
        if self._handle is None:
            self._handle = self._token.derive(self._parent.handle(), self._part, self._forget)
        return self._handle

    def _forget(self) -> None:
        self._handle = None


def inside(name: str) -> Refused:
    """Return the error for a key that somebody wants out of its token."""
    return Refused(f"the key {name} is in a token and does not leave it")
