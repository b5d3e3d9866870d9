"""What does the Digest header of RFC 3230 say of a body?"""

from hashlib import sha512

from authkit import base64
from authkit.errors import InputError, Rejected
from authkit.messages.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.messages.payload import Watcher

# algorithm, lower case -> octets; the others that the registry has are broken or no digests
SIZES = {"sha-256": 32, "sha-512": 64}


def watch() -> "dict[str, Watcher]":
    """Return what must see a body for its SHA-512."""
    return {"sha-512": sha512()}


def of_body(request: Request, algorithm: str) -> str:
    """Return the digest of the body of *request*: base64.

    Args:
        request: its body is known, and was watched by `watch()` for SHA-512.
        algorithm: of SIZES.

    Raises:
        InputError: if the body is not known, or was not watched.
    """
    if request.payload_hash is None:
        raise InputError("the body is not known, so it cannot be signed", "give it with --body")
    if algorithm == "sha-256":
        return base64.encode(bytes.fromhex(request.payload_hash))
    state = request.watched.get(algorithm) if request.content_length else sha512()
    if state is None:
        raise InputError("the body was seen without its SHA-512")
    raw: bytes = state.digest()  # type: ignore[attr-defined]  # watch() made it
    return base64.encode(raw)


def parse(value: str) -> "dict[str, str]":
    """Return what a Digest header says that can be checked here: algorithm, lower case -> base64.

    Args:
        value: the whole field, several joined by ','.

    Raises:
        Rejected: digest-format, also if it says nothing that can be checked.

    Source:
        RFC 3230 §4.3.2; RFC 5843 for sha-256 and sha-512. Deviations: an algorithm that stands twice is refused, others
        are read over.
    """
    found: "dict[str, str]" = {}
    for part in value.split(","):
        name, mark, text = part.strip(" \t").partition("=")
        name = name.lower()
        if not mark or name in found:
            raise Rejected("digest-format", f"{part.strip()[:64]!r}")
        if name in SIZES:
            raw = base64.decode(text)
            if raw is None or len(raw) != SIZES[name]:
                raise Rejected("digest-format", f"{name} is not the base64 of {SIZES[name]} bytes")
            found[name] = text
    if not found:
        raise Rejected("digest-format", "it holds neither SHA-256 nor SHA-512")
    return found
