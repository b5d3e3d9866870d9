"""Does a person see all before answering a request, and does nothing leave that was not approved?"""

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from agefile import IDENTITY, PASSPHRASE, RECIPIENT, make_store
from authkit import clock, files, seal
from authkit.ceremony import peers
from authkit.ceremony.places import Places
from authkit.ceremony.request import normalise
from authkit.commands import _identity
from authkit.keys.access import AccessKey, encode_access_key
from authkit.keys.describe import describe_access_key
from authkit.keys.sshsig import BEGIN, SUBKEYS, fingerprint_of, open_signed
from authkit.ledger import Ledger
from authkit.secret import Secret
from authkit.stores.folder import FolderStore
from authkit.words import fingerprint_words
from ceremonies import (
    AIR_PEM,
    EXAMPLE_RECIPIENT,
    OTHER_PEM,
    WEB_PEM,
    accept,
    began,
    line_of,
    make_air,
    make_request,
    make_web,
    policy,
)
from commandline import Done, Terminal, run_here

Line = dict[str, Any]
YES = "--confirm web-1 --confirm-date {today}"


class Ceremony:
    """Two machines, and what is carried between them.

    Attributes:
        folder: holds the stores web and air, and what is carried.
        web, air: the stores.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.air, self.web = make_air(folder / "air"), make_web(folder / "web")
        (folder / "pass").write_bytes(PASSPHRASE)
        (folder / "pass").chmod(0o600)

    def ask(self, **more: Any) -> bytes:
        """Make a request and carry it over as asked.request."""
        data = make_request(self.web, **more)
        (self.folder / "asked.request").write_bytes(data)
        return data

    def run(self, line: str, **more: Any) -> Done:
        today = clock.now().strftime("%Y-%m-%d")
        environ = {"AUTHKIT_STORE": "air", "AUTHKIT_PASSPHRASE_FILE": "pass", "AUTHKIT_KEY_PASSPHRASE_FILE": "pass"}
        return run_here(line.replace("{today}", today), self.folder, environ=environ, **more)

    def approve(self, more: str = "", **options: Any) -> Done:
        return self.run(f"approve-subkey asked.request {YES} {more}", **options)

    def reason(self, more: str = "") -> str:
        """Return the reason word of a refusal."""
        done = self.approve(f"{more} --json -o refused.age")
        assert (done.code, done.stdout) == (5, b""), done.stderr
        assert not (self.folder / "refused.age").exists()
        return str(json.loads(done.stderr.splitlines()[-1])["error"].get("reason"))

    @property
    def places(self) -> Places:
        return Places(self.air.info.path)

    def lines(self) -> "list[Line]":
        return self.places.ledger.lines()

    def opened(self, sealed: bytes) -> "tuple[Line, bytes]":
        """Return what a response says, and its signed bytes."""
        text, line = open_signed(seal.decrypt_with(IDENTITY, sealed), SUBKEYS, [line_of(AIR_PEM)], "response")
        assert line == line_of(AIR_PEM)
        return json.loads(text), text

    def take_in(self, sealed: bytes) -> None:
        """Enter a response on the other side, as import-subkey does."""
        found, text = self.opened(sealed)
        places = Places(self.web.info.path)
        row = {"event": "imported", "issuer": "vault", "key": found["issuer"], "sequence": found["sequence"]}
        row |= {"request": found["request"], "response": sha256(text).hexdigest(), "ledger": found["ledger"]}
        with places.ledger.locked():
            places.ledger.append([{**row, "stored_as": "build"}], clock.now())


@pytest.fixture
def both(tmp_path: Path) -> Ceremony:
    return Ceremony(tmp_path)


def request_sha256(data: bytes) -> str:
    return sha256(data.partition(BEGIN)[0]).hexdigest()


def days(first: int, last: int) -> "tuple[str, str]":
    today = clock.now().date()
    return tuple(f"{today + timedelta(days=one)}" for one in (first, last))  # type: ignore[return-value]


# approving


def test_a_week(both: Ceremony) -> None:
    data = both.ask()
    done = both.approve()
    assert done.code == 0, done.stderr
    found, text = both.opened(done.stdout)
    first, last = days(0, 6)
    assert (found["sequence"], found["previous"], found["recipient"]) == (1, "none", RECIPIENT)
    assert (found["issuer"], found["request"]) == (fingerprint_of(line_of(AIR_PEM)), request_sha256(data))
    assert [one["scope"] for one in found["subkeys"]][::6] == [
        f"{day.replace('-', '')}/us-east-1/s3/aws4_request" for day in (first, last)
    ]
    approved, issued = both.lines()[-2:]
    assert (approved["event"], approved["n"], issued["event"], issued["kind"]) == ("approved", 4, "created", "response")
    assert found["ledger"] == f"4:{issued['prev']}"
    assert issued["sha256"] == sha256(text).hexdigest()
    assert Path(both.places.response("web-1", 1)).read_bytes() == done.stdout
    assert done.stderr.endswith(b"authkit: note: response 1 for web-1; it opens with the key of web-1 alone\n")


def test_what_a_person_sees(both: Ceremony) -> None:
    data = both.ask(pairs=(("eu-west-1", "s3"), ("us-east-1", "s3"), ("us-east-1", "sqs")), id=bytes(16))
    accept(both.places, policy(scopes=("eu-west-1/s3", "us-east-1/s3", "us-east-1/sqs")))
    at = clock.format_instant(clock.now())
    first, last = days(0, 6)
    terminal = Terminal([("UTC date:", f"{first}\n"), ("requester's name:", "web-1\n")])
    done = both.run("approve-subkey asked.request -o response.age", terminal=terminal)
    assert done.code == 0, done.stderr
    words = fingerprint_words("request", data.partition(BEGIN)[0], 8).split(" ")
    shown, _, asked = done.terminal.partition("this machine's clock says ")
    lines = shown.split("\n")
    assert lines[0].startswith(f"request:    {'0' * 32}, made {at[:11]}")
    assert lines[1:-1] == [
        f"words:      {' '.join(words[:4])}",
        f"            {' '.join(words[4:])}",
        "requester:  web-1",
        f"its key:    {fingerprint_of(line_of(WEB_PEM))}",
        f"sealed to:  {RECIPIENT}",
        "access key: AKIDEXAMPLE, AWS4-HMAC-SHA256",
        "keys:       21 signing keys",
        f"days:       {first} to {last}, 7 days (UTC)",
        "scopes:     eu-west-1: s3",
        "            us-east-1: s3, sqs",
        f"dangerous:  until {days(0, 13)[1]}T23:59:59Z unless the access key is disabled",
        "policy:     signing keys of AKIDEXAMPLE, 7 days at once, 10 ahead:",
        "            eu-west-1: s3",
        "            us-east-1: s3, sqs",
        "answer:     number 1, the first",
        "ledgers:    lines of its: 2, 0 before; of ours: 4, it saw 0",
    ]
    assert asked[8:] == (
        f" UTC; type today's UTC date: {first}\n"
        "same words there, and these the keys? type the requester's name: web-1\n"
    )
    assert (len(lines) - 1 + 2 <= 23, max(map(len, lines)) <= 80) == (True, True)
    assert both.opened((both.folder / "response.age").read_bytes())[0]["sequence"] == 1


def test_everything_that_is_dangerous_is_named(both: Ceremony) -> None:
    both.ask(pairs=(("us-east-1", "sts"),), days=1)
    wide = {"levels": ("signing", "service", "region", "date"), "services": ("iam", "sts")}
    accept(both.places, policy(scopes=("-", "us-east-1", "us-east-1/sts"), **wide))
    text = both.approve("-o 1.age").stderr.decode()
    assert "WARNING:    a key for sts is as wide as the access key\n" in text
    assert f"days:       {days(0, 0)[0]} (UTC)\n" in text
    assert "keys:       1 signing key\n" in text
    assert "signing/service/region/date keys of AKIDEXAMPLE, 7 days at once," in text
    both.take_in((both.folder / "1.age").read_bytes())
    both.ask(level="date", pairs=((),))
    text = both.approve("-o 2.age").stderr.decode()
    assert "WARNING:    a date key opens every region and service of its day\n" in text
    assert "scopes:     every region and service\n" in text
    both.take_in((both.folder / "2.age").read_bytes())
    both.ask(level="region", pairs=(("us-east-1",),))
    text = both.approve("-o 3.age").stderr.decode()
    assert "WARNING:    a region key opens every service of its day\n" in text
    assert "answer:     number 3, after number 2 of " in text
    both.take_in((both.folder / "3.age").read_bytes())
    both.ask(level="service", pairs=(("us-east-1", "sts"),))
    text = both.approve("-o 4.age").stderr.decode()
    assert "WARNING:    a service key is wider than signing needs\n" in text
    assert "WARNING:    a key for sts is as wide as the access key\n" in text


def test_the_result_as_json(both: Ceremony) -> None:
    data = both.ask()
    done = both.approve("--json -o response.age")
    first, last = days(0, 6)
    at = both.lines()[-2]["issued_at"]
    assert json.loads(done.stdout) == {
        "schema": "authkit.approved/v1",
        "requester": "web-1",
        "sequence": 1,
        "request": request_sha256(data),
        "access_key_id": "AKIDEXAMPLE",
        "scheme": "AWS4-HMAC-SHA256",
        "level": "signing",
        "scopes": ["us-east-1/s3"],
        "days": f"{first}-{last}".replace("-", "")[:8] + "-" + last.replace("-", ""),
        "issued_at": at,
    }
    done = both.approve("--json")
    hint = "authkit: hint: add --output FILE\n"
    assert done.stderr.decode().startswith('{"error": {"slug": "usage"'), hint


def test_a_chain_of_responses(both: Ceremony) -> None:
    previous = "none"
    for sequence in (1, 2, 3):
        both.ask()
        done = both.approve()
        found, text = both.opened(done.stdout)
        assert (found["sequence"], found["previous"]) == (sequence, previous)
        both.take_in(done.stdout)
        previous = sha256(text).hexdigest()


def test_pasted(both: Ceremony) -> None:
    data = both.ask()
    done = both.run(f"approve-subkey - {YES}", stdin=data.replace(b"\n", b"\r\n"))
    assert both.opened(done.stdout)[0]["request"] == request_sha256(normalise(data))


def test_a_file_that_is_there_stays(both: Ceremony) -> None:
    both.ask()
    (both.folder / "there").write_bytes(b"x")
    done = both.approve("-o there")
    assert done.triple == ("", "authkit: error: there exists\nauthkit: hint: --force replaces it\n", 5)
    assert len(both.lines()) == 3


# refused before anybody is asked


def test_a_refusal_costs_no_passphrase_of_a_key(both: Ceremony) -> None:
    both.ask(days=8)
    with mock.patch("authkit.commands._keys.private_key", side_effect=AssertionError):
        assert both.reason() == "policy-days"


def test_who_is_not_trusted(both: Ceremony) -> None:
    both.ask(pem=OTHER_PEM)
    assert both.reason() == "unknown-signer"
    data = both.ask()
    (both.folder / "asked.request").write_bytes(data.partition(BEGIN)[0])
    assert both.reason() == "not-signed"
    (both.folder / "asked.request").write_bytes(data.replace(b"us-east-1/s3", b"us-east-1/sq"))
    assert both.reason() == "signature-mismatch"
    assert len(both.lines()) == 3  # nobody but a requester of ours writes into the ledger


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"issuer_pem": OTHER_PEM}, "issuer-mismatch"),
        ({"recipient": EXAMPLE_RECIPIENT}, "recipient-unknown"),
        ({"access_key_id": "AKOTHER"}, "policy-access-key"),
        ({"level": "service"}, "policy-level"),
        ({"level": "date", "pairs": ((),)}, "policy-level"),
        ({"pairs": (("us-east-1", "iam"),)}, "policy-scope"),
        ({"first": -1, "days": 1}, "policy-past"),
        ({"first": 10, "days": 2}, "policy-ahead"),
        ({"first": 0, "days": 8}, "policy-days"),
    ],
)
def test_what_is_refused_is_entered(changes: "dict[str, Any]", reason: str, both: Ceremony) -> None:
    data = both.ask(**changes)
    assert both.reason() == reason
    line = both.lines()[-1]
    assert {name: line[name] for name in ("event", "requester", "request", "reason")} == {
        "event": "refused",
        "requester": "web-1",
        "request": request_sha256(data),
        "reason": reason,
    }


def test_a_name_that_is_another_requesters(both: Ceremony) -> None:
    both.ask(name="web-2")
    assert both.reason() == "requester-mismatch"


def test_a_harmful_service_needs_its_name_in_the_policy(both: Ceremony) -> None:
    both.ask(pairs=(("us-east-1", "sts"),))
    accept(both.places, policy(scopes=("us-east-1/sts",)))
    assert both.reason() == "policy-service"


def test_an_altered_policy(both: Ceremony) -> None:
    both.ask(days=8)
    Path(both.places.requester("web-1")).write_bytes(policy(max_days=31).text)
    done = both.approve()
    assert done.stderr.decode() == (
        "authkit: error: asked.request: the policy is not the one that was accepted last (policy-changed: web-1)\n"
        "authkit: hint: 'authkit trust-requester web-1 --accept-policy' shows the difference\n"
    )
    assert both.run("trust-requester web-1 --accept-policy --confirm web-1").code == 0
    assert both.approve().code == 0


def test_a_replayed_request(both: Ceremony) -> None:
    both.ask()
    assert both.approve().code == 0
    assert both.reason() == "already-approved"


def test_a_skipped_response(both: Ceremony) -> None:
    both.ask()
    first = both.approve().stdout
    both.take_in(first)
    both.ask()
    assert both.approve().code == 0
    both.ask()
    assert both.reason() == "sequence-skipped"


def test_a_cut_ledger(both: Ceremony) -> None:
    both.ask()
    done = both.approve()
    both.take_in(done.stdout)
    path = Path(both.places.ledger.path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    both.ask()
    assert both.reason() == "ledger-mismatch"
    (Path(Places(both.web.info.path).ledger.path)).unlink()
    make_web_ledger(both)
    assert both.approve().code == 0


def make_web_ledger(both: Ceremony) -> None:
    """Give the other side a ledger as if it were new, and have it ask."""
    places = Places(both.web.info.path)
    with places.ledger.locked():
        places.ledger.append([{"event": "created", "kind": "identity", "role": "requester", "key": "x"}], began())
    both.ask()


def test_a_scheme_that_is_not_known(both: Ceremony) -> None:
    from authkit.ceremony.request import format_request, parse_request
    from authkit.keys.sshsig import REQUEST, sign_text
    from ceremonies import key_of

    text = both.ask().partition(BEGIN)[0]
    request = parse_request(text, "request")
    request.scheme = "OTHER4-HMAC-SHA256"
    (both.folder / "asked.request").write_bytes(sign_text(key_of(WEB_PEM), REQUEST, format_request(request)))
    done = both.approve()
    error = "authkit: error: asked.request: the scheme 'OTHER4-HMAC-SHA256' is not known here\n"
    assert done.triple == ("", error, 3)


# the person


def test_the_date_is_another(both: Ceremony) -> None:
    both.ask()
    for day in ("2026-01-01", "yesterday", ""):
        done = both.run(f"approve-subkey asked.request --confirm web-1 --confirm-date '{day}' --json -o x")
        assert json.loads(done.stderr.splitlines()[-1])["error"]["reason"] == "clock-not-confirmed"
    terminal = Terminal([("UTC date:", "2026-01-01\n")])
    done = both.run("approve-subkey asked.request", terminal=terminal)
    assert b"(clock-not-confirmed: here it is " in done.stderr
    assert done.stderr.endswith(b"authkit: hint: set it with: date -u -s 'YYYY-MM-DD hh:mm:ss'\n")
    assert len(both.lines()) == 3  # a line would carry the wrong time


def test_the_date_may_be_digits(both: Ceremony) -> None:
    both.ask()
    day = clock.now().strftime("%Y%m%d")
    assert both.run(f"approve-subkey asked.request --confirm web-1 --confirm-date {day}").code == 0


def test_the_name_is_another(both: Ceremony) -> None:
    both.ask()
    assert both.reason("--confirm web-2") == "not-confirmed"
    assert both.lines()[-1]["reason"] == "not-confirmed"
    terminal = Terminal([("UTC date:", f"{days(0, 0)[0]}\n"), ("name:", "y\n")])
    done = both.run("approve-subkey asked.request", terminal=terminal)
    assert done.code == 5
    assert done.stderr.decode() == (
        "authkit: error: the request: nobody confirmed it by typing the name (not-confirmed)\n"
    )
    assert [row["event"] for row in both.lines()[3:]] == ["refused", "refused"]


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("", "say what day it is with --confirm-date YYYY-MM-DD"),
        ("--confirm web-1", "say what day it is with --confirm-date YYYY-MM-DD"),
        ("--confirm-date {today}", "give the name with --confirm NAME"),
    ],
)
def test_nobody_is_there(given: str, hint: str, both: Ceremony) -> None:
    both.ask()
    done = both.run(f"approve-subkey asked.request {given}")
    assert (done.code, done.stdout) == (2, b"")
    assert done.stderr.decode().endswith(f"authkit: error: there is no terminal to confirm on\nauthkit: hint: {hint}\n")
    assert len(both.lines()) == 3


def test_starting_over(both: Ceremony) -> None:
    both.ask()
    assert both.approve().code == 0
    both.ask()
    done = both.approve("--json -o x")
    error = json.loads(done.stderr.splitlines()[-1])["error"]
    assert error["reason"] == "starting-over"
    assert error["hint"] == "if it has lost all that it was given, say so with --starting-over NAME"
    assert b"WARNING:    web-1 does not know of any response; was the last one lost on" in done.stderr
    assert both.reason("--starting-over web-2") == "starting-over"
    done = both.approve("--starting-over web-1")
    found, _ = both.opened(done.stdout)
    assert (found["sequence"], found["previous"]) == (2, "none")


def test_starting_over_is_typed(both: Ceremony) -> None:
    both.ask()
    assert both.approve().code == 0
    both.ask()
    today = days(0, 0)[0]
    steps = [("UTC date:", f"{today}\n"), ("starts over? type its name:", "no\n")]
    done = both.run("approve-subkey asked.request", terminal=Terminal(steps))
    assert b"(starting-over: web-1)" in done.stderr
    steps = [("UTC date:", f"{today}\n"), ("starts over? type its name:", "web-1\n"), ("requester's name:", "web-1\n")]
    done = both.run("approve-subkey asked.request -o x", terminal=Terminal(steps))
    assert done.code == 0
    assert both.opened((both.folder / "x").read_bytes())[0]["sequence"] == 2


def test_starting_over_twice_is_no_starting_over(both: Ceremony) -> None:
    both.ask()
    assert both.approve().code == 0
    both.ask()
    both.take_in(both.approve("--starting-over web-1").stdout)
    both.ask()
    assert both.opened(both.approve().stdout)[0]["sequence"] == 3


# the clock


def test_a_clock_that_went_back(both: Ceremony) -> None:
    both.ask()
    with both.places.ledger.locked():
        both.places.ledger.append([{"event": "refused"}], clock.now() + timedelta(days=2))
    assert both.reason() == "clock-backwards"
    assert len(both.lines()) == 4


# what it is derived from


def test_without_the_access_key(both: Ceremony) -> None:
    both.ask()
    both.air.delete("root")
    done = both.approve()
    hint = "authkit: hint: import it, or name it with --key REF\n"
    assert done.triple == ("", f"authkit: error: the store holds no access key AKIDEXAMPLE\n{hint}", 4)


def test_another_access_key(both: Ceremony) -> None:
    both.ask()
    other = AccessKey("AKOTHER", Secret(b"s" * 40), use="derive")
    both.air.put("other", describe_access_key(other, began()), Secret(encode_access_key(other)))
    done = both.approve("--key other")
    assert done.triple == ("", "authkit: error: the key is AKOTHER, and AKIDEXAMPLE was asked for\n", 5)
    assert [row["event"] for row in both.lines()] == ["created", "trusted", "policy"]


def test_a_key_that_is_named(both: Ceremony) -> None:
    both.ask()
    both.air.delete("root")
    key = AccessKey("AKIDEXAMPLE", Secret(b"s" * 40))
    files.write_secret(str(both.folder / "key.json"), encode_access_key(key))
    assert both.approve("--key file:key.json").code == 0


def test_masters_go_before_other_access_keys(both: Ceremony) -> None:
    both.ask()
    key = AccessKey("AKIDEXAMPLE", Secret(b"other"))
    both.air.put("a", describe_access_key(key, began()), Secret(encode_access_key(key)))
    found, _ = both.opened(both.approve().stdout)
    assert found["subkeys"][0]["check"] == check_of(both, found["subkeys"][0]["scope"])


def check_of(both: Ceremony, scope: str) -> str:
    """Return the check value of a scope's key, from the master in the store."""
    import hmac

    from ceremonies import SECRET

    key = b"AWS4" + SECRET.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"authkit-check-v1\nAWS4-HMAC-SHA256\nAKIDEXAMPLE\n{scope}"
    return hmac.digest(key, text.encode(), "sha256")[:4].hex()


def test_the_issuers_key_is_the_one_of_the_ledger(both: Ceremony) -> None:
    both.ask()
    metadata = _identity.metadata_of("issuer", "vault", line_of(OTHER_PEM), None)
    both.air.put("authkit-issuer", metadata, Secret(OTHER_PEM), replace=True)
    done = both.approve()
    assert done.code == 6
    assert done.stderr.decode() == (
        "authkit: error: the issuer's key is not the one that its ledger names last\n"
        "authkit: hint: 'authkit show-identity --issuer --change-key' finishes a change of the key that was "
        "interrupted\n"
    )


def test_no_issuer(tmp_path: Path) -> None:
    make_store(tmp_path / "air")
    (tmp_path / "pass").write_bytes(PASSPHRASE)
    (tmp_path / "pass").chmod(0o600)
    environ = {"AUTHKIT_STORE": "air", "AUTHKIT_PASSPHRASE_FILE": "pass"}
    done = run_here("approve-subkey asked.request", tmp_path, environ=environ)
    assert done.code == 4
    assert b"'authkit show-identity --issuer NAME' makes one" in done.stderr


# again


def test_a_lost_response_is_issued_again_unchanged(both: Ceremony) -> None:
    both.ask()
    first = both.approve().stdout
    before = both.lines()
    done = both.run("approve-subkey web-1 --again 1 -o again.age")
    assert (done.code, (both.folder / "again.age").read_bytes()) == (0, first)
    assert both.lines() == before


def test_what_was_never_approved(both: Ceremony) -> None:
    done = both.run("approve-subkey web-1 --again 1")
    error = "authkit: error: nothing was approved for web-1 with the number 1\n"
    assert done.triple == ("", f"{error}authkit: hint: 'authkit list-trusted' shows whom we trust\n", 4)
    both.ask()
    assert both.approve().code == 0
    assert both.run("approve-subkey web-1 --again 2").stderr.endswith(b"authkit: hint: the last is 1\n")


def test_a_response_whose_file_is_gone_is_made_again_as_it_was(both: Ceremony) -> None:
    both.ask()
    text = both.opened(both.approve().stdout)[1]
    Path(both.places.response("web-1", 1)).unlink()
    done = both.run(f"approve-subkey web-1 --again 1 {YES}")
    assert both.opened(done.stdout)[1] == text
    assert len(both.lines()) == 5


def test_it_is_not_made_again_from_another_key(both: Ceremony) -> None:
    both.ask()
    assert both.approve().code == 0
    Path(both.places.response("web-1", 1)).unlink()
    files.write_secret(str(both.folder / "key.json"), encode_access_key(AccessKey("AKIDEXAMPLE", Secret(b"s" * 40))))
    done = both.run(f"approve-subkey web-1 --again 1 {YES} --key file:key.json")
    assert done.code == 6
    assert done.stderr.endswith(b"authkit: error: the response 1 cannot be made again as it was: the key is another\n")
    assert not Path(both.places.response("web-1", 1)).exists()


STEPS: "dict[str, Callable[[], Any]]" = {
    "writing": lambda: mock.patch.object(files, "write_secret", side_effect=KeyboardInterrupt),
    "entering": lambda: mock.patch.object(Ledger, "append", _once(Ledger.append)),
}


def _once(call: "Callable[..., None]") -> "Callable[..., None]":
    made: list[object] = []

    def append(self: Ledger, events: "list[dict[str, object]]", at: object) -> None:
        if made:
            raise KeyboardInterrupt
        made.append(events)
        call(self, events, at)

    return append


def interrupt(both: Ceremony, step: str) -> None:
    with STEPS[step]():
        assert both.approve().code == 130
    assert both.lines()[-1]["event"] == "approved"


@pytest.mark.parametrize("step", ["writing", "entering"])
def test_an_interrupted_approval_is_finished_by_the_same_request(step: str, both: Ceremony) -> None:
    both.ask()
    interrupt(both, step)
    done = both.approve()
    assert done.code == 0
    assert b"interrupted; this finishes it\n" in done.stderr
    found, text = both.opened(done.stdout)
    approved = [row for row in both.lines() if row["event"] == "approved"]
    assert (found["sequence"], len(approved)) == (1, 1)
    assert both.lines()[-1]["sha256"] == sha256(text).hexdigest()
    both.take_in(done.stdout)
    both.ask()
    assert both.opened(both.approve().stdout)[0]["sequence"] == 2


@pytest.mark.parametrize("step", ["writing", "entering"])
def test_an_interrupted_approval_is_finished_by_its_number(step: str, both: Ceremony) -> None:
    both.ask()
    interrupt(both, step)
    done = both.run(f"approve-subkey web-1 --again 1 {YES}")
    assert (done.code, both.opened(done.stdout)[0]["sequence"]) == (0, 1)
    assert b"answer:     number 1, approved " in done.stderr
    assert both.reason() == "already-approved"


def test_another_request_takes_the_number_of_one_that_was_never_issued(both: Ceremony) -> None:
    both.ask()
    interrupt(both, "writing")
    data = both.ask()
    done = both.approve()
    assert b"WARNING:    number 1 was approved for another request and never issued; this" in done.stderr
    found, _ = both.opened(done.stdout)
    assert (found["sequence"], found["request"]) == (1, request_sha256(data))


def test_nothing_is_finished_for_whom_we_trust_no_more(both: Ceremony) -> None:
    both.ask()
    interrupt(both, "writing")
    narrow = policy(scopes=("us-east-1/sqs",))
    accept(both.places, narrow)
    line = f"approve-subkey web-1 --again 1 {YES} --json -o x"
    assert json.loads(both.run(line).stderr.splitlines()[-1])["error"]["reason"] == "policy-scope"
    accept(both.places, policy(recipient=EXAMPLE_RECIPIENT))
    assert json.loads(both.run(line).stderr.splitlines()[-1])["error"]["reason"] == "recipient-unknown"
    Path(both.places.requester("web-1")).write_bytes(policy(max_days=31).text)
    assert json.loads(both.run(line).stderr.splitlines()[-1])["error"]["reason"] == "policy-changed"
    assert both.run("trust-requester web-1 --remove --confirm web-1").code == 0
    assert both.run(line).code == 4


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("web-1 --again 0", "--again 0 is not a number from 1 on"),
        ("web-1 --again 1 --starting-over web-1", "--starting-over is for a request"),
        ("../x --again 1", "'../x' cannot be the name of a key"),
        ("asked.request --json", "--json needs the response elsewhere"),
    ],
)
def test_options_that_cannot_be(line: str, message: str, both: Ceremony) -> None:
    done = both.run(f"approve-subkey {line}")
    assert done.code == 2
    assert message in done.stderr.decode()


# a new key of the issuer


def test_after_a_change_of_the_key_the_numbers_begin_anew(both: Ceremony) -> None:
    both.ask()
    both.take_in(both.approve().stdout)
    both.run("show-identity --issuer --change-key --no-passphrase --confirm vault -o change.txt")
    assert both.reason() == "issuer-mismatch"
    changed = {"AUTHKIT_STORE": "web", "AUTHKIT_PASSPHRASE_FILE": "pass"}
    line = "trust-issuer vault --change change.txt --confirm vault"
    assert run_here(line, both.folder, environ=changed).code == 0
    new = peers.load_issuer(Places(both.web.info.path), "vault").signing_key
    entry = both.air.get("authkit-issuer")
    assert entry.secret is not None
    both.ask(issuer_pem=entry.secret.reveal())
    done = both.approve()
    text, _ = open_signed(seal.decrypt_with(IDENTITY, done.stdout), SUBKEYS, [new], "response")
    found = json.loads(text)
    assert (found["sequence"], found["previous"], found["issuer"]) == (1, "none", fingerprint_of(new))


def test_every_flipped_bit_of_a_response_is_found(both: Ceremony) -> None:
    both.ask()
    sealed = both.approve().stdout
    signed = seal.decrypt_with(IDENTITY, sealed)
    for place in range(0, len(signed), 97):
        altered = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
        with pytest.raises(Exception, match="signature|signed"):
            open_signed(altered, SUBKEYS, [line_of(AIR_PEM)], "response")


def test_the_store_is_the_one_of_the_issuer(both: Ceremony) -> None:
    assert isinstance(both.air, FolderStore)
    both.ask()
    done = both.run(f"approve-subkey asked.request {YES} --store web")
    assert done.code == 4
