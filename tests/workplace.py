"""A store with a CA, what it issued, and command lines that work with it."""

import atexit
import functools
import json
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography import x509

from agefile import PASSPHRASE, make_store
from commandline import Done, Terminal, run_here

AT = "2026-11-24T09:00:00Z"
FIRST = (
    "create-ca demo --no-passphrase",
    "issue-cert alice --email alice@example.com",
    "issue-cert bob --dns bob.example.com --days 1 --crl-url http://crl.example.com/demo.crl --key-type p384",
)


class Place:
    """A folder with a store; command lines run in it.

    Attributes:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(
        self,
        line: str,
        *,
        at: str = AT,
        stdin: bytes = b"",
        terminal: "Terminal | None" = None,
        screens: tuple[int, ...] = (),
        environ: Mapping[str, str] = {},
    ) -> Done:
        """Run a command line at an instant; "" for the present, or for a command without --at."""
        words = [*shlex.split(line), *(["--at", at] if at else [])]
        places = {"AUTHKIT_STORE": str(self.path / "store"), "AUTHKIT_PASSPHRASE_FILE": str(self.path / "pass")}
        environ = {**places, **environ}
        return run_here(words, self.path, environ=environ, stdin=stdin, terminal=terminal, screens=screens)

    def ok(self, line: str, *, at: str = AT, **more: Any) -> str:
        """Return the standard output of a command line that succeeds."""
        done = self.run(line, at=at, **more)
        assert done.code == 0, done.triple
        return done.stdout.decode()

    def lines(self, ca: str = "demo") -> list[dict[str, Any]]:
        """Return the lines of a CA's ledger."""
        text = (self.path / "store" / "ledgers" / f"{ca}.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def events(self, ca: str = "demo") -> list[str]:
        return [line["event"] for line in self.lines(ca)]

    def serial(self, name: str, place: int = -1, ca: str = "demo") -> str:
        """Return the serial of what was issued under *name*, the last one as a rule."""
        return str([line["serial"] for line in self.lines(ca) if line.get("name") == name and "serial" in line][place])

    def certificate(self, file: str) -> x509.Certificate:
        """Return the first certificate in a file."""
        return x509.load_pem_x509_certificates((self.path / file).read_bytes())[0]


@functools.cache
def _furnished() -> Path:
    kept = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, kept)
    path = Path(kept) / "place"
    path.mkdir(mode=0o700)
    make_store(path / "store")
    (path / "pass").write_bytes(PASSPHRASE)
    (path / "pass").chmod(0o600)
    for line in FIRST:
        Place(path).ok(line)
    return path


def make_place(path: Path) -> Place:
    """Return a place with a store, the CA demo, and alice's and bob's keys and certificates."""
    shutil.copytree(_furnished(), path / "place")
    return Place(path / "place")
