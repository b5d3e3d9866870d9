"""Do the rows of the table of derived keys sign as their vendors do?

Sources, besides the files of `$AUTHKIT_VECTORS` named below: aliyun-log-python-sdk, tests of AuthV4 (also in the SDKs
for Go and Java); alibabacloud-oss-go-sdk-v2, oss/signer/signer_test.go; ve-tos-python-sdk, tests/test_auth.py.
`derived_peers.json` holds what each vendor's own Python SDK made of requests chosen here (its member `generator` names
package and version): each SDK is code that nobody here wrote, and is not needed to run the tests.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from authkit.clock import UTC, parse_compact
from authkit.errors import Rejected
from authkit.keys.access import AccessKey
from authkit.keys.derive import derive_key
from authkit.keys.scope import parse_scope
from authkit.keys.select import Credential
from authkit.messages.payload import EMPTY_HASH, hash_bytes
from authkit.messages.request import Request
from authkit.schemes.base import Signed
from authkit.schemes.canonical import canonical_request, string_to_sign
from authkit.schemes.derived import AWS4, DERIVED, GOOG4, JDCLOUD3, OSC4, OSS4, SLS4, TOS4, Derived
from authkit.schemes.policy import Policy, verify
from authkit.schemes.sigv4 import Settings, sign
from authkit.secret import Secret

ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
PEERS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "derived_peers.json").read_text("ascii"))


def credential(row: Derived, access_key_id: str, secret: str, scope: str, token: "str | None" = None) -> Credential:
    whole = parse_scope(scope, row.chain)
    key = derive_key(Secret(secret.encode()).mac_key(row.chain.prefix), whole.values)
    return Credential(access_key_id, whole, key, None if token is None else Secret(token.encode()))


def at_of(stamp: str) -> datetime:
    found = parse_compact(stamp) if "T" in stamp else datetime.fromtimestamp(int(stamp), UTC)
    assert found is not None
    return found


def authorization(signed: Signed) -> str:
    return dict(signed.added)["Authorization"]


def wire(text: str, kept: str = "") -> str:
    """Return *text* as a client puts it on the wire: all but visible ASCII percent-encoded, and what would end it."""
    shown = "".join([chr(byte) for byte in text.encode()])
    return "".join(
        [
            char
            if "!" <= char <= "~" and (char not in "%#?" or char in kept)
            else quote(char, safe="", encoding="latin-1")
            for char in shown
        ]
    )


# ----------------------------------------------------------------------------------------- Google, Outscale, by libcurl


def test_what_libcurl_signs(vectors: Path) -> None:
    listed = json.loads((vectors / "sigv4" / "libcurl-generated-goog-osc-aws.json").read_text())
    assert len(listed) == 3
    for one in listed:
        row = {"goog": GOOG4, "osc": OSC4, "aws": AWS4}[one["provider"].partition(":")[0]]
        first, host, *_ = one["request"].split("\r\n")
        method, target, _ = first.split(" ")
        scope = one["string_to_sign"].split("\n")[2]
        signer = credential(row, one["access_key"], one["secret"], scope)
        request = Request(method, target, (("Host", host.partition(": ")[2]), ("Accept", "*/*")))
        settings = Settings(no_sign_headers=("accept",), payload_header=False)
        signed = sign(request, signer, settings, at_of(one["string_to_sign"].split("\n")[1]), row)
        assert signed.stages["string-to-sign"] == one["string_to_sign"]
        assert authorization(signed) == one["authorization"]


# -------------------------------------------------------------------------------------------------------------- JDCloud


def test_every_jdcloud_vector(vectors: Path) -> None:
    file = json.loads((vectors / "sigv4" / "jdcloud3-vectors.json").read_text())
    defaults, cases = file["defaults"], file["cases"]
    assert len(cases) == 12
    for case in cases:
        headers = dict(defaults["headers"])
        for value in case.get("set", {}).values():
            headers["x-jdcloud-nonce"] = value
        # what the test of the SDK gives as text is encoded where a URL must be, and left where it is encoded already
        path = wire(case.get("ori_path", defaults["ori_path"]), "%" if "ncode" in case["name"] else "")
        query = wire(case.get("query", "?")[1:], "%?" if "partEncode" in case["name"] else "?")
        target = f"/{path.removeprefix('/')}" + (f"?{query}" if query else "")
        host = defaults["host"].partition("://")[2]
        request = Request(defaults["method"], target, (("Host", host), *headers.items()))
        scope = f"20190917/{defaults['region']}/{defaults['service']}/jdcloud3_request"
        signer = credential(JDCLOUD3, defaults["ak"], defaults["sk"], scope)
        signed = sign(request, signer, Settings(), at_of("20190917T064708Z"), JDCLOUD3)
        assert authorization(signed) == case["true_sign"], case["name"]


UPLOAD = b'{"certName":"clouddeploy-1","certFile":"CERT","keyFile":"KEY"}'


@pytest.mark.parametrize(
    ("at", "scope", "method", "target", "type_", "nonce", "body", "expected"),
    [
        # jdcloud-sdk-cpp-signer, test of JdcloudSignerImpl
        (
            "20090213T233130Z",
            "20090213/cn-north-1/vm/jdcloud2_request",
            "GET",
            "/",
            None,
            "uuid",
            b"",
            "43a76892222031f847c00c56cac8d4d2dc179a4e75a37868d09a5300435f4054",
        ),
        # made by jdcloud-sdk-go's signer, for the test of a client in PHP
        (
            "20260628T102030Z",
            "20260628/jdcloud-api/ssl/jdcloud2_request",
            "POST",
            "/v1/sslCert%3Aupload",
            "application/json",
            "11111111-2222-4333-8444-555555555555",
            UPLOAD,
            "03ac43aa03cf75273d6e7c470fec0cf24e0a3034fbc78e410c422a123fcf739e",
        ),
        (
            "20260628T102030Z",
            "20260628/jdcloud-api/vod/jdcloud2_request",
            "GET",
            "/v1/domains?pageNumber=1&pageSize=100",
            "application/json",
            "11111111-2222-4333-8444-555555555555",
            b"",
            "a37cf486107f2bcaac72c152913d3e7a28c53edcf31bb3a8ad691cf037de9583",
        ),
    ],
)
def test_the_second_scheme_of_jdcloud(
    at: str, scope: str, method: str, target: str, type_: "str | None", nonce: str, body: bytes, expected: str
) -> None:
    row, service = DERIVED["jdcloud2"], scope.split("/")[2]
    host = "vm.cn-north-1.jdcloud.net" if service == "vm" else f"{service}.jdcloud-api.com"
    headers = (("Host", host), ("x-jdcloud-nonce", nonce), *([("Content-Type", type_)] if type_ else []))
    owner = ("ak", "sk") if service == "vm" else ("AKID-TEST-1234567890", "SECRET-abcdefghijklmnop")
    request = Request(method, target, headers, hash_bytes(body), len(body))
    signed = sign(request, credential(row, *owner, scope), Settings(), at_of(at), row)
    assert signed.stages["signature"] == expected


def test_the_canonical_request_of_jdcloud(vectors: Path) -> None:
    listed = json.loads((vectors / "sigv4" / "vendor-vectors.json").read_text())
    (one,) = [one for one in listed if one["name"] == "JDCLOUD3-HMAC-SHA256 path null"]
    names = dict([line.split(":", 1) for line in one["canonical_request"].split("\n")[3:-3]])
    request = Request("GET", "/", tuple(names.items()))
    found = canonical_request(request, sorted(names), EMPTY_HASH, JDCLOUD3.rules)
    assert found == one["canonical_request"]
    scope = "20190917/cn-north-1/apigatewaytestproductline/jdcloud3_request"
    text = string_to_sign(JDCLOUD3.chain.label, "20190917T064708Z", scope, found)
    assert credential(JDCLOUD3, "ak", "sk", scope).key.mac(text.encode()).hex() == one["expected"]


# -------------------------------------------------------------------------------------------------------------- Alibaba

OSS_HEADERS = (("Host", "bucket.oss-cn-hangzhou.aliyuncs.com"), ("x-oss-head1", "value"), ("abc", "value"))
OSS_QUERY = "%2Bparam1=value3&%2Bparam2=&%7Cparam1=value4&%7Cparam2=&param1=value1&param2="
OSS_PATH = "/1234%2B-/123/1.txt"


@pytest.mark.parametrize(
    ("at", "token", "expected"),
    [
        (1702743657, None, "e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe"),
        (1702784856, "token", "b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea"),
    ],
)
def test_oss_in_headers(at: int, token: "str | None", expected: str, vectors: Path) -> None:
    instant = datetime.fromtimestamp(at, UTC)
    signer = credential(OSS4, "ak", "sk", f"{instant:%Y%m%d}/cn-hangzhou/oss/aliyun_v4_request", token)
    request = Request("PUT", f"{OSS_PATH}?{OSS_QUERY}", (*OSS_HEADERS, ("content-type", "text/plain")))
    signed = sign(request, signer, Settings(no_sign_headers=("host",)), instant, OSS4)
    assert authorization(signed).endswith(f"/cn-hangzhou/oss/aliyun_v4_request,Signature={expected}")
    if token is None:
        listed = json.loads((vectors / "sigv4" / "vendor-vectors.json").read_text())
        (one,) = [one for one in listed if one["name"] == "Alibaba OSS4-HMAC-SHA256"]
        assert (one["canonical_request"], one["expected"]) == (signed.stages["canonical-request"], expected)


def test_oss_in_the_query() -> None:
    signer = credential(OSS4, "ak", "sk", "20231217/cn-hangzhou/oss/aliyun_v4_request")
    headers = (*OSS_HEADERS, ("content-type", "application/octet-stream"))
    settings = Settings(placement="query", expires=599, no_sign_headers=("host",))
    signed = sign(
        Request("PUT", f"{OSS_PATH}?{OSS_QUERY}", headers),
        signer,
        settings,
        datetime.fromtimestamp(1702781677, UTC),
        OSS4,
    )
    expected = "a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe"
    assert signed.request.target.endswith(f"&x-oss-expires=599&x-oss-signature={expected}")


SLS_HEADERS = {"x-log-test": "het123", "x-acs-ppp": "dds"}
SLS_QUERY = {" abc": "efg", " agc ": "", "": "efg", "A-bc": "eFg"}
SLS_LONG = {**SLS_QUERY, "abs-ij*asd/vc": "a~js+d ada", "a abAas123/vc": "a~jdad a2ADFs+d ada"}
SLS_BODY = b"adasd= -asd zcas"


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "body", "region", "expected"),
    [
        ("POST", "/logstores", SLS_QUERY, SLS_HEADERS, SLS_BODY, "cn-hangzhou",
         "a98f5632e93836e63839cd836a54055f480020a9364ca944e2d34f2eb9bf1bed"),
        ("POST", "/logstores", {}, {}, SLS_BODY, "cn-shanghai",
         "8a10a5e723cb2e75964816de660b2c16a58af8bc0261f7f0722d832468c76ce8"),
        ("POST", "/logstores", SLS_QUERY, SLS_HEADERS, b"", "cn-hangzhou",
         "5a66d8f8051983e0e9d08e0f960ef9252ef971eead5bb5c7acec8617a2eb2701"),
        ("GET", "/logstores", SLS_QUERY, SLS_HEADERS, b"", "cn-hangzhou",
         "d92741852500791d662a8d469ff61627c0559ecd86c3f59b7bf6772b6c62666a"),
        ("POST", "/logstores/hello/a+*~bb/cc", SLS_LONG, SLS_HEADERS, SLS_BODY, "cn-hangzhou",
         "2c204068e961a8813a6bcf7ac422f7fa6e9bf9a5da493e0165dfe100854d18ff"),
    ],
)  # fmt: skip
def test_sls(
    method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes, region: str, expected: str
) -> None:
    """The SDK's vectors have no Host, which a message must have; so the stages are put together here."""
    stamp = "20220808T032330Z"
    grouped = {**headers, "x-log-content-sha256": hash_bytes(body), "x-log-date": stamp}
    target = path + "?" + "&".join([f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query.items()])
    request = Request(method, target, tuple(grouped.items()))
    canonical = canonical_request(request, sorted(grouped), hash_bytes(body), SLS4.rules)
    scope = f"20220808/{region}/sls/aliyun_v4_request"
    text = string_to_sign(SLS4.chain.label, stamp, scope, canonical)
    assert credential(SLS4, "acsddda21dsd", "zxasdasdasw2", scope).key.mac(text.encode()).hex() == expected


# ----------------------------------------------------------------------------------------------------------- Volcengine


@pytest.mark.parametrize(
    ("method", "expires", "token", "expected"),
    [
        ("GET", 86400, None, "b87788cb98d1a5a91a046d20eb212ffc22cf7cd4c1d4e9bd2d15a989afb97d2f"),
        ("PUT", 3600, "sts", "3041fb481e31ec25fe7a1be44cafe25caf1cd97228710ee440b2ca1bd49bc563"),
    ],
)
def test_tos_in_the_query(method: str, expires: int, token: "str | None", expected: str) -> None:
    signer = credential(TOS4, "ak", "sk", "20210101/beijing/tos/request", token)
    request = Request(method, "/key", (("Host", "bkt.tos-cn-beijing.volces.com"),))
    signed = sign(request, signer, Settings(placement="query", expires=expires), at_of("20210101T000000Z"), TOS4)
    said = "" if token is None else f"&X-Tos-Security-Token={token}"
    assert signed.request.target == (
        "/key?X-Tos-Algorithm=TOS4-HMAC-SHA256&X-Tos-Credential=ak%2F20210101%2Fbeijing%2Ftos%2Frequest"
        f"&X-Tos-Date=20210101T000000Z&X-Tos-Expires={expires}&X-Tos-SignedHeaders=host{said}&X-Tos-Signature={expected}"
    )


# ---------------------------------------------------------------------------------------- what the SDKs themselves sign

# what an SDK leaves unsigned of its own headers -> the reason, without leave
LEFT = {
    "tc3": (
        "unsigned-x-amz-header",
        tuple([f"x-tc-{one}" for one in "action region version requestclient content-sha256 language".split()]),
    ),
}


def sent(one: dict[str, Any]) -> Request:
    body = one["body"].encode()
    headers = tuple([(name, value) for name, value in one["headers"]])
    target = one["target"]
    if "signed_url" in one:
        target = "/" + one["signed_url"].split("/", 3)[3]
    else:
        headers += (("Authorization", one["authorization"]),)
    return Request(one["method"], target, headers, hash_bytes(body), len(body))


@pytest.mark.parametrize("one", PEERS, ids=lambda one: one["name"])
def test_what_a_vendors_own_client_signs_is_verified(one: dict[str, Any]) -> None:
    row = DERIVED[one["scheme"]]
    token = None if "token" not in one else Secret(one["token"].encode())
    keys: list[Any] = [AccessKey(ID, Secret(SECRET.encode()), session_token=token)]
    request, at = sent(one), at_of(one["at"])
    reason, names = LEFT.get(row.name, (None, ()))
    open_ = {"region": one.get("region"), "service": one["service"], "allow_unsigned_payload": True}
    if reason is not None:
        with pytest.raises(Rejected) as caught:
            verify(request, keys, Policy(**open_), at, row)
        assert caught.value.reason == reason
    policy = Policy(**open_, allow_unsigned=names)
    found = verify(request, keys, policy, at, row)
    assert (found.scheme, found.access_key_id, found.signed_at) == (row.name, ID, at)
    for changed in (
        Request("DELETE", request.target, request.headers, request.payload_hash, request.content_length),
        request.with_target(request.target + ("&" if "?" in request.target else "?") + "zz=1"),
        request.with_target("/other" + request.target[1:]),
    ):
        with pytest.raises(Rejected) as caught:
            verify(changed, keys, policy, at, row)
        assert caught.value.reason == "signature-mismatch"


@pytest.mark.parametrize("one", [one for one in PEERS if "authorization" in one], ids=lambda one: one["name"])
def test_signing_gives_what_a_vendors_own_client_gives(one: dict[str, Any]) -> None:
    row = DERIVED[one["scheme"]]
    ready = sent(one)
    # what signing adds, but for a hash that a client chose to declare
    added = (row.date, row.security_token, "authorization", *(() if row.name == "tos4" else (row.content_sha256,)))
    bare = ready.with_headers(tuple([pair for pair in ready.headers if pair[0].lower() not in added]))
    fields = one["authorization"].partition(" ")[2].split(",")
    names = "".join([field.partition("=")[2] for field in fields if "Headers=" in field]).split(";")
    settings = Settings(
        payload="unsigned" if ["X-TC-Content-SHA256", "UNSIGNED-PAYLOAD"] in one["headers"] else None,
        sign_headers=tuple(names) if row.name == "oss4" else (),
        no_sign_headers=tuple([name for name in ready.grouped if name.startswith("x-tc-")]),
    )
    scope = one["authorization"].split(f"{ID}/")[1].split(",")[0]
    made = sign(bare, credential(row, ID, SECRET, scope, one.get("token")), settings, at_of(one["at"]), row)
    assert authorization(made) == one["authorization"]


# rows that no peer signed for here -> the test that holds their vectors
ELSEWHERE = {
    "sigv4": "tests/vectors/test_aws_c_auth.py",
    "goog4": "test_what_libcurl_signs",
    "jdcloud2": "test_the_second_scheme_of_jdcloud",
}


def test_every_row_has_a_vector() -> None:
    """A row whose signature nobody else has made is a guess."""
    assert {one["scheme"] for one in PEERS} | set(ELSEWHERE) == set(DERIVED)
    assert len(PEERS) == 17
