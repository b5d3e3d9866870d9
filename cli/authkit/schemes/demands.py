"""Which demands of the closed policy are the same for every scheme that a raw secret or a key pair signs?"""

from datetime import datetime, timedelta
from hmac import compare_digest

from authkit.clock import format_instant, later
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.access import AccessKey
from authkit.messages import target
from authkit.messages.request import Request
from authkit.schemes.base import Verified

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from authkit.secret import Secret

MAX_SKEW = 900
DEFAULT_SKEW = 300
MAX_AUTHORIZATION = 16384


class Demands:
    """What a verifier demands; nothing in it is taken from the message.

    Attributes:
        authorities: what Host may be, lower case; () leaves it uncompared, and the result says so.
        max_skew: seconds, 0–900, that the request's own instant may differ from now.
        required: header names, lower case, that must be covered besides the rest.
        allow_unsigned: header names, lower case, that need not be covered.
        allow_unsigned_payload: accept a body that is not covered.
        body_unchecked: accept a request whose body is not known; the result names the body as not covered.
        scheme_override: use an access key that is recorded for another scheme.
    """

    __slots__ = (
        "authorities",
        "max_skew",
        "required",
        "allow_unsigned",
        "allow_unsigned_payload",
        "body_unchecked",
        "scheme_override",
    )

    def __init__(
        self,
        authorities: "tuple[str, ...]" = (),
        max_skew: int = DEFAULT_SKEW,
        required: "tuple[str, ...]" = (),
        allow_unsigned: "tuple[str, ...]" = (),
        allow_unsigned_payload: bool = False,
        body_unchecked: bool = False,
        scheme_override: bool = False,
    ) -> None:
        self.authorities = authorities
        self.max_skew = max_skew
        self.required = required
        self.allow_unsigned = allow_unsigned
        self.allow_unsigned_payload = allow_unsigned_payload
        self.body_unchecked = body_unchecked
        self.scheme_override = scheme_override


def demands_of(options: "Any") -> Demands:
    """Return what the options of a verifier demand; not every scheme has --allow-unsigned and the like.

    Raises:
        UsageError: if --max-skew is out of range.
    """
    skew = DEFAULT_SKEW if options.max_skew is None else options.max_skew
    if not 0 <= skew <= MAX_SKEW:
        raise UsageError(f"--max-skew {skew} is not 0 to {MAX_SKEW} seconds")
    return Demands(
        tuple([one.lower() for one in options.authority]),
        skew,
        tuple([one.lower() for one in options.require]),
        tuple([one.lower() for one in getattr(options, "allow_unsigned", ())]),
        getattr(options, "allow_unsigned_payload", False),
        options.body_unchecked,
        options.scheme_override,
    )


# signing


def refuse_signed(request: Request, *names: str) -> None:
    """Raise if *request* cannot be signed: without a Host, or with a header that signing adds.

    Args:
        names: of those headers, lower case.

    Raises:
        InputError, Refused.
    """
    if "host" not in request.grouped:
        raise InputError("the request has no Host header", "add one, or say --origin https://HOST")
    if len(request.grouped["host"]) > 1:
        raise InputError("the request has the header host twice", "leave one of them")
    for name in names:
        if name in request.grouped:
            raise Refused(f"the request already has the header {name}", "remove it: signing adds it")


def own_header(request: Request, name: str, value: str) -> "tuple[tuple[str, str], ...]":
    """Return the header that signing adds; () where the request has the same already.

    Raises:
        UsageError: if it has another value, or stands twice.
    """
    found = request.values(name.lower())
    if not found:
        return ((name, value),)
    if len(found) > 1 or found[0].strip(" \t") != value:
        raise UsageError(f"the request has {name} {found[0][:64]} and is signed with {value}", "remove it")
    return ()


def known_body(request: Request) -> "tuple[str, int]":
    """Return hash and length of the body to sign.

    Raises:
        InputError: if the body is not known.
    """
    if request.payload_hash is None or request.content_length is None:
        raise InputError("the body is not known, so it cannot be signed", "give it with --body")
    return request.payload_hash, request.content_length


def without_session(key: AccessKey, scheme: str) -> AccessKey:
    """Return *key* if it has no session token.

    Raises:
        Refused: if it has one, for which the scheme has no place.
    """
    if key.session_token is not None:
        raise Refused(f"{key.access_key_id} has a session token, for which {scheme} has no place")
    return key


# verifying


def authorization(request: Request, label: str) -> str:
    """Return what stands behind the scheme's word in the one Authorization header.

    Raises:
        Rejected: no-signature, multiple-authorization, authorization-syntax, algorithm.
    """
    values = request.values("authorization")
    if not values:
        raise Rejected("no-signature")
    if len(values) > 1:
        raise Rejected("multiple-authorization")
    value = values[0].strip(" \t")
    if len(value) > MAX_AUTHORIZATION:
        raise Rejected("authorization-syntax", f"it is {len(value)} characters long")
    word, _, text = value.partition(" ")
    if word != label:
        raise Rejected("algorithm", f"{word[:40]!r}")
    return text


def single(request: Request, name: str) -> "str | None":
    """Return the value of a header that may stand once, trimmed; None without it.

    Raises:
        Rejected: duplicate-header.
    """
    values = request.values(name)
    if len(values) > 1:
        raise Rejected("duplicate-header", name[:64])
    return values[0].strip(" \t") if values else None


def check_time(at: datetime, now: datetime, max_skew: int) -> datetime:
    """Return the last second at which a request of *at* is accepted; both ends are inclusive (A3).

    Raises:
        Rejected: not-yet-valid, expired.
    """
    if at - now > timedelta(seconds=max_skew):
        raise Rejected("not-yet-valid", f"it is dated {format_instant(at)} and now is {format_instant(now)}")
    until = later(at, max_skew)
    if now > until:
        raise Rejected("expired", f"it was good until {format_instant(until)} and now is {format_instant(now)}")
    return until


def check_host(request: Request, authorities: "tuple[str, ...]") -> "tuple[str, ...]":
    """Compare Host, and the host of a target in absolute form; return the warnings.

    Raises:
        Rejected: duplicate-header, host-not-signed for a request without Host, authority-mismatch.
    """
    host = single(request, "host")
    if host is None:
        raise Rejected("host-not-signed", "there is no Host header")
    host = host.lower()
    if authorities and host not in authorities:
        raise Rejected("authority-mismatch", f"{host[:128]!r}")
    if not request.target.startswith("/") and request.target != "*":
        # a server goes by the target's host and not by Host (RFC 9112 §3.2.2)
        scheme, authority, _ = target.split_url(request.target)
        if host not in (authority, f"{authority}:{target.DEFAULT_PORTS[scheme]}"):
            raise Rejected("authority-mismatch", f"{authority[:128]!r} in the target and {host[:128]!r} in Host")
    return () if authorities else ("authority-not-compared",)


def check_token(token: "Secret | None", sent: "str | None") -> None:
    """Compare the session token of the key and the one that was sent, in constant time.

    Raises:
        Rejected: token-unexpected, token-missing, token-mismatch.
    """
    if token is None:
        if sent is not None:
            raise Rejected("token-unexpected")
    elif sent is None:
        raise Rejected("token-missing")
    elif not compare_digest(token.reveal(), sent.encode("latin-1")):
        raise Rejected("token-mismatch")


def check_body(request: Request, declared: str, unchecked: bool) -> bool:
    """Compare the body with the hash that was signed, after the signature itself was found right.

    Args:
        declared: lower-case hex, 64.
        unchecked: accept a body that is not known.

    Returns:
        whether the signature covers the body.

    Raises:
        Rejected: payload-mismatch, body-unavailable.
    """
    if request.payload_hash == declared:
        return True
    if request.payload_hash is not None:
        raise Rejected("payload-mismatch")
    if not unchecked:
        raise Rejected("body-unavailable", hint="--body-unchecked accepts it")
    return False


def check_required(required: "tuple[str, ...]", covered: "tuple[str, ...] | list[str]") -> None:
    """Raise unless *covered* holds all that the verifier requires.

    Raises:
        Rejected: required-component.
    """
    for name in required:
        if name not in covered:
            raise Rejected("required-component", name[:64])


def oddities(request: Request) -> "tuple[str, ...]":
    """Return the warnings about what two programs may read differently although the signature is right."""
    found = []
    if len(set(request.names)) != len(request.names):
        found.append("duplicate-query")
    if len(request.grouped) != len(request.headers):
        found.append("duplicate-header")
    path = request.parts[0]
    if "%" in path and any([byte < 0x20 or byte == 0x7F for byte in target.decode(path)]):
        found.append("control")
    return tuple(found)


def verified(
    scheme: str,
    access_key_id: str,
    request: Request,
    at: datetime,
    until: datetime,
    headers: "list[str] | tuple[str, ...]",
    body: str,
    warnings: "tuple[str, ...]",
    *,
    scope: str = "",
    carriers: "tuple[str, ...]" = ("authorization",),
    more: "dict[str, object] | None" = None,
) -> Verified:
    """Return the verdict of yes.

    Args:
        headers: names that the signature covers, lower case.
        body: what of the body it does not cover, as the result shall call it; "" if nothing.
        carriers: headers that carry the signature, which are not named as uncovered.
    """
    uncovered = sorted(request.grouped.keys() - set(headers) - set(carriers))
    if body and request.content_length != 0:
        uncovered.append(body)
    covered = ["method", "path", "query", *headers]
    if not body:
        covered.append("body")
    return Verified(
        scheme, access_key_id, scope, at, until, tuple(covered), tuple(uncovered), warnings + oddities(request), more
    )
