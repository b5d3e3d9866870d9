"""Where does a store keep what belongs to the ceremony?"""

import os

from authkit import files
from authkit.errors import StoreError
from authkit.ledger import Ledger
from authkit.stores.base import check_name, is_name


class Places:
    """The folder "ceremony" of a store.

    Args:
        store: the store's folder, which is there.

    Attributes:
        folder: the folder itself.
        ledger: what was asked for, approved and taken in (FORMATS F5); both roles write the one file.
    """

    __slots__ = ("folder", "ledger")

    def __init__(self, store: str) -> None:
        self.folder = os.path.join(store, "ceremony")
        self.ledger = Ledger(os.path.join(self.folder, "ledger.jsonl"))

    def make(self) -> None:
        """Make the folder and those in it, readable by their owner alone."""
        for name in ("", "requesters", "issuers", "requests", "responses"):
            files.make_private_folder(os.path.join(self.folder, name))

    def requester(self, name: str) -> str:
        """Return the path of what is trusted of the requester *name*."""
        return self._path("requesters", f"{check_name(name)}.json")

    def issuer(self, name: str) -> str:
        """Return the path of what is trusted of the issuer *name*."""
        return self._path("issuers", f"{check_name(name)}.json")

    def request(self, id: str) -> str:
        """Return the path of a request made here; *id* is lower-case hex, 32."""
        return self._path("requests", f"{check_name(id)}.request")

    def response(self, requester: str, sequence: int) -> str:
        """Return the path of the sealed response that was issued to *requester*."""
        return self._path("responses", f"{check_name(requester)}-{sequence}.age")

    def request_ids(self) -> "list[str]":
        """Return the IDs of the requests made here, sorted."""
        return self._names("requests", ".request")

    def requester_names(self) -> "list[str]":
        """Return the names of the requesters, sorted."""
        return self._names("requesters")

    def issuer_names(self) -> "list[str]":
        """Return the names of the issuers, sorted."""
        return self._names("issuers")

    def _path(self, kind: str, name: str) -> str:
        return os.path.join(self.folder, kind, name)

    def _names(self, kind: str, end: str = ".json") -> "list[str]":
        folder = os.path.join(self.folder, kind)
        if not os.path.lexists(folder):
            return []
        try:
            found = os.listdir(folder)
        except OSError as error:
            raise StoreError(f"cannot read the folder {folder}", f"chmod 700 {folder}") from error
        names = [name.removesuffix(end) for name in found if name.endswith(end)]
        return sorted(name for name in names if is_name(name))
