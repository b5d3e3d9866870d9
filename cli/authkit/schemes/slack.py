"""Slack's requests: time and body, version v0."""

from authkit.schemes.webhooks.format import Format, Item
from authkit.schemes.webhooks.scheme import scheme_for

# Source: Slack, "Verifying requests from Slack".  Deviations: a time ahead of the clock is refused by the same bound as
# one behind it.  Vectors: tests/vectors/test_webhooks.py.
FORMAT = Format(
    name="slack",
    stage="sig-basestring",
    message="v0:{timestamp}:{body}",
    headers=(("X-Slack-Request-Timestamp", Item("", "timestamp")),),
    carrier="X-Slack-Signature",
    items=(Item("v0=", "signature", algorithm="hmac-sha256"),),
    timestamp="unix",
)
SCHEME = scheme_for(FORMAT)
