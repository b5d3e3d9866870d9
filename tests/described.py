"""Certificates as values, made without reading one: a good client certificate, and what is to be different in it."""

from datetime import datetime, timedelta, timezone
from typing import Any

from authkit.certs.describe import Described

AT = datetime(2026, 11, 24, 9, 0, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
SERIAL = "4d70735c64067f1397daff1b5fdb1899a63771c1"
CLIENT_EXTENSIONS = [
    ("subjectAltName", True),
    ("basicConstraints", True),
    ("keyUsage", True),
    ("extKeyUsage", False),
    ("subjectKeyIdentifier", False),
    ("authorityKeyIdentifier", False),
]


def client(**changes: Any) -> Described:
    """Return a certificate in which nothing is to be found, but for *changes*."""
    one = Described(b"")
    one.x509 = object()  # type: ignore[assignment]
    one.version = 3
    one.serial = SERIAL
    one.subject_der = b"0\0"
    one.issuer, one.issuer_der, one.issuer_parts = "CN=Example CA", b"ca", (("CN", "Example CA"),)
    one.not_before, one.not_after = AT - 6 * DAY, AT + 24 * DAY
    one.key = {"type": "p256", "bits": 256}
    one.signature_algorithm = "ecdsa-with-SHA256"
    one.san = ["email:alice@example.com"]
    one.eku = ["clientAuth"]
    one.key_usage = ["digitalSignature"]
    one.ski, one.aki = "aa", "bb"
    one.extensions = list(CLIENT_EXTENSIONS)
    for name, value in changes.items():
        assert hasattr(one, name), name
        setattr(one, name, value)
    return one


def without(*names: str) -> "list[tuple[str, bool]]":
    """Return the extensions of a client certificate without some of them."""
    return [one for one in CLIENT_EXTENSIONS if one[0] not in names]


def named(text: str) -> "dict[str, Any]":
    """Return the changes that give a certificate the subject CN=*text*."""
    return {"subject": f"CN={text}", "subject_der": text.encode(), "subject_parts": (("CN", text),)}


def ca(**changes: Any) -> Described:
    """Return an intermediate CA in which nothing is to be found, but for *changes*."""
    wanted: "dict[str, Any]" = {
        **named("Example Sub CA"),
        "is_ca": True,
        "path_length": 0,
        "san": [],
        "key_usage": ["keyCertSign", "cRLSign"],
        "extensions": without("subjectAltName"),
    }
    return client(**{**wanted, **changes})


def root(**changes: Any) -> Described:
    """Return a root CA in which nothing is to be found, but for *changes*."""
    same = {"issuer": "CN=Example CA", "issuer_der": b"ca", "issuer_parts": (("CN", "Example CA"),)}
    subject = {"subject": "CN=Example CA", "subject_der": b"ca", "subject_parts": (("CN", "Example CA"),)}
    return ca(**{**same, **subject, "path_length": None, "eku": [], "aki": "aa", "serial": "1", **changes})
