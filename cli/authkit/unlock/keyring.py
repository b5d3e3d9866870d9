"""Does the keyring of the desktop session hold the store's identity?"""

import os
import sys

from authkit.errors import StoreError

SERVICE = "authkit"
LIMIT = 10.0  # seconds; a locked keyring may ask on a screen nobody looks at
# platform -> (module, class, name); built directly, so that no setting can put another in its place
_BACKENDS = {
    "linux": (
        ("keyring.backends.SecretService", "Keyring", "Secret Service"),
        ("keyring.backends.kwallet", "DBusKeyring", "KWallet"),
    ),
    "darwin": (("keyring.backends.macOS", "Keyring", "macOS Keychain"),),
}
_WITHHELD = ("AUTHKIT_", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "KEYRING_", "PYTHON_KEYRING_", "KEYCHAIN_PATH")
_CHILD = "from authkit.unlock.keyring import answer_parent; answer_parent()"


def available(limit: float = LIMIT) -> "str | None":
    """Return the name of the keyring that answers, or None; `probe` says why not."""
    try:
        return probe(limit)
    except StoreError:
        return None


def probe(limit: float = LIMIT) -> str:
    """Return the name of the keyring that answers a real look-up.

    Args:
        limit: seconds to wait.

    Raises:
        StoreError: if none does: none there, locked, or silent for *limit*.
    """
    return _ask("load", "probe", "", limit)[0]


def store_identity(store_id: str, identity: str, limit: float = LIMIT) -> str:
    """Put a store's identity in the keyring, read it back, and return the keyring's name.

    Args:
        store_id: lower-case hex, 32: the item's user, of service "authkit".
        identity: "AGE-SECRET-KEY-1…".
        limit: seconds to wait for each of the two.

    Raises:
        StoreError: if no keyring takes it and gives it back.
    """
    name = _ask("store", store_id, identity, limit)[0]
    if _ask("load", store_id, "", limit) != (name, identity):
        raise StoreError(f"the {name} did not give back what it was given", "use --unlock passphrase")
    return name


def load_identity(store_id: str, limit: float = LIMIT) -> str:
    """Return a store's identity from the keyring.

    Raises:
        StoreError: if the keyring does not answer, is locked, or has no such item.
    """
    name, identity = _ask("load", store_id, "", limit)
    if not identity:
        raise StoreError(
            f"the {name} has no identity for the store {store_id}",
            "the copy of the identity under a passphrase opens the store elsewhere: age -d identity.age",
        )
    return identity


def forget(store_id: str, limit: float = LIMIT) -> None:
    """Remove a store's identity from the keyring, if it is there.

    Raises:
        StoreError: if the keyring does not answer or is locked.
    """
    _ask("forget", store_id, "", limit)


def _ask(operation: str, user: str, identity: str, limit: float) -> "tuple[str, str]":
    """Return the keyring's name, and what it holds or "".

    A keyring can wait for ever on a question it asks on some screen, so a child process asks it, and is killed when
    the time is over.  The identity goes there and back through pipes.
    """
    import subprocess

    _judge_home()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_WITHHELD)}
    child = subprocess.Popen(
        [sys.executable, "-P", "-c", _CHILD],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        out, _ = child.communicate(f"{operation}\n{user}\n{identity}\n".encode("ascii"), timeout=limit)
    except subprocess.TimeoutExpired:
        raise StoreError(
            f"the keyring did not answer within {limit:g} seconds",
            "unlock it on its own screen first, or make the store with --unlock passphrase",
        ) from None  # the cause would carry what went through the pipe
    finally:
        child.kill()
        child.communicate()
    return _read_answer(out.decode("utf-8", "replace"), child.returncode)


def _read_answer(text: str, code: int) -> "tuple[str, str]":
    kind, _, rest = text.partition("\n")
    first, _, second = rest.partition("\n")
    if code == 0 and kind == "ok":
        return first, second.removesuffix("\n")
    if code == 0 and kind == "locked":
        raise StoreError(f"the {first} is locked", "unlock it in the desktop session, then try again")
    if code == 0 and kind == "none":
        raise StoreError(f"no keyring answers here: {first}", "use --unlock passphrase")
    raise StoreError("the keyring's client failed", "use --unlock passphrase")


def _judge_home() -> None:
    """Refuse to let one user's settings choose what another user's process loads, as under sudo."""
    home = os.path.expanduser("~")
    try:
        owner = os.stat(home).st_uid
    except OSError as error:
        raise StoreError(f"the keyring is not used: the home folder {home} cannot be read") from error
    if owner != os.geteuid():
        raise StoreError(
            f"the keyring is not used: the home folder {home} belongs to another user",
            "set HOME, or make the store with --unlock passphrase",
        )


def answer_parent() -> None:
    """Do what standard input asks and write the answer to standard output: the child's whole life."""
    operation, user, identity = sys.stdin.read().splitlines()
    sys.stdout.write(_answer(operation, user, identity, _BACKENDS.get(sys.platform, ())))


def _answer(operation: str, user: str, identity: str, backends: "tuple[tuple[str, str, str], ...]") -> str:
    """Ask the first keyring that is there; a look-up goes on to the next when one has no such item."""
    reasons, empty = [], ""
    for module, name, title in backends:
        reason, found = _try(module, name, operation, user, identity)
        if reason == "locked":
            return f"locked\n{title}\n"
        if reason:
            reasons.append(f"{title}: {reason}")
        elif operation == "load" and not found:
            empty = empty or title
        else:
            return f"ok\n{title}\n{found}\n"
    if empty:
        return f"ok\n{empty}\n\n"
    return f"none\n{'; '.join(reasons) or 'this system has none that authkit knows'}\n"


def _try(module: str, name: str, operation: str, user: str, identity: str) -> "tuple[str, str]":
    """Return (why it did not work or "", what was found or "")."""
    from keyring.errors import KeyringError, KeyringLocked

    failures: tuple[type[BaseException], ...] = (KeyringError, ImportError, RuntimeError, OSError, *_service_errors())
    try:
        backend_class = getattr(__import__(module, fromlist=[name]), name)
        backend_class.priority  # noqa: B018  raises where this kind cannot work
        backend = backend_class()
        backend.appid = SERVICE
        if operation == "store":
            backend.set_password(SERVICE, user, identity)
        elif operation == "load":
            return "", backend.get_password(SERVICE, user) or ""
        elif backend.get_password(SERVICE, user) is not None:
            backend.delete_password(SERVICE, user)
    except KeyringLocked:
        return "locked", ""
    except failures as error:
        return " ".join(str(error).split()) or type(error).__name__, ""
    return "", ""


def _service_errors() -> "tuple[type[Exception], ...]":
    """Return what the Secret Service's client raises past keyring."""
    try:
        from jeepney import DBusErrorResponse  # type: ignore[import-untyped, unused-ignore]
        from secretstorage.exceptions import SecretStorageException
    except ImportError:  # not on macOS
        return ()
    return (SecretStorageException, DBusErrorResponse)
