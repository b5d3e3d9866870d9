"""Alibaba Cloud's signature version 3, ACS3-HMAC-SHA256: the signature that goes with a request."""

from datetime import datetime
from hashlib import sha256

from authkit.clock import format_instant, parse_stamp
from authkit.errors import Rejected
from authkit.keys.select import Key, check_session, secret_checking, secret_for
from authkit.messages import target
from authkit.messages.request import Request, check_request
from authkit.schemes import demands, listed
from authkit.schemes.base import Claimed, Scheme, Signed, SignJob, Verified, Verifier
from authkit.schemes.options import ALLOW_UNSIGNED, AUTHORITY, MAX_SKEW, REQUIRE, SCHEME_OVERRIDE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LABEL = "ACS3-HMAC-SHA256"
PREFIX = "x-acs-"
_DATE, _NONCE, _TOKEN, _HASH = "x-acs-date", "x-acs-signature-nonce", "x-acs-security-token", "x-acs-content-sha256"
# without these Alibaba Cloud does not know what is asked of it
_WANTED = ("x-acs-action", "x-acs-version")
_HEX = "0123456789abcdef"

SIGN_OPTIONS = (SCHEME_OVERRIDE,)
VERIFY_OPTIONS = (AUTHORITY, MAX_SKEW, REQUIRE, ALLOW_UNSIGNED, SCHEME_OVERRIDE)


def canonical_request(request: Request, signed: "list[str]", payload_hash: str) -> str:
    """Return the canonical request: one character a byte.

    Args:
        signed: header names, lower case, sorted, each present once.
        payload_hash: lower-case hex, 64.

    Raises:
        Rejected: target-syntax.

    Source:
        Alibaba Cloud SDK, "V3 request structure and signature", step 1. Deviations: a '+' in the query is refused.
    """
    path, query = request.parts
    return (
        f"{request.method}\n"
        f"{target.canonical_path(path, normalize=False, double=False)}\n"
        f"{listed.canonical_query(query)}\n"
        f"{listed.canonical_headers(request.grouped, signed)}\n"
        f"{';'.join(signed)}\n"
        f"{payload_hash}"
    )


def string_to_sign(canonical: str) -> str:
    """Return the string to sign.

    Source:
        the same, step 2. Deviations: none.
    """
    return f"{LABEL}\n{sha256(canonical.encode('latin-1')).hexdigest()}"


def sign(job: SignJob) -> Signed:
    """Sign a request.

    Returns:
        the request with its signature, and the stages "canonical-request", "string-to-sign", "signature".

    Raises:
        Refused: if the request is signed already, or the key is not one for this scheme.
        InputError: if it has no Host, or its body is not known.
        UsageError: if it has another date or payload hash.
        Rejected: target-syntax.

    Source:
        Alibaba Cloud SDK, "V3 request structure and signature", steps 1–4. Deviations: none.
        Vectors: tests/vectors/test_vendor_schemes.py.
    """
    key = secret_for(job.keys, LABEL, job.options.scheme_override)
    request = job.request
    demands.refuse_signed(request, "authorization", _TOKEN)
    payload_hash, _ = demands.known_body(request)
    added = demands.own_header(request, "x-acs-date", format_instant(job.at))
    if _NONCE not in request.grouped:
        added += ((_NONCE, job.random(16).hex()),)
    added += demands.own_header(request, "x-acs-content-sha256", payload_hash)
    bearer: "tuple[str, ...]" = ()
    if key.session_token is not None:
        bearer = (key.session_token.reveal().decode("ascii"),)
        added += ((_TOKEN, bearer[0]),)
    ready = request.with_headers(request.headers + added)
    names = [name for name in ready.grouped if name in ("host", "content-type") or name.startswith(PREFIX)]
    signed = listed.check_signing(ready, names)
    canonical = canonical_request(ready, signed, payload_hash)
    text = string_to_sign(canonical)
    signature = key.secret.mac_key(b"").mac(text.encode("ascii")).hex()
    value = f"{LABEL} Credential={key.access_key_id},SignedHeaders={';'.join(signed)},Signature={signature}"
    added += (("Authorization", value),)
    stages = {"canonical-request": canonical, "string-to-sign": text, "signature": signature}
    warnings = tuple([f"Alibaba Cloud refuses a request without {one}" for one in _WANTED if one not in ready.grouped])
    ready = request.with_headers(request.headers + added)
    return Signed("acs3", key.access_key_id, "", ready, added, stages, warnings, bearer=bearer)


class _Claim:
    __slots__ = ("access_key_id", "signed", "signature", "at", "payload_hash")

    def __init__(
        self, access_key_id: str, signed: "list[str]", signature: str, at: datetime, payload_hash: str
    ) -> None:
        self.access_key_id = access_key_id
        self.signed = signed
        self.signature = signature
        self.at = at
        self.payload_hash = payload_hash


def _read(request: Request) -> _Claim:
    """Read the signature of *request*."""
    check_request(request)
    found = listed.read_fields(demands.authorization(request, LABEL), "Credential")
    stamp = demands.single(request, _DATE)
    if stamp is None:
        raise Rejected("date-missing")
    at = parse_stamp(stamp)
    if at is None:
        raise Rejected("date-format", f"{stamp[:32]!r}")
    payload_hash = demands.single(request, _HASH)
    if payload_hash is None or len(payload_hash) != 64 or payload_hash.strip(_HEX):
        raise Rejected("payload-hash-format", _HASH)
    return _Claim(found["Credential"], found["SignedHeaders"].split(";"), found["Signature"], at, payload_hash)


def verifier(keys: "list[Key]", options: "Any") -> Verifier:
    """Return the verifier that these keys and options make."""
    wanted = demands.demands_of(options)
    return Verifier(lambda request, now: verify(request, keys, wanted, now))


def verify(request: Request, keys: "list[Key]", wanted: demands.Demands, now: datetime) -> Verified:
    """Decide whether *request* was signed by one of *keys* as is demanded.

    Raises:
        Rejected: with the reason of the first check that fails.

    Source:
        Alibaba Cloud SDK, "V3 request structure and signature": host, Content-Type and every x-acs-* header must be
        signed. Deviations: a nonce is required and not compared with those seen before; that is the caller's.
    """
    claim = _read(request)
    try:
        return _judge(request, claim, keys, wanted, now)
    except Rejected as rejected:
        rejected.claim = Claimed(claim.access_key_id, "", claim.at)
        raise


def _judge(request: Request, claim: _Claim, keys: "list[Key]", wanted: demands.Demands, now: datetime) -> Verified:
    until = demands.check_time(claim.at, now, wanted.max_skew)
    key = secret_checking(keys, claim.access_key_id, LABEL, wanted.scheme_override)
    until = check_session(key.expires_at, until, now)
    unsigned = listed.check_list(request, claim.signed)
    listed.check_must_sign(unsigned, claim.signed, wanted, PREFIX, date=_DATE, session=_TOKEN)
    warnings = demands.check_host(request, wanted.authorities)
    demands.check_token(key.session_token, demands.single(request, _TOKEN))
    nonce = demands.single(request, _NONCE)
    if not nonce:
        raise Rejected("nonce-missing", _NONCE)
    text = string_to_sign(canonical_request(request, claim.signed, claim.payload_hash))
    if not key.secret.mac_key(b"").agrees(text.encode("ascii"), claim.signature):
        raise Rejected("signature-mismatch")
    covers = demands.check_body(request, claim.payload_hash, wanted.body_unchecked)
    return demands.verified(
        "acs3",
        claim.access_key_id,
        request,
        claim.at,
        until,
        claim.signed,
        "" if covers else "body",
        warnings,
        more={"nonce": nonce},
    )


def stages(request: Request, options: "Any") -> "dict[str, str]":
    """Return the stages as rebuilt from the signed request alone.

    Raises:
        Rejected: if its signature cannot be read.
    """
    claim = _read(request)
    listed.check_list(request, claim.signed)
    canonical = canonical_request(request, claim.signed, claim.payload_hash)
    return {
        "canonical-request": canonical,
        "string-to-sign": string_to_sign(canonical),
        "signature": claim.signature,
    }


SCHEME = Scheme("acs3", LABEL, (SIGN_OPTIONS, VERIFY_OPTIONS, ()), sign, verifier, stages)
