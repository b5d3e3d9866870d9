"""What does a person see of a request before it is signed?"""

from authkit import clock
from authkit.commands import _trusted
from authkit.keys.window import HARMFUL_SERVICES
from authkit.messages import target
from authkit.schemes import approved
from authkit.ui.printable import printable
from authkit.words import COMPARE, fingerprint_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._signature_approved import Asked
    from authkit.messages.request import Request
    from authkit.schemes.base import Signed

    Row = tuple[str, str]

WIDTH = _trusted.WIDTH - 5  # behind the bar before each piece of foreign text, and with room for an escaped space


def rows_of(asked: "Asked", signed: "Signed") -> "list[Row]":
    """Return all that a person decides by; what is foreign stands behind a bar, escaped, and nothing of it is cut."""
    lines, request = asked.approval, asked.message.request
    path, query = request.parts
    covered = approved.signed_names(signed)
    words = fingerprint_words("approval", asked.text, COMPARE).split(" ")
    return [
        ("request", lines.id),
        ("words", " ".join(words[:4])),
        ("", " ".join(words[4:])),
        ("requester", f"{asked.requester.name}, {_trusted.key_of(asked.requester)}"),
        ("access key", f"{lines.access_key_id}, {lines.scheme}"),
        ("scope", lines.scope),
        ("signed at", clock.format_instant(lines.at)),
        ("good until", clock.format_instant(lines.expires)),
        *exact("METHOD", request.method),
        *exact("HOST", "".join(request.values("host"))),
        *_path_rows(path),
        *_query_rows(query),
        *[row for pair in request.headers if pair[0].lower() != "host" for row in _header_rows(*pair, covered)],
        *_body_rows(asked.message.body, request, approved.covers_body(signed)),
        ("NOT SIGNED", "headers that are not shown, which whoever sends it may add; and http or https"),
        *[("WARNING", text) for text in _warnings(asked, signed)],
    ]


def exact(name: str, text: str) -> "list[Row]":
    """Return foreign text in rows, each piece behind a bar.

    Args:
        text: one character a byte; shown as UTF-8, every control and every byte that is none as an escape; two texts
            never look the same.
    """
    # a byte that is no UTF-8 becomes a lone surrogate, and an escape of its own
    shown = printable(text.encode("latin-1").decode("utf-8", "surrogateescape"))
    pieces = [shown[start : start + WIDTH] for start in range(0, len(shown), WIDTH)] or [""]
    # a space at the end of a piece would not be seen
    pieces = [f"{piece[:-1]}\\x20" if piece.endswith(" ") else piece for piece in pieces]
    return [(name if place == 0 else "", f"| {piece}") for place, piece in enumerate(pieces)]


def _decoded(text: str) -> str:
    """Return text of a target, in which a strict reading found no stray percent sign, decoded: a character a byte."""
    return target.decode(text).decode("latin-1")


def _path_rows(path: str) -> "list[Row]":
    decoded = _decoded(path)
    return exact("PATH", path) + (exact("  decoded", decoded) if decoded != path else [])


def _query_rows(query: str) -> "list[Row]":
    """Return a row for each parameter, decoded; the exact text follows where decoding changed anything."""
    if not query:
        return [("QUERY", "none")]
    rows = []
    for pair in query.split("&"):
        name, mark, value = pair.partition("=")
        rows += exact("QUERY", f"{_decoded(name)}{' = ' if mark else ''}{_decoded(value)}")
    return rows + (exact("  as sent", query) if "%" in query or "+" in query else [])


def _header_rows(name: str, value: str, covered: "frozenset[str]") -> "list[Row]":
    return exact("HEADER" if name.lower() in covered else "not signed", f"{name}: {value}")


def _body_rows(body: "bytes | None", request: "Request", covered: bool) -> "list[Row]":
    if not covered:
        return [("BODY", "NOT SIGNED: any body can be sent with this")]
    if body is None:
        return [("BODY", "NOT SHOWN: only its digest came, SHA-256"), ("", str(request.payload_hash))]
    if not body:
        return [("BODY", "none")]
    rows = [("BODY", f"{len(body):,} octets, SHA-256"), ("", str(request.payload_hash))]
    for line in body.decode("latin-1").removesuffix("\n").split("\n"):
        rows += exact("", line)
    return rows


def _warnings(asked: "Asked", signed: "Signed") -> "list[str]":
    found = list(signed.warnings)
    service = asked.scope.part("service")
    if service in HARMFUL_SERVICES:
        found.append(f"{service} hands out credentials: what this request makes may be as wide as the access key")
    if asked.message.body is None:
        found.append("you approve a body that you do not see: compare its SHA-256 with one you trust")
    if not approved.covers_body(signed):
        found.append("the body is not signed")
    if asked.approval.at > clock.now():
        found.append("the request is dated in the future, and a service takes it only near that time")
    return found
