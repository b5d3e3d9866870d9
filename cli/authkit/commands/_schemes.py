"""Which scheme signs or verifies, and with which options?"""

from authkit import schemes
from authkit.commands import _local
from authkit.errors import UsageError
from authkit.schemes.derived import DERIVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from authkit.commands._quick import Given, Row
    from authkit.keys.scope import Chain, Chains
    from authkit.keys.select import Key
    from authkit.messages.payload import Watcher
    from authkit.schemes.base import Scheme

DEFAULT = "sigv4"


def names() -> "list[str]":
    """Return the names that --scheme takes."""
    return schemes.names()


def find(name: str) -> "Scheme":
    """Return the scheme that --scheme names, built in or of schemes.toml.

    Raises:
        UsageError: if there is none.
        InputError, Refused: if schemes.toml is read and not in order, or others may write it.
    """
    return _local.find(name)


def chains() -> "Chains":
    """Return every chain that a subkey file may be of: algorithm label -> chain."""
    return _local.chains()


def chain_of(name: "str | None") -> "Chain":
    """Return the chain of a scheme that derives keys.

    Raises:
        UsageError: if there is none of that name, or it derives nothing.
    """
    scheme = find(name or DEFAULT)
    if scheme.row is None:
        raise UsageError(f"the scheme {scheme.name} has no subkeys", f"these have: {', '.join(DERIVED)}")
    return scheme.row.chain


def chain_for(name: "str | None", keys: "list[Key]") -> "Chain":
    """Return the chain to derive by: of the scheme that was named, else of the one that the keys are for.

    Raises:
        UsageError: as chain_of.
    """
    if name is None:
        for scheme in _local.schemes_of(keys):
            if scheme.row is not None:
                return scheme.row.chain
    return chain_of(name)


def decide(given: "Given", keys: "list[Key]", kind: str) -> "Scheme":
    """Return the scheme: the one that was named, else the one that the keys are for, else SigV4.

    Options that the command line could not know of get their defaults.

    Args:
        kind: "sign_options" or "verify_options".

    Raises:
        UsageError: if there is no scheme of that name, the keys are for several, or an option was given that the
            scheme of the keys does not have.
    """
    if given.scheme is not None:
        return find(given.scheme)
    decided = {one.name: one for one in _local.schemes_of(keys)} or {DEFAULT: find(DEFAULT)}
    if getattr(given, "presented", None) is not None:
        decided = {"rfc9421": find("rfc9421")}
    if len(decided) > 1:
        raise UsageError("the keys are for several schemes", f"say which with --scheme: {', '.join(sorted(decided))}")
    ((_, scheme),) = decided.items()
    if scheme.name != DEFAULT:
        adopt(given, scheme, kind, "key")
    return scheme


def adopt(given: "Given", scheme: "Scheme", kind: str, what: str) -> None:
    """Give the options of a scheme that was not named their defaults.

    Args:
        kind: as for decide.
        what: what decided the scheme, "key" or "message".

    Raises:
        UsageError: for an option that was given and that the scheme does not have.
    """
    from authkit.commands._quick import attribute

    own = {row[0] for row in getattr(scheme, kind)}
    for row in getattr(find(DEFAULT), kind):
        if row[0] not in own and getattr(given, attribute(row[0])) != row[4]:
            raise UsageError(f"{row[0].partition('|')[0]} is not an option of {scheme.name}, for which the {what} is")
    for row in getattr(scheme, kind):
        if not hasattr(given, attribute(row[0])):
            setattr(given, attribute(row[0]), row[4])


def watched(given: "Given") -> "dict[str, Watcher]":
    """Return what must see the body that is going to be signed, as the scheme that was named wants it."""
    scheme = find(given.scheme or DEFAULT)
    if given.scheme is not None:
        read_files(given, scheme.sign_options)
    return {} if scheme.watch is None else scheme.watch(given)


def reserved(given: "Given") -> "tuple[str, ...]":
    """Return the names, lower case, of headers that a curl line may not set because signing does."""
    row = find(given.scheme or DEFAULT).row
    return () if row is None else ("authorization", row.content_sha256, row.date, row.security_token)


def read_files(given: "Given", rows: "tuple[Row, ...]") -> None:
    """Replace the names of files that options gave by what is in them: bytes, or (name, bytes) for each of several."""
    from authkit.commands import _io
    from authkit.commands._quick import attribute

    for row in rows:
        name = attribute(row[0])
        value = getattr(given, name)
        what = row[0].lstrip("-").replace("-", " ")
        if row[1] == "file" and isinstance(value, str):
            setattr(given, name, _io.read(value, what))
        elif row[1] == "files" and value and isinstance(value[0], str):
            setattr(given, name, tuple([(path, _io.read(path, what)) for path in value]))


def named_in(words: "list[str]") -> "str | None":
    """Return what --scheme says among the words of a command line; the last counts, as for every option."""
    found = None
    for place, word in enumerate(words):
        if word == "--":
            break
        if word == "--scheme" and place + 1 < len(words):
            found = words[place + 1]
        elif word.startswith("--scheme="):
            found = word[9:]
    return found


def rows_of(module: "ModuleType", words: "list[str]") -> "tuple[Row, ...]":
    """Return the option rows of a command that signs or verifies, those of the scheme that *words* name included."""
    rows: "tuple[Row, ...]" = module.OPTIONS
    own = {row[0] for row in rows}
    scheme = find(named_in(words) or DEFAULT)
    return rows + tuple([row for row in getattr(scheme, module.SCHEME_OPTIONS) if row[0] not in own])


def owners_of(option: str, module: "ModuleType") -> "list[str]":
    """Return the names of the schemes that have the option."""
    if not hasattr(module, "SCHEME_OPTIONS"):
        return []
    kind = module.SCHEME_OPTIONS
    return [name for name in names() if any([option in row[0].split("|") for row in getattr(find(name), kind)])]


def refuse_another(option: str, module: "ModuleType") -> None:
    """Raise for an option that the scheme at work does not have, and another has.

    Raises:
        UsageError: naming the schemes that have it.
    """
    owners = owners_of(option, module)
    if owners:
        few = ", ".join(owners[:5]) + (" or others" if len(owners) > 5 else "")
        which = f"one of {few}" if len(owners) > 1 else few
        raise UsageError(f"{option} is an option of another scheme", f"add --scheme {which}")
