"""How is one request signed on a machine that sees the request itself, and none of its hashes?"""

from datetime import datetime, timedelta

from authkit import base64
from authkit.errors import AuthkitError, InputError, Refused, Untrusted, UsageError
from authkit.keys.select import Credential
from authkit.messages.draft import format_head
from authkit.messages.payload import EMPTY_HASH
from authkit.messages.request import Request, check_request, parse_request
from authkit.schemes.derived import DERIVED, Derived
from authkit.schemes.sigv4 import Settings, sign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from authkit.keys.scope import Scope
    from authkit.schemes.base import Signed
    from authkit.secret import MacKey

SKEW = 900  # seconds by which a signature in headers may be off, where a service allows the most
DIGEST, LENGTH = "content-digest", "content-length"
BODILESS = ("GET", "HEAD", "DELETE", "OPTIONS")


class Message:
    """A request as it will be sent, but for its signature.

    Attributes:
        request: with all that signing adds, and without Content-Length.
        body: the octets of the body; None for one of which only the digest is known.
    """

    __slots__ = ("body", "request")

    def __init__(self, request: Request, body: "bytes | None") -> None:
        self.request = request
        self.body = body

    def encode(self) -> bytes:
        """Return the HTTP/1.1 message, its length declared where a body follows."""
        request = self.request
        if self.body:
            request = request.with_headers((*request.headers, ("Content-Length", str(len(self.body)))))
        return format_head(request) + (self.body or b"")


class _Given:
    """Stands for a key where the signature is known, or not needed yet."""

    __slots__ = ("_signature",)

    def __init__(self, signature: str) -> None:
        self._signature = bytes.fromhex(signature)

    def mac(self, message: bytes) -> bytes:
        return self._signature


_BLANK = "00" * 32


def row_of(label: str) -> "Derived | None":
    """Return the scheme of that algorithm label whose requests can be signed one at a time; None if there is none."""
    return next((row for row in DERIVED.values() if row.chain.label == label), None)


def prepare(
    request: Request,
    body: "bytes | None",
    row: Derived,
    access_key_id: str,
    scope: "Scope",
    at: datetime,
    *,
    expires: "int | None" = None,
    by_digest: bool = False,
    random: "Callable[[int], bytes]",
) -> Message:
    """Return the message that is to be signed.

    Args:
        request: what is to be sent, unsigned; its hash is known.
        body: its octets; None for one that is known by its hash alone.
        expires: seconds that a signature in the query is good for; None for one in headers.
        by_digest: whether the message tells the body by Content-Digest alone.
        random: gives that many random bytes, for schemes with a nonce.

    Raises:
        Refused, InputError, UsageError, Rejected: as sign; Refused for a body that the signature would not cover.
    """
    if request.payload_hash is None:
        raise InputError("the body is not known, so it cannot be shown to whoever signs", "give it with --body")
    if not request.target.startswith("/") or len(request.values("host")) != 1:
        raise InputError("a request that is signed by itself has one Host header and a path", "write it as a URL")
    headers = [pair for pair in request.headers if pair[0].lower() != LENGTH]
    if by_digest:
        if DIGEST in request.grouped:
            raise Refused("the request already has the header Content-Digest", "leave it out: --by-digest adds it")
        headers.append(("Content-Digest", digest_of(request.payload_hash)))
    if row.nonce and not request.values(row.nonce):
        headers.append((row.nonce, random(16).hex()))
    ready = check_request(request.with_headers(tuple(headers)))
    if expires is not None:
        ready = ready.with_target(_without_end(ready.target))
    signed = _sign(ready, row, access_key_id, scope, at, expires, _Given(_BLANK))
    if not covers_body(signed) and not _may_be_bare(request):
        hint = "sign it in headers: leave out --placement query" if expires is not None else None
        raise Refused("the signature would not cover the body", hint)
    return Message(_without_signature(signed, row), None if by_digest else body)


def read_message(data: bytes, what: str) -> Message:
    """Read a message that somebody wants signed, strictly.

    Raises:
        Untrusted: "message-malformed" or "body-mismatch".
    """
    try:
        request = parse_request(data)
    except AuthkitError as error:
        raise Untrusted("message-malformed", what, error.message) from error
    body: "bytes | None" = data[len(data) - (request.content_length or 0) :]
    headers = tuple([pair for pair in request.headers if pair[0].lower() != LENGTH])
    if DIGEST in request.grouped:
        digest = _read_digest(request.values(DIGEST), what)
        if body:
            if digest != request.payload_hash:
                raise Untrusted("body-mismatch", what, "Content-Digest")
        elif digest != EMPTY_HASH:
            request, body = request.with_body(digest, None), None
    message = Message(request.with_headers(headers), body)
    if message.encode() != data:
        raise Untrusted("message-malformed", what, "it is not written in the one way that there is")
    return message


def digest_of(payload_hash: str) -> str:
    """Return the value of Content-Digest for a body.

    Source:
        RFC 9530 §2. Deviations: none.
    """
    return f"sha-256=:{base64.encode(bytes.fromhex(payload_hash))}:"


def rebuild(
    message: Message,
    row: Derived,
    access_key_id: str,
    scope: "Scope",
    at: datetime,
    expires: datetime,
    key: "MacKey | _Given",
    what: str,
) -> "Signed":
    """Sign a message with *key*, every hash computed here.

    Args:
        message: from read_message.
        scope: whole; its day is the day of *at*.
        at: what the message must give as its own instant.
        expires: until when the signature may be used.
        key: the signing key for *scope*.

    Returns:
        the message with its signature, and the stages.

    Raises:
        Untrusted: "message-malformed"; "message-mismatch" for a message to which signing would add anything but the
            signature; "expires-mismatch" for a lifetime that it has not; "body-unsigned".
    """
    bare, seconds = _without_own(message.request, row, what)
    limit = SKEW if seconds is None else seconds
    lifetime = int((expires - at).total_seconds())
    if lifetime > limit or (seconds is not None and lifetime != seconds):
        raise Untrusted("expires-mismatch", what, f"{lifetime} seconds, and the message allows {limit}")
    try:
        signed = _sign(bare, row, access_key_id, scope, at, seconds, key)
    except AuthkitError as error:
        raise Untrusted("message-malformed", what, error.message) from error
    ready = _without_signature(signed, row)
    if (ready.target, ready.headers) != (message.request.target, message.request.headers):
        raise Untrusted("message-mismatch", what, _difference(ready, message.request))
    if not covers_body(signed) and not _may_be_bare(message.request):
        raise Untrusted("body-unsigned", what)
    return signed


def complete(
    message: Message,
    row: Derived,
    access_key_id: str,
    scope: "Scope",
    at: datetime,
    expires: datetime,
    signature: str,
    what: str,
) -> "Signed":
    """Return a message with a signature that was made elsewhere; arguments and refusals as for `rebuild`."""
    return rebuild(message, row, access_key_id, scope, at, expires, _Given(signature), what)


def difference(request: Request, message: Message, row: Derived) -> "str | None":
    """Say in which part a request is not the one of a message; None if it is that one, but for what signing adds.

    Args:
        request: what is to be sent now; its hash is known.
        message: what was approved.
    """
    bare, seconds = _without_own(message.request, row, "the request")
    if request.method != bare.method:
        return f"its method is {bare.method}"
    if (request.target if seconds is None else _without_end(request.target)) != bare.target:
        return "its path or query is another"
    for name in sorted(request.grouped.keys() - bare.grouped.keys() - {LENGTH}):
        return f"it has no header {name[:64]}"
    added = {row.date, row.content_sha256, row.nonce, DIGEST}
    for name, values in bare.grouped.items():
        if request.grouped.get(name, values if name in added else None) != values:
            return f"its header {name[:64]} is another"
    return None if request.payload_hash == bare.payload_hash else "its body is another"


def sent_as(signed: Request, request: Request) -> Request:
    """Return a signed message as it is sent where *request* goes, with the length that its body has there."""
    return Request(
        signed.method, signed.target, signed.headers, request.payload_hash, request.content_length, request.scheme
    )


def signed_names(signed: "Signed") -> "frozenset[str]":
    """Return the names, lower case, of the headers that a signature covers, as its canonical request has them."""
    lines = signed.stages["canonical-request"].split("\n")[3:-3]
    return frozenset([line.partition(":")[0] for line in lines])


def covers_body(signed: "Signed") -> bool:
    """Say whether the signature holds for this body alone."""
    return signed.stages["canonical-request"].rpartition("\n")[2] == signed.request.payload_hash


def lifetime_of(row: Derived, in_query: bool, seconds: "int | None") -> timedelta:
    """Return until how long after its instant a signature may be used.

    Raises:
        UsageError: if a signature cannot live for *seconds*.
    """
    longest = row.longest if in_query else SKEW
    found = SKEW if seconds is None else seconds
    if not 1 <= found <= longest:
        where = "the query" if in_query else "headers"
        hint = None if in_query or not row.longest else "--placement query makes a URL that lives longer"
        raise UsageError(f"--expires {found} is not 1 to {longest} seconds, for a signature in {where}", hint)
    return timedelta(seconds=found)


def _sign(
    request: Request,
    row: Derived,
    access_key_id: str,
    scope: "Scope",
    at: datetime,
    expires: "int | None",
    key: "MacKey | _Given",
) -> "Signed":
    credential = Credential(access_key_id, scope, key, None)  # type: ignore[arg-type]
    settings = Settings() if expires is None else Settings(placement="query", expires=expires)
    return sign(request, credential, settings, at, row)


def _without_signature(signed: "Signed", row: Derived) -> Request:
    request = signed.request
    if row.query is not None and signed.added == ():
        return request.with_target(request.target.rpartition("&")[0])
    return request.with_headers(tuple([pair for pair in request.headers if pair[0].lower() != "authorization"]))


def _without_own(request: Request, row: Derived, what: str) -> "tuple[Request, int | None]":
    """Return the message without the parameters that signing adds to the query, and how long it is to live."""
    path, _, query = request.target.partition("?")
    pairs = query.split("&")
    names = frozenset() if row.query is None else row.query.reserved
    kept = [pair for pair in pairs if pair.partition("=")[0].lower() not in names]
    if len(kept) == len(pairs):
        return request, None
    assert row.query is not None
    text = next((pair.partition("=")[2] for pair in pairs if pair.startswith(f"{row.query.expires}=")), "")
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Untrusted("message-malformed", what, f"{row.query.expires} is not a number of seconds")
    return request.with_target(f"{path}?{'&'.join(kept)}" if kept else path), int(text)


def _without_end(text: str) -> str:
    """Return a target without what stands between its last parameter and those of a signature."""
    path, _, query = text.partition("?")
    query = query.rstrip("&")
    return f"{path}?{query}" if query else path


def _may_be_bare(request: Request) -> bool:
    """Say whether a signature that covers no body may be given: for a method without one, and none in sight."""
    return request.method in BODILESS and request.payload_hash == EMPTY_HASH


def _difference(ready: Request, message: Request) -> str:
    if ready.target != message.target:
        return "the parameters of the signature are not as signing writes them"
    lacking = [name for name, _ in ready.headers if name not in {one for one, _ in message.headers}]
    return f"signing would add {lacking[0]}" if lacking else "the headers are not in the order of signing"


def _read_digest(values: "list[str]", what: str) -> str:
    text = values[0].removeprefix("sha-256=:").removesuffix(":")
    digest = base64.decode(text)
    if len(values) != 1 or digest is None or len(digest) != 32 or values[0] != f"sha-256=:{text}:":
        raise Untrusted("message-malformed", what, "Content-Digest is not one sha-256")
    return digest.hex()
