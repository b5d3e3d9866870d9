"""What does a signed request say about its own signature?"""

from datetime import datetime

from authkit.clock import parse_compact
from authkit.errors import Rejected
from authkit.keys.scope import Scope, parse_credential
from authkit.messages import target
from authkit.messages.request import Request
from authkit.schemes.derived import Derived

MAX_AUTHORIZATION = 16384
MAX_EXPIRES = 604800
_HEX = frozenset("0123456789abcdef")
_ONCE = ("host", "date", "content-sha256", "security-token")
_PARAMETERS = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")


class Claim:
    """What a request claims; nothing of it is verified.

    Attributes:
        in_query: whether the signature is in the query.
        access_key_id: as written.
        scope: whole; its day is a real day.
        signed: header names as listed, lower case expected.
        signature: lower-case hex, 64.
        at: the request's own instant, aware UTC.
        stamp: that instant as written.
        expires: seconds, for a signature in the query; else None.
        token: the session token sent, or None.
        request: what was signed: the query is without the signature.
    """

    __slots__ = ("in_query", "access_key_id", "scope", "signed", "signature", "at", "stamp", "expires", "token", "request")

    def __init__(
        self,
        in_query: bool,
        access_key_id: str,
        scope: Scope,
        signed: "list[str]",
        signature: str,
        at: datetime,
        stamp: str,
        expires: "int | None",
        token: "str | None",
        request: Request,
    ) -> None:
        self.in_query = in_query
        self.access_key_id = access_key_id
        self.scope = scope
        self.signed = signed
        self.signature = signature
        self.at = at
        self.stamp = stamp
        self.expires = expires
        self.token = token
        self.request = request


def read_claim(request: Request, row: Derived) -> Claim:
    """Find and read the signature of *request*.

    Args:
        request: its parts have the right syntax; otherwise untrusted.
        row: the scheme; the algorithm label must be its own.

    Raises:
        Rejected: duplicate-header, header-name-ambiguous, no-signature, multiple-authorization,
            multiple-auth-locations, duplicate-parameter, missing-parameter, authorization-syntax, algorithm,
            signature-format, date-missing, date-header, date-format, expires-format, expires-range, scope-format,
            scope-date.

    Source:
        AWS SigV4 reference, "Authorization header value" and "Using query parameters". Deviations: a date in the
        Date header alone is not read.
    """
    _check_names(request, row)
    prefix = row.header_prefix.lower()
    query = target.split(request.target)[1]
    parameters = [pair for pair in query.split("&") if target.decode(pair.partition("=")[0]).lower().startswith(prefix.encode())]
    signing = {target.decode(pair.partition("=")[0]).decode("latin-1").lower() for pair in parameters}
    authorizations = request.values("authorization")
    if len(authorizations) > 1:
        raise Rejected("multiple-authorization")
    if authorizations:
        if signing & {f"{prefix}algorithm", f"{prefix}credential", f"{prefix}signature"}:
            raise Rejected("multiple-auth-locations")
        return _from_header(request, authorizations[0], row)
    if not signing & {f"{prefix}algorithm", f"{prefix}signature"}:
        raise Rejected("no-signature", hint=_html_hint(query))
    return _from_query(request, query, parameters, row)


def _check_names(request: Request, row: Derived) -> None:
    prefix = row.header_prefix.lower()
    once = {name if name == "host" else prefix + name for name in _ONCE}
    seen: "set[str]" = set()
    for name, _ in request.headers:
        lower = name.lower()
        if lower in once and lower in seen:
            raise Rejected("duplicate-header", name)
        seen.add(lower)
    for name in seen:
        if "_" in name and name.replace("_", "-") in seen:
            raise Rejected("header-name-ambiguous", name[:64])


def _from_header(request: Request, value: str, row: Derived) -> Claim:
    if len(value) > MAX_AUTHORIZATION:
        raise Rejected("authorization-syntax", f"it is {len(value)} characters long")
    label, space, rest = value.partition(" ")
    found: "dict[str, str]" = {}
    for field in rest.split(","):
        name, mark, text = field.strip(" \t").partition("=")
        if not mark or name not in ("Credential", "SignedHeaders", "Signature") or name in found:
            if label != row.chain.label:
                break
            raise Rejected("authorization-syntax", f"the field {field.strip()[:40]!r} is unknown, repeated or has no value")
        found[name] = text
    if label != row.chain.label:
        raise Rejected("algorithm", f"{label[:40]!r}")
    if not space or len(found) != 3:
        raise Rejected("authorization-syntax", "Credential, SignedHeaders and Signature must each stand once")
    dates = request.values(f"{row.header_prefix.lower()}date")
    if not dates:
        if request.values("date"):
            raise Rejected("date-header")
        raise Rejected("date-missing")
    signature, stamp = found["Signature"], dates[0]
    at = _check_signature_date(signature, stamp)
    access_key_id, scope = _credential(found["Credential"], row)
    tokens = request.values(f"{row.header_prefix.lower()}security-token")
    signed = found["SignedHeaders"].split(";")
    token = tokens[0] if tokens else None
    return Claim(False, access_key_id, scope, signed, signature, at, stamp, None, token, request)


def _from_query(request: Request, query: str, parameters: "list[str]", row: Derived) -> Claim:
    prefix = row.header_prefix
    found: "dict[str, str]" = {}
    seen: "set[str]" = set()
    for pair in parameters:
        name, _, value = pair.partition("=")
        name = target.decode(name).decode("latin-1")
        if name.lower() in seen:
            raise Rejected("duplicate-parameter", name[:64])
        seen.add(name.lower())
        found[name] = target.decode(value).decode("latin-1")
    for word in _PARAMETERS:
        if prefix + word not in found:
            raise Rejected("missing-parameter", prefix + word, _html_hint(query))
    if found[f"{prefix}Algorithm"] != row.chain.label:
        raise Rejected("algorithm", f"{found[f'{prefix}Algorithm'][:40]!r}")
    signature, stamp = found[f"{prefix}Signature"], found[f"{prefix}Date"]
    at = _check_signature_date(signature, stamp)
    expires = _expires(found[f"{prefix}Expires"])
    access_key_id, scope = _credential(found[f"{prefix}Credential"], row)
    name = f"{prefix}Signature="
    kept = [pair for pair in query.split("&") if not _is_signature(pair, name)]
    path = target.split(request.target)[0]
    unsigned = request.with_target(f"{path}?{'&'.join(kept)}")
    signed = found[f"{prefix}SignedHeaders"].split(";")
    token = found.get(f"{prefix}Security-Token")
    return Claim(True, access_key_id, scope, signed, signature, at, stamp, expires, token, unsigned)


def _is_signature(pair: str, name: str) -> bool:
    return target.decode(pair.partition("=")[0]).decode("latin-1") + "=" == name


def _check_signature_date(signature: str, stamp: str) -> datetime:
    if len(signature) != 64 or not _HEX.issuperset(signature):
        raise Rejected("signature-format")
    at = parse_compact(stamp)
    if at is None:
        raise Rejected("date-format", f"{stamp[:32]!r}")
    return at


def _expires(text: str) -> int:
    digits = text[1:] if text.startswith("-") else text
    plain = digits.isascii() and digits.isdigit() and len(digits) <= 10 and (digits == "0" or digits[0] != "0")
    if not plain:
        raise Rejected("expires-format", f"{text[:32]!r}")
    if not 1 <= int(text) <= MAX_EXPIRES:
        raise Rejected("expires-range", f"{text} is not 1 to {MAX_EXPIRES}")
    return int(text)


def _credential(text: str, row: Derived) -> "tuple[str, Scope]":
    parsed = parse_credential(text, row.chain)
    if parsed is None:
        hint = "the URL was percent-encoded twice" if "%2F" in text.upper() else None
        raise Rejected("scope-format", f"{text[:128]!r}", hint)
    access_key_id, values = parsed
    if row.chain.parse_day(values[0]) is None:
        raise Rejected("scope-date", f"{values[0]!r}")
    return access_key_id, Scope(values, row.chain)


def _html_hint(query: str) -> "str | None":
    return "the URL was copied from HTML: write & for &amp;" if "&amp;" in query else None

