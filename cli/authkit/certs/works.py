"""What would a certificate work for, and why not?"""

from authkit.certs import lint, weak
from authkit.certs.naming import SPIFFE, is_name, is_spiffe_id
from authkit.certs.weak import is_self_issued, stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from authkit.certs.describe import Described

    Judge = Callable[["_Case"], tuple[list[str], list[str]]]

# purpose -> what people call it
PURPOSES = {
    "client": "TLS client",
    "server": "TLS server",
    "email": "S/MIME mail",
    "code": "code signing",
    "ca": "CA",
    "wifi": "Wi-Fi (EAP-TLS)",
    "wifi-windows": "Wi-Fi with Active Directory",
    "roles-anywhere": "IAM Roles Anywhere",
    "spiffe": "SPIFFE X.509-SVID",
}
_NO_EKU = "without EKU, Windows and .NET do not offer it"
NOT_A_LEAF = "it is a CA's, not a leaf"
_LARGEST_FOR_AWS = 16 * 1024
_CURVES = ("p256", "p384", "p521")


class Answer:
    """Whether a certificate would work for one purpose.

    Attributes:
        purpose: a key of PURPOSES.
        ok: whether nothing in the certificate itself stands against it; nobody's trust in it is known.
        why: every reason against it, or, where there is none, what limits it; or "".  May quote foreign text.
    """

    __slots__ = ("ok", "purpose", "why")

    def __init__(self, purpose: str, ok: bool, why: str) -> None:
        self.purpose = purpose
        self.ok = ok
        self.why = why

    def __repr__(self) -> str:
        return f"<Answer {self.purpose} {'yes' if self.ok else 'no'}>"


def works_for(described: "Described", at: "datetime") -> "list[Answer]":
    """Return for each of PURPOSES whether the certificate would work, as far as it goes by itself.

    Args:
        at: aware UTC.

    Source:
        RFC 5280 §4.2.1.3, §4.2.1.9, §4.2.1.12; RFC 8446 §4.4.2.2; RFC 5216 §5.3; Microsoft KB 814394 and KB5014754;
        AWS IAM Roles Anywhere, trust model; SPIFFE X509-SVID §3–4.
        Deviations: OpenSSL and Go take a certificate without EKU, and so does this; SPIFFE's demand for both EKUs is
        only named, since its verifiers do not make it.
    """
    common = against_all(described, at)
    case = _Case(described)
    answers = []
    for purpose, judge in _JUDGES.items():
        against, limits = judge(case)
        if purpose != "ca" and described.is_ca:
            against = [NOT_A_LEAF, *against]
        reasons = common + against
        answers.append(Answer(purpose, not reasons, "; ".join(reasons or limits)))
    return answers


def against_all(described: "Described", at: "datetime") -> "list[str]":
    """Return what stands against every purpose; each answer's reasons begin with these."""
    return _time(described, at) + _form(described)


def _time(described: "Described", at: "datetime") -> "list[str]":
    if described.not_before is None or described.not_after is None:
        return ["its validity cannot be read"]
    if at > described.not_after:
        return [f"it expired on {stamp(described.not_after)}"]
    return [f"it is not valid before {stamp(described.not_before)}"] if at < described.not_before else []


def _form(described: "Described") -> "list[str]":
    found = []
    if described.x509 is None or any([field == "certificate" for field, _ in described.faults]):
        found.append("verifiers cannot read it")
    elif described.version != 3:
        found.append("it is not of version 3")
    fields = dict.fromkeys([field for field, _ in described.faults if field not in ("certificate", "version")])
    if fields:
        found.append(f"its {', '.join(fields)} cannot be read or breaks the rules")
    if described.critical_unknown:
        found.append(f"a critical extension is unknown ({', '.join(described.critical_unknown)[:80]})")
    return found + _strength(described)


def _strength(described: "Described") -> "list[str]":
    rows = [row[0] for row in [*weak.key(described), *weak.signature(described)]]
    return [lint.FINDINGS[id][1] for id in rows if lint.FINDINGS[id][0] == lint.ERROR]


class _Case:
    """What the judges ask of a certificate.

    Attributes:
        described: all of it.
        present: names of its extensions.
        bits: its key usage.
        kind: type of its key, "" where unreadable.
    """

    __slots__ = ("bits", "described", "kind", "present")

    def __init__(self, described: "Described") -> None:
        self.described = described
        self.present = dict(described.extensions)
        self.bits = frozenset(described.key_usage)
        self.kind = "" if described.key is None else str(described.key["type"])

    def purpose(self, wanted: str) -> "list[str]":
        """Return why the EKU stands against a purpose."""
        eku = self.described.eku
        if wanted in eku or (not eku and "extKeyUsage" not in self.present):
            return []
        unsure = " (many verifiers do not take 'any' for it)" if "anyExtendedKeyUsage" in eku else ""
        return [f"its EKU lacks {wanted}{unsure}"]

    def usage(self, *wanted: str) -> "list[str]":
        """Return why the key usage stands against a use that any of *wanted* allows."""
        if not self.bits.isdisjoint(wanted) or "keyUsage" not in self.present:
            return []
        return [f"its key usage lacks {' and '.join(wanted)}"]

    def signs(self) -> "list[str]":
        """Return why it is no leaf, although it is no CA."""
        wrong = not self.described.is_ca and "keyCertSign" in self.described.key_usage
        return ["its key usage has keyCertSign, which is for CAs"] if wrong else []

    def rare(self) -> "list[str]":
        """Return what only some verifiers take."""
        name = self.described.signature_algorithm.lower()
        found = []
        if self.kind.startswith(("p224", "secp256k1", "brainpool")):
            found.append("few TLS programs know its curve")
        if "sha224" in name or "sha3-" in name:
            found.append("few verifiers take its signature algorithm")
        if "authorityKeyIdentifier" not in self.present and not is_self_issued(self.described):
            found.append("strict verifiers ask for an authority key identifier")
        return found

    def names(self, *kinds: str) -> bool:
        """Say whether the SAN holds a name of some kinds that is one."""
        for one in self.described.san:
            kind, _, value = one.partition(":")
            if kind in kinds and is_name(kind, value):
                return True
        return False


def _client(case: _Case) -> "tuple[list[str], list[str]]":
    described = case.described
    against = case.purpose("clientAuth") + case.usage("digitalSignature") + case.signs()
    limits = case.rare()
    if not described.san:
        if described.subject_parts:
            limits.append("without a SAN, only where servers read the subject")
        else:
            against.append("it names nobody")
    if not described.eku:
        limits.append(_NO_EKU)
    return against, limits


def _server(case: _Case) -> "tuple[list[str], list[str]]":
    against = case.purpose("serverAuth") + case.usage("digitalSignature", "keyEncipherment") + case.signs()
    if not case.names("dns", "ip"):
        against.append("its SAN holds no host name")
    return against, ["browsers take no Ed25519 or Ed448"] if case.kind.startswith("ed") else []


def _email(case: _Case) -> "tuple[list[str], list[str]]":
    bits = ("digitalSignature", "nonRepudiation", "keyEncipherment", "keyAgreement")
    against = case.purpose("emailProtection") + case.usage(*bits)
    if not case.names("email"):
        against.append("its SAN holds no mail address")
    return against, []


def _code(case: _Case) -> "tuple[list[str], list[str]]":
    against = [] if "codeSigning" in case.described.eku else ["its EKU lacks codeSigning"]
    return against + case.usage("digitalSignature"), []


def _ca(case: _Case) -> "tuple[list[str], list[str]]":
    described = case.described
    against = [] if described.is_ca else ["its basicConstraints do not say that it is a CA"]
    against += case.usage("keyCertSign")
    limits = []
    if described.path_length == 0:
        limits.append("for leaves only")
    if described.eku:
        limits.append(f"for {', '.join(described.eku)}")
    if case.kind.startswith("ed"):
        limits.append("pyca's verifier refuses CAs with this kind of key")
    return against, limits


def _wifi(case: _Case) -> "tuple[list[str], list[str]]":
    against, limits = _client(case)
    return against, [one for one in limits if one != _NO_EKU]


def _wifi_windows(case: _Case) -> "tuple[list[str], list[str]]":
    described = case.described
    against = [] if "clientAuth" in described.eku else ["its EKU lacks clientAuth, which Windows asks for by name"]
    against += case.usage("digitalSignature")
    if not case.names("upn", "dns"):
        against.append("its SAN holds no UPN (of a person) and no host name (of a machine)")
    if described.sid is None:
        against.append("it carries no security identifier, which domain controllers ask for since September 2025")
    if not described.subject_parts:
        against.append("its subject is empty, which NPS refuses")
    if not case.kind.startswith(("rsa", *_CURVES)):
        against.append("Windows takes only RSA and NIST curves")
    return against, []


def _roles_anywhere(case: _Case) -> "tuple[list[str], list[str]]":
    described = case.described
    against = [] if "digitalSignature" in described.key_usage else ["its key usage lacks digitalSignature"]
    if "basicConstraints" not in case.present:
        against.append("it has no basicConstraints")
    if not case.kind.startswith(("rsa", "ml-dsa", *_CURVES)):
        against.append("AWS takes only RSA, NIST curves and ML-DSA")
    name = described.signature_algorithm.lower()
    if "sha224" in name:
        against.append("AWS takes only signatures with SHA-256 or better")
    elif name.startswith("ed"):
        against.append("AWS takes no signature with Ed25519 or Ed448")
    if len(described.der) > _LARGEST_FOR_AWS:
        against.append("it is larger than 16 KiB")
    named = any([name == "CN" for name, _ in described.subject_parts])
    return against, [] if named else ["without a common name, there is no source identity"]


def _spiffe(case: _Case) -> "tuple[list[str], list[str]]":
    described = case.described
    uris = [one[4:] for one in described.san if one.startswith("uri:")]
    against, limits = [], []
    if len(uris) != 1:
        against.append(f"its SAN holds {len(uris) or 'no'} URI{'s' if uris else ''}, where there must be one")
    elif not uris[0].lower().startswith(SPIFFE):
        against.append("its URI is not spiffe://…")
    elif not is_spiffe_id(uris[0], of_ca=False):
        against.append("its SPIFFE ID breaks SPIFFE's rules")
    if "digitalSignature" not in described.key_usage:
        against.append("its key usage lacks digitalSignature")
    wrong = [bit for bit in ("keyCertSign", "cRLSign") if bit in described.key_usage]
    if wrong:
        against.append(f"its key usage has {' and '.join(wrong)}")
    against += case.purpose("clientAuth")
    if described.eku and "serverAuth" not in described.eku:
        limits.append("as a client; the standard names serverAuth too")
    return against, limits


_JUDGES: "dict[str, Judge]" = {
    "client": _client,
    "server": _server,
    "email": _email,
    "code": _code,
    "ca": _ca,
    "wifi": _wifi,
    "wifi-windows": _wifi_windows,
    "roles-anywhere": _roles_anywhere,
    "spiffe": _spiffe,
}
