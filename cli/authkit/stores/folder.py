"""Which keys does a folder keep, one encrypted file for each?"""

import os
from hashlib import sha256
from hmac import compare_digest, digest

from authkit import base64, files, seal, strictjson
from authkit.errors import AuthkitError, InputError, Refused, StoreError
from authkit.secret import Secret
from authkit.stores.base import Entry, Store, check_name, is_name, not_found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

KINDS_OF_UNLOCK = ("keyring", "passphrase")
_STORE, _KEY, _SEALED = "authkit.store/v1", "authkit.key/v1", "authkit.sealed/v1"
_MAC_LABEL = b"authkit store mac v1"
_INFO_LIMIT = 64 << 10
_ENTRY_LIMIT = 160 << 20  # a subkey file of 64 MiB, twice in base64, armored


class StoreInfo:
    """What store.json says.

    Attributes:
        path: the store's folder.
        id: lower-case hex, 32.
        unlock: one of KINDS_OF_UNLOCK: the only way this store is opened.
        recipient: "age1…", for people; encryption never uses it.
    """

    __slots__ = ("id", "path", "recipient", "unlock")

    def __init__(self, path: str, id: str, unlock: str, recipient: str) -> None:
        self.path = path
        self.id = id
        self.unlock = unlock
        self.recipient = recipient

    @property
    def identity_path(self) -> str:
        """The identity under a passphrase: how the store opens, or the copy that outlives a keyring."""
        return os.path.join(self.path, "identity.age")

    def has_identity_file(self) -> bool:
        """Say whether the identity is there under a passphrase; without it, losing the keyring loses the store."""
        return os.path.lexists(self.identity_path)

    def __repr__(self) -> str:
        return f"<StoreInfo {self.id}>"


def exists(path: str) -> bool:
    """Say whether *path* holds a store, in order or not."""
    return os.path.lexists(os.path.join(path, "store.json"))


def create(
    path: str,
    unlock: str,
    keep: "Callable[[StoreInfo, str], None]",
    random: "Callable[[int], bytes]" = os.urandom,
) -> "FolderStore":
    """Make a store and return it, open.

    store.json is written last, so a store that was begun and not finished is no store, and can be begun again.

    Args:
        path: its folder, made when absent.
        unlock: one of KINDS_OF_UNLOCK, recorded for good.
        keep: called with the new store and its identity; must have kept the identity safe when it returns.
        random: a function from a count to so many random bytes.

    Raises:
        Refused: if there is a store already.
        StoreError: if it cannot be made, the folder is not ours, or holds keys of a store that is lost.
    """
    files.make_private_folder(path)
    _judge_folder(path)
    with files.locked(os.path.join(path, "lock")):
        if exists(path):
            raise Refused(f"there is a store at {path}", "use it, or name another folder with --store")
        keys = os.path.join(path, "keys")
        if os.path.isdir(keys) and any(is_name(found) for found in _listed(keys)):
            raise StoreError(f"{path} holds keys but its store.json is missing", "restore store.json from a backup")
        identity, recipient = seal.generate_identity()
        info = StoreInfo(path, random(16).hex(), unlock, recipient)
        keep(info, identity)
        files.make_private_folder(keys)
        row: dict[str, object] = {"schema": _STORE, "id": info.id, "unlock": unlock, "recipient": recipient}
        files.write_secret(os.path.join(path, "store.json"), strictjson.encode(row))
    return FolderStore(path, lambda _: identity)


class FolderStore(Store):
    """A folder with store.json and keys/NAME.json.

    Args:
        path: the folder.
        unlock: called at most once, and only when an encrypted entry is read or written; returns the identity
            "AGE-SECRET-KEY-1…" by the way the store names, or raises.

    Raises:
        StoreError: if there is no store, it is damaged, or others than its owner could have changed it.

    Source:
        FORMATS F6.
    """

    __slots__ = ("_identity", "_keys", "_unlock", "info")

    def __init__(self, path: str, unlock: "Callable[[StoreInfo], str]") -> None:
        self.info = _read_info(path)
        self._keys = os.path.join(path, "keys")
        _judge_folder(self._keys)
        self._unlock = unlock
        self._identity = ""

    def identity(self) -> str:
        """Return the store's identity, a secret, unlocking it the first time.

        Raises:
            StoreError: if what unlocks is not this store's identity.
        """
        if not self._identity:
            identity = seal.canonical_identity(self._unlock(self.info))
            if seal.recipient_of(identity) != self.info.recipient:
                raise StoreError(
                    f"what unlocks the store at {self.info.path} is the identity of another store",
                    f"store.json was changed, or the {self.info.unlock} holds another store's identity",
                )
            self._identity = identity
        return self._identity

    def names(self) -> "list[str]":
        return [name for name in _listed(self._keys) if is_name(name)]

    def listing(self) -> "list[Entry]":
        return [self._listed_entry(name) for name in _listed(self._keys)]

    def _listed_entry(self, name: str) -> Entry:
        try:
            outer = self._outer(name)
        except StoreError as error:
            return Entry(name, {}, error=error.message)
        return Entry(name, _metadata(outer), protected="sealed" in outer)

    def get(self, name: str) -> Entry:
        if not is_name(name) or name not in (names := self.names()):
            raise not_found(name, names if is_name(name) else [])
        return self._open(name, self._outer(name))

    def put(
        self,
        name: str,
        metadata: "dict[str, object]",
        secret: Secret,
        *,
        replace: bool = False,
        protected: bool = True,
    ) -> None:
        check_name(name)
        if protected:
            self.identity()  # before the lock, because a person may be asked
            row = self._sealed_row(name, metadata, secret)
        else:
            if metadata.get("kind") != "subkeys":
                raise Refused(f"{name} is not a subkey, so it is not kept in clear", "leave out --unprotected")
            row = {"schema": _KEY, "name": name, "metadata": metadata, "clear": base64.encode(secret.reveal())}
        path = self._path(name)
        data = strictjson.encode(row)
        self._compare(self._open(name, _parse_outer(data, path, name)), metadata, secret)
        with files.locked(os.path.join(self.info.path, "lock")):
            for taken in self.names():
                if taken.lower() == name.lower() and (taken != name or not replace):
                    raise Refused(f"there is a key named {taken}", _hint_for(taken, name))
            files.write_secret(path, data, replace=replace)
            self._compare(self._open(name, self._outer(name)), metadata, secret)

    def delete(self, name: str) -> None:
        with files.locked(os.path.join(self.info.path, "lock")):
            if name not in (names := self.names()):
                raise not_found(name, names)
            files.remove(self._path(name))

    def _path(self, name: str) -> str:
        return os.path.join(self._keys, f"{name}.json")

    def _outer(self, name: str) -> "dict[str, object]":
        path = self._path(name)
        if not is_name(name):
            raise StoreError(f"{path}: its name cannot be the name of a key")
        return _parse_outer(_read(path, _ENTRY_LIMIT, "key entry"), path, name)

    def _sealed_row(self, name: str, metadata: "dict[str, object]", secret: Secret) -> "dict[str, object]":
        inner: dict[str, object] = {
            "schema": _SEALED,
            "store": self.info.id,
            "name": name,
            "metadata": metadata,
            "secret_b64": base64.encode(secret.reveal()),
        }
        sealed = seal.encrypt_to(seal.recipient_of(self.identity()), strictjson.encode(inner))
        mac = base64.encode(self._mac(name, sealed))
        return {"schema": _KEY, "name": name, "metadata": metadata, "sealed": sealed, "mac": mac}

    def _mac(self, name: str, sealed: str) -> bytes:
        key = digest(self.identity().encode("ascii"), _MAC_LABEL, "sha256")
        hashed = sha256(sealed.encode("utf-8")).hexdigest()
        return digest(key, "\n".join((_KEY, self.info.id, name, hashed)).encode("utf-8"), "sha256")

    def _open(self, name: str, outer: "dict[str, object]") -> Entry:
        """Return the entry that *outer* holds, in this order: authentic, readable, of this store, name and metadata."""
        path, metadata = self._path(name), _metadata(outer)
        if "clear" in outer:
            return Entry(name, metadata, _secret(outer, "clear", path), protected=False)
        sealed = str(outer["sealed"])
        mac = base64.decode(str(outer["mac"])) or b""
        if not compare_digest(mac, self._mac(name, sealed)):
            raise StoreError(f"{path}: wrong MAC, so it was changed, renamed or made without the store's identity")
        inner = self._inner(path, sealed)
        for member, expected in (("store", self.info.id), ("name", name), ("metadata", metadata)):
            if not _same(inner[member], expected):
                raise StoreError(f"{path}: its {member} is not the one that was sealed, so it was changed")
        return Entry(name, metadata, _secret(inner, "secret_b64", path), verified=True)

    def _inner(self, path: str, sealed: str) -> "dict[str, object]":
        what = f"the sealed part of {path}"
        try:
            inner = strictjson.parse(seal.decrypt_with(self.identity(), sealed, what), what)
            strictjson.members(inner, what, ("schema", "store", "name", "metadata", "secret_b64"))
        except InputError as error:
            raise StoreError(error.message) from error
        if inner["schema"] != _SEALED:
            raise StoreError(f"{what}: schema is not {_SEALED}")
        return inner

    def _compare(self, entry: Entry, metadata: "dict[str, object]", secret: Secret) -> None:
        if entry.secret != secret or not _same(entry.metadata, metadata):
            raise StoreError(f"{self._path(entry.name)} did not give back what it was given")


STORE = FolderStore


def _hint_for(taken: str, name: str) -> str:
    return "--force replaces it" if taken == name else "names that differ in case alone are one name"


def _listed(keys: str) -> "list[str]":
    """Return the names of the entries in a folder, sorted; those that cannot be names included."""
    try:
        found = os.listdir(keys)
    except OSError as error:
        raise StoreError(f"cannot read the folder {keys}", f"chmod 700 {keys}") from error
    return sorted(name[:-5] for name in found if name.endswith(".json") and not name.startswith("."))


def _read_info(path: str) -> StoreInfo:
    place = os.path.join(path, "store.json")
    if not exists(path):
        raise StoreError(f"there is no store at {path}", "authkit keygen NAME makes one with its first key")
    _judge_folder(path)
    data = _read(place, _INFO_LIMIT, "store")
    try:
        row = strictjson.members(strictjson.parse(data, place), place, ("schema", "id", "unlock", "recipient"))
        texts = {name: strictjson.text(row, name, place) for name in row}
    except InputError as error:
        raise StoreError(error.message, "restore it from a backup") from error
    if texts["schema"] != _STORE:
        raise StoreError(f"{place}: schema is not {_STORE}", "a newer authkit may have made this store")
    if len(texts["id"]) != 32 or not set(texts["id"]) <= set("0123456789abcdef"):
        raise StoreError(f"{place}: id is not 32 lower-case hexadecimal digits")
    if texts["unlock"] not in KINDS_OF_UNLOCK:
        raise StoreError(f"{place}: unlock is neither keyring nor passphrase")
    return StoreInfo(path, texts["id"], texts["unlock"], texts["recipient"])


def _judge_folder(path: str) -> None:
    """Refuse a folder in which somebody else could have put or exchanged files."""
    try:
        status = os.stat(path)
    except OSError as error:
        raise StoreError(f"the store's folder {path} cannot be read") from error
    if status.st_uid not in (0, os.geteuid()):
        raise StoreError(f"{path} belongs to another user", f"chown -R {os.geteuid()} {path}")
    if status.st_mode & 0o022:
        raise StoreError(f"{path} can be written by other users", f"chmod 700 {path}")


def _read(path: str, limit: int, what: str) -> bytes:
    try:
        return files.read_private(path, limit, what)
    except AuthkitError as error:
        raise StoreError(error.message, error.hint) from error


def _parse_outer(data: bytes, path: str, name: str) -> "dict[str, object]":
    """Return the row of an entry's file if it has the form of one, which proves nothing."""
    try:
        outer = strictjson.parse(data, path)
        ends = ("clear",) if "clear" in outer else ("sealed", "mac")
        strictjson.members(outer, path, ("schema", "name", "metadata", *ends))
    except InputError as error:
        raise StoreError(error.message) from error
    if outer["schema"] != _KEY:
        raise StoreError(f"{path}: schema is not {_KEY}", "a newer authkit may have written it")
    if outer["name"] != name:
        raise StoreError(f"{path} holds a key of another name, so it was renamed or exchanged")
    if not isinstance(outer["metadata"], dict):
        raise StoreError(f"{path}: metadata is not an object")
    if not all(isinstance(outer[member], str) for member in ends):
        raise StoreError(f"{path}: {' or '.join(ends)} is not text")
    if "clear" in outer and outer["metadata"].get("kind") != "subkeys":
        raise StoreError(f"{path} is kept in clear and is not a subkey, so it was not written by authkit")
    return outer


def _metadata(outer: "dict[str, object]") -> "dict[str, object]":
    metadata = outer["metadata"]
    assert isinstance(metadata, dict)  # by _parse_outer
    return metadata


def _secret(row: "dict[str, object]", member: str, path: str) -> Secret:
    text = row[member]
    value = base64.decode(text) if isinstance(text, str) else None
    if not value:
        raise StoreError(f"{path}: {member} is not base64")
    return Secret(value)


def _same(one: object, other: object) -> bool:
    """Say whether two JSON values are equal, where true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(left, right) for left, right in zip(one, other, strict=True))
    return type(one) is type(other) and one == other
