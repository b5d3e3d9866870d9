"""Do the manual, the help and the code name the same commands, options and exit codes?"""

import re
from pathlib import Path

import click
import pytest

from authkit import app, errors, registry, schemes
from authkit.commands import _click, _quick
from authkit.keys.window import LIMITS

PAGES = Path(__file__).resolve().parents[2] / "man"
ITEM = re.compile(r"^\.It (?=Fl )", re.MULTILINE)
FLAG = re.compile(r"\bFl (-?[A-Za-z][\w-]*)")
IN_HELP = re.compile(r"^  (-.*?)(?:  |$)", re.MULTILINE)


def options_of_page(text: str) -> set[str]:
    """Return the options that a page's lists describe."""
    items = [line for line in text.split("\n") if ITEM.match(line)]
    return {f"-{name}" for line in items for name in FLAG.findall(line.replace("\\-", "-"))}


def options_of_help(text: str) -> set[str]:
    """Return the options in click's help, --help itself left out."""
    return {word for head in IN_HELP.findall(text) for word in re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", head)} - {
        "--help"
    }


def options_of_code(rows: "tuple[_quick.Row, ...]") -> set[str]:
    """Return the options that rows make, a switch's other side included."""
    found = {name for row in rows for name in row[0].split("|") if name.startswith("-")}
    return found | {f"--no-{row[0][2:]}" for row in rows if row[1] == "switch"}


def page(name: str) -> str:
    return (PAGES / "man1" / f"authkit-{name.replace(' ', '-')}.1").read_text("utf-8")


@pytest.mark.parametrize("name", registry.COMMANDS)
def test_options_agree(name: str) -> None:
    module = registry.load_command(name)
    code = options_of_code(_quick.rows_of(module, []))
    command = _click.Command(name, module)
    assert options_of_help(command.get_help(click.Context(command))) == code
    assert options_of_page(page(name)) == code


@pytest.mark.parametrize("name", registry.COMMANDS)
def test_a_page_says_what_its_row_says(name: str) -> None:
    described = [line[4:] for line in page(name).split("\n") if line.startswith(".Nd ")]
    assert described == [registry.COMMANDS[name][1]]


def test_every_page_is_of_a_command() -> None:
    pages = {path.stem for path in (PAGES / "man1").glob("authkit-*.1")}
    assert pages == {"authkit-" + name.replace(" ", "-") for name in registry.COMMANDS}


def test_the_first_page_refers_to_every_command() -> None:
    text = (PAGES / "man1" / "authkit.1").read_text("utf-8")
    referred = set(re.findall(r"\.Xr authkit-([\w-]+) 1", text))
    assert referred == {name.replace(" ", "-") for name in registry.COMMANDS}


def test_the_first_page_lists_every_exit_code() -> None:
    text = (PAGES / "man1" / "authkit.1").read_text("utf-8")
    section = text.partition(".Sh EXIT STATUS")[2].partition("\n.Sh ")[0]
    kinds = {kind.exit_code for kind in errors.AuthkitError.__subclasses__() if isinstance(kind.exit_code, int)}
    assert kinds == {2, 3, 4, 5, 6}
    codes = [int(code) for code in re.findall(r"^\.It (?:\w+ )?(\d+)$", section, re.MULTILINE)]
    assert codes == sorted({0, 1, *kinds, app.BUG, app.INTERRUPTED, app.CLOSED_PIPE})


def test_a_page_lists_every_reason_of_a_verdict() -> None:
    section = page("verify-signature").partition(".Sh DIAGNOSTICS")[2].partition("\n.Sh ")[0]
    listed = re.findall(r"^\.It Cm ([\w-]+) Pq ([\w-]+)$", section, re.MULTILINE)
    # key-mismatch is a reason of derive-subkey --verify alone
    assert listed == [(word, row[0]) for word, row in errors.REASONS.items() if word != "key-mismatch"]


def test_a_page_lists_the_limits_of_a_subkey() -> None:
    text = (PAGES / "man5" / "authkit-subkeys.5").read_text("utf-8")
    section = text.partition(".Ss Seven limits")[2].partition("\n.El")[0]
    limits = [" ".join(part.split()) for part in section.split("\n.It\n")[1:]]
    assert limits == [f"{limit[:1].upper()}{limit[1:]}." for limit in LIMITS]


def test_options_are_found_where_they_are_described() -> None:
    text = "See\n.Fl -never .\n.It Fl -key Ar REF\n.It Fl \\-a , Fl -no-a\n.It Fl o Ar FILE\n.It Cm word"
    assert options_of_page(text) == {"--key", "--a", "--no-a", "-o"}
    text = (
        "Options:\n  -o FILE       where; see --other\n  --a / --no-a  x\n  --long NAME\n                y\n  --help  z"
    )
    assert options_of_help(text) == {"-o", "--a", "--no-a", "--long"}
    rows = (("--a", "switch", "", "", None), ("--out|-o", "text", "", "", None), ("FILE", "argument", "", "", None))
    assert options_of_code(rows) == {"--a", "--no-a", "--out", "-o"}


# the schemes

COMMON = ("sign http", "sign curl", "sign url", "sign webhook", "sign form", "verify-signature", "inspect-signature")


def sections_of_schemes() -> dict[str, str]:
    """Return name -> what authkit-schemes(7) says of it, for each heading of its section SCHEMES."""
    text = (PAGES / "man7" / "authkit-schemes.7").read_text("utf-8")
    parts = re.split(r"^\.Ss (.+)$", text.partition("\n.Sh SCHEMES\n")[2].partition("\n.Sh ")[0], flags=re.MULTILINE)
    return {name: said for heads, said in zip(parts[1::2], parts[2::2]) for name in heads.split(", ")}


def test_every_scheme_has_its_part_of_the_page() -> None:
    assert list(sections_of_schemes()) == schemes.names()


@pytest.mark.parametrize("name", schemes.names())
def test_the_options_of_a_scheme_are_described(name: str) -> None:
    scheme = schemes.find(name)
    code = options_of_code((*scheme.sign_options, *scheme.verify_options, *scheme.inspect_options))
    described = options_of_page(sections_of_schemes()[name])
    assert described <= code | {"--key"}
    assert code - described <= set().union(*[options_of_page(page(one)) for one in COMMON])
