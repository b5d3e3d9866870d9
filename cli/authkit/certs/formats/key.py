"""What holds a private or a public key, of which no more than type and pin is shown?"""

from hashlib import sha256

from authkit.base64 import encode
from authkit.certs import der
from authkit.certs.fields import UNREADABLE, read_key
from authkit.certs.fingerprint import base64_of
from authkit.certs.formats import Format, Found, Other
from authkit.certs.pbe import read_encryption
from authkit.certs.structure import structure, unwrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_ENCODINGS = {
    "private-key": "PKCS#8",
    "encrypted-private-key": "PKCS#8",
    "rsa-private-key": "PKCS#1",
    "dsa-private-key": "OpenSSL's DSA form",
    "ec-private-key": "SEC 1",
    "public-key": "SubjectPublicKeyInfo",
    "rsa-public-key": "PKCS#1",
}
_RSA = bytes.fromhex("300d06092a864886f70d0101010500")


def _sniff(data: bytes) -> bool:
    return structure(unwrapped(data)) in _ENCODINGS


def _load(data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
    found, data = Found("key"), unwrapped(data)
    kind = structure(data)
    other = Other("public key" if "public" in kind else "private key", what, [("encoding", _ENCODINGS[kind])])
    if kind == "encrypted-private-key":
        _describe_encrypted(other, data)
    else:
        _describe(other, data, kind)
    found.others.append(other)
    return found


def _describe_encrypted(other: Other, data: bytes) -> None:
    try:
        used = read_encryption(der.children(data)[0][1])
    except der.Broken as error:
        other.facts.append(("encrypted", f"yes, in a way that {error}"))
        return
    other.facts.append(("encrypted", f"yes, {used}"))
    if used.legacy:
        other.findings.append(("legacy-encryption", "warning", f"it is encrypted with {used.name}, which is weak"))


def _describe(other: Other, data: bytes, kind: str) -> None:
    """Say what a key is; never anything of a private one but its public half."""
    try:
        spki = _public(data, kind)
    except UNREADABLE:
        # a private one; pyca's words about it stay with pyca
        other.findings.append(("key-unreadable", "error", "the key cannot be read"))
        return
    other.facts += key_facts(spki, other)


def _public(data: bytes, kind: str) -> bytes:
    """Return the SubjectPublicKeyInfo of any key."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

    if kind == "public-key":
        return data
    if kind == "rsa-public-key":
        return der.encode(der.SEQUENCE, _RSA, der.encode(der.BIT_STRING, b"\0", data))
    key = load_der_private_key(data, None, unsafe_skip_rsa_key_validation=True).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


_OPENSSH = b"openssh-key-v1\0"


def describe_openssh(data: bytes, what: str) -> Other:
    """Say what an OpenSSH private key is, by its public half, which is never encrypted.

    Args:
        data: what stands between BEGIN and END OPENSSH PRIVATE KEY, decoded.
        what: where it stands.

    Source:
        OpenSSH, PROTOCOL.key.
        Deviations: none.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_public_key

    other = Other("private key", what, [("encoding", "OpenSSH")])
    fields, at = [], len(_OPENSSH)
    for number in range(4):  # cipher, key derivation and its options, then a count before the public key
        at += 4 * (number == 3)
        size = int.from_bytes(data[at : at + 4], "big")
        fields.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    cipher, _, _, public = fields
    if cipher != b"none":
        other.facts.append(("encrypted", f"yes, {cipher[:40].decode('latin-1')}"))
    try:
        name = public[4 : 4 + int.from_bytes(public[:4], "big")]
        key = load_ssh_public_key(name + b" " + encode(public).encode("ascii"))
        other.facts += key_facts(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), other)
    except UNREADABLE:
        other.findings.append(("key-unreadable", "error", "the key cannot be read"))
    return other


def key_facts(spki: bytes, into: Other) -> "list[tuple[str, str]]":
    """Return type and pins of a public key; what is wrong with it becomes a finding of *into*.

    Args:
        spki: a SubjectPublicKeyInfo, DER.
        into: gets a finding if the key cannot be used.
    """
    key, fault = read_key(spki)
    if fault:
        into.findings.append(("key-unreadable", "error", f"the key {fault}"))
    pin = sha256(spki).hexdigest()
    facts = [("spki_sha256", pin), ("spki_pin", base64_of(pin))]
    return facts if key is None else [("key", str(key["type"])), *facts]


FORMAT = Format("key", _sniff, _load)
