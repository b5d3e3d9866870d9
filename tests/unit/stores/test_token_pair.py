"""Does a private key in a token sign as one in memory, and do nothing else?"""

import copy
import pickle
from typing import Any

import PyKCS11 as p11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from authkit.errors import Refused, StoreError
from authkit.keys.prove import wrap_private
from authkit.stores.pkcs11 import CURVES, Found, Token
from authkit.stores.token_pair import TokenEc, TokenEd25519, TokenRsa, pair_of
from faketoken import FakeToken, public_half
from unit.stores.test_pkcs11 import failure, opened

ALGORITHMS = {
    "p256": ["ecdsa-p256-sha256", "ecdsa-der-sha256"],
    "p384": ["ecdsa-p384-sha384"],
    "ed25519": ["ed25519"],
    "rsa3072": ["rsa-pss-sha512", "rsa-pss-sha256", "rsa-v1_5-sha256", "rsa-v1_5-sha512"],
}


def made(type: str, fake: "FakeToken | None" = None) -> tuple[Token, Found, Any]:
    token = opened(fake or FakeToken())
    found = token.make_pair("n", b"id", type)
    return token, found, pair_of(token, found)


@pytest.mark.parametrize(("type", "algorithm"), [(type, one) for type, names in ALGORITHMS.items() for one in names])
def test_what_it_signs_its_public_half_accepts(type: str, algorithm: str) -> None:
    key = wrap_private(made(type)[2], "n")
    assert key.in_token
    signature = key.sign(algorithm, b"message")
    assert key.public().verify(algorithm, b"message", signature)
    assert not key.public().verify(algorithm, b"massage", signature)


@pytest.mark.parametrize("type", ["p256", "p384", "ed25519", "rsa3072"])
def test_cryptography_signs_with_it(type: str) -> None:
    key = made(type)[2]
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "n")])
    digest = {"p384": hashes.SHA384(), "ed25519": None}.get(type, hashes.SHA256())
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, digest)
    assert request.is_signature_valid
    assert request.public_key() == key.public_key()


def test_sizes() -> None:
    assert [made(type)[2].key_size for type in ("p256", "p384", "rsa3072")] == [256, 384, 3072]
    kinds = [type(made(name)[2]) for name in ("p256", "ed25519", "rsa3072")]
    assert kinds == [TokenEc, TokenEd25519, TokenRsa]


@pytest.mark.parametrize("type", ["p256", "ed25519", "rsa3072"])
def test_it_does_not_come_out(type: str) -> None:
    key = made(type)[2]
    inside = (Refused, "the key n is in a token and does not leave it", None)
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    assert failure(key.private_bytes, *pem) == inside
    assert failure(key.private_bytes_raw) == inside
    assert failure(key.private_numbers) == inside
    signs = (Refused, "the key n signs, and does nothing else", None)
    assert failure(key.exchange, None, None) == signs
    assert failure(key.decrypt, b"", None) == signs
    assert copy.copy(key) is key
    assert copy.deepcopy(key) is key
    with pytest.raises(TypeError, match="^a private key cannot be pickled$"):
        pickle.dumps(key)
    assert repr(key) == f"<{key.__class__.__name__} n>"


def test_what_names_it() -> None:
    fake = FakeToken()
    token = opened(fake, "pkcs11:?pin-source=/pin")
    key = pair_of(token, token.make_pair("n", b"id", "p256"))
    path = "pkcs11:token=vault;serial=8f2d;object=n;type=private"
    assert key.uri == f"{path}?module-path=/module.so&pin-source=/pin"
    key.destroy()
    assert fake.objects == {}


def test_a_signature_of_another_length_is_the_tokens_fault() -> None:
    fake = FakeToken()
    key = made("p256", fake)[2]
    fake.lies = True
    expected = (StoreError, "the token vault made a signature of 9 bytes", None)
    assert failure(key.sign, b"m", ec.ECDSA(hashes.SHA256())) == expected


def test_a_point_without_its_octet_string_is_read_too() -> None:
    for type in ("p256", "ed25519"):
        fake = FakeToken()
        token, found, key = made(type, fake)
        public, private = fake.objects.values()
        public.update(public_half(private["key"], wrapped=False))
        assert pair_of(token, found).public_key() == key.public_key()


def test_ed25519_by_its_oid() -> None:
    fake = FakeToken()
    token, found, key = made("ed25519", fake)
    fake.objects[1][p11.CKA_EC_PARAMS] = bytes.fromhex("06032b6570")
    assert pair_of(token, found).public_key() == key.public_key()


@pytest.mark.parametrize("point", [b"", b"\4", b"\4\1", b"\4\1x", b"x" * 65])
@pytest.mark.parametrize("type", ["p256", "ed25519"])
def test_a_damaged_public_half(type: str, point: bytes) -> None:
    fake = FakeToken()
    token, found, _ = made(type, fake)
    fake.objects[1][p11.CKA_EC_POINT] = point
    message = "the public half of the key n in the token vault is damaged"
    assert failure(pair_of, token, found) == (StoreError, message, None)


def test_a_curve_that_is_not_used_here() -> None:
    fake = FakeToken()
    token, found, _ = made("p256", fake)
    fake.objects[1][p11.CKA_EC_PARAMS] = bytes.fromhex("06052b8104000a")
    message = "the key n in the token vault is of a kind that authkit does not sign with"
    assert failure(pair_of, token, found) == (StoreError, message, None)


def test_the_curves_are_those_of_their_oids() -> None:
    for name, curve in (("p256", ec.SECP256R1()), ("p384", ec.SECP384R1())):
        key = ec.generate_private_key(curve).public_key()
        spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        assert CURVES[name] in spki
