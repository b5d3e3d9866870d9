"""What stands in the place of a MAC key where a key pair makes the signature?"""

from authkit.keys.prove import PrivateKey, PublicKey


class Pair:
    """A key of a pair, as the schemes of SigV4's shape use one.

    Attributes:
        key: the private key to sign, the public one to check.
        algorithm: of keys.prove.ALGORITHMS.
    """

    __slots__ = ("key", "algorithm")

    def __init__(self, key: "PrivateKey | PublicKey", algorithm: str) -> None:
        self.key = key
        self.algorithm = algorithm

    def __repr__(self) -> str:
        return f"<Pair {self.algorithm}>"

    def mac(self, message: bytes) -> bytes:
        """Return the signature over *message*; of any length.

        Raises:
            Refused: if the algorithm is not for this type of key.
        """
        assert isinstance(self.key, PrivateKey)
        return self.key.sign(self.algorithm, message)

    def agrees(self, message: bytes, signature: str) -> bool:
        """Say whether *signature* (lower-case hex, an even number of digits) over *message* was made with this key."""
        public = self.key.public() if isinstance(self.key, PrivateKey) else self.key
        return public.verify(self.algorithm, message, bytes.fromhex(signature))
