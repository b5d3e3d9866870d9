"""What holds a certificate in DER, or in base64 without delimiters?"""

from authkit.certs.formats import Format, Found
from authkit.certs.structure import structure, unwrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def _sniff(data: bytes) -> bool:
    return structure(unwrapped(data)) == "certificate"


def _load(data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
    found = Found("der")
    found.certificates.append((unwrapped(data), what))
    return found


FORMAT = Format("der", _sniff, _load)
