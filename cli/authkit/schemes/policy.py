"""Does a request signed with a derived key meet the closed policy?"""

from datetime import datetime, timedelta
from hmac import compare_digest

from authkit.errors import Rejected
from authkit.keys.select import Key, choose_checking
from authkit.messages import target
from authkit.messages.request import Request, check_request
from authkit.schemes.base import Verified
from authkit.schemes.canonical import UNSIGNED, Rules, canonical_request, rules_for, string_to_sign
from authkit.schemes.claim import MAX_EXPIRES, Claim, read_claim
from authkit.schemes.derived import AWS4, Derived

MAX_SKEW = 900
DEFAULT_SKEW = 300
_HEX = frozenset("0123456789abcdef")

VERIFY_OPTIONS = (
    ("--region", "text", "REGION", "the region the request must be signed for [the key's]", None),
    ("--service", "text", "SERVICE", "the service the request must be signed for [the key's]", None),
    ("--authority", "many", "HOST", "the host, with :PORT if any, that the request must be signed for; repeatable", ()),
    ("--max-skew", "int", "S", "seconds that clocks may differ, 0 to 900 [300]", None),
    ("--max-expires", "int", "S", "longest lifetime of a presigned URL, 1 to 604800 [604800]", None),
    ("--require", "many", "NAME", "a header that the signature must cover; repeatable", ()),
    ("--allow-unsigned", "many", "NAME", "a header that the signature need not cover; repeatable", ()),
    ("--allow-unsigned-payload", "flag", "", "accept a signature that leaves the body uncovered", False),
    ("--normalize-path", "switch", "", "the service removes dot and empty segments [by service]", None),
    ("--double-encode", "switch", "", "the service encodes the path once more [by service]", None),
)


class Policy:
    """What a verifier demands; nothing in it is taken from the message.

    Attributes:
        region, service: what the scope must name; None only with a signing key, whose scope says it.
        authorities: what Host may be, lower case; () leaves it uncompared, and the result says so.
        max_skew: seconds, 0–900.
        max_expires: seconds, 1–604800.
        required: header names, lower case, that must be covered besides the rest.
        allow_unsigned: header names, lower case, that need not be covered.
        allow_unsigned_payload: accept a body that is not covered.
        normalize_path, double_encode: None for what AWS does for the service.
        body_unchecked: accept a request whose body is not known; the result names the body as not covered.
    """

    __slots__ = (
        "region",
        "service",
        "authorities",
        "max_skew",
        "max_expires",
        "required",
        "allow_unsigned",
        "allow_unsigned_payload",
        "normalize_path",
        "double_encode",
        "body_unchecked",
    )

    def __init__(
        self,
        region: "str | None" = None,
        service: "str | None" = None,
        authorities: "tuple[str, ...]" = (),
        max_skew: int = DEFAULT_SKEW,
        max_expires: int = MAX_EXPIRES,
        required: "tuple[str, ...]" = (),
        allow_unsigned: "tuple[str, ...]" = (),
        allow_unsigned_payload: bool = False,
        normalize_path: "bool | None" = None,
        double_encode: "bool | None" = None,
        body_unchecked: bool = False,
    ) -> None:
        self.region = region
        self.service = service
        self.authorities = authorities
        self.max_skew = max_skew
        self.max_expires = max_expires
        self.required = required
        self.allow_unsigned = allow_unsigned
        self.allow_unsigned_payload = allow_unsigned_payload
        self.normalize_path = normalize_path
        self.double_encode = double_encode
        self.body_unchecked = body_unchecked


def verify(request: Request, keys: "list[Key]", policy: Policy, at: datetime, row: Derived = AWS4) -> Verified:
    """Decide whether *request* was signed by one of *keys* as *policy* demands.

    Args:
        request: untrusted.
        keys: all keys the verifier holds; none is an error of the caller, and reads as unknown-access-key.
        policy: what is demanded.
        at: the verifier's present instant, aware UTC.
        row: the scheme of the family.

    Raises:
        Rejected: with the reason of the first check that fails; `claim` on it holds what was claimed, if that was read.

    Source:
        DESIGN, "Signing and verifying": the order of the checks; S44–S46, A1, A3. Deviations: none.
        Vectors: attacks/sigv4.json.
    """
    # (1) HTTP syntax; (2) place of the signature; (3) its syntax; (4) algorithm;
    # (5) formats of signature, date, expires, scope
    check_request(request)
    claim = read_claim(request, row)
    try:
        return _judge(request, claim, keys, policy, at, row)
    except Rejected as rejected:
        rejected.claim = claim
        raise


def _judge(request: Request, claim: Claim, keys: "list[Key]", policy: Policy, at: datetime, row: Derived) -> Verified:
    # (6) clock; (7) the day, region and service of the scope
    replayable_until = _check_clock(claim, policy, at)
    _check_scope(claim, policy)
    # (8) key
    key, token = choose_checking(keys, claim.access_key_id, claim.scope)
    # (9) the list of signed headers; (10) what must be signed; (11) token; (12) path
    present = _check_signed_list(request, claim)
    _check_must_sign(claim, policy, present, row)
    _check_authority(request, policy)
    _check_token(claim, token.reveal() if token is not None else None, present, row)
    rules = rules_for(row, claim.scope.part("service"), policy.normalize_path, policy.double_encode)
    path = target.split(request.target)[0]
    if rules.normalize_path and not target.is_normal(path):
        raise Rejected("path-not-normalised", f"{path[:128]!r}")
    # (13) declared payload; (14) MAC; (15) payload
    payload, covers_body = _declared_payload(request, claim, policy, rules, row)
    canonical = canonical_request(claim.request, claim.signed, payload, rules)
    text = string_to_sign(row.chain.label, claim.stamp, str(claim.scope), canonical)
    if not compare_digest(key.mac(text.encode("ascii")).hex(), claim.signature):
        raise Rejected("signature-mismatch")
    if covers_body and request.payload_hash is None:
        if not policy.body_unchecked:
            raise Rejected("body-unavailable", hint="--body-unchecked accepts it")
        covers_body = False
    if covers_body and payload != request.payload_hash:
        raise Rejected("payload-mismatch")
    return _verdict(request, claim, policy, covers_body, replayable_until, present)


def _check_clock(claim: Claim, policy: Policy, at: datetime) -> datetime:
    """Return the last second at which the request is accepted; every bound is inclusive (A3)."""
    skew = timedelta(seconds=policy.max_skew)
    if claim.at - at > skew:
        raise Rejected("not-yet-valid", f"it is dated {claim.stamp} and now is {at:%Y%m%dT%H%M%SZ}")
    if claim.expires is not None and claim.expires > policy.max_expires:
        raise Rejected("expires-range", f"{claim.expires} is over the {policy.max_expires} seconds allowed")
    until = claim.at + (skew if claim.expires is None else timedelta(seconds=claim.expires))
    if at > until:
        raise Rejected("expired", f"it was good until {until:%Y%m%dT%H%M%SZ} and now is {at:%Y%m%dT%H%M%SZ}")
    return until


def _check_scope(claim: Claim, policy: Policy) -> None:
    if claim.scope.day != claim.at.date():
        raise Rejected("scope-date-mismatch", f"{claim.scope.values[0]} and {claim.stamp}")
    for name, wanted in (("region", policy.region), ("service", policy.service)):
        found = claim.scope.part(name)
        if wanted is not None and found is not None and found != wanted:
            raise Rejected(f"scope-{name}", f"{found!r} instead of {wanted!r}")


def _check_signed_list(request: Request, claim: Claim) -> "list[str]":
    """Return the names of the headers present, lower case, sorted, each once."""
    signed = claim.signed
    if signed != sorted(set(signed)) or any([name != name.lower() or not name for name in signed]) or "authorization" in signed:
        raise Rejected("signed-headers", f"{';'.join(signed)[:128]!r}")
    present = sorted({name.lower() for name, _ in request.headers})
    for name in signed:
        if name not in present:
            raise Rejected("signed-header-missing", name[:64])
    return present


def _check_must_sign(claim: Claim, policy: Policy, present: "list[str]", row: Derived) -> None:
    prefix = row.header_prefix.lower()
    unsigned = [name for name in present if name not in claim.signed and name not in policy.allow_unsigned]
    if "host" not in claim.signed:
        raise Rejected("host-not-signed")
    if not claim.in_query and f"{prefix}date" in unsigned:
        raise Rejected("date-not-signed")
    if "content-type" in unsigned:
        raise Rejected("content-type-unsigned", hint="--allow-unsigned content-type accepts it")
    for name in unsigned:
        if name.startswith(prefix) and name != f"{prefix}security-token":
            raise Rejected("unsigned-x-amz-header", name[:64])
    for name in policy.required:
        if name not in claim.signed:
            raise Rejected("required-component", name[:64])


def _check_authority(request: Request, policy: Policy) -> None:
    if policy.authorities:
        host = "".join(request.values("host")).strip(" \t").lower()
        if host not in policy.authorities:
            raise Rejected("authority-mismatch", f"{host[:128]!r}")


def _check_token(claim: Claim, token: "bytes | None", present: "list[str]", row: Derived) -> None:
    name = f"{row.header_prefix.lower()}security-token"
    if name in present and name not in claim.signed:
        raise Rejected("token-not-signed")
    if token is None and claim.token is not None:
        raise Rejected("token-unexpected")
    if token is not None and claim.token is None:
        raise Rejected("token-missing")
    if token is not None and claim.token is not None and not compare_digest(token, claim.token.encode("latin-1")):
        raise Rejected("token-mismatch")


def _declared_payload(request: Request, claim: Claim, policy: Policy, rules: Rules, row: Derived) -> "tuple[str, bool]":
    """Return the payload hash that was signed, and whether it covers the body."""
    values = request.values(f"{row.header_prefix.lower()}content-sha256")
    plain = claim.scope.part("service") in row.plain_services
    word = values[0].strip(" \t") if values else UNSIGNED if claim.in_query and plain else None
    if word is None:
        if request.payload_hash is None:
            raise Rejected("body-unavailable", "and the request does not declare its hash")
        return request.payload_hash, True
    if word == UNSIGNED:
        # a presigned URL of S3 never covers a body; without one there is nothing to cover
        empty = claim.in_query and request.content_length == 0
        if not policy.allow_unsigned_payload and not empty:
            raise Rejected("unsigned-payload", hint="--allow-unsigned-payload accepts it")
        return word, False
    if word.startswith("STREAMING-"):
        raise Rejected("streaming-payload", f"{word[:64]!r}")
    if len(word) != 64 or not _HEX.issuperset(word):
        raise Rejected("payload-hash-format", f"{word[:64]!r}")
    return word, True


def _verdict(
    request: Request, claim: Claim, policy: Policy, covers_body: bool, replayable_until: datetime, present: "list[str]"
) -> Verified:
    covered = ["method", "path", "query", *claim.signed]
    uncovered = [name for name in present if name not in claim.signed and name != "authorization"]
    if covers_body:
        covered.append("body")
    elif request.content_length != 0:
        uncovered.append("body")
    return Verified(
        "sigv4",
        claim.access_key_id,
        str(claim.scope),
        claim.at,
        replayable_until,
        tuple(covered),
        tuple(uncovered),
        _warnings(request, policy),
    )


def _warnings(request: Request, policy: Policy) -> "tuple[str, ...]":
    found = []
    if not policy.authorities:
        found.append("authority-not-compared")
    path, query = target.split(request.target)
    names = [target.decode(pair.partition("=")[0]) for pair in query.split("&") if pair]
    if len(set(names)) != len(names):
        found.append("duplicate-query")
    headers = [name.lower() for name, _ in request.headers]
    if len(set(headers)) != len(headers):
        found.append("duplicate-header")
    if any([byte < 0x20 or byte == 0x7F for byte in target.decode(path)]):
        found.append("control")
    if "date" in headers:
        found.append("date")
    return tuple(found)
