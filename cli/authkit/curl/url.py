"""What does curl make of a URL?"""

from authkit.curl.words import octets
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.messages import target

_OTHER_GUESSES = ("ftp.", "dict.", "ldap.", "imap.", "smtp.", "pop3.")
_SCHEME_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789+-."
_SPACE_NOTE = "the URL holds a space, which curl refuses: it is sent as %20"
_DOTS_NOTE = "the path has dot segments written as %2E, which newer curls remove: they are sent as they stand"
_HEX = "0123456789abcdefABCDEF"


class Url:
    """Where a request goes.

    Attributes:
        scheme: "http" or "https".
        authority: as in Host: lower case, the port unless it is the scheme's own.
        path: as sent, from its "/" on.
        query: as sent, without its "?"; None without one.
        notes: what curl does that the user may not expect; sentences.
    """

    __slots__ = ("scheme", "authority", "path", "query", "notes")

    def __init__(self, scheme: str, authority: str, path: str, query: "str | None", notes: "list[str]") -> None:
        self.scheme = scheme
        self.authority = authority
        self.path = path
        self.query = query
        self.notes = notes

    @property
    def target(self) -> str:
        """The request line's text in origin form."""
        return self.path if self.query is None else f"{self.path}?{self.query}"

    @property
    def origin(self) -> str:
        """What stands before the target in a URL."""
        return f"{self.scheme}://{self.authority}"


def read_url(text: str, *, default_scheme: "str | None", globoff: bool, path_as_is: bool) -> Url:
    """Return what curl would make of *text*, with spaces and UTF-8 percent-encoded.

    Args:
        text: as typed, one character a byte.
        default_scheme: from --proto-default; None lets curl guess.
        globoff: whether brackets and braces stand for themselves.
        path_as_is: whether dot segments stay.

    Raises:
        Refused: for what curl would read in more than one way, or not as one HTTP request.
        InputError: for a control character.
        UsageError: for what is no URL.

    Source:
        curl 7.88.1, observed on the wire. Deviations: the host is sent in lower case, escapes in the path in upper
        case, as curl 8.23 does; a host that curl would rewrite, one or three slashes, and an empty port are refused.
    """
    if any(char < " " or char == "\x7f" for char in text):
        raise InputError("the URL holds a control character")
    scheme, rest, named = _split_scheme(text, default_scheme)
    authority = rest
    for mark in "/?#":
        authority = authority.partition(mark)[0]
    tail = rest[len(authority) :]
    if "@" in authority:
        raise Refused("curl would send the user name in the URL as an Authorization", "remove it, with its '@'")
    if not globoff:
        _refuse_globs(authority, tail)
    host = _host(scheme, authority)
    before, _, _ = tail.partition("#")
    path, mark, query = before.partition("?")
    path = path or "/"
    notes = [] if named else [f"the URL names no scheme, so curl takes {scheme}://"]
    notes += [_SPACE_NOTE] if " " in before else []
    if not path_as_is:
        path = remove_dots(path)
        plain = path.replace("%2e", ".").replace("%2E", ".")
        notes += [_DOTS_NOTE] if plain != remove_dots(plain) else []
    path = upper_escapes(target.repair(path))
    return Url(scheme, host, path, target.repair(query) if mark else None, notes)


def _split_scheme(text: str, default_scheme: "str | None") -> "tuple[str, str, bool]":
    head, mark, rest = text.partition(":")
    scheme = head.lower()
    named = bool(mark) and rest.startswith("/") and scheme[:1].isalpha() and not scheme.strip(_SCHEME_CHARACTERS)
    if not named:
        rest = text
        scheme = default_scheme.lower() if default_scheme else _guess_scheme(text)
    elif not rest.startswith("//") or rest.startswith("///"):
        raise UsageError("the URL does not have exactly two slashes behind its scheme", f"write {scheme}://HOST/PATH")
    else:
        rest = rest[2:]
    if scheme not in target.DEFAULT_PORTS:
        raise Refused(f"curl speaks no HTTP for {scheme}://", "only http:// and https:// are signed")
    return scheme, rest, named


def _guess_scheme(text: str) -> str:
    for prefix in _OTHER_GUESSES:
        if text.lower().startswith(prefix):
            return prefix[:-1]
    return "http"


def _refuse_globs(authority: str, rest: str) -> None:
    host = authority.partition("]")[2] if authority.startswith("[") else authority
    for char in host + rest:
        if char in "[]{}":
            raise Refused(
                f"curl would read the '{char}' in the URL as a pattern for several", "put -g on the curl line"
            )


def _host(scheme: str, authority: str) -> str:
    if not authority.isascii():
        raise Refused("curl would rewrite the host, which is not ASCII", "write the host in its xn-- form")
    if "\\" in authority:
        raise UsageError("the URL's host holds a backslash")
    if authority.endswith(":"):
        raise UsageError("the URL has a ':' behind its host and no port")
    try:
        _, host, _ = target.split_url(f"{scheme}://{authority}/")
    except Rejected as error:
        raise UsageError(error.detail) from error
    name, port = _split_port(host)
    if name.startswith("["):
        return f"[{_ipv6(name[1:-1])}]{port}"
    last = name.removesuffix(".").rpartition(".")[2]
    if last[:1].isdigit() and not _is_dotted_quad(name):
        raise Refused(f"curl would rewrite the host {name} as a number", "write four decimal numbers, or a name")
    return name + port


def _split_port(authority: str) -> "tuple[str, str]":
    """Return the host, in its brackets if it has them, and ':PORT' or ''."""
    host, mark, port = authority.partition(":" if not authority.startswith("[") else "]:")
    return host + mark[:-1], mark[-1:] + port


def _ipv6(text: str) -> str:
    from socket import AF_INET6, inet_ntop, inet_pton

    try:
        return inet_ntop(AF_INET6, inet_pton(AF_INET6, text))
    except OSError as error:
        raise UsageError("the URL's host is not an IPv6 address") from error


def _is_dotted_quad(name: str) -> bool:
    parts = name.split(".")
    return len(parts) == 4 and all([part in map(str, range(256)) for part in parts])


def remove_dots(path: str) -> str:
    """Return *path* without dot segments; empty segments, and dots written as %2E, stay.

    Source:
        RFC 3986 §5.2.4. Deviations: none.
    """
    kept: "list[str]" = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1:] in ([".."], ["."]):
        kept.append("")
    return "/" + "/".join(kept)


def append_query(url: Url, text: str, typed: str) -> Url:
    """Return *url* with *text* added to its query.

    Args:
        text: one character a byte; already in the form of a query.
        typed: the option it comes from, for messages.

    Raises:
        Refused: if curl would cut it at a '#'.
        InputError: for a control character.

    Source:
        curl 7.88.1, observed on the wire: escapes become lower case, and --path-as-is is not heeded. Deviations: none.
    """
    if "#" in text:
        raise Refused(f"curl's {typed} has a '#', at which curl would cut the query", "write it as %23")
    if any(char < " " or char == "\x7f" for char in text):
        raise InputError(f"curl's {typed} puts a control character into the query")
    query = lower_escapes(text)
    if url.query:
        query = url.query + query if url.query.endswith("&") else f"{url.query}&{query}"
    notes = url.notes + ([_SPACE_NOTE] if " " in text and _SPACE_NOTE not in url.notes else [])
    return Url(url.scheme, url.authority, remove_dots(url.path), target.repair(query) or None, notes)


def add_file_name(url: Url, name: str) -> Url:
    """Return *url* with the last part of an uploaded file's *name*, if its path ends with '/'.

    Args:
        name: one character a byte.
    """
    path = remove_dots(url.path)
    if not path.endswith("/"):
        return url
    base = name.rpartition("/")[2].rpartition("\\")[2]
    return Url(url.scheme, url.authority, path + target.encode(octets(base)), url.query, url.notes)


def lower_escapes(text: str) -> str:
    """Return *text* with the digits of its percent-escapes in lower case."""
    first, *rest = text.split("%")
    return "%".join([first] + [piece[:2].lower() + piece[2:] if _is_escape(piece) else piece for piece in rest])


def upper_escapes(text: str) -> str:
    """Return *text* with the digits of its percent-escapes in upper case."""
    first, *rest = text.split("%")
    return "%".join([first] + [piece[:2].upper() + piece[2:] if _is_escape(piece) else piece for piece in rest])


def _is_escape(piece: str) -> bool:
    return len(piece) > 1 and not piece[:2].strip(_HEX)


def is_loopback(authority: str) -> bool:
    """Say whether *authority* names this machine."""
    host, _ = _split_port(authority)
    return host in ("localhost", "[::1]") or (host.startswith("127.") and _is_dotted_quad(host))
