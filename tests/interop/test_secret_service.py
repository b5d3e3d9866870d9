"""Does the identity live in a real Secret Service, and what is said when there is none that works?"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secretservice import TOOLS, SecretService

STORE_ID = "0123456789abcdef0123456789abcdef"
IDENTITY = "AGE-SECRET-KEY-1MARKEDFORTHISTESTONLY"
NONE = "no keyring answers here: Secret Service: "
PRELUDE = """
from authkit.errors import StoreError
from authkit.unlock import keyring
def show(action, *args):
    try:
        print(action(*args))
    except StoreError as error:
        print(error.message, "/", error.hint)
"""


@pytest.fixture(scope="module")
def tools(require_tool: Callable[[str], str]) -> None:
    for name in TOOLS:
        require_tool(name)


@pytest.fixture
def service(tools: None) -> Iterator[SecretService]:
    running = SecretService()
    yield running
    running.close()


@pytest.fixture
def bus_alone(tools: None) -> Iterator[SecretService]:
    running = SecretService(daemon=False)
    yield running
    running.close()


def script(service: SecretService, code: str, **settings: str) -> list[str]:
    """Run *code* after PRELUDE beside the service and return what it printed."""
    command = [sys.executable, "-c", PRELUDE + code]
    done = service.run(command, PYTHONPATH=os.pathsep.join(sys.path), **settings)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout.splitlines()


def test_an_identity_is_kept_given_back_and_forgotten(service: SecretService) -> None:
    code = f"""
show(keyring.available)
show(keyring.load_identity, {STORE_ID!r})
show(keyring.store_identity, {STORE_ID!r}, {IDENTITY!r})
show(keyring.load_identity, {STORE_ID!r})
show(keyring.load_identity, "f" * 32)
"""
    missing = "the Secret Service has no identity for the store "
    hint = " / the copy of the identity under a passphrase opens the store elsewhere: age -d identity.age"
    assert script(service, code) == [
        "Secret Service",
        f"{missing}{STORE_ID}{hint}",
        "Secret Service",
        IDENTITY,
        f"{missing}{'f' * 32}{hint}",
    ]
    found = service.run(["secret-tool", "lookup", "service", "authkit", "username", STORE_ID])
    assert found.stdout == IDENTITY
    code = f"""
show(keyring.store_identity, {STORE_ID!r}, "AGE-SECRET-KEY-1ANOTHER")
show(keyring.load_identity, {STORE_ID!r})
show(keyring.forget, {STORE_ID!r})
show(keyring.forget, {STORE_ID!r})
show(keyring.load_identity, {STORE_ID!r})
"""
    assert script(service, code) == [
        "Secret Service",
        "AGE-SECRET-KEY-1ANOTHER",
        "None",
        "None",
        f"{missing}{STORE_ID}{hint}",
    ]


def test_what_the_user_set_for_keyring_is_ignored(service: SecretService) -> None:
    home = Path(service.environment["HOME"])
    config = Path(service.environment["XDG_CONFIG_HOME"]) / "python_keyring"
    config.mkdir(parents=True)
    (home / "evil.py").write_text(f"open({str(home / 'ran')!r}, 'w')\n")
    (config / "keyringrc.cfg").write_text(f"[backend]\ndefault-keyring=evil.Keyring\nkeyring-path={home}\n")
    code = f"show(keyring.store_identity, {STORE_ID!r}, {IDENTITY!r})\nshow(keyring.load_identity, {STORE_ID!r})"
    for backend in ("keyring.backends.null.Keyring", "keyring.backends.fail.Keyring", "evil.Keyring"):
        said = script(
            service,
            code,
            PYTHON_KEYRING_BACKEND=backend,
            KEYRING_PROPERTY_PREFERRED_COLLECTION="/nowhere",
            KEYRING_PROPERTY_SCHEME="KeePassXC",
        )
        assert said == ["Secret Service", IDENTITY]
    assert not (home / "ran").exists()
    found = service.run(["secret-tool", "lookup", "service", "authkit", "username", STORE_ID])
    assert found.stdout == IDENTITY


def test_a_locked_keyring_is_named(service: SecretService) -> None:
    lock = """
import secretstorage
bus = secretstorage.dbus_init()
secretstorage.get_default_collection(bus).lock()
bus.close()
"""
    code = f"""
show(keyring.store_identity, {STORE_ID!r}, {IDENTITY!r})
{lock}
show(keyring.available)
show(keyring.probe)
show(keyring.load_identity, {STORE_ID!r})
show(keyring.store_identity, {STORE_ID!r}, {IDENTITY!r})
show(keyring.forget, {STORE_ID!r})
"""
    locked = "the Secret Service is locked / unlock it in the desktop session, then try again"
    assert script(service, code) == ["Secret Service", "None", locked, locked, locked, locked]


def test_a_keyring_that_hangs_is_given_up(service: SecretService) -> None:
    script(service, f"show(keyring.store_identity, {STORE_ID!r}, {IDENTITY!r})")
    service.stop_answering()
    code = f"""
show(keyring.load_identity, {STORE_ID!r}, 1.5)
show(keyring.available, 0.5)
import subprocess, os
print(open(f"/proc/self/task/{{os.getpid()}}/children").read())
"""
    hint = " / unlock it on its own screen first, or make the store with --unlock passphrase"
    assert script(service, code) == [f"the keyring did not answer within 1.5 seconds{hint}", "None", ""]


def test_a_bus_without_a_keyring_is_named(bus_alone: SecretService) -> None:
    code = f"""
show(keyring.available)
show(keyring.probe)
show(keyring.load_identity, {STORE_ID!r})
show(keyring.store_identity, {STORE_ID!r}, {IDENTITY!r})
show(keyring.forget, {STORE_ID!r})
"""
    said = script(bus_alone, code)
    assert said[0] == "None"
    assert all(line.startswith((NONE, "the Secret Service is locked")) for line in said[1:])
    assert len(said) == 5


@pytest.mark.parametrize("address", ["", "unix:path=/nowhere/bus"])
def test_no_bus_is_named(address: str, bus_alone: SecretService) -> None:
    code = "show(keyring.available)\nshow(keyring.probe)"
    bus_alone.environment["DBUS_SESSION_BUS_ADDRESS"] = address
    if not address:
        del bus_alone.environment["DBUS_SESSION_BUS_ADDRESS"]
    said = script(bus_alone, code, PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring")
    assert said[0] == "None"
    assert said[1].startswith(NONE)
    assert said[1].endswith(" / use --unlock passphrase")


def test_the_identity_is_in_no_argument_and_no_environment(
    service: SecretService, require_tool: Callable[[str], str], tmp_path: Path
) -> None:
    strace, trace = require_tool("strace"), tmp_path / "trace"
    code = PRELUDE + (
        f"import sys\nidentity = sys.stdin.read()\nshow(keyring.store_identity, {STORE_ID!r}, identity)\n"
        f"show(keyring.load_identity, {STORE_ID!r})"
    )
    command = [strace, "-f", "-qq", "-v", "-s", "65535", "-e", "trace=execve,execveat", "-o", trace]
    environment = {
        **service.environment,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "AUTHKIT_SECRET_ACCESS_KEY": "MARKED-1",
        "AWS_SESSION_TOKEN": "MARKED-2",
        "AWS_SECRET_ACCESS_KEY": "MARKED-3",
    }
    done = subprocess.run(
        [*command, sys.executable, "-c", code],
        env=environment,
        input=IDENTITY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["Secret Service", IDENTITY]
    started = [line for line in trace.read_text().splitlines() if "answer_parent" in line and line.endswith("= 0")]
    assert len(started) == 3
    for line in started:
        assert "MARKED" not in line
        assert IDENTITY not in line
