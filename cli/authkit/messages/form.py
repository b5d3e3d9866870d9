"""How is a request written as one line of JSON (FORMATS F12)?"""

from authkit import base64, strictjson
from authkit.errors import InputError
from authkit.messages import target
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request, check_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.messages.request import Watch

MAX_ID = 256


class Line:
    """One request of a batch.

    Attributes:
        id: echoed; None without one.
        request: what it says.
        at: the instant it is to be judged or signed at, as text; None without one.
        body: the body; None when it is not known.
    """

    __slots__ = ("id", "request", "at", "body")

    def __init__(self, id: "str | None", request: Request, at: "str | None", body: "bytes | None") -> None:
        self.id = id
        self.request = request
        self.at = at
        self.body = body


def parse_form(data: bytes, what: str, watch: "Watch | None" = None) -> Line:
    """Read a request as JSON.

    Args:
        data: one strict JSON object, with or without LF; untrusted.
        what: names the input in errors.
        watch: asked with the head what else must see the body.

    Raises:
        InputError: naming the member that is wrong.
        Rejected: request-line-syntax, target-syntax, userinfo, header-syntax, for parts that no message can hold.

    Source:
        FORMATS F12.
    """
    top = strictjson.members(
        strictjson.parse(data, what, final_lf=False),
        what,
        ("method", "headers"),
        ("id", "url", "target", "body_b64", "body", "scheme", "at"),
    )
    for name in ("id", "method", "url", "target", "body_b64", "body", "scheme", "at"):
        if name in top and not isinstance(top[name], str):
            raise InputError(f"{what}: member {name!r} is not text")
    if len(str(top.get("id", ""))) > MAX_ID:
        raise InputError(f"{what}: member 'id' is over {MAX_ID} characters")
    if ("url" in top) == ("target" in top):
        raise InputError(f"{what}: exactly one of the members 'url' and 'target' must stand")
    if top.get("scheme", "https") not in ("http", "https"):
        raise InputError(f"{what}: member 'scheme' is neither 'http' nor 'https'")
    headers = _headers(top["headers"], what)
    scheme, text = str(top.get("scheme", "https")), _bytes_only(top.get("target", top.get("url")), "target", what)
    if "url" in top:
        scheme, host, text = target.split_url(text)
        if not any(name.lower() == "host" for name, _ in headers):
            headers = (("Host", host), *headers)
    body = _body(top, what)
    request = check_request(Request(_bytes_only(top["method"], "method", what), text, headers, None, None, scheme))
    if body is not None:
        watched = watch(request, _optional(top, "at")) if watch is not None else {}
        request = check_request(request.with_body(hash_bytes(body, watched), len(body), watched))
    return Line(_optional(top, "id"), request, _optional(top, "at"), body)


def format_form(id: "str | None", request: Request, body: "bytes | None") -> "dict[str, object]":
    """Return a request as the members of its JSON form.

    Args:
        id: echoed; None for none.
        body: the body as it travels; None when it is not known.

    Source:
        FORMATS F12.
    """
    form: "dict[str, object]" = {} if id is None else {"id": id}
    form |= {"method": request.method, "target": request.target, "headers": [list(pair) for pair in request.headers]}
    if request.scheme != "https":
        form["scheme"] = request.scheme
    if body is None:
        form["body"] = "unavailable"
    elif body:
        form["body_b64"] = base64.encode(body)
    return form


def id_of(data: bytes) -> "str | None":
    """Return the id of a line that cannot be read otherwise; None if there is none either."""
    try:
        found = strictjson.parse(data, "line", final_lf=False).get("id")
    except InputError:
        return None
    return found if isinstance(found, str) and len(found) <= MAX_ID else None


def _headers(value: object, what: str) -> "tuple[tuple[str, str], ...]":
    if not isinstance(value, list):
        raise InputError(f"{what}: member 'headers' is not a list of [name, value]")
    found = []
    for number, pair in enumerate(value, 1):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise InputError(f"{what}: header {number} is not [name, value]")
        found.append((_bytes_only(pair[0], f"header {number}", what), _bytes_only(pair[1], f"header {number}", what)))
    return tuple(found)


def _bytes_only(value: object, name: str, what: str) -> str:
    text = str(value)
    if not text.isascii() and max(text) > "\xff":
        raise InputError(f"{what}: {name} holds a character above U+00FF; each stands for one byte")
    return text


def _body(top: "dict[str, object]", what: str) -> "bytes | None":
    if "body" in top:
        if top["body"] != "unavailable" or "body_b64" in top:
            raise InputError(f"{what}: member 'body' is 'unavailable' and stands without 'body_b64'")
        return None
    body = base64.decode(str(top.get("body_b64", "")))
    if body is None:
        raise InputError(f"{what}: member 'body_b64' is not base64")
    return body


def _optional(top: "dict[str, object]", name: str) -> "str | None":
    return str(top[name]) if name in top else None
