"""From when does a subkey sign, until when, and until when is it dangerous (S2)?"""

from datetime import datetime, time, timedelta

from authkit.clock import UTC, later
from authkit.keys.scope import Scope

HARMFUL_SERVICES = ("iam", "sts", "sso", "organizations", "kms")
LIMITS = (
    "a signing key allows every method, path, header and body that the access key's own permissions allow in that "
    "service and region; it is not a permission",
    "in services that take a signature in the query, the key of day D makes new presigned URLs and POST forms, with "
    "unsigned bodies, until D+7 23:59:59 UTC: expired means no longer signs headers, not harmless",
    "a key for a service that hands out credentials is as wide as the access key: sts makes sessions of up to 36 hours "
    "for nearly all services and every region, iam makes new access keys for ever",
    "a bundle is as dangerous as its last day; future keys work from their day on even if you stop today",
    "a date key opens every region and service of its day, a region key every service in it",
    "nothing revokes one subkey: disable the access key, or on your own server refuse that ID and day",
    "whoever verifies with it can sign with it",
)


class Window:
    """The three instants of a subkey, each aware UTC, whole seconds, inclusive.

    Attributes:
        signs_from: the first second it signs headers.
        signs_until: the last second it signs headers.
        dangerous_until: the last second that something signed with it may be accepted.
    """

    __slots__ = ("signs_from", "signs_until", "dangerous_until")

    def __init__(self, signs_from: datetime, signs_until: datetime, dangerous_until: datetime) -> None:
        self.signs_from = signs_from
        self.signs_until = signs_until
        self.dangerous_until = dangerous_until


def window_of(scope: Scope, expires_at: "datetime | None" = None) -> Window:
    """Return the three instants of a key of *scope*.

    Args:
        scope: of any level; a key that is not bound to a service has the longest lifetime of any.
        expires_at: when the session it belongs to ends; None without one.

    Source:
        S2; measured on Swift's s3api: a key of day D mints new presigned URLs until D+7 23:59:59 UTC.
    """
    start = datetime.combine(scope.day, time(), UTC)
    end = start + timedelta(days=1, seconds=-1)
    lifetimes = scope.chain.max_expires
    service = scope.part("service")
    longest = lifetimes.get(service, lifetimes["*"]) if service is not None else max(lifetimes.values())
    dangerous = later(end, longest)
    if expires_at is not None:
        end, dangerous = min(end, expires_at), min(dangerous, expires_at)
    return Window(start, end, dangerous)
