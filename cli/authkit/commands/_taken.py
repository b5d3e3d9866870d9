"""How a response is put into the store."""

from authkit import seal
from authkit.ceremony import accept, peers, renew
from authkit.commands import _identity, _io, _keys, _made, _schemes, _store
from authkit.errors import Refused
from authkit.keys.describe import clear_fault
from authkit.keys.load import load_subkey_file
from authkit.secret import Secret
from authkit.stores.base import check_name
from authkit.ui import prompt, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.ceremony.accept import Response
    from authkit.ceremony.ledgers import Asked
    from authkit.ceremony.places import Places
    from authkit.commands._quick import Given
    from authkit.commands._received import Received
    from authkit.keys.scope import Chains
    from authkit.keys.subkeys import SubkeyFile
    from authkit.stores.base import Store
    from authkit.stores.folder import FolderStore


def take_in(received: "Received", given: "Given", name: "str | None") -> None:
    """Store a signed subkey file, if it is the response that we wait for.

    Args:
        received: with a signature.
        given: of import-subkey.
        name: in the store; None for the one that the request named, else the access key ID.

    Raises:
        Untrusted: naming which of the nine steps of F3 it does not pass.
        Refused: if the ID is not the expected one, or the name is taken.
    """
    store: "FolderStore" = received.store or _store.open_store(given.store)  # type: ignore[assignment]
    own = seal.recipient_of(store.identity())  # before the lock, since a person may be asked
    places, chains, at, what = _identity.places_of(store), _schemes.chains(), _io.instant(given.at), received.what
    response = accept.read_response(received.data, peers.issuers(places), chains, received.recipient or own, what)
    asked = accept.judge(response, places, places.ledger.lines(), chains, at, what)
    name = check_name(name or (asked.name if asked is not None else "") or response.file.access_key_id)
    _confirm(response.file, given, asked, at)
    if given.token is not None:
        _into_token(response, places, chains, given, name, at, what)
        return
    replace = _may_replace(store, name, response.file, given, asked, at)
    with places.ledger.locked():
        accept.judge(response, places, places.ledger.lines(), chains, at, what)
        _put(store, name, response.file, given, replace)
        places.ledger.append([response.event(name)], at)
    _report(response, given, name)


def _into_token(
    response: "Response", places: "Places", chains: "Chains", given: "Given", name: str, at: "datetime", what: str
) -> None:
    """Take the keys of a response into a token, beside those of the same name."""
    from authkit.commands import _token

    token = _token.open_for(given.token)
    with places.ledger.locked():
        accept.judge(response, places, places.ledger.lines(), chains, at, what)
        found = _token.put_subkeys(token, name, response.file)
        places.ledger.append([response.event(name)], at)
    _tell_signed(response)
    _token.tell_subkeys(token, name, found, given)


def _confirm(file: "SubkeyFile", given: "Given", asked: "Asked | None", at: "datetime") -> None:
    """Refuse keys of another access key than expected, and those that nobody asked for and nobody expects (T5)."""
    if given.unprotected and (fault := clear_fault(file, at)):
        raise Refused(f"--unprotected: {fault}", "leave out --unprotected")
    expect_id(file, given, is_asked=asked is not None)


def expect_id(file: "SubkeyFile", given: "Given", *, is_asked: bool) -> None:
    """Let the access key ID be typed, or compare it with --expect-id.

    Raises:
        Refused: if it is another.
        UsageError: if there is no terminal to type it on.
    """
    if given.expect_id is not None:
        if given.expect_id != file.access_key_id:
            raise Refused(f"the file is for {file.access_key_id} and {given.expect_id} was expected")
    elif not is_asked:
        instead = "say whose keys you expect with --expect-id"
        prompt.confirm_typed(
            f"subkeys of {file.access_key_id}; type that ID if you trust the file:", file.access_key_id, instead
        )


def _may_replace(
    store: "FolderStore", name: str, file: "SubkeyFile", given: "Given", asked: "Asked | None", at: "datetime"
) -> bool:
    """Say whether an entry of this name gives way: always by --force, else to its renewal alone.

    Raises:
        Refused: if it holds keys that still sign and that the new file lacks; or if another has the new file's scopes.
    """
    if given.force:
        return True
    refuse_conflict(file, store)
    if name not in store.names() or asked is None or asked.name != name:
        return False
    entry = store.get(name)
    if entry.metadata.get("kind") != "subkeys" or entry.secret == Secret(file.data or b""):
        return False
    held = load_subkey_file(_keys.open_entry(entry), _schemes.chains(), name)
    if (held.chain.label, held.access_key_id) != (file.chain.label, file.access_key_id):
        return False
    lost = renew.lost(held, file, at)
    if lost:
        count = f"{len(lost):,} keys that still sign" if len(lost) > 1 else "a key that still signs"
        hint = "give another NAME, or --force to replace it all the same"
        raise Refused(f"{name} holds {count} and that the new file lacks: {lost[0]}", hint)
    return True


def refuse_conflict(file: "SubkeyFile", store: "Store") -> None:
    """Refuse a file that has another key for a scope than the store: one of the two is wrong, and nobody could tell."""
    from authkit.keys.describe import may_overlap
    from authkit.keys.subkeys import conflict

    own = _made.metadata_of(file)
    for entry in store.listing():
        if not may_overlap(own, entry.metadata):
            continue
        held = load_subkey_file(_keys.open_entry(store.get(entry.name)), _schemes.chains(), entry.name)
        if scope := conflict(file, held):
            raise Refused(f"{entry.name} has another key for {scope}", "--force stores it all the same")


def _put(store: "FolderStore", name: str, file: "SubkeyFile", given: "Given", replace: bool) -> None:
    """Keep the exact bytes, so that the signature stays; what an interrupted run stored already stays as it is."""
    secret = Secret(_made.text_of(file))
    if name in store.names() and store.get(name).secret == secret:
        return
    store.put(name, _made.metadata_of(file), secret, replace=replace, protected=not given.unprotected)


def _report(response: "Response", given: "Given", name: str) -> None:
    render.note(f"stored as {name}")
    _tell_signed(response)
    _made.report([response.file], given, [name])


def _tell_signed(response: "Response") -> None:
    render.note(f"response {response.issued.sequence} of {response.issuer.name} ({response.key}), signature checked")
