"""Print a stored certificate or its chain.

NAME is a CA of the store, or what a CA issued under that name: then the last certificate.  A SERIAL in hexadecimal
digits names exactly one.  --chain adds the intermediates above it, --root alone is the root above it, which verifiers
take as their trust anchor, and both together are the whole path.

Examples:

  $ authkit create-ca demo --no-passphrase >/dev/null 2>&1
  $ authkit export-cert demo -o demo.pem
  $ openssl x509 -in demo.pem -noout -subject
  subject=CN = demo
"""

from authkit.commands import _cert_rows, _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("CERTIFICATE", "argument", "NAME|SERIAL", "a CA, or what one issued", None),
    _cert_rows.CA,
    ("--chain", "flag", "", "add the intermediates above it", False),
    ("--root", "flag", "", "the root above it; with --chain, add it", False),
    ("--der", "flag", "", "write DER instead of PEM", False),
    ("--output|-o", "text", "FILE", "write to FILE instead of standard output", None),
    _rows.FORCE,
    _rows.STORE,
)


def run(given: "Given") -> None:
    from authkit import files
    from authkit.certs.authority import encode_certificates
    from authkit.certs.certificate import encode_der
    from authkit.commands import _exported
    from authkit.ui import render

    _exported.check_options(given)
    found = _exported.path_of(given)
    if given.root:
        found = found if given.chain else found[-1:]
    else:
        found = [found[0], *found[1:-1]] if given.chain else found[:1]
    data = encode_der(found[0]) if given.der else encode_certificates(found)
    if given.output in (None, "-"):
        render.write(data)
    else:
        files.write_public(given.output, data, replace=given.force)
