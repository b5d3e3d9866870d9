"""From a command's INPUT to a response, and the request that it answers."""

from authkit.commands import _io, _requests
from authkit.commands._quick import Given
from authkit.errors import InputError, Rejected, UsageError
from authkit.messages.response import Response, ResponseDraft, parse_response, parse_response_draft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import FileIO

    from authkit.messages.payload import Watcher
    from authkit.messages.request import Request
    from authkit.messages.response import Watch
    from authkit.schemes.base import Scheme


def read_response(data: "bytes | FileIO", given: Given, watch: "Watch | None", body: "FileIO | None") -> Response:
    """Return the signed response that *data* is, strictly read.

    Raises:
        InputError: if it is none, or the request that it answers cannot be read.
        Rejected: as for parse_response.
    """
    return parse_response(data, related(given.request, given), body, watch)


def draft_response(data: bytes, given: Given, watched: "dict[str, Watcher]") -> ResponseDraft:
    """Return the response to be signed that *data* is."""
    request = related(given.request, given)
    if given.body is None:
        return parse_response_draft(data, request, None, watched)
    with _io.open_body(given.body) as body:
        return parse_response_draft(data, request, body, watched)


def related(path: "str | None", given: Given) -> "Request | None":
    """Return the request that a response answers, from the FILE of --request; None without.

    Raises:
        InputError: if it is no request, or cannot be read in one way only.
    """
    if path is None:
        return None
    bare = {"body": None, "request": None, "header": (), "read_files": False, "origin": given.origin, "at": None}
    try:
        found: "Request | Response" = _requests.parse_data(_io.read(path, "request"), path, Given(bare))
    except Rejected as error:
        raise InputError(f"{path}: {error.message}", error.hint) from error
    if isinstance(found, Response):
        raise InputError(f"{path}: a response, where --request takes the request that it answers")
    return found


def check_scheme(message: "Request | Response", scheme: "Scheme") -> None:
    """Raise if *message* is a response, and the scheme is for requests alone.

    Raises:
        UsageError: then.
    """
    if isinstance(message, Response) and not scheme.responses:
        raise UsageError(f"{scheme.name} does not sign responses", "--scheme rfc9421 does")
