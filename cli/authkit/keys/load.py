"""Which keys does this file hold, whatever its format?"""

from authkit.errors import InputError
from authkit.keys.access import load_access_key
from authkit.keys.scope import Chain
from authkit.keys.select import Key
from authkit.keys.subkeys import SCHEMA as SUBKEYS
from authkit.keys.subkeys import SubkeyFile, load_subkeys


def kind_of(data: bytes) -> str:
    """Return what *data* is, by content alone (A21).

    Returns:
        "subkeys", "access-key", "key-pair", "public-key", "service-account" or "unknown".
    """
    if data.lstrip()[:11] == b"-----BEGIN ":
        return "key-pair" if b"PRIVATE KEY-----" in data else "public-key"
    if data.lstrip()[:1] != b"{":
        return "public-key" if data[:1] == b"\x30" else "unknown"
    if b'"kty"' in data[:4096]:
        return "public-key"
    if b'"service_account"' in data[:4096]:
        return "service-account"
    # the schema stands near the front in what authkit writes, and a strict parse follows in any case
    return "subkeys" if SUBKEYS.encode("ascii") in data[:4096] or b'"subkeys"' in data[-4096:] else "access-key"


def load_keys(data: bytes, chain_for: "dict[str, Chain]", what: str) -> "list[Key]":
    """Return the keys in *data*.

    Args:
        data: an access-key file, a subkey file, a private key in PEM with or without certificates, a public key, a
            certificate or a JWK; untrusted.
        chain_for: algorithm label -> chain.
        what: names the input in errors.

    Raises:
        InputError: if it is none of these, or not in order.
    """
    kind = kind_of(data)
    if kind in ("key-pair", "public-key"):
        from authkit.keys.prove import load_private, load_public

        return [load_private(data, what) if kind == "key-pair" else load_public(data, what)]
    if kind == "service-account":
        from authkit.keys.service_account import load_service_account

        return [load_service_account(data, what)]
    if kind == "unknown":
        raise InputError(f"{what}: neither an access-key file, nor a subkey file, nor a key in PEM")
    if kind == "access-key":
        return [load_access_key(data, what)]
    return list(load_subkeys(data, chain_for, what).subkeys)


def load_subkey_file(data: bytes, chain_for: "dict[str, Chain]", what: str) -> SubkeyFile:
    """Return a subkey file's content.

    Raises:
        InputError: if *data* is anything else.
    """
    if kind_of(data) != "subkeys":
        raise InputError(f"{what}: not a subkey file")
    return load_subkeys(data, chain_for, what)
