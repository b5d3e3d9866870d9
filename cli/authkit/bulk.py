"""How is much work spread over processes, in order and in constant memory?"""

import os
from itertools import chain, islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from typing import Any, TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")

# how many pieces may be under way for each process: enough to keep all busy, few enough to hold in memory
_AHEAD = 3


def cores() -> int:
    """Return how many processes may run at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ordered_map(
    work: "Callable[[Item], Result]", pieces: "Iterable[Item]", processes: "int | None" = None
) -> "Iterator[Result]":
    """Yield work(piece) for each piece, in order.

    Args:
        work: any function; a child process inherits it, with the keys it knows, and nothing of it is ever sent.
        pieces: what can be pickled, each large enough to be worth a message to another process.
        processes: how many; None for one a core.  With one, or with one piece, everything happens in this process.
    """
    count = cores() if processes is None else processes
    if count < 2:
        yield from map(work, pieces)
        return
    rest = iter(pieces)
    start = list(islice(rest, 2))
    if len(start) < 2:
        # starting processes would cost more than it saves
        yield from map(work, start)
        return
    from collections import deque
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(count, get_context("fork"), initializer=_begin, initargs=(work,)) as pool:
        waiting: "deque[Future[Result]]" = deque()
        for piece in chain(start, rest):
            waiting.append(pool.submit(_call, piece))
            if len(waiting) >= _AHEAD * count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_work: "Callable[[Any], Any] | None" = None


def _begin(work: "Callable[[Any], Any]") -> None:
    """Remember what to do in a child, and leave an interrupt to the parent, which ends the children."""
    import signal

    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _call(piece: "Any") -> "Any":
    assert _work is not None
    return _work(piece)
