"""Huawei Cloud's V11-HMAC-SHA256: the signature that a key derived for one day, region and service makes."""

from datetime import datetime
from hmac import digest

from authkit.errors import Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.scope import id_fault, part_fault
from authkit.keys.select import Key
from authkit.messages.request import Request
from authkit.schemes import demands, huawei
from authkit.schemes.base import Claimed, Scheme, Signed, SignJob, Verified, Verifier
from authkit.schemes.options import EXPECT_REGION, EXPECT_SERVICE, REGION, SERVICE
from authkit.secret import MacKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LABEL = "V11-HMAC-SHA256"
SIGN_OPTIONS = (REGION, SERVICE, *huawei.SIGN_OPTIONS)
VERIFY_OPTIONS = (EXPECT_REGION, EXPECT_SERVICE, *huawei.VERIFY_OPTIONS)


def derive(key: AccessKey, scope: str) -> MacKey:
    """Return what signs in one scope.

    The key is one HKDF of the secret, the access key ID and the whole scope.  There is no date key or region key on the
    way to it, and the scope has no end that would tell it from a wider one, so no subkey file can hold it.

    Args:
        scope: date/region/service.

    Returns:
        64 lower-case hex digits: the text is the key.

    Source:
        RFC 5869 §2.2, §2.3 with the secret as input key, the access key ID as salt and the scope as info; one block of
        32 octets. Huawei Cloud's SDK, signer/hkdf.py. Deviations: none.
    """
    extracted = digest(key.access_key_id.encode("ascii"), key.secret.reveal(), "sha256")
    return MacKey(digest(extracted, scope.encode("ascii") + b"\x01", "sha256").hex().encode("ascii"))


DERIVED = huawei.Way("huawei-v11", LABEL, "Credential", lambda scope: f"{scope}\n", derive)


def sign(job: SignJob) -> Signed:
    """Sign a request.

    Returns:
        the request with its signature, and the stages "canonical-request", "string-to-sign", "signature".

    Raises:
        Refused: if the request is signed already, or the key is not one for this scheme.
        InputError: if it has no Host, or its body is not known.
        UsageError: if region or service is missing, or an option does not fit the request.
        Rejected: target-syntax.

    Source:
        Huawei Cloud's SDK, DerivationAKSKSigner; the rest as in `huawei.sign`. Deviations: as there.
        Vectors: tests/vectors/test_vendor_schemes.py.
    """
    parts = []
    for name in ("region", "service"):
        value = getattr(job.options, name)
        if value is None:
            raise UsageError(f"nothing says which {name} to sign for", f"add --{name}")
        fault = part_fault(value)
        if fault:
            raise UsageError(f"--{name} {value[:80]!r} {fault}")
        parts.append(value)
    return huawei.sign_with(DERIVED, job, "/".join([job.at.strftime("%Y%m%d"), *parts]))


def verifier(keys: "list[Key]", options: "Any") -> Verifier:
    """Return the verifier that these keys and options make.

    Raises:
        UsageError: if region or service is not given: the secret opens every one of them (S44).
    """
    wanted, region, service = demands.demands_of(options), options.region, options.service
    if region is None or service is None:
        raise UsageError("an access key opens more than one scope", "say which is yours with --region and --service")
    return Verifier(lambda request, now: verify(request, keys, wanted, now, region, service))


def verify(
    request: Request, keys: "list[Key]", wanted: demands.Demands, now: datetime, region: str, service: str
) -> Verified:
    """Decide whether *request* was signed by one of *keys* for *region* and *service*, as is demanded.

    Raises:
        Rejected: with the reason of the first check that fails.

    Source:
        Huawei Cloud's SDK, DerivationAKSKSigner. Deviations: what must be signed is authkit's own list.
    """
    claim = huawei.read(request, DERIVED)
    claimed = _claimed(claim)
    day, its_region, its_service = claimed.scope.split("/")
    fault = None
    if day != claim.stamp[:8]:
        fault = Rejected("scope-date-mismatch", f"{day} and {claim.stamp}")
    elif its_region != region:
        fault = Rejected("scope-region", f"{its_region!r} instead of {region!r}")
    elif its_service != service:
        fault = Rejected("scope-service", f"{its_service!r} instead of {service!r}")
    if fault is not None:
        fault.claim = claimed
        raise fault
    return huawei.judge(request, claim, claimed, keys, wanted, now, DERIVED)


def _claimed(claim: huawei.Read) -> Claimed:
    pieces = claim.owner.rsplit("/", 3)
    if len(pieces) != 4 or id_fault(pieces[0]) or any(map(part_fault, pieces[1:])):
        raise Rejected("scope-format", f"{claim.owner[:128]!r} is not ID/date/region/service")
    return Claimed(pieces[0], "/".join(pieces[1:]), claim.at)


def stages(request: Request, options: "Any") -> "dict[str, str]":
    """Return the stages as rebuilt from the signed request alone.

    Raises:
        Rejected: if its signature cannot be read.
    """
    claim = huawei.read(request, DERIVED)
    return huawei.rebuild(request, claim, _claimed(claim).scope, DERIVED)


SCHEME = Scheme("huawei-v11", LABEL, (SIGN_OPTIONS, VERIFY_OPTIONS, ()), sign, verifier, stages)
