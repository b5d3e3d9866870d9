"""Who signed this text, by an OpenSSH signature that follows it?"""

import binascii
import hashlib

from authkit import base64
from authkit.errors import InputError, Untrusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    from authkit.keys.prove import PublicKey

    class Signer(Protocol):
        """A private key, or the handle of one in a token."""

        def sign(self, algorithm: str, message: bytes) -> bytes: ...
        def public(self) -> PublicKey: ...


SUBKEYS, REQUEST, APPROVAL, ISSUER = (f"authkit-{name}-v1" for name in ("subkeys", "request", "approval", "issuer"))
BEGIN, END = b"-----BEGIN SSH SIGNATURE-----\n", b"-----END SSH SIGNATURE-----\n"
_MAGIC, _TYPE, _HASH = b"SSHSIG", b"ssh-ed25519", b"sha512"
_WIDTH = 70  # as ssh-keygen breaks its lines
_SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what stands before the 32 bytes of an Ed25519 key


def public_line(key: "PublicKey") -> str:
    """Return an Ed25519 key as OpenSSH writes it, without a comment: "ssh-ed25519 AAAA…".

    Raises:
        InputError: if it is of another type.
    """
    if key.type != "ed25519":
        raise InputError(f"a signing key is of type ed25519, not {key.type}")
    return f"ssh-ed25519 {base64.encode(_strings(_TYPE, key.spki[-32:]))}"


def parse_public_line(text: str, what: str) -> str:
    """Return the key in a line of OpenSSH's, its comment left out.

    Raises:
        InputError: if it is not one Ed25519 key.
    """
    words = text.strip().split(" ")
    blob = base64.decode(words[1]) if len(words) > 1 and words[0] == "ssh-ed25519" else None
    if blob is None or "\n" in text.strip() or len(blob) != 51 or blob[:19] != _strings(_TYPE) + b"\0\0\0\x20":
        raise InputError(f"{what}: not an OpenSSH public key of type ssh-ed25519")
    return f"ssh-ed25519 {words[1]}"


def fingerprint_of(line: str) -> str:
    """Return the fingerprint of a key's line as ssh-keygen prints it: "SHA256:" and base64, unpadded."""
    digest = hashlib.sha256(_blob_of(line)).digest()
    return f"SHA256:{base64.encode(digest).rstrip('=')}"


def is_signed(data: bytes) -> bool:
    """Say whether *data* holds the beginning of a signature."""
    return BEGIN.rstrip() in data


def sign_text(key: "Signer", namespace: str, text: bytes) -> bytes:
    """Return *text* followed by its signature.

    Args:
        key: an Ed25519 key.
        namespace: what the signature is for; it counts for nothing else.
        text: ends with LF.

    Source:
        FORMATS F3; OpenSSH PROTOCOL.sshsig.  Deviations: none; key type, hash and version are fixed.
    """
    public = _blob_of(public_line(key.public()))
    signature = key.sign("ed25519", _signed_bytes(namespace, text))
    blob = _MAGIC + b"\0\0\0\1" + _strings(public, namespace.encode("ascii"), b"", _HASH, _strings(_TYPE, signature))
    return text + _armor(blob)


def split_signed(data: bytes, what: str) -> "tuple[bytes, bytes]":
    """Return the text and the armored signature behind it; nothing is verified.

    Raises:
        Untrusted: "not-signed"; or "signature-malformed" for anything behind the one signature, or a second one.
    """
    text, mark, rest = data.partition(BEGIN)
    if not mark or (text and not text.endswith(b"\n")):
        raise Untrusted("not-signed", what)
    if not rest.endswith(END) or rest.count(b"-----") != 2:
        raise Untrusted("signature-malformed", what, "it is cut, or something follows it")
    return text, mark + rest


def open_signed(data: bytes, namespace: str, pinned: "Iterable[str]", what: str) -> "tuple[bytes, str]":
    """Return the text of a signed file and the key that signed it; the text is looked at by nothing before.

    Args:
        data: text and signature; untrusted.
        namespace: what the signature must be for.
        pinned: the keys' lines that are trusted for this.
        what: names the file in errors.

    Raises:
        Untrusted: "not-signed", "signature-malformed", "namespace", "unknown-signer" or "signature-mismatch".
    """
    text, armor = split_signed(data, what)
    public, found, signature = _parse(armor, what)
    if found != namespace.encode("ascii"):
        raise Untrusted("namespace", what, f"{found.decode('ascii', 'backslashreplace')[:64]}, not {namespace}")
    line = f"ssh-ed25519 {base64.encode(public)}"
    if line not in set(pinned):
        raise Untrusted("unknown-signer", what, fingerprint_of(line))
    if not verify_line(line, _signed_bytes(namespace, text), signature):
        raise Untrusted("signature-mismatch", what)
    return text, line


def signer_of(data: bytes, what: str) -> str:
    """Return the key that a signed file names as its signer: "ssh-ed25519 AAAA…"; nothing is verified.

    Raises:
        Untrusted: "not-signed" or "signature-malformed".
    """
    return f"ssh-ed25519 {base64.encode(_parse(split_signed(data, what)[1], what)[0])}"


def verify_line(line: str, message: bytes, signature: bytes) -> bool:
    """Say whether *signature* over *message* is by the key of *line*."""
    from authkit.keys.prove import load_public

    return load_public(_SPKI + _blob_of(line)[-32:], "signing key").verify("ed25519", message, signature)


def _signed_bytes(namespace: str, text: bytes) -> bytes:
    return _MAGIC + _strings(namespace.encode("ascii"), b"", _HASH, hashlib.sha512(text).digest())


def _parse(armor: bytes, what: str) -> "tuple[bytes, bytes, bytes]":
    """Return (public key blob, namespace, signature: bytes, 64) of a signature written in the one way there is."""
    try:
        blob = binascii.a2b_base64(armor[len(BEGIN) : -len(END)])
    except binascii.Error:
        blob = b""
    parts = _read_strings(blob[10:])
    if _armor(blob) != armor or blob[:10] != _MAGIC + b"\0\0\0\1" or len(parts) != 5:
        raise Untrusted("signature-malformed", what)
    public, namespace, reserved, hashed, signature = parts
    key, value = _read_strings(public), _read_strings(signature)
    if [len(key), len(value)] != [2, 2] or (key[0], value[0]) != (_TYPE, _TYPE):
        raise Untrusted("signature-malformed", what, "it is by a key of another type")
    if (reserved, hashed) != (b"", _HASH) or (len(key[1]), len(value[1])) != (32, 64):
        raise Untrusted("signature-malformed", what)
    return public, namespace, value[1]


def _armor(blob: bytes) -> bytes:
    text = base64.encode(blob).encode("ascii")
    return BEGIN + b"".join([text[i : i + _WIDTH] + b"\n" for i in range(0, len(text), _WIDTH)]) + END


def _blob_of(line: str) -> bytes:
    return base64.decode(line.partition(" ")[2]) or b""


def _strings(*parts: bytes) -> bytes:
    """Return SSH's wire form of each part: four bytes of length, then the part (RFC 4251 §5)."""
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])


def _read_strings(data: bytes) -> "list[bytes]":
    """Return the parts that *data* is made of to its last byte; none if it is not."""
    found = []
    while data:
        size = int.from_bytes(data[:4], "big")
        if len(data) < 4 + size:
            return []
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    return found
