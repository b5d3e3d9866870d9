"""AWS4-X509: a request to IAM Roles Anywhere that a certificate's key signs."""

from authkit import base64
from authkit.errors import Refused, Rejected, UsageError
from authkit.keys.asymmetric import Pair
from authkit.keys.scope import Chain, Scope, part_fault
from authkit.keys.select import Credential
from authkit.keys.serial import serial_of
from authkit.schemes import options, policy, sigv4
from authkit.schemes.base import Scheme, Signed, SignJob, Verified, Verifier
from authkit.schemes.claim import Claim
from authkit.schemes.derived import AWS4, Derived
from authkit.schemes.endpoints import guess_scope
from authkit.schemes.policy import policy_of, rebuild, verify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from authkit.keys.prove import PrivateKey
    from authkit.keys.select import Key
    from authkit.messages.request import Request
    from authkit.schemes.base import Rows
    from authkit.secret import Secret

NAME = "aws4-x509"
LABEL = "AWS4-X509"
SERVICE = "rolesanywhere"
CERTIFICATE, CHAIN = "X-Amz-X509", "X-Amz-X509-Chain"
MAX_CHAIN = 5
_OWN = (CERTIFICATE.lower(), CHAIN.lower())
# type of the key -> what the algorithm label ends in, and what signs; P-384 is used with SHA-256 as well
_BY_TYPE = {
    "rsa": ("RSA-SHA256", "rsa-v1_5-sha256"),
    "p256": ("ECDSA-SHA256", "ecdsa-der-sha256"),
    "p384": ("ECDSA-SHA256", "ecdsa-der-sha256"),
    "mldsa44": ("MLDSA", "mldsa"),
    "mldsa65": ("MLDSA", "mldsa"),
    "mldsa87": ("MLDSA", "mldsa"),
}


def _row(ending: str) -> Derived:
    chain = AWS4.chain
    return AWS4.but(
        name=NAME,
        chain=Chain(f"{LABEL}-{ending}", b"", chain.parts, chain.terminator, False, True, chain.max_expires),
        signature_length=None,
        query=None,
        streams=False,
    )


ROWS = {ending: _row(ending) for ending in ("RSA-SHA256", "ECDSA-SHA256", "MLDSA")}
# what is for session tokens, for large bodies and for secret keys: none of it is here
_NOT_HERE = ("--omit-session-token", "--payload", "--bind-certificate", "--bind", "--scheme-override")


def _rows(rows: "Rows", region: str) -> "Rows":
    usual = {"--region": region, "--service": f"[{SERVICE}]"}
    kept = [one for one in sigv4.rows_of(rows, ROWS["MLDSA"]) if one[0] not in _NOT_HERE]
    return tuple([options.with_default(one, usual.get(one[0])) for one in kept])


SIGN_OPTIONS = (options.CERTIFICATE, *_rows(sigv4.SIGN_OPTIONS, "[the URL's]"))
VERIFY_OPTIONS = _rows(policy.VERIFY_OPTIONS, "")


def sign_job(job: SignJob) -> Signed:
    """Sign with a certificate's key, and send the certificate along.

    Raises:
        Refused: if the key has no certificate, or is of a type that Roles Anywhere does not take.
        InputError, UsageError: as `sigv4.sign` has it, or where nobody says the region.

    Source:
        AWS IAM Roles Anywhere, "Signing process": as SigV4 but for the algorithm, the certificate's serial number in
        decimal as the ID, X-Amz-X509 and X-Amz-X509-Chain. Deviations: none.  Vectors: none are published.
    """
    key = _signing_key(job)
    ending, algorithm = _BY_TYPE[key.type]
    row = ROWS[ending]
    for name in job.options.no_sign_header:
        if name.lower() in _OWN:
            raise UsageError(f"--no-sign-header {name}: the certificate that goes with a signature is covered by it")
    for name in _OWN:
        if name in job.request.grouped:
            raise Refused(f"the request already has the header {name}", "remove it: signing adds it")
    serial = serial_of(key.chain[0])
    extra = [(CERTIFICATE, base64.encode(key.chain[0]))]
    if len(key.chain) > 1:
        extra.append((CHAIN, ",".join([base64.encode(one) for one in key.chain[1:]])))
    credential = Credential(f"{serial}", _scope(job, row), Pair(key, algorithm), None)
    return sigv4.sign(job.request, credential, _settings(job.options), job.at, row, extra=tuple(extra))


def _signing_key(job: SignJob) -> "PrivateKey":
    from authkit.keys.prove import PrivateKey

    key = job.keys[0]
    if not isinstance(key, PrivateKey):
        raise Refused(f"{LABEL} signs with the key of a certificate", "give a PEM with the key and its certificates")
    if key.type not in _BY_TYPE:
        raise Refused(f"Roles Anywhere takes no key of type {key.type}", "it takes RSA, P-256, P-384 and ML-DSA")
    if not key.chain:
        raise Refused("the key has no certificate", "add it to the key's file, or give it with --certificate FILE")
    if len(key.chain) > MAX_CHAIN + 1:
        raise Refused(f"{len(key.chain) - 1} certificates behind the leaf, and Roles Anywhere takes {MAX_CHAIN}")
    return key


def _scope(job: SignJob, row: Derived) -> Scope:
    region = job.options.region or guess_scope(job.request.host)["region"]
    service = job.options.service or SERVICE
    if region is None:
        raise UsageError("neither the key nor the URL says which region to sign for", "add --region")
    for name, value in (("region", region), ("service", service)):
        fault = part_fault(value)
        if fault:
            raise UsageError(f"--{name} {value[:80]!r} {fault}")
    return Scope((row.chain.format_day(job.at), region, service, row.chain.terminator), row.chain)


def _settings(given: "Any") -> sigv4.Settings:
    return sigv4.Settings(
        normalize_path=given.normalize_path,
        double_encode=given.double_encode,
        payload_header=given.payload_header,
        sign_headers=given.sign_header,
        no_sign_headers=given.no_sign_header,
    )


def verifier(keys: "list[Key]", given: "Any") -> Verifier:
    """Return what verifies against trust anchors; no key is needed from elsewhere, and none is looked at.

    Raises:
        UsageError: for options that do not fit, or without a trust anchor or a region.
    """
    presented = getattr(given, "presented", None)
    if presented is None:
        raise UsageError("a certificate that arrives with the message proves nothing by itself", "add --trust-anchor")
    if given.region is None:
        raise UsageError("a certificate opens every region", "say which is yours with --region")
    for name in given.allow_unsigned:
        if name.lower() in _OWN:
            raise UsageError(f"--allow-unsigned {name}: the certificate must be covered by the signature it goes with")
    demanded = policy_of(given)
    demanded.service = given.service or SERVICE

    def judge(request: "Request", at: "datetime") -> Verified:
        shown: "list[Any]" = []
        claims: "list[Claim]" = []

        def choose(keys: "list[Key]", claim: Claim) -> "tuple[Pair, Secret | None]":
            claims.append(claim)
            leaf, chain = _certificates(request)
            if claim.access_key_id != f"{serial_of(leaf)}":
                raise Rejected("serial-mismatch", f"{claim.access_key_id[:64]!r} and {serial_of(leaf)}")
            shown.append(presented.judge(request, leaf, chain, claim.at, at))
            key = shown[0].key
            ending, algorithm = _BY_TYPE.get(key.type, ("", ""))
            if claim.scope.chain.label != f"{LABEL}-{ending}":
                raise Rejected("algorithm", f"{claim.scope.chain.label} with a key of type {key.type}")
            return Pair(key, algorithm), None

        found = verify(request, [], demanded, at, _row_of(request), choose)
        try:
            shown[0].check_identity()
        except Rejected as rejected:
            rejected.claim = claims[0]
            raise
        found.more.update(shown[0].more)
        found.warnings += tuple(shown[0].warnings)
        return found

    return Verifier(judge)


def _row_of(request: "Request") -> Derived:
    """Return the row of the algorithm that the request names; any row for another one, which then refuses it."""
    label = "".join(request.values("authorization")[:1]).partition(" ")[0]
    return ROWS.get(label.removeprefix(f"{LABEL}-"), ROWS["ECDSA-SHA256"])


def _certificates(request: "Request") -> "tuple[bytes, tuple[bytes, ...]]":
    """Return the certificate that the request carries, and those that it says lead to its issuer, as DER.

    Raises:
        Rejected: client-cert-missing, client-cert-format, duplicate-header.
    """
    found = []
    for name in _OWN:
        values = request.values(name)
        if len(values) > 1:
            raise Rejected("duplicate-header", name)
        found.append([base64.decode(text.strip(" \t")) for text in values[0].split(",")] if values else [])
    leaf, chain = found
    if not leaf:
        raise Rejected("client-cert-missing", f"no {CERTIFICATE}")
    if len(leaf) > 1 or not leaf[0] or serial_of(leaf[0]) is None:
        raise Rejected("client-cert-format", f"{CERTIFICATE} is not one certificate in base64")
    if len(chain) > MAX_CHAIN or not all(chain):
        raise Rejected("client-cert-format", f"{CHAIN} is not 1 to {MAX_CHAIN} certificates in base64")
    return leaf[0], tuple([one for one in chain if one is not None])


def stages(request: "Request", given: "Any") -> "dict[str, str]":
    """Return the stages of a signed request, as far as they follow from it alone; raises Rejected."""
    return rebuild(request, _row_of(request), given.normalize_path, given.double_encode)


SCHEME = Scheme(
    NAME,
    LABEL,
    (SIGN_OPTIONS, VERIFY_OPTIONS, policy.INSPECT_OPTIONS),
    sign_job,
    verifier,
    stages,
    needs_key=False,
)
