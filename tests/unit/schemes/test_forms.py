"""What does a signed form allow, and what else is refused?"""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authkit import api, base64, schemes
from authkit.errors import Refused, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.load import load_keys
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.schemes.base import SignJob
from authkit.schemes.derived import AWS4
from authkit.schemes.forms.kinds import derived_kind
from authkit.schemes.forms.multipart import FormReader, disposition
from authkit.schemes.forms.names import Fields
from authkit.schemes.forms.policy import parse_condition, parse_expiration, parse_policy
from authkit.schemes.forms.scheme import VERIFY_OPTIONS, scheme_for
from authkit.schemes.forms.sign import Wanted, shown_policy, sign_form
from authkit.secret import Secret
from commandline import run_here
from formcase import AT, BOUNDARY, body_of, judging, kind_of, message, part, reason, receiving, signing, why

SECRET = Secret(b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
KEY = AccessKey("AKIDEXAMPLE", SECRET)
SESSION = AccessKey("AKSESSION", SECRET, session_token=Secret(b"IQoJb3JpZ2luX2VjEXAMPLETOKEN=="), expires_at=AT)
SUBKEY = api.derive_subkey([KEY], AT.date(), "us-east-1", "s3")
EXACT = Wanted("inbox", "a.jpg")
RICH = Wanted(
    "inbox",
    "2026/",
    True,
    (("acl", "public-read"), ("Content-Type", "image/jpeg")),
    (["starts-with", "$Content-Type", "image/"], {"x-amz-meta-a": "b"}, ["eq", "$x-amz-meta-c", "é"]),
    (1, 5),
    3600,
)
SENT = [*signing("sigv4", [KEY], RICH).fields, ("x-amz-meta-a", "b"), ("X-Amz-Meta-C", "é"), ("x-ignore-me", "1")]


def changed(name: str, value: "str | None", fields: Any = None) -> "list[tuple[str, str]]":
    """Return the fields with one of them changed, or left out."""
    found = SENT if fields is None else list(fields)
    assert any(field == name for field, _ in found)
    return [
        (field, text if field != name or value is None else value)
        for field, text in found
        if field != name or value is not None
    ]


# ------------------------------------------------------------------------------------------------------------- signing


def test_what_a_form_holds() -> None:
    form = signing("sigv4", [KEY], RICH)
    assert [name for name, _ in form.fields] == [
        "key",
        "acl",
        "Content-Type",
        "x-amz-date",
        "x-amz-credential",
        "x-amz-algorithm",
        "policy",
        "x-amz-signature",
    ]
    fields = dict(form.fields)
    assert fields["key"] == "2026/${filename}"
    assert fields["x-amz-date"] == "20261123T090000Z"
    assert fields["x-amz-credential"] == "AKIDEXAMPLE/20261123/us-east-1/s3/aws4_request"
    assert fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    assert base64.decode(fields["policy"]) == (
        b'{"conditions":[["starts-with","$Content-Type","image/"],{"x-amz-meta-a":"b"},["eq","$x-amz-meta-c","\\u00e9"],'
        b'["content-length-range",1,5],{"acl":"public-read"},{"bucket":"inbox"},["starts-with","$key","2026/"],'
        b'{"x-amz-date":"20261123T090000Z"},{"x-amz-credential":"AKIDEXAMPLE/20261123/us-east-1/s3/aws4_request"},'
        b'{"x-amz-algorithm":"AWS4-HMAC-SHA256"}],"expiration":"2026-11-23T10:00:00Z"}'
    )
    assert form.stages == {
        "policy": (base64.decode(fields["policy"]) or b"").decode(),
        "string-to-sign": fields["policy"],
        "signature": fields["x-amz-signature"],
    }
    assert (form.expires_at, form.bearer) == (AT + timedelta(hours=1), ())


def test_what_a_form_allows_unless_it_is_said() -> None:
    plain, folder = Wanted("b", "k"), Wanted("b", "k", True, lengths=(0, 5), expires=1)
    assert signing("sigv4", [KEY], plain).expires_at == AT + timedelta(seconds=900)
    form = signing("sigv4", [KEY], folder)
    assert form.expires_at == AT + timedelta(seconds=1)
    assert dict(form.fields)["key"] == "k${filename}"
    assert '["content-length-range",0,5],{"bucket":"b"},["starts-with","$key","k"]' in form.stages["policy"]


def test_a_signing_key_makes_the_same_form() -> None:
    assert signing("sigv4", [SUBKEY], RICH, region=None).fields == signing("sigv4", [KEY], RICH).fields


def test_a_form_cannot_be_taken_for_a_request() -> None:
    """One key signs both (S7): a policy is base64, and no string to sign and no signature base is."""
    letters = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
    assert letters.issuperset(signing("sigv4", [KEY], RICH).stages["string-to-sign"])
    for name in ("sigv4", "goog4"):
        assert not letters.issuperset(kind_of(name).chain.label)
    assert '"' not in letters


def test_a_key_of_another_day_signs_no_form() -> None:
    with pytest.raises(Refused, match="^no key for 2026-11-24T00:00:00Z: held are keys of 2026-11-23"):
        signing("sigv4", [SUBKEY], EXACT, datetime(2026, 11, 24, tzinfo=timezone.utc))


def test_a_session_travels_with_the_form() -> None:
    form = signing("sigv4", [SESSION], EXACT)
    assert dict(form.fields)["x-amz-security-token"] == "IQoJb3JpZ2luX2VjEXAMPLETOKEN=="
    assert form.bearer == ("IQoJb3JpZ2luX2VjEXAMPLETOKEN==",)
    assert receiving("sigv4", [SESSION], form.fields, bucket="inbox").access_key_id == "AKSESSION"


def test_forms_of_google_with_an_hmac_key() -> None:
    form = signing("goog4", [KEY], EXACT, region=None)
    fields = dict(form.fields)
    assert fields["x-goog-credential"] == "AKIDEXAMPLE/20261123/auto/storage/goog4_request"
    assert fields["x-goog-algorithm"] == "GOOG4-HMAC-SHA256"
    assert receiving("goog4", [KEY], form.fields, region=None, bucket="inbox").scope == (
        "20261123/auto/storage/goog4_request"
    )
    assert reason("goog4", [KEY], form.fields, region="eu") == "scope-region: 'auto' instead of 'eu'"
    assert reason("sigv4", [KEY], form.fields) == "no-signature: no field x-amz-signature"


@pytest.mark.parametrize(
    "name, bucket, region, url",
    [
        ("sigv4", "inbox", "us-east-1", "https://inbox.s3.us-east-1.amazonaws.com/"),
        ("sigv4", "inbox", "cn-north-1", "https://inbox.s3.cn-north-1.amazonaws.com.cn/"),
        ("sigv4", "in.box", "eu-west-1", "https://s3.eu-west-1.amazonaws.com/in.box"),
        ("goog4", "in.box", "auto", "https://storage.googleapis.com/in.box/"),
        ("goog4-rsa", "inbox", "auto", "https://storage.googleapis.com/inbox/"),
    ],
)
def test_where_a_form_is_sent(name: str, bucket: str, region: str, url: str) -> None:
    assert kind_of(name).url(bucket, region) == url


@pytest.mark.parametrize("expires", [1, 604800])
def test_the_longest_and_the_shortest_form(expires: int) -> None:
    form = signing("sigv4", [KEY], Wanted("b", "k", expires=expires))
    assert form.expires_at == AT + timedelta(seconds=expires)
    assert receiving("sigv4", [KEY], form.fields, at=form.expires_at).replayable_until == form.expires_at


def test_a_field_that_may_be_anything_must_be_there() -> None:
    """As S3 has it: a condition on a field that is not sent fails."""
    form = signing("sigv4", [KEY], Wanted("b", "k", conditions=(["starts-with", "$x-amz-meta-a", ""],)))
    for value in ("", "x"):
        assert receiving("sigv4", [KEY], [*form.fields, ("x-amz-meta-a", value)]).access_key_id == "AKIDEXAMPLE"
    assert reason("sigv4", [KEY], form.fields) == "condition-failed: x-amz-meta-a begins with ''"


def test_a_length_as_a_condition() -> None:
    form = signing("sigv4", [KEY], Wanted("b", "k", conditions=(["content-length-range", 0, 1],)))
    assert receiving("sigv4", [KEY], form.fields, b"x").covered[-1] == "content-length-range"
    assert reason("sigv4", [KEY], form.fields, b"xx") == (
        "condition-failed: content-length-range 0 to 1, and the file has 2"
    )


OPTIONS: "list[tuple[Wanted, str]]" = [
    (Wanted("b", "k", expires=0), "--expires 0 is not 1 to 604800 seconds"),
    (Wanted("b", "k", expires=604801), "--expires 604801 is not 1 to 604800 seconds"),
    (Wanted("b", "${filename}"), "${filename} stands in the name of the object"),
    (Wanted("b", "a/${filename}", True), "${filename} stands in the name of the object"),
    (Wanted("b", "k", fields=(("Policy", "x"),)), "--field Policy: that is for another option, or for signing"),
    (Wanted("b", "k", fields=(("KEY", "x"),)), "--field KEY: that is for another option, or for signing"),
    (Wanted("b", "k", fields=(("bucket", "x"),)), "--field bucket: that is for another option, or for signing"),
    (Wanted("b", "k", fields=(("file", "x"),)), "--field file: that is for another option, or for signing"),
    (Wanted("b", "k", fields=(("x-amz-Date", "x"),)), "--field x-amz-Date: that is for another option, or for signing"),
    (Wanted("b", "k", fields=(("acl", "x"), ("ACL", "y"))), "--field ACL stands twice"),
    (
        Wanted("b", "k", fields=(("acl", "private"),), conditions=(["starts-with", "$acl", "public"],)),
        "--field acl: a --condition demands that acl begins with 'public'",
    ),
    (Wanted("b", "k", conditions=({"key": "x"},)), "--condition on key: that is for another option, or for signing"),
    (
        Wanted("b", "k", conditions=({"bucket": "x"},)),
        "--condition on bucket: that is for another option, or for signing",
    ),
    (Wanted("b", "k", conditions=({"File": "x"},)), "--condition on file: that is for another option, or for signing"),
    (
        Wanted("b", "k", conditions=(["eq", "$policy", ""],)),
        "--condition on policy: that is for another option, or for signing",
    ),
    (Wanted("b", "k", conditions=("x",)), "--condition: a condition is neither an object nor a list of three"),
]


@pytest.mark.parametrize("wanted, fault", OPTIONS)
def test_a_form_that_nobody_could_send(wanted: Wanted, fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        signing("sigv4", [KEY], wanted)
    assert caught.value.message == fault
    if "stands in the name" in fault:
        assert caught.value.hint == "--key-prefix takes what stands before it"


# ----------------------------------------------------------------------------------------------------------- verifying


def test_what_a_verdict_says() -> None:
    found = receiving("sigv4", [SUBKEY], SENT, region=None, bucket="inbox")
    assert (found.scheme, found.access_key_id) == ("sigv4-form", "AKIDEXAMPLE")
    assert found.scope == "20261123/us-east-1/s3/aws4_request"
    assert (found.signed_at, found.replayable_until) == (AT, AT + timedelta(hours=1))
    assert found.covered == (
        "policy",
        "bucket",
        "acl",
        "content-type",
        "key",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-meta-a",
        "x-amz-meta-c",
        "content-length-range",
    )
    assert found.uncovered == ("x-ignore-me", "host", "file")
    assert found.more == {"object_key": "2026/me.jpg"}
    assert found.warnings == ()
    assert receiving("sigv4", [KEY], SENT).warnings == ("bucket-not-compared",)
    assert receiving("sigv4", [KEY], signing("sigv4", [KEY], EXACT).fields).more == {"object_key": "a.jpg"}


def test_bounds_of_time_are_inclusive() -> None:
    until = AT + timedelta(hours=1)
    assert receiving("sigv4", [KEY], SENT, at=until).replayable_until == until
    assert reason("sigv4", [KEY], SENT, at=until + timedelta(seconds=1)) == (
        "expired: it was good until 2026-11-23T10:00:00Z and now is 2026-11-23T10:00:01Z"
    )
    for skew, options in ((300, {}), (0, {"max_skew": 0}), (900, {"max_skew": 900})):
        early = AT - timedelta(seconds=skew)
        assert receiving("sigv4", [KEY], SENT, at=early, **options).replayable_until == until
        earlier = early - timedelta(seconds=1)
        assert reason("sigv4", [KEY], SENT, at=earlier, **options) == (
            f"not-yet-valid: it is dated 20261123T090000Z and now is {earlier:%Y%m%dT%H%M%SZ}"
        )
    assert receiving("sigv4", [KEY], SENT, max_expires=3600).replayable_until == until
    assert reason("sigv4", [KEY], SENT, max_expires=3599) == (
        "expires-range: good until 2026-11-23T10:00:00Z, over 3599 seconds"
    )


@pytest.mark.parametrize(
    "options, fault",
    [
        ({"max_skew": -1}, "--max-skew -1 is not 0 to 900 seconds"),
        ({"max_skew": 901}, "--max-skew 901 is not 0 to 900 seconds"),
        ({"max_expires": 0}, "--max-expires 0 is not 1 to 604800 seconds"),
        ({"max_expires": 604801}, "--max-expires 604801 is not 1 to 604800 seconds"),
        ({"region": None}, "a key that is wider than a signing key opens every region"),
    ],
)
def test_options_that_do_not_fit(options: "dict[str, Any]", fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        reason("sigv4", [KEY], SENT, **options)
    assert caught.value.message == fault


REFUSED: "list[tuple[str, str | None, str]]" = [
    ("policy", None, "missing-parameter: policy"),
    ("x-amz-algorithm", None, "missing-parameter: x-amz-algorithm"),
    ("x-amz-credential", None, "missing-parameter: x-amz-credential"),
    ("x-amz-date", None, "missing-parameter: x-amz-date"),
    ("x-amz-signature", None, "missing-parameter: x-amz-signature"),
    ("key", None, "missing-parameter: key"),
    ("x-amz-algorithm", "AWS4-HMAC-SHA1", "algorithm: 'AWS4-HMAC-SHA1' instead of AWS4-HMAC-SHA256"),
    ("x-amz-algorithm", "", "algorithm: '' instead of AWS4-HMAC-SHA256"),
    ("x-amz-credential", "AKIDEXAMPLE", "scope-format: 'AKIDEXAMPLE'"),
    (
        "x-amz-credential",
        "AKIDEXAMPLE/20261323/us-east-1/s3/aws4_request",
        "scope-date: '20261323'",
    ),
    (
        "x-amz-credential",
        "AKIDEXAMPLE/20261122/us-east-1/s3/aws4_request",
        "scope-date-mismatch: 20261122 and 20261123T090000Z",
    ),
    (
        "x-amz-credential",
        "AKIDEXAMPLE/20261123/eu-west-1/s3/aws4_request",
        "scope-region: 'eu-west-1' instead of 'us-east-1'",
    ),
    (
        "x-amz-credential",
        "AKIDEXAMPLE/20261123/us-east-1/sqs/aws4_request",
        "scope-service: 'sqs' instead of 's3'",
    ),
    (
        "x-amz-credential",
        "AKOTHER/20261123/us-east-1/s3/aws4_request",
        "unknown-access-key: 'AKOTHER'",
    ),
    ("x-amz-date", "2026-11-23T09:00:00Z", "date-format: '2026-11-23T09:00:00Z'"),
    ("x-amz-signature", "0" * 63, f"signature-format: {'0' * 63!r}"),
    ("x-amz-signature", "0" * 65, f"signature-format: {'0' * 65!r}"),
    ("x-amz-signature", "A" * 64, f"signature-format: {'A' * 64!r}"),
    ("x-amz-signature", "0" * 66, f"signature-format: {'0' * 66!r}"),
    ("x-amz-signature", "X" + "0" * 63, f"signature-format: {'X' + '0' * 63!r}"),
    ("x-amz-signature", "0" * 64, "signature-mismatch"),
    ("policy", "e30=", "policy-syntax: its members are not 'expiration', a text, and 'conditions', a list"),
    ("policy", "*", "policy-syntax: it is not base64 of 64 KiB at most"),
    ("key", "2025/${filename}", "condition-failed: key begins with '2026/'"),
    ("acl", "private", "condition-failed: acl is 'public-read'"),
    ("acl", None, "condition-failed: acl is 'public-read'"),
    ("Content-Type", "text/html", "condition-failed: content-type begins with 'image/'"),
    ("Content-Type", "image/png, text/html", "condition-failed: content-type begins with 'image/'"),
    ("Content-Type", None, "condition-failed: content-type begins with 'image/'"),
    ("x-amz-meta-a", "B", "condition-failed: x-amz-meta-a is 'b'"),
    ("X-Amz-Meta-C", "e", "condition-failed: x-amz-meta-c is 'é'"),
]


@pytest.mark.parametrize("name, value, wanted", REFUSED)
def test_a_field_that_is_another(name: str, value: "str | None", wanted: str) -> None:
    assert reason("sigv4", [KEY], changed(name, value)) == wanted


@pytest.mark.parametrize(
    "field", ["x-amz-meta-b", "success_action_redirect", "tagging", "x-ignored", "content-encoding"]
)
def test_a_field_that_no_condition_names(field: str) -> None:
    assert reason("sigv4", [KEY], [*SENT, (field, "")]) == f"field-unsigned: {field}"


def test_what_is_said_of_a_field_is_cut() -> None:
    long = "x" * 65
    assert reason("sigv4", [KEY], [*SENT, (long, "")]) == f"field-unsigned: {long[:64]}"
    assert reason("sigv4", [KEY], [*SENT, (long, ""), (long, "")]) == f"duplicate-parameter: {long[:64]}"
    for name, value, wanted in (
        ("x-amz-algorithm", long, f"algorithm: {long[:64]!r} instead of AWS4-HMAC-SHA256"),
        ("x-amz-credential", "x" * 129, f"scope-format: {'x' * 128!r}"),
        ("x-amz-date", "x" * 33, f"date-format: {'x' * 32!r}"),
        ("x-amz-signature", "x" * 129, f"signature-format: {'x' * 128!r}"),
    ):
        assert reason("sigv4", [KEY], changed(name, value)) == wanted
    assert reason("sigv4", [KEY], SENT, bucket=long) == f"bucket-mismatch: bucket is 'inbox', and not {long[:64]!r}"


def test_a_field_that_stands_twice() -> None:
    assert reason("sigv4", [KEY], [*SENT, ("ACL", "public-read")]) == "duplicate-parameter: ACL"
    assert reason("sigv4", [KEY], [*SENT, ("x-amz-signature", "0" * 64)]) == "duplicate-parameter: x-amz-signature"


def test_the_bucket_is_the_policy_s() -> None:
    assert reason("sigv4", [KEY], SENT, bucket="outbox") == "bucket-mismatch: bucket is 'inbox', and not 'outbox'"
    assert reason("sigv4", [KEY], [*SENT, ("Bucket", "inbox")]) == (
        "form-syntax: a field is called bucket, which only the policy names"
    )
    form = signing("sigv4", [KEY], EXACT)
    policy = (base64.decode(dict(form.fields)["policy"]) or b"").replace(b'{"bucket":"inbox"},', b"")
    assert reason("sigv4", [KEY], resigned(policy, form.fields)) == "field-unsigned: bucket"
    policy = (base64.decode(dict(form.fields)["policy"]) or b"").replace(
        b'{"bucket":"inbox"}', b'["starts-with","$bucket","in"]'
    )
    sent = resigned(policy, form.fields)
    assert receiving("sigv4", [KEY], sent, bucket="inbox").warnings == ()
    assert reason("sigv4", [KEY], sent, bucket="outbox") == (
        "bucket-mismatch: bucket begins with 'in', and not 'outbox'"
    )


def resigned(policy: bytes, fields: Any) -> "list[tuple[str, str]]":
    """Return the fields with another policy, rightly signed."""
    text = base64.encode(policy)
    return changed("policy", text, changed("x-amz-signature", SUBKEY.key.mac(text.encode()).hex(), fields))


def test_the_length_of_the_file() -> None:
    for size in (1, 5):
        assert receiving("sigv4", [KEY], SENT, b"x" * size).access_key_id == "AKIDEXAMPLE"
    for size in (0, 6):
        assert reason("sigv4", [KEY], SENT, b"x" * size) == (
            f"condition-failed: content-length-range 1 to 5, and the file has {size}"
        )


def test_the_file_s_name_cannot_leave_the_prefix() -> None:
    data = message(body_of(SENT, filename="../../etc/passwd"))
    assert judging("sigv4", [KEY], data).more == {"object_key": "2026/passwd"}
    form = signing("sigv4", [KEY], Wanted("b", "k"))
    sent = changed("key", "${filename}", form.fields)
    # expanded before it is judged
    assert judging("sigv4", [KEY], message(body_of(sent, filename="k"))).more == {"object_key": "k"}
    assert why("sigv4", [KEY], message(body_of(sent, filename="l"))) == "condition-failed: key is 'k'"


def test_tokens() -> None:
    form = signing("sigv4", [SESSION], EXACT).fields
    assert reason("sigv4", [SESSION], changed("x-amz-security-token", None, form)) == "token-missing"
    assert reason("sigv4", [SESSION], changed("x-amz-security-token", "x", form)) == "token-mismatch"
    assert reason("sigv4", [SESSION], changed("x-amz-security-token", "é", form)) == "token-mismatch"
    lasting = AccessKey("AKSESSION", SECRET)
    assert reason("sigv4", [lasting], form) == "token-unexpected"


def test_what_is_claimed_is_named() -> None:
    with pytest.raises(Rejected) as caught:
        receiving("sigv4", [KEY], changed("acl", "private"))
    claim: Any = caught.value.claim
    assert (claim.access_key_id, claim.scope, claim.at) == (
        "AKIDEXAMPLE",
        "20261123/us-east-1/s3/aws4_request",
        AT,
    )


def test_keys_that_do_not_check_this_form() -> None:
    other = api.derive_subkey([KEY], AT.date(), "us-east-1", "sqs")
    assert reason("sigv4", [other], SENT, region=None).startswith("subkey-out-of-scope: ")
    assert reason("sigv4", [], SENT, region="us-east-1") == "unknown-access-key: 'AKIDEXAMPLE'"


def test_an_rsa_signature_s_length() -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    keys = load_keys(pem, {}, "key.pem")
    keys[0].id = "me@example.com"  # type: ignore[union-attr]
    form = signing("goog4-rsa", keys, EXACT, region=None)
    assert receiving("goog4-rsa", keys, form.fields, region=None).access_key_id == "me@example.com"
    for digits in (62, 65, 2050):
        sent = changed("x-goog-signature", "0" * digits, form.fields)
        assert reason("goog4-rsa", keys, sent, region=None).startswith("signature-format: ")
    for digits in (64, 512, 2048):
        sent = changed("x-goog-signature", "0" * digits, form.fields)
        assert reason("goog4-rsa", keys, sent, region=None) == "signature-mismatch"


# -------------------------------------------------------------------------------------------------- the form's own form


def test_a_request_that_carries_no_form() -> None:
    body = body_of(SENT)
    assert why("sigv4", [KEY], message(body, "PUT")) == "form-syntax: PUT instead of POST"
    for kind in ("text/plain", "multipart/mixed; boundary=x", ""):
        assert why("sigv4", [KEY], message(body, kind=kind)) == "form-syntax: Content-Type is not multipart/form-data"
    twice = message(body).replace(b"Host:", b"Content-Type: multipart/form-data; boundary=x\r\nHost:")
    assert why("sigv4", [KEY], twice) == "form-syntax: Content-Type is not multipart/form-data"
    bare = message(body).replace(b"Content-Type:", b"X-Type:", 1)
    assert why("sigv4", [KEY], bare) == "form-syntax: Content-Type is not multipart/form-data"


@pytest.mark.parametrize(
    "parameters",
    [
        "",
        ";",
        "; boundary",
        "; boundary=",
        '; boundary=""',
        '; boundary="',
        "; boundary=a; boundary=a",
        "; boundary=a@b",
        '; boundary="a "',
        "; boundary=" + "x" * 71,
    ],
)
def test_a_boundary_that_cannot_be(parameters: str) -> None:
    assert why("sigv4", [KEY], message(b"", kind=f"multipart/form-data{parameters}")) == (
        "form-syntax: Content-Type has no boundary, or one that cannot be"
    )


@pytest.mark.parametrize(
    "kind",
    [
        f'Multipart/Form-Data; charset=utf-8;  Boundary="{BOUNDARY}"',
        f"multipart/form-data;boundary={BOUNDARY}",
        f"multipart/form-data ; boundary={BOUNDARY} ",
    ],
)
def test_spellings_of_a_boundary(kind: str) -> None:
    assert judging("sigv4", [KEY], message(body_of(SENT), kind=kind)).access_key_id == "AKIDEXAMPLE"


@pytest.mark.parametrize("boundary", ["x", "a b", "x" * 70, "'()+_,-./:=?"])
def test_boundaries_that_can_be(boundary: str) -> None:
    body = body_of(SENT).replace(BOUNDARY.encode(), boundary.encode())
    assert judging("sigv4", [KEY], message(body, kind=f'multipart/form-data; boundary="{boundary}"')).warnings


def test_a_form_without_a_field_that_signs() -> None:
    assert reason("sigv4", [KEY], [("key", "x")]) == "no-signature: no field x-amz-signature"


END = f"--{BOUNDARY}--".encode()
FILE = part("file", b"x", '; filename="x"')
MALFORMED = {
    "empty": (b"", "it ends within a field"),
    "no file": (part("key", "x") + END, "it holds no file"),
    "a preamble": (b"hello\r\n" + FILE + END, "a part does not begin with the boundary"),
    "another boundary": (b"--other\r\n", "a part does not begin with the boundary"),
    "cut in a head": (part("key", "x")[:30], "it ends within a field"),
    "cut in a value": (part("key", "x")[:-1], "it ends within a field"),
    "cut in a file": (FILE, "the file is not its end"),
    "cut in the end": (FILE + END[:-1], "the file is not its end"),
    "an epilogue": (FILE + END + b"\r\nx", "the file is not its end"),
    "an epilogue at once": (FILE + END + b"x", "the file is not its end"),
    "an empty line behind": (FILE + END + b"\r\n\r\n", "the file is not its end"),
    "a field behind the file": (FILE + part("key", "x") + END, "the file is not its end"),
    "a second file": (FILE + FILE + END, "the file is not its end"),
    "a field that is a file": (part("key", "x", '; filename="y"') + FILE + END, "the field 'key' is a file"),
    "no name": (part("key", "x").replace(b'name="key"', b'nam="key"') + FILE + END, "a part has no name"),
    "no disposition": (
        f"--{BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nx\r\n".encode() + FILE + END,
        "a part has no name",
    ),
    "an attachment": (part("key", "x").replace(b"form-data", b"attachment") + FILE + END, "a part has no name"),
    "no head": (f"--{BOUNDARY}\r\n\r\nx\r\n".encode() + FILE + END, "a part has the header ''"),
    "an encoding": (
        part("key", "x").replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n") + FILE + END,
        "a part has the header 'Content-Transfer-Encoding'",
    ),
    "two dispositions": (
        part("key", "x").replace(b"\r\n\r\n", b'\r\nContent-Disposition: form-data; name="acl"\r\n\r\n') + FILE + END,
        "a part has the header 'Content-Disposition'",
    ),
    "a file by another spelling": (part("File", b"x") + FILE + END, "the file is not its end"),
    "a line within a head": (
        part("key", "x").replace(b"\r\n\r\n", b"\r\nContent-Type: a/b\nContent-Disposition: x\r\n\r\n") + FILE + END,
        "the head of a part holds a control character",
    ),
    "a control in a name": (part("ke\x7fy", "x") + FILE + END, "the head of a part holds a control character"),
    "a value that begins with the boundary": (
        part("x-ignore-a", part("acl", "x")[:-2]) + FILE + END,
        "the field 'x-ignore-a' holds the boundary",
    ),
    "a value with the boundary behind a line feed": (
        part("x-ignore-a", b"\n" + part("acl", "x")[:-2]) + FILE + END,
        "the field 'x-ignore-a' holds the boundary",
    ),
    "a file that begins with the boundary": (
        part("file", part("acl", "x")[:-2]) + END,
        "the file begins with the boundary",
    ),
    "no text": (part("key", b"\xff") + FILE + END, "the field 'key' is not UTF-8"),
    "too much": (part("key", "x" * 65536) + FILE + END, "over 65536 octets come before the file"),
    "too much in two": (
        part("key", "x" * 40000) + part("acl", "x" * 40000) + FILE + END,
        "over 65536 octets come before the file",
    ),
    "too much for the file's head": (
        part("key", "x" * 65400) + FILE + END,
        "over 65536 octets come before the file",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_form_that_cannot_be_read(name: str, size: int) -> None:
    body, fault = MALFORMED[name]
    reader = FormReader(BOUNDARY)
    for place in range(0, len(body), size):
        reader.update(body[place : place + size])
    with pytest.raises(Rejected) as caught:
        reader.finish()
    assert (caught.value.reason, caught.value.detail) == ("form-syntax", fault)


@pytest.mark.parametrize("size", [1, 4096, 1 << 20])
def test_the_most_that_comes_before_a_file(size: int) -> None:
    """The same at every size of a piece: line end, field, and the file's head."""
    room = 65536 - 2 - len(part("key", "")) - len(FILE) + len(b"x\r\n")
    for more, accepted in ((0, True), (1, False)):
        body = part("key", "x" * (room + more)) + FILE + END
        reader = FormReader(BOUNDARY)
        for place in range(0, len(body), size):
            reader.update(body[place : place + size])
        assert (reader.fault == "") == accepted
        assert reader.length == (1 if accepted else 0)


def test_nothing_is_kept_of_what_is_wrong_or_large() -> None:
    reader = FormReader(BOUNDARY)
    reader.update(FILE + END + b"x" * 100_000)
    reader.update(b"x" * 100_000)
    assert len(reader._data) == 0
    reader = FormReader(BOUNDARY)
    for piece in (part("key", "k"), FILE[:-3], b"x" * 1_000_000, b"\r\n--" + BOUNDARY.encode()[:-1], b"z\r\n" + END):
        reader.update(piece)
    reader.finish()
    assert reader.length == 1_000_000 + len(BOUNDARY) + 4
    assert len(reader._data) == 2


@given(st.binary(max_size=60), st.lists(st.integers(1, 40), max_size=12))
def test_it_does_not_matter_how_a_body_is_cut(file: bytes, sizes: "list[int]") -> None:
    fields = [("key", "k"), ("acl", ""), ("x", "a\r\n--b")]
    body = body_of(fields, file + b"\r\n--" + BOUNDARY.encode()[:5])
    reader, rest = FormReader(BOUNDARY), body
    for size in sizes:
        reader.update(memoryview(rest[:size]))
        rest = rest[size:]
    reader.update(rest)
    reader.finish()
    assert (reader.fields, reader.filename, reader.length) == (fields, "me.jpg", len(file) + 9)


@pytest.mark.parametrize(
    "text, found",
    [
        ('form-data; name="a"', {"name": "a"}),
        ('Form-Data ; name="a"; filename="b;c"', {"name": "a", "filename": "b;c"}),
        ('form-data; NAME=""', {"name": ""}),
        ('form-data; name="%22"', {"name": "%22"}),
        ("form-data", {}),
        ("", None),
        ("form-data; name=a", None),
        ('form-data; name="a', None),
        ('form-data; name="a"b', None),
        ('form-data; name="a"; name="b"', None),
        ('form-data; name="a\\"b"', None),
        ('form-data; name="a\\b"', None),
        ('form-data; name="a";filename="b"', {"name": "a", "filename": "b"}),
        ('form-data; name="a"\xa0', None),
        ('form-data\xa0; name="a"', None),
        ('Xform-data; name="a"', None),
        ('form-data; name="a"X', None),
        ('attachment; name="a"', None),
    ],
)
def test_dispositions(text: str, found: "dict[str, str] | None") -> None:
    assert disposition(text) == found


def test_a_name_in_utf_8() -> None:
    assert disposition('form-data; name="\xc3\xa9"; filename="\xff"') == {"name": "é", "filename": "\ufffd"}


# ---------------------------------------------------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    "value, fault",
    [
        ({}, "a condition is an object whose values are texts"),
        ({"acl": 1}, "a condition is an object whose values are texts"),
        ({"": "x"}, "the name of a field is not printable ASCII"),
        ({"é": "x"}, "the name of a field is not printable ASCII"),
        ({"a\n": "x"}, "the name of a field is not printable ASCII"),
        ([], "a condition is neither an object nor a list of three"),
        (["eq", "$acl"], "a condition is neither an object nor a list of three"),
        ("eq", "a condition is neither an object nor a list of three"),
        (1, "a condition is neither an object nor a list of three"),
        (["ends-with", "$acl", "x"], "a condition is neither eq nor starts-with nor content-length-range"),
        ([1, "$acl", "x"], "a condition is neither eq nor starts-with nor content-length-range"),
        (["eq", "acl", "x"], "eq is not followed by $FIELD and a text"),
        (["eq", 1, "x"], "eq is not followed by $FIELD and a text"),
        (["starts-with", "$acl", 1], "starts-with is not followed by $FIELD and a text"),
        (["eq", "$", "x"], "the name of a field is not printable ASCII"),
        (["content-length-range", "1", "2"], "content-length-range is not followed by two numbers, the smaller first"),
        (["content-length-range", 1, True], "content-length-range is not followed by two numbers, the smaller first"),
        (["content-length-range", True, 1], "content-length-range is not followed by two numbers, the smaller first"),
        (["content-length-range", 2, 1], "content-length-range is not followed by two numbers, the smaller first"),
    ],
)
def test_a_condition_that_is_none(value: object, fault: str) -> None:
    with pytest.raises(ValueError, match="^" + fault.replace("$", r"\$") + "$"):
        parse_condition(value)


def test_conditions() -> None:
    one, two = parse_condition({"Acl": "a", "b": "c"})
    assert [(str(it), it.how, it.field, it.text) for it in (one, two)] == [
        ("acl is 'a'", "eq", "acl", "a"),
        ("b is 'c'", "eq", "b", "c"),
    ]
    (long,) = parse_condition({"a": "x" * 65})
    assert str(long) == f"a is {'x' * 64!r}"
    (length,) = parse_condition(["content-length-range", 5, 5])
    assert (length.admits(4), length.admits(5), length.admits(6)) == (False, True, False)
    (start,) = parse_condition(["starts-with", "$x", "a,b"])
    assert (start.holds("a,bc"), start.holds("a")) == (True, False)
    (kind,) = parse_condition(["starts-with", "$Content-Type", "image/"])
    assert (kind.holds("image/a,image/b"), kind.holds("image/a, image/b"), kind.holds("image/a,b")) == (
        True,
        True,
        False,
    )
    assert (kind.holds("\timage/a"), kind.holds("Ximage/a")) == (False, False)
    (exact,) = parse_condition(["eq", "$content-type", "a,b"])
    assert (exact.holds("a,b"), exact.holds("a")) == (True, False)


@pytest.mark.parametrize(
    "policy, fault",
    [
        (b"[]", "the policy: is not one object"),
        (b"{", "the policy: not JSON at line 1, column 2"),
        (
            b'{"expiration": "2026-11-23T10:00:00Z"}',
            "its members are not 'expiration', a text, and 'conditions', a list",
        ),
        (b'{"expiration": 1, "conditions": []}', "its members are not 'expiration', a text, and 'conditions', a list"),
        (b'{"expiration": "", "conditions": {}}', "its members are not 'expiration', a text, and 'conditions', a list"),
        (
            b'{"expiration": "", "conditions": [], "x": ""}',
            "its members are not 'expiration', a text, and 'conditions', a list",
        ),
        (b'{"expiration": "", "conditions": []}', "the expiration '' is not YYYY-MM-DDThh:mm:ssZ"),
        (
            b'{"expiration": "2026-11-23T10:00:00Z", "conditions": [{"a": "b"}, 1]}',
            "condition 2: a condition is neither an object nor a list of three",
        ),
        (
            b'{"expiration": "2026-11-23T10:00:00Z", "conditions": [%s]}' % b",".join([b'{"a":"b"}'] * 1001),
            "more than 1000 conditions",
        ),
    ],
)
def test_a_policy_that_is_none(policy: bytes, fault: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse_policy(base64.encode(policy))
    assert (caught.value.reason, caught.value.detail) == ("policy-syntax", fault)


def test_the_longest_policy() -> None:
    row = b'{"a":"b"}'
    policy = b'{"expiration":"2026-11-23T10:00:00Z","conditions":[%s]}' % b",".join([row] * 1000)
    assert len(parse_policy(base64.encode(policy)).conditions) == 1000
    padded = base64.encode(policy + b" " * (49152 - len(policy)))
    assert len(padded) == 65536
    assert parse_policy(padded).expires_at == AT + timedelta(hours=1)
    with pytest.raises(Rejected, match="64 KiB"):
        parse_policy(base64.encode(policy + b" " * (49155 - len(policy))))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T10:00:00",
        "2026-11-23T10:00:00.Z",
        "2026-11-23T10:00:00.xZ",
        "2026-11-23T10:00:00.²Z",
        "2026-11-23T10:00Z",
        "2026-11-23T10:00:00+00:00",
        "2026-11-31T10:00:00Z",
    ],
)
def test_an_expiration_that_is_none(text: str) -> None:
    assert parse_expiration(text) is None


def test_fractions_of_an_expiration_are_cut() -> None:
    for text in ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00.000Z", "2026-11-23T10:00:00.999Z"):
        assert parse_expiration(text) == AT + timedelta(hours=1)


# -------------------------------------------------------------------------------------------------------------- scheme


def test_a_form_is_not_signed_as_a_request() -> None:
    job = SignJob(Request("POST", "/"), [KEY], SimpleNamespace(), AT, bytes)
    with pytest.raises(UsageError, match="^a form is signed before there is a request$") as caught:
        schemes.find("sigv4-form").sign(job)
    assert caught.value.hint == "use authkit sign form"
    watch = schemes.find("sigv4-form").watch
    assert watch is not None
    assert watch(SimpleNamespace()) == {}


def test_a_body_that_is_not_known() -> None:
    given = SimpleNamespace(region="us-east-1", service=None, bucket=None, max_skew=None, max_expires=None)
    headers = (("Host", "b"), ("Content-Type", "multipart/form-data; boundary=x"))
    scheme = schemes.find("sigv4-form")
    for request in (
        Request("POST", "/", headers, None, None),
        Request("POST", "/", headers, hash_bytes(b"x"), 1),
    ):
        with pytest.raises(Rejected) as caught:
            scheme.verifier([KEY], given).judge(request, AT)
        assert (caught.value.reason, caught.value.exit_code) == ("body-unavailable", 4)
        assert scheme.stages is not None
        with pytest.raises(Rejected) as caught:
            scheme.stages(request, given)
        assert caught.value.reason == "body-unavailable"


def test_the_stages_of_a_form() -> None:
    form = signing("sigv4", [KEY], EXACT)
    reader = FormReader(BOUNDARY)
    reader.update(body_of(form.fields))
    headers = (("Host", "b"), ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"))
    request = Request("POST", "/", headers, "0" * 64, 1, watched={"form": reader})
    scheme = schemes.find("sigv4-form")
    assert scheme.stages is not None
    assert scheme.stages(request, SimpleNamespace()) == form.stages
    with pytest.raises(Rejected, match="multipart/form-data"):
        scheme.stages(request.with_headers(()), SimpleNamespace())


def test_the_session_token_of_a_form_is_in_none_of_its_stages(tmp_path: Path) -> None:
    form, body = signing("sigv4", [SESSION], EXACT), FormReader(BOUNDARY)
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    head = f"POST / HTTP/1.1\r\nHost: b\r\nContent-Type: {kind}\r\n"
    sent = body_of(form.fields)
    body.update(sent)
    request = Request("POST", "/", (("Content-Type", kind),), watched={"form": body})
    scheme = schemes.find("sigv4-form")
    assert scheme.stages is not None
    stages = scheme.stages(request, SimpleNamespace())
    assert list(stages) == ["policy", "signature"]
    assert '{"x-amz-security-token":"[session token]"}' in stages["policy"]
    raw = f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent
    done = run_here("inspect-signature - --scheme sigv4-form", tmp_path, stdin=raw)
    assert (done.code, done.stderr) == (0, b"")
    assert b'{"x-amz-security-token":"[session token]"}' in done.stdout
    done = run_here("inspect-signature - --scheme sigv4-form", tmp_path, stdin=raw.replace(b"multipart/", b"text/"))
    assert done.code == 3


@pytest.mark.parametrize("name", ["sigv4", "goog4", "goog4-rsa"])
def test_the_names_agree(name: str) -> None:
    scheme = schemes.find(f"{name}-form")
    assert (scheme.name, scheme.label) == (f"{name}-form", schemes.find(name).label)
    assert schemes.SCHEMES[scheme.name][1] == scheme.label
    assert kind_of(name).name == name


def test_a_policy_that_is_not_base64_is_shown_as_nothing() -> None:
    assert shown_policy("*") == ""


def test_the_names_of_the_fields() -> None:
    names = Fields(AWS4, "s3", "here", None)
    assert (names.algorithm, names.credential, names.date) == ("x-amz-algorithm", "x-amz-credential", "x-amz-date")
    assert (names.signature, names.token) == ("x-amz-signature", "x-amz-security-token")
    assert (names.service, names.region, names.digits, Fields(AWS4, "s3", None).digits) == ("s3", "here", None, 64)
    assert names.free == {"policy", "file", "x-amz-signature"}


def test_a_kind_of_derived_keys() -> None:
    kind = derived_kind("sigv4", AWS4, "s3", "here", lambda bucket, region: f"{bucket}@{region}")
    assert (kind.name, kind.chain, kind.url("b", "r"), kind.names.region) == ("sigv4", AWS4.chain, "b@r", "here")
    assert str(kind.credential([KEY], None, None, AT).scope) == "20261123/here/s3/aws4_request"
    assert str(kind.credential([KEY], "there", "sqs", AT).scope) == "20261123/there/sqs/aws4_request"
    form = sign_form(EXACT, kind.credential([KEY], None, None, AT), kind.names, AT)
    scheme = scheme_for(kind)
    options = SimpleNamespace(region=None, service=None, bucket="inbox", max_skew=None, max_expires=None)
    verifier = scheme.verifier([KEY], options)
    reader = FormReader(BOUNDARY)
    reader.update(body_of(form.fields))
    headers = (("Host", "b"), ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"))
    request = Request("POST", "/", headers, "0" * 64, 1, watched={"form": reader})
    assert verifier.judge(request, AT).scope == "20261123/here/s3/aws4_request"
    assert (scheme.name, scheme.label, scheme.sign_options, scheme.inspect_options) == (
        "sigv4-form",
        "AWS4-HMAC-SHA256",
        (),
        (),
    )
    assert scheme.verify_options == VERIFY_OPTIONS
    assert scheme.stages is not None
    assert scheme.stages(request, options)["policy"] == form.stages["policy"]
    assert verifier.watch is not None
    assert set(verifier.watch(request, AT)) == {"form"}
    assert verifier.watch(request.with_headers(()), AT) == {}


def test_what_is_not_demanded_is_not_covered() -> None:
    assert receiving("sigv4", [KEY], signing("sigv4", [KEY], EXACT).fields).covered == (
        "policy",
        "bucket",
        "key",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
    )


def test_the_shortest_lifetime_that_may_be_demanded() -> None:
    form = signing("sigv4", [KEY], Wanted("b", "k", expires=1)).fields
    assert receiving("sigv4", [KEY], form, max_expires=1).replayable_until == AT + timedelta(seconds=1)
    form = signing("sigv4", [KEY], Wanted("b", "k", expires=2)).fields
    assert reason("sigv4", [KEY], form, max_expires=1).startswith("expires-range: ")


def test_a_wide_key_is_told_its_region() -> None:
    with pytest.raises(UsageError) as caught:
        reason("sigv4", [KEY], SENT, region=None)
    assert caught.value.hint == "say which with --region"


def test_a_body_may_be_cut_anywhere() -> None:
    fields = [("key", "k"), ("acl", "")]
    body = body_of(fields, b"x\r\n--" + BOUNDARY.encode()[:-1])
    for place in range(len(body) + 1):
        reader = FormReader(BOUNDARY)
        reader.update(body[:place])
        reader.update(body[place:])
        reader.finish()
        assert (reader.fields, reader.filename, reader.length) == (fields, "me.jpg", len(BOUNDARY) + 4)
