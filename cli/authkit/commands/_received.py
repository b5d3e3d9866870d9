"""A subkey file that came from elsewhere, opened if it was sealed."""

from authkit.commands import _carried

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given
    from authkit.stores.folder import FolderStore

_HEAD = 4096  # bytes; the members before the subkeys stand in them


class Received:
    """A file as it came.

    Attributes:
        data: the subkey file, with its signature if it has one; secret, and untrusted.
        what: names it in errors.
        sealed: whether it came sealed.
        recipient: of the identity that opened it; "" for one that was not sealed, or sealed under a passphrase.
        store: opened, so that its passphrase is asked for once; None where there is none.
    """

    __slots__ = ("data", "recipient", "sealed", "store", "what")

    def __init__(self, data: bytes, what: str, sealed: bool, recipient: str, store: "FolderStore | None") -> None:
        self.store = store
        self.data = data
        self.what = what
        self.sealed = sealed
        self.recipient = recipient

    @property
    def signed(self) -> bool:
        """Whether it says that it is signed, in the one place or the other, right or wrong."""
        from authkit.keys.sshsig import is_signed

        return is_signed(self.data) or b'"issuer": ' in self.data[:_HEAD]


def receive(path: str, given: "Given") -> Received:
    """Return the file *path*, '-' for standard input.

    Args:
        path: a file, or what was pasted.
        given: with store and identity, which open what is sealed.

    Raises:
        InputError: if it cannot be read.
        NotFound: if nothing is there that could open it.
        Untrusted: "not-for-us" or "damaged".
    """
    from authkit import seal
    from authkit.commands import _store
    from authkit.stores import folder

    what = "standard input" if path == "-" else path
    data = _carried.read(path, "subkey file")
    there = folder.exists(_store.store_path(given.store))
    store: "FolderStore | None" = _store.open_store(given.store) if there else None  # type: ignore[assignment]
    if not seal.is_sealed(data):
        return Received(data, what, False, "", store)
    from authkit.commands import _sealed

    plain, recipient = _sealed.open_sealed(data, what, store or given.store, given.identity)
    return Received(plain, what, True, recipient, store)
