"""AWS Signature Version 4a: one signature that several regions accept."""

from authkit.errors import Refused, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.asymmetric import Pair
from authkit.keys.scope import Chain, Scope, part_fault
from authkit.keys.select import Credential, other_scheme, refuse_ended, refuse_master
from authkit.keys.whole import FAMILY, LABEL, PREFIX, derive_scalar, encode_scalar, is_whole
from authkit.messages import target
from authkit.schemes import options, policy, sigv4
from authkit.schemes.base import Scheme, Signed, SignJob, Verified, Verifier
from authkit.schemes.claim import Claim
from authkit.schemes.derived import AWS4
from authkit.schemes.endpoints import guess_scope
from authkit.schemes.policy import INSPECT_OPTIONS, policy_of, rebuild, verify, watch
from authkit.schemes.region_set import names_region, region_set_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from authkit.keys.prove import PrivateKey, PublicKey
    from authkit.keys.select import Key
    from authkit.messages.request import Request
    from authkit.schemes.policy import Choose
    from authkit.secret import Secret

NAME = "sigv4a"
ALGORITHM = "ecdsa-der-sha256"
REGION_SET = "X-Amz-Region-Set"
# S3's endpoint of a Multi-Region Access Point names no region, because it stands for all of them
_GLOBAL_S3 = ".accesspoint.s3-global.amazonaws.com"

ROW = AWS4.but(
    name=NAME,
    chain=Chain(
        label=LABEL,
        prefix=PREFIX,
        parts=("date", "service"),
        terminator=AWS4.chain.terminator,
        dashed=False,
        lower_case=True,
        max_expires=AWS4.chain.max_expires,
    ),
    signature_length=None,
)

_USUAL = {"--region": "[--region-set]", "--service": "[the URL's]"}
SIGN_OPTIONS = (
    ("--region-set", "text", "REGIONS", "the regions to sign for: us-east-1,us-west-2 or us-* or * [the URL's]", None),
    *[options.with_default(one, _USUAL.get(one[0])) for one in sigv4.SIGN_OPTIONS],
)
# the verifier's own must be said
VERIFY_OPTIONS = tuple([options.with_default(one, "" if one[0] in _USUAL else None) for one in policy.VERIFY_OPTIONS])


def load_whole(key: AccessKey) -> "PrivateKey":
    """Return the P-256 key of an access key: derived from its secret, or the one it holds.

    Args:
        key: one for SigV4a that holds raw bytes holds the scalar itself, as `derive-subkey --whole-key` writes it.

    Raises:
        Refused: if the secret gives no key.
        InputError: if it holds no scalar of P-256.
    """
    from authkit.keys.prove import load_private

    scalar = key.secret if is_whole(key) else derive_scalar(key.secret, key.access_key_id)
    return load_private(encode_scalar(scalar), f"the SigV4a key of {key.access_key_id}", key.access_key_id)


def sign_job(job: SignJob) -> Signed:
    """Sign with the P-256 key that an access key's secret derives to, or with that key itself.

    Raises:
        Refused: if the key is a master, a subkey, no P-256 key or for another scheme, or the request has a region set.
        InputError, UsageError: as `sigv4.sign` has it, or where nobody says a region, the service or the key's ID.

    Source:
        AWS SigV4a, "Create a signed AWS API request": as SigV4 but for the algorithm, the key, a scope without region
        and X-Amz-Region-Set. Deviations: none.  Vectors: aws-c-auth v4a.
    """
    regions, service = _wanted(job)
    access_key_id, key, token = _signing_key(job)
    if "x-amz-region-set" in job.request.grouped or REGION_SET.lower() in [name.lower() for name in job.request.names]:
        raise Refused("the request already has X-Amz-Region-Set", "remove it: --region-set adds it")
    if "x-amz-region-set" in [name.lower() for name in job.options.no_sign_header]:
        raise UsageError("--no-sign-header x-amz-region-set: a signature that does not cover it is good in any region")
    scope = Scope((ROW.chain.format_day(job.at), service, ROW.chain.terminator), ROW.chain)
    credential = Credential(access_key_id, scope, Pair(key, ALGORITHM), token)
    return sigv4.sign(
        job.request, credential, sigv4.settings_of(job.options), job.at, ROW, extra=((REGION_SET, regions),)
    )


def _wanted(job: SignJob) -> "tuple[str, str]":
    """Return the region set and the service to sign for."""
    given, host = job.options, job.request.host
    if given.region_set is not None and given.region is not None:
        raise UsageError("both --region-set and --region", "--region-set says it all")
    anywhere = host.partition(":")[0].endswith(_GLOBAL_S3)
    guess = {"region": "*", "service": "s3"} if anywhere else guess_scope(host)
    regions = given.region_set or given.region or guess["region"]
    if regions is None:
        raise UsageError("nothing says which regions to sign for", "add --region-set; '*' is every region")
    fault = region_set_fault(regions)
    if fault:
        raise UsageError(f"--region-set {regions[:80]!r} {fault}")
    service = given.service or guess["service"]
    if service is None:
        raise UsageError("neither the key nor the URL says which service to sign for", "add --service")
    fault = part_fault(service)
    if fault:
        raise UsageError(f"--service {service[:80]!r} {fault}")
    return regions, service


def _signing_key(job: SignJob) -> "tuple[str, PrivateKey, Secret | None]":
    from authkit.keys.prove import PrivateKey, PublicKey

    first = job.keys[0]
    if isinstance(first, AccessKey):
        refuse_master(first)
        if first.scheme not in FAMILY and not job.options.scheme_override:
            raise other_scheme(first, LABEL)
        refuse_ended(first, job.at)
        return first.access_key_id, load_whole(first), first.session_token
    if isinstance(first, PublicKey):
        raise Refused("the key is a public key, which checks signatures and makes none")
    if not isinstance(first, PrivateKey):
        raise Refused(
            f"{LABEL} signs with a secret or with the P-256 key derived from it",
            "a subkey of SigV4 is good for one region, and SigV4a has none",
        )
    if first.type != "p256":
        raise Refused(f"{LABEL} signs with a P-256 key, and this one is of type {first.type}")
    if not first.access_key_id:
        raise UsageError("the key does not say its access key ID", "name it: --key ID=REF")
    return first.access_key_id, first, None


def verifier(keys: "list[Key]", given: "Any") -> Verifier:
    """Return what verifies with *keys*: access keys, or the public keys derived from them.

    Raises:
        UsageError: for options that do not fit, or without a region and a service, since the key opens them all (S4).
    """
    if given.region is None or given.service is None:
        raise UsageError(
            "a SigV4a key opens every region and service", "say which is yours with --region and --service"
        )
    fault = part_fault(given.region)
    if fault:
        raise UsageError(f"--region {given.region[:80]!r} {fault}")
    if "x-amz-region-set" in [name.lower() for name in given.allow_unsigned]:
        raise UsageError("--allow-unsigned x-amz-region-set: the region set is all that keeps a request in its region")
    demanded = policy_of(given)
    known: "dict[int, PublicKey]" = {}

    def choosing(request: "Request", said: "list[tuple[str, PublicKey]]") -> "Choose":
        def choose(keys: "list[Key]", claim: Claim) -> "tuple[Pair, Secret | None]":
            regions = _check_region(claim, request, given.region)
            key, token = _checking_key(keys, claim.access_key_id, known, given.scheme_override)
            said.append((regions, key))
            return Pair(key, ALGORITHM), token

        return choose

    def judge(request: "Request", at: "datetime") -> Verified:
        said: "list[tuple[str, PublicKey]]" = []
        found = verify(request, keys, demanded, at, ROW, choosing(request, said))
        found.more["region_set"] = said[0][0]
        if said[0][1].id is None:
            found.warnings += ("keyid-not-compared",)
        return found

    return Verifier(judge, lambda request, at: watch(request, keys, demanded, at, ROW, choosing(request, [])))


def _check_region(claim: Claim, request: "Request", region: str) -> str:
    """Return the region set that the signature goes by.

    Raises:
        Rejected: region-set-missing, region-set-format, scope-region.
    """
    headers, parameters = request.values("x-amz-region-set"), _parameters(claim.request)
    found, others = (parameters, headers) if claim.in_query else (headers, parameters)
    if not found:
        raise Rejected("region-set-missing")
    if len(found) > 1 or others:
        raise Rejected("region-set-format", "it stands more than once")
    text = found[0].strip(" \t")
    fault = region_set_fault(text)
    if fault:
        raise Rejected("region-set-format", f"{text[:80]!r} {fault}")
    if not names_region(text, region):
        raise Rejected("scope-region", f"{text[:128]!r} does not name {region!r}")
    return text


def _parameters(request: "Request") -> "list[str]":
    """Return the values of X-Amz-Region-Set in the query, whatever its case."""
    pairs = [pair.partition("=") for pair in request.parts[1].split("&")]
    named = [(target.decode(name).decode("latin-1").lower(), value) for name, _, value in pairs]
    return [target.decode(value).decode("latin-1") for name, value in named if name == "x-amz-region-set"]


def _checking_key(
    keys: "list[Key]", access_key_id: str, known: "dict[int, PublicKey]", override: bool
) -> "tuple[PublicKey, Secret | None]":
    """Return the public key of *access_key_id*, and the session token that goes with it.

    Raises:
        Rejected: unknown-access-key, no-secret, other-scheme.
    """
    from authkit.keys.prove import PrivateKey, PublicKey

    # a key that has this ID goes before one that answers to any
    named = [one for name in (access_key_id, "") for one in keys if one.access_key_id == name]
    if not named:
        raise Rejected("unknown-access-key", f"{access_key_id[:128]!r}")
    for one in named:
        if isinstance(one, PrivateKey | PublicKey):
            if one.type == "p256":
                return (one.public() if isinstance(one, PrivateKey) else one), None
        elif isinstance(one, AccessKey) and (one.scheme in FAMILY or override):
            if not len(one.secret):
                raise Rejected("no-secret")
            if id(one) not in known:
                known[id(one)] = load_whole(one).public()
            return known[id(one)], one.session_token
    detail = f"no key held for {access_key_id[:128]!r} is one of {LABEL}"
    raise Rejected("other-scheme", detail, "--scheme-override insists" if _have_secret(named) else None)


def _have_secret(keys: "list[Key]") -> bool:
    return any([isinstance(one, AccessKey) for one in keys])


def stages(request: "Request", given: "Any") -> "dict[str, str]":
    """Return the stages of a signed request, as far as they follow from it alone; raises Rejected."""
    return rebuild(request, ROW, given.normalize_path, given.double_encode)


SCHEME = Scheme(
    NAME,
    LABEL,
    (SIGN_OPTIONS, VERIFY_OPTIONS, INSPECT_OPTIONS),
    sign_job,
    verifier,
    stages,
    watch=lambda given: sigv4.watch_for_signing(given.payload),
)
