"""May this CA issue that?"""

from datetime import timedelta

from authkit.certs.authority import Authority, path_length_of
from authkit.certs.names import Names, encode_subject, judge_names
from authkit.certs.permit import judge_constraints
from authkit.certs.profile import CLIENT_AUTH, REQUEST_SIGNING_EKU, Profile, key_allowed
from authkit.clock import format_instant
from authkit.errors import Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.certs.scoped import CertScope

BACKDATED = timedelta(minutes=5)


def judge(
    authority: Authority,
    profile: Profile,
    names: Names,
    at: "datetime",
    days: "int | None",
    path_length: "int | None" = None,
    *,
    scope: "CertScope | None" = None,
    also_client: bool = False,
) -> "tuple[datetime, datetime]":
    """Return from when until when a certificate will be valid, if the CA may issue it; no key is needed yet.

    Args, Raises: as for `issue_certificate`.
    """
    _judge_authority(authority, profile, at, also_client)
    judge_names(names, profile)
    _judge_allowed(authority, profile, names)
    _judge_subject(authority, names)
    if profile.is_ca:
        below(authority, path_length)
    if profile.scoped:
        not_before, not_after = _day_of(authority, scope, at, days)
    else:
        not_before = max(at - BACKDATED, authority.certificate.not_valid_before_utc)
        not_after = end_of(at, profile.days if days is None else days)
    last = min([one.not_valid_after_utc for one in (authority.certificate, *authority.chain)])
    if not_after > last:
        raise _outlives(authority, at, not_after, last, profile)
    return not_before, not_after


def ekus_for(profile: Profile, also_client: bool) -> "tuple[str, ...]":
    """Return the EKUs of a leaf of this profile, dotted.

    Args:
        also_client: whether a scoped one may log in to TLS servers too.
    """
    return (*profile.ekus, CLIENT_AUTH) if also_client else profile.ekus


def _day_of(
    authority: Authority, scope: "CertScope | None", at: "datetime", days: "int | None"
) -> "tuple[datetime, datetime]":
    """Return the first and the last second of a scoped certificate's day, if the CA may give its scope (F9, S42)."""
    from authkit.certs.scoped import judge_scope

    if scope is None:
        raise UsageError("the profile scoped needs a scope", "add --scope 20261123/us-east-1/s3")
    if days is not None:
        raise UsageError("a scoped certificate is valid on the day of its scope alone", "leave out --days")
    if scope.not_after < at:
        raise Refused(f"the day of the scope {scope} is over", f"now is {format_instant(at)}")
    judge_scope((authority.certificate, *authority.chain), scope.parts, f"the scope {scope}")
    return scope.not_before, scope.not_after


def _judge_authority(authority: Authority, profile: Profile, at: "datetime", also_client: bool) -> None:
    """Pass a CA that may issue this profile at this instant."""
    one = authority.certificate
    if profile.name not in authority.profiles:
        raise Refused(
            f"the CA {authority.name} issues no certificates of the profile {profile.name}",
            f"it is for {authority.issued_for}s: {', '.join(authority.profiles)}",
        )
    missing = set(ekus_for(profile, also_client)) - set(authority.ekus)
    if authority.ekus and missing:
        if REQUEST_SIGNING_EKU in missing:
            raise Refused(
                f"the certificate of the CA {authority.name} allows no keys that sign requests",
                "'authkit create-ca NAME --sign-requests' makes one that does",
            )
        raise Refused(f"the certificate of the CA {authority.name} does not allow {', '.join(sorted(missing))}")
    if not one.not_valid_before_utc <= at <= one.not_valid_after_utc:
        start, end = format_instant(one.not_valid_before_utc), format_instant(one.not_valid_after_utc)
        raise Refused(f"the CA {authority.name} is valid from {start} to {end}, not at {format_instant(at)}")


def judge_key_type(profile: Profile, type: str) -> None:
    """Pass a type of key, such as "p256" or "rsa2048", that the profile allows.

    Raises:
        Refused: if it allows others.
    """
    if not key_allowed(profile, type):
        raise Refused(
            f"a key of type {type} cannot be one of the profile {profile.name}",
            f"use one of {', '.join(profile.key_types)}",
        )


def _judge_allowed(authority: Authority, profile: Profile, names: Names) -> None:
    """Pass names that this CA may certify: of the kinds that --only left it, and within its constraints."""
    values = [san.value for san in names.sans]
    for kind, value in names.pairs():
        label = kind == "cn" and (profile.is_ca or value in values)  # says nothing that is not certified besides
        if kind not in authority.kinds and not label:
            raise Refused(
                f"the CA {authority.name} does not certify {kind}:{value}", f"it certifies {', '.join(authority.kinds)}"
            )
    judge_constraints((authority.certificate, *authority.chain), names)


def _judge_subject(authority: Authority, names: Names) -> None:
    """Pass a subject that no CA of the path has: verifiers take what bears its issuer's name for a root."""
    if names.common_name is not None:
        subject = encode_subject(names)
        if any([one.subject == subject for one in (authority.certificate, *authority.chain)]):
            raise Refused(
                f"the common name {names.common_name!r} is that of a CA above it", "give another --common-name"
            )


def end_of(at: "datetime", days: int) -> "datetime":
    """Return the last instant of a certificate that is valid for *days* from *at*.

    Raises:
        UsageError: if there is none.
    """
    if days < 1:
        raise UsageError(f"--days {days} is not 1 or more")
    try:
        return at + timedelta(days=days)
    except OverflowError as error:
        raise UsageError(f"--days {days} is beyond the year 9999") from error


def _outlives(
    authority: Authority, at: "datetime", not_after: "datetime", last: "datetime", profile: Profile
) -> Refused:
    left, until = (last - at).days, format_instant(not_after)
    hint = f"--days {left} fits" if left > 0 else f"the CA {authority.name} has less than a day left: make a new one"
    return Refused(
        f"it would be valid until {until}, longer than its CA {authority.name}: until {format_instant(last)}",
        "name an earlier day, or make a new CA" if profile.scoped else hint,
    )


def most_below(authority: Authority) -> "int | None":
    """Return how many CAs may follow below this one, by what it and its parents say; None for any number."""
    chain = (authority.certificate, *authority.chain)
    limits = [(path_length_of(one), place) for place, one in enumerate(chain)]
    found = [limit - place for limit, place in limits if limit is not None]
    return min(found) if found else None


def below(authority: Authority, path_length: "int | None") -> int:
    """Return the path length of an intermediate, if its CA may have it.

    Args:
        path_length: None for 0.

    Raises:
        UsageError: if it is less than 0.
        Refused: if the CA, or one above it, forbids it.
    """
    judge_length(path_length)
    wanted, most = path_length or 0, most_below(authority)
    if most is not None and wanted > most - 1:
        if most < 1:
            raise Refused(f"the CA {authority.name} may have no CA below it", "name another --parent")
        raise Refused(
            f"the CA {authority.name} allows {most} level{'s' if most > 1 else ''} of CAs below it",
            f"--path-length {most - 1} fits",
        )
    return wanted


def judge_length(path_length: "int | None") -> None:
    """Pass a path length that is 0 or more, or None.

    Raises:
        UsageError: if it is less.
    """
    if path_length is not None and path_length < 0:
        raise UsageError(f"--path-length {path_length} is not 0 or more")
