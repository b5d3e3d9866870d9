"""A reader of command lines that imports nothing, for those it understands whole."""

from authkit import registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

Row = tuple[str, str, str, str, object]


class Given:
    """What the command line gave: one attribute a row, its name without dashes and with '_' for '-'."""

    def __init__(self, values: "dict[str, object]") -> None:
        self.__dict__.update(values)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> "Any": ...

        def __setattr__(self, name: str, value: object) -> None: ...


def run(words: "list[str]") -> "int | None":
    """Run a command line, or return None for one that click must judge: help of a command, mistakes, completion."""
    if words in ([], ["--help"], ["-h"], ["--version"]) or words in _groups():
        return _front_page(words)
    name = find_command(words)
    if name is None:
        return None
    module = registry.load_command(name)
    rest = words[len(name.split(" ")) :]
    values = parse(rows_of(module, rest), split_tail(module, rest))
    return None if values is None else int(module.run(Given(values)) or 0)


def find_command(words: "list[str]") -> "str | None":
    """Return the command that *words* begin with."""
    for count in (2, 1):
        name = " ".join(words[:count])
        if len(words) >= count and name in registry.COMMANDS:
            return name
    return None


def rows_of(module: "ModuleType", words: "list[str]") -> "tuple[Row, ...]":
    """Return a command's option rows, those of the scheme that *words* name included."""
    if not hasattr(module, "SCHEME_OPTIONS"):
        rows: "tuple[Row, ...]" = module.OPTIONS
        return rows
    from authkit.commands import _schemes

    return _schemes.rows_of(module, words)


def split_tail(module: "ModuleType", words: "list[str]") -> "list[str]":
    """Put a '--' where a command's own words end and those of another program begin.

    They are authkit's while each is one of its long options; the first other word, or a '--', begins the rest (DESIGN).
    """
    if not getattr(module, "TAIL", False):
        return words
    kinds = {typed: row[0] for typed, row in kinds_of(rows_of(module, words)).items()}
    place = 0
    while place < len(words):
        name, mark, _ = words[place].partition("=")
        kind = kinds.get(name, kinds.get("--" + name[5:], "") if name.startswith("--no-") else "")
        if name in ("--help", "--"):
            return words
        if not name.startswith("--") or not kind or (name not in kinds and kind != "switch"):
            break
        place += 1 if mark or kind in ("flag", "switch") else 2
    return words[:place] + (["--"] + words[place:] if place < len(words) else [])


def attribute(name: str) -> str:
    """Return the attribute of Given that holds the row *name*."""
    return name.partition("|")[0].lstrip("-").replace("-", "_").lower()


def kinds_of(rows: "tuple[Row, ...]") -> "dict[str, tuple[str, str]]":
    """Return option as typed -> (kind, attribute); the short form stands behind '|' in a row's name."""
    return {typed: (row[1], attribute(row[0])) for row in rows for typed in row[0].split("|") if typed.startswith("-")}


def parse(rows: "tuple[Row, ...]", words: "list[str]") -> "dict[str, object] | None":
    """Return the values that *words* give to *rows*; None if they are not plainly right.

    Args:
        rows: (name, kind, metavar, help, default); kinds: flag, switch, text, int, many, file, files, choice:a|b,
            and for arguments argument, optional, rest.
        words: without the command's name.
    """
    kinds = kinds_of(rows)
    values = {attribute(row[0]): row[4] for row in rows}
    plain: "list[str]" = []
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if word == "--":
            plain += words[place:]
            break
        if word[:1] != "-" or word == "-":
            plain.append(word)
            continue
        name, mark, text = word.partition("=")
        if (
            name not in kinds
            and name.startswith("--no-")
            and kinds.get("--" + name[5:], "")[:1] == ("switch",)
            and not mark
        ):
            values[attribute(name[5:])] = False
            continue
        kind, destination = kinds.get(name, ("", ""))
        if not kind or (mark and not name.startswith("--")):
            return None
        if kind in ("flag", "switch"):
            if mark:
                return None
            values[destination] = True
            continue
        if not mark:
            if place >= len(words):
                return None
            text = words[place]
            place += 1
        if not _take(values, destination, kind, text):
            return None
    return _arguments(rows, plain, values)


def _take(values: "dict[str, object]", name: str, kind: str, text: str) -> bool:
    if kind == "int":
        digits = text[1:] if text[:1] in ("-", "+") else text
        if not (digits.isascii() and digits.isdigit() and len(digits) < 12):
            return False
        values[name] = int(text)
    elif kind in ("many", "files"):
        values[name] = (*values[name], text)  # type: ignore[misc]
    elif kind.startswith("choice:") and text not in kind[7:].split("|"):
        return False
    else:
        values[name] = text
    return True


def _arguments(rows: "tuple[Row, ...]", plain: "list[str]", values: "dict[str, object]") -> "dict[str, object] | None":
    arguments = [row for row in rows if not row[0].startswith("-")]
    for name, kind, _, _, _ in arguments:
        if kind == "rest":
            values[attribute(name)] = tuple(plain)
            plain = []
        elif plain:
            values[attribute(name)] = plain.pop(0)
        elif kind == "argument":
            return None
    return None if plain else values


def _front_page(words: "list[str]") -> int:
    from authkit import __version__
    from authkit.ui import render

    if words == ["--version"]:
        render.write(f"authkit {__version__}\n")
        return 0
    render.write(front_page(words[0] if words in _groups() else ""))
    return 0


def _groups() -> "list[list[str]]":
    """Return the command lines that are the first word of a command of two words, and nothing else."""
    return [[name.partition(" ")[0]] for name in registry.COMMANDS if " " in name]


def front_page(word: str = "") -> str:
    """Return the top help: every command with its summary, by group.

    Args:
        word: with it, only the commands of two words that begin with it.
    """
    shown = {name: row for name, row in registry.COMMANDS.items() if not word or name.startswith(f"{word} ")}
    width = max(len(name) for name in shown)
    lines = ["Usage: authkit COMMAND [OPTIONS] …", "", "Credentials, offline subkeys and signed requests.", ""]
    for group, title in registry.GROUPS.items():
        rows = [f"  {name:<{width}}  {row[1]}" for name, row in shown.items() if row[0] == group]
        if rows:
            lines += [f"{title}:", *rows, ""]
    lines += ["Options:", "  --version  show the version", "  --help     show this, or the help of a command", ""]
    return "\n".join(lines + ["'authkit COMMAND --help' and 'man authkit-COMMAND' say more.", ""])
