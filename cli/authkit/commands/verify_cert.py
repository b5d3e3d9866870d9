"""Decide whether a certificate is valid for a purpose, and say why not.

LEAF is a file with the certificate first; what follows it may help to find a path.  A path must lead to one of the
trust anchors given, for there are no others.  Without --crl nothing is known of revocation, and the result says so;
with it, every certificate below the trust anchor must be on a list's word: 'cannot-check' (exit 4) is not 'valid'.

Examples:

  $ authkit verify-cert ada.pem --trust-anchor root.pem --at 2026-11-24T09:00:00Z
  verdict:     valid
  …
  $ authkit verify-cert bob.pem --trust-anchor root.pem --crl revoked.crl --at 2026-11-25T09:00:00Z # exit 1
  verdict: invalid
  reason:  revoked
  …
"""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("LEAF", "argument", "LEAF|-", "the certificate, in any form that inspect-cert reads", None),
    ("--trust-anchor", "many", "FILE", "certificates that are trusted; required, repeatable", ()),
    ("--intermediate", "many", "FILE", "CA certificates that may stand between, untrusted; repeatable", ()),
    ("--crl", "many", "FILE", "revocation lists, PEM or DER; repeatable", ()),
    ("--require-crl", "flag", "", "refuse to call valid what no revocation list speaks of", False),
    (
        "--purpose",
        "choice:client|server|email|sign-requests|any",
        "PURPOSE",
        "what it is to be used for [client]",
        "client",
    ),
    ("--name", "text", "NAME", "the name it must have in its SAN, e.g. email:ada@example.com", None),
    ("--historical", "flag", "", "with --at: take what was revoked after that instant for good", False),
    _rows.AT,
    _rows.JSON,
)


def run(given: "Given") -> int:
    from authkit.certs.verify import verify_path
    from authkit.commands import _io, _path
    from authkit.errors import PathRejected

    at = _io.instant(given.at)
    leaf, known = _path.read_inputs(given)
    try:
        found = verify_path(
            leaf,
            **known,
            at=at,
            purpose=given.purpose,
            name=given.name,
            require_crl=given.require_crl,
            historical=given.historical,
        )
    except PathRejected as rejected:
        _path.show_rejected(rejected, leaf, at, given)
        return rejected.exit_code
    _path.show_valid(found, at, given)
    return 0
