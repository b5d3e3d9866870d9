"""Which CA of the store does a command work with?"""

import os

from authkit import files
from authkit.commands import _io, _keys, _store
from authkit.errors import NotFound, Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.certs.authority import Authority
    from authkit.certs.record import Record
    from authkit.commands._ca_ledger import CaLedger
    from authkit.commands._quick import Given
    from authkit.stores.base import Entry, Store

_NO_CA = "'authkit create-ca NAME' makes one"
# why a CA was revoked whose key another may have
_COMPROMISED = ("key-compromise", "ca-compromise")


def choose(given: "Given") -> "tuple[Authority, CaLedger]":
    """Return the CA that --ca names, or the only one in the store, without its key.

    Nothing is unlocked and nobody is asked, so what the store says of the CA is not verified.

    Args:
        given: with `ca` and `store`.

    Raises:
        NotFound, StoreError, UsageError: as `open_ca` has it.
    """
    from authkit.certs.authority import load_authority

    store = open_store(given.store)
    entry = _entry(given.ca, store)
    return _with_ledger(load_authority(entry.metadata, None, entry.name), store)


def open_ca(given: "Given", *, issuing: bool = True) -> "tuple[Authority, CaLedger]":
    """Return the CA that --ca names, or the only one in the store, ready to sign; passphrases are asked for.

    Args:
        given: with `ca` and `store`.
        issuing: False to sign lists alone, which a CA whose key is compromised still has to.

    Raises:
        NotFound: if there is no such CA.
        Refused: if its certificate is still to come; if it may not issue, since its parent in the same store revoked
            it for a compromise.
        StoreError: if it is damaged.
        UsageError: if the store holds several CAs and none was named.
    """
    from authkit.certs.authority import load_authority

    _io.protect_process()
    store = open_store(given.store)
    entry = store.get(_entry(given.ca, store).name)
    _judge_entry(entry)  # again, now that it is verified
    _judge_revocation(entry, store, issuing)
    assert entry.secret is not None
    if _keys.is_in_token(entry.secret.reveal()):
        from authkit.commands import _token

        authority = load_authority(entry.metadata, None, entry.name)
        _token.attach(authority, entry.secret.reveal())
        return _with_ledger(authority, store)
    return _with_ledger(load_authority(entry.metadata, _keys.open_entry(entry), entry.name), store)


def _judge_revocation(entry: "Entry", store: "Store", issuing: bool) -> None:
    """Refuse a CA that its parent in the same store revoked for a compromise; warn of one revoked for another reason.

    Raises:
        Refused: if it is to issue.
    """
    from authkit.ui import render

    parent = str(entry.metadata.get("parent", ""))
    if parent in store.names():
        found = record_of(ledger_of(parent, store)).revoked.get(str(entry.metadata.get("serial")))
        if found is not None:
            fact = f"the CA {entry.name} was revoked by {parent} ({found.reason})"
            if issuing and found.reason in _COMPROMISED:
                raise Refused(fact, f"'authkit create-ca NAME --parent {parent}' makes a new one")
            render.warn(f"{fact}: verifiers that see its CRL refuse what is issued here")


def list_cas(store: "Store") -> "list[Entry]":
    """Return the CAs of a store, sorted by name, those whose certificate is still to come included."""
    return [one for one in store.listing() if one.metadata.get("kind") == "ca"]


def _with_ledger(authority: "Authority", store: "Store") -> "tuple[Authority, CaLedger]":
    return authority, ledger_of(authority.name, store, authority)


def ledger_of(name: str, store: "Store", authority: "Authority | None" = None) -> "CaLedger":
    """Return the ledger of a CA; its folder is made when absent.

    Args:
        name: of the CA.
        authority: whose ledger it must be; None for a CA that is being made, and may have none yet.
    """
    from authkit.certs.record import ski_of
    from authkit.commands._ca_ledger import CaLedger

    folder = os.path.join(store.info.path, "ledgers")  # type: ignore[attr-defined]
    files.make_private_folder(folder)
    issuer = None if authority is None else ski_of(authority.certificate)
    return CaLedger(os.path.join(folder, f"{name}.jsonl"), name, issuer)


def record_of(ledger: "CaLedger") -> "Record":
    """Return what a CA's ledger says of its certificates.

    Raises:
        StoreError: as `CaLedger.record` has it.
    """
    return ledger.record()


def open_store(given: "str | None") -> "Store":
    """Return the store, as `_store.open_store` does; where there is none, a CA is what would make it."""
    try:
        return _store.open_store(given)
    except NotFound as error:
        raise NotFound(error.message, _NO_CA) from error


def _entry(name: "str | None", store: "Store") -> "Entry":
    found = list_cas(store)
    if name is None:
        if len(found) == 1:
            return _judge_entry(found[0])
        if not found:
            raise NotFound("the store holds no CA", _NO_CA)
        raise UsageError(
            "the store holds several CAs", f"say which with --ca: {', '.join([one.name for one in found])}"
        )
    for one in store.listing():
        if one.name == name:
            return _judge_entry(one)
    known = ", ".join([one.name for one in found])
    raise NotFound(f"no CA named {name[:64]}", f"the store holds {known}" if known else _NO_CA)


def _judge_entry(entry: "Entry") -> "Entry":
    """Return the entry if it is a CA that has its certificate."""
    from authkit.errors import StoreError

    if entry.error is not None:
        raise StoreError(f"the CA {entry.name} is damaged: {entry.error}")
    if entry.metadata.get("kind") != "ca":
        raise NotFound(f"{entry.name} is not a CA", "'authkit list-keys' shows what the store holds")
    if "certificate" not in entry.metadata:
        raise Refused(
            f"the certificate of the CA {entry.name} is still to come from its parent",
            f"authkit create-ca {entry.name} --certificate FILE",
        )
    return entry
