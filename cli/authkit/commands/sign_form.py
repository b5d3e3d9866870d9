"""Sign an upload form.

A form is a policy with a signature: whoever has it may upload one file after the other, to that bucket, as the policy
says, until it expires.  A curl command line that sends it is printed; FILE in it is to be replaced.  --html prints the
form for a web page, and --json the fields.

Examples:

  $ authkit sign form --key file:week.subkeys --bucket inbox --key-prefix 2026/ --content-length-range 1,1000000
  curl -q --form-string 'key=2026/${filename}' … -F 'file=@FILE' https://inbox.s3.us-east-1.amazonaws.com/
"""

from authkit.commands import _rows
from authkit.schemes.options import REGION, SERVICE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("--bucket", "text", "NAME", "the bucket that files go to", None),
    ("--object-key", "text", "KEY", "the name of the object", None),
    ("--key-prefix", "text", "PREFIX", "what the name begins with; the file's own name follows", None),
    ("--field", "many", "NAME=VALUE", "a field that is sent as it is, such as acl=public-read; repeatable", ()),
    ("--condition", "many", "JSON", "a further condition of the policy, as JSON; repeatable", ()),
    ("--content-length-range", "text", "MIN,MAX", "how many octets the file may have [any]", None),
    ("--expires", "int", "S", "seconds the form is good for, 1 to 604800 [900]", None),
    ("--url", "text", "URL", "where the form is sent [the service's]", None),
    ("--html", "flag", "", "print the form as HTML", False),
    _rows.KEY,
    _rows.STORE,
    ("--scheme", "choice:sigv4|goog4|goog4-rsa", "NAME", "what signs it [the key's, else sigv4]", None),
    REGION,
    SERVICE,
    _rows.AT,
    _rows.EXPLAIN,
    _rows.JSON,
    _rows.REVEAL,
)


def run(given: "Given") -> None:
    from authkit.commands import _form
    from authkit.ui import render

    form, kind, credential = _form.sign(given)
    url = given.url or kind.url(given.bucket, credential.scope.part("region") or "")
    if given.json:
        render.write_json(_form.as_json(form, kind.name, credential, url))
    elif given.html:
        render.write(_form.as_html(form, url))
    else:
        render.write(_form.as_curl(form, url))
