"""A command run again and again, each time with another of its system calls failing."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# A run for each line that comes in: [words, standard output, standard error], answered by its process ID; with the
# next line it begins, and its wait status is the second answer.  It is the program, loaded once, since what a program
# loads would be most of what is counted here.  It seals as the tests do, for the product's seals cost seconds.
SERVER = """
import ctypes, json, os, sys
sys.path[:0] = {path!r}
import agefile
from authkit import app, seal
from authkit.commands import _io
seal.encrypt_with_passphrase = lambda passphrase, data: agefile.seal_quickly(passphrase, data).decode()
protect, _io.protect_process = _io.protect_process, lambda: None
first = True
while line := os.read(0, 65536):
    words, out, err = json.loads(line)
    child = 0 if first else os.fork()
    if child == 0 and not first:
        _io.protect_process = protect
        ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)  # PR_SET_PTRACER: strace is no ancestor
        os.write(3, b"%d\\n" % os.getpid())
        os.read(0, 65536)
    if child == 0:
        kept = [os.dup(number) for number in range(3)]
        for number, name in enumerate([os.devnull, out, err]):
            opened = os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(opened, number)
            os.close(opened)
        os.access("/begin", 0)
        code = app.main(words)
        os.access("/end", 0)
        if not first:
            os._exit(code)
        for number, old in enumerate(kept):
            os.dup2(old, number)
            os.close(old)
        os.write(3, b"%d\\n" % code)
        first = False
        continue
    os.write(3, b"%d\\n" % os.waitpid(child, 0)[1])
"""
CALLS = "openat write fsync rename renameat renameat2 link linkat unlink unlinkat flock mkdir".split()
ENVIRON = {
    "AUTHKIT_STORE": "store",
    "AUTHKIT_PASSPHRASE_FILE": "pass",
    "AUTHKIT_KEY_PASSPHRASE_FILE": "pass",
}
Files = dict[str, bytes]
Point = tuple[str, int, str]


class Done:
    """How a run ended: returncode as subprocess has it, stdout, stderr, and the trace of its calls."""

    def __init__(self, returncode: int, stdout: str, stderr: str, trace: str) -> None:
        self.returncode = returncode
        self.stdout = stdout
        self.stderr = stderr
        self.trace = trace


class Place:
    """A folder that a command is run in, again and again, always as if for the first time.

    Args:
        folder: an empty one.
        strace: the program.
        fill: puts into a new folder what the command finds.
        calls: the system calls that count; CALLS without it.
    """

    def __init__(
        self, folder: Path, strace: str, fill: Callable[[Path], object], calls: "list[str] | None" = None
    ) -> None:
        self.here, self.fresh, self.trace = folder / "here", folder / "fresh", folder / "trace"
        self.streams = [str(folder / "stdout"), str(folder / "stderr")]
        self.strace = strace
        self.calls = CALLS if calls is None else calls
        self.fresh.mkdir(mode=0o700)
        fill(self.fresh)
        self.before = files_in(self.fresh)
        self.reset()
        answers, self.answering = os.pipe()
        self.answers = os.fdopen(answers)
        code = f"import os; os.dup2({self.answering}, 3)\n{SERVER.format(path=[path for path in sys.path if path])}"
        self.server = subprocess.Popen(
            [sys.executable, "-S", "-B", "-c", code],
            cwd=self.here,
            env={"PATH": os.environ["PATH"], "HOME": str(self.here), **ENVIRON},
            stdin=subprocess.PIPE,
            pass_fds=[self.answering],
            start_new_session=True,
            bufsize=0,
        )

    def close(self) -> None:
        self.server.communicate()
        self.answers.close()
        os.close(self.answering)

    def reset(self) -> None:
        """Put everything back, in the folder that is the server's own."""
        self.here.mkdir(mode=0o700, exist_ok=True)
        for path in self.here.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self.fresh, self.here, dirs_exist_ok=True)

    def files(self) -> Files:
        return files_in(self.here)

    def _tell(self, value: object) -> None:
        assert self.server.stdin is not None
        self.server.stdin.write(json.dumps(value).encode() + b"\n")

    def load(self, line: str) -> None:
        """Run a command undisturbed in the server itself, so that it has loaded all that the command needs."""
        self._tell([line.split(), *self.streams])
        assert self.answers.readline() == "0\n", Path(self.streams[1]).read_text()

    def run(self, line: str, *options: str, traced: bool = True) -> Done:
        self._tell([line.split(), *self.streams])
        process = self.answers.readline().strip()
        tracer = None
        if traced:
            trace = ["-o", str(self.trace), "-e", f"trace=access,{','.join(self.calls)}", *options]
            tracer = subprocess.Popen([self.strace, *trace, "-p", process], stderr=subprocess.PIPE)
            assert tracer.stderr is not None
            attached = tracer.stderr.readline()
            assert b"attached" in attached, attached
        self._tell("begin")
        code = os.waitstatus_to_exitcode(int(self.answers.readline()))
        if tracer is not None:
            tracer.communicate(timeout=60)
        stdout, stderr = [Path(name).read_text() for name in self.streams]
        return Done(code, stdout, stderr, self.trace.read_text() if traced else "")

    def points(self, line: str) -> list[Point]:
        """Run undisturbed and return name, number and line of each call that writes or locks."""
        self.reset()
        done = self.run(line)
        assert done.returncode == 0, done.stderr
        counts: dict[str, int] = dict.fromkeys(self.calls, 0)
        found, began = [], False
        for call in done.trace.splitlines():
            name, _, rest = call.partition("(")
            began = (began or '"/begin"' in call) and '"/end"' not in call
            if name not in counts:
                continue
            counts[name] += 1
            reads = name == "openat" and "O_CREAT" not in rest
            if began and not reads and not rest.startswith(("1, ", "2, ")):
                found.append((name, counts[name], call))
        return found


def files_in(folder: Path) -> Files:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
