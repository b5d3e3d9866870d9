"""How do these tests get certificates: from authkit's own command line, run in this process?"""

import os
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import load_pem_x509_certificates

from agefile import PASSPHRASE, make_store
from commandline import Done, run_here

NOW = datetime.now(timezone.utc).replace(microsecond=0)
SERVER_NAMES = ("--dns", "localhost", "--dns", "radius.example.com", "--ip", "127.0.0.1")


def ago(days: int) -> str:
    """Return the instant so many days ago, as --at takes it."""
    return (NOW - timedelta(days)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Leaf(NamedTuple):
    """What issue-cert wrote: two PEM files, the second with the leaf first."""

    key: Path
    chain: Path

    @property
    def certificate(self) -> x509.Certificate:
        return load_pem_x509_certificates(self.chain.read_bytes())[0]

    @property
    def sha1(self) -> str:
        return self.certificate.fingerprint(SHA1()).hex()

    @property
    def sha256(self) -> str:
        return self.certificate.fingerprint(SHA256()).hex()


class Packed(NamedTuple):
    """What export-p12 wrote."""

    file: Path
    password_file: Path

    @property
    def password(self) -> str:
        return self.password_file.read_text().rstrip("\n")


class Office:
    """A machine with a store, where certificates are made and nothing else.

    Args:
        folder: an empty folder; the files of all certificates land in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_store(folder / "store")
        with open(os.open(folder / "pass", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(PASSPHRASE + b"\n")

    def try_(self, *words: "str | Path", stdin: bytes = b"") -> Done:
        """Run authkit."""
        given = {"AUTHKIT_STORE": str(self.folder / "store"), "AUTHKIT_PASSPHRASE_FILE": str(self.folder / "pass")}
        return run_here([str(word) for word in words], self.folder, environ=given, stdin=stdin)

    def run(self, *words: "str | Path", stdin: bytes = b"") -> bytes:
        """Run authkit, which must succeed, and return what it prints."""
        done = self.try_(*words, stdin=stdin)
        assert done.code == 0, (words, done.stderr.decode())
        return done.stdout

    def create_ca(self, name: str, *words: str) -> None:
        """Make a CA, as it might have been made some time ago."""
        self.run("create-ca", name, "--no-passphrase", "--at", ago(90), *words)

    def issue(self, name: str, ca: str, *words: "str | Path") -> Leaf:
        self.run("issue-cert", name, "--ca", ca, "--out", self.folder, *words)
        return Leaf(self.folder / f"{name}.key", self.folder / f"{name}.pem")

    def pack(self, leaf: Leaf, name: str, *words: str) -> Packed:
        """Make NAME.p12 of what was issued, with a password that authkit generates."""
        made = Packed(self.folder / f"{name}.p12", self.folder / f"{name}.pw")
        self.run(
            *("export-p12", leaf.chain, "--key", leaf.key, "-o", made.file, "--password-out", made.password_file),
            *words,
        )
        return made

    def root(self, ca: str) -> bytes:
        """Return the certificate that a server is told to trust, PEM."""
        return self.run("export-cert", ca, "--root")

    def crl(self, ca: str, *words: str) -> bytes:
        """Return the CA's list as of now, PEM."""
        return self.run("issue-crl", "--ca", ca, *words)


def self_signed(folder: Path) -> Leaf:
    """Return what anybody can make with openssl."""
    made = Leaf(folder / "self.key", folder / "self.pem")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", made.key)
    says = ("-addext", "extendedKeyUsage=clientAuth", "-addext", "subjectAltName=email:alice@example.com")
    words = ("openssl", "req", "-x509", *key, *says, "-subj", "/CN=alice", "-days", "7", "-out", made.chain)
    subprocess.run(words, check=True, capture_output=True, timeout=60)
    return made


class World:
    """Two roots that a server knows, an intermediate, the server's own certificate, and a root that it does not know.

    Attributes:
        office: holds the CAs "clients", "devices" below it, and "servers".
        foreign: another machine with a CA that is called "clients" too.
        server: for localhost, 127.0.0.1 and radius.example.com.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("office", "foreign"):
            (folder / name).mkdir()
        self.office, self.foreign = Office(folder / "office"), Office(folder / "foreign")
        self.office.create_ca("clients")
        self.office.create_ca("devices", "--parent", "clients")
        self.office.create_ca("servers", "--for", "server")
        self.foreign.create_ca("clients")
        self.server = self.office.issue("server", "servers", "--profile", "server", *SERVER_NAMES)
        self.server_ca = folder / "servers.pem"
        self.server_ca.write_bytes(self.office.root("servers"))

    @property
    def authorities(self) -> bytes:
        """What the server trusts for its clients: the CA of the servers is among them, as it is in many a place."""
        return self.office.root("clients") + self.office.root("servers")

    @property
    def crls(self) -> bytes:
        return b"".join([self.office.crl(name) for name in ("clients", "devices", "servers")])

    def refused(self, *names: "str | Path") -> "dict[str, Leaf]":
        """Return what no server may take, by what is wrong with it; the revoked one is in `crls` from now on.

        Args:
            names: the options that give the leaves their names.
        """
        office = self.office
        made = {
            "expired": office.issue("expired", "clients", "--days", "30", "--at", ago(31), *names),
            "revoked": office.issue("revoked", "clients", *names),
            "revoked below": office.issue("revoked-below", "devices", *names),
            "server auth": office.issue("server-auth", "servers", "--profile", "server", "--dns", "localhost"),
            "foreign": self.foreign.issue("foreign", "clients", *names),
            "self-signed": self_signed(self.folder),
        }
        office.run("revoke-cert", "revoked", "--ca", "clients", "--reason", "key-compromise")
        office.run("revoke-cert", made["revoked below"].chain, "--ca", "devices")
        return made
