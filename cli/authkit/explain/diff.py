"""Where do the request and what the other side read of it first differ, and why?"""

from authkit.explain.causes import ADVICE, CAUSES
from authkit.explain.nearest import nearest_path, nearest_query
from authkit.explain.redact import redact
from authkit.explain.view import Parts, View, split_canonical
from authkit.schemes.derived import is_among

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from authkit.explain.case import Case
    from authkit.explain.server import ServerError

CANONICAL, TO_SIGN = "canonical-request", "string-to-sign"
CLIENT, SERVER = "the client", "the server"


class Difference:
    """The first difference that matters.

    Attributes:
        stage: name of the stage in which it shows, or "authorization" for a signature that cannot be read.
        line: line number in that stage, from 1; None where it is no line.
        ours: what the request says there, one line, redacted.
        theirs: what the other side has there, one line, redacted.
        cause: one of causes.WORDS.
        advice: what happened and what to do, one sentence without a full stop.
    """

    __slots__ = ("stage", "line", "ours", "theirs", "cause", "advice")

    def __init__(self, stage: str, line: "int | None", ours: str, theirs: str, cause: str, advice: str) -> None:
        self.stage = stage
        self.line = line
        self.ours = ours
        self.theirs = theirs
        self.cause = cause
        self.advice = advice

    def redacted(self, bearers: "tuple[str, ...]") -> "Difference":
        """Return this difference without bearer values."""
        ours, theirs, advice = [redact(text, bearers) for text in (self.ours, self.theirs, self.advice)]
        return Difference(self.stage, self.line, ours, theirs, self.cause, advice)


def compare(case: "Case", view: View, server: "ServerError") -> "Difference | None":
    """Return the first difference between a request and the stages that the other side gave; None if there is none.

    Args:
        view: the request as the service reads it.
    """
    who = CLIENT if server.by_client else SERVER
    if server.canonical_request is not None:
        found = _compare_canonical(case, view, server.canonical_request, who)
        if found is not None:
            return found
    if server.string_to_sign is not None:
        return _compare_to_sign(case, view, server, who)
    return None


def _compare_canonical(case: "Case", view: View, text: str, who: str) -> "Difference | None":
    theirs = split_canonical(text)
    if theirs is None:
        return _first_line(CANONICAL, view.canonical(), text, f"{who} gave a canonical request of an unusual form")
    if theirs.method != view.method:
        return _from_table(case, view, "method", 1, view.method, theirs.method, who)
    if theirs.path != view.stem + view.path:
        return _from_table(case, view, "path", 2, view.stem + view.path, theirs.path, who)
    if theirs.query != view.query:
        return _from_table(case, view, "query", 3, view.query, theirs.query, who)
    return _compare_headers(case, view, theirs, who) or _compare_end(case, view, theirs, who)


def _compare_headers(case: "Case", view: View, theirs: Parts, who: str) -> "Difference | None":
    found = dict(theirs.headers)
    named = theirs.signed.split(";")
    for line, name in enumerate(view.signed, 4):
        ours = view.headers.get(name, "")
        if name in found:
            if found[name] != ours:
                return _header(case, view, name, line, found[name], who)
        elif name not in named and not is_among(name, case.row.implicit):
            return _plain(
                CANONICAL,
                line,
                f"{name}:{ours}",
                "",
                "signed-headers",
                f"{who} does not count {name} among the signed headers",
            )
        elif name in view.headers:
            return _header(case, view, name, line, None, who)
    for line, (name, value) in enumerate(theirs.headers, 4):
        if name not in view.signed:
            present = name in view.headers
            sentence = (
                f"{who} has {name} among the signed headers"
                if present
                else f"{who} has the header {name}, which the request does not"
            )
            return _plain(
                CANONICAL, line, "", f"{name}:{value}", "signed-headers" if present else "header-added", sentence
            )
    return None


def _compare_end(case: "Case", view: View, theirs: Parts, who: str) -> "Difference | None":
    line = len(view.signed) + 5
    ours = ";".join(view.listed)
    if theirs.signed != ours:
        return _plain(
            CANONICAL,
            line,
            ours,
            theirs.signed,
            "signed-headers",
            f"{who} has the list of signed headers in another form",
        )
    if theirs.payload != view.payload:
        return _from_table(case, view, "payload", line + 1, view.payload, theirs.payload, who)
    return None


def _header(case: "Case", view: View, name: str, line: int, value: "str | None", who: str) -> Difference:
    """Return why one header line differs."""
    row = case.row
    ours = view.headers.get(name, "")
    texts = (f"{name}:{ours}", "" if value is None else f"{name}:{value}")
    special = {
        "host": "host",
        row.date: "time",
        row.security_token: "token",
        row.content_sha256: "payload-hash",
    }
    if name not in view.headers:
        return _plain(
            CANONICAL,
            line,
            *texts,
            special.get(name, "header-added"),
            f"{who} has the header {name}, which the request does not",
        )
    if not value:
        return _plain(
            CANONICAL, line, *texts, special.get(name, "header-missing"), f"{who} has no header {name} at all"
        )
    if name not in special and (value.startswith(f"{ours},") or value.endswith(f",{ours}")):
        return _plain(CANONICAL, line, *texts, "header-added", f"{who} has the header {name} with one more value")
    words = (special.get(name, "header-changed"),)
    said = _row(case, view, words, who, lambda other: other.headers.get(name) == value)
    if said is None:
        return _plain(CANONICAL, line, *texts, words[0], f"{who} has the header {name} with another value")
    return Difference(CANONICAL, line, *texts, *said)


def _compare_to_sign(case: "Case", view: View, server: "ServerError", who: str) -> "Difference | None":
    text = (server.string_to_sign or "").rstrip("\n")
    canonical = view.canonical()
    ours, theirs = view.to_sign(case.row.chain.label, canonical).split("\n"), text.split("\n")
    if len(theirs) != 4 or theirs[0] != ours[0]:
        return _first_line(TO_SIGN, "\n".join(ours), text, f"{who} gave a string to sign of another scheme")
    if theirs[1] != ours[1]:
        return _from_table(case, view, "stamp", 2, ours[1], theirs[1], who)
    if theirs[2] != ours[2]:
        return _from_table(case, view, "scope", 3, ours[2], theirs[2], who)
    if theirs[3] != ours[3]:
        return _by_hash(case, view, ours[3], theirs[3], who)
    return None


def _by_hash(case: "Case", view: View, ours: str, theirs: str, who: str) -> Difference:
    """Return why the hashes differ, by trying which reading has theirs."""
    from authkit.explain.search import by_hash, find_cause

    found = find_cause(case, view, by_hash(theirs))
    if found is None:
        return _plain(TO_SIGN, 4, ours, theirs, "unknown", f"{who} has another canonical request")
    return point_out(view, found.view, found.causes[0][0].word, found.text(who))


def point_out(ours: View, theirs: View, word: str, advice: str) -> Difference:
    """Return the first line in which two readings of one request differ."""
    for stage, left, right in (
        (CANONICAL, ours.canonical(), theirs.canonical()),
        (TO_SIGN, ours.to_sign("", ""), theirs.to_sign("", "")),
    ):
        if left != right:
            line, one, other = _differing(left, right)
            return Difference(stage, line, one, other, word, advice)
    return Difference("signature", 1, "[signature]", "[signature]", word, advice)


def _differing(left: str, right: str) -> "tuple[int, str, str]":
    ours, theirs = left.split("\n"), right.split("\n")
    length = max(len(ours), len(theirs))
    ours += [""] * (length - len(ours))
    theirs += [""] * (length - len(theirs))
    number = next(number for number in range(length) if ours[number] != theirs[number])
    return number + 1, ours[number], theirs[number]


def _first_line(stage: str, ours: str, theirs: str, sentence: str) -> Difference:
    line, one, other = _differing(ours, theirs.rstrip("\n"))
    return _plain(stage, line, one, other, "unknown", sentence)


# part of a reading -> the words of the rows that may have changed it, and the stage in which it stands
_PARTS = {
    "method": (("method",), CANONICAL),
    "path": (("path-encoding", "path-normalisation"), CANONICAL),
    "query": (("query-encoding", "query-order"), CANONICAL),
    "payload": (("payload-hash",), CANONICAL),
    "stamp": (("time",), TO_SIGN),
    "scope": (("scope",), TO_SIGN),
}


def _from_table(case: "Case", view: View, part: str, line: int, ours: str, theirs: str, who: str) -> Difference:
    """Return the difference in one part, with the row of the table that makes ours theirs."""
    words, stage = _PARTS[part]
    row = _row(case, view, words, who, lambda other: _text(other, part) == theirs)
    if row is not None:
        return Difference(stage, line, ours, theirs, *row)
    if part == "path":
        word, sentence = nearest_path(ours, theirs, who)
    elif part == "query":
        word, sentence = nearest_query(ours, theirs, who)
    else:
        word, sentence = words[0], f"{who} has another {_NAMES[part]}"
    return _plain(stage, line, ours, theirs, word, sentence)


_NAMES = {"method": "method", "payload": "payload hash", "stamp": "instant", "scope": "credential scope"}


def _text(view: View, part: str) -> str:
    if part == "path":
        return view.stem + view.path
    return "/".join(view.scope) if part == "scope" else str(getattr(view, part))


def _row(
    case: "Case", view: View, words: "tuple[str, ...]", who: str, same: "Callable[[View], bool]"
) -> "tuple[str, str] | None":
    """Return word and sentence of the first row with one of *words* that has a reading for which *same* says yes."""
    for cause in CAUSES:
        if cause.word in words:
            for detail, other in cause.resign(case, view):
                if same(other):
                    return cause.word, cause.text(who, detail)
    return None


def _plain(stage: str, line: int, ours: str, theirs: str, word: str, sentence: str) -> Difference:
    return Difference(stage, line, ours, theirs, word, f"{sentence}: {ADVICE[word]}")
