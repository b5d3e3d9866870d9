"""An age file under a passphrase with little work, which the product cannot write, and whoever must be another user."""

import base64
import hashlib
import hmac
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from authkit import files
from authkit.stores import folder

if TYPE_CHECKING:
    import pytest

PASSPHRASE = b"sixteen or more characters"
# Of no use outside these tests; fixed, so that every run collects tests of the same names.
IDENTITY = "AGE-SECRET-KEY-18SJCG3QUXUVDK2FQFLSV5H0FNRFYFSQ5EKFH7JPGST9GXRPJYJVS9AMVR3"
RECIPIENT = "age1p7mp5x2we8ntjjwykxsh7ew45ha0xm2jsq99hq6xag5g6jzm5ylsuzw0eh"


def seal_quickly(passphrase: bytes, data: bytes, work: int = 10, stated: str | None = None) -> bytes:
    """Return *data* (at most 64 KiB) as armored age under *passphrase*, with scrypt's N = 2**work.

    Args:
        stated: what the header says instead of *work*.
    """
    salt, file_key, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    label = b"age-encryption.org/v1/scrypt" + salt
    wrapping = hashlib.scrypt(passphrase, salt=label, n=1 << work, r=8, p=1, maxmem=1 << 30, dklen=32)
    wrapped = ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)
    header = f"age-encryption.org/v1\n-> scrypt {_raw(salt)} {stated or work}\n{_raw(wrapped)}\n---".encode()
    mac = hmac.digest(_expand(file_key, b"", b"header"), header, "sha256")
    chunk = ChaCha20Poly1305(_expand(file_key, nonce, b"payload")).encrypt(bytes(11) + b"\x01", data, None)
    text = base64.b64encode(header + b" " + _raw(mac).encode() + b"\n" + nonce + chunk)
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN AGE ENCRYPTED FILE-----", *lines, b"-----END AGE ENCRYPTED FILE-----\n"])


def _raw(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _expand(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(key)


def make_store(path: Path, passphrase: bytes = PASSPHRASE) -> folder.FolderStore:
    """Return a new folder store that *passphrase* opens with little work."""

    def keep(info: folder.StoreInfo, identity: str) -> None:
        files.write_secret(info.identity_path, seal_quickly(passphrase, identity.encode() + b"\n"))

    return folder.create(str(path), "passphrase", keep)


def give_away(path: Path, monkeypatch: "pytest.MonkeyPatch") -> None:
    """Let *path* belong to another user than the one that authkit runs as, and than root."""
    if os.geteuid() == 0:
        os.chown(path, 12345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 54321)
