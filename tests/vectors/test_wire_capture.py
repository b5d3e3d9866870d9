"""Is what authkit says that curl would send what curl was seen to send?"""

import base64
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from authkit.curl.line import parse_line, split_line
from authkit.curl.request import CurlPlan, plan
from authkit.errors import AuthkitError, InputError, Refused, UsageError

# what a pipe gave curl; the rest of these shell lines is curl's
PIPED = {
    "-d @-": b"in\nput",
    "-T - chunked": b"stream",
    "-K -": b"url=http://127.0.0.1:28139/k\nuser=a:b",
}
REFUSED: "dict[str, tuple[type[AuthkitError], str]]" = {
    "two urls": (Refused, "the curl line names several URLs, and a signature is good for one request"),
    "url glob": (Refused, "curl would read the '[' in the URL as a pattern for several"),
    "userinfo": (Refused, "curl would send the user name in the URL as an Authorization"),
    "-F filename quote": (Refused, "curl's -F writes a body with a random boundary, which cannot be signed"),
    "-X weird": (UsageError, "curl's -X is not a method, which has no spaces or control characters"),
    "-H two Hosts": (Refused, "the curl line sets Host twice, and curl would send one of the two"),
    "-H CRLF": (UsageError, "curl's -H for X-A holds a control character, which could smuggle in another header"),
    "-H TE chunked": (Refused, "curl's -H sets Transfer-Encoding, and a body sent in chunks cannot be signed"),
    "-K -": (Refused, "-K - line 2: curl's user sets an Authorization of its own, and a signed request has one"),
    "aws-sigv4": (Refused, "curl's --aws-sigv4 signs the request a second time"),
}
# authkit's own command sends something else than the line as it stands would, and says so or has to
DIFFERENT = {
    "-G -d": "curl refuses the space that -d puts into the query; it is sent as %20",
    "-T - chunked": "curl sends chunks; the body is read once and sent with its length",
}
COUNT = 37


@pytest.fixture(scope="module")
def capture(vectors: Path) -> "dict[str, Any]":
    found: "dict[str, Any]" = json.loads((vectors / "curl" / "wire-capture.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def cases(capture: "dict[str, Any]") -> "dict[str, Any]":
    return {case["id"]: case for case in capture["cases"]}


def make(capture: "dict[str, Any]", case: "dict[str, Any]") -> CurlPlan:
    files = {name: base64.b64decode(text) for name, text in capture["files"].items()}
    files["-"] = PIPED.get(case["id"], b"")
    text = case["shell"].partition(" | ")[2] if case["id"] in PIPED else case["shell"]
    return plan(parse_line(split_line(text)), read=lambda name: io.BytesIO(files[name]), have_stdin=True)


def seen(case: "dict[str, Any]", generated: "tuple[str, ...]") -> "tuple[str, str, list[tuple[str, str]], bytes]":
    """Return method, target, headers and body on the wire, without the headers that curl adds by itself."""
    (request,) = case["requests"]
    head, _, body = base64.b64decode(request["raw_b64"]).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, version = first.split(" ")
    assert version == "HTTP/1.1"
    # curls differ in these two; authkit's command has the form that all of them leave alone
    path, mark, query = "".join([char if char < "\x7f" else f"%{ord(char):02X}" for char in target]).partition("?")
    target = re.sub("%[0-9a-f]{2}", lambda found: found[0].upper(), path, flags=re.IGNORECASE) + mark + query
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return method, target, [pair for pair in headers if pair[0].lower() not in generated], body


def test_every_case_is_used(cases: "dict[str, Any]") -> None:
    assert len(cases) == COUNT
    assert set(REFUSED) | set(DIFFERENT) | set(PIPED) <= set(cases)
    assert not set(REFUSED) & set(DIFFERENT)


def test_the_request_is_what_curl_sent(capture: "dict[str, Any]", cases: "dict[str, Any]") -> None:
    alike = 0
    for name, case in cases.items():
        if name in REFUSED or name in DIFFERENT:
            continue
        made = make(capture, case)
        method, target, headers, body = seen(case, made.generated)
        request = made.request
        assert (name, request.method, request.target, list(request.headers)) == (name, method, target, headers)
        assert (request.payload_hash, request.content_length) == (hashlib.sha256(body).hexdigest(), len(body)), name
        alike += 1
    assert alike == COUNT - len(REFUSED) - len(DIFFERENT) == 25


@pytest.mark.parametrize("name", REFUSED)
def test_a_line_is_refused_by_name(name: str, capture: "dict[str, Any]", cases: "dict[str, Any]") -> None:
    kind, message = REFUSED[name]
    with pytest.raises(kind) as caught:
        make(capture, cases[name])
    assert (type(caught.value), caught.value.message) == (kind, message)


def test_a_space_in_the_query(capture: "dict[str, Any]", cases: "dict[str, Any]") -> None:
    case = cases["-G -d"]
    assert (case["exit"], case["requests"]) == (3, [])
    made = make(capture, case)
    assert (made.request.method, made.request.target) == ("GET", "/g?z=0&a=1&b=x%20y")
    assert made.warnings == ["the URL holds a space, which curl refuses: it is sent as %20"]


def test_an_upload_from_standard_input(capture: "dict[str, Any]", cases: "dict[str, Any]") -> None:
    case = cases["-T - chunked"]
    made = make(capture, case)
    method, target, headers, body = seen(case, (*made.generated, "transfer-encoding"))
    assert (made.request.method, made.request.target, list(made.request.headers)) == (method, target, headers)
    assert body == b"6\r\nstream\r\n0\r\n\r\n"
    assert made.body == ("stdin", b"stream")


def test_a_form_whose_payload_need_not_be_signed(capture: "dict[str, Any]", cases: "dict[str, Any]") -> None:
    case = cases["-F filename quote"]
    made = plan(parse_line(split_line(case["shell"])), read=None, unsigned_payload=True)
    method, target, headers, _ = seen(case, made.generated)
    assert (made.request.method, made.request.target, list(made.request.headers)) == (method, target, headers)


@pytest.mark.parametrize("name", ["--data-binary @file", "-d @-", "-d @empty", "--json @file twice"])
def test_reading_a_line_opens_no_file(name: str, cases: "dict[str, Any]") -> None:
    text = cases[name]["shell"].rpartition(" | ")[2]
    with pytest.raises(Refused, match="^curl's [^ ]+ names a file, and reading a curl line opens none$"):
        plan(parse_line(split_line(text)), read=None, reserved=())


def test_a_file_that_is_not_there_is_no_empty_body(cases: "dict[str, Any]") -> None:
    def read(name: str) -> io.BytesIO:
        raise InputError(f"{name}: no such file")

    with pytest.raises(InputError, match="^body.txt: no such file$"):
        plan(parse_line(split_line(cases["--data-binary @file"]["shell"])), read=read)
