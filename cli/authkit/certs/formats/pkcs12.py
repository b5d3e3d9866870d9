"""What holds PKCS#12, and what must be known of it before a password is tried?"""

from authkit.certs import der, rc2
from authkit.certs.fields import UNREADABLE
from authkit.certs.formats import Format, Found, Other
from authkit.certs.formats.key import key_facts
from authkit.certs.pbe import Encryption, read_encryption, read_mac
from authkit.certs.price import Password, password_of
from authkit.certs.structure import structure, unwrapped
from authkit.certs.unlocked import decrypt, is_authentic
from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

    _Bag = tuple[str, bytes]

_DATA, _ENCRYPTED = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.6"
_SHROUDED_KEY, _CERTIFICATE, _NESTED = [f"1.2.840.113549.1.12.10.1.{kind}" for kind in (2, 3, 6)]
_DEEPEST = 8
_RC2 = "RC2"
# what reading a file costs that asks for no derivation at all
_READING = Encryption("PKCS#12", 0, False, 10_000)
# what files without a password have instead: nothing, or one of no characters
_NO_PASSWORD = (None, b"")


def _sniff(data: bytes) -> bool:
    return structure(unwrapped(data)) == "pkcs12"


class _File:
    """What can be seen of a file without a password.

    Attributes:
        content: what a MAC is over.
        bags: those in clear.
        sealed: algorithm, ciphertext and way of each encrypted part.
        keys: how each key in *bags* is encrypted.
        mac: MacData and how it is made, or None.
    """

    __slots__ = ("content", "bags", "sealed", "keys", "mac")

    def __init__(self, data: bytes, what: str, password: Password) -> None:
        """Read it.

        Raises:
            Broken: if it cannot be read.
            InputError: if it is signed.
        """
        parts = der.children(data)
        self.content = _safe(parts[1][1], what)
        self.bags: "list[_Bag]" = []
        self.sealed: "list[tuple[bytes, bytes, Encryption]]" = []
        for oid, wrapped in _parts(der.from_ber(self.content, password.elements)):
            if oid == _DATA:
                self.bags += _bags(der.from_ber(der.content(der.content(wrapped)), password.elements))
            else:
                algorithm, cipher = _sealed(wrapped)
                way = read_encryption(algorithm)
                if _RC2 in way.name and len(cipher) > rc2.MOST_BYTES:
                    raise der.Broken(f"is encrypted with {way.name} in more than {rc2.MOST_BYTES} bytes")
                self.sealed.append((algorithm, cipher, way))
        self.keys = _bag_encryptions(self.bags)
        self.mac = (parts[2][1], read_mac(parts[2][1])) if len(parts) > 2 else None

    @property
    def encryptions(self) -> "list[Encryption]":
        return [*[way for _, _, way in self.sealed], *self.keys]

    def spend(self, what: str, password: Password) -> None:
        """Set aside what it costs to try every password, the worst case.

        Raises:
            InputError: if that is too much.
        """
        for one in self.encryptions:
            one.check_cost(what)
        password.spend(_READING, what, elsewhere=1)
        tries = len(_NO_PASSWORD) + 1
        if self.mac is not None:
            self.mac[1].check_cost(what)
            password.spend(self.mac[1], what, here=len(_NO_PASSWORD), elsewhere=1)
            tries = 1  # the MAC says which password is right
        for _, cipher, way in self.sealed:
            more = rc2.STEPS * len(cipher) * tries if _RC2 in way.name else 0
            password.spend(way, what, here=tries, elsewhere=tries, more=more)
        _spend_on_keys(self.keys, what, password, tries)


def _spend_on_keys(keys: "list[Encryption]", what: str, password: Password, tries: int) -> None:
    """Set aside what the costliest key costs: pyca decrypts the first alone, and here none is."""
    if keys:
        password.spend(max(keys, key=lambda one: one.steps), what, elsewhere=tries)


def _load(data: bytes, what: str, password: "Callable[[], bytes]") -> Found:
    """Open a PKCS#12 file once it is known that trying a password costs little.

    Source:
        RFC 7292 §4; T6.
        Deviations: a file without MAC, or without encryption, is opened; both become findings.
    """
    found, data, given = Found("pkcs12"), unwrapped(data), password_of(password)
    file = _read(data, what, given)
    other = _outline(file, what)
    opened = _open(file, data, what, given)
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


def _read(data: bytes, what: str, password: Password) -> _File:
    try:
        file = _File(data, what, password)
    except der.Broken as error:
        raise InputError(f"{what}: PKCS#12 that {error}") from error
    file.spend(what, password)
    return file


def _outline(file: _File, what: str) -> Other:
    """Say how a PKCS#12 file is protected, which takes no password."""
    other = Other("PKCS#12", what)
    used = file.encryptions if file.mac is None else [*file.encryptions, file.mac[1]]
    names = dict.fromkeys([str(one) for one in file.encryptions])
    other.facts = [("encryption", name) for name in names] or [("encryption", "none")]
    other.facts.append(("mac", str(file.mac[1]) if file.mac else "none"))
    legacy = ", ".join(dict.fromkeys([one.name for one in used if one.legacy]))
    other.facts.append(("legacy", "yes" if legacy else "no"))
    if legacy:
        other.findings.append(("legacy-encryption", "warning", f"it is protected with {legacy}, which is weak"))
    if file.mac is None:
        other.findings.append(("pkcs12-no-mac", "warning", "nothing shows whether it was altered"))
    return other


def _safe(content_info: bytes, what: str) -> bytes:
    """Return the AuthenticatedSafe."""
    (_, kind), (_, wrapped) = der.first(content_info, 2)
    if der.oid(der.content(kind)) != _DATA:
        raise InputError(f"{what}: PKCS#12 that is signed with a key instead of a password, which is not read here")
    return der.content(der.content(wrapped))


def _parts(safe: bytes) -> "list[tuple[str, bytes]]":
    """Return kind and content of each part of an AuthenticatedSafe."""
    parts = []
    for _, part in der.children(safe):
        (_, kind), (_, wrapped) = der.first(part, 2)
        oid = der.oid(der.content(kind))
        if oid not in (_DATA, _ENCRYPTED):
            raise der.Broken(f"has a part of a kind that is not known here: {oid}")
        parts.append((oid, wrapped))
    return parts


def _sealed(wrapped: bytes) -> "tuple[bytes, bytes]":
    """Return algorithm and ciphertext of an encrypted part."""
    _, (_, inner) = der.first(der.content(wrapped), 2)
    _, (_, algorithm), (tag, data) = der.first(inner, 3)
    pieces = [piece for _, piece in der.children(data)] if tag == 0xA0 else [data]
    return algorithm, b"".join([der.content(piece) for piece in pieces])


def _look_inside(file: _File, given: "bytes | None", what: str, password: Password) -> "list[_Bag]":
    """Return every bag in clear or under this password, having refused those that, again, ask for too much.

    Raises:
        InputError: if one does, or if a part is encrypted in a way that is not known here.
    """
    found: "list[_Bag]" = []
    try:
        for algorithm, cipher, _ in file.sealed:
            plain = decrypt(algorithm, cipher, given)
            # another password than this gives other bytes, with which nobody begins anything
            found += _bags(der.from_ber(plain, password.elements)) if plain[:1] == b"\x30" else []
        inside = _bag_encryptions(found)
    except der.Broken as error:
        raise InputError(f"{what}: PKCS#12 that {error}") from error
    for one in inside:
        one.check_cost(what)
    _spend_on_keys(inside, what, password, 1)
    return [*file.bags, *found]


def _bags(data: bytes, depth: int = 0) -> "list[_Bag]":
    """Return kind and content of each bag, those inside others too."""
    if depth == _DEEPEST:
        raise der.Broken("nests its parts too deep")
    found: "list[_Bag]" = []
    for _, bag in der.children(data):
        (_, kind), (_, wrapped) = der.first(bag, 2)
        oid, value = der.oid(der.content(kind)), der.content(wrapped)
        found += _bags(value, depth + 1) if oid == _NESTED else [(oid, value)]
    return found


def _bag_encryptions(bags: "list[_Bag]") -> "list[Encryption]":
    return [read_encryption(der.first(value, 1)[0][1]) for oid, value in bags if oid == _SHROUDED_KEY]


def _bag_certificates(bags: "list[_Bag]") -> "list[bytes]":
    found = []
    for oid, value in bags:
        parts = der.children(value) if oid == _CERTIFICATE else []
        if len(parts) > 1:
            found.append(der.content(der.content(parts[1][1])))
    return found


def _open(file: _File, data: bytes, what: str, password: Password) -> "PKCS12KeyAndCertificates | list[bytes]":
    """Return what a password opens; if pyca opens it with none, the certificates that can be seen anyway."""
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    seen = file.bags
    for given in _worth_trying(file, what, password):
        seen = _look_inside(file, given, what, password)
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


def _worth_trying(file: _File, what: str, password: Password) -> "Iterator[bytes | None]":
    """Yield each password that may be right: the one the MAC is made with, if it has one that a password made."""
    if file.mac is None:
        yield from _NO_PASSWORD
        yield password()
        return
    try:
        for given in _NO_PASSWORD:
            if is_authentic(file.mac[0], file.content, given):
                yield given
                return
        # if it is wrong, what it opens is shown as what it is
        yield password()
    except der.Broken as error:
        raise InputError(f"{what}: PKCS#12 that {error}") from error


def _take(found: Found, other: Other, opened: "PKCS12KeyAndCertificates", what: str) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    own = [opened.cert] if opened.cert is not None else []
    for number, one in enumerate([*own, *opened.additional_certs], 1):
        found.certificates.append((one.certificate.public_bytes(Encoding.DER), f"{what}, number {number}"))
        if one.friendly_name is not None:
            other.facts.append(("friendly_name", one.friendly_name.decode()))
    if opened.key is not None:
        spki = opened.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        key = Other("private key", what)
        key.facts = key_facts(spki, key)
        found.others.append(key)


FORMAT = Format("pkcs12", _sniff, _load)
