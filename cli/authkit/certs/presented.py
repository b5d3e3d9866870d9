"""Which certificate came with a request, and may its key have signed that request?"""

from hashlib import sha256

from authkit.certs.extensions import name_text
from authkit.certs.formats.header import read_header
from authkit.certs.path_rules import LEAF, SIGN_REQUESTS, Certified, read_certificate
from authkit.certs.scoped import is_scoped
from authkit.certs.subject_name import check_name
from authkit.certs.verify import MOST_INTERMEDIATES, verify_path
from authkit.errors import CertificateRejected, InputError, PathRejected, Rejected
from authkit.keys.prove import PublicKey, certificate_name, load_public

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from datetime import datetime
    from typing import Protocol

    from authkit.certs.scoped import CertScope

    class Message(Protocol):
        """Whatever has headers: (name, value) pairs as sent."""

        headers: "tuple[tuple[str, str], ...]"


COVERED = "authkit-certificate"
MOST_CERTIFICATES = 16
# what may follow in a header of its own (RFC 9440 §2.3)
CHAIN = "client-cert-chain"


class Presented:
    """What a verifier demands of the certificates that come with requests; nothing of it is from a message.

    Attributes:
        header: the name of the header in which a proxy forwards its client's certificate; None without one.
        given: certificates of the client whose requests are verified, DER, leaf first; () where each request brings
            its own.
        trust_anchors, intermediates, crls: DER, as for `verify_path`.
        identities: names of which a certificate must have one, as for `subject_name.parse_name`; () to compare none.
        region, service: those of the verifier; None where it was not told.
        require_scope: whether a certificate must be a scoped one.
    """

    __slots__ = (
        "crls",
        "given",
        "header",
        "identities",
        "intermediates",
        "region",
        "require_scope",
        "service",
        "trust_anchors",
    )

    def __init__(
        self,
        trust_anchors: "Sequence[bytes]",
        *,
        header: "str | None" = None,
        given: "Sequence[bytes]" = (),
        intermediates: "Sequence[bytes]" = (),
        crls: "Sequence[bytes]" = (),
        identities: "Sequence[str]" = (),
        region: "str | None" = None,
        service: "str | None" = None,
        require_scope: bool = False,
    ) -> None:
        self.header = header
        self.given = tuple(given)
        self.trust_anchors = tuple(trust_anchors)
        self.intermediates = tuple(intermediates)
        self.crls = tuple(crls)
        self.identities = tuple(identities)
        self.region = region
        self.service = service
        self.require_scope = require_scope

    def seen(self, request: "Message") -> "Seen":
        """Return the certificate that the proxy's header, or the verifier itself, says was shown.

        Args:
            request: untrusted.

        Raises:
            Rejected: client-cert-missing, client-cert-ambiguous, client-cert-format.
        """
        return Seen(self, *_source(self, request, ()))

    def show(
        self,
        request: "Message",
        keyid: "str | None",
        covered: "Container[str]",
        signed_at: "datetime",
        at: "datetime",
    ) -> "Shown":
        """Return the certificate that came with a request, if its key may have signed it.

        Args:
            request: untrusted.
            keyid: which key the signature names; None if none.
            covered: names of headers, lower case, that the signature covers whole.
            signed_at: the signature's own instant, which the caller found to be of this time; aware UTC.
            at: the verifier's present instant, of which the revocation lists must be; aware UTC.

        Raises:
            Rejected: client-cert-missing, client-cert-ambiguous, client-cert-format, client-cert-not-covered,
                client-cert-mismatch, scope-required, scope-not-compared, scope-date-mismatch, scope-region,
                scope-service; certificate-… from the path.

        Source:
            FORMATS F8, steps 1 to 4, F9.
            Deviations: a certificate that could be a scoped one is judged as one, be its other purposes what they may.
        """
        # (1) exactly one source; (2) its fingerprint is what the signature names
        leaf, chain = _source(self, request, covered)
        name = certificate_name(leaf)
        if keyid != name:
            said = "the signature names no key" if keyid is None else f"the signature names {keyid[:64]!r}"
            raise Rejected("client-cert-mismatch", f"{said}, and {name} came")
        # (3) path and purpose at the instant of the signature; (4) lists of now
        return _judged(self, leaf, chain, signed_at, at)

    def judge(
        self, request: "Message", leaf: bytes, intermediates: "Sequence[bytes]", signed_at: "datetime", at: "datetime"
    ) -> "Shown":
        """Return the certificate that a signature itself carries, if its key may have signed.

        Args:
            request: untrusted; where a proxy's header is demanded too, it must hold the same certificate.
            leaf, intermediates: DER, as they were sent; untrusted.
            signed_at, at: as for `show`.

        Raises:
            Rejected: as for `show`.
        """
        if self.header is not None or self.given:
            other, _ = _source(self, request, ())
            if other != leaf:
                detail = f"{certificate_name(leaf)} is signed, and {certificate_name(other)} came"
                raise Rejected("client-cert-mismatch", detail)
        if len(intermediates) >= MOST_CERTIFICATES:
            raise Rejected("client-cert-format", f"more than {MOST_CERTIFICATES} certificates")
        return _judged(self, leaf, intermediates, signed_at, at)


class Seen:
    """A client's certificate as somebody else showed it, which may be anybody's.

    Attributes:
        fingerprint: SHA-256 of the DER leaf, 32 bytes.
    """

    __slots__ = ("_chain", "_leaf", "_presented", "fingerprint")

    def __init__(self, presented: Presented, leaf: bytes, chain: "Sequence[bytes]") -> None:
        self._presented = presented
        self._leaf = leaf
        self._chain = chain
        self.fingerprint = sha256(leaf).digest()

    def has(self, name: str) -> bool:
        """Say whether its subject alternative name holds *name*, as for `subject_name.parse_name`.

        Raises:
            Rejected: certificate-malformed.
        """
        return _has(_read(self._leaf), name)

    def judge(self, at: "datetime") -> None:
        """Pass a certificate that a TLS server would take for a client's at *at*, if there are trust anchors.

        Raises:
            Rejected: certificate-… from the path.
        """
        if self._presented.trust_anchors:
            _path(self._presented, self._leaf, self._chain, "client", at, at)


class Shown:
    """A certificate whose key may have signed a request; whether it did is the caller's to see.

    Attributes:
        key: which must have made the signature.
        more: members of the result: "certificate" (fingerprint, lower-case hex), "identity" (texts such as
            "email:alice@example.com"), "certificate_scope" of a scoped one.
        warnings: "identity-not-compared", "revocation-not-checked".
    """

    __slots__ = ("_identities", "_leaf", "key", "more", "warnings")

    def __init__(self, presented: Presented, leaf: Certified, key: PublicKey, scope: "CertScope | None") -> None:
        self._identities = presented.identities
        self._leaf = leaf
        self.key = key
        self.more: "dict[str, object]" = {
            "certificate": leaf.sha256,
            "identity": [name_text(one) for one in leaf.names],
        }
        if scope is not None:
            self.more["certificate_scope"] = str(scope)
        found = [] if presented.identities else ["identity-not-compared"]
        self.warnings = tuple(found if presented.crls else [*found, "revocation-not-checked"])

    def check_identity(self) -> None:
        """Pass a certificate that names somebody who is allowed; to be asked once the signature was found to be right.

        Raises:
            Rejected: identity-mismatch.

        Source:
            FORMATS F8, step 6. Deviations: none.
        """
        if self._identities and not any([_has(self._leaf, one) for one in self._identities]):
            names = ", ".join([name_text(one) for one in self._leaf.names[:5]])
            raise Rejected("identity-mismatch", names or "it names nobody")


def _judged(
    presented: Presented, leaf: bytes, chain: "Sequence[bytes]", signed_at: "datetime", at: "datetime"
) -> Shown:
    found = _read(leaf)
    purpose = SIGN_REQUESTS if is_scoped(found) else "client"
    if presented.require_scope and purpose != SIGN_REQUESTS:
        raise Rejected("scope-required", f"the leaf {found.name}")
    scope = _path(presented, leaf, chain, purpose, signed_at, at)
    if scope is not None:
        _check_scope(presented, scope, signed_at)
    try:
        key = load_public(leaf, "the certificate", certificate_name(leaf))
    except InputError as error:
        raise CertificateRejected("certificate-key-unsupported", error.message) from error
    return Shown(presented, found, key, scope)


def _read(leaf: bytes) -> Certified:
    try:
        return read_certificate(leaf, LEAF)
    except PathRejected as error:
        raise _certificate(error) from error


def _certificate(error: PathRejected) -> CertificateRejected:
    return CertificateRejected(f"certificate-{error.reason}", error.detail, error.hint)


def _path(
    presented: Presented,
    leaf: bytes,
    chain: "Sequence[bytes]",
    purpose: str,
    signed_at: "datetime",
    at: "datetime",
) -> "CertScope | None":
    # what the verifier was given counts first: no message crowds it out
    own = presented.intermediates
    try:
        return verify_path(
            leaf,
            trust_anchors=presented.trust_anchors,
            intermediates=[*own, *chain[: max(0, MOST_INTERMEDIATES - len(own))]],
            crls=presented.crls,
            at=signed_at,
            purpose=purpose,
            lists_at=at,
        ).scope
    except PathRejected as error:
        raise _certificate(error) from error


def _check_scope(presented: Presented, scope: "CertScope", signed_at: "datetime") -> None:
    """Pass a request of the day, region and service that a certificate's scope names (F9)."""
    own = (presented.region, presented.service)
    if None in own:
        raise Rejected("scope-not-compared", str(scope), "say which are yours with --region and --service")
    if scope.day != signed_at.date():
        raise Rejected("scope-date-mismatch", f"{scope} and {signed_at.date()}")
    for name, wanted, part in zip(("region", "service"), own, scope.parts):
        if part != wanted:
            raise Rejected(f"scope-{name}", f"{part!r} instead of {wanted!r}")


def _has(leaf: Certified, name: str) -> bool:
    try:
        check_name(leaf, name, "client")
    except PathRejected:
        return False
    return True


def plain_name(name: str) -> str:
    """Return a header's name as the programs behind a proxy may read it: in lower case, '-' for '_' and '.'."""
    return name.lower().replace("_", "-").replace(".", "-")


def _source(presented: Presented, request: "Message", covered: "Container[str]") -> "tuple[bytes, Sequence[bytes]]":
    """Return the leaf and what came with it, from the one source that the verifier was told of (F8, step 1)."""
    carried = _single(request, COVERED)
    if presented.header is None and not presented.given:
        if carried is None:
            raise Rejected("client-cert-missing", "there is no Authkit-Certificate")
        if COVERED not in covered:
            raise Rejected("client-cert-not-covered", "Authkit-Certificate")
        return _parsed(COVERED, carried, listed=True)
    if carried is not None:
        raise Rejected("client-cert-ambiguous", "Authkit-Certificate, beside the certificate from elsewhere")
    if presented.header is None:
        return presented.given[0], presented.given[1:]
    forwarded = _single(request, presented.header)
    if not forwarded:
        raise Rejected("client-cert-missing", f"{presented.header} is {'missing' if forwarded is None else 'empty'}")
    leaf, chain = _parsed(presented.header, forwarded)
    if presented.header.lower() == "client-cert":
        above = _single(request, CHAIN)
        if above:
            first, rest = _parsed(CHAIN, above, listed=True)
            chain = [*chain, first, *rest]
    return leaf, chain


def _single(request: "Message", name: str) -> "str | None":
    """Return the value of a header that stands once at most, in one spelling; None without it."""
    plain = plain_name(name)
    found = [pair for pair in request.headers if plain_name(pair[0]) == plain]
    if len(found) > 1:
        raise Rejected("client-cert-ambiguous", f"{' and '.join([one[:64] for one, _ in found[:2]])}")
    if found and found[0][0].lower() != name.lower():
        raise Rejected("client-cert-ambiguous", f"{found[0][0][:64]} may be taken for {name}")
    return found[0][1].strip(" \t") if found else None


def _parsed(name: str, value: str, *, listed: bool = False) -> "tuple[bytes, Sequence[bytes]]":
    """Return the leaf and the other certificates in a header.

    Args:
        listed: whether it must be a list of RFC 9440.

    Raises:
        Rejected: client-cert-format, client-cert-ambiguous.
    """
    try:
        header = read_header(f"{name}: {value}")
    except InputError as error:
        raise Rejected("client-cert-format", error.message) from error
    if listed and (header.format != "rfc9440" or any([id == "header-parameters" for id, _, _ in header.findings])):
        raise Rejected("client-cert-format", f"{name} is not a list of byte sequences")
    for id, severity, message in [*header.findings, *[one for other in header.found.others for one in other.findings]]:
        if id in ("xfcc-several-hops", "header-several") and not listed:
            raise Rejected("client-cert-ambiguous", message)
        if severity == "error":
            raise Rejected("client-cert-format", message)
    ders = [data for data, _ in header.found.certificates]
    if not 0 < len(ders) <= MOST_CERTIFICATES:
        raise Rejected("client-cert-format", f"{name} holds {len(ders) or 'no'} certificates")
    return ders[0], ders[1:]
