"""How is a request for subkeys made?"""

from hashlib import sha256

from authkit import files
from authkit.ceremony import ledgers
from authkit.ceremony.request import ANY, LEVELS, MAX_BYTES, MAX_SCOPES, SubkeyRequest, format_request
from authkit.errors import UsageError
from authkit.keys.sshsig import REQUEST, fingerprint_of, sign_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from authkit.ceremony.peers import Issuer
    from authkit.ceremony.places import Places
    from authkit.keys.request import Wanted
    from authkit.keys.sshsig import Signer


class Asker:
    """Who asks.

    Attributes:
        name: as the issuer calls us.
        recipient: what the response is to be sealed to.
        key: Ed25519, signs the request.
    """

    __slots__ = ("key", "name", "recipient")

    def __init__(self, name: str, recipient: str, key: "Signer") -> None:
        self.name = name
        self.recipient = recipient
        self.key = key


def scope_texts(wanted: "Wanted") -> "tuple[str, ...]":
    """Return the scopes as a request writes them: "REGION/SERVICE", "REGION" or "-"; sorted, none twice.

    Raises:
        UsageError: if they are more than 64, or of a level that a request cannot name.
    """
    if wanted.level not in LEVELS:
        raise UsageError(f"a request cannot ask for {wanted.level} keys", f"it can for {', '.join(LEVELS)} keys")
    texts = tuple(sorted({"/".join(pair) or ANY for pair in wanted.pairs}))
    if len(texts) > MAX_SCOPES:
        raise UsageError(f"{len(texts)} scopes are more than the {MAX_SCOPES} that a request can hold", "make several")
    return texts


def ask(
    places: "Places",
    asker: Asker,
    issuer: "Issuer",
    wanted: "Wanted",
    access_key_id: str,
    name: str,
    *,
    at: "datetime",
    random: "Callable[[int], bytes]",
) -> bytes:
    """Return a new signed request, once it is in the ledger and kept.

    Args:
        places: of our store.
        asker, issuer: who asks whom.
        wanted: for which scopes and days; the days follow each other.
        access_key_id: whose subkeys.
        name: under which the answer is to be stored; "" for no name.
        at: aware UTC, whole seconds.
        random: a function from a count to so many random bytes.

    Raises:
        StoreError: if the ledger is damaged, or something cannot be written.
        UsageError: as for `scope_texts`; if the request is over 8 KiB.
    """
    key, scopes = fingerprint_of(issuer.signing_key), scope_texts(wanted)
    with places.ledger.locked():
        lines = places.ledger.lines()
        standing = ledgers.standing(lines, key)
        request = SubkeyRequest(
            id=random(16).hex(),
            requester=asker.name,
            recipient=asker.recipient,
            issuer=key,
            access_key_id=access_key_id,
            scheme=wanted.chain.label,
            level=wanted.level,
            scopes=scopes,
            days=(wanted.days[0], wanted.days[-1]),
            created=at,
            previous=standing.previous,
            ledger=(places.ledger.head(), standing.seen),
        )
        text = format_request(request)
        if len(text) > MAX_BYTES:
            raise UsageError(f"the request is {len(text):,} bytes, more than {MAX_BYTES:,}", "ask for fewer scopes")
        signed = sign_text(asker.key, REQUEST, text)
        places.ledger.append([_event(request, text, name)], at)  # first: a request without its line tells of a cut
        files.write_secret(places.request(request.id), signed)
    return signed


def _event(request: SubkeyRequest, text: bytes, name: str) -> "dict[str, object]":
    return {
        "event": "created",
        "kind": "request",
        "id": request.id,
        "request": sha256(text).hexdigest(),
        "issuer": request.issuer,
        "access_key_id": request.access_key_id,
        "scheme": request.scheme,
        "level": request.level,
        "scopes": list(request.scopes),
        "days": request.span,
        "name": name,
    }
