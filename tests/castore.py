"""A folder with a store in which CAs are made and used through the command line."""

import json
from pathlib import Path
from typing import Any

from agefile import PASSPHRASE, make_store
from authkit.ledger import Ledger
from commandline import Done, Terminal, run_here

WHEN = "2026-11-24T09:00:00Z"
KEY_PASSPHRASE = b"another sixteen characters"


class CaStore:
    """A folder in which `run` runs command lines.

    Attributes:
        path: the folder; its store is `store`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        make_store(path / "store")
        self.write("pass", PASSPHRASE + b"\n")
        self.write("keypass", KEY_PASSPHRASE + b"\n")

    def write(self, name: str, data: "bytes | str") -> Path:
        place = self.path / name
        place.write_bytes(data if isinstance(data, bytes) else data.encode())
        place.chmod(0o600)
        return place

    def run(
        self,
        words: str,
        *,
        at: "str | None" = WHEN,
        stdin: bytes = b"",
        terminal: "Terminal | None" = None,
        keypass: bool = False,
        environ: "dict[str, str] | None" = None,
    ) -> Done:
        variables = {
            "AUTHKIT_STORE": str(self.path / "store"),
            "AUTHKIT_PASSPHRASE_FILE": str(self.path / "pass"),
            **({"AUTHKIT_KEY_PASSPHRASE_FILE": str(self.path / "keypass")} if keypass else {}),
            **(environ or {}),
        }
        line = words if at is None else f"{words} --at {at}"
        return run_here(line, self.path, environ=variables, stdin=stdin, terminal=terminal)

    def ok(self, words: str, **more: Any) -> str:
        """Return what a command line that must succeed wrote."""
        done = self.run(words, **more)
        assert done.code == 0, done.triple
        return done.stdout.decode()

    def json(self, words: str, **more: Any) -> Any:
        return json.loads(self.ok(f"{words} --json", **more))

    def make_ca(self, name: str = "home", words: str = "") -> dict[str, Any]:
        """Return what create-ca said in JSON."""
        found: dict[str, Any] = self.json(f"create-ca {name} --no-passphrase {words}")
        return found

    def ledger(self, name: str = "home") -> list[dict[str, Any]]:
        return Ledger(str(self.path / "store" / "ledgers" / f"{name}.jsonl")).lines()

    def entry(self, name: str = "home") -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.path / "store" / "keys" / f"{name}.json").read_text())
        return found

    def files(self, folder: str = ".") -> list[str]:
        """Return what is in a folder beside the store and its passphrases, sorted."""
        kept = ("store", "pass", "keypass")
        return sorted(one.name for one in (self.path / folder).iterdir() if one.name not in kept)


def refusal(message: str, hint: "str | None" = None, code: int = 5) -> tuple[str, str, int]:
    """Return the triple of a command line that fails."""
    lines = [f"authkit: error: {message}\n", f"authkit: hint: {hint}\n" if hint else ""]
    return "", "".join(lines), code
