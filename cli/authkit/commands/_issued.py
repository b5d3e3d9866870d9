"""How does an issued certificate get from the ledger to its files?"""

import os

from authkit import files
from authkit.clock import format_instant
from authkit.errors import AuthkitError, Refused
from authkit.ui import render
from authkit.ui.printable import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from authkit.certs.authority import Authority
    from authkit.certs.issue import Issued
    from authkit.certs.record import Record
    from authkit.commands._ca_ledger import CaLedger
    from authkit.commands._quick import Given

    # name of the file, its bytes, its mode
    Content = tuple[str, bytes, int]

SECRET, PUBLIC = 0o600, 0o644


def file_names(name: str, *, p12: bool, key: bool = True) -> "list[str]":
    """Return the names of the files of a certificate, the secret one first.

    Args:
        name: under which it is issued.
        p12: whether key and chain go into one PKCS#12 file.
        key: whether its key is here at all.
    """
    if p12:
        return [f"{name}.p12"]
    return [f"{name}.key", f"{name}.pem"] if key else [f"{name}.pem"]


def check_files(folder: "str | None", names: "Iterable[str]", *, replace: bool) -> None:
    """Refuse files that exist, before anything is asked or issued.

    Raises:
        Refused: naming the first.
    """
    for name in names:
        path = os.path.join(folder or "", name)
        if not replace and os.path.lexists(path):
            raise Refused(f"{path} exists", "--force replaces it, or name another folder with --out")


def contents_of(
    issued: "Issued",
    private_pem: "bytes | None",
    authority: "Authority",
    given: "Given",
    password: "bytes | None" = None,
) -> "list[Content]":
    """Return the files of a certificate: NAME.key and NAME.pem, or NAME.p12; the root is in neither.

    Args:
        private_pem: unencrypted PKCS#8, secret; None where the key is elsewhere.
        given: with the attributes of _p12.ROWS, if there is a password.
        password: of the PKCS#12 file; None for PEM files.
    """
    if password is not None:
        from authkit.commands import _p12

        assert private_pem is not None
        packed = _p12.pack(private_pem, issued.certificate, authority.intermediates, password, given, issued.name)
        return [(f"{issued.name}.p12", packed, SECRET)]
    secret = [] if private_pem is None else [(f"{issued.name}.key", private_pem, SECRET)]
    return [*secret, (f"{issued.name}.pem", encode_chain(issued, authority), PUBLIC)]


def encode_chain(issued: "Issued", authority: "Authority") -> bytes:
    """Return the leaf and the intermediates above it in PEM, never the root."""
    from authkit.certs.authority import encode_certificates

    return encode_certificates((issued.certificate, *authority.intermediates))


def judge_new(names: "Iterable[str]", record: "Record", at: "datetime", *, force: bool) -> None:
    """Refuse to issue under a name that has a valid certificate, or had one that was taken from it.

    Raises:
        Refused: naming the first.
    """
    from authkit.certs.renewal import withdrawn

    latest, taken = ({}, {}) if force else (record.latest(), withdrawn(record))
    for name in names:
        if name in taken:
            raise Refused(
                f"the last certificate of {name} was revoked at {format_instant(taken[name].date)} "
                f"({taken[name].reason})",
                "--force issues another",
            )
        row = latest.get(name)
        if row is not None and row.serial not in record.revoked and row.not_after >= at:
            raise Refused(
                f"{name} has a certificate that is valid until {format_instant(row.not_after)}",
                f"'authkit renew-cert {name}' makes the next; --force issues another beside it"
                if row.profile != "scoped"
                else "--force issues another beside it",
            )


def prepare_folder(folder: "str | None") -> None:
    """Make the folder of the files, where there is none, before anything is issued.

    Raises:
        StoreError: if it cannot be made.
    """
    if folder:
        files.make_private_folder(folder)


def enter(
    all_issued: "Sequence[Issued]",
    authority: "Authority",
    ledger: "CaLedger",
    at: "datetime",
    *,
    force: bool,
    elsewhere: bool = False,
    begins: "datetime | None" = None,
) -> None:
    """Write certificates into the CA's ledger, on the disk before this returns, and only then may they leave (F5).

    Args:
        force: whether names that have a valid certificate get another.
        elsewhere: whether the keys came in requests.
        begins: from when they count, where that is later than *at*.

    Raises:
        Refused: as `judge_new`.
        StoreError: if the ledger is damaged or cannot be written.
    """
    from authkit.certs.record import issued_event, ski_of
    from authkit.commands import _ca

    issuer = ski_of(authority.certificate)
    with ledger.locked():
        judge_new([issued.name for issued in all_issued], _ca.record_of(ledger), begins or at, force=force)
        ledger.append([issued_event(issued, issuer, elsewhere=elsewhere) for issued in all_issued], at)


def write_files(contents: "Iterable[Content]", folder: "str | None", *, replace: bool, serial: str = "") -> None:
    """Write the files of one certificate, which is in the ledger already.

    Args:
        contents: the secret one first, so that a certificate that is there has its key.
        folder: None for the current one.
        serial: of the certificate, for a hint at what to do when a file cannot be written.

    Raises:
        Refused, StoreError: as files.write_secret.
    """
    for name, data, mode in contents:
        write = files.write_secret if mode == SECRET else files.write_public
        path = os.path.join(folder or "", name)
        try:
            write(path, data, replace=replace)
        except AuthkitError as error:
            hint = f"the ledger has it: 'authkit export-cert {serial} -o {path}' writes it"
            if mode == SECRET:
                lost = "the ledger has it and its key is lost"
                hint = f"{lost}: 'authkit revoke-cert {serial}', then issue another with --force"
            raise type(error)(error.message, hint if serial else error.hint) from error


def words_of(public_key: object) -> str:
    """Return the eight words by which two people tell a key (S35, T22)."""
    from authkit import words
    from authkit.certs.subject_key import words_of_key

    return words.words_of(words_of_key(public_key))


def report(
    all_issued: "Sequence[Issued]",
    contents: "Sequence[Sequence[Content]]",
    given: "Given",
    passwords: "str | None" = None,
) -> None:
    """Say what was issued, on standard output; no secret.

    Args:
        contents: the files of each.
        given: with `json` and `out`.
        passwords: the file that holds those of a table, in JSON alone.
    """
    if given.json:
        rows = [{**_facts(issued), "files": _paths(files, given.out)} for issued, files in zip(all_issued, contents)]
        more = {"passwords": passwords} if passwords is not None else {}
        render.write_json({"schema": "authkit.issued/v1", "certificates": rows, **more})
        return
    for issued, files_of_one in zip(all_issued, contents):
        show(
            ("name", issued.name),
            ("names", str(issued.names)),
            ("profile", issued.profile),
            ("serial", issued.serial_hex),
            ("sha256", issued.fingerprint),
            ("valid until", format_instant(issued.not_after)),
            ("files", " ".join(_paths(files_of_one, given.out).values())),
        )


def show(*rows: "tuple[str, str]") -> None:
    """Write 'name: value' lines to standard output; values may hold what a command line or a file said."""
    render.write(render.facts([(name, one_line(value)) for name, value in rows]))


def _facts(issued: "Issued") -> "dict[str, object]":
    return {
        "name": issued.name,
        "serial": issued.serial_hex,
        "sha256": issued.fingerprint,
        "subject": issued.certificate.subject.rfc4514_string(),
        "san": [str(one) for one in issued.names.sans],
        "profile": issued.profile,
        "not_before": format_instant(issued.not_before),
        "not_after": format_instant(issued.not_after),
    }


_KINDS = {"key": "key", "pem": "certificate", "p12": "p12"}


def _paths(contents: "Iterable[Content]", folder: "str | None") -> "dict[str, str]":
    return {_KINDS[name.rpartition(".")[2]]: os.path.join(folder or "", name) for name, _, _ in contents}
