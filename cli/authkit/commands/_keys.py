"""From a key reference to keys."""

import os

from authkit import registry
from authkit.commands import _schemes
from authkit.errors import InputError, Refused, StoreError, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.load import load_keys
from authkit.keys.select import Key
from authkit.keys.subkeys import Subkey
from authkit.references import Look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._sealed import Opener
    from authkit.keys.prove import PrivateKey
    from authkit.stores.base import Entry, Store
    from authkit.stores.pkcs11 import Token


def resolve(reference: "str | None", store: "str | Store | None") -> "list[Key]":
    """Return the keys of one reference.

    Args:
        reference: as --key takes it; None for $AUTHKIT_KEY, else the only key in the store that may sign.
        store: as --store takes it; or opened, so that nobody is asked for its passphrase again.

    Raises:
        NotFound, InputError, Refused, StoreError, UsageError: as the place the key is read from has it.
    """
    from authkit.commands import _io

    _io.protect_process()
    alias, reference = split_alias(reference or os.environ.get("AUTHKIT_KEY") or None)
    keys = _load(reference, store)
    if alias is not None:
        for key in keys:
            _name(key, alias)
    return keys


def _load(reference: "str | None", store: "str | Store | None") -> "list[Key]":
    if reference is not None:
        prefix, mark, rest = reference.partition(":")
        if mark:
            if f"{prefix}:" not in registry.REFERENCES:
                raise UsageError(
                    f"{reference!r} is not a key reference",
                    f"it is a name, or begins with {' '.join(registry.REFERENCES)}",
                )
            keys: "list[Key]" = registry.load(registry.REFERENCES[f"{prefix}:"]).load(
                rest, Look(os.environ, _schemes.chains(), _Unsealer(store), _ask_pin)
            )
            return keys
    return _from_store(reference, store)


def resolve_all(references: "tuple[str, ...]", store: "str | None") -> "list[Key]":
    """Return the keys of several references of the form [ID=]REF."""
    found: "list[Key]" = []
    for text in references or (None,):
        alias, reference = split_alias(text)
        keys = resolve(reference, store)
        if alias is not None:
            for key in keys:
                _name(key, alias)
        found += keys
    return found


def split_alias(text: "str | None") -> "tuple[str | None, str | None]":
    """Split [ID=]REF: a word that begins with a prefix is a reference as it stands, else the first '=' ends the ID."""
    if text is None or text.startswith(tuple(registry.REFERENCES)) or "=" not in text:
        return None, text
    alias, _, reference = text.partition("=")
    if not alias or not reference:
        raise UsageError(f"--key {text!r} lacks an ID or a reference around its '='")
    return alias, reference


def _name(key: "Key", alias: str) -> None:
    if isinstance(key, (AccessKey, Subkey)):
        key.access_key_id = alias
    else:
        key.id = alias


def processes(keys: "list[Key]") -> "int | None":
    """Return over how many processes work with *keys* is spread: one for a token's, since a child has no session."""
    return 1 if any([_in_token(key) for key in keys]) else None


def _in_token(key: "Key") -> bool:
    if isinstance(key, AccessKey):
        return key.secret.in_token
    return key.key.in_token if isinstance(key, Subkey) else getattr(key, "in_token", False)


def open_entry(entry: "Entry") -> bytes:
    """Return the key file that a store's entry holds, its own passphrase asked for.

    Raises:
        Refused: if the key is in a token.
    """
    assert entry.secret is not None
    data = entry.secret.reveal()
    if is_in_token(data):
        raise Refused(f"the key {entry.name} is in a token and does not leave it")
    return _unseal(data, entry.name) if entry.metadata.get("passphrase") else data


def is_in_token(data: bytes) -> bool:
    """Say whether an entry's secret is only the URI of a key in a token."""
    return data.startswith(b"pkcs11:")


def private_key(entry: "Entry") -> "PrivateKey":
    """Return the private key of a store's entry, in a token or not; its passphrase or its PIN is asked for."""
    from authkit.keys.prove import load_private

    assert entry.secret is not None
    if is_in_token(entry.secret.reveal()):
        from authkit.commands import _token

        return _token.private_key_of(entry.secret.reveal(), entry.name)
    return load_private(open_entry(entry), entry.name)


def _from_store(name: "str | None", store: "str | Store | None") -> "list[Key]":
    from authkit.commands import _store

    opened = _store.open_store(store) if isinstance(store, str | None) else store
    entry = opened.get(name or _store.only_name(opened))
    assert entry.secret is not None
    if is_in_token(entry.secret.reveal()):
        return [private_key(entry)]
    try:
        return load_keys(open_entry(entry), _schemes.chains(), entry.name)
    except InputError as error:
        if entry.metadata.get("passphrase"):
            raise
        raise StoreError(f"the key {entry.name} is damaged: {error.message}") from error


def _unseal(data: bytes, what: str) -> bytes:
    from authkit.commands import _store

    return _store.unseal(data, what)


def _ask_pin(token: "Token", tried: bool) -> bytes:
    from authkit.commands import _token

    return _token.ask_pin(token, tried)


class _Unsealer:
    """Opens the sealed files of one reference; what opens them is looked for at the first."""

    __slots__ = ("_opener", "_store")

    def __init__(self, store: "str | Store | None") -> None:
        self._store = store
        self._opener: "Opener | None" = None

    def __call__(self, data: bytes, what: str) -> bytes:
        if self._opener is None:
            from authkit.commands._sealed import Opener

            self._opener = Opener(self._store)
        return self._opener.unseal(data, what)
