"""A signed request, made by hand from the specification, of which a test can get each single part wrong."""

from collections.abc import Callable
from hashlib import sha256
from hmac import digest
from urllib.parse import quote

from authkit.messages.request import Request
from samples import ID, SECRET

STAMP = "20261123T090000Z"
REGION, SERVICE = "us-east-1", "execute-api"
EMPTY = sha256(b"").hexdigest()


class Crafted:
    """What is sent and what is signed; `edit` changes it before it is made.

    Attributes:
        headers: signed and sent.
        late: sent behind them and not signed.
        dropped: signed and not sent, lower case.
        signed: the list of signed headers; None for what `headers` holds.
        signature: None for the right one.
        query: signed and sent, in canonical form; more: sent behind the signature, not signed.
        demands: headers that the verifier requires to be signed.
    """

    def __init__(self, *edits: "Callable[[Crafted], object]", body: bytes = b"", service: str = SERVICE) -> None:
        self.method, self.path, self.query, self.more = "GET", "/a", "", ""
        self.label, self.id, self.secret = "AWS4-HMAC-SHA256", ID, SECRET
        self.stamp, self.day, self.region, self.service, self.end = STAMP, STAMP[:8], REGION, service, "aws4_request"
        self.headers: list[tuple[str, str]] = [("Host", "h.example")]
        self.late: list[tuple[str, str]] = []
        self.dropped: list[str] = []
        self.signed: "list[str] | None" = None
        self.signature: "str | None" = None
        self.payload: "str | None" = sha256(body).hexdigest()
        self.body: "bytes | None" = body
        self.expires, self.token, self.tail = "900", "", ""
        self.authorizations = 1
        self.demands: tuple[str, ...] = ()
        self.edits = edits

    @property
    def scope(self) -> str:
        return f"{self.day}/{self.region}/{self.service}/{self.end}"

    def sign(self, headers: "list[tuple[str, str]]", query: str, payload: str) -> str:
        names = sorted({name.lower() for name, _ in headers}) if self.signed is None else self.signed
        self.signed = names
        lines = "".join(
            f"{name}:{','.join(value for one, value in headers if one.lower() == name)}\n" for name in names
        )
        canonical = f"{self.method}\n{self.path}\n{query}\n{lines}\n{';'.join(names)}\n{payload}"
        text = f"{self.label}\n{self.stamp}\n{self.scope}\n{sha256(canonical.encode('latin-1')).hexdigest()}"
        key = b"AWS4" + self.secret.encode()
        for part in self.scope.split("/"):
            key = digest(key, part.encode(), "sha256")
        return digest(key, text.encode(), "sha256").hex() if self.signature is None else self.signature

    def sent(self, target: str, headers: "list[tuple[str, str]]") -> Request:
        kept = [(name, value) for name, value in headers if name.lower() not in self.dropped]
        digest_, length = (None, None) if self.body is None else (sha256(self.body).hexdigest(), len(self.body))
        return Request(self.method, target, (*kept, *self.late), digest_, length)

    def header(self) -> Request:
        """The request with its signature in a header."""
        for edit in self.edits:
            edit(self)
        headers = [*self.headers, ("X-Amz-Date", self.stamp)]
        if self.payload is not None:
            headers.append(("X-Amz-Content-Sha256", self.payload))
        if self.token:
            headers.append(("X-Amz-Security-Token", self.token))
        payload = self.payload or sha256(self.body or b"").hexdigest()
        signature = self.sign(headers, self.query, payload)
        value = (
            f"{self.label} Credential={self.id}/{self.scope}, SignedHeaders={';'.join(self.signed or [])}, "
            f"Signature={signature}{self.tail}"
        )
        headers += [("Authorization", value)] * self.authorizations
        query = "&".join(part for part in (self.query, self.more) if part)
        return self.sent(f"{self.path}?{query}" if query else self.path, headers)

    def presigned(self, payload: str = "UNSIGNED-PAYLOAD") -> Request:
        """The request with its signature in the query; *payload* is what stands in the canonical request."""
        for edit in self.edits:
            edit(self)
        if self.signed is None:
            self.signed = sorted({name.lower() for name, _ in self.headers})
        own = {
            "X-Amz-Algorithm": self.label,
            "X-Amz-Credential": f"{self.id}/{self.scope}",
            "X-Amz-Date": self.stamp,
            "X-Amz-Expires": self.expires,
            "X-Amz-SignedHeaders": ";".join(self.signed),
        }
        if self.token:
            own["X-Amz-Security-Token"] = self.token
        pairs = [f"{name}={quote(value, safe='~')}" for name, value in own.items() if name not in self.dropped]
        pairs += [pair for pair in self.query.split("&") if pair]
        ordered = "&".join(sorted(pairs, key=lambda pair: pair.partition("=")[::2]))
        signature = self.sign(self.headers, ordered, payload)
        if "X-Amz-Signature" not in self.dropped:
            pairs.append(f"X-Amz-Signature={signature}")
        if self.more:
            pairs.append(self.more)
        return self.sent(f"{self.path}?{'&'.join(pairs)}", list(self.headers))
