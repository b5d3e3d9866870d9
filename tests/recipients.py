"""What age seals to besides its own keys: SSH keys made for one run, and a plugin that wraps without any secret."""

import functools
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

# "age1fake1" and "AGE-PLUGIN-FAKE-1" with the bytes "hello", which mean nothing
PLUGIN_RECIPIENT, PLUGIN_IDENTITY = "age1fake1dpjkcmr06cm6dw", "AGE-PLUGIN-FAKE-1DPJKCMR0YMXKZ5"
# age's C2SP specification, p256tag: 0x02 and the x coordinate of a point of P-256
TAG_RECIPIENT = "age1tag1qf556dcrl3n38hqyc0gwp8v3hpvgltuytgdwkrvrrf4fgawzt0as2r2g4wp"

_PLUGIN = '''#!/usr/bin/env python3
"""An age plugin: wraps a file key by XOR with 0x55, and writes down each time that it was started."""
import base64, os, sys

def read():
    words, body = sys.stdin.readline().rstrip("\\n").split(" ")[1:], ""
    while True:
        line = sys.stdin.readline().rstrip("\\n")
        body += line
        if len(line) < 64:
            return words, base64.b64decode(body + "=" * (-len(body) % 4))

def send(*words, body=b""):
    text = base64.b64encode(body).decode().rstrip("=")
    lines = [text[start : start + 64] for start in range(0, len(text) + 1, 64)]
    sys.stdout.write("\\n".join(["-> " + " ".join(words), *lines]) + "\\n")
    sys.stdout.flush()

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "started"), "a") as log:
    log.write(sys.argv[1] + "\\n")
mode = MODE
got = []
while not got or got[-1][0][0] != "done":
    got.append(read())
if mode == "ask":
    send("msg", body=b"touch \\x1b[31mthe key")
    read()
    send("confirm", base64.b64encode(b"yes").decode().rstrip("="), body=b"is it there?")
    read()
    send("request-public", body=b"a name")
    read()
    send("request-secret", body=b"PIN")
    words, body = read()
    mode = "works" if words == ["ok"] and body == b"123456" else "fails"
for words, body in got:
    if words[0] == "wrap-file-key" and mode == "fails":
        send("error", "recipient", "0", body=b"no card in the reader.\\nAnd more")
        read()
    elif words[0] == "recipient-stanza" and words[2] == "fake" and mode == "fails":
        send("error", "stanza", words[1], "0", body=b"no card in the reader.\\nAnd more")
        read()
    elif words[0] == "wrap-file-key":
        send("recipient-stanza", "0", "fake", "arg", body=bytes(byte ^ 0x55 for byte in body))
        read()
    elif words[0] == "recipient-stanza" and words[2] == "fake":
        send("file-key", words[1], body=bytes(byte ^ 0x55 for byte in body))
        read()
send("done")
'''


def write_plugin(folder: Path, mode: str = "works") -> Path:
    """Write the program age-plugin-fake into *folder*, which is made; return the file that says how it was started.

    Args:
        mode: "works", "fails", or "ask", which works once it was told the PIN 123456.
    """
    folder.mkdir(exist_ok=True)
    program = folder / "age-plugin-fake"
    program.write_text(_PLUGIN.replace("MODE", repr(mode)))
    program.chmod(0o700)
    return folder / "started"


def path_with(folder: Path) -> str:
    """Return $PATH with *folder* before all others."""
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@functools.cache
def ssh_pair(kind: str) -> tuple[bytes, str]:
    """Return an SSH private key and the line of its public key, with a comment.

    Args:
        kind: "ed25519"; "rsa", as ssh-keygen writes it; or "rsa-pem", the same key as OpenSSL writes it.
    """
    if kind == "rsa-pem":
        return _rsa().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()), ssh_pair("rsa")[1]
    key = ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else _rsa()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()), f"{public} someone@example.com"


@functools.cache
def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)
