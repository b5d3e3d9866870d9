"""Is base64 read only where writing it again gives the same text?"""

import pytest

from authkit import base64

PAIRS = {
    # RFC 4648 §10, and bytes that tell base64 from base64url
    "": b"",
    "Zg==": b"f",
    "Zm8=": b"fo",
    "Zm9v": b"foo",
    "Zm9vYmFy": b"foobar",
    "+/8=": b"\xfb\xff",
    "AA==": b"\0",
}


@pytest.mark.parametrize("text", PAIRS)
def test_both_ways(text: str) -> None:
    assert base64.decode(text) == PAIRS[text]
    assert base64.encode(PAIRS[text]) == text


def test_long_text_has_no_line_breaks() -> None:
    assert base64.encode(bytes(1000)) == "A" * 1334 + "=="


@pytest.mark.parametrize(
    "text",
    [
        "Zg",
        "Zg=",
        "Zg===",
        "Zh==",
        "Zm9=",
        "Zm9v\n",
        " Zm9v",
        "Zm 9v",
        "Zm9v!",
        "-_8=",
        "Zg==Zg==",
        "=",
        "====",
        "Zm9vY",
        "Zm9vé",
        "Ｚm9v",
    ],
)
def test_other_spellings_are_not_base64(text: str) -> None:
    assert base64.decode(text) is None


@pytest.mark.parametrize(
    ("data", "text"), [(b"", ""), (b"\xfb\xff", "-_8"), (b"\xfb\xff\xfe", "-__-"), (b"a", "YQ"), (b"abc", "YWJj")]
)
def test_the_alphabet_of_urls(data: bytes, text: str) -> None:
    assert (base64.encode_url(data), base64.decode_url(text)) == (text, data)


@pytest.mark.parametrize("text", ["YQ==", "+_8", "-/8", "YR", "Y", "YW Jj", "YWJj\n", "é"])
def test_what_the_alphabet_of_urls_does_not_write(text: str) -> None:
    assert base64.decode_url(text) is None
