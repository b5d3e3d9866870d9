"""From a command's INPUT to a signed request, told apart by content."""

from authkit.commands import _io
from authkit.errors import InputError, UsageError
from authkit.messages.request import Request, parse_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import FileIO
    from typing import Any

    from authkit.commands._quick import Given
    from authkit.messages.draft import Draft
    from authkit.messages.payload import Watcher
    from authkit.messages.request import Watch
    from authkit.messages.response import ResponseDraft


def split_input(words: "tuple[str, ...]") -> "tuple[str, list[str] | None]":
    """Return the one word of INPUT, or the words of a curl line.

    Raises:
        UsageError: if there is no word, or several that are no curl line.
    """
    if not words:
        raise UsageError("the INPUT is missing", "give a file, '-', a URL, or -- curl …")
    if words[0] == "curl" or words[0].endswith("/curl"):
        return "", list(words)
    if len(words) > 1:
        raise UsageError(f"{words[1]!r} is one word too many", "a curl line is written behind --, beginning with curl")
    return words[0], None


def read_request(given: "Given", watch: "Watch | None" = None) -> Request:
    """Return the request that INPUT is: FILE, '-', a URL, or a curl line; files may hold any of these.

    Args:
        watch: asked with the head what else must see the body.

    Raises:
        InputError: if it is none of them.
        Rejected: for a message whose syntax is not HTTP's.
    """
    word, words = split_input(given.input)
    if words is not None:
        return curl_request(words, given, watch)
    if word.startswith(("http://", "https://")):
        return url_request(word, given, watch)
    if given.body is None:
        start = _peek(word)
        if start is not None and not _is_other(start):
            return _stream(word, given, watch, start)
    return parse_data(_io.read(word, "request"), "standard input" if word == "-" else word, given, watch)


def parse_data(data: bytes, what: str, given: "Given", watch: "Watch | None" = None) -> Request:
    """Return the request that *data* holds: a curl line, a URL, JSON or a raw message."""
    start = data.lstrip()[:8]
    if start.startswith(b"curl "):
        from authkit.curl.line import split_line

        return curl_request(split_line(data.decode("utf-8", "surrogateescape").strip()), given, watch)
    if start.startswith((b"http://", b"https://")):
        return url_request(data.decode("utf-8", "surrogateescape").strip(), given, watch)
    if start.startswith(b"{"):
        from authkit.messages.form import parse_form

        line = parse_form(data, what, watch)
        given.at = line.at or given.at
        return line.request
    if given.body is None:
        return _message(data, what, given, watch)
    with _io.open_body(given.body) as body:
        return _message(data, what, given, watch, body)


def url_request(url: str, given: "Given", watch: "Watch | None" = None) -> Request:
    """Return the request for a presigned URL; strict, since nothing in it may be repaired before it is judged."""
    from authkit.messages.request import check_request
    from authkit.messages.target import split_url

    text = url.encode("utf-8", "surrogateescape").decode("latin-1")
    method = given.request or "GET"
    check_request(Request(method, text))
    scheme, host, target = split_url(text)
    from authkit.messages.draft import parse_url

    headers = parse_url(method, f"{scheme}://{host}/", given.header).headers
    request = check_request(Request(method, target, headers, scheme=scheme))
    return request if given.body is None else _with_body(request, given.body, given, watch)


def _with_body(request: Request, path: str, given: "Given", watch: "Watch | None") -> Request:
    from authkit.messages.payload import hash_reader

    watched = watch(request, None) if watch is not None else {}
    with _io.open_body(path) as body:
        return request.with_body(*hash_reader(body, b"", watched), watched)


def curl_request(words: "list[str]", given: "Given", watch: "Watch | None" = None) -> Request:
    """Return the request that a signed curl line sends; it opens no file unless --read-files says so (T3)."""
    from authkit.curl.line import parse_line
    from authkit.curl.request import plan
    from authkit.messages.request import check_request

    read = _io.open_body if given.read_files else None
    request = check_request(plan(parse_line(words), read=read, reserved=()).request)
    if given.body is not None:
        return _with_body(request, given.body, given, watch)
    watched = watch(request, None) if watch is not None else {}
    if watched:
        request = plan(parse_line(words), read=read, reserved=(), watched=watched).request
        request = request.with_body(request.payload_hash, request.content_length, watched)
    return check_request(request)


def draft_of_curl(words: "list[str]", watched: "dict[str, Watcher]") -> "Draft":
    """Return what a curl line would send, to be signed as a message."""
    from authkit.curl.line import parse_line
    from authkit.curl.request import plan
    from authkit.messages.draft import Draft

    made = plan(parse_line(words), read=_io.open_body, curlrc=_io.curlrc(), watched=watched)
    body = made.body[1] if made.body is not None else b""
    if not isinstance(body, bytes):
        with _io.open_body(body) as reader:
            body = reader.readall()
    request = made.request.with_body(made.request.payload_hash, made.request.content_length, watched)
    if body:
        request = request.with_headers((*request.headers, ("Content-Length", str(len(body)))))
    return Draft(request, body, tuple(made.warnings))


def read_draft(given: "Given", watched: "dict[str, Watcher]") -> "Draft | ResponseDraft":
    """Return the message that INPUT is, written by a person, to be signed.

    Raises:
        InputError: naming what cannot be read.
        UsageError: if the options do not go together.
        Rejected: as parse_draft.
    """
    from authkit.commands import _sign
    from authkit.messages.draft import parse_draft

    if given.body == "-":
        raise UsageError("--body - is not read: the body is hashed first and written after")
    word, words = split_input(given.input)
    if words is not None:
        return draft_of_curl(words, watched)
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


def _scheme(given: "Given") -> str:
    from authkit.commands._sign import origin

    return origin(given.origin)[0]


def _peek(path: str) -> "bytes | None":
    """Return how a regular file begins; None for standard input, a pipe, or what cannot be opened."""
    import os
    import stat

    try:
        if path == "-" or not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb", buffering=0) as file:
            return file.read(64)
    except OSError:
        return None


def _is_other(start: bytes) -> bool:
    return start.lstrip().startswith((b"curl ", b"http://", b"https://", b"{"))


def _stream(path: str, given: "Given", watch: "Watch | None", start: bytes) -> Request:
    """Read a raw message from a file in constant memory, however large its body."""
    with _io.open_body(path, "request") as file:
        return _message(file, path, given, watch, start=start)


def _message(
    data: "bytes | FileIO",
    what: str,
    given: "Given",
    watch: "Watch | None",
    body: "FileIO | None" = None,
    start: "bytes | None" = None,
) -> Request:
    if (data[:64] if isinstance(data, bytes) else start or b"").lstrip().startswith(b"HTTP/"):
        from authkit.commands._responses import read_response

        # a Response, which schemes that sign responses take in the place of a request
        response: "Any" = read_response(data, given, watch, body)  # type: ignore[arg-type]
        return response  # type: ignore[no-any-return]
    try:
        return parse_request(data, _scheme(given), body, watch)
    except InputError as error:
        raise InputError(f"{what}: {error.message}", "give a raw HTTP message, a URL, a curl line or JSON") from error
