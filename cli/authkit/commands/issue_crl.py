"""Sign the list of what is revoked, or a series of lists in advance.

A CRL says which certificates of the CA no longer count, and until when it is good.  --series N signs N of them for an
offline CA, one for each period of --days, each overlapping the next by a quarter.  The price: every list of a series
already says who is not revoked, and stays a valid signature.  So the lists are sealed to --to RECIPIENT, to be opened
one by one when their day comes, and 90 days are the most unless --long is given.

Examples:

  $ authkit create-ca demo --no-passphrase >/dev/null 2>&1
  $ authkit issue-crl -o demo.crl
  authkit: note: CRL 1 of demo lists 0 certificates and is good until …
  $ openssl crl -in demo.crl -noout -crlnumber
  crlNumber=0x01
"""

from authkit.commands import _cert_rows, _io, _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    _cert_rows.CA,
    ("--days", "int", "N", "how long a list is good; in a series, how long until the next begins [7]", 7),
    ("--series", "int", "N", "sign N lists in advance, into the new folder --out DIR", None),
    ("--to", "text", "RECIPIENT", "seal each list of a series with age to age1…", None),
    ("--plain", "flag", "", "do not seal a series; its files are readable by you alone", False),
    ("--long", "flag", "", "allow more than 90 days in all", False),
    ("--der", "flag", "", "write DER instead of PEM", False),
    ("--output|-o", "text", "FILE", "write the list to FILE instead of standard output", None),
    ("--out", "text", "DIR", "the folder of a series, which must not exist yet", None),
    _rows.FORCE,
    _rows.AT,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.certs.crl import plan_crls
    from authkit.commands import _ca, _crls

    at = _io.instant(given.at)
    _crls.check_options(given)
    authority, ledger = _ca.open_ca(given, issuing=False)
    with ledger.locked():
        record = _ca.record_of(ledger)
        windows = plan_crls(authority, record.next_crl_number, at, given.days, given.series, long=given.long)
        if given.series is not None:
            _crls.tell_price(record, windows, at)
        made = _crls.sign(authority, ledger, record, windows, at)
        _crls.write(made, given)
    _crls.report(made, authority, record, given, at)
