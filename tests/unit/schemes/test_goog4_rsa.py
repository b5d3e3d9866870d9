"""Is a request of GOOG4-RSA-SHA256 signed for its account, and valid for that account and place alone?"""

import os
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from asked import asked
from authkit.errors import Refused, Rejected, UsageError
from authkit.keys.prove import PrivateKey, load_private, load_public
from authkit.messages.draft import parse_draft
from authkit.messages.request import Request
from authkit.schemes.base import Signed, SignJob, Verified
from authkit.schemes.goog4_rsa import SCHEME
from paths import key_of
from plainpair import EMPTY, PlainPair
from samples import AT, access_key, subkey

LABEL, EMAIL = "GOOG4-RSA-SHA256", "robot@project.iam.gserviceaccount.com"
SCOPE = "20261123/auto/storage/goog4_request"
GET = b"GET /bkt/k?b=c HTTP/1.1\nHost: storage.googleapis.com\n\n"


@cache
def rsa_key(label: str = "own") -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def private(id: "str | None" = EMAIL, label: str = "own") -> PrivateKey:
    pem = rsa_key(label).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return load_private(pem, "key", id)


def plain(whose: str = "own", **settings: Any) -> PlainPair:
    def sign(text: bytes) -> bytes:
        return rsa_key(whose).sign(text, padding.PKCS1v15(), hashes.SHA256())

    made = PlainPair(LABEL, sign, EMAIL, SCOPE, "X-Goog-", Content_Sha256=EMPTY)
    for name, value in settings.items():
        setattr(made, name, value)
    return made


def queried(**settings: Any) -> PlainPair:
    made = plain(**{"payload": "UNSIGNED-PAYLOAD", **settings})
    made.sent = made.sent[:1]
    return made


def judge(request: Request, *keys: Any, at: datetime = AT, **given: Any) -> Verified:
    return SCHEME.verifier(list(keys) or [private().public()], asked(SCHEME.verify_options, **given)).judge(request, at)


def reject(request: Request, *keys: Any, at: datetime = AT, **given: Any) -> "tuple[str, str]":
    with pytest.raises(Rejected) as caught:
        judge(request, *keys, at=at, **given)
    return caught.value.reason, caught.value.detail


def sign(data: bytes = GET, key: Any = None, **given: Any) -> Signed:
    held = private() if key is None else key
    return SCHEME.sign(SignJob(parse_draft(data).request, [held], asked(SCHEME.sign_options, **given), AT, os.urandom))


# --------------------------------------------------------------------------------------------------------------- valid


def test_a_verdict_of_yes() -> None:
    found = judge(plain().header())
    assert (found.scheme, found.access_key_id, found.scope, found.more) == ("goog4-rsa", EMAIL, SCOPE, {})
    assert (found.signed_at, found.replayable_until) == (AT, AT + timedelta(seconds=300))
    assert found.covered == ("method", "path", "query", "host", "x-goog-content-sha256", "x-goog-date", "body")
    assert found.warnings == ("authority-not-compared",)
    found = judge(queried(expires="604800").presigned())
    assert found.replayable_until == AT + timedelta(days=7)


@pytest.mark.parametrize("key", ["private", "public"])
def test_either_half_verifies(key: str) -> None:
    assert judge(plain().header(), private() if key == "private" else private().public()).access_key_id == EMAIL


def test_a_public_key_without_an_id_says_that_the_id_was_not_compared() -> None:
    anybody = load_public(private().public().spki, "key")
    found = judge(plain(id="other@example.com").header(), anybody)
    assert found.access_key_id == "other@example.com"
    assert found.warnings == ("authority-not-compared", "keyid-not-compared")
    assert reject(plain(id="other@example.com").header()) == ("unknown-access-key", "'other@example.com'")


def test_a_key_with_the_id_goes_before_one_that_answers_to_any() -> None:
    anybody, other = load_public(private().public().spki, "key"), private(None, "other").public()
    assert judge(plain().header(), other, private().public()).warnings == ("authority-not-compared",)
    assert reject(plain().header(), anybody, private(EMAIL, "other").public()) == ("signature-mismatch", "")
    found = judge(plain().header(), access_key(access_key_id=EMAIL), anybody)
    assert found.warnings == ("authority-not-compared", "keyid-not-compared")


def test_another_location_must_be_asked_for() -> None:
    made = plain(scope="20261123/us-central1/storage/goog4_request")
    assert reject(made.header()) == ("scope-region", "'us-central1' instead of 'auto'")
    assert judge(made.header(), region="us-central1").access_key_id == EMAIL
    assert reject(plain().header(), region="us-central1")[0] == "scope-region"
    assert judge(plain(scope="20261123/auto/own/goog4_request").header(), service="own").access_key_id == EMAIL


def test_the_right_key_is_found_among_others() -> None:
    keys = [access_key(access_key_id=EMAIL), private(EMAIL, "own").public()]
    assert judge(plain().header(), *keys).access_key_id == EMAIL


# -------------------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize("settings, expected", [
    ({"label": "GOOG4-HMAC-SHA256"}, "algorithm"),
    ({"label": "AWS4-HMAC-SHA256"}, "algorithm"),
    ({"scope": "20261123/auto/s3/goog4_request"}, "scope-service"),
    ({"scope": "20261124/auto/storage/goog4_request"}, "scope-date-mismatch"),
    ({"scope": "20261123/auto/storage/aws4_request"}, "scope-format"),
    ({"scope": "20261123/storage/goog4_request"}, "scope-format"),
    ({"stamp": "20261123T085459Z"}, "expired"),
    ({"stamp": "20261123T090501Z"}, "not-yet-valid"),
    ({"signature": "00" * 256}, "signature-mismatch"),
    ({"signature": "00" * 255}, "signature-mismatch"),
    ({"signature": "0"}, "signature-format"),
    ({"signature": "AA"}, "signature-format"),
    ({"listed": "x-goog-content-sha256;x-goog-date"}, "host-not-signed"),
    ({"listed": "host;x-goog-content-sha256"}, "date-not-signed"),
    ({"late": [("X-Goog-Acl", "public-read")]}, "unsigned-x-amz-header"),
    ({"late": [("Content-Type", "a/b")]}, "content-type-unsigned"),
])  # fmt: skip
def test_what_is_refused(settings: "dict[str, Any]", expected: str) -> None:
    assert reject(plain(**settings).header())[0] == expected


def test_another_key_made_the_signature() -> None:
    assert reject(plain("other").header()) == ("signature-mismatch", "")
    assert reject(queried(id=EMAIL, signature=sign(placement="query").stages["signature"]).presigned()) == (
        "signature-mismatch",
        "",
    )


def test_a_url_is_good_until_it_ends() -> None:
    request = queried(expires="10").presigned()
    assert judge(request, at=AT + timedelta(seconds=10)).access_key_id == EMAIL
    assert reject(request, at=AT + timedelta(seconds=11))[0] == "expired"
    assert reject(queried(expires="604801").presigned())[0] == "expires-range"
    assert reject(queried(expires="3601").presigned(), max_expires=3600)[0] == "expires-range"


def test_a_body_behind_a_url_is_not_covered() -> None:
    made = queried(method="PUT", body=b"hello")
    assert reject(made.presigned()) == ("unsigned-payload", "")
    assert "body" in judge(made.presigned(), allow_unsigned_payload=True).uncovered


@pytest.mark.parametrize("key", [access_key(access_key_id=EMAIL), subkey(access_key_id=EMAIL)], ids=repr)
def test_keys_that_cannot_check(key: Any) -> None:
    assert reject(plain().header(), key) == ("other-scheme", f"no key held for {EMAIL!r} is an RSA key")


def test_a_key_pair_of_another_type() -> None:
    pem = key_of("x").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    other = load_private(pem, "key", EMAIL)
    assert reject(plain().header(), other) == ("other-scheme", f"no key held for {EMAIL!r} is an RSA key")
    with pytest.raises(Refused, match=f"^{LABEL} signs with an RSA key, and this one is of type p256$"):
        sign(key=other)


def test_options_that_do_not_fit_a_verifier() -> None:
    with pytest.raises(UsageError, match="^--max-expires 0 is not 1 to 604800 seconds$"):
        SCHEME.verifier([], asked(SCHEME.verify_options, max_expires=0))


# ----------------------------------------------------------------------------------------------------------------- sign


@pytest.mark.parametrize("placement", ["header", "query"])
def test_what_is_signed_verifies(placement: str) -> None:
    found = sign(placement=placement)
    assert (found.scheme, found.access_key_id, found.scope, found.bearer) == ("goog4-rsa", EMAIL, SCOPE, ())
    assert found.stages["string-to-sign"].startswith(f"{LABEL}\n20261123T090000Z\n{SCOPE}\n")
    assert len(found.stages["signature"]) == 512
    assert judge(found.request).access_key_id == EMAIL
    assert SCHEME.stages is not None
    assert SCHEME.stages(found.request, asked(SCHEME.inspect_options)) == found.stages


def test_region_and_service_may_be_said() -> None:
    assert sign(region="eu", service="own").scope == "20261123/eu/own/goog4_request"
    for name in ("region", "service"):
        with pytest.raises(UsageError) as caught:
            sign(**{name: "a/b"})
        fault = "holds a character that is not a letter, digit, '.', '_' or '-'"
        assert caught.value.message == f"--{name} 'a/b' {fault}"


def test_keys_that_do_not_sign() -> None:
    for key in (access_key(), subkey(), private().public()):
        with pytest.raises(Refused, match=f"^{LABEL} signs with a service account's RSA key$") as caught:
            sign(key=key)
        assert caught.value.hint == "give its JSON key file: --key file:PATH"
    with pytest.raises(UsageError, match="^the key does not say whose it is$") as usage:
        sign(key=private(None))
    assert usage.value.hint == "name the service account: --key EMAIL=REF"


@pytest.mark.parametrize("how", [
    {"normalize_path": True, "double_encode": False},
    {"normalize_path": False, "double_encode": True},
])  # fmt: skip
def test_stages_by_other_rules(how: "dict[str, bool]") -> None:
    found = sign(b"GET /a%20b/./c HTTP/1.1\nHost: h\n\n", **how)
    assert SCHEME.stages is not None
    assert SCHEME.stages(found.request, asked(SCHEME.inspect_options, **how)) == found.stages
    assert SCHEME.stages(found.request, asked(SCHEME.inspect_options)) != found.stages


def test_what_is_shown_of_a_long_text() -> None:
    id, long = "k" * 200, "a/" * 60
    assert reject(plain(id=id).header()) == ("unknown-access-key", f"{id[:128]!r}")
    held = access_key(access_key_id=id)
    assert reject(plain(id=id).header(), held) == ("other-scheme", f"no key held for {id[:128]!r} is an RSA key")
    with pytest.raises(UsageError) as caught:
        sign(region=long)
    assert caught.value.message.startswith(f"--region {long[:80]!r} is")
