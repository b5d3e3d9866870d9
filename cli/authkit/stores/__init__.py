"""Places that keep keys: which kinds are there?"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from authkit.stores.base import Store

# kind -> (module that has STORE, what it is)
ROWS = {"folder": ("authkit.stores.folder", "a folder with one file per key")}


def open_store(uri: str, unlock: "Callable[..., str]") -> "Store":
    """Return the store that *uri* names.

    Args:
        uri: `kind:rest`, or a plain path, which is a folder.
        unlock: as the kind's STORE wants it.

    Raises:
        StoreError: if the store is missing or not in order.
    """
    kind, colon, rest = uri.partition(":")
    if not colon or kind not in ROWS:
        kind, rest = "folder", uri
    module = __import__(ROWS[kind][0], fromlist=["STORE"])
    store: Store = module.STORE(rest, unlock)
    return store
