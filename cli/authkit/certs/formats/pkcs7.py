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
    found, other = Found("pkcs7"), Other("PKCS#7", what)
    try:
        (_, kind), (_, wrapped) = der.first(unwrapped(data), 2)
        oid = der.oid(der.content(kind))
        if oid != _SIGNED_DATA:
            raise InputError(f"{what}: PKCS#7 that is {_KINDS.get(oid, oid)}, so that it shows no certificates")
        parts = der.children(der.content(wrapped))
    except der.Broken as error:
        raise InputError(f"{what}: PKCS#7 that {error}") from error
    lists: "list[Other]" = []
    signers = 0
    for tag, raw in parts:
        inside = _parts(other, raw)
        if tag == 0xA0:
            found.certificates += [(one, f"{what}, number {at}") for at, one in enumerate(inside, 1)]
        elif tag == 0xA1:
            lists += [one for crl in inside for one in format_of("crl").load(crl, what, bytes).others]
        signers = len(inside) if tag == der.SET else 0  # the last set; the first names digests
    other.facts = [("certificates", str(len(found.certificates))), ("signers", f"{signers}, not verified")]
    found.others = [other, *lists]
    return found


def _parts(other: Other, raw: bytes) -> "list[bytes]":
    """Return each SEQUENCE inside an element, as far as they can be read."""
    start, end, _ = der.outer(raw)
    inside, fault = der.until_broken(raw, start, end)
    if fault and raw[0] in (0xA0, 0xA1):
        other.findings.append(("unreadable-field", "error", f"what follows number {len(inside)} {fault}"))
    return [raw[at:stop] for tag, at, _, stop in inside if tag == der.SEQUENCE]


FORMAT = Format("pkcs7", _sniff, _load)
