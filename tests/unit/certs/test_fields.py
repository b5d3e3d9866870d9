"""Is each field read as pyca reads it, and further where pyca gives up?"""

from datetime import datetime, timezone

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from authkit.certs import der
from authkit.certs.fields import read_key, read_name, read_signature_algorithm, read_time, why
from rawcert import common_name, made, name, oid, part, seq, spki, tlv

UTC = timezone.utc


def text_of(data: bytes) -> str:
    text, _, fault = read_name(data)
    assert fault == ""
    return text


def test_a_name() -> None:
    data = name(part("2.5.4.6", 19, b"DE"), part("2.5.4.3", 12, b"x"), part("1.2.840.113549.1.9.1", 22, b"a@b"))
    assert read_name(data) == ("emailAddress=a@b,CN=x,C=DE", (("C", "DE"), ("CN", "x"), ("emailAddress", "a@b")), "")
    assert read_name(name(part("1.2.3.4", 12, b"x"))) == ("1.2.3.4=x", (("1.2.3.4", "x"),), "")
    assert read_name(seq()) == ("", (), "")


def test_a_name_with_two_parts_at_one_level() -> None:
    data = seq(tlv(0x31, part("2.5.4.3", 12, b"a"), part("2.5.4.11", 12, b"b")), tlv(0x31, part("2.5.4.10", 12, b"c")))
    assert read_name(data) == ("O=c,CN=a+OU=b", (("CN", "a"), ("OU", "b"), ("O", "c")), "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (',"+;<>\\', '\\,\\"\\+\\;\\<\\>\\\\'),
        ("a\0b", "a\\00b"),
        ("#a#", "\\#a#"),
        (" a b ", "\\ a b\\ "),
        (" ", "\\ "),
        ("  ", "\\ \\ "),
        ("a=b", "a=b"),
        ("AXZaxz09", "AXZaxz09"),
        ("\x1b[2J\u202e", "\x1b[2J\u202e"),  # how it is shown is ui's to decide
    ],
)
def test_a_name_is_escaped_as_rfc_4514_asks(value: str, text: str) -> None:
    assert text_of(common_name(value)) == f"CN={text}"
    assert x509.Name.from_rfc4514_string(f"CN={text}").rdns[0] == x509.Name.from_bytes(common_name(value)).rdns[0]


def test_strings_of_every_type() -> None:
    values = (
        (12, "é".encode(), "é"),
        (19, b"a", "a"),
        (20, b"\x1b$B", "\x1b$B"),
        (22, b"a", "a"),
        (28, "é€".encode("utf-32-be"), "é€"),
        (30, "é€".encode("utf-16-be"), "é€"),
    )
    for tag, value, text in values:
        assert text_of(name(part("2.5.4.3", tag, value))) == f"CN={text}"


def test_a_bit_string_is_shown_in_hexadecimal() -> None:
    assert text_of(name(part("2.5.4.45", 3, b"\0\xca\xfe"))) == "x500UniqueIdentifier=#00cafe"


UTF32 = "has a part CN that is not UTF-32-BE"
EMPTY = "has a relative distinguished name without parts"


@pytest.mark.parametrize(
    ("data", "text", "fault"),
    [
        (name(part("2.5.4.3", 12, b"a\xff")), "CN=a\\\\xff", "has a part CN that is not UTF-8"),
        (name(part("2.5.4.3", 30, b"\xd8\0\0a")), "CN=\\\\xd8\\\\x00a", "has a part CN that is not UTF-16-BE"),
        (name(part("2.5.4.3", 28, b"\0\x11\0\0")), "CN=\\\\x00\\\\x11\\\\x00\\\\x00", UTF32),
        (name(part("1.2.3", 12, b"\xff")), "1.2.3=\\\\xff", "has a part 1.2.3 that is not UTF-8"),
        (name(part("2.5.4.3", 19, b"a@b")), "CN=a@b", "is not a name that RFC 5280 allows"),
        (name(part("2.5.4.3", 3, b"\0a")), "CN=#03020061", "is not a name that RFC 5280 allows"),
        (seq(tlv(0x31), common_name("a")[2:]), "CN=a", EMPTY),
        (seq(tlv(0x31)), "", EMPTY),
        (seq(tlv(0x31, seq(tlv(6, b"\x80"), tlv(12, b"a")))), "?=a", "holds an object identifier that cannot be read"),
        (seq(tlv(0x31, seq(oid("2.5.4.3")))), "CN=#", "is not a name that RFC 5280 allows"),
        (seq(tlv(0x31, seq())), "?=#", "holds an object identifier that cannot be read"),
        (name(part("2.5.4.3", 12, b"\xff"))[:2] + b"\x31\x40", "", "claims 12 bytes where 2 are left"),
        (seq(common_name("a")[2:], b"\x31\x09"), "CN=a", "claims 9 bytes where 0 are left"),
        (seq(tlv(0x31, part("2.5.4.3", 12, b"a"), b"\x30\x08")), "CN=a", "claims 8 bytes where 0 are left"),
        (b"", "", "ends too early"),
    ],
)  # fmt: skip
def test_a_broken_name_is_shown_as_far_as_it_goes(data: bytes, text: str, fault: str) -> None:
    found, _, said = read_name(data)
    assert (found, said) == (text, fault)


@pytest.mark.parametrize("tag", [18, 19, 20, 22, 26])
def test_a_string_of_single_bytes_beside_what_cannot_be_read(tag: int) -> None:
    data = name(part("2.5.4.3", 12, b"\xff"), part("2.5.4.10", tag, b"\xe9"))
    assert read_name(data)[1:] == ((("CN", "\\xff"), ("O", "\xe9")), "has a part CN that is not UTF-8")


def test_the_first_fault_of_a_name_is_named() -> None:
    data = seq(tlv(0x31), tlv(0x31, part("2.5.4.3", 12, b"\xff")))
    assert read_name(data)[2] == EMPTY


@pytest.mark.parametrize(
    ("tag", "text", "instant"),
    [
        (23, b"261124093015Z", datetime(2026, 11, 24, 9, 30, 15, tzinfo=UTC)),
        (23, b"491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (23, b"500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (23, b"991231235959Z", datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (24, b"20261124093015Z", datetime(2026, 11, 24, 9, 30, 15, tzinfo=UTC)),
        (24, b"99991231235959Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_time(tag: int, text: bytes, instant: datetime) -> None:
    assert read_time(tag, text) == instant


@pytest.mark.parametrize(
    ("tag", "text", "message"),
    [
        (23, b"2611240930Z", "is not a time as RFC 5280 writes it: 2611240930Z"),
        (23, b"261124093015+0000", "is not a time as RFC 5280 writes it: 261124093015+0000"),
        (23, b"20261124093015Z", "is not a time as RFC 5280 writes it: 20261124093015Z"),
        (24, b"261124093015Z", "is not a time as RFC 5280 writes it: 261124093015Z"),
        (24, b"20261124093015.5Z", "is not a time as RFC 5280 writes it: 20261124093015.5Z"),
        (4, b"261124093015Z", "is not a time as RFC 5280 writes it: 261124093015Z"),
        (23, b"x" * 99, "is not a time as RFC 5280 writes it: " + "x" * 40),
        (23, b"261124093015z", "is no real instant: 261124093015z"),
        (23, b"26112409301 Z", "is no real instant: 26112409301 Z"),
        (23, b"261324093015Z", "is no real instant: 261324093015Z"),
        (23, b"260230093015Z", "is no real instant: 260230093015Z"),
        (23, b"261124093060Z", "is no real instant: 261124093060Z"),
        (24, b"00000101000000Z", "is no real instant: 00000101000000Z"),
        (24, b"2026-1-2409301Z", "is no real instant: 2026-1-2409301Z"),
        (24, "٢026112409301Z".encode(), "is no real instant: Ù¢026112409301Z"),
    ],
)
def test_no_time(tag: int, text: bytes, message: str) -> None:
    with pytest.raises(der.Broken) as caught:
        read_time(tag, text)
    assert str(caught.value) == message


PSS, SHA256, SHA1 = "1.2.840.113549.1.1.10", "2.16.840.1.101.3.4.2.1", "1.3.14.3.2.26"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (seq(oid("1.2.840.10045.4.3.2")), "ecdsa-with-SHA256"),
        (seq(oid("1.2.840.113549.1.1.4"), tlv(5)), "md5WithRSAEncryption"),
        (seq(oid("1.3.101.112")), "ed25519"),
        (seq(oid("1.2.3.4"), tlv(5)), "1.2.3.4"),
        (seq(oid(PSS), seq(tlv(0xA0, seq(oid(SHA256))), tlv(0xA1, seq(oid("1.2.3"))))), "rsassaPss-sha256"),
        (seq(oid(PSS), seq(tlv(0xA2, tlv(2, b"\x20")))), "rsassaPss-sha1"),
        (seq(oid(PSS)), "rsassaPss-sha1"),
        (seq(oid(PSS), seq(tlv(0xA0, seq(oid("1.2.3"))))), "rsassaPss-1.2.3"),
    ],
)
def test_a_signature_algorithm(data: bytes, name: str) -> None:
    assert read_signature_algorithm(data) == name


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (seq(), "names no algorithm"),
        (seq(tlv(6)), "holds an object identifier that cannot be read"),
        (b"\x30\x09", "claims 9 bytes where 0 are left"),
        (seq(oid(PSS), seq(tlv(0xA0, seq()))), "ends too early"),
    ],
)
def test_no_signature_algorithm(data: bytes, message: str) -> None:
    with pytest.raises(der.Broken, match=f"^{message}$"):
        read_signature_algorithm(data)


def public(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]


def rsa_spki(modulus: int, exponent: int) -> bytes:
    numbers = [value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True) for value in (modulus, exponent)]
    algorithm = seq(oid("1.2.840.113549.1.1.1"), tlv(5))
    return seq(algorithm, tlv(3, b"\0" + seq(*[tlv(2, number) for number in numbers])))


@pytest.mark.parametrize(
    ("key", "kind", "bits"),
    [
        (ec.derive_private_key(7, ec.SECP256R1()).public_key(), "p256", 256),
        (ec.derive_private_key(7, ec.SECP384R1()).public_key(), "p384", 384),
        (ec.derive_private_key(7, ec.SECP521R1()).public_key(), "p521", 521),
        (ec.derive_private_key(7, ec.SECP256K1()).public_key(), "secp256k1", 256),
        (ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key(), "ed25519", 256),
        (ed448.Ed448PrivateKey.from_private_bytes(bytes(57)).public_key(), "ed448", 456),
        (x25519.X25519PrivateKey.from_private_bytes(bytes(32)).public_key(), "x25519", 256),
    ],
)
def test_a_key(key: object, kind: str, bits: int) -> None:
    assert read_key(public(key)) == ({"type": kind, "bits": bits}, "")


def test_an_rsa_key() -> None:
    modulus = 2**2047 + 1
    assert read_key(public(rsa.RSAPublicNumbers(65537, modulus).public_key())) == (
        {"type": "rsa2048", "bits": 2048, "exponent": 65537},
        "",
    )
    key, fault = read_key(rsa_spki(modulus, 1))
    assert key == {"type": "rsa2048", "bits": 2048, "exponent": 1}
    assert fault == "cannot be read (e must be >= 3 and < n)"
    assert read_key(rsa_spki(modulus, 2**53 - 1))[0] == {"type": "rsa2048", "bits": 2048, "exponent": 2**53 - 1}
    assert read_key(rsa_spki(modulus, 2**53))[0] == {"type": "rsa2048", "bits": 2048, "exponent": f"{2**53:x}"}
    key, fault = read_key(rsa_spki(-(2**2047), 3))
    assert key == {"type": "rsa2048", "bits": 2048, "exponent": 3}
    assert fault.startswith("cannot be read (")


def test_an_rsa_key_of_three_numbers() -> None:
    numbers = [tlv(2, b"\0" + b"\x80" * 128), tlv(2, b"\3"), tlv(2, b"\1")]
    key, fault = read_key(seq(seq(oid("1.2.840.113549.1.1.1"), tlv(5)), tlv(3, b"\0" + seq(*numbers))))
    assert key == {"type": "rsa1024", "bits": 1024, "exponent": 3}
    assert fault.startswith("cannot be read (") or fault == "is not DER of the right form"


def test_a_dsa_key() -> None:
    numbers = dsa.DSAParameterNumbers(2**1023 + 1155, 2**159 + 7, 2)
    algorithm = seq(
        oid("1.2.840.10040.4.1"), seq(*[tlv(2, b"\0" + n.to_bytes(128, "big")) for n in (numbers.p, numbers.q)])
    )
    key, fault = read_key(seq(algorithm, tlv(3, b"\0" + tlv(2, b"\5"))))
    assert key == {"type": "dsa1024", "bits": 1024}
    assert fault.startswith("cannot be read (")


POINT = spki()[26:]


@pytest.mark.parametrize(
    ("data", "key", "fault"),
    [
        (
            seq(seq(oid("1.2.3.4")), tlv(3, b"\0")),
            {"type": "1.2.3.4", "bits": 0},
            "cannot be read (Unknown key type: 1.2.3.4)",
        ),
        (
            seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.3.4")), tlv(3, b"\0" + POINT)),
            {"type": "ec-1.2.3.4", "bits": 0},
            "cannot be read (Curve 1.2.3.4 is not supported)",
        ),
        (seq(seq(oid("1.2.840.10045.2.1"), seq()), tlv(3, b"\0" + POINT)), {"type": "ec-explicit", "bits": 0}, None),
        (seq(seq(oid("1.2.840.10045.2.1")), tlv(3, b"\0" + POINT)), {"type": "ec-explicit", "bits": 0}, None),
        (spki()[:26] + tlv(3, b"\0\0"), None, "claims 89 bytes where 28 are left"),
        (
            seq(spki()[2:23], tlv(3, b"\0\0")),
            {"type": "p256", "bits": 256},
            "cannot be read (Cannot load an EC public key where the point is at infinity)",
        ),
        (seq(), None, "ends too early"),
        (seq(seq(), tlv(3, b"\0")), None, "names no algorithm"),
        (seq(seq(oid("1.2.840.113549.1.1.1")), tlv(3, b"\0" + seq())), None, "is not an RSA key"),
        (seq(seq(oid("1.2.840.113549.1.1.1"))), None, "ends too early"),
    ],
)  # fmt: skip
def test_a_key_that_cannot_be_used(data: bytes, key: "dict[str, object] | None", fault: "str | None") -> None:
    found, said = read_key(data)
    assert found == key
    assert said == fault if fault else said


def test_a_key_out_of_a_certificate_that_pyca_has_read() -> None:
    certificate = made()
    assert read_key(spki(), certificate) == ({"type": "p256", "bits": 256}, "") == read_key(spki())


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (der.Broken("ends too early"), "ends too early"),
        (ValueError("error parsing asn1 value: ParseError { kind: X }"), "is not DER of the right form"),
        (ValueError("one\ntwo"), "cannot be read (one)"),
        (UnsupportedAlgorithm("No."), "cannot be read (No)"),
        (ValueError("no X."), "cannot be read (no X)"),
        (ValueError("x" * 121), f"cannot be read ({'x' * 120})"),
    ],
)
def test_why(error: Exception, text: str) -> None:
    assert why(error) == text
