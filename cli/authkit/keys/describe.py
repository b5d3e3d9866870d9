"""What may be said of a key in clear?"""

from datetime import datetime

from authkit.clock import format_instant
from authkit.keys.access import AccessKey
from authkit.keys.scope import Scope
from authkit.keys.subkeys import SubkeyFile
from authkit.keys.window import HARMFUL_SERVICES, window_of

MAX_CLEAR_DAYS = 31


def describe_access_key(key: AccessKey, created_at: datetime) -> "dict[str, object]":
    """Return a store's metadata of an access key."""
    found: "dict[str, object]" = {
        "kind": "access-key",
        "access_key_id": key.access_key_id,
        "created_at": format_instant(created_at),
    }
    if key.use is not None:
        found["use"] = key.use
    if key.scheme is not None:
        found["scheme"] = key.scheme
    if key.expires_at is not None:
        found["expires_at"] = format_instant(key.expires_at)
    return found


def describe_subkeys(file: SubkeyFile, created_at: datetime) -> "dict[str, object]":
    """Return a store's metadata of a subkey file."""
    scopes = [one.scope for one in file.subkeys]
    windows = [window_of(one.scope, one.expires_at) for one in file.subkeys]
    issued = {} if file.issued is None else {"issuer": file.issued.issuer, "sequence": file.issued.sequence}
    return {
        "kind": "subkeys",
        "access_key_id": file.access_key_id,
        "scheme": file.chain.label,
        "created_at": format_instant(created_at),
        "issued_at": format_instant(file.issued_at),
        **issued,
        "count": len(scopes),
        "levels": sorted({scope.level for scope in scopes}, key=file.chain.levels.index),
        "regions": _parts(scopes, "region"),
        "services": _parts(scopes, "service"),
        "signs_from": format_instant(min(window.signs_from for window in windows)),
        "signs_until": format_instant(max(window.signs_until for window in windows)),
        "dangerous_until": format_instant(max(window.dangerous_until for window in windows)),
    }


def may_overlap(one: "dict[str, object]", other: "dict[str, object]") -> bool:
    """Say whether two subkey files could hold a key for the same scope, by what is said of them in clear."""
    if any(one.get(name) != other.get(name) for name in ("kind", "access_key_id", "scheme")):
        return False
    return str(one["signs_from"]) <= str(other["signs_until"]) and str(other["signs_from"]) <= str(one["signs_until"])


def clear_fault(file: SubkeyFile, at: datetime) -> "str | None":
    """Say why a subkey file may not lie in a store in clear; None if it may (S3)."""
    for subkey in file.subkeys:
        scope = subkey.scope
        if scope.level != "signing":
            return f"{scope} is a {scope.level} key"
        if scope.part("service") in HARMFUL_SERVICES:
            return f"a key for {scope.part('service')} is as wide as the access key"
        if (scope.day - at.date()).days > MAX_CLEAR_DAYS:
            return f"{scope} is more than {MAX_CLEAR_DAYS} days ahead"
    return None


def _parts(scopes: "list[Scope]", name: str) -> "list[str]":
    return sorted({value for scope in scopes if (value := scope.part(name)) is not None})
