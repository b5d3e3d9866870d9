"""authkit: credentials, offline subkeys and signed requests.

The same jobs as on the command line, from Python.  Every name is imported when it is first used, so that
`import authkit` costs nothing.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.api import (
        derive_subkey,
        explain_request,
        load_keys,
        open_chunks,
        parse_curl,
        sign_request,
        sign_with,
        verify_request,
        verify_with,
    )
    from authkit.certs.presented import Presented
    from authkit.errors import AuthkitError, InputError, NotFound, Refused, Rejected, StoreError, UsageError
    from authkit.keys.access import AccessKey
    from authkit.keys.scope import Scope
    from authkit.keys.subkeys import Subkey
    from authkit.messages.request import Request, parse_request
    from authkit.messages.response import Response, parse_response
    from authkit.schemes.base import Signed, Verified
    from authkit.schemes.binding import Bindings
    from authkit.schemes.policy import Policy
    from authkit.schemes.sigv4 import Settings

__version__ = "0.1.0"

_PLACES = {
    "AccessKey": "keys.access",
    "AuthkitError": "errors",
    "Bindings": "schemes.binding",
    "InputError": "errors",
    "NotFound": "errors",
    "Policy": "schemes.policy",
    "Presented": "certs.presented",
    "Refused": "errors",
    "Rejected": "errors",
    "Request": "messages.request",
    "Response": "messages.response",
    "Scope": "keys.scope",
    "Settings": "schemes.sigv4",
    "Signed": "schemes.base",
    "StoreError": "errors",
    "Subkey": "keys.subkeys",
    "UsageError": "errors",
    "Verified": "schemes.base",
    "derive_subkey": "api",
    "explain_request": "api",
    "load_keys": "api",
    "open_chunks": "api",
    "parse_curl": "api",
    "parse_request": "messages.request",
    "parse_response": "messages.response",
    "sign_request": "api",
    "sign_with": "api",
    "verify_request": "api",
    "verify_with": "api",
}

__all__ = [
    "AccessKey",
    "AuthkitError",
    "Bindings",
    "InputError",
    "NotFound",
    "Policy",
    "Presented",
    "Refused",
    "Rejected",
    "Request",
    "Response",
    "Scope",
    "Settings",
    "Signed",
    "StoreError",
    "Subkey",
    "UsageError",
    "Verified",
    "derive_subkey",
    "explain_request",
    "load_keys",
    "open_chunks",
    "parse_curl",
    "parse_request",
    "parse_response",
    "sign_request",
    "sign_with",
    "verify_request",
    "verify_with",
]


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module 'authkit' has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f"authkit.{_PLACES[name]}"), name)
    globals()[name] = found  # so that it is looked up once
    return found


def __dir__() -> "list[str]":
    return [*__all__, "__version__"]
