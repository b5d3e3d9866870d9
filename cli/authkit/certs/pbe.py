"""How is something encrypted under a password, and at what cost?"""

from authkit.certs import der, oids
from authkit.errors import InputError

# more than any program writes, and about a second of work
MOST_ITERATIONS = 10_000_000
# N times r times p of scrypt: 128 bytes of memory each
MOST_SCRYPT = 2**23

_PBES2, _PBKDF2, SCRYPT, _PBMAC1 = (
    "1.2.840.113549.1.5.13",
    "1.2.840.113549.1.5.12",
    "1.3.6.1.4.1.11591.4.11",
    "1.2.840.113549.1.5.14",
)
# name, and whether it is too weak to be written today
_SIMPLE = {
    "1.2.840.113549.1.5.1": ("PBES1 MD2 DES", True),
    "1.2.840.113549.1.5.3": ("PBES1 MD5 DES", True),
    "1.2.840.113549.1.5.4": ("PBES1 MD2 RC2-64", True),
    "1.2.840.113549.1.5.6": ("PBES1 MD5 RC2-64", True),
    "1.2.840.113549.1.5.10": ("PBES1 SHA-1 DES", True),
    "1.2.840.113549.1.5.11": ("PBES1 SHA-1 RC2-64", True),
    "1.2.840.113549.1.12.1.1": ("PKCS#12 SHA-1 RC4-128", True),
    "1.2.840.113549.1.12.1.2": ("PKCS#12 SHA-1 RC4-40", True),
    "1.2.840.113549.1.12.1.3": ("PKCS#12 SHA-1 3DES", True),
    "1.2.840.113549.1.12.1.4": ("PKCS#12 SHA-1 2-key 3DES", True),
    "1.2.840.113549.1.12.1.5": ("PKCS#12 SHA-1 RC2-128", True),
    "1.2.840.113549.1.12.1.6": ("PKCS#12 SHA-1 RC2-40", True),
}
_CIPHERS = {
    "1.3.14.3.2.7": ("DES", True),
    "1.2.840.113549.3.2": ("RC2", True),
    "1.2.840.113549.3.7": ("3DES", True),
    "2.16.840.1.101.3.4.1.2": ("AES-128-CBC", False),
    "2.16.840.1.101.3.4.1.22": ("AES-192-CBC", False),
    "2.16.840.1.101.3.4.1.42": ("AES-256-CBC", False),
    "2.16.840.1.101.3.4.1.6": ("AES-128-GCM", False),
    "2.16.840.1.101.3.4.1.26": ("AES-192-GCM", False),
    "2.16.840.1.101.3.4.1.46": ("AES-256-GCM", False),
}
_HMACS = {
    "1.2.840.113549.2.7": "SHA-1",
    "1.2.840.113549.2.8": "SHA-224",
    "1.2.840.113549.2.9": "SHA-256",
    "1.2.840.113549.2.10": "SHA-384",
    "1.2.840.113549.2.11": "SHA-512",
}


class Encryption:
    """How something is encrypted, or authenticated, under a password.

    Attributes:
        name: scheme and cipher, e.g. "PBES2 PBKDF2 SHA-256 AES-256-CBC", or OIDs.
        iterations: how often the password is hashed; for scrypt N times r times p.
        legacy: whether it is too weak to be written today.
    """

    __slots__ = ("name", "iterations", "legacy")

    def __init__(self, name: str, iterations: int, legacy: bool) -> None:
        self.name = name
        self.iterations = iterations
        self.legacy = legacy

    def check_cost(self, what: str) -> None:
        """Refuse a count that would keep the machine busy for long (T6).

        Raises:
            InputError: if there are more than MOST_ITERATIONS, or scrypt takes more than a gibibyte.
        """
        most = MOST_SCRYPT if "scrypt" in self.name else MOST_ITERATIONS
        if not 0 <= self.iterations <= most:
            raise InputError(
                f"{what}: {self.name} asks for {self._count()} iterations, where 0 to {most} are borne",
                "a file like this is made to keep a machine busy; ask for another",
            )

    def _count(self) -> str:
        # Python refuses to write integers of more than 4,300 digits
        return str(self.iterations) if abs(self.iterations) < 2**64 else f"2 to the {self.iterations.bit_length() - 1}"

    def __str__(self) -> str:
        return f"{self.name}, {self._count()} iterations"


def read_encryption(algorithm: bytes) -> Encryption:
    """Read how something is encrypted.

    Args:
        algorithm: an AlgorithmIdentifier, DER.

    Raises:
        Broken: if it cannot be read.

    Source:
        RFC 8018 appendix A; RFC 7292 appendix C; RFC 7914 §7.
        Deviations: none.
    """
    oid, parameters = algorithm_of(algorithm)
    if oid == _PBES2:
        (_, kdf), (_, cipher) = two(parameters)
        name, iterations = read_kdf(kdf)
        cipher_oid = algorithm_of(cipher)[0]
        cipher_name, legacy = _CIPHERS.get(cipher_oid, (cipher_oid, False))
        return Encryption(f"PBES2 {name} {cipher_name}", iterations, legacy)
    name, legacy = _SIMPLE.get(oid, (oid, False))
    return Encryption(name, integer(two(parameters)[1]), legacy)


def read_mac(mac_data: bytes) -> Encryption:
    """Read how a PKCS#12 file is authenticated.

    Args:
        mac_data: MacData, DER.

    Raises:
        Broken: if it cannot be read.

    Source:
        RFC 7292 §4; RFC 9579 §5.
        Deviations: none.
    """
    parts = der.children(mac_data)
    if len(parts) < 2:
        raise der.Broken("has a MAC without salt")
    oid, parameters = algorithm_of(two(parts[0][1])[0][1])
    if oid == _PBMAC1:
        name, iterations = read_kdf(two(parameters)[0][1])
        return Encryption(f"PBMAC1 {name}", iterations, False)
    iterations = integer(parts[2]) if len(parts) > 2 else 1
    hash_name = oids.HASHES.get(oid, oid)
    return Encryption(f"HMAC {hash_name}", iterations, hash_name in ("md5", "sha1"))


def algorithm_of(data: bytes) -> "tuple[str, bytes]":
    """Return OID and parameters, whole, of an AlgorithmIdentifier."""
    parts = der.children(data)
    if not parts or parts[0][0] != der.OID:
        raise der.Broken("names no algorithm")
    return der.oid(der.content(parts[0][1])), parts[1][1] if len(parts) > 1 else b"\x30\0"


def read_kdf(data: bytes) -> "tuple[str, int]":
    """Return the name and the cost of a key derivation."""
    oid, parameters = algorithm_of(data)
    parts = der.children(parameters)
    if oid == SCRYPT and len(parts) > 3:
        n, r, p = (integer(part) for part in parts[1:4])
        return "scrypt", n * r * p
    if oid != _PBKDF2 or len(parts) < 2:
        raise der.Broken(f"derives its key by {oid}, which is not known here")
    hash_name = "SHA-1"  # the default
    for tag, part in parts[2:]:
        if tag == der.SEQUENCE:
            hash_oid = algorithm_of(part)[0]
            hash_name = _HMACS.get(hash_oid, hash_oid)
    return f"PBKDF2 {hash_name}", integer(parts[1])


def two(data: bytes) -> "list[tuple[int, bytes]]":
    """Return tag and whole bytes of the first two elements inside *data*."""
    parts = der.children(data)[:2]
    if len(parts) < 2:
        raise der.Broken("lacks a parameter")
    return parts


def integer(part: "tuple[int, bytes]") -> int:
    """Return the value of an INTEGER, given as tag and whole bytes."""
    if part[0] != der.INTEGER:
        raise der.Broken("has a count that is no number")
    return int.from_bytes(der.content(part[1]), "big", signed=True)
