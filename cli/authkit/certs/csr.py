"""What does a certificate signing request ask for, and is its key there?"""

from cryptography import x509

from authkit.certs.names import (
    SID_OID,
    Names,
    San,
    decode_sid,
    encode_san,
    encode_sid,
    encode_subject,
    parse_common_name,
    read_san,
)
from authkit.certs.subject_key import fingerprint_of_key, type_of_key
from authkit.errors import InputError, Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from authkit.certs.profile import Profile
    from authkit.certs.subject_key import PrivateKey


class Csr:
    """A request whose signature is valid, which proves that somebody has the key, and nothing else.

    Attributes:
        public_key: pyca's value.
        type: of the key, e.g. "p256" or "rsa2048".
        fingerprint: SHA-256 of the SubjectPublicKeyInfo, lower-case hex, 64.
        what: names the request in messages.
    """

    __slots__ = ("_request", "fingerprint", "public_key", "type", "what")

    def __init__(self, request: "x509.CertificateSigningRequest", public_key: object, what: str) -> None:
        self._request = request
        self.public_key: "CertificatePublicKeyTypes" = public_key  # type: ignore[assignment]
        self.type = type_of_key(public_key)
        self.fingerprint = fingerprint_of_key(public_key)
        self.what = what

    @property
    def names(self) -> Names:
        """What it asks to be named; untrusted.

        Raises:
            InputError: if one of the names cannot be read, or is none that a certificate here has.
        """
        try:
            common_names = [str(one.value) for one in self._request.subject if one.oid == x509.NameOID.COMMON_NAME]
            sans, sid = _read_extensions(self._request.extensions)
            if len(common_names) > 1:
                raise UsageError("it has several common names")
            return Names(parse_common_name(common_names[0]) if common_names else None, sans, sid)
        except UsageError as error:
            raise InputError(f"{self.what}: {error.message}", "name it on the command line instead") from error
        except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
            raise InputError(
                f"{self.what}: the names in it cannot be read", "name it on the command line instead"
            ) from error

    def __repr__(self) -> str:
        return f"<Csr {self.type} {self.fingerprint[:16]}>"


def _read_extensions(extensions: "x509.Extensions") -> "tuple[list[San], str | None]":
    sans: "list[San]" = []
    sid = None
    for extension in extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            sans = read_san(extension.value)
        elif extension.oid.dotted_string == SID_OID:
            assert isinstance(extension.value, x509.UnrecognizedExtension)
            sid = decode_sid(extension.value.value)
            if sid is None:
                raise UsageError("the security identifier in it cannot be read")
    return sans, sid


def encode_csr(names: Names, private_key: "PrivateKey") -> bytes:
    """Return a request in PEM, signed by its key.

    Args:
        names: what it asks to be named; whoever signs it decides.
        private_key: whose public half it carries.

    Source:
        RFC 2986 §4; RFC 2985 §5.4.2 for the extensions.
        Deviations: none.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding

    from authkit.certs.issue import hash_for

    builder = x509.CertificateSigningRequestBuilder(encode_subject(names))
    if names.sans:
        builder = builder.add_extension(encode_san(names), critical=names.common_name is None)
    if names.sid is not None:
        builder = builder.add_extension(encode_sid(names.sid), critical=False)
    digest = None if isinstance(private_key, Ed25519PrivateKey) else hash_for(private_key)
    return builder.sign(private_key, digest).public_bytes(Encoding.PEM)


def load_csr(data: bytes, what: str) -> Csr:
    """Read a request, PEM or DER.

    Args:
        data: untrusted.
        what: names the input in messages, e.g. its path.

    Raises:
        InputError: if it is not one request, or its key or signature cannot be read.
        Refused: if the signature does not match, so that nobody has shown to have the key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        if b"-----BEGIN " in data:
            if data.count(b"-----BEGIN ") > 1:
                raise InputError(f"{what}: more than one block of PEM", "give one request at a time")
            request = x509.load_pem_x509_csr(data)
        else:
            request = x509.load_der_x509_csr(data)
        public_key = request.public_key()
        valid = request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise InputError(f"{what}: not a certificate signing request that can be read") from error
    if not valid:
        raise Refused(f"{what}: the signature of the request is not made with its key")
    return Csr(request, public_key, what)


def allowed_names(names: Names, profile: "Profile") -> "tuple[Names, list[str]]":
    """Return those of a request's names that the profile lets a request choose, and the others as text."""
    fields = profile.csr_fields
    left_out = [f"{kind}:{value}" for kind, value in names.pairs() if kind not in fields]
    kept = Names(
        names.common_name if "cn" in fields else None,
        [san for san in names.sans if san.kind in fields],
        names.sid if "sid" in fields else None,
    )
    return kept, left_out
