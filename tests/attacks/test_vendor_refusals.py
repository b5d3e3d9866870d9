"""Is each request that must not pass refused, with the exact reason, by the schemes that carry code?"""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

import schemejobs as jobs
from authkit.clock import UTC
from authkit.errors import Rejected
from authkit.messages.request import Request
from authkit.schemes import acs3, azure_sharedkey, cavage, eg1, huawei, huawei_v11
from authkit.schemes.base import Claimed, Scheme, Verified

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BODY = b"hello"
TEXT = ("Content-Type", "text/plain")
TOKEN = "TOKEN=="
KEY = jobs.access_key()
SCOPE = {"region": "r-1", "service": "s-1"}
Edit = Callable[[Request], Request]


def drop(name: str) -> Edit:
    return lambda sent: jobs.without(sent, name)


def put(name: str, value: str) -> Edit:
    return lambda sent: jobs.changed(sent, name, value)


def also(*pairs: "tuple[str, str]") -> Edit:
    return lambda sent: jobs.added(sent, *pairs)


def swap(name: str, old: str, new: str) -> Edit:
    """Replace text in the value of a header."""

    def edit(sent: Request) -> Request:
        value = jobs.value(sent, name)
        assert old in value
        return jobs.changed(sent, name, value.replace(old, new))

    return edit


def authorize(old: str, new: str) -> Edit:
    return swap("authorization", old, new)


def sig(old: str, new: str) -> Edit:
    return swap("signature", old, new)


def target(text: str) -> Edit:
    return lambda sent: sent.with_target(text)


def method(name: str) -> Edit:
    return lambda sent: Request(
        name, sent.target, sent.headers, sent.payload_hash, sent.content_length, sent.scheme, sent.watched
    )


def body(data: "bytes | None") -> Edit:
    return lambda sent: jobs.with_body(sent, data)


def reject(
    scheme: Scheme, sent: Request, *keys: Any, at: datetime = AT, **given: Any
) -> "tuple[str, str, str | None, Any]":
    judge = jobs.verifier(scheme, *(keys or (KEY,)), **given)
    if sent.content_length is not None and judge.watch is not None:
        for name, one in judge.watch(sent, at).items():
            sent.watched.setdefault(name, one)
    with pytest.raises(Rejected) as caught:
        judge.judge(sent, at)
    found = caught.value
    return found.reason, found.detail, found.hint, found.claim


def accept(scheme: Scheme, sent: Request, *keys: Any, at: datetime = AT, **given: Any) -> Verified:
    return jobs.verifier(scheme, *(keys or (KEY,)), **given).judge(sent, at)


def edge(seconds: int) -> datetime:
    return AT + timedelta(seconds=seconds)


# what every scheme whose Authorization lists headers refuses: edit, options, reason, detail
LISTED = [
    (drop("authorization"), {}, "no-signature", ""),
    (also(("Authorization", "Basic x")), {}, "multiple-authorization", ""),
    (authorize("-HMAC-SHA256", "-HMAC-SHA1"), {}, "algorithm", "{label1}"),
    (put("authorization", "a" * 16385), {}, "authorization-syntax", "it is 16385 characters long"),
    (put("authorization", "a" * 16384), {}, "algorithm", repr("a" * 40)),
    (authorize("SignedHeaders=", "Signed="), {}, "authorization-syntax", "the field 'Signed' is {unknown}"),
    (authorize("SignedHeaders=", "Signature="), {}, "authorization-syntax", "the field 'Signature' is {unknown}"),
    (authorize("Signature=", "x,Signature="), {}, "authorization-syntax", "the field 'x' is {unknown}"),
    (authorize(",Signature=", ",Signature"), {}, "authorization-syntax", "{cut}"),
    (authorize("SignedHeaders=", "SignedHeaders=;"), {}, "signed-headers", "';{list}'"),
    (authorize("SignedHeaders=", "SignedHeaders=authorization;"), {}, "signed-headers", "'authorization;{list}'"),
    (authorize("host", "Host"), {}, "signed-headers", "'content-type;Host;{rest}'"),
    (authorize("content-type;host", "host;content-type"), {}, "signed-headers", "'host;content-type;{rest}'"),
    (authorize("content-type;", "content-type;content-type;"), {}, "signed-headers", "'content-type;{list}'"),
    (authorize("content-type;", "a;content-type;"), {}, "signed-header-missing", "a"),
    (also(("Host", "b")), {}, "duplicate-header", "host"),
    (also(TEXT), {}, "duplicate-header", "content-type"),
    (authorize("content-type;host;", "content-type;"), {}, "host-not-signed", ""),
    (authorize("content-type;", ""), {}, "content-type-unsigned", ""),
    (body(b"hellp"), {}, "{other_body}", ""),
    (target("/a/b?x=1&y=3"), {}, "signature-mismatch", ""),
    (target("/a/c?x=1&y=2"), {}, "signature-mismatch", ""),
    (target("/a/b?x=1"), {}, "signature-mismatch", ""),
    (target("/a/b?x=1&y=2&z"), {}, "signature-mismatch", ""),
    (target("/a%2Fb?x=1&y=2"), {}, "signature-mismatch", ""),
    (target("/a/b?x=1&y=+"), {}, "target-syntax", "{plus}"),
    (target("/a/b?x=%1"), {}, "target-syntax", "a '%' that no two hexadecimal digits follow"),
    (target("/a b"), {}, "target-syntax", "a space, control or non-ASCII character"),
    (target("http://other.example/a/b?x=1&y=2"), {}, "authority-mismatch", "{absolute}"),
    (method("GET"), {}, "signature-mismatch", ""),
    (put("host", "other.example"), {}, "signature-mismatch", ""),
    (put("content-type", "text/html"), {}, "signature-mismatch", ""),
    (put("host", "other.example"), {"authority": ("example.com",)}, "authority-mismatch", "'other.example'"),
    (lambda sent: sent, {"authority": ("b.example", "c.example")}, "authority-mismatch", "'example.com'"),
    (lambda sent: sent, {"require": ("X-Wanted",)}, "required-component", "x-wanted"),
    (also(("x_a", "1"), ("x-a", "2")), {}, "header-name-ambiguous", "x_a"),
    (body(None), {}, "{unknown_body}", "{unknown_detail}"),
]
UNKNOWN = "unknown, repeated or has no value"
PLUS = "a '+' in the query, which one server reads as a space and another as itself"


def listed(scheme: Scheme) -> Request:
    """Return a request with a body, signed."""
    own = (("x-acs-action", "A"), ("x-acs-version", "1")) if scheme is acs3.SCHEME else ()
    message = jobs.request("PUT", "/a/b?x=1&y=2", (TEXT, *own), BODY)
    scope = SCOPE if scheme is huawei_v11.SCHEME else {}
    sent = jobs.sign(scheme, message, KEY, AT, **scope).request
    return put("authorization", jobs.value(sent, "authorization").replace(", ", ","))(sent)


@pytest.mark.parametrize("scheme", [acs3.SCHEME, huawei.SCHEME, huawei_v11.SCHEME], ids=lambda one: one.name)
@pytest.mark.parametrize("edit, given, reason, detail", LISTED)
def test_listed(scheme: Scheme, edit: Edit, given: "dict[str, Any]", reason: str, detail: str) -> None:
    sent = listed(scheme)
    names = jobs.value(sent, "authorization").partition("SignedHeaders=")[2].partition(",")[0]
    cut = f"Signature{jobs.value(sent, 'authorization')[-64:]}"[:40]
    words = {
        "label1": repr(scheme.label.replace("256", "1")),
        "unknown": UNKNOWN,
        "list": names,
        "rest": names.removeprefix("content-type;host;"),
        "plus": PLUS,
        "absolute": "'other.example' in the target and 'example.com' in Host",
        "cut": f"the field {cut!r} is {UNKNOWN}",
        "other_body": "payload-mismatch" if scheme is acs3.SCHEME else "signature-mismatch",
        "unknown_body": "body-unavailable",
        "unknown_detail": "" if scheme is acs3.SCHEME else "and the request does not declare its hash",
    }
    scope = SCOPE if scheme is huawei_v11.SCHEME else {}
    found = reject(scheme, edit(sent), **given, **scope)
    assert found[:2] == (reason.format(**words), detail.format(**words))
    accept(scheme, sent, **scope)


@pytest.mark.parametrize("signature", ["0" * 63, "0" * 65, "A" * 64, "g" * 64, ""])
@pytest.mark.parametrize("scheme", [acs3.SCHEME, huawei.SCHEME, huawei_v11.SCHEME], ids=lambda one: one.name)
def test_listed_signature(scheme: Scheme, signature: str) -> None:
    sent = listed(scheme)
    head = jobs.value(sent, "authorization")[:-64]
    scope = SCOPE if scheme is huawei_v11.SCHEME else {}
    assert reject(scheme, put("authorization", head + signature)(sent), **scope)[0] == "signature-format"
    good = jobs.value(sent, "authorization")[-64:]
    for place in (0, 63):
        other = good[:place] + ("0" if good[place] != "0" else "1") + good[place + 1 :]
        found = reject(scheme, put("authorization", head + other)(sent), **scope)
        assert found[0] == "signature-mismatch"
        assert isinstance(found[3], Claimed)
        assert (found[3].access_key_id, found[3].at) == ("AK", AT)


@pytest.mark.parametrize("scheme", [acs3.SCHEME, huawei.SCHEME], ids=lambda one: one.name)
def test_listed_name_without_value(scheme: Scheme) -> None:
    sent = listed(scheme)
    value = jobs.value(sent, "authorization").rpartition("=")[0]
    assert reject(scheme, put("authorization", value)(sent))[:2] == (
        "authorization-syntax",
        f"the field 'Signature' is {UNKNOWN}",
    )


@pytest.mark.parametrize("signature_fields", ["", "Credential=AK,SignedHeaders=host", "Access=AK,SignedHeaders=host"])
@pytest.mark.parametrize("scheme", [acs3.SCHEME, huawei.SCHEME], ids=lambda one: one.name)
def test_listed_fields(scheme: Scheme, signature_fields: str) -> None:
    sent = put("authorization", f"{scheme.label} {signature_fields}")(listed(scheme))
    mine = "Credential" if scheme is acs3.SCHEME else "Access"
    wanted = f"{mine}, SignedHeaders and Signature must each stand once"
    first = signature_fields.partition("=")[0]
    if first != mine:
        wanted = f"the field {first!r} is {UNKNOWN}"
    assert reject(scheme, sent)[:2] == ("authorization-syntax", wanted)


# what is each scheme's own: edit, options, reason, detail
OWN = {
    acs3.SCHEME: [
        (drop("x-acs-date"), {}, "date-missing", ""),
        (put("x-acs-date", "20261123T090000Z"), {}, "date-format", "'20261123T090000Z'"),
        (put("x-acs-date", "2026-11-23T09:00:60Z"), {}, "date-format", "'2026-11-23T09:00:60Z'"),
        (put("x-acs-date", "2026-11-23T09:00:01Z"), {}, "signature-mismatch", ""),
        (also(("x-acs-date", "2026-11-23T09:00:00Z")), {}, "duplicate-header", "x-acs-date"),
        (authorize("x-acs-date;", ""), {"allow_unsigned": ("x-acs-date",)}, "date-not-signed", ""),
        (drop("x-acs-content-sha256"), {}, "payload-hash-format", "x-acs-content-sha256"),
        (put("x-acs-content-sha256", "0" * 63), {}, "payload-hash-format", "x-acs-content-sha256"),
        (put("x-acs-content-sha256", "A" * 64), {}, "payload-hash-format", "x-acs-content-sha256"),
        (put("x-acs-content-sha256", "0" * 64), {}, "signature-mismatch", ""),
        (authorize("x-acs-content-sha256;", ""), {}, "unsigned-x-amz-header", "x-acs-content-sha256"),
        (authorize("x-acs-action;", ""), {}, "unsigned-x-amz-header", "x-acs-action"),
        (put("x-acs-action", "B"), {}, "signature-mismatch", ""),
        (also(("x-acs-new", "1")), {}, "unsigned-x-amz-header", "x-acs-new"),
        (also(("X-Acs-Security-Token", TOKEN)), {"allow_unsigned": ("x-acs-security-token",)}, "token-not-signed", ""),
        (
            lambda sent: authorize("x-acs-signature-nonce;", "")(drop("x-acs-signature-nonce")(sent)),
            {},
            "nonce-missing",
            "x-acs-signature-nonce",
        ),
        (put("x-acs-signature-nonce", ""), {}, "nonce-missing", "x-acs-signature-nonce"),
        (put("x-acs-signature-nonce", "other"), {}, "signature-mismatch", ""),
        (authorize("Credential=AK", "Credential=BK"), {}, "unknown-access-key", "'BK'"),
    ],
    huawei.SCHEME: [
        (drop("x-sdk-date"), {}, "date-missing", ""),
        (put("x-sdk-date", "2026-11-23T09:00:00Z"), {}, "date-format", "'2026-11-23T09:00:00Z'"),
        (put("x-sdk-date", "20261123T090001Z"), {}, "signature-mismatch", ""),
        (also(("x-sdk-date", "20261123T090000Z")), {}, "duplicate-header", "x-sdk-date"),
        (authorize(";x-sdk-date", ""), {"allow_unsigned": ("x-sdk-date",)}, "date-not-signed", ""),
        (also(("X-Sdk-New", "1")), {}, "unsigned-x-amz-header", "x-sdk-new"),
        (also(("X-Project-Id", "1")), {}, "unsigned-x-amz-header", "x-project-id"),
        (also(("X-Domain-Id", "1")), {}, "unsigned-x-amz-header", "x-domain-id"),
        (also(("X-Enterprise-Project-Id", "1")), {}, "unsigned-x-amz-header", "x-enterprise-project-id"),
        (also(("X-Security-Token", TOKEN)), {"allow_unsigned": ("x-security-token",)}, "token-not-signed", ""),
        (also(("X-Sdk-Content-Sha256", "0" * 63)), {}, "payload-hash-format", repr("0" * 63)),
        (also(("X-Sdk-Content-Sha256", "Z" * 64)), {}, "payload-hash-format", repr("Z" * 64)),
        (also(("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")), {}, "unsigned-x-amz-header", "x-sdk-content-sha256"),
        (
            also(("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")),
            {"allow_unsigned": ("x-sdk-content-sha256",)},
            "unsigned-payload",
            "",
        ),
        (
            also(("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")),
            {"allow_unsigned": ("x-sdk-content-sha256",), "allow_unsigned_payload": True},
            "signature-mismatch",
            "",
        ),
        (authorize("Access=AK", "Access=BK"), {}, "unknown-access-key", "'BK'"),
    ],
    huawei_v11.SCHEME: [
        (authorize("20261123/r-1/s-1", "20261124/r-1/s-1"), {}, "scope-date-mismatch", "20261124 and 20261123T090000Z"),
        (authorize("r-1/s-1", "r-2/s-1"), {}, "scope-region", "'r-2' instead of 'r-1'"),
        (authorize("r-1/s-1", "r-1/s-2"), {}, "scope-service", "'s-2' instead of 's-1'"),
        (authorize("/s-1", ""), {}, "scope-format", "'AK/20261123/r-1' is not ID/date/region/service"),
        (authorize("/s-1", "/s*1"), {}, "scope-format", "'AK/20261123/r-1/s*1' is not ID/date/region/service"),
        (authorize("=AK/", '=A"K/'), {}, "scope-format", "'A\"K/20261123/r-1/s-1' is not ID/date/region/service"),
        (authorize("=AK/", "=BK/"), {}, "unknown-access-key", "'BK'"),
        (put("x-sdk-date", "20261123T090001Z"), {}, "signature-mismatch", ""),
    ],
}


@pytest.mark.parametrize(
    "scheme, edit, given, reason, detail", [(scheme, *row) for scheme, rows in OWN.items() for row in rows]
)
def test_own(scheme: Scheme, edit: Edit, given: "dict[str, Any]", reason: str, detail: str) -> None:
    scope = SCOPE if scheme is huawei_v11.SCHEME else {}
    assert reject(scheme, edit(listed(scheme)), **given, **scope)[:2] == (reason, detail)


def test_huawei_declared_hash() -> None:
    """A hash that the request declares is what is signed, and the body is compared with it."""
    other = jobs.request("PUT", "/", (), BODY)
    assert other.payload_hash is not None
    message = jobs.request("PUT", "/", (("X-Sdk-Content-Sha256", other.payload_hash),), BODY)
    sent = jobs.sign(huawei.SCHEME, message, KEY, AT).request
    assert accept(huawei.SCHEME, sent).uncovered == ()
    assert reject(huawei.SCHEME, body(b"x")(sent))[0] == "payload-mismatch"
    assert reject(huawei.SCHEME, body(None)(sent))[0] == "body-unavailable"
    assert accept(huawei.SCHEME, body(None)(sent), body_unchecked=True).uncovered == ("body",)
    assert reject(huawei.SCHEME, body(b"")(sent))[0] == "signature-mismatch"


def eg1_sent(**given: Any) -> Request:
    wanted = {"access_token": "at-1", **given}
    watch = eg1.watch(jobs.options(eg1.SCHEME, "sign", **wanted))
    message = jobs.request("POST", "/a/b?x=1", (TEXT, ("X-A", "1")), BODY, watch=watch)
    return jobs.sign(eg1.SCHEME, message, KEY, AT, **wanted).request


def azure_sent(**given: Any) -> Request:
    watch = azure_sharedkey.watch(jobs.options(azure_sharedkey.SCHEME, "sign", content_md5=True))
    message = jobs.request("PUT", "/c/b?comp=x&a=1", (TEXT, ("x-ms-meta-a", "1")), BODY, watch=watch)
    return jobs.sign(azure_sharedkey.SCHEME, message, KEY, AT, content_md5=True, **given).request


def cavage_sent(**given: Any) -> Request:
    message = jobs.request("POST", "/a/b?x=1", (TEXT, ("X-A", "1")), BODY)
    return jobs.sign(cavage.SCHEME, message, KEY, AT, **given).request


EG1 = "EG1-HMAC-SHA256 client_token=AK;access_token=at-1;timestamp=20261123T09:00:00+0000;nonce=n;signature="
EG1_ROWS = [
    (target("/a b"), {}, "target-syntax", "a space, control or non-ASCII character"),
    (drop("authorization"), {}, "no-signature", ""),
    (also(("Authorization", "x")), {}, "multiple-authorization", ""),
    (authorize("EG1-", "EG2-"), {}, "algorithm", "'EG2-HMAC-SHA256'"),
    (put("authorization", "EG1-HMAC-SHA256 "), {}, "authorization-syntax", "the field '' is {where}"),
    (authorize("access_token=at-1;", ""), {}, "authorization-syntax", "the field 'timestamp' is {where}"),
    (
        authorize("access_token=at-1", "access_token="),
        {},
        "authorization-syntax",
        "the field 'access_token' is {where}",
    ),
    (
        authorize("access_token=at-1", "access_token=a b"),
        {},
        "authorization-syntax",
        "the field 'access_token' is {where}",
    ),
    (authorize("nonce=", 'nonce="'), {}, "authorization-syntax", "the field 'nonce' is {where}"),
    (authorize("nonce=", "once="), {}, "authorization-syntax", "the field 'once' is {where}"),
    (
        lambda sent: put("authorization", jobs.value(sent, "authorization") + ";x")(sent),
        {},
        "authorization-syntax",
        "the field 'x' is {where}",
    ),
    (
        put("authorization", EG1.removesuffix(";signature=")),
        {},
        "authorization-syntax",
        "client_token, access_token, timestamp, nonce, signature must each stand once",
    ),
    (put("authorization", EG1 + "AAAA"), {}, "signature-format", "it is not the base64 of 32 bytes"),
    (put("authorization", EG1 + "?" * 44), {}, "signature-format", "it is not the base64 of 32 bytes"),
    (
        put("authorization", EG1 + base64.b64encode(bytes(33)).decode()),
        {},
        "signature-format",
        "it is not the base64 of 32 bytes",
    ),
    (put("authorization", EG1 + base64.b64encode(bytes(32)).decode()), {}, "signature-mismatch", ""),
    (authorize("T09:00:00+0000", "T090000Z"), {}, "date-format", "'20261123T090000Z'"),
    (authorize("T09:00:00+0000", "T09:00:00+0100"), {}, "date-format", "'20261123T09:00:00+0100'"),
    (authorize("T09:00:00+0000", "T09-00:00+0000"), {}, "date-format", "'20261123T09-00:00+0000'"),
    (authorize("T09:00:00+0000", "T09:00-00+0000"), {}, "date-format", "'20261123T09:00-00+0000'"),
    (authorize("T09:00:00+0000", "T09:60:00+0000"), {}, "date-format", "'20261123T09:60:00+0000'"),
    (authorize("T09:00:00+0000", "T09:00:01+0000"), {}, "signature-mismatch", ""),
    (authorize("client_token=AK", "client_token=BK"), {}, "unknown-access-key", "'BK'"),
    (authorize("access_token=at-1", "access_token=at-2"), {}, "signature-mismatch", ""),
    (lambda sent: sent, {"access_token": "at-2"}, "access-token-unexpected", ""),
    (authorize("nonce=0", "nonce=1"), {}, "signature-mismatch", ""),
    (drop("host"), {}, "host-not-signed", "there is no Host header"),
    (also(("Host", "b")), {}, "duplicate-header", "host"),
    (put("host", "b.example"), {}, "signature-mismatch", ""),
    (put("host", "b.example"), {"authority": ("example.com",)}, "authority-mismatch", "'b.example'"),
    (target("/a/b?x=2"), {}, "signature-mismatch", ""),
    (target("/a/b"), {}, "signature-mismatch", ""),
    (method("PUT"), {}, "unsigned-payload", ""),
    (method("PUT"), {"allow_unsigned_payload": True}, "signature-mismatch", ""),
    (body(b"hellp"), {}, "signature-mismatch", ""),
    (body(b"hello!"), {}, "signature-mismatch", ""),
    (body(b""), {}, "signature-mismatch", ""),
    (body(None), {"body_unchecked": True}, "body-unavailable", "and the request does not declare its hash"),
    (lambda sent: sent, {"max_body": 4}, "unsigned-payload", ""),
    (lambda sent: sent, {"sign_header": ("x-a",)}, "signature-mismatch", ""),
    (also(("X-A", "2")), {"sign_header": ("X-A",)}, "duplicate-header", "x-a"),
    (lambda sent: sent, {"require": ("x-a",)}, "required-component", "x-a"),
    (
        lambda sent: Request(sent.method, sent.target, sent.headers, sent.payload_hash, sent.content_length, "http"),
        {},
        "signature-mismatch",
        "",
    ),
]


@pytest.mark.parametrize("edit, given, reason, detail", EG1_ROWS)
def test_eg1(edit: Edit, given: "dict[str, Any]", reason: str, detail: str) -> None:
    where = "not expected there, or has no value"
    assert reject(eg1.SCHEME, edit(eg1_sent()), **given)[:2] == (reason, detail.format(where=where))
    assert accept(eg1.SCHEME, eg1_sent()).uncovered == ("content-type", "x-a")


def test_eg1_signed_headers_in_order() -> None:
    sent = eg1_sent(sign_header=("X-A", "Content-Type"))
    assert accept(eg1.SCHEME, sent, sign_header=("x-a", "content-type")).uncovered == ()
    for names in (("content-type", "x-a"), ("x-a",), ()):
        assert reject(eg1.SCHEME, sent, sign_header=names)[0] == "signature-mismatch"
    for edit in (put("x-a", "2"), drop("x-a")):
        assert reject(eg1.SCHEME, edit(sent), sign_header=("x-a", "content-type"))[0] == "signature-mismatch"


AZURE_ROWS = [
    (drop("authorization"), {}, "no-signature", ""),
    (also(("Authorization", "x")), {}, "multiple-authorization", ""),
    (authorize("SharedKey ", "SharedKeyLite "), {}, "algorithm", "'SharedKeyLite'"),
    (put("authorization", "SharedKey AK"), {}, "authorization-syntax", "it is not SharedKey ACCOUNT:SIGNATURE"),
    (target("/a b"), {}, "target-syntax", "a space, control or non-ASCII character"),
    (put("x-ms-date", "9" * 33), {}, "date-format", repr("9" * 32)),
    (authorize("AK:", ":"), {}, "authorization-syntax", "it is not SharedKey ACCOUNT:SIGNATURE"),
    (authorize("AK:", "A/K:"), {}, "authorization-syntax", "it is not SharedKey ACCOUNT:SIGNATURE"),
    (put("authorization", "SharedKey AK:AAAA"), {}, "signature-format", "it is not the base64 of 32 bytes"),
    (put("authorization", "SharedKey AK:?"), {}, "signature-format", "it is not the base64 of 32 bytes"),
    (put("authorization", f"SharedKey AK:{base64.b64encode(bytes(32)).decode()}"), {}, "signature-mismatch", ""),
    (authorize("AK:", "BK:"), {}, "unknown-access-key", "'BK'"),
    (drop("x-ms-date"), {}, "date-missing", ""),
    (put("x-ms-date", ""), {}, "date-format", "''"),
    (lambda sent: also(("Date", "Mon, 23 Nov 2026 09:00:00 GMT"))(put("x-ms-date", "")(sent)), {}, "date-format", "''"),
    (put("x-ms-date", "2026-11-23T09:00:00Z"), {}, "date-format", "'2026-11-23T09:00:00Z'"),
    (put("x-ms-date", "Mon, 23 Nov 2026 09:00:01 GMT"), {}, "signature-mismatch", ""),
    (also(("x-ms-date", "Mon, 23 Nov 2026 09:00:00 GMT")), {}, "duplicate-header", "x-ms-date"),
    (also(("x-ms-meta-a", "2")), {}, "duplicate-header", "x-ms-meta-a"),
    (put("x-ms-meta-a", "2"), {}, "signature-mismatch", ""),
    (drop("x-ms-meta-a"), {}, "signature-mismatch", ""),
    (also(("x-ms-meta-b", "2")), {}, "signature-mismatch", ""),
    (put("content-type", "text/html"), {}, "signature-mismatch", ""),
    (also(("Content-Type", "text/plain")), {}, "duplicate-header", "content-type"),
    (also(("Content-Encoding", "gzip")), {}, "signature-mismatch", ""),
    (also(("Content-Language", "en")), {}, "signature-mismatch", ""),
    (also(("If-Modified-Since", "x")), {}, "signature-mismatch", ""),
    (also(("If-Match", "*")), {}, "signature-mismatch", ""),
    (also(("If-None-Match", "*")), {}, "signature-mismatch", ""),
    (also(("If-Unmodified-Since", "x")), {}, "signature-mismatch", ""),
    (also(("Range", "bytes=0-1")), {}, "signature-mismatch", ""),
    (also(("Content-Length", "6")), {}, "body-length", "Content-Length says 6 and the body is 5 long"),
    (also(("Transfer-Encoding", "chunked")), {}, "signature-mismatch", ""),
    (put("content-md5", base64.b64encode(bytes(16)).decode()), {}, "signature-mismatch", ""),
    (drop("content-md5"), {}, "unsigned-payload", ""),
    (drop("content-md5"), {"allow_unsigned_payload": True}, "signature-mismatch", ""),
    (method("POST"), {}, "signature-mismatch", ""),
    (target("/c/B?comp=x&a=1"), {}, "signature-mismatch", ""),
    (target("/c/b?comp=x"), {}, "signature-mismatch", ""),
    (target("/c/b?comp=x&a=2"), {}, "signature-mismatch", ""),
    (target("/c/b?comp=x&a=1&b=1"), {}, "signature-mismatch", ""),
    (target("/c/b?comp=x&a=+"), {}, "target-syntax", PLUS),
    (target("/c/b?comp=x%0Aa:1"), {}, "target-syntax", "a line feed in a parameter of the query"),
    (target("/c/b?comp%3Ax=1"), {}, "target-syntax", "a ':' in the name of a parameter of the query"),
    (drop("host"), {}, "host-not-signed", "there is no Host header"),
    (lambda sent: sent, {"authority": ("b.example",)}, "authority-mismatch", "'example.com'"),
    (lambda sent: sent, {"require": ("If-Match",)}, "required-component", "if-match"),
    (body(None), {}, "signature-mismatch", ""),
]


@pytest.mark.parametrize("edit, given, reason, detail", AZURE_ROWS)
def test_azure(edit: Edit, given: "dict[str, Any]", reason: str, detail: str) -> None:
    assert reject(azure_sharedkey.SCHEME, edit(azure_sent()), **given)[:2] == (reason, detail)
    assert accept(azure_sharedkey.SCHEME, azure_sent()).uncovered == ("host",)


def test_azure_body() -> None:
    sent = azure_sent()
    judge = jobs.verifier(azure_sharedkey.SCHEME, KEY)
    assert "body" in judge.judge(jobs.with_body(sent, BODY, judge), AT).covered
    assert reject(azure_sharedkey.SCHEME, jobs.with_body(sent, b"hellp", judge))[0] == "payload-mismatch"
    unknown = also(("Content-Length", "5"))(body(None)(sent))
    assert reject(azure_sharedkey.SCHEME, unknown)[:3] == ("body-unavailable", "", "--body-unchecked accepts it")
    assert accept(azure_sharedkey.SCHEME, unknown, body_unchecked=True).uncovered == ("host", "body")


CAVAGE_ROWS = [
    (target("/a b"), {}, "target-syntax", "a space, control or non-ASCII character"),
    (put("date", "9" * 33), {}, "date-format", repr("9" * 32)),
    (drop("signature"), {}, "no-signature", ""),
    (also(("Signature-Input", "sig1=()")), {}, "no-signature", "its Signature header is one of RFC 9421"),
    (also(("Signature", "x")), {}, "duplicate-header", "signature"),
    (also(("Authorization", 'Signature keyId="a"')), {}, "multiple-auth-locations", "Signature and Authorization"),
    (put("signature", "a" * 16385), {}, "authorization-syntax", "it is 16385 characters long"),
    (put("signature", ""), {}, "authorization-syntax", "there is no keyId"),
    (put("signature", "x"), {}, "authorization-syntax", "the parameter 'x' is {badly}"),
    (put("signature", 'x="1"'), {}, "authorization-syntax", "the parameter 'x' is {badly}"),
    (sig('keyId="AK"', 'keyId="AK",keyId="AK"'), {}, "authorization-syntax", "the parameter 'keyId' is {badly}"),
    (sig('keyId="AK"', "keyId=AK"), {}, "authorization-syntax", "the parameter 'keyId' is {badly}"),
    (sig('keyId="AK"', 'keyId="A\\K"'), {}, "authorization-syntax", "the parameter 'keyId' is {badly}"),
    (sig('keyId="AK"', 'keyId=""'), {}, "authorization-syntax", "there is no keyId"),
    (sig('keyId="AK"', 'keyId="AK'), {}, "authorization-syntax", "the parameter 'keyId' is {badly}"),
    (sig('keyId="AK",', 'keyId="AK";'), {}, "authorization-syntax", "the parameter 'keyId' is {badly}"),
    (sig('",headers', '",created="1",headers'), {}, "authorization-syntax", "the parameter 'created' is {badly}"),
    (sig('",headers', '",created=-1,headers'), {}, "authorization-syntax", "the parameter 'created' is {badly}"),
    (sig('",headers', '",created=1.5,headers'), {}, "authorization-syntax", "the parameter 'created' is {badly}"),
    (
        sig('",headers', f'",expires={"9" * 13},headers'),
        {},
        "authorization-syntax",
        "the parameter 'expires' is {badly}",
    ),
    (
        lambda sent: put("signature", jobs.value(sent, "signature") + ",")(sent),
        {},
        "authorization-syntax",
        "the parameter 'signature' is {badly}",
    ),
    (
        lambda sent: put("signature", jobs.value(sent, "signature").partition(",signature")[0])(sent),
        {},
        "authorization-syntax",
        "there is no signature",
    ),
    (put("signature", 'keyId="AK",signature="?"'), {}, "signature-format", "it is not base64"),
    (put("signature", 'keyId="AK",signature="AAAA"'), {}, "required-component", "(request-target)"),
    (put("signature", 'keyId="AK",signature="AAAA",created=1795424400'), {}, "required-component", "(request-target)"),
    (
        sig("(request-target) host", "(request-target)  host"),
        {},
        "signed-headers",
        "'(request-target)  host date digest content-type'",
    ),
    (sig("(request-target) host", "host host"), {}, "signed-headers", "'host host date digest content-type'"),
    (sig("(request-target) ", ""), {}, "required-component", "(request-target)"),
    (sig("host ", ""), {}, "host-not-signed", ""),
    (sig("date ", ""), {}, "date-not-signed", ""),
    (sig("digest ", ""), {}, "unsigned-payload", ""),
    (sig(" content-type", ""), {}, "content-type-unsigned", ""),
    (sig(" content-type", ""), {"allow_unsigned": ("content-type",)}, "signature-mismatch", ""),
    (sig(" content-type", " content-type x-b"), {}, "signed-header-missing", "x-b"),
    (sig(" content-type", " content-type (expires)"), {}, "algorithm", "hmac-sha256 with (created) or (expires)"),
    (sig(" content-type", " content-type (created)"), {}, "signed-header-missing", "(created)"),
    (
        lambda sent: sig(" content-type", " content-type (expires)")(sig("hmac-sha256", "hs2019")(sent)),
        {},
        "signed-header-missing",
        "(expires)",
    ),
    (sig("hmac-sha256", "hmac-sha512"), {}, "algorithm", "'hmac-sha512' instead of 'hmac-sha256'"),
    (sig("hmac-sha256", "rsa-sha256"), {}, "algorithm", "'rsa-sha256' instead of 'hmac-sha256'"),
    (sig("hmac-sha256", "none"), {}, "algorithm", "'none' instead of 'hmac-sha256'"),
    (lambda sent: sent, {"algorithm": "hmac-sha512"}, "algorithm", "'hmac-sha256' instead of 'hmac-sha512'"),
    (
        lambda sent: sent,
        {"algorithm": "rsa-sha256"},
        "algorithm",
        "--algorithm rsa-sha256 is not for a key of type secret",
    ),
    (sig('keyId="AK"', 'keyId="BK"'), {}, "unknown-access-key", "'BK'"),
    (drop("date"), {}, "date-missing", ""),
    (put("date", "2026-11-23T09:00:00Z"), {}, "date-format", "'2026-11-23T09:00:00Z'"),
    (put("date", "Mon, 23 Nov 2026 09:00:01 GMT"), {}, "signature-mismatch", ""),
    (also(("Date", "Mon, 23 Nov 2026 09:00:00 GMT")), {}, "duplicate-header", "date"),
    (put("content-type", "text/html"), {}, "signature-mismatch", ""),
    (put("host", "b.example"), {}, "signature-mismatch", ""),
    (also(("Host", "b")), {}, "duplicate-header", "host"),
    (target("/a/b?x=2"), {}, "signature-mismatch", ""),
    (target("/a/b"), {}, "signature-mismatch", ""),
    (target("/a/b?x=1&"), {}, "signature-mismatch", ""),
    (method("PUT"), {}, "signature-mismatch", ""),
    (body(b"hellp"), {}, "payload-mismatch", "sha-256"),
    (body(None), {}, "body-unavailable", ""),
    (put("digest", "SHA-256=" + base64.b64encode(bytes(32)).decode()), {}, "signature-mismatch", ""),
    (lambda sent: sent, {"authority": ("b.example",)}, "authority-mismatch", "'example.com'"),
    (lambda sent: sent, {"require": ("x-a",)}, "required-component", "x-a"),
    (lambda sent: sent, {"oci": True}, "authorization-syntax", "it is not in Authorization, or not of version 1"),
]


@pytest.mark.parametrize("edit, given, reason, detail", CAVAGE_ROWS)
def test_cavage(edit: Edit, given: "dict[str, Any]", reason: str, detail: str) -> None:
    words = {"badly": "unknown, repeated or badly written"}
    assert reject(cavage.SCHEME, edit(cavage_sent()), **given)[:2] == (reason, detail.format(**words))
    assert accept(cavage.SCHEME, cavage_sent()).uncovered == ("x-a",)


@pytest.mark.parametrize(
    "digest, reason, detail",
    [
        ("MD5=XUFAKrxLKna5cZ2REBfFkg==", "digest-format", "it holds neither SHA-256 nor SHA-512"),
        ("", "digest-format", "''"),
        ("SHA-256", "digest-format", "'SHA-256'"),
        ("SHA-256=AAAA", "digest-format", "sha-256 is not the base64 of 32 bytes"),
        ("SHA-512=AAAA", "digest-format", "sha-512 is not the base64 of 64 bytes"),
        ("sha-256={good}, SHA-256={good}", "digest-format", "'SHA-256={good}'"),
        ("SHA-256={zero}", "payload-mismatch", "sha-256"),
        ("SHA-256={good},SHA-512={zeros}", "payload-mismatch", "sha-512"),
        ("SHA-512={zeros},SHA-256={good}", "payload-mismatch", "sha-512"),
    ],
)
def test_cavage_digest(digest: str, reason: str, detail: str) -> None:
    """What the digest says is compared with the body although the signature is right."""
    words = {
        "good": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
        "zero": base64.b64encode(bytes(32)).decode(),
        "zeros": base64.b64encode(bytes(64)).decode(),
    }
    message = jobs.request("POST", "/", (("Digest", digest.format(**words)),), BODY)
    sent = jobs.sign(cavage.SCHEME, message, KEY, AT, digest="none").request
    judge = jobs.verifier(cavage.SCHEME, KEY)
    found = reject(cavage.SCHEME, jobs.with_body(sent, BODY, judge))
    assert found[:2] == (reason, detail.format(**words))


# every scheme -> signed request, options of its verifier
EVERY: "dict[str, tuple[Scheme, Callable[[], Request], dict[str, Any]]]" = {
    "acs3": (acs3.SCHEME, lambda: listed(acs3.SCHEME), {}),
    "huawei": (huawei.SCHEME, lambda: listed(huawei.SCHEME), {}),
    "huawei-v11": (huawei_v11.SCHEME, lambda: listed(huawei_v11.SCHEME), SCOPE),
    "eg1": (eg1.SCHEME, eg1_sent, {}),
    "azure-sharedkey": (azure_sharedkey.SCHEME, azure_sent, {}),
    "cavage": (cavage.SCHEME, cavage_sent, {}),
}


@pytest.mark.parametrize("name", EVERY)
def test_time(name: str) -> None:
    """Both ends of the window are inclusive; one second more is refused."""
    scheme, make, given = EVERY[name]
    sent = make()
    for skew, seconds in ((None, 300), (0, 0), (900, 900)):
        given = {**given, "max_skew": skew}
        assert accept(scheme, sent, at=edge(seconds), **given).replayable_until == edge(seconds)
        assert accept(scheme, sent, at=edge(-seconds), **given).signed_at == AT
        reason, detail, _, claim = reject(scheme, sent, at=edge(seconds + 1), **given)
        assert reason == "expired"
        assert detail.startswith("it was good until 2026-11-23T09:")
        assert (claim.access_key_id, claim.at) == ("AK", AT)
        assert claim.scope == ("20261123/r-1/s-1" if name == "huawei-v11" else "")
        reason, detail, _, claim = reject(scheme, sent, at=edge(-seconds - 1), **given)
        assert reason == "not-yet-valid"
        assert detail.startswith("it is dated 2026-11-23T09:00:00Z and now is 2026-11-23T08:")


@pytest.mark.parametrize("name", EVERY)
def test_keys(name: str) -> None:
    scheme, make, given = EVERY[name]
    sent = make()
    assert reject(scheme, sent, jobs.access_key("BK"), **given)[0] == "unknown-access-key"
    assert reject(scheme, sent, jobs.access_key(secret=b"SecretKez"), **given)[0] == "signature-mismatch"
    assert reject(scheme, sent, jobs.access_key(secret=b""), **given)[0] == "no-secret"
    other = jobs.access_key(scheme="AWS4-HMAC-SHA256")
    assert reject(scheme, sent, other, **given)[:2] == ("other-scheme", f"AWS4-HMAC-SHA256 and {scheme.label}")
    assert accept(scheme, sent, other, scheme_override=True, **given).access_key_id == "AK"
    assert accept(scheme, sent, jobs.access_key(scheme=scheme.label), **given).scheme == scheme.name


@pytest.mark.parametrize("name", ["acs3", "huawei", "huawei-v11"])
def test_tokens(name: str) -> None:
    scheme, make, given = EVERY[name]
    with_token = jobs.access_key(token=TOKEN)
    message = jobs.request("GET", "/")
    signed = jobs.sign(scheme, message, with_token, AT, **(SCOPE if given else {}))
    assert signed.bearer == (TOKEN,)
    accept(scheme, signed.request, with_token, **given)
    assert reject(scheme, signed.request, **given)[0] == "token-unexpected"
    assert reject(scheme, signed.request, jobs.access_key(token="TOKEN=!"), **given)[0] == "token-mismatch"
    assert reject(scheme, make(), with_token, **given)[0] == "token-missing"


@pytest.mark.parametrize("name", ["acs3", "huawei", "huawei-v11", "cavage"])
def test_a_hint_says_what_would_be_accepted(name: str) -> None:
    scheme, make, given = EVERY[name]
    edit = sig(" content-type", "") if name == "cavage" else authorize("content-type;", "")
    reason, _, hint, _ = reject(scheme, edit(make()), **given)
    assert (reason, hint) == ("content-type-unsigned", "--allow-unsigned content-type accepts it")
    allowed = reject(scheme, edit(make()), allow_unsigned=("Content-Type",), **given)
    assert allowed[0] == "signature-mismatch"
