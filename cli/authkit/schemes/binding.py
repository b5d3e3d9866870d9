"""Does the certificate that came with a request go with the access key that signed it?"""

from authkit.base64 import decode, encode
from authkit.errors import Refused, Rejected, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from datetime import datetime
    from typing import Any, Protocol

    from authkit.messages.request import Request

    class Seen(Protocol):
        """A client's certificate, as somebody showed it who saw the client prove that it has its key."""

        fingerprint: bytes

        def has(self, name: str) -> bool:
            """Say whether its subject alternative name holds *name*."""

        def judge(self, at: "datetime") -> None:
            """Pass a certificate from which a path leads to a trust anchor, if the verifier has one."""


CLIENT_CERT, CERTIFICATE = "Authkit-Client-Cert", "Authkit-Certificate"
# headers that a signature always covers where the request has them
ALWAYS_COVERED = ("authkit-client-cert", "authkit-certificate")
# what a terminator of TLS alone may say of its client (RFC 9440 §2.4)
_PROXYS = ("client-cert", "client-cert-chain")
_BEGIN, _END = "sha-256=:", ":"


class Bindings:
    """Which certificates an access key goes with; the verifier's own knowledge, nothing of it from a message.

    Attributes:
        bound: access key ID -> fingerprints (bytes, 32) and names (texts that `Seen.has` takes), one or more.
        seen: (request) -> the certificate that came with it; raises Rejected: client-cert-missing,
            client-cert-ambiguous, client-cert-format.
    """

    __slots__ = ("bound", "seen")

    def __init__(self, bound: "dict[str, tuple[bytes | str, ...]]", seen: "Callable[[Request], Seen]") -> None:
        self.bound = bound
        self.seen = seen


def check_binding(
    bindings: "Bindings | None", request: "Request", access_key_id: str, covered: "Container[str]", at: "datetime"
) -> "tuple[str, ...]":
    """Pass a request whose certificate is bound to the access key that signed it, where that is demanded.

    What demands it is that *bindings* knows the access key; what the message holds demands nothing, since who leaves
    it out would switch the check off.

    Args:
        bindings: None where the verifier was told of none.
        request: untrusted; its signature was verified.
        access_key_id: whose key signed it.
        covered: names of headers, lower case, that the signature covers whole.
        at: the verifier's present instant, aware UTC.

    Returns:
        warnings: "client-cert-not-compared" for a certificate that is named, or demanded of others, and not looked at.

    Raises:
        Rejected: client-cert-required, duplicate-header, client-cert-format, client-cert-missing,
            client-cert-ambiguous, client-cert-mismatch, client-cert-unbound; certificate-… from the path.

    Source:
        SECURITY-DECISIONS S22; RFC 9530 §2 for the value.
        Deviations: of the dictionary that RFC 9530 allows, sha-256 alone, written in the one canonical way.
    """
    name = ALWAYS_COVERED[0]
    values = request.values(name)
    if bindings is None or access_key_id not in bindings.bound:
        return ("client-cert-not-compared",) if values or bindings is not None else ()
    if not values:
        raise Rejected("client-cert-required", f"{CLIENT_CERT} is missing")
    if name not in covered:
        raise Rejected("client-cert-required", f"the signature does not cover {CLIENT_CERT}")
    if len(values) > 1:
        raise Rejected("duplicate-header", name)
    claimed = parse_client_cert(values[0])
    if claimed is None:
        raise Rejected("client-cert-format", f"{CLIENT_CERT} is not sha-256=:BASE64:")
    seen = bindings.seen(request)
    if seen.fingerprint != claimed:
        raise Rejected("client-cert-mismatch", f"{seen.fingerprint.hex()} came, and {claimed.hex()} is signed")
    wanted = bindings.bound[access_key_id]
    if not any([one == seen.fingerprint if isinstance(one, bytes) else seen.has(one) for one in wanted]):
        raise Rejected("client-cert-unbound", f"{seen.fingerprint.hex()} is not bound to {access_key_id[:64]!r}")
    seen.judge(at)
    return ()


def format_client_cert(fingerprint: bytes) -> str:
    """Write the value of Authkit-Client-Cert.

    Args:
        fingerprint: SHA-256 of the DER leaf, 32 bytes.
    """
    return f"{_BEGIN}{encode(fingerprint)}{_END}"


def parse_client_cert(text: str) -> "bytes | None":
    """Read the value of Authkit-Client-Cert; None if it is written in any other way than `format_client_cert` does."""
    text = text.strip(" \t")
    if not text.startswith(_BEGIN) or not text.endswith(_END):
        return None
    found = decode(text[len(_BEGIN) : -len(_END)])
    return found if found is not None and len(found) == 32 else None


def speak_of_certificates(
    request: "Request", *, leaf: "bytes | None", chain: "tuple[bytes, ...] | None", as_proxy: bool
) -> "Request":
    """Return what is to be signed: *request*, and what it says of the signer's certificate.

    Args:
        leaf: the certificate, DER, with which it will be sent, to bind it to; None to bind it to none.
        chain: the key's certificates, DER, leaf first, to send with it; None to send none.
        as_proxy: whether it may hold what a proxy alone says.

    Raises:
        Refused: if it says what is a proxy's to say, or has the headers already.
        UsageError: if *chain* is empty.
    """
    if not as_proxy:
        refuse_client_cert(request)
    if leaf is not None:
        request = bind_request(request, leaf)
    if chain is None:
        return request
    if not chain:
        raise UsageError("the key has no certificate to send", "name its certificates with --certificate FILE")
    return carry_certificates(request, chain)


def chain_of(keys: "Sequence[Any]") -> "tuple[bytes, ...]":
    """Return the certificates of the first key that can have some, DER, leaf first; () where none has."""
    return next((key.chain for key in keys if hasattr(key, "chain")), ())


def bind_request(request: "Request", leaf: bytes) -> "Request":
    """Return *request* with Authkit-Client-Cert, which a signature has to cover.

    Args:
        leaf: the client's certificate, DER.

    Raises:
        Refused: if it has the header already.
    """
    from hashlib import sha256

    return _with_header(request, CLIENT_CERT, format_client_cert(sha256(leaf).digest()))


def carry_certificates(request: "Request", chain: "tuple[bytes, ...]") -> "Request":
    """Return *request* with Authkit-Certificate, which a signature has to cover.

    Args:
        chain: certificates in DER, leaf first, one or more.

    Raises:
        Refused: if it has the header already.

    Source:
        FORMATS F8; RFC 9440 §2.2 for the list. Deviations: the leaf is the list's first.
    """
    return _with_header(request, CERTIFICATE, ", ".join([f":{encode(one)}:" for one in chain]))


def _with_header(request: "Request", name: str, value: str) -> "Request":
    if request.values(name.lower()):
        raise Refused(f"the request already has the header {name}", "remove it: signing adds it")
    return request.with_headers((*request.headers, (name, value)))


def refuse_client_cert(request: "Request") -> None:
    """Refuse to sign, as a client, what a terminator of TLS alone may say.

    Raises:
        Refused: if the request has Client-Cert or Client-Cert-Chain in any spelling.

    Source:
        RFC 9440 §2.4.
        Deviations: with '_' or '.' for '-' too, as many a program behind a proxy reads it.
    """
    for name in request.grouped:
        if name.replace("_", "-").replace(".", "-") in _PROXYS:
            raise Refused(
                f"a client never sends {name}, which is the proxy's word on its client",
                "leave it out; --as-proxy signs it as the proxy",
            )
