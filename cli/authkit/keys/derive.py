"""How is a narrower key made from a wider one?"""

from hashlib import sha256

from authkit.errors import Refused
from authkit.keys.scope import Chain, Scope
from authkit.keys.subkeys import Subkey
from authkit.secret import INNER, OUTER, MacKey, mac_once

_BLOCK = 64


def derive_key(key: MacKey, parts: "tuple[str, ...]") -> MacKey:
    """Return the key that *key* derives to through *parts*, one HMAC-SHA256 each.

    Args:
        key: prefix + secret, or any wider key of the chain.
        parts: the scope parts still missing, in order; none gives *key* back.

    Returns:
        32 bytes, as a key; or *key* itself.

    Source:
        AWS SigV4, "Derive a signing key for AWS API requests", steps 1–4. Deviations: none.
    """
    for part in parts:
        key = key.derived(part.encode("ascii"))
    return key


def derive_subkey(holder: Subkey, scope: Scope) -> Subkey:
    """Return the subkey for *scope* from a wider one, or *holder* itself if it is that.

    Raises:
        Refused: if *holder* does not reach *scope*.
    """
    if not holder.scope.reaches(scope):
        raise Refused(f"a key for {holder.scope} does not reach {scope}")
    return holder.narrowed(scope, derive_key(holder.key, scope.values[len(holder.scope.values) :]))


def derive_tree(
    key: bytes, days: "list[str]", regions: "list[str]", services: "list[str]", chain: Chain
) -> "list[tuple[str, bytes]]":
    """Return every signing key of days × regions × services, sharing what they share.

    Args:
        key: the first key's bytes (prefix + secret); any length.
        days: date texts of the scheme.
        regions: empty for a scheme without regions.
        services: 1 or more.

    Returns:
        (scope, signing key: bytes, 32), in the order of the three lists.

    Source:
        As derive_key; the HMACs of one region share the hash states that its key begins with (RFC 2104 §4).
    """
    end = chain.terminator.encode("ascii")
    found = []
    for day in days:
        date_key = _mac(key, day.encode("ascii"))
        for region in regions or [""]:
            region_key = _mac(date_key, region.encode("ascii")) if regions else date_key
            stem = f"{day}/{region}/" if regions else f"{day}/"
            padded = region_key + bytes(_BLOCK - len(region_key))
            inner, outer = sha256(padded.translate(INNER)), sha256(padded.translate(OUTER))
            for service in services:
                state = inner.copy()
                state.update(service.encode("ascii"))
                last = outer.copy()
                last.update(state.digest())
                found.append((f"{stem}{service}/{chain.terminator}", mac_once(last.digest(), end)))
    return found


def _mac(key: bytes, message: bytes) -> bytes:
    return MacKey(key).mac(message)
