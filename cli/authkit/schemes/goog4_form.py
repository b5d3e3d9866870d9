"""Upload forms of Google Cloud Storage, signed with an HMAC key."""

from authkit.schemes.derived import GOOG4
from authkit.schemes.forms.kinds import derived_kind
from authkit.schemes.forms.scheme import scheme_for

REGION, SERVICE = "auto", "storage"


def url(bucket: str, region: str) -> str:
    """Return where a form for *bucket* is sent."""
    return f"https://storage.googleapis.com/{bucket}/"


KIND = derived_kind("goog4", GOOG4, SERVICE, REGION, url)
SCHEME = scheme_for(KIND)
