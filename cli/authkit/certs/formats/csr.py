"""What holds a certificate request (CSR)?"""

from authkit.certs import der
from authkit.certs.extensions import Extensions
from authkit.certs.fields import UNREADABLE, read_name, read_signature_algorithm, why
from authkit.certs.formats import Format, Found, Other
from authkit.certs.formats.key import key_facts
from authkit.certs.structure import structure, unwrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_REQUESTED = "1.2.840.113549.1.9.14"
_CHALLENGE = "1.2.840.113549.1.9.7"


def _sniff(data: bytes) -> bool:
    return structure(unwrapped(data)) == "csr"


def _load(data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
    found, data = Found("csr"), unwrapped(data)
    other = Other("certificate request", what)
    try:
        _describe(other, data)
    except der.Broken as error:
        other.findings.append(("unreadable-field", "error", f"the request {error}"))
    other.facts.append(("signature", _signature(data)))
    found.others.append(other)
    return found


def _describe(other: Other, data: bytes) -> None:
    """Say what a request asks for.

    Source:
        RFC 2986 §4.
        Deviations: what cannot be read becomes a finding.
    """
    (_, body), (_, algorithm), *_ = der.children(data)
    _, (_, subject), (_, key), *rest = der.children(body)
    text, _, fault = read_name(subject)
    other.facts.append(("subject", text))
    if fault:
        other.findings.append(("unreadable-field", "error", f"subject: {fault}"))
    other.facts += key_facts(key, other)
    other.facts.append(("signature_algorithm", read_signature_algorithm(algorithm)))
    for _, attributes in rest:
        for _, attribute in der.children(attributes):
            _take_attribute(other, attribute)


def _take_attribute(other: Other, attribute: bytes) -> None:
    (_, kind), (_, values) = der.first(attribute, 2)
    oid = der.oid(der.content(kind))
    if oid == _REQUESTED:
        asked = Extensions()
        asked.walk(der.content(values))
        other.facts += extension_facts(asked)
        other.findings += [("unreadable-field", "error", f"{field}: {message}") for field, message in asked.faults]
    elif oid == _CHALLENGE:
        other.facts.append(("challenge_password", "present, not shown"))
    else:
        other.facts.append(("attribute", oid))


def extension_facts(asked: Extensions) -> "list[tuple[str, str]]":
    """Return (name, value) for whatever a set of extensions says."""
    facts = [(name, value) for name in ("san", "eku", "key_usage", "policies") for value in getattr(asked, name)]
    if ("basicConstraints", True) in asked.extensions or ("basicConstraints", False) in asked.extensions:
        facts.append(("is_ca", "yes" if asked.is_ca else "no"))
    if asked.path_length is not None:
        facts.append(("path_length", str(asked.path_length)))
    if asked.sid is not None:
        facts.append(("sid", asked.sid))
    facts += [("extension", f"{name}, critical" if critical else name) for name, critical in asked.extensions]
    return facts


def _signature(data: bytes) -> str:
    from cryptography import x509

    try:
        good = x509.load_der_x509_csr(data).is_signature_valid
    except UNREADABLE as error:
        return f"not checked: the request {why(error)}"
    return "matches the key" if good else "does not match the key"


FORMAT = Format("csr", _sniff, _load)
