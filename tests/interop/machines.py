"""Two machines with an air gap between them: one that issues and has no network, one that asks; and what is carried."""

import json
import os
import resource
import shutil
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from agefile import PASSPHRASE, make_store
from authkit import clock
from interop.no_network import run_alone
from interop.program import Result, run

LIBRARIES = ("/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib64/faketime/libfaketime.so.1")


def fake_clock() -> str:
    """Return the library that shifts a program's clock; "" where it is not installed."""
    found = [path for pattern in LIBRARIES for path in sorted(Path("/").glob(pattern[1:]))]
    return str(found[0]) if found else ""


class Step(NamedTuple):
    """One command line that was run, and what it took: seconds of the processor, and by the clock on the wall."""

    words: tuple[str, ...]
    cpu: float
    wall: float


class Machine:
    """A home with a store of its own, whose passphrase costs next to nothing to try.

    Args:
        home: an empty folder.
        alone: whether it has no network.

    Attributes:
        days: how far its clock is ahead of the real one.
        steps: everything that was run on it.
    """

    def __init__(self, home: Path, *, alone: bool) -> None:
        self.home, self.alone, self.days = home, alone, 0
        self.store = home / "store"
        self.opened = make_store(self.store)
        self.steps: list[Step] = []
        with open(os.open(home / "pass", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(PASSPHRASE + b"\n")

    def run(self, *words: "str | Path", stdin: bytes = b"") -> Result:
        """Run authkit on this machine, at its time."""
        env = {"AUTHKIT_STORE": str(self.store), "AUTHKIT_PASSPHRASE_FILE": str(self.home / "pass")}
        if self.days:
            env |= {"LD_PRELOAD": fake_clock(), "FAKETIME": f"+{self.days}d"}
        runs = run_alone if self.alone else run
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = runs([sys.executable, "-m", "authkit", *words], self.home, env, stdin)
        after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
        cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        self.steps.append(Step(tuple(map(str, words)), cpu, wall))
        return done

    def ok(self, *words: "str | Path", stdin: bytes = b"") -> str:
        """Run authkit, which must succeed; return what it prints."""
        done = self.run(*words, stdin=stdin)
        assert done.code == 0, (words, done.err)
        return done.out.decode()

    def refuses(self, *words: "str | Path") -> str:
        """Run authkit, which must refuse for a named reason and print nothing; return the reason."""
        given = [*words, *([] if "--json" in words else ["--json"])]
        done = self.run(*given)
        assert (done.code, done.out) == (5, b""), (words, done)
        return str(json.loads(done.err.splitlines()[-1])["error"]["reason"])

    def ledger(self) -> list[dict[str, Any]]:
        path = self.store / "ceremony" / "ledger.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()]

    def today(self) -> str:
        from datetime import timedelta

        return (clock.now() + timedelta(days=self.days)).strftime("%Y-%m-%d")

    def copy(self, home: Path) -> "Machine":
        """Return a machine in the same state, at the same time."""
        other = object.__new__(Machine)
        shutil.copytree(self.home, home)
        other.home, other.alone, other.days, other.steps = home, self.alone, self.days, []
        other.store, other.opened = home / "store", self.opened
        return other


class Gap:
    """An issuer without a network, a requester with one, and the hand that carries files between them.

    Attributes:
        vault: has the master secret.
        web: has what is carried to it.
    """

    def __init__(self, vault: Machine, web: Machine) -> None:
        self.vault, self.web = vault, web

    @property
    def steps(self) -> list[Step]:
        return [*self.vault.steps, *self.web.steps]

    def set_days(self, days: int) -> None:
        """Set both clocks."""
        self.vault.days = self.web.days = days

    def copy(self, folder: Path) -> "Gap":
        return Gap(self.vault.copy(folder / "vault"), self.web.copy(folder / "web"))

    def carry(self, name: str, source: Machine, target: Machine) -> Path:
        """Carry a file over; return where it lies then."""
        return Path(shutil.copy(source.home / name, target.home / name))

    def enrol(self, access_key: bytes, *policy: str) -> None:
        """Give the issuer its master and each side the other's card, the words compared."""
        self.vault.ok("import-key", "root", "-", "--use", "derive", "--no-passphrase", stdin=access_key)
        self.vault.ok("show-identity", "--issuer", "--no-passphrase", "vault", "-o", "vault.card")
        self.web.ok("show-identity", "web-1", "-o", "web-1.card")
        card = self.carry("web-1.card", self.web, self.vault)
        self.vault.ok("trust-requester", card, "--words", self.words(self.web), *policy)
        card = self.carry("vault.card", self.vault, self.web)
        self.web.ok("trust-issuer", card, "--words", self.words(self.vault, "--issuer"))

    def words(self, machine: Machine, *options: str) -> str:
        """Return the sixteen words that a person at *machine* reads to the other."""
        return str(json.loads(machine.ok("show-identity", "--json", *options))["words"])

    def ask(self, name: str, *options: str) -> Path:
        """Make a request and carry it over; return it there."""
        self.web.ok("request-subkey", name, "-o", f"{name}.request", "--force", *options)
        return self.carry(f"{name}.request", self.web, self.vault)

    def approve(self, request: Path, *options: str) -> Path:
        """Approve a request and carry the response back; return it there."""
        name = f"{request.stem}.response"
        confirmed = ("--confirm", "web-1", "--confirm-date", self.vault.today())
        self.vault.ok("approve-subkey", request, "-o", name, "--force", *confirmed, *options)
        return self.carry(name, self.vault, self.web)
