"""How is data sealed in an age file, and opened again?"""

from authkit import base64
from authkit.errors import InputError, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Protocol

    class Talk(Protocol):
        """What a plugin says and asks; a method that cannot answer returns None, and none raises."""

        def display_message(self, message: str) -> None: ...
        def confirm(self, message: str, yes_string: str, no_string: "str | None") -> "bool | None": ...
        def request_public_string(self, description: str) -> "str | None": ...
        def request_passphrase(self, description: str) -> "str | None": ...


_ARMOR = b"-----BEGIN AGE ENCRYPTED FILE-----"
_BINARY = b"age-encryption.org/v1\n"
_LEAST_WORK = 18  # log2 of scrypt's N; what age itself writes
_MOST_WORK = 22  # 4 GiB of memory; more is an attack or a mistake, and age refuses it too
_TRIES = 16
_MOST_IDENTITIES = 1000
_SSH_TYPES = ("ssh-ed25519", "ssh-rsa")
_OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_PKCS1 = b"-----BEGIN RSA PRIVATE KEY-----"


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


class Identity:
    """What opens a file that is sealed to its recipient.

    Attributes:
        recipient: its text as it is enrolled: "age1…", or an SSH key's type and key; "" for a plugin's identity whose
            file does not tell it.
        plugin: the name of the program that does the opening, behind "age-plugin-"; "" for none.
    """

    __slots__ = ("_key", "plugin", "recipient")

    def __init__(self, key: "Any", recipient: str, plugin: str = "") -> None:
        self._key = key
        self.recipient = recipient
        self.plugin = plugin

    def __repr__(self) -> str:
        return f"<Identity of {self.recipient or self.plugin}>"

    def decrypter(self, talk: "Talk") -> "Any":
        """Return what pyrage decrypts with; a plugin's program is started by it."""
        if not self.plugin:
            return self._key
        from pyrage import plugin

        return plugin.IdentityPluginV1(self.plugin, [self._key], talk)


def recipient_kind(text: str) -> str:
    """Return what kind of recipient *text* is.

    Returns:
        "native", "tag" (a key in hardware to which anybody seals without a program), "ssh" or "plugin".

    Raises:
        InputError: if it is none, or an SSH key with a comment.
    """
    return _recipient(text)[0]


def _recipient(text: str) -> "tuple[str, Any]":
    """Return the kind and pyrage's object; the prefix of Bech32, "age" or "age1NAME", tells the kind."""
    from pyrage import RecipientError, plugin, ssh, tag, tagpq, x25519

    prefix = text.rpartition("1")[0]
    known = {"age": ("native", x25519), "age1tag": ("tag", tag), "age1tagpq": ("tag", tagpq)}
    kind, module = known.get(prefix, ("plugin", plugin))
    if text.startswith("ssh-"):
        kind, module = "ssh", ssh
        words = text.split(" ")
        if len(words) != 2 or words[0] not in _SSH_TYPES or base64.decode(words[1]) is None:
            raise InputError(f"not an SSH key's type and key, without a comment: {text[:64]}")
    try:
        return kind, module.Recipient.from_str(text)
    except RecipientError as error:
        raise InputError(f"not a recipient of the form age1… or ssh-…: {text[:80]}") from error


def seal_for(recipient: str, data: bytes, talk: "Talk | None" = None) -> str:
    """Return *data* sealed to one recipient of any kind: ASCII armor, LF.

    Args:
        recipient: "age1…", or an SSH key's type and key.
        data: any bytes.
        talk: answers a plugin; None where none may be started, because nobody enrolled that very text (S36).

    Raises:
        InputError: if *recipient* is none.
        Refused: if it is a plugin's and *talk* is None; or if the plugin is missing, or does not seal.
    """
    from pyrage import EncryptError, encrypt, plugin

    kind, known = _recipient(recipient)
    name = known.plugin() if kind == "plugin" else ""
    if name and talk is None:
        hint = "'authkit trust-requester NAME --recipient RECIPIENT' enrols it"
        raise Refused(f"{recipient[:80]} names the program age-plugin-{name}, and is not enrolled", hint)
    try:
        if name:
            known = plugin.RecipientPluginV1(name, [known], [], talk)
        return bytes(encrypt(data, [known], armored=True)).decode("ascii")
    except EncryptError as error:
        raise Refused(f"age-plugin-{name} does not seal: {_said(error)}") from error


def open_with(
    identities: "Sequence[Identity]", sealed: "bytes | str", talk: "Talk", what: str = "the age file"
) -> "tuple[bytes, str]":
    """Return what *sealed* holds, and the recipient of the identity that opened it.

    Plugins are started last, and only if no other identity opens it.

    Args:
        identities: ours; each was named by the user.
        sealed: armored or binary age; untrusted.
        talk: answers a plugin.
        what: names the file in messages.

    Raises:
        Unopened: reason "key" or "damaged".
        Refused: if a plugin is missing, or says that something went wrong.
    """
    from pyrage import DecryptError, decrypt

    data = _as_bytes(sealed)
    for identity in sorted(identities, key=lambda one: one.plugin != ""):
        try:
            return bytes(decrypt(data, [identity.decrypter(talk)])), identity.recipient
        except DecryptError as error:
            if str(error) == "No matching keys found":
                continue
            if identity.plugin:
                raise Refused(f"age-plugin-{identity.plugin} does not open {what}: {_said(error)}") from error
            raise Unopened("damaged", f"{what} is damaged") from error
    raise Unopened("key", f"{what} is not sealed to this identity")


def _said(error: Exception) -> str:
    """Return what a plugin, or the search for it, said: the first line, as far as it can be printed."""
    first = str(error).partition("\n")[0]
    return "".join([char for char in first if char.isprintable()])[:200].rstrip(".")


def load_identities(data: bytes, what: str, unseal: "Callable[[bytes], bytes]") -> "list[Identity]":
    """Return the identities in a file.

    Args:
        data: an SSH private key; or one age identity a line, native or a plugin's, with comments; or these in an age
            file under a passphrase, as `age -p` writes it.
        what: names the file in messages.
        unseal: returns what such an age file holds.

    Raises:
        InputError: naming the line that is no identity; it is not quoted.
    """
    if is_sealed(data):
        data = unseal(data)
    if data.lstrip().startswith(b"-----BEGIN "):
        return [_ssh_identity(data, what)]
    found, recipient = [], ""
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        word = line.strip()
        if word.startswith("#"):
            recipient = _stated(word) or recipient
        elif word:
            found.append(_line_identity(word, recipient, f"{what}: line {number}"))
            recipient = ""
    if not 1 <= len(found) <= _MOST_IDENTITIES:
        raise InputError(f"{what}: holds {len(found)} identities, not 1 to {_MOST_IDENTITIES}")
    return found


def _stated(comment: str) -> str:
    """Return the recipient that a comment states, as plugins write it above an identity; else ""."""
    name, _, rest = comment.lstrip("# ").partition(":")
    return rest.strip() if name.strip().lower() in ("recipient", "public key") else ""


def _line_identity(text: str, recipient: str, what: str) -> Identity:
    from pyrage import IdentityError, plugin, x25519

    try:
        if text.startswith("AGE-PLUGIN-"):
            known = plugin.Identity.from_str(text)
            return Identity(known, recipient, known.plugin())
        native = x25519.Identity.from_str(text)
    except IdentityError:
        raise InputError(f"{what} is not an age identity") from None  # the cause might quote it
    return Identity(native, str(native.to_public()))


def _ssh_identity(data: bytes, what: str) -> Identity:
    from pyrage import IdentityError, ssh

    try:
        key = ssh.Identity.from_buffer(data)
    except IdentityError as error:
        if "decrypted first" in str(error):
            hint = "'ssh-keygen -p -f COPY' takes it off a copy of the key"
            raise InputError(f"{what}: the SSH key is under a passphrase, which cannot be used here", hint) from None
        raise InputError(f"{what}: not an SSH private key of type Ed25519 or RSA") from None
    recipient = _ssh_recipient(data)
    if recipient is None:
        raise InputError(f"{what}: not an SSH private key that says which key it is")
    return Identity(key, recipient)


def _ssh_recipient(data: bytes) -> "str | None":
    """Return the public half of an SSH private key, which stands in clear at its beginning; None if it does not.

    Source:
        OpenSSH PROTOCOL.key; RFC 8017 A.1.2 for RSA keys as OpenSSL writes them.
    """
    import binascii

    lines = data.strip().splitlines()
    try:
        body = binascii.a2b_base64(b"".join(lines[1:-1]))
    except binascii.Error:
        return None
    if lines[0] == _PKCS1:
        blob = _rsa_blob(body)
    else:
        rest = body.removeprefix(b"openssh-key-v1\0")
        for _ in range(3):  # cipher, derivation of its key, and that one's options
            rest = rest[4 + int.from_bytes(rest[:4], "big") :]
        blob = rest[8 : 8 + int.from_bytes(rest[4:8], "big")]  # behind the count of keys
    kind = blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("ascii", "replace")
    return f"{kind} {base64.encode(blob)}" if kind in _SSH_TYPES else None


def _rsa_blob(der: bytes) -> bytes:
    """Return the public key in an RSA private key: version, modulus, exponent, …"""
    values, place = [], _length(der, 1)[1]
    for _ in range(3):
        size, start = _length(der, place + 1)
        values.append(der[start : start + size])
        place = start + size
    parts = (b"ssh-rsa", values[2], values[1])
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])


def _length(der: bytes, place: int) -> "tuple[int, int]":
    """Return the length that DER states at *place*, and where what it measures begins."""
    first = der[place] if place < len(der) else 0
    if first < 128:
        return first, place + 1
    end = place + 1 + first % 128
    return int.from_bytes(der[place + 1 : end], "big"), end


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
