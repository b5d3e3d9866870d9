"""Sign the body of a webhook.

FILE is the body, byte for byte as it will be sent; '-' is standard input.  The headers to send with it are printed, one
a line, as curl's -H @FILE reads them.  Several keys make several signatures, where the format has room for them, so
that a secret can be changed without a gap.

Examples:

  $ authkit sign webhook --scheme github --key file:key.json order.json
  authkit: warning: github signs no time: whoever sees this request can repeat it for ever
  X-Hub-Signature-256: sha256=…
"""

from authkit.commands import _rows
from authkit.schemes.webhooks.options import SIGN_OPTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("FILE", "argument", "FILE", "the body, or '-'", None),
    _rows.KEYS,
    _rows.STORE,
    (
        "--scheme",
        "text",
        "NAME",
        "the format: standard-webhooks, github, slack, stripe, or one of your own [the key's]",
        None,
    ),
    *SIGN_OPTIONS,
    _rows.AT,
    _rows.EXPLAIN,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _webhook
    from authkit.ui import render

    signed = _webhook.sign(given)
    if given.json:
        render.write_json(_webhook.as_json(signed))
    else:
        render.write("".join([f"{name}: {value}\n" for name, value in signed.added]))
