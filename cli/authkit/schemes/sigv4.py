"""AWS Signature Version 4: the signature that goes with a request."""

from datetime import datetime

from authkit.clock import format_compact
from authkit.errors import InputError, Refused, UsageError
from authkit.keys.select import Credential, choose_signing, without_scheme
from authkit.messages import target
from authkit.messages.request import Request
from authkit.schemes import options
from authkit.schemes.base import Scheme, Signed, SignJob
from authkit.schemes.canonical import (
    bucket_stem,
    canonical_request,
    is_normal_path,
    payload_line,
    rules_for,
    split_pairs,
    string_to_sign,
)
from authkit.schemes.derived import AWS4, COMPACT, FORM, SWITCHED, WEEK, Derived, Names, is_among
from authkit.schemes.endpoints import guess_scope, match_host
from authkit.schemes.policy import INSPECT_OPTIONS, VERIFY_OPTIONS, verifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.messages.payload import Watcher
    from authkit.schemes.base import Rows
    from authkit.schemes.derived import Rules
    from authkit.schemes.streaming import Sending

# hop-by-hop, or rewritten on the way by libraries and proxies; what aws-c-auth and botocore never sign either
NEVER_SIGNED = frozenset(
    "authorization connection expect keep-alive proxy-authenticate proxy-authorization proxy-connection "
    "sec-websocket-key sec-websocket-protocol sec-websocket-version te trailer transfer-encoding upgrade "
    "user-agent x-amzn-trace-id".split()
)
MAX_EXPIRES = WEEK
STREAMING = "STREAMING-"

SIGN_OPTIONS = (
    options.REGION,
    options.SERVICE,
    options.SCHEME_OVERRIDE,
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


PLAIN_PAYLOAD = (
    "--payload",
    "choice:hash|unsigned",
    "HOW",
    "sign the body's hash, or leave the body unsigned [by scheme]",
    None,
)
BUCKET = ("--bucket", "text", "NAME", "the bucket that the host stands for, where its name does not say", None)


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
        bucket: the bucket that the host stands for, in a scheme that signs it; None for what the host's name says.
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
        "streams",
        "bucket",
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
        bucket: "str | None" = None,
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
        self.streams = payload is not None or chunk_size is not None or bool(trailers)
        self.bucket = bucket


def sign(
    request: Request,
    credential: Credential,
    settings: Settings,
    at: datetime,
    row: Derived = AWS4,
    extra: "tuple[tuple[str, str], ...]" = (),
) -> Signed:
    """Sign *request* with *credential* as of *at*.

    Args:
        request: with a Host header; untouched.
        credential: its scope's day is the day of *at*.
        settings: how.
        at: aware; fractions of a second are cut.
        row: the scheme of the family.
        extra: headers of the scheme's own that are added and signed; parameters of the same names in the query.

    Returns:
        the request with its signature, and the stages "canonical-request", "string-to-sign", "signature".

    Raises:
        Refused: if the request is signed already.
        InputError: if it has no Host, lacks a header that the scheme signs, its body is not known, or it declares
            another payload hash than its body has.
        UsageError: if the settings do not fit the request or the scheme.
        Rejected: target-syntax.

    Source:
        AWS SigV4 reference, "Create a signed AWS API request", steps 1–5; "Authenticating requests: using query
        parameters". Deviations: those of the row.  Vectors: aws-c-auth v4, and those of each row.
    """
    # what most requests do not need is asked before it is called: a signature takes some ten microseconds
    stamp = format_compact(at) if row.stamp is COMPACT else row.format_stamp(at)
    scope = str(credential.scope)
    service = credential.scope.part("service")
    rules = rules_for(row, service, settings.normalize_path, settings.double_encode)
    _refuse_signed(request, request.grouped, row, stamp)
    names = _query_names(settings, row) if settings.placement == "query" or settings.expires is not None else None
    implied = row.payload if names is None else row.implies(service, True)
    sending = _prepare(request, settings, names is not None, row) if settings.streams else None
    if sending is None:
        payload, declared = _payload(request, settings, implied, row)
    else:
        request, payload, declared = sending.request, sending.word, False
    added: "list[tuple[str, str]]" = []
    if names is None:
        added = _own_headers(request, credential, settings, stamp, payload, declared, service, row)
        if extra:
            added = [*extra, *added]
    grouped = request.grouped.copy()
    for name, value in added:
        grouped[name.lower()] = [value]
    signed = _signed_headers(grouped, settings, row)
    listed = ";".join(_listed(signed, row) if row.special else signed)
    ready = request
    if names is not None:
        own = _own_parameters(credential, scope, settings, stamp, listed, row, names, extra)
        ready = request.with_target(_join_query(request.target, own))
    if row.special:
        stem, line = bucket_stem(request.host, row, settings.bucket), payload_line(payload, row)
        canonical = canonical_request(ready, signed, line, rules, grouped, listed if row.listing else None, stem)
    else:
        canonical = canonical_request(ready, signed, payload, rules, grouped, listed)
    text = string_to_sign(row.chain.label, stamp, scope, canonical)
    signature = credential.key.mac(text.encode("ascii")).hex()
    token = credential.session_token
    late_token = settings.omit_session_token and token is not None
    if names is not None:
        late = f"&{names.token}={_token_text(credential)}" if late_token else ""
        ready = ready.with_target(f"{ready.target}{late}&{names.signature}={signature}")
    else:
        if late_token:
            added.append((row.token_header, _token(credential)))
        named = f"{row.separator}{row.listing}={listed}" if row.listing and listed else ""
        credential_text = f"{credential.access_key_id}/{scope}"
        authorization = f"{row.chain.label} Credential={credential_text}{named}{row.signature_mark}{signature}"
        added.append(("Authorization", authorization))
        ready = request.with_headers(request.headers + tuple(added))
    stages = {"canonical-request": canonical, "string-to-sign": text, "signature": signature}
    encode = None
    if sending is not None:
        encode = sending.encoder(credential.key, row.chain.label, stamp, scope, signature, at)
        added = [*sending.added, *added]
    bearer = () if token is None else (_token(credential),)
    warnings = _warnings(request, rules) if rules.normalize_path or rules.path is not SWITCHED else ()
    return Signed(row.name, credential.access_key_id, scope, ready, tuple(added), stages, warnings, encode, bearer)


def _query_names(settings: Settings, row: Derived) -> Names:
    """Return what the parameters of a signature in the query are called."""
    if settings.placement != "query":
        raise UsageError("--expires is for a signature in the query", "add --placement query")
    if row.query is None:
        raise UsageError(f"{row.name} has no signature in the query")
    return row.query


def _prepare(request: Request, settings: Settings, in_query: bool, row: Derived) -> "Sending | None":
    """Return how a body is sent that is signed piece by piece; None for one that is not."""
    if settings.payload in (None, "hash", "unsigned"):
        if settings.chunk_size is not None or settings.trailers:
            raise UsageError("--chunk-size and --trailer are for --payload streaming")
        return None
    if not row.streams:
        raise UsageError(f"--payload {settings.payload}: {row.name} does not sign a body piece by piece")
    from authkit.schemes.streaming import prepare

    label = row.chain.label
    return prepare(request, settings.payload, label, in_query, settings.chunk_size, settings.trailers)


def _warnings(request: Request, rules: "Rules") -> "tuple[str, ...]":
    path, query = request.parts
    if rules.query is FORM:
        kept = split_pairs(query, rules)
        left_out = [pair for pair in query.split("&") if pair and pair not in kept]
        if left_out:
            return (f"the signature does not cover the parameter {left_out[0][:64]!r}: write it as NAME=",)
    if not is_normal_path(path, rules):
        return ("the service rewrites this path before it checks the signature, and a strict verifier refuses it",)
    return ()


def _refuse_signed(request: Request, grouped: "dict[str, list[str]]", row: Derived, stamp: str) -> None:
    """Raise if the request cannot be signed, because it lacks a header or has something that signing adds."""
    if "host" not in grouped:
        raise InputError("the request has no Host header", "add one, or say --origin https://HOST")
    if row.special:
        for name in row.required:
            if name not in grouped:
                raise InputError(f"the request has no {name.title()} header, which {row.name} signs", "add one")
    for name in ("authorization", row.security_token):
        if name in grouped:
            raise Refused(f"the request already has the header {name}", "remove it: signing adds it")
    if row.date in grouped:
        dates = grouped[row.date]
        if len(dates) > 1 or dates[0].strip(" \t") != stamp:
            raise UsageError(
                f"the request has {row.date_header} {dates[0][:32]} and is signed at {stamp}",
                "remove it, or give --at",
            )
    if row.query is not None and row.prefix in request.target.lower():
        for pair in request.parts[1].split("&"):
            name = pair.partition("=")[0]
            if name.lower() in row.query.reserved:
                raise Refused(f"the query already has {name}", "remove it: signing adds it")


def _payload(request: Request, settings: Settings, implied: str, row: Derived) -> "tuple[str, bool]":
    """Return the payload hash to sign, and whether the request itself declares it.

    Args:
        implied: what a request of this kind signs where it does not say.
    """
    if row.content_sha256 in request.grouped:
        return _declared(request, settings, row), True
    if settings.payload == "unsigned" and not row.unsigned:
        raise UsageError(f"--payload unsigned: {row.name} has no word for a body that is not signed")
    if (settings.payload or implied) == "unsigned":
        return row.unsigned, False
    if request.payload_hash is None:
        raise InputError(
            "the body is not known, so its hash cannot be signed", "give it with --body, or --payload unsigned"
        )
    return request.payload_hash, False


def _declared(request: Request, settings: Settings, row: Derived) -> str:
    known = [value.strip(" \t") for value in request.grouped[row.content_sha256]]
    if len(known) > 1:
        raise InputError(f"the request has {row.payload_header} twice")
    word = known[0]
    if word and word == row.unsigned:
        if settings.payload == "hash":
            raise UsageError(f"--payload hash, and the request declares {word}")
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
    added = [] if row.date in request.grouped else [(row.date_header, stamp)]
    needed = (payload == row.unsigned) != (row.payload == "unsigned") or payload[:10] == STREAMING
    wanted = settings.payload_header
    if wanted is None:
        wanted = needed or row.declares or (row.declares is None and service in row.plain_services)
    elif not wanted and needed and not declared:
        raise UsageError("--no-payload-header leaves no way to say that the body is unsigned, or signed piece by piece")
    if wanted and not declared:
        added.append((row.payload_header, payload))
    if credential.session_token is not None and not settings.omit_session_token:
        added.append((row.token_header, _token(credential)))
    return added


def _own_parameters(
    credential: Credential,
    scope: str,
    settings: Settings,
    stamp: str,
    listed: str,
    row: Derived,
    names: Names,
    extra: "tuple[tuple[str, str], ...]",
) -> "list[tuple[str, str]]":
    expires = 900 if settings.expires is None else settings.expires
    if not 1 <= expires <= row.longest:
        raise UsageError(f"--expires {expires} is not 1 to {row.longest} seconds")
    found = [
        (names.algorithm, row.chain.label),
        (names.credential, target.encode(f"{credential.access_key_id}/{scope}".encode("ascii"))),
        (names.date, stamp),
        (names.expires, str(expires)),
    ]
    if listed or not row.implicit:
        found.append((names.listing, target.encode(listed.encode("ascii"))))
    found += [(name, target.encode(value.encode("ascii"))) for name, value in extra]
    if credential.session_token is not None and not settings.omit_session_token:
        found.append((names.token, _token_text(credential)))
    return found


def _join_query(text: str, parameters: "list[tuple[str, str]]") -> str:
    own = "&".join([f"{name}={value}" for name, value in parameters])
    path, _, query = text.partition("?")
    return f"{path}?{query}{'&' if query and not query.endswith('&') else ''}{own}"


def _signed_headers(grouped: "dict[str, list[str]]", settings: Settings, row: Derived) -> "list[str]":
    names = grouped.keys() - NEVER_SIGNED
    if row.signed:
        names = {name for name in names if is_among(name, row.signed)}
    if settings.sign_headers or settings.no_sign_headers:
        forced = {name.lower() for name in settings.sign_headers}
        dropped = {name.lower() for name in settings.no_sign_headers}
        for name in forced:
            if name not in grouped:
                raise UsageError(f"--sign-header {name[:64]}: the request has no such header to sign")
        if "host" in dropped and not row.host_optional:
            raise UsageError("--no-sign-header host: a signature that does not cover the host is good at any host")
        if forced & dropped:
            raise UsageError(f"--sign-header and --no-sign-header both name {sorted(forced & dropped)[0][:64]}")
        for name in sorted(dropped & names if row.implicit else ()):
            if is_among(name, row.implicit):
                raise UsageError(f"--no-sign-header {name[:64]}: {row.name} signs this header wherever it is sent")
        if forced and not row.listing:
            raise UsageError(f"--sign-header: {row.name} has no list of signed headers, so no other can be signed")
        names = (names - dropped) | forced
    return sorted(names)


def _listed(signed: "list[str]", row: Derived) -> "list[str]":
    return [name for name in signed if not is_among(name, row.implicit)]


def _token(credential: Credential) -> str:
    assert credential.session_token is not None
    return credential.session_token.reveal().decode("ascii")


def _token_text(credential: Credential) -> str:
    return target.encode(_token(credential).encode("ascii"))


def settings_of(given: "Any") -> Settings:
    """Return the settings that the options ask for."""
    return Settings(
        placement=getattr(given, "placement", None),
        expires=getattr(given, "expires", None),
        normalize_path=getattr(given, "normalize_path", None),
        double_encode=getattr(given, "double_encode", None),
        payload=getattr(given, "payload", None),
        payload_header=given.payload_header,
        omit_session_token=getattr(given, "omit_session_token", False),
        sign_headers=given.sign_header,
        no_sign_headers=given.no_sign_header,
        chunk_size=getattr(given, "chunk_size", None),
        trailers=getattr(given, "trailer", ()),
        bucket=getattr(given, "bucket", None),
    )


def sign_job(job: SignJob, row: Derived = AWS4) -> Signed:
    """Return what a signing was asked for; raises as sign and choose_signing do."""
    given = job.options
    wanted: "dict[str, str | None]" = {name: getattr(given, name, None) for name in row.chain.parts[1:]}
    for name in ("region", "service"):
        if name not in wanted and getattr(given, name, None) is not None:
            raise UsageError(f"--{name}: a scope of {row.name} has no {name}", "leave it out")
    host = job.request.host
    credential = choose_signing(
        without_scheme(job.keys) if getattr(given, "scheme_override", False) else job.keys,
        row.chain,
        job.at,
        wanted,
        lambda: guess_scope(host) if row.hosts is None else match_host(host, row.hosts),
    )
    request = job.request
    if row.nonce and not request.values(row.nonce):
        request = request.with_headers((*request.headers, (row.nonce, job.random(16).hex())))
    return sign(request, credential, settings_of(given), job.at, row)


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
        (rows_of(SIGN_OPTIONS, row), rows_of(VERIFY_OPTIONS, row), rows_of(INSPECT_OPTIONS, row)),
        lambda job: sign_job(job, row),
        lambda keys, given: verifier(keys, given, row),
        watch=(lambda given: watch_for_signing(given.payload)) if row.streams else None,
        row=row,
    )


def rows_of(rows: "Rows", row: Derived) -> "Rows":
    """Return the option rows that a row of the family has a use for."""
    useless: "set[str]" = set()
    if row.query is None:
        useless |= {"--placement", "--expires", "--max-expires"}
    if row.rules.path is not SWITCHED:
        useless |= {"--normalize-path", "--double-encode"}
    useless |= {f"--{name}" for name in ("region", "service") if name not in row.chain.parts}
    if not row.unsigned:
        useless |= {"--payload", "--allow-unsigned-payload"}
    if not row.streams:
        useless |= {"--chunk-size", "--trailer"}
        rows = tuple([PLAIN_PAYLOAD if one[0] == "--payload" else one for one in rows])
    found = tuple([one for one in rows if one[0] not in useless])
    return (*found, BUCKET) if row.bucket_in else found
