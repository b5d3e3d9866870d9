"""Are keys made, read and told apart as certificates need them?"""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from authkit.certs import subject_key
from authkit.certs.profile import KEY_TYPES
from authkit.certs.subject_key import type_of_key
from authkit.commands import _issued
from authkit.errors import InputError
from authkit.words import EVEN, ODD


@pytest.mark.parametrize("type", KEY_TYPES)
def test_a_key_is_of_the_type_asked_for_and_survives_its_text(type: str) -> None:
    key = subject_key.generate_key(type)
    assert type_of_key(key.public_key()) == type
    text = subject_key.encode_key(key)
    assert text.startswith(b"-----BEGIN PRIVATE KEY-----\n")
    again = subject_key.load_key(text, "a.key")
    assert subject_key.encode_key(again) == text
    public = subject_key.encode_public_key(key.public_key())
    assert load_pem_public_key(public.encode()) == key.public_key()


def test_types_of_others() -> None:
    assert type_of_key(ec.generate_private_key(ec.SECP521R1()).public_key()) == "p521"
    assert type_of_key(ec.generate_private_key(ec.SECP256K1()).public_key()) == "secp256k1"
    assert type_of_key(ed448.Ed448PrivateKey.generate().public_key()) == "Ed448PublicKey"
    assert type_of_key(None) == "NoneType"
    modulus = rsa.generate_private_key(65537, 2048).public_key().public_numbers().n
    assert type_of_key(rsa.RSAPublicNumbers(65537, modulus).public_key()) == "rsa2048"
    assert type_of_key(rsa.RSAPublicNumbers(65539, modulus).public_key()) == "rsa2048"
    assert type_of_key(rsa.RSAPublicNumbers(65535, modulus).public_key()) == "rsa2048 with exponent 65535"


def encrypted() -> bytes:
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))


def of_another_kind() -> bytes:
    return dsa.generate_private_key(1024).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def in_pem(key: "ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey") -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_a_key_of_p521_can_be_read() -> None:
    text = in_pem(ec.generate_private_key(ec.SECP521R1()))
    assert subject_key.encode_key(subject_key.load_key(text, "a.key")) == text


NO_CERTIFICATES = "a.key: a private key of a kind that authkit makes no certificates for"


def test_what_cannot_be_read_as_a_key() -> None:
    for data, message, hint in (
        (b"", "a.key: not a private key in PEM", None),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "a.key: not a private key in PEM", None),
        (encrypted(), "a.key: the private key is encrypted", "decrypt it first, e.g. with openssl pkey"),
        (of_another_kind(), f"{NO_CERTIFICATES}: DSAPublicKey", None),
        (in_pem(ec.generate_private_key(ec.SECP256K1())), f"{NO_CERTIFICATES}: secp256k1", None),
        (in_pem(rsa.generate_private_key(3, 2048)), f"{NO_CERTIFICATES}: rsa2048 with exponent 3", None),
    ):
        with pytest.raises(InputError) as caught:
            subject_key.load_key(data, "a.key")
        assert (caught.value.message, caught.value.hint) == (message, hint)


def test_fingerprint_and_words() -> None:
    key = ec.derive_private_key(7, ec.SECP256R1()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fingerprint = hashlib.sha256(spki).hexdigest()
    assert subject_key.fingerprint_of_key(key) == fingerprint
    expected = hashlib.sha256(b"authkit-words-v1\nkey\n" + fingerprint.encode()).digest()[:8]
    assert subject_key.words_of_key(key) == expected
    words = _issued.words_of(key).split(" ")
    assert [EVEN.index(word) for word in words[::2]] == list(expected[::2])
    assert [ODD.index(word) for word in words[1::2]] == list(expected[1::2])
