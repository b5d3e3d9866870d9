"""What a signing and a verifier of a scheme that carries code are asked for."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from authkit.keys.access import AccessKey
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.schemes.base import Scheme, Signed, SignJob, Verifier
from authkit.secret import Secret

HOST = "example.com"


def access_key(
    id: str = "AK",
    secret: bytes = b"SecretKey",
    *,
    scheme: "str | None" = None,
    use: "str | None" = None,
    token: "str | None" = None,
    raw: bool = False,
) -> AccessKey:
    session = None if token is None else Secret(token.encode())
    return AccessKey(id, Secret(secret), raw=raw, scheme=scheme, use=use, session_token=session)


def request(
    method: str = "GET",
    target: str = "/",
    headers: "tuple[tuple[str, str], ...]" = (),
    body: "bytes | None" = b"",
    *,
    watch: "dict[str, Any] | None" = None,
    host: "str | None" = HOST,
    scheme: str = "https",
) -> Request:
    """Return a request; a body of None is one that is not known."""
    every = ((("Host", host),) if host is not None else ()) + headers
    if body is None:
        return Request(method, target, every, None, None, scheme)
    watched = {} if watch is None else watch
    return Request(method, target, every, hash_bytes(body, watched), len(body), scheme, watched)


def with_body(message: Request, body: "bytes | None", verifier: "Verifier | None" = None) -> Request:
    """Return *message* with another body, seen by what *verifier* wants to see it."""
    if body is None:
        return message.with_body(None, None)
    watched = {} if verifier is None or verifier.watch is None else verifier.watch(message, None)  # type: ignore[arg-type]
    return message.with_body(hash_bytes(body, watched), len(body), watched)


def options(scheme: Scheme, kind: str, **given: Any) -> SimpleNamespace:
    """Return the values of the scheme's option rows, and of those that every command has."""
    found = {row[0][2:].replace("-", "_"): row[4] for row in getattr(scheme, f"{kind}_options")}
    unknown = given.keys() - found.keys() - {"body_unchecked"}
    assert not unknown, f"{scheme.name} has no option {unknown}"
    return SimpleNamespace(**{"body_unchecked": False, **found, **given})


def sign(
    scheme: Scheme,
    message: Request,
    key: Any,
    at: datetime,
    *,
    random: "Callable[[int], bytes]" = lambda count: bytes(range(count)),
    **given: Any,
) -> Signed:
    return scheme.sign(SignJob(message, [key], options(scheme, "sign", **given), at, random))


def verifier(scheme: Scheme, *keys: Any, **given: Any) -> Verifier:
    return scheme.verifier(list(keys), options(scheme, "verify", **given))


def without(message: Request, name: str) -> Request:
    """Return *message* without the header *name*."""
    return message.with_headers(tuple([pair for pair in message.headers if pair[0].lower() != name.lower()]))


def changed(message: Request, name: str, value: str) -> Request:
    """Return *message* with another value of the header *name*."""
    return message.with_headers(
        tuple([(found, value if found.lower() == name.lower() else old) for found, old in message.headers])
    )


def added(message: Request, *pairs: "tuple[str, str]") -> Request:
    """Return *message* with more headers."""
    return message.with_headers(message.headers + pairs)


def value(message: Request, name: str) -> str:
    """Return the one value of the header *name*."""
    (found,) = message.values(name.lower())
    return found
