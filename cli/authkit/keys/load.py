"""Which keys does this file hold, whatever its format?"""

from authkit.errors import InputError, Refused
from authkit.keys.access import load_access_key
from authkit.keys.scope import Chain
from authkit.keys.select import Key
from authkit.keys.subkeys import SCHEMA as SUBKEYS
from authkit.keys.subkeys import SubkeyFile, load_subkeys


def kind_of(data: bytes) -> str:
    """Return "subkeys", "access-key", "key-pair" or "unknown", by content alone (A21)."""
    if data.lstrip()[:11] == b"-----BEGIN ":
        return "key-pair"
    if data.lstrip()[:1] != b"{":
        return "unknown"
    # the schema stands near the front in what authkit writes, and a strict parse follows in any case
    return "subkeys" if SUBKEYS.encode("ascii") in data[:4096] or b'"subkeys"' in data[-4096:] else "access-key"


def load_keys(data: bytes, chain_for: "dict[str, Chain]", what: str) -> "list[Key]":
    """Return the keys that sign or check MACs in *data*.

    Args:
        data: an access-key file or a subkey file; untrusted.
        chain_for: algorithm label -> chain.
        what: names the input in errors.

    Raises:
        InputError: if it is neither, or not in order.
        Refused: if it is a key pair: a PEM is never a MAC secret (A21).
    """
    kind = kind_of(data)
    if kind == "key-pair":
        raise Refused(f"{what} is a key pair, and this scheme signs with a secret or a subkey")
    if kind == "unknown":
        raise InputError(f"{what}: neither an access-key file nor a subkey file")
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
