"""Does this answer hold the signature of this request?"""

import os
from hashlib import sha256

from authkit import clock, files
from authkit.ceremony import approval, peers
from authkit.commands import _carried, _identity, _schemes, _store
from authkit.errors import NotFound, StoreError, Untrusted, UsageError
from authkit.keys.scope import parse_scope
from authkit.keys.sshsig import split_signed
from authkit.schemes import approved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.ceremony.approval import Answer
    from authkit.ceremony.places import Places
    from authkit.commands._quick import Given
    from authkit.messages.request import Request
    from authkit.schemes.approved import Message
    from authkit.schemes.base import Signed
    from authkit.stores.folder import FolderStore

_SIGNATURE = 1024  # bytes, more than the armor of one takes
_OWN = ("key", "scheme", "at")


class Use:
    """An answer that may be used, once.

    Attributes:
        signed: the request with its signature.
    """

    __slots__ = ("_answer", "_places", "_text", "signed")

    def __init__(self, signed: "Signed", answer: "Answer", text: bytes, places: "Places") -> None:
        self.signed = signed
        self._answer = answer
        self._text = text
        self._places = places

    def enter(self, given: "Given") -> None:
        """Enter the use in the ledger, after which there is no other; show the stages where they are asked for.

        Raises:
            Untrusted: "request-used".
        """
        answer, places = self._answer, self._places
        with places.ledger.locked():
            _judge_unused(answer, places, "the answer")
            event: "dict[str, object]" = {
                "event": "imported",
                "kind": "signature",
                "issuer": answer.issuer.name,
                "key": answer.approval.issuer,
                "id": answer.approval.id,
                "request": answer.request,
                "response": sha256(self._text).hexdigest(),
            }
            places.ledger.append([event], clock.now())
        if given.explain:
            from authkit.commands import _sign

            _sign.explain(self.signed)


def take(request: "Request", given: "Given") -> Use:
    """Return the request with the signature that an answer brings, once all of the answer is in order.

    Args:
        request: what is to be sent; its body was hashed.
        given: with signature, store and the options of a signing, which have no place beside it.

    Raises:
        Untrusted: for the first thing that is not.
        NotFound, InputError, StoreError: if there is no issuer, the answer cannot be read, or the store is damaged.
    """
    # 1 signature by a pinned issuer  2 its lines  3 a request of ours  4 its lines  5 time  6 unused  7 this request
    _check_options(given)
    what = "standard input" if given.signature == "-" else given.signature
    data = _carried.read(given.signature, "answer")
    store: "FolderStore" = _store.open_store(given.store)  # type: ignore[assignment]
    places = _identity.places_of(store)
    known = peers.issuers(places)
    if not known:
        raise NotFound("no issuer is trusted here", "'authkit trust-issuer CARD' enrols one")
    answer = approval.open_answer(data, known, what)
    text = _kept(answer, places, what)
    asked, message = approval.parse_request(text, f"the request {answer.approval.id}")
    if asked.lines() != answer.approval.lines():
        raise Untrusted("request-mismatch", what, "its lines are not those of the request")
    approval.judge_time(asked, clock.now(), what)
    _judge_unused(answer, places, what)
    return Use(_compare(request, approved.read_message(message, what), answer, what), answer, data, places)


def _check_options(given: "Given") -> None:
    """Refuse options that say how to sign, since that was said in the request."""
    from authkit.commands._quick import attribute

    defaults = {attribute(row[0]): row[4] for row in _schemes.find(_schemes.DEFAULT).sign_options}
    for name, default in {**dict.fromkeys(_OWN), **defaults}.items():
        if getattr(given, name, default) != default:
            raise UsageError(f"--{name.replace('_', '-')} has no place beside --signature", "leave it out")


def _kept(answer: "Answer", places: "Places", what: str) -> bytes:
    """Return the text of the request that an answer is to."""
    made = [
        line
        for line in places.ledger.lines()
        if (line["event"], line.get("kind")) == ("created", "approval-request")
        and line.get("request") == answer.request
    ]
    if not made:
        raise Untrusted("unknown-request", what, f"{answer.request[:16]}…")
    path = places.request(str(made[0]["id"]))
    if not os.path.lexists(path):
        raise StoreError(f"the request {made[0]['id']} is not kept any more", "ask for the signature again")
    data = files.read_private(path, approval.MAX_BYTES + _SIGNATURE, "request")
    text = split_signed(data, path)[0]
    if sha256(text).hexdigest() != answer.request:
        raise StoreError(f"the request {made[0]['id']} is not the one that was made", "ask for the signature again")
    return text


def _judge_unused(answer: "Answer", places: "Places", what: str) -> None:
    for line in places.ledger.lines():
        if (line["event"], line.get("kind"), line.get("request")) == ("imported", "signature", answer.request):
            raise Untrusted("request-used", what, f"at {line['at']}", "a signature is used once: ask for another")


def _compare(request: "Request", message: "Message", answer: "Answer", what: str) -> "Signed":
    """Return the request with its signature; refuse one that is not the message that was approved."""
    lines = answer.approval
    row = approved.row_of(lines.scheme)
    assert row is not None  # the lines are those of a request that was made here
    fault = approved.difference(request, message, row)
    if fault:
        raise Untrusted("request-mismatch", what, fault)
    scope = parse_scope(lines.scope, row.chain, f"{what}: scope")
    place = (row, lines.access_key_id, scope, lines.at, lines.expires, answer.signature, what)
    signed = approved.complete(message, *place)
    signed.request = approved.sent_as(signed.request, request)
    return signed
