"""Put a key from elsewhere into the store.

FILE is AWS's shared credentials file, the console's accessKeys.csv, the JSON of STS or of a credential process, an
access-key file of authkit, or a private key in PEM; '-' reads standard input.  What it is shows in its content.
Without NAME the key is stored under its access key ID.

Examples:

  $ authkit import-key backups accessKeys.csv
  authkit: note: stored as backups
  AKIDEXAMPLE
  authkit: note: the key is still in accessKeys.csv too: delete that file if you do not need it
"""

from authkit.commands import _io, _rows
from authkit.errors import InputError, Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._made import Made
    from authkit.commands._quick import Given
    from authkit.keys.access import AccessKey

_OWN = b"authkit.access-key/v1"

OPTIONS = (
    ("NAME", "argument", "[NAME] FILE|-", "the name in the store; by default the access key ID", None),
    ("FILE", "optional", "", "what to import", None),
    ("--profile", "text", "NAME", "which profile of an AWS credentials file", None),
    ("--expect-id", "text", "ID", "refuse a key of any other access key ID", None),
    ("--scheme", "text", "NAME", "the only signature scheme that may use it [the file's, else sigv4]", None),
    ("--use", "choice:derive", "USE", "'derive': from now on a master secret that never signs", None),
    ("--no-passphrase", "flag", "", "give a master secret no passphrase of its own", False),
    _rows.TOKEN,
    _rows.FORCE,
    _rows.UNLOCK,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _made, _sealed
    from authkit.keys.access import AccessKey
    from authkit.stores.base import check_name
    from authkit.ui import render

    if given.token is not None:
        from authkit.commands import _token

        _token.refuse_beside(given, "force", "unlock", "no-passphrase", "store")
    _io.protect_process()
    given.output = None
    name, path = (given.name, given.file) if given.file is not None else (None, given.name)
    what = "standard input" if path == "-" else path
    data = _sealed.open_if_sealed(_io.read(path, "key file"), what, given.store)
    made = parse(data, what, given.profile)
    if isinstance(made, AccessKey):
        made.use = given.use or made.use
        made.scheme = _scheme(made, given, foreign=_OWN not in data)
        if given.expect_id is not None and made.access_key_id != given.expect_id:
            raise Refused(f"the key's ID is {made.access_key_id} and {given.expect_id} was expected")
        if made.session_token is not None and made.expires_at is None:
            raise Refused(
                "the session token has no end, so the store has no place for it", "use aws:PROFILE or env:AWS"
            )
        if len(made.secret) < 22:
            render.warn("the secret is short: whoever sees one signature can guess at it off line")
        name = name or made.access_key_id
    elif given.use or given.scheme or given.expect_id:
        raise UsageError("--use, --scheme and --expect-id are for access keys")
    if name is None:
        raise UsageError("a key pair needs a NAME in the store")
    if given.token is not None:
        from authkit.commands import _token

        _token.keep_secret(name, made, given)
        _made.remove_hint(path)
        return
    _made.keep([check_name(name)], [made], given)
    _made.report([made], given, [name])
    _made.remove_hint(path)


def _scheme(made: "AccessKey", given: "Given", foreign: bool) -> "str | None":
    """Return the label of the only scheme that may use the key (S5); None for any, as authkit's own file may say."""
    from authkit.commands._local import label_of

    if given.scheme is None:
        return label_of("sigv4") if foreign else made.scheme
    label = label_of(given.scheme)
    if made.scheme not in (None, label):
        raise Refused(f"the key is for {made.scheme} and --scheme says {label}", "leave out --scheme")
    return label


def parse(data: bytes, what: str, profile: "str | None") -> "Made":
    """Return the key in *data*, told by its content."""
    from authkit.keys import access, foreign
    from authkit.keys.load import kind_of

    start = data.lstrip()[:200].lower()
    if kind_of(data) == "key-pair":
        from authkit.keys.pair import load_pair

        return load_pair(data, what)
    if start.startswith(b"{"):
        if _OWN in data:
            return access.load_access_key(data, what)
        if b"authkit.subkeys/v1" in data:
            raise InputError(f"{what} is a subkey file", "import it with 'authkit import-subkey'")
        return foreign.load_sts(data, what)
    if b"access key id" in start.split(b"\n")[0]:
        return foreign.load_csv(data, what)
    if b"[" not in data:
        hint = "it reads AWS's credentials file and accessKeys.csv, the JSON of STS, access-key files and PEM"
        raise InputError(f"{what}: not a key in a form that authkit knows", hint)
    return foreign.load_profile(data, profile or foreign.only_profile(data, what), what)
