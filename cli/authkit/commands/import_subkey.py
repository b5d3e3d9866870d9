"""Put a subkey file into the store.

A response of the air-gapped machine is opened, and must be the answer to a request of ours, signed by an issuer that
is trusted; it is stored under the name that the request gave it.  Of a file that nobody signed, the access key ID is
only a claim: it has to be typed, or given with --expect-id.

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
    from authkit.commands._received import Received

OPTIONS = (
    (
        "NAME",
        "argument",
        "[NAME] FILE|-",
        "the name in the store; by default the one that the request named, else the access key ID",
        None,
    ),
    ("FILE", "optional", "", "the subkey file, or the response", None),
    ("--expect-id", "text", "ID", "the access key ID that the file must be for", None),
    _rows.IDENTITY,
    ("--unprotected", "flag", "", "store it in clear; for signing keys of at most 31 days ahead", False),
    _rows.TOKEN,
    _rows.FORCE,
    _rows.UNLOCK,
    _rows.AT,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _made, _received

    if given.token is not None:
        from authkit.commands import _token

        _token.refuse_beside(given, "unprotected", "force", "unlock")
    _io.protect_process()
    name, path = (given.name, given.file) if given.file is not None else (None, given.name)
    given.output, given.no_passphrase = None, True
    received = _received.receive(path, given)
    if received.signed:
        from authkit.commands import _taken

        _taken.take_in(received, given, name)
    else:
        _take_unsigned(received, given, name)
    if not received.sealed:
        _made.remove_hint(path)


def _take_unsigned(received: "Received", given: "Given", name: "str | None") -> None:
    from authkit.commands import _made, _schemes, _taken
    from authkit.keys.describe import clear_fault
    from authkit.keys.load import load_subkey_file
    from authkit.stores.base import check_name

    file = load_subkey_file(received.data, _schemes.chains(), received.what)
    if given.unprotected and (fault := clear_fault(file, _io.instant(given.at))):
        raise Refused(f"--unprotected: {fault}", "leave out --unprotected")
    _taken.expect_id(file, given, is_asked=False)
    if not given.force and received.store is not None:
        _taken.refuse_conflict(file, received.store)
    name = check_name(name or file.access_key_id)
    if given.token is not None:
        from authkit.commands import _token

        token = _token.open_for(given.token)
        _token.tell_subkeys(token, name, _token.put_subkeys(token, name, file), given)
        return
    _made.keep([name], [file], given, protected=not given.unprotected, store=received.store)
    _made.report([file], given, [name])
