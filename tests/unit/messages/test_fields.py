"""Is a header's name a token, and its value free of what could end it?"""

import pytest

from authkit.messages import fields


def test_is_token() -> None:
    allowed = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    assert {chr(number) for number in range(0x250) if fields.is_token(chr(number))} == set(allowed)
    assert fields.is_token("X-Amz-Date")
    for bad in ("", "a b", "a:", "(a)", "a\n", "é", "Ａ", "a/b", '"a"'):
        assert not fields.is_token(bad)


def test_value_fault() -> None:
    controls = {number for number in range(0x100) if fields.value_fault(f"a{chr(number)}b") is not None}
    assert controls == (set(range(0x20)) - {9}) | {0x7F}
    assert fields.value_fault("") is None
    assert fields.value_fault("a\tb \xe9\xff\x80") is None
    for bad in ("\0", "a\r\nb", "\x7f"):
        assert fields.value_fault(bad) == "holds a control character"
    for bad in ("\u0100", "é\u2028", "\ud800", "\n\u0100"):
        assert fields.value_fault(bad) == "holds a character above U+00FF"


def test_trim_takes_spaces_and_tabs_only() -> None:
    assert fields.trim(" \t a \t b\t ") == "a \t b"
    assert fields.trim("\xa0a\x0b") == "\xa0a\x0b"
    assert fields.trim(" \t") == ""


@pytest.mark.parametrize(
    ("value", "collapsed"),
    [
        ("", ""),
        ("   ", ""),
        ("\t", ""),
        (" a ", "a"),
        ("a b", "a b"),
        ("a  b   c", "a b c"),
        ("a\tb", "a b"),
        ("\ta \t b\t\tc ", "a b c"),
        ('"a  b"', '"a b"'),
        ("a,  b", "a, b"),
        ("a\xa0\xa0b", "a\xa0\xa0b"),
        (" a  ", "a"),
    ],
)
def test_collapse(value: str, collapsed: str) -> None:
    assert fields.collapse(value) == collapsed
    assert fields.collapse(collapsed) == collapsed


def test_only_spaces_and_tabs_are_collapsed() -> None:
    for kept in ("XaX", "\xa0a"):
        assert fields.trim(f" {kept}\t") == kept
    for kept in ("\xa0a\xa0", "XaX", "\x85a", "\xa0 a"):
        assert fields.collapse(kept) == kept
        assert fields.collapse(f" {kept}\t") == kept
    assert fields.collapse("a\xa0  b  \xa0") == "a\xa0 b \xa0"
