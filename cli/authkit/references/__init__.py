"""Places that a key is read from and never written to."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from authkit.keys.scope import Chain
    from authkit.stores.pkcs11 import Token


class Look:
    """What a reference may look at.

    Attributes:
        environ: the environment.
        chain_for: algorithm label -> chain.
        unseal: (age file, what it is) -> what is in it; asks for a passphrase where it must.
        ask_pin: (token, whether a wrong PIN was tried last) -> its PIN.
    """

    __slots__ = ("ask_pin", "chain_for", "environ", "unseal")

    def __init__(
        self,
        environ: "Mapping[str, str]",
        chain_for: "dict[str, Chain]",
        unseal: "Callable[[bytes, str], bytes]",
        ask_pin: "Callable[[Token, bool], bytes]",
    ) -> None:
        self.ask_pin = ask_pin
        self.environ = environ
        self.chain_for = chain_for
        self.unseal = unseal
