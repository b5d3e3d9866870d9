"""A second SigV4 signer, which builds every text by hand so that a test can get each of them wrong."""

from hashlib import sha256
from hmac import digest
from typing import Any
from urllib.parse import quote, unquote

ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
STAMP, REGION = "20261123T090000Z", "us-east-1"
EMPTY = sha256(b"").hexdigest()


def signing_key(secret: str, *scope: str, prefix: str = "AWS4") -> bytes:
    key = (prefix + secret).encode("latin-1")
    for part in scope:
        key = digest(key, part.encode(), "sha256")
    return key


def encode_query(query: str, plus: str = "%2B") -> str:
    pairs = []
    for pair in query.split("&") if query else []:
        name, _, value = pair.replace("+", plus).partition("=")
        pairs.append(
            (quote(unquote(name, "latin-1"), safe="~", encoding="latin-1"), quote(unquote(value, "latin-1"), safe="~"))
        )
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


class Plain:
    """One request and every text that goes into its signature; a test overwrites what the client gets wrong."""

    def __init__(
        self, method: str = "GET", url: str = "/", body: bytes = b"", service: str = "s3", **headers: str
    ) -> None:
        self.method, self.url, self.body, self.service = method, url, body, service
        self.stamp, self.day, self.region, self.id = STAMP, STAMP[:8], REGION, ID
        self.secret, self.key_scope, self.prefix = SECRET, (), "AWS4"
        self.sent = [("Host", "example.com"), ("X-Amz-Date", self.stamp)]
        if service == "s3":
            self.sent.append(("X-Amz-Content-Sha256", sha256(body).hexdigest()))
        self.sent += [(name.replace("_", "-"), value) for name, value in headers.items()]
        if body:
            self.sent.append(("Content-Length", str(len(body))))
        # what is signed, each part None for what is right
        self.wrong: "dict[str, Any]" = {}

    def part(self, name: str, right: Any) -> Any:
        return self.wrong.get(name, right)

    @property
    def signed(self) -> "list[str]":
        return self.part("signed", sorted({name.lower() for name, _ in self.sent}))

    def header(self, name: str) -> str:
        values = [" ".join(value.split()) for key, value in self.sent if key.lower() == name]
        return self.part(name, ",".join(values))

    @property
    def scope(self) -> "tuple[str, ...]":
        return (self.day, self.region, self.service, "aws4_request")

    def canonical(self) -> str:
        path, _, query = self.url.partition("?")
        double = path if self.service == "s3" else quote(path, safe="/~")
        right = quote(unquote(path, "latin-1"), safe="/~", encoding="latin-1") if self.service == "s3" else double
        lines = [self.part("method", self.method), self.part("path", right)]
        lines.append(self.part("query", encode_query(query, " " if self.service == "s3" else "%2B")))
        lines += [f"{name}:{self.header(name)}" for name in self.part("lines", self.signed)]
        lines += ["", ";".join(self.part("list", self.signed)), self.part("payload", sha256(self.body).hexdigest())]
        return "\n".join(lines)

    def to_sign(self) -> str:
        hashed = sha256(self.canonical().encode("latin-1")).hexdigest()
        return "\n".join(
            ["AWS4-HMAC-SHA256", self.part("stamp", self.stamp), "/".join(self.part("scope", self.scope)), hashed]
        )

    def signature(self) -> str:
        scope = self.key_scope or self.part("scope", self.scope)
        key = signing_key(self.secret, *scope, prefix=self.prefix)
        return digest(key, self.to_sign().encode("latin-1"), "sha256").hex()

    def authorization(self) -> str:
        listed = ";".join(self.part("listed", self.signed))
        credential = "/".join([self.id, *self.scope])
        return f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={listed}, Signature={self.signature()}"

    def message(self, *, signed: bool = True) -> bytes:
        headers = [*self.sent, ("Authorization", self.authorization())] if signed else self.sent
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        return f"{self.method} {self.url} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + self.body


def s3_error(
    canonical: "str | None", to_sign: "str | None", code: str = "SignatureDoesNotMatch", **elements: str
) -> bytes:
    """Return an error body as S3 and Swift write it."""

    def tag(name: str, text: str) -> str:
        return f"<{name}>{text.replace('&', '&amp;').replace('<', '&lt;')}</{name}>"

    inner = tag("Code", code) + tag("Message", elements.pop("message", "The signatures differ."))
    for name, text in (("StringToSign", to_sign), ("CanonicalRequest", canonical)):
        if text is not None:
            inner += tag(name, text) + tag(f"{name}Bytes", text.encode("latin-1").hex(" "))
    inner += "".join(tag(name, text) for name, text in elements.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'.encode()
