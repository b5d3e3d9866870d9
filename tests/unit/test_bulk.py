"""Is spread work given back in order, a few pieces at a time, and are failures of a child ours?"""

import os
import signal
from collections.abc import Iterator

import pytest

from authkit import bulk
from authkit.errors import InputError


class Pieces:
    """0, 1, 2 …, and how many were taken so far."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.taken = 0

    def __iter__(self) -> Iterator[int]:
        for number in range(self.count):
            self.taken += 1
            yield number


def where(number: int) -> tuple[int, int]:
    return number, os.getpid()


def test_one_process_is_this_one_and_takes_a_piece_at_a_time() -> None:
    pieces = Pieces(3)
    results = bulk.ordered_map(where, pieces, 1)
    assert pieces.taken == 0
    assert next(results) == (0, os.getpid())
    assert pieces.taken == 1
    assert list(results) == [(1, os.getpid()), (2, os.getpid())]


def test_two_processes_are_others_and_take_six_pieces_ahead() -> None:
    pieces = Pieces(20)
    secret = b"known to a child without being sent"
    results = bulk.ordered_map(lambda number: (number, os.getpid(), secret), pieces, 2)
    first = next(results)
    assert pieces.taken == 6
    found = [first, *results]
    assert [number for number, _, _ in found] == list(range(20))
    assert {held for _, _, held in found} == {secret}
    children = {child for _, child, _ in found}
    assert os.getpid() not in children
    assert 1 <= len(children) <= 2


def test_fewer_pieces_than_processes() -> None:
    assert list(bulk.ordered_map(where, [7], 2)) == [(7, os.getpid())]
    assert [number for number, child in bulk.ordered_map(where, [7, 8], 3) if child != os.getpid()] == [7, 8]
    assert list(bulk.ordered_map(str, [], 2)) == []


def fail(number: int) -> int:
    if number == 2:
        raise InputError("line 3 cannot be read", "look at it")
    return number


@pytest.mark.parametrize("processes", [1, 2])
def test_a_failure_comes_where_its_result_would(processes: int) -> None:
    results = bulk.ordered_map(fail, range(5), processes)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(InputError, match="^line 3 cannot be read$"):
        next(results)


def test_without_a_number_it_is_one_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "cores", lambda: 1)
    assert list(bulk.ordered_map(where, [5])) == [(5, os.getpid())]


def test_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 3, 5} if pid == 0 else set(), raising=False)
    assert bulk.cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert bulk.cores() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert bulk.cores() == 1


def test_a_child_leaves_an_interrupt_to_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_work", None)
    before = signal.getsignal(signal.SIGINT)
    try:
        bulk._begin(str)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert bulk._call(7) == "7"
    finally:
        signal.signal(signal.SIGINT, before)
