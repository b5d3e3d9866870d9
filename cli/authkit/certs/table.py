"""Whom does a table name, one row a certificate?"""

import csv
import io

from authkit.certs.names import Names, check_file_name, complete_names, judge_names, parse_common_name, parse_san
from authkit.certs.names import parse_sid as _parse_sid
from authkit.errors import InputError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.certs.profile import Profile

# each may hold several, with spaces between them
_SEVERAL = ("email", "dns", "uri", "upn", "ip", "spiffe")
COLUMNS = ("name", *_SEVERAL, "sid", "common_name", "days")
MOST_ROWS = 100_000


class Row:
    """What is to be certified.

    Attributes:
        where: of the table, for messages, such as "people.csv: line 3".
        name: under which it is issued.
        names: complete for the profile.
        days: or None for the profile's.
    """

    __slots__ = ("days", "name", "names", "where")

    def __init__(self, where: str, name: str, names: Names, days: "int | None") -> None:
        self.where = where
        self.name = name
        self.names = names
        self.days = days

    def __repr__(self) -> str:
        return f"<Row {self.name}>"


def load_table(data: bytes, profile: "Profile", what: str) -> "list[Row]":
    """Return the rows of a table, all of them checked.

    Args:
        data: CSV in UTF-8, a header with some of COLUMNS, "name" among them, first; untrusted.
        profile: what each row must be able to be.
        what: names the table in messages.

    Raises:
        InputError: naming the first line that cannot be read, or that the profile has no place for.

    Source:
        RFC 4180.
        Deviations: LF ends a line too, CR alone is refused, a byte order mark is passed over, and so are empty lines.
    """
    try:
        lines = io.StringIO(data.decode("utf-8-sig"), newline="\n")  # no other character ends a line
    except UnicodeDecodeError as error:
        raise InputError(f"{what}: not UTF-8 at byte {error.start}") from error
    reader = csv.reader(lines, strict=True)
    rows: "list[Row]" = []
    header: "list[str]" = []
    seen: "dict[str, str]" = {}
    try:
        for fields in reader:
            where = f"{what}: line {reader.line_num}"
            if not any([field.strip() for field in fields]):
                continue
            if not header:
                header = _header(fields, where)
                continue
            row = _row(header, fields, profile, where)
            _judge_unique(row, seen)
            rows.append(row)
    except csv.Error as error:
        raise InputError(f"{what}: line {reader.line_num}: not a row of CSV") from error
    if not rows:
        raise InputError(f"{what}: no rows", f"the first line is a header such as {','.join(COLUMNS[:2])}")
    if len(rows) > MOST_ROWS:
        raise InputError(f"{what}: more than {MOST_ROWS} rows", "divide it")
    return rows


def _header(fields: "list[str]", where: str) -> "list[str]":
    found = [field.strip() for field in fields]
    hint = f"the columns are {' '.join(COLUMNS)}"
    for field in found:
        if field not in COLUMNS:
            raise InputError(f"{where}: unknown column {field[:64]!r}", hint)
        if found.count(field) > 1:
            raise InputError(f"{where}: the column {field} stands twice", hint)
    if "name" not in found:
        raise InputError(f"{where}: the column name is missing", hint)
    return found


def _row(header: "list[str]", fields: "list[str]", profile: "Profile", where: str) -> Row:
    if len(fields) != len(header):
        raise InputError(f"{where}: {len(fields)} fields where the header has {len(header)}")
    found = dict(zip(header, [field.strip() for field in fields]))
    try:
        name = check_file_name(found["name"])
        sans = [parse_san(kind, text) for kind in _SEVERAL for text in found.get(kind, "").split()]
        common_name, sid = found.get("common_name"), found.get("sid")
        names = Names(parse_common_name(common_name) if common_name else None, sans, _parse_sid(sid) if sid else None)
        judge_names(names, profile)
        return Row(where, name, complete_names(names, profile, name), _days(found.get("days")))
    except UsageError as error:
        raise InputError(f"{where}: {error.message}", error.hint) from error


def _days(text: "str | None") -> "int | None":
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and int(text) > 0):
        raise UsageError(f"{text[:64]!r} is not a number of days", "write a number from 1 on")
    return int(text)


def _judge_unique(row: Row, seen: "dict[str, str]") -> None:
    """Refuse a name that would be written to the file of another, also where case does not tell files apart."""
    other = seen.setdefault(row.name.lower(), row.where)
    if other != row.where:
        raise InputError(f"{row.where}: the name {row.name} stands already on {other.rpartition(': ')[2]}")
