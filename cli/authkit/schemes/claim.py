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
# what was read before: a verifier sees the same few credentials and lists of headers all day.  Authorization up to its
# signature -> access key ID, scope, signed headers, whether those are in order; only what is a Claim stands here
_heads: "dict[str, tuple[str, Scope, list[str], bool]]" = {}
_MANY = 1024
_FIELDS = frozenset(("Credential", "SignedHeaders", "Signature"))
_HEX = "0123456789abcdef"
_PARAMETERS = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")


class Claim:
    """What a request claims; nothing of it is verified.

    Attributes:
        in_query: whether the signature is in the query.
        access_key_id: as written.
        scope: whole; its day is a real day.
        signed: header names as listed.
        in_order: whether they are a list that may be: 1 or more, lower case, sorted, none twice, no authorization.
        signature: lower-case hex, 64.
        at: the request's own instant, aware UTC.
        stamp: that instant as written.
        expires: seconds, for a signature in the query; else None.
        token: the session token sent, or None.
        payload: the payload hash that a parameter of the query declares, or None.
        request: what was signed: the query is without the signature.
    """

    __slots__ = (
        "in_query",
        "access_key_id",
        "scope",
        "signed",
        "in_order",
        "signature",
        "at",
        "stamp",
        "expires",
        "token",
        "payload",
        "request",
    )

    def __init__(
        self,
        in_query: bool,
        access_key_id: str,
        scope: Scope,
        signed: "list[str]",
        in_order: bool,
        signature: str,
        at: datetime,
        stamp: str,
        expires: "int | None",
        token: "str | None",
        payload: "str | None",
        request: Request,
    ) -> None:
        self.in_query = in_query
        self.access_key_id = access_key_id
        self.scope = scope
        self.signed = signed
        self.in_order = in_order
        self.signature = signature
        self.at = at
        self.stamp = stamp
        self.expires = expires
        self.token = token
        self.payload = payload
        self.request = request


def read_claim(request: Request, row: Derived) -> Claim:
    """Find and read the signature of *request*.

    Args:
        request: its parts have the right syntax; otherwise untrusted.
        row: the scheme; the algorithm label must be its own.

    Raises:
        Rejected: duplicate-header, no-signature, multiple-authorization,
            multiple-auth-locations, duplicate-parameter, missing-parameter, authorization-syntax, algorithm,
            signature-format, date-missing, date-header, date-format, expires-format, expires-range, scope-format,
            scope-date.

    Source:
        AWS SigV4 reference, "Authorization header value" and "Using query parameters". Deviations: a date in the
        Date header alone is not read.
    """
    _check_names(request, row)
    signing = [name.lower() for name in request.names]
    signing = [name for name in signing if name.startswith(row.prefix)]
    authorizations = request.values("authorization")
    if len(authorizations) > 1:
        raise Rejected("multiple-authorization")
    if authorizations:
        if signing and not {row.prefix + word for word in ("algorithm", "credential", "signature")}.isdisjoint(signing):
            raise Rejected("multiple-auth-locations")
        return _from_header(request, authorizations[0], row)
    if f"{row.prefix}algorithm" not in signing and f"{row.prefix}signature" not in signing:
        raise Rejected("no-signature", hint=_html_hint(request))
    return _from_query(request, row)


def _check_names(request: Request, row: Derived) -> None:
    grouped = request.grouped
    if len(grouped) != len(request.headers):
        for name in ("host", row.date, row.content_sha256, row.security_token):
            if len(grouped.get(name, ())) > 1:
                raise Rejected("duplicate-header", name)


def _from_header(request: Request, value: str, row: Derived) -> Claim:
    if len(value) > MAX_AUTHORIZATION:
        raise Rejected("authorization-syntax", f"it is {len(value)} characters long")
    head, mark, signature = value.rpartition(", Signature=")
    usual = bool(mark) and "," not in signature
    known = _heads.get(head) if usual else None
    fields: "dict[str, str]" = {}
    if known is None or known[1].chain.label != row.chain.label:
        known, fields = None, _fields(value, row)
        signature = fields["Signature"]
    dates = request.values(row.date)
    if not dates:
        raise Rejected("date-header" if request.values("date") else "date-missing")
    at = _check_signature_date(signature, dates[0])
    if known is None:
        signed = fields["SignedHeaders"].split(";")
        known = (*_credential(fields["Credential"], row), signed, _in_order(signed))
        if usual:
            _remember(head, known)
    tokens = request.values(row.security_token)
    return Claim(False, *known, signature, at, dates[0], None, tokens[0] if tokens else None, None, request)


def _remember(head: str, known: "tuple[str, Scope, list[str], bool]") -> None:
    if len(_heads) >= _MANY:
        _heads.clear()
    _heads[head] = known


def _in_order(signed: "list[str]") -> bool:
    text = ";".join(signed)
    return signed == sorted(set(signed)) and text == text.lower() and "" not in signed and "authorization" not in signed


def _fields(value: str, row: Derived) -> "dict[str, str]":
    """Return the three fields of an Authorization header."""
    label, _, text = value.partition(" ")
    # what is not this scheme's is not judged by its syntax
    if label != row.chain.label:
        raise Rejected("algorithm", f"{label[:40]!r}")
    found: "dict[str, str]" = {}
    for field in text.split(","):
        name, mark, value = field.strip(" \t").partition("=")
        if not mark or name not in _FIELDS or name in found:
            fault = f"the field {name[:40]!r} is unknown, repeated or has no value"
            raise Rejected("authorization-syntax", fault)
        found[name] = value
    if len(found) != len(_FIELDS):
        raise Rejected("authorization-syntax", "Credential, SignedHeaders and Signature must each stand once")
    return found


def _from_query(request: Request, row: Derived) -> Claim:
    prefix = row.header_prefix
    found: "dict[str, str]" = {}
    seen: "set[str]" = set()
    kept = []
    pairs = [pair for pair in request.parts[1].split("&") if pair]
    for name, pair in zip(request.names, pairs):
        if name != f"{prefix}Signature":
            kept.append(pair)
        if not name.lower().startswith(row.prefix):
            continue
        if name.lower() in seen:
            raise Rejected("duplicate-parameter", name[:64])
        seen.add(name.lower())
        found[name] = target.decode(pair.partition("=")[2]).decode("latin-1")
    for word in _PARAMETERS:
        if prefix + word not in found:
            raise Rejected("missing-parameter", prefix + word, _html_hint(request))
    if found[f"{prefix}Algorithm"] != row.chain.label:
        raise Rejected("algorithm", f"{found[f'{prefix}Algorithm'][:40]!r}")
    signature, stamp = found[f"{prefix}Signature"], found[f"{prefix}Date"]
    at = _check_signature_date(signature, stamp)
    expires = _expires(found[f"{prefix}Expires"])
    access_key_id, scope = _credential(found[f"{prefix}Credential"], row)
    unsigned = request.with_target(f"{request.parts[0]}?{'&'.join(kept)}")
    signed = found[f"{prefix}SignedHeaders"].split(";")
    token = found.get(f"{prefix}Security-Token")
    payload = found.get(f"{prefix}Content-Sha256")
    in_order = _in_order(signed)
    return Claim(True, access_key_id, scope, signed, in_order, signature, at, stamp, expires, token, payload, unsigned)


def _check_signature_date(signature: str, stamp: str) -> datetime:
    if len(signature) != 64 or signature.strip(_HEX):
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


def _html_hint(request: Request) -> "str | None":
    return "the URL was copied from HTML: write & for &amp;" if "&amp;" in request.parts[1] else None
