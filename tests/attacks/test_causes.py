"""Does each row of the table of causes name its own mistake, and only that?

Every request is signed by tests/plainsigner.py, which shares no code with authkit, and gets one thing wrong on purpose.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from authkit.explain import Explained, causes, explain, reclaim, reheader, retarget
from authkit.explain.server import read_server_error
from authkit.keys.access import AccessKey
from authkit.keys.scope import Scope
from authkit.keys.select import Key
from authkit.keys.subkeys import Subkey
from authkit.messages.request import parse_request
from authkit.schemes.derived import AWS4
from authkit.secret import MacKey, Secret
from plainsigner import EMPTY, ID, REGION, SECRET, STAMP, Plain, s3_error, signing_key

KEY = AccessKey(ID, Secret(SECRET.encode()))
OTHER = AccessKey("AKIDOTHER", Secret(b"another secret"))
META = {"X_Amz_Meta_A": "x", "body": b"hello", "method": "PUT"}


def look(request: Plain, server: "bytes | None" = None, keys: "tuple[Key, ...]" = (KEY,), **more: Any) -> Explained:
    """Explain *request*, and hold what every answer must keep: nothing of a secret or a signature in it."""
    said = read_server_error(server) if server is not None else None
    found = explain(parse_request(request.message()), server=said, keys=list(keys), **more)
    shown = [*found.stages.values(), *found.theirs.values(), *found.notes, *[value for _, value in found.facts]]
    if found.difference is not None:
        shown += [found.difference.ours, found.difference.theirs, found.difference.advice]
    for hidden in (request.secret, SECRET, request.signature(), Plain(request.method, request.url).signature()):
        assert not [text for text in shown if hidden in text]
    return found


def plain(url: str = "/", wrong: "dict[str, Any] | None" = None, **settings: Any) -> Plain:
    made = {
        name: settings.pop(name)
        for name in list(settings)
        if name in ("method", "body", "service") or name[0].isupper()
    }
    request = Plain(url=url, **made)
    for name, value in settings.items():
        setattr(request, name, value)
    request.wrong = wrong or {}
    return request


def repeated() -> Plain:
    request = plain(X_Amz_Meta_A="one")
    request.sent.append(("X-Amz-Meta-A", "two"))
    return request


def without(request: Plain, name: str, value: str) -> Plain:
    """Sign a header and send the request without it."""
    request.wrong = {"signed": sorted([*request.signed, name]), name: value}
    return request


def token(**wrong: Any) -> Plain:
    request = plain(X_Amz_Security_Token="AQoDYXdzEJr+/=token")
    signed = request.signed
    request.wrong = {key: [one for one in signed if one != "x-amz-security-token"] for key in wrong}
    if "listed" not in wrong:
        request.wrong["listed"] = signed
    return request


def declared(payload: str) -> Plain:
    """Sign a payload hash that the request declares otherwise."""
    return plain(wrong={"payload": payload, "x-amz-content-sha256": payload}, **META)


def dated() -> Plain:
    return plain(Date="Mon, 23 Nov 2026 08:12:34 GMT", wrong={"stamp": "20261123T081234Z"})


def scoped(*scope: str) -> Plain:
    return plain(wrong={"scope": scope})


SIGNED = ["host", "x-amz-content-sha256", "x-amz-date"]
STREAM = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
RAW = "the client took the path as it is sent, with characters that the service percent-encodes left as they are"
LETTERS = "the client percent-encoded the path in another way: "
SEGMENTS = "the client treated dot segments or empty segments of the path in another way"
NOT_THE_SCOPE = "which is not what the credential scope says"
HASH = sha256(b"hello").hexdigest()

# the row's reading, its cause, a request that is wrong in its way, the line that shows it, what happened
CASES: "list[tuple[str, str, Callable[[], Plain], tuple[str, int, str, str], str]]" = [
    ("raw_path", "path-encoding", lambda: plain("/k=v", {"path": "/k=v"}), ("c", 2, "/k%3Dv", "/k=v"), RAW),
    (
        "raw_path",
        "path-encoding",
        lambda: plain("/a/../b=", {"path": "/b="}, service="es"),
        ("c", 2, "/b%3D", "/b="),
        RAW,
    ),
    (
        "raw_path",
        "path-encoding",
        lambda: plain("/a/../b=", {"path": "/a/../b="}, service="es"),
        ("c", 2, "/b%3D", "/a/../b="),
        RAW,
    ),
    (
        "path_once",
        "path-encoding",
        lambda: plain("/a%20b=", {"path": "/a%20b%3D"}, service="es"),
        ("c", 2, "/a%2520b%3D", "/a%20b%3D"),
        "the client percent-encoded the path once",
    ),
    (
        "path_twice",
        "path-encoding",
        lambda: plain("/a%20b", {"path": "/a%2520b"}),
        ("c", 2, "/a%20b", "/a%2520b"),
        "the client percent-encoded the path twice",
    ),
    (
        "path_thrice",
        "path-encoding",
        lambda: plain("/a%20b", {"path": "/a%252520b"}, service="es"),
        ("c", 2, "/a%2520b", "/a%252520b"),
        "the client percent-encoded the path once more than the service does",
    ),
    (
        "path_decoded",
        "path-encoding",
        lambda: plain("/a%20b", {"path": "/a b"}),
        ("c", 2, "/a%20b", "/a b"),
        "the client took the path without any percent-encoding",
    ),
    (
        "path_slashes",
        "path-encoding",
        lambda: plain("/a%2Fb%3D", {"path": "/a/b%3D"}),
        ("c", 2, "/a%2Fb%3D", "/a/b%3D"),
        "the client wrote a slash for %2F in the path",
    ),
    (
        "path_slashes",
        "path-encoding",
        lambda: plain("/a/b", {"path": "/a%2Fb"}),
        ("c", 2, "/a/b", "/a%2Fb"),
        "the client wrote %2F for a slash in the path",
    ),
    (
        "path_letters",
        "path-encoding",
        lambda: plain("/a%3D%20", {"path": "/a%3d%20"}),
        ("c", 2, "/a%3D%20", "/a%3d%20"),
        LETTERS + "lower-case hexadecimal digits",
    ),
    (
        "path_letters",
        "path-encoding",
        lambda: plain("/~a", {"path": "/%7Ea"}),
        ("c", 2, "/~a", "/%7Ea"),
        LETTERS + "%7E for '~'",
    ),
    (
        "path_letters",
        "path-encoding",
        lambda: plain("/a%20b%3D", {"path": "/a+b%3D"}),
        ("c", 2, "/a%20b%3D", "/a+b%3D"),
        LETTERS + "'+' for a space",
    ),
    (
        "path_letters",
        "path-encoding",
        lambda: plain("/a!%20=", {"path": "/a!%20%3D"}),
        ("c", 2, "/a%21%20%3D", "/a!%20%3D"),
        LETTERS + "some characters not encoded",
    ),
    (
        "path_letters",
        "path-encoding",
        lambda: plain("/a=%20%2B", {"path": "/a=%20+"}),
        ("c", 2, "/a%3D%20%2B", "/a=%20+"),
        LETTERS + "some characters not encoded",
    ),
    (
        "path_letters",
        "path-encoding",
        lambda: plain("/a=%20%3E<", {"path": "/a=%20%3E%3C"}),
        ("c", 2, "/a%3D%20%3E%3C", "/a=%20%3E%3C"),
        LETTERS + "some characters not encoded",
    ),
    (
        "path_segments",
        "path-normalisation",
        lambda: plain("/a//b/../c=", {"path": "/a/c%3D"}),
        ("c", 2, "/a//b/../c%3D", "/a/c%3D"),
        SEGMENTS,
    ),
    (
        "path_segments",
        "path-normalisation",
        lambda: plain("/a//b/../c%3D", {"path": "/a/b/../c%3D"}),
        ("c", 2, "/a//b/../c%3D", "/a/b/../c%3D"),
        SEGMENTS,
    ),
    (
        "path_segments",
        "path-normalisation",
        lambda: plain("/a/../b%20", {"path": "/a/../b%2520"}, service="es"),
        ("c", 2, "/b%2520", "/a/../b%2520"),
        SEGMENTS,
    ),
    (
        "path_slash",
        "path-normalisation",
        lambda: plain("/a", {"path": "/a/"}),
        ("c", 2, "/a", "/a/"),
        "the client had the path with its slash at the end",
    ),
    (
        "path_slash",
        "path-normalisation",
        lambda: plain("/a/", {"path": "/a"}),
        ("c", 2, "/a/", "/a"),
        "the client had the path without its slash at the end",
    ),
    (
        "path_prefix",
        "path-normalisation",
        lambda: plain("/prod/a/b", {"path": "/a/b"}),
        ("c", 2, "/prod/a/b", "/a/b"),
        "the client had the path without '/prod'",
    ),
    (
        "path_prefix",
        "path-normalisation",
        lambda: plain("/a/b/c/d/e", {"path": "/d/e"}),
        ("c", 2, "/a/b/c/d/e", "/d/e"),
        "the client had the path without '/a/b/c'",
    ),
    (
        "path_prefix",
        "path-normalisation",
        lambda: plain("/a", {"path": "/example/a"}),
        ("c", 2, "/a", "/example/a"),
        "the client had the path with '/example' before it",
    ),
    (
        "query_plus",
        "query-encoding",
        lambda: plain("/?a=b+c", {"query": "a=b%2Bc"}),
        ("c", 3, "a=b%20c", "a=b%2Bc"),
        "the client took a '+' in the query for a plus sign",
    ),
    (
        "query_plus",
        "query-encoding",
        lambda: plain("/?a=b+c", {"query": "a=b%20c"}, service="es"),
        ("c", 3, "a=b%2Bc", "a=b%20c"),
        "the client took a '+' in the query for a space",
    ),
    (
        "query_plus",
        "query-encoding",
        lambda: plain("/?a=b+c", {"query": "a=b+c"}),
        ("c", 3, "a=b%20c", "a=b+c"),
        "the client took a '+' in the query for a character that stays as it is",
    ),
    (
        "query_no_equals",
        "query-encoding",
        lambda: plain("/?acl&x=1", {"query": "acl&x=1"}),
        ("c", 3, "acl=&x=1", "acl&x=1"),
        "the client wrote a parameter without a value without its '='",
    ),
    (
        "query_no_equals",
        "query-encoding",
        lambda: plain("/?acl=&x=1", {"query": "acl&x=1"}),
        ("c", 3, "acl=&x=1", "acl&x=1"),
        "the client wrote a parameter without a value without its '='",
    ),
    (
        "query_raw",
        "query-encoding",
        lambda: plain("/?a=/%3d", {"query": "a=/%3d"}),
        ("c", 3, "a=%2F%3D", "a=/%3d"),
        "the client took the query as it is sent, without decoding and encoding it again",
    ),
    (
        "query_raw",
        "query-encoding",
        lambda: plain("/?a=/%3d&b", {"query": "a=/%3d&b="}),
        ("c", 3, "a=%2F%3D&b=", "a=/%3d&b="),
        "the client took the query as it is sent, without decoding and encoding it again",
    ),
    (
        "query_twice",
        "query-encoding",
        lambda: plain("/?a=%20b/", {"query": "a=%2520b%2F"}),
        ("c", 3, "a=%20b%2F", "a=%2520b%2F"),
        "the client percent-encoded the query twice",
    ),
    (
        "query_letters",
        "query-encoding",
        lambda: plain("/?a=%3D/", {"query": "a=%3d%2f"}),
        ("c", 3, "a=%3D%2F", "a=%3d%2f"),
        "the client percent-encoded the query in another way: lower-case hexadecimal digits",
    ),
    (
        "query_letters",
        "query-encoding",
        lambda: plain("/?a=~/", {"query": "a=%7E%2F"}),
        ("c", 3, "a=~%2F", "a=%7E%2F"),
        "the client percent-encoded the query in another way: %7E for '~'",
    ),
    (
        "query_letters",
        "query-encoding",
        lambda: plain("/?a=/+=", {"query": "a=/%20%3D"}),
        ("c", 3, "a=%2F%20%3D", "a=/%20%3D"),
        "the client percent-encoded the query in another way: '/' not encoded",
    ),
    (
        "query_letters",
        "query-encoding",
        lambda: plain("/?a=/+=", {"query": "a=/%2B%3D"}, service="es"),
        ("c", 3, "a=%2F%2B%3D", "a=/%2B%3D"),
        "the client percent-encoded the query in another way: '/' not encoded",
    ),
    (
        "query_letters",
        "query-encoding",
        lambda: plain("/?a=%20/", {"query": "a=+%2F"}),
        ("c", 3, "a=%20%2F", "a=+%2F"),
        "the client percent-encoded the query in another way: '+' for a space",
    ),
    (
        "query_letters",
        "query-encoding",
        lambda: plain("/?a=:,%20", {"query": "a=%3A,%20"}),
        ("c", 3, "a=%3A%2C%20", "a=%3A,%20"),
        "the client percent-encoded the query in another way: some characters not encoded",
    ),
    (
        "query_cut",
        "query-encoding",
        lambda: plain("/?a=b=c", {"query": "a=b"}),
        ("c", 3, "a=b%3Dc", "a=b"),
        "the client had less in the query: the value cut at a second '='",
    ),
    (
        "query_cut",
        "query-encoding",
        lambda: plain("/?acl&a=b", {"query": "a=b"}),
        ("c", 3, "a=b&acl=", "a=b"),
        "the client had less in the query: parameters without a value left out",
    ),
    (
        "query_repeats",
        "query-encoding",
        lambda: plain("/?a=2&a=1", {"query": "a=2"}),
        ("c", 3, "a=1&a=2", "a=2"),
        "the client kept of parameters with one name only the first",
    ),
    (
        "query_repeats",
        "query-encoding",
        lambda: plain("/?a=2&a=1", {"query": "a=1"}),
        ("c", 3, "a=1&a=2", "a=1"),
        "the client kept of parameters with one name only the last",
    ),
    (
        "query_none",
        "query-encoding",
        lambda: plain("/?a=1", {"query": ""}),
        ("c", 3, "a=1", ""),
        "the client left the query out",
    ),
    (
        "query_order",
        "query-order",
        lambda: plain("/?b=2&a=1", {"query": "b=2&a=1"}),
        ("c", 3, "a=1&b=2", "b=2&a=1"),
        "the client had the parameters of the query in another order: as sent",
    ),
    (
        "query_order",
        "query-order",
        lambda: plain("/?b=1&a=2&a=1", {"query": "a=2&a=1&b=1"}),
        ("c", 3, "a=1&a=2&b=1", "a=2&a=1&b=1"),
        "the client had the parameters of the query in another order: sorted by name alone",
    ),
    (
        "query_order",
        "query-order",
        lambda: plain("/?q=1&q.x=2", {"query": "q.x=2&q=1"}),
        ("c", 3, "q=1&q.x=2", "q.x=2&q=1"),
        "the client had the parameters of the query in another order: sorted with the '=' between name and value",
    ),
    (
        "query_order",
        "query-order",
        lambda: plain("/?B=1&c=2&a=3", {"query": "a=3&B=1&c=2"}),
        ("c", 3, "B=1&a=3&c=2", "a=3&B=1&c=2"),
        "the client had the parameters of the query in another order: sorted without regard to case",
    ),
    (
        "query_order",
        "query-order",
        lambda: plain("/?b=1&a:=1&a0=2", {"query": "a0=2&a%3A=1&b=1"}),
        ("c", 3, "a%3A=1&a0=2&b=1", "a0=2&a%3A=1&b=1"),
        "the client had the parameters of the query in another order: sorted before they were encoded",
    ),
    (
        "other_host",
        "host",
        lambda: plain(wrong={"host": "example.com:443"}),
        ("c", 4, "host:example.com", "host:example.com:443"),
        "the client had the host example.com:443",
    ),
    (
        "other_host",
        "host",
        lambda: plain(wrong={"host": "Example.COM"}, X_Forwarded_Host="a.example, Example.COM"),
        ("c", 4, "host:example.com", "host:Example.COM"),
        "the client had the host Example.COM",
    ),
    (
        "other_host",
        "host",
        lambda: plain(wrong={"host": "com"}),
        ("c", 4, "host:example.com", "host:com"),
        "the client had the host com",
    ),
    (
        "other_host",
        "host",
        lambda: plain(wrong={"host": "example.com."}),
        ("c", 4, "host:example.com", "host:example.com."),
        "the client had the host example.com.",
    ),
    (
        "spaces_kept",
        "header-changed",
        lambda: plain(X_Amz_Meta_A="a   b", wrong={"x-amz-meta-a": "a   b"}),
        ("c", 7, "x-amz-meta-a:a b", "x-amz-meta-a:a   b"),
        "the client kept the runs of spaces in a header",
    ),
    (
        "repeated_header",
        "header-changed",
        lambda: wrongly(repeated(), "x-amz-meta-a", "one"),
        ("c", 7, "x-amz-meta-a:one,two", "x-amz-meta-a:one"),
        "the client had of a header that stands twice another value: the first x-amz-meta-a alone",
    ),
    (
        "repeated_header",
        "header-changed",
        lambda: wrongly(repeated(), "x-amz-meta-a", "one, two"),
        ("c", 7, "x-amz-meta-a:one,two", "x-amz-meta-a:one, two"),
        "the client had of a header that stands twice another value: x-amz-meta-a joined by ', '",
    ),
    (
        "list_member",
        "header-changed",
        lambda: plain(X_Forwarded_For="1.1.1.1, 2.2.2.2, 3.3.3.3", wrong={"x-forwarded-for": "1.1.1.1, 2.2.2.2"}),
        ("c", 7, "x-forwarded-for:1.1.1.1, 2.2.2.2, 3.3.3.3", "x-forwarded-for:1.1.1.1, 2.2.2.2"),
        "the client had x-forwarded-for without one member of its list",
    ),
    (
        "list_member",
        "header-changed",
        lambda: plain(X_Forwarded_For="1.1.1.1, 2.2.2.2, 3.3.3.3", wrong={"x-forwarded-for": "1.1.1.1"}),
        ("c", 7, "x-forwarded-for:1.1.1.1, 2.2.2.2, 3.3.3.3", "x-forwarded-for:1.1.1.1"),
        "the client had x-forwarded-for without one member of its list",
    ),
    (
        "list_member",
        "header-changed",
        lambda: plain(Via="a, b , c", wrong={"via": "b , c"}),
        ("c", 5, "via:a, b , c", "via:b , c"),
        "the client had via without one member of its list",
    ),
    (
        "letter_case",
        "header-changed",
        lambda: plain(X_Amz_Meta_A="Ab", wrong={"x-amz-meta-a": "ab"}),
        ("c", 7, "x-amz-meta-a:Ab", "x-amz-meta-a:ab"),
        "the client had the value of x-amz-meta-a in lower case",
    ),
    (
        "usual_value",
        "header-changed",
        lambda: plain(Content_Type="text/html", wrong={"content-type": "text/html; charset=UTF-8"}),
        ("c", 4, "content-type:text/html", "content-type:text/html; charset=UTF-8"),
        "the client had 'content-type: text/html; charset=UTF-8'",
    ),
    (
        "usual_value",
        "header-changed",
        lambda: plain(Content_Length="0", wrong={"content-length": ""}),
        ("c", 4, "content-length:0", "content-length:"),
        "the client had 'content-length: '",
    ),
    (
        "missing_header",
        "header-missing",
        lambda: without(plain(), "accept-encoding", "identity"),
        ("c", 4, "accept-encoding:", "accept-encoding:identity"),
        "the client had 'accept-encoding: identity', and the request has no such header",
    ),
    (
        "missing_header",
        "header-missing",
        lambda: without(plain(), "content-length", "0"),
        ("c", 4, "content-length:", "content-length:0"),
        "the client had 'content-length: 0', and the request has no such header",
    ),
    (
        "missing_header",
        "header-missing",
        lambda: plain(wrong={"listed": ["a", *SIGNED]}),
        ("c", 4, "a:", "host:example.com"),
        "the client had no a, and the request has no such header",
    ),
    (
        "no_token",
        "token",
        lambda: token(lines=1, list=1),
        ("c", 7, "x-amz-security-token:[session token, 19 characters]", ""),
        "the client left the session token out of what is signed",
    ),
    (
        "more_token",
        "token",
        lambda: token(listed=1),
        ("c", 7, "", "x-amz-security-token:[session token, 19 characters]"),
        "the client signed the session token, which the signed headers do not name",
    ),
    (
        "list_order",
        "signed-headers",
        lambda: plain(wrong={"listed": ["x-amz-date", "host", "x-amz-content-sha256"]}),
        ("c", 4, f"x-amz-date:{STAMP}", "host:example.com"),
        "the client had the signed headers sorted",
    ),
    (
        "list_order",
        "signed-headers",
        lambda: plain(wrong={"signed": ["host", "x-amz-date", "x-amz-content-sha256"], "listed": SIGNED}),
        ("c", 5, f"x-amz-content-sha256:{EMPTY}", f"x-amz-date:{STAMP}"),
        "the client had the signed headers in the order of the request",
    ),
    (
        "one_less",
        "signed-headers",
        lambda: plain(wrong={"listed": SIGNED, "signed": ["host", "x-amz-date"]}),
        ("c", 5, f"x-amz-content-sha256:{EMPTY}", f"x-amz-date:{STAMP}"),
        "the client signed without x-amz-content-sha256, which the request names as signed",
    ),
    (
        "one_more",
        "signed-headers",
        lambda: plain(Accept="*/*", wrong={"listed": SIGNED}),
        ("c", 4, "host:example.com", "accept:*/*"),
        "the client signed accept too, which the request does not name as signed",
    ),
    (
        "one_more",
        "signed-headers",
        lambda: plain(
            Accept="*/*",
            Range="bytes=0-",
            User_Agent="x",
            wrong={"listed": SIGNED, "signed": ["accept", "host", "range", *SIGNED[1:]]},
        ),
        ("c", 4, "host:example.com", "accept:*/*"),
        "the client signed every header too, which the request does not name as signed",
    ),
    (
        "body_hash",
        "payload-hash",
        lambda: plain(
            wrong={"x-amz-content-sha256": EMPTY, "payload": EMPTY},
            X_Amz_Content_Sha256="UNSIGNED-PAYLOAD",
            service="es",
        ),
        ("c", 5, "x-amz-content-sha256:UNSIGNED-PAYLOAD", f"x-amz-content-sha256:{EMPTY}"),
        "the client had the hash of the body, and not what the request declares",
    ),
    (
        "empty_body",
        "payload-hash",
        lambda: plain(wrong={"payload": EMPTY}, service="es", **META),
        ("c", 10, HASH, EMPTY),
        "the client had the hash of an empty body",
    ),
    (
        "empty_body",
        "payload-hash",
        lambda: declared(EMPTY),
        ("c", 6, f"x-amz-content-sha256:{HASH}", f"x-amz-content-sha256:{EMPTY}"),
        "the client had the hash of an empty body",
    ),
    (
        "unsigned_payload",
        "payload-hash",
        lambda: plain(wrong={"payload": "UNSIGNED-PAYLOAD"}),
        ("c", 9, EMPTY, "UNSIGNED-PAYLOAD"),
        "the client had UNSIGNED-PAYLOAD for the payload hash",
    ),
    (
        "streaming_payload",
        "payload-hash",
        lambda: declared(STREAM),
        ("c", 6, f"x-amz-content-sha256:{HASH}", f"x-amz-content-sha256:{STREAM}"),
        f"the client had for the payload hash {STREAM}",
    ),
    (
        "streaming_payload",
        "payload-hash",
        lambda: plain(wrong={"payload": EMPTY.upper()}),
        ("c", 9, EMPTY, EMPTY.upper()),
        "the client had for the payload hash the hash in capital letters",
    ),
    (
        "other_region",
        "scope",
        lambda: scoped("20261123", "eu-west-1", "s3", "aws4_request"),
        ("s", 3, f"20261123/{REGION}/s3/aws4_request", "20261123/eu-west-1/s3/aws4_request"),
        "the client signed for the region eu-west-1",
    ),
    (
        "other_service",
        "scope",
        lambda: scoped("20261123", REGION, "execute-api", "aws4_request"),
        ("s", 3, f"20261123/{REGION}/s3/aws4_request", f"20261123/{REGION}/execute-api/aws4_request"),
        "the client signed for the service execute-api",
    ),
    (
        "other_day",
        "scope",
        lambda: scoped("20261124", REGION, "s3", "aws4_request"),
        ("s", 3, f"20261123/{REGION}/s3/aws4_request", f"20261124/{REGION}/s3/aws4_request"),
        "the client signed for the day 20261124",
    ),
    (
        "other_day",
        "scope",
        lambda: plain(
            key_scope=("20261123", REGION, "s3", "aws4_request"),
            wrong={"scope": ("20261122", REGION, "s3", "aws4_request")},
        ),
        ("s", 3, f"20261123/{REGION}/s3/aws4_request", f"20261122/{REGION}/s3/aws4_request"),
        "the client signed for the day 20261122",
    ),
    (
        "other_key_scope",
        "scope",
        lambda: plain(key_scope=("20261122", REGION, "s3", "aws4_request")),
        ("x", 1, "[signature]", "[signature]"),
        f"the client used a signing key for 20261122/{REGION}/s3/aws4_request, {NOT_THE_SCOPE}",
    ),
    (
        "other_key_scope",
        "scope",
        lambda: plain(key_scope=("20261123", "us-west-2", "s3", "aws4_request")),
        ("x", 1, "[signature]", "[signature]"),
        f"the client used a signing key for 20261123/us-west-2/s3/aws4_request, {NOT_THE_SCOPE}",
    ),
    (
        "near_second",
        "time",
        lambda: plain(wrong={"stamp": "20261123T090002Z"}),
        ("s", 2, STAMP, "20261123T090002Z"),
        "the client signed at 20261123T090002Z, a moment away from the date that is sent",
    ),
    (
        "near_second",
        "time",
        lambda: plain(wrong={"stamp": "20261123T085959Z"}),
        ("s", 2, STAMP, "20261123T085959Z"),
        "the client signed at 20261123T085959Z, a moment away from the date that is sent",
    ),
    (
        "date_header",
        "time",
        dated,
        ("s", 2, STAMP, "20261123T081234Z"),
        "the client signed at 20261123T081234Z, the instant of the Date header",
    ),
    (
        "time_zone",
        "time",
        lambda: plain(wrong={"stamp": "20261123T143000Z"}),
        ("s", 2, STAMP, "20261123T143000Z"),
        "the client signed at 20261123T143000Z, a whole number of half hours away from the date that is sent",
    ),
    (
        "time_zone",
        "time",
        lambda: plain(wrong={"stamp": "20261122T190000Z"}),
        ("s", 2, STAMP, "20261122T190000Z"),
        "the client signed at 20261122T190000Z, a whole number of half hours away from the date that is sent",
    ),
    (
        "other_method",
        "method",
        lambda: plain(wrong={"method": "HEAD"}),
        ("c", 1, "GET", "HEAD"),
        "the client signed the method HEAD",
    ),
    (
        "other_method",
        "method",
        lambda: plain(wrong={"method": "get"}),
        ("c", 1, "GET", "get"),
        "the client signed the method get",
    ),
    (
        "altered",
        "secret",
        lambda: plain(secret=SECRET + "\r\n"),
        ("x", 1, "[signature]", "[signature]"),
        "the client used the secret with a carriage return and line feed behind it",
    ),
    (
        "altered",
        "secret",
        lambda: plain(secret=SECRET.replace("/", "")),
        ("x", 1, "[signature]", "[signature]"),
        "the client used the secret without its slashes",
    ),
    (
        "other-id",
        "secret",
        lambda: plain(secret="another secret"),
        ("x", 1, "[signature]", "[signature]"),
        "the client used the secret of AKIDOTHER",
    ),
    (
        "unprefixed",
        "secret",
        lambda: plain(prefix=""),
        ("x", 1, "[signature]", "[signature]"),
        "the client derived the signing key from the secret without the scheme's prefix",
    ),
]
STAGES = {"c": "canonical-request", "s": "string-to-sign", "x": "signature"}


def wrongly(request: Plain, name: str, value: str) -> Plain:
    request.wrong = {name: value}
    return request


# the rows that differ in whose key they take
OWNERS = {
    "{who} used the subkey for {detail}, which is not what the credential scope says": "other-scope",
    "{who} used the secret {detail}": "altered",
    "{who} used the secret of {detail}": "other-id",
    "{who} derived the signing key from the secret without the scheme's prefix": "unprefixed",
}
READINGS = {id(value): name for module in (retarget, reheader, reclaim) for name, value in vars(module).items()}


def row_name(cause: causes.Cause) -> str:
    """Return the name of the row's reading; of the rows on keys, which of them."""
    return READINGS.get(id(cause.resign)) or OWNERS[cause.sentence]


ROWS = {row_name(cause): cause for cause in causes.CAUSES}


def test_every_row_has_a_name_of_its_own_and_a_request() -> None:
    assert len(ROWS) == len(causes.CAUSES) == 47
    assert set(ROWS) - {row for row, *_ in CASES} == {"other-scope"}  # below: it takes another key


@pytest.mark.parametrize(
    ("row", "word", "make", "place", "sentence"), CASES, ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)]
)
def test_a_row_names_its_own_mistake(
    row: str, word: str, make: Callable[[], Plain], place: tuple[str, int, str, str], sentence: str
) -> None:
    found = look(make(), keys=(KEY, OTHER)).difference
    assert found is not None
    assert (found.cause, found.advice) == (word, f"{sentence}: {ROWS[row].advice}")
    assert (found.stage, found.line, found.ours, found.theirs) == (STAGES[place[0]], *place[1:])
    assert ROWS[row].word == word


# two mistakes at once, and keys that are not what the request says


def test_two_mistakes_are_both_named() -> None:
    found = look(plain("/k=v?b=2&a=1", {"path": "/k=v", "query": "b=2&a=1"})).difference
    assert found is not None
    order = ROWS["query_order"]
    assert found.cause == "path-encoding"
    assert found.advice == f"{RAW}: {ROWS['raw_path'].advice}; and {order.say('the client', 'as sent')}: {order.advice}"
    assert (found.line, found.ours, found.theirs) == (2, "/k%3Dv", "/k=v")


def test_two_mistakes_of_neighbouring_rows_are_both_named() -> None:
    request = plain("/?acl&a=b+c", {"query": "a=b%2Bc&acl"})
    plus, bare = ROWS["query_plus"], ROWS["query_no_equals"]
    advice = (
        f"the client took a '+' in the query for a plus sign: {plus.advice}; "
        f"and the client wrote a parameter without a value without its '=': {bare.advice}"
    )
    found = look(request).difference
    assert found is not None
    assert (found.cause, found.advice) == ("query-encoding", advice)
    log = f"* aws_sigv4: String to sign (enclosed in []) - [{request.to_sign()}]\n"
    found = look(request, log.encode(), keys=()).difference
    assert found is not None
    assert (found.cause, found.advice) == ("query-encoding", advice)


def test_three_mistakes_are_not_explained() -> None:
    found = look(plain("/k=v?b=2&a=1", {"path": "/k=v", "query": "b=2&a=1", "method": "HEAD"})).difference
    assert found is not None
    assert found.cause == "unknown"


def test_rows_that_stand_alone_are_not_tried_in_pairs() -> None:
    found = look(plain("/k=v", {"path": "/k=v"}, secret=SECRET + "\n")).difference
    assert found is not None
    assert found.cause == "unknown"
    assert {row_name(cause) for cause in causes.CAUSES if cause.alone} == {
        "time_zone",
        "other_key_scope",
        "other-scope",
        "altered",
        "other-id",
        "unprefixed",
    }


def subkey(*scope: str) -> Subkey:
    key = MacKey(signing_key(SECRET, *scope))
    return Subkey(ID, Scope(scope, AWS4.chain), key)


def test_a_subkey_explains_as_far_as_it_reaches() -> None:
    narrow = subkey("20261123", REGION, "s3", "aws4_request")
    found = look(plain("/k=v", {"path": "/k=v"}), keys=(narrow,)).difference
    assert found is not None
    assert (found.cause, found.advice) == ("path-encoding", f"{RAW}: {ROWS['raw_path'].advice}")
    other = look(scoped("20261123", "eu-west-1", "s3", "aws4_request"), keys=(narrow,)).difference
    assert other is not None
    assert other.cause == "unknown"
    wide = look(scoped("20261123", "eu-west-1", "s3", "aws4_request"), keys=(subkey("20261123"),)).difference
    assert wide is not None
    assert (wide.cause, wide.advice.partition(":")[0]) == ("scope", "the client signed for the region eu-west-1")


@pytest.mark.parametrize(
    ("row", "what", "scope"),
    [
        ("other_key_scope", "a signing key for 20261122/us-east-1", ("20261122", REGION, "s3", "aws4_request")),
        ("other-scope", "the subkey for 20261121/mars-1", ("20261121", "mars-1", "s3", "aws4_request")),
    ],
)
def test_a_subkey_for_one_scope_under_the_name_of_another(row: str, what: str, scope: tuple[str, ...]) -> None:
    explained = look(plain(key_scope=scope), keys=(subkey(*scope),))
    found = explained.difference
    assert found is not None
    sentence = f"the client used {what}/s3/aws4_request, which is not what the credential scope says"
    assert (found.cause, found.advice) == ("scope", f"{sentence}: {ROWS[row].advice}")
    assert explained.notes == [f"no key that was given signs for {ID} in 20261123/{REGION}/s3/aws4_request"]


@pytest.mark.parametrize(
    ("secret", "detail"),
    [
        (SECRET + "\n", "with a line feed behind it"),
        (SECRET + "\r", "with a carriage return behind it"),
        (SECRET + " ", "with a space behind it"),
        (" " + SECRET, "with a space before it"),
        (f'"{SECRET}"', "in double quotes"),
        (f"'{SECRET}'", "in single quotes"),
        (SECRET.replace("/", "%2F").replace("+", "%2B"), "percent-encoded"),
        (SECRET.replace("+", " "), "with a space for each '+'"),
        (SECRET[:-1], "without its last character"),
        (SECRET[1:], "without its first character"),
    ],
)
def test_a_secret_as_people_copy_it(secret: str, detail: str) -> None:
    found = look(plain(secret=secret)).difference
    assert found is not None
    assert (found.cause, found.advice) == ("secret", f"the client used the secret {detail}: {ROWS['altered'].advice}")


@pytest.mark.parametrize(
    ("held", "used", "detail"),
    [
        (" abc\n", "abc", "without the spaces and line ends around it"),
        ("'abX\"", "abX", "without the quotes around it"),
        ("a%2Fb", "a/b", "percent-decoded"),
        ("a\\b", "ab", "without its backslashes"),
        ("a/b", "ab", "without its slashes"),
    ],
)
def test_a_secret_that_is_held_as_people_copy_it(held: str, used: str, detail: str) -> None:
    key = AccessKey(ID, Secret(held.encode()))
    found = explain(parse_request(plain(secret=used).message()), keys=[key]).difference
    assert found is not None
    assert found.advice == f"the client used the secret {detail}: {ROWS['altered'].advice}"


class Handle(Secret):
    """A secret in hardware: it never shows its bytes."""

    __slots__ = ()

    def reveal(self) -> bytes:
        raise AssertionError("a handle cannot be revealed")


def test_a_secret_behind_a_handle_explains_without_being_revealed() -> None:
    key = AccessKey(ID, Handle(SECRET.encode()))
    found = look(plain("/k=v", {"path": "/k=v"}), keys=(key,)).difference
    assert found is not None
    assert found.cause == "path-encoding"
    missed = look(plain(secret=SECRET + "\n"), keys=(key,)).difference
    assert missed is not None
    assert missed.cause == "unknown"


# the same table, for what a server or a client's log says: no key


def served(request: Plain, **wrong: Any) -> bytes:
    """Return the answer of a server that read *request* in another way."""
    right, request.wrong = request.wrong, {**request.wrong, **wrong}
    body = s3_error(request.canonical(), request.to_sign())
    request.wrong = right
    return body


NOT_BY_A_SERVER = {"other_key_scope", "other-scope", "altered", "other-id", "unprefixed"}
SAME_WORDS = {"path-encoding", "path-normalisation", "query-encoding", "query-order", "payload-hash", "method"}


@pytest.mark.parametrize(
    ("row", "word", "make", "place", "sentence"),
    [case for case in CASES if case[1] in SAME_WORDS],
    ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES) if case[1] in SAME_WORDS],
)
@pytest.mark.parametrize("by", ["server", "client"])
def test_a_row_is_named_without_a_key_where_the_other_side_gives_its_stages(
    by: str, row: str, word: str, make: Callable[[], Plain], place: tuple[str, int, str, str], sentence: str
) -> None:
    request = make()
    theirs, to_sign = request.canonical(), request.to_sign()
    answer = s3_error(theirs, to_sign)
    if by == "client":
        answer = f"CanonicalRequest:\n{theirs}\nStringToSign:\n{to_sign}\nSignature:\n{request.signature()}\n".encode()
    found = look(request, answer, keys=()).difference
    assert found is not None
    advice = ROWS[row].served if by == "server" else ROWS[row].advice
    assert (found.cause, found.advice) == (word, f"{sentence.replace('the client', f'the {by}', 1)}: {advice}")
    assert (found.stage, found.line, found.ours, found.theirs) == (STAGES[place[0]], *place[1:])


@pytest.mark.parametrize(
    ("row", "word", "make", "place", "sentence"),
    [case for case in CASES if case[3][0] == "c"],
    ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES) if case[3][0] == "c"],
)
def test_a_row_is_named_without_a_key_by_the_hash_alone(
    row: str, word: str, make: Callable[[], Plain], place: tuple[str, int, str, str], sentence: str
) -> None:
    request = make()
    log = f"* aws_sigv4: String to sign (enclosed in []) - [{request.to_sign()}]\n"
    found = look(request, log.encode(), keys=()).difference
    assert found is not None
    assert (found.cause, found.advice) == (word, f"{sentence}: {ROWS[row].advice}")
    assert (found.stage, found.line, found.ours, found.theirs) == (STAGES[place[0]], *place[1:])


def test_every_word_of_the_design_has_a_row_or_is_said_otherwise() -> None:
    assert {cause.word for cause in causes.CAUSES} == set(causes.WORDS) - {"header-added", "unknown"}
    assert set(causes.ADVICE) == set(causes.WORDS)
    for text in [text for cause in causes.CAUSES for text in (cause.sentence, cause.advice, cause.served)]:
        assert text[0] in "{abcdefghijklmnopqrstuvwxyzS"
        assert text[-1] not in ".XN"
        assert "XX" not in text.replace("as %XX", "")
