"""How is a tree drawn in a pipe, and on a terminal that knows no box characters?"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_BOXES, _ASCII = ("├── ", "└── ", "│   ", "    "), ("|-- ", "`-- ", "|   ", "    ")


def draw(parents: "Sequence[int | None]", labels: "Sequence[str]", *, boxes: bool) -> "list[str]":
    """Return a line for each label, below and to the right of its parent's.

    Args:
        parents: for each label the place of its parent, None for a root; without circles.
        labels: one line each, printable already.
        boxes: whether box characters may be used.
    """
    below: "dict[int | None, list[int]]" = {}
    for place, parent in enumerate(parents):
        below.setdefault(parent, []).append(place)
    branch, last, bar, blank = _BOXES if boxes else _ASCII
    lines = []
    todo = [(place, "", "") for place in reversed(below.get(None, []))]
    while todo:
        place, before, under = todo.pop()
        lines.append(before + labels[place])
        children = below.get(place, [])
        for child in reversed(children):
            ends = child == children[-1]
            todo.append((child, under + (last if ends else branch), under + (blank if ends else bar)))
    return lines


def has_boxes() -> bool:
    """Say whether standard output can show box characters: the locale is one of UTF-8, or says nothing."""
    named = [os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    locale = next(filter(None, named), "utf8")
    return "utf8" in locale.lower().replace("-", "")
