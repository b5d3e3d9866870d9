"""The package's source, read and parsed once for all the tests of the house."""

import ast
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "cli" / "authkit"


@cache
def sources() -> dict[str, str]:
    """Return place below the package -> source, e.g. "keys/scope.py"."""
    return {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def nodes_of(source: str) -> list[ast.AST]:
    """Return every node of *source*, its module first."""
    return list(ast.walk(ast.parse(source)))


def tree_of(source: str) -> ast.Module:
    """Return the module that *source* is."""
    tree = nodes_of(source)[0]
    assert isinstance(tree, ast.Module)
    return tree
