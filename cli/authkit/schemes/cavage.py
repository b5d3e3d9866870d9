"""HTTP signatures as draft-cavage-http-signatures-12 has them: the signature that goes with a request."""

from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.select import secret_for
from authkit.keys.subkeys import Subkey
from authkit.messages import dates, fields
from authkit.messages.request import Request, check_request
from authkit.schemes import demands, digests
from authkit.schemes.base import Scheme, Signed, SignJob
from authkit.schemes.cavage_check import (
    ALGORITHMS,
    HS2019,
    LABEL,
    OCI_ALWAYS,
    OCI_BODY,
    OCI_METHODS,
    ONLY_HS2019,
    algorithm_for,
    is_old,
    mac,
    verifier,
)
from authkit.schemes.cavage_text import (
    CREATED,
    EXPIRES,
    TARGET,
    Parameters,
    is_key_id,
    parse,
    seconds,
    signing_string,
)
from authkit.schemes.options import (
    ALLOW_UNSIGNED,
    ALLOW_UNSIGNED_PAYLOAD,
    AUTHORITY,
    MAX_SKEW,
    REQUIRE,
    SCHEME_OVERRIDE,
)
from authkit.schemes.options import EXPIRES as LIFETIME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.messages.payload import Watcher

_ALGORITHM = ("--algorithm", f"choice:{'|'.join(ALGORITHMS)}", "NAME", "how the key signs [by the kind of key]", None)
_OCI = ("--oci", "flag", "", "as Oracle Cloud Infrastructure has it", False)
SIGN_OPTIONS = (
    ("--keyid", "text", "ID", "the keyId to send [the key's ID]", None),
    _ALGORITHM,
    ("--hs2019", "flag", "", "name the algorithm hs2019, and sign the time as (created)", False),
    ("--cover", "many", "NAME", "sign this header, (request-target), (created) or (expires); repeatable, in order", ()),
    LIFETIME,
    ("--digest", "choice:sha-256|sha-512|none", "HOW", "the Digest header to send with a body [sha-256]", None),
    ("--authorization", "flag", "", "put the signature in the Authorization header", False),
    _OCI,
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
    named = HS2019 if options.hs2019 or algorithm == ONLY_HS2019 else algorithm
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
    if not parameters.key_id:
        raise UsageError("nothing says which keyId to send", "add --keyid")
    if not is_key_id(parameters.key_id):
        raise UsageError("the keyId holds a character that it cannot hold", "give another with --keyid")
    value = str(parameters)
    header = ("Authorization", f"Signature {value}") if _inside(options) else ("Signature", value)
    added = (*request.headers[len(job.request.headers) :], header)
    ready = job.request.with_headers(job.request.headers + added)
    stages = {"signing-string": text, "signature": value.rpartition('signature="')[2][:-1]}
    return Signed("cavage", parameters.key_id, "", ready, added, stages, _warnings(request, parameters))


def _inside(options: "Any") -> bool:
    return bool(options.oci or options.authorization)


def _prepare(job: SignJob) -> Request:
    """Return the request with the headers that signing adds before it signs."""
    request, options = job.request, job.options
    demands.refuse_signed(request, "signature", *(("authorization",) if _inside(options) else ()))
    if request.method != request.method.upper():
        method, other = request.method[:40], request.method[:40].upper()
        raise Refused(f"the method {method!r} has the signature of {other!r}", "write it in capitals")
    if options.oci and (options.cover or options.hs2019 or options.digest or options.expires):
        raise UsageError("--oci says by itself what is signed and where", "leave out the other options")
    wanted = [name.lower() for name in options.cover]
    added: "tuple[tuple[str, str], ...]" = ()
    if not options.hs2019 or "date" in wanted or "date" in request.grouped:
        added += demands.own_header(request, "Date", dates.format_http_date(job.at))
    if options.oci:
        if request.method in OCI_METHODS:
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
        cover = OCI_ALWAYS + (OCI_BODY if request.method in OCI_METHODS else ())
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
    if is_old(named) and (CREATED in cover or EXPIRES in cover):
        raise UsageError(f"{named} does not sign (created) or (expires)", "add --hs2019")


def _made(job: SignJob, algorithm: str, message: bytes) -> "tuple[bytes, str]":
    """Return the signature, and the ID of the key that made it."""
    first, how = job.keys[0], ALGORITHMS[algorithm][1]
    if algorithm.startswith("hmac"):
        key = demands.without_session(secret_for(job.keys, LABEL, job.options.scheme_override), "cavage")
        return mac(key, how, message), key.access_key_id
    from authkit.keys.prove import PrivateKey

    if not isinstance(first, PrivateKey):
        raise Refused("the key is a public key, which verifies and never signs")
    return first.sign(how, message), first.access_key_id


def _warnings(request: Request, parameters: Parameters) -> "tuple[str, ...]":
    covered = parameters.headers
    found = [f"the signature does not cover {name}" for name in (TARGET, "host") if name not in covered]
    if request.content_length != 0 and not {"digest", "x-content-sha256"}.intersection(covered):
        found.append("the signature does not cover the body")
    return tuple(found)


def stages(request: Request, options: "Any") -> "dict[str, str]":
    """Return the stages as rebuilt from the signed request alone.

    Raises:
        Rejected: if its signature cannot be read.
    """
    check_request(request)
    said = parse(request)
    return {"signing-string": signing_string(request, said), "signature": str(said).rpartition('signature="')[2][:-1]}


SCHEME = Scheme("cavage", LABEL, (SIGN_OPTIONS, VERIFY_OPTIONS, ()), sign, verifier, stages, watch)
