"""Option rows that the commands for certificates share."""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.certs.names import Names
    from authkit.commands._quick import Given

CA = ("--ca", "text", "CA", "the CA [the only one in the store]", None)
DAYS = ("--days", "int", "N", "how long it is valid [the profile's: client 7, spiffe 1, eap-tls 365 …]", None)
OUT = ("--out", "text", "DIR", "where the files go, made when absent [.]", None)
KEY_TYPE = (
    "--key-type",
    "choice:p256|p384|rsa3072|rsa4096|ed25519",
    "TYPE",
    "the key that is made [p256]",
    None,
)
CA_KEY_TYPE = ("--key-type", "choice:p256|p384|rsa3072|rsa4096", "TYPE", "the CA's key [p256]", "p256")
FILE_FORCE = ("--force", "flag", "", "replace files, and issue again what is valid or was revoked", False)

NAMES = (
    ("--email", "many", "ADDRESS", "a mailbox that it names; repeatable, as the next five", ()),
    ("--uri", "many", "URI", "a URI", ()),
    ("--upn", "many", "USER@REALM", "a Windows user principal name", ()),
    ("--dns", "many", "HOST", "a host name", ()),
    ("--ip", "many", "ADDRESS", "an IP address", ()),
    ("--spiffe", "many", "ID", "a SPIFFE ID, spiffe://domain/path", ()),
    ("--sid", "text", "SID", "a Windows security identifier, S-1-5-21-…", None),
    ("--common-name", "text", "TEXT", "the common name, which is a label and no identity [none]", None),
)
PLACES = (_rows.STORE, _rows.AT, _rows.JSON)


def names_of(given: "Given") -> "Names":
    """Return what the options of NAMES say.

    Raises:
        UsageError: naming the first that is no such name.
    """
    from authkit.certs.names import Names, parse_common_name, parse_san, parse_sid

    kinds = ("email", "uri", "upn", "dns", "ip", "spiffe")
    sans = [parse_san(kind, text) for kind in kinds for text in getattr(given, kind)]
    common_name = None if given.common_name is None else parse_common_name(given.common_name)
    return Names(common_name, sans, None if given.sid is None else parse_sid(given.sid))
