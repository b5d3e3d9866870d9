"""Which key stands in a service account's JSON key file?"""

from authkit.errors import InputError
from authkit.keys.access import check_id
from authkit.keys.prove import PrivateKey, load_private

MARK = b'"service_account"'


def load_service_account(data: bytes, what: str) -> PrivateKey:
    """Read the key file that Google Cloud hands out for a service account.

    Args:
        data: JSON with members that authkit does not know besides those it needs.
        what: names the input in errors.

    Returns:
        an RSA key; its id is the account's e-mail address.

    Raises:
        InputError: if a member is missing or wrong; the key is not shown.
    """
    import json

    try:
        top = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise InputError(f"{what}: not JSON") from None
    if not isinstance(top, dict) or top.get("type") != "service_account":
        raise InputError(f"{what}: member 'type' is not 'service_account'")
    for name in ("client_email", "private_key"):
        if not isinstance(top.get(name), str):
            raise InputError(f"{what}: no member {name!r}")
    key = load_private(top["private_key"].encode("ascii", "replace"), what, check_id(top["client_email"], what))
    if not key.type.startswith("rsa"):
        raise InputError(f"{what}: member 'private_key' is not an RSA key")
    return key
