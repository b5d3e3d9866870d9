"""Do signed forms equal the ones that Amazon and Google publish?

Sources: Amazon S3 API Reference, "Example: browser-based upload using HTTP POST (using AWS Signature Version 4)", the
policy with its CRLF line ends; Google's conformance tests, `v4_signatures.json`, `postPolicyV4Tests`.
"""

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from authkit import api, base64
from authkit.clock import parse_stamp
from authkit.keys.access import AccessKey
from authkit.keys.load import load_keys
from authkit.schemes.forms.sign import Wanted
from authkit.secret import Secret
from formcase import kind_of, reason, receiving, signing

GOOGLE_CASES = 6

KEY = AccessKey("AKIAIOSFODNN7EXAMPLE", Secret(b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
AWS_AT = datetime(2015, 12, 29, tzinfo=timezone.utc)
AWS_POLICY = (
    b'{ "expiration": "2015-12-30T12:00:00.000Z",\r\n'
    b'  "conditions": [\r\n'
    b'    {"bucket": "sigv4examplebucket"},\r\n'
    b'    ["starts-with", "$key", "user/user1/"],\r\n'
    b'    {"acl": "public-read"},\r\n'
    b'    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},\r\n'
    b'    ["starts-with", "$Content-Type", "image/"],\r\n'
    b'    {"x-amz-meta-uuid": "14365123651274"},\r\n'
    b'    {"x-amz-server-side-encryption": "AES256"},\r\n'
    b'    ["starts-with", "$x-amz-meta-tag", ""],\r\n'
    b"\r\n"
    b'    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},\r\n'
    b'    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},\r\n'
    b'    {"x-amz-date": "20151229T000000Z" }\r\n'
    b"  ]\r\n"
    b"}"
)
AWS_SIGNATURE = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
AWS_FIELDS = [
    ("key", "user/user1/${filename}"),
    ("acl", "public-read"),
    ("success_action_redirect", "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"),
    ("Content-Type", "image/jpeg"),
    ("x-amz-meta-uuid", "14365123651274"),
    ("x-amz-server-side-encryption", "AES256"),
    ("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"),
    ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
    ("X-Amz-Date", "20151229T000000Z"),
    ("x-amz-meta-tag", ""),
    ("Policy", base64.encode(AWS_POLICY)),
    ("X-Amz-Signature", AWS_SIGNATURE),
]


def test_the_form_that_amazon_publishes_is_accepted() -> None:
    subkey = api.derive_subkey([KEY], AWS_AT.date(), "us-east-1", "s3")
    for keys in ([KEY], [subkey]):
        found = receiving("sigv4", keys, AWS_FIELDS, at=AWS_AT, bucket="sigv4examplebucket")
        assert found.access_key_id == "AKIAIOSFODNN7EXAMPLE"
        assert found.scope == "20151229/us-east-1/s3/aws4_request"
        assert found.replayable_until == datetime(2015, 12, 30, 12, tzinfo=timezone.utc)
        assert found.more == {"object_key": "user/user1/me.jpg"}
        assert found.warnings == ()


@pytest.mark.parametrize(
    "name, value, wanted",
    [
        ("key", "user/user2/${filename}", "condition-failed: key begins with 'user/user1/'"),
        ("acl", "private", "condition-failed: acl is 'public-read'"),
        ("Content-Type", "image/png,text/html", "condition-failed: content-type begins with 'image/'"),
        ("x-amz-meta-uuid", "14365123651275", "condition-failed: x-amz-meta-uuid is '14365123651274'"),
        ("X-Amz-Date", "20151229T000001Z", "condition-failed: x-amz-date is '20151229T000000Z'"),
        ("X-Amz-Signature", AWS_SIGNATURE[:-1] + "f", "signature-mismatch"),
        ("Policy", base64.encode(AWS_POLICY.replace(b"public-read", b"public-rea.")), "signature-mismatch"),
    ],
)
def test_that_form_with_one_field_changed_is_not(name: str, value: str, wanted: str) -> None:
    changed = [(field, value if field == name else text) for field, text in AWS_FIELDS]
    assert reason("sigv4", [KEY], changed, at=AWS_AT) == wanted


@pytest.fixture(scope="module")
def google(vectors: Path) -> "list[dict[str, Any]]":
    found: "list[dict[str, Any]]" = json.loads((vectors / "sigv4" / "gcs-v4" / "v4_signatures.json").read_text())[
        "postPolicyV4Tests"
    ]
    return found


@pytest.fixture(scope="module")
def account(vectors: Path) -> "list[Any]":
    data = (vectors / "sigv4" / "gcs-v4" / "test_service_account.not-a-test.json").read_bytes()
    return list(load_keys(data, {}, "service account"))


def wanted_of(case: "dict[str, Any]") -> Wanted:
    given = dict(case["policyInput"])
    for name in ("scheme", "urlStyle", "bucketBoundHostname", "timestamp"):
        given.pop(name, None)
    conditions = given.pop("conditions", {})
    listed: "list[object]" = []
    if "startsWith" in conditions:
        listed.append(["starts-with", *conditions.pop("startsWith")])
    assert not conditions
    fields = tuple(given.pop("fields", {}).items())
    found = Wanted(
        given.pop("bucket"), given.pop("object"), False, fields, tuple(listed), None, given.pop("expiration")
    )
    assert not given
    return found


@pytest.mark.parametrize("place", range(GOOGLE_CASES))
def test_a_form_of_google_s(place: int, google: "list[dict[str, Any]]", account: "list[Any]") -> None:
    case = google[place]
    at = parse_stamp(case["policyInput"]["timestamp"])
    assert at is not None
    wanted = wanted_of(case)
    form = signing("goog4-rsa", account, wanted, at, None)
    assert form.stages["policy"] == case["policyOutput"]["expectedDecodedPolicy"].replace("é", "\\u00e9")
    assert dict(form.fields) == case["policyOutput"]["fields"]
    if "urlStyle" not in case["policyInput"]:
        assert kind_of("goog4-rsa").url(wanted.bucket, "auto") == case["policyOutput"]["url"]
    # and back: a field that the form leaves to the user is filled in
    sent = [*form.fields, ("acl", "public-read")] if wanted.conditions else list(form.fields)
    found = receiving("goog4-rsa", account, sent, at=at, region=None, bucket=wanted.bucket)
    assert found.access_key_id == "test-iam-credentials@dummy-project-id.iam.gserviceaccount.com"
    assert found.replayable_until == form.expires_at
    assert reason("goog4-rsa", account, [*sent, ("x-other", "")], at=at, region=None) == "field-unsigned: x-other"


def test_every_form_of_google_s_is_run(google: "list[dict[str, Any]]") -> None:
    assert len(google) == GOOGLE_CASES
