"""Sign a raw HTTP/1.1 request.

INPUT is a file, '-', an http(s) URL, or -- and a curl line.  The request may be written by hand: LF line ends, spaces
and UTF-8 in the target, and a missing length are repaired in the output, which is the whole message, ready to send.

Examples:

  $ authkit sign http --key file:week.subkeys request.http >signed.http
  authkit: note: an empty line was added behind the headers
  …
"""

from authkit.commands import _io, _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given
    from authkit.messages.draft import Draft

OPTIONS = (
    ("INPUT", "rest", "INPUT", "FILE, '-', a URL, or -- curl …", ()),
    _rows.BODY,
    _rows.ORIGIN,
    *_rows.SIGN,
)
SCHEME_OPTIONS = "sign_options"


def run(given: "Given") -> None:
    from authkit.commands import _sign
    from authkit.messages.draft import format_head
    from authkit.ui import render

    draft = _draft(given)
    for repair in draft.repairs:
        render.note(repair)
    signed = _sign.sign(draft.request, given)
    if given.json:
        render.write_json(_sign.as_json(signed))
        return
    render.write(format_head(signed.request) + draft.body)
    if given.body is not None:
        with _io.open_body(given.body) as body:
            while piece := body.read(1 << 20):
                render.write(piece)


def _draft(given: "Given") -> "Draft":
    from authkit.commands import _requests, _sign
    from authkit.errors import UsageError
    from authkit.messages.draft import parse_draft

    if given.body == "-":
        raise UsageError("--body - is not read: the body is hashed first and written after")
    word, words = _requests.split_input(given.input)
    if words is not None:
        return _requests.draft_of_curl(words)
    if word.startswith(("http://", "https://")):
        data = f"GET {word} HTTP/1.1\n\n".encode("utf-8", "surrogateescape")
    else:
        data = _io.read(word, "request")
    scheme, host = _sign.origin(given.origin)
    if given.body is None:
        return parse_draft(data, scheme, origin_host=host)
    with _io.open_body(given.body) as body:
        return parse_draft(data, scheme, body, host)
