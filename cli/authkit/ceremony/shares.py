"""How is a secret split among people, some of whom bring it back together (SLIP-39)?"""

from authkit import base64
from authkit.errors import InputError, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any

MOST_SHARES = 16
_DECODED, _TEXT = 0, 1  # kinds
_DECODED_BYTES = 30
_LEAST_BYTES, _MOST_BYTES = 16, 256  # of what is split
_TELLING = 4  # letters by which a word is told from every other


class Share:
    """One share.

    Attributes:
        what: names it in errors.
        number: from 1.
        needed: how many bring the secret back.
        set: the two words that all shares of a set begin with; not secret.
        words: secret.
    """

    __slots__ = ("_parsed", "needed", "number", "set", "what", "words")

    def __init__(self, what: str, words: str, parsed: "Any") -> None:
        self.what = what
        self.words = words
        self._parsed = parsed
        self.number: int = parsed.index + 1
        self.needed: int = parsed.member_threshold
        self.set = " ".join(words.split(" ")[:2])

    def __repr__(self) -> str:
        return f"<Share {self.number} {self.set}>"


def encode_secret(text: str) -> bytes:
    """Return the bytes that are split: kind, count of pad bytes, data, pad; secret.

    Args:
        text: printable ASCII.

    Source:
        SECURITY-DECISIONS T15: kind 00 is the 30 bytes that a secret of AWS's form decodes to, 01 the text itself.
    """
    decoded = base64.decode(text)
    if decoded is not None and len(decoded) == _DECODED_BYTES:
        return bytes((_DECODED, 0)) + decoded
    pad = len(text) % 2  # SLIP-39 splits an even count of bytes
    return bytes((_TEXT, pad)) + text.encode("ascii") + bytes(pad)


def decode_secret(data: bytes) -> str:
    """Return the text that `encode_secret` made *data* from.

    Raises:
        Refused: if it made no such bytes.
    """
    kind, pad, rest = data[0], data[1], data[2:]
    if kind == _DECODED and pad == 0 and len(rest) == _DECODED_BYTES:
        return base64.encode(rest)
    if kind == _TEXT and pad <= 1 and rest[len(rest) - pad :] == bytes(pad):
        text = rest[: len(rest) - pad].decode("ascii", "replace")
        if text.isascii() and text.isprintable():
            return text
    raise Refused(
        "the shares fit together, and what they give is no secret of authkit",
        "they were made by another program, or under a passphrase",
    )


def split_secret(data: bytes, needed: int, count: int) -> "list[str]":
    """Return *count* shares, each as words that single spaces divide; secret.

    Args:
        data: from `encode_secret`.
        needed: how many bring it back, 2 to *count*.
        count: at most 16.

    Raises:
        Refused: if the secret is too short or too long to be split, or the library is not installed.

    Source:
        SLIP-39: one group, no passphrase, extendable, iteration exponent 0 (since without a passphrase its work
        protects nothing).  The library draws the randomness from the operating system.
    """
    shamir = _library()
    if len(data) < _LEAST_BYTES:
        raise Refused("the secret is too short for shares", "SLIP-39 begins at 13 characters: print it with --paper")
    if len(data) > _MOST_BYTES:
        raise Refused(f"the key is too long for shares: {len(data)} bytes, and {_MOST_BYTES} at most", "use --paper")
    made = shamir.generate_mnemonics(1, [(needed, count)], data, iteration_exponent=0)
    return [str(one) for one in made[0]]


def parse_share(words: str, what: str) -> Share:
    """Return a share.

    Args:
        words: in lower case, single spaces between them; a word may be cut after its fourth letter.
        what: names it in errors.

    Raises:
        InputError: naming the share, and the place of a word that is none of SLIP-39's; never a word.
        Refused: if the library is not installed.
    """
    shamir = _library()
    from shamir_mnemonic.share import Share as Parsed
    from shamir_mnemonic.wordlist import WORDLIST

    whole = {word[:_TELLING]: word for word in WORDLIST}
    found = []
    for place, word in enumerate(words.split(" "), 1):
        known = whole.get(word[:_TELLING])
        if known is None or word not in (known, known[:_TELLING]):
            raise InputError(f"{what}: word {place} is not one of the words of SLIP-39")
        found.append(known)
    text = " ".join(found)
    try:
        return Share(what, text, Parsed.from_mnemonic(text))
    except shamir.MnemonicError as error:
        if "checksum" in str(error):
            raise InputError(f"{what}: its words do not fit its checksum, so one is mistyped") from None
        raise InputError(f"{what}: not a share of SLIP-39") from None  # the cause would carry its first words


def combine(shares: "Sequence[Share]") -> bytes:
    """Return what the shares were split from; secret.

    Args:
        shares: of one group, as many as are needed, or more, which then have to agree.

    Raises:
        Refused: naming the shares that are of two sets, that are the same, or that do not fit the others; or if there
            are too few, or the library is not installed.
    """
    judge_set(shares)
    needed, first = shares[0].needed, shares[0]
    if len(shares) < needed:
        left = needed - len(shares)
        more = "one more is" if left == 1 else f"{left} more are"
        raise Refused(
            f"{len(shares)} of the {needed} shares that are needed: {more} missing",
            f"the words of all shares of this set begin with '{first.set}'",
        )
    chosen = list(shares[:needed])
    data = _recover(chosen).decrypt(b"")
    for extra in shares[needed:]:
        if _recover([*chosen[1:], extra]).decrypt(b"") != data:
            raise Refused(f"{extra.what} does not fit the other shares")
    return bytes(data)


def judge_set(shares: "Sequence[Share]") -> None:
    """Pass shares that were split together, though they may be too few.

    Raises:
        Refused: naming two that were not, or are the same.
    """
    first = shares[0]
    seen: "dict[int, Share]" = {}
    for one in shares:
        if one.set != first.set:
            raise Refused(
                f"{first.what} is of the set '{first.set}' and {one.what} of '{one.set}', so they never fit together",
                "the first two words of all shares of a set are the same",
            )
        if one._parsed.group_parameters() != first._parsed.group_parameters():
            raise Refused(f"{first.what} and {one.what} were not split together")
        if one.number in seen:
            raise Refused(f"{seen[one.number].what} and {one.what} are both share {one.number}")
        seen[one.number] = one


def _recover(shares: "Sequence[Share]") -> "Any":
    """Return what SLIP-39 calls the encrypted master secret."""
    shamir = _library()
    try:
        return shamir.recover_ems(shamir.decode_mnemonics([one.words for one in shares]))
    except shamir.MnemonicError as error:
        listed = ", ".join([one.what for one in shares])
        raise Refused(f"the shares do not fit together: {listed}", "one of them is of another splitting") from error


def _library() -> "ModuleType":
    try:
        import shamir_mnemonic
    except ModuleNotFoundError as error:
        raise Refused(
            "shares need the library shamir-mnemonic, which is not installed", "pip install 'authkit[shares]'"
        ) from error
    found: "ModuleType" = shamir_mnemonic
    return found
