"""How does a CA come back whose key was on paper?"""

from authkit import clock
from authkit.certs.authority import Authority, arrange, describe_authority, doubts_of, load_certificates
from authkit.certs.profile import ISSUED_FOR, KINDS, PROFILES
from authkit.certs.record import created_event, ski_of
from authkit.commands import _ca, _io, _made, _store
from authkit.errors import InputError, Refused
from authkit.secret import Secret
from authkit.ui import render
from authkit.ui.printable import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from authkit.ceremony.kept import Kept
    from authkit.commands._quick import Given
    from authkit.keys.pair import KeyPair


def keep(kept: "Kept", pair: "KeyPair", name: str, given: "Given") -> None:
    """Put the key of a CA back, with the certificates that --certificate gives.

    Its ledger is no secret and not on paper: a copy is put into the store's folder before.

    Raises:
        Refused: if there is no ledger, and --new-ledger does not say that it is lost.
    """
    at = clock.now()
    authority = _authority(kept, pair, name, given)
    metadata = describe_authority(authority, at, kept.facts.get("parent"))
    store = _store.open_or_make(given.store, given.unlock)
    own = None
    if not given.no_passphrase:
        store.identity()  # type: ignore[attr-defined]  # its passphrase is asked for before a new one is chosen
        own = _store.new_passphrase(f"passphrase of the CA {name}", _store.KEY_PASSPHRASE_FILE)
        metadata["passphrase"] = True
    ledger = _ca.ledger_of(name, store)
    with ledger.locked():
        if not ledger.lines():
            if not given.new_ledger:
                raise Refused(
                    f"there is no ledger of the CA {name}, so nothing would be known of what it issued",
                    f"put a copy to {ledger.path} first; if there is none, --new-ledger begins another",
                )
            ledger.append([created_event(name, ski_of(authority.certificate), authority.certificate)], at)
        store.put(name, metadata, Secret(_made.sealed(pair.private_pem, own)), replace=given.force)
    render.note(f"stored as {name}")
    if given.json:
        render.write_json({"schema": "authkit.keys/v1", "keys": [{"name": name, **metadata}]})
    else:
        render.write(f"{one_line(str(metadata['common_name']))}: {metadata['fingerprint']}\n")


def _authority(kept: "Kept", pair: "KeyPair", name: str, given: "Given") -> Authority:
    facts = kept.facts
    issued_for = facts["issued-for"]
    if issued_for not in ISSUED_FOR:
        raise InputError("the page: issued-for is neither client nor server")
    profiles, kinds = _texts(facts["profiles"], PROFILES, "profiles"), _texts(facts["kinds"], KINDS, "kinds")
    found = [one for path in given.certificate for one in load_certificates(_io.read(path, "certificate"), path)]
    path = arrange(found, pair.public_pem, ISSUED_FOR[issued_for][0][0])
    for doubt in doubts_of(path, clock.now()):
        render.warn(f"the certificate of the CA {name}: {doubt}")
    return Authority(name, path[0], path[1:], None, issued_for, profiles, kinds)


def _texts(text: str, known: "Container[str]", label: str) -> "list[str]":
    found = text.split(",")
    if not all([one in known for one in found]):
        raise InputError(f"the page: {label} is not a list of what it can be")
    return found
