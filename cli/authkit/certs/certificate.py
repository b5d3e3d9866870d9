"""Whose certificate is this?"""

from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography.x509 import Certificate as Certificate


def load_any(data: bytes, what: str) -> "list[Certificate]":
    """Read certificates in PEM, in the order in which they stand, or one in DER.

    Raises:
        InputError: if there is none, or one cannot be read.
    """
    import warnings

    from cryptography import x509

    from authkit.certs.authority import load_certificates

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyca's, on a serial number that is not positive
        if b"-----BEGIN" in data:
            return load_certificates(data, what)
        try:
            return [x509.load_der_x509_certificate(data)]
        except (ValueError, x509.InvalidVersion) as error:
            raise InputError(f"{what}: not a certificate in PEM or DER") from error


def serial_number_of(certificate: "Certificate") -> int:
    """Return the serial number of somebody else's certificate, which may be zero or less."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyca's, on just that
        return certificate.serial_number


def signed_by(certificate: "Certificate", issuer: "Certificate") -> bool:
    """Say whether a certificate names another as its issuer, and carries its signature; nothing else is judged."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def is_self_issued(certificate: "Certificate") -> bool:
    """Say whether a certificate names itself as its issuer, as a root does."""
    return certificate.subject == certificate.issuer


def fingerprint_of(certificate: "Certificate") -> str:
    """Return the SHA-256 of the DER certificate: lower-case hex, 64."""
    from cryptography.hazmat.primitives.hashes import SHA256

    return certificate.fingerprint(SHA256()).hex()


def common_name_of(certificate: "Certificate") -> str:
    """Return the first common name of a certificate; "" if it has none that can be read."""
    from cryptography import x509

    try:
        found = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    except ValueError:  # of an encoding that pyca does not read
        return ""
    text = found[0].value if found else ""
    return text if isinstance(text, str) else ""


def encode_der(certificate: "Certificate") -> bytes:
    """Return a certificate in DER."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)
