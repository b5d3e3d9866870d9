"""A root, two CAs below and beside it, and what they issued: frozen in tests/cli/pki, or made anew by `make`.

Frozen, so that serial numbers and fingerprints can stand in a transcript, and so that every later version is seen to
open what an earlier one wrote.  `python tests/pki.py` makes the frozen files anew; transcripts then show others.

Files:
    cas/: a store with the CAs root, clients (below root; its key under PASSPHRASE) and servers
    root.pem, clients.pem, servers.pem: their certificates; clients.pem with the root behind it
    ada.key, ada.pem: 90 days, email:ada@example.com; ada.pem with clients behind it
    bob.pem: urn:example:bob, revoked a day later; clients.crl: a list before that, revoked.crl: one behind it
    root.crl: of root, which revoked nothing
    web.key, web.pem: of servers, for www.example.com
    build.p12, build.password: a SPIFFE ID
    carol.key, carol.csr: a request that nobody has certified
    users.csv: a table
"""

import sys
from pathlib import Path

FROZEN = Path(__file__).parent / "cli" / "pki"
USERS = b"name,email,common_name,days\nerin,erin@example.com,,\nfrank,frank@example.com,Frank,3\n"
AT, NEXT = "2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z"
LINES = [
    f"create-ca root --no-passphrase --at {AT}",
    f"create-ca clients --parent root --only email,uri,upn,dns,sid,cn --at {AT}",
    f"create-ca servers --for server --no-passphrase --at {AT}",
    "export-cert root -o root.pem",
    "export-cert clients --chain --root -o clients.pem",
    "export-cert servers -o servers.pem",
    f"issue-cert ada --ca clients --email ada@example.com --days 90 --at {AT}",
    f"issue-cert bob --ca clients --uri urn:example:bob --days 90 --at {AT}",
    f"issue-cert web --ca servers --profile server --dns www.example.com --at {AT}",
    f"issue-cert build --ca clients --profile spiffe --spiffe spiffe://example.com/build --p12"
    f" --password-out build.password --at {AT}",
    f"issue-crl --ca clients --days 30 -o clients.crl --at {AT}",
    f"issue-crl --ca root --days 30 -o root.crl --at {AT}",
    f"revoke-cert bob --ca clients --reason key-compromise --at {NEXT}",
    f"issue-crl --ca clients --days 30 -o revoked.crl --at {NEXT}",
    "create-csr carol --email carol@example.com",
]
LEFT_OUT = {"pass", "bob.key", "cas/lock"}


def make(folder: Path) -> dict[str, bytes]:
    """Make everything in *folder*, by the command line itself, and return name -> content."""
    from agefile import PASSPHRASE, make_store
    from commandline import run_here

    make_store(folder / "cas")
    (folder / "pass").write_bytes(PASSPHRASE + b"\n")
    (folder / "pass").chmod(0o600)
    environ = {"AUTHKIT_STORE": "cas", "AUTHKIT_PASSPHRASE_FILE": "pass", "AUTHKIT_KEY_PASSPHRASE_FILE": "pass"}
    for line in LINES:
        done = run_here(line, folder, environ=environ)
        assert done.code == 0, (line, done.stderr)
    (folder / "users.csv").write_bytes(USERS)
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: data for name, data in found.items() if name not in LEFT_OUT and not name.endswith(".lock")}


def frozen() -> dict[str, bytes]:
    """Return the frozen files, name -> content."""
    return {str(path.relative_to(FROZEN)): path.read_bytes() for path in FROZEN.rglob("*") if path.is_file()}


if __name__ == "__main__":
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        made = make(Path(name))
    shutil.rmtree(FROZEN, ignore_errors=True)
    for place, data in made.items():
        (FROZEN / place).parent.mkdir(parents=True, exist_ok=True)
        (FROZEN / place).write_bytes(data)
    sys.stdout.write(f"{len(made)} files\n")
