"""Which wheels of which versions does each target need, as pip finds them?"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bundle.targets import BASE, EXTRAS, PYTHONS, Target

Json = dict[str, Any]


class Unresolved(Exception):
    """pip found no wheels where there have to be some, or failed; the message is one line."""


class Pin(NamedTuple):
    """A package of one version, for one part of the bundle.

    Attributes:
        part: "base", or the extra that alone needs it.
        files: name of a wheel -> SHA-256, lower-case hex, 64.
        targets: names of the targets that need it, sorted.
    """

    name: str
    version: str
    part: str
    files: dict[str, str]
    targets: tuple[str, ...]

    def line(self, marker: str = "") -> str:
        """Return the requirement with its hashes, as pip reads it."""
        hashes = "".join(f" \\\n    --hash=sha256:{digest}" for digest in sorted(set(self.files.values())))
        return f"{self.name}=={self.version}{f' ; {marker}' if marker else ''}{hashes}\n"


def pip(*words: str, environ: Mapping[str, str] = {}) -> None:
    """Run pip.

    Args:
        environ: what its environment has besides.

    Raises:
        Unresolved: if it fails; the message is its last line.
    """
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environ})
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "ERROR" in line] or done.stderr.splitlines() or ["nothing"]
        raise Unresolved(f"pip {words[0]}: {said[-1].strip()}")


def report(*words: str) -> list[Json]:
    """Return what pip would install, and install nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        dry = ("--dry-run", "--ignore-installed", "--target", folder, "--report", str(path))
        pip("install", "--quiet", *dry, *words)
        installs: list[Json] = json.loads(path.read_text("utf-8"))["install"]
    return installs


def needed(requirements: list[Requirement], metadata: dict[str, Json], target: Target) -> dict[str, Requirement]:
    """Return name -> the requirement that asks for it, for *requirements* and all that they need on *target*.

    Args:
        metadata: canonical name -> what pip reports; a name that is missing is returned and not gone into.
    """
    found: dict[str, Requirement] = {}
    gone_into: set[tuple[str, str]] = set()
    todo = [(one, "") for one in requirements]
    while todo:
        requirement, extra = todo.pop()
        environment = {**target.environment(), "extra": extra}
        if requirement.marker is not None and not requirement.marker.evaluate(environment):
            continue
        name = canonicalize_name(requirement.name)
        found.setdefault(name, requirement)
        for asked in ("", *sorted(requirement.extras)):
            if name in metadata and (name, asked) not in gone_into:
                gone_into.add((name, asked))
                todo += [(Requirement(text), asked) for text in metadata[name].get("requires_dist", [])]
    return found


def versions(wheel: Path, targets: list[Target]) -> dict[str, Json]:
    """Return canonical name -> what pip reports, for all that *wheel* needs on any of *targets*, one version each.

    pip reads environment markers for the machine it runs on; what others need besides is asked for by name.
    """
    asked = f"{wheel}[{','.join(EXTRAS)}]"
    more: dict[str, str] = {}
    while True:
        # the oldest Python, so that no version is chosen that has left it behind
        words = ["--only-binary", ":all:", "--python-version", PYTHONS[0], asked, *more.values()]
        metadata: dict[str, Json] = {
            canonicalize_name(one["metadata"]["name"]): one["metadata"] for one in report(*words)
        }
        before = len(more)
        for target in targets:
            for name, requirement in needed([Requirement(f"authkit[{','.join(EXTRAS)}]")], metadata, target).items():
                if name not in metadata:
                    more.setdefault(name, f"{requirement.name}{requirement.specifier}")
        if len(more) == before:
            return metadata


def wheels_for(target: Target, pins: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return name -> (file name, SHA-256) of the wheel of each pin that runs on *target*."""
    found: dict[str, tuple[str, str]] = {}
    words = [f"{name}=={version}" for name, version in sorted(pins.items())]
    for one in report("--no-deps", *target.options(), *words) if words else []:
        info = one["download_info"]
        file = info["url"].rpartition("/")[2]
        found[canonicalize_name(one["metadata"]["name"])] = (file, info["archive_info"]["hashes"]["sha256"])
    return found


def resolve(wheel: Path, targets: list[Target]) -> list[Pin]:
    """Return the pins of a bundle of *wheel* for *targets*, sorted by name; pip's own is among them, as part "pip".

    Raises:
        Unresolved: if a part has no wheels where no gap is known.
    """
    metadata = versions(wheel, targets)
    latest_pip = report("--no-deps", "--only-binary", ":all:", "--python-version", PYTHONS[0], "pip")[0]["metadata"]
    files: dict[tuple[str, str, str], dict[str, str]] = {}
    needing: dict[tuple[str, str, str], set[str]] = {}
    for target in targets:
        seen: set[str] = {"authkit"}
        for part in (BASE, *EXTRAS):
            asked = "authkit" if part == BASE else f"authkit[{part}]"
            names = [name for name in needed([Requirement(asked)], metadata, target) if name not in seen]
            pins = {name: str(metadata[name]["version"]) for name in names}
            if part == BASE:
                pins["pip"] = str(latest_pip["version"])
            try:
                found = wheels_for(target, pins)
            except Unresolved as error:
                if not target.lacks(part):
                    raise Unresolved(f"{target.name}, {part}: {error}") from error
                if part == BASE:
                    break
                continue
            seen.update(names)
            for name, (file, digest) in found.items():
                key = (name, pins[name], "pip" if name == "pip" else part)
                files.setdefault(key, {})[file] = digest
                needing.setdefault(key, set()).add(target.name)
    return [Pin(*key, dict(sorted(files[key].items())), tuple(sorted(needing[key]))) for key in sorted(files)]


def download(pins: list[Pin], targets: list[Target], folder: Path) -> None:
    """Put every wheel of *pins* into *folder*; pip refuses one whose hash is not the pin's."""
    for target in targets:
        wanted = [pin for pin in pins if target.name in pin.targets]
        if wanted:
            requirements = folder / "requirements.txt"
            requirements.write_text("".join(pin.line() for pin in wanted))
            words = ["--quiet", "--require-hashes", "--no-deps", *target.options(), "-r", str(requirements)]
            pip("download", "--dest", str(folder), *words)
            requirements.unlink()
