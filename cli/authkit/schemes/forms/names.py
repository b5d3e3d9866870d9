"""What are the fields called that sign an upload form of one service?"""

from authkit.schemes.derived import Derived

# what names a field that the service passes over
IGNORED = "x-ignore-"
# no condition names them
FREE = frozenset(("policy", "file"))


class Fields:
    """The fields of a form that make its signature.

    Attributes:
        algorithm, credential, date, signature: names, lower case.
        token: name of the field of the session token.
        service: what the service is called in a scope.
        region: the region where nobody says one; None where somebody must.
        digits: of a signature; None for one of a key pair, which may be of any length.
    """

    __slots__ = ("algorithm", "credential", "date", "signature", "token", "service", "region", "digits")

    def __init__(self, row: Derived, service: str, region: "str | None", digits: "int | None" = 64) -> None:
        prefix = row.header_prefix.lower()
        self.algorithm = f"{prefix}algorithm"
        self.credential = f"{prefix}credential"
        self.date = f"{prefix}date"
        self.signature = f"{prefix}signature"
        self.token = f"{prefix}security-token"
        self.service = service
        self.region = region
        self.digits = digits

    @property
    def free(self) -> "frozenset[str]":
        """The fields that no condition needs to name."""
        return FREE | {self.signature}

    @property
    def own(self) -> "frozenset[str]":
        """The fields that signing makes."""
        return frozenset((self.algorithm, self.credential, self.date, self.signature, self.token, "policy"))
