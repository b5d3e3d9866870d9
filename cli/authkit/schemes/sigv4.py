"""AWS Signature Version 4: the signature that goes with a request."""

from datetime import datetime

from authkit.clock import format_compact
from authkit.errors import InputError, Refused, UsageError
from authkit.keys.select import Credential, choose_signing
from authkit.messages import target
from authkit.messages.request import Request
from authkit.schemes import options
from authkit.schemes.base import Scheme, Signed, SignJob
from authkit.schemes.canonical import UNSIGNED, canonical_request, rules_for, string_to_sign
from authkit.schemes.derived import AWS4, Derived
from authkit.schemes.endpoints import guess_scope
from authkit.schemes.policy import INSPECT_OPTIONS, VERIFY_OPTIONS, verifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.messages.payload import Watcher
    from authkit.schemes.streaming import Sending

# hop-by-hop, or rewritten on the way by libraries and proxies; what aws-c-auth and botocore never sign either
NEVER_SIGNED = frozenset(
    "authorization connection expect keep-alive proxy-authenticate proxy-authorization proxy-connection "
    "sec-websocket-key sec-websocket-protocol sec-websocket-version te trailer transfer-encoding upgrade "
    "user-agent x-amzn-trace-id".split()
)
MAX_EXPIRES = 604800
STREAMING = "STREAMING-"
_PARAMETERS = ("algorithm", "credential", "date", "expires", "signedheaders", "signature", "security-token")

SIGN_OPTIONS = (
    options.REGION,
    options.SERVICE,
    ("--placement", "choice:header|query", "WHERE", "put the signature in headers or in the query [header]", None),
    ("--expires", "int", "S", "seconds a signature in the query is good for, 1 to 604800 [900]", None),
    ("--normalize-path", "switch", "", "remove dot and empty segments from the path before signing [by service]", None),
    ("--double-encode", "switch", "", "percent-encode the path once more than it travels [by service]", None),
    (
        "--payload",
        "choice:hash|unsigned|streaming|streaming-trailer|unsigned-trailer|events",
        "HOW",
        "sign the body's hash, leave the body unsigned, or sign it chunk by chunk or event by event [by service]",
        None,
    ),
    ("--chunk-size", "int", "OCTETS", "octets of a chunk, 8192 to 16777216 [65536]", None),
    ("--trailer", "many", "FIELD", "a checksum, or 'Name: value', to send behind the chunks [crc32]; repeatable", ()),
    ("--payload-header", "switch", "", "send the payload hash as X-Amz-Content-Sha256 [by service]", None),
    ("--omit-session-token", "flag", "", "send the session token without signing it", False),
    ("--sign-header", "many", "NAME", "sign this header although it would be left out; repeatable", ()),
    ("--no-sign-header", "many", "NAME", "leave this header unsigned; repeatable", ()),
    options.BIND_CERTIFICATE,
    options.AS_PROXY,
)


class Settings:
    """How to sign; None leaves a choice to what AWS does for the service.

    Attributes:
        placement: "header" (None) or "query".
        expires: seconds, 1–604800, for a signature in the query; None for 900.
        normalize_path, double_encode: see canonical.Rules.
        payload: "hash" or "unsigned", or one of streaming.WAYS.
        payload_header: whether X-Amz-Content-Sha256 is added.
        omit_session_token: add the session token after signing.
        sign_headers: header names to sign although they would not be.
        no_sign_headers: header names to leave unsigned.
        chunk_size: octets of a chunk; None for 65536.
        trailers: as streaming.prepare.
    """

    __slots__ = (
        "placement",
        "expires",
        "normalize_path",
        "double_encode",
        "payload",
        "payload_header",
        "omit_session_token",
        "sign_headers",
        "no_sign_headers",
        "chunk_size",
        "trailers",
    )

    def __init__(
        self,
        placement: "str | None" = None,
        expires: "int | None" = None,
        normalize_path: "bool | None" = None,
        double_encode: "bool | None" = None,
        payload: "str | None" = None,
        payload_header: "bool | None" = None,
        omit_session_token: bool = False,
        sign_headers: "tuple[str, ...]" = (),
        no_sign_headers: "tuple[str, ...]" = (),
        chunk_size: "int | None" = None,
        trailers: "tuple[str, ...]" = (),
    ) -> None:
        self.placement = placement
        self.expires = expires
        self.normalize_path = normalize_path
        self.double_encode = double_encode
        self.payload = payload
        self.payload_header = payload_header
        self.omit_session_token = omit_session_token
        self.sign_headers = sign_headers
        self.no_sign_headers = no_sign_headers
        self.chunk_size = chunk_size
        self.trailers = trailers


def sign(request: Request, credential: Credential, settings: Settings, at: datetime, row: Derived = AWS4) -> Signed:
    """Sign *request* with *credential* as of *at*.

    Args:
        request: with a Host header; untouched.
        credential: its scope's day is the day of *at*.
        settings: how.
        at: aware; fractions of a second are cut.
        row: the scheme of the family.

    Returns:
        the request with its signature, and the stages "canonical-request", "string-to-sign", "signature".

    Raises:
        Refused: if the request is signed already.
        InputError: if it has no Host, its body is not known, or it declares another payload hash than its body has.
        UsageError: if the settings do not fit the request.
        Rejected: target-syntax.

    Source:
        AWS SigV4 reference, "Create a signed AWS API request", steps 1–5; "Authenticating requests: using query
        parameters". Deviations: none.  Vectors: aws-c-auth v4.
    """
    stamp, scope = format_compact(at), str(credential.scope)
    service = credential.scope.part("service")
    rules = rules_for(row, service, settings.normalize_path, settings.double_encode)
    in_query = settings.placement == "query"
    _refuse_signed(request, request.grouped, row, stamp)
    sending = _prepare(request, settings, in_query, row)
    if sending is None:
        payload, declared = _payload(request, settings, service in row.plain_services, in_query, row)
    else:
        request, payload, declared = sending.request, sending.word, False
    grouped = request.grouped
    added = [] if in_query else _own_headers(request, credential, settings, stamp, payload, declared, service, row)
    grouped = grouped.copy()
    for name, value in added:
        grouped[name.lower()] = [value]
    signed = _signed_headers(grouped, settings)
    ready = request
    if in_query:
        ready = request.with_target(
            _join_query(request.target, _own_parameters(credential, scope, settings, stamp, signed, row))
        )
    canonical = canonical_request(ready, signed, payload, rules, grouped)
    text = string_to_sign(row.chain.label, stamp, scope, canonical)
    signature = credential.key.mac(text.encode("ascii")).hex()
    late_token = settings.omit_session_token and credential.session_token is not None
    if in_query:
        late = f"&{row.header_prefix}Security-Token={_token_text(credential)}" if late_token else ""
        ready = ready.with_target(f"{ready.target}{late}&{row.header_prefix}Signature={signature}")
    else:
        if late_token:
            added.append((f"{row.header_prefix}Security-Token", _token(credential)))
        credential_text = f"{credential.access_key_id}/{scope}"
        authorization = (
            f"{row.chain.label} Credential={credential_text}, SignedHeaders={';'.join(signed)}, Signature={signature}"
        )
        added.append(("Authorization", authorization))
        ready = request.with_headers(request.headers + tuple(added))
    stages = {"canonical-request": canonical, "string-to-sign": text, "signature": signature}
    warnings = _path_warnings(request) if rules.normalize_path else ()
    bearer = () if credential.session_token is None else (_token(credential),)
    encode = None
    if sending is not None:
        encode = sending.encoder(credential.key, row.chain.label, stamp, scope, signature, at)
        added = [*sending.added, *added]
    return Signed("sigv4", credential.access_key_id, scope, ready, tuple(added), stages, warnings, encode, bearer)


def _prepare(request: Request, settings: Settings, in_query: bool, row: Derived) -> "Sending | None":
    """Return how a body is sent that is signed piece by piece; None for one that is not."""
    if settings.payload in (None, "hash", "unsigned"):
        if settings.chunk_size is not None or settings.trailers:
            raise UsageError("--chunk-size and --trailer are for --payload streaming")
        return None
    from authkit.schemes.streaming import prepare

    label = row.chain.label
    return prepare(request, settings.payload, label, in_query, settings.chunk_size, settings.trailers)


def _path_warnings(request: Request) -> "tuple[str, ...]":
    if target.is_normal(request.parts[0]):
        return ()
    return ("the service rewrites this path before it checks the signature, and a strict verifier refuses it",)


def _refuse_signed(request: Request, grouped: "dict[str, list[str]]", row: Derived, stamp: str) -> None:
    """Raise if the request cannot be signed, because it lacks a Host or has something that signing adds."""
    if "host" not in grouped:
        raise InputError("the request has no Host header", "add one, or say --origin https://HOST")
    for name in ("authorization", row.security_token):
        if name in grouped:
            raise Refused(f"the request already has the header {name}", "remove it: signing adds it")
    if row.date in grouped:
        dates = grouped[row.date]
        if len(dates) > 1 or dates[0].strip(" \t") != stamp:
            raise UsageError(
                f"the request has {row.header_prefix}Date {dates[0][:32]} and is signed at {stamp}",
                "remove it, or give --at",
            )
    if row.prefix in request.target.lower():
        for pair in request.parts[1].split("&"):
            name = pair.partition("=")[0]
            if name.lower() in [row.prefix + word for word in _PARAMETERS]:
                raise Refused(f"the query already has {name}", "remove it: signing adds it")


def _payload(request: Request, settings: Settings, plain: bool, in_query: bool, row: Derived) -> "tuple[str, bool]":
    """Return the payload hash to sign, and whether the request itself declares it."""
    if row.content_sha256 in request.grouped:
        return _declared(request, settings, row), True
    if settings.payload == "unsigned" or (settings.payload is None and in_query and plain):
        return UNSIGNED, False
    if request.payload_hash is None:
        raise InputError(
            "the body is not known, so its hash cannot be signed", "give it with --body, or --payload unsigned"
        )
    return request.payload_hash, False


def _declared(request: Request, settings: Settings, row: Derived) -> str:
    known = [value.strip(" \t") for value in request.grouped[row.content_sha256]]
    if len(known) > 1:
        raise InputError(f"the request has {row.header_prefix}Content-Sha256 twice")
    word = known[0]
    if word == UNSIGNED:
        if settings.payload == "hash":
            raise UsageError(f"--payload hash, and the request declares {UNSIGNED}")
        return word
    if request.payload_hash is not None and word != request.payload_hash:
        raise InputError(f"the request declares the payload hash {word[:64]}, and its body has {request.payload_hash}")
    if settings.payload == "unsigned" or request.payload_hash is None:
        raise UsageError("the request declares a payload hash that does not fit --payload")
    return word


def _own_headers(
    request: Request,
    credential: Credential,
    settings: Settings,
    stamp: str,
    payload: str,
    declared: bool,
    service: "str | None",
    row: Derived,
) -> "list[tuple[str, str]]":
    if settings.expires is not None:
        raise UsageError("--expires is for a signature in the query", "add --placement query")
    added = [] if row.date in request.grouped else [(f"{row.header_prefix}Date", stamp)]
    wanted = settings.payload_header
    if wanted is None:
        wanted = service in row.plain_services or payload == UNSIGNED or payload.startswith(STREAMING)
    elif not wanted and (payload == UNSIGNED or payload.startswith(STREAMING)) and not declared:
        raise UsageError("--no-payload-header leaves no way to say that the body is unsigned, or signed piece by piece")
    if wanted and not declared:
        added.append((f"{row.header_prefix}Content-Sha256", payload))
    if credential.session_token is not None and not settings.omit_session_token:
        added.append((f"{row.header_prefix}Security-Token", _token(credential)))
    return added


def _own_parameters(
    credential: Credential, scope: str, settings: Settings, stamp: str, signed: "list[str]", row: Derived
) -> "list[tuple[str, str]]":
    expires = 900 if settings.expires is None else settings.expires
    if not 1 <= expires <= MAX_EXPIRES:
        raise UsageError(f"--expires {expires} is not 1 to {MAX_EXPIRES} seconds")
    prefix = row.header_prefix
    found = [
        (f"{prefix}Algorithm", row.chain.label),
        (f"{prefix}Credential", target.encode(f"{credential.access_key_id}/{scope}".encode("ascii"))),
        (f"{prefix}Date", stamp),
        (f"{prefix}Expires", str(expires)),
        (f"{prefix}SignedHeaders", target.encode(";".join(signed).encode("ascii"))),
    ]
    if credential.session_token is not None and not settings.omit_session_token:
        found.append((f"{prefix}Security-Token", _token_text(credential)))
    return found


def _join_query(text: str, parameters: "list[tuple[str, str]]") -> str:
    own = "&".join([f"{name}={value}" for name, value in parameters])
    path, _, query = text.partition("?")
    return f"{path}?{query}{'&' if query and not query.endswith('&') else ''}{own}"


def _signed_headers(grouped: "dict[str, list[str]]", settings: Settings) -> "list[str]":
    names = grouped.keys() - NEVER_SIGNED
    if settings.sign_headers or settings.no_sign_headers:
        forced = {name.lower() for name in settings.sign_headers}
        dropped = {name.lower() for name in settings.no_sign_headers}
        for name in forced:
            if name not in grouped:
                raise UsageError(f"--sign-header {name[:64]}: the request has no such header to sign")
        if "host" in dropped:
            raise UsageError("--no-sign-header host: a signature that does not cover the host is good at any host")
        if forced & dropped:
            raise UsageError(f"--sign-header and --no-sign-header both name {sorted(forced & dropped)[0][:64]}")
        names = (names - dropped) | forced
    return sorted(names)


def _token(credential: Credential) -> str:
    assert credential.session_token is not None
    return credential.session_token.reveal().decode("ascii")


def _token_text(credential: Credential) -> str:
    return target.encode(_token(credential).encode("ascii"))


def settings_of(given: "Any") -> Settings:
    """Return the settings that the options ask for."""
    return Settings(
        placement=given.placement,
        expires=given.expires,
        normalize_path=given.normalize_path,
        double_encode=given.double_encode,
        payload=given.payload,
        payload_header=given.payload_header,
        omit_session_token=given.omit_session_token,
        sign_headers=given.sign_header,
        no_sign_headers=given.no_sign_header,
        chunk_size=given.chunk_size,
        trailers=given.trailer,
    )


def sign_job(job: SignJob, row: Derived = AWS4) -> Signed:
    """Return what a signing was asked for; raises as sign and choose_signing do."""
    wanted = {"region": job.options.region, "service": job.options.service}
    credential = choose_signing(job.keys, row.chain, job.at, wanted, lambda: guess_scope(job.request.host))
    return sign(job.request, credential, settings_of(job.options), job.at, row)


def watch_for_signing(payload: "str | None") -> "dict[str, Watcher]":
    """Return what must see a body that will be signed as --payload says."""
    if payload in (None, "hash", "unsigned"):
        return {}
    from authkit.schemes.streaming import watch_for_signing as watch

    return watch(payload)


def scheme_of(name: str, row: Derived) -> Scheme:
    """Return the scheme of a row of the family."""
    return Scheme(
        name,
        row.chain.label,
        (SIGN_OPTIONS, VERIFY_OPTIONS, INSPECT_OPTIONS),
        lambda job: sign_job(job, row),
        lambda keys, given: verifier(keys, given, row),
        watch=lambda given: watch_for_signing(given.payload),
        row=row,
    )
