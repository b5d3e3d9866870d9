"""Are a request for one signature and its answer read exactly as FORMATS F10 has them?"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from authkit.ceremony import approval
from authkit.ceremony.approval import Approval
from authkit.ceremony.peers import Issuer
from authkit.clock import UTC
from authkit.errors import InputError, Untrusted
from authkit.keys import sshsig
from authkit.keys.sshsig import fingerprint_of, sign_text
from authkit.schemes.derived import AWS4, TC3
from ceremonies import AIR_PEM, OTHER_PEM, WEB_PEM, key_of, line_of, policy

AT = datetime(2026, 11, 24, 9, 0, 0, tzinfo=UTC)
UNTIL = AT + timedelta(seconds=900)
AIR = fingerprint_of(line_of(AIR_PEM))
MESSAGE = b"DELETE /bkt HTTP/1.1\r\nHost: s3.us-east-1.amazonaws.com\r\n\r\n"
HASH, SIGNATURE = "ab" * 32, "0f" * 32
LINES = f"""authkit-approval/v1
id: 0123456789abcdef0123456789abcdef
requester: web-1
issuer: {AIR}
access-key-id: AKIDEXAMPLE
scheme: AWS4-HMAC-SHA256
scope: 20261124/us-east-1/s3/aws4_request
at: 2026-11-24T09:00:00Z
expires: 2026-11-24T09:15:00Z
"""
TEXT = LINES.encode() + b"\n" + MESSAGE + b"\n"
ANSWER = f"{LINES}request: {HASH}\nsignature: {SIGNATURE}\n".encode()
ISSUERS = [Issuer("vault", line_of(AIR_PEM)), Issuer("older", line_of(OTHER_PEM))]


def made(**changes: Any) -> Approval:
    members: dict[str, Any] = {
        "id": "0123456789abcdef0123456789abcdef",
        "requester": "web-1",
        "issuer": AIR,
        "access_key_id": "AKIDEXAMPLE",
        "scheme": "AWS4-HMAC-SHA256",
        "scope": "20261124/us-east-1/s3/aws4_request",
        "at": AT,
        "expires": UNTIL,
    }
    return Approval(**{**members, **changes})


def reason(call: Any, *values: Any) -> str:
    with pytest.raises(Untrusted) as caught:
        call(*values)
    return caught.value.reason


def said(call: Any, *values: Any) -> str:
    with pytest.raises(InputError) as caught:
        call(*values)
    return caught.value.message


# the request


def test_a_request_is_written_and_read() -> None:
    assert approval.format_request(made(), MESSAGE) == TEXT
    found, message = approval.parse_request(TEXT, "r")
    assert (found.lines(), message) == (made().lines(), MESSAGE)
    assert (found.access_key_id, found.at, found.expires) == ("AKIDEXAMPLE", AT, UNTIL)


@pytest.mark.parametrize("body", [b"\n", b"\r\n", b"a\n\nb", b"", b"\x00\xff"])
def test_a_body_may_end_as_it_likes(body: bytes) -> None:
    text = approval.format_request(made(), MESSAGE + body)
    assert approval.parse_request(text, "r")[1] == MESSAGE + body


def test_a_request_has_a_limit() -> None:
    room = approval.MAX_BYTES - len(TEXT)
    whole = approval.format_request(made(), MESSAGE + b"x" * room)
    assert len(whole) == approval.MAX_BYTES == 61440
    assert approval.parse_request(whole, "r")[1].endswith(b"x")
    with pytest.raises(InputError) as caught:
        approval.format_request(made(), MESSAGE + b"x" * (room + 1))
    message, hint = "the request is 61,441 octets, more than 61,440", "carry its body --by-digest"
    assert (caught.value.message, caught.value.hint) == (message, hint)
    said_of = said(approval.parse_request, whole[:-1] + b"x\n", "r")
    assert said_of == "r: not a request for a signature: over 60 KiB, or without a message"


def test_a_body_with_a_signature_in_it_is_not_carried() -> None:
    with pytest.raises(InputError) as caught:
        approval.format_request(made(), MESSAGE + b"-----BEGIN SSH SIGNATURE-----")
    assert caught.value.message == "the body holds an OpenSSH signature, and would end where that begins"
    assert caught.value.hint == "add --by-digest"


LINE = "r: line {} is not '{}: …'"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("authkit-approval/v1", "authkit-approval/v2", "r: line 1 is not 'authkit-approval/v1'"),
        ("authkit-approval/v1", "authkit-request/v1", "r: line 1 is not 'authkit-approval/v1'"),
        ("id: 01", "ID: 01", LINE.format(2, "id")),
        ("id: 0123", "id: 012", "r: id is not 32 lower-case hexadecimal digits"),
        ("id: 0123", "id: 012G", "r: id is not 32 lower-case hexadecimal digits"),
        ("id: 0123456789abcdef", "id: 0123456789ABCDEF", "r: id is not 32 lower-case hexadecimal digits"),
        ("requester: web-1", "requester:  web-1", LINE.format(3, "requester")),
        ("requester: web-1", "requester: web-1 ", LINE.format(3, "requester")),
        ("requester: web-1", "requester: ", LINE.format(3, "requester")),
        ("requester: web-1", "requester:web-1", LINE.format(3, "requester")),
        ("requester: web-1", "requester: web\t1", LINE.format(3, "requester")),
        ("requester: web-1", "requester: web-1\r", LINE.format(3, "requester")),
        ("requester: web-1", "requester: wéb-1", "r: its lines hold a character that is not ASCII"),
        ("issuer: ", "issued: ", LINE.format(4, "issuer")),
        ("access-key-id: ", "access_key_id: ", LINE.format(5, "access-key-id")),
        ("scheme: ", "scope: ", LINE.format(6, "scheme")),
        ("scope: ", "scheme: ", LINE.format(7, "scope")),
        ("at: 2026-11-24T09:00:00Z", "at: 2026-11-24T09:00:00", "r: at is not an instant YYYY-MM-DDThh:mm:ssZ"),
        ("at: 2026-11-24T09:00:00Z", "at: 20261124T090000Z", "r: at is not an instant YYYY-MM-DDThh:mm:ssZ"),
        ("expires: 2026-11-24", "expires: 2026-11-31", "r: expires is not an instant YYYY-MM-DDThh:mm:ssZ"),
        ("id: ", "more: 1\nid: ", "r: 10 lines before the message, where there should be 9"),
        ("web-1\n", "web-1\n\n", "r: 3 lines before the message, where there should be 9"),
        ("scheme: AWS4-HMAC-SHA256\n", "", "r: 8 lines before the message, where there should be 9"),
    ],
)
def test_every_other_line_is_named(old: str, new: str, message: str) -> None:
    assert old in LINES
    assert said(approval.parse_request, TEXT.replace(old.encode(), new.encode(), 1), "r") == message


@pytest.mark.parametrize("text", [LINES.encode(), TEXT[:-2], LINES.encode() + b"\n", b""])
def test_a_request_without_a_message(text: bytes) -> None:
    message = "r: not a request for a signature: over 60 KiB, or without a message"
    assert said(approval.parse_request, text, "r") == message


def test_a_request_is_verified_before_it_is_looked_at() -> None:
    garbage = b"not even\xff a request\n"
    signed = sign_text(key_of(WEB_PEM), sshsig.APPROVAL, garbage)
    text, requester = approval.open_request(signed, [policy()], "r")
    assert (text, requester.name) == (garbage, "web-1")


@pytest.mark.parametrize(
    ("pem", "namespace", "word"),
    [
        (OTHER_PEM, sshsig.APPROVAL, "unknown-signer"),
        (AIR_PEM, sshsig.APPROVAL, "unknown-signer"),
        (WEB_PEM, sshsig.REQUEST, "namespace"),
        (WEB_PEM, sshsig.SUBKEYS, "namespace"),
    ],
)
def test_a_request_of_somebody_else_s(pem: bytes, namespace: str, word: str) -> None:
    requesters = [policy(), policy(name="mute", signing_key="")]
    assert reason(approval.open_request, sign_text(key_of(pem), namespace, TEXT), requesters, "r") == word


def test_any_byte_changed_is_refused() -> None:
    signed = sign_text(key_of(WEB_PEM), sshsig.APPROVAL, TEXT)
    words = set()
    for place in range(len(signed)):
        for bit in (0x01, 0x80):
            other = bytearray(signed)
            other[place] ^= bit
            words.add(reason(approval.open_request, bytes(other), [policy()], "r"))
    assert words == {"not-signed", "signature-malformed", "namespace", "unknown-signer", "signature-mismatch"}


def test_line_ends_of_a_request_are_not_repaired() -> None:
    """A message has CRLF and a body has what it has, so nobody could tell which were meant."""
    signed = sign_text(key_of(WEB_PEM), sshsig.APPROVAL, TEXT)
    assert reason(approval.open_request, signed.replace(b"\r\n", b"\n"), [policy()], "r") == "signature-mismatch"
    assert reason(approval.open_request, signed.replace(b"\n", b"\r\n"), [policy()], "r") == "not-signed"
    assert reason(approval.open_request, TEXT, [policy()], "r") == "not-signed"


# what its lines may say


def test_a_request_in_order_has_a_scope() -> None:
    scope = approval.judge(made(), policy(), AWS4.chain, AIR, AT, "r")
    assert (str(scope), scope.level) == ("20261124/us-east-1/s3/aws4_request", "signing")
    tc3 = made(scheme="TC3-HMAC-SHA256", scope="2026-11-24/cvm/tc3_request")
    assert approval.judge(tc3, policy(), TC3.chain, AIR, AT, "r").values == ("2026-11-24", "cvm", "tc3_request")


@pytest.mark.parametrize(
    ("changes", "word", "detail"),
    [
        ({"requester": "web-2"}, "requester-mismatch", "web-2, signed by web-1"),
        ({"issuer": "SHA256:no"}, "issuer-mismatch", f"SHA256:no, and we are {AIR}"),
        (
            {"scope": "20261123/us-east-1/s3/aws4_request"},
            "scope-day",
            "20261123, and it is signed at 2026-11-24T09:00:00Z",
        ),
        ({"at": AT + timedelta(hours=15), "expires": AT + timedelta(hours=15)}, "scope-day", ""),
        ({"expires": AT - timedelta(seconds=1)}, "expires-mismatch", "it expires before it is signed"),
    ],
)
def test_lines_that_contradict(changes: "dict[str, Any]", word: str, detail: str) -> None:
    with pytest.raises(Untrusted) as caught:
        approval.judge(made(**changes), policy(), AWS4.chain, AIR, AT, "r")
    assert caught.value.reason == word
    assert f"({word}: {detail}" in caught.value.message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"access_key_id": "AK/ID"}, "r: access-key-id holds a character that an access key ID cannot hold"),
        ({"scope": "20261124/us-east-1/s3"}, "r: scope: '20261124/us-east-1/s3' is not whole"),
        (
            {"scope": "20261124/us-east-1/s3/aws5_request"},
            "r: scope: ends with 'aws5_request' instead of 'aws4_request'",
        ),
        ({"scope": "20261131/us-east-1/s3/aws4_request"}, "r: scope: '20261131' is not a day"),
        ({"scope": "20261124/*/s3/aws4_request"}, None),
    ],
)
def test_lines_that_cannot_be(changes: "dict[str, Any]", message: "str | None") -> None:
    found = said(approval.judge, made(**changes), policy(), AWS4.chain, AIR, AT, "r")
    assert found == message if message else found.startswith("r: scope: region '*' ")


@pytest.mark.parametrize(("after", "ends"), [(-3600, False), (900, False), (901, True), (86_400, True)])
def test_the_last_second_counts(after: int, ends: bool) -> None:
    now = AT + timedelta(seconds=after)
    if not ends:
        approval.judge_time(made(), now, "r")
        assert approval.judge(made(), policy(), AWS4.chain, AIR, now, "r").part("service") == "s3"
        return
    for call in (
        lambda: approval.judge_time(made(), now, "r"),
        lambda: approval.judge(made(), policy(), AWS4.chain, AIR, now, "r"),
    ):
        with pytest.raises(Untrusted) as caught:
            call()
        assert caught.value.message == "r: its time is over (expired: at 2026-11-24T09:15:00Z)"
        assert caught.value.hint == "ask for the signature again"


# the answer


def answered(text: bytes = ANSWER, pem: bytes = AIR_PEM, namespace: str = sshsig.APPROVAL) -> bytes:
    return sign_text(key_of(pem), namespace, text)


def test_an_answer_is_written_and_read() -> None:
    assert approval.format_answer(made(), HASH, SIGNATURE) == ANSWER
    for data in (answered(), answered().replace(b"\n", b"\r\n")):
        found = approval.open_answer(data, ISSUERS, "a")
        assert found.approval.lines() == made().lines()
        assert (found.request, found.signature, found.issuer.name) == (HASH, SIGNATURE, "vault")
        assert SIGNATURE not in repr(found)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (answered(pem=WEB_PEM), "unknown-signer"),
        (answered(namespace=sshsig.ISSUER), "namespace"),
        (answered(namespace=sshsig.SUBKEYS), "namespace"),
        (answered(pem=OTHER_PEM), "issuer-mismatch"),
        (ANSWER, "not-signed"),
        (answered() + b"\n", "signature-malformed"),
        (answered() + answered(), "signature-malformed"),
        (answered()[:-1], "signature-malformed"),
        (answered().replace(b"0f0f", b"0f0e", 1), "signature-mismatch"),
    ],
)
def test_an_answer_of_somebody_else_s(data: bytes, word: str) -> None:
    assert reason(approval.open_answer, data, ISSUERS, "a") == word


def test_any_byte_of_an_answer_changed_is_refused() -> None:
    signed = answered()
    for place in range(len(signed)):
        for bit in (0x01, 0x20):
            other = bytearray(signed)
            other[place] ^= bit
            with pytest.raises(Untrusted):
                approval.open_answer(bytes(other), ISSUERS, "a")


def test_a_request_is_no_answer() -> None:
    """Both are of one namespace, so their forms must tell them apart, even under a key that is trusted for both."""
    assert reason(approval.open_answer, answered(TEXT), ISSUERS, "a") == "signature-mismatch"  # for its CRLF
    shorter = LINES.encode() + b"\nGET / HTTP/1.1\n\n"
    assert said(approval.open_answer, answered(shorter), ISSUERS, "a") == "a: 12 lines where there should be 11"
    assert said(approval.parse_request, ANSWER, "r").endswith("without a message")
    longer = ANSWER + b"\n\n"
    assert said(approval.parse_request, longer, "r") == "r: 11 lines before the message, where there should be 9"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("authkit-approval/v1", "authkit-request/v1", "a: line 1 is not 'authkit-approval/v1'"),
        ("id: 0", "id: G", "a: id is not 32 lower-case hexadecimal digits"),
        ("request: ", "Request: ", "a: line 10 is not 'request: …'"),
        ("signature: ", "signature:", "a: line 11 is not 'signature: …'"),
        (HASH, "none", "a: request or signature is not 64 lower-case hexadecimal digits"),
        (HASH, HASH[1:], "a: request is neither a SHA-256 in hexadecimal nor 'none'"),
        (SIGNATURE, SIGNATURE[1:], "a: request or signature is not 64 lower-case hexadecimal digits"),
        (SIGNATURE, SIGNATURE.upper(), "a: request or signature is not 64 lower-case hexadecimal digits"),
        ("at: 2026", "at: x026", "a: at is not an instant YYYY-MM-DDThh:mm:ssZ"),
        (f"request: {HASH}\n", "", "a: 10 lines where there should be 11"),
        ("request: ", "more: 1\nrequest: ", "a: 12 lines where there should be 11"),
        ("web-1", "wéb-1", "a: its lines hold a character that is not ASCII"),
    ],
)
def test_every_line_of_an_answer_is_judged(old: str, new: str, message: str) -> None:
    text = ANSWER.decode().replace(old, new, 1).encode()
    assert text != ANSWER
    assert said(approval.open_answer, answered(text), ISSUERS, "a") == message
