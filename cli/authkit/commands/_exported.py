"""Which certificates of the store leave it?"""

import os

from authkit.certs.renewal import certificate_of
from authkit.clock import format_instant
from authkit.commands import _ca, _entries
from authkit.errors import Refused, UsageError
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.certs.authority import Authority
    from authkit.certs.certificate import Certificate
    from authkit.certs.record import IssuedRow
    from authkit.commands._quick import Given


def check_options(given: "Given") -> None:
    """Refuse what export-cert cannot write.

    Raises:
        UsageError: if DER was asked for more than one certificate.
        Refused: if DER would go to a terminal, or the file exists.
    """
    to_stdout = given.output in (None, "-")
    if given.der and given.chain:
        raise UsageError("DER holds one certificate", "leave out --chain or --der")
    if given.der and to_stdout and render.is_terminal(1):
        raise Refused("DER is not for a terminal", "write it with -o FILE")
    if not to_stdout and not given.force and os.path.lexists(given.output):
        raise Refused(f"{given.output} exists", "--force replaces it")


def path_of(given: "Given") -> "list[Certificate]":
    """Return the path of what the command line names, from itself to its root.

    Args:
        given: with certificate, ca and store.

    Raises:
        NotFound: if no CA has that name and none issued it.
        Refused: if it was issued under a key that its CA has no longer.
        UsageError: if several CAs issued it.
    """
    cas = {one.name for one in _ca.list_cas(_ca.open_store(given.store))}
    if given.certificate in cas and given.ca in (None, given.certificate):
        given.ca = given.certificate
        authority = _ca.choose(given)[0]
        return [authority.certificate, *authority.chain]
    row, authority = find_issued(given)
    return [certificate_of(row), authority.certificate, *authority.chain]


def find_issued(given: "Given") -> "tuple[IssuedRow, Authority]":
    """Return the last certificate of a name, or the one of a serial, and the CA that issued it.

    Args:
        given: with certificate, ca and store.

    Raises: as for `path_of`.
    """
    word = _entries.Word(given.certificate)
    authority, ledger = _entries.find_ca(word, given)
    record = _ca.record_of(ledger)
    row = _entries.find_rows(word, record, authority)[-1]
    if not _entries.issued_by(certificate_of(row), authority):
        raise Refused(f"{word.text} was issued under another key than the CA {authority.name} has now")
    revocation = record.revoked.get(row.serial)
    if revocation is not None:
        render.warn(f"{row.name} was revoked at {format_instant(revocation.date)}")
    return row, authority
