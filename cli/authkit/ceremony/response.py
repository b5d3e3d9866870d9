"""What does the response to an approved request hold?"""

from hashlib import sha256

from authkit.ceremony import ledgers
from authkit.ceremony.approve import wanted_of
from authkit.ceremony.request import parse_days
from authkit.clock import parse_stamp
from authkit.errors import Refused, StoreError
from authkit.keys.sshsig import SUBKEYS, sign_text
from authkit.keys.subkeys import Issued, SubkeyFile, encode_subkeys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from authkit.keys.request import Wanted
    from authkit.keys.scope import Chain
    from authkit.keys.sshsig import Signer
    from authkit.keys.subkeys import Subkey

    Line = dict[str, object]


class Approved:
    """An approval as the ledger has it, from which the response follows.

    Attributes:
        row: the line.
        requester: whose it is.
        sequence: the number of the response.
        wanted: the subkeys.
        access_key_id: whose they are.
        recipient: what the response is sealed to.
        head: of the ledger, this line included: "41:<64 hex>".
    """

    __slots__ = ("access_key_id", "head", "recipient", "requester", "row", "sequence", "wanted")

    def __init__(self, row: "Line", wanted: "Wanted", head: str) -> None:
        self.row = row
        self.wanted = wanted
        self.head = head
        self.requester = ledgers.text(row, "requester")
        self.access_key_id = ledgers.text(row, "access_key_id")
        self.recipient = ledgers.text(row, "recipient")
        sequence = row.get("sequence")
        assert isinstance(sequence, int)  # history_of let no other through
        self.sequence = sequence


def read_approved(row: "Line", chains: "dict[str, Chain]", lines: "Sequence[Line]", head: str) -> Approved:
    """Return what a line of the ledger approved.

    Args:
        row: one of *lines*, of the event "approved" and the kind "subkeys".
        chains: algorithm label -> chain.
        lines, head: of the whole ledger.

    Raises:
        StoreError: if a member is missing.
        InputError: if the scheme is not known here, or a member is not as it must be.
    """
    number = row["n"]
    assert isinstance(number, int)  # the ledger was read
    what = f"line {number} of the ledger"
    scheme, scopes = ledgers.text(row, "scheme"), row.get("scopes")
    if scheme not in chains or not isinstance(scopes, list):
        raise StoreError(f"{what}: its scheme or scopes cannot be read here")
    days = parse_days(ledgers.text(row, "days"), what)
    level, access_key_id = ledgers.text(row, "level"), ledgers.text(row, "access_key_id")
    wanted = wanted_of(level, scopes, days, chains[scheme], access_key_id, what)
    return Approved(row, wanted, f"{number}:{ledgers.head_at(lines, head, number)}")


def sign_response(approved: Approved, subkeys: "list[Subkey]", signer: "Signer", issuer: str) -> "tuple[bytes, str]":
    """Return the signed response, and the SHA-256 of its signed bytes; both follow from the ledger's line alone.

    Args:
        approved: from read_approved.
        subkeys: those of approved.wanted.
        signer: the issuer's key.
        issuer: its fingerprint, "SHA256:…".

    Raises:
        Refused: if they are of another access key, or of a session without an end.
    """
    if subkeys[0].access_key_id != approved.access_key_id:
        raise Refused(f"the key is {subkeys[0].access_key_id}, and {approved.access_key_id} was asked for")
    if subkeys[0].session_token is not None and subkeys[0].expires_at is None:
        raise Refused("the session token has no end, so a subkey file has no place for it")
    row = approved.row
    issued = Issued(
        issuer,
        approved.recipient,
        approved.sequence,
        ledgers.text(row, "request"),
        ledgers.text(row, "previous"),
        approved.head,
    )
    at = parse_stamp(ledgers.text(row, "issued_at"))
    if at is None:
        raise StoreError(f"line {row['n']} of the ledger: issued_at is not an instant")
    file = SubkeyFile(approved.wanted.chain, approved.access_key_id, at, subkeys, issued)
    text = encode_subkeys(file)
    return sign_text(signer, SUBKEYS, text), sha256(text).hexdigest()


def issued_event(approved: Approved, digest: str) -> "Line":
    """Return the ledger's line of a response that was issued."""
    return {
        "event": "created",
        "kind": "response",
        "requester": approved.requester,
        "sequence": approved.sequence,
        "sha256": digest,
    }
