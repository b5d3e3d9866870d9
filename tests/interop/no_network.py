"""How is a program run on a machine without a network: in a namespace that has no interface which is up?"""

import os
import subprocess
import sys
from pathlib import Path

from interop.program import Result, run

# A user who is not root becomes one inside, with nothing but that namespace.
ALONE = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--net")
LOOK = """
import errno, socket
assert [name for _, name in socket.if_nameindex()] == ["lo"], socket.if_nameindex()
for place in ("127.0.0.1", "192.0.2.1"):
    try:
        socket.create_connection((place, 443), 5)
    except OSError as error:
        assert error.errno == errno.ENETUNREACH, error
    else:
        raise AssertionError(place)
"""


def is_possible() -> bool:
    """Say whether this system lets its user make such a namespace."""
    return subprocess.run([*ALONE, "true"], capture_output=True).returncode == 0


def look_around() -> None:
    """Fail unless a program that is run so finds no way out: loopback is there, and down."""
    subprocess.run([*ALONE, sys.executable, "-I", "-c", LOOK], check=True)


def run_alone(words: "list[str | Path]", home: Path, env: "dict[str, str] | None" = None, stdin: bytes = b"") -> Result:
    """Run *words* in *home* as `interop.program.run` does, without a network."""
    return run([*ALONE, *words], home, env, stdin)
