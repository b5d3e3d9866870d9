"""Whom do we trust across the air gap, and with what?"""

from hashlib import sha256

from authkit import files, strictjson
from authkit.ceremony.request import ANY, LEVELS, MAX_SCOPES
from authkit.errors import InputError, NotFound, StoreError
from authkit.keys.scope import id_fault, part_fault
from authkit.keys.sshsig import parse_public_line
from authkit.stores.base import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from authkit.ceremony.places import Places

REQUESTER, ISSUER = "authkit.requester/v1", "authkit.issuer/v1"
_REQUESTER = (
    "schema", "name", "recipient", "signing_key", "access_key_ids", "scopes", "levels", "services", "max_days",
    "max_ahead",
)  # fmt: skip
_LIMIT = 64 * 1024
MOST_DAYS = 3660


class Requester:
    """A machine that may ask for subkeys, and the policy by which it gets them.

    Attributes:
        name: what its requests say.
        recipient: what it is sealed to, exact text.
        signing_key: "ssh-ed25519 AAAA…"; "" for a recipient that can ask for nothing.
        access_key_ids: whose subkeys; sorted, one or more.
        scopes: "REGION/SERVICE", "REGION" for a region key, "-" for a date key; sorted, one or more.
        levels: of ceremony.request.LEVELS, in that order; one or more.
        services: those of keys.window.HARMFUL_SERVICES that it may have; sorted.
        max_days: how many days at once, 1–3660.
        max_ahead: how many days from today the last may be, 0–3660.
        text: the bytes of the file, whose SHA-256 an approval records.
    """

    __slots__ = (
        "access_key_ids", "levels", "max_ahead", "max_days", "name", "recipient", "scopes", "services", "signing_key",
        "text",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        recipient: str,
        signing_key: str,
        access_key_ids: "tuple[str, ...]",
        scopes: "tuple[str, ...]",
        levels: "tuple[str, ...]",
        services: "tuple[str, ...]",
        max_days: int,
        max_ahead: int,
    ) -> None:
        self.name = name
        self.recipient = recipient
        self.signing_key = signing_key
        self.access_key_ids = access_key_ids
        self.scopes = scopes
        self.levels = levels
        self.services = services
        self.max_days = max_days
        self.max_ahead = max_ahead
        self.text = encode_requester(self)

    def __repr__(self) -> str:
        return f"<Requester {self.name}>"

    def members(self) -> "dict[str, object]":
        """Return what the file says, its schema left out."""
        found = {name: getattr(self, name) for name in _REQUESTER[1:]}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


class Issuer:
    """Whose subkeys are taken in.

    Attributes:
        name: what we call it.
        signing_key: "ssh-ed25519 AAAA…".
    """

    __slots__ = ("name", "signing_key")

    def __init__(self, name: str, signing_key: str) -> None:
        self.name = name
        self.signing_key = signing_key

    def __repr__(self) -> str:
        return f"<Issuer {self.name}>"


def encode_requester(requester: Requester) -> bytes:
    """Return the file of a requester."""
    return strictjson.encode({"schema": REQUESTER, **requester.members()})


def encode_issuer(issuer: Issuer) -> bytes:
    """Return the file of an issuer."""
    return strictjson.encode({"schema": ISSUER, "name": issuer.name, "signing_key": issuer.signing_key})


def policy_sha256(text: bytes) -> str:
    """Return what an approval records of a requester's file: lower-case hex, 64."""
    return sha256(text).hexdigest()


def load_requester(places: "Places", name: str) -> Requester:
    """Return what is trusted of a requester.

    Raises:
        NotFound: if there is none of that name.
        Refused: if others could have written the file.
        StoreError: if it is damaged.
    """
    if name not in (known := places.requester_names()):
        raise _unknown("requester", name, known)
    path = places.requester(name)
    try:
        return parse_requester(_read(path), name, path)
    except InputError as error:
        raise StoreError(error.message, error.hint) from error


def load_issuer(places: "Places", name: str) -> Issuer:
    """Return what is trusted of an issuer.

    Raises:
        NotFound, Refused, StoreError: as for `load_requester`.
    """
    if name not in (known := places.issuer_names()):
        raise _unknown("issuer", name, known)
    path = places.issuer(name)
    try:
        return parse_issuer(_read(path), name, path)
    except InputError as error:
        raise StoreError(error.message, error.hint) from error


def requesters(places: "Places") -> "list[Requester]":
    """Return all requesters, sorted by name."""
    return [load_requester(places, name) for name in places.requester_names()]


def issuers(places: "Places") -> "list[Issuer]":
    """Return all issuers, sorted by name."""
    return [load_issuer(places, name) for name in places.issuer_names()]


def parse_requester(text: bytes, name: str, what: str) -> Requester:
    """Read the file of the requester *name*; its text is kept as it is.

    Raises:
        InputError: naming the member that is wrong.
    """
    found = _members(text, what, REQUESTER, _REQUESTER, name)
    key = strictjson.text(found, "signing_key", what)
    requester = Requester(
        name,
        check_recipient(strictjson.text(found, "recipient", what), f"{what}: member 'recipient'"),
        "" if key == "" else _line(key, what),
        _list(found, "access_key_ids", what, id_fault),
        _list(found, "scopes", what, scope_fault),
        _levels(found, what),
        _list(found, "services", what, part_fault, least=0),
        _number(found, "max_days", what, 1),
        _number(found, "max_ahead", what, 0),
    )
    requester.text = text
    return requester


def parse_issuer(text: bytes, name: str, what: str) -> Issuer:
    """Read the file of the issuer *name*.

    Raises:
        InputError: naming the member that is wrong.
    """
    found = _members(text, what, ISSUER, ("schema", "name", "signing_key"), name)
    return Issuer(name, _line(strictjson.text(found, "signing_key", what), what))


def check_recipient(text: str, what: str) -> str:
    """Return *text* if it could be a recipient: an SSH key without a comment, or one word; seal.py says whether it is.

    Raises:
        InputError: if it could not.
    """
    words = text.split(" ")
    plain = text.isascii() and text.isprintable() and "" not in words and len(text) <= 4096
    if not plain or len(words) != (2 if words[0].startswith("ssh-") else 1):
        raise InputError(f"{what} is neither 'age1…' nor an SSH key's type and text without a comment")
    return text


def scope_fault(text: str) -> "str | None":
    """Say what is wrong with a scope of a policy; None if nothing is."""
    parts = text.split("/")
    if text == ANY:
        return None
    if len(parts) > 2:
        return "is neither REGION/SERVICE, nor REGION, nor '-'"
    return next((fault for fault in map(part_fault, parts) if fault), None)


def _read(path: str) -> bytes:
    return files.read_private(path, _LIMIT, "file of whom we trust")


def _unknown(kind: str, name: str, known: "list[str]") -> NotFound:
    shown = ", ".join(known[:5])
    hint = f"known are {shown}" if known else f"'authkit trust-{kind} CARD' enrols one"
    return NotFound(f"no {kind} named {name[:64]}", hint)


def _members(text: bytes, what: str, schema: str, names: "tuple[str, ...]", name: str) -> "dict[str, object]":
    found = strictjson.members(strictjson.parse(text, what), what, names)
    if found["schema"] != schema:
        raise InputError(f"{what}: member 'schema' is not {schema!r}")
    if found["name"] != name or not is_name(name):
        raise InputError(f"{what}: member 'name' is not {name!r}")
    return found


def _line(text: str, what: str) -> str:
    line = parse_public_line(text, f"{what}: member 'signing_key'")
    if line != text:
        raise InputError(f"{what}: member 'signing_key' is not the key alone")
    return line


def _list(
    found: "dict[str, object]", name: str, what: str, fault_of: "Callable[[str], str | None]", least: int = 1
) -> "tuple[str, ...]":
    values = found[name]
    if not isinstance(values, list) or not least <= len(values) <= MAX_SCOPES:
        raise InputError(f"{what}: member {name!r} is not a list of {least} to {MAX_SCOPES} texts")
    for value in values:
        fault = fault_of(value) if isinstance(value, str) else "is not text"
        if fault:
            raise InputError(f"{what}: member {name!r}: {str(value)[:80]!r} {fault}")
    if any(one >= other for one, other in zip(values, values[1:])):
        raise InputError(f"{what}: member {name!r} is not sorted, or one stands twice")
    return tuple(values)


def _levels(found: "dict[str, object]", what: str) -> "tuple[str, ...]":
    levels = found["levels"]
    if not isinstance(levels, list) or not levels or levels != [one for one in LEVELS if one in levels]:
        raise InputError(f"{what}: member 'levels' is not some of {', '.join(LEVELS)}, in this order")
    return tuple(levels)


def _number(found: "dict[str, object]", name: str, what: str, least: int) -> int:
    value = found[name]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST_DAYS:
        raise InputError(f"{what}: member {name!r} is not a number from {least} to {MOST_DAYS}")
    return value
