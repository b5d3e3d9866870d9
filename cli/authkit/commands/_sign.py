"""What the sign commands share: from options to a signature, and what is said of it."""

from authkit import registry
from authkit.commands import _io, _keys
from authkit.errors import Refused, UsageError
from authkit.keys.select import choose_signing
from authkit.messages.request import Request, check_request
from authkit.schemes import SCHEMES
from authkit.schemes.derived import DERIVED
from authkit.schemes.endpoints import guess_scope
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given
    from authkit.schemes.base import Signed


def sign(request: Request, given: "Given", unsigned: "tuple[str, ...]" = ()) -> "Signed":
    """Sign *request* as the options say.

    Args:
        request: what will be sent.
        given: the options.
        unsigned: headers that the sending program adds by itself and that are left unsigned.
    """
    check_request(request)
    module = registry.load(SCHEMES[given.scheme])
    row = DERIVED[given.scheme]
    at = _io.instant(given.at)
    keys = _keys.resolve(given.key, given.store)
    wanted = {"region": given.region, "service": given.service}
    credential = choose_signing(keys, row.chain, at, wanted, lambda: guess_scope(request.host))
    settings = module.Settings(
        placement=given.placement,
        expires=given.expires,
        normalize_path=given.normalize_path,
        double_encode=given.double_encode,
        payload=given.payload,
        payload_header=given.payload_header,
        omit_session_token=given.omit_session_token,
        sign_headers=given.sign_header,
        no_sign_headers=(*given.no_sign_header, *unsigned),
    )
    signed: "Signed" = module.SCHEME.sign(request, credential, settings, at)
    for warning in signed.warnings:
        render.warn(warning)
    if credential.session_token is not None and render.is_terminal(1) and not given.reveal:
        raise Refused("the session token would appear on the terminal", "pipe the output, or add --reveal")
    if given.explain:
        _explain(signed)
    return signed


def _explain(signed: "Signed") -> None:
    """Show the stages on standard error, since standard output carries the result."""
    from authkit.commands._explained import stage_text
    from authkit.explain.redact import redact_stages

    tokens = [value for name, value in signed.added if name.lower().endswith("security-token")]
    for name, text in redact_stages(signed.stages, tokens).items():
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


def as_json(signed: "Signed") -> "dict[str, object]":
    """Return the JSON form of a signed request (DESIGN, "Machine interfaces")."""
    return {
        "schema": "authkit.signed/v1",
        "scheme": signed.scheme,
        "access_key_id": signed.access_key_id,
        "scope": signed.scope,
        "method": signed.request.method,
        "url": signed.url,
        "headers": [list(pair) for pair in signed.request.headers],
        "stages": signed.stages,
    }
