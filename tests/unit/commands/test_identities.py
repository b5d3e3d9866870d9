"""Are we the same across the air gap every time, and nobody else?"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from agefile import IDENTITY, PASSPHRASE, RECIPIENT, make_store
from authkit import files, seal
from authkit.ceremony.card import parse_card
from authkit.ceremony.change import open_change
from authkit.ceremony.peers import Issuer
from authkit.commands import _identity
from authkit.errors import NotFound, Refused, StoreError
from authkit.keys.sshsig import ISSUER, fingerprint_of, sign_text
from authkit.ledger import Ledger
from authkit.secret import Secret
from authkit.stores.folder import FolderStore, StoreInfo
from ceremonies import AIR_PEM, OTHER_PEM, key_of, line_of, make_air, make_web, trust_issuer
from commandline import Done, Terminal, run_here

Ak = Callable[..., Done]


@pytest.fixture
def ak(tmp_path: Path) -> Ak:
    """A function that runs a command line with the store "here"."""
    (tmp_path / "pass").write_bytes(PASSPHRASE)
    (tmp_path / "pass").chmod(0o600)

    def run(line: str, **more: Any) -> Done:
        environ = {"AUTHKIT_STORE": "here", "AUTHKIT_PASSPHRASE_FILE": "pass", "AUTHKIT_KEY_PASSPHRASE_FILE": "pass"}
        return run_here(line, tmp_path, environ={**environ, **more.pop("environ", {})}, **more)

    return run


def opened(path: Path) -> FolderStore:
    def unlock(info: StoreInfo) -> str:
        return seal.decrypt_with_passphrase(PASSPHRASE, Path(info.identity_path).read_bytes()).decode().strip()

    return FolderStore(str(path), unlock)


def ledger(tmp_path: Path) -> "list[dict[str, object]]":
    return Ledger(str(tmp_path / "here" / "ceremony" / "ledger.jsonl")).lines()


# who we are


def test_a_requester_is_made_once(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    done = ak("show-identity web-1 --json")
    assert done.triple[1:] == ("authkit: note: made the identity of the requester web-1\n", 0)
    row = json.loads(done.stdout)
    assert (row["schema"], row["role"], row["name"]) == ("authkit.identity/v1", "requester", "web-1")
    assert row["fingerprint"] == fingerprint_of(row["signing_key"])
    assert row["recipient"] == json.loads((tmp_path / "here" / "store.json").read_text())["recipient"]
    assert ak("show-identity --json").triple == (done.stdout.decode(), "", 0)
    assert ak("show-identity web-1 --json").triple == (done.stdout.decode(), "", 0)
    (line,) = ledger(tmp_path)
    assert {name: line[name] for name in ("event", "kind", "role", "key")} == {
        "event": "created",
        "kind": "identity",
        "role": "requester",
        "key": row["fingerprint"],
    }


def test_another_name_is_refused(ak: Ak, tmp_path: Path) -> None:
    make_web(tmp_path / "here")
    done = ak("show-identity web-2")
    assert done.triple == (
        "", "authkit: error: we are called web-1 already\nauthkit: hint: leave out the name\n", 5,
    )  # fmt: skip


def test_what_it_prints(ak: Ak, tmp_path: Path) -> None:
    make_web(tmp_path / "here")
    shown, _, card = ak("show-identity").stdout.decode().partition("\n\n")
    lines = shown.split("\n")
    assert lines[:2] == ["requester:   web-1", f"recipient:   {RECIPIENT}"]
    assert (len(lines), lines[3][:13], lines[4][:13]) == (7, "words:       ", " " * 13)
    found = parse_card(card.encode(), "requester", "card")
    assert " ".join([line[13:] for line in lines[3:]]) == found.words()


def test_the_card_goes_to_a_file(ak: Ak, tmp_path: Path) -> None:
    make_web(tmp_path / "here")
    done = ak("show-identity -o web-1.card")
    assert done.code == 0
    assert "authkit-identity" not in done.stdout.decode()
    assert parse_card((tmp_path / "web-1.card").read_bytes(), "requester", "card").recipient == RECIPIENT
    assert ak("show-identity -o web-1.card").triple == (
        "", "authkit: error: web-1.card exists\nauthkit: hint: --force replaces it\n", 5,
    )  # fmt: skip
    done = ak("show-identity -o -")
    assert done.stdout == (tmp_path / "web-1.card").read_bytes()


def test_the_machines_name_is_the_default(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    name = mock.Mock(nodename="build-7.example.com")
    with mock.patch.object(os, "uname", return_value=name):
        assert json.loads(ak("show-identity --json").stdout)["name"] == "build-7"


def test_a_machine_without_a_name(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    with mock.patch.object(os, "uname", return_value=mock.Mock(nodename="_gateway")):
        done = ak("show-identity")
    error = "authkit: error: this machine's name cannot be the name of an identity\n"
    assert done.triple == ("", f"{error}authkit: hint: name the requester yourself\n", 2)


def test_a_name_that_is_none(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    assert ak("show-identity ../x").code == 2
    assert ak("show-identity --issuer --no-passphrase ../x").code == 2


def test_an_issuer_has_a_passphrase_of_its_own(ak: Ak, tmp_path: Path) -> None:
    store = make_store(tmp_path / "here")
    done = ak("show-identity --issuer vault --json")
    row = json.loads(done.stdout)
    assert (row["role"], row["recipient"]) == ("issuer", "none")
    entry = store.get("authkit-issuer")
    assert entry.metadata["passphrase"] is True
    assert entry.secret is not None
    assert entry.secret.reveal().startswith(b"-----BEGIN AGE")
    assert json.loads(ak("show-identity --issuer --json").stdout) == row
    assert "recipient" not in ak("show-identity --issuer").stdout.decode().partition("\n\n")[0]


def test_an_issuer_without_one(ak: Ak, tmp_path: Path) -> None:
    store = make_store(tmp_path / "here")
    assert ak("show-identity --issuer --no-passphrase vault").code == 0
    assert "passphrase" not in store.get("authkit-issuer").metadata
    assert _identity.issuer(store).name == "vault"


def test_a_requester_has_none(ak: Ak) -> None:
    assert ak("show-identity --no-passphrase").triple == (
        "", "authkit: error: --no-passphrase is for --issuer\n", 2,
    )  # fmt: skip


def test_nobody_yet(tmp_path: Path) -> None:
    store = make_store(tmp_path / "here")
    with pytest.raises(NotFound, match="^we have no identity to ask with yet$") as caught:
        _identity.requester(store)
    assert caught.value.hint == "'authkit show-identity NAME' makes one"
    with pytest.raises(NotFound, match="^we have no identity to issue with yet$") as caught:
        _identity.issuer(store)
    assert caught.value.hint == "'authkit show-identity --issuer NAME' makes one"


def test_a_key_of_the_user_is_no_identity(tmp_path: Path) -> None:
    store = make_store(tmp_path / "here")
    store.put("authkit-requester", {"kind": "key-pair"}, Secret(AIR_PEM))
    with pytest.raises(Refused, match="^authkit-requester is a key of yours, not our identity$"):
        _identity.requester(store)


@pytest.mark.parametrize("change", [{"role": "requester"}, {"name": 7}, {"public_key": None}])
def test_the_key_of_another_identity(change: "dict[str, object]", tmp_path: Path) -> None:
    store = make_store(tmp_path / "here")
    metadata = _identity.metadata_of("issuer", "vault", line_of(AIR_PEM), None)
    metadata = {name: one for name, one in {**metadata, **change}.items() if one is not None}
    store.put("authkit-issuer", metadata, Secret(AIR_PEM))
    with pytest.raises(StoreError, match="^authkit-issuer is the key of another identity$"):
        _identity.issuer(store)


def test_a_key_that_is_not_the_one_the_store_names(tmp_path: Path) -> None:
    store = make_store(tmp_path / "here")
    store.put("authkit-issuer", _identity.metadata_of("issuer", "vault", line_of(AIR_PEM), None), Secret(OTHER_PEM))
    found = _identity.issuer(store)
    assert found.line == line_of(AIR_PEM)
    with pytest.raises(StoreError, match="^authkit-issuer is another key than the store says$"):
        _ = found.key


def test_what_is_public_costs_no_passphrase(ak: Ak, tmp_path: Path) -> None:
    make_store(tmp_path / "here")
    card = ak("show-identity --issuer vault -o vault.card")
    assert card.code == 0
    none = {"AUTHKIT_KEY_PASSPHRASE_FILE": "none"}
    assert ak("show-identity --issuer", environ=none).stdout.startswith(card.stdout)
    assert ak("show-identity --issuer --change-key --confirm vault", environ=none).code == 3


def test_an_identity_shows_no_secret(tmp_path: Path) -> None:
    found = _identity.requester(make_web(tmp_path / "here"))
    assert repr(found) == "<Identity requester web-1>"


def test_the_recipient_is_the_stores_own(tmp_path: Path) -> None:
    found = _identity.requester(make_web(tmp_path / "here"))
    assert (found.recipient, IDENTITY[:15]) == (RECIPIENT, "AGE-SECRET-KEY-")


# a new key of the issuer


def test_a_change_of_the_key(ak: Ak, tmp_path: Path) -> None:
    store = make_air(tmp_path / "here")
    before = Ledger(str(tmp_path / "here" / "ceremony" / "ledger.jsonl")).head()
    done = ak("show-identity --issuer --change-key --no-passphrase --confirm vault -o change.txt")
    found = open_change((tmp_path / "change.txt").read_bytes(), Issuer("vault", line_of(AIR_PEM)), before, "record")
    new = fingerprint_of(found.new)
    assert done.triple == ("", f"authkit: note: the issuer vault signs with {new} now (change 1)\n", 0)
    assert (_identity.issuer(store).line, found.ledger) == (found.new, before)
    assert "authkit-issuer-next" not in store.names()
    line = ledger(tmp_path)[-1]
    old = fingerprint_of(line_of(AIR_PEM))
    assert [line[name] for name in ("event", "name", "old", "new")] == ["issuer-changed", "vault", old, new]
    again = ak("show-identity --issuer --change 1")
    assert again.stdout == (tmp_path / "change.txt").read_bytes()
    assert ak("show-identity --issuer --change 2").triple == (
        "", "authkit: error: no change of the key has the number 2\nauthkit: hint: 1 were made\n", 4,
    )  # fmt: skip


def test_a_second_change_follows_the_first(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    line = "show-identity --issuer --change-key --confirm vault"
    first = open_change(ak(line).stdout, Issuer("vault", line_of(AIR_PEM)), "0:none", "record")
    second = open_change(ak(line).stdout, Issuer("vault", first.new), "0:none", "record")
    assert second.old == first.new
    assert opened(tmp_path / "here").get("authkit-issuer").metadata["passphrase"] is True


def test_a_change_is_confirmed(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    done = ak("show-identity --issuer --change-key --confirm vualt")
    assert done.triple == ("", "authkit: error: not confirmed\n", 5)
    done = ak("show-identity --issuer --change-key")
    assert done.triple == (
        "",
        "authkit: error: there is no terminal to confirm on\nauthkit: hint: give the name with --confirm NAME\n",
        2,
    )
    assert len(ledger(tmp_path)) == 3
    line = "show-identity --issuer --change-key --no-passphrase -o change.txt"
    done = ak(line, terminal=Terminal([("vault:", "vault\n")]))
    assert done.code == 0
    assert done.terminal == "to give the issuer a new key, type its name vault: vault\n"


@pytest.mark.parametrize("step", ["put", "append", "second put", "delete"])
def test_an_interrupted_change_is_finished(step: str, ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "here")
    line = "show-identity --issuer --change-key --no-passphrase --confirm vault --force -o change.txt"
    places = {
        "put": mock.patch.object(files, "write_secret", side_effect=_after(1, files.write_secret)),
        "append": mock.patch.object(Ledger, "append", side_effect=KeyboardInterrupt),
        "second put": mock.patch.object(files, "write_secret", side_effect=_after(2, files.write_secret)),
        "delete": mock.patch.object(FolderStore, "delete", side_effect=KeyboardInterrupt),
    }
    with places[step]:
        assert ak(line).code == 130
    done = ak(line)
    assert done.code == 0, done.stderr
    changes = [row for row in ledger(tmp_path) if row["event"] == "issuer-changed"]
    assert len(changes) == 1
    found = open_change((tmp_path / "change.txt").read_bytes(), Issuer("vault", line_of(AIR_PEM)), "0:none", "record")
    store = opened(tmp_path / "here")
    assert _identity.metadata_of("issuer", "vault", found.new, None)["fingerprint"] == changes[0]["new"]
    assert store.get("authkit-issuer").metadata["fingerprint"] == changes[0]["new"]
    assert "authkit-issuer-next" not in store.names()


def _after(count: int, call: "Callable[..., None]") -> "Callable[..., None]":
    """Return *call*, which is interrupted when it was made *count* times."""
    made: list[object] = []

    def counted(*args: Any, **more: Any) -> None:
        if len(made) >= count:
            raise KeyboardInterrupt
        made.append(args)
        call(*args, **more)

    return counted


def test_a_key_that_the_ledger_does_not_know(ak: Ak, tmp_path: Path) -> None:
    store = make_air(tmp_path / "here")
    metadata = _identity.metadata_of("issuer", "vault", line_of(OTHER_PEM), None)
    store.put("authkit-issuer", metadata, Secret(OTHER_PEM), replace=True)
    done = ak("show-identity --issuer --change-key --no-passphrase --confirm vault")
    error = "authkit: error: the key in the store is not the one that the ledger names last\n"
    assert done.triple == ("", error, 6)


@pytest.mark.parametrize(
    "line",
    [
        "show-identity --change-key",
        "show-identity --change 1",
        "show-identity --issuer vault --change-key",
        "show-identity --issuer --change 1 --change-key",
    ],
)
def test_options_that_do_not_go_together(line: str, ak: Ak) -> None:
    error = "authkit: error: --change-key and --change are for --issuer, each alone and without a NAME\n"
    assert ak(line).triple == ("", error, 2)


def test_a_record_is_no_json(ak: Ak) -> None:
    done = ak("show-identity --issuer --change 1 --json")
    assert json.loads(done.stderr)["error"]["message"] == "a record is not written as JSON"
    assert (done.stdout, done.code) == (b"", 2)


def test_no_passphrase_is_for_a_new_key(ak: Ak) -> None:
    done = ak("show-identity --issuer --change 1 --no-passphrase")
    assert done.triple == ("", "authkit: error: --no-passphrase is for a new key\n", 2)


# those who trust the old key


def test_the_new_key_is_trusted(ak: Ak, tmp_path: Path) -> None:
    make_air(tmp_path / "air")
    make_web(tmp_path / "here")
    line = "show-identity --issuer --change-key --no-passphrase --confirm vault --store air -o change.txt"
    assert ak(line).code == 0
    done = ak("trust-issuer vault --change change.txt --confirm vault --json")
    row = json.loads(done.stdout)
    found = open_change((tmp_path / "change.txt").read_bytes(), Issuer("vault", line_of(AIR_PEM)), "0:none", "record")
    assert (row["signing_key"], done.code) == (found.new, 0)
    assert done.stderr.decode().startswith(
        f"issuer:     vault\nold key:    {fingerprint_of(line_of(AIR_PEM))}\nnew key:"
    )
    assert ledger(tmp_path)[-1]["event"] == "issuer-changed"
    trusted = json.loads(ak("list-trusted --json").stdout)["issuers"]
    assert [one["signing_key"] for one in trusted] == [found.new]
    done = ak("trust-issuer vault --change change.txt --confirm vault")
    assert (done.code, b"unknown-signer" in done.stderr) == (5, True)


def test_the_new_key_is_typed(ak: Ak, tmp_path: Path) -> None:
    make_web(tmp_path / "here")
    make_air(tmp_path / "air")
    done = ak("show-identity --issuer --change-key --no-passphrase --confirm vault --store air")
    terminal = Terminal([("vault:", "vault\n")])
    done = ak("trust-issuer vault --change -", stdin=done.stdout, terminal=terminal)
    assert done.code == 0
    assert done.terminal.endswith("to trust the new key instead of the old, type the name vault: vault\n")
    assert done.terminal.startswith("issuer:     vault\n")


def test_a_record_by_somebody_else(ak: Ak, tmp_path: Path) -> None:
    make_web(tmp_path / "here")
    (tmp_path / "change.txt").write_bytes(sign_text(key_of(OTHER_PEM), ISSUER, b"authkit-issuer/v1\n"))
    done = ak("trust-issuer vault --change change.txt --confirm vault --json")
    assert done.code == 5
    assert json.loads(done.stderr)["error"]["reason"] == "unknown-signer"
    assert [row["event"] for row in ledger(tmp_path)] == ["created", "trusted"]


def test_who_is_not_trusted_changes_no_key(ak: Ak, tmp_path: Path) -> None:
    trust_issuer(make_store(tmp_path / "here"))
    done = ak("trust-issuer safe --change change.txt --confirm safe")
    assert done.triple == ("", "authkit: error: no issuer named safe\nauthkit: hint: known are vault\n", 4)
