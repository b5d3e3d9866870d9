"""What does a CA sign, and what does it refuse?"""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.x509.oid import AuthorityInformationAccessOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from authkit.certs.authority import Authority
from authkit.certs.limits import BACKDATED, below, ekus_for, end_of, judge, judge_key_type, judge_length
from authkit.certs.names import Names, encode_san, encode_sid, encode_subject, parse_san
from authkit.certs.permit import encode_permitted
from authkit.certs.profile import ISSUED_FOR, PROFILES, REQUEST_SIGNING_EKU, SERVER_AUTH, Profile
from authkit.certs.scoped import encode_scope, judge_scope
from authkit.certs.subject_key import type_of_key
from authkit.errors import PathRejected, Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from authkit.certs.permit import Permitted
    from authkit.certs.scoped import CertScope
    from authkit.certs.subject_key import PrivateKey

_ALL_USES = (
    "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
    "encipher_only decipher_only"
).split()  # noqa: SIM905


class Issued:
    """A certificate that was just signed.

    Attributes:
        name: under which it was issued.
        certificate, der: the same, as pyca's value and as bytes.
        names: Names.
        profile: a key of PROFILES.
        serial_hex: lower-case hex, no leading zero.
        fingerprint: SHA-256 of *der*, lower-case hex, 64.
        not_before, not_after: aware UTC, whole seconds.
    """

    __slots__ = (
        "certificate",
        "der",
        "fingerprint",
        "name",
        "names",
        "not_after",
        "not_before",
        "profile",
        "serial_hex",
    )

    def __init__(self, name: str, certificate: "x509.Certificate", names: Names, profile: str) -> None:
        from hashlib import sha256

        from cryptography.hazmat.primitives.serialization import Encoding

        self.name = name
        self.certificate = certificate
        self.der = certificate.public_bytes(Encoding.DER)
        self.names = names
        self.profile = profile
        self.serial_hex = f"{certificate.serial_number:x}"
        self.fingerprint = sha256(self.der).hexdigest()
        self.not_before = certificate.not_valid_before_utc
        self.not_after = certificate.not_valid_after_utc

    def __repr__(self) -> str:
        return f"<Issued {self.name} {self.serial_hex}>"


def generate_serial(random: "Callable[[int], bytes]") -> int:
    """Return a new serial number, 1 to 2**159 - 1.

    Args:
        random: a function from a count to so many random bytes.
    """
    return int.from_bytes(random(20), "big") >> 1 or generate_serial(random)


def issue_root(
    common_name: str,
    private_key: "PrivateKey",
    at: "datetime",
    days: "int | None",
    random: "Callable[[int], bytes]",
    *,
    issued_for: str = "client",
    path_length: "int | None" = 1,
    constraints: "Permitted | None" = None,
    sign_requests: bool = False,
    permit_scope: "tuple[str, ...]" = (),
) -> "x509.Certificate":
    """Return the certificate of a new root CA, signed by its own key.

    Args:
        common_name: its subject.
        at: aware UTC, whole seconds; it is valid from 5 minutes before.
        days: how long from *at*; None for 3650.
        random: a function from a count to so many random bytes.
        issued_for: "client" or "server".
        path_length: how many CAs may follow, 0 or more; None for any number.
        constraints: the names that it may certify, or None.
        sign_requests: whether keys that sign requests may be certified below it (F9).
        permit_scope: region, or region and service, outside of which no scope below it is good; () for any.

    Raises:
        UsageError: if *days* or *path_length* cannot be.
        Refused: if the key is of a kind that a CA may not have.

    Source:
        RFC 5280 §4.1, §4.2.1; SECURITY-DECISIONS S40.
        Deviations: the request-signing EKU only on request, since Go and GnuTLS cannot read it.
    """
    profile = PROFILES["ca"]
    judge_length(path_length)
    judge_key_type(profile, type_of_key(private_key.public_key()))
    not_after = end_of(at, profile.days if days is None else days)
    names = Names(common_name)
    subject = encode_subject(names)
    builder = x509.CertificateBuilder(
        subject, subject, private_key.public_key(), generate_serial(random), at - BACKDATED, not_after
    )
    ekus = ISSUED_FOR[issued_for][0] + ((REQUEST_SIGNING_EKU,) if sign_requests else ())
    for extension, critical in _ca_extensions(path_length, ekus, constraints, permit_scope):
        builder = builder.add_extension(extension, critical)
    ski = x509.SubjectKeyIdentifier.from_public_key(private_key.public_key())
    return builder.add_extension(ski, critical=False).sign(private_key, hash_for(private_key))


def issue_certificate(
    authority: Authority,
    profile: Profile,
    names: Names,
    public_key: "CertificatePublicKeyTypes",
    at: "datetime",
    days: "int | None",
    random: "Callable[[int], bytes]",
    *,
    name: str,
    crl_urls: "Sequence[str]" = (),
    aia_urls: "Sequence[str]" = (),
    path_length: "int | None" = None,
    constraints: "Permitted | None" = None,
    sign_requests: bool = False,
    permit_scope: "tuple[str, ...]" = (),
    scope: "CertScope | None" = None,
    also_client: bool = False,
) -> Issued:
    """Return a certificate signed by a CA, which a verifier was found to accept.

    Args:
        authority: the CA, with its key.
        profile: what kind.
        names: as `names.complete_names` returns them.
        public_key: of whoever is certified; that they have the private key is the caller's to know.
        at: aware UTC, whole seconds; it is valid from 5 minutes before, but not before its issuer.  A scoped one is
            valid on its day.
        days: how long from *at*; None for the profile's, and for a scoped one.
        random: a function from a count to so many random bytes.
        name: under which the ledger has it.
        crl_urls, aia_urls: where it says that CRLs, and its issuer's certificate, are found.
        path_length: of an intermediate; None for 0.
        constraints: the names that an intermediate may certify, or None.
        sign_requests: whether keys that sign requests may be certified below an intermediate.
        permit_scope: of an intermediate, as for `issue_root`.
        scope: of a scoped one.
        also_client: whether a scoped one may log in to TLS servers too, which know nothing of its scope.

    Raises:
        UsageError: if *days* or *path_length* cannot be, a scope is missing, or the profile has no place for one of
            the names.
        InputError: if the scope of a CA above it cannot be read.
        Refused: if the CA may not issue it, it would outlive the CA, or a verifier would not accept it.

    Source:
        RFC 5280 §4.1, §4.2.1; SECURITY-DECISIONS S39, S40, S42.
        Deviations: SPIFFE's X509-SVID §4.4 would have serverAuth beside clientAuth.
    """
    not_before, not_after = judge(
        authority, profile, names, at, days, path_length, scope=scope, also_client=also_client
    )
    judge_key_type(profile, type_of_key(public_key))
    issuer, key = authority.certificate, authority.private_key
    assert key is not None
    if profile.is_ca:
        if permit_scope:  # one that says nothing is within those above it
            judge_scope((issuer, *authority.chain), permit_scope, f"the scope {'/'.join(permit_scope)}")
        ekus = _inherited(authority, sign_requests)
        extensions = _ca_extensions(below(authority, path_length), ekus, constraints, permit_scope)
    else:
        extensions = _leaf_extensions(profile, scope, also_client)
    extensions += [*_name_extensions(names), *_url_extensions(crl_urls, aia_urls)]
    extensions.append((x509.SubjectKeyIdentifier.from_public_key(public_key), False))
    extensions.append((_authority_key_identifier(issuer), False))
    builder = x509.CertificateBuilder(
        issuer.subject, encode_subject(names), public_key, generate_serial(random), not_before, not_after
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    certificate = builder.sign(key, hash_for(key))
    _judge_accepted(authority, certificate, profile, names, at)
    return Issued(name, certificate, names, profile.name)


def hash_for(key: "PrivateKey") -> "SHA256 | SHA384":
    """Return the hash that a CA signs with: SHA-384 for P-384, SHA-256 for all else."""
    wide = isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP384R1)
    return SHA384() if wide else SHA256()


def _ca_extensions(
    path_length: "int | None",
    ekus: "Sequence[str]",
    constraints: "Permitted | None",
    permit_scope: "tuple[str, ...]",
) -> "list[tuple[x509.ExtensionType, bool]]":
    found = [(x509.BasicConstraints(True, path_length), True), _key_usage(PROFILES["ca"]), _eku(ekus)]
    if constraints is not None:
        found.append((encode_permitted(constraints), True))
    if permit_scope:
        found.append((encode_scope("/".join(permit_scope)), False))
    return found


def _leaf_extensions(
    profile: Profile, scope: "CertScope | None", also_client: bool
) -> "list[tuple[x509.ExtensionType, bool]]":
    ekus = _eku(ekus_for(profile, also_client))
    found = [(x509.BasicConstraints(False, None), True), _key_usage(profile), ekus]
    if profile.scoped:
        found.append((encode_scope(str(scope)), False))
    return found


def _key_usage(profile: Profile) -> "tuple[x509.ExtensionType, bool]":
    return x509.KeyUsage(**{use: use in profile.key_usage for use in _ALL_USES}), True


def _eku(ekus: "Sequence[str]") -> "tuple[x509.ExtensionType, bool]":
    return x509.ExtendedKeyUsage([x509.ObjectIdentifier(one) for one in ekus]), False


def _name_extensions(names: Names) -> "list[tuple[x509.ExtensionType, bool]]":
    found: "list[tuple[x509.ExtensionType, bool]]" = []
    if names.sans:
        found.append((encode_san(names), names.common_name is None))  # critical under an empty subject (§4.2.1.6)
    if names.sid is not None:
        found.append((encode_sid(names.sid), False))
    return found


def _url_extensions(crl_urls: "Sequence[str]", aia_urls: "Sequence[str]") -> "list[tuple[x509.ExtensionType, bool]]":
    found: "list[tuple[x509.ExtensionType, bool]]" = []
    points = [
        x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None) for url in _http(crl_urls)
    ]
    if points:
        found.append((x509.CRLDistributionPoints(points), False))
    method = AuthorityInformationAccessOID.CA_ISSUERS
    access = [x509.AccessDescription(method, x509.UniformResourceIdentifier(url)) for url in _http(aia_urls)]
    if access:
        found.append((x509.AuthorityInformationAccess(access), False))
    return found


def _http(urls: "Sequence[str]") -> "Sequence[str]":
    """Return the URLs, if programs could fetch what is there."""
    for url in urls:
        if not parse_san("uri", url).value.lower().startswith(("http://", "https://")):
            raise UsageError(f"{url[:80]!r} is not the URL of a file", "write http://example.com/ca.crl")
    return urls


def _inherited(authority: Authority, sign_requests: bool) -> "tuple[str, ...]":
    """Return the EKUs of a CA below this one: what this one is for, which its own certificate must allow (S40)."""
    own, ekus = authority.ekus, ISSUED_FOR[authority.issued_for][0]
    if own and not set(ekus) <= set(own):
        raise Refused(f"the certificate of the CA {authority.name} does not allow {', '.join(ekus)}")
    if sign_requests and own and REQUEST_SIGNING_EKU not in own:
        raise Refused(
            f"the certificate of the CA {authority.name} allows no keys that sign requests",
            "name a --parent that was made with --sign-requests",
        )
    return (*ekus, REQUEST_SIGNING_EKU) if sign_requests else ekus


def _authority_key_identifier(issuer: "x509.Certificate") -> "x509.AuthorityKeyIdentifier":
    try:
        ski = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        ski = x509.SubjectKeyIdentifier.from_public_key(issuer.public_key())
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ski)


def _judge_accepted(
    authority: Authority, certificate: "x509.Certificate", profile: Profile, names: Names, at: "datetime"
) -> None:
    """Pass a certificate that a verifier accepts which trusts the root alone; of a CA's it can judge the signature."""
    try:
        if profile.is_ca:
            certificate.verify_directly_issued_by(authority.certificate)
        elif profile.scoped:
            _verify_scoped(authority, certificate)
        else:
            _verify(authority, certificate, profile, names, at)
    except InvalidSignature as error:
        raise Refused(f"the key of the CA {authority.name} is not the one of its certificate") from error
    except PathRejected as error:
        raise Refused(f"a verifier would refuse it under the CA {authority.name}: {error.message}") from error
    except VerificationError as error:
        why = str(error).partition(" (encountered")[0]
        raise Refused(f"a verifier would refuse it under the CA {authority.name}: {why}") from error


def _verify_scoped(authority: Authority, certificate: "x509.Certificate") -> None:
    """Pass a scoped certificate that `verify-signature` accepts; pyca's verifiers know no purpose but their own."""
    from authkit.certs.certificate import encode_der
    from authkit.certs.path_rules import SIGN_REQUESTS
    from authkit.certs.verify import verify_path

    path = (certificate, authority.certificate, *authority.chain)
    verify_path(
        encode_der(certificate),
        trust_anchors=[encode_der(authority.root)],
        intermediates=[encode_der(one) for one in authority.intermediates],
        crls=(),
        at=max([one.not_valid_before_utc for one in path]),  # its day may be to come
        purpose=SIGN_REQUESTS,
    )


def _verify(
    authority: Authority, certificate: "x509.Certificate", profile: Profile, names: Names, at: "datetime"
) -> None:
    policy = PolicyBuilder().store(Store([authority.root])).time(at)
    if SERVER_AUTH not in profile.ekus:
        policy.build_client_verifier().verify(certificate, list(authority.intermediates))
        return
    san = next(san for san in names.sans if san.kind in profile.required)
    if san.kind == "ip":
        from ipaddress import ip_address

        subject: "x509.DNSName | x509.IPAddress" = x509.IPAddress(ip_address(san.value))
    else:
        subject = x509.DNSName(san.value.replace("*", "a"))
    policy.build_server_verifier(subject).verify(certificate, list(authority.intermediates))
