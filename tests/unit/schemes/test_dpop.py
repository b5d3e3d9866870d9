"""Does a DPoP proof pass only when every step of RFC 9449 §4.3 holds, and which fault is named?"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from authkit.clock import UTC
from authkit.errors import REASONS, InputError, Refused, Rejected, UsageError
from authkit.keys.prove import PrivateKey, load_private, load_public, thumbprint
from authkit.messages.request import Request
from authkit.schemes import dpop
from authkit.schemes.base import SignJob, Verified
from samples import access_key

AT = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
RAW = {
    "p256": ec.derive_private_key(7, ec.SECP256R1()),
    "p384": ec.derive_private_key(7, ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
    "rsa": rsa.generate_private_key(65537, 2048),
}


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def pem(key: Any) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


KEYS = {name: load_private(pem(key), name) for name, key in RAW.items()}
OTHER = load_private(pem(ec.derive_private_key(8, ec.SECP256R1())), "other")
JKT = {name: thumbprint(key.public()) for name, key in KEYS.items()}
JWK = {
    "kty": "EC",
    "crv": "P-256",
    "x": b64(RAW["p256"].public_key().public_numbers().x.to_bytes(32, "big")),
    "y": b64(RAW["p256"].public_key().public_numbers().y.to_bytes(32, "big")),
}


def asked(**options: Any) -> Any:
    return SimpleNamespace(**{"access_token_file": None, "nonce": None, "alg": None, **options})


def demanded(**options: Any) -> Any:
    rows = {"jkt": (), "access_token_file": None, "nonce": None, "alg": (), "authority": ()}
    return SimpleNamespace(**{**rows, "max_age": None, "max_skew": None, **options})


def request(method: str = "POST", target: str = "/token", *headers: tuple[str, str], body: int = 0) -> Request:
    return Request(method, target, (("Host", "server.example.com"), *headers), content_length=body)


def sign(key: "PrivateKey | Any", wire: Request, **options: Any) -> Any:
    return dpop.sign(SignJob(wire, [key], asked(**options), AT, lambda count: bytes(range(count))))


def judge(wire: Request, at: datetime = AT, keys: "list[Any] | None" = None, **options: Any) -> Verified:
    given = demanded(**options) if keys is not None or options.keys() & {"jkt", "access_token_file"} else None
    given = given or demanded(jkt=(JKT["p256"],), **options)
    return dpop.verifier(keys or [], given).judge(wire, at)


def rejected(wire: Request, at: datetime = AT, keys: "list[Any] | None" = None, **options: Any) -> tuple[str, str]:
    with pytest.raises(Rejected) as caught:
        judge(wire, at, keys, **options)
    return caught.value.reason, caught.value.detail


HEADER: dict[str, Any] = {"typ": "dpop+jwt", "alg": "ES256", "jwk": JWK}
CLAIMS: dict[str, Any] = {
    "jti": "one",
    "htm": "POST",
    "htu": "https://server.example.com/token",
    "iat": int(AT.timestamp()),
}
ABSENT = object()


def crafted(header: "dict[str, Any] | None" = None, claims: "dict[str, Any] | None" = None) -> str:
    """Return a proof signed by the P-256 key, its members changed; written here and not by authkit."""
    parts = [
        {name: value for name, value in {**before, **(after or {})}.items() if value is not ABSENT}
        for before, after in ((HEADER, header), (CLAIMS, claims))
    ]
    return signed_text(json.dumps(parts[0]), json.dumps(parts[1]))


def signed_text(header: str, claims: str) -> str:
    text = f"{b64(header.encode())}.{b64(claims.encode())}"
    r, s = decode_dss_signature(RAW["p256"].sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def carrying(proof: str, *headers: tuple[str, str], method: str = "POST", target: str = "/token") -> Request:
    return request(method, target, ("DPoP", proof), *headers)


# signing


def test_what_is_signed() -> None:
    made = sign(KEYS["p256"], request("POST", "/a%2fb%7Ec?query=1", body=5))
    assert made.stages["jose-header"] == json.dumps(
        {
            "typ": "dpop+jwt",
            "alg": "ES256",
            "jwk": {"crv": "P-256", "kty": "EC", "x": JWK["x"], "y": JWK["y"]},
        },
        separators=(",", ":"),
    )
    assert json.loads(made.stages["jws-payload"]) == {
        "jti": b64(bytes(range(16))),
        "htm": "POST",
        "htu": "https://server.example.com/a%2Fb~c",
        "iat": int(AT.timestamp()),
    }
    assert made.stages["jws-signing-input"] == ".".join(
        b64(made.stages[name].encode()) for name in ("jose-header", "jws-payload")
    )
    assert made.added == (("DPoP", f"{made.stages['jws-signing-input']}.{made.stages['signature']}"),)
    assert made.request.headers == (("Host", "server.example.com"), *made.added)
    assert (made.scheme, made.access_key_id, made.scope, made.bearer) == ("dpop", JKT["p256"], "", ())


@pytest.mark.parametrize(
    ("kind", "given", "alg"),
    [
        ("p256", None, "ES256"),
        ("p384", None, "ES384"),
        ("ed25519", None, "EdDSA"),
        ("ed25519", "Ed25519", "Ed25519"),
        ("rsa", None, "PS256"),
        ("rsa", "RS256", "RS256"),
    ],
)
def test_each_key_has_its_algorithm(kind: str, given: "str | None", alg: str) -> None:
    made = sign(KEYS[kind], request(), alg=given)
    assert json.loads(made.stages["jose-header"])["alg"] == alg
    found = judge(made.request, jkt=(JKT[kind],), alg=(alg,) if given else ())
    assert (found.access_key_id, found.more["jkt"]) == (JKT[kind], JKT[kind])
    # and the peer of it all: the primitive itself
    text, raw = made.stages["jws-signing-input"].encode(), RAW[kind].public_key()
    signature = dpop.base64.decode_url(made.stages["signature"])
    assert signature is not None
    if kind == "rsa":
        how: Any = padding.PKCS1v15() if given else padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        raw.verify(signature, text, how, hashes.SHA256())
    elif kind == "ed25519":
        raw.verify(signature, text)
    else:
        assert len(signature) == (64 if kind == "p256" else 96)


def test_the_access_token_is_sent_and_hashed() -> None:
    made = sign(KEYS["p256"], request("GET", "/data"), access_token_file=f"{TOKEN}\n".encode())
    assert made.added[0] == ("Authorization", f"DPoP {TOKEN}")
    assert json.loads(made.stages["jws-payload"])["ath"] == b64(sha256(TOKEN.encode()).digest())
    assert made.bearer == (TOKEN,)
    assert TOKEN not in "".join(made.stages.values())
    kept = sign(KEYS["p256"], request("GET", "/data", ("authorization", f"dpop  {TOKEN}")))
    assert [name for name, _ in kept.added] == ["DPoP"]
    assert json.loads(kept.stages["jws-payload"])["ath"] == b64(sha256(TOKEN.encode()).digest())
    both = sign(KEYS["p256"], kept.request.with_headers(kept.request.headers[:2]), access_token_file=TOKEN.encode())
    assert [name for name, _ in both.added] == ["DPoP"]


def test_another_authorization_has_no_hash() -> None:
    made = sign(KEYS["p256"], request("POST", "/token", ("Authorization", "Basic QTpC")))
    assert "ath" not in json.loads(made.stages["jws-payload"])
    assert judge(made.request).uncovered == ("authorization",)
    alone = sign(KEYS["p256"], request("POST", "/token", ("Authorization", "DPoP")))
    assert "ath" not in json.loads(alone.stages["jws-payload"])


def test_the_servers_nonce_is_signed() -> None:
    made = sign(KEYS["p256"], request(), nonce="n-1")
    assert json.loads(made.stages["jws-payload"])["nonce"] == "n-1"
    assert judge(made.request, nonce="n-1").more["nonce"] == "n-1"
    assert "nonce" not in judge(sign(KEYS["p256"], request()).request).more


@pytest.mark.parametrize(
    ("key", "wire", "options", "message"),
    [
        (access_key(), request(), {}, "DPoP signs with a key pair"),
        (KEYS["p256"].public(), request(), {}, "DPoP signs with a key pair"),
        (KEYS["p256"], request("POST", "/token", ("dpop", "x")), {}, "the request has a DPoP header already"),
        (
            PrivateKey(None, "mldsa44", (), None),
            request(),
            {},
            "DPoP has no algorithm for a key of type mldsa44",
        ),
        (KEYS["p256"], request(), {"alg": "PS256"}, "rsa-pss-sha256 does not sign with a key of type p256"),
        (
            KEYS["p256"],
            request("GET", "/", ("Authorization", "Bearer abc")),
            {"access_token_file": b"abc"},
            "the request has an Authorization header that does not present the access token",
        ),
        (
            KEYS["p256"],
            request("GET", "/", ("Authorization", "DPoP abd")),
            {"access_token_file": b"abc"},
            "the request has an Authorization header that does not present the access token",
        ),
    ],
)
def test_what_is_not_signed(key: Any, wire: Request, options: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused) as caught:
        sign(key, wire, **options)
    assert caught.value.message == message


def test_a_target_without_a_url_is_not_signed() -> None:
    with pytest.raises(Rejected) as caught:
        sign(KEYS["p256"], request("OPTIONS", "*"))
    assert (caught.value.reason, caught.value.detail) == (
        "target-syntax",
        "a target of '*' has no URL that a proof could name",
    )


@pytest.mark.parametrize("data", [b"abc", b"abc\n", b"abc\r\n"])
def test_an_access_token_ends_with_its_line(data: bytes) -> None:
    assert dpop.read_token(data) == "abc"


@pytest.mark.parametrize("data", [b"a-b._~+/9==", b"a"])
def test_characters_of_an_access_token(data: bytes) -> None:
    assert dpop.read_token(data) == data.decode()


@pytest.mark.parametrize("data", [b"", b"\n", b"=", b"==", b"a b", b"a=b", b"abc\n\n", b" abc", b"a\xff", b"a,b"])
def test_what_is_no_access_token(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        dpop.read_token(data)
    assert caught.value.message == "the access token holds a character that an access token cannot hold"


# URLs in normal form


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://a.test", "https://a.test/"),
        ("HTTPS://A.Test:443/B?c#d", "https://a.test/B"),
        ("http://a.test:443/", "http://a.test:443/"),
        ("http://a.test:80/", "http://a.test/"),
        ("https://a.test/%7e%2f%2F%41b%c3", "https://a.test/~%2F%2FAb%C3"),
        ("https://a.test/%25%2e", "https://a.test/%25."),
        ("https://a.test/a/../b//c", "https://a.test/a/../b//c"),
        ("https://a.test/a!b%21", "https://a.test/a!b%21"),
        ("https://a.test?q", "https://a.test/"),
    ],
)
def test_normal_form(url: str, normal: str) -> None:
    assert dpop.normal_uri(url) == normal
    assert dpop.normal_uri(normal) == normal


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://a.test/", "target-syntax"),
        ("//a.test/", "target-syntax"),
        ("https://u@a.test/", "userinfo"),
        ("https://a.test/%4", "target-syntax"),
        ("https://a.test/%zz", "target-syntax"),
    ],
)
def test_what_has_no_normal_form(url: str, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        dpop.normal_uri(url)
    assert caught.value.reason == reason


# verifying


def test_what_a_proof_covers() -> None:
    wire = carrying(crafted(), ("Content-Type", "text/plain"), target="/token?a=1&a=2")
    wire = Request(wire.method, wire.target, wire.headers, content_length=5)
    found = judge(wire)
    assert found.covered == ("method", "host", "path")
    assert found.uncovered == ("query", "body", "content-type")
    assert found.warnings == ("authority-not-compared", "duplicate-query")
    assert found.more == {"jkt": JKT["p256"], "jti": "one"}
    assert (found.scheme, found.scope, found.signed_at) == ("dpop", "", AT)
    assert found.replayable_until == AT + timedelta(seconds=300)
    unknown = judge(carrying(crafted()).with_body(None, None))
    assert unknown.uncovered == ("body",)
    named = judge(carrying(crafted()), authority=("SERVER.example.com",))
    assert (named.warnings, named.uncovered) == ((), ())


def test_the_key_may_be_given_as_a_key_or_by_its_thumbprint() -> None:
    wire = carrying(crafted())
    for keys, jkt in (
        ([KEYS["p256"].public()], ()),
        ([KEYS["p256"]], ()),
        ([KEYS["rsa"].public(), KEYS["p256"].public()], ()),
        ([], (JKT["rsa"], JKT["p256"])),
        ([load_public(json.dumps(JWK).encode(), "jwk", "any-id")], (JKT["rsa"],)),
    ):
        assert judge(wire, keys=keys, jkt=jkt).access_key_id == JKT["p256"]


def token_for(jkt: object, shape: "Callable[[object], object]" = lambda jkt: {"cnf": {"jkt": jkt}}) -> str:
    return f"e30.{b64(json.dumps(shape(jkt)).encode())}.c2ln"


def presenting(token: str, **claims: Any) -> Request:
    ath = {"ath": b64(sha256(token.encode()).digest())}
    return carrying(crafted(claims=ath | claims), ("Authorization", f"DPoP {token}"))


def test_an_access_token_says_which_key() -> None:
    token = token_for(JKT["p256"])
    found = judge(presenting(token), access_token_file=f"{token}\n".encode())
    assert found.covered == ("method", "host", "path", "authorization")
    assert found.warnings == ("authority-not-compared", "access-token-not-verified")
    assert found.uncovered == ()
    both = judge(presenting(token), access_token_file=token.encode(), jkt=(JKT["p256"],))
    assert both.warnings == found.warnings
    opaque = judge(presenting(TOKEN), access_token_file=TOKEN.encode(), jkt=(JKT["p256"],))
    assert opaque.warnings == ("authority-not-compared",)


OPAQUE = [
    TOKEN,
    "a.b",
    "a.b.c.d",
    "e30.e30.c2ln",
    "e30.W10.c2ln",
    f"e30.{b64(b'[' * 100000)}.c2ln",
    "e30.!!!.c2ln",
    f"e30.{b64(b'not json')}.c2ln",
    f"e30.{b64(bytes([0xFF]))}.c2ln",
    token_for(None),
    token_for(7),
    token_for("x", lambda jkt: {"cnf": jkt}),
    token_for("x", lambda jkt: {"cnf": {"x5t#S256": jkt}}),
]


@pytest.mark.parametrize("token", OPAQUE)
def test_a_token_that_names_no_key_does_not_say_which_key(token: str) -> None:
    assert dpop.confirmed_key(token) is None


@pytest.mark.parametrize("token", [TOKEN, token_for(7)])
def test_a_key_that_comes_with_the_message_is_not_trusted_for_that(token: str) -> None:
    with pytest.raises(Rejected) as caught:
        judge(presenting(token), access_token_file=token.encode())
    assert (caught.value.verdict, caught.value.reason) == ("cannot-check", "key-not-given")
    assert caught.value.hint == "give --jkt, --key, or an access token with cnf.jkt by --access-token-file"
    # not even for a token of the message that names the key
    with pytest.raises(Rejected) as caught:
        judge(presenting(token_for(JKT["p256"])), keys=[])
    assert caught.value.reason == "key-not-given"
    assert dpop.SCHEME.needs_key is False


@pytest.mark.parametrize(
    ("options", "token"),
    [
        ({"jkt": (JKT["rsa"],)}, TOKEN),
        ({"access_token_file": token_for(JKT["rsa"]).encode()}, token_for(JKT["rsa"])),
        ({"jkt": (JKT["rsa"],), "access_token_file": token_for(JKT["p256"]).encode()}, token_for(JKT["p256"])),
        ({"jkt": (JKT["p256"],), "access_token_file": token_for(JKT["rsa"]).encode()}, token_for(JKT["rsa"])),
    ],
    ids=["thumbprint", "token", "token of another key", "thumbprint of another key"],
)
def test_another_key_is_refused(options: dict[str, Any], token: str) -> None:
    assert rejected(presenting(token), **options) == ("key-not-bound", JKT["p256"])


def test_keys_of_other_kinds_are_mistakes() -> None:
    with pytest.raises(UsageError) as caught:
        judge(request(), keys=[access_key()])
    assert caught.value.message == "DPoP is verified with a public key"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"jkt": ("abc",)}, "--jkt 'abc' is not a thumbprint: 43 characters of base64url"),
        ({"jkt": (JKT["p256"][:-2],)}, f"--jkt {JKT['p256'][:-2]!r} is not a thumbprint: 43 characters of base64url"),
        ({"jkt": (JKT["p256"] + "=",)}, f"--jkt {JKT['p256'] + '='!r} is not a thumbprint: 43 characters of base64url"),
        ({"alg": ("none",)}, "--alg 'none' is none of ES256 ES384 EdDSA Ed25519 PS256 RS256"),
        ({"alg": ("HS256",)}, "--alg 'HS256' is none of ES256 ES384 EdDSA Ed25519 PS256 RS256"),
        ({"max_age": -1}, "--max-age -1 is not 0 to 86400 seconds"),
        ({"max_age": 86401}, "--max-age 86401 is not 0 to 86400 seconds"),
        ({"max_skew": -1}, "--max-skew -1 is not 0 to 900 seconds"),
        ({"max_skew": 901}, "--max-skew 901 is not 0 to 900 seconds"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        judge(carrying(crafted()), **options)
    assert caught.value.message == message


def test_bounds_of_options_that_fit() -> None:
    for options in ({"max_age": 0}, {"max_age": 86400}, {"max_skew": 0}, {"max_skew": 900}):
        assert judge(carrying(crafted()), **options).signed_at == AT


PLACE = "the DPoP header is not a proof in the form that RFC 9449 gives"
HEADERS: "dict[str, tuple[dict[str, Any], str, str]]" = {
    "typ absent": ({"typ": ABSENT}, "proof-syntax", "its typ is not 'dpop+jwt'"),
    "typ JWT": ({"typ": "JWT"}, "proof-syntax", "its typ is not 'dpop+jwt'"),
    "typ in capitals": ({"typ": "DPoP+JWT"}, "proof-syntax", "its typ is not 'dpop+jwt'"),
    "crit": (
        {"crit": ["b64"], "b64": False},
        "proof-syntax",
        "it names critical members that this verifier does not know",
    ),
    "alg absent": ({"alg": ABSENT}, "algorithm", "'None'"),
    "alg none": ({"alg": "none"}, "algorithm", "'none'"),
    "alg HS256": ({"alg": "HS256"}, "algorithm", "'HS256'"),
    "alg RS256 unasked": ({"alg": "RS256"}, "algorithm", "'RS256'"),
    "alg a number": ({"alg": 1}, "algorithm", "'1'"),
    "alg of another curve": ({"alg": "ES384"}, "algorithm", "ES384 does not go with the key of the proof"),
    "alg of another kind": ({"alg": "PS256"}, "algorithm", "PS256 does not go with the key of the proof"),
    "jwk for another alg": (
        {"jwk": {**JWK, "alg": "ES384"}},
        "algorithm",
        "ES256 does not go with the key of the proof",
    ),
    "jwk to encrypt": ({"jwk": {**JWK, "use": "enc"}}, "algorithm", "ES256 does not go with the key of the proof"),
    "jwk absent": ({"jwk": ABSENT}, "proof-syntax", "its header holds no key"),
    "jwk text": ({"jwk": "key"}, "proof-syntax", "its header holds no key"),
    "jwk private": ({"jwk": {**JWK, "d": "Bw"}}, "proof-syntax", "its key is a private one"),
    "jwk symmetric": ({"jwk": {"kty": "oct", "k": "AAAA"}}, "proof-syntax", "its key is a private one"),
    "jwk unknown": (
        {"jwk": {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}},
        "proof-syntax",
        "the key of the proof: a JWK of a kind that authkit does not know",
    ),
    "jwk off the curve": (
        {"jwk": {**JWK, "y": JWK["x"]}},
        "proof-syntax",
        "the key of the proof: neither a public key, nor a certificate, nor a JWK that authkit knows",
    ),
    "jwk padded": (
        {"jwk": {**JWK, "x": JWK["x"] + "="}},
        "proof-syntax",
        "the key of the proof: member 'x' of the JWK is not base64url",
    ),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_is_not_as_it_must_be(name: str) -> None:
    change, reason, detail = HEADERS[name]
    assert rejected(carrying(crafted(header=change))) == (reason, detail)


def test_a_weak_rsa_key_is_refused() -> None:
    weak = rsa.generate_private_key(65537, 1024).public_key().public_numbers()
    jwk = {"kty": "RSA", "e": "AQAB", "n": b64(weak.n.to_bytes(128, "big"))}
    assert rejected(carrying(crafted(header={"alg": "PS256", "jwk": jwk}))) == (
        "proof-syntax",
        "the key of the proof: an RSA key of 1024 bits, and 2048 is the least",
    )


def test_members_that_say_nothing_new_are_read_over() -> None:
    more = {"jwk": {**JWK, "alg": "ES256", "use": "sig", "kid": "k"}, "kid": "k", "x5u": "https://elsewhere.test/"}
    assert judge(carrying(crafted(header=more, claims={"exp": 1, "sub": "x"}))).access_key_id == JKT["p256"]


CLAIMS_WRONG: "dict[str, tuple[dict[str, Any], str, str]]" = {
    **{
        f"{name} {what}": ({name: value}, "proof-syntax", f"its claim {name} is missing or not text")
        for name in ("jti", "htm", "htu")
        for what, value in (("absent", ABSENT), ("empty", ""), ("number", 5))
    },
    **{f"{name} number": ({name: 5}, "proof-syntax", f"its claim {name} is not text") for name in ("ath", "nonce")},
    **{
        f"iat {what}": ({"iat": value}, "proof-syntax", "its claim iat is missing or not a whole number of seconds")
        for what, value in (
            ("absent", ABSENT),
            ("text", "1"),
            ("true", True),
            ("behind the year 9999", 253402300800),
        )
    },
    "iat fraction": (
        {"iat": 1.5},
        "proof-syntax",
        "the payload: a number is not an integer from 0 to 9007199254740991",
    ),
    "another method": ({"htm": "GET"}, "method-mismatch", "'GET' and 'POST'"),
    "method in lower case": ({"htm": "post"}, "method-mismatch", "'post' and 'POST'"),
    "another path": (
        {"htu": "https://server.example.com/tokens"},
        "target-mismatch",
        "'https://server.example.com/tokens' and 'https://server.example.com/token'",
    ),
    "another host": (
        {"htu": "https://server.example.org/token"},
        "target-mismatch",
        "'https://server.example.org/token' and 'https://server.example.com/token'",
    ),
    "another port": (
        {"htu": "https://server.example.com:8443/token"},
        "target-mismatch",
        "'https://server.example.com:8443/token' and 'https://server.example.com/token'",
    ),
    "without TLS": (
        {"htu": "http://server.example.com/token"},
        "target-mismatch",
        "'http://server.example.com/token' and 'https://server.example.com/token'",
    ),
    "an encoded slash": (
        {"htu": "https://server.example.com%2Ftoken"},
        "target-mismatch",
        "its claim htu is no URL",
    ),
    "a path alone": ({"htu": "/token"}, "target-mismatch", "its claim htu is no URL"),
    "a user name": ({"htu": "https://u@server.example.com/token"}, "target-mismatch", "its claim htu is no URL"),
    "a space": (
        {"htu": "https://server.example.com/token "},
        "target-mismatch",
        "'' and 'https://server.example.com/token'",
    ),
    "a hash without a token": ({"ath": "x"}, "access-token-missing", ""),
}


@pytest.mark.parametrize("name", CLAIMS_WRONG)
def test_claims_that_are_not_as_they_must_be(name: str) -> None:
    change, reason, detail = CLAIMS_WRONG[name]
    assert rejected(carrying(crafted(claims=change))) == (reason, detail)


@pytest.mark.parametrize(
    "htu",
    [
        "HTTPS://SERVER.example.com:443/token",
        "https://server.example.com/%74oken",
        "https://server.example.com/token?query#fragment",
    ],
)
def test_other_spellings_of_the_same_url(htu: str) -> None:
    assert judge(carrying(crafted(claims={"htu": htu}))).access_key_id == JKT["p256"]


def test_where_the_proof_is() -> None:
    assert rejected(request()) == ("no-signature", "there is no DPoP header")
    proof = crafted()
    assert rejected(carrying(proof, ("dpop", proof))) == ("duplicate-header", "dpop")
    assert rejected(carrying(f"{proof}, {proof}")) == ("proof-syntax", "not three parts joined by dots")


def test_the_host_of_the_request() -> None:
    proof = crafted()
    bare = Request("POST", "/token", (("DPoP", proof),))
    assert rejected(bare) == ("host-not-signed", "there is no Host header")
    twice = carrying(proof, ("Host", "server.example.com"))
    assert rejected(twice) == ("duplicate-header", "host")
    assert rejected(carrying(proof), authority=("other.test",)) == ("authority-mismatch", "'server.example.com'")
    absolute = carrying(proof, target="https://server.example.com/token")
    assert judge(absolute, authority=("server.example.com",)).warnings == ()
    elsewhere = carrying(proof, target="https://evil.test/token")
    assert rejected(elsewhere) == ("authority-mismatch", "'evil.test' in the target and 'server.example.com' in Host")
    star = carrying(crafted(claims={"htm": "OPTIONS"}), method="OPTIONS", target="*")
    assert rejected(star) == ("target-syntax", "a target of '*' has no URL that a proof could name")


@pytest.mark.parametrize(
    ("seconds", "options", "found"),
    [
        (-300, {}, "ok"),
        (-301, {}, "not-yet-valid"),
        (300, {}, "ok"),
        (301, {}, "expired"),
        (5, {"max_age": 5}, "ok"),
        (6, {"max_age": 5}, "expired"),
        (-5, {"max_skew": 5}, "ok"),
        (-6, {"max_skew": 5}, "not-yet-valid"),
    ],
)
def test_every_bound_is_inclusive(seconds: int, options: dict[str, Any], found: str) -> None:
    at, wire = AT + timedelta(seconds=seconds), carrying(crafted())
    if found == "ok":
        assert judge(wire, at, **options).replayable_until == AT + timedelta(seconds=options.get("max_age", 300))
        return
    now, until = f"{at:%FT%TZ}", f"{AT + timedelta(seconds=options.get('max_age', 300)):%FT%TZ}"
    details = {
        "not-yet-valid": f"it is dated 2026-11-24T12:00:00Z and now is {now}",
        "expired": f"it was good until {until} and now is {now}",
    }
    assert rejected(wire, at, **options) == (found, details[found])


def test_the_nonce() -> None:
    assert rejected(carrying(crafted()), nonce="n") == ("nonce-mismatch", "")
    assert rejected(carrying(crafted(claims={"nonce": "m"})), nonce="n") == ("nonce-mismatch", "")
    assert judge(carrying(crafted(claims={"nonce": "m"}))).more["nonce"] == "m"


def test_the_access_token() -> None:
    token = token_for(JKT["p256"])
    given = {"access_token_file": token.encode()}
    assert rejected(carrying(crafted()), **given) == ("access-token-missing", "")
    assert rejected(presenting(TOKEN), **given) == (
        "access-token-mismatch",
        "the request presents another one than was given",
    )
    assert rejected(presenting(token, ath="x"), **given) == ("access-token-mismatch", "")
    assert rejected(presenting(token, ath=ABSENT), **given) == ("access-token-mismatch", "")
    assert rejected(presenting(TOKEN, ath=ABSENT)) == ("access-token-mismatch", "")
    assert rejected(carrying(crafted(claims={"ath": "x"}), ("Authorization", f"Bearer {TOKEN}"))) == (
        "access-token-missing",
        "",
    )
    twice = carrying(crafted(), ("Authorization", "DPoP a"), ("Authorization", "DPoP a"))
    assert rejected(twice) == ("multiple-authorization", "")


def test_a_signature_by_another_key() -> None:
    made = sign(OTHER, request())
    body = made.stages["jws-signing-input"].split(".")[1]
    forged = f"{b64(json.dumps(HEADER).encode())}.{body}.{made.stages['signature']}"
    with pytest.raises(Rejected) as caught:
        judge(carrying(forged))
    assert (caught.value.reason, caught.value.verdict) == ("signature-mismatch", "invalid")
    claim: Any = caught.value.claim
    assert (claim.access_key_id, claim.scope, claim.at) == (JKT["p256"], "", AT)


def test_a_der_signature_is_none() -> None:
    head = crafted().rpartition(".")[0]
    der = RAW["p256"].sign(head.encode(), ec.ECDSA(hashes.SHA256()))
    assert rejected(carrying(f"{head}.{b64(der)}")) == ("signature-mismatch", "")


def test_every_part_of_a_proof_matters() -> None:
    head, body, signature = crafted().split(".")
    other_claims = b64(json.dumps({**CLAIMS, "jti": "two"}).encode())
    other_header = b64(json.dumps({**HEADER, "kid": "x"}).encode())
    flipped = signature[:-2] + ("A" if signature[-2] != "A" else "B") + signature[-1]
    for proof in (
        f"{other_header}.{body}.{signature}",
        f"{head}.{other_claims}.{signature}",
        f"{head}.{body}.{flipped}",
    ):
        assert rejected(carrying(proof)) == ("signature-mismatch", "")


def test_what_http_cannot_carry_is_no_proof() -> None:
    wire = Request("POST", "/token", (("Host", "server.example.com"), ("DPoP", crafted() + "\n")))
    assert rejected(wire) == ("header-syntax", "the value of DPoP holds a control character")


def test_the_stages_of_a_request() -> None:
    proof = crafted()
    found = dpop.stages(carrying(proof), None)
    assert list(found) == ["jose-header", "jws-payload", "jws-signing-input", "signature"]
    assert found["jose-header"] == json.dumps(HEADER)
    assert found["jws-payload"] == json.dumps(CLAIMS)
    assert f"{found['jws-signing-input']}.{found['signature']}" == proof
    with pytest.raises(Rejected) as caught:
        dpop.stages(request(), None)
    assert caught.value.reason == "no-signature"


def test_every_reason_has_its_sentence() -> None:
    for word in ("proof-syntax", "key-not-given", "key-not-bound", "method-mismatch", "target-mismatch"):
        assert word in REASONS
    assert REASONS["proof-syntax"] == ("malformed", PLACE)


# what a change of the code could break without a verdict of another test


def test_what_is_said_beside_a_refusal() -> None:
    other = request("GET", "/", ("Authorization", "Bearer abc"))
    for key, wire, options, hint in (
        (access_key(), request(), {}, "make one with 'authkit keygen NAME --type p256'"),
        (KEYS["p256"], request("POST", "/token", ("dpop", "x")), {}, "remove it"),
        (KEYS["p256"], other, {"access_token_file": b"abc"}, "remove it"),
    ):
        with pytest.raises(Refused) as caught:
            sign(key, wire, **options)
        assert caught.value.hint == hint
    with pytest.raises(UsageError) as usage:
        judge(request(), keys=[access_key()])
    assert usage.value.hint == "give its PEM, a certificate, a JWK, or --jkt"


@pytest.mark.parametrize("token", ["XtokenX", "X"])
def test_nothing_of_a_token_is_taken_away(token: str) -> None:
    assert dpop.read_token(token.encode()) == token
    wire = presenting(token)
    assert judge(wire, jkt=(JKT["p256"],), access_token_file=token.encode()).access_key_id == JKT["p256"]


def test_only_spaces_stand_before_a_token() -> None:
    proof = crafted(claims={"ath": b64(sha256(b"abc").digest())})
    assert judge(carrying(proof, ("Authorization", "DPoP   abc"))).covered[-1] == "authorization"
    assert rejected(carrying(proof, ("Authorization", "DPoP \tabc"))) == ("access-token-mismatch", "")


def test_a_token_behind_a_tab_is_one_that_is_presented() -> None:
    for text in ("DPoP\tabc", "dpop\t abc", " DPoP abc", "\tDPoP abc"):
        assert rejected(carrying(crafted(), ("Authorization", text))) == ("access-token-mismatch", "")


@pytest.mark.parametrize("token", ["abc", f"e30.{b64(json.dumps({'cnf': {'jkt': JKT['p256']}}).encode())}"])
def test_a_token_of_less_than_three_parts_is_no_jwt(token: str) -> None:
    assert dpop.confirmed_key(token) is None


def test_the_host_is_judged_before_the_signature() -> None:
    head, _, signature = crafted().rpartition(".")
    broken = f"{head}.{'A' * len(signature)}"
    assert rejected(carrying(broken)) == ("signature-mismatch", "")
    assert rejected(carrying(broken), authority=("other.test",))[0] == "authority-mismatch"


@pytest.mark.parametrize(
    ("iat", "reason"),
    [(253402300799, "not-yet-valid"), (253402300800, "proof-syntax"), (0, "expired"), (-(10**18), "proof-syntax")],
)
def test_the_ends_of_time(iat: int, reason: str) -> None:
    assert rejected(carrying(crafted(claims={"iat": iat})))[0] == reason


def test_a_policy_as_it_is_without_a_word() -> None:
    policy = dpop.Policy((JKT["p256"],))
    assert (policy.max_age, policy.max_skew, policy.token, policy.bound) == (300, 300, None, None)
    assert policy.algorithms == ("ES256", "ES384", "EdDSA", "Ed25519", "PS256")


def test_what_the_other_side_wrote_is_cut() -> None:
    long = "n" * 200
    assert rejected(carrying(crafted({"alg": long}))) == ("algorithm", repr("n" * 32))
    found = rejected(carrying(crafted(claims={"htm": long}), method="M" * 40))
    assert found == ("method-mismatch", f"{'n' * 32!r} and {'M' * 32!r}")
    theirs, ours = f"https://server.example.com/{long}", f"https://server.example.com/{'m' * 200}"
    found = rejected(carrying(crafted(claims={"htu": theirs}), target=f"/{'m' * 200}"))
    assert found == ("target-mismatch", f"{theirs[:128]!r} and {ours[:128]!r}")
    for options, message in (
        ({"jkt": (long,)}, f"--jkt {'n' * 64!r} is not a thumbprint: 43 characters of base64url"),
        ({"alg": (long,)}, f"--alg {'n' * 64!r} is none of ES256 ES384 EdDSA Ed25519 PS256 RS256"),
    ):
        with pytest.raises(UsageError) as caught:
            judge(carrying(crafted()), **options)
        assert caught.value.message == message
