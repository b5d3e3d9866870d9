"""Print a key on paper, whole or in shares.

--paper makes one page with the whole key: to a file, to a printer (| lpr), or with --reveal to the terminal.  --shares
2-of-3 makes three pages, any two of which bring the key back while one alone says nothing of it.  Each line carries a
check, so that restore-key says which one is mistyped.

What has a key can also be lost with it: the pages are as secret as the key.  Try them with restore-key --check.

Examples:

  $ authkit keygen root --use derive --no-passphrase 2>/dev/null
  AK…
  $ authkit backup-key root --shares 2-of-3 -o shares
  shares/root-share-1-of-3.txt
  shares/root-share-2-of-3.txt
  shares/root-share-3-of-3.txt
  authkit: note: give each to another person; who has had all of them in hand has had the key
  authkit: note: try them before you need them: authkit restore-key --check shares/root-share-1-of-3.txt …
"""

from authkit.commands import _io, _rows
from authkit.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.ceremony.kept import Kept
    from authkit.commands._quick import Given
    from authkit.stores.folder import FolderStore

OPTIONS = (
    ("NAME", "optional", "NAME", "the key, by its name in the store", None),
    ("--paper", "flag", "", "the whole key on one page", False),
    ("--shares", "text", "K-of-N", "a page for each of N people, any K of whom bring the key back", None),
    ("--store-identity", "flag", "", "in place of a key: what opens the whole store", False),
    (
        "--output|-o",
        "text",
        "FILE",
        "write the page to FILE, or the shares into a new folder FILE, readable by you alone",
        None,
    ),
    _rows.FORCE,
    _rows.REVEAL,
    _rows.QR,
    _rows.QR_SIZE,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _printed, _store

    _io.protect_process()
    if (given.name is None) == (not given.store_identity):
        raise UsageError("name a key, or the store's own with --store-identity")
    if given.paper == (given.shares is not None):
        raise UsageError("say --paper for one page, or --shares K-of-N")
    printer = _printed.Paper(given) if given.paper else _printed.Shares(given)
    store: "FolderStore" = _store.open_store(given.store)  # type: ignore[assignment]
    printer.print(_kept(store, given))


def _kept(store: "FolderStore", given: "Given") -> "Kept":
    from authkit.commands import _backed_up
    from authkit.ui import render

    if given.store_identity:
        return _backed_up.of_store(store)
    found = _backed_up.of_entry(store.get(given.name))
    if found.kind == "access-key" and len(found.secret) < 22:
        render.warn("the secret is short: whoever sees its check value can guess at it")
    return found
