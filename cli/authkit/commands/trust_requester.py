"""Enrol who may ask for subkeys, and for which.

On the air-gapped machine: takes in the card that show-identity wrote on the other, shows its sixteen words, and has the
name typed once the other side has read the same; without a terminal they are given with --words.  What the options
allow is the policy by which approve-subkey judges every request; what no option names is not allowed.  With the NAME of
who is enrolled already, the options change its policy.

Examples:

  $ authkit keygen --use derive --no-passphrase root 2>/dev/null
  AK…
  $ authkit trust-requester backup --recipient age1p7mp5x2we8ntjjwykxsh7ew45ha0xm2jsq99hq6xag5g6jzm5ylsuzw0eh \
      --scope us-east-1/s3 --words "repay reform gremlin Hamilton"  # exit 5
  …
  authkit: error: backup: the words are not those that the other side reads (words-mismatch)
  authkit: hint: do not trust it: compare the cards themselves
"""

from authkit.commands import _rows
from authkit.errors import Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (
    ("NAME", "argument", "[NAME] CARD|-", "the card of the requester; or the name of one that is enrolled", None),
    ("CARD", "optional", "", "the card, where NAME says whose it must be", None),
    ("--scope", "many", "REGION/SERVICE", "what it may ask for; repeatable", ()),
    ("--access-key-id", "many", "ID", "whose subkeys; repeatable [the only one in the store]", ()),
    ("--level", "many", "LEVEL", "signing, service, region or date; repeatable [signing]", ()),
    ("--service", "many", "SERVICE", "allow iam, sts, sso, organizations or kms by its name; repeatable", ()),
    ("--max-days", "int", "N", "how many days at once [7]", None),
    ("--max-ahead", "int", "N", "how many days from today the last may be [10]", None),
    (
        "--recipient",
        "text",
        "RECIPIENT",
        "in the place of a card, for who only receives what derive-subkey makes",
        None,
    ),
    ("--words", "text", "WORDS", "the sixteen words that the other side reads, where there is no terminal", None),
    ("--accept-policy", "flag", "", "accept the policy as its file was edited", False),
    ("--remove", "flag", "", "trust NAME no more", False),
    ("--confirm", "text", "NAME", "the name, where there is no terminal to type it on", None),
    _rows.FORCE,
    _rows.UNLOCK,
    _rows.STORE,
    _rows.JSON,
)
_POLICY = ("scope", "access_key_id", "level", "service", "max_days", "max_ahead")


def run(given: "Given") -> None:
    from authkit.ceremony import peers
    from authkit.ceremony.card import Card
    from authkit.commands import _trusted
    from authkit.stores.base import check_name

    _judge_options(given)
    name, word = _trusted.words_of_line(given)
    if given.recipient is not None:
        recipient = peers.check_recipient(given.recipient, "--recipient")
        _trusted.enrol_requester(Card("requester", check_name(word), recipient, ""), given)
    elif given.remove:
        _trusted.remove("requester", check_name(word), given)
    elif given.accept_policy:
        _trusted.accept_edited(check_name(word), given)
    elif name is None and _trusted.is_requester(word, given):
        _trusted.change_policy(word, given)
    else:
        card = _trusted.read_card(given, "requester", word)
        if name not in (None, card.name):
            raise Refused(f"the card is that of {card.name}, not of {name}")
        _trusted.enrol_requester(card, given)


def _judge_options(given: "Given") -> None:
    chosen = [name for name in ("recipient", "accept_policy", "remove") if getattr(given, name)]
    if len(chosen) > 1 or (chosen and given.card is not None):
        raise UsageError("--recipient, --accept-policy and --remove each stand alone with a NAME")
    if chosen and chosen != ["recipient"] and any(getattr(given, name) not in ((), None) for name in _POLICY):
        raise UsageError(f"--{chosen[0].replace('_', '-')} leaves the policy as it is")
