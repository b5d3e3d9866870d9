"""Values that must not be printed: secrets, and keys that may live elsewhere as handles."""

from hmac import compare_digest, digest


class Secret:
    """Bytes that no repr, str, format or pickle shows.

    Args:
        value: bytes, 1 or more.
    """

    __slots__ = ("_value",)

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
    """A key for HMAC-SHA256.  Anything with the same `mac` may stand for it, a token's handle included."""

    __slots__ = ()

    def mac(self, message: bytes) -> bytes:
        """Return HMAC-SHA256 of *message*: bytes, 32."""
        return digest(self._value, message, "sha256")
