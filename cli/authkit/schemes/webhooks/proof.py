"""Which keys sign, or check, one kind of webhook?"""

from hmac import compare_digest, digest

from authkit import base64
from authkit.errors import InputError, Refused
from authkit.keys.access import AccessKey
from authkit.keys.prove import PrivateKey, PublicKey, load_private, load_public
from authkit.keys.select import secret_for
from authkit.schemes.webhooks.format import Format

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.keys.select import Key

HASHES = {"hmac-sha1": "sha1", "hmac-sha256": "sha256", "hmac-sha384": "sha384", "hmac-sha512": "sha512"}
ED25519 = "ed25519"
# Standard Webhooks writes an Ed25519 key as text: 32 bytes of seed and 32 of the public key, or those alone
_PRIVATE, _PUBLIC = "whsk_", "whpk_"
_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
_SPKI = bytes.fromhex("302a300506032b6570032100")


class Proof:
    """One key, as one kind of webhook uses it.

    Attributes:
        access_key_id: whose key; "" where nothing says it.
        algorithm: what it makes: "hmac-sha1", "hmac-sha256", "hmac-sha384", "hmac-sha512" or "ed25519".
    """

    __slots__ = ("access_key_id", "algorithm", "_key")

    def __init__(self, access_key_id: str, algorithm: str, key: "bytes | PrivateKey | PublicKey") -> None:
        self.access_key_id = access_key_id
        self.algorithm = algorithm
        self._key = key

    def __repr__(self) -> str:
        return f"<Proof {self.access_key_id} {self.algorithm}>"

    def make(self, message: bytes) -> bytes:
        """Return the signature over *message*.

        Raises:
            Refused: if it is a public key.
        """
        if isinstance(self._key, bytes):
            return digest(self._key, message, HASHES[self.algorithm])
        if isinstance(self._key, PublicKey):
            raise Refused(f"the key {self.access_key_id} is a public key: it checks and never signs")
        return self._key.sign(ED25519, message)

    def agrees(self, message: bytes, signatures: "list[bytes]") -> bool:
        """Say whether one of *signatures* over *message* is of this key; a MAC is compared in constant time."""
        if isinstance(self._key, bytes):
            # once, however many signatures somebody sends
            made = digest(self._key, message, HASHES[self.algorithm])
            return any([compare_digest(made, one) for one in signatures])
        public = self._key if isinstance(self._key, PublicKey) else self._key.public()
        return any([public.verify(ED25519, message, one) for one in signatures])


def proof_for(key: "Key", form: Format, override: bool) -> Proof:
    """Return *key* as *form* uses it.

    Args:
        key: an access key, whose secret itself is the key; or, where the format has Ed25519, such a key pair or the
            public half of one.
        form: the kind of webhook.
        override: whether a key made for another scheme may be used all the same (S5).

    Raises:
        Refused: if it is a subkey, a master, a key pair of another kind, or made for another scheme.
        InputError: if its secret is not written as the format wants it.
    """
    if isinstance(key, (PrivateKey, PublicKey)):
        if ED25519 not in form.algorithms or key.type != ED25519:
            wanted = " or ".join([HASHES.get(one, one) for one in form.algorithms])
            raise Refused(f"the key is of type {key.type}, and {form.name} signs with {wanted}")
        return Proof(key.access_key_id, ED25519, key)
    found = secret_for([key], form.name, override)
    text = found.secret.reveal()
    if ED25519 in form.algorithms and not found.raw and text.startswith((_PRIVATE.encode(), _PUBLIC.encode())):
        return Proof(found.access_key_id, ED25519, _pair(text.decode("ascii"), found.access_key_id))
    algorithm = next((one for one in form.algorithms if one != ED25519), None)
    if algorithm is None:
        raise Refused(f"the key is a secret, and {form.name} signs with a key pair (ed25519)")
    return Proof(found.access_key_id, algorithm, _secret(found, form))


def _secret(key: AccessKey, form: Format) -> bytes:
    """Return the bytes that a secret stands for; raw ones are what they are."""
    data = key.secret.reveal()
    if key.raw:
        return data
    text = data.decode("ascii").removeprefix(form.key_prefix)
    if form.key == "text":
        found: "bytes | None" = text.encode("ascii")
    elif form.key == "hex":
        found = decode_hex(text)
    else:
        found = base64.decode(text)
    if not found:
        raise InputError(
            f"the secret of {key.access_key_id} is not {form.key}, as {form.name} wants it",
            "one that is not text is written as secret_b64 in its file",
        )
    return found


def _pair(text: str, access_key_id: str) -> "PrivateKey | PublicKey":
    """Return the Ed25519 key that Standard Webhooks writes as whsk_ or whpk_ and base64.

    Source:
        Standard Webhooks, "Signature scheme", secret serialization; 64 bytes as Svix writes them, seed first.
        Deviations: a private key is taken with 32 bytes, the seed alone, too.
    """
    data = base64.decode(text[len(_PRIVATE) :]) or b""
    if text.startswith(_PUBLIC) and len(data) == 32:
        return load_public(_SPKI + data, access_key_id)
    if text.startswith(_PRIVATE) and len(data) in (32, 64):
        pem = f"-----BEGIN PRIVATE KEY-----\n{base64.encode(_PKCS8 + data[:32])}\n-----END PRIVATE KEY-----\n"
        found = load_private(pem.encode("ascii"), access_key_id)
        if len(data) == 32 or found.public().spki == _SPKI + data[32:]:
            return found
    raise InputError(f"the secret of {access_key_id} begins like an Ed25519 key of Standard Webhooks and is none")


def decode_hex(text: str) -> "bytes | None":
    """Return the bytes that lower-case hexadecimal digits stand for; None if *text* is anything else."""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        return None
    return data if data.hex() == text else None
