"""Which certificates are renewed, and how do the new ones leave?"""

import os
from datetime import timedelta

from authkit import files
from authkit.certs import issue, limits
from authkit.certs.profile import KEY_TYPES, PROFILES
from authkit.certs.record import Revocation, issued_event, revoked_event, ski_of
from authkit.certs.renewal import SUPERSEDED, Renewal, renewal_of, running_out, standing, withdrawn
from authkit.certs.subject_key import encode_key, generate_key, type_of_key
from authkit.clock import format_instant, later
from authkit.commands import _ca, _entries, _issued, _p12
from authkit.errors import Refused, UsageError
from authkit.ui import progress, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from authkit.certs.authority import Authority
    from authkit.certs.issue import Issued
    from authkit.certs.record import IssuedRow, Record
    from authkit.commands._ca_ledger import CaLedger
    from authkit.commands._entries import Word
    from authkit.commands._issued import Content
    from authkit.commands._quick import Given

_SHOWN = 5


def check_options(given: "Given") -> None:
    """Refuse what cannot be, before anything is read.

    Raises:
        UsageError: if the options contradict each other.
        Refused: if a file or folder that would be written exists.
    """
    if (given.certificate is None) == (given.expiring is None):
        raise UsageError("name a certificate, or all that run out with --expiring DAYS")
    if given.same_key and (given.p12 or given.key_type):
        raise UsageError("with --same-key no key is made or packed", "leave out --same-key, or --p12 and --key-type")
    if given.expiring is not None:
        if not 0 <= given.expiring <= 36500:
            raise UsageError(f"--expiring {given.expiring} is not 0 to 36500 days")
        if given.out is None:
            raise UsageError("several certificates go into a new folder", "add --out DIR")
        if os.path.lexists(given.out):
            raise Refused(f"{given.out} exists", "name a folder that does not exist yet")
    _p12.check_options(given, wanted=given.p12, several=given.expiring is not None, taken=_taken(given))


def _taken(given: "Given") -> "list[str]":
    """Return what is read or written, as far as it is known before the ledger is read."""
    if given.expiring is None:
        word = given.certificate
        return [word] if _entries.is_file(word) else _p12.files_of(word, given.out)
    return [given.out, f"{given.out.rstrip('/')}.new"]


def choose(
    word: "Word | None", given: "Given", record: "Record", authority: "Authority", at: "datetime"
) -> "list[Renewal]":
    """Return what is to be renewed; none where --expiring finds nothing.

    Raises:
        NotFound, InputError: as for `_entries.find_rows`.
        Refused: if it was revoked, or is a CA's, or would need a key that was never here.
    """
    if word is None:
        gone = withdrawn(record)
        rows = [row for row in running_out(record, at, given.expiring) if not _is_not_renewed(row)]
        rows = [row for row in rows if row.name not in gone]
    else:
        rows = _entries.find_rows(word, record, authority)
        # of a name the last certificate counts that was not revoked
        rows = ([row for row in rows if row.serial not in record.revoked] or rows)[-1:]
    chosen = [renewal_of(record, row) for row in rows]
    elsewhere = [row.name for row in rows if row.elsewhere]
    if elsewhere and not given.same_key:
        raise Refused(
            f"the key came in a CSR and was never here: {_some(elsewhere)}",
            "--same-key issues it again for the key that its holder has; or issue-cert NAME --csr FILE --force",
        )
    return chosen


def _some(names: "list[str]") -> str:
    """Return the first five names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def _is(profile: str, what: str) -> bool:
    return profile in PROFILES and bool(getattr(PROFILES[profile], what))


def _is_not_renewed(row: "IssuedRow") -> bool:
    """Say whether a certificate is a CA's, or a scoped one, which is good for its day alone."""
    return _is(row.profile, "is_ca") or _is(row.profile, "scoped")


def tell_nothing(given: "Given", record: "Record", at: "datetime") -> None:
    """Say that nothing runs out."""
    _tell_left_out(record, given, at)
    render.note(f"nothing runs out within {_entries.in_days(given.expiring)}")
    if given.json:
        render.write_json({"schema": "authkit.issued/v1", "certificates": []})


def judge(chosen: "Sequence[Renewal]", authority: "Authority", given: "Given", at: "datetime") -> None:
    """Refuse what the CA cannot issue, or files that exist, before a person is asked for a passphrase.

    Raises:
        Refused: naming the certificate; a new folder was looked at already.
    """
    for one in chosen:
        try:
            limits.judge(authority, one.profile, one.names, at, one.days if given.days is None else given.days)
        except (Refused, UsageError) as error:
            raise type(error)(f"{one.row.name}: {error.message}", error.hint) from error
    if given.expiring is None:
        name = chosen[0].row.name
        _p12.judge_places(given, _p12.files_of(name, given.out))
        names = _issued.file_names(name, p12=given.p12, key=not given.same_key)
        _issued.check_files(given.out, names, replace=given.force)


def renew(word: "Word | None", given: "Given", authority: "Authority", ledger: "CaLedger", at: "datetime") -> None:
    """Issue, record and write all that is to be renewed, and say so.

    What is renewed is chosen anew under the lock, since another process may have renewed it meanwhile.
    """
    with ledger.locked():
        record = _ca.record_of(ledger)
        chosen = choose(word, given, record, authority, at)
        if not chosen:
            tell_nothing(given, record, at)
            return
        passwords = _passwords(chosen, given)
        issued, contents = _issue(chosen, passwords, authority, given, at)
        issuer = ski_of(authority.certificate)
        events = [issued_event(one, issuer, elsewhere=old.row.elsewhere) for one, old in zip(issued, chosen)]
        if given.revoke_old:
            events += [revoked_event(Revocation(one.row.serial, one.row.issuer, at, SUPERSEDED)) for one in chosen]
        if given.expiring is None:
            _issued.prepare_folder(given.out)
            ledger.append(events, at)
            _issued.write_files(contents[0], given.out, replace=given.force)
        else:
            files.write_folder(given.out, _all_contents(events, contents, passwords, ledger, given, at))
    _report(issued, contents, given)
    _tell(chosen, issued, record, given, at)


def _all_contents(
    events: "list[dict[str, object]]",
    contents: "Sequence[Sequence[Content]]",
    passwords: "Sequence[tuple[str, bytes]]",
    ledger: "CaLedger",
    given: "Given",
    at: "datetime",
) -> "Iterator[Content]":
    """Yield the files of the new certificates, which are entered in the ledger before the first."""
    ledger.append(events, at)
    for some in contents:
        yield from some
    if passwords and given.password_out is None:
        yield _p12.PASSWORDS, _p12.table_of(passwords), _issued.SECRET


def _report(issued: "Sequence[Issued]", contents: "Sequence[Sequence[Content]]", given: "Given") -> None:
    if given.json or given.expiring is None:
        _issued.report(issued, contents, given)
        return
    facts = [("certificates", str(len(issued))), ("folder", given.out)]
    if given.p12:
        facts.append(("passwords", given.password_out or os.path.join(given.out, _p12.PASSWORDS)))
    render.write(render.facts(facts))


def _passwords(chosen: "Sequence[Renewal]", given: "Given") -> "list[tuple[str, bytes]]":
    """Return the name and the password of each PKCS#12 file, which are handed over but for those in the folder."""
    if not given.p12:
        return []
    if given.expiring is None:
        name = chosen[0].row.name
        return [(name, _p12.password_for(given, f"{name}.p12"))]
    passwords = [(one.row.name, _p12.new_password()) for one in chosen]
    if given.password_out is not None:
        files.write_secret(given.password_out, _p12.table_of(passwords), replace=given.force)
    return passwords


def _issue(
    chosen: "Sequence[Renewal]",
    passwords: "Sequence[tuple[str, bytes]]",
    authority: "Authority",
    given: "Given",
    at: "datetime",
) -> "tuple[list[Issued], list[list[Content]]]":
    """Return the new certificates and their files; nothing of them is recorded or written."""
    by_name = dict(passwords)
    all_issued, contents = [], []
    for old in progress.tracked(chosen, len(chosen), "certificates"):
        key = None if given.same_key else generate_key(given.key_type or _type_like(old))
        issued = issue.issue_certificate(
            authority,
            old.profile,
            old.names,
            old.certificate.public_key() if key is None else key.public_key(),
            at,
            old.days if given.days is None else given.days,
            os.urandom,
            name=old.row.name,
            crl_urls=old.crl_urls,
            aia_urls=old.aia_urls,
        )
        pem = None if key is None else encode_key(key)
        all_issued.append(issued)
        contents.append(_issued.contents_of(issued, pem, authority, given, by_name.get(old.row.name)))
    return all_issued, contents


def _type_like(old: Renewal) -> str:
    """Return the type of the old key, where that is one that is made here."""
    found = type_of_key(old.certificate.public_key())
    return found if found in KEY_TYPES else KEY_TYPES[0]


def _tell(
    chosen: "Sequence[Renewal]", issued: "Sequence[Issued]", record: "Record", given: "Given", at: "datetime"
) -> None:
    """Say what becomes of the old certificates, and what was left out.

    Args:
        record: as it was before.
    """
    if given.revoke_old:
        render.note("no CRL lists the old ones yet: 'authkit issue-crl' signs one")
    elif given.expiring is None and chosen[0].row.not_after >= at:
        render.note(f"the old certificate stays valid until {format_instant(chosen[0].row.not_after)}")
    if given.expiring is not None:
        _tell_left_out(record, given, at)
        soon = [one.name for one in issued if one.not_after <= later(at, given.expiring * 86400)]
        if soon:
            within = _entries.in_days(given.expiring)
            render.warn(f"the new ones run out within {within} too, so every run renews them: {_some(soon)}")


def _tell_left_out(record: "Record", given: "Given", at: "datetime") -> None:
    """Name what --expiring does not renew though somebody may expect it."""
    taken = withdrawn(record)
    for row in running_out(record, at, given.expiring):
        if _is(row.profile, "is_ca"):
            render.warn(f"{row.name} is a CA, so it is not renewed: 'authkit create-ca --parent' makes another")
        elif row.name in taken:
            why = "the last certificate of that name was revoked, and this one was not"
            render.warn(f"{row.name} ({row.serial[: _entries.SHOWN]}) is not renewed: {why}")
    ago = timedelta(days=given.expiring)
    rows = [row for row in standing(record) if not _is(row.profile, "scoped")]
    expired = [row.name for row in rows if timedelta(0) < at - row.not_after <= ago]
    gone = [name for name in expired if name not in taken]
    if gone:
        render.warn(f"already expired, and renewed only by name: {_some(gone)}")
