"""How does a person look at one request, and sign it?"""

from hashlib import sha256

from authkit import clock
from authkit.ceremony import approval, approve, peers, policy
from authkit.commands import _approved, _carried, _identity, _signature_shown, _store, _trusted
from authkit.errors import InputError, NotFound, Refused, Untrusted
from authkit.keys.request import Wanted, derive_wanted
from authkit.keys.sshsig import APPROVAL, sign_text
from authkit.schemes import approved
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.ceremony.approval import Approval
    from authkit.ceremony.peers import Requester
    from authkit.ceremony.places import Places
    from authkit.commands._identity import Identity
    from authkit.commands._quick import Given
    from authkit.keys.subkeys import Subkey
    from authkit.schemes.base import Signed
    from authkit.schemes.derived import Derived
    from authkit.stores.folder import FolderStore

    Line = dict[str, object]


class Asked:
    """A request for one signature, whose requester was verified.

    Attributes:
        approval: its lines.
        message: the HTTP message.
        text: its signed bytes; sha256: of them, lower-case hex, 64.
        requester: whose key signed it.
        row, scope: by which the message is signed.
        what: names the request in errors.
    """

    __slots__ = ("approval", "message", "requester", "row", "scope", "sha256", "text", "what")

    def __init__(self, text: bytes, requester: "Requester", issuer: str, what: str) -> None:
        self.text, self.requester, self.what = text, requester, what
        self.sha256 = sha256(text).hexdigest()
        self.approval, message = approval.parse_request(text, what)
        self.row = _row(self.approval, what)
        self.scope = approval.judge(self.approval, requester, self.row.chain, issuer, clock.now(), what)
        self.message = approved.read_message(message, what)

    @property
    def wanted(self) -> Wanted:
        """The one subkey that signs it."""
        return Wanted(self.row.chain, "signing", [self.scope.day], [self.scope.values[1:-1]])

    def sign(self, subkey: "Subkey") -> "Signed":
        """Return the message with its signature, rebuilt from what is shown."""
        lines = self.approval
        place = (self.row, lines.access_key_id, self.scope, lines.at, lines.expires, subkey.key, self.what)
        return approved.rebuild(self.message, *place)


def answer(given: "Given", path: str) -> None:
    """Judge a request, show it, have it approved by a person, sign it, and hand the answer over."""
    what = "standard input" if path == "-" else path
    _carried.check(given, what="the answer", secret=False)
    store: "FolderStore" = _store.open_store(given.store)  # type: ignore[assignment]
    places = _identity.places_of(store)
    issuer = _approved.issuer_of(store, places)
    text, requester = approval.open_request(_carried.read(path, "request"), peers.requesters(places), what)
    try:
        asked = Asked(text, requester, issuer.fingerprint, what)
        _judge(asked, places, clock.now(), again=given.again)
        subkey = _subkey(asked, store, given)
        signed = asked.sign(subkey)
        _trusted.show(_signature_shown.rows_of(asked, signed), given)
        _approved.confirm_clock(given)
        sentence = "to sign this request, type the requester's name:"
        _approved.confirm_name(sentence, requester.name, "the request", given)
    except Untrusted as error:
        _approved.refused(places, requester.name, sha256(text).hexdigest(), error.reason)
        raise
    with places.ledger.locked():
        at = clock.now()
        approval.judge_time(asked.approval, at, what)
        if _judge(asked, places, at, again=given.again):
            places.ledger.append([_event(asked, signed)], at)
    _hand_over(asked, signed, issuer, given)


def _row(lines: "Approval", what: str) -> "Derived":
    row = approved.row_of(lines.scheme)
    if row is None:
        raise InputError(f"{what}: requests of the scheme {lines.scheme[:64]!r} are not signed one at a time")
    return row


def _judge(asked: Asked, places: "Places", at: "datetime", *, again: bool) -> bool:
    """Judge policy, clock and ledger; return whether this is the first approval.

    Raises:
        Untrusted: for the first thing that is not in order.
    """
    lines, what = places.ledger.lines(), asked.what
    approve.judge_policy_file(asked.requester, lines, what)
    approve.check_clock(lines, at)
    # one that was signed yesterday and lives on is judged by its own day
    today = min(at.date(), asked.scope.day)
    policy.judge(asked.requester, asked.approval.access_key_id, asked.wanted, today, what)
    before = [
        line
        for line in lines
        if (line["event"], line.get("kind"), line.get("request")) == ("approved", "signature", asked.sha256)
    ]
    if again and not before:
        raise NotFound(f"{what} was not approved before", "leave out --again")
    if before and not again:
        hint = "--again hands the same answer over once more"
        raise Untrusted("already-approved", what, f"at {before[0]['at']}", hint)
    return not before


def _subkey(asked: Asked, store: "FolderStore", given: "Given") -> "Subkey":
    """Return the signing key of the request's scope, derived for it alone."""
    keys = _approved.keys_for(given, store, asked.approval.access_key_id, asked.wanted)
    (subkey,) = derive_wanted(keys, asked.wanted)
    if subkey.session_token is not None:
        raise Refused("the key is of a session, whose token no answer carries", "name another with --key REF")
    return subkey


def _event(asked: Asked, signed: "Signed") -> "Line":
    """Return the ledger's line of the approval: what was signed, without the signature."""
    lines, request = asked.approval, asked.message.request
    return {
        "event": "approved",
        "kind": "signature",
        "requester": asked.requester.name,
        "request": asked.sha256,
        "id": lines.id,
        "access_key_id": lines.access_key_id,
        "scheme": lines.scheme,
        "scope": lines.scope,
        "method": request.method,
        "host": request.host,
        "path": request.parts[0],
        "body": str(request.payload_hash) if approved.covers_body(signed) else "unsigned",
        "shown": asked.message.body is not None,
        "expires": clock.format_instant(lines.expires),
        "policy": peers.policy_sha256(asked.requester.text),
    }


def _hand_over(asked: Asked, signed: "Signed", issuer: "Identity", given: "Given") -> None:
    lines = asked.approval
    text = approval.format_answer(lines, asked.sha256, signed.stages["signature"])
    _carried.deliver(sign_text(issuer.key, APPROVAL, text), given, what="the answer", secret=False)
    until = clock.format_instant(lines.expires)
    if given.json:
        row = {"requester": lines.requester, "id": lines.id, "request": asked.sha256, "scope": lines.scope}
        render.write_json({"schema": "authkit.approved-signature/v1", **row, "expires": until})
    else:
        render.note(f"{lines.requester} can send this one request until {until}")
