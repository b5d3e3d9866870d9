"""CAs for tests of certificates: made by authkit, or with any extension by hand."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authkit.certs.authority import Authority
from authkit.certs.issue import Issued, issue_certificate, issue_root
from authkit.certs.names import Names, complete_names, parse_san
from authkit.certs.permit import Permitted
from authkit.certs.profile import ISSUED_FOR, KINDS, PROFILES
from authkit.certs.subject_key import generate_key

AT = datetime(2026, 11, 24, 9, 0, 0, tzinfo=timezone.utc)
CA_USE = x509.KeyUsage(False, False, False, False, False, True, True, False, False)


def counting() -> Callable[[int], bytes]:
    """Return randomness that is the same in every run."""
    count = 0

    def random(size: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(b"%d" % count).digest(size)

    return random


def root(
    issued_for: str = "client",
    *,
    key_type: str = "p256",
    days: int | None = None,
    path_length: int | None = 1,
    constraints: Permitted | None = None,
    kinds: Sequence[str] = KINDS,
    at: datetime = AT,
    name: str = "root",
) -> Authority:
    key = generate_key(key_type)
    certificate = issue_root(
        name, key, at, days, counting(), issued_for=issued_for, path_length=path_length, constraints=constraints
    )
    return Authority(name, certificate, (), key, issued_for, ISSUED_FOR[issued_for][1], kinds)


def below(
    parent: Authority, *, key_type: str = "p256", name: str = "middle", at: datetime = AT, **more: Any
) -> Authority:
    key = generate_key(key_type)
    issued = issue_certificate(
        parent,
        PROFILES["intermediate"],
        Names(name),
        key.public_key(),
        at,
        more.pop("days", 30),
        counting(),
        name=name,
        **more,
    )
    chain = (parent.certificate, *parent.chain)
    return Authority(name, issued.certificate, chain, key, parent.issued_for, parent.profiles, parent.kinds)


def foreign(
    *extensions: tuple[x509.ExtensionType, bool],
    key_type: str = "p256",
    parent: Authority | None = None,
    name: str = "foreign",
    issued_for: str = "client",
    start: datetime = AT - timedelta(days=1),
    days: int = 365,
) -> Authority:
    """Return a CA with just these extensions, as another program could have made it."""
    key = generate_key(key_type)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer = parent.certificate.subject if parent else subject
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), 77, start, start + timedelta(days=days))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    signer = parent.private_key if parent else key
    assert signer is not None
    certificate = builder.sign(signer, None if isinstance(signer, Ed25519PrivateKey) else hashes.SHA256())
    chain = (parent.certificate, *parent.chain) if parent else ()
    return Authority(name, certificate, chain, key, issued_for, ISSUED_FOR[issued_for][1])


def ca_marks(path_length: int | None = None) -> list[tuple[x509.ExtensionType, bool]]:
    return [(x509.BasicConstraints(True, path_length), True), (CA_USE, True)]


SAMPLES: dict[str, list[tuple[str, str]]] = {
    "client": [("email", "ada@example.com")],
    "spiffe": [("spiffe", "spiffe://example.org/ns/build")],
    "eap-tls": [("upn", "ada@corp.example.com")],
    "roles-anywhere": [("uri", "urn:example:build")],
    "server": [("dns", "*.example.com"), ("ip", "192.0.2.1")],
    "intermediate": [],
}


def names(profile: str, *more: tuple[str, str], name: str = "ada", **parts: str) -> Names:
    """Return the names that a certificate of a profile has."""
    sans = [parse_san(kind, text) for kind, text in more or SAMPLES[profile]]
    return complete_names(Names(parts.get("common_name"), sans, parts.get("sid")), PROFILES[profile], name)


def issue(
    authority: Authority,
    profile: str = "client",
    *more: tuple[str, str],
    key_type: str = "p256",
    days: int | None = None,
    at: datetime = AT,
    parts: dict[str, str] | None = None,
    random: Callable[[int], bytes] | None = None,
    key: Any = None,
    **rest: Any,
) -> Issued:
    return issue_certificate(
        authority,
        PROFILES[profile],
        names(profile, *more, **(parts or {})),
        key or generate_key(key_type).public_key(),
        at,
        days,
        random or counting(),
        name="ada",
        **rest,
    )
