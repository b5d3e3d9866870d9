"""What becomes of keys that were just made or brought in."""

from authkit import clock
from authkit.commands import _io, _store
from authkit.errors import Refused
from authkit.keys.access import AccessKey, encode_access_key
from authkit.keys.describe import describe_access_key, describe_subkeys
from authkit.keys.subkeys import SubkeyFile, encode_subkeys
from authkit.keys.whole import is_whole
from authkit.secret import Secret
from authkit.ui import progress, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from authkit.commands._quick import Given
    from authkit.keys.pair import KeyPair
    from authkit.stores.base import Store

    Made = AccessKey | KeyPair | SubkeyFile


def text_of(made: "Made") -> bytes:
    """Return the file that holds a key; secret."""
    if isinstance(made, AccessKey):
        return encode_access_key(made)
    if isinstance(made, SubkeyFile):
        # a signature stays with the bytes that it was made over
        return encode_subkeys(made) if made.issued is None or made.data is None else made.data
    return made.private_pem


def metadata_of(made: "Made") -> "dict[str, object]":
    """Return what a store says of a key in clear."""
    if isinstance(made, AccessKey):
        return describe_access_key(made, clock.now())
    if isinstance(made, SubkeyFile):
        return describe_subkeys(made, clock.now())
    return {
        "kind": "key-pair",
        "type": made.type,
        "fingerprint": made.fingerprint,
        "public_key": made.public_pem,
        "created_at": clock.format_instant(clock.now()),
    }


def deliver(made: "list[Made]", given: "Given") -> None:
    """Write a key to the file that --output names, under a passphrase of its own if it is a master secret (S18)."""
    if len(made) > 1:
        raise Refused("a key file holds one key", "leave out --count, or generate into the store")
    _io.check_delivery(given.output, force=given.force, reveal=given.reveal, what="the secret")
    data = sealed(text_of(made[0]), _own_passphrase(made, given))
    _io.deliver(data, given.output, force=given.force, reveal=given.reveal, what="the secret")


def keep(
    names: "list[str]", made: "list[Made]", given: "Given", *, protected: bool = True, store: "Store | None" = None
) -> None:
    """Put keys into the store, under a passphrase of their own where they are master secrets (S18).

    Args:
        store: opened already, so that its passphrase is asked for once; None to open or make it.
    """
    store = store if store is not None and given.unlock is None else _store.open_or_make(given.store, given.unlock)
    own = _own_passphrase(made, given)
    _judge_names(names, store, given)
    for name, one in progress.tracked(zip(names, made), len(made), "keys"):
        metadata = {**metadata_of(one), "passphrase": True} if own is not None else metadata_of(one)
        store.put(name, metadata, Secret(sealed(text_of(one), own)), replace=given.force, protected=protected)
        render.note(f"stored as {name}")


def _own_passphrase(made: "list[Made]", given: "Given") -> "bytes | None":
    """Return the passphrase that master secrets carry besides the store's; None where none is wanted."""
    wide = [one for one in made if isinstance(one, AccessKey) and (one.use == "derive" or is_whole(one))]
    if given.no_passphrase or not wide:
        return None
    return _store.new_passphrase("passphrase of the master secret", _store.KEY_PASSPHRASE_FILE)


def sealed(secret: bytes, own: "bytes | None") -> bytes:
    """Return a key file as it lies in the store, under its own passphrase if it has one."""
    if own is None:
        return secret
    from authkit import seal

    return seal.encrypt_with_passphrase(own, secret).encode("ascii")


def _judge_names(names: "list[str]", store: "Store", given: "Given") -> None:
    """Refuse before the first of several keys is stored, so that none is when one cannot be."""
    taken = {} if given.force else {name.lower(): name for name in store.names()}
    for name in names:
        if name.lower() in taken and len(names) > 1:
            raise Refused(f"there is a key named {taken[name.lower()]}", "--force replaces it")


def report(made: "list[Made]", given: "Given", names: "Sequence[str]" = ()) -> None:
    """Say what was made, on standard output unless the key itself went there; never a secret.

    Args:
        names: those in the store, one for each key.
    """
    if given.output == "-":
        return
    if given.json:
        keys = [metadata_of(one) for one in made]
        keys = [{"name": name, **one} for name, one in zip(names, keys)] if names else keys
        render.write_json({"schema": "authkit.keys/v1", "keys": keys})
        return
    for one in made:
        render.write(_line(one))


def _line(made: "Made") -> str:
    if isinstance(made, (AccessKey, SubkeyFile)):
        return f"{made.access_key_id}\n"
    return f"{made.type} SHA256:{made.fingerprint}\n{made.public_pem}"


def remove_hint(path: str) -> None:
    """Remind of the copy that an import leaves behind."""
    if path != "-":
        render.note(f"the key is still in {path} too: delete that file if you do not need it")
