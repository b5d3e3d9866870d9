"""What should a person know of a client certificate before curl shows it?"""

import os

from authkit import files
from authkit.certs.describe import describe
from authkit.certs.formats import format_of
from authkit.certs.leaks import leaks
from authkit.clock import format_instant
from authkit.errors import InputError, Refused
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from authkit.certs.describe import Described
    from authkit.curl.certificate import Certificate

_LIMIT = 1 << 20
# curl's word for --cert-type -> the format it reads
_FORMATS = {"PEM": "pem", "DER": "der", "P12": "pkcs12"}
_PASSPHRASE = "its password goes behind it, as NAME:PASSWORD, into a file of mode 0600 that -K names"
_CLEAR = "lets curl agree to a TLS before 1.3, in which the certificate travels in clear"


def warn_of(certificate: "Certificate", at: "datetime") -> None:
    """Say on standard error why a server may refuse *certificate*, and what of it others would see.

    Args:
        certificate: of a curl line.
        at: when it is sent; aware UTC.

    Raises:
        InputError: if it is in a file that cannot be read as curl would read it.
    """
    if certificate.form is None:
        if certificate.older is not None:
            render.warn(f"{certificate.older} {_CLEAR}: all that it says")
        return
    described = describe(_read(certificate, certificate.form))
    for fault in _faults(described, at):
        render.warn(f"the certificate {certificate.name} {fault}")
    if certificate.older is not None:
        seen = [f"{leak.message} {leak.value}" for leak in leaks(described)]
        render.warn(f"{certificate.older} {_CLEAR}: {'; '.join([*seen, 'the key, by which it is known again'])}")


def _read(certificate: "Certificate", form: str) -> bytes:
    """Return the DER of the certificate that curl would take from the file."""
    name = certificate.name
    if os.path.exists(name) and not (os.path.isfile(name) or os.path.isdir(name)):
        raise Refused(f"{name} is not a regular file, and authkit and curl would both have to read it")
    data = files.read_bounded(name, _LIMIT, "certificate")
    reader = format_of(_FORMATS[form])
    if not reader.sniff(data):
        others = [word for word, other in _FORMATS.items() if format_of(other).sniff(data)]
        hint = f"add --cert-type {others[0]}" if others else None
        raise InputError(f"{name} holds no certificate in the form {form}, in which curl would read it", hint)
    secret = certificate.passphrase
    try:
        found = reader.load(data, name, lambda: b"" if secret is None else secret.reveal())
    except InputError as error:
        raise InputError(error.message, _PASSPHRASE if form == "P12" else None) from error
    if not found.certificates:
        raise InputError(f"{name} holds no certificate")
    return found.certificates[0][0]


def _faults(described: "Described", at: "datetime") -> "list[str]":
    """Return why a server would refuse it: what follows on 'the certificate NAME'."""
    found = []
    if described.not_after is not None and at > described.not_after:
        found.append(f"expired at {format_instant(described.not_after)}")
    if described.not_before is not None and at < described.not_before:
        found.append(f"is not valid before {format_instant(described.not_before)}")
    if not described.eku:
        found.append("names no purpose, and a strict server wants clientAuth")
    elif "clientAuth" not in described.eku:
        found.append(f"is not for clients: it is for {', '.join(described.eku)}")
    return found
