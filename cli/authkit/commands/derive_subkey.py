"""Export signing keys, or wider ones by name, from a master or a wider subkey.

A subkey signs for one UTC day, one region and one service.  It is not a permission: it allows all that the access key
may do there.  The key of an S3 day makes new presigned URLs for seven days more; nothing revokes one subkey but
disabling the access key; and whoever verifies with it can sign with it.  authkit-subkeys(5) lists all seven limits.
With --to it leaves signed by the issuer of this store and sealed to each recipient, who alone can open it.

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
    from authkit.keys.scope import Chain
    from authkit.keys.select import Key

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
    (
        "--format",
        "choice:file|qr|hex|env|pem|public-key",
        "FORMAT",
        "a file, QR codes, hex text, an environment line, or for sigv4a PEM or the public key [file]",
        "file",
    ),
    ("--whole-key", "flag", "", "with --scheme sigv4a: the one key, which opens every day, region and service", False),
    ("--to", "many", "RECIPIENT", "seal it to a requester's NAME, age1… or an SSH public key; repeatable", ()),
    ("--verify", "text", "FILE", "instead check that a subkey file came from this key", None),
    _rows.SCHEME,
    ("--scheme-override", "flag", "", "use a key that was made for another scheme", False),
    _rows.OUTPUT,
    _rows.FORCE,
    _rows.QR_SIZE,
    _rows.REVEAL,
    _rows.AT,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> int:
    from authkit.commands import _carried, _derived, _keys, _schemes, _whole

    given.qr = given.format == "qr"
    if given.to:
        from authkit.commands import _handed

        _handed.check(given)
    if _whole.check_options(given):
        return _whole.run(given)
    at = _io.instant(given.at)
    if given.verify is not None:
        return _derived.verify(given, _keys.resolve(given.key, given.store))
    # what is wrong with the options is said before a passphrase is asked for
    wanted = _wanted(given, at, _schemes.chain_of(given.scheme))
    if given.to:
        _handed.hand_over(given, lambda keys: _for_keys(given, at, wanted, keys))
        return 0
    _carried.check(given, what="the key", secret=True)
    keys = _keys.resolve(given.key, given.store)
    wanted, keys = _for_keys(given, at, wanted, keys)
    _derived.tell(wanted, keys, given, at)
    if given.format == "hex":
        _derived.write_hex(wanted, keys, given)
    else:
        _derived.write_file(wanted, keys, given, at)
    return 0


def _for_keys(given: "Given", at: "datetime", wanted: "Wanted", keys: "list[Key]") -> "tuple[Wanted, list[Key]]":
    """Return what is asked for in the scheme of the keys, and the keys as they may be used."""
    from authkit.commands import _schemes
    from authkit.keys.select import without_scheme

    if given.scheme_override:
        keys = without_scheme(keys)
    chain = _schemes.chain_for(given.scheme, keys)
    return (wanted if chain.label == wanted.chain.label else _wanted(given, at, chain)), keys


def _wanted(given: "Given", at: "datetime", chain: "Chain") -> "Wanted":
    from authkit.keys.request import Wanted, harmful_services, read_days, read_pairs

    days = read_days(given.date, given.days, given.until, at.date(), given.long)
    pairs = read_pairs(chain, given.level, given.scope, {"region": given.region, "service": given.service}, given.exact)
    for name in harmful_services(pairs, chain):
        if name not in given.allow_harmful:
            raise Refused(
                f"a key for {name} is as wide as the access key", f"add --allow-harmful {name} if you mean it"
            )
    return Wanted(chain, given.level, days, pairs)
