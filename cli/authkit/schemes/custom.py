"""Which schemes of derived keys did a user define in schemes.toml?"""

from authkit.errors import InputError
from authkit.keys.scope import Chain, part_fault
from authkit.messages import fields
from authkit.schemes.derived import COMPACT, DERIVED, TRIMMED, UNIX, WEEK, Derived, Names, Rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Fail = Callable[[str, str], InputError]

MAX_BYTES = 64 * 1024
KINDS = ("scheme", "webhook")
# prefixes of schemes that derive keys in another way than the table's
OTHER_PREFIXES = (b"AWS4A",)
_DAYS = ("YYYYMMDD", "YYYY-MM-DD")
_STAMPS = {"YYYYMMDDThhmmssZ": COMPACT, "unix": UNIX}
# member -> what it is where it is not written; None where it must be
_MEMBERS: "dict[str, object]" = {
    "label": None,
    "prefix": None,
    "scope": None,
    "terminator": None,
    "header_prefix": None,
    "date": _DAYS[0],
    "timestamp": "YYYYMMDDThhmmssZ",
    "max_expires": 0,
    "normalize_path": False,
    "double_encode": False,
    "plus_is_space": False,
    "collapse_spaces": True,
    "signed_headers": [],
    "payload": "hash",
    "payload_header": False,
    "unsigned_payload": False,
    "hosts": [],
}


class Section:
    """One section of schemes.toml.

    Attributes:
        kind: one of KINDS.
        name: as --scheme will name it.
        table: its members, as TOML has them.
        fail: (member, sentence) -> the error that names the line.
    """

    __slots__ = ("kind", "name", "table", "fail")

    def __init__(self, kind: str, name: str, table: "dict[str, object]", fail: "Fail") -> None:
        self.kind = kind
        self.name = name
        self.table = table
        self.fail = fail


def read_sections(data: bytes, what: str, taken: "frozenset[str]") -> "list[Section]":
    """Return the sections [scheme.NAME] and [webhook.NAME] of schemes.toml.

    Args:
        data: the file's bytes.
        what: names the file in errors.
        taken: the names that are built in.

    Raises:
        InputError: naming the line, if it is not TOML, has another section, or defines a name that is taken.
    """
    import tomllib

    if len(data) > MAX_BYTES:
        raise InputError(f"{what}: over {MAX_BYTES // 1024} KiB")
    try:
        text = data.decode("utf-8")
        top = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(f"{what}: not UTF-8 at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{what}: not TOML: {str(error)[:200]}") from error
    except RecursionError:
        raise InputError(f"{what}: nested too deep") from None
    found: "list[Section]" = []
    for kind, sections in top.items():
        if kind not in KINDS or not isinstance(sections, dict):
            line = _line(text, kind, "")
            raise InputError(f"{what}: line {line}: {kind[:64]!r} is neither [scheme.NAME] nor [webhook.NAME]")
        for name, table in sections.items():
            where = f"{kind}.{name}"
            fail = _failing(text, what, where)
            if not isinstance(table, dict):
                raise fail("", "is not a section")
            if part_fault(name) or name != name.lower():
                raise fail("", "has a name that is not 1 to 64 of a-z, 0-9, '.', '_' and '-'")
            if name in taken or name in [one.name for one in found]:
                raise fail("", "defines a name that is taken")
            found.append(Section(kind, name, table, fail))
    return found


def _failing(text: str, what: str, where: str) -> "Fail":
    def fail(member: str, sentence: str) -> InputError:
        place = f" {member}" if member else ""
        return InputError(f"{what}: line {_line(text, where, member)}: [{where}]{place} {sentence}")

    return fail


def _line(text: str, where: str, member: str) -> int:
    """Return the number of the line in which a member stands, else that of its section's head, else 1."""
    inside, head = False, 0
    for number, line in enumerate(text.split("\n"), 1):
        plain = line.partition("#")[0].strip()
        key = plain.partition("=")[0].strip(" \t\"'")
        if plain.startswith("["):
            words = [word.strip(" \t\"'") for word in plain.strip("[]").split(".")]
            inside = ".".join(words) == where
            key = words[0]
        elif inside and member and key == member:
            return number
        if not head and (inside or key == where):
            head = number
    return head or 1


def read_schemes(sections: "list[Section]", labels: "frozenset[str]") -> "list[Derived]":
    """Return the rows of the sections [scheme.NAME].

    Args:
        sections: of one file; those of another kind are passed over.
        labels: the algorithm labels that are built in.

    Raises:
        InputError: naming the line of the member that is wrong, or that another scheme's stands against (S5).
    """
    rows: "list[Derived]" = []
    for section in sections:
        if section.kind == "scheme":
            row = _row(section.name, section.table, section.fail)
            _check_apart(row, [*DERIVED.values(), *rows], labels, section.fail)
            rows.append(row)
    return rows


def read_definition(definition: "dict[str, object]", what: str) -> Derived:
    """Return the row that a subkey file carries of a scheme that is not built in.

    Args:
        definition: as definition_of wrote it: with each member, and "name".
        what: names the file in errors.

    Raises:
        InputError: naming the member that is wrong.

    Source:
        FORMATS F1; SECURITY-DECISIONS T12, S5. Deviations: none.
    """

    def fail(member: str, sentence: str) -> InputError:
        return InputError(f"{what}: member 'definition' {member!r} {sentence}")

    table = dict(definition)
    name = table.pop("name", "")
    if not isinstance(name, str) or part_fault(name):
        raise fail("name", "is not the name of a scheme")
    for member in _MEMBERS:
        if member not in table:
            raise fail(member, "is missing")
    row = _row(name, table, fail)
    from authkit.schemes import SCHEMES

    _check_apart(row, list(DERIVED.values()), frozenset([label for _, label in SCHEMES.values()]), fail)
    return row


def _row(name: str, table: "dict[str, object]", fail: "Fail") -> Derived:
    for member in table:
        if member not in _MEMBERS:
            raise fail(member[:64], "is not a member of a scheme")
    for member, usual in _MEMBERS.items():
        if usual is None and member not in table:
            raise fail(member, "is missing")
    read = {member: table.get(member, usual) for member, usual in _MEMBERS.items()}
    _check_types(read, fail)
    chain = _chain(name, read, fail)
    header_prefix = str(read["header_prefix"])
    _check_header_prefix(header_prefix, fail)
    return Derived(
        name,
        chain,
        header_prefix,
        stamp=_STAMPS[str(read["timestamp"])],
        rules=Rules(
            read["normalize_path"] is True,
            read["double_encode"] is True,
            read["plus_is_space"] is True,
            **({} if read["collapse_spaces"] else {"values": TRIMMED}),
        ),
        signed=_signed(read, header_prefix, fail),
        payload=str(read["payload"]),
        declares=read["payload_header"] is True,
        unsigned="UNSIGNED-PAYLOAD" if read["unsigned_payload"] else "",
        query=Names(header_prefix) if chain.max_expires["*"] else None,
        hosts=_hosts(read, chain, fail),
    )


def _check_types(read: "dict[str, object]", fail: "Fail") -> None:
    for member, value in read.items():
        usual = _MEMBERS[member]
        if isinstance(usual, bool):
            if not isinstance(value, bool):
                raise fail(member, "is neither true nor false")
        elif member == "max_expires":
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= WEEK:
                raise fail(member, f"is not a number from 0 to {WEEK}")
        elif isinstance(usual, list) or member == "scope":
            if not isinstance(value, list) or not all([isinstance(one, str) for one in value]):
                raise fail(member, "is not a list of texts")
        elif not isinstance(value, str):
            raise fail(member, "is not text")
    for member, words in (("date", _DAYS), ("timestamp", tuple(_STAMPS)), ("payload", ("hash", "unsigned"))):
        if read[member] not in words:
            raise fail(member, f"is not {' or '.join(words)}")
    if read["payload"] == "unsigned" and not read["unsigned_payload"]:
        raise fail("payload", "is unsigned, which unsigned_payload = true must allow")


def _chain(name: str, read: "dict[str, object]", fail: "Fail") -> Chain:
    label, prefix, terminator = str(read["label"]), str(read["prefix"]), str(read["terminator"])
    if label.startswith('"'):
        raise fail("label", "begins with a double quote, as what RFC 9421 signs does: choose another")
    for member, text in (("label", label), ("terminator", terminator)):
        fault = part_fault(text)
        if fault:
            raise fail(member, fault)
    if not 1 <= len(prefix) <= 64 or not (prefix.isascii() and prefix.isprintable()) or " " in prefix:
        raise fail("prefix", "is not 1 to 64 printable ASCII characters")
    scope = read["scope"]
    assert isinstance(scope, list)
    if not scope or scope[0] != "date":
        raise fail("scope", "does not begin with 'date'")
    if len(set(scope)) != len(scope) or not set(scope) <= {"date", "region", "service"}:
        raise fail("scope", "holds another part than 'date', 'region' and 'service', or one twice")
    longest = read["max_expires"]
    assert isinstance(longest, int)
    return Chain(
        label,
        prefix.encode("ascii"),
        tuple(scope),
        terminator,
        read["date"] == _DAYS[1],
        False,
        {"*": longest},
        {"name": name, **read},
    )


def _check_header_prefix(prefix: str, fail: "Fail") -> None:
    if not fields.is_token(prefix) or not prefix.endswith("-") or not 3 <= len(prefix) <= 64 or not prefix[0].isalpha():
        raise fail("header_prefix", "is not 3 to 64 characters that a header may begin with, '-' at the end")


def _signed(read: "dict[str, object]", header_prefix: str, fail: "Fail") -> "tuple[str, ...]":
    names = read["signed_headers"]
    assert isinstance(names, list)
    for name in names:
        if not fields.is_token(name) or name != name.lower():
            raise fail("signed_headers", f"holds {name[:64]!r}, which is no header in lower case")
    return tuple(sorted({*names, "content-type", "host", header_prefix.lower()})) if names else ()


def _hosts(read: "dict[str, object]", chain: Chain, fail: "Fail") -> "tuple[str, ...]":
    hosts = read["hosts"]
    assert isinstance(hosts, list)
    for pattern in hosts:
        shape, *said = pattern.split(" ")
        named = [piece.partition("}")[0] for piece in shape.split("{")[1:]] + [word.partition("=")[0] for word in said]
        plain = shape.replace("{", "").replace("}", "").removeprefix("*.")
        whole = shape.count("{") == shape.count("}") and all(["=" in word for word in said])
        if not whole or part_fault(plain) or not set(named) <= set(chain.parts[1:]):
            raise fail("hosts", f"holds {pattern[:64]!r}, which is not a host with {{region}} or {{service}}")
    return tuple(hosts)


def _check_apart(row: Derived, others: "list[Derived]", labels: "frozenset[str]", fail: "Fail") -> None:
    """Refuse a scheme whose keys or labels could be taken for another's (S5)."""
    chain = row.chain
    taken = {label.lower() for label in labels} | {other.chain.label.lower() for other in others}
    if chain.label.lower() in taken:
        raise fail("label", "is the label of another scheme")
    prefixes = [other.chain.prefix for other in others if other.chain.prefix]
    for prefix in (*prefixes, *OTHER_PREFIXES):
        if chain.prefix.startswith(prefix) or prefix.startswith(chain.prefix):
            raise fail("prefix", f"and {prefix.decode('ascii')!r} of another scheme begin alike")
