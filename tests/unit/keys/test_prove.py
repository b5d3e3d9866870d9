"""Does a key pair sign what its public half accepts, and nothing else?"""

import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, mldsa, padding, rsa, utils

from authkit import base64
from authkit.errors import InputError, Refused
from authkit.keys import prove
from authkit.keys.pair import generate_pair
from authkit.keys.prove import ALGORITHMS, USUAL, PublicKey, load_private, load_public

TYPES = ("ed25519", "p256", "p384", "rsa3072")
MADE = {type: generate_pair(type) for type in TYPES}
KEYS = {type: load_private(pair.private_pem, type, "ID") for type, pair in MADE.items()}
OF_TYPE = {"ed25519": "ed25519", "p256": "p256", "p384": "p384", "rsa": "rsa3072"}
FITTING = [(name, OF_TYPE[kind]) for name, kinds in ALGORITHMS.items() for kind in kinds.split(" ") if kind in OF_TYPE]


def pem_of(type: str) -> bytes:
    return MADE[type].public_pem.encode("ascii")


def raw_key(type: str) -> Any:
    return serialization.load_pem_private_key(MADE[type].private_pem, None)


@pytest.mark.parametrize(("algorithm", "type"), FITTING)
def test_what_is_signed_is_accepted_and_nothing_near_it(algorithm: str, type: str) -> None:
    key, public = KEYS[type], load_public(pem_of(type), "FILE")
    made = key.sign(algorithm, b"message")
    assert public.verify(algorithm, b"message", made)
    assert key.public().verify(algorithm, b"message", made)
    assert not public.verify(algorithm, b"messagf", made)
    for place in (0, len(made) // 2, len(made) - 1):
        altered = made[:place] + bytes([made[place] ^ 1]) + made[place + 1 :]
        assert not public.verify(algorithm, b"message", altered), place
    assert not public.verify(algorithm, b"message", made[:-1])
    assert not public.verify(algorithm, b"message", made + b"\0")
    assert not public.verify(algorithm, b"message", b"")
    other = load_public(generate_pair(type).public_pem.encode("ascii"), "FILE")
    assert not other.verify(algorithm, b"message", made)


def test_the_table_has_what_fits_each_type() -> None:
    assert {kind for kinds in ALGORITHMS.values() for kind in kinds.split(" ")} == set(USUAL)
    for kind, algorithm in USUAL.items():
        assert kind in ALGORITHMS[algorithm].split(" ")
    assert {"ed25519": "ed25519", "p256": "ecdsa-p256-sha256", "rsa": "rsa-pss-sha512"}.items() <= USUAL.items()


@pytest.mark.parametrize(
    ("algorithm", "type", "size"),
    [
        ("ed25519", "ed25519", 64),
        ("ecdsa-p256-sha256", "p256", 64),
        ("ecdsa-p384-sha384", "p384", 96),
        ("rsa-pss-sha512", "rsa3072", 384),
        ("rsa-v1_5-sha256", "rsa3072", 384),
    ],
)
def test_the_size_of_a_signature(algorithm: str, type: str, size: int) -> None:
    assert len(KEYS[type].sign(algorithm, b"")) == size


def test_cryptography_accepts_what_is_signed() -> None:
    made = KEYS["p256"].sign("ecdsa-p256-sha256", b"m")
    r, s = int.from_bytes(made[:32], "big"), int.from_bytes(made[32:], "big")
    raw_key("p256").public_key().verify(utils.encode_dss_signature(r, s), b"m", ec.ECDSA(hashes.SHA256()))
    made = KEYS["p384"].sign("ecdsa-der-sha512", b"m")
    raw_key("p384").public_key().verify(made, b"m", ec.ECDSA(hashes.SHA512()))
    public = raw_key("rsa3072").public_key()
    for name, digest, pad in (
        ("rsa-pss-sha512", hashes.SHA512(), padding.PSS(padding.MGF1(hashes.SHA512()), 64)),
        ("rsa-pss-sha256", hashes.SHA256(), padding.PSS(padding.MGF1(hashes.SHA256()), 32)),
        ("rsa-v1_5-sha256", hashes.SHA256(), padding.PKCS1v15()),
        ("rsa-v1_5-sha512", hashes.SHA512(), padding.PKCS1v15()),
        ("rsa-v1_5-sha1", hashes.SHA1(), padding.PKCS1v15()),
    ):
        public.verify(KEYS["rsa3072"].sign(name, b"m"), b"m", pad, digest)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("type", TYPES)
def test_an_algorithm_of_another_type(algorithm: str, type: str) -> None:
    key = KEYS[type]
    if key.type in ALGORITHMS[algorithm].split(" "):
        return
    with pytest.raises(Refused) as caught:
        key.sign(algorithm, b"")
    assert caught.value.message == f"{algorithm} does not sign with a key of type {key.type}"
    assert not key.public().verify(algorithm, b"", bytes(64))


def test_a_der_signature_is_none_of_raw_numbers() -> None:
    made = KEYS["p256"].sign("ecdsa-der-sha256", b"m")
    assert made[0] == 0x30
    assert not KEYS["p256"].public().verify("ecdsa-p256-sha256", b"m", made)
    raw = KEYS["p256"].sign("ecdsa-p256-sha256", b"m")
    assert not KEYS["p256"].public().verify("ecdsa-der-sha256", b"m", raw)
    assert not KEYS["p256"].public().verify("ecdsa-p256-sha256", b"m", bytes(64))


def test_reading_the_halves() -> None:
    for type in TYPES:
        private, public = KEYS[type], load_public(pem_of(type), "FILE", "WHO")
        assert (private.type, private.id, private.access_key_id, private.chain) == (OF(type), "ID", "ID", ())
        assert (public.type, public.id, public.access_key_id, public.certificate) == (OF(type), "WHO", "WHO", None)
        assert private.public().spki == public.spki
        assert private.public() is private.public()
        assert private.public().id == "ID"
        der = load_public(public.spki, "FILE")
        assert (der.spki, der.id, der.access_key_id) == (public.spki, None, "")
        assert (private.expires_at, public.expires_at) == (None, None)


def OF(type: str) -> str:
    return "rsa" if type.startswith("rsa") else type


def test_a_private_key_in_der() -> None:
    der = raw_key("p256").private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert load_private(der, "FILE").public().spki == KEYS["p256"].public().spki
    assert load_private(der, "FILE").access_key_id == ""


def test_nothing_secret_is_shown_or_pickled() -> None:
    import pickle

    assert repr(KEYS["p256"]) == "<PrivateKey p256>"
    assert repr(KEYS["p256"].public()).startswith("<PublicKey p256 ")
    with pytest.raises(TypeError, match="a private key cannot be pickled"):
        pickle.dumps(KEYS["p256"])


# the thumbprints of RFC 7638 §3.1 and RFC 8037 Appendix A.3
RFC7638 = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
    "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6"
    "qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJ"
    "zKnqDKgw",
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}
RFC8037 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


@pytest.mark.parametrize(
    ("jwk", "thumbprint", "id"),
    [
        (RFC7638, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "2011-04-29"),
        (RFC8037, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", None),
    ],
)
def test_thumbprints_that_are_published(jwk: dict[str, str], thumbprint: str, id: "str | None") -> None:
    key = load_public(json.dumps(jwk).encode(), "FILE")
    assert (prove.thumbprint(key), key.id) == (thumbprint, id)
    assert key.names == {thumbprint}
    assert load_public(json.dumps(jwk).encode(), "FILE", "X").id == "X"


@pytest.mark.parametrize("type", TYPES)
def test_a_jwk_reads_back(type: str) -> None:
    public = KEYS[type].public()
    again = load_public(json.dumps(public.numbers).encode(), "FILE")
    assert (again.spki, again.type) == (public.spki, public.type)
    assert list(public.numbers) == sorted(public.numbers)


@pytest.mark.parametrize("type", ["p256", "p384"])
def test_numbers_with_leading_zeros_keep_their_size(type: str) -> None:
    size = {"p256": 32, "p384": 48}[type]
    curve = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}[type]
    for scalar in range(1, 400):
        key = ec.derive_private_key(scalar, curve).public_key()
        if key.public_numbers().x >> (8 * size - 8) == 0:
            break
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    x = base64.decode_url(load_public(spki, "FILE").numbers["x"])
    assert x is not None
    assert (len(x), x[0]) == (size, 0)


JWK_REFUSED = [
    ({"kty": "OKP", "crv": "X25519", "x": "AA"}, "a JWK of a kind that authkit does not know"),
    ({"kty": "OKP"}, "a JWK of a kind that authkit does not know"),
    ({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}, "a JWK of a kind that authkit does not know"),
    ({"kty": "EC", "crv": 5, "x": "AA", "y": "AA"}, "a JWK of a kind that authkit does not know"),
    ({"kty": "oct"}, "a JWK of a kind that authkit does not know"),
    ({"kty": "EC", "crv": "P-256", "x": "AA"}, "member 'y' of the JWK is not base64url"),
    ({"kty": "EC", "crv": "P-256", "x": "AA==", "y": "AA"}, "member 'x' of the JWK is not base64url"),
    ({"kty": "EC", "crv": "P-256", "x": 1, "y": "AA"}, "member 'x' of the JWK is not base64url"),
    ({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, "neither a public key, nor a certificate, nor a JWK that "),
    ({"kty": "OKP", "crv": "Ed25519", "x": "AA"}, "neither a public key, nor a certificate, nor a JWK that authkit"),
    ({"kty": "RSA", "e": "AQAB", "n": base64.encode_url(bytes([128]) + bytes(126) + b"\1")}, "an RSA key of 1024 bits"),
]


@pytest.mark.parametrize(("jwk", "message"), JWK_REFUSED)
def test_a_jwk_that_is_none(jwk: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_public(json.dumps(jwk).encode(), "FILE")
    assert caught.value.message.startswith(f"FILE: {message}")


@pytest.mark.parametrize("member", ["d", "k"])
def test_a_jwk_that_holds_a_secret(member: str) -> None:
    with pytest.raises(Refused) as caught:
        load_public(json.dumps({**RFC8037, member: "AA"}).encode(), "FILE")
    assert caught.value.message == "FILE: a JWK that holds a secret, where a public key is wanted"


def other_key() -> bytes:
    key = dsa.generate_private_key(1024).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def small_rsa() -> bytes:
    key = rsa.generate_private_key(65537, 1024).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "neither a public key, nor a certificate, nor a JWK that authkit knows"),
        (b"\x30\x03\x02\x01\x01", "neither a public key, nor a certificate, nor a JWK that authkit knows"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "neither a public key, nor a certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "neither a public key, nor a certificate"),
        (b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "certificate 1 of the PEM is not base64"),
        (other_key(), "a kind of key that authkit does not sign with"),
        (small_rsa(), "an RSA key of 1024 bits, and 2048 is the least"),
    ],
)
def test_a_public_key_that_is_none(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_public(data, "FILE")
    assert message in caught.value.message


def test_a_private_key_that_is_none() -> None:
    sealed = raw_key("p256").private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"pass")
    )
    with pytest.raises(InputError) as caught:
        load_private(sealed, "FILE")
    assert caught.value.message == "FILE: the private key is encrypted"
    assert load_private(sealed, "FILE", None, b"pass").type == "p256"
    for data in (b"", pem_of("p256"), b"\x30\x00", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(InputError) as caught:
            load_private(data, "FILE")
        assert caught.value.message == "FILE: not a private key that authkit knows"


def test_ed25519_is_no_other_key_of_its_size() -> None:
    raw = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert isinstance(load_public(json.dumps({**RFC8037, "x": base64.encode_url(raw)}).encode(), "F"), PublicKey)


@pytest.mark.parametrize(
    ("kind", "name", "size"),
    [
        (mldsa.MLDSA44PrivateKey, "ML-DSA-44", 2420),
        (mldsa.MLDSA65PrivateKey, "ML-DSA-65", 3309),
        (mldsa.MLDSA87PrivateKey, "ML-DSA-87", 4627),
    ],
)
def test_ml_dsa(kind: Any, name: str, size: int) -> None:
    pem = kind.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key = load_private(pem, "FILE")
    made = key.sign(USUAL[key.type], b"message")
    assert (key.type, len(made)) == (f"mldsa{name[-2:]}", size)
    again = load_public(json.dumps(key.public().numbers).encode(), "FILE")
    assert (again.spki, again.numbers["alg"], again.numbers["kty"]) == (key.public().spki, name, "AKP")
    assert again.verify("mldsa", b"message", made)
    assert not again.verify("mldsa", b"messagf", made)
    assert not again.verify("mldsa", b"message", made[:-1])
    assert not again.verify("ed25519", b"message", made)


# certificates beside a key


def certificate_of(type: str) -> bytes:
    from datetime import UTC, datetime

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, type)])
    key = raw_key(type)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 5)
    builder = builder.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC)).not_valid_after(
        datetime(2027, 1, 1, tzinfo=UTC)
    )
    return builder.sign(key, None if type == "ed25519" else hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


LEAF, OTHER = certificate_of("p256"), certificate_of("ed25519")


def test_a_key_takes_the_certificates_beside_it() -> None:
    key = load_private(MADE["p256"].private_pem + LEAF + OTHER, "FILE")
    leaf, other = prove.read_certificates(LEAF + OTHER)
    assert key.chain == (leaf, other)
    assert load_private(LEAF + OTHER + MADE["p256"].private_pem, "FILE").chain == (leaf, other)
    assert load_private(MADE["p256"].private_pem, "FILE", certificates=LEAF).chain == (leaf,)
    assert load_private(MADE["p256"].private_pem, "FILE", certificates=leaf).chain == (leaf,)
    public = key.public()
    assert public.certificate == leaf
    assert public.names == {prove.thumbprint(public), prove.certificate_name(leaf)}


def test_certificates_of_another_key() -> None:
    with pytest.raises(Refused) as caught:
        load_private(MADE["p256"].private_pem + OTHER + LEAF, "FILE")
    assert caught.value.message == "FILE: the first certificate is not of this key"
    key = KEYS["p256"]
    with pytest.raises(Refused):
        key.with_chain(prove.read_certificates(OTHER), "--certificate")
    (leaf,) = prove.read_certificates(LEAF)
    assert key.with_chain((leaf,), "X").public().certificate == leaf
    assert key.with_chain((leaf,), "X").id == "ID"
    assert key.with_chain((), "X").chain == ()


def test_a_certificate_carries_a_public_key() -> None:
    (leaf,) = prove.read_certificates(LEAF)
    for data in (LEAF, leaf, LEAF + OTHER, b"\n" + LEAF):
        found = load_public(data, "FILE", "WHO")
        assert (found.type, found.certificate, found.id) == ("p256", leaf, "WHO")
    assert prove.read_certificates(b"") == ()
    assert prove.read_certificates(b"junk") == ()


def test_the_name_of_a_certificate_is_that_of_rfc_8705() -> None:
    """RFC 8705, Appendix A: x5t#S256 is the hash of the DER certificate, whatever stands in it."""
    assert prove.certificate_name(b"") == "x5t-S256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
