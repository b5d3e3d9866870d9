"""Which certificates run out, and what does a renewed one take over?"""

from datetime import timedelta

from authkit.clock import format_instant, later
from authkit.errors import Refused, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from authkit.certs.names import Names
    from authkit.certs.profile import Profile
    from authkit.certs.record import IssuedRow, Record, Revocation


SUPERSEDED = "superseded"


class Renewal:
    """What a renewed certificate takes over from the old one.

    Attributes:
        row: the old one's.
        certificate: the old one.
        profile, names: the same again.
        days: for how long the old one was issued, whole days; None for the profile's own time, where that was not so.
        crl_urls, aia_urls: the same again.
    """

    __slots__ = ("aia_urls", "certificate", "crl_urls", "days", "names", "profile", "row")

    def __init__(
        self,
        row: "IssuedRow",
        certificate: "x509.Certificate",
        profile: "Profile",
        names: "Names",
        days: "int | None",
        crl_urls: "tuple[str, ...]",
        aia_urls: "tuple[str, ...]",
    ) -> None:
        self.row = row
        self.certificate = certificate
        self.profile = profile
        self.names = names
        self.days = days
        self.crl_urls = crl_urls
        self.aia_urls = aia_urls

    def __repr__(self) -> str:
        return f"<Renewal {self.row.name}>"


def standing(record: "Record") -> "list[IssuedRow]":
    """Return the certificates that count: the last one of each name that is not revoked, oldest name first."""
    return list({row.name: row for row in record.issued if row.serial not in record.revoked}.values())


def withdrawn(record: "Record") -> "dict[str, Revocation]":
    """Return name -> why its last certificate was revoked, where that was not because a newer one is to take its place.

    Whoever was put out so must not get in again by an older certificate of that name, or by a new one for the asking.
    """
    found = {name: record.revoked.get(row.serial) for name, row in record.latest().items()}
    return {name: one for name, one in found.items() if one is not None and one.reason != SUPERSEDED}


def running_out(record: "Record", at: "datetime", days: int) -> "list[IssuedRow]":
    """Return those that count and run out within *days* from *at*, bounds included; what has expired is not among them.

    Args:
        record: what the ledger says.
        at: aware UTC, whole seconds.
        days: 0 or more.
    """
    end = later(at, days * 86400)
    return [row for row in standing(record) if at <= row.not_after <= end]


def renewal_of(record: "Record", row: "IssuedRow") -> Renewal:
    """Return what the renewed certificate takes over.

    Args:
        record: what the ledger says.
        row: the old certificate's.

    Raises:
        Refused: if it was revoked, or the last of its name, is a CA's or a scoped one, or names something that this
            authkit issues no more.
    """
    from authkit.certs.profile import PROFILES

    revocation = record.revoked.get(row.serial)
    if revocation is not None:
        raise Refused(
            f"the certificate of {row.name} was revoked at {format_instant(revocation.date)}, so it is not renewed",
            f"'authkit issue-cert {row.name} --force' issues another",
        )
    last = withdrawn(record).get(row.name)
    if last is not None:
        raise Refused(
            f"the last certificate of {row.name} was revoked at {format_instant(last.date)} ({last.reason}), so none "
            "is renewed",
            f"'authkit issue-cert {row.name} --force' issues another",
        )
    profile = PROFILES.get(row.profile)
    if profile is None:
        raise Refused(f"the certificate of {row.name} has the profile {row.profile}, which is not known here")
    if profile.is_ca:
        raise Refused(f"{row.name} is a CA, so it is not renewed", "create-ca --parent makes another CA")
    if profile.scoped:
        raise Refused(
            f"the certificate of {row.name} is good for its day alone, so it is not renewed",
            f"'authkit issue-cert {row.name} --profile scoped --scope …' issues that of another day",
        )
    certificate = certificate_of(row)
    lifetime = row.not_after - row.at
    whole = lifetime >= timedelta(days=1) and not lifetime % timedelta(days=1)
    crl_urls, aia_urls = _urls_of(certificate)
    return Renewal(row, certificate, profile, _names_of(row), lifetime.days if whole else None, crl_urls, aia_urls)


def certificate_of(row: "IssuedRow") -> "x509.Certificate":
    """Return the certificate in a ledger's row.

    Raises:
        StoreError: if it is none.
    """
    from cryptography import x509

    try:
        return x509.load_der_x509_certificate(row.certificate)
    except (ValueError, x509.InvalidVersion) as error:
        raise StoreError(f"the ledger's line {row.number} holds no certificate that can be read") from error


def _names_of(row: "IssuedRow") -> "Names":
    from authkit.certs.names import Names, parse_san

    return Names(row.common_name, [parse_san(*one.split(":", 1)) for one in row.san], row.sid)


def _urls_of(certificate: "x509.Certificate") -> "tuple[tuple[str, ...], tuple[str, ...]]":
    """Return the CRL URLs and the issuer URLs in a certificate of ours."""
    from cryptography import x509

    crl_urls: "list[str]" = []
    aia_urls: "list[str]" = []
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.CRLDistributionPoints):
            crl_urls = [str(name.value) for point in extension.value for name in point.full_name or ()]
        elif isinstance(extension.value, x509.AuthorityInformationAccess):
            aia_urls = [str(one.access_location.value) for one in extension.value]
    return tuple(crl_urls), tuple(aia_urls)
