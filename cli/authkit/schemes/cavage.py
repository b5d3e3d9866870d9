"""HTTP signatures as draft-cavage-http-signatures-12 has them: the signature that goes with a request."""

from datetime import datetime
from hmac import compare_digest, digest

from authkit.clock import format_instant, later
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.select import Key, secret_checking, secret_for
from authkit.keys.subkeys import Subkey
from authkit.messages import dates, fields
from authkit.messages.request import Request, check_request
from authkit.schemes import demands, digests
from authkit.schemes.base import Claimed, Scheme, Signed, SignJob, Verified, Verifier
from authkit.schemes.cavage_text import (
    CREATED,
    EXPIRES,
    TARGET,
    Parameters,
    instant,
    is_key_id,
    parse,
    seconds,
    signing_string,
)
from authkit.schemes.options import (
    ALLOW_UNSIGNED,
    ALLOW_UNSIGNED_PAYLOAD,
    AUTHORITY,
    CERTIFICATE,
    MAX_SKEW,
    REQUIRE,
    SCHEME_OVERRIDE,
)
from authkit.schemes.options import EXPIRES as LIFETIME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.keys.prove import PublicKey
    from authkit.messages.payload import Watcher

LABEL = "cavage"
HS2019 = "hs2019"
# algorithm -> kinds of key it is for, and how keys/prove.py calls it; the first that fits is what a kind of key signs
ALGORITHMS = {
    "hmac-sha256": ("secret", "sha256"),
    "hmac-sha512": ("secret", "sha512"),
    "rsa-sha256": ("rsa", "rsa-v1_5-sha256"),
    "rsa-sha512": ("rsa", "rsa-v1_5-sha512"),
    "rsa-pss-sha512": ("rsa", "rsa-pss-sha512"),
    "ecdsa-sha256": ("p256", "ecdsa-der-sha256"),
    "ecdsa-sha384": ("p384", "ecdsa-der-sha384"),
    "ecdsa-sha512": ("p256 p384", "ecdsa-der-sha512"),
    "ed25519": ("ed25519", "ed25519"),
}
# what signers write that is neither the algorithm's name here nor hs2019
_ALIASES = {"ed25519-sha512": "ed25519"}
# never a name of its own in a message
_ONLY_HS2019 = "rsa-pss-sha512"
OCI_ALWAYS = ("date", TARGET, "host")
OCI_BODY = ("content-length", "content-type", "x-content-sha256")
_OCI_METHODS = ("POST", "PUT", "PATCH")

_ALGORITHM = ("--algorithm", f"choice:{'|'.join(ALGORITHMS)}", "NAME", "how the key signs [by the kind of key]", None)
_OCI = ("--oci", "flag", "", "as Oracle Cloud Infrastructure has it", False)
SIGN_OPTIONS = (
    ("--keyid", "text", "ID", "the keyId to send [the key's ID]", None),
    _ALGORITHM,
    ("--hs2019", "flag", "", "name the algorithm hs2019, and sign the time as (created)", False),
    ("--cover", "many", "NAME", "sign this header, (request-target), (created) or (expires); repeatable, in order", ()),
    LIFETIME,
    ("--digest", "choice:sha-256|sha-512|none", "HOW", "the Digest header to send with a body [sha-256]", None),
    ("--placement", "choice:signature|authorization", "WHERE", "the header for the signature [signature]", None),
    _OCI,
    CERTIFICATE,
    SCHEME_OVERRIDE,
)
VERIFY_OPTIONS = (
    _ALGORITHM,
    _OCI,
    AUTHORITY,
    MAX_SKEW,
    REQUIRE,
    ALLOW_UNSIGNED,
    ALLOW_UNSIGNED_PAYLOAD,
    SCHEME_OVERRIDE,
)


def algorithm_for(kind: str, wanted: "str | None") -> str:
    """Return how a kind of key signs; the key decides and the user may choose, never the message.

    Args:
        kind: "secret", or a type of keys/prove.py.

    Raises:
        UsageError: if the user chose what such a key does not do, or there is nothing that it does.
    """
    for name, (kinds, _) in ALGORITHMS.items():
        if kind in kinds.split(" ") and wanted in (None, name):
            return name
    if wanted is None:
        raise UsageError(f"a key of type {kind} does not sign with this scheme")
    raise UsageError(f"--algorithm {wanted} is not for a key of type {kind}")


def watch(options: "Any") -> "dict[str, Watcher]":
    """Return what must see the body."""
    return digests.watch() if options.digest == "sha-512" else {}


def sign(job: SignJob) -> Signed:
    """Sign a request.

    Returns:
        the request with its signature, and the stages "signing-string", "signature".

    Raises:
        Refused: if the request is signed already, or the key is not one for this scheme.
        InputError: if it has no Host, lacks what is to be signed, or its body is not known.
        UsageError: if the options do not fit each other, the key or the request.

    Source:
        draft-cavage-http-signatures-12 §2, §3.1, §4.1; Oracle, "Request Signatures", for --oci. Deviations: none.
        Vectors: webhooks/cavage_oci.json.
    """
    options, first = job.options, job.keys[0]
    request = _prepare(job)
    kind = first.type if not isinstance(first, (AccessKey, Subkey)) else "secret"
    algorithm = algorithm_for(kind, options.algorithm)
    named = HS2019 if options.hs2019 or algorithm == _ONLY_HS2019 else algorithm
    if options.oci and named != "rsa-sha256":
        raise UsageError("--oci is for RSA keys and rsa-sha256")
    parameters = _parameters(job, request, named)
    try:
        text = signing_string(request, parameters)
    except Rejected as rejected:
        raise InputError(f"{rejected.detail} is to be signed and the request has none", "add it") from rejected
    parameters.signature, names = _made(job, algorithm, text.encode("latin-1"))
    if parameters.key_id == "":
        parameters.key_id = names
    if not is_key_id(parameters.key_id):
        raise UsageError("nothing says which keyId to send, or it holds a '\"'", "add --keyid")
    value = str(parameters)
    header = ("Authorization", f"Signature {value}") if _inside(options) else ("Signature", value)
    added = (*request.headers[len(job.request.headers) :], header)
    ready = job.request.with_headers(job.request.headers + added)
    stages = {"signing-string": text, "signature": value.rpartition('signature="')[2][:-1]}
    return Signed("cavage", parameters.key_id, "", ready, added, stages, _warnings(request, parameters))


def _inside(options: "Any") -> bool:
    return bool(options.oci or options.placement == "authorization")


def _prepare(job: SignJob) -> Request:
    """Return the request with the headers that signing adds before it signs."""
    request, options = job.request, job.options
    demands.refuse_signed(request, "signature", *(("authorization",) if _inside(options) else ()))
    if options.oci and (options.cover or options.hs2019 or options.digest or options.expires or options.placement):
        raise UsageError("--oci says by itself what is signed and where", "leave out the other options")
    wanted = [name.lower() for name in options.cover]
    added: "tuple[tuple[str, str], ...]" = ()
    if not options.hs2019 or "date" in wanted or "date" in request.grouped:
        added += demands.own_header(request, "Date", dates.format_http_date(job.at))
    if options.oci:
        if request.method in _OCI_METHODS:
            _, length = demands.known_body(request)
            added += demands.own_header(request, "Content-Length", str(length))
            added += demands.own_header(request, "X-Content-Sha256", digests.of_body(request, "sha-256"))
    elif options.digest != "none" and (request.content_length != 0 or options.digest or "digest" in wanted):
        algorithm = options.digest or "sha-256"
        added += demands.own_header(request, "Digest", f"{algorithm.upper()}={digests.of_body(request, algorithm)}")
    return request.with_headers(request.headers + added)


def _parameters(job: SignJob, request: Request, named: str) -> Parameters:
    """Return what the Signature header will say, without its signature."""
    options = job.options
    expires = options.expires
    if expires is not None and expires < 1:
        raise UsageError(f"--expires {expires} is not 1 or more seconds")
    if options.oci:
        cover = OCI_ALWAYS + (OCI_BODY if request.method in _OCI_METHODS else ())
    elif options.cover:
        cover = tuple([name.lower() for name in options.cover])
    else:
        cover = (TARGET, *((CREATED,) if options.hs2019 else ()), *((EXPIRES,) if expires is not None else ()), "host")
        cover += tuple([name for name in ("date", "digest", "content-type") if name in request.grouped])
        if not _inside(options) and "authorization" in request.grouped:
            cover += ("authorization",)
    _check_cover(cover, named)
    at = seconds(job.at)
    return Parameters(
        options.keyid or "",
        named,
        at if CREATED in cover else None,
        at + expires if expires is not None else None,
        cover,
        version="1" if options.oci else None,
    )


def _check_cover(cover: "tuple[str, ...]", named: str) -> None:
    if len(set(cover)) != len(cover):
        raise UsageError("--cover names something twice")
    for name in cover:
        if name not in (TARGET, CREATED, EXPIRES) and not fields.is_token(name):
            raise UsageError(f"--cover {name[:64]!r} is neither a header nor (request-target), (created) or (expires)")
    if _is_old(named) and (CREATED in cover or EXPIRES in cover):
        raise UsageError(f"{named} does not sign (created) or (expires)", "add --hs2019")


def _is_old(named: "str | None") -> bool:
    """Say whether the draft forbids (created) and (expires) under this name (§2.3)."""
    return named is not None and named.startswith(("rsa", "hmac", "ecdsa"))


def _made(job: SignJob, algorithm: str, message: bytes) -> "tuple[bytes, str]":
    """Return the signature, and the ID of the key that made it."""
    first, how = job.keys[0], ALGORITHMS[algorithm][1]
    if algorithm.startswith("hmac"):
        key = demands.without_session(secret_for(job.keys, LABEL, job.options.scheme_override), "cavage")
        return _mac(key, how, message), key.access_key_id
    from authkit.keys.prove import PrivateKey

    if not isinstance(first, PrivateKey):
        raise Refused("the key is a public key, which verifies and never signs")
    return first.sign(how, message), first.access_key_id


def _mac(key: AccessKey, how: str, message: bytes) -> bytes:
    return key.secret.mac_key(b"").mac(message) if how == "sha256" else digest(key.secret.reveal(), message, how)


def _warnings(request: Request, parameters: Parameters) -> "tuple[str, ...]":
    covered = parameters.headers
    found = [f"the signature does not cover {name}" for name in (TARGET, "host") if name not in covered]
    if request.content_length != 0 and not {"digest", "x-content-sha256"}.intersection(covered):
        found.append("the signature does not cover the body")
    return tuple(found)


def verifier(keys: "list[Key]", options: "Any") -> Verifier:
    """Return the verifier that these keys and options make."""
    wanted = demands.demands_of(options)
    return Verifier(lambda request, now: verify(request, keys, wanted, now, options.algorithm, options.oci), _watch)


def _watch(request: Request, now: datetime) -> "dict[str, Watcher]":
    return digests.watch() if "sha-512" in ",".join(request.values("digest")).lower() else {}


def verify(
    request: Request,
    keys: "list[Key]",
    wanted: demands.Demands,
    now: datetime,
    algorithm: "str | None" = None,
    oci: bool = False,
) -> Verified:
    """Decide whether *request* was signed by one of *keys* as is demanded.

    Args:
        algorithm: how the key signs; None for what its kind does first.
        oci: demand what Oracle Cloud Infrastructure demands.

    Raises:
        Rejected: with the reason of the first check that fails.

    Source:
        draft-cavage-http-signatures-12 §2.5, §3.1; Oracle, "Request Signatures", for *oci*. Deviations: the request
        target, Host, a time, and a digest of the body must be covered, and the digest is compared with the body; the
        key and the user decide the algorithm, and a message that names another one is refused.
    """
    check_request(request)
    said = parse(request)
    at = instant(said.created) if CREATED in said.headers and said.created is not None else None
    if at is None:
        at = _date(request, said)
    try:
        return _judge(request, said, at, keys, wanted, now, algorithm, oci)
    except Rejected as rejected:
        rejected.claim = Claimed(said.key_id, "", at)
        raise


def _date(request: Request, said: Parameters) -> datetime:
    """Return the instant of the Date header."""
    if CREATED in said.headers:
        raise Rejected("date-format" if said.created is not None else "signed-header-missing", CREATED)
    stamp = demands.single(request, "date")
    if stamp is None:
        raise Rejected("date-missing")
    at = dates.parse_http_date(stamp)
    if at is None:
        raise Rejected("date-format", f"{stamp[:32]!r}")
    return at


def _judge(
    request: Request,
    said: Parameters,
    at: datetime,
    keys: "list[Key]",
    wanted: demands.Demands,
    now: datetime,
    algorithm: "str | None",
    oci: bool,
) -> Verified:
    if _is_old(said.algorithm) and (CREATED in said.headers or EXPIRES in said.headers):
        raise Rejected("algorithm", f"{said.algorithm} with (created) or (expires)")
    until = demands.check_time(at, now, wanted.max_skew)
    if said.expires is not None:
        ends = instant(said.expires) or later(at, 1 << 62)
        if now > ends:
            raise Rejected("expired", f"it was good until {format_instant(ends)} and now is {format_instant(now)}")
        until = min(until, ends)
    key, warnings = _key(keys, said.key_id, wanted)
    _check_must_sign(request, said, wanted, oci)
    warnings = demands.check_host(request, wanted.authorities) + warnings
    if "authorization" in request.grouped and "authorization" not in (*said.headers, said.placement):
        warnings += ("authorization-not-covered",)
    name = _check_algorithm(key, said, algorithm)
    text = signing_string(request, said).encode("latin-1")
    how = ALGORITHMS[name][1]
    if isinstance(key, AccessKey):
        good = compare_digest(_mac(key, how, text), said.signature)
    else:
        good = key.verify(how, text, said.signature)
    if not good:
        raise Rejected("signature-mismatch")
    body = "" if _check_digest(request, said, wanted) else "body"
    headers = [one for one in said.headers if one not in (TARGET, CREATED, EXPIRES)]
    more: "dict[str, object]" = {"algorithm": name}
    carriers = (said.placement,)
    return demands.verified(
        "cavage", said.key_id, request, at, until, headers, body, warnings, carriers=carriers, more=more
    )


def _key(keys: "list[Key]", key_id: str, wanted: demands.Demands) -> "tuple[AccessKey | PublicKey, tuple[str, ...]]":
    """Return the key that answers to *key_id*, and a warning if it answers to any."""
    from authkit.keys.prove import PrivateKey, PublicKey

    public = [one.public() if isinstance(one, PrivateKey) else one for one in keys]
    anyone = None
    for one in public:
        if isinstance(one, PublicKey):
            if one.id == key_id or key_id in one.names:
                return one, ()
            if one.id is None and anyone is None:
                anyone = one
    if anyone is not None and not any([one.access_key_id == key_id for one in keys]):
        return anyone, ("keyid-not-compared",)
    return secret_checking(keys, key_id, LABEL, wanted.scheme_override), ()


def _check_algorithm(key: "AccessKey | PublicKey", said: Parameters, wanted: "str | None") -> str:
    """Return how the key signs, if the message does not name another way."""
    try:
        name = algorithm_for("secret" if isinstance(key, AccessKey) else key.type, wanted)
    except UsageError as error:
        raise Rejected("algorithm", error.message) from error
    says = None if said.algorithm is None else _ALIASES.get(said.algorithm.lower(), said.algorithm.lower())
    if says not in (None, HS2019, name) or says == _ONLY_HS2019:
        raise Rejected("algorithm", f"{says!r} instead of {name!r}")
    return name


def _check_must_sign(request: Request, said: Parameters, wanted: demands.Demands, oci: bool) -> None:
    """Check that what must be signed is signed."""
    covered = said.headers
    if TARGET not in covered:
        raise Rejected("required-component", TARGET)
    if "host" not in covered:
        raise Rejected("host-not-signed")
    if CREATED not in covered and "date" not in covered:
        raise Rejected("date-not-signed")
    if oci:
        _check_oci(request, said, wanted)
    elif "content-type" in request.grouped and "content-type" not in (*covered, *wanted.allow_unsigned):
        raise Rejected("content-type-unsigned", hint="--allow-unsigned content-type accepts it")
    if request.content_length != 0 and not wanted.allow_unsigned_payload and not _digests(said, oci):
        raise Rejected("unsigned-payload", hint="--allow-unsigned-payload accepts it")
    demands.check_required(wanted.required, covered)


def _digests(said: Parameters, oci: bool) -> bool:
    return ("x-content-sha256" if oci else "digest") in said.headers


def _check_oci(request: Request, said: Parameters, wanted: demands.Demands) -> None:
    """Check what Oracle demands besides: version 1, in Authorization, and three headers with a body."""
    if said.placement != "authorization" or said.version != "1":
        raise Rejected("authorization-syntax", "it is not in Authorization, or not of version 1")
    if "date" not in said.headers:
        raise Rejected("date-not-signed")
    if request.method in _OCI_METHODS and not wanted.allow_unsigned_payload:
        for name in OCI_BODY:
            if name not in said.headers:
                raise Rejected("unsigned-payload" if name.startswith("x-") else "required-component", name)


def _check_digest(request: Request, said: Parameters, wanted: demands.Demands) -> bool:
    """Compare the body with the digests that are signed; say whether it is covered."""
    found: "dict[str, str]" = {}
    if "x-content-sha256" in said.headers:
        value = demands.single(request, "x-content-sha256")
        found.update(digests.parse(f"sha-256={value}"))
    if "digest" in said.headers:
        other = digests.parse(",".join(request.values("digest")))
        if found and other.get("sha-256", found["sha-256"]) != found["sha-256"]:
            raise Rejected("payload-mismatch", "Digest and X-Content-Sha256 differ")
        found.update(other)
    if not found:
        return False
    if request.payload_hash is None:
        if not wanted.body_unchecked:
            raise Rejected("body-unavailable", hint="--body-unchecked accepts it")
        return False
    for algorithm, text in found.items():
        if digests.of_body(request, algorithm) != text:
            raise Rejected("payload-mismatch", algorithm)
    return True


def stages(request: Request, options: "Any") -> "dict[str, str]":
    """Return the stages as rebuilt from the signed request alone.

    Raises:
        Rejected: if its signature cannot be read.
    """
    check_request(request)
    said = parse(request)
    return {"signing-string": signing_string(request, said), "signature": str(said).rpartition('signature="')[2][:-1]}


SCHEME = Scheme("cavage", LABEL, (SIGN_OPTIONS, VERIFY_OPTIONS, ()), sign, verifier, stages, watch)
