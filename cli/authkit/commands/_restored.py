"""What becomes of a key that comes back from paper?"""

from authkit import clock
from authkit.ceremony import kept as keeping
from authkit.ceremony.leaflet import summary
from authkit.ceremony.paper import PAPER, SHARE
from authkit.commands import _backed_up, _made, _store
from authkit.errors import InputError, NotFound, Refused, UsageError
from authkit.secret import Secret
from authkit.stores.base import check_name
from authkit.ui import render
from authkit.ui.printable import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.ceremony.kept import Kept
    from authkit.ceremony.paper import Row
    from authkit.commands._quick import Given
    from authkit.keys.pair import KeyPair
    from authkit.stores.folder import FolderStore

_NAMED = {"identity": "our own signing key", "store": "the identity of a store"}


def judge_row(row: "Row", given: "Given") -> None:
    """Refuse after the first lines that are typed what would be refused after the last.

    Raises:
        UsageError: as for `judge_options`.
        Refused: if there is a key of that name.
    """
    label, content = row
    if label in (PAPER, SHARE):
        judge_options(content, given)
    free = given.check or given.force or given.name is not None
    if label == "name" and not free and content in _names(given):
        raise Refused(f"there is a key named {content}", "--force replaces it, and --name NAME puts this one beside it")


def _names(given: "Given") -> "list[str]":
    try:
        return _store.open_store(given.store).names()
    except NotFound:
        return []


def judge_options(kind: str, given: "Given") -> None:
    """Refuse options that are not for a key of this kind.

    Raises:
        UsageError: naming the option.
    """
    if given.output is not None and kind != "store":
        raise UsageError("--output is for the identity of a store", "a key goes into the store")
    if (given.certificate or given.new_ledger) and kind != "ca":
        raise UsageError("--certificate and --new-ledger are for a CA")
    if kind == "ca" and not given.certificate and not given.check:
        raise UsageError("the certificate of a CA is not on paper", "give it with --certificate FILE")
    if given.name is not None and kind in _NAMED:
        raise UsageError(f"--name is not for {_NAMED[kind]}", "leave it out")


def compare(kept: "Kept", given: "Given") -> None:
    """Say whether the pages hold the key that is in the store.

    Raises:
        InputError: if what they hold cannot be a key.
        Refused: if it is another.
    """
    name = check_name(given.name or kept.name) if kept.kind != "store" else "the store"
    stored = _stored(kept, name, given)
    kept = _canonical(kept)
    if stored is not None:
        _judge_same(kept, stored, name)
    if given.json:
        about = {"name": kept.name, "kind": kept.kind, "check": kept.check(), "compared": stored is not None}
        render.write_json({"schema": "authkit.restored/v1", **about})
        return
    same = "its identity is the same" if kept.kind == "store" else f"{name} is the same key"
    rows = [
        ("pages", "in order"),
        ("key", one_line(summary(kept))),
        ("check value", f"{kept.check()} fits"),
        ("store", same if stored is not None else f"has nothing named {name}, so nothing was compared"),
    ]
    render.write(render.facts(rows))


def _stored(kept: "Kept", name: str, given: "Given") -> "Kept | None":
    """Return what the store holds under that name, as it would be on paper; None for nothing, or no store."""
    try:
        store: "FolderStore" = _store.open_store(given.store)  # type: ignore[assignment]
        return _backed_up.of_store(store) if kept.kind == "store" else _backed_up.of_entry(store.get(name))
    except NotFound:
        return None


def _judge_same(kept: "Kept", stored: "Kept", name: str) -> None:
    if (kept.kind, kept.holds, kept.secret) != (stored.kind, stored.holds, stored.secret):
        raise Refused(f"{name} is another key than the one on paper: {summary(kept)}")
    for label in kept.facts | stored.facts:
        here, there = kept.facts.get(label, keeping.NONE), stored.facts.get(label, keeping.NONE)
        if here != there and label != "name":
            raise Refused(f"the key is the same, and {label} is not: {here} on paper and {there} in the store")


def _canonical(kept: "Kept") -> "Kept":
    """Return what a key is once it was read as one, as `_stored` has it."""
    if kept.holds == "pkcs8":
        return keeping.of_private_key(kept.kind, kept.facts, _pair(kept).private_pem)
    if kept.kind == "store":
        _identity(kept)
    else:
        keeping.to_access_key(kept, "the page")
    return kept


def _pair(kept: "Kept") -> "KeyPair":
    from authkit.keys.pair import load_pair

    return load_pair(keeping.to_private_pem(kept), "the page")


def _identity(kept: "Kept") -> str:
    from authkit import seal

    return seal.canonical_identity(kept.text)


def keep(kept: "Kept", given: "Given") -> None:
    """Put a key back into the store."""
    name = check_name(given.name or kept.name) if kept.kind != "store" else ""
    if kept.kind == "store":
        _keep_identity(_identity(kept), given)
    elif kept.kind == "ca":
        from authkit.commands import _restored_ca

        _restored_ca.keep(kept, _pair(kept), name, given)
    elif kept.kind == "identity":
        _keep_signer(kept, _pair(kept), given)
    else:
        made = keeping.to_access_key(kept, "the page") if kept.kind == "access-key" else _pair(kept)
        given.output = None
        _made.keep([name], [made], given)
        _made.report([made], given, [name])


def _keep_signer(kept: "Kept", pair: "KeyPair", given: "Given") -> None:
    """Put our signing key of the air gap back, an issuer's under a passphrase of its own (S18)."""
    from authkit.commands import _identity
    from authkit.keys.prove import load_private
    from authkit.keys.sshsig import public_line

    role, called = kept.facts["role"], check_name(kept.facts["called"])
    if kept.name != {"requester": _identity.REQUESTER, "issuer": _identity.ISSUER}.get(role) or pair.type != "ed25519":
        raise InputError(f"the page: not the signing key of a {role}")
    store: "FolderStore" = _store.open_or_make(given.store, given.unlock)  # type: ignore[assignment]
    own = _identity.own_passphrase(store) if role == "issuer" and not given.no_passphrase else None
    line = public_line(load_private(pair.private_pem, kept.name).public())
    metadata = _identity.metadata_of(role, called, line, own)
    store.put(kept.name, metadata, Secret(_made.sealed(pair.private_pem, own)), replace=given.force)
    _tell(kept, kept.name, str(metadata["fingerprint"]), given)


def _keep_identity(identity: str, given: "Given") -> None:
    """Let a store open again, or write its identity under a passphrase."""
    from authkit import seal
    from authkit.unlock import keyring, passphrase

    if given.output is not None:
        passphrase.keep_identity(
            given.output, identity, _store.new_passphrase("passphrase of the copy"), replace=given.force
        )
        render.note(f"the identity is in {given.output}; 'age -d' opens it")
        return
    info = _store.open_store(given.store).info  # type: ignore[attr-defined]
    if seal.recipient_of(identity) != info.recipient:
        raise Refused(f"the identity on paper is not that of the store at {info.path}", "write it with --output FILE")
    if info.unlock == "keyring":
        render.note(f"the store's identity is in the {keyring.store_identity(info.id, identity)}")
        return
    if info.has_identity_file() and not given.force:
        raise Refused(f"{info.identity_path} exists", "--force replaces it, under a new passphrase")
    new = _store.new_passphrase("new passphrase of the store")
    passphrase.keep_identity(info.identity_path, identity, new, replace=given.force)
    render.note(f"the store at {info.path} opens by the new passphrase")


def _tell(kept: "Kept", name: str, told: str, given: "Given") -> None:
    render.note(f"stored as {name}")
    if given.json:
        about = {"name": name, "kind": kept.kind, "fingerprint": told, "created_at": clock.format_instant(clock.now())}
        render.write_json({"schema": "authkit.keys/v1", "keys": [about]})
    else:
        render.write(f"{summary(kept)}: {told}\n")
