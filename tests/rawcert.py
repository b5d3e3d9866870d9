"""Certificates put together byte by byte, so that each part can be wrong on purpose."""

from datetime import datetime, timedelta, timezone
from functools import cache
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

AT = datetime(2026, 11, 24, 9, 0, 0, tzinfo=timezone.utc)
ALGORITHM = bytes.fromhex("300a06082a8648ce3d040302")  # ecdsa-with-SHA256


def tlv(tag: int, *parts: bytes) -> bytes:
    """An element, with its length as DER writes it."""
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 128 | len(length))) + length + body


def seq(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def oid(dotted: str) -> bytes:
    """An object identifier."""
    first, second, *rest = map(int, dotted.split("."))
    body = []
    for arc in (40 * first + second, *rest):
        groups = [arc >> shift & 127 for shift in range(0, max(arc.bit_length(), 1), 7)]
        body += [group | 128 for group in groups[:0:-1]] + groups[:1]
    return tlv(6, bytes(body))


def part(dotted: str, tag: int, value: bytes) -> bytes:
    """One part of a name."""
    return seq(oid(dotted), tlv(tag, value))


def name(*parts: bytes) -> bytes:
    """A name with each part in an RDN of its own."""
    return seq(*[tlv(0x31, one) for one in parts])


def common_name(text: str) -> bytes:
    return name(part("2.5.4.3", 12, text.encode()))


def extension(dotted: str, value: bytes, critical: bool = False) -> bytes:
    return seq(oid(dotted), tlv(1, b"\xff") if critical else b"", tlv(4, value))


@cache
def private_key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(sha256(b"rawcert").digest(), "big"), ec.SECP256R1())


def spki() -> bytes:
    return private_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def raw(
    *extensions: bytes,
    version: bytes = tlv(0xA0, tlv(2, b"\2")),
    serial: bytes = tlv(2, b"\x10\x92"),
    algorithm: bytes = ALGORITHM,
    issuer: bytes = common_name("Issuer"),
    validity: bytes = seq(tlv(23, b"261124090000Z"), tlv(23, b"261201090000Z")),
    subject: bytes = common_name("alice"),
    key: bytes = spki(),
    more: bytes = b"",
    outside: bytes = ALGORITHM,
) -> bytes:
    """A certificate; every part whole, DER or not."""
    block = tlv(0xA3, seq(*extensions)) if extensions else b""
    body = seq(version, serial, algorithm, issuer, validity, subject, key, more, block)
    return seq(body, outside, tlv(3, b"\0" + bytes(8)))


def made(
    *extensions: "tuple[x509.ExtensionType, bool]", subject: str = "alice", days: int = 7, serial: int = 4242
) -> x509.Certificate:
    """A certificate as pyca makes one, signed by its own key."""
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(title)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Issuer")]))
        .public_key(private_key().public_key())
        .serial_number(serial)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=days))
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(private_key(), hashes.SHA256())


def der(certificate: "x509.Certificate | x509.CertificateSigningRequest") -> bytes:
    return certificate.public_bytes(Encoding.DER)


def pem(data: bytes, label: str = "CERTIFICATE") -> bytes:
    """PEM of any bytes."""
    from base64 import encodebytes

    lines = encodebytes(data).replace(b"\n", b"")
    wrapped = b"\n".join([lines[at : at + 64] for at in range(0, len(lines), 64)])
    return b"-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label.encode(), wrapped, label.encode())


def private_der(format: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8) -> bytes:
    return private_key().private_bytes(Encoding.DER, format, serialization.NoEncryption())
