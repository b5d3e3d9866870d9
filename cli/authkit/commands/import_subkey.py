"""Put a subkey file into the store.

The file says whose key it holds; since nobody signed it, that is only a claim.  So the access key ID has to be typed,
or given with --expect-id.  Without NAME the subkeys are stored under the access key ID.

Examples:

  $ authkit import-subkey build --expect-id AKIDEXAMPLE --unprotected week.subkeys
  authkit: note: stored as build
  AKIDEXAMPLE
  authkit: note: the key is still in week.subkeys too: delete that file if you do not need it
"""

from authkit.commands import _io, _rows
from authkit.errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given
    from authkit.keys.subkeys import SubkeyFile

OPTIONS = (
    ("NAME", "argument", "[NAME] FILE|-", "the name in the store; by default the access key ID", None),
    ("FILE", "optional", "", "the subkey file", None),
    ("--expect-id", "text", "ID", "the access key ID that the file must be for", None),
    ("--unprotected", "flag", "", "store it in clear; for signing keys of at most 31 days ahead", False),
    _rows.FORCE,
    _rows.UNLOCK,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit import clock
    from authkit.commands import _made, _schemes
    from authkit.keys.describe import clear_fault
    from authkit.keys.load import load_subkey_file
    from authkit.stores.base import check_name
    from authkit.ui import prompt

    _io.protect_process()
    name, path = (given.name, given.file) if given.file is not None else (None, given.name)
    given.output, given.no_passphrase = None, True
    file = load_subkey_file(_io.read(path, "subkey file"), _schemes.chains(), "standard input" if path == "-" else path)
    if given.unprotected and (fault := clear_fault(file, clock.now())):
        raise Refused(f"--unprotected: {fault}", "leave out --unprotected")
    if given.expect_id is None:
        instead = "say whose keys you expect with --expect-id"
        prompt.confirm_typed(
            f"subkeys of {file.access_key_id}; type that ID if you trust the file:", file.access_key_id, instead
        )
    elif given.expect_id != file.access_key_id:
        raise Refused(f"the file is for {file.access_key_id} and {given.expect_id} was expected")
    if not given.force:
        _refuse_conflict(file, given.store)
    name = check_name(name or file.access_key_id)
    _made.keep([name], [file], given, protected=not given.unprotected)
    _made.report([file], given, [name])
    _made.remove_hint(path)


def _refuse_conflict(file: "SubkeyFile", store: "str | None") -> None:
    """Refuse a file that has another key for a scope than the store: one of the two is wrong, and nobody could tell."""
    from authkit.commands import _keys, _made, _schemes, _store
    from authkit.keys.describe import may_overlap
    from authkit.keys.load import load_subkey_file
    from authkit.keys.subkeys import conflict
    from authkit.stores import folder

    if not folder.exists(_store.store_path(store)):
        return
    opened, own = _store.open_store(store), _made.metadata_of(file)
    for entry in opened.listing():
        if not may_overlap(own, entry.metadata):
            continue
        held = load_subkey_file(_keys.open_entry(opened.get(entry.name)), _schemes.chains(), entry.name)
        if scope := conflict(file, held):
            raise Refused(f"{entry.name} has another key for {scope}", "--force stores it all the same")
