"""Messages, keys and options for the tests of RFC 9421."""

from datetime import datetime, timedelta, timezone
from hashlib import sha512
from types import SimpleNamespace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from authkit.keys.pair import generate_pair, load_pair
from authkit.messages import response as messages
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.schemes.httpsig.components import Component, signature_base
from authkit.schemes.rfc9421 import INSPECT_OPTIONS, SIGN_OPTIONS, VERIFY_OPTIONS

AT = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)
CREATED = 1795424400  # AT


def random(count: int) -> bytes:
    """Give bytes that are known beforehand: FB FF shows base64 for base64url."""
    return (b"\xfb\xff" * count)[:count]


def component_value(component: Component, message: Any) -> str:
    """Return the value of *component*, as its line of the signature base has it."""
    line, _, params = signature_base(message, (component,), "()").rpartition("\n")
    assert params == '"@signature-params": ()'
    assert line.startswith(f"{component.text}: ")
    return line[len(component.text) + 2 :]


def request(
    method: str = "POST",
    target: str = "/items?a=1&b=2",
    headers: tuple[tuple[str, str], ...] = (("Host", "example.com"), ("Content-Type", "application/json")),
    body: bytes | None = b'{"hello": "world"}',
    scheme: str = "https",
) -> Request:
    """Return a request whose body was seen by both hashes; None for a body that is not known."""
    if body is None:
        return Request(method, target, headers, None, None, scheme)
    return Request(method, target, headers, hash_bytes(body), len(body), scheme, {"sha-512": sha512(body)})


def response(
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes | None = b"",
    related: Request | None = None,
) -> messages.Response:
    """Return a response whose body was seen by both hashes; None for a body that is not known."""
    if body is None:
        return messages.Response(status, headers, None, None, related=related)
    seen: Any = {"sha-512": sha512(body)}
    return messages.Response(status, headers, hash_bytes(body), len(body), watched=seen, related=related)


_made: dict[str, bytes] = {}


def pem(type: str) -> bytes:
    """Return a private key of that type, PEM; the same at every call."""
    if type not in _made:
        _made[type] = generate_pair("rsa3072" if type == "rsa" else type).private_pem
    return _made[type]


def public_pem(type: str) -> bytes:
    """Return the public half of the same key, PEM."""
    return load_pair(pem(type), type).public_pem.encode()


def certificate(type: str) -> bytes:
    """Return a certificate of the same key, DER, by itself; nothing of it but the key is looked at."""
    if f"{type} certificate" in _made:
        return _made[f"{type} certificate"]
    key: Any = load_pem_private_key(pem(type), None)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    start, end = AT - timedelta(days=1), AT + timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(end)
    _made[f"{type} certificate"] = builder.sign(key, SHA256()).public_bytes(Encoding.DER)
    return _made[f"{type} certificate"]


def options(rows: tuple[tuple[Any, ...], ...], **changes: Any) -> Any:
    """Return what the command line gives for *rows* where only *changes* were typed."""
    names = {row[0].partition("|")[0].lstrip("-").replace("-", "_"): row[4] for row in rows}
    assert names.keys() | {"body_unchecked", "presented", "bindings"} >= changes.keys()
    return SimpleNamespace(**{**names, **changes})


def to_sign(**changes: Any) -> Any:
    return options(SIGN_OPTIONS, **changes)


def to_verify(**changes: Any) -> Any:
    return options(VERIFY_OPTIONS, **{"body_unchecked": False, **changes})


def to_inspect(**changes: Any) -> Any:
    return options(INSPECT_OPTIONS, **changes)
