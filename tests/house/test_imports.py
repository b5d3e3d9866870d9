"""Does each room import, and call, only what HOUSE's two tables let it?"""

import ast
import sys
import tomllib
from collections.abc import Iterator

import pytest

from house.sources import PACKAGE, PROJECT, nodes_of, sources, tree_of

# Table one: who may import whom.  What a room may import it may import through another, too.
BASE = {"errors", "secret", "clock", "registry", "files", "seal", "strictjson", "base64", "words"}
ARROWS = {
    "app": {"commands"},
    "__main__": {"app"},
    "__init__": {"api", "certs"},
    "api": {"curl", "explain", "schemes"},
    "commands": {"ui", "bulk", "hand_over", "ceremony", "stores", "unlock", "references", "curl", "explain", "certs"},
    "ui": BASE,
    "bulk": BASE,
    "ledger": BASE,
    "hand_over": {"schemes", "curl"},
    "ceremony": {"keys", "stores", "ledger"},
    "stores": {"keys"},
    "unlock": {"keys"},
    "references": {"keys", "stores"},
    "curl": {"messages"},
    "explain": {"schemes"},
    "schemes": {"messages", "keys"},
    "certs": {"keys"},
    "messages": BASE,
    "keys": BASE,
    **dict.fromkeys(BASE, BASE),
}

# Table two: packages from elsewhere.  A file's own row goes before its room's.
ANYWHERE, INSIDE = "anywhere", "inside functions"
OUTSIDE = {
    "app": {"click": INSIDE},
    "seal": {"pyrage": INSIDE},
    "keys/pair": {"cryptography": INSIDE},
    "keys/prove": {"cryptography": INSIDE},
    "messages": {"http_sf": INSIDE},
    "schemes": {"cryptography": INSIDE},
    "ceremony/shares": {"shamir_mnemonic": INSIDE},
    "certs": {"cryptography": ANYWHERE},
    "certs/formats/header": {"http_sf": INSIDE},
    "unlock/keyring": {"keyring": INSIDE, "secretstorage": INSIDE, "jeepney": INSIDE},  # what keyring itself runs on
    "stores/pkcs11": {"PyKCS11": INSIDE},
    "stores/token_pair": {"cryptography": ANYWHERE},
    "ui": {"rich": ANYWHERE, "segno": ANYWHERE},
    "commands": {"click": ANYWHERE},
}

# What a pure room never touches: everything that comes from outside is an argument.
PURE = {"keys", "messages", "curl", "schemes", "explain", "certs"}
IMPURE_CALLS = set(
    "open io.open os.open print input sys.stdin sys.stdout sys.stderr sys.argv os.environ os.getenv os.urandom "
    "socket.socket socket.create_connection socket.getaddrinfo "
    "datetime.now datetime.today datetime.utcnow date.today time.time time.time_ns clock.now clock.local_today".split()
)
IMPURE_MODULES = {"random", "secrets", "subprocess", "tempfile", "authkit.files", "authkit.seal"}


def reach(room: str) -> set[str]:
    """Return *room* and every room behind its arrows."""
    found, todo = {room}, [room]
    while todo:
        new = ARROWS[todo.pop()] - found
        found |= new
        todo += new
    return found


def imports(tree: ast.AST, inside: bool = False) -> Iterator[tuple[int, str, bool]]:
    """Yield the line and the dotted name of each import under *tree*, and whether it waits for a call or a checker."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            whole = [f"authkit.{alias.name}" for alias in node.names] if module == "authkit" else [module]
            yield from ((node.lineno, "." * node.level + name, inside) for name in whole)
        else:
            later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            typing_only = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            yield from imports(node, inside or later or typing_only)


def dotted(node: ast.AST) -> str:
    """Return the last two names of `a.b.c`, or the one name of `a`."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value).rpartition('.')[2]}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def broken_rules(place: str, source: str) -> list[str]:
    """Return one line for each rule that *source* breaks as the file *place*, a path below the package without .py."""
    room = place.partition("/")[0]
    found = []
    allowed = OUTSIDE.get(place, OUTSIDE.get(room, {}))
    for line, name, inside in imports(tree_of(source)):
        where = f"{place}.py:{line}: {room} may not import {name}"
        top, _, rest = name.partition(".")
        if top == "":
            found.append(f"{where}: relative imports hide the room")
        elif top == "authkit":
            if (rest.partition(".")[0] or "__init__") not in reach(room) | {"__version__"}:
                found.append(where)
        elif top not in sys.stdlib_module_names:
            if top not in allowed:
                found.append(where)
            elif allowed[top] == INSIDE and not inside:
                found.append(f"{where} outside a function")
        if room in PURE and (name in IMPURE_MODULES or top in IMPURE_MODULES):
            found.append(f"{where}: the room is pure")
    if room in PURE:
        for node in nodes_of(source):
            if isinstance(node, ast.Name | ast.Attribute) and dotted(node) in IMPURE_CALLS:
                found.append(f"{place}.py:{node.lineno}: {room} is pure and may not use {dotted(node)}")
    return found


def test_every_file_keeps_both_tables() -> None:
    found = []
    for place, source in sources().items():
        found += broken_rules(place.removesuffix(".py").removesuffix("/__init__"), source)
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(
    ("place", "source", "complaint"),
    [
        ("keys/scope", "import cryptography", "keys/scope.py:1: keys may not import cryptography"),
        ("keys/pair", "import cryptography", "keys/pair.py:1: keys may not import cryptography outside a function"),
        ("keys/x", "import authkit.messages.request", "keys/x.py:1: keys may not import authkit.messages.request"),
        ("keys/x", "from authkit import files", "keys/x.py:1: keys may not import authkit.files: the room is pure"),
        ("keys/x", "\nfrom . import y", "keys/x.py:2: keys may not import .: relative imports hide the room"),
        (
            "curl/x",
            "def f():\n    from authkit.schemes import sigv4",
            "curl/x.py:2: curl may not import authkit.schemes",
        ),
        (
            "schemes/x",
            "import datetime\nt = datetime.datetime.now()",
            "schemes/x.py:2: schemes is pure and may not use datetime.now",
        ),
        ("explain/x", "def f(p):\n    return open(p)", "explain/x.py:2: explain is pure and may not use open"),
        (
            "messages/x",
            "import os\nh = os.environ['H']",
            "messages/x.py:2: messages is pure and may not use os.environ",
        ),
        ("schemes/x", "import secrets", "schemes/x.py:1: schemes may not import secrets: the room is pure"),
        ("ui/x", "import click", "ui/x.py:1: ui may not import click"),
        ("commands/x", "def f():\n    import rich.table", "commands/x.py:2: commands may not import rich.table"),
        ("stores/x", "from authkit.ui import render", "stores/x.py:1: stores may not import authkit.ui"),
        ("files", "import authkit.keys.scope", "files.py:1: files may not import authkit.keys.scope"),
    ],
)
def test_a_broken_rule_is_named_with_its_line(place: str, source: str, complaint: str) -> None:
    assert broken_rules(place, source) == [complaint]


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("keys/pair", "def f():\n    from cryptography.hazmat import primitives"),
        ("keys/pair", "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from cryptography.hazmat import primitives"),
        ("explain/x", "from authkit.keys import scope"),
        ("commands/x", "import click\nfrom authkit.schemes import sigv4\nfrom authkit import files, seal"),
        ("schemes/x", "from hmac import compare_digest\nfrom authkit.messages.request import Request"),
        ("stores/folder", "from authkit import files\n\ndef f(p):\n    return open(p)"),
    ],
)
def test_what_the_tables_allow_passes(place: str, source: str) -> None:
    assert broken_rules(place, source) == []


def test_what_is_imported_is_what_is_installed() -> None:
    names = {name.partition(".")[0] for source in sources().values() for _, name, _ in imports(tree_of(source))}
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [line for name in ("hsm", "shares") for line in project["optional-dependencies"][name]]
    optional, installed = [
        {line.partition(">=")[0].replace("-", "_") for line in lines} for lines in (extras, project["dependencies"])
    ]
    # what keyring itself runs on comes with it
    assert names - sys.stdlib_module_names - {"authkit", "secretstorage", "jeepney"} - optional == installed


def test_every_room_has_its_row() -> None:
    rooms = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()
    }
    assert rooms <= set(ARROWS)
