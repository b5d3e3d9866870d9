"""Does a command that need not send anything leave the network alone?"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from authkit import registry
from sample import Sample

PROJECT = Path(__file__).resolve().parents[2]
REQUEST = "GET /notes HTTP/1.1\r\nHost: example.com\r\n\r\n"
KEY = ["--key", "file:key.json", "--region", "us-east-1", "--service", "notes"]
AT, CA = ["--at", "2026-11-23T10:00:00Z"], ["--ca", "clients"]
ASKING = ("--store", "asking")
LOCAL = {
    "keygen": ["keygen", "-o", "new.json"],
    "keygen of a pair": ["keygen", "--type", "p256", "-o", "new.pem"],
    "derive-subkey": ["derive-subkey", "--key", "file:key.json", "--scope", "us-east-1/notes", "-o", "new.subkeys"],
    "inspect-subkey": ["inspect-subkey", "held.subkeys"],
    "request-subkey": ["request-subkey", "new", "--access-key-id", "AK", "--scope", "us-east-1/s3", *ASKING],
    "import-subkey of a response": ["import-subkey", "answer.age", "--at", "2026-11-23T09:00:00Z", *ASKING],
    "inspect-subkey of a response": ["inspect-subkey", "answer.age", *ASKING],
    "show-ledger": ["show-ledger", *ASKING],
    "verify-ledger": ["verify-ledger", *ASKING],
    "sign curl": ["sign", "curl", *KEY, "--", "curl", "-q", "https://example.com/"],
    "sign http": ["sign", "http", *KEY, "request.http"],
    "sign url": ["sign", "url", *KEY, "https://example.com/"],
    "sign batch": ["sign", "batch", *KEY, "requests.ndjson"],
    "verify-signature": ["verify-signature", *KEY, "signed.http"],
    "inspect-signature": ["inspect-signature", "signed.http"],
    "backup-key": ["backup-key", "root", "--paper"],
    "backup-key in shares": ["backup-key", "root", "--shares", "2-of-3", "-o", "shares"],
    "restore-key": ["restore-key", "--check", "page.txt"],
    "create-ca": ["create-ca", "new", "--no-passphrase", *AT],
    "create-ca below": ["create-ca", "new", "--parent", "root", "--no-passphrase", *AT],
    "issue-cert": ["issue-cert", "erin", *CA, "--email", "e@example.com", "--crl-url", "http://pki.example.com/c", *AT],
    "issue-cert of a table": ["issue-cert", *CA, "--from-csv", "users.csv", "--out", "made", *AT],
    "create-csr": ["create-csr", "erin", "--dns", "erin.example.com"],
    "renew-cert": ["renew-cert", "ada", *CA, "--out", "made", *AT],
    "revoke-cert": ["revoke-cert", "ada", *CA, *AT],
    "issue-crl": ["issue-crl", *CA, "-o", "new.crl", *AT],
    "export-cert": ["export-cert", "ada", "--chain"],
    "export-p12": ["export-p12", "ada", "--password-out", "ada.password", "-o", "ada.p12"],
    "list-certs": ["list-certs", "--all", *AT],
    "inspect-cert": ["inspect-cert", "linked.pem", "revoked.crl", *AT],
    "verify-cert": [
        "verify-cert",
        "ada.pem",
        "--trust-anchor",
        "root.pem",
        "--crl",
        "clients.crl",
        "--crl",
        "root.crl",
        *AT,
    ],
    "completion": ["completion", "bash"],
    "help": ["sign", "http", "--help"],
    "a mistake": ["sign", "http", "--nonesuch"],
}
Traced = Callable[[list[str]], str]


def environment() -> dict[str, str]:
    passphrases = dict.fromkeys(("AUTHKIT_PASSPHRASE_FILE", "AUTHKIT_KEY_PASSPHRASE_FILE"), "pass")
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT / "cli"), "HOME": "/nonexistent"}
    return {**base, "AUTHKIT_STORE": "cas", **passphrases}


@pytest.fixture
def traced(tmp_path: Path, require_tool: Callable[[str], str]) -> Traced:
    """A function that runs a program where keys and messages are, and returns the sockets it opens to the network.

    One of the machine itself, as the C library opens to ask who the user is, leads nowhere else.
    """
    strace = require_tool("strace")

    def authkit(*words: str) -> bytes:
        command = [sys.executable, "-m", "authkit", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, check=True).stdout

    Sample().write(tmp_path)
    authkit("keygen", "-o", "key.json", "--force")
    authkit("derive-subkey", "--key", "file:key.json", "--scope", "us-east-1/notes", "-o", "held.subkeys")
    authkit("backup-key", "root", "--paper", "-o", "page.txt")
    tmp_path.joinpath("request.http").write_text(REQUEST)
    tmp_path.joinpath("signed.http").write_bytes(authkit("sign", "http", *KEY, "request.http"))
    line = {"method": "GET", "target": "/notes", "headers": [["Host", "example.com"]]}
    tmp_path.joinpath("requests.ndjson").write_text(f"{json.dumps(line)}\n" * 3)

    # one that says where more about it is to be had
    urls = ["--crl-url", "http://pki.example.com/c.crl", "--aia-url", "http://pki.example.com/c.cer"]
    authkit("issue-cert", "linked", *CA, "--email", "e@example.com", *urls, *AT)

    def run(command: list[str]) -> str:
        trace = ["strace", "-f", "-qq", "-e", "trace=%network", "-e", "signal=none", "-o", "calls", *command]
        done = subprocess.run(
            trace, executable=strace, cwd=tmp_path, env=environment(), capture_output=True, timeout=60
        )
        assert done.returncode == (2 if "--nonesuch" in command else 0), done.stderr
        opened = [line for line in tmp_path.joinpath("calls").read_text().split("\n") if " socket(" in line]
        return "\n".join(line for line in opened if "socket(AF_UNIX" not in line)

    return run


@pytest.mark.parametrize("name", LOCAL)
def test_a_local_command_calls_no_network(name: str, traced: Traced) -> None:
    assert traced([sys.executable, "-m", "authkit", *LOCAL[name]]) == ""


def test_every_command_for_certificates_is_watched() -> None:
    group = [name for name, (group, _) in registry.COMMANDS.items() if group == "certificates"]
    assert set(group) <= {words[0] for words in LOCAL.values()}


def test_a_call_would_be_seen(traced: Traced) -> None:
    code = "import socket, subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; socket.socket()'])"
    assert "socket(AF_INET" in traced([sys.executable, "-c", code])
