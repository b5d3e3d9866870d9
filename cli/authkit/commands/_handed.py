"""How do subkeys leave for recipients: signed, sealed, and entered in the ledger?"""

import os
from hashlib import sha256

from authkit import clock, files
from authkit.ceremony import approve, peers, policy
from authkit.commands import _approved, _carried, _derived, _identity, _keys, _sealed
from authkit.errors import NotFound, Refused, StoreError, Untrusted, UsageError
from authkit.keys.request import Wanted, derive_wanted
from authkit.stores.base import is_name
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from authkit.ceremony.places import Places
    from authkit.commands._quick import Given
    from authkit.keys.select import Key
    from authkit.stores.folder import FolderStore

    Line = dict[str, object]

WHAT = "the sealed file"


class Recipient:
    """Whom subkeys are sealed to.

    Attributes:
        name: under which the ledger counts what it was given.
        text: "age1…", or an SSH key's type and key.
        requester: with its policy; None for one that was never enrolled.
    """

    __slots__ = ("name", "requester", "text")

    def __init__(self, name: str, text: str, requester: "peers.Requester | None") -> None:
        self.name = name
        self.text = text
        self.requester = requester


def check(given: "Given") -> None:
    """Refuse options that do not go with --to, before anybody is asked for a passphrase.

    Raises:
        UsageError: if they do not go together.
        Refused: if something would be replaced.
    """
    if given.whole_key or given.verify is not None:
        raise UsageError(f"--to is for subkeys, and --{'whole-key' if given.whole_key else 'verify'} is not")
    if given.format not in ("file", "qr"):
        raise UsageError(f"--format {given.format} cannot be sealed", "leave out --format, or --to")
    if given.at is not None:
        raise UsageError("--at does not go with --to: the ledger's time is that of this machine's clock")
    if given.json and given.output in (None, "-"):
        raise UsageError("--json needs the sealed file elsewhere", "add --output FILE")
    if len(set(given.to)) != len(given.to):
        raise UsageError("--to names a recipient twice")
    if len(given.to) == 1:
        _carried.check(given, what=WHAT, secret=False)
        return
    if given.format == "qr" or given.output in (None, "-"):
        raise UsageError("several recipients get a file each", "add --output FOLDER, which is made")
    if os.path.lexists(given.output):
        raise Refused(f"{given.output} exists", "name a folder that does not exist yet")


def hand_over(given: "Given", want: "Callable[[list[Key]], tuple[Wanted, list[Key]]]") -> None:
    """Derive subkeys; sign, seal and enter them for each recipient.

    Args:
        given: of derive-subkey, with to.
        want: what is asked for in the scheme of the keys, and the keys as they may be used.

    Raises:
        Untrusted: naming what the policy of a recipient does not allow, or what is wrong with the clock.
        Refused, NotFound, StoreError: as the parts have it.
    """
    from authkit.commands import _store

    store: "FolderStore" = _store.open_store(given.store)  # type: ignore[assignment]
    places = _identity.places_of(store)
    recipients = find_recipients(given.to, places)
    keys = _keys.resolve(given.key, store)
    wanted, keys = want(keys)
    sample = derive_wanted(keys, Wanted(wanted.chain, wanted.level, wanted.days[:1], wanted.pairs[:1]))
    access_key_id = sample[0].access_key_id
    _derived.tell(wanted, keys, given, clock.now())
    issuer = _approved.issuer_of(store, places)

    def judge(at: "datetime") -> "list[Line]":
        return [_judge(one, wanted, access_key_id, places.ledger.lines(), at) for one in recipients]

    judge(clock.now())
    _ = issuer.key  # only now is anybody asked for its passphrase
    with places.ledger.locked():
        at = clock.now()
        events = judge(at)  # again, now that nobody else can write; and all before the first leaves
        rows, sealed = [], []
        for event in events:
            if "n" not in event:
                places.ledger.append([event], at)
                event = places.ledger.lines()[-1]
            rows.append(event)
            sealed.append(_approved.issue(places, event, keys, issuer, at))
    paths = _deliver(recipients, sealed, given)
    _report(recipients, rows, paths, given)


def find_recipients(texts: "Sequence[str]", places: "Places") -> "list[Recipient]":
    """Return who is meant by each of *texts*: a name that is enrolled, or a recipient's text.

    Raises:
        NotFound: for a name that is not enrolled.
        InputError: for what is neither.
        Refused: for the recipient of a plugin that nobody enrolled (S36).
        UsageError: if two of them are the same, or one is enrolled under several names.
    """
    known = peers.requesters(places)
    found = [_find(text, known) for text in texts]
    if len({one.text for one in found}) != len(found):
        raise UsageError("--to names a recipient twice")
    return found


def _find(text: str, known: "list[peers.Requester]") -> Recipient:
    from authkit import seal

    named = [one for one in known if text in (one.name, one.recipient)]
    if len(named) > 1:
        raise UsageError(f"several names have this recipient: {', '.join([one.name for one in named])}", "use a name")
    if named:
        return Recipient(named[0].name, named[0].recipient, named[0])
    words = text.split(" ")
    if text.startswith("ssh-") and len(words) > 2:
        text = " ".join(words[:2])  # its comment is no part of the recipient
        return _find(text, known)
    if is_name(text) and not text.startswith("age1"):
        raise NotFound(f"no requester named {text}", "'authkit list-trusted' shows those that are enrolled")
    if seal.recipient_kind(text) == "plugin":
        _sealed.seal_to(text, b"")  # refuses, and says why
    return Recipient(f"to-{sha256(text.encode('ascii')).hexdigest()[:16]}", text, None)


def _judge(one: Recipient, wanted: Wanted, access_key_id: str, lines: "Sequence[Line]", at: "datetime") -> "Line":
    """Return the line of an approval; one that is in the ledger already, if that was interrupted."""
    approve.check_clock(lines, at)
    if one.requester is not None:
        approve.judge_policy_file(one.requester, lines, WHAT)
        policy.judge(one.requester, access_key_id, wanted, at.date(), WHAT)
    history = approve.history_of(lines, one.name)
    asked: "Line" = {
        "request": "none",
        "recipient": one.text,
        "access_key_id": access_key_id,
        "scheme": wanted.chain.label,
        "level": wanted.level,
        "scopes": [policy.scope_text(pair) for pair in wanted.pairs],
        "days": f"{wanted.days[0]:%Y%m%d}-{wanted.days[-1]:%Y%m%d}",
    }
    unfinished = history.unfinished
    if unfinished is not None:
        if all(unfinished.get(name) == value for name, value in asked.items()):
            return unfinished
        raise _never_issued(one, unfinished)
    return {
        "event": "approved",
        "kind": "subkeys",
        "requester": one.name,
        "sequence": history.sequence + 1,
        "previous": history.previous,
        **asked,
        "policy": "none" if one.requester is None else peers.policy_sha256(one.requester.text),
        "requester_ledger": history.ledger,
        "issued_at": clock.format_instant(at),
    }


def _never_issued(one: Recipient, row: "Line") -> Untrusted:
    number = row["sequence"]
    hint = f"'authkit approve-subkey {one.name} --again {number}' finishes it"
    if one.requester is None:
        hint = (
            f"finish it: derive-subkey --to with the days {row['days']} and the same scopes, of {row['access_key_id']}"
        )
    return Untrusted("sequence-skipped", WHAT, f"number {number} was approved, never issued", hint)


def _deliver(recipients: "list[Recipient]", sealed: "list[bytes]", given: "Given") -> "list[list[str]]":
    """Hand each over; return the files that were written for it, several where it went into QR codes."""
    if len(recipients) == 1:
        return [list(_carried.deliver(sealed[0], given, what=WHAT, secret=False))]
    named = [f"{one.name}.age" for one in recipients]
    try:
        files.write_folder(given.output, [(name, data, 0o600) for name, data in zip(named, sealed)])
    except (Refused, StoreError) as error:
        error.hint = "'authkit approve-subkey NAME --again N' writes each file once more"
        raise
    return [[os.path.join(given.output, name)] for name in named]


def _report(recipients: "list[Recipient]", rows: "list[Line]", paths: "list[list[str]]", given: "Given") -> None:
    names = ("recipient", "sequence", "access_key_id", "scheme", "level", "scopes", "days", "issued_at")
    if given.json:
        shown = [
            {"requester": one.name, **{name: row[name] for name in names}, "files": written}
            for one, row, written in zip(recipients, rows, paths)
        ]
        render.write_json({"schema": "authkit.handed/v1", "sealed": shown})
        return
    for one, row in zip(recipients, rows):
        render.note(f"sealed to {one.name}, number {row['sequence']}; it opens with the key of {one.text[:80]} alone")
