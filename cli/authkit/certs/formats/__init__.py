"""What holds certificates: one file a format, one row each, recognised by content."""

from warnings import catch_warnings, simplefilter

from authkit.certs.price import password_of
from authkit.certs.structure import unwrapped
from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# name of a format -> the module that holds its FORMAT; of several that would read the same, the first does
FORMATS = {
    "pem": "authkit.certs.formats.pem",
    "der": "authkit.certs.formats.der",
    "csr": "authkit.certs.formats.csr",
    "crl": "authkit.certs.formats.crl",
    "pkcs7": "authkit.certs.formats.pkcs7",
    "pkcs12": "authkit.certs.formats.pkcs12",
    "ocsp": "authkit.certs.formats.ocsp",
    "spkac": "authkit.certs.formats.spkac",
    "key": "authkit.certs.formats.key",
}


class Other:
    """Something that is no certificate.

    Attributes:
        kind: e.g. "private key", "certificate request", "revocation list".
        source: where it stands, for people.
        facts: (name, value) in the order to show them; a name may stand several times; values may be foreign text.
        findings: (id, "error" | "warning" | "info", message).
    """

    __slots__ = ("kind", "source", "facts", "findings")

    def __init__(
        self,
        kind: str,
        source: str,
        facts: "list[tuple[str, str]] | None" = None,
        findings: "list[tuple[str, str, str]] | None" = None,
    ) -> None:
        self.kind = kind
        self.source = source
        self.facts = facts if facts is not None else []
        self.findings = findings if findings is not None else []


class Found:
    """What an input holds.

    Attributes:
        certificates: (DER, where it stands) in the order of the input; nothing in them is trusted or even sound.
        others: whatever else there is.
        format: a name of FORMATS.
    """

    __slots__ = ("certificates", "others", "format")

    def __init__(self, format: str) -> None:
        self.format = format
        self.certificates: "list[tuple[bytes, str]]" = []
        self.others: "list[Other]" = []


class Format:
    """One format.

    Attributes:
        name: its name in FORMATS.
        sniff: bytes -> whether they are in this format.
        load: (bytes, what they are called, a function that gives the password) -> Found.
            The password is asked for only where nothing can be shown without it; a `price.Password` also says what
            may be spent on it.
    """

    __slots__ = ("name", "sniff", "load")

    def __init__(
        self,
        name: str,
        sniff: "Callable[[bytes], bool]",
        load: "Callable[[bytes, str, Callable[[], bytes]], Found]",
    ) -> None:
        self.name = name
        self.sniff = sniff
        self.load = load


def format_of(name: str) -> Format:
    """Return the format of that name."""
    from importlib import import_module

    return import_module(FORMATS[name]).FORMAT  # type: ignore[no-any-return]


def read_any(data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
    """Find whatever an input holds.

    Args:
        data: any bytes; untrusted.
        what: names the input in errors and sources.
        password: gives the password of a PKCS#12 file; called at most once, and only for such a file, of which PEM
            may hold several.

    Raises:
        InputError: if no format is recognised, with what it looks like; or the one that is cannot be read at all.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode("utf-8")
    if data[:1] != b"-":
        data = unwrapped(data) or data
    with catch_warnings():
        simplefilter("ignore")  # pyca warns of what is shown as a finding, or as it is
        for name in FORMATS:
            found = format_of(name)
            if found.sniff(data):
                return found.load(data, what, password_of(password))
    from authkit.certs.unknown import explain

    message, hint = explain(data)
    raise InputError(f"{what}: {message}", hint)


def read_structure(kind: str, data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
    """Find whatever one structure in DER holds.

    Args:
        kind: what `structure` says of *data*; not "".

    Raises:
        InputError: if it cannot be read at all.
    """
    by_kind = {"certificate": "der", "ocsp-response": "ocsp"}
    return format_of(by_kind.get(kind, kind if kind in FORMATS else "key")).load(data, what, password)
