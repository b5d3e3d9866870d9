"""Is a curl configuration file read as curl reads it, and refused where curl would ignore a part?"""

import pytest

from authkit.curl.config import parse_config
from authkit.errors import InputError


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"\n \t\n\r\n", []),
        (b"# url = x\n  # y\n", []),
        (b"silent", [("silent", None, 1)]),
        (b"\n\n silent \n", [("silent", None, 3)]),
        (b"silent=", [("silent", None, 1)]),
        (b"url=http://h/", [("url", "http://h/", 1)]),
        (b"url = http://h/\r\n", [("url", "http://h/", 1)]),
        (b"url: http://h/", [("url", "http://h/", 1)]),
        (b"url http://h/ # comment", [("url", "http://h/", 1)]),
        (b"url\thttp://h/", [("url", "http://h/", 1)]),
        (b"--url http://h/", [("--url", "http://h/", 1)]),
        (b"--url=http://h/", [("--url=http://h/", None, 1)]),
        (b"-H=x", [("-H=x", None, 1)]),
        (b"-H :x", [("-H", ":x", 1)]),
        (b'-H "X: y"', [("-H", "X: y", 1)]),
        (b"=x", [("", "x", 1)]),
        (b"data==x", [("data", "x", 1)]),
        (b'header = "X: \\"q\\" \\\\ \\t\\n\\r\\v\\z"', [("header", 'X: "q" \\ \t\n\r\vz', 1)]),
        (b'data = ""', [("data", "", 1)]),
        (b'data = "a" # b', [("data", "a", 1)]),
        (b"data = 'a", [("data", "'a", 1)]),
        (b'data = a"b', [("data", 'a"b', 1)]),
        ('data = "é"'.encode(), [("data", "é", 1)]),
        (b'data = "\xff"', [("data", "\udcff", 1)]),
        (b"silent\nurl=x\n", [("silent", None, 1), ("url", "x", 2)]),
    ],
)
def test_lines(data: bytes, expected: "list[tuple[str, str | None, int]]") -> None:
    assert parse_config(data, "f") == expected


QUOTES = "put the value in double quotes"


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (b"silent # why", "f line 1: text behind the value, which curl ignores", QUOTES),
        (b"data = a b", "f line 1: text behind the value, which curl ignores", QUOTES),
        (b"header = X: y", "f line 1: text behind the value, which curl ignores", QUOTES),
        (b"\ndata = 'a b'", "f line 2: text behind the value, which curl ignores", QUOTES),
        (b'data = "a" b', "f line 1: text behind the value, which curl ignores", QUOTES),
        (b'data = "a"b', "f line 1: text behind the value, which curl ignores", QUOTES),
        (b'data = "a', 'f line 1: a " that nothing closes', None),
        (b'data = "a\\"', 'f line 1: a " that nothing closes', None),
        (b'data = "a\\', 'f line 1: a " that nothing closes', None),
        (b'data = "', 'f line 1: a " that nothing closes', None),
        (b"silent\nda\0ta = x", "f line 2: a NUL byte", None),
    ],
)
def test_lines_of_which_curl_would_ignore_a_part(data: bytes, message: str, hint: "str | None") -> None:
    with pytest.raises(InputError) as caught:
        parse_config(data, "f")
    assert (caught.value.message, caught.value.hint) == (message, hint)
