"""Which certificates did a proxy forward in this header, and who says that anyone verified them?"""

from binascii import Error, a2b_base64
from warnings import catch_warnings, simplefilter

from authkit.certs.formats import Found, Other, format_of
from authkit.certs.proxies import GOROUTER, NO, UNKNOWN, YES, look_up
from authkit.certs.structure import structure
from authkit.errors import InputError

_READ = "known are PEM, percent-encoded PEM, base64 of DER, RFC 9440 and Envoy's Cert="
ASSERTION = "a header is only an assertion by whoever sent it; it proves nothing unless no one else can send it"

_XFCC_KEYS = ("By", "Hash", "Cert", "Chain", "Subject", "URI", "DNS")


class HeaderFound:
    """What a forwarded header holds.

    Attributes:
        found: its certificates and whatever else it says.
        name: the header's name as it was given.
        format: how the value is written: "rfc9440", "xfcc", "url-pem", "pem", "pem-spaces", "base64-der",
            "base64-list", "url-base64-list", "facts".
        proxy: who writes such a header.
        verified: "yes" | "no" | "unknown": whether the format implies that anyone verified the certificate.
        sentence: why, for people.
        findings: (id, "error" | "warning" | "info", message); the first says what a header is worth.
    """

    __slots__ = ("found", "name", "format", "proxy", "verified", "sentence", "findings")

    def __init__(self, name: str) -> None:
        canonical, row = look_up(name)
        self.name = name
        self.proxy = row.proxy
        self.verified = row.verified
        self.sentence = row.sentence
        self.found = Found("header")
        self.format = ""
        self.findings = [("header-assertion", "info", ASSERTION)]
        if name.lower() != canonical.lower():
            message = f"{name} reaches CGI, WSGI and PHP programs under the same name as {canonical}"
            self.findings.append(
                ("header-alias", "warning", f"{message}, and a proxy may strip one spelling and pass the other")
            )
        elif name not in (canonical, name.lower(), name.upper(), name.title()) and not canonical.islower():
            message = f"{name} is {canonical} in an unusual case, which some filters do not recognise"
            self.findings.append(("header-alias", "warning", message))


def read_header(line: str) -> HeaderFound:
    """Read a header in which a proxy forwards a client certificate.

    Args:
        line: 'Name: value'; the value may go over several lines.  Untrusted.

    Raises:
        InputError: if it is no header, or its value holds nothing that is known.

    Source:
        RFC 9440 §2; RFC 9651 §3.3.5; the proxies' own documentation, see `proxies`.
        Deviations: percent-decoding never turns "+" into a space, since base64 holds it.
    """
    name, colon, value = line.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not _is_name(name):
        raise InputError("the header is not 'Name: value'", "write --header 'Client-Cert: :MIIB…:'")
    header = HeaderFound(name)
    if not value:
        raise InputError(f"header {name}: the value is empty", "the proxy had no certificate to forward")
    with catch_warnings():
        simplefilter("ignore")  # pyca warns of what is shown as a finding, or as it is
        _read_value(header, look_up(name)[0].lower(), value)
    return header


def _is_name(name: str) -> bool:
    return 0 < len(name) <= 128 and name.isascii() and name.translate(_MARKS).isalnum()


_MARKS = {ord(mark): "x" for mark in "-_.!#$%&'*+^`|~"}


def _read_value(header: HeaderFound, canonical: str, value: str) -> None:
    plain = value[1:-1] if value[:1] == value[-1:] == '"' and len(value) > 1 else value
    if value.startswith(":"):
        _read_rfc9440(header, canonical, value)
    elif _is_xfcc(canonical, plain):
        _read_xfcc(header, value)
    elif "BEGIN" in plain and "CERTIFICATE" in plain:
        _read_pem(header, plain)
    elif _speaks_of_one(canonical) or not _read_base64(header, canonical, plain):
        _read_facts(header, canonical, plain)


def _read_rfc9440(header: HeaderFound, canonical: str, value: str) -> None:
    """Read `Client-Cert`, an Item, or `Client-Cert-Chain`, a List, each a Byte Sequence."""
    import http_sf

    header.format = "rfc9440"
    chain = canonical.endswith("chain") or "," in value
    try:
        parsed = http_sf.parse(value.encode("ascii"), tltype="list" if chain else "item")
    except ValueError as error:  # http-sf's own and the encoder's
        raise InputError(f"header {header.name}: not a structured field: {error}") from error
    items = parsed if isinstance(parsed, list) else [parsed]
    for number, item in enumerate(items, 1):
        data = item[0] if isinstance(item, tuple) else item
        if not isinstance(data, bytes):
            raise InputError(f"header {header.name}: item {number} is not a byte sequence")
        _add(header, data, number if chain else 0)
    if chain and canonical == "client-cert":
        message = "Client-Cert carries one certificate; the others belong into Client-Cert-Chain"
        header.findings.append(("header-several", "warning", message))


def _add(header: HeaderFound, data: bytes, number: int = 0) -> None:
    source = f"header {header.name}, number {number}" if number else f"header {header.name}"
    if structure(data) != "certificate":
        raise InputError(f"{source}: the bytes are not a certificate")
    header.found.certificates.append((data, source))


def _percent_decoded(text: str) -> str:
    """Return *text* with its percent escapes resolved, one character a byte; "+" stays."""
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode("latin-1")


def _read_pem(header: HeaderFound, value: str) -> None:
    if "%" in value:
        header.format = "url-pem"
        value = _percent_decoded(value)
    else:
        header.format = "pem" if "\n" in value or "\\n" in value else "pem-spaces"
    pem = format_of("pem").load(value.encode("latin-1", "replace"), f"header {header.name}", bytes)
    header.found.certificates += pem.certificates
    header.found.others += pem.others


def _read_base64(header: HeaderFound, canonical: str, value: str) -> bool:
    """Read certificates in base64 without delimiters; say whether the value is that."""
    escaped = "%" in value
    text = _percent_decoded(value) if escaped else value
    pieces = [piece.strip() for piece in text.split(",")]
    if not all(piece.startswith("M") for piece in pieces):
        return False
    ders = []
    for piece in pieces:
        joined = "".join([line.strip() for line in piece.split("\n")])  # a header may go on on the next line
        try:
            ders.append(a2b_base64(joined.encode("latin-1", "replace"), strict_mode=True))
        except Error as error:
            if len(piece) < 100:  # a word that begins with M
                return False
            lost = " " in joined
            hint = "a '+' became a space on the way: decode percent escapes only, never '+'" if lost else None
            raise InputError(f"header {header.name}: the value is not base64", hint) from error
    several = len(ders) > 1
    for number, data in enumerate(ders, 1):
        _add(header, data, number if several else 0)
    header.format = "url-base64-list" if escaped else "base64-list" if several else "base64-der"
    if canonical == "x-forwarded-client-cert":
        header.proxy, header.verified, header.sentence = GOROUTER.proxy, GOROUTER.verified, GOROUTER.sentence
    if escaped and canonical == "x-forwarded-tls-client-cert":
        header.proxy = "Traefik before v2.9.4, which escapes the value"
    return True


def _is_xfcc(canonical: str, value: str) -> bool:
    key, equals, _ = value.partition("=")
    known = key.strip().lower() in [one.lower() for one in _XFCC_KEYS]
    return bool(equals) and known and (canonical == "x-forwarded-client-cert" or "Hash=" in value or "Cert=" in value)


def _split(text: str, mark: str) -> "list[str]":
    """Split *text* at each *mark* outside double quotes, in which a backslash escapes."""
    pieces, start, quoted, at = [], 0, False, 0
    while at < len(text):
        char = text[at]
        if quoted and char == "\\":
            at += 1
        elif char == '"':
            quoted = not quoted
        elif char == mark and not quoted:
            pieces.append(text[start:at])
            start = at + 1
        at += 1
    return [*pieces, text[start:]]


def _unquoted(value: str) -> str:
    value = value.strip()
    if value[:1] != '"':
        return value
    return value[1:].removesuffix('"').replace('\\"', '"').replace("\\\\", "\\")


def _read_xfcc(header: HeaderFound, value: str) -> None:
    """Read Envoy's header: an element for each hop, the nearest last, of Key=Value pairs."""
    header.format = "xfcc"
    elements = [element for element in _split(value, ",") if element.strip()]
    for number, element in enumerate(elements, 1):
        _read_hop(header, element, f"header {header.name}, hop {number} of {len(elements)}")
    if len(elements) > 1:
        message = f"only the last of {len(elements)} hops was added by the nearest proxy; the others came to it as text"
        header.findings.append(("xfcc-several-hops", "warning", message))


def _read_hop(header: HeaderFound, element: str, source: str) -> None:
    other = Other("forwarded by a proxy", source)
    ders: "list[bytes]" = []
    hashes, leaf = [], b""
    for pair in _split(element, ";"):
        key, equals, text = pair.partition("=")
        key, text = key.strip().lower(), _unquoted(text)
        if key in ("cert", "chain") and text:
            pem = format_of("pem").load(_percent_decoded(text).encode("latin-1"), source, bytes)
            header.found.others += pem.others
            found = [data for data, _ in pem.certificates]
            leaf = found[0] if found and (key == "cert" or not leaf) else leaf
            ders += [data for data in found if data not in ders]
        elif equals and text:
            other.facts.append((key, text))
            hashes += [text] if key == "hash" else []
    header.found.certificates += [(data, source) for data in ders]
    for text in hashes:
        _compare_hash(other, text, leaf)
    header.found.others.append(other)


def _compare_hash(other: Other, text: str, leaf: bytes) -> None:
    from hashlib import sha256

    from authkit.certs.fingerprint import parse_fingerprint

    claimed = parse_fingerprint(text)
    if claimed is None:
        other.findings.append(("xfcc-hash", "error", "Hash is not a fingerprint"))
    elif leaf and claimed != sha256(leaf).digest():
        other.findings.append(("xfcc-hash", "error", "Hash is not the fingerprint of the certificate beside it"))
    elif leaf:
        other.facts.append(("hash_matches", "yes"))


def _read_facts(header: HeaderFound, canonical: str, value: str) -> None:
    """Read a header that speaks about a certificate without holding it."""
    if not _speaks_of_one(canonical):
        raise InputError(f"header {header.name}: no certificate is in the value", _READ)
    header.format = "facts"
    other = Other("forwarded fact", f"header {header.name}")
    if canonical.endswith("-info"):
        for pair in _split(_percent_decoded(value), ";"):
            key, equals, text = pair.partition("=")
            if equals:
                other.facts.append((key.strip(), _unquoted(text)))
    else:
        other.facts.append(("value", value))
    if canonical.endswith(("-verify", "-verified", "-revoked")):
        _judge(header, canonical, value)
    header.found.others.append(other)


# how the names of such headers end: nginx, HAProxy and OpenShift, AWS, Google Cloud, Cloudflare, Traefik
_TAILS = tuple(
    "-verify -verified -revoked -present -presented -error -info -dn -cn -subject -issuer -serial -serial-number "
    "-validity -notbefore -notafter -not-before -not-after -sha1 -sha256 -hash -fingerprint -spiffe -sans".split()
)


def _speaks_of_one(canonical: str) -> bool:
    about = "client" in canonical or "viewer-cert" in canonical or canonical.startswith("cf-cert-")
    return about and canonical.endswith(_TAILS)


def _judge(header: HeaderFound, canonical: str, value: str) -> None:
    """Take a proxy's word on its verification: nginx's $ssl_client_verify, HAProxy's ssl_c_verify, true or false."""
    word = value.partition(":")[0].strip().upper()
    if canonical.endswith("-revoked"):
        word = {"TRUE": "FALSE", "FALSE": ""}.get(word, word)  # not revoked is not yet verified
    if word in ("SUCCESS", "0", "TRUE"):
        header.verified, header.sentence = YES, "the header says that the proxy verified the certificate"
    elif word in ("FAILED", "NONE", "FALSE") or word.isdecimal():
        header.verified, header.sentence = NO, f"the header says that the proxy did not verify it: {value}"
    else:
        header.verified, header.sentence = UNKNOWN, "the header does not say whether the proxy verified it"
