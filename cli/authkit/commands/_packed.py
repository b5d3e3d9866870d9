"""Which key and which certificates go into a PKCS#12 file?"""

import os

from authkit import files
from authkit.certs.certificate import common_name_of, fingerprint_of, is_self_issued, signed_by
from authkit.commands import _entries, _exported, _io, _p12
from authkit.errors import Refused, UsageError
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from authkit.certs.certificate import Certificate
    from authkit.commands._quick import Given

_LIMIT = 1 << 20


class Found:
    """What is packed.

    Attributes:
        name: under which it was issued, else its common name or the file's name.
        certificate: the leaf.
        chain: what stands above it, its issuer first.
        private_pem: of the key; secret.
    """

    __slots__ = ("certificate", "chain", "name", "private_pem")

    def __init__(
        self, name: str, certificate: "Certificate", chain: "Sequence[Certificate]", private_pem: bytes
    ) -> None:
        self.name = name
        self.certificate = certificate
        self.chain = tuple(chain)
        self.private_pem = private_pem

    def __repr__(self) -> str:
        return f"<Found {self.name}>"


def check_options(given: "Given") -> None:
    """Refuse what cannot be, before anything is read.

    Raises:
        UsageError: if the options contradict each other.
        Refused: if what would be written exists, or would go to a terminal.
    """
    if given.json and given.output in (None, "-"):
        raise UsageError("standard output cannot hold the file and the JSON", "write the file with -o FILE")
    if given.certificate == "-" and given.key in (None, "-"):
        raise UsageError("the key of a certificate on standard input is missing", "add --key FILE")
    word = given.certificate
    _judge_places(given, os.path.splitext(word)[0] if _entries.is_file(word) else word)
    _p12.check_options(given)
    if given.output in (None, "-"):
        if render.is_terminal(1):
            raise Refused("a PKCS#12 file is not for a terminal", "write it with -o FILE")
    elif not given.force and os.path.lexists(given.output):
        raise Refused(f"{given.output} exists", "--force replaces it")


def _judge_places(given: "Given", stem: str) -> None:
    """Refuse to write to what is read, and to write two things to one file.

    Args:
        stem: path of the key, without its end, where no option names it.

    Raises:
        UsageError: naming it.
    """
    read = [given.certificate] if _entries.is_file(given.certificate) else []
    read += [given.key or f"{stem}.key", *([] if given.with_root is None else [given.with_root])]
    written = [] if given.output in (None, "-") else [given.output]
    _p12.judge_places(given, [path for path in (*read, *written) if path != "-"])
    for path in written:
        if any([_p12.is_same(path, one) for one in read]):
            raise UsageError(f"--output {path} is a file that is read here", "name another file")


def find(given: "Given") -> Found:
    """Return what the options name.

    Raises:
        InputError: if a file cannot be read.
        NotFound: if no CA issued it.
        Refused: if its certificates do not form a path.
    """
    word = given.certificate
    if _entries.is_file(word):
        first, *rest = _entries.read_certificates(word)
        chain = [one for one in rest if not is_self_issued(one)]
        if len(chain) < len(rest):
            render.note(f"the root in {word} is left out: --with-root FILE packs it too")
        stem = os.path.splitext(word)[0]
        name = common_name_of(first) or os.path.basename(stem)
    else:
        from authkit.certs.renewal import certificate_of

        row, authority = _exported.find_issued(given)
        first, chain = certificate_of(row), list(authority.intermediates)
        name = stem = row.name
        _judge_places(given, stem)
    if given.with_root is not None:
        chain.append(_root_in(given.with_root))
    _judge_path([first, *chain], word)
    return Found(name, first, chain, _read_key(given.key or f"{stem}.key"))


def _root_in(path: str) -> "Certificate":
    found = _entries.read_certificates(path)
    if len(found) != 1 or not is_self_issued(found[0]):
        raise Refused(f"{path} does not hold one root certificate alone")
    return found[0]


def _judge_path(path: "list[Certificate]", what: str) -> None:
    """Refuse certificates of which one was not signed by the next."""
    for lower, upper in zip(path, path[1:]):
        if not signed_by(lower, upper):
            raise Refused(f"{what}: its certificates are no path, each signed by the next")


def _read_key(path: str) -> bytes:
    """Return the private key in a file, '-' for standard input, if it is one; secret."""
    from authkit.certs.subject_key import load_key

    data = _io.read_stdin("private key") if path == "-" else files.read_private(path, _LIMIT, "private key")
    load_key(data, path)
    return data


def report(found: Found, given: "Given") -> None:
    """Say what was packed; never the password."""
    if not given.json:
        return
    render.write_json(
        {
            "schema": "authkit.p12/v1",
            "name": found.name,
            "sha256": fingerprint_of(found.certificate),
            "encryption": given.p12_encryption or "modern",
            "friendly_name": given.friendly_name if given.friendly_name is not None else found.name,
            "certificates": 1 + len(found.chain),
            "file": given.output,
        }
    )
