"""Sign a raw HTTP/1.1 request.

INPUT is a file, '-', an http(s) URL, or -- and a curl line.  The request may be written by hand: LF line ends, spaces
and UTF-8 in the target, and a missing length are repaired in the output, which is the whole message, ready to send.
With a scheme that can, INPUT may be a response as well.

Examples:

  $ authkit sign http --key file:week.subkeys request.http >signed.http
  authkit: note: an empty line was added behind the headers
  …
"""

from io import BytesIO

from authkit.commands import _io, _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import FileIO

    from authkit.commands._quick import Given
    from authkit.messages.draft import Draft
    from authkit.messages.response import ResponseDraft
    from authkit.schemes.base import Signed

OPTIONS = (
    ("INPUT", "rest", "INPUT", "FILE, '-', a URL, or -- curl …", ()),
    ("--request", "text", "FILE", "the request that it answers, where INPUT is a response", None),
    _rows.BODY,
    _rows.ORIGIN,
    _rows.SIGNATURE,
    *_rows.SIGN,
)
SCHEME_OPTIONS = "sign_options"


def run(given: "Given") -> None:
    from authkit.commands import _requests, _schemes, _sign
    from authkit.ui import render

    draft = _requests.read_draft(given, _schemes.watched(given))
    for repair in draft.repairs:
        render.note(repair)
    signed = _sign.sign(draft.request, given) if given.signature is None else _approved(draft, given)
    if given.json:
        render.write_json(_sign.as_json(signed))
        return
    render.write(_sign.head_of(signed.request))
    if given.body is None:
        _write_body(BytesIO(draft.body), signed)
    else:
        with _io.open_body(given.body) as body:
            _write_body(body, signed)


def _approved(draft: "Draft | ResponseDraft", given: "Given") -> "Signed":
    """Return the request with a signature that was approved elsewhere, its length declared as in what was given."""
    from authkit.commands._signature_given import take
    from authkit.errors import UsageError
    from authkit.messages.request import Request

    if not isinstance(draft.request, Request):
        raise UsageError("INPUT is a response, and what was approved is a request")
    use = take(draft.request, given)
    use.enter(given)
    signed = use.signed
    lengths = [pair for pair in draft.request.headers if pair[0].lower() == "content-length"]
    signed.request = signed.request.with_headers((*signed.request.headers, *lengths))
    return signed


def _write_body(body: "BytesIO | FileIO", signed: "Signed") -> None:
    from authkit.ui import render

    if signed.encode is not None:
        for piece in signed.encode(body):
            render.write(piece)
    else:
        while piece := body.read(1 << 20):
            render.write(piece)
