"""Is foreign text shown so that it cannot speak to the terminal?"""

import sys
import unicodedata

import pytest

from authkit.ui.printable import one_line, printable, printable_bytes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain é 漢", "plain é 漢"),
        ("a\\b", "a\\\\b"),
        ("\\x1b", "\\\\x1b"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x00\t\r\n\x7f", "\\x00\\x09\\x0d\\x0a\\x7f"),
        ("\x9b31m", "\\x9b31m"),
        ("\xa0\xad", "\\xa0\\xad"),
        ("\u202e\u2028\ufeff", "\\u202e\\u2028\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff", "\\udcff"),
        ("\xff\u0100", "ÿĀ"),
        ("a\u3164b\u115f\u1160", "a\\u3164b\\u115f\\u1160"),
        ("\u17b4\u17b5\u2800\uffa0", "\\u17b4\\u17b5\\u2800\\uffa0"),
    ],
)
def test_what_is_not_plainly_visible_is_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert one_line(text) == shown.replace("\\\\", "\\")


def test_no_character_can_control_the_terminal() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    for show in (printable, one_line):
        shown = set(show(every))
        assert len(shown) > 100_000
        assert {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()


def test_two_texts_never_look_the_same() -> None:
    texts = ["\x1b", "\\x1b", "\\\\x1b", "\\", "\\\\", "\u202e", "\\u202e", "\xad", "\\xad"]
    assert len({printable(text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Ã©", "é"),
        ("é", "é"),
        ("\xff\xfe", "ÿþ"),
        ("\xe2\x80\xae", "\\u202e"),
        ("漢", "漢"),
        ("a\\b\n", "a\\b\\x0a"),
    ],
)
def test_one_character_a_byte_is_read_as_utf_8_where_it_is(text: str, shown: str) -> None:
    assert printable_bytes(text) == shown
