"""Real PKCS#11 tokens: SoftHSM's, and the one of NSS's softoken, in a folder of their own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")
SOFTOKEN = (
    Path("/usr/lib/x86_64-linux-gnu/libsoftokn3.so"),
    Path("/usr/lib/aarch64-linux-gnu/libsoftokn3.so"),
)
PIN = "5678-token-pin"


class Hsm:
    """A token.

    Attributes:
        env: what authkit needs in its environment.
        uri: names the token alone.
        module: path of the module.
    """

    def __init__(self, env: dict[str, str], uri: str, module: Path) -> None:
        self.env = env
        self.uri = uri
        self.module = module

    def key(self, name: str) -> str:
        """Return the reference of a key."""
        path, mark, query = self.uri.partition("?")
        return f"{path};object={name}{mark}{query}"


def require(path: Path, package: str) -> None:
    if path.exists():
        return
    if os.environ.get("AUTHKIT_REQUIRE_INTEROP") == "1":
        pytest.fail(f"{path} is missing; install it with: apt install {package}")
    pytest.skip(f"{path} is missing; apt install {package}")


def pin_file(folder: Path, pin: str = PIN) -> Path:
    path = folder / "pin"
    path.write_text(pin + "\n")
    path.chmod(0o600)
    return path


def softhsm(folder: Path, label: str = "authkit") -> Hsm:
    """Return a new token of SoftHSM in *folder*, beside those that are there."""
    require(SOFTHSM, "softhsm2")
    conf = folder / "softhsm2.conf"
    (folder / "tokens").mkdir(exist_ok=True)
    conf.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    make = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "so-pin-1234", "--pin", PIN]
    subprocess.run(make, env={**os.environ, "SOFTHSM2_CONF": str(conf)}, check=True, capture_output=True)
    env = {
        "SOFTHSM2_CONF": str(conf),
        "AUTHKIT_PKCS11_MODULE": str(SOFTHSM),
        "AUTHKIT_PIN_FILE": str(pin_file(folder)),
    }
    return Hsm(env, f"pkcs11:token={label}", SOFTHSM)


def softoken(folder: Path) -> Hsm:
    """Return NSS's token in *folder*."""
    found = [path for path in SOFTOKEN if path.exists()]
    module = found[0] if found else SOFTOKEN[0]
    require(module, "libnss3")
    require(Path(shutil.which("certutil") or "/usr/bin/certutil"), "libnss3-tools")
    pin = pin_file(folder)
    (folder / "nss").mkdir()
    subprocess.run(["certutil", "-N", "-d", f"sql:{folder}/nss", "-f", pin], check=True, capture_output=True)
    query = f"module-path={module}&pin-source={pin}&x-init=configdir%3D'sql:{folder}/nss'%20flags%3DnoModDB"
    return Hsm({}, f"pkcs11:token=NSS%20Certificate%20DB?{query}", module)
