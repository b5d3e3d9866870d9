"""Which scheme is it, and which options has it?"""

from types import SimpleNamespace
from typing import Any

import pytest

from authkit import registry
from authkit.commands import _click, _quick, _schemes
from authkit.commands._quick import Given
from authkit.errors import UsageError
from authkit.keys.prove import PrivateKey, PublicKey
from authkit.schemes import SCHEMES
from authkit.schemes.base import Scheme
from authkit.schemes.derived import DERIVED
from commandline import run_here
from samples import access_key, subkey

COMMANDS = [name for name in registry.COMMANDS if hasattr(registry.load_command(name), "SCHEME_OPTIONS")]
PAIR: Any = PrivateKey(None, "p256", (), None)
PUBLIC: Any = PublicKey(None, "p256", b"", None, None)


@pytest.mark.parametrize("name", _schemes.names())
def test_each_is_found_by_its_name(name: str) -> None:
    scheme = _schemes.find(name)
    assert (scheme.name, scheme.label) == (name, DERIVED[name].chain.label if name in DERIVED else SCHEMES[name][1])
    assert (scheme.row is None) == (scheme.stages is not None)
    assert scheme.row is DERIVED.get(name)


def test_a_label_names_one_scheme_that_signs_requests() -> None:
    """Forms are signed with the keys of requests, so theirs are the only labels that stand twice."""
    labels = [_schemes.find(name).label for name in _schemes.names() if not name.endswith("-form")]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", _schemes.names())
@pytest.mark.parametrize("command", COMMANDS)
def test_the_options_of_each_are_those_of_every_command(command: str, name: str) -> None:
    """One name is one row: an option never means two things in one command line."""
    rows = _quick.rows_of(registry.load_command(command), ["--scheme", name])
    typed = [text for row in rows for text in row[0].split("|")]
    assert len(set(typed)) == len(typed)
    attributes = [_quick.attribute(row[0]) for row in rows]
    assert len(set(attributes)) == len(attributes)


def test_a_name_that_is_none() -> None:
    with pytest.raises(UsageError) as caught:
        _schemes.find("sigv5")
    assert caught.value.message == "no scheme is named 'sigv5'"
    assert caught.value.hint == f"there are {', '.join(_schemes.names())}"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ([], None),
        (["x", "--scheme", "a", "y"], "a"),
        (["--scheme=b"], "b"),
        (["--scheme"], None),
        (["--", "--scheme", "a"], None),
        (["--scheme", "a", "--", "--scheme", "b"], "a"),
        (["--scheme", "a", "--scheme", "b"], "b"),
        (["--scheme", "a", "--scheme=b", "c"], "b"),
    ],
)
def test_the_name_among_words(words: list[str], name: "str | None") -> None:
    assert _schemes.named_in(words) == name


def given(**values: object) -> Given:
    return Given({"scheme": None, **{_quick.attribute(row[0]): row[4] for row in ROWS}, **values})


ROWS = _schemes.find("sigv4").sign_options


def test_the_key_decides() -> None:
    assert _schemes.decide(given(), [], "sign_options").name == "sigv4"
    assert _schemes.decide(given(), [access_key()], "sign_options").name == "sigv4"
    assert _schemes.decide(given(), [subkey()], "sign_options").name == "sigv4"
    labelled = access_key()
    labelled.scheme = "nobody's"
    assert _schemes.decide(given(), [labelled], "sign_options").name == "sigv4"
    for key in (PAIR, PUBLIC):
        asked = given()
        assert _schemes.decide(asked, [key], "sign_options").name == "rfc9421"
        for row in _schemes.find("rfc9421").sign_options:
            assert hasattr(asked, _quick.attribute(row[0]))
    labelled.scheme = "rfc9421"
    assert _schemes.decide(given(), [labelled], "sign_options").name == "rfc9421"


def test_the_name_goes_before_the_key() -> None:
    assert _schemes.decide(given(scheme="sigv4"), [PAIR], "sign_options").name == "sigv4"


def test_keys_of_several_schemes() -> None:
    with pytest.raises(UsageError) as caught:
        _schemes.decide(given(), [PAIR, subkey()], "verify_options")
    assert caught.value.message == "the keys are for several schemes"
    assert caught.value.hint == "say which with --scheme: rfc9421, sigv4"


def test_an_option_that_the_key_s_scheme_does_not_have() -> None:
    with pytest.raises(UsageError) as caught:
        _schemes.decide(given(double_encode=True), [PAIR], "sign_options")
    assert caught.value.message == "--double-encode is not an option of rfc9421, for which the key is"


def test_the_chain_of_a_scheme() -> None:
    assert _schemes.chain_of(None).label == "AWS4-HMAC-SHA256"
    assert _schemes.chain_of("sigv4") is DERIVED["sigv4"].chain
    with pytest.raises(UsageError) as caught:
        _schemes.chain_of("rfc9421")
    assert caught.value.message == "the scheme rfc9421 has no subkeys"
    assert caught.value.hint == f"these have: {', '.join(DERIVED)}"


def test_files_are_read_where_an_option_names_them(tmp_path: Any) -> None:
    (tmp_path / "a").write_bytes(b"A")
    rows: Any = (
        ("--one", "file", "FILE", "", None),
        ("--many", "files", "FILE", "", ()),
        ("--text", "text", "", "", None),
    )
    asked = Given({"one": str(tmp_path / "a"), "many": (str(tmp_path / "a"),) * 2, "text": "t"})
    _schemes.read_files(asked, rows)
    read = (asked.one, asked.many, asked.text)
    assert read == (b"A", ((str(tmp_path / "a"), b"A"),) * 2, "t")
    _schemes.read_files(asked, rows)  # what was read is not read again
    assert (asked.one, asked.many, asked.text) == read
    empty = Given({"one": None, "many": (), "text": None})
    _schemes.read_files(empty, rows)
    assert (empty.one, empty.many) == (None, ())


def test_what_must_see_the_body(monkeypatch: pytest.MonkeyPatch) -> None:
    watcher: Any = object()
    scheme = Scheme("x", "X", ((), (), ()), None, None, None, watch=lambda options: {"w": watcher})  # type: ignore[arg-type]
    monkeypatch.setattr(
        _schemes, "find", lambda name: scheme if name == "x" else Scheme("y", "Y", ((),) * 3, None, None)
    )  # type: ignore[arg-type]
    assert _schemes.watched(given(scheme="x")) == {"w": watcher}
    assert _schemes.watched(given(scheme="y")) == {}


def test_an_option_of_another_scheme_gets_a_hint(tmp_path: Any) -> None:
    done = run_here("sign http --keyid me x", tmp_path)
    assert (done.code, done.stderr) == (
        2,
        b"authkit: error: --keyid is an option of another scheme\nauthkit: hint: add --scheme one of cavage, rfc9421\n",
    )
    done = run_here("sign http --tag me x", tmp_path)
    assert (done.code, done.stderr.split(b"\n")[1]) == (2, b"authkit: hint: add --scheme rfc9421")
    done = run_here("sign http --nobodys x", tmp_path)
    assert (done.code, done.stderr.split(b"\n")[0]) == (2, b"authkit: error: no such option '--nobodys'")
    assert _schemes.owners_of("--cover", SimpleNamespace()) == []  # type: ignore[arg-type]


def test_click_knows_the_options_of_the_scheme_that_is_named() -> None:
    command = _click.Command("sign http", registry.load_command("sign http"))
    with command.make_context("authkit", ["--scheme", "rfc9421", "--label", "me", "x"]) as context:
        assert (context.params["label"], context.params["scheme"]) == ("me", "rfc9421")
    completer = next(one for one in command.params if one.name == "scheme")
    context = command.make_context("authkit", ["x"])
    assert [one.value for one in completer.shell_complete(context, "rfc")] == ["rfc9421"]
