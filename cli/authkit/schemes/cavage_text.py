"""How are the signing string and the Signature header of draft-cavage-http-signatures written and read?"""

from datetime import datetime, timedelta

from authkit import base64
from authkit.clock import UTC
from authkit.errors import Rejected
from authkit.messages import fields
from authkit.messages.request import Request

TARGET, CREATED, EXPIRES = "(request-target)", "(created)", "(expires)"
MAX_SIGNATURE = 16384
_TEXTS = frozenset(("keyId", "algorithm", "headers", "signature", "version"))
_NUMBERS = frozenset(("created", "expires"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Parameters:
    """What a Signature header says; nothing of it is verified.

    Attributes:
        key_id: as written.
        algorithm: as written; None without.
        created, expires: seconds since 1970; None without.
        headers: what is signed, in order, lower case.
        signature: the bytes.
        version: as written; None without.
        placement: "signature" or "authorization": the header it stands in.
    """

    __slots__ = ("key_id", "algorithm", "created", "expires", "headers", "signature", "version", "placement")

    def __init__(
        self,
        key_id: str,
        algorithm: "str | None",
        created: "int | None",
        expires: "int | None",
        headers: "tuple[str, ...]",
        signature: bytes = b"",
        version: "str | None" = None,
        placement: str = "signature",
    ) -> None:
        self.key_id = key_id
        self.algorithm = algorithm
        self.created = created
        self.expires = expires
        self.headers = headers
        self.signature = signature
        self.version = version
        self.placement = placement

    def __str__(self) -> str:
        """The header's value."""
        found = [] if self.version is None else [f'version="{self.version}"']
        found.append(f'keyId="{self.key_id}"')
        if self.algorithm is not None:
            found.append(f'algorithm="{self.algorithm}"')
        if self.created is not None:
            found.append(f"created={self.created}")
        if self.expires is not None:
            found.append(f"expires={self.expires}")
        found.append(f'headers="{" ".join(self.headers)}"')
        found.append(f'signature="{base64.encode(self.signature)}"')
        return ",".join(found)


def is_key_id(text: str) -> bool:
    """Say whether *text* can stand in quotes as it is: 1 or more printable ASCII characters but '"' and '\\'."""
    return bool(text) and text.isascii() and text.isprintable() and '"' not in text and "\\" not in text


def find(request: Request) -> "tuple[str, str]":
    """Return the header that carries the signature, and its parameters as text.

    Raises:
        Rejected: no-signature, multiple-authorization, multiple-auth-locations, authorization-syntax.

    Source:
        draft-cavage-http-signatures-12 §3.1, §4; RFC 9421 Appendix A for telling the two apart. Deviations: only one
        signature may stand in the request.
    """
    inside = [value.strip(" \t") for value in request.values("authorization")]
    inside = [value for value in inside if value.partition(" ")[0].lower() == "signature"]
    beside = request.values("signature")
    if inside and beside:
        raise Rejected("multiple-auth-locations", "Signature and Authorization")
    if beside and "signature-input" in request.grouped:
        raise Rejected("no-signature", "its Signature header is one of RFC 9421", "say --scheme rfc9421")
    found = inside or beside
    if not found:
        raise Rejected("no-signature")
    if len(found) > 1:
        raise Rejected("multiple-authorization" if inside else "duplicate-header", "signature")
    if len(found[0]) > MAX_SIGNATURE:
        raise Rejected("authorization-syntax", f"it is {len(found[0])} characters long")
    return ("authorization", found[0].partition(" ")[2].strip(" ")) if inside else ("signature", found[0])


def parse(request: Request) -> Parameters:
    """Read the signature of *request*.

    Raises:
        Rejected: as `find`; signature-format; signed-headers.

    Source:
        draft-cavage-http-signatures-12 §2.1, §2.2. Deviations: an unknown parameter and one that stands twice are
        refused; without `headers` the draft's default is "(created)", which is only taken where `created` stands, and
        else "date", as older drafts have it.
    """
    placement, text = find(request)
    found = _split(text)
    for name in ("keyId", "signature"):
        if not found.get(name):
            raise Rejected("authorization-syntax", f"there is no {name}")
    signature = base64.decode(found["signature"])
    if not signature:
        raise Rejected("signature-format", "it is not base64")
    created, expires = (int(found[name]) if name in found else None for name in ("created", "expires"))
    listed = found.get("headers", "date" if created is None else CREATED)
    headers = tuple(listed.lower().split(" "))
    if "" in headers or len(set(headers)) != len(headers):
        raise Rejected("signed-headers", f"{listed[:128]!r}")
    return Parameters(
        found["keyId"],
        found.get("algorithm"),
        created,
        expires,
        headers,
        signature,
        found.get("version"),
        placement,
    )


def _split(text: str) -> "dict[str, str]":
    """Return the parameters: name -> value without its quotes."""
    found: "dict[str, str]" = {}
    while text:
        name, _, text = text.partition("=")
        name = name.strip(" \t")
        if text[:1] == '"':
            value, mark, text = text[1:].partition('"')
            good = bool(mark) and name in _TEXTS and (is_key_id(value) or not value)
            mark, text = text.lstrip(" \t")[:1], text.lstrip(" \t")[1:]
        else:
            value, mark, text = text.partition(",")
            value = value.strip(" \t")
            good = name in _NUMBERS and value.isascii() and value.isdigit() and len(value) <= 12
        if not good or name in found or mark not in ("", ",") or (mark == "," and not text.strip(" \t")):
            raise Rejected("authorization-syntax", f"the parameter {name[:40]!r} is unknown, repeated or badly written")
        found[name] = value
    return found


def instant(seconds: int) -> "datetime | None":
    """Return the instant that is *seconds* after 1970, aware UTC; None if it cannot be written."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def seconds(at: datetime) -> int:
    """Return how many seconds after 1970 *at* is."""
    return int((at - _EPOCH).total_seconds())


def signing_string(request: Request, parameters: Parameters) -> str:
    """Return the signing string: one character a byte.

    Raises:
        Rejected: signed-header-missing, for a header or parameter that is listed and not there.

    Source:
        draft-cavage-http-signatures-12 §2.3. Deviations: none.
    """
    lines = []
    for name in parameters.headers:
        if name == TARGET:
            path, query = request.parts
            mark = "?" if "?" in request.target else ""
            value = f"{request.method.lower()} {path or '/'}{mark}{query}"
        elif name in (CREATED, EXPIRES):
            number = parameters.created if name == CREATED else parameters.expires
            if number is None:
                raise Rejected("signed-header-missing", name)
            value = str(number)
        elif name in request.grouped:
            value = ", ".join([fields.trim(one) for one in request.grouped[name]])
        else:
            raise Rejected("signed-header-missing", name[:64])
        lines.append(f"{name}: {value}")
    return "\n".join(lines)
