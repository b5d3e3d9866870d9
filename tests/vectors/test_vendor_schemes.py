"""Do the schemes that carry code sign what their vendors sign, and accept it again?

Sources: Alibaba Cloud SDK, "V3 request structure and signature" (the example of RunInstances); Huawei Cloud,
huaweicloud-sdk-python-v3, tests/test_signer.py (two requests, two algorithms) and "API Request Signing Guide" (one
string to sign); Akamai, AkamaiOPEN-edgegrid-python, testcases.json (15 cases, copied as facts); Microsoft, "Authorize
with Shared Key" (a string to sign; no signature is published); draft-cavage-http-signatures-12, Appendix C; Oracle,
oci-go-sdk http_signer_test.go.  The values that `vendor-vectors.json` repeats are compared with it.
"""

import hmac
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import schemejobs as jobs
from authkit import base64
from authkit.clock import UTC, parse_compact
from authkit.errors import Rejected
from authkit.keys.prove import PrivateKey, PublicKey
from authkit.schemes import acs3, azure_sharedkey, cavage, eg1, huawei, huawei_v11

HERE = Path(__file__).parent
AKAMAI = json.loads((HERE / "akamai_eg1.json").read_text())
HUAWEI_AT = datetime(2020, 6, 8, 2, 39, tzinfo=UTC)
HUAWEI_BODY = b'{"name":"test","id":1}'
HUAWEI_HOST = "service.endpoint.myhuaweicloud.com"


def published(vectors: Path, name: str) -> Any:
    rows = json.loads((vectors / "sigv4/vendor-vectors.json").read_text())
    (row,) = [row for row in rows if row["name"] == name]
    return row


def test_acs3(vectors: Path) -> None:
    row = published(vectors, "Alibaba ACS3-HMAC-SHA256")
    key = jobs.access_key("YourAccessKeyId", b"YourAccessKeySecret")
    message = jobs.request(
        "POST",
        "/?RegionId=cn-shanghai&ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        (
            ("x-acs-action", "RunInstances"),
            ("x-acs-version", "2014-05-26"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
        ),
        host="ecs.cn-shanghai.aliyuncs.com",
    )
    at = datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC)
    signed = jobs.sign(acs3.SCHEME, message, key, at)
    assert signed.stages["canonical-request"] == row["canonical_request"]
    assert signed.stages["signature"] == row["expected"]
    assert jobs.verifier(acs3.SCHEME, key).judge(signed.request, at).signed_at == at


@pytest.mark.parametrize(
    "method, body, scheme, signature, name",
    [
        (
            "GET",
            b"",
            huawei.SCHEME,
            "cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842",
            "Huawei SDK-HMAC-SHA256 sdk test",
        ),
        (
            "POST",
            HUAWEI_BODY,
            huawei.SCHEME,
            "436b1ac0a1ae03705934bb70ef2f2e09f7bfed2117d731a38235053199323a1f",
            None,
        ),
        (
            "GET",
            b"",
            huawei_v11.SCHEME,
            "f7dfee056692e58dede80fc80cb89bbfabf45552dd7cd8d18a0a13484455b98e",
            "Huawei V11-HMAC-SHA256 (HKDF; key = hex text)",
        ),
        (
            "POST",
            HUAWEI_BODY,
            huawei_v11.SCHEME,
            "8e2d91eaf9656ec5d6fab27812e2d898a35aaaa5e16ee0a0365c38527ccfb3cf",
            None,
        ),
    ],
)
def test_huawei(vectors: Path, method: str, body: bytes, scheme: Any, signature: str, name: "str | None") -> None:
    key = jobs.access_key("AccessKey")
    scope = {"region": "test-region-1", "service": "demo"} if scheme is huawei_v11.SCHEME else {}
    message = jobs.request(method, "/resources?size=1", (("TEST_UNDERSCORE", "TEST_VALUE"),), body, host=HUAWEI_HOST)
    signed = jobs.sign(scheme, message, key, HUAWEI_AT, **scope)
    assert signed.stages["signature"] == signature
    if name is not None:
        assert published(vectors, name)["expected"] == signature
    owner = "Credential=AccessKey/20200608/test-region-1/demo" if scope else "Access=AccessKey"
    assert jobs.value(signed.request, "authorization") == (
        f"{scheme.label} {owner}, SignedHeaders=host;x-sdk-date, Signature={signature}"
    )
    found = jobs.verifier(scheme, key, **scope).judge(signed.request, HUAWEI_AT)
    assert found.uncovered == ("test_underscore",)


def test_huawei_string_to_sign(vectors: Path) -> None:
    text = "SDK-HMAC-SHA256\n20191115T033655Z\nb25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a"
    key = jobs.access_key("AK", b"MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc")
    wanted = "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"
    assert huawei.PLAIN.key(key, "").mac(text.encode()).hex() == wanted
    assert published(vectors, "Huawei SDK-HMAC-SHA256")["expected"] == wanted


def eg1_case(case: "dict[str, Any]") -> "tuple[Any, Any, datetime]":
    """Return a request as Akamai's case has it, the key, and the instant."""
    letter, count = case["body"]
    headers = tuple([(name, text) for name, text in case["headers"]])
    message = jobs.request(
        case["method"],
        case["target"],
        headers,
        letter.encode() * count,
        watch=eg1.watch(jobs.options(eg1.SCHEME, "sign", max_body=AKAMAI["max_body"])),
        host=AKAMAI["host"],
    )
    key = jobs.access_key(AKAMAI["client_token"], AKAMAI["client_secret"].encode())
    at = parse_compact(AKAMAI["timestamp"].replace(":", "").replace("+0000", "Z"))
    assert at is not None
    return message, key, at


def test_eg1_has_all_cases() -> None:
    assert len(AKAMAI["cases"]) == 15


@pytest.mark.parametrize("case", AKAMAI["cases"], ids=[case["name"] for case in AKAMAI["cases"]])
def test_eg1(case: "dict[str, Any]") -> None:
    message, key, at = eg1_case(case)
    names = tuple([name.lower() for name in AKAMAI["headers_to_sign"]])
    unsigned = (
        f"EG1-HMAC-SHA256 client_token={AKAMAI['client_token']};access_token={AKAMAI['access_token']};"
        f"timestamp={AKAMAI['timestamp']};nonce={AKAMAI['nonce']};"
    )
    hashed = eg1.content_hash(message, AKAMAI["max_body"])
    if "data_to_sign" in case:
        assert eg1.data_to_sign(message, names, hashed, "") == case["data_to_sign"]
    data = eg1.data_to_sign(message, names, hashed, unsigned)
    made = eg1.signing_key(AKAMAI["client_secret"].encode(), AKAMAI["timestamp"]).mac(data.encode("latin-1"))
    assert base64.encode(made) == case["signature"]

    sent = jobs.added(message, ("Authorization", f"{unsigned}signature={case['signature']}"))
    verifier = jobs.verifier(
        eg1.SCHEME, key, max_body=AKAMAI["max_body"], sign_header=names, allow_unsigned_payload=True
    )
    assert verifier.judge(sent, at).more == {"nonce": AKAMAI["nonce"]}


def test_eg1_key_and_hash(vectors: Path) -> None:
    key = eg1.signing_key(AKAMAI["client_secret"].encode(), AKAMAI["timestamp"])
    assert key.reveal().decode() == AKAMAI["signing_key"] == published(vectors, "Akamai EG1 signing key")["expected"]
    message = jobs.request("POST", body=b"test_body")
    assert eg1.content_hash(message, 2048) == AKAMAI["content_hash_of_test_body"]
    assert AKAMAI["cases"][0]["signature"] == published(vectors, "Akamai EG1 simple GET")["expected"]


def test_azure_string_to_sign() -> None:
    """The request of "Get Container Metadata" in Microsoft's text; the emulator's well-known key signs it."""
    key = jobs.access_key(
        "myaccount",
        base64.decode("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==")
        or b"",
    )
    at = datetime(2015, 6, 26, 23, 39, 12, tzinfo=UTC)
    message = jobs.request(
        "GET",
        "/mycontainer?restype=container&comp=metadata&timeout=20",
        (("x-ms-version", "2015-02-21"),),
        host="myaccount.blob.core.windows.net",
    )
    signed = jobs.sign(azure_sharedkey.SCHEME, message, key, at)
    assert signed.stages["string-to-sign"] == (
        "GET\n\n\n\n\n\n\n\n\n\n\n\n"
        "x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n"
        "/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20"
    )
    made = hmac.digest(key.secret.reveal(), signed.stages["string-to-sign"].encode(), "sha256")
    assert jobs.value(signed.request, "authorization") == f"SharedKey myaccount:{base64.encode(made)}"
    assert jobs.verifier(azure_sharedkey.SCHEME, key).judge(signed.request, at).access_key_id == "myaccount"


# id of a case in cavage_oci.json -> method, target and the other headers of its message
CAVAGE_HOST = ("host", "example.com")
CAVAGE = {
    "cavage-C.1": ("POST", "/foo?param=value&pet=dog", ()),
    "cavage-C.2": ("POST", "/foo?param=value&pet=dog", ()),
    "cavage-C.3": ("POST", "/foo?param=value&pet=dog", ()),
    "oci-get": (
        "GET",
        "/20160918/instances?availabilityDomain=Pjwf%3A%20PHX-AD-1&compartmentId=ocid1.compartment.oc1..aaaaaaaam3we6vg"
        "nherjq5q2idnccdflvjsnog7mlr6rtdb25gilchfeyjxa&displayName=TeamXInstances&volumeId=ocid1.volume.oc1.phx.abyhqlj"
        "rgvttnlx73nmrwfaux7kcvzfs3s66izvxf2h4lgvyndsdsnoiwr5q",
        (),
    ),
    "oci-post": ("POST", "/20160918/volumeAttachments", ()),
}
JUST_THEN = datetime(2014, 1, 5, 21, 31, 40, tzinfo=UTC)


def cavage_keys(data: "dict[str, Any]") -> "tuple[PrivateKey, PublicKey]":
    """Return the draft's key pair, which has 1024 bits and which the loaders refuse."""
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    key = load_pem_private_key(data["private_key_pem"].encode(), None)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PrivateKey("Test", "rsa", (), key), PublicKey(None, "rsa", spki, None, key.public_key())


def cavage_message(data: "dict[str, Any]", case: "dict[str, Any]") -> Any:
    """Return the message of a case, made from its own string to sign, and its signature in a header."""
    oci = case["id"].startswith("oci")
    names = "date" if case["headers"].startswith("(default") else case["headers"]
    method, target, _ = CAVAGE[case["id"]]
    headers = [
        tuple(line.split(": ", 1)) for line in case["string_to_sign"].split("\n") if not line.startswith("(request")
    ]
    if CAVAGE_HOST[0] not in dict(headers):
        headers.append(CAVAGE_HOST)
    body = data["oci_post_body" if oci else "cavage_body"] if method == "POST" else ""
    said = f'algorithm="rsa-sha256",headers="{names}",signature="{case["signature"]}"'
    if oci:
        headers.append(("Authorization", f'Signature version="1",keyId="{data["oci_keyId"]}",{said}'))
    else:
        headers.append(("Signature", f'keyId="Test",{said}'))
    return jobs.request(method, target, tuple(headers), body.encode(), host=None)


@pytest.mark.parametrize("name", CAVAGE)
def test_cavage(vectors: Path, name: str) -> None:
    data = json.loads((vectors / "webhooks/cavage_oci.json").read_text())
    assert len(data["cases"]) == len(CAVAGE)
    (case,) = [case for case in data["cases"] if case["id"] == name]
    private, public = cavage_keys(data)
    message = cavage_message(data, case)
    assert cavage.stages(message, None) == {
        "signing-string": case["string_to_sign"],
        "signature": case["signature"],
    }
    made = private.sign("rsa-v1_5-sha256", case["string_to_sign"].encode())
    assert base64.encode(made) == case["signature"]
    verifier = jobs.verifier(cavage.SCHEME, public, oci=name.startswith("oci"))
    if name == "cavage-C.1":  # it covers the date alone, which is good for any request
        with pytest.raises(Rejected) as caught:
            verifier.judge(message, JUST_THEN)
        assert (caught.value.reason, caught.value.detail) == ("required-component", "(request-target)")
    elif name == "cavage-C.2":
        with pytest.raises(Rejected) as caught:
            verifier.judge(message, JUST_THEN)
        assert caught.value.reason == "unsigned-payload"
    else:
        found = verifier.judge(message, JUST_THEN)
        assert found.access_key_id == ("Test" if name == "cavage-C.3" else data["oci_keyId"])
        assert found.warnings == ("authority-not-compared", "keyid-not-compared")
        with pytest.raises(Rejected) as caught:
            verifier.judge(message, JUST_THEN + timedelta(seconds=301))
        assert caught.value.reason == "expired"


@pytest.mark.parametrize("name", ["oci-get", "oci-post"])
def test_oci_signed_here(vectors: Path, name: str) -> None:
    """The example's date has a wrong day of the week, so the signature differs and all else agrees."""
    data = json.loads((vectors / "webhooks/cavage_oci.json").read_text())
    (case,) = [case for case in data["cases"] if case["id"] == name]
    private, public = cavage_keys(data)
    method, target, _ = CAVAGE[name]
    body = data["oci_post_body"].encode() if method == "POST" else b""
    headers = (("Content-Type", "application/json"),) if body else ()
    message = jobs.request(method, target, headers, body, host="iaas.us-phoenix-1.oraclecloud.com")
    signed = jobs.sign(cavage.SCHEME, message, private, JUST_THEN, oci=True, keyid=data["oci_keyId"])
    assert signed.stages["signing-string"] == case["string_to_sign"].replace("Thu, 05", "Sun, 05")
    assert jobs.value(signed.request, "authorization").startswith(
        f'Signature version="1",keyId="{data["oci_keyId"]}",algorithm="rsa-sha256",headers="{case["headers"]}",'
    )
    found = jobs.verifier(cavage.SCHEME, public, oci=True).judge(signed.request, JUST_THEN)
    assert "body" in found.covered if body else found.uncovered == ()
