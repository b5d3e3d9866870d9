"""Which bodies are signed piece by piece, and how do signing and verifying go on once the head is signed?"""

from datetime import datetime, timedelta

from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.messages import fields
from authkit.messages.payload import STREAMED, Length
from authkit.messages.request import Request
from authkit.schemes import chunks, events
from authkit.schemes.checksums import PREFIX, SIZES
from authkit.schemes.chunk_reader import ChunkReader, read_declared, read_length
from authkit.schemes.chunks import Chain, Form, Plan
from authkit.schemes.events import EventChain, EventReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from authkit.messages.payload import Reader, Watcher
    from authkit.schemes.chunks import Checker, Signer

# values of --payload
EVENTS = "events"
WAYS = ("streaming", "streaming-trailer", "unsigned-trailer", EVENTS)
DEFAULT_TRAILERS = ("crc32",)


def watch_for_signing(payload: "str | None") -> "dict[str, Watcher]":
    """Return what must see a body that will be signed as --payload says."""
    if payload not in WAYS:
        return {}
    return {STREAMED: events.Counter() if payload == EVENTS else Length()}


class Sending:
    """A body that will be signed piece by piece.

    Attributes:
        request: with the headers that announce it.
        word: what X-Amz-Content-Sha256 says.
        added: those of the headers that the request did not have before, in order.
    """

    __slots__ = ("request", "word", "added", "_plan")

    def __init__(
        self, request: Request, word: str, added: "tuple[tuple[str, str], ...]", plan: "Plan | None" = None
    ) -> None:
        self.request = request
        self.word = word
        self.added = added
        self._plan = plan

    def encoder(
        self, key: "Signer", label: str, stamp: str, scope: str, seed: str, at: datetime
    ) -> "Callable[[Reader], Iterator[bytes | memoryview]]":
        """Return what writes the body: from a reader of it to pieces, each to be used before the next is asked for.

        Args:
            key: what signed the head.
            label, stamp, scope: the scheme's, as the head has them.
            seed: signature of the head, hex.
            at: instant of the head, which is that of every event too.
        """
        plan = self._plan
        if plan is None:
            return lambda reader: events.encode_events(reader, EventChain(scope, seed), key, at)
        return lambda reader: chunks.encode_chunks(reader, plan, Chain(label, stamp, scope, seed), key)


def prepare(
    request: Request,
    payload: str,
    label: str,
    in_query: bool,
    chunk_size: "int | None" = None,
    trailers: "tuple[str, ...]" = (),
) -> Sending:
    """Return *request* with the headers that announce a body signed piece by piece.

    Args:
        request: its content_length is that of the body itself; for events a Counter has watched it.
        payload: one of WAYS.
        label: the scheme's, e.g. AWS4-HMAC-SHA256.
        in_query: whether the signature will be in the query.
        chunk_size: octets, 8192–16777216; None for 65536.
        trailers: names of checksums to send behind the body, or 'Name: value'; () for crc32 where a trailer must be.

    Raises:
        UsageError: if the options do not fit the scheme, the place of the signature or each other.
        Refused: if the request has a header that signing sets.
        InputError: if the body is not known.

    Source:
        Amazon S3 API Reference, "Signature calculations: transferring payload in multiple chunks". Deviations: none.
    """
    if in_query:
        raise UsageError(f"--payload {payload} is for a signature in the headers", "leave --placement out")
    for name in (chunks.DECODED_LENGTH, chunks.TRAILER, "x-amz-content-sha256"):
        if request.values(name):
            raise Refused(f"the request already has the header {name}", "remove it: signing adds it")
    if payload == EVENTS:
        return _prepare_events(request, label, chunk_size, trailers)
    form = _form(payload, label)
    if form is None:
        raise UsageError(f"--payload {payload} is for SigV4, and the key is for {label}")
    if request.content_length is None:
        raise InputError("the body is not known, so its length cannot be announced", "give it with --body")
    size = chunks.DEFAULT_CHUNK if chunk_size is None else chunk_size
    if not chunks.MIN_CHUNK <= size <= chunks.MAX_CHUNK:
        raise UsageError(f"--chunk-size {size} is not {chunks.MIN_CHUNK} to {chunks.MAX_CHUNK}")
    if trailers and not form.trailer:
        raise UsageError("--trailer is for a payload with a trailer", "say --payload streaming-trailer")
    read = tuple([_trailer(text) for text in trailers or DEFAULT_TRAILERS]) if form.trailer else ()
    names = [name for name, _ in read]
    if len(set(names)) != len(names):
        raise UsageError("--trailer names the same field twice")
    plan = Plan(form, request.content_length, size, read)
    encodings = ",".join(["aws-chunked", *request.values("content-encoding")])
    announced = [
        ("Content-Encoding", encodings),
        ("X-Amz-Decoded-Content-Length", str(plan.length)),
        *([("X-Amz-Trailer", ",".join(names))] if names else []),
        ("Content-Length", str(plan.encoded_length)),
    ]
    return _announce(request, form.word, announced, plan)


def _form(payload: str, label: str) -> "Form | None":
    if payload == "unsigned-trailer":
        return chunks.form_of(chunks.UNSIGNED_TRAILER, label)
    return chunks.form_of(chunks.word_of(label, payload == "streaming-trailer"), label)


def _prepare_events(request: Request, label: str, chunk_size: "int | None", trailers: "tuple[str, ...]") -> Sending:
    if label != events.LABEL:
        raise UsageError(f"--payload {EVENTS} is for SigV4, and the key is for {label}")
    if chunk_size is not None or trailers:
        raise UsageError("--chunk-size and --trailer are for chunks, not for events")
    counter = request.watched.get(STREAMED)
    if not isinstance(counter, events.Counter):
        raise InputError("the events are not known, so their length cannot be announced", "give them with --body")
    announced = [("Content-Length", str(counter.encoded_length()))]
    return _announce(request, events.WORD, announced, None)


def _announce(request: Request, word: str, announced: "list[tuple[str, str]]", plan: "Plan | None") -> Sending:
    """Put the headers in the place of those that the request has, or behind them."""
    wanted = {name.lower(): (name, value) for name, value in announced}
    kept = []
    for name, value in request.headers:
        if name.lower() not in ("content-encoding", "content-length") or name.lower() not in wanted:
            kept.append((name, value))
        elif name.lower() in [known.lower() for known, _ in kept]:
            continue
        else:
            kept.append((name, wanted[name.lower()][1]))
    present = {name.lower() for name, _ in kept}
    added = tuple([pair for low, pair in wanted.items() if low not in present])
    return Sending(request.with_headers((*kept, *added)), word, added, plan)


def _trailer(text: str) -> "tuple[str, str | None]":
    """Return a trailer field as --trailer names it: a checksum, or 'Name: value'."""
    name, colon, value = text.partition(":")
    name, value = name.strip(" \t").lower(), fields.trim(value)
    if not colon:
        name = name if name.startswith(PREFIX) else PREFIX + name
        if name[len(PREFIX) :] not in SIZES:
            raise UsageError(f"--trailer {text[:64]!r} is no checksum", f"there are {', '.join(SIZES)}")
        return name, None
    fault = fields.value_fault(value)
    if fault or not fields.is_token(name) or name == chunks.TRAILER_SIGNATURE:
        raise UsageError(f"--trailer {text[:64]!r} {fault or 'has a name that no trailer can have'}")
    return name, value


class Receiving:
    """What the signed head says of a body that comes piece by piece.

    Attributes:
        covers_body: whether the pieces are signed.
        declared: names of its trailer fields, lower case.
    """

    __slots__ = ("covers_body", "declared", "_form", "_length")

    def __init__(self, form: "Form | None", length: int, declared: "tuple[str, ...]") -> None:
        self.covers_body = form is None or form.signed
        self.declared = declared
        self._form = form
        self._length = length

    def watcher(
        self,
        key: "Checker",
        head: "tuple[str, str, str, str]",
        times: "tuple[datetime, datetime, timedelta]",
        claim: object,
        release: "Callable[[bytes], object] | None" = None,
    ) -> "Watched":
        """Return what checks the body while it goes by.

        Args:
            key: what verified the head.
            head: the scheme's label, the instant as written, the scope, and the head's signature in hex.
            times: the request's instant, the verifier's, and by how much they may differ.
            claim: set on what is rejected.
            release: is given the body itself, each piece once its signature was verified.
        """
        label, stamp, scope, seed = head
        if self._form is None:
            return Watched(EventReader(EventChain(scope, seed), key, *times, release), claim)
        chain = Chain(label, stamp, scope, seed)
        return Watched(ChunkReader(self._form, self._length, self.declared, chain, key, release), claim)


class Watched:
    """A watcher that stays refused once it has refused.

    Args:
        reader: what checks.
        claim: set on what is rejected.
    """

    __slots__ = ("_reader", "_claim", "_fault")

    def __init__(self, reader: "ChunkReader | EventReader", claim: object) -> None:
        self._reader = reader
        self._claim = claim
        self._fault: "Rejected | None" = None

    def update(self, data: "bytes | memoryview", /) -> None:
        """Take the next bytes.

        Raises:
            Rejected: as ChunkReader or EventReader; then again for whatever follows.
        """
        if self._fault is not None:
            raise self._fault
        try:
            self._reader.update(data)
        except Rejected as rejected:
            self._refuse(rejected)
            raise

    def finish(self) -> None:
        """Say that nothing more follows.

        Raises:
            Rejected: as update, or if the body is not whole.
        """
        if self._fault is not None:
            raise self._fault
        try:
            self._reader.finish()
        except Rejected as rejected:
            self._refuse(rejected)
            raise

    def _refuse(self, rejected: Rejected) -> None:
        rejected.claim = self._claim
        self._fault = rejected


def receive(request: Request, word: str, label: str, in_query: bool, allow_unsigned: bool) -> Receiving:
    """Return what a payload word that begins with STREAMING- says of the body.

    Args:
        word: the value of X-Amz-Content-Sha256, as signed.
        label: the scheme's.
        in_query: whether the signature is in the query, where the word may not stand.
        allow_unsigned: whether pieces without a signature are accepted.

    Raises:
        Rejected: streaming-payload if it is no word of this scheme, or the request does not say how long the body is;
            unsigned-payload, decoded-length, trailer-mismatch, checksum-unsupported.
    """
    if word == events.WORD and label == events.LABEL and not in_query:
        return Receiving(None, 0, ())
    form = chunks.form_of(word, label)
    if form is None or in_query:
        raise Rejected("streaming-payload", f"{word[:64]!r}")
    length = read_length(request)
    if not form.signed and not allow_unsigned:
        raise Rejected("unsigned-payload", hint="--allow-unsigned-payload accepts it")
    return Receiving(form, length, read_declared(request, form))


def finish(request: Request, body_unchecked: bool) -> bool:
    """Say whether the body was read and checked to its end; False where it is not known and need not be.

    Raises:
        Rejected: as Watched; streaming-payload if the body was read, but by nothing that checks its pieces;
            body-unavailable.
    """
    watcher = request.watched.get(STREAMED)
    if isinstance(watcher, Watched):
        watcher.finish()
        return True
    if request.content_length is not None:
        raise Rejected("streaming-payload", "the body was not read piece by piece", "use authkit.open_chunks")
    if not body_unchecked:
        raise Rejected("body-unavailable", hint="--body-unchecked accepts it")
    return False
