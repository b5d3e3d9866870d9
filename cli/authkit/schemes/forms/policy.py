"""What does the policy of an upload form demand?"""

from datetime import datetime

from authkit import base64, strictjson
from authkit.clock import format_instant, parse_stamp
from authkit.errors import InputError, Rejected

LENGTH = "content-length-range"
MAX_POLICY = 65536
MAX_CONDITIONS = 1000


class Condition:
    """One condition of a policy.

    Attributes:
        how: "eq", "starts-with" or "content-length-range".
        field: name of the field, lower case; "" for a length.
        text: what it must be or begin with.
        low, high: octets that the file may have, both inclusive; 0 and 0 for the others.
    """

    __slots__ = ("how", "field", "text", "low", "high")

    def __init__(self, how: str, field: str, text: str, low: int = 0, high: int = 0) -> None:
        self.how = how
        self.field = field
        self.text = text
        self.low = low
        self.high = high

    def __str__(self) -> str:
        if self.how == LENGTH:
            return f"{LENGTH} {self.low} to {self.high}"
        return f"{self.field} {'is' if self.how == 'eq' else 'begins with'} {self.text[:64]!r}"

    def holds(self, value: str) -> bool:
        """Say whether a field's *value* is as demanded; a list of types is judged one by one."""
        if self.how == "eq":
            return value == self.text
        if self.field == "content-type":
            return all([one.strip(" ").startswith(self.text) for one in value.split(",")])
        return value.startswith(self.text)

    def admits(self, length: int) -> bool:
        """Say whether a file of *length* octets is as demanded."""
        return self.low <= length <= self.high


class Policy:
    """A policy, read.

    Attributes:
        expires_at: the last instant of the form, aware UTC, whole seconds.
        conditions: in order.
    """

    __slots__ = ("expires_at", "conditions")

    def __init__(self, expires_at: datetime, conditions: "tuple[Condition, ...]") -> None:
        self.expires_at = expires_at
        self.conditions = conditions

    def of(self, field: str) -> "list[Condition]":
        """Return the conditions on a field (lower case)."""
        return [one for one in self.conditions if one.field == field]


def parse_condition(value: object) -> "tuple[Condition, ...]":
    """Read a condition as JSON has it: {"field": "text"}, or a list of three.

    Raises:
        ValueError: saying what is wrong with it.

    Source:
        Amazon S3 API Reference, "POST policy", "Conditions"; Cloud Storage, "Policy document". Deviations: none.
    """
    if isinstance(value, dict):
        if not value or not all(isinstance(text, str) for text in value.values()):
            raise ValueError("a condition is an object whose values are texts")
        return tuple([Condition("eq", _field(name), str(text)) for name, text in value.items()])
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError("a condition is neither an object nor a list of three")
    how, first, second = value
    if how == LENGTH:
        if type(first) is not int or type(second) is not int or first > second:
            raise ValueError(f"{LENGTH} is not followed by two numbers, the smaller first")
        return (Condition(how, "", "", first, second),)
    if how not in ("eq", "starts-with"):
        raise ValueError(f"a condition is neither eq nor starts-with nor {LENGTH}")
    if not isinstance(first, str) or not isinstance(second, str) or not first.startswith("$"):
        raise ValueError(f"{how} is not followed by $FIELD and a text")
    return (Condition(how, _field(first[1:]), second),)


def _field(name: str) -> str:
    if not name or not (name.isascii() and name.isprintable()):
        raise ValueError("the name of a field is not printable ASCII")
    return name.lower()


def encode_policy(conditions: "list[object]", expires_at: datetime) -> str:
    """Return a policy as a form carries it, and as it is signed: JSON in base64."""
    import json

    top = {"conditions": conditions, "expiration": format_instant(expires_at)}
    return base64.encode(json.dumps(top, separators=(",", ":")).encode("ascii"))


def parse_policy(text: str) -> Policy:
    """Read the policy of a form.

    Args:
        text: base64 of JSON, of at most 64 KiB; untrusted.

    Raises:
        Rejected: policy-syntax.
    """
    data = base64.decode(text) if len(text) <= MAX_POLICY else None
    if data is None:
        raise Rejected("policy-syntax", "it is not base64 of 64 KiB at most")
    try:
        top = strictjson.parse(data, "the policy", final_lf=False)
    except InputError as error:
        raise Rejected("policy-syntax", error.message) from error
    expiration, listed = top.get("expiration"), top.get("conditions")
    if set(top) != {"expiration", "conditions"} or not isinstance(expiration, str) or not isinstance(listed, list):
        raise Rejected("policy-syntax", "its members are not 'expiration', a text, and 'conditions', a list")
    expires_at = parse_expiration(expiration)
    if expires_at is None:
        raise Rejected("policy-syntax", f"the expiration {expiration[:40]!r} is not YYYY-MM-DDThh:mm:ssZ")
    conditions: "list[Condition]" = []
    if len(listed) > MAX_CONDITIONS:
        raise Rejected("policy-syntax", f"more than {MAX_CONDITIONS} conditions")
    for number, value in enumerate(listed, 1):
        try:
            conditions += parse_condition(value)
        except ValueError as error:
            raise Rejected("policy-syntax", f"condition {number}: {error}") from None
    return Policy(expires_at, tuple(conditions))


def parse_expiration(text: str) -> "datetime | None":
    """Return the instant of an expiration, fractions of a second cut; None if it is none."""
    whole, dot, fraction = text.removesuffix("Z").partition(".")
    if not text.endswith("Z") or (dot and not (fraction.isascii() and fraction.isdigit())):
        return None
    return parse_stamp(f"{whole}Z")
