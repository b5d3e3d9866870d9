"""May this request be answered, and with which number?"""

from authkit.ceremony import ledgers, policy
from authkit.ceremony.peers import MOST_DAYS, policy_sha256
from authkit.ceremony.request import ANY, normalise, parse_request
from authkit.clock import format_instant, parse_stamp
from authkit.errors import InputError, Untrusted, UsageError
from authkit.keys import sshsig
from authkit.keys.request import Wanted, read_pairs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from authkit.ceremony.peers import Requester
    from authkit.ceremony.request import SubkeyRequest
    from authkit.keys.scope import Chain

    Line = dict[str, object]

MOST_IDLE = 400  # days between the ledger's last line and now


class History:
    """What the ledger says of one requester, under the issuer's present key.

    Attributes:
        sequence: of the last approval; 0 without one.
        responses: sequence -> SHA-256 of the response that was issued.
        approvals: sequence -> the line of the approval; the last one, where one was never issued.
        ledger: the requester's head at the last approval, whatever the issuer's key; "0:none" without one.
    """

    __slots__ = ("approvals", "ledger", "responses", "sequence")

    def __init__(self) -> None:
        self.sequence = 0
        self.approvals: "dict[int, Line]" = {}
        self.responses: "dict[int, str]" = {}
        self.ledger = "0:none"

    @property
    def unfinished(self) -> "Line | None":
        """The line of the last approval, if its response was never issued since it was interrupted."""
        return None if self.sequence in self.responses else self.approvals.get(self.sequence)

    @property
    def previous(self) -> str:
        """SHA-256 of the signed bytes of the last response that was issued, or "none"."""
        return self.responses.get(self.sequence - (self.unfinished is not None), "none")


class Plan:
    """An answer that is ready to be approved.

    Attributes:
        request: what is asked for.
        sha256: of the request's signed bytes.
        requester: whose policy allows it.
        wanted: the subkeys.
        history: what this requester was given before.
        sequence: the number of the response.
        starting_over: whether the requester forgot the responses it was given.
        finishing: the line of the approval of this request that was interrupted; None for a new one.
        replacing: the line of an approval of another request that was never issued, whose number this one takes.
    """

    __slots__ = (
        "finishing", "history", "replacing", "request", "requester", "sequence", "sha256", "starting_over", "wanted",
    )  # fmt: skip

    def __init__(
        self,
        request: "SubkeyRequest",
        sha256: str,
        requester: "Requester",
        wanted: Wanted,
        history: History,
        finishing: "Line | None",
    ) -> None:
        self.request = request
        self.sha256 = sha256
        self.requester = requester
        self.wanted = wanted
        self.history = history
        self.finishing = finishing
        self.replacing = history.unfinished if finishing is None else None
        self.sequence = history.sequence + (history.unfinished is None)
        fewer = ledgers.split_head(request.ledger[0])[0] < ledgers.split_head(history.ledger)[0]
        self.starting_over = request.previous == "none" and (self.sequence > 1 or fewer)

    def event(self, at: "datetime") -> "Line":
        """Return the ledger's line of the approval; the response follows from it alone."""
        request = self.request
        return {
            "event": "approved",
            "kind": "subkeys",
            "requester": request.requester,
            "sequence": self.sequence,
            "request": self.sha256,
            "previous": request.previous,
            "recipient": request.recipient,
            "access_key_id": request.access_key_id,
            "scheme": request.scheme,
            "level": request.level,
            "scopes": list(request.scopes),
            "days": request.span,
            "policy": policy_sha256(self.requester.text),
            "requester_ledger": request.ledger[0],
            "issued_at": format_instant(at),
        }


def history_of(lines: "Sequence[Line]", requester: str) -> History:
    """Return what the ledger says of *requester*; the sequence begins anew with each key of the issuer (S32)."""
    found = History()
    for row in lines:
        kind, event = row.get("kind"), row["event"]
        if event == "issuer-changed" or (event == "created" and (kind, row.get("role")) == ("identity", "issuer")):
            seen, found = found.ledger, History()
            found.ledger = seen
        elif row.get("requester") != requester:
            continue
        elif event == "approved" and kind == "subkeys":
            found.sequence = _number(row)
            found.approvals[found.sequence] = row
            found.ledger = str(row.get("requester_ledger", found.ledger))
        elif event == "created" and kind == "response":
            found.responses[_number(row)] = str(row.get("sha256"))
    return found


def open_request(data: bytes, requesters: "Sequence[Requester]", what: str) -> "tuple[SubkeyRequest, bytes, Requester]":
    """Return a request, its signed bytes, and who asks; its signature is verified first.

    Args:
        data: as it was carried; untrusted.
        requesters: those who are trusted.

    Raises:
        Untrusted: "not-signed", "signature-malformed", "namespace", "unknown-signer", "signature-mismatch" or
            "requester-mismatch".
        InputError: naming the line that is wrong.
    """
    keys = {one.signing_key: one for one in requesters if one.signing_key}
    text, line = sshsig.open_signed(normalise(data), sshsig.REQUEST, keys, what)
    request = parse_request(text, what)
    signer = [one for one in requesters if one.signing_key == line and one.name == request.requester]
    if not signer:
        raise Untrusted("requester-mismatch", what, f"{request.requester}, signed by {keys[line].name}")
    return request, text, signer[0]


def wanted_of(
    level: str, scopes: "Sequence[str]", days: "tuple[date, date]", chain: "Chain", access_key_id: str, what: str
) -> Wanted:
    """Return the subkeys that a request or an approval names.

    Raises:
        InputError: if the scheme has no such scope or level.
    """
    from datetime import timedelta

    pairs = () if level == "date" else tuple(scopes)
    try:
        found = read_pairs(chain, level, pairs, {"region": (), "service": ()}, exact=True)
    except UsageError as error:
        raise InputError(f"{what}: scope: {error.message}") from error
    if level == "date" and list(scopes) != [ANY]:
        raise InputError(f"{what}: scope of a date key is '-'")
    count = (days[1] - days[0]).days + 1
    return Wanted(chain, level, [days[0] + timedelta(days=i) for i in range(count)], found)


def judge(
    request: "SubkeyRequest",
    digest: str,
    requester: "Requester",
    chain: "Chain",
    lines: "Sequence[Line]",
    head: str,
    issuer: str,
    at: "datetime",
    what: str,
) -> Plan:
    """Return the answer to a request, once everything about it is found to be in order.

    Args:
        request, requester: from open_request.
        digest: SHA-256 of the request's signed bytes, lower-case hex, 64.
        chain: of the request's scheme.
        lines, head: of our ledger.
        issuer: "SHA256:…", the fingerprint of our key.
        at: now, by this machine's clock.
        what: names the request in errors.

    Raises:
        Untrusted: for the first thing that is not.
    """
    # 1 for us  2 from whom it says  3 policy as accepted  4 clock  5 our ledger  6 new  7 follows  8 its ledger
    # 9 what the policy allows
    if request.issuer != issuer:
        raise Untrusted("issuer-mismatch", what, f"{request.issuer}, and we are {issuer}")
    if request.recipient != requester.recipient:
        raise Untrusted("recipient-unknown", what, request.recipient)
    judge_policy_file(requester, lines, what)
    check_clock(lines, at)
    check_seen(request.ledger[1], lines, head, what)
    history = history_of(lines, requester.name)
    finishing = _judge_new(history, digest, requester.name, what)
    if finishing is None:
        _judge_previous(history, request, what)
    if request.day_count > MOST_DAYS:  # more than any policy allows, and than is worth writing out
        policy.judge_days(requester, *request.days, at.date(), what)
    wanted = wanted_of(request.level, request.scopes, request.days, chain, request.access_key_id, what)
    plan = Plan(request, digest, requester, wanted, history, finishing)
    if finishing is None and not plan.starting_over:
        _judge_ledger(history.ledger, request.ledger[0], what)
    policy.judge(requester, request.access_key_id, wanted, at.date(), what)
    return plan


def judge_policy_file(requester: "Requester", lines: "Sequence[Line]", what: str) -> None:
    """Refuse a policy that is not the one accepted last (S34).

    Raises:
        Untrusted: "policy-changed".
    """
    row = policy.accepted(lines, requester.name)
    if row is None or row.get("sha256") != policy_sha256(requester.text):
        hint = f"'authkit trust-requester {requester.name} --accept-policy' shows the difference"
        raise Untrusted("policy-changed", what, requester.name, hint)


def check_clock(lines: "Sequence[Line]", at: "datetime") -> None:
    """Refuse to work by a clock that cannot be right (S33).

    Raises:
        Untrusted: "clock-backwards" or "clock-leap".
    """
    last = parse_stamp(str(lines[-1]["at"])) if lines else None
    if last is None:
        return
    shown = f"{format_instant(at)}, and the line is of {format_instant(last)}"
    if at < last:
        raise Untrusted("clock-backwards", "the clock", shown, "set it with: date -u -s 'YYYY-MM-DD hh:mm:ss'")
    if (at - last).total_seconds() > MOST_IDLE * 86_400:
        hint = "set it with date -u -s; if the machine did rest so long, 'authkit trust-requester NAME' writes a line"
        raise Untrusted("clock-leap", "the clock", shown, hint)


def check_seen(seen: str, lines: "Sequence[Line]", head: str, what: str) -> None:
    """Refuse a message from a peer that saw a head of ours which our ledger does not have (S31).

    Raises:
        Untrusted: "ledger-mismatch".
    """
    number, hashed = ledgers.split_head(seen)
    if number > len(lines):
        raise Untrusted("ledger-mismatch", what, f"it saw line {number}, and here are {len(lines)}")
    if number and ledgers.head_at(lines, head, number) != hashed:
        raise Untrusted("ledger-mismatch", what, f"line {number}")


def _judge_ledger(before: str, now: str, what: str) -> None:
    old, new = ledgers.split_head(before)[0], ledgers.split_head(now)[0]
    if new < old:
        raise Untrusted("ledger-shorter", what, f"{new} lines, and there were {old}")
    if new == old and now != before:
        raise Untrusted("ledger-changed", what, f"line {new}")


def _judge_new(history: History, digest: str, name: str, what: str) -> "Line | None":
    """Return the approval of this request that was interrupted, if any."""
    for sequence, row in history.approvals.items():
        if row.get("request") == digest and row is not history.unfinished:
            hint = f"'authkit approve-subkey {name} --again {sequence}' writes the response again"
            raise Untrusted("already-approved", what, f"as number {sequence}", hint)
    unfinished = history.unfinished
    return unfinished if unfinished is not None and unfinished.get("request") == digest else None


def _judge_previous(history: History, request: "SubkeyRequest", what: str) -> None:
    if request.previous in ("none", history.previous):
        return
    known = [sequence for sequence, found in history.responses.items() if found == request.previous]
    if known:
        name, missing = request.requester, known[0] + 1
        hint = f"'authkit approve-subkey {name} --again {missing}' writes it again"
        raise Untrusted("sequence-skipped", what, f"number {missing} was not taken in", hint)
    raise Untrusted("previous-mismatch", what, request.previous)


def _number(row: "Line") -> int:
    sequence = row.get("sequence")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or sequence < 1:
        from authkit.errors import StoreError

        raise StoreError(f"line {row['n']} of the ledger: sequence is not a number from 1 on")
    return sequence
