"""Do subkeys leave sealed, signed and counted, and only for whom they may?"""

import json
import os
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from agefile import IDENTITY, PASSPHRASE, RECIPIENT
from authkit import clock, seal
from authkit.ceremony import approve
from authkit.ceremony.places import Places
from authkit.commands import _handed
from authkit.keys.load import load_subkey_file
from authkit.keys.sshsig import SUBKEYS, fingerprint_of, open_signed
from authkit.keys.subkeys import SubkeyFile
from authkit.ledger import Ledger
from authkit.schemes.derived import CHAINS
from ceremonies import AIR_PEM, EXAMPLE_RECIPIENT, REQUESTER, accept, line_of, make_air, make_request, make_web, policy
from commandline import Done, Terminal, run_here
from recipients import PLUGIN_RECIPIENT, TAG_RECIPIENT, path_with, ssh_pair, write_plugin

Line = dict[str, Any]
DERIVE = "derive-subkey --key root --scope us-east-1/s3"
BARE = f"to-{sha256(EXAMPLE_RECIPIENT.encode()).hexdigest()[:16]}"


class Air:
    """The store of an issuer, and what leaves it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = make_air(folder / "air")
        (folder / "pass").write_bytes(PASSPHRASE)
        (folder / "pass").chmod(0o600)

    def run(self, line: str, **more: Any) -> Done:
        environ = {"AUTHKIT_STORE": "air", "AUTHKIT_PASSPHRASE_FILE": "pass", "AUTHKIT_KEY_PASSPHRASE_FILE": "pass"}
        return run_here(line, self.folder, environ=environ, **more)

    def ok(self, line: str) -> Done:
        done = self.run(line)
        assert done.code == 0, done.stderr
        return done

    def error(self, line: str, code: int = 5) -> tuple[str, str]:
        """Return message and hint of a command that fails and hands nothing over, and enters nothing."""
        before = len(self.lines())
        done = self.run(line)
        assert (done.code, done.stdout) == (code, b""), done.triple
        assert not (self.folder / "out.age").exists()
        assert len(self.lines()) == before
        told = [
            one
            for one in done.stderr.decode().splitlines()
            if not one.startswith(("authkit: note: ", "authkit: warning: "))
        ]
        return told[0].removeprefix("authkit: error: "), "".join(told[1:]).removeprefix("authkit: hint: ")

    @property
    def places(self) -> Places:
        return Places(self.store.info.path)

    def lines(self) -> "list[Line]":
        return self.places.ledger.lines()

    def read(self, sealed: bytes, identity: str = IDENTITY) -> tuple[SubkeyFile, str]:
        """Return what a sealed file holds, and the SHA-256 of its signed bytes."""
        plain = seal.decrypt_with(identity, sealed)
        text, _ = open_signed(plain, SUBKEYS, [line_of(AIR_PEM)], "FILE")
        return load_subkey_file(plain, CHAINS, "FILE"), sha256(text).hexdigest()


@pytest.fixture
def air(tmp_path: Path) -> Air:
    return Air(tmp_path)


def test_a_requester_gets_what_its_policy_allows(air: Air) -> None:
    done = air.ok(f"{DERIVE} --days 7 --to web-1 -o out.age")
    assert done.stdout == b""
    assert done.stderr.decode().splitlines()[1:] == [
        f"authkit: note: sealed to web-1, number 1; it opens with the key of {RECIPIENT} alone"
    ]
    assert (air.folder / "out.age").stat().st_mode & 0o777 == 0o600
    sealed = (air.folder / "out.age").read_bytes()
    file, digest = air.read(sealed)
    today = clock.now().date()
    assert [one.scope.day for one in file.subkeys] == [today + timedelta(days=one) for one in range(7)]
    approved, created = air.lines()[-2:]
    assert file.issued is not None
    assert file.issued.issuer == fingerprint_of(line_of(AIR_PEM))
    assert (file.issued.recipient, file.issued.sequence) == (RECIPIENT, 1)
    assert (file.issued.request, file.issued.previous) == ("none", "none")
    assert file.issued.ledger == f"{approved['n']}:{created['prev']}"
    assert {name: approved[name] for name in approved if name not in ("n", "at", "prev", "issued_at", "policy")} == {
        "event": "approved",
        "kind": "subkeys",
        "requester": "web-1",
        "sequence": 1,
        "request": "none",
        "previous": "none",
        "recipient": RECIPIENT,
        "access_key_id": "AKIDEXAMPLE",
        "scheme": "AWS4-HMAC-SHA256",
        "level": "signing",
        "scopes": ["us-east-1/s3"],
        "days": f"{today:%Y%m%d}-{today + timedelta(days=6):%Y%m%d}",
        "requester_ledger": "0:none",
    }
    assert approved["policy"] == sha256(policy().text).hexdigest()
    assert approved["issued_at"] == approved["at"] == clock.format_instant(file.issued_at)
    assert (created["event"], created["kind"], created["sequence"], created["sha256"]) == (
        "created",
        "response",
        1,
        digest,
    )
    assert Path(air.places.response("web-1", 1)).read_bytes() == sealed


def test_the_files_of_a_requester_follow_one_another(air: Air) -> None:
    air.ok(f"{DERIVE} --to web-1 -o one.age")
    air.ok(f"{DERIVE} --to {RECIPIENT} -o two.age")  # whoever is enrolled is known by the recipient, too
    _, first = air.read((air.folder / "one.age").read_bytes())
    second, _ = air.read((air.folder / "two.age").read_bytes())
    assert second.issued is not None
    assert (second.issued.sequence, second.issued.previous) == (2, first)
    assert [row["requester"] for row in air.lines()[-4:]] == ["web-1"] * 4
    again = air.ok("approve-subkey web-1 --again 1")
    assert again.stdout == (air.folder / "one.age").read_bytes()


def test_what_was_handed_over_is_taken_in(air: Air) -> None:
    make_web(air.folder / "web")
    air.ok(f"{DERIVE} --to web-1 -o out.age")
    environ = {"AUTHKIT_STORE": "web", "AUTHKIT_PASSPHRASE_FILE": "pass"}
    done = run_here("import-subkey out.age --expect-id AKIDEXAMPLE", air.folder, environ=environ)
    assert (done.code, done.stdout) == (0, b"AKIDEXAMPLE\n"), done.stderr
    done = run_here("import-subkey other out.age --expect-id AKIDEXAMPLE", air.folder, environ=environ)
    assert (done.code, b"(replayed" in done.stderr) == (5, True), done.stderr


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
@pytest.mark.parametrize("comment", [True, False])
def test_an_ssh_key_that_nobody_enrolled(air: Air, kind: str, comment: bool) -> None:
    private, line = ssh_pair(kind)
    bare = line.removesuffix(" someone@example.com")
    done = air.ok(f"{DERIVE} --to '{line if comment else bare}'")
    name = f"to-{sha256(bare.encode()).hexdigest()[:16]}"
    assert done.stderr.decode().splitlines()[-1] == (
        f"authkit: note: sealed to {name}, number 1; it opens with the key of {bare[:80]} alone"
    )
    own = seal.load_identities(private, "ID", lambda data: data)
    plain, recipient = seal.open_with(own, done.stdout, mock.Mock())
    assert recipient == bare
    file = load_subkey_file(plain, CHAINS, "FILE")
    assert file.issued is not None
    assert file.issued.recipient == bare
    row = air.lines()[-2]
    assert (row["requester"], row["recipient"], row["policy"]) == (name, bare, "none")
    assert air.ok(f"approve-subkey {name} --again 1").stdout == done.stdout


def test_a_bare_recipient_is_counted_by_its_text(air: Air) -> None:
    for number in (1, 2):
        done = air.ok(f"{DERIVE} --to {EXAMPLE_RECIPIENT} -o {number}.age --json")
        (shown,) = json.loads(done.stdout)["sealed"]
        assert (shown["requester"], shown["sequence"], shown["files"]) == (BARE, number, [f"{number}.age"])
    assert air.ok(f"{DERIVE} --to {TAG_RECIPIENT}").stdout.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert air.lines()[-2]["sequence"] == 1


def test_several_recipients_get_a_file_each(air: Air) -> None:
    line = ssh_pair("ed25519")[1].removesuffix(" someone@example.com")
    done = air.ok(f"{DERIVE} --to web-1 --to '{line}' --to {EXAMPLE_RECIPIENT} -o out --json")
    names = ["web-1", f"to-{sha256(line.encode()).hexdigest()[:16]}", BARE]
    found = json.loads(done.stdout)
    today = clock.now()
    assert found["schema"] == "authkit.handed/v1"
    assert [one["requester"] for one in found["sealed"]] == names
    assert [one["recipient"] for one in found["sealed"]] == [RECIPIENT, line, EXAMPLE_RECIPIENT]
    assert [one["files"] for one in found["sealed"]] == [[f"out/{name}.age"] for name in names]
    assert {name: found["sealed"][0][name] for name in ("access_key_id", "scheme", "level", "scopes", "days")} == {
        "access_key_id": "AKIDEXAMPLE",
        "scheme": "AWS4-HMAC-SHA256",
        "level": "signing",
        "scopes": ["us-east-1/s3"],
        "days": f"{today:%Y%m%d}-{today:%Y%m%d}",
    }
    assert sorted(os.listdir(air.folder / "out")) == sorted([f"{name}.age" for name in names])
    for name in names:
        path = air.folder / "out" / f"{name}.age"
        assert path.stat().st_mode & 0o777 == 0o600
        body = seal._dearmored_start(
            path.read_bytes()
        )  # one stanza that is a recipient's, besides the one of no meaning
        assert sum(body.count(kind) for kind in (b"-> X25519 ", b"-> ssh-ed25519 ")) == 1
    file, _ = air.read((air.folder / "out" / "web-1.age").read_bytes())
    assert file.issued is not None
    assert file.issued.recipient == RECIPIENT
    assert [row["event"] for row in air.lines()[-6:]] == ["approved", "created"] * 3


def test_as_qr_codes(air: Air) -> None:
    done = air.ok(f"{DERIVE} --to web-1 --format qr --qr-size 10 -o out.png --json")
    (shown,) = json.loads(done.stdout)["sealed"]
    count = len(shown["files"])
    assert count > 1
    assert shown["files"] == [f"out-{number}-of-{count}.png" for number in range(1, count + 1)]
    assert sorted(path.name for path in air.folder.glob("*.png")) == sorted(shown["files"])


def test_wider_keys_and_other_schemes(air: Air) -> None:
    air.ok(f"derive-subkey --key root --level date --to {EXAMPLE_RECIPIENT} -o date.age")
    assert (air.lines()[-2]["level"], air.lines()[-2]["scopes"]) == ("date", ["-"])
    air.ok(f"derive-subkey --key root --level region --region eu-west-1 --to {EXAMPLE_RECIPIENT} -o region.age")
    assert (air.lines()[-2]["level"], air.lines()[-2]["scopes"]) == ("region", ["eu-west-1"])
    message, _ = air.error(f"{DERIVE} --scheme tc3 --to {EXAMPLE_RECIPIENT} -o out.age", 2)
    assert message == "--scope is SERVICE for a signing key"


def test_a_scheme_that_the_key_names(air: Air) -> None:
    air.ok("keygen other --scheme oss4 --no-passphrase")
    air.ok(f"derive-subkey --key other --scope cn-hangzhou/oss --to {EXAMPLE_RECIPIENT} -o oss.age")
    assert air.lines()[-2]["scheme"] == "OSS4-HMAC-SHA256"


@pytest.mark.parametrize(
    ("options", "change", "reason"),
    [
        ("--scope us-east-1/sns", {}, "policy-scope: us-east-1/sns"),
        ("--scope us-east-1/s3 --days 8", {}, "policy-days: 8 days, and at most 7 days"),
        ("--scope us-east-1/s3 --date 2026-01-01", {}, "policy-past: 2026-01-01 is before today, "),
        ("--level region --region us-east-1", {}, "policy-level: region, not signing"),
        ("--scope us-east-1/s3", {"access_key_ids": ("AKOTHER",)}, "policy-access-key: AKIDEXAMPLE"),
        ("--scope us-east-1/iam --allow-harmful iam", {"scopes": ("us-east-1/iam",)}, "policy-service: iam"),
        ("--scope us-east-1/s3 --date tomorrow", {"max_ahead": 0}, "policy-ahead: "),
    ],
)
def test_what_the_policy_does_not_allow(air: Air, options: str, change: "dict[str, Any]", reason: str) -> None:
    if change:
        accept(air.places, policy(**change))
    message, _ = air.error(f"derive-subkey --key root {options} --to web-1 -o out.age")
    assert message.startswith("the sealed file: the ")
    assert f"({reason}" in message
    if not reason.startswith("policy-access"):
        air.ok(f"derive-subkey --key root {options} --to {EXAMPLE_RECIPIENT} -o bare.age")


def test_a_policy_that_nobody_accepted(air: Air) -> None:
    Path(air.places.requester("web-1")).write_bytes(policy(max_days=31).text)
    message, hint = air.error(f"{DERIVE} --to web-1 -o out.age")
    assert message == ("the sealed file: the policy is not the one that was accepted last (policy-changed: web-1)")
    assert hint == "'authkit trust-requester web-1 --accept-policy' shows the difference"


def test_one_that_may_not_stops_all(air: Air) -> None:
    message, _ = air.error(f"{DERIVE} --days 8 --to {EXAMPLE_RECIPIENT} --to web-1 -o out")
    assert "(policy-days: " in message
    assert not (air.folder / "out").exists()


def test_a_clock_that_went_back(air: Air) -> None:
    past = clock.now() - timedelta(days=3)
    with mock.patch.object(clock, "now", return_value=past):
        message, _ = air.error(f"{DERIVE} --to {EXAMPLE_RECIPIENT} -o out.age")
    assert "(clock-backwards: " in message


def interrupted(air: Air, line: str) -> None:
    """Let the machine go out between the ledger and the file."""
    with mock.patch.object(seal, "seal_for", side_effect=KeyboardInterrupt):
        assert air.run(line).code == 130
    assert air.lines()[-1]["event"] == "approved"


def test_the_same_command_finishes_one_that_was_interrupted(air: Air) -> None:
    for name in ("web-1", EXAMPLE_RECIPIENT):
        interrupted(air, f"{DERIVE} --days 2 --to {name} -o out.age")
        row = air.lines()[-1]
        air.ok(f"{DERIVE} --days 2 --to {name} -o {row['requester']}.age")
        assert air.lines()[-2] == row
        assert (air.lines()[-1]["event"], air.lines()[-1]["sequence"]) == ("created", 1)
        air.ok(f"{DERIVE} --days 2 --to {name} -o {row['requester']}-2.age")
        assert (air.lines()[-1]["event"], air.lines()[-1]["sequence"]) == ("created", 2)


@pytest.mark.parametrize("other", ["--days 3", "--days 2 --scope us-east-1/sqs"])
def test_another_command_waits_for_one_that_was_interrupted(air: Air, other: str) -> None:
    for name in ("web-1", EXAMPLE_RECIPIENT):
        interrupted(air, f"{DERIVE} --days 2 --to {name} -o out.age")
        row = air.lines()[-1]
        message, hint = air.error(f"{DERIVE} {other} --to {name} -o out.age")
        assert message == (
            "the sealed file: one or more responses before it are missing "
            "(sequence-skipped: number 1 was approved, never issued)"
        )
        if name == "web-1":
            assert hint == "'authkit approve-subkey web-1 --again 1' finishes it"
            today = clock.now().strftime("%Y%m%d")
            air.ok(f"approve-subkey web-1 --again 1 --confirm web-1 --confirm-date {today} -o again.age")
        else:
            days = row["days"]
            assert hint == f"finish it: derive-subkey --to with the days {days} and the same scopes, of AKIDEXAMPLE"


def test_a_request_is_answered_after_a_file_that_was_taken_in(air: Air) -> None:
    """A file of derive-subkey is one of the responses that a request has to know of."""
    web = make_web(air.folder / "web")
    request = make_request(web)
    air.ok(f"{DERIVE} --to web-1 -o out.age")
    (air.folder / "asked.request").write_bytes(request)
    history = approve.history_of(air.lines(), REQUESTER)
    assert (history.sequence, history.unfinished, history.ledger) == (1, None, "0:none")


def test_a_plugin_only_for_the_recipient_that_was_enrolled(air: Air, monkeypatch: pytest.MonkeyPatch) -> None:
    started = write_plugin(air.folder / "bin")
    monkeypatch.setenv("PATH", path_with(air.folder / "bin"))
    message, hint = air.error(f"{DERIVE} --to {PLUGIN_RECIPIENT} -o out.age")
    assert message == f"{PLUGIN_RECIPIENT} names the program age-plugin-fake, and is not enrolled"
    assert hint == "'authkit trust-requester NAME --recipient RECIPIENT' enrols it"
    assert not started.exists()
    accept(air.places, policy(name="key", recipient=PLUGIN_RECIPIENT, signing_key=""))
    for number, text in enumerate(("key", PLUGIN_RECIPIENT)):
        air.ok(f"{DERIVE} --to {text} -o {number}.age")
        assert air.lines()[-1]["requester"] == "key"
    assert started.read_text().split() == ["--age-plugin=recipient-v1"] * 2


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"),
    [
        ("--to web-2", 4, "no requester named web-2", "'authkit list-trusted' shows those that are enrolled"),
        ("--to age1x", 3, "not a recipient of the form age1… or ssh-…: age1x", ""),
        ("--to é", 3, "not a recipient of the form age1… or ssh-…: é", ""),
        ("--to 'ssh-ed25519 AAAA'", 3, "not a recipient of the form age1… or ssh-…: ssh-ed25519 AAAA", ""),
        ("--to 'ssh-dss AAAA me'", 3, "not an SSH key's type and key, without a comment: ssh-dss AAAA", ""),
        ("--to web-1 --to web-1", 2, "--to names a recipient twice", ""),
        (f"--to web-1 --to {RECIPIENT} -o out", 2, "--to names a recipient twice", ""),
        (
            f"--to web-1 --to {EXAMPLE_RECIPIENT}",
            2,
            "several recipients get a file each",
            "add --output FOLDER, which is made",
        ),
        (
            f"--to web-1 --to {EXAMPLE_RECIPIENT} -o -",
            2,
            "several recipients get a file each",
            "add --output FOLDER, which is made",
        ),
        (
            f"--to web-1 --to {EXAMPLE_RECIPIENT} -o out --format qr",
            2,
            "several recipients get a file each",
            "add --output FOLDER, which is made",
        ),
        (
            f"--to web-1 --to {EXAMPLE_RECIPIENT} -o pass",
            5,
            "pass exists",
            "name a folder that does not exist yet",
        ),
        ("--to web-1 -o pass", 5, "pass exists", "--force replaces it"),
        ("--to web-1 --format hex", 2, "--format hex cannot be sealed", "leave out --format, or --to"),
        ("--to web-1 --format env", 2, "--format env cannot be sealed", "leave out --format, or --to"),
        ("--to web-1 --verify pass", 2, "--to is for subkeys, and --verify is not", ""),
        ("--to web-1 --scheme sigv4a --whole-key", 2, "--to is for subkeys, and --whole-key is not", ""),
        (
            "--to web-1 --at 2026-11-23T09:00:00Z",
            2,
            "--at does not go with --to: the ledger's time is that of this machine's clock",
            "",
        ),
        ("--to web-1 --key none", 4, "no key named none", "the store holds authkit-issuer, root"),
    ],
)
def test_what_is_refused_before_anything_leaves(air: Air, words: str, code: int, message: str, hint: str) -> None:
    found = air.error(f"{DERIVE} {words}", code)
    assert found[0] == message
    if hint:
        assert found[1] == hint
    assert not (air.folder / "out").exists()


@pytest.mark.parametrize("output", ["", "-o -"])
def test_json_and_the_file_do_not_mix(air: Air, output: str) -> None:
    message, _ = air.error(f"{DERIVE} --to web-1 --json {output}", 2)
    found = {"slug": "usage", "message": "--json needs the sealed file elsewhere", "hint": "add --output FILE"}
    assert json.loads(message) == {"error": found}


def test_one_recipient_under_two_names(air: Air) -> None:
    accept(air.places, policy(name="web-2", signing_key=""))
    message, hint = air.error(f"{DERIVE} --to {RECIPIENT} -o out.age", 2)
    assert (message, hint) == ("several names have this recipient: web-1, web-2", "use a name")
    air.ok(f"{DERIVE} --to web-2 -o web-2.age")


def test_a_store_without_an_issuer(air: Air) -> None:
    make_web(air.folder / "web")
    environ = {"AUTHKIT_STORE": "web", "AUTHKIT_PASSPHRASE_FILE": "pass", "AUTHKIT_SECRET_ACCESS_KEY": "a secret"}
    environ["AUTHKIT_ACCESS_KEY_ID"] = "AKX"
    line = f"derive-subkey --key env: --scope us-east-1/s3 --to {EXAMPLE_RECIPIENT}"
    done = run_here(line, air.folder, environ=environ)
    assert (done.code, done.stdout) == (4, b"")
    assert "we have no identity to issue with yet" in done.stderr.decode()
    done = run_here(line, air.folder, environ={**environ, "AUTHKIT_STORE": "none"})
    assert (done.code, done.stdout) == (4, b"")


def test_a_folder_that_came_in_between(air: Air) -> None:
    (air.folder / "out.new").mkdir()
    (air.folder / "out.new" / "file").write_bytes(b"")
    done = air.run(f"{DERIVE} --to web-1 --to {EXAMPLE_RECIPIENT} -o out")
    assert (done.code, done.stdout) == (5, b"")
    assert done.stderr.decode().splitlines()[-2:] == [
        "authkit: error: out.new is in the way",
        "authkit: hint: 'authkit approve-subkey NAME --again N' writes each file once more",
    ]
    assert air.lines()[-1]["event"] == "created"


def test_a_year_shows_how_far_it_is(air: Air) -> None:
    accept(air.places, policy(max_days=366, max_ahead=400, scopes=("us-east-1/s3", "us-east-1/sqs")))
    terminal = Terminal()
    line = f"{DERIVE} --days 365 --long --scope us-east-1/sqs --to web-1 -o year.age"
    done = air.run(line, terminal=terminal, screens=(2,))
    assert done.code == 0, done.triple
    assert "days" in done.terminal
    assert "100%" in done.terminal
    file, _ = air.read((air.folder / "year.age").read_bytes())
    assert len(file.subkeys) == 730


def test_from_wider_subkeys(air: Air) -> None:
    """A response may be made of what was derived before, one key from another or the very same."""
    air.ok("derive-subkey --key root --level region --region us-east-1 --days 2 -o wide.subkeys")
    air.ok(f"derive-subkey --key file:wide.subkeys --scope us-east-1/s3 --days 2 --to {EXAMPLE_RECIPIENT} -o a.age")
    air.ok(f"{DERIVE} --days 2 -o exact.subkeys")
    air.ok(f"derive-subkey --key file:exact.subkeys --scope us-east-1/s3 --days 2 --to {EXAMPLE_RECIPIENT} -o b.age")
    assert [row["event"] for row in air.lines()[-4:]] == ["approved", "created"] * 2


def test_what_the_ledger_writes_does_not_hold_a_key(air: Air) -> None:
    air.ok(f"{DERIVE} --to web-1 -o out.age")
    file, _ = air.read((air.folder / "out.age").read_bytes())
    text = Path(air.places.ledger.path).read_text()
    key = file.subkeys[0].key.reveal()
    assert key.hex() not in text
    assert "check" not in text
    assert Ledger(air.places.ledger.path).lines() == air.lines()


def test_names_that_find_recipients(air: Air) -> None:
    found = _handed.find_recipients([REQUESTER, EXAMPLE_RECIPIENT], air.places)
    assert [(one.name, one.text, one.requester is not None) for one in found] == [
        ("web-1", RECIPIENT, True),
        (BARE, EXAMPLE_RECIPIENT, False),
    ]
