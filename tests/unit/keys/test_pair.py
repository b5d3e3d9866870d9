"""Is a key pair told apart by its content, and every other PEM refused?"""

import pickle
import subprocess
from collections.abc import Callable
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from authkit.errors import InputError
from authkit.keys.pair import TYPES, KeyPair, generate_pair, load_pair


@pytest.mark.parametrize("kind", ["ed25519", "p256", "p384", "rsa3072"])
def test_generate(kind: str) -> None:
    pair = generate_pair(kind)
    assert pair.type == kind
    public = load_pem_private_key(pair.private_pem, None).public_key()
    assert public == load_pem_public_key(pair.public_pem.encode())
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert pair.fingerprint == sha256(der).hexdigest()
    assert pair.private_pem.startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert pair.public_pem.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert repr(pair) == f"<KeyPair {kind} {pair.fingerprint[:16]}>"


def test_parameters_of_the_generated(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of the library for the two sizes of RSA, without waiting for the larger one."""
    asked: list[tuple[int, int]] = []
    small = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def generate(*, public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
        asked.append((public_exponent, key_size))
        return small

    monkeypatch.setattr(rsa, "generate_private_key", generate)
    assert (generate_pair("rsa3072").type, generate_pair("rsa4096").type) == ("rsa2048", "rsa2048")
    assert asked == [(65537, 3072), (65537, 4096)]
    assert TYPES == ("ed25519", "p256", "p384", "rsa3072", "rsa4096")


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    return generate_pair("ed25519")


def same(one: KeyPair, other: KeyPair) -> bool:
    return (one.type, one.private_pem, one.public_pem, one.fingerprint) == (
        other.type,
        other.private_pem,
        other.public_pem,
        other.fingerprint,
    )


def test_what_was_written_is_read(pair: KeyPair) -> None:
    assert same(load_pair(pair.private_pem, "FILE"), pair)


def test_other_forms_of_the_same_key() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    plain = load_pair(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), "FILE")
    old = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert old.startswith(b"-----BEGIN EC PRIVATE KEY-----")
    assert same(load_pair(old, "FILE"), plain)
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open"))
    assert same(load_pair(sealed, "FILE", b"open"), plain)


def test_imported_rsa_says_its_size() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert load_pair(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), "FILE").type == "rsa2048"


def refusal(data: bytes, passphrase: "bytes | None" = None) -> tuple[str, "str | None"]:
    with pytest.raises(InputError) as caught:
        load_pair(data, "FILE", passphrase)
    return caught.value.message, caught.value.hint


UNKNOWN = ("FILE: not a private key in PEM that authkit knows", None)


def test_an_encrypted_key_needs_its_passphrase(pair: KeyPair) -> None:
    key = load_pem_private_key(pair.private_pem, None)
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open"))
    expected = ("FILE: the private key is encrypted", "decrypt it first, e.g. with openssl pkey")
    assert refusal(sealed) == expected
    assert refusal(sealed, b"wrong") == UNKNOWN


OTHERS: dict[str, Callable[[], object]] = {
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
    "x25519": x25519.X25519PrivateKey.generate,
    "ed448": ed448.Ed448PrivateKey.generate,
    "dsa2048": lambda: dsa.generate_private_key(2048),
}


@pytest.mark.parametrize("name", ["p521", "secp256k1", "x25519", "ed448"])
def test_other_kinds_are_refused(name: str) -> None:
    key = OTHERS[name]()
    assert hasattr(key, "private_bytes")
    assert refusal(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())) == UNKNOWN


def test_a_short_rsa_key_is_refused(require_tool: Callable[[str], str]) -> None:
    made = subprocess.run([require_tool("openssl"), "genrsa", "2047"], capture_output=True, timeout=60, check=True)
    assert refusal(made.stdout) == UNKNOWN


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"\xff" * 100],
)
def test_what_is_no_private_key(data: bytes, pair: KeyPair) -> None:
    assert refusal(data) == UNKNOWN
    assert refusal(pair.public_pem.encode()) == UNKNOWN
    assert serialization is not None


def test_a_key_pair_cannot_be_pickled() -> None:
    pair = generate_pair("ed25519")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="^a key pair cannot be pickled$"):
            pickle.dumps(pair, protocol)
