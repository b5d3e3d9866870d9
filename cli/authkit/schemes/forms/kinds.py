"""What does an upload form of one service need besides what all have in common?"""

from authkit.keys.scope import Chain
from authkit.keys.select import choose_checking, choose_signing
from authkit.schemes.derived import Derived
from authkit.schemes.forms.names import Fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from authkit.keys.asymmetric import Pair
    from authkit.keys.select import Credential, Key
    from authkit.schemes.forms.verify import FormClaim
    from authkit.secret import MacKey, Secret

    Sign = Callable[[list[Key], str | None, str | None, datetime], Credential]
    Find = Callable[[list[Key], FormClaim], tuple[MacKey | Pair, Secret | None]]
    Url = Callable[[str, str], str]


class Kind:
    """One service, with one algorithm.

    Attributes:
        name: of the scheme whose keys sign, e.g. "sigv4".
        chain: how a scope is written; its label is the algorithm.
        names: of the fields.
        credential: (keys, region or None, service or None, instant) -> what signs; raises Refused, UsageError.
        find: (keys, what is claimed) -> the key that checks it, and its session token; raises Rejected.
        url: (bucket, region) -> where the form is sent.
    """

    __slots__ = ("name", "chain", "names", "credential", "find", "url")

    def __init__(self, name: str, chain: Chain, names: Fields, credential: "Sign", find: "Find", url: "Url") -> None:
        self.name = name
        self.chain = chain
        self.names = names
        self.credential = credential
        self.find = find
        self.url = url


def derived_kind(name: str, row: Derived, service: str, region: "str | None", url: "Url") -> Kind:
    """Return the kind for keys that are derived as *row* says."""
    names = Fields(row, service, region)
    guess: "dict[str, str | None]" = {"region": region, "service": service}

    def credential(keys: "list[Key]", region: "str | None", service: "str | None", at: "datetime") -> "Credential":
        wanted = {"region": region, "service": service}
        return choose_signing(keys, row.chain, at, wanted, lambda: guess)

    def find(keys: "list[Key]", claim: "FormClaim") -> "tuple[MacKey | Pair, Secret | None]":
        return choose_checking(keys, claim.access_key_id, claim.scope)

    return Kind(name, row.chain, names, credential, find, url)
