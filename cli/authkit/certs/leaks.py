"""What does a certificate tell those who watch a handshake?"""

from authkit.certs.naming import SPIFFE
from authkit.certs.weak import is_root, serial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.certs.describe import Described

# id -> what it is to whoever reads it
LEAKS = {
    "common-name": "the common name",
    "person": "the name of a person",
    "organisation": "the organisation",
    "unit": "the department",
    "place": "the holder's place",
    "email": "a mail address",
    "upn": "a Windows login",
    "sid": "a Windows account",
    "spiffe-id": "which workload it is",
    "host": "a host name",
    "internal-host": "an internal host name",
    "address": "an IP address",
    "uri": "a URI",
    "id-number": "the holder's number",
    "issuer": "who issued it",
    "url": "an address of the issuer's",
    "internal-url": "an internal address",
    "serial": "about how many were issued",
}  # fmt: skip

_PARTS = {
    "CN": "common-name", "SN": "person", "GN": "person", "initials": "person", "pseudonym": "person",
    "O": "organisation", "OU": "unit", "title": "unit", "L": "place", "ST": "place", "STREET": "place",
    "postalCode": "place", "telephoneNumber": "person", "UID": "id-number", "serialNumber": "id-number",
    "emailAddress": "email", "organizationIdentifier": "organisation",
}  # fmt: skip
_KINDS = {"email": "email", "upn": "upn", "ip": "address", "dirname": "person"}
# what names no host of the public DNS (RFC 6761, RFC 6762, RFC 8375, and what companies use)
_INSIDE = tuple(
    ".local .localhost .localdomain .internal .intranet .intern .lan .home .corp .private .test .home.arpa".split()
)
_SHOWN = 300


class Leak:
    """One thing that a certificate tells.

    Attributes:
        id: a key of LEAKS.
        message: its sentence, with the name of the field.
        value: what is read; foreign text.
    """

    __slots__ = ("id", "message", "value")

    def __init__(self, id: str, place: str, value: str) -> None:
        self.id = id
        self.message = f"{LEAKS[id]} ({place})"
        self.value = value[:_SHOWN]

    def __repr__(self) -> str:
        return f"<Leak {self.id}>"


def leaks(described: "Described") -> "list[Leak]":
    """Return what goes in clear when the certificate is sent in a TLS 1.2 handshake; TLS 1.3 encrypts all of it.

    Source:
        RFC 5246 §7.4.2 and §7.4.6; RFC 8705 §8.
        Deviations: the key itself, by which every certificate can be recognised again, is not listed.
    """
    found = [Leak(_PARTS[name], f"subject {name}", value) for name, value in described.subject_parts if name in _PARTS]
    found += [_of_san(one) for one in described.san]
    if described.sid is not None:
        found.append(Leak("sid", "security identifier", described.sid))
    if described.issuer_der != described.subject_der:
        # a private CA's common name usually names whoever runs it
        said = [(name, value) for name, value in described.issuer_parts if name in ("CN", "O")]
        found += [Leak("issuer", f"issuer {name}", value) for name, value in said]
    ocsp = set(described.ocsp_urls)
    found += [_of_url("OCSP" if url in ocsp else "AIA", url) for url in described.aia]
    found += [_of_url("CRL", url) for url in described.crl_urls]
    if not is_root(described) and any([id in ("serial-predictable", "serial-zero") for id, _ in serial(described)]):
        found.append(Leak("serial", "serial number", described.serial))
    return found


def _of_san(name: str) -> Leak:
    kind, _, value = name.partition(":")
    if kind == "dns":
        return Leak("internal-host" if is_inside(value) else "host", "SAN dns", value)
    if kind == "uri":
        return Leak("spiffe-id" if value.lower().startswith(SPIFFE) else "uri", "SAN uri", value)
    return Leak(_KINDS.get(kind, "id-number"), f"SAN {kind}", value)


def _of_url(place: str, url: str) -> Leak:
    return Leak("internal-url" if is_inside(host_of(url)) else "url", place, url)


def host_of(url: str) -> str:
    """Return the host of a URL; "" where there is none, as in LDAP's without a server."""
    authority = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    if authority[:1] == "[":
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]


def is_inside(host: str) -> bool:
    """Say whether a host is one of a private network: a name without a dot, one of _INSIDE, or a private address."""
    name = host.rstrip(".").lower()
    if not name.isascii():
        return False
    if ":" in name or name.replace(".", "").isdigit():
        from ipaddress import ip_address

        try:
            return ip_address(name).is_private
        except ValueError:
            return False
    return bool(name) and ("." not in name or name.endswith(_INSIDE))
