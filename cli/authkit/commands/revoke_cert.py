"""Revoke a certificate in the CA's ledger.

Nobody hears of it until a CRL lists it: 'authkit issue-crl' signs one.  A certificate is named by the NAME under which
it was issued, by its SERIAL, or by a FILE that holds it; one that is not in the ledger, as after a restored backup, can
only be given as a FILE which this CA signed.  No passphrase is asked for, since nothing is signed.

A REASON is unspecified, key-compromise, ca-compromise, affiliation-changed, superseded, cessation-of-operation or
privilege-withdrawn.  Of a name whose last certificate was revoked for any but superseded, 'authkit renew-cert' renews
none, and 'authkit issue-cert' issues another only with --force.

Examples:

  $ authkit create-ca demo --no-passphrase >/dev/null 2>&1
  $ authkit issue-cert alice --email alice@example.com >/dev/null 2>&1
  $ authkit revoke-cert alice --reason key-compromise
  …
"""

from authkit.commands import _cert_rows, _io, _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("CERTIFICATE", "argument", "NAME|SERIAL|FILE", "the certificate", None),
    _cert_rows.CA,
    (
        "--reason",
        "choice:unspecified|key-compromise|ca-compromise|affiliation-changed|superseded|cessation-of-operation"
        "|privilege-withdrawn",
        "REASON",
        "why, as the CRL will say [unspecified]",
        "unspecified",
    ),
    ("--all", "flag", "", "revoke every certificate of NAME that is still valid", False),
    _rows.AT,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.certs.record import revoked_event
    from authkit.commands import _ca, _entries, _revoked

    at = _io.instant(given.at)
    word = _entries.Word(given.certificate)
    authority, ledger = _entries.find_ca(word, given)
    with ledger.locked():
        record = _ca.record_of(ledger)
        revocations = _revoked.decide(word, given, record, authority, at)
        ledger.append([revoked_event(one) for one in revocations], at)
    _revoked.report(given, record, authority, revocations, at)
