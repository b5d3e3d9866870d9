"""How does a person look at a request for subkeys, and answer it?"""

import os
from hashlib import sha256

from authkit import clock, files
from authkit.ceremony import approve, ledgers, peers, policy, response
from authkit.commands import (
    _carried,
    _changed,
    _derived,
    _identity,
    _keys,
    _schemes,
    _sealed,
    _store,
    _trusted,
    _weighed,
)
from authkit.errors import InputError, NotFound, Refused, StoreError, Untrusted, UsageError
from authkit.ui import prompt, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from authkit.ceremony.approve import Plan
    from authkit.ceremony.places import Places
    from authkit.ceremony.response import Approved
    from authkit.commands._identity import Identity
    from authkit.commands._quick import Given
    from authkit.keys.request import Wanted
    from authkit.keys.select import Key
    from authkit.stores.folder import FolderStore

    Line = dict[str, object]

_LIMIT = 128 << 20
_NOT_RECORDED = ("clock-backwards", "clock-leap", "clock-not-confirmed")  # a line would carry the wrong time


def answer(given: "Given", path: str) -> None:
    """Judge a request, show it, have it approved by a person, and hand the response over."""
    what = "standard input" if path == "-" else path
    store, places, issuer = _open(given)
    data = _carried.read(path, "request")
    request, text, requester = approve.open_request(data, peers.requesters(places), what)
    digest = sha256(text).hexdigest()
    chains = _schemes.chains()

    def judge(at: "datetime") -> "Plan":
        if request.scheme not in chains:
            raise InputError(f"{what}: the scheme {request.scheme[:64]!r} is not known here")
        lines, head = places.ledger.lines(), places.ledger.head()
        chain = chains[request.scheme]
        return approve.judge(request, digest, requester, chain, lines, head, issuer.fingerprint, at, what)

    try:
        plan = judge(clock.now())
        _ = issuer.key  # only now is anybody asked for its passphrase, and for that of the master
        keys = keys_for(given, store, plan.request.access_key_id, plan.wanted)
        _trusted.show(_weighed.rows_of(plan, text, len(places.ledger.lines()), keys), given)
        confirm_clock(given)
        if plan.starting_over:
            _confirm_starting_over(plan, given)
        _confirm_keys(requester.name, given)
    except Untrusted as error:
        refused(places, requester.name, digest, error.reason)
        raise
    with places.ledger.locked():
        at = clock.now()
        plan = judge(at)  # again, now that nobody else can write
        row = plan.finishing
        if row is None:
            places.ledger.append([plan.event(at)], at)
            row = places.ledger.lines()[-1]
        sealed = issue(places, row, keys, issuer, at)
    _hand_over(sealed, row, requester.name, given)


def again(given: "Given", name: str, number: int) -> None:
    """Hand a response over again, unchanged; one whose approval was interrupted is made first, once it is confirmed."""
    store: "FolderStore" = _store.open_store(given.store)  # type: ignore[assignment]
    _carried.check(given, what="the response", secret=False)
    places = _identity.places_of(store)
    history = approve.history_of(places.ledger.lines(), name)
    row = _approval(history, name, number)
    path = places.response(name, number)
    if number in history.responses and os.path.lexists(path):
        _hand_over(files.read_private(path, _LIMIT, "response"), row, name, given)
        return
    issuer = issuer_of(store, places)
    lines, head = places.ledger.lines(), places.ledger.head()
    approved = response.read_approved(row, _schemes.chains(), lines, head)
    _judge_again(peers.load_requester(places, name), approved, lines)
    keys = keys_for(given, store, approved.access_key_id, approved.wanted)
    rows = [("request", ledgers.text(row, "request")), ("requester", name), ("recipient", approved.recipient)]
    asked = _weighed.asked_rows(approved.wanted, approved.access_key_id, keys)
    _trusted.show([*rows, *asked, ("answer", f"number {number}, approved {row['at']}, made now")], given)
    confirm_clock(given)
    _confirm_keys(name, given)
    with places.ledger.locked():
        sealed = issue(places, row, keys, issuer, clock.now())
    _hand_over(sealed, row, name, given)


def confirm_clock(given: "Given") -> None:
    """Have a person say that this machine's clock is right, by today's date (S33).

    Raises:
        Untrusted: "clock-not-confirmed".
        UsageError: if there is neither --confirm-date nor a terminal.
    """
    at = clock.now()
    today = f"{at:%Y-%m-%d}"
    if given.confirm_date is not None:
        if given.confirm_date not in (today, today.replace("-", "")):
            raise Untrusted("clock-not-confirmed", "the clock", f"here it is {clock.format_instant(at)}")
        return
    instead = "say what day it is with --confirm-date YYYY-MM-DD"
    try:
        prompt.confirm_typed(f"this machine's clock says {at:%H:%M:%S} UTC; type today's UTC date:", today, instead)
    except Refused as error:
        hint = "set it with: date -u -s 'YYYY-MM-DD hh:mm:ss'"
        raise Untrusted("clock-not-confirmed", "the clock", f"here it is {clock.format_instant(at)}", hint) from error


def confirm_name(text: str, name: str, what: str, given: "Given") -> None:
    """Have the requester's name typed, or given with --confirm.

    Raises:
        Untrusted: "not-confirmed", if it is another.
        UsageError: if there is neither --confirm nor a terminal.
    """
    try:
        _trusted.confirm(text, name, given)
    except Refused as error:
        raise Untrusted("not-confirmed", what) from error


def _confirm_keys(name: str, given: "Given") -> None:
    confirm_name("same words there, and these the keys? type the requester's name:", name, "the request", given)


def _confirm_starting_over(plan: "Plan", given: "Given") -> None:
    name = plan.requester.name
    if given.starting_over is None:
        instead = "if it has lost all that it was given, say so with --starting-over NAME"
        try:
            prompt.confirm_typed(f"{name} has lost what it was given, and starts over? type its name:", name, instead)
        except (Refused, UsageError) as error:
            raise Untrusted("starting-over", "the request", name, instead) from error
    elif given.starting_over != name:
        raise Untrusted("starting-over", "the request", name)


def _open(given: "Given") -> "tuple[FolderStore, Places, Identity]":
    _carried.check(given, what="the response", secret=False)
    store: "FolderStore" = _store.open_store(given.store)  # type: ignore[assignment]
    places = _identity.places_of(store)
    return store, places, _known_issuer(store, places)


def issuer_of(store: "FolderStore", places: "Places") -> "Identity":
    """Return the issuer, its key opened, if it is the one that the ledger names last."""
    issuer = _known_issuer(store, places)
    _ = issuer.key
    return issuer


def _known_issuer(store: "FolderStore", places: "Places") -> "Identity":
    issuer = _identity.issuer(store)
    if _changed.last_key(places) != issuer.fingerprint:
        hint = "'authkit show-identity --issuer --change-key' finishes a change of the key that was interrupted"
        raise StoreError("the issuer's key is not the one that its ledger names last", hint)
    return issuer


def _approval(history: "approve.History", name: str, number: int) -> "Line":
    """Return the line of an approval under the issuer's present key."""
    if number in history.approvals:
        return history.approvals[number]
    hint = f"the last is {history.sequence}" if history.sequence else "'authkit list-trusted' shows whom we trust"
    raise NotFound(f"nothing was approved for {name} with the number {number}", hint)


def _judge_again(requester: "peers.Requester", approved: "Approved", lines: "Sequence[Line]") -> None:
    """Refuse to make a response that would not be approved now, so that whose trust ended gets nothing more."""
    what, at = f"the response {approved.sequence}", clock.now()
    if requester.recipient != approved.recipient:
        raise Untrusted("recipient-unknown", what, approved.recipient)
    approve.judge_policy_file(requester, lines, what)
    approve.check_clock(lines, at)
    policy.judge(requester, approved.access_key_id, approved.wanted, at.date(), what)


def keys_for(given: "Given", store: "FolderStore", access_key_id: str, wanted: "Wanted") -> "list[Key]":
    """Return what the subkeys are derived from: --key, else the store's key of that ID, masters first."""
    from authkit.keys.request import Wanted as Part
    from authkit.keys.request import derive_wanted

    name = given.key
    if name is None:
        found = [
            one for one in store.listing() if one.metadata.get("access_key_id") == access_key_id and one.error is None
        ]
        found = [one for one in found if one.metadata.get("kind") == "access-key"]
        found.sort(key=lambda one: one.metadata.get("use") != "derive")
        if not found:
            raise NotFound(f"the store holds no access key {access_key_id}", "import it, or name it with --key REF")
        name = found[0].name
    keys = _keys.resolve(name, store)
    sample = derive_wanted(keys, Part(wanted.chain, wanted.level, wanted.days[:1], wanted.pairs[:1]))
    if sample[0].access_key_id != access_key_id:
        raise Refused(f"the key is {sample[0].access_key_id}, and {access_key_id} was asked for")
    return keys


def issue(places: "Places", row: "Line", keys: "list[Key]", issuer: "Identity", at: "datetime") -> bytes:
    """Make the response that a line of the ledger approved, keep it, and say so in the ledger; its lock is held."""
    lines, head = places.ledger.lines(), places.ledger.head()
    approved = response.read_approved(row, _schemes.chains(), lines, head)
    subkeys = _derived.derive_all(keys, approved.wanted)
    signed, digest = response.sign_response(approved, subkeys, issuer.key, issuer.fingerprint)
    known = approve.history_of(lines, approved.requester).responses.get(approved.sequence)
    if known not in (None, digest):
        raise StoreError(f"the response {approved.sequence} cannot be made again as it was: the key is another")
    is_enrolled = approved.recipient in [one.recipient for one in peers.requesters(places)]  # only then a plugin starts
    sealed = _sealed.seal_to(approved.recipient, signed, plugins=is_enrolled).encode("ascii")
    files.write_secret(places.response(approved.requester, approved.sequence), sealed, replace=True)
    if known is None:
        places.ledger.append([response.issued_event(approved, digest)], at)
    return sealed


def refused(places: "Places", name: str, digest: str, reason: str) -> None:
    """Enter a refusal; the request was signed by a requester that is trusted."""
    if reason not in _NOT_RECORDED:
        with places.ledger.locked():
            event: "Line" = {"event": "refused", "requester": name, "request": digest, "reason": reason}
            places.ledger.append([event], clock.now())


def _hand_over(sealed: bytes, row: "Line", name: str, given: "Given") -> None:
    _carried.deliver(sealed, given, what="the response", secret=False)
    if given.json:
        names = ("sequence", "request", "access_key_id", "scheme", "level", "scopes", "days", "issued_at")
        found = {"schema": "authkit.approved/v1", "requester": name, **{one: row[one] for one in names}}
        render.write_json(found)
    else:
        render.note(f"response {row['sequence']} for {name}; it opens with the key of {name} alone")
