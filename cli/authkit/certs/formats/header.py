"""Which certificates did a proxy forward in this header, and who says that anyone verified them?"""

from binascii import Error, a2b_base64
from warnings import catch_warnings, simplefilter

from authkit.certs.formats import Found, Other, format_of
from authkit.certs.price import Password
from authkit.certs.proxies import GOROUTER, NO, UNKNOWN, YES, look_up
from authkit.certs.structure import structure
from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_READ = "known are PEM, percent-encoded PEM, base64 of DER, RFC 9440 and Envoy's Cert="
ASSERTION = "a header is only an assertion by whoever sent it; it proves nothing unless no one else can send it"

_XFCC_KEYS = ("By", "Hash", "Cert", "Chain", "Subject", "URI", "DNS")
# of these an element has one at most; the others name what a certificate may have several of
_ONCE = ("hash", "cert", "chain", "subject")
# headers that carry a whole list
_LISTS = ("x-forwarded-tls-client-cert", "x-amzn-mtls-clientcert")


class HeaderFound:
    """What a forwarded header holds.

    Attributes:
        found: its certificates and whatever else it says.
        name: the header's name as it was given.
        canonical: the name that programs may take it for, in lower case.
        format: how the value is written: "rfc9440", "xfcc", "url-pem", "pem", "pem-spaces", "base64-der",
            "base64-list", "url-base64-list", "facts".
        proxy: who writes such a header.
        verified: "yes" | "no" | "unknown": whether the format implies that anyone verified the certificate.
        sentence: why, for people.
        findings: (id, "error" | "warning" | "info", message); the first says what a header is worth.
        password: the empty one, for whatever its PEM may hold.
    """

    __slots__ = ("found", "name", "canonical", "format", "proxy", "verified", "sentence", "findings", "password")

    def __init__(self, name: str) -> None:
        canonical, row = look_up(name)
        self.name = name
        self.canonical = canonical.lower()
        self.password = Password(bytes)
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
        _read_value(header, header.canonical, value)
    count = len(header.found.certificates)
    if count > 1 and header.format != "xfcc" and not _is_list(header):
        message = f"{name} holds {count} certificates where one is expected; programs differ in which they take"
        header.findings.append(("header-several", "warning", message))
    return header


def read_headers(lines: "Iterable[str]") -> "list[HeaderFound]":
    """Read several headers of one request, and say where programs would differ in which of them they take.

    Args:
        lines: 'Name: value' each.

    Raises:
        InputError: as `read_header`.
    """
    headers = [read_header(line) for line in lines]
    first: "dict[str, HeaderFound]" = {}
    for header in headers:
        earlier = first.setdefault(header.canonical, header)
        if earlier is not header:
            name = header.name
            message = (
                f"{name} comes a second time" if name == earlier.name else f"{name} may be taken for {earlier.name}"
            )
            header.findings.append(
                ("header-ambiguous", "error", f"{message}, and programs differ in which of the two they take")
            )
    leaves: "dict[bytes, HeaderFound]" = {}
    for header in first.values():
        if header.found.certificates and not header.canonical.endswith("chain"):
            leaves.setdefault(_leaf(header), header)
    for other in list(leaves.values())[1:]:
        name = next(iter(leaves.values())).name
        message = f"{other.name} holds another certificate than {name}; trust one header, which one proxy sets"
        other.findings.append(("header-ambiguous", "error", message))
    return headers


def _leaf(header: HeaderFound) -> bytes:
    """Return the certificate that the nearest proxy vouches for."""
    certificates = header.found.certificates
    if header.format != "xfcc":
        return certificates[0][0]
    last = certificates[-1][1]
    return next(data for data, source in certificates if source == last)


def _is_list(header: HeaderFound) -> bool:
    return header.canonical.endswith("chain") or header.canonical in _LISTS


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
        items: "Any" = http_sf.parse(value.encode("ascii"), tltype="list")  # an Item is a List of one
    except ValueError as error:  # http-sf's own and the encoder's
        raise InputError(f"header {header.name}: not a structured field: {error}") from error
    for number, (data, parameters) in enumerate(items, 1):
        if parameters:
            message = "the parameters after a certificate mean nothing in RFC 9440, and are left out here"
            header.findings.append(("header-parameters", "warning", message))
        if not isinstance(data, bytes):
            raise InputError(f"header {header.name}: item {number} is not a byte sequence")
        _add(header, data, number if chain else 0)


def _add(header: HeaderFound, data: bytes, number: int) -> None:
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
    pem = format_of("pem").load(value.encode("latin-1", "replace"), f"header {header.name}", header.password)
    header.found.certificates, header.found.others = pem.certificates, pem.others


def _read_base64(header: HeaderFound, canonical: str, value: str) -> bool:
    """Read certificates in base64 without delimiters; say whether the value is that."""
    escaped = "%" in value
    text = _percent_decoded(value)
    pieces = [piece.strip() for piece in text.split(",")]
    if not all(piece.startswith("M") for piece in pieces):
        return False
    ders = []
    for piece in pieces:
        joined = "".join([line.strip() for line in piece.split("\n")])  # a header may go on on the next line
        try:
            ders.append(a2b_base64(joined.encode("latin-1"), strict_mode=True))
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


def _unquoted(value: str) -> "tuple[str, bool]":
    """Return what stands in the quotes, if there are some, and whether they are where they should be."""
    value, fine, quotes, at = value.strip(), True, 0, 0
    while at < len(value):
        if value[at] == '"':
            quotes += 1
            fine = fine and at in (0, len(value) - 1)
        at += 2 if quotes and value[at] == "\\" else 1
    if value[:1] != '"':
        return value, fine and not quotes
    return value[1:].removesuffix('"').replace('\\"', '"').replace("\\\\", "\\"), fine and quotes == 2


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
    ders: "dict[str, list[bytes]]" = {"cert": [], "chain": []}
    hashes, keys = [], []
    for pair in _split(element, ";"):
        key, equals, text = pair.partition("=")
        key, (text, fine) = key.strip().lower(), _unquoted(text)
        keys.append(key)
        if not fine or '"' in key:
            other.findings.append(
                ("xfcc-quote", "error", f"{key[:40]} has a quotation mark amiss: parsers differ here")
            )
        if key in ders and text:
            pem = format_of("pem").load(_percent_decoded(text).encode("latin-1"), source, header.password)
            header.found.others += pem.others
            ders[key] += [data for data, _ in pem.certificates]
        elif equals and text:
            other.facts.append((key, text))
            hashes += [text] if key == "hash" else []
    for key in _ONCE:
        if keys.count(key) > 1:
            message = f"{key} stands {keys.count(key)} times: programs differ in which they take"
            other.findings.append(("xfcc-ambiguous", "error", message))
    leaf = _first_of(other, ders["cert"], ders["chain"])
    header.found.certificates += [(data, source) for data in dict.fromkeys([*ders["cert"], *ders["chain"]])]
    for text in hashes:
        _compare_hash(other, text, leaf)
    header.found.others.append(other)


def _first_of(other: Other, certs: "list[bytes]", chain: "list[bytes]") -> bytes:
    """Return the client's certificate; say where it is not the only one that may be taken for it."""
    if len(set(certs)) > 1:
        message = f"cert holds {len(certs)} certificates: programs differ in which they take"
        other.findings.append(("xfcc-ambiguous", "error", message))
    if certs and chain and certs[0] != chain[0]:
        message = "chain begins with another certificate than cert holds: programs differ in which they take"
        other.findings.append(("xfcc-ambiguous", "error", message))
    return (certs or chain or [b""])[0]


def _compare_hash(other: Other, text: str, leaf: bytes) -> None:
    from hashlib import sha256

    from authkit.certs.fingerprint import parse_fingerprint

    claimed = parse_fingerprint(text)
    if claimed is None:
        other.findings.append(("xfcc-hash", "error", "Hash is not a fingerprint"))
    elif leaf and claimed != sha256(leaf).digest():
        other.findings.append(("xfcc-hash", "error", "Hash is not the fingerprint of the certificate beside it"))
    elif leaf and not any([id == "xfcc-ambiguous" for id, _, _ in other.findings]):
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
                other.facts.append((key.strip(), _unquoted(text)[0]))
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


_SAYS_YES = "the header says that the proxy verified the certificate"
_SAYS_NOTHING = "the header does not say whether the proxy verified it"
_HAPROXY = "HAProxy's ssl_c_verify is 0 too if there was no certificate: ssl_fc_has_crt has to be 1 beside it"
_CLOUDFLARE = "Cloudflare says so of a revoked certificate too: cf-cert-revoked has to be false beside it"


def _judge(header: HeaderFound, canonical: str, value: str) -> None:
    """Take a proxy's word on its verification: nginx's $ssl_client_verify, HAProxy's ssl_c_verify, true or false.

    Nothing but the very word counts as yes; what follows FAILED: is a reason.
    """
    revoked = canonical.endswith("-revoked")
    no = ("true",) if revoked else ("NONE", "FAILED", "false")
    if value in no or (not revoked and (value.startswith("FAILED:") or (value.isdecimal() and value.strip("0")))):
        header.verified, header.sentence = NO, f"the header says that the proxy did not verify it: {value}"
    elif value == "0" and not revoked:
        header.verified, header.sentence = UNKNOWN, _HAPROXY
    elif value == "true" and canonical == "cf-cert-verified":
        header.verified, header.sentence = UNKNOWN, _CLOUDFLARE
    elif value in ("SUCCESS", "true"):
        header.verified, header.sentence = YES, _SAYS_YES
    else:
        header.verified, header.sentence = UNKNOWN, _SAYS_NOTHING
