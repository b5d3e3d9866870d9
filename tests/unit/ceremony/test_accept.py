"""Is the one response that we wait for taken in, and every other refused by its own word?"""

import hashlib
import json
import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import responses
from authkit.ceremony import accept, ask, ledgers
from authkit.ceremony.peers import Issuer
from authkit.ceremony.places import Places
from authkit.clock import UTC
from authkit.errors import Refused, Untrusted
from authkit.keys.pair import generate_pair
from authkit.keys.prove import PrivateKey, load_private
from authkit.keys.request import Wanted
from authkit.keys.scope import Chain
from authkit.schemes.derived import AWS4, CHAINS, GOOG4
from responses import HASH, OTHER, Answer, Signer, entry

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OWN = "age1cml80pmkk5ygpgevkg73luhxg587j2t0tg804wsetepv7fu2mc3qm5ugmz"
SIGNER = Signer("vault")
PINNED = [Issuer("office", Signer("office").line), Issuer("vault", SIGNER.line)]
SUBKEY = "20261123/us-east-1/s3/aws4_request"


@cache
def key() -> PrivateKey:
    return load_private(generate_pair("ed25519").private_pem, "key")


class Side:
    """The requester's side, without a store: its places and its requests."""

    def __init__(self, path: Path) -> None:
        self.places = Places(str(path))
        self.places.make()
        self.issuer = responses.Issuer()
        self.number = 0

    def ask(self, *pairs: tuple[str, ...], level: str = "signing", days: int = 2, chain: Chain = AWS4.chain) -> bytes:
        self.number += 1
        wanted = Wanted(chain, level, [date(2026, 11, 23) + timedelta(days=i) for i in range(days)], list(pairs))
        wanted.pairs = wanted.pairs or [("us-east-1", "s3")]
        asker, number = ask.Asker("web-1", OWN, key()), self.number
        random: Callable[[int], bytes] = lambda count: number.to_bytes(count, "big")  # noqa: E731
        return ask.ask(self.places, asker, PINNED[1], wanted, responses.ID, "build", at=AT, random=random)

    def read(self, answer: "Answer | bytes", recipient: str = OWN) -> accept.Response:
        data = answer if isinstance(answer, bytes) else answer.plain
        return accept.read_response(data, PINNED, CHAINS, recipient, "resp")

    def take(self, answer: Answer, at: datetime = AT) -> "ledgers.Asked | None":
        """Take a response in, and its line into the ledger."""
        response = self.read(answer)
        with self.places.ledger.locked():
            asked = accept.judge(response, self.places, self.places.ledger.lines(), CHAINS, at, "resp")
            self.places.ledger.append([response.event("build")], at)
        self.issuer.count(answer)
        return asked

    def refused(self, answer: "Answer | bytes", at: datetime = AT, recipient: str = OWN) -> tuple[str, str]:
        """Return the reason by which a response is refused, and the detail."""
        before = Path(self.places.ledger.path).read_bytes()
        with pytest.raises(Untrusted) as caught:
            response = self.read(answer, recipient)
            accept.judge(response, self.places, self.places.ledger.lines(), CHAINS, at, "resp")
        assert Path(self.places.ledger.path).read_bytes() == before
        reason = caught.value.reason
        assert caught.value.message.startswith("resp: ")
        return reason, caught.value.message.partition(f"({reason}")[2].removeprefix(": ").removesuffix(")")


@pytest.fixture
def side(tmp_path: Path) -> Side:
    return Side(tmp_path)


def test_the_response_that_is_waited_for(side: Side) -> None:
    request = side.ask()
    answer = side.issuer.answer(request)
    response = side.read(answer)
    assert (response.issuer.name, response.key, response.sha256) == ("vault", SIGNER.fingerprint, answer.sha256)
    assert (len(response.file.subkeys), response.issued.sequence, response.file.data) == (2, 1, answer.plain)
    asked = side.take(answer)
    assert asked is not None
    assert (asked.id, asked.name) == (f"{1:032x}", "build")
    line = side.places.ledger.lines()[-1]
    assert {name: line[name] for name in line if name not in ("n", "at", "prev")} == {
        "event": "imported",
        "issuer": "vault",
        "key": SIGNER.fingerprint,
        "sequence": 1,
        "request": hashlib.sha256(request.partition(responses.BEGIN)[0]).hexdigest(),
        "response": answer.sha256,
        "ledger": response.issued.ledger,
        "stored_as": "build",
    }


def test_one_after_the_other(side: Side) -> None:
    for number in range(1, 4):
        answer = side.issuer.answer(side.ask())
        assert side.take(answer) is not None
        assert side.places.ledger.lines()[-1]["sequence"] == number


@pytest.mark.parametrize(
    ("level", "pair", "chain"),
    [
        ("signing", ("us-east-1", "s3"), AWS4.chain),
        ("service", ("us-east-1", "s3"), AWS4.chain),
        ("region", ("us-east-1",), AWS4.chain),
        ("date", (), AWS4.chain),
    ],
)
def test_every_level_is_taken_as_it_was_asked_for(side: Side, level: str, pair: tuple[str, ...], chain: Chain) -> None:
    answer = side.issuer.answer(side.ask(pair, level=level), end=["aws4_request"] if level == "signing" else [])
    assert side.take(answer) is not None


def test_less_than_was_asked_for_is_taken(side: Side) -> None:
    request = side.ask(("us-east-1", "s3"), ("us-east-1", "sqs"))
    answer = side.issuer.answer(request, scopes=["us-east-1/s3"], days="20261124-20261124")
    assert [str(one.scope) for one in side.read(answer).file.subkeys] == ["20261124/us-east-1/s3/aws4_request"]
    assert side.take(answer) is not None


@pytest.mark.parametrize("level", ["date", "region", "service"])
def test_narrower_keys_than_were_asked_for_are_taken(side: Side, level: str) -> None:
    pair = {"date": (), "region": ("us-east-1",), "service": ("us-east-1", "s3")}[level]
    assert side.take(side.issuer.answer(side.ask(pair, level=level), subkeys=[entry(SUBKEY)])) is not None


# Step 2


def test_another_signer(side: Side) -> None:
    answer = side.issuer.answer(side.ask(), signer=Signer("forger"))
    assert side.refused(answer) == ("unknown-signer", Signer("forger").fingerprint)


def test_a_signer_who_names_the_issuer(side: Side) -> None:
    # the text says that the trusted issuer made it; the signature is another's
    text = side.issuer.text(side.ask())
    assert text["issuer"] == SIGNER.fingerprint
    forged = Signer("forger").sign(json.dumps(text).encode() + b"\n")
    assert side.refused(forged)[0] == "unknown-signer"


@pytest.mark.parametrize("namespace", ["authkit-request-v1", "authkit-approval-v1", "authkit-issuer-v1", "file", ""])
def test_a_signature_for_something_else(side: Side, namespace: str) -> None:
    assert side.refused(side.issuer.answer(side.ask(), namespace=namespace))[0] == "namespace"


def test_our_own_request_is_no_response(side: Side) -> None:
    assert side.refused(side.ask())[0] == "namespace"


def test_no_signature(side: Side) -> None:
    plain = side.issuer.answer(side.ask()).plain
    assert side.refused(plain.partition(responses.BEGIN)[0])[0] == "not-signed"


def test_a_signature_of_another_response(side: Side) -> None:
    request = side.ask()
    one, two = side.issuer.answer(request).plain, side.issuer.answer(request, sequence=2).plain
    mixed = one.partition(responses.BEGIN)[0] + responses.BEGIN + two.partition(responses.BEGIN)[2]
    assert side.refused(mixed)[0] == "signature-mismatch"


def test_something_behind_the_signature(side: Side) -> None:
    plain = side.issuer.answer(side.ask()).plain
    for more in (b"\n", b" ", b"x\n", plain):
        assert side.refused(plain + more)[0] == "signature-malformed"


# The property: nothing of what was signed can be changed.


def test_every_bit_of_the_signed_text_and_its_signature_counts(side: Side) -> None:
    plain = side.issuer.answer(side.ask(days=1)).plain
    armor = plain.index(responses.BEGIN)
    seen: dict[str, int] = {}
    for place in range(len(plain)):
        for bit in range(8):
            altered = bytearray(plain)
            altered[place] ^= 1 << bit
            reason, _ = side.refused(bytes(altered))
            seen[reason] = seen.get(reason, 0) + 1
            # the last byte of the text is the line feed that the signature must follow
            assert place >= armor - 1 or reason == "signature-mismatch", (place, bit)
    assert seen.keys() <= {"signature-mismatch", "signature-malformed", "not-signed", "unknown-signer", "namespace"}
    assert sum(seen.values()) == 8 * len(plain)


def test_a_response_cut_anywhere(side: Side) -> None:
    plain = side.issuer.answer(side.ask(days=1)).plain
    for size in range(0, len(plain), 7):
        assert side.refused(plain[:size])[0] in ("not-signed", "signature-malformed")
    assert side.refused(plain[:-1])[0] == "signature-malformed"


def test_line_ends_count(side: Side) -> None:
    plain = side.issuer.answer(side.ask()).plain
    assert side.refused(plain.replace(b"\n", b"\r\n"))[0] in ("not-signed", "signature-malformed")


# Step 3


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"schema": "authkit.subkeys/v2"}, "member 'schema' is not 'authkit.subkeys/v1'"),
        ({"more": 1}, "unknown member 'more'"),
        ({"sequence": 0}, "member 'sequence' is not a number from 1 on"),
        ({"sequence": True}, "member 'sequence' is not a number from 1 on"),
        ({"request": "x"}, "member 'request' is neither a SHA-256 in hexadecimal nor 'none'"),
        ({"previous": "AB" * 32}, "member 'previous' is neither a SHA-256 in hexadecimal nor 'none'"),
        ({"ledger": "41:none"}, "member 'ledger' is not the head of a ledger, COUNT:SHA-256"),
        ({"ledger": f"041:{HASH}"}, "member 'ledger' is not the head of a ledger, COUNT:SHA-256"),
        ({"scheme": "AWS5"}, "member 'scheme' names 'AWS5', which is not a scheme known here"),
        ({"subkeys": []}, "member 'subkeys' is not a list of 1 to 1,000,000 entries"),
        ({"subkeys": [entry(SUBKEY)] * 2}, "subkey 2 is not after subkey 1 in the order of their scopes"),
        ({"subkeys": [{**entry(SUBKEY), "check": 7}]}, "subkey 1: member 'check' is not text"),
    ],
)
def test_a_signed_text_that_is_no_subkey_file(side: Side, change: dict[str, Any], detail: str) -> None:
    assert side.refused(side.issuer.answer(side.ask(), **change)) == ("malformed", detail)


@pytest.mark.parametrize("text", [b"", b"\n", b"{}\n", b"hello\n", b"[1]\n", b"\xff\n"])
def test_a_signed_text_of_another_kind(side: Side, text: bytes) -> None:
    side.ask()
    assert side.refused(SIGNER.sign(text))[0] == "malformed"


def test_a_signed_file_without_what_a_signed_file_says(side: Side) -> None:
    text = side.issuer.text(side.ask())
    for name in ("issuer", "recipient", "sequence", "request", "previous", "ledger"):
        rest = {key: value for key, value in text.items() if key != name}
        reason, detail = side.refused(SIGNER.sign(json.dumps(rest).encode() + b"\n"))
        assert (reason, detail) == ("malformed", f"member {name!r} is missing in a file that is signed")


# Step 4


def test_a_file_that_names_another_recipient(side: Side) -> None:
    answer = side.issuer.answer(side.ask(), recipient=OTHER)
    assert side.refused(answer) == ("recipient-mismatch", f"{OTHER}, not {OWN}")
    assert side.refused(side.issuer.answer(side.ask(), recipient="none"))[0] == "recipient-mismatch"
    # and the other way round: ours, opened by another of our identities
    assert side.refused(side.issuer.answer(side.ask()), recipient=OTHER)[0] == "recipient-mismatch"


def test_a_file_for_another_identity_of_ours_answers_no_request_of_this_one(side: Side) -> None:
    answer = side.issuer.answer(side.ask(), recipient=OTHER)
    assert side.refused(answer, recipient=OTHER) == ("recipient-mismatch", "the request named another")


def test_a_file_that_names_another_issuer(side: Side) -> None:
    other = Signer("office").fingerprint
    answer = side.issuer.answer(side.ask(), issuer=other)
    assert side.refused(answer) == ("issuer-mismatch", f"it names {other} and is signed by {SIGNER.fingerprint}")


# Step 5


def test_a_response_to_a_request_of_somebody_else(side: Side, tmp_path: Path) -> None:
    side.ask()
    answer = side.issuer.answer(side.ask(), request=HASH)
    assert side.refused(answer) == ("unknown-request", HASH)


def test_a_response_to_a_request_made_to_another_issuer(side: Side) -> None:
    request = side.ask()
    office = responses.Issuer("office")
    assert side.refused(office.answer(request)) == (
        "issuer-mismatch",
        f"the request was made to {SIGNER.fingerprint}",
    )


def test_the_same_response_again(side: Side) -> None:
    answer = side.issuer.answer(side.ask())
    side.take(answer)
    assert side.refused(answer) == ("replayed", "as build")
    side.take(side.issuer.answer(side.ask()))
    assert side.refused(answer) == ("replayed", "as build")


def test_another_response_to_the_same_request(side: Side) -> None:
    request = side.ask()
    side.take(side.issuer.answer(request))
    assert side.refused(side.issuer.answer(request)) == ("request-used", "by the response 1, stored as build")


def test_a_request_that_is_gone_or_was_changed(side: Side) -> None:
    answer = side.issuer.answer(side.ask())
    path = Path(side.places.request(f"{1:032x}"))
    whole = path.read_bytes()
    for data, detail in (
        (whole.replace(b"us-east-1/s3", b"us-east-1/s4"), f"{path} was changed"),
        (b"", f"{path}: it is not signed (not-signed)"),
    ):
        path.write_bytes(data)
        assert side.refused(answer) == ("unknown-request", detail)
    os.unlink(path)
    assert side.refused(answer) == ("unknown-request", f"no such file: {path}")
    path.write_bytes(whole)
    path.chmod(0o644)
    assert side.refused(answer)[0] == "unknown-request"
    path.chmod(0o600)
    assert side.take(answer) is not None


# Step 6


def test_a_number_that_is_not_the_next(side: Side) -> None:
    side.take(side.issuer.answer(side.ask()))
    side.take(side.issuer.answer(side.ask()))
    request = side.ask()
    for number in (1, 2):
        answer = side.issuer.answer(request, sequence=number)
        assert side.refused(answer) == ("replayed", f"number {number}, and 2 was the last")
    for number in (4, 5, 2**53 - 1):
        answer = side.issuer.answer(request, sequence=number)
        assert side.refused(answer) == ("sequence-skipped", f"number {number}, and 3 is the next")
    assert side.take(side.issuer.answer(request, sequence=3)) is not None


def test_a_response_that_follows_another(side: Side) -> None:
    side.take(side.issuer.answer(side.ask()))
    request = side.ask()
    for previous in ("none", HASH):
        answer = side.issuer.answer(request, previous=previous)
        assert side.refused(answer) == ("previous-mismatch", f"{previous}, not {side.issuer.previous}")


def test_a_first_response_that_follows_one(side: Side) -> None:
    answer = side.issuer.answer(side.ask(), previous=HASH)
    assert side.refused(answer) == ("previous-mismatch", f"{HASH}, not none")
    answer = side.issuer.answer(side.ask(), previous=HASH, sequence=2)
    assert side.refused(answer) == ("sequence-skipped", "number 2, and 1 is the next")


def test_starting_over_takes_the_number_that_the_issuer_is_at(side: Side) -> None:
    answer = side.issuer.answer(side.ask(), sequence=17)
    assert side.take(answer) is not None
    side.issuer.sequence = 17
    assert side.take(side.issuer.answer(side.ask())) is not None
    assert side.places.ledger.lines()[-1]["sequence"] == 18


# Step 7


def test_another_access_key(side: Side) -> None:
    found = [entry(SUBKEY, "AKOTHER")]
    answer = side.issuer.answer(side.ask(), access_key_id="AKOTHER", subkeys=found)
    assert side.refused(answer) == ("access-key-mismatch", "AKOTHER, not AKIDEXAMPLE")


def test_another_scheme(side: Side) -> None:
    label = GOOG4.chain.label
    found = [entry("20261123/us-east-1/s3/goog4_request", scheme=label)]
    answer = side.issuer.answer(side.ask(), scheme=label, subkeys=found)
    assert side.refused(answer) == ("scheme-mismatch", "GOOG4-HMAC-SHA256, not AWS4-HMAC-SHA256")


@pytest.mark.parametrize(
    ("level", "pair", "scope", "wider"),
    [
        ("signing", ("us-east-1", "s3"), "20261123/us-east-1/s3", "service"),
        ("signing", ("us-east-1", "s3"), "20261123/us-east-1", "region"),
        ("signing", ("us-east-1", "s3"), "20261123", "date"),
        ("service", ("us-east-1", "s3"), "20261123/us-east-1", "region"),
        ("region", ("us-east-1",), "20261123", "date"),
    ],
)
def test_a_key_wider_than_asked_for(side: Side, level: str, pair: tuple[str, ...], scope: str, wider: str) -> None:
    answer = side.issuer.answer(side.ask(pair, level=level), subkeys=[entry(scope)])
    assert side.refused(answer) == ("level-mismatch", f"{scope} is a {wider} key")


@pytest.mark.parametrize(
    "scope",
    [
        "20261123/us-east-1/sqs/aws4_request",
        "20261123/us-east-2/s3/aws4_request",
        "20261123/us-east-1/iam/aws4_request",
        "20261122/us-east-1/s3/aws4_request",
        "20261125/us-east-1/s3/aws4_request",
        "20271123/us-east-1/s3/aws4_request",
    ],
)
def test_a_scope_that_was_not_asked_for(side: Side, scope: str) -> None:
    request = side.ask()
    assert side.refused(side.issuer.answer(request, subkeys=[entry(scope)])) == ("scope-mismatch", scope)
    both = sorted([entry(SUBKEY), entry(scope)], key=lambda one: str(one["scope"]))
    assert side.refused(side.issuer.answer(request, subkeys=both)) == ("scope-mismatch", scope)


def test_the_first_day_and_the_last_are_asked_for(side: Side) -> None:
    answer = side.issuer.answer(side.ask(days=3), subkeys=[entry(SUBKEY), entry(SUBKEY.replace("23", "25"))])
    assert side.take(answer) is not None


# Step 8


def test_a_key_that_does_not_fit_its_check_value(side: Side) -> None:
    request = side.ask()
    one = entry(SUBKEY)
    other = entry(SUBKEY, secret=b"another")
    for change in ({"check": "00000000"}, {"key": other["key"]}):
        answer = side.issuer.answer(request, subkeys=[{**one, **change}])
        reason, detail = side.refused(answer)
        assert (reason, detail[:26]) == ("check-mismatch", "subkey 1: the check value ")


def test_the_check_values_come_after_the_scopes(side: Side) -> None:
    wrong = {**entry("20261123/us-east-1/iam/aws4_request"), "check": "00000000"}
    assert side.refused(side.issuer.answer(side.ask(), subkeys=[wrong]))[0] == "scope-mismatch"


def test_a_response_whose_time_is_over(side: Side) -> None:
    answer = side.issuer.answer(side.ask())
    late = datetime(2026, 11, 25, 0, 0, 0, tzinfo=UTC)
    assert side.refused(answer, late) == ("expired", "no key in it signs after 2026-11-24T23:59:59Z")
    assert side.take(answer, late - timedelta(seconds=1)) is not None


def test_a_session_whose_time_is_over(side: Side) -> None:
    answer = side.issuer.answer(side.ask(), session_token="token", expires_at="2026-11-23T20:00:00Z")
    end = datetime(2026, 11, 23, 20, 0, 0, tzinfo=UTC)
    assert side.refused(answer, end + timedelta(seconds=1))[0] == "expired"
    assert side.take(answer, end) is not None


# Step 9


def test_a_ledger_that_went_back(side: Side) -> None:
    side.take(side.issuer.answer(side.ask()))  # 41 lines
    request = side.ask()
    seen = side.places.ledger.lines()[1]["ledger"]
    for head, reason, detail in (
        (f"40:{HASH}", "ledger-shorter", "40 lines, and 41 when it was last seen"),
        (f"1:{HASH}", "ledger-shorter", "1 lines, and 41 when it was last seen"),
        (f"41:{HASH}", "ledger-changed", "line 41"),
        (seen, "ledger-shorter", "41 lines, and 41 when it was last seen"),
    ):
        assert side.refused(side.issuer.answer(request, ledger=head)) == (reason, detail)
    assert side.take(side.issuer.answer(request, ledger=f"42:{HASH}")) is not None


def test_our_own_ledger_written_anew_since_the_request(side: Side) -> None:
    side.take(side.issuer.answer(side.ask()))
    answer = side.issuer.answer(side.ask())
    path = Path(side.places.ledger.path)
    whole = path.read_bytes()
    rows = [json.loads(line) for line in whole.splitlines()]

    def rewrite(kept: list[dict[str, Any]]) -> None:
        before, text = "0" * 64, b""
        for number, row in enumerate(kept, 1):
            line = json.dumps({**row, "n": number, "prev": before}).encode() + b"\n"
            before, text = hashlib.sha256(line).hexdigest(), text + line
        path.write_bytes(text)
        side.places.ledger.locked()  # what was read is forgotten

    rewrite([rows[0], {**rows[1], "stored_as": "other"}, rows[2]])
    assert side.refused(answer) == ("ledger-mismatch", "line 2, as the request told it")
    rewrite([rows[1], rows[2]])
    assert side.refused(answer) == ("ledger-mismatch", "line 2, as the request told it")
    rewrite(rows)
    assert path.read_bytes() == whole
    assert side.take(answer) is not None


def test_our_own_ledger_cut_since_the_request(side: Side) -> None:
    """The request's own line put behind a shorter ledger: the line that it told is not there any more."""
    side.take(side.issuer.answer(side.ask()))
    side.ask()
    answer = side.issuer.answer(side.ask())
    path = Path(side.places.ledger.path)
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    before, text = "0" * 64, b""
    for number, row in enumerate([rows[1], rows[3]], 1):
        line = json.dumps({**row, "n": number, "prev": before}).encode() + b"\n"
        before, text = hashlib.sha256(line).hexdigest(), text + line
    path.write_bytes(text)
    side.places.ledger.locked()
    assert side.refused(answer) == ("ledger-mismatch", "line 3, as the request told it")


def test_the_first_ledger_is_taken_as_it_is(side: Side) -> None:
    assert side.take(side.issuer.answer(side.ask(), ledger=f"1:{HASH}")) is not None


# What nobody asked for


def test_a_file_that_nobody_asked_for(side: Side) -> None:
    request = side.ask()
    unasked = side.issuer.answer(request, request="none")
    assert side.take(unasked) is None
    assert side.refused(unasked) == ("replayed", "as build")
    # the request stays open, and what nobody asked for is numbered like everything else
    assert side.take(side.issuer.answer(request)) is not None
    assert side.take(side.issuer.answer(request, request="none")) is None


def test_what_nobody_asked_for_never_starts_over(side: Side) -> None:
    answer = side.issuer.answer(side.ask(), request="none", sequence=2)
    assert side.refused(answer) == ("sequence-skipped", "number 2, and 1 is the next")


def test_what_nobody_asked_for_is_judged_by_its_keys_and_ledger(side: Side) -> None:
    side.take(side.issuer.answer(side.ask()))
    request = side.ask()
    wrong = {**entry(SUBKEY), "check": "00000000"}
    assert side.refused(side.issuer.answer(request, request="none", subkeys=[wrong]))[0] == "check-mismatch"
    assert side.refused(side.issuer.answer(request, request="none", ledger=f"41:{HASH}"))[0] == "ledger-changed"
    late = datetime(2026, 11, 25, 0, 0, 0, tzinfo=UTC)
    assert side.refused(side.issuer.answer(request, request="none"), late)[0] == "expired"


def test_a_definition_that_is_another_here_is_refused_as_anywhere(side: Side) -> None:
    from authkit.commands import _schemes

    definition = {"label": "X4-HMAC-SHA256"}
    answer = side.issuer.answer(side.ask(), definition=definition)
    with pytest.raises((Untrusted, Refused)):
        accept.read_response(answer.plain, PINNED, _schemes.chains(), OWN, "resp")


# The order: the first that fails is named.


def test_the_first_failure_is_the_one_that_is_named(side: Side) -> None:
    side.take(side.issuer.answer(side.ask()))
    request = side.ask()
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("ledger-changed", {"ledger": f"41:{HASH}"}),
        ("check-mismatch", {"subkeys": [{**entry(SUBKEY, "AKOTHER"), "check": "00000000"}]}),
        ("access-key-mismatch", {"access_key_id": "AKOTHER"}),
        ("previous-mismatch", {"previous": HASH}),
        ("sequence-skipped", {"sequence": 9}),
        ("unknown-request", {"request": HASH}),
        ("recipient-mismatch", {"recipient": OTHER}),
        ("issuer-mismatch", {"issuer": "SHA256:x"}),
        ("malformed", {"more": 1}),
        ("namespace", {"namespace": "file"}),
    ]
    changes: dict[str, Any] = {}
    for reason, change in wrong:
        changes |= change
        asked_id = {} if "access_key_id" in changes or "subkeys" not in changes else {"access_key_id": "AKIDEXAMPLE"}
        if reason == "check-mismatch":
            changes["subkeys"] = [{**entry(SUBKEY), "check": "00000000"}]
        assert side.refused(side.issuer.answer(request, **{**asked_id, **changes}))[0] == reason
