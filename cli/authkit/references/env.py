"""env: and env:AWS: a key in the environment."""

from authkit import base64
from authkit.errors import InputError, NotFound, UsageError
from authkit.keys.access import AccessKey, check_id, check_secret
from authkit.keys.load import load_keys
from authkit.keys.select import Key
from authkit.references import Look
from authkit.secret import Secret


def load(rest: str, look: Look) -> "list[Key]":
    """Return the key in the variables that *rest* names: "" for AUTHKIT_*, "AWS" for AWS_*.

    Raises:
        UsageError: if *rest* is anything else, or both a secret and subkeys are set.
        NotFound: if nothing is set.
        InputError: if a value is not in order; the value is not shown.
    """
    if rest not in ("", "AWS"):
        raise UsageError(f"env:{rest} is not a key reference", "write env: or env:AWS")
    prefix = "AWS_" if rest else "AUTHKIT_"
    names = [prefix + word for word in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")]
    access_key_id, secret, token = [look.environ.get(name, "") for name in names]
    subkeys = "" if rest else look.environ.get("AUTHKIT_SUBKEYS", "")
    if subkeys and (access_key_id or secret):
        raise UsageError("both AUTHKIT_SUBKEYS and a secret are in the environment", "unset one of them")
    if subkeys:
        data = base64.decode(subkeys)
        if data is None:
            raise InputError("AUTHKIT_SUBKEYS is not the base64 of a subkey file")
        return load_keys(data, look.chain_for, "AUTHKIT_SUBKEYS")
    for name, value in zip(names[:2], (access_key_id, secret)):
        if not value:
            raise NotFound(f"{name} is not set")
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise InputError(f"{names[2]} is not printable ASCII without spaces")
    return [
        AccessKey(
            check_id(access_key_id, names[0]),
            check_secret(secret, names[1]),
            session_token=Secret(token.encode("ascii")) if token else None,
        )
    ]
