"""How is authkit installed from an unpacked bundle, with nothing but Python?

    python3 install.py [--with hsm] [--with shares] FOLDER

Makes a virtual environment in FOLDER and installs the wheels that lie beside this file; asks no network.
Compare the archive's SHA-256 before you run this: whoever could change the wheels could change this file too.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import venv
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
EXTRAS = ("hsm", "shares")


class Refused(Exception):
    """It will not be installed; the message is one line."""


def this_target() -> str:
    """Return the name of this machine and Python, such as "linux-x86_64/3.11"."""
    return "{}-{}/{}.{}".format(sys.platform, platform.machine(), *sys.version_info[:2])


def check_target(bundle: "dict[str, Any]", extras: "list[str]") -> None:
    """Refuse a machine or a Python that the bundle holds no wheels for."""
    target = this_target()
    if target not in bundle["targets"]:
        raise Refused("this is {}; the bundle is for {}".format(target, ", ".join(bundle["targets"])))
    if sys.platform == "linux" and platform.libc_ver()[0] != "glibc":
        raise Refused("the wheels are for glibc, and this Python was built with another C library")
    for extra in extras:
        if target not in bundle["extras"][extra]:
            raise Refused(f"the bundle has no {extra} for {target}")


def check_files(bundle: "dict[str, Any]") -> None:
    """Refuse a file that is not the one that was put into the bundle, and one that was not put there."""
    held = {"wheels/" + name for name in os.listdir(os.path.join(HERE, "wheels"))}
    for name in sorted(held | set(bundle["files"])):
        if name not in bundle["files"]:
            raise Refused(f"{name} is no file of this bundle")
        if name not in held and name.startswith("wheels/"):
            raise Refused(f"{name} is missing")
        with open(os.path.join(HERE, name), "rb") as file:
            if hashlib.sha256(file.read()).hexdigest() != bundle["files"][name]:
                raise Refused(f"{name} was changed: its SHA-256 is another")


def clean_environment() -> "dict[str, str]":
    """Return the environment without what would make Python or pip do something else."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "VIRTUAL_ENV"))}


def install(folder: str, extras: "list[str]") -> None:
    """Make the environment in *folder* and let pip, run from its wheel, install by hash."""
    venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
    wheels = os.path.join(HERE, "wheels")
    (pip,) = [name for name in os.listdir(wheels) if name.startswith("pip-")]
    words = [os.path.join(folder, "bin", "python"), "-I", os.path.join(wheels, pip, "pip"), "--isolated", "install"]
    words += ["--quiet", "--no-index", "--no-cache-dir", "--disable-pip-version-check", "--require-hashes"]
    words += ["--only-binary", ":all:", "--find-links", wheels]
    for name in ["requirements.txt"] + [f"requirements-{extra}.txt" for extra in extras]:
        words += ["--requirement", os.path.join(HERE, name)]
    done = subprocess.run(words, env=clean_environment(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["nothing"]
        raise Refused("pip said: {}".format("\n".join(lines[-6:])))


def main() -> int:
    """Install as the command line says; return the exit code."""
    parser = argparse.ArgumentParser(description="Install authkit from this bundle, without a network.")
    parser.add_argument("--with", dest="extras", action="append", default=[], choices=EXTRAS, help="add what it needs")
    parser.add_argument("folder", metavar="FOLDER", help="a new folder for it")
    given = parser.parse_args()
    folder = os.path.abspath(given.folder)
    try:
        if sys.version_info < (3, 11):  # noqa: UP036 - who runs it with an older one is told so
            raise Refused("authkit needs Python 3.11 or newer, and this is {}.{}".format(*sys.version_info[:2]))
        with open(os.path.join(HERE, "bundle.json"), encoding="ascii") as file:
            bundle = json.load(file)
        check_target(bundle, given.extras)
        check_files(bundle)
        if os.path.lexists(folder):
            raise Refused(f"{folder} is there already; name a new folder")
        try:
            install(folder, sorted(set(given.extras)))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    except (Refused, OSError, ValueError) as error:
        sys.stderr.write(f"install: {error}\n")
        return 1
    sys.stdout.write("installed {}\n".format(os.path.join(folder, "bin", "authkit")))
    sys.stdout.write("its manual: man -M {} authkit-airgap\n".format(os.path.join(folder, "share", "man")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
