"""Is exactly the message that is shown signed, and is every other one refused?"""

import base64
import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from authkit.clock import UTC
from authkit.errors import InputError, Refused, Untrusted, UsageError
from authkit.keys.derive import derive_key
from authkit.keys.scope import Scope
from authkit.messages.payload import EMPTY_HASH
from authkit.messages.request import Request
from authkit.schemes import approved
from authkit.schemes.approved import Message
from authkit.schemes.derived import AWS4, DERIVED, JDCLOUD3, OSC4, OSS4, SLS4, TC3, TOS4, Derived
from authkit.secret import MacKey

AT = datetime(2026, 11, 24, 9, 0, 0, tzinfo=UTC)
SECRET = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
S3 = Scope(("20261124", "us-east-1", "s3", "aws4_request"), AWS4.chain)
HOST = ("Host", "s3.us-east-1.amazonaws.com")
BODY = b"hello\n"


def request_of(
    method: str = "PUT", target: str = "/bkt/a%20b", headers: Any = (), body: bytes = BODY, host: Any = HOST
) -> Request:
    return Request(method, target, (host, *headers), sha256(body).hexdigest(), len(body))


def prepare(
    request: Request, body: "bytes | None" = BODY, row: Derived = AWS4, scope: Scope = S3, **more: Any
) -> Message:
    more.setdefault("random", bytes)
    return approved.prepare(request, body, row, "AKIDEXAMPLE", scope, AT, **more)


def key_for(scope: Scope) -> MacKey:
    return derive_key(MacKey(scope.chain.prefix + SECRET), scope.values)


def rebuild(message: Message, row: Derived = AWS4, scope: Scope = S3, seconds: int = 900, at: datetime = AT) -> Any:
    until = AT + timedelta(seconds=seconds)
    return approved.rebuild(message, row, "AKIDEXAMPLE", scope, at, until, key_for(scope), "r")


def refusal(call: Any, *values: Any, **more: Any) -> tuple[str, str]:
    with pytest.raises(Untrusted) as caught:
        call(*values, **more)
    sentence = caught.value.message
    return caught.value.reason, sentence[sentence.index(f"({caught.value.reason}") + len(caught.value.reason) + 3 : -1]


PLAIN = (
    b"PUT /bkt/a%20b HTTP/1.1\r\n"
    b"Host: s3.us-east-1.amazonaws.com\r\n"
    b"User-Agent: me\r\n"
    b"X-Amz-Date: 20261124T090000Z\r\n"
    b"X-Amz-Content-Sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\r\n"
    b"Content-Length: 6\r\n"
    b"\r\n"
    b"hello\n"
)


def signed_by_hand() -> str:
    """The signature of PLAIN, by AWS's page on Signature Version 4 and Python's hmac."""
    digest = sha256(BODY).hexdigest()
    canonical = (
        "PUT\n/bkt/a%20b\n\nhost:s3.us-east-1.amazonaws.com\n"
        f"x-amz-content-sha256:{digest}\nx-amz-date:20261124T090000Z\n\n"
        f"host;x-amz-content-sha256;x-amz-date\n{digest}"
    )
    scope = "20261124/us-east-1/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n20261124T090000Z\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4" + SECRET
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


# the message


def test_a_message_holds_all_that_is_sent_but_the_signature() -> None:
    message = prepare(request_of(headers=[("User-Agent", "me"), ("Content-Length", "6")]))
    assert message.encode() == PLAIN
    found = approved.read_message(PLAIN, "r")
    assert (found.encode(), found.body, found.request.headers) == (PLAIN, BODY, message.request.headers)


def test_the_signature_is_the_one_that_is_made_by_hand() -> None:
    signed = rebuild(approved.read_message(PLAIN, "r"))
    assert signed.stages["signature"] == signed_by_hand()
    assert signed.request.headers[-1] == (
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/us-east-1/s3/aws4_request, "
        f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signed_by_hand()}",
    )
    assert approved.signed_names(signed) == {"host", "x-amz-content-sha256", "x-amz-date"}
    assert approved.covers_body(signed)


def test_a_signature_that_was_made_elsewhere_is_put_in_place() -> None:
    until = AT + timedelta(seconds=900)
    place = (AWS4, "AKIDEXAMPLE", S3, AT, until, signed_by_hand(), "a")
    done = approved.complete(approved.read_message(PLAIN, "r"), *place)
    assert done.request.headers == rebuild(approved.read_message(PLAIN, "r")).request.headers


def test_a_body_by_its_digest_is_signed_and_not_known() -> None:
    message = prepare(request_of(), None, by_digest=True)
    digest = base64.b64encode(sha256(BODY).digest()).decode()
    assert f"\r\nContent-Digest: sha-256=:{digest}:\r\n".encode() in message.encode()
    assert message.encode().endswith(b"\r\n\r\n")
    assert b"Content-Length" not in message.encode()
    found = approved.read_message(message.encode(), "r")
    assert (found.body, found.request.payload_hash) == (None, sha256(BODY).hexdigest())
    assert "content-digest" in approved.signed_names(rebuild(found))
    whole = rebuild(approved.read_message(prepare(request_of()).encode(), "r"))
    assert whole.stages["canonical-request"].endswith(found.request.payload_hash)


def test_a_digest_beside_its_body_is_a_header_like_others() -> None:
    digest = approved.digest_of(sha256(BODY).hexdigest())
    found = approved.read_message(prepare(request_of(headers=[("Content-Digest", digest)])).encode(), "r")
    assert found.body == BODY
    empty = approved.digest_of(EMPTY_HASH)
    found = approved.read_message(prepare(request_of(headers=[("Content-Digest", empty)], body=b""), b"").encode(), "r")
    assert found.body == b""


def test_a_url_that_is_signed() -> None:
    message = prepare(request_of("GET", body=b""), b"", expires=604800)
    assert message.request.target == (
        "/bkt/a%20b?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIDEXAMPLE%2F20261124%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20261124T090000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host"
    )
    signed = rebuild(approved.read_message(message.encode(), "r"), seconds=604800)
    assert signed.request.target == f"{message.request.target}&X-Amz-Signature={signed.stages['signature']}"
    assert signed.added == ()
    assert not approved.covers_body(signed)


@pytest.mark.parametrize("target", ["/?", "/?a=1", "/?a=1&", "/?a&b=%20", "/?a=1&&b?", "/?a=1&&", "/a&"])
def test_any_query_may_go_before_the_signature(target: str) -> None:
    request = request_of("GET", target, body=b"")
    message = approved.read_message(prepare(request, b"", expires=60).encode(), "r")
    assert rebuild(message, seconds=60).request.target.startswith(target.rstrip("&?"))
    assert approved.difference(request, message, AWS4) is None


SCOPES = {
    "tc3": ("2026-11-24", "cvm", "tc3_request"),
    "osc4": ("20261124", "eu-west-2", "api", "osc4_request"),
}


@pytest.mark.parametrize("row", DERIVED.values(), ids=DERIVED)
def test_every_scheme_of_the_family(row: Derived) -> None:
    values = (row.chain.format_day(AT.date()), *["x1"] * (len(row.chain.parts) - 1), row.chain.terminator)
    scope = Scope(values, row.chain)
    request = request_of("GET", "/a?b=c", [("Content-Type", "a/b")], b"")
    message = approved.read_message(prepare(request, b"", row, scope).encode(), "r")
    signed = rebuild(message, row, scope)
    assert signed.scheme == row.name
    assert approved.difference(request, message, row) is None
    assert approved.row_of(row.chain.label) is row


def test_a_nonce_is_drawn_once() -> None:
    scope = Scope(("20261124", "x1", "vm", "jdcloud3_request"), JDCLOUD3.chain)
    message = prepare(request_of(), BODY, JDCLOUD3, scope, random=lambda n: b"\xab" * n)
    assert message.request.values("x-jdcloud-nonce") == ["ab" * 16]
    own = request_of(headers=[("x-jdcloud-nonce", "mine")])
    assert prepare(own, BODY, JDCLOUD3, scope).request.values("x-jdcloud-nonce") == ["mine"]
    assert approved.difference(request_of(), message, JDCLOUD3) is None


def test_schemes_that_are_not_of_the_family() -> None:
    assert approved.row_of("AWS4-ECDSA-P256-SHA256") is None
    assert approved.row_of("") is None


# what cannot be asked for


@pytest.mark.parametrize(
    ("request_", "more", "error", "message", "hint"),
    [
        (
            Request("PUT", "/", (HOST,), None, None),
            {},
            InputError,
            "the body is not known, so it cannot be shown to whoever signs",
            "give it with --body",
        ),
        (
            request_of(target="http://h/"),
            {},
            InputError,
            "a request that is signed by itself has one Host header and a path",
            "write it as a URL",
        ),
        (
            request_of(headers=[HOST]),
            {},
            InputError,
            "a request that is signed by itself has one Host header and a path",
            "write it as a URL",
        ),
        (
            request_of(headers=[("content-digest", "x")]),
            {"by_digest": True},
            Refused,
            "the request already has the header Content-Digest",
            "leave it out: --by-digest adds it",
        ),
        (
            request_of(),
            {"expires": 60},
            Refused,
            "the signature would not cover the body",
            "sign it in headers: leave out --placement query",
        ),
        (
            request_of("POST", body=b""),
            {"expires": 60},
            Refused,
            "the signature would not cover the body",
            "sign it in headers: leave out --placement query",
        ),
        (
            request_of(headers=[("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")]),
            {},
            Refused,
            "the signature would not cover the body",
            None,
        ),
        (
            request_of(headers=[("Authorization", "x")]),
            {},
            Refused,
            "the request already has the header authorization",
            "remove it: signing adds it",
        ),
        (
            request_of(target="/?X-Amz-Signature=0"),
            {"expires": 60},
            Refused,
            "the query already has X-Amz-Signature",
            "remove it: signing adds it",
        ),
    ],
)
def test_what_cannot_be_asked_for(request_: Request, more: Any, error: Any, message: str, hint: "str | None") -> None:
    with pytest.raises(error) as caught:
        prepare(request_, **more)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize("row", [TOS4, OSS4], ids=["tos4", "oss4"])
def test_a_scheme_that_leaves_bodies_unsigned(row: Derived) -> None:
    scope = Scope(("20261124", "x1", "s", row.chain.terminator), row.chain)
    with pytest.raises(Refused, match="the signature would not cover the body"):
        prepare(request_of(), BODY, row, scope)
    assert not approved.covers_body(rebuild(prepare(request_of("GET", body=b""), b"", row, scope), row, scope))


@pytest.mark.parametrize(
    ("row", "in_query", "seconds", "found"),
    [
        (AWS4, False, None, 900),
        (AWS4, False, 1, 1),
        (AWS4, False, 900, 900),
        (AWS4, True, None, 900),
        (AWS4, True, 604800, 604800),
        (OSC4, False, 900, 900),
    ],
)
def test_how_long_a_signature_lives(row: Derived, in_query: bool, seconds: "int | None", found: int) -> None:
    assert approved.lifetime_of(row, in_query, seconds) == timedelta(seconds=found)


@pytest.mark.parametrize(
    ("row", "in_query", "seconds", "message", "hint"),
    [
        (AWS4, False, 0, "0 is not 1 to 900 seconds, for a signature in headers", True),
        (AWS4, False, 901, "901 is not 1 to 900 seconds, for a signature in headers", True),
        (OSC4, False, 901, "901 is not 1 to 900 seconds, for a signature in headers", False),
        (AWS4, True, 0, "0 is not 1 to 604800 seconds, for a signature in the query", False),
        (AWS4, True, 604801, "604801 is not 1 to 604800 seconds, for a signature in the query", False),
    ],
)
def test_how_long_it_cannot_live(row: Derived, in_query: bool, seconds: int, message: str, hint: bool) -> None:
    with pytest.raises(UsageError) as caught:
        approved.lifetime_of(row, in_query, seconds)
    text = "--placement query makes a URL that lives longer"
    assert (caught.value.message, caught.value.hint) == (f"--expires {message}", text if hint else None)


# what is refused where it is signed

ONE_WAY = "it is not written in the one way that there is"
DIGEST = b"Content-Digest: " + approved.digest_of(sha256(BODY).hexdigest()).encode()


@pytest.mark.parametrize(
    ("old", "new", "word", "detail"),
    [
        (b"\r\n", b"\n", "message-malformed", ONE_WAY),
        (b"Host: s3", b"Host:  s3", "message-malformed", ONE_WAY),
        (b"Content-Length: 6\r\n", b"Content-Length: 06\r\n", "message-malformed", ONE_WAY),
        (b"Content-Length: 6\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n6\r\n", "message-malformed", None),
        (b"Content-Length: 6\r\n", b"Content-Length: 5\r\n", "message-malformed", None),
        (b"Content-Length: 6\r\n", b"", "message-malformed", None),
        (b"HTTP/1.1", b"HTTP/1.0", "message-malformed", ONE_WAY),
        (b"PUT /", b"PUT  /", "message-malformed", None),
        (b"/a%20b", b"/a b", "message-malformed", None),
        (b"/a%20b", b"/a%20b#c", "message-malformed", None),
        (b"User-Agent: me", b"User-Agent : me", "message-malformed", None),
        (b"User-Agent: me", b"X_a: 1\r\nX-A: 2", "message-malformed", None),
        (b"User-Agent: me", DIGEST.replace(b"W", b"X"), "body-mismatch", "Content-Digest"),
        (b"User-Agent: me", DIGEST.replace(b"=:", b"="), "message-malformed", "Content-Digest is not one sha-256"),
        (b"User-Agent: me", DIGEST.replace(b"256", b"512"), "message-malformed", "Content-Digest is not one sha-256"),
        (b"User-Agent: me", DIGEST + b"\r\n" + DIGEST, "message-malformed", "Content-Digest is not one sha-256"),
        (
            b"User-Agent: me",
            b"Content-Digest: sha-256=:AAAA:",
            "message-malformed",
            "Content-Digest is not one sha-256",
        ),
    ],
)
def test_messages_that_are_none(old: bytes, new: bytes, word: str, detail: "str | None") -> None:
    data = PLAIN.replace(old, new)
    assert data != PLAIN
    found = refusal(approved.read_message, data, "r")
    assert found[0] == word
    assert detail is None or found[1] == detail


def test_what_is_no_message_at_all() -> None:
    for data in (b"", b"AWS4-HMAC-SHA256\n20261124T090000Z\nscope\n" + b"ab" * 32, b"ab" * 32, b"PUT\n/\n\nhost:x\n"):
        assert refusal(approved.read_message, data, "r")[0] == "message-malformed"


@pytest.mark.parametrize(
    ("old", "new", "word", "detail"),
    [
        (b"20261124T090000Z", b"20261124T090001Z", "message-malformed", None),
        (b"X-Amz-Date: 20261124T090000Z\r\n", b"", "message-mismatch", "signing would add X-Amz-Date"),
        (
            b"X-Amz-Content-Sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\r\n",
            b"",
            "message-mismatch",
            "signing would add X-Amz-Content-Sha256",
        ),
        (b"Sha256: 58", b"Sha256: 59", "message-malformed", None),
        (b"Sha256: 58", b"Sha256: UNSIGNED-PAYLOAD\r\nX: ", "body-unsigned", None),
        (b"User-Agent: me", b"Authorization: AWS4-HMAC-SHA256 x", "message-malformed", None),
        (b"User-Agent: me", b"X-Amz-Security-Token: x", "message-malformed", None),
        (b"Host: s3.us-east-1.amazonaws.com\r\n", b"", "message-malformed", None),
        (b"a%20b HTTP", b"a?X-Amz-Signature=0 HTTP", "message-malformed", "X-Amz-Expires is not a number of seconds"),
        (b"hello\n", b"hellO\n", "message-malformed", None),
    ],
)
def test_messages_that_are_not_what_would_be_sent(old: bytes, new: bytes, word: str, detail: "str | None") -> None:
    data = PLAIN.replace(old, new, 1)
    assert data != PLAIN
    found = refusal(rebuild, approved.read_message(data, "r"))
    assert found[0] == word
    assert detail is None or found[1] == detail


@pytest.mark.parametrize(
    ("changes", "word", "detail"),
    [
        ({"seconds": 901}, "expires-mismatch", "901 seconds, and the message allows 900"),
        ({"seconds": 86400}, "expires-mismatch", "86400 seconds, and the message allows 900"),
        ({"at": AT + timedelta(seconds=1)}, "message-malformed", None),
    ],
)
def test_headers_are_good_near_their_instant_alone(changes: Any, word: str, detail: "str | None") -> None:
    found = refusal(rebuild, approved.read_message(PLAIN, "r"), **changes)
    assert found[0] == word
    assert detail is None or found[1] == detail
    assert rebuild(approved.read_message(PLAIN, "r"), seconds=1).scheme == "sigv4"


URL = prepare(request_of("GET", "/bkt?a=b", body=b""), b"", expires=600).encode()
ORDER = "the parameters of the signature are not as signing writes them"


@pytest.mark.parametrize(
    ("old", "new", "seconds", "word", "detail"),
    [
        (b"", b"", 599, "expires-mismatch", "599 seconds, and the message allows 600"),
        (b"", b"", 601, "expires-mismatch", "601 seconds, and the message allows 600"),
        (b"Expires=600", b"Expires=604800", 600, "expires-mismatch", "600 seconds, and the message allows 604800"),
        (b"Expires=600", b"Expires=0600", 600, "message-mismatch", ORDER),
        (b"Expires=600", b"Expires=6e2", 600, "message-malformed", "X-Amz-Expires is not a number of seconds"),
        (b"Expires=600", b"Expires=0000600", 600, "message-malformed", "X-Amz-Expires is not a number of seconds"),
        (b"Expires=600", b"expires=600", 600, "message-malformed", "X-Amz-Expires is not a number of seconds"),
        (b"Expires=600", b"Expires=900000", 900000, "message-malformed", None),
        (b"090000Z", b"090001Z", 600, "message-mismatch", ORDER),
        (b"AKIDEXAMPLE", b"AKIDEXAMPLF", 600, "message-mismatch", ORDER),
        (b"SignedHeaders=host", b"SignedHeaders=", 600, "message-mismatch", ORDER),
        (b"SignedHeaders=host", b"SignedHeaders=host&X-Amz-Signature=00", 600, "message-mismatch", ORDER),
        (b"SignedHeaders=host", b"SignedHeaders=host&X-Amz-Security-Token=00", 600, "message-mismatch", ORDER),
        (b"SignedHeaders=host", b"SignedHeaders=host&c=d", 600, "message-mismatch", ORDER),
        (b"GET", b"POST", 600, "body-unsigned", ""),
        (b"GET", b"PATCH", 600, "body-unsigned", ""),
    ],
)
def test_urls_that_are_not_what_would_be_sent(
    old: bytes, new: bytes, seconds: int, word: str, detail: "str | None"
) -> None:
    found = refusal(rebuild, approved.read_message(URL.replace(old, new, 1), "r"), seconds=seconds)
    assert found[0] == word
    assert not detail or found[1] == detail


def test_headers_in_another_order_are_not_those_of_signing() -> None:
    """A scheme's own header that comes first would be signed the same, and yet not be what prepare wrote."""
    row = SLS4
    scope = Scope(("20261124", "x1", "sls", row.chain.terminator), row.chain)
    message = approved.read_message(prepare(request_of(headers=[("A", "1")]), BODY, row, scope).encode(), "r")
    headers = message.request.headers
    other = Message(message.request.with_headers((*headers[:-2], headers[-1], headers[-2])), BODY)
    assert (
        rebuild(other, row, scope).scheme == "sls4"
    )  # both are there, so nothing is added, and order is no difference
    bare = Message(message.request.with_headers((headers[0], *headers[2:-1])), BODY)
    assert refusal(rebuild, bare, row, scope)[0] == "message-mismatch"


# what comes back


def test_every_byte_of_a_message_is_bound() -> None:
    """A requester that writes another message gets no signature, or another one; what is unsigned is named so."""
    first = rebuild(approved.read_message(PLAIN, "r"))
    unsigned = range(PLAIN.index(b"User-Agent"), PLAIN.index(b"X-Amz-Date") - 2)
    different = 0
    for place in range(len(PLAIN)):
        for other in (PLAIN[place] ^ 0x01, PLAIN[place] ^ 0x20, 0x20):
            data = PLAIN[:place] + bytes([other]) + PLAIN[place + 1 :]
            if data == PLAIN:
                continue
            try:
                signed = rebuild(approved.read_message(data, "r"))
            except Untrusted:
                continue
            if signed.stages["signature"] == first.stages["signature"]:
                # the name in another case is the same header, and what is not covered is said not to be
                assert place in unsigned or data.lower() == PLAIN.lower(), data
                named = {name.lower() for name, _ in signed.request.headers} - approved.signed_names(signed)
                assert place not in unsigned or "user-agent" in named
            else:
                different += 1
    assert different > 50


def test_the_same_request_is_no_difference() -> None:
    request = request_of(headers=[("User-Agent", "me")])
    message = approved.read_message(PLAIN, "r")
    assert approved.difference(request, message, AWS4) is None
    assert (
        approved.difference(request_of(headers=[("user-agent", "me"), ("content-length", "6")]), message, AWS4) is None
    )
    own = request_of(headers=[("X-Amz-Date", "20261124T090000Z"), ("User-Agent", "me")])
    assert approved.difference(own, message, AWS4) is None
    by_digest = approved.read_message(prepare(request_of(), None, by_digest=True).encode(), "r")
    assert approved.difference(request_of(), by_digest, AWS4) is None


ME = ("User-Agent", "me")


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        (request_of("POST", headers=[ME]), "its method is PUT"),
        (request_of("put", headers=[ME]), "its method is PUT"),
        (request_of(target="/bkt/a%20c", headers=[ME]), "its path or query is another"),
        (request_of(target="/bkt/a+b", headers=[ME]), "its path or query is another"),
        (request_of(target="/bkt/a%20b?", headers=[ME]), "its path or query is another"),
        (request_of(target="/bkt/a%20b?x", headers=[ME]), "its path or query is another"),
        (request_of(headers=[ME], host=("Host", "s3.us-east-2.amazonaws.com")), "its header host is another"),
        (request_of(headers=[("User-Agent", "you")]), "its header user-agent is another"),
        (request_of(headers=[ME, ME]), "its header user-agent is another"),
        (request_of(), "its header user-agent is another"),
        (request_of(headers=[ME, ("X-Amz-Acl", "private")]), "it has no header x-amz-acl"),
        (request_of(headers=[ME, ("X-Amz-Date", "20261124T090001Z")]), "its header x-amz-date is another"),
        (request_of(headers=[ME], body=b"hellO\n"), "its body is another"),
        (request_of(headers=[ME], body=b""), "its body is another"),
        (Request("PUT", "/bkt/a%20b", (HOST, ME), None, None), "its body is another"),
    ],
)
def test_every_other_request_is_named(request_: Request, fault: str) -> None:
    assert approved.difference(request_, approved.read_message(PLAIN, "r"), AWS4) == fault


def test_a_url_for_another_request() -> None:
    message = approved.read_message(URL, "r")
    assert approved.difference(request_of("GET", "/bkt?a=b", body=b""), message, AWS4) is None
    assert approved.difference(request_of("GET", "/bkt?a=c", body=b""), message, AWS4) == "its path or query is another"
    assert approved.difference(request_of("GET", "/bkt", body=b""), message, AWS4) == "its path or query is another"


def test_what_is_sent_goes_where_the_request_goes() -> None:
    request = Request("PUT", "/bkt/a%20b", (HOST,), sha256(BODY).hexdigest(), 6, "http")
    signed = rebuild(approved.read_message(prepare(request, None, by_digest=True).encode(), "r"))
    sent = approved.sent_as(signed.request, request)
    assert (sent.scheme, sent.content_length, sent.payload_hash) == ("http", 6, sha256(BODY).hexdigest())
    assert sent.headers == signed.request.headers


def test_tc3_is_stamped_in_seconds() -> None:
    scope = Scope(SCOPES["tc3"], TC3.chain)
    message = prepare(request_of(headers=[("Content-Type", "a/b")]), BODY, TC3, scope)
    assert message.request.values("x-tc-timestamp") == [str(int(AT.timestamp()))]
    assert approved.covers_body(rebuild(message, TC3, scope))
