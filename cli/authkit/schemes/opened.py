"""How is a body read that is signed piece by piece, so that nothing of it is used before it was verified?"""

from datetime import datetime

from authkit.errors import Rejected
from authkit.messages.payload import BUFFER, STREAMED
from authkit.messages.request import Request, check_request
from authkit.schemes.base import Verified
from authkit.schemes.policy import Policy, verify, watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from authkit.keys.select import Key
    from authkit.messages.payload import Reader


class OpenBody:
    """A body without its chunks or envelopes; iterating gives it, once.

    What a piece says is authentic when it comes out, and the body is whole only when the iteration ends without an
    exception: a reader that acts on pieces must be able to take that back.

    Args:
        request: its head; untrusted.
        body: at where the body begins; untrusted.
        keys, policy, at: as policy.verify.

    Attributes:
        verified: what is true of the request, once the iteration has ended; None before.

    Raises:
        Rejected: as policy.verify, if the head is not signed as *policy* demands, or declares no such body.

    Source:
        DESIGN, "Signing and verifying"; CVE-2021-21390 is the failure that this shape excludes. Deviations: pieces that
        the head declares as unsigned come out at once, where *policy* accepts such at all.
    """

    __slots__ = ("verified", "_request", "_body", "_keys", "_policy", "_at", "_pieces", "_watched")

    def __init__(self, request: Request, body: "Reader", keys: "list[Key]", policy: Policy, at: datetime) -> None:
        self.verified: "Verified | None" = None
        self._request = check_request(request)
        self._body = body
        self._keys = keys
        self._policy = policy
        self._at = at
        self._pieces: "list[bytes]" = []
        self._watched = watch(request, keys, policy, at, release=self._pieces.append)
        if not self._watched:
            raise Rejected("streaming-payload", "the request declares no body that is signed piece by piece")

    def __iter__(self) -> "Iterator[bytes]":
        """Yield the body's pieces, each once the signature over it was verified.

        Raises:
            Rejected: chunk-syntax, chunk-signature, decoded-length, trailer-syntax, trailer-mismatch,
                trailer-signature, checksum-mismatch, event-syntax, event-date, event-signature.
        """
        watcher, length = self._watched[STREAMED], 0
        buffer = memoryview(bytearray(BUFFER))
        while count := self._body.readinto(buffer):
            watcher.update(buffer[:count])
            length += count
            yield from self._pieces
            self._pieces.clear()
        request = self._request.with_body(None, length, self._watched)
        self.verified = verify(request, self._keys, self._policy, self._at)
