"""Is a request answered only if everything about it is in order, and is the first thing that is not named?"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from agefile import RECIPIENT
from authkit.ceremony import approve, peers
from authkit.ceremony.approve import History, Plan
from authkit.ceremony.request import SubkeyRequest, format_request
from authkit.clock import UTC
from authkit.errors import InputError, Refused, StoreError, Untrusted
from authkit.keys.sshsig import REQUEST, SUBKEYS, fingerprint_of, sign_text
from authkit.ledger import Ledger
from authkit.schemes.derived import AWS4
from ceremonies import AIR_PEM, EXAMPLE_RECIPIENT, OTHER_PEM, WEB_PEM, key_of, line_of, policy

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OURS = fingerprint_of(line_of(AIR_PEM))
HEX = "ab" * 32


def asked(**changes: Any) -> SubkeyRequest:
    members: dict[str, Any] = {
        "id": "0123456789abcdef" * 2,
        "requester": "web-1",
        "recipient": RECIPIENT,
        "issuer": OURS,
        "access_key_id": "AKIDEXAMPLE",
        "scheme": "AWS4-HMAC-SHA256",
        "level": "signing",
        "scopes": ("us-east-1/s3", "us-east-1/sqs"),
        "days": (date(2026, 11, 24), date(2026, 11, 30)),
        "created": AT,
        "previous": "none",
        "ledger": (f"1:{HEX}", "0:none"),
    }
    return SubkeyRequest(**{**members, **changes})


def signed(request: SubkeyRequest, pem: bytes = WEB_PEM, namespace: str = REQUEST) -> bytes:
    return sign_text(key_of(pem), namespace, format_request(request))


def digest_of(request: SubkeyRequest) -> str:
    return sha256(format_request(request)).hexdigest()


class Issuer:
    """A ledger of an issuer that has enrolled web-1."""

    def __init__(self, folder: Path, requester: "peers.Requester | None" = None) -> None:
        self.requester = requester or policy()
        self.ledger = Ledger(str(folder / "ledger.jsonl"))
        self.add({"event": "created", "kind": "identity", "role": "issuer", "key": OURS}, days=-3)
        self.accept(self.requester)

    def accept(self, requester: peers.Requester) -> None:
        row = {"event": "policy", "requester": "web-1", "sha256": peers.policy_sha256(requester.text)}
        self.add({**row, "policy": requester.members()}, days=-3)

    def add(self, event: "dict[str, Any]", days: int = 0) -> None:
        self.ledger.append([event], AT + timedelta(days=days))

    def judge(self, request: SubkeyRequest, at: datetime = AT, requester: "peers.Requester | None" = None) -> Plan:
        lines, head = self.ledger.lines(), self.ledger.head()
        who = requester or self.requester
        return approve.judge(request, digest_of(request), who, AWS4.chain, lines, head, OURS, at, "request")

    def approve(self, request: SubkeyRequest, *, issued: bool = True) -> "str | None":
        """Approve it; return the SHA-256 of its response."""
        plan = self.judge(request)
        self.add(plan.event(AT))
        if not issued:
            return None
        response = sha256(f"response {plan.sequence}".encode()).hexdigest()
        self.add({
            "event": "created", "kind": "response", "requester": "web-1", "sequence": plan.sequence, "sha256": response
        })  # fmt: skip
        return response


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path)


def refused(call: "Callable[[], object]") -> "tuple[str, str]":
    """Return the reason and what stands behind it."""
    with pytest.raises(Untrusted) as caught:
        call()
    reason = caught.value.reason
    return reason, caught.value.message.partition(f"({reason}")[2].removeprefix(": ").removesuffix(")")


# opening it


def test_a_request_is_opened() -> None:
    request, text, who = approve.open_request(signed(asked()), [policy(name="web-0", signing_key=""), policy()], "req")
    assert (request.id, who.name, text) == (asked().id, "web-1", format_request(asked()))


def test_a_carrier_may_turn_its_line_ends() -> None:
    data = signed(asked()).replace(b"\n", b"\r\n")
    assert approve.open_request(data, [policy()], "req")[1] == format_request(asked())


ALTERED = signed(asked()).replace(b"us-east-1/sqs", b"us-east-1/sts")
UNOPENED: "list[tuple[bytes, str, str]]" = [
    (format_request(asked()), "not-signed", ""),
    (b"", "not-signed", ""),
    (signed(asked())[:-5], "signature-malformed", "it is cut, or something follows it"),
    (signed(asked()) + b"x\n", "signature-malformed", "it is cut, or something follows it"),
    (signed(asked(), namespace=SUBKEYS), "namespace", "authkit-subkeys-v1, not authkit-request-v1"),
    (signed(asked(), OTHER_PEM), "unknown-signer", fingerprint_of(line_of(OTHER_PEM))),
    (signed(asked(), AIR_PEM), "unknown-signer", OURS),
    (ALTERED, "signature-mismatch", ""),
    (signed(asked()).replace(b"20261130", b"20261231"), "signature-mismatch", ""),
    (signed(asked()).replace(b"\nlevel: signing", b"\nlevel: date"), "signature-mismatch", ""),
    (b" " + signed(asked()), "signature-mismatch", ""),
    (signed(asked(requester="web-2")), "requester-mismatch", "web-2, signed by web-1"),
    (signed(asked(requester="web-0")), "requester-mismatch", "web-0, signed by web-1"),
]


@pytest.mark.parametrize(("data", "reason", "detail"), UNOPENED)
def test_what_is_not_opened(data: bytes, reason: str, detail: str) -> None:
    trusted = [policy(), policy(name="web-0", signing_key="")]
    assert refused(lambda: approve.open_request(data, trusted, "req")) == (reason, detail)


def test_every_bit_of_a_request_counts() -> None:
    data = signed(asked())
    for place in range(0, len(data), 7):
        altered = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(Untrusted):
            approve.open_request(altered, [policy()], "req")


def test_what_is_signed_and_no_request() -> None:
    data = sign_text(key_of(WEB_PEM), REQUEST, b"authkit-request/v2\n")
    with pytest.raises(InputError, match="^req: line 1 is not 'authkit-request/v1'$"):
        approve.open_request(data, [policy()], "req")


# answering it


def test_the_first_answer(issuer: Issuer) -> None:
    plan = issuer.judge(asked())
    assert (plan.sequence, plan.starting_over, plan.finishing, plan.replacing) == (1, False, None, None)
    assert plan.wanted.count == 14
    assert plan.event(AT) == {
        "event": "approved",
        "kind": "subkeys",
        "requester": "web-1",
        "sequence": 1,
        "request": digest_of(asked()),
        "previous": "none",
        "recipient": RECIPIENT,
        "access_key_id": "AKIDEXAMPLE",
        "scheme": "AWS4-HMAC-SHA256",
        "level": "signing",
        "scopes": ["us-east-1/s3", "us-east-1/sqs"],
        "days": "20261124-20261130",
        "policy": peers.policy_sha256(policy().text),
        "requester_ledger": f"1:{HEX}",
        "issued_at": "2026-11-24T09:00:00Z",
    }


def test_the_second_follows_from_the_first(issuer: Issuer) -> None:
    first = issuer.approve(asked())
    assert first is not None
    plan = issuer.judge(asked(previous=first, ledger=(f"3:{HEX}", "0:none"), id="1" * 32))
    assert (plan.sequence, plan.starting_over) == (2, False)
    assert plan.history.previous == first
    assert plan.event(AT)["previous"] == first


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"issuer": "SHA256:other"}, "issuer-mismatch", f"SHA256:other, and we are {OURS}"),
        ({"recipient": EXAMPLE_RECIPIENT}, "recipient-unknown", EXAMPLE_RECIPIENT),
        ({"previous": HEX}, "previous-mismatch", HEX),
        ({"ledger": ("1:" + HEX, "1:" + HEX)}, "ledger-mismatch", "line 1"),
        ({"ledger": ("1:" + HEX, "3:" + HEX)}, "ledger-mismatch", "it saw line 3, and here are 2"),
        ({"access_key_id": "AKOTHER"}, "policy-access-key", "AKOTHER"),
        ({"level": "service"}, "policy-level", "service, not signing"),
        ({"level": "date", "scopes": ("-",)}, "policy-level", "date, not signing"),
        ({"scopes": ("eu-west-1/s3",)}, "policy-scope", "eu-west-1/s3"),
        (
            {"days": (date(2026, 11, 23), date(2026, 11, 24))},
            "policy-past",
            "2026-11-23 is before today, 2026-11-24",
        ),
        (
            {"days": (date(2026, 12, 1), date(2026, 12, 5))},
            "policy-ahead",
            "2026-12-05 is after 2026-12-04, 10 days from today",
        ),
        ({"days": (date(2026, 11, 24), date(2026, 12, 1))}, "policy-days", "8 days, and at most 7 days"),
    ],
)
def test_what_is_refused(changes: "dict[str, Any]", reason: str, detail: str, issuer: Issuer) -> None:
    assert refused(lambda: issuer.judge(asked(**changes))) == (reason, detail)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"scopes": ("us-east-1",)}, "request: scope: --scope is REGION/SERVICE for a signing key"),
        ({"scopes": ("a/b/c",)}, "request: scope: --scope is REGION/SERVICE for a signing key"),
        ({"level": "date"}, "request: scope of a date key is '-'"),
        ({"level": "wide"}, "request: scope: AWS4-HMAC-SHA256 has no wide keys"),
    ],
)
def test_scopes_that_the_scheme_does_not_have(changes: "dict[str, Any]", fault: str, issuer: Issuer) -> None:
    with pytest.raises(InputError) as caught:
        issuer.judge(asked(**changes))
    assert caught.value.message == fault


def test_days_without_end_are_not_even_written_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer(tmp_path, policy(max_days=3660, max_ahead=3660))
    days = (date(2026, 11, 24), date(2036, 12, 1))
    assert refused(lambda: issuer.judge(asked(days=days)))[0] == "policy-days"
    assert issuer.judge(asked(days=(days[0], date(2036, 11, 30)))).wanted.count == 2 * 3660
    monkeypatch.setattr(approve, "Wanted", None)
    assert refused(lambda: issuer.judge(asked(days=(date(1, 1, 1), date(9999, 12, 31)))))[0] == "policy-past"


def test_a_date_key(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path, policy(levels=("signing", "date"), scopes=("-",)))
    plan = issuer.judge(asked(level="date", scopes=("-",)))
    assert [str(scope) for scope in plan.wanted.scopes()][:1] == ["20261124"]


# the policy


def test_an_altered_policy(issuer: Issuer) -> None:
    wider = policy(scopes=("us-east-1/s3", "us-east-1/sqs", "us-east-1/sts"), services=("sts",))
    with pytest.raises(Untrusted) as caught:
        issuer.judge(asked(), requester=wider)
    assert caught.value.reason == "policy-changed"
    assert caught.value.hint == "'authkit trust-requester web-1 --accept-policy' shows the difference"
    issuer.accept(wider)
    assert issuer.judge(asked(), requester=wider).sequence == 1


def test_a_policy_that_was_never_accepted(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path)
    issuer.add({"event": "untrusted", "kind": "requester", "name": "web-1", "key": "x"}, days=-2)
    assert refused(lambda: issuer.judge(asked())) == ("policy-changed", "web-1")


# the clock


def test_the_clock() -> None:
    lines: list[dict[str, object]] = [{"at": "2026-11-24T09:00:00Z"}]
    for seconds in (0, 1, 400 * 86400):
        approve.check_clock(lines, AT + timedelta(seconds=seconds))
    approve.check_clock([], AT)
    shown = "2026-11-24T08:59:59Z, and the line is of 2026-11-24T09:00:00Z"
    assert refused(lambda: approve.check_clock(lines, AT - timedelta(seconds=1))) == ("clock-backwards", shown)
    shown = "2027-12-29T09:00:01Z, and the line is of 2026-11-24T09:00:00Z"
    late = AT + timedelta(days=400, seconds=1)
    assert refused(lambda: approve.check_clock(lines, late)) == ("clock-leap", shown)


def test_a_request_is_not_answered_by_a_wrong_clock(issuer: Issuer) -> None:
    assert refused(lambda: issuer.judge(asked(), AT - timedelta(days=4)))[0] == "clock-backwards"
    assert refused(lambda: issuer.judge(asked(), AT + timedelta(days=398)))[0] == "clock-leap"


# the sequence


def test_what_was_approved_before(issuer: Issuer) -> None:
    issuer.approve(asked())
    with pytest.raises(Untrusted) as caught:
        issuer.judge(asked())
    assert (caught.value.reason, caught.value.message[-14:]) == ("already-approved", ": as number 1)")
    assert caught.value.hint == "'authkit approve-subkey web-1 --again 1' writes the response again"


def test_an_interrupted_approval_is_finished_under_its_number(issuer: Issuer) -> None:
    issuer.approve(asked(), issued=False)
    plan = issuer.judge(asked())
    assert (plan.sequence, plan.starting_over) == (1, False)
    assert plan.finishing is not None
    assert plan.finishing["request"] == digest_of(asked())


def test_another_request_takes_the_number_of_one_that_was_never_issued(issuer: Issuer) -> None:
    first = issuer.approve(asked())
    issuer.approve(asked(previous=first, id="1" * 32), issued=False)
    plan = issuer.judge(asked(previous=first, id="2" * 32))
    assert (plan.sequence, plan.finishing, plan.starting_over) == (2, None, False)
    assert plan.replacing is not None
    assert plan.replacing["request"] == digest_of(asked(previous=first, id="1" * 32))
    second = issuer.approve(asked(previous=first, id="2" * 32))
    assert issuer.judge(asked(previous=second, id="3" * 32)).sequence == 3
    assert refused(lambda: issuer.judge(asked(previous=first, id="1" * 32)))[0] == "sequence-skipped"


def test_a_response_that_was_not_taken_in(issuer: Issuer) -> None:
    first = issuer.approve(asked())
    assert first is not None
    issuer.approve(asked(previous=first, id="1" * 32))
    with pytest.raises(Untrusted) as caught:
        issuer.judge(asked(previous=first, id="2" * 32))
    assert caught.value.message.endswith("(sequence-skipped: number 2 was not taken in)")
    assert caught.value.hint == "'authkit approve-subkey web-1 --again 2' writes it again"


def test_an_unknown_previous_response(issuer: Issuer) -> None:
    issuer.approve(asked())
    assert refused(lambda: issuer.judge(asked(previous=HEX, id="1" * 32))) == ("previous-mismatch", HEX)


def test_starting_over(issuer: Issuer) -> None:
    issuer.approve(asked(ledger=(f"9:{HEX}", "0:none")))
    plan = issuer.judge(asked(id="1" * 32))
    assert (plan.sequence, plan.starting_over) == (2, True)
    assert plan.event(AT)["previous"] == "none"


def test_a_requester_that_names_no_response_starts_over_from_the_second_on(issuer: Issuer) -> None:
    issuer.approve(asked())
    plan = issuer.judge(asked(id="1" * 32, ledger=(f"2:{HEX}", "0:none")))
    assert (plan.sequence, plan.starting_over) == (2, True)


def test_a_new_identity_of_the_issuer_begins_anew(issuer: Issuer) -> None:
    issuer.approve(asked(ledger=(f"4:{HEX}", "0:none")))
    issuer.add({"event": "created", "kind": "identity", "role": "issuer", "key": OURS})
    history = approve.history_of(issuer.ledger.lines(), "web-1")
    assert (history.sequence, history.previous, history.ledger) == (0, "none", f"4:{HEX}")


def test_an_approval_without_the_requesters_ledger_keeps_what_was_known(issuer: Issuer) -> None:
    issuer.approve(asked(ledger=(f"4:{HEX}", "0:none")))
    issuer.add({"event": "approved", "kind": "subkeys", "requester": "web-1", "sequence": 2})
    issuer.add({"event": "created", "kind": "request", "requester": "web-1", "sequence": 9, "sha256": HEX})
    history = approve.history_of(issuer.ledger.lines(), "web-1")
    assert (history.sequence, history.ledger, list(history.responses)) == (2, f"4:{HEX}", [1])


def test_each_refusal_names_the_request(issuer: Issuer) -> None:
    issuer.approve(asked(ledger=(f"4:{HEX}", "0:none")))
    for changes in (
        {"ledger": (f"4:{HEX}", "0:none")},
        {
            "id": "1" * 32,
            "ledger": (f"3:{HEX}", "0:none"),
            "previous": issuer.judge(asked(id="1" * 32)).history.previous,
        },
        {"id": "1" * 32, "ledger": (f"5:{HEX}", f"9:{HEX}")},
        {"id": "1" * 32, "previous": HEX},
        {"id": "1" * 32, "access_key_id": "AKOTHER"},
        {"id": "1" * 32, "days": (date(2026, 11, 24), date(2027, 11, 24))},
    ):
        with pytest.raises(Untrusted) as caught:
            issuer.judge(asked(**changes))
        assert caught.value.message.startswith("request: ")
    with pytest.raises(Untrusted) as caught:
        approve.open_request(signed(asked(), OTHER_PEM), [policy()], "req")
    assert caught.value.message.startswith("req: ")


def test_a_wrong_clock_says_how_it_is_set() -> None:
    lines: list[dict[str, object]] = [{"at": "2026-11-24T09:00:00Z"}]
    hints = []
    for at in (AT - timedelta(seconds=1), AT + timedelta(days=401)):
        with pytest.raises(Untrusted) as caught:
            approve.check_clock(lines, at)
        assert caught.value.message.startswith("the clock: this machine's clock is ")
        hints.append(caught.value.hint)
    assert hints == [
        "set it with: date -u -s 'YYYY-MM-DD hh:mm:ss'",
        "set it with date -u -s; if the machine did rest so long, 'authkit trust-requester NAME' writes a line",
    ]


def test_a_new_key_of_the_issuer_begins_anew(issuer: Issuer) -> None:
    issuer.approve(asked(ledger=(f"4:{HEX}", "0:none")))
    issuer.add({"event": "issuer-changed", "name": "vault", "old": "x", "new": OURS})
    plan = issuer.judge(asked(id="1" * 32, ledger=(f"5:{HEX}", "0:none")))
    assert (plan.sequence, plan.starting_over, plan.history.previous) == (1, False, "none")
    lost = issuer.judge(asked(id="1" * 32, ledger=(f"3:{HEX}", "0:none")))
    assert (lost.sequence, lost.starting_over) == (1, True)


def test_other_requesters_do_not_count(issuer: Issuer) -> None:
    row = {"event": "approved", "kind": "subkeys", "requester": "web-2", "sequence": 7}
    issuer.add(row)
    issuer.add({"event": "approved", "kind": "signature", "requester": "web-1", "request": digest_of(asked())})
    issuer.add({"event": "created", "kind": "identity", "role": "requester", "key": "x"})
    issuer.add({"event": "refused", "requester": "web-1", "request": HEX, "reason": "policy-days"})
    assert issuer.judge(asked()).sequence == 1
    assert approve.history_of(issuer.ledger.lines(), "web-2").sequence == 7


@pytest.mark.parametrize("value", [0, True, "1", None])
def test_a_line_without_a_number(value: object, issuer: Issuer) -> None:
    issuer.add({"event": "approved", "kind": "subkeys", "requester": "web-1", "sequence": value or 0, "x": 1})
    lines = [{**row, "sequence": value} if "x" in row else row for row in issuer.ledger.lines()]
    with pytest.raises(StoreError, match="^line 3 of the ledger: sequence is not a number from 1 on$"):
        approve.history_of(lines, "web-1")


# the ledgers


def test_the_requesters_ledger_may_grow_or_stay(issuer: Issuer) -> None:
    first = issuer.approve(asked(ledger=(f"5:{HEX}", "0:none")))
    for head in (f"5:{HEX}", f"6:{'cd' * 32}"):
        assert issuer.judge(asked(previous=first, ledger=(head, "0:none"), id="1" * 32)).sequence == 2


def test_the_requesters_ledger_never_shrinks_or_changes(issuer: Issuer) -> None:
    first = issuer.approve(asked(ledger=(f"5:{HEX}", "0:none")))
    shorter = asked(previous=first, ledger=(f"4:{HEX}", "0:none"), id="1" * 32)
    assert refused(lambda: issuer.judge(shorter)) == ("ledger-shorter", "4 lines, and there were 5")
    changed = asked(previous=first, ledger=(f"5:{'cd' * 32}", "0:none"), id="1" * 32)
    assert refused(lambda: issuer.judge(changed)) == ("ledger-changed", "line 5")


def test_the_head_that_it_saw_is_in_our_ledger(issuer: Issuer) -> None:
    lines, head = issuer.ledger.lines(), issuer.ledger.head()
    for seen in ("0:none", f"1:{lines[1]['prev']}", head):
        assert issuer.judge(asked(ledger=(f"1:{HEX}", seen))).sequence == 1


def test_a_ledger_whose_end_was_cut(issuer: Issuer, tmp_path: Path) -> None:
    first = issuer.approve(asked())
    seen = issuer.ledger.head()
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))
    with issuer.ledger.locked():
        pass
    request = asked(id="1" * 32, ledger=(f"2:{HEX}", seen))
    assert refused(lambda: issuer.judge(request)) == ("ledger-mismatch", "it saw line 4, and here are 2")
    assert first is not None
    request = asked(id="1" * 32, previous=first, ledger=(f"2:{HEX}", seen))
    assert refused(lambda: issuer.judge(request)) == ("ledger-mismatch", "it saw line 4, and here are 2")
    request = asked(id="1" * 32, previous=first)
    assert refused(lambda: issuer.judge(request)) == ("previous-mismatch", first)


def test_a_ledger_that_was_written_anew(issuer: Issuer, tmp_path: Path) -> None:
    issuer.approve(asked())
    seen = issuer.ledger.head()
    (tmp_path / "ledger.jsonl").unlink()
    anew = Issuer(tmp_path)
    for _ in range(3):
        anew.add({"event": "refused"})
    request = asked(id="1" * 32, ledger=(f"2:{HEX}", seen))
    assert refused(lambda: anew.judge(request)) == ("ledger-mismatch", "line 4")


def test_a_removed_line_is_found_by_the_chain(issuer: Issuer, tmp_path: Path) -> None:
    issuer.approve(asked())
    path = tmp_path / "ledger.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], *lines[3:]]))
    with issuer.ledger.locked(), pytest.raises(StoreError, match="line 3"):
        issuer.judge(asked(id="1" * 32))


def test_a_history_without_lines() -> None:
    found = History()
    assert (found.sequence, found.previous, found.unfinished, found.ledger) == (0, "none", None, "0:none")


def test_refusals_are_refusals() -> None:
    assert issubclass(Untrusted, Refused)
