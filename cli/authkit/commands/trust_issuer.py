"""Enrol whose subkeys are taken in.

Takes in the card that 'show-identity --issuer' wrote on the air-gapped machine, shows its sixteen words, and has the
name typed once the other side has read the same; without a terminal they are given with --words.  import-subkey then
takes in what that key signed, and nothing else that is signed.  A key is replaced only by a record which the old and
the new one signed: --change.

Examples:

  $ authkit show-identity --issuer --no-passphrase vault -o vault.card >/dev/null 2>&1
  $ authkit trust-issuer vault.card --words "$(authkit show-identity --issuer --json | jq -r .words)"
  …
  subkeys signed by SHA256:… are taken in, as from vault
"""

from authkit.commands import _rows
from authkit.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("NAME", "argument", "[NAME] CARD|-", "the card of the issuer, and what to call it [what it calls itself]", None),
    ("CARD", "optional", "", "the card", None),
    ("--words", "text", "WORDS", "the sixteen words that the other side reads, where there is no terminal", None),
    ("--change", "text", "FILE", "trust the new key of NAME, by a record that both keys signed", None),
    ("--remove", "flag", "", "trust NAME no more", False),
    ("--confirm", "text", "NAME", "the name, where there is no terminal to type it on", None),
    _rows.UNLOCK,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.commands import _trusted
    from authkit.stores.base import check_name

    name, path = _trusted.words_of_line(given)
    if given.remove and given.change is not None:
        raise UsageError("--change and --remove are two things")
    if (given.remove or given.change is not None) and given.card is not None:
        raise UsageError("--change and --remove take the NAME alone")
    if given.remove:
        _trusted.remove("issuer", check_name(path), given)
        return
    if given.change is not None:
        _trusted.change_issuer(check_name(path), given.change, given)
        return
    card = _trusted.read_card(given, "issuer", path)
    _trusted.enrol_issuer(name or card.name, card, given)
