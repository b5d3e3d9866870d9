"""Is a certificate made as X.509 wants it?"""

from authkit.certs import oids
from authkit.certs.weak import is_root, is_self_issued

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from authkit.certs.describe import Described

    Rows = Iterator[tuple[str, str]]

# what a signed number of 32 bits holds
_LARGEST_ARC = (1 << 31) - 1
_TIMES = ("validity", "not_before", "not_after")
_UNSURE = ("uri:", "upn:", "other:", "dirname:", "rid:", "x400:", "edi:", "unknown:")
_IDENTITIES = ("email:", "dns:", "uri:", "upn:", "ip:")


def faults(described: "Described") -> "Rows":
    """Yield everything that could not be read, each with the name of its field."""
    for field, message in described.faults:
        text = f"{field} {message}"
        if field in _TIMES:
            yield "time-encoding", text
        elif field == "version":
            yield "version", message
        elif message == "stands twice":
            yield "extension-twice", field
        elif message.endswith("bytes follow it"):
            yield "trailing-data", message
        elif message.startswith("the signed part says"):
            yield "signature-mismatch", message
        else:
            yield "fault", text
    if described.version in (1, 2) and not described.extensions:
        yield "version-old", ""
    for oid in described.critical_unknown:
        yield "critical-unknown", oid
    for name in [*described.eku, *[name for name, _ in described.extensions]]:
        oid = _LARGE.get(name, name)
        if _is_large(oid):
            yield "oid-large", oid[:200]


def _is_large(oid: str) -> bool:
    """Say whether an OID in dots holds a number that 32 bits do not; a name is none."""
    return oid[:1].isdigit() and max(map(int, oid.split("."))) > _LARGEST_ARC


# names of this package for such OIDs
_LARGE = {name: oid for table in (oids.PURPOSES, oids.EXTENSIONS) for oid, name in table.items() if _is_large(oid)}


def basics(described: "Described") -> "Rows":
    """Yield what does not fit a CA, or a leaf."""
    if described.is_ca:
        yield from _ca(described)
        return
    if described.path_length is not None:
        yield "path-length-on-leaf", str(described.path_length)
    if "keyCertSign" in described.key_usage:
        yield "leaf-can-sign", ""
    if is_self_issued(described):
        yield "self-signed-leaf", ""


def _ca(described: "Described") -> "Rows":
    present = dict(described.extensions)
    if "keyUsage" not in present:
        yield "ca-no-key-usage", ""
    elif "keyCertSign" not in described.key_usage:
        yield "ca-cannot-sign", ""
    if not present.get("basicConstraints", True):
        yield "ca-not-critical", ""
    if not is_root(described):
        if described.path_length is None:
            yield "ca-no-path-length", ""
        if not described.eku:
            yield "ca-any-purpose", ""
    named = [one for one in described.san if one.startswith(_IDENTITIES) and not one.startswith("uri:spiffe://")]
    if named and ("clientAuth" in described.eku or "serverAuth" in described.eku):
        yield "ca-as-leaf", ", ".join(named)[:200]


def usage(described: "Described") -> "Rows":
    """Yield what is wrong with the purposes and the key usage of a leaf."""
    eku, bits = described.eku, described.key_usage
    if "anyExtendedKeyUsage" in eku:
        yield "eku-any", ""
    if described.is_ca:
        return
    present = [name for name, _ in described.extensions]
    if "clientAuth" in eku and "serverAuth" in eku:
        yield "eku-client-and-server", ""
    if not eku and "extKeyUsage" not in present:
        yield "eku-missing", ""
    if "keyUsage" not in present:
        yield "key-usage-missing", ""
    elif "digitalSignature" not in bits and (not eku or "clientAuth" in eku or "serverAuth" in eku):
        yield "key-usage-no-signature", ", ".join(bits)
    kind = "" if described.key is None else str(described.key["type"])
    wrong = [bit for bit in bits if bit in ("keyEncipherment", "dataEncipherment", "keyAgreement")]
    if kind.startswith("rsa"):
        wrong = [bit for bit in wrong if bit == "keyAgreement"]
    elif kind.startswith(("p2", "p3", "p5")):
        wrong = [bit for bit in wrong if bit != "keyAgreement"]
    elif not kind.startswith(("ed", "ml-dsa")):
        wrong = []
    if wrong:
        yield "key-usage-wrong", f"{', '.join(wrong)} with {kind}"


def identifiers(described: "Described") -> "Rows":
    """Yield what is missing to find the issuer, and to ask it."""
    present = [name for name, _ in described.extensions]
    if "subjectKeyIdentifier" not in present:
        yield "ca-no-ski" if described.is_ca else "no-ski", ""
    if "authorityKeyIdentifier" not in present and not is_self_issued(described):
        yield "no-aki", ""
    for url in [*described.crl_urls, *described.ocsp_urls]:
        if url[:7].lower() != "http://":
            yield "url-scheme", url[:200]


def constraints(described: "Described") -> "Rows":
    """Yield what is wrong with the name constraints."""
    both = described.name_constraints
    if both is None:
        return
    named = [one for one in [*both["permitted"], *both["excluded"]] if one.startswith(_UNSURE)]
    if named:
        yield "constraints-unsure", ", ".join(named)[:200]
    if not dict(described.extensions).get("nameConstraints", True):
        yield "constraints-not-critical", ""
    if not described.is_ca:
        yield "constraints-on-leaf", ""
