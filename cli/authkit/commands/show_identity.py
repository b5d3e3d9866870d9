"""Show who we are: recipient, signing key and words to compare.

The card that it prints goes to the other side of the air gap, which takes it in with trust-requester or, of an issuer,
trust-issuer.  Anybody could exchange it on the way; so one reads the sixteen words to the other, over the phone or in
person.  The first time, an identity is made: with --issuer the one that signs what the air-gapped machine hands out.

Examples:

  $ authkit show-identity web-1 -o web-1.card
  authkit: note: made the identity of the requester web-1
  requester:   web-1
  recipient:   age1…
  signing key: SHA256:…
  words:       …
  …
"""

from authkit.commands import _rows
from authkit.errors import Refused, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._identity import Identity
    from authkit.commands._quick import Given
    from authkit.stores.folder import FolderStore

OPTIONS = (
    ("NAME", "optional", "NAME", "what we are called, the first time [the machine's name]", None),
    ("--issuer", "flag", "", "as the one who issues, on the air-gapped machine", False),
    ("--no-passphrase", "flag", "", "give an issuer's new key no passphrase of its own", False),
    ("--token", "text", "URI", "make an issuer's key in a PKCS#11 token, e.g. pkcs11:token=NAME", None),
    ("--change-key", "flag", "", "give the issuer a new key, and print the record for those who trust the old", False),
    ("--change", "int", "N", "print the record of the change with this number again", None),
    _rows.CONFIRM,
    _rows.OUTPUT,
    _rows.FORCE,
    _rows.QR,
    _rows.QR_SIZE,
    _rows.UNLOCK,
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.ceremony.card import format_card
    from authkit.commands import _carried, _io, _store

    _io.protect_process()
    if given.token is not None:
        from authkit.commands import _token

        _token.refuse_beside(given, "no-passphrase", "change-key", "change")
        if not given.issuer:
            raise UsageError("--token is for --issuer")
    if given.change_key or given.change is not None:
        from authkit.commands import _changed

        _changed.run(given)
        return
    if given.no_passphrase and not given.issuer:
        raise UsageError("--no-passphrase is for --issuer")
    store: "FolderStore" = _store.open_or_make(given.store, given.unlock)  # type: ignore[assignment]
    identity = _identity_of(store, given)
    if given.output is not None or given.qr:
        _carried.deliver(format_card(identity.card()), given, what="the card", secret=False)
    if given.output != "-":
        _report(identity, given)


def _identity_of(store: "FolderStore", given: "Given") -> "Identity":
    from authkit.commands import _identity
    from authkit.ui import render

    role, entry = ("issuer", _identity.ISSUER) if given.issuer else ("requester", _identity.REQUESTER)
    if entry in store.names():
        found = _identity.issuer(store) if given.issuer else _identity.requester(store)
        if given.name not in (None, found.name):
            raise Refused(f"we are called {found.name} already", "leave out the name")
        return found
    name = given.name or _identity.default_name()
    if name is None:
        raise UsageError("this machine's name cannot be the name of an identity", f"name the {role} yourself")
    if given.issuer:
        from authkit.stores.base import check_name

        check_name(name)
        bare = given.no_passphrase or given.token is not None  # a token has its PIN
        own = None if bare else _identity.own_passphrase(store)
        found = _identity.make_issuer(store, name, own, given.token)
    else:
        found = _identity.requester(store, name)
    render.note(f"made the identity of the {role} {name}")
    return found


def _report(identity: "Identity", given: "Given") -> None:
    from authkit.ceremony.card import format_card
    from authkit.ui import render

    card = identity.card()
    if given.json:
        row = {"role": card.role, "name": card.name, "recipient": card.recipient, "signing_key": card.signing_key}
        more = {"fingerprint": identity.fingerprint, "words": card.words()}
        render.write_json({"schema": "authkit.identity/v1", **row, **more})
        return
    words = card.words().split(" ")
    rows = [
        (card.role, card.name),
        *([("recipient", card.recipient)] if card.role == "requester" else []),
        ("signing key", identity.fingerprint),
        ("words", " ".join(words[:4])),
        *[("", " ".join(words[start : start + 4])) for start in (4, 8, 12)],
    ]
    render.write(render.facts(rows))
    if given.output is None and not given.qr:
        render.write("\n" + format_card(card).decode("ascii"))
