"""On the air-gapped machine: look at a request and answer it.

Shows who asks, for which keys, until when they are dangerous, and by which policy; has today's UTC date typed, because
this machine's clock decides, and then the requester's name.  The response is an age file that the requester alone can
open; it is kept, and --again writes it once more, unchanged.  Every approval and every refusal is a line of the ledger.

Examples:

  $ authkit approve-subkey web-1 --again 17  # exit 4
  authkit: error: nothing was approved for web-1 with the number 17
  authkit: hint: 'authkit list-trusted' shows whom we trust
"""

from authkit.commands import _rows
from authkit.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("REQUEST", "argument", "REQUEST|-", "the request; with --again the requester's name", None),
    ("--again", "int", "N", "hand over the response with this number once more, unchanged", None),
    ("--key", "text", "REF", "what to derive from [the store's access key that the request names]", None),
    _rows.CONFIRM_DATE,
    _rows.CONFIRM,
    ("--starting-over", "text", "NAME", "the requester's name, where it has lost what it was given before", None),
    _rows.OUTPUT,
    _rows.FORCE,
    _rows.QR,
    _rows.QR_SIZE,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _approved, _io
    from authkit.stores.base import check_name

    if given.json and given.output in (None, "-"):
        raise UsageError("--json needs the response elsewhere", "add --output FILE")
    _io.protect_process()
    if given.again is None:
        _approved.answer(given, given.request)
        return
    if given.again < 1:
        raise UsageError(f"--again {given.again} is not a number from 1 on")
    if given.starting_over is not None:
        raise UsageError("--starting-over is for a request")
    _approved.again(given, check_name(given.request), given.again)
