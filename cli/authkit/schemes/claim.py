"""What does a signed request say about its own signature?"""

from datetime import datetime

from authkit.errors import Rejected
from authkit.keys.scope import Scope, parse_credential
from authkit.messages import target
from authkit.messages.request import Request
from authkit.schemes.derived import WEEK, Derived, Names, is_among

MAX_AUTHORIZATION = 16384
MAX_EXPIRES = WEEK
# ML-DSA-87's, in hexadecimal, is the longest there is
MAX_SIGNATURE = 9254
# what was read before: a verifier sees the same few credentials and lists of headers all day.  Authorization up to its
# signature -> access key ID, scope, signed headers, whether those are in order; only what is a Claim stands here
_heads: "dict[str, tuple[str, Scope, list[str], bool]]" = {}
_MANY = 1024
_HEX = "0123456789abcdef"


class Claim:
    """What a request claims; nothing of it is verified.

    Attributes:
        in_query: whether the signature is in the query.
        access_key_id: as written.
        scope: whole; its day is a real day.
        signed: header names as listed; with those that the scheme signs without listing them, sorted.
        listed: the list as the line of signed headers has it, where that is not all of *signed*; else None.
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
        "listed",
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
        listed: "str | None" = None,
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
        self.listed = listed


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
    names = row.query
    signing = [] if names is None else [name.lower() for name in request.names]
    marked = names is not None and not names.marks.isdisjoint(signing)
    authorizations = request.values("authorization")
    if len(authorizations) > 1:
        raise Rejected("multiple-authorization")
    if authorizations:
        if marked:
            raise Rejected("multiple-auth-locations")
        claim = _from_header(request, authorizations[0], row)
    elif names is None or (names.algorithm.lower() not in signing and names.signature.lower() not in signing):
        raise Rejected("no-signature", hint=_html_hint(request))
    else:
        claim = _from_query(request, row, names)
    return _with_implicit(claim, row) if row.implicit else claim


def _check_names(request: Request, row: Derived) -> None:
    grouped = request.grouped
    if len(grouped) != len(request.headers):
        for name in ("host", row.date, row.content_sha256, row.security_token):
            if len(grouped.get(name, ())) > 1:
                raise Rejected("duplicate-header", name)


def _with_implicit(claim: Claim, row: Derived) -> Claim:
    """Return a claim whose signed headers have those that the scheme signs without listing them."""
    listed = claim.signed
    unlisted = [name for name in claim.request.grouped if is_among(name, row.implicit)]
    claim.in_order = claim.in_order and not any([is_among(name, row.implicit) for name in listed])
    claim.signed = sorted({*listed, *unlisted})
    claim.listed = ";".join(listed) if row.listing else None
    return claim


def _from_header(request: Request, value: str, row: Derived) -> Claim:
    if len(value) > MAX_AUTHORIZATION:
        raise Rejected("authorization-syntax", f"it is {len(value)} characters long")
    head, mark, signature = value.rpartition(row.signature_mark)
    usual = bool(mark) and "," not in signature
    known = _heads.get(head) if usual else None
    fields: "dict[str, str]" = {}
    if known is None or known[1].chain is not row.chain:
        known, fields = None, _fields(value, row)
        signature = fields["Signature"]
    dates = request.values(row.date)
    if not dates:
        raise Rejected("date-header" if request.values("date") else "date-missing")
    at = _check_signature_date(signature, dates[0], row)
    if known is None:
        signed = _listed(fields.get(row.listing, ""))
        known = (*_credential(fields["Credential"], row), signed, _in_order(signed, row))
        if usual:
            _remember(head, known)
    tokens = request.values(row.security_token)
    return Claim(False, *known, signature, at, dates[0], None, tokens[0] if tokens else None, None, request)


def _remember(head: str, known: "tuple[str, Scope, list[str], bool]") -> None:
    if len(_heads) >= _MANY:
        _heads.clear()
    _heads[head] = known


def _listed(text: str) -> "list[str]":
    return text.split(";") if text else []


def _in_order(signed: "list[str]", row: Derived) -> bool:
    text = ";".join(signed)
    if not signed and row.implicit:
        return True
    return (
        bool(signed)
        and signed == sorted(set(signed))
        and text == text.lower()
        and "" not in signed
        and "authorization" not in signed
    )


def _fields(value: str, row: Derived) -> "dict[str, str]":
    """Return the fields of an Authorization header; the list of headers may be missing where the scheme has others."""
    label, _, text = value.partition(" ")
    # what is not this scheme's is not judged by its syntax
    if label != row.chain.label:
        raise Rejected("algorithm", f"{label[:40]!r}")
    found: "dict[str, str]" = {}
    for field in text.split(","):
        name, mark, value = field.strip(" \t").partition("=")
        if not mark or name not in row.fields or name in found:
            fault = f"the field {name[:40]!r} is unknown, repeated or has no value"
            raise Rejected("authorization-syntax", fault)
        found[name] = value
    needed = [name for name in row.fields if name != row.listing or not row.implicit]
    if any([name not in found for name in needed]):
        words = f"{', '.join(needed[:-1])} and {needed[-1]}"
        raise Rejected("authorization-syntax", f"{words} must each stand once")
    return found


def _from_query(request: Request, row: Derived, names: Names) -> Claim:
    found: "dict[str, str]" = {}
    seen: "set[str]" = set()
    kept, last = [], names.signature
    pairs = [pair for pair in request.parts[1].split("&") if pair]
    for name, pair in zip(request.names, pairs):
        if name != last:
            kept.append(pair)
        if not name.lower().startswith(row.prefix):
            continue
        if name.lower() in seen:
            raise Rejected("duplicate-parameter", name[:64])
        seen.add(name.lower())
        found[name] = target.decode(pair.partition("=")[2]).decode("latin-1")
    for name in names.required if row.implicit else (*names.required, names.listing):
        if name not in found:
            raise Rejected("missing-parameter", name, _html_hint(request))
    if found[names.algorithm] != row.chain.label:
        raise Rejected("algorithm", f"{found[names.algorithm][:40]!r}")
    signature, stamp = found[names.signature], found[names.date]
    at = _check_signature_date(signature, stamp, row)
    expires = _expires(found[names.expires], row.longest)
    access_key_id, scope = _credential(found[names.credential], row)
    unsigned = request.with_target(f"{request.parts[0]}?{'&'.join(kept)}")
    signed = _listed(found.get(names.listing, ""))
    token = found.get(names.token)
    payload = found.get(names.payload)
    in_order = _in_order(signed, row)
    return Claim(True, access_key_id, scope, signed, in_order, signature, at, stamp, expires, token, payload, unsigned)


def _check_signature_date(signature: str, stamp: str, row: Derived) -> datetime:
    length = row.signature_length
    if (len(signature) != length and (length is not None or not _may_be(signature))) or signature.strip(_HEX):
        raise Rejected("signature-format")
    at = row.parse_stamp(stamp)
    if at is None:
        raise Rejected("date-format", f"{stamp[:32]!r}")
    return at


def _may_be(signature: str) -> bool:
    """Say whether a signature has a length that one of varying length may have."""
    return 0 < len(signature) <= MAX_SIGNATURE and not len(signature) % 2


def _expires(text: str, longest: int) -> int:
    digits = text[1:] if text.startswith("-") else text
    plain = digits.isascii() and digits.isdigit() and len(digits) <= 10 and (digits == "0" or digits[0] != "0")
    if not plain:
        raise Rejected("expires-format", f"{text[:32]!r}")
    if not 1 <= int(text) <= longest:
        raise Rejected("expires-range", f"{text} is not 1 to {longest}")
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
