"""What does a request for subkeys say (FORMATS F4)?"""

from datetime import date, datetime

from authkit.clock import format_instant, parse_stamp
from authkit.errors import InputError

HEAD = "authkit-request/v1"
LEVELS = ("signing", "service", "region", "date")
MAX_BYTES = 8 * 1024
MAX_SCOPES = 64
ANY = "-"  # the scope of a date key, which has neither region nor service
_NAMES = (
    ("id", "requester", "recipient", "issuer", "access-key-id", "scheme", "level"),
    ("days", "created", "previous", "ledger"),
)
_HEX = frozenset("0123456789abcdef")


class SubkeyRequest:
    """A request for subkeys.

    Attributes:
        id: lower-case hex, 32.
        requester: its name, as the issuer calls it.
        recipient: what the response is to be sealed to, as enrolled.
        issuer: "SHA256:…", the fingerprint of the issuer's signing key.
        access_key_id: whose subkeys.
        scheme: algorithm label.
        level: one of LEVELS.
        scopes: 1–64 of "REGION/SERVICE", "REGION" or "-", by the level; sorted, none twice.
        days: the first UTC day and the last.
        created: aware UTC, whole seconds.
        previous: SHA-256 of the signed bytes of the last response taken in, or "none".
        ledger: the requester's own head, and the last head of the issuer's ledger that it saw.
    """

    __slots__ = (
        "access_key_id", "created", "days", "id", "issuer", "ledger", "level", "previous", "recipient", "requester",
        "scheme", "scopes",
    )  # fmt: skip

    def __init__(
        self,
        *,
        id: str,
        requester: str,
        recipient: str,
        issuer: str,
        access_key_id: str,
        scheme: str,
        level: str,
        scopes: "tuple[str, ...]",
        days: "tuple[date, date]",
        created: datetime,
        previous: str,
        ledger: "tuple[str, str]",
    ) -> None:
        self.id = id
        self.requester = requester
        self.recipient = recipient
        self.issuer = issuer
        self.access_key_id = access_key_id
        self.scheme = scheme
        self.level = level
        self.scopes = scopes
        self.days = days
        self.created = created
        self.previous = previous
        self.ledger = ledger

    @property
    def span(self) -> str:
        """The days as the file has them: "20261123-20261129"."""
        return f"{self.days[0]:%Y%m%d}-{self.days[1]:%Y%m%d}"

    @property
    def day_count(self) -> int:
        """How many days, first and last included."""
        return (self.days[1] - self.days[0]).days + 1


def normalise(data: bytes) -> bytes:
    """Return *data* with each CRLF made LF, since carriers may have done the reverse."""
    return data.replace(b"\r\n", b"\n")


def format_request(request: SubkeyRequest) -> bytes:
    """Return the text of a request, ready to be signed."""
    lines = [HEAD]
    lines += [f"{name}: {getattr(request, name.replace('-', '_'))}" for name in _NAMES[0]]
    lines += [f"scope: {scope}" for scope in request.scopes]
    lines += [f"days: {request.span}", f"created: {format_instant(request.created)}"]
    lines += [f"previous: {request.previous}", f"ledger: {' '.join(request.ledger)}"]
    return ("\n".join(lines) + "\n").encode("ascii")


def parse_request(text: bytes, what: str) -> SubkeyRequest:
    """Read the text of a request whose signature was verified.

    Raises:
        InputError: naming the line that is not as F4 has it.
    """
    if len(text) > MAX_BYTES or not text.isascii() or not text.endswith(b"\n"):
        raise InputError(f"{what}: not a request: over 8 KiB, not ASCII, or without an end")
    lines = text.decode("ascii").split("\n")[:-1]
    if lines[0] != HEAD:
        raise InputError(f"{what}: line 1 is not {HEAD!r}")
    count = sum(line.startswith("scope: ") for line in lines)
    names = (*_NAMES[0], *("scope",) * max(1, count), *_NAMES[1])
    values = [_value(line, name, f"{what}: line {i}") for i, (line, name) in enumerate(zip(lines[1:], names), 2)]
    if len(lines) != len(names) + 1:
        raise InputError(f"{what}: {len(lines)} lines where there should be {len(names) + 1}")
    found, rest = dict(zip(_NAMES[0], values)), dict(zip(_NAMES[1], values[-4:]))
    return SubkeyRequest(
        id=_id(found["id"], what),
        requester=found["requester"],
        recipient=found["recipient"],
        issuer=found["issuer"],
        access_key_id=found["access-key-id"],
        scheme=found["scheme"],
        level=_level(found["level"], what),
        scopes=_scopes(values[7:-4], found["level"], what),
        days=parse_days(rest["days"], what),
        created=_stamp(rest["created"], what),
        previous=check_hash(rest["previous"], f"{what}: previous"),
        ledger=_heads(rest["ledger"], what),
    )


def parse_days(text: str, what: str) -> "tuple[date, date]":
    """Read "20261123-20261129".

    Raises:
        InputError: if it is not a first and a last day in this form.
    """
    first, mark, last = text.partition("-")
    try:
        if mark and len(text) == 17 and (first + last).isdigit():
            days = tuple(date(int(one[:4]), int(one[4:6]), int(one[6:])) for one in (first, last))
            if days[0] <= days[1]:
                return days[0], days[1]
    except ValueError:
        pass
    raise InputError(f"{what}: days is not YYYYMMDD-YYYYMMDD, the first day before the last")


def check_hash(text: str, what: str) -> str:
    """Return *text* if it is a SHA-256 in lower-case hex, or "none".

    Raises:
        InputError: if it is neither.
    """
    if text != "none" and (len(text) != 64 or not _HEX.issuperset(text)):
        raise InputError(f"{what} is neither a SHA-256 in hexadecimal nor 'none'")
    return text


def check_head(text: str, what: str) -> str:
    """Return *text* if it is the head of a ledger: "41:<64 hex>" or "0:none".

    Raises:
        InputError: if it is not.
    """
    count, _, hashed = text.partition(":")
    plain = count.isascii() and count.isdigit() and len(count) <= 15 and (count == "0" or count[0] != "0")
    if not plain or (count == "0") != (hashed == "none"):
        raise InputError(f"{what} is not the head of a ledger, COUNT:SHA-256")
    check_hash(hashed, what)
    return text


def _value(line: str, name: str, what: str) -> str:
    value = line.removeprefix(f"{name}: ")
    if value == line or not value or " " in (value[0], value[-1]) or not value.isprintable():
        raise InputError(f"{what} is not '{name}: …'")
    return value


def _id(text: str, what: str) -> str:
    if len(text) != 32 or not _HEX.issuperset(text):
        raise InputError(f"{what}: id is not 32 lower-case hexadecimal digits")
    return text


def _level(text: str, what: str) -> str:
    if text not in LEVELS:
        raise InputError(f"{what}: level is none of {', '.join(LEVELS)}")
    return text


def _scopes(values: "list[str]", level: str, what: str) -> "tuple[str, ...]":
    if len(values) > MAX_SCOPES:
        raise InputError(f"{what}: more than {MAX_SCOPES} scopes")
    for value in values:  # which parts a scope has is the scheme's; whoever derives asks its chain
        if (value == ANY) != (level == "date"):
            raise InputError(f"{what}: scope {value!r} is not one of level {level}")
    if any(one >= other for one, other in zip(values, values[1:])):
        raise InputError(f"{what}: scopes are not sorted, or one stands twice")
    return tuple(values)


def _stamp(text: str, what: str) -> datetime:
    at = parse_stamp(text)
    if at is None:
        raise InputError(f"{what}: created is not an instant YYYY-MM-DDThh:mm:ssZ")
    return at


def _heads(text: str, what: str) -> "tuple[str, str]":
    own, _, other = text.partition(" ")
    return check_head(own, f"{what}: ledger"), check_head(other, f"{what}: ledger")
