"""What holds PKCS#7, which carries certificates and revocation lists?"""

from authkit.certs import der
from authkit.certs.formats import Format, Found, Other, format_of
from authkit.certs.structure import structure, unwrapped
from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_KINDS = {
    "1.2.840.113549.1.7.1": "plain data",
    "1.2.840.113549.1.7.3": "encrypted to recipients",
    "1.2.840.113549.1.7.6": "encrypted under a key",
}


def _sniff(data: bytes) -> bool:
    return structure(unwrapped(data)) == "pkcs7"


def _load(data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
    """Find what a PKCS#7 file carries.

    Source:
        RFC 2315 §9.1; RFC 5652 §5.1.
        Deviations: signatures on it are not verified, only counted.
    """
    found = Found("pkcs7")
    try:
        (_, kind), (_, wrapped) = der.children(unwrapped(data))[:2]
        oid = der.oid(der.content(kind))
        if oid != _SIGNED_DATA:
            raise InputError(f"{what}: PKCS#7 that is {_KINDS.get(oid, oid)}, so that it shows no certificates")
        parts = der.children(der.content(wrapped))
        crls = _collect(found, parts, what)
        signers = len(der.children(parts[-1][1])) if parts[-1][0] == der.SET else 0
    except der.Broken as error:
        raise InputError(f"{what}: PKCS#7 that {error}") from error
    facts = [("certificates", str(len(found.certificates))), ("signers", f"{signers}, not verified")]
    found.others = [Other("PKCS#7", what, facts), *[other for crl in crls for other in crl.others]]
    return found


def _collect(found: Found, parts: "list[tuple[int, bytes]]", what: str) -> "list[Found]":
    """Take the certificates into *found*; return what the revocation lists say."""
    crls = []
    for tag, raw in parts:
        if tag == 0xA0:
            inside = [one for kind, one in der.children(raw) if kind == der.SEQUENCE]
            found.certificates += [(one, f"{what}, number {at}") for at, one in enumerate(inside, 1)]
        elif tag == 0xA1:
            crls += [format_of("crl").load(one, what, bytes) for _, one in der.children(raw)]
    return crls


FORMAT = Format("pkcs7", _sniff, _load)
