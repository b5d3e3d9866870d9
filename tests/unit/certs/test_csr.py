"""Is a request read as what it is: a proof that somebody has a key?"""

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from authkit.certs import csr
from authkit.certs.names import SID_OID, Names, San
from authkit.certs.profile import KEY_TYPES, PROFILES
from authkit.certs.subject_key import fingerprint_of_key, generate_key
from authkit.errors import InputError, Refused

NAMES = Names(
    "Ada Lovelace",
    [San("email", "a@b"), San("dns", "c.d"), San("uri", "urn:e:f"), San("upn", "g@h"), San("ip", "192.0.2.1")],
    "S-1-5-21-1",
)
KEY = generate_key("p256")


@pytest.mark.parametrize("type", KEY_TYPES)
def test_a_request_comes_back(type: str) -> None:
    key = generate_key(type)
    data = csr.encode_csr(NAMES, key)
    found = csr.load_csr(data, "a.csr")
    assert (found.type, found.names) == (type, NAMES)
    assert found.public_key == key.public_key()
    assert found.fingerprint == fingerprint_of_key(key.public_key())
    assert repr(found) == f"<Csr {type} {found.fingerprint[:16]}>"
    request = x509.load_pem_x509_csr(data)
    digest = request.signature_hash_algorithm
    wanted = {"p384": "sha384", "ed25519": None}.get(type, "sha256")
    assert (None if digest is None else digest.name) == wanted
    assert csr.load_csr(request.public_bytes(Encoding.DER), "a.csr").names == NAMES


def test_a_name_is_critical_where_it_stands_alone() -> None:
    for names, critical in ((Names(None, NAMES.sans), True), (NAMES, False)):
        request = x509.load_pem_x509_csr(csr.encode_csr(names, KEY))
        found = request.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        assert found.critical is critical
    request = x509.load_pem_x509_csr(csr.encode_csr(Names("CA"), KEY))
    assert list(request.extensions) == []
    assert csr.load_csr(csr.encode_csr(Names("CA"), KEY), "x").names == Names("CA")
    sid = x509.load_pem_x509_csr(csr.encode_csr(NAMES, KEY)).extensions.get_extension_for_oid(
        x509.ObjectIdentifier(SID_OID)
    )
    assert sid.critical is False


def made(subject: x509.Name, *extensions: x509.ExtensionType, key: Any = KEY) -> bytes:
    builder = x509.CertificateSigningRequestBuilder(subject)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


PEM = csr.encode_csr(NAMES, KEY)
DER = made(x509.Name([]))


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (b"", "x: not a certificate signing request that can be read", None),
        (b"-----BEGIN CERTIFICATE REQUEST-----\n", "x: not a certificate signing request that can be read", None),
        (PEM.replace(b" REQUEST", b""), "x: not a certificate signing request that can be read", None),
        (DER[:-1], "x: not a certificate signing request that can be read", None),
        (DER.replace(b"\x2a\x86\x48\xce\x3d\x03\x01\x07", b"\x2a\x86\x48\xce\x3d\x03\x01\x7f"), None, None),
        (PEM + PEM, "x: more than one block of PEM", "give one request at a time"),
    ],
)
def test_what_is_no_request(data: bytes, message: "str | None", hint: "str | None") -> None:
    with pytest.raises(InputError) as caught:
        csr.load_csr(data, "x")
    assert caught.value.message == (message or "x: not a certificate signing request that can be read")
    assert caught.value.hint == hint


def test_a_signature_that_is_not_made_with_its_key() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    request = made(x509.Name([]), key=other)
    swapped = request.replace(_point(other), _point(KEY))
    assert swapped != request
    with pytest.raises(Refused) as caught:
        csr.load_csr(swapped, "x")
    assert caught.value.message == "x: the signature of the request is not made with its key"


def _point(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import PublicFormat

    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)  # type: ignore[no-any-return]


def name(*values: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, value) for value in values])


def sid(data: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(SID_OID), data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (made(name("a", "b")), "x: it has several common names"),
        (made(name("a\x1b[31m")), "x: 'a\\x1b[31m' cannot be a common name"),
        (made(name(), x509.SubjectAlternativeName([x509.DNSName("a_b")])), "x: 'a_b' is not a host name"),
        (made(name(), sid(b"\x30\x00")), "x: the security identifier in it cannot be read"),
        (
            made(name(), x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), b"\x30\x02\x87\x01")),
            "x: the names in it cannot be read",
        ),
    ],
)
def test_names_that_are_not_believed(data: bytes, message: str) -> None:
    found = csr.load_csr(data, "x")  # the key is good all the same
    assert found.public_key == KEY.public_key()
    with pytest.raises(InputError) as caught:
        _ = found.names
    assert caught.value.message == message
    assert caught.value.hint == "name it on the command line instead"


def test_what_else_it_asks_for_is_passed_over() -> None:
    other = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "Eve"),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Evil"),
        ]
    )
    data = made(other, x509.BasicConstraints(True, None), x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]))
    assert csr.load_csr(data, "x").names == Names("Eve")


def test_what_a_profile_lets_it_choose() -> None:
    kept, left_out = csr.allowed_names(NAMES, PROFILES["spiffe"])
    assert kept == Names("Ada Lovelace", [San("dns", "c.d"), San("uri", "urn:e:f")])
    assert left_out == ["email:a@b", "upn:g@h", "ip:192.0.2.1", "sid:S-1-5-21-1"]
    kept, left_out = csr.allowed_names(NAMES, PROFILES["eap-tls"])
    assert kept == Names("Ada Lovelace", [san for san in NAMES.sans if san.kind != "ip"], "S-1-5-21-1")
    assert left_out == ["ip:192.0.2.1"]
    assert csr.allowed_names(NAMES, PROFILES["intermediate"])[0] == Names("Ada Lovelace")


def test_a_profile_that_lets_it_choose_nothing() -> None:
    from authkit.certs.profile import CLIENT_AUTH, Profile

    closed = Profile("closed", 1, (CLIENT_AUTH,), (), (), "")
    kept, left_out = csr.allowed_names(NAMES, closed)
    assert kept == Names()
    assert len(left_out) == 7
