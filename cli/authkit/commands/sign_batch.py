"""Sign many requests, one JSON object a line.

INPUT is a file or '-' of requests as JSON, one a line, as authkit-sign-batch(1) describes them; the output is the same
requests with their signatures, in their order and with their ids, ready for a batch of verify-signature.  A line that
cannot be signed gives one that says why, the next is signed all the same, and the exit code is that of the first fault.

Examples:

  $ echo '{"id": "1", "method": "GET", "url": "https://backups.s3.us-east-1.amazonaws.com/a", "headers": []}' |
    authkit sign batch --key file:week.subkeys -
  {"id": "1", "method": "GET", "target": "/a", "headers": […
"""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("INPUT", "argument", "INPUT", "FILE or '-': one JSON request a line", None),
    _rows.KEY,
    _rows.STORE,
    _rows.SCHEME,
    _rows.AT,
    _rows.REVEAL,
)
SCHEME_OPTIONS = "sign_options"


def run(given: "Given") -> None:
    from authkit.commands import _batch

    _batch.sign_lines(given)
