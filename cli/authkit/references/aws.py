"""aws:PROFILE: a profile of AWS's shared credentials file."""

import os

from authkit import files
from authkit.keys.foreign import load_profile
from authkit.keys.select import Key
from authkit.references import Look

LIMIT = 1024 * 1024


def load(rest: str, look: Look) -> "list[Key]":
    """Return the static key of the profile *rest*, "default" for "".

    Raises:
        InputError: if the file cannot be read, or the profile has no static key.
        UsageError: if there is no such profile.
        Refused: if the file is open to others.
    """
    home = os.path.join(look.environ.get("HOME", "/"), ".aws", "credentials")
    path = look.environ.get("AWS_SHARED_CREDENTIALS_FILE") or home
    return [load_profile(files.read_private(path, LIMIT, "AWS credentials file"), rest or "default", path)]
