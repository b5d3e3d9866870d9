"""Keys, scopes and requests that many tests use."""

from datetime import datetime

from authkit.clock import UTC
from authkit.keys.access import AccessKey
from authkit.keys.derive import derive_key
from authkit.keys.scope import Chain, Scope, parse_scope
from authkit.keys.subkeys import Subkey
from authkit.schemes.derived import AWS4
from authkit.secret import Secret

CHAIN = AWS4.chain
# A scheme without regions, with the date written with dashes.
TC3 = Chain("TC3-HMAC-SHA256", b"TC3", ("date", "service"), "tc3_request", True, False, {"*": 0, "cvm": 60})
CHAINS = {CHAIN.label: CHAIN, TC3.label: TC3}

ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SCOPE = "20261123/us-east-1/s3/aws4_request"
AT = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)


def access_key(
    secret: str = SECRET,
    *,
    access_key_id: str = ID,
    token: "str | None" = None,
    expires_at: "datetime | None" = None,
    scheme: "str | None" = None,
    use: "str | None" = None,
) -> AccessKey:
    session = None if token is None else Secret(token.encode())
    return AccessKey(
        access_key_id, Secret(secret.encode()), session_token=session, expires_at=expires_at, scheme=scheme, use=use
    )


def subkey(
    scope: str = SCOPE,
    *,
    access_key_id: str = ID,
    secret: str = SECRET,
    chain: Chain = CHAIN,
    token: "str | None" = None,
    expires_at: "datetime | None" = None,
) -> Subkey:
    held: Scope = parse_scope(scope, chain)
    key = derive_key(Secret(secret.encode()).mac_key(chain.prefix), held.values)
    return Subkey(access_key_id, held, key, None if token is None else Secret(token.encode()), expires_at)
