"""A second signer of SigV4's shape for key pairs, which builds every text by hand so that each of them can be wrong."""

from collections.abc import Callable
from hashlib import sha256
from urllib.parse import quote

from authkit.messages.request import Request, parse_request

EMPTY = sha256(b"").hexdigest()
STAMP = "20261123T090000Z"


class PlainPair:
    """One request; a test overwrites what the client gets wrong.

    Args:
        label: the algorithm.
        sign: message -> signature.
        scope: behind the ID.
        prefix: of its headers and parameters.
    """

    def __init__(
        self,
        label: str,
        sign: "Callable[[bytes], bytes]",
        id: str,
        scope: str,
        prefix: str = "X-Amz-",
        **headers: str,
    ) -> None:
        self.label, self.sign, self.id, self.scope, self.prefix = label, sign, id, scope, prefix
        self.method, self.path, self.query, self.body = "GET", "/", "", b""
        self.stamp, self.expires = STAMP, "900"
        self.sent = [("Host", "api.example.com")]
        self.sent += [(f"{prefix}{name.replace('_', '-')}", value) for name, value in headers.items()]
        self.unsigned: "list[str]" = []
        self.late: "list[tuple[str, str]]" = []
        self.payload = EMPTY
        self.signature: "str | None" = None
        self.listed: "str | None" = None
        self.parameters: "list[tuple[str, str]]" = []

    @property
    def credential(self) -> str:
        return f"{self.id}/{self.scope}"

    def _lines(self, sent: "list[tuple[str, str]]") -> "tuple[str, str]":
        names = sorted({name.lower() for name, _ in sent} - set(self.unsigned))
        values = {one: ",".join(v.strip() for n, v in sent if n.lower() == one) for one in names}
        return "".join(f"{one}:{values[one]}\n" for one in names), ";".join(names)

    def _made(self, query: str, lines: str, names: str) -> str:
        canonical = "\n".join([self.method, self.path, query, lines, names, self.payload])
        hashed = sha256(canonical.encode("latin-1")).hexdigest()
        text = "\n".join([self.label, self.stamp, self.scope, hashed])
        return self.signature if self.signature is not None else self.sign(text.encode()).hex()

    def _parsed(self, target: str, sent: "list[tuple[str, str]]") -> Request:
        length = [("Content-Length", str(len(self.body)))] if self.body else []
        head = "".join(f"{name}: {value}\r\n" for name, value in [*sent, *self.late, *length])
        return parse_request(f"{self.method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + self.body)

    def header(self) -> Request:
        """Return the request signed in its headers."""
        sent = [*self.sent, (f"{self.prefix}Date", self.stamp)]
        lines, names = self._lines(sent)
        signature = self._made(self.query, lines, names)
        listed = names if self.listed is None else self.listed
        value = f"{self.label} Credential={self.credential}, SignedHeaders={listed}, Signature={signature}"
        target = f"{self.path}?{self.query}" if self.query else self.path
        return self._parsed(target, [*sent, ("Authorization", value)])

    def presigned(self) -> Request:
        """Return the request signed in its query."""
        lines, names = self._lines(self.sent)
        own = [
            ("Algorithm", self.label),
            ("Credential", self.credential),
            ("Date", self.stamp),
            ("Expires", self.expires),
            ("SignedHeaders", names if self.listed is None else self.listed),
        ]
        pairs = [(f"{self.prefix}{name}", quote(value, safe="")) for name, value in [*own, *self.parameters]]
        query = "&".join(f"{name}={value}" for name, value in sorted(pairs))
        query = "&".join(filter(None, [query, self.query]))
        signature = self._made(query, lines, names)
        return self._parsed(f"{self.path}?{query}&{self.prefix}Signature={signature}", self.sent)
