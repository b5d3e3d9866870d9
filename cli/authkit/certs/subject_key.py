"""Which key does a certificate have?"""

from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey | RSAPrivateKey

_CURVES = {"secp256r1": "p256", "secp384r1": "p384", "secp521r1": "p521"}


def generate_key(type: str) -> "PrivateKey":
    """Return a new private key.

    Args:
        type: one of profile.KEY_TYPES.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if type == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if type.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(type[3:]))
    return ec.generate_private_key(ec.SECP256R1() if type == "p256" else ec.SECP384R1())


def encode_key(key: "PrivateKey") -> bytes:
    """Return the private key in PEM: PKCS#8, unencrypted; secret."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def encode_public_key(public_key: object) -> str:
    """Return the public key in PEM: SubjectPublicKeyInfo."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem: bytes = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return pem.decode("ascii")


def load_key(data: bytes, what: str) -> "PrivateKey":
    """Read a private key in PEM.

    Raises:
        InputError: if it is not one, is encrypted, or of a kind that no certificate here has.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(data, None)
    except TypeError as error:
        raise InputError(f"{what}: the private key is encrypted", "decrypt it first, e.g. with openssl pkey") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError(f"{what}: not a private key in PEM") from error
    type = type_of_key(key.public_key())
    if type not in ("p256", "p384", "p521", "ed25519") and not type.removeprefix("rsa").isdigit():
        raise InputError(f"{what}: a private key of a kind that authkit makes no certificates for: {type}")
    return key  # type: ignore[return-value]


def type_of_key(public_key: object) -> str:
    """Return "p256", "p384", "p521", "ed25519" or e.g. "rsa2048", which certificates here have; else what it is.

    Returns:
        for keys of others such as "secp256k1", "rsa2048 with exponent 3" or "Ed448PublicKey".
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(public_key, ec.EllipticCurvePublicKey):
        return _CURVES.get(public_key.curve.name, public_key.curve.name)
    if isinstance(public_key, rsa.RSAPublicKey):
        exponent = public_key.public_numbers().e
        # a small exponent makes no signature worth having
        return (
            f"rsa{public_key.key_size}" if exponent >= 65537 else f"rsa{public_key.key_size} with exponent {exponent}"
        )
    return "ed25519" if isinstance(public_key, ed25519.Ed25519PublicKey) else type(public_key).__name__


def fingerprint_of_key(public_key: object) -> str:
    """Return the SHA-256 of the DER SubjectPublicKeyInfo: lower-case hex, 64."""
    from hashlib import sha256

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return sha256(der).hexdigest()


def words_of_key(public_key: object) -> bytes:
    """Return the eight bytes whose words two people compare.

    Source:
        SECURITY-DECISIONS S35, T22: eight words over SHA-256("authkit-words-v1" LF kind LF text), kind "key", text
        the fingerprint in hex.
        Deviations: none.
    """
    from hashlib import sha256

    return sha256(f"authkit-words-v1\nkey\n{fingerprint_of_key(public_key)}".encode("ascii")).digest()[:8]
