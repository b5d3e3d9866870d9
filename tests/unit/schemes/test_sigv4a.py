"""Is a SigV4a request signed for the regions it says, and valid only in them?"""

import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from asked import asked
from authkit.clock import UTC
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.asymmetric import Pair
from authkit.keys.prove import load_private, load_public
from authkit.keys.whole import derive_scalar, encode_scalar
from authkit.messages.draft import parse_draft
from authkit.messages.request import Request
from authkit.schemes.base import Signed, SignJob, Verified
from authkit.schemes.sigv4a import SCHEME, load_whole
from authkit.secret import Secret
from paths import key_of
from plainpair import PlainPair
from samples import AT, ID, SECRET, access_key, subkey

LABEL = "AWS4-ECDSA-P256-SHA256"
SCOPE = "20261123/service/aws4_request"
SCALAR = derive_scalar(Secret(SECRET.encode()), ID)
KEY: Any = load_der_private_key(encode_scalar(SCALAR), None)
OTHER_SCALAR = derive_scalar(Secret(b"otherSECRET"), ID)
WHOLE = AccessKey(ID, SCALAR, raw=True, scheme=LABEL)
PRIVATE = load_private(encode_scalar(SCALAR), "key", ID)
PUBLIC = PRIVATE.public()
HERE: "dict[str, Any]" = {"region": "us-east-1", "service": "service"}
GET = b"GET /a?b=c HTTP/1.1\nHost: api.example.com\n\n"


def sign_with(key: Any) -> Any:
    return lambda text: key.sign(text, ec.ECDSA(hashes.SHA256()))


def plain(regions: "str | None" = "us-east-1", key: Any = KEY, **settings: Any) -> PlainPair:
    made = PlainPair(LABEL, sign_with(key), ID, SCOPE, **({} if regions is None else {"Region_Set": regions}))
    for name, value in settings.items():
        setattr(made, name, value)
    return made


def queried(regions: "str | None" = "us-east-1", **settings: Any) -> PlainPair:
    made = plain(None, **settings)
    made.parameters = [("Region-Set", regions)] if regions is not None else []
    return made


def judge(request: Request, *keys: Any, at: datetime = AT, **given: Any) -> Verified:
    options = asked(SCHEME.verify_options, **{**HERE, **given})
    return SCHEME.verifier(list(keys) or [access_key()], options).judge(request, at)


def reject(request: Request, *keys: Any, at: datetime = AT, **given: Any) -> "tuple[str, str]":
    with pytest.raises(Rejected) as caught:
        judge(request, *keys, at=at, **given)
    return caught.value.reason, caught.value.detail


def sign(data: bytes = GET, key: Any = None, at: datetime = AT, **given: Any) -> Signed:
    options = asked(SCHEME.sign_options, **{"region_set": "us-east-1", "service": "service", **given})
    job = SignJob(parse_draft(data).request, [access_key() if key is None else key], options, at, os.urandom)
    return SCHEME.sign(job)


# --------------------------------------------------------------------------------------------------------------- valid


@pytest.mark.parametrize("key", [access_key(), access_key(scheme="AWS4-HMAC-SHA256"), access_key(scheme=LABEL), WHOLE,
                                 PRIVATE, PUBLIC], ids=repr)  # fmt: skip
def test_every_kind_of_key_verifies(key: Any) -> None:
    found = judge(plain().header(), key)
    assert (found.scheme, found.access_key_id, found.scope) == ("sigv4a", ID, SCOPE)
    assert (found.signed_at, found.replayable_until) == (AT, AT + timedelta(seconds=300))
    assert found.covered == ("method", "path", "query", "host", "x-amz-date", "x-amz-region-set", "body")
    assert found.more == {"region_set": "us-east-1"}
    assert found.warnings == ("authority-not-compared",)


def test_a_public_key_without_an_id_says_that_the_id_was_not_compared() -> None:
    found = judge(plain(id="ANYBODY").header(), load_public(PUBLIC.spki, "key"))
    assert (found.access_key_id, found.warnings) == ("ANYBODY", ("authority-not-compared", "keyid-not-compared"))


def test_a_public_key_with_an_id_answers_to_that_alone() -> None:
    assert reject(plain(id="ANYBODY").header(), PUBLIC) == ("unknown-access-key", "'ANYBODY'")


def test_a_key_with_the_id_goes_before_one_that_answers_to_any() -> None:
    anybody, other = load_public(PUBLIC.spki, "key"), load_private(encode_scalar(OTHER_SCALAR), "key")
    assert judge(plain().header(), other.public(), PUBLIC).warnings == ("authority-not-compared",)
    assert reject(plain().header(), anybody, access_key("otherSECRET")) == ("signature-mismatch", "")
    found = judge(plain().header(), subkey("20261123/us-east-1/service/aws4_request"), anybody)
    assert found.warnings == ("authority-not-compared", "keyid-not-compared")


def test_the_right_key_is_found_among_others() -> None:
    keys = [access_key(access_key_id="OTHER"), subkey("20261123/us-east-1/service/aws4_request"), PUBLIC]
    assert judge(plain().header(), *keys).access_key_id == ID


@pytest.mark.parametrize("regions", ["*", "us-*", "eu-west-1,us-east-1", "eu-west-1, us-east-1", "us-east-*"])
def test_region_sets_that_name_the_region(regions: str) -> None:
    assert judge(plain(regions).header()).more == {"region_set": regions}
    assert judge(queried(regions).presigned()).more == {"region_set": regions}


def test_the_session_token_that_goes_with_the_key() -> None:
    made = plain()
    made.sent.append(("X-Amz-Security-Token", "TOKEN"))
    assert judge(made.header(), access_key(token="TOKEN")).access_key_id == ID
    assert reject(made.header(), access_key(token="OTHER"))[0] == "token-mismatch"
    assert reject(made.header(), access_key())[0] == "token-unexpected"
    assert reject(plain().header(), access_key(token="TOKEN"))[0] == "token-missing"


def test_two_requests_with_one_verifier() -> None:
    verifier = SCHEME.verifier([access_key()], asked(SCHEME.verify_options, **HERE))
    assert [verifier.judge(plain(one).header(), AT).more["region_set"] for one in ("*", "us-*")] == ["*", "us-*"]


# -------------------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize("regions, region, expected", [
    ("us-east-1", "us-east-2", ("scope-region", "'us-east-1' does not name 'us-east-2'")),
    ("us-west-*", "us-east-1", ("scope-region", "'us-west-*' does not name 'us-east-1'")),
    ("us-west-1,us-west-2", "us-east-1", ("scope-region", "'us-west-1,us-west-2' does not name 'us-east-1'")),
    ("", "us-east-1", ("region-set-format", "'' has an empty entry")),
    ("us-east-1,", "us-east-1", ("region-set-format", "'us-east-1,' has an empty entry")),
    ("us-east-1;*", "us-east-1", ("region-set-format", "'us-east-1;*' has an entry that holds a character that is not "
                                  "a letter, digit, '.', '_' or '-'")),
])  # fmt: skip
def test_region_sets_that_do_not_name_the_region(regions: str, region: str, expected: "tuple[str, str]") -> None:
    assert reject(plain(regions).header(), region=region) == expected
    assert reject(queried(regions).presigned(), region=region) == expected


def test_what_is_shown_of_a_long_region_set() -> None:
    long = ",".join(["us-west-2"] * 20)
    assert reject(plain(long).header()) == ("scope-region", f"{long[:128]!r} does not name 'us-east-1'")
    for regions in (plain(f"{long},").header(), queried(f"{long},").presigned()):
        assert reject(regions) == ("region-set-format", f"{long[:80]!r} has an empty entry")
    fault = "has an entry that holds a character that is not a letter, digit, '.', '_' or '-'"
    assert reject(queried("us=east").presigned()) == ("region-set-format", f"'us=east' {fault}")
    assert reject(queried("us-east-1\n").presigned()) == ("region-set-format", f"'us-east-1\\n' {fault}")
    assert reject(plain("Xus-east-1X").header())[0] == "scope-region"


def test_each_of_several_ids_has_its_own_key() -> None:
    keys = [access_key(), access_key("otherSECRET", access_key_id="OTHER")]
    verifier = SCHEME.verifier(list(keys), asked(SCHEME.verify_options, **HERE))
    for key in (*keys, *keys):
        assert verifier.judge(sign(key=key).request, AT).access_key_id == key.access_key_id


def test_what_is_shown_of_a_long_id() -> None:
    id = "K" * 200
    assert reject(plain(id=id).header()) == ("unknown-access-key", f"{id[:128]!r}")
    held = access_key(access_key_id=id, scheme="TC3-HMAC-SHA256")
    assert reject(plain(id=id).header(), held) == ("other-scheme", f"no key held for {id[:128]!r} is one of {LABEL}")


def test_no_region_set() -> None:
    assert reject(plain(None).header()) == ("region-set-missing", "")
    assert reject(queried(None).presigned()) == ("region-set-missing", "")


def test_a_region_set_elsewhere_is_none() -> None:
    """The header is what counts for a signature in the headers, the parameter for one in the query."""
    assert reject(plain(None, query="X-Amz-Region-Set=us-east-1").header()) == ("region-set-missing", "")
    assert reject(plain("us-east-1").presigned()) == ("region-set-missing", "")


@pytest.mark.parametrize("name", ["X-Amz-Region-Set", "x-amz-region-set", "X-Amz-Region%2DSet"])
def test_a_region_set_in_both_places(name: str) -> None:
    expected = ("region-set-format", "it stands more than once")
    assert reject(plain(query=f"{name}=us-east-1").header()) == expected
    made = queried()
    made.sent.append(("X-Amz-Region-Set", "us-east-1"))
    assert reject(made.presigned()) == expected


def test_two_headers_of_region_sets() -> None:
    made = plain()
    made.sent.append(("X-Amz-Region-Set", "us-east-1"))
    assert reject(made.header()) == ("region-set-format", "it stands more than once")


def test_two_parameters_of_region_sets() -> None:
    made = queried()
    made.query = "x-amz-region-set=*"
    assert reject(made.presigned())[0] == "duplicate-parameter"


def test_a_region_set_that_is_not_signed() -> None:
    made = plain()
    made.unsigned = ["x-amz-region-set"]
    assert reject(made.header()) == ("unsigned-x-amz-header", "x-amz-region-set")


def test_a_region_set_changed_or_added_behind_the_signature() -> None:
    made = plain("us-west-2")
    request = made.header()
    swapped = tuple((name, "us-east-1" if name == "X-Amz-Region-Set" else value) for name, value in request.headers)
    assert reject(request.with_headers(swapped)) == ("signature-mismatch", "")
    target = queried("us-west-2").presigned()
    assert reject(target.with_target(target.target.replace("us-west-2", "us-east-1"))) == ("signature-mismatch", "")


@pytest.mark.parametrize("settings, expected", [
    ({"scope": "20261124/service/aws4_request"}, "scope-date-mismatch"),
    ({"scope": "20261123/s3/aws4_request"}, "scope-service"),
    ({"scope": "20261123/us-east-1/service/aws4_request"}, "scope-format"),
    ({"scope": "20261123/service/aws4a_request"}, "scope-format"),
    ({"scope": "20261123/aws4_request"}, "scope-format"),
    ({"label": "AWS4-HMAC-SHA256"}, "algorithm"),
    ({"label": "AWS4-X509-ECDSA-SHA256"}, "algorithm"),
    ({"stamp": "20261123T085459Z"}, "expired"),
    ({"stamp": "20261123T090501Z"}, "not-yet-valid"),
    ({"id": "OTHER"}, "unknown-access-key"),
    ({"signature": ""}, "signature-format"),
    ({"signature": "abc"}, "signature-format"),
    ({"signature": "AB"}, "signature-format"),
    ({"signature": "a b "}, "signature-format"),
    ({"signature": "30" * 4651}, "signature-format"),
    ({"signature": "00"}, "signature-mismatch"),
    ({"signature": "30" * 70}, "signature-mismatch"),
    ({"signature": "00" * 64}, "signature-mismatch"),
    ({"listed": "host;x-amz-date"}, "unsigned-x-amz-header"),
    ({"listed": "x-amz-date;x-amz-region-set"}, "host-not-signed"),
    ({"listed": "x-amz-region-set;host;x-amz-date"}, "signed-headers"),
])  # fmt: skip
def test_what_else_is_refused(settings: "dict[str, Any]", expected: str) -> None:
    assert reject(plain(**settings).header())[0] == expected


def test_a_signature_of_64_raw_bytes_or_with_bytes_behind_it() -> None:
    """What is right in another encoding is wrong here."""
    text = sign().stages["string-to-sign"].encode()
    good = KEY.sign(text, ec.ECDSA(hashes.SHA256()))
    pair = Pair(PUBLIC, "ecdsa-der-sha256")
    assert pair.agrees(text, good.hex())
    r, s = decode_dss_signature(good)
    assert not pair.agrees(text, (r.to_bytes(32, "big") + s.to_bytes(32, "big")).hex())
    assert not pair.agrees(text, good.hex() + "00")
    assert not pair.agrees(text, good.hex()[:-2])


def test_another_key_made_the_signature() -> None:
    assert reject(plain(key=key_of("other")).header()) == ("signature-mismatch", "")
    assert reject(plain().header(), access_key("otherSECRET")) == ("signature-mismatch", "")


def test_the_id_is_an_input_of_the_key() -> None:
    """The same secret under another ID is another key."""
    assert reject(plain(id="OTHER").header(), access_key(access_key_id="OTHER")) == ("signature-mismatch", "")


def test_the_body_is_covered() -> None:
    payload = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    made = plain(method="PUT", body=b"hello", payload=payload)
    assert judge(made.header()).covered[-1] == "body"
    made = plain(method="PUT", body=b"hellO", payload=payload)
    assert reject(made.header()) == ("signature-mismatch", "")


@pytest.mark.parametrize("key, expected", [
    (access_key(""), ("no-secret", "")),
    (access_key(scheme="TC3-HMAC-SHA256"), ("other-scheme", f"no key held for {ID!r} is one of {LABEL}")),
    (subkey("20261123/us-east-1/service/aws4_request"), ("other-scheme", f"no key held for {ID!r} is one of {LABEL}")),
    (access_key(access_key_id="OTHER"), ("unknown-access-key", f"{ID!r}")),
], ids=["empty", "scheme", "subkey", "id"])  # fmt: skip
def test_keys_that_cannot_check(key: Any, expected: "tuple[str, str]") -> None:
    assert reject(plain().header(), key) == expected


def test_a_key_of_another_scheme_if_insisted() -> None:
    other = access_key(scheme="TC3-HMAC-SHA256")
    assert judge(plain().header(), other, scheme_override=True).access_key_id == ID
    assert judge(sign(key=other, scheme_override=True).request).access_key_id == ID
    for key, hint in ((other, "--scheme-override insists"), (subkey("20261123/us-east-1/s3/aws4_request"), None)):
        with pytest.raises(Rejected) as caught:
            judge(plain().header(), key)
        assert (caught.value.reason, caught.value.hint) == ("other-scheme", hint)


def test_a_public_key_of_another_type() -> None:
    der = key_of("x", "p384").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    other = load_public(der, "key", ID)
    assert reject(plain().header(), other) == ("other-scheme", f"no key held for {ID!r} is one of {LABEL}")
    assert judge(plain().header(), other, PUBLIC).access_key_id == ID


@pytest.mark.parametrize("given, message", [
    ({"region": None}, "a SigV4a key opens every region and service"),
    ({"service": None}, "a SigV4a key opens every region and service"),
    ({"region": "*"}, "--region '*' holds a character that is not a letter, digit, '.', '_' or '-'"),
    ({"region": "us-east-1,us-west-2"}, "--region 'us-east-1,us-west-2' holds a character that is not a letter, digit, "
                                        "'.', '_' or '-'"),
    ({"allow_unsigned": ("X-Amz-Region-Set",)}, "--allow-unsigned x-amz-region-set: the region set is all that keeps a "
                                                "request in its region"),
    ({"max_skew": 901}, "--max-skew 901 is not 0 to 900 seconds"),
])  # fmt: skip
def test_options_that_do_not_fit_a_verifier(given: "dict[str, Any]", message: str) -> None:
    with pytest.raises(UsageError) as caught:
        SCHEME.verifier([access_key()], asked(SCHEME.verify_options, **{**HERE, **given}))
    assert caught.value.message == message
    if "opens" in message:
        assert caught.value.hint == "say which is yours with --region and --service"


# ----------------------------------------------------------------------------------------------------------------- sign


def test_a_signature_in_the_headers() -> None:
    found = sign(region_set="us-east-1,us-west-2")
    assert [name for name, _ in found.added] == ["X-Amz-Region-Set", "X-Amz-Date", "Authorization"]
    assert found.added[0][1] == "us-east-1,us-west-2"
    start = f"{LABEL} Credential={ID}/{SCOPE}, SignedHeaders=host;x-amz-date;x-amz-region-set, Signature=30"
    assert found.added[2][1].startswith(start)
    assert (found.scheme, found.scope, found.access_key_id) == ("sigv4a", SCOPE, ID)
    assert list(found.stages) == ["canonical-request", "string-to-sign", "signature"]
    assert judge(found.request).access_key_id == ID
    assert judge(found.request, region="us-west-2").access_key_id == ID
    assert reject(found.request, region="us-west-1")[0] == "scope-region"


def test_a_signature_in_the_query() -> None:
    found = sign(placement="query", region_set="*")
    assert found.added == ()
    assert "&X-Amz-Region-Set=%2A&" in found.url
    assert judge(found.request).more == {"region_set": "*"}


@pytest.mark.parametrize("key", [WHOLE, PRIVATE, access_key(scheme=LABEL)], ids=repr)
def test_every_kind_of_key_signs_alike(key: Any) -> None:
    assert judge(sign(key=key).request, access_key()).access_key_id == ID


@pytest.mark.parametrize("host, given, regions, service", [
    ("api.example.com", {"region": "eu-west-1"}, "eu-west-1", "service"),
    ("sqs.eu-west-1.amazonaws.com", {"region_set": None, "service": None}, "eu-west-1", "sqs"),
    ("sqs.eu-west-1.amazonaws.com", {"region_set": "eu-*", "service": "sns"}, "eu-*", "sns"),
    ("mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com", {"region_set": None, "service": None}, "*", "s3"),
    ("x.mrap.accesspoint.s3-global.amazonaws.com:443", {"region_set": "us-*", "service": None}, "us-*", "s3"),
])  # fmt: skip
def test_what_the_url_says(host: str, given: "dict[str, Any]", regions: str, service: str) -> None:
    given = {"region_set": None, **given}
    found = sign(f"GET / HTTP/1.1\nHost: {host}\n\n".encode(), **given)
    assert dict(found.added)["X-Amz-Region-Set"] == regions
    assert found.scope == f"20261123/{service}/aws4_request"


@pytest.mark.parametrize("given, message, hint", [
    ({"region_set": None}, "nothing says which regions to sign for", "add --region-set; '*' is every region"),
    ({"service": None}, "neither the key nor the URL says which service to sign for", "add --service"),
    ({"region": "us-east-1"}, "both --region-set and --region", "--region-set says it all"),
    ({"region_set": "us-east-1,"}, "--region-set 'us-east-1,' has an empty entry", None),
    ({"service": "a/b"}, "--service 'a/b' holds a character that is not a letter, digit, '.', '_' or '-'", None),
    ({"no_sign_header": ("X-Amz-Region-Set",)}, "--no-sign-header x-amz-region-set: a signature that does not cover it "
                                                "is good in any region", None),
    ({"key": load_private(encode_scalar(SCALAR), "key")}, "the key does not say its access key ID",
     "name it: --key ID=REF"),
])  # fmt: skip
def test_what_nobody_says(given: "dict[str, Any]", message: str, hint: "str | None") -> None:
    with pytest.raises(UsageError) as caught:
        sign(**given)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_what_is_shown_of_a_long_option() -> None:
    long = "a/" * 60
    for name in ("region_set", "service"):
        with pytest.raises(UsageError) as caught:
            sign(**{name: long})
        option = f"--{name.replace('_', '-')}"
        assert caught.value.message.removesuffix(" not 1 to 64 characters") in (
            f"{option} {long[:80]!r} is",
            f"{option} {long[:80]!r} has an entry that is",
        )
    with pytest.raises(UsageError) as caught:
        SCHEME.verifier([access_key()], asked(SCHEME.verify_options, region=long, service="s3"))
    assert caught.value.message.startswith(f"--region {long[:80]!r} is")


def test_a_subkey_gets_a_hint() -> None:
    with pytest.raises(Refused) as caught:
        sign(key=subkey())
    assert caught.value.hint == "a subkey of SigV4 is good for one region, and SigV4a has none"


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\nHost: h\nX-Amz-Region-Set: *\n\n",
    b"GET /?x-amz-region-set=* HTTP/1.1\nHost: h\n\n",
])  # fmt: skip
@pytest.mark.parametrize("placement", ["header", "query"])
def test_a_region_set_that_is_there_already(data: bytes, placement: str) -> None:
    with pytest.raises(Refused, match="^the request already has X-Amz-Region-Set$") as caught:
        sign(data, placement=placement)
    assert caught.value.hint == "remove it: --region-set adds it"


def test_keys_that_do_not_sign() -> None:
    ended = datetime(2026, 11, 23, 8, 59, 59, tzinfo=UTC)
    cases: "list[tuple[Any, str]]" = [
        (access_key(use="derive"), f"{ID} is a master secret: it derives and never signs"),
        (access_key(scheme="TC3-HMAC-SHA256"), f"{ID} is for TC3-HMAC-SHA256 and the request for {LABEL}"),
        (access_key(token="T", expires_at=ended), f"the session of {ID} ended at 2026-11-23T08:59:59Z"),
        (subkey(), f"{LABEL} signs with a secret or with the P-256 key derived from it"),
        (PUBLIC, "the key is a public key, which checks signatures and makes none"),
    ]
    for key, message in cases:
        with pytest.raises(Refused) as caught:
            sign(key=key)
        assert caught.value.message == message
    pem = key_of("x", "p384").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(Refused, match=f"^{LABEL} signs with a P-256 key, and this one is of type p384$"):
        sign(key=load_private(pem, "key", ID))


def test_a_session_token_is_signed_and_named_as_bearer() -> None:
    ends = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)
    found = sign(key=access_key(token="TOKEN", expires_at=ends))
    assert ("X-Amz-Security-Token", "TOKEN") in found.added
    assert found.bearer == ("TOKEN",)
    assert judge(found.request, access_key(token="TOKEN")).access_key_id == ID


@pytest.mark.parametrize("scalar", [b"\0" * 32, b"\xff" * 32, b"\1" * 31])
def test_a_whole_key_that_is_none(scalar: bytes) -> None:
    with pytest.raises(InputError) as caught:
        load_whole(AccessKey(ID, Secret(scalar), raw=True, scheme=LABEL))
    assert caught.value.message.startswith(f"the SigV4a key of {ID}: ")


# -------------------------------------------------------------------------------------------------------------- inspect


@pytest.mark.parametrize("how", [
    {"normalize_path": True, "double_encode": False},
    {"normalize_path": False, "double_encode": True},
])  # fmt: skip
def test_stages_by_other_rules(how: "dict[str, bool]") -> None:
    found = sign(b"GET /a%20b/./c HTTP/1.1\nHost: h\n\n", **how)
    assert SCHEME.stages is not None
    assert SCHEME.stages(found.request, asked(SCHEME.inspect_options, **how)) == found.stages
    assert SCHEME.stages(found.request, asked(SCHEME.inspect_options)) != found.stages


def test_stages_follow_from_the_request_alone() -> None:
    for placement in ("header", "query"):
        found = sign(placement=placement)
        assert SCHEME.stages is not None
        assert SCHEME.stages(found.request, asked(SCHEME.inspect_options)) == found.stages
    with pytest.raises(Rejected) as caught:
        SCHEME.stages(parse_draft(GET).request, asked(SCHEME.inspect_options))
    assert caught.value.reason == "no-signature"
