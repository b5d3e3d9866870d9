"""By which scheme does a message look signed?"""

from authkit.messages import target
from authkit.schemes import SCHEMES
from authkit.schemes.derived import DERIVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.messages.request import Request
    from authkit.messages.response import Response

# header, lower case -> the scheme whose signature it holds; of several the first counts
HEADERS = {
    "signature-input": "rfc9421",
    "x-hub-signature-256": "github",
    "x-slack-signature": "slack",
    "stripe-signature": "stripe",
    "webhook-signature": "standard-webhooks",
    "authorization": "",
    "signature": "cavage",
    "dpop": "dpop",
}

# what says the algorithm in a signed query
_PARAMETERS = frozenset([row.query.algorithm.lower() for row in DERIVED.values() if row.query is not None])


def detect(message: "Request | Response") -> "str | None":
    """Return the name of the scheme by which *message* looks signed; None where it looks like none that is built in.

    For people who look at a message: a verifier is told its scheme, and never asks the message for it.
    """
    for header, name in HEADERS.items():
        if header in message.grouped:
            found = name or _named(message.grouped[header][0].partition(" ")[0])
            if found is not None:
                return found
    for pair in message.parts[1].split("&") if hasattr(message, "parts") else ():
        name, _, value = pair.partition("=")
        if name.lower() in _PARAMETERS:
            return _named(target.decode(value).decode("latin-1"))
    return None


def _named(label: str) -> "str | None":
    """Return the scheme of an algorithm label, as it begins an Authorization header."""
    for name, row in DERIVED.items():
        if row.chain.label == label:
            return name
    if label == "Signature":
        return "cavage"
    # AWS4-X509 stands before the name of what signs
    found = [name for name, (_, own) in SCHEMES.items() if label == own or label.startswith(f"{own}-")]
    return found[0] if found else None
