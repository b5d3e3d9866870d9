"""What does signing with ACS3 add, warn of and refuse?"""

from datetime import datetime

import pytest

import schemejobs as jobs
from authkit.clock import UTC
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.subkeys import Subkey
from authkit.schemes import acs3
from samples import SCOPE, subkey

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = jobs.access_key(scheme=acs3.LABEL)
ACTION = (("x-acs-action", "A"), ("x-acs-version", "1"))


def test_what_is_added() -> None:
    message = jobs.request("POST", "/", (*ACTION, ("Accept", "*/*")), b"hello")
    signed = jobs.sign(acs3.SCHEME, message, KEY, AT)
    assert (signed.scheme, signed.access_key_id, signed.scope, signed.warnings, signed.bearer) == (
        "acs3",
        "AK",
        "",
        (),
        (),
    )
    assert signed.added[:3] == (
        ("x-acs-date", "2026-11-23T09:00:00Z"),
        ("x-acs-signature-nonce", "000102030405060708090a0b0c0d0e0f"),
        ("x-acs-content-sha256", message.payload_hash),
    )
    assert signed.request.headers == message.headers + signed.added
    assert list(signed.stages) == ["canonical-request", "string-to-sign", "signature"]
    assert acs3.stages(signed.request, None) == signed.stages
    found = jobs.verifier(acs3.SCHEME, KEY, authority=("example.com",)).judge(signed.request, AT)
    assert found.covered == (
        "method",
        "path",
        "query",
        "host",
        "x-acs-action",
        "x-acs-content-sha256",
        "x-acs-date",
        "x-acs-signature-nonce",
        "x-acs-version",
        "body",
    )
    assert (found.uncovered, found.warnings, found.more) == (
        ("accept",),
        (),
        {"nonce": "000102030405060708090a0b0c0d0e0f"},
    )


def test_the_session_token_is_signed() -> None:
    key = jobs.access_key(token="TOKEN")
    signed = jobs.sign(acs3.SCHEME, jobs.request(headers=ACTION), key, AT)
    assert signed.added[3] == ("x-acs-security-token", "TOKEN")
    assert "x-acs-security-token:TOKEN\n" in signed.stages["canonical-request"]


def test_missing_headers_are_warned_of() -> None:
    signed = jobs.sign(acs3.SCHEME, jobs.request(headers=ACTION[1:]), KEY, AT)
    assert signed.warnings == ("Alibaba Cloud refuses a request without x-acs-action",)
    assert len(jobs.sign(acs3.SCHEME, jobs.request(), KEY, AT).warnings) == 2


def test_own_headers_may_be_there_with_the_same_value() -> None:
    ready = (("X-Acs-Date", "2026-11-23T09:00:00Z"), ("x-acs-signature-nonce", "mine"))
    signed = jobs.sign(acs3.SCHEME, jobs.request(headers=ready), KEY, AT)
    assert [name for name, _ in signed.added] == ["x-acs-content-sha256", "Authorization"]
    assert "x-acs-signature-nonce:mine\n" in signed.stages["canonical-request"]


@pytest.mark.parametrize("header", ["Authorization", "X-Acs-Security-Token"])
def test_signed_already(header: str) -> None:
    with pytest.raises(Refused, match=f"^the request already has the header {header.lower()}$"):
        jobs.sign(acs3.SCHEME, jobs.request(headers=((header, "x"),)), KEY, AT)


def test_what_does_not_fit() -> None:
    with pytest.raises(UsageError, match=r"^the request has x-acs-date then and is signed with 2026-11-23T09:00:00Z$"):
        jobs.sign(acs3.SCHEME, jobs.request(headers=(("x-acs-date", "then"),)), KEY, AT)
    with pytest.raises(UsageError, match=r"^the request has x-acs-content-sha256 abc and is signed with e3b0c44"):
        jobs.sign(acs3.SCHEME, jobs.request(headers=(("x-acs-content-sha256", "abc"),)), KEY, AT)
    with pytest.raises(InputError, match=r"^the body is not known, so it cannot be signed$"):
        jobs.sign(acs3.SCHEME, jobs.request(body=None), KEY, AT)
    with pytest.raises(InputError, match=r"^the request has the header content-type twice$"):
        jobs.sign(acs3.SCHEME, jobs.request(headers=(("Content-Type", "a"), ("content-type", "b"))), KEY, AT)
    with pytest.raises(Rejected) as caught:
        jobs.sign(acs3.SCHEME, jobs.request(target="/?a=1+2"), KEY, AT)
    assert (caught.value.reason, caught.value.hint) == ("target-syntax", "write %20 or %2B")


def test_keys_that_do_not_sign() -> None:
    for key in (subkey(SCOPE), jobs.access_key(use="derive"), jobs.access_key(scheme="other")):
        with pytest.raises(Refused):
            jobs.sign(acs3.SCHEME, jobs.request(), key, AT)
    assert isinstance(subkey(SCOPE), Subkey)
    other = jobs.access_key(scheme="other")
    assert jobs.sign(acs3.SCHEME, jobs.request(), other, AT, scheme_override=True).access_key_id == "AK"


@pytest.mark.parametrize("target, line", [
    ("/", "/"),
    ("/a%20b~c/%C3%A9%2F", "/a%20b~c/%C3%A9%2F"),
    ("/a'(1)*", "/a%27%281%29%2A"),
    ("/%7E%61", "/~a"),
    ("//x/../y", "//x/../y"),
])  # fmt: skip
def test_the_path_is_encoded_once(target: str, line: str) -> None:
    signed = jobs.sign(acs3.SCHEME, jobs.request(target=target), KEY, AT)
    assert signed.stages["canonical-request"].split("\n")[1] == line


def test_the_query_is_sorted_and_a_name_alone_gets_its_sign() -> None:
    signed = jobs.sign(acs3.SCHEME, jobs.request(target="/?b&a=2&a=1&A=%7e&c=%C3%A9"), KEY, AT)
    assert signed.stages["canonical-request"].split("\n")[2] == "A=~&a=1&a=2&b=&c=%C3%A9"


def test_header_values_are_trimmed_and_nothing_else() -> None:
    signed = jobs.sign(acs3.SCHEME, jobs.request(headers=(("x-acs-A", "\t a  b\u00e9 "),)), KEY, AT)
    assert "x-acs-a:a  b\u00e9\n" in signed.stages["canonical-request"]


def test_stages_need_every_header_that_is_listed() -> None:
    signed = jobs.sign(acs3.SCHEME, jobs.request(headers=ACTION), KEY, AT)
    with pytest.raises(Rejected) as caught:
        acs3.stages(jobs.without(signed.request, "x-acs-action"), None)
    assert (caught.value.reason, caught.value.detail) == ("signed-header-missing", "x-acs-action")


def test_without_a_body_at_hand() -> None:
    signed = jobs.sign(acs3.SCHEME, jobs.request("PUT", "/", (), b"hello"), KEY, AT)
    unknown = jobs.with_body(signed.request, None)
    found = jobs.verifier(acs3.SCHEME, KEY, body_unchecked=True).judge(unknown, AT)
    assert found.uncovered == ("body",)
    assert "body" not in found.covered
    assert acs3.stages(unknown, None) == signed.stages
