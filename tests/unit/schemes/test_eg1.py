"""What does EdgeGrid sign, what does it leave out, and is that said?"""

import hashlib
from datetime import datetime
from typing import Any

import pytest

import schemejobs as jobs
from authkit import base64
from authkit.clock import UTC
from authkit.errors import InputError, Refused, UsageError
from authkit.messages.request import Request
from authkit.schemes import eg1

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = jobs.access_key()
LEFT_OUT = "the signature does not cover the whole body: the scheme signs that of a POST, up to --max-body"


def message(method: str = "POST", target: str = "/a?b", body: "bytes | None" = b"hello", **given: Any) -> Request:
    watch = eg1.watch(jobs.options(eg1.SCHEME, "sign", max_body=given.pop("max_body", None)))
    return jobs.request(method, target, given.pop("headers", ()), body, watch=watch, **given)


def sign(sent: Request, **given: Any) -> Any:
    return jobs.sign(eg1.SCHEME, sent, KEY, AT, **{"access_token": "at-1", **given})


def test_what_is_added() -> None:
    signed = sign(message())
    unsigned = (
        "EG1-HMAC-SHA256 client_token=AK;access_token=at-1;timestamp=20261123T09:00:00+0000;"
        "nonce=000102030405060708090a0b0c0d0e0f;"
    )
    assert signed.stages["data-to-sign"] == (
        f"POST\thttps\texample.com\t/a?b\t\tLPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\t{unsigned}"
    )
    assert signed.added == (("Authorization", f"{unsigned}signature={signed.stages['signature']}"),)
    assert (signed.scheme, signed.access_key_id, signed.scope, signed.warnings) == ("eg1", "AK", "", ())
    assert signed.bearer == ()  # the access token is a name: it opens nothing without the secret
    assert eg1.stages(signed.request, jobs.options(eg1.SCHEME, "inspect")) == signed.stages
    judge = jobs.verifier(eg1.SCHEME, KEY, authority=("example.com",), access_token="at-1")
    found = judge.judge(signed.request, AT)
    assert found.covered == ("method", "path", "query", "host", "body")
    assert (found.uncovered, found.warnings) == ((), ())
    assert found.more == {"nonce": "000102030405060708090a0b0c0d0e0f"}
    found = jobs.verifier(eg1.SCHEME, KEY).judge(signed.request, AT)
    assert found.warnings == ("authority-not-compared", "access-token-not-compared")


@pytest.mark.parametrize("method, body, max_body, uncovered", [
    ("GET", b"", None, ""),
    ("PUT", b"", None, ""),
    ("PUT", b"hello", None, "body"),
    ("POST", b"", None, ""),
    ("POST", b"x", None, ""),
    ("POST", b"hello", 5, ""),
    ("POST", b"hello", 4, "body-after-4"),
    ("POST", b"hello", 1, "body-after-1"),
    ("POST", b"d" * 131072, None, ""),
    ("POST", b"d" * 131073, None, "body-after-131072"),
])  # fmt: skip
def test_what_of_the_body_is_covered(method: str, body: bytes, max_body: "int | None", uncovered: str) -> None:
    signed = sign(message(method, body=body, max_body=max_body), max_body=max_body)
    assert signed.warnings == ((LEFT_OUT,) if uncovered else ())
    judge = jobs.verifier(eg1.SCHEME, KEY, max_body=max_body, allow_unsigned_payload=True)
    found = judge.judge(jobs.with_body(signed.request, body, judge), AT)
    assert found.uncovered == ((uncovered,) if uncovered else ())
    assert ("body" in found.covered) == (not uncovered)


@pytest.mark.parametrize("pieces", [[b"he", b"ll", b"o"], [b"hello"], [b"", b"hel", b"", b"lo"], [b"h", b"ello world"]])
def test_the_first_octets_come_in_pieces(pieces: "list[bytes]") -> None:
    for limit in (1, 2, 3, 5, 100):
        first = eg1.First(limit)
        for piece in pieces:
            first.update(piece)
        assert first.digest() == hashlib.sha256(b"".join(pieces)[:limit]).digest()


def test_a_long_body_must_have_been_watched() -> None:
    sent = jobs.request("POST", "/", (), b"hello")
    assert eg1.content_hash(sent, 5) == base64.encode(hashlib.sha256(b"hello").digest())
    with pytest.raises(InputError, match=r"^the body is over 4 octets, and its first octets were not hashed apart$"):
        eg1.content_hash(sent, 4)


def test_headers_are_signed_in_the_order_given() -> None:
    headers = (("X-A", " a \t b "), ("X-B", "1"))
    signed = sign(message(headers=headers), sign_header=("X-B", "X-C", "x-a"))
    assert "\tx-b:1\tx-a:a b\t" in signed.stages["data-to-sign"]
    options = jobs.options(eg1.SCHEME, "inspect", sign_header=("X-B", "X-C", "x-a"))
    assert eg1.stages(signed.request, options) == signed.stages
    judge = jobs.verifier(eg1.SCHEME, KEY, sign_header=("host", "x-b", "x-c", "x-a"), require=("x-b",))
    assert "host:example.com" not in signed.stages["data-to-sign"]
    other = sign(message(headers=headers), sign_header=("host", "x-b", "x-c", "x-a"))
    assert judge.judge(other.request, AT).covered == ("method", "path", "query", "host", "x-b", "x-a", "body")


@pytest.mark.parametrize("target, scheme, line", [
    ("/a;b?c", "https", "https\texample.com\t/a;b?c\t"),
    ("/", "http", "http\texample.com\t/\t"),
    ("HTTP://example.com/a?b", "https", "http\texample.com\t/a?b\t"),
    ("http://example.com", "https", "http\texample.com\t/\t"),
    ("*", "http", "http\texample.com\t*\t"),
])  # fmt: skip
def test_the_target(target: str, scheme: str, line: str) -> None:
    sent = jobs.request("OPTIONS", target, scheme=scheme)
    assert eg1.data_to_sign(sent, (), "", "") == f"OPTIONS\t{line}\t\t"


@pytest.mark.parametrize("given, message_, hint", [
    ({"access_token": None}, "nothing says which access token goes with the client token", "add --access-token"),
    ({"access_token": ""}, "the client token or the access token holds a character that it cannot hold", None),
    ({"access_token": "a;b"}, "the client token or the access token holds a character that it cannot hold", None),
    ({"access_token": "a b"}, "the client token or the access token holds a character that it cannot hold", None),
    ({"access_token": "a\u00e9"}, "the client token or the access token holds a character that it cannot hold", None),
    ({"sign_header": ("x a",)}, "--sign-header 'x a' is no name of a header to sign, or stands twice", None),
    ({"sign_header": ("authorization",)},
     "--sign-header 'authorization' is no name of a header to sign, or stands twice", None),
    ({"sign_header": ("x-a", "X-A")}, "--sign-header 'x-a' is no name of a header to sign, or stands twice", None),
    ({"max_body": 0}, "--max-body 0 is not 1 or more", None),
])  # fmt: skip
def test_options_that_do_not_fit(given: "dict[str, Any]", message_: str, hint: "str | None") -> None:
    with pytest.raises(UsageError) as caught:
        sign(message(), **given)
    assert (caught.value.message, caught.value.hint) == (message_, hint)


def test_a_client_token_that_cannot_stand_in_the_header() -> None:
    with pytest.raises(UsageError, match=r"^the client token or the access token holds a character"):
        jobs.sign(eg1.SCHEME, message(), jobs.access_key("A;K"), AT, access_token="at-1")


@pytest.mark.parametrize("token", ["", "a b", "\u00e9", 'a"'])
def test_a_verifier_s_access_token(token: str) -> None:
    with pytest.raises(UsageError, match=r"^--access-token holds a character that no access token holds$"):
        jobs.verifier(eg1.SCHEME, KEY, access_token=token)


@pytest.mark.parametrize("body", [b"x", b"hello"])
def test_a_short_body_matters(body: bytes) -> None:
    hashed = base64.encode(hashlib.sha256(body).digest())
    assert f"\t{hashed}\tEG1-" in sign(message(body=body), access_token="X-1").stages["data-to-sign"]


def test_requests_that_cannot_be_signed() -> None:
    with pytest.raises(Refused, match=r"^the request already has the header authorization$"):
        sign(message(headers=(("Authorization", "x"),)))
    with pytest.raises(InputError, match=r"^the request has the header x-a twice$") as caught:
        sign(message(headers=(("X-A", "1"), ("x-a", "2"))), sign_header=("x-a",))
    assert caught.value.hint == "leave one of them"
    with pytest.raises(InputError, match=r"^the body is not known, so it cannot be signed$"):
        sign(message(body=None))
    with pytest.raises(Refused, match=r"^AK has a session token, for which eg1 has no place$"):
        jobs.sign(eg1.SCHEME, message(), jobs.access_key(token="t"), AT, access_token="at-1")


def test_an_unknown_body_that_is_not_signed_anyway() -> None:
    signed = sign(message("PUT", body=None))
    assert signed.warnings == (LEFT_OUT,)
    judge = jobs.verifier(eg1.SCHEME, KEY, allow_unsigned_payload=True)
    assert judge.judge(signed.request, AT).uncovered == ("body",)


def test_stages_of_what_cannot_be_rebuilt() -> None:
    options = jobs.options(eg1.SCHEME, "inspect", sign_header=("x-a",))
    signed = sign(message())
    for sent, reason in (
        (jobs.with_body(signed.request, None), "body-unavailable"),
        (jobs.added(signed.request, ("X-A", "1"), ("X-A", "2")), "duplicate-header"),
        (jobs.without(signed.request, "host"), "host-not-signed"),
    ):
        with pytest.raises(Exception) as caught:
            eg1.stages(sent, options)
        assert getattr(caught.value, "reason", None) == reason
