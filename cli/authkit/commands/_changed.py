"""How does the issuer get a new key, and those who trust the old one the record of it?"""

import os

from authkit import clock, files
from authkit.ceremony.change import Change, make_change
from authkit.commands import _carried, _identity, _store, _trusted
from authkit.errors import NotFound, StoreError, UsageError
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.ceremony.places import Places
    from authkit.commands._identity import Identity
    from authkit.commands._quick import Given
    from authkit.stores.folder import FolderStore

NEXT = "authkit-issuer-next"
_LIMIT = 8 * 1024


def run(given: "Given") -> None:
    """Give the issuer a new key, or hand over the record of a change that was made before."""
    if not given.issuer or given.name is not None or (given.change_key and given.change is not None):
        raise UsageError("--change-key and --change are for --issuer, each alone and without a NAME")
    if given.no_passphrase and not given.change_key:
        raise UsageError("--no-passphrase is for a new key")
    if given.json:
        raise UsageError("a record is not written as JSON")
    _carried.check(given, what="the record", secret=False)
    store: "FolderStore" = _store.open_store(given.store)  # type: ignore[assignment]
    places = _identity.places_of(store)
    number = _change(store, places, given) if given.change_key else given.change
    path = _path(places, number)
    if not os.path.lexists(path):
        raise NotFound(f"no change of the key has the number {number}", f"{_count(places)} were made")
    _carried.deliver(
        files.read_private(path, _LIMIT, "record of a changed key"), given, what="the record", secret=False
    )


def _change(store: "FolderStore", places: "Places", given: "Given") -> int:
    """Put the new key in the old one's place; return the number of the change.  What was interrupted is finished."""
    old = _identity.issuer(store)
    _trusted.confirm(f"to give the issuer a new key, type its name {old.name}:", old.name, given)
    if NEXT not in store.names():
        own = None if given.no_passphrase else _identity.own_passphrase(store)
        _identity.make_next(store, NEXT, old.name, own)
    entry = store.get(NEXT)
    assert entry.secret is not None
    metadata = entry.metadata
    if metadata["fingerprint"] != old.fingerprint:  # else a run ended between the two steps below
        new = _identity.open_next(store, NEXT)
        _ = old.key, new.key  # before the lock, since a person may be asked
        with places.ledger.locked():
            _record(places, old, new)
            store.put(_identity.ISSUER, metadata, entry.secret, replace=True)
    store.delete(NEXT)
    number = _count(places)
    render.note(f"the issuer {old.name} signs with {metadata['fingerprint']} now (change {number})")
    return number


def _record(places: "Places", old: "Identity", new: "Identity") -> None:
    """Keep the record, then enter the change; a record without its line is written anew."""
    if last_key(places) == new.fingerprint:
        return
    if last_key(places) != old.fingerprint:
        raise StoreError("the key in the store is not the one that the ledger names last")
    at, head = clock.now(), places.ledger.head()
    files.write_secret(_path(places, _count(places) + 1), make_change(old.key, new.key, at, head), replace=True)
    change = Change(old.line, new.line, at, head)
    places.ledger.append([change.event(old.name)], at)


def last_key(places: "Places") -> str:
    """Return the fingerprint of the issuer's key that the ledger names last; "" for none."""
    found = ""
    for row in places.ledger.lines():
        if row["event"] == "issuer-changed":
            found = str(row.get("new"))
        elif row["event"] == "created" and (row.get("kind"), row.get("role")) == ("identity", "issuer"):
            found = str(row.get("key"))
    return found


def _count(places: "Places") -> int:
    return sum(row["event"] == "issuer-changed" for row in places.ledger.lines())


def _path(places: "Places", number: int) -> str:
    return os.path.join(places.folder, f"issuer-change-{number}.txt")
