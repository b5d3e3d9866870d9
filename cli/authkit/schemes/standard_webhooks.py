"""Standard Webhooks: identifier, time and body, signed with HMAC-SHA256 or Ed25519."""

from authkit.schemes.webhooks.format import Format, Item
from authkit.schemes.webhooks.scheme import scheme_for

# Source: standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "Signature scheme" and "Webhook headers".
# Deviations: none.  Vectors: tests/vectors/test_webhooks.py.
FORMAT = Format(
    name="standard-webhooks",
    stage="signed-content",
    message="{id}.{timestamp}.{body}",
    headers=(("webhook-id", Item("", "id")), ("webhook-timestamp", Item("", "timestamp"))),
    carrier="webhook-signature",
    items=(Item("v1,", "signature", algorithm="hmac-sha256"), Item("v1a,", "signature", algorithm="ed25519")),
    separator=" ",
    encoding="base64",
    key="base64",
    key_prefix="whsec_",
    timestamp="unix",
    id_prefix="msg_",
)
SCHEME = scheme_for(FORMAT)
