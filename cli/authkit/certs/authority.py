"""Which CA is this, and what may it issue?"""

from authkit.certs.certificate import signed_by
from authkit.certs.profile import ANY_EKU, ISSUED_FOR, KINDS, PROFILES
from authkit.certs.subject_key import encode_public_key, fingerprint_of_key, load_key, type_of_key
from authkit.clock import format_instant
from authkit.errors import InputError, Refused, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from datetime import datetime

    from cryptography import x509

    from authkit.certs.subject_key import PrivateKey

MOST_CERTIFICATES = 16


class Authority:
    """A CA.

    Attributes:
        name: in its store.
        certificate: its own.
        chain: those of its parents, the nearest first, up to and with the root; () for a root.
        private_key: secret; None where only the certificate is needed.
        issued_for: "client" or "server".
        profiles: names of PROFILES that it may issue.
        kinds: those of KINDS that it may certify.
    """

    __slots__ = ("certificate", "chain", "issued_for", "kinds", "name", "private_key", "profiles")

    def __init__(
        self,
        name: str,
        certificate: "x509.Certificate",
        chain: "Sequence[x509.Certificate]",
        private_key: "PrivateKey | None",
        issued_for: str,
        profiles: "Sequence[str]",
        kinds: "Sequence[str]" = KINDS,
    ) -> None:
        self.name = name
        self.certificate = certificate
        self.chain = tuple(chain)
        self.private_key = private_key
        self.issued_for = issued_for
        self.profiles = tuple(profiles)
        self.kinds = tuple(kinds)

    def __repr__(self) -> str:
        return f"<Authority {self.name}>"

    def __reduce__(self) -> "tuple[object, ...]":
        raise TypeError("a CA cannot be pickled")

    @property
    def root(self) -> "x509.Certificate":
        """The last of the chain: what others take as their trust anchor."""
        return self.chain[-1] if self.chain else self.certificate

    @property
    def intermediates(self) -> "tuple[x509.Certificate, ...]":
        """What stands beside a leaf in its file: the CA and its parents without the root; () under a root."""
        return (self.certificate, *self.chain[:-1]) if self.chain else ()

    @property
    def path_length(self) -> "int | None":
        """How many CAs may follow; None for any number."""
        return path_length_of(self.certificate)

    @property
    def ekus(self) -> "tuple[str, ...]":
        """The EKUs in its certificate, dotted; () if it has none, which allows all."""
        return ekus_of(self.certificate)


def path_length_of(certificate: "x509.Certificate") -> "int | None":
    """Return the path length of a CA's certificate; None for any."""
    from cryptography import x509

    return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length


def ekus_of(certificate: "x509.Certificate") -> "tuple[str, ...]":
    """Return the EKUs of a certificate, dotted; () for any, as where it has none or names anyExtendedKeyUsage."""
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return ()
    dotted = tuple([one.dotted_string for one in found])
    return () if ANY_EKU in dotted else dotted


def describe_authority(
    authority: Authority, created_at: "datetime", parent: "str | None" = None
) -> "dict[str, object]":
    """Return what a store says of a CA in clear; strict JSON.

    Args:
        parent: name of the parent in the same store, if it is there.

    Returns:
        `path_length` is absent where any number of CAs may follow, `scope` where the certificate limits none.

    Raises:
        InputError: if the scope in a certificate that a parent elsewhere made cannot be read.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    from authkit.certs.scoped import scope_of

    one = authority.certificate
    names = one.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    found: "dict[str, object]" = {
        "kind": "ca",
        "type": type_of_key(one.public_key()),
        "common_name": str(names[0].value) if names else "",
        "issued_for": authority.issued_for,
        "profiles": list(authority.profiles),
        "kinds": list(authority.kinds),
        "certificate": encode_certificates((one, *authority.chain)).decode("ascii"),
        "fingerprint": one.fingerprint(SHA256()).hex(),
        "serial": f"{one.serial_number:x}",
        "not_before": format_instant(one.not_valid_before_utc),
        "not_after": format_instant(one.not_valid_after_utc),
        "created_at": format_instant(created_at),
    }
    if authority.path_length is not None:
        found["path_length"] = authority.path_length
    scope = scope_of(one)
    if scope is not None:
        found["scope"] = scope
    if parent is not None:
        found["parent"] = parent
    return found


def describe_pending(
    type: str, common_name: str, issued_for: str, kinds: "Sequence[str]", public_pem: str, created_at: "datetime"
) -> "dict[str, object]":
    """Return what a store says of a CA whose certificate is still to come from a parent elsewhere."""
    return {
        "kind": "ca",
        "type": type,
        "common_name": common_name,
        "issued_for": issued_for,
        "profiles": list(ISSUED_FOR[issued_for][1]),
        "kinds": list(kinds),
        "public_key": public_pem,
        "created_at": format_instant(created_at),
    }


def load_authority(metadata: "dict[str, object]", key_pem: "bytes | None", what: str) -> Authority:
    """Return the CA that a store keeps.

    Args:
        metadata: as `describe_authority` has it.
        key_pem: the private key, secret; None where only the certificate is needed.
        what: its name in the store.

    Raises:
        StoreError: if anything of it is missing or damaged, or the key is not the certificate's.
    """
    try:
        certificates = load_certificates(_text(metadata, "certificate").encode("ascii", "replace"), what)
        issued_for = _text(metadata, "issued_for")
        profiles, kinds = _texts(metadata, "profiles", PROFILES), _texts(metadata, "kinds", KINDS)
        if issued_for not in ISSUED_FOR:
            raise InputError("issued_for is neither client nor server")
        key = load_key(key_pem, what) if key_pem is not None else None
    except InputError as error:
        raise StoreError(f"the CA {what} is damaged: {error.message}") from error
    if key is not None and fingerprint_of_key(key.public_key()) != fingerprint_of_key(certificates[0].public_key()):
        raise StoreError(f"the CA {what} is damaged: its key is not the one of its certificate")
    return Authority(what, certificates[0], certificates[1:], key, issued_for, profiles, kinds)


def _text(metadata: "dict[str, object]", name: str) -> str:
    found = metadata.get(name)
    if not isinstance(found, str):
        raise InputError(f"{name} is missing")
    return found


def _texts(metadata: "dict[str, object]", name: str, known: "Container[str]") -> "list[str]":
    found = metadata.get(name)
    if not isinstance(found, list) or not all([isinstance(one, str) and one in known for one in found]):
        raise InputError(f"{name} is not a list of what it can be")
    return found


def load_certificates(data: bytes, what: str) -> "list[x509.Certificate]":
    """Read certificates in PEM, in the order in which they stand.

    Raises:
        InputError: if there is none, there are more than 16, or one cannot be read.
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    unreadable = (
        ValueError,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    )
    try:
        found = x509.load_pem_x509_certificates(data)
        for one in found:
            one.extensions  # noqa: B018 - read here, so that nothing else has to expect an error
            one.subject, one.issuer, one.public_key()  # noqa: B018
    except unreadable as error:
        raise InputError(f"{what}: not certificates in PEM that can be read") from error
    if len(found) > MOST_CERTIFICATES:
        raise InputError(f"{what}: more than {MOST_CERTIFICATES} certificates")
    return found


def encode_certificates(certificates: "Sequence[x509.Certificate]") -> bytes:
    """Return certificates in PEM, one after the other."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return b"".join([one.public_bytes(Encoding.PEM) for one in certificates])


def arrange(certificates: "Sequence[x509.Certificate]", public_pem: str, eku: str) -> "list[x509.Certificate]":
    """Return a CA's certificate and those of its parents up to the root.

    Args:
        certificates: in any order, others among them; untrusted.
        public_pem: the CA's public key.
        eku: which its certificates must allow, dotted.

    Raises:
        Refused: if none is of this key, one on the path is not a CA's or does not allow *eku*, or the path does not
            reach a root.

    Source:
        RFC 5280 §6.1, of which the names, the signatures and the CA's marks are looked at.
        Deviations: time and constraints are judged when a certificate is issued.
    """
    own = [one for one in certificates if encode_public_key(one.public_key()) == public_pem]
    if not own:
        raise Refused("none of the certificates is of the key of this CA", "give the one that was made from its --csr")
    path = [own[0]]
    while not signed_by(path[-1], path[-1]):
        found = [one for one in certificates if one not in path and signed_by(path[-1], one)]
        if not found:
            issuer = path[-1].issuer.rfc4514_string()
            raise Refused(
                f"the certificate of {issuer} is missing, so the path does not reach a root",
                "add the certificates above it with --certificate",
            )
        path.append(found[0])
    for one in path:
        _judge_ca(one, eku)
    if not list(path[0].subject):
        raise Refused(
            "the certificate of this CA has an empty subject, by which nothing that it issues can be verified"
        )
    return path


def doubts_of(path: "Sequence[x509.Certificate]", at: "datetime") -> "list[str]":
    """Return what will be in the way of a CA whose certificate a parent made, in words; [] for nothing.

    Args:
        path: as `arrange` returns it.
        at: aware UTC.
    """
    from cryptography import x509

    own, found = path[0], []
    if not own.not_valid_before_utc <= at <= own.not_valid_after_utc:
        found.append(f"it is not valid at {format_instant(at)}")
    if any([one.subject == own.subject for one in path[1:]]):
        found.append("its subject is that of a CA above it, which verifiers may take for one CA")
    if not own.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign:
        found.append("its key usage lacks cRLSign, so it cannot issue CRLs")
    return found


def _judge_ca(certificate: "x509.Certificate", eku: str) -> None:
    from cryptography import x509

    subject = certificate.subject.rfc4514_string()
    try:
        marked = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        marked = usage = False
    if not marked or not usage:
        raise Refused(f"the certificate of {subject} is not one of a CA")
    allowed = ekus_of(certificate)
    if allowed and eku not in allowed:
        raise Refused(f"the certificate of {subject} does not allow {eku}")
