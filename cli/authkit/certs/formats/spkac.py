"""What holds an SPKAC, the answer of <keygen>?"""

from authkit.certs import der
from authkit.certs.fields import UNREADABLE, read_signature_algorithm, why
from authkit.certs.formats import Format, Found, Other
from authkit.certs.formats.key import key_facts
from authkit.certs.structure import structure, unwrapped
from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_WORD = b"SPKAC="


def _sniff(data: bytes) -> bool:
    return structure(_inside(data)) == "spkac"


def _inside(data: bytes) -> bytes:
    """Return the DER, out of OpenSSL's configuration form or of base64 or as it stands."""
    at = (b"\n" + data).find(b"\n" + _WORD)
    if at < 0:
        return unwrapped(data)
    return unwrapped(data[at + len(_WORD) :].partition(b"\n")[0])


def _load(data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
    """Say which key an SPKAC proves to be held.

    Source:
        The HTML standard as it described keygen (SignedPublicKeyAndChallenge); `openssl spkac`.
        Deviations: none.
    """
    found, other = Found("spkac"), Other("SPKAC", what)
    try:
        (_, body), (_, algorithm), (_, signature) = der.first(_inside(data), 3)
        (_, key), (_, challenge) = der.children(body)
        name = read_signature_algorithm(algorithm)
        bits = der.content(signature)[1:]
    except der.Broken as error:
        raise InputError(f"{what}: an SPKAC that {error}") from error
    other.facts = key_facts(key, other)
    other.facts.append(("challenge", der.content(challenge).decode("latin-1")))
    other.facts.append(("signature_algorithm", name))
    other.facts.append(("signature", _verify(key, name, bits, body)))
    if name.startswith(("md2", "md4", "md5")):
        other.findings.append(("weak-signature", "warning", f"it is signed with {name}, which can be forged"))
    found.others.append(other)
    return found


def _verify(spki: bytes, name: str, signature: bytes, body: bytes) -> str:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    known = (hashes.MD5(), hashes.SHA1(), hashes.SHA224(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
    short = name.lower().removeprefix("ecdsa-with-").removesuffix("withrsaencryption")
    made: "hashes.HashAlgorithm | None" = {one.name: one for one in known}.get(short)
    try:
        key = load_der_public_key(spki)
        if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) and made is None:
            key.verify(signature, body)
        elif isinstance(key, rsa.RSAPublicKey) and made is not None:
            key.verify(signature, body, padding.PKCS1v15(), made)
        elif isinstance(key, ec.EllipticCurvePublicKey) and made is not None:
            key.verify(signature, body, ec.ECDSA(made))
        else:
            return f"not checked: {name} is not known here"
    except InvalidSignature:
        return "does not match the key"
    except UNREADABLE as error:
        return f"not checked: the key {why(error)}"
    return "matches the key"


FORMAT = Format("spkac", _sniff, _load)
