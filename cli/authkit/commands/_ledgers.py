"""Which ledger is meant, what its lines say, and whether it is whole."""

from hashlib import sha256

from authkit import files
from authkit.ceremony import ledgers
from authkit.ceremony.places import Places
from authkit.ceremony.request import HEAD, check_head, parse_request
from authkit.commands import _store
from authkit.errors import AuthkitError, InputError, LedgerRejected, StoreError, UsageError
from authkit.keys.sshsig import split_signed
from authkit.ledger import Broken
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._ca_ledger import CaLedger
    from authkit.commands._quick import Given
    from authkit.ledger import Ledger
    from authkit.stores.base import Entry, Store

    Line = dict[str, object]

_FRAME = ("n", "at", "prev", "event")
_REQUEST_LIMIT = 64 * 1024  # bytes; one for a signature holds a message
_SHOWN = 16  # digits of a hash


def find(given: "Given") -> "Ledger":
    """Return the ledger of the CA that --ca names, else that of the ceremony.

    Raises:
        NotFound: if there is no store, or no CA of that name.
    """
    if given.ca is not None:
        from authkit.commands import _ca

        return _ca.choose(given)[1]
    return _places(given).ledger


def read_head(text: str) -> "tuple[int, str]":
    """Return count and SHA-256 of what --head gives.

    Raises:
        UsageError: if it is not the head of a ledger.
    """
    try:
        return ledgers.split_head(check_head(text, "--head"))
    except InputError as error:
        raise UsageError(error.message, "'authkit show-ledger' prints one in its last line") from error


def verify(ledger: "Ledger", heads: "list[tuple[int, str]]", given: "Given") -> str:
    """Return a sentence on a ledger that is whole.

    Raises:
        LedgerRejected: "ledger-broken", "ledger-shorter", "ledger-changed" or "ledger-contradicted".
        StoreError: if it cannot be read.
    """
    try:
        lines = ledger.lines()
    except Broken as error:
        raise LedgerRejected("ledger-broken", error.message) from error
    if ledger.interrupted:
        render.warn(f"{ledger.path} ends in a line that was not finished; the next that is written moves it aside")
    for number, hashed in heads:
        _compare(ledger, number, hashed, "--head")
    if given.ca is not None:
        _judge_ca(ledger)  # type: ignore[arg-type]
    else:
        _judge_requests(ledger, _places(given))
        _judge_store(lines, _store.open_store(given.store))
    count = f"{len(lines):,} line{'' if len(lines) == 1 else 's'}, each follows from the one before"
    return count + (f"; {len(heads)} head{'s' if len(heads) > 1 else ''} found in it" if heads else "")


def row(line: "Line") -> "tuple[str, str, str, str]":
    """Return a line of a ledger as people read it; it may hold anything."""
    return str(line["n"]), str(line["at"]), str(line["event"]), _what(line)


def _places(given: "Given") -> Places:
    store = _store.open_store(given.store)
    return Places(store.info.path)  # type: ignore[attr-defined]


def _compare(ledger: "Ledger", number: int, hashed: str, where: str) -> None:
    """Refuse a ledger that lacks the line whose hash somebody saw."""
    lines = ledger.lines()
    if number > len(lines):
        raise LedgerRejected("ledger-shorter", f"it has {len(lines)} lines, and {where} says {number}")
    if number and ledgers.head_at(lines, ledger.head(), number) != hashed:
        raise LedgerRejected("ledger-changed", f"line {number} is not the one of {where}")


def _judge_ca(ledger: "CaLedger") -> None:
    """Refuse the ledger of a CA that is another's, not as a CA writes it, or older than the head kept beside it."""
    try:
        ledger.record()
    except StoreError as error:
        raise LedgerRejected("ledger-contradicted", error.message) from error


def _judge_requests(ledger: "Ledger", places: Places) -> None:
    """Compare with each request that we keep: its line, and the head that it told the issuer, must be there."""
    made = {line.get("request") for line in ledger.lines() if line["event"] == "created"}
    for name in places.request_ids():
        path = places.request(name)
        try:
            text = split_signed(files.read_private(path, _REQUEST_LIMIT, "request"), path)[0]
            told = parse_request(text, path).ledger[0] if text.startswith(HEAD.encode("ascii")) else ledgers.NONE
        except AuthkitError as error:
            raise LedgerRejected("ledger-contradicted", error.message) from error
        _compare(ledger, *ledgers.split_head(told), f"the request {name}")
        if sha256(text).hexdigest() not in made:
            raise LedgerRejected("ledger-contradicted", f"it lacks the line of the request {name}")


def _judge_store(lines: "list[Line]", store: "Store") -> None:
    """Compare with what is stored: a response that we hold was taken in."""
    taken = {(one.key, one.sequence) for one in ledgers.taken(lines)}
    for entry in store.listing():
        held = _response_of(entry)
        if held is not None and held not in taken:
            raise LedgerRejected(
                "ledger-contradicted",
                f"{entry.name} holds response {held[1]} of {held[0]}, and no line says that it was taken in",
            )


def _response_of(entry: "Entry") -> "tuple[str, int] | None":
    key, sequence = entry.metadata.get("issuer"), entry.metadata.get("sequence")
    return (key, sequence) if isinstance(key, str) and isinstance(sequence, int) else None


def _what(line: "Line") -> str:
    event = line["event"], line.get("kind")
    if event == ("created", "request"):
        named = f", for {line['name']}" if line.get("name") else ""
        return f"request {_short(line.get('id'))} to {line.get('issuer')}{named}: {_keys(line)}"
    if event == ("approved", "subkeys"):
        return f"response {line.get('sequence')} to {line.get('requester')}: {_keys(line)}"
    if event == ("approved", "signature"):
        return f"signature for {line.get('requester')}: {line.get('method')} {line.get('host')}{line.get('path')}"
    if event == ("created", "approval-request"):
        return f"request {_short(line.get('id'))} to {line.get('issuer')} for one signature: {line.get('scope')}"
    if event == ("imported", "signature"):
        return f"signature of {line.get('issuer')} for the request {_short(line.get('id'))}"
    if event[0] == "imported":
        return f"response {line.get('sequence')} of {line.get('issuer')}, stored as {line.get('stored_as')}"
    members = [f"{name} {_short(value)}" for name, value in line.items() if name not in _FRAME]
    return ", ".join(members)


def _keys(line: "Line") -> str:
    return f"{line.get('level')} keys of {line.get('access_key_id')}, {_short(line.get('scopes'))}, {line.get('days')}"


def _short(value: object) -> str:
    if isinstance(value, list):
        return " ".join([_short(one) for one in value])
    if isinstance(value, dict):
        return f"of {len(value)} members"
    text = str(value)
    is_hash = len(text) in (32, 64) and frozenset("0123456789abcdef").issuperset(text)
    return f"{text[:_SHOWN]}…" if is_hash else text
