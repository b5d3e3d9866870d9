"""Values that must not be printed: secrets, and keys that may live elsewhere as handles."""

from hashlib import sha256
from hmac import compare_digest, digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _hashlib import HASH

_BLOCK = 64
# byte -> that byte with RFC 2104's ipad and opad
INNER = bytes(byte ^ 0x36 for byte in range(256))
OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Secret:
    """Bytes that no repr, str, format or pickle shows.

    Args:
        value: bytes, 1 or more.
    """

    __slots__ = ("_value",)
    in_token = False  # whether it is a handle of what another machine keeps, which no child process can use

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """Return the bytes; the call marks each place where a secret leaves its wrapper."""
        return self._value

    def mac_key(self, prefix: bytes) -> "MacKey":
        """Return the key *prefix* + secret; a secret in hardware answers with a handle instead."""
        return MacKey(prefix + self._value)

    def __len__(self) -> int:
        return len(self._value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and compare_digest(self._value, other._value)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> "tuple[object, ...]":
        raise TypeError("a secret cannot be pickled")

    def __format__(self, spec: str) -> str:
        return repr(self)


class MacKey(Secret):
    """A key for HMAC-SHA256.  Anything with the same `mac` and `derived` may stand for it, a token's handle included.

    A key that is used again keeps the two hash states that begin every HMAC with it (RFC 2104 §4), which halves the
    time; a key that is used once, as most of a derivation's are, does not pay for them.
    """

    __slots__ = ("_states", "_used")

    def __init__(self, value: bytes) -> None:
        super().__init__(value)
        self._used = False
        self._states: "tuple[HASH, HASH] | None" = None

    def mac(self, message: bytes) -> bytes:
        """Return HMAC-SHA256 of *message*: bytes, 32."""
        if self._states is None:
            if not self._used:
                self._used = True
                return digest(self._value, message, "sha256")
            self._states = _begin(self._value)
        inner, outer = self._states[0].copy(), self._states[1].copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()

    def derived(self, part: bytes) -> "MacKey":
        """Return the key that is HMAC-SHA256 of *part*; a key in hardware may answer with a handle."""
        return MacKey(self.mac(part))

    def agrees(self, message: bytes, signature: str) -> bool:
        """Say, in constant time, whether *signature* (lower-case hex) is the HMAC-SHA256 of *message*."""
        return compare_digest(self.mac(message).hex(), signature)


def mac_once(key: bytes, message: bytes) -> bytes:
    """Return HMAC-SHA256 of *message* under a key of 32 bytes that is used this once.

    Source:
        RFC 2104 §2; written out because a third of the time of hmac.digest is its call.
    """
    padded = key + bytes(_BLOCK - 32)
    return sha256(padded.translate(OUTER) + sha256(padded.translate(INNER) + message).digest()).digest()


def _begin(key: bytes) -> "tuple[HASH, HASH]":
    if len(key) > _BLOCK:
        key = sha256(key).digest()
    padded = key + bytes(_BLOCK - len(key))
    return sha256(padded.translate(INNER)), sha256(padded.translate(OUTER))
