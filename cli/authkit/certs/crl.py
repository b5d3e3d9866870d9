"""Which CRLs does a CA sign, for which time?"""

from datetime import datetime, timedelta

from authkit.clock import format_instant, later
from authkit.errors import Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cryptography import x509

    from authkit.certs.authority import Authority
    from authkit.certs.record import Record, Revocation

MOST_DAYS = 90  # of a series that was not asked to be long
LONGEST = 3650
MOST_LISTS = 1000
# As with certificates: a verifier whose clock is a little behind must not find the newest list to be of the future.
BACKDATED = timedelta(minutes=5)
_DAY, _DAY_AND_A_QUARTER = 86_400, 108_000  # seconds


class Window:
    """The time of one CRL.

    Attributes:
        number: its CRL number.
        begins: when it is to be published, aware UTC.
        this_update: five minutes before that.
        next_update: when the next one is due; in a series a quarter of the period after the next one begins.
    """

    __slots__ = ("begins", "next_update", "number", "this_update")

    def __init__(self, number: int, begins: datetime, this_update: datetime, next_update: datetime) -> None:
        self.number = number
        self.begins = begins
        self.this_update = this_update
        self.next_update = next_update

    @property
    def file_name(self) -> str:
        """The file of a series, such as "000041-2026-11-24.crl"; the number sorts, the day says when it is due."""
        return f"{self.number:06d}-{self.begins:%Y-%m-%d}.crl"


def plan_crls(
    authority: "Authority", first: int, at: datetime, days: int, count: "int | None" = None, *, long: bool = False
) -> "list[Window]":
    """Return the windows of one CRL, or of a series of them.

    Args:
        authority: the CA.
        first: CRL number of the first, 1 or more.
        at: when the first begins, aware UTC, whole seconds.
        days: the period, 1 to 3650.
        count: how many in the series, 1 to 1000; None for a single CRL.
        long: whether more than 90 days in all are meant.

    Returns:
        numbers without gaps; in a series each overlaps the next by a quarter of the period.

    Raises:
        UsageError: if a number is out of its bounds.
        Refused: if it would be more than 90 days, or the CA is not valid from the first to the last beginning.

    Source:
        SECURITY-DECISIONS S37; RFC 5280 §5.1.2.4, §5.1.2.5.
        Deviations: thisUpdate is five minutes before the issue date, but not before the CA's own notBefore.
    """
    if not 1 <= days <= LONGEST:
        raise UsageError(f"--days {days} is not 1 to {LONGEST}")
    if count is not None and not 1 <= count <= MOST_LISTS:
        raise UsageError(f"--series {count} is not 1 to {MOST_LISTS}")
    total = days * (count or 1)
    if total > MOST_DAYS and not long:
        raise Refused(
            f"{total} days in advance are more than {MOST_DAYS}: each list says for all that time who is not revoked",
            "add --long if you mean it",
        )
    start, end = authority.certificate.not_valid_before_utc, authority.certificate.not_valid_after_utc
    due = days * (_DAY if count is None else _DAY_AND_A_QUARTER)
    windows = []
    for place in range(count or 1):
        begins = later(at, place * days * _DAY)
        if begins > end:
            raise Refused(f"the CA {authority.name} expires before a list of {format_instant(begins)} begins")
        if begins < start:
            raise Refused(f"the CA {authority.name} is not valid yet when a list of {format_instant(begins)} begins")
        this_update = max(begins - min(BACKDATED, begins - start), start)
        windows.append(Window(first + place, begins, this_update, later(begins, due)))
    return windows


def listed_in(record: "Record", issuer: str, windows: "Sequence[Window]") -> "list[list[Revocation]]":
    """Return what each CRL lists.

    A certificate that has expired stays until one CRL has listed it after its end: one in the ledger, or an earlier
    one of the same series.

    Args:
        record: what the ledger says.
        issuer: SKI of the CA's key, lower-case hex; a CA made anew under an old name has another one.
        windows: in order.

    Returns:
        for each window its revocations, oldest first.

    Source:
        RFC 5280 §3.3, last paragraph but one.
        Deviations: none.
    """
    ends = {row.serial: row.not_after for row in record.issued}
    found: "list[list[Revocation]]" = [[] for _ in windows]
    for revocation in record.revoked.values():
        if revocation.issuer != issuer:
            continue
        end = ends.get(revocation.serial)
        updates = [one.this_update for one in record.crls if one.at > revocation.date]
        for place, window in enumerate(windows):
            seen = end is not None and any(end < update < window.this_update for update in updates)
            if not seen:
                found[place].append(revocation)
            updates.append(window.this_update)
    return found


def issue_crl(
    authority: "Authority",
    revoked: "Iterable[Revocation]",
    number: int,
    this_update: datetime,
    next_update: datetime,
) -> "x509.CertificateRevocationList":
    """Return a CRL, signed by the CA, whose signature was verified.

    Args:
        authority: the CA.
        revoked: what it lists.
        number: its CRL number, reserved.
        this_update, next_update: aware UTC, whole seconds.

    Raises:
        Refused: if the CA's certificate does not allow it to sign CRLs, or is not of its key.

    Source:
        RFC 5280 §5: version 2, with AuthorityKeyIdentifier and CRLNumber; each entry has its date, and its reason
        but for "unspecified", which §5.3.1 says should be left out.
        Deviations: none.
    """
    from cryptography import x509

    from authkit.certs.issue import hash_for
    from authkit.certs.record import REASONS

    assert authority.private_key is not None
    entries = []
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(int(one.serial, 16)).revocation_date(one.date)
        if one.reason != "unspecified":
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(REASONS[one.reason])), critical=False)
        entries.append(entry.build())
    builder = (
        # all at once: the builder copies what it has with each that is added
        x509.CertificateRevocationListBuilder(revoked_certificates=entries)
        .issuer_name(authority.certificate.subject)
        .last_update(this_update)
        .next_update(next_update)
        .add_extension(_authority_key_identifier(authority), critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    crl = builder.sign(authority.private_key, hash_for(authority.private_key))
    if not crl.is_signature_valid(authority.certificate.public_key()):  # type: ignore[arg-type]
        raise Refused(f"the key of the CA {authority.name} is not the one of its certificate")
    return crl


def _authority_key_identifier(authority: "Authority") -> "x509.AuthorityKeyIdentifier":
    """Return the identifier of the CA's key; refuse a CA that may not sign CRLs."""
    from cryptography import x509

    from authkit.certs.record import ski_of

    try:
        usage = authority.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    if usage is not None and not usage.crl_sign:
        raise Refused(f"the certificate of the CA {authority.name} does not allow it to sign CRLs")
    return x509.AuthorityKeyIdentifier(bytes.fromhex(ski_of(authority.certificate)), None, None)


class Made:
    """A CRL that was signed.

    Attributes:
        window: its number and time.
        crl: pyca's value.
        sha256: of its DER, lower-case hex, 64.
        count: how many certificates it lists.
    """

    __slots__ = ("count", "crl", "sha256", "window")

    def __init__(self, window: Window, crl: "x509.CertificateRevocationList") -> None:
        from cryptography.hazmat.primitives.hashes import SHA256

        self.window = window
        self.crl = crl
        self.sha256 = crl.fingerprint(SHA256()).hex()
        self.count = len(crl)

    def __repr__(self) -> str:
        return f"<Made {self.window.number}>"


def sign_crl(authority: "Authority", revoked: "Iterable[Revocation]", window: Window) -> Made:
    """Return the CRL of a window.

    Args, Raises: as for `issue_crl`.
    """
    crl = issue_crl(authority, revoked, window.number, window.this_update, window.next_update)
    return Made(window, crl)


def encode_crl(crl: "x509.CertificateRevocationList", *, der: bool = False) -> bytes:
    """Return a CRL in PEM, or in DER."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return crl.public_bytes(Encoding.DER if der else Encoding.PEM)
