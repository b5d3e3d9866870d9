"""Certification paths and revocation lists made by cryptography alone, right or wrong in any one way."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from rawcert import oid, seq, tlv

AT = datetime(2026, 11, 24, 9, 0, 0, tzinfo=timezone.utc)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
EMAIL, ANY = ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
ALICE = x509.RFC822Name("alice@example.com")
SHA256 = hashes.SHA256()
SHA1_ALGORITHM = seq(oid("1.2.840.10045.4.1"))  # ecdsa-with-SHA1
Extensions = Sequence[tuple[x509.ExtensionType, bool]]


@cache
def key_of(label: str, kind: str = "p256") -> Any:
    """The same key for the same label, so far as its kind can be derived."""
    curves: dict[str, Callable[[], ec.EllipticCurve]] = {
        "p192": ec.SECP192R1,
        "p224": ec.SECP224R1,
        "p256": ec.SECP256R1,
        "p384": ec.SECP384R1,
        "p521": ec.SECP521R1,
        "k256": ec.SECP256K1,
        "brainpool": ec.BrainpoolP256R1,
    }
    if kind in curves:
        number = int.from_bytes(sha256(label.encode()).digest()[:20], "big")
        return ec.derive_private_key(number, curves[kind]())
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    makers: dict[str, Callable[[], Any]] = {
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "ed448": ed448.Ed448PrivateKey.generate,
        "x25519": x25519.X25519PrivateKey.generate,
        "dsa": lambda: dsa.generate_private_key(2048),
    }
    return makers[kind]()


def named(text: str) -> x509.Name:
    """A name of one CN, or an empty one."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)] if text else [])


def key_usage(*bits: str) -> x509.KeyUsage:
    """A key usage with these bits alone."""
    every = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
        "encipher_only decipher_only"
    )
    return x509.KeyUsage(**{one: one in bits for one in every.split()})


CA_USE = key_usage("key_cert_sign", "crl_sign")
LEAF_USE = key_usage("digital_signature")


class Made:
    """A certificate and its key.

    Attributes:
        certificate, key: as cryptography has them; *key* is None where the bytes were changed afterwards.
        der: what a test hands on.
    """

    def __init__(self, certificate: x509.Certificate, key: Any) -> None:
        self.certificate = certificate
        self.key = key
        self.der = certificate.public_bytes(Encoding.DER)


def make(
    name: "str | x509.Name",
    issuer: "Made | None" = None,
    *,
    ca: bool = False,
    basic: "x509.BasicConstraints | None | str" = "made",
    path_length: "int | None" = None,
    critical: bool = True,
    usage: "x509.KeyUsage | None | str" = "made",
    eku: "Sequence[x509.ObjectIdentifier] | None" = None,
    san: "Sequence[x509.GeneralName]" = (),
    extra: Extensions = (),
    begin: datetime = AT - DAY,
    end: datetime = AT + 30 * DAY,
    serial: "int | None" = None,
    kind: str = "p256",
    key: Any = None,
    signer: Any = None,
    hash: Any = "made",
    identifiers: bool = True,
    issuer_name: "x509.Name | None" = None,
) -> Made:
    """Return a certificate; what is not said is as it should be."""
    subject = named(name) if isinstance(name, str) else name
    own = key if key is not None else key_of(str(name), kind)
    above = signer if signer is not None else (issuer.key if issuer is not None else own)
    parent = issuer.certificate.subject if issuer is not None else subject
    parent = issuer_name if issuer_name is not None else parent
    number = serial if serial is not None else int.from_bytes(sha256(str(name).encode()).digest()[:19], "big") >> 1
    builder = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=parent, public_key=own.public_key())
        .serial_number(number)
        .not_valid_before(begin)
        .not_valid_after(end)
    )
    wanted: list[tuple[Any, bool]] = []
    if basic == "made":
        basic = x509.BasicConstraints(ca, path_length)
    if usage == "made":
        usage = CA_USE if ca else LEAF_USE
    wanted += [(basic, critical), (usage, True)]
    wanted.append((x509.ExtendedKeyUsage(eku) if eku else None, False))
    wanted.append((x509.SubjectAlternativeName(san) if san else None, not subject.rdns))
    if identifiers:
        wanted.append((x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False))
        wanted.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), False))
    for value, is_critical in [*wanted, *extra]:
        if value is not None:
            builder = builder.add_extension(value, is_critical)
    if hash == "made":
        hash = None if isinstance(above, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey) else SHA256
    return Made(builder.sign(above, hash), own)


def root(name: str = "Root", **more: Any) -> Made:
    """Return a root."""
    return make(name, ca=True, **{"end": AT + 3000 * DAY, **more})


def middle(issuer: Made, name: str = "Middle", **more: Any) -> Made:
    """Return an intermediate."""
    return make(name, issuer, ca=True, **{"end": AT + 900 * DAY, **more})


def leaf(issuer: "Made | None", name: "str | x509.Name" = "alice", **more: Any) -> Made:
    """Return a client certificate."""
    return make(name, issuer, **{"eku": [CLIENT], "san": [ALICE], **more})


def resigned(made: Made, signer: Any, change: Callable[[bytes], bytes]) -> bytes:
    """Return a certificate whose signed part was changed, signed again by a P-256 key."""
    from authkit.certs import der

    parts = der.children(made.der)
    body = change(parts[0][1])
    return seq(body, parts[1][1], tlv(3, b"\0" + signer.sign(body, ec.ECDSA(SHA256))))


def with_sha1(made: "Made | bytes", signer: Any) -> bytes:
    """Return a certificate or a revocation list signed again, by a P-256 key with SHA-1."""
    from authkit.certs import der

    (_, signed), (_, algorithm), _ = der.children(made if isinstance(made, bytes) else made.der)
    body, old = signed.replace(algorithm, SHA1_ALGORITHM), len(algorithm) - len(SHA1_ALGORITHM)
    body = tlv(0x30, body[len(signed) - len(der.content(signed)) :]) if old else body
    return seq(body, SHA1_ALGORITHM, tlv(3, b"\0" + signer.sign(body, ec.ECDSA(hashes.SHA1()))))


def spki_of(made: Made) -> bytes:
    """Return the public key as the certificate holds it."""
    return made.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def revoked(
    serial: int, date: datetime = AT - DAY, reason: "x509.ReasonFlags | None" = None, extra: Extensions = ()
) -> x509.RevokedCertificate:
    """Return an entry of a revocation list."""
    builder = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(date)
    if reason is not None:
        builder = builder.add_extension(x509.CRLReason(reason), False)
    for value, critical in extra:
        builder = builder.add_extension(value, critical)
    return builder.build()


def crl(
    issuer: Made,
    *entries: x509.RevokedCertificate,
    number: "int | None" = 1,
    begin: datetime = AT - DAY,
    end: datetime = AT + DAY,
    extra: Extensions = (),
    signer: Any = None,
    hash: Any = SHA256,
    name: "x509.Name | None" = None,
    identifier: "x509.AuthorityKeyIdentifier | None | str" = "made",
) -> bytes:
    """Return a revocation list in DER; what is not said is as it should be."""
    above = signer if signer is not None else issuer.key
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(name if name is not None else issuer.certificate.subject)
        .last_update(begin)
        .next_update(end)
    )
    if identifier == "made":
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key())
    wanted: list[tuple[Any, bool]] = [(identifier, False)]
    wanted.append((x509.CRLNumber(number) if number is not None else None, False))
    for value, critical in [*wanted, *extra]:
        if value is not None:
            builder = builder.add_extension(value, critical)
    for entry in entries:
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(above, hash).public_bytes(Encoding.DER)


def scope(**settings: Any) -> x509.IssuingDistributionPoint:
    """Return an issuing distribution point with these settings alone."""
    whole: dict[str, Any] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**{**whole, **settings})
