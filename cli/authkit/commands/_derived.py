"""How derived keys are written, and what is said of them."""

from authkit import base64, bulk, clock
from authkit.commands import _io
from authkit.errors import Refused, Rejected
from authkit.keys.access import AccessKey
from authkit.keys.request import Wanted, derive_wanted, hex_lines, is_grid
from authkit.keys.select import Key
from authkit.keys.subkeys import SubkeyFile, encode_subkeys
from authkit.keys.window import window_of
from authkit.ui import render
from authkit.ui.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
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
    subkeys = derive_wanted(keys, wanted)
    if subkeys[0].session_token is not None and subkeys[0].expires_at is None:
        raise Refused(
            "the session token has no end, so a subkey file has no place for it", "import the JSON that STS gave"
        )
    data = encode_subkeys(SubkeyFile(wanted.chain, subkeys[0].access_key_id, at, subkeys))
    if given.format == "env":
        data = f"AUTHKIT_SUBKEYS='{base64.encode(data)}'\n".encode("ascii")
    _io.deliver(data, given.output, force=given.force, reveal=given.reveal, what="the key")
    if given.json and given.output not in (None, "-"):
        from authkit.keys.describe import describe_subkeys

        file = SubkeyFile(wanted.chain, subkeys[0].access_key_id, at, subkeys)
        render.write_json({"schema": "authkit.keys/v1", "keys": [describe_subkeys(file, at)]})


def write_hex(wanted: Wanted, keys: "list[Key]", given: "Given") -> None:
    """Write the key alone for one subkey, 'SCOPE HEX' lines for several."""
    first = keys[0]
    to_file = given.output not in (None, "-")
    # many keys to a pipe are written as they come; a file is complete or absent, so it is written at once
    if isinstance(first, AccessKey) and first.scheme is None and wanted.count > 1 and is_grid(wanted):
        secret = first.secret.mac_key(wanted.chain.prefix).reveal()
        pieces = [wanted.days[i : i + 1] for i in range(len(wanted.days))]
        processes = None if wanted.count >= _MANY else 1
        texts = bulk.ordered_map(lambda days: hex_lines(secret, wanted, days).encode("ascii"), pieces, processes)
        if not to_file and not render.is_terminal(1):
            for text in texts:
                render.write(text)
            return
        data = b"".join(texts)
    else:
        subkeys = derive_wanted(keys, wanted)
        lines = [f"{one.scope} {one.key.reveal().hex()}\n" for one in subkeys]
        data = ("".join(lines) if len(lines) > 1 else f"{subkeys[0].key.reveal().hex()}\n").encode("ascii")
    _io.deliver(data, given.output, force=given.force, reveal=given.reveal, what="the key")


def verify(given: "Given", keys: "list[Key]") -> int:
    """Say whether every key of a subkey file is the one that *keys* derive to (A5); return the exit code."""
    from authkit.keys.load import load_subkey_file
    from authkit.keys.select import choose_checking
    from authkit.schemes.derived import CHAINS

    file = load_subkey_file(_io.read(given.verify, "subkey file"), CHAINS, given.verify)
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
