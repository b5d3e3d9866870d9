"""Which rules must each certificate of a path keep, whatever the others are?"""

from hashlib import sha256
from warnings import catch_warnings, simplefilter

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, mldsa, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from authkit.certs.fields import UNREADABLE
from authkit.certs.oids import PURPOSES as EKU_NAMES
from authkit.certs.profile import REQUEST_SIGNING_EKU
from authkit.clock import format_instant
from authkit.errors import PathRejected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

SIGN_REQUESTS = "sign-requests"
# purpose -> the EKU that a leaf must hold and that every CA above must leave to it; None for no demand
PURPOSES = {
    "client": ExtendedKeyUsageOID.CLIENT_AUTH,
    "server": ExtendedKeyUsageOID.SERVER_AUTH,
    "email": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    SIGN_REQUESTS: x509.ObjectIdentifier(REQUEST_SIGNING_EKU),
    "any": None,
}
LEAF, INTERMEDIATE, ANCHOR = "leaf", "intermediate", "trust anchor"
SHORTEST_RSA, LONGEST_RSA, LONGEST_EXPONENT = 2048, 16384, 64
MOST_NAMES = 1000
_ML_DSA = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_HASHES = ("sha256", "sha384", "sha512")
_LONGEST_NAME = 200
_LONGEST_SERIAL = 159

# Extensions that are obeyed here, or that say nothing a path could break.  Policies may be critical: without a demand
# for one (PolicyConstraints, which is not here) every policy is acceptable (RFC 5280 §6.1.1, any-policy).
_KNOWN = (
    x509.BasicConstraints,
    x509.KeyUsage,
    x509.ExtendedKeyUsage,
    x509.SubjectAlternativeName,
    x509.IssuerAlternativeName,
    x509.NameConstraints,
    x509.AuthorityKeyIdentifier,
    x509.SubjectKeyIdentifier,
    x509.CRLDistributionPoints,
    x509.CertificatePolicies,
)


class Certified:
    """A certificate of a path, as read.

    Attributes:
        x509: as pyca reads it.
        der: its bytes.
        sha256: its fingerprint, lower-case hex.
        name: its subject as RFC 4514 writes it, else its first SAN, else its serial; foreign text, cut.
        subject, issuer: whole bytes of the names.
        begins, ends: notBefore and notAfter, aware UTC, whole seconds.
        extensions: class -> value.
        critical_unknown: dotted OIDs of extensions that are not obeyed here and that are critical, or must be.
        key: the public key, or None where it is of no kind that pyca can read.
    """

    __slots__ = (
        "begins",
        "critical_unknown",
        "der",
        "ends",
        "extensions",
        "issuer",
        "key",
        "name",
        "sha256",
        "subject",
        "x509",
    )

    def __init__(self, certificate: x509.Certificate, der: bytes) -> None:
        self.x509 = certificate
        self.der = der
        self.sha256 = sha256(der).hexdigest()
        self.begins, self.ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        self.subject = certificate.subject.public_bytes()
        self.issuer = certificate.issuer.public_bytes()
        self.extensions: "dict[type, object]" = {type(one.value): one.value for one in certificate.extensions}
        self.critical_unknown = [
            one.oid.dotted_string
            for one in certificate.extensions
            if not isinstance(one.value, _KNOWN) and (one.critical or _demands_policy(one.value))
        ]
        self.key: "object | None" = None
        try:  # noqa: SIM105  a comment says why
            self.key = certificate.public_key()
        except UNREADABLE:
            pass  # refused later, by name
        self.name = _name_of(self)

    def get(self, kind: type) -> "object | None":
        """Return the value of the extension that pyca has as *kind*, or None."""
        return self.extensions.get(kind)

    @property
    def names(self) -> "tuple[x509.GeneralName, ...]":
        """The names of the subject alternative name."""
        value = self.get(x509.SubjectAlternativeName)
        return tuple(value) if isinstance(value, x509.SubjectAlternativeName) else ()

    @property
    def is_ca(self) -> bool:
        """Whether its basic constraints make it a CA."""
        value = self.get(x509.BasicConstraints)
        return isinstance(value, x509.BasicConstraints) and value.ca

    @property
    def path_length(self) -> "int | None":
        """How many CAs may follow below it; None for any number."""
        value = self.get(x509.BasicConstraints)
        return value.path_length if isinstance(value, x509.BasicConstraints) else None

    @property
    def usage(self) -> "x509.KeyUsage | None":
        """Its key usage, or None."""
        value = self.get(x509.KeyUsage)
        return value if isinstance(value, x509.KeyUsage) else None

    @property
    def purposes(self) -> "tuple[x509.ObjectIdentifier, ...] | None":
        """Its extended key usage, or None."""
        value = self.get(x509.ExtendedKeyUsage)
        return tuple(value) if isinstance(value, x509.ExtendedKeyUsage) else None


def _demands_policy(value: object) -> bool:
    """Say whether an extension makes certificate policies count, as only one that must be critical can."""
    return isinstance(value, x509.PolicyConstraints) and value.require_explicit_policy is not None


def read_certificate(der: bytes, role: str) -> Certified:
    """Return a certificate of a path.

    Args:
        der: untrusted.
        role: LEAF, INTERMEDIATE or ANCHOR.

    Raises:
        PathRejected: malformed, with what cannot be read.
    """
    with catch_warnings():
        simplefilter("ignore")  # pyca warns of serial numbers that are refused here
        try:
            certificate = x509.load_der_x509_certificate(der)
            version, serial = certificate.version, certificate.serial_number
            found = Certified(certificate, der)
        except UNREADABLE as error:
            raise PathRejected("malformed", f"the {role} cannot be read: {said(error)}") from error
    if version is not x509.Version.v3:
        raise PathRejected("malformed", f"the {role} {found.name} is of version 1, which cannot say what it is for")
    if not 0 < serial < 1 << _LONGEST_SERIAL:
        raise PathRejected("malformed", f"the serial number of the {role} {found.name} is not of 1 to 159 bits")
    if len(found.names) > MOST_NAMES:
        raise PathRejected("malformed", f"the {role} {found.name} has more than {MOST_NAMES} names")
    return found


def said(error: BaseException) -> str:
    """Return what a library said, in one line without a full stop."""
    return " ".join(str(error).split())[:_LONGEST_NAME].removesuffix(".") or type(error).__name__


def _name_of(one: Certified) -> str:
    text = one.x509.subject.rfc4514_string()
    if not text and one.names:
        text = str(one.names[0].value)
    text = text or f"{one.x509.serial_number:x}"
    return text if len(text) <= _LONGEST_NAME else text[:_LONGEST_NAME] + "…"


def check_common(one: Certified, role: str, at: "datetime") -> None:
    """Pass a certificate that is valid at *at*, has a good key and no critical extension that is unknown here.

    Raises:
        PathRejected: not-yet-valid, expired, weak-key, key-unsupported, unknown-critical-extension.
    """
    if at < one.begins:
        raise PathRejected("not-yet-valid", f"the {role} {one.name} begins at {format_instant(one.begins)}")
    if at > one.ends:
        raise PathRejected("expired", f"the {role} {one.name} ended at {format_instant(one.ends)}")
    _check_key(one, role)
    if one.critical_unknown:
        raise PathRejected("unknown-critical-extension", f"{', '.join(one.critical_unknown)} in the {role} {one.name}")


def _check_key(one: Certified, role: str) -> None:
    key, whose = one.key, f"of the {role} {one.name}"
    if isinstance(key, rsa.RSAPublicKey):
        exponent = key.public_numbers().e
        if not SHORTEST_RSA <= key.key_size <= LONGEST_RSA:
            raise PathRejected("weak-key", f"the RSA key {whose} has {key.key_size} bits")
        if exponent.bit_length() > LONGEST_EXPONENT:  # an even one, or one below 3, pyca does not read
            raise PathRejected("weak-key", f"the RSA key {whose} has the exponent {exponent:#x}"[:400])
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in _CURVES:
            raise PathRejected("weak-key", f"the key {whose} is on the curve {key.curve.name}")
    elif key is None or isinstance(key, dsa.DSAPublicKey):
        kind = "of a kind or curve that cannot be read" if key is None else "a DSA key"
        raise PathRejected("weak-key", f"the key {whose} is {kind}")
    elif role == LEAF and isinstance(key, _ML_DSA):
        return  # what a CA of that kind signed is not checked here
    elif not isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        raise PathRejected("key-unsupported", f"the key {whose} is of a kind that is not known here")


def check_leaf(leaf: Certified, at: "datetime", purpose: str) -> None:
    """Pass a leaf that may serve *purpose* at *at*.

    Raises:
        PathRejected: those of `check_common`; leaf-is-ca, eku-missing, eku-mismatch, key-usage, san-missing.

    Source:
        RFC 5280 §4.2.1.3, §4.2.1.6, §4.2.1.12.
        Deviations: an EKU must be there and name the purpose; anyExtendedKeyUsage does not name one.
    """
    usage, what = leaf.usage, f"the leaf {leaf.name}"
    if leaf.is_ca or (usage is not None and usage.key_cert_sign):
        why = "its basic constraints say so" if leaf.is_ca else "its key usage lets it sign certificates"
        raise PathRejected("leaf-is-ca", f"{what}: {why}")
    check_common(leaf, LEAF, at)
    wanted = PURPOSES[purpose]
    if not leaf.names and not leaf.x509.subject.rdns:
        raise PathRejected("san-missing", f"{what} has no subject either")
    if wanted is None:
        return
    if leaf.purposes is None:
        raise PathRejected("eku-missing", f"{what} has no extended key usage, so no {_eku_name(wanted)}")
    if wanted not in leaf.purposes:
        raise PathRejected("eku-mismatch", f"{what} is for {purposes_of(leaf)}, not for {_eku_name(wanted)}")
    signs = usage is None or usage.digital_signature or (purpose == "email" and usage.content_commitment)
    if not signs:
        raise PathRejected("key-usage", f"{what} may not make digital signatures")


def check_issuer(issuer: Certified, role: str, below: int, at: "datetime", purpose: str) -> None:
    """Pass a certificate that may stand on a path as the issuer of another.

    Args:
        below: how many CAs stand between it and the leaf.

    Raises:
        PathRejected: those of `check_common`; issuer-not-ca, key-usage, path-too-long, eku-mismatch.

    Source:
        RFC 5280 §6.1.4 (k)–(n), for trust anchors too.
        Deviations: a self-issued CA counts towards the path length; an EKU in a CA limits what is below it; a CA
        with an Ed25519 or Ed448 key is not accepted, since pyca's verifier accepts none.
    """
    what = f"the {role} {issuer.name}"
    if not issuer.is_ca:
        raise PathRejected("issuer-not-ca", f"{what} has no basic constraints that make it a CA")
    usage = issuer.usage
    if usage is not None and not usage.key_cert_sign:
        raise PathRejected("key-usage", f"{what} may not sign certificates")
    if not issuer.x509.subject.rdns:
        raise PathRejected("malformed", f"{what} has an empty subject")
    check_common(issuer, role, at)
    if isinstance(issuer.key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        kind = "Ed25519" if isinstance(issuer.key, ed25519.Ed25519PublicKey) else "Ed448"
        raise PathRejected(
            "key-unsupported",
            f"{what} has an {kind} key",
            "'openssl verify' can check such a path; a CA of 'authkit create-ca' has a P-256 key",
        )
    if issuer.path_length is not None and below > issuer.path_length:
        most = issuer.path_length
        raise PathRejected("path-too-long", f"{what} may have {most} CAs below it, and here are {below}")
    wanted = PURPOSES[purpose]
    allowed = (None, wanted, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    if wanted is not None and issuer.purposes is not None and not set(issuer.purposes) & set(allowed):
        raise PathRejected("eku-mismatch", f"{what} is for {purposes_of(issuer)}, not for {_eku_name(wanted)}")


def check_signature_algorithm(one: Certified, role: str) -> None:
    """Pass a certificate that is signed with an algorithm that nobody can forge.

    Raises:
        PathRejected: weak-signature.
    """
    if not is_strong(one.x509):
        raise PathRejected("weak-signature", f"the {role} {one.name} is signed with {algorithm_of(one.x509)}")


def is_strong(signed: "x509.Certificate | x509.CertificateRevocationList") -> bool:
    """Say whether a signature uses SHA-256, SHA-384 or SHA-512, or is an Ed25519 or Ed448 one."""
    try:
        used = signed.signature_hash_algorithm
    except UNREADABLE:
        return False
    return used is None or used.name in _HASHES


def algorithm_of(signed: "x509.Certificate | x509.CertificateRevocationList") -> str:
    """Return the name of the hash that a signature uses, or the algorithm's OID."""
    try:
        used = signed.signature_hash_algorithm
    except UNREADABLE:
        used = None
    return used.name if used is not None else signed.signature_algorithm_oid.dotted_string


def purposes_of(one: Certified) -> str:
    """Return the purposes that a certificate names, of which there is at least one where the extension is."""
    return ", ".join([_eku_name(oid) for oid in one.purposes or ()])


def _eku_name(oid: x509.ObjectIdentifier) -> str:
    return EKU_NAMES.get(oid.dotted_string, oid.dotted_string)
