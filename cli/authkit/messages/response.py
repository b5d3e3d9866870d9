"""An HTTP response as a value, and the readers that make one from bytes."""

from authkit.errors import InputError, Rejected
from authkit.messages import fields
from authkit.messages.draft import read_headers, split_draft
from authkit.messages.payload import EMPTY_HASH, hash_bytes, hash_reader
from authkit.messages.request import (
    Request,
    check_headers,
    check_length,
    header_line,
    read_chunked,
    read_head,
    rest_of,
    split_head,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from authkit.messages.payload import Reader, Watcher

    # the head, and None -> what must see the body
    Watch = Callable[["Response", "str | None"], dict[str, Watcher]]

MARK = b"HTTP/"
_EMPTY = (204, 304)


class Response:
    """What answers a request, signed or to be signed.

    Attributes:
        status: 200 to 599; it is what tells a response from a request.
        reason: the phrase behind it, which nothing depends on; one character a byte.
        headers, payload_hash, content_length, watched, grouped: as Request's.
        related: the request that it answers; None where that is not known.
    """

    __slots__ = ("status", "reason", "headers", "payload_hash", "content_length", "watched", "related", "_grouped")

    def __init__(
        self,
        status: int,
        headers: "tuple[tuple[str, str], ...]" = (),
        payload_hash: "str | None" = EMPTY_HASH,
        content_length: "int | None" = 0,
        reason: str = "",
        watched: "dict[str, Watcher] | None" = None,
        related: "Request | None" = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.payload_hash = payload_hash
        self.content_length = content_length
        self.reason = reason
        self.watched: "dict[str, Watcher]" = {} if watched is None else watched
        self.related = related
        self._grouped: "dict[str, list[str]] | None" = None

    def __repr__(self) -> str:
        return f"<Response {self.status}>"

    @property
    def grouped(self) -> "dict[str, list[str]]":
        """Header name, lower case -> its values in order, as sent."""
        if self._grouped is None:
            found: "dict[str, list[str]]" = {}
            for name, value in self.headers:
                found.setdefault(name.lower(), []).append(value)
            self._grouped = found
        return self._grouped

    @property
    def never_has_body(self) -> bool:
        """Whether no body follows its head, whatever the head says (RFC 9112 §6.3, rules 1 and 2)."""
        method = "" if self.related is None else self.related.method
        return self.status in _EMPTY or method == "HEAD" or (method == "CONNECT" and self.status < 300)

    def values(self, name: str) -> "list[str]":
        """Return the values of the header *name* (lower case), in order, as sent."""
        return self.grouped.get(name, [])

    def with_headers(self, headers: "tuple[tuple[str, str], ...]") -> "Response":
        """Return this response with other headers."""
        return Response(
            self.status, headers, self.payload_hash, self.content_length, self.reason, self.watched, self.related
        )

    def with_body(
        self,
        payload_hash: "str | None",
        content_length: "int | None",
        watched: "dict[str, Watcher] | None" = None,
    ) -> "Response":
        """Return this response with another body; None and None for one that is not known."""
        return Response(self.status, self.headers, payload_hash, content_length, self.reason, watched, self.related)


def is_response(start: bytes) -> bool:
    """Say whether an input that begins with *start* is meant to be a response."""
    return start.lstrip().startswith(MARK)


def parse_response(
    source: "bytes | Reader",
    related: "Request | None" = None,
    body: "Reader | None" = None,
    watch: "Watch | None" = None,
) -> Response:
    """Read a raw HTTP/1.1 response, strictly.

    Args:
        source: the message; untrusted.  A reader is read in constant memory.
        related: the request that it answers.
        body: where the body is, if it is not part of *source*.
        watch: asked with the head, before the body is read, what else must see the body.

    Raises:
        InputError: if the first line is not that of an HTTP response at all, or the head is over 1 MiB.
        Rejected: status-line-syntax, header-syntax, header-name-ambiguous, body-length, transfer-encoding.

    Source:
        RFC 9112 §2, §4–§7. Deviations: as parse_request's; an interim response (1xx) is refused; one without a length
        ends with the input.
    """
    head, rest, more = read_head(source, MARK)
    lines, newline = split_head(head, MARK)
    version, status, reason = _status_line(lines[0])
    response = Response(status, tuple([header_line(line) for line in lines[1:]]), reason=reason, related=related)
    if response.headers:
        check_headers(response)
    watched = watch(response, None) if watch is not None else {}
    coded = bool(response.values("transfer-encoding"))
    if coded and version == "HTTP/1.0":
        raise Rejected("transfer-encoding", "HTTP/1.0 has none")
    if body is not None and (rest or (more is not None and hash_reader(more)[1])):
        raise Rejected("body-length", "the message has a body and another one was given")
    if coded and body is None and not response.never_has_body:
        data = read_chunked(response, rest_of(rest, more), newline)
        return response.with_body(hash_bytes(data, watched), len(data), watched)
    reader = more if body is None else body
    digest, length = (hash_bytes(rest, watched), len(rest)) if reader is None else hash_reader(reader, rest, watched)
    _check_framing(response, length)
    return response.with_body(digest, length, watched)


def _status_line(line: str) -> "tuple[str, int, str]":
    """Return version, status and phrase."""
    version, first, rest = line.partition(" ")
    digits, second, reason = rest.partition(" ")
    if version not in ("HTTP/1.1", "HTTP/1.0") or not (first and second) or len(digits) != 3:
        raise Rejected("status-line-syntax", f"{line[:80]!r}")
    if not (digits.isascii() and digits.isdigit() and "2" <= digits[0] <= "5"):
        interim = digits.isascii() and digits.isdigit() and digits[0] == "1"
        raise Rejected("status-line-syntax", f"{digits!r}" + (" is an interim response" if interim else ""))
    fault = fields.value_fault(reason)
    if fault:
        raise Rejected("status-line-syntax", f"the phrase {fault}")
    return version, int(digits), reason


def _check_framing(response: Response, length: int) -> None:
    """Raise unless a body of *length* octets is what the head of a response announces."""
    declared = response.values("content-length")
    if not response.never_has_body:
        if declared or response.values("transfer-encoding"):
            check_length(response, length)
        return
    if length:
        raise Rejected("body-length", f"such a response has no body, and {length} octets follow")
    if len(declared) > 1 or (declared and not (declared[0].isascii() and declared[0].isdigit())):
        raise Rejected("body-length", f"Content-Length {', '.join(declared)[:32]!r} is not a number")
    if response.status == 204 and (declared not in ([], ["0"]) or response.values("transfer-encoding")):
        # RFC 9110 §8.6, RFC 9112 §6.1: a server must send neither
        raise Rejected("body-length", "a response of status 204 declares a body")


class ResponseDraft:
    """A draft of a response, and what it took to make a message of it.

    Attributes:
        request: the response that will be sent; named as a Draft's.
        body: the octets of the body that stood in the draft.
        repairs: sentences for people, one for each thing that was changed.
    """

    __slots__ = ("request", "body", "repairs")

    def __init__(self, request: Response, body: bytes, repairs: "tuple[str, ...]") -> None:
        self.request = request
        self.body = body
        self.repairs = repairs


def parse_response_draft(
    data: bytes,
    related: "Request | None" = None,
    body: "Reader | None" = None,
    watched: "dict[str, Watcher] | None" = None,
) -> ResponseDraft:
    """Read a response to be signed.

    Args:
        data: the draft: LF or CRLF, the empty line may be missing, the version may be another one and the phrase
            missing, a header may go on in the next line, and a body needs no length.
        related: the request that it answers.
        body: where the body is, if it is not in the draft.
        watched: what else must see the body, by name.

    Returns:
        the response as it will be sent.

    Raises:
        InputError: naming the line that cannot be read.
        Rejected: header-name-ambiguous.
    """
    head, found, rest = split_draft(data)
    repairs: "list[str]" = []
    if not found:
        repairs.append("an empty line was added behind the headers")
    lines = head.decode("latin-1").split("\n")
    status, reason = _draft_line(lines[0], repairs)
    headers = tuple(read_headers(lines[1:], repairs))
    if body is not None and rest:
        raise InputError("the draft has a body and another one was given")
    digest, length = (hash_bytes(rest, watched), len(rest)) if body is None else hash_reader(body, b"", watched)
    response = Response(status, headers, digest, length, reason, watched, related)
    if headers:
        check_headers(response)
    return ResponseDraft(_with_length(response, repairs), rest, tuple(repairs))


def _draft_line(line: str, repairs: "list[str]") -> "tuple[int, str]":
    version, _, rest = line.partition(" ")
    digits, _, reason = rest.strip(" ").partition(" ")
    known = version in ("HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/2.0", "HTTP/3", "HTTP/3.0")
    if not known or len(digits) != 3 or not (digits.isascii() and digits.isdigit()) or not "2" <= digits[0] <= "5":
        raise InputError("line 1: expected 'HTTP/1.1 STATUS PHRASE', with a status of 200 to 599")
    reason = fields.trim(reason)
    fault = fields.value_fault(reason)
    if fault:
        raise InputError(f"line 1: the phrase {fault}")
    if version != "HTTP/1.1":
        repairs.append(f"{version} was made HTTP/1.1")
    return int(digits), reason


def _with_length(response: Response, repairs: "list[str]") -> Response:
    declared, length = response.values("content-length"), response.content_length
    if response.values("transfer-encoding"):
        raise InputError("the draft has Transfer-Encoding", "remove it: the body is sent with its length")
    if response.never_has_body:
        if length:
            raise InputError(f"such a response has no body, and the draft's has {length} octets")
        if response.status == 204 and declared:
            raise InputError("a response of status 204 has no Content-Length", "remove it")
        return response
    if len(declared) > 1 or (declared and declared[0] != str(length)):
        raise InputError(f"Content-Length says {declared[0][:32]} and the body has {length} octets")
    if not declared:
        # without one it would end with the connection, and a receiver could not tell that a part is missing
        repairs.append("Content-Length was added")
        return response.with_headers((*response.headers, ("Content-Length", str(length))))
    return response


def format_response_head(response: Response) -> bytes:
    """Return the head of *response* as bytes, CRLF, with the empty line."""
    lines = [
        f"HTTP/1.1 {response.status} {response.reason}",
        *[f"{name}: {value}" for name, value in response.headers],
        "",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1")
