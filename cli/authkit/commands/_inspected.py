"""The subkeys that inspect-subkey is asked about."""

import os

from authkit import clock
from authkit.commands import _io, _keys, _schemes
from authkit.errors import InputError, Refused
from authkit.keys.access import AccessKey
from authkit.keys.load import load_subkey_file
from authkit.keys.subkeys import Subkey, SubkeyFile


def from_file(path: str) -> SubkeyFile:
    """Return the file *path*, '-' for standard input; a sealed one is opened."""
    data = _io.read(path, "subkey file")
    from authkit.references.file import AGE

    if data.startswith(AGE):
        from authkit.commands import _store

        data = _store.unseal(data, path)
    return load_subkey_file(data, _schemes.chains(), "standard input" if path == "-" else path)


def from_file_or_name(word: str, store: "str | None") -> SubkeyFile:
    """Return the file *word*, or the stored key of that name where there is no such file."""
    if word == "-" or os.path.lexists(word) or "/" in word:
        return from_file(word)
    from authkit.commands import _store
    from authkit.stores import folder

    if not folder.exists(_store.store_path(store)):
        raise InputError(f"cannot read the subkey file {word}: no such file, and there is no store")
    entry = _store.open_store(store).get(word)
    return load_subkey_file(_keys.open_entry(entry), _schemes.chains(), word)


def from_reference(reference: str, store: "str | None") -> SubkeyFile:
    """Return the subkeys of a key reference, as if they stood in one file."""
    keys = _keys.resolve(reference, store)
    subkeys = [one for one in keys if isinstance(one, Subkey)]
    if any(isinstance(one, AccessKey) for one in keys):
        raise Refused(f"{reference} is an access key, not a subkey")
    ids = sorted({one.access_key_id for one in subkeys})
    if len(ids) > 1:
        raise Refused(
            f"{reference} holds subkeys of {len(ids)} access keys: {', '.join(ids[:5])}", "inspect its files one by one"
        )
    subkeys.sort(key=lambda one: str(one.scope))
    return SubkeyFile(subkeys[0].scope.chain, ids[0], clock.now(), subkeys)
