"""pkcs11:…: keys in a token (RFC 7512), of which nothing but what they make comes out."""

from authkit.errors import NotFound, Refused, UsageError
from authkit.keys.access import AccessKey
from authkit.keys.held import SUBKEY, parse_held
from authkit.keys.select import Key
from authkit.keys.subkeys import Subkey
from authkit.keys.token_uri import PREFIX, parse_token_uri
from authkit.references import Look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.stores.pkcs11 import Found, Token

MODULE = "AUTHKIT_PKCS11_MODULE"


def load(rest: str, look: Look) -> "list[Key]":
    """Return the key that the URI pkcs11:*rest* names; all subkeys of one name, access key and scheme are one key set.

    Raises:
        NotFound: if there is none.
        Refused: if it is not one that authkit put there, or the URI holds a PIN.
        StoreError: if the token is missing or does not do what it should, or the PIN is wrong.
        UsageError: if the URI is wrong, or names several keys.
    """
    from authkit.stores.pkcs11 import open_token

    uri = parse_token_uri(PREFIX + rest)
    token = open_token(uri, look.environ.get(MODULE) or None)
    token.login(look.ask_pin)
    found = token.keys(uri)
    if not found:
        what = f"no key named {uri.parts['object']}" if "object" in uri.parts else "no such key"
        raise NotFound(f"{what} in the token {token.label}", f"authkit list-keys --token 'pkcs11:token={token.label}'")
    if len(found) > 1 and not _is_set(found):
        names = ", ".join(sorted({one.name for one in found})[:5])
        raise UsageError(
            f"the URI names {len(found)} keys in the token {token.label}", f"add object=NAME or type=: {names}"
        )
    return [_key(token, one, look) for one in found]


def _is_set(found: "list[Found]") -> bool:
    """Say whether keys belong together as those of a subkey file do."""
    held = [(one.name, parse_held(one.id)) for one in found]
    kinds = {(name, one.kind, one.access_key_id, one.label) if one is not None else None for name, one in held}
    return len(kinds) == 1 and all([one is not None and one.kind == SUBKEY for _, one in held])


def _key(token: "Token", found: "Found", look: Look) -> Key:
    from authkit.stores.token_mac import TokenKey, TokenSecret

    if found.type == "private":
        from authkit.keys.prove import wrap_private
        from authkit.stores.token_pair import pair_of

        return wrap_private(pair_of(token, found), f"the key {found.name}")
    held = parse_held(found.id)
    if held is None:
        hint = "put it there with authkit import-key --token, which writes into the object what it is for"
        raise Refused(f"the key {found.name} in the token {token.label} does not say what it is for", hint)
    if held.kind == SUBKEY:
        scope = held.read_scope(look.chain_for, f"the key {found.name}")
        return Subkey(held.access_key_id, scope, TokenKey(token, found.handle, found.name))
    secret = TokenSecret(token, found.handle, found.name, held.prefix)
    return AccessKey(held.access_key_id, secret, scheme=held.label, use=held.use)
