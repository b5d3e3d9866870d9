"""How is each message of an event stream signed, and is it the one that was signed?"""

from binascii import crc32
from datetime import datetime, timedelta
from hashlib import sha256

from authkit.clock import UTC, format_compact
from authkit.errors import InputError, Rejected
from authkit.schemes.chunks import Chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from authkit.messages.payload import Reader
    from authkit.schemes.chunks import Checker, Signer

WORD = "STREAMING-AWS4-HMAC-SHA256-EVENTS"
MAX_MESSAGE = 24 * 1024 * 1024
MAX_HEADERS = 128 * 1024
LABEL = "AWS4-HMAC-SHA256"
_PRELUDE = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# the header ':date', of type 8 (milliseconds in 8 octets), and ':chunk-signature', of type 6 (octets, here 32)
_DATE = b"\x05:date\x08"
_SIGNATURE = b"\x10:chunk-signature\x06\x00\x20"
# octets that an envelope adds to what it carries
OVERHEAD = _PRELUDE + len(_DATE) + 8 + len(_SIGNATURE) + 32 + 4


def encode_date(at: datetime) -> bytes:
    """Return the header ':date' as it is encoded and signed.

    Args:
        at: aware UTC; microseconds are cut to milliseconds.
    """
    return _DATE + ((at - _EPOCH) // timedelta(milliseconds=1)).to_bytes(8, "big", signed=True)


class EventChain:
    """Signatures of events, each of which covers the one before it.

    Args:
        scope: the credential scope.
        seed: signature of the request's head, hex.

    Source:
        Amazon Transcribe Developer Guide, "Event stream encoding" and the signing of its events. Deviations: none.
        Vectors: vendor-vectors.json event*.
    """

    __slots__ = ("previous", "_scope")

    def __init__(self, scope: str, seed: str) -> None:
        self.previous = seed
        self._scope = scope

    def text(self, at: datetime, payload: "bytes | memoryview") -> bytes:
        """Return the string to sign of the next event, dated *at* and carrying *payload*."""
        chain = Chain(LABEL, format_compact(at), self._scope, self.previous)
        return chain.chunk_text(sha256(payload).hexdigest(), sha256(encode_date(at)).hexdigest())

    def sign(self, key: "Signer", at: datetime, payload: "bytes | memoryview") -> bytes:
        """Return the signature of the next event, 32 bytes, and go on from it."""
        signature = key.mac(self.text(at, payload))
        self.previous = signature.hex()
        return signature

    def agrees(self, key: "Checker", at: datetime, payload: "bytes | memoryview", signature: bytes) -> bool:
        """Say whether *signature* is that of the next event; if so, go on from it."""
        if not key.agrees(self.text(at, payload), signature.hex()):
            return False
        self.previous = signature.hex()
        return True


def encode_event(chain: EventChain, key: "Signer", at: datetime, payload: "bytes | memoryview") -> bytes:
    """Return the envelope of one event.

    Args:
        chain: goes on by one.
        key: what signed the request's head.
        at: the event's own instant.
        payload: the encoded message that it carries; empty for the last one.
    """
    headers = encode_date(at) + _SIGNATURE + chain.sign(key, at, payload)
    head = (OVERHEAD + len(payload)).to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    head += crc32(head).to_bytes(4, "big")
    whole = b"".join((head, headers, payload))
    return whole + crc32(whole).to_bytes(4, "big")


class Messages:
    """Cuts event-stream messages out of what goes by; each is checked by its own CRCs and whole.

    Attributes:
        count: how many came out.
    """

    __slots__ = ("count", "_held", "_need")

    def __init__(self) -> None:
        self.count = 0
        self._held = bytearray()
        self._need = _PRELUDE

    @property
    def between(self) -> bool:
        """Whether the last message is whole."""
        return not self._held

    def feed(self, data: "bytes | memoryview") -> "Iterator[bytes]":
        """Yield each message that is whole with *data*.

        Raises:
            Rejected: event-syntax.
        """
        view = memoryview(data)
        while view:
            count = self._need - len(self._held)
            self._held += view[:count]
            view = view[count:]
            if len(self._held) < self._need:
                return
            if self._need == _PRELUDE:
                self._need = _length(self._held)
                continue
            whole, self._held, self._need = bytes(self._held), bytearray(), _PRELUDE
            if crc32(whole[:-4]) != int.from_bytes(whole[-4:], "big"):
                raise Rejected("event-syntax", f"the checksum of message {self.count + 1}")
            self.count += 1
            yield whole


def _length(prelude: "bytes | bytearray") -> int:
    """Return how long the message is that begins with *prelude*."""
    total, headers = int.from_bytes(prelude[:4], "big"), int.from_bytes(prelude[4:8], "big")
    if crc32(prelude[:8]) != int.from_bytes(prelude[8:12], "big"):
        raise Rejected("event-syntax", "the checksum of a message's first 8 octets")
    if total > MAX_MESSAGE or headers > MAX_HEADERS or total < _PRELUDE + headers + 4:
        raise Rejected("event-syntax", f"a message of {total} octets with {headers} octets of headers")
    return total


class Counter:
    """A watcher that counts the messages of an event stream before they are signed.

    Attributes:
        messages: how many.
        length: octets of all of them.
    """

    __slots__ = ("length", "_cut")

    def __init__(self) -> None:
        self.length = 0
        self._cut = Messages()

    @property
    def messages(self) -> int:
        """How many went by."""
        return self._cut.count

    def update(self, data: "bytes | memoryview", /) -> None:
        """Take the next bytes.

        Raises:
            InputError: if they are no event stream.
        """
        try:
            for _ in self._cut.feed(data):
                pass
        except Rejected as rejected:
            raise InputError(f"the body is no event stream: {rejected.detail}") from rejected
        self.length += len(data)

    def encoded_length(self) -> int:
        """Return how long the stream is once every message has its envelope, the last and empty one included.

        Raises:
            InputError: if the last message is not whole.
        """
        if not self._cut.between:
            raise InputError("the last message of the event stream is not whole")
        return self.length + (self.messages + 1) * OVERHEAD


def encode_events(reader: "Reader", chain: EventChain, key: "Signer", at: datetime) -> "Iterator[bytes]":
    """Yield each message of *reader* in its envelope, then an empty one.

    Raises:
        InputError: if it is no event stream.
    """
    cut, buffer = Messages(), memoryview(bytearray(65536))
    try:
        while count := reader.readinto(buffer):
            for message in cut.feed(buffer[:count]):
                yield encode_event(chain, key, at, message)
    except Rejected as rejected:
        raise InputError(f"the body is no event stream: {rejected.detail}") from rejected
    if not cut.between:
        raise InputError("the last message of the event stream is not whole")
    yield encode_event(chain, key, at, b"")


class EventReader:
    """Checks an event stream while it goes by; holds one message at a time, of 24 MiB at most.

    Args:
        chain: begins with the signature of the request's head, which is verified already.
        key: what verified that.
        started: instant of the request.
        skew: how far an event may be dated before it, or after *until*.
        until: the verifier's present instant.
        release: is given the payload of each event once its signature was verified; None for nobody.
    """

    __slots__ = ("_chain", "_key", "_last", "_until", "_release", "_cut", "_ended")

    def __init__(
        self,
        chain: EventChain,
        key: "Checker",
        started: datetime,
        until: datetime,
        skew: timedelta,
        release: "Callable[[bytes], object] | None" = None,
    ) -> None:
        self._chain = chain
        self._key = key
        self._last = started - skew
        self._until = until + skew
        self._release = release
        self._cut = Messages()
        self._ended = False

    def update(self, data: "bytes | memoryview", /) -> None:
        """Take the next bytes, any number.

        Raises:
            Rejected: event-syntax, event-date, event-signature; nothing may follow then.
        """
        for whole in self._cut.feed(data):
            self._take(whole)

    def finish(self) -> None:
        """Say that nothing more follows.

        Raises:
            Rejected: event-syntax if the stream does not end with its last, empty event.
        """
        if not (self._ended and self._cut.between):
            raise Rejected("event-syntax", "the last, empty event is missing")

    def _take(self, whole: bytes) -> None:
        number = self._cut.count
        if self._ended:
            raise Rejected("event-syntax", f"event {number} follows the last, empty one")
        date, signature, payload = _open(whole, number)
        try:
            at = _EPOCH + timedelta(milliseconds=date)
        except OverflowError as error:
            raise Rejected("event-date", f"event {number} is dated in no year that there is") from error
        if not self._last <= at <= self._until:
            raise Rejected("event-date", f"event {number} is dated {format_compact(at)}")
        if not self._chain.agrees(self._key, at, payload, signature):
            raise Rejected("event-signature", f"event {number}")
        self._last = at
        self._ended = not payload
        if self._release is not None and payload:
            self._release(bytes(payload))


def _open(whole: bytes, number: int) -> "tuple[int, bytes, memoryview]":
    """Return date (milliseconds), signature and payload of a signed envelope; these two headers in either order."""
    size = int.from_bytes(whole[4:8], "big")
    headers = whole[_PRELUDE : _PRELUDE + size]
    date, signature = len(_DATE) + 8, len(_SIGNATURE) + 32
    first = headers.startswith(_DATE)
    dated, signed = (headers[:date], headers[date:]) if first else (headers[signature:], headers[:signature])
    known = dated.startswith(_DATE) and signed.startswith(_SIGNATURE)
    if size != date + signature or not known:
        raise Rejected("event-syntax", f"event {number} has other headers than :date and :chunk-signature")
    payload = memoryview(whole)[_PRELUDE + size : -4]
    return int.from_bytes(dated[len(_DATE) :], "big", signed=True), signed[len(_SIGNATURE) :], payload
