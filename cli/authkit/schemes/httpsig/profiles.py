"""Which application profiles of RFC 9421 are there, and what does each demand of a message's signature?"""

from authkit.errors import UsageError
from authkit.schemes.httpsig.components import Component, parse_component

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Side:
    """What a profile says of one kind of message, request or response.

    Attributes:
        tag: of its signatures.
        cover: components as --cover takes them, in the order in which authkit signs them.  Behind one may stand marks:
            '?' demanded only where the message has it, '*' never demanded but signed where the message has it, '~' one
            member of the field will do.  $label stands for the signature's own label.
        parameters: signature parameters that must be there, besides created and tag.
        forbidden: those that must not.
        max_skew: seconds that `created` may be ahead; None for what the verifier says.
    """

    __slots__ = ("tag", "cover", "parameters", "forbidden", "max_skew")

    def __init__(
        self,
        tag: str,
        cover: "tuple[str, ...]",
        parameters: "tuple[str, ...]" = (),
        forbidden: "tuple[str, ...]" = (),
        max_skew: "int | None" = None,
    ) -> None:
        self.tag = tag
        self.cover = cover
        self.parameters = parameters
        self.forbidden = forbidden
        self.max_skew = max_skew


class Profile:
    """An application profile (RFC 9421 §1.4); every one of them asks for a key pair.

    Attributes:
        source: document and section.
        request, response: what it says of either; None where it says nothing.
        max_age: seconds that `created` may be past unless the verifier says otherwise; None for the usual.
        label: of the signature unless the signer says otherwise; None for the usual.
        thumbprint: whether keyid must be the key's JWK thumbprint.
        token: the header with a token whose cnf.jwk must be the key; None without.
    """

    __slots__ = ("source", "request", "response", "max_age", "label", "thumbprint", "token")

    def __init__(
        self,
        source: str,
        request: "Side | None",
        response: "Side | None",
        *,
        max_age: "int | None" = None,
        label: "str | None" = None,
        thumbprint: bool = False,
        token: "str | None" = None,
    ) -> None:
        self.source = source
        self.request = request
        self.response = response
        self.max_age = max_age
        self.label = label
        self.thumbprint = thumbprint
        self.token = token


PROFILES = {
    "fapi2": Profile(
        "FAPI 2.0 HTTP Signatures, OpenID Foundation, draft: requirements for resource requests and responses",
        Side(
            "fapi-2-request", ("@method", "@target-uri", "authorization", "dpop?", "content-digest?", "content-type*")
        ),
        Side(
            "fapi-2-response",
            (
                "@status",
                "content-digest?",
                "content-type*",
                "@method;req",
                "@target-uri;req",
                "content-digest;req?",
                "signature-input;req?~",
                "signature;req?~",
            ),
        ),
        max_age=60,
    ),
    "wimse": Profile(
        "draft-ietf-wimse-http-signature, August 2026, section 3",
        Side(
            "wimse-workload-to-workload",
            (
                "@method",
                "@request-target",
                "content-type?",
                "content-digest?",
                "authorization?",
                "txn-token?",
                "workload-identity-token",
            ),
            ("expires", "nonce", "wimse-aud"),
            ("keyid", "alg"),
        ),
        Side(
            "wimse-workload-to-workload",
            (
                "@status",
                "workload-identity-token",
                "content-type?",
                "content-digest?",
                "@method;req",
                "@request-target;req",
            ),
            ("expires", "nonce", "wimse-req-nonce"),
            ("keyid", "alg"),
        ),
        label="wimse",
        token="workload-identity-token",
    ),
    "web-bot-auth": Profile(
        "draft-ietf-webbotauth-httpsig-protocol-01, sections 4.2 and 4.2.1, appendix B.1",
        Side(
            "web-bot-auth",
            ("@authority", "@method*", "@path*", "@query*", "content-digest*", 'signature-agent;key="$label"~'),
            ("expires", "keyid"),
        ),
        Side(
            "http-message-signatures-directory",
            ("@authority;req", "content-digest", "@status*"),
            ("expires", "keyid"),
            max_skew=0,
        ),
        max_age=86400,
        thumbprint=True,
    ),
}


def find(name: str) -> Profile:
    """Return the profile of that name.

    Raises:
        UsageError: if there is none.
    """
    if name not in PROFILES:
        raise UsageError(f"--profile {name[:64]!r} is none", f"there are {', '.join(PROFILES)}")
    return PROFILES[name]


def side_of(name: str, message: "Any") -> Side:
    """Return what the profile *name* says of *message*.

    Raises:
        UsageError: if it says nothing of such messages.
    """
    profile = find(name)
    answer = getattr(message, "status", None) is not None
    side = profile.response if answer else profile.request
    if side is None:
        raise UsageError(f"the profile {name} is not for {'responses' if answer else 'requests'}")
    return side


def marked(side: Side, message: "Any", label: str) -> "list[tuple[Component, str]]":
    """Return the components of *side* that *message* has or must have, each with its marks."""
    found = []
    for text in side.cover:
        plain = text.rstrip("?*~")
        marks = text[len(plain) :]
        component = parse_component(plain.replace("$label", label), "the profile's")
        source = message.related if "req" in component.params else message
        if marks in ("", "~") or _has(source, component):
            found.append((component, marks))
    return found


def _has(source: "Any", component: Component) -> bool:
    """Say whether *source*, which may be a request that is not known, has *component*, or a body that asks for it."""
    if source is None:
        return False
    if component.name == "content-digest" and "req" not in component.params and source.content_length != 0:
        return True
    return component.name.startswith("@") or component.name in source.grouped
