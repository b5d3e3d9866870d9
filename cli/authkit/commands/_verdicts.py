"""The verdicts of verify-signature: how they are reached, shown and counted."""

from authkit import clock
from authkit.commands import _io, _keys, _schemes
from authkit.commands._quick import attribute
from authkit.errors import InputError, Rejected, UsageError
from authkit.messages.request import Request
from authkit.schemes.options import VERIFY_PROOFS
from authkit.ui import render
from authkit.ui.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from authkit.certs.presented import Presented
    from authkit.commands._quick import Given
    from authkit.keys.select import Key
    from authkit.messages.payload import Watcher
    from authkit.schemes.base import Verified
    from authkit.schemes.binding import Bindings

SCHEMA = "authkit.verified/v1"


class Judge:
    """Verifies requests with the keys and the policy that the options give."""

    def __init__(self, given: "Given") -> None:
        given.presented, given.bindings = _proofs(given)
        keys = [] if given.presented is not None else _keys_of(given)
        if given.bindings is not None:
            from authkit.commands._presented import judge_bound

            judge_bound(given.bindings, keys)
        self.processes = _keys.processes(keys)
        self.scheme = _schemes.decide(given, keys, "verify_options")
        _schemes.read_files(given, self.scheme.verify_options)
        self.default_at = given.at
        self.verifier = self.scheme.verifier(keys, given)

    def watch(self, request: Request, at: "str | None") -> "dict[str, Watcher]":
        """Return what must see the body of a request whose head was read.

        Raises:
            UsageError: for a response, if the scheme is for requests alone.
        """
        if getattr(request, "status", None) is not None:
            from authkit.commands._responses import check_scheme

            check_scheme(request, self.scheme)
        watch = self.verifier.watch
        return {} if watch is None else watch(request, _io.instant(at or self.default_at))

    def verdict(self, request: Request, at: "str | None") -> "dict[str, object]":
        """Return the JSON form of a verdict of yes.

        Raises:
            Rejected: for every other verdict.
        """
        try:
            return of_verified(self.verifier.judge(request, _io.instant(at or self.default_at)))
        except Rejected as rejected:
            if rejected.reason in ("no-signature", "algorithm") and rejected.hint is None:
                rejected.hint = self._other_scheme(request)
            raise

    def _other_scheme(self, request: Request) -> "str | None":
        """Return a hint at the scheme by which a message looks signed; it is never taken from there."""
        from authkit.schemes.detect import detect

        name = detect(request)
        return None if name in (None, self.scheme.name) else f"it looks signed by {name}: add --scheme {name}"


def _proofs(given: "Given") -> "tuple[Presented | None, Bindings | None]":
    """Return what the options demand of client certificates."""
    if not any([getattr(given, attribute(row[0]), None) for row in VERIFY_PROOFS]):
        return None, None
    from authkit.commands._presented import demanded

    return demanded(given)


def _keys_of(given: "Given") -> "list[Key]":
    """Return the keys to verify with; none where the scheme that was named needs none."""
    if given.scheme is not None and not given.key and not _schemes.find(given.scheme).needs_key:
        return []
    return _keys.resolve_all(given.key, given.store)


def of_verified(found: "Verified") -> "dict[str, object]":
    """Return the JSON form of a verdict of yes."""
    return {
        "schema": SCHEMA,
        "verdict": "valid",
        "reason": "ok",
        "scheme": found.scheme,
        "access_key_id": found.access_key_id,
        "scope": found.scope or None,
        "signed_at": _instant(found.signed_at),
        "replayable_until": "always" if found.replayable_until is None else _instant(found.replayable_until),
        "covered": list(found.covered),
        "uncovered": list(found.uncovered),
        "warnings": list(found.warnings),
        **found.more,
    }


def of_rejected(rejected: Rejected, scheme: "str | None") -> "dict[str, object]":
    """Return the JSON form of any other verdict; what the request claims is named, and is only a claim.

    Args:
        scheme: its name; None where no scheme was decided on yet.
    """
    claim: "Any" = rejected.claim
    return {
        "schema": SCHEMA,
        "verdict": rejected.verdict,
        "reason": rejected.reason,
        "message": rejected.message,
        **({"hint": rejected.hint} if rejected.hint else {}),
        "scheme": scheme,
        "access_key_id": claim.access_key_id or None if claim else None,
        "scope": str(claim.scope) or None if claim else None,
        "signed_at": _instant(claim.at) if claim else None,
        "replayable_until": None,
        "covered": [],
        "uncovered": [],
        "warnings": [],
    }


def _instant(at: "datetime | None") -> "str | None":
    return None if at is None else clock.format_instant(at)


def exit_code(verdict: str) -> int:
    """Return 0 for valid, 4 for cannot-check, 1 for the rest."""
    return {"valid": 0, "cannot-check": 4}.get(verdict, 1)


def show(verdict: "dict[str, object]", given: "Given") -> None:
    """Write a verdict, as JSON or for people."""
    if given.json:
        render.write_json(verdict)
        return
    word = str(verdict["verdict"])
    rows = [("verdict", render.style(word, "32" if word == "valid" else "31"))]
    if word != "valid":
        rows += [("reason", str(verdict["reason"])), ("", printable(str(verdict["message"])))]
        if "hint" in verdict:
            rows.append(("hint", printable(str(verdict["hint"]))))
    who = "key ID" if "keyid" in verdict else "access key ID"
    names = ((who, "access_key_id"), ("scope", "scope"), ("signed at", "signed_at"))
    fixed = {"id", "schema", "verdict", "reason", "scheme", "replayable_until", "covered", "uncovered", "warnings"}
    label = "" if word == "valid" else " (claimed)"
    rows += [(name + label, printable(str(verdict[key]))) for name, key in names if verdict[key] is not None]
    if word == "valid":
        rows.append(("replayable until", str(verdict["replayable_until"])))
        fixed |= set(dict(names).values())
        if verdict.get("keyid") == verdict["access_key_id"]:
            fixed.add("keyid")
        more = [key for key in verdict if key not in fixed]
        rows += [(key.replace("_", " "), _text(verdict[key])) for key in more if verdict[key] not in (None, [])]
        rows += [(name, _joined(verdict[name])) for name in ("covered", "uncovered", "warnings")]
    render.write(render.facts(rows))


def run_batch(judge: Judge, given: "Given") -> int:
    """Judge one JSON request a line, over all cores, in order and in constant memory; return the exit code."""
    from authkit import bulk
    from authkit.commands._requests import split_input

    if given.body is not None:
        raise UsageError("--body is for one request")
    word, words = split_input(given.input)
    if words is not None:
        raise UsageError("--batch reads JSON lines from a file or '-'")
    seen: "set[str]" = set()
    with _io.open_body(word, "batch") as file:
        pieces = _io.whole_lines(file)
        for some, text in bulk.ordered_map(lambda piece: _judge_piece(judge, piece), pieces, judge.processes):
            seen |= some
            render.write(text)
    if seen & {"invalid", "malformed"}:
        return 1
    return 4 if "cannot-check" in seen else 0


def _judge_piece(judge: Judge, piece: "tuple[int, bytes]") -> "tuple[set[str], bytes]":
    import json

    number, block = piece
    words, texts = set(), []
    for place, line in enumerate(block.split(b"\n"), number):
        if line.strip():
            found = _judge_line(judge, line, f"line {place}")
            words.add(str(found["verdict"]))
            texts.append(json.dumps(found) + "\n")
    return words, "".join(texts).encode("ascii")


def _judge_line(judge: Judge, line: bytes, what: str) -> "dict[str, object]":
    from authkit.messages.form import id_of, parse_form

    name = None
    try:
        form = parse_form(line, what, judge.watch)
        name = form.id
        found = judge.verdict(form.request, form.at)
    except Rejected as rejected:
        found = of_rejected(rejected, judge.scheme.name)
        name = name or id_of(line)
    except (InputError, UsageError) as error:
        found = of_rejected(Rejected("input", error.message), judge.scheme.name)
        name = name or id_of(line)
    return {"id": name, **found} if name is not None else found


def _text(value: object) -> str:
    return _joined(value) if isinstance(value, list) else printable(str(value))


def _joined(value: object) -> str:
    assert isinstance(value, list)
    return ", ".join([printable(str(one)) for one in value]) or "-"
