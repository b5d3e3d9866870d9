"""What makes the archive by which authkit comes to a machine without a network?

    python -m bundle.build [--lock FILE] [--only TARGET]... [--output FOLDER]

It holds authkit's wheel, the wheels of all it needs for each target, their hashes, and install.py.  The same tree and
the same lock give the same bytes: the lock lies in the archive as lock.json, so that somebody else can build it again.
"""

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from authkit.words import ENROL, fingerprint_words
from bundle.resolve import Pin, Unresolved, download, pip, resolve
from bundle.targets import BASE, EXTRAS, GAPS, TARGETS, Target, marker_of

PROJECT = Path(__file__).resolve().parents[2]
LOCK, BUNDLE = "authkit.bundle-lock/v1", "authkit.bundle/v1"
EPOCH = 1577836800  # 2020-01-01: the time of every member, so that the bytes do not tell when they were made
READ_ME = """\
authkit {version}, to be installed on a machine without a network.

Before anything in here runs, compare the SHA-256 of the archive itself with the
one that was written down where it was built:

    sha256sum {archive}

Then, with Python {pythons}:

    python3 install.py ~/authkit
    ~/authkit/bin/authkit --version
    man -M ~/authkit/share/man authkit-airgap

--with hsm adds what hardware tokens need, --with shares Shamir shares.
"""


def encode(value: Any) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True).encode() + b"\n"


class Lock(NamedTuple):
    """What else than the tree decides the archive's bytes.

    Attributes:
        backend: what built authkit's wheel, which says so in it: "hatchling==1.27.0".
        pins: the packages.
    """

    backend: str
    pins: list[Pin]

    def encode(self) -> bytes:
        """Return it as a file."""
        return encode({"schema": LOCK, "backend": self.backend, "pins": [pin._asdict() for pin in self.pins]})


def read_lock(path: Path) -> Lock:
    """Return what a lock file says.

    Raises:
        Unresolved: if it is none.
    """
    try:
        lock = json.loads(path.read_text("utf-8"))
        if lock["schema"] != LOCK:
            raise ValueError(lock["schema"])
        return Lock(str(lock["backend"]), [Pin(**{**row, "targets": tuple(row["targets"])}) for row in lock["pins"]])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unresolved(f"{path}: no lock of a bundle: {error}") from error


def build_wheel(folder: Path, backend: "str | None" = None) -> tuple[Path, str]:
    """Build authkit's wheel of this tree.

    Args:
        backend: what must build it, or None.

    Returns:
        The wheel, and what built it.

    Raises:
        Unresolved: if pip fails, or took another backend.
    """
    constraint = folder / "constraint.txt"
    constraint.write_text(f"{backend}\n" if backend else "")
    words = ["wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(PROJECT)]
    # two generations of pip: from 25.3 on the builder's packages have an option of their own
    older = tuple(map(int, metadata.version("pip").split(".")[:2])) < (25, 3)
    if older:
        pip(*words, environ={"PIP_CONSTRAINT": str(constraint)} if backend else {})
    else:
        pip(*words, "--build-constraint", str(constraint))
    (wheel,) = folder.glob("authkit-*.whl")
    built_by = repack(wheel)
    if backend not in (None, built_by):
        raise Unresolved(f"the wheel was built by {built_by}, and the lock says {backend}")
    return wheel, built_by


def repack(wheel: Path) -> str:
    """Write a wheel anew, sorted and uncompressed, since versions of zlib differ; return what built it."""
    with zipfile.ZipFile(wheel) as read:
        contents = {name: read.read(name) for name in sorted(read.namelist())}
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_STORED) as written:
        for name, content in contents.items():
            written.writestr(zipfile.ZipInfo(name), content)  # of 1980-01-01
    (text,) = [content.decode() for name, content in contents.items() if name.endswith(".dist-info/WHEEL")]
    (made_by,) = [line.partition(": ")[2] for line in text.splitlines() if line.startswith("Generator: ")]
    return made_by.replace(" ", "==")


def archive_of(files: dict[str, bytes], top: str) -> bytes:
    """Return a tar archive of *files* below the folder *top*: sorted, owned by nobody, of one time, uncompressed.

    Wheels are compressed already, and another version of zlib would write other bytes.
    """
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(files):
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size, member.mtime, member.mode = len(files[name]), EPOCH, 0o644
            archive.addfile(member, io.BytesIO(files[name]))
    return written.getvalue()


def requirements_of(pins: list[Pin], part: str, among: "frozenset[str]") -> bytes:
    """Return the requirements file of a part, with hashes and environment markers."""
    asked = [pin for pin in pins if pin.part == part]
    return "".join(pin.line(marker_of(frozenset(pin.targets), among)) for pin in asked).encode()


def contents_of(wheel: Path, lock: Lock, wheels: Path) -> dict[str, bytes]:
    """Return name in the archive -> bytes, for all of it."""
    pins, version = lock.pins, wheel.name.split("-")[1]
    files = {f"wheels/{path.name}": path.read_bytes() for path in wheels.glob("*.whl")}
    files[f"wheels/{wheel.name}"] = wheel.read_bytes()
    among = frozenset(name for pin in pins if pin.part == "pip" for name in pin.targets)
    own = Pin("authkit", version, BASE, {wheel.name: sha256(wheel.read_bytes())}, tuple(sorted(among)))
    extras = {extra: [one.name for one in TARGETS if one.name in among and not one.lacks(extra)] for extra in EXTRAS}
    files["requirements.txt"] = requirements_of([own, *pins], BASE, among)
    for extra, held in extras.items():
        files[f"requirements-{extra}.txt"] = requirements_of(pins, extra, frozenset(held))
    files["lock.json"] = lock.encode()
    files["install.py"] = (Path(__file__).parent / "install.py").read_bytes()
    archive, pythons = f"{top_of(version)}.tar", ", ".join(sorted({name.partition("/")[2] for name in among}))
    files["README.txt"] = READ_ME.format(version=version, archive=archive, pythons=pythons).encode()
    described = {
        "schema": BUNDLE,
        "authkit": version,
        "targets": [one.name for one in TARGETS if one.name in among],
        "extras": {
            extra: [one.name for one in TARGETS if one.name in among and not one.lacks(extra)] for extra in EXTRAS
        },
        "files": {name: sha256(files[name]) for name in sorted(files)},
    }
    return {**files, "bundle.json": encode(described)}


def top_of(version: str) -> str:
    return f"authkit-{version}-offline"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def said_of(path: Path, archive: bytes, described: dict[str, Any]) -> str:
    """Return what the person who builds it writes down."""
    held = [target for target in TARGETS if target.name in described["targets"]]
    gaps = [f"{title_of(name)}{'' if part == BASE else f', {part}'} ({why})" for (name, part), why in GAPS.items()]
    digest = sha256(archive)
    rows = {
        "archive": f"{path} ({len(archive) / 1e6:.1f} MB)",
        "for": ", ".join(dict.fromkeys(target.system.title for target in held)),
        "python": ", ".join(dict.fromkeys(target.python for target in held)),
        "not for": "; ".join(gaps),
        "sha256": digest,
        "words": fingerprint_words("bundle", digest.encode(), ENROL),
    }
    return "".join(f"{f'{name}:':9}{value}\n" for name, value in rows.items())


def title_of(name: str) -> str:
    """Return how people call the target or the system of this name."""
    titles = {target.system.name: target.system.title for target in TARGETS}
    return titles.get(name) or next(target.title for target in TARGETS if target.name == name)


def targets_of(names: Sequence[str]) -> list[Target]:
    """Return the targets of these names, all of them without any.

    Raises:
        Unresolved: if there is none of that name.
    """
    known = {target.name: target for target in TARGETS}
    if unknown := set(names) - set(known):
        raise Unresolved(f"no target {sorted(unknown)[0]}; there are {', '.join(known)}")
    return [target for target in TARGETS if not names or target.name in names]


def build(targets: list[Target], lock: "Path | None", output: Path) -> str:
    """Write the archive into *output*; return what to write down.

    Raises:
        Unresolved: if pip does not find or bring a wheel.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder, wheels = Path(temporary), Path(temporary) / "wheels"
        wheels.mkdir()
        names = {target.name for target in targets}
        if lock is None:
            wheel, backend = build_wheel(folder)
            found = Lock(backend, resolve(wheel, targets))
        else:
            found = read_lock(lock)
            wheel, _ = build_wheel(folder, found.backend)
        if missing := {name for pin in found.pins for name in pin.targets} - names:
            raise Unresolved(f"{lock}: it is for {sorted(missing)[0]} too")
        download(found.pins, targets, wheels)
        files = contents_of(wheel, found, wheels)
        described = json.loads(files["bundle.json"])
        top = top_of(described["authkit"])
        archive = archive_of(files, top)
    output.mkdir(parents=True, exist_ok=True)
    path = output / f"{top}.tar"
    half = output / f".{top}.tar.part"
    half.write_bytes(archive)
    half.replace(path)
    return said_of(path, archive, described)


def main(words: "Sequence[str] | None" = None) -> int:
    """Build as the command line says; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="bundle.build", description="Build authkit's archive for a machine without a network."
    )
    parser.add_argument("--lock", type=Path, help="build again what this lock.json says")
    parser.add_argument("--only", action="append", default=[], metavar="TARGET", help="such as linux-x86_64/3.11")
    parser.add_argument("--output", type=Path, default=PROJECT / "dist", metavar="FOLDER")
    given = parser.parse_args(words)
    try:
        sys.stdout.write(build(targets_of(given.only), given.lock, given.output))
    except (Unresolved, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"offline-bundle: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
