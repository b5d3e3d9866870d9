"""How does a kind of webhook become a scheme?"""

from authkit.messages.request import Request
from authkit.schemes.base import Scheme
from authkit.schemes.webhooks.format import Format
from authkit.schemes.webhooks.options import SIGN_OPTIONS, SIGN_WITHOUT_ID, VERIFY_OPTIONS, VERIFY_WITHOUT_TIME
from authkit.schemes.webhooks.sign import sign_webhook, watch_body
from authkit.schemes.webhooks.verify import Claim, claimed_message, read_claim, verifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def scheme_for(form: Format) -> Scheme:
    """Return the scheme of one kind of webhook."""
    signing = SIGN_OPTIONS if form.uses("id") else SIGN_WITHOUT_ID
    return Scheme(
        form.name,
        form.name,
        (signing, VERIFY_OPTIONS if form.timestamp else VERIFY_WITHOUT_TIME, ()),
        lambda job: sign_webhook(job, form),
        lambda keys, options: verifier(keys, options, form),
        lambda request, options: stages(request, options, form),
        watch=lambda options: watch_body(form),
    )


def stages(request: Request, options: "Any", form: Format) -> "dict[str, str]":
    """Return the text that a received webhook must have been signed over, by its specification's name.

    Raises:
        Rejected: as read_claim has it; body-unavailable.
    """
    claim = Claim()
    read_claim(request, form, claim)
    return {form.stage: claimed_message(request, claim, form).decode("latin-1")}
