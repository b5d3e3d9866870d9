"""Places that a key is read from and never written to."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from authkit.keys.scope import Chain


class Look:
    """What a reference may look at.

    Attributes:
        environ: the environment.
        chain_for: algorithm label -> chain.
        unseal: (age file, what it is) -> what is in it; asks for a passphrase.
    """

    __slots__ = ("environ", "chain_for", "unseal")

    def __init__(
        self, environ: "Mapping[str, str]", chain_for: "dict[str, Chain]", unseal: "Callable[[bytes, str], bytes]"
    ) -> None:
        self.environ = environ
        self.chain_for = chain_for
        self.unseal = unseal
