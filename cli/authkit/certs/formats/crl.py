"""What holds a list of revoked certificates (CRL)?"""

from cryptography import x509

from authkit.certs import der
from authkit.certs.extensions import name_text
from authkit.certs.fields import UNREADABLE, read_name, read_signature_algorithm, read_time, why
from authkit.certs.formats import Format, Found, Other
from authkit.certs.structure import structure, unwrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _sniff(data: bytes) -> bool:
    return structure(unwrapped(data)) == "crl"


def _load(data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
    found, data = Found("crl"), unwrapped(data)
    other = Other("revocation list", what)
    try:
        _describe_frame(other, data)
    except der.Broken as error:
        other.findings.append(("unreadable-field", "error", f"the list {error}"))
    try:
        crl = x509.load_der_x509_crl(data)
        other.facts += _extension_facts(crl)
        entries = list(_entries(crl))
    except UNREADABLE as error:
        other.findings.append(("unreadable-field", "error", f"the list {why(error)}"))
    else:
        other.facts += [("entries", str(len(entries))), *entries]
    found.others.append(other)
    return found


def _describe_frame(other: Other, data: bytes) -> None:
    """Say who issued a list and when.

    Source:
        RFC 5280 §5.1.2.
        Deviations: none.
    """
    parts = der.children(der.children(data)[0][1])
    if parts[0][0] == der.INTEGER:
        del parts[0]
    issuer, _, fault = read_name(parts[1][1])
    other.facts.append(("issuer", issuer))
    if fault:
        other.findings.append(("unreadable-field", "error", f"issuer: {fault}"))
    for name, (tag, raw) in zip(("this_update", "next_update"), parts[2:]):
        if tag in (der.UTC_TIME, der.GENERALIZED_TIME):
            try:
                other.facts.append((name, f"{read_time(tag, der.content(raw)).isoformat()[:19]}Z"))
            except der.Broken as error:
                other.findings.append(("unreadable-field", "error", f"{name}: {error}"))
    other.facts.append(("signature_algorithm", read_signature_algorithm(parts[0][1])))


def _extension_facts(crl: "x509.CertificateRevocationList") -> "list[tuple[str, str]]":
    facts = []
    for extension in crl.extensions:
        value = extension.value
        if isinstance(value, x509.CRLNumber):
            facts.append(("number", f"{value.crl_number:x}" if value.crl_number > 2**63 else str(value.crl_number)))
        elif isinstance(value, x509.AuthorityKeyIdentifier) and value.key_identifier is not None:
            facts.append(("aki", value.key_identifier.hex()))
        elif isinstance(value, x509.DeltaCRLIndicator):
            facts.append(("delta", "yes, only what changed"))
        elif isinstance(value, x509.IssuingDistributionPoint):
            facts += _scope_facts(value)
        else:
            mark = ", critical" if extension.critical else ""
            facts.append(("extension", f"{extension.oid.dotted_string}{mark}"))
    return facts


def _scope_facts(point: "x509.IssuingDistributionPoint") -> "list[tuple[str, str]]":
    limits = (
        (point.only_contains_user_certs, "certificates of users only"),
        (point.only_contains_ca_certs, "certificates of CAs only"),
        (point.only_contains_attribute_certs, "attribute certificates only"),
        (point.only_some_reasons, "some reasons only"),
        (point.indirect_crl, "indirect: certificates of other issuers too"),
    )
    facts = [("scope", text) for limited, text in limits if limited]
    return facts + [("distribution_point", name_text(name)) for name in point.full_name or ()]


def _entries(crl: "x509.CertificateRevocationList") -> "Iterator[tuple[str, str]]":
    """Yield ("revoked", "serial, instant, reason") for each entry."""
    for revoked in crl:
        text = f"{revoked.serial_number:x}, {revoked.revocation_date_utc.isoformat()[:19]}Z"
        try:
            reasons = [one.value.reason.value for one in revoked.extensions if isinstance(one.value, x509.CRLReason)]
        except UNREADABLE as error:
            reasons = [f"an extension {why(error)}"]
        yield "revoked", ", ".join([text, *reasons])


FORMAT = Format("crl", _sniff, _load)
