"""Is a response read only where no two readers could differ about it, and a draft repaired to what will be sent?"""

from hashlib import sha256, sha512
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authkit.errors import InputError, Rejected
from authkit.messages.payload import EMPTY_HASH
from authkit.messages.request import MAX_HEAD, Request
from authkit.messages.response import (
    Response,
    format_response_head,
    is_response,
    parse_response,
    parse_response_draft,
)

HEAD = Request("HEAD", "/", (("Host", "example.com"),))
CONNECT = Request("CONNECT", "example.com:80", (("Host", "example.com"),))
GET = Request("GET", "/", (("Host", "example.com"),))


class Reader:
    """Gives a few octets at a time, as a pipe may."""

    def __init__(self, data: bytes, step: int = 7) -> None:
        self.file, self.step = BytesIO(data), step

    def readinto(self, buffer: memoryview, /) -> int:
        return self.file.readinto(buffer[: self.step])


def rejected(data: Any, *args: Any, **more: Any) -> tuple[str, str]:
    with pytest.raises(Rejected) as caught:
        parse_response(data, *args, **more)
    return caught.value.reason, caught.value.detail


def test_a_response_is_what_it_says() -> None:
    found = parse_response(b"HTTP/1.1 404 Not Found\r\nA: 1\r\nb:\t 2 \r\na: 3\r\nContent-Length: 2\r\n\r\nno")
    assert (found.status, found.reason) == (404, "Not Found")
    assert found.headers == (("A", "1"), ("b", "2"), ("a", "3"), ("Content-Length", "2"))
    assert found.grouped == {"a": ["1", "3"], "b": ["2"], "content-length": ["2"]}
    assert (found.values("a"), found.values("c")) == (["1", "3"], [])
    assert (found.payload_hash, found.content_length) == (sha256(b"no").hexdigest(), 2)
    assert (found.related, found.watched) == (None, {})
    assert repr(found) == "<Response 404>"


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("HTTP/1.1 200 OK", 200, "OK"),
        ("HTTP/1.1 200 ", 200, ""),
        ("HTTP/1.0 599 a  b\tc", 599, "a  b\tc"),
        ("HTTP/1.1 500 \xe9", 500, "\xe9"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_status_lines(line: str, status: int, reason: str, newline: str) -> None:
    found = parse_response((line + newline * 2).encode("latin-1"))
    assert (found.status, found.reason, found.headers) == (status, reason, ())
    assert (found.payload_hash, found.content_length) == (EMPTY_HASH, 0)


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ("HTTP/1.1 200", "'HTTP/1.1 200'"),
        ("HTTP/1.1  200 OK", "'HTTP/1.1  200 OK'"),
        ("HTTP/1.1", "'HTTP/1.1'"),
        ("HTTP/1.2 200 OK", "'HTTP/1.2 200 OK'"),
        ("HTTP/2 200 ", "'HTTP/2 200 '"),
        ("http/1.1 200 OK HTTP/", "'http/1.1 200 OK HTTP/'"),
        ("HTTP/1.1 20 OK", "'HTTP/1.1 20 OK'"),
        ("HTTP/1.1 2000 OK", "'HTTP/1.1 2000 OK'"),
        ("HTTP/1.1 2\xb20 OK", "'2\xb20'"),
        ("HTTP/1.1 +20 OK", "'+20'"),
        ("HTTP/1.1 000 OK", "'000'"),
        ("HTTP/1.1 600 OK", "'600'"),
        ("HTTP/1.1 100 Continue", "'100' is an interim response"),
        ("HTTP/1.1 199 ", "'199' is an interim response"),
        ("HTTP/1.1 1a0 ", "'1a0'"),
        ("HTTP/1.1 200 a\0b", "the phrase holds a control character"),
        ("HTTP/1.1 200 \x7f", "the phrase holds a control character"),
        ("GET / HTTP/1.1", "'GET / HTTP/1.1'"),
    ],
)
def test_status_lines_refused(line: str, detail: str) -> None:
    assert rejected(f"{line}\r\n\r\n".encode("latin-1")) == ("status-line-syntax", detail)


def test_the_verdict_is_malformed() -> None:
    with pytest.raises(Rejected) as caught:
        parse_response(b"HTTP/1.1 700 \n\n")
    assert caught.value.verdict == "malformed"
    assert caught.value.message == ("the first line is not HTTP/1.1, a status of three digits, and a phrase: '700'")


@pytest.mark.parametrize("data", [b"", b"hello", b"hello\n\n", b"GET /\n\n"])
def test_what_is_no_response_at_all(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_response(data)
    assert caught.value.message.startswith("not an HTTP message: the first line is not ")


@pytest.mark.parametrize(
    ("lines", "reason", "detail"),
    [
        (b"A 1\r\n", "header-syntax", "a line without a name and a colon"),
        (b"A : 1\r\n", "header-syntax", "'A '"),
        (b" A: 1\r\n", "header-syntax", "a line without a name and a colon"),
        (b"A: 1\r\n 2\r\n", "header-syntax", "a line without a name and a colon"),
        (b": 1\r\n", "header-syntax", "a line without a name and a colon"),
        (
            b"A: 1\nB: 2\r\n",
            "header-syntax",
            "line 2: a carriage return or line feed that ends no line like the others",
        ),
        (
            b"A: 1\rB: 2\r\n",
            "header-syntax",
            "line 2: a carriage return or line feed that ends no line like the others",
        ),
        (b"A: \x00\r\n", "header-syntax", "the value of A holds a control character"),
        (b"X-A: 1\r\nX_A: 2\r\n", "header-name-ambiguous", "x_a"),
    ],
)
def test_headers_refused(lines: bytes, reason: str, detail: str) -> None:
    assert rejected(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n") == (reason, detail)


def test_a_head_must_end() -> None:
    assert rejected(b"HTTP/1.1 200 OK\r\nA: 1\r\n") == ("header-syntax", "no empty line ends the headers")


def test_a_head_is_bounded() -> None:
    fits = b"HTTP/1.1 200 OK\n" + b"A: " + b"a" * (MAX_HEAD - 20) + b"\n\n"
    assert fits.index(b"\n\n") == MAX_HEAD - 1
    assert parse_response(fits).status == 200
    with pytest.raises(InputError) as caught:
        parse_response(fits.replace(b"A: ", b"A: aa"))
    assert caught.value.message == "the head of the HTTP message is over 1 MiB"


BODIES: "dict[str, tuple[bytes, bytes | None]]" = {
    "length": (b"Content-Length: 3\r\n\r\nabc", b"abc"),
    "length with zeros": (b"Content-Length: 003\r\n\r\nabc", b"abc"),
    "no body": (b"Content-Length: 0\r\n\r\n", b""),
    "to the end": (b"\r\nabc", b"abc"),
    "chunks": (b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nbc\r\n0\r\n\r\n", b"abc"),
    "chunks in capitals": (b"Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", b""),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("stream", [False, True])
def test_bodies(name: str, stream: bool) -> None:
    tail, body = BODIES[name]
    data, seen = b"HTTP/1.1 200 OK\r\n" + tail, sha512()
    asked: list[Response] = []

    def watch(head: Response, at: "str | None") -> dict[str, Any]:
        asked.append(head)
        assert at is None
        return {"sha-512": seen}

    found = parse_response(Reader(data) if stream else data, GET, None, watch)
    assert body is not None
    assert (found.payload_hash, found.content_length) == (sha256(body).hexdigest(), len(body))
    assert found.watched == {"sha-512": seen}
    assert seen.digest() == sha512(body).digest()
    assert [one.status for one in asked] == [200]
    assert found.related is GET
    assert asked[0].related is GET


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (b"Content-Length: 2\r\n\r\nabc", "body-length", "Content-Length says 2 and 3 octets follow"),
        (b"Content-Length: 4\r\n\r\nabc", "body-length", "Content-Length says 4 and 3 octets follow"),
        (b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "body-length", "Content-Length stands twice"),
        (b"Content-Length: 3, 3\r\n\r\nabc", "body-length", "Content-Length '3, 3' is not a number"),
        (b"Content-Length: +3\r\n\r\nabc", "body-length", "Content-Length '+3' is not a number"),
        (b"Content-Length: \xb3\r\n\r\nabc", "body-length", "Content-Length '\xb3' is not a number"),
        (b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "transfer-encoding", ""),
        (b"Transfer-Encoding: identity\r\n\r\nabc", "transfer-encoding", ""),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n", "transfer-encoding", ""),
        (
            b"Transfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\n\r\n",
            "transfer-encoding",
            "the last chunk is not the end, or trailer fields follow it",
        ),
        (
            b"Transfer-Encoding: chunked\r\n\r\n3\r\nab\r\n0\r\n\r\n",
            "transfer-encoding",
            "a chunk is not 3 octets long",
        ),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_bodies_refused(data: bytes, reason: str, detail: str, stream: bool) -> None:
    data = b"HTTP/1.1 200 OK\r\n" + data
    assert rejected(Reader(data) if stream else data) == (reason, detail)


def test_old_http_has_no_chunks() -> None:
    data = b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert rejected(data) == ("transfer-encoding", "HTTP/1.0 has none")


@pytest.mark.parametrize(
    ("status", "related"), [("204", None), ("304", GET), ("200", HEAD), ("404", HEAD), ("200", CONNECT)]
)
def test_what_never_has_a_body(status: str, related: "Request | None") -> None:
    head = f"HTTP/1.1 {status} x\r\n".encode()
    assert parse_response(head + b"\r\n", related).content_length == 0
    assert parse_response(head + b"\r\n", related).never_has_body is True
    assert rejected(head + b"\r\na", related) == (
        "body-length",
        "such a response has no body, and 1 octets follow",
    )
    assert rejected(head + b"\r\n", related, BytesIO(b"ab")) == (
        "body-length",
        "such a response has no body, and 2 octets follow",
    )
    assert parse_response(head + b"Content-Length: 0\r\n\r\n", related).content_length == 0
    assert rejected(head + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n", related) == (
        "body-length",
        "Content-Length '0, 0' is not a number",
    )
    assert rejected(head + b"Content-Length: x\r\n\r\n", related) == (
        "body-length",
        "Content-Length 'x' is not a number",
    )
    for line in (b"Content-Length: 12\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"):
        if status == "204":
            assert rejected(head + line, related) == ("body-length", "a response of status 204 declares a body")
        else:
            # it says what a GET would have brought
            assert parse_response(head + line, related).content_length == 0


@pytest.mark.parametrize(("status", "related"), [("404", CONNECT), ("300", CONNECT), ("200", None), ("200", GET)])
def test_what_may_have_a_body(status: str, related: "Request | None") -> None:
    found = parse_response(f"HTTP/1.1 {status} x\r\n\r\nbody".encode(), related)
    assert (found.content_length, found.never_has_body) == (4, False)


def test_a_body_from_elsewhere() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
    seen = sha512()
    found = parse_response(head, None, Reader(b"abc", 2), lambda response, at: {"sha-512": seen})
    assert (found.payload_hash, found.content_length) == (sha256(b"abc").hexdigest(), 3)
    assert seen.digest() == sha512(b"abc").digest()
    assert parse_response(b"HTTP/1.1 200 OK\r\n\r\n", None, BytesIO(b"abc")).content_length == 3
    assert rejected(head, None, BytesIO(b"abcd")) == ("body-length", "Content-Length says 3 and 4 octets follow")
    both = ("body-length", "the message has a body and another one was given")
    assert rejected(head + b"abc", None, BytesIO(b"abc")) == both
    assert rejected(Reader(head + b"abc"), None, BytesIO(b"abc")) == both
    assert parse_response(Reader(head), None, BytesIO(b"abc")).content_length == 3
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert rejected(chunked, None, BytesIO(b"abc")) == (
        "transfer-encoding",
        "the body was given apart from a message that is chunked",
    )


def test_copies_keep_the_rest() -> None:
    one = Response(201, (("A", "1"),), "hash", 3, "Created", {"x": sha512()}, GET)
    other = one.with_headers((("B", "2"),))
    assert (other.status, other.payload_hash, other.content_length, other.reason) == (201, "hash", 3, "Created")
    assert (other.watched, other.related, other.headers) == (one.watched, GET, (("B", "2"),))
    bare = one.with_body(None, None)
    assert (bare.status, bare.payload_hash, bare.content_length, bare.reason) == (201, None, None, "Created")
    assert (bare.watched, bare.related, bare.headers) == ({}, GET, (("A", "1"),))


@pytest.mark.parametrize(
    ("start", "found"), [(b"HTTP/1.1 200", True), (b"\r\n HTTP/", True), (b"GET / HTTP/1.1", False), (b"http/", False)]
)
def test_told_from_a_request(start: bytes, found: bool) -> None:
    assert is_response(start) is found


# drafts


def test_a_draft_is_repaired() -> None:
    made = parse_response_draft(b"HTTP/2 200\nA: 1\n  2\nContent-Type: text/plain\n\nabc", GET)
    assert made.repairs == (
        "HTTP/2 was made HTTP/1.1",
        "continuation lines were joined by one space",
        "Content-Length was added",
    )
    assert made.request.headers == (("A", "1 2"), ("Content-Type", "text/plain"), ("Content-Length", "3"))
    assert (made.body, made.request.content_length) == (b"abc", 3)
    assert made.request.related is GET
    text = format_response_head(made.request)
    assert text == b"HTTP/1.1 200 \r\nA: 1 2\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\n"
    assert parse_response(text + made.body).headers == made.request.headers


@pytest.mark.parametrize(
    ("data", "status", "reason", "repairs"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "OK", ()),
        (b"HTTP/1.1 200 OK\r\n\r\n", 200, "OK", ("Content-Length was added",)),
        (b"HTTP/1.1 204 No Content\n\n", 204, "No Content", ()),
        (b"HTTP/1.1 304 \nContent-Length: 12\n\n", 304, "", ()),
        (
            b"HTTP/1.0  500   Bad  thing ",
            500,
            "Bad  thing",
            ("an empty line was added behind the headers", "HTTP/1.0 was made HTTP/1.1", "Content-Length was added"),
        ),
        (b"HTTP/3.0 299\n\n", 299, "", ("HTTP/3.0 was made HTTP/1.1", "Content-Length was added")),
    ],
)
def test_drafts(data: bytes, status: int, reason: str, repairs: tuple[str, ...]) -> None:
    made = parse_response_draft(data)
    assert (made.request.status, made.request.reason, made.repairs) == (status, reason, repairs)
    again = parse_response(format_response_head(made.request) + made.body)
    assert (again.status, again.reason, again.headers) == (status, reason, made.request.headers)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"HTTP/1.1\n\n", "line 1: expected 'HTTP/1.1 STATUS PHRASE', with a status of 200 to 599"),
        (b"HTTP/1.1 20\n\n", "line 1: expected 'HTTP/1.1 STATUS PHRASE', with a status of 200 to 599"),
        (b"HTTP/1.1 2000\n\n", "line 1: expected 'HTTP/1.1 STATUS PHRASE', with a status of 200 to 599"),
        (b"HTTP/1.1 2x0\n\n", "line 1: expected 'HTTP/1.1 STATUS PHRASE', with a status of 200 to 599"),
        (b"HTTP/1.1 2\xb20\n\n", "line 1: expected 'HTTP/1.1 STATUS PHRASE', with a status of 200 to 599"),
        (b"HTTP/1.1 100 Continue\n\n", "line 1: expected 'HTTP/1.1 STATUS PHRASE', with a status of 200 to 599"),
        (b"HTTP/1.1 600 X\n\n", "line 1: expected 'HTTP/1.1 STATUS PHRASE', with a status of 200 to 599"),
        (b"HTTP/4 200 OK\n\n", "line 1: expected 'HTTP/1.1 STATUS PHRASE', with a status of 200 to 599"),
        (b"HTTP/1.1 200 a\x01\n\n", "line 1: the phrase holds a control character"),
        (b"HTTP/1.1 200 a\0\n\n", "line 1: a control character"),
        (b"HTTP/1.1 200 OK\nA\n\n", "line 2: expected 'Name: value'"),
        (b"HTTP/1.1 200 OK\nContent-Length: 4\n\nabc", "Content-Length says 4 and the body has 3 octets"),
        (
            b"HTTP/1.1 200 OK\nContent-Length: 3\nContent-Length: 3\n\nabc",
            "Content-Length says 3 and the body has 3 octets",
        ),
        (b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", "the draft has Transfer-Encoding"),
        (b"HTTP/1.1 304 x\n\nabc", "such a response has no body, and the draft's has 3 octets"),
        (b"HTTP/1.1 204 x\nContent-Length: 0\n\n", "a response of status 204 has no Content-Length"),
    ],
)
def test_drafts_that_cannot_be_read(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_response_draft(data)
    assert caught.value.message == message


def test_a_draft_with_twins_is_refused() -> None:
    with pytest.raises(Rejected) as caught:
        parse_response_draft(b"HTTP/1.1 200 OK\nX-A: 1\nX_A: 1\n\n")
    assert (caught.value.reason, caught.value.detail) == ("header-name-ambiguous", "x_a")


def test_the_body_of_a_draft_from_elsewhere() -> None:
    seen = sha512()
    made = parse_response_draft(b"HTTP/1.1 200 OK\n\n", None, BytesIO(b"abc"), {"sha-512": seen})
    assert (made.body, made.request.content_length, made.request.watched) == (b"", 3, {"sha-512": seen})
    assert made.request.headers == (("Content-Length", "3"),)
    assert made.request.payload_hash == sha256(b"abc").hexdigest()
    assert seen.digest() == sha512(b"abc").digest()
    inside = sha512()
    parse_response_draft(b"HTTP/1.1 200 OK\n\nabc", None, None, {"sha-512": inside})
    assert inside.digest() == seen.digest()
    with pytest.raises(InputError) as caught:
        parse_response_draft(b"HTTP/1.1 200 OK\n\nabc", None, BytesIO(b"abc"))
    assert caught.value.message == "the draft has a body and another one was given"


TEXT = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=20).map(
    lambda text: text.strip(" \t")
)


@given(
    status=st.integers(200, 599).filter(lambda status: status not in (204, 304)),
    reason=TEXT,
    headers=st.lists(st.tuples(st.sampled_from(["A", "b", "X-C", "Date"]), TEXT), max_size=5),
    body=st.binary(max_size=40),
)
def test_what_is_written_is_read_again(status: int, reason: str, headers: list[tuple[str, str]], body: bytes) -> None:
    length = ("Content-Length", str(len(body)))
    response = Response(status, (*headers, length), sha256(body).hexdigest(), len(body), reason)
    found = parse_response(format_response_head(response) + body)
    assert (found.status, found.reason, found.headers) == (status, reason, response.headers)
    assert (found.payload_hash, found.content_length) == (response.payload_hash, len(body))
    made = parse_response_draft(format_response_head(response) + body)
    assert (made.request.headers, made.request.reason, made.repairs) == (response.headers, reason, ())


# what a change of the code could break without a verdict of another test


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", "remove it: the body is sent with its length"),
        (b"HTTP/1.1 204 \nContent-Length: 0\n\n", "remove it"),
    ],
)
def test_what_is_said_beside_a_refusal(data: bytes, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_response_draft(data)
    assert caught.value.hint == hint


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/2", "HTTP/2.0", "HTTP/3", "HTTP/3.0"])
def test_versions_of_a_draft(version: str) -> None:
    found = parse_response_draft(f"{version} 200 OKX\nContent-Length: 0\n\n".encode())
    assert (found.request.reason, found.repairs) == ("OKX", (f"{version} was made HTTP/1.1",))


@pytest.mark.parametrize("line", ["http/2.0 200", "HTTP/4 200", "HTTP/1.1 \t200 OK", "HTTP/1.1 X200 OK"])
def test_lines_that_no_draft_begins_with(line: str) -> None:
    with pytest.raises(InputError):
        parse_response_draft(f"{line}\n\n".encode())


def test_a_response_as_it_is_without_a_word() -> None:
    found = Response(200)
    assert (found.reason, found.content_length, found.headers, found.watched, found.related) == ("", 0, (), {}, None)


def test_what_the_other_side_wrote_is_cut() -> None:
    long = "n" * 200
    assert rejected(f"HTTP/1.1 {long}\r\n\r\n".encode()) == ("status-line-syntax", repr(f"HTTP/1.1 {long}"[:80]))
    found = rejected(f"HTTP/1.1 304 \r\nContent-Length: {long}\r\n\r\n".encode())
    assert found == ("body-length", f"Content-Length {'n' * 32!r} is not a number")
    with pytest.raises(InputError) as caught:
        parse_response_draft(f"HTTP/1.1 200 \nContent-Length: {long}\n\n".encode())
    assert caught.value.message == f"Content-Length says {'n' * 32} and the body has 0 octets"
