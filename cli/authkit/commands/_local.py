"""Which schemes are there, those of the user's schemes.toml included?"""

import os

from authkit import files
from authkit.errors import InputError, UsageError
from authkit.keys.scope import Chain, Chains
from authkit.schemes import SCHEMES, names
from authkit.schemes import find as find_builtin
from authkit.schemes.derived import CHAINS, DERIVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.keys.select import Key
    from authkit.schemes.base import Scheme
    from authkit.schemes.custom import Section
    from authkit.schemes.derived import Derived

FILE = "schemes.toml"


def find(name: str) -> "Scheme":
    """Return the scheme of that name; schemes.toml is read only where none is built in.

    Raises:
        InputError, Refused: if schemes.toml is not in order, or others may write it (T11).
        UsageError: if there is no scheme of that name.
    """
    if name in DERIVED or name in SCHEMES:
        return find_builtin(name)
    sections, rows = _read()
    for row in rows:
        if row.name == name:
            from authkit.schemes.sigv4 import scheme_of

            return scheme_of(name, row)
    for section in sections:
        if section.kind == "webhook" and section.name == name:
            from authkit.schemes.webhooks.scheme import scheme_for
            from authkit.schemes.webhooks.template import read_format

            return scheme_for(read_format(name, section.table, path()))
    known = ", ".join([*names(), *[section.name for section in sections]])
    raise UsageError(f"no scheme is named {name[:64]!r}", f"there are {known}")


def schemes_of(keys: "list[Key]") -> "list[Scheme]":
    """Return the schemes that keys are for; none for keys that any scheme may use, or whose scheme nobody knows.

    Raises:
        UsageError: if two keys are for one label that is defined in two ways.
    """
    from authkit.keys.access import AccessKey
    from authkit.keys.subkeys import Subkey

    found: "list[Scheme | None]" = []
    chains: "dict[str, Chain]" = {}
    labels, pairs = set(), False
    for key in keys:
        if isinstance(key, Subkey):
            chain = key.scope.chain
            if chains.setdefault(chain.label, chain).definition != chain.definition:
                raise UsageError(f"the keys define the scheme {chain.label} in two ways", "use those of one definition")
        elif isinstance(key, AccessKey):
            labels.add(key.scheme)
        else:
            pairs = True
    found += [_of_chain(chain) for chain in chains.values()]
    found += [_of_label(label) for label in sorted(label for label in labels if label is not None)]
    found += [find_builtin("rfc9421")] if pairs else []
    return [scheme for scheme in found if scheme is not None]


def label_of(name: str) -> str:
    """Return what a key records as the only scheme that may use it.

    Raises:
        UsageError, InputError, Refused: as find.
    """
    return find(name).label


def chains() -> Chains:
    """Return every chain that a subkey file may be of; a definition must be the one of schemes.toml, if that has it."""
    return Chains(CHAINS, _define)


def path() -> str:
    """Return where schemes.toml is: in $AUTHKIT_CONFIG, else in $XDG_CONFIG_HOME/authkit."""
    folder = os.environ.get("AUTHKIT_CONFIG")
    if not folder:
        home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
        folder = os.path.join(home, "authkit")
    return os.path.join(folder, FILE)


def _read() -> "tuple[list[Section], list[Derived]]":
    """Return what schemes.toml holds; nothing without the file."""
    from authkit.schemes.custom import MAX_BYTES, read_schemes, read_sections

    place = path()
    if not os.path.lexists(place):
        return [], []
    data = files.read_private(place, MAX_BYTES, "file of schemes", lambda data: True)
    sections = read_sections(data, place, frozenset(names()))
    return sections, read_schemes(sections, frozenset([label for _, label in SCHEMES.values()]))


def _define(definition: "dict[str, object]", what: str) -> Chain:
    """Return the chain of a definition in a subkey file (T12)."""
    chain = CHAINS.define(definition, what)
    for row in _read()[1]:
        if row.chain.label == chain.label and _without_name(row.chain) != _without_name(chain):
            raise InputError(
                f"{what}: member 'definition' is of {chain.label}, which {path()} defines otherwise",
                "the two machines must agree on the scheme: compare the definitions",
            )
        one, other = row.chain.prefix, chain.prefix
        if row.chain.label != chain.label and (one.startswith(other) or other.startswith(one)):
            raise InputError(
                f"{what}: member 'definition' has a prefix that begins like that of {row.name} in {path()}",
                "one secret could be used by both: change the prefix of one",
            )
    return chain


def _without_name(chain: Chain) -> "dict[str, object]":
    return {member: value for member, value in (chain.definition or {}).items() if member != "name"}


def _of_chain(chain: Chain) -> "Scheme | None":
    if chain.definition is None:
        return _of_label(chain.label)
    from authkit.schemes.custom import read_definition
    from authkit.schemes.sigv4 import scheme_of

    row = read_definition(chain.definition, "the key")
    return scheme_of(row.name, row)


def _of_label(label: str) -> "Scheme | None":
    for name, row in DERIVED.items():
        if row.chain.label == label:
            return find_builtin(name)
    for name, (_, other) in SCHEMES.items():
        if other == label:
            return find_builtin(name)
    sections, rows = _read()
    own = [row.name for row in rows if row.chain.label == label]
    own += [section.name for section in sections if section.kind == "webhook" and section.name == label]
    # a label of nobody's is refused where the key is used
    return find(own[0]) if own else None
