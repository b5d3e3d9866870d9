"""Bring a key back from paper or shares.

FILE is what backup-key printed, or what was typed from it into a file; '-' reads standard input.  Without FILE the
lines are asked for one after the other, and a mistyped one at once again.  The key goes into the store under its old
name, a master secret under a passphrase of its own.

--check stores nothing: it says whether the pages are in order, and whether they hold the key that is in the store.

Examples:

  $ authkit keygen root --use derive --no-passphrase 2>/dev/null
  AK…
  $ authkit backup-key root --paper -o root.txt 2>/dev/null
  root.txt
  $ authkit restore-key --check root.txt
  pages:       in order
  key:         master secret of the access key AK…
  check value: … fits
  store:       root is the same key
"""

from authkit.commands import _io, _rows
from authkit.errors import InputError, Refused, StoreError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("FILE", "rest", "FILE|-", "pages, in any order; without any, their lines are asked for", ()),
    ("--check", "flag", "", "store nothing: compare the pages with the key in the store", False),
    ("--name", "text", "NAME", "the name in the store [as on the page]", None),
    ("--certificate", "many", "FILE", "for a CA: its certificate, and those above it; repeatable", ()),
    ("--new-ledger", "flag", "", "for a CA whose ledger is lost: begin another", False),
    ("--output|-o", "text", "FILE", "for a store's identity: write it to FILE, under a passphrase", None),
    ("--no-passphrase", "flag", "", "give the key no passphrase of its own", False),
    _rows.FORCE,
    _rows.UNLOCK,
    _rows.STORE,
    _rows.JSON,
)

_STORING = ("no_passphrase", "force", "unlock", "certificate", "new_ledger", "output")


def run(given: "Given") -> None:
    from authkit.commands import _gathered, _restored, _typed

    _io.protect_process()
    if given.check and any([getattr(given, name) for name in _STORING]):
        raise UsageError("--check stores nothing, so it goes with --name, --store and --json alone")
    if given.file:
        pages = _gathered.read_pages(given.file)
    else:
        pages = _typed.ask_pages(lambda row: _restored.judge_row(row, given))
    kept = _gathered.key_of(pages)
    _restored.judge_options(kept.kind, given)
    act = _restored.compare if given.check else _restored.keep
    again = (InputError, StoreError) if given.check else (InputError, StoreError, Refused)
    while True:
        try:
            act(kept, given)
            return
        except again as error:
            if given.file or not _typed.once_more(error):
                raise
