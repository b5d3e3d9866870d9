"""Does the archive of `make offline-bundle` install where there is no network, and only as it was built?"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import authkit
from authkit.words import fingerprint_words
from bundle.targets import TARGETS
from conftest import absent
from interop.no_network import is_possible, look_around, run_alone
from interop.program import PROJECT, Result, run

HERE = f"{sys.platform}-{platform.machine()}/{sys.version_info[0]}.{sys.version_info[1]}"
TOP = f"authkit-{authkit.__version__}-offline"
PIP = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "XDG_CONFIG", "HOME"))}
# Worker processes of one run share it, so that it is built and installed once.
pytestmark = pytest.mark.xdist_group("bundle")


def build(tree: Path, output: Path, *words: "str | Path") -> Result:
    """Build from *tree*; pip finds its index by the environment as it is."""
    env = {**PIP, "PYTHONPATH": str(tree / "cli")}
    return run([sys.executable, "-m", "bundle.build", "--output", output, *words], output.parent, env)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the wheel is made of, which nobody edits meanwhile."""
    folder = tmp_path_factory.mktemp("tree")
    for name in ("cli", "man"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(PROJECT / name, folder)
    return folder


@pytest.fixture(scope="module")
def built(tree: Path, tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], str]) -> tuple[Path, str]:
    """The archive for this machine's own target, and what its build printed."""
    require_tool("unshare")
    if not is_possible():
        absent("this system makes no network namespaces", "AUTHKIT_REQUIRE_INTEROP")
    if HERE not in [target.name for target in TARGETS]:
        absent(f"no bundle is made for {HERE}", "AUTHKIT_REQUIRE_INTEROP")
    output = tmp_path_factory.mktemp("build") / "dist"
    done = build(tree, output, "--only", HERE)
    assert done.code == 0, done.err
    return output / f"{TOP}.tar", done.out.decode()


@pytest.fixture(scope="module")
def kept(built: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked bundle, which no test changes."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(built[0]) as archive:
        archive.extractall(folder, filter="data")
    return folder / TOP


@pytest.fixture
def unpacked(kept: Path, tmp_path: Path) -> Path:
    """A copy of the unpacked bundle."""
    return Path(shutil.copytree(kept, tmp_path / "bundle"))


def install(bundle: Path, folder: Path, *words: str, env: "dict[str, str] | None" = None) -> Result:
    """Run the bundle's installer without a network and without anything of this project."""
    own = {"PYTHONPATH": "", "PIP_CONFIG_FILE": "/dev/null"}
    return run_alone([sys.executable, "-I", bundle / "install.py", *words, folder], bundle.parent, own | (env or {}))


@pytest.fixture(scope="module")
def installed(kept: Path) -> Path:
    """A folder into which the whole of it was installed; pip's settings in the environment change nothing."""
    folder = kept.parent / "authkit"
    hostile = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_FIND_LINKS": "/nowhere", "PIP_NO_DEPS": "1"}
    done = install(kept, folder, "--with", "hsm", "--with", "shares", env=hostile)
    assert (done.code, done.err) == (0, "")
    said = f"installed {folder}/bin/authkit\nits manual: man -M {folder}/share/man authkit-airgap\n"
    assert done.out.decode() == said
    return folder


def test_there_is_no_network(built: tuple[Path, str]) -> None:
    look_around()


def test_the_build_says_what_to_write_down(built: tuple[Path, str], require_tool: Callable[[str], str]) -> None:
    path, said = built
    summed = subprocess.run([require_tool("sha256sum"), path], check=True, capture_output=True, text=True).stdout
    rows = dict(re.findall(r"^([a-z0-9 ]+): +(.*)$", said, re.MULTILINE))
    assert rows["sha256"] == summed[:64]
    assert rows["words"] == fingerprint_words("bundle", summed[:64].encode(), 16)
    assert len(rows["words"].split()) == 16
    assert rows["archive"].startswith(str(path))
    assert rows["python"] == HERE.partition("/")[2]


def test_the_same_lock_gives_the_same_bytes(tree: Path, built: tuple[Path, str], kept: Path, tmp_path: Path) -> None:
    done = build(tree, tmp_path / "again", "--lock", kept / "lock.json")
    assert done.code == 0, done.err
    assert (tmp_path / "again" / f"{TOP}.tar").read_bytes() == built[0].read_bytes()


def test_what_lies_in_it(built: tuple[Path, str], kept: Path) -> None:
    with tarfile.open(built[0]) as archive:
        members = archive.getmembers()
    assert [member.name for member in members] == sorted(member.name for member in members)
    seen = {(member.mtime, member.uid, member.gid, member.uname, member.mode, member.isreg()) for member in members}
    assert seen == {(1577836800, 0, 0, "", 0o644, True)}
    described = json.loads((kept / "bundle.json").read_text())
    held = {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}
    assert held == {*described["files"], "bundle.json"}
    assert described["targets"] == [HERE]
    requirements = "".join(path.read_text() for path in kept.glob("requirements*.txt"))
    lock = json.loads((kept / "lock.json").read_text())
    pips = {digest for pin in lock["pins"] if pin["part"] == "pip" for digest in pin["files"].values()}
    wheels = {hashlib.sha256(path.read_bytes()).hexdigest() for path in kept.glob("wheels/*.whl")}
    assert set(re.findall("--hash=sha256:([0-9a-f]{64})", requirements)) == wheels - pips
    names = {line.partition("==")[0] for line in requirements.splitlines() if "==" in line.partition(" ")[0]}
    asked = {"click", "cryptography", "rich", "keyring", "pyrage", "segno", "http-sf", "pykcs11", "shamir-mnemonic"}
    assert asked | {"authkit", "cffi", "pygments"} <= names


def test_it_works_there(installed: Path, tmp_path: Path) -> None:
    """Make a master and a day's key, with nothing of this project on the path."""
    program, own = installed / "bin" / "authkit", {"PYTHONPATH": ""}

    def ok(*words: "str | Path") -> Result:
        done = run_alone([program, *words], tmp_path, own)
        assert done.code == 0, done.err
        return done

    assert ok("--version").out.decode() == f"authkit {authkit.__version__}\n"
    ok("keygen", "--use", "derive", "--no-passphrase", "--output", "master.json")
    ok("derive-subkey", "--key", "file:master.json", "--scope", "us-east-1/s3", "--output", "day.subkeys")
    assert b"us-east-1/s3/aws4_request" in ok("inspect-subkey", "day.subkeys").out
    assert (tmp_path / "day.subkeys").stat().st_mode & 0o777 == 0o600
    assert (installed / "share" / "man" / "man7" / "authkit-airgap.7").is_file()


@pytest.mark.parametrize(
    "module",
    ["click", "cryptography.x509", "rich", "keyring", "pyrage", "segno", "http_sf", "PyKCS11", "shamir_mnemonic"],
)
def test_everything_is_there(installed: Path, tmp_path: Path, module: str) -> None:
    words: list[str | Path] = [installed / "bin" / "python", "-I", "-c", f"import {module}; print({module}.__file__)"]
    done = run_alone(words, tmp_path)
    assert done.code == 0, done.err
    assert done.out.decode().startswith(str(installed))


def test_a_python_without_ensurepip(kept: Path, tmp_path: Path) -> None:
    """As Debian's is without python3-venv: pip is run from its wheel."""
    script = f"""
import runpy, sys
sys.modules["ensurepip"] = None
sys.argv = ["install.py", "{tmp_path}/authkit"]
runpy.run_path("{kept}/install.py", run_name="__main__")
"""
    done = run_alone([sys.executable, "-I", "-c", script], tmp_path, {"PYTHONPATH": ""})
    assert (done.code, done.err) == (0, "")
    assert run_alone([tmp_path / "authkit/bin/authkit", "--version"], tmp_path, {"PYTHONPATH": ""}).code == 0


def test_pip_itself_does_not_stay(installed: Path) -> None:
    assert not list(installed.glob("lib/python*/site-packages/pip*"))


# ------------------------------------------------------------------------------------------------------------- refused


def refused(bundle: Path, *words: str) -> str:
    """Return what the installer says that refuses; nothing is left behind."""
    folder = bundle.parent / "authkit"
    done = install(bundle, folder, *words)
    assert (done.code, done.out) == (1, b""), done.err
    assert not folder.exists()
    return done.err


def flip(path: Path, place: int = -100) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def redescribed(bundle: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Write bundle.json anew."""
    described = json.loads((bundle / "bundle.json").read_text())
    change(described)
    (bundle / "bundle.json").write_text(json.dumps(described))


@pytest.mark.parametrize("name", ["wheels/click-", "wheels/cryptography-", "wheels/pip-", "requirements.txt", "README"])
def test_one_bit_of_any_file(unpacked: Path, name: str) -> None:
    (path,) = [one for one in unpacked.rglob("*") if one.relative_to(unpacked).as_posix().startswith(name)]
    flip(path)
    place = path.relative_to(unpacked).as_posix()
    assert refused(unpacked) == f"install: {place} was changed: its SHA-256 is another\n"


def test_a_wheel_that_was_described_anew_is_refused_by_pip(unpacked: Path) -> None:
    """Whoever changes the list of files too meets the hashes in the requirements."""
    (path,) = unpacked.glob("wheels/rich-*.whl")
    flip(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    redescribed(unpacked, lambda described: described["files"].update({f"wheels/{path.name}": digest}))
    said = refused(unpacked)
    assert said.startswith("install: pip said: ")
    assert "DO NOT MATCH THE HASHES" in said
    assert digest in said


def test_a_package_without_a_hash_is_refused_by_pip(unpacked: Path) -> None:
    text = (unpacked / "requirements.txt").read_text()
    changed = re.sub(r"(?m)^(mdurl==\S+) \\\n.*$", r"\1", text)
    assert changed != text
    (unpacked / "requirements.txt").write_text(changed)
    digest = hashlib.sha256(changed.encode()).hexdigest()
    redescribed(unpacked, lambda described: described["files"].update({"requirements.txt": digest}))
    assert "Hashes are required in --require-hashes mode" in refused(unpacked)


def test_a_wheel_that_was_put_there(unpacked: Path) -> None:
    (unpacked / "wheels" / "authkit-99-py3-none-any.whl").write_bytes(b"PK")
    assert refused(unpacked) == "install: wheels/authkit-99-py3-none-any.whl is no file of this bundle\n"


def test_a_wheel_that_is_missing(unpacked: Path) -> None:
    (path,) = unpacked.glob("wheels/pyrage-*.whl")
    path.unlink()
    assert refused(unpacked) == f"install: wheels/{path.name} is missing\n"


def test_another_machine(unpacked: Path) -> None:
    redescribed(unpacked, lambda described: described.update(targets=["linux-riscv64/3.11"]))
    assert refused(unpacked) == f"install: this is {HERE}; the bundle is for linux-riscv64/3.11\n"


def test_an_extra_that_is_not_in_it(unpacked: Path) -> None:
    redescribed(unpacked, lambda described: described["extras"].update(hsm=[]))
    assert refused(unpacked, "--with", "hsm") == f"install: the bundle has no hsm for {HERE}\n"


def test_a_folder_that_is_there(unpacked: Path) -> None:
    folder = unpacked.parent / "there"
    folder.mkdir()
    done = install(unpacked, folder)
    assert (done.code, done.err) == (1, f"install: {folder} is there already; name a new folder\n")
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    "words, said",
    [
        (["--only", "linux-vax/3.11"], "offline-bundle: no target linux-vax/3.11; there are linux-x86_64/3.11, "),
        (["--lock", PROJECT / "README.md"], f"offline-bundle: {PROJECT / 'README.md'}: no lock of a bundle: "),
        (["--lock", "nowhere.json"], "offline-bundle: nowhere.json: no lock of a bundle: "),
    ],
)
def test_what_the_build_refuses(words: "list[str | Path]", said: str, tmp_path: Path) -> None:
    done = build(PROJECT, tmp_path / "dist", *words)
    assert (done.code, done.out) == (1, b"")
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1
    assert not (tmp_path / "dist").exists()


def test_another_builder_of_the_wheel_is_taken_as_the_lock_says(tree: Path, kept: Path, tmp_path: Path) -> None:
    lock = json.loads((kept / "lock.json").read_text())
    (tmp_path / "lock.json").write_text(json.dumps({**lock, "backend": "hatchling==1.27.0"}))
    done = build(tree, tmp_path / "dist", "--lock", tmp_path / "lock.json")
    assert done.code == 0, done.err
    with tarfile.open(tmp_path / "dist" / f"{TOP}.tar") as archive:
        wheel = archive.extractfile(f"{TOP}/wheels/authkit-{authkit.__version__}-py3-none-any.whl")
        assert wheel is not None
        assert b"Generator: hatchling 1.27.0\n" in wheel.read()  # not compressed
    (tmp_path / "lock.json").write_text(json.dumps({**lock, "backend": "flit-core==3"}))
    done = build(tree, tmp_path / "dist", "--lock", tmp_path / "lock.json")
    assert (done.code, done.out) == (1, b"")
    said = f"offline-bundle: the wheel was built by {lock['backend']}, and the lock says flit-core==3\n"
    assert done.err == said


def test_a_download_of_another_hash_is_refused(tree: Path, kept: Path, tmp_path: Path) -> None:
    lock = json.loads((kept / "lock.json").read_text())
    (pin,) = [pin for pin in lock["pins"] if pin["name"] == "mdurl"]
    pin["files"] = dict.fromkeys(pin["files"], "0" * 64)
    (tmp_path / "lock.json").write_text(json.dumps(lock))
    done = build(tree, tmp_path / "dist", "--lock", tmp_path / "lock.json")
    assert (done.code, done.out) == (1, b"")
    assert "mdurl" in done.err or "HASHES" in done.err
    assert not (tmp_path / "dist").exists()
