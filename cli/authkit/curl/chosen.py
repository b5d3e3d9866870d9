"""Which options count, once configuration files are read in?"""

from authkit.curl import options as table
from authkit.curl.body import Files
from authkit.curl.config import parse_config
from authkit.curl.line import Option, read_option
from authkit.errors import InputError, Refused

_DEPTH = 10  # configuration files that name configuration files


class Chosen:
    """The options of a line, found by name.

    Attributes:
        all: in order.
    """

    __slots__ = ("all", "_by_name")

    def __init__(self, options: "list[Option]") -> None:
        self.all = options
        self._by_name: "dict[str, list[Option]]" = {}
        for option in options:
            self._by_name.setdefault(option.name, []).append(option)

    def every(self, *names: str) -> "list[Option]":
        """Return the options of these names, in order."""
        if len(names) == 1:
            return self._by_name.get(names[0], [])
        return [option for option in self.all if option.name in names]

    def last(self, name: str) -> "Option | None":
        """Return the option that counts when each replaces the one before."""
        found = self._by_name.get(name)
        return found[-1] if found else None

    def value(self, name: str) -> "str | None":
        """Return the value that counts; None without the option."""
        found = self.last(name)
        return None if found is None else found.value

    def on(self, name: str) -> bool:
        """Say whether the flag *name* ends up on."""
        found = self.last(name)
        return found is not None and found.on


def read_config(data: bytes, origin: str) -> "list[Option]":
    """Return the options of a configuration file.

    Args:
        data: the whole file.
        origin: its name, for messages.

    Raises:
        InputError: for a line that curl would not take, or of which it would ignore a part.
    """
    out: "list[Option]" = []
    for word, value, number in parse_config(data, origin):
        place = f"{origin} line {number}"
        found, used = read_option(word, value, place)
        if value is not None and not used:
            raise InputError(f"{place}: curl's {found[-1].typed} takes no value")
        out += found
    return out


def expand(options: "list[Option]", files: Files, depth: int = 0) -> "list[Option]":
    """Return *options* with what each -K names in its place.

    Raises:
        Refused, InputError: as Files.read and read_config, or if files name each other without end.
    """
    out: "list[Option]" = []
    for option in options:
        if option.name != "config":
            out.append(option)
        elif depth == _DEPTH:
            raise Refused(f"{option} is nested more than {_DEPTH} deep")
        else:
            name = option.text
            data = files.read(option, name)
            out += expand(read_config(data, "-K -" if name == "-" else name), files, depth + 1)
    return out


def refuse(chosen: Chosen) -> None:
    """Raise Refused for the first option that the table says not to honour, unless it is turned off again."""
    for option in chosen.all:
        if option.fate not in (table.KEEP, table.MEANT) and (option.value is not None or chosen.on(option.name)):
            hint = "remove it there, or put -q first on the curl line" if option.place else "leave it out"
            raise Refused(f"{option} {option.fate}", hint)
