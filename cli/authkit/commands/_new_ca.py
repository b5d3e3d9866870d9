"""How does a new CA get its key, its certificate and its ledger?"""

import os
from contextlib import contextmanager

from authkit import files
from authkit.certs.authority import (
    Authority,
    arrange,
    describe_authority,
    describe_pending,
    doubts_of,
    load_certificates,
)
from authkit.certs.issue import issue_certificate, issue_root
from authkit.certs.limits import judge
from authkit.certs.names import Names, parse_common_name
from authkit.certs.permit import CONSTRAINED, free_kinds, parse_permitted
from authkit.certs.profile import ISSUED_FOR, KINDS, PROFILES
from authkit.certs.record import created_event, ski_of
from authkit.certs.scoped import parse_ca_scope
from authkit.certs.subject_key import encode_key, encode_public_key, fingerprint_of_key, generate_key, load_key
from authkit.commands import _ca, _io, _issued, _keys, _quick, _store
from authkit.errors import InputError, NotFound, Refused, UsageError
from authkit.secret import Secret
from authkit.stores.base import check_name, is_name
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from authkit.certs.permit import Permitted
    from authkit.certs.subject_key import PrivateKey
    from authkit.commands._ca_ledger import CaLedger
    from authkit.commands._quick import Given
    from authkit.stores.base import Store


def make_root(given: "Given", at: "datetime") -> None:
    """Make a root CA."""
    common_name, permitted, kinds = _common_name(given), _permitted(given), _only(given) or KINDS
    length, scope = 1 if given.path_length is None else given.path_length, _permitted_scope(given)
    issued_for = getattr(given, "for") or "client"
    store = _open_in(given)
    own = _own_passphrase(given, store)
    key = _new_key(given)
    with _or_destroyed(key):
        certificate = issue_root(
            common_name,
            key,
            at,
            given.days,
            os.urandom,
            issued_for=issued_for,
            path_length=length,
            constraints=permitted,
            sign_requests=given.sign_requests,
            permit_scope=scope,
        )
    profiles = ISSUED_FOR[issued_for][1]
    _keep(Authority(given.name, certificate, (), key, issued_for, profiles, kinds), store, own, given, at)
    _tell_limits(permitted, kinds)


def make_intermediate(given: "Given", at: "datetime") -> None:
    """Make a CA below another of the same store, in whose ledger it is entered."""
    common_name, permitted, scope = _common_name(given), _permitted(given), _permitted_scope(given)
    parent, ledger = _ca.open_ca(_quick.Given({"ca": given.parent, "store": given.store}))
    kinds = _only(given) or parent.kinds
    if not set(kinds) <= set(parent.kinds):
        raise Refused(f"the CA {parent.name} certifies {', '.join(parent.kinds)} alone, and so must those below it")
    if getattr(given, "for") not in (None, parent.issued_for):
        raise Refused(f"the CA {parent.name} is for {parent.issued_for}s, and so are those below it")
    profile, names = PROFILES["intermediate"], Names(common_name)
    judge(parent, profile, names, at, given.days, given.path_length)
    store = _open_in(given)
    own = _own_passphrase(given, store)
    key = _new_key(given)
    with _or_destroyed(key):
        issued = issue_certificate(
            parent,
            profile,
            names,
            key.public_key(),
            at,
            given.days,
            os.urandom,
            name=given.name,
            path_length=given.path_length,
            constraints=permitted,
            sign_requests=given.sign_requests,
            permit_scope=scope,
        )
    chain = (parent.certificate, *parent.chain)
    authority = Authority(given.name, issued.certificate, chain, key, parent.issued_for, parent.profiles, kinds)

    def enter() -> None:
        _warn_of_former(given.name, parent, ledger, at)
        _issued.enter([issued], parent, ledger, at, force=True)

    _keep(authority, store, own, given, at, parent.name, enter)
    _tell_limits(permitted, kinds)


def _warn_of_former(name: str, parent: Authority, ledger: "CaLedger", at: "datetime") -> None:
    """Tell of a certificate that a CA of this name has had: of one that was deleted, or was not finished."""
    record = _ca.record_of(ledger)
    for row in record.named(name):
        if row.serial not in record.revoked and row.not_after >= at:
            render.warn(
                f"an earlier certificate of {name} stays valid: 'authkit revoke-cert {row.serial} --ca {parent.name}'"
            )


def request(given: "Given", at: "datetime") -> None:
    """Make the key of a CA and a request for the parent that will sign it; write it again while that has not."""
    from authkit.certs.csr import encode_csr

    common_name, kinds = _common_name(given), _only(given) or KINDS
    if os.path.lexists(given.csr):
        raise Refused(f"{given.csr} exists", "name a file that does not exist yet")
    store = _open_in(given)
    found = _pending(given, store)
    if found is not None:
        key, metadata = found
    else:
        own = _own_passphrase(given, store)
        key = _new_key(given)
        public_pem, issued_for = encode_public_key(key.public_key()), getattr(given, "for") or "client"
        metadata = describe_pending(given.key_type, common_name, issued_for, kinds, public_pem, at)
        with _or_destroyed(key):
            _put(key, metadata, store, own, given.name)
    files.write_public(given.csr, encode_csr(Names(str(metadata["common_name"])), key))
    _report_request(given, metadata, key)
    render.note(f"'authkit create-ca {given.name} --certificate FILE' completes it")


def _pending(given: "Given", store: "Store") -> "tuple[PrivateKey, dict[str, object]] | None":
    """Return key and metadata of the CA of that name, if its certificate is still to come."""
    for one in store.listing():
        if one.name == given.name and one.metadata.get("kind") == "ca" and "certificate" not in one.metadata:
            for option in ("common_name", "for", "only"):
                if getattr(given, option):
                    raise UsageError(
                        f"--{option.replace('_', '-')} cannot change the CA {one.name}, which has its key already",
                        "leave it out, and its request is written again",
                    )
            entry = store.get(one.name)
            assert entry.secret is not None
            if _keys.is_in_token(entry.secret.reveal()):
                from authkit.commands import _token

                return _token.handle_of(entry.secret.reveal().decode("utf-8")), entry.metadata
            return load_key(_keys.open_entry(entry), entry.name), entry.metadata
    return None


def _report_request(given: "Given", metadata: "dict[str, object]", key: "PrivateKey") -> None:
    sha256, words = fingerprint_of_key(key.public_key()), _issued.words_of(key.public_key())
    if given.json:
        row = {name: metadata[name] for name in ("common_name", "issued_for", "kinds")}
        more = {"key_sha256": sha256, "words": words, "files": {"csr": given.csr}}
        render.write_json({"schema": "authkit.ca/v1", "name": given.name, **row, **more})
        return
    _issued.show(
        ("name", given.name),
        ("subject", f"CN={metadata['common_name']}"),
        ("key", f"{metadata['type']} {sha256}"),
        ("words", words),
        ("files", given.csr),
    )


def complete(given: "Given", at: "datetime") -> None:
    """Give a CA the certificate that its parent made."""
    store = _store.open_store(given.store)
    if given.name not in store.names():
        hint = f"'authkit create-ca {given.name} --csr FILE' begins one"
        raise NotFound(f"no CA named {given.name[:64]}", hint if is_name(given.name) else None)
    entry = store.get(given.name)
    if entry.metadata.get("kind") != "ca":
        raise NotFound(f"{given.name} is not a CA")
    if "certificate" in entry.metadata:
        raise Refused(f"the CA {given.name} has its certificate already")
    found = [one for path in given.certificate for one in load_certificates(_io.read(path, "certificate"), path)]
    issued_for = str(entry.metadata["issued_for"])
    path = arrange(found, str(entry.metadata["public_key"]), ISSUED_FOR[issued_for][0][0])
    for doubt in doubts_of(path, at):
        render.warn(f"the certificate of the CA {given.name}: {doubt}")
    kinds = [one for one in KINDS if one in entry.metadata["kinds"]]  # type: ignore[operator]
    authority = Authority(given.name, path[0], path[1:], None, issued_for, ISSUED_FOR[issued_for][1], kinds)
    metadata = describe_authority(authority, at)
    metadata |= {name: entry.metadata[name] for name in ("passphrase", "token") if name in entry.metadata}
    _warn_of_namesakes(given.name, metadata["common_name"], store)
    ledger = _ca.ledger_of(given.name, store)
    assert entry.secret is not None
    with ledger.locked():
        _judge_new_ledger(ledger, given.name)
        ledger.append([created_event(given.name, ski_of(authority.certificate), authority.certificate)], at)
        store.put(given.name, metadata, entry.secret, replace=True)
    _report(given, metadata)


def _common_name(given: "Given") -> str:
    return parse_common_name(given.name if given.common_name is None else given.common_name)


def _permitted(given: "Given") -> "Permitted | None":
    return parse_permitted(given.permit_dns, given.permit_email, given.permit_ip)


def _permitted_scope(given: "Given") -> "tuple[str, ...]":
    if given.permit_scope is None:
        return ()
    try:
        return parse_ca_scope(given.permit_scope, "--permit-scope")
    except InputError as error:
        raise UsageError(error.message, "write us-east-1, or us-east-1/s3") from error


def _only(given: "Given") -> "list[str]":
    """Return the kinds of --only, in the order of KINDS; [] without it."""
    asked = [kind.strip() for text in given.only for kind in text.split(",")]
    for kind in asked:
        if kind not in KINDS:
            raise UsageError(f"{kind[:64]!r} is not a kind of name", f"the kinds are {', '.join(KINDS)}")
    return [kind for kind in KINDS if kind in asked]


def _open_in(given: "Given") -> "Store":
    """Return the store in which the new CA will be, made where there is none."""
    check_name(given.name)
    return _store.open_or_make(given.store, given.unlock)


def _own_passphrase(given: "Given", store: "Store") -> "bytes | None":
    """Return the passphrase that the new key carries, if any, once its name is found to be free."""
    _judge_free(given.name, store)
    if given.no_passphrase or given.token is not None:
        return None
    store.identity()  # type: ignore[attr-defined]  # its passphrase is asked for before a new one is chosen
    return _store.new_passphrase(f"passphrase of the CA {given.name}", _store.KEY_PASSPHRASE_FILE)


def _judge_free(name: str, store: "Store") -> None:
    for taken in store.names():
        if taken.lower() == name.lower():
            raise Refused(f"there is a key named {taken}", "a CA is never replaced: choose another name")


def _keep(
    authority: Authority,
    store: "Store",
    own: "bytes | None",
    given: "Given",
    at: "datetime",
    parent: "str | None" = None,
    enter: "Callable[[], None]" = lambda: None,
) -> None:
    """Put a new CA into the store, its ledger begun before.

    Args:
        enter: what must be done before the certificate leaves, and only if the name is still free.
    """
    metadata = describe_authority(authority, at, parent)
    _warn_of_namesakes(given.name, metadata["common_name"], store)
    ledger = _ca.ledger_of(authority.name, store)
    assert authority.private_key is not None
    with _or_destroyed(authority.private_key), ledger.locked():
        _judge_free(given.name, store)
        _judge_new_ledger(ledger, authority.name)
        enter()
        ledger.append([created_event(authority.name, ski_of(authority.certificate), authority.certificate)], at)
        _put(authority.private_key, metadata, store, own, given.name)
    _report(given, metadata)


def _new_key(given: "Given") -> "PrivateKey":
    """Return a new key, made in the token that --token names, or here."""
    if given.token is None:
        return generate_key(given.key_type)
    from authkit.commands import _token

    return _token.make_pair(_token.open_for(given.token), given.name, given.key_type)


@contextmanager
def _or_destroyed(key: "PrivateKey") -> "Iterator[None]":
    """Destroy a key in a token where what it was made for does not come about."""
    try:
        yield
    except BaseException:
        destroy = getattr(key, "destroy", None)
        if destroy is not None:
            destroy()
        raise


def _put(key: "PrivateKey", metadata: "dict[str, object]", store: "Store", own: "bytes | None", name: str) -> None:
    """Put the key of a CA into the store, under its own passphrase (S18)."""
    uri: "str | None" = getattr(key, "uri", None)  # of a key in a token
    secret = encode_key(key) if uri is None else uri.encode("utf-8")
    if uri is not None:
        metadata["token"] = key.token  # type: ignore[union-attr]
    if own is not None:
        from authkit import seal

        metadata["passphrase"] = True
        secret = seal.encrypt_with_passphrase(own, secret).encode("ascii")
    store.put(name, metadata, Secret(secret))


def _warn_of_namesakes(name: str, common_name: object, store: "Store") -> None:
    for one in _ca.list_cas(store):
        if one.name != name and one.metadata.get("common_name") == common_name:
            risk = "programs that look for CRLs by name may take the wrong one"
            render.warn(f"the CA {one.name} has the same common name: {risk}")


def _judge_new_ledger(ledger: "CaLedger", name: str) -> None:
    """Pass a ledger in which nothing was issued: a CA that was begun and not finished may have one."""
    record = _ca.record_of(ledger)
    if record.issued or record.revoked or record.last_crl_number:
        raise Refused(
            f"{ledger.path} is the ledger of a former CA named {name}",
            "choose another name, or move that ledger elsewhere",
        )


def _tell_limits(permitted: "Permitted | None", kinds: "Sequence[str]") -> None:
    """Say what a constraint leaves free: people think that it limits the CA (S39)."""
    if permitted is not None:
        limited = [kind for kind in CONSTRAINED if getattr(permitted, kind)]
        free = ", ".join(free_kinds(permitted))
        render.note(f"its certificate limits {', '.join(limited)}; every other verifier sees no limit for {free}")
    if set(kinds) != set(KINDS):
        render.note(f"this store lets it certify {', '.join(kinds)} alone, of which its certificate says nothing")


def _report(given: "Given", metadata: "dict[str, object]") -> None:
    """Say what was made, on standard output."""
    if given.json:
        names = ("kind", "fingerprint", "passphrase")
        row = {name: value for name, value in metadata.items() if name not in names}
        sha256 = metadata["fingerprint"]
        render.write_json({"schema": "authkit.ca/v1", "name": given.name, "sha256": sha256, **row})
        return
    length = metadata.get("path_length")
    _issued.show(
        ("name", given.name),
        ("subject", f"CN={metadata['common_name']}"),
        ("for", f"{metadata['issued_for']}s"),
        ("key", str(metadata["type"])),
        ("CAs below", "any number" if length is None else str(length)),
        *([("scopes", str(metadata["scope"]))] if "scope" in metadata else []),
        ("serial", str(metadata["serial"])),
        ("sha256", str(metadata["fingerprint"])),
        ("valid until", str(metadata["not_after"])),
    )
