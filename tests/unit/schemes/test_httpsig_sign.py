"""How is a signature made, and with what it covers put into a message?"""

from typing import Any

import pytest

from authkit.base64 import encode
from authkit.errors import InputError, Refused, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.prove import load_private
from authkit.keys.scope import Scope
from authkit.keys.subkeys import Subkey
from authkit.messages.request import Request
from authkit.schemes.base import Signed, SignJob
from authkit.schemes.derived import AWS4
from authkit.schemes.httpsig import sign as module
from authkit.schemes.httpsig.components import parse_components
from authkit.schemes.httpsig.keyid import choose_signer
from authkit.schemes.httpsig.sign import Settings, default_cover, read_settings, sign_message
from authkit.schemes.rfc9421 import SCHEME
from authkit.secret import MacKey, Secret
from httpsigs import AT, CREATED, pem, random, request, response, to_sign

KEY = AccessKey("k1", Secret(bytes(32)))
SUBKEY = Subkey("AKID", Scope(("20261123", "us-east-1", "s3", "aws4_request"), AWS4.chain), MacKey(bytes(32)))
DIGEST = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
LONG = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
EMPTY = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
NONCE = "-__7__v_-__7__v_-__7_w"
PLAIN = (("Host", "example.com"),)


def sign(message: Any = None, keys: list[Any] | None = None, **changes: Any) -> Signed:
    message = request() if message is None else message
    return SCHEME.sign(SignJob(message, [KEY] if keys is None else keys, to_sign(**changes), AT, random))


def params(**changes: Any) -> str:
    """Return the parameters of a signature that covers @method alone, so that little else can be wrong."""
    text = sign(request(body=b""), cover=("@method",), **changes).stages["signature-input"]
    assert text.startswith('("@method")')
    return text[len('("@method")') :]


def covered(message: Any, **changes: Any) -> str:
    return sign(message, **changes).stages["signature-input"].partition(")")[0][1:]


# known answers


def test_every_stage() -> None:
    signed = sign()
    base = (
        '"@method": POST\n'
        '"@authority": example.com\n'
        '"@path": /items\n'
        '"@query": ?a=1&b=2\n'
        f'"content-digest": {DIGEST}\n'
        '"content-type": application/json\n'
        '"@signature-params": ("@method" "@authority" "@path" "@query" "content-digest" "content-type")'
        f';created={CREATED};nonce="{NONCE}";keyid="k1"'
    )
    signature = encode(MacKey(bytes(32)).mac(base.encode()))
    text = base.partition('"@signature-params": ')[2]
    assert signed.stages == {"signature-base": base, "signature-input": text, "signature": signature}
    assert signed.added == (
        ("Content-Digest", DIGEST),
        ("Signature-Input", f"sig1={text}"),
        ("Signature", f"sig1=:{signature}:"),
    )
    assert signed.request.headers == request().headers + signed.added
    assert (signed.scheme, signed.access_key_id, signed.scope) == ("rfc9421", "k1", "")
    assert (signed.warnings, signed.bearer, signed.encode) == ((), (), None)
    assert (signed.request.payload_hash, signed.request.content_length) == (request().payload_hash, 18)


def test_the_request_is_untouched() -> None:
    message = request()
    sign(message)
    assert message.headers == request().headers


def test_a_subkey_s_signature() -> None:
    signed = sign(keys=[SUBKEY])
    keyid = "AKID/20261123/us-east-1/s3/aws4_request"
    assert signed.stages["signature-input"].endswith(f';created={CREATED};nonce="{NONCE}";keyid="{keyid}"')
    assert (signed.access_key_id, signed.scope) == ("AKID", "20261123/us-east-1/s3/aws4_request")
    with pytest.raises(Refused, match="^a subkey signs only with the time of its day$") as caught:
        sign(keys=[SUBKEY], created=False)
    assert caught.value.hint == "leave out --no-created"


def test_a_key_pair_s_signature() -> None:
    key = load_private(pem("ed25519"), "key")
    signed = sign(keys=[key])
    name = choose_signer([key], to_sign(), AT).keyid
    assert signed.stages["signature-input"].endswith(f';keyid="{name}"')
    assert (signed.access_key_id, signed.scope) == (name, "")
    assert signed.stages["signature"] == encode(key.sign("ed25519", signed.stages["signature-base"].encode()))


# what is covered


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (request("GET", "/", PLAIN, b""), '"@method" "@authority" "@path" "@query"'),
        (request("OPTIONS", "*", PLAIN, b""), '"@method" "@authority" "@request-target"'),
        (request("POST", "/", PLAIN), '"@method" "@authority" "@path" "@query" "content-digest"'),
        (
            request(
                "GET", "/", (*PLAIN, ("Content-Digest", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:")), b""
            ),
            '"@method" "@authority" "@path" "@query" "content-digest"',
        ),
        (
            request(
                "GET", "/", (*PLAIN, ("Authorization", "Bearer x"), ("content-TYPE", "a/b"), ("Accept", "*/*")), b""
            ),
            '"@method" "@authority" "@path" "@query" "content-type" "authorization"',
        ),
        (
            request(
                "GET", "/", (*PLAIN, ("Authkit-Certificate", ":AAAA:"), ("Authkit-Client-Cert", "sha-256=:AAAA:")), b""
            ),
            '"@method" "@authority" "@path" "@query" "authkit-client-cert" "authkit-certificate"',
        ),
        (response(200, (("Date", "x"),)), '"@status"'),
        (response(200, (("Content-Type", "x"),), b"body"), '"@status" "content-digest" "content-type"'),
        (
            response(404, related=request()),
            '"@status" "@method";req "@authority";req "@path";req "@query";req',
        ),
    ],
)
def test_the_usual_cover(message: Any, expected: str) -> None:
    """S25: what a strict verifier demands, and content-type and authorization where they are."""
    assert covered(message) == expected
    assert sign(message).warnings == ()
    assert " ".join([one.text for one in default_cover(message, False)]) == expected


def test_usual_covers_are_made_once_and_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_usual", {})
    monkeypatch.setattr(module, "_MANY", 2)
    assert default_cover(request(), False) is default_cover(request(), False)
    assert default_cover(request(), True) is not default_cover(request(), False)
    default_cover(response(), False)
    assert len(module._usual) == 1
    monkeypatch.setattr(module, "_covers", {})
    for names in (("a",), ("b",), ("a",), ("c",)):
        cover = read_settings(to_sign(cover=names)).cover
        assert [one.name for one in cover or ()] == list(names)
    assert list(module._covers) == [("c",)]
    assert read_settings(to_sign(cover=("c",))).cover is module._covers[("c",)]


def test_an_unsigned_body() -> None:
    signed = sign(payload="unsigned")
    assert "content-digest" not in signed.stages["signature-input"]
    assert [name for name, _ in signed.added] == ["Signature-Input", "Signature"]
    assert signed.warnings == ("the signature does not cover the body",)
    assert sign(request(body=b""), payload="unsigned").warnings == ()
    assert sign(request(body=None), payload="unsigned").warnings == ("the signature does not cover the body",)
    assert "content-digest" in sign(payload="hash").stages["signature-input"]


def test_a_cover_of_one_s_own_is_taken_as_it_is() -> None:
    names = ("@method", "Content-Type", '"@query-param";name="a"', "content-digest", "@target-uri")
    signed = sign(cover=names)
    assert signed.stages["signature-input"].startswith(
        '("@method" "content-type" "@query-param";name="a" "content-digest" "@target-uri");'
    )
    assert signed.added[0] == ("Content-Digest", DIGEST)
    assert signed.warnings == ()


@pytest.mark.parametrize(
    ("message", "cover", "missing"),
    [
        (request("GET", "/", PLAIN, b""), ("@method",), "@authority, @path, @query"),
        (request("GET", "/", PLAIN, b""), ("@target-uri",), "@method"),
        (request("GET", "/", PLAIN, b""), ("@method", "@authority", "@request-target"), None),
        (request("GET", "/?a=1", PLAIN, b""), ("@method", "@authority", "@path", '@query-param;name="a"'), "@query"),
        (request("POST", "/", PLAIN), ("@method", "@target-uri"), "content-digest"),
        (request("POST", "/", PLAIN), ("@method", "@target-uri", "content-digest;sf"), None),
        (request("POST", "/", PLAIN), ("@method", "content-digest"), "@authority, @path, @query"),
        (request("POST", "/", PLAIN, None), ("@method", "@target-uri"), "content-digest"),
        (request("OPTIONS", "*", PLAIN, b""), ("@method", "@target-uri"), "@request-target"),
        (response(), ("@status",), None),
        (response(headers=(("Date", "x"),)), ("date",), "@status"),
        (
            response(related=request()),
            ("@status", "@method;req", "@target-uri;req"),
            None,
        ),
        (response(related=request()), ("@status", "@method;req"), '"@authority";req, "@path";req, "@query";req'),
    ],
)
def test_a_cover_that_a_strict_verifier_refuses_is_warned_of(
    message: Any, cover: tuple[str, ...], missing: Any
) -> None:
    text = f"a strict verifier refuses a signature that does not cover {missing}"
    assert sign(message, cover=cover).warnings == (() if missing is None else (text,))


def test_a_plain_tuple_is_a_cover_too() -> None:
    signer = choose_signer([KEY], to_sign(), AT)
    found = sign_message(request(), signer, Settings(parse_components('"@method" "content-digest"')), AT, random)
    assert found.stages["signature-input"].startswith('("@method" "content-digest");')


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("@method", "@method"), "--cover names @method twice"),
        (("date", "@method", "@method"), "--cover names @method twice"),
        (("n" * 90, "n" * 90), f"--cover names {'n' * 80} twice"),
        (('x;sf;key="a"', "@method", 'x;key="a";sf'), '--cover names "x";sf;key="a" twice'),
        (("@nothing",), "--cover '@nothing': \"@nothing\": no component of that name can be covered"),
        (("date;tr",), "--cover 'date;tr': \"date\";tr: trailer fields are not supported"),
    ],
)
def test_a_cover_that_cannot_be(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        sign(cover=names)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("message", "changes", "said", "hint"),
    [
        (
            request(),
            {"cover": ("x-none",)},
            "the message lacks a component that the signature covers: x-none",
            None,
        ),
        (request(headers=()), {}, "the message lacks a component that the signature covers: ", None),
        (
            request(),
            {"cover": ("@status",)},
            'the signature names a component that cannot be covered so: "@status": a request has no status',
            None,
        ),
        (
            request(headers=(*PLAIN, ("Content-Type", "\xe9"))),
            {},
            'the signature names a component that cannot be covered so: "content-type": its value',
            "cover it with ;bs",
        ),
        (response(), {"cover": ("@method;req",)}, "the signature covers the request", "give it with --request FILE"),
        (
            request(headers=(*PLAIN, ("Content-Digest", "sha-256=:AAAA:"))),
            {},
            "the body does not have the digest that was signed: content-digest: sha-256",
            None,
        ),
        (
            request(headers=(*PLAIN, ("Content-Digest", "md5=:AAAA:"))),
            {},
            "the digest of the body is by no algorithm that this verifier accepts: content-digest: 'md5=:AAAA:'",
            "send sha-256 or sha-512",
        ),
        (request(body=None), {}, "the body is not known", "give it, or --payload unsigned"),
    ],
)
def test_what_cannot_be_signed(message: Any, changes: dict[str, Any], said: str, hint: str | None) -> None:
    with pytest.raises(InputError) as caught:
        sign(message, **changes)
    assert caught.value.message.startswith(said)
    assert caught.value.hint == hint


# digests


def test_digests_are_made() -> None:
    assert sign(digest="sha-512").added[0] == ("Content-Digest", LONG)
    assert sign(digest="sha-256").added[0] == ("Content-Digest", DIGEST)
    both = sign(cover=("content-digest", "repr-digest")).added
    assert both[:2] == (("Content-Digest", DIGEST), ("Repr-Digest", DIGEST))


def test_a_digest_that_is_there_is_compared_and_kept() -> None:
    signed = sign(request(headers=(*PLAIN, ("content-digest", LONG))))
    assert [name for name, _ in signed.added] == ["Signature-Input", "Signature"]
    assert signed.warnings == ()
    unseen = Request("POST", "/", (*PLAIN, ("Content-Digest", LONG)), request().payload_hash, 18)
    text = "content-digest was not compared with the body, which is not known so far"
    assert sign(unseen).warnings == (text,)


def test_a_digest_of_the_request_is_the_request_s_affair() -> None:
    related = request(headers=(*PLAIN, ("Content-Digest", "md5=:AAAA:")))
    signed = sign(response(related=related), cover=("@status", "content-digest;req"))
    assert '"content-digest";req: md5=:AAAA:\n' in signed.stages["signature-base"]
    assert len(signed.added) == 2


@pytest.mark.parametrize(
    "message",
    [
        request(headers=(*PLAIN, ("Content-Range", "bytes 0-17/99"))),
        response(206, body=b"x"),
        response(304),
        response(200, related=request("HEAD")),
    ],
)
def test_a_part_of_a_representation_has_another_digest(message: Any) -> None:
    with pytest.raises(
        InputError, match="^the body is a part of the representation, whose digest is not known$"
    ) as caught:
        sign(message, cover=("repr-digest",))
    assert caught.value.hint == "add Repr-Digest"
    given = message.with_headers((*message.headers, ("Repr-Digest", "sha-256=:AAAA:")))
    warning = "repr-digest was not compared with the body, which is a part of the representation"
    assert warning in sign(given, cover=("repr-digest",)).warnings


# parameters


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, f';created={CREATED};nonce="{NONCE}";keyid="k1"'),
        ({"created": True}, f';created={CREATED};nonce="{NONCE}";keyid="k1"'),
        ({"created": False}, f';nonce="{NONCE}";keyid="k1"'),
        ({"no_nonce": True}, f';created={CREATED};keyid="k1"'),
        ({"nonce": "n"}, f';created={CREATED};nonce="n";keyid="k1"'),
        ({"nonce": ""}, f';created={CREATED};keyid="k1"'),
        ({"expires": 1, "no_nonce": True}, f';created={CREATED};expires={CREATED + 1};keyid="k1"'),
        ({"expires": 60, "created": False, "no_nonce": True}, f';expires={CREATED + 60};keyid="k1"'),
        ({"keyid": "other", "no_nonce": True}, f';created={CREATED};keyid="other"'),
        ({"keyid": "", "no_nonce": True}, f";created={CREATED}"),
        ({"alg": "hmac-sha256", "no_nonce": True}, f';created={CREATED};alg="hmac-sha256";keyid="k1"'),
        ({"tag": 'a"b\\', "no_nonce": True}, f';created={CREATED};keyid="k1";tag="a\\"b\\\\"'),
        (
            {"param": ('a="x"', "b", "c=?1", "d=?0", "e=tok", "f=-1", "g=:AA==:", "h=1.50", "i=@7"), "no_nonce": True},
            f';created={CREATED};keyid="k1";a="x";b;c;d=?0;e=tok;f=-1;g=:AA==:;h=1.5;i=@7',
        ),
        ({"param": ('*x=  "y"',), "no_nonce": True}, f';created={CREATED};keyid="k1";*x="y"'),
    ],
)
def test_parameters(changes: dict[str, Any], expected: str) -> None:
    assert params(**changes) == expected


def test_a_signature_without_a_time_is_warned_of() -> None:
    text = "a strict verifier refuses a signature that does not say when it was made"
    assert sign(created=False).warnings == (text,)
    assert sign(created=True).warnings == ()


def test_settings_may_leave_out_the_keyid() -> None:
    settings = Settings(parse_components('"@method"'), nonce="", keyid=False)
    found = sign_message(request(body=b""), choose_signer([KEY], to_sign(), AT), settings, AT, random)
    assert found.stages["signature-input"] == f'("@method");created={CREATED}'


def test_the_usual_settings() -> None:
    one, other = Settings(), read_settings(to_sign())
    for name in Settings.__slots__:
        assert getattr(one, name) == getattr(other, name)
    assert (one.label, one.created, one.digest, one.params, one.keyid) == ("sig1", True, "sha-256", {}, True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"expires": 0}, "--expires 0 is not 1 second or more"),
        ({"expires": -5}, "--expires -5 is not 1 second or more"),
        ({"label": ""}, "--label '' cannot name a signature"),
        ({"label": "Sig"}, "--label 'Sig' cannot name a signature"),
        ({"label": "a b"}, "--label 'a b' cannot name a signature"),
        ({"nonce": "é"}, "--nonce holds a character that is not printable ASCII"),
        ({"tag": "a\nb"}, "--tag holds a character that is not printable ASCII"),
        ({"keyid": "\x7f"}, "--keyid holds a character that is not printable ASCII"),
        ({"nonce": "n", "no_nonce": True}, "--nonce and --no-nonce"),
        ({"param": ("A=1",)}, "--param 'A=1' is not NAME=VALUE"),
        ({"param": ("=1",)}, "--param '=1' is not NAME=VALUE"),
        ({"param": ("X" * 65,)}, f"--param {'X' * 64!r} is not NAME=VALUE"),
        ({"param": ("a=" + " " * 65,)}, f"--param a: {' ' * 64!r} is no value"),
        ({"label": "X" * 41}, f"--label {'X' * 40!r} cannot name a signature"),
        ({"param": ("created=1",)}, "--param created: there is --created"),
        ({"param": ("keyid",)}, "--param keyid: there is --keyid"),
        ({"param": ("a=1", "b=1", "a=2")}, "--param names a twice"),
        ({"param": ("a=b c",)}, "--param a: 'b c' is no value"),
        ({"param": ("a=",)}, "--param a: '' is no value"),
        ({"param": ('a="\u20ac"',)}, "--param a: '\"\u20ac\"' is no value"),
        ({"param": ("a=1;b",)}, "--param a: a parameter has no parameters"),
        ({"param": ("a=1;b;b",)}, "--param a: '1;b;b' is no value"),
        ({"param": ("a=(b)",)}, "--param a: '(b)' is no value"),
        ({"alg": "ed25519"}, "--alg ed25519: this key signs with hmac-sha256"),
    ],
)
def test_options_that_cannot_be_so(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        sign(**changes)
    assert caught.value.message == message


def test_hints() -> None:
    for changes, hint in (
        ({"label": "X"}, "use a-z, 0-9, '_', '-', '.' and '*', a letter first"),
        ({"param": ("A=1",)}, "a name begins with a-z or '*'"),
        ({"param": ("a=b c",)}, """a text stands in double quotes, e.g. NAME='"text"'"""),
    ):
        with pytest.raises(UsageError) as caught:
            sign(**changes)
        assert caught.value.hint == hint


# several signatures


def test_a_second_signature_stands_beside_the_first() -> None:
    first = sign()
    second = sign(first.request, label="proxy", tag="proxy")
    assert second.request.values("signature-input") == [
        f"sig1={first.stages['signature-input']}",
        f"proxy={second.stages['signature-input']}",
    ]
    assert second.request.values("signature") == [
        f"sig1=:{first.stages['signature']}:",
        f"proxy=:{second.stages['signature']}:",
    ]
    assert [name for name, _ in second.added] == ["Signature-Input", "Signature"]
    third = sign(second.request, label="x", cover=('signature;key="proxy"', 'signature-input;key="proxy"'))
    assert third.stages["signature-base"].startswith(
        f'"signature";key="proxy": :{second.stages["signature"]}:\n'
        f'"signature-input";key="proxy": {second.stages["signature-input"]}\n'
    )


@pytest.mark.parametrize("name", ["Signature-Input", "Signature"])
def test_a_label_is_taken(name: str) -> None:
    value = "sig1=()" if name == "Signature-Input" else "sig1=:AAAA:"
    with pytest.raises(Refused, match="^the message already has a signature sig1$") as caught:
        sign(request(headers=(*PLAIN, (name, value))))
    assert caught.value.hint == "--label NAME adds another one"
    sign(request(headers=(*PLAIN, (name, value))), label="sig2")


def test_a_signature_that_cannot_be_read_is_not_added_to() -> None:
    with pytest.raises(
        InputError, match="^a field of the signature is not the structured field it must be: signature: "
    ):
        sign(request(headers=(*PLAIN, ("Signature", 'keyId="x"'))))
    with pytest.raises(InputError, match="^a label stands twice in a field of the signature"):
        sign(request(headers=(*PLAIN, ("Signature-Input", "a=(), a=()"))))


# bearer values


def test_what_opens_something_by_itself_is_named() -> None:
    headers = (*PLAIN, ("Authorization", "Bearer x"), ("Cookie", "a=b"), ("Cookie", "c=d"), ("DPoP", "e.f"), ("X", "y"))
    message = request(headers=headers)
    assert sign(message).bearer == ("Bearer x",)
    assert sign(message, cover=("cookie;bs", "x")).bearer == ("a=b", "c=d")
    assert sign(message, cover=("x", "@method")).bearer == ()
    assert sign(message, cover=("dpop", "authorization")).bearer == ("e.f", "Bearer x")
    assert sign(request(headers=(*PLAIN, ("Authorization", "")))).bearer == ()
