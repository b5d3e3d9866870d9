"""Do programs that others wrote for draft-cavage accept what authkit signs, and authkit what they sign?

The peers are PyPI httpsig and npm http-signature.  npm's knows `hs2019` only without a date, and no `ed25519` without
its hash; authkit reads `ed25519-sha512` as the same.  Neither compares a digest with the body.
"""

import base64
import json
import os
import random
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

import schemejobs as jobs
from authkit.clock import UTC
from authkit.errors import Rejected
from authkit.keys.prove import load_private, load_public
from authkit.messages.request import Request
from authkit.schemes import cavage
from interop.swift import build

PROJECT = Path(__file__).resolve().parents[2]
PYTHON = PROJECT / ".interop/vendors/bin/python"
NODE = PROJECT / ".interop/npm-http-signature"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
COUNT = 40
NAMES = ["(request-target)", "host", "date", "digest", "content-type"]

Filter = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


def run(*words: "str | Path") -> Filter:
    def answer(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
        done = subprocess.run(words, input=json.dumps(asked).encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    return answer


def built(*places: Path) -> None:
    if not all([place.exists() for place in places]):
        if os.environ.get("AUTHKIT_REQUIRE_INTEROP") != "1":
            pytest.skip("the peers are not installed; run tests/interop/setup")
        build()


@pytest.fixture(scope="module")
def python() -> Filter:
    """PyPI httpsig."""
    built(PYTHON.parents[1] / "built")
    return run(PYTHON, PROJECT / "tests/interop/vendor_signers.py")


@pytest.fixture(scope="module")
def node(require_tool: Callable[[str], str]) -> Filter:
    """npm http-signature."""
    built(NODE / "built")
    return run(require_tool("node"), PROJECT / "tests/interop/cavage.js", NODE)


MADE = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "ecdsa": ec.generate_private_key(ec.SECP256R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}


def pair(kind: str) -> tuple[Any, Any, str, str]:
    """Return authkit's private and public key of a kind, and both as the peers take them."""
    if kind == "hmac":
        key = jobs.access_key("k-1", SECRET.encode())
        return key, key, SECRET, SECRET
    format = PrivateFormat.TraditionalOpenSSL if kind != "ed25519" else PrivateFormat.PKCS8
    private = MADE[kind].private_bytes(Encoding.PEM, format, NoEncryption())
    public = MADE[kind].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return load_private(private, "key", "k-1"), load_public(public, "key", "k-1"), private.decode(), public.decode()


def drawn(draw: "random.Random") -> Request:
    method = draw.choice(("GET", "POST", "PUT"))
    body = bytes(draw.choices(range(256), k=draw.randint(1, 60))) if method != "GET" else b""
    target = "/" + "".join(draw.choices("aZ09-._~!$&'()*+,;=:@/%", k=draw.randint(0, 12))).replace("%", "%2F")
    query = draw.choice(("", "?", "?a=b&a=%20c", "?x=1+2"))
    headers = (("X-Twice", "1"), ("X-Twice", " 2  3 "), ("Content-Type", "text/plain"))
    return jobs.request(method, target + query, headers[: draw.choice((0, 2, 3))], body, host="h.example:8443")


def plain(message: Request) -> dict[str, str]:
    """Return the headers as the peers take them: one value a name."""
    return {name: ", ".join([one.strip(" \t") for one in values]) for name, values in message.grouped.items()}


def names_of(message: Request) -> list[str]:
    return [name for name in (*NAMES, "x-twice") if name.startswith("(") or name in message.grouped]


@pytest.mark.parametrize("carrier", ["authorization", "signature"])
@pytest.mark.parametrize("algorithm", ["hmac-sha256", "hmac-sha512", "rsa-sha256", "rsa-sha512"])
def test_httpsig(python: Filter, algorithm: str, carrier: str) -> None:
    private, public, secret, open_ = pair(algorithm.partition("-")[0])
    draw, asked, sent = random.Random(algorithm + carrier), [], []
    for _ in range(COUNT):
        message = drawn(draw)
        signed = jobs.sign(
            cavage.SCHEME, message, private, AT, algorithm=algorithm, authorization=carrier == "authorization"
        )
        ready = jobs.without(signed.request, carrier)
        names = names_of(ready)
        job = {"id": "k-1", "secret": secret, "public": open_, "names": names, "algorithm": algorithm}
        signed = jobs.sign(
            cavage.SCHEME,
            message,
            private,
            AT,
            algorithm=algorithm,
            authorization=carrier == "authorization",
            cover=tuple(names),
        )
        job |= {"method": message.method, "target": message.target, "host": "h.example:8443"}
        asked.append(
            {"peer": "httpsig", **job, "carrier": carrier, "headers": plain(ready), "signed": plain(signed.request)}
        )
        sent.append(ready)
    verifier = jobs.verifier(cavage.SCHEME, public, algorithm=algorithm)
    for ready, answer in zip(sent, python(asked), strict=True):
        assert answer["good"] is True
        theirs = jobs.added(ready, (carrier, answer["authorization"]))
        assert verifier.judge(theirs, AT).access_key_id == "k-1"
        with pytest.raises(Rejected) as caught:
            verifier.judge(theirs.with_target(theirs.target + "x"), AT)
        assert caught.value.reason == "signature-mismatch"


@pytest.mark.parametrize("kind, algorithm, theirs", [
    ("hmac", "hmac-sha256", "hmac-sha256"),
    ("hmac", "hmac-sha512", "hmac-sha512"),
    ("rsa", "rsa-sha256", "rsa-sha256"),
    ("rsa", "rsa-sha512", "rsa-sha512"),
    ("ecdsa", "ecdsa-sha256", "ecdsa-sha256"),
    ("ecdsa", "ecdsa-sha512", "ecdsa-sha512"),
    ("ed25519", "ed25519", "ed25519-sha512"),
])  # fmt: skip
def test_http_signature(node: Filter, kind: str, algorithm: str, theirs: str) -> None:
    private, public, secret, open_ = pair(kind)
    draw, asked, sent = random.Random(algorithm), [], []
    for carrier in ("Authorization", "Signature") * (COUNT // 2):
        message = drawn(draw)
        first = jobs.sign(cavage.SCHEME, message, private, AT, algorithm=algorithm)
        ready = jobs.without(first.request, "signature")
        names = names_of(ready)
        inside = carrier == "Authorization"
        signed = jobs.sign(
            cavage.SCHEME, message, private, AT, algorithm=algorithm, authorization=inside, cover=tuple(names)
        )
        job = {"method": message.method, "target": message.target, "id": "k-1", "names": names, "carrier": carrier}
        # npm's wants a hash behind every name
        headers = {
            name: value.replace('="ed25519"', '="ed25519-sha512"') for name, value in plain(signed.request).items()
        }
        asked.append({**job, "what": "verify", "headers": headers, "public": open_, "algorithm": algorithm})
        asked.append({**job, "what": "sign", "headers": plain(ready), "secret": secret, "algorithm": theirs})
        sent.append((signed, ready, carrier))
    verifier = jobs.verifier(cavage.SCHEME, public, algorithm=algorithm)
    answers = iter(node(asked))
    for signed, ready, carrier in sent:
        assert next(answers) == {"good": True, "string": signed.stages["signing-string"]}
        sealed = jobs.added(ready, (carrier, next(answers)["value"]))
        assert verifier.judge(sealed, AT).warnings[0] == "authority-not-compared"
        with pytest.raises(Rejected) as caught:
            verifier.judge(jobs.changed(sealed, "host", "other.example"), AT)
        assert caught.value.reason == "signature-mismatch"


def test_created_and_expires(node: Filter) -> None:
    private, public, secret, open_ = pair("hmac")
    message = jobs.request("GET", "/a?b")
    names = ["(request-target)", "(created)", "(expires)", "host"]
    job = {"method": "GET", "target": "/a?b", "id": "k-1", "names": names, "headers": plain(message)}
    job |= {"what": "sign", "carrier": "Signature", "secret": secret, "expires": 60}
    (answer,) = node([{**job, "algorithm": "hmac-sha256"}])
    sealed = jobs.added(message, ("Signature", answer["value"]))
    created = int(answer["value"].partition("created=")[2].partition(",")[0])
    at = datetime.fromtimestamp(created, UTC)
    assert "expires=" in answer["value"]
    with pytest.raises(Rejected) as caught:  # the draft forbids it under this name
        jobs.verifier(cavage.SCHEME, public).judge(sealed, at)
    assert caught.value.reason == "algorithm"

    renamed = jobs.changed(sealed, "signature", answer["value"].replace("hmac-sha256", "hs2019"))
    found = jobs.verifier(cavage.SCHEME, public).judge(renamed, at)
    assert found.replayable_until == at + timedelta(seconds=60)

    signed = jobs.sign(cavage.SCHEME, message, private, AT, hs2019=True, expires=60)
    headers = {name: value.replace('"hs2019"', '"hmac-sha256"') for name, value in plain(signed.request).items()}
    (answer,) = node([{**job, "what": "verify", "headers": headers, "public": open_, "algorithm": "hmac-sha256"}])
    assert answer["good"] is True, base64.b64encode(answer["string"].encode())
