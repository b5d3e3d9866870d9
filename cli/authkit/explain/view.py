"""What text would be signed, if one part of the request were read in another way?"""

from hashlib import sha256

from authkit.messages import fields
from authkit.schemes.derived import COLLAPSED, LOWERED, is_among

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Parts:
    """A canonical request, taken apart.

    Attributes:
        method, path, query: its first three lines.
        headers: (name, value) of each header line, in order.
        signed: the line of signed headers.
        payload: the last line.
    """

    __slots__ = ("method", "path", "query", "headers", "signed", "payload")

    def __init__(
        self, method: str, path: str, query: str, headers: "tuple[tuple[str, str], ...]", signed: str, payload: str
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.signed = signed
        self.payload = payload


def split_canonical(text: str) -> "Parts | None":
    """Take a canonical request apart; None if it does not have the parts of one.

    Args:
        text: one character a byte, LF line ends.
    """
    lines = text.rstrip("\n").split("\n")
    if len(lines) < 6 or lines[-3] != "" or any(":" not in line for line in lines[3:-3]):
        return None
    pairs = [line.partition(":") for line in lines[3:-3]]
    return Parts(lines[0], lines[1], lines[2], tuple([(name, value) for name, _, value in pairs]), lines[-2], lines[-1])


_QUERY = frozenset(("pairs", "encoding", "order"))
_LINES = frozenset(("headers", "signed"))


class View:
    """One reading of a request: all that its signature depends on.

    Attributes:
        method: token.
        stem: what the scheme puts before the path: a bucket, or "".
        path: canonical URI.
        pairs: the query's parameters as sent, without empty ones.
        encoding: what makes a canonical parameter of one as sent.
        order: what puts canonical parameters in order.
        headers: names of all headers of the request, lower case -> canonical value.
        signed: names of the signed headers, in order.
        implicit: which of them the scheme does not list, as derived.is_among takes them.
        payload: the last line of the canonical request.
        stamp: the instant in the string to sign.
        scope: texts of the credential scope, terminator included.
        key_scope: texts of the scope that the signing key is derived for.
        owner: index of the key that the signing key is derived from; 0 is the one of the request's access key ID.
    """

    __slots__ = (
        "method",
        "stem",
        "path",
        "pairs",
        "encoding",
        "order",
        "headers",
        "signed",
        "implicit",
        "payload",
        "stamp",
        "scope",
        "key_scope",
        "owner",
        "_query",
        "_lines",
    )

    method: str
    stem: str
    path: str
    pairs: "tuple[str, ...]"
    encoding: "Callable[[str], str]"
    order: "Callable[[list[str]], list[str]]"
    headers: "dict[str, str]"
    signed: "tuple[str, ...]"
    implicit: "tuple[str, ...]"
    payload: str
    stamp: str
    scope: "tuple[str, ...]"
    key_scope: "tuple[str, ...]"
    owner: int
    _query: "str | None"
    _lines: "str | None"

    def __init__(self, **values: "Any") -> None:
        self._query = self._lines = None
        for name, value in values.items():
            setattr(self, name, value)

    def but(self, **changes: "Any") -> "View":
        """Return this view with some of its attributes changed."""
        values = {name: getattr(self, name) for name in self.__slots__}
        # what was worked out stays where nothing that it depends on changes
        if not _QUERY.isdisjoint(changes):
            values["_query"] = None
        if not _LINES.isdisjoint(changes):
            values["_lines"] = None
        return View(**{**values, **changes})

    @property
    def query(self) -> str:
        """The canonical query string."""
        if self._query is None:
            self._query = "&".join(self.order([self.encoding(pair) for pair in self.pairs]))
        return self._query

    @property
    def lines(self) -> str:
        """The canonical headers; a signed header that the request lacks has an empty value."""
        if self._lines is None:
            self._lines = "".join([f"{name}:{self.headers.get(name, '')}\n" for name in self.signed])
        return self._lines

    @property
    def listed(self) -> "tuple[str, ...]":
        """The signed headers that the line of signed headers names."""
        if not self.implicit:
            return self.signed
        return tuple([name for name in self.signed if not is_among(name, self.implicit)])

    @property
    def work(self) -> int:
        """About how many microseconds its canonical request still takes."""
        return (
            8 + (4 * len(self.pairs) if self._query is None else 0) + (len(self.signed) if self._lines is None else 0)
        )

    def canonical(self) -> str:
        """Return the canonical request."""
        uri, listed = self.stem + self.path, ";".join(self.listed)
        return f"{self.method}\n{uri}\n{self.query}\n{self.lines}\n{listed}\n{self.payload}"

    def to_sign(self, label: str, canonical: str) -> str:
        """Return the string to sign."""
        digest = sha256(canonical.encode("latin-1")).hexdigest()
        return f"{label}\n{self.stamp}\n{'/'.join(self.scope)}\n{digest}"


def by_name_and_value(pairs: "list[str]") -> "list[str]":
    """Return canonical parameters in the scheme's order."""
    return sorted(pairs, key=lambda pair: pair.partition("=")[::2])


def joined_headers(headers: "tuple[tuple[str, str], ...]", values: str = COLLAPSED) -> "dict[str, str]":
    """Return the canonical value of each header, by its name in lower case.

    Args:
        values: how the scheme writes them; see derived.Rules.
    """
    found: "dict[str, str]" = {}
    for name, value in headers:
        name = name.lower()
        value = fields.collapse(value) if values == COLLAPSED else fields.trim(value)
        if values == LOWERED:
            value = value.encode("latin-1").lower().decode("latin-1")
        found[name] = f"{found[name]},{value}" if name in found else value
    return found
