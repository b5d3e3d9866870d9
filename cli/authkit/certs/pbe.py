"""How is something encrypted under a password, and at what cost?"""

from authkit.certs import der, oids
from authkit.errors import InputError

# more than any program writes, and about three seconds of work; what all of a file costs is judged by `price`
MOST_ITERATIONS = 10_000_000
# N times r times p of scrypt: 128 bytes of memory each, an eighth of a gibibyte and half a second in all
MOST_SCRYPT = 2**20
# with less memory, r times p alone make the work
_LEAST_N = 2**10
# more than any program writes
MOST_SALT = 1024
# the longest key of a cipher here, and the longest of a MAC that is borne
_LONGEST_KEY, _LONGEST_MAC_KEY = 32, 1024

_PBES2, PBKDF2, SCRYPT, PBMAC1 = (
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
HMACS = {
    "1.2.840.113549.2.7": "SHA-1",
    "1.2.840.113549.2.8": "SHA-224",
    "1.2.840.113549.2.9": "SHA-256",
    "1.2.840.113549.2.10": "SHA-384",
    "1.2.840.113549.2.11": "SHA-512",
}
# bytes that one run of PBKDF2 gives
_SIZES = {"SHA-1": 20, "SHA-224": 28, "SHA-256": 32, "SHA-384": 48, "SHA-512": 64}
# its key is longer than a SHA-1
_TRIPLE_DES = "1.2.840.113549.1.12.1.3"


class Encryption:
    """How something is encrypted, or authenticated, under a password.

    Attributes:
        name: scheme and cipher, e.g. "PBES2 PBKDF2 SHA-256 AES-256-CBC", or OIDs.
        iterations: how often the password is hashed; for scrypt N times r times p.
        legacy: whether it is too weak to be written today.
        steps: how many hashes are made to derive all that is needed once.
        in_python: whether that is done in Python where it is done here.
    """

    __slots__ = ("name", "iterations", "legacy", "steps", "in_python")

    def __init__(self, name: str, iterations: int, legacy: bool, steps: int = 0, in_python: bool = False) -> None:
        self.name = name
        self.iterations = iterations
        self.legacy = legacy
        self.steps = max(steps, iterations)
        self.in_python = in_python

    def check_cost(self, what: str) -> None:
        """Refuse a count that would keep the machine busy for long (T6).

        Raises:
            InputError: if there are more than MOST_ITERATIONS, or scrypt takes more than MOST_SCRYPT.
        """
        most = MOST_SCRYPT if "scrypt" in self.name else MOST_ITERATIONS
        cost = self.steps if "scrypt" in self.name else self.iterations
        if self.iterations < 0 or cost > most:
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
        name, iterations, steps = read_kdf(kdf, _LONGEST_KEY)
        cipher_oid = algorithm_of(cipher)[0]
        cipher_name, legacy = _CIPHERS.get(cipher_oid, (cipher_oid, False))
        return Encryption(f"PBES2 {name} {cipher_name}", iterations, legacy, steps)
    name, legacy = _SIMPLE.get(oid, (oid, False))
    salt, count = two(parameters)
    _check_salt(salt[1])
    iterations = integer(count)
    runs = 3 if oid == _TRIPLE_DES else 2  # of the key's blocks, and of the IV
    return Encryption(name, iterations, legacy, runs * iterations, True)


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
    if oid == PBMAC1:
        name, iterations, steps = read_kdf(two(parameters)[0][1], 0)
        return Encryption(f"PBMAC1 {name}", iterations, False, steps)
    _check_salt(parts[1][1])
    iterations = integer(parts[2]) if len(parts) > 2 else 1
    hash_name = oids.HASHES.get(oid, oid)
    return Encryption(f"HMAC {hash_name}", iterations, hash_name in ("md5", "sha1"), 0, True)


def _check_salt(salt: bytes) -> None:
    size = len(der.content(salt))
    if size > MOST_SALT:
        raise der.Broken(f"has a salt of {size} bytes, where {MOST_SALT} are borne")


def algorithm_of(data: bytes) -> "tuple[str, bytes]":
    """Return OID and parameters, whole, of an AlgorithmIdentifier."""
    parts = der.children(data)
    if not parts or parts[0][0] != der.OID:
        raise der.Broken("names no algorithm")
    return der.oid(der.content(parts[0][1])), parts[1][1] if len(parts) > 1 else b"\x30\0"


def read_kdf(data: bytes, size: int) -> "tuple[str, int, int]":
    """Return the name, the iterations and the hash steps of a key derivation.

    Args:
        data: an AlgorithmIdentifier, DER.
        size: bytes of the key; 0 if the parameters name it.

    Raises:
        Broken: if it is not known here, or its salt or key is longer than anyone makes it.
    """
    oid, parameters = algorithm_of(data)
    parts = der.children(parameters)
    if parts:
        _check_salt(parts[0][1])
    if oid == SCRYPT and len(parts) > 3:
        n, r, p = (integer(part) for part in parts[1:4])
        if min(n, r, p) < 1:
            raise der.Broken("has parameters of scrypt that are not positive")
        return "scrypt", n * r * p, max(n, _LEAST_N) * r * p
    if oid != PBKDF2 or len(parts) < 2:
        raise der.Broken(f"derives its key by {oid}, which is not known here")
    hash_name = "SHA-1"  # the default
    for tag, part in parts[2:]:
        if tag == der.SEQUENCE:
            hash_oid = algorithm_of(part)[0]
            hash_name = HMACS.get(hash_oid, hash_oid)
    size = size or key_size(parts)
    iterations = integer(parts[1])
    return f"PBKDF2 {hash_name}", iterations, iterations * -(-size // _SIZES.get(hash_name, 16))


def key_size(parts: "list[tuple[int, bytes]]") -> int:
    """Return how long a key the parameters of PBKDF2 ask for.

    Raises:
        Broken: if they do not say, or it is none of 1 to 1024 bytes.
    """
    size = integer(parts[2]) if len(parts) > 2 and parts[2][0] == der.INTEGER else 0
    if not 0 < size <= _LONGEST_MAC_KEY:
        raise der.Broken(f"names no length of its key from 1 to {_LONGEST_MAC_KEY}")
    return size


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
