"""What do the extensions of a certificate, or of a request for one, say?"""

from cryptography import x509

from authkit.certs import der, oids
from authkit.certs.fields import UNREADABLE, read_name, why
from authkit.certs.profile import SCOPE_EXTENSION
from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

_USAGES = (
    ("digital_signature", "digitalSignature"),
    ("content_commitment", "nonRepudiation"),
    ("key_encipherment", "keyEncipherment"),
    ("data_encipherment", "dataEncipherment"),
    ("key_agreement", "keyAgreement"),
    ("key_cert_sign", "keyCertSign"),
    ("crl_sign", "cRLSign"),
)

# GeneralName's tags, for what pyca does not read
_NAME_TAGS = {
    0xA0: "other",
    0x81: "email",
    0x82: "dns",
    0xA3: "x400",
    0xA4: "dirname",
    0xA5: "edi",
    0x86: "uri",
    0x87: "ip",
    0x88: "rid",
}
# as much of a value as is shown in hexadecimal
_SHOWN = 64


class Extensions:
    """What a set of extensions says; everything empty where an extension is absent.

    Attributes:
        san: the names in subjectAltName, as "email:…", "dns:…", "uri:…", "upn:…", "ip:…", "dirname:…", "rid:…",
            "other:OID:hex", "x400:hex", "edi:hex".
        eku: purposes by name, e.g. "clientAuth", or OID.
        key_usage: bits by name, in their order, e.g. "digitalSignature".
        is_ca: whether basicConstraints says so.
        path_length: how many CAs may follow; None for no limit.
        ski, aki: key identifiers of subject and issuer, lower-case hex, or None.
        aia: every URL of authorityInfoAccess; ocsp_urls: those for OCSP.
        crl_urls: every URL of cRLDistributionPoints.
        policies: OIDs of certificatePolicies.
        name_constraints: {"permitted": names, "excluded": names} written as in *san*, or None.
        sid: Microsoft's security identifier, from its extension or from its URI in the SAN, or None.
        scope: what authkit's scoped certificates sign requests for, as written, or None.
        extensions: (name or OID, critical) of each, in order.
        critical_unknown: OIDs of critical extensions that RFC 5280 does not define.
        faults: (field, what is wrong with it) of everything that could not be read.
    """

    __slots__ = (
        "san",
        "eku",
        "key_usage",
        "is_ca",
        "path_length",
        "ski",
        "aki",
        "aia",
        "ocsp_urls",
        "crl_urls",
        "policies",
        "name_constraints",
        "sid",
        "scope",
        "extensions",
        "critical_unknown",
        "faults",
    )

    def __init__(self) -> None:
        self.san: "list[str]" = []
        self.eku: "list[str]" = []
        self.key_usage: "list[str]" = []
        self.is_ca = False
        self.path_length: "int | None" = None
        self.ski: "str | None" = None
        self.aki: "str | None" = None
        self.aia: "list[str]" = []
        self.ocsp_urls: "list[str]" = []
        self.crl_urls: "list[str]" = []
        self.policies: "list[str]" = []
        self.name_constraints: "dict[str, list[str]] | None" = None
        self.sid: "str | None" = None
        self.scope: "str | None" = None
        self.extensions: "list[tuple[str, bool]]" = []
        self.critical_unknown: "list[str]" = []
        self.faults: "list[tuple[str, str]]" = []

    def read(self, found: "Iterable[x509.Extension[x509.ExtensionType]]") -> None:
        """Take in extensions that pyca has read."""
        for extension in found:
            self._take(extension.oid.dotted_string, extension.critical, extension.value)
        self._find_sid()

    def walk(self, data: bytes) -> None:
        """Take in each extension of *data* by itself, so that one that cannot be read hides no other.

        Args:
            data: Extensions, DER.
        """
        seen: "set[str]" = set()
        start, end, fault = der.outer(data)
        found, broken = der.until_broken(data, start, end)
        for _, at, _, stop in found:
            try:
                self._walk_one(data[at:stop], seen)
            except der.Broken as error:
                self.faults.append(("extensions", str(error)))
        self.faults += [("extensions", one) for one in (fault, broken) if one]
        self._find_sid()

    def _walk_one(self, raw: bytes, seen: "set[str]") -> None:
        parts = der.children(raw)
        if len(parts) < 2 or parts[0][0] != der.OID or parts[-1][0] != der.OCTET_STRING:
            self.faults.append(("extensions", "one is not made of an OID and a value"))
            return
        oid = der.oid(der.content(parts[0][1]))
        critical = len(parts) > 2 and any(der.content(parts[1][1]))
        name = oids.EXTENSIONS.get(oid, oid)
        if oid in seen:
            self.faults.append((name, "stands twice"))
        seen.add(oid)
        value = der.content(parts[-1][1])
        try:
            self._take(oid, critical, carried(oid, value))
        except UNREADABLE as error:
            self.faults.append((name, why(error)))
            self._note(oid, critical)
            self._salvage(oid, value)

    def _take(self, oid: str, critical: bool, value: "x509.ExtensionType") -> None:
        self._take_value(oid, value)
        self._note(oid, critical)

    def _take_value(self, oid: str, value: "x509.ExtensionType") -> None:
        reader = _READERS.get(oid)
        if reader is not None:
            reader(self, value)

    def _note(self, oid: str, critical: bool) -> None:
        self.extensions.append((oids.EXTENSIONS.get(oid, oid), critical))
        if critical and oid not in oids.PROCESSED:
            self.critical_unknown.append(oid)

    def _salvage(self, oid: str, value: bytes) -> None:
        """Take from an extension that pyca refuses what still can be said."""
        try:
            *_, end = der.element(value, 0, len(value))
            if end < len(value):
                self._take_value(oid, carried(oid, value[:end]))
            elif oid == "2.5.29.17":
                for _, raw in der.children(value):
                    self.san.append(_walk_name(raw))
            elif oid == "2.5.29.19":
                self.is_ca = any(any(der.content(raw)) for tag, raw in der.children(value) if tag == der.BOOLEAN)
        except UNREADABLE:
            pass  # the fault is noted already

    def _find_sid(self) -> None:
        prefix = "uri:tag:microsoft.com,2022-09-14:sid:"
        for name in self.san:
            if self.sid is None and name.startswith(prefix):
                self.sid = name[len(prefix) :]


# A certificate around one extension: pyca reads extensions only inside one.
_ALGORITHM = bytes.fromhex("300506032b6570")
_BEFORE = bytes.fromhex("a003020102020101") + _ALGORITHM + bytes.fromhex("3000") + der.encode(
    der.SEQUENCE, der.encode(der.UTC_TIME, b"250101000000Z") * 2
) + bytes.fromhex("3000") + der.encode(der.SEQUENCE, _ALGORITHM, der.encode(der.BIT_STRING, bytes(33)))  # fmt: skip
_AFTER = _ALGORITHM + der.encode(der.BIT_STRING, bytes(65))


def carried(oid: str, value: bytes) -> "x509.ExtensionType":
    """Return one extension as pyca reads it.

    Raises:
        one of UNREADABLE: if pyca does not.
    """
    dotted = x509.ObjectIdentifier(oid)
    one = der.encode(der.SEQUENCE, der.encode_oid(oid), der.encode(der.OCTET_STRING, value))
    body = der.encode(der.SEQUENCE, _BEFORE, der.encode(0xA3, der.encode(der.SEQUENCE, one)))
    carrier = x509.load_der_x509_certificate(der.encode(der.SEQUENCE, body, _AFTER))
    return carrier.extensions.get_extension_for_oid(dotted).value


def _walk_name(raw: bytes) -> str:
    """Return one GeneralName: as pyca reads it alone, else by its tag and bytes."""
    try:
        found = carried("2.5.29.17", der.encode(der.SEQUENCE, raw))
        return name_text(next(iter(found)))  # type: ignore[call-overload]
    except UNREADABLE:
        return f"{_NAME_TAGS.get(raw[0], 'unknown')}:#{der.content(raw)[:_SHOWN].hex()}"


def name_text(name: "x509.GeneralName") -> str:
    """Return a general name as this package writes it: its kind, a colon, its value."""
    kind = type(name)
    if kind is x509.RFC822Name:
        return f"email:{name.value}"
    if kind is x509.DNSName:
        return f"dns:{name.value}"
    if kind is x509.UniformResourceIdentifier:
        return f"uri:{name.value}"
    if kind is x509.IPAddress:
        return f"ip:{name.value}"
    if kind is x509.DirectoryName:
        return f"dirname:{read_name(name.value.public_bytes())[0]}"
    if isinstance(name, x509.OtherName):
        return _other_name(name.type_id.dotted_string, name.value)
    return f"rid:{name.value.dotted_string}"


def _other_name(oid: str, value: bytes) -> str:
    if oid == oids.UPN:
        try:
            tag, _, start, end = der.element(value, 0, len(value))
            if tag == der.UTF8_STRING and end == len(value):
                return f"upn:{value[start:end].decode('utf-8')}"
        except ValueError:
            pass  # shown as bytes
    return f"other:{oid}:#{value[:_SHOWN].hex()}"


def _basic_constraints(into: Extensions, value: "x509.BasicConstraints") -> None:
    into.is_ca, into.path_length = value.ca, value.path_length


def _key_usage(into: Extensions, value: "x509.KeyUsage") -> None:
    into.key_usage = [name for attribute, name in _USAGES if getattr(value, attribute)]
    if value.key_agreement:
        into.key_usage += ["encipherOnly"] * value.encipher_only + ["decipherOnly"] * value.decipher_only


def _purposes(into: Extensions, value: "x509.ExtendedKeyUsage") -> None:
    into.eku = [oids.PURPOSES.get(oid.dotted_string, oid.dotted_string) for oid in value]


def _san(into: Extensions, value: "x509.SubjectAlternativeName") -> None:
    into.san = [name_text(name) for name in value]


def _ski(into: Extensions, value: "x509.SubjectKeyIdentifier") -> None:
    into.ski = value.digest.hex()


def _aki(into: Extensions, value: "x509.AuthorityKeyIdentifier") -> None:
    into.aki = None if value.key_identifier is None else value.key_identifier.hex()


def _aia(into: Extensions, value: "x509.AuthorityInformationAccess") -> None:
    for access in value:
        url = _url(access.access_location)
        into.aia.append(url)
        if access.access_method.dotted_string == oids.OCSP:
            into.ocsp_urls.append(url)


def _crl_urls(into: Extensions, value: "x509.CRLDistributionPoints") -> None:
    into.crl_urls += [_url(name) for point in value for name in point.full_name or ()]


def _policies(into: Extensions, value: "x509.CertificatePolicies") -> None:
    into.policies = [policy.policy_identifier.dotted_string for policy in value]


def _name_constraints(into: Extensions, value: "x509.NameConstraints") -> None:
    into.name_constraints = {
        "permitted": [name_text(name) for name in value.permitted_subtrees or ()],
        "excluded": [name_text(name) for name in value.excluded_subtrees or ()],
    }


def _sid(into: Extensions, value: "x509.UnrecognizedExtension") -> None:
    """Read Microsoft's security identifier: a SEQUENCE of one otherName that holds an OCTET STRING."""
    try:
        parts = der.children(der.content(value.value))
        if len(parts) < 2 or der.oid(der.content(parts[0][1])) != oids.SID_NAME:
            raise der.Broken("holds another kind of name")
        into.sid = der.content(der.content(parts[1][1])).decode("utf-8")
    except ValueError as error:
        into.faults.append(("msSecurityIdentifier", why(error)))


def _scope(into: Extensions, value: "x509.UnrecognizedExtension") -> None:
    from authkit.certs.scoped import decode_scope

    try:
        into.scope = decode_scope(value.value)
    except InputError as error:
        into.faults.append(("authkitScope", error.message.removeprefix("the scope ")))


def _url(name: "x509.GeneralName") -> str:
    return name_text(name).removeprefix("uri:")


_READERS: "dict[str, Callable[[Extensions, Any], None]]" = {
    "2.5.29.14": _ski,
    "2.5.29.15": _key_usage,
    "2.5.29.17": _san,
    "2.5.29.19": _basic_constraints,
    "2.5.29.30": _name_constraints,
    "2.5.29.31": _crl_urls,
    "2.5.29.32": _policies,
    "2.5.29.35": _aki,
    "2.5.29.37": _purposes,
    "1.3.6.1.5.5.7.1.1": _aia,
    oids.SID_EXTENSION: _sid,
    SCOPE_EXTENSION: _scope,
}
