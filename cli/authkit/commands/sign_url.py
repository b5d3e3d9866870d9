"""Make a presigned URL.

Whoever has the URL can send the request until it expires, and nothing takes it back but disabling the access key.

Examples:

  $ authkit sign url --key file:week.subkeys --expires 3600 https://backups.s3.us-east-1.amazonaws.com/report.pdf
  https://backups.s3.us-east-1.amazonaws.com/report.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&…
"""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given
    from authkit.schemes.base import Signed

OPTIONS = (
    ("URL", "argument", "URL", "the URL to sign", None),
    ("--request|-X", "text", "METHOD", "the method it is good for [GET]", "GET"),
    ("--header|-H", "many", "'Name: value'", "a header to sign, which must then be sent; repeatable", ()),
    _rows.SIGNATURE,
    *_rows.SIGN,
)
SCHEME_OPTIONS = "sign_options"


def run(given: "Given") -> None:
    from authkit.commands import _sign
    from authkit.ui import render

    signed = _made(given) if given.signature is None else _approved(given)
    if given.json:
        render.write_json(_sign.as_json(signed))
    else:
        render.write(f"{signed.url}\n")


def _made(given: "Given") -> "Signed":
    from authkit.commands import _sign
    from authkit.errors import UsageError
    from authkit.messages.draft import parse_url

    if not hasattr(given, "placement"):
        raise UsageError(f"the scheme {given.scheme} puts its signature in headers", "use sign curl or sign http")
    if given.placement == "header":
        raise UsageError("sign url puts the signature in the query", "use sign curl or sign http for headers")
    given.placement = "query"
    return _sign.sign(parse_url(given.request, given.url, given.header), given)


def _approved(given: "Given") -> "Signed":
    """Return the URL with a signature that was approved elsewhere."""
    from authkit.commands._signature_given import take
    from authkit.errors import UsageError
    from authkit.messages.draft import parse_url

    use = take(parse_url(given.request, given.url, given.header), given)
    if use.signed.added:
        raise UsageError("the signature that was approved goes into headers", "use sign curl or sign http")
    use.enter(given)
    return use.signed
