"""Do joserfc and jwcrypto read authkit's DPoP proofs, and does authkit read theirs?"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from authkit.clock import UTC
from authkit.errors import Rejected
from authkit.keys.prove import load_private
from authkit.messages.request import Request
from authkit.schemes import dpop
from authkit.schemes.base import SignJob

AT = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
Require = Callable[[str], ModuleType]
KEYS: dict[str, Any] = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),  # the same by the name of RFC 9864
    "PS256": rsa.generate_private_key(65537, 2048),
    "RS256": rsa.generate_private_key(65537, 2048),
}
PEMS = {
    name: key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for name, key in KEYS.items()
}
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "QUERY"])
HOSTS = st.sampled_from(["api.example.com", "api.example.com:8443", "xn--bcher-kva.example", "[::1]:8080"])
PATHS = st.text("abz09-._~!$&'()*+,;=:@/", max_size=30).map(lambda text: f"/{text}")
TOKENS = st.none() | st.text("abzAZ09-._~+/", min_size=1, max_size=60)


def sign(alg: str, wire: Request, token: "str | None") -> Any:
    asked = SimpleNamespace(access_token_file=token and token.encode(), nonce="n", alg=alg)
    return dpop.sign(SignJob(wire, [load_private(PEMS[alg], alg)], asked, AT, lambda count: bytes(count)))


def judge(wire: Request, jkt: str, alg: str) -> Any:
    rows = {"jkt": (jkt,), "access_token_file": None, "nonce": "n", "alg": (alg,), "authority": ()}
    return dpop.verifier([], SimpleNamespace(**rows, max_age=0, max_skew=0)).judge(wire, AT)


def proof_of(signed: Any) -> str:
    return dict(signed.request.headers)["DPoP"]


def claims_for(wire: Request, token: "str | None") -> dict[str, Any]:
    found: dict[str, Any] = {
        "jti": "theirs",
        "htm": wire.method,
        "htu": f"https://{wire.headers[0][1]}{wire.target.partition('?')[0]}",
        "iat": int(AT.timestamp()),
        "nonce": "n",
    }
    if token is not None:
        found["ath"] = urlsafe_b64encode(sha256(token.encode()).digest()).decode().rstrip("=")
    return found


def check_ours(signed: Any, header: dict[str, Any], payload: dict[str, Any], wire: Request, alg: str, jkt: str) -> None:
    assert (header["typ"], header["alg"], signed.access_key_id) == ("dpop+jwt", alg, jkt)
    assert (payload["htm"], payload["iat"], payload["nonce"]) == (wire.method, int(AT.timestamp()), "n")


def carry(wire: Request, proof: str, token: "str | None") -> Request:
    more = (("DPoP", proof),) if token is None else (("DPoP", proof), ("Authorization", f"DPoP {token}"))
    return wire.with_headers((*wire.headers, *more))


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated via RFC 9864")
@pytest.mark.parametrize("alg", KEYS)
@settings(max_examples=15)
@given(method=METHODS, host=HOSTS, path=PATHS, token=TOKENS)
def test_joserfc(alg: str, method: str, host: str, path: str, token: "str | None", require_module: Require) -> None:
    require_module("joserfc")
    from joserfc import jwt
    from joserfc.jwk import ECKey, OKPKey, RSAKey
    from joserfc.jws import JWSRegistry

    kind = {"E": OKPKey if alg.startswith("Ed") else ECKey, "P": RSAKey, "R": RSAKey}[alg[0]]
    key = kind.import_key(PEMS[alg])
    wire = Request(method, path, (("Host", host),))
    signed = sign(alg, wire, token)
    public = kind.import_key(json.loads(signed.stages["jose-header"])["jwk"])
    registry = JWSRegistry(algorithms=[alg])
    registry.max_header_length = 1024  # an RSA key in the header is longer than its 512
    read = jwt.decode(proof_of(signed), public, registry=registry)
    check_ours(signed, read.header, read.claims, wire, alg, key.thumbprint())
    header = {"typ": "dpop+jwt", "alg": alg, "jwk": key.as_dict(private=False)}
    theirs = jwt.encode(header, claims_for(wire, token), key, registry=registry)
    assert judge(carry(wire, theirs, token), key.thumbprint(), alg).access_key_id == key.thumbprint()
    with pytest.raises(Rejected) as caught:
        judge(carry(wire.with_target(f"{path}x"), theirs, token), key.thumbprint(), alg)
    assert caught.value.reason == "target-mismatch"


@pytest.mark.parametrize("alg", [alg for alg in KEYS if alg != "Ed25519"])
@settings(max_examples=15)
@given(method=METHODS, host=HOSTS, path=PATHS, token=TOKENS)
def test_jwcrypto(alg: str, method: str, host: str, path: str, token: "str | None", require_module: Require) -> None:
    require_module("jwcrypto")
    from jwcrypto import jwk, jws

    key = jwk.JWK.from_pem(PEMS[alg])
    wire = Request(method, path, (("Host", host),))
    signed = sign(alg, wire, token)
    reader = jws.JWS()
    reader.allowed_algs = [alg]
    reader.deserialize(proof_of(signed), key=jwk.JWK(**json.loads(signed.stages["jose-header"])["jwk"]))
    check_ours(signed, reader.jose_header, json.loads(reader.payload), wire, alg, key.thumbprint())
    writer = jws.JWS(json.dumps(claims_for(wire, token)))
    writer.allowed_algs = [alg]
    header = {"typ": "dpop+jwt", "alg": alg, "jwk": key.export_public(as_dict=True)}
    writer.add_signature(key, protected=json.dumps(header))
    theirs = writer.serialize(compact=True)
    assert judge(carry(wire, theirs, token), key.thumbprint(), alg).access_key_id == key.thumbprint()
    altered = theirs[:-8] + ("A" if theirs[-8] != "A" else "B") + theirs[-7:]
    with pytest.raises(Rejected) as caught:
        judge(carry(wire, altered, token), key.thumbprint(), alg)
    assert caught.value.reason == "signature-mismatch"
