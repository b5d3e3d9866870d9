"""What did the server, or the client's log, say about the signature?"""

from authkit.clock import parse_compact, parse_stamp
from authkit.errors import InputError
from authkit.explain.logs import read_botocore_log, read_curl_log, read_signature
from authkit.explain.reply import unwrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

MAX_BYTES = 1024 * 1024
_CANONICAL_MARK = "The Canonical String for this request should have been"
_TO_SIGN_MARK = "The String-to-Sign should have been"
_XML_START = r"<\?xml|<!DOCTYPE|<(?:Error|ErrorResponse|Response)[\s>]"
_JSON_START = r"\{\s*\""
_ACCEPTED = "give the XML or JSON body that came back, the whole HTTP answer, botocore's debug log, or curl's -v output"


class ServerError:
    """What came back for a request that was refused; None for what it does not say.

    Attributes:
        format: "xml", "json", "text", "botocore-log" or "curl-log".
        code: the error's name, e.g. SignatureDoesNotMatch.
        message: its sentence, as sent: it may hold a bearer value.
        access_key_id: whose key the server looked up.
        canonical_request, string_to_sign: as the other side calculated them, one character a byte.
        signature: what the client sent, lower-case hex, 64.
        server_time: the server's clock, aware UTC.
        request_time: what it took for the request's own instant, as written.
        region, service: what the credential scope should name.
        day: the day that the credential scope should name, as written.
        payload_hash: of the body that arrived, lower-case hex.
        headers: names of the headers that it missed, lower case.
    """

    __slots__ = (
        "format",
        "code",
        "message",
        "access_key_id",
        "canonical_request",
        "string_to_sign",
        "signature",
        "server_time",
        "request_time",
        "region",
        "service",
        "day",
        "payload_hash",
        "headers",
    )

    def __init__(
        self,
        format: str,
        code: "str | None" = None,
        message: "str | None" = None,
        *,
        access_key_id: "str | None" = None,
        canonical_request: "str | None" = None,
        string_to_sign: "str | None" = None,
        signature: "str | None" = None,
        server_time: "datetime | None" = None,
        request_time: "str | None" = None,
        region: "str | None" = None,
        service: "str | None" = None,
        day: "str | None" = None,
        payload_hash: "str | None" = None,
        headers: "tuple[str, ...]" = (),
    ) -> None:
        self.format = format
        self.code = code
        self.message = message
        self.access_key_id = access_key_id
        self.canonical_request = canonical_request
        self.string_to_sign = string_to_sign
        self.signature = signature
        self.server_time = server_time
        self.request_time = request_time
        self.region = region
        self.service = service
        self.day = day
        self.payload_hash = payload_hash
        self.headers = headers

    @property
    def by_client(self) -> bool:
        """Whether it is the client's own account of what it signed."""
        return self.format in ("botocore-log", "curl-log")


def read_server_error(data: bytes) -> ServerError:
    """Read what came back for a request that was refused; its form is told by its content.

    Args:
        data: untrusted; at most 1 MiB: an error body in XML or JSON, bare or inside an HTTP answer or the output of
            curl -i or -v; a sentence that says what the canonical request should have been; the debug log of botocore
            or of curl.

    Raises:
        InputError: if it is none of them, too long, not well-formed, or XML with a document type.
    """
    if len(data) > MAX_BYTES:
        raise InputError("the server's error is over 1 MiB")
    text = data.decode("latin-1").replace("\r\n", "\n")
    for format, read in (("botocore-log", read_botocore_log), ("curl-log", read_curl_log)):
        logged = read(text)
        if logged is not None:
            if logged[0] is None and logged[1] is None:
                raise InputError("the log breaks off before its canonical request or string to sign ends")
            return ServerError(format, canonical_request=logged[0], string_to_sign=logged[1], signature=logged[2])
    return _from_body(unwrap(text))


def _from_body(text: str) -> ServerError:
    import re

    places = [
        found.start() if found else len(text) for found in (re.search(_XML_START, text), re.search(_JSON_START, text))
    ]
    if places[0] < places[1]:
        return _from_xml(text[places[0] :])
    if places[1] < places[0]:
        return _from_json(text[places[1] :])
    if _CANONICAL_MARK in text or _TO_SIGN_MARK in text:
        return _from_message("text", None, text)
    raise InputError("nothing in the server's error says why a signature failed", _ACCEPTED)


def _from_xml(text: str) -> ServerError:
    import re

    from authkit.explain.elements import read_elements

    root = re.search(r"<([A-Za-z][\w:.-]*)", text)
    end = text.rfind(f"</{root.group(1)}") if root else -1
    if end >= 0:
        # curl -v goes on behind the document
        text = text[: text.find(">", end) + 1]
    found = read_elements(text.encode("latin-1"))
    code = found.get("Code")
    if code is None:
        raise InputError("the server's error is XML without a <Code>", _ACCEPTED)
    error = _from_message("xml", code.strip(), _bytes(found.get("Message", "")))
    error.access_key_id = found.get("AWSAccessKeyId") or found.get("OSSAccessKeyId")
    error.canonical_request = _exact(found, "CanonicalRequest") or error.canonical_request
    error.string_to_sign = _exact(found, "StringToSign") or error.string_to_sign
    error.signature = read_signature(found.get("SignatureProvided", ""))
    error.server_time = error.server_time or _instant(found.get("ServerTime"))
    error.request_time = error.request_time or found.get("RequestTime")
    error.region = found.get("Region") or error.region
    error.payload_hash = found.get("S3ComputedContentSHA256") or found.get("ComputedContentSHA256")
    error.headers = error.headers or _names(found.get("HeadersNotSigned", ""))
    return error


def _from_json(text: str) -> ServerError:
    import json

    try:
        top, _ = json.JSONDecoder(strict=False).raw_decode(text.encode("latin-1").decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError("the server's error is JSON that is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InputError("the server's error is not JSON, or breaks off") from error
    if isinstance(top.get("errors"), list) and top["errors"] and isinstance(top["errors"][0], dict):
        top = top["errors"][0]
    for name in ("Response", "ResponseMetadata", "Error"):
        if isinstance(top.get(name), dict):
            top = top[name]
    members = {name.lower(): value for name, value in top.items() if isinstance(value, str)}
    members["message"] = members.get("message") or members.get("errormessage", "")
    if not members["message"]:
        raise InputError("the server's error is JSON without a message", _ACCEPTED)
    code = members.get("__type") or members.get("code") or members.get("errorcode")
    return _from_message("json", code.rpartition("#")[2] if code else None, _bytes(members["message"]))


def _from_message(format: str, code: "str | None", message: str) -> ServerError:
    """Return what the sentence itself tells, which several services use instead of elements."""
    import re

    error = ServerError(format, code, message)
    error.canonical_request = _quoted(message, _CANONICAL_MARK)
    error.string_to_sign = _quoted(message, _TO_SIGN_MARK)
    stamp = r"(\d{8}T\d{6}Z)"
    clocks = re.search(rf"{stamp} is (?:now earlier|still later) than {stamp}(?: \({stamp} )?", message)
    if clocks:
        error.request_time = clocks.group(1)
        error.server_time = parse_compact(clocks.group(3) or clocks.group(2))
    expected = re.search(r"region '[^']*' is wrong; expecting '([^']+)'", message)
    error.region = expected.group(1) if expected else None
    service = re.search(r"correct service: '([^']+)'|This endpoint belongs to \"([^\"]+)\"", message)
    error.service = service.group(1) or service.group(2) if service else None
    day = re.search(r"'[^']*' != '(\d{8})', from ", message)
    error.day = day.group(1) if day else None
    wanted = re.search(r"Missing required header for this request: ([\w-]+)", message)
    error.headers = _names(wanted.group(1)) if wanted else ()
    return error


def _quoted(message: str, mark: str) -> "str | None":
    """Return the text in quotes behind *mark*; it may hold quotes, so the last one before the next mark ends it."""
    if mark not in message:
        return None
    text = message.partition(mark)[2].partition(_TO_SIGN_MARK)[0]
    start, end = text.find("'"), text.rfind("'")
    return text[start + 1 : end] if 0 <= start < end else None


def _exact(found: "dict[str, str]", name: str) -> "str | None":
    """Return a stage by its bytes where they are given in hexadecimal, since XML turns a CR into an LF."""
    if f"{name}Bytes" in found:
        try:
            return bytes.fromhex(found[f"{name}Bytes"]).decode("latin-1")
        except ValueError:
            pass
    return _bytes(found[name]) if name in found else None


def _bytes(text: str) -> str:
    """Return *text* with one character for each of its bytes in UTF-8."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _names(text: str) -> "tuple[str, ...]":
    return tuple([name.strip().lower() for name in text.split(",") if name.strip()])


def _instant(text: "str | None") -> "datetime | None":
    if text is None:
        return None
    text = text.strip()
    return parse_stamp(text) or parse_compact(text)
