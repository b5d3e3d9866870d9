"""authkit's command line run in this process: its streams, its environment, its terminal and its exit code."""

import errno
import os
import select
import shlex
import sys
import tempfile
import termios
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any
from unittest import mock

from agefile import seal_quickly
from authkit import app, bulk, seal

Steps = Sequence[tuple[str, str]]


class Done:
    """What a run left.

    Attributes:
        code: the exit code.
        stdout, stderr: bytes, as they came.
        terminal: all that the terminal showed, echo included, with LF; "" without one.
    """

    def __init__(self, code: int, stdout: bytes, stderr: bytes, terminal: str) -> None:
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        self.terminal = terminal

    @property
    def triple(self) -> tuple[str, str, int]:
        return self.stdout.decode(), self.stderr.decode(), self.code


PATIENCE = 60.0  # seconds without a word on the terminal


class Terminal:
    """A terminal at which somebody waits for each prompt and types an answer to it.

    Args:
        steps: (what the last line shown must hold, or "…\\r\\n" for the end of one; what to type, line end included).
    """

    def __init__(self, steps: Steps = ()) -> None:
        self.master, self.slave = os.openpty()
        termios.tcsetwinsize(self.slave, (40, 100))
        self.name = os.ttyname(self.slave)
        self._steps = list(steps)
        self._seen = b""
        self._thread = threading.Thread(target=self._sit, daemon=True)
        self._thread.start()

    def _sit(self) -> None:
        place = 0
        while True:
            for wanted, answer in self._steps[:1]:
                found = self._seen.find(wanted.encode(), place)
                # a prompt is what the line ends with: what is typed before there is one is thrown away
                if found >= 0 and b"\n" not in self._seen[found + len(wanted.encode()) :]:
                    place = len(self._seen)
                    self._steps.pop(0)
                    os.write(self.master, answer.encode())
            if not select.select([self.master], [], [], PATIENCE)[0]:
                self._hang_up()
                return
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                return
            self._seen += piece

    def _hang_up(self) -> None:
        """Let whoever waits for an answer read the end of the terminal: a test then fails and does not hang."""
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, self.master)
        os.close(nothing)

    def close(self) -> str:
        """Return what was shown.  When the last user closes it, the reader's read fails."""
        os.close(self.slave)
        self._thread.join(30)
        os.close(self.master)
        return self._seen.decode().replace("\r\n", "\n")


def run_here(
    words: "str | Sequence[str]",
    folder: Path,
    *,
    environ: "Mapping[str, str] | None" = None,
    stdin: "bytes | None" = b"",
    terminal: "Terminal | None" = None,
    screens: Sequence[int] = (),
    main: "Callable[[list[str]], int]" = app.main,
) -> Done:
    """Run a command line in *folder*, which is its HOME.

    Args:
        words: a line for a shell, or words.
        environ: what is in the environment beside HOME and PATH.
        stdin: what is read; None for a closed stream.
        terminal: what /dev/tty is; None for a process without one.
        screens: which of the streams 0, 1 and 2 are that terminal.
        main: what is run.
    """
    line = shlex.split(words) if isinstance(words, str) else list(words)
    kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_RUN", "COVERAGE_PROCESS_START") if name in os.environ}
    before = Path.cwd()
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, {**kept, "HOME": str(folder), **(environ or {})}, clear=True))
        stack.enter_context(_quick_seals())
        stack.enter_context(_tty(terminal))
        stack.enter_context(mock.patch.object(bulk, "cores", return_value=1))
        out, err = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(2)]
        stack.enter_context(_streams(stdin, (out, err), terminal, screens))
        os.chdir(folder)
        try:
            code = main(line)
        finally:
            os.chdir(before)
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read())
    return Done(code, texts[0], texts[1], terminal.close() if terminal is not None else "")


@contextmanager
def _streams(
    stdin: "bytes | None", files: Sequence[IO[bytes]], terminal: "Terminal | None", screens: Sequence[int]
) -> Iterator[None]:
    saved = [os.dup(number) for number in range(3)]
    with tempfile.TemporaryFile() as source, ExitStack() as stack:
        source.write(stdin or b"")
        source.seek(0)
        places = [source.fileno(), *[file.fileno() for file in files]]
        for number in screens:
            assert terminal is not None
            places[number] = terminal.slave
        try:
            for number, place in enumerate(places):
                os.dup2(place, number)
            for number, name in ((1, "stdout"), (2, "stderr")):
                text = stack.enter_context(open(number, "w", encoding="utf-8", closefd=False))
                stack.enter_context(mock.patch.object(sys, name, text))
            if stdin is None:
                os.close(0)
            yield
        finally:
            for number, old in enumerate(saved):
                os.dup2(old, number)
                os.close(old)


@contextmanager
def _tty(terminal: "Terminal | None") -> Iterator[None]:
    """Let /dev/tty be *terminal*, never that of whoever runs the tests."""
    really = os.open

    def opened(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        if path != "/dev/tty":
            return really(path, flags, mode, **more)
        if terminal is None:
            raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))
        return really(terminal.name, flags, mode)

    with mock.patch.object(os, "open", opened):
        yield


@contextmanager
def _quick_seals() -> Iterator[None]:
    """Seal with a passphrase as age does, with less work."""
    with mock.patch.object(
        seal, "encrypt_with_passphrase", lambda passphrase, data: seal_quickly(passphrase, data).decode()
    ):
        yield
