"""Upload forms of S3: a POST policy signed as SigV4 signs."""

from authkit.schemes.derived import AWS4
from authkit.schemes.forms.kinds import derived_kind
from authkit.schemes.forms.scheme import scheme_for


def url(bucket: str, region: str) -> str:
    """Return where a form for *bucket* is sent.

    Source:
        Amazon S3 User Guide, "Virtual hosting of buckets". Deviations: a bucket with a dot in its name, which the
        certificate of S3 does not cover, is named in the path.
    """
    domain = f"s3.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
    return f"https://{domain}/{bucket}" if "." in bucket else f"https://{bucket}.{domain}/"


KIND = derived_kind("sigv4", AWS4, "s3", None, url)
SCHEME = scheme_for(KIND)
