"""What is a subkey good for, and how is that written?"""

from datetime import date

from authkit.errors import InputError

_PART = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
_ID_FORBIDDEN = frozenset(' /,="')
MAX_PART = 64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Chain:
    """How a scheme derives its keys: a row of schemes/derived.py.

    Attributes:
        label: algorithm label, e.g. AWS4-HMAC-SHA256.
        prefix: bytes put before the secret to make the first key.
        parts: names of the scope parts in order; the first is "date".
        terminator: the text that ends every scope.
        dashed: whether the date is written YYYY-MM-DD.
        lower_case: whether upper-case letters in a scope part are a likely mistake.
        max_expires: service -> seconds that a signature in a query may live; "*" for every other service.
        family: labels of the schemes for whose keys a secret may be used together with this one's (S5).
        definition: the row of schemes.toml, for a scheme that is not built in; None for one that is.
        levels: names of the levels, widest first; "signing" is the last.
    """

    __slots__ = (
        "label",
        "prefix",
        "parts",
        "terminator",
        "dashed",
        "lower_case",
        "max_expires",
        "definition",
        "family",
        "levels",
        "_places",
    )

    def __init__(
        self,
        label: str,
        prefix: bytes,
        parts: "tuple[str, ...]",
        terminator: str,
        dashed: bool,
        lower_case: bool,
        max_expires: "dict[str, int]",
        definition: "dict[str, object] | None" = None,
        family: "tuple[str, ...]" = (),
    ) -> None:
        self.label = label
        self.prefix = prefix
        self.parts = parts
        self.terminator = terminator
        self.dashed = dashed
        self.lower_case = lower_case
        self.max_expires = max_expires
        self.definition = definition
        self.family = (label, *family)
        self.levels = (*parts, "signing")
        self._places = {name: place for place, name in enumerate(parts)}

    def place(self, name: str) -> int:
        """Return where the scope part *name* stands; behind the last for one that the scheme does not have."""
        return self._places.get(name, len(self.levels))

    def format_day(self, day: date) -> str:
        """Write *day* as this scheme's date text."""
        return ("%04d-%02d-%02d" if self.dashed else "%04d%02d%02d") % (day.year, day.month, day.day)

    def parse_day(self, text: str) -> "date | None":
        """Read this scheme's date text; None if it is not a real day in that form."""
        digits = text
        if self.dashed:
            if len(text) != 10 or text[4] != "-" or text[7] != "-":
                return None
            digits = text[:4] + text[5:7] + text[8:]
        if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
            return None
        try:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            return None


class Chains(dict[str, Chain]):
    """Algorithm label -> chain, of the schemes that are known; and what a definition in a subkey file is read by.

    Attributes:
        define: (definition, what names the place in errors) -> chain; raises InputError, Refused.
    """

    def __init__(self, known: "dict[str, Chain]", define: "Callable[[dict[str, object], str], Chain]") -> None:
        super().__init__(known)
        self.define = define


class Scope:
    """The parts of a credential scope that a key is bound to.

    Attributes:
        values: texts in the chain's order, 1 to all of its parts, and the terminator for a signing key.
        chain: whose parts they are.
    """

    __slots__ = ("values", "chain", "_text")

    def __init__(self, values: "tuple[str, ...]", chain: Chain) -> None:
        self.values = values
        self.chain = chain
        self._text = ""

    def __str__(self) -> str:
        if not self._text:
            self._text = "/".join(self.values)
        return self._text

    def __repr__(self) -> str:
        return f"<Scope {self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scope) and self.values == other.values and self.chain.label == other.chain.label

    def __hash__(self) -> int:
        return hash(self.values)

    @property
    def level(self) -> str:
        """How far the key is derived: "date", "region", "service" or "signing"."""
        return self.chain.levels[len(self.values) - 1]

    @property
    def day(self) -> date:
        """The UTC day the key is bound to."""
        day = self.chain.parse_day(self.values[0])
        assert day is not None  # parse_scope let no other text through
        return day

    def part(self, name: str) -> "str | None":
        """Return the value of the part *name* ("region", "service"); None where the key is not bound to one."""
        place = self.chain.place(name)
        return self.values[place] if place < len(self.values) else None

    def reaches(self, other: "Scope") -> bool:
        """Say whether a key of this scope derives to a key of *other*."""
        return self.chain.label == other.chain.label and other.values[: len(self.values)] == self.values


def part_fault(text: str) -> "str | None":
    """Say what is wrong with one scope part; None if nothing is (S6)."""
    if not 1 <= len(text) <= MAX_PART:
        return f"is not 1 to {MAX_PART} characters"
    if not _PART.issuperset(text):
        return "holds a character that is not a letter, digit, '.', '_' or '-'"
    return None


def id_fault(text: str) -> "str | None":
    """Say what is wrong with an access key ID; None if nothing is (S6)."""
    if not 1 <= len(text) <= 256:
        return "is not 1 to 256 characters"
    if not (text.isascii() and text.isprintable()) or not _ID_FORBIDDEN.isdisjoint(text):
        return "holds a character that an access key ID cannot hold"
    return None


def parse_scope(text: str, chain: Chain, what: str = "scope") -> Scope:
    """Read a credential scope, cut after any of its parts.

    Args:
        text: e.g. 20261123/us-east-1/s3/aws4_request; without the end for a wider key.
        chain: the scheme's.
        what: names the place in errors.

    Raises:
        InputError: naming the part that is wrong.
    """
    values = tuple(text.split("/"))
    if len(values) > len(chain.levels):
        raise InputError(f"{what}: {text[:256]!r} has more than {len(chain.levels)} parts")
    for name, value in zip(chain.levels, values):
        fault = part_fault(value)
        if fault:
            raise InputError(f"{what}: {'terminator' if name == 'signing' else name} {value[:80]!r} {fault}")
    if chain.parse_day(values[0]) is None:
        raise InputError(f"{what}: {values[0]!r} is not a day")
    if len(values) == len(chain.levels) and values[-1] != chain.terminator:
        raise InputError(f"{what}: ends with {values[-1]!r} instead of {chain.terminator!r}")
    return Scope(values, chain)


def parse_credential(text: str, chain: Chain) -> "tuple[str, tuple[str, ...]] | None":
    """Split an access key ID and the parts of a whole scope, from the right; None if the form is another.

    The parts are checked for their characters alone; whether the first is a day is another question.
    """
    pieces = text.rsplit("/", len(chain.levels))
    if len(pieces) != len(chain.levels) + 1 or pieces[-1] != chain.terminator or id_fault(pieces[0]):
        return None
    values = pieces[1:]
    joined = "".join(values)
    if "" in values or not _PART.issuperset(joined) or (len(joined) > MAX_PART and any(map(part_fault, values))):
        return None
    return pieces[0], tuple(values)
