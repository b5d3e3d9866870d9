"""Ask the air-gapped machine for subkeys.

The request is text, signed with our key; the words that are shown are read to whoever approves it.  The answer is
taken in with import-subkey, which stores it under NAME.  With --renew it asks for what is stored under NAME already,
for as many days from today on; import-subkey then puts the one in the place of the other.

Examples:

  $ authkit request-subkey build --access-key-id AKIDEXAMPLE --scope us-east-1/s3 --days 7 -o build.request  # exit 4
  authkit: error: no issuer is trusted here
  authkit: hint: 'authkit trust-issuer CARD' enrols one
"""

from authkit.commands import _io, _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("NAME", "optional", "[NAME]", "the name in the store for the answer; with --renew, what is to go on", None),
    ("--renew", "flag", "", "ask for what is stored under NAME, from today on", False),
    ("--issuer", "text", "ISSUER", "whom to ask, by the name it is trusted under [the only one]", None),
    ("--access-key-id", "text", "ID", "whose subkeys", None),
    ("--scope", "many", "REGION/SERVICE", "a region and a service; repeatable", ()),
    ("--region", "many", "REGION", "a region; repeatable, multiplies with --service", ()),
    ("--service", "many", "SERVICE", "a service; repeatable, multiplies with --region", ()),
    ("--date", "text", "DAY", "the first UTC day: 2026-11-23, 20261123, today or tomorrow [today]", "today"),
    ("--days", "int", "N", "how many days from --date on [1; with --renew as many as before]", None),
    ("--until", "text", "DAY", "the last UTC day, inclusive", None),
    ("--long", "flag", "", "allow more than 31 days at once", False),
    (
        "--level",
        "choice:signing|service|region|date",
        "LEVEL",
        "signing, or a wider key by its name [signing]",
        None,
    ),
    ("--exact", "flag", "", "allow upper-case letters in a region or service", False),
    _rows.SCHEME,
    _rows.OUTPUT,
    _rows.FORCE,
    _rows.QR,
    _rows.QR_SIZE,
    _rows.AT,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _asking

    _io.protect_process()
    _asking.check(given)
    _asking.run(given)
