"""Export signing keys, or wider ones by name, from a master or a wider subkey.

A subkey signs for one UTC day, one region and one service.  It is not a permission: it allows all that the access key
may do there.  The key of an S3 day makes new presigned URLs for seven days more; nothing revokes one subkey but
disabling the access key; and whoever verifies with it can sign with it.  authkit-subkeys(5) lists all seven limits.

Examples:

  $ authkit derive-subkey --key file:key.json --scope us-east-1/s3 --days 7 -o build-1.subkeys
  authkit: note: 7 signing keys for … to … UTC; dangerous until …Z
"""

from authkit.commands import _io, _rows
from authkit.errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.commands._quick import Given
    from authkit.keys.request import Wanted

OPTIONS = (
    _rows.KEY,
    ("--scope", "many", "REGION/SERVICE", "a region and a service; repeatable", ()),
    ("--region", "many", "REGION", "a region; repeatable, multiplies with --service", ()),
    ("--service", "many", "SERVICE", "a service; repeatable, multiplies with --region", ()),
    ("--date", "text", "DAY", "the first UTC day: 2026-11-23, 20261123, today or tomorrow [today]", "today"),
    ("--days", "int", "N", "how many days from --date on [1]", None),
    ("--until", "text", "DAY", "the last UTC day, inclusive", None),
    ("--long", "flag", "", "allow more than 31 days at once", False),
    (
        "--level",
        "choice:signing|service|region|date",
        "LEVEL",
        "signing, or a wider key by its name [signing]",
        "signing",
    ),
    ("--exact", "flag", "", "allow upper-case letters in a region or service", False),
    ("--allow-harmful", "many", "SERVICE", "allow a key of iam, sts, sso, organizations or kms by its name", ()),
    ("--format", "choice:file|hex|env", "FORMAT", "a subkey file, hex text or an environment line [file]", "file"),
    ("--verify", "text", "FILE", "instead check that a subkey file came from this key", None),
    _rows.SCHEME,
    _rows.OUTPUT,
    _rows.FORCE,
    _rows.REVEAL,
    _rows.AT,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> int:
    from authkit.commands import _derived, _keys

    at = _io.instant(given.at)
    if given.verify is not None:
        return _derived.verify(given, _keys.resolve(given.key, given.store))
    wanted = _wanted(given, at)
    _io.check_delivery(given.output, force=given.force, reveal=given.reveal, what="the key")
    keys = _keys.resolve(given.key, given.store)
    _derived.tell(wanted, keys, given, at)
    if given.format == "hex":
        _derived.write_hex(wanted, keys, given)
    else:
        _derived.write_file(wanted, keys, given, at)
    return 0


def _wanted(given: "Given", at: "datetime") -> "Wanted":
    from authkit.commands import _schemes
    from authkit.keys.request import Wanted, harmful_services, read_days, read_pairs

    chain = _schemes.chain_of(given.scheme)
    days = read_days(given.date, given.days, given.until, at.date(), given.long)
    pairs = read_pairs(chain, given.level, given.scope, {"region": given.region, "service": given.service}, given.exact)
    for name in harmful_services(pairs, chain):
        if name not in given.allow_harmful:
            raise Refused(
                f"a key for {name} is as wide as the access key", f"add --allow-harmful {name} if you mean it"
            )
    return Wanted(chain, given.level, days, pairs)
