"""How do options become a PKCS#12 file, and where does its password go?"""

import os

from authkit import files
from authkit.certs import p12
from authkit.errors import Refused, UsageError
from authkit.ui import prompt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from authkit.certs.certificate import Certificate
    from authkit.commands._quick import Given

P12 = ("--p12", "flag", "", "pack key and chain into NAME.p12 instead of NAME.key and NAME.pem", False)
ROWS = (
    (
        "--p12-encryption",
        "choice:modern|legacy",
        "HOW",
        "AES-256, or 3DES for programs that know no better [modern]",
        None,
    ),
    ("--friendly-name", "text", "TEXT", "what a program that imports the file calls it [NAME]", None),
    ("--password-file", "text", "FILE", "take the password, of 20 characters or more, from FILE [one is made]", None),
    ("--password-out", "text", "FILE", "write the password that is made to FILE, readable by you alone", None),
)
PASSWORDS = "passwords.csv"
_LIMIT = 64 * 1024


def check_options(given: "Given", *, wanted: bool = True, several: bool = False, taken: "Iterable[str]" = ()) -> None:
    """Refuse what cannot be, before a person is asked for anything.

    Args:
        given: with the attributes of ROWS, and force.
        wanted: whether there will be a PKCS#12 file at all.
        several: whether there will be more than one; then each has a password and a friendly name of its own.
        taken: the files that are read or written besides.

    Raises:
        UsageError: if the options contradict each other.
        Refused: if the password may not be chosen, or the file it would go to exists.
    """
    names = ("p12_encryption", "friendly_name", "password_file", "password_out")
    used = [f"--{name.replace('_', '-')}" for name in names if getattr(given, name) is not None]
    if used and not wanted:
        raise UsageError(f"{used[0]} is for PKCS#12 files", "add --p12")
    if several:
        for option in ("--friendly-name", "--password-file"):
            if option in used:
                raise UsageError(f"{option} is for one certificate", f"leave out {option}")
    if given.password_file is not None and given.password_out is not None:
        raise UsageError("--password-file names a password that you have, --password-out is for one that is made")
    if given.password_file is not None and given.p12_encryption == "legacy":
        p12.check_password(b"", "legacy")
    judge_places(given, taken)
    if given.password_out is not None and not given.force and os.path.lexists(given.password_out):
        raise Refused(f"{given.password_out} exists", "--force replaces it")


def files_of(name: str, folder: "str | None") -> "list[str]":
    """Return the paths of all files that a certificate can have."""
    return [os.path.join(folder or "", f"{name}.{end}") for end in ("p12", "key", "pem")]


def judge_places(given: "Given", taken: "Iterable[str]") -> None:
    """Refuse a password in a file that holds something else, which one of the two would overwrite.

    Raises:
        UsageError: naming it.
    """
    for path in taken:
        for option, chosen in (("--password-out", given.password_out), ("--password-file", given.password_file)):
            if chosen is not None and is_same(chosen, path):
                raise UsageError(f"{option} {chosen} is a file for something else here", "name another file")


def is_same(one: str, other: str) -> bool:
    """Say whether two paths are one file, or would be; a pipe or a terminal may be named twice."""
    if os.path.exists(one) and os.path.exists(other):
        return os.path.isfile(one) and os.path.samefile(one, other)
    return os.path.realpath(one) == os.path.realpath(other)


def password_for(given: "Given", what: str) -> bytes:
    """Return the password of one file: the one in --password-file, or a new one, which was handed over already.

    A password without its file opens nothing; a file without its password cannot be opened.  So the password goes
    first.

    Args, Raises: as for `choose_password` and `hand_over`.
    """
    password = choose_password(given)
    hand_over(password, given, what)
    return password


def choose_password(given: "Given") -> bytes:
    """Return the password in --password-file, else a new one; secret.

    Args:
        given: as `check_options` allows.

    Raises:
        Refused: if the file is open to others, or what it holds is too weak.
        InputError: if it cannot be read, or holds something else than printable ASCII.
    """
    if given.password_file is None:
        return new_password()
    from authkit.unlock.passphrase import without_line_end

    found = without_line_end(files.read_private(given.password_file, _LIMIT, "password file"))
    return p12.check_password(found, given.p12_encryption or "modern")


def hand_over(password: bytes, given: "Given", what: str) -> None:
    """Give a new password to the person: in --password-out, else on the terminal, never anywhere else.

    Args:
        password: one that was chosen is known already, and goes nowhere.
        what: names the file, such as "alice.p12".

    Raises:
        Refused: if there is no terminal to show it on.
        StoreError: if --password-out cannot be written.
    """
    if given.password_file is not None:
        return
    if given.password_out is not None:
        files.write_secret(given.password_out, password + b"\n", replace=given.force)
    elif not prompt.tell(f"password of {what}: {password.decode('ascii')}"):
        raise Refused(
            f"there is no terminal to show the password of {what} on", "let it be written with --password-out FILE"
        )


def new_password() -> bytes:
    """Return a new password, secret: ASCII, 20 characters."""
    return p12.generate_password(os.urandom).encode("ascii")


def table_of(passwords: "Iterable[tuple[str, bytes]]") -> bytes:
    """Return the content of the one file that holds the passwords of several; secret.

    Args:
        passwords: the names of certificates, which need no quoting, and their passwords.
    """
    return b"name,password\r\n" + b"".join([name.encode("ascii") + b"," + one + b"\r\n" for name, one in passwords])


def pack(
    private_pem: bytes,
    certificate: "Certificate",
    chain: "Sequence[Certificate]",
    password: bytes,
    given: "Given",
    name: str,
) -> bytes:
    """Return the PKCS#12 file that the options ask for.

    Args:
        private_pem: PKCS#8 or another PEM form, not encrypted; secret.
        certificate: the leaf.
        chain: intermediates, its issuer first.
        password: from `password_for` or `new_password`.
        given: with the attributes of ROWS.
        name: of the certificate, which is its friendly name unless the options give another.

    Raises:
        InputError: if *private_pem* is no private key in PEM that a PKCS#12 file can hold.
        Refused: if it is the key of another certificate.
    """
    from authkit.certs.subject_key import load_key

    key = load_key(private_pem, name)
    friendly = given.friendly_name if given.friendly_name is not None else name
    encryption = given.p12_encryption or "modern"
    return p12.encode_p12(key, certificate, chain, password, encryption, friendly)
