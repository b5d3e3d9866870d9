"""Does a person see one request whole before it is signed, and is the answer good for nothing else?"""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from agefile import PASSPHRASE
from authkit import clock, files
from authkit.ceremony import approval, peers
from authkit.ceremony.approval import Approval
from authkit.ceremony.places import Places
from authkit.commands import _io
from authkit.errors import Untrusted
from authkit.keys.access import AccessKey, encode_access_key
from authkit.keys.sshsig import APPROVAL, BEGIN, REQUEST, fingerprint_of, sign_text
from authkit.secret import Secret
from authkit.words import fingerprint_words
from ceremonies import (
    AIR_PEM,
    ISSUER,
    OTHER_PEM,
    SECRET,
    WEB_PEM,
    accept,
    key_of,
    line_of,
    make_air,
    make_web,
    policy,
)
from commandline import Done, Terminal, run_here

Line = dict[str, Any]
ASK = "request-signature --store web --access-key-id AKIDEXAMPLE --region us-east-1 --service s3"
PUT = "curl -X PUT -H 'X-Amz-Acl: private' --data-raw hello https://s3.example.com/bkt/key"
AIR = fingerprint_of(line_of(AIR_PEM))
YES = "--confirm web-1 --confirm-date {today}"


NEEDS_FILE = (
    '{{"error": {{"slug": "usage", "message": "--json needs the {} elsewhere", "hint": "add --output FILE"}}}}\n'
)
REASONS = ("signature-mismatch", "signature-malformed", "unknown-signer", "not-signed", "namespace")


class Ceremony:
    """Two machines, and what is carried between them: one.request and one.answer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.air, self.web = make_air(folder / "air"), make_web(folder / "web")
        (folder / "pass").write_bytes(PASSPHRASE)
        (folder / "pass").chmod(0o600)

    def run(self, line: str, **more: Any) -> Done:
        environ = {"AUTHKIT_PASSPHRASE_FILE": "pass"}
        return run_here(line.replace("{today}", f"{clock.now():%Y-%m-%d}"), self.folder, environ=environ, **more)

    def ask(self, words: str = f"-- {PUT}", **more: Any) -> Done:
        done = self.run(f"{ASK} -o one.request --force {words}", **more)
        assert (done.code, done.stdout) == (0, b""), done.stderr
        return done

    def approve(self, more: str = YES, **options: Any) -> Done:
        return self.run(f"approve-signature one.request --store air -o one.answer --force {more}", **options)

    def shown(self) -> str:
        """Have it approved; return what the operator saw."""
        done = self.approve()
        assert (done.code, done.stdout) == (0, b""), done.stderr
        return done.stderr.decode()

    def curl(self, line: str = PUT, more: str = "") -> Done:
        return self.run(f"sign curl --store web --signature one.answer {more} -- {line}")

    def whole(self, line: str = PUT) -> Done:
        self.ask(f"-- {line}")
        self.shown()
        done = self.curl(line)
        assert done.code == 0, done.stderr
        return done

    def refused(self, done: Done) -> str:
        """Return the reason word of a refusal."""
        assert (done.code, done.stdout) == (5, b""), done.stderr
        last = json.loads(done.stderr.splitlines()[-1])["error"]
        assert last["slug"] == "refused"
        return str(last["reason"])

    def reason(self, more: str = YES) -> str:
        """Return why a request is not approved; nothing is handed over, and the ledger says so."""
        (self.folder / "one.answer").unlink(missing_ok=True)
        word = self.refused(self.approve(f"{more} --json"))
        assert not (self.folder / "one.answer").exists()
        return word

    def unusable(self, line: str = PUT) -> str:
        """Return why an answer is not used."""
        before = len(self.lines("web"))
        word = self.refused(self.curl(line, "--json"))
        assert len(self.lines("web")) == before
        return word

    def lines(self, which: str) -> "list[Line]":
        return Places(str(self.folder / which)).ledger.lines()

    def last(self, which: str) -> Line:
        return {name: one for name, one in self.lines(which)[-1].items() if name not in ("n", "at", "prev")}

    def craft(
        self,
        message: "bytes | None" = None,
        *,
        pem: bytes = WEB_PEM,
        keep: bool = False,
        namespace: str = APPROVAL,
        **changes: Any,
    ) -> Approval:
        """Write a request as a requester could that is not authkit; keep it as our own if asked to."""
        at: datetime = changes.pop("at", clock.now())
        members: dict[str, Any] = {
            "id": "00112233445566778899aabbccddeeff",
            "requester": "web-1",
            "issuer": AIR,
            "access_key_id": "AKIDEXAMPLE",
            "scheme": "AWS4-HMAC-SHA256",
            "scope": f"{at:%Y%m%d}/us-east-1/s3/aws4_request",
            "at": at,
            "expires": at + timedelta(seconds=900),
        }
        lines = Approval(**{**members, **changes})
        text = approval.format_request(lines, plain(at) if message is None else message)
        signed = sign_text(key_of(pem), namespace, text)
        (self.folder / "one.request").write_bytes(signed)
        if keep:
            places = Places(str(self.folder / "web"))
            event = {"event": "created", "kind": "approval-request", "id": lines.id}
            with places.ledger.locked():
                places.ledger.append([{**event, "request": sha256(text).hexdigest()}], clock.now())
            files.write_secret(places.request(lines.id), signed, replace=True)
        return lines

    def answer(self, lines: Approval, pem: bytes = AIR_PEM, request: "str | None" = None) -> None:
        """Write an answer to the request that was carried last."""
        text = (self.folder / "one.request").read_bytes().partition(BEGIN)[0]
        found = approval.format_answer(lines, request or sha256(text).hexdigest(), "0f" * 32)
        (self.folder / "one.answer").write_bytes(sign_text(key_of(pem), APPROVAL, found))


def plain(at: datetime, method: bytes = b"GET", more: bytes = b"") -> bytes:
    """Return a message that asks for nothing special."""
    empty = sha256(b"").hexdigest().encode()
    return (
        method
        + b" /bkt HTTP/1.1\r\nHost: s3.example.com\r\n"
        + more
        + b"X-Amz-Date: "
        + f"{at:%Y%m%dT%H%M%SZ}".encode()
        + b"\r\nX-Amz-Content-Sha256: "
        + empty
        + b"\r\n\r\n"
    )


@pytest.fixture
def two(tmp_path: Path) -> Ceremony:
    return Ceremony(tmp_path)


def error(done: Done) -> tuple[str, int]:
    assert done.stdout == b""
    return done.stderr.decode().rpartition("authkit: error: ")[2], done.code


# asking


def test_a_request_is_kept_and_handed_over(two: Ceremony) -> None:
    done = two.ask(f"--expires 600 -- {PUT}")
    data = (two.folder / "one.request").read_bytes()
    assert (two.folder / "one.request").stat().st_mode & 0o777 == 0o600
    text = data.partition(BEGIN)[0]
    lines, message = approval.parse_request(text, "r")
    assert Path(Places(str(two.folder / "web")).request(lines.id)).read_bytes() == data
    assert (lines.requester, lines.issuer, lines.access_key_id) == ("web-1", AIR, "AKIDEXAMPLE")
    assert (lines.expires - lines.at).total_seconds() == 600
    assert lines.scope == f"{lines.at:%Y%m%d}/us-east-1/s3/aws4_request"
    assert message.startswith(b"PUT /bkt/key HTTP/1.1\r\nHost: s3.example.com\r\nX-Amz-Acl: private\r\n")
    assert message.endswith(b"\r\nContent-Length: 5\r\n\r\nhello")
    assert two.last("web") == {
        "event": "created",
        "kind": "approval-request",
        "id": lines.id,
        "request": sha256(text).hexdigest(),
        "issuer": AIR,
        "access_key_id": "AKIDEXAMPLE",
        "scheme": "AWS4-HMAC-SHA256",
        "scope": lines.scope,
    }
    assert done.stderr.decode() == (
        "authkit: note: asks vault to sign PUT https://s3.example.com/bkt/key\n"
        f"authkit: note: the answer can be used until {clock.format_instant(lines.expires)}\n"
        f"authkit: note: words: {fingerprint_words('approval', text, 8)}\n"
    )
    verified = two.run("verify-ledger --store web")
    assert verified.code == 0, verified.stderr


def test_a_request_on_standard_output(two: Ceremony) -> None:
    done = two.run(f"{ASK} https://s3.example.com/bkt")
    assert done.code == 0
    assert done.stdout.startswith(b"authkit-approval/v1\nid: ")
    assert done.stdout.endswith(b"-----END SSH SIGNATURE-----\n")


def test_a_request_as_json(two: Ceremony) -> None:
    done = two.run(f"{ASK} --json -o one.request --at {clock.format_instant(clock.now())} https://s3.example.com/bkt")
    text = (two.folder / "one.request").read_bytes().partition(BEGIN)[0]
    lines = approval.parse_request(text, "r")[0]
    assert json.loads(done.stdout) == {
        "schema": "authkit.signature-request/v1",
        "id": lines.id,
        "sha256": sha256(text).hexdigest(),
        "issuer": AIR,
        "words": fingerprint_words("approval", text, 8),
        "scope": lines.scope,
        "at": clock.format_instant(lines.at),
        "expires": clock.format_instant(lines.expires),
    }


def test_where_a_scope_comes_from(two: Ceremony) -> None:
    short = "request-signature --store web --access-key-id AKIDEXAMPLE -o one.request --force"
    for words, scope in (
        ("https://bkt.s3.eu-west-1.amazonaws.com/", "/eu-west-1/s3/aws4_request"),
        ("--region us-west-2 https://bkt.s3.eu-west-1.amazonaws.com/", "/us-west-2/s3/aws4_request"),
        ("--scheme goog4 https://bkt.storage.googleapis.com/", "/auto/storage/goog4_request"),
    ):
        done = two.run(f"{short} {words}")
        assert done.code == 0, done.stderr
        text = (two.folder / "one.request").read_bytes().partition(BEGIN)[0]
        assert approval.parse_request(text, "r")[0].scope.endswith(scope)


def test_several_issuers(two: Ceremony) -> None:
    places = Places(str(two.folder / "web"))
    files.write_secret(places.issuer("other"), peers.encode_issuer(peers.Issuer("other", line_of(OTHER_PEM))))
    done = two.run(f"{ASK} https://s3.example.com/")
    assert error(done) == (
        "several issuers are trusted here\nauthkit: hint: say which with --issuer: other, vault\n",
        2,
    )
    assert b"asks vault" in two.ask("--issuer vault https://s3.example.com/").stderr
    assert b"asks other" in two.ask("--issuer other https://s3.example.com/").stderr


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        ("", "the INPUT is missing\nauthkit: hint: give a file, '-', a URL, or -- curl …\n", 2),
        ("--json https://h/", NEEDS_FILE.format("request"), 2),
        ("--json -o - https://h/", NEEDS_FILE.format("request"), 2),
        ("--access-key-id a/b https://h/", "--access-key-id holds a character that an access key ID cannot hold\n", 2),
        (
            "--expires 901 https://h/",
            "--expires 901 is not 1 to 900 seconds, for a signature in headers\n"
            "authkit: hint: --placement query makes a URL that lives longer\n",
            2,
        ),
        (
            "--at 2026-01-01T00:00:00Z https://h/",
            "a signature of 2026-01-01T00:00:00Z is over already\nauthkit: hint: leave out --at\n",
            2,
        ),
        (
            "--scheme rfc9421 https://h/",
            "requests of the scheme rfc9421 are not signed one at a time\n"
            "authkit: hint: it is for sigv4, goog4, osc4, tc3, volc, tos4, oss4, sls4, jdcloud3, jdcloud2\n",
            2,
        ),
        ("--scheme tc3 https://h/", "--region: a scope of tc3 has no region\nauthkit: hint: leave it out\n", 2),
        ("answer.http", "INPUT is a response, and only a request is signed by itself\n", 2),
        (
            "--placement query -- curl --data x https://h/",
            "the signature would not cover the body\nauthkit: hint: sign it in headers: leave out --placement query\n",
            5,
        ),
        ("-o pass https://h/", "pass exists\nauthkit: hint: --force replaces it\n", 5),
        ("--issuer none https://h/", "no issuer named none\nauthkit: hint: known are vault\n", 4),
        ("missing.http", "no such file: missing.http\n", 3),
    ],
)
def test_what_cannot_be_asked_for(two: Ceremony, words: str, message: str, code: int) -> None:
    (two.folder / "answer.http").write_bytes(b"HTTP/1.1 200 OK\r\n\r\n")
    before = len(two.lines("web"))
    assert error(two.run(f"{ASK} {words}")) == (message, code)
    assert len(two.lines("web")) == before


def test_nobody_to_ask(two: Ceremony) -> None:
    done = two.run("request-signature --store web https://h/")
    assert error(done) == (
        "whose signature to ask for was not said\nauthkit: hint: add --access-key-id ID\n",
        2,
    )
    Path(Places(str(two.folder / "web")).issuer(ISSUER)).unlink()
    done = two.run(f"{ASK} https://h/")
    assert error(done) == (
        "no issuer is trusted here\nauthkit: hint: 'authkit trust-issuer CARD' enrols one\n",
        4,
    )


def test_a_body_in_a_file_of_its_own(two: Ceremony) -> None:
    (two.folder / "head").write_bytes(b"PUT /k HTTP/1.1\nHost: s3.example.com\n\n")
    (two.folder / "body").write_bytes(b"a body\n")
    two.ask("--body body head")
    assert "            | a body\n" in two.shown()
    two.ask("--by-digest --body body head")
    assert "NOT SHOWN" in two.shown()
    real = _io.read
    with mock.patch.object(_io, "read", side_effect=lambda path, what: real(path, what) + b"more" * (path == "body")):
        done = two.run(f"{ASK} --body body head")
    assert done.code == 3
    assert b"the body body changed while it was read" in done.stderr


# looking and approving


def test_all_that_is_signed_is_shown(two: Ceremony) -> None:
    url = "'https://s3.example.com/bkt/a%20b?versionId=%2F%C3%A9&acl&x=1+2'"
    two.ask(f"-- curl -X PUT -A me -H 'X-Amz-Acl: private' -H 'Content-Type: a/b' --data-raw 'one\ntwo ' {url}")
    text = (two.folder / "one.request").read_bytes().partition(BEGIN)[0]
    lines, _ = approval.parse_request(text, "r")
    words = fingerprint_words("approval", text, 8).split()
    digest = sha256(b"one\ntwo ").hexdigest()
    shown = two.shown()
    for row in (
        f"request:    {lines.id}\n",
        f"words:      {' '.join(words[:4])}",
        "requester:  web-1, SHA256:",
        "access key: AKIDEXAMPLE, AWS4-HMAC-SHA256\n",
        f"scope:      {lines.scope}\n",
        f"signed at:  {clock.format_instant(lines.at)}\n",
        f"good until: {clock.format_instant(lines.expires)}\n",
        "METHOD:     | PUT\nHOST:       | s3.example.com\nPATH:       | /bkt/a%20b\n  decoded:  | /bkt/a b\n",
        "QUERY:      | versionId = /é\nQUERY:      | acl\nQUERY:      | x = 1+2\n"
        "  as sent:  | versionId=%2F%C3%A9&acl&x=1+2\n",
        "not signed: | User-Agent: me\n",
        "HEADER:     | X-Amz-Acl: private\nHEADER:     | Content-Type: a/b\nHEADER:     | X-Amz-Date: ",
        f"BODY:       8 octets, SHA-256\n            {digest}\n            | one\n            | two\\x20\n",
        "NOT SIGNED: headers that are not shown, which whoever sends it may add; and\n            http or https\n",
    ):
        assert row in shown, shown
    assert "WARNING" not in shown
    assert shown.endswith(f"note: web-1 can send this one request until {clock.format_instant(lines.expires)}\n")


def test_nothing_foreign_speaks_to_the_terminal(two: Ceremony) -> None:
    at = clock.now()
    body = b"\x1b[2Jhi\\x1b\r\nWARNING: none\xff\xe2\x80\xae\n\n" + b" " * 60 + b"x" * 120
    message = plain(at, b"POST", b"X-A: \xc3\xa9\xe2\x80\x8b|\r\n").replace(
        sha256(b"").hexdigest().encode(), sha256(body).hexdigest().encode()
    )
    message = message.replace(b"\r\n\r\n", f"\r\nContent-Length: {len(body)}\r\n\r\n".encode()) + body
    two.craft(message, at=at)
    shown = two.shown()
    assert "HEADER:     | X-A: é\\u200b|\n" in shown
    assert "            | \\x1b[2Jhi\\\\x1b\\x0d\n            | WARNING: none\\udcff\\u202e\n            |\n" in shown
    assert "            | " + " " * 58 + "\\x20\n            |  " + "x" * 58 + "\n" in shown
    assert shown.count("x" * 10) >= 2
    assert not any(char < " " and char != "\n" for char in shown)


def test_a_body_that_did_not_come_is_announced(two: Ceremony) -> None:
    two.ask(f"--by-digest -- {PUT}")
    shown = two.shown()
    digest = sha256(b"hello").hexdigest()
    assert f"BODY:       NOT SHOWN: only its digest came, SHA-256\n            {digest}\n" in shown
    assert (
        "WARNING:    you approve a body that you do not see: compare its SHA-256 with\n            one you trust\n"
        in shown
    )
    assert "hello" not in shown
    assert two.last("air")["shown"] is False


def test_a_url_does_not_sign_its_body(two: Ceremony) -> None:
    two.ask("--placement query --expires 604800 'https://s3.example.com/bkt?a=b'")
    shown = two.shown()
    assert "BODY:       NOT SIGNED: any body can be sent with this\n" in shown
    assert "WARNING:    the body is not signed\n" in shown
    assert "QUERY:      | X-Amz-Expires = 604800\n" in shown
    assert two.last("air")["body"] == "unsigned"


def test_warnings(two: Ceremony) -> None:
    accept(Places(str(two.folder / "air")), policy(scopes=("us-east-1/iam", "us-east-1/sqs"), services=("iam",)))
    later = clock.format_instant(clock.now() + timedelta(minutes=10))
    ask = "request-signature --store web --access-key-id AKIDEXAMPLE -o one.request --force --region us-east-1"
    ask = f"{ask} --at {later}"
    assert two.run(f"{ask} --service iam 'https://iam.amazonaws.com/?Action=CreateUser'").code == 0
    shown = two.shown()
    harmful = "WARNING: iam hands out credentials: what this request makes may be as wide as the access key"
    assert harmful in " ".join(shown.split())
    assert "WARNING:    the request is dated in the future" in shown
    (two.folder / "dots").write_bytes(b"GET /a/../b%zz HTTP/1.1\nHost: h\n\n".replace(b"%zz", b""))
    assert two.run(f"{ask} --service sqs dots").code == 0
    assert "WARNING:    the service rewrites this path before it checks the signature" in two.shown()


def test_a_percent_sign_that_decodes_to_nothing(two: Ceremony) -> None:
    at = clock.now()
    for target in (b"/bkt?a=%zz ", b"/bkt?%zz=a ", b"/b%zzkt ", b"/bkt% ", b"/bkt?a=%a "):
        two.craft(plain(at).replace(b"/bkt ", target), at=at)
        assert two.reason() == "message-malformed"


def test_the_ledger_says_what_was_approved(two: Ceremony) -> None:
    two.whole()
    text = (two.folder / "one.request").read_bytes().partition(BEGIN)[0]
    lines, _ = approval.parse_request(text, "r")
    assert two.last("air") == {
        "event": "approved",
        "kind": "signature",
        "requester": "web-1",
        "request": sha256(text).hexdigest(),
        "id": lines.id,
        "access_key_id": "AKIDEXAMPLE",
        "scheme": "AWS4-HMAC-SHA256",
        "scope": lines.scope,
        "method": "PUT",
        "host": "s3.example.com",
        "path": "/bkt/key",
        "body": sha256(b"hello").hexdigest(),
        "shown": True,
        "expires": clock.format_instant(lines.expires),
        "policy": peers.policy_sha256(policy().text),
    }
    answer = (two.folder / "one.answer").read_bytes()
    signature = approval.open_answer(answer, [peers.Issuer("vault", line_of(AIR_PEM))], "a").signature
    for which in ("air", "web"):
        ledger = (two.folder / which / "ceremony" / "ledger.jsonl").read_text()
        assert signature not in ledger
        assert two.run(f"verify-ledger --store {which}").code == 0
    shown = two.run("show-ledger --store air").stdout.decode()
    assert "signature for web-1: PUT s3.example.com/bkt/key" in shown


def test_an_approval_as_json(two: Ceremony) -> None:
    two.ask()
    done = two.approve(f"{YES} --json")
    lines, _ = approval.parse_request((two.folder / "one.request").read_bytes().partition(BEGIN)[0], "r")
    assert json.loads(done.stdout) == {
        "schema": "authkit.approved-signature/v1",
        "requester": "web-1",
        "id": lines.id,
        "request": two.last("air")["request"],
        "scope": lines.scope,
        "expires": clock.format_instant(lines.expires),
    }
    done = two.run("approve-signature one.request --store air --json")
    assert error(done) == (NEEDS_FILE.format("answer"), 2)


def test_approved_at_a_terminal(two: Ceremony) -> None:
    two.ask()
    today = f"{clock.now():%Y-%m-%d}"
    steps = [
        ("type today's UTC date:", f"{today}\n"),
        ("to sign this request, type the requester's name:", "web-1\n"),
    ]
    done = two.approve("", terminal=Terminal(steps))
    assert done.code == 0, done.stderr
    assert "METHOD:     | PUT" in done.terminal
    assert b"METHOD" not in done.stderr
    assert two.curl().code == 0


@pytest.mark.parametrize(
    ("date", "name", "word"), [("2020-01-01", "web-1", "clock-not-confirmed"), (None, "y", "not-confirmed")]
)
def test_typing_anything_else_signs_nothing(two: Ceremony, date: "str | None", name: str, word: str) -> None:
    two.ask()
    today = date or f"{clock.now():%Y-%m-%d}"
    steps = [("UTC date:", f"{today}\n"), ("requester's name:", f"{name}\n")]
    done = two.approve("--json", terminal=Terminal(steps))
    assert two.refused(done) == word
    assert not (two.folder / "one.answer").exists()
    recorded = two.last("air")
    if word == "not-confirmed":
        assert (recorded["event"], recorded["requester"], recorded["reason"]) == ("refused", "web-1", word)
    else:
        assert recorded["event"] == "policy"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ("--confirm-date {today} --confirm web-2", "not-confirmed"),
        ("--confirm-date {today} --confirm y", "not-confirmed"),
        ("--confirm-date 2020-01-01 --confirm web-1", "clock-not-confirmed"),
    ],
)
def test_confirming_anything_else_signs_nothing(two: Ceremony, more: str, word: str) -> None:
    two.ask()
    assert two.reason(more) == word


def test_without_a_terminal_both_must_be_given(two: Ceremony) -> None:
    two.ask()
    assert two.approve("--confirm web-1").code == 2
    assert two.approve("--confirm-date {today}").code == 2
    assert not (two.folder / "one.answer").exists()


def test_a_request_is_signed_once_and_handed_over_again(two: Ceremony) -> None:
    two.ask()
    done = two.approve(f"{YES} --again")
    assert error(done) == ("one.request was not approved before\nauthkit: hint: leave out --again\n", 4)
    two.shown()
    first = (two.folder / "one.answer").read_bytes()
    count = len(two.lines("air"))
    assert two.reason() == "already-approved"
    assert two.last("air")["reason"] == "already-approved"
    done = two.approve(f"{YES} --again")
    assert done.code == 0, done.stderr
    assert (two.folder / "one.answer").read_bytes() == first
    assert len(two.lines("air")) == count + 1


# what is refused on the air-gapped side


def hours(count: int) -> datetime:
    return clock.now() + timedelta(hours=count)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"requester": "web-2"}, "requester-mismatch"),
        ({"issuer": fingerprint_of(line_of(OTHER_PEM))}, "issuer-mismatch"),
        ({"scope": "20200101/us-east-1/s3/aws4_request"}, "scope-day"),
        ({"access_key_id": "AKIDEXAMPLF"}, "policy-access-key"),
        ({"expires": "past"}, "expires-mismatch"),
        ({"expires": "long"}, "expires-mismatch"),
        ({"at": "yesterday"}, "expired"),
        ({"at": "ahead"}, "policy-ahead"),
        ({"region": "eu-west-1"}, "policy-scope"),
        ({"region": "us-east-1", "service": "iam"}, "policy-scope"),
    ],
)
def test_lines_that_are_refused(two: Ceremony, changes: "dict[str, Any]", word: str) -> None:
    changes = dict(changes)
    moves = {"yesterday": hours(-24), "ahead": hours(24 * 12)}
    changes["at"] = moves.get(changes.get("at", ""), clock.now())
    ends = {"past": changes["at"] - timedelta(seconds=1), "long": changes["at"] + timedelta(seconds=901)}
    if "expires" in changes:
        changes["expires"] = ends[changes["expires"]]
    if "region" in changes:
        region, service = changes.pop("region"), changes.pop("service", "s3")
        changes["scope"] = f"{changes['at']:%Y%m%d}/{region}/{service}/aws4_request"
    two.craft(**changes)
    assert two.reason() == word
    assert (two.last("air")["event"], two.last("air")["reason"]) == ("refused", word)


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"levels": ("service",)}, "policy-level"),
        ({"scopes": ("us-east-1/iam",), "services": ()}, "policy-service"),
        ({"scopes": ("us-east-1/sqs",)}, "policy-scope"),
        ({"access_key_ids": ("AKOTHER",)}, "policy-access-key"),
    ],
)
def test_what_the_policy_does_not_allow(two: Ceremony, members: Any, word: str) -> None:
    accept(Places(str(two.folder / "air")), policy(**members))
    at = clock.now()
    service = "iam" if word == "policy-service" else "s3"
    two.craft(at=at, scope=f"{at:%Y%m%d}/us-east-1/{service}/aws4_request")
    assert two.reason() == word


def test_a_policy_that_was_edited(two: Ceremony) -> None:
    two.ask()
    path = Path(Places(str(two.folder / "air")).requester("web-1"))
    path.write_bytes(policy(max_days=8).text)
    assert two.reason() == "policy-changed"


def test_a_clock_that_cannot_be_right(two: Ceremony) -> None:
    two.ask()
    places = Places(str(two.folder / "air"))
    with places.ledger.locked():
        places.ledger.append([{"event": "policy", "requester": "other"}], clock.now() + timedelta(hours=1))
    assert two.reason() == "clock-backwards"
    assert two.last("air")["event"] == "policy"


@pytest.mark.parametrize(
    ("pem", "namespace", "word"),
    [(OTHER_PEM, APPROVAL, "unknown-signer"), (AIR_PEM, APPROVAL, "unknown-signer"), (WEB_PEM, REQUEST, "namespace")],
)
def test_requests_of_others(two: Ceremony, pem: bytes, namespace: str, word: str) -> None:
    two.craft(pem=pem, namespace=namespace)
    count = len(two.lines("air"))
    assert two.reason() == word
    assert len(two.lines("air")) == count


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (b"GET /bkt", b"POST /bkt", None),
        (b"X-Amz-Date: ", b"X-Amz-Dato: ", "message-mismatch"),
        (b"X-Amz-Content-Sha256: e3", b"X-Amz-Content-Sha256: e4", "message-malformed"),
        (b"Host: ", b"Hosts: ", "message-malformed"),
        (b"\r\n\r\n", b"\r\n\r\nbody", "message-malformed"),
        (b"\r\n\r\n", b"\r\nContent-Digest: x\r\n\r\n", "message-malformed"),
        (b"GET /bkt HTTP/1.1\r\n", b"AWS4-HMAC-SHA256\r\n", "message-malformed"),
        (b"GET /bkt", b"GET /bkt?X-Amz-Expires=900", "message-mismatch"),
    ],
)
def test_messages_that_are_refused(two: Ceremony, old: bytes, new: bytes, word: "str | None") -> None:
    at = clock.now()
    message = plain(at)
    assert old in message
    two.craft(message.replace(old, new, 1), at=at)
    if word is None:
        assert "METHOD:     | POST\n" in two.shown()
    else:
        assert two.reason() == word


def test_a_digest_that_is_not_the_body_s(two: Ceremony) -> None:
    at = clock.now()
    digest = b"Content-Digest: sha-256=:" + b"A" * 43 + b"=:\r\n"
    body = plain(at, more=digest).replace(b"\r\n\r\n", b"\r\nContent-Length: 4\r\n\r\nbody")
    two.craft(body, at=at)
    assert two.reason() == "body-mismatch"
    two.craft(plain(at, more=digest), at=at)  # by digest, and the header of the hash says another
    assert two.reason() == "message-malformed"


def test_a_string_to_sign_is_never_signed(two: Ceremony) -> None:
    at = clock.now()
    text = f"AWS4-HMAC-SHA256\n{at:%Y%m%dT%H%M%SZ}\n{at:%Y%m%d}/us-east-1/s3/aws4_request\n{'ab' * 32}".encode()
    canonical = b"GET\n/\n\nhost:h\n\nhost\n" + b"ab" * 32
    for message in (text, canonical, b"ab" * 32, b""):
        two.craft(message, at=at)
        assert two.reason() == "message-malformed"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scheme": "AWS5"}, "one.request: requests of the scheme 'AWS5' are not signed one at a time\n"),
        ({"scheme": "GOOG4-HMAC-SHA256"}, "one.request: scope: ends with 'aws4_request' instead of 'goog4_request'\n"),
        ({"id": "00"}, "one.request: id is not 32 lower-case hexadecimal digits\n"),
    ],
)
def test_lines_that_cannot_be(two: Ceremony, changes: "dict[str, Any]", message: str) -> None:
    two.craft(**changes)
    assert error(two.approve()) == (message, 3)


def test_any_byte_of_a_carried_request(two: Ceremony) -> None:
    two.ask()
    data = (two.folder / "one.request").read_bytes()
    for place in range(0, len(data), 97):
        (two.folder / "one.request").write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert two.reason() in REASONS


def test_a_key_of_a_session_signs_nothing(two: Ceremony) -> None:
    session = AccessKey("AKIDEXAMPLE", Secret(SECRET.encode()), session_token=Secret(b"tok"), expires_at=hours(1))
    (two.folder / "session.key").write_bytes(encode_access_key(session))
    (two.folder / "session.key").chmod(0o600)
    two.ask()
    done = two.approve(f"{YES} --key file:session.key")
    assert done.code == 5
    assert b"error: the key is of a session, whose token no answer carries\n" in done.stderr
    (two.folder / "plain.key").write_bytes(encode_access_key(AccessKey("AKIDEXAMPLE", Secret(SECRET.encode()))))
    (two.folder / "plain.key").chmod(0o600)
    assert two.approve(f"{YES} --key file:plain.key").code == 0


def test_a_request_that_runs_out_while_it_is_looked_at(two: Ceremony) -> None:
    two.ask()
    real = approval.judge_time
    calls: list[int] = []

    def judge(*values: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise Untrusted("expired", "one.request")
        real(*values)

    with mock.patch.object(approval, "judge_time", judge):
        assert two.reason() == "expired"
    assert two.last("air")["event"] == "policy"


# using the answer


def test_an_answer_is_used_once(two: Ceremony) -> None:
    done = two.whole()
    line = done.stdout.decode()
    assert line.startswith("curl -q --path-as-is -g -X PUT -H 'X-Amz-Acl: private' -H 'Content-Type: ")
    assert "-H 'Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/" in line
    assert line.endswith("--data-raw hello https://s3.example.com/bkt/key\n")
    answer = (two.folder / "one.answer").read_bytes()
    found = approval.open_answer(answer, [peers.Issuer("vault", line_of(AIR_PEM))], "a")
    assert f"Signature={found.signature}'" in line
    assert two.last("web") == {
        "event": "imported",
        "kind": "signature",
        "issuer": "vault",
        "key": AIR,
        "id": found.approval.id,
        "request": found.request,
        "response": sha256(answer).hexdigest(),
    }
    done = two.curl()
    text, code = error(done)
    assert code == 5
    assert text.startswith("one.answer: it answers a request that was answered before (request-used: at ")
    assert text.endswith("authkit: hint: a signature is used once: ask for another\n")
    assert two.unusable() == "request-used"


def test_the_signature_is_the_one_of_sign_curl(two: Ceremony) -> None:
    line = two.whole().stdout
    lines, _ = approval.parse_request((two.folder / "one.request").read_bytes().partition(BEGIN)[0], "r")
    (two.folder / "plain.key").write_bytes(encode_access_key(AccessKey("AKIDEXAMPLE", Secret(SECRET.encode()))))
    (two.folder / "plain.key").chmod(0o600)
    at = clock.format_instant(lines.at)
    own = two.run(f"sign curl --key file:plain.key --at {at} --region us-east-1 --service s3 -- {PUT}")
    assert own.stdout == line


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (PUT.replace("-X PUT", "-X POST"), "its method is PUT"),
        (PUT.replace("/key", "/kez"), "its path or query is another"),
        (PUT + "?x", "its path or query is another"),
        (PUT.replace("s3.example", "s4.example"), "its header host is another"),
        (PUT.replace("private", "public-read"), "its header x-amz-acl is another"),
        (PUT.replace("-H 'X-Amz-Acl: private'", ""), "its header x-amz-acl is another"),
        (PUT + " -H 'X-Amz-Tagging: a'", "it has no header x-amz-tagging"),
        (PUT.replace("hello", "hallo"), "its body is another"),
        (PUT.replace("--data-raw hello", ""), "its header content-type is another"),
    ],
)
def test_any_other_request(two: Ceremony, line: str, detail: str) -> None:
    two.ask()
    two.shown()
    assert two.unusable(line) == "request-mismatch"
    text, code = error(two.curl(line))
    assert code == 5
    assert text == f"one.answer: it answers another request than this one (request-mismatch: {detail})\n"
    assert two.curl().code == 0  # the right one is still possible


def test_any_byte_of_an_answer(two: Ceremony) -> None:
    two.ask()
    two.shown()
    data = (two.folder / "one.answer").read_bytes()
    for place in range(0, len(data), 61):
        (two.folder / "one.answer").write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert two.unusable() in REASONS
    (two.folder / "one.answer").write_bytes(data.replace(b"\n", b"\r\n"))
    assert two.curl().code == 0


def test_an_answer_by_somebody_else(two: Ceremony) -> None:
    lines = two.craft(keep=True)
    two.answer(lines, pem=OTHER_PEM)
    get = "curl https://s3.example.com/bkt"
    assert two.unusable(get) == "unknown-signer"
    two.answer(lines, pem=WEB_PEM)
    assert two.unusable(get) == "unknown-signer"
    trust = Places(str(two.folder / "web"))
    files.write_secret(trust.issuer("other"), peers.encode_issuer(peers.Issuer("other", line_of(OTHER_PEM))))
    two.answer(lines, pem=OTHER_PEM)
    assert two.unusable(get) == "issuer-mismatch"
    two.answer(lines)
    assert two.curl(get).code == 0


def test_an_answer_to_another_request(two: Ceremony) -> None:
    lines = two.craft(keep=True)
    get = "curl https://s3.example.com/bkt"
    two.answer(lines, request="ab" * 32)
    assert two.unusable(get) == "unknown-request"
    for name, value in (
        ("id", "ff" * 16),
        ("requester", "web-2"),
        ("access_key_id", "AKOTHER"),
        ("scope", lines.scope.replace("s3", "sqs")),
        ("at", lines.at + timedelta(seconds=1)),
        ("expires", lines.expires + timedelta(days=1)),
    ):
        other = Approval(**{one: getattr(lines, one) for one in Approval.__slots__} | {name: value})
        two.answer(other)
        assert two.unusable(get) == "request-mismatch", name
    text, _ = error(two.curl(get))
    assert "(request-mismatch: its lines are not those of the request)" in text


def test_an_answer_whose_time_is_over(two: Ceremony) -> None:
    at = hours(-1)
    lines = two.craft(keep=True, at=at)
    two.answer(lines)
    assert two.unusable("curl https://s3.example.com/bkt") == "expired"


def test_a_request_that_is_kept_no_more(two: Ceremony) -> None:
    lines = two.craft(keep=True)
    two.answer(lines)
    path = Path(Places(str(two.folder / "web")).request(lines.id))
    data = path.read_bytes()
    get = "curl https://s3.example.com/bkt"
    path.write_bytes(data.replace(b"/bkt", b"/bku", 1))
    hint = "authkit: hint: ask for the signature again\n"
    assert error(two.curl(get)) == (f"the request {lines.id} is not the one that was made\n{hint}", 6)
    path.unlink()
    assert error(two.curl(get)) == (f"the request {lines.id} is not kept any more\n{hint}", 6)


def test_two_that_use_one_answer_at_once(two: Ceremony) -> None:
    """The second one meets the line of the first under the lock."""
    two.ask()
    two.shown()
    from authkit.commands import _signature_given

    real = _signature_given.Use.enter

    def enter(self: Any, given: Any) -> None:
        real(self, given)
        real(self, given)

    with mock.patch.object(_signature_given.Use, "enter", enter):
        assert two.refused(two.curl(more="--json")) == "request-used"
    assert two.last("web")["event"] == "imported"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("--key file:x", "--key has no place beside --signature"),
        ("--scheme goog4", "--scheme has no place beside --signature"),
        ("--at 2026-11-24T09:00:00Z", "--at has no place beside --signature"),
        ("--region us-east-1", "--region has no place beside --signature"),
        ("--placement query", "--placement has no place beside --signature"),
        ("--sign-header accept", "--sign-header has no place beside --signature"),
        ("--payload unsigned", "--payload has no place beside --signature"),
    ],
)
def test_options_that_say_how_to_sign(two: Ceremony, more: str, message: str) -> None:
    two.ask()
    two.shown()
    assert error(two.curl(more=more)) == (f"{message}\nauthkit: hint: leave it out\n", 2)


def test_no_issuer_to_believe(two: Ceremony) -> None:
    two.ask()
    two.shown()
    Path(Places(str(two.folder / "web")).issuer(ISSUER)).unlink()
    assert error(two.curl()) == (
        "no issuer is trusted here\nauthkit: hint: 'authkit trust-issuer CARD' enrols one\n",
        4,
    )


def test_json_and_explain(two: Ceremony) -> None:
    two.ask()
    two.shown()
    done = two.curl(more="--json --explain")
    found = json.loads(done.stdout)
    assert (found["schema"], found["access_key_id"], found["scheme"]) == ("authkit.signed/v1", "AKIDEXAMPLE", "sigv4")
    assert found["stages"]["signature"] in found["command"]
    assert b"string-to-sign" in done.stderr
    assert found["stages"]["signature"].encode() not in done.stderr


def test_an_answer_on_standard_input(two: Ceremony) -> None:
    two.ask()
    two.shown()
    answer = (two.folder / "one.answer").read_bytes()
    done = two.run(f"sign curl --store web --signature - -- {PUT}", stdin=answer)
    assert done.code == 0, done.stderr
    done = two.run(f"sign curl --store web --signature - -- {PUT}", stdin=b"no answer\n")
    assert error(done) == ("standard input: it is not signed (not-signed)\n", 5)


def test_run_starts_curl_with_the_signature(two: Ceremony, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: "list[Any]" = []
    monkeypatch.setattr("authkit.hand_over.curl.run_curl", lambda plan, signed, **more: sent.append(signed) or 0)
    two.ask()
    two.shown()
    done = two.curl(more="--run")
    assert (done.code, done.stdout) == (0, b""), done.stderr
    assert sent[0].headers[-1][0] == "Authorization"


def test_a_url_over_http_is_not_printed_lightly(two: Ceremony) -> None:
    url = "http://s3.example.com/bkt"
    two.ask(f"--placement query {url}")
    two.shown()
    text, code = error(two.curl(f"curl {url}"))
    assert (code, text.partition("\n")[0]) == (5, "a presigned URL would travel where others can read it (http)")
    done = two.curl(f"curl {url}", "--insecure-ok")
    assert done.code == 0, done.stderr
    assert b"&X-Amz-Signature=" in done.stdout


def test_sign_url(two: Ceremony) -> None:
    url = "'https://s3.example.com/bkt?a=b'"
    two.ask(f"--placement query --expires 3600 {url}")
    two.shown()
    done = two.run(f"sign url --store web --signature one.answer -X POST {url}")
    assert error(done)[1] == 5
    done = two.run(f"sign url --store web --signature one.answer {url}")
    assert done.code == 0, done.stderr
    assert done.stdout.startswith(b"https://s3.example.com/bkt?a=b&X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    assert b"&X-Amz-Expires=3600&" in done.stdout
    assert two.last("web")["kind"] == "signature"
    two.ask(url)
    two.shown()
    done = two.run(f"sign url --store web --signature one.answer {url}")
    hint = "authkit: hint: use sign curl or sign http\n"
    assert error(done) == (f"the signature that was approved goes into headers\n{hint}", 2)
    assert two.curl(f"curl {url}").code == 0


def test_sign_http(two: Ceremony) -> None:
    (two.folder / "draft").write_bytes(b"PUT /k HTTP/1.1\nHost: s3.example.com\n\nbody")
    (two.folder / "answer.http").write_bytes(b"HTTP/1.1 200 OK\r\n\r\n")
    two.ask("draft")
    two.shown()
    done = two.run("sign http --store web --signature one.answer answer.http")
    assert error(done) == ("INPUT is a response, and what was approved is a request\n", 2)
    done = two.run("sign http --store web --signature one.answer draft")
    assert done.code == 0, done.stderr
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    assert body == b"body"
    assert head.startswith(b"PUT /k HTTP/1.1\r\nHost: s3.example.com\r\nX-Amz-Date: ")
    assert head.endswith(b"\r\nContent-Length: 4")
    assert b"\r\nAuthorization: AWS4-HMAC-SHA256 " in head
    assert two.run("sign http --store web --signature one.answer draft").code == 5


@pytest.mark.parametrize("name", ["request-signature", "approve-signature"])
def test_nothing_of_the_master_is_left_behind(two: Ceremony, name: str) -> None:
    done = two.whole()
    for path in two.folder.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path
    assert SECRET.encode() not in done.stdout + done.stderr


def test_the_issuer_of_a_changed_key_still_answers_old_requests_never(two: Ceremony) -> None:
    """A request names the key that is to answer it; the next key refuses it by name."""
    two.ask()
    with mock.patch("authkit.commands._approved.issuer_of") as issuer:
        issuer.return_value = mock.Mock(fingerprint="SHA256:next", key=key_of(OTHER_PEM))
        assert two.reason() == "issuer-mismatch"
