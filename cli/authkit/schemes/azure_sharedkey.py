"""Azure Storage's Shared Key for blobs, queues and files: the signature that goes with a request."""

from datetime import datetime
from hashlib import md5
from hmac import compare_digest

from authkit import base64
from authkit.errors import InputError, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.select import Key, secret_checking, secret_for
from authkit.messages import dates, fields, target
from authkit.messages.request import Request, check_request
from authkit.schemes import demands, listed
from authkit.schemes.base import Claimed, Scheme, Signed, SignJob, Verified, Verifier
from authkit.schemes.options import ALLOW_UNSIGNED_PAYLOAD, AUTHORITY, MAX_SKEW, REQUIRE, SCHEME_OVERRIDE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.messages.payload import Watcher

LABEL = "SharedKey"
PREFIX = "x-ms-"
VERSION = "2021-12-02"
# the lines of the string to sign between the method and the x-ms-* headers, in order
LINES = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)
# characters of a header's name in the order of the service's collation, in which '-' and "'" count last of all
_ORDER = {letter: place for place, letter in enumerate("!#$%&*.^_`|~+0123456789abcdefghijklmnopqrstuvwxyz")}
_LATE = {"'": 1, "-": 2}
_TEXT = "the secret was given as text; an account key of Azure is base64, and is given as secret_b64"
_LEFT_OUT = "the signature does not cover the body; --content-md5 covers it"

_CONTENT_MD5 = ("--content-md5", "flag", "", "send the body's MD5 as Content-MD5, which is signed", False)
SIGN_OPTIONS = (_CONTENT_MD5, SCHEME_OVERRIDE)
VERIFY_OPTIONS = (AUTHORITY, MAX_SKEW, REQUIRE, ALLOW_UNSIGNED_PAYLOAD, SCHEME_OVERRIDE)


def collation(name: str) -> "tuple[list[int], list[int]]":
    """Return what sorts the name of an x-ms-* header, lower case, as the service sorts it.

    Source:
        azure-storage-blob 12, _shared/authentication.py, which emulates the service. The manual says only
        "lexicographically"; by bytes, '-' would come before every letter and '_' behind every digit. Deviations: none.
    """
    first = [_ORDER[letter] for letter in name if letter not in _LATE]
    return first, [_LATE.get(letter, 0) for letter in name]


def canonical_headers(request: Request) -> str:
    """Return the x-ms-* headers, one line each, each line ended.

    Source:
        Azure Storage, "Authorize with Shared Key", "Constructing the canonicalized headers string". Deviations: order,
        see `collation`.
    """
    names = sorted([name for name in request.grouped if name.startswith(PREFIX)], key=collation)
    return "".join([f"{name}:{fields.trim(request.grouped[name][0])}\n" for name in names])


def canonical_resource(request: Request, account: str) -> str:
    """Return the canonicalized resource: one character a byte.

    Raises:
        Rejected: target-syntax.

    Source:
        the same, "Constructing the canonicalized resource string", version 2009-09-19 and later. Deviations: a '+' in
        the query is refused, since some read it as a space; so are a line feed in a parameter and a ':' in its name,
        which could pass for another parameter.
    """
    path, query = request.parts
    listed.refuse_plus(query)
    found: "dict[str, list[str]]" = {}
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            name = target.decode(name).decode("latin-1").lower()
            if ":" in name:
                raise Rejected("target-syntax", "a ':' in the name of a parameter of the query")
            found.setdefault(name, []).append(target.decode(value).decode("latin-1"))
    text = "".join([f"\n{name}:{','.join(sorted(found[name]))}" for name in sorted(found)])
    if text.count("\n") != len(found):
        raise Rejected("target-syntax", "a line feed in a parameter of the query")
    return f"/{account}{path or '/'}{text}"


def string_to_sign(request: Request, account: str) -> str:
    """Return the string to sign: one character a byte.

    Raises:
        Rejected: target-syntax, duplicate-header.

    Source:
        the same, "Constructing the signature string", version 2015-02-21 and later: a length of 0 is empty, and so is
        Date where there is x-ms-date. Deviations: none.
    """
    values = {name: demands.single(request, name) or "" for name in LINES}
    values["content-length"] = _length(request)
    if f"{PREFIX}date" in request.grouped:
        values["date"] = ""
    for name in request.grouped:
        if name.startswith(PREFIX):
            demands.single(request, name)
    lines = "".join([f"{values[name]}\n" for name in LINES])
    return f"{request.method}\n{lines}{canonical_headers(request)}{canonical_resource(request, account)}"


def _length(request: Request) -> str:
    """Return the length of the body as it is signed: what the header says, else what the sender will say."""
    said = demands.single(request, "content-length")
    if said is None:
        if request.content_length is None or "transfer-encoding" in request.grouped:
            return ""
        said = str(request.content_length)
    elif request.content_length is not None and said != str(request.content_length):
        raise Rejected("body-length", f"Content-Length says {said[:32]} and the body is {request.content_length} long")
    return "" if said == "0" else said


def watch(options: "Any") -> "dict[str, Watcher]":
    """Return what must see the body."""
    return {"md5": md5(usedforsecurity=False)} if options.content_md5 else {}


def sign(job: SignJob) -> Signed:
    """Sign a request.

    Returns:
        the request with its signature, and the stages "string-to-sign", "signature".

    Raises:
        Refused: if the request is signed already, or the key is not one for this scheme.
        InputError: if it has no Host, or a header that is signed stands twice.
        UsageError: if it has another date or Content-MD5.
        Rejected: target-syntax, body-length.

    Source:
        Azure Storage, "Authorize with Shared Key". Deviations: x-ms-version is added where it is missing, since every
        request must have one. Vectors: tests/vectors/test_vendor_schemes.py.
    """
    key = demands.without_session(secret_for(job.keys, LABEL, job.options.scheme_override), "azure-sharedkey")
    request = job.request
    demands.refuse_signed(request, "authorization")
    for name, values in request.grouped.items():
        if len(values) > 1 and (name in LINES or name.startswith(PREFIX)):
            raise InputError(f"the request has the header {name[:64]} twice", "leave one of them")
    added: "tuple[tuple[str, str], ...]" = ()
    if "date" not in request.grouped or f"{PREFIX}date" in request.grouped:
        added += demands.own_header(request, "x-ms-date", dates.format_http_date(job.at))
    else:
        demands.own_header(request, "Date", dates.format_http_date(job.at))
    if f"{PREFIX}version" not in request.grouped:
        added += (("x-ms-version", VERSION),)
    if job.options.content_md5:
        added += demands.own_header(request, "Content-MD5", _md5(request))
    ready = request.with_headers(request.headers + added)
    text = string_to_sign(ready, key.access_key_id)
    signature = base64.encode(key.secret.mac_key(b"").mac(text.encode("latin-1")))
    added += (("Authorization", f"{LABEL} {key.access_key_id}:{signature}"),)
    bare = request.content_length != 0 and "content-md5" not in ready.grouped
    ready = request.with_headers(request.headers + added)
    stages = {"string-to-sign": text, "signature": signature}
    warnings = ((_LEFT_OUT,) if bare else ()) + (() if key.raw else (_TEXT,))
    return Signed("azure-sharedkey", key.access_key_id, "", ready, added, stages, warnings)


def _md5(request: Request) -> str:
    """Return the MD5 of the body: base64, 24.

    Raises:
        UsageError: if nothing but the hash of the body was seen.
    """
    if request.content_length == 0:
        return base64.encode(md5(usedforsecurity=False).digest())
    seen = request.watched.get("md5")
    if seen is None:
        raise UsageError("--content-md5: the body was not seen", "give it with --body")
    found: bytes = seen.digest()  # type: ignore[attr-defined]  # watch() made it
    return base64.encode(found)


class _Claim:
    __slots__ = ("account", "signature", "at")

    def __init__(self, account: str, signature: bytes, at: datetime) -> None:
        self.account = account
        self.signature = signature
        self.at = at


def _read(request: Request) -> _Claim:
    """Read the signature of *request*."""
    check_request(request)
    account, mark, text = demands.authorization(request, LABEL).partition(":")
    if not mark or not account or "/" in account:
        raise Rejected("authorization-syntax", "it is not SharedKey ACCOUNT:SIGNATURE")
    signature = base64.decode(text)
    if signature is None or len(signature) != 32:
        raise Rejected("signature-format", "it is not the base64 of 32 bytes")
    stamp = demands.single(request, f"{PREFIX}date")
    if stamp is None:
        stamp = demands.single(request, "date")
    if stamp is None:
        raise Rejected("date-missing")
    at = dates.parse_http_date(stamp)
    if at is None:
        raise Rejected("date-format", f"{stamp[:32]!r}")
    return _Claim(account, signature, at)


def verifier(keys: "list[Key]", options: "Any") -> Verifier:
    """Return the verifier that these keys and options make."""
    wanted = demands.demands_of(options)
    return Verifier(lambda request, now: verify(request, keys, wanted, now), _watch)


def _watch(request: Request, now: datetime) -> "dict[str, Watcher]":
    return {"md5": md5(usedforsecurity=False)} if "content-md5" in request.grouped else {}


def verify(request: Request, keys: "list[Key]", wanted: demands.Demands, now: datetime) -> Verified:
    """Decide whether *request* was signed by one of *keys* as is demanded.

    Raises:
        Rejected: with the reason of the first check that fails.

    Source:
        Azure Storage, "Authorize with Shared Key". Deviations: a body without Content-MD5 is refused unless that is
        allowed, and one with it is hashed and compared.
    """
    claim = _read(request)
    try:
        until = demands.check_time(claim.at, now, wanted.max_skew)
        key = secret_checking(keys, claim.account, LABEL, wanted.scheme_override)
        covered = [name for name in request.grouped if name.startswith(PREFIX) or _is_line(request, name)]
        demands.check_required(wanted.required, covered)
        warnings = (*demands.check_host(request, wanted.authorities), "host-not-covered")
        return _prove(request, claim, key, wanted, until, sorted(covered), warnings)
    except Rejected as rejected:
        rejected.claim = Claimed(claim.account, "", claim.at)
        raise


def _is_line(request: Request, name: str) -> bool:
    return name in LINES and (name != "date" or f"{PREFIX}date" not in request.grouped)


def _prove(
    request: Request,
    claim: _Claim,
    key: AccessKey,
    wanted: demands.Demands,
    until: datetime,
    covered: "list[str]",
    warnings: "tuple[str, ...]",
) -> Verified:
    declared = demands.single(request, "content-md5")
    if declared is None and request.content_length != 0 and not wanted.allow_unsigned_payload:
        raise Rejected("unsigned-payload", hint="--allow-unsigned-payload accepts it")
    text = string_to_sign(request, claim.account)
    if not compare_digest(key.secret.mac_key(b"").mac(text.encode("latin-1")), claim.signature):
        raise Rejected("signature-mismatch")
    body = "body"
    if declared is not None:
        body = "" if _check_md5(request, declared, wanted.body_unchecked) else "body"
        warnings += ("md5",)
    return demands.verified("azure-sharedkey", claim.account, request, claim.at, until, covered, body, warnings)


def _check_md5(request: Request, declared: str, unchecked: bool) -> bool:
    """Compare the body with the MD5 that was signed; say whether it is covered."""
    if request.content_length is None:
        if not unchecked:
            raise Rejected("body-unavailable", hint="--body-unchecked accepts it")
        return False
    if _md5(request) != declared:
        raise Rejected("payload-mismatch")
    return True


def stages(request: Request, options: "Any") -> "dict[str, str]":
    """Return the stages as rebuilt from the signed request alone.

    Raises:
        Rejected: if its signature cannot be read.
    """
    claim = _read(request)
    return {
        "string-to-sign": string_to_sign(request, claim.account),
        "signature": base64.encode(claim.signature),
    }


SCHEME = Scheme("azure-sharedkey", LABEL, (SIGN_OPTIONS, VERIFY_OPTIONS, ()), sign, verifier, stages, watch)
