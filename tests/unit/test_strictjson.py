"""Is one text one object, and everything else an error that names its place?"""

import subprocess
import sys

import pytest

import authkit
from authkit import strictjson
from authkit.errors import InputError

LARGEST = 9007199254740991


@pytest.fixture(autouse=True, params=["scanner", "json"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything holds whether or not Python brings json's scanner by itself."""
    if request.param == "json":
        monkeypatch.setitem(sys.modules, "_json", None)
    return str(request.param)


def test_the_scanner_alone_is_tried_first(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "json", None)
    if way == "json":
        with pytest.raises(ImportError):
            strictjson.parse(b"{}\n", "FILE")
    else:
        assert strictjson.parse(b'{"a": [1, "b"]}\n', "FILE") == {"a": [1, "b"]}


def test_a_fresh_python_says_what_is_wrong(way: str) -> None:
    """The scanner has no words while json is not imported."""
    script = (
        "import sys\n"
        f"sys.path.insert(0, {str(authkit.__path__[0]).removesuffix('authkit')!r})\n"
        "from authkit import errors, strictjson\n"
        "assert strictjson.parse(b'{\"a\": 1}\\n', 'FILE') == {'a': 1}\n"
        "assert 'json' not in sys.modules\n"
        "for data in (b'{\\n', b'{\"a\" 1}\\n', b'{} 1\\n', b'\\n', b'{\"a\": \"\\\\u12\"}\\n'):\n"
        "    try:\n"
        "        strictjson.parse(data, 'FILE')\n"
        "    except errors.InputError as error:\n"
        "        print(error.message)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "FILE: not JSON at line 2, column 1",
        "FILE: not JSON at line 1, column 6",
        "FILE: not JSON at line 1, column 4",
        "FILE: not JSON at line 2, column 1",
        "FILE: not JSON at line 1, column 9",
    ]


def fault(data: bytes, *, final_lf: bool = True) -> str:
    with pytest.raises(InputError) as caught:
        strictjson.parse(data, "FILE", final_lf=final_lf)
    assert caught.value.hint is None
    return caught.value.message


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"{}\n", {}),
        (b' {"a" : "b"} \r\n', {"a": "b"}),
        (b'{"a": 0, "b": 9007199254740991}\n', {"a": 0, "b": LARGEST}),
        (b'{"a": true, "b": false, "c": []}\n', {"a": True, "b": False, "c": []}),
        (b'{"a": {"b": {"c": {}}}}\n', {"a": {"b": {"c": {}}}}),
        (b'{"a": [[["b"]]]}\n', {"a": [[["b"]]]}),
        (b'{"\xc3\xa9": "\\u00e9\\ud83d\\ude00"}\n', {"é": "é😀"}),
        (b'{"a": "\xed\x9f\xbf\xee\x80\x80"}\n', {"a": "\ud7ff\ue000"}),
    ],
)
def test_parse(data: bytes, value: dict[str, object]) -> None:
    assert strictjson.parse(data, "FILE") == value


def test_the_last_line_feed_can_be_waived() -> None:
    assert strictjson.parse(b"{}", "FILE", final_lf=False) == {}
    assert strictjson.parse(b"{}\n", "FILE", final_lf=False) == {}
    assert fault(b"{}") == "FILE: does not end with a line feed"
    assert fault(b"") == "FILE: does not end with a line feed"


NUMBER = f"FILE: a number is not an integer from 0 to {LARGEST}"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\n", "FILE: not JSON at line 2, column 1"),
        (b"{\n", "FILE: not JSON at line 2, column 1"),
        (b'{"a": 1,\n "b" 2}\n', "FILE: not JSON at line 2, column 6"),
        (b"{} {}\n", "FILE: not JSON at line 1, column 4"),
        (b"{'a': 1}\n", "FILE: not JSON at line 1, column 2"),
        (b'{"a": 01}\n', "FILE: not JSON at line 1, column 8"),
        (b'{"a": "\t"}\n', "FILE: not JSON at line 1, column 8"),
        (b'{"a": 1,,}\n', "FILE: not JSON at line 1, column 9"),
        (b"\xef\xbb\xbf{}\n", "FILE: begins with a byte order mark"),
        ("{}\n".encode("utf-16"), "FILE: not UTF-8 at byte 0"),
        (b'{"a": "\xff"}\n', "FILE: not UTF-8 at byte 7"),
        (b'{"a": "\xed\xa0\x80"}\n', "FILE: not UTF-8 at byte 7"),
        (b"[]\n", "FILE: is not one object"),
        (b'"a"\n', "FILE: is not one object"),
        (b"1\n", "FILE: is not one object"),
        (b"null\n", "FILE: is not one object"),
        (b'{"a": null}\n', "FILE: holds null"),
        (b'{"a": [null]}\n', "FILE: holds null"),
        (b'{"a": {"b": {"c": {"d": {}}}}}\n', "FILE: nested deeper than 4"),
        (b'{"a": [[[[]]]]}\n', "FILE: nested deeper than 4"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "FILE: nested deeper than 4"),
        (b'{"a": 1, "a": 1}\n', "FILE: member 'a' stands twice"),
        (b'{"z": 1, "a": 1, "b": 1, "b": 2, "a": 2}\n', "FILE: member 'a' stands twice"),
        (b'{"x": {"a": 1, "b": 0, "a": 2}}\n', "FILE: member 'a' stands twice"),
        (b'{"a": 1, "\\u0061": 1}\n', "FILE: member 'a' stands twice"),
        (b'{"%b": 1, "%b": 1}\n' % (b"n" * 65, b"n" * 65), f"FILE: member '{'n' * 64}' stands twice"),
        (b'{"a": -0}\n', NUMBER),
        (b'{"a": -1}\n', NUMBER),
        (b'{"a": 9007199254740992}\n', NUMBER),
        (b'{"a": 10000000000000000}\n', NUMBER),
        (b'{"a": ' + b"9" * 100_000 + b"}\n", NUMBER),
        (b'{"a": 1.0}\n', NUMBER),
        (b'{"a": 1e3}\n', NUMBER),
        (b'{"a": NaN}\n', NUMBER),
        (b'{"a": Infinity}\n', NUMBER),
        (b'{"a": -Infinity}\n', NUMBER),
        (b'{"a": "\\ud800"}\n', "FILE: holds half of a surrogate pair"),
        (b'{"a": "b\\udfff"}\n', "FILE: holds half of a surrogate pair"),
        (b'{"a": ["\\udc00\\ud800"]}\n', "FILE: holds half of a surrogate pair"),
        (b'{"a": {"\\udabc": 1}}\n', "FILE: holds half of a surrogate pair"),
    ],
)
def test_parse_refuses(data: bytes, message: str) -> None:
    assert fault(data) == message


def test_a_repeated_name_among_many_is_found_at_once() -> None:
    """Looking for it by counting each name took hours for a file of 64 MiB."""
    names = [f'"{number}": 0' for number in range(100_000)]
    assert fault(("{" + ", ".join([*names, '"99999": 1']) + "}\n").encode()) == "FILE: member '99999' stands twice"


def test_encode_is_ascii_on_one_line() -> None:
    value: dict[str, object] = {"b": "é\n", "a": [1, {"c": True}]}
    assert strictjson.encode(value) == b'{"b": "\\u00e9\\n", "a": [1, {"c": true}]}\n'
    assert strictjson.parse(strictjson.encode(value), "FILE") == value


def test_members() -> None:
    value = {"a": 1, "b": 2}
    assert strictjson.members(value, "FILE", ("a",), ("b", "c")) is value
    assert strictjson.members(value, "FILE", ("b", "a")) is value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "FILE: not an object"),
        ("a", "FILE: not an object"),
        ({"a": 1}, "FILE: member 'b' is missing"),
        ({"b": 1}, "FILE: member 'a' is missing"),
        ({}, "FILE: member 'a' is missing"),
        ({"a": 1, "b": 1, "d": 1, "e": 1}, "FILE: unknown member 'd'"),
        ({"d": 1}, "FILE: unknown member 'd'"),
        ({"A": 1}, "FILE: unknown member 'A'"),
        ({"n" * 65: 1}, f"FILE: unknown member '{'n' * 64}'"),
        ({"n" * 64: 1}, f"FILE: unknown member '{'n' * 64}'"),
    ],
)
def test_members_refuses(value: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        strictjson.members(value, "FILE", ("a", "b"), ("c",))
    assert caught.value.message == message


def test_text() -> None:
    assert strictjson.text({"a": "é "}, "a", "FILE") == "é "
    assert strictjson.text({"a": ""}, "a", "FILE") == ""
    for value in (1, True, ["b"], {"b": "c"}):
        with pytest.raises(InputError) as caught:
            strictjson.text({"a": value}, "a", "FILE")
        assert caught.value.message == "FILE: member 'a' is not text"
    for value in ("b\n", "\0", "\x7f", "\u202e", "\u2028", "\x9b"):
        with pytest.raises(InputError) as caught:
            strictjson.text({"a": value}, "a", "FILE")
        assert caught.value.message == "FILE: member 'a' holds a character that cannot be printed"
