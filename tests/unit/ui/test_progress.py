"""Is there a bar where it helps, and nothing elsewhere?"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from authkit.ui import progress
from commandline import Terminal, run_here


def work(count: int, found: list[int]) -> int:
    items: Iterable[int] = iter(range(count))
    found += progress.tracked(items, count, "things")
    return 0


@pytest.mark.parametrize(
    ("count", "screens", "environ", "bar"),
    [
        (99, (2,), {}, False),
        (100, (2,), {}, True),
        (100, (1,), {}, False),
        (100, (2,), {"NO_COLOR": "1"}, False),
        (100, (2,), {"TERM": "dumb"}, False),
    ],
)
def test_when_there_is_a_bar(
    count: int, screens: tuple[int, ...], environ: dict[str, str], bar: bool, tmp_path: Path
) -> None:
    found: list[int] = []
    environ = {"TERM": "xterm", **environ}
    terminal = Terminal()
    done = run_here(
        "", tmp_path, main=lambda words: work(count, found), environ=environ, terminal=terminal, screens=screens
    )
    assert found == list(range(count))
    assert ("things" in done.terminal) is bar
    assert (done.stdout, done.stderr) == (b"", b"")
