"""Does each module say which question it answers, and each public name what it gives?"""

import ast
from collections.abc import Iterator

import pytest

from house.sources import sources, tree_of

SECTIONS = ("Args:", "Attributes:", "Returns:", "Yields:", "Raises:", "Source:")
Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public(tree: ast.Module) -> Iterator[Named]:
    """Yield the public functions and classes of a module, and the methods that no base class documents already."""
    for node in tree.body:
        if isinstance(node, Named) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef) and not node.bases:
                inner = [one for one in node.body if isinstance(one, Named) and not one.name.startswith(("_", "test_"))]
                yield from inner


def faults(place: str, source: str) -> list[str]:
    """Return one line for each docstring of *source* that is missing or out of shape."""
    tree = tree_of(source)
    found = []
    said = ast.get_docstring(tree)
    command = place.startswith("commands/") and not place.startswith("commands/_")
    if command or place == "__init__.py":
        said = (said or "").split("\n")[0]  # the rest is for whoever asks for help
    if not said or "\n" in said or said[-1] not in ".?":
        found.append(f"{place}:1: the module's docstring is one line that says which question it answers")
    for node in public(tree):
        if command and node.name == "run":
            continue
        text = ast.get_docstring(node)
        where = f"{place}:{node.lineno}: {node.name}"
        if text is None:
            found.append(f"{where} has no docstring")
            continue
        if text.split("\n")[0][-1] not in ".?:;" and "\n" not in text:
            found.append(f"{where}: the docstring is not a sentence")
        sections = [line for line in text.split("\n") if line in SECTIONS]
        if sections != sorted(sections, key=SECTIONS.index):
            found.append(f"{where}: the sections are {' '.join(sections)}")
        if place.startswith(("schemes/", "certs/")) and "Source:" in text and "Deviations:" not in text:
            found.append(f"{where}: a source without its deviations")
    return found


def test_every_docstring_has_the_shape() -> None:
    found = []
    for place, source in sources().items():
        found += faults(place, source)
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("x = 1", "a.py:1: the module's docstring is one line that says which question it answers"),
        ('"""One.\n\nTwo."""', "a.py:1: the module's docstring is one line that says which question it answers"),
        ('"""A."""\ndef f(): pass', "a.py:2: f has no docstring"),
        ('"""A."""\nclass C:\n    """B."""\n    def g(self): pass', "a.py:4: g has no docstring"),
        ('"""A."""\ndef f():\n    """no stop"""', "a.py:2: f: the docstring is not a sentence"),
        ('"""A."""\ndef f():\n    """B.\n\n    Raises:\n        X.\n\n    Args:\n        y.\n    """',
         "a.py:2: f: the sections are Raises: Args:"),
    ],
)  # fmt: skip
def test_a_fault_is_named(source: str, complaint: str) -> None:
    assert faults("a.py", source) == [complaint]


def test_a_source_needs_its_deviations_where_specifications_rule() -> None:
    source = '"""A."""\ndef f():\n    """B.\n\n    Source:\n        RFC 1.\n    """'
    assert faults("keys/a.py", source) == []
    assert faults("schemes/a.py", source) == ["schemes/a.py:2: f: a source without its deviations"]


def test_a_command_is_described_by_its_help() -> None:
    source = '"""Do this.\n\nAt length."""\ndef run(given): pass'
    assert faults("commands/do.py", source) == []
    assert len(faults("commands/_do.py", source)) == len(faults("keys/do.py", source)) == 2


def test_private_names_need_none() -> None:
    assert faults("a.py", '"""A."""\ndef _f(): pass\nclass C:\n    """B."""\n    def __len__(self): return 0') == []
