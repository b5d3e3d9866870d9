"""Do the two readers of command lines, the click-free one and click, always agree?"""

from functools import cache
from types import SimpleNamespace
from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authkit import registry
from authkit.commands import _click, _quick
from authkit.errors import UsageError

# One row of each kind, long and short, next to the rows of every real command.
EVERY_KIND = SimpleNamespace(
    __doc__="Every kind of row.",
    OPTIONS=(
        ("FIRST", "argument", "FIRST", "", None),
        ("SECOND", "optional", "SECOND", "", None),
        ("--flag", "flag", "", "", False),
        ("--switch", "switch", "", "", None),
        ("--text|-t", "text", "TEXT", "", None),
        ("--default", "text", "TEXT", "", "as it was"),
        ("--int", "int", "N", "", None),
        ("--many|-m", "many", "TEXT", "", ()),
        ("--choice", "choice:one|two", "", "", "one"),
    ),
    run=lambda given: 0,
)
TAIL = SimpleNamespace(
    __doc__="A tail for another program.",
    TAIL=True,
    OPTIONS=(
        ("--text", "text", "TEXT", "", None),
        ("--flag", "flag", "", "", False),
        ("--switch", "switch", "", "", None),
        ("LINE", "rest", "LINE", "", ()),
    ),
    run=lambda given: 0,
)
ODD = (
    "",
    "-",
    "--",
    "-x",
    "--x",
    "--help",
    "0",
    "7",
    "-1",
    "+5",
    "٣",
    "one",
    "two",
    "=",
    "a=b",
    "--=",
    "@f",
    "é",
    "a b",
    "file:x",
    "curl",
)


@cache
def modules() -> list[Any]:
    return [EVERY_KIND, TAIL] + [registry.load_command(name) for name in registry.COMMANDS]


@cache
def lines(number: int) -> st.SearchStrategy[list[str]]:
    """Command lines made of the own options, their values, and what is nearly one of them."""
    names = [
        name for row in _quick.rows_of(modules()[number], []) for name in row[0].split("|") if name.startswith("-")
    ]
    value = st.one_of(st.sampled_from(ODD), st.text(max_size=4))
    option = st.sampled_from(names or ["--none"])
    groups = st.one_of(
        st.tuples(option, value).map(list),
        st.tuples(option, st.just("="), value).map(lambda one: ["".join(one)]),
        option.map(lambda name: [name]),
        value.map(lambda word: [word]),
        st.tuples(option, value).map(lambda one: ["".join(one)]),
        option.map(lambda name: ["--no-" + name[2:]]),
        st.tuples(option, st.integers(3, 12)).map(lambda one: [one[0][: one[1]]]),
    )
    return st.tuples(st.sampled_from([[], ["x"], ["a", "b"]]), st.lists(groups, max_size=4)).map(
        lambda one: [word for group in one[1] for word in group] + one[0]
    )


def by_quick(module: Any, words: list[str]) -> "dict[str, object] | None":
    try:
        return _quick.parse(_quick.rows_of(module, words), _quick.split_tail(module, words))
    except UsageError:  # a scheme that there is not
        return None


def by_click(module: Any, words: list[str]) -> "dict[str, object] | str":
    """Return click's values, or its complaint."""
    command = _click.Command("keygen", module)
    try:
        return dict(command.make_context("authkit", list(words)).params)
    except click.UsageError as error:
        return error.format_message()


@settings(max_examples=300)
@given(st.data())
def test_what_the_quick_reader_takes_click_takes_alike(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(modules()) - 1))
    module, words = modules()[number], data.draw(lines(number))
    quick = by_quick(module, words)
    if quick is not None:
        assert quick == by_click(module, words)


PLAIN = {"first": "a", "second": None, "flag": False, "switch": None, "text": None, "default": "as it was"}
PLAIN |= {"int": None, "many": (), "choice": "one"}


@pytest.mark.parametrize(
    ("words", "given_values"),
    [
        (["a"], {}),
        (["a", "b"], {"second": "b"}),
        (["a", "--", "--flag"], {"second": "--flag"}),
        (["--flag", "a", "--switch"], {"flag": True, "switch": True}),
        (["--no-switch", "a"], {"switch": False}),
        (["a", "--text", "--flag"], {"text": "--flag"}),
        (["a", "--text=b=c"], {"text": "b=c"}),
        (["a", "--text="], {"text": ""}),
        (["a", "--int", "-12"], {"int": -12}),
        (["a", "--many", "x", "--many=y"], {"many": ("x", "y")}),
        (["a", "--choice", "two"], {"choice": "two"}),
        (["a", "-t", "x", "-m", "y", "-m", "z"], {"text": "x", "many": ("y", "z")}),
        (["-"], {"first": "-"}),
    ],
)  # fmt: skip
def test_both_read_a_plain_line(words: list[str], given_values: dict[str, object]) -> None:
    assert by_quick(EVERY_KIND, words) == PLAIN | given_values == by_click(EVERY_KIND, words)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "Missing argument 'FIRST'."),
        (["a", "b", "c"], "Got unexpected extra argument (c)"),
        (["a", "--nonesuch"], "No such option '--nonesuch'. Did you mean '--no-switch'?"),
        (["a", "--fla"], "No such option '--fla'. Did you mean '--flag'?"),
        (["a", "--text"], "Option '--text' requires an argument."),
        (["a", "--flag=yes"], "Option '--flag' does not take a value."),
        (["a", "--int", "x"], "Invalid value for '--int': 'x' is not a valid integer."),
        (["a", "--choice", "three"], "Invalid value for '--choice': 'three' is not one of 'one', 'two'."),
        (["a", "-x=y"], "No such option '-x'."),
        (["a", "-x"], "No such option '-x'."),
    ],
)  # fmt: skip
def test_the_quick_reader_leaves_mistakes_to_click(words: list[str], complaint: str) -> None:
    assert by_quick(EVERY_KIND, words) is None
    assert by_click(EVERY_KIND, words) == complaint


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ([], {}),
        (["curl", "--text", "x"], {"line": ("curl", "--text", "x")}),
        (["--text", "x", "curl", "-d", "--flag"], {"text": "x", "line": ("curl", "-d", "--flag")}),
        (["--flag", "--no-switch", "--", "--text"], {"flag": True, "switch": False, "line": ("--text",)}),
        (["--other", "--flag"], {"line": ("--other", "--flag")}),
        (["--text=x", "-H", "a"], {"text": "x", "line": ("-H", "a")}),
    ],
)
def test_the_first_foreign_word_begins_the_tail(words: list[str], values: dict[str, object]) -> None:
    plain = {"text": None, "flag": False, "switch": None, "line": ()}
    assert by_quick(TAIL, words) == plain | values == by_click(TAIL, words)
