"""Messages, keys and options for the tests of RFC 9421."""

from datetime import datetime, timezone
from hashlib import sha512
from types import SimpleNamespace
from typing import Any

from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.schemes.rfc9421 import INSPECT_OPTIONS, SIGN_OPTIONS, VERIFY_OPTIONS

AT = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)
CREATED = 1795424400  # AT


def random(count: int) -> bytes:
    """Give bytes that are known beforehand: FB FF shows base64 for base64url."""
    return (b"\xfb\xff" * count)[:count]


def request(
    method: str = "POST",
    target: str = "/items?a=1&b=2",
    headers: tuple[tuple[str, str], ...] = (("Host", "example.com"), ("Content-Type", "application/json")),
    body: bytes | None = b'{"hello": "world"}',
    scheme: str = "https",
) -> Request:
    """Return a request whose body was seen by both hashes; None for a body that is not known."""
    if body is None:
        return Request(method, target, headers, None, None, scheme)
    return Request(method, target, headers, hash_bytes(body), len(body), scheme, {"sha-512": sha512(body)})


class Response:
    """A response as the components want it."""

    def __init__(
        self,
        status: int = 200,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes | None = b"",
        related: Request | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.payload_hash = None if body is None else hash_bytes(body)
        self.content_length = None if body is None else len(body)
        self.watched: dict[str, Any] = {} if body is None else {"sha-512": sha512(body)}
        self.body = body
        self.related = related

    @property
    def grouped(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in self.headers:
            found.setdefault(name.lower(), []).append(value)
        return found

    def values(self, name: str) -> list[str]:
        return self.grouped.get(name, [])

    def with_headers(self, headers: tuple[tuple[str, str], ...]) -> "Response":
        return Response(self.status, headers, self.body, self.related)


def options(rows: tuple[tuple[Any, ...], ...], **changes: Any) -> Any:
    """Return what the command line gives for *rows* where only *changes* were typed."""
    names = {row[0].partition("|")[0].lstrip("-").replace("-", "_"): row[4] for row in rows}
    assert names.keys() | {"body_unchecked", "presented", "bindings"} >= changes.keys()
    return SimpleNamespace(**{**names, **changes})


def to_sign(**changes: Any) -> Any:
    return options(SIGN_OPTIONS, **changes)


def to_verify(**changes: Any) -> Any:
    return options(VERIFY_OPTIONS, **{"body_unchecked": False, **changes})


def to_inspect(**changes: Any) -> Any:
    return options(INSPECT_OPTIONS, **changes)
