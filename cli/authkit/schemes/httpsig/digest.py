"""Does the body have the digest that Content-Digest or Repr-Digest gives?"""

from hashlib import sha512

from authkit import base64
from authkit.errors import InputError, MessageRejected, UsageError
from authkit.messages.plain import read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.messages.payload import Watcher

# what IANA's registry calls active; the rest of it is deprecated and MUST NOT be used where somebody could forge
ALGORITHMS = ("sha-256", "sha-512")
FIELDS = ("content-digest", "repr-digest")
SHA_512 = "sha-512"


def watchers(message: "Any") -> "dict[str, Watcher]":
    """Return what must see the body of *message*, besides its SHA-256, for its digests to be checked."""
    values = [one for name in FIELDS for one in message.grouped.get(name, ())]
    return {SHA_512: sha512()} if any([SHA_512 in one for one in values]) else {}


def is_partial(message: "Any") -> bool:
    """Say whether the content of *message* is not, or may not be, the whole representation (RFC 9530 §3)."""
    status = getattr(message, "status", None)
    if status is None:
        return "content-range" in message.grouped
    return status in (206, 304) or (message.related is not None and message.related.method == "HEAD")


def digest_of(message: "Any", algorithm: str) -> "bytes | None":
    """Return the digest of the body of *message*; None if its body, or that digest of it, is not known."""
    if message.payload_hash is None:
        return None
    if algorithm == "sha-256":
        return bytes.fromhex(message.payload_hash)
    state = message.watched.get(algorithm)
    if state is None:
        return sha512().digest() if message.content_length == 0 else None
    found: bytes = state.digest()
    return found


def format_digest(message: "Any", algorithm: str) -> str:
    """Return the value of Content-Digest for *message*.

    Args:
        algorithm: of ALGORITHMS.

    Raises:
        InputError: if the body is not known.
        UsageError: if the body went by before it was known that this digest is wanted.

    Source:
        RFC 9530 §2. Deviations: none.
    """
    found = digest_of(message, algorithm)
    if message.payload_hash is None:
        raise InputError("the body is not known, so its digest cannot be signed", "give it, or --payload unsigned")
    if found is None:
        raise UsageError(f"the {algorithm} digest of the body was not made", "leave out --digest")
    return f"{algorithm}=:{base64.encode(found)}:"


def read_digests(values: "list[str]", what: str) -> "dict[str, bytes]":
    """Return algorithm -> digest, of those in ALGORITHMS.

    Args:
        values: of the header, as sent; untrusted.
        what: its name.

    Raises:
        Rejected: structured-field, duplicate-label, duplicate-parameter, base64.

    Source:
        RFC 9530 §2, §3, §5. Deviations: deprecated algorithms count as unknown.
    """
    text = ", ".join(values)
    found = read_bytes(text)
    if found is None:
        found = {}
        from authkit.messages.structured import Item, parse_dictionary

        for key, member in parse_dictionary(text, what).items():
            if not isinstance(member, Item) or not isinstance(member.value, bytes):
                raise MessageRejected("structured-field", f"{what}: {key} is not a byte sequence")
            if f":{base64.encode(member.value)}:" not in text:
                raise MessageRejected("base64", f"{what}: {key}")
            found[key] = member.value
    return {name: found[name] for name in ALGORITHMS if name in found}


def check_digest(message: "Any", name: str) -> "str | None":
    """Compare the body with the digests in the header *name*; every one of a known algorithm must match.

    Returns:
        None, or what keeps the body from being compared: "body" or "sha-512" is not known.

    Raises:
        Rejected: digest-algorithm, content-digest-mismatch; those of `read_digests`.

    Source:
        RFC 9530 §2, §3, §6. Deviations: where several digests stand, all of a known algorithm must match, not one.
    """
    values = message.grouped[name]
    hashed = message.payload_hash
    # the usual one, compared as text
    if hashed is not None and len(values) == 1 and values[0] == f"sha-256=:{base64.encode(bytes.fromhex(hashed))}:":
        return None
    digests = read_digests(values, name)
    if not digests:
        raise MessageRejected("digest-algorithm", f"{name}: {', '.join(values)[:80]!r}", "send sha-256 or sha-512")
    if hashed is None:
        return "body"
    missing = None
    for algorithm, digest in digests.items():
        own = digest_of(message, algorithm)
        if own is None:
            missing = algorithm
        elif own != digest:
            raise MessageRejected("content-digest-mismatch", f"{name}: {algorithm}")
    return missing
