"""Which request would curl send for a line?"""

from authkit.curl import options as table
from authkit.curl.body import DATA, Files, check_length, gather, urlencode, whole_file
from authkit.curl.chosen import Chosen, expand, read_config, refuse
from authkit.curl.headers import RESERVED, has, one_host, user_headers
from authkit.curl.line import CurlLine, Option
from authkit.curl.url import Url, add_file_name, append_query, is_loopback, read_url
from authkit.curl.words import chars, latin
from authkit.errors import Refused, UsageError
from authkit.messages import fields, payload, target
from authkit.messages.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.curl.body import Read
    from authkit.curl.certificate import Certificate
    from authkit.curl.headers import Pairs

    Body = tuple[str, bytes | str] | None

FORM_TYPE = "application/x-www-form-urlencoded"
DATA_KINDS = ("data-binary", "file", "stdin")


class CurlPlan:
    """What curl will send, and how to make it send exactly that.

    Attributes:
        request: without the headers that curl adds by itself, Host included.
        url: scheme, authority and target, as handed to curl with --path-as-is and --globoff.
        origin: scheme and authority of *url*.
        authority: what curl sends as Host for *url*; the request may have another.
        keep: (long name, value or None) of the user's options that change neither, in order.
        body: None, ("data-binary", bytes), ("file", name), ("upload", name), ("stdin", bytes) or ("form", "").
        form: (long name, value) of the parts of a form, in order.
        head: whether curl is told not to read a body.
        request_target: whether the target is not the URL's.
        removed: names, lower case, of headers that curl is told not to send.
        generated: names, lower case, sorted, of headers that curl adds by itself.
        secrets: the options, as typed, whose values must not be printed.
        exposed: those of them that open a private key and stood on the command line itself.
        certificate: what curl shows of the user in the TLS handshake; None if that is nothing.
        insecure: "http" or "-k" if others could read the request; else None.
        warnings: sentences for people.
    """

    __slots__ = (
        "request",
        "url",
        "origin",
        "authority",
        "keep",
        "body",
        "form",
        "head",
        "request_target",
        "removed",
        "generated",
        "secrets",
        "exposed",
        "certificate",
        "insecure",
        "warnings",
    )

    request: Request
    url: str
    origin: str
    authority: str
    keep: "list[tuple[str, str | None]]"
    body: "Body"
    form: "list[tuple[str, str]]"
    head: bool
    request_target: bool
    removed: "list[str]"
    generated: "tuple[str, ...]"
    secrets: "tuple[str, ...]"
    exposed: "tuple[str, ...]"
    certificate: "Certificate | None"
    insecure: "str | None"
    warnings: "list[str]"


def plan(
    line: CurlLine,
    *,
    read: "Read | None",
    curlrc: "bytes | None" = None,
    have_stdin: bool = False,
    unsigned_payload: bool = False,
    reserved: "tuple[str, ...]" = RESERVED,
    watched: "dict[str, payload.Watcher] | None" = None,
) -> CurlPlan:
    """Return what curl would send for *line*.

    Args:
        line: from parse_line.
        read: opens a name as written behind '@', or "-" for standard input; None opens nothing.
        curlrc: the bytes of ~/.curlrc; None without one.
        have_stdin: whether a body may come from standard input, because curl will be given the same bytes.
        unsigned_payload: whether the body need not be known, as a form's is not.
        reserved: names, lower case, of headers that signing sets.
        watched: what must see the body besides its hash, by name.

    Raises:
        Refused: for an option that could change the bytes or their destination, by its name.
        UsageError, InputError: for a line that curl would not take, or that names what cannot be read.

    Source:
        curl 7.88.1, observed on the wire. Deviations: those of read_url and gather.
    """
    files = Files(read, have_stdin, watched)
    first = [] if curlrc is None or line.disabled else read_config(curlrc, "~/.curlrc")
    chosen = Chosen(expand(first + line.options, files))
    refuse(chosen)
    made = CurlPlan()
    made.warnings = []
    made.form = []
    made.body = None
    made.head = chosen.on("head")
    url, digest, length = _set_body(chosen, files, made, _url(chosen), unsigned_payload)
    _set_request(chosen, made, _add_query(chosen, files, url), digest, length)
    _set_headers(chosen, files, made, reserved)
    _keep(chosen, made)
    _set_certificate(chosen, made)
    made.insecure = _insecure(chosen, made)
    return made


def _url(chosen: Chosen) -> Url:
    urls = chosen.every("url")
    if not urls or not urls[0].value:
        raise UsageError("the curl line names no URL")
    if len(urls) > 1:
        raise Refused("the curl line names several URLs, and a signature is good for one request", "sign one at a time")
    text = urls[0].value
    if text.startswith("@"):
        raise Refused("curl would read URLs from the file that the URL names with '@'", "write the URL itself")
    return read_url(
        latin(text),
        default_scheme=chosen.value("proto-default"),
        globoff=chosen.on("globoff"),
        path_as_is=chosen.on("path-as-is"),
    )


def _set_body(
    chosen: Chosen, files: Files, made: CurlPlan, url: Url, unsigned_payload: bool
) -> "tuple[Url, str | None, int | None]":
    data = chosen.every(*DATA)
    uploads = chosen.every("upload-file")
    forms = chosen.every("form", "form-string")
    get = chosen.on("get")
    kinds = bool(uploads) + bool(forms) + (bool(data) and not get)
    if kinds + made.head > 1 or (get and kinds):
        raise UsageError("the curl line asks for two kinds of request at once, which curl does not send")
    if uploads:
        return _upload(uploads, files, made, url, chosen.on("globoff"))
    if forms:
        if not unsigned_payload:
            hint = "add --payload unsigned"
            raise Refused(f"{forms[0]} writes a body with a random boundary, which cannot be signed", hint)
        made.form = [(option.name, option.text) for option in forms]
        made.body = ("form", "")
        return url, None, None
    if not data:
        return url, payload.EMPTY_HASH, 0
    name = whole_file(data)
    if name is not None and not get:
        made.body = ("file", name)
        return url, *files.measure(data[0], name)
    raw, stdin = gather(data, files, made.warnings, to_query=get)
    if get:
        if chosen.every("url-query"):
            raise Refused("curl ignores --url-query beside -G with data", "write all of the query in one way")
        return append_query(url, chars(raw), data[-1].typed), payload.EMPTY_HASH, 0
    made.body = ("stdin" if stdin else "data-binary", raw)
    return url, payload.hash_bytes(raw, files.watched), len(raw)


def _upload(
    uploads: "list[Option]", files: Files, made: CurlPlan, url: Url, globoff: bool
) -> "tuple[Url, str | None, int]":
    option = uploads[0]
    name = option.text
    if len(uploads) > 1 or not name:
        raise Refused(f"{option} must name exactly one file")
    if name in ("-", "."):
        # curl would send it in chunks; read once, it has a length
        raw = files.read(option, "-", body=True)
        made.body = ("stdin", raw)
        return url, payload.hash_bytes(raw, files.watched), len(raw)
    if not globoff and any(char in name for char in "[]{}"):
        raise Refused(f"{option} names a file that curl would read as a pattern for several", "put -g on the curl line")
    made.body = ("upload", name)
    return add_file_name(url, latin(name)), *files.measure(option, name)


def _add_query(chosen: Chosen, files: Files, url: Url) -> Url:
    parts = []
    for option in chosen.every("url-query"):
        value = option.text
        raw = latin(value[1:]) if value.startswith("+") else chars(urlencode(option, files))
        parts.append(raw)
    return append_query(url, "&".join(parts), "--url-query") if parts else url


def _set_request(chosen: Chosen, made: CurlPlan, url: Url, digest: "str | None", length: "int | None") -> None:
    made.origin = url.origin
    made.authority = url.authority
    made.url = url.origin + url.target
    made.warnings += url.notes
    method = "PUT" if chosen.every("upload-file") else default_method(made)
    custom = chosen.last("request")
    if custom is not None:
        method = latin(custom.text)
        if not fields.is_token(method):
            raise UsageError(f"{custom} is not a method, which has no spaces or control characters")
    text = url.target
    wanted = chosen.last("request-target")
    made.request_target = wanted is not None
    if wanted is not None:
        text = latin(wanted.text)
        if not target.is_target(text):
            raise UsageError(f"{wanted} holds what cannot stand in a request line")
    made.request = Request(method, text, payload_hash=digest, content_length=length, scheme=url.scheme)


def default_method(made: CurlPlan) -> str:
    """Return the method that curl takes for the printed command without -X."""
    if made.head:
        return "HEAD"
    if made.body is None:
        return "GET"
    return "PUT" if made.body[0] == "upload" else "POST"


def _set_headers(chosen: Chosen, files: Files, made: CurlPlan, reserved: "tuple[str, ...]") -> None:
    pairs, removed = user_headers(chosen.every("header"), files, reserved)
    out = [("Host", one_host(pairs) or made.authority)]
    out += _own_headers(chosen, made, pairs, removed)
    out += [pair for pair in pairs if pair[0].lower() != "host"]
    out += _types(chosen, made, pairs, removed)
    made.request = made.request.with_headers(tuple(out))
    made.removed = removed
    check_length(made.request.values("content-length"), made.request.content_length)
    added = {"accept", "content-length", "expect", "user-agent"}
    if chosen.on("compressed"):
        added.add("accept-encoding")
    if chosen.on("tr-encoding"):
        added |= {"connection", "te"}
    if made.form:
        added.add("content-type")
    made.generated = tuple(sorted(added.difference([name.lower() for name, _ in out], removed)))


def _own_headers(chosen: Chosen, made: CurlPlan, pairs: "Pairs", removed: "list[str]") -> "Pairs":
    """Return what options other than -H set; an empty value takes the header away."""
    out: "Pairs" = []
    wanted = (
        ("Range", _range(chosen, made)),
        ("User-Agent", chosen.value("user-agent")),
        ("Referer", (chosen.value("referer") or "").partition(";auto")[0] or None),
        ("Cookie", _cookie(chosen)),
    )
    for name, text in wanted:
        if text is None or has(pairs, name.lower()) or name.lower() in removed:
            continue
        value = fields.trim(latin(text))
        fault = fields.value_fault(value)
        if fault:
            raise UsageError(f"what the curl line sets as {name} {fault}")
        if value:
            out.append((name, value))
        else:
            removed.append(name.lower())
    return out


def _range(chosen: Chosen, made: CurlPlan) -> "str | None":
    option = chosen.last("range")
    if option is None or not option.value:
        return None
    if made.body is not None:
        raise Refused(f"{option} with a body makes curl send a header that it computes itself", "leave it out")
    open_ended = option.value[0].isdigit() and "-" not in option.value
    return f"bytes={option.value}-" if open_ended else f"bytes={option.value}"


def _cookie(chosen: Chosen) -> "str | None":
    values = []
    for option in chosen.every("cookie"):
        value = option.text
        if value.startswith("@") or "=" not in value:
            raise Refused(f"{option} reads cookies from a file when curl runs", "write NAME=VALUE")
        values.append(value)
    return ";".join(values) if values else None


def _types(chosen: Chosen, made: CurlPlan, pairs: "Pairs", removed: "list[str]") -> "Pairs":
    """Return what curl says by itself of the type of the body."""
    if made.form and has(pairs, "content-type"):
        raise Refused("curl adds a boundary to the Content-Type of a form after it is signed", "leave Content-Type out")
    wanted: "Pairs" = []
    if chosen.every("json"):
        wanted = [("Content-Type", "application/json"), ("Accept", "application/json")]
    elif made.body is not None and made.body[0] in DATA_KINDS and not chosen.every("upload-file"):
        wanted = [("Content-Type", FORM_TYPE)]
    return [pair for pair in wanted if not has(pairs, pair[0].lower()) and pair[0].lower() not in removed]


def _keep(chosen: Chosen, made: CurlPlan) -> None:
    made.keep = []
    secrets: "list[Option]" = []
    for option in chosen.all:
        if option.fate != table.KEEP:
            continue
        if option.name in table.STDIN and option.value == "@-":
            raise Refused(f"{option} reads standard input when curl runs", "name a file")
        made.keep.append((option.name if option.on else f"no-{option.name}", option.value))
        if _hides(option):
            secrets.append(option)
        if option.name in table.LOUD and option.on:
            made.warnings.append(f"{option} shows the signature")
    made.secrets = tuple([option.typed for option in secrets])
    made.exposed = tuple([option.typed for option in secrets if option.name in table.OPENS and not option.place])


def _hides(option: Option) -> bool:
    marker = table.HIDES.get(option.name)
    if marker is None or marker not in option.text:
        return False
    if option.name in table.NAMES_CERTIFICATE:
        from authkit.curl.certificate import holds_secret

        return holds_secret(option.text)
    return True


def _set_certificate(chosen: Chosen, made: CurlPlan) -> None:
    """Find the client certificate, and let curl show it below TLS 1.3 only where the line allows that."""
    made.certificate = None
    if not chosen.every("cert"):
        return
    from authkit.curl.certificate import NEWEST, find_certificate

    found = find_certificate(chosen)
    if found is not None and made.request.scheme == "https":
        made.certificate = found
        if not found.bounded:
            made.keep.append((NEWEST, None))
    elif found is not None and not chosen.every("cert")[-1].place:
        made.warnings.append(f"{found.option} is not shown: http:// has no place for a certificate")


def _insecure(chosen: Chosen, made: CurlPlan) -> "str | None":
    local = is_loopback(made.authority) and not chosen.every(*table.REROUTES)
    local = local or bool(chosen.every("unix-socket", "abstract-unix-socket"))
    if made.request.scheme == "http" and not local:
        return "http"
    return "-k" if chosen.on("insecure") else None
