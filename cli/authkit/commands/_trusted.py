"""How is a peer across the air gap enrolled, changed and removed?"""

from authkit import clock, files, seal
from authkit.ceremony import peers, policy
from authkit.ceremony.card import Card, parse_card
from authkit.ceremony.peers import Issuer, Requester
from authkit.commands import _carried, _identity, _store
from authkit.errors import InputError, NotFound, Refused, StoreError, Untrusted, UsageError
from authkit.keys.sshsig import fingerprint_of
from authkit.keys.window import HARMFUL_SERVICES
from authkit.stores.base import check_name, is_name
from authkit.ui import prompt, render
from authkit.words import same_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from authkit.ceremony.places import Places
    from authkit.commands._quick import Given
    from authkit.stores.folder import FolderStore

    Row = tuple[str, str]

MANY_DAYS, DAYS, AHEAD = 31, 7, 10
PAGE = 22  # lines of a terminal of 24, with room for the question
WIDTH = 64  # of the column of values


def open_places(given: "Given", *, make: bool) -> "tuple[FolderStore, Places]":
    """Return the store and its folders of the ceremony; nothing is unlocked unless a store is made."""
    opened = _store.open_or_make(given.store, given.unlock) if make else _store.open_store(given.store)
    store: "FolderStore" = opened  # type: ignore[assignment]
    return store, _identity.places_of(store)


def read_card(given: "Given", role: str, path: str) -> Card:
    """Return the card that a command line names."""
    what = "standard input" if path == "-" else path
    return parse_card(_carried.read(path, "card"), role, what)


def judge_name(name: str, taken: "list[str]") -> None:
    """Refuse a name that differs from another's in case alone."""
    for one in taken:
        if one.lower() == name.lower() and one != name:
            raise Refused(f"{one} is trusted already", "names that differ in case alone are one name")


def compare(card: Card, name: str, rows: "Sequence[Row]", given: "Given") -> None:
    """Show what is to be trusted and its sixteen words, and have them compared.

    Raises:
        Untrusted: "words-mismatch", if --words are others.
        UsageError: if there is neither --words nor a terminal.
        Refused: if the name is not typed.
    """
    words = card.words().split(" ")
    lines = [" ".join(words[start : start + 4]) for start in range(0, 16, 4)]
    shown = render.facts([*rows, ("words", lines[0]), *[("", line) for line in lines[1:]]])
    if given.words is not None:
        render.tell(shown)
        if not same_words(given.words, card.words()):
            raise Untrusted("words-mismatch", name, hint="do not trust it: compare the cards themselves")
        return
    tell_person(shown)
    asked = f"the other side reads the same sixteen words? then type the name {name}:"
    prompt.confirm_typed(asked, name, 'give the words that the other side reads with --words "…"')


def confirm(text: str, name: str, given: "Given") -> None:
    """Have a name typed, or given with --confirm.

    Raises:
        UsageError: if there is neither --confirm nor a terminal.
        Refused: if it is another.
    """
    if given.confirm is None:
        prompt.confirm_typed(text, name, "give the name with --confirm NAME")
    elif given.confirm != name:
        raise Refused("not confirmed")


def show(rows: "Sequence[Row]", given: "Given") -> None:
    """Show rows where the question is asked: on the terminal, or where --confirm answers it on standard error.

    On the terminal they come a page at a time, so that none is passed over.
    """
    import textwrap

    lines = []
    for name, value in rows:
        pieces = textwrap.wrap(value, WIDTH, break_on_hyphens=False) or [""]
        lines += [(name, pieces[0]), *[("", piece) for piece in pieces[1:]]]
    text = render.facts(lines).splitlines(keepends=True)
    if given.confirm is not None:
        render.tell("".join(text))
        return
    for start in range(0, len(text), PAGE):
        if start:
            prompt.confirm_typed("press Enter for the rest:", "", "answer with --confirm NAME")
        tell_person("".join(text[start : start + PAGE]))


def tell_person(text: str) -> None:
    """Show lines where the next question is asked: on the terminal, else on standard error."""
    if not prompt.tell(text.rstrip("\n")):
        render.tell(text)


def enrol_requester(card: Card, given: "Given") -> None:
    """Trust a requester for what the options say, after its words were compared."""
    store, places = open_places(given, make=True)
    judge_name(card.name, places.requester_names())
    known = peers.load_requester(places, card.name) if card.name in places.requester_names() else None
    if known is not None and (known.signing_key, known.recipient) == (card.signing_key, card.recipient):
        _change(places, known, given, store)
        return
    if known is not None and not given.force:
        hint = "--force replaces it, once the words are compared"
        raise Refused(f"another identity is trusted as {card.name}", hint)
    wanted = _policy(card.name, card.recipient, card.signing_key, None, given, store)
    compare(card, card.name, rows_of(wanted), given)
    event: "dict[str, object]" = {
        "event": "trusted",
        "kind": "requester",
        "name": card.name,
        "key": key_of(wanted),
        "recipient": card.recipient,
    }
    _write_requester(places, wanted, [event])
    report_requester(wanted, card, given)


def change_policy(name: str, given: "Given") -> None:
    """Change the policy of a requester to what the options say; what they leave out stays."""
    store, places = open_places(given, make=False)
    _change(places, peers.load_requester(places, name), given, store)


def _change(places: "Places", known: Requester, given: "Given", store: "FolderStore") -> None:
    wanted = _policy(known.name, known.recipient, known.signing_key, known, given, store)
    _accept(places, wanted, given)


def accept_edited(name: str, given: "Given") -> None:
    """Accept the policy of a requester as its file was edited by hand (S34)."""
    _, places = open_places(given, make=False)
    _accept(places, peers.load_requester(places, name), given)


def _accept(places: "Places", wanted: Requester, given: "Given") -> None:
    """Accept a policy, after its difference from the one that was accepted last was shown."""
    before = policy.accepted(places.ledger.lines(), wanted.name) or {}
    different = policy.differences(before.get("policy"), wanted.members()) or ["nothing"]
    rows = [*rows_of(wanted), *[("changed" if place == 0 else "", text) for place, text in enumerate(different)]]
    show(rows, given)
    confirm(f"to accept this policy, type the name {wanted.name}:", wanted.name, given)
    _write_requester(places, wanted, [])
    report_requester(wanted, None, given)


def remove(kind: str, name: str, given: "Given") -> None:
    """Trust a peer no more; a damaged file can be removed too."""
    _, places = open_places(given, make=False)
    asking = kind == "requester"
    path, names = (
        (places.requester(name), places.requester_names()) if asking else (places.issuer(name), places.issuer_names())
    )
    if name not in names:
        raise NotFound(f"no {kind} named {name[:64]}", "'authkit list-trusted' shows whom we trust")
    try:
        peer = peers.load_requester(places, name) if asking else peers.load_issuer(places, name)
        key = fingerprint_of(peer.signing_key) if peer.signing_key else "none"
    except (Refused, StoreError):
        key = "unknown"
    confirm(f"to trust {name} no more, type its name:", name, given)
    with places.ledger.locked():
        places.ledger.append([{"event": "untrusted", "kind": kind, "name": name, "key": key}], clock.now())
        files.remove(path)
    if given.json:
        render.write_json({"schema": "authkit.trusted/v1", "kind": kind, "name": name, "trusted": False})
    else:
        render.write(f"{name} is trusted no more\n")


def enrol_issuer(name: str, card: Card, given: "Given") -> None:
    """Trust an issuer, after its words were compared."""
    _, places = open_places(given, make=True)
    issuer = Issuer(check_name(name), card.signing_key)
    judge_name(name, places.issuer_names())
    if name in places.issuer_names():
        known = peers.load_issuer(places, name)
        if known.signing_key != issuer.signing_key:
            hint = f"a new key comes with a record: 'authkit trust-issuer {name} --change FILE'"
            raise Refused(f"{name} is trusted with another key", hint)
        raise Refused(f"{name} is trusted already with this key")
    for other in peers.issuers(places):
        if other.signing_key == issuer.signing_key:
            raise Refused(f"this key is trusted already, as {other.name}")
    rows = [("issuer", name), ("signing key", fingerprint_of(card.signing_key))]
    compare(card, name, rows, given)
    key = fingerprint_of(card.signing_key)
    with places.ledger.locked():
        # first: nobody is trusted of whom the ledger knows nothing
        places.ledger.append([{"event": "trusted", "kind": "issuer", "name": name, "key": key}], clock.now())
        files.write_secret(places.issuer(name), peers.encode_issuer(issuer))
    report_issuer(issuer, given)


def change_issuer(name: str, path: str, given: "Given") -> None:
    """Trust the new key of an issuer, by a record that both its keys signed (S28)."""
    from authkit.ceremony import ledgers
    from authkit.ceremony.change import open_change

    _, places = open_places(given, make=False)
    issuer = peers.load_issuer(places, name)
    old = fingerprint_of(issuer.signing_key)
    what = "standard input" if path == "-" else path
    seen = ledgers.standing(places.ledger.lines(), old).seen
    change = open_change(_carried.read(path, "record of a changed key"), issuer, seen, what)
    rows = [
        ("issuer", name),
        ("old key", old),
        ("new key", fingerprint_of(change.new)),
        ("changed at", clock.format_instant(change.at)),
    ]
    show(rows, given)
    confirm(f"to trust the new key instead of the old, type the name {name}:", name, given)
    issuer = Issuer(name, change.new)
    with places.ledger.locked():
        places.ledger.append([change.event(name)], clock.now())
        files.write_secret(places.issuer(name), peers.encode_issuer(issuer), replace=True)
    report_issuer(issuer, given)


def rows_of(requester: Requester) -> "list[Row]":
    """Return what a person is shown of a requester and its policy."""
    return [
        ("requester", requester.name),
        ("recipient", requester.recipient),
        ("signing key", key_of(requester)),
        *policy_rows(requester),
    ]


def policy_rows(requester: Requester) -> "list[Row]":
    """Return what a person is shown of a policy."""
    return [
        ("access keys", " ".join(requester.access_key_ids)),
        *scope_rows("scopes", requester.scopes),
        ("levels", " ".join(requester.levels)),
        ("harmful", " ".join(requester.services) or "no service that hands out credentials"),
        ("days", f"at most {requester.max_days} at once, the last at most {requester.max_ahead} days from today"),
    ]


def scope_rows(name: str, scopes: "Sequence[str]") -> "list[Row]":
    """Return scopes by region, as many to a line as fit."""
    import textwrap

    grouped: "dict[str, list[str]]" = {}
    for scope in scopes:
        region, _, service = scope.partition("/")
        grouped.setdefault(region, []).append(service)
    texts = []
    for region, services in grouped.items():
        text = f"{region}: {', '.join([one or 'the whole of it' for one in services])}"
        texts += textwrap.wrap("every region and service" if region == "-" else text, WIDTH, subsequent_indent="  ")
    return [(name if place == 0 else "", text) for place, text in enumerate(texts)]


def key_of(requester: Requester) -> str:
    """Return the fingerprint of a requester's key; "none" for one that can ask for nothing."""
    return fingerprint_of(requester.signing_key) if requester.signing_key else "none"


def report_requester(requester: Requester, card: "Card | None", given: "Given") -> None:
    """Say whom we trust now, on standard output."""
    if given.json:
        row: "dict[str, object]" = {"schema": "authkit.trusted/v1", "kind": "requester", "trusted": True}
        row.update(requester.members())
        row["policy_sha256"] = peers.policy_sha256(requester.text)
        render.write_json(row if card is None else {**row, "words": card.words()})
        return
    render.write(f"{requester.name} may ask for {len(requester.scopes)} scope{'s' * (len(requester.scopes) > 1)}\n")


def report_issuer(issuer: Issuer, given: "Given") -> None:
    """Say whom we trust now, on standard output."""
    key = fingerprint_of(issuer.signing_key)
    if given.json:
        row = {"schema": "authkit.trusted/v1", "kind": "issuer", "trusted": True, "name": issuer.name}
        render.write_json({**row, "signing_key": issuer.signing_key, "fingerprint": key})
    else:
        render.write(f"subkeys signed by {key} are taken in, as from {issuer.name}\n")


def _write_requester(places: "Places", requester: Requester, events: "list[dict[str, object]]") -> None:
    sha256 = peers.policy_sha256(requester.text)
    row: "dict[str, object]" = {"event": "policy", "requester": requester.name, "sha256": sha256}
    row["policy"] = requester.members()
    with places.ledger.locked():
        files.write_secret(places.requester(requester.name), requester.text, replace=True)
        places.ledger.append([*events, row], clock.now())


def _policy(
    name: str, recipient: str, signing_key: str, known: "Requester | None", given: "Given", store: "FolderStore"
) -> Requester:
    """Return the requester that the options describe; what they leave out is as it was, or the least there is."""
    scopes = tuple(sorted(set(given.scope))) or (known.scopes if known else ())
    if not scopes:
        raise UsageError("nothing says which subkeys it may ask for", "add --scope REGION/SERVICE")
    for scope in scopes:
        fault = peers.scope_fault(scope)
        if fault:
            raise UsageError(f"the scope {scope[:80]!r} {fault}")
    made = Requester(
        name,
        recipient,
        signing_key,
        tuple(sorted(set(given.access_key_id))) or (known.access_key_ids if known else (_only_access_key(store),)),
        scopes,
        _levels(given.level) or (known.levels if known else ("signing",)),
        tuple(sorted(set(given.service))) or (known.services if known else ()),
        _days("--max-days", given.max_days, known.max_days if known else DAYS, 1),
        _days("--max-ahead", given.max_ahead, known.max_ahead if known else AHEAD, 0),
    )
    _judge_services(made)
    seal.recipient_kind(recipient)  # says if it is none
    try:
        return peers.parse_requester(made.text, name, "the policy")
    except InputError as error:
        raise UsageError(error.message) from error


def _levels(given: "tuple[str, ...]") -> "tuple[str, ...]":
    from authkit.ceremony.request import LEVELS

    for level in given:
        if level not in LEVELS:
            raise UsageError(f"{level[:64]!r} is not a level", f"the levels are {', '.join(LEVELS)}")
    wide = [level for level in LEVELS[2:] if level in given]
    if wide:
        render.warn(
            f"a {wide[-1]} key opens every {'region and service' if wide[-1] == 'date' else 'service'} below it"
        )
    return tuple([level for level in LEVELS if level in given])


def _days(option: str, value: "int | None", otherwise: int, least: int) -> int:
    if value is None:
        return otherwise
    if not least <= value <= peers.MOST_DAYS:
        raise UsageError(f"{option} {value} is not {least} to {peers.MOST_DAYS}")
    if value > MANY_DAYS:
        render.warn(f"{option} {value}: a response is as dangerous as its last day, and nothing ends it sooner")
    return value


def _judge_services(requester: Requester) -> None:
    """Refuse a scope whose keys are as wide as the access key, unless its service is named besides (T16)."""
    for service in requester.services:
        if service not in HARMFUL_SERVICES:
            raise UsageError(f"--service {service[:64]} needs no naming", f"it is for {', '.join(HARMFUL_SERVICES)}")
    for scope in requester.scopes:
        service = scope.partition("/")[2] or scope
        if service in HARMFUL_SERVICES and service not in requester.services:
            hint = f"add --service {service} if you mean it"
            raise Refused(f"a key for {service} is as wide as the access key", hint)


def _only_access_key(store: "FolderStore") -> str:
    """Return the ID of the only master secret in the store, or the only access key."""
    found = [one.metadata for one in store.listing() if one.metadata.get("kind") == "access-key"]
    masters = [one for one in found if one.get("use") == "derive"] or found
    ids = sorted({str(one.get("access_key_id")) for one in masters})
    if len(ids) != 1:
        shown = ": " + ", ".join(ids[:5]) if ids else ""
        raise UsageError(f"the store holds {'several' if ids else 'no'} access keys{shown}", "add --access-key-id ID")
    return ids[0]


def words_of_line(given: "Given") -> "tuple[str | None, str]":
    """Return NAME and CARD of a command line [NAME] CARD."""
    return (given.name, given.card) if given.card is not None else (None, given.name)


def is_requester(word: str, given: "Given") -> bool:
    """Say whether a word alone means a requester that is enrolled; a NAME goes before a CARD."""
    from authkit.stores import folder

    if not is_name(word) or not folder.exists(_store.store_path(given.store)):
        return False
    return word in open_places(given, make=False)[1].requester_names()
