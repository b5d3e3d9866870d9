"""Does the short reader read what it knows, and leave the rest alone?"""

from typing import Any

import pytest

from authkit.messages import plain


@pytest.mark.parametrize(
    ("text", "yes"), [("", True), ('a ~"', True), ("a\\b", False), ("a\tb", False), ("é", False), ("a\x7f", False)]
)
def test_is_plain(text: str, yes: bool) -> None:
    assert plain.is_plain(text) is yes


@pytest.mark.parametrize(
    ("text", "found", "end"),
    [
        ("", {}, 0),
        (" ;a", {}, 0),
        (';created=1618884473;keyid="k 1;,";nonce=""', {"created": 1618884473, "keyid": "k 1;,", "nonce": ""}, None),
        (";sf", {"sf": True}, None),
        (";sf;req;key=1", {"sf": True, "req": True, "key": 1}, None),
        (";sf ;x", {"sf": True}, 3),
        (";sf,x", {"sf": True}, 3),
        (";sf)x", {"sf": True}, 3),
        (';sf"', {"sf": True}, 3),
        (";a=0", {"a": 0}, None),
        (";a=999999999999999", {"a": 999999999999999}, None),
        (";a=12x", {"a": 12}, 5),
        (";a=1, b=2", {"a": 1}, 4),
        (";new-key=5;new-key2=6", {"new-key": 5, "new-key2": 6}, None),
    ],
)
def test_parameters(text: str, found: dict[str, Any], end: int | None) -> None:
    assert plain.read_params(text, 0) == (found, len(text) if end is None else end)
    assert plain.read_params("xy" + text, 2) == (found, 2 + (len(text) if end is None else end))


@pytest.mark.parametrize(
    "text",
    [
        ";",
        "; a=1",
        ";A=1",
        ";1=1",
        ";=1",
        ";a=",
        ";a=-1",
        ";a=01",
        ";a=00",
        ";a=1.5",
        ";a=1234567890123456",
        ";a=x",
        ";a=?1",
        ";a=:AA==:",
        ';a="x',
        ";a=1;a=2",
        ";a;a",
        ";created=1;created=2",
        ';keyid="a";keyid="a"',
        ";a=1;a",
    ],
)
def test_parameters_for_the_parser(text: str) -> None:
    assert plain.read_params(text, 0) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ('""', [("", {}, '""')]),
        ('"@method"', [("@method", {}, '"@method"')]),
        (
            '"@query-param";name="a b" "x";sf;req "(,)"',
            [
                ("@query-param", {"name": "a b"}, '"@query-param";name="a b"'),
                ("x", {"sf": True, "req": True}, '"x";sf;req'),
                ("(,)", {}, '"(,)"'),
            ],
        ),
    ],
)
def test_strings(text: str, found: list[Any]) -> None:
    assert plain.read_strings(text) == found


@pytest.mark.parametrize(
    "text",
    [" ", 'x"', 'x"a"', '"a" ', ' "a"', '"a"  "b"', '"a""b"', "a", '"a" b', '"a', '"a";A', '"a";x=y', '"a"),("b"', "1"],
)
def test_strings_for_the_parser(text: str) -> None:
    assert plain.read_strings(text) is None


@pytest.mark.parametrize(
    ("text", "place", "end"),
    [
        ('a=("b");c', 3, 6),
        ('a=(")" "b");c', 3, 10),
        ('a=("b)"', 3, -1),
        ("a=()", 3, 3),
        ('a=("b)" ")")', 3, 11),
        ('a=();b="x"", c=("d")', 16, 19),
        ('"a)=("b")', 5, 8),
        ('a=(")")")")")', 3, 6),
    ],
)
def test_end_of_list(text: str, place: int, end: int) -> None:
    assert plain.end_of_list(text, place) == end


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a=::", {"a": b""}),
        ("sig1=:+/8=:", {"sig1": b"\xfb\xff"}),
        (" sig1=:AAAA: ,  b=:Zm9v: ", {"sig1": b"\0\0\0", "b": b"foo"}),
        ("keyid=:AAAA:", {"keyid": b"\0\0\0"}),
    ],
)
def test_bytes(text: str, found: dict[str, bytes]) -> None:
    assert plain.read_bytes(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a=",
        "a=:",
        "a=:AAAA",
        "a=:AAAA:;x",
        "a=:AAA:",
        "a=:AAB=:",
        "a=:+/9=:",
        "a=:-_8=:",
        "a=:AA AA:",
        "A=:AAAA:",
        "=:AAAA:",
        "a=:AAAA:,",
        "a=:AAAA:, a=:AAAA:",
        'a="AAAA"',
    ],
)
def test_bytes_for_the_parser(text: str) -> None:
    assert plain.read_bytes(text) is None


def test_keys_are_remembered_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_keys", {"known"})
    monkeypatch.setattr(plain, "_MANY", 2)
    for name in ("one", "two", "one"):
        assert plain.read_params(f";{name}=1", 0) == ({name: 1}, len(name) + 3)
    assert plain._keys == {"known", "one"}
