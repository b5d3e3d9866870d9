"""file:PATH: a subkey file or an access-key file, sealed or plain."""

from authkit import files
from authkit.keys.load import kind_of, load_keys
from authkit.keys.select import Key
from authkit.references import Look

LIMIT = 64 * 1024 * 1024
AGE = (b"-----BEGIN AGE ENCRYPTED FILE-----", b"age-encryption.org/v1\n")


def load(rest: str, look: Look) -> "list[Key]":
    """Return the keys in the file *rest*.

    Raises:
        InputError: if it cannot be read or is not a key file.
        Refused: if it is open to others, or holds a key pair.
    """
    return load_keys(read_key_file(rest, look), look.chain_for, rest)


def read_key_file(path: str, look: Look) -> bytes:
    """Return the content of a key file, unsealed if it is an age file."""
    data = files.read_private(path, LIMIT, "key file", lambda data: kind_of(data) == "public-key")
    return look.unseal(data, path) if data.startswith(AGE) else data
