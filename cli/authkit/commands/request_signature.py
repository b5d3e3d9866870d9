"""Ask the air-gapped machine to sign one request.

INPUT is what sign http takes: a file, '-', a URL, or -- and a curl line.  The request is written down whole, and who
approves it sees all of it; of a body that is carried --by-digest only the hash.  The answer is used by sign curl or
sign http with --signature, once, for the same request, and until --expires seconds after --at.  A service takes a
signature in headers only so near to its own time: choose an --at some minutes ahead when carrying takes longer, or
--placement query for a URL that lives up to seven days.

Examples:

  $ authkit request-signature --access-key-id AKIDEXAMPLE -o delete.request -- \\
      curl -X DELETE https://logs.s3.us-east-1.amazonaws.com/  # exit 4
  authkit: error: …
  authkit: hint: …
"""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("INPUT", "rest", "INPUT", "FILE, '-', a URL, or -- curl …", ()),
    ("--access-key-id", "text", "ID", "whose signature", None),
    ("--issuer", "text", "ISSUER", "whom to ask, by the name it is trusted under [the only one]", None),
    ("--region", "text", "REGION", "the region of the scope [what the URL says]", None),
    ("--service", "text", "SERVICE", "the service of the scope [what the URL says]", None),
    ("--placement", "choice:header|query", "WHERE", "put the signature in headers or in the query [header]", "header"),
    ("--expires", "int", "S", "seconds from --at on; 1 to 900 in headers, to 604800 in the query [900]", None),
    ("--by-digest", "flag", "", "carry the body's SHA-256 instead of the body, which is then not shown", False),
    _rows.BODY,
    _rows.ORIGIN,
    _rows.SCHEME,
    _rows.AT,
    _rows.OUTPUT,
    _rows.FORCE,
    _rows.QR,
    _rows.QR_SIZE,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _io, _signature_asked
    from authkit.errors import UsageError

    if given.json and given.output in (None, "-"):
        raise UsageError("--json needs the request elsewhere", "add --output FILE")
    if given.access_key_id is None:
        raise UsageError("whose signature to ask for was not said", "add --access-key-id ID")
    _io.protect_process()
    _signature_asked.ask(given)
