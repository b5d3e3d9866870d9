"""Is what Accept-Signature asks for granted only as far as the user allowed it (S26)?"""

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st

from authkit.errors import InputError, Refused, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.prove import load_private, thumbprint
from authkit.messages.structured import parse_dictionary
from authkit.schemes import rfc9421
from authkit.schemes.base import SignJob
from authkit.schemes.httpsig.accept import MAX_NONCE, ask, read_wishes
from authkit.secret import Secret
from httpsigs import AT, CREATED, random, request, response, to_sign, to_verify

RAW = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
KEY, NAMED = load_private(RAW, "key"), load_private(RAW, "key", "key-1")
SECRET = AccessKey("shared", Secret(bytes(32)), raw=True)
OWN = thumbprint(KEY.public())
USUAL = '"@method" "@authority" "@path" "@query" "content-digest"'
HOST, TYPE = ("Host", "example.com"), ("Content-Type", "application/json")


def sign(wish: "str | bytes | None", message: Any = None, key: Any = KEY, **options: Any) -> Any:
    data = wish.encode() if isinstance(wish, str) else wish
    asked = to_sign(accept=data, **options)
    return rfc9421.sign(SignJob(request() if message is None else message, [key], asked, AT, random)).request


def judge(message: Any, key: Any = None, **options: Any) -> Any:
    return rfc9421.verifier([KEY.public() if key is None else key], to_verify(**options)).judge(message, AT)


def input_of(message: Any) -> str:
    (text,) = message.values("signature-input")
    return text


def refused(wish: str, *args: Any, **options: Any) -> tuple[str, "str | None"]:
    with pytest.raises(Refused) as caught:
        sign(wish, *args, **options)
    return caught.value.message, caught.value.hint


# reading

EXAMPLE = 'sig1=("@method" "@target-uri" "content-digest");keyid="test-key-rsa-pss";created;tag="app-123"'


@pytest.mark.parametrize(
    "data",
    [
        EXAMPLE,
        EXAMPLE.replace('" "', '"\n "'),
        f"Accept-Signature: {EXAMPLE}",
        f"accept-signature:  {EXAMPLE}  \r\n",
        f"HTTP/1.1 401 Unauthorized\r\nDate: today\r\nAccept-Signature: {EXAMPLE}\r\n\r\nbody: 1",
        f"HTTP/2 401 \nACCEPT-SIGNATURE: {EXAMPLE}\nContent-Length: 7\n",
        f"GET / HTTP/1.1\nHost: a\nAccept-Signature: {EXAMPLE}\n\n",
    ],
)
def test_where_the_wish_may_stand(data: str) -> None:
    (wish,) = read_wishes(data.encode()).values()
    assert wish.label == "sig1"
    assert [one.typed for one in wish.components] == ["@method", "@target-uri", "content-digest"]
    assert wish.params == {"keyid": "test-key-rsa-pss", "created": True, "tag": "app-123"}


def test_several_wishes() -> None:
    found = read_wishes(b'Accept-Signature: a=("@method"), b=()\nAccept-Signature: c=("date")\n')
    assert list(found) == ["a", "b", "c"]
    assert found["b"].components == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "nothing asks for a signature: there is no Accept-Signature"),
        (b"HTTP/1.1 200 OK\nDate: today\n\n", "nothing asks for a signature: there is no Accept-Signature"),
        (b"HTTP/1.1 200 OK\n\nAccept-Signature: a=()", "nothing asks for a signature: there is no Accept-Signature"),
        (b"a=1", "Accept-Signature: a is not a list of components"),
        (b"a", "Accept-Signature: a is not a list of components"),
        (b'a=("date" "date")', "Accept-Signature: a names a component twice"),
        (b"HTTP/1.1 200 OK\nno header\n\n", "line 2: expected 'Name: value'"),
    ],
)
def test_what_asks_for_nothing(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_wishes(data)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a=(", "a field of the signature is not the structured field it must be"),
        ('a=("date"), a=("date")', "a label stands twice in a field of the signature"),
        ('a=("date");x;x', "a parameter stands twice in a field of the signature"),
        ('a=("Date")', "the signature names a component that cannot be covered so"),
        ('a=("@unknown")', "the signature names a component that cannot be covered so"),
        ("a=(date)", "the signature names a component that cannot be covered so"),
    ],
)
def test_what_cannot_be_read(text: str, part: str) -> None:
    with pytest.raises(InputError) as caught:
        read_wishes(text.encode())
    assert caught.value.message.startswith(f"Accept-Signature: {part}")


# answering


def test_a_wish_is_granted_whole() -> None:
    wish = (
        f'other=("content-digest" "@method" "@target-uri" "content-type");created;expires;nonce="their nonce"'
        f';alg="ed25519";keyid="{OWN}";tag="app";x=5'
    )
    made = sign(wish, tag="app", param=("x=5",))
    assert input_of(made) == (
        'other=("content-digest" "@method" "@target-uri" "content-type")'
        f';created={CREATED};expires={CREATED + 300};nonce="their nonce";alg="ed25519";keyid="{OWN}";tag="app";x=5'
    )
    assert judge(made, tag="app").more["nonce"] == "their nonce"


def test_what_is_not_asked_for_is_as_always() -> None:
    made = sign(f"sig9=({USUAL})")
    assert input_of(made).startswith(f"sig9=({USUAL});created={CREATED};nonce=")
    assert f'keyid="{OWN}"' in input_of(made)
    assert judge(made).more["label"] == "sig9"
    timed = sign(f"sig9=({USUAL});expires", expires=60)
    assert f";expires={CREATED + 60};" in input_of(timed)


def test_other_spellings_of_enough() -> None:
    for components in (
        '"@method" "@target-uri" "content-digest"',
        '"@method" "@authority" "@request-target" "content-digest";sf',
        f'{USUAL} "@scheme" "@query-param";name="a"',
    ):
        if ";sf" in components:
            message, hint = refused(f"a=({components})")
            assert message == "a signature over content-digest;sf is asked for"
            assert hint == "--cover 'content-digest;sf' allows it"
            made = sign(f"a=({components})", cover=("content-digest;sf",))
        else:
            made = sign(f"a=({components})")
        assert judge(made).signed_at == AT


def test_a_server_cannot_choose_what_is_signed() -> None:
    message = request(headers=(HOST, TYPE, ("Cookie", "c=1"), ("X-Note", "a")))
    wish = f'a=({USUAL} "cookie" "x-note")'
    assert refused(wish, message) == (
        "a signature over cookie is asked for",
        "--cover cookie allows it",
    )
    assert refused(wish, message, cover=("cookie",)) == (
        "a signature over x-note is asked for",
        "--cover x-note allows it",
    )
    made = sign(wish, message, cover=("x-note", "cookie"))
    assert input_of(made).startswith(f'a=({USUAL} "cookie" "x-note");')
    # allowed is not demanded: the wish alone says what is covered
    made = sign(f"a=({USUAL})", message, cover=("x-note", "cookie"))
    assert input_of(made).startswith(f"a=({USUAL});")
    assert refused(f'a=({USUAL} "cookie";bs)', message, cover=("cookie",))[0] == (
        "a signature over cookie;bs is asked for"
    )


def test_what_is_signed_anyway_may_be_asked_for() -> None:
    message = request(headers=(HOST, TYPE, ("Authorization", "Bearer abc")))
    made = sign(f'a=({USUAL} "authorization" "content-type")', message)
    assert judge(made).warnings == ("authority-not-compared",)


@pytest.mark.parametrize(
    ("components", "missing"),
    [
        ("", "@method, @authority, @path, @query, content-digest"),
        ('"@method"', "@authority, @path, @query, content-digest"),
        ('"@method" "@target-uri"', "content-digest"),
        ('"@target-uri" "content-digest"', "@method"),
        ('"@method" "@path" "@query" "content-digest"', "@authority"),
        ('"@method" "@authority" "@path" "@query-param";name="a" "content-digest"', "@query"),
    ],
)
def test_a_wish_for_too_little_is_refused(components: str, missing: str) -> None:
    assert refused(f"a=({components})") == (
        f"a signature is asked for that does not cover {missing}, and would hold for other messages, too",
        "without --accept, --cover signs as little as you say",
    )


def test_the_body_may_be_left_out_where_that_was_allowed() -> None:
    wish = 'a=("@method" "@target-uri")'
    made = sign(wish, payload="unsigned")
    assert judge(made, allow_unsigned_payload=True).uncovered[-1] == "body"
    bare = sign(wish, request("GET", headers=(HOST,), body=b""))
    assert judge(bare).covered == ("@method", "@target-uri")


@pytest.mark.parametrize(
    ("params", "message", "hint"),
    [
        (';tag="app"', "the tag 'app' is asked for", "--tag app allows it"),
        (";x=5", "the parameter x is asked for", "--param x=5 allows it"),
        (';x="a"', "the parameter x is asked for", "--param 'x=\"a\"' allows it"),
        (";x", "the parameter x is asked for", "--param 'x=?1' allows it"),
        (';alg="rsa-pss-sha512"', "'rsa-pss-sha512' is asked for, and the key signs with ed25519", None),
        (';keyid="other"', f"the key 'other' is asked for, and this one is {OWN}", None),
        (f';nonce="{"n" * 257}"', "a nonce of 257 characters is asked for, and 256 are the most", None),
    ],
)
def test_parameters_that_were_not_allowed(params: str, message: str, hint: "str | None") -> None:
    assert refused(f"a=({USUAL}){params}") == (message, hint)


@pytest.mark.parametrize(
    ("params", "hint"),
    [
        (";tag=\"a'; touch owned; '\"", "--tag 'a'\"'\"'; touch owned; '\"'\"'' allows it"),
        (';tag="$(touch owned)"', "--tag '$(touch owned)' allows it"),
        (';x=":`touch`"', "--param 'x=\":`touch`\"' allows it"),
        (f';tag="{"t" * 80}"', f"--tag {'t' * 80} allows it"),
        (f';tag="{"t" * 81}"', None),
        (';x=%"%1b[2J"', "--param 'x=%\"%1b[2J\"' allows it"),
    ],
)
def test_a_hint_can_be_pasted_whatever_the_other_side_wrote(params: str, hint: "str | None") -> None:
    assert refused(f"a=({USUAL}){params}")[1] == hint


def test_a_parameter_of_another_value_is_another() -> None:
    assert refused(f"a=({USUAL});x=5", param=("x=6",))[0] == "the parameter x is asked for"
    assert refused(f'a=({USUAL});tag="b"', tag="a")[0] == "the tag 'b' is asked for"
    assert sign(f"a=({USUAL});x", param=("x",)).values("signature-input")[0].endswith(";x")


def test_keyids() -> None:
    for keyid in ("key-1", OWN):
        assert f'keyid="{keyid}"' in input_of(sign(f'a=({USUAL});keyid="{keyid}"', key=NAMED))
    assert 'keyid="mine"' in input_of(sign(f'a=({USUAL});keyid="mine"', keyid="mine"))
    assert f'keyid="{OWN}"' in input_of(sign(f'a=({USUAL});keyid="{OWN}"', keyid="mine"))
    assert refused(f'a=({USUAL});keyid="other"', keyid="")[0] == (
        "the key 'other' is asked for, and this one is without an ID"
    )
    made = sign(f'a=({USUAL});keyid="shared";alg="hmac-sha256"', key=SECRET)
    assert judge(made, SECRET).access_key_id == "shared"
    assert refused(f'a=({USUAL});keyid="shared"')[0].startswith("the key 'shared' is asked for")


def test_nonces() -> None:
    longest = "n" * MAX_NONCE
    assert f'nonce="{longest}"' in input_of(sign(f'a=({USUAL});nonce="{longest}"'))
    assert 'nonce="n"' in input_of(sign(f'a=({USUAL});nonce="n"', nonce="n"))


@pytest.mark.parametrize(
    ("params", "options", "message"),
    [
        (';nonce="n"', {"nonce": "m"}, "--nonce, --no-nonce: another nonce is asked for"),
        (';nonce="n"', {"no_nonce": True}, "--nonce, --no-nonce: another nonce is asked for"),
        (";created", {"created": False}, "--no-created: the time is asked for"),
        ("", {"label": "b"}, "--label b: no such signature is asked for"),
    ],
)
def test_options_that_contradict_a_wish(params: str, options: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        sign(f"a=({USUAL}){params}", **options)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (";created=1", "Accept-Signature: created has a value"),
        (";expires=1", "Accept-Signature: expires has a value"),
        (";created=?0", "Accept-Signature: created has a value"),
        (";nonce", "Accept-Signature: nonce is not a string"),
        (";nonce=token", "Accept-Signature: nonce is not a string"),
        (";alg=5", "Accept-Signature: alg is not a string"),
        (";keyid=:AA==:", "Accept-Signature: keyid is not a string"),
        (";tag", "Accept-Signature: tag is not a string"),
    ],
)
def test_parameters_of_the_wrong_type(params: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        sign(f"a=({USUAL}){params}")
    assert caught.value.message == message


def test_of_several_wishes_the_label_says_which() -> None:
    wishes = f'a=({USUAL}), b=("@method" "@target-uri" "content-digest")'
    with pytest.raises(UsageError) as caught:
        sign(wishes)
    assert (caught.value.message, caught.value.hint) == (
        "several signatures are asked for: a, b",
        "say which with --label",
    )
    one = sign(wishes, label="b")
    both = sign(wishes, one, label="a")
    assert [judge(both, label=label).more["other_labels"] for label in ("a", "b")] == [["b"], ["a"]]
    assert refused(wishes, both, label="a")[0] == "the message already has a signature a"


def test_what_the_message_lacks_cannot_be_signed() -> None:
    with pytest.raises(InputError) as caught:
        sign(f'a=({USUAL} "date")', cover=("date",))
    assert caught.value.message == "the message lacks a component that the signature covers: date"
    with pytest.raises(InputError) as caught:
        sign(f'a=({USUAL} "@status")')
    assert caught.value.message.endswith('"@status": a request has no status')


# answering with a profile

BEARER = ("Authorization", "Bearer abc")
FAPI = '"@method" "@target-uri" "authorization" "content-digest"'


def test_a_profile_allows_and_demands_its_own() -> None:
    call = request(headers=(HOST, TYPE, BEARER, ("DPoP", "p")))
    wish = f'a=({FAPI} "dpop");created;tag="fapi-2-request"'
    assert judge(sign(wish, call, profile="fapi2"), profile="fapi2").more["label"] == "a"
    assert refused(wish, call)[0] == "a signature over dpop is asked for"
    message, _ = refused(f'a=({FAPI});tag="fapi-2-request"', call, profile="fapi2")
    assert message == "a signature is asked for that does not cover dpop, and would hold for other messages, too"
    message, _ = refused(f'a=({FAPI} "dpop");tag="other"', call, profile="fapi2")
    assert message == "the tag 'other' is asked for"
    assert refused(f'a=({FAPI} "dpop" "x-note")', call, profile="fapi2")[1] == "--cover x-note allows it"
    more = request(headers=(*call.headers, ("X-Note", "1")))
    made = sign(f'a=({FAPI} "dpop" "x-note")', more, profile="fapi2", cover=("x-note",))
    assert '"x-note"' in input_of(made)


def test_a_profile_that_covers_less_than_usual() -> None:
    call = request("GET", headers=(HOST, ("Signature-Agent", 'a="https://bot.example"')), body=b"")
    wish = 'a=("@authority" "signature-agent";key="a");created;expires;tag="web-bot-auth"'
    made = sign(wish, call, profile="web-bot-auth", label="a")
    assert judge(made, profile="web-bot-auth").covered == ("@authority", '"signature-agent";key="a"')
    assert refused(wish, call, tag="web-bot-auth")[0] == 'a signature over signature-agent;key="a" is asked for'


def test_what_a_profile_forbids_cannot_be_asked_for() -> None:
    from authkit import base64

    claims = f'{{"cnf": {{"jwk": {{"kty": "OKP", "crv": "Ed25519", "x": "{KEY.public().numbers["x"]}"}}}}}}'
    wit = f"e30.{base64.encode_url(claims.encode())}.c2ln"
    call = request("GET", headers=(HOST, ("Workload-Identity-Token", wit)), body=b"")
    wish = 'a=("@method" "@request-target" "workload-identity-token");created'
    assert judge(sign(wish, call, profile="wimse"), profile="wimse").more["label"] == "a"
    for name, value in (("keyid", OWN), ("alg", "ed25519")):
        assert refused(f'{wish};{name}="{value}"', call, profile="wimse")[0] == (
            f"the parameter {name} is asked for, and the profile wimse forbids it"
        )


# responses


def test_a_response_is_signed_as_the_request_asks() -> None:
    call = request("GET", headers=(HOST,), body=b"")
    wish = 'a=("@status" "content-digest" "@method";req "@authority";req "@path";req "@query";req);created'
    made = sign(wish, response(200, (TYPE,), b"{}", call))
    assert judge(made).covered[:2] == ("@status", "content-digest")
    assert refused('a=("@status")', response(200, (), b"{}"))[0] == (
        "a signature is asked for that does not cover content-digest, and would hold for other messages, too"
    )
    assert judge(sign('a=("@status")', response(204))).covered == ("@status",)
    assert refused('a=("@status")', response(204, (), b"", call))[0] == (
        "a signature is asked for that does not cover @method;req, @authority;req, @path;req, @query;req, and would "
        "hold for other messages, too"
    )


def test_fields_of_the_request_that_a_response_may_cover() -> None:
    call = sign(f"s=({USUAL})", request(headers=(HOST, TYPE, ("Cookie", "c=1"))))
    base = '"@status" "@method";req "@target-uri";req'
    made = sign(f'a=({base} "content-digest";req "signature";req "signature-input";req)', response(204, (), b"", call))
    assert judge(made).signed_at == AT
    assert refused(f'a=({base} "cookie";req)', response(204, (), b"", call)) == (
        "a signature over cookie;req is asked for",
        "--cover 'cookie;req' allows it",
    )
    assert refused(f'a=({base} "signature")', response(204, (), b"", call))[0] == (
        "a signature over signature is asked for"
    )


# asking

ASKED = {
    ("default", False): (
        'sig1=("@status" "content-digest" "@method";req "@authority";req "@path";req "@query";req);created'
    ),
    ("default", True): 'sig1=("@method" "@authority" "@path" "@query");created',
    ("fapi2", False): (
        'sig1=("@status" "content-digest" "@method";req "@target-uri";req "signature-input";req "signature";req)'
        ';created;tag="fapi-2-response"'
    ),
    ("fapi2", True): 'sig1=("@method" "@target-uri" "authorization");created;tag="fapi-2-request"',
    ("wimse", False): (
        'wimse=("@status" "workload-identity-token" "content-digest" "@method";req "@request-target";req)'
        ';created;expires;tag="wimse-workload-to-workload"'
    ),
    ("wimse", True): (
        'wimse=("@method" "@request-target" "workload-identity-token");created;expires;tag="wimse-workload-to-workload"'
    ),
    ("web-bot-auth", False): (
        'sig1=("@authority";req "content-digest");created;expires;tag="http-message-signatures-directory"'
    ),
    ("web-bot-auth", True): ('sig1=("@authority" "signature-agent";key="sig1");created;expires;tag="web-bot-auth"'),
}


@pytest.mark.parametrize(("name", "answering"), ASKED)
def test_what_is_asked_for(name: str, answering: bool) -> None:
    message = response() if answering else request("GET", headers=(HOST,), body=b"")
    text = ask(name, message)
    assert text == ASKED[name, answering]
    assert list(parse_dictionary(text, "ours")) == list(read_wishes(text.encode()))


def test_what_the_request_has_is_asked_for_too() -> None:
    call = request(headers=(HOST, ("Content-Digest", "sha-256=:AAAA:")))
    assert '"@target-uri";req "content-digest";req "signature-input";req' in ask("fapi2", call)


def test_asking_adds_the_header_and_covers_it() -> None:
    made = sign(None, ask="default")
    (header,) = made.values("accept-signature")
    assert header == ASKED["default", False]
    assert judge(made).covered == (
        "@method",
        "@authority",
        "@path",
        "@query",
        "content-digest",
        "content-type",
        "accept-signature",
        "body",
    )
    explicit = sign(None, ask="default", cover=("@method", "@target-uri", "content-digest"))
    assert '"content-digest" "accept-signature");' in input_of(explicit)
    named = sign(None, ask="default", cover=("accept-signature", "@method", "@target-uri", "content-digest"))
    assert input_of(named).startswith('sig1=("accept-signature" "@method" "@target-uri" "content-digest");')
    bare = sign(None, ask="default", payload="unsigned")
    assert '"@query" "content-type" "accept-signature");' in input_of(bare)


def test_asking_beside_a_profile_and_an_answer() -> None:
    call = request(headers=(HOST, TYPE, BEARER))
    made = sign(f"a=({FAPI})", call, ask="fapi2", profile="fapi2")
    assert input_of(made).startswith(f'a=({FAPI} "accept-signature");')
    assert judge(made, profile="fapi2").signed_at == AT


def test_what_cannot_be_asked_for() -> None:
    with pytest.raises(Refused) as caught:
        sign(None, request(headers=(HOST, ("Accept-Signature", "a=()"))), ask="default")
    assert (caught.value.message, caught.value.hint) == (
        "the message has an Accept-Signature already",
        "leave out --ask",
    )
    with pytest.raises(UsageError) as usage:
        sign(None, ask="fapi3")
    assert usage.value.message == "--profile 'fapi3' is none"


def test_a_profile_for_one_side_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from authkit.schemes.httpsig.profiles import PROFILES, Profile, Side

    monkeypatch.setitem(PROFILES, "ours", Profile("ours", Side("ours", ("@method",)), None))
    with pytest.raises(UsageError) as caught:
        ask("ours", request())
    assert caught.value.message == "--ask: the profile ours does not sign responses"
    assert ask("ours", response()) == 'sig1=("@method");created;tag="ours"'
    monkeypatch.setitem(PROFILES, "ours", Profile("ours", None, Side("ours", ("@status",))))
    with pytest.raises(UsageError) as caught:
        ask("ours", response())
    assert caught.value.message == "--ask: the profile ours does not sign requests"


@pytest.mark.parametrize("name", ["default", "fapi2"])
def test_what_is_asked_for_is_granted_by_the_other_side(name: str) -> None:
    profile = None if name == "default" else name
    call = sign(None, request(headers=(HOST, TYPE, BEARER)), ask=name, profile=profile)
    head = f"HTTP/1.1 200 OK\nAccept-Signature: {call.values('accept-signature')[0]}\n\n"
    answered = sign(head, response(200, (TYPE,), b"{}", call), profile=profile)
    assert judge(answered, profile=profile).more["label"] == "sig1"


LABELS = st.text("abcxyz0189_-.*", min_size=1, max_size=8).map(lambda text: f"l{text}")
COVERED = st.permutations(["@method", "@target-uri", "@scheme", "content-digest", "content-type"])


@given(
    label=LABELS,
    cover=COVERED,
    nonce=st.none() | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
)
def test_the_set_asked_for_is_the_set_signed(label: str, cover: list[str], nonce: "str | None") -> None:
    listed = " ".join(f'"{one}"' for one in cover)
    escaped = "" if nonce is None else nonce.replace("\\", "\\\\").replace('"', '\\"')
    made = sign(f"{label}=({listed});created" + ("" if nonce is None else f';nonce="{escaped}"'))
    found = judge(made)
    assert found.covered == (*cover, "body")
    assert found.more["label"] == label
    if nonce is not None:
        assert found.more.get("nonce", "") == nonce


# what a change of the code could break without a verdict of another test


def test_the_time_that_is_asked_for() -> None:
    assert "expires" not in input_of(sign(f"a=({USUAL});created"))
    assert f";expires={CREATED + 300}" in input_of(sign(f"a=({USUAL});expires"))
    assert f";expires={CREATED + 60}" in input_of(sign(f"a=({USUAL});expires", expires=60))


def test_a_header_that_goes_on_in_the_next_line() -> None:
    folded = EXAMPLE.replace('" "', '"\n "')
    assert read_wishes(f"Accept-Signature: {folded}\n".encode()).keys() == {"sig1"}
    with pytest.raises(InputError):
        read_wishes(f" Accept-Signature: {EXAMPLE}".encode())


def test_what_is_said_beside_a_label_that_is_not_asked_for() -> None:
    with pytest.raises(UsageError) as caught:
        sign(f"a=({USUAL}), c=({USUAL})", label="b")
    assert caught.value.hint == "there are a, c"


def test_how_the_header_is_written() -> None:
    made = sign(None, ask="default")
    assert "Accept-Signature" in [name for name, _ in made.headers]


def test_what_the_other_side_wrote_is_cut() -> None:
    long = "n" * 200
    for wish, message in (
        (f'a=({USUAL} "{long}")', f"a signature over {'n' * 80} is asked for"),
        (f"a=({USUAL});{long}=1", f"the parameter {'n' * 40} is asked for"),
        (f'a=({USUAL});alg="{long}"', f"{'n' * 40!r} is asked for, and the key signs with ed25519"),
        (f'a=({USUAL});keyid="{long}"', f"the key {'n' * 80!r} is asked for, and this one is {OWN}"),
        (f'a=({USUAL});tag="{long}"', f"the tag {'n' * 80!r} is asked for"),
    ):
        assert refused(wish)[0] == message
    labels = [f"{letter}{long}" for letter in "abcdef"]
    with pytest.raises(UsageError) as caught:
        sign(", ".join(f"{label}=({USUAL})" for label in labels), label=long)
    assert caught.value.message == f"--label {'n' * 40}: no such signature is asked for"
    assert caught.value.hint == f"there are {', '.join(label[:40] for label in labels[:5])}"


def test_the_end_of_a_wish_is_part_of_it() -> None:
    assert read_wishes(b'a=("date");x=X\n')["a"].params["x"] == "X"
