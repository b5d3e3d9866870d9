"""What do the request for one signature and its answer say (FORMATS F10)?"""

from datetime import datetime

from authkit.ceremony.request import check_hash, normalise
from authkit.clock import format_instant, parse_stamp
from authkit.errors import InputError, Untrusted
from authkit.keys import sshsig
from authkit.keys.scope import id_fault, parse_scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from authkit.ceremony.peers import Issuer, Requester
    from authkit.keys.scope import Chain, Scope

HEAD = "authkit-approval/v1"
MAX_BYTES = 60 * 1024
_NAMES = ("id", "requester", "issuer", "access-key-id", "scheme", "scope", "at", "expires")
_HEX = frozenset("0123456789abcdef")


class Approval:
    """The lines that begin a request for one signature, and its answer.

    Attributes:
        id: lower-case hex, 32.
        requester: its name, as the issuer calls it.
        issuer: "SHA256:…", the fingerprint of the issuer's signing key.
        access_key_id: who the request is to be signed as.
        scheme: algorithm label.
        scope: the whole credential scope, as text.
        at: the instant that the request says it was signed at; aware UTC, whole seconds.
        expires: the last second in which the answer may be used; the same.
    """

    __slots__ = ("access_key_id", "at", "expires", "id", "issuer", "requester", "scheme", "scope")

    def __init__(
        self,
        *,
        id: str,
        requester: str,
        issuer: str,
        access_key_id: str,
        scheme: str,
        scope: str,
        at: datetime,
        expires: datetime,
    ) -> None:
        self.id = id
        self.requester = requester
        self.issuer = issuer
        self.access_key_id = access_key_id
        self.scheme = scheme
        self.scope = scope
        self.at = at
        self.expires = expires

    def lines(self) -> "list[str]":
        """Return the lines as they stand in a request and in its answer."""
        stamps = {"at": format_instant(self.at), "expires": format_instant(self.expires)}
        values = [stamps.get(name) or getattr(self, name.replace("-", "_")) for name in _NAMES]
        return [HEAD, *[f"{name}: {value}" for name, value in zip(_NAMES, values)]]


class Answer:
    """An answer whose issuer was verified.

    Attributes:
        approval: the lines of the request that it answers.
        request: SHA-256 of that request's signed bytes, lower-case hex, 64.
        signature: lower-case hex; a bearer value.
        issuer: who signed the answer.
    """

    __slots__ = ("approval", "issuer", "request", "signature")

    def __init__(self, approval: Approval, request: str, signature: str, issuer: "Issuer") -> None:
        self.approval = approval
        self.request = request
        self.signature = signature
        self.issuer = issuer

    def __repr__(self) -> str:
        return f"<Answer {self.approval.id}>"


def format_request(approval: Approval, message: bytes) -> bytes:
    """Return the text of a request, ready to be signed.

    Args:
        message: the HTTP/1.1 message without its signature; a line end that is not its own closes the text.

    Raises:
        InputError: if it is over 60 KiB, or holds what begins a signature of OpenSSH's.
    """
    text = ("\n".join(approval.lines()) + "\n\n").encode("ascii") + message + b"\n"
    if len(text) > MAX_BYTES:
        raise InputError(f"the request is {len(text):,} octets, more than {MAX_BYTES:,}", "carry its body --by-digest")
    if sshsig.is_signed(text):
        raise InputError("the body holds an OpenSSH signature, and would end where that begins", "add --by-digest")
    return text


def open_request(data: bytes, requesters: "Sequence[Requester]", what: str) -> "tuple[bytes, Requester]":
    """Return the text of a request and who signed it; nothing of it was looked at before.

    Args:
        data: as it was carried; untrusted.
        requesters: those who are trusted.

    Raises:
        Untrusted: "not-signed", "signature-malformed", "namespace", "unknown-signer" or "signature-mismatch".
    """
    keys = {one.signing_key: one for one in requesters if one.signing_key}
    text, line = sshsig.open_signed(data, sshsig.APPROVAL, keys, what)
    return text, keys[line]


def parse_request(text: bytes, what: str) -> "tuple[Approval, bytes]":
    """Read the text of a request whose signature was verified: its lines, and the HTTP message behind them.

    Raises:
        InputError: naming the line that is not as F10 has it.
    """
    head, mark, message = text.partition(b"\n\n")
    if len(text) > MAX_BYTES or not mark or not message.endswith(b"\n"):
        raise InputError(f"{what}: not a request for a signature: over 60 KiB, or without a message")
    lines = _lines(head, what)
    if len(lines) != len(_NAMES) + 1:
        raise InputError(f"{what}: {len(lines)} lines before the message, where there should be {len(_NAMES) + 1}")
    return _approval(lines, what), message[:-1]


def format_answer(approval: Approval, request: str, signature: str) -> bytes:
    """Return the text of an answer, ready to be signed.

    Args:
        request: SHA-256 of the request's signed bytes, lower-case hex.
        signature: lower-case hex.
    """
    lines = [*approval.lines(), f"request: {request}", f"signature: {signature}"]
    return ("\n".join(lines) + "\n").encode("ascii")


def open_answer(data: bytes, issuers: "Sequence[Issuer]", what: str) -> Answer:
    """Return an answer; its signature is verified first.

    Args:
        data: as it was carried; untrusted.
        issuers: those who are trusted.

    Raises:
        Untrusted: "not-signed", "signature-malformed", "namespace", "unknown-signer", "signature-mismatch" or
            "issuer-mismatch".
        InputError: naming the line that is wrong.
    """
    keys = {one.signing_key: one for one in issuers}
    text, line = sshsig.open_signed(normalise(data), sshsig.APPROVAL, keys, what)
    lines = _lines(text.removesuffix(b"\n"), what)
    if len(lines) != len(_NAMES) + 3:
        raise InputError(f"{what}: {len(lines)} lines where there should be {len(_NAMES) + 3}")
    approval = _approval(lines[:-2], what)
    request = _value(lines[-2], "request", f"{what}: line {len(lines) - 1}")
    signature = _value(lines[-1], "signature", f"{what}: line {len(lines)}")
    if check_hash(request, f"{what}: request") == "none" or len(signature) != 64 or not _HEX.issuperset(signature):
        raise InputError(f"{what}: request or signature is not 64 lower-case hexadecimal digits")
    if approval.issuer != sshsig.fingerprint_of(line):
        raise Untrusted("issuer-mismatch", what, f"{approval.issuer}, signed by {sshsig.fingerprint_of(line)}")
    return Answer(approval, request, signature, keys[line])


def judge(approval: Approval, requester: "Requester", chain: "Chain", issuer: str, now: datetime, what: str) -> "Scope":
    """Return the scope to sign for, once the lines of a request are found to be in order.

    Args:
        requester: whose key signed it.
        chain: of the scheme that it names.
        issuer: "SHA256:…", the fingerprint of our key.
        now: by this machine's clock.
        what: names the request in errors.

    Raises:
        Untrusted: "requester-mismatch", "issuer-mismatch", "scope-day", "expires-mismatch" or "expired".
        InputError: if the access key ID or the scope is none.
    """
    if approval.requester != requester.name:
        raise Untrusted("requester-mismatch", what, f"{approval.requester}, signed by {requester.name}")
    if approval.issuer != issuer:
        raise Untrusted("issuer-mismatch", what, f"{approval.issuer}, and we are {issuer}")
    fault = id_fault(approval.access_key_id)
    if fault:
        raise InputError(f"{what}: access-key-id {fault}")
    scope = parse_scope(approval.scope, chain, f"{what}: scope")
    if len(scope.values) != len(chain.levels):
        raise InputError(f"{what}: scope: {approval.scope!r} is not whole")
    if scope.values[0] != chain.format_day(approval.at.date()):
        raise Untrusted("scope-day", what, f"{scope.values[0]}, and it is signed at {format_instant(approval.at)}")
    if approval.expires < approval.at:
        raise Untrusted("expires-mismatch", what, "it expires before it is signed")
    judge_time(approval, now, what)
    return scope


def judge_time(approval: Approval, now: datetime, what: str) -> None:
    """Refuse what may be used no longer; the last second still counts.

    Raises:
        Untrusted: "expired".
    """
    if now > approval.expires:
        raise Untrusted("expired", what, f"at {format_instant(approval.expires)}", "ask for the signature again")


def _lines(head: bytes, what: str) -> "list[str]":
    if not head.isascii():
        raise InputError(f"{what}: its lines hold a character that is not ASCII")
    lines = head.decode("ascii").split("\n")
    if lines[0] != HEAD:
        raise InputError(f"{what}: line 1 is not {HEAD!r}")
    return lines


def _approval(lines: "list[str]", what: str) -> Approval:
    values = [_value(line, name, f"{what}: line {i}") for i, (line, name) in enumerate(zip(lines[1:], _NAMES), 2)]
    found = dict(zip(_NAMES, values))
    if len(found["id"]) != 32 or not _HEX.issuperset(found["id"]):
        raise InputError(f"{what}: id is not 32 lower-case hexadecimal digits")
    return Approval(
        id=found["id"],
        requester=found["requester"],
        issuer=found["issuer"],
        access_key_id=found["access-key-id"],
        scheme=found["scheme"],
        scope=found["scope"],
        at=_stamp(found["at"], f"{what}: at"),
        expires=_stamp(found["expires"], f"{what}: expires"),
    )


def _value(line: str, name: str, what: str) -> str:
    value = line.removeprefix(f"{name}: ")
    if value == line or not value or " " in (value[0], value[-1]) or not value.isprintable():
        raise InputError(f"{what} is not '{name}: …'")
    return value


def _stamp(text: str, what: str) -> datetime:
    at = parse_stamp(text)
    if at is None:
        raise InputError(f"{what} is not an instant YYYY-MM-DDThh:mm:ssZ")
    return at
