"""Is a body that arrives in chunks the one that was signed, chunk by chunk?"""

from hashlib import sha256

from authkit.errors import Rejected
from authkit.messages import fields
from authkit.messages.payload import EMPTY_HASH
from authkit.messages.request import Request
from authkit.schemes.checksums import PREFIX, SIZES, begin_checksum, format_checksum
from authkit.schemes.chunks import (
    DECODED_LENGTH,
    MAX_CHUNK,
    MAX_TRAILERS,
    MIN_CHUNK,
    SIGNATURE,
    TRAILER,
    TRAILER_SIGNATURE,
    Chain,
    Form,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from authkit.schemes.checksums import Checksum
    from authkit.schemes.chunks import Checker

_MAX_LINE = 4096
_HEX = frozenset("0123456789abcdefABCDEF")
# what comes next: the line of a chunk, the end of its data, a trailer field, nothing
_CHUNK, _BREAK, _TRAILER, _END = "the line of a chunk", "the end of a chunk", "a trailer field", "nothing"


class ChunkReader:
    """Checks a body while it goes by, in constant memory.

    Args:
        form: what the signed payload word says.
        length: octets of the body itself, as signed.
        declared: names of the trailer fields, lower case, as signed.
        chain: begins with the signature of the request's head, which is verified already.
        key: what verified that.
        release: is given the body itself, each piece once the signature over it was verified; None for nobody.

    Attributes:
        trailers: (name, value) in order, once the body is whole.

    Source:
        Amazon S3 API Reference, as Chain. Deviations: none.
        What it refuses: CVE-2021-21390, CVE-2025-31489, CVE-2026-40344 (MinIO).
    """

    __slots__ = (
        "trailers",
        "_form",
        "_declared",
        "_chain",
        "_key",
        "_release",
        "_state",
        "_line",
        "_left",
        "_size",
        "_number",
        "_unread",
        "_length",
        "_signature",
        "_hash",
        "_held",
        "_checksums",
    )

    def __init__(
        self,
        form: Form,
        length: int,
        declared: "tuple[str, ...]",
        chain: Chain,
        key: "Checker",
        release: "Callable[[bytes], object] | None" = None,
    ) -> None:
        self.trailers: "list[tuple[str, str]]" = []
        self._form = form
        self._declared = declared
        self._chain = chain
        self._key = key
        self._release = release
        self._state = _CHUNK
        self._line = b""
        self._left = 0  # of the present chunk's data
        self._size = 0  # of the chunk before
        self._number = 0
        self._unread = self._length = length
        self._signature = ""
        self._hash = sha256()
        self._held = bytearray()
        self._checksums: "dict[str, Checksum]" = {}
        for name in declared:
            if name.startswith(PREFIX):
                self._checksums[name] = begin_checksum(name[len(PREFIX) :])

    def update(self, data: "bytes | memoryview", /) -> None:
        """Take the next bytes as they travel, any number.

        Raises:
            Rejected: chunk-syntax, chunk-signature, decoded-length, trailer-syntax, trailer-mismatch,
                trailer-signature, checksum-mismatch; nothing may follow then.
        """
        data = memoryview(data)
        place, end = 0, len(data)
        while place < end:
            if self._left:
                piece = data[place : place + self._left]
                self._take(piece)
                place += len(piece)
                if not self._left and bytes(data[place : place + 2]) == b"\r\n":
                    # the usual way, which saves reading it as a line of its own
                    place += 2
                    self._state = _CHUNK
                continue
            if self._state is _END:
                raise Rejected("chunk-syntax", "more follows the end of the body")
            piece = data[place : place + _MAX_LINE]
            cut = bytes(piece).find(b"\n") + 1
            self._line += bytes(piece[:cut] if cut else piece)
            place += cut or len(piece)
            if len(self._line) > _MAX_LINE:
                raise Rejected("chunk-syntax", f"{self._state} is over {_MAX_LINE} octets long")
            if cut:
                line, self._line = self._line, b""
                self._take_line(line)

    def finish(self) -> None:
        """Say that nothing more follows.

        Raises:
            Rejected: chunk-syntax if the body is not whole.
        """
        if self._state is not _END:
            raise Rejected("chunk-syntax", f"the body ends where {self._state} is to come")

    def _take(self, piece: memoryview) -> None:
        if self._form.signed:
            self._hash.update(piece)
            if self._release is not None:
                self._held += piece
        elif self._release is not None:
            self._release(bytes(piece))
        for checksum in self._checksums.values():
            checksum.update(piece)
        self._left -= len(piece)
        if not self._left and self._form.signed:
            self._check_chunk(self._hash.hexdigest())
            self._hash = sha256()
            if self._release is not None:
                self._release(bytes(self._held))
                self._held = bytearray()

    def _take_line(self, line: bytes) -> None:
        if not line.endswith(b"\r\n"):
            raise Rejected("chunk-syntax", f"{self._state} does not end with CR LF")
        text = line[:-2].decode("latin-1")
        if self._state is _CHUNK:
            self._begin_chunk(text)
        elif self._state is _TRAILER and text:
            self._take_trailer(text)
        elif text:
            raise Rejected("chunk-syntax", f"chunk {self._number} is longer than it says")
        elif self._state is _BREAK:
            self._state = _CHUNK
        else:
            self._check_trailers()
            self._state = _END

    def _begin_chunk(self, text: str) -> None:
        digits, mark, signature = text.partition(SIGNATURE)
        if bool(mark) != self._form.signed or not 0 < len(digits) <= 8 or not _HEX.issuperset(digits):
            expected = "SIZE;chunk-signature=SIGNATURE" if self._form.signed else "SIZE"
            raise Rejected("chunk-syntax", f"{text[:32]!r} is not {expected}")
        size = int(digits, 16)
        if size and self._number and self._size < MIN_CHUNK:
            raise Rejected("chunk-syntax", f"chunk {self._number} has {self._size} octets and is not the last")
        self._number += 1
        self._size = size
        if size > self._unread:
            raise Rejected("decoded-length", f"it says {self._length}, and chunk {self._number} goes beyond")
        if self._form.signed and size > MAX_CHUNK:
            raise Rejected("chunk-syntax", f"chunk {self._number} is over {MAX_CHUNK} octets")
        self._unread -= size
        self._left = size
        self._signature = signature
        self._state = _BREAK
        if not size:
            if self._form.signed:
                self._check_chunk(EMPTY_HASH)
            if self._unread:
                raise Rejected("decoded-length", f"it says {self._length}, and {self._unread} are missing")
            self._state = _TRAILER

    def _check_chunk(self, digest: str) -> None:
        if not self._chain.agrees(self._key, self._chain.chunk_text(digest), self._signature):
            raise Rejected("chunk-signature", f"chunk {self._number}")

    def _take_trailer(self, text: str) -> None:
        name, colon, value = text.partition(":")
        value = fields.trim(value)
        if not self._form.trailer:
            raise Rejected("trailer-mismatch", f"{name[:64]!r} stands in a body that has no trailer")
        if not colon or not fields.is_token(name) or fields.value_fault(value):
            raise Rejected("trailer-syntax", f"{text[:64]!r}")
        name = name.lower()
        if self.trailers and self.trailers[-1][0] == TRAILER_SIGNATURE:
            raise Rejected("trailer-mismatch", f"{name[:64]!r} follows the signature of the trailer")
        allowed = (*self._declared, TRAILER_SIGNATURE) if self._form.signed else self._declared
        if name not in allowed:
            raise Rejected("trailer-mismatch", f"{name[:64]!r} is not named in X-Amz-Trailer")
        if name in [known for known, _ in self.trailers]:
            raise Rejected("trailer-mismatch", f"{name[:64]!r} stands twice")
        self.trailers.append((name, value))

    def _check_trailers(self) -> None:
        found = dict(self.trailers)
        wanted = (*self._declared, TRAILER_SIGNATURE) if self._form.signed and self._form.trailer else self._declared
        for name in wanted:
            if name not in found:
                raise Rejected("trailer-mismatch", f"{name[:64]!r} is missing")
        if self._form.signed and self._form.trailer:
            signature = self.trailers.pop()[1]
            if not self._chain.agrees(self._key, self._chain.trailer_text(self.trailers), signature):
                raise Rejected("trailer-signature")
        for name, checksum in self._checksums.items():
            if format_checksum(checksum) != found[name]:
                raise Rejected("checksum-mismatch", name)


def read_length(request: Request) -> int:
    """Return how many octets the body has once its chunks are taken apart.

    Raises:
        Rejected: streaming-payload if the request does not say; decoded-length if it says so twice, or not in digits.
    """
    values = request.values(DECODED_LENGTH)
    if not values:
        raise Rejected("streaming-payload", "there is no X-Amz-Decoded-Content-Length")
    text = fields.trim(values[0])
    if len(values) > 1 or not (text.isascii() and text.isdigit()) or len(text) > 16:
        raise Rejected("decoded-length", f"{', '.join(values)[:64]!r} is not a number")
    return int(text)


def read_declared(request: Request, form: Form) -> "tuple[str, ...]":
    """Return the names of the trailer fields that the request announces, lower case, in order.

    Raises:
        Rejected: trailer-mismatch if it announces some where none can be, or none where some must be, or the
            signature of the trailer itself, or one twice; checksum-unsupported.
    """
    values = request.values(TRAILER)
    names = [name.strip(" \t").lower() for name in ",".join(values).split(",")] if values else []
    if bool(names) != form.trailer:
        said = "X-Amz-Trailer is there" if names else "there is no X-Amz-Trailer"
        raise Rejected("trailer-mismatch", f"{said}, and the payload is {form.word}")
    if len(names) > MAX_TRAILERS or len(set(names)) != len(names) or TRAILER_SIGNATURE in names or "" in names:
        raise Rejected("trailer-mismatch", f"X-Amz-Trailer is {','.join(names)[:64]!r}")
    for name in names:
        if name.startswith(PREFIX) and name[len(PREFIX) :] not in SIZES:
            raise Rejected("checksum-unsupported", name[:64], f"known are {', '.join(SIZES)}")
    return tuple(names)
