"""Which packages does a target need, and which line asks pip for one?"""

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bundle.build import archive_of, main, read_lock, targets_of
from bundle.resolve import Pin, Unresolved, needed
from bundle.targets import TARGETS, Target

LINUX_311, MAC = TARGETS[0], next(target for target in TARGETS if target.name == "darwin-arm64/3.13")
METADATA = {
    "authkit": {"requires_dist": ["keyring>=25", "PyKCS11>=1.5 ; extra == 'hsm'", "pywin32-ctypes ; os_name == 'nt'"]},
    "keyring": {
        "requires_dist": ["SecretStorage ; sys_platform == 'linux'", "importlib_metadata ; python_version < '3.12'"]
    },
    "importlib-metadata": {"requires_dist": ["zipp", "keyring"]},
    "zipp": {},
}


@pytest.mark.parametrize(
    "asked, target, names",
    [
        ("authkit", LINUX_311, {"authkit", "keyring", "secretstorage", "importlib-metadata", "zipp"}),
        ("authkit[hsm]", LINUX_311, {"authkit", "keyring", "secretstorage", "importlib-metadata", "zipp", "pykcs11"}),
        ("authkit", MAC, {"authkit", "keyring"}),
        ("authkit[hsm]", MAC, {"authkit", "keyring", "pykcs11"}),
        ("zipp", MAC, {"zipp"}),
        ("nothing-known[of_it]", MAC, {"nothing-known"}),
    ],
)
def test_what_a_target_needs(asked: str, target: Target, names: set[str]) -> None:
    assert set(needed([Requirement(asked)], METADATA, target)) == names


def test_the_requirement_that_asks_is_kept() -> None:
    assert str(needed([Requirement("authkit[hsm]")], METADATA, MAC)["pykcs11"].specifier) == ">=1.5"


def test_a_pin_is_a_line_with_every_hash() -> None:
    pin = Pin("click", "8.5", "base", {"b.whl": "22", "a.whl": "11", "c.whl": "22"}, ("linux-x86_64/3.11",))
    assert pin.line() == "click==8.5 \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\n"
    assert pin.line('python_version == "3.11"').startswith('click==8.5 ; python_version == "3.11" \\\n')


def test_an_archive_depends_on_its_files_alone() -> None:
    one = archive_of({"b": b"2", "a/c": b"1"}, "top")
    assert one == archive_of({"a/c": b"1", "b": b"2"}, "top")
    assert one != archive_of({"a/c": b"1", "b": b"3"}, "top")
    assert one.index(b"top/a/c\0") < one.index(b"top/b\0")


@pytest.mark.parametrize("content", ["", "[]", '{"schema": "authkit.bundle-lock/v2", "pins": []}', '{"pins": []}'])
def test_what_is_no_lock(content: str, tmp_path: Path) -> None:
    path = tmp_path / "lock.json"
    path.write_text(content)
    with pytest.raises(Unresolved, match=r"lock\.json: no lock of a bundle: "):
        read_lock(path)


def test_targets_by_name() -> None:
    assert targets_of([]) == list(TARGETS)
    assert targets_of(["linux-x86_64/3.11"]) == [LINUX_311]


def test_a_failure_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "linux-vax/3.11"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("offline-bundle: no target linux-vax/3.11; there are linux-x86_64/3.11, ")
