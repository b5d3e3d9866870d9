"""Make a certificate authority, root or intermediate.

Key and certificate go into the store, the key under a passphrase of its own unless --no-passphrase is given.  A CA is
for clients: its certificate itself forbids to vouch for servers, unless it is made --for server.

--parent makes an intermediate below another CA of the store.  For a parent elsewhere, --csr FILE keeps the key and
writes a request; --certificate FILE, with the certificates up to the root, completes it.

--permit-email and its like limit the names of their kind, for every verifier, and say what they leave free; --only
limits the kinds of names, for this store alone.

Examples:

  $ authkit create-ca home --no-passphrase 2>/dev/null
  name:        home
  …
  $ authkit create-ca wifi --parent home --no-passphrase --permit-dns example.com
  name:        wifi
  …
  authkit: note: its certificate limits dns; every other verifier sees no limit for email, …
"""

from authkit.commands import _cert_rows, _io, _rows
from authkit.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("NAME", "argument", "NAME", "the name in the store", None),
    ("--common-name", "text", "TEXT", "the name in the certificate [NAME]", None),
    ("--parent", "text", "CA", "the CA of the store that signs it [none: it is a root]", None),
    ("--for", "choice:client|server", "WHOM", "whom it vouches for [the parent's, else client]", None),
    ("--sign-requests", "flag", "", "for keys that sign requests too; Go and GnuTLS cannot read its EKU", False),
    (
        "--permit-scope",
        "text",
        "REGION[/SERVICE]",
        "with --sign-requests: no scope outside of it is good, e.g. us-east-1/s3",
        None,
    ),
    _cert_rows.CA_KEY_TYPE,
    ("--path-length", "int", "N", "how many CAs may follow [a root 1, an intermediate 0]", None),
    ("--permit-email", "many", "HOST", "mailboxes of HOST alone; '.HOST' for all hosts below; repeatable", ()),
    ("--permit-dns", "many", "HOST", "HOST, and hosts below it, alone; repeatable", ()),
    ("--permit-ip", "many", "NETWORK", "addresses of NETWORK alone; repeatable", ()),
    ("--only", "many", "KINDS", "issue these kinds of names alone: email,dns,uri,upn,ip,sid,cn; repeatable", ()),
    ("--days", "int", "N", "how long it is valid [3650, an intermediate 1095]", None),
    ("--csr", "text", "FILE", "write a request for a parent elsewhere to FILE", None),
    ("--certificate", "many", "FILE", "the certificate that the parent made, and those above it; repeatable", ()),
    ("--no-passphrase", "flag", "", "give the key no passphrase of its own", False),
    ("--token", "text", "URI", "make the key in a PKCS#11 token, e.g. pkcs11:token=NAME", None),
    _rows.UNLOCK,
    *_cert_rows.PLACES,
)
# what is not the requester's to say
_PARENTS = (
    "parent",
    "path_length",
    "permit_email",
    "permit_dns",
    "permit_ip",
    "permit_scope",
    "days",
    "sign_requests",
)


def run(given: "Given") -> None:
    from authkit.commands import _new_ca

    if given.sign_requests and getattr(given, "for") == "server":
        raise UsageError("--sign-requests does not go with --for server")
    if given.permit_scope is not None and not given.sign_requests:
        raise UsageError("--permit-scope needs --sign-requests", "without it there are no scopes to limit")
    if given.csr is not None:
        _judge(given, "csr", _PARENTS)
    if given.certificate:
        _judge(given, "certificate", (*_PARENTS, "common_name", "for", "only", "csr", "no_passphrase", "unlock"))
    if given.token is not None:
        from authkit.commands import _token

        _token.refuse_beside(given, "certificate", "no-passphrase")
    _io.protect_process()
    at = _io.instant(given.at)
    if given.certificate:
        _new_ca.complete(given, at)
    elif given.csr is not None:
        _new_ca.request(given, at)
    elif given.parent is not None:
        _new_ca.make_intermediate(given, at)
    else:
        _new_ca.make_root(given, at)


def _judge(given: "Given", what: str, names: "tuple[str, ...]") -> None:
    for name in names:
        value = getattr(given, name)
        if value is not None and value is not False and value != ():  # 0 is a path length
            raise UsageError(f"--{name.replace('_', '-')} does not go with --{what}")
