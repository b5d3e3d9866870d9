"""Does this passphrase open the store's identity?"""

from authkit import files, seal
from authkit.errors import AuthkitError, InputError, Refused, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LEAST_CHARACTERS = 16
WORDS = 10  # eight random bits each
_LIMIT = 64 << 10


def open_identity(path: str, ask: "Callable[[str], bytes]") -> str:
    """Return the identity that *path* holds under a passphrase.

    Args:
        path: the store's identity.age.
        ask: a function from a prompt to the passphrase, UTF-8, without line end.

    Returns:
        "AGE-SECRET-KEY-1…", a secret.

    Raises:
        StoreError: if the file is missing, open to others or damaged, or the passphrase is wrong.
    """
    try:
        sealed = files.read_private(path, _LIMIT, "sealed identity")
    except AuthkitError as error:
        raise StoreError(f"the store's identity cannot be read: {error.message}", error.hint) from error
    passphrase = ask("passphrase of the store")
    try:
        return _identity_in(seal.decrypt_with_passphrase(passphrase, sealed, path))
    except InputError as error:
        raise StoreError(error.message, error.hint) from error


def _identity_in(data: bytes) -> str:
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if len(found) != 1:
        raise InputError(f"a sealed identity holds one identity, not {len(found)}")
    return seal.canonical_identity(found[0])


def keep_identity(path: str, identity: str, passphrase: bytes, *, replace: bool = False) -> None:
    """Write *identity* to *path* under a passphrase, as `age -p` would; `age -d` opens it.

    Raises:
        InputError: if *passphrase* is empty or not UTF-8.
        Refused: if *path* exists and *replace* is false, or the machine is too busy for a strong seal.
        StoreError: if it cannot be written.
    """
    sealed = seal.encrypt_with_passphrase(passphrase, identity.encode("ascii") + b"\n")
    files.write_secret(path, sealed.encode("ascii"), replace=replace)


def check_passphrase(passphrase: bytes) -> None:
    """Pass a chosen passphrase that is long enough.

    Raises:
        InputError: if it is not UTF-8.
        Refused: if it has fewer than 16 characters.
    """
    try:
        count = len(passphrase.decode("utf-8"))
    except UnicodeDecodeError:
        raise InputError("the passphrase is not UTF-8") from None  # the cause would carry its bytes
    if count < LEAST_CHARACTERS:
        raise Refused(
            f"a chosen passphrase has at least {LEAST_CHARACTERS} characters, and this one has {count}",
            f"choose a longer one, or let authkit make one of {WORDS} words",
        )


def generate_passphrase(random: "Callable[[int], bytes]") -> str:
    """Return ten random words, lower case, joined by "-": 80 bits.

    Args:
        random: a function from a count to so many random bytes.
    """
    from authkit.words import words_of

    return words_of(random(WORDS)).lower().replace(" ", "-")


def without_line_end(content: bytes) -> bytes:
    """Return the passphrase in a file's content: all of it but one LF or CRLF at the end."""
    if content.endswith(b"\r\n"):
        return content[:-2]
    return content[:-1] if content.endswith(b"\n") else content
