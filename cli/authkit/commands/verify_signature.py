"""Decide whether a signed request is valid, and say why not.

INPUT is a raw HTTP message, a presigned URL, a curl line or JSON; with --batch it is one JSON request a line.  The
policy is closed: host, date, Content-Type and every x-amz-* header must be signed, and the body must be the one that
was signed.  The result names what the signature does not cover, and until when the same request can be repeated.

Examples:

  $ authkit sign http --key file:week.subkeys request.http 2>/dev/null |
    authkit verify-signature - --key file:week.subkeys
  verdict:          valid
  …
"""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    *_rows.INPUT,
    _rows.KEYS,
    ("--batch", "flag", "", "INPUT is one JSON request a line; print one verdict a line", False),
    ("--body-unchecked", "flag", "", "accept a request whose body is not known", False),
    _rows.SCHEME,
    _rows.AT,
    _rows.STORE,
    _rows.JSON,
)
SCHEME_OPTIONS = "verify_options"


def run(given: "Given") -> int:
    from authkit.commands import _requests, _verdicts
    from authkit.errors import Rejected

    _requests.split_input(given.input)  # before a passphrase is asked for
    judge = _verdicts.Judge(given)
    if given.batch:
        return _verdicts.run_batch(judge, given)
    try:
        request = _requests.read_request(given, judge.watch)
        verdict = judge.verdict(request, given.at)
    except Rejected as rejected:
        verdict = _verdicts.of_rejected(rejected, judge.scheme.name)
    _verdicts.show(verdict, given)
    return _verdicts.exit_code(str(verdict["verdict"]))
