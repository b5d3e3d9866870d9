"""List what was issued, and what runs out when.

Read from the ledgers of all CAs in the store, or of --ca alone; nothing is unlocked.  Shown is what counts now, soonest
end first, the CAs themselves among it.  --expiring lists only what runs out and was neither renewed nor revoked, and
prints nothing where there is nothing to do.

Examples:

  $ authkit create-ca demo --no-passphrase >/dev/null 2>&1
  $ authkit list-certs
  NAME  KIND  FOR                 CA    UNTIL       DAYS  STATE  SERIAL
  demo  ca    issuing to clients  demo  …  …  valid  …
  $ authkit list-certs --expiring 14
  authkit: note: nothing runs out within 14 days
"""

from authkit.commands import _cert_rows, _io, _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    _cert_rows.CA,
    ("--expiring", "int", "DAYS", "only what runs out within DAYS and was not renewed", None),
    ("--all", "flag", "", "what has expired or was revoked too", False),
    _rows.AT,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _entries, _listed
    from authkit.errors import UsageError
    from authkit.ui import render

    if given.expiring is not None and not 0 <= given.expiring <= 36500:
        raise UsageError(f"--expiring {given.expiring} is not 0 to 36500 days")
    if given.expiring is not None and given.all:
        raise UsageError("--expiring and --all contradict each other")
    at = _io.instant(given.at)
    shown = _listed.listed(given, at)
    if given.json:
        render.write_json({"schema": "authkit.certs/v1", "certificates": [one.as_json() for one in shown]})
    elif shown:
        styles = tuple([one.style for one in shown])
        render.write(render.table(_listed.HEADER, [one.as_row() for one in shown], styles))
    elif given.expiring is not None:
        render.note(f"nothing runs out within {_entries.in_days(given.expiring)}")
    else:
        render.note("nothing is valid: 'authkit issue-cert' issues a certificate, --all shows what was issued")
