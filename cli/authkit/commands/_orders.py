"""Which certificates does a command line ask a CA for?"""

import os

from authkit import files
from authkit.certs.issue import issue_certificate
from authkit.certs.limits import judge, judge_key_type
from authkit.certs.names import Names, check_file_name, complete_names, judge_names
from authkit.certs.profile import KINDS, find_profile
from authkit.certs.scoped import parse_cert_scope
from authkit.commands import _ca, _cert_rows, _io, _issued, _p12
from authkit.errors import InputError, Refused, UsageError
from authkit.ui import progress, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from typing import TypedDict

    from authkit.certs.authority import Authority
    from authkit.certs.csr import Csr
    from authkit.certs.issue import Issued
    from authkit.certs.profile import Profile
    from authkit.certs.scoped import CertScope
    from authkit.certs.table import Row
    from authkit.commands._ca_ledger import CaLedger
    from authkit.commands._issued import Content
    from authkit.commands._quick import Given

    class Scoping(TypedDict):
        """What makes a certificate a scoped one, as `issue_certificate` takes it."""

        scope: "CertScope | None"
        also_client: bool


Made = tuple["Issued", "list[Content]"]


def issue_one(given: "Given", at: "datetime") -> None:
    """Issue one certificate: refuse what can be refused, sign it, enter it in the ledger, write its files."""
    profile = find_profile(given.profile)
    name = check_file_name(given.name)
    csr = None if given.csr is None else _read_csr(given.csr)
    judge_key_type(profile, csr.type if csr is not None else given.key_type or "p256")
    names = _names(given, profile, csr)
    scoping = _scoping(given, profile)
    begins = _begins(scoping, at)
    _check_files(given, name, begins, key=csr is None)
    authority, ledger = _ca.open_ca(given)
    if profile.is_ca and set(authority.kinds) != set(KINDS):
        kinds = ", ".join(authority.kinds)
        raise Refused(
            f"the CA {authority.name} certifies {kinds} alone, to which a CA elsewhere is not held",
            f"'authkit create-ca NAME --parent {authority.name}' makes one here",
        )
    judge(authority, profile, names, at, given.days, given.path_length, **scoping)
    password = None
    if given.p12:  # no password is handed over for what will not be issued
        _issued.judge_new([name], _ca.record_of(ledger), begins, force=given.force)
        password = _p12.password_for(given, f"{name}.p12")
    if csr is not None:
        render.note(f"certifying {names} for the key {_issued.words_of(csr.public_key)}")
    issued, contents = _sign(authority, profile, name, names, given.days, given, at, csr, password, scoping)
    _issued.prepare_folder(given.out)
    _issued.enter([issued], authority, ledger, at, force=given.force, elsewhere=csr is not None, begins=begins)
    _tell_logins(given, authority)
    _issued.write_files(contents, given.out, replace=given.force, serial=issued.serial_hex)
    _issued.report([issued], [contents], given)


def _check_files(given: "Given", name: str, at: "datetime", *, key: bool) -> None:
    """Refuse files that exist; where they are those of a valid certificate say that, since --force loses its key."""
    try:
        _issued.check_files(given.out, _issued.file_names(name, p12=given.p12, key=key), replace=given.force)
    except Refused:
        _issued.judge_new([name], _ca.record_of(_ca.choose(given)[1]), at, force=False)
        raise


def issue_table(given: "Given", at: "datetime") -> None:
    """Issue a certificate for each row of a table, all of them or none."""
    from authkit.certs.table import load_table

    profile = find_profile(given.profile)
    judge_key_type(profile, given.key_type or "p256")
    scoping = _scoping(given, profile)
    rows = load_table(_io.read(given.from_csv, "table"), profile, _called(given.from_csv))
    if os.path.lexists(given.out):
        raise Refused(f"{given.out} exists", "name a folder that does not exist yet")
    authority, ledger = _ca.open_ca(given)
    for row in rows:
        _judge_row(row, authority, profile, given, at, scoping)
    begins = _begins(scoping, at)
    _issued.judge_new([row.name for row in rows], _ca.record_of(ledger), begins, force=given.force)
    passwords = [_p12.new_password() if given.p12 else None for _ in rows]
    made = [
        _sign(authority, profile, row.name, row.names, row.days or given.days, given, at, None, password, scoping)
        for row, password in progress.tracked(zip(rows, passwords), len(rows), "certificates")
    ]
    files.write_folder(given.out, _all_contents(made, passwords, authority, ledger, given, at, begins))
    _tell_logins(given, authority)
    passwords_file = os.path.join(given.out, _p12.PASSWORDS) if given.p12 else None
    if given.json:
        _issued.report([issued for issued, _ in made], [contents for _, contents in made], given, passwords_file)
        return
    more = () if passwords_file is None else (("passwords", passwords_file),)
    _issued.show(("certificates", str(len(made))), ("folder", given.out), *more)


def _all_contents(
    made: "Sequence[Made]",
    passwords: "Sequence[bytes | None]",
    authority: "Authority",
    ledger: "CaLedger",
    given: "Given",
    at: "datetime",
    begins: "datetime",
) -> "Iterator[Content]":
    """Yield the files of a table's certificates, which are entered in the ledger before the first."""
    _issued.enter([issued for issued, _ in made], authority, ledger, at, force=given.force, begins=begins)
    for _, contents in made:
        yield from contents
    if given.p12:
        table = [(issued.name, password or b"") for (issued, _), password in zip(made, passwords)]
        yield _p12.PASSWORDS, _p12.table_of(table), _issued.SECRET


def _judge_row(
    row: "Row", authority: "Authority", profile: "Profile", given: "Given", at: "datetime", scoping: "Scoping"
) -> None:
    try:
        judge(authority, profile, row.names, at, row.days or given.days, **scoping)
    except (Refused, UsageError) as error:
        raise type(error)(f"{row.where}: {error.message}", error.hint) from error


def _sign(
    authority: "Authority",
    profile: "Profile",
    name: str,
    names: Names,
    days: "int | None",
    given: "Given",
    at: "datetime",
    csr: "Csr | None",
    password: "bytes | None",
    scoping: "Scoping",
) -> "Made":
    """Return a signed certificate and the content of its files; nothing of it has left yet."""
    from authkit.certs.subject_key import encode_key, generate_key

    key = generate_key(given.key_type or "p256") if csr is None else None
    public_key = key.public_key() if key is not None else csr.public_key  # type: ignore[union-attr]
    issued = issue_certificate(
        authority,
        profile,
        names,
        public_key,
        at,
        days,
        os.urandom,
        name=name,
        crl_urls=given.crl_url,
        aia_urls=given.aia_url,
        path_length=given.path_length,
        **scoping,
    )
    private_pem = encode_key(key) if key is not None else None
    return issued, _issued.contents_of(issued, private_pem, authority, given, password)


def _scoping(given: "Given", profile: "Profile") -> "Scoping":
    """Return what a scoped certificate is asked to be good for."""
    scope = None
    if given.scope is not None:
        try:
            scope = parse_cert_scope(given.scope, "--scope")
        except InputError as error:
            raise UsageError(error.message, error.hint) from error
    elif profile.scoped:
        raise UsageError("the profile scoped needs a scope", "add --scope 20261123/us-east-1/s3")
    return {"scope": scope, "also_client": given.also_client}


def _begins(scoping: "Scoping", at: "datetime") -> "datetime":
    """Return from when a name's new certificate counts: the old one of today is no reason against one of tomorrow."""
    scope = scoping["scope"]
    return at if scope is None else max(at, scope.not_before)


def _tell_logins(given: "Given", authority: "Authority") -> None:
    if given.also_client:
        render.warn(
            f"every TLS server that trusts the CA {authority.name} for its clients accepts it too, without its scope"
        )


def _read_csr(path: str) -> "Csr":
    from authkit.certs.csr import load_csr

    return load_csr(_io.read(path, "certificate signing request"), _called(path))


def _called(path: str) -> str:
    return "standard input" if path == "-" else path


def _names(given: "Given", profile: "Profile", csr: "Csr | None") -> Names:
    """Return whom to certify: what the command line says, and of a request only what it may choose (T22)."""
    names = _cert_rows.names_of(given)
    if csr is not None and given.use_csr_names:
        from authkit.certs.csr import allowed_names

        asked, left_out = allowed_names(csr.names, profile)
        names = Names(names.common_name or asked.common_name, [*names.sans, *asked.sans], names.sid or asked.sid)
        for text in left_out:
            render.warn(f"the request's {text} is left out: the profile {profile.name} has no place for it")
    if csr is not None and not names.pairs() and profile.required:
        how = (
            "the profile allows none of those in it"
            if given.use_csr_names
            else "or take those in it with --use-csr-names"
        )
        raise UsageError("nobody is named: a request's key says not whose it is", f"add --email and its like; {how}")
    judge_names(names, profile)
    return complete_names(names, profile, given.name)
