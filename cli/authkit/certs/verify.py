"""Does a path lead from a certificate to a trust anchor, and may it be used for this?"""

from warnings import catch_warnings, simplefilter

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtendedKeyUsageOID

from authkit.certs import path_rules as rules
from authkit.certs.constraints import check_constraints
from authkit.certs.fields import UNREADABLE
from authkit.certs.path_rules import ANCHOR, INTERMEDIATE, LEAF, PURPOSES, SIGN_REQUESTS, Certified, said
from authkit.certs.revoke import MOST_LISTS, check_revocation, read_list
from authkit.certs.scoped import check_scope
from authkit.certs.subject_name import check_name, parse_name
from authkit.errors import InputError, PathRejected, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from cryptography.x509.verification import ExtensionPolicy, Policy

    from authkit.certs.scoped import CertScope

# as many intermediates as are looked at, as many CAs as a path may have below its anchor (pyca's own limit), and as
# many signatures as are checked before it is given up
MOST_INTERMEDIATES, MOST_ANCHORS, DEEPEST, MOST_SIGNATURES = 50, 10_000, 8, 128

# what may be critical, though pyca looks at nothing in it
_HARMLESS = (
    x509.CertificatePolicies,
    x509.CRLDistributionPoints,
    x509.IssuerAlternativeName,
    x509.SubjectKeyIdentifier,
    x509.AuthorityKeyIdentifier,
)

NOT_CHECKED = {
    "revocation": "revocation: no list was given",
    "ocsp": "OCSP: nothing is ever fetched",
    "policies": "certificate policies: any is accepted",
    "possession": "whether whoever showed the certificate has its key",
    "name": "the name: none was given to compare",
    "purpose": "the purpose: any is accepted",
}


class VerifiedPath:
    """A path that leads to a trust anchor.

    Attributes:
        path: leaf first, trust anchor last.
        not_checked: keys of NOT_CHECKED.
        findings: (id, message): ca-without-key-usage, ca-not-critical, san-missing, intermediate-unreadable,
            crl-unused.
        scope: what the leaf may sign requests for; None for another purpose.
    """

    __slots__ = ("findings", "not_checked", "path", "scope")

    def __init__(
        self,
        path: "Sequence[Certified]",
        not_checked: "Sequence[str]",
        findings: "Iterable[tuple[str, str]]",
        scope: "CertScope | None" = None,
    ) -> None:
        self.path = tuple(path)
        self.not_checked = tuple(not_checked)
        self.findings = tuple(findings)
        self.scope = scope


def verify_path(
    leaf: bytes,
    *,
    trust_anchors: "Sequence[bytes]",
    intermediates: "Sequence[bytes]",
    crls: "Sequence[bytes]",
    at: "datetime",
    purpose: str,
    name: "str | None" = None,
    require_crl: bool = False,
    historical: bool = False,
    lists_at: "datetime | None" = None,
) -> VerifiedPath:
    """Return a path from *leaf* to a trust anchor by which it may be used.

    Each rule is checked here, with its reason; then pyca's verifier must accept the same path too.

    Args:
        leaf: DER; untrusted.
        trust_anchors: DER of at least one certificate that is trusted, root or not.
        intermediates: DER; untrusted, at most 50 that differ.
        crls: DER of revocation lists; untrusted.
        at: the instant; notBefore and notAfter themselves are within.
        purpose: a key of PURPOSES.
        name: what the SAN must hold, as for `subject_name.parse_name`; None to compare nothing.
        require_crl: whether no list at all is a reason to refuse.
        historical: whether a certificate that was revoked after *at* is good.
        lists_at: the instant of which the revocation lists must be; None for *at*.

    Raises:
        UsageError: if *trust_anchors* is empty, or *name* is no name.
        InputError: if a trust anchor or a revocation list cannot be read, or there are too many certificates.
        PathRejected: with any reason of PATH_REASONS.

    Source:
        RFC 5280 §6.1, §6.3; SECURITY-DECISIONS S38.
        Deviations: those of `path_rules`, `constraints` and `revoke`; names are chained byte by byte; of several
        paths the first that passes is looked up in the lists, and no other tried if it is revoked; policies are not
        processed (any-policy), so PolicyConstraints that demand one are refused, and PolicyMappings and
        InhibitAnyPolicy where they are critical.
    """
    if not trust_anchors:
        raise UsageError("there is no trust anchor", "name one with --trust-anchor FILE")
    if name is not None:
        parse_name(name)
    if len(trust_anchors) > MOST_ANCHORS or len(set(intermediates)) > MOST_INTERMEDIATES or len(crls) > MOST_LISTS:
        most = f"{MOST_ANCHORS} trust anchors, {MOST_INTERMEDIATES} intermediates or {MOST_LISTS} revocation lists"
        raise InputError(f"there are more than {most}")
    lists = [read_list(one) for one in crls]
    first = rules.read_certificate(leaf, LEAF)
    anchors = _Anchors(trust_anchors)
    if leaf in anchors.ders:
        hint = "a self-signed certificate is pinned by comparing fingerprints: 'authkit inspect-cert' prints them"
        raise PathRejected("untrusted", f"the leaf {first.name} is itself given as a trust anchor", hint)
    rules.check_leaf(first, at, purpose)
    rules.check_signature_algorithm(first, LEAF)
    if name is not None:
        check_name(first, name, purpose)
    search = _Search(anchors, [one for one in dict.fromkeys(intermediates) if one not in anchors.ders], at, purpose)
    path = search.find(first)
    scope = check_scope(path) if purpose == SIGN_REQUESTS else None
    findings = [*search.findings, *_remarks(path)]
    if lists or require_crl:
        findings += check_revocation(path, lists, lists_at or at, require_crl=require_crl, historical=historical)
    skipped = {"revocation": not lists, "name": name is None, "purpose": PURPOSES[purpose] is None}
    return VerifiedPath(path, [key for key in NOT_CHECKED if skipped.get(key, True)], findings, scope)


class _Anchors:
    """Trust anchors, read when a path needs them: a system's bundle has hundreds."""

    def __init__(self, ders: "Sequence[bytes]") -> None:
        self.ders = frozenset(ders)
        self._by_subject: "dict[bytes, list[bytes]]" = {}
        for der in dict.fromkeys(ders):
            with catch_warnings():
                simplefilter("ignore")
                try:
                    subject = x509.load_der_x509_certificate(der).subject.public_bytes()
                except UNREADABLE as error:
                    raise InputError(f"a trust anchor cannot be read: {said(error)}") from error
            self._by_subject.setdefault(subject, []).append(der)

    def of(self, subject: bytes) -> "list[bytes]":
        """Return the anchors of that name."""
        return self._by_subject.get(subject, [])


class _Search:
    """A search for a path, which gives up before it takes long."""

    def __init__(self, anchors: _Anchors, intermediates: "Sequence[bytes]", at: "datetime", purpose: str) -> None:
        self.at = at
        self.purpose = purpose
        self.anchors = anchors
        self.findings: "list[tuple[str, str]]" = []
        self.intermediates: "list[Certified]" = []
        self._signatures = 0
        self._best: "tuple[int, PathRejected] | None" = None
        for der in intermediates:
            try:
                self.intermediates.append(rules.read_certificate(der, INTERMEDIATE))
            except PathRejected as rejected:
                self.findings.append(("intermediate-unreadable", rejected.detail))

    def find(self, leaf: Certified) -> "tuple[Certified, ...]":
        """Return the first path that passes.

        Raises:
            PathRejected: if none does, for the path that came furthest; of those as far, for the first.
        """
        found = self._extend((leaf,))
        if found is not None:
            return found
        assert self._best is not None
        raise _given_up() if self._signatures > MOST_SIGNATURES else self._best[1]

    def _extend(self, path: "tuple[Certified, ...]") -> "tuple[Certified, ...] | None":
        """Return a path that begins as *path*, or None after `_best` was told why there is none."""
        for issuer, role in self._issuers(path):
            try:
                self._check_link(path, issuer, role)
                if role == ANCHOR:
                    whole = (*path, issuer)
                    check_constraints(whole)
                    _ask_pyca(whole, self.at, self.purpose)
                    return whole
            except PathRejected as rejected:
                self._refuse(2 * len(path) + (rejected.reason != "signature-mismatch"), rejected)
                continue
            found = self._extend((*path, issuer))
            if found is not None:
                return found
        # of no more weight than an issuer that was tried
        self._refuse(2 * len(path), _no_issuer(path[-1], LEAF if len(path) == 1 else INTERMEDIATE))
        return None

    def _issuers(self, path: "tuple[Certified, ...]") -> "Iterable[tuple[Certified, str]]":
        """Yield whatever has the name of the last one's issuer: anchors first, none that is on the path."""
        last = path[-1]
        for der in self.anchors.of(last.issuer):
            try:
                yield rules.read_certificate(der, ANCHOR), ANCHOR
            except PathRejected as rejected:
                self._refuse(2 * len(path), rejected)
        on_path = {one.sha256 for one in path}
        same_key = [one for one in self.intermediates if one.subject == last.issuer and one.sha256 not in on_path]
        for one in sorted(same_key, key=lambda one: not _names_key(last, one)):
            yield one, INTERMEDIATE

    def _check_link(self, path: "tuple[Certified, ...]", issuer: Certified, role: str) -> None:
        last, depth = path[-1], len(path)
        if depth > DEEPEST + 1:
            raise PathRejected("path-too-long", f"it has more than {DEEPEST} CAs below the trust anchor")
        self._signatures += 1
        if self._signatures > MOST_SIGNATURES:
            raise _given_up()
        whose = f"the {LEAF if depth == 1 else INTERMEDIATE} {last.name}"
        try:
            last.x509.verify_directly_issued_by(issuer.x509)
        except InvalidSignature as error:
            why = f"that of {whose} is not by the key of the {role} {issuer.name}"
            raise PathRejected("signature-mismatch", why) from error
        except UNREADABLE as error:
            raise PathRejected("signature-mismatch", f"that of {whose} cannot be checked: {said(error)}") from error
        rules.check_issuer(issuer, role, depth - 1, self.at, self.purpose)
        if role == INTERMEDIATE:
            rules.check_signature_algorithm(issuer, role)

    def _refuse(self, rank: int, rejected: PathRejected) -> None:
        """Keep the reason of the path that came furthest; a namesake's key that did not sign is the least reason."""
        if self._best is None or rank > self._best[0]:
            self._best = (rank, rejected)


def _given_up() -> PathRejected:
    return PathRejected("untrusted", f"none was found within {MOST_SIGNATURES} signatures")


def _names_key(one: Certified, issuer: Certified) -> bool:
    """Say whether *one* names the key of *issuer* as the one that signed it."""
    aki, ski = one.get(x509.AuthorityKeyIdentifier), issuer.get(x509.SubjectKeyIdentifier)
    if not isinstance(aki, x509.AuthorityKeyIdentifier) or not isinstance(ski, x509.SubjectKeyIdentifier):
        return False
    return aki.key_identifier == ski.digest


def _no_issuer(last: Certified, role: str) -> PathRejected:
    if last.subject == last.issuer:
        return PathRejected("untrusted", f"the {role} {last.name} names itself as its issuer, and is no trust anchor")
    issuer = last.x509.issuer.rfc4514_string()[:200] or "nobody"
    hint = "add the certificates between with --intermediate FILE, if there are some"
    return PathRejected("untrusted", f"no certificate of {issuer} is given, which issued the {role} {last.name}", hint)


def _remarks(path: "Sequence[Certified]") -> "list[tuple[str, str]]":
    """Return findings about a path that passed."""
    found = []
    if not path[0].names:
        found.append(("san-missing", f"the leaf {path[0].name} has no subject alternative name"))
    for one in path[1:]:
        if one.usage is None:
            found.append(("ca-without-key-usage", f"the CA {one.name} has no key usage"))
        if not any([isinstance(each.value, x509.BasicConstraints) and each.critical for each in one.x509.extensions]):
            found.append(("ca-not-critical", f"the basic constraints of the CA {one.name} are not critical"))
    return found


def _ask_pyca(path: "Sequence[Certified]", at: "datetime", purpose: str) -> None:
    """Pass a path that pyca's verifier accepts, given nothing else.

    Its own extension policies would refuse CAs without key usage and leaves without SAN, and are replaced; what they
    would check besides is checked here again, since a replaced policy checks nothing by itself.

    Raises:
        PathRejected: malformed.
    """
    from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

    ca_policy, leaf_policy = _policies(purpose)
    verifier = (
        PolicyBuilder()
        .store(Store([path[-1].x509]))
        .time(at)
        .max_chain_depth(DEEPEST)
        .extension_policies(ca_policy=ca_policy, ee_policy=leaf_policy)
        .build_client_verifier()
    )
    try:
        verifier.verify(path[0].x509, [one.x509 for one in path[1:-1]])
    except (VerificationError, *UNREADABLE) as error:
        why = said(error).partition(" (encountered processing")[0]
        raise PathRejected("malformed", f"cryptography's verifier refuses the path: {why}") from error


def _policies(purpose: str) -> "tuple[ExtensionPolicy, ExtensionPolicy]":
    """Return what pyca is to demand of the extensions of CAs and of leaves."""
    from cryptography.x509.verification import Criticality, ExtensionPolicy

    wanted = PURPOSES[purpose]
    any_use = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE

    def signs_certificates(policy: "Policy", one: x509.Certificate, usage: "x509.KeyUsage | None") -> None:
        if usage is not None and not usage.key_cert_sign:
            raise ValueError("keyCertSign is missing")

    def leaves_purpose(policy: "Policy", one: x509.Certificate, eku: "x509.ExtendedKeyUsage | None") -> None:
        if wanted is not None and eku is not None and wanted not in eku and any_use not in eku:
            raise ValueError("the purpose is missing")

    def has_purpose(policy: "Policy", one: x509.Certificate, eku: "x509.ExtendedKeyUsage | None") -> None:
        if wanted is not None and (eku is None or wanted not in eku):
            raise ValueError("the purpose is missing")

    agnostic = Criticality.AGNOSTIC
    ca = (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, agnostic, None)  # pyca itself asks it for cA
        .may_be_present(x509.KeyUsage, agnostic, signs_certificates)
        .may_be_present(x509.ExtendedKeyUsage, agnostic, leaves_purpose)
    )
    leaf = ExtensionPolicy.permit_all().may_be_present(x509.ExtendedKeyUsage, agnostic, has_purpose)
    for kind in _HARMLESS:
        ca, leaf = ca.may_be_present(kind, agnostic, None), leaf.may_be_present(kind, agnostic, None)
    return ca, leaf
