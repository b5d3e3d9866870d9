"""How much of an oversized certificate is judged?"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.certs.describe import Described

# no honest certificate has so many of anything, and each takes its time
MOST = 1000
# what may be long -> what people call it
_LISTS = {
    "subject_parts": "parts of the subject",
    "issuer_parts": "parts of the issuer",
    "san": "names in the SAN",
    "eku": "purposes",
    "extensions": "extensions",
    "critical_unknown": "unknown critical extensions",
    "aia": "AIA addresses",
    "ocsp_urls": "OCSP addresses",
    "crl_urls": "CRL addresses",
    "faults": "faults",
}


def part_of(described: "Described") -> "tuple[Described, list[tuple[str, str]]]":
    """Return a certificate as far as it is judged, and a finding (id, detail) for each of what is left out.

    Returns:
        *described* itself where nothing is; else a copy in which no list is longer than MOST.
    """
    long = [name for name in _LISTS if len(getattr(described, name)) > MOST]
    if not long:
        return described, []
    from copy import copy

    part = copy(described)
    rows = []
    for name in long:
        whole = getattr(described, name)
        setattr(part, name, whole[:MOST])
        rows.append(("names-many", f"{len(whole)} {_LISTS[name]}"))
    return part, rows
