"""Is a response taken into the store as one step, with the exact bytes that were signed, and is every other refused?"""

import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import responses
from authkit import files, seal
from authkit.errors import StoreError
from authkit.ledger import Ledger
from commandline import Terminal
from responses import ASK, HASH, OTHER, Place, Signer, entry, make_place

LATER = "2026-11-26T09:00:00Z"
SUBKEY = "20261123/us-east-1/s3/aws4_request"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def notes(text: bytes) -> list[str]:
    return [line.removeprefix("authkit: note: ") for line in text.decode().splitlines()]


def test_a_sealed_response(place: Place) -> None:
    answer = place.issuer.answer(place.ask())
    done = place.take(answer)
    assert done.triple[::2] == ("AKIDEXAMPLE\n", 0)
    key = place.issuer.signer.fingerprint
    assert notes(done.stderr) == ["stored as build", f"response 1 of vault ({key}), signature checked"]
    line = place.lines()[-1]
    assert (line["event"], line["at"], line["stored_as"], line["issuer"]) == (
        "imported",
        responses.AT,
        "build",
        "vault",
    )


def test_the_exact_bytes_are_stored(place: Place) -> None:
    answer = place.issuer.answer(place.ask())
    place.take(answer)
    assert place.ok("export-key build --reveal", at="").encode() == answer.plain
    assert "signature checked" in place.ok("inspect-subkey build")
    assert "signature checked" in place.ok("inspect-subkey answer.age")


def test_it_signs_at_once(place: Place) -> None:
    place.renewed()
    url = place.ok("sign url https://b.s3.us-east-1.amazonaws.com/x --key build")
    assert "X-Amz-Credential=AKIDEXAMPLE%2F20261123%2Fus-east-1%2Fs3%2Faws4_request" in url


def test_what_a_listing_says_of_it(place: Place) -> None:
    place.renewed()
    keys = json.loads(place.ok("list-keys --json"))["keys"]
    row = next(one for one in keys if one["name"] == "build")
    assert (row["issuer"], row["sequence"], row["count"]) == (place.issuer.signer.fingerprint, 1, 7)


def test_as_json(place: Place) -> None:
    answer = place.issuer.answer(place.ask())
    row = json.loads(place.take(answer, "--json").stdout)
    assert (row["schema"], [one["name"] for one in row["keys"]]) == ("authkit.keys/v1", ["build"])


def test_pasted_into_standard_input(place: Place) -> None:
    answer = place.issuer.answer(place.ask())
    assert place.run("import-subkey -", stdin=answer.sealed).code == 0


def test_opened_by_hand_before(place: Place) -> None:
    # age -d gave the text and its signature; whoever opened it left it on a disk
    answer = place.issuer.answer(place.ask())
    place.write("answer.subkeys", answer.plain)
    done = place.run("import-subkey answer.subkeys")
    assert done.code == 0
    assert notes(done.stderr)[-1] == ("the key is still in answer.subkeys too: delete that file if you do not need it")


def test_opened_by_hand_for_somebody_else(place: Place) -> None:
    answer = place.issuer.answer(place.ask(), recipient=OTHER)
    assert place.turned_away(answer.plain) == "recipient-mismatch"


@pytest.mark.parametrize(("words", "name"), [("", "build"), ("other", "other")])
def test_the_name(words: str, name: str, place: Place) -> None:
    assert place.take(place.issuer.answer(place.ask()), words).code == 0
    assert place.lines()[-1]["stored_as"] == name


def test_the_name_where_the_request_named_none(place: Place) -> None:
    assert place.take(place.issuer.answer(place.ask(ASK.replace(" build", "")))).code == 0
    assert place.lines()[-1]["stored_as"] == "AKIDEXAMPLE"


def test_a_name_that_is_none(place: Place) -> None:
    done = place.take(place.issuer.answer(place.ask()), "a/b")
    assert done.code == 2


# Refused by name, each by the command line itself


def test_a_response_for_somebody_else(place: Place) -> None:
    request = place.ask()
    assert place.turned_away(place.issuer.answer(request, to=OTHER)) == "not-for-us"
    assert place.turned_away(place.issuer.answer(request, to=OTHER, recipient=OTHER)) == "not-for-us"
    # sealed to us by one who may read it, and made for him
    assert place.turned_away(place.issuer.answer(request, recipient=OTHER)) == "recipient-mismatch"


def test_a_response_again(place: Place) -> None:
    answer = place.issuer.count(place.issuer.answer(place.ask()))
    assert place.take(answer).code == 0
    assert place.turned_away(answer) == "replayed"
    assert place.turned_away(answer, "other --force") == "replayed"
    # sealed anew, it is the same response
    again = responses.Answer(answer.plain, responses.members(place.ask(ASK.replace("build", "b2")))["recipient"])
    assert place.turned_away(again) == "replayed"


def test_a_response_left_out(place: Place) -> None:
    place.issuer.count(place.issuer.answer(place.ask()))
    assert place.turned_away(place.issuer.answer(place.ask())) == "sequence-skipped"


def test_the_lost_response_is_issued_again_and_then_the_next(place: Place) -> None:
    first = place.issuer.count(place.issuer.answer(place.ask()))
    second = place.issuer.answer(place.ask(ASK.replace("build", "b2")))
    assert place.turned_away(second) == "sequence-skipped"
    assert place.take(first).code == 0
    assert place.take(second).code == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"subkeys": [entry("20261123/us-east-1/iam/aws4_request")]}, "scope-mismatch"),
        ({"subkeys": [entry("20261130/us-east-1/s3/aws4_request")]}, "scope-mismatch"),
        ({"subkeys": [entry("20261123/us-east-1/s3")]}, "level-mismatch"),
        ({"subkeys": [entry(SUBKEY, "AKOTHER")], "access_key_id": "AKOTHER"}, "access-key-mismatch"),
        ({"subkeys": [{**entry(SUBKEY), "check": "00000000"}]}, "check-mismatch"),
        ({"request": HASH}, "unknown-request"),
        ({"previous": HASH}, "previous-mismatch"),
        ({"issuer": "SHA256:x"}, "issuer-mismatch"),
        ({"more": 1}, "malformed"),
        ({"namespace": "authkit-request-v1"}, "namespace"),
        ({"signer": Signer("forger")}, "unknown-signer"),
    ],
)
def test_what_the_issuer_would_not_make(change: dict[str, Any], reason: str, place: Place) -> None:
    answer = place.issuer.answer(place.ask(), **change)
    assert place.turned_away(answer) == reason
    assert place.turned_away(answer, "--force --expect-id AKIDEXAMPLE") == reason


def test_an_altered_scope(place: Place) -> None:
    # someone who can open it changes what it says, and seals it again
    answer = place.issuer.answer(place.ask())
    altered = answer.plain.replace(b"us-east-1/s3/aws4", b"us-east-1/s4/aws4")
    sealed = seal.encrypt_to(responses.members(place.ask())["recipient"], altered).encode()
    assert place.turned_away(sealed) == "signature-mismatch"


def test_expired(place: Place) -> None:
    answer = place.issuer.answer(place.ask())
    assert place.turned_away(answer, at="2026-11-30T00:00:00Z") == "expired"
    assert place.take(answer, at="2026-11-29T23:59:59Z").code == 0


def test_truncated(place: Place) -> None:
    sealed = place.issuer.answer(place.ask()).sealed
    lines = sealed.splitlines(keepends=True)
    for part in (sealed[:-2], b"".join(lines[:-1]), b"".join(lines[:5] + lines[-1:]), sealed[: len(sealed) // 2]):
        assert place.turned_away(part) == "damaged"


def test_a_ledger_that_went_back_or_changed(place: Place) -> None:
    place.renewed()
    request = place.ask(ASK.replace("build", "b2"))
    assert place.turned_away(place.issuer.answer(request, ledger=f"40:{HASH}")) == "ledger-shorter"
    assert place.turned_away(place.issuer.answer(request, ledger=f"41:{HASH}")) == "ledger-changed"


def test_a_line_removed_from_our_ledger(place: Place) -> None:
    place.renewed()
    answer = place.issuer.answer(place.ask(ASK.replace("build", "b2")))
    whole = place.ledger.read_bytes().splitlines(keepends=True)
    for number in range(len(whole) - 1):
        place.ledger.write_bytes(b"".join(whole[:number] + whole[number + 1 :]))
        done = place.take(answer)
        assert done.triple[::2] == ("", 6)
        assert f"line {number + 1} is numbered otherwise, so a line was removed or put in" in done.stderr.decode()
    place.ledger.write_bytes(b"".join(whole[:-1]))  # its end: the request is not known any more
    assert place.turned_away(answer) == "unknown-request"
    place.ledger.write_bytes(b"".join(whole))
    assert place.take(answer).code == 0


def test_no_issuer_is_trusted(place: Place) -> None:
    answer = place.issuer.answer(place.ask())
    os.unlink(place.path / "store" / "ceremony" / "issuers" / "vault.json")
    assert place.turned_away(answer) == "unknown-signer"


def test_an_issuer_of_another_name_with_its_own_key(place: Place) -> None:
    office = responses.Issuer("office")
    place.trust("office", office.signer)
    request = place.ask(f"{ASK} --issuer office")
    assert place.turned_away(place.issuer.answer(request, recipient=responses.members(request)["recipient"])) == (
        "issuer-mismatch"
    )
    assert place.take(office.answer(request)).code == 0
    # each issuer counts for itself
    assert place.take(place.issuer.answer(place.ask(f"{ASK.replace('build', 'b2')} --issuer vault"))).code == 0


def test_no_store(place: Place) -> None:
    place.write("answer.subkeys", place.issuer.answer(place.ask()).plain)
    done = place.run("import-subkey answer.subkeys --store none")
    assert (done.code, done.stdout) == (4, b"")


# The access key ID


def test_an_expected_id(place: Place) -> None:
    answer = place.issuer.answer(place.ask())
    done = place.take(answer, "--expect-id AKOTHER")
    assert (done.code, done.stderr) == (
        5,
        b"authkit: error: the file is for AKIDEXAMPLE and AKOTHER was expected\n",
    )
    assert place.take(answer, "--expect-id AKIDEXAMPLE").code == 0


def test_what_nobody_asked_for_has_to_be_expected(place: Place) -> None:
    answer = place.issuer.answer(place.ask(), request="none")
    done = place.take(answer)
    assert (done.code, done.stderr.decode().splitlines()[0]) == (
        2,
        "authkit: error: there is no terminal to confirm on",
    )
    done = place.take(answer, terminal=Terminal([("file:", "AKOTHER\n")]))
    assert (done.code, done.stderr) == (5, b"authkit: error: not confirmed\n")
    assert len(place.lines()) == 2
    done = place.take(answer, terminal=Terminal([("file:", "AKIDEXAMPLE\n")]))
    assert done.code == 0
    assert place.lines()[-1]["stored_as"] == "AKIDEXAMPLE"


def test_what_nobody_asked_for_and_somebody_expects(place: Place) -> None:
    assert place.take(place.issuer.answer(place.ask(), request="none"), "--expect-id AKIDEXAMPLE").code == 0


# Renewal


def test_a_renewal_takes_the_place_of_what_it_renews(place: Place) -> None:
    place.renewed()
    answer = place.issuer.answer(place.ask("request-subkey --renew build", at=LATER))
    assert place.take(answer, at=LATER).code == 0
    assert place.ok("export-key build --reveal", at="").encode() == answer.plain
    assert [line["stored_as"] for line in place.lines() if line["event"] == "imported"] == ["build", "build"]


def test_a_renewal_that_lacks_what_still_signs(place: Place) -> None:
    place.renewed()
    request = place.ask("request-subkey --renew build", at=LATER)
    before = place.files()
    one = place.issuer.answer(request, days="20261127-20261202")
    done = place.take(one, at=LATER)
    assert done.triple[::2] == ("", 5)
    assert done.stderr.decode().splitlines() == [
        "authkit: error: build holds a key that still signs and that the new file lacks: "
        "20261126/us-east-1/s3/aws4_request",
        "authkit: hint: give another NAME, or --force to replace it all the same",
    ]
    few = place.issuer.answer(request, days="20261130-20261202")
    assert b"build holds 4 keys that still sign and that the new file lacks" in place.take(few, at=LATER).stderr
    assert place.files() == before
    assert place.take(few, "--force", at=LATER).code == 0


def test_a_renewal_that_lacks_what_is_over(place: Place) -> None:
    place.renewed()
    request = place.ask("request-subkey --renew build", at=LATER)
    answer = place.issuer.answer(request, days="20261127-20261202")
    assert place.take(answer, at="2026-11-30T00:00:00Z").code == 0


def test_a_name_that_is_taken_by_something_else(place: Place) -> None:
    request = place.ask()
    place.ok("keygen build", at="")
    done = place.take(place.issuer.answer(request))
    assert (done.code, done.stderr.decode().splitlines()[-2:]) == (
        5,
        ["authkit: error: there is a key named build", "authkit: hint: --force replaces it"],
    )
    assert len(place.lines()) == 2


def test_a_name_that_is_taken_by_subkeys_of_another_access_key(place: Place) -> None:
    request = place.ask()
    other = place.ask(ASK.replace("build", "b2").replace("AKIDEXAMPLE", "AKOTHER"))
    answer = place.issuer.answer(other, subkeys=[entry(SUBKEY, "AKOTHER")])
    assert place.take(place.issuer.count(answer), "build").code == 0
    done = place.take(place.issuer.answer(request))
    assert b"there is a key named build" in done.stderr
    # a name that the request did not give is never replaced either
    done = place.take(place.issuer.answer(request), "build")
    assert b"there is a key named build" in done.stderr
    assert place.take(place.issuer.answer(request), "third").code == 0
    third = place.issuer.count(place.issuer.answer(request))
    assert third.sha256


def test_another_name_than_the_request_gave_is_not_replaced(place: Place) -> None:
    place.renewed()
    answer = place.issuer.answer(place.ask(ASK.replace("build", "b2")))
    assert b"there is a key named build" in place.take(answer, "build").stderr
    assert place.take(answer, "build --force").code == 0


def test_another_key_for_the_same_scope(place: Place) -> None:
    place.renewed()
    answer = place.issuer.answer(place.ask(ASK.replace("build", "b2")), subkeys=[entry(SUBKEY, secret=b"another")])
    done = place.take(answer)
    assert done.stderr.decode().splitlines() == [
        f"authkit: error: build has another key for {SUBKEY}",
        "authkit: hint: --force stores it all the same",
    ]
    assert place.take(answer, "--force").code == 0


# In clear


def test_in_clear(place: Place) -> None:
    assert place.take(place.issuer.answer(place.ask()), "--unprotected").code == 0
    assert b'"clear"' in (place.path / "store" / "keys" / "build.json").read_bytes()
    done = place.run("inspect-subkey build", environ={"AUTHKIT_PASSPHRASE_FILE": ""})
    assert done.code == 0
    assert b"signature checked" in done.stdout


def test_in_clear_what_may_not_lie_there(place: Place) -> None:
    request = place.ask(ASK + " --level service")
    answer = place.issuer.answer(request, subkeys=[entry("20261123/us-east-1/s3")])
    done = place.take(answer, "--unprotected")
    assert done.stderr.decode().splitlines() == [
        "authkit: error: --unprotected: 20261123/us-east-1/s3 is a service key",
        "authkit: hint: leave out --unprotected",
    ]


# One step


def test_an_interrupted_import_is_finished_by_the_next(place: Place) -> None:
    answer = place.issuer.answer(place.ask())
    with mock.patch.object(Ledger, "append", side_effect=StoreError("no room")):
        done = place.take(answer)
    assert (done.code, done.stdout) == (6, b"")
    stored = (place.path / "store" / "keys" / "build.json").read_bytes()
    assert len(place.lines()) == 2
    assert place.take(answer).code == 0
    assert (place.path / "store" / "keys" / "build.json").read_bytes() == stored
    assert place.lines()[-1]["event"] == "imported"


def test_nothing_is_marked_when_it_cannot_be_stored(place: Place) -> None:
    answer = place.issuer.answer(place.ask())
    before = place.files()
    really = files.write_secret

    def full(path: str, data: bytes, *, replace: bool = False) -> None:
        if path.endswith("build.json"):
            raise StoreError("no room")
        really(path, data, replace=replace)

    with mock.patch.object(files, "write_secret", full):
        assert place.take(answer).code == 6
    assert place.files() == before
    assert place.take(answer).code == 0


def test_two_at_once_take_it_in_once(place: Place) -> None:
    """What another process did between the first look and the lock is seen under the lock."""
    from authkit.commands import _taken

    answer = place.issuer.answer(place.ask())
    really = _taken._may_replace

    def meanwhile(*arguments: Any) -> bool:
        found = really(*arguments)
        with mock.patch.object(_taken, "_may_replace", really):
            assert place.take(answer, "first").code == 0
        return found

    with mock.patch.object(_taken, "_may_replace", meanwhile):
        done = place.take(answer, "--json")
    assert json.loads(done.stderr)["error"]["reason"] == "replayed"
    assert [line["stored_as"] for line in place.lines() if line["event"] == "imported"] == ["first"]


# Files that nobody signed


def test_an_unsigned_file_is_taken_as_ever(place: Place) -> None:
    place.write(
        "key.json",
        json.dumps({"schema": "authkit.access-key/v1", "access_key_id": "AK", "secret": "s" * 40}).encode() + b"\n",
    )
    (place.path / "key.json").chmod(0o600)
    place.ok("derive-subkey --key file:key.json --scope us-east-1/s3 --days 2 -o plain.subkeys")
    done = place.run("import-subkey plain plain.subkeys --expect-id AK")
    assert done.code == 0
    assert notes(done.stderr) == [
        "stored as plain",
        "the key is still in plain.subkeys too: delete that file if you do not need it",
    ]
    text = (place.path / "plain.subkeys").read_bytes()
    recipient = responses.members(place.ask())["recipient"]
    sealed = place.write("plain.age", seal.encrypt_to(recipient, text).encode())
    assert place.run(f"import-subkey p2 {sealed}").code == 2
    done = place.run(f"import-subkey p2 {sealed} --expect-id AK")
    assert (done.code, notes(done.stderr)) == (0, ["stored as p2"])
    assert [line["event"] for line in place.lines()] == ["created", "created"]
