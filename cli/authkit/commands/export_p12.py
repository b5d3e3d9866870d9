"""Pack a key and its certificate into a PKCS#12 file.

NAME is what a CA of the store issued; FILE holds a certificate and, behind it, the intermediates above it.  The root is
left out unless --with-root names it, since a program that imports it may trust it for more than was meant.  The
password is made, and shown on the terminal or written to --password-out.  Such a file is carried, not stored: delete it
after the import.

Examples:

  $ authkit create-ca demo --no-passphrase >/dev/null 2>&1
  $ authkit issue-cert alice --email alice@example.com >/dev/null 2>&1
  $ authkit export-p12 alice --password-out alice.password -o alice.p12
  $ openssl pkcs12 -in alice.p12 -passin file:alice.password -noout && echo opens
  opens
"""

from authkit.commands import _cert_rows, _p12, _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("CERTIFICATE", "argument", "NAME|FILE", "what a CA issued, or a file of certificates", None),
    _cert_rows.CA,
    ("--key", "text", "FILE", "the private key in PEM, unencrypted [NAME.key]", None),
    *_p12.ROWS,
    ("--with-root", "text", "FILE", "pack the root in FILE too", None),
    _rows.OUTPUT,
    _rows.FORCE,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _io, _packed

    _io.protect_process()
    _packed.check_options(given)
    found = _packed.find(given)
    password = _p12.choose_password(given)
    data = _p12.pack(found.private_pem, found.certificate, found.chain, password, given, found.name)
    _p12.hand_over(password, given, given.output or f"{found.name}.p12")
    _io.deliver(data, given.output, force=given.force, reveal=False, what="the PKCS#12 file")
    _packed.report(found, given)
