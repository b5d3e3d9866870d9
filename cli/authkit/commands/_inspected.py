"""The subkeys that inspect-subkey is asked about, and who signed them."""

import os

from authkit import clock
from authkit.commands import _keys, _schemes
from authkit.errors import InputError, Refused, Untrusted
from authkit.keys.access import AccessKey
from authkit.keys.load import load_subkey_file
from authkit.keys.subkeys import Subkey, SubkeyFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given


class Signed:
    """Who signed a subkey file.  That the signature fits the bytes was checked.

    Attributes:
        name: of the issuer that is trusted with this key; None if none is, and then the signature proves nothing.
        key: "SHA256:…".
    """

    __slots__ = ("key", "name")

    def __init__(self, name: "str | None", key: str) -> None:
        self.name = name
        self.key = key


def from_file(path: str, given: "Given") -> SubkeyFile:
    """Return the file *path*, '-' for standard input; a sealed one is opened."""
    from authkit.commands import _received

    received = _received.receive(path, given)
    return load_subkey_file(received.data, _schemes.chains(), received.what)


def signed_by(file: SubkeyFile, what: str, store: "str | None") -> "Signed | None":
    """Return who signed a file; None for one that is not signed.

    Raises:
        Untrusted: if the signature does not fit, is for something else, or is by another key than the file names.
    """
    if file.issued is None or file.data is None:
        return None
    from authkit.ceremony import peers
    from authkit.ceremony.places import Places
    from authkit.commands import _store
    from authkit.keys.sshsig import SUBKEYS, fingerprint_of, open_signed, signer_of

    line = signer_of(file.data, what)
    open_signed(file.data, SUBKEYS, [line], what)
    key = fingerprint_of(line)
    if file.issued.issuer != key:
        raise Untrusted("issuer-mismatch", what, f"it names {file.issued.issuer} and is signed by {key}")
    issuers = peers.issuers(Places(_store.store_path(store)))
    return Signed(next((one.name for one in issuers if one.signing_key == line), None), key)


def from_file_or_name(word: str, given: "Given") -> SubkeyFile:
    """Return the file *word*, or the stored key of that name where there is no such file."""
    if word == "-" or os.path.lexists(word) or "/" in word:
        return from_file(word, given)
    from authkit.commands import _store
    from authkit.stores import folder

    if not folder.exists(_store.store_path(given.store)):
        raise InputError(f"cannot read the subkey file {word}: no such file, and there is no store")
    entry = _store.open_store(given.store).get(word)
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
