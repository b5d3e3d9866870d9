"""Are structured fields read and written as RFC 9651 says?"""

from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from authkit.errors import InputError, Rejected
from authkit.messages.structured import (
    Display,
    InnerList,
    Item,
    Token,
    format_dictionary,
    format_list,
    format_member,
    format_params,
    format_string,
    format_value,
    is_key,
    parse_dictionary,
    parse_item,
    parse_list,
)

VALUES: list[tuple[Any, str]] = [
    (True, "?1"),
    (False, "?0"),
    (0, "0"),
    (-42, "-42"),
    (999999999999999, "999999999999999"),
    (-999999999999999, "-999999999999999"),
    ("", '""'),
    ('a "b" \\c', '"a \\"b\\" \\\\c"'),
    (" ~", '" ~"'),
    (Token("*a/b:c~"), "*a/b:c~"),
    (Token("Z"), "Z"),
    (b"", "::"),
    (b"\xfb\xff", ":+/8=:"),
    (datetime(2026, 11, 23, 9, tzinfo=timezone.utc), "@1795424400"),
    (Decimal("1.50"), "1.5"),
    (Decimal("-0.125"), "-0.125"),
    (Decimal("-0.0"), "0.0"),
    (Decimal("7"), "7.0"),
    (Decimal("999999999999.999"), "999999999999.999"),
    (Display('ü "%'), '%"%c3%bc %22%25"'),
    (Display("~\x1f\x7f"), '%"~%1f%7f"'),
    (Display(" X!"), '%" X!"'),
]


@pytest.mark.parametrize(("value", "text"), VALUES)
def test_a_value_is_written_and_read(value: Any, text: str) -> None:
    assert format_value(value) == text
    item = parse_item(text, "field")
    assert (item.value, item.params) == (value, {})
    assert type(item.value) is type(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (10**15, "1000000000000000 has more than 15 digits"),
        (-(10**15), "-1000000000000000 has more than 15 digits"),
        (Token(""), "'' is not a token"),
        (Token("1a"), "'1a' is not a token"),
        (Token("a b"), "'a b' is not a token"),
        (Token("a" * 70 + " "), f"{'a' * 64!r} is not a token"),
        ("é", "'é' holds a character that is not printable ASCII"),
        ("a\n", "'a\\n' holds a character that is not printable ASCII"),
        ("\x7f" * 70, f"{chr(127) * 64!r} holds a character that is not printable ASCII"),
        (Decimal("1000000000000.0"), "1000000000000.0 has more than 12 digits before its point or 3 behind it"),
        (Decimal("0.1234"), "0.1234 has more than 12 digits before its point or 3 behind it"),
    ],
)
def test_what_no_field_holds_is_not_written(value: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        format_value(value)
    assert caught.value.message == message


@pytest.mark.parametrize("text", ["a", "*", "a1_-.*", "*a"])
def test_a_key(text: str) -> None:
    assert is_key(text)


@pytest.mark.parametrize("text", ["", "A", "1", "-a", "aB", "a b", "a=", "ä", "_a", ".a"])
def test_no_key(text: str) -> None:
    assert not is_key(text)


def test_a_dictionary() -> None:
    text = 'a=1;x;y="z",  b,c=(a "b";q=1 );w=?0 ,d=?1;e'
    found = parse_dictionary(text, "field")
    assert list(found) == ["a", "b", "c", "d"]
    assert format_dictionary(found) == 'a=1;x;y="z", b, c=(a "b";q=1);w=?0, d;e'
    inner = found["c"]
    assert isinstance(inner, InnerList)
    assert [(one.value, one.params) for one in inner.items] == [("a", {}), ("b", {"q": 1})]
    assert [type(one.value) for one in inner.items] == [Token, str]
    assert inner.params == {"w": False}
    last = found["d"]
    assert isinstance(last, Item)
    assert (last.value, last.params) == (True, {"e": True})


def test_a_list() -> None:
    found = parse_list("a;b ,  (c d);e=1,2", "field")
    assert format_list(found) == "a;b, (c d);e=1, 2"
    assert format_member(found[1]) == "(c d);e=1"


def test_empty() -> None:
    assert (parse_dictionary("", "field"), parse_list(" ", "field")) == ({}, [])
    assert (format_dictionary({}), format_list([])) == ("", "")
    assert format_member(InnerList([])) == "()"
    assert Item(1).params == {}


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ("a=1, a=2", "duplicate-label", "a in field"),
        ("a;x;x=2", "duplicate-parameter", "x in field"),
        ("a=(b;y;y);z", "duplicate-parameter", "y in field"),
        ("a=", "structured-field", "field: Empty item at position 2 (in 'a')"),
        ("A=1", "structured-field", "field: "),
        ("a=1,", "structured-field", "field: Dictionary has trailing comma at position 4"),
        ("a=\xe9", "structured-field", "field: "),
        ("a=1;created=1234567890123456", "parameter-type", "field: Integer too long. at position 27 (in 'created')"),
        ("a=1;expires=x y", "structured-field", "field: "),
        ("a=1;other=1234567890123456", "structured-field", "field: "),
    ],
)
def test_a_dictionary_is_refused(text: str, reason: str, detail: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse_dictionary(text, "field")
    assert (caught.value.reason, caught.value.verdict) == (reason, "malformed")
    assert caught.value.detail.startswith(detail)


def test_a_list_and_an_item_are_refused() -> None:
    for parse, text in ((parse_list, "a,,b"), (parse_item, "a, b"), (parse_item, "")):
        with pytest.raises(Rejected) as caught:
            parse(text, "field")
        assert caught.value.reason == "structured-field"
        assert caught.value.detail.startswith("field: ")
    with pytest.raises(Rejected) as caught:
        parse_item("a;b;b", "--param x")
    assert (caught.value.reason, caught.value.detail) == ("duplicate-parameter", "b in --param x")


def test_names_are_checked_before_they_are_written() -> None:
    with pytest.raises(InputError, match=r"^'X' cannot name a parameter$"):
        format_params({"X": 1})
    with pytest.raises(InputError, match=r"^'1' cannot name a member of a dictionary$"):
        format_dictionary({"1": Item(1)})
    for work in (lambda key: format_params({key: 1}), lambda key: format_dictionary({key: Item(1)})):
        with pytest.raises(InputError, match=f"^'{'X' * 64}' cannot name"):
            work("X" * 65)
    assert format_params({"a": True, "b": False, "c": "d"}) == ';a;b=?0;c="d"'
    assert format_string("x") == '"x"'
    assert format_string("a\\") == '"a\\\\"'
