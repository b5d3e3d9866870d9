"""What becomes of keys that were just made or brought in."""

from authkit import clock
from authkit.commands import _io, _store
from authkit.errors import Refused
from authkit.keys.access import AccessKey, encode_access_key
from authkit.keys.describe import describe_access_key, describe_subkeys
from authkit.keys.subkeys import SubkeyFile, encode_subkeys
from authkit.secret import Secret
from authkit.ui import progress, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given
    from authkit.keys.pair import KeyPair
    from authkit.stores.base import Store

    Made = AccessKey | KeyPair | SubkeyFile


def text_of(made: "Made") -> bytes:
    """Return the file that holds a key; secret."""
    if isinstance(made, AccessKey):
        return encode_access_key(made)
    return encode_subkeys(made) if isinstance(made, SubkeyFile) else made.private_pem


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
    """Write keys to the file that --output names; one key for a format that holds one."""
    if len(made) > 1:
        raise Refused("a key file holds one key", "leave out --count, or generate into the store")
    _io.deliver(text_of(made[0]), given.output, force=given.force, reveal=given.reveal, what="the secret")


def keep(names: "list[str]", made: "list[Made]", given: "Given", *, protected: bool = True) -> None:
    """Put keys into the store, under a passphrase of their own where they are master secrets (S18)."""
    store = _store.open_or_make(given.store, given.unlock)
    own = None
    if any(isinstance(one, AccessKey) and one.use == "derive" for one in made) and not given.no_passphrase:
        own = _store.new_passphrase("passphrase of the master secret", _store.KEY_PASSPHRASE_FILE)
    _judge_names(names, store, given)
    for name, one in progress.tracked(zip(names, made), len(made), "keys"):
        metadata, secret = metadata_of(one), text_of(one)
        if own is not None:
            from authkit import seal

            secret, metadata = (
                seal.encrypt_with_passphrase(own, secret).encode("ascii"),
                {**metadata, "passphrase": True},
            )
        store.put(name, metadata, Secret(secret), replace=given.force, protected=protected)
        render.note(f"stored as {name}")


def _judge_names(names: "list[str]", store: "Store", given: "Given") -> None:
    """Refuse before the first of several keys is stored, so that none is when one cannot be."""
    taken = {} if given.force else {name.lower(): name for name in store.names()}
    for name in names:
        if name.lower() in taken and len(names) > 1:
            raise Refused(f"there is a key named {taken[name.lower()]}", "--force replaces it")


def report(made: "list[Made]", given: "Given") -> None:
    """Say what was made, on standard output unless the key itself went there; never a secret."""
    if given.output == "-":
        return
    if given.json:
        keys = [metadata_of(one) for one in made]
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
