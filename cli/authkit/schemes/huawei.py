"""Huawei Cloud's SDK-HMAC-SHA256: the signature that goes with a request."""

from datetime import datetime
from hashlib import sha256

from authkit.clock import format_compact, parse_compact
from authkit.errors import InputError, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.select import Key, check_session, secret_checking, secret_for
from authkit.messages import target
from authkit.messages.payload import EMPTY_HASH
from authkit.messages.request import Request, check_request
from authkit.schemes import demands, listed
from authkit.schemes.base import Claimed, Scheme, Signed, SignJob, Verified, Verifier
from authkit.schemes.options import (
    ALLOW_UNSIGNED,
    ALLOW_UNSIGNED_PAYLOAD,
    AUTHORITY,
    MAX_SKEW,
    REQUIRE,
    SCHEME_OVERRIDE,
)
from authkit.secret import MacKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LABEL = "SDK-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
PREFIX = "x-sdk-"
_DATE, _TOKEN, _HASH = "x-sdk-date", "x-security-token", "x-sdk-content-sha256"
# headers that say for whom or with what the request is made
_SELECTING = ("content-type", "x-project-id", "x-domain-id", "x-enterprise-project-id")
_HEX = "0123456789abcdef"

PAYLOAD = ("--payload", "choice:hash|unsigned", "HOW", "sign the body's hash, or leave the body unsigned [hash]", None)
SIGN_HEADER = ("--sign-header", "many", "NAME", "sign this header although it would be left out; repeatable", ())
SIGN_OPTIONS = (PAYLOAD, SIGN_HEADER, SCHEME_OVERRIDE)
VERIFY_OPTIONS = (AUTHORITY, MAX_SKEW, REQUIRE, ALLOW_UNSIGNED, ALLOW_UNSIGNED_PAYLOAD, SCHEME_OVERRIDE)


class Way:
    """What SDK-HMAC-SHA256 and V11-HMAC-SHA256 do each its own way.

    Attributes:
        name, label: of the scheme.
        field: name of the Authorization header's field that says whose key it is.
        lines: (scope) -> what stands between the date and the hash in the string to sign.
        key: (access key, scope) -> what signs.
    """

    __slots__ = ("name", "label", "field", "lines", "key")

    def __init__(
        self,
        name: str,
        label: str,
        field: str,
        lines: "Callable[[str], str]",
        key: "Callable[[AccessKey, str], MacKey]",
    ) -> None:
        self.name = name
        self.label = label
        self.field = field
        self.lines = lines
        self.key = key


PLAIN = Way("huawei", LABEL, "Access", lambda scope: "", lambda key, scope: key.secret.mac_key(b""))


class Read:
    """What a request claims; nothing of it is verified.

    Attributes:
        owner: the text of the field that says whose key it is.
        signed: header names as listed.
        signature: lower-case hex, 64.
        stamp, at: the request's own instant, as written and as a value.
        payload: what stands for the body in the canonical request: lower-case hex, 64, or UNSIGNED-PAYLOAD; None for
            the body's own hash.
    """

    __slots__ = ("owner", "signed", "signature", "stamp", "at", "payload")

    def __init__(
        self, owner: str, signed: "list[str]", signature: str, stamp: str, at: datetime, payload: "str | None"
    ) -> None:
        self.owner = owner
        self.signed = signed
        self.signature = signature
        self.stamp = stamp
        self.at = at
        self.payload = payload


def canonical_request(request: Request, signed: "list[str]", payload: str) -> str:
    """Return the canonical request: one character a byte.

    Args:
        signed: header names, lower case, sorted, each present once.
        payload: lower-case hex, 64, or UNSIGNED-PAYLOAD.

    Raises:
        Rejected: target-syntax.

    Source:
        Huawei Cloud, "API Request Signing Guide", "Constructing a canonical request". Deviations: a '+' in the query is
        refused; an encoded slash in the path stays encoded.
    """
    path, query = request.parts
    uri = target.canonical_path(path, normalize=False, double=False)
    return (
        f"{request.method}\n"
        f"{uri if uri.endswith('/') else uri + '/'}\n"
        f"{listed.canonical_query(query)}\n"
        f"{listed.canonical_headers(request.grouped, signed)}\n"
        f"{';'.join(signed)}\n"
        f"{payload}"
    )


def string_to_sign(way: Way, stamp: str, scope: str, canonical: str) -> str:
    """Return the string to sign.

    Source:
        the same, "Creating a to-be-signed string". Deviations: none.
    """
    return f"{way.label}\n{stamp}\n{way.lines(scope)}{sha256(canonical.encode('latin-1')).hexdigest()}"


def sign_with(way: Way, job: SignJob, scope: str) -> Signed:
    """Sign a request one way or the other.

    Args:
        scope: of the derived key; "" where the secret itself signs.

    Raises:
        Refused, InputError, UsageError, Rejected: as `sign`.
    """
    key = secret_for(job.keys, way.label, job.options.scheme_override)
    request, stamp = job.request, format_compact(job.at)
    demands.refuse_signed(request, "authorization", _TOKEN)
    payload, added = _payload(request, job.options.payload)
    added = demands.own_header(request, "X-Sdk-Date", stamp) + added
    bearer: "tuple[str, ...]" = ()
    if key.session_token is not None:
        bearer = (key.session_token.reveal().decode("ascii"),)
        added += (("X-Security-Token", bearer[0]),)
    ready = request.with_headers(request.headers + added)
    signed = listed.check_signing(ready, _to_sign(ready, job.options.sign_header))
    canonical = canonical_request(ready, signed, payload)
    text = string_to_sign(way, stamp, scope, canonical)
    signature = way.key(key, scope).mac(text.encode("ascii")).hex()
    owner = f"{key.access_key_id}/{scope}" if scope else key.access_key_id
    value = f"{way.label} {way.field}={owner}, SignedHeaders={';'.join(signed)}, Signature={signature}"
    added += (("Authorization", value),)
    stages = {"canonical-request": canonical, "string-to-sign": text, "signature": signature}
    ready = request.with_headers(request.headers + added)
    return Signed(way.name, key.access_key_id, scope, ready, added, stages, bearer=bearer)


def _payload(request: Request, choice: "str | None") -> "tuple[str, tuple[tuple[str, str], ...]]":
    """Return what stands for the body, and the header that says so."""
    if choice != "unsigned":
        payload_hash, length = demands.known_body(request)
        declared = [value.strip(" \t") for value in request.values(_HASH)]
        if length and declared not in ([], [payload_hash]):
            raise UsageError(
                f"the request declares the payload hash {declared[0][:64]}, and its body has {payload_hash}",
                "remove the header, or add --payload unsigned",
            )
        return payload_hash, ()
    if request.content_length == 0:
        # the vendor's own signer takes the hash of nothing then, whatever the header says
        return EMPTY_HASH, ()
    return UNSIGNED, demands.own_header(request, "X-Sdk-Content-Sha256", UNSIGNED)


def _to_sign(request: Request, more: "tuple[str, ...]") -> "list[str]":
    names = {name for name in request.grouped if _must_sign(name)}
    for name in more:
        if name.lower() not in request.grouped:
            raise UsageError(f"--sign-header {name[:64]}: the request has no such header to sign")
        if "_" in name:
            raise InputError(f"--sign-header {name[:64]}: the scheme signs no header with '_' in its name")
        names.add(name.lower())
    return list(names)


def _must_sign(name: str) -> bool:
    return name in ("host", _TOKEN, *_SELECTING) or name.startswith(PREFIX)


def sign(job: SignJob) -> Signed:
    """Sign a request.

    Returns:
        the request with its signature, and the stages "canonical-request", "string-to-sign", "signature".

    Raises:
        Refused: if the request is signed already, or the key is not one for this scheme.
        InputError: if it has no Host, or its body is not known.
        UsageError: if it has another date or payload hash, or --sign-header names what is not there.
        Rejected: target-syntax.

    Source:
        Huawei Cloud, "API Request Signing Guide". Deviations: signed are Host, Content-Type, the headers that select a
        project or domain, X-Security-Token and X-Sdk-*; the vendor's own signer signs every header it is given.
        Vectors: tests/vectors/test_vendor_schemes.py.
    """
    return sign_with(PLAIN, job, "")


def read(request: Request, way: Way) -> Read:
    """Read the signature of *request*.

    Raises:
        Rejected: if it has none, or one that cannot be read.
    """
    check_request(request)
    found = listed.read_fields(demands.authorization(request, way.label), way.field)
    stamp = demands.single(request, _DATE)
    if stamp is None:
        raise Rejected("date-missing")
    at = parse_compact(stamp)
    if at is None:
        raise Rejected("date-format", f"{stamp[:32]!r}")
    payload = demands.single(request, _HASH)
    if request.content_length == 0:
        payload = EMPTY_HASH
    elif payload is not None and payload != UNSIGNED and (len(payload) != 64 or payload.strip(_HEX)):
        raise Rejected("payload-hash-format", f"{payload[:64]!r}")
    return Read(found[way.field], found["SignedHeaders"].split(";"), found["Signature"], stamp, at, payload)


def judge(
    request: Request,
    claim: Read,
    claimed: Claimed,
    keys: "list[Key]",
    wanted: demands.Demands,
    now: datetime,
    way: Way,
) -> Verified:
    """Decide whether *request* was signed by one of *keys* as is demanded.

    Args:
        claim: what was read of it.
        claimed: whose key and which scope that names.

    Raises:
        Rejected: with the reason of the first check that fails; *claimed* goes with it.
    """
    try:
        until = demands.check_time(claim.at, now, wanted.max_skew)
        key = secret_checking(keys, claimed.access_key_id, way.label, wanted.scheme_override)
        until = check_session(key.expires_at, until, now)
        unsigned = listed.check_list(request, claim.signed)
        listed.check_must_sign(unsigned, claim.signed, wanted, PREFIX, date=_DATE, session=_TOKEN)
        for name in _SELECTING:
            if name in unsigned and name not in wanted.allow_unsigned:
                raise Rejected("unsigned-x-amz-header", name)
        warnings = demands.check_host(request, wanted.authorities) + _slash(request)
        demands.check_token(key.session_token, demands.single(request, _TOKEN))
        return _prove(request, claim, claimed, key, wanted, until, way, warnings)
    except Rejected as rejected:
        rejected.claim = claimed
        raise


def _prove(
    request: Request,
    claim: Read,
    claimed: Claimed,
    key: AccessKey,
    wanted: demands.Demands,
    until: datetime,
    way: Way,
    warnings: "tuple[str, ...]",
) -> Verified:
    if claim.payload == UNSIGNED and not wanted.allow_unsigned_payload:
        raise Rejected("unsigned-payload", hint="--allow-unsigned-payload accepts it")
    payload = claim.payload or request.payload_hash
    if payload is None:
        raise Rejected("body-unavailable", "and the request does not declare its hash")
    canonical = canonical_request(request, claim.signed, payload)
    text = string_to_sign(way, claim.stamp, claimed.scope, canonical)
    if not way.key(key, claimed.scope).agrees(text.encode("ascii"), claim.signature):
        raise Rejected("signature-mismatch")
    covers = payload != UNSIGNED and demands.check_body(request, payload, wanted.body_unchecked)
    return demands.verified(
        way.name,
        claimed.access_key_id,
        request,
        claim.at,
        until,
        claim.signed,
        "" if covers else "body",
        warnings,
        scope=claimed.scope,
    )


def _slash(request: Request) -> "tuple[str, ...]":
    """Return a warning where the same signature is good for the path with, or without, a slash at its end."""
    return () if request.parts[0] in ("", "/") else ("final-slash-not-covered",)


def verifier(keys: "list[Key]", options: "Any") -> Verifier:
    """Return the verifier that these keys and options make."""
    wanted = demands.demands_of(options)
    return Verifier(lambda request, now: verify(request, keys, wanted, now))


def verify(request: Request, keys: "list[Key]", wanted: demands.Demands, now: datetime) -> Verified:
    """Decide whether *request* was signed by one of *keys* as is demanded.

    Raises:
        Rejected: with the reason of the first check that fails.

    Source:
        Huawei Cloud, "API Request Signing Guide". Deviations: what must be signed is authkit's own list, see `sign`.
    """
    claim = read(request, PLAIN)
    return judge(request, claim, Claimed(claim.owner, "", claim.at), keys, wanted, now, PLAIN)


def rebuild(request: Request, claim: Read, scope: str, way: Way) -> "dict[str, str]":
    """Return the stages as rebuilt from the signed request alone.

    Raises:
        Rejected: if its signature cannot be read, or its body is not known and not declared.
    """
    listed.check_list(request, claim.signed)
    payload = claim.payload or request.payload_hash
    if payload is None:
        raise Rejected("body-unavailable", "and the request does not declare its hash")
    canonical = canonical_request(request, claim.signed, payload)
    text = string_to_sign(way, claim.stamp, scope, canonical)
    return {"canonical-request": canonical, "string-to-sign": text, "signature": claim.signature}


def stages(request: Request, options: "Any") -> "dict[str, str]":
    """Return the stages as rebuilt from the signed request alone; see `rebuild`."""
    return rebuild(request, read(request, PLAIN), "", PLAIN)


SCHEME = Scheme("huawei", LABEL, (SIGN_OPTIONS, VERIFY_OPTIONS, ()), sign, verifier, stages)
