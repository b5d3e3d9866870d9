"""Was this upload allowed by the holder of a key?"""

from datetime import datetime, timedelta

from authkit.clock import format_compact, format_instant, later, parse_compact
from authkit.errors import Rejected
from authkit.keys.scope import Chain, Scope, parse_credential
from authkit.messages.request import Request, check_request
from authkit.schemes.base import Claimed, Verified
from authkit.schemes.forms.kinds import Kind
from authkit.schemes.forms.multipart import FormReader, boundary_of
from authkit.schemes.forms.names import FREE, IGNORED, Fields
from authkit.schemes.forms.policy import LENGTH, Policy, parse_policy
from authkit.schemes.forms.sign import FILENAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.keys.select import Key
    from authkit.messages.payload import Watcher
    from authkit.secret import Secret

WATCHER = "form"
MAX_SIGNATURE = 2048


class Demands:
    """What a verifier of forms demands.

    Attributes:
        region, service: what the scope must name; None for what the key is for.
        bucket: the bucket that the form goes to; None leaves it uncompared, and the result says so.
        max_skew: seconds, 0–900.
        max_expires: seconds from the form's date that it may be good for, 1–604800.
    """

    __slots__ = ("region", "service", "bucket", "max_skew", "max_expires")

    def __init__(
        self, region: "str | None", service: "str | None", bucket: "str | None", max_skew: int, max_expires: int
    ) -> None:
        self.region = region
        self.service = service
        self.bucket = bucket
        self.max_skew = max_skew
        self.max_expires = max_expires


class FormClaim:
    """What a form says of its signature; nothing of it is verified.

    Attributes:
        fields: name, lower case -> value.
        access_key_id: as written.
        scope: whole; its day is a real day.
        at: the form's own instant, aware UTC.
        policy: as read.
        signature: lower-case hex, an even number of digits.
    """

    __slots__ = ("fields", "access_key_id", "scope", "at", "policy", "signature")

    def __init__(
        self,
        fields: "dict[str, str]",
        access_key_id: str,
        scope: Scope,
        at: datetime,
        policy: Policy,
        signature: str,
    ) -> None:
        self.fields = fields
        self.access_key_id = access_key_id
        self.scope = scope
        self.at = at
        self.policy = policy
        self.signature = signature


def watch_form(request: Request) -> "dict[str, Watcher]":
    """Return what must see the body of a form; nothing where the head is that of no form, as `judge_form` will say."""
    try:
        return {WATCHER: FormReader(boundary_of(request))}
    except Rejected:
        return {}


def judge_form(request: Request, at: datetime, kind: Kind, demands: Demands, keys: "list[Key]") -> Verified:
    """Decide whether an upload is one that a signed policy allows.

    Args:
        request: multipart/form-data, as it was received; its body was seen by what `watch_form` gave.
        at: the verifier's present instant, aware UTC.
        kind: the service whose form it is.
        demands: the verifier's policy.
        keys: all keys the verifier holds.

    Raises:
        Rejected: form-syntax, body-unavailable, duplicate-parameter, missing-parameter, algorithm,
            scope-format, scope-date, date-format, signature-format, policy-syntax, expires-range, not-yet-valid,
            expired, scope-date-mismatch, scope-region, scope-service, what `kind.find` raises, token-missing,
            token-mismatch, token-unexpected, signature-mismatch, field-unsigned, condition-failed, bucket-mismatch.

    Source:
        Amazon S3 API Reference, "POST policy" and "Authenticating requests: browser-based uploads using POST"; Cloud
        Storage, "Signatures with policy documents". Deviations: a policy must name the bucket; a field that stands
        twice is refused.
    """
    # (1) HTTP syntax, the form's syntax; (2) formats of what signs it
    check_request(request)
    if request.method != "POST":
        raise Rejected("form-syntax", f"{request.method[:32]} instead of POST")
    boundary_of(request)
    reader = request.watched.get(WATCHER)
    if not isinstance(reader, FormReader):
        raise Rejected("body-unavailable")
    reader.finish()
    names = kind.names
    claim = read_claim(reader, kind.chain, names)
    try:
        # (3) clock; (4) scope; (5) key and token; (6) MAC; (7) conditions
        until = _check_clock(claim, demands, at)
        _check_scope(claim, demands)
        key, token = kind.find(keys, claim)
        _check_token(claim, token, names)
        if not key.agrees(claim.fields["policy"].encode("ascii"), claim.signature):
            raise Rejected("signature-mismatch")
        covered, object_key = _check_conditions(claim, reader, names, demands)
    except Rejected as rejected:
        rejected.claim = Claimed(claim.access_key_id, str(claim.scope), claim.at)
        raise
    free = [field for field in claim.fields if field.startswith(IGNORED)]
    rest = [one for one in request.grouped if one not in ("content-type", "content-length")]
    more: "dict[str, object]" = {"object_key": object_key}
    warnings = () if demands.bucket is not None else ("bucket-not-compared",)
    uncovered = (*sorted(free), *sorted(rest), "file")
    return Verified(
        f"{kind.name}-form", claim.access_key_id, str(claim.scope), claim.at, until, covered, uncovered, warnings, more
    )


def read_claim(reader: FormReader, chain: Chain, names: Fields) -> FormClaim:
    """Read the fields that sign a form.

    Raises:
        Rejected: duplicate-parameter, no-signature, missing-parameter, algorithm, scope-format, scope-date,
            date-format, signature-format, policy-syntax.
    """
    fields: "dict[str, str]" = {}
    for name, value in reader.fields:
        if name.lower() in fields:
            raise Rejected("duplicate-parameter", name[:64])
        fields[name.lower()] = value
    if not fields.keys() & (names.own - FREE):
        raise Rejected("no-signature", f"no field {names.signature}")
    for name in ("policy", names.algorithm, names.credential, names.date, names.signature, "key"):
        if name not in fields:
            raise Rejected("missing-parameter", name)
    if fields[names.algorithm] != chain.label:
        raise Rejected("algorithm", f"{fields[names.algorithm][:64]!r} instead of {chain.label}")
    found = parse_credential(fields[names.credential], chain)
    if found is None:
        raise Rejected("scope-format", f"{fields[names.credential][:128]!r}")
    scope = Scope(found[1], chain)
    if chain.parse_day(found[1][0]) is None:
        raise Rejected("scope-date", f"{found[1][0]!r}")
    stamp = parse_compact(fields[names.date])
    if stamp is None:
        raise Rejected("date-format", f"{fields[names.date][:32]!r}")
    signature = fields[names.signature]
    size = len(signature)
    right = size == names.digits if names.digits is not None else 64 <= size <= MAX_SIGNATURE and not size % 2
    if not right or signature.strip("0123456789abcdef"):
        raise Rejected("signature-format", f"{signature[:128]!r}")
    return FormClaim(fields, found[0], scope, stamp, parse_policy(fields["policy"]), signature)


def _check_clock(claim: FormClaim, demands: Demands, at: datetime) -> datetime:
    """Return the last second at which the form is accepted; every bound is inclusive (A3)."""
    if claim.at - at > timedelta(seconds=demands.max_skew):
        raise Rejected("not-yet-valid", f"it is dated {format_compact(claim.at)} and now is {format_compact(at)}")
    until = claim.policy.expires_at
    if until > later(claim.at, demands.max_expires):
        raise Rejected("expires-range", f"good until {format_instant(until)}, over {demands.max_expires} seconds")
    if at > until:
        raise Rejected("expired", f"it was good until {format_instant(until)} and now is {format_instant(at)}")
    return until


def _check_scope(claim: FormClaim, demands: Demands) -> None:
    if claim.scope.day != claim.at.date():
        raise Rejected("scope-date-mismatch", f"{claim.scope.values[0]} and {format_compact(claim.at)}")
    for name, wanted in (("region", demands.region), ("service", demands.service)):
        found = claim.scope.part(name)
        if wanted is not None and found != wanted:
            raise Rejected(f"scope-{name}", f"{found!r} instead of {wanted!r}")


def _check_token(claim: FormClaim, token: "Secret | None", names: Fields) -> None:
    from hmac import compare_digest

    sent = claim.fields.get(names.token)
    if token is None:
        if sent is not None:
            raise Rejected("token-unexpected")
    elif sent is None:
        raise Rejected("token-missing")
    elif not compare_digest(token.reveal(), sent.encode("utf-8")):
        raise Rejected("token-mismatch")


def _check_conditions(
    claim: FormClaim, reader: FormReader, names: Fields, demands: Demands
) -> "tuple[tuple[str, ...], str]":
    """Return what the policy covers, and the name of the object that is made."""
    filename = reader.filename.rpartition("/")[2]
    values = {name: value.replace(FILENAME, filename) for name, value in claim.fields.items()}
    if "bucket" in values:
        raise Rejected("form-syntax", "a field is called bucket, which only the policy names")
    if not claim.policy.of("bucket"):
        raise Rejected("field-unsigned", "bucket")
    for name in values:
        free = name in names.free or name.startswith(IGNORED)
        if not free and not claim.policy.of(name):
            raise Rejected("field-unsigned", name[:64])
    for one in claim.policy.conditions:
        if one.how == LENGTH:
            if not one.admits(reader.length):
                raise Rejected("condition-failed", f"{one}, and the file has {reader.length}")
        elif one.field == "bucket":
            if demands.bucket is not None and not one.holds(demands.bucket):
                raise Rejected("bucket-mismatch", f"{one}, and not {demands.bucket[:64]!r}")
        elif one.field not in values or not one.holds(values[one.field]):
            raise Rejected("condition-failed", f"{one}")
    named = [name for name in values if claim.policy.of(name)]
    lengths = [LENGTH] if any(one.how == LENGTH for one in claim.policy.conditions) else []
    return ("policy", "bucket", *sorted(named), *lengths), values["key"]
