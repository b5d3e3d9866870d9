"""Is every extension read, and does one that cannot be read hide no other?"""

import ipaddress

import pytest
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from authkit.certs.extensions import Extensions, carried
from authkit.certs.fields import UNREADABLE
from authkit.certs.profile import SCOPE_EXTENSION
from authkit.certs.scoped import encode_scope
from rawcert import extension, made, oid, part, seq, tlv
from rawcert import name as dn

BC, KU, SAN, NC, EKU = "2.5.29.19", "2.5.29.15", "2.5.29.17", "2.5.29.30", "2.5.29.37"
UPN, SID = "1.3.6.1.4.1.311.20.2.3", "1.3.6.1.4.1.311.25.2"
DER_FORM = "is not DER of the right form"


def read(*extensions: "tuple[x509.ExtensionType, bool]") -> Extensions:
    """Read by pyca in one go; and each by itself, which must give the same."""
    certificate, first, second = made(*extensions), Extensions(), Extensions()
    first.read(certificate.extensions)
    raw = [extension(one.oid.dotted_string, one.value.public_bytes(), one.critical) for one in certificate.extensions]
    second.walk(seq(*raw))
    for slot in Extensions.__slots__:
        assert getattr(first, slot) == getattr(second, slot)
    return first


def walk(*raw: bytes) -> Extensions:
    found = Extensions()
    found.walk(seq(*raw))
    return found


def test_nothing() -> None:
    found = read()
    empty = {slot: getattr(found, slot) for slot in Extensions.__slots__}
    assert empty == {
        **dict.fromkeys(Extensions.__slots__, []),
        "is_ca": False,
        **dict.fromkeys(("path_length", "ski", "aki", "name_constraints", "sid", "scope")),
    }


def test_names_of_every_kind() -> None:
    names = [
        x509.RFC822Name("alice@example.com"),
        x509.DNSName("web.example"),
        x509.UniformResourceIdentifier("spiffe://example/web"),
        x509.IPAddress(ipaddress.ip_address("192.0.2.7")),
        x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
        x509.DirectoryName(x509.Name.from_rfc4514_string("CN=a,O=b")),
        x509.RegisteredID(x509.ObjectIdentifier("1.2.3.4")),
        x509.OtherName(x509.ObjectIdentifier(UPN), tlv(12, "al\u00eb@example".encode())),
        x509.OtherName(x509.ObjectIdentifier(UPN), tlv(22, b"al@example")),
        x509.OtherName(x509.ObjectIdentifier(UPN), tlv(12, b"\xff")),
        x509.OtherName(x509.ObjectIdentifier("1.2.3.5"), tlv(4, bytes(100))),
    ]
    assert read((x509.SubjectAlternativeName(names), False)).san == [
        "email:alice@example.com",
        "dns:web.example",
        "uri:spiffe://example/web",
        "ip:192.0.2.7",
        "ip:2001:db8::1",
        "dirname:CN=a,O=b",
        "rid:1.2.3.4",
        "upn:al\u00eb@example",
        f"other:{UPN}:#160a616c406578616d706c65",
        f"other:{UPN}:#0c01ff",
        f"other:1.2.3.5:#0464{'00' * 62}",
    ]


def test_purposes() -> None:
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, x509.ObjectIdentifier("1.2.3.4"), x509.ObjectIdentifier("2.5.29.37.0")]
    found = read((x509.ExtendedKeyUsage(purposes), True))
    assert found.eku == ["clientAuth", "1.2.3.4", "anyExtendedKeyUsage"]
    assert found.extensions == [("extKeyUsage", True)]
    assert found.critical_unknown == []


@pytest.mark.parametrize("number", range(7))
def test_each_bit_of_the_key_usage(number: int) -> None:
    bits = [at == number for at in range(7)]
    names = "digitalSignature nonRepudiation keyEncipherment dataEncipherment keyAgreement keyCertSign cRLSign".split()
    usage = x509.KeyUsage(*bits, False, False)
    assert read((usage, True)).key_usage == [names[number]]


@pytest.mark.parametrize(("encipher", "decipher"), [(True, False), (False, True), (True, True), (False, False)])
def test_the_bits_that_refine_key_agreement(encipher: bool, decipher: bool) -> None:
    usage = x509.KeyUsage(False, False, False, False, True, False, False, encipher, decipher)
    expected = ["keyAgreement"] + ["encipherOnly"] * encipher + ["decipherOnly"] * decipher
    assert read((usage, True)).key_usage == expected


@pytest.mark.parametrize(("ca", "length"), [(True, 0), (True, 3), (True, None), (False, None)])
def test_basic_constraints(ca: bool, length: "int | None") -> None:
    found = read((x509.BasicConstraints(ca, length), True))
    assert (found.is_ca, found.path_length) == (ca, length)
    assert found.extensions == [("basicConstraints", True)]


def test_key_identifiers() -> None:
    found = read(
        (x509.SubjectKeyIdentifier(b"\1" * 20), False), (x509.AuthorityKeyIdentifier(b"\2" * 20, None, None), False)
    )
    assert (found.ski, found.aki) == ("01" * 20, "02" * 20)
    issuer = [x509.DirectoryName(x509.Name([]))]
    assert read((x509.AuthorityKeyIdentifier(None, issuer, 5), False)).aki is None


def test_urls() -> None:
    def url(text: str) -> x509.UniformResourceIdentifier:
        return x509.UniformResourceIdentifier(text)

    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(AuthorityInformationAccessOID.OCSP, url("http://ocsp.example")),
            x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, url("http://ca.example/ca.der")),
            x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.DNSName("ca.example")),
        ]
    )
    points = x509.CRLDistributionPoints(
        [
            x509.DistributionPoint([url("http://crl.example/1"), url("ldap://crl.example/2")], None, None, None),
            x509.DistributionPoint(None, None, None, [x509.DirectoryName(x509.Name([]))]),
            x509.DistributionPoint([url("http://crl.example/3")], None, None, None),
        ]
    )
    found = read((access, False), (points, False))
    assert found.aia == ["http://ocsp.example", "http://ca.example/ca.der", "dns:ca.example"]
    assert found.ocsp_urls == ["http://ocsp.example"]
    assert found.crl_urls == ["http://crl.example/1", "ldap://crl.example/2", "http://crl.example/3"]


def test_policies_and_name_constraints() -> None:
    policies = x509.CertificatePolicies(
        [x509.PolicyInformation(x509.ObjectIdentifier("1.2.3.4"), ["http://cps.example"])]
    )
    network = x509.IPAddress(ipaddress.ip_network("10.0.0.0/8"))
    found = read((policies, False), (x509.NameConstraints([x509.DNSName("example.com"), network], None), True))
    assert found.policies == ["1.2.3.4"]
    assert found.name_constraints == {"permitted": ["dns:example.com", "ip:10.0.0.0/8"], "excluded": []}
    found = read((x509.NameConstraints(None, [x509.RFC822Name("example.com")]), True))
    assert found.name_constraints == {"permitted": [], "excluded": ["email:example.com"]}


def sid_value(text: bytes, kind: str = "1.3.6.1.4.1.311.25.2.1") -> bytes:
    return seq(tlv(0xA0, oid(kind), tlv(0xA0, tlv(4, text))))


def sid_extension(value: bytes) -> "tuple[x509.ExtensionType, bool]":
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(SID), value), False


NOT_UTF8 = "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"


@pytest.mark.parametrize(
    ("value", "sid", "faults"),
    [
        (sid_value(b"S-1-5-21-1"), "S-1-5-21-1", []),
        (sid_value(b"S-1", "1.2.3"), None, ["holds another kind of name"]),
        (sid_value(b"\xff"), None, [f"cannot be read ({NOT_UTF8})"]),
        (seq(), None, ["ends too early"]),
        (seq(tlv(0xA0)), None, ["holds another kind of name"]),
        (seq(tlv(0xA0, oid("1.3.6.1.4.1.311.25.2.1"))), None, ["holds another kind of name"]),
        (seq(tlv(0xA0, tlv(6), tlv(0xA0))), None, ["holds an object identifier that cannot be read"]),
        (seq(tlv(0xA0, sid_value(b"S-1")[4:], b"\5\0")), "S-1", []),
    ],
)  # fmt: skip
def test_the_security_identifier(value: bytes, sid: "str | None", faults: list[str]) -> None:
    found = read(sid_extension(value))
    assert found.sid == sid
    assert found.faults == [("msSecurityIdentifier", message) for message in faults]
    assert found.extensions == [("msSecurityIdentifier", False)]


def test_the_scope_of_a_certificate_that_signs_requests() -> None:
    dotted = x509.ObjectIdentifier(SCOPE_EXTENSION)
    found = read((encode_scope("20261123/us-east-1/s3"), False))
    assert (found.scope, found.faults, found.extensions) == ("20261123/us-east-1/s3", [], [("authkitScope", False)])
    found = read((x509.UnrecognizedExtension(dotted, b"\x13\x01a"), False))
    assert (found.scope, found.faults) == (None, [("authkitScope", "is not a UTF8String")])
    found = read((encode_scope("20261123"), True))
    assert (found.scope, found.critical_unknown) == ("20261123", [SCOPE_EXTENSION])


def test_the_security_identifier_of_the_san() -> None:
    uri = x509.UniformResourceIdentifier("tag:microsoft.com,2022-09-14:sid:S-1-5-7")
    names = x509.SubjectAlternativeName([x509.DNSName("a.example"), uri])
    assert read((names, False)).sid == "S-1-5-7"
    assert read((names, False), sid_extension(sid_value(b"S-1-5-21-1"))).sid == "S-1-5-21-1"
    other = x509.UniformResourceIdentifier("tag:microsoft.com,2022-09-14:sid:S-1-5-8")
    assert read((x509.SubjectAlternativeName([uri, other]), False)).sid == "S-1-5-7"


def test_what_is_critical_and_not_of_rfc_5280() -> None:
    found = walk(
        extension("1.2.3.4", b"\5\0", True),
        extension("1.2.3.5", b"\5\0"),
        extension("1.3.6.1.5.5.7.1.24", seq(tlv(2, b"\5")), True),
        extension("2.5.29.54", tlv(2, b"\0"), True),
    )
    assert found.extensions == [("1.2.3.4", True), ("1.2.3.5", False), ("tlsFeature", True), ("inhibitAnyPolicy", True)]
    assert found.critical_unknown == ["1.2.3.4", "1.3.6.1.5.5.7.1.24"]
    assert found.faults == []


def test_a_bad_one_hides_no_other() -> None:
    found = walk(
        extension(EKU, seq()),
        extension(SAN, seq(tlv(0x82, b"a.example"))),
        extension(KU, b"\3\2", True),
        extension("2.5.29.14", tlv(4, b"\1\2")),
    )
    assert found.san == ["dns:a.example"]
    assert found.ski == "0102"
    assert found.extensions == [
        ("extKeyUsage", False),
        ("subjectAltName", False),
        ("keyUsage", True),
        ("subjectKeyIdentifier", False),
    ]
    assert [field for field, _ in found.faults] == ["extKeyUsage", "keyUsage"]
    assert found.faults[1] == ("keyUsage", DER_FORM)


def test_names_beside_one_that_cannot_be_read() -> None:
    found = walk(
        extension(
            SAN,
            seq(
                tlv(0x82, b"a.example"),
                tlv(0xA3, seq()),
                tlv(0xA5, tlv(0xA1, tlv(12, b"x" * 80))),
                tlv(0x87, b"\1\2\3"),
                tlv(0xA0, oid(UPN), tlv(0xA0, tlv(12, b"al@example"))),
                tlv(0x8F, b"?"),
                tlv(0xA4, dn(part("2.5.4.3", 12, b"x"))),
            ),
        )
    )
    assert found.san == [
        "dns:a.example",
        "x400:#3000",
        f"edi:#a1520c50{'78' * 60}",
        "ip:#010203",
        "upn:al@example",
        "unknown:#3f",
        "dirname:CN=x",
    ]
    assert found.faults[0][0] == "subjectAltName"
    assert len(found.faults) == 1


def test_a_name_of_each_kind_that_cannot_be_read() -> None:
    names = [tlv(0xA0, b"\5"), tlv(0x81, b"\xff"), tlv(0x82, b"\xff"), tlv(0xA4, b"\5"), tlv(0x86, b"\xff"), tlv(0x88)]
    found = walk(extension(SAN, seq(*names)))
    assert found.san == ["other:#05", "email:#ff", "dns:#ff", "dirname:#05", "uri:#ff", "rid:#"]
    assert [field for field, _ in found.faults] == ["subjectAltName"]


def test_bytes_after_a_value() -> None:
    found = walk(extension(BC, seq(tlv(1, b"\xff")) + b"\5\0", True), extension("1.2.3", b"\5\0more"))
    assert found.is_ca
    assert found.faults == [("basicConstraints", DER_FORM)]


@pytest.mark.parametrize(
    ("value", "is_ca"),
    [
        (seq(tlv(1, b"\1")), True),
        (seq(tlv(1, b"\xff"), tlv(2, b"\xff")), True),
        (seq(tlv(1, b"\0"), tlv(2, b"\xff")), False),
        (seq(tlv(2, b"\1"), tlv(2, b"\1")), False),
        (seq(tlv(2, b"\xff")) + b"\0", False),
        (b"\x30\x05\1", False),
    ],
)
def test_basic_constraints_that_only_a_lenient_reader_takes(value: bytes, is_ca: bool) -> None:
    found = walk(extension(BC, value, True))
    assert found.is_ca is is_ca
    assert found.faults == [("basicConstraints", DER_FORM)]
    assert found.extensions == [("basicConstraints", True)]


def test_one_that_stands_twice() -> None:
    found = walk(extension(SAN, seq(tlv(0x82, b"a"))), extension("1.2.3", b""), extension(SAN, seq(tlv(0x82, b"b"))))
    assert found.faults == [("subjectAltName", "stands twice")]
    assert found.extensions == [("subjectAltName", False), ("1.2.3", False), ("subjectAltName", False)]
    assert found.san == ["dns:b"]
    assert walk(extension("1.2.3", b""), extension("1.2.3", b"")).faults == [("1.2.3", "stands twice")]


MADE_OF = ("extensions", "one is not made of an OID and a value")


@pytest.mark.parametrize(
    ("raw", "faults"),
    [
        (seq(), [MADE_OF]),
        (seq(oid("1.2.3")), [MADE_OF]),
        (seq(tlv(2, b"\1"), tlv(4)), [MADE_OF]),
        (seq(oid("1.2.3"), tlv(2, b"\1")), [MADE_OF]),
        (seq(tlv(6), tlv(4)), [("extensions", "holds an object identifier that cannot be read")]),
        (seq(b"\6\x7f"), [("extensions", "claims 127 bytes where 0 are left")]),
        (b"\x30\x7f", [("extensions", "claims 127 bytes where 11 are left")]),
    ],
)
def test_what_is_no_extension(raw: bytes, faults: list[tuple[str, str]]) -> None:
    before, after = extension("1.2.3.4", b"\5\0"), extension("1.2.3.6", b"\5\0", False)
    found = walk(before, raw, after)
    assert found.faults == faults
    both = raw[:2] != b"\x30\x7f"
    assert found.extensions == [("1.2.3.4", False), ("1.2.3.6", False)][: 1 + both]


@pytest.mark.parametrize(("flag", "critical"), [(b"\xff", True), (b"\1", True), (b"\0", False), (b"", False)])
def test_the_critical_flag_is_read_as_a_lenient_reader_does(flag: bytes, critical: bool) -> None:
    found = walk(seq(oid("1.2.3.4"), tlv(1, flag), tlv(4, b"\5\0")))
    assert found.extensions == [("1.2.3.4", critical)]


def test_what_holds_the_extensions_is_broken() -> None:
    found = Extensions()
    found.walk(b"\x30\x82")
    assert found.faults == [("extensions", "has a length that cannot be read")]


def test_urls_of_extensions_that_stand_twice() -> None:
    def access(host: bytes) -> bytes:
        return extension("1.3.6.1.5.5.7.1.1", seq(seq(oid("1.3.6.1.5.5.7.48.1"), tlv(0x86, b"http://" + host))))

    def point(host: bytes) -> bytes:
        return extension("2.5.29.31", seq(seq(tlv(0xA0, tlv(0xA0, tlv(0x86, b"http://" + host))))))

    found = walk(access(b"a"), point(b"b"), access(b"c"), point(b"d"))
    assert found.aia == found.ocsp_urls == ["http://a", "http://c"]
    assert found.crl_urls == ["http://b", "http://d"]
    assert found.faults == [("authorityInfoAccess", "stands twice"), ("cRLDistributionPoints", "stands twice")]


def test_bytes_after_a_value_that_is_only_named() -> None:
    found = walk(extension("2.5.29.54", tlv(2, b"\0") + b"\5\0", True))
    assert found.faults == [("inhibitAnyPolicy", DER_FORM)]
    assert found.extensions == [("inhibitAnyPolicy", True)]


def test_carried() -> None:
    assert carried(BC, seq(tlv(1, b"\xff"))) == x509.BasicConstraints(True, None)
    assert carried("2.25.99999999999999999999", bytes(300)).public_bytes() == bytes(300)
    for value in (b"", b"\x30\x05", seq(tlv(2, b"\1"), tlv(2, b"\1"))):
        with pytest.raises(UNREADABLE):
            carried(BC, value)
