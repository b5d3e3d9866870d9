"""Is each structure told from every other, by nothing but its tags?"""

from base64 import b64encode, encodebytes, urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from authkit.certs.structure import structure, unwrapped
from rawcert import ALGORITHM, common_name, oid, private_der, raw, seq, spki, tlv

ONE, TIME, BITS = tlv(2, b"\1"), tlv(23, b"261124090000Z"), tlv(3, b"\0")
RSA = tlv(2, b"\0")


def signed(*body: bytes) -> bytes:
    return seq(seq(*body), ALGORITHM, BITS)


SAMPLES = {
    "certificate": [
        raw(),
        raw(version=b""),
        raw(b"", version=b""),
        raw(b""),
        seq(seq(tlv(0xA0)), ALGORITHM, BITS, ONE),
        signed(tlv(0xA0), ONE),
    ],
    "csr": [signed(ONE, common_name("a"), spki(), tlv(0xA0)), signed(ONE, common_name("a"), spki())],
    "crl": [
        signed(ONE, ALGORITHM, common_name("a"), TIME, TIME, seq(), tlv(0xA0)),
        signed(ALGORITHM, common_name("a"), TIME),
        signed(ALGORITHM, common_name("a"), tlv(24, b"20261124090000Z")),
    ],
    "spkac": [signed(spki(), tlv(22, b"challenge"))],
    "pkcs7": [seq(oid("1.2.840.113549.1.7.2"), tlv(0xA0, seq()))],
    "pkcs12": [seq(tlv(2, b"\3"), seq(), seq()), seq(tlv(2, b"\3"), seq())],
    "ocsp-response": [seq(tlv(10, b"\0"), tlv(0xA0)), seq(tlv(10, b"\6"))],
    "private-key": [private_der(), seq(RSA, ALGORITHM, tlv(4), tlv(0xA0))],
    "encrypted-private-key": [seq(ALGORITHM, tlv(4))],
    "rsa-private-key": [seq(*[RSA] * 9)],
    "dsa-private-key": [seq(*[RSA] * 6)],
    "ec-private-key": [private_der(PrivateFormat.TraditionalOpenSSL), seq(ONE, tlv(4))],
    "public-key": [spki()],
    "rsa-public-key": [seq(RSA, RSA)],
    "": [
        b"",
        b"\x30",
        seq(),
        tlv(0x31, seq(), ALGORITHM, BITS),
        tlv(4, raw()),
        seq(seq(), ALGORITHM, BITS),
        signed(ONE),
        signed(ONE, common_name("a"), spki(), BITS),
        signed(ALGORITHM, common_name("a"), BITS),
        signed(ALGORITHM, common_name("a")),
        signed(spki(), tlv(22, b"a"), ONE),
        signed(spki(), tlv(12, b"a")),
        seq(ONE),
        seq(*[ONE] * 3),
        seq(*[ONE] * 5),
        seq(ALGORITHM, tlv(4), ONE),
        seq(oid("1.2.3")),
        seq(ALGORITHM),
        b"\x30\x84\xff\xff\xff\xff\x02\x01\x01",
        b"\x30\x84\xff\xff\xff\xff\x30\x84\xff\xff\xff\xff\x02\x01\x01",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_structure(name: str) -> None:
    assert [structure(sample) for sample in SAMPLES[name]] == [name] * len(SAMPLES[name])


def test_a_certificate_whose_lengths_lie() -> None:
    assert structure(b"\x30\x84\xff\xff\xff\xff" + raw()[3:]) == "certificate"
    assert structure(b"\x30\x84\xff\xff\xff\xff\x30\x84\xff\xff\xff\xff" + raw()[6:]) == "certificate"


def test_only_so_much_is_looked_at() -> None:
    assert structure(seq(*[RSA] * 10_000)) == "rsa-private-key"
    assert structure(seq(tlv(10), *[RSA] * 10_000)) == ""


def test_base64_without_delimiters() -> None:
    data = raw()
    assert data[0] == 0x30
    for text in (
        b64encode(data),
        encodebytes(data),
        b"\xef\xbb\xbf  " + encodebytes(data).replace(b"\n", b"\r\n"),
        urlsafe_b64encode(data),
        b64encode(data).rstrip(b"="),
    ):
        assert unwrapped(text) == data
    assert unwrapped(data) == data


@pytest.mark.parametrize("data", [b"", b"plain", b"MIIB!", b"M", b"M===", b"MIIB=AAA", b"\x31\0", b" \x30\0"])
def test_neither_der_nor_base64(data: bytes) -> None:
    assert unwrapped(data) == b""


def test_base64_that_follows_a_letter_no_sequence_begins_with() -> None:
    assert unwrapped(b64encode(b"\x34" + raw())) == b""


def test_ber_becomes_der() -> None:
    pieces = b"\x24\x80\x04\x01a\x04\x01b\0\0"
    ber = b"\x30\x80" + tlv(2, b"\3") + b"\x30\x80" + oid("1.2.840.113549.1.7.1") + b"\xa0\x80" + pieces + b"\0\0" * 3
    assert unwrapped(ber) == seq(tlv(2, b"\3"), seq(oid("1.2.840.113549.1.7.1"), tlv(0xA0, tlv(4, b"ab"))))
    inside = seq(oid("1.2.840.113549.1.7.2"), tlv(0xA0, pieces))
    assert structure(inside) == "pkcs7"
    assert unwrapped(inside) == seq(oid("1.2.840.113549.1.7.2"), tlv(0xA0, tlv(4, b"ab")))
    assert unwrapped(b64encode(ber)) == unwrapped(ber)


def test_ber_inside_pkcs12_becomes_der() -> None:
    inside = seq(tlv(2, b"\3"), seq(b"\x24\x06\x04\x01a\x04\x01b"))
    assert structure(inside) == "pkcs12"
    assert unwrapped(inside) == seq(tlv(2, b"\3"), seq(tlv(4, b"ab")))


@pytest.mark.parametrize("size", range(15))
def test_base64_of_every_length_needs_no_padding(size: int) -> None:
    data = seq(seq(), ALGORITHM, tlv(3, bytes(500 + size) + b"\x17"))
    text = b64encode(data).rstrip(b"=")
    assert text[:1] == b"M"
    assert text.endswith(b"X") is (len(data) % 3 == 0)
    assert unwrapped(text) == unwrapped(text + b"===") == data


def test_ber_that_cannot_be_read_stays() -> None:
    broken = b"\x30\x80" + tlv(2, b"\3")
    assert unwrapped(broken) == broken


def test_what_is_signed_stays_byte_for_byte() -> None:
    data = raw(serial=b"\x02\x81\x01\x05")
    assert unwrapped(data) is data
