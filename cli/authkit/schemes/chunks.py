"""How is a body cut into chunks that each carry a signature (aws-chunked)?"""

from hashlib import sha256

from authkit.errors import InputError
from authkit.messages.payload import EMPTY_HASH
from authkit.schemes.checksums import PREFIX, SIZES, begin_checksum, format_checksum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from authkit.messages.payload import Reader
    from authkit.schemes.checksums import Checksum

    class Signer(Protocol):
        """A signing key, or its stand-in."""

        def mac(self, message: bytes) -> bytes:
            """Return the signature of *message*."""

    class Checker(Protocol):
        """A key that compares, or its stand-in."""

        def agrees(self, message: bytes, signature: str) -> bool:
            """Say whether *signature*, hex, is that of *message*."""


UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
MIN_CHUNK = 8192
MAX_CHUNK = 16 * 1024 * 1024
DEFAULT_CHUNK = 65536
SIGNATURE = ";chunk-signature="
TRAILER_SIGNATURE = "x-amz-trailer-signature"
DECODED_LENGTH, TRAILER = "x-amz-decoded-content-length", "x-amz-trailer"
MAX_TRAILERS = 32
# digits of a signature, padded with '*' where its own length varies
WIDTHS = {"AWS4-HMAC-SHA256": 64, "AWS4-ECDSA-P256-SHA256": 144}
_PAD = "*"
_HEX = "0123456789abcdef"


class Form:
    """What a payload word says of how the body is written.

    Attributes:
        word: the value of X-Amz-Content-Sha256.
        signed: whether each chunk carries a signature, and the trailer one too.
        trailer: whether trailer fields follow the last chunk.
        width: digits of a signature; 0 where there is none.
    """

    __slots__ = ("word", "signed", "trailer", "width")

    def __init__(self, word: str, signed: bool, trailer: bool, width: int) -> None:
        self.word = word
        self.signed = signed
        self.trailer = trailer
        self.width = width


def form_of(word: str, label: str) -> "Form | None":
    """Return the form that a payload word names under scheme *label*; None if it names none.

    Source:
        Amazon S3 API Reference, "Authenticating requests: using the Authorization header", values of
        x-amz-content-sha256. Deviations: none.
    """
    if label not in WIDTHS:
        return None
    if word == UNSIGNED_TRAILER:
        return Form(word, False, True, 0)
    for trailer in (False, True):
        if word == word_of(label, trailer):
            return Form(word, True, trailer, WIDTHS[label])
    return None


def word_of(label: str, trailer: bool) -> str:
    """Return the payload word for chunks that scheme *label* signs."""
    return f"STREAMING-{label}-PAYLOAD{'-TRAILER' if trailer else ''}"


class Chain:
    """Signatures of which each covers the one before it.

    Args:
        label: the scheme's, e.g. AWS4-HMAC-SHA256.
        stamp: the request's instant as it is written.
        scope: the credential scope.
        seed: signature of the request's head, hex.

    Source:
        Amazon S3 API Reference, "Signature calculations: transferring payload in multiple chunks", "Defining the chunk
        body", and "… including trailing headers"; for ECDSA aws-c-auth (padding). Deviations: none.
        Vectors: vendor-vectors.json chunk*, trailer*.
    """

    __slots__ = ("previous", "_label", "_head")

    def __init__(self, label: str, stamp: str, scope: str, seed: str) -> None:
        self.previous = seed
        self._label = label
        self._head = f"{stamp}\n{scope}\n"

    def chunk_text(self, digest: str, headers_digest: str = EMPTY_HASH) -> bytes:
        """Return the string to sign of the next chunk or event.

        Args:
            digest: SHA-256 of its data, lower-case hex, 64.
            headers_digest: SHA-256 of an event's encoded headers; that of nothing for a chunk.
        """
        text = f"{self._label}-PAYLOAD\n{self._head}{self.previous}\n{headers_digest}\n{digest}"
        return text.encode("latin-1")

    def trailer_text(self, fields: "list[tuple[str, str]]") -> bytes:
        """Return the string to sign of trailer *fields*: names in lower case, any order."""
        lines = "".join([f"{name}:{value}\n" for name, value in sorted(fields)])
        digest = sha256(lines.encode("latin-1")).hexdigest()
        return f"{self._label}-TRAILER\n{self._head}{self.previous}\n{digest}".encode("latin-1")

    def sign(self, key: "Signer", text: bytes) -> str:
        """Return the signature of *text*, padded as it is written, and go on from it."""
        self.previous = key.mac(text).hex()
        return self.previous.ljust(WIDTHS[self._label], _PAD)

    def agrees(self, key: "Checker", text: bytes, signature: str) -> bool:
        """Say whether *signature*, as written, is that of *text*; if so, go on from it."""
        if len(signature) != WIDTHS[self._label]:
            return False
        bare = signature.rstrip(_PAD)
        if bare.strip(_HEX) or len(bare) % 2 or not key.agrees(text, bare):
            return False
        self.previous = bare
        return True


class Plan:
    """How one body will be written.

    Attributes:
        form: what the payload word says.
        length: octets of the body itself.
        chunk_size: octets of each chunk but the last.
        trailers: (name, value) in lower case, in order; the value is None for a checksum that is computed on the way.
    """

    __slots__ = ("form", "length", "chunk_size", "trailers")

    def __init__(
        self, form: Form, length: int, chunk_size: int, trailers: "tuple[tuple[str, str | None], ...]" = ()
    ) -> None:
        self.form = form
        self.length = length
        self.chunk_size = chunk_size
        self.trailers = trailers

    @property
    def encoded_length(self) -> int:
        """Octets of the body as it travels."""
        whole, rest = divmod(self.length, self.chunk_size)
        mark = len(SIGNATURE) + self.form.width if self.form.signed else 0
        total = whole * (len(f"{self.chunk_size:x}") + mark + 4 + self.chunk_size)
        if rest:
            total += len(f"{rest:x}") + mark + 4 + rest
        total += 1 + mark + 2 + 2
        for name, value in self.trailers:
            total += len(name) + 1 + (_digits(name) if value is None else len(value)) + 2
        if self.form.signed and self.form.trailer:
            total += len(TRAILER_SIGNATURE) + 1 + self.form.width + 2
        return total


def _digits(name: str) -> int:
    """Return how long the base64 of the checksum *name* is."""
    return (SIZES[name[len(PREFIX) :]] + 2) // 3 * 4


def encode_chunks(reader: "Reader", plan: Plan, chain: Chain, key: "Signer") -> "Iterator[bytes | memoryview]":
    """Yield the body of *reader* as it travels, a chunk at a time.

    Args:
        reader: at the body's begin.
        plan: its length must be the body's.
        chain: begins with the signature of the request's head.
        key: what signed that.

    Returns:
        pieces; each must be used before the next is asked for.

    Raises:
        InputError: if the body is shorter or longer than planned.
    """
    form, size = plan.form, plan.chunk_size
    checksums = [(name, begin_checksum(name[len(PREFIX) :])) for name, value in plan.trailers if value is None]
    # the data is read to where it will be sent from, behind room for the longest line
    room = 16 + len(SIGNATURE) + form.width
    buffer = memoryview(bytearray(room + size + 2))
    left = plan.length
    while left:
        count = min(size, left)
        data = buffer[room : room + count]
        _fill(reader, data, plan)
        for _, checksum in checksums:
            checksum.update(data)
        line = _line(count, sha256(data).hexdigest() if form.signed else "", chain, key)
        buffer[room - len(line) : room] = line
        buffer[room + count : room + count + 2] = b"\r\n"
        yield buffer[room - len(line) : room + count + 2]
        left -= count
    if reader.readinto(buffer[:1]):
        raise InputError(f"the body is longer than the {plan.length} octets that were announced")
    yield _line(0, EMPTY_HASH if form.signed else "", chain, key) + _end(plan, checksums, chain, key)


def _fill(reader: "Reader", data: memoryview, plan: Plan) -> None:
    filled = 0
    while filled < len(data):
        count = reader.readinto(data[filled:])
        if not count:
            raise InputError(f"the body is shorter than the {plan.length} octets that were announced")
        filled += count


def _line(count: int, digest: str, chain: Chain, key: "Signer") -> bytes:
    if not digest:
        return b"%x\r\n" % count
    return b"%x%s%s\r\n" % (count, SIGNATURE.encode(), chain.sign(key, chain.chunk_text(digest)).encode("ascii"))


def _end(plan: Plan, checksums: "list[tuple[str, Checksum]]", chain: Chain, key: "Signer") -> bytes:
    """Return what follows the line of the last chunk."""
    found = {name: format_checksum(checksum) for name, checksum in checksums}
    fields = [(name, found[name] if value is None else value) for name, value in plan.trailers]
    lines = [f"{name}:{value}\r\n" for name, value in fields]
    if plan.form.signed and plan.form.trailer:
        lines.append(f"{TRAILER_SIGNATURE}:{chain.sign(key, chain.trailer_text(fields))}\r\n")
    return ("".join(lines) + "\r\n").encode("latin-1")
