"""Is the right file read and written while another process exchanges what lies there?"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from authkit import files
from authkit.errors import AuthkitError, InputError, Refused, StoreError

# Puts one thing after the other in the place of argv[1] until its input ends.
SWAPPER = """
import os, select, sys
place, *kinds = sys.argv[1:]
spare = place + ".swap"
while True:
    for kind in kinds:
        try:
            if kind.startswith("@"):
                os.symlink(kind[1:], spare)
            elif kind:
                os.link(kind, spare)
            if kind:
                os.rename(spare, place)
                if os.path.lexists(spare):
                    os.unlink(spare)
            else:
                os.unlink(place)
        except FileNotFoundError:
            pass
    if select.select([sys.stdin], [], [], 0)[0]:
        break
"""


@pytest.fixture
def swap() -> Iterator[Callable[..., None]]:
    """A function that starts to exchange a place's content; it stops with the test."""
    children = []

    def start(place: Path, *kinds: str) -> None:
        command = [sys.executable, "-c", SWAPPER, str(place), *kinds]
        children.append(subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE))

    yield start
    for child in children:
        assert child.poll() is None, "the attack ended early"
        _, said = child.communicate()
        assert said == b""


def outcomes(action: Callable[[], object], *expected: object, tries: int = 20_000) -> set[object]:
    """Return what *action* gave or raised, tried until all of *expected* was seen, or *tries* times."""
    seen: set[object] = set()
    for _ in range(tries):
        try:
            seen.add(action())
        except AuthkitError as error:
            seen.add(type(error))
        if expected and seen.issuperset(expected):
            break
    return seen


def test_a_secret_is_never_read_from_a_file_open_to_others(tmp_path: Path, swap: Callable[..., None]) -> None:
    for name, mode in (("lax", 0o644), ("private", 0o600)):
        (tmp_path / name).write_bytes(name.encode())
        (tmp_path / name).chmod(mode)
    place = tmp_path / "place"
    swap(place, f"@{tmp_path}/lax", f"@{tmp_path}/private", "")
    seen = outcomes(lambda: files.read_private(str(place), 100, "x"), b"private", Refused, InputError)
    assert seen == {b"private", Refused, InputError}


@pytest.mark.parametrize("write", [files.write_secret, files.write_public])
def test_nothing_is_written_through_a_link(
    write: Callable[..., None], tmp_path: Path, swap: Callable[..., None]
) -> None:
    victim, place = tmp_path / "victim", tmp_path / "place"
    victim.write_bytes(b"victim")
    swap(place, f"@{victim}", f"@{tmp_path}/nowhere", "")
    seen: set[object] = set()
    for replace in (False, True) * 100:
        seen |= outcomes(lambda again=replace: write(str(place), b"secret", replace=again), tries=1)
    assert seen <= {None, Refused, StoreError}  # StoreError: what was written is gone before it could be read again
    assert victim.read_bytes() == b"victim"
    assert victim.stat().st_nlink == 1
    assert not (tmp_path / "nowhere").exists()
    assert {name for name in os.listdir(tmp_path) if name.startswith(".")} == set()
