"""Which fields and which file does a submitted form hold?"""

from authkit.errors import Rejected
from authkit.messages.request import Request

MAX_FIELDS = 65536
_CONTROLS = frozenset((*range(0x20), 0x7F)) - {0x09}
_BOUNDARY = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ")


class FormReader:
    """A watcher that reads a form while its body goes by, in constant memory; the file is counted and not kept.

    The form is read in one way only: no preamble, no epilogue, the file last.

    Attributes:
        fields: (name as written, value), in order, the file left out.
        filename: what the file is called; "" where the form does not say.
        length: octets of the file.
        fault: what is wrong; "" if nothing is so far.

    Source:
        RFC 7578 §4; RFC 2046 §5.1.1. Deviations: a preamble, an epilogue, and white space behind a boundary are
        refused, and so is a part with other headers than Content-Disposition and Content-Type;
        so are a bare line end in a part's head, and a boundary in a field where it is none by the letter.
    """

    __slots__ = ("fields", "filename", "length", "fault", "_mark", "_data", "_place", "_taken")

    def __init__(self, boundary: str) -> None:
        self.fields: "list[tuple[str, str]]" = []
        self.filename = ""
        self.length = 0
        self.fault = ""
        self._mark = b"\r\n--" + boundary.encode("ascii")
        # the first boundary has no line end before it
        self._data = bytearray(b"\r\n")
        self._place = "fields"
        self._taken = 0

    def update(self, data: "bytes | memoryview", /) -> None:
        """Take the next bytes."""
        if self.fault:
            return
        self._data += data
        while self._place == "fields" and not self.fault and self._part():
            pass
        if self._place == "file":
            self._file()
        if self._place == "end" and len(self._data) > 4:
            self.fault = "the file is not its end"
            self._data.clear()

    def finish(self) -> None:
        """Say that the body has ended.

        Raises:
            Rejected: form-syntax.
        """
        if not self.fault and self._place == "fields":
            self.fault = "it holds no file" if self._data.startswith(self._mark + b"--") else "it ends within a field"
        elif not self.fault and (self._place == "file" or bytes(self._data) not in (b"--", b"--\r\n")):
            self.fault = "the file is not its end"
        if self.fault:
            raise Rejected("form-syntax", self.fault)

    def _part(self) -> bool:
        """Read one part, if it is all there; say whether it was."""
        start, close = self._mark + b"\r\n", self._mark + b"--"
        if not self._data.startswith(start):
            if not start.startswith(self._data[: len(start)]) and not close.startswith(self._data[: len(close)]):
                self.fault = "a part does not begin with the boundary"
            return False
        end = self._data.find(b"\r\n\r\n", len(start) - 2)
        if end < 0:
            return self._wait()
        name, filename = self._head(bytes(self._data[len(start) : end]))
        if self.fault:
            return False
        # names of fields are compared without case
        if name.lower() == "file":
            self.filename = filename or ""
            if self._take(end + 4):
                self._place = "file"
                # some readers take the end of the head's empty line for the beginning of a boundary
                self._data[:0] = b"\r\n"
                self.length = -2
            return not self.fault
        if filename is not None:
            self.fault = f"the field {name[:64]!r} is a file"
            return False
        stop = self._data.find(self._mark, end + 4)
        if stop < 0:
            return self._wait()
        if self._data.find(self._mark[2:], end + 4, stop) >= 0:
            # which some readers take for one at the beginning, or behind a bare line feed
            self.fault = f"the field {name[:64]!r} holds the boundary"
            return False
        try:
            value = bytes(self._data[end + 4 : stop]).decode("utf-8")
        except UnicodeDecodeError:
            self.fault = f"the field {name[:64]!r} is not UTF-8"
            return False
        self.fields.append((name, value))
        return self._take(stop)

    def _take(self, count: int) -> bool:
        """Leave behind what was read; say whether that is not too much."""
        del self._data[:count]
        self._taken += count
        if self._taken > MAX_FIELDS:
            self.fault = f"over {MAX_FIELDS} octets come before the file"
        return not self.fault

    def _wait(self) -> bool:
        """Say that a part is not all there, unless it is too long already."""
        if self._taken + len(self._data) > MAX_FIELDS:
            self.fault = f"over {MAX_FIELDS} octets come before the file"
        return False

    def _head(self, head: bytes) -> "tuple[str, str | None]":
        """Return the name of a part, and what its file is called, if it is one."""
        seen: "dict[str, str]" = {}
        if _CONTROLS.intersection(head.replace(b"\r\n", b"")):
            # a bare line feed ends a line for some readers
            self.fault = "the head of a part holds a control character"
            return "", None
        for line in head.decode("latin-1").split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() not in ("content-disposition", "content-type") or name.lower() in seen:
                self.fault = f"a part has the header {name[:64]!r}"
            seen[name.lower()] = value.strip(" \t")
        pieces = disposition(seen.get("content-disposition", ""))
        if pieces is None or "name" not in pieces:
            self.fault = self.fault or "a part has no name"
            return "", None
        return pieces["name"], pieces.get("filename")

    def _file(self) -> None:
        place = self._data.find(self._mark)
        if place < 0:
            # what may be the start of a boundary stays
            ready = max(len(self._data) - len(self._mark) + 1, 0)
            self.length += ready
            del self._data[:ready]
            return
        if not place and self.length < 0:
            self.fault = "the file begins with the boundary"
            self._data.clear()
            return
        self.length += place
        del self._data[: place + len(self._mark)]
        self._place = "end"


def disposition(text: str) -> "dict[str, str] | None":
    """Return the parameters of a Content-Disposition of form data; None if it is another, or not plain.

    Args:
        text: form-data; name="…"; filename="…", where a quote is written %22 and a backslash stands for nothing.
    """
    found: "dict[str, str]" = {}
    kind, _, rest = text.partition(";")
    if kind.strip(" ").lower() != "form-data":
        return None
    while rest:
        name, mark, rest = rest.strip(" ").partition('="')
        value, quote, rest = rest.partition('"')
        rest = rest.strip(" ")
        if not mark or not quote or name.lower() in found or "\\" in value or (rest and not rest.startswith(";")):
            return None
        found[name.lower()] = value.encode("latin-1").decode("utf-8", "replace")
        rest = rest[1:]
    return found


def boundary_of(request: Request) -> str:
    """Return the boundary of a form's parts.

    Raises:
        Rejected: form-syntax.
    """
    values = request.values("content-type")
    kind, *parameters = values[0].split(";") if len(values) == 1 else [""]
    if kind.strip(" \t").lower() != "multipart/form-data":
        raise Rejected("form-syntax", "Content-Type is not multipart/form-data")
    found = [one.strip(" \t")[9:] for one in parameters if one.strip(" \t")[:9].lower() == "boundary="]
    text = found[0] if len(found) == 1 else ""
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if not 1 <= len(text) <= 70 or not _BOUNDARY.issuperset(text) or text.endswith(" "):
        raise Rejected("form-syntax", "Content-Type has no boundary, or one that cannot be")
    return text
