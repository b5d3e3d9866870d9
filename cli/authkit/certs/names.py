"""Whom does a certificate name?"""

from cryptography import x509

from authkit.certs import der
from authkit.certs.profile import SAN_KINDS
from authkit.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from authkit.certs.profile import Profile

UPN_OID = "1.3.6.1.4.1.311.20.2.3"
SID_OID = "1.3.6.1.4.1.311.25.2"
_SID_NAME_OID = "1.3.6.1.4.1.311.25.2.1"
_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset("0123456789")
_LETTERS_DIGITS = _LOWER | {char.upper() for char in _LOWER} | _DIGITS
_ATOM = _LETTERS_DIGITS | frozenset("!#$%&'*+-/=?^_`{|}~.")
_URI = _LETTERS_DIGITS | frozenset("-._~:/?#[]@!$&'()*+,;=%")
_FILE = _LETTERS_DIGITS | frozenset("._-")
_SCHEME = _LOWER | _DIGITS | frozenset("+.-")
_TRUST_DOMAIN = _LOWER | _DIGITS | frozenset("-._")
_SEGMENT = _LETTERS_DIGITS | frozenset("-._")
_HEX = _DIGITS | frozenset("abcdefABCDEF")
# printable as Python has it, and yet nothing is seen: fillers, the empty Braille cell, selectors of variants
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0").union(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
_LONGEST_FILE, _LONGEST_CN, _LONGEST_SAN = 64, 64, 2048


class San:
    """One name of a subject alternative name.

    Attributes:
        kind: one of SAN_KINDS.
        value: as `parse_san` allows.
    """

    __slots__ = ("kind", "value")

    def __init__(self, kind: str, value: str) -> None:
        self.kind = kind
        self.value = value

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    def __repr__(self) -> str:
        return f"<San {self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, San) and (self.kind, self.value) == (other.kind, other.value)

    def __hash__(self) -> int:
        return hash((self.kind, self.value))


class Names:
    """All that a certificate names.

    Attributes:
        common_name: 1–64 printable characters; None for an empty subject.
        sans: in the order in which they stand, none twice.
        sid: a Windows security identifier, "S-1-5-21-…", or None.
    """

    __slots__ = ("common_name", "sans", "sid")

    def __init__(self, common_name: "str | None" = None, sans: "Sequence[San]" = (), sid: "str | None" = None) -> None:
        self.common_name = common_name
        self.sans = tuple(dict.fromkeys(sans))
        self.sid = sid

    def __str__(self) -> str:
        return ", ".join([f"{kind}:{value}" for kind, value in self.pairs()]) or "no name"

    def __repr__(self) -> str:
        return f"<Names {self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Names) and self.pairs() == other.pairs()

    __hash__ = None  # type: ignore[assignment]

    def pairs(self) -> "list[tuple[str, str]]":
        """Return (one of KINDS, value) of everything named, the common name first."""
        found = [("cn", self.common_name)] if self.common_name is not None else []
        found += [(san.kind, san.value) for san in self.sans]
        return [*found, ("sid", self.sid)] if self.sid is not None else found


def check_file_name(name: str) -> str:
    """Return the name under which something is issued, if it can begin the name of a file.

    Raises:
        UsageError: if it is not 1–64 letters, digits, '.', '_' and '-' (ASCII), a letter or digit first.
    """
    if not 0 < len(name) <= _LONGEST_FILE or name[0] not in _LETTERS_DIGITS or not _FILE.issuperset(name):
        raise UsageError(
            f"{name[:80]!r} cannot be the name of a certificate",
            f"use 1 to {_LONGEST_FILE} letters, digits, '.', '_' and '-', with a letter or digit first",
        )
    return name


def parse_common_name(text: str) -> str:
    """Return a common name, if it is one.

    Raises:
        UsageError: if it is not visible, not NFC, not 1–64 bytes of UTF-8, or begins or ends with a space.
    """
    if not 0 < len(text.encode("utf-8", "replace")) <= _LONGEST_CN or not _is_plain(text) or text != text.strip():
        raise UsageError(
            f"{text[:80]!r} cannot be a common name", f"use visible text (NFC) of 1 to {_LONGEST_CN} bytes"
        )
    return text


def _is_plain(text: str) -> bool:
    """Say whether all of *text* is seen, and written in the one way that programs compare (NFC)."""
    from unicodedata import is_normalized

    return text.isprintable() and _UNSEEN.isdisjoint(text) and is_normalized("NFC", text)


def parse_sid(text: str) -> str:
    """Return a Windows security identifier, if it is one.

    Raises:
        UsageError: if it is not "S-1-", an authority and 1 to 15 numbers below 2**32, as 'whoami /user' shows it.
    """
    parts = text.split("-")
    numbers = parts[2:]
    plain = all([_DIGITS.issuperset(part) and 0 < len(part) <= 10 and str(int(part)) == part for part in numbers])
    if parts[:2] != ["S", "1"] or not 2 <= len(numbers) <= 16 or not plain or max(map(int, numbers)) >= 1 << 32:
        raise UsageError(f"{text[:80]!r} is not a security identifier", "write S-1-5-21-…, as 'whoami /user' shows it")
    return text


def parse_san(kind: str, text: str) -> San:
    """Return the name that *text* is.

    Args:
        kind: one of SAN_KINDS, or "spiffe" for a URI that is a SPIFFE ID.
        text: untrusted.

    Raises:
        UsageError: if it is no such name; host names must be A-labels (ASCII).

    Source:
        RFC 5280 §4.2.1.6; RFC 1123 §2.1 for host names; SPIFFE-ID §2; Microsoft's UPN is UTF-8 text "user@realm".
        Deviations: a mailbox is a dot-atom (RFC 5321's quoted form is refused), and no relative URI is one.
    """
    if not text or len(text) > _LONGEST_SAN or not _is_plain(text) or " " in text:
        raise _bad(kind, text, "it is empty, too long, or holds something that is not visible or not NFC")
    if kind != "upn" and not text.isascii():
        raise _bad(kind, text, _ascii_hint(kind, text))
    if kind == "spiffe" or (kind == "uri" and text[:9].lower() == "spiffe://"):
        return San("uri", _spiffe(text))
    return San(kind, _READERS[kind](text))


def _email(text: str) -> str:
    local, mark, host = text.rpartition("@")
    atoms = local.split(".")
    if not mark or len(local) > 64 or not _ATOM.issuperset(local) or not all(atoms) or not is_host(host):
        raise _bad("email", text, "write user@example.com")
    return text


def _dns(text: str) -> str:
    host = text[2:] if text.startswith("*.") else text
    if not is_host(host) or _is_number(host.rpartition(".")[2].lower()):
        raise _bad("dns", text, "write host.example.com, without a dot at its end")
    return text


def _is_number(label: str) -> bool:
    """Say whether a host whose last label this is would be taken for an IPv4 address (WHATWG URL, §3.5)."""
    return label.isdigit() or (label[:2] == "0x" and _HEX.issuperset(label[2:]))


def _upn(text: str) -> str:
    user, mark, realm = text.partition("@")
    if not mark or not user or not realm or "@" in realm or set(text) & set('\\/"') or len(text) > 256:
        raise _bad("upn", text, "write user@realm")
    return text


def _uri(text: str) -> str:
    scheme, mark, rest = text.partition(":")
    lower = scheme.lower()
    begins = lower[:1] in _LOWER and _SCHEME.issuperset(lower)
    if not mark or not begins or not rest or not _URI.issuperset(text) or not _escapes_right(text):
        raise _bad("uri", text, "write a whole URI such as urn:example:client-1 or https://example.com/client-1")
    return text


def _escapes_right(text: str) -> bool:
    return all([len(part) >= 2 and _HEX.issuperset(part[:2]) for part in text.split("%")[1:]])


def _spiffe(text: str) -> str:
    """Return a SPIFFE ID that can be a workload's: one with a path."""
    domain, mark, path = text[9:].partition("/")
    segments = path.split("/")
    right = (
        text.startswith("spiffe://")
        and 0 < len(domain) <= 255
        and _TRUST_DOMAIN.issuperset(domain)
        and mark
        and all([segment not in ("", ".", "..") and _SEGMENT.issuperset(segment) for segment in segments])
    )
    if not right:
        raise _bad("spiffe", text, "write spiffe://trust-domain/path, the trust domain in lower case")
    return text


def _ip(text: str) -> str:
    from ipaddress import ip_address

    try:
        found = ip_address(text)
    except ValueError as error:
        raise _bad("ip", text, "write 192.0.2.1 or 2001:db8::1") from error
    if getattr(found, "scope_id", None) is not None:
        raise _bad("ip", text, "leave out the zone")
    return str(found)


_READERS = {"email": _email, "dns": _dns, "uri": _uri, "upn": _upn, "ip": _ip}


def is_host(text: str) -> bool:
    """Say whether *text* is a host name: labels of 1–63 letters, digits and '-', 253 characters at most."""
    return len(text) <= 253 and all([_is_label(label) for label in text.split(".")])


def _is_label(label: str) -> bool:
    ends = label[:1] != "-" and label[-1:] != "-"
    if not 0 < len(label) <= 63 or not ends or not (_LETTERS_DIGITS | {"-"}).issuperset(label):
        return False
    return label[:4].lower() != "xn--" or _is_punycode(label[4:].lower())


def _is_punycode(text: str) -> bool:
    """Say whether *text* is what some text beyond ASCII, all of it visible, becomes (RFC 3492)."""
    try:
        found = text.encode("ascii").decode("punycode")
        return not found.isascii() and _is_plain(found) and found.encode("punycode") == text.encode("ascii")
    except (UnicodeError, ValueError):
        return False


def _bad(kind: str, text: str, hint: str) -> UsageError:
    words = {"email": "a mailbox", "dns": "a host name", "uri": "a URI", "upn": "a UPN", "ip": "an IP address"}
    words["spiffe"] = "a SPIFFE ID"
    return UsageError(f"{text[:80]!r} is not {words[kind]}", hint)


def _ascii_hint(kind: str, text: str) -> str:
    """Say how a name that is not ASCII is written, where that is beyond doubt."""
    before, mark, host = text.rpartition("@")
    if kind not in ("email", "dns") or not before.isascii():
        return "it must be ASCII"
    try:
        label = host.encode("idna").decode("ascii")
        # IDNA 2003 maps some letters, ß for one, to others: then it would be another host's name
        certain = label.encode("ascii").decode("idna") == host
    except UnicodeError:
        certain = False
    return f"write {before}{mark}{label}" if certain else "write its A-label, which begins with xn--"


def judge_names(names: Names, profile: "Profile") -> None:
    """Pass names that a certificate of *profile* may have.

    Raises:
        UsageError: naming what the profile has no place for, or lacks.
    """
    if not names.sans and names.common_name is not None and profile.required:
        raise UsageError("a common name alone identifies nobody", f"add {_options(profile.required)}")
    for kind, value in names.pairs():
        if kind not in profile.kinds:
            raise UsageError(
                f"the profile {profile.name} has no place for {kind}:{value}", f"it takes {_options(profile.kinds)}"
            )
        if kind == "dns" and value.startswith("*.") and profile.name != "server":
            raise UsageError(f"dns:{value} is a pattern, which only a server may be named by", "name one host")
    have = {kind for kind, _ in names.pairs()}
    if profile.required and not have & set(profile.required):
        raise UsageError(f"the profile {profile.name} needs a name", f"add {_options(profile.required)}")
    uris = [san.value for san in names.sans if san.kind == "uri"]
    if profile.spiffe and (len(uris) != 1 or not uris[0].startswith("spiffe://")):
        raise UsageError(
            "the profile spiffe has exactly one URI, a SPIFFE ID", "give one --spiffe spiffe://domain/path"
        )


def _options(kinds: "Sequence[str]") -> str:
    return " or ".join(["--common-name" if kind == "cn" else f"--{kind}" for kind in kinds])


def complete_names(names: Names, profile: "Profile", name: str) -> Names:
    """Return the names with the common name that the profile needs, where none was given.

    Args:
        name: under which the certificate is issued.

    Raises:
        UsageError: if what the common name would be is longer than one can be.
    """
    if names.common_name is not None or not profile.subject:
        return names
    found = [san.value for kind in profile.required for san in names.sans if san.kind == kind] or [name]
    chosen = found[0] if profile.subject == "san" else name
    if len(chosen.encode()) > _LONGEST_CN:
        raise UsageError(
            f"{chosen[:80]!r} is longer than the {_LONGEST_CN} bytes of a common name", "give a --common-name"
        )
    return Names(chosen, names.sans, names.sid)


def encode_san(names: Names) -> "x509.SubjectAlternativeName":
    """Return the names as the extension holds them."""
    return x509.SubjectAlternativeName([_general_name(san) for san in names.sans])


def _general_name(san: San) -> "x509.GeneralName":
    if san.kind == "email":
        return x509.RFC822Name(san.value)
    if san.kind == "dns":
        return x509.DNSName(san.value)
    if san.kind == "uri":
        return x509.UniformResourceIdentifier(san.value)
    if san.kind == "upn":
        return x509.OtherName(x509.ObjectIdentifier(UPN_OID), der.encode(der.UTF8_STRING, san.value.encode()))
    from ipaddress import ip_address

    return x509.IPAddress(ip_address(san.value))


def encode_subject(names: Names) -> "x509.Name":
    """Return the subject: the common name alone, or empty."""
    if names.common_name is None:
        return x509.Name([])
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names.common_name)])


def encode_sid(sid: str) -> "x509.UnrecognizedExtension":
    """Return Microsoft's extension for a security identifier.

    Source:
        KB5014754: SEQUENCE of one [0] otherName, type 1.3.6.1.4.1.311.25.2.1, an OCTET STRING of the text.
        Deviations: none.
    """
    value = der.encode(0xA0, der.encode(der.OCTET_STRING, sid.encode("ascii")))
    name = der.encode(0xA0, der.encode_oid(_SID_NAME_OID), value)
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(SID_OID), der.encode(der.SEQUENCE, name))


def decode_sid(data: bytes) -> "str | None":
    """Return the security identifier in Microsoft's extension; None if it holds none that can be read."""
    try:
        names = der.children(data)
        parts = der.children(names[0][1])
        if len(names) != 1 or parts[0][1] != der.encode_oid(_SID_NAME_OID):
            return None
        return parse_sid(der.content(der.content(parts[1][1])).decode("ascii"))
    except (der.Broken, IndexError, UnicodeDecodeError, UsageError):
        return None


def read_san(value: "x509.SubjectAlternativeName") -> "list[San]":
    """Return the names in the extension of somebody else's request.

    Raises:
        UsageError: if one of them is of another kind, or not as `parse_san` allows.
    """
    return [_read_general_name(name) for name in value]


def _read_general_name(name: "x509.GeneralName") -> San:
    if isinstance(name, x509.OtherName) and name.type_id.dotted_string == UPN_OID:
        try:
            kind_of_text, _, start, end = der.element(name.value, 0, len(name.value))
            if kind_of_text == der.UTF8_STRING and end == len(name.value):
                return parse_san("upn", name.value[start:end].decode("utf-8"))
        except (der.Broken, UnicodeDecodeError):
            pass
        raise UsageError("a UPN in it cannot be read")
    if isinstance(name, x509.IPAddress):
        return parse_san("ip", str(name.value))
    kinds = {x509.RFC822Name: "email", x509.DNSName: "dns", x509.UniformResourceIdentifier: "uri"}
    kind = kinds.get(type(name))
    if kind is None:
        raise UsageError(f"it names something that is none of {', '.join(SAN_KINDS)}")
    return parse_san(kind, str(name.value))
