"""List whom we trust, and for what.

Requesters are those who may ask this machine for subkeys, with the policy of each; issuers are those whose subkeys are
taken in.  A policy whose file was edited is named as not accepted, and approve-subkey refuses by it.

Examples:

  $ authkit keygen --no-passphrase web 2>/dev/null
  AK…
  $ authkit list-trusted
  nobody is trusted
"""

from authkit.commands import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.ceremony.peers import Issuer, Requester
    from authkit.ceremony.places import Places
    from authkit.commands._quick import Given

OPTIONS = (
    ("NAME", "optional", "NAME", "the one to show, with all of its policy [all]", None),
    _rows.STORE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.ceremony import peers
    from authkit.ceremony.places import Places
    from authkit.commands import _store
    from authkit.errors import NotFound
    from authkit.ui import render

    places = Places(_store.open_store(given.store).info.path)  # type: ignore[attr-defined]
    requesters = [peers.load_requester(places, one) for one in places.requester_names() if given.name in (None, one)]
    issuers = [peers.load_issuer(places, one) for one in places.issuer_names() if given.name in (None, one)]
    if given.name is not None and not requesters and not issuers:
        raise NotFound(f"nobody is trusted as {given.name[:64]}", "'authkit list-trusted' shows whom we trust")
    changed = {one.name for one in requesters if not _is_accepted(places, one)}
    if given.json:
        _write_json(requesters, issuers, changed)
    elif given.name is not None:
        _write_facts(requesters, issuers, changed)
    elif not requesters and not issuers:
        render.write("nobody is trusted\n")
    else:
        _write_table(requesters, issuers, changed)


def _is_accepted(places: "Places", requester: "Requester") -> bool:
    from authkit.ceremony import peers, policy

    row = policy.accepted(places.ledger.lines(), requester.name)
    return row is not None and row.get("sha256") == peers.policy_sha256(requester.text)


def _write_json(requesters: "list[Requester]", issuers: "list[Issuer]", changed: "set[str]") -> None:
    from authkit.ceremony.peers import policy_sha256
    from authkit.keys.sshsig import fingerprint_of
    from authkit.ui import render

    asking = [
        {**one.members(), "policy_sha256": policy_sha256(one.text), "policy_accepted": one.name not in changed}
        for one in requesters
    ]
    issuing = [
        {"name": one.name, "signing_key": one.signing_key, "fingerprint": fingerprint_of(one.signing_key)}
        for one in issuers
    ]
    render.write_json({"schema": "authkit.trust/v1", "requesters": asking, "issuers": issuing})


def _write_facts(requesters: "list[Requester]", issuers: "list[Issuer]", changed: "set[str]") -> None:
    from authkit.commands import _trusted
    from authkit.keys.sshsig import fingerprint_of
    from authkit.ui import render

    for one in requesters:
        warning = [("WARNING", "the file was edited, and this policy is not accepted")] if one.name in changed else []
        render.write(render.facts([*_trusted.rows_of(one), *warning]))
    for peer in issuers:
        render.write(render.facts([("issuer", peer.name), ("signing key", fingerprint_of(peer.signing_key))]))


def _write_table(requesters: "list[Requester]", issuers: "list[Issuer]", changed: "set[str]") -> None:
    from authkit.commands import _trusted
    from authkit.keys.sshsig import fingerprint_of
    from authkit.ui import render

    rows: "list[tuple[str, ...]]" = [("requester", one.name, _short(one), _trusted.key_of(one)) for one in requesters]
    rows = [(*row[:2], "EDITED, NOT ACCEPTED" if row[1] in changed else row[2], row[3]) for row in rows]
    rows += [("issuer", one.name, "", fingerprint_of(one.signing_key)) for one in issuers]
    render.write(render.table(("KIND", "NAME", "GOOD FOR", "KEY"), rows))


def _short(requester: "Requester") -> str:
    count = len(requester.scopes)
    scopes = requester.scopes[0] if count == 1 else f"{count} scopes"
    return f"{scopes}, {requester.max_days} days"
