"""Is a draft repaired to what is sent, with every repair said, and refused where it could mean two things?"""

import io

import pytest

from authkit.errors import InputError, Rejected
from authkit.messages.draft import Draft, format_head, parse_draft, parse_url
from authkit.messages.payload import EMPTY_HASH, hash_bytes
from authkit.messages.request import MAX_HEAD, Request, parse_request

EMPTY_LINE = "an empty line was added behind the headers"
ENCODED = "spaces and non-ASCII bytes of the target were percent-encoded"
VERSION = "HTTP/1.1 was added to the first line"
JOINED = "continuation lines were joined by one space"
LENGTH = "Content-Length was added"
SPLIT = "the URL of the first line was split into Host and target"
FIRST = "line 1: expected 'METHOD TARGET HTTP/1.1'"


def sent(found: Draft) -> "tuple[str, str, tuple[tuple[str, str], ...]]":
    return found.request.method, found.request.target, found.request.headers


def fault(data: bytes, **more: object) -> "tuple[str, str | None]":
    with pytest.raises(InputError) as caught:
        parse_draft(data, **more)  # type: ignore[arg-type]
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_a_whole_message_needs_no_repair(newline: bytes) -> None:
    lines = [b"PUT /a?b=c HTTP/1.1", b"Host: h", b"X-A:  1\t", b"Content-Length: 5", b"", b"he\nlo"]
    found = parse_draft(newline.join(lines), "http")
    assert sent(found) == ("PUT", "/a?b=c", (("Host", "h"), ("X-A", "1"), ("Content-Length", "5")))
    assert (found.body, found.repairs) == (b"he\nlo", ())
    one = found.request
    assert (one.payload_hash, one.content_length, one.scheme) == (hash_bytes(b"he\nlo"), 5, "http")


def test_a_scheme_is_https_unless_said() -> None:
    assert parse_draft(b"GET / HTTP/1.1\nHost: h\n\n").request.scheme == "https"


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n", b"\r\n\r\n"])
def test_the_empty_line_may_be_missing(end: bytes) -> None:
    found = parse_draft(b"GET / HTTP/1.1\nHost: h" + end)
    assert sent(found) == ("GET", "/", (("Host", "h"),))
    assert found.repairs == ((EMPTY_LINE,) if len(end) in (0, 1) or end == b"\r\n" else ())
    assert (found.body, found.request.payload_hash, found.request.content_length) == (b"", EMPTY_HASH, 0)


def test_the_first_empty_line_ends_the_head() -> None:
    assert parse_draft(b"PUT / HTTP/1.1\r\nHost: h\r\n\r\na\n\nb").body == b"a\n\nb"
    assert parse_draft(b"PUT / HTTP/1.1\nHost: h\n\na\r\n\r\nb").body == b"a\r\n\r\nb"
    assert parse_draft(b"PUT / HTTP/1.1\nHost: h\n\n\nb").body == b"\nb"


@pytest.mark.parametrize(
    ("line", "target", "repairs"),
    [
        (b"GET /a b HTTP/1.1", "/a%20b", (ENCODED,)),
        (b"GET /\xc3\xa9 HTTP/1.1", "/%C3%A9", (ENCODED,)),
        (b"GET /a", "/a", (VERSION,)),
        (b"GET /a ", "/a", (VERSION,)),
        (b"GET  /a  HTTP/1.1", "/a", ()),
        (b"GET /a HTTP/1.0", "/a", ("HTTP/1.0 was made HTTP/1.1",)),
        (b"GET /a b", "/a%20b", (ENCODED, VERSION)),
        (b"GET /a HTTP/1.1 HTTP/1.1", "/a%20HTTP/1.1", (ENCODED,)),
        (b"GET /Xa\xa0 HTTP/1.1", "/Xa%A0", (ENCODED,)),
        (b"GET /aX HTTP/1.1", "/aX", ()),
        (b"OPTIONS * HTTP/1.1", "*", ()),
    ],
)
def test_the_first_line(line: bytes, target: str, repairs: tuple[str, ...]) -> None:
    found = parse_draft(line + b"\nHost: h\n\n")
    assert (found.request.target, found.repairs) == (target, repairs)
    assert found.request.method == line.split()[0].decode()


@pytest.mark.parametrize(
    "line",
    [b"", b"GET", b"GET ", b"GET  HTTP/1.1", b" GET / HTTP/1.1", b"G:T / HTTP/1.1", b"GET / HTTP/2",
        b"GET / HTTP/1.1 ", b"GET / HTTP/", b"GET / HTTP/1.10", b"G\xc9T /"],
)  # fmt: skip
def test_a_first_line_that_cannot_be_read(line: bytes) -> None:
    assert fault(line + b"\nHost: h\n\n") == (FIRST, None)


def test_only_line_ends_are_cut_from_the_end_of_the_head() -> None:
    for end in (b"", b"\n", b"\n\n", b"\r\n\r\n"):
        assert sent(parse_draft(b"GET / HTTP/1.1\nHost: h\nX-A: aX" + end))[2][1] == ("X-A", "aX")
        assert fault(b"GET / HTTP/1.1\nHost: h\nX-A: a\x0c" + end)[0].endswith("X-A holds a control character")
    assert fault(b"GET / HTTP/1.1\nHost: h\r") == ("line 2: a control character", None)
    assert sent(parse_draft(b"GET / HTTP/1.1\nHost: h\r\r\n\r\n"))[2] == (("Host", "h"),)


def test_nothing_is_no_draft() -> None:
    for data in (b"", b"\n", b"\r\n\r\n", b"\n\nGET / HTTP/1.1", b"\n\r\nGET / HTTP/1.1"):
        assert fault(data) == (FIRST, None)


@pytest.mark.parametrize(
    ("target", "scheme", "host", "path"),
    [
        ("http://H.Example/a?b", "http", "h.example", "/a?b"),
        ("HTTPS://h:8443/a b", "https", "h:8443", "/a%20b"),
        ("https://h:443", "https", "h", "/"),
    ],
)
def test_a_url_in_the_first_line(target: str, scheme: str, host: str, path: str) -> None:
    for asked in ("http", "https"):
        found = parse_draft(f"GET {target} HTTP/1.1\nX-A: 1\n\n".encode(), asked, origin_host="other")
        assert sent(found) == ("GET", path, (("Host", host), ("X-A", "1")))
        assert (found.request.scheme, found.repairs[-1]) == (scheme, SPLIT)
        kept = parse_draft(f"GET {target} HTTP/1.1\nhost: own\n\n".encode(), asked)
        assert sent(kept) == ("GET", path, (("host", "own"),))
        assert SPLIT not in kept.repairs


def test_the_host_that_is_not_there() -> None:
    found = parse_draft(b"GET / HTTP/1.1\nX-A: 1\n\n", origin_host="o:1")
    assert (sent(found)[2], found.repairs) == ((("Host", "o:1"), ("X-A", "1")), ("Host was added",))
    found = parse_draft(b"GET / HTTP/1.1\nHOST: h\n\n", origin_host="o:1")
    assert (sent(found)[2], found.repairs) == ((("HOST", "h"),), ())
    found = parse_draft(b"GET / HTTP/1.1\n\n")
    assert (sent(found)[2], found.repairs) == ((), ())


def test_two_hosts_are_refused() -> None:
    assert fault(b"GET / HTTP/1.1\nHost: h\nhost: h\n\n") == ("the draft has two Host headers", None)


def test_continuation_lines() -> None:
    found = parse_draft(b"GET / HTTP/1.1\nHost: h\nX-A: 1\n  2 \n\t3\nX-B:\n 4\nX-C: a\n \n\n")
    assert sent(found)[2] == (("Host", "h"), ("X-A", "1 2 3"), ("X-B", "4"), ("X-C", "a"))
    assert found.repairs == (JOINED,)
    found = parse_draft(b"GET / HTTP/1.1\nHost: h\nX-A: Xa\n bX\nX-B: \xa0:\n c:\xa0\n\n")
    assert sent(found)[2][1:] == (("X-A", "Xa bX"), ("X-B", "\xa0: c:\xa0"))
    assert fault(b"GET / HTTP/1.1\n a\n\n") == ("line 2: goes on from no header", None)
    assert fault(b"GET / HTTP/1.1\n\ta: b\n\n") == ("line 2: goes on from no header", None)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"X-A", "line 3: expected 'Name: value'"),
        (b"X-A : 1", "line 3: expected 'Name: value'"),
        (b": 1", "line 3: expected 'Name: value'"),
        (b"X\xe9: 1", "line 3: expected 'Name: value'"),
        (b"X-A: \x01", "line 3: the value of X-A holds a control character"),
        (b"N" * 70 + b": \x7f", f"line 3: the value of {'N' * 64} holds a control character"),
        (b"X-A: a\rb", "line 3: a control character"),
        (b"X-A: a\0b", "line 3: a control character"),
        (b"X-A: a\r\r", "line 3: a control character"),
    ],
)
def test_a_header_that_cannot_be_read(line: bytes, message: str) -> None:
    assert fault(b"GET / HTTP/1.1\nHost: h\n" + line + b"\nX-B: 1\n\n") == (message, None)


def test_a_control_character_in_the_target() -> None:
    assert fault(b"GET /\x01 HTTP/1.1\nHost: h\n\n") == ("the target holds a control character", None)
    assert fault(b"GET /\0 HTTP/1.1\nHost: h\n\n") == ("line 1: a control character", None)


def test_bytes_above_ascii_stay_in_values() -> None:
    assert sent(parse_draft(b"GET / HTTP/1.1\nHost: h\nX-A: a:b:\n\n"))[2][1] == ("X-A", "a:b:")
    assert sent(parse_draft(b"GET / HTTP/1.1\nHost: h\nX-A: \xc3\xa9\n\n"))[2][1] == ("X-A", "\xc3\xa9")


def test_a_body_without_a_length() -> None:
    found = parse_draft(b"PUT / HTTP/1.1\nHost: h\n\nhello")
    assert (sent(found)[2][-1], found.repairs) == (("Content-Length", "5"), (LENGTH,))
    assert (found.request.payload_hash, found.request.content_length) == (hash_bytes(b"hello"), 5)
    found = parse_draft(b"PUT / HTTP/1.1\nHost: h\nContent-Length: 0\n\n")
    assert (sent(found)[2][-1], found.repairs) == (("Content-Length", "0"), ())


def test_a_body_from_elsewhere() -> None:
    found = parse_draft(b"PUT / HTTP/1.1\nHost: h\n\n", body=io.BytesIO(b"hello"))
    assert (found.request.payload_hash, found.request.content_length) == (hash_bytes(b"hello"), 5)
    assert (found.body, found.repairs, sent(found)[2][-1]) == (b"", (LENGTH,), ("Content-Length", "5"))
    found = parse_draft(b"PUT / HTTP/1.1\nHost: h\nContent-Length: 5\n\n", body=io.BytesIO(b"hello"))
    assert found.repairs == ()
    two = fault(b"PUT / HTTP/1.1\nHost: h\n\nx", body=io.BytesIO(b""))
    assert two == ("the draft has a body and another one was given", None)


@pytest.mark.parametrize(
    ("lengths", "said"),
    [((b"4",), "4"), ((b"6",), "6"), ((b"05",), "05"), ((b"5", b"5"), "5"), ((b"x" * 40,), "x" * 32), ((b"",), "")],
)
def test_a_length_that_lies(lengths: tuple[bytes, ...], said: str) -> None:
    lines = b"".join(b"Content-Length: " + length + b"\n" for length in lengths)
    message = f"Content-Length says {said} and the body has 5 octets"
    assert fault(b"PUT / HTTP/1.1\nHost: h\n" + lines + b"\nhello") == (message, None)


def test_a_transfer_coding_is_refused() -> None:
    expected = ("the draft has Transfer-Encoding", "remove it: the body is sent with its length")
    assert fault(b"PUT / HTTP/1.1\nHost: h\ntransfer-ENCODING: chunked\n\nhello") == expected


def test_the_head_is_bounded() -> None:
    start = b"GET / HTTP/1.1\nX: "
    head = start + b"a" * (MAX_HEAD - len(start))
    assert len(parse_draft(head + b"\n\n").request.headers[0][1]) == MAX_HEAD - len(start)
    assert fault(head + b"a\n\n") == ("the head of the request is over 1 MiB", None)
    assert fault(head + b"a") == ("the head of the request is over 1 MiB", None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GET a HTTP/1.1\nHost: h\n\n", "target-syntax"),
        (b"GET HTTP/1.1\nHost: h\n\n", "target-syntax"),
        (b"GET /#a HTTP/1.1\nHost: h\n\n", "target-syntax"),
        (b"GET http:/// HTTP/1.1\nHost: h\n\n", "target-syntax"),
        (b"GET http://u@h/ HTTP/1.1\n\n", "userinfo"),
        (b"GET / HTTP/1.1\nHost: h\na_b: 1\na-b: 1\n\n", "header-name-ambiguous"),
    ],
)
def test_what_no_message_can_hold(data: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse_draft(data)
    assert caught.value.reason == reason


# ----------------------------------------------------------------------------------------------------------------- URL


def test_a_url() -> None:
    found = parse_url("POST", "https://H:443/a b?\u00e9#f", ("X-A:  1:2 ", "X-B: \u00e9", "Empty:"))
    assert (found.method, found.target, found.scheme) == ("POST", "/a%20b?%C3%A9", "https")
    assert found.headers == (("Host", "h"), ("X-A", "1:2"), ("X-B", "\xc3\xa9"), ("Empty", ""))
    assert (found.payload_hash, found.content_length) == (EMPTY_HASH, 0)
    assert parse_url("GET", "http://h:80").scheme == "http"


def test_bytes_of_argv_that_are_no_utf8() -> None:
    found = parse_url("GET", "http://h/\udcff", ("X: \udcfe",))
    assert (found.target, found.headers[1]) == ("/%FF", ("X", "\xfe"))


def test_a_host_given_takes_the_place_of_the_url_s() -> None:
    assert parse_url("GET", "http://h/", ("X: 1", "hOST: own")).headers == (("hOST", "own"), ("X", "1"))


@pytest.mark.parametrize("line", ["X", "X : 1", ": 1", "X: \n", "X: \x7f", "n" * 80, "\u00e9: 1"])
def test_a_header_that_is_none(line: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_url("GET", "http://h/", ("Good: 1", line))
    assert caught.value.message == f"the header {line[:64]!r} is not 'Name: value'"


@pytest.mark.parametrize(
    ("method", "url", "reason"),
    [
        ("G T", "http://h/", "request-line-syntax"),
        ("GET", "h/", "target-syntax"),
        ("GET", "http://u@h/", "userinfo"),
        ("GET", "http://h h/", "target-syntax"),
    ],
)
def test_a_url_that_is_none(method: str, url: str, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse_url(method, url)
    assert caught.value.reason == reason


def test_a_url_with_a_control_character() -> None:
    with pytest.raises(InputError) as caught:
        parse_url("GET", "http://h/\n")
    assert caught.value.message == "the target holds a control character"


def test_format_head() -> None:
    request = Request("PUT", "/a?b", (("Host", "h"), ("X-A", "\xe9")), EMPTY_HASH, 0)
    assert format_head(request) == b"PUT /a?b HTTP/1.1\r\nHost: h\r\nX-A: \xe9\r\n\r\n"
    assert format_head(Request("GET", "/")) == b"GET / HTTP/1.1\r\n\r\n"
    again = parse_request(format_head(request))
    assert (again.method, again.target, again.headers) == (request.method, request.target, request.headers)
