"""Show what a subkey file allows, and until when it is dangerous.

The key itself is never shown.  Three instants are given for each subkey: from when it signs, until when it signs, and
until when something signed with it may still be accepted.  Of a signed file it is said who issued it, and whether that
is an issuer that is trusted here.

Examples:

  $ authkit inspect-subkey week.subkeys
  access key ID: AKIDEXAMPLE
  …
"""

from authkit.commands import _io, _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._inspected import Signed
    from authkit.commands._quick import Given
    from authkit.keys.subkeys import Subkey, SubkeyFile

OPTIONS = (
    ("FILE", "argument", "FILE|-|REF", "a subkey file, or a key reference such as a name in the store", None),
    _rows.IDENTITY,
    _rows.AT,
    _rows.STORE,
    _rows.JSON,
)
SHOWN = 20


def run(given: "Given") -> None:
    from authkit.clock import format_instant
    from authkit.commands import _inspected
    from authkit.keys.window import LIMITS
    from authkit.ui import render

    _io.protect_process()
    file, issued_at = _load(given)
    signed = _inspected.signed_by(file, given.file, given.store)
    now = format_instant(_io.instant(given.at))
    if given.json:
        render.write_json(_as_json(file, issued_at, signed))
        return
    first = file.subkeys[0]
    rows = [
        ("access key ID", file.access_key_id),
        ("scheme", file.chain.label),
        ("issued at", issued_at or "unknown (not one file)"),
        *_issuer_rows(file, signed),
        ("subkeys", f"{len(file.subkeys):,}"),
    ]
    if first.expires_at is not None:
        rows.append(("session ends", format_instant(first.expires_at)))
    render.write(render.facts(rows) + "\n")
    header = ("SCOPE", "LEVEL", "SIGNS FROM", "SIGNS UNTIL", "DANGEROUS UNTIL", "NOW")
    render.write(render.table(header, [_row(one, now) for one in file.subkeys[:SHOWN]]))
    if len(file.subkeys) > SHOWN:
        render.write(f"… and {len(file.subkeys) - SHOWN:,} more; --json lists all\n")
    render.write("\nWhat such a key is:\n")
    for number, limit in enumerate(LIMITS, 1):
        render.write(f" {number}. {limit[:1].upper()}{limit[1:]}.\n")


def _load(given: "Given") -> "tuple[SubkeyFile, str | None]":
    """Return the subkeys, and when they say they were issued, if they stand in one file."""
    from authkit import registry
    from authkit.clock import format_instant
    from authkit.commands import _inspected

    if given.file.startswith("file:"):
        file = _inspected.from_file(given.file[5:], given)
    elif given.file.startswith(tuple(registry.REFERENCES)):
        return _inspected.from_reference(given.file, given.store), None
    else:
        file = _inspected.from_file_or_name(given.file, given)
    return file, format_instant(file.issued_at)


def _issuer_rows(file: "SubkeyFile", signed: "Signed | None") -> "list[tuple[str, str]]":
    from authkit.ui.printable import one_line

    if file.issued is None or signed is None:
        return [("issuer", "unknown (file is not signed)")]
    known = f"{signed.name} ({signed.key}), signature checked"
    unknown = f"{signed.key}, which is not trusted here: the signature is whole and proves nothing"
    return [
        ("issuer", known if signed.name is not None else unknown),
        ("recipient", one_line(file.issued.recipient)),
        ("response", str(file.issued.sequence)),
        ("request", file.issued.request),
    ]


def _row(subkey: "Subkey", now: str) -> "tuple[str, ...]":
    from authkit.clock import format_instant
    from authkit.keys.window import window_of

    window = window_of(subkey.scope, subkey.expires_at)
    start, end, danger = [format_instant(at) for at in (window.signs_from, window.signs_until, window.dangerous_until)]
    state = "not yet" if now < start else "signs" if now <= end else "dangerous" if now <= danger else "expired"
    return str(subkey.scope), subkey.scope.level, start, end, danger, state


def _as_json(file: "SubkeyFile", issued_at: "str | None", signed: "Signed | None") -> "dict[str, object]":
    names = ("scope", "level", "signs_from", "signs_until", "dangerous_until")
    found: "dict[str, object]" = {
        "schema": "authkit.subkeys-inspected/v1",
        "access_key_id": file.access_key_id,
        "scheme": file.chain.label,
        "issued_at": issued_at,
        "issuer": None if signed is None else signed.key,
    }
    if file.issued is not None and signed is not None:
        members = ("recipient", "sequence", "request", "previous", "ledger")
        found.update({"trusted_as": signed.name, **{name: getattr(file.issued, name) for name in members}})
    found["subkeys"] = [dict(zip(names, _row(one, ""))) for one in file.subkeys]
    return found
