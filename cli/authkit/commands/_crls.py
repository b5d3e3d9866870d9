"""How are CRLs signed, recorded and written?"""

import os

from authkit import files, seal
from authkit.certs.crl import Made, Window, encode_crl, listed_in, sign_crl
from authkit.certs.record import crl_reserved_event, crl_written_event, ski_of
from authkit.clock import format_instant
from authkit.errors import Refused, UsageError
from authkit.ui import progress, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from authkit.certs.authority import Authority
    from authkit.certs.record import Record
    from authkit.commands._ca_ledger import CaLedger
    from authkit.commands._quick import Given


def check_options(given: "Given") -> None:
    """Refuse what cannot be, before a person is asked for anything.

    Raises:
        UsageError: if the options contradict each other.
        InputError: if --to is no recipient.
        Refused: if what would be written exists.
    """
    if given.series is None:
        for option, value in (("--to", given.to), ("--plain", given.plain), ("--out", given.out)):
            if value:
                raise UsageError(f"{option} is for a series", "add --series N")
        if given.json and given.output in (None, "-"):
            raise UsageError("standard output cannot hold the list and the JSON", "write the list with -o FILE")
        if given.output not in (None, "-") and not given.force and os.path.lexists(given.output):
            raise Refused(f"{given.output} exists", "--force replaces it")
        if given.der and given.output in (None, "-") and render.is_terminal(1):
            raise Refused("DER is not for a terminal", "write it with -o FILE")
        return
    if given.output is not None:
        raise UsageError("a series goes into a folder", "--out DIR instead of --output")
    if given.out is None:
        raise UsageError("a series needs a folder", "add --out DIR")
    if (given.to is None) != given.plain:
        raise UsageError("a series is sealed with --to RECIPIENT, or is --plain", "give one of the two")
    if given.to is not None:
        seal.encrypt_to(given.to, b"")
    if os.path.lexists(given.out):
        raise Refused(f"{given.out} exists", "name a folder that does not exist yet")


def tell_price(record: "Record", windows: "Sequence[Window]", at: "datetime") -> None:
    """Say what a series costs (S37), and what an older one does now."""
    last = format_instant(windows[-1].next_update)
    render.warn(
        f"each of these {len(windows)} lists says already who is not revoked, and stays a valid signature until its "
        f"end, the last until {last}"
    )
    render.warn(
        "after a revocation a new series is needed, and until then and beyond whoever has an old list can show it "
        "to a verifier that has seen no newer one"
    )
    render.note("keep the series as secret as the CA, and release its lists one by one, each on its day")


def sign(
    authority: "Authority", ledger: "CaLedger", record: "Record", windows: "Sequence[Window]", at: "datetime"
) -> "list[Made]":
    """Return the CRLs, signed; their numbers were reserved before, and they are in the ledger now.

    Args:
        ledger: locked by the caller.
        record: what it says.
        windows: what `plan_crls` allows.
    """
    listed = listed_in(record, ski_of(authority.certificate), windows)
    ledger.append([crl_reserved_event(windows[0].number, windows[-1].number)], at)
    made = []
    for window, revoked in progress.tracked(zip(windows, listed), len(windows), "CRLs"):
        made.append(sign_crl(authority, revoked, window))
    events = [
        crl_written_event(one.window.number, one.sha256, one.window.this_update, one.window.next_update) for one in made
    ]
    ledger.append(events, at)
    return made


def write(made: "list[Made]", given: "Given") -> None:
    """Write a CRL to where the options say, or a series into a folder, all of it or nothing.

    Raises:
        Refused: if something is there already.
        StoreError: if it cannot be written.
    """
    if given.series is not None:
        files.write_folder(given.out, _contents(made, given))
        return
    data = encode_crl(made[0].crl, der=given.der)
    if given.output in (None, "-"):
        render.write(data)
    else:
        files.write_public(given.output, data, replace=given.force)


def _contents(made: "list[Made]", given: "Given") -> "Iterator[tuple[str, bytes, int]]":
    for one in progress.tracked(made, len(made), "files"):
        data = encode_crl(one.crl, der=given.der)
        yield _file_name(one, given), data if given.plain else seal.encrypt_to(given.to, data).encode("ascii"), 0o600


def _file_name(one: Made, given: "Given") -> str:
    return one.window.file_name if given.plain else f"{one.window.file_name}.age"


def report(made: "list[Made]", authority: "Authority", record: "Record", given: "Given", at: "datetime") -> None:
    """Say what was written, and until when older CRLs mislead.

    Args:
        record: as it was before.
    """
    if record.misleading_until is not None and record.misleading_until >= at:
        until = format_instant(record.misleading_until)
        render.warn(f"CRLs that were signed before the last revocation do not list it, and are good until {until}")
    if given.json:
        crls = [_as_json(one, given) for one in made]
        render.write_json({"schema": "authkit.crl/v1", "ca": authority.name, "crls": crls})
        return
    first, last = made[0], made[-1]
    until = format_instant(last.window.next_update)
    if given.series is None:
        count = first.count
        certificates = "1 certificate" if count == 1 else f"{count} certificates"
        number = first.window.number
        render.note(f"CRL {number} of {authority.name} lists {certificates} and is good until {until}")
    else:
        numbers = f"{first.window.number} to {last.window.number}"
        render.note(f"CRLs {numbers} of {authority.name} are in {given.out}; the last is good until {until}")


def _as_json(one: Made, given: "Given") -> "dict[str, object]":
    file = given.output if given.series is None else os.path.join(given.out, _file_name(one, given))
    return {
        "number": one.window.number,
        "sha256": one.sha256,
        "this_update": format_instant(one.window.this_update),
        "next_update": format_instant(one.window.next_update),
        "revoked": one.count,
        "file": file,
    }
