"""How else could headers, signed headers and payload hash have been read?"""

from authkit.explain.view import View
from authkit.messages import fields
from authkit.messages.payload import EMPTY_HASH
from authkit.schemes.canonical import UNSIGNED, payload_line
from authkit.schemes.sigv4 import NEVER_SIGNED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from authkit.explain.case import Case

# what libraries and proxies put into headers that they take away, add or rewrite
USUAL = {
    "accept": ("*/*", "application/json"),
    "accept-encoding": ("identity", "gzip", "gzip, deflate", "gzip, deflate, br", "gzip, deflate, br, zstd"),
    "connection": ("keep-alive", "close", "Keep-Alive"),
    "content-type": (
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-8",
        "application/json",
        "application/json; charset=utf-8",
        "application/octet-stream",
        "binary/octet-stream",
        "text/plain",
        "application/x-amz-json-1.0",
        "application/x-amz-json-1.1",
    ),
    "expect": ("100-continue",),
    "te": ("trailers",),
    "transfer-encoding": ("chunked",),
}
STREAMING = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
MAX_HEADERS = 64

Found = tuple[str, View]


def _with_header(view: View, name: str, value: str) -> View:
    return view.but(headers={**view.headers, name: value})


def other_host(case: "Case", view: View) -> "Iterator[Found]":
    """The host with or without a port, in other case, or as a proxy names it."""
    sent = "".join(case.request.values("host")[:1]).strip(" \t")
    bare, _, port = sent.rpartition(":")
    name = bare if port.isdigit() and bare else sent
    found = [name, f"{name}:{case.default_port}", f"{name}:80", f"{name}:443", sent.lower(), name.lower(), sent.upper()]
    for header in ("x-forwarded-host", "x-original-host"):
        found += [value.strip() for value in view.headers.get(header, "").split(",") if value.strip()]
    if "." in name:
        # a bucket or stage in front of the host, or a dot behind it
        found += [name.partition(".")[2], name.rstrip("."), f"{name}."]
    found += (
        ["localhost", f"localhost:{port}", f"127.0.0.1:{port}"] if "127.0.0.1" in name or "localhost" in name else []
    )
    for host in dict.fromkeys(found):
        if host and host != view.headers.get("host"):
            yield host, _with_header(view, "host", host)


def spaces_kept(case: "Case", view: View) -> "Iterator[Found]":
    """Header values with their runs of spaces, or with the spaces around them too."""
    headers = case.request.headers
    yield "", view.but(headers={**view.headers, **{name.lower(): fields.trim(value) for name, value in headers}})
    yield "", view.but(headers={**view.headers, **{name.lower(): value for name, value in headers}})


def repeated_header(case: "Case", view: View) -> "Iterator[Found]":
    """Of a header that stands twice only the first, only the last, or all joined by ', '."""
    names = [name.lower() for name, _ in case.request.headers]
    for name in dict.fromkeys(one for one in names if names.count(one) > 1):
        values = [fields.collapse(value) for value in case.request.values(name)]
        yield f"the first {name} alone", _with_header(view, name, values[0])
        yield f"the last {name} alone", _with_header(view, name, values[-1])
        yield f"{name} joined by ', '", _with_header(view, name, ", ".join(values))


def list_member(case: "Case", view: View) -> "Iterator[Found]":
    """A header's list without its first or last member, which a proxy may have added."""
    for name in view.signed[:MAX_HEADERS]:
        before, comma, after = view.headers.get(name, "").partition(",")
        if comma:
            yield name, _with_header(view, name, view.headers[name].rpartition(",")[0].rstrip(" "))
            yield name, _with_header(view, name, before.rstrip(" "))
            yield name, _with_header(view, name, after.lstrip(" "))


def letter_case(case: "Case", view: View) -> "Iterator[Found]":
    """A header's value in lower case."""
    for name in view.signed[:MAX_HEADERS]:
        value = view.headers.get(name, "")
        if value != value.lower():
            yield name, _with_header(view, name, value.lower())


def usual_value(case: "Case", view: View) -> "Iterator[Found]":
    """Another value that libraries and proxies put into a header that is present."""
    for name in view.signed[:MAX_HEADERS]:
        if name in view.headers:
            value = view.headers[name]
            guesses = [*USUAL.get(name, ())]
            if name == "content-type":
                bare = value.partition(";")[0].rstrip(" ")
                guesses += [bare, f"{bare}; charset=utf-8", f"{bare}; charset=UTF-8", f"{bare};charset=utf-8"]
            if name == "content-length":
                guesses += ["0", ""]
            for guess in dict.fromkeys(guesses):
                if guess != value:
                    yield f"'{name}: {guess}'", _with_header(view, name, guess)


def missing_header(case: "Case", view: View) -> "Iterator[Found]":
    """A usual value for a signed header that the request lacks."""
    for name in view.signed[:MAX_HEADERS]:
        if name not in view.headers:
            length = case.request.content_length
            guesses = [*USUAL.get(name, ())] if name != "content-length" else [str(length or 0), "0"]
            for guess in guesses:
                yield f"'{name}: {guess}'", _with_header(view, name, guess)
            without = tuple([one for one in view.signed if one != name])
            yield f"no {name}"[:80], view.but(signed=without)


def list_order(case: "Case", view: View) -> "Iterator[Found]":
    """The signed headers sorted, each once, in lower case."""
    yield "sorted", view.but(signed=tuple(sorted({name.lower() for name in view.signed})))
    yield "in the order of the request", view.but(signed=tuple([name for name in view.headers if name in view.signed]))


def one_less(case: "Case", view: View) -> "Iterator[Found]":
    """The signed headers without one of them."""
    for name in view.signed[:MAX_HEADERS]:
        if name != _token(case):
            yield name[:64], view.but(signed=tuple([one for one in view.signed if one != name]))


def one_more(case: "Case", view: View) -> "Iterator[Found]":
    """The signed headers with one more that the request has, or with all of them."""
    others = [name for name in view.headers if name not in view.signed and name != "authorization"][:MAX_HEADERS]
    for name in others:
        if name != _token(case):
            yield name[:64], view.but(signed=tuple(sorted({*view.signed, name})))
    more = {*view.signed, *[name for name in others if name not in NEVER_SIGNED]}
    yield "every header", view.but(signed=tuple(sorted(more)))


def no_token(case: "Case", view: View) -> "Iterator[Found]":
    """Without the session token, in the headers or in the query."""
    name = _token(case)
    yield "", view.but(signed=tuple([one for one in view.signed if one != name]))
    yield "", view.but(pairs=tuple([pair for pair in view.pairs if pair.partition("=")[0].lower() != name]))


def more_token(case: "Case", view: View) -> "Iterator[Found]":
    """With the session token that the request has without naming it as signed."""
    if _token(case) in view.headers:
        yield "", view.but(signed=tuple(sorted({*view.signed, _token(case)})))


def _token(case: "Case") -> str:
    return case.row.security_token


def _payloads(case: "Case", view: View, payload: str) -> "Iterator[View]":
    """The payload hash in the last line alone, and in the header that declares it too."""
    name = case.row.content_sha256
    yield view.but(payload=payload)
    if name in view.signed:
        yield view.but(payload=payload, headers={**view.headers, name: payload})


def body_hash(case: "Case", view: View) -> "Iterator[Found]":
    """The hash of the body as it is."""
    if case.request.payload_hash is not None:
        for one in _payloads(case, view, case.request.payload_hash):
            yield "", one


def empty_body(case: "Case", view: View) -> "Iterator[Found]":
    """The hash of an empty body."""
    for one in _payloads(case, view, EMPTY_HASH):
        yield "", one


def unsigned_payload(case: "Case", view: View) -> "Iterator[Found]":
    """The word for a body that is not signed."""
    for one in _payloads(case, view, UNSIGNED):
        yield "", one.but(payload=payload_line(UNSIGNED, case.row))


def streaming_payload(case: "Case", view: View) -> "Iterator[Found]":
    """The words for a body that is signed in chunks, and the hash in capitals."""
    for word in STREAMING:
        for one in _payloads(case, view, word):
            yield word, one
    yield "the hash in capital letters", view.but(payload=view.payload.upper())
