"""Which certificate of a CA does a word mean?"""

import os

from authkit.certs.certificate import fingerprint_of, load_any, serial_number_of, signed_by
from authkit.clock import format_instant
from authkit.commands import _ca, _io
from authkit.commands._quick import Given
from authkit.errors import NotFound, Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from authkit.certs.authority import Authority
    from authkit.certs.certificate import Certificate
    from authkit.certs.record import IssuedRow, Record
    from authkit.commands._ca_ledger import CaLedger

SHOWN = 16  # digits of a serial that tables show, and that are enough to name it
_LOST = "what the ledger has lost is named by a FILE"
_HEX = frozenset("0123456789abcdef")


class Word:
    """What a command line calls a certificate: a NAME goes before a SERIAL, and that before a FILE.

    Attributes:
        text: as it was typed.
    """

    __slots__ = ("_certificate", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._certificate: "Certificate | None" = None

    def __repr__(self) -> str:
        return f"<Word {self.text}>"

    def certificate(self) -> "Certificate | None":
        """Return the first certificate in the file that it names, which is read once; None if it names no file.

        Raises:
            InputError: if the file holds none.
        """
        if self._certificate is None and is_file(self.text):
            self._certificate = read_certificates(self.text)[0]
        return self._certificate


def find_ca(word: Word, given: "Given") -> "tuple[Authority, CaLedger]":
    """Return the CA of --ca, else the only one of the store that issued what *word* means, without its key.

    Args:
        given: with ca, which becomes the name of what was found, and store.

    Raises:
        NotFound: if none issued it.
        Refused: alike, where it is a file.
        UsageError: if several did.
    """
    if given.ca is None:
        store = _ca.open_store(given.store)
        names = [one.name for one in _ca.list_cas(store) if "certificate" in one.metadata]
        if len(names) > 1:
            names = _issuers(word, given, names)
        given.ca = names[0] if names else None
    return _ca.choose(given)


def _issuers(word: Word, given: "Given", names: "list[str]") -> "list[str]":
    """Return the name of the one CA that issued it, alone in a list."""
    cas = {name: _ca.choose(Given({"ca": name, "store": given.store})) for name in names}
    records = {name: _ca.record_of(ledger) for name, (_, ledger) in cas.items()}
    found = [name for name in names if known(word.text, records[name])]
    certificate = None if found else word.certificate()
    if certificate is not None:
        found = [name for name in names if issued_by(certificate, cas[name][0])]
    if len(found) > 1:
        raise UsageError(f"{word.text} was issued by several CAs", f"say which with --ca: {', '.join(found)}")
    if found:
        return found
    if certificate is not None:
        raise Refused(f"the certificate in {word.text} was issued by no CA of the store")
    if is_like_serial(word.text):
        raise NotFound(f"no CA of the store issued the serial {word.text}", _LOST)
    raise NotFound(f"no CA of the store issued {word.text[:64]}", "'authkit list-certs --all' shows what was issued")


def serial_of(word: str) -> "str | None":
    """Return the serial number that *word* is, lower-case hex without leading zeros; None if it is none.

    Args:
        word: as a person copies it: any case, with colons or 0x.
    """
    found = word.lower().removeprefix("0x").replace(":", "").lstrip("0")
    return found if 0 < len(found) <= 40 and _HEX.issuperset(found) else None


def is_like_serial(word: str) -> bool:
    """Say whether a word that means nothing was rather meant as a serial than as a name, such as "ada"."""
    found = serial_of(word)
    return found is not None and len(found) >= 8


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


def find(word: Word, record: "Record", authority: "Authority") -> "tuple[list[IssuedRow], Certificate | None]":
    """Return what a word means: all certificates of a name, or the one of a serial or a file.

    Args:
        word: what the command line says.
        record: what the CA's ledger says.
        authority: the CA.

    Returns:
        rows of the ledger; or none, and the certificate in the file, which the ledger does not have.

    Raises:
        NotFound: if it means nothing.
        Refused: if it is a file with another certificate than that of its serial.
        InputError: if it is a file without a certificate.
    """
    text, found = word.text, known(word.text, record)
    if found:
        return found, None
    certificate = word.certificate()
    if certificate is not None:
        row = row_of(certificate, record, text, authority)
        return ([], certificate) if row is None else ([row], None)
    if is_like_serial(text):
        raise NotFound(f"the CA {authority.name} never issued the serial {text}", _LOST)
    raise NotFound(f"the CA {authority.name} issued nothing named {text}", "authkit list-certs shows what it issued")


def find_rows(word: Word, record: "Record", authority: "Authority") -> "list[IssuedRow]":
    """Return the rows of the ledger that a word means, one or more.

    Args, Raises: as for `find`; Refused also where a file's certificate is not in the ledger.
    """
    rows, foreign = find(word, record, authority)
    if foreign is not None:
        raise Refused(f"the certificate in {word.text} is not in the ledger of the CA {authority.name}")
    return rows


def is_file(word: str) -> bool:
    """Say whether *word* names a file, there or not."""
    return word == "-" or "/" in word or os.path.lexists(word)


def read_certificates(path: str) -> "list[Certificate]":
    """Return the certificates in a file, PEM or one in DER, '-' for standard input.

    Raises:
        InputError: if it holds none, or one that cannot be read.
    """
    return load_any(_io.read(path, "certificate"), path)


def row_of(certificate: "Certificate", record: "Record", what: str, authority: "Authority") -> "IssuedRow | None":
    """Return the ledger's row of a certificate; None if its serial is not there.

    Raises:
        Refused: if the ledger has another certificate under its serial.
    """
    row = record.by_serial(f"{serial_number_of(certificate):x}")
    if row is not None and fingerprint_of(certificate) != row.fingerprint:
        raise Refused(f"{what} is not the certificate that the CA {authority.name} issued with this serial")
    return row


def issued_by(certificate: "Certificate", authority: "Authority") -> bool:
    """Say whether a certificate was signed by a CA, whatever the ledger says."""
    return signed_by(certificate, authority.certificate)


def in_days(days: int) -> str:
    """Return a count of days as text: "1 day", "14 days"."""
    return "1 day" if days == 1 else f"{days} days"


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
