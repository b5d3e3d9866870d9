"""What the sign commands share: from options to a signature, and what is said of it."""

import os

from authkit.commands import _io, _keys, _schemes
from authkit.errors import Refused, UsageError
from authkit.messages.request import Request, check_request
from authkit.schemes.base import SignJob
from authkit.schemes.binding import chain_of, speak_of_certificates
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from authkit.commands._quick import Given
    from authkit.keys.select import Key
    from authkit.messages.response import Response
    from authkit.schemes.base import Signed


def sign(request: "Request | Response", given: "Given", unsigned: "tuple[str, ...]" = ()) -> "Signed":
    """Sign *request* as the options say.

    Args:
        request: what will be sent, which may be a response; its body was seen by what _schemes.watched gave.
        given: the options.
        unsigned: headers that the sending program adds by itself and that are left unsigned.
    """
    message: "Any" = request
    if getattr(request, "status", None) is None:
        check_request(message)
    at = _io.instant(given.at)
    signer = Signer(given, unsigned)
    scheme = signer.scheme
    if getattr(request, "status", None) is not None:
        from authkit.commands._responses import check_scheme

        check_scheme(message, scheme)
    if given.scheme is None and scheme.name != _schemes.DEFAULT and scheme.watch is not None and scheme.watch(given):
        raise UsageError(f"the key is for {scheme.label}, which must see the body", f"add --scheme {scheme.name}")
    signed = signer.sign(message, at)
    for warning in signed.warnings:
        render.warn(warning)
    if signed.bearer:
        refuse_bearer(given)
    if given.explain:
        explain(signed)
    return signed


class Signer:
    """Signs any number of messages with the key, the scheme and the options that a command line gives.

    Args:
        given: the options.
        unsigned: headers that the sending program adds by itself and that are left unsigned.

    Attributes:
        scheme: which one it is.
        processes: over how many its work may be spread; None for as many as there are cores.
    """

    def __init__(self, given: "Given", unsigned: "tuple[str, ...]" = ()) -> None:
        keys = _keys.resolve(given.key, given.store)
        self.scheme = _schemes.decide(given, keys, "sign_options")
        _schemes.read_files(given, self.scheme.sign_options)
        certificates = getattr(given, "certificate", None)
        if certificates is not None:
            keys = [_with_certificates(key, certificates) for key in keys]
        given.no_sign_header = (*getattr(given, "no_sign_header", ()), *unsigned)
        self._keys = keys
        self.processes = _keys.processes(keys)
        self._given = given

    def sign(self, message: "Any", at: "datetime") -> "Signed":
        """Return *message* signed as of *at*; raises as the scheme has it."""
        message = _proven(message, self._given, self._keys)
        return self.scheme.sign(SignJob(message, self._keys, self._given, at, os.urandom))


def refuse_bearer(given: "Given") -> None:
    """Raise if a session token would appear on the terminal."""
    if render.is_terminal(1) and not given.reveal:
        raise Refused("the session token would appear on the terminal", "pipe the output, or add --reveal")


def _proven(request: Request, given: "Given", keys: "list[Key]") -> Request:
    """Return *request* with what it says of the client's certificate; what a proxy alone may say is refused."""
    file, leaf = getattr(given, "bind_certificate", None), None
    if file is not None:
        from authkit.commands._presented import leaf_in

        leaf = leaf_in(file)
    chain = chain_of(keys) if getattr(given, "send_certificate", False) else None
    return speak_of_certificates(request, leaf=leaf, chain=chain, as_proxy=getattr(given, "as_proxy", False))


def _with_certificates(key: "Key", certificates: bytes) -> "Key":
    from authkit.keys.prove import PrivateKey, read_certificates

    if not isinstance(key, PrivateKey):
        raise UsageError("--certificate goes with a private key, and the key is none")
    return key.with_chain(read_certificates(certificates), "--certificate")


def explain(signed: "Signed") -> None:
    """Show the stages on standard error, since standard output carries the result."""
    tell_stages(signed.stages, signed.bearer)


def tell_stages(stages: "dict[str, str]", bearer: "tuple[str, ...]") -> None:
    """Show stages on standard error, the signature and what *bearer* names left out."""
    from authkit.commands._explained import stage_text
    from authkit.explain.redact import redact_stages

    for name, text in redact_stages(stages, list(bearer)).items():
        render.tell(stage_text(name, text) + "\n")


def origin(text: "str | None") -> "tuple[str, str | None]":
    """Return scheme and host of --origin."""
    if text is None:
        return "https", None
    from authkit.messages.target import split_url

    scheme, host, path = split_url(text)
    if path != "/":
        raise UsageError(f"--origin {text!r} has a path", "write it as https://HOST")
    return scheme, host


def head_of(message: "Request | Response") -> bytes:
    """Return the head of a message as bytes, CRLF, with the empty line."""
    if isinstance(message, Request):
        from authkit.messages.draft import format_head

        return format_head(message)
    from authkit.messages.response import format_response_head

    return format_response_head(message)


def as_json(signed: "Signed") -> "dict[str, object]":
    """Return the JSON form of a signed message (DESIGN, "Machine interfaces")."""
    status = getattr(signed.request, "status", None)
    first = {"method": signed.request.method, "url": signed.url} if status is None else {"status": status}
    return {
        "schema": "authkit.signed/v1",
        "scheme": signed.scheme,
        "access_key_id": signed.access_key_id,
        "scope": signed.scope or None,
        **first,
        "headers": [list(pair) for pair in signed.request.headers],
        "stages": signed.stages,
    }
