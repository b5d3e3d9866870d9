"""How derived keys are written, and what is said of them."""

from authkit import base64, bulk, clock
from authkit.commands import _carried, _io, _schemes, _sealed
from authkit.errors import Refused, Rejected
from authkit.keys.access import AccessKey
from authkit.keys.request import Wanted, derive_wanted, grid_keys, is_grid
from authkit.keys.select import Key
from authkit.keys.subkeys import Subkey, SubkeyFile, encode_subkeys, format_entries, frame_entries
from authkit.keys.window import window_of
from authkit.ui import progress, render
from authkit.ui.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from authkit.commands._quick import Given

# below this, starting processes costs more than it saves
_MANY = 20_000


def tell(wanted: Wanted, keys: "list[Key]", given: "Given", at: "datetime") -> None:
    """Say on standard error what is about to leave: how many, for when, and until when it is dangerous."""
    last_day = Wanted(wanted.chain, wanted.level, wanted.days[-1:], wanted.pairs).scopes()
    last = max(window_of(scope, keys[0].expires_at).dangerous_until for scope in last_day)
    days = f"{wanted.days[0]}" if len(wanted.days) == 1 else f"{wanted.days[0]} to {wanted.days[-1]}"
    count = f"{wanted.count:,} {wanted.level} key{'s' if wanted.count > 1 else ''}"
    render.note(f"{count} for {days} UTC; dangerous until {clock.format_instant(last)}")
    if wanted.level not in ("signing", wanted.chain.parts[-1]):
        render.warn(f"a {wanted.level} key opens every {wanted.chain.parts[len(wanted.pairs[0]) + 1]} below it")
    if given.at is None and given.date in ("today", "tomorrow") and clock.local_today() != at.date():
        render.note(f"days are UTC days: {given.date} is {wanted.days[0]}")


def write_file(wanted: Wanted, keys: "list[Key]", given: "Given", at: "datetime") -> None:
    """Write a subkey file, or the environment line that carries one."""
    sample = derive_wanted(keys, Wanted(wanted.chain, wanted.level, wanted.days[:1], wanted.pairs[:1]))
    if sample[0].session_token is not None and sample[0].expires_at is None:
        raise Refused(
            "the session token has no end, so a subkey file has no place for it", "import the JSON that STS gave"
        )
    file = SubkeyFile(wanted.chain, sample[0].access_key_id, at, sample)
    label, access_key_id = wanted.chain.label, file.access_key_id
    if _is_large_grid(wanted, keys):
        data = frame_entries(file, _grid(wanted, keys, lambda pairs: format_entries(pairs, label, access_key_id)))
    else:
        file.subkeys = derive_wanted(keys, wanted)
        data = encode_subkeys(file)
    if given.format == "env":
        data = f"AUTHKIT_SUBKEYS='{base64.encode(data)}'\n".encode("ascii")
    _carried.deliver(data, given, what="the key", secret=True)
    if given.json and given.output not in (None, "-"):
        from authkit.keys.describe import describe_subkeys

        file.subkeys = derive_wanted(keys, wanted)
        render.write_json({"schema": "authkit.keys/v1", "keys": [describe_subkeys(file, at)]})


def write_hex(wanted: Wanted, keys: "list[Key]", given: "Given") -> None:
    """Write the key alone for one subkey, 'SCOPE HEX' lines for several."""
    if _is_large_grid(wanted, keys):
        texts = _grid(wanted, keys, _hex_lines)
        if given.output in (None, "-") and not render.is_terminal(1):
            # a pipe gets the keys as they come; a file is complete or absent, so it is written at once
            for text in texts:
                render.write(text)
            return
        data = b"".join(texts)
    else:
        pairs = [(str(one.scope), one.key.reveal()) for one in derive_wanted(keys, wanted)]
        data = _hex_lines(pairs) if len(pairs) > 1 else f"{pairs[0][1].hex()}\n".encode("ascii")
    _io.deliver(data, given.output, force=given.force, reveal=given.reveal, what="the key")


def derive_all(keys: "list[Key]", wanted: Wanted) -> "list[Subkey]":
    """Return the subkeys asked for, as derive_wanted does, with a bar on a terminal."""
    made: "list[Subkey]" = []
    for day in progress.tracked(wanted.days, len(wanted.days), "days"):
        made += derive_wanted(keys, Wanted(wanted.chain, wanted.level, [day], wanted.pairs))
    return made


def _is_large_grid(wanted: Wanted, keys: "list[Key]") -> bool:
    return wanted.count >= _MANY and is_grid(wanted) and isinstance(keys[0], AccessKey) and not keys[0].secret.in_token


def _grid(wanted: Wanted, keys: "list[Key]", write: "Callable[[list[tuple[str, bytes]]], bytes]") -> "Iterator[bytes]":
    """Yield what *write* makes of the keys of each day, over all cores, with a bar on a terminal."""
    derive_wanted(keys, Wanted(wanted.chain, wanted.level, wanted.days[:1], wanted.pairs[:1]))  # for what it refuses
    first = keys[0]
    assert isinstance(first, AccessKey)
    secret = first.secret.mac_key(wanted.chain.prefix).reveal()
    days = [[day] for day in wanted.days]
    made = bulk.ordered_map(lambda piece: write(grid_keys(secret, wanted, piece)), days)
    return progress.tracked(made, len(days), "days")


def _hex_lines(pairs: "list[tuple[str, bytes]]") -> bytes:
    return "".join([f"{scope} {key.hex()}\n" for scope, key in pairs]).encode("ascii")


def verify(given: "Given", keys: "list[Key]") -> int:
    """Say whether every key of a subkey file is the one that *keys* derive to (A5); return the exit code."""
    from authkit.keys.load import load_subkey_file
    from authkit.keys.select import choose_checking

    data = _sealed.open_if_sealed(_io.read(given.verify, "subkey file"), given.verify, given.store)
    file = load_subkey_file(data, _schemes.chains(), given.verify)
    try:
        for subkey in file.subkeys:
            found, _ = choose_checking(keys, file.access_key_id, subkey.scope)
            if found != subkey.key:
                raise Rejected("key-mismatch", str(subkey.scope))
    except Rejected as rejected:
        _show(given, {"verdict": rejected.verdict, "reason": rejected.reason, "message": rejected.message})
        return rejected.exit_code
    count = len(file.subkeys)
    _show(
        given,
        {"verdict": "valid", "reason": "ok", "message": f"every key of the file ({count:,}) derives from this one"},
    )
    return 0


def _show(given: "Given", verdict: "dict[str, str]") -> None:
    if given.json:
        render.write_json({"schema": "authkit.derived/v1", **verdict})
    else:
        render.write(render.facts([(name, printable(text)) for name, text in verdict.items()]))
