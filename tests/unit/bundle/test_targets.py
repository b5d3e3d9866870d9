"""Is each environment marker true where its wheel is needed, and nowhere else?"""

import pytest
from packaging.markers import Marker

from bundle.targets import BASE, EXTRAS, GAPS, SYSTEMS, TARGETS, marker_of

ALL = frozenset(target.name for target in TARGETS)
LINUX = frozenset(name for name in ALL if name.startswith("linux-"))


def holds(marker: str) -> frozenset[str]:
    """Return the targets where *marker* is true."""
    return frozenset(one.name for one in TARGETS if not marker or Marker(marker).evaluate(one.environment()))


def test_the_targets() -> None:
    assert len(TARGETS) == len(ALL) == 12
    assert [system.name for system in SYSTEMS] == ["linux-x86_64", "linux-aarch64", "darwin-arm64", "darwin-x86_64"]
    assert [target.title for target in TARGETS[:1]] == ["Linux x86_64, Python 3.11"]


@pytest.mark.parametrize(
    "wanted, marker",
    [
        (ALL, ""),
        (LINUX, 'sys_platform == "linux"'),
        (ALL - LINUX, 'sys_platform == "darwin"'),
        (frozenset(name for name in ALL if name.endswith("/3.11")), 'python_version == "3.11"'),
        (
            frozenset(["linux-aarch64/3.12"]),
            '(python_version == "3.12" and sys_platform == "linux" and platform_machine == "aarch64")',
        ),
    ],
)
def test_a_marker_is_the_shortest(wanted: frozenset[str], marker: str) -> None:
    assert marker_of(wanted, ALL) == marker


@pytest.mark.parametrize("place", range(12))
def test_a_marker_is_true_there_alone(place: int) -> None:
    names = sorted(ALL)
    wanted = frozenset(names[place:] + names[: place // 2])
    assert holds(marker_of(wanted, ALL)) == wanted


def test_a_marker_says_nothing_where_all_of_a_smaller_bundle_need_it() -> None:
    assert marker_of(frozenset(["linux-x86_64/3.11"]), frozenset(["linux-x86_64/3.11"])) == ""
    assert marker_of(LINUX, LINUX) == ""


def test_pip_is_asked_for_one_target() -> None:
    options = TARGETS[0].options()
    assert options[:6] == ["--only-binary", ":all:", "--implementation", "cp", "--python-version", "3.11"]
    assert options[6:12] == ["--abi", "cp311", "--abi", "abi3", "--abi", "none"]
    assert options[12:] == [
        *("--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_24_x86_64"),
        *("--platform", "manylinux_2_17_x86_64", "--platform", "manylinux2014_x86_64"),
    ]


def test_a_gap_is_of_a_target_or_of_a_system() -> None:
    lacking = {(target.name, part) for target in TARGETS for part in (BASE, *EXTRAS) if target.lacks(part)}
    macs = {(f"darwin-x86_64/3.{minor}", BASE) for minor in (11, 12, 13)}
    tokens = {(f"linux-aarch64/3.{minor}", "hsm") for minor in (11, 12, 13)} | {("darwin-arm64/3.11", "hsm")}
    assert lacking == macs | tokens
    assert len(GAPS) == 3
