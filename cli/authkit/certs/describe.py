"""What does a certificate say, field by field, also where it is broken?"""

from hashlib import sha1, sha256
from warnings import catch_warnings, simplefilter

from cryptography import x509

from authkit.certs import der
from authkit.certs.extensions import Extensions
from authkit.certs.fields import UNREADABLE, read_key, read_name, read_signature_algorithm, read_time, why

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

FIELDS = ("serial", "signature_algorithm", "issuer", "validity", "subject", "key")
_VERSIONS = {b"\2\1\0": 1, b"\2\1\1": 2, b"\2\1\2": 3}


class Described(Extensions):
    """A certificate as a value; foreign text stays as it is, and nothing in it is trusted.

    Attributes:
        der: the certificate's own bytes, without what may follow them.
        x509: as pyca reads it, or None where pyca does not.
        sha256, sha1: fingerprints of *der*, lower-case hex.
        spki_sha256: SHA-256 of the SubjectPublicKeyInfo, lower-case hex; "" where there is none.
        subject, issuer: as RFC 4514 writes names; subject_parts, issuer_parts: (name or OID, value) in order;
            subject_der, issuer_der: whole bytes.
        serial: lower-case hex without leading zeros, "-" before a negative one; "" where it cannot be read.
        version: 1 to 3 in a sound certificate; 0 where it cannot be read.
        not_before, not_after: aware UTC, whole seconds, or None where they cannot be read.
        key: {"type", "bits"}, see `fields.read_key`, or None.
        signature_algorithm: by name, e.g. "ecdsa-with-SHA256", or OID.
        The rest: see `Extensions`.
    """

    __slots__ = (
        "der",
        "x509",
        "sha256",
        "sha1",
        "spki_sha256",
        "subject",
        "subject_parts",
        "subject_der",
        "issuer",
        "issuer_parts",
        "issuer_der",
        "serial",
        "version",
        "not_before",
        "not_after",
        "key",
        "signature_algorithm",
    )

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.der = data
        self.x509: "x509.Certificate | None" = None
        self.sha256 = sha256(data).hexdigest()
        self.sha1 = sha1(data, usedforsecurity=False).hexdigest()
        self.spki_sha256 = ""
        self.subject = self.issuer = ""
        self.subject_parts: "tuple[tuple[str, str], ...]" = ()
        self.issuer_parts: "tuple[tuple[str, str], ...]" = ()
        self.subject_der = self.issuer_der = b""
        self.serial = ""
        self.version = 1
        self.not_before: "datetime | None" = None
        self.not_after: "datetime | None" = None
        self.key: "dict[str, object] | None" = None
        self.signature_algorithm = ""


def describe(data: bytes) -> Described:
    """Return what a certificate says; what cannot be read is in `faults`, and hides nothing else.

    Args:
        data: DER; untrusted.

    Source:
        RFC 5280 §4.1.
        Deviations: a certificate that breaks the rules is described as far as it goes.
    """
    start, end, fault = der.outer(data)
    found = Described(data[:end])
    if fault:
        found.faults.append(("certificate", fault))
    if end < len(data):
        found.faults.append(("certificate", f"{len(data) - end} bytes follow it"))
    with catch_warnings():
        simplefilter("ignore")  # pyca warns of what is a fault or a finding here
        try:
            found.x509 = x509.load_der_x509_certificate(found.der)
        except UNREADABLE as error:
            found.faults.append(("certificate", why(error)))
        _read(found, start)
    return found


def _read(found: Described, start: int) -> None:
    data, end = found.der, len(found.der)
    parts, fault = der.until_broken(data, start, end)
    if fault or len(parts) < 3:
        found.faults.append(("certificate", fault or "is not made of three parts"))
    if parts:
        begin, stop = parts[0][2:]
    else:
        begin, stop, _ = der.outer(data[start:])
        begin, stop = start + begin, start + stop
    body, fault = der.until_broken(data, begin, stop)
    if fault:
        found.faults.append(("certificate", fault))
    if body and body[0][0] == 0xA0:
        _read_version(found, data[body[0][2] : body[0][3]])
        del body[0]
    for name, (tag, at, inside, stop) in zip(FIELDS, body):
        try:
            _READERS[name](found, tag, data[at:stop], data[inside:stop])
        except der.Broken as error:
            found.faults.append((name, str(error)))
    for name in FIELDS[len(body) :]:
        found.faults.append((name, "is missing"))
    if len(parts) > 1:
        _read_outer_algorithm(found, data[parts[1][1] : parts[1][3]])
    _read_extensions(found, [data[one[2] : one[3]] for one in body[len(FIELDS) :] if one[0] == 0xA3])


def _read_version(found: Described, raw: bytes) -> None:
    found.version = _VERSIONS.get(raw, 0)
    if found.version == 0:
        found.faults.append(("version", "is not 1, 2 or 3"))


def _read_serial(found: Described, tag: int, whole: bytes, body: bytes) -> None:
    if tag != der.INTEGER or not body:
        raise der.Broken("is not a number")
    found.serial = f"{int.from_bytes(body, 'big', signed=True):x}"


def _read_algorithm(found: Described, tag: int, whole: bytes, body: bytes) -> None:
    found.signature_algorithm = read_signature_algorithm(whole)


def _read_outer_algorithm(found: Described, whole: bytes) -> None:
    try:
        outside = read_signature_algorithm(whole)
    except der.Broken as error:
        found.faults.append(("signature_algorithm", str(error)))
        return
    if outside != found.signature_algorithm:
        inside = found.signature_algorithm or "nothing"
        found.faults.append(("signature_algorithm", f"the signed part says {inside}, the signature {outside}"))
        found.signature_algorithm = outside


def _read_issuer(found: Described, tag: int, whole: bytes, body: bytes) -> None:
    found.issuer_der = whole
    found.issuer, found.issuer_parts, fault = read_name(whole)
    if fault:
        raise der.Broken(fault)


def _read_subject(found: Described, tag: int, whole: bytes, body: bytes) -> None:
    found.subject_der = whole
    found.subject, found.subject_parts, fault = read_name(whole)
    if fault:
        raise der.Broken(fault)


def _read_validity(found: Described, tag: int, whole: bytes, body: bytes) -> None:
    times = der.children(whole)
    if len(times) != 2:
        raise der.Broken("is not two times")
    found.not_before = _read_instant(found, "not_before", *times[0])
    found.not_after = _read_instant(found, "not_after", *times[1])


def _read_instant(found: Described, name: str, tag: int, raw: bytes) -> "datetime | None":
    try:
        instant = read_time(tag, der.content(raw))
    except der.Broken as error:
        found.faults.append((name, str(error)))
        return None
    if tag == der.GENERALIZED_TIME and instant.year < 2050:
        found.faults.append((name, "is a GeneralizedTime before 2050"))
    return instant


def _read_key(found: Described, tag: int, whole: bytes, body: bytes) -> None:
    found.spki_sha256 = sha256(whole).hexdigest()
    found.key, fault = read_key(whole, found.x509)
    if fault:
        raise der.Broken(fault)


_READERS = {
    "serial": _read_serial,
    "signature_algorithm": _read_algorithm,
    "issuer": _read_issuer,
    "validity": _read_validity,
    "subject": _read_subject,
    "key": _read_key,
}


def _read_extensions(found: Described, blocks: "list[bytes]") -> None:
    if blocks and found.version in (1, 2):
        found.faults.append(("version", f"{found.version} has no extensions, but this certificate has"))
    if found.x509 is not None:
        try:
            found.read(found.x509.extensions)
            return
        except UNREADABLE:
            pass  # one of them; each is read by itself
    for block in blocks:
        found.walk(block)


def as_json(described: Described) -> "dict[str, object]":
    """Return a certificate as `inspect-cert --json` prints it; findings, works_for, leaks and source go beside it."""
    return {
        "sha256": described.sha256,
        "sha1": described.sha1,
        "spki_sha256": described.spki_sha256,
        "subject": described.subject,
        "issuer": described.issuer,
        "serial": described.serial,
        "version": described.version,
        "not_before": _stamp(described.not_before),
        "not_after": _stamp(described.not_after),
        "san": described.san,
        "eku": described.eku,
        "key_usage": described.key_usage,
        "key": described.key,
        "signature_algorithm": described.signature_algorithm,
        "is_ca": described.is_ca,
        "path_length": described.path_length,
        "ski": described.ski,
        "aki": described.aki,
        "aia": described.aia,
        "crl_urls": described.crl_urls,
        "policies": described.policies,
        "name_constraints": described.name_constraints,
        "sid": described.sid,
        "scope": described.scope,
        "extensions": [{"name": name, "critical": critical} for name, critical in described.extensions],
        "critical_unknown": described.critical_unknown,
        "faults": [{"field": field, "message": message} for field, message in described.faults],
    }


def _stamp(instant: "datetime | None") -> "str | None":
    return None if instant is None else f"{instant.isoformat()[:19]}Z"
