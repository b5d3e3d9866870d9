"""Does inspect-subkey say who issued a file, and whether that is an issuer that is trusted here?"""

import json
import os
from pathlib import Path

import pytest

import responses
from authkit import seal
from commandline import Terminal
from responses import OTHER, Answer, Place, Signer, make_place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


@pytest.fixture
def answer(place: Place) -> Answer:
    made = place.issuer.answer(place.ask())
    place.write("answer.age", made.sealed)
    place.write("answer.subkeys", made.plain)
    return made


def rows(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.partition("\n\n")[0].splitlines())


@pytest.mark.parametrize("name", ["answer.age", "answer.subkeys", "file:answer.age"])
def test_an_issuer_that_is_trusted(name: str, answer: Answer, place: Place) -> None:
    found = rows(place.ok(f"inspect-subkey {name}"))
    members = json.loads(answer.plain.partition(responses.BEGIN)[0])
    assert found["issuer"].strip() == f"vault ({Signer('vault').fingerprint}), signature checked"
    assert [found[one].strip() for one in ("recipient", "response", "request")] == [
        members["recipient"],
        "1",
        members["request"],
    ]


def test_as_json(answer: Answer, place: Place) -> None:
    row = json.loads(place.ok("inspect-subkey answer.age --json"))
    members = json.loads(answer.plain.partition(responses.BEGIN)[0])
    for name in ("issuer", "recipient", "sequence", "request", "previous", "ledger"):
        assert row[name] == members[name]
    assert (row["schema"], row["trusted_as"], len(row["subkeys"])) == ("authkit.subkeys-inspected/v1", "vault", 7)


def test_an_issuer_that_is_not_trusted(answer: Answer, place: Place) -> None:
    os.unlink(place.path / "store" / "ceremony" / "issuers" / "vault.json")
    key = Signer("vault").fingerprint
    found = rows(place.ok("inspect-subkey answer.age"))
    assert found["issuer"].strip() == (f"{key}, which is not trusted here: the signature is whole and proves nothing")
    row = json.loads(place.ok("inspect-subkey answer.age --json"))
    assert (row["issuer"], row["trusted_as"]) == (key, None)


def test_without_a_store(answer: Answer, place: Place) -> None:
    done = place.run("inspect-subkey answer.subkeys --store none")
    assert (done.code, b"which is not trusted here" in done.stdout) == (0, True)
    done = place.run("inspect-subkey answer.age --store none")
    assert (done.code, done.stdout) == (4, b"")


def test_a_file_that_is_not_signed(place: Place) -> None:
    place.renewed()
    text = place.ok("export-key build --reveal", at="").encode().partition(responses.BEGIN)[0]
    members = json.loads(text)
    for name in ("issuer", "recipient", "sequence", "request", "previous", "ledger"):
        del members[name]
    place.write("plain.subkeys", json.dumps(members).encode() + b"\n")
    assert rows(place.ok("inspect-subkey plain.subkeys"))["issuer"].strip() == "unknown (file is not signed)"
    row = json.loads(place.ok("inspect-subkey plain.subkeys --json"))
    assert (row["issuer"], "trusted_as" in row) == (None, False)


def test_a_signature_that_does_not_fit(answer: Answer, place: Place) -> None:
    plain = answer.plain.replace(b"2026-11-23T09:00:00Z", b"2026-11-23T09:00:01Z")
    assert place.refused(f"inspect-subkey {place.write('x', plain)}") == "signature-mismatch"


def test_a_signature_for_something_else(place: Place) -> None:
    plain = place.issuer.answer(place.ask(), namespace="file").plain
    assert place.refused(f"inspect-subkey {place.write('x', plain)}") == "namespace"


def test_a_file_that_names_another_issuer(place: Place) -> None:
    plain = place.issuer.answer(place.ask(), signer=Signer("forger")).plain
    assert place.refused(f"inspect-subkey {place.write('x', plain)}") == "issuer-mismatch"


def test_a_signature_that_cannot_be_read(answer: Answer, place: Place) -> None:
    assert place.refused(f"inspect-subkey {place.write('x', answer.plain[:-1])}") == "signature-malformed"


def test_a_file_for_somebody_else(place: Place) -> None:
    sealed = place.issuer.answer(place.ask(), to=OTHER).sealed
    assert place.refused(f"inspect-subkey {place.write('x', sealed)}") == "not-for-us"


def test_a_file_for_an_identity_of_its_own(place: Place) -> None:
    from agefile import IDENTITY

    sealed = place.issuer.answer(place.ask(), to=OTHER, recipient=OTHER).sealed
    place.write("x", sealed)
    place.write("id.txt", IDENTITY.encode() + b"\n")
    (place.path / "id.txt").chmod(0o600)
    assert rows(place.ok("inspect-subkey x --identity id.txt"))["recipient"].strip() == OTHER
    # it is for another identity than the one that asked
    assert place.refused("import-subkey x --identity id.txt") == "recipient-mismatch"


def test_the_passphrase_of_the_store_is_asked_for_once(answer: Answer, place: Place) -> None:
    from agefile import PASSPHRASE

    environ = {"AUTHKIT_PASSPHRASE_FILE": ""}
    for line in ("inspect-subkey answer.age", "import-subkey answer.age"):
        terminal = Terminal([("check):", PASSPHRASE.decode() + "\n")])
        done = place.run(line, environ=environ, terminal=terminal)
        assert (done.code, done.terminal.count("about 1.5 s to check")) == (0, 1), done.triple


def test_the_passphrase_is_asked_for_once_for_a_sealed_file_that_nobody_signed(place: Place) -> None:
    from agefile import PASSPHRASE

    place.renewed()
    text = place.ok("export-key build --reveal", at="").encode().partition(responses.BEGIN)[0]
    members = json.loads(text)
    for name in ("issuer", "recipient", "sequence", "request", "previous", "ledger"):
        del members[name]
    own = responses.members(place.ask(responses.ASK.replace("build", "b2")))["recipient"]
    place.write("x", seal.encrypt_to(own, json.dumps(members).encode() + b"\n").encode())
    terminal = Terminal([("check):", PASSPHRASE.decode() + "\n")])
    environ = {"AUTHKIT_PASSPHRASE_FILE": ""}
    done = place.run("import-subkey other x --expect-id AKIDEXAMPLE", environ=environ, terminal=terminal)
    assert (done.code, done.terminal.count("about 1.5 s to check")) == (0, 1), done.triple
