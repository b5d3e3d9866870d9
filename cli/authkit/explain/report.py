"""In which order is a failed signature explained?"""

from authkit.errors import Rejected
from authkit.explain import Explained
from authkit.explain.case import BODY_UNKNOWN, Case, build_case
from authkit.explain.diff import CANONICAL, CLIENT, TO_SIGN, Difference, compare, point_out
from authkit.explain.facts import list_facts
from authkit.explain.faults import own_fault, suspicions, unreadable
from authkit.explain.owners import list_owners
from authkit.explain.redact import redact, redact_stages
from authkit.explain.said import read_words
from authkit.explain.search import by_signature, find_cause
from authkit.explain.view import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.explain.server import ServerError
    from authkit.keys.select import Key
    from authkit.messages.request import Request
    from authkit.schemes.derived import Derived

MISMATCH_CODES = (
    "SignatureDoesNotMatch",
    "SignatureDoesNotMatchException",
    "InvalidSignatureException",
    "InvalidSignature",
    "AuthFailure.SignatureFailure",
    "SignatureNotMatch",
)
MISMATCH_WORDS = "signature we calculated does not match"
MAX_SAID = 300
OWN_SIGNATURE = "the signature is right for this request and the key that was given"


def report(
    request: "Request",
    row: "Derived",
    server: "ServerError | None",
    keys: "list[Key]",
    at: "datetime | None",
    options: "dict[str, str | None]",
    switches: "tuple[bool | None, bool | None]",
) -> Explained:
    """Explain a signed request; see authkit.explain.explain.

    Raises:
        InputError: if the request carries no signature and *server* says nothing about it.
    """
    try:
        case = build_case(request, row, server, at, options, switches)
    except Rejected as rejected:
        tokens = tuple(request.values(row.security_token))
        return Explained({}, _theirs(server, tokens), unreadable(rejected, request).redacted(tokens), [], [])
    case.owners = list_owners(keys, case.access_key_id, row.chain)
    notes: "list[str]" = []
    found = _decide(case, at, bool(keys), notes)
    if found is None and server is not None:
        notes.append(_unrelated(server))
    stages: "dict[str, str]" = {}
    if case.view is not None:
        canonical = case.view.canonical()
        stages = {
            CANONICAL: canonical,
            TO_SIGN: case.view.to_sign(row.chain.label, canonical),
            "signature": case.signature or "",
        }
    else:
        notes.append(
            "the stages cannot be rebuilt: say with --at, --region and --service for what the request was to be signed"
        )
    tokens = case.tokens
    return Explained(
        redact_stages(stages, tokens),
        _theirs(server, tokens),
        found.redacted(tokens) if found is not None else None,
        [(name, redact(value, tokens)) for name, value in list_facts(case)],
        [redact(note, tokens) for note in notes],
    )


def _theirs(server: "ServerError | None", tokens: "tuple[str, ...]") -> "dict[str, str]":
    if server is None:
        return {}
    given = {CANONICAL: server.canonical_request, TO_SIGN: server.string_to_sign}
    return redact_stages({name: text for name, text in given.items() if text is not None}, tokens)


def _decide(case: Case, at: "datetime | None", keyed: bool, notes: "list[str]") -> "Difference | None":
    server, view = case.server, case.view
    if server is not None and not server.by_client:
        said = read_words(case, server)
        if said is not None:
            return said
    if view is None:
        return None
    if view.payload == BODY_UNKNOWN:
        notes.append("the body was not given, so its hash is not compared: give it with --body")
    compared = compare(case, view, server) if server is not None else None
    if keyed and case.signature is not None:
        return _by_key(case, view, compared, at, notes)
    if compared is not None:
        return compared
    if _mismatch(server):
        if not _gave_stages(server):
            return own_fault(case, view, at) or _signature(
                "unknown", "the server does not say what it calculated: give the key with --key to try the known causes"
            )
        notes += suspicions(case, view)
        return _signature(
            "secret",
            "both sides read the same request: the secret does not belong to "
            f"{case.access_key_id or 'this access key ID'}, or the client signed something else, which --key finds out",
        )
    return own_fault(case, view, at)


def _by_key(
    case: Case, view: View, compared: "Difference | None", at: "datetime | None", notes: "list[str]"
) -> "Difference | None":
    """Return why the signature is not the right one, or why the right one was refused."""
    server, accept = case.server, by_signature(case)
    key = case.owners[0].key(view.scope)
    if key is None:
        notes.append(f"no key that was given signs for {case.access_key_id} in {'/'.join(view.scope)}")
    if accept(view, view.canonical()):
        notes.append(OWN_SIGNATURE)
        if compared is None and _mismatch(server):
            return _refused(case, view, at)
        return compared or own_fault(case, view, at)
    if server is not None and server.by_client and compared is not None:
        return compared
    finding = find_cause(case, view, accept)
    if finding is not None:
        if compared is not None:
            notes.append(f"besides, {compared.advice}")
        return point_out(view, finding.view, finding.causes[0][0].word, finding.text(CLIENT))
    if compared is not None:
        return compared
    if key is None:
        return own_fault(case, view, at) or _signature(
            "unknown", f"no key of {case.access_key_id} for this scope was given: give that key"
        )
    unexplained = (
        f"neither the request as it is nor any known cause gives this signature with the secret of {case.access_key_id}"
    )
    if _gave_stages(server):
        return _signature("secret", f"{unexplained}: it was made with a secret that does not belong to this ID")
    return own_fault(case, view, at) or _signature(
        "unknown", f"{unexplained}: it was made with another secret, or the request was changed after signing"
    )


def _refused(case: Case, view: View, at: "datetime | None") -> Difference:
    """Return why a server refused a request that is signed right."""
    if _gave_stages(case.server):
        return _signature(
            "secret",
            "both sides read the same request, and it is signed with the key given: "
            f"the server has another secret for {case.access_key_id}",
        )
    return own_fault(case, view, at) or _signature(
        "unknown",
        f"the request is signed right with the key given: the server has another secret for {case.access_key_id}, "
        "or got the request changed by a proxy, or reads it by other rules",
    )


def _unrelated(server: "ServerError") -> str:
    """Return what to say where the other side's words lead to no difference."""
    if server.by_client:
        return "the client signed the request as the service reads it: give what the server answered"
    said = " ".join(f"{server.code or ''} {server.message or ''}".split())[:MAX_SAID]
    return f"the server says {said!r}, which is not about the signature"


def _signature(word: str, sentence: str) -> Difference:
    return Difference("signature", 1, "[signature]", "[signature]", word, sentence)


def _mismatch(server: "ServerError | None") -> bool:
    """Say whether the server complains of the signature itself."""
    if server is None or server.by_client:
        return False
    return server.code in MISMATCH_CODES or MISMATCH_WORDS in (server.message or "") or _gave_stages(server)


def _gave_stages(server: "ServerError | None") -> bool:
    return server is not None and (server.canonical_request is not None or server.string_to_sign is not None)
