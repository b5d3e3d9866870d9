"""Does a server's canonical request lead to the first line that differs, and to why?"""

from typing import Any

import pytest

from authkit.explain import Explained, explain
from authkit.explain.causes import ADVICE, CAUSES
from authkit.explain.server import ServerError, read_server_error
from authkit.keys.access import AccessKey
from authkit.messages.request import parse_request
from authkit.secret import Secret
from plainsigner import EMPTY, ID, REGION, SECRET, STAMP, Plain, s3_error

KEY = AccessKey(ID, Secret(SECRET.encode()))
META = {"X_Amz_Meta_A": "x"}


def request(url: str = "/a?b=1", **headers: Any) -> Plain:
    return Plain(url=url, **headers)


def answer(sent: Plain, **wrong: Any) -> ServerError:
    """Return the answer of a server that had *sent* arrive, or read it, in another way."""
    sent.wrong = wrong
    body = s3_error(sent.canonical(), sent.to_sign())
    sent.wrong = {}
    return read_server_error(body)


def look(sent: Plain, server: ServerError, *keys: AccessKey, **more: Any) -> Explained:
    return explain(parse_request(sent.message()), server=server, keys=list(keys), **more)


def signed(*names: str) -> "list[str]":
    return sorted(["host", "x-amz-content-sha256", "x-amz-date", *names])


HAS = "the server has "
WITHOUT = signed()[:2]

CASES: "list[tuple[Plain, dict[str, Any], tuple[str, int, str, str], str, str]]" = [
    (request(), {"method": "LINK"}, ("c", 1, "GET", "LINK"), "method", HAS + "another method"),
    (request("/a=%2Bb"), {"path": "/a%3d%2bb%"}, ("c", 2, "/a%3D%2Bb", "/a%3d%2bb%"), "unknown", HAS + "another path"),
    (
        request("/a%20+b"),
        {"path": "/a%2520+b"},
        ("c", 2, "/a%20%2Bb", "/a%2520+b"),
        "path-encoding",
        "the server percent-encoded the path in another way",
    ),
    (
        request("/a/./b/"),
        {"path": "/a//b/"},
        ("c", 2, "/a/./b/", "/a//b/"),
        "path-normalisation",
        "the server treated dot segments or empty segments of the path in another way",
    ),
    (request("/a"), {"path": "/b"}, ("c", 2, "/a", "/b"), "unknown", HAS + "another path"),
    (
        request("/?a=1&b=2&a=0"),
        {"query": "b=2&a=0&a=1"},
        ("c", 3, "a=0&a=1&b=2", "b=2&a=0&a=1"),
        "query-order",
        "the server has the parameters of the query in another order",
    ),
    (
        request("/?a=%20%2F%3D"),
        {"query": "a=%2520/="},
        ("c", 3, "a=%20%2F%3D", "a=%2520/="),
        "query-encoding",
        "the server percent-encoded the query in another way",
    ),
    (
        request("/?a=1"),
        {"query": "a=1&utm=2&z=1"},
        ("c", 3, "a=1", "a=1&utm=2&z=1"),
        "unknown",
        "the server has the query parameter 'utm', which the request does not",
    ),
    (
        request("/?a=1&b=2&c=3"),
        {"query": "a=1"},
        ("c", 3, "a=1&b=2&c=3", "a=1"),
        "unknown",
        "the server does not have the query parameter 'b'",
    ),
    (
        request("/?a=1&b=2"),
        {"query": "a=1&b=3"},
        ("c", 3, "a=1&b=2", "a=1&b=3"),
        "unknown",
        "the server has another value of the query parameter 'b'",
    ),
    (
        request("/?a=1&b=2"),
        {"query": "a=1&a=1&b=2"},
        ("c", 3, "a=1&b=2", "a=1&a=1&b=2"),
        "unknown",
        "the server has another value of the query parameter 'a'",
    ),
    (
        request(),
        {"host": "inner.local:8080"},
        ("c", 4, "host:example.com", "host:inner.local:8080"),
        "host",
        "the server has the header host with another value",
    ),
    (request(), {"host": ""}, ("c", 4, "host:example.com", "host:"), "host", "the server has no header host at all"),
    (
        request(),
        {"x-amz-content-sha256": "x"},
        ("c", 5, f"x-amz-content-sha256:{EMPTY}", "x-amz-content-sha256:x"),
        "payload-hash",
        "the server has the header x-amz-content-sha256 with another value",
    ),
    (
        request(),
        {"x-amz-date": "20261123T090001Z"},
        ("c", 6, f"x-amz-date:{STAMP}", "x-amz-date:20261123T090001Z"),
        "time",
        "the server has the header x-amz-date with another value",
    ),
    (
        request(X_Amz_Security_Token="abc"),
        {"x-amz-security-token": "abcd"},
        (
            "c",
            7,
            "x-amz-security-token:[session token, 3 characters]",
            "x-amz-security-token:[session token, 4 characters]",
        ),
        "token",
        "the server has the header x-amz-security-token with another value",
    ),
    (
        request(X_Amz_Security_Token="abc"),
        {"x-amz-security-token": ""},
        ("c", 7, "x-amz-security-token:[session token, 3 characters]", "x-amz-security-token:"),
        "token",
        "the server has no header x-amz-security-token at all",
    ),
    (
        request(**META),
        {"x-amz-meta-a": ""},
        ("c", 7, "x-amz-meta-a:x", "x-amz-meta-a:"),
        "header-missing",
        "the server has no header x-amz-meta-a at all",
    ),
    (
        request(**META),
        {"lines": signed()},
        ("c", 7, "x-amz-meta-a:x", ""),
        "header-missing",
        "the server has no header x-amz-meta-a at all",
    ),
    (
        request(**META),
        {"x-amz-meta-a": "y"},
        ("c", 7, "x-amz-meta-a:x", "x-amz-meta-a:y"),
        "header-changed",
        "the server has the header x-amz-meta-a with another value",
    ),
    (
        request(**META),
        {"x-amz-meta-a": "x,y"},
        ("c", 7, "x-amz-meta-a:x", "x-amz-meta-a:x,y"),
        "header-added",
        "the server has the header x-amz-meta-a with one more value",
    ),
    (
        request(**META),
        {"x-amz-meta-a": "y,x"},
        ("c", 7, "x-amz-meta-a:x", "x-amz-meta-a:y,x"),
        "header-added",
        "the server has the header x-amz-meta-a with one more value",
    ),
    (
        request(**META),
        {"x-amz-meta-a": "xy"},
        ("c", 7, "x-amz-meta-a:x", "x-amz-meta-a:xy"),
        "header-changed",
        "the server has the header x-amz-meta-a with another value",
    ),
    (
        request(**META),
        {"signed": signed()},
        ("c", 7, "x-amz-meta-a:x", ""),
        "signed-headers",
        "the server does not count x-amz-meta-a among the signed headers",
    ),
    (
        request(),
        {"signed": signed("x-forwarded-for"), "x-forwarded-for": "1.1.1.1"},
        ("c", 7, "", "x-forwarded-for:1.1.1.1"),
        "header-added",
        "the server has the header x-forwarded-for, which the request does not",
    ),
    (
        request(),
        {"list": ["host", "x-amz-date", "x-amz-content-sha256"]},
        ("c", 8, ";".join(signed()), "host;x-amz-date;x-amz-content-sha256"),
        "signed-headers",
        "the server has the list of signed headers in another form",
    ),
    (request(), {"payload": "abc"}, ("c", 9, EMPTY, "abc"), "payload-hash", "the server has another payload hash"),
    (
        request(),
        {"stamp": "20261125T000000Z"},
        ("s", 2, STAMP, "20261125T000000Z"),
        "time",
        "the server has another instant",
    ),
    (
        request(),
        {"scope": ("20261123", "mars-1", "s3", "aws4_request")},
        ("s", 3, f"20261123/{REGION}/s3/aws4_request", "20261123/mars-1/s3/aws4_request"),
        "scope",
        "the server has another credential scope",
    ),
]
STAGES = {"c": "canonical-request", "s": "string-to-sign"}


@pytest.mark.parametrize(("sent", "wrong", "place", "cause", "sentence"), CASES)
def test_the_first_difference_and_its_cause(
    sent: Plain, wrong: "dict[str, Any]", place: "tuple[str, int, str, str]", cause: str, sentence: str
) -> None:
    found = look(sent, answer(sent, **wrong)).difference
    assert found is not None
    assert (found.cause, found.advice) == (cause, f"{sentence}: {ADVICE[cause]}")
    assert (found.stage, found.line, found.ours, found.theirs) == (STAGES[place[0]], *place[1:])


def test_a_row_of_the_table_gives_the_advice_for_what_the_server_did() -> None:
    sent = request("/a%20b")
    found = look(sent, answer(sent, path="/a%2520b")).difference
    assert found is not None
    assert found.advice == "the server percent-encoded the path twice: sign with --double-encode"
    found = look(sent, answer(sent, host="example.com:443")).difference
    assert found is not None
    found = look(sent, answer(sent, scope=("20261123", "eu-west-1", "s3", "aws4_request"))).difference
    assert found is not None
    assert found.advice == "the server signed for the region eu-west-1: sign what the server reads"
    found = look(sent, answer(sent, host="example.com:443")).difference
    assert found is not None
    row = next(cause for cause in CAUSES if cause.word == "host")
    assert found.advice == f"the server had the host example.com:443: {row.served}"


def test_a_signed_header_that_the_request_lost_and_the_server_has() -> None:
    sent = request(X_Trace="1")
    message = sent.message().replace(b"X-Trace: 1\r\n", b"")
    found = explain(parse_request(message), server=answer(sent)).difference
    assert found is not None
    assert (found.cause, found.line, found.ours, found.theirs) == ("header-added", 7, "x-trace:", "x-trace:1")
    assert found.advice == f"the server has the header x-trace, which the request does not: {ADVICE['header-added']}"
    assert found.stage == "canonical-request"
    bare = explain(parse_request(message.replace(b"Host: example.com\r\n", b"")), server=answer(sent)).difference
    assert bare is not None
    assert (bare.cause, bare.line, bare.ours, bare.theirs) == ("host", 4, "host:", "host:example.com")


def test_a_signed_header_that_neither_side_has_is_no_difference() -> None:
    sent = request(X_Trace="")
    message = sent.message().replace(b"X-Trace: \r\n", b"")
    server = answer(sent, lines=signed())
    found = explain(parse_request(message), server=server).difference
    assert found is not None
    assert (found.stage, found.line) == ("string-to-sign", 4)
    found = explain(parse_request(message), server=answer(sent)).difference
    assert found is not None
    assert found.cause == "secret"


def test_an_unsigned_header_that_the_server_counts_as_signed() -> None:
    sent = request()
    server = answer(sent, signed=signed("range"), range="bytes=0-")
    message = sent.message().replace(b"Authorization:", b"Range: bytes=0-\r\nAuthorization:")
    found = explain(parse_request(message), server=server).difference
    assert found is not None
    assert (found.cause, found.line, found.ours, found.theirs) == ("signed-headers", 5, "", "range:bytes=0-")
    assert found.advice == f"the server has range among the signed headers: {ADVICE['signed-headers']}"


@pytest.mark.parametrize(
    ("theirs", "line", "ours", "other"),
    [
        ("GET\n/x", 2, "/a", "/x"),
        ("GET\n/a\nb=1\nno colon\n\nhost\nx", 4, "host:example.com", "no colon"),
        ("GET\n/a\nb=1\nhost:example.com\nx\nhost\nx", 5, f"x-amz-content-sha256:{EMPTY}", "x"),
        ("GET\n/a\nb=1", 4, "host:example.com", ""),
        (request().canonical() + "\nmore", 10, "", "more"),
    ],
)
def test_a_canonical_request_of_an_unusual_form(theirs: str, line: int, ours: str, other: str) -> None:
    found = look(request(), read_server_error(s3_error(theirs, None))).difference
    assert found is not None
    assert (found.stage, found.line, found.ours, found.theirs) == ("canonical-request", line, ours, other)
    assert (found.cause, found.advice) == (
        "unknown",
        f"the server gave a canonical request of an unusual form: {ADVICE['unknown']}",
    )


def test_the_shortest_canonical_request_has_six_lines() -> None:
    found = look(request(), read_server_error(s3_error("GET\n/a\nb=1\n\nhost\nx", None))).difference
    assert found is not None
    assert (found.cause, found.line, found.theirs) == ("host", 4, "")


@pytest.mark.parametrize(
    ("theirs", "line", "ours", "other"),
    [
        ("a\nb", 1, "AWS4-HMAC-SHA256", "a"),
        (f"AWS4-HMAC-SHA256\n{STAMP}", 3, f"20261123/{REGION}/s3/aws4_request", ""),
        (f"GOOG4-HMAC-SHA256\n{STAMP}\nx\ny", 1, "AWS4-HMAC-SHA256", "GOOG4-HMAC-SHA256"),
    ],
)
def test_a_string_to_sign_of_another_scheme(theirs: str, line: int, ours: str, other: str) -> None:
    found = look(request(), read_server_error(s3_error(None, theirs))).difference
    assert found is not None
    assert (found.stage, found.line, found.ours, found.theirs) == ("string-to-sign", line, ours, other)
    assert (found.cause, found.advice) == (
        "unknown",
        f"the server gave a string to sign of another scheme: {ADVICE['unknown']}",
    )


def test_a_hash_that_no_row_explains() -> None:
    sent = request()
    lines = sent.to_sign().split("\n")
    found = look(sent, read_server_error(s3_error(None, "\n".join([*lines[:3], "ab" * 32])))).difference
    assert found is not None
    assert (found.stage, found.line, found.ours, found.theirs) == ("string-to-sign", 4, lines[3], "ab" * 32)
    assert (found.cause, found.advice) == ("unknown", f"the server has another canonical request: {ADVICE['unknown']}")


def test_stages_that_agree_but_for_a_line_feed_at_their_end() -> None:
    sent = request()
    found = look(sent, read_server_error(s3_error(sent.canonical() + "\n", sent.to_sign() + "\n"))).difference
    assert found is not None
    assert found.cause == "secret"


def test_with_a_key_a_request_signed_as_sent_shows_what_the_server_did() -> None:
    sent = request("/a%20b")
    explained = look(sent, answer(sent, path="/a%2520b"), KEY)
    assert explained.difference is not None
    assert explained.difference.advice == "the server percent-encoded the path twice: sign with --double-encode"
    assert explained.notes == ["the signature is right for this request and the key that was given"]


def test_with_a_key_what_the_client_did_comes_before_what_the_server_did() -> None:
    sent = request("/a=b")
    server = answer(sent, path="/a%253Db")
    sent.wrong = {"path": "/a=b"}
    explained = look(sent, server, KEY)
    assert explained.difference is not None
    assert explained.difference.advice.startswith("the client took the path as it is sent")
    assert explained.notes == [f"besides, the server has another path: {ADVICE['unknown']}"] or explained.notes[
        0
    ].startswith("besides, the server ")


def test_with_a_key_that_explains_nothing_the_difference_stays() -> None:
    sent = request("/a%20b")
    server = answer(sent, path="/a%2520b")
    sent.secret = "unknown"
    found = look(sent, server, KEY).difference
    assert found is not None
    assert found.cause == "path-encoding"
