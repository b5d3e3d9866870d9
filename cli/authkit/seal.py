"""How is data sealed in an age file, and opened again?"""

from authkit.errors import InputError, Refused

_ARMOR = b"-----BEGIN AGE ENCRYPTED FILE-----"
_BINARY = b"age-encryption.org/v1\n"
_LEAST_WORK = 18  # log2 of scrypt's N; what age itself writes
_MOST_WORK = 22  # 4 GiB of memory; more is an attack or a mistake, and age refuses it too
_TRIES = 16


class Unopened(InputError):
    """An age file does not open.

    Args:
        reason: "key" (the passphrase or identity is not its own), "work" (its passphrase costs more work than this
            machine allows), or "damaged".
        message, hint: as for every error.
    """

    def __init__(self, reason: str, message: str, hint: "str | None" = None) -> None:
        super().__init__(message, hint)
        self.reason = reason


def generate_identity() -> "tuple[str, str]":
    """Return a new identity, "AGE-SECRET-KEY-1…", a secret, with its recipient, "age1…"."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def canonical_identity(text: str) -> str:
    """Return the one spelling of an identity, upper case.

    Raises:
        InputError: if *text* is not a native identity; it is not quoted.
    """
    from pyrage import IdentityError, x25519

    try:
        return str(x25519.Identity.from_str(text))
    except IdentityError as error:
        raise InputError("not an age identity of the form AGE-SECRET-KEY-1…") from error


def recipient_of(identity: str) -> str:
    """Return the recipient "age1…" that belongs to *identity*.

    Raises:
        InputError: if *identity* is not a native identity; it is not quoted.
    """
    from pyrage import x25519

    return str(x25519.Identity.from_str(canonical_identity(identity)).to_public())


def encrypt_to(recipient: str, data: bytes) -> str:
    """Return *data* sealed to one native recipient: ASCII armor, LF.

    Nothing but "age1…" is a recipient here, so none can name a program.

    Raises:
        InputError: if *recipient* is not a native recipient.
    """
    from pyrage import RecipientError, encrypt, x25519

    try:
        known = x25519.Recipient.from_str(recipient)
    except RecipientError as error:
        raise InputError(f"not an age recipient of the form age1…: {recipient}") from error
    return bytes(encrypt(data, [known], armored=True)).decode("ascii")


def decrypt_with(identity: str, sealed: "bytes | str", what: str = "the age file") -> bytes:
    """Return what *sealed* holds for *identity*.

    Args:
        identity: "AGE-SECRET-KEY-1…".
        sealed: armored or binary age.
        what: names the file in messages.

    Raises:
        InputError: if *identity* is not one.
        Unopened: reason "key" or "damaged".
    """
    from pyrage import DecryptError, decrypt, x25519

    key = x25519.Identity.from_str(canonical_identity(identity))
    try:
        return bytes(decrypt(_as_bytes(sealed), [key]))
    except DecryptError as error:
        if str(error) == "No matching keys found":
            raise Unopened("key", f"{what} is not sealed to this identity") from error
        raise Unopened("damaged", f"{what} is damaged") from error


def encrypt_with_passphrase(passphrase: bytes, data: bytes) -> str:
    """Return *data* sealed with a passphrase: ASCII armor, LF.

    age's library measures the machine and may settle for little work on a busy one, so what it wrote is looked at and
    done again until it is enough.

    Args:
        passphrase: UTF-8, used as it is, without any normalisation.
        data: any bytes.

    Raises:
        InputError: if *passphrase* is empty or not UTF-8.
        Refused: if the machine stays too busy for scrypt with N = 2¹⁸.
    """
    text = _passphrase_text(passphrase)
    for _ in range(_TRIES):
        sealed = _seal_once(text, data)
        if (work_factor(sealed) or 0) >= _LEAST_WORK:
            return sealed.decode("ascii")
    raise Refused(
        "this machine is too busy to seal with a passphrase as strongly as it should be",
        "try again when other programs have ended",
    )


def _seal_once(passphrase: str, data: bytes) -> bytes:
    from pyrage import passphrase as scrypt

    return bytes(scrypt.encrypt(data, passphrase, armored=True))


def decrypt_with_passphrase(passphrase: bytes, sealed: "bytes | str", what: str = "the age file") -> bytes:
    """Return what *sealed* holds.

    Args:
        passphrase: UTF-8, used as it is, without any normalisation.
        sealed: armored or binary age; any work factor up to 22 that the library finds bearable.
        what: names the file in messages.

    Raises:
        InputError: if *passphrase* is empty or not UTF-8.
        Unopened: reason "key", "work" or "damaged".
    """
    from pyrage import DecryptError
    from pyrage import passphrase as scrypt

    text, data = _passphrase_text(passphrase), _as_bytes(sealed)
    work = work_factor(data)
    if work is None:
        raise Unopened("damaged", f"{what} is not an age file with a passphrase, or is damaged")
    if work > _MOST_WORK:
        raise _too_much_work(what, work)
    try:
        return bytes(scrypt.decrypt(data, text))
    except DecryptError as error:
        if str(error).startswith("Excessive work"):
            raise _too_much_work(what, work) from error
        if str(error) == "Decryption failed":
            raise Unopened("key", f"the passphrase does not open {what}") from error
        raise Unopened("damaged", f"{what} is damaged") from error


def _too_much_work(what: str, work: int) -> Unopened:
    message = f"{what} was sealed on a faster machine: its passphrase takes too much work here (scrypt, N = 2^{work})"
    return Unopened("work", message, "open it with: age -d FILE")


def is_sealed(data: bytes) -> bool:
    """Say whether *data* begins as an age file does, armored or binary."""
    return data.startswith((_ARMOR, _BINARY))


def work_factor(data: bytes) -> "int | None":
    """Return log2 of scrypt's N from the header of a file with a passphrase; None if it has none."""
    if data.startswith(_ARMOR):
        data = _dearmored_start(data)
    lines = data[:512].split(b"\n")
    if lines[0] + b"\n" != _BINARY or len(lines) < 3:
        return None
    words = lines[1].split(b" ")
    if len(words) != 4 or words[:2] != [b"->", b"scrypt"] or not words[3].isdigit() or len(words[3]) > 2:
        return None
    return int(words[3])


def _dearmored_start(data: bytes) -> bytes:
    import binascii

    lines = data[:1024].splitlines()[1:5]
    try:
        return b"".join(binascii.a2b_base64(line) for line in lines)
    except binascii.Error:
        return b""


def _passphrase_text(passphrase: bytes) -> str:
    if not passphrase:
        raise InputError("the passphrase is empty")
    try:
        return passphrase.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("the passphrase is not UTF-8") from None  # the cause would carry its bytes


def _as_bytes(sealed: "bytes | str") -> bytes:
    return sealed.encode("utf-8", "surrogatepass") if isinstance(sealed, str) else sealed
