"""Issue again what runs out.

The new certificate has the names, the profile and the lifetime of the old one, and a new key, which is written to
NAME.key.  With --same-key it has the old key, and only NAME.pem is written; so too for a key that was made elsewhere.
The old certificate stays valid until its end unless --revoke-old is given.  --expiring DAYS renews, all or nothing,
what runs out within DAYS and was not renewed already, and writes into the new folder --out.

Examples:

  $ authkit create-ca demo --no-passphrase >/dev/null 2>&1
  $ authkit issue-cert alice --email alice@example.com >/dev/null 2>&1
  $ authkit renew-cert alice --out new
  …
  $ authkit renew-cert --expiring 3 --out later
  authkit: note: nothing runs out within 3 days
"""

from authkit.commands import _cert_rows, _io, _p12, _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("CERTIFICATE", "optional", "NAME|SERIAL|FILE", "the certificate", None),
    _cert_rows.CA,
    ("--expiring", "int", "DAYS", "all that run out within DAYS, into the new folder --out", None),
    ("--same-key", "flag", "", "keep the key; only NAME.pem is written", False),
    ("--revoke-old", "flag", "", "revoke the old certificate, as superseded", False),
    ("--days", "int", "N", "how long it is valid [as long as the old one was]", None),
    ("--key-type", "choice:p256|p384|rsa3072|rsa4096|ed25519", "TYPE", "the new key [as the old one]", None),
    _cert_rows.OUT,
    _p12.P12,
    *_p12.ROWS,
    _rows.FORCE,
    *_cert_rows.PLACES,
)


def run(given: "Given") -> None:
    from authkit.commands import _ca, _entries, _renewed

    _renewed.check_options(given)
    at = _io.instant(given.at)
    word = None if given.certificate is None else _entries.Word(given.certificate)
    authority, ledger = _ca.choose(given) if word is None else _entries.find_ca(word, given)
    record = _ca.record_of(ledger)
    chosen = _renewed.choose(word, given, record, authority, at)
    if not chosen:
        _renewed.tell_nothing(given, record, at)
        return
    _renewed.judge(chosen, authority, given, at)
    authority, ledger = _ca.open_ca(given)
    _renewed.renew(word, given, authority, ledger, at)
