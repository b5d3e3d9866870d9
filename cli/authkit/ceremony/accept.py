"""Is this the response that we wait for (FORMATS F3)?"""

from hashlib import sha256

from authkit import files
from authkit.ceremony import ledgers
from authkit.ceremony.request import ANY, MAX_BYTES, parse_request
from authkit.errors import AuthkitError, InputError, Untrusted
from authkit.keys.sshsig import SUBKEYS, fingerprint_of, open_signed, split_signed
from authkit.keys.subkeys import load_subkeys
from authkit.keys.window import window_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from authkit.ceremony.ledgers import Asked, Line, Standing
    from authkit.ceremony.peers import Issuer
    from authkit.ceremony.places import Places
    from authkit.ceremony.request import SubkeyRequest
    from authkit.keys.scope import Chain, Scope
    from authkit.keys.subkeys import Issued, SubkeyFile

_SIGNATURE = 1024  # bytes, more than the armor of one takes


class Response:
    """A signed subkey file whose issuer is trusted and which is for us; whether it is the next one is another question.

    Attributes:
        issuer: whose it is.
        key: "SHA256:…", the issuer's key.
        file: what it holds, and the exact bytes of text and signature.
        issued: what it says of itself.
        sha256: of the signed bytes, lower-case hex, 64.
    """

    __slots__ = ("file", "issued", "issuer", "key", "sha256")

    def __init__(self, issuer: "Issuer", key: str, file: "SubkeyFile", issued: "Issued", hashed: str) -> None:
        self.issuer = issuer
        self.key = key
        self.file = file
        self.issued = issued
        self.sha256 = hashed

    def event(self, stored_as: str) -> "dict[str, object]":
        """Return the line of the ledger by which it counts as taken in."""
        return {
            "event": "imported",
            "issuer": self.issuer.name,
            "key": self.key,
            "sequence": self.issued.sequence,
            "request": self.issued.request,
            "response": self.sha256,
            "ledger": self.issued.ledger,
            "stored_as": stored_as,
        }


def read_response(
    data: bytes, issuers: "Sequence[Issuer]", chain_for: "dict[str, Chain]", recipient: str, what: str
) -> Response:
    """Return a response if a trusted issuer made it for us.

    Args:
        data: text and signature, as the age file held them; untrusted.
        issuers: who is trusted.
        chain_for: algorithm label -> chain.
        recipient: that of the identity which opened the age file, as enrolled.
        what: names the response in errors.

    Raises:
        Untrusted: "not-signed", "signature-malformed", "namespace", "unknown-signer", "signature-mismatch" (step 2),
            "malformed" (3), "issuer-mismatch" or "recipient-mismatch" (4).

    Source:
        FORMATS F3, steps 2 to 4; step 1 is opening the age file.
    """
    # 2: signature by a pinned issuer, namespace
    text, line = open_signed(data, SUBKEYS, [one.signing_key for one in issuers], what)
    # 3: strict parse; the check values wait for step 8
    file = _load(data, chain_for, what, "malformed", checked=False)
    assert file.issued is not None  # a signed file says so
    # 4: recipient is the one enrolled for the identity that opened it; and the issuer is the one who signed (S11)
    if file.issued.issuer != (key := fingerprint_of(line)):
        raise Untrusted("issuer-mismatch", what, f"it names {file.issued.issuer} and is signed by {key}")
    if file.issued.recipient != recipient:
        raise Untrusted("recipient-mismatch", what, f"{file.issued.recipient}, not {recipient}")
    issuer = next(one for one in issuers if one.signing_key == line)
    return Response(issuer, key, file, file.issued, sha256(text).hexdigest())


def judge(
    response: Response,
    places: "Places",
    lines: "Sequence[Line]",
    chain_for: "dict[str, Chain]",
    at: "datetime",
    what: str,
) -> "Asked | None":
    """Return the request that the response answers; None for one that nobody asked for.

    Args:
        response: from `read_response`.
        places: where our requests are.
        lines: our ledger, whole; its lock is held when the answer is to be acted upon.
        chain_for: algorithm label -> chain.
        at: aware UTC.
        what: names the response in errors.

    Raises:
        Untrusted: "unknown-request", "replayed", "request-used", "issuer-mismatch" (step 5), "replayed",
            "sequence-skipped", "previous-mismatch" (6), "recipient-mismatch", "access-key-mismatch",
            "scheme-mismatch", "level-mismatch", "scope-mismatch" (7), "check-mismatch", "expired" (8),
            "ledger-shorter", "ledger-changed" or "ledger-mismatch" (9).

    Source:
        FORMATS F3, steps 5 to 9.
    """
    asked, request = _answered(response, places, lines, what)  # 5
    standing = ledgers.standing(lines, response.key)
    _judge_place(response.issued, standing, asked is not None, what)  # 6
    if request is not None:
        _judge_content(response.file, response.issued, request, what)  # 7
    _judge_keys(response.file, chain_for, at, what)  # 8
    _judge_ledger(response.issued.ledger, standing.seen, what)  # 9
    if request is not None:
        _judge_own(request.ledger[0], lines, places.ledger.head(), what)
    return asked


def _load(data: bytes, chain_for: "dict[str, Chain]", what: str, reason: str, *, checked: bool) -> "SubkeyFile":
    try:
        return load_subkeys(data, chain_for, what, checked=checked)
    except InputError as error:
        raise Untrusted(reason, what, error.message.removeprefix(f"{what}: ")) from error


def _answered(
    response: Response, places: "Places", lines: "Sequence[Line]", what: str
) -> "tuple[Asked | None, SubkeyRequest | None]":
    """Step 5: request is one of ours, and pending."""
    for one in ledgers.taken(lines):
        if one.response == response.sha256:
            raise Untrusted("replayed", what, f"as {one.stored_as}")
        if one.request == response.issued.request != "none":
            raise Untrusted("request-used", what, f"by the response {one.sequence}, stored as {one.stored_as}")
    if response.issued.request == "none":
        return None, None
    asked = ledgers.asked(lines).get(response.issued.request)
    if asked is None:
        raise Untrusted("unknown-request", what, response.issued.request)
    if asked.issuer != response.key:
        raise Untrusted("issuer-mismatch", what, f"the request was made to {asked.issuer}")
    return asked, _kept_request(places.request(asked.id), asked, what)


def _kept_request(path: str, asked: "Asked", what: str) -> "SubkeyRequest":
    """Return what we asked for, if its file is still the one whose hash is in the ledger."""
    try:
        text = split_signed(files.read_private(path, MAX_BYTES + _SIGNATURE, "request"), path)[0]
        if sha256(text).hexdigest() == asked.request:
            return parse_request(text, path)
        fault = f"{path} was changed"
    except AuthkitError as error:
        fault = error.message
    raise Untrusted("unknown-request", what, fault, "make the request anew")


def _judge_place(issued: "Issued", standing: "Standing", is_asked: bool, what: str) -> None:
    """Step 6: previous and sequence follow the last response.

    Who has none yet, or lost all, takes whatever number the issuer is at, but only in answer to a request of ours,
    which said that we know of nothing before (S32).
    """
    last = standing.last
    if last is not None and issued.sequence <= last.sequence:
        raise Untrusted("replayed", what, f"number {issued.sequence}, and {last.sequence} was the last")
    starting_over = last is None and is_asked and issued.previous == "none"
    follows = (0 if last is None else last.sequence) + 1
    if issued.sequence != follows and not starting_over:
        raise Untrusted("sequence-skipped", what, f"number {issued.sequence}, and {follows} is the next")
    if issued.previous != standing.previous:
        raise Untrusted("previous-mismatch", what, f"{issued.previous}, not {standing.previous}")


def _judge_content(file: "SubkeyFile", issued: "Issued", request: "SubkeyRequest", what: str) -> None:
    """Step 7: ID and scheme as requested, scopes a subset, no level wider."""
    if issued.recipient != request.recipient:
        raise Untrusted("recipient-mismatch", what, "the request named another")
    if file.access_key_id != request.access_key_id:
        raise Untrusted("access-key-mismatch", what, f"{file.access_key_id}, not {request.access_key_id}")
    if file.chain.label != request.scheme:
        raise Untrusted("scheme-mismatch", what, f"{file.chain.label}, not {request.scheme}")
    least = file.chain.levels.index(request.level) + 1
    wanted = {() if text == ANY else tuple(text.split("/")) for text in request.scopes}
    first, last = request.days
    for one in file.subkeys:
        if len(one.scope.values) < least:
            raise Untrusted("level-mismatch", what, f"{one.scope} is a {one.scope.level} key")
        if not first <= one.scope.day <= last or not _is_wanted(one.scope, wanted):
            raise Untrusted("scope-mismatch", what, str(one.scope))


def _is_wanted(scope: "Scope", wanted: "set[tuple[str, ...]]") -> bool:
    behind = scope.values[1:]
    return any(behind[:count] in wanted for count in range(len(behind) + 1))


def _judge_keys(file: "SubkeyFile", chain_for: "dict[str, Chain]", at: "datetime", what: str) -> None:
    """Step 8: every key fits its check value, and one of them at least signs now or later."""
    assert file.data is not None  # it was read
    _load(file.data, chain_for, what, "check-mismatch", checked=True)
    end = max(window_of(one.scope, one.expires_at).signs_until for one in file.subkeys)
    if end < at:
        raise Untrusted("expired", what, f"no key in it signs after {end:%Y-%m-%dT%H:%M:%SZ}")


def _judge_ledger(told: str, seen: str, what: str) -> None:
    """Step 9: the head of the issuer's ledger extends the one last seen; an approval adds a line at least."""
    (count, hashed), (before, known) = ledgers.split_head(told), ledgers.split_head(seen)
    if count == before and hashed != known:
        raise Untrusted("ledger-changed", what, f"line {count}")
    if count <= before:
        raise Untrusted("ledger-shorter", what, f"{count} lines, and {before} when it was last seen")


def _judge_own(told: str, lines: "Sequence[Line]", head: str, what: str) -> None:
    """Step 9, our side: the head that our request told, to which the response commits, is still in our ledger."""
    count, hashed = ledgers.split_head(told)
    if count > len(lines) or (count and ledgers.head_at(lines, head, count) != hashed):
        raise Untrusted("ledger-mismatch", what, f"line {count}, as the request told it")
