"""Are the names in a certificate what they seem to be?"""

from functools import lru_cache

from authkit.certs.names import parse_san, parse_sid
from authkit.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from authkit.certs.describe import Described

    Rows = Iterator[tuple[str, str]]

_ACTIVE = ("javascript:", "data:", "vbscript:", "file:")
SPIFFE = "spiffe://"
_SHOWN = 200


def texts(described: "Described") -> "Rows":
    """Yield what is wrong with the characters of any name."""
    for place, text in _all_texts(described):
        if not text.isprintable():
            yield from _unprintable(place, text)
        if not text.isascii():
            from unicodedata import is_normalized

            if not is_normalized("NFC", text):
                yield "name-not-nfc", f"{place} {text[:_SHOWN]}"
        if not text or text[0] == " " or text[-1] == " ":
            yield "name-spaces", f"{place} {text[:_SHOWN]}".rstrip()


def _all_texts(described: "Described") -> "Iterator[tuple[str, str]]":
    for name, value in described.subject_parts:
        yield f"subject {name}", value
    if described.issuer_der != described.subject_der:
        for name, value in described.issuer_parts:
            yield f"issuer {name}", value
    for one in described.san:
        kind, _, value = one.partition(":")
        yield f"SAN {kind}", value
    for url in described.aia:
        yield "AIA", url
    for url in described.crl_urls:
        yield "CRL address", url


def _unprintable(place: str, text: str) -> "Rows":
    hidden = [char for char in text if not char.isprintable()]
    controls = [char for char in hidden if char < "\xa0"]
    if "\0" in controls:
        yield "name-nul", f"{place} {text[:_SHOWN]}"
    for id, chars in (("name-control", set(controls) - {"\0"}), ("name-invisible", set(hidden) - set(controls))):
        if chars:
            yield id, f"{place} has {', '.join([f'U+{ord(char):04X}' for char in sorted(chars)[:8]])}"


def identity(described: "Described") -> "Rows":
    """Yield what is wrong with where the names stand."""
    present = dict(described.extensions)
    if described.is_ca:
        if not described.subject_parts and not _is_broken(described, "subject"):
            yield "ca-subject-empty", ""
    elif "subjectAltName" not in present:
        yield "san-missing", f"the subject is {described.subject[:_SHOWN]}" if described.subject_parts else ""
    elif not described.subject_parts and not present["subjectAltName"] and not _is_broken(described, "subject"):
        yield "subject-empty", ""
    if "subjectAltName" in present and not described.san and not _is_broken(described, "subjectAltName"):
        yield "san-empty", ""
    common = [value for name, value in described.subject_parts if name == "CN"]
    if len(common) > 1:
        yield "cn-several", ", ".join(common)[:_SHOWN]
    if common and described.san and not described.is_ca:
        known = {one.partition(":")[2].lower() for one in described.san}
        if common[-1].lower() not in known:
            yield "cn-not-in-san", common[-1][:_SHOWN]
    for name, value in described.subject_parts:
        if name == "emailAddress" and not described.is_ca:
            yield "email-in-subject", value[:_SHOWN]
    if described.sid is not None:
        try:
            parse_sid(described.sid)
        except UsageError:
            yield "sid-syntax", described.sid[:_SHOWN]


def _is_broken(described: "Described", field: str) -> bool:
    return any([name == field for name, _ in described.faults])


def san(described: "Described") -> "Rows":
    """Yield what is wrong with the names of the SAN, one by one."""
    uris = 0
    for one in described.san:
        kind, _, value = one.partition(":")
        uris += kind == "uri"
        if kind in _RULES:
            yield from _RULES[kind](described, value)
        elif kind in ("x400", "edi", "unknown"):
            yield "san-kind", kind
    if uris > 1 and any([one[:13].lower() == "uri:" + SPIFFE for one in described.san]):
        yield "spiffe-several", f"this has {uris}"


@lru_cache(maxsize=256)
def is_name(kind: str, value: str) -> bool:
    """Say whether *value* is a name of that kind, as `parse_san` has it."""
    try:
        parse_san(kind, value)
    except UsageError:
        return False
    return True


def _dns(described: "Described", value: str) -> "Rows":
    if not value.isascii():
        yield "dns-non-ascii", value[:_SHOWN]
    elif not is_name("dns", value):
        yield "dns-syntax", value[:_SHOWN]
    if "*" in value and "clientAuth" in described.eku and "serverAuth" not in described.eku:
        yield "wildcard-client", value[:_SHOWN]


def _email(described: "Described", value: str) -> "Rows":
    if not is_name("email", value):
        yield "email-syntax", value[:_SHOWN]


def _upn(described: "Described", value: str) -> "Rows":
    if not is_name("upn", value):
        yield "upn-syntax", value[:_SHOWN]


def _uri(described: "Described", value: str) -> "Rows":
    lower = value.lower()
    if lower.startswith(_ACTIVE):
        yield "uri-scheme", value[:_SHOWN]
    elif lower.startswith(SPIFFE):
        if not is_spiffe_id(value, of_ca=described.is_ca):
            yield "spiffe-id", value[:_SHOWN]
    elif not is_name("uri", value):
        yield "uri-syntax", value[:_SHOWN]


def is_spiffe_id(uri: str, *, of_ca: bool) -> bool:
    """Say whether a URI is a SPIFFE ID: with a path for a workload, and with or without one for a CA."""
    return is_name("spiffe", uri + "/0" if of_ca and "/" not in uri[len(SPIFFE) :] else uri)


_RULES = {"dns": _dns, "email": _email, "upn": _upn, "uri": _uri}
