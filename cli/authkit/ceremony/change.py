"""How does an issuer tell those who trust its key that it has a new one?"""

from authkit.ceremony import ledgers
from authkit.ceremony.request import check_head, normalise
from authkit.clock import format_instant, parse_stamp
from authkit.errors import InputError, Untrusted
from authkit.keys.sshsig import (
    BEGIN,
    END,
    ISSUER,
    fingerprint_of,
    open_signed,
    parse_public_line,
    public_line,
    sign_text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.ceremony.peers import Issuer
    from authkit.keys.sshsig import Signer

HEAD = "authkit-issuer/v1"
_NAMES = ("old", "new", "at", "ledger", "new-signature")
_WIDTH = 70  # of the lines of an armored signature


class Change:
    """A new key in the place of an old one, signed by both.

    Attributes:
        old, new: "ssh-ed25519 AAAA…".
        at: when, aware UTC.
        ledger: the issuer's head before the change: "41:<64 hex>".
    """

    __slots__ = ("at", "ledger", "new", "old")

    def __init__(self, old: str, new: str, at: "datetime", ledger: str) -> None:
        self.old = old
        self.new = new
        self.at = at
        self.ledger = ledger

    def event(self, name: str) -> "dict[str, object]":
        """Return the ledger's line of the change."""
        old, new = fingerprint_of(self.old), fingerprint_of(self.new)
        return {"event": "issuer-changed", "name": name, "old": old, "new": new}


def make_change(old: "Signer", new: "Signer", at: "datetime", ledger: str) -> bytes:
    """Return the record of a change: its lines, the new key's signature over them, the old key's over all.

    Args:
        old, new: Ed25519 keys.
        ledger: the issuer's head.
    """
    lines = (public_line(old.public()), public_line(new.public()), format_instant(at), ledger)
    text = "".join([f"{HEAD}\n", *[f"{name}: {line}\n" for name, line in zip(_NAMES, lines)]]).encode("ascii")
    armor = sign_text(new, ISSUER, text)[len(text) :]
    body = armor[len(BEGIN) : -len(END)].replace(b"\n", b"")
    return sign_text(old, ISSUER, text + b"new-signature: " + body + b"\n")


def open_change(data: bytes, issuer: "Issuer", seen: str, what: str) -> Change:
    """Return a change, if both keys signed it and the old one is the one that is trusted.

    Args:
        data: the record; untrusted.
        issuer: who is trusted until now.
        seen: the last head of its ledger that we saw; "0:none" before the first.
        what: names the record in errors.

    Raises:
        Untrusted: "not-signed", "signature-malformed", "namespace", "unknown-signer" (either key), "signature-mismatch"
            (either signature), "issuer-mismatch", "ledger-shorter" or "ledger-changed".
        InputError: naming the line that is wrong.
    """
    text, line = open_signed(normalise(data), ISSUER, [issuer.signing_key], what)
    values = _values(text, what)
    if values["old"] != line:
        raise Untrusted("issuer-mismatch", what, "it names another old key than the one that signed it")
    new = parse_public_line(values["new"], f"{what}: line 3")
    if new != values["new"] or new == line:
        raise InputError(f"{what}: line 3 is not another key alone")
    signed, body = text[: text.rindex(b"new-signature: ")], values["new-signature"]
    wrapped = "".join([f"{body[start : start + _WIDTH]}\n" for start in range(0, len(body), _WIDTH)]).encode("ascii")
    open_signed(signed + BEGIN + wrapped + END, ISSUER, [new], f"{what}: the new key's signature")
    at = parse_stamp(values["at"])
    if at is None:
        raise InputError(f"{what}: line 4: at is not an instant YYYY-MM-DDThh:mm:ssZ")
    change = Change(line, new, at, check_head(values["ledger"], f"{what}: line 5: ledger"))
    _judge_ledger(change.ledger, seen, what)
    return change


def _values(text: bytes, what: str) -> "dict[str, str]":
    lines = text.decode("ascii", "replace").split("\n")[:-1]
    if lines[0] != HEAD or len(lines) != len(_NAMES) + 1:
        raise InputError(f"{what}: not the record of a changed key: line 1 is not {HEAD!r}, or lines are missing")
    values = {}
    for number, (line, name) in enumerate(zip(lines[1:], _NAMES), 2):
        values[name] = line.removeprefix(f"{name}: ")
        if values[name] == line or not line.isprintable() or not line.isascii():
            raise InputError(f"{what}: line {number} is not '{name}: …'")
    return values


def _judge_ledger(told: str, seen: str, what: str) -> None:
    (count, hashed), (before, known) = ledgers.split_head(told), ledgers.split_head(seen)
    if count < before:
        raise Untrusted("ledger-shorter", what, f"{count} lines, and {before} when it was last seen")
    if count == before and hashed != known:
        raise Untrusted("ledger-changed", what, f"line {count}")
