"""An HTTP request as a value, and the strict reader that makes one from bytes."""

from authkit.errors import InputError, Rejected
from authkit.messages import fields, target
from authkit.messages.payload import EMPTY_HASH, hash_bytes, hash_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from authkit.messages.payload import Reader, Watcher
    from authkit.messages.response import Response

    # the head, and the instant that the input names for it -> what must see the body
    Watch = Callable[["Request", "str | None"], dict[str, Watcher]]

MAX_HEAD = 1024 * 1024
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE"))  # known to be tokens


class Request:
    """What is signed or verified.

    Attributes:
        method: token, as sent.
        target: the request line's own text, one character a byte (U+0021–U+007E), never decoded.
        headers: (name, value) pairs as sent, in order; one character a byte (U+0000–U+00FF).
        payload_hash: SHA-256 of the body, lower-case hex, 64; None when the body is not known.
        content_length: octets of the body; None when the body is not known.
        scheme: "http" or "https"; what the target alone does not say.
        watched: what else saw the body go by, by name; empty without.
        grouped: header name, lower case -> its values in order, as sent.
        parts: path and query of the target, as sent, the query without its '?'.
        names: names of the query's parameters, percent-decoded, in order, one character a byte.
    """

    __slots__ = (
        "method",
        "target",
        "headers",
        "payload_hash",
        "content_length",
        "scheme",
        "watched",
        "_grouped",
        "_parts",
        "_names",
        "_checked",
    )

    def __init__(
        self,
        method: str,
        target: str,
        headers: "tuple[tuple[str, str], ...]" = (),
        payload_hash: "str | None" = EMPTY_HASH,
        content_length: "int | None" = 0,
        scheme: str = "https",
        watched: "dict[str, Watcher] | None" = None,
    ) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.payload_hash = payload_hash
        self.content_length = content_length
        self.scheme = scheme
        self.watched = {} if watched is None else watched
        self._grouped: "dict[str, list[str]] | None" = None
        self._parts: "tuple[str, str] | None" = None
        self._names: "list[str] | None" = None
        self._checked = False

    @property
    def parts(self) -> "tuple[str, str]":
        """The target's path and query; see the class."""
        if self._parts is None:
            self._parts = target.split(self.target)
        return self._parts

    @property
    def grouped(self) -> "dict[str, list[str]]":
        """The headers by name; see the class."""
        if self._grouped is None:
            found: "dict[str, list[str]]" = {}
            for name, value in self.headers:
                name = name.lower()
                if name in found:
                    found[name].append(value)
                else:
                    found[name] = [value]
            self._grouped = found
        return self._grouped

    @property
    def names(self) -> "list[str]":
        """The query's parameter names; see the class."""
        if self._names is None:
            names = [pair.partition("=")[0] for pair in self.parts[1].split("&") if pair]
            if "%" in "".join(names):
                names = [target.decode(name).decode("latin-1") for name in names]
            self._names = names
        return self._names

    def with_headers(self, headers: "tuple[tuple[str, str], ...]") -> "Request":
        """Return this request with other headers."""
        return Request(
            self.method, self.target, headers, self.payload_hash, self.content_length, self.scheme, self.watched
        )

    def with_target(self, text: str) -> "Request":
        """Return this request with another target."""
        return Request(
            self.method, text, self.headers, self.payload_hash, self.content_length, self.scheme, self.watched
        )

    def with_body(
        self,
        payload_hash: "str | None",
        content_length: "int | None",
        watched: "dict[str, Watcher] | None" = None,
    ) -> "Request":
        """Return this request with another body; None and None for one that is not known."""
        return Request(self.method, self.target, self.headers, payload_hash, content_length, self.scheme, watched)

    def values(self, name: str) -> "list[str]":
        """Return the values of the header *name* (lower case), in order, as sent."""
        return self.grouped.get(name, [])

    @property
    def host(self) -> str:
        """The Host header, lower case; "" without one."""
        return "".join(self.values("host")[:1]).strip(" \t").lower()

    @property
    def url(self) -> str:
        """The URL it goes to, from the target or the Host header."""
        if self.target.startswith(("http://", "https://")):
            return self.target
        return f"{self.scheme}://{''.join(self.values('host')[:1])}{self.target}"

    def __repr__(self) -> str:
        return f"<Request {self.method}>"


def check_request(request: Request) -> Request:
    """Return *request* if its parts can stand in an HTTP/1.1 message.

    Raises:
        Rejected: request-line-syntax, target-syntax, userinfo, header-syntax, header-name-ambiguous.

    Source:
        RFC 9110 §5.1, §5.5, §9.1; RFC 9112 §3.
    """
    if request._checked:
        return request
    if request.method not in _METHODS and not fields.is_token(request.method):
        raise Rejected("request-line-syntax", "the method is not a token")
    if not target.is_target(request.target):
        raise Rejected("target-syntax", "a space, control or non-ASCII character", "percent-encode it")
    if "#" in request.target:
        raise Rejected("target-syntax", "a fragment", "leave out the '#' and what follows")
    if not request.target.startswith("/"):
        if request.target.lower().startswith(("http://", "https://")):
            target.split_url(request.target)
        elif request.target != "*" or request.method != "OPTIONS":
            raise Rejected("target-syntax", "it begins neither with '/' nor with http:// or https://")
    if request.headers:
        check_headers(request)
    request._checked = True
    return request


def check_headers(message: "Request | Response") -> None:
    """Raise unless the headers, 1 or more, can stand in an HTTP/1.1 message.

    Raises:
        Rejected: header-syntax, header-name-ambiguous.
    """
    names, values = zip(*message.headers)
    # all at once, since a strange character anywhere is rare
    if "" in names or not fields.is_token("".join(names)) or fields.value_fault("".join(values)):
        _refuse_header(message.headers)
    if "_" in "".join(names):
        _refuse_twins(message.grouped)


def _refuse_twins(grouped: "dict[str, list[str]]") -> None:
    """Raise if two names differ only in '-' and '_', which many a server takes for the same (S46)."""
    for name in grouped:
        if "_" in name and name.replace("_", "-") in grouped:
            raise Rejected("header-name-ambiguous", name[:64])


def _refuse_header(headers: "tuple[tuple[str, str], ...]") -> None:
    """Raise for the first header that cannot be; there is one."""
    name, value = next(
        (name, value) for name, value in headers if not fields.is_token(name) or fields.value_fault(value)
    )
    if not fields.is_token(name):
        raise Rejected("header-syntax", f"the name {name[:64]!r} is not a token")
    raise Rejected("header-syntax", f"the value of {name[:64]} {fields.value_fault(value)}")


def parse_request(
    source: "bytes | Reader", scheme: str = "https", body: "Reader | None" = None, watch: "Watch | None" = None
) -> Request:
    """Read a raw HTTP/1.1 message, strictly.

    Args:
        source: the message; untrusted.  A reader is read in constant memory.
        scheme: what the message does not say: "http" or "https".
        body: where the body is, if it is not part of *source*.
        watch: asked with the head, before the body is read, what else must see the body.

    Raises:
        InputError: if the first line is not that of an HTTP request at all, or the head is over 1 MiB.
        Rejected: request-line-syntax, target-syntax, userinfo, header-syntax, body-length, transfer-encoding.

    Source:
        RFC 9112 §2–§7. Deviations: bare LF is a line end if every line of the head ends so; obsolete line folding,
        white space before a colon, trailer fields, and anything after the body are refused; no coding but chunked.
    """
    head, rest, more = read_head(source)
    lines, newline = split_head(head)
    method, text, version = _request_line(lines[0])
    request = check_request(Request(method, text, tuple([header_line(line) for line in lines[1:]]), scheme=scheme))
    watched = watch(request, None) if watch is not None else {}
    if body is not None:
        if rest or (more is not None and hash_reader(more)[1]):
            raise Rejected("body-length", "the message has a body and another one was given")
        digest, length = hash_reader(body, b"", watched)
        check_length(request, length)
    elif request.values("transfer-encoding"):
        if version == "HTTP/1.0":
            raise Rejected("transfer-encoding", "HTTP/1.0 has none")
        data = read_chunked(request, rest_of(rest, more), newline)
        digest, length = hash_bytes(data, watched), len(data)
    else:
        digest, length = (
            hash_reader(more, rest, watched) if more is not None else (hash_bytes(rest, watched), len(rest))
        )
        check_length(request, length)
    return request.with_body(digest, length, watched)


def read_head(source: "bytes | Reader", mark: bytes = b" HTTP/") -> "tuple[bytes, bytes, Reader | None]":
    """Return the head without its empty line, what was read of the body, and where the body goes on.

    Args:
        mark: what the first line of such a message holds.

    Raises:
        InputError: if it does not, or the head is over 1 MiB.
        Rejected: header-syntax, without an empty line.
    """
    more = None
    if isinstance(source, (bytes, bytearray)):
        data = bytes(source)
    else:
        more, data, buffer = source, b"", memoryview(bytearray(65536))
        while b"\n\r\n" not in data and b"\n\n" not in data and len(data) <= MAX_HEAD:
            count = more.readinto(buffer)
            if not count:
                break
            data += bytes(buffer[:count])
    ends = [(place, len(mark)) for mark in (b"\n\r\n", b"\n\n") if (place := data.find(mark)) >= 0]
    place, width = min(ends, default=(len(data), 0))
    if place > MAX_HEAD:
        raise InputError("the head of the HTTP message is over 1 MiB")
    if not ends:
        first = data.split(b"\n", 1)[0]
        if mark not in first:
            raise InputError("not an HTTP message: the first line is not METHOD TARGET HTTP/1.1")
        raise Rejected("header-syntax", "no empty line ends the headers")
    return data[: place + 1], data[place + width :], more


def split_head(head: bytes, mark: bytes = b" HTTP/") -> "tuple[list[str], str]":
    """Return the lines of a head, and what ends each of them; arguments and refusals as for `read_head`."""
    newline = b"\r\n" if head.endswith(b"\r\n") else b"\n"
    lines = head[: -len(newline)].split(newline)
    if mark not in lines[0]:
        raise InputError("not an HTTP message: the first line is not METHOD TARGET HTTP/1.1")
    for number, line in enumerate(lines, 1):
        if b"\r" in line or b"\n" in line:
            raise Rejected(
                "header-syntax", f"line {number}: a carriage return or line feed that ends no line like the others"
            )
    return [line.decode("latin-1") for line in lines], newline.decode("ascii")


def _request_line(line: str) -> "tuple[str, str, str]":
    parts = line.split(" ")
    if len(parts) != 3 or not all(parts) or parts[2] not in ("HTTP/1.1", "HTTP/1.0"):
        raise Rejected("request-line-syntax", f"{line.partition('?')[0][:80]!r}")
    return parts[0], parts[1], parts[2]


def header_line(line: str) -> "tuple[str, str]":
    """Return name and value of a header's line.

    Raises:
        Rejected: header-syntax.
    """
    name, colon, value = line.partition(":")
    if not colon or not fields.is_token(name):
        # of a value nothing is shown: it may be a token's, or the end of one
        known = colon and name[:1] not in ("", " ", "\t")
        raise Rejected("header-syntax", repr(name[:80]) if known else "a line without a name and a colon")
    return name, fields.trim(value)


def check_length(message: "Request | Response", length: int) -> None:
    """Raise unless *message* declares that *length* octets follow it, or declares nothing and none do.

    Raises:
        Rejected: body-length, transfer-encoding.
    """
    declared = message.values("content-length")
    if message.values("transfer-encoding"):
        raise Rejected("transfer-encoding", "the body was given apart from a message that is chunked")
    if len(declared) > 1:
        raise Rejected("body-length", "Content-Length stands twice")
    if declared and not (declared[0].isascii() and declared[0].isdigit()):
        raise Rejected("body-length", f"Content-Length {declared[0][:32]!r} is not a number")
    if (declared[0].lstrip("0") or "0" if declared else "0") != str(length):
        said = f"Content-Length says {declared[0][:32]}" if declared else "there is no Content-Length"
        raise Rejected("body-length", f"{said} and {length} octets follow")


def rest_of(start: bytes, more: "Reader | None") -> bytes:
    """Return all that goes on behind *start*; raises InputError over 64 MiB."""
    if more is None:
        return start
    buffer = memoryview(bytearray(65536))
    while count := more.readinto(buffer):
        start += bytes(buffer[:count])
        if len(start) > 64 * MAX_HEAD:
            raise InputError("a chunked body over 64 MiB", "decode the body and give it with --body")
    return start


def read_chunked(message: "Request | Response", data: bytes, newline: str) -> bytes:
    """Return a chunked body, decoded (RFC 9112 §7.1); extensions are read over, trailers refused."""
    if message.values("content-length") or [one.lower() for one in message.values("transfer-encoding")] != ["chunked"]:
        raise Rejected("transfer-encoding")
    mark = newline.encode("ascii")
    pieces, place = [], 0
    while True:
        end = data.find(mark, place)
        line = data[place : max(end, place)]
        size, _, extension = line.partition(b";")
        digits = size.rstrip(b" \t") if extension else size
        strange = digits.translate(None, b"0123456789abcdefABCDEF") or fields.value_fault(extension.decode("latin-1"))
        if end < 0 or not digits or strange or len(digits) > 16:
            raise Rejected("transfer-encoding", f"{line[:32]!r} is not the size of a chunk")
        count, place = int(digits, 16), end + len(mark)
        if not count:
            break
        if data[place + count : place + count + len(mark)] != mark:
            raise Rejected("transfer-encoding", f"a chunk is not {count} octets long")
        pieces.append(data[place : place + count])
        place += count + len(mark)
    if data[place:] != mark:
        # a trailer field would be neither signed nor named as unsigned
        raise Rejected("transfer-encoding", "the last chunk is not the end, or trailer fields follow it")
    return b"".join(pieces)
