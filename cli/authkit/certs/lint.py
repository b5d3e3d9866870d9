"""What is weak or wrong in a certificate?"""

from authkit.certs import naming, shape, weak

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from authkit.certs.describe import Described

ERROR, WARNING, INFO = "error", "warning", "info"
SEVERITIES = (ERROR, WARNING, INFO)

# id -> (severity, sentence).  Ids are for scripts and never change; sentences are for people.
FINDINGS = {
    # what could not be read
    "fault": (ERROR, "a field cannot be read, or breaks the rules"),
    "version": (ERROR, "the version is not 3, which alone may have extensions"),
    "version-old": (WARNING, "the version is below 3: it cannot say what it is for, and verifiers refuse it"),
    "trailing-data": (WARNING, "something follows the certificate"),
    "extension-twice": (ERROR, "an extension stands twice"),
    "critical-unknown": (ERROR, "a critical extension is unknown, so every verifier must refuse the certificate"),
    "oid-large": (WARNING, "an OID holds a number above 2147483647, which programs written in Go, and GnuTLS, refuse"),
    "names-many": (WARNING, "it holds so many names or OIDs that only the first 1000 of a kind are judged"),
    # time
    "expired": (ERROR, "it has expired"),
    "not-yet-valid": (ERROR, "it is not valid yet"),
    "validity-reversed": (ERROR, "its validity ends before it begins"),
    "time-encoding": (ERROR, "a time is not written as it must be"),
    "expires-soon": (INFO, "it expires soon"),
    "lifetime-long": (WARNING, "a client certificate that lives over 398 days stays dangerous long after it is lost"),
    # key and signature
    "rsa-short": (ERROR, "the RSA key is shorter than 2048 bits"),
    "rsa-below-3072": (INFO, "the RSA key is shorter than 3072 bits, too short for use beyond 2030"),
    "rsa-long": (WARNING, "the RSA key is so long that it is slow, and some verifiers refuse it"),
    "rsa-odd-size": (INFO, "the size of the RSA key is no multiple of 8 bits"),
    "rsa-exponent": (ERROR, "the RSA exponent makes the key worthless"),
    "rsa-exponent-small": (WARNING, "the RSA exponent is smaller than 65537"),
    "rsa-exponent-large": (WARNING, "the RSA exponent is so large that many verifiers refuse it"),
    "curve-weak": (ERROR, "the curve is too small"),
    "curve-rare": (WARNING, "few TLS programs know the curve"),
    "curve-unknown": (ERROR, "the curve is not known"),
    "curve-explicit": (ERROR, "the curve is given by its parameters, which lets an attacker choose them"),
    "key-dsa": (ERROR, "the key is a DSA key, which TLS no longer uses"),
    "key-cannot-sign": (ERROR, "the key is for key agreement and cannot sign"),
    "key-unknown": (ERROR, "the kind of key is not known"),
    "signature-broken": (ERROR, "the signature's hash is broken: it can be forged"),
    "signature-sha1": (ERROR, "the signature uses SHA-1, for which collisions are made"),
    "signature-old-root": (INFO, "it signs itself with an old hash, which nobody who trusts it checks"),
    "signature-unknown": (WARNING, "the signature algorithm is not known"),
    "signature-mismatch": (ERROR, "the signed part names another signature algorithm than the signature"),
    "unsigned": (WARNING, "it carries no signature: it can only be a trust anchor"),
    # serial number
    "serial-zero": (ERROR, "the serial number is zero"),
    "serial-negative": (ERROR, "the serial number is negative"),
    "serial-long": (ERROR, "the serial number is longer than 20 octets"),
    "serial-predictable": (WARNING, "the serial number is too short to be random"),
    # names
    "name-nul": (ERROR, "a name holds a NUL, at which some programs stop to read"),
    "name-control": (ERROR, "a name holds a control character"),
    "name-invisible": (ERROR, "a name holds a character that cannot be seen or that reorders others"),
    "name-not-nfc": (WARNING, "a name is not in Unicode's composed form: it looks like another that differs"),
    "name-spaces": (WARNING, "a name is empty, or begins or ends with a space"),
    "subject-empty": (WARNING, "the subject is empty, but the SAN is not critical"),
    "ca-subject-empty": (ERROR, "the subject of a CA is empty"),
    "san-missing": (WARNING, "it names nobody in a SAN; today's verifiers read no other name"),
    "san-empty": (ERROR, "the SAN holds no name"),
    "san-kind": (INFO, "the SAN holds a kind of name that few programs read"),
    "cn-not-in-san": (INFO, "the common name is none of the SAN: programs may see two different identities"),
    "cn-several": (WARNING, "the subject holds several common names, of which each program picks its own"),
    "email-in-subject": (INFO, "the subject holds a mail address, to which some verifiers apply no name constraint"),
    "email-syntax": (WARNING, "a mail address is not user@host"),
    "dns-non-ascii": (ERROR, "a host name is not ASCII; it must be written with xn--"),
    "dns-syntax": (WARNING, "a host name is not one"),
    "wildcard-client": (WARNING, "a wildcard names no client"),
    "uri-scheme": (ERROR, "a URI would run or open something where it is clicked"),
    "uri-syntax": (WARNING, "a URI is not a whole one"),
    "upn-syntax": (WARNING, "a UPN is not user@realm"),
    "sid-syntax": (WARNING, "the Windows security identifier is not one"),
    "spiffe-id": (ERROR, "a SPIFFE ID breaks SPIFFE's rules"),
    "spiffe-several": (ERROR, "a SPIFFE certificate has exactly one URI"),
    # what it may be used for
    "ca-cannot-sign": (ERROR, "a CA whose key usage lacks keyCertSign"),
    "ca-no-key-usage": (WARNING, "a CA without key usage"),
    "ca-not-critical": (WARNING, "a CA whose basicConstraints are not critical: old verifiers may take it for a leaf"),
    "ca-no-path-length": (WARNING, "an intermediate CA without path length can make further CAs"),
    "ca-any-purpose": (INFO, "an intermediate CA without EKU can vouch for every purpose, TLS servers too"),
    "ca-as-leaf": (WARNING, "a CA that names a client or server: whoever holds its key can also issue"),
    "path-length-on-leaf": (ERROR, "a path length on what is no CA"),
    "leaf-can-sign": (ERROR, "a leaf whose key usage has keyCertSign"),
    "self-signed-leaf": (WARNING, "a leaf that signed itself: only who knows its fingerprint can trust it"),
    "eku-any": (WARNING, "anyExtendedKeyUsage allows everything, and verifiers disagree on it"),
    "eku-client-and-server": (WARNING, "it is good for clients and for servers: whoever holds it can pose as either"),
    "eku-missing": (WARNING, "it names no purpose, so it is good for every one"),
    "key-usage-missing": (INFO, "it has no key usage"),
    "key-usage-no-signature": (WARNING, "the key usage lacks digitalSignature, without which TLS 1.3 cannot use it"),
    "key-usage-wrong": (WARNING, "the key usage names what this kind of key cannot do"),
    "ca-no-ski": (WARNING, "a CA without subject key identifier"),
    "no-ski": (INFO, "no subject key identifier"),
    "no-aki": (WARNING, "no authority key identifier: strict verifiers refuse it"),
    "constraints-unsure": (WARNING, "verifiers disagree on these name constraints: some ignore them, some refuse all"),
    "constraints-not-critical": (WARNING, "name constraints that are not critical may be ignored"),
    "constraints-on-leaf": (WARNING, "name constraints on what is no CA"),
    "url-scheme": (WARNING, "a CRL or OCSP address is not http: fetching it may need what it is to prove"),
}  # fmt: skip


class Finding:
    """One thing that is weak or wrong.

    Attributes:
        id: a key of FINDINGS.
        severity: one of SEVERITIES.
        message: for people; may quote foreign text.
    """

    __slots__ = ("id", "message", "severity")

    def __init__(self, id: str, severity: str, message: str) -> None:
        self.id = id
        self.severity = severity
        self.message = message

    def __repr__(self) -> str:
        return f"<Finding {self.id}>"


def finding(id: str, detail: str = "") -> Finding:
    """Return the finding *id*, its sentence followed by what exactly was found."""
    severity, sentence = FINDINGS[id]
    return Finding(id, severity, f"{sentence}: {detail}" if detail else sentence)


def lint(described: "Described", at: "datetime", more: "Iterable[tuple[str, str]]" = ()) -> "list[Finding]":
    """Return what is weak or wrong, the worst first, each as often as it occurs.

    Args:
        at: aware UTC.
        more: (id, detail) of what is known already, as by `part.part_of`.

    Source:
        RFC 5280 §4; RFC 8446 §4.4.2; NIST SP 800-57 part 1 for key sizes; SPIFFE-ID §2, X509-SVID §3.
        Deviations: judged for client certificates, so no rule is meant for public TLS servers alone.
    """
    rows = [*more, *shape.faults(described), *weak.time(described, at), *weak.key(described)]
    rows += [*weak.signature(described), *weak.serial(described)]
    rows += [*naming.texts(described), *naming.identity(described), *naming.san(described)]
    rows += [*shape.basics(described), *shape.usage(described), *shape.identifiers(described)]
    rows += shape.constraints(described)
    found = [finding(id, detail) for id, detail in rows]
    found.sort(key=_rank)
    return found


def _rank(found: Finding) -> int:
    return SEVERITIES.index(found.severity)
