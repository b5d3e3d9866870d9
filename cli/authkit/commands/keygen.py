"""Generate an access key or a key pair.

An access key is a public ID and a secret; a key pair is a private and a public key.  It goes into the store, or with
--output into a file that only you can read.  With --use derive the access key is a master secret: it makes subkeys
and never signs, and it carries a passphrase of its own unless --no-passphrase is given.

Examples:

  $ authkit keygen web-1
  authkit: note: stored as web-1
  AK…
  $ authkit keygen --use derive --no-passphrase -o master.json
  AK…
"""

import os

from authkit.commands import _io, _rows
from authkit.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._made import Made
    from authkit.commands._quick import Given

OPTIONS = (
    ("NAME", "optional", "NAME", "the name in the store; with --count the beginning of it", None),
    (
        "--type",
        "choice:access-key|ed25519|p256|p384|rsa3072|rsa4096",
        "TYPE",
        "what to generate [access-key]",
        "access-key",
    ),
    ("--id-prefix", "text", "TEXT", "what the access key ID begins with [AK]", "AK"),
    (
        "--style",
        "choice:aws|scannable",
        "STYLE",
        "a secret as AWS makes them, or one that secret scanners find [aws]",
        "aws",
    ),
    ("--scheme", "text", "NAME", "the only signature scheme that may use the access key [sigv4]", None),
    ("--use", "choice:derive", "USE", "'derive': a master secret that never signs", None),
    ("--count", "int", "N", "how many; NAME-1 to NAME-N [1]", None),
    ("--no-passphrase", "flag", "", "give a master secret no passphrase of its own", False),
    _rows.TOKEN,
    _rows.OUTPUT,
    _rows.FORCE,
    _rows.REVEAL,
    _rows.UNLOCK,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _made

    if given.output is None and given.name is None:
        raise UsageError("a NAME in the store is missing", "or write to a file with --output FILE")
    if given.output is not None and given.name is not None:
        raise UsageError("NAME is for the store and --output for a file; give one of them")
    if given.count is not None and not 1 <= given.count <= 10_000:
        raise UsageError(f"--count {given.count} is not 1 to 10000")
    if given.type != "access-key" and (given.use or given.scheme or given.style != "aws" or given.id_prefix != "AK"):
        raise UsageError("--use, --scheme, --style and --id-prefix are for access keys")
    _io.protect_process()
    if given.token is not None:
        from authkit.commands import _token

        _token.refuse_beside(given, "output", "count", "no-passphrase", "force", "reveal", "unlock", "store")
        _token.generate(given)
        return
    made = [_generate(given) for _ in range(given.count or 1)]
    if given.output is not None:
        _made.deliver(made, given)
        _made.report(made, given)
        return
    names = [given.name] if given.count is None else [f"{given.name}-{i}" for i in range(1, given.count + 1)]
    _made.keep(names, made, given)
    _made.report(made, given, names)


def _generate(given: "Given") -> "Made":
    if given.type != "access-key":
        from authkit.keys.pair import generate_pair

        return generate_pair(given.type)
    from authkit.commands._local import label_of
    from authkit.keys.generate import generate_access_key

    return generate_access_key(os.urandom, given.id_prefix, given.style, given.use, label_of(given.scheme or "sigv4"))
