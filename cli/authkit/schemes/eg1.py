"""Akamai's EdgeGrid, EG1-HMAC-SHA256: the signature that goes with a request."""

from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from authkit import base64
from authkit.clock import UTC, parse_compact
from authkit.errors import InputError, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.select import Key, secret_checking, secret_for
from authkit.messages import fields, target
from authkit.messages.request import Request, check_request
from authkit.schemes import demands
from authkit.schemes.base import Claimed, Scheme, Signed, SignJob, Verified, Verifier
from authkit.schemes.options import ALLOW_UNSIGNED_PAYLOAD, AUTHORITY, MAX_SKEW, REQUIRE, SCHEME_OVERRIDE
from authkit.secret import MacKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.messages.payload import Watcher

LABEL = "EG1-HMAC-SHA256"
MAX_BODY = 131072
_LEFT_OUT = "the signature does not cover the whole body: the scheme signs that of a POST, up to --max-body"
_FIELDS = ("client_token", "access_token", "timestamp", "nonce", "signature")

_SIGN_HEADER = ("--sign-header", "many", "NAME", "a header to sign, in the order the API asks for; repeatable", ())
_SIGNED_HEADER = (
    "--sign-header",
    "many",
    "NAME",
    "a header that is signed, in the order agreed, since the request does not say; repeatable",
    (),
)
_MAX_BODY = ("--max-body", "int", "N", "octets of the body of a POST that are signed [131072]", None)
_TOKEN = ("--access-token", "text", "TOKEN", "Akamai's access token, which goes with the client token", None)
_EXPECT_TOKEN = ("--access-token", "text", "TOKEN", "the access token that the request must name", None)
SIGN_OPTIONS = (_TOKEN, _SIGN_HEADER, _MAX_BODY, SCHEME_OVERRIDE)
INSPECT_OPTIONS = (_SIGNED_HEADER, _MAX_BODY)
VERIFY_OPTIONS = (
    _EXPECT_TOKEN,
    *INSPECT_OPTIONS,
    AUTHORITY,
    MAX_SKEW,
    REQUIRE,
    ALLOW_UNSIGNED_PAYLOAD,
    SCHEME_OVERRIDE,
)


class First:
    """A watcher that hashes the first octets of a body.

    Args:
        limit: how many.
    """

    __slots__ = ("_left", "_state")

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._state = sha256()

    def update(self, data: "bytes | memoryview", /) -> None:
        """Take the next bytes."""
        if self._left:
            piece = data[: self._left]
            self._state.update(piece)
            self._left -= len(piece)

    def digest(self) -> bytes:
        """Return the SHA-256 of the first octets taken: bytes, 32."""
        return self._state.digest()


def signing_key(secret: bytes, timestamp: str) -> MacKey:
    """Return the key of one second.

    Args:
        secret: the client secret; its text, not what it may look like base64 of.
        timestamp: as it stands in the header.

    Returns:
        44 characters of base64: the text is the key.

    Source:
        Akamai, "EdgeGrid authentication", "Signing key". Deviations: none.
    """
    return MacKey(base64.encode(MacKey(secret).mac(timestamp.encode("ascii"))).encode("ascii"))


def content_hash(request: Request, max_body: int) -> str:
    """Return the hash of what is signed of the body: base64, 44; "" where nothing is.

    Args:
        request: whose body was watched by `First(max_body)` as "first", or is no longer than *max_body*.

    Raises:
        InputError: if its body is not known, or is longer and was not watched.

    Source:
        the same, "Content hash": only POST, and only so much. Deviations: none.
    """
    if request.method != "POST" or request.content_length == 0:
        return ""
    payload_hash, length = demands.known_body(request)
    if length <= max_body:
        return base64.encode(bytes.fromhex(payload_hash))
    first = request.watched.get("first")
    if not isinstance(first, First):
        raise InputError(f"the body is over {max_body} octets, and its first octets were not hashed apart")
    return base64.encode(first.digest())


def canonical_headers(grouped: "dict[str, list[str]]", names: "tuple[str, ...]") -> str:
    """Return the headers to sign, those that are there, in the order of *names*.

    Source:
        the same, "Canonicalized request headers": the name in lower case, the value trimmed, white space in it as one
        space, each followed by a tab. Deviations: none in what Akamai's signers do, which put tabs between.
    """
    return "\t".join([f"{name}:{fields.collapse(grouped[name][0])}" for name in names if name in grouped])


def data_to_sign(request: Request, names: "tuple[str, ...]", body: str, unsigned: str) -> str:
    """Return the data to sign: one character a byte.

    Args:
        names: of headers, lower case.
        body: the content hash.
        unsigned: the Authorization header up to its signature, ';' included.

    Source:
        the same, "Data to sign". Deviations: none.
    """
    scheme, relative = request.scheme, request.target
    if not relative.startswith("/"):
        relative = target.strip_origin(relative)
        scheme = request.target.partition("://")[0].lower() if relative != request.target else scheme
    host = fields.trim(request.values("host")[0])
    return "\t".join(
        [request.method, scheme, host, relative, canonical_headers(request.grouped, names), body, unsigned]
    )


def watch(options: "Any") -> "dict[str, Watcher]":
    """Return what must see the body."""
    return {"first": First(_max_body(options))}


def sign(job: SignJob) -> Signed:
    """Sign a request.

    Returns:
        the request with its signature, and the stages "data-to-sign", "signature".

    Raises:
        Refused: if the request is signed already, or the key is not one for this scheme.
        InputError: if it has no Host, its body is not known, or a header to sign stands twice.
        UsageError: if there is no access token, or the options do not fit.

    Source:
        Akamai, "EdgeGrid authentication". Deviations: none.
        Vectors: tests/vectors/test_vendor_schemes.py: Akamai's own cases.
    """
    key = demands.without_session(secret_for(job.keys, LABEL, job.options.scheme_override), "eg1")
    request, options, token = job.request, job.options, job.options.access_token
    if token is None:
        raise UsageError("nothing says which access token goes with the client token", "add --access-token")
    if not _is_word(token) or not _is_word(key.access_key_id):
        raise UsageError("the client token or the access token holds a character that it cannot hold")
    demands.refuse_signed(request, "authorization")
    names, max_body = _names(options), _max_body(options)
    for name in names:
        if len(request.values(name)) > 1:
            raise InputError(f"the request has the header {name[:64]} twice", "leave one of them")
    stamp = _format(job.at)
    unsigned = (
        f"{LABEL} client_token={key.access_key_id};access_token={token};timestamp={stamp};nonce={job.random(16).hex()};"
    )
    data = data_to_sign(request, names, content_hash(request, max_body), unsigned)
    signature = base64.encode(signing_key(key.secret.reveal(), stamp).mac(data.encode("latin-1")))
    added = (("Authorization", f"{unsigned}signature={signature}"),)
    warnings = (_LEFT_OUT,) if _uncovered(request, max_body) else ()
    ready = request.with_headers(request.headers + added)
    stages = {"data-to-sign": data, "signature": signature}
    return Signed("eg1", key.access_key_id, "", ready, added, stages, warnings)


def _uncovered(request: Request, max_body: int) -> str:
    """Return what of the body is not signed: "body", "body-after-N", or "" for nothing."""
    if request.content_length == 0:
        return ""
    if request.method != "POST" or request.content_length is None:
        return "body"
    return f"body-after-{max_body}" if request.content_length > max_body else ""


def _names(options: "Any") -> "tuple[str, ...]":
    names = tuple([name.lower() for name in options.sign_header])
    for name in names:
        if not fields.is_token(name) or name == "authorization" or names.count(name) > 1:
            raise UsageError(f"--sign-header {name[:64]!r} is no name of a header to sign, or stands twice")
    return names


def _max_body(options: "Any") -> int:
    found: int = MAX_BODY if options.max_body is None else options.max_body
    if found < 1:
        raise UsageError(f"--max-body {found} is not 1 or more")
    return found


def _is_word(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and not set(' ;="').intersection(text)


def _format(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H:%M:%S+0000")


def _parse(text: str) -> "datetime | None":
    if len(text) != 22 or text[11] != ":" or text[14] != ":" or text[17:] != "+0000":
        return None
    return parse_compact(f"{text[:11]}{text[12:14]}{text[15:17]}Z")


class _Claim:
    __slots__ = ("client_token", "access_token", "stamp", "at", "nonce", "signature", "unsigned")

    def __init__(self, found: "dict[str, str]", at: datetime, signature: bytes, unsigned: str) -> None:
        self.client_token = found["client_token"]
        self.access_token = found["access_token"]
        self.stamp = found["timestamp"]
        self.at = at
        self.nonce = found["nonce"]
        self.signature = signature
        self.unsigned = unsigned


def _read(request: Request) -> _Claim:
    """Read the signature of *request*."""
    check_request(request)
    text = demands.authorization(request, LABEL)
    head, mark, _ = text.rpartition("signature=")
    found: "dict[str, str]" = {}
    for place, field in enumerate(text.split(";")):
        name, _, value = field.partition("=")
        # the header is signed as it is written, so the one order that signers write is the one that is read
        if place >= len(_FIELDS) or name != _FIELDS[place] or (name != "signature" and not _is_word(value)):
            raise Rejected("authorization-syntax", f"the field {name[:40]!r} is not expected there, or has no value")
        found[name] = value
    if len(found) != len(_FIELDS):
        raise Rejected("authorization-syntax", f"{', '.join(_FIELDS)} must each stand once")
    signature = base64.decode(found["signature"])
    if signature is None or len(signature) != 32:
        raise Rejected("signature-format", "it is not the base64 of 32 bytes")
    at = _parse(found["timestamp"])
    if at is None:
        raise Rejected("date-format", f"{found['timestamp'][:32]!r}")
    return _Claim(found, at, signature, f"{LABEL} {head}")


def verifier(keys: "list[Key]", options: "Any") -> Verifier:
    """Return the verifier that these keys and options make.

    Raises:
        UsageError: for options that do not fit.
    """
    wanted, names, max_body = demands.demands_of(options), _names(options), _max_body(options)
    token = options.access_token
    if token is not None and not _is_word(token):
        raise UsageError("--access-token holds a character that no access token holds")
    return Verifier(
        lambda request, now: verify(request, keys, wanted, now, names, max_body, token),
        lambda request, now: {"first": First(max_body)},
    )


def verify(
    request: Request,
    keys: "list[Key]",
    wanted: demands.Demands,
    now: datetime,
    names: "tuple[str, ...]" = (),
    max_body: int = MAX_BODY,
    token: "str | None" = None,
) -> Verified:
    """Decide whether *request* was signed by one of *keys* as is demanded.

    Args:
        names: of headers that are signed, lower case, in the order agreed.
        max_body: octets of a POST's body that are signed.
        token: the access token it must name; None leaves it uncompared, and the result says so.

    Raises:
        Rejected: with the reason of the first check that fails.

    Source:
        Akamai, "EdgeGrid authentication". Deviations: a body that the scheme leaves out is refused unless it is
        allowed; the nonce is not compared with those seen before; that is the caller's.
    """
    claim = _read(request)
    try:
        until = demands.check_time(claim.at, now, wanted.max_skew)
        key = secret_checking(keys, claim.client_token, LABEL, wanted.scheme_override)
        if token is not None and not compare_digest(token.encode("latin-1"), claim.access_token.encode("latin-1")):
            raise Rejected("access-token-unexpected")
        for name in names:
            demands.single(request, name)
        warnings = demands.check_host(request, wanted.authorities)
        if token is None:
            warnings += ("access-token-not-compared",)
        return _prove(request, claim, key, wanted, until, names, max_body, warnings)
    except Rejected as rejected:
        rejected.claim = Claimed(claim.client_token, "", claim.at)
        raise


def _prove(
    request: Request,
    claim: _Claim,
    key: AccessKey,
    wanted: demands.Demands,
    until: datetime,
    names: "tuple[str, ...]",
    max_body: int,
    warnings: "tuple[str, ...]",
) -> Verified:
    uncovered = _uncovered(request, max_body)
    if request.content_length is None and request.method == "POST":
        # the hash is not in the message, so without the body nothing can be checked
        raise Rejected("body-unavailable", "and the request does not declare its hash")
    if uncovered and not wanted.allow_unsigned_payload:
        raise Rejected("unsigned-payload", hint="--allow-unsigned-payload accepts it")
    covered = ["host", *[name for name in names if name in request.grouped and name != "host"]]
    demands.check_required(wanted.required, covered)
    data = data_to_sign(request, names, content_hash(request, max_body), claim.unsigned)
    made = signing_key(key.secret.reveal(), claim.stamp).mac(data.encode("latin-1"))
    if not compare_digest(made, claim.signature):
        raise Rejected("signature-mismatch")
    return demands.verified(
        "eg1",
        claim.client_token,
        request,
        claim.at,
        until,
        covered,
        uncovered,
        warnings,
        more={"nonce": claim.nonce},
    )


def stages(request: Request, options: "Any") -> "dict[str, str]":
    """Return the stages as rebuilt from the signed request alone.

    Raises:
        Rejected: if its signature cannot be read.
    """
    claim = _read(request)
    demands.check_host(request, ())
    if request.content_length is None and request.method == "POST":
        raise Rejected("body-unavailable", "and the request does not declare its hash")
    names = _names(options)
    for name in names:
        demands.single(request, name)
    data = data_to_sign(request, names, content_hash(request, _max_body(options)), claim.unsigned)
    return {"data-to-sign": data, "signature": base64.encode(claim.signature)}


SCHEME = Scheme("eg1", LABEL, (SIGN_OPTIONS, VERIFY_OPTIONS, INSPECT_OPTIONS), sign, verifier, stages, watch)
