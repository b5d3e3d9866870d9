"""How is authkit run as a program, with nothing of this machine around it?"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]


class Result(NamedTuple):
    code: int
    out: bytes
    err: str


Authkit = Callable[..., Result]


def run(words: "list[str | Path]", home: Path, env: "dict[str, str] | None" = None, stdin: bytes = b"") -> Result:
    """Run *words* in *home*, with nothing in the environment but *env*, a PATH and the home."""
    whole = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "PYTHONPATH": str(PROJECT / "cli")}
    done = subprocess.run(words, env=whole | (env or {}), cwd=home, input=stdin, capture_output=True, timeout=120)
    return Result(done.returncode, done.stdout, done.stderr.decode())


def run_authkit(*words: "str | Path", home: Path, env: "dict[str, str] | None" = None, stdin: bytes = b"") -> Result:
    """Run authkit's command line in *home*."""
    return run([sys.executable, "-m", "authkit", *words], home, env, stdin)
