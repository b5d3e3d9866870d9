"""What holds PKCS#12, and what must be known of it before a password is tried?"""

from authkit.certs import der
from authkit.certs.fields import UNREADABLE
from authkit.certs.formats import Format, Found, Other
from authkit.certs.formats.key import key_facts
from authkit.certs.pbe import Encryption, read_encryption, read_mac
from authkit.certs.structure import structure, unwrapped
from authkit.certs.unlocked import decrypt
from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

    _Bag = tuple[str, bytes]

_DATA, _ENCRYPTED = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.6"
_SHROUDED_KEY, _CERTIFICATE, _NESTED = [f"1.2.840.113549.1.12.10.1.{kind}" for kind in (2, 3, 6)]
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
    found.others.append(other)
    if isinstance(opened, list):
        found.certificates = [(one, f"{what}, number {number}") for number, one in enumerate(opened, 1)]
        other.findings.append(_IN_PART)
    else:
        _take(found, other, opened, what)
    return found


_IN_PART = (
    "pkcs12-read-in-part",
    "error",
    "not all of it can be read, or the password is wrong; whether it was altered was not checked",
)


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
    for oid, wrapped in _parts(safe):
        if oid == _DATA:
            found += _bag_encryptions(_bags(der.content(der.content(wrapped))))
        else:
            found.append(read_encryption(_sealed(wrapped)[0]))
    return found


def _parts(safe: bytes) -> "list[tuple[str, bytes]]":
    """Return kind and content of each part of an AuthenticatedSafe."""
    parts = []
    for _, part in der.children(safe):
        (_, kind), (_, wrapped) = (der.children(part) + [(0, b"\0\0")] * 2)[:2]
        oid = der.oid(der.content(kind))
        if oid not in (_DATA, _ENCRYPTED):
            raise der.Broken(f"has a part of a kind that is not known here: {oid}")
        parts.append((oid, wrapped))
    return parts


def _sealed(wrapped: bytes) -> "tuple[bytes, bytes]":
    """Return algorithm and ciphertext of an encrypted part."""
    _, (_, inner) = (der.children(der.content(wrapped)) + [(0, b"\0\0")] * 2)[:2]
    _, (_, algorithm), (tag, data) = (der.children(inner) + [(0, b"\0\0")] * 3)[:3]
    pieces = [piece for _, piece in der.children(data)] if tag == 0xA0 else [data]
    return algorithm, b"".join([der.content(piece) for piece in pieces])


def _look_inside(safe: bytes, password: "bytes | None", what: str) -> "list[_Bag]":
    """Return every bag in clear or under this password, having refused those that, again, ask for too much.

    Raises:
        InputError: if one does, or if a part is encrypted in a way that is not known here.
    """
    found: "list[_Bag]" = []
    try:
        for oid, wrapped in _parts(safe):
            if oid == _DATA:
                found += _bags(der.content(der.content(wrapped)))
                continue
            plain = decrypt(*_sealed(wrapped), password)
            # another password than this gives other bytes, with which nobody begins anything
            found += _bags(der.from_ber(plain)) if plain[:1] == b"\x30" else []
        inside = _bag_encryptions(found)
    except der.Broken as error:
        raise InputError(f"{what}: PKCS#12 that {error}") from error
    for one in inside:
        one.check_cost(what)
    return found


def _bags(data: bytes, depth: int = 0) -> "list[_Bag]":
    """Return kind and content of each bag, those inside others too."""
    if depth == _DEEPEST:
        raise der.Broken("nests its parts too deep")
    found: "list[_Bag]" = []
    for _, bag in der.children(data):
        (_, kind), (_, wrapped) = (der.children(bag) + [(0, b"\0\0")] * 2)[:2]
        oid, value = der.oid(der.content(kind)), der.content(wrapped)
        found += _bags(value, depth + 1) if oid == _NESTED else [(oid, value)]
    return found


def _bag_encryptions(bags: "list[_Bag]") -> "list[Encryption]":
    shrouded = [der.children(value) for oid, value in bags if oid == _SHROUDED_KEY]
    return [read_encryption((parts + [(0, b"\0\0")])[0][1]) for parts in shrouded]


def _bag_certificates(bags: "list[_Bag]") -> "list[bytes]":
    found = []
    for oid, value in bags:
        parts = der.children(value) if oid == _CERTIFICATE else []
        if len(parts) > 1:
            found.append(der.content(der.content(parts[1][1])))
    return found


def _open(data: bytes, what: str, password: "Callable[[], bytes]") -> "PKCS12KeyAndCertificates | list[bytes]":
    """Return what a password opens; if pyca opens it with none, the certificates that can be seen anyway."""
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    safe, seen = _safe(der.children(data)[1][1], what), []
    for attempt in (lambda: None, lambda: b"", password):
        given = attempt()
        seen = _look_inside(safe, given, what)
        try:
            return load_pkcs12(data, given)
        except UNREADABLE:
            continue
    try:
        certificates = _bag_certificates(seen)
    except der.Broken:
        certificates = []
    if not certificates:
        raise InputError(
            f"{what}: the password is wrong, or something in the PKCS#12 file cannot be read",
            "give the right one with --password-file",
        )
    return certificates


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
