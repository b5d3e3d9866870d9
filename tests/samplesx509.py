"""What stands around certificates, each made by pyca or byte by byte."""

import hashlib
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import PBES, PKCS12Certificate, serialize_key_and_certificates
from cryptography.x509 import ocsp as ocsp_module

from rawcert import AT, made, oid, private_key, seq, tlv

DATA, SIGNED, ENCRYPTED = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.6"
SHROUDED = "1.2.840.113549.1.12.10.1.2"
WEEK = timedelta(days=7)


def number(value: int) -> bytes:
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def csr(*extensions: "tuple[x509.ExtensionType, bool]", country: str = "", challenge: bytes = b"") -> bytes:
    """A certificate request, signed."""
    parts = [x509.NameAttribute(x509.ObjectIdentifier("2.5.4.3"), "bob")]
    if country:
        parts.append(x509.NameAttribute(x509.ObjectIdentifier("2.5.4.6"), country, _validate=False))
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(parts))
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    if challenge:
        builder = builder.add_attribute(x509.ObjectIdentifier("1.2.840.113549.1.9.7"), challenge)
        builder = builder.add_attribute(x509.ObjectIdentifier("1.2.840.113549.1.9.2"), b"x")
    return builder.sign(private_key(), hashes.SHA256()).public_bytes(Encoding.DER)


def crl(
    *extensions: "tuple[x509.ExtensionType, bool]", serial: int = 0xABC, reason: "x509.ReasonFlags | None" = None
) -> bytes:
    """A revocation list of one entry."""
    entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(AT)
    if reason is not None:
        entry = entry.add_extension(x509.CRLReason(reason), False)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(x509.Name.from_rfc4514_string("CN=Issuer"))
        .last_update(AT)
        .next_update(AT + WEEK)
        .add_revoked_certificate(entry.build())
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(private_key(), hashes.SHA256()).public_bytes(Encoding.DER)


def pkcs7(*certificates: bytes, content: bytes = b"", crls: bytes = b"", signers: bytes = b"") -> bytes:
    """SignedData that carries certificates."""
    inner = seq(oid(DATA), tlv(0xA0, tlv(4, content)) if content else b"")
    lists = tlv(0xA1, crls) if crls else b""
    signed = seq(tlv(2, b"\1"), tlv(0x31), inner, tlv(0xA0, *certificates), lists, tlv(0x31, signers))
    return seq(oid(SIGNED), tlv(0xA0, signed))


def pkcs12(
    password: bytes = b"", *, legacy: bool = False, name: "bytes | None" = None, key: bool = False, plain: bool = False
) -> bytes:
    """PKCS#12 as pyca writes it."""
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(1000)
        .key_cert_algorithm(PBES.PBESv1SHA1And3KeyTripleDESCBC if legacy else PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA1() if legacy else hashes.SHA256())
        .build(password)
        if password and not plain
        else BestAvailableEncryption(password)
        if password
        else NoEncryption()
    )
    chain = [PKCS12Certificate(made(subject="Issuer"), "\u00e9\x1b".encode())]
    own = made() if key else None
    return serialize_key_and_certificates(name, private_key() if key else None, own, chain, encryption)


def pkcs12_raw(*parts: bytes, mac: bytes = b"", kind: str = DATA) -> bytes:
    """PKCS#12 around any ContentInfos."""
    return seq(number(3), seq(oid(kind), tlv(0xA0, tlv(4, seq(*parts)))), mac)


def pbes2(iterations: int) -> bytes:
    """PBES2 with PBKDF2, SHA-256 and AES-256-CBC."""
    parameters = seq(tlv(4, b"saltsalt"), number(iterations), seq(oid("1.2.840.113549.2.9"), tlv(5)))
    cipher = seq(oid("2.16.840.1.101.3.4.1.42"), tlv(4, bytes(16)))
    return seq(oid("1.2.840.113549.1.5.13"), seq(seq(oid("1.2.840.113549.1.5.12"), parameters), cipher))


def encrypted(data: bytes, password: bytes, iterations: int = 1000) -> bytes:
    """*data* under `pbes2`."""
    key = hashlib.pbkdf2_hmac("sha256", password, b"saltsalt", iterations, 32)
    rest = 16 - len(data) % 16
    encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    return encryptor.update(data + bytes([rest]) * rest) + encryptor.finalize()


def encrypted_part(data: bytes, password: bytes, iterations: int = 1000) -> bytes:
    """A ContentInfo of encrypted bags."""
    inner = seq(oid(DATA), pbes2(iterations), tlv(0x80, encrypted(data, password, iterations)))
    return seq(oid(ENCRYPTED), tlv(0xA0, seq(number(0), inner)))


def plain_part(bags: bytes) -> bytes:
    """A ContentInfo of bags in clear."""
    return seq(oid(DATA), tlv(0xA0, tlv(4, bags)))


def shrouded(iterations: int) -> bytes:
    """A bag with an encrypted key in it, which no password opens."""
    return seq(oid(SHROUDED), tlv(0xA0, seq(pbes2(iterations), tlv(4, bytes(64)))))


def certificate_bag(data: bytes) -> bytes:
    """A bag with a certificate in it."""
    inner = seq(oid("1.2.840.113549.1.9.22.1"), tlv(0xA0, tlv(4, data)))
    return seq(oid("1.2.840.113549.1.12.10.1.3"), tlv(0xA0, inner))


def ocsp(*, revoked: bool = False, by_name: bool = True, certificates: bool = True, next_update: bool = True) -> bytes:
    """A successful OCSP response."""
    by = ocsp_module.OCSPResponderEncoding.NAME if by_name else ocsp_module.OCSPResponderEncoding.HASH
    status = ocsp_module.OCSPCertStatus.REVOKED if revoked else ocsp_module.OCSPCertStatus.GOOD
    builder = ocsp_module.OCSPResponseBuilder().add_response(
        made(serial=0xFEED),
        made(subject="Issuer"),
        hashes.SHA256(),
        status,
        AT,
        AT + WEEK if next_update else None,
        AT if revoked else None,
        x509.ReasonFlags.key_compromise if revoked else None,
    )
    builder = builder.responder_id(by, made(subject="Responder"))
    if certificates:
        builder = builder.certificates([made(subject="Responder")])
    return builder.sign(private_key(), hashes.SHA256()).public_bytes(Encoding.DER)


def spkac(
    key: "ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None" = None,
    signature: "bytes | None" = None,
    algorithm: str = "1.2.840.10045.4.3.2",
    challenge: bytes = b"hello",
) -> bytes:
    """An SPKAC, signed by an elliptic-curve key unless a signature is given."""
    own = key if key is not None else private_key()
    body = seq(own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), tlv(22, challenge))
    if signature is None:
        assert isinstance(own, ec.EllipticCurvePrivateKey)
        signature = own.sign(body, ec.ECDSA(hashes.SHA256()))
    return seq(body, seq(oid(algorithm)), tlv(3, b"\0" + signature))
