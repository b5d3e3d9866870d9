"""What body would curl send?"""

from authkit.curl.line import Option
from authkit.curl.words import to_bytes
from authkit.errors import Refused
from authkit.messages import payload, target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class File(Protocol):
        """A binary file."""

        def read(self) -> bytes:
            """Return all that is left."""

        def readinto(self, buffer: memoryview, /) -> "int | None":
            """Fill *buffer*; return how many bytes, 0 at the end."""

        def close(self) -> None:
            """Release it."""

    Read = Callable[[str], File]

DATA = ("data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "json")
# curl 7.88 reads a file given with -d in pieces of this many bytes, or to the end of the line
_PIECE = 255


class Files:
    """The way to what a curl line names with '@'.

    Args:
        read: opens a name as written there, or "-" for standard input; None opens nothing.
        have_stdin: whether a body may come from standard input, because curl will be given the same bytes.
        watched: what must see the body besides its hash, by name.
    """

    __slots__ = ("watched", "_read", "_have_stdin", "_stdin_used")

    def __init__(
        self, read: "Read | None", have_stdin: bool, watched: "dict[str, payload.Watcher] | None" = None
    ) -> None:
        self.watched = {} if watched is None else watched
        self._read = read
        self._have_stdin = have_stdin
        self._stdin_used = False  # pragma: no mutate: None is as false

    def read(self, option: Option, name: str, *, body: bool = False) -> bytes:
        """Return all of what *option* names.

        Args:
            name: without its '@'; "-" is standard input.
            body: whether it becomes the body, which the printed command could not repeat.

        Raises:
            Refused: if nothing may be opened, or standard input cannot be used, or not a second time.
            InputError: if it cannot be opened.
        """
        file = self._open(option, name, body)
        raw = file.read()
        if name != "-":  # curl inherits standard input
            file.close()
        return raw

    def measure(self, option: Option, name: str) -> "tuple[str | None, int]":
        """Return SHA-256 (lower-case hex, 64; None where it is not needed) and length of the file that *option* names.

        Raises:
            Refused, InputError: as read.
        """
        file = self._open(option, name)
        found = payload.hash_reader(file, b"", self.watched)
        file.close()
        return found

    def _open(self, option: Option, name: str, body: bool = False) -> "File":
        if self._read is None:
            raise Refused(f"{option} names a file, and reading a curl line opens none", "add --read-files")
        if name == "-":
            if body and not self._have_stdin:
                hint = "add --run, or name a file"
                raise Refused(f"{option} sends standard input, which a printed command cannot repeat", hint)
            if self._stdin_used:
                raise Refused(f"{option} reads standard input a second time")
            self._stdin_used = True
        return self._read(name)


def gather(options: "list[Option]", files: Files, warnings: "list[str]", *, to_query: bool) -> "tuple[bytes, bool]":
    """Return the joined data of *options*, and whether it came from standard input.

    Args:
        options: those of DATA, in order, 1 or more.
        warnings: grows by what curl would lose of a file.
        to_query: whether --get makes it the query, so that it is no body.

    Raises:
        Refused, InputError: as Files.read.

    Source:
        curl 7.88.1, observed on the wire. Deviations: a file that cannot be read is an error, not an empty body.
    """
    out = b""
    for at, option in enumerate(options):
        if at and option.name != "json":
            out += b"&"
        out += _piece(option, files, not to_query, warnings)
    return out, any([_names_stdin(option) for option in options])


def _names_stdin(option: Option) -> bool:
    value = option.text
    if option.name == "data-urlencode":
        return "=" not in value and value.partition("@")[1:] == ("@", "-")
    return option.name != "data-raw" and value == "@-"


def whole_file(options: "list[Option]") -> "str | None":
    """Return the one file that is sent unchanged as the body; None if the body is not just that."""
    if len(options) == 1 and options[0].name in ("data-binary", "json"):
        value = options[0].text
        if value.startswith("@") and value != "@-":
            return value[1:]
    return None


def _piece(option: Option, files: Files, body: bool, warnings: "list[str]") -> bytes:
    value = option.text
    if option.name == "data-urlencode":
        return urlencode(option, files, body=body)
    if not value.startswith("@") or option.name == "data-raw":
        return to_bytes(value)
    raw = files.read(option, value[1:], body=body)
    if option.name in ("data-binary", "json"):
        return raw
    stripped = strip_lines(raw)
    if stripped != raw.translate(None, b"\r\n"):
        warnings.append(f"{option} loses part of the file: curl stops at a NUL byte, and at a CR that ends no line")
    return stripped


def strip_lines(raw: bytes) -> bytes:
    """Return what -d @file makes of a file: no line ends, and nothing between a NUL or CR and the end of its piece.

    Source:
        curl 7.88.1, observed on the wire. Deviations: none.
    """
    out = []
    at = 0
    while at < len(raw):
        end = raw.find(b"\n", at, at + _PIECE)
        end = min(at + _PIECE, len(raw)) if end < 0 else end + 1
        piece = raw[at:end]
        for mark in (b"\0", b"\r", b"\n"):
            piece = piece.partition(mark)[0]
        out.append(piece)
        at = end
    return b"".join(out)


def urlencode(option: Option, files: Files, *, body: bool = False) -> bytes:
    """Return NAME=CONTENT with the content percent-encoded and its spaces as '+'.

    Args:
        option: --data-urlencode or --url-query, whose value is CONTENT, =CONTENT, NAME=CONTENT, @FILE or NAME@FILE.
        body: as Files.read.

    Raises:
        Refused, InputError: as Files.read.
    """
    value = option.text
    name, mark, content = value.partition("=")
    if mark:
        raw = to_bytes(content)
    else:
        name, mark, content = value.partition("@")
        if mark:
            raw = files.read(option, content, body=body)
        else:
            name, raw = "", to_bytes(value)
    encoded = target.encode(raw).replace("%20", "+")
    return to_bytes(f"{name}={encoded}" if name else encoded)


def check_length(values: "list[str]", length: "int | None") -> None:
    """Refuse a Content-Length of the user's that is not *length*.

    Args:
        values: as sent, 0 or more.
        length: octets of the body; None when it is not known.

    Raises:
        Refused: if there are two, or one that is not true.
    """
    if len(values) > 1:
        raise Refused("the curl line sets Content-Length twice")
    if values and values[0] != str(length):
        true = "curl alone knows the length" if length is None else f"the body has {length} bytes"
        raise Refused(f"the curl line's Content-Length is not true: {true}", "leave it out")
