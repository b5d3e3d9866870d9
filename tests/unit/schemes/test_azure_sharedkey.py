"""What does Azure's Shared Key sign, what does it leave out, and is that said?"""

from datetime import datetime
from typing import Any

import pytest

import schemejobs as jobs
from authkit.clock import UTC
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.messages.request import Request
from authkit.schemes import azure_sharedkey as azure

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NOW = "Mon, 23 Nov 2026 09:00:00 GMT"
KEY = jobs.access_key("account", bytes(range(64)), raw=True)
LEFT_OUT = "the signature does not cover the body; --content-md5 covers it"
MD5 = "XUFAKrxLKna5cZ2REBfFkg=="
EMPTY_MD5 = "1B2M2Y8AsgTpgAmY7PhCfg=="


def message(method: str = "PUT", target: str = "/c/b", *headers: "tuple[str, str]", body: bytes = b"hello") -> Request:
    watch = azure.watch(jobs.options(azure.SCHEME, "sign", content_md5=True))
    return jobs.request(method, target, headers, body, watch=watch, host="account.blob.core.windows.net")


def sign(sent: Request, **given: Any) -> Any:
    return jobs.sign(azure.SCHEME, sent, KEY, AT, **given)


def test_every_line() -> None:
    headers = [
        (name.title(), name[:4]) for name in azure.LINES if name not in ("date", "content-length", "content-md5")
    ]
    signed = sign(message("PUT", "/c/b?comp=x", *headers, ("X-Ms-Meta-B", " 2  2 "), ("x-ms-meta-a", "1")))
    assert signed.stages["string-to-sign"] == (
        "PUT\ncont\ncont\n5\n\ncont\n\nif-m\nif-m\nif-n\nif-u\nrang\n"
        f"x-ms-date:{NOW}\nx-ms-meta-a:1\nx-ms-meta-b:2  2\nx-ms-version:2021-12-02\n/account/c/b\ncomp:x"
    )
    assert signed.added[:2] == (("x-ms-date", NOW), ("x-ms-version", "2021-12-02"))
    assert signed.added[2] == ("Authorization", f"SharedKey account:{signed.stages['signature']}")
    assert signed.warnings == (LEFT_OUT,)
    assert azure.stages(signed.request, None) == signed.stages
    assert (signed.scheme, signed.access_key_id, signed.scope) == ("azure-sharedkey", "account", "")


def test_what_the_verdict_says() -> None:
    signed = sign(message("PUT", "/c/b", ("X-Other", "1"), ("Content-Type", "a/b")))
    with pytest.raises(Rejected) as caught:
        jobs.verifier(azure.SCHEME, KEY).judge(signed.request, AT)
    assert (caught.value.reason, caught.value.hint) == ("unsigned-payload", "--allow-unsigned-payload accepts it")
    judge = jobs.verifier(azure.SCHEME, KEY, allow_unsigned_payload=True)
    found = judge.judge(signed.request, AT)
    assert found.covered == ("method", "path", "query", "content-type", "x-ms-date", "x-ms-version")
    assert found.uncovered == ("host", "x-other", "body")
    assert found.warnings == ("authority-not-compared", "host-not-covered")
    judge = jobs.verifier(azure.SCHEME, KEY, allow_unsigned_payload=True, authority=("account.blob.core.windows.net",))
    assert judge.judge(signed.request, AT).warnings == ("host-not-covered",)


def test_content_md5() -> None:
    signed = sign(message(), content_md5=True)
    assert ("Content-MD5", MD5) in signed.added
    assert signed.warnings == ()
    judge = jobs.verifier(azure.SCHEME, KEY)
    found = judge.judge(jobs.with_body(signed.request, b"hello", judge), AT)
    assert found.covered[-1] == "body"
    assert found.warnings == ("authority-not-compared", "host-not-covered", "md5")
    assert found.uncovered == ("host",)


def test_a_key_given_as_text_is_warned_of() -> None:
    signed = jobs.sign(azure.SCHEME, jobs.request(), jobs.access_key("account", b"AAAA"), AT)
    assert signed.warnings == (
        "the secret was given as text; an account key of Azure is base64, and is given as secret_b64",
    )


def test_content_md5_of_nothing() -> None:
    signed = sign(jobs.request("PUT"), content_md5=True)
    assert ("Content-MD5", EMPTY_MD5) in signed.added
    assert "body" in jobs.verifier(azure.SCHEME, KEY).judge(signed.request, AT).covered


def test_content_md5_needs_the_body() -> None:
    for body in (b"hello", None):
        with pytest.raises(UsageError, match=r"^--content-md5: the body was not seen$") as caught:
            sign(jobs.request("PUT", body=body), content_md5=True)
        assert caught.value.hint == "give it with --body"
    assert azure.watch(jobs.options(azure.SCHEME, "sign")) == {}
    with pytest.raises(UsageError, match=f"^the request has Content-MD5 abc and is signed with {MD5}$"):
        sign(message("PUT", "/", ("content-md5", "abc")), content_md5=True)


def test_only_a_declared_digest_is_watched() -> None:
    watch = jobs.verifier(azure.SCHEME, KEY).watch
    assert watch is not None
    assert watch(sign(message()).request, AT) == {}
    assert list(watch(sign(message(), content_md5=True).request, AT)) == ["md5"]


@pytest.mark.parametrize("headers, body, line", [
    ((), b"", ""),
    ((("Content-Length", "0"),), b"", ""),
    ((), b"hello", "5"),
    ((("Content-Length", "5"),), b"hello", "5"),
    ((("Transfer-Encoding", "chunked"),), b"hello", ""),
    ((), None, ""),
    ((("Content-Length", "5"),), None, "5"),
])  # fmt: skip
def test_the_length(headers: Any, body: "bytes | None", line: str) -> None:
    signed = sign(jobs.request("PUT", "/", headers, body))
    assert signed.stages["string-to-sign"].split("\n")[3] == line
    judge = jobs.verifier(azure.SCHEME, KEY, allow_unsigned_payload=True)
    assert judge.judge(signed.request, AT).access_key_id == "account"


def test_a_wrong_length() -> None:
    with pytest.raises(Rejected) as caught:
        sign(jobs.request("PUT", "/", (("Content-Length", "6"),), b"hello"))
    assert caught.value.reason == "body-length"


def test_date_alone() -> None:
    signed = sign(message("GET", "/", ("Date", NOW), body=b""))
    assert signed.stages["string-to-sign"].split("\n")[6] == NOW
    assert signed.added[0] == ("x-ms-version", "2021-12-02")
    found = jobs.verifier(azure.SCHEME, KEY).judge(signed.request, AT)
    assert "date" in found.covered
    with pytest.raises(UsageError, match=f"^the request has Date then and is signed with {NOW}$"):
        sign(message("GET", "/", ("Date", "then"), body=b""))


def test_the_own_date_counts_beside_date() -> None:
    signed = sign(message("GET", "/", ("Date", "then"), ("x-ms-date", NOW), ("x-ms-version", "2020-01-01"), body=b""))
    assert [name for name, _ in signed.added] == ["Authorization"]
    assert signed.stages["string-to-sign"].split("\n")[6] == ""
    found = jobs.verifier(azure.SCHEME, KEY).judge(signed.request, AT)
    assert found.uncovered == ("date", "host")


@pytest.mark.parametrize("target, lines", [
    ("/", "/account/"),
    ("/a%20b/%C3%A9%2f", "/account/a%20b/%C3%A9%2f"),
    ("/?comp=list", "/account/\ncomp:list"),
    ("/?B=2&a=1&&A=0", "/account/\na:0,1\nb:2"),
    ("/?a", "/account/\na:"),
    ("/?a=%20%3d%C3%A9", "/account/\na: =\u00c3\u00a9"),
    ("/?a=b:c,d", "/account/\na:b:c,d"),
    ("http://account.blob.core.windows.net", "/account/"),
])  # fmt: skip
def test_the_resource(target: str, lines: str) -> None:
    assert azure.canonical_resource(jobs.request(target=target), "account") == lines


def test_names_sort_as_the_service_sorts_them() -> None:
    names = ["x-ms-meta-a1", "x-ms-meta-a_b", "x-ms-meta-ab", "x-ms-meta-a-c", "x-ms-meta-abc", "x-ms-meta-a-b"]
    assert sorted(names, key=azure.collation) == [
        "x-ms-meta-a_b",
        "x-ms-meta-a1",
        "x-ms-meta-ab",
        "x-ms-meta-a-b",
        "x-ms-meta-abc",
        "x-ms-meta-a-c",
    ]
    assert sorted(["x-ms-a-b", "x-ms-a'b", "x-ms-ab"], key=azure.collation) == ["x-ms-ab", "x-ms-a'b", "x-ms-a-b"]


def test_requests_that_cannot_be_signed() -> None:
    with pytest.raises(Refused, match=r"^the request already has the header authorization$"):
        sign(message("PUT", "/", ("Authorization", "x")))
    for name in ("if-match", "x-ms-meta-a", "x-ms-" + "a" * 60):
        with pytest.raises(InputError, match=f"^the request has the header {name[:64]} twice$") as caught:
            sign(message("PUT", "/", (name, "1"), (name.upper(), "2")))
        assert caught.value.hint == "leave one of them"
    sign(message("PUT", "/", ("X-A", "1"), ("X-A", "2")))
    with pytest.raises(Refused, match=r"^account has a session token, for which azure-sharedkey has no place$"):
        jobs.sign(azure.SCHEME, message(), jobs.access_key("account", token="t"), AT)


def test_a_body_that_is_not_known() -> None:
    signed = sign(jobs.request("PUT", "/", (("Content-MD5", MD5), ("Content-Length", "5")), None))
    assert signed.warnings == ()
    with pytest.raises(Rejected) as caught:
        jobs.verifier(azure.SCHEME, KEY).judge(signed.request, AT)
    assert caught.value.reason == "body-unavailable"
    found = jobs.verifier(azure.SCHEME, KEY, body_unchecked=True).judge(signed.request, AT)
    assert found.uncovered == ("host", "body")
