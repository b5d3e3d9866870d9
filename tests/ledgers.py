"""A CA, what it issued, and the lines of its ledger, made without the code that is tested with them."""

import base64
from datetime import datetime, timedelta, timezone
from functools import cache
from types import SimpleNamespace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

UTC = timezone.utc
AT = datetime(2026, 11, 24, 9, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def subject(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def usage(*, crl_sign: bool = True, cert_sign: bool = True) -> x509.KeyUsage:
    return x509.KeyUsage(not cert_sign, False, False, False, False, cert_sign, crl_sign, False, False)


@cache
def key_of(kind: str = "p256", number: int = 0) -> Any:
    """Return a private key, the same one for the same arguments."""
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP384R1() if kind == "p384" else ec.SECP256R1())


def make_authority(
    name: str = "demo",
    key: Any = None,
    *,
    start: datetime = AT - DAY,
    end: datetime = AT + 3650 * DAY,
    key_usage: "x509.KeyUsage | None" = None,
    ski: bool = True,
) -> Any:
    """Return a CA with the attributes that CRLs need."""
    key = key or key_of()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject(name))
        .issuer_name(subject(name))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    if key_usage is not None:
        builder = builder.add_extension(key_usage, critical=True)
    if ski:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    return SimpleNamespace(name=name, certificate=certificate, chain=[], private_key=key)


def make_leaf(
    authority: Any, serial: int, key: Any = None, name: str = "alice", end: datetime = AT + 7 * DAY
) -> x509.Certificate:
    """Return a certificate that *authority* signed."""
    key = key or key_of(number=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject(name))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(AT - DAY)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(authority.private_key, hashes.SHA256())
    )


def issuer_of(authority: Any) -> str:
    """Return the SKI of a CA's key, lower-case hex."""
    return x509.SubjectKeyIdentifier.from_public_key(authority.private_key.public_key()).digest.hex()


def line(event: str, at: datetime = AT, **members: object) -> dict[str, object]:
    return {"n": 1, "at": stamp(at), "prev": "0" * 64, "event": event, **members}


def issued_line(
    certificate: x509.Certificate, issuer: str, name: str = "alice", at: datetime = AT, **members: object
) -> dict[str, object]:
    """Return the line of *certificate*."""
    from cryptography.hazmat.primitives.serialization import Encoding

    found = {
        "name": name,
        "serial": f"{certificate.serial_number:x}",
        "fingerprint": certificate.fingerprint(hashes.SHA256()).hex(),
        "san": ["email:alice@example.com"],
        "not_before": stamp(certificate.not_valid_before_utc),
        "not_after": stamp(certificate.not_valid_after_utc),
        "profile": "client",
        "issuer": issuer,
        "certificate": base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(),
    }
    return line("issued", at, **{**found, **members})


def revoked_line(serial: int, issuer: str, at: datetime = AT, reason: str = "unspecified") -> dict[str, object]:
    return line("revoked", at, serial=f"{serial:x}", issuer=issuer, date=stamp(at), reason=reason)


def written_lines(
    first: int, at: datetime, days: int = 7, count: int = 1, next_days: "int | None" = None
) -> list[dict[str, object]]:
    """Return the lines of CRLs, each *days* after the one before."""
    lines = [line("crl-reserved", at, first=first, last=first + count - 1)]
    for place in range(count):
        begins = at + place * days * DAY
        ends = begins + (next_days or days) * DAY
        lines.append(
            line(
                "crl-written",
                at,
                number=first + place,
                sha256=f"{first + place:064x}",
                this_update=stamp(begins),
                next_update=stamp(ends),
            )
        )
    return lines
