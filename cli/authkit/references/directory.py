"""dir:PATH: a folder of key files, chosen among by ID and scope: a verifier's key set."""

import os

from authkit.errors import InputError, NotFound
from authkit.keys.select import Key
from authkit.references import Look, file

MAX_FILES = 10_000


def load(rest: str, look: Look) -> "list[Key]":
    """Return the keys of every file in the folder *rest*; hidden files and folders are left out.

    Raises:
        InputError: if the folder or one of its files cannot be read; nothing in it is skipped.
        NotFound: if there is no file in it.
        Refused: as for file:PATH.
    """
    try:
        names = sorted(name for name in os.listdir(rest) if not name.startswith("."))
    except OSError as error:
        raise InputError(f"cannot read the folder {rest}: {os.strerror(error.errno or 0).lower()}") from error
    paths = [path for name in names if not os.path.isdir(path := os.path.join(rest, name))]
    if not paths:
        raise NotFound(f"no key file in the folder {rest}")
    if len(paths) > MAX_FILES:
        raise InputError(f"the folder {rest} holds more than {MAX_FILES} files")
    found: "list[Key]" = []
    for path in paths:
        found += file.load(path, look)
    return found
