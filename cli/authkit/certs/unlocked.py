"""What does a part of PKCS#12 hold under a password, so that its own price is known before anyone pays it?"""

import hashlib
import hmac

from authkit.certs import der, oids, pbe, rc2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, CipherAlgorithm

# RFC 7292 appendix C: bytes of the key, cipher
_PKCS12 = {
    "1.2.840.113549.1.12.1.1": (16, "rc4"),
    "1.2.840.113549.1.12.1.2": (5, "rc4"),
    "1.2.840.113549.1.12.1.3": (24, "3des"),
    "1.2.840.113549.1.12.1.4": (16, "3des"),
    "1.2.840.113549.1.12.1.5": (16, "rc2"),
    "1.2.840.113549.1.12.1.6": (5, "rc2"),
}
_PBES2 = {
    "1.2.840.113549.3.7": (24, "3des"),
    "2.16.840.1.101.3.4.1.2": (16, "aes"),
    "2.16.840.1.101.3.4.1.22": (24, "aes"),
    "2.16.840.1.101.3.4.1.42": (32, "aes"),
}
# hashes that work on blocks of 128 bytes; the others' have 64
_WIDE = ("sha384", "sha512")
# what scrypt within `pbe.MOST_SCRYPT` needs, and a bit
_MOST_MEMORY = 2**28


def decrypt(algorithm: bytes, data: bytes, password: "bytes | None") -> bytes:
    """Decrypt a part of PKCS#12; with a wrong password the result is b"", or rarely other bytes.

    Args:
        algorithm: an AlgorithmIdentifier, DER, whose cost was checked.
        data: ciphertext; what follows its last whole block is left out.
        password: None is not the same as b"" (RFC 7292 appendix B.1).

    Raises:
        Broken: if the way is not known here, or cannot be read.

    Source:
        RFC 8018 §6.2; RFC 7292 appendices B and C.
        Deviations: none.
    """
    oid, parameters = pbe.algorithm_of(algorithm)
    try:
        if oid in _PKCS12:
            size, cipher = _PKCS12[oid]
            (_, salt), count = pbe.two(parameters)
            given = (_bmp(password), der.content(salt), pbe.integer(count))
            key, iv = derive_pkcs12(*given, 1, size), derive_pkcs12(*given, 2, rc2.BLOCK)
        else:
            (_, kdf), (_, scheme) = pbe.two(parameters)
            name, iv_field = pbe.algorithm_of(scheme)
            if name not in _PBES2:
                raise der.Broken(f"is encrypted with {pbe.read_encryption(algorithm).name}, which is not read here")
            size, cipher = _PBES2[name]
            key, iv = _derive(kdf, password or b"", size), der.content(iv_field)
        plain = _decrypt(cipher, key, iv, data)
    except (ValueError, OverflowError, MemoryError) as error:
        raise error if isinstance(error, der.Broken) else der.Broken("is encrypted in a way that cannot be") from error
    return plain if cipher == "rc4" else _unpadded(plain)


def _unpadded(plain: bytes) -> bytes:
    count = plain[-1] if plain else 0
    return plain[:-count] if 0 < count <= 16 and plain.endswith(bytes([count]) * count) else b""


def _bmp(password: "bytes | None") -> bytes:
    if password is None:
        return b""
    try:
        text = password.decode("utf-8")
    except UnicodeDecodeError:
        text = password.decode("latin-1")
    return text.encode("utf-16-be") + b"\0\0"


def is_authentic(mac_data: bytes, content: bytes, password: "bytes | None") -> bool:
    """Say whether the MAC of PKCS#12 is made with this password; False too if the way is not known here.

    Args:
        mac_data: MacData, DER, whose cost was checked.
        content: what the MAC is over, the AuthenticatedSafe.
        password: None is not the same as b"" (RFC 7292 appendix B.1).

    Raises:
        Broken: if it cannot be read.

    Source:
        RFC 7292 §4, appendix B.4; RFC 9579 §5.
        Deviations: none.
    """
    (_, digest), (_, salt), *count = der.children(mac_data)
    (_, algorithm), (_, expected) = pbe.two(digest)
    oid, parameters = pbe.algorithm_of(algorithm)
    try:
        if oid == pbe.PBMAC1:
            (_, kdf), (_, scheme) = pbe.two(parameters)
            hash_name = _hash_of(pbe.HMACS.get(pbe.algorithm_of(scheme)[0], ""))
            key = _derive(kdf, password or b"", pbe.key_size(der.children(pbe.algorithm_of(kdf)[1])))
        else:
            hash_name = oids.HASHES.get(oid, "")
            size = hashlib.new(hash_name, usedforsecurity=False).digest_size
            iterations = pbe.integer(count[0]) if count else 1
            key = derive_pkcs12(_bmp(password), der.content(salt), iterations, 3, size, hash_name)
        return hmac.compare_digest(hmac.digest(key, content, hash_name), der.content(expected))
    except (ValueError, OverflowError) as error:
        if isinstance(error, der.Broken):
            raise
        return False


def derive_pkcs12(
    password: bytes, salt: bytes, iterations: int, purpose: int, size: int, hash_name: str = "sha1"
) -> bytes:
    """Derive bytes from a password.

    Args:
        password: BMPString with its terminator, or b"".
        iterations: a count whose cost was checked.
        purpose: 1 for a key, 2 for an IV, 3 for a MAC.
        size: bytes wanted.
        hash_name: a value of `oids.HASHES`.

    Source:
        RFC 7292 appendix B.2.
        Deviations: none.
    """
    wide = 128 if hash_name in _WIDE else 64
    made, mask = getattr(hashlib, hash_name), 2 ** (8 * wide)
    blocks = bytearray()
    for text in (salt, password):
        length = -(-len(text) // wide) * wide
        blocks += (text * (length // max(len(text), 1) + 1))[:length]
    out = b""
    while len(out) < size:
        digest = bytes([purpose]) * wide + bytes(blocks)
        for _ in range(max(iterations, 1)):
            digest = made(digest, usedforsecurity=False).digest()
        out += digest
        added = int.from_bytes((digest * 8)[:wide], "big") + 1
        for at in range(0, len(blocks), wide):
            value = int.from_bytes(blocks[at : at + wide], "big") + added
            blocks[at : at + wide] = (value % mask).to_bytes(wide, "big")
    return out[:size]


def _derive(kdf: bytes, password: bytes, size: int) -> bytes:
    """Derive a key as PBES2 says."""
    oid, parameters = pbe.algorithm_of(kdf)
    parts = der.children(parameters)
    salt = der.content(parts[0][1])
    if oid == pbe.SCRYPT:
        n, r, p = [pbe.integer(part) for part in parts[1:4]]
        return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=_MOST_MEMORY, dklen=size)
    name = _hash_of(pbe.read_kdf(kdf, size)[0].removeprefix("PBKDF2 "))
    return hashlib.pbkdf2_hmac(name, password, salt, pbe.integer(parts[1]), size)


def _hash_of(name: str) -> str:
    return name.replace("-", "").lower()


def _decrypt(cipher: str, key: bytes, iv: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4, TripleDES
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if cipher == "rc2":
        return rc2.decrypt_cbc(key, 8 * len(key), iv, data)
    if cipher == "rc4":
        stream: "CipherAlgorithm" = ARC4(key)
        return Cipher(stream, None).decryptor().update(data)
    block: "BlockCipherAlgorithm" = (
        algorithms.AES(key) if cipher == "aes" else TripleDES(key + key[:8] * (len(key) < 24))
    )
    return Cipher(block, modes.CBC(iv)).decryptor().update(data)
