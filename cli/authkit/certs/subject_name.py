"""Is this the name that the certificate should have?"""

from ipaddress import ip_address

from cryptography import x509

from authkit.certs import der
from authkit.certs.names import UPN_OID, parse_san
from authkit.errors import PathRejected, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.certs.path_rules import Certified

KINDS = ("email", "dns", "uri", "upn", "ip")


def parse_name(text: str) -> "tuple[tuple[str, str], ...]":
    """Return what a name to compare with may be.

    Args:
        text: "kind:value" with a kind of KINDS, or the value alone: an IP address, a URI, a mailbox or UPN (by its
            '@'), else a host name.

    Returns:
        (kind, value) of each that is meant: two for a text with '@' and no kind.

    Raises:
        UsageError: if it is none of them.
    """
    kind, mark, value = text.partition(":")
    if mark and kind in KINDS:
        return (_pair(kind, value),)
    if _is_address(text):
        return (_pair("ip", text),)
    if mark:
        return (_pair("uri", text),)
    return (_pair("email", text), _pair("upn", text)) if "@" in text else (_pair("dns", text),)


def _pair(kind: str, value: str) -> "tuple[str, str]":
    if kind == "dns" and value.startswith("*"):
        raise UsageError(f"{value[:80]!r} is a pattern, not a name", "name one host")
    return kind, parse_san(kind, value).value


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def check_name(leaf: "Certified", name: str, purpose: str) -> None:
    """Pass a leaf whose subject alternative name holds *name*; a common name is never looked at.

    Args:
        name: as for `parse_name`.
        purpose: a wildcard is one in a server's certificate alone.

    Raises:
        UsageError: if *name* is no name.
        PathRejected: san-missing, name-mismatch.

    Source:
        RFC 9525 §6.3 for host names; RFC 5321 §2.4 for mailboxes: the local part as it is, the domain without regard
        to case.
        Deviations: a URI and a UPN are compared byte by byte.
    """
    wanted = parse_name(name)
    if not leaf.names:
        raise PathRejected("san-missing", f"the leaf {leaf.name} has none, so {name} cannot be in it")
    found = [pair for pair in map(_read, leaf.names) if pair is not None]
    if not any([_equal(one, two, purpose == "server") for one in wanted for two in found]):
        has = ", ".join([f"{kind}:{value}" for kind, value in found[:5]]) + (" …" if len(found) > 5 else "")
        raise PathRejected("name-mismatch", f"{name} is not among {has or 'names of other kinds'}")


def _read(name: "x509.GeneralName") -> "tuple[str, str] | None":
    kinds = {x509.RFC822Name: "email", x509.DNSName: "dns", x509.UniformResourceIdentifier: "uri"}
    if type(name) in kinds:
        return kinds[type(name)], str(name.value)
    if isinstance(name, x509.IPAddress):
        return "ip", str(name.value)
    if isinstance(name, x509.OtherName) and name.type_id.dotted_string == UPN_OID:
        try:
            kind, _, start, end = der.element(name.value, 0, len(name.value))
            if kind == der.UTF8_STRING:
                return "upn", name.value[start:end].decode("utf-8")
        except (der.Broken, UnicodeDecodeError):
            pass  # it is nobody's name
    return None


def _equal(wanted: "tuple[str, str]", found: "tuple[str, str]", wildcards: bool) -> bool:
    kind, value = wanted
    if kind != found[0]:
        return False
    if kind == "dns":
        return _same_host(value.lower(), found[1].lower(), wildcards)
    if kind == "email":
        return _mailbox(value) == _mailbox(found[1])
    return value == found[1]


def _mailbox(text: str) -> str:
    local, mark, host = text.rpartition("@")  # pragma: no mutate - the wanted one has a single '@'
    return local + mark + host.lower()


def _same_host(host: str, pattern: str, wildcards: bool) -> bool:
    if wildcards and pattern.startswith("*.") and pattern.count(".") > 1:
        return host.partition(".")[2] == pattern[2:]
    return host == pattern
