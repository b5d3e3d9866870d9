"""Is a request as one line of JSON read as FORMATS F12 says?"""

import json
from typing import Any

import pytest

from authkit.errors import InputError, Rejected
from authkit.messages.form import format_form, id_of, parse_form
from authkit.messages.payload import EMPTY_HASH, hash_bytes

PLAIN: dict[str, Any] = {"method": "GET", "target": "/a", "headers": [["Host", "h"]]}


def parse(top: dict[str, Any]) -> Any:
    return parse_form(json.dumps(top).encode(), "line 3")


def fault(top: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        parse(top)
    assert caught.value.hint is None
    return caught.value.message


def test_plain() -> None:
    line = parse(PLAIN)
    one = line.request
    assert (line.id, line.at) == (None, None)
    assert (one.method, one.target, one.headers, one.scheme) == ("GET", "/a", (("Host", "h"),), "https")
    assert (one.payload_hash, one.content_length) == (EMPTY_HASH, 0)


def test_everything() -> None:
    line = parse(
        {
            "id": "é1",
            "method": "PUT",
            "target": "/a?b=%20",
            "headers": [["Host", "h"], ["X-A", " b\t"], ["x-a", "\u00ff"]],
            "body_b64": "+/8=",
            "scheme": "http",
            "at": "20261123T090000Z",
        }
    )
    one = line.request
    assert (line.id, line.at) == ("é1", "20261123T090000Z")
    assert one.headers == (("Host", "h"), ("X-A", " b\t"), ("x-a", "\xff"))
    assert (one.target, one.scheme, one.method) == ("/a?b=%20", "http", "PUT")
    assert (one.payload_hash, one.content_length) == (hash_bytes(b"\xfb\xff"), 2)


def test_a_body_that_is_not_known() -> None:
    one = parse({**PLAIN, "body": "unavailable"}).request
    assert (one.payload_hash, one.content_length) == (None, None)
    one = parse({**PLAIN, "body_b64": ""}).request
    assert (one.payload_hash, one.content_length) == (EMPTY_HASH, 0)


@pytest.mark.parametrize(
    ("url", "headers", "expected"),
    [
        ("https://H:443/a?b#c", [], ("https", "/a?b", (("Host", "h"),))),
        ("http://h:8080", [["A", "b"]], ("http", "/", (("Host", "h:8080"), ("A", "b")))),
        ("http://h/a", [["HOST", "other"]], ("http", "/a", (("HOST", "other"),))),
    ],
)
def test_url(url: str, headers: list[list[str]], expected: tuple[object, ...]) -> None:
    one = parse({"method": "GET", "url": url, "headers": headers}).request
    assert (one.scheme, one.target, one.headers) == expected


def test_url_s_scheme_is_the_url_s() -> None:
    one = parse({"method": "GET", "url": "http://h/", "headers": [], "scheme": "https"}).request
    assert one.scheme == "http"


BODY = "line 3: member 'body' is 'unavailable' and stands without 'body_b64'"
LIST = "line 3: member 'headers' is not a list of [name, value]"
ABOVE = "holds a character above U+00FF; each stands for one byte"


@pytest.mark.parametrize(
    ("top", "message"),
    [
        ({**PLAIN, "extra": 1}, "line 3: unknown member 'extra'"),
        ({"target": "/", "headers": []}, "line 3: member 'method' is missing"),
        ({"target": "/", "method": "GET"}, "line 3: member 'headers' is missing"),
        ({**PLAIN, "url": "http://h/"}, "line 3: exactly one of the members 'url' and 'target' must stand"),
        ({"method": "GET", "headers": []}, "line 3: exactly one of the members 'url' and 'target' must stand"),
        *[
            ({**PLAIN, name: 1}, f"line 3: member '{name}' is not text")
            for name in ("id", "method", "url", "target", "body_b64", "body", "scheme", "at")
        ],
        ({**PLAIN, "id": "x" * 257}, "line 3: member 'id' is over 256 characters"),
        ({**PLAIN, "scheme": "ftp"}, "line 3: member 'scheme' is neither 'http' nor 'https'"),
        ({**PLAIN, "scheme": "HTTPS"}, "line 3: member 'scheme' is neither 'http' nor 'https'"),
        ({**PLAIN, "headers": {}}, LIST),
        ({**PLAIN, "headers": "x"}, LIST),
        ({**PLAIN, "headers": [["Host", "h"], "ab"]}, "line 3: header 2 is not [name, value]"),
        ({**PLAIN, "headers": [["Host"]]}, "line 3: header 1 is not [name, value]"),
        ({**PLAIN, "headers": [["Host", "h", "x"]]}, "line 3: header 1 is not [name, value]"),
        ({**PLAIN, "headers": [["Host", 1]]}, "line 3: header 1 is not [name, value]"),
        ({**PLAIN, "headers": [[1, "h"]]}, "line 3: header 1 is not [name, value]"),
        ({**PLAIN, "headers": [["Host", "h"], ["X", "\u0100"]]}, f"line 3: header 2 {ABOVE}"),
        ({**PLAIN, "headers": [["X\u0100", "a"]]}, f"line 3: header 1 {ABOVE}"),
        ({**PLAIN, "target": "/\u0100"}, f"line 3: target {ABOVE}"),
        ({"method": "GET", "url": "http://h/\u20ac", "headers": []}, f"line 3: target {ABOVE}"),
        ({**PLAIN, "method": "G\u0100"}, f"line 3: method {ABOVE}"),
        ({**PLAIN, "body": "none"}, BODY),
        ({**PLAIN, "body": "unavailable", "body_b64": ""}, BODY),
        ({**PLAIN, "body_b64": "-_8="}, "line 3: member 'body_b64' is not base64"),
        ({**PLAIN, "body_b64": "AA"}, "line 3: member 'body_b64' is not base64"),
    ],
)
def test_refused(top: dict[str, Any], message: str) -> None:
    assert fault(top) == message


def test_longest_id() -> None:
    assert parse({**PLAIN, "id": "x" * 256}).id == "x" * 256


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"method": "G T"}, "request-line-syntax"),
        ({"method": ""}, "request-line-syntax"),
        ({"target": "/a b"}, "target-syntax"),
        ({"target": "/\u00e9"}, "target-syntax"),
        ({"target": "a"}, "target-syntax"),
        ({"headers": [["A b", "c"]]}, "header-syntax"),
        ({"headers": [["A", "b\r\nC: d"]]}, "header-syntax"),
    ],
)
def test_what_no_message_can_hold(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse({**PLAIN, **change})
    assert caught.value.reason == reason


@pytest.mark.parametrize(("url", "reason"), [("ftp://h/", "target-syntax"), ("http://u@h/", "userinfo")])
def test_url_refused(url: str, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse({"method": "GET", "url": url, "headers": []})
    assert caught.value.reason == reason


def test_text_that_is_no_object() -> None:
    for data, message in ((b"GET /", "line 3: not JSON at line 1, column 1"), (b"[]", "line 3: is not one object")):
        with pytest.raises(InputError) as caught:
            parse_form(data, "line 3")
        assert caught.value.message == message


def test_id_of_a_line_that_cannot_be_read() -> None:
    assert id_of(b'{"id": "x", "method": 1}') == "x"
    assert id_of(b'{"id": "%s"}\n' % (b"x" * 256)) == "x" * 256
    for data in (b'{"id": "%s"}' % (b"x" * 257), b'{"id": 1}', b"{}", b"[]", b"{", b"", b'{"id": "a", "id": "b"}'):
        assert id_of(data) is None


# ------------------------------------------------------------------------------------------------------------- written


def test_a_request_is_written_as_it_was_read() -> None:
    headers = [["Host", "h"], ["X", "\xe9"]]
    form = {"id": "a", "method": "PUT", "target": "/x?y=1", "headers": headers, "body_b64": "aGk="}
    line = parse(form)
    assert line.body == b"hi"
    assert format_form(line.id, line.request, line.body) == form


@pytest.mark.parametrize("members, expected", [
    ({"url": "http://h/x"}, {"target": "/x", "headers": [["Host", "h"]], "scheme": "http"}),
    ({"target": "/x", "scheme": "https"}, {"target": "/x", "headers": []}),
    ({"target": "/x", "body": "unavailable"}, {"target": "/x", "headers": [], "body": "unavailable"}),
    ({"target": "/x", "body_b64": ""}, {"target": "/x", "headers": []}),
])  # fmt: skip
def test_what_is_written_of_a_request(members: dict[str, str], expected: dict[str, object]) -> None:
    line = parse_form(json.dumps({"method": "GET", "headers": [], **members}).encode(), "line 1")
    assert format_form(None, line.request, line.body) == {"method": "GET", **expected}
