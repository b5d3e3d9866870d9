"""What does a key pair sign, and what does its public half accept?"""

from hashlib import sha256

from authkit import base64, strictjson
from authkit.errors import InputError, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# algorithm -> (kind of key, how)
ALGORITHMS = {
    "ed25519": "ed25519",
    "ecdsa-p256-sha256": "p256",
    "ecdsa-p384-sha384": "p384",
    "ecdsa-der-sha256": "p256 p384",
    "ecdsa-der-sha384": "p256 p384",
    "ecdsa-der-sha512": "p256 p384",
    "rsa-pss-sha512": "rsa",
    "rsa-pss-sha256": "rsa",
    "rsa-v1_5-sha256": "rsa",
    "rsa-v1_5-sha512": "rsa",
    "rsa-v1_5-sha1": "rsa",
    "mldsa": "mldsa44 mldsa65 mldsa87",
}
# what is signed with a kind of key unless somebody says otherwise (S24)
USUAL = {
    "ed25519": "ed25519",
    "p256": "ecdsa-p256-sha256",
    "p384": "ecdsa-p384-sha384",
    "rsa": "rsa-pss-sha512",
    "mldsa44": "mldsa",
    "mldsa65": "mldsa",
    "mldsa87": "mldsa",
}
MIN_RSA = 2048
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


class PublicKey:
    """The public half of a key pair.

    Attributes:
        id: the key ID that it answers to; None for any.
        type: "ed25519", "p256", "p384", "rsa", "mldsa44", "mldsa65" or "mldsa87".
        spki: DER SubjectPublicKeyInfo.
        certificate: DER of the certificate it came in; None without one.  Nothing of it is trusted here.
    """

    __slots__ = ("id", "type", "spki", "certificate", "_key")

    def __init__(self, id: "str | None", type: str, spki: bytes, certificate: "bytes | None", key: "Any") -> None:
        self.id = id
        self.type = type
        self.spki = spki
        self.certificate = certificate
        self._key = key

    def __repr__(self) -> str:
        return f"<PublicKey {self.type} {sha256(self.spki).hexdigest()[:16]}>"

    @property
    def access_key_id(self) -> str:
        """The key ID that it answers to; "" for any."""
        return self.id or ""

    @property
    def expires_at(self) -> None:
        """A key pair has no session that ends."""
        return None

    @property
    def numbers(self) -> "dict[str, str]":
        """The members of its JWK that make its thumbprint, in the order of their names (RFC 7638 §3.2)."""
        return _jwk(self.type, self._key)

    @property
    def names(self) -> "frozenset[str]":
        """Key IDs that follow from the key: its JWK thumbprint, and x5t-S256:… of its certificate."""
        found = {thumbprint(self)}
        if self.certificate is not None:
            found.add(certificate_name(self.certificate))
        return frozenset(found)

    def verify(self, algorithm: str, message: bytes, signature: bytes) -> bool:
        """Say whether *signature* over *message* was made with this key.

        Args:
            algorithm: of ALGORITHMS; one that is not for this type of key is never right.
        """
        from cryptography.exceptions import InvalidSignature

        if self.type not in ALGORITHMS[algorithm].split(" "):
            return False
        try:
            _verify(self._key, algorithm, message, signature)
        except InvalidSignature:
            return False
        return True


class PrivateKey:
    """A private key, with the certificates that go with it.

    Attributes:
        id: the key ID it signs under; None where nothing says it.
        type: as PublicKey's.
        chain: DER certificates, leaf first; () without.  The first is this key's.
    """

    __slots__ = ("id", "type", "chain", "_key", "_public")

    def __init__(self, id: "str | None", type: str, chain: "tuple[bytes, ...]", key: "Any") -> None:
        self.id = id
        self.type = type
        self.chain = chain
        self._key = key
        self._public: "PublicKey | None" = None

    def __repr__(self) -> str:
        return f"<PrivateKey {self.type}>"

    def __reduce__(self) -> "tuple[object, ...]":
        raise TypeError("a private key cannot be pickled")

    @property
    def access_key_id(self) -> str:
        """The key ID it signs under; "" where nothing says it."""
        return self.id or ""

    @property
    def in_token(self) -> bool:
        """Whether another machine keeps it, and this process has a handle."""
        return getattr(self._key, "in_token", False)

    @property
    def expires_at(self) -> None:
        """A key pair has no session that ends."""
        return None

    def public(self) -> PublicKey:
        """Return its public half, with the first certificate of its chain."""
        if self._public is None:
            certificate = self.chain[0] if self.chain else None
            self._public = _public(self.id, self._key.public_key(), certificate, "the key")
        return self._public

    def sign(self, algorithm: str, message: bytes) -> bytes:
        """Return the signature over *message*.

        Args:
            algorithm: of ALGORITHMS.

        Raises:
            Refused: if it is not for this type of key.
        """
        if self.type not in ALGORITHMS[algorithm].split(" "):
            raise Refused(f"{algorithm} does not sign with a key of type {self.type}")
        made: bytes = _sign(self._key, algorithm, message)
        return made

    def with_chain(self, chain: "tuple[bytes, ...]", what: str) -> "PrivateKey":
        """Return this key with other certificates.

        Raises:
            Refused: if the first is not this key's.
        """
        found = PrivateKey(self.id, self.type, chain, self._key)
        if chain and load_public(chain[0], what, None).spki != found.public().spki:
            raise Refused(f"{what}: the first certificate is not of this key", "put the leaf first")
        return found


def thumbprint(key: PublicKey) -> str:
    """Return the key's JWK thumbprint: base64url, unpadded, 43.

    Source:
        RFC 7638 §3, SHA-256; RFC 8037 Appendix A.3 for Ed25519. Deviations: none.
    """
    text = ",".join([f'"{name}":"{value}"' for name, value in key.numbers.items()])
    return base64.encode_url(sha256(f"{{{text}}}".encode("ascii")).digest())


def certificate_name(der: bytes) -> str:
    """Return the key ID of a certificate's key: x5t-S256: and its fingerprint in base64url, unpadded (F8)."""
    return f"x5t-S256:{base64.encode_url(sha256(der).digest())}"


def load_private(
    data: bytes, what: str, id: "str | None" = None, passphrase: "bytes | None" = None, certificates: bytes = b""
) -> PrivateKey:
    """Read a private key in PEM or DER, and the certificates that stand beside it.

    Args:
        data: in PEM, certificates in it, leaf first, go with the key.
        what: names the input in errors.
        id: the key ID it signs under.
        passphrase: of the key, if it has one.
        certificates: PEM or DER of its certificates, where they are elsewhere.

    Raises:
        InputError: if it is no private key that can be used here.
        Refused: if the first certificate is of another key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

    try:
        if data[:1] == b"\x30":
            key = load_der_private_key(data, passphrase)
        else:
            key = load_pem_private_key(_private_part(data), passphrase)
    except TypeError as error:
        raise InputError(f"{what}: the private key is encrypted", "decrypt it first, e.g. with openssl pkey") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError(f"{what}: not a private key that authkit knows") from error
    public = _public(None, key.public_key(), None, what)
    found = PrivateKey(id, public.type, (), key)
    chain = read_certificates(certificates or (b"" if data[:1] == b"\x30" else data))
    return found.with_chain(chain, what) if chain else found


def wrap_private(key: "Any", what: str) -> PrivateKey:
    """Return a private key that is elsewhere and signs as cryptography's do.

    Raises:
        InputError: if it is of a kind that is not used here.
    """
    return PrivateKey(None, _public(None, key.public_key(), None, what).type, (), key)


def load_public(data: bytes, what: str, id: "str | None" = None) -> PublicKey:
    """Read a public key: PEM or DER of the key or of a certificate, or a JWK.

    A certificate is only a carrier of its key here: neither its dates nor its issuer are looked at.

    Args:
        data: untrusted.
        what: names the input in errors.
        id: the key ID it answers to; None for any, or for the JWK's "kid".

    Raises:
        InputError: if it is none of these, or of a kind that is not used here.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key
    from cryptography.x509 import load_der_x509_certificate

    try:
        if data.lstrip()[:1] == b"{":
            return _from_jwk(data, what, id)
        if _CERTIFICATE in data:
            data = read_certificates(data)[0]
        elif data.lstrip()[:11] == b"-----BEGIN ":
            return _public(id, load_pem_public_key(data), None, what)
        try:
            return _public(id, load_der_public_key(data), None, what)
        except ValueError:
            return _public(id, load_der_x509_certificate(data).public_key(), data, what)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError(f"{what}: neither a public key, nor a certificate, nor a JWK that authkit knows") from error


def read_certificates(data: bytes) -> "tuple[bytes, ...]":
    """Return the certificates in *data*, PEM or one in DER, as DER, in their order; () without any.

    Raises:
        InputError: if one is not base64.
    """
    if _CERTIFICATE not in data:
        return (data,) if data[:1] == b"\x30" else ()
    found: "list[bytes]" = []
    for part in data.split(_CERTIFICATE)[1:]:
        text = "".join(part.partition(b"-----END CERTIFICATE-----")[0].decode("latin-1").split())
        der = base64.decode(text)
        if not der:
            raise InputError(f"certificate {len(found) + 1} of the PEM is not base64")
        found.append(der)
    return tuple(found)


def _private_part(data: bytes) -> bytes:
    """Return the one block of a private key, since PEM readers differ in what they make of several."""
    start = data.find(b"PRIVATE KEY-----")
    start = data.rfind(b"-----BEGIN ", 0, start) if start >= 0 else -1
    end = data.find(b"-----END ", max(start, 0))
    return data[start : data.find(b"\n", end) + 1 or len(data)] if start >= 0 and end >= 0 else data


def _public(id: "str | None", key: "Any", certificate: "bytes | None", what: str) -> PublicKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ed25519.Ed25519PublicKey):
        type = "ed25519"
    elif isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in ("secp256r1", "secp384r1"):
        type = "p" + key.curve.name[4:7]
    elif isinstance(key, rsa.RSAPublicKey):
        if key.key_size < MIN_RSA:
            raise InputError(f"{what}: an RSA key of {key.key_size} bits, and {MIN_RSA} is the least")
        type = "rsa"
    else:
        type = _mldsa(key)
        if not type:
            raise InputError(f"{what}: a kind of key that authkit does not sign with")
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(id, type, der, certificate, key)


def _mldsa(key: "Any") -> str:
    """Return the type of an ML-DSA key; "" for any other."""
    name = type(key).__name__
    return name[:7].lower() if name.startswith("MLDSA") else ""


def _sign(key: "Any", algorithm: str, message: bytes) -> "Any":
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    if algorithm in ("ed25519", "mldsa"):
        return key.sign(message)
    digest = _digest(algorithm)
    if algorithm.startswith("rsa"):
        return key.sign(message, _padding(algorithm), digest)
    made = key.sign(message, ec.ECDSA(digest))
    if "-der-" in algorithm:
        return made
    size = key.curve.key_size // 8
    r, s = decode_dss_signature(made)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _verify(key: "Any", algorithm: str, message: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    if algorithm in ("ed25519", "mldsa"):
        key.verify(signature, message)
        return
    digest = _digest(algorithm)
    if algorithm.startswith("rsa"):
        if len(signature) != (key.key_size + 7) // 8:
            raise InvalidSignature
        key.verify(signature, message, _padding(algorithm), digest)
        return
    if "-der-" not in algorithm:
        size = key.curve.key_size // 8
        if len(signature) != 2 * size:
            raise InvalidSignature
        r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
        signature = encode_dss_signature(r, s)
    key.verify(signature, message, ec.ECDSA(digest))


def _digest(algorithm: str) -> "Any":
    from cryptography.hazmat.primitives import hashes

    known: "dict[str, Any]" = {"1": hashes.SHA1, "256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
    return known[algorithm.rpartition("sha")[2]]()


def _padding(algorithm: str) -> "Any":
    from cryptography.hazmat.primitives.asymmetric import padding

    if algorithm.startswith("rsa-v1_5"):
        return padding.PKCS1v15()
    digest = _digest(algorithm)
    return padding.PSS(padding.MGF1(digest), digest.digest_size)


def _jwk(type: str, key: "Any") -> "dict[str, str]":
    from cryptography.hazmat.primitives import serialization

    if type == "rsa":
        numbers = key.public_numbers()
        return {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
    if type in ("p256", "p384"):
        numbers, size = key.public_numbers(), key.curve.key_size // 8
        x, y = (base64.encode_url(value.to_bytes(size, "big")) for value in (numbers.x, numbers.y))
        return {"crv": f"P-{type[1:]}", "kty": "EC", "x": x, "y": y}
    raw = base64.encode_url(key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))
    if type == "ed25519":
        return {"crv": "Ed25519", "kty": "OKP", "x": raw}
    return {"alg": f"ML-DSA-{type[5:]}", "kty": "AKP", "pub": raw}


def _number(value: int) -> str:
    return base64.encode_url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _from_jwk(data: bytes, what: str, id: "str | None") -> PublicKey:
    top = strictjson.parse(data, what, final_lf=False)
    if "d" in top or "k" in top:
        raise Refused(
            f"{what}: a JWK that holds a secret, where a public key is wanted", "leave out its private members"
        )
    kid = top.get("kid")
    return _public(id if id is not None or not isinstance(kid, str) else kid, _jwk_key(top, what), None, what)


def _jwk_key(top: "dict[str, object]", what: str) -> "Any":
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    curves = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}
    kty, crv = top.get("kty"), top.get("crv")
    if kty == "OKP" and crv == "Ed25519":
        return ed25519.Ed25519PublicKey.from_public_bytes(_member(top, "x", what))
    if kty == "EC" and isinstance(crv, str) and crv in curves:
        x, y = (_member(top, name, what) for name in ("x", "y"))
        return ec.EllipticCurvePublicNumbers(
            int.from_bytes(x, "big"), int.from_bytes(y, "big"), curves[crv]
        ).public_key()
    if kty == "RSA":
        e, n = (int.from_bytes(_member(top, name, what), "big") for name in ("e", "n"))
        return rsa.RSAPublicNumbers(e, n).public_key()
    if kty == "AKP" and top.get("alg") in ("ML-DSA-44", "ML-DSA-65", "ML-DSA-87"):
        from cryptography.hazmat.primitives.asymmetric import mldsa

        kinds: "dict[object, Any]" = {
            "ML-DSA-44": mldsa.MLDSA44PublicKey,
            "ML-DSA-65": mldsa.MLDSA65PublicKey,
            "ML-DSA-87": mldsa.MLDSA87PublicKey,
        }
        return kinds[top["alg"]].from_public_bytes(_member(top, "pub", what))
    raise InputError(f"{what}: a JWK of a kind that authkit does not know")


def _member(top: "dict[str, object]", name: str, what: str) -> bytes:
    text = top.get(name)
    found = base64.decode_url(text) if isinstance(text, str) else None
    if not found:
        raise InputError(f"{what}: member {name!r} of the JWK is not base64url")
    return found
