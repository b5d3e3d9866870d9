"""What does a CA's ledger say of its certificates?"""

from authkit import base64, strictjson
from authkit.certs.members import ELSEWHERE, read_member
from authkit.certs.members import REASONS as REASONS
from authkit.clock import format_instant
from authkit.errors import InputError, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any

    from cryptography import x509

    from authkit.certs.issue import Issued

CREATED, ISSUED, REVOKED = "created", "issued", "revoked"
CRL_RESERVED, CRL_WRITTEN, REPAIRED = "crl-reserved", "crl-written", "repaired"

# event -> (members it has, members it may have); all lines have those of _COMMON
_COMMON = ("n", "at", "prev", "event")
_EVENTS: "dict[str, tuple[tuple[str, ...], tuple[str, ...]]]" = {
    CREATED: (("name", "issuer"), ("fingerprint", "not_after")),
    ISSUED: (
        ("name", "serial", "fingerprint", "san", "not_before", "not_after", "profile", "issuer", "certificate"),
        ("common_name", "sid", "key"),
    ),
    REVOKED: (("serial", "issuer", "date", "reason"), ()),
    CRL_RESERVED: (("first", "last"), ()),
    CRL_WRITTEN: (("number", "sha256", "this_update", "next_update"), ()),
    REPAIRED: (("file", "sha256"), ()),
}


class IssuedRow:
    """A certificate that the CA issued.

    Attributes:
        number: of the ledger's line.
        at: when, aware UTC.
        name: which the operator gave it; a renewed certificate has that of the old one.
        serial: lower-case hex, no leading zero.
        fingerprint: SHA-256 of the DER certificate, lower-case hex, 64.
        san: texts such as "email:alice@example.com".
        not_before, not_after: aware UTC.
        profile: a name of PROFILES.
        issuer: SKI of the CA's key, lower-case hex.
        certificate: DER.
        common_name, sid: or None.
        elsewhere: whether its key came in a CSR, so that nobody here ever had it.
    """

    __slots__ = (
        "at",
        "certificate",
        "common_name",
        "elsewhere",
        "fingerprint",
        "issuer",
        "name",
        "not_after",
        "not_before",
        "number",
        "profile",
        "san",
        "serial",
        "sid",
    )

    def __init__(
        self,
        number: int,
        at: "datetime",
        name: str,
        serial: str,
        fingerprint: str,
        san: "tuple[str, ...]",
        not_before: "datetime",
        not_after: "datetime",
        profile: str,
        issuer: str,
        certificate: bytes,
        common_name: "str | None" = None,
        sid: "str | None" = None,
        key: "str | None" = None,
    ) -> None:
        self.number = number
        self.at = at
        self.name = name
        self.serial = serial
        self.fingerprint = fingerprint
        self.san = san
        self.not_before = not_before
        self.not_after = not_after
        self.profile = profile
        self.issuer = issuer
        self.certificate = certificate
        self.common_name = common_name
        self.sid = sid
        self.elsewhere = key == ELSEWHERE

    def __repr__(self) -> str:
        return f"<IssuedRow {self.name} {self.serial}>"


class Revocation:
    """A certificate that the CA took back.

    Attributes:
        serial: lower-case hex, no leading zero.
        issuer: SKI of the CA's key, lower-case hex.
        date: since when, aware UTC.
        reason: a key of REASONS.
    """

    __slots__ = ("date", "issuer", "reason", "serial")

    def __init__(self, serial: str, issuer: str, date: "datetime", reason: str) -> None:
        self.serial = serial
        self.issuer = issuer
        self.date = date
        self.reason = reason

    def __repr__(self) -> str:
        return f"<Revocation {self.serial} {self.reason}>"


class WrittenCrl:
    """A CRL that was written.

    Attributes:
        at: when, aware UTC.
        number: its CRL number.
        sha256: of its DER, lower-case hex, 64.
        this_update, next_update: aware UTC.
    """

    __slots__ = ("at", "next_update", "number", "sha256", "this_update")

    def __init__(
        self, at: "datetime", number: int, sha256: str, this_update: "datetime", next_update: "datetime"
    ) -> None:
        self.at = at
        self.number = number
        self.sha256 = sha256
        self.this_update = this_update
        self.next_update = next_update


class Record:
    """What a ledger says, all lines taken together.

    Attributes:
        created: name and SKI of the CA, of each key that it has had.
        issued: oldest first, no serial twice.
        revoked: serial -> Revocation, oldest first.
        crls: oldest first.
        last_crl_number: the highest that was reserved; 0 if none was.
        misleading_until: the last next update of all CRLs that were written before the last revocation, and so do
            not list it; None if there are none.
    """

    __slots__ = ("created", "crls", "issued", "last_crl_number", "misleading_until", "revoked")

    def __init__(self) -> None:
        self.created: "list[tuple[str, str]]" = []
        self.issued: "list[IssuedRow]" = []
        self.revoked: "dict[str, Revocation]" = {}
        self.crls: "list[WrittenCrl]" = []
        self.last_crl_number = 0
        self.misleading_until: "datetime | None" = None

    @property
    def next_crl_number(self) -> int:
        """The first CRL number that was never reserved, 1 or more."""
        return self.last_crl_number + 1

    def by_serial(self, serial: str) -> "IssuedRow | None":
        """Return what was issued with *serial*, lower-case hex; None if nothing was."""
        return next((row for row in self.issued if row.serial == serial), None)

    def named(self, name: str) -> "list[IssuedRow]":
        """Return what was issued under *name*, oldest first."""
        return [row for row in self.issued if row.name == name]

    def latest(self) -> "dict[str, IssuedRow]":
        """Return name -> the last certificate issued under it, in the order in which the names first came."""
        return {row.name: row for row in self.issued}


def parse_record(lines: "Iterable[dict[str, object]]", what: str = "the ledger") -> Record:
    """Return what the lines of a CA's ledger say.

    Args:
        lines: oldest first, as strict JSON reads them; their chain was checked.
        what: names the ledger in messages, e.g. its path.

    Raises:
        StoreError: naming the line that has an event or a member not known here, lacks one, holds a value of another
            form, issues a serial twice, revokes one twice, or uses a CRL number that was not free or not reserved.
    """
    from hashlib import sha256

    record = _Reader()
    for number, line in enumerate(lines, 1):
        where = f"{what}: line {number}"
        try:
            event = line.get("event")
            if not isinstance(event, str) or event not in _EVENTS:
                raise InputError(f"{where}: {str(event)[:64]!r} is not an event of a CA's ledger")
            required, optional = _EVENTS[event]
            strictjson.members(line, where, _COMMON + required, optional)
            found = {name: read_member(line, name, where) for name in line if name not in ("n", "prev", "event")}
            if event == ISSUED and sha256(found["certificate"]).hexdigest() != found["fingerprint"]:
                raise InputError(f"{where}: the fingerprint is not that of the certificate")
            record.take(event, number, found, where)
        except InputError as error:
            raise StoreError(error.message) from error
    return record


class _Reader(Record):
    """A record that grows line by line."""

    __slots__ = ("_free", "_last_update", "_serials")

    def __init__(self) -> None:
        super().__init__()
        self._free: "set[int]" = set()
        self._serials: "set[str]" = set()
        self._last_update: "datetime | None" = None

    def take(self, event: str, number: int, found: "dict[str, Any]", where: str) -> None:
        if event == ISSUED:
            if found["serial"] in self._serials:
                raise InputError(f"{where}: serial {found['serial']} is issued a second time")
            self._serials.add(found["serial"])
            self.issued.append(IssuedRow(number, **found))
        elif event == REVOKED:
            del found["at"]
            if found["serial"] in self.revoked:
                raise InputError(f"{where}: serial {found['serial']} is revoked a second time")
            self.revoked[found["serial"]] = Revocation(**found)
            self.misleading_until = self._last_update
        elif event == CRL_RESERVED:
            self._reserve(found["first"], found["last"], where)
        elif event == CRL_WRITTEN:
            if found["number"] not in self._free:
                raise InputError(f"{where}: CRL number {found['number']} is not reserved, or written a second time")
            self._free.remove(found["number"])
            self.crls.append(WrittenCrl(**found))
            self._last_update = max(self._last_update or found["next_update"], found["next_update"])
        elif event == CREATED:
            self.created.append((found["name"], found["issuer"]))

    def _reserve(self, first: int, last: int, where: str) -> None:
        if first != self.next_crl_number or last < first or last - first >= MOST_RESERVED:
            raise InputError(f"{where}: CRL numbers {first} to {last} cannot be reserved here")
        self._free.update(range(first, last + 1))
        self.last_crl_number = last


# no series is that long; a line must not make the reader count to 2**53
MOST_RESERVED = 10_000


def ski_of(certificate: "x509.Certificate") -> str:
    """Return the subject key identifier of a CA's certificate, computed from its key if it carries none.

    Returns:
        lower-case hex; what the ledger calls the issuer.

    Source:
        RFC 5280 §4.2.1.2, method (1), where there is no extension.
        Deviations: none.
    """
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        found = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
    return found.digest.hex()


def created_event(name: str, issuer: str, certificate: "x509.Certificate | None" = None) -> "dict[str, object]":
    """Return the ledger line of a CA that was made, or that got its certificate.

    Args:
        name: of the CA in its store.
        issuer: its SKI, lower-case hex.
        certificate: None while it is to come from a parent elsewhere.
    """
    event: "dict[str, object]" = {"event": CREATED, "name": name, "issuer": issuer}
    if certificate is not None:
        from cryptography.hazmat.primitives.hashes import SHA256

        event["fingerprint"] = certificate.fingerprint(SHA256()).hex()
        event["not_after"] = format_instant(certificate.not_valid_after_utc)
    return event


def issued_event(issued: "Issued", issuer: str, *, elsewhere: bool = False) -> "dict[str, object]":
    """Return the ledger line of a certificate, which is written before the certificate leaves.

    Args:
        issued: what was made.
        issuer: SKI of the CA's key, lower-case hex.
        elsewhere: whether its key came in a CSR.
    """
    event: "dict[str, object]" = {
        "event": ISSUED,
        "name": issued.name,
        "serial": issued.serial_hex,
        "fingerprint": issued.fingerprint,
        "san": [str(one) for one in issued.names.sans],
        "not_before": format_instant(issued.not_before),
        "not_after": format_instant(issued.not_after),
        "profile": issued.profile,
        "issuer": issuer,
        "certificate": base64.encode(issued.der),
    }
    if issued.names.common_name:
        event["common_name"] = issued.names.common_name
    if issued.names.sid:
        event["sid"] = issued.names.sid
    if elsewhere:
        event["key"] = ELSEWHERE
    return event


def revoked_event(revocation: Revocation) -> "dict[str, object]":
    """Return the ledger line of a revocation."""
    return {
        "event": REVOKED,
        "serial": revocation.serial,
        "issuer": revocation.issuer,
        "date": format_instant(revocation.date),
        "reason": revocation.reason,
    }


def crl_reserved_event(first: int, last: int) -> "dict[str, object]":
    """Return the ledger line that takes CRL numbers, *last* included, before anything is signed with them."""
    return {"event": CRL_RESERVED, "first": first, "last": last}


def crl_written_event(
    number: int, sha256: str, this_update: "datetime", next_update: "datetime"
) -> "dict[str, object]":
    """Return the ledger line of a CRL, which is written before its file appears.

    Args:
        number: a reserved one.
        sha256: of the DER, lower-case hex.
        this_update, next_update: aware UTC, whole seconds.
    """
    return {
        "event": CRL_WRITTEN,
        "number": number,
        "sha256": sha256,
        "this_update": format_instant(this_update),
        "next_update": format_instant(next_update),
    }
