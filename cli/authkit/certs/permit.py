"""Which names do the constraints of a CA leave to it?"""

from cryptography import x509

from authkit.certs.constraints import is_within, may_be_within
from authkit.certs.names import Names, San, is_host, parse_san
from authkit.certs.profile import KINDS
from authkit.errors import Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

# what verifiers agree on; URI and UPN constraints are not offered (S39)
CONSTRAINED = ("dns", "email", "ip")


class Permitted:
    """The only names of some kinds that a CA may certify; () leaves a kind free.

    Attributes:
        dns: host names, each with all below it.
        email: "user@host", "host" for all its mailboxes, or ".host" for those of all hosts below it.
        ip: networks, e.g. "192.0.2.0/24".
    """

    __slots__ = ("dns", "email", "ip")

    def __init__(self, dns: "Sequence[str]" = (), email: "Sequence[str]" = (), ip: "Sequence[str]" = ()) -> None:
        self.dns = tuple(dns)
        self.email = tuple(email)
        self.ip = tuple(ip)

    def __repr__(self) -> str:
        return f"<Permitted {' '.join([*self.dns, *self.email, *self.ip])}>"


def parse_permitted(dns: "Sequence[str]", email: "Sequence[str]", ip: "Sequence[str]") -> "Permitted | None":
    """Return the constraints that a command line asks for; None for none.

    Raises:
        UsageError: if one cannot be a constraint.
    """
    for text in dns:
        if not is_host(text):
            raise UsageError(f"{text[:80]!r} cannot constrain host names", "write example.com")
    for text in email:
        if not (is_host(text.removeprefix(".")) or ("@" in text and parse_san("email", text))):
            raise UsageError(f"{text[:80]!r} cannot constrain mailboxes", "write example.com, or .example.com")
    networks = [_network(text) for text in ip]
    return Permitted(dns, email, networks) if dns or email or ip else None


def _network(text: str) -> str:
    from ipaddress import ip_network

    try:
        return str(ip_network(text))
    except ValueError as error:
        raise UsageError(f"{text[:80]!r} is not a network", "write 192.0.2.0/24 or 2001:db8::/32") from error


def encode_permitted(permitted: Permitted) -> "x509.NameConstraints":
    """Return the constraints as the extension holds them."""
    from ipaddress import ip_network

    names: "list[x509.GeneralName]" = [x509.DNSName(one) for one in permitted.dns]
    names += [x509.RFC822Name(one) for one in permitted.email]
    names += [x509.IPAddress(ip_network(one)) for one in permitted.ip]
    return x509.NameConstraints(names, None)


def free_kinds(permitted: "Permitted | None", kinds: "Iterable[str]" = KINDS) -> "list[str]":
    """Return which of *kinds* a verifier sees no limit for: a constraint limits only the kinds it names (S39)."""
    return [kind for kind in kinds if kind not in CONSTRAINED or permitted is None or not getattr(permitted, kind)]


def judge_constraints(certificates: "Iterable[x509.Certificate]", names: Names) -> None:
    """Pass names that the constraints of all these CAs leave to them.

    Args:
        certificates: of CAs.
        names: whose host names, mailboxes and addresses are judged; constraints on others are a verifier's matter.

    Raises:
        Refused: naming the first that lies outside.

    Source:
        RFC 5280 §4.2.1.10.
        Deviations: those of `constraints.check_constraints`, by whose comparison these names will be judged.
    """
    for certificate in certificates:
        found = _constraints_of(certificate)
        if found is None:
            continue
        for san in names.sans:
            if san.kind not in CONSTRAINED:
                continue
            kind, value = _general_name(san)
            permitted, excluded = _of_kind(found.permitted_subtrees, kind), _of_kind(found.excluded_subtrees, kind)
            outside = permitted and not any([is_within(kind, value, base) for base in permitted])
            if outside or any([may_be_within(kind, value, base) for base in excluded]):
                hint = f"it is limited to {', '.join([str(base) for base in permitted])}" if permitted else None
                raise Refused(f"{san} lies outside what the CA may certify", hint)


def _constraints_of(certificate: "x509.Certificate") -> "x509.NameConstraints | None":
    try:
        return certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return None


def _general_name(san: San) -> "tuple[type, Any]":
    """Return a name as `constraints` compares it: the class of pyca that it is of, and its value."""
    if san.kind == "ip":
        from ipaddress import ip_address

        return x509.IPAddress, ip_address(san.value)
    return x509.DNSName if san.kind == "dns" else x509.RFC822Name, san.value


def _of_kind(subtrees: "Iterable[x509.GeneralName] | None", kind: type) -> "list[Any]":
    return [one.value for one in subtrees or () if type(one) is kind]
