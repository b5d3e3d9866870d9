"""Does each profile sign what its specification says, and refuse whatever it forbids?"""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from authkit import base64
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.prove import load_private, thumbprint
from authkit.messages.request import Request
from authkit.messages.structured import is_key
from authkit.schemes import rfc9421
from authkit.schemes.base import SignJob
from authkit.schemes.httpsig.profiled import token_key, wanted_params
from authkit.schemes.httpsig.profiles import PROFILES, Profile, Side, marked
from authkit.secret import Secret
from httpsigs import AT, CREATED, random, request, response, to_sign, to_verify


def pem(key: Any) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


KEY = load_private(pem(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))), "key")
OTHER = load_private(pem(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\1")), "other")
NAMED = load_private(pem(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))), "key", "bot-1")
RSA = load_private(pem(rsa.generate_private_key(65537, 2048)), "rsa")
SECRET = AccessKey("shared", Secret(bytes(32)), raw=True)
OWN = thumbprint(KEY.public())


def token(jwk: object) -> str:
    from json import dumps

    return f"e30.{base64.encode_url(dumps({'cnf': {'jwk': jwk}}).encode())}.c2ln"


WIT = token(KEY.public().numbers)
HOST, TYPE = ("Host", "example.com"), ("Content-Type", "application/json")
BEARER, AGENT = ("Authorization", "Bearer abc"), ("Signature-Agent", 'sig1="https://bot.example"')
IDENTITY = ("Workload-Identity-Token", WIT)
# what each profile signs here
CALLS: dict[str, Request] = {
    "fapi2": request(headers=(HOST, TYPE, BEARER)),
    "wimse": request(headers=(HOST, TYPE, IDENTITY)),
    "web-bot-auth": request("GET", headers=(HOST, AGENT), body=b""),
}


def sign(message: Any, key: Any = KEY, **options: Any) -> Any:
    return rfc9421.sign(SignJob(message, [key], to_sign(**options), AT, random)).request


def judge(message: Any, keys: "list[Any] | None" = None, at: Any = AT, **options: Any) -> Any:
    return rfc9421.verifier([KEY.public()] if keys is None else keys, to_verify(**options)).judge(message, at)


def rejected(message: Any, keys: "list[Any] | None" = None, **options: Any) -> tuple[str, str]:
    with pytest.raises(Rejected) as caught:
        judge(message, keys, **options)
    return caught.value.reason, caught.value.detail


def input_of(message: Any) -> str:
    (text,) = message.values("signature-input")
    return text


def without(text: str, *parts: str) -> str:
    for part in parts:
        assert part in text
        text = text.replace(part, "")
    return text


# the table


@pytest.mark.parametrize("name", PROFILES)
def test_every_row_can_be_read(name: str) -> None:
    profile = PROFILES[name]
    assert profile.source.strip()
    assert profile.request is not None
    for side, message in ((profile.request, request()), (profile.response, response(related=request()))):
        if side is None:
            continue
        found = marked(side, message, "sig1")
        assert found
        assert {marks for _, marks in found} <= {"", "?", "*", "~", "?~"}
        assert len({one for one, _ in found}) == len(found)
        assert all(is_key(key) for key in (*side.parameters, *side.forbidden))
        assert not set(side.parameters) & set(side.forbidden)
        assert side.tag.isascii()
        assert side.max_skew in (None, 0)


def test_one_more_profile_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Profile("a document of ours, section 1", Side("ours", ("@method", "@authority", "date?"), ("expires",)), None)
    monkeypatch.setitem(PROFILES, "ours", row)
    made = sign(request("GET", headers=(HOST, ("Date", "today")), body=b""), profile="ours")
    assert input_of(made).startswith(f'sig1=("@method" "@authority" "date");created={CREATED};expires={CREATED + 300};')
    assert judge(made, profile="ours").more["tag"] == "ours"
    with pytest.raises(UsageError) as caught:
        sign(response(), profile="ours")
    assert caught.value.message == "the profile ours is not for responses"
    with pytest.raises(UsageError) as caught:
        judge(sign(response()), profile="ours")
    assert caught.value.message == "the profile ours is not for responses"
    monkeypatch.setitem(PROFILES, "ours", Profile("the same", None, row.request))
    with pytest.raises(UsageError) as caught:
        sign(request(), profile="ours")
    assert caught.value.message == "the profile ours is not for requests"


def test_no_two_profiles_share_a_tag() -> None:
    tags = {name: {side.tag for side in (one.request, one.response) if side} for name, one in PROFILES.items()}
    assert tags == {
        "fapi2": {"fapi-2-request", "fapi-2-response"},
        "wimse": {"wimse-workload-to-workload"},
        "web-bot-auth": {"web-bot-auth", "http-message-signatures-directory"},
    }


# what is signed

INPUTS = {
    "fapi2": (
        'sig1=("@method" "@target-uri" "authorization" "content-digest" "content-type")'
        f';created={CREATED};nonce="-_v_-_v_-_v_-_v_-_v_-w";keyid="{OWN}";tag="fapi-2-request"'
    ),
    "wimse": (
        'wimse=("@method" "@request-target" "content-type" "content-digest" "workload-identity-token")'
        f';created={CREATED};expires={CREATED + 300};nonce="-_v_-_v_-_v_-_v_-_v_-w";tag="wimse-workload-to-workload"'
        ';wimse-aud="https://example.com/items"'
    ),
    "web-bot-auth": (
        'sig1=("@authority" "@method" "@path" "@query" "signature-agent";key="sig1")'
        f';created={CREATED};expires={CREATED + 300};nonce="-_v_-_v_-_v_-_v_-_v_-w";keyid="{OWN}";tag="web-bot-auth"'
    ),
}
NONCE = 'nonce="-_v_-_v_-_v_-_v_-_v_-w"'


@pytest.mark.parametrize("name", PROFILES)
def test_a_request_is_signed_as_the_profile_says(name: str) -> None:
    made = sign(CALLS[name], profile=name)
    text = input_of(made)
    given = text[text.index('nonce="') : text.index('"', text.index('nonce="') + 7) + 1]
    assert text.replace(given, NONCE) == INPUTS[name]
    found = judge(made, profile=name)
    assert found.more["label"] == ("wimse" if name == "wimse" else "sig1")
    assert found.signed_at == AT
    ages = {"fapi2": 60, "wimse": 300, "web-bot-auth": 300}
    assert found.replayable_until == AT + timedelta(seconds=ages[name])


def test_what_a_message_has_is_covered_too() -> None:
    made = sign(request(headers=(HOST, BEARER, ("DPoP", "proof")), body=b""), profile="fapi2")
    assert input_of(made).startswith('sig1=("@method" "@target-uri" "authorization" "dpop");')
    more = (HOST, BEARER, ("Txn-Token", "t"), IDENTITY)
    made = sign(request("GET", headers=more, body=b""), profile="wimse")
    assert '"@request-target" "authorization" "txn-token" "workload-identity-token")' in input_of(made)
    made = sign(request(headers=(HOST, AGENT)), profile="web-bot-auth")
    assert '"@query" "content-digest" "signature-agent";key="sig1")' in input_of(made)
    made = sign(request(headers=(HOST, AGENT)), profile="web-bot-auth", payload="unsigned")
    assert '"@query" "signature-agent";key="sig1")' in input_of(made)
    assert judge(made, profile="web-bot-auth").uncovered[-1] == "body"


def test_responses_of_fapi() -> None:
    call = sign(CALLS["fapi2"], profile="fapi2")
    made = sign(response(200, (TYPE,), b"{}", call), profile="fapi2")
    assert input_of(made).startswith(
        'sig1=("@status" "content-digest" "content-type" "@method";req "@target-uri";req "content-digest";req '
        '"signature-input";req "signature";req);'
    )
    assert 'tag="fapi-2-response"' in input_of(made)
    assert judge(made, profile="fapi2").warnings == ("authority-not-compared",)
    plain = sign(response(204, (), b"", request("GET", headers=(HOST,), body=b"")), profile="fapi2")
    assert input_of(plain).startswith('sig1=("@status" "@method";req "@target-uri";req);')
    assert judge(plain, profile="fapi2").covered == ("@status", '"@method";req', '"@target-uri";req')
    other = sign(request("PUT", headers=(HOST, TYPE, BEARER)), profile="fapi2")
    moved = response(200, made.headers, b"{}", other)
    assert rejected(moved, profile="fapi2") == ("signature-mismatch", "")


def test_responses_of_wimse() -> None:
    call = sign(CALLS["wimse"], profile="wimse", nonce="n1")
    answered = response(200, (TYPE, ("Workload-Identity-Token", WIT)), b"{}", call)
    made = sign(answered, profile="wimse")
    assert 'wimse-req-nonce="n1"' in input_of(made)
    assert judge(made, profile="wimse").warnings == (
        "authority-not-compared",
        "workload-identity-token-not-verified",
        "keyid-not-compared",
    )
    again = sign(CALLS["wimse"], profile="wimse", nonce="n2")
    moved = response(200, made.headers, b"{}", again)
    assert rejected(moved, profile="wimse") == ("parameter-mismatch", "wimse-req-nonce is 'n1' and not 'n2'")
    for text in (
        "broken",
        'sig1=("@method");tag="other";nonce="n1"',
        'sig1=("@method");tag="wimse-workload-to-workload"',
    ):
        unsigned = call.with_headers((*CALLS["wimse"].headers, ("Signature-Input", text)))
        moved = response(200, made.headers, b"{}", unsigned)
        reason, detail = rejected(moved, profile="wimse")
        assert reason == "parameter-mismatch"
        assert detail.startswith("wimse-req-nonce: the request that it answers")
        with pytest.raises(InputError) as caught:
            sign(response(200, answered.headers, b"{}", unsigned), profile="wimse")
        assert caught.value.message.startswith("the request that it answers")


def test_the_nonce_of_the_right_signature_is_answered() -> None:
    call = sign(sign(CALLS["wimse"], label="other", nonce="n0"), profile="wimse", nonce="n1")
    made = sign(response(200, (IDENTITY,), b"{}", call), profile="wimse")
    assert 'wimse-req-nonce="n1"' in input_of(made)


def test_a_directory_of_web_bot_auth() -> None:
    call = request("GET", "/.well-known/http-message-signatures-directory", (HOST,), b"")
    made = sign(response(200, (), b"{}", call), profile="web-bot-auth", label="binding")
    assert input_of(made).startswith('binding=("@authority";req "content-digest" "@status");')
    assert 'tag="http-message-signatures-directory"' in input_of(made)
    assert judge(made, profile="web-bot-auth").access_key_id == OWN
    assert rejected(made, at=AT - timedelta(seconds=1), profile="web-bot-auth")[0] == "not-yet-valid"
    assert judge(made, at=AT - timedelta(seconds=1), allow_unsigned=ALL_REQ).signed_at == AT


ALL_REQ = ("@method;req", "@path;req", "@query;req")


def test_keyids() -> None:
    assert f'keyid="{OWN}"' in input_of(sign(CALLS["web-bot-auth"], NAMED, profile="web-bot-auth"))
    assert f'keyid="{OWN}"' in input_of(sign(CALLS["web-bot-auth"], profile="web-bot-auth", keyid=OWN))
    assert 'keyid="bot-1"' in input_of(sign(CALLS["fapi2"], NAMED, profile="fapi2"))
    assert 'keyid="x"' in input_of(sign(CALLS["fapi2"], NAMED, profile="fapi2", keyid="x"))
    assert "keyid" not in input_of(sign(CALLS["wimse"], NAMED, profile="wimse"))


def test_an_option_may_say_more() -> None:
    made = sign(CALLS["wimse"], profile="wimse", label="mine", param=('wimse-aud="urn:x"', "wimse-sign-response"))
    assert input_of(made).startswith("mine=(")
    assert ';wimse-aud="urn:x";wimse-sign-response' in input_of(made)
    assert judge(made, profile="wimse", require_param=('wimse-aud="urn:x"',)).more["label"] == "mine"
    assert rejected(made, profile="wimse") == (
        "parameter-mismatch",
        "wimse-aud is 'urn:x' and not 'https://example.com/items'",
    )
    longer = sign(CALLS["web-bot-auth"], profile="web-bot-auth", expires=7200, tag="web-bot-auth")
    assert judge(longer, profile="web-bot-auth").replayable_until == AT + timedelta(seconds=7200)
    chosen = ("@target-uri", "@method", "authorization", "content-digest", "x-more")
    call = request(headers=(HOST, BEARER, ("X-More", "1")))
    made = sign(call, profile="fapi2", cover=chosen)
    assert judge(made, profile="fapi2").covered == (*chosen, "body")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("fapi3", {}, "--profile 'fapi3' is none"),
        ("fapi2", {"tag": "x"}, "--tag x: the profile fapi2 has the tag fapi-2-request"),
        ("fapi2", {"created": False}, "--no-created: the profile fapi2 demands the time"),
        ("wimse", {"no_nonce": True}, "--no-nonce: the profile wimse demands a nonce"),
        ("wimse", {"alg": "ed25519"}, "--alg: the profile wimse forbids the parameter"),
        ("wimse", {"keyid": "x"}, "--keyid: the profile wimse has none"),
        ("web-bot-auth", {"keyid": "x"}, "--keyid: the profile web-bot-auth has the thumbprint"),
        (
            "fapi2",
            {"payload": "unsigned"},
            "--payload unsigned: the profile fapi2 demands that the body is covered",
        ),
        ("fapi2", {"cover": ("@method", "@target-uri")}, "--cover: the profile fapi2 demands authorization, too"),
        (
            "web-bot-auth",
            {"cover": ("@authority",)},
            '--cover: the profile web-bot-auth demands signature-agent;key="sig1", too',
        ),
        ("wimse", {"cover": ("@method", "@path", "@query")}, "--cover: the profile wimse demands @request-target, too"),
    ],
)
def test_options_that_contradict_the_profile(name: str, options: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        sign(CALLS.get(name, request()), profile=name, **options)
    assert caught.value.message == message


def test_the_nonce_of_a_profile_that_needs_none() -> None:
    assert "nonce" not in input_of(sign(CALLS["fapi2"], profile="fapi2", no_nonce=True))


def test_messages_that_lack_something() -> None:
    with pytest.raises(InputError) as caught:
        sign(request(headers=(HOST, TYPE)), profile="fapi2")
    assert caught.value.message == "the message lacks a component that the signature covers: authorization"
    with pytest.raises(InputError) as caught:
        sign(request("GET", headers=(HOST,), body=b""), profile="web-bot-auth")
    assert caught.value.message == (
        'the message lacks a component that the signature covers: "signature-agent";key="sig1"'
    )
    with pytest.raises(InputError) as caught:
        sign(response(200, (), b"{}"), profile="fapi2")
    assert caught.value.message == "the profile fapi2 signs the request too, which was not given"
    assert caught.value.hint == "give it with --request FILE"
    with pytest.raises(InputError) as caught:
        sign(response(200, (IDENTITY,), b"{}"), profile="wimse")
    assert caught.value.message == "the request that it answers has no signature of the profile with a nonce"


@pytest.mark.parametrize("name", PROFILES)
def test_a_secret_signs_for_no_profile(name: str) -> None:
    with pytest.raises(Refused) as caught:
        sign(CALLS[name], SECRET, profile=name)
    assert caught.value.message == f"the profile {name} signs with a key pair, and the key is a secret"


# what is demanded


def plainly(message: Any, key: Any = KEY, **options: Any) -> Any:
    """Sign without a profile, so that what it demands can be left out."""
    return sign(message, key, **{"no_nonce": True, **options})


FAPI = ("@method", "@target-uri", "authorization", "content-digest")
WIMSE = ("@method", "@request-target", "content-type", "content-digest", "workload-identity-token")
AUD = 'wimse-aud="https://example.com/items"'
FULL: "dict[str, dict[str, Any]]" = {
    "fapi2": {"cover": FAPI, "tag": "fapi-2-request"},
    "wimse": {
        "cover": WIMSE,
        "tag": "wimse-workload-to-workload",
        "expires": 60,
        "no_nonce": False,
        "param": (AUD,),
        "keyid": "",
    },
    "web-bot-auth": {"cover": ("@authority", 'signature-agent;key="sig1"'), "tag": "web-bot-auth", "expires": 60},
}


@pytest.mark.parametrize("name", PROFILES)
def test_what_is_signed_by_hand_as_the_profile_says(name: str) -> None:
    assert judge(plainly(CALLS[name], **FULL[name]), profile=name).signed_at == AT


LESS = [(name, text) for name in FULL for text in FULL[name]["cover"]]


@pytest.mark.parametrize(("name", "text"), LESS)
def test_each_component_is_demanded(name: str, text: str) -> None:
    cover = tuple(one for one in FULL[name]["cover"] if one != text)
    made = plainly(CALLS[name], **{**FULL[name], "cover": cover})
    shown = '"signature-agent";key="sig1"' if text.startswith("signature-agent") else text
    assert rejected(made, profile=name) == ("required-component", shown)
    if shown == text:
        assert judge(made, profile=name, allow_unsigned=(text,)).signed_at == AT
    more = judge(plainly(CALLS[name], **FULL[name]), profile=name, require=("@authority",) if name != "wimse" else ())
    assert more.signed_at == AT
    assert rejected(plainly(CALLS[name], **FULL[name]), profile=name, require=("date",)) == (
        "required-component",
        "date",
    )


@pytest.mark.parametrize(
    ("name", "changes", "found"),
    [
        ("fapi2", {"tag": None}, ("tag", "none is tagged 'fapi-2-request'")),
        ("fapi2", {"tag": "fapi-2-response"}, ("tag", "none is tagged 'fapi-2-request'")),
        ("fapi2", {"created": False}, ("created-missing", "")),
        ("wimse", {"expires": None}, ("parameter-missing", "expires")),
        ("wimse", {"no_nonce": True}, ("parameter-missing", "nonce")),
        ("wimse", {"param": ()}, ("parameter-missing", "wimse-aud")),
        ("wimse", {"param": ("wimse-aud=7",)}, ("parameter-type", "wimse-aud is not a string")),
        ("wimse", {"keyid": "k"}, ("parameter-forbidden", "keyid")),
        ("wimse", {"alg": "ed25519"}, ("parameter-forbidden", "alg")),
        ("web-bot-auth", {"expires": None}, ("parameter-missing", "expires")),
        ("web-bot-auth", {"keyid": ""}, ("parameter-missing", "keyid")),
        ("web-bot-auth", {"keyid": "k"}, ("parameter-mismatch", f"keyid is not the key's thumbprint {OWN}")),
        (
            "web-bot-auth",
            {"cover": ("@authority", 'signature-agent;key="sig2"')},
            ("required-component", '"signature-agent";key="sig1"'),
        ),
    ],
)
def test_parameters_and_tags(name: str, changes: Any, found: tuple[str, str]) -> None:
    call = CALLS[name].with_headers((*CALLS[name].headers, ("Signature-Agent", 'sig2="https://evil.example"')))
    made = plainly(call if name == "web-bot-auth" else CALLS[name], **{**FULL[name], **changes})
    assert rejected(made, profile=name) == found


def test_a_field_counts_whole_for_its_member() -> None:
    made = plainly(CALLS["web-bot-auth"], **{**FULL["web-bot-auth"], "cover": ("@target-uri", "signature-agent")})
    assert judge(made, profile="web-bot-auth").covered == ("@target-uri", "signature-agent")
    call = sign(CALLS["fapi2"], profile="fapi2")
    answered = response(200, (), b"", call)
    cover = ("@status", "@method;req", "@target-uri;req", "content-digest;req")
    both = (*cover, 'signature-input;req;key="sig1"', 'signature;req;key="sig1"')
    made = plainly(answered, cover=both, tag="fapi-2-response")
    assert judge(made, profile="fapi2").signed_at == AT
    made = plainly(answered, cover=both[:-1], tag="fapi-2-response")
    assert rejected(made, profile="fapi2") == ("required-component", '"signature";req')
    made = plainly(answered, cover=(*cover, "signature;req"), tag="fapi-2-response")
    assert rejected(made, profile="fapi2") == ("required-component", '"signature-input";req')
    own = plainly(sign(answered, label="other"), cover=(*both[:-1], 'signature;key="other"'), tag="fapi-2-response")
    assert rejected(own, profile="fapi2") == ("required-component", '"signature";req')


def test_what_the_message_has_must_be_covered() -> None:
    call = request(headers=(HOST, BEARER, ("DPoP", "proof")), body=b"")
    made = plainly(call, cover=FAPI[:3], tag="fapi-2-request")
    assert rejected(made, profile="fapi2") == ("required-component", "dpop")
    call = request("GET", headers=(HOST, IDENTITY, ("Txn-Token", "t")), body=b"")
    made = plainly(call, **{**FULL["wimse"], "cover": WIMSE[:2] + WIMSE[4:]})
    assert rejected(made, profile="wimse") == ("required-component", "txn-token")


def test_a_response_without_its_request_cannot_be_checked() -> None:
    call = sign(CALLS["fapi2"], profile="fapi2")
    made = sign(response(200, (TYPE,), b"{}", call), profile="fapi2")
    alone = response(200, made.headers, b"{}")
    with pytest.raises(Rejected) as caught:
        judge(alone, profile="fapi2")
    assert (caught.value.reason, caught.value.verdict) == ("request-unavailable", "cannot-check")
    call = sign(CALLS["wimse"], profile="wimse", nonce="n1")
    cover = ("@status", "workload-identity-token")
    options = {**FULL["wimse"], "cover": cover, "param": ('wimse-req-nonce="n1"',)}
    made = plainly(response(200, (IDENTITY,), b"", call), **options)
    alone = response(200, made.headers, b"")
    found = rejected(alone, profile="wimse", allow_unsigned=("@method;req", "@request-target;req"))
    assert found == ("request-unavailable", "wimse-req-nonce")


@pytest.mark.parametrize("name", PROFILES)
def test_a_secret_checks_for_no_profile(name: str) -> None:
    made = plainly(CALLS[name], SECRET, **FULL[name])
    assert rejected(made, [SECRET], profile=name) == (
        "algorithm",
        f"the profile {name} signs with a key pair, and the key is a secret",
    )


def test_the_token_must_be_for_the_key() -> None:
    for text in (token(OTHER.public().numbers), token({"kty": "oct", "k": "AAAA"}), token(7), "opaque", "e30.e30.c2ln"):
        call = request(headers=(HOST, TYPE, ("Workload-Identity-Token", text)))
        made = plainly(call, **FULL["wimse"])
        assert rejected(made, profile="wimse") == ("key-not-bound", "workload-identity-token is for another key")
    # of several keys, it is the one that made the signature that counts
    made = plainly(CALLS["wimse"], OTHER, **FULL["wimse"])
    assert rejected(made, [KEY.public(), OTHER.public()], profile="wimse")[0] == "key-not-bound"
    made = plainly(CALLS["wimse"], KEY, **FULL["wimse"])
    assert judge(made, [OTHER.public(), KEY.public()], profile="wimse").signed_at == AT


TOKENS = [
    "",
    "a.b",
    "a.b.c.d",
    "e30.!.c2ln",
    f"e30.{base64.encode_url(b'[]')}.c2ln",
    f"e30.{base64.encode_url(b'no')}.c2ln",
    f"e30.{base64.encode_url(b'[' * 100000)}.c2ln",
    f"e30.{base64.encode_url(bytes([0xFF]))}.c2ln",
    token(KEY.public().numbers | {"d": "AA"}),
    token({"kty": "OKP"}),
]


@pytest.mark.parametrize("text", TOKENS)
def test_tokens_that_name_no_key(text: str) -> None:
    assert token_key(request(headers=(HOST, ("T", text))), "t") == ""


def test_a_token_that_names_one() -> None:
    assert token_key(request(headers=(HOST, ("T", WIT))), "t") == OWN
    assert token_key(request(headers=(HOST, ("T", WIT), ("T", WIT))), "t") == ""


def test_ages() -> None:
    made = sign(CALLS["fapi2"], profile="fapi2")
    late = AT + timedelta(seconds=61)
    assert rejected(made, at=late, profile="fapi2")[0] == "expired"
    assert judge(made, at=late, profile="fapi2", max_age=61).signed_at == AT
    assert judge(made, at=late).signed_at == AT
    assert judge(made, at=AT - timedelta(seconds=300), profile="fapi2").signed_at == AT


def test_a_verifiers_options_that_do_not_fit() -> None:
    with pytest.raises(UsageError) as caught:
        judge(CALLS["fapi2"], profile="fapi3")
    assert (caught.value.message, caught.value.hint) == (
        "--profile 'fapi3' is none",
        "there are fapi2, wimse, web-bot-auth",
    )
    with pytest.raises(UsageError) as caught:
        judge(sign(CALLS["fapi2"], profile="fapi2"), profile="fapi2", tag="x")
    assert caught.value.message == "--tag x: the profile fapi2 has the tag fapi-2-request"
    assert judge(sign(CALLS["fapi2"], profile="fapi2"), profile="fapi2", tag="fapi-2-request").signed_at == AT


def test_of_several_signatures_the_profiles_is_chosen() -> None:
    made = sign(sign(CALLS["fapi2"], OTHER, label="proxy"), profile="fapi2")
    found = judge(made, profile="fapi2")
    assert (found.more["label"], found.more["other_labels"]) == ("sig1", ["proxy"])


# parameters that the verifier requires, profile or not


def test_required_parameters() -> None:
    made = sign(request(), tag="t", param=("x=5", 'y="text"', "z", "b=:AA==:", "t=tok"))
    for wanted in (
        ("x",),
        ("x=5",),
        ('y="text"',),
        ("z",),
        ("z=?1",),
        ("b=:AA==:",),
        ("t=tok",),
        ('tag="t"', "created"),
    ):
        assert judge(made, require_param=wanted).more["tag"] == "t"
    for wanted, reason, detail in (
        ("w", "parameter-missing", "w"),
        ("expires", "parameter-missing", "expires"),
        ("x=6", "parameter-mismatch", "x is 5"),
        ('x="5"', "parameter-mismatch", "x is 5"),
        ("z=1", "parameter-mismatch", "z is True"),
        ("z=?0", "parameter-mismatch", "z is True"),
        ('t="tok"', "parameter-mismatch", "t is 'tok'"),
        ('tag="u"', "parameter-mismatch", "tag is 't'"),
    ):
        assert rejected(made, require_param=(wanted,)) == (reason, detail)


@pytest.mark.parametrize("text", ["", "=5", "X=5", "x=", "x=a b", 'x="', "x=5;y=1 ", "é", "x=é"])
def test_what_is_no_parameter(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        wanted_params((text,))
    assert caught.value.message == f"--require-param {text!r} is not NAME or NAME=VALUE"
    with pytest.raises(UsageError):
        judge(request(), require_param=(text,))


def test_a_parameter_is_required_once() -> None:
    with pytest.raises(UsageError):
        wanted_params(("x", "x=5"))
    assert wanted_params(("x", "y=5")) == {"x": None, "y": 5}


# what a change of the code could break without a verdict of another test


def test_the_audience_ends_before_the_first_question_mark() -> None:
    made = sign(request(target="/a?b?c", headers=(HOST, TYPE, IDENTITY)), profile="wimse")
    assert ';wimse-aud="https://example.com/a"' in input_of(made)
    assert judge(made, profile="wimse").signed_at == AT


def test_what_is_said_beside_a_refusal() -> None:
    made = sign(CALLS["wimse"], profile="wimse", param=('wimse-aud="urn:x"',))
    with pytest.raises(Rejected) as caught:
        judge(made, profile="wimse")
    assert caught.value.hint == "--require-param 'wimse-aud=\"…\"' says what it must be"
    call, other = (sign(CALLS["wimse"], profile="wimse", nonce=nonce) for nonce in ("n1", "n2"))
    answered = sign(response(200, (IDENTITY,), b"", call), profile="wimse")
    with pytest.raises(Rejected) as caught:
        judge(response(200, answered.headers, b"", other), profile="wimse")
    assert caught.value.hint is None
    options = {**FULL["wimse"], "cover": ("@status", "workload-identity-token"), "param": ('wimse-req-nonce="n1"',)}
    made = plainly(response(200, (IDENTITY,), b"", call), **options)
    with pytest.raises(Rejected) as caught:
        judge(response(200, made.headers, b""), profile="wimse", allow_unsigned=("@method;req", "@request-target;req"))
    assert (caught.value.detail, caught.value.hint) == ("wimse-req-nonce", "give it with --request FILE")
    with pytest.raises(UsageError) as usage:
        wanted_params(("x=a b",))
    assert usage.value.hint == "a text stands in double quotes"


def test_a_choice_that_covers_as_much_is_signed() -> None:
    made = sign(CALLS["web-bot-auth"], profile="web-bot-auth", cover=("@authority", "signature-agent"))
    assert judge(made, profile="web-bot-auth").covered == ("@authority", "signature-agent")


def test_a_choice_without_what_the_message_has_is_not() -> None:
    call = request(headers=(HOST, BEARER, ("DPoP", "proof")))
    with pytest.raises(UsageError) as caught:
        sign(call, profile="fapi2", cover=FAPI)
    assert caught.value.message == "--cover: the profile fapi2 demands dpop, too"


def test_a_choice_of_the_whole_target(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Profile("a document of ours, section 1", Side("ours", ("@method", "@path", "@query")), None)
    monkeypatch.setitem(PROFILES, "ours", row)
    made = sign(request(), profile="ours", cover=("@method", "@request-target"))
    assert input_of(made).startswith('sig1=("@method" "@request-target");')
    with pytest.raises(UsageError) as caught:
        sign(request(target="https://example.com/a"), profile="ours", cover=("@method", "@request-target"))
    assert caught.value.message == "--cover: the profile ours demands @path, too"


def test_a_digest_of_the_request_is_covered_where_it_has_one() -> None:
    side = PROFILES["fapi2"].response
    assert side is not None
    digest = ("Content-Digest", "sha-256=:AA==:")
    for related, there in ((None, False), (request(), False), (request(headers=(HOST, digest)), True)):
        found = [one.typed for one, _ in marked(side, response(related=related), "sig1")]
        assert ("content-digest;req" in found) is there


def test_what_the_other_side_wrote_is_cut() -> None:
    long = "n" * 200
    made = sign(request(), param=(f'{long}="{long}"',))
    assert rejected(made, require_param=(f"{long}=1",)) == (
        "parameter-mismatch",
        f"{'n' * 64} is {repr(long)[:80]}",
    )
    assert rejected(made, require_param=("m" * 200,)) == ("parameter-missing", "m" * 64)
    cover, label = {"cover": ("@authority",)}, "l" * 200
    made = plainly(CALLS["web-bot-auth"], **{**FULL["web-bot-auth"], **cover}, label=label)
    found = rejected(made, profile="web-bot-auth")
    assert found == ("required-component", f'"signature-agent";key="{label}"'[:80])
    with pytest.raises(UsageError) as caught:
        wanted_params((long + "=",))
    assert caught.value.message == f"--require-param {'n' * 64!r} is not NAME or NAME=VALUE"
    with pytest.raises(UsageError) as caught:
        sign(request(), profile=long)
    assert caught.value.message == f"--profile {'n' * 64!r} is none"
