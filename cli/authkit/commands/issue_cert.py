"""Issue a certificate, from a CSR, or one for each row of a table.

The files are NAME.key, readable by you alone, and NAME.pem: the certificate, then the intermediates above it, never
the root.  --p12 packs both into NAME.p12.  The CA's ledger has the certificate before any file appears.  A client's
certificate has no subject and names nobody but those asked for.

A scoped certificate (--profile scoped) signs requests for one UTC day, region and service, and is no login.

With --csr the key stays where it is: its public half is copied, and the names come from the command line.  With
--from-csv the files of all rows appear at once in a new folder, or none does.

Examples:

  $ authkit create-ca home --no-passphrase >/dev/null 2>&1
  $ authkit issue-cert alice --email alice@example.com
  name:        alice
  names:       email:alice@example.com
  …
  files:       alice.key alice.pem
"""

from authkit.commands import _cert_rows, _io, _p12
from authkit.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("NAME", "optional", "NAME", "the name in the ledger and of the files", None),
    _cert_rows.CA,
    (
        "--profile",
        "choice:client|spiffe|eap-tls|roles-anywhere|scoped|server|intermediate",
        "PROFILE",
        "what kind of certificate [client]",
        "client",
    ),
    *_cert_rows.NAMES,
    _cert_rows.DAYS,
    (
        "--scope",
        "text",
        "DATE/REGION/SERVICE",
        "what a scoped one signs requests for, e.g. 20261123/us-east-1/s3",
        None,
    ),
    ("--also-client", "flag", "", "let a scoped one log in to TLS servers too, which know nothing of its scope", False),
    _cert_rows.KEY_TYPE,
    ("--path-length", "int", "N", "how many CAs may follow an intermediate [0]", None),
    ("--crl-url", "many", "URL", "where it says that its CA's CRL is; repeatable", ()),
    ("--aia-url", "many", "URL", "where it says that its CA's certificate is; repeatable", ()),
    ("--csr", "text", "FILE", "certify the key of a certificate signing request", None),
    ("--use-csr-names", "flag", "", "name whom the request names too, as far as the profile allows", False),
    ("--from-csv", "text", "FILE", "a table: name email upn sid dns uri ip spiffe common_name days", None),
    _cert_rows.OUT,
    _p12.P12,
    *_p12.ROWS,
    _cert_rows.FILE_FORCE,
    *_cert_rows.PLACES,
)
_NAMING = ("email", "uri", "upn", "dns", "ip", "spiffe", "sid", "common_name")


def run(given: "Given") -> None:
    from authkit.commands import _orders

    _judge(given)
    taken = [] if given.name is None else _p12.files_of(given.name, given.out)
    _p12.check_options(given, wanted=given.p12, several=given.from_csv is not None, taken=taken)
    at = _io.instant(given.at)
    if given.from_csv is not None:
        _orders.issue_table(given, at)
    else:
        _orders.issue_one(given, at)


def _judge(given: "Given") -> None:
    if (given.name is None) == (given.from_csv is None):
        raise UsageError("name one certificate, or give a table with --from-csv FILE")
    if given.path_length is not None and given.profile != "intermediate":
        raise UsageError("--path-length is for intermediates")
    if given.profile != "scoped" and (given.scope is not None or given.also_client):
        raise UsageError("--scope and --also-client are for the profile scoped", "add --profile scoped")
    if given.use_csr_names and given.csr is None:
        raise UsageError("--use-csr-names needs a request", "add --csr FILE")
    if given.csr is not None and (given.p12 or given.key_type is not None):
        raise UsageError("with --csr the key is elsewhere", "leave out --p12 and --key-type")
    if given.profile == "intermediate" and given.csr is None:
        raise UsageError(
            "the key of an intermediate belongs in a store",
            "'authkit create-ca NAME --parent CA' makes one there, or give its --csr",
        )
    if given.from_csv is None:
        return
    used = [one for one in _NAMING if getattr(given, one)] + ["csr"] * (given.csr is not None)
    if used:
        raise UsageError(f"--{used[0].replace('_', '-')} is for one certificate", "the table's columns name them")
    if given.out is None:
        raise UsageError("the files of a table need a folder of their own", "name a new one with --out DIR")
    if given.password_out is not None:
        raise UsageError("the passwords of a table go into its folder", "leave out --password-out")
