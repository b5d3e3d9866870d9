"""Does any input raise anything but authkit's own errors, and does what is written read back?"""

import io

from hypothesis import given
from hypothesis import strategies as st

from authkit.curl import options
from authkit.curl.command import format_command, format_config, quote
from authkit.curl.config import parse_config
from authkit.curl.line import parse_line, split_line
from authkit.curl.request import plan
from authkit.errors import InputError, Refused, UsageError

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=()), max_size=20).filter(
    # what can be on an argument list: bytes that are not UTF-8 stand as U+DC80 to U+DCFF
    lambda text: not any("\ud800" <= char <= "\udc7f" or "\udd00" <= char <= "\udfff" for char in text)
)
PRINTABLE = TEXT.filter(lambda text: all(char.isprintable() or char == "\n" for char in text))
TYPED = st.sampled_from([f"--{row[0]}" for row in options.ROWS] + [f"-{row[1]}" for row in options.ROWS if row[1]])
WORDS = st.lists(st.one_of(TYPED, TEXT, st.sampled_from(["http://h/", "@f", "X: y", "a=b", "--", "-sd"])), max_size=8)


def read(name: str) -> io.BytesIO:
    return io.BytesIO(b'url = "http://h/"\nA: b\r\n\0\xff')


@given(WORDS, st.booleans())
def test_any_words(words: "list[str]", form: bool) -> None:
    try:
        made = plan(parse_line(words), read=read, have_stdin=True, unsigned_payload=form)
        text = format_command(made, made.request)
        config = format_config(made, made.request, 9)
    except (UsageError, InputError, Refused):
        return
    assert all(char.isprintable() or char == "\n" for char in text)
    assert ("url", made.url) in [(name, value) for name, value, _ in parse_config(config, "f")]


@given(st.lists(PRINTABLE, min_size=1, max_size=4))
def test_what_is_quoted_is_one_word(words: "list[str]") -> None:
    assert split_line(" ".join([quote(word) for word in words])) == words


@given(TEXT)
def test_any_line(text: str) -> None:
    try:
        words = split_line(text)
    except InputError:
        return
    assert sum(map(len, words)) <= len(text)


@given(st.binary(max_size=60))
def test_any_configuration(data: bytes) -> None:
    try:
        found = parse_config(data, "f")
    except InputError:
        return
    numbers = [number for _, _, number in found]
    assert numbers == sorted(set(numbers))
    assert all(0 < number <= data.count(b"\n") + 1 for number in numbers)


@given(TEXT, TEXT)
def test_a_value_survives_the_configuration(first: str, second: str) -> None:
    made = plan(parse_line(["--stderr", first, "-o", second, "http://h/"]), read=None)
    found = parse_config(format_config(made, made.request), "f")
    assert [(name, value) for name, value, _ in found[2:4]] == [("stderr", first), ("output", second)]
