"""How are a key and its certificate packed into a PKCS#12 file?"""

from authkit.errors import InputError, Refused, StoreError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import KeySerializationEncryption
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12PrivateKeyTypes

ENCRYPTIONS = ("modern", "legacy")
LEAST_PASSWORD = 20
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def generate_password(random: "Callable[[int], bytes]") -> str:
    """Return a new password: 20 characters of a–z and 2–7, 100 bits.

    Args:
        random: a function from a count to so many random bytes.

    Source:
        SECURITY-DECISIONS S41: the MAC has 2048 iterations whatever is asked for, so the password is all there is.
        Deviations: none.
    """
    return "".join([_ALPHABET[byte & 31] for byte in random(LEAST_PASSWORD)])


def check_password(password: bytes, encryption: str) -> bytes:
    """Return a password that somebody chose, if it may protect the file.

    Args:
        password: secret; never shown.
        encryption: one of ENCRYPTIONS.

    Raises:
        Refused: if it is short, or to be used with 3DES and SHA-1.
        InputError: if it is not printable ASCII, which programs turn into different keys.
    """
    if encryption == "legacy":
        raise Refused(
            "the legacy encryption is too weak for a password that somebody chose",
            "leave out --password-file, so that one is generated, or --p12-encryption legacy",
        )
    if not all(0x20 <= byte < 0x7F for byte in password):
        raise InputError("the password holds something other than printable ASCII")
    if len(password) < LEAST_PASSWORD:
        raise Refused(
            f"the password has fewer than {LEAST_PASSWORD} characters",
            "leave out --password-file, and one is generated",
        )
    return password


def encode_p12(
    key: "PKCS12PrivateKeyTypes",
    certificate: "x509.Certificate",
    chain: "Sequence[x509.Certificate]",
    password: bytes,
    encryption: str,
    friendly_name: str,
) -> bytes:
    """Return a PKCS#12 file, which was opened again and compared.

    Args:
        key: the private key of *certificate*.
        certificate: the leaf.
        chain: what stands beside it, its issuer first; intermediates, and the root only where that was asked for.
        password: secret; generated, or as `check_password` allows.
        encryption: "modern" (PBES2, AES-256, SHA-256) or "legacy" (3DES, SHA-1).
        friendly_name: what a program that imports the file calls it.

    Raises:
        Refused: if *key* is not the certificate's.
        UsageError: if *friendly_name* cannot be one.
        StoreError: if the file does not give back what was put in.

    Source:
        RFC 7292; pki.md §2 for the two encryptions that programs read.
        Deviations: none.
    """
    from cryptography.hazmat.primitives.serialization import pkcs12

    if _spki(key.public_key()) != _spki(certificate.public_key()):
        raise Refused(f"the key is not the one of the certificate {friendly_name!r}")
    if not 0 < len(friendly_name) <= 64 or not friendly_name.isprintable() or max(friendly_name) >= "\U00010000":
        raise UsageError(f"{friendly_name[:64]!r} cannot be a friendly name", "use 1 to 64 printable characters")
    data = pkcs12.serialize_key_and_certificates(
        friendly_name.encode("utf-8"), key, certificate, list(chain) or None, _encryption(encryption, password)
    )
    _compare(data, key, certificate, chain, password, friendly_name)
    return data


def _encryption(encryption: str, password: bytes) -> "KeySerializationEncryption":
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256
    from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

    builder = PrivateFormat.PKCS12.encryption_builder()
    if encryption == "legacy":
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(SHA1())
    else:
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(SHA256())
    return builder.build(password)


def _compare(
    data: bytes,
    key: "PKCS12PrivateKeyTypes",
    certificate: "x509.Certificate",
    chain: "Sequence[x509.Certificate]",
    password: bytes,
    friendly_name: str,
) -> None:
    from cryptography.hazmat.primitives.serialization import pkcs12

    found = pkcs12.load_pkcs12(data, password)
    same = (
        found.key is not None
        and _private(found.key) == _private(key)  # type: ignore[arg-type]
        and found.cert is not None
        and found.cert.certificate == certificate
        and found.cert.friendly_name == friendly_name.encode("utf-8")
        and [one.certificate for one in found.additional_certs] == list(chain)
    )
    if not same:
        raise StoreError("the PKCS#12 file does not give back what was put in")


def _private(key: "PKCS12PrivateKeyTypes") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _spki(key: object) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]
