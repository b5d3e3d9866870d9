"""What does a JSON Web Signature in compact form say?"""

from authkit import base64, strictjson
from authkit.errors import InputError, Rejected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.keys.prove import PrivateKey

MAX_LENGTH = 16384

# "alg" of a header -> (algorithm of keys/prove.py, type of key)
ALGORITHMS = {
    "ES256": ("ecdsa-p256-sha256", "p256"),
    "ES384": ("ecdsa-p384-sha384", "p384"),
    "EdDSA": ("ed25519", "ed25519"),
    "Ed25519": ("ed25519", "ed25519"),
    "PS256": ("rsa-pss-sha256", "rsa"),
    "RS256": ("rsa-v1_5-sha256", "rsa"),
}
# what a type of key signs with unless somebody says otherwise
USUAL = {"p256": "ES256", "p384": "ES384", "ed25519": "EdDSA", "rsa": "PS256"}


class Jws:
    """A JWS, taken apart and not verified.

    Attributes:
        header: members of the JOSE header.
        claims: members of the payload, which is a JSON object.
        header_text, claims_text: the two as they stand in it, decoded.
        signing_input: what is signed: both in base64url, joined by a dot.
        signature: bytes.
    """

    __slots__ = ("header", "claims", "header_text", "claims_text", "signing_input", "signature")

    def __init__(self, header_text: bytes, claims_text: bytes, signature: bytes) -> None:
        self.header_text = header_text
        self.claims_text = claims_text
        self.header = _members(header_text, "the header")
        self.claims = _members(claims_text, "the payload")
        self.signing_input = f"{base64.encode_url(header_text)}.{base64.encode_url(claims_text)}".encode("ascii")
        self.signature = signature


def parse_jws(text: str) -> Jws:
    """Read a JWS in compact form whose payload is a JSON object.

    Args:
        text: untrusted.

    Raises:
        Rejected: proof-syntax, if it is anything else.

    Source:
        RFC 7515 §3.1, §5.2; RFC 7519 §7.2.  Deviations: JSON as FORMATS has it, so no name stands twice and numbers are
        integers from 0 on; at most 16384 characters.
    """
    if len(text) > MAX_LENGTH:
        raise Rejected("proof-syntax", f"over {MAX_LENGTH} characters")
    parts = text.split(".")
    if len(parts) != 3:
        raise Rejected("proof-syntax", "not three parts joined by dots")
    header, claims, signature = [_decode(part, name) for part, name in zip(parts, ("header", "payload", "signature"))]
    return Jws(header, claims, signature)


def sign_jws(header: "dict[str, object]", claims: "dict[str, object]", key: "PrivateKey") -> "tuple[str, Jws]":
    """Return a JWS in compact form, and what it says.

    Args:
        header: with "alg", one of ALGORITHMS.

    Raises:
        Refused: if that algorithm is not for this type of key.
    """
    import json

    texts = [json.dumps(one, separators=(",", ":")).encode("ascii") for one in (header, claims)]
    signing_input = ".".join([base64.encode_url(one) for one in texts])
    signature = key.sign(ALGORITHMS[str(header["alg"])][0], signing_input.encode("ascii"))
    return f"{signing_input}.{base64.encode_url(signature)}", Jws(texts[0], texts[1], signature)


def _decode(part: str, name: str) -> bytes:
    found = base64.decode_url(part)
    if not found:
        raise Rejected("proof-syntax", f"the {name} is not base64url")
    return found


def _members(text: bytes, what: str) -> "dict[str, object]":
    try:
        return strictjson.parse(text, what, final_lf=False)
    except InputError as error:
        raise Rejected("proof-syntax", error.message) from error
