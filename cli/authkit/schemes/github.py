"""GitHub's webhooks: the body alone, which can be repeated for ever."""

from authkit.schemes.webhooks.format import Format, Item
from authkit.schemes.webhooks.scheme import scheme_for

# Source: GitHub Docs, "Validating webhook deliveries".  Deviations: the older X-Hub-Signature, HMAC-SHA1, is neither
# made nor read.  Vectors: tests/vectors/test_webhooks.py.
FORMAT = Format(
    name="github",
    stage="payload",
    message="{body}",
    carrier="X-Hub-Signature-256",
    items=(Item("sha256=", "signature", algorithm="hmac-sha256"),),
)
SCHEME = scheme_for(FORMAT)
