"""Which machines is an offline bundle for?"""

from itertools import product
from typing import NamedTuple

PYTHONS = ("3.11", "3.12", "3.13")


class System(NamedTuple):
    """A kind of machine.

    Attributes:
        name: as install.py finds it by `platform`: system and machine, lower case.
        title: as people say it.
        tags: pip's names of the platforms whose wheels run there, the best first.
        markers: what environment markers say there.
    """

    name: str
    title: str
    tags: tuple[str, ...]
    markers: dict[str, str]


def linux(machine: str) -> System:
    # 2.28 is Debian 10's and RHEL 8's glibc; 2.17 is the name under which older wheels go
    tags = tuple(f"manylinux_{glibc}_{machine}" for glibc in ("2_28", "2_24", "2_17")) + (f"manylinux2014_{machine}",)
    markers = {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": machine, "os_name": "posix"}
    return System(f"linux-{machine}", f"Linux {machine}", tags, markers)


def macos(machine: str, version: str) -> System:
    tags = (f"macosx_{version}_{machine}",)  # pip counts down from there, and to universal2
    markers = {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": machine, "os_name": "posix"}
    return System(f"darwin-{machine}", f"macOS {machine}", tags, markers)


SYSTEMS = (
    linux("x86_64"),
    linux("aarch64"),
    macos("arm64", "14_0"),
    macos("x86_64", "14_0"),
)

# Parts of the bundle, and what pip can find no wheels of: by target or system, and part.  Any other gap is an error.
BASE = "base"
EXTRAS = ("hsm", "shares")
GAPS = {
    ("darwin-x86_64", BASE): "cryptography has no wheel there",
    ("linux-aarch64", "hsm"): "PyKCS11 has no wheel there",
    ("darwin-arm64/3.11", "hsm"): "PyKCS11 has no wheel there",
}


class Target(NamedTuple):
    """A system and a version of Python, such as "3.11"."""

    system: System
    python: str

    @property
    def name(self) -> str:
        return f"{self.system.name}/{self.python}"

    @property
    def title(self) -> str:
        return f"{self.system.title}, Python {self.python}"

    def lacks(self, part: str) -> bool:
        """Say whether GAPS knows that there are no wheels of *part*."""
        return (self.name, part) in GAPS or (self.system.name, part) in GAPS

    def environment(self) -> dict[str, str]:
        """Return what environment markers are judged by."""
        python = {"python_version": self.python, "python_full_version": f"{self.python}.0"}
        names = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
        return {**self.system.markers, **python, **names, "implementation_version": f"{self.python}.0", "extra": ""}

    def options(self) -> list[str]:
        """Return the options by which pip chooses wheels for this target and nothing else."""
        abis = [f"cp{self.python.replace('.', '')}", "abi3", "none"]
        words = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", self.python]
        words += [word for abi in abis for word in ("--abi", abi)]
        return words + [word for tag in self.system.tags for word in ("--platform", tag)]


TARGETS = tuple(Target(system, python) for system, python in product(SYSTEMS, PYTHONS))


def marker_of(wanted: "frozenset[str]", among: "frozenset[str]") -> str:
    """Return the environment marker that is true on the targets *wanted*, and on no other one of *among*.

    Args:
        wanted: names of targets, at least one.
        among: those that the bundle is for.

    Returns:
        "" if that is all of them.
    """
    if wanted == among:
        return ""
    targets = [target for target in TARGETS if target.name in among]
    parts = [f'python_version == "{python}"' for python in PYTHONS]
    parts += [f'sys_platform == "{name}"' for name in ("linux", "darwin")]
    for part in parts:
        name, _, value = part.partition(" == ")
        if frozenset(one.name for one in targets if f'"{one.environment()[name]}"' == value) == wanted:
            return part
    return " or ".join(exactly(one) for one in targets if one.name in wanted)


def exactly(target: Target) -> str:
    """Return the marker of one target."""
    names = ("python_version", "sys_platform", "platform_machine")
    return "(" + " and ".join(f'{name} == "{target.environment()[name]}"' for name in names) + ")"
