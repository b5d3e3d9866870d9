"""What does a verifier demand of a signature?"""

from datetime import timedelta

from authkit.errors import UsageError
from authkit.schemes.httpsig.components import Component, parse_component

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from authkit.schemes.httpsig.keyid import Checker
    from authkit.schemes.httpsig.params import Input

MAX_SKEW = 900
DEFAULT_SKEW = 300
DEFAULT_AGE = 300
MAX_AGE = 604800


class Policy:
    """What a verifier demands; nothing in it is taken from the message.

    Attributes:
        required: components that must be covered besides the rest.
        allow_unsigned: components that need not be, as shown.
        allow_unsigned_payload: accept a body that is not covered.
        label, tag: which signature; None for the only one.
        alg: the algorithm it must be by; None for the key's own.
        max_age: seconds that `created` may be past; max_skew: that it may be ahead.
        authorities: what @authority may be, lower case; () leaves it uncompared, and the result says so.
        region, service: what the scope of a subkey must name; None for any.
        scheme_override: accept a key that was made for another scheme.
        body_unchecked: accept a message whose body is not known; the result names the body as not covered.
        demands: message -> what must be covered in place of the usual; None for the usual.
        also: (input, message, checker) -> warnings; a further check, of the key that made the signature; raises.
        presented: whose certificate's key made the signature; None where keys are at hand.
        bindings: which access keys go with which certificates; None for none.
    """

    __slots__ = (
        "required",
        "allow_unsigned",
        "allow_unsigned_payload",
        "label",
        "tag",
        "alg",
        "max_age",
        "max_skew",
        "skew",
        "authorities",
        "region",
        "service",
        "scheme_override",
        "body_unchecked",
        "demands",
        "also",
        "presented",
        "bindings",
    )

    def __init__(
        self,
        required: "tuple[Component, ...]" = (),
        allow_unsigned: "tuple[str, ...]" = (),
        allow_unsigned_payload: bool = False,
        label: "str | None" = None,
        tag: "str | None" = None,
        alg: "str | None" = None,
        max_age: int = DEFAULT_AGE,
        max_skew: int = DEFAULT_SKEW,
        authorities: "tuple[str, ...]" = (),
        region: "str | None" = None,
        service: "str | None" = None,
        scheme_override: bool = False,
        body_unchecked: bool = False,
        demands: "Callable[[Any], tuple[Component, ...]] | None" = None,
        also: "Callable[[Input, Any, Checker], tuple[str, ...]] | None" = None,
        presented: "Any" = None,
        bindings: "Any" = None,
    ) -> None:
        self.required = required
        self.allow_unsigned = allow_unsigned
        self.allow_unsigned_payload = allow_unsigned_payload
        self.label = label
        self.tag = tag
        self.alg = alg
        self.max_age = max_age
        self.max_skew = max_skew
        self.skew = timedelta(seconds=max_skew)
        self.authorities = authorities
        self.region = region
        self.service = service
        self.scheme_override = scheme_override
        self.body_unchecked = body_unchecked
        self.demands = demands
        self.also = also
        self.presented = presented
        self.bindings = bindings


def read_policy(options: "Any") -> Policy:
    """Return what the options demand.

    Raises:
        UsageError: for an option that cannot be so.
    """
    skew = DEFAULT_SKEW if options.max_skew is None else options.max_skew
    age = DEFAULT_AGE if options.max_age is None else options.max_age
    if not 0 <= skew <= MAX_SKEW:
        raise UsageError(f"--max-skew {skew} is not 0 to {MAX_SKEW} seconds")
    if not 0 <= age <= MAX_AGE:
        raise UsageError(f"--max-age {age} is not 0 to {MAX_AGE} seconds")
    return Policy(
        tuple([parse_component(one, "--require") for one in options.require]),
        tuple([parse_component(one, "--allow-unsigned").shown for one in options.allow_unsigned]),
        options.allow_unsigned_payload,
        options.label,
        options.tag,
        options.alg,
        age,
        skew,
        tuple([one.lower() for one in options.authority]),
        options.region,
        options.service,
        options.scheme_override,
        options.body_unchecked,
        presented=getattr(options, "presented", None),
        bindings=getattr(options, "bindings", None),
    )
