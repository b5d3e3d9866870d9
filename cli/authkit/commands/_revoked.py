"""Which certificates are revoked now, and who has to hear of it?"""

from authkit.certs.certificate import serial_number_of
from authkit.certs.record import Revocation, ski_of
from authkit.clock import format_instant
from authkit.commands import _entries
from authkit.errors import Refused, UsageError
from authkit.ui import render
from authkit.ui.printable import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.certs.authority import Authority
    from authkit.certs.certificate import Certificate
    from authkit.certs.record import IssuedRow, Record
    from authkit.commands._entries import Word
    from authkit.commands._quick import Given


def decide(
    word: "Word", given: "Given", record: "Record", authority: "Authority", at: "datetime"
) -> "list[Revocation]":
    """Return what the command line asks to revoke.

    Raises:
        Refused: if it is revoked already, or the CA never issued it.
        UsageError: if a name has several certificates that are valid, and not all are meant.
        NotFound, InputError: as for `_entries.find`.
    """
    rows, foreign = _entries.find(word, record, authority)
    if foreign is not None:
        if given.all:
            raise UsageError("--all is for a name")
        return [_revoke_foreign(foreign, record, authority, at, given)]
    if given.all:
        chosen = [row for row in rows if row.serial not in record.revoked and row.not_after >= at]
        if not chosen:
            raise Refused(f"no certificate of {word.text} is valid any more, so there is nothing to revoke")
    else:
        chosen = [_entries.one_of(rows, word.text, record, at, "name one by its serial, or add --all")]
    return [_revoke(row, record, at, given.reason) for row in chosen]


def _revoke(row: "IssuedRow", record: "Record", at: "datetime", reason: str) -> Revocation:
    _judge_once(row.serial, row.name, record)
    return Revocation(row.serial, row.issuer, at, reason)


def _judge_once(serial: str, what: str, record: "Record") -> None:
    before = record.revoked.get(serial)
    if before is not None:
        raise Refused(f"{what} ({serial}) was revoked already, at {format_instant(before.date)} ({before.reason})")


def _revoke_foreign(
    certificate: "Certificate", record: "Record", authority: "Authority", at: "datetime", given: "Given"
) -> Revocation:
    """Return the revocation of a certificate that the ledger does not have, if the CA signed it."""
    what = f"the certificate in {given.certificate}"
    if not _entries.issued_by(certificate, authority):
        raise Refused(f"{what} was not issued by the CA {authority.name}")
    number = serial_number_of(certificate)
    if not 0 < number < 1 << 160:
        raise Refused(f"{what} has a serial number that a CRL cannot list")
    serial = f"{number:x}"
    _judge_once(serial, what, record)
    render.warn(f"{what} is not in the ledger of the CA {authority.name}, though its signature is right")
    return Revocation(serial, ski_of(authority.certificate), at, given.reason)


def report(
    given: "Given", record: "Record", authority: "Authority", revocations: "list[Revocation]", at: "datetime"
) -> None:
    """Say what was revoked, and until when older CRLs hide it.

    Args:
        record: as it was before.
    """
    names = {row.serial: row.name for row in record.issued}
    if given.json:
        rows = [
            {
                "name": names.get(one.serial),
                "serial": one.serial,
                "date": format_instant(one.date),
                "reason": one.reason,
            }
            for one in revocations
        ]
        render.write_json({"schema": "authkit.revoked/v1", "ca": authority.name, "revoked": rows})
    else:
        for one in revocations:
            render.write(f"revoked {one_line(names.get(one.serial, given.certificate))} {one.serial}\n")
    hidden = max([crl.next_update for crl in record.crls], default=at)
    if hidden > at:
        render.warn(f"CRLs that were signed before do not list it, and are good until {format_instant(hidden)}")
    render.note(f"no CRL lists it yet: 'authkit issue-crl --ca {authority.name}' signs one")
