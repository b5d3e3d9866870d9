"""Has every file its row, and every row its file?"""

import ast

import pytest

from authkit import registry, stores, unlock
from authkit.schemes import SCHEMES
from house.sources import PACKAGE, sources, tree_of

TABLES = {
    "schemes": {module for module, _ in SCHEMES.values()},
    "stores": {module for module, _ in stores.ROWS.values()},
    "unlock": {module for module, _ in unlock.ROWS.values()},
    "references": set(registry.REFERENCES.values()),
}


def _names_scheme(node: ast.stmt) -> bool:
    """Say whether a statement makes SCHEME, as the file of a scheme does."""
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "SCHEME" for target in node.targets
    )


# Files of a room that are no row of its table, but what the rows are made of.
PARTS = {
    "schemes": {
        name[8:-3]
        for name, source in sources().items()
        if name.startswith("schemes/") and not any(_names_scheme(node) for node in tree_of(source).body)
    },
    "stores": {"base", "contract", "pkcs11", "token_mac", "token_pair"},
    "unlock": {"words"},
    "references": set(),
}


def differences(files: set[str], rows: set[str]) -> list[str]:
    """Return one line for each file without a row and each row without a file."""
    return [f"{name} has no row" for name in sorted(files - rows)] + [
        f"{name} has no file" for name in sorted(rows - files)
    ]


def files_of(room: str) -> set[str]:
    return {f"authkit.{room}.{path.stem}" for path in (PACKAGE / room).glob("*.py") if not path.stem.startswith("_")}


@pytest.mark.parametrize("room", TABLES)
def test_files_and_rows_agree(room: str) -> None:
    parts = {f"authkit.{room}.{name}" for name in PARTS[room]}
    assert differences(files_of(room) - parts, TABLES[room]) == []


def test_commands_and_rows_agree() -> None:
    rows = {"authkit.commands." + name.replace("-", "_").replace(" ", "_") for name in registry.COMMANDS}
    assert len(rows) == len(registry.COMMANDS)
    assert differences(files_of("commands"), rows) == []


def test_a_difference_is_named() -> None:
    assert differences({"a", "b"}, {"b", "c"}) == ["a has no row", "c has no file"]


@pytest.mark.parametrize("name", registry.COMMANDS)
def test_a_command_says_what_its_row_says(name: str) -> None:
    group, summary = registry.COMMANDS[name]
    source = sources()[f"commands/{name.replace('-', '_').replace(' ', '_')}.py"]
    said = ast.get_docstring(tree_of(source)) or ""
    first = said.split("\n")[0]
    assert group in registry.GROUPS
    assert first[:1].lower() + first[1:].rstrip(".") == summary


def test_every_group_has_a_command() -> None:
    assert {group for group, _ in registry.COMMANDS.values()} == set(registry.GROUPS)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_carries_the_name_of_its_row(name: str) -> None:
    assert registry.load(SCHEMES[name][0]).SCHEME.name == name
