"""Who are we across the air gap: as one who asks, and as one who issues?"""

import os

from authkit.ceremony.card import Card
from authkit.ceremony.places import Places
from authkit.errors import NotFound, Refused, StoreError
from authkit.keys.sshsig import fingerprint_of, public_line
from authkit.secret import Secret
from authkit.stores.base import check_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from authkit.keys.prove import PrivateKey
    from authkit.stores.base import Entry
    from authkit.stores.folder import FolderStore

REQUESTER, ISSUER = "authkit-requester", "authkit-issuer"


class Identity:
    """A signing key of this store, with what belongs to it.

    Args:
        open_key: gives the private key; asked for a passphrase or a PIN only then, so what is public costs none.

    Attributes:
        role: "requester" or "issuer".
        name: what we are called.
        recipient: what is sealed to us; "none" for an issuer.
        line: the public half of the key: "ssh-ed25519 AAAA…".
        fingerprint: "SHA256:…".
    """

    __slots__ = ("_key", "_open_key", "fingerprint", "line", "name", "recipient", "role")

    def __init__(self, role: str, name: str, recipient: str, line: str, open_key: "Callable[[], PrivateKey]") -> None:
        self.role = role
        self.name = name
        self.recipient = recipient
        self.line = line
        self.fingerprint = fingerprint_of(line)
        self._open_key = open_key
        self._key: "PrivateKey | None" = None

    @property
    def key(self) -> "PrivateKey":
        """The private key, Ed25519; a person may be asked the first time, so call it before a lock is taken.

        Raises:
            StoreError: if it is not the one that the store says it is.
        """
        if self._key is None:
            key = self._open_key()
            if public_line(key.public()) != self.line:
                raise StoreError(f"authkit-{self.role} is another key than the store says")
            self._key = key
        return self._key

    def __repr__(self) -> str:
        return f"<Identity {self.role} {self.name}>"

    def card(self) -> Card:
        """Return what we say of ourselves."""
        return Card(self.role, self.name, self.recipient, self.line)


def places_of(store: "FolderStore") -> Places:
    """Return the folders of the ceremony in a store, made when absent."""
    places = Places(store.info.path)
    places.make()
    return places


def requester(store: "FolderStore", name: "str | None" = None) -> Identity:
    """Return who we are as one who asks.

    Args:
        store: whose identity is the recipient; it is unlocked.
        name: what we are called, where there is no identity yet; None to make none.

    Raises:
        NotFound: if there is none, and *name* is None.
        StoreError: as the store has it.
    """
    if REQUESTER not in store.names():
        if name is None:
            raise NotFound("we have no identity to ask with yet", "'authkit show-identity NAME' makes one")
        _make(store, "requester", check_name(name), None)
    return _open(store, REQUESTER, "requester")


def issuer(store: "FolderStore") -> Identity:
    """Return who we are as one who issues; the passphrase of its key is asked for when it is used.

    Raises:
        NotFound: if there is none.
        StoreError: as the store has it.
    """
    if ISSUER not in store.names():
        raise NotFound("we have no identity to issue with yet", "'authkit show-identity --issuer NAME' makes one")
    return _open(store, ISSUER, "issuer")


def make_issuer(store: "FolderStore", name: str, own: "bytes | None", token: "str | None" = None) -> Identity:
    """Make the identity of an issuer.

    Args:
        own: the passphrase of its key; None for none (S18).
        token: the URI of the token in which its key is made; None for a key here.

    Raises:
        Refused: if there is one.
    """
    _make(store, "issuer", check_name(name), own, token)
    return _open(store, ISSUER, "issuer")


def own_passphrase(store: "FolderStore") -> bytes:
    """Return a passphrase for a new key of the issuer."""
    from authkit.commands import _store

    store.identity()  # its passphrase is asked for before a new one is chosen
    return _store.new_passphrase("passphrase of the issuer's key", _store.KEY_PASSPHRASE_FILE)


def default_name() -> "str | None":
    """Return what this machine is called, if that can be a name."""
    from authkit.stores.base import is_name

    name = os.uname().nodename.partition(".")[0]
    return name if is_name(name) else None


def metadata_of(role: str, name: str, line: str, own: "bytes | None") -> "dict[str, object]":
    """Return what a store says in clear of the key of an identity."""
    from authkit import clock

    found: "dict[str, object]" = {
        "kind": "identity",
        "role": role,
        "name": name,
        "public_key": line,
        "fingerprint": fingerprint_of(line),
        "created_at": clock.format_instant(clock.now()),
    }
    return found if own is None else {**found, "passphrase": True}


def make_next(store: "FolderStore", entry_name: str, name: str, own: "bytes | None") -> None:
    """Put a key that is to become the issuer's into the store."""
    secret, line = _generate(own)
    store.put(entry_name, metadata_of("issuer", name, line, own), secret)


def open_next(store: "FolderStore", entry_name: str) -> Identity:
    """Return the key that is to become the issuer's."""
    return _open(store, entry_name, "issuer")


def _make(store: "FolderStore", role: str, name: str, own: "bytes | None", token: "str | None" = None) -> None:
    from authkit import clock

    ledger = places_of(store).ledger
    store.identity()  # before the lock, since a person may be asked
    secret, line, label = (*_generate(own), None) if token is None else _generate_in(token)
    metadata = metadata_of(role, name, line, own)
    if label is not None:
        metadata["token"] = label
    event: "dict[str, object]" = {"event": "created", "kind": "identity", "role": role, "key": fingerprint_of(line)}
    with ledger.locked():
        ledger.append([event], clock.now())  # first: a key without its line would never issue anything
        store.put(REQUESTER if role == "requester" else ISSUER, metadata, secret)


def _generate(own: "bytes | None") -> "tuple[Secret, str]":
    """Return a new private key as it lies in the store, under its own passphrase if it has one; and its line."""
    from authkit import seal
    from authkit.keys.pair import generate_pair
    from authkit.keys.prove import load_private

    pem = generate_pair("ed25519").private_pem
    sealed = pem if own is None else seal.encrypt_with_passphrase(own, pem).encode("ascii")
    return Secret(sealed), public_line(load_private(pem, "key").public())


def _generate_in(token: str) -> "tuple[Secret, str, str]":
    """Return the URI of a new private key in a token, the line of the key, and what the token is called."""
    from authkit.commands import _token
    from authkit.keys.prove import wrap_private

    key = _token.make_pair(_token.open_for(token), ISSUER, "ed25519")
    return Secret(key.uri.encode("utf-8")), public_line(wrap_private(key, "key").public()), key.token


def _open(store: "FolderStore", entry_name: str, role: str) -> Identity:
    from authkit import seal
    from authkit.commands import _io, _keys

    _io.protect_process()
    entry = store.get(entry_name)
    _judge(entry, role)
    recipient = seal.recipient_of(store.identity()) if role == "requester" else "none"
    name, line = str(entry.metadata["name"]), str(entry.metadata["public_key"])
    return Identity(role, name, recipient, line, lambda: _keys.private_key(entry))


def _judge(entry: "Entry", role: str) -> None:
    """Refuse a key of that name that somebody else put there."""
    metadata = entry.metadata
    if metadata.get("kind") != "identity":
        raise Refused(f"{entry.name} is a key of yours, not our identity", "give that key another name")
    if metadata.get("role") != role or not isinstance(metadata.get("name"), str) or "public_key" not in metadata:
        raise StoreError(f"{entry.name} is the key of another identity")
