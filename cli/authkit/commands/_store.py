"""The store that a command works on, opened or made."""

import os

from authkit import files
from authkit.errors import NotFound, Refused, UsageError
from authkit.ui import prompt, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.stores.base import Store
    from authkit.stores.folder import StoreInfo

PASSPHRASE_FILE = "AUTHKIT_PASSPHRASE_FILE"
KEY_PASSPHRASE_FILE = "AUTHKIT_KEY_PASSPHRASE_FILE"
_LIMIT = 64 * 1024


def store_path(given: "str | None") -> str:
    """Return the store's folder: what was given, else $AUTHKIT_STORE, else $XDG_DATA_HOME/authkit."""
    named = given or os.environ.get("AUTHKIT_STORE")
    if named:
        return named.removeprefix("folder:")
    data = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(data, "authkit")


def open_store(given: "str | None") -> "Store":
    """Return the store, locked until it is needed.

    Raises:
        NotFound: if there is none.
        StoreError: if it is not in order.
    """
    from authkit.stores import folder, open_store

    path = store_path(given)
    if not folder.exists(path):
        raise NotFound(f"there is no store at {path}", "'authkit keygen NAME' makes one, or name a key as file:PATH")
    return open_store(path, _unlock)


def open_or_make(given: "str | None", unlock: "str | None") -> "Store":
    """Return the store; if there is none, make it and say how it opens.

    Args:
        given: as for store_path.
        unlock: "keyring" or "passphrase" for a new store; None for a keyring if one answers, else a passphrase.
    """
    from authkit.stores import folder
    from authkit.unlock import keyring

    path = store_path(given)
    if folder.exists(path):
        store = open_store(given)
        if unlock is not None and unlock != store.info.unlock:  # type: ignore[attr-defined]
            raise Refused(f"the store at {path} opens by {store.info.unlock}")  # type: ignore[attr-defined]
        return store
    how = unlock or ("keyring" if keyring.available() else "passphrase")
    store = folder.create(path, how, _keep_in_keyring if how == "keyring" else _keep_under_passphrase)
    render.note(f"made a store at {path} that opens by {'the OS keyring' if how == 'keyring' else 'a passphrase'}")
    if how == "keyring":
        render.note("losing the keyring loses the store: 'authkit export-key --store-identity FILE' writes a copy")
    return store


def ask_passphrase(what: str, variable: str = PASSPHRASE_FILE) -> bytes:
    """Return the passphrase in the file that *variable* names, else ask on the terminal."""
    from authkit.unlock.passphrase import without_line_end

    path = os.environ.get(variable)
    if path:
        return without_line_end(files.read_private(path, _LIMIT, "passphrase file"))
    return prompt.ask_secret(f"{what} (about 1.5 s to check):", f"name a file that holds it in ${variable}")


def new_passphrase(what: str, variable: str = PASSPHRASE_FILE) -> bytes:
    """Return a passphrase for something new: from a file, chosen twice on the terminal, or made of ten words.

    Raises:
        Refused: if there is neither, it is too short, or the two differ.
    """
    from authkit.unlock import passphrase

    if os.environ.get(variable):
        found = ask_passphrase(what, variable)
        passphrase.check_passphrase(found)
        return found
    made = passphrase.generate_passphrase(os.urandom)
    instead = f"name a file that holds one of 16 characters or more in ${variable}"
    if not prompt.tell(f"a passphrase made for you: {made}"):
        raise Refused(f"there is no terminal to choose the {what}", instead)
    first = prompt.ask_secret(f"{what}: type the one above, or your own of 16 characters or more:", instead)
    if first != made.encode():
        passphrase.check_passphrase(first)
    if prompt.ask_secret("once more:", instead) != first:
        raise Refused("the two passphrases differ", "run it again")
    return first


def unseal(data: bytes, what: str) -> bytes:
    """Return what is in an age file sealed under a passphrase, which is asked for."""
    from authkit import seal

    return seal.decrypt_with_passphrase(ask_passphrase(f"passphrase of {what}", KEY_PASSPHRASE_FILE), data, what)


def only_name(store: "Store") -> str:
    """Return the name of the only key that may sign.

    Raises:
        UsageError: listing the names, if there are several or none.
    """
    names = [one.name for one in store.listing() if one.error is None and _may_sign(one.metadata)]
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError("the store holds no key that may sign", "name one with --key")
    raise UsageError("the store holds several keys that may sign", f"say which with --key: {', '.join(names)}")


def _may_sign(metadata: "dict[str, object]") -> bool:
    return metadata.get("kind") in ("access-key", "subkeys") and "use" not in metadata


def _unlock(info: "StoreInfo") -> str:
    from authkit.unlock import keyring, passphrase

    if info.unlock == "keyring":
        return keyring.load_identity(info.id)
    return passphrase.open_identity(info.identity_path, ask_passphrase)


def _keep_in_keyring(info: "StoreInfo", identity: str) -> None:
    from authkit.unlock import keyring

    render.note(f"the store's identity is in the {keyring.store_identity(info.id, identity)}")


def _keep_under_passphrase(info: "StoreInfo", identity: str) -> None:
    from authkit.unlock import passphrase

    passphrase.keep_identity(info.identity_path, identity, new_passphrase("passphrase of the new store"), replace=True)
