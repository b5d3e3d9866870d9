"""How a request for subkeys comes about."""

import os
from hashlib import sha256

from authkit import words
from authkit.ceremony import ask, ledgers, peers, renew
from authkit.ceremony.request import parse_request
from authkit.commands import _carried, _identity, _io, _keys, _schemes, _store
from authkit.errors import NotFound, Refused, UsageError
from authkit.keys.load import load_subkey_file
from authkit.keys.request import Wanted, read_days, read_pairs
from authkit.keys.scope import id_fault
from authkit.keys.sshsig import fingerprint_of, split_signed
from authkit.keys.subkeys import SubkeyFile
from authkit.stores.base import check_name
from authkit.ui import render
from authkit.ui.printable import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

    from authkit.ceremony.peers import Issuer
    from authkit.ceremony.places import Places
    from authkit.ceremony.request import SubkeyRequest
    from authkit.commands._quick import Given
    from authkit.stores.folder import FolderStore

_SAID_BY_THE_OLD = ("access_key_id", "scope", "region", "service", "level", "scheme")


def check(given: "Given") -> None:
    """Refuse options that contradict each other, before a passphrase is asked for.

    Raises:
        UsageError: naming the option.
    """
    if given.renew:
        for name in _SAID_BY_THE_OLD:
            if getattr(given, name):
                option = f"--{name.replace('_', '-')}"
                raise UsageError(f"--renew asks for what is held, so {option} has no place", "leave out one of the two")
        return
    if given.access_key_id is None:
        raise UsageError("whose subkeys to ask for was not said", "add --access-key-id ID")
    fault = id_fault(given.access_key_id)
    if fault:
        raise UsageError(f"--access-key-id {fault}")


def run(given: "Given") -> None:
    """Make the request, keep it, hand it over, and say what it asks for."""
    at = _io.instant(given.at)
    _carried.check(given, what="the request", secret=False)
    wanted = None if given.renew else _wanted(given, at)
    if given.name is not None:
        check_name(given.name)
    store: "FolderStore" = _store.open_store(given.store)  # type: ignore[assignment]
    places = _identity.places_of(store)
    known = peers.issuers(places)
    if not known:
        raise NotFound("no issuer is trusted here", "'authkit trust-issuer CARD' enrols one")
    identity = _identity.requester(store)
    access_key_id, name, issuer = given.access_key_id, given.name or "", None
    if wanted is None:
        name, held = _held(given, store)
        days = _days(given, at) or renew.days_again(held, at.date())
        wanted, access_key_id = renew.wanted_again(held, days, name), held.access_key_id
        issuer = _issuer_of(held, known, places) if given.issuer is None else None
    elif name in store.names():
        raise Refused(f"there is a key named {name}", "--renew asks for more of it; for others give another name")
    issuer = issuer or choose_issuer(given, known)
    asker = ask.Asker(identity.name, identity.recipient, identity.key)
    signed = ask.ask(places, asker, issuer, wanted, access_key_id, name, at=at, random=os.urandom)
    _hand_over(signed, given, issuer, places)


def _wanted(given: "Given", at: "datetime") -> Wanted:
    chain, level = _schemes.chain_of(given.scheme), given.level or "signing"
    days = read_days(given.date, given.days, given.until, at.date(), given.long)
    lists = {"region": given.region, "service": given.service}
    return Wanted(chain, level, days, read_pairs(chain, level, given.scope, lists, given.exact))


def _days(given: "Given", at: "datetime") -> "list[date] | None":
    """Return the days that the options name for a renewal; None if they name none."""
    if given.days is None and given.until is None and given.date == "today":
        return None
    return read_days(given.date, given.days, given.until, at.date(), given.long)


def _held(given: "Given", store: "FolderStore") -> "tuple[str, SubkeyFile]":
    """Return the subkeys that --renew means, with their name: those that were named, else the only ones with an issuer.

    Raises:
        NotFound, UsageError: if there are none, or several.
    """
    name = given.name
    if name is None:
        found = [
            one.name for one in store.listing() if one.metadata.get("kind") == "subkeys" and "issuer" in one.metadata
        ]
        if len(found) != 1:
            which = f"say which: {', '.join(found)}" if found else "ask for some without --renew"
            raise UsageError(f"the store holds {len(found)} subkey files of an issuer", which)
        name = found[0]
    entry = store.get(name)
    if entry.metadata.get("kind") != "subkeys":
        raise Refused(f"{name} holds no subkeys", "'authkit list-keys' shows what the store holds")
    return name, load_subkey_file(_keys.open_entry(entry), _schemes.chains(), name)


def _issuer_of(held: SubkeyFile, known: "list[Issuer]", places: "Places") -> "Issuer | None":
    """Return who issued what is held, by the key that it has now; None for what no trusted issuer signed."""
    if held.issued is None:
        return None
    lines = places.ledger.lines()
    keys = [(one, ledgers.keys_of(lines, fingerprint_of(one.signing_key))) for one in known]
    return next((one for one, former in keys if held.issued.issuer in former), None)


def choose_issuer(given: "Given", known: "list[Issuer]") -> "Issuer":
    """Return whom to ask: the one that --issuer names, else the only one of *known*, 1 or more.

    Raises:
        NotFound: if none has that name.
        UsageError: if there are several, and none is named.
    """
    names = [one.name for one in known]
    if given.issuer is None:
        if len(known) > 1:
            raise UsageError("several issuers are trusted here", f"say which with --issuer: {', '.join(names)}")
        return known[0]
    if given.issuer not in names:
        raise NotFound(f"no issuer named {given.issuer[:64]}", f"known are {', '.join(names)}")
    return known[names.index(given.issuer)]


def _hand_over(signed: bytes, given: "Given", issuer: "Issuer", places: "Places") -> None:
    text = split_signed(signed, "the request")[0]
    request = parse_request(text, "the request")
    spoken = words.fingerprint_words("request", text, words.COMPARE)
    render.note(_summary(request, issuer))
    waiting = _waiting(places, request)
    if waiting:
        render.note(f"{waiting} earlier request{'s' if waiting > 1 else ''} to {issuer.name} still without an answer")
    render.note(f"words: {spoken}")
    if given.json:
        row = {"id": request.id, "sha256": sha256(text).hexdigest(), "issuer": request.issuer, "words": spoken}
        more = {"level": request.level, "scopes": list(request.scopes), "days": request.span}
        if given.output in (None, "-"):
            more["request"] = signed.decode("ascii")
        else:
            _carried.deliver(signed, given, what="the request", secret=False)
        render.write_json({"schema": "authkit.request/v1", **row, **more})
    else:
        _carried.deliver(signed, given, what="the request", secret=False)


def _summary(request: "SubkeyRequest", issuer: "Issuer") -> str:
    scopes = ", ".join(request.scopes[:4]) + (f" and {len(request.scopes) - 4} more" if len(request.scopes) > 4 else "")
    scopes = "every region and service" if request.level == "date" else scopes
    first, last = request.days
    days = f"{first}" if first == last else f"{first} to {last}"
    count = request.day_count * len(request.scopes)
    keys = f"{count:,} {request.level} key{'s' if count > 1 else ''}"
    return one_line(f"asks {issuer.name} for {keys} of {request.access_key_id}, {days} UTC: {scopes}")


def _waiting(places: "Places", request: "SubkeyRequest") -> int:
    """Return how many requests to the same key, before this one, have no answer yet."""
    lines = places.ledger.lines()
    answered = {one.request for one in ledgers.taken(lines)}
    found = ledgers.asked(lines).values()
    return sum(one.issuer == request.issuer and one.request not in answered for one in found) - 1
