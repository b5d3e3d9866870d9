"""How is a key pair made, read and described?"""

from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

TYPES = ("ed25519", "p256", "p384", "rsa3072", "rsa4096")


class KeyPair:
    """A key pair as text.

    Attributes:
        type: one of TYPES, or e.g. "rsa2048" for what was imported.
        private_pem: PKCS#8, unencrypted; secret; b"" of one in a token.
        public_pem: SubjectPublicKeyInfo.
        fingerprint: SHA-256 of the DER SubjectPublicKeyInfo, lower-case hex, 64.
    """

    __slots__ = ("type", "private_pem", "public_pem", "fingerprint")

    def __init__(self, type: str, private_pem: bytes, public_pem: str, fingerprint: str) -> None:
        self.type = type
        self.private_pem = private_pem
        self.public_pem = public_pem
        self.fingerprint = fingerprint

    def __repr__(self) -> str:
        return f"<KeyPair {self.type} {self.fingerprint[:16]}>"

    def __reduce__(self) -> "tuple[object, ...]":
        raise TypeError("a key pair cannot be pickled")


def generate_pair(type: str) -> KeyPair:
    """Return a new key pair.

    Args:
        type: one of TYPES.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if type == "ed25519":
        return _describe(ed25519.Ed25519PrivateKey.generate())
    if type in ("p256", "p384"):
        return _describe(ec.generate_private_key(ec.SECP256R1() if type == "p256" else ec.SECP384R1()))
    return _describe(rsa.generate_private_key(public_exponent=65537, key_size=int(type[3:])))


def load_pair(data: bytes, what: str, passphrase: "bytes | None" = None) -> KeyPair:
    """Read a private key in PEM.

    Raises:
        InputError: if it is not one, of a kind not known here, encrypted and no passphrase given, or the wrong one.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return _describe(load_pem_private_key(data, passphrase))
    except TypeError as error:
        raise InputError(f"{what}: the private key is encrypted", "decrypt it first, e.g. with openssl pkey") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError(f"{what}: not a private key in PEM that authkit knows") from error


def describe_public(public: "Any") -> KeyPair:
    """Return what is said of a key pair by its public half.

    Args:
        public: as cryptography has it.

    Raises:
        ValueError: if it is of a kind that is not known here.
    """
    from hashlib import sha256

    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(public, ed25519.Ed25519PublicKey):
        type = "ed25519"
    elif isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in ("secp256r1", "secp384r1"):
        type = "p" + public.curve.name[4:7]
    elif isinstance(public, rsa.RSAPublicKey) and public.key_size >= 2048:
        type = f"rsa{public.key_size}"
    else:
        raise ValueError("another kind of key")
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return KeyPair(
        type,
        b"",
        public.public_bytes(serialization.Encoding.PEM, spki).decode("ascii"),
        sha256(public.public_bytes(serialization.Encoding.DER, spki)).hexdigest(),
    )


def _describe(key: "PrivateKeyTypes") -> KeyPair:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    found = describe_public(key.public_key())
    found.private_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return found
