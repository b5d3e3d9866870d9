"""Is the new key of an issuer believed only if both keys say so?"""

import base64
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from authkit.ceremony.change import make_change, open_change
from authkit.ceremony.peers import Issuer
from authkit.clock import UTC
from authkit.errors import InputError, Untrusted
from authkit.keys.sshsig import BEGIN, END, ISSUER, REQUEST, fingerprint_of, open_signed, sign_text
from ceremonies import AIR_PEM, OTHER_PEM, WEB_PEM, key_of, line_of

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HEX = "ab" * 32
VAULT = Issuer("vault", line_of(AIR_PEM))


def record(**changes: Any) -> bytes:
    members: dict[str, Any] = {"old": AIR_PEM, "new": OTHER_PEM, "ledger": f"7:{HEX}", **changes}
    return make_change(key_of(members["old"]), key_of(members["new"]), AT, members["ledger"])


def made(
    old: str, new: str, at: str, ledger: str, *, by: bytes = OTHER_PEM, more: str = "", head: str = "issuer"
) -> bytes:
    """Return a record that says anything, correctly signed by both."""
    text = f"authkit-{head}/v1\nold: {old}\nnew: {new}\nat: {at}\nledger: {ledger}\n".encode()
    armor = sign_text(key_of(by), ISSUER, text)[len(text) :]
    body = armor[len(BEGIN) : -len(END)].replace(b"\n", b"")
    return sign_text(key_of(AIR_PEM), ISSUER, text + b"new-signature: " + body + b"\n" + more.encode())


def test_both_keys_sign_it() -> None:
    found = open_change(record(), VAULT, "0:none", "record")
    assert (found.old, found.new, found.at, found.ledger) == (line_of(AIR_PEM), line_of(OTHER_PEM), AT, f"7:{HEX}")
    assert found.event("vault") == {
        "event": "issuer-changed",
        "name": "vault",
        "old": fingerprint_of(line_of(AIR_PEM)),
        "new": fingerprint_of(line_of(OTHER_PEM)),
    }
    assert open_change(record().replace(b"\n", b"\r\n"), VAULT, f"7:{HEX}", "record").ledger == f"7:{HEX}"


def test_its_text() -> None:
    text, _ = open_signed(record(), ISSUER, [line_of(AIR_PEM)], "record")
    lines = text.decode().split("\n")
    assert lines[:5] == [
        "authkit-issuer/v1",
        f"old: {line_of(AIR_PEM)}",
        f"new: {line_of(OTHER_PEM)}",
        "at: 2026-11-24T09:00:00Z",
        f"ledger: 7:{HEX}",
    ]
    assert base64.b64decode(lines[5].removeprefix("new-signature: ")).startswith(b"SSHSIG")
    assert (len(lines), lines[6]) == (7, "")


def refused(data: bytes, issuer: Issuer = VAULT, seen: str = "0:none") -> "tuple[str, str]":
    with pytest.raises(Untrusted) as caught:
        open_change(data, issuer, seen, "record")
    return caught.value.reason, caught.value.message


def test_what_the_old_key_did_not_sign() -> None:
    assert refused(record(old=WEB_PEM))[0] == "unknown-signer"
    assert refused(record(), Issuer("vault", line_of(OTHER_PEM)))[0] == "unknown-signer"
    assert refused(record().partition(BEGIN)[0])[0] == "not-signed"
    assert refused(record().replace(b"09:00:00Z", b"09:00:01Z"))[0] == "signature-mismatch"
    text = record().partition(BEGIN)[0]
    assert refused(sign_text(key_of(AIR_PEM), REQUEST, text))[0] == "namespace"


def test_what_the_new_key_did_not_sign() -> None:
    old, new = line_of(AIR_PEM), line_of(OTHER_PEM)
    reason, message = refused(made(old, new, "2026-11-24T09:00:00Z", f"7:{HEX}", by=WEB_PEM))
    assert (reason, message.partition(": it is")[0]) == ("unknown-signer", "record: the new key's signature")
    text = record().partition(BEGIN)[0].replace(b"09:00:00Z", b"09:00:01Z")
    reason, message = refused(sign_text(key_of(AIR_PEM), ISSUER, text))
    assert (reason, message.partition(": its")[0]) == ("signature-mismatch", "record: the new key's signature")
    cut = record().partition(BEGIN)[0][:-20] + b"\n"
    assert refused(sign_text(key_of(AIR_PEM), ISSUER, cut))[0] == "signature-malformed"


def test_another_old_key_than_the_one_that_signed() -> None:
    data = made(line_of(WEB_PEM), line_of(OTHER_PEM), "2026-11-24T09:00:00Z", f"7:{HEX}")
    assert refused(data)[0] == "issuer-mismatch"


def test_the_ledger_goes_on() -> None:
    assert refused(record(), seen=f"8:{HEX}") == (
        "ledger-shorter",
        "record: the other side's ledger is shorter than it was: lines were removed from its end "
        "(ledger-shorter: 7 lines, and 8 when it was last seen)",
    )
    assert refused(record(), seen=f"7:{'cd' * 32}")[0] == "ledger-changed"
    assert open_change(record(), VAULT, f"6:{'cd' * 32}", "record").ledger == f"7:{HEX}"


OLD, NEW, TIME = line_of(AIR_PEM), line_of(OTHER_PEM), "2026-11-24T09:00:00Z"
FAULTS = [
    (
        made(OLD, NEW, TIME, f"7:{HEX}", head="other"),
        "not the record of a changed key: line 1 is not 'authkit-issuer/v1', or lines are missing",
    ),
    (
        made(OLD, NEW, TIME, f"7:{HEX}", more="x: y\n"),
        "not the record of a changed key: line 1 is not 'authkit-issuer/v1', or lines are missing",
    ),
    (made(OLD, NEW, "now", f"7:{HEX}"), "line 4: at is not an instant YYYY-MM-DDThh:mm:ssZ"),
    (made(OLD, NEW, TIME, "7"), "line 5: ledger is neither a SHA-256 in hexadecimal nor 'none'"),
    (made(OLD, "ssh-rsa AAAA", TIME, f"7:{HEX}"), "line 3: not an OpenSSH public key of type ssh-ed25519"),
    (made(OLD, f"{NEW} me", TIME, f"7:{HEX}"), "line 3 is not another key alone"),
    (made(OLD, OLD, TIME, f"7:{HEX}", by=AIR_PEM), "line 3 is not another key alone"),
    (made(OLD, NEW, TIME, f"7:{HEX}\x1b"), "line 5 is not 'ledger: …'"),
    (made(OLD, NEW, TIME, "é"), "line 5 is not 'ledger: …'"),
]


@pytest.mark.parametrize(("data", "fault"), FAULTS)
def test_what_is_no_record(data: bytes, fault: str) -> None:
    with pytest.raises(InputError) as caught:
        open_change(data, VAULT, "0:none", "record")
    assert caught.value.message == f"record: {fault}"


def test_a_line_of_another_name() -> None:
    text = record().partition(BEGIN)[0].replace(b"\nat: ", b"\non: ")
    with pytest.raises(InputError, match="^record: line 4 is not 'at: …'$"):
        open_change(sign_text(key_of(AIR_PEM), ISSUER, text), VAULT, "0:none", "record")


def test_every_bit_counts(tmp_path: Path) -> None:
    data = record()
    for place in range(0, len(data), 11):
        altered = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(Untrusted):
            open_change(altered, VAULT, "0:none", "record")
