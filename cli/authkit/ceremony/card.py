"""What does a machine say of itself, for another to trust it?"""

from authkit.ceremony.peers import check_recipient
from authkit.ceremony.request import normalise
from authkit.errors import InputError
from authkit.keys.sshsig import parse_public_line
from authkit.stores.base import is_name
from authkit.words import ENROL, fingerprint_words

HEAD = "authkit-identity/v1"
ROLES = ("requester", "issuer")
_NAMES = ("role", "name", "recipient", "signing-key")
MAX_BYTES = 8 * 1024


class Card:
    """What one machine says of itself; nothing of it is proved but by the words that two people compare.

    Attributes:
        role: of ROLES.
        name: what it calls itself.
        recipient: what it is sealed to; "none" for an issuer.
        signing_key: "ssh-ed25519 AAAA…"; "" for a requester that only receives.
    """

    __slots__ = ("name", "recipient", "role", "signing_key")

    def __init__(self, role: str, name: str, recipient: str, signing_key: str) -> None:
        self.role = role
        self.name = name
        self.recipient = recipient
        self.signing_key = signing_key

    def words(self) -> str:
        """Return the sixteen words that both sides read (S35); an issuer's are of its key alone."""
        parts = (self.signing_key,) if self.role == "issuer" else (self.name, self.recipient, self.signing_key)
        return fingerprint_words(self.role, "\n".join(parts).encode("ascii"), ENROL)


def format_card(card: Card) -> bytes:
    """Return the text of a card."""
    values = (card.role, card.name, card.recipient, card.signing_key)
    lines = [HEAD, *[f"{name}: {value}" for name, value in zip(_NAMES, values)]]
    return ("\n".join(lines) + "\n").encode("ascii")


def parse_card(data: bytes, role: str, what: str) -> Card:
    """Read a card, as a file or as it was pasted.

    Args:
        data: untrusted.
        role: whose card it must be.
        what: names the input in errors.

    Raises:
        InputError: naming the line that is wrong.
    """
    text = normalise(data).strip(b"\n") + b"\n"
    if len(text) > MAX_BYTES or not text.isascii():
        raise InputError(f"{what}: not the card of an identity: over 8 KiB, or not ASCII")
    lines = text.decode("ascii").split("\n")[:-1]
    if lines[0] != HEAD:
        raise InputError(f"{what}: line 1 is not {HEAD!r}", "'authkit show-identity' writes such a card")
    if len(lines) != len(_NAMES) + 1:
        raise InputError(f"{what}: {len(lines)} lines where there should be {len(_NAMES) + 1}")
    values = {}
    for number, (line, name) in enumerate(zip(lines[1:], _NAMES), 2):
        value = line.removeprefix(f"{name}: ")
        if value == line or not value.isprintable():
            raise InputError(f"{what}: line {number} is not '{name}: …'")
        values[name] = value
    return _judge(values, role, what)


def _judge(values: "dict[str, str]", role: str, what: str) -> Card:
    if values["role"] != role:
        article = "an" if role == "issuer" else "a"
        raise InputError(f"{what}: role is not {role!r}, so it is not the card of {article} {role}")
    if not is_name(values["name"]):
        raise InputError(f"{what}: line 3: the name is not 1 to 64 letters, digits, '.', '_' and '-'")
    recipient = values["recipient"]
    if (recipient == "none") != (role == "issuer"):
        raise InputError(f"{what}: line 4: an issuer's recipient is 'none', and a requester's is one")
    line = parse_public_line(values["signing-key"], f"{what}: line 5")
    if line != values["signing-key"]:
        raise InputError(f"{what}: line 5: something follows the key")
    return Card(role, values["name"], check_recipient(recipient, f"{what}: line 4"), line)
