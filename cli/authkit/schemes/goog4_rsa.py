"""GOOG4-RSA-SHA256: a request to Google Cloud Storage that a service account's key signs."""

from authkit.errors import Refused, Rejected, UsageError
from authkit.keys.asymmetric import Pair
from authkit.keys.scope import Chain, Scope, part_fault
from authkit.keys.select import Credential
from authkit.schemes import options, sigv4
from authkit.schemes.base import Scheme, Signed, SignJob, Verified, Verifier
from authkit.schemes.claim import Claim
from authkit.schemes.derived import GOOG4
from authkit.schemes.policy import INSPECT_OPTIONS, VERIFY_OPTIONS, policy_of, rebuild, verify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from authkit.keys.prove import PrivateKey, PublicKey
    from authkit.keys.select import Key
    from authkit.messages.request import Request
    from authkit.schemes.base import Rows
    from authkit.schemes.forms.verify import FormClaim
    from authkit.secret import Secret

NAME = "goog4-rsa"
LABEL = "GOOG4-RSA-SHA256"
ALGORITHM = "rsa-v1_5-sha256"
# what Cloud Storage is called in a scope, and the region that leaves the location open
REGION, SERVICE = "auto", "storage"

ROW = GOOG4.but(
    name=NAME,
    chain=Chain(
        label=LABEL,
        prefix=b"",
        parts=GOOG4.chain.parts,
        terminator=GOOG4.chain.terminator,
        dashed=False,
        lower_case=True,
        max_expires=GOOG4.chain.max_expires,
    ),
    signature_length=None,
)


def sign_job(job: SignJob) -> Signed:
    """Sign with a service account's key.

    Raises:
        Refused: if it is no RSA key.
        InputError, UsageError: as `sigv4.sign` has it, or where nobody says whose key it is.

    Source:
        Google Cloud Storage, "V4 signing process" and "Canonical requests". Deviations: none.
        Vectors: conformance-tests, v4_signatures.json.
    """
    credential = credential_for(job.keys, job.options.region, job.options.service, job.at)
    return sigv4.sign(job.request, credential, sigv4.settings_of(job.options), job.at, ROW)


def credential_for(keys: "list[Key]", region: "str | None", service: "str | None", at: "datetime") -> Credential:
    """Return what signs at *at*.

    Args:
        keys: 1 or more, of one reference; the first must be an RSA key with an id.
        region, service: as asked for; None for "auto" and "storage".

    Raises:
        Refused, UsageError: as `sign_job` has it.
    """
    key = _signing_key(keys[0])
    values = (region or REGION, service or SERVICE)
    for name, value in zip(("region", "service"), values):
        fault = part_fault(value)
        if fault:
            raise UsageError(f"--{name} {value[:80]!r} {fault}")
    scope = Scope((ROW.chain.format_day(at), *values, ROW.chain.terminator), ROW.chain)
    return Credential(key.access_key_id, scope, Pair(key, ALGORITHM), None)


def _signing_key(first: "Key") -> "PrivateKey":
    from authkit.keys.prove import PrivateKey

    if not isinstance(first, PrivateKey):
        raise Refused(f"{LABEL} signs with a service account's RSA key", "give its JSON key file: --key file:PATH")
    if first.type != "rsa":
        raise Refused(f"{LABEL} signs with an RSA key, and this one is of type {first.type}")
    if not first.access_key_id:
        raise UsageError("the key does not say whose it is", "name the service account: --key EMAIL=REF")
    return first


def verifier(keys: "list[Key]", given: "Any") -> Verifier:
    """Return what verifies with the public keys of service accounts.

    Raises:
        UsageError: for options that do not fit.
    """
    policy = policy_of(given)
    # an RSA key opens every location, so the verifier's own is never left open (S44)
    policy.region = given.region or REGION
    policy.service = given.service or SERVICE

    def judge(request: "Request", at: "datetime") -> Verified:
        used: "list[Pair]" = []

        def choosing(keys: "list[Key]", claim: Claim) -> "tuple[Pair, Secret | None]":
            pair, token = choose(keys, claim)
            used.append(pair)
            return pair, token

        found = verify(request, keys, policy, at, ROW, choosing)
        if used[0].key.id is None:
            found.warnings += ("keyid-not-compared",)
        return found

    return Verifier(judge)


def choose(keys: "list[Key]", claim: "Claim | FormClaim") -> "tuple[Pair, Secret | None]":
    """Return the public key of the account that the request names.

    Raises:
        Rejected: unknown-access-key, other-scheme.
    """
    from authkit.keys.prove import PrivateKey, PublicKey

    # a key that has this ID goes before one that answers to any
    named = [one for name in (claim.access_key_id, "") for one in keys if one.access_key_id == name]
    if not named:
        raise Rejected("unknown-access-key", f"{claim.access_key_id[:128]!r}")
    for one in named:
        public: "PublicKey | None" = one.public() if isinstance(one, PrivateKey) else None
        if isinstance(one, PublicKey):
            public = one
        if public is not None and public.type == "rsa":
            return Pair(public, ALGORITHM), None
    raise Rejected("other-scheme", f"no key held for {claim.access_key_id[:128]!r} is an RSA key")


def stages(request: "Request", given: "Any") -> "dict[str, str]":
    """Return the stages of a signed request, as far as they follow from it alone; raises Rejected."""
    return rebuild(request, ROW, given.normalize_path, given.double_encode)


def _rows(rows: "Rows") -> "Rows":
    # a service account's key has no session, and is of no other scheme
    kept = [one for one in sigv4.rows_of(rows, ROW) if one[0] not in ("--omit-session-token", "--scheme-override")]
    usual = {"--region": f"[{REGION}]", "--service": f"[{SERVICE}]"}
    return tuple([options.with_default(one, usual.get(one[0])) for one in kept])


SCHEME = Scheme(
    NAME,
    LABEL,
    (_rows(sigv4.SIGN_OPTIONS), _rows(VERIFY_OPTIONS), _rows(INSPECT_OPTIONS)),
    sign_job,
    verifier,
    stages,
)
