"""How an explanation looks."""

from authkit.ui import render
from authkit.ui.printable import printable, printable_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.explain import Explained
    from authkit.explain.diff import Difference


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
