"""What does a person see of a request for subkeys before answering it?"""

from authkit import clock
from authkit.ceremony import ledgers
from authkit.ceremony.policy import scope_text
from authkit.commands import _trusted
from authkit.keys.window import HARMFUL_SERVICES, window_of
from authkit.words import COMPARE, fingerprint_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.ceremony import peers
    from authkit.ceremony.approve import Plan
    from authkit.keys.request import Wanted
    from authkit.keys.select import Key

    Row = tuple[str, str]


def rows_of(plan: "Plan", text: bytes, own: int, keys: "list[Key]") -> "list[Row]":
    """Return all that a person decides by: who asks, for what, by which policy, after what.

    Args:
        plan: the answer.
        text: the request's signed bytes.
        own: how many lines our ledger has.
        keys: what the subkeys are derived from.
    """
    request, requester = plan.request, plan.requester
    words = fingerprint_words("request", text, COMPARE).split(" ")
    before = ledgers.split_head(plan.history.ledger)[0]
    now = ledgers.split_head(request.ledger[0])[0]
    rows = [
        ("request", f"{request.id}, made {clock.format_instant(request.created)}"),
        ("words", " ".join(words[:4])),
        ("", " ".join(words[4:])),
        ("requester", requester.name),
        ("its key", _trusted.key_of(requester)),
        ("sealed to", request.recipient),
        *asked_rows(plan.wanted, request.access_key_id, keys),
        ("policy", _policy_text(requester)),
        *_trusted.scope_rows("", requester.scopes),
        ("answer", _answer_text(plan)),
        ("ledgers", f"lines of its: {now}, {before} before; of ours: {own}, it saw {_seen(plan)}"),
    ]
    return rows + _warnings(plan)


def asked_rows(wanted: "Wanted", access_key_id: str, keys: "list[Key]") -> "list[Row]":
    """Return which subkeys of whom, for when, and until when they are dangerous."""
    first, last = wanted.days[0], wanted.days[-1]
    scopes = list(wanted.scopes())[-len(wanted.pairs) :]
    until = max(window_of(scope, keys[0].expires_at).dangerous_until for scope in scopes)
    count = len(wanted.days)
    span = f"{first}" if count == 1 else f"{first} to {last}, {count} days"
    return [
        ("access key", f"{access_key_id}, {wanted.chain.label}"),
        ("keys", f"{wanted.count:,} {wanted.level} key{'' if wanted.count == 1 else 's'}"),
        ("days", f"{span} (UTC)"),
        *_trusted.scope_rows("scopes", [scope_text(pair) for pair in wanted.pairs]),
        ("dangerous", f"until {clock.format_instant(until)} unless the access key is disabled"),
    ]


def _policy_text(requester: "peers.Requester") -> str:
    harmful = f", {' '.join(requester.services)} by name" if requester.services else ""
    return (
        f"{'/'.join(requester.levels)} keys of {' '.join(requester.access_key_ids)}, "
        f"{requester.max_days} days at once, {requester.max_ahead} ahead{harmful}:"
    )


def _answer_text(plan: "Plan") -> str:
    last = plan.history.approvals.get(plan.sequence - 1)
    after = "the first" if last is None else f"after number {plan.sequence - 1} of {last['at']}"
    return f"number {plan.sequence}, {after}"


def _seen(plan: "Plan") -> int:
    return ledgers.split_head(plan.request.ledger[1])[0]


def _warnings(plan: "Plan") -> "list[Row]":
    found = []
    if plan.wanted.level in ("date", "region"):
        wide = "region and service" if plan.wanted.level == "date" else "service"
        found.append(f"a {plan.wanted.level} key opens every {wide} of its day")
    elif plan.wanted.level != "signing":
        found.append(f"a {plan.wanted.level} key is wider than signing needs")
    harmful = sorted({scope.part("service") or "" for scope in plan.wanted.scopes()} & set(HARMFUL_SERVICES))
    if harmful:
        found.append(f"a key for {' '.join(harmful)} is as wide as the access key")
    if plan.starting_over:
        found.append(f"{plan.requester.name} does not know of any response; was the last one lost on the way?")
    if plan.finishing is not None:
        found.append(f"approved {plan.finishing['at']} and interrupted; this finishes it")
    if plan.replacing is not None:
        found.append(f"number {plan.sequence} was approved for another request and never issued; this takes its place")
    return [("WARNING", text) for text in found]
