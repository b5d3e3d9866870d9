"""Is a failed signature explained for every row of the table, by what S3-like servers and JSON APIs answer?"""

import json
from datetime import timedelta
from typing import Any
from xml.sax.saxutils import escape

import pytest

from authkit.clock import format_compact
from authkit.explain import explain
from authkit.explain.server import read_server_error
from authkit.keys.select import Credential
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.schemes.derived import DERIVED, SLS4, TC3
from authkit.schemes.policy import rebuild
from authkit.schemes.sigv4 import Settings, sign
from authkit.secret import Secret
from samples import AT, ID, access_key, subkey

OTHERS = [name for name in DERIVED if name != "sigv4"]
BODY = b'{"a": 1}'


def scope(name: str, region: str = "r-1", service: str = "svc") -> str:
    chain = DERIVED[name].chain
    said = {"region": region, "service": service}
    return "/".join([chain.format_day(AT.date()), *[said[part] for part in chain.parts[1:]], chain.terminator])


def signed(name: str, *, secret: "str | None" = None, held: "str | None" = None, **changes: Any) -> Request:
    row = DERIVED[name]
    host = "bkt.oss-eu-1.aliyuncs.com" if name == "oss4" else "h.example"
    headers = (("Host", host), ("Content-Type", "a/b"), (f"{row.prefix}extra", "One"))
    asked = {"method": "POST", "target": "/p/a%20b?b=2&a=1", "headers": headers, **changes}
    request = Request(asked["method"], asked["target"], asked["headers"], hash_bytes(BODY), len(BODY))
    key = subkey(held or scope(name), chain=row.chain, **({} if secret is None else {"secret": secret}))
    made = sign(request, Credential(ID, key.scope, key.key, None), Settings(), AT, row)
    return made.request


def answered(name: str, seen: Request, code: str = "SignatureDoesNotMatch", **more: str) -> bytes:
    """Return what a server answers that saw *seen*."""
    stages = rebuild(seen, DERIVED[name])
    parts = {
        "Code": code,
        "Message": "The request signature we calculated does not match the signature you provided.",
        "CanonicalRequest": stages["canonical-request"],
        "StringToSign": stages["string-to-sign"],
        **more,
    }
    return f"<Error>{''.join([f'<{one}>{escape(text)}</{one}>' for one, text in parts.items()])}</Error>".encode()


def cause(name: str, sent: Request, answer: "bytes | None", **given: Any) -> "tuple[str, str, int | None] | None":
    server = None if answer is None else read_server_error(answer)
    found = explain(sent, row=DERIVED[name], server=server, **given).difference
    return None if found is None else (found.cause, found.stage, found.line)


@pytest.mark.parametrize("name", OTHERS)
def test_the_stages_are_those_that_a_verifier_rebuilds(name: str) -> None:
    request = signed(name)
    found = explain(request, row=DERIVED[name])
    stages = rebuild(request, DERIVED[name])
    assert found.stages["canonical-request"] == stages["canonical-request"]
    assert found.stages["string-to-sign"] == stages["string-to-sign"]
    assert found.stages["signature"] == "[signature]"
    assert found.difference is None
    assert dict(found.facts)["algorithm"] == DERIVED[name].chain.label
    assert dict(found.facts)["signed at"] == "2026-11-23T09:00:00Z"


@pytest.mark.parametrize("name", [name for name in OTHERS if DERIVED[name].query is not None])
def test_the_stages_of_a_signed_query(name: str) -> None:
    row, key = DERIVED[name], subkey(scope(name), chain=DERIVED[name].chain)
    request = Request("GET", "/p?b=2&a", (("Host", "h.example"),))
    settings = Settings(placement="query", expires=60)
    made = sign(request, Credential(ID, key.scope, key.key, None), settings, AT, row)
    found = explain(made.request, row=row, keys=[key])
    assert found.stages["canonical-request"] == made.stages["canonical-request"]
    assert found.notes == ["the signature is right for this request and the key that was given"]


CHANGES = {
    "method": (lambda one, name: Request("PUT", one.target, one.headers, hash_bytes(BODY), len(BODY)), "method", 1),
    "path": (lambda one, name: one.with_target(one.target.replace("/p/", "/q/")), "unknown", 2),
    "query": (lambda one, name: one.with_target(one.target + "&c=3"), "unknown", 3),
    "header": (lambda one, name: replaced(one, f"{DERIVED[name].prefix}extra", "Two"), "header-changed", None),
    "host": (lambda one, name: replaced(one, "host", "bkt.oss-eu-1.aliyuncs.com:8080"), "host", None),
}


def replaced(request: Request, name: str, value: str) -> Request:
    return request.with_headers(tuple([(one, value if one.lower() == name else text) for one, text in request.headers]))


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("change", CHANGES)
def test_what_the_server_saw_otherwise_is_pointed_out(name: str, change: str) -> None:
    alter, word, line = CHANGES[change]
    request = signed(name)
    found = cause(name, request, answered(name, alter(request, name)))
    assert found is not None
    assert found[:2] == (word, "canonical-request")
    if line is not None:
        assert found[2] == line


@pytest.mark.parametrize("name", OTHERS)
def test_what_the_client_did_is_found_with_the_key(name: str) -> None:
    answer = json.dumps({"Code": "SignatureDoesNotMatch", "Message": "no"}).encode()
    chain = DERIVED[name].chain
    place = {"region": "r-1", "service": "svc"}
    keys = [access_key(scheme=chain.label)]
    mistyped = signed(name, secret="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n")
    assert cause(name, mistyped, answer, keys=keys) == ("secret", "signature", 1)
    proxied = replaced(signed(name), "content-type", "application/json")
    assert cause(name, proxied, answer, keys=keys) is not None
    row, request = DERIVED[name], signed(name)
    text = rebuild(request, row)["string-to-sign"]
    late = text.replace(row.format_stamp(AT), row.format_stamp(AT + timedelta(seconds=1)), 1)
    signature = subkey(scope(name), chain=chain).key.mac(late.encode()).hex()
    resigned = replaced(request, "authorization", dict(request.headers)["Authorization"][:-64] + signature)
    found = cause(name, resigned, answer, keys=keys)
    assert found == ("time", "string-to-sign", 2)
    for part in place:
        if part in chain.parts:
            other = signed(name, held=scope(name, **{part: "auto"}))
            moved = replaced(
                other, "authorization", dict(other.headers)["Authorization"].replace("/auto/", f"/{place[part]}/")
            )
            found = cause(name, moved, answer, keys=keys, **{part: "auto"})
            assert found is not None
            assert found[0] == "scope"


@pytest.mark.parametrize("name", OTHERS)
def test_a_clock_that_is_wrong(name: str) -> None:
    assert cause(name, signed(name), None, at=AT + timedelta(seconds=900)) is None
    assert cause(name, signed(name), None, at=AT + timedelta(seconds=901)) == ("time", "string-to-sign", 2)
    row = DERIVED[name]
    found = explain(signed(name), row=row, at=AT + timedelta(seconds=901)).difference
    assert found is not None
    assert (found.ours, found.theirs) == (row.format_stamp(AT), row.format_stamp(AT + timedelta(seconds=901)))


@pytest.mark.parametrize("name", OTHERS)
def test_a_request_that_is_not_signed_yet(name: str) -> None:
    """What came back for it says for what it was to be signed."""
    request = signed(name)
    bare = request.with_headers(
        tuple([pair for pair in request.headers if pair[0].lower() not in ("authorization", DERIVED[name].date)])
    )
    found = explain(bare, row=DERIVED[name], server=read_server_error(answered(name, request)))
    assert found.stages["canonical-request"] == rebuild(request, DERIVED[name])["canonical-request"]
    assert found.stages["string-to-sign"] == rebuild(request, DERIVED[name])["string-to-sign"]
    xml = b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
    said = {part: {"region": "r-1", "service": "svc"}[part] for part in DERIVED[name].chain.parts[1:]}
    found = explain(bare, row=DERIVED[name], server=read_server_error(xml), at=AT, **said)  # type: ignore[arg-type]
    assert found.stages["string-to-sign"].split("\n")[1:3] == [DERIVED[name].format_stamp(AT), scope(name)]
    assert explain(bare, row=DERIVED[name], server=read_server_error(xml)).stages == {}


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (
            {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "no"}, "RequestId": "x"}},
            "unknown",
        ),
        ({"Response": {"Error": {"Code": "AuthFailure.SignatureExpire", "Message": "no"}}}, "time"),
        ({"Response": {"Error": {"Code": "AuthFailure.SecretIdNotFound", "Message": "no"}}}, "secret"),
        ({"ResponseMetadata": {"Error": {"Code": "SignatureDoesNotMatch", "Message": "no"}}}, "unknown"),
        ({"ResponseMetadata": {"Error": {"Code": "InvalidTimestamp", "Message": "no"}}}, "time"),
        ({"ResponseMetadata": {"Error": {"Code": "InvalidAccessKey", "Message": "no"}}}, "secret"),
        ({"errorCode": "SignatureNotMatch", "errorMessage": "no"}, "unknown"),
    ],
)
def test_what_vendors_answer_in_json(answer: dict[str, Any], word: str) -> None:
    found = cause("tc3", signed("tc3"), json.dumps(answer).encode())
    assert found is not None
    assert found[0] == word


def test_whose_key_oss_says_it_looked_up() -> None:
    request = signed("oss4")
    error = read_server_error(answered("oss4", request, OSSAccessKeyId="AKOTHER"))
    assert error.access_key_id == "AKOTHER"
    both = read_server_error(answered("oss4", request, OSSAccessKeyId="A", AWSAccessKeyId="B"))
    assert both.access_key_id == "B"


def test_a_bucket_that_the_host_does_not_name() -> None:
    headers = (("Host", "files.example"), ("Content-Type", "a/b"))
    key = subkey(scope("oss4"), chain=DERIVED["oss4"].chain)
    request = Request("POST", "/k", headers, hash_bytes(BODY), len(BODY))
    made = sign(request, Credential(ID, key.scope, key.key, None), Settings(bucket="bkt"), AT, DERIVED["oss4"])
    found = explain(made.request, row=DERIVED["oss4"], bucket="bkt", keys=[key])
    assert found.stages["canonical-request"].split("\n")[1] == "/bkt/k"
    assert found.notes == ["the signature is right for this request and the key that was given"]


def test_a_header_that_oss_signs_without_a_list() -> None:
    request = signed("oss4")
    lost = request.with_headers(tuple([pair for pair in request.headers if pair[0].lower() != "x-oss-extra"]))
    found = cause("oss4", request, answered("oss4", lost))
    assert found is not None
    assert (found[0], found[1]) == ("header-missing", "canonical-request")
    listed = replaced(
        request, "authorization", dict(request.headers)["Authorization"].replace("=host,", "=content-length;host,")
    )
    found = cause("oss4", request, answered("oss4", listed.with_headers((*listed.headers, ("Content-Length", "8")))))
    assert found is not None
    assert found[0] in ("signed-headers", "header-added")


def test_tencents_unsigned_body_is_the_hash_of_a_word() -> None:
    key = subkey(scope("tc3"), chain=TC3.chain)
    headers = (("Host", "h.example"), ("Content-Type", "a/b"))
    request = Request("POST", "/", headers, hash_bytes(BODY), len(BODY))
    made = sign(request, Credential(ID, key.scope, key.key, None), Settings(payload="unsigned"), AT, TC3)
    found = explain(made.request, row=TC3, keys=[key])
    assert found.stages["canonical-request"].endswith(hash_bytes(b"UNSIGNED-PAYLOAD"))
    undeclared = made.request.with_headers(
        tuple([pair for pair in made.request.headers if pair[0] != "X-TC-Content-SHA256"])
    )
    answer = json.dumps({"Code": "SignatureDoesNotMatch", "Message": "no"}).encode()
    assert explain(undeclared, row=TC3, keys=[key], server=read_server_error(answer)).difference is not None


def test_headers_that_a_vendors_client_leaves_unsigned_are_no_fault() -> None:
    for name in OTHERS:
        row = DERIVED[name]
        more = signed(name).with_headers((*signed(name).headers, (f"{row.prefix}more", "x")))
        found = cause(name, more, None)
        if row.implicit:
            assert found is None  # it is signed wherever it stands
        elif row.date_listed:
            assert found == (
                "signed-headers",
                "canonical-request",
                len(rebuild(more, row)["canonical-request"].split("\n")) - 1,
            )
        else:
            assert found is None
    unhosted = signed("oss4")
    bare = replaced(
        unhosted, "authorization", dict(unhosted.headers)["Authorization"].replace("AdditionalHeaders=host,", "")
    )
    assert cause("oss4", bare, None) is None


def test_tokens_are_hidden_whatever_their_header_is_called() -> None:
    key = subkey(scope("sls4"), chain=SLS4.chain, token="tok/en+secret")
    headers = (("Host", "h.example"), ("Content-Type", "a/b"))
    token = Secret(b"tok/en+secret")
    made = sign(Request("POST", "/", headers), Credential(ID, key.scope, key.key, token), Settings(), AT, SLS4)
    found = explain(made.request, row=SLS4)
    assert "tok/en" not in str(found.stages) + str(found.facts) + str(found.notes)
    assert "x-acs-security-token:[session token, 13 characters]" in found.stages["canonical-request"]
    assert format_compact(AT) in found.stages["string-to-sign"]
