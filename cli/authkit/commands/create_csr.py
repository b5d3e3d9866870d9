"""Make a key and a certificate signing request.

The key is NAME.key, readable by you alone, and never leaves; the request is NAME.csr, for whoever runs the CA.  Both
of you compare the words that are shown: they stand for the key.

Examples:

  $ authkit create-csr alice --email alice@example.com
  name:  alice
  names: email:alice@example.com
  key:   p256 …
  words: …
  files: alice.key alice.csr
"""

import os

from authkit.commands import _cert_rows, _io, _rows
from authkit.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.certs.subject_key import PrivateKey
    from authkit.commands._quick import Given

OPTIONS = (
    ("NAME", "argument", "NAME", "the name of the files", None),
    *_cert_rows.NAMES,
    ("--key", "text", "FILE|pkcs11:…", "a private key that exists, in PEM or in a token [one is made]", None),
    _cert_rows.KEY_TYPE,
    _cert_rows.OUT,
    _rows.FORCE,
    _rows.JSON,
)


def run(given: "Given") -> None:
    from authkit.certs.csr import encode_csr
    from authkit.certs.names import check_file_name
    from authkit.certs.subject_key import encode_key
    from authkit.commands import _issued

    if given.key is not None and given.key_type is not None:
        raise UsageError("--key names a key that exists, --key-type is for one that is made")
    names = _cert_rows.names_of(given)
    if not names.pairs():
        raise UsageError("a request names somebody", "add --email, --uri, --upn, --dns, --spiffe or --common-name")
    _io.protect_process()
    name = check_file_name(given.name)
    endings = (".csr",) if given.key is not None else (".key", ".csr")
    _issued.check_files(given.out, [name + ending for ending in endings], replace=given.force)
    key = _key(given)
    secret = [] if given.key is not None else [(f"{name}.key", encode_key(key), _issued.SECRET)]
    contents = [*secret, (f"{name}.csr", encode_csr(names, key), _issued.PUBLIC)]
    _issued.prepare_folder(given.out)
    _issued.write_files(contents, given.out, replace=given.force)
    _report(given, str(names), key, [os.path.join(given.out or "", name) for name, _, _ in contents])


def _key(given: "Given") -> "PrivateKey":
    from authkit import files
    from authkit.certs.subject_key import generate_key, load_key

    if given.key is None:
        return generate_key(given.key_type or "p256")
    if given.key.startswith("pkcs11:"):
        from authkit.commands import _token

        return _token.handle_of(given.key)
    return load_key(files.read_private(given.key, 64 * 1024, "private key"), given.key)


def _report(given: "Given", names: str, key: "PrivateKey", paths: "list[str]") -> None:
    from authkit.certs.subject_key import fingerprint_of_key, type_of_key
    from authkit.commands import _issued
    from authkit.ui import render

    public = key.public_key()
    sha256, words = fingerprint_of_key(public), _issued.words_of(public)
    if given.json:
        files = {"key": paths[0], "csr": paths[1]} if given.key is None else {"csr": paths[0]}
        row = {"name": given.name, "names": names, "key_type": type_of_key(public), "key_sha256": sha256}
        render.write_json({"schema": "authkit.csr/v1", **row, "words": words, "files": files})
        return
    key_line = f"{type_of_key(public)} {sha256}"
    _issued.show(
        ("name", given.name), ("names", names), ("key", key_line), ("words", words), ("files", " ".join(paths))
    )
