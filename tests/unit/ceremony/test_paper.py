"""Does each line of a page carry a check that names it when it is mistyped?"""

import hashlib

import pytest

from authkit.ceremony import paper
from authkit.ceremony.paper import Page, divide, finish, format_lines, line_check, page_check, parse_line, parse_pages
from authkit.errors import InputError

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ROWS = [("authkit-paper/v1", "access-key"), ("name", "root"), *divide("secret", SECRET), ("check", "00112233")]
TEXT = format_lines(ROWS)
LINES = TEXT.splitlines()
HINT = "compare it with the page, character by character"


def failed(data: "bytes | str", what: str = "root.txt") -> tuple[str, "str | None"]:
    with pytest.raises(InputError) as caught:
        parse_pages(data if isinstance(data, bytes) else data.encode(), what)
    return caught.value.message, caught.value.hint


def mistyped(text: str, number: int) -> tuple[str, "str | None"]:
    with pytest.raises(InputError) as caught:
        parse_line(text, number, "page")
    return caught.value.message, caught.value.hint


def test_a_page_is_what_it_was() -> None:
    page = parse_pages(TEXT.encode(), "root.txt")
    assert [one.rows for one in page] == [tuple(ROWS)]
    assert (page[0].what, page[0].format, repr(page[0])) == ("root.txt", "authkit-paper/v1", "<Page root.txt>")
    assert page[0].facts() == {
        "authkit-paper/v1": "access-key",
        "name": "root",
        "secret": SECRET,
        "check": "00112233",
    }


def test_the_lines_are_those_of_the_format() -> None:
    check = hashlib.sha256(b"authkit-line-v1\n3\nsecret\n" + SECRET[:24].encode()).hexdigest()[:4]
    assert LINES[2] == f"  3: secret wJal rXUt nFEM I/K7 MDEN G+bP = {check}"
    assert line_check(3, "secret", SECRET[:24]) == check
    whole = f"authkit-page-v1\nauthkit-paper/v1 access-key\nname root\nsecret {SECRET[:24]}\n"
    whole += f"secret {SECRET[24:]}\ncheck 00112233\n"
    assert page_check(ROWS) == hashlib.sha256(whole.encode()).hexdigest()[:8]
    assert LINES[5].startswith(f"  6: page {page_check(ROWS)} = ")
    assert len(LINES) == 6


def test_of_a_word_four_letters_count() -> None:
    assert line_check(7, "words", "academic acid") == line_check(7, "words", "acad acid")
    assert line_check(7, "words", "academic acid") != line_check(7, "words", "acae acid")
    assert line_check(7, "name", "academic acid") != line_check(7, "name", "acad acid")
    assert page_check([("words", "academic")]) == page_check([("words", "acadmeic")])


def test_a_page_of_words_is_what_it_was() -> None:
    rows = [("authkit-share/v1", "access-key"), *divide("words", "academic acid acne acquire acrobat")]
    assert rows[1:] == [("words", "academic acid acne acquire"), ("words", "acrobat")]
    page = parse_pages(format_lines(rows).encode(), "s.txt")[0]
    assert page.facts()["words"] == "academic acid acne acquire acrobat"


def test_below_a_long_text_stands_what_each_character_is() -> None:
    marked = format_lines([("name", "root"), ("secret", "aZ0/+=lI1O"), ("check", "x")], marked=True)
    assert marked.splitlines()[1].startswith("  2: secret aZ0/ +=lI 1O = ")
    assert marked.splitlines()[2] == "            .^#* **.^ #^"
    assert len(marked.splitlines()) == 5


@pytest.mark.parametrize(("count", "widths"), [(1, [1]), (24, [24]), (25, [24, 1]), (400, [24] * 16 + [16])])
def test_a_long_text_is_divided(count: int, widths: list[int]) -> None:
    assert [len(piece) for _, piece in divide("pkcs8", "x" * count)] == widths


def test_a_very_long_text_has_longer_lines() -> None:
    assert [len(piece) for _, piece in divide("pkcs8", "x" * 401)] == [40] * 10 + [1]


@pytest.mark.parametrize(
    "typed",
    [
        LINES[2],
        "3: secret wJal rXUt nFEM I/K7 MDEN G+bP = {}",
        "3:secret wJal rXUt nFEM I/K7 MDEN G+bP = {}",
        "secret wJalrXUtnFEMI/K7MDENG+bP={}",
        "secret wJalrXUtnFEMI/K7MDENG+bP {}",
        "  SECRET wJ al rX Ut nFEM I/K7 MDEN G+bP    =  {} ",
        "secret\twJal rXUt nFEM I/K7 MDEN G+bP = {}".replace("\t", "  "),
    ],
)
def test_how_a_line_may_be_typed(typed: str) -> None:
    check = line_check(3, "secret", SECRET[:24])
    assert parse_line(typed.format(check.upper()), 3, "page") == ("secret", SECRET[:24])


@pytest.mark.parametrize("content", ["QQ==", "abc="])
def test_an_equals_sign_of_the_text_stays(content: str) -> None:
    check = line_check(4, "secret-b64", content)
    for typed in (f"secret-b64 {content} = {check}", f"secret-b64 {content}={check}", f"secret-b64 {content} {check}"):
        assert parse_line(typed, 4, "page") == ("secret-b64", content)


def test_words_are_typed_in_any_case() -> None:
    typed = f"Words ACADEMIC acid = {line_check(7, 'words', 'academic acid')}"
    assert parse_line(typed, 7, "page") == ("words", "academic acid")


@pytest.mark.parametrize(
    "change",
    [("I/K7", "l/K7"), ("wJal", "wJa1"), ("secret ", "secrets "), ("rXUt", "rxUt"), ("G+bP", "G+b"), ("bP", "bPP")],
)
def test_a_typing_error_is_named_by_its_line(change: tuple[str, str]) -> None:
    line = LINES[2].replace(*change)
    assert line != LINES[2]
    told = "page: line 3 does not fit its check, so something in it is mistyped"
    assert mistyped(line, 3) == (told, HINT)
    data = "\n".join([*LINES[:2], line, *LINES[3:]])
    told = "root.txt: line 3 does not fit its check, so something in it is mistyped"
    assert failed(data) == (told, "compare them with the page")


def test_every_mistyped_line_is_named() -> None:
    lines = [LINES[0].replace("access", "acces"), LINES[1], LINES[2].replace("I/K7", "1/K7"), LINES[3], *LINES[4:]]
    told = "root.txt: lines 1 and 3 do not fit their checks, so something in each is mistyped"
    assert failed("\n".join(lines))[0] == told
    lines[4] = lines[4].replace("00", "0o")
    assert failed("\n".join(lines))[0].startswith("root.txt: lines 1, 3 and 5 do not fit")
    assert failed("\n".join(lines[:5]))[0].startswith("root.txt: lines 1, 3 and 5 do not fit")


def test_a_check_that_is_mistyped_is_named() -> None:
    wrong = LINES[1][:-1] + ("0" if LINES[1][-1] != "0" else "1")
    assert mistyped(wrong, 2)[0] == "page: line 2 does not fit its check, so something in it is mistyped"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2:",
        "name",
        "name root",
        "2: = 71ac",
        "name root = 71ag",
        "name r\x07 = 71ac",
        "n\x1bme root = 71ac",
        "é x = 71ac",
    ],
)
def test_a_line_that_is_not_whole_is_named(text: str) -> None:
    told = "page: line 2 is not whole: it is a word, a text, '=' and a check of four"
    assert mistyped(text, 2) == (told, None)


def test_a_line_out_of_its_turn_is_named() -> None:
    assert mistyped(LINES[4], 3)[0] == "page: line 3 is next, and that is line 5"
    assert mistyped(LINES[4].partition(": ")[2], 3)[0] == "page: line 3 is next, and that is line 5"
    assert mistyped(LINES[0].partition(": ")[2], 3)[0] == "page: line 3 is next, and that is line 1"
    far = f"name x = {line_check(12, 'name', 'x')}"
    assert mistyped(far, 3)[0] == "page: line 3 is next, and that is line 12"
    assert mistyped(far, 2)[0] == "page: line 2 does not fit its check, so something in it is mistyped"


@pytest.mark.parametrize("place", range(5))
def test_a_missing_line_is_named(place: int) -> None:
    told = f"root.txt: line {place + 1} is missing"
    assert failed("\n".join(LINES[:place] + LINES[place + 1 :])) == (
        told,
        "the lines are typed in their order, each once",
    )


def test_a_page_without_its_end_is_named() -> None:
    assert failed("\n".join(LINES[:5])) == ("root.txt: line 6 is missing", "the last one is 'page'")


def test_lines_that_are_for_people_are_not_looked_at() -> None:
    text = f"authkit   A key\n\nNote: this\n0: x\n1234: x\n٣: x\n{TEXT}\nWith authkit: x\n"
    assert len(parse_pages(text.encode("utf-8"), "root.txt")) == 1
    assert len(parse_pages(TEXT.replace("\n", "\r\n").encode(), "root.txt")) == 1


def test_several_pages_may_stand_in_one_text() -> None:
    pages = parse_pages((TEXT + TEXT).encode(), "both.txt")
    assert [one.what for one in pages] == ["both.txt", "both.txt, page 2"]
    told = "both.txt, page 2: line 2 does not fit its check, so something in it is mistyped"
    assert failed(TEXT + TEXT.replace("root", "toor"), "both.txt")[0] == told
    assert failed(TEXT + LINES[0], "both.txt")[0] == "both.txt, page 2: line 2 is missing"


def test_lines_of_two_pages_are_not_one() -> None:
    other = format_lines([ROWS[0], ("name", "toor"), *ROWS[2:]]).splitlines()
    told = "root.txt: each line fits its check and the page does not, so lines of two pages are mixed"
    assert failed("\n".join([LINES[0], other[1], *LINES[2:]])) == (told, None)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "root.txt: not a page of authkit"),
        (b"\xff\xfe1: x", "root.txt: not a page of authkit"),
        (b"x" * ((1 << 20) + 1), "root.txt: larger than a page can be"),
    ],
)
def test_what_is_no_page_is_said(data: bytes, told: str) -> None:
    assert failed(data)[0] == told


def test_the_largest_text_is_looked_at() -> None:
    assert failed(b"x" * (1 << 20))[0] == "root.txt: not a page of authkit"


@pytest.mark.parametrize("rows", [[("authkit-paper/v2", "access-key")], []])
def test_a_page_of_a_newer_format_is_refused(rows: list[tuple[str, str]]) -> None:
    told = "root.txt: line 1 is neither authkit-paper/v1 nor authkit-share/v1"
    assert failed(format_lines(rows)) == (told, "a newer authkit may have printed it")


def test_what_was_typed_is_a_page() -> None:
    rows = [parse_line(line, number, "page") for number, line in enumerate(LINES, 1)]
    assert finish(rows, "page").rows == tuple(ROWS)
    with pytest.raises(InputError, match="lines of two pages are mixed"):
        finish([*rows[:-1], ("page", "00000000")], "page")


def test_no_label_stands_twice() -> None:
    with pytest.raises(InputError) as caught:
        Page("p", [("name", "a"), ("name", "b")]).facts()
    assert caught.value.message == "p: name stands twice"


def test_no_message_holds_what_is_secret() -> None:
    told = ""
    for place in range(14, len(LINES[2]) - 7):
        line = LINES[2][:place] + "%" + LINES[2][place + 1 :]
        told += f"{failed(chr(10).join([*LINES[:2], line, *LINES[3:]]))}{mistyped(line, 3)}"
    assert [group for group in ("wJal", "rXUt", "nFEM", "I/K7", "MDEN", "G+bP") if group in told] == []


def test_a_page_may_be_as_large_as_that() -> None:
    assert paper.MAX_BYTES == 1 << 20
