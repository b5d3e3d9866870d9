"""How a test signs and receives a webhook, without a command."""

from collections.abc import Iterable
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

from authkit import schemes
from authkit.errors import Rejected
from authkit.keys.access import AccessKey
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request, parse_request
from authkit.schemes.base import Scheme, Signed, SignJob, Verified
from authkit.secret import Secret

AT = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)
Headers = Iterable[tuple[str, str]]


def access_key(secret: "str | bytes", id: str = "hooks", **more: Any) -> AccessKey:
    """Return an access key; a secret of bytes is a raw one."""
    data = secret if isinstance(secret, bytes) else secret.encode()
    return AccessKey(id, Secret(data), raw=isinstance(secret, bytes), **more)


def found(scheme: "str | Scheme") -> Scheme:
    return schemes.find(scheme) if isinstance(scheme, str) else scheme


def signing(scheme: "str | Scheme", keys: "list[Any]", body: bytes, at: datetime = AT, **options: Any) -> Signed:
    """Sign a body as a scheme does."""
    chosen = found(scheme)
    given = SimpleNamespace(**{"id": None, "scheme_override": False, **options})
    assert chosen.watch is not None
    watched = chosen.watch(given)
    request = Request("POST", "/hook", (("Host", "example.com"),))
    request = request.with_body(hash_bytes(body, watched), len(body), watched)
    return chosen.sign(SignJob(request, keys, given, at, lambda count: bytes(range(count))))


def message(headers: Headers, body: bytes, method: str = "POST", target: str = "/hook") -> bytes:
    """Return a request as it travels."""
    lines = [f"{method} {target} HTTP/1.1", "Host: example.com", *[f"{name}: {value}" for name, value in headers]]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode("latin-1") + body


def receiving(
    scheme: "str | Scheme", keys: "list[Any]", headers: Headers, body: bytes, at: datetime = AT, **options: Any
) -> Verified:
    """Verify a webhook as a scheme does."""
    return judging(scheme, keys, message(headers, body), at, **options)


def judging(scheme: "str | Scheme", keys: "list[Any]", data: bytes, at: datetime = AT, **options: Any) -> Verified:
    """Verify a message as a scheme does."""
    given = SimpleNamespace(**{"tolerance": None, "scheme_override": False, **options})
    verifier = found(scheme).verifier(keys, given)
    assert verifier.watch is not None
    watch = verifier.watch
    return verifier.judge(parse_request(data, watch=lambda request, _: watch(request, at)), at)


def reason(
    scheme: "str | Scheme", keys: "list[Any]", headers: Headers, body: bytes, at: datetime = AT, **more: Any
) -> str:
    """Return why a webhook is refused: "reason: detail"."""
    try:
        receiving(scheme, keys, headers, body, at, **more)
    except Rejected as rejected:
        return f"{rejected.reason}: {rejected.detail}" if rejected.detail else rejected.reason
    raise AssertionError("it was accepted")
