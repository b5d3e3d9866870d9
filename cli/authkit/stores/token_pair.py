"""How does a private key in a token stand in for one in memory?"""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from authkit.errors import Refused, StoreError
from authkit.stores.pkcs11 import CURVES, Found, Token
from authkit.stores.token_mac import inside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    TokenPair = "TokenEc | TokenEd25519 | TokenRsa"

_OCTET_STRING = 0x04
# how SHA-1 … SHA-512 are named by PKCS#11, and what stands before them in a PKCS#1 v1.5 signature (RFC 8017 §9.2)
_DIGESTS = {
    "sha1": ("SHA_1", "SHA1", bytes.fromhex("3021300906052b0e03021a05000414")),
    "sha256": ("SHA256", "SHA256", bytes.fromhex("3031300d060960864801650304020105000420")),
    "sha384": ("SHA384", "SHA384", bytes.fromhex("3041300d060960864801650304020205000430")),
    "sha512": ("SHA512", "SHA512", bytes.fromhex("3051300d060960864801650304020305000440")),
}


class _Inside:
    """What every private key in a token refuses."""

    _token: Token
    _found: Found
    _half: "Any"
    in_token = True

    def __init__(self, token: Token, found: Found, public: "Any") -> None:
        self._token = token
        self._found = found
        self._half = public

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._found.name}>"

    def __copy__(self) -> "Any":
        return self

    def __deepcopy__(self, memo: "dict[Any, Any]") -> "Any":
        return self

    def __reduce__(self) -> "tuple[object, ...]":
        raise TypeError("a private key cannot be pickled")

    @property
    def uri(self) -> str:
        """What names it, for a store that keeps no more of it."""
        token = self._token
        return str(token.uri.of(self._found.name, "private", token.parts, token.module_path))

    @property
    def token(self) -> str:
        """What its token is called."""
        return self._token.label

    def destroy(self) -> None:
        """Take it out of the token for good, where what it was made for did not come about."""
        self._token.destroy(self._found)

    def public_key(self) -> "Any":
        return self._half

    def private_bytes(
        self,
        encoding: serialization.Encoding,
        format: serialization.PrivateFormat,
        encryption_algorithm: serialization.KeySerializationEncryption,
    ) -> "NoReturn":
        raise inside(self._found.name)

    def private_bytes_raw(self) -> "NoReturn":
        raise inside(self._found.name)

    def private_numbers(self) -> "NoReturn":
        raise inside(self._found.name)

    def exchange(self, algorithm: "Any", peer_public_key: "Any") -> "NoReturn":
        raise Refused(f"the key {self._found.name} signs, and does nothing else")

    def decrypt(self, ciphertext: "Any", padding: "Any") -> "NoReturn":
        raise Refused(f"the key {self._found.name} signs, and does nothing else")


class TokenEc(_Inside, ec.EllipticCurvePrivateKey):
    """A private key on P-256 or P-384 in a token."""

    @property
    def curve(self) -> ec.EllipticCurve:
        curve: ec.EllipticCurve = self._half.curve
        return curve

    @property
    def key_size(self) -> int:
        return self.curve.key_size

    def sign(self, data: "Any", signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        digest = _digest(bytes(data), signature_algorithm.algorithm)
        made = self._token.sign(self._found.handle, "CKM_ECDSA", digest)
        size = (self.key_size + 7) // 8
        if len(made) != 2 * size:
            raise StoreError(f"the token {self._token.label} made a signature of {len(made)} bytes")
        return utils.encode_dss_signature(int.from_bytes(made[:size], "big"), int.from_bytes(made[size:], "big"))


class TokenEd25519(_Inside, ed25519.Ed25519PrivateKey):
    """A private Ed25519 key in a token."""

    def sign(self, data: "Any") -> bytes:
        return self._token.sign(self._found.handle, "CKM_EDDSA", bytes(data))


class TokenRsa(_Inside, rsa.RSAPrivateKey):
    """A private RSA key in a token."""

    @property
    def key_size(self) -> int:
        size: int = self._half.key_size
        return size

    def sign(self, data: "Any", padding: "Any", algorithm: "Any") -> bytes:
        digest = _digest(bytes(data), algorithm)
        name, mask, header = _DIGESTS[algorithm.name]
        if _is_pss(padding):
            # the salt is as long as the hash, as everywhere in authkit
            param = self._token.pss("CKM_RSA_PKCS_PSS", f"CKM_{name}", f"CKG_MGF1_{mask}", algorithm.digest_size)
            return self._token.sign(self._found.handle, "CKM_RSA_PKCS_PSS", digest, param)
        return self._token.sign(self._found.handle, "CKM_RSA_PKCS", header + digest)


def _is_pss(how: object) -> bool:
    return isinstance(how, padding.PSS)


def _digest(data: bytes, algorithm: "Any") -> bytes:
    made = hashes.Hash(algorithm)
    made.update(data)
    return made.finalize()


def pair_of(token: Token, found: Found) -> "TokenEc | TokenEd25519 | TokenRsa":
    """Return a private key of a token as cryptography knows private keys.

    Raises:
        NotFound: if the token does not hold its public half.
        StoreError: if it is of a kind that authkit does not sign with, or its public half is no key.
    """
    kind, first, second = token.public_of(found)
    try:
        if kind == "rsa":
            numbers = rsa.RSAPublicNumbers(int.from_bytes(second, "big"), int.from_bytes(first, "big"))
            return TokenRsa(token, found, numbers.public_key())
        point = _point(second)
        if first == CURVES["ed25519"] or first == b"\x06\x03\x2b\x65\x70":
            return TokenEd25519(token, found, ed25519.Ed25519PublicKey.from_public_bytes(point))
        for name, curve in (("p256", ec.SECP256R1()), ("p384", ec.SECP384R1())):
            if first == CURVES[name]:
                return TokenEc(token, found, ec.EllipticCurvePublicKey.from_encoded_point(curve, point))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise StoreError(f"the public half of the key {found.name} in the token {token.label} is damaged") from error
    raise StoreError(f"the key {found.name} in the token {token.label} is of a kind that authkit does not sign with")


def _point(data: bytes) -> bytes:
    """Return a point; some tokens have it in an OCTET STRING, as they should, and some have not."""
    if len(data) > 2 and data[0] == _OCTET_STRING and data[1] == len(data) - 2:
        return data[2:]
    return data
