"""What holds PKCS#12, and what must be known of it before a password is tried?"""

from authkit.certs import der
from authkit.certs.fields import UNREADABLE
from authkit.certs.formats import Format, Found, Other
from authkit.certs.formats.key import key_facts
from authkit.certs.pbe import Encryption, read_encryption, read_mac
from authkit.certs.structure import structure, unwrapped
from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

_DATA, _ENCRYPTED = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.6"
_SHROUDED_KEY, _NESTED = "1.2.840.113549.1.12.10.1.2", "1.2.840.113549.1.12.10.1.6"
_DEEPEST = 8


def _sniff(data: bytes) -> bool:
    return structure(unwrapped(data)) == "pkcs12"


def _load(data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
    """Open a PKCS#12 file once it is known that trying a password costs little.

    Source:
        RFC 7292 §4; T6.
        Deviations: a file without MAC, or without encryption, is opened; both become findings.
    """
    found, data = Found("pkcs12"), unwrapped(data)
    other = outline(data, what)
    opened = _open(data, what, password)
    _take(found, other, opened, what)
    found.others.insert(0, other)
    return found


def outline(data: bytes, what: str) -> Other:
    """Say how a PKCS#12 file is protected, without a password.

    Args:
        data: DER.

    Raises:
        InputError: if it cannot be read, is signed instead of authenticated by a password, or asks for more
            iterations than `pbe.MOST_ITERATIONS`.
    """
    other = Other("PKCS#12", what)
    try:
        parts = der.children(data)
        encryptions = _encryptions(_safe(parts[1][1], what))
        mac = read_mac(parts[2][1]) if len(parts) > 2 else None
    except der.Broken as error:
        raise InputError(f"{what}: PKCS#12 that {error}") from error
    used = encryptions if mac is None else [*encryptions, mac]
    for one in used:
        one.check_cost(what)
    names = dict.fromkeys([str(one) for one in encryptions])
    other.facts = [("encryption", name) for name in names] or [("encryption", "none")]
    other.facts.append(("mac", str(mac) if mac else "none"))
    legacy = ", ".join(dict.fromkeys([one.name for one in used if one.legacy]))
    other.facts.append(("legacy", "yes" if legacy else "no"))
    if legacy:
        other.findings.append(("legacy-encryption", "warning", f"it is protected with {legacy}, which is weak"))
    if mac is None:
        other.findings.append(("pkcs12-no-mac", "warning", "nothing shows whether it was altered"))
    return other


def _safe(content_info: bytes, what: str) -> bytes:
    """Return the AuthenticatedSafe."""
    (_, kind), (_, wrapped) = (der.children(content_info) + [(0, b"\0\0")] * 2)[:2]
    if der.oid(der.content(kind)) != _DATA:
        raise InputError(f"{what}: PKCS#12 that is signed with a key instead of a password, which is not read here")
    return der.content(der.content(wrapped))


def _encryptions(safe: bytes) -> "list[Encryption]":
    """Return how each part is encrypted that can be seen without a password."""
    found: "list[Encryption]" = []
    for _, part in der.children(safe):
        (_, kind), (_, wrapped) = (der.children(part) + [(0, b"\0\0")] * 2)[:2]
        oid = der.oid(der.content(kind))
        if oid == _ENCRYPTED:
            _, (_, inner) = (der.children(der.content(wrapped)) + [(0, b"\0\0")] * 2)[:2]
            found.append(read_encryption((der.children(inner) + [(0, b"\0\0")] * 2)[1][1]))
        elif oid == _DATA:
            found += _bag_encryptions(der.content(der.content(wrapped)), 0)
        else:
            raise der.Broken(f"has a part of a kind that is not known here: {oid}")
    return found


def _bag_encryptions(bags: bytes, depth: int) -> "list[Encryption]":
    if depth == _DEEPEST:
        raise der.Broken("nests its parts too deep")
    found: "list[Encryption]" = []
    for _, bag in der.children(bags):
        (_, kind), (_, wrapped) = (der.children(bag) + [(0, b"\0\0")] * 2)[:2]
        oid = der.oid(der.content(kind))
        if oid == _SHROUDED_KEY:
            found.append(read_encryption((der.children(der.content(wrapped)) + [(0, b"\0\0")])[0][1]))
        elif oid == _NESTED:
            found += _bag_encryptions(der.content(wrapped), depth + 1)
    return found


def _open(data: bytes, what: str, password: "Callable[[], bytes]") -> "PKCS12KeyAndCertificates":
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    for attempt in (lambda: None, lambda: b"", password):
        try:
            return load_pkcs12(data, attempt())
        except UNREADABLE:
            continue
    raise InputError(
        f"{what}: the password is wrong, or something in the PKCS#12 file cannot be read",
        "give the right one with --password-file",
    )


def _take(found: Found, other: Other, opened: "PKCS12KeyAndCertificates", what: str) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    own = [opened.cert] if opened.cert is not None else []
    for number, one in enumerate([*own, *opened.additional_certs], 1):
        found.certificates.append((one.certificate.public_bytes(Encoding.DER), f"{what}, number {number}"))
        if one.friendly_name is not None:
            other.facts.append(("friendly_name", one.friendly_name.decode("utf-8", "backslashreplace")))
    if opened.key is not None:
        spki = opened.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        key = Other("private key", what)
        key.facts = key_facts(spki, key)
        found.others.append(key)


FORMAT = Format("pkcs12", _sniff, _load)
