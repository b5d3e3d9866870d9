"""Is a tree drawn right, also where there are no box characters?"""

import pytest

from authkit.ui.tree import draw, has_boxes

PARENTS = [None, 0, 1, 0, None, 4]
LABELS = ["root", "first", "leaf", "second", "other", "below"]


def test_a_tree() -> None:
    assert draw(PARENTS, LABELS, boxes=True) == [
        "root",
        "├── first",
        "│   └── leaf",
        "└── second",
        "other",
        "└── below",
    ]


def test_a_tree_in_ascii() -> None:
    assert draw(PARENTS, LABELS, boxes=False) == [
        "root",
        "|-- first",
        "|   `-- leaf",
        "`-- second",
        "other",
        "`-- below",
    ]


def test_what_is_below_a_last_one_is_indented() -> None:
    assert draw([1, None, 0, 2], ["b", "a", "c", "d"], boxes=False) == ["a", "`-- b", "    `-- c", "        `-- d"]


def test_nothing() -> None:
    assert draw([], [], boxes=True) == []


def test_a_deep_tree_is_no_recursion() -> None:
    parents = [None, *range(4999)]
    assert len(draw(parents, ["x"] * 5000, boxes=True)) == 5000


@pytest.mark.parametrize(
    ("environ", "boxes"),
    [
        ({}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "POSIX"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "C.utf8"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "C.UTF-8", "LC_CTYPE": "C.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "C", "LC_ALL": ""}, False),
    ],
)
def test_who_has_boxes(environ: "dict[str, str]", boxes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert has_boxes() is boxes
