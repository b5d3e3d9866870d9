"""Stripe's webhooks: time and body, one header, several signatures while a secret changes."""

from authkit.schemes.webhooks.format import Format, Item
from authkit.schemes.webhooks.scheme import scheme_for

# Source: Stripe, "Verify webhook signatures manually".  Deviations: a time ahead of the clock is refused by the same
# bound as one behind it.  Vectors: tests/vectors/test_webhooks.py.
FORMAT = Format(
    name="stripe",
    stage="signed-payload",
    message="{timestamp}.{body}",
    carrier="Stripe-Signature",
    items=(Item("t=", "timestamp"), Item("v1=", "signature", algorithm="hmac-sha256")),
    separator=",",
    timestamp="unix",
)
SCHEME = scheme_for(FORMAT)
