"""Who seals, and who opens, what is carried across the air gap?"""

import os

from authkit.errors import NotFound, Refused, Untrusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.seal import Identity
    from authkit.stores.base import Store

IDENTITY_FILE = "AUTHKIT_IDENTITY_FILE"
_LIMIT = 1024 * 1024


def seal_to(recipient: str, data: bytes, *, plugins: bool = False) -> str:
    """Return *data* sealed to one recipient: ASCII armor, LF.

    Args:
        recipient: "age1…", or an SSH key's type and key.
        data: text and signature.
        plugins: whether this very text was enrolled, so that a plugin may be started for it (S36).

    Raises:
        InputError: if *recipient* is none.
        Refused: if it is a plugin's and was not enrolled, or the plugin does not seal.
    """
    from authkit import seal

    return seal.seal_for(recipient, data, _Talk() if plugins else None)


def open_sealed(
    data: bytes, what: str, store: "str | Store | None", identity_file: "str | None"
) -> "tuple[bytes, str]":
    """Return what an age file holds, and the recipient of the identity that opened it.

    Args:
        data: the age file; untrusted.
        what: names it in errors.
        store: as --store takes it, or opened; its identity opens the file where no other is named.
        identity_file: as --identity has it; None for $AUTHKIT_IDENTITY_FILE.

    Returns:
        recipient: its text; "" for a file under a passphrase, which is asked for.

    Raises:
        Untrusted: "not-for-us" or "damaged".
        Unopened: if the passphrase is not its own.
        NotFound: if there is neither a store nor an identity.
        Refused: if a plugin opened it whose identity does not tell its recipient.
    """
    plain, recipient = Opener(store, identity_file).open(data, what)
    if recipient is None:
        hint = "write '# recipient: age1…' above the identity in its file"
        raise Refused(f"{what} was opened by a plugin, and nothing says to which recipient", hint)
    return plain, recipient


def open_if_sealed(data: bytes, what: str, store: "str | Store | None") -> bytes:
    """Return a file's content, opened if it is an age file; args and errors as for `open_sealed`."""
    from authkit import seal

    return Opener(store).unseal(data, what) if seal.is_sealed(data) else data


class Opener:
    """Who opens age files, asked for once for all of them.

    Args:
        store, identity_file: as for `open_sealed`.
    """

    __slots__ = ("_identities", "_identity_file", "_store")

    def __init__(self, store: "str | Store | None", identity_file: "str | None" = None) -> None:
        self._store = store
        self._identity_file = identity_file or os.environ.get(IDENTITY_FILE) or None
        self._identities: "list[Identity] | None" = None

    def open(self, data: bytes, what: str) -> "tuple[bytes, str | None]":
        """Return what an age file holds, and the recipient of the identity that opened it; None if that is not known.

        Args, Returns, Raises: as for `open_sealed`.
        """
        from authkit import seal

        if seal.work_factor(data) is not None:
            from authkit.commands import _store

            return _store.unseal(data, what), ""
        if self._identities is None:
            self._identities = self._load(what)
        try:
            plain, recipient = seal.open_with(self._identities, data, _Talk(), what)
        except seal.Unopened as error:
            if error.reason == "key":
                raise Untrusted("not-for-us", what, self._whose(), self._hint()) from error
            raise Untrusted("damaged", what) from error
        return plain, recipient or None

    def unseal(self, data: bytes, what: str) -> bytes:
        """Return what an age file holds; errors as for `open`."""
        return self.open(data, what)[0]

    def _whose(self) -> str:
        return f"not to those of {self._identity_file}" if self._identity_file else "not to the store's identity"

    def _hint(self) -> "str | None":
        return None if self._identity_file else f"${IDENTITY_FILE} names a file with other identities"

    def _load(self, what: str) -> "list[Identity]":
        from authkit import files, seal
        from authkit.commands import _store

        if self._identity_file is not None:
            path = self._identity_file
            data = files.read_private(path, _LIMIT, "identity file")
            return seal.load_identities(data, path, lambda sealed: _store.unseal(sealed, path))
        try:
            opened = _store.open_store(self._store) if isinstance(self._store, str | None) else self._store
        except NotFound as error:
            hint = f"name a file with the identity that opens it in ${IDENTITY_FILE}"
            raise NotFound(f"{what} is sealed to a recipient, and {error.message}", hint) from error
        identity: str = opened.identity()  # type: ignore[attr-defined]
        return seal.load_identities(identity.encode("ascii"), "the store's identity", lambda sealed: sealed)


class _Talk:
    """What a plugin says and asks, on the terminal; where there is none, it gets no answer.

    pyrage stops the whole process when one of these raises, so none does.
    """

    def display_message(self, message: str) -> None:
        """Show what the plugin says, such as that a key waits to be touched."""
        from authkit.ui import render
        from authkit.ui.printable import printable

        render.note(printable(message))

    def confirm(self, message: str, yes_string: str, no_string: "str | None") -> "bool | None":
        """Answer no question for a person."""
        self.display_message(f"{message} [{yes_string}]: not confirmed")
        return None

    def request_public_string(self, description: str) -> "str | None":
        """Return nothing: what a plugin asks for is never public enough to be typed with an echo."""
        self.display_message(f"{description}: not answered")
        return None

    def request_passphrase(self, description: str) -> "str | None":
        """Ask for a PIN."""
        from authkit.errors import AuthkitError
        from authkit.ui import prompt
        from authkit.ui.printable import printable

        try:
            return prompt.ask_secret(f"{printable(description)}:", "").decode("utf-8")
        except (AuthkitError, UnicodeDecodeError):
            return None
