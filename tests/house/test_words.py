"""Does the project's text keep the house's bans?"""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from house.sources import PACKAGE, PROJECT, nodes_of, sources

DRAWERS = {"utils", "util", "helpers", "common", "models", "misc", "shared", "lib"}
LEFT_OVERS = re.compile(r"\b(TODO|FIXME|XXX)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|root)/")
LOCALS = re.compile("show_locals")

# What may not be compared with == or !=, since the time that takes tells how much was right.  A Secret compares itself
# in constant time.
GUARDED = re.compile(r"^(.*_)?(signature|mac|passphrase|session_token|check|hmac|tag)(_hex|_b64|_bytes)?$|^token$")
WRITERS = {"write_text", "write_bytes", "mkstemp", "NamedTemporaryFile", "O_CREAT", "O_TRUNC", "O_APPEND"}
NO_FILES = ("os.devnull", "'/dev/tty'")


def text_files() -> list[Path]:
    """Return every file of the project that people write, but this one, which has to spell what it looks for."""
    folders = [PROJECT / name for name in ("cli", "tests", "man", ".ci")]
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    found += [path for path in PROJECT.iterdir() if path.suffix in (".md", ".toml") or path.name == "Makefile"]
    caches = re.compile(r"/(\.(?!ci/)[^/]*|__pycache__)/")
    places = {path: f"/{path.relative_to(PROJECT)}" for path in found if path != Path(__file__).resolve()}
    return [path for path, place in places.items() if not caches.search(place) and path.suffix != ".p12"]


def last_name(node: ast.expr) -> str:
    """Return the name by which *node* is known: `b` for `a.b`, `a["b"]` and `b`; "" for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return node.id if isinstance(node, ast.Name) else ""


def catches_everything(place: str, node: ast.AST) -> bool:
    """Tell a handler that would make every bug a verdict."""
    if not isinstance(node, ast.ExceptHandler) or place == "app.py":
        return False
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    reraises = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
    return not reraises and any(kind is None or last_name(kind) in ("Exception", "BaseException") for kind in kinds)


def compares_a_secret(place: str, node: ast.AST) -> bool:
    """Tell an == or != between two values, one of which is named like a secret."""
    if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
        return False
    sides = [node.left, *node.comparators]
    constant = any(isinstance(side, ast.Constant) or last_name(side).isupper() for side in sides)
    return not constant and any(GUARDED.search(last_name(side)) for side in sides)


def opens_for_writing(place: str, node: ast.AST) -> bool:
    """Tell a write to a file anywhere but in files.py."""
    if place == "files.py":
        return False
    if isinstance(node, ast.Call) and last_name(node.func) == "open" and ast.unparse(node.func) == "os.open":
        writes = re.search(r"O_(WRONLY|RDWR)", ast.unparse(node))
        return bool(writes) and ast.unparse(node.args[0]) not in NO_FILES
    if isinstance(node, ast.Call) and last_name(node.func) in ("open", "fdopen"):
        mode = [word.value for word in node.keywords if word.arg == "mode"] or node.args[1:2]
        if mode and isinstance(mode[0], ast.Constant) and isinstance(mode[0].value, str):
            return any(letter in mode[0].value for letter in "wax+")
    return isinstance(node, ast.Attribute | ast.Name) and last_name(node) in WRITERS


def leaves_the_process(place: str, node: ast.AST) -> bool:
    """Tell an exit, or a click exception raised, anywhere but at the top."""
    if place in ("app.py", "__main__.py"):
        return False
    if isinstance(node, ast.Call):
        leaves = last_name(node.func) in ("exit", "ClickException", "BadParameter")
        return leaves and ast.unparse(node.func).partition(".")[0] in ("sys", "click", "exit")
    return isinstance(node, ast.Name) and node.id == "SystemExit"


Rule = Callable[[str, ast.AST], bool]
RULES: list[Rule] = [catches_everything, compares_a_secret, opens_for_writing, leaves_the_process]


@pytest.mark.parametrize("rule", RULES)
def test_no_code_breaks(rule: Rule) -> None:
    found = [
        f"{place}:{getattr(node, 'lineno', 0)}: {rule.__name__}: {ast.unparse(node).splitlines()[0]}"
        for place, source in sources().items()
        for node in nodes_of(source)
        if rule(place, node)
    ]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(
    ("rule", "place", "source"),
    [
        (catches_everything, "keys/x.py", "try: pass\nexcept Exception: pass"),
        (catches_everything, "keys/x.py", "try: pass\nexcept: pass"),
        (catches_everything, "keys/x.py", "try: pass\nexcept (OSError, BaseException): raise ValueError"),
        (compares_a_secret, "keys/x.py", "signature == other"),
        (compares_a_secret, "keys/x.py", "row['check'] != value"),
        (compares_a_secret, "keys/x.py", "value == request.session_token"),
        (opens_for_writing, "stores/x.py", "open(path, 'wb')"),
        (opens_for_writing, "stores/x.py", "open(path, mode='a')"),
        (opens_for_writing, "stores/x.py", "os.open(path, os.O_CREAT | os.O_RDONLY)"),
        (opens_for_writing, "stores/x.py", "os.open(path, os.O_RDWR)"),
        (opens_for_writing, "stores/x.py", "os.open(tty, flags=os.O_WRONLY)"),
        (opens_for_writing, "stores/x.py", "path.write_bytes(data)"),
        (leaves_the_process, "commands/x.py", "sys.exit(1)"),
        (leaves_the_process, "commands/x.py", "raise SystemExit"),
        (leaves_the_process, "commands/x.py", "raise click.ClickException('x')"),
    ],
)
def test_a_broken_rule_is_seen(rule: Rule, place: str, source: str) -> None:
    assert any(rule(place, node) for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize(
    ("rule", "place", "source"),
    [
        (catches_everything, "app.py", "try: pass\nexcept Exception: pass"),
        (catches_everything, "keys/x.py", "try: pass\nexcept BaseException:\n    undo()\n    raise"),
        (catches_everything, "keys/x.py", "try: pass\nexcept (OSError, ValueError): pass"),
        (compares_a_secret, "keys/x.py", "signature == ''"),
        (compares_a_secret, "keys/x.py", "len(signature) == length"),
        (compares_a_secret, "keys/x.py", "compare_digest(signature, other) is True"),
        (opens_for_writing, "files.py", "open(path, 'wb')"),
        (opens_for_writing, "stores/x.py", "open(path, 'rb')"),
        (opens_for_writing, "stores/x.py", "os.open(path, os.O_RDONLY)"),
        (opens_for_writing, "app.py", "os.open(os.devnull, os.O_WRONLY)"),
        (opens_for_writing, "ui/x.py", "os.open('/dev/tty', os.O_RDWR)"),
        (leaves_the_process, "app.py", "sys.exit(1)"),
        (leaves_the_process, "commands/_click.py", "ctx.exit()"),
        (compares_a_secret, "schemes/x.py", "name != row.security_token"),
    ],
)
def test_what_the_rules_allow_passes(rule: Rule, place: str, source: str) -> None:
    assert not any(rule(place, node) for node in ast.walk(ast.parse(source)))


def test_no_drawers() -> None:
    assert [path for path in PACKAGE.rglob("*") if path.stem in DRAWERS] == []


@pytest.mark.parametrize("banned", [LEFT_OVERS, MACHINE_PATHS, LOCALS])
def test_no_banned_words(banned: re.Pattern[str]) -> None:
    found = []
    for path in text_files():
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            if banned.search(line):
                found.append(f"{path.relative_to(PROJECT)}:{number}: {line.strip()[:80]}")
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(
    ("banned", "line"),
    [
        (LEFT_OVERS, "# TODO: later"),
        (LEFT_OVERS, "x = 1  # FIXME"),
        (MACHINE_PATHS, "see /work/main"),
        (MACHINE_PATHS, '"/root/x"'),
        (LOCALS, "Traceback(show_locals=True)"),
    ],
)
def test_a_banned_word_is_seen(banned: re.Pattern[str], line: str) -> None:
    assert banned.search(line)
