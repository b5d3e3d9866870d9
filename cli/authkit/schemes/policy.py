"""Does a request signed with a derived key meet the closed policy?"""

from datetime import datetime, timedelta
from hmac import compare_digest

from authkit.clock import format_compact, later
from authkit.errors import Rejected, UsageError
from authkit.keys.select import Key, check_session, choose_checking, session_end, widest_level, without_scheme
from authkit.messages import target
from authkit.messages.payload import STREAMED
from authkit.messages.request import Request, check_request
from authkit.schemes import options
from authkit.schemes.base import Verified, Verifier
from authkit.schemes.binding import check_binding
from authkit.schemes.canonical import (
    bucket_stem,
    canonical_request,
    is_normal_path,
    payload_line,
    rules_for,
    split_pairs,
    string_to_sign,
)
from authkit.schemes.claim import MAX_EXPIRES, Claim, read_claim
from authkit.schemes.derived import AWS4, FORM, SWITCHED, Derived

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from authkit.keys.asymmetric import Pair
    from authkit.messages.payload import Watcher
    from authkit.schemes.binding import Bindings
    from authkit.schemes.derived import Rules
    from authkit.schemes.streaming import Receiving
    from authkit.secret import MacKey, Secret

    Choose = Callable[[list[Key], Claim], tuple[MacKey | Pair, Secret | None]]

MAX_SKEW = 900
DEFAULT_SKEW = 300
_HEX = frozenset("0123456789abcdef")

INSPECT_OPTIONS = (
    ("--normalize-path", "switch", "", "the service removes dot and empty segments [by service]", None),
    ("--double-encode", "switch", "", "the service encodes the path once more [by service]", None),
)
VERIFY_OPTIONS = (
    options.EXPECT_REGION,
    options.EXPECT_SERVICE,
    options.SCHEME_OVERRIDE,
    options.AUTHORITY,
    options.MAX_SKEW,
    options.MAX_EXPIRES,
    options.REQUIRE,
    options.ALLOW_UNSIGNED,
    options.ALLOW_UNSIGNED_PAYLOAD,
    *INSPECT_OPTIONS,
    *options.VERIFY_PROOFS,
)


class Policy:
    """What a verifier demands; nothing in it is taken from the message.

    Attributes:
        region, service: what the scope must name; None only with a signing key, whose scope says it.
        authorities: what Host may be, lower case; () leaves it uncompared, and the result says so.
        max_skew: seconds, 0–900; skew: the same as a timedelta.
        max_expires: seconds, 1–604800.
        required: header names, lower case, that must be covered besides the rest.
        allow_unsigned: header names, lower case, that need not be covered.
        allow_unsigned_payload: accept a body that is not covered.
        normalize_path, double_encode: None for what AWS does for the service.
        body_unchecked: accept a request whose body is not known; the result names the body as not covered.
        bindings: which access keys go with which client certificates; None for none.
        bucket: the bucket that the host stands for, in a scheme that signs it; None for what the host's name says.
    """

    __slots__ = (
        "region",
        "service",
        "authorities",
        "max_skew",
        "skew",
        "max_expires",
        "required",
        "allow_unsigned",
        "allow_unsigned_payload",
        "normalize_path",
        "double_encode",
        "body_unchecked",
        "bindings",
        "bucket",
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
        bindings: "Bindings | None" = None,
        bucket: "str | None" = None,
    ) -> None:
        self.region = region
        self.service = service
        self.authorities = authorities
        self.max_skew = max_skew
        self.skew = timedelta(seconds=max_skew)
        self.max_expires = max_expires
        self.required = required
        self.allow_unsigned = allow_unsigned
        self.allow_unsigned_payload = allow_unsigned_payload
        self.normalize_path = normalize_path
        self.double_encode = double_encode
        self.body_unchecked = body_unchecked
        self.bindings = bindings
        self.bucket = bucket


def _choose(keys: "list[Key]", claim: Claim) -> "tuple[MacKey, Secret | None]":
    return choose_checking(keys, claim.access_key_id, claim.scope)


def policy_of(given: "Any") -> Policy:
    """Return the policy that the options demand.

    Args:
        given: the values of VERIFY_OPTIONS, and body_unchecked.

    Raises:
        UsageError: for a number out of its range.
    """
    skew = DEFAULT_SKEW if given.max_skew is None else given.max_skew
    expires = getattr(given, "max_expires", None)
    if expires is None:
        expires = MAX_EXPIRES
    if not 0 <= skew <= MAX_SKEW:
        raise UsageError(f"--max-skew {skew} is not 0 to {MAX_SKEW} seconds")
    if not 1 <= expires <= MAX_EXPIRES:
        raise UsageError(f"--max-expires {expires} is not 1 to {MAX_EXPIRES} seconds")
    return Policy(
        getattr(given, "region", None),
        getattr(given, "service", None),
        tuple([one.lower() for one in given.authority]),
        skew,
        expires,
        tuple([one.lower() for one in given.require]),
        tuple([one.lower() for one in given.allow_unsigned]),
        getattr(given, "allow_unsigned_payload", False),
        getattr(given, "normalize_path", None),
        getattr(given, "double_encode", None),
        given.body_unchecked,
        getattr(given, "bindings", None),
        getattr(given, "bucket", None),
    )


def verifier(keys: "list[Key]", given: "Any", row: Derived = AWS4) -> Verifier:
    """Return what verifies with *keys* as the options demand.

    Raises:
        UsageError: for options that do not fit, or keys that open more than one scope while none is named (S44).
    """
    wide = widest_level(keys)
    parts = row.chain.parts[1:]
    for name in ("region", "service"):
        if name not in parts and getattr(given, name, None) is not None:
            raise UsageError(f"--{name}: a scope of {row.name} has no {name}", "leave it out")
    if wide != "signing" and any([getattr(given, name) is None for name in parts]):
        what = "an access key" if wide == "master" else f"a {wide} key"
        names = " and ".join([f"--{name}" for name in parts])
        raise UsageError(f"{what} opens more than one scope", f"say which is yours with {names}")
    policy = policy_of(given)
    if getattr(given, "scheme_override", False):
        keys = without_scheme(keys)
    return Verifier(
        lambda request, at: verify(request, keys, policy, at, row),
        lambda request, at: watch(request, keys, policy, at, row),
    )


def verify(
    request: Request,
    keys: "list[Key]",
    policy: Policy,
    at: datetime,
    row: Derived = AWS4,
    choose: "Choose" = _choose,
) -> Verified:
    """Decide whether *request* was signed by one of *keys* as *policy* demands.

    Args:
        request: untrusted.
        keys: all keys the verifier holds; none is an error of the caller, and reads as unknown-access-key.
        policy: what is demanded.
        at: the verifier's present instant, aware UTC.
        row: the scheme of the family.
        choose: finds the key for what is claimed, and its session token.

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
        key, payload, covers_body, body, until, unsigned = _judge_head(request, claim, keys, policy, at, row, choose)
        # (15) payload
        if body is not None:
            covers_body = _finish(request, policy) and covers_body
        elif covers_body and payload != request.payload_hash:
            if request.payload_hash is not None:
                raise Rejected("payload-mismatch")
            if not policy.body_unchecked:
                raise Rejected("body-unavailable", hint="--body-unchecked accepts it")
            covers_body = False
        # (16) the certificate that the key is bound to
        bound = check_binding(policy.bindings, request, claim.access_key_id, claim.signed, at)
        declared = () if body is None else body.declared
        warnings = (*_warnings(request, policy), *bound)
        return _verdict(request, claim, covers_body, until, unsigned, warnings, declared, row)
    except Rejected as rejected:
        rejected.claim = claim
        raise


def watch(
    request: Request,
    keys: "list[Key]",
    policy: Policy,
    at: datetime,
    row: Derived = AWS4,
    choose: "Choose" = _choose,
    release: "Callable[[bytes], object] | None" = None,
) -> "dict[str, Watcher]":
    """Return what must see the body of *request*: what checks it piece by piece, if it is signed so, else nothing.

    Args:
        request: its head; the other arguments as verify.
        release: is given the body itself, each piece once the signature over it was verified.

    Raises:
        Rejected: as verify, if the head is not signed as *policy* demands; nothing of the body counts then.
    """
    words = request.values(row.content_sha256) if row.streams else []
    if not words or not words[0].strip(" \t").startswith("STREAMING-"):
        return {}
    claim = read_claim(request, row)
    try:
        key, _, _, body, _, _ = _judge_head(request, claim, keys, policy, at, row, choose)
        check_binding(policy.bindings, request, claim.access_key_id, claim.signed, at)
    except Rejected as rejected:
        rejected.claim = claim
        raise
    assert body is not None
    head = (row.chain.label, claim.stamp, str(claim.scope), claim.signature)
    return {STREAMED: body.watcher(key, head, (claim.at, at, policy.skew), claim, release)}


def _judge_head(
    request: Request,
    claim: Claim,
    keys: "list[Key]",
    policy: Policy,
    at: datetime,
    row: Derived,
    choose: "Choose",
) -> "tuple[MacKey | Pair, str, bool, Receiving | None, datetime, list[str]]":
    """Return the key, the signed payload hash, whether it covers the body, how the body comes if it comes piece by
    piece, until when the request is accepted, and which headers are not signed."""
    # (6) clock; (7) the day, region and service of the scope
    replayable_until = _check_clock(claim, policy, at)
    _check_scope(claim, policy)
    # (8) key
    key, token = choose(keys, claim)
    # (9) the list of signed headers; (10) what must be signed; (11) token; (12) path
    unsigned = _check_signed_list(request, claim)
    _check_must_sign(claim, policy, unsigned, row)
    check_authority(request, policy.authorities)
    _check_token(claim, token, unsigned, row)
    if token is not None:
        end = session_end(keys, claim.access_key_id, token)
        replayable_until = check_session(end, replayable_until, at)
    rules = rules_for(row, claim.scope.part("service"), policy.normalize_path, policy.double_encode)
    path = request.parts[0]
    if (rules.normalize_path or rules.path is not SWITCHED) and not is_normal_path(path, rules):
        raise Rejected("path-not-normalised", f"{path[:128]!r}")
    if rules.query is FORM:
        _refuse_left_out(request, rules)
    # (13) declared payload; (14) MAC
    payload, covers_body = _declared_payload(request, claim, policy, row)
    body = _receive(request, payload, claim, policy, row) if payload.startswith("STREAMING-") else None
    if body is not None:
        covers_body = body.covers_body
    text = _to_sign(request, claim, payload, rules, row, policy.bucket)[1]
    if not key.agrees(text.encode("ascii"), claim.signature):
        raise Rejected("signature-mismatch")
    return key, payload, covers_body, body, replayable_until, unsigned


def _to_sign(
    request: Request, claim: Claim, payload: str, rules: "Rules", row: Derived, bucket: "str | None"
) -> "tuple[str, str]":
    """Return the canonical request and the string to sign."""
    stem, line = "", payload
    if row.special:
        stem, line = bucket_stem(request.host, row, bucket), payload_line(payload, row)
    canonical = canonical_request(claim.request, claim.signed, line, rules, request.grouped, claim.listed, stem)
    return canonical, string_to_sign(row.chain.label, claim.stamp, str(claim.scope), canonical)


def rebuild(
    request: Request,
    row: Derived,
    normalize_path: "bool | None" = None,
    double_encode: "bool | None" = None,
    bucket: "str | None" = None,
) -> "dict[str, str]":
    """Return the stages of a signed request as a verifier rebuilds them, and the signature that it carries.

    Raises:
        Rejected: the reasons of read_claim; target-syntax; signed-headers, signed-header-missing; body-unavailable
            where the body is not known and nothing stands for its hash.
    """
    claim = read_claim(check_request(request), row)
    _check_signed_list(request, claim)
    rules = rules_for(row, claim.scope.part("service"), normalize_path, double_encode)
    canonical, text = _to_sign(request, claim, _signed_payload(request, claim, row), rules, row, bucket)
    return {"canonical-request": canonical, "string-to-sign": text, "signature": claim.signature}


def _refuse_left_out(request: Request, rules: "Rules") -> None:
    """Raise for a parameter that the scheme leaves out of what is signed."""
    kept = split_pairs(request.parts[1], rules)
    for pair in request.parts[1].split("&"):
        if pair and pair not in kept:
            raise Rejected("parameter-not-signed", f"{pair[:64]!r}")


def _receive(request: Request, word: str, claim: Claim, policy: Policy, row: Derived) -> "Receiving":
    from authkit.schemes.streaming import receive

    return receive(request, word, row.chain.label, claim.in_query, policy.allow_unsigned_payload)


def _finish(request: Request, policy: Policy) -> bool:
    from authkit.schemes.streaming import finish

    return finish(request, policy.body_unchecked)


def _check_clock(claim: Claim, policy: Policy, at: datetime) -> datetime:
    """Return the last second at which the request is accepted; every bound is inclusive (A3)."""
    if claim.at - at > policy.skew:
        raise Rejected("not-yet-valid", f"it is dated {claim.stamp} and now is {format_compact(at)}")
    if claim.expires is not None and claim.expires > policy.max_expires:
        raise Rejected("expires-range", f"{claim.expires} is over the {policy.max_expires} seconds allowed")
    until = later(claim.at, policy.max_skew if claim.expires is None else claim.expires)
    if at > until:
        raise Rejected("expired", f"it was good until {format_compact(until)} and now is {format_compact(at)}")
    return until


def _check_scope(claim: Claim, policy: Policy) -> None:
    # the first is quicker where it holds; without the T, seconds since 1970 could begin like another day
    if claim.scope.values[0] + "T" != claim.stamp[:9] and claim.scope.day != claim.at.date():
        raise Rejected("scope-date-mismatch", f"{claim.scope.values[0]} and {claim.stamp}")
    for name, wanted in (("region", policy.region), ("service", policy.service)):
        if wanted is not None:
            found = claim.scope.part(name)
            if found is not None and found != wanted:
                raise Rejected(f"scope-{name}", f"{found!r} instead of {wanted!r}")


def _check_signed_list(request: Request, claim: Claim) -> "list[str]":
    """Return the names of the headers that are present and not signed, lower case, sorted."""
    signed, present = claim.signed, request.grouped
    if not claim.in_order:
        raise Rejected("signed-headers", f"{';'.join(signed)[:128]!r}")
    rest = present.keys() - signed
    if len(rest) + len(signed) != len(present):
        missing = next(name for name in signed if name not in present)
        raise Rejected("signed-header-missing", missing[:64])
    return sorted(rest)


def _check_must_sign(claim: Claim, policy: Policy, unsigned: "list[str]", row: Derived) -> None:
    if "host" not in claim.signed and not (
        row.host_optional and "host" in unsigned and "host" in policy.allow_unsigned
    ):
        raise Rejected("host-not-signed", hint="--allow-unsigned host accepts it" if row.host_optional else None)
    for name in unsigned:
        if name in policy.allow_unsigned:
            continue
        if name == row.date and not claim.in_query:
            if row.date_listed:
                raise Rejected("date-not-signed")
            continue
        if name == "content-type":
            hint = None if name in row.required else "--allow-unsigned content-type accepts it"
            raise Rejected("content-type-unsigned", hint=hint)
        if name.startswith(row.guarded) and name != row.security_token:
            raise Rejected("unsigned-x-amz-header", name[:64])
    for name in (*row.required, *policy.required) if row.required else policy.required:
        if name not in claim.signed:
            raise Rejected("required-component", name[:64])


def check_authority(request: Request, authorities: "tuple[str, ...]") -> None:
    """Raise unless the request's Host, and the host of its target if that has one, is the one it was signed for.

    Args:
        request: with exactly one Host.
        authorities: what Host may be, lower case; () leaves it uncompared.

    Raises:
        Rejected: authority-mismatch.
    """
    host = request.grouped["host"][0].strip(" \t").lower()
    if authorities and host not in authorities:
        raise Rejected("authority-mismatch", f"{host[:128]!r}")
    if not request.target.startswith("/") and request.target != "*":
        # a server goes by the target's host and not by Host, which is all that is signed (RFC 9112 §3.2.2)
        scheme, authority, _ = target.split_url(request.target)
        if host not in (authority, f"{authority}:{target.DEFAULT_PORTS[scheme]}"):
            raise Rejected("authority-mismatch", f"{authority[:128]!r} in the target and {host[:128]!r} in Host")


def _check_token(claim: Claim, token: "Secret | None", unsigned: "list[str]", row: Derived) -> None:
    if row.security_token in unsigned:
        raise Rejected("token-not-signed")
    if token is None:
        if claim.token is not None:
            raise Rejected("token-unexpected")
    elif claim.token is None:
        raise Rejected("token-missing")
    elif not compare_digest(token.reveal(), claim.token.encode("latin-1")):
        raise Rejected("token-mismatch")


def _signed_payload(request: Request, claim: Claim, row: Derived) -> str:
    """Return what a request declares as its payload hash, else what stands for it.

    Raises:
        Rejected: body-unavailable.
    """
    values = request.values(row.content_sha256)
    word = values[0].strip(" \t") if values else claim.payload
    if word is not None:
        return word
    if row.implies(claim.scope.part("service"), claim.in_query) == "unsigned":
        return row.unsigned
    if request.payload_hash is None:
        raise Rejected("body-unavailable", "and the request does not declare its hash")
    return request.payload_hash


def _declared_payload(request: Request, claim: Claim, policy: Policy, row: Derived) -> "tuple[str, bool]":
    """Return the payload hash that was signed, and whether it covers the body."""
    values = request.grouped.get(row.content_sha256)
    word = values[0].strip(" \t") if values else _signed_payload(request, claim, row)
    if word == request.payload_hash:
        return word, True
    if word and word == row.unsigned:
        # what is never covered, as in a presigned URL of S3, need not be where there is no body
        empty = (claim.in_query or row.payload == "unsigned") and request.content_length == 0
        if not policy.allow_unsigned_payload and not empty:
            raise Rejected("unsigned-payload", hint="--allow-unsigned-payload accepts it")
        return word, False
    if word.startswith("STREAMING-") and row.streams:
        return word, True
    if len(word) != 64 or not _HEX.issuperset(word):
        raise Rejected("payload-hash-format", f"{word[:64]!r}")
    return word, True


def _verdict(
    request: Request,
    claim: Claim,
    covers_body: bool,
    replayable_until: datetime,
    unsigned: "list[str]",
    warnings: "tuple[str, ...]",
    trailers: "tuple[str, ...]" = (),
    row: Derived = AWS4,
) -> Verified:
    uncovered = [name for name in unsigned if name != "authorization"]
    if not row.date_listed and row.date in uncovered:
        uncovered.remove(row.date)  # the string to sign holds its text
    if not covers_body and request.content_length != 0:
        uncovered += ["body", *trailers]
    return Verified(
        row.name,
        claim.access_key_id,
        str(claim.scope),
        claim.at,
        replayable_until,
        ("method", "path", "query", *claim.signed, "body", *trailers)
        if covers_body
        else ("method", "path", "query", *claim.signed),
        tuple(uncovered),
        warnings,
        {"nonce": ",".join(request.values(row.nonce)) or None} if row.nonce else None,
    )


def _warnings(request: Request, policy: Policy) -> "tuple[str, ...]":
    path = request.parts[0]
    found = [] if policy.authorities else ["authority-not-compared"]
    if len(set(request.names)) != len(request.names):
        found.append("duplicate-query")
    if len(request.grouped) != len(request.headers):
        found.append("duplicate-header")
    if "%" in path and any([byte < 0x20 or byte == 0x7F for byte in target.decode(path)]):
        found.append("control")
    if "date" in request.grouped:
        found.append("date")
    return tuple(found)
