"""From what a form shall allow to the form."""

from authkit import registry
from authkit.commands import _io, _keys, _sign
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.schemes.forms.sign import Form, Wanted, sign_form
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given
    from authkit.keys.select import Credential, Key
    from authkit.schemes.forms.kinds import Kind

KINDS = {
    "sigv4": "authkit.schemes.sigv4_form",
    "goog4": "authkit.schemes.goog4_form",
    "goog4-rsa": "authkit.schemes.goog4_rsa_form",
}
_BUCKET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"


def sign(given: "Given") -> "tuple[Form, Kind, Credential]":
    """Sign the form that the options describe."""
    wanted = _wanted(given)
    at = _io.instant(given.at)
    keys = _keys.resolve(given.key, given.store)
    kind: "Kind" = registry.load(KINDS[given.scheme or _scheme_of(keys)]).KIND
    credential = kind.credential(keys, given.region, given.service, at)
    form = sign_form(wanted, credential, kind.names, at)
    if form.bearer and render.is_terminal(1) and not given.reveal:
        raise Refused("the session token would appear on the terminal", "pipe the output, or add --reveal")
    if given.explain:
        # the string to sign is the policy in base64, where a session token would not be found again
        shown = {name: text for name, text in form.stages.items() if name != "string-to-sign" or not form.bearer}
        _sign.tell_stages(shown, form.bearer)
    return form, kind, credential


def _wanted(given: "Given") -> Wanted:
    """Return what the options ask for.

    Raises:
        UsageError: naming the option that does not fit.
    """
    if given.bucket is None:
        raise UsageError("--bucket is missing")
    if (given.object_key is None) == (given.key_prefix is None):
        raise UsageError("exactly one of --object-key and --key-prefix must be given")
    if given.html and given.json:
        raise UsageError("--html and --json: one of them")
    if given.bucket.strip(_BUCKET) or not given.bucket:
        raise UsageError(f"--bucket {given.bucket[:64]!r} is not letters, digits, '.', '_' and '-'")
    if given.url is not None:
        _check_url(given.url)
    key = given.object_key if given.key_prefix is None else given.key_prefix
    return Wanted(
        given.bucket,
        _text(key, "--object-key" if given.key_prefix is None else "--key-prefix"),
        given.key_prefix is not None,
        tuple([_field(one) for one in given.field]),
        tuple([_condition(one) for one in given.condition]),
        _lengths(given.content_length_range),
        900 if given.expires is None else given.expires,
    )


def _check_url(text: str) -> None:
    """Raise if a form cannot be sent to *text*."""
    from authkit.messages.target import split_url

    if not text.startswith(("http://", "https://")):
        raise UsageError(f"--url {text[:64]!r} is not http:// or https://")
    try:
        split_url(text)
    except Rejected as rejected:
        raise UsageError(f"--url {text[:64]!r}: {rejected.message}") from rejected


def _text(text: str, option: str) -> str:
    if not text or not text.isprintable():
        raise UsageError(f"{option} is empty, or holds a character that cannot be printed")
    return text


def _field(text: str) -> "tuple[str, str]":
    name, mark, value = text.partition("=")
    if not mark or not name or not (name.isascii() and name.isprintable()) or '"' in name or not value.isprintable():
        raise UsageError(f"--field {text[:64]!r} is not NAME=VALUE in printable characters")
    return name, value


def _condition(text: str) -> object:
    from authkit import strictjson

    data = f'{{"condition": {text}}}'.encode("utf-8", "surrogateescape")
    try:
        found = strictjson.parse(data, "--condition", final_lf=False)
    except InputError as error:
        raise UsageError(error.message) from error
    if len(found) != 1:
        raise UsageError("--condition is not one JSON value")
    return found["condition"]


def _lengths(text: "str | None") -> "tuple[int, int] | None":
    if text is None:
        return None
    low, mark, high = text.partition(",")
    right = mark and all([one.isascii() and one.isdigit() and len(one) <= 15 for one in (low, high)])
    if not right or int(low) > int(high):
        raise UsageError(f"--content-length-range {text[:64]!r} is not MIN,MAX in octets")
    return int(low), int(high)


def _scheme_of(keys: "list[Key]") -> str:
    """Return what signs a form with *keys*: what they are for, else SigV4."""
    from authkit.keys.access import AccessKey
    from authkit.keys.subkeys import Subkey

    first = keys[0]
    label = first.scope.chain.label if isinstance(first, Subkey) else None
    if isinstance(first, AccessKey):
        label = first.scheme
    elif label is None:
        return "goog4-rsa"
    return "goog4" if label == "GOOG4-HMAC-SHA256" else "sigv4"


def as_json(form: Form, scheme: str, credential: "Credential", url: str) -> "dict[str, object]":
    """Return the JSON form of a signed form."""
    from authkit.clock import format_instant

    return {
        "schema": "authkit.form/v1",
        "scheme": scheme,
        "access_key_id": credential.access_key_id,
        "scope": str(credential.scope),
        "url": url,
        "fields": dict(form.fields),
        "expires_at": format_instant(form.expires_at),
        "stages": form.stages,
    }


def as_html(form: Form, url: str) -> str:
    """Return a form for a web page, the file last."""
    from html import escape

    lines = [f'<form action="{escape(url)}" method="post" enctype="multipart/form-data">']
    lines += [f'  <input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in form.fields]
    lines += ['  <input type="file" name="file">', '  <input type="submit" value="Upload">', "</form>"]
    return "\n".join(lines) + "\n"


def as_curl(form: Form, url: str) -> str:
    """Return a command line for curl; FILE in it stands for the file."""
    from authkit.curl.command import quote

    words = ["curl", "-q"]
    for name, value in form.fields:
        # -F would read what begins with @ or < from a file
        words += ["--form-string", f"{name}={value}"]
    words += ["-F", "file=@FILE", url]
    return " ".join([quote(word) for word in words]) + "\n"
