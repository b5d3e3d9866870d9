"""How is the one key of SigV4a, which no scope narrows, handed over?"""

from authkit import files
from authkit.commands import _io, _keys
from authkit.errors import Refused, UsageError
from authkit.keys.access import AccessKey, encode_access_key
from authkit.keys.describe import describe_access_key
from authkit.keys.select import other_scheme
from authkit.keys.whole import FAMILY, LABEL, derive_scalar, encode_scalar, is_whole
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given
    from authkit.keys.pair import KeyPair

SCHEME = "sigv4a"
PUBLIC = "public-key"
_WIDE = (
    "this key opens every day, region and service of {}: it is a master for SigV4a, and only disabling the access key "
    "ends it"
)
# what cuts a subkey to size, and its value where nobody gave it
_SCOPED = {
    "scope": (),
    "region": (),
    "service": (),
    "date": "today",
    "days": None,
    "until": None,
    "long": False,
    "level": "signing",
    "exact": False,
    "allow_harmful": (),
    "verify": None,
}


def check_options(given: "Given") -> bool:
    """Say whether SigV4a's key is asked for, once the options fit together.

    Raises:
        UsageError: if they do not.
        Refused: if the key itself is asked for without --whole-key (S4).
    """
    if given.scheme != SCHEME:
        if given.whole_key:
            raise UsageError("--whole-key is for the key of SigV4a", "add --scheme sigv4a")
        if given.format in ("pem", PUBLIC):
            more = "" if given.format == PUBLIC else " --whole-key"
            raise UsageError(f"--format {given.format} is for the key of SigV4a", f"add --scheme sigv4a{more}")
        return False
    for name, usual in _SCOPED.items():
        if getattr(given, name) != usual:
            option = name.replace("_", "-")
            raise UsageError(f"--{option} is for subkeys, and the key of SigV4a has no scope", f"leave out --{option}")
    if given.format == "env":
        raise UsageError("--format env carries subkeys, and the key of SigV4a is none", "write it with --output FILE")
    if not given.whole_key and given.format != PUBLIC:
        raise Refused(
            "the key of SigV4a is no subkey: it opens every day, region and service",
            "add --whole-key if you mean it, or --format public-key for what a verifier needs",
        )
    return True


def run(given: "Given") -> int:
    """Write SigV4a's private key under the rules for masters, or its public key, which is no secret."""
    if given.format != PUBLIC:
        _io.check_delivery(given.output, force=given.force, reveal=given.reveal, what="the key")
    held = _keys.resolve(given.key, given.store)[0]
    if not isinstance(held, AccessKey):
        raise Refused("the key of SigV4a is derived from the secret of an access key, and this is none")
    if held.scheme not in FAMILY and not given.scheme_override:
        raise other_scheme(held, LABEL)
    scalar = held.secret if is_whole(held) else derive_scalar(held.secret, held.access_key_id)
    key = AccessKey(
        held.access_key_id,
        scalar,
        raw=True,
        scheme=LABEL,
        session_token=held.session_token,
        expires_at=held.expires_at,
    )
    pair = _pair(key)
    public = pair.public_pem.encode("ascii")
    if given.format == PUBLIC:
        _write_public(public, given)
    else:
        render.warn(_WIDE.format(key.access_key_id))
        _io.deliver(_text_of(key, pair, given), given.output, force=given.force, reveal=given.reveal, what="the key")
    if given.json and given.output not in (None, "-"):
        facts = {**describe_access_key(key, _io.instant(given.at)), "public_key": pair.public_pem}
        render.write_json({"schema": "authkit.keys/v1", "keys": [facts]})
    return 0


def _write_public(public: bytes, given: "Given") -> None:
    if given.output in (None, "-"):
        render.write(public)
    else:
        files.write_public(given.output, public, replace=given.force)


def _text_of(key: AccessKey, pair: "KeyPair", given: "Given") -> bytes:
    if given.format == "hex":
        return f"{key.secret.reveal().hex()}\n".encode("ascii")
    if given.format == "pem":
        return pair.private_pem
    if key.session_token is not None and key.expires_at is None:
        raise Refused(
            "the session token has no end, so an access-key file has no place for it", "import the JSON that STS gave"
        )
    return encode_access_key(key)


def _pair(key: AccessKey) -> "KeyPair":
    """Return the key as PEM; what reads PEM computes the public half, which not every program does."""
    from authkit import base64
    from authkit.keys.pair import load_pair

    text = base64.encode(encode_scalar(key.secret))
    pem = f"-----BEGIN PRIVATE KEY-----\n{text[:64]}\n{text[64:]}\n-----END PRIVATE KEY-----\n"
    return load_pair(pem.encode("ascii"), f"the SigV4a key of {key.access_key_id}")
