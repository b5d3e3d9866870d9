"""In what do two paths or queries differ, when no known cause makes one of the other?"""

from authkit.errors import Rejected
from authkit.messages import target

MAX_DECODINGS = 4


def nearest_path(ours: str, theirs: str, who: str) -> "tuple[str, str]":
    """Return the cause and the sentence for two canonical paths that differ."""
    one, other = _plain(ours), _plain(theirs)
    if one == other:
        return "path-encoding", f"{who} percent-encoded the path in another way"
    if target.normal_path(one.decode("latin-1")) == target.normal_path(other.decode("latin-1")):
        return "path-normalisation", f"{who} treated dot segments or empty segments of the path in another way"
    return "unknown", f"{who} has another path"


def nearest_query(ours: str, theirs: str, who: str) -> "tuple[str, str]":
    """Return the cause and the sentence for two canonical queries that differ."""
    one, other = _pairs(ours), _pairs(theirs)
    if sorted(ours.split("&")) == sorted(theirs.split("&")):
        return "query-order", f"{who} has the parameters of the query in another order"
    if sorted(one) == sorted(other):
        return "query-encoding", f"{who} percent-encoded the query in another way"
    names, others = {name for name, _ in one}, {name for name, _ in other}
    for name in sorted(others - names):
        return "unknown", f"{who} has the query parameter {_shown(name)}, which the request does not"
    for name in sorted(names - others):
        return "unknown", f"{who} does not have the query parameter {_shown(name)}"
    changed = next((pair[0] for pair in one if pair not in other), next(pair[0] for pair in [*other, *one]))
    return "unknown", f"{who} has another value of the query parameter {_shown(changed)}"


def _shown(name: bytes) -> str:
    return repr(name.decode("latin-1")[:64])


def _plain(text: str) -> bytes:
    """Return *text* percent-decoded until nothing more changes."""
    raw = text.encode("latin-1")
    for _ in range(MAX_DECODINGS):
        try:
            decoded = target.decode(raw.decode("latin-1"))
        except Rejected:
            return raw
        if decoded == raw:
            break
        raw = decoded
    return raw


def _pairs(query: str) -> "list[tuple[bytes, bytes]]":
    found = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        found.append((_plain(name.replace("+", " ")), _plain(value.replace("+", " "))))
    return found
