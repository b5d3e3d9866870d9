"""Are certificates read, and told apart, whatever is wrong with them?"""

from unittest import mock

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from authkit.certs import certificate
from authkit.errors import InputError
from ledgers import key_of, make_authority, make_leaf

CA = make_authority()
LEAF = make_leaf(CA, 5)


def test_pem_and_der() -> None:
    pem = LEAF.public_bytes(Encoding.PEM) + CA.certificate.public_bytes(Encoding.PEM)
    assert certificate.load_any(pem, "x.pem") == [LEAF, CA.certificate]
    assert certificate.load_any(b"text\n" + pem, "x.pem") == [LEAF, CA.certificate]
    assert certificate.load_any(certificate.encode_der(LEAF), "x.der") == [LEAF]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x: not a certificate in PEM or DER"),
        (b"text", "x: not a certificate in PEM or DER"),
        (certificate.encode_der(LEAF)[:-1], "x: not a certificate in PEM or DER"),
        (certificate.encode_der(LEAF) + b"\n", "x: not a certificate in PEM or DER"),
        (b"-----BEGIN CERTIFICATE-----\n", "x: not certificates in PEM that can be read"),
    ],
)
def test_what_is_no_certificate(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        certificate.load_any(data, "x")
    assert caught.value.message == message


@pytest.mark.parametrize(("serial", "number"), [(0, 0), (0x80, -128), (1, 1)])
def test_a_serial_that_is_not_positive_warns_nobody(serial: int, number: int) -> None:
    der = bytearray(certificate.encode_der(LEAF))
    place = der.index(b"\x02\x01\x05")
    der[place + 2] = serial
    (found,) = certificate.load_any(bytes(der), "x")
    assert certificate.serial_number_of(found) == number


def test_who_signed_it() -> None:
    assert certificate.signed_by(LEAF, CA.certificate)
    assert certificate.signed_by(CA.certificate, CA.certificate)
    assert not certificate.signed_by(CA.certificate, LEAF)  # another name
    assert not certificate.signed_by(LEAF, make_authority(key=key_of(number=9)).certificate)  # another key
    assert not certificate.signed_by(LEAF, make_authority(key=key_of("rsa")).certificate)  # another kind of key


def test_what_names_itself() -> None:
    assert certificate.is_self_issued(CA.certificate)
    assert not certificate.is_self_issued(LEAF)


def test_fingerprint() -> None:
    assert certificate.fingerprint_of(LEAF) == LEAF.fingerprint(hashes.SHA256()).hex()


def test_common_name() -> None:
    assert certificate.common_name_of(LEAF) == "alice"
    odd = mock.Mock()
    odd.subject.get_attributes_for_oid.side_effect = ValueError
    assert certificate.common_name_of(odd) == ""
    odd.subject.get_attributes_for_oid.side_effect = None
    for found, name in (
        ([], ""),
        ([mock.Mock(value=b"bits")], ""),
        ([mock.Mock(value="a"), mock.Mock(value="b")], "a"),
    ):
        odd.subject.get_attributes_for_oid.return_value = found
        assert certificate.common_name_of(odd) == name
