"""Which curl lines are awkward enough to try on real curls?"""

import hashlib
import io
from pathlib import Path

from authkit.curl.line import parse_line
from authkit.curl.request import CurlPlan, plan
from authkit.messages.request import Request

FILES = {
    "body.txt": b"line1\nline2\r\nend\0tail",
    "bin": bytes(range(256)) + b"\r\nab\rcd\n" + b"x" * 600 + b"\rq\n",
    "empty": b"",
    "file name é.txt": b"up",
    "headers": b"X-From-File: one\r\nX-Two:two\n",
    "big": b"y" * 1500000,
    "cfg": b"""# a comment

  header = "X-Cfg: \\"q\\" v"
url-query = "a=b c"
user-agent=x # why
-H "B: \\\\ \\t2"
--header\t"C: 3"\r
header : D:4
-e r
""",
}

# URL stands for the server; curl itself sends the same for each of these lines
SAME = [
    ["URL"],
    ["URL?"],
    ["URL/a?"],
    ["URL/#f"],
    ["URL/a=b:c+d*(e)!,;$&'~/@"],
    ["URL/%2F/%2f/a%20b/%zz%"],
    ["URL//a//b//"],
    ["URL/a/../b/./c/.."],
    ["--path-as-is", "URL/a/../b/./c/.."],
    ["URL/é/😀?ü=ß"],
    ['URL/|<>"^`\\x'],
    ["-g", "URL/[1-3]{a,b}?[x]={y}"],
    ["URL/?a=b=c&d&=e&&f=%20+%2B&a=a&A=b&~=*"],
    ["URL/?q='\"$x`y`!\\"],
    ["-G", "-d", "b=2&a=%C3%A9", "--data-urlencode", "c=x y/é", "URL/g?z=0"],
    ["-G", "-d", "", "URL/g?"],
    ["-G", "--data-urlencode", "a@bin", "--path-as-is", "URL/x/../g"],
    ["--url-query", "q=a b", "--url-query", "+x=%2F", "--url-query", "@body.txt", "URL/g?z=1&"],
    ["-d", "a=1", "-d", "b=2", "URL/p"],
    ["-d", "", "URL/p"],
    ["-d", 'it\'s "$x" `y` \\ %d %%\n\t\x1b[1m\u202e', "URL/p"],
    ["-d", "@body.txt", "URL/p"],
    ["-d", "@bin", "URL/p"],
    ["-d", "@empty", "URL/p"],
    ["-d", "@bin", "-d", "@body.txt", "URL/p"],
    ["--data-raw", "@body.txt", "URL/p"],
    ["--data-binary", "@bin", "URL/p"],
    ["--data-binary", "@bin", "--data-binary", "@bin", "URL/p"],
    ["--data-binary", "@big", "URL/p"],
    ["-d", "@big", "URL/p"],
    ["--data-urlencode", "@bin", "URL/p"],
    ["--json", '{"a": "b c"}', "--json", "@body.txt", "URL/p"],
    ["--json", "{}", "-H", "accept: x", "-H", "Content-Type:", "URL/p"],
    ["-d", "a", "-H", "content-type: text/x", "URL/p"],
    ["-d", "a", "-H", "Content-Type:", "URL/p"],
    ["-d", "a", "-H", "Content-Type;", "-H", "Content-Length: 1", "URL/p"],
    ["-d", "a", "-X", "GET", "URL/p"],
    ["-X", "POST", "URL/p"],
    ["-X", "PUT", "-H", "Content-Length: 0", "URL/p"],
    ["-I", "URL/h"],
    ["-T", "file name é.txt", "URL/up/"],
    ["-T", "bin", "URL/up/x?uploads"],
    ["-T", "bin", "-H", "Content-Length: 867", "-H", "Expect:", "URL/up/x"],
    ["--request-target", "*", "-X", "OPTIONS", "URL/"],
    ["--request-target", "/../a//?b", "URL/c?d"],
    ["-H", "X-A:b", "-H", "x-a:  c  d ", "-H", "X-Empty;", "-H", "X-None:", "URL/"],
    ["-H", "X-A: é\t\"q\" 'q' \\ $x `y` !", "URL/"],
    ["-H", "X-A: \udce9\udcff", "URL/"],
    ["-H", "@headers", "URL/"],
    ["-H", "Host: other.example", "URL/"],
    ["-H", "User-Agent:", "-H", "Accept:", "URL/"],
    ["-A", "a 'b' é", "-e", "http://r/;auto", "-b", "a=1", "-b", "b=2", "-r", "5", "URL/"],
    ["-A", "", "-e", "", "URL/"],
    ["--compressed", "--tr-encoding", "URL/"],
    ["-K", "cfg", "URL/k"],
    ["-sS", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}\\n", "URL/"],
]

# curl itself refuses these, or curls differ
REPAIRED = [
    ["URL/a b?c d=e f"],
    ["URL/%2e%2E/a"],
    ["-G", "-d", "a=x y", "URL/"],
    ["--path-as-is", "URL/a b/../c"],
]

ADDED = (
    ("X-Amz-Date", "20261124T120000Z"),
    ("Authorization", 'AWS4-HMAC-SHA256 Credential=AK/x, SignedHeaders="a\\b", Signature=$marked`'),
    ("X-Amz-Empty", ""),
)
# what curl writes by itself, whichever curl it is
GENERATED = {"user-agent", "accept", "accept-encoding", "te", "connection", "content-length", "expect"}


def write_files(folder: Path) -> None:
    for name, raw in FILES.items():
        (folder / name).write_bytes(raw)


def make(words: "list[str]", url: str, stdin: bytes = b"") -> CurlPlan:
    def read(name: str) -> io.BytesIO:
        return io.BytesIO(stdin if name == "-" else FILES[name])

    return plan(parse_line(["curl", *place(words, url)]), read=read, have_stdin=True)


def place(words: "list[str]", url: str) -> "list[str]":
    return [word.replace("URL", url) if word.startswith("URL") else word for word in words]


def sign(made: CurlPlan) -> Request:
    return made.request.with_headers((*made.request.headers, *ADDED))


def parts(message: bytes) -> "tuple[str, list[tuple[str, str]], bytes]":
    """Return the request line, the headers and the body of what was received."""
    head, _, body = message.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return first, [(name, value.strip(" \t")) for name, _, value in (line.partition(":") for line in lines)], body


def check(message: bytes, signed: Request, made: CurlPlan) -> None:
    """Assert that *message* is *signed*, and besides it only what curl adds by itself."""
    first, headers, body = parts(message)
    assert first == f"{signed.method} {signed.target} HTTP/1.1"
    assert sorted(pair for pair in headers if pair[0].lower() not in made.generated) == sorted(signed.headers)
    assert set(made.generated) <= GENERATED
    assert (hashlib.sha256(body).hexdigest(), len(body)) == (signed.payload_hash, signed.content_length)
    for name in made.removed:
        assert not [pair for pair in headers if pair[0].lower() == name]
