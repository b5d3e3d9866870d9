"""Show every stage of a signature, or why a server refused it.

INPUT is the request as it was sent: a raw HTTP message, a presigned URL, a curl line or JSON.  With --server-error the
answer of the server is read too: S3's XML, API Gateway's JSON, or botocore's debug log; the first line that differs is
shown with its cause.  With a key, authkit signs again under each known mistake and names the one that was made.
Signatures and tokens are not shown, so the output can be pasted into a question.

Examples:

  $ authkit inspect-signature sent.http --server-error error.xml
  …
  cause:      path-encoding
  …
"""

from authkit.commands import _rows
from authkit.schemes import options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._looked_at import Seen
    from authkit.commands._quick import Given
    from authkit.explain import Explained

OPTIONS = (
    *_rows.INPUT,
    ("--server-error", "text", "FILE", "what the server answered", None),
    _rows.KEYS,
    options.REGION,
    options.SERVICE,
    _rows.SCHEME,
    _rows.AT,
    _rows.STORE,
    _rows.JSON,
)
SCHEME_OPTIONS = "inspect_options"


def run(given: "Given") -> None:
    from authkit.commands import _explained, _looked_at
    from authkit.ui import render

    seen = _looked_at.look(given)
    found = _explain(seen, given) if seen.scheme.row is not None else _explained.by_stages(seen, given)
    if given.json:
        render.write_json(_explained.as_json(found))
    else:
        render.write(_explained.as_text(found))


def _explain(seen: "Seen", given: "Given") -> "Explained":
    from authkit import clock
    from authkit.commands import _io, _keys
    from authkit.explain import explain
    from authkit.explain.server import read_server_error

    server = (
        read_server_error(_io.read(given.server_error, "server's answer")) if given.server_error is not None else None
    )
    keys = _keys.resolve_all(given.key, given.store) if given.key else []
    at = clock.parse_instant(given.at) if given.at is not None else None
    return explain(
        seen.message,
        row=seen.scheme.row,
        server=server,
        keys=keys,
        at=at,
        region=given.region,
        service=given.service,
        normalize_path=getattr(given, "normalize_path", None),
        double_encode=getattr(given, "double_encode", None),
        bucket=getattr(given, "bucket", None),
    )
