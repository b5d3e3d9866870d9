"""Does the folder store keep the promises of every store?"""

from pathlib import Path

import pytest

from agefile import PASSPHRASE, make_store
from authkit.errors import NotFound
from authkit.stores import contract, open_store
from authkit.stores.base import Store
from authkit.stores.folder import FolderStore
from authkit.unlock import passphrase


class TestFolder(contract.StoreContract):
    """A store just made."""

    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "store"

    def make_store(self) -> Store:
        return make_store(self.path)


class TestFolderOpenedAgain(TestFolder):
    """A store opened by its passphrase, by URI."""

    def make_store(self) -> Store:
        make_store(self.path)
        store = open_store(
            f"folder:{self.path}", lambda info: passphrase.open_identity(info.identity_path, lambda prompt: PASSPHRASE)
        )
        assert isinstance(store, FolderStore)
        return store


def test_a_plain_path_is_a_folder(tmp_path: Path) -> None:
    make_store(tmp_path / "a:b")
    for uri in (f"{tmp_path}/a:b", f"folder:{tmp_path}/a:b"):
        assert open_store(uri, lambda info: "").names() == []


def test_the_contract_finds_what_does_not_fail() -> None:
    with pytest.raises(AssertionError, match="^no NotFound$"):
        contract.refused(NotFound, lambda: None)


@pytest.mark.parametrize("method", ["put", "get", "names", "listing", "delete"])
def test_a_kind_of_store_has_all_of_it(method: str) -> None:
    arguments = {"put": ("a", {}, None), "get": ("a",), "delete": ("a",)}.get(method, ())
    with pytest.raises(NotImplementedError):
        getattr(Store(), method)(*arguments)
    with pytest.raises(NotImplementedError):
        contract.StoreContract().make_store()
