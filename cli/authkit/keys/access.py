"""What is an access key, and how is it written (FORMATS F7)?"""

from datetime import datetime

from authkit import base64, strictjson
from authkit.clock import format_instant
from authkit.errors import InputError
from authkit.keys.scope import id_fault
from authkit.keys.subkeys import session
from authkit.secret import Secret

SCHEMA = "authkit.access-key/v1"
MAX_SECRET = 1024


class AccessKey:
    """A public ID with the long-term secret that goes with it.

    Attributes:
        access_key_id: printable ASCII, 1–256.
        secret: its bytes, never decoded; or a handle.
        raw: whether the secret is raw bytes (secret_b64) rather than text.
        session_token: for temporary keys, else None.
        expires_at: when the session ends, aware UTC; None where that is not known.
        scheme: the only scheme that may use it; None for any.
        use: "derive" for a master secret, which never signs; None without that mark.
    """

    __slots__ = ("access_key_id", "secret", "raw", "session_token", "expires_at", "scheme", "use")

    def __init__(
        self,
        access_key_id: str,
        secret: Secret,
        *,
        raw: bool = False,
        session_token: "Secret | None" = None,
        expires_at: "datetime | None" = None,
        scheme: "str | None" = None,
        use: "str | None" = None,
    ) -> None:
        self.access_key_id = access_key_id
        self.secret = secret
        self.raw = raw
        self.session_token = session_token
        self.expires_at = expires_at
        self.scheme = scheme
        self.use = use

    def __repr__(self) -> str:
        return f"<AccessKey {self.access_key_id}>"


def check_secret(text: str, what: str) -> Secret:
    """Return *text* as a secret.

    Raises:
        InputError: if it is not 1–1024 printable ASCII characters; the text is not shown.
    """
    if not 1 <= len(text) <= MAX_SECRET or not (text.isascii() and text.isprintable()):
        raise InputError(f"{what}: the secret is not 1 to {MAX_SECRET} printable ASCII characters")
    return Secret(text.encode("ascii"))


def check_id(text: str, what: str) -> str:
    """Return *text* if it can be an access key ID.

    Raises:
        InputError: saying what is wrong with it.
    """
    fault = id_fault(text)
    if fault:
        raise InputError(f"{what}: the access key ID {fault}")
    return text


def load_access_key(data: bytes, what: str) -> AccessKey:
    """Read an access-key file.

    Args:
        data: strict JSON, with or without the final LF.
        what: names the input in errors.

    Raises:
        InputError: naming the member that is wrong; never the value of a secret.

    Source:
        FORMATS F7.
    """
    top = strictjson.members(
        strictjson.parse(data, what, final_lf=False),
        what,
        ("schema", "access_key_id"),
        ("secret", "secret_b64", "scheme", "use", "session_token", "expires_at"),
    )
    if top["schema"] != SCHEMA:
        raise InputError(f"{what}: member 'schema' is not {SCHEMA!r}")
    access_key_id = check_id(strictjson.text(top, "access_key_id", what), what)
    if ("secret" in top) == ("secret_b64" in top):
        raise InputError(f"{what}: exactly one of the members 'secret' and 'secret_b64' must stand")
    if "use" in top and top["use"] != "derive":
        raise InputError(f"{what}: member 'use' is not 'derive'")
    if "secret" in top:
        secret = check_secret(strictjson.text(top, "secret", what), what)
    else:
        raw = base64.decode(strictjson.text(top, "secret_b64", what))
        if not raw or len(raw) > MAX_SECRET:
            raise InputError(f"{what}: member 'secret_b64' is not the base64 of 1 to {MAX_SECRET} bytes")
        secret = Secret(raw)
    token, expires_at = session(top, what)
    return AccessKey(
        access_key_id,
        secret,
        raw="secret_b64" in top,
        session_token=token,
        expires_at=expires_at,
        scheme=strictjson.text(top, "scheme", what) if "scheme" in top else None,
        use="derive" if "use" in top else None,
    )


def encode_access_key(key: AccessKey) -> bytes:
    """Return the text of an access-key file: strict JSON, LF at the end; it holds the secret.

    Raises:
        InputError: if the key has a session token whose end is not known, since the format has no place for that.
    """
    top: "dict[str, object]" = {"schema": SCHEMA, "access_key_id": key.access_key_id}
    if key.raw:
        top["secret_b64"] = base64.encode(key.secret.reveal())
    else:
        top["secret"] = key.secret.reveal().decode("ascii")
    if key.scheme is not None:
        top["scheme"] = key.scheme
    if key.use is not None:
        top["use"] = key.use
    if key.session_token is not None:
        if key.expires_at is None:
            raise InputError("the session token has no end, so it cannot be written to a file")
        top["session_token"] = key.session_token.reveal().decode("ascii")
        top["expires_at"] = format_instant(key.expires_at)
    return strictjson.encode(top)
