"""Is a certificate of a path revoked, by the lists that are at hand?"""

from binascii import Error, a2b_base64

from cryptography import x509

from authkit.certs.fields import UNREADABLE
from authkit.certs.path_rules import Certified, algorithm_of, is_strong, said
from authkit.clock import format_instant
from authkit.errors import InputError, PathRejected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

LARGEST = 64 * 1024 * 1024
MOST_LISTS = 1000
_LONGEST_NAME = 200
_LABELS = (b"X509 CRL", b"CRL")
_KNOWN = (x509.CRLNumber, x509.AuthorityKeyIdentifier, x509.IssuingDistributionPoint, x509.DeltaCRLIndicator)
_ENTRY_KNOWN = (x509.CRLReason, x509.InvalidityDate)


class Listing:
    """A revocation list (CRL), as read.

    Attributes:
        x509: as pyca reads it.
        issuer: the whole bytes of its issuer's name.
        what: how it is called in messages; holds foreign text, cut.
        number: its CRL number, or -1.
        begins, ends: thisUpdate and nextUpdate, aware UTC; *ends* is None where it is not said.
        scope: its issuing distribution point, or None.
        key: the key identifier of the authority, or None.
        is_delta: whether it is a delta list.
        critical_unknown: dotted OIDs of critical extensions that are not obeyed here.
    """

    __slots__ = (
        "_entries_fault",
        "begins",
        "critical_unknown",
        "ends",
        "is_delta",
        "issuer",
        "key",
        "number",
        "scope",
        "what",
        "x509",
    )

    def __init__(self, crl: x509.CertificateRevocationList) -> None:
        self.x509 = crl
        self.issuer = crl.issuer.public_bytes()
        self.begins, self.ends = crl.last_update_utc, crl.next_update_utc
        values = {type(one.value): one.value for one in crl.extensions}
        number, key = values.get(x509.CRLNumber), values.get(x509.AuthorityKeyIdentifier)
        scope = values.get(x509.IssuingDistributionPoint)
        self.number = number.crl_number if isinstance(number, x509.CRLNumber) else -1
        self.key = key.key_identifier if isinstance(key, x509.AuthorityKeyIdentifier) else None
        self.scope = scope if isinstance(scope, x509.IssuingDistributionPoint) else None
        self.is_delta = x509.DeltaCRLIndicator in values
        self.critical_unknown = [
            one.oid.dotted_string for one in crl.extensions if one.critical and not isinstance(one.value, _KNOWN)
        ]
        numbered = f" {self.number}" if self.number >= 0 else ""
        self.what = f"the list{numbered} of {crl.issuer.rfc4514_string()[:_LONGEST_NAME]}"
        self._entries_fault: "str | None" = None

    @property
    def is_indirect(self) -> bool:
        """Whether it may list what others issued."""
        return self.scope is not None and self.scope.indirect_crl

    def entries(self, serial: int) -> "list[x509.RevokedCertificate]":
        """Return the entries of a serial number; in a delta list without those that lift a hold."""
        if self.x509.get_revoked_certificate_by_serial_number(serial) is None:
            return []
        found = [entry for entry in self.x509 if entry.serial_number == serial]
        return [entry for entry in found if not self.is_delta or reason_of(entry) != "removeFromCRL"]

    def entries_fault(self) -> str:
        """Return the first critical extension of any entry that is not obeyed here, as words; "" for none."""
        if self._entries_fault is None:
            self._entries_fault = next(self._entry_faults(), "")
        return self._entries_fault

    def _entry_faults(self) -> "Iterator[str]":
        for entry in self.x509:
            try:
                _ = entry.revocation_date_utc  # of the year 0, for one
                for one in entry.extensions:
                    if one.critical and not isinstance(one.value, _ENTRY_KNOWN):
                        yield f"has an entry with the critical extension {one.oid.dotted_string}"
            except UNREADABLE as error:
                yield f"has an entry that cannot be read: {said(error)}"


def split_lists(data: bytes, what: str) -> "list[bytes]":
    """Return the revocation lists that a file holds, each in DER; whether they can be read is seen later.

    Args:
        data: PEM with any text and other blocks around the lists, or one list in DER.
        what: names the file in errors.

    Raises:
        InputError: if it holds none, or a block is not whole.
    """
    if data[:1] == b"\x30":
        return [data]
    found = []
    for label in _LABELS:
        begin, end = b"-----BEGIN " + label + b"-----", b"-----END " + label + b"-----"
        for piece in data.split(begin)[1:]:
            text, mark, _ = piece.partition(end)
            if not mark:
                raise InputError(f"{what}: a revocation list has no END line")
            try:
                found.append(a2b_base64(b"".join(text.split()), strict_mode=True))
            except Error as error:
                raise InputError(f"{what}: a revocation list is not base64") from error
    if not found:
        raise InputError(f"{what} holds no revocation list", "give a CRL in PEM or DER")
    return found


def read_list(data: bytes) -> Listing:
    """Return a revocation list.

    Args:
        data: DER, at most 64 MiB; untrusted.

    Raises:
        InputError: if it cannot be read.
    """
    if len(data) > LARGEST:
        raise InputError("a revocation list is over 64 MiB")
    try:
        return Listing(x509.load_der_x509_crl(data))
    except UNREADABLE as error:
        raise InputError(f"a revocation list cannot be read: {said(error)}") from error


def reason_of(entry: x509.RevokedCertificate) -> str:
    """Return why it was revoked, as RFC 5280 names it; "unspecified" where it is not said or cannot be read."""
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return "unspecified"


def since(entry: x509.RevokedCertificate) -> "datetime":
    """Return from when an entry makes a certificate bad: its revocation date, or its invalidity date if that is before.

    Source:
        RFC 5280 §5.3.2.
        Deviations: an invalidity date that cannot be read is none.
    """
    try:
        known = entry.extensions.get_extension_for_class(x509.InvalidityDate).value.invalidity_date_utc
    except (x509.ExtensionNotFound, *UNREADABLE):
        return entry.revocation_date_utc
    return min(known, entry.revocation_date_utc)


def check_revocation(
    path: "Sequence[Certified]", lists: "Sequence[Listing]", at: "datetime", *, require_crl: bool, historical: bool
) -> "list[tuple[str, str]]":
    """Pass a path of which no certificate is revoked, by lists that are of this time and speak of it.

    A list that the issuer's key signed and that names a certificate makes it revoked, whatever its time, scope or
    kind.  Only a complete, direct list of the right scope, time and number shows that one is not, and not even that
    while another list names it that cannot be believed or understood.

    Args:
        path: leaf first, trust anchor last; the anchor is not looked for in any list.
        lists: one or more, or none with *require_crl*; untrusted.
        at: the instant.
        require_crl: call a list that is missing "crl-missing".
        historical: pass what was revoked, and known to be bad, only after *at*.

    Returns:
        findings (id, message) about lists that were not used.

    Raises:
        PathRejected: revoked, crl-missing, crl-not-applicable, crl-out-of-date, crl-indirect, crl-signature.

    Source:
        RFC 5280 §6.3.3; SECURITY-DECISIONS S37, S38.
        Deviations: indirect lists, delta lists and lists of some reasons never show that a certificate is good.
    """
    findings: "list[tuple[str, str]]" = []
    refused: "PathRejected | None" = None
    for one, issuer in zip(path, path[1:]):
        try:
            findings += _check_one(one, issuer, lists, at, require_crl, historical)
        except PathRejected as rejected:
            if rejected.reason == "revoked":
                raise
            refused = refused or rejected
    if refused is not None:
        raise refused
    unknown = [listing for listing in lists if not any([_has_name_of(listing, one) for one in path[1:]])]
    findings += [("crl-unused", f"{listing.what} is of no issuer on the path") for listing in unknown]
    return list(dict.fromkeys(findings))


def _check_one(
    one: Certified, issuer: Certified, lists: "Sequence[Listing]", at: "datetime", require_crl: bool, historical: bool
) -> "list[tuple[str, str]]":
    """Pass a certificate that is not revoked; return findings."""
    usable, faults = [], []
    doubt: "PathRejected | None" = None
    for listing in lists:
        named = _has_name_of(listing, issuer)
        if not named and not listing.is_indirect:
            continue
        entries = [] if _is_of_others(listing) else listing.entries(one.x509.serial_number)
        if not named:
            doubt = doubt or (PathRejected("crl-indirect", f"{listing.what} may name {one.name}") if entries else None)
            continue
        stranger = _not_of(listing, issuer)
        fault = stranger or _not_for(listing, one)
        if stranger is not None or listing.is_indirect or _is_unreadable(listing):
            doubt = doubt or (fault if entries else None)
        else:
            counting = [entry for entry in entries if not historical or at >= since(entry)]
            if counting:
                raise _revoked(one, listing, counting[0])
        if fault is None:
            usable.append(listing)
        else:
            faults.append(fault)
    if doubt is not None:
        raise doubt
    if not usable:
        raise faults[0] if faults else _missing(issuer, lists, require_crl)
    _check_time(usable, at)
    return [("crl-unused", fault.detail) for fault in faults]


def _has_name_of(listing: Listing, issuer: Certified) -> bool:
    """Say whether a list names an issuer, without regard to case, white space and kinds of strings.

    A list that is written in another way than the certificate must not be passed over, for it may revoke.
    """
    return listing.issuer == issuer.subject or _plain(listing.x509.issuer) == _plain(issuer.x509.subject)


def _plain(name: x509.Name) -> "list[set[tuple[str, ...]]]":
    return [{(part.oid.dotted_string, *str(part.value).casefold().split()) for part in rdn} for rdn in name.rdns]


def _missing(issuer: Certified, lists: "Sequence[Listing]", require_crl: bool) -> PathRejected:
    for listing in lists:
        if listing.is_indirect:
            return PathRejected("crl-indirect", f"{listing.what}; there is none of {issuer.name} itself")
    reason = "crl-missing" if require_crl else "crl-not-applicable"
    return PathRejected(reason, f"none is of {issuer.name}", "add it with --crl FILE")


def _not_of(listing: Listing, issuer: Certified) -> "PathRejected | None":
    """Return why a list is not one that this issuer may sign, though it has its name; None if it is."""
    if not _is_signed_by(listing, issuer):
        ski = issuer.get(x509.SubjectKeyIdentifier)
        if listing.key is not None and isinstance(ski, x509.SubjectKeyIdentifier) and listing.key != ski.digest:
            return PathRejected("crl-not-applicable", f"{listing.what} is of another key of that name")
        return PathRejected("crl-signature", listing.what)
    if issuer.usage is not None and not issuer.usage.crl_sign:
        return PathRejected("crl-not-applicable", f"the key usage of {issuer.name} does not allow it to sign lists")
    return None


def _is_signed_by(listing: Listing, issuer: Certified) -> bool:
    try:
        return listing.x509.is_signature_valid(issuer.key)  # type: ignore[arg-type]
    except UNREADABLE:
        return False


def _is_of_others(listing: Listing) -> bool:
    """Say whether it lists attribute certificates, whose serial numbers are others."""
    return listing.scope is not None and listing.scope.only_contains_attribute_certs


def _is_unreadable(listing: Listing) -> bool:
    """Say whether it has something critical that is not known, so that it says nothing certain (RFC 5280 §5.2)."""
    return bool(listing.critical_unknown or listing.entries_fault())


def _not_for(listing: Listing, one: Certified) -> "PathRejected | None":
    """Return why a list of the issuer cannot show that a certificate is good; None if it can."""
    if listing.is_indirect:
        return PathRejected("crl-indirect", listing.what)
    if not is_strong(listing.x509):
        return PathRejected("crl-signature", f"{listing.what} is signed with {algorithm_of(listing.x509)}")
    why = _out_of_scope(listing, one)
    if not why and listing.issuer != one.issuer:
        why = "writes the name of its issuer in another way"
    if not why and listing.critical_unknown:
        why = f"has the critical extension {listing.critical_unknown[0]}"
    why = why or listing.entries_fault()
    return PathRejected("crl-not-applicable", f"{listing.what} {why}") if why else None


def _out_of_scope(listing: Listing, one: Certified) -> str:
    """Return what a list does not cover, as words; "" if it covers the certificate."""
    if listing.is_delta:
        return "is a delta list, which shows only what changed"
    scope = listing.scope
    if scope is None:
        return ""
    if scope.only_contains_attribute_certs:
        return "is of attribute certificates only"
    if scope.only_contains_user_certs and one.is_ca:
        return f"is of leaves only, and {one.name} is a CA"
    if scope.only_contains_ca_certs and not one.is_ca:
        return f"is of CAs only, and {one.name} is a leaf"
    if scope.only_some_reasons is not None:
        return "is of some reasons only"
    if not _covers_point(scope, one):
        return f"is for another distribution point than those of {one.name}"
    return ""


def _covers_point(scope: x509.IssuingDistributionPoint, one: Certified) -> bool:
    """Say whether one of the list's distribution points is one of the certificate's."""
    if scope.full_name is None and scope.relative_name is None:
        return True
    listed = set(_names(scope.full_name, scope.relative_name, one))
    points = one.get(x509.CRLDistributionPoints)
    if not isinstance(points, x509.CRLDistributionPoints):
        return x509.DirectoryName(one.x509.issuer) in listed
    # a point with an issuer of its own is for an indirect list
    own = [point for point in points if not point.crl_issuer]
    return any([name in listed for point in own for name in _names(point.full_name, point.relative_name, one)])


def _names(
    full: "Sequence[x509.GeneralName] | None", relative: "x509.RelativeDistinguishedName | None", one: Certified
) -> "list[x509.GeneralName]":
    """Return a distribution point's names, one that is relative to the issuer of *one* made whole."""
    if relative is not None:
        return [x509.DirectoryName(x509.Name([*one.x509.issuer.rdns, relative]))]
    return list(full or ())


def _check_time(usable: "Sequence[Listing]", at: "datetime") -> None:
    """Pass when of the lists that have begun the one with the highest number has not ended."""
    begun = [listing for listing in usable if listing.begins <= at]
    if not begun:
        first = min(usable, key=lambda listing: listing.begins)
        raise PathRejected("crl-out-of-date", f"{first.what} begins at {format_instant(first.begins)}")
    newest = max(begun, key=lambda listing: (listing.number, listing.begins))
    if newest.ends is None:
        raise PathRejected("crl-out-of-date", f"{newest.what} does not say when the next is due")
    if at > newest.ends:
        raise PathRejected("crl-out-of-date", f"{newest.what} ended at {format_instant(newest.ends)}")


def _revoked(one: Certified, listing: Listing, entry: x509.RevokedCertificate) -> PathRejected:
    date = format_instant(entry.revocation_date_utc)
    return PathRejected("revoked", f"{one.name}, at {date}, {reason_of(entry)}; {listing.what}")
