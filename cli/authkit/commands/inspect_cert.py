"""Show what a certificate says, works for and leaks; it is never trusted.

Each FILE is PEM, DER, a bundle, a request (CSR), a revocation list, PKCS#7, PKCS#12, an OCSP response, an SPKAC or a
key, told apart by content; without one, standard input is read.  A field that cannot be read hides no other.  What is
weak or wrong has a fixed name, for scripts, and a severity.  Nothing is verified: 'authkit verify-cert' does that.

Examples:

  $ authkit create-ca home --no-passphrase >home.txt 2>&1
  $ authkit issue-cert alice --email alice@example.com >alice.txt 2>&1
  $ authkit inspect-cert alice.pem
  a client certificate for alice@example.com, issued by home, …
  …
"""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("FILE", "rest", "FILE|-", "what holds a certificate [standard input]", ()),
    ("--header", "many", "'Name: value'", "a header in which a proxy forwarded a certificate; repeatable", ()),
    ("--password-file", "text", "FILE", "what holds the password of a PKCS#12 file [asked for]", None),
    (
        "--fail-on",
        "choice:error|warning|info",
        "SEVERITY",
        "exit 1 if anything found is this severe or worse: error, warning or info",
        None,
    ),
    _rows.AT,
    _rows.JSON,
)


def run(given: "Given") -> int:
    from authkit.commands import _io, _looked

    at = _io.instant(given.at)
    looked = _looked.look(given)
    if given.json:
        from authkit.commands import _inspected_json as shown
    else:
        from authkit.commands import _shown as shown  # type: ignore[no-redef]
    return int(shown.show(looked, at, given.fail_on))
