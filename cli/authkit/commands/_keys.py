"""From a key reference to keys."""

import os

from authkit import registry
from authkit.errors import InputError, StoreError, UsageError
from authkit.keys.load import load_keys
from authkit.keys.select import Key
from authkit.references import Look
from authkit.schemes.derived import CHAINS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.stores.base import Entry


def resolve(reference: "str | None", store: "str | None") -> "list[Key]":
    """Return the keys of one reference.

    Args:
        reference: as --key takes it; None for $AUTHKIT_KEY, else the only key in the store that may sign.
        store: as --store takes it.

    Raises:
        NotFound, InputError, Refused, StoreError, UsageError: as the place the key is read from has it.
    """
    from authkit.commands import _io

    _io.protect_process()
    reference = reference or os.environ.get("AUTHKIT_KEY") or None
    if reference is not None:
        prefix, mark, rest = reference.partition(":")
        if mark:
            if f"{prefix}:" not in registry.REFERENCES:
                raise UsageError(
                    f"{reference!r} is not a key reference",
                    f"it is a name, or begins with {' '.join(registry.REFERENCES)}",
                )
            keys: "list[Key]" = registry.load(registry.REFERENCES[f"{prefix}:"]).load(
                rest, Look(os.environ, CHAINS, _unseal)
            )
            return keys
    return _from_store(reference, store)


def resolve_all(references: "tuple[str, ...]", store: "str | None") -> "list[Key]":
    """Return the keys of several references of the form [ID=]REF."""
    found: "list[Key]" = []
    for text in references or (None,):
        alias, reference = split_alias(text)
        keys = resolve(reference, store)
        for key in keys:
            key.access_key_id = alias or key.access_key_id
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


def open_entry(entry: "Entry") -> bytes:
    """Return the key file that a store's entry holds, its own passphrase asked for."""
    assert entry.secret is not None
    data = entry.secret.reveal()
    return _unseal(data, entry.name) if entry.metadata.get("passphrase") else data


def _from_store(name: "str | None", store: "str | None") -> "list[Key]":
    from authkit.commands import _store

    opened = _store.open_store(store)
    entry = opened.get(name or _store.only_name(opened))
    try:
        return load_keys(open_entry(entry), CHAINS, entry.name)
    except InputError as error:
        if entry.metadata.get("passphrase"):
            raise
        raise StoreError(f"the key {entry.name} is damaged: {error.message}") from error


def _unseal(data: bytes, what: str) -> bytes:
    from authkit.commands import _store

    return _store.unseal(data, what)
