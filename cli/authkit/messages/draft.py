"""A request written by a person: read generously, and repaired to what will be sent."""

from authkit.errors import InputError
from authkit.messages import fields, target
from authkit.messages.payload import hash_bytes, hash_reader
from authkit.messages.request import MAX_HEAD, Request, check_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.messages.payload import Reader, Watcher


class Draft:
    """A draft, and what it took to make a message of it.

    Attributes:
        request: what will be sent.
        body: the octets of the body that stood in the draft.
        repairs: sentences for people, one for each thing that was changed.
    """

    __slots__ = ("request", "body", "repairs")

    def __init__(self, request: Request, body: bytes, repairs: "tuple[str, ...]") -> None:
        self.request = request
        self.body = body
        self.repairs = repairs


def parse_draft(
    data: bytes,
    scheme: str = "https",
    body: "Reader | None" = None,
    origin_host: "str | None" = None,
    watched: "dict[str, Watcher] | None" = None,
) -> Draft:
    """Read a request to be signed.

    Args:
        data: the draft: LF or CRLF, the empty line may be missing, the target may hold spaces and UTF-8, a header may
            go on in the next line, and a body needs no length.
        scheme: "http" or "https"; what the draft does not say.
        body: where the body is, if it is not in the draft.
        origin_host: the Host to add where the draft has none.
        watched: what else must see the body, by name.

    Returns:
        the request as it will be sent.

    Raises:
        InputError: naming the line that cannot be read.
        Rejected: target-syntax, userinfo, for a target that cannot be sent; header-name-ambiguous.
    """
    head, found, rest = split_draft(data)
    repairs: "list[str]" = []
    if not found:
        repairs.append("an empty line was added behind the headers")
    lines = head.decode("latin-1").split("\n")
    method, text, version = _request_line(lines[0])
    wire = target.repair(text)
    if wire != text:
        repairs.append("spaces and non-ASCII bytes of the target were percent-encoded")
    if version != "HTTP/1.1":
        repairs.append("HTTP/1.1 was added to the first line" if not version else f"{version} was made HTTP/1.1")
    headers = read_headers(lines[1:], repairs)
    if wire.lower().startswith(("http://", "https://")):
        scheme, host, wire = target.split_url(wire)
        if not any(name.lower() == "host" for name, _ in headers):
            headers.insert(0, ("Host", host))
            repairs.append("the URL of the first line was split into Host and target")
    elif origin_host is not None and not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", origin_host))
        repairs.append("Host was added")
    if body is not None and rest:
        raise InputError("the draft has a body and another one was given")
    digest, length = (hash_bytes(rest, watched), len(rest)) if body is None else hash_reader(body, b"", watched)
    request = Request(method, wire, tuple(headers), digest, length, scheme, watched)
    if len(request.values("host")) > 1:
        raise InputError("the draft has two Host headers")
    return Draft(check_request(_with_length(request, repairs)), rest, tuple(repairs))


def split_draft(data: bytes) -> "tuple[bytes, bool, bytes]":
    """Return the head with LF line ends, whether an empty line ends it, and the body."""
    ends = [(place, len(mark)) for mark in (b"\n\r\n", b"\n\n") if (place := data.find(mark)) >= 0]
    place, width = min(ends, default=(len(data), 0))
    if place > MAX_HEAD:
        raise InputError("the head of the request is over 1 MiB")
    head = data[:place].replace(b"\r\n", b"\n").rstrip(b"\r\n") if ends else data.replace(b"\r\n", b"\n").rstrip(b"\n")
    for number, line in enumerate(head.split(b"\n"), 1):
        if b"\r" in line or b"\0" in line:
            raise InputError(f"line {number}: a control character")
    return head, bool(ends), data[place + width :]


def _request_line(line: str) -> "tuple[str, str, str]":
    method, space, rest = line.partition(" ")
    text, mark, version = rest.rpartition(" HTTP/")
    if not mark:
        text, version = rest, ""
    text = text.strip(" ")
    if not space or not fields.is_token(method) or not text or (mark and version not in ("1.0", "1.1")):
        raise InputError("line 1: expected 'METHOD TARGET HTTP/1.1'")
    return method, text, f"HTTP/{version}" if mark else ""


def read_headers(lines: "list[str]", repairs: "list[str]") -> "list[tuple[str, str]]":
    """Return the headers of a draft; raises InputError that names the line."""
    headers: "list[tuple[str, str]]" = []
    for number, line in enumerate(lines, 2):
        if line[:1] in (" ", "\t"):
            if not headers:
                raise InputError(f"line {number}: goes on from no header")
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {fields.trim(line)}".strip(" "))
            if "continuation lines were joined by one space" not in repairs:
                repairs.append("continuation lines were joined by one space")
            continue
        name, colon, value = line.partition(":")
        if not colon or not fields.is_token(name):
            raise InputError(f"line {number}: expected 'Name: value'")
        value = fields.trim(value)
        fault = fields.value_fault(value)
        if fault:
            raise InputError(f"line {number}: the value of {name[:64]} {fault}")
        headers.append((name, value))
    return headers


def _with_length(request: Request, repairs: "list[str]") -> Request:
    declared = request.values("content-length")
    if request.values("transfer-encoding"):
        raise InputError("the draft has Transfer-Encoding", "remove it: the body is sent with its length")
    if len(declared) > 1 or (declared and declared[0] != str(request.content_length)):
        raise InputError(f"Content-Length says {declared[0][:32]} and the body has {request.content_length} octets")
    if not declared and request.content_length:
        repairs.append("Content-Length was added")
        return request.with_headers((*request.headers, ("Content-Length", str(request.content_length))))
    return request


def parse_url(method: str, url: str, lines: "tuple[str, ...]" = ()) -> Request:
    """Return a request without a body from a URL written by a person.

    Args:
        method: a token.
        url: http(s); spaces and UTF-8 in it are percent-encoded.
        lines: headers as 'Name: value'.

    Raises:
        InputError: naming the header that is none.
        Rejected: target-syntax, userinfo, request-line-syntax.
    """
    scheme, host, text = target.split_url(url.encode("utf-8", "surrogateescape").decode("latin-1"))
    headers = [("Host", host)]
    for line in lines:
        name, colon, value = line.encode("utf-8", "surrogateescape").decode("latin-1").partition(":")
        value = fields.trim(value)
        if not colon or not fields.is_token(name) or fields.value_fault(value):
            raise InputError(f"the header {line[:64]!r} is not 'Name: value'")
        if name.lower() == "host":
            headers[0] = (name, value)
        else:
            headers.append((name, value))
    return check_request(Request(method, target.repair(text), tuple(headers), scheme=scheme))


def format_head(request: Request) -> bytes:
    """Return the head of *request* as bytes, CRLF, with the empty line."""
    lines = [
        f"{request.method} {request.target} HTTP/1.1",
        *[f"{name}: {value}" for name, value in request.headers],
        "",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1")
