"""How a test sends and receives an upload form, without a command."""

from collections.abc import Iterable
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

from authkit import registry, schemes
from authkit.errors import Rejected
from authkit.messages.request import parse_request
from authkit.schemes.base import Verified
from authkit.schemes.forms.kinds import Kind
from authkit.schemes.forms.sign import Form, Wanted, sign_form

AT = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)
BOUNDARY = "----b0undary"
Fields = Iterable[tuple[str, str]]


def kind_of(name: str) -> Kind:
    """Return the kind of form that keys of a scheme sign."""
    kind: Kind = registry.load(schemes.SCHEMES[f"{name}-form"][0]).KIND
    return kind


def signing(
    name: str,
    keys: "list[Any]",
    wanted: Wanted,
    at: datetime = AT,
    region: "str | None" = "us-east-1",
    service: "str | None" = None,
) -> Form:
    """Sign a form as a scheme does."""
    kind = kind_of(name)
    return sign_form(wanted, kind.credential(keys, region, service, at), kind.names, at)


def part(name: str, value: "str | bytes", more: str = "") -> bytes:
    """Return one part of a form, its boundary in front."""
    data = value if isinstance(value, bytes) else value.encode()
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + data + b"\r\n"


def body_of(fields: Fields, file: bytes = b"photo", filename: str = "me.jpg") -> bytes:
    """Return the body of a form that a browser sends."""
    parts = [part(name, value) for name, value in fields]
    return b"".join([*parts, part("file", file, f'; filename="{filename}"')]) + f"--{BOUNDARY}--\r\n".encode()


def message(body: bytes, method: str = "POST", kind: str = f"multipart/form-data; boundary={BOUNDARY}") -> bytes:
    """Return the request that carries a form."""
    head = f"{method} / HTTP/1.1\r\nHost: b.example.com\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def judging(name: str, keys: "list[Any]", data: bytes, at: datetime = AT, **options: Any) -> Verified:
    """Verify a request as the scheme of forms does."""
    default = {"region": "us-east-1", "service": None, "bucket": None, "max_skew": None, "max_expires": None}
    verifier = schemes.find(f"{name}-form").verifier(keys, SimpleNamespace(**{**default, **options}))
    assert verifier.watch is not None
    watch = verifier.watch
    return verifier.judge(parse_request(data, watch=lambda request, _: watch(request, at)), at)


def receiving(name: str, keys: "list[Any]", fields: Fields, file: bytes = b"photo", **more: Any) -> Verified:
    """Verify a form as it was sent."""
    return judging(name, keys, message(body_of(fields, file)), **more)


def why(name: str, keys: "list[Any]", data: bytes, at: datetime = AT, **options: Any) -> str:
    """Return why a request is refused: "reason: detail"."""
    try:
        judging(name, keys, data, at, **options)
    except Rejected as rejected:
        return f"{rejected.reason}: {rejected.detail}" if rejected.detail else rejected.reason
    raise AssertionError("it was accepted")


def reason(name: str, keys: "list[Any]", fields: Fields, file: bytes = b"photo", **more: Any) -> str:
    """Return why a form is refused."""
    return why(name, keys, message(body_of(fields, file)), **more)
