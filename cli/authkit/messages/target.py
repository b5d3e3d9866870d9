"""How is a URL or a request target taken apart, encoded and put in canonical form?"""

from authkit.errors import InputError, Rejected

_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_PATH_SAFE = _UNRESERVED + b"/"
_QUERY_SAFE = _UNRESERVED + b"=&"
_VISIBLE = bytes(range(0x21, 0x7F))
_ENCODED = tuple(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in range(256))
# the escapes that encode() writes
_FINAL = frozenset([code[1:] for code in _ENCODED if len(code) == 3])
_HEX = b"0123456789ABCDEFabcdef"
_BYTE = {bytes((high, low)): int(bytes((high, low)), 16) for high in _HEX for low in _HEX}
DEFAULT_PORTS = {"http": "80", "https": "443"}


def is_target(text: str) -> bool:
    """Say whether *text* can stand in a request line: 1 or more visible ASCII characters."""
    return bool(text) and text.isascii() and not text.encode("ascii").translate(None, _VISIBLE)


def encode(raw: bytes) -> str:
    """Return *raw* percent-encoded: all but A–Z a–z 0–9 - . _ ~ as %XX, upper case."""
    if not raw.translate(None, _UNRESERVED):
        return raw.decode("ascii")
    return "".join([_ENCODED[byte] for byte in raw])


def decode(text: str) -> bytes:
    """Return *text* percent-decoded once.

    Args:
        text: one character a byte.

    Raises:
        Rejected: target-syntax, if a '%' is not followed by two hexadecimal digits.
    """
    raw = text.encode("latin-1")
    if b"%" not in raw:
        return raw
    first, *rest = raw.split(b"%")
    out = bytearray(first)
    for piece in rest:
        byte = _BYTE.get(piece[:2])
        if byte is None:
            raise Rejected(
                "target-syntax", "a '%' that no two hexadecimal digits follow", "write a percent sign as %25"
            )
        out.append(byte)
        out += piece[2:]
    return bytes(out)


def recode(text: str) -> str:
    """Return *text* percent-decoded once and encoded again."""
    return encode(decode(text) if "%" in text else text.encode("latin-1"))


def split(target: str) -> "tuple[str, str]":
    """Return path and query of a target in origin or absolute form; the query without its '?'.

    A target that is only an authority, or "*", is a path of its own.
    """
    if not target.startswith("/"):
        target = strip_origin(target)
    path, _, query = target.partition("?")
    return path, query


def strip_origin(target: str) -> str:
    """Return the path and query of a target in absolute form; anything else unchanged."""
    scheme, mark, rest = target.partition("://")
    if not mark or scheme.lower() not in DEFAULT_PORTS:
        return target
    end = min((place for place in (rest.find("/"), rest.find("?")) if place >= 0), default=len(rest))
    tail = rest[end:]
    return tail if tail.startswith("/") else "/" + tail


def canonical_path(path: str, *, normalize: bool, double: bool) -> str:
    """Return the canonical URI.

    Args:
        path: as on the wire; "" is the same as "/".
        normalize: remove dot segments and empty segments first.
        double: encode what is on the wire once more; else decode once and encode once.

    Raises:
        Rejected: target-syntax.

    Source:
        AWS SigV4, "Create a canonical request", canonical URI; RFC 3986 §5.2.4. Deviations: none.
    """
    if normalize:
        path = normal_path(path)
    raw = path.encode("latin-1")
    if not raw.translate(None, _PATH_SAFE):
        return path or "/"
    if double:
        decode(path)  # for its refusal of a stray '%'
        return "".join(["/" if byte == 0x2F else _ENCODED[byte] for byte in raw])
    # segment by segment: a %2F is data and must not become structure
    return "/".join([recode(segment) for segment in path.split("/")])


def normal_path(path: str) -> str:
    """Return *path* without dot segments and empty segments; a final '/' stays."""
    if "/." not in path and "//" not in path:
        return path
    kept: "list[str]" = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment not in ("", "."):
            kept.append(segment)
    final = "/" if kept and segments[-1] in ("", ".", "..") else ""
    return "/" + "/".join(kept) + final


def is_normal(path: str) -> bool:
    """Say whether no server that normalises would read *path* as another, dots written as %2E included."""
    if "%2" in path:
        path = path.replace("%2e", ".").replace("%2E", ".")
    return normal_path(path) == path


def canonical_query(query: str, *, plus_is_space: bool) -> str:
    """Return the canonical query string.

    Args:
        query: as on the wire, without '?'.
        plus_is_space: what a '+' is: a space, or itself.

    Raises:
        Rejected: target-syntax.

    Source:
        AWS SigV4, "Create a canonical request", canonical query string. Deviations: none.
    """
    if not query:
        return ""
    strange = query.encode("latin-1").translate(None, _QUERY_SAFE)
    if not strange or (not strange.strip(b"%") and all([code[:2] in _FINAL for code in query.split("%")[1:]])):
        # nothing to decode or encode: where each pair has its one '=', sorting is all that is left, with the '=' out of
        # the way, since it would sort behind '-', '.' and the digits of a longer name
        pairs = query.replace("=", "\0").split("&")
        if query.count("=") == len(pairs) and all(["\0" in pair for pair in pairs]):
            pairs.sort()
            return "&".join(pairs).replace("\0", "=")
    return "&".join([f"{name}={value}" for name, value in encoded_pairs(query, plus_is_space)])


def encoded_pairs(query: str, plus_is_space: bool) -> "list[tuple[str, str]]":
    """Return the parameters, each name and value decoded once and encoded again, sorted as pairs."""
    if plus_is_space:
        query = query.replace("+", " ")
    found = []
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            found.append((recode(name), recode(value)))
    found.sort()
    return found


def repair(target: str) -> str:
    """Return a target written by a person with its spaces and UTF-8 bytes percent-encoded.

    Args:
        target: one character a byte.

    Raises:
        InputError: if it holds a control character.
    """
    if is_target(target):
        return target
    raw = target.encode("latin-1")
    if any(byte < 0x20 or byte == 0x7F for byte in raw):
        raise InputError("the target holds a control character")
    return "".join([chr(byte) if 0x20 < byte < 0x7F else f"%{byte:02X}" for byte in raw])


def split_url(url: str) -> "tuple[str, str, str]":
    """Return scheme, authority and target of an http(s) URL; the fragment is dropped.

    Args:
        url: one character a byte; the scheme may be in any case.

    Returns:
        scheme in lower case; host in lower case, with the port unless it is the scheme's own; target from the path on.

    Raises:
        Rejected: target-syntax for what is not such a URL, userinfo for a user name in it.
    """
    scheme, mark, rest = url.partition("://")
    scheme = scheme.lower()
    if not mark or scheme not in DEFAULT_PORTS:
        raise Rejected("target-syntax", "not an http:// or https:// URL")
    rest = rest.partition("#")[0]
    end = min((place for place in (rest.find("/"), rest.find("?")) if place >= 0), default=len(rest))
    authority, tail = rest[:end], rest[end:]
    if "@" in authority or "\\" in authority:
        raise Rejected("userinfo", "the host is what stands behind the '@'", "remove the part before the '@'")
    host, port = _host_port(authority)
    if port is not None and port != DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    return scheme, host, tail if tail.startswith("/") else "/" + tail


def _host_port(authority: str) -> "tuple[str, str | None]":
    host, mark, port = authority.rpartition(":")
    if not mark or "]" in port:
        host, port, mark = authority, "", ""
    name = host[1:-1] if host[:1] == "[" and host[-1:] == "]" else host
    allowed = _UNRESERVED + b":" if name != host else _UNRESERVED
    if not name or not name.isascii() or name.encode("ascii").translate(None, allowed):
        raise Rejected("target-syntax", "the URL's host is missing or holds a character that a host cannot hold")
    number = port.lstrip("0")
    if mark and not (port.isascii() and port.isdigit() and 1 <= len(number) <= 5 and int(number) < 65536):
        raise Rejected("target-syntax", "the URL's port is not a number from 1 to 65535")
    return host.lower(), number or None
