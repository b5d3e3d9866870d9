"""How are two pieces of work timed so that only their ratio remains?

Every round does each work once, in turn; a ratio is taken within each round, and the median of the rounds is kept.
So a machine that slows down for a while slows both, and no absolute time is ever compared.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table.

    Attributes:
        work: what was done, against what.
        limit: what the ratio may be at most (at least, where *least* says so).
        aim: what it is meant to be.
        measured: the median ratio.
        least: whether more is better.
        unit: "x" for ratios, or what the numbers are.
    """

    work: str
    limit: float
    aim: float
    measured: float
    least: bool = False
    unit: str = "x"

    @property
    def ok(self) -> bool:
        return self.measured >= self.limit if self.least else self.measured <= self.limit


class Process:
    """A command, ready to be run again and again.

    Args:
        words: the program by absolute path, and its arguments.
        environment: all of it.
        stdin: a file to read, or None for nothing.
        sink: "null", "pipe" (read by cat), or a file to write.
        cpus: the processors it may use, or None for all.
        code: the exit code that it must end with.
    """

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        *,
        stdin: str = os.devnull,
        sink: str = "null",
        cpus: "set[int] | None" = None,
        code: int = 0,
    ) -> None:
        self.words, self.environment = list(words), dict(environment)
        self.stdin, self.sink, self.cpus, self.code = stdin, sink, cpus, code

    def seconds(self) -> float:
        """Run it once; return how long that took.

        Raises:
            SystemExit: if it does not end with its exit code.
        """
        start = time.perf_counter()
        pid, cat = self._start()
        _, status = os.waitpid(pid, 0)
        if cat:
            os.waitpid(cat, 0)
        wall = time.perf_counter() - start
        self._judge(status)
        return wall

    def peak_mib(self) -> float:
        """Run it once; return its resident memory at its peak, as its own status file has it.

        The kernel's accounts for a child that ended do not serve: they begin with the memory of the parent.
        """
        pid, cat = self._start()
        peak, ended, status = 0, 0, 0
        while not ended:
            with open(f"/proc/{pid}/status") as file:
                peak = max([peak, *(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))])
            time.sleep(0.002)
            ended, status = os.waitpid(pid, os.WNOHANG)
        if cat:
            os.waitpid(cat, 0)
        self._judge(status)
        return peak / 1024

    def _start(self) -> tuple[int, int]:
        """Return the process, and the one that reads its pipe or 0."""
        cat, out = self._open_sink()
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, self.stdin, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, out, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        allowed = os.sched_getaffinity(0)
        if self.cpus is not None:
            os.sched_setaffinity(0, self.cpus)
        pid = os.posix_spawn(self.words[0], self.words, self.environment, file_actions=actions)
        os.close(out)
        os.sched_setaffinity(0, allowed)
        return pid, cat

    def _judge(self, status: int) -> None:
        code = os.waitstatus_to_exitcode(status)
        if code != self.code:
            raise SystemExit(f"bench: exit {code}, expected {self.code}: {' '.join(self.words)}")

    def _open_sink(self) -> tuple[int, int]:
        if self.sink != "pipe":
            name = os.devnull if self.sink == "null" else self.sink
            return 0, os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        reader, writer = os.pipe2(os.O_CLOEXEC)
        actions = [(os.POSIX_SPAWN_DUP2, reader, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
        cat = os.posix_spawnp("cat", ["cat"], os.environ, file_actions=actions)
        os.close(reader)
        return cat, writer


def rounds_of(processes: Mapping[str, Process], rounds: int) -> dict[str, list[float]]:
    """Return seconds a run of each process, one figure a round, after one round that is thrown away."""
    found: dict[str, list[float]] = {name: [] for name in processes}
    for number in range(rounds + 1):
        for name, process in processes.items():
            one = process.seconds()
            if number:
                found[name].append(one)
    return found


def ratio(found: Mapping[str, list[float]], name: str, base: str) -> float:
    """Return the median over the rounds of time(name) / time(base)."""
    return median(one / other for one, other in zip(found[name], found[base], strict=True))


def seconds_a_call(works: Mapping[str, Callable[[], object]], rounds: int = 21) -> dict[str, list[float]]:
    """Return processor seconds a call of each work, all threads, one figure a round; the rounds are interleaved."""
    counts, slice_s = {}, 0.05
    for name, work in works.items():
        count, spent = 1, 0.0
        while spent < slice_s / 4:
            count *= 2
            start = time.process_time()
            for _ in range(count):
                work()
            spent = time.process_time() - start
        counts[name] = max(1, int(count * slice_s / spent))
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            start = time.process_time()
            for _ in range(counts[name]):
                work()
            found[name].append((time.process_time() - start) / counts[name])
    return found
