"""What does a subkey file say (FORMATS F1, F2)?"""

from datetime import datetime

from authkit import base64, strictjson
from authkit.clock import format_instant, parse_stamp
from authkit.errors import InputError, Refused
from authkit.keys.scope import Chain, Chains, Scope, id_fault, parse_scope
from authkit.secret import MacKey, Secret, mac_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA = "authkit.subkeys/v1"
MAX_SUBKEYS = 1_000_000
MAX_BYTES = 64 * 1024 * 1024
_SIGNED_ONLY = ("issuer", "recipient", "sequence", "request", "previous", "ledger")


class Subkey:
    """A key derived from a master secret, with what it is good for.

    Attributes:
        access_key_id: whose key it is.
        scope: what it is good for.
        key: 32 bytes, or a handle.
        session_token: for temporary credentials, else None.
        expires_at: when the session ends, aware UTC; None without one.
    """

    __slots__ = ("access_key_id", "scope", "key", "session_token", "expires_at")

    def __init__(
        self,
        access_key_id: str,
        scope: Scope,
        key: MacKey,
        session_token: "Secret | None" = None,
        expires_at: "datetime | None" = None,
    ) -> None:
        self.access_key_id = access_key_id
        self.scope = scope
        self.key = key
        self.session_token = session_token
        self.expires_at = expires_at

    def narrowed(self, scope: Scope, key: MacKey) -> "Subkey":
        """Return a subkey of the same owner and session."""
        return Subkey(self.access_key_id, scope, key, self.session_token, self.expires_at)

    def __repr__(self) -> str:
        return f"<Subkey {self.access_key_id}/{self.scope}>"


class Issued:
    """What a subkey file says that answers a request, or was made for one recipient.

    Attributes:
        issuer: "SHA256:…", the fingerprint of the key that signs the file.
        recipient: whom it is sealed to, as enrolled; or "none".
        sequence: counts from 1, for each issuer and requester.
        request: SHA-256 of the request's signed bytes, lower-case hex, 64; or "none".
        previous: SHA-256 of the signed bytes of the response before, lower-case hex, 64; or "none".
        ledger: the issuer's count of lines and head, this approval included.
    """

    __slots__ = ("issuer", "recipient", "sequence", "request", "previous", "ledger")

    def __init__(self, issuer: str, recipient: str, sequence: int, request: str, previous: str, ledger: str) -> None:
        self.issuer = issuer
        self.recipient = recipient
        self.sequence = sequence
        self.request = request
        self.previous = previous
        self.ledger = ledger


class SubkeyFile:
    """What one subkey file holds.

    Attributes:
        chain: the scheme's.
        access_key_id: whose keys.
        issued_at: aware UTC, whole seconds.
        subkeys: sorted by scope bytes, no scope twice, all of one owner and session.
        issued: what a signed file says besides; None for one that is not signed.
        data: the exact bytes it was read from, a signature included; None for one made here.
    """

    __slots__ = ("chain", "access_key_id", "issued_at", "subkeys", "issued", "data")

    def __init__(
        self,
        chain: Chain,
        access_key_id: str,
        issued_at: datetime,
        subkeys: "list[Subkey]",
        issued: "Issued | None" = None,
        data: "bytes | None" = None,
    ) -> None:
        self.chain = chain
        self.access_key_id = access_key_id
        self.issued_at = issued_at
        self.subkeys = subkeys
        self.issued = issued
        self.data = data


def check_value(key: MacKey, label: str, access_key_id: str, scope: str) -> str:
    """Return F2's check value: lower-case hex, 8.

    Source:
        FORMATS F2. It finds copying errors in key, ID or scope; it is no signature.
    """
    return key.mac(f"authkit-check-v1\n{label}\n{access_key_id}\n{scope}".encode("ascii"))[:4].hex()


def encode_subkeys(file: SubkeyFile) -> bytes:
    """Return the text of a subkey file: strict JSON, one subkey a line, LF at the end; the signature is not in it.

    Raises:
        Refused: if it would hold no subkey, or more than 1,000,000.
    """
    if not 1 <= len(file.subkeys) <= MAX_SUBKEYS:
        raise Refused(f"a subkey file holds 1 to {MAX_SUBKEYS:,} subkeys, not {len(file.subkeys):,}")
    subkeys = sorted(file.subkeys, key=lambda one: str(one.scope))
    pairs = [(str(one.scope), one.key.reveal()) for one in subkeys]
    return frame_entries(file, [format_entries(pairs, file.chain.label, file.access_key_id)])


def frame_entries(file: SubkeyFile, pieces: "Iterable[bytes]") -> bytes:
    """Return the text of a subkey file whose entries are already written.

    Args:
        file: says the rest; of its subkeys the first is looked at, for the session.
        pieces: from format_entries, in order.
    """
    first = file.subkeys[0]
    head: "dict[str, object]" = {"schema": SCHEMA, "scheme": file.chain.label}
    if file.chain.definition is not None:
        head["definition"] = file.chain.definition
    head["access_key_id"] = file.access_key_id
    if first.session_token is not None:
        assert first.expires_at is not None
        head["session_token"] = first.session_token.reveal().decode("ascii")
        head["expires_at"] = format_instant(first.expires_at)
    head["issued_at"] = format_instant(file.issued_at)
    if file.issued is not None:
        head.update({name: getattr(file.issued, name) for name in _SIGNED_ONLY})
    return strictjson.encode(head)[:-2] + b', "subkeys": [\n' + b",\n".join(pieces) + b"\n]}\n"


def format_entries(pairs: "list[tuple[str, bytes]]", label: str, access_key_id: str) -> bytes:
    """Return entries of a subkey file, one a line, without the last line's end.

    Args:
        pairs: (scope, key: bytes, 32), sorted by scope.
    """
    stem = f"authkit-check-v1\n{label}\n{access_key_id}\n".encode("ascii")
    lines = []
    for scope, key in pairs:
        check = mac_once(key, stem + scope.encode("ascii"))[:4].hex()
        lines.append(f'  {{"scope": "{scope}", "key": "{base64.encode(key)}", "check": "{check}"}}')
    return ",\n".join(lines).encode("ascii")


def conflict(file: SubkeyFile, held: SubkeyFile) -> "Scope | None":
    """Return the first scope of *file* for which *held* has another key of the same owner; None without one (A6)."""
    if (file.chain.label, file.access_key_id) != (held.chain.label, held.access_key_id):
        return None
    keys = {one.scope: one.key for one in held.subkeys}
    return next((one.scope for one in file.subkeys if one.scope in keys and keys[one.scope] != one.key), None)


def load_subkeys(data: bytes, chain_for: "dict[str, Chain]", what: str, *, checked: bool = True) -> SubkeyFile:
    """Read a subkey file.

    Args:
        data: the file's bytes; untrusted.
        chain_for: algorithm label -> its chain, of the schemes that are built in; Chains for others' too.
        what: names the input in errors.
        checked: False where the check values are compared later; their form is judged in any case.

    Raises:
        InputError: naming the member or the entry that is wrong; never the value of a key.
        Untrusted: "signature-malformed", if anything but one signature follows the text.

    The signature of a signed file is not verified here (A14): whoever imports or inspects it has done so before.

    Source:
        FORMATS F1, F2.
    """
    if len(data) > MAX_BYTES:
        raise InputError(f"{what}: larger than 64 MiB")
    text, signed = data, b"-----BEGIN SSH SIGNATURE-----" in data
    if signed:
        from authkit.keys.sshsig import split_signed

        text = split_signed(data, what)[0]
    top = strictjson.members(
        strictjson.parse(text, what),
        what,
        ("schema", "scheme", "access_key_id", "issued_at", "subkeys"),
        ("session_token", "expires_at", "definition", *_SIGNED_ONLY),
    )
    if top["schema"] != SCHEMA:
        raise InputError(f"{what}: member 'schema' is not {SCHEMA!r}")
    for name in _SIGNED_ONLY:
        if (name in top) != signed:
            where = "is missing in a file that is signed" if signed else "stands in a file that is not signed"
            raise InputError(f"{what}: member {name!r} {where}")
    chain = _chain(top, chain_for, what)
    access_key_id = strictjson.text(top, "access_key_id", what)
    fault = id_fault(access_key_id)
    if fault:
        raise InputError(f"{what}: member 'access_key_id' {fault}")
    issued_at = _stamp(top, "issued_at", what)
    token, expires_at = session(top, what)
    entries = top["subkeys"]
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAX_SUBKEYS:
        raise InputError(f"{what}: member 'subkeys' is not a list of 1 to {MAX_SUBKEYS:,} entries")
    subkeys = [
        _entry(entry, chain, access_key_id, f"{what}: subkey {i}", checked) for i, entry in enumerate(entries, 1)
    ]
    for i in range(1, len(subkeys)):
        if str(subkeys[i - 1].scope) >= str(subkeys[i].scope):
            raise InputError(f"{what}: subkey {i + 1} is not after subkey {i} in the order of their scopes")
    if token is not None:
        subkeys = [Subkey(access_key_id, one.scope, one.key, token, expires_at) for one in subkeys]
    return SubkeyFile(chain, access_key_id, issued_at, subkeys, _issued(top, what) if signed else None, data)


def _issued(top: "dict[str, object]", what: str) -> Issued:
    """Read the members of a signed file; whether they are true is for the ceremony to say."""
    texts = {name: strictjson.text(top, name, what) for name in _SIGNED_ONLY if name != "sequence"}
    for name in ("request", "previous"):
        if texts[name] != "none" and not _is_hash(texts[name]):
            raise InputError(f"{what}: member {name!r} is neither a SHA-256 in hexadecimal nor 'none'")
    count, _, head = texts["ledger"].partition(":")
    if not (count.isascii() and count.isdigit() and len(count) <= 15 and count[0] != "0" and _is_hash(head)):
        raise InputError(f"{what}: member 'ledger' is not the head of a ledger, COUNT:SHA-256")
    sequence = top["sequence"]
    if not isinstance(sequence, int) or isinstance(sequence, bool) or sequence < 1:
        raise InputError(f"{what}: member 'sequence' is not a number from 1 on")
    return Issued(texts["issuer"], texts["recipient"], sequence, texts["request"], texts["previous"], texts["ledger"])


def _is_hash(text: str) -> bool:
    return len(text) == 64 and frozenset("0123456789abcdef").issuperset(text)


def _chain(top: "dict[str, object]", chain_for: "dict[str, Chain]", what: str) -> Chain:
    """Return the chain that a file's keys are of, by the scheme's definition if it is not built in (T12)."""
    label = strictjson.text(top, "scheme", what)
    if "definition" not in top:
        if label not in chain_for:
            raise InputError(f"{what}: member 'scheme' names {label[:64]!r}, which is not a scheme known here")
        return chain_for[label]
    if label in chain_for:
        raise InputError(f"{what}: member 'definition' stands beside a scheme that is built in")
    definition = top["definition"]
    if not isinstance(definition, dict) or not isinstance(chain_for, Chains):
        raise InputError(f"{what}: member 'definition' is not a definition that can be read here")
    chain = chain_for.define(definition, what)
    if chain.label != label:
        raise InputError(f"{what}: member 'definition' is of {chain.label}, and member 'scheme' of {label[:64]!r}")
    return chain


def session(top: "dict[str, object]", what: str) -> "tuple[Secret | None, datetime | None]":
    """Read the members session_token and expires_at, which stand together or not at all.

    Raises:
        InputError: naming the member that is wrong.
    """
    if ("session_token" in top) != ("expires_at" in top):
        raise InputError(f"{what}: members 'session_token' and 'expires_at' stand together or not at all")
    if "session_token" not in top:
        return None, None
    token = strictjson.text(top, "session_token", what)
    if not token or not token.isascii() or " " in token:
        raise InputError(f"{what}: member 'session_token' is not printable ASCII without spaces")
    return Secret(token.encode("ascii")), _stamp(top, "expires_at", what)


def _entry(entry: object, chain: Chain, access_key_id: str, what: str, checked: bool) -> Subkey:
    found = strictjson.members(entry, what, ("scope", "key", "check"))
    scope = parse_scope(strictjson.text(found, "scope", what), chain, what)
    data = base64.decode(strictjson.text(found, "key", what))
    if data is None or len(data) != 32:
        raise InputError(f"{what}: member 'key' is not the base64 of 32 bytes")
    key = MacKey(data)
    said = strictjson.text(found, "check", what)
    if checked and said != check_value(key, chain.label, access_key_id, str(scope)):
        raise InputError(f"{what}: the check value does not fit: key, access key ID or scope was altered")
    return Subkey(access_key_id, scope, key)


def _stamp(top: "dict[str, object]", name: str, what: str) -> datetime:
    at = parse_stamp(strictjson.text(top, name, what))
    if at is None:
        raise InputError(f"{what}: member {name!r} is not an instant YYYY-MM-DDThh:mm:ssZ")
    return at
