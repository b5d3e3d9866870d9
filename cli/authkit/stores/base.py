"""What does every key store promise?"""

from authkit.errors import NotFound, UsageError
from authkit.secret import Secret

_ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_ALLOWED = frozenset(_ALNUM + "._-")
_LONGEST = 64


class Entry:
    """A key in a store, or what a listing shows of it.

    Attributes:
        name: as `check_name` allows.
        metadata: public facts, str to str, int, bool, list or dict.
        secret: the bytes of one key file; None in a listing.
        verified: whether name, metadata and secret were found to be what the store's owner put there; always False in
            a listing, and for what lies in clear.
        protected: whether the secret is encrypted.
        error: why the entry cannot be read, one line; None if it can.  A damaged entry has no metadata.
    """

    __slots__ = ("error", "metadata", "name", "protected", "secret", "verified")

    def __init__(
        self,
        name: str,
        metadata: "dict[str, object]",
        secret: "Secret | None" = None,
        *,
        verified: bool = False,
        protected: bool = True,
        error: "str | None" = None,
    ) -> None:
        self.name = name
        self.metadata = metadata
        self.secret = secret
        self.verified = verified
        self.protected = protected
        self.error = error

    def __repr__(self) -> str:
        return f"<Entry {self.name}>"


class Store:
    """A place that keeps keys; each kind overrides all six.

    `put` then `get` returns the same bytes, which `put` itself checks.  What cannot be parsed stays as found.
    """

    __slots__ = ()

    def put(
        self,
        name: str,
        metadata: "dict[str, object]",
        secret: Secret,
        *,
        replace: bool = False,
        protected: bool = True,
    ) -> None:
        """Keep *secret* under *name*.

        Args:
            name: as `check_name` allows; no other name may differ from it in case alone.
            metadata: public facts.
            secret: the bytes of one key file.
            replace: whether an entry of that name gives way.
            protected: whether it is encrypted; False only where metadata says `kind: subkeys`.

        Raises:
            UsageError: if *name* is not a name.
            Refused: if *name* is taken, or the key may not lie there in clear.
            StoreError: if the store is missing, locked or damaged, or does not give back what it took.
        """
        raise NotImplementedError

    def get(self, name: str) -> Entry:
        """Return the entry, secret included, once all of it is found to belong together.

        Raises:
            NotFound: if there is no such name.
            StoreError: if the store is missing, locked or damaged, or the entry was changed.
        """
        raise NotImplementedError

    def names(self) -> "list[str]":
        """Return the names, sorted."""
        raise NotImplementedError

    def listing(self) -> "list[Entry]":
        """Return what can be known without unlocking, sorted by name; nothing of it is verified."""
        raise NotImplementedError

    def delete(self, name: str) -> None:
        """Delete an entry, a damaged one too.

        Raises:
            NotFound: if there is no such name.
            StoreError: if it cannot be deleted.
        """
        raise NotImplementedError


def is_name(name: str) -> bool:
    """Say whether *name* is 1–64 letters, digits, `.`, `_` and `-` (ASCII), a letter or digit first."""
    return 0 < len(name) <= _LONGEST and name[0] in _ALNUM and _ALLOWED.issuperset(name)


def check_name(name: str) -> str:
    """Return *name* if it can be a key's name.

    Raises:
        UsageError: if it cannot.
    """
    if not is_name(name):
        raise UsageError(
            f"{name!r} cannot be the name of a key",
            f"use 1 to {_LONGEST} letters, digits, '.', '_' and '-', with a letter or digit first",
        )
    return name


def not_found(name: str, names: "list[str]") -> NotFound:
    """Return the error for an unknown *name*, with a hint at what there is."""
    alike = [known for known in names if known.lower() == name.lower()]
    if alike:
        hint = f"did you mean {alike[0]}?"
    elif 0 < len(names) <= 5:
        hint = f"the store holds {', '.join(names)}"
    else:
        hint = "authkit list-keys shows what the store holds"
    return NotFound(f"no key named {name}", hint)
