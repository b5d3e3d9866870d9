"""On the air-gapped machine: look at one request and sign it.

Shows the request as it will be sent: method, host, path, each parameter of the query decoded, each header and whether
the signature covers it, and the body, or that it was NOT SHOWN because only its digest came.  Every hash is computed
here from what is shown.  Today's UTC date is typed, because this machine's clock decides, and then the requester's
name.  The answer is the signature, which is good for this one request; every approval and refusal is a line of the
ledger.

Examples:

  $ authkit approve-signature delete.request -o delete.answer  # exit 4
  authkit: error: …
  authkit: hint: …
"""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("REQUEST", "argument", "REQUEST|-", "the request", None),
    ("--again", "flag", "", "hand over once more the answer to a request that was approved before", False),
    ("--key", "text", "REF", "what to derive from [the store's access key that the request names]", None),
    _rows.CONFIRM_DATE,
    _rows.CONFIRM,
    _rows.OUTPUT,
    _rows.FORCE,
    _rows.QR,
    _rows.QR_SIZE,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _io, _signature_approved
    from authkit.errors import UsageError

    if given.json and given.output in (None, "-"):
        raise UsageError("--json needs the answer elsewhere", "add --output FILE")
    _io.protect_process()
    _signature_approved.answer(given, given.request)
