"""List what the store holds.

Nothing is unlocked, so nothing shown is verified.  A subkey is called expired only when nothing signed with it can
be accepted any more: its key mints new presigned URLs after its last day.  --expiring lists what soon signs no longer,
soonest end first, and prints nothing where there is nothing to renew.

Examples:

  $ authkit list-keys
  authkit: note: the store is empty: 'authkit keygen NAME' makes a key
"""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given
    from authkit.stores.base import Entry

OPTIONS = (
    ("--expiring", "int", "DAYS", "only what signs for the last time within DAYS", None),
    _rows.TOKEN,
    _rows.STORE,
    _rows.AT,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _expiring, _io, _store
    from authkit.ui import render

    if given.token is not None:
        from authkit.commands import _token

        _token.refuse_beside(given, "expiring", "store", "at")
        _token.list_keys(given)
        return
    _expiring.check(given.expiring)
    store = _store.open_store(given.store)
    entries = store.listing()
    now = _io.instant(given.at)
    if given.expiring is not None:
        entries = _expiring.chosen(entries, given.expiring, now)
    if given.json:
        keys = [
            {"name": one.name, "verified": False, "protected": one.protected, **one.metadata, **_error(one)}
            for one in entries
        ]
        render.write_json({"schema": "authkit.keys/v1", "keys": keys})
        return
    if given.expiring is not None:
        _expiring.show(entries, given.expiring, now)
        return
    if not entries:
        render.note("the store is empty: 'authkit keygen NAME' makes a key")
    else:
        rows = [_row(one, f"{now:%Y-%m-%dT%H:%M:%SZ}") for one in entries]
        render.write(render.table(("NAME", "KIND", "ID", "GOOD FOR", "STATE"), rows))
    if store.info.unlock == "keyring" and not store.info.has_identity_file():  # type: ignore[attr-defined]
        render.note("no copy of the store's identity was made: 'authkit export-key --store-identity FILE' writes one")


def _error(entry: "Entry") -> "dict[str, str]":
    return {} if entry.error is None else {"error": entry.error}


def _row(entry: "Entry", now: str) -> "tuple[str, ...]":
    found = entry.metadata
    kind = str(found.get("kind", "?"))
    if entry.error is not None:
        return entry.name, kind, "", "", f"damaged: {entry.error}"
    if kind == "subkeys":
        return entry.name, kind, str(found.get("access_key_id")), good_for(found), _state(found, now)
    if kind == "ca":
        until = str(found.get("not_after", ""))
        state = "no certificate yet" if not until else "expired" if until < now else f"until {until[:10]}"
        return entry.name, kind, str(found.get("fingerprint", ""))[:16], str(found.get("common_name")), state
    if kind == "identity":
        return entry.name, kind, str(found.get("fingerprint"))[:23], f"{found.get('role')} {found.get('name')}", ""
    if kind == "key-pair":
        return entry.name, kind, str(found.get("fingerprint"))[:16], str(found.get("type")), ""
    use = "derives only" if found.get("use") == "derive" else str(found.get("scheme", "any scheme"))
    ended = str(found.get("expires_at", "9")) < now
    return entry.name, kind, str(found.get("access_key_id")), use, "session ended" if ended else ""


def _state(found: "dict[str, object]", now: str) -> str:
    if now < str(found.get("signs_from")):
        return f"not yet; dangerous until {found.get('dangerous_until')}"
    if now <= str(found.get("signs_until")):
        return f"signs; dangerous until {found.get('dangerous_until')}"
    if now <= str(found.get("dangerous_until")):
        return f"signs no headers; dangerous until {found.get('dangerous_until')}"
    return "expired"


def good_for(found: "dict[str, object]") -> str:
    """Return the days, regions and services of a subkey file, by what a store says of it."""
    parts = [found.get("regions") or ["every region"], found.get("services") or ["every service"]]
    scope = " ".join([",".join([str(one) for one in part][:3]) for part in parts if isinstance(part, list)])
    days = dict.fromkeys([str(found.get(name))[:10] for name in ("signs_from", "signs_until")])
    return f"{' to '.join(days)} {scope}"
