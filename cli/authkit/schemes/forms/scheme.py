"""How does a signed form become a scheme of the verifier?"""

from datetime import datetime

from authkit.errors import Rejected, UsageError
from authkit.keys.select import widest_level
from authkit.messages.request import Request
from authkit.schemes import options as rows
from authkit.schemes.base import Scheme, Signed, SignJob, Verified, Verifier
from authkit.schemes.claim import MAX_EXPIRES
from authkit.schemes.forms.kinds import Kind
from authkit.schemes.forms.multipart import FormReader, boundary_of
from authkit.schemes.forms.sign import shown_policy
from authkit.schemes.forms.verify import WATCHER, Demands, judge_form, read_claim, watch_form
from authkit.schemes.policy import MAX_SKEW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.keys.select import Key

BUCKET = ("--bucket", "text", "NAME", "the bucket that the form must be signed for", None)
VERIFY_OPTIONS = (rows.EXPECT_REGION, rows.EXPECT_SERVICE, BUCKET, rows.MAX_SKEW, rows.MAX_EXPIRES)


def scheme_for(kind: Kind) -> Scheme:
    """Return the scheme that verifies the forms of one service."""
    return Scheme(
        f"{kind.name}-form",
        kind.chain.label,
        ((), VERIFY_OPTIONS, ()),
        _sign,
        lambda keys, options: verifier(keys, options, kind),
        lambda request, options: stages(request, options, kind),
        watch=lambda options: watch_form(options.head) if hasattr(options, "head") else {},
    )


def _sign(job: SignJob) -> Signed:
    """Refuse, since what is signed is no request.

    Raises:
        UsageError: always.
    """
    raise UsageError("a form is signed before there is a request", "use authkit sign form")


def verifier(keys: "list[Key]", options: "Any", kind: Kind) -> Verifier:
    """Return what verifies forms with *keys*.

    Raises:
        UsageError: for options that do not fit, or keys that open more than one region while none is named (S44).
    """
    skew = 300 if options.max_skew is None else options.max_skew
    expires = MAX_EXPIRES if options.max_expires is None else options.max_expires
    if not 0 <= skew <= MAX_SKEW:
        raise UsageError(f"--max-skew {skew} is not 0 to {MAX_SKEW} seconds")
    if not 1 <= expires <= MAX_EXPIRES:
        raise UsageError(f"--max-expires {expires} is not 1 to {MAX_EXPIRES} seconds")
    region = options.region or kind.names.region
    if region is None and widest_level(keys) != "signing":
        raise UsageError("a key that is wider than a signing key opens every region", "say which with --region")
    demands = Demands(region, options.service or kind.names.service, options.bucket, skew, expires)

    def judge(request: Request, at: datetime) -> Verified:
        return judge_form(request, at, kind, demands, keys)

    return Verifier(judge, lambda request, at: watch_form(request))


def stages(request: Request, options: "Any", kind: Kind) -> "dict[str, str]":
    """Return what a submitted form says was signed.

    Raises:
        Rejected: form-syntax, body-unavailable, and what `read_claim` raises.
    """
    boundary_of(request)
    reader = request.watched.get(WATCHER)
    if not isinstance(reader, FormReader):
        raise Rejected("body-unavailable")
    reader.finish()
    claim = read_claim(reader, kind.chain, kind.names)
    policy, token = claim.fields["policy"], claim.fields.get(kind.names.token)
    shown = shown_policy(policy)
    if token:  # the policy holds it, and base64 would carry it past who redacts
        return {"policy": shown.replace(token, "[session token]"), "signature": claim.signature}
    return {"policy": shown, "string-to-sign": policy, "signature": claim.signature}
