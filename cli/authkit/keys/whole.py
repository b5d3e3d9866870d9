"""How is the P-256 key of SigV4a, which opens every day, region and service, derived from a secret?"""

from authkit.errors import Refused
from authkit.keys.access import AccessKey
from authkit.secret import Secret

LABEL = "AWS4-ECDSA-P256-SHA256"
PREFIX = b"AWS4A"
# schemes of keys whose secret it may be derived from: AWS issues one secret for SigV4 and SigV4a
FAMILY = (None, "AWS4-HMAC-SHA256", LABEL)
# the order of P-256's group, less two (FIPS 186-4 B.4.2: candidates above it are left out)
_LAST = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551 - 2
_COUNTERS = range(1, 255)
# RFC 5958: version 0, ecPublicKey on prime256v1, and in it RFC 5915: version 1, the scalar
_PKCS8 = bytes.fromhex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420")


def derive_scalar(secret: Secret, access_key_id: str) -> Secret:
    """Derive the private scalar of the SigV4a key.

    Args:
        secret: secret access key, or a handle whose `mac_key` answers.
        access_key_id: printable ASCII, 1–256; it changes the key.

    Returns:
        bytes, 32, big-endian, 1 to n − 1. It is no subkey: no day, region or service is in it (S4).

    Raises:
        Refused: if none of the 254 candidates is a scalar, which no known key comes near.

    Source:
        AWS SigV4a, "Deriving a signing key": NIST SP 800-108 in counter mode, one block of HMAC-SHA256, then
        FIPS 186-4 B.4.2. Deviations: none.  Vectors: aws-c-auth, key_derivation_tests.c and v4a/*/public-key.json.
    """
    key = secret.mac_key(PREFIX)
    for counter in _COUNTERS:
        candidate = int.from_bytes(key.mac(_fixed_input(access_key_id, counter)), "big")
        if candidate <= _LAST:
            return Secret((candidate + 1).to_bytes(32, "big"))
    raise Refused(f"the secret of {access_key_id} gives no SigV4a key")


def is_whole(key: AccessKey) -> bool:
    """Say whether an access key holds SigV4a's scalar in place of a secret."""
    return key.raw and key.scheme == LABEL


def encode_scalar(scalar: Secret) -> bytes:
    """Return the private key of *scalar* as DER, PKCS#8; secret."""
    return _PKCS8 + scalar.reveal()


def _fixed_input(access_key_id: str, counter: int) -> bytes:
    # block 1; label, 0, context: the ID and the outer counter; length of the output in bits
    inner = LABEL.encode("ascii") + b"\0" + access_key_id.encode("ascii") + bytes([counter])
    return b"\0\0\0\1" + inner + (256).to_bytes(4, "big")
