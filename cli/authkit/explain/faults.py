"""What is wrong with a signed request, whatever its signature is?"""

from authkit.errors import Rejected
from authkit.explain.causes import SUSPECTS
from authkit.explain.diff import CANONICAL, TO_SIGN, Difference
from authkit.explain.said import TEMPORARY, check_clock
from authkit.explain.view import View
from authkit.messages import target
from authkit.messages.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.explain.case import Case
    from authkit.schemes.claim import Claim

# reason of a Rejected -> cause
_WORDS = {
    "duplicate-header": "header-added",
    "multiple-authorization": "header-added",
    "duplicate-parameter": "query-encoding",
    "missing-parameter": "query-encoding",
    "date-missing": "time",
    "date-header": "time",
    "date-format": "time",
    "expires-format": "time",
    "expires-range": "time",
    "scope-format": "scope",
    "scope-date": "scope",
}


def unreadable(rejected: Rejected, request: Request) -> Difference:
    """Return the difference that stands for a signature that cannot be read at all."""
    word = _WORDS.get(rejected.reason, "unknown")
    if rejected.reason == "target-syntax":
        word = "query-encoding" if _stray_percent(target.split(request.target)[1]) else "path-encoding"
    advice = rejected.message + (f": {rejected.hint}" if rejected.hint else "")
    return Difference("authorization", None, "", "", word, advice)


def _stray_percent(text: str) -> bool:
    try:
        target.decode(text)
    except Rejected:
        return True
    return False


def own_fault(case: "Case", view: View, at: "datetime | None") -> "Difference | None":
    """Return why a server would refuse this request although its signature may be right; None if nothing is found."""
    claim = case.claim
    if claim is None:
        return None
    found = _scope(case, claim) or _signed(case, claim, view) or _token(claim) or _payload(case, view)
    return found or (check_clock(case, claim, at) if at is not None else None)


def suspicions(case: "Case", view: View) -> "list[str]":
    """Return sentences on what in this request some clients sign in another way than the service reads it."""
    base, found = view.canonical(), []
    for cause in SUSPECTS:
        for detail, other in cause.resign(case, view):
            if other.canonical() != base:
                found.append(f"possible: {cause.say('the client', detail)}")
                break
    return found


def _scope(case: "Case", claim: "Claim") -> "Difference | None":
    values = claim.scope.values
    wanted = {"date": case.row.chain.format_day(claim.at.date()), "region": case.region, "service": case.service}
    for index, name in enumerate(case.row.chain.parts):
        value = wanted.get(name)
        if value is not None and value != values[index]:
            theirs = "/".join((*values[:index], value, *values[index + 1 :]))
            said = "the request is dated on" if name == "date" else f"the server's {name} is"
            return Difference(TO_SIGN, 3, str(claim.scope), theirs, "scope", f"{said} {value}: sign for it")
    return None


def _signed(case: "Case", claim: "Claim", view: View) -> "Difference | None":
    line, listed = len(claim.signed) + 5, ";".join(view.listed)
    if claim.signed != sorted({name.lower() for name in claim.signed}):
        return Difference(
            CANONICAL,
            line,
            listed,
            "",
            "signed-headers",
            "the signed headers are not sorted, each once, in lower case: sort them",
        )
    for number, name in enumerate(claim.signed, 4):
        if name not in view.headers:
            sentence = f"the header {name} is signed and not in the request: send it, or leave it unsigned"
            return Difference(CANONICAL, number, f"{name}:", "", "header-missing", sentence)
    if "host" not in claim.signed and not case.row.host_optional:
        return Difference(
            CANONICAL, line, listed, "", "signed-headers", "the signature does not cover the host: sign it"
        )
    for name in view.headers:
        # where the vendor's own clients leave the date unsigned, they leave others unsigned too
        must = case.row.date_listed and name.startswith(case.row.guarded) and name != case.row.security_token
        if must and name not in claim.signed:
            sentence = f"the signature must cover {name} too: add it before signing, or do not send it"
            return Difference(CANONICAL, line, listed, "", "signed-headers", sentence)
    return None


def _token(claim: "Claim") -> "Difference | None":
    if claim.token is None and claim.access_key_id.startswith(TEMPORARY):
        sentence = (
            f"{claim.access_key_id} is a temporary key, and the request has no session token: send it, and sign it"
        )
        return Difference(CANONICAL, None, "", "", "token", sentence)
    return None


def _payload(case: "Case", view: View) -> "Difference | None":
    known = case.request.payload_hash
    if known is None or len(view.payload) != 64 or view.payload == known:
        return None
    sentence = "the body is not the one whose hash the request declares: send the same bytes, and hash them last"
    return Difference(CANONICAL, len(view.signed) + 6, view.payload, known, "payload-hash", sentence)
