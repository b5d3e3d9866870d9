"""What does a ledger say of the requests that were made and the responses that were taken in?"""

from authkit.errors import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Line = dict[str, object]

NONE = "0:none"  # the head of a ledger without lines


class Asked:
    """A request that was made here.

    Attributes:
        id: lower-case hex, 32; names its file.
        request: SHA-256 of its signed bytes, lower-case hex, 64.
        issuer: "SHA256:…", whom it asks.
        name: under which the answer is to be stored; "" for no name.
    """

    __slots__ = ("id", "issuer", "name", "request")

    def __init__(self, id: str, request: str, issuer: str, name: str) -> None:
        self.id = id
        self.request = request
        self.issuer = issuer
        self.name = name


class Taken:
    """A response that was taken in here.

    Attributes:
        key: "SHA256:…", who signed it.
        sequence: counts from 1 for each key.
        request: SHA-256 of the request's signed bytes; or "none".
        response: SHA-256 of its own signed bytes.
        ledger: the head of the issuer's ledger that it tells.
        stored_as: the name in the store.
    """

    __slots__ = ("key", "ledger", "request", "response", "sequence", "stored_as")

    def __init__(self, key: str, sequence: int, request: str, response: str, ledger: str, stored_as: str) -> None:
        self.key = key
        self.sequence = sequence
        self.request = request
        self.response = response
        self.ledger = ledger
        self.stored_as = stored_as


class Standing:
    """How we stand with one issuer.

    Attributes:
        last: the last response of its key; None before the first.
        seen: the last head of its ledger that we saw, under any key that it had; NONE before the first.
    """

    __slots__ = ("last", "seen")

    def __init__(self, last: "Taken | None", seen: str) -> None:
        self.last = last
        self.seen = seen

    @property
    def previous(self) -> str:
        """SHA-256 of the signed bytes of the last response; "none" before the first."""
        return "none" if self.last is None else self.last.response


def asked(lines: "Sequence[Line]") -> "dict[str, Asked]":
    """Return the requests for subkeys that were made: SHA-256 of the signed bytes -> request, oldest first.

    Raises:
        StoreError: naming a line that lacks a member.
    """
    found = {}
    for line in _events(lines, "created"):
        if line.get("kind") == "request":
            request = text(line, "request")
            found[request] = Asked(text(line, "id"), request, text(line, "issuer"), text(line, "name"))
    return found


def taken(lines: "Sequence[Line]") -> "list[Taken]":
    """Return the responses that were taken in, oldest first.

    Raises:
        StoreError: naming a line that lacks a member.
    """
    return [_taken(line) for line in _imported(lines)]


def standing(lines: "Sequence[Line]", key: str) -> Standing:
    """Return how we stand with the issuer whose key is *key* now.

    Args:
        lines: the whole ledger.
        key: "SHA256:…".

    Raises:
        StoreError: naming a line that lacks a member.
    """
    keys, last, seen = keys_of(lines, key), None, NONE
    for one in taken(lines):
        if one.key in keys:
            seen = one.ledger
            last = one if one.key == key else last
    return Standing(last, seen)


def keys_of(lines: "Sequence[Line]", key: str) -> "set[str]":
    """Return the fingerprints that the issuer with this one had, the present one included.

    Raises:
        StoreError: naming a line that lacks a member.
    """
    keys = {key}
    for line in reversed(_events(lines, "issuer-changed")):
        if text(line, "new") in keys:
            keys.add(text(line, "old"))
    return keys


def head_at(lines: "Sequence[Line]", head: str, number: int) -> str:
    """Return the SHA-256 of the line *number*, which the line behind it holds.

    Args:
        lines: the whole ledger.
        head: its head, "41:<64 hex>".
        number: 1 to the count of lines.
    """
    return text(lines[number], "prev") if number < len(lines) else head.partition(":")[2]


def split_head(head: str) -> "tuple[int, str]":
    """Return count and SHA-256 of a head "41:<64 hex>"."""
    count, _, hashed = head.partition(":")
    return int(count), hashed


def text(line: "Line", name: str) -> str:
    """Return a member of a line.

    Raises:
        StoreError: if it is absent or no text.
    """
    value = line.get(name)
    if not isinstance(value, str):
        raise StoreError(f"line {line['n']} of the ledger ({line['event']}) has no {name}")
    return value


def _taken(line: "Line") -> Taken:
    sequence = line.get("sequence")
    if not isinstance(sequence, int):
        raise StoreError(f"line {line['n']} of the ledger ({line['event']}) has no sequence")
    names = ("request", "response", "ledger", "stored_as")
    return Taken(text(line, "key"), sequence, *[text(line, name) for name in names])


def _imported(lines: "Sequence[Line]") -> "list[Line]":
    """Return the lines of responses with subkeys; the answers to requests for one signature are not counted."""
    return [line for line in _events(lines, "imported") if line.get("kind") != "signature"]


def _events(lines: "Iterable[Line]", event: str) -> "list[Line]":
    return [line for line in lines if line["event"] == event]
