"""Does the strict reader read what RFC 9112 says, and name what it refuses?"""

import io
from collections.abc import Callable

import pytest

from authkit.errors import InputError, Rejected
from authkit.messages import request as module
from authkit.messages.payload import EMPTY_HASH, hash_bytes
from authkit.messages.request import MAX_HEAD, Request, check_request, parse_request

HEAD = b"GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n\r\n"


class Counting(io.BytesIO):
    """A reader that gives at most *step* bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__(data)
        self.step = step

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self.read(min(self.step, len(buffer)))
        buffer[: len(data)] = data
        return len(data)


def rejected(run: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Rejected) as caught:
        run()
    return caught.value.reason, caught.value.detail


def refuse(data: bytes) -> tuple[str, str]:
    """Return reason and detail; a reader of the same bytes, however slow, says the same."""
    said = rejected(lambda: parse_request(data))
    assert rejected(lambda: parse_request(io.BytesIO(data))) == said
    assert rejected(lambda: parse_request(Counting(data, 1))) == said
    return said


# --------------------------------------------------------------------------------------------------------------- value


def test_value() -> None:
    one = Request("GET", "/a?b=c", (("Host", "h"), ("X-A", "1"), ("x-a", "2")))
    assert (one.payload_hash, one.content_length, one.scheme) == (EMPTY_HASH, 0, "https")
    assert one.values("x-a") == ["1", "2"]
    assert one.values("host") == ["h"]
    assert one.values("none") == []
    assert one.url == "https://h/a?b=c"
    assert repr(one) == "<Request GET>"


def test_copies_keep_everything_else() -> None:
    def parts(one: Request) -> tuple[object, ...]:
        return one.method, one.target, one.headers, one.payload_hash, one.content_length, one.scheme

    one = Request("PUT", "/a", (("Host", "h"),), "0" * 64, 5, "http")
    one.values("host")
    assert parts(one.with_headers((("A", "b"),))) == ("PUT", "/a", (("A", "b"),), "0" * 64, 5, "http")
    assert parts(one.with_target("/b")) == ("PUT", "/b", (("Host", "h"),), "0" * 64, 5, "http")
    assert parts(one.with_body(None, None)) == ("PUT", "/a", (("Host", "h"),), None, None, "http")
    assert one.with_headers((("Host", "i"),)).values("host") == ["i"]
    assert parts(one) == ("PUT", "/a", (("Host", "h"),), "0" * 64, 5, "http")


def test_grouped_parts_and_names() -> None:
    one = Request("GET", "/a?b=1&&c&%62=2&d%3D=x=y", (("Host", "h"), ("X-A", "1"), ("x-a", " 2"), ("HOST", "i")))
    for _ in range(2):
        assert one.grouped == {"host": ["h", "i"], "x-a": ["1", " 2"]}
        assert list(one.grouped) == ["host", "x-a"]
        assert one.parts == ("/a", "b=1&&c&%62=2&d%3D=x=y")
        assert one.names == ["b", "c", "b", "d="]
    assert one.grouped is one.grouped
    assert one.names is one.names
    assert Request("GET", "https://h/a?b").parts == ("/a", "b")
    assert Request("GET", "/?a=%ff&b").names == ["a", "b"]
    assert Request("GET", "/?%FF").names == ["\xff"]
    assert Request("GET", "/").names == []
    assert Request("GET", "/").grouped == {}
    assert rejected(lambda: Request("GET", "/?%=1").names)[0] == "target-syntax"
    assert Request("GET", "/?a=%").names == ["a"]


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ((("hOsT", " \tH.Example:80 "),), "h.example:80"),
        ((("Host", "a"), ("Host", "b")), "a"),
        ((("Host", ""),), ""),
        ((), ""),
    ],
)
def test_host(headers: tuple[tuple[str, str], ...], host: str) -> None:
    assert Request("GET", "/", headers).host == host


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (("x_a", "X-A"), "x_a"),
        (("x-a", "y", "X_A"), "x_a"),
        (("x_b", "x-a_b", "X-A-B"), "x-a_b"),
        (("n" * 65 + "_", "n" * 65 + "-"), "n" * 64),
    ],
)
def test_names_that_differ_in_a_dash_alone(names: tuple[str, ...], named: str) -> None:
    one = Request("GET", "/", tuple((name, "1") for name in names))
    for _ in range(2):
        assert rejected(lambda: check_request(one)) == ("header-name-ambiguous", named)


def test_underscores_without_a_twin() -> None:
    one = Request("GET", "/", (("x_a", "1"), ("x-b", "1"), ("x_a", "2")))
    assert check_request(one) is one


@pytest.mark.parametrize(
    ("target", "headers", "url"),
    [
        ("/a", (("hOsT", "h"),), "http://h/a"),
        ("/a", (("Host", "h"), ("Host", "i")), "http://h/a"),
        ("/a", (), "http:///a"),
        ("https://x/a", (("Host", "h"),), "https://x/a"),
        ("http://x/a", (("Host", "h"),), "http://x/a"),
    ],
)
def test_url(target: str, headers: tuple[tuple[str, str], ...], url: str) -> None:
    assert Request("GET", target, headers, scheme="http").url == url


@pytest.mark.parametrize(
    "one",
    [
        Request("GET", "/", ()),
        Request("M-SEARCH", "/a?b", (("X_Y", "\t a\xff "),)),
        Request("OPTIONS", "*", ()),
        Request("GET", "http://h/a", ()),
        Request("GET", "HTTPS://h:1/a", ()),
    ],
)
def test_check_request(one: Request) -> None:
    one = one.with_target(one.target)  # a new one, that nobody has checked
    assert not one._checked
    assert check_request(one) is one
    assert one._checked is True
    assert check_request(one) is one


BEGINS = "it begins neither with '/' nor with http:// or https://"


@pytest.mark.parametrize(
    ("one", "reason", "detail"),
    [
        (Request("", "/"), "request-line-syntax", "the method is not a token"),
        (Request("G T", "/"), "request-line-syntax", "the method is not a token"),
        (Request("GET:", "/"), "request-line-syntax", "the method is not a token"),
        (Request("GÉT", "/"), "request-line-syntax", "the method is not a token"),
        (Request("GET", ""), "target-syntax", "a space, control or non-ASCII character"),
        (Request("GET", "/a b"), "target-syntax", "a space, control or non-ASCII character"),
        (Request("GET", "/a\x7f"), "target-syntax", "a space, control or non-ASCII character"),
        (Request("GET", "/\xe9"), "target-syntax", "a space, control or non-ASCII character"),
        (Request("GET", "/a#b"), "target-syntax", "a fragment"),
        (Request("GET", "a"), "target-syntax", BEGINS),
        (Request("GET", "?a"), "target-syntax", BEGINS),
        (Request("GET", "ftp://h/"), "target-syntax", BEGINS),
        (Request("CONNECT", "h:443"), "target-syntax", BEGINS),
        (Request("GET", "*"), "target-syntax", BEGINS),
        (Request("OPTIONS", "*a"), "target-syntax", BEGINS),
        (Request("options", "*"), "target-syntax", BEGINS),
        (
            Request("GET", "http:///a"),
            "target-syntax",
            "the URL's host is missing or holds a character that a host cannot hold",
        ),
        (Request("GET", "http://u@h/a"), "userinfo", "the host is what stands behind the '@'"),
        (Request("GET", "/", (("", "a"),)), "header-syntax", "the name '' is not a token"),
        (Request("GET", "/", (("A", "b"), ("", "a"))), "header-syntax", "the name '' is not a token"),
        (Request("GET", "/", (("A", "b"), ("B ", "a"))), "header-syntax", "the name 'B ' is not a token"),
        (Request("GET", "/", (("N" * 64 + " x", "a"),)), "header-syntax", f"the name '{'N' * 64}' is not a token"),
        (Request("GET", "/", (("A", "b\r\nC: d"),)), "header-syntax", "the value of A holds a control character"),
        (Request("GET", "/", (("A", "b\0"),)), "header-syntax", "the value of A holds a control character"),
        (Request("GET", "/", (("A", "\u0100"),)), "header-syntax", "the value of A holds a character above U+00FF"),
        (
            Request("GET", "/", (("N" * 65, "\n"),)),
            "header-syntax",
            f"the value of {'N' * 64} holds a control character",
        ),
    ],
)
def test_check_request_refuses(one: Request, reason: str, detail: str) -> None:
    for _ in range(2):
        assert rejected(lambda: check_request(one)) == (reason, detail)


def test_hints_of_a_wrong_target() -> None:
    for target, hint in (
        ("/a b", "percent-encode it"),
        ("/a#b", "leave out the '#' and what follows"),
        ("a", None),
    ):
        with pytest.raises(Rejected) as caught:
            check_request(Request("GET", target))
        assert caught.value.hint == hint


def test_order_of_the_syntax_checks() -> None:
    """Two faults at once: the first of method, characters, fragment, form, headers names the reason."""
    bad = (("A B", "\n"),)
    assert rejected(lambda: check_request(Request("G T", "/ #", bad)))[0] == "request-line-syntax"
    assert rejected(lambda: check_request(Request("GET", "a #", bad)))[1].startswith("a space")
    assert rejected(lambda: check_request(Request("GET", "a#", bad)))[1] == "a fragment"
    assert rejected(lambda: check_request(Request("GET", "a", bad)))[1] == BEGINS
    assert rejected(lambda: check_request(Request("GET", "/", bad)))[1] == "the name 'A B' is not a token"


# -------------------------------------------------------------------------------------------------------------- reader


@pytest.mark.parametrize("step", [1, 7, 65536])
def test_parse(step: int) -> None:
    body = b"x" * 70_000
    data = HEAD.replace(b"GET", b"PUT").replace(b"\r\n\r\n", b"\r\nContent-Length: 70000\r\n\r\n") + body
    expected = (hash_bytes(body), 70_000)
    sources = [data, bytearray(data), Counting(data, step) if step > 1 else io.BytesIO(data)]
    for source in sources:
        one = parse_request(source, "http")  # type: ignore[arg-type]
        assert (one.method, one.target, one.scheme) == ("PUT", "/a?b=c", "http")
        assert one.headers == (("Host", "h"), ("X-A", "1"), ("Content-Length", "70000"))
        assert (one.payload_hash, one.content_length) == expected


def test_without_a_body() -> None:
    for source in (HEAD, Counting(HEAD, 1)):
        one = parse_request(source)
        assert (one.payload_hash, one.content_length, one.scheme) == (EMPTY_HASH, 0, "https")


def test_line_feeds_alone() -> None:
    one = parse_request(b"GET / HTTP/1.1\nHost: h\nContent-Length: 2\n\n\r\n")
    assert one.headers == (("Host", "h"), ("Content-Length", "2"))
    assert (one.payload_hash, one.content_length) == (hash_bytes(b"\r\n"), 2)


def test_the_first_empty_line_ends_the_head() -> None:
    one = parse_request(b"PUT / HTTP/1.1\r\nContent-Length: 6\r\n\r\na\n\nb\r\n")
    assert one.payload_hash == hash_bytes(b"a\n\nb\r\n")
    one = parse_request(b"PUT / HTTP/1.1\nContent-Length: 6\n\na\n\r\nb\n")
    assert one.payload_hash == hash_bytes(b"a\n\r\nb\n")


def test_values_are_trimmed_and_kept_byte_for_byte() -> None:
    one = parse_request(b"GET / HTTP/1.1\r\nA:\t b  c\t \r\nB:\r\nC: \xc3\xa9:\r\n\r\n")
    assert one.headers == (("A", "b  c"), ("B", ""), ("C", "\xc3\xa9:"))


def test_http_1_0() -> None:
    assert parse_request(b"GET / HTTP/1.0\r\n\r\n").target == "/"


LINE = "line {}: a carriage return or line feed that ends no line like the others"


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (b"GET  / HTTP/1.1\r\n\r\n", "request-line-syntax", "'GET  / HTTP/1.1'"),
        (b"GET /  HTTP/1.1\r\n\r\n", "request-line-syntax", "'GET /  HTTP/1.1'"),
        (b" GET / HTTP/1.1\r\n\r\n", "request-line-syntax", "' GET / HTTP/1.1'"),
        (b"GET / HTTP/1.1 \r\n\r\n", "request-line-syntax", "'GET / HTTP/1.1 '"),
        (b"GET /a?token=b c HTTP/1.1\r\n\r\n", "request-line-syntax", "'GET /a'"),
        (b"GET /a b HTTP/1.1\r\n\r\n", "request-line-syntax", "'GET /a b HTTP/1.1'"),
        (b"GET HTTP/1.1\r\n\r\n", "request-line-syntax", "'GET HTTP/1.1'"),
        (b"GET / HTTP/2\r\n\r\n", "request-line-syntax", "'GET / HTTP/2'"),
        (b"GET / HTTP/1.2\r\n\r\n", "request-line-syntax", "'GET / HTTP/1.2'"),
        (b"GET / HTTP/1.11\r\n\r\n", "request-line-syntax", "'GET / HTTP/1.11'"),
        (b"GET / http/1.1 HTTP/\r\n\r\n", "request-line-syntax", "'GET / http/1.1 HTTP/'"),
        (b"G" * 100 + b"  / HTTP/1.1\r\n\r\n", "request-line-syntax", f"'{'G' * 80}'"),
        (b"G\tT / HTTP/1.1\r\n\r\n", "request-line-syntax", "the method is not a token"),
        (b"GET /\t HTTP/1.1\r\n\r\n", "target-syntax", "a space, control or non-ASCII character"),
        (b"GET /\xc3\xa9 HTTP/1.1\r\n\r\n", "target-syntax", "a space, control or non-ASCII character"),
        (b"GET /#f HTTP/1.1\r\n\r\n", "target-syntax", "a fragment"),
        (b"GET http://u@h/ HTTP/1.1\r\n\r\n", "userinfo", "the host is what stands behind the '@'"),
        (b"GET / HTTP/1.1\r\nHost : h\r\n\r\n", "header-syntax", "'Host '"),
        (b"GET / HTTP/1.1\r\nHost\r\n\r\n", "header-syntax", "a line without a name and a colon"),
        (b"GET / HTTP/1.1\r\n: h\r\n\r\n", "header-syntax", "a line without a name and a colon"),
        (b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "header-syntax", "a line without a name and a colon"),
        (b"GET / HTTP/1.1\r\nA: b\r\n\tc: d\r\n\r\n", "header-syntax", "a line without a name and a colon"),
        (b"GET / HTTP/1.1\r\nA: b\r\n" + b"B " * 50 + b":\r\n\r\n", "header-syntax", f"'{'B ' * 40}'"),
        (b"GET / HTTP/1.1\r\nA: b\0\r\n\r\n", "header-syntax", "the value of A holds a control character"),
        (b"GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n", "header-syntax", LINE.format(2)),
        (b"GET / HTTP/1.1\nA: b\r\nB: c\n\n", "header-syntax", LINE.format(2)),
        (b"GET / HTTP/1.1\nA: b\r\n\n", "header-syntax", LINE.format(1)),
        (b"GET / HTTP/1.1\r\nA: b\n\n", "header-syntax", LINE.format(1)),
        (b"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "header-syntax", LINE.format(2)),
        (b"GET / HTTP/1.1\r\r\nA: b\r\n\r\n", "header-syntax", LINE.format(1)),
        (b"GET / HTTP/1.1\r\nA: b\r\n", "header-syntax", "no empty line ends the headers"),
        (b"GET / HTTP/1.1", "header-syntax", "no empty line ends the headers"),
    ],
)
def test_refused(data: bytes, reason: str, detail: str) -> None:
    assert refuse(data) == (reason, detail)


NOT_HTTP = "not an HTTP message: the first line is not METHOD TARGET HTTP/1.1"


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\r\n\r\n", b"{}\n\n", b"curl https://h/\n\n", b"x\n HTTP/1.1\n\n", b"GET / HTTP\n HTTP/"]
)
def test_what_is_no_message_at_all(data: bytes) -> None:
    for source in (data, Counting(data, 1)):
        with pytest.raises(InputError) as caught:
            parse_request(source)
        assert (caught.value.message, caught.value.hint) == (NOT_HTTP, None)


def test_the_head_is_bounded() -> None:
    assert MAX_HEAD == 1024 * 1024
    start = b"GET / HTTP/1.1\r\nA: "
    longest = start + b"b" * (MAX_HEAD - len(start) - 1) + b"\r\n\r\n"
    assert longest.find(b"\n\r\n") == MAX_HEAD
    for source in (longest, io.BytesIO(longest)):
        assert len(parse_request(source).values("a")[0]) == MAX_HEAD - len(start) - 1
    over = start + b"b" * (MAX_HEAD - len(start)) + b"\r\n\r\n"
    for source in (over, io.BytesIO(over), b"GET / HTTP/1.1\n" + b"b" * MAX_HEAD):
        with pytest.raises(InputError) as caught:
            parse_request(source)
        assert caught.value.message == "the head of the HTTP message is over 1 MiB"


def test_no_more_is_read_than_an_oversized_head_needs() -> None:
    endless = Counting(b"GET / HTTP/1.1\n" + b"b" * (3 * MAX_HEAD), 65536)
    with pytest.raises(InputError, match="over 1 MiB"):
        parse_request(endless)
    assert endless.tell() <= MAX_HEAD + 2 * 65536


# ---------------------------------------------------------------------------------------------------------------- body


def with_length(*lengths: str, body: bytes = b"") -> bytes:
    lines = "".join(f"Content-Length: {one}\r\n" for one in lengths)
    return f"PUT / HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


@pytest.mark.parametrize(
    ("lengths", "body"), [((), b""), (("0",), b""), (("000",), b""), (("3",), b"abc"), (("03",), b"abc")]
)
def test_length(lengths: tuple[str, ...], body: bytes) -> None:
    assert parse_request(with_length(*lengths, body=body)).content_length == len(body)


@pytest.mark.parametrize(
    ("lengths", "body", "detail"),
    [
        ((), b"a", "there is no Content-Length and 1 octets follow"),
        (("0",), b"a", "Content-Length says 0 and 1 octets follow"),
        (("3",), b"ab", "Content-Length says 3 and 2 octets follow"),
        (("3",), b"abcd", "Content-Length says 3 and 4 octets follow"),
        (("3",), b"abc\r\n", "Content-Length says 3 and 5 octets follow"),
        (("9" * 40,), b"", f"Content-Length says {'9' * 32} and 0 octets follow"),
        (("0", "0"), b"", "Content-Length stands twice"),
        (("3, 3",), b"abc", "Content-Length '3, 3' is not a number"),
        (("+3",), b"abc", "Content-Length '+3' is not a number"),
        (("-0",), b"", "Content-Length '-0' is not a number"),
        (("",), b"", "Content-Length '' is not a number"),
        (("3\xb2",), b"abc", "Content-Length '3²' is not a number"),
        (("\xb3",), b"abc", "Content-Length '³' is not a number"),
        (("0x3",), b"abc", "Content-Length '0x3' is not a number"),
        (("x" * 40,), b"", f"Content-Length '{'x' * 32}' is not a number"),
    ],
)
def test_length_refused(lengths: tuple[str, ...], body: bytes, detail: str) -> None:
    assert refuse(with_length(*lengths, body=body)) == ("body-length", detail)


def test_a_body_given_apart() -> None:
    for source in (with_length("3"), io.BytesIO(with_length("3"))):
        one = parse_request(source, body=io.BytesIO(b"abc"))
        assert (one.payload_hash, one.content_length) == (hash_bytes(b"abc"), 3)
    assert parse_request(with_length(), body=io.BytesIO(b"")).content_length == 0


@pytest.mark.parametrize(
    ("data", "body", "reason", "detail"),
    [
        (with_length("3"), b"ab", "body-length", "Content-Length says 3 and 2 octets follow"),
        (with_length(), b"ab", "body-length", "there is no Content-Length and 2 octets follow"),
        (with_length("3", body=b"abc"), b"abc", "body-length", "the message has a body and another one was given"),
        (with_length("3", body=b"a"), b"", "body-length", "the message has a body and another one was given"),
        (
            b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"abc",
            "transfer-encoding",
            "the body was given apart from a message that is chunked",
        ),
    ],
)
def test_a_body_given_apart_refused(data: bytes, body: bytes, reason: str, detail: str) -> None:
    for source in (data, Counting(data, 65536), Counting(data, data.index(b"\r\n\r\n") + 4)):
        assert rejected(lambda source=source: parse_request(source, body=io.BytesIO(body))) == (reason, detail)


def chunked(body: bytes, *headers: bytes, line: bytes = b"\r\n", version: bytes = b"1.1") -> bytes:
    lines = [b"PUT / HTTP/" + version, *(headers or (b"Transfer-Encoding: chunked",)), b"", body]
    return line.join(lines)


@pytest.mark.parametrize(
    ("body", "decoded"),
    [
        (b"0\r\n\r\n", b""),
        (b"000\r\n\r\n", b""),
        (b"3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n", b"abc0123456789"),
        (b"a\r\n\r\n0\r\n\r\n12\r\n\r\n0\r\n\r\n", None),
        (b"A;x=y\r\n0123456789\r\n0;z\r\n\r\n", b"0123456789"),
        (b"3 \t;x=y\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"3;x=\ty \xe9\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n"),
        (b"000000000000000A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
    ],
)
def test_chunked(body: bytes, decoded: "bytes | None") -> None:
    if decoded is None:
        body, decoded = b"a\r\n\r\n0\r\n\r\n123\r\n0\r\n\r\n", b"\r\n0\r\n\r\n123"
    data = chunked(body)
    for source in (data, Counting(data, 65536), Counting(data, 1)):
        one = parse_request(source)
        assert (one.payload_hash, one.content_length) == (hash_bytes(decoded), len(decoded))


def test_chunked_with_line_feeds_alone() -> None:
    one = parse_request(chunked(b"3\nabc\n0\n\n", line=b"\n"))
    assert (one.payload_hash, one.content_length) == (hash_bytes(b"abc"), 3)
    assert parse_request(chunked(b"0\r\n\r\n", b"TRANSFER-ENCODING: Chunked")).content_length == 0


END = "the last chunk is not the end, or trailer fields follow it"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "b'' is not the size of a chunk"),
        (b"0", "b'' is not the size of a chunk"),
        (b"\r\n", "b'' is not the size of a chunk"),
        (b";x\r\n\r\n", "b';x' is not the size of a chunk"),
        (b" 3\r\nabc\r\n0\r\n\r\n", "b' 3' is not the size of a chunk"),
        (b"3 \r\nabc\r\n0\r\n\r\n", "b'3 ' is not the size of a chunk"),
        (b"+3\r\nabc\r\n0\r\n\r\n", "b'+3' is not the size of a chunk"),
        (b"-0\r\n\r\n", "b'-0' is not the size of a chunk"),
        (b"0x3\r\nabc\r\n0\r\n\r\n", "b'0x3' is not the size of a chunk"),
        (b"3_0\r\nabc\r\n0\r\n\r\n", "b'3_0' is not the size of a chunk"),
        (b"g\r\n\r\n", "b'g' is not the size of a chunk"),
        (b"\xb2\r\n\r\n", "b'\\xb2' is not the size of a chunk"),
        (b"3;a=b\rc\r\nabc\r\n0\r\n\r\n", "b'3;a=b\\rc' is not the size of a chunk"),
        (b"3;a=\0\r\nabc\r\n0\r\n\r\n", "b'3;a=\\x00' is not the size of a chunk"),
        (b"3\nabc\n0\n\n", "b'' is not the size of a chunk"),
        (b"00000000000000003\r\nabc\r\n0\r\n\r\n", "b'00000000000000003' is not the size of a chunk"),
        (b"Z" * 40 + b"\r\n", f"b'{'Z' * 32}' is not the size of a chunk"),
        (b"3\r\nab\r\n0\r\n\r\n", "a chunk is not 3 octets long"),
        (b"3\r\nabcd\r\n0\r\n\r\n", "a chunk is not 3 octets long"),
        (b"3\r\nabc", "a chunk is not 3 octets long"),
        (b"3\r\nabc\n0\r\n\r\n", "a chunk is not 3 octets long"),
        (b"FFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n", "a chunk is not 18446744073709551615 octets long"),
        (b"3\r\nabc\r\n", "b'' is not the size of a chunk"),
        (b"0\r\n", END),
        (b"0\r\n\r\n\r\n", END),
        (b"0\r\n\r\nx", END),
        (b"0\r\nA: b\r\n\r\n", END),
        (b"0\r\nContent-Length: 3\r\n\r\n", END),
        (b"0\r\n\n", END),
    ],
)
def test_chunked_refused(body: bytes, detail: str) -> None:
    assert refuse(chunked(body)) == ("transfer-encoding", detail)


@pytest.mark.parametrize(
    "headers",
    [
        (b"Transfer-Encoding: gzip",),
        (b"Transfer-Encoding: gzip, chunked",),
        (b"Transfer-Encoding: chunked, chunked",),
        (b"Transfer-Encoding: xchunked",),
        (b"Transfer-Encoding:",),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"),
        (b"Transfer-Encoding: chunked", b"Content-Length: 0"),
        (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
    ],
)
def test_other_codings_refused(headers: tuple[bytes, ...]) -> None:
    assert refuse(chunked(b"0\r\n\r\n", *headers)) == ("transfer-encoding", "")


def test_http_1_0_has_no_coding() -> None:
    assert refuse(chunked(b"0\r\n\r\n", version=b"1.0")) == ("transfer-encoding", "HTTP/1.0 has none")


def test_a_chunked_body_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """64 times the longest head, the coding included, where the message comes from a reader."""
    monkeypatch.setattr(module, "MAX_HEAD", 1024)
    body = b"x" * (64 * 1024 - len(b"fff0\r\n" + b"\r\n0\r\n\r\n"))
    exact = chunked(f"{len(body):x}".encode() + b"\r\n" + body + b"\r\n0\r\n\r\n")
    assert len(exact.partition(b"\r\n\r\n")[2]) == 64 * 1024
    assert parse_request(Counting(exact, 50)).content_length == len(body)
    over = exact.replace(b"fff", b"0fff", 1) if b"fff" in exact[:80] else b""
    assert parse_request(over).content_length == len(body)
    with pytest.raises(InputError) as caught:
        parse_request(Counting(over, 50))
    assert caught.value.message == "a chunked body over 64 MiB"
    assert caught.value.hint == "decode the body and give it with --body"


@pytest.mark.parametrize("line", [b"1\x0b;a", b"1\x0c;a", b"1X;a", b"X;a", b"X", b"1 ", b";a", b"1\xa0;a"])
def test_a_chunk_size_of_other_characters(line: bytes) -> None:
    data = b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + line + b"\r\nx\r\n0\r\n\r\n"
    assert refuse(data) == ("transfer-encoding", f"{line!r} is not the size of a chunk")


def test_what_was_checked_is_not_checked_again() -> None:
    one = check_request(Request("GET", "/a"))
    one.target = "a b"
    assert check_request(one) is one


def test_a_body_of_many_lines_is_no_first_line() -> None:
    """Only the first line says whether it is an HTTP message at all."""
    for data in (b"x\ny HTTP/1.1\nz", b"x\ny\nz HTTP/1.1\n"):
        with pytest.raises(InputError) as caught:
            parse_request(data)
        assert caught.value.message == "not an HTTP message: the first line is not METHOD TARGET HTTP/1.1"
    assert refuse(b"GET / HTTP/1.1\nHost: h")[0] == "header-syntax"
    with pytest.raises(InputError):
        parse_request(b"\n\nGET / HTTP/1.1\r\n\r\n")
    with pytest.raises(InputError):
        parse_request(b"\n\r\nGET / HTTP/1.1\n\n")
