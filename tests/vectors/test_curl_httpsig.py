"""Does authkit verify what curl --httpsig signs, and sign the same request with the same signature?

`curl_httpsig.json` holds what curl sent.  Where curl departs from RFC 9421, DEPARTURES holds the sentence that decides.
tests/interop/test_curl_httpsig.py asks a curl at hand the same.
"""

import json
from datetime import datetime, timezone
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from authkit.errors import Rejected
from authkit.keys.access import AccessKey
from authkit.keys.prove import load_private
from authkit.messages.request import Request, parse_request
from authkit.schemes import rfc9421
from authkit.schemes.base import SignJob
from authkit.schemes.httpsig.params import read_signatures
from authkit.secret import Secret
from httpsigs import random, to_sign, to_verify

RECORDED = json.loads((Path(__file__).parent / "curl_httpsig.json").read_text())
CASES: dict[str, dict[str, Any]] = {one["name"]: one for one in RECORDED["cases"]}
DEPARTURES = {
    "a Host with capitals": "RFC 9421 §2.2.3: the host is in lower case",
    "a Host with the usual port": "RFC 9421 §2.2.3: the scheme's own port is left out",
}
OPEN = ("@method", "@authority", "@path", "@query")


def key_for(algorithm: str, keyid: str) -> Any:
    raw = bytes.fromhex(RECORDED["keys"][algorithm])
    if algorithm == "hmac-sha256":
        return AccessKey(keyid, Secret(raw), raw=True)
    private = Ed25519PrivateKey.from_private_bytes(raw)
    return load_private(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), "seed", keyid)


def read(sent: bytes) -> tuple[Request, dict[str, Any]]:
    """Return what curl sent, read strictly, and the parameters of its signature."""
    request = parse_request(sent, "http", watch=lambda head, at: {"sha-512": sha512()})
    inputs, _ = read_signatures(request)
    assert list(inputs) == ["sig1"]
    return request, inputs["sig1"].params


def judge(request: Request, params: dict[str, Any]) -> Any:
    key = key_for(params["alg"], params["keyid"])
    options = to_verify(allow_unsigned=OPEN, allow_unsigned_payload=True, max_age=0, max_skew=0)
    checking = key.public() if params["alg"] == "ed25519" else key
    at = datetime.fromtimestamp(params["created"], timezone.utc)
    return rfc9421.verifier([checking], options).judge(request, at)


def sign_again(request: Request, params: dict[str, Any]) -> Request:
    """Sign the same request with authkit, as curl did."""
    inputs, _ = read_signatures(request)
    cover = tuple(one.typed for one in inputs["sig1"].components())
    bare = request.with_headers(tuple(one for one in request.headers if not one[0].startswith("Signature")))
    key = key_for(params["alg"], params["keyid"])
    asked = to_sign(cover=cover, alg=params["alg"], no_nonce=True)
    at = datetime.fromtimestamp(params["created"], timezone.utc)
    return rfc9421.sign(SignJob(bare, [key], asked, at, random)).request


def check(sent: bytes, name: str) -> None:
    """Check one message of curl's, both ways."""
    request, params = read(sent)
    if name in DEPARTURES:
        with pytest.raises(Rejected) as caught:
            judge(request, params)
        assert caught.value.reason == "signature-mismatch"
        return
    found = judge(request, params)
    assert found.access_key_id == params["keyid"]
    # the two write alg and keyid in another order, and what is signed says which
    ours = sign_again(request, params)
    written = ours.values("signature-input")[0]
    theirs = request.values("signature-input")[0]
    assert sorted(written.split(";")) == sorted(theirs.split(";"))
    assert judge(ours, params).covered == found.covered
    forged = request.with_headers(
        tuple((name, value.replace("created=1", "created=2", 1)) for name, value in request.headers)
    )
    with pytest.raises(Rejected) as caught:
        judge(forged, {**params, "created": int("2" + str(params["created"])[1:])})
    assert caught.value.reason == "signature-mismatch"


def test_there_are_as_many_cases_as_were_recorded() -> None:
    assert len(CASES) == 16
    assert len(RECORDED["cases"]) == 16


@pytest.mark.parametrize("name", CASES)
def test_what_curl_sent(name: str) -> None:
    check(CASES[name]["sent"].encode("latin-1"), name)


def test_the_departures_are_of_the_host_alone() -> None:
    """The same signature is right for the Host as curl put it into the base."""
    for name in DEPARTURES:
        request, params = read(CASES[name]["sent"].encode("latin-1"))
        inputs, signatures = read_signatures(request)
        lines = [f'"@authority": {request.values("host")[0]}', f'"@method": {request.method}']
        base = "\n".join([*lines, f'"@signature-params": {inputs["sig1"].text}'])
        key = key_for(params["alg"], params["keyid"])
        assert key.public().verify("ed25519", base.encode(), signatures["sig1"])


def test_the_body_is_not_covered() -> None:
    request, params = read(CASES["a body and its type"]["sent"].encode("latin-1"))
    assert (request.payload_hash, request.content_length) == (sha256(b'{"a": 1}').hexdigest(), 8)
    assert judge(request, params).uncovered[-1] == "body"
    key = key_for(params["alg"], params["keyid"]).public()
    with pytest.raises(Rejected) as caught:
        at = datetime.fromtimestamp(params["created"], timezone.utc)
        rfc9421.verifier([key], to_verify()).judge(request, at)
    assert (caught.value.reason, caught.value.detail) == ("required-component", "content-digest")
