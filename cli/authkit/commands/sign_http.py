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
    from authkit.messages.payload import Watcher
    from authkit.messages.response import ResponseDraft
    from authkit.schemes.base import Signed

OPTIONS = (
    ("INPUT", "rest", "INPUT", "FILE, '-', a URL, or -- curl …", ()),
    ("--request", "text", "FILE", "the request that it answers, where INPUT is a response", None),
    _rows.BODY,
    _rows.ORIGIN,
    *_rows.SIGN,
)
SCHEME_OPTIONS = "sign_options"


def run(given: "Given") -> None:
    from authkit.commands import _schemes, _sign
    from authkit.ui import render

    draft = _draft(given, _schemes.watched(given))
    for repair in draft.repairs:
        render.note(repair)
    signed = _sign.sign(draft.request, given)
    if given.json:
        render.write_json(_sign.as_json(signed))
        return
    render.write(_sign.head_of(signed.request))
    if given.body is None:
        _write_body(BytesIO(draft.body), signed)
    else:
        with _io.open_body(given.body) as body:
            _write_body(body, signed)


def _write_body(body: "BytesIO | FileIO", signed: "Signed") -> None:
    from authkit.ui import render

    if signed.encode is not None:
        for piece in signed.encode(body):
            render.write(piece)
    else:
        while piece := body.read(1 << 20):
            render.write(piece)


def _draft(given: "Given", watched: "dict[str, Watcher]") -> "Draft | ResponseDraft":
    from authkit.commands import _requests, _sign
    from authkit.errors import UsageError
    from authkit.messages.draft import parse_draft

    if given.body == "-":
        raise UsageError("--body - is not read: the body is hashed first and written after")
    word, words = _requests.split_input(given.input)
    if words is not None:
        return _requests.draft_of_curl(words, watched)
    if word.startswith(("http://", "https://")):
        data = f"GET {word} HTTP/1.1\n\n".encode("utf-8", "surrogateescape")
    else:
        data = _io.read(word, "request")
    if data.lstrip().startswith(b"HTTP/"):
        from authkit.commands._responses import draft_response

        return draft_response(data, given, watched)
    scheme, host = _sign.origin(given.origin)
    if given.body is None:
        return parse_draft(data, scheme, None, host, watched)
    with _io.open_body(given.body) as body:
        return parse_draft(data, scheme, body, host, watched)
