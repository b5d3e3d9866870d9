"""What inspect-cert is to look at."""

from authkit import files
from authkit.certs.formats import read_any
from authkit.commands import _io
from authkit.errors import UsageError
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from authkit.certs.formats import Found, Other
    from authkit.certs.formats.header import HeaderFound
    from authkit.commands._quick import Given

_LIMIT = 4096


class Looked:
    """What was found in all inputs together.

    Attributes:
        certificates: (DER, where it stood).
        others: what is no certificate.
        headers: what each header is and says of itself.
    """

    def __init__(self) -> None:
        self.certificates: "list[tuple[bytes, str]]" = []
        self.others: "list[Other]" = []
        self.headers: "list[HeaderFound]" = []

    def add(self, found: "Found") -> None:
        """Take in what one input holds."""
        self.certificates += found.certificates
        self.others += found.others


def look(given: "Given") -> Looked:
    """Read every input; all of them, before anything is shown.

    Raises:
        InputError: if one cannot be read.
        UsageError: if there is none.
    """
    paths = given.file
    if not paths and not given.header:
        if render.is_terminal(0):
            raise UsageError("there is nothing to inspect", "give a FILE, pipe it in, or add --header 'Name: value'")
        paths = ("-",)
    if paths.count("-") > 1:
        raise UsageError("'-' is given twice, but standard input can be read only once")
    looked = Looked()
    for path in paths:
        name = "standard input" if path == "-" else path
        looked.add(read_any(_io.read(path, "certificate"), name, _password_of(given, name)))
    if given.header:
        from authkit.certs.formats.header import read_headers

        for header in read_headers(given.header):
            looked.headers.append(header)
            looked.add(header.found)
    return looked


def _password_of(given: "Given", name: str) -> "Callable[[], bytes]":
    """Return what gives the password of a PKCS#12 file when it is needed."""

    def password() -> bytes:
        _io.protect_process()
        if given.password_file is not None:
            from authkit.unlock.passphrase import without_line_end

            return without_line_end(files.read_private(given.password_file, _LIMIT, "password file"))
        from authkit.ui import printable, prompt

        return prompt.ask_secret(f"Password of {printable.one_line(name)}:", "give it with --password-file FILE")

    return password
