"""Do subkeys get across the air gap, a week of days long, and does nothing else get across?

The issuer runs in a network namespace without an interface; what it issues signs requests to a real S3 server, whose
clock goes from day to day.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from authkit import seal
from authkit.keys import sshsig
from authkit.keys.pair import generate_pair
from authkit.keys.prove import PrivateKey, load_private
from conftest import absent
from interop import no_network
from interop import swift as swift_server
from interop.machines import Gap, Machine, fake_clock
from interop.swift import Swift

DAYS = 7
POLICY = ("--scope", "us-east-1/s3", "--max-days", "7", "--max-ahead", "10")
ASKED = ("--access-key-id", swift_server.ACCESS_KEY_ID, "--scope", "us-east-1/s3")
CARRIED = (b"-----BEGIN SSH SIGNATURE-----", b"-----BEGIN AGE ENCRYPTED FILE-----")
MASTER = json.dumps(
    {
        "schema": "authkit.access-key/v1",
        "access_key_id": swift_server.ACCESS_KEY_ID,
        "secret": swift_server.SECRET,
    }
).encode()


class LaterSwift(Swift):
    """A Swift whose clock is a file: what it says, in days, is how far ahead it is."""

    def _env(self) -> dict[str, str]:
        self.clock = self.root / "clock"
        if not self.clock.exists():
            self.clock.write_text("+0d")
        # its timers go on by the real one
        kept = {
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        return {**super()._env(), **kept, "LD_PRELOAD": fake_clock()}

    def set_days(self, days: int) -> None:
        self.clock.write_text(f"+{days}d")


@pytest.fixture(scope="module")
def later_swift(vectors: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaterSwift]:
    if not fake_clock():
        absent("faketime is not installed", "AUTHKIT_REQUIRE_INTEROP")
    if not swift_server.is_built():
        absent("Swift is not installed; run tests/interop/setup", "AUTHKIT_REQUIRE_INTEROP")
    server = LaterSwift(tmp_path_factory.mktemp("later"), vectors / "oracles" / "swift-s3api")
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], str]) -> Gap:
    """Two machines that trust each other, which no test changes."""
    require_tool("unshare")
    if not no_network.is_possible():
        absent("this system makes no network namespaces", "AUTHKIT_REQUIRE_INTEROP")
    no_network.look_around()
    folder = tmp_path_factory.mktemp("gap")
    (folder / "vault").mkdir()
    (folder / "web").mkdir()
    gap = Gap(Machine(folder / "vault", alone=True), Machine(folder / "web", alone=False))
    gap.enrol(MASTER, *POLICY)
    return gap


@pytest.fixture
def gap(enrolled: Gap, tmp_path: Path) -> Gap:
    """A copy of the two machines."""
    return enrolled.copy(tmp_path)


def send(gap: Gap, swift: Swift, name: str, target: str, *curl: str) -> tuple[int, bytes]:
    """Sign with what is stored under *name* and send; return status and body."""
    words = (*curl, "-sS", "-w", "\n%{http_code}", f"{swift.url}/gap{target}")
    done = gap.web.run("sign", "curl", "--key", name, "--run", "--", *words)
    assert done.code == 0, done.err
    body, _, status = done.out.rpartition(b"\n")
    return int(status), body


def approved(gap: Gap, name: str = "week", *options: str) -> Path:
    """Ask for a week and have it approved; return the response, which lies at the web's side."""
    return gap.approve(gap.ask(name, *ASKED, "--days", str(DAYS), *options))


# ------------------------------------------------------------------------------------------------------------ accepted


def test_a_week_of_days(gap: Gap, later_swift: LaterSwift, require_tool: Callable[[str], str]) -> None:
    """One request for seven days; a server accepts what each day's key signs, and then what the renewal signs."""
    require_tool("curl")
    gap.web.ok("import-subkey", approved(gap))
    assert send(gap, later_swift, "week", "", "-X", "PUT") == (200, b"")
    for day in range(DAYS):
        gap.set_days(day)
        later_swift.set_days(day)
        text = ("-X", "PUT", "-H", "Content-Type: text/plain", "--data-raw", f"day {day}")
        assert send(gap, later_swift, "week", "/day.txt", *text) == (200, b"")
        assert send(gap, later_swift, "week", "/day.txt") == (200, f"day {day}".encode())
    gap.web.ok("import-subkey", gap.approve(gap.ask("week", "--renew")))  # on the last day
    gap.set_days(DAYS)
    later_swift.set_days(DAYS)
    assert send(gap, later_swift, "week", "/day.txt") == (200, b"day 6")
    gap.set_days(DAYS - 1)  # the server's clock did move: yesterday's key signs for yesterday alone
    assert send(gap, later_swift, "week", "/day.txt")[0] == 403
    carried = [path for path in gap.web.home.rglob("*") if path.is_file()]
    assert not [path for path in carried if swift_server.SECRET.encode() in path.read_bytes()]
    slowest = max(gap.steps, key=lambda step: step.cpu)
    assert slowest.cpu < 1, slowest


def test_a_day_that_nobody_asked_for(gap: Gap) -> None:
    gap.web.ok("import-subkey", approved(gap))
    gap.set_days(DAYS)
    done = gap.web.run("sign", "curl", "--key", "week", "--", "http://127.0.0.1/")
    assert (done.code, done.out) == (5, b"")


def test_both_ledgers_are_whole_and_know_of_each_other(gap: Gap) -> None:
    response = approved(gap)
    gap.web.ok("import-subkey", response)
    heads = [head_of(gap.vault), head_of(gap.web)]
    assert [row["event"] for row in gap.vault.ledger()][-2:] == ["approved", "created"]
    assert [row["event"] for row in gap.web.ledger()][-2:] == ["created", "imported"]
    for machine, head in zip((gap.vault, gap.web), heads, strict=True):
        assert "valid" in machine.ok("verify-ledger", "--head", head)
    request = gap.ask("again", *ASKED, "--days", "1").read_text()
    own, seen = re.findall(r"^ledger: (\S+) (\S+)$", request, re.MULTILINE)[0]
    assert own == heads[1]
    assert int(seen.partition(":")[0]) == len(gap.vault.ledger()) - 1  # the approval; that it was issued is one more


def test_a_response_that_was_lost_is_issued_again_unchanged(gap: Gap) -> None:
    lost = approved(gap)
    confirmed = ("--confirm", "web-1", "--confirm-date", gap.vault.today())
    gap.vault.ok("approve-subkey", "web-1", "--again", "1", "-o", "again.response", *confirmed)
    again = gap.carry("again.response", gap.vault, gap.web)
    assert opened(gap, again) == opened(gap, lost)
    gap.web.ok("import-subkey", again)
    assert gap.web.refuses("import-subkey", lost) == "replayed"


def test_the_vault_brought_back_from_an_older_copy(gap: Gap, tmp_path: Path) -> None:
    """It is not believed until it has a new key, and every web has enrolled that by its words."""
    gap.web.ok("import-subkey", approved(gap))
    older = Gap(gap.vault.copy(tmp_path / "older"), gap.web)
    gap.web.ok("import-subkey", gap.approve(gap.ask("tomorrow", *ASKED, "--date", "tomorrow")))
    request = older.ask("next", *ASKED, "--date", "tomorrow")
    assert refused_by_vault(older, request) == "ledger-mismatch"
    older.vault.ok("delete-key", "--yes", "authkit-issuer")
    older.vault.ok("show-identity", "--issuer", "--no-passphrase", "vault", "-o", "new.card")
    gap.web.ok("trust-issuer", "vault", "--remove", "--confirm", "vault")
    card = older.carry("new.card", older.vault, older.web)
    gap.web.ok("trust-issuer", card, "--words", older.words(older.vault, "--issuer"))
    gap.web.ok("import-subkey", older.approve(older.ask("next", *ASKED, "--date", "tomorrow")))


def test_the_web_lost_its_ledger(gap: Gap) -> None:
    """It starts over, if the operator says so by its name."""
    gap.web.ok("import-subkey", approved(gap))
    (gap.web.store / "ceremony" / "ledger.jsonl").unlink()
    request = gap.ask("next", *ASKED, "--date", "tomorrow")
    assert refused_by_vault(gap, request) == "starting-over"
    gap.web.ok("import-subkey", gap.approve(request, "--starting-over", "web-1"))


# ------------------------------------------------------------------------------------------------------------- refused


def opened(gap: Gap, response: Path) -> bytes:
    """Return what is sealed in a response, as who can open it may do."""
    return seal.decrypt_with(gap.web.opened.identity(), response.read_bytes())


def resealed(response: Path, content: bytes, recipient: str) -> Path:
    """Seal *content* to *recipient*, which anybody can, in the place of a response."""
    response.write_text(seal.encrypt_to(recipient, content))
    return response


def recipient_of(machine: Machine) -> str:
    return seal.recipient_of(machine.opened.identity())


def taken_in(gap: Gap, response: Path) -> str:
    """Return for which reason web refuses a response; nothing is stored and no line written."""
    before = gap.web.ledger()
    reason = gap.web.refuses("import-subkey", response)
    assert gap.web.ledger() == before
    assert "subkeys" not in gap.web.ok("list-keys")
    return reason


@pytest.fixture
def other(gap: Gap, tmp_path: Path) -> Machine:
    """Another machine that asks the same issuer."""
    (tmp_path / "other").mkdir()
    made = Machine(tmp_path / "other", alone=False)
    made.ok("show-identity", "web-2", "-o", "web-2.card")
    made.ok("trust-issuer", gap.carry("vault.card", gap.vault, made), "--words", gap.words(gap.vault, "--issuer"))
    return made


def test_wrong_recipient(gap: Gap, other: Machine) -> None:
    """Another machine cannot open it, and what the first one seals for it anew names the first."""
    response = approved(gap)
    carried = gap.carry(response.name, gap.web, other)
    assert other.refuses("import-subkey", carried) == "not-for-us"
    assert other.refuses("import-subkey", resealed(carried, opened(gap, response), recipient_of(other))) == (
        "recipient-mismatch"
    )


def test_replayed_response(gap: Gap) -> None:
    first = approved(gap)
    gap.web.ok("import-subkey", first)
    assert gap.web.refuses("import-subkey", first) == "replayed"
    gap.web.ok("import-subkey", gap.approve(gap.ask("tomorrow", *ASKED, "--date", "tomorrow")))
    assert gap.web.refuses("import-subkey", first) == "replayed"


def test_skipped_sequence(gap: Gap) -> None:
    """Of two files the second is not taken in before the first; nor is a request answered that skips one."""
    gap.web.ok("import-subkey", approved(gap))
    for name in ("first", "second"):
        gap.vault.ok("derive-subkey", "--key", "root", "--scope", "us-east-1/s3", "--to", "web-1", "-o", f"{name}.age")
    expected = ("--expect-id", swift_server.ACCESS_KEY_ID)
    first, second = [gap.carry(f"{name}.age", gap.vault, gap.web) for name in ("first", "second")]
    assert gap.web.refuses("import-subkey", "later", second, *expected) == "sequence-skipped"
    request = gap.ask("skipping", *ASKED)
    confirmed = ("--confirm", "web-1", "--confirm-date", gap.vault.today(), "-o", "no.response")
    assert gap.vault.refuses("approve-subkey", request, *confirmed) == "sequence-skipped"
    gap.web.ok("import-subkey", "first", first, *expected)
    gap.web.ok("import-subkey", "later", second, *expected)


def test_altered_scope_of_a_request(gap: Gap) -> None:
    request = gap.ask("week", *ASKED)
    altered = request.read_bytes().replace(b"scope: us-east-1/s3", b"scope: us-east-1/s4")
    assert altered != request.read_bytes()
    request.write_bytes(altered)
    assert refused_by_vault(gap, request) == "signature-mismatch"


def test_altered_scope_of_a_response(gap: Gap) -> None:
    """Even who can open it, and seals it anew, cannot change it."""
    response = approved(gap)
    content = opened(gap, response)
    altered = content.replace(b"/us-east-1/s3/", b"/us-east-1/s4/")
    assert altered != content
    assert taken_in(gap, resealed(response, altered, recipient_of(gap.web))) == "signature-mismatch"


def test_a_scope_that_was_not_asked_for(gap: Gap) -> None:
    """Nor does the issuer give more than was asked for."""
    response = approved(gap)
    text = opened(gap, response).partition(CARRIED[0])[0]
    altered = text.replace(b"/us-east-1/s3/", b"/us-east-1/s4/")
    signed = sshsig.sign_text(issuer_key(gap), sshsig.SUBKEYS, altered)
    assert taken_in(gap, resealed(response, signed, recipient_of(gap.web))) == "scope-mismatch"


def test_altered_policy(gap: Gap) -> None:
    """It is refused until somebody accepts it anew, which is a line of the ledger."""
    path = gap.vault.store / "ceremony" / "requesters" / "web-1.json"
    text = path.read_text()
    path.write_text(text.replace("us-east-1/s3", "us-east-1/s4"))
    assert path.read_text() != text
    request = gap.ask("week", "--access-key-id", swift_server.ACCESS_KEY_ID, "--scope", "us-east-1/s4")
    assert refused_by_vault(gap, request) == "policy-changed"
    gap.vault.ok("trust-requester", "web-1", "--accept-policy", "--confirm", "web-1")
    assert [row["event"] for row in gap.vault.ledger()][-2:] == ["refused", "policy"]
    gap.web.ok("import-subkey", gap.approve(request))


@pytest.mark.parametrize(
    "asked, reason",
    [
        (("--scope", "us-east-1/sqs"), "policy-scope"),
        (("--scope", "us-east-1/s3", "--scope", "us-east-1/iam"), "policy-scope"),
        (("--scope", "us-east-1/s3", "--days", "8"), "policy-days"),
        (("--scope", "us-east-1/s3", "--date", "tomorrow", "--days", "7"), ""),
        (("--level", "service", "--scope", "us-east-1/s3"), "policy-level"),
        (("--level", "region", "--scope", "us-east-1"), "policy-level"),
        (("--level", "date"), "policy-level"),
    ],
)
def test_what_the_policy_does_not_allow(gap: Gap, asked: tuple[str, ...], reason: str) -> None:
    request = gap.ask("more", "--access-key-id", swift_server.ACCESS_KEY_ID, *asked)
    if reason:
        assert refused_by_vault(gap, request) == reason
        assert gap.vault.ledger()[-1]["reason"] == reason
    else:
        gap.web.ok("import-subkey", gap.approve(request))


def test_a_service_that_hands_out_credentials(gap: Gap) -> None:
    """Its name has to stand in the policy twice: among the scopes, and as a service that may do harm."""
    asked = ("--access-key-id", swift_server.ACCESS_KEY_ID, "--scope", "us-east-1/sts")
    request = gap.ask("session", *asked)
    assert refused_by_vault(gap, request) == "policy-scope"
    allowed = ("trust-requester", "web-1", "--scope", "us-east-1/sts", "--confirm", "web-1")
    assert gap.vault.run(*allowed).code == 5
    gap.vault.ok(*allowed, "--service", "sts")
    gap.web.ok("import-subkey", gap.approve(request))


def test_another_access_key(gap: Gap) -> None:
    request = gap.ask("more", "--access-key-id", "AKIDEXAMPLE", "--scope", "us-east-1/s3")
    assert refused_by_vault(gap, request) == "policy-access-key"


def test_nobody_confirms(gap: Gap) -> None:
    """Another day, another name, or none at all: nothing leaves."""
    request = gap.ask("week", *ASKED)
    to = ("-o", "no.response")
    day = ("--confirm-date", gap.vault.today())
    assert gap.vault.refuses("approve-subkey", request, *to, *day, "--confirm", "web-2") == "not-confirmed"
    named = ("--confirm", "web-1")
    assert gap.vault.refuses("approve-subkey", request, *to, "--confirm-date", "2026-01-01", *named) == (
        "clock-not-confirmed"
    )
    for given in (day, named, ()):
        assert gap.vault.run("approve-subkey", request, *to, *given).code == 2
    assert not (gap.vault.home / "no.response").exists()
    assert "approved" not in [row["event"] for row in gap.vault.ledger()]


def test_a_clock_that_goes_back(gap: Gap) -> None:
    if not fake_clock():
        absent("faketime is not installed", "AUTHKIT_REQUIRE_INTEROP")
    gap.set_days(2)
    approved(gap)
    request = gap.ask("later", *ASKED)
    gap.set_days(1)
    assert refused_by_vault(gap, request) == "clock-backwards"
    gap.set_days(403)
    assert refused_by_vault(gap, request) == "clock-leap"


def test_a_request_that_was_answered(gap: Gap) -> None:
    request = gap.ask("week", *ASKED)
    gap.approve(request)
    assert refused_by_vault(gap, request) == "already-approved"


def test_a_requester_that_is_trusted_no_more(gap: Gap) -> None:
    request = gap.ask("week", *ASKED)
    gap.vault.ok("trust-requester", "web-1", "--remove", "--confirm", "web-1")
    assert refused_by_vault(gap, request) == "unknown-signer"


def test_response_to_another_request(gap: Gap, tmp_path: Path) -> None:
    """A copy of the machine asks too; what it is answered is nothing to the first."""
    twin = Gap(gap.vault, gap.web.copy(tmp_path / "twin"))
    response = approved(twin)
    gap.ask("week", *ASKED, "--days", str(DAYS))
    assert taken_in(gap, gap.carry(response.name, twin.web, gap.web)) == "unknown-request"


def test_forged_issuer(gap: Gap) -> None:
    """Whoever knows the recipient can seal, and sign with a key of his own."""
    response = approved(gap)
    text = opened(gap, response).partition(CARRIED[0])[0]
    forged = sshsig.sign_text(load_private(generate_pair("ed25519").private_pem, "another key"), sshsig.SUBKEYS, text)
    assert taken_in(gap, resealed(response, forged, recipient_of(gap.web))) == "unknown-signer"
    assert taken_in(gap, resealed(response, text, recipient_of(gap.web))) == "not-signed"


def test_expired(gap: Gap) -> None:
    if not fake_clock():
        absent("faketime is not installed", "AUTHKIT_REQUIRE_INTEROP")
    response = approved(gap)
    gap.set_days(DAYS)
    assert taken_in(gap, response) == "expired"


def test_a_request_for_days_that_are_over(gap: Gap) -> None:
    if not fake_clock():
        absent("faketime is not installed", "AUTHKIT_REQUIRE_INTEROP")
    request = gap.ask("week", *ASKED, "--days", "2")
    gap.set_days(2)
    assert refused_by_vault(gap, request) == "policy-past"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_truncated(gap: Gap, share: float) -> None:
    request = gap.ask("week", *ASKED)
    content = request.read_bytes()
    response = gap.approve(request)
    request.write_bytes(content[: int(len(content) * share)])
    assert refused_by_vault(gap, request) in ("not-signed", "signature-malformed")
    sealed = response.read_bytes()
    response.write_bytes(sealed[: int(len(sealed) * share)])
    assert taken_in(gap, response) == "damaged"


@pytest.mark.parametrize("place", range(8))
def test_one_bit_flipped_anywhere(gap: Gap, place: int) -> None:
    """At eight places of each message, a different bit at each."""
    request = gap.ask("week", *ASKED)
    content = request.read_bytes()
    response = gap.approve(request)
    for path, good in ((request, content), (response, response.read_bytes())):
        changed = bytearray(good)
        changed[(len(good) - 2) * place // 7] ^= 1 << place % 7
        path.write_bytes(changed)
    told = ("signature-mismatch", "signature-malformed", "not-signed", "unknown-signer", "namespace")
    assert refused_by_vault(gap, request) in told
    if place:
        assert taken_in(gap, response) in ("damaged", "not-for-us")
    else:  # the first line tells that it is sealed
        done = gap.web.run("import-subkey", response)
        assert (done.code, done.out) == (3, b"")


@pytest.mark.parametrize("line", range(3))
def test_ledger_line_removed(gap: Gap, line: int) -> None:
    """From the middle: whatever reads it says so, and does nothing."""
    gap.web.ok("import-subkey", approved(gap))
    request = gap.ask("tomorrow", *ASKED, "--date", "tomorrow")
    for machine in (gap.vault, gap.web):
        path = machine.store / "ceremony" / "ledger.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        del lines[line]
        path.write_bytes(b"".join(lines))
        done = machine.run("verify-ledger", "--json")
        found = json.loads(done.out)
        assert (done.code, found["verdict"], found["reason"]) == (1, "invalid", "ledger-broken"), done
        assert f"line {line + 1} is numbered otherwise" in found["message"]
    asked = gap.web.run("request-subkey", "next", *ASKED, "--date", "tomorrow", "-o", "next.request")
    assert (asked.code, asked.out) == (6, b""), asked
    confirmed = ("--confirm", "web-1", "--confirm-date", gap.vault.today(), "-o", "no.response")
    answered = gap.vault.run("approve-subkey", request, *confirmed)
    assert (answered.code, answered.out) == (6, b""), answered


def test_the_end_of_the_issuer_s_ledger_cut(gap: Gap) -> None:
    """The peer saw a line that is no longer there, and so did the paper."""
    gap.web.ok("import-subkey", approved(gap))
    head = head_of(gap.vault)
    cut(gap.vault, 2)
    assert "valid" in gap.vault.ok("verify-ledger")
    assert reason_of(gap.vault, head) == "ledger-shorter"
    assert refused_by_vault(gap, gap.ask("next", *ASKED, "--date", "tomorrow")) == "ledger-mismatch"


def test_the_end_of_the_requester_s_ledger_cut(gap: Gap) -> None:
    gap.web.ok("import-subkey", approved(gap))
    gap.web.ok("import-subkey", gap.approve(gap.ask("tomorrow", *ASKED, "--date", "tomorrow")))
    head = head_of(gap.web)
    cut(gap.web, 2)
    assert reason_of(gap.web, head) == "ledger-shorter"
    reason = refused_by_vault(gap, gap.ask("next", *ASKED, "--date", "tomorrow"))
    assert reason in ("sequence-skipped", "ledger-changed", "ledger-shorter")


def refused_by_vault(gap: Gap, request: Path) -> str:
    """Return for which reason the issuer refuses a request; no response is written."""
    confirmed = ("--confirm", "web-1", "--confirm-date", gap.vault.today())
    reason = gap.vault.refuses("approve-subkey", request, "-o", "no.response", *confirmed)
    assert not (gap.vault.home / "no.response").exists()
    return reason


def issuer_key(gap: Gap) -> PrivateKey:
    return load_private(gap.vault.opened.get("authkit-issuer").secret.reveal(), "the issuer's key")


def head_of(machine: Machine) -> str:
    return re.findall(r"^head: +(\S+)$", machine.ok("verify-ledger"), re.MULTILINE)[0]


def reason_of(machine: Machine, head: str) -> str:
    """Return the verdict's reason on a ledger, compared with a head on paper."""
    done = machine.run("verify-ledger", "--head", head, "--json")
    assert done.code == 1, done
    return str(json.loads(done.out)["reason"])


def cut(machine: Machine, count: int) -> None:
    """Cut so many lines off the end of a ledger."""
    path = machine.store / "ceremony" / "ledger.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-count]))
