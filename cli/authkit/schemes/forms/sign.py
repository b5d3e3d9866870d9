"""Which fields does a form carry, so that whoever has it may upload?"""

from datetime import datetime

from authkit import base64
from authkit.clock import format_compact, later
from authkit.errors import UsageError
from authkit.keys.select import Credential
from authkit.schemes.forms.names import FREE, Fields
from authkit.schemes.forms.policy import LENGTH, encode_policy, parse_condition

MAX_EXPIRES = 604800
FILENAME = "${filename}"


class Wanted:
    """What a form is to allow.

    Attributes:
        bucket: where to.
        key: the name of the object; or what it begins with.
        prefix: whether it is only what it begins with.
        fields: (name, value) that are sent as they are, in order.
        conditions: further conditions, as JSON has them.
        lengths: octets that the file may have, smallest and largest; None for any.
        expires: seconds that the form is good for, 1–604800.
    """

    __slots__ = ("bucket", "key", "prefix", "fields", "conditions", "lengths", "expires")

    def __init__(
        self,
        bucket: str,
        key: str,
        prefix: bool = False,
        fields: "tuple[tuple[str, str], ...]" = (),
        conditions: "tuple[object, ...]" = (),
        lengths: "tuple[int, int] | None" = None,
        expires: int = 900,
    ) -> None:
        self.bucket = bucket
        self.key = key
        self.prefix = prefix
        self.fields = fields
        self.conditions = conditions
        self.lengths = lengths
        self.expires = expires


class Form:
    """A signed form.

    Attributes:
        fields: (name, value) in the order in which they are sent; the file comes behind them.
        expires_at: until when it may be sent, aware UTC.
        stages: "policy", "string-to-sign" and "signature".
        bearer: texts that open something by themselves: a session token.
    """

    __slots__ = ("fields", "expires_at", "stages", "bearer")

    def __init__(
        self,
        fields: "tuple[tuple[str, str], ...]",
        expires_at: datetime,
        stages: "dict[str, str]",
        bearer: "tuple[str, ...]",
    ) -> None:
        self.fields = fields
        self.expires_at = expires_at
        self.stages = stages
        self.bearer = bearer


def sign_form(wanted: Wanted, credential: Credential, names: Fields, at: datetime) -> Form:
    """Sign a form for an upload by a browser.

    Args:
        wanted: what it is to allow.
        credential: its scope's day is the day of *at*; a signing key is enough, and makes forms for seven days (S2).
        names: of the fields.
        at: aware UTC.

    Returns:
        the fields; the policy names each of them, so that nothing can be added.

    Raises:
        UsageError: naming the option that does not fit.

    Source:
        Amazon S3 API Reference, "Browser-based uploads using POST", "Calculating a signature", steps 1–3; Cloud
        Storage, "Signatures with policy documents". Deviations: none.  Vectors: gcs-v4 postPolicyV4Tests.
    """
    if not 1 <= wanted.expires <= MAX_EXPIRES:
        raise UsageError(f"--expires {wanted.expires} is not 1 to {MAX_EXPIRES} seconds")
    chain = credential.scope.chain
    claimed = [
        (names.date, format_compact(at)),
        (names.credential, f"{credential.access_key_id}/{credential.scope}"),
        (names.algorithm, chain.label),
    ]
    token = "" if credential.session_token is None else credential.session_token.reveal().decode("ascii")
    if token:
        claimed.append((names.token, token))
    key = wanted.key + FILENAME if wanted.prefix else wanted.key
    conditions = [
        *_conditions(wanted, names),
        {"bucket": wanted.bucket},
        ["starts-with", "$key", wanted.key] if wanted.prefix else {"key": wanted.key},
        *[{name: value} for name, value in claimed],
    ]
    expires_at = later(at, wanted.expires)
    policy = encode_policy(conditions, expires_at)
    signature = credential.key.mac(policy.encode("ascii")).hex()
    fields = (("key", key), *wanted.fields, *claimed, ("policy", policy), (names.signature, signature))
    stages = {"policy": shown_policy(policy), "string-to-sign": policy, "signature": signature}
    return Form(fields, expires_at, stages, (token,) if token else ())


def shown_policy(policy: str) -> str:
    """Return the JSON of a policy, one character a byte; "" where it is not base64."""
    return (base64.decode(policy) or b"").decode("latin-1")


def _conditions(wanted: Wanted, names: Fields) -> "list[object]":
    """Return the conditions that the user asked for, those on the fields included."""
    if FILENAME in wanted.key:
        raise UsageError(f"{FILENAME} stands in the name of the object", "--key-prefix takes what stands before it")
    found, named = [], {}
    for value in wanted.conditions:
        try:
            parts = parse_condition(value)
        except ValueError as error:
            raise UsageError(f"--condition: {error}") from None
        for part in parts:
            if part.field in names.own or part.field in ("bucket", "key", "file"):
                raise UsageError(f"--condition on {part.field}: that is for another option, or for signing")
            if part.field:
                named[part.field] = part
        found.append(value)
    if wanted.lengths is not None:
        low, high = wanted.lengths
        found.append([LENGTH, low, high])
    seen = set()
    for name, value in wanted.fields:
        lower = name.lower()
        if lower in names.own or lower in FREE or lower in ("bucket", "key"):
            raise UsageError(f"--field {name}: that is for another option, or for signing")
        if lower in seen:
            raise UsageError(f"--field {name} stands twice")
        seen.add(lower)
        if lower not in named:
            found.append({name: value})
        elif not named[lower].holds(value):
            raise UsageError(f"--field {name}: a --condition demands that {named[lower]}")
    return found
