"""Is an event stream refused, with its reason, wherever it is not the one that was signed?"""

from binascii import crc32
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO

import pytest

from authkit.clock import UTC
from authkit.errors import InputError, Rejected
from authkit.schemes.events import (
    MAX_HEADERS,
    MAX_MESSAGE,
    OVERHEAD,
    Counter,
    EventChain,
    EventReader,
    Messages,
    encode_date,
    encode_event,
    encode_events,
)
from authkit.secret import MacKey

AT = datetime(2026, 1, 15, 12, 0, 0, tzinfo=UTC)
SCOPE = "20260115/us-east-1/transcribe/aws4_request"
KEY = MacKey(b"k" * 32)
SKEW = timedelta(seconds=300)


def message(payload: bytes, headers: bytes = b"") -> bytes:
    """An event-stream message as a client writes it, not signed yet."""
    head = (16 + len(headers) + len(payload)).to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    head += crc32(head).to_bytes(4, "big")
    whole = head + headers + payload
    return whole + crc32(whole).to_bytes(4, "big")


INNER = [message(b"one", b"\x05:type\x07\x00\x01x"), message(b""), message(bytes(70000))]
STREAM = b"".join(INNER)


def chain() -> EventChain:
    return EventChain(SCOPE, "5eed")


def signed(at: datetime = AT) -> bytes:
    return b"".join(encode_events(BytesIO(STREAM), chain(), KEY, at))


class Reading:
    def __init__(self, key: MacKey = KEY, started: datetime = AT, until: datetime = AT) -> None:
        self.got: list[bytes] = []
        self.reader = EventReader(chain(), key, started, until, SKEW, self.got.append)

    def feed(self, data: bytes, step: int = 1 << 20) -> list[bytes]:
        for place in range(0, len(data), step):
            self.reader.update(memoryview(data)[place : place + step])
        self.reader.finish()
        return self.got


@pytest.mark.parametrize("at, milliseconds", [
    (datetime(1970, 1, 1, tzinfo=UTC), "0000000000000000"),
    (datetime(2026, 1, 15, 12, 0, 0, 123999, tzinfo=UTC), "0000019bc186de7b"),
    (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), "fffffffffffffc18"),
])  # fmt: skip
def test_date(at: datetime, milliseconds: str) -> None:
    assert encode_date(at) == b"\x05:date\x08" + bytes.fromhex(milliseconds)


def test_text() -> None:
    text = chain().text(AT, b"payload").decode()
    dated, digest = sha256(encode_date(AT)).hexdigest(), sha256(b"payload").hexdigest()
    assert text == f"AWS4-HMAC-SHA256-PAYLOAD\n20260115T120000Z\n{SCOPE}\n5eed\n{dated}\n{digest}"


def test_envelope() -> None:
    one = chain()
    envelope = encode_event(one, KEY, AT, b"payload")
    signature = KEY.mac(chain().text(AT, b"payload"))
    headers = encode_date(AT) + b"\x10:chunk-signature\x06\x00\x20" + signature
    assert envelope == message(b"payload", headers)
    assert len(envelope) == OVERHEAD + 7
    assert one.previous == signature.hex()


@pytest.mark.parametrize("step", [1, 11, 12, 13, 83, 1 << 20])
def test_stream_comes_out(step: int) -> None:
    assert Reading().feed(signed(), step) == INNER


def test_empty_stream() -> None:
    data = b"".join(encode_events(BytesIO(b""), chain(), KEY, AT))
    assert len(data) == OVERHEAD
    assert Reading().feed(data) == []


def test_a_reader_that_only_checks() -> None:
    reader = EventReader(chain(), KEY, AT, AT, SKEW)
    reader.update(signed())
    reader.finish()


def test_headers_in_the_other_order() -> None:
    """Both are known by name; the order is nobody's promise."""
    envelope = encode_event(chain(), KEY, AT, b"")
    dated, signature = envelope[12:27], envelope[27:-4]
    assert Reading().feed(message(b"", signature + dated)) == []


@pytest.mark.parametrize("seconds", [-300, 0, 300 + 100])
def test_dates_that_are_accepted(seconds: int) -> None:
    """From the skew before the request to the skew after now, inclusive."""
    assert Reading(until=AT + timedelta(seconds=100)).feed(signed(AT + timedelta(seconds=seconds))) == INNER


@pytest.mark.parametrize("seconds", [-301, 300 + 101])
def test_dates_that_are_refused(seconds: int) -> None:
    with pytest.raises(Rejected) as caught:
        Reading(until=AT + timedelta(seconds=100)).feed(signed(AT + timedelta(seconds=seconds)))
    then = AT + timedelta(seconds=seconds)
    assert (caught.value.reason, caught.value.detail) == ("event-date", f"event 1 is dated {then:%Y%m%dT%H%M%SZ}")


def test_dates_that_go_back() -> None:
    one = chain()
    data = encode_event(one, KEY, AT, INNER[0]) + encode_event(one, KEY, AT - timedelta(milliseconds=1), b"")
    with pytest.raises(Rejected) as caught:
        Reading().feed(data)
    assert (caught.value.reason, caught.value.detail) == ("event-date", "event 2 is dated 20260115T115959Z")


def test_date_of_no_year() -> None:
    envelope = encode_event(chain(), KEY, AT, b"")
    with pytest.raises(Rejected) as caught:
        Reading().feed(message(b"", envelope[12:19] + b"\x7f" + bytes(7) + envelope[27:-4]))
    assert (caught.value.reason, caught.value.detail) == ("event-date", "event 1 is dated in no year that there is")


def again(data: bytes) -> bytes:
    """Right checksums around what was changed."""
    whole = data[:-4]
    return whole + crc32(whole).to_bytes(4, "big")


FIRST = OVERHEAD + len(INNER[0])
Change = Callable[[bytes], bytes]
CASES: "list[tuple[str, Change, str, str]]" = [
    ("payload", lambda d: again(d[: FIRST - 10] + b"X" + d[FIRST - 9 : FIRST]) + d[FIRST:], "event-signature",
     "event 1"),
    ("signature", lambda d: again(d[:50] + bytes([d[50] ^ 1]) + d[51:FIRST]) + d[FIRST:], "event-signature", "event 1"),
    ("date", lambda d: again(d[:26] + bytes([d[26] ^ 1]) + d[27:FIRST]) + d[FIRST:], "event-signature", "event 1"),
    ("left out", lambda d: d[FIRST:], "event-signature", "event 1"),
    ("twice", lambda d: d[:FIRST] + d, "event-signature", "event 2"),
    ("not signed", lambda d: STREAM, "event-syntax", "event 1 has other headers than :date and :chunk-signature"),
    ("more headers", lambda d: message(b"", d[12:79] + b"\x01x\x00"), "event-syntax", "event 1 has other headers than"),
    ("two dates", lambda d: message(b"", d[12:27] + d[12:27] + bytes(37)), "event-syntax", "event 1 has other headers"),
    ("no date", lambda d: message(b"", bytes(15) + d[27:79]), "event-syntax", "event 1 has other headers than"),
    ("checksum of the start", lambda d: b"\x01" + d[1:], "event-syntax", "the checksum of a message's first 8 octets"),
    ("checksum", lambda d: d[: FIRST - 1] + bytes([d[FIRST - 1] ^ 1]) + d[FIRST:], "event-syntax", "of message 1"),
    ("cut", lambda d: d[:-1], "event-syntax", "the last, empty event is missing"),
    ("without its end", lambda d: d[:-OVERHEAD], "event-syntax", "the last, empty event is missing"),
    ("nothing", lambda d: b"", "event-syntax", "the last, empty event is missing"),
    ("more behind its end", lambda d: d + d[:FIRST], "event-syntax", "event 5 follows the last, empty one"),
    ("a piece behind its end", lambda d: d + d[:5], "event-syntax", "the last, empty event is missing"),
]  # fmt: skip


@pytest.mark.parametrize("step", [1, 1 << 20])
@pytest.mark.parametrize("what, change, reason, detail", CASES, ids=[row[0] for row in CASES])
def test_refused(what: str, change: Change, reason: str, detail: str, step: int) -> None:
    reading = Reading()
    with pytest.raises(Rejected) as caught:
        reading.feed(change(signed()), step)
    assert caught.value.reason == reason
    assert detail in caught.value.detail
    assert reading.got == INNER[: len(reading.got)]


def test_another_key() -> None:
    with pytest.raises(Rejected) as caught:
        Reading(MacKey(b"K" * 32)).feed(signed())
    assert caught.value.reason == "event-signature"


def prelude(total: int, headers: int) -> bytes:
    head = total.to_bytes(4, "big") + headers.to_bytes(4, "big")
    return head + crc32(head).to_bytes(4, "big")


@pytest.mark.parametrize("total, headers", [(16, 0), (MAX_MESSAGE, MAX_HEADERS), (16 + 5, 5)])
def test_sizes_that_may_be(total: int, headers: int) -> None:
    assert list(Messages().feed(prelude(total, headers))) == []


@pytest.mark.parametrize(
    "total, headers", [(15, 0), (0, 0), (MAX_MESSAGE + 1, 0), (MAX_MESSAGE, MAX_HEADERS + 1), (20, 5)]
)
def test_sizes_that_may_not_be(total: int, headers: int) -> None:
    """A length is believed only in bounds, so that nothing large is waited for."""
    with pytest.raises(Rejected) as caught:
        list(Messages().feed(prelude(total, headers)))
    assert caught.value.detail == f"a message of {total} octets with {headers} octets of headers"


# ------------------------------------------------------------------------------------------------- before it is signed


@pytest.mark.parametrize("step", [1, 1 << 20])
def test_counter(step: int) -> None:
    counter = Counter()
    for place in range(0, len(STREAM), step):
        counter.update(STREAM[place : place + step])
    assert (counter.messages, counter.length) == (3, len(STREAM))
    assert counter.encoded_length() == len(signed())


def test_counter_of_half_a_message() -> None:
    counter = Counter()
    counter.update(STREAM[:-1])
    with pytest.raises(InputError) as caught:
        counter.encoded_length()
    assert caught.value.message == "the last message of the event stream is not whole"


def test_what_is_no_event_stream_is_not_signed() -> None:
    expected = "the body is no event stream: the checksum of a message's first 8 octets"
    with pytest.raises(InputError) as caught:
        Counter().update(b"hello, world")
    assert caught.value.message == expected
    with pytest.raises(InputError) as caught:
        list(encode_events(BytesIO(b"hello, world"), chain(), KEY, AT))
    assert caught.value.message == expected
    with pytest.raises(InputError) as caught:
        list(encode_events(BytesIO(STREAM[:-1]), chain(), KEY, AT))
    assert caught.value.message == "the last message of the event stream is not whole"
