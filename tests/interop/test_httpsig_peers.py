"""Do http-message-signatures of PyPI and of npm agree with authkit, both ways, over generated messages?

Where one of them differs, RFC 9421's text says who is right, and DIFFERENCES holds it.
"""

import json
import os
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import datetime, timezone
from hashlib import sha512
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from authkit.errors import Rejected
from authkit.keys.access import AccessKey
from authkit.keys.prove import load_private, load_public
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.messages.response import Response
from authkit.schemes import rfc9421
from authkit.schemes.base import SignJob
from authkit.schemes.httpsig.components import parse_component, signature_base
from authkit.secret import Secret
from httpsigs import component_value, to_sign, to_verify

PROJECT = Path(__file__).resolve().parents[2]
NPM = PROJECT / ".interop" / "npm-http-message-signatures" / "node_modules" / "http-message-signatures"
AT = datetime(2021, 4, 20, 2, 7, 53, tzinfo=timezone.utc)
CREATED = int(AT.timestamp())
SECRET = bytes(range(64))
PRIVATE: dict[str, Any] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "ecdsa-p256-sha256": ec.generate_private_key(ec.SECP256R1()),
    "ecdsa-p384-sha384": ec.generate_private_key(ec.SECP384R1()),
    "rsa-pss-sha512": rsa.generate_private_key(65537, 2048),
    "rsa-v1_5-sha256": rsa.generate_private_key(65537, 2048),
}
ALGORITHMS = [*PRIVATE, "hmac-sha256"]
# what PyPI's library calls them; it has no P-384
PYTHON = {
    "ed25519": "ED25519",
    "ecdsa-p256-sha256": "ECDSA_P256_SHA256",
    "rsa-pss-sha512": "RSA_PSS_SHA512",
    "rsa-v1_5-sha256": "RSA_V1_5_SHA256",
    "hmac-sha256": "HMAC_SHA256",
}


def pem_of(alg: str) -> bytes:
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return PRIVATE[alg].private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)


def public_pem_of(alg: str) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return PRIVATE[alg].public_key().public_bytes(serialization.Encoding.PEM, form)


OURS = {alg: load_private(pem_of(alg), alg, "k") for alg in PRIVATE} | {
    "hmac-sha256": AccessKey("k", Secret(SECRET), raw=True)
}
CHECKING = {alg: load_public(public_pem_of(alg), alg, "k") for alg in PRIVATE} | {"hmac-sha256": OURS["hmac-sha256"]}


def sign(message: Any, alg: str, **options: Any) -> Any:
    chosen = alg if alg.startswith("rsa") else None
    asked = to_sign(**{"alg": chosen, **options})
    return rfc9421.sign(SignJob(message, [OURS[alg]], asked, AT, os.urandom)).request


EVERYTHING = "@method @authority @path @query @status content-digest @method;req @authority;req @path;req @query;req"


def judge(message: Any, alg: str, **options: Any) -> Any:
    """Judge by the mathematics alone: whatever a peer leaves out is allowed."""
    loose = {
        "allow_unsigned": tuple(EVERYTHING.split(" ")),
        "allow_unsigned_payload": True,
        "max_skew": 0,
        "max_age": 0,
    }
    chosen = alg if alg.startswith("rsa") else None
    return rfc9421.verifier([CHECKING[alg]], to_verify(**{**loose, "alg": chosen, **options})).judge(message, AT)


# PyPI


class Headers:
    """Header lines as PyPI's library wants them: each for itself."""

    def __init__(self, lines: tuple[tuple[str, str], ...]) -> None:
        self.lines = list(lines)

    def items(self) -> list[tuple[str, str]]:
        return self.lines

    def __iter__(self) -> Iterator[str]:
        return iter({name: None for name, _ in self.lines})

    def __contains__(self, name: str) -> bool:
        return any(one == name for one, _ in self.lines)

    def __getitem__(self, name: str) -> str:
        return ", ".join(value for one, value in self.lines if one == name)

    def __setitem__(self, name: str, value: str) -> None:
        self.lines.append((name, value))

    def __delitem__(self, name: str) -> None:
        self.lines = [one for one in self.lines if one[0] != name]


def for_python(message: Any) -> Any:
    headers = Headers(message.headers)
    if isinstance(message, Response):
        related = None if message.related is None else for_python(message.related)
        return SimpleNamespace(status_code=message.status, headers=headers, request=related)
    return SimpleNamespace(method=message.method, url=message.url, headers=headers)


def python_library(alg: str, kind: str) -> Any:
    import http_message_signatures as library

    class Keys(library.HTTPSignatureKeyResolver):
        def resolve_public_key(self, key_id: str) -> Any:
            return SECRET if alg == "hmac-sha256" else public_pem_of(alg)

        def resolve_private_key(self, key_id: str) -> Any:
            return SECRET if alg == "hmac-sha256" else pem_of(alg)

    of_kind = library.HTTPMessageSigner if kind == "signer" else library.HTTPMessageVerifier
    return of_kind(signature_algorithm=getattr(library.algorithms, PYTHON[alg]), key_resolver=Keys())


def python_verifies(message: Any, alg: str) -> bool:
    from http_message_signatures import InvalidSignature

    try:
        found = python_library(alg, "verifier").verify(for_python(message), max_age=None)
    except InvalidSignature:
        return False
    return len(found) == 1


def signed_by_python(message: Any, alg: str, cover: tuple[str, ...], **options: Any) -> Any:
    theirs = for_python(message)
    signer = python_library(alg, "signer")
    signer.sign(theirs, key_id="k", created=AT, covered_component_ids=cover, label="sig1", **options)
    added = tuple((name, theirs.headers[name]) for name in ("Signature-Input", "Signature"))
    return message.with_headers((*message.headers, *added))


# npm


class Npm:
    """The npm library, one child for all tests."""

    def __init__(self, node: str) -> None:
        script = Path(__file__).with_name("httpsig_peer.cjs")
        self.child = subprocess.Popen(
            [node, str(script), str(NPM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def ask(self, op: str, message: Any, **more: Any) -> dict[str, Any]:
        asked = {"op": op, "message": for_npm(message), **more}
        if isinstance(message, Response) and message.related is not None:
            asked["request"] = for_npm(message.related)
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(json.dumps(asked) + "\n")
        self.child.stdin.flush()
        found: dict[str, Any] = json.loads(self.child.stdout.readline())
        return found

    def verifies(self, message: Any, alg: str) -> bool:
        return self.ask("verify", message, key=npm_key(alg, private=False)) == {"verified": True}

    def signed(self, message: Any, alg: str, cover: tuple[str, ...]) -> Any:
        found = self.ask(
            "sign",
            message,
            key=npm_key(alg, private=True),
            fields=[one if one.startswith("@") and ";" not in one else quoted(one) for one in cover],
            name="sig1",
            params=["created", "keyid", "alg", "nonce"],
            values={"created": CREATED, "nonce": "theirs"},
        )
        assert "headers" in found, found
        added = tuple((name, found["headers"][name]) for name in ("Signature-Input", "Signature"))
        return message.with_headers((*message.headers, *added))

    def lines(self, message: Any, text: str) -> list[str]:
        found = self.ask("base", message, fields=[parse_component(text, "test").text])
        return [found["error"]] if "error" in found else found["base"].split("\n")


def quoted(text: str) -> str:
    return parse_component(text, "test").text


def for_npm(message: Any) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    for name, value in message.headers:
        headers[name] = [*headers[name], value] if name in headers else [value]
    if isinstance(message, Response):
        return {"status": message.status, "headers": headers}
    return {"method": message.method, "url": message.url, "headers": headers}


def npm_key(alg: str, private: bool) -> dict[str, str]:
    if alg == "hmac-sha256":
        return {"id": "k", "alg": alg, "secret": b64encode(SECRET).decode()}
    return {"id": "k", "alg": alg, "pem": (pem_of(alg) if private else public_pem_of(alg)).decode()}


@pytest.fixture(scope="session")
def npm() -> Iterator[Npm]:
    node = shutil.which("node")
    if node is None or not NPM.is_dir():
        from conftest import absent

        absent("npm's http-message-signatures is not installed; run tests/interop/setup", "AUTHKIT_REQUIRE_INTEROP")
    assert node is not None
    peer = Npm(node)
    yield peer
    assert peer.child.stdin is not None
    peer.child.stdin.close()
    assert peer.child.wait(timeout=10) == 0
    assert peer.child.stdout is not None
    peer.child.stdout.close()


# messages on which all agree: no dot segments, no character that WHATWG's URL parser rewrites, no name twice

WORD = st.text("abzAZ09-_", min_size=1, max_size=8)
PATHS = st.lists(st.text("abzAZ09-_~:@!$&()*+,;=", min_size=1, max_size=8) | st.just("%2F%c3"), max_size=3).map(
    lambda parts: "/" + "/".join(parts)
)
QUERIES = st.dictionaries(
    st.sampled_from(["a", "Pet", "b c", "x-y"]),
    st.text("abzAZ09 -_.*", max_size=8),
    max_size=3,
).map(lambda pairs: "&".join(f"{name}={value}".replace(" ", "%20") for name, value in pairs.items()))
HOSTS = st.sampled_from(["example.com", "Example.COM", "example.com:443", "example.com:8443", "[::1]:8080"])
VALUES = st.text('abzAZ09 ,;="%\\/()', max_size=12).map(lambda text: text.strip(" "))


@st.composite
def requests(draw: Any) -> Request:
    body = draw(st.binary(max_size=20))
    query = draw(QUERIES)
    headers = [("Host", draw(HOSTS)), ("X-Text", draw(VALUES)), ("Cache-Control", "max-age=60,  must-revalidate")]
    if draw(st.booleans()):
        headers.append(("X-Text", draw(VALUES)))
    if draw(st.booleans()):
        headers.append(("Priority", "u=1,   i"))
    return Request(
        draw(st.sampled_from(["GET", "POST", "PUT", "DELETE", "QUERY", "M-SEARCH"])),
        draw(PATHS) + (f"?{query}" if query else ""),
        tuple(headers),
        hash_bytes(body),
        len(body),
        draw(st.sampled_from(["https", "http"])),
        {"sha-512": sha512(body)},
    )


def coverable(message: Any, req: str = "") -> list[str]:
    request = message.related if req else message
    found = [f"@method{req}", f"@authority{req}", f"@path{req}", f"@query{req}", f"@scheme{req}", f"x-text{req}"]
    found += [f"cache-control;sf{req}", f'cache-control;key="max-age"{req}']
    if "priority" in request.grouped:
        found += [f"priority;sf{req}", f'priority;key="u"{req}']
    if len(request.values("x-text")) == 1:
        found.append(f"x-text;bs{req}")
    for pair in request.parts[1].split("&"):
        name = pair.partition("=")[0]
        if name:
            found.append(f'@query-param;name="{name}"{req}')
    return found


@st.composite
def signed_requests(draw: Any) -> tuple[Request, tuple[str, ...]]:
    message = draw(requests())
    cover = draw(st.lists(st.sampled_from(coverable(message)), min_size=1, max_size=7, unique=True))
    return message, tuple(cover)


@st.composite
def signed_responses(draw: Any) -> tuple[Response, tuple[str, ...]]:
    body = draw(st.binary(max_size=20))
    headers = (("X-Text", draw(VALUES)), ("Cache-Control", "no-store,   max-age=5"))
    message = Response(
        draw(st.sampled_from([200, 201, 404, 503])),
        headers,
        hash_bytes(body),
        len(body),
        watched={"sha-512": sha512(body)},
        related=draw(requests()),
    )
    own = ["@status", "x-text", "cache-control;sf", 'cache-control;key="max-age"', "x-text;bs"]
    cover = draw(st.lists(st.sampled_from([*own, *coverable(message, ";req")]), min_size=1, max_size=7, unique=True))
    return message, tuple(cover)


def changed(message: Any, cover: tuple[str, ...]) -> Any:
    """Return *message* with one covered component changed."""
    name = cover[0].partition(";")[0]
    if isinstance(message, Response):
        if ";req" in cover[0]:
            other = changed(message.related, (cover[0].replace(";req", ""),))
            return Response(message.status, message.headers, related=other)
        if name == "@status":
            return Response(299, message.headers, related=message.related)
    fields = {
        "x-text": ("X-Text", "other"),
        "cache-control": ("Cache-Control", "max-age=1"),
        "priority": ("Priority", "u=7"),
    }
    if name in fields:
        kept = [one for one in message.headers if one[0].lower() != name]
        return message.with_headers((*kept, fields[name]))
    if name == "@authority":
        return message.with_headers((("Host", "other.example"), *message.headers[1:]))
    if name == "@method":
        other, target, scheme = "OTHER", message.target, message.scheme
    elif name == "@scheme":
        other, target, scheme = message.method, message.target, "http" if message.scheme == "https" else "https"
    elif name == "@path":
        other, target, scheme = message.method, f"/other{message.target}", message.scheme
    else:
        other, target, scheme = (
            message.method,
            f"{message.parts[0]}?a=other&Pet=other&b%20c=other&x-y=other",
            message.scheme,
        )
    return Request(other, target, message.headers, message.payload_hash, message.content_length, scheme)


def refused(message: Any, alg: str) -> bool:
    try:
        judge(message, alg)
    except Rejected as error:
        return error.reason == "signature-mismatch"
    return False


@pytest.mark.parametrize("alg", ALGORITHMS)
@settings(max_examples=25)
@given(one=signed_requests())
def test_requests(alg: str, one: tuple[Request, tuple[str, ...]], npm: Npm) -> None:
    agree(*one, alg, npm)


@pytest.mark.parametrize("alg", ["ed25519", "hmac-sha256"])
@settings(max_examples=40)
@given(one=signed_responses())
def test_responses(alg: str, one: tuple[Response, tuple[str, ...]], npm: Npm) -> None:
    agree(*one, alg, npm)


def agree(message: Any, cover: tuple[str, ...], alg: str, npm: Npm) -> None:
    made = sign(message, alg, cover=cover)
    assert judge(made, alg).covered
    assert npm.verifies(made, alg)
    forged = changed(made, cover)
    assert refused(forged, alg)
    assert not npm.verifies(forged, alg)
    theirs = npm.signed(message, alg, cover)
    if alg != "rsa-pss-sha512":  # see test_the_salt_of_npm
        assert judge(theirs, alg).more["nonce"] == "theirs"
        assert refused(changed(theirs, cover), alg)
    if alg not in PYTHON:
        return
    assert python_verifies(made, alg)
    assert not python_verifies(forged, alg)
    written = tuple(quoted(text) for text in cover)
    theirs = signed_by_python(message, alg, written, nonce="theirs", tag="app")
    assert judge(theirs, alg, tag="app").more["nonce"] == "theirs"
    assert refused(changed(theirs, cover), alg)
    assert npm.verifies(theirs, alg)


@settings(max_examples=25)
@given(message=requests())
def test_bodies_by_their_digest(message: Request, npm: Npm) -> None:
    """What authkit signs by default is what PyPI's library checks the body with."""
    from http_message_signatures import InvalidSignature

    body = b"changed"
    carried = Request(
        message.method, message.target, message.headers, hash_bytes(b"body"), 4, "https", {"sha-512": sha512(b"body")}
    )
    for digest in ("sha-256", "sha-512"):
        made = sign(carried, "ed25519", digest=digest)
        assert npm.verifies(made, "ed25519")
        verifier = python_library("ed25519", "verifier")
        (found,) = verifier.verify(for_python(made), max_age=None, body=b"body")
        assert found.body == b"body"
        with pytest.raises(InvalidSignature):
            verifier.verify(for_python(made), max_age=None, body=body)
        with pytest.raises(Rejected) as caught:
            judge(made.with_body(hash_bytes(body), len(body), {"sha-512": sha512(body)}), "ed25519")
        assert caught.value.reason == "content-digest-mismatch"


# differences, each with the sentence of the RFC that decides


def value(text: str, message: Any) -> str:
    try:
        return component_value(parse_component(text, "test"), message)
    except Rejected as error:
        return error.reason


def python_value(text: str, message: Any) -> str:
    import http_message_signatures as library
    from http_sf.compat import Item

    node = Item()
    node.parse(quoted(text).encode())
    try:
        return str(library.HTTPSignatureComponentResolver(for_python(message)).resolve(node))
    except library.HTTPMessageSignaturesException:
        return "refused"


def plain(target: str, method: str = "GET", *headers: tuple[str, str]) -> Request:
    return Request(method, target, (("Host", "example.com"), *headers))


# component, message -> authkit's value or reason, PyPI's, npm's lines; RFC 9421
DIFFERENCES: "dict[str, tuple[str, Any, str, str, list[str]]]" = {
    "§2.2.8: the form percent-encode set leaves only A-Z a-z 0-9 * - . _": (
        '@query-param;name="a"',
        plain("/?a=!~'()"),
        "%21%7E%27%28%29",
        "%21%7E%27%28%29",
        ['"@query-param";name="a": !~\'()'],
    ),
    "§2.2.8: a parameter that occurs several times MUST NOT be covered by name": (
        '@query-param;name="a"',
        plain("/?a=1&a=2"),
        "ambiguous-query-param",
        "refused",
        ['"@query-param";name="a": 1', '"@query-param";name="a": 2'],
    ),
    "§2.2.7: the query is taken as it stands, without decoding": (
        "@query",
        plain("/?a='"),
        "?a='",
        "?a='",
        ['"@query": ?a=%27'],
    ),
    "§2.2.6: the path is normalised as RFC 9110 §4.2.3 says, which removes no dot segment": (
        "@path",
        plain("/A/../b%2fc"),
        "/A/../b%2fc",
        "/A/../b%2fc",
        ['"@path": /b%2fc'],
    ),
    "§2.2.1: the method is case-sensitive, and no case is changed": (
        "@method",
        plain("/", "get"),
        "get",
        "refused",
        ['"@method": GET'],
    ),
    "§2.2.5: the request target is the one of the request line": (
        "@request-target",
        plain("https://example.com/a?b=1"),
        "https://example.com/a?b=1",
        "/a?b=1",
        ['"@request-target": /a?b=1'],
    ),
    "§2.1.1: sf asks that the field's type is known to the application; authkit reads it from the value": (
        "x-dict;sf",
        plain("/", "GET", ("X-Dict", "a=1,  b=2")),
        "a=1, b=2",
        "refused",
        ['"x-dict";sf: a=1, b=2'],
    ),
}


@pytest.mark.parametrize("why", DIFFERENCES)
def test_differences(why: str, npm: Npm) -> None:
    text, message, ours, python, lines = DIFFERENCES[why]
    assert value(text, message) == ours
    assert python_value(text, message) == python
    assert npm.lines(message, text) == lines


def test_the_base_itself_agrees(npm: Npm) -> None:
    message = plain("/a?b=1", "POST", ("X-Dict", "a=1,  b=2"))
    for text in ("@method", "@authority", "@path", "@query", '@query-param;name="b"', 'x-dict;key="b"', "x-dict;bs"):
        component = parse_component(text, "test")
        (line,) = npm.lines(message, text)
        assert signature_base(message, (component,), "()").split("\n")[0] == line
        assert line == f"{component.text}: {python_value(text, message)}"


def test_the_salt_of_npm(npm: Npm) -> None:
    """RFC 9421 §3.3.1: the salt has 64 octets.  npm's library leaves it to Node, which takes as many as fit."""
    message = plain("/")
    theirs = npm.signed(message, "rsa-pss-sha512", ("@method",))
    assert refused(theirs, "rsa-pss-sha512")
    base = signature_base(message, (parse_component("@method", "test"),), theirs.headers[1][1].partition("=")[2])
    signature = b64decode(theirs.headers[2][1][6:-1])
    longest = padding.PSS(padding.MGF1(hashes.SHA512()), 2048 // 8 - 64 - 2)
    PRIVATE["rsa-pss-sha512"].public_key().verify(signature, base.encode(), longest, hashes.SHA512())
    assert npm.verifies(sign(message, "rsa-pss-sha512"), "rsa-pss-sha512")


# what PyPI's library does not take, though the RFC has it
LIMITS: "dict[str, dict[str, Any]]" = {
    "§2.3: further parameters may be registered, and a verifier need not know all": {"param": ("x=1",)},
    "§2.3: keyid is optional": {"keyid": ""},
}


@pytest.mark.parametrize("why", LIMITS)
def test_what_only_one_peer_takes(why: str, npm: Npm) -> None:
    made = sign(plain("/"), "ed25519", **LIMITS[why])
    assert judge(made, "ed25519").covered
    assert npm.verifies(made, "ed25519")
    assert not python_verifies(made, "ed25519")
