"""From a body and its keys to the headers of a webhook."""

import os

from authkit.commands import _io, _keys, _sign
from authkit.commands._local import find, schemes_of
from authkit.errors import UsageError
from authkit.messages.payload import hash_reader
from authkit.messages.request import Request
from authkit.schemes.base import SignJob
from authkit.schemes.webhooks.options import is_webhook
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given
    from authkit.keys.select import Key
    from authkit.schemes.base import Scheme, Signed


def sign(given: "Given") -> "Signed":
    """Sign the body that the options name; tell what there is to tell."""
    if given.file == "-" and render.is_terminal(0):
        raise UsageError("the body is to come from standard input, which is a terminal", "give a file, or pipe it in")
    at = _io.instant(given.at)
    scheme = None if given.scheme is None else _webhook(given.scheme)
    keys = _keys.resolve_all(given.key, given.store)
    scheme = scheme or _scheme_of(keys)
    watched = {} if scheme.watch is None else scheme.watch(given)
    with _io.open_body(given.file) as body:
        # a body alone: no target
        request = Request("POST", "").with_body(*hash_reader(body, b"", watched), watched)
    signed = scheme.sign(SignJob(request, keys, given, at, os.urandom))
    for warning in signed.warnings:
        render.warn(warning)
    if given.explain:
        _sign.explain(signed)
    return signed


def as_json(signed: "Signed") -> "dict[str, object]":
    """Return the JSON form; a webhook's body alone has no URL."""
    headers = [list(pair) for pair in signed.added]
    return {**_sign.as_json(signed), "url": None, "headers": headers}


def _webhook(name: str) -> "Scheme":
    scheme = find(name)
    if not is_webhook(scheme):
        raise UsageError(f"{name} is no format of webhooks", "use sign http")
    return scheme


def _scheme_of(keys: "list[Key]") -> "Scheme":
    """Return the format that the keys are for."""
    found = schemes_of(keys)
    if len(found) != 1 or not is_webhook(found[0]):
        raise UsageError("the key does not say which format it is for", "say which with --scheme")
    return found[0]
