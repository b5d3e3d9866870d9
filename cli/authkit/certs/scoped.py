"""For which day, region and service may a certificate's key sign requests?"""

from datetime import date, datetime, time, timezone

from cryptography import x509

from authkit.certs import der
from authkit.certs.profile import REQUEST_SIGNING_EKU, SCOPE_EXTENSION
from authkit.errors import InputError, PathRejected, Refused
from authkit.keys.scope import part_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from authkit.certs.path_rules import Certified

_OID = x509.ObjectIdentifier(SCOPE_EXTENSION)
_EKU = x509.ObjectIdentifier(REQUEST_SIGNING_EKU)
_NAMES = ("date", "region", "service")


class CertScope:
    """What a scoped certificate is good for.

    Attributes:
        day: the UTC day of the requests.
        parts: region, then service; () for any of both, one for any service of a region.
    """

    __slots__ = ("day", "parts")

    def __init__(self, day: date, parts: "tuple[str, ...]") -> None:
        self.day = day
        self.parts = parts

    def __str__(self) -> str:
        return "/".join([self.day.isoformat().replace("-", ""), *self.parts])

    def __repr__(self) -> str:
        return f"<CertScope {self}>"

    @property
    def not_before(self) -> datetime:
        """The first second of its day."""
        return datetime.combine(self.day, time(0, 0, 0), timezone.utc)

    @property
    def not_after(self) -> datetime:
        """The last second of its day."""
        return datetime.combine(self.day, time(23, 59, 59), timezone.utc)


def parse_cert_scope(text: str, what: str) -> CertScope:
    """Read the scope of a leaf: a date, then a region, then a service, cut after any of them.

    Args:
        text: e.g. 20261123/us-east-1/s3.
        what: names the place in errors.

    Raises:
        InputError: naming the part that is wrong.
    """
    day, *parts = text.split("/")
    _check_parts(parts, _NAMES[1:], what)
    try:
        if len(day) != 8 or not (day.isascii() and day.isdigit()):
            raise ValueError
        return CertScope(date(int(day[:4]), int(day[4:6]), int(day[6:])), tuple(parts))
    except ValueError as error:
        raise InputError(f"{what}: {day[:80]!r} is not a day", "write it as 20261123/us-east-1/s3") from error


def parse_ca_scope(text: str, what: str) -> "tuple[str, ...]":
    """Read the scope of a CA: a region, then a service if any, for every day.

    Raises:
        InputError: naming the part that is wrong.
    """
    parts = text.split("/")
    _check_parts(parts, _NAMES[1:], what)
    return tuple(parts)


def _check_parts(parts: "Sequence[str]", names: "Sequence[str]", what: str) -> None:
    if len(parts) > len(names):
        raise InputError(f"{what}: more parts than {', '.join(names)}")
    for name, part in zip(names, parts):
        fault = part_fault(part)
        if fault:
            raise InputError(f"{what}: {name} {part[:80]!r} {fault}")


def encode_scope(text: str) -> "x509.UnrecognizedExtension":
    """Return the extension that holds a scope: a UTF8String (F9)."""
    return x509.UnrecognizedExtension(_OID, der.encode(der.UTF8_STRING, text.encode("ascii")))


def decode_scope(value: bytes) -> str:
    """Return the text in the extension of a scope.

    Args:
        value: what the extension holds; untrusted.

    Raises:
        InputError: if it is not one UTF8String in DER.
    """
    try:
        text = der.content(value).decode("utf-8")
        if der.encode(der.UTF8_STRING, text.encode("utf-8")) == value:
            return text
    except (der.Broken, UnicodeDecodeError):
        pass
    raise InputError("the scope is not a UTF8String")


def scope_of(certificate: "x509.Certificate") -> "str | None":
    """Return the text of a certificate's scope; None if it has none.

    Raises:
        InputError: if it cannot be read.
    """
    try:
        value = certificate.extensions.get_extension_for_oid(_OID).value
    except x509.ExtensionNotFound:
        return None
    return decode_scope(value.value)  # type: ignore[attr-defined]  # pyca knows no class for it


def is_scoped(leaf: "Certified") -> bool:
    """Say whether a certificate's key may sign requests within a scope alone, be the scope right or wrong."""
    return _EKU in (leaf.purposes or ()) or any([one.oid == _OID for one in leaf.x509.extensions])


def check_scope(path: "Sequence[Certified]") -> CertScope:
    """Return the scope of a leaf, which lies within that of every CA above it.

    Args:
        path: leaf first, trust anchor last.

    Raises:
        PathRejected: scope-missing, scope-malformed, scope-outside.

    Source:
        FORMATS F9.
        Deviations: none.
    """
    leaf = path[0]
    try:
        text = scope_of(leaf.x509)
        if text is None:
            raise PathRejected("scope-missing", f"the leaf {leaf.name}")
        scope = parse_cert_scope(text, f"the leaf {leaf.name}")
        for one in path[1:]:
            limit = _limit_of(one.x509, f"the CA {one.name}")
            if scope.parts[: len(limit)] != limit:
                raise PathRejected("scope-outside", f"{scope}, and the CA {one.name} is for {'/'.join(limit)}")
    except InputError as error:
        raise PathRejected("scope-malformed", error.message) from error
    return scope


def judge_scope(certificates: "Iterable[x509.Certificate]", parts: "tuple[str, ...]", what: str) -> None:
    """Pass a scope that all these CAs may give.

    Args:
        certificates: of CAs.
        parts: region and service, as a leaf or another CA is to have them.
        what: names the scope in errors.

    Raises:
        Refused: naming what it lies outside of.
        InputError: if a CA's scope cannot be read.
    """
    for one in certificates:
        limit = _limit_of(one, "the CA")
        if parts[: len(limit)] != limit:
            subject = one.subject.rfc4514_string()[:200]
            raise Refused(
                f"{what} lies outside what the CA {subject} may certify", f"it is limited to {'/'.join(limit)}"
            )


def _limit_of(certificate: "x509.Certificate", what: str) -> "tuple[str, ...]":
    """Return what a CA's scope limits; () where it has none."""
    text = scope_of(certificate)
    return () if text is None else parse_ca_scope(text, what)
