"""Do the CAs of a path allow the names of what stands below them?"""

from cryptography import x509

from authkit.certs import der
from authkit.errors import PathRejected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from authkit.certs.path_rules import Certified

    # the class of pyca that the name is of, and its value
    Name = tuple[type, Any]

MOST_COMPARISONS = 1 << 20
_CHECKED = (x509.DNSName, x509.RFC822Name, x509.IPAddress)
# GeneralName of pyca -> what it is called; the kinds of constraint that are not compared here
_KINDS = {
    x509.UniformResourceIdentifier: "URI",
    x509.OtherName: "UPN or other",
    x509.DirectoryName: "directory",
    x509.RegisteredID: "registered ID",
}
_NAME_CONSTRAINTS = der.encode_oid("2.5.29.30")


def check_constraints(path: "Sequence[Certified]") -> None:
    """Pass a path whose names lie within the name constraints of every CA above them.

    A constraint of a kind that is not compared here (URI, UPN or another otherName, directory name, registered ID) is
    refused, critical or not, when a certificate below has a name of that kind, for then it may forbid it; where none
    has, it forbids nothing (RFC 5280 §4.2.1.10: "if no name of the type is in the certificate, the certificate is
    acceptable").  A directory name constraint thus matters to every subject that is not empty.

    Args:
        path: leaf first, trust anchor last.

    Raises:
        PathRejected: name-constraint, name-constraint-unsupported.

    Source:
        RFC 5280 §4.2.1.10, §6.1.3 (b) and (c), §6.1.4 (g).
        Deviations: trust anchors constrain too; an e-mail constraint is compared with emailAddress in the subject
        also where the SAN has addresses; an excluded mailbox is told apart without regard to case; a wildcard is
        refused when one of its names may be excluded; minimum and maximum are refused.
    """
    comparisons = 0
    for place, issuer in enumerate(path):
        value = issuer.get(x509.NameConstraints)
        if place == 0 or not isinstance(value, x509.NameConstraints):
            continue
        permitted, excluded = tuple(value.permitted_subtrees or ()), tuple(value.excluded_subtrees or ())
        _check_plain(issuer)
        for below in range(place):
            one = path[below]
            if below > 0 and one.subject == one.issuer:
                continue  # a self-issued intermediate: its names are its issuer's own
            names = [*_names_of(one)]
            comparisons += len(names) * (len(permitted) + len(excluded))
            if comparisons > MOST_COMPARISONS:
                raise PathRejected("name-constraint-unsupported", f"{issuer.name} has too many to compare")
            _check_supported(one, names, issuer, (*permitted, *excluded))
            for name in names:
                _check_name(one, name, issuer, permitted, excluded)


def _check_plain(issuer: "Certified") -> None:
    """Refuse subtrees with a minimum or a maximum, which pyca leaves out."""
    whole = der.children(issuer.der)[0][1]
    extensions = next(one for tag, one in der.children(whole) if tag == 0xA3)
    for _, extension in der.children(der.content(extensions)):
        parts = der.children(extension)
        if parts[0][1] == _NAME_CONSTRAINTS:
            for _, trees in der.children(der.content(parts[-1][1])):
                if any([len(der.children(tree)) != 1 for _, tree in der.children(trees)]):
                    raise PathRejected("name-constraint-unsupported", f"{issuer.name} sets a minimum or a maximum")


def _names_of(one: "Certified") -> "Iterator[Name]":
    """Yield (kind, value) of every name of a certificate, its subject and the mailboxes in that included."""
    for name in one.names:
        yield type(name), name.value
    if one.x509.subject.rdns:
        yield x509.DirectoryName, one.x509.subject
    for attribute in one.x509.subject.get_attributes_for_oid(x509.NameOID.EMAIL_ADDRESS):
        plain = isinstance(attribute.value, str) and attribute.value.isascii()
        yield x509.RFC822Name, attribute.value if plain else ""  # which is within no constraint


def _check_supported(
    one: "Certified", names: "Iterable[Name]", issuer: "Certified", subtrees: "Iterable[x509.GeneralName]"
) -> None:
    present = {kind for kind, _ in names}
    for tree in subtrees:
        if type(tree) in present and not isinstance(tree, _CHECKED):
            detail = f"{issuer.name} constrains {_KINDS[type(tree)]} names, as {one.name} has"
            raise PathRejected("name-constraint-unsupported", detail)


def _check_name(
    one: "Certified",
    name: "Name",
    issuer: "Certified",
    permitted: "Iterable[x509.GeneralName]",
    excluded: "Iterable[x509.GeneralName]",
) -> None:
    kind, value = name
    bases = [tree.value for tree in permitted if type(tree) is kind]
    if bases and not any([is_within(kind, value, base) for base in bases]):
        which = ", ".join([str(base) for base in bases[:5]]) + (" …" if len(bases) > 5 else "")
        raise PathRejected("name-constraint", f"{value} of {one.name}; {issuer.name} permits {which}")
    for tree in excluded:
        if type(tree) is kind and may_be_within(kind, value, tree.value):
            raise PathRejected("name-constraint", f"{value} of {one.name}; {issuer.name} excludes {tree.value}")


def is_within(kind: type, name: "Any", base: "Any") -> bool:
    """Say whether all that *name* stands for lies within *base*, of the same kind."""
    if kind is x509.IPAddress:
        return bool(name in base)
    if kind is x509.DNSName:
        return _is_below(name, base)
    return _is_mailbox_of(name, base)


def _is_mailbox_of(name: str, base: str) -> bool:
    """Say whether a mailbox is *base*, or at the host *base*, or at one below it where *base* begins with a dot."""
    local, _, host = name.rpartition("@")
    mailbox, has_mailbox, where = base.rpartition("@")
    if not local or (has_mailbox and mailbox != local):
        return False
    return host.lower().endswith(where.lower()) if where.startswith(".") else host.lower() == where.lower()


def may_be_within(kind: type, name: "Any", base: "Any") -> bool:
    """Say whether anything that *name* stands for may lie within *base*, of the same kind."""
    if kind is x509.RFC822Name:
        return "@" not in name or _is_mailbox_of(name.lower(), base.lower())
    if kind is x509.DNSName and name.startswith("*."):
        return is_within(kind, name, base) or _is_below(base, name[2:])
    return is_within(kind, name, base)


def _is_below(host: str, base: str) -> bool:
    """Say whether *host* is *base* or below it; below it alone where *base* begins with a dot."""
    host, base = host.lower().removesuffix("."), base.lower().removesuffix(".")
    return not base or host == base or host.endswith(base if base.startswith(".") else "." + base)
