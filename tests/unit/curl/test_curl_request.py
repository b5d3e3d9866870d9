"""Is the plan for a curl line the request that curl would send, and is a line refused that could become another?"""

import hashlib
import io

import pytest

from authkit.curl import options as table
from authkit.curl.line import parse_line
from authkit.curl.request import CurlPlan, plan
from authkit.errors import AuthkitError, InputError, Refused, UsageError

FILES = {
    "f": b"a\nb",
    "d/f g": b"up",
    "-": b"in\nput",
    "cfg": b'url = "http://c/"\nheader = "X: y"\nsilent\n',
    "outer": b"config = inner\n-X PUT\n",
    "inner": b"-K leaf",
    "leaf": b"url = http://leaf/",
    "loop": b"config = loop",
    "X": b"x",
    "[f]": b"y",
    **{f"deep{number}": f"config = deep{number + 1}".encode() for number in range(9)},
    "deep9": b"url = http://deep/",
    "user": b"\n\nuser = a:b",
    "flag": b"silent = yes",
    "blank": b'silent = ""',
    "bad": b"dog = 1",
    "extra": b"silent\ndata = a b",
    "off": b"location\nno-location\nurl = http://h/",
}
FORM = "application/x-www-form-urlencoded"
U = "https://h.example/p"
GENERATED = ("accept", "content-length", "expect", "user-agent")


def read(name: str) -> io.BytesIO:
    if name not in FILES:
        raise InputError(f"{name}: no such file")
    return io.BytesIO(FILES[name])


def make(*words: str, **settings: object) -> CurlPlan:
    settings.setdefault("read", read)
    return plan(parse_line(["curl", *words]), **settings)  # type: ignore[arg-type]


def headers(made: CurlPlan) -> "list[str]":
    return [f"{name}: {value}" for name, value in made.request.headers]


def test_the_plainest_line() -> None:
    made = make(U)
    assert (made.request.method, made.request.target, made.request.scheme) == ("GET", "/p", "https")
    assert made.request.headers == (("Host", "h.example"),)
    assert (made.request.payload_hash, made.request.content_length) == (hashlib.sha256(b"").hexdigest(), 0)
    assert (made.url, made.origin, made.authority) == (U, "https://h.example", "h.example")
    assert (made.keep, made.body, made.form, made.removed, made.secrets, made.warnings) == ([], None, [], [], (), [])
    assert (made.head, made.request_target, made.insecure, made.generated) == (False, False, None, GENERATED)


@pytest.mark.parametrize(
    ("words", "method", "target"),
    [
        (["-X", "DELETE"], "DELETE", "/p"),
        (["-X", "A", "--request", "B"], "B", "/p"),
        (["-I"], "HEAD", "/p"),
        (["-I", "-X", "GET"], "GET", "/p"),
        (["-I", "--no-head"], "GET", "/p"),
        (["-d", "a"], "POST", "/p"),
        (["--json", "1"], "POST", "/p"),
        (["-d", "a", "-X", "PATCH"], "PATCH", "/p"),
        (["-G"], "GET", "/p"),
        (["-G", "-d", "a=1", "-d", "b=x y"], "GET", "/p?a=1&b=x%20y"),
        (["-G", "--no-get", "-d", "a"], "POST", "/p"),
        (["-G", "--json", "{}"], "GET", "/p?{}"),
        (["-G", "-I", "-d", "@f"], "HEAD", "/p?ab"),
        (["-G", "--data-binary", "@-"], "GET", None),
        (["-G", "-d", "@-"], "GET", "/p?input"),
        (["--url-query", "a=b c"], "GET", "/p?a=b+c"),
        (["--url-query", "+a=b%2Fc"], "GET", "/p?a=b%2fc"),
        (["--url-query", "@f", "--url-query", "n@f"], "GET", "/p?a%0ab&n=a%0ab"),
        (["-G", "--url-query", "a"], "GET", "/p?a"),
        (["-d", "x", "--url-query", "a"], "POST", "/p?a"),
        (["-T", "f"], "PUT", "/p"),
        (["-T", "f", "-X", "POST"], "POST", "/p"),
        (["-T", "-"], "PUT", "/p"),
        (["-T", "."], "PUT", "/p"),
        (["--request-target", "*", "-X", "OPTIONS"], "OPTIONS", "*"),
        (["--request-target", "/a", "--request-target", "/../b?c"], "GET", "/../b?c"),
        (["-F", "a=b"], "POST", "/p"),
    ],
)
def test_method_and_target(words: "list[str]", method: str, target: "str | None") -> None:
    if target is None:
        with pytest.raises(InputError, match="^curl's --data-binary puts a control character into the query$"):
            make(*words, U, have_stdin=True)
        return
    made = make(*words, U, have_stdin=True, unsigned_payload=True)
    assert (made.request.method, made.request.target) == (method, target)
    assert made.request_target == ("--request-target" in words)
    assert made.url == (U if made.request_target else "https://h.example" + target)


@pytest.mark.parametrize(
    ("words", "body", "raw", "types"),
    [
        (["-d", "a"], ("data-binary", b"a"), b"a", [f"Content-Type: {FORM}"]),
        (["-d", ""], ("data-binary", b""), b"", [f"Content-Type: {FORM}"]),
        (["-d", "@f"], ("data-binary", b"ab"), b"ab", [f"Content-Type: {FORM}"]),
        (["--data-binary", "@f"], ("file", "f"), b"a\nb", [f"Content-Type: {FORM}"]),
        (["--data-binary", "@f", "-d", "c"], ("data-binary", b"a\nb&c"), b"a\nb&c", [f"Content-Type: {FORM}"]),
        (["-d", "@-"], ("stdin", b"input"), b"input", [f"Content-Type: {FORM}"]),
        (["--json", "@f"], ("file", "f"), b"a\nb", ["Content-Type: application/json", "Accept: application/json"]),
        (["--json", "1"], ("data-binary", b"1"), b"1", ["Content-Type: application/json", "Accept: application/json"]),
        (["-G", "--json", "1"], None, b"", ["Content-Type: application/json", "Accept: application/json"]),
        (["-G", "-d", "1"], None, b"", []),
        (["-T", "f"], ("upload", "f"), b"a\nb", []),
        (["-T", "-"], ("stdin", b"in\nput"), b"in\nput", []),
        (["-d", "a", "-H", "content-type: t"], ("data-binary", b"a"), b"a", ["content-type: t"]),
        (["-d", "a", "-H", "content-type;"], ("data-binary", b"a"), b"a", ["content-type: "]),
        (["-d", "a", "-H", "Content-Type:"], ("data-binary", b"a"), b"a", []),
        (
            ["--json", "1", "-H", "accept: t"],
            ("data-binary", b"1"),
            b"1",
            ["accept: t", "Content-Type: application/json"],
        ),
        (["--json", "1", "-H", "Accept:"], ("data-binary", b"1"), b"1", ["Content-Type: application/json"]),
        (["--json", "1", "-H", "Content-Type:"], ("data-binary", b"1"), b"1", ["Accept: application/json"]),
    ],
)
def test_body_and_type(words: "list[str]", body: object, raw: bytes, types: "list[str]") -> None:
    made = make(*words, U, have_stdin=True)
    assert made.body == body
    assert (made.request.payload_hash, made.request.content_length) == (hashlib.sha256(raw).hexdigest(), len(raw))
    assert headers(made) == ["Host: h.example", *types]


def test_an_upload_names_itself() -> None:
    made = make("-T", "d/f g", "https://h.example/x/")
    assert (made.request.target, made.body) == ("/x/f%20g", ("upload", "d/f g"))
    assert make("-T", "f", "-g", U).body == ("upload", "f")
    assert make("-T", "[f]", "-g", U).body == ("upload", "[f]")
    assert make("-T", "X", U).body == ("upload", "X")


def test_a_form_is_known_to_curl_alone() -> None:
    made = make("-F", "a=@f", "--form-string", "b=@c", "--form-escape", U, unsigned_payload=True)
    assert (made.body, made.form) == (("form", ""), [("form", "a=@f"), ("form-string", "b=@c")])
    assert (made.request.payload_hash, made.request.content_length) == (None, None)
    assert made.keep == [("form-escape", None)]
    assert made.generated == ("accept", "content-length", "content-type", "expect", "user-agent")
    assert headers(made) == ["Host: h.example"]


@pytest.mark.parametrize(
    ("words", "expected", "removed"),
    [
        (["-H", "B: 1", "-H", "A: 2", "-H", "b: 3"], ["B: 1", "A: 2", "b: 3"], []),
        (["-A", "ua"], ["User-Agent: ua"], []),
        (["-A", "x", "-A", "y é"], ["User-Agent: y \xc3\xa9"], []),
        (["-A", ""], [], ["user-agent"]),
        (["-A", "x", "-H", "user-agent: y"], ["user-agent: y"], []),
        (["-A", "x", "-H", "user-agent:"], [], ["user-agent"]),
        (["-e", "http://r/"], ["Referer: http://r/"], []),
        (["-e", "http://r/;auto"], ["Referer: http://r/"], []),
        (["-e", ";auto"], [], []),
        (["-e", ""], [], []),
        (["-e", "x", "-H", "Referer: y"], ["Referer: y"], []),
        (["-b", "a=1", "-b", "b=2; c=3"], ["Cookie: a=1;b=2; c=3"], []),
        (["-b", "a=1", "-H", "cookie: x"], ["cookie: x"], []),
        (["-r", "0-9"], ["Range: bytes=0-9"], []),
        (["-r", "5"], ["Range: bytes=5-"], []),
        (["-r", "-5"], ["Range: bytes=-5"], []),
        (["-r", "1-2,4-"], ["Range: bytes=1-2,4-"], []),
        (["-r", "x"], ["Range: bytes=x"], []),
        (["-r", "1-", "-r", ""], [], []),
        (["-r", "1-", "-H", "range: bytes=2-"], ["range: bytes=2-"], []),
        (["-b", "a=1", "-e", "r", "-A", "u", "-r", "1", "-H", "X: y"],
         ["Range: bytes=1-", "User-Agent: u", "Referer: r", "Cookie: a=1", "X: y"], []),
        (["-H", "X-None:", "-H", "Accept:"], [], ["x-none", "accept"]),
        (["-H", "Content-Length: 0"], ["Content-Length: 0"], []),
        (["-H", "X: y", "-H", "Host: other:81"], ["X: y"], []),
    ],
)  # fmt: skip
def test_headers(words: "list[str]", expected: "list[str]", removed: "list[str]") -> None:
    made = make(*words, U)
    host = "Host: other:81" if "Host: other:81" in words else "Host: h.example"
    assert headers(made) == [host, *expected]
    assert made.removed == removed
    assert made.authority == "h.example"


@pytest.mark.parametrize(
    ("words", "generated"),
    [
        ([], GENERATED),
        (["-A", "x"], ("accept", "content-length", "expect")),
        (["-A", ""], ("accept", "content-length", "expect")),
        (["-H", "ACCEPT: x", "-H", "Expect:"], ("content-length", "user-agent")),
        (["-d", "a", "-H", "Content-Length: 1"], ("accept", "expect", "user-agent")),
        (["--compressed"], ("accept", "accept-encoding", "content-length", "expect", "user-agent")),
        (["--compressed", "--no-compressed"], GENERATED),
        (["--tr-encoding"], ("accept", "connection", "content-length", "expect", "te", "user-agent")),
    ],
)
def test_headers_that_curl_adds(words: "list[str]", generated: "tuple[str, ...]") -> None:
    assert make(*words, U).generated == generated


@pytest.mark.parametrize(
    ("words", "keep"),
    [
        (["-sSo", "out", "-m", "5"], [("silent", None), ("show-error", None), ("output", "out"), ("max-time", "5")]),
        (["-N", "--no-keepalive"], [("no-buffer", None), ("no-keepalive", None)]),
        (["-s", "--no-silent"], [("silent", None), ("no-silent", None)]),
        (["-w", "%{http_code}\n"], [("write-out", "%{http_code}\n")]),
        (["--resolve", "h:1:::1", "-4"], [("resolve", "h:1:::1"), ("ipv4", None)]),
        (["-g", "--path-as-is", "-q", "-X", "A", "-G", "--proto-default", "http"], []),
        (["--cert", "c.pem", "--key", "k.pem"], [("cert", "c.pem"), ("key", "k.pem"), ("tlsv1.3", None)]),
        (["-L", "--no-location"], []),
        (["-o", "@-"], [("output", "@-")]),
        (["-w", "@f"], [("write-out", "@f")]),
    ],
)
def test_what_is_repeated(words: "list[str]", keep: "list[tuple[str, str | None]]") -> None:
    made = make(*words, U)
    assert (made.keep, made.secrets) == (keep, ())


@pytest.mark.parametrize(
    ("words", "secrets"),
    [
        (["--cert", "c.pem:pw"], ("--cert",)),
        (["--cert", "c\\:pem", "--proxy-cert", "c:", "--proxy-key", "k"], ()),
        (["--cert", "pkcs11:object=a:b", "--proxy-cert", "pkcs11:object=c?pin-value=1"], ("--proxy-cert",)),
        (["-E", "c.pem:pw", "--pass", "x"], ("-E", "--pass")),
        (["--pass", ""], ("--pass",)),
        (["-x", "http://u:p@proxy"], ("-x",)),
        (["-x", "http://proxy:3128"], ()),
        (["-U", "u:p"], ("-U",)),
        (["--key", "pkcs11:object=k"], ()),
        (["--key", "pkcs11:object=k?pin-value=1"], ("--key",)),
        (["--proxy-header", "Proxy-Authorization: x"], ("--proxy-header",)),
        (["--tlspassword", "x", "--proxy-tlspassword", "y"], ("--tlspassword", "--proxy-tlspassword")),
    ],
)
def test_what_must_not_be_printed(words: "list[str]", secrets: "tuple[str, ...]") -> None:
    assert make(*words, U).secrets == secrets


@pytest.mark.parametrize(
    ("words", "insecure"),
    [
        ([U], None),
        (["-k", U], "-k"),
        (["--insecure", "--no-insecure", U], None),
        (["http://h/"], "http"),
        (["-k", "http://h/"], "http"),
        (["-k", "http://localhost/"], "-k"),
        (["http://localhost:81/"], None),
        (["http://127.0.0.1/"], None),
        (["http://[::1]/"], None),
        (["--unix-socket", "s", "http://h/"], None),
        (["--abstract-unix-socket", "s", "http://h/"], None),
        (["-H", "Host: localhost", "http://h/"], "http"),
        *[([f"--{name}", "x", "http://localhost/"], "http") for name in table.REROUTES],
        (["-x", "p", "https://localhost/"], None),
    ],
)
def test_who_else_could_read_it(words: "list[str]", insecure: "str | None") -> None:
    assert make(*words).insecure == insecure


@pytest.mark.parametrize(
    ("words", "warnings"),
    [
        (["-v", U], ["curl's -v shows the signature"]),
        (["--trace", "t", "--trace-ascii", "t", U], [
            "curl's --trace shows the signature", "curl's --trace-ascii shows the signature",
        ]),
        (["--no-verbose", U], []),
        (["h.example"], ["the URL names no scheme, so curl takes http://"]),
        (["--proto-default", "https", "h.example"], ["the URL names no scheme, so curl takes https://"]),
        (["http://h/a b"], ["the URL holds a space, which curl refuses: it is sent as %20"]),
    ],
)  # fmt: skip
def test_warnings(words: "list[str]", warnings: "list[str]") -> None:
    assert make(*words).warnings == warnings


def test_what_the_data_loses_is_a_warning() -> None:
    lost = "curl's -d loses part of the file: curl stops at a NUL byte, and at a CR that ends no line"
    settings = {"read": lambda name: io.BytesIO(b"a\0b")}
    assert make("-d", "@f", U, **settings).warnings == [lost]
    assert make("-G", "-d", "@f", U, **settings).warnings == [lost]


LEAVE = "leave it out"
TWO = "the curl line asks for two kinds of request at once, which curl does not send"
SEVERAL = "the curl line names several URLs, and a signature is good for one request"
URLS = "curl would read URLs from the file that the URL names with '@'"
METHOD = "curl's -X is not a method, which has no spaces or control characters"
RANGE = "curl's -r with a body makes curl send a header that it computes itself"


@pytest.mark.parametrize(("name", "letter", "takes", "fate"), [
    row for row in table.ROWS if row[3] not in (table.KEEP, table.MEANT)
])  # fmt: skip
def test_every_refused_option_is_refused_by_name(name: str, letter: str, takes: int, fate: str) -> None:
    for typed in [f"--{name}", f"-{letter}"] if letter else [f"--{name}"]:
        words = [typed, "x"] if takes == table.VALUE else [typed]
        with pytest.raises(Refused) as caught:
            make(*words, U)
        assert (caught.value.message, caught.value.hint) == (f"curl's {typed} {fate}", LEAVE)
    if takes == table.FLAG:
        assert make(f"--{name}", f"--no-{name}", U).keep == []


@pytest.mark.parametrize(
    ("words", "kind", "message", "hint"),
    [
        ([], UsageError, "the curl line names no URL", None),
        ([""], UsageError, "the curl line names no URL", None),
        (["-s"], UsageError, "the curl line names no URL", None),
        ([U, U], Refused, SEVERAL, "sign one at a time"),
        (["--url", U, U], Refused, SEVERAL,
         "sign one at a time"),
        (["--url", "@f"], Refused, URLS, "write the URL itself"),
        (["-d", "a", "-I", U], UsageError, TWO, None),
        (["-d", "a", "-T", "f", U], UsageError,
         TWO, None),
        (["-d", "a", "-F", "b=c", U], UsageError,
         TWO, None),
        (["-T", "f", "-F", "b=c", U], UsageError,
         TWO, None),
        (["-I", "-T", "f", U], UsageError,
         TWO, None),
        (["-G", "-T", "f", U], UsageError,
         TWO, None),
        (["-G", "-F", "a=b", U], UsageError,
         TWO, None),
        (["-F", "a=b", U], Refused, "curl's -F writes a body with a random boundary, which cannot be signed",
         "add --payload unsigned"),
        (["-G", "-d", "a", "--url-query", "b", U], Refused, "curl ignores --url-query beside -G with data",
         "write all of the query in one way"),
        (["-G", "-d", "a#b", U], Refused, "curl's -d has a '#', at which curl would cut the query", "write it as %23"),
        (["--url-query", "+#", U], Refused, "curl's --url-query has a '#', at which curl would cut the query",
         "write it as %23"),
        (["-T", "", U], Refused, "curl's -T must name exactly one file", None),
        (["-T", "f", "-T", "f", U], Refused, "curl's -T must name exactly one file", None),
        (["-T", "{f,g}", U], Refused, "curl's -T names a file that curl would read as a pattern for several",
         "put -g on the curl line"),
        (["-T", "[1-2]", U], Refused, "curl's -T names a file that curl would read as a pattern for several",
         "put -g on the curl line"),
        (["-T", "-", U], Refused, "curl's -T sends standard input, which a printed command cannot repeat",
         "add --run, or name a file"),
        (["-d", "@-", U], Refused, "curl's -d sends standard input, which a printed command cannot repeat",
         "add --run, or name a file"),
        (["-K", "-", U], InputError, "-K - line 1: curl's in is an abbreviation, which not every curl reads",
         "write --include or --insecure or --interface"),
        (["-d", "@nope", U], InputError, "nope: no such file", None),
        (["--data-binary", "@nope", U], InputError, "nope: no such file", None),
        (["-T", "nope", U], InputError, "nope: no such file", None),
        (["-H", "@nope", U], InputError, "nope: no such file", None),
        (["-K", "nope", U], InputError, "nope: no such file", None),
        (["-X", "FOO BAR", U], UsageError, METHOD, None),
        (["-X", "GET\r\nX: y", U], UsageError, METHOD, None),
        (["-X", "", U], UsageError, METHOD, None),
        (["--request-target", "/ x", U], UsageError,
         "curl's --request-target holds what cannot stand in a request line", None),
        (["--request-target", "/é", U], UsageError,
         "curl's --request-target holds what cannot stand in a request line", None),
        (["-H", "Authorization: x", U], Refused, "curl's -H sets Authorization, which signing sets", LEAVE),
        (["-H", "Host: a", "-H", "Host: b", U], Refused,
         "the curl line sets Host twice, and curl would send one of the two", None),
        (["-d", "abcdef", "-H", "Content-Length: 3", U], Refused,
         "the curl line's Content-Length is not true: the body has 6 bytes", LEAVE),
        (["-H", "Content-Length: 1", U], Refused,
         "the curl line's Content-Length is not true: the body has 0 bytes", LEAVE),
        (["-A", "a\nb", U], UsageError, "what the curl line sets as User-Agent holds a control character", None),
        (["-b", "a=\r", U], UsageError, "what the curl line sets as Cookie holds a control character", None),
        (["-b", "jar", U], Refused, "curl's -b reads cookies from a file when curl runs", "write NAME=VALUE"),
        (["-b", "@a=b", U], Refused, "curl's -b reads cookies from a file when curl runs", "write NAME=VALUE"),
        (["-b", "", U], Refused, "curl's -b reads cookies from a file when curl runs", "write NAME=VALUE"),
        (["-r", "1-", "-d", "a", U], Refused, RANGE, LEAVE),
        (["-r", "1-", "-T", "f", U], Refused, RANGE, LEAVE),
        (["-w", "@-", U], Refused, "curl's -w reads standard input when curl runs", "name a file"),
        (["--proxy-header", "@-", U], Refused,
         "curl's --proxy-header reads standard input when curl runs", "name a file"),
        (["-K", "user"], Refused,
         "user line 3: curl's user sets an Authorization of its own, and a signed request has one",
         "remove it there, or put -q first on the curl line"),
        (["-K", "flag", U], InputError, "flag line 1: curl's silent takes no value", None),
        (["-K", "blank", U], InputError, "blank line 1: curl's silent takes no value", None),
        (["-K", "extra", U], InputError, "extra line 2: text behind the value, which curl ignores",
         "put the value in double quotes"),
        (["-K", "bad", U], InputError, "bad line 1: curl has no such option", None),
        (["-K", "loop", U], Refused, "loop line 1: curl's config is nested more than 10 deep", None),
        (["ftp://h/"], Refused, "curl speaks no HTTP for ftp://", "only http:// and https:// are signed"),
        (["--proto-default", "ftp", "h"], Refused, "curl speaks no HTTP for ftp://",
         "only http:// and https:// are signed"),
    ],
)  # fmt: skip
def test_refusals(words: "list[str]", kind: "type[AuthkitError]", message: str, hint: "str | None") -> None:
    with pytest.raises(kind) as caught:
        make(*words)
    assert (type(caught.value), caught.value.message, caught.value.hint) == (kind, message, hint)


def test_a_form_with_a_type_of_its_own() -> None:
    with pytest.raises(Refused) as caught:
        make("-F", "a=b", "-H", "content-type: x", U, unsigned_payload=True)
    assert (caught.value.message, caught.value.hint) == (
        "curl adds a boundary to the Content-Type of a form after it is signed",
        "leave Content-Type out",
    )


def test_a_form_has_no_length_to_claim() -> None:
    with pytest.raises(Refused, match="^the curl line's Content-Length is not true: curl alone knows the length$"):
        make("-F", "a=b", "-H", "Content-Length: 3", U, unsigned_payload=True)


def test_standard_input_that_becomes_the_query_needs_no_run() -> None:
    assert make("-G", "-d", "@-", U).request.target == "/p?input"
    assert make("--url-query", "@-", U).request.target == "/p?in%0aput"


def test_standard_input_serves_once() -> None:
    with pytest.raises(Refused, match="^curl's -H reads standard input a second time$"):
        make("-d", "@-", "-H", "@-", U, have_stdin=True)


def test_a_configuration_file_stands_where_it_is_named() -> None:
    made = make("-H", "A: 1", "-K", "cfg", "-H", "B: 2", "-v")
    assert headers(made) == ["Host: c", "A: 1", "X: y", "B: 2"]
    assert made.keep == [("silent", None), ("verbose", None)]
    made = make("-X", "GET", "-K", "outer")
    assert (made.request.method, made.url) == ("PUT", "http://leaf/")
    assert make("-K", "off").url == "http://h/"
    assert make("-K", "deep0").url == "http://deep/"


def test_the_users_own_configuration_file() -> None:
    rc = b'-A rc\nheader = "X: rc"\n'
    made = make("-A", "line", U, curlrc=rc)
    assert headers(made) == ["Host: h.example", "User-Agent: line", "X: rc"]
    assert headers(make(U, curlrc=b"")) == ["Host: h.example"]
    for first in ("-q", "--disable", "-qs"):
        assert headers(make(first, U, curlrc=rc)) == ["Host: h.example"]
    assert headers(make("-s", "-q", U, curlrc=rc)) == ["Host: h.example", "User-Agent: rc", "X: rc"]


@pytest.mark.parametrize(
    ("rc", "kind", "message"),
    [
        (b"\n\nlocation", Refused, "~/.curlrc line 3: curl's location may send the signature to another host"),
        (b"-L", Refused, "~/.curlrc line 1: curl's -L may send the signature to another host"),
        (b"url = http://x/", Refused, SEVERAL),
        (b"header = X", InputError,
         "~/.curlrc line 1: curl's header is not 'Name: value', and curl would not send it as a header"),
        (b"request", InputError, "~/.curlrc line 1: curl's request needs a value"),
    ],
)  # fmt: skip
def test_refusals_in_the_users_configuration_file(rc: bytes, kind: "type[AuthkitError]", message: str) -> None:
    with pytest.raises(kind) as caught:
        make(U, curlrc=rc)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "words",
    [["-d", "@f"], ["--data-binary", "@f"], ["--json", "@f"], ["-T", "f"], ["-K", "cfg"], ["-H", "@f"],
     ["--url-query", "@f"], ["--data-urlencode", "@f"], ["-d", "@-"], ["-G", "-d", "@f"], ["-T", "-"]],
)  # fmt: skip
def test_reading_a_line_opens_no_file(words: "list[str]") -> None:
    with pytest.raises(Refused) as caught:
        make(*words, U, read=None)
    option = next(word for word in words if word != "-G")
    message = f"curl's {option} names a file, and reading a curl line opens none"
    assert (caught.value.message, caught.value.hint) == (message, "add --read-files")


def test_reading_a_signed_line() -> None:
    made = make("-H", "Authorization: AWS4 x", "-d", "a", U, read=None, reserved=())
    assert headers(made) == ["Host: h.example", "Authorization: AWS4 x", f"Content-Type: {FORM}"]
