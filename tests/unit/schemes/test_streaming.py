"""Are bodies that are signed piece by piece announced, verified and released as they must be?"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from authkit import open_chunks
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.scope import parse_scope
from authkit.keys.select import Credential, Key
from authkit.messages.draft import format_head
from authkit.messages.payload import STREAMED, Length, hash_bytes
from authkit.messages.request import Request, parse_request
from authkit.schemes.base import Signed, Verified
from authkit.schemes.claim import Claim
from authkit.schemes.policy import Policy, verify, watch
from authkit.schemes.sigv4 import Settings, sign, watch_for_signing
from authkit.schemes.streaming import WAYS, finish, prepare, receive
from authkit.schemes.streaming import watch_for_signing as watch_pieces
from samples import AT, CHAIN, ID, subkey
from unit.schemes.test_events import STREAM

HMAC, ECDSA = "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"
KEYS: "list[Key]" = [subkey()]
BODY = bytes(range(253)) * 80
STREAMS = ("streaming", "streaming-trailer", "unsigned-trailer")
SHA256 = "x-amz-content-sha256"


def request(*headers: tuple[str, str], length: "int | None" = 20240) -> Request:
    first = (("Host", "b.example"), ("Content-Type", "a/b"))
    return Request("PUT", "/key", first + headers, None, length)


def make(payload: str, made: "Request | None" = None, body: bytes = BODY, **settings: Any) -> Signed:
    held = subkey()
    credential = Credential(ID, parse_scope(str(held.scope), CHAIN), held.key, None)
    if made is None:
        made = request(length=len(body))
        if payload == "events":
            watched = watch_pieces(payload)
            made = made.with_body(hash_bytes(body, watched), len(body), watched)
    return sign(made, credential, Settings(payload=payload, **settings), AT)


def travelling(signed: Signed, body: bytes = BODY) -> bytes:
    assert signed.encode is not None
    return b"".join(map(bytes, signed.encode(BytesIO(body))))


def message(payload: str, body: bytes = BODY, **settings: Any) -> bytes:
    signed = make(payload, body=body, **settings)
    return format_head(signed.request) + travelling(signed, body)


def judge(data: bytes, at: datetime = AT, **policy: Any) -> Verified:
    """As the command line: the watcher is asked for with the head, and the body is read once."""
    wanted = Policy(**policy)
    read = parse_request(BytesIO(data), watch=lambda head, _: watch(head, KEYS, wanted, at))
    return verify(read, KEYS, wanted, at)


def reject(work: Callable[[], object]) -> Rejected:
    with pytest.raises(Rejected) as caught:
        work()
    return caught.value


# ----------------------------------------------------------------------------------------------------------- announcing


@pytest.mark.parametrize("payload, word, more", [
    ("streaming", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", []),
    ("streaming-trailer", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", [("X-Amz-Trailer", "x-amz-checksum-crc32")]),
    ("unsigned-trailer", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", [("X-Amz-Trailer", "x-amz-checksum-crc32")]),
])  # fmt: skip
def test_headers(payload: str, word: str, more: list[tuple[str, str]]) -> None:
    signed = make(payload)
    length = str(len(travelling(signed)))
    expected = [
        ("Content-Encoding", "aws-chunked"),
        ("X-Amz-Decoded-Content-Length", str(len(BODY))),
        *more,
        ("Content-Length", length),
        ("X-Amz-Date", "20261123T090000Z"),
        ("X-Amz-Content-Sha256", word),
    ]
    assert list(signed.added[:-1]) == expected
    assert list(signed.request.headers[2:-1]) == expected
    names = signed.stages["canonical-request"].split("\n")[-2].split(";")
    assert names == sorted(["host", "content-type", *[name.lower() for name, _ in expected]])
    assert signed.stages["canonical-request"].split("\n")[-1] == word


def test_headers_of_events() -> None:
    signed = make("events", body=STREAM)
    length = str(len(travelling(signed, STREAM)))
    assert signed.added[:-1] == (
        ("Content-Length", length),
        ("X-Amz-Date", "20261123T090000Z"),
        ("X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-EVENTS"),
    )


def test_headers_that_the_request_has_keep_their_place() -> None:
    made = request(("content-length", "99"), ("X-B", "b"), ("Content-Encoding", "gzip"), ("CONTENT-ENCODING", "br"))
    signed = make("streaming", made)
    length = str(len(travelling(signed)))
    assert signed.request.headers[2:5] == (
        ("content-length", length),
        ("X-B", "b"),
        ("Content-Encoding", "aws-chunked,gzip,br"),
    )
    assert signed.added[0] == ("X-Amz-Decoded-Content-Length", str(len(BODY)))
    assert [name for name, _ in signed.request.headers if name.lower() == "content-encoding"] == ["Content-Encoding"]


def test_events_leave_the_encoding_alone() -> None:
    counted = watch_pieces("events")
    made = request(("Content-Encoding", "application/vnd.amazon.eventstream"), ("Content-Length", "1"))
    made = made.with_body(hash_bytes(STREAM, counted), len(STREAM), counted)
    headers = make("events", made).request.headers
    assert headers[2] == ("Content-Encoding", "application/vnd.amazon.eventstream")
    assert headers[3] == ("Content-Length", str(len(travelling(make("events", made), STREAM))))


def test_chunk_size() -> None:
    assert travelling(make("streaming", chunk_size=8192)).count(b";chunk-signature=") == 4
    assert travelling(make("streaming")).count(b";chunk-signature=") == 2
    assert make("streaming", chunk_size=16 * 1024 * 1024).encode is not None
    for size in (8191, 16 * 1024 * 1024 + 1):
        with pytest.raises(UsageError) as caught:
            make("streaming", chunk_size=size)
        assert caught.value.message == f"--chunk-size {size} is not 8192 to 16777216"


def test_trailers() -> None:
    signed = make("streaming-trailer", trailers=("SHA256", "x-amz-checksum-crc32c", "Note: two  words "))
    assert ("X-Amz-Trailer", "x-amz-checksum-sha256,x-amz-checksum-crc32c,note") in signed.added
    assert b"\r\nnote:two  words\r\n" in travelling(signed)


@pytest.mark.parametrize("payload, settings, message, hint", [
    ("streaming", {"placement": "query"}, "--payload streaming is for a signature in the headers",
     "leave --placement out"),
    ("events", {"placement": "query"}, "--payload events is for a signature in the headers", "leave --placement out"),
    ("streaming", {"trailers": ("crc32",)}, "--trailer is for a payload with a trailer",
     "say --payload streaming-trailer"),
    ("streaming-trailer", {"trailers": ("md5",)}, "--trailer 'md5' is no checksum",
     "there are crc32, crc32c, crc64nvme, sha1, sha256, sha512"),
    ("unsigned-trailer", {"trailers": ("crc32", "CRC32")}, "--trailer names the same field twice", None),
    ("streaming-trailer", {"trailers": ("a b: c",)}, "--trailer 'a b: c' has a name that no trailer can have", None),
    ("streaming-trailer", {"trailers": (": c",)}, "--trailer ': c' has a name that no trailer can have", None),
    ("streaming-trailer", {"trailers": ("X-Amz-Trailer-Signature: 0",)},
     "--trailer 'X-Amz-Trailer-Signature: 0' has a name that no trailer can have", None),
    ("streaming-trailer", {"trailers": ("a: b\rc",)}, "--trailer 'a: b\\rc' holds a control character", None),
    ("events", {"trailers": ("crc32",)}, "--chunk-size and --trailer are for chunks, not for events", None),
    ("events", {"chunk_size": 8192}, "--chunk-size and --trailer are for chunks, not for events", None),
    ("hash", {"chunk_size": 8192}, "--chunk-size and --trailer are for --payload streaming", None),
    ("unsigned", {"trailers": ("crc32",)}, "--chunk-size and --trailer are for --payload streaming", None),
    ("streaming", {"payload_header": False},
     "--no-payload-header leaves no way to say that the body is unsigned, or signed piece by piece", None),
])  # fmt: skip
def test_options_that_do_not_fit(payload: str, settings: dict[str, Any], message: str, hint: "str | None") -> None:
    with pytest.raises(UsageError) as caught:
        make(payload, body=STREAM if payload == "events" else BODY, **settings)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize("payload, label", [("streaming", "TC3-HMAC-SHA256"), ("events", ECDSA)])
def test_schemes_that_sign_no_pieces(payload: str, label: str) -> None:
    with pytest.raises(UsageError) as caught:
        prepare(request(), payload, label, False)
    assert caught.value.message == f"--payload {payload} is for SigV4, and the key is for {label}"


def test_sigv4a_has_words_of_its_own() -> None:
    assert prepare(request(), "streaming", ECDSA, False).word == "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
    assert prepare(request(), "unsigned-trailer", ECDSA, False).word == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


@pytest.mark.parametrize("name", ["X-Amz-Decoded-Content-Length", "x-amz-trailer", "X-AMZ-Content-SHA256"])
def test_headers_that_signing_sets_are_refused(name: str) -> None:
    with pytest.raises(Refused) as caught:
        make("streaming", request((name, "1")))
    assert caught.value.message == f"the request already has the header {name.lower()}"
    assert caught.value.hint == "remove it: signing adds it"


def test_a_body_that_is_not_known() -> None:
    with pytest.raises(InputError) as caught:
        make("streaming", request(length=None))
    assert caught.value.message == "the body is not known, so its length cannot be announced"
    with pytest.raises(InputError) as caught:
        make("events", request())
    assert caught.value.message == "the events are not known, so their length cannot be announced"


def test_what_must_see_the_body_before_it_is_signed() -> None:
    assert (*STREAMS, "events") == WAYS
    for payload in (None, "hash", "unsigned"):
        assert watch_for_signing(payload) == watch_pieces(payload) == {}
    for payload in STREAMS:
        assert isinstance(watch_for_signing(payload)[STREAMED], Length)
    assert list(watch_for_signing("events")) == [STREAMED]


# ----------------------------------------------------------------------------------------------------------- verifying


@pytest.mark.parametrize("payload", STREAMS)
def test_what_was_signed_is_valid(payload: str) -> None:
    found = judge(message(payload), allow_unsigned_payload=True)
    trailer = () if payload == "streaming" else ("x-amz-checksum-crc32",)
    if payload == "unsigned-trailer":
        assert found.uncovered == ("body", *trailer)
        assert not set(found.covered) & {"body", *trailer}
    else:
        assert found.covered[-1 - len(trailer) :] == ("body", *trailer)
        assert found.uncovered == ()


def test_events_that_were_signed_are_valid() -> None:
    assert judge(message("events", STREAM)).covered[-1] == "body"


@pytest.mark.parametrize("payload, change, reason", [
    ("streaming", lambda d: d[:-500] + b"X" + d[-499:], "chunk-signature"),
    ("streaming-trailer", lambda d: d[:-10] + b"X" + d[-9:], "trailer-signature"),
    ("unsigned-trailer", lambda d: d[:-500] + b"X" + d[-499:], "checksum-mismatch"),
    ("events", lambda d: d[:-10] + b"X" + d[-9:], "event-syntax"),
])  # fmt: skip
def test_what_was_changed_is_refused(payload: str, change: Callable[[bytes], bytes], reason: str) -> None:
    data = message(payload, STREAM if payload == "events" else BODY)
    rejected = reject(lambda: judge(change(data), allow_unsigned_payload=True))
    assert rejected.reason == reason
    assert isinstance(rejected.claim, Claim)
    assert rejected.claim.access_key_id == ID


def unsigned_length(payload: str, body: bytes = BODY) -> tuple[bytes, bytes]:
    """Return head and body of a message whose Content-Length is not signed."""
    head, mark, rest = message(payload, body, no_sign_headers=("content-length",)).partition(b"\r\n\r\n")
    return head + mark, rest


@pytest.mark.parametrize("change, reason", [
    (lambda d: d[:-1], "chunk-syntax"),
    (lambda d: d[:-2], "chunk-syntax"),
    (lambda d: d[:9000], "chunk-syntax"),
    (lambda d: b"", "chunk-syntax"),
    (lambda d: d + b"x", "chunk-syntax"),
    (lambda d: d + d, "chunk-syntax"),
])  # fmt: skip
@pytest.mark.parametrize("payload", STREAMS)
def test_truncated_or_lengthened(payload: str, change: Callable[[bytes], bytes], reason: str) -> None:
    head, body = unsigned_length(payload)
    changed = change(body)
    head = head.replace(b"Content-Length: %d\r" % len(body), b"Content-Length: %d\r" % len(changed))
    assert reject(lambda: judge(head + changed, allow_unsigned_payload=True)).reason == reason


def test_unsigned_pieces_need_permission() -> None:
    """CVE-2025-31489, CVE-2026-40344: an unsigned trailer is no way around the signature of the body."""
    rejected = reject(lambda: judge(message("unsigned-trailer")))
    assert (rejected.reason, rejected.hint) == ("unsigned-payload", "--allow-unsigned-payload accepts it")
    changed = message("unsigned-trailer").replace(b"Signature=", b"Signature=0")
    assert reject(lambda: judge(changed, allow_unsigned_payload=True)).reason == "signature-format"


class Untouched(BytesIO):
    """A body that must not be read."""

    def readinto(self, buffer: object) -> int:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("changed, at, reason", [
    (lambda d: d.replace(b"PUT /key", b"PUT /kez"), AT, "signature-mismatch"),
    (lambda d: d, AT + timedelta(seconds=301), "expired"),
    (lambda d: d.replace(b"b.example", b"c.example"), AT, "signature-mismatch"),
    (lambda d: d.replace(ID.encode(), b"AKOTHER"), AT, "unknown-access-key"),
    (lambda d: d.replace(b"Length: 20240", b"Length: 20241"), AT, "signature-mismatch"),
])  # fmt: skip
def test_the_head_is_judged_before_the_body_is_read(
    changed: Callable[[bytes], bytes], at: datetime, reason: str
) -> None:
    head = changed(message("streaming").partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    made = parse_head(head)
    assert reject(lambda: open_chunks(made, Untouched(), KEYS, Policy(), at=at)).reason == reason


def parse_head(head: bytes) -> Request:
    lines = head.decode().split("\r\n")
    method, text, _ = lines[0].split(" ")
    pairs = [line.split(": ", 1) for line in lines[1:] if line]
    return Request(method, text, tuple((name, value) for name, value in pairs), None, None)


def test_one_watcher_stays_refused() -> None:
    """What is fed on after a refusal changes nothing, and the claim goes with every refusal."""
    head, body = unsigned_length("streaming")
    watcher: Any = watch(parse_head(head), KEYS, Policy(), AT)[STREAMED]
    first = reject(lambda: watcher.update(b"x" * 5000))
    assert reject(lambda: watcher.update(body)) is first
    assert reject(watcher.finish) is first
    assert isinstance(first.claim, Claim)
    watcher = watch(parse_head(head), KEYS, Policy(), AT)[STREAMED]
    late = reject(watcher.finish)
    assert late.detail == "the body ends where the line of a chunk is to come"
    assert reject(lambda: watcher.update(body)) is late


def test_a_body_that_nothing_checked() -> None:
    """verify() alone never takes a streamed body for verified."""
    head, body = unsigned_length("streaming")
    for seen in (hash_bytes(body), "0" * 64):
        made = parse_head(head).with_body(seen, len(body))
        rejected = reject(lambda one=made: verify(one, KEYS, Policy(body_unchecked=True), AT))  # type: ignore[misc]
        assert rejected.reason == "streaming-payload"
        assert rejected.hint == "use authkit.open_chunks"
    counted = parse_head(head).with_body(None, len(body), {STREAMED: Length()})
    assert reject(lambda: verify(counted, KEYS, Policy(), AT)).reason == "streaming-payload"


def test_a_body_that_is_not_known_is_not_verified() -> None:
    head, _ = unsigned_length("streaming")
    rejected = reject(lambda: verify(parse_head(head), KEYS, Policy(), AT))
    assert (rejected.reason, rejected.hint) == ("body-unavailable", "--body-unchecked accepts it")
    found = verify(parse_head(head), KEYS, Policy(body_unchecked=True), AT)
    assert found.uncovered == ("content-length", "body")
    assert not finish(parse_head(head), True)


@pytest.mark.parametrize("word, label, in_query, reason", [
    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", ECDSA, False, "streaming-payload"),
    ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", HMAC, False, "streaming-payload"),
    ("STREAMING-AWS4-HMAC-SHA256-EVENTS", ECDSA, False, "streaming-payload"),
    ("STREAMING-AWS4-HMAC-SHA256-EVENTS", HMAC, True, "streaming-payload"),
    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", HMAC, True, "streaming-payload"),
    ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", HMAC, True, "streaming-payload"),
    ("STREAMING-UNSIGNED-PAYLOAD", HMAC, False, "streaming-payload"),
    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", HMAC, False, "trailer-mismatch"),
    ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", HMAC, False, "unsigned-payload"),
])  # fmt: skip
def test_words_that_are_refused(word: str, label: str, in_query: bool, reason: str) -> None:
    made = request(("X-Amz-Decoded-Content-Length", "5"))
    rejected = reject(lambda: receive(made, word, label, in_query, False))
    assert rejected.reason == reason
    if reason == "streaming-payload":
        assert rejected.detail == repr(word)


@pytest.mark.parametrize("word", ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"])
def test_without_a_length_it_cannot_be_read(word: str) -> None:
    """Before the payload is found to be unsigned: the attack vectors name this reason."""
    rejected = reject(lambda: receive(request(), word, HMAC, False, False))
    assert (rejected.reason, rejected.detail) == ("streaming-payload", "there is no X-Amz-Decoded-Content-Length")


@pytest.mark.parametrize("name", ["X-Amz-Decoded-Content-Length", "X-Amz-Trailer"])
def test_what_announces_the_body_must_be_signed(name: str) -> None:
    data = message("streaming-trailer", no_sign_headers=(name,))
    assert reject(lambda: judge(data)).reason == "unsigned-x-amz-header"


# ----------------------------------------------------------------------------------------------------------- releasing


class Feeding(BytesIO):
    """A connection on which a few octets come at a time, and which knows how many were taken."""

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return super().readinto(buffer[:5000])


def opened(payload: str, body: bytes, **policy: Any) -> tuple[Any, Feeding]:
    head, rest = unsigned_length(payload, body)
    reader = Feeding(rest)
    return open_chunks(parse_head(head), reader, KEYS, Policy(**policy), at=AT), reader


@pytest.mark.parametrize("payload", STREAMS)
def test_open_chunks(payload: str) -> None:
    found, _ = opened(payload, BODY, allow_unsigned_payload=True)
    assert found.verified is None
    assert b"".join(found) == BODY
    assert isinstance(found.verified, Verified)
    assert ("body" in found.verified.covered) == (payload != "unsigned-trailer")


def test_open_events() -> None:
    found, _ = opened("events", STREAM)
    assert b"".join(found) == STREAM
    assert found.verified is not None


def gather(pieces: Iterable[bytes], into: list[bytes]) -> None:
    into.extend(pieces)


def test_nothing_comes_out_before_it_is_verified() -> None:
    """CVE-2021-21390: of a body changed in its third chunk only the first two come out, and never a verdict."""
    head, rest = unsigned_length("streaming", bytes(65536 * 3))
    changed = bytearray(rest)
    changed[-200] ^= 1
    found = open_chunks(parse_head(head), Feeding(bytes(changed)), KEYS, Policy(), at=AT)
    got: list[bytes] = []
    assert reject(lambda: gather(found, got)).reason == "chunk-signature"
    assert got == [bytes(65536)] * 2
    assert found.verified is None


def test_a_body_without_its_end_is_no_body() -> None:
    head, rest = unsigned_length("streaming", bytes(65536))
    found = open_chunks(parse_head(head), Feeding(rest[: 65536 + 120]), KEYS, Policy(), at=AT)
    got: list[bytes] = []
    assert reject(lambda: gather(found, got)).reason == "chunk-syntax"
    assert (got, found.verified) == ([bytes(65536)], None)


def test_pieces_come_as_they_are_read() -> None:
    found, reader = opened("streaming", bytes(65536 * 4))
    pieces = iter(found)
    for number in range(1, 5):
        assert next(pieces) == bytes(65536)
        assert reader.tell() < number * (65536 + 100) + 5000


def test_a_request_that_signs_its_body_as_a_whole() -> None:
    made = make("unsigned").request
    rejected = reject(lambda: open_chunks(made, Untouched(), KEYS, Policy(), at=AT))
    assert rejected.detail == "the request declares no body that is signed piece by piece"


def test_keys_and_policy_are_asked_for() -> None:
    made = parse_head(unsigned_length("streaming")[0])
    with pytest.raises(UsageError) as caught:
        open_chunks(made, Untouched(), [], Policy(), at=AT)
    assert caught.value.message == "there is no key to verify with"
    with pytest.raises(UsageError) as caught:
        open_chunks(made, Untouched(), KEYS, Policy(), at=AT.replace(tzinfo=None))
    assert caught.value.message == "the instant has no time zone"
