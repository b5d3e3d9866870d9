"""How an explanation looks."""

from authkit.ui import render
from authkit.ui.printable import printable, printable_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._looked_at import Seen
    from authkit.commands._quick import Given
    from authkit.commands._verdicts import Judge
    from authkit.explain import Explained
    from authkit.explain.diff import Difference
    from authkit.messages.request import Request


def as_json(found: "Explained") -> "dict[str, object]":
    """Return the JSON form of an explanation (DESIGN, "Machine interfaces")."""
    gap = found.difference
    names = ("stage", "line", "ours", "theirs", "cause", "advice")
    return {
        "schema": "authkit.explained/v1",
        "stages": found.stages,
        "theirs": found.theirs,
        "difference": None if gap is None else {name: getattr(gap, name) for name in names},
        "facts": dict(found.facts),
        "notes": found.notes,
    }


def as_text(found: "Explained") -> str:
    """Return an explanation for people: what is claimed, each stage with its lines numbered, the difference last."""
    parts = [render.facts([(name, printable(value)) for name, value in found.facts])]
    for name, text in found.stages.items():
        mark = found.difference.line if found.difference is not None and found.difference.stage == name else None
        parts.append(stage_text(name, text, mark))
    if found.difference is not None:
        parts.append(_difference(found.difference))
    parts += [f"{printable_bytes(note)}\n" for note in found.notes]
    parts.append("Signatures and session tokens are not shown: this is safe to paste.\n")
    return "\n".join([part for part in parts if part])


def by_stages(seen: "Seen", given: "Given") -> "Explained":
    """Return the stages of a message of a scheme that carries code, and with a key the verdict on it.

    Raises:
        UsageError: with a server's answer, which is understood for the schemes of derived keys alone.
        InputError: if the message carries no signature of the scheme that can be read.
    """
    from authkit.errors import InputError, Rejected, UsageError
    from authkit.explain import Explained
    from authkit.explain.redact import redact_stages

    assert seen.scheme.stages is not None  # it has no row
    if given.server_error is not None:
        raise UsageError(f"--server-error is not understood for {seen.scheme.name}", "leave it out")
    try:
        stages = seen.scheme.stages(seen.message, given)
    except Rejected as rejected:
        raise InputError(f"the signature cannot be read: {rejected.message}", rejected.hint) from rejected
    notes = [] if seen.judge is None else [_verdict_of(seen.judge, seen.message, given.at)]
    return Explained(redact_stages(stages), {}, None, [("scheme", seen.scheme.name)], notes)


def _verdict_of(judge: "Judge", request: "Request", at: "str | None") -> str:
    from authkit.errors import Rejected

    try:
        judge.verdict(request, at)
    except Rejected as rejected:
        return f"verify-signature with this key says {rejected.verdict} ({rejected.reason}): {rejected.message}"
    return "verify-signature with this key says valid"


def stage_text(name: str, text: str, mark: "int | None" = None) -> str:
    """Return a stage with its lines numbered, the line *mark* pointed at."""
    lines = [render.style(name, "1")]
    for number, line in enumerate(text.split("\n"), 1):
        shown = f"{number:>4}  {printable_bytes(line)}"
        lines.append(render.style(f">{shown[1:]}", "31") if number == mark else shown)
    return "\n".join(lines) + "\n"


def _difference(gap: "Difference") -> str:
    place = f"{gap.stage}, line {gap.line}" if gap.line else gap.stage
    return render.facts(
        [
            ("difference", place),
            ("ours", printable_bytes(gap.ours or "(nothing)")),
            ("theirs", printable_bytes(gap.theirs or "(nothing)")),
            ("cause", render.style(gap.cause, "31")),
            ("advice", printable_bytes(gap.advice)),
        ]
    )
