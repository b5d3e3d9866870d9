"""What does a printed page tell whoever finds it in a safe, years later?"""

from authkit.ceremony.kept import paper_rows, share_rows
from authkit.ceremony.paper import GROUPED, format_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from authkit.ceremony.kept import Kept

_WIDTH = 76
_MARKS = "Below each line of the secret: ^ a capital, . a small letter, # a digit, * a sign."
_TYPE = (
    "With authkit: 'authkit restore-key' asks for the lines one after the other, and says at once which one is"
    " mistyped.  Type what stands behind the number, to the end of the line.  'authkit restore-key --check' only"
    " compares."
)
# what the secret is -> how it is used without authkit
_JOINED = "Without authkit: what stands behind '{}', in all such lines and without the spaces, is"
_WITHOUT = {
    "secret": f"{_JOINED} the secret access key.",
    "text-b64": f"{_JOINED} the base64 of the secret access key.",
    "secret-b64": f"{_JOINED} the base64 of the secret, which is bytes.",
    "pkcs8": f"{_JOINED} what stands in a PEM file between the lines -----BEGIN PRIVATE KEY----- and -----END PRIVATE"
    " KEY-----, which OpenSSL reads.",
    "identity": f"{_JOINED} an age identity; 'age -d -i FILE' opens with it what the store holds.",
}
# what is shared -> what the bytes of a text are, where a program for SLIP-39 gives them
_BYTES = {
    "secret": "the secret access key",
    "secret-b64": "the base64 of the secret, which is bytes",
    "pkcs8": "the base64 of the private key, PKCS#8",
    "identity": "an age identity",
}
_COMBINED = (
    "Without authkit: any program for SLIP-39 combines the words, with no passphrase, to bytes.  If the first is 00,"
    " the base64 of the bytes from the third on is the secret access key.  If it is 01, the text from the third byte"
    " on is {}; and where the second byte is 01, the last byte is left off."
)


def paper(kept: "Kept", day: "date") -> str:
    """Return the page that holds the whole key, to be printed; secret.

    Args:
        day: when it is printed.
    """
    rows = paper_rows(kept)
    held = next(label for label, _ in rows if label in GROUPED)
    parts = [
        _head("A key on paper", day),
        "THIS PAGE IS THE SECRET ITSELF: who sees it, or a picture of it, has the key.",
        _facts(kept),
        format_lines(rows, marked=True).rstrip("\n"),
        _filled(_MARKS),
        _filled(_TYPE),
        _filled(_WITHOUT[held].format(held)),
    ]
    return "\n\n".join(parts) + "\n"


def share(kept: "Kept", words: str, number: int, needed: int, count: int, day: "date") -> str:
    """Return the page that holds one share, to be printed; secret.

    Args:
        words: of the share.
        number: of the share, from 1.
        needed: how many bring the key back.
        count: how many there are.
        day: when it is printed.
    """
    apart = (
        f"ANY {needed} OF THE {count} SHARES ARE THE KEY.  Keep this one apart from the others, with another person or"
        " in another place.  Alone it says nothing of the secret."
    )
    parts = [
        _head(f"Share {number} of {count} of a key, on paper", day),
        _filled(apart),
        _facts(kept),
        _filled(f"The words of all shares of this set begin with '{' '.join(words.split(' ')[:2])}'."),
        format_lines(share_rows(kept, words, number, needed, count)).rstrip("\n"),
        _filled(f"{_TYPE}  Of a word the first four letters are enough."),
        _filled(_COMBINED.format(_BYTES[kept.holds])),
    ]
    return "\n\n".join(parts) + "\n"


def summary(kept: "Kept") -> str:
    """Return in a few words what a key is."""
    facts = kept.facts
    if kept.kind == "access-key":
        role = "master secret" if facts.get("use") == "derive" else "secret"
        return f"{role} of the access key {facts['access-key-id']}"
    if kept.kind == "identity":
        return f"signing key of the {facts['role']} {facts['called']}"
    return {"key-pair": "private key of a key pair", "ca": "private key of a CA", "store": "identity of a store"}[
        kept.kind
    ]


def _facts(kept: "Kept") -> str:
    facts = kept.facts
    rows = [("What it is", summary(kept)), ("Name", kept.name)]
    if kept.kind == "access-key":
        rows.append(("Scheme", facts.get("scheme", "any")))
        rows.append(
            ("Use", "makes subkeys, never signs" if facts.get("use") == "derive" else "signs, and makes subkeys")
        )
    if kept.kind == "ca":
        rows.append(("Not here", "its certificate and its ledger: keep copies; they are no secrets"))
    if kept.kind == "store":
        rows.append(("Use", "opens every key in the store's folder: keep a copy of that too"))
    rows.append(("Check value", kept.check()))
    return "\n".join([f"{f'{name}:':<13}{value}" for name, value in rows if value])


def _filled(text: str) -> str:
    from textwrap import fill

    return fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _head(title: str, day: "date") -> str:
    return f"authkit   {title:<55} {day.isoformat()}"
