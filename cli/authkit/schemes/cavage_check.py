"""Does a request meet the closed policy by a signature of draft-cavage-http-signatures?"""

from datetime import datetime
from hmac import compare_digest, digest

from authkit.clock import format_instant, later
from authkit.errors import Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.select import Key, secret_checking
from authkit.messages import dates
from authkit.messages.request import Request, check_request
from authkit.schemes import demands, digests
from authkit.schemes.base import Claimed, Verified, Verifier
from authkit.schemes.cavage_text import CREATED, EXPIRES, TARGET, Parameters, instant, parse, signing_string

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
ONLY_HS2019 = "rsa-pss-sha512"
OCI_ALWAYS = ("date", TARGET, "host")
OCI_BODY = ("content-length", "content-type", "x-content-sha256")
OCI_METHODS = ("POST", "PUT", "PATCH")


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


def is_old(named: "str | None") -> bool:
    """Say whether the draft forbids (created) and (expires) under this name (§2.3)."""
    return named is not None and named.startswith(("rsa", "hmac", "ecdsa"))


def mac(key: AccessKey, how: str, message: bytes) -> bytes:
    """Return the HMAC of *message*.

    Args:
        how: "sha256" or "sha512".
    """
    return key.secret.mac_key(b"").mac(message) if how == "sha256" else digest(key.secret.reveal(), message, how)


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
    if is_old(said.algorithm) and (CREATED in said.headers or EXPIRES in said.headers):
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
        good = compare_digest(mac(key, how, text), said.signature)
    else:
        good = key.verify(how, text, said.signature)
    if not good:
        raise Rejected("signature-mismatch")
    body = "" if _check_digest(request, said, wanted) else "body"
    headers = [one for one in said.headers if one != TARGET]
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
    if says not in (None, HS2019, name) or says == ONLY_HS2019:
        raise Rejected("algorithm", f"{says!r} instead of {name!r}")
    return name


def _check_must_sign(request: Request, said: Parameters, wanted: demands.Demands, oci: bool) -> None:
    """Check that what must be signed is signed."""
    covered = said.headers
    if TARGET not in covered:
        raise Rejected("required-component", TARGET)
    if request.method != request.method.upper():
        detail = f"the method {request.method[:40]!r}, which has the signature of {request.method.upper()[:40]!r}"
        raise Rejected("request-line-syntax", detail)
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
    if request.method in OCI_METHODS and not wanted.allow_unsigned_payload:
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
