"""Do the hot commands import only what is on their list?"""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
NAMES = "AUTHKIT_ACCESS_KEY_ID", "AUTHKIT_SECRET_ACCESS_KEY"

# Each of these costs more than 0.2 of a bare interpreter's start; most cost more than half of one.
HEAVY = set(
    "click rich keyring cryptography requests importlib.metadata logging dataclasses typing json re shlex urllib.parse "
    "enum functools base64 subprocess pathlib tempfile argparse inspect ssl socket http.client random".split()
)
STANDARD = set(
    "hashlib _hashlib _blake2 hmac warnings datetime _datetime math operator _operator binascii errno "  # to sign
    "ctypes _ctypes ctypes._endian struct _struct types resource "  # to forbid core dumps
    "_json".split()  # to read a key file: the scanner alone, without what json brings
)
READING = {"errors", "secret", "clock", "registry", "files", "app", "commands", "ui"}
SIGNING = READING | {"keys", "messages", "schemes", "references", "base64", "strictjson"}
REQUEST = b"GET /notes?b=2&a=1 HTTP/1.1\r\nHost: example.com\r\n\r\n"
AT = ["--key", "env:", "--at", "20261124T090000Z", "--region", "us-east-1", "--service", "notes"]

# command line -> what it reads, and the rooms that it may import
HOT = {
    "--version": (["--version"], b"", READING),
    "--help": (["--help"], b"", READING),
    "sign curl": (["sign", "curl", *AT, "--", "curl", "https://example.com/"], b"", SIGNING | {"curl"}),
    "sign http": (["sign", "http", *AT, "-"], REQUEST, SIGNING),
    "sign url": (["sign", "url", *AT, "https://example.com/"], b"", SIGNING),
    "sign http, in chunks": (["sign", "http", *AT, "--payload", "streaming", "-"], REQUEST, SIGNING),
    "verify-signature": (["verify-signature", *AT, "-"], b"", SIGNING),
}


def run(words: list[str], stdin: bytes) -> "subprocess.CompletedProcess[bytes]":
    environment = {
        "PYTHONPATH": str(PROJECT / "cli"),
        "HOME": "/nonexistent",
        NAMES[0]: "AKEXAMPLE",
        NAMES[1]: "secret",
    }
    return subprocess.run(
        [sys.executable, "-X", "importtime", *words], env=environment, input=stdin, capture_output=True, timeout=60
    )


def imported(words: list[str], stdin: bytes = b"") -> set[str]:
    """Return the modules that `python *words*` imports."""
    done = run(words, stdin)
    lines = done.stderr.decode().split("\n")
    assert done.returncode == 0, "\n".join(line for line in lines if not line.startswith("import time:"))
    return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}


def unlisted(modules: set[str], rooms: set[str]) -> list[str]:
    """Return those of *modules* that a command with these *rooms* may not import, sorted."""
    own = {name for name in modules if name == "authkit" or name.startswith("authkit.")}
    strange = {name for name in own - {"authkit"} if name.split(".")[1] not in rooms}
    return sorted(strange | (modules - own - STANDARD))


@pytest.fixture(scope="module")
def bare() -> set[str]:
    """What the interpreter imports to do nothing."""
    return imported(["-c", "pass"])


@pytest.mark.parametrize("name", HOT)
def test_a_hot_command_imports_what_is_on_its_list(name: str, bare: set[str]) -> None:
    words, stdin, rooms = HOT[name]
    if name == "verify-signature":
        stdin = run(["-m", "authkit", *HOT["sign http"][0]], REQUEST).stdout
    # -m costs runpy, which the installed script does not
    start = ["-c", f"import sys; from authkit.app import main; sys.exit(main({words!r}))"]
    found = unlisted(imported(start, stdin) - bare, rooms)
    assert not found, " ".join(found)


def test_importing_authkit_imports_nothing(bare: set[str]) -> None:
    assert imported(["-c", "import authkit"]) - bare == {"authkit"}


def test_the_list_is_not_a_list_of_heavy_modules() -> None:
    assert set() == STANDARD & HEAVY


def test_a_module_that_is_not_listed_is_named() -> None:
    modules = {"authkit", "authkit.app", "authkit.stores", "authkit.stores.folder", "hashlib", "json"}
    assert unlisted(modules, READING) == ["authkit.stores", "authkit.stores.folder", "json"]
