"""Do the covered components cover what is demanded?"""

from authkit.schemes.httpsig.components import Component
from authkit.schemes.httpsig.digest import FIELDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

if TYPE_CHECKING:
    _Components = tuple[Component, ...]
else:
    _Components = tuple


class Cover(_Components):
    """Components in order, and what follows from them.

    Attributes:
        listed: as they stand between the parentheses of Signature-Input.
        texts: of each.
        digests: names of the digest headers of the message itself among them.
    """

    listed: str
    texts: "frozenset[str]"
    digests: "tuple[str, ...]"

    def __new__(cls, components: "tuple[Component, ...]") -> "Cover":
        """Return *components* with what follows from them."""
        found = super().__new__(cls, components)
        texts = [one.text for one in components]
        found.listed = " ".join(texts)
        found.texts = frozenset(texts)
        found.digests = tuple(dict.fromkeys([c.name for c in components if c.name in FIELDS and "req" not in c.params]))
        return found


_OF_URI = ("@authority", "@path", "@query")
_OF_TARGET = ("@path", "@query")


def counts(wanted: Component, covered: "tuple[Component, ...]", message: "Any") -> bool:
    """Say whether *covered* holds *wanted*, or what covers at least as much of *message*.

    Source:
        SECURITY-DECISIONS S25: @target-uri counts as @authority, @path and @query; @request-target in origin form, and
        in asterisk form, as @path and @query; @query-param never as @query. A header that is covered as bytes (bs)
        counts as covered, and so does a digest that is covered as a structured field. Deviations: none.
    """
    if wanted in covered:
        return True
    name, params = wanted.name, wanted.params
    if name in _OF_URI:
        return any(
            [
                one.params == params and (one.name == "@target-uri" or (name in _OF_TARGET and _whole(one, message)))
                for one in covered
            ]
        )
    as_bytes, as_field = {**params, "bs": True}, {**params, "sf": True}
    return any(
        [
            one.name == name and (one.params == as_bytes or (name in FIELDS and one.params == as_field))
            for one in covered
        ]
    )


def _whole(component: Component, message: "Any") -> bool:
    """Say whether *component* is a request target that holds path and query and nothing else."""
    if component.name != "@request-target":
        return False
    request = message.related if "req" in component.params else message
    text: str = "" if request is None else request.target
    return text.startswith("/") or text == "*"


def body_header(covered: "tuple[Component, ...]") -> "list[str]":
    """Return the names of the digest headers of the message itself that *covered* holds whole."""
    found = []
    for one in covered:
        if one.name in FIELDS and one.params.keys() <= {"bs", "sf"}:
            found.append(one.name)
    return found
