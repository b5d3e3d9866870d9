"""How does a request for one signature come about?"""

import os
from hashlib import sha256

from authkit import clock, files, words
from authkit.ceremony import approval, peers
from authkit.ceremony.approval import Approval
from authkit.commands import _asking, _carried, _identity, _io, _requests, _schemes, _store
from authkit.errors import InputError, NotFound, UsageError
from authkit.keys.scope import id_fault
from authkit.keys.select import whole_scope
from authkit.keys.sshsig import APPROVAL, fingerprint_of, sign_text
from authkit.messages.payload import hash_bytes
from authkit.schemes import approved
from authkit.schemes.derived import DERIVED
from authkit.schemes.endpoints import guess_scope, match_host
from authkit.ui import render
from authkit.ui.printable import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.ceremony.places import Places
    from authkit.commands._identity import Identity
    from authkit.commands._quick import Given
    from authkit.keys.scope import Scope
    from authkit.messages.draft import Draft
    from authkit.schemes.derived import Derived
    from authkit.stores.folder import FolderStore


def ask(given: "Given") -> None:
    """Write the request, keep it, and hand it over."""
    fault = id_fault(given.access_key_id)
    if fault:
        raise UsageError(f"--access-key-id {fault}")
    row, at = _row(given), _io.instant(given.at)
    in_query = given.placement == "query"
    lifetime = approved.lifetime_of(row, in_query, given.expires)
    if at + lifetime < clock.now():
        raise UsageError(f"a signature of {clock.format_instant(at)} is over already", "leave out --at")
    draft = _draft(given)
    scope = _scope(given, row, at, draft.request.host)
    message = approved.prepare(
        draft.request,
        _body(given, draft),
        row,
        given.access_key_id,
        scope,
        at,
        expires=int(lifetime.total_seconds()) if in_query else None,
        by_digest=given.by_digest,
        random=os.urandom,
    )
    _carried.check(given, what="the request", secret=False)
    store: "FolderStore" = _store.open_store(given.store)  # type: ignore[assignment]
    places = _identity.places_of(store)
    known = peers.issuers(places)
    if not known:
        raise NotFound("no issuer is trusted here", "'authkit trust-issuer CARD' enrols one")
    issuer = _asking.choose_issuer(given, known)
    identity = _identity.requester(store)
    wanted = Approval(
        id=os.urandom(16).hex(),
        requester=identity.name,
        issuer=fingerprint_of(issuer.signing_key),
        access_key_id=given.access_key_id,
        scheme=row.chain.label,
        scope=str(scope),
        at=at,
        expires=at + lifetime,
    )
    text = approval.format_request(wanted, message.encode())
    signed = _keep(wanted, text, identity, places)
    render.note(one_line(f"asks {issuer.name} to sign {draft.request.method} {draft.request.url[:200]}"))
    if given.by_digest:
        render.note("the body is carried by its digest, and who approves it does not see it")
    _hand_over(signed, text, wanted, given)


def _row(given: "Given") -> "Derived":
    row = _schemes.find(given.scheme or _schemes.DEFAULT).row
    if row is None or approved.row_of(row.chain.label) is None:
        hint = f"it is for {', '.join(DERIVED)}"
        raise UsageError(f"requests of the scheme {given.scheme} are not signed one at a time", hint)
    return row


def _draft(given: "Given") -> "Draft":
    given.request = None  # what a response answers: asked for where INPUT is one, which is refused here
    draft = _requests.read_draft(given, {})
    if getattr(draft.request, "status", None) is not None:
        raise UsageError("INPUT is a response, and only a request is signed by itself")
    for repair in draft.repairs:
        render.note(repair)
    return draft  # type: ignore[return-value]


def _body(given: "Given", draft: "Draft") -> "bytes | None":
    """Return the octets of the body, read at most once more than they were hashed; None where they are not carried."""
    if given.by_digest:
        return None
    if given.body is None:
        return draft.body
    body = _io.read(given.body, "body")
    if hash_bytes(body) != draft.request.payload_hash:
        raise InputError(f"the body {given.body} changed while it was read")
    return body


def _scope(given: "Given", row: "Derived", at: "datetime", host: str) -> "Scope":
    chain = row.chain
    for name in ("region", "service"):
        if getattr(given, name) is not None and name not in chain.parts:
            raise UsageError(f"--{name}: a scope of {row.name} has no {name}", "leave it out")
    wanted = {"region": given.region, "service": given.service}
    return whole_scope(
        chain,
        (chain.format_day(at),),
        wanted,
        lambda: guess_scope(host) if row.hosts is None else match_host(host, row.hosts),
    )


def _keep(wanted: Approval, text: bytes, identity: "Identity", places: "Places") -> bytes:
    """Sign the request, enter it in the ledger and keep it."""
    signed = sign_text(identity.key, APPROVAL, text)
    event: "dict[str, object]" = {
        "event": "created",
        "kind": "approval-request",
        "id": wanted.id,
        "request": sha256(text).hexdigest(),
        "issuer": wanted.issuer,
        "access_key_id": wanted.access_key_id,
        "scheme": wanted.scheme,
        "scope": wanted.scope,
    }
    with places.ledger.locked():
        places.ledger.append([event], clock.now())
        files.write_secret(places.request(wanted.id), signed)
    return signed


def _hand_over(signed: bytes, text: bytes, wanted: Approval, given: "Given") -> None:
    spoken = words.fingerprint_words("approval", text, words.COMPARE)
    render.note(f"the answer can be used until {clock.format_instant(wanted.expires)}")
    render.note(f"words: {spoken}")
    _carried.deliver(signed, given, what="the request", secret=False)
    if given.json:
        row = {"id": wanted.id, "sha256": sha256(text).hexdigest(), "issuer": wanted.issuer, "words": spoken}
        stamps = {"at": clock.format_instant(wanted.at), "expires": clock.format_instant(wanted.expires)}
        render.write_json({"schema": "authkit.signature-request/v1", **row, "scope": wanted.scope, **stamps})
