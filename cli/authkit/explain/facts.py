"""What does a signed request say about itself?"""

from authkit.clock import format_instant, later
from authkit.explain.redact import token_mark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.explain.case import Case


def list_facts(case: "Case") -> "list[tuple[str, str]]":
    """Return (name, value) pairs for people, in order; nothing of it is verified."""
    found = [("algorithm", case.row.chain.label)]
    if case.access_key_id is not None:
        found.append(("access key ID", case.access_key_id))
    view, claim = case.view, case.claim
    if view is not None:
        found.append(("credential scope", "/".join(view.scope)))
    if claim is not None:
        found.append(("place of the signature", "the query" if claim.in_query else "the Authorization header"))
        found.append(("signed at", format_instant(claim.at)))
        if claim.expires is not None:
            until = format_instant(later(claim.at, claim.expires))
            found.append(("good until", f"{until} ({claim.expires} seconds)"))
        if claim.token is not None:
            found.append(("session token", token_mark(claim.token)))
    if view is not None:
        found.append(("signed headers", ";".join(view.signed)))
        others = sorted({name for name in view.headers if name not in view.signed and name != "authorization"})
        found.append(("unsigned headers", ";".join(others) or "none"))
        found.append(("payload hash", view.payload))
    return found
