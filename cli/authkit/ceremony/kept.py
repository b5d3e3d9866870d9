"""What of a key is on paper, so that it can be made again from that alone?"""

from hmac import compare_digest

from authkit import base64
from authkit.ceremony.paper import GROUPED, PAPER, SHARE, WORDS, divide
from authkit.errors import InputError, Refused
from authkit.keys.access import AccessKey, check_id, check_secret
from authkit.keys.subkeys import check_value
from authkit.secret import MacKey, Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from authkit.ceremony.paper import Page, Row

CHECK, PART = "check", "share"
NONE = "-"
# kind -> labels that must stand, labels that may, and what the secret can be
KINDS: "dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]" = {
    "access-key": (("name", "access-key-id"), ("scheme", "use"), ("secret", "secret-b64", "text-b64")),
    "key-pair": (("name",), (), ("pkcs8",)),
    "identity": (("name", "role", "called"), (), ("pkcs8",)),
    "ca": (("name", "issued-for", "profiles", "kinds"), ("parent",), ("pkcs8",)),
    "store": ((), (), ("identity",)),
}
_BEGIN, _END = "-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----\n"


class Kept:
    """A key as it is on paper.

    Attributes:
        kind: a key of KINDS.
        facts: label -> content, in the order of the page.
        holds: what the secret is: "secret" (of an access key), "secret-b64" (the base64 of one that is bytes),
            "pkcs8" (the base64 of a private key) or "identity" (of the store).
        secret: printable ASCII.
    """

    __slots__ = ("facts", "holds", "kind", "secret")

    def __init__(self, kind: str, facts: "dict[str, str]", holds: str, secret: Secret) -> None:
        self.kind = kind
        self.facts = facts
        self.holds = holds
        self.secret = secret

    def __repr__(self) -> str:
        return f"<Kept {self.kind} {self.name}>"

    @property
    def name(self) -> str:
        """What the key is called in its store; "" for the store's own."""
        return self.facts.get("name", "")

    @property
    def text(self) -> str:
        """The secret; the call marks where it leaves its wrapper."""
        return self.secret.reveal().decode("ascii")

    def check(self) -> str:
        """Return the check value of the whole: lower-case hex, 8.

        Source:
            FORMATS F2 with an empty scope.  Of an access key: its scheme or "-", and its ID, under the bytes of the
            secret; of others their kind and name, under the text of the secret.
        """
        label, called, key = self.kind, self.name or NONE, self.secret.reveal()
        if self.kind == "access-key":
            label, called = self.facts.get("scheme", NONE), self.facts["access-key-id"]
        if self.holds == "secret-b64":
            key = base64.decode(self.text) or b""
        return check_value(MacKey(key), label, called, "")


def of_access_key(key: AccessKey, name: str) -> Kept:
    """Return an access key as it is on paper.

    Raises:
        Refused: if it is temporary.
    """
    if key.session_token is not None:
        raise Refused(f"{name} is a temporary key, which a backup would outlive")
    facts = {"name": name, "access-key-id": key.access_key_id}
    if key.scheme is not None:
        facts["scheme"] = key.scheme
    if key.use is not None:
        facts["use"] = key.use
    if key.raw:
        return Kept("access-key", facts, "secret-b64", Secret(base64.encode(key.secret.reveal()).encode("ascii")))
    return Kept("access-key", facts, "secret", key.secret)


def to_access_key(kept: Kept, what: str) -> AccessKey:
    """Return the access key that is on paper.

    Raises:
        InputError: if it cannot be one.
    """
    if kept.holds == "secret-b64":
        raw = base64.decode(kept.text)
        if not raw:
            raise InputError(f"{what}: the secret is not in base64")
        secret = Secret(raw)
    else:
        secret = check_secret(kept.text, what)
    use = kept.facts.get("use")
    if use not in (None, "derive"):
        raise InputError(f"{what}: use is not 'derive'")
    access_key_id = check_id(kept.facts["access-key-id"], what)
    return AccessKey(access_key_id, secret, raw=kept.holds == "secret-b64", scheme=kept.facts.get("scheme"), use=use)


def of_private_key(kind: str, facts: "dict[str, str]", pem: bytes) -> Kept:
    """Return a private key as it is on paper.

    Args:
        pem: PKCS#8, unencrypted; secret.
    """
    lines = pem.decode("ascii").strip().split("\n")
    return Kept(kind, facts, "pkcs8", Secret("".join(lines[1:-1]).encode("ascii")))


def to_private_pem(kept: Kept) -> bytes:
    """Return the private key that is on paper: PEM, PKCS#8; secret."""
    lines = [kept.text[start : start + 64] + "\n" for start in range(0, len(kept.text), 64)]
    return "".join([_BEGIN, *lines, _END]).encode("ascii")


def paper_rows(kept: Kept) -> "list[Row]":
    """Return the lines of a page that holds the whole key; secret."""
    label, text = kept.holds, kept.text
    if label == "secret" and " " in text:  # on paper spaces only divide groups
        label, text = "text-b64", base64.encode(text.encode("ascii"))
    return [(PAPER, kept.kind), *kept.facts.items(), *divide(label, text), (CHECK, kept.check())]


def share_rows(kept: Kept, words: str, number: int, needed: int, count: int) -> "list[Row]":
    """Return the lines of a page that holds one share; secret."""
    part = f"{number} of {count}, {needed} needed"
    facts = [(SHARE, kept.kind), (PART, part), *kept.facts.items(), ("holds", kept.holds)]
    return [*facts, *divide(WORDS, words), (CHECK, kept.check())]


def read_paper(page: "Page") -> Kept:
    """Return the key that one page holds, found to be what its check value says.

    Raises:
        InputError: if a line is missing, unknown, or not what it can be.
        Refused: if the check value does not fit.
    """
    found = page.facts()
    kind = found.pop(PAPER)
    holds = [label for label in found if label in GROUPED]
    if kind not in KINDS or len(holds) != 1 or holds[0] not in KINDS[kind][2]:
        raise InputError(f"{page.what}: not a page of a key that authkit knows", "a newer authkit may have printed it")
    text, check = found.pop(holds[0]), found.pop(CHECK, "")
    facts = _judge_facts(kind, found, page.what)
    if holds[0] == "text-b64":
        decoded = base64.decode(text)
        if decoded is None or not decoded.isascii():
            raise InputError(f"{page.what}: text-b64 is not the base64 of a text")
        return judge(Kept(kind, facts, "secret", Secret(decoded)), check, page.what)
    return judge(Kept(kind, facts, holds[0], Secret(text.encode("ascii"))), check, page.what)


class Part:
    """What a page with one share says.

    Attributes:
        what: names the page in errors.
        kind, facts, holds: of the key, as `Kept` has them.
        check: of the key.
        words: secret.
        number, needed, count: of the share, as printed.
    """

    __slots__ = ("check", "count", "facts", "holds", "kind", "needed", "number", "what", "words")

    def __init__(self, page: "Page") -> None:
        found = page.facts()
        self.what = page.what
        self.kind = found.pop(SHARE)
        self.holds = found.pop("holds", "")
        if self.kind not in KINDS or self.holds not in KINDS[self.kind][2] or self.holds == "text-b64":
            raise InputError(f"{page.what}: not a share of a key that authkit knows")
        self.words = found.pop(WORDS, "")
        self.check = found.pop(CHECK, "")
        self.number, self.needed, self.count = _part(found.pop(PART, ""), page.what)
        self.facts = _judge_facts(self.kind, found, page.what)

    def __repr__(self) -> str:
        return f"<Part {self.what}>"

    def joined(self, text: str) -> Kept:
        """Return the key that *text*, which the shares gave, is the secret of.

        Raises:
            Refused: if the check value does not fit.
        """
        return judge(Kept(self.kind, self.facts, self.holds, Secret(text.encode("ascii"))), self.check, "the shares")


def judge_parts(parts: "Sequence[Part]") -> None:
    """Pass shares whose pages speak of one key.

    Raises:
        Refused: naming the pages that do not, and what they say.
    """
    first = parts[0]
    for one in parts[1:]:
        rows = {"the kind": (first.kind, one.kind), "the check value": (first.check, one.check)}
        rows.update(
            {name: (first.facts.get(name, NONE), one.facts.get(name, NONE)) for name in first.facts | one.facts}
        )
        rows["what is shared"] = (first.holds, one.holds)
        for name, (here, there) in rows.items():
            if here != there:
                raise Refused(f"the shares are of two keys: {name} is {here} on {first.what} and {there} on {one.what}")


def judge(kept: Kept, check: str, what: str) -> Kept:
    """Return the key if it is what its check value says.

    Raises:
        Refused: if it is not.
    """
    if not compare_digest(kept.check(), check):
        raise Refused(
            f"{what}: the secret does not fit the check value, so it is not that of this key",
            "shares of two splittings, or lines of two pages, may have been put together",
        )
    return kept


def _judge_facts(kind: str, facts: "dict[str, str]", what: str) -> "dict[str, str]":
    needed, allowed, _ = KINDS[kind]
    for label in needed:
        if label not in facts:
            raise InputError(f"{what}: the line {label} is missing")
    for label in facts:
        if label not in (*needed, *allowed):
            raise InputError(f"{what}: the line {label[:32]} is not known", "a newer authkit may have printed it")
    return facts


def _part(text: str, what: str) -> "tuple[int, int, int]":
    """Read "1 of 3, 2 needed"."""
    words = text.replace(",", "").split(" ")
    numbers = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) <= 2]
    if len(numbers) == 3 and text == f"{numbers[0]} of {numbers[1]}, {numbers[2]} needed":
        return numbers[0], numbers[2], numbers[1]
    raise InputError(f"{what}: the line share is not 'NUMBER of COUNT, K needed'")
