"""Which certificate of a CA does a word mean?"""

import os

from authkit.clock import format_instant
from authkit.commands import _io
from authkit.errors import InputError, NotFound, Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography import x509

    from authkit.certs.authority import Authority
    from authkit.certs.record import IssuedRow, Record

SHOWN = 16  # digits of a serial that tables show, and that are enough to name it
_HEX = frozenset("0123456789abcdef")


def serial_of(word: str) -> "str | None":
    """Return the serial number that *word* is, lower-case hex without leading zeros; None if it is none.

    Args:
        word: as a person copies it: any case, with colons or 0x.
    """
    found = word.lower().removeprefix("0x").replace(":", "").lstrip("0")
    return found if 0 < len(found) <= 40 and _HEX.issuperset(found) else None


def known(word: str, record: "Record") -> "list[IssuedRow]":
    """Return all certificates of a name, else the one of a serial; [] if *word* is neither in the ledger.

    Args:
        word: a NAME, or a SERIAL: the whole, or SHOWN digits or more of its beginning that no other begins with.
        record: what the ledger says.
    """
    found = record.named(word)
    if found:
        return found
    serial = serial_of(word)
    row = record.by_serial(serial) if serial is not None else None
    if row is not None:
        return [row]
    if serial is None or len(serial) < SHOWN:
        return []
    begun = [one for one in record.issued if one.serial.startswith(serial)]
    return begun if len(begun) == 1 else []


def find(word: str, record: "Record", authority: "Authority") -> "tuple[list[IssuedRow], x509.Certificate | None]":
    """Return what a word means: all certificates of a name, or the one of a serial or a file.

    Args:
        word: a NAME goes before a SERIAL, and that before a FILE.
        record: what the CA's ledger says.
        authority: the CA.

    Returns:
        rows of the ledger; or none, and the certificate in the file, which the ledger does not have.

    Raises:
        NotFound: if it means nothing.
        Refused: if it is a serial that was never issued, or a file with another certificate than that of its serial.
        InputError: if it is a file without a certificate.
    """
    found = known(word, record)
    if found:
        return found, None
    if is_file(word):
        certificate = read_certificates(word)[0]
        row = row_of(certificate, record, word, authority)
        return ([], certificate) if row is None else ([row], None)
    if serial_of(word) is not None:
        raise Refused(f"the CA {authority.name} never issued the serial {word}")
    raise NotFound(f"the CA {authority.name} issued nothing named {word}", "authkit list-certs shows what it issued")


def find_rows(word: str, record: "Record", authority: "Authority") -> "list[IssuedRow]":
    """Return the rows of the ledger that a word means, one or more.

    Args, Raises: as for `find`; Refused also where a file's certificate is not in the ledger.
    """
    rows, foreign = find(word, record, authority)
    if foreign is not None:
        raise Refused(f"the certificate in {word} is not in the ledger of the CA {authority.name}")
    return rows


def is_file(word: str) -> bool:
    """Say whether *word* names a file, there or not."""
    return word == "-" or "/" in word or os.path.lexists(word)


def read_certificates(path: str) -> "list[x509.Certificate]":
    """Return the certificates in a file, PEM or one in DER, '-' for standard input.

    Raises:
        InputError: if it holds none, or one that cannot be read.
    """
    import warnings

    from cryptography import x509

    from authkit.certs.authority import load_certificates

    data = _io.read(path, "certificate")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyca's, on a serial number that is not positive
        if b"-----BEGIN" in data:
            return load_certificates(data, path)
        try:
            return [x509.load_der_x509_certificate(data)]
        except (ValueError, x509.InvalidVersion) as error:
            raise InputError(f"{path}: not a certificate in PEM or DER") from error


def row_of(certificate: "x509.Certificate", record: "Record", what: str, authority: "Authority") -> "IssuedRow | None":
    """Return the ledger's row of a certificate; None if its serial is not there.

    Raises:
        Refused: if the ledger has another certificate under its serial.
    """
    from cryptography.hazmat.primitives.hashes import SHA256

    row = record.by_serial(f"{certificate.serial_number:x}")
    if row is not None and certificate.fingerprint(SHA256()).hex() != row.fingerprint:
        raise Refused(f"{what} is not the certificate that the CA {authority.name} issued with this serial")
    return row


def issued_by(certificate: "x509.Certificate", authority: "Authority") -> bool:
    """Say whether a certificate was signed by a CA, whatever the ledger says."""
    return signed_by(certificate, authority.certificate)


def signed_by(certificate: "x509.Certificate", issuer: "x509.Certificate") -> bool:
    """Say whether a certificate names another as its issuer, and carries its signature."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def one_of(rows: "Sequence[IssuedRow]", word: str, record: "Record", at: "datetime", hint: str) -> "IssuedRow":
    """Return the only certificate that still counts; of several that do not, the last.

    Raises:
        UsageError: listing the serials, if several count.
    """
    valid = [row for row in rows if row.serial not in record.revoked and row.not_after >= at]
    if len(valid) > 1:
        listed = ", ".join([f"{row.serial} (until {format_instant(row.not_after)})" for row in valid])
        raise UsageError(f"{word} has {len(valid)} certificates that are valid: {listed}", hint)
    return valid[0] if valid else rows[-1]
