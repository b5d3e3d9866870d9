"""Is authkit as fast as it says, next to its peers, in one paired run?

Usage: bench.py [start_up|in_process|httpsig|bulk|streaming|certs|sealed]...

Prints a table; exits 1 if a limit is not kept.
"""

import importlib
import sys
import tempfile
from pathlib import Path

from pairs import Row

PARTS = ("start_up", "in_process", "httpsig", "bulk", "streaming", "certs", "sealed")


def line(row: Row) -> str:
    """Return a row as text."""
    relation = ">=" if row.least else "<="
    numbers = [f"{number:6.2f} {row.unit:<3}" for number in (row.limit, row.aim, row.measured)]
    return f"{row.work:<62}  {relation} {'  '.join(numbers)}  {'yes' if row.ok else 'NO'}"


def main(parts: "list[str]") -> int:
    print(f"{'work':<62}  {'limit':>9}      {'aim':>6}      {'measured':<8}  ok")
    kept = True
    with tempfile.TemporaryDirectory(prefix="authkit-bench-") as folder:
        for part in parts or PARTS:
            for row in importlib.import_module(part).rows(Path(folder)):
                print(line(row), flush=True)
                kept = kept and row.ok
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
