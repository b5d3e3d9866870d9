"""Write a stored key to a file or a pipe.

What is written is the secret itself: an access-key file, a subkey file, or a private key in PEM.  It never appears on
a terminal unless --reveal says so.  --public writes the public key of a key pair instead.

Examples:

  $ authkit keygen web-1 2>/dev/null
  AK…
  $ authkit export-key web-1 -o web-1.json
"""

import os

from authkit.commands import _io, _rows
from authkit.errors import Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("NAME", "optional", "NAME", "the key", None),
    ("--public", "flag", "", "the public key of a key pair", False),
    ("--store-identity", "text", "FILE", "write the store's identity to FILE, under a passphrase", None),
    _rows.OUTPUT,
    _rows.FORCE,
    _rows.REVEAL,
    _rows.STORE,
)


def run(given: "Given") -> None:
    from authkit.commands import _keys, _store
    from authkit.ui import render

    _io.protect_process()
    if (given.name is None) == (given.store_identity is None):
        raise UsageError("name a key, or the store's identity with --store-identity FILE")
    store = _store.open_store(given.store)
    if given.store_identity is not None:
        _export_identity(store, given)
        return
    if not given.public:
        what = f"the secret of {given.name}"
        _io.check_delivery(given.output, force=given.force, reveal=given.reveal, what=what)
    entry = store.get(given.name)
    if given.public:
        public = entry.metadata.get("public_key")
        if not isinstance(public, str):
            raise Refused(f"{entry.name} is not a key pair and has no public key")
        render.write(public)
        return
    data = _keys.open_entry(entry)
    _io.deliver(data, given.output, force=given.force, reveal=given.reveal, what=what)


def _export_identity(store: object, given: "Given") -> None:
    from authkit.commands import _store
    from authkit.ui import render
    from authkit.unlock.passphrase import keep_identity

    identity = store.identity()  # type: ignore[attr-defined]
    new = _store.new_passphrase("passphrase of the copy")
    keep_identity(given.store_identity, identity, new, replace=given.force)
    copy = store.info.identity_path  # type: ignore[attr-defined]
    if not os.path.lexists(copy):
        keep_identity(copy, identity, new)
    render.note(f"the identity is in {given.store_identity}; 'age -d' opens it")
