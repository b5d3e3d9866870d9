"""Is every block of a PEM file found, whatever stands around it, and every defect named?"""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from authkit.certs.formats import Found, read_any
from authkit.errors import InputError
from rawcert import common_name, oid, pem, private_der, private_key, raw, seq, spki, tlv
from samplesx509 import crl, csr, encrypted_part, ocsp, pkcs7, pkcs12_raw, shrouded, spkac

FIRST, SECOND = raw(), raw(subject=common_name("second"))


def read(data: bytes) -> Found:
    return read_any(data, "x.pem", lambda: b"never")


def findings(found: Found) -> list[tuple[str, str]]:
    assert all(severity == "error" for other in found.others for _, severity, _ in other.findings)
    return [(id, message) for other in found.others for id, _, message in other.findings]


def only(data: bytes) -> "tuple[list[tuple[bytes, str]], list[tuple[str, str]]]":
    found = read(data)
    return found.certificates, findings(found)


ONE = pem(FIRST)


@pytest.mark.parametrize(
    "data",
    [
        ONE,
        ONE.replace(b"\n", b"\r\n"),
        ONE.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + ONE,
        b"subject=CN=alice\n\n" + ONE + b"\nmore text\n",
        b"-----BEGIN CERTIFICATE-----" + b64encode(FIRST) + b"-----END CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\n" + b64encode(FIRST) + b"\n-----END CERTIFICATE-----",
        ONE.replace(b"\n", b"\n    "),
        ONE.replace(b"\n", b"\\n"),
        b'{"cert": "' + ONE.replace(b"\n", b"\\r\\n") + b'"}',
        ONE.replace(b"\n", b" ").replace(b"----- M", b"-----M"),
        pem(FIRST, "X509 CERTIFICATE"),
        pem(FIRST, "X.509 CERTIFICATE"),
        pem(FIRST, "TRUSTED CERTIFICATE"),
        ONE.replace(b"-----\nM", b"-----\nFrom: a\nX: b\n c\n\nM"),
    ],
)
def test_one_certificate(data: bytes) -> None:
    found = read(data)
    assert found.format == "pem"
    assert found.certificates == [(FIRST, "x.pem")]
    assert found.others == []


def test_a_certificate_of_more_than_256_bytes() -> None:
    large = raw(subject=common_name("x" * 300))
    assert large[8:13] == b"\xa0\3\2\1\2"
    assert only(pem(large)) == ([(large, "x.pem")], [])
    assert only(pem(large, "X509 CERTIFICATE")) == ([(large, "x.pem")], [])


def test_a_bundle() -> None:
    found = read(b"text\n" + ONE + b"more\n\n" + pem(SECOND) + ONE)
    line = ONE.count(b"\n")
    assert found.certificates == [
        (FIRST, "x.pem, line 2"),
        (SECOND, f"x.pem, line {line + 4}"),
        (FIRST, f"x.pem, line {2 * line + 4}"),
    ]


def test_ten_thousand_blocks_without_an_end_take_no_long_time() -> None:
    found = read(b"-----BEGIN CERTIFICATE-----\nAAAA\n" * 10_000)
    assert len(found.others) == 20_000
    assert findings(found)[0] == ("pem-no-end", "the block CERTIFICATE has no END line")


ENDS_AS = "the block begins as CERTIFICATE and ends as "
NO_END = ("pem-no-end", "the block CERTIFICATE has no END line")


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (ONE.partition(b"-----END")[0], [NO_END]),
        (ONE.partition(b"-----END")[0] + b"\n", [NO_END]),
        (ONE.partition(b"-----END")[0].rstrip(), [NO_END]),
        (ONE.replace(b"END CERTIFICATE", b"END -"), [("pem-end-label", ENDS_AS + "?")]),
        (ONE.replace(b"END CERTIFICATE", b"END " + b"x" * 64), [("pem-end-label", ENDS_AS + "x" * 64)]),
        (ONE.replace(b"END CERTIFICATE", b"END " + b"x" * 65), [("pem-end-label", ENDS_AS + "?")]),
        (ONE.replace(b"END CERTIFICATE", b"END X509 CRL"), [("pem-end-label", ENDS_AS + "X509 CRL")]),
        (ONE.replace(b"END CERTIFICATE-----", b"END CERTIFICATE"), [("pem-end-label", ENDS_AS + "?")]),
        (pem(FIRST, "PRIVATE KEY"), [("pem-label", "the block is labelled PRIVATE KEY but holds a certificate")]),
        (pem(FIRST, "X509 CRL"), [("pem-label", "the block is labelled X509 CRL but holds a certificate")]),
        (pem(FIRST, "SOMETHING"), [("pem-label", "the block is labelled SOMETHING but holds a certificate")]),
    ],
)  # fmt: skip
def test_a_certificate_with_a_defect_around_it_is_shown_and_the_defect_named(
    data: bytes, faults: list[tuple[str, str]]
) -> None:
    assert only(data) == ([(FIRST, "x.pem")], faults)


def test_what_follows_the_first_end_is_no_part_of_a_block() -> None:
    assert only(ONE + b"-----END X-----\n") == ([(FIRST, "x.pem")], [])


def test_lines_are_counted_from_the_first() -> None:
    assert [source for _, source in read(b"\n" + ONE + b"\n" + ONE).certificates] == [
        "x.pem, line 2",
        f"x.pem, line {3 + ONE.count(chr(10).encode())}",
    ]


@pytest.mark.parametrize(
    ("data", "size", "faults"),
    [
        (b"-----BEGIN X----------END X-----", 0, []),
        (b"-----BEGIN X-----END X-----", 3, [("pem-no-end", "the block X has no END line")]),
    ],
)
def test_a_block_of_one_line_without_base64(data: bytes, size: int, faults: list[tuple[str, str]]) -> None:
    found = read(data)
    assert found.others[-1].facts == [("label", "X"), ("size", f"{size} bytes")]
    assert findings(found) == faults


def test_a_block_without_a_label() -> None:
    found = read(b"-----BEGIN -----\nMAA=\n-----END -----\n")
    assert findings(found) == [("pem-end-label", "the block begins as  and ends as ?")]
    assert found.others[-1].facts == [("label", ""), ("size", "2 bytes")]


def test_a_first_line_that_breaks_off_hides_no_block_after_it() -> None:
    for label, expected in ((b"", []), (b"X\n", ["pem-no-end"]), (b"X" * 64, ["pem-no-end"])):
        found = read(b"-----BEGIN " + label + ONE)
        assert [data for data, _ in found.certificates] == [FIRST]
        assert [id for id, _ in findings(found)] == expected
        assert found.others[-1].facts == [("label", label.decode()), ("size", "0 bytes")]
    assert only(b"-----BEGIN " + b"X" * 65 + ONE) == ([(FIRST, "x.pem, line 1")], [])


def test_a_block_without_end_before_another() -> None:
    first = ONE.partition(b"-----END")[0]
    assert only(first + pem(SECOND)) == (
        [(FIRST, "x.pem, line 1"), (SECOND, f"x.pem, line {ONE.count(chr(10).encode())}")],
        [NO_END],
    )


DAMAGED = ("pem-damaged", "the block CERTIFICATE is not base64")


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (ONE.replace(b"MI", b"M!", 1), [DAMAGED]),
        (b"-----BEGIN CERTIFICATE-----\nMII=B=\n-----END CERTIFICATE-----\n", [DAMAGED]),
        (b"-----BEGIN CERTIFICATE-----\nM\n", [NO_END, DAMAGED]),
        (b"-----BEGIN CERTIFICATE-----\nMII=B=\n", [NO_END, DAMAGED]),
    ],
)
def test_what_is_not_base64_is_named(data: bytes, faults: list[tuple[str, str]]) -> None:
    assert only(data) == ([], faults)


def test_a_damaged_block_hides_no_other() -> None:
    assert only(ONE.replace(b"MI", b"M!", 1) + pem(SECOND)) == (
        [(SECOND, f"x.pem, line {1 + ONE.count(chr(10).encode())}")],
        [DAMAGED],
    )


def test_a_block_that_claims_to_be_a_certificate_is_described_as_far_as_it_goes() -> None:
    assert only(pem(seq(seq()))) == ([(seq(seq()), "x.pem")], [])
    found = read(pem(b"\x31\x00"))
    assert found.certificates == []
    assert [(other.kind, other.source, other.facts) for other in found.others] == [
        ("PEM block", "x.pem", [("label", "CERTIFICATE"), ("size", "2 bytes")])
    ]


@pytest.mark.parametrize("data", [b"-----BEGIN ", b"-----BEGIN " + b"x" * 65 + b"-----", b"-----BEGIN x\n"])
def test_no_block_is_complete(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read(data)
    assert caught.value.message == "x.pem: looks like PEM, but no block in it is complete"
    assert caught.value.hint == "was the file cut off?"


def test_a_label_of_64_characters() -> None:
    (other,) = read(pem(b"abc", "X" * 64)).others
    assert other.facts == [("label", "X" * 64), ("size", "3 bytes")]


BESIDE = (
    "private-key-beside-certificate",
    "warning",
    "the file also holds a private key, which whoever is given the certificate then has; it is not shown",
)


CLOSED = BestAvailableEncryption(b"secret")


@pytest.mark.parametrize(
    ("form", "encryption"),
    [
        (PrivateFormat.PKCS8, NoEncryption()),
        (PrivateFormat.PKCS8, CLOSED),
        (PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        (PrivateFormat.TraditionalOpenSSL, CLOSED),
        (PrivateFormat.OpenSSH, NoEncryption()),
    ],
)
def test_a_private_key_beside_a_certificate(form: PrivateFormat, encryption: NoEncryption) -> None:
    key = private_key().private_bytes(Encoding.PEM, form, encryption)
    for data in (ONE + key, key + ONE):
        found = read(data)
        (other,) = found.others
        assert other.kind == "private key"
        assert other.findings == [BESIDE]
        assert len(found.certificates) == 1
        secret = f"{private_key().private_numbers().private_value:x}"
        assert secret not in repr(other.facts)
    assert read(key).others[0].findings == []


def test_a_block_of_nothing_but_headers() -> None:
    (other,) = read(b"-----BEGIN X-----\nFrom: a\n b\n-----END X-----\n").others
    assert (other.facts, other.findings) == ([("label", "X"), ("size", "0 bytes")], [])


def test_an_encrypted_key_of_the_old_kind() -> None:
    header = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n"
    (other,) = read(header + b"-----END RSA PRIVATE KEY-----\n").others
    assert (other.kind, other.facts, other.findings) == ("private key", [("encrypted", "yes, AES-128-CBC")], [])
    (other,) = read(header.replace(b"DEK-Info: AES-128-CBC,00\n", b"") + b"-----END RSA PRIVATE KEY-----\n").others
    assert other.facts == [("encrypted", "yes, by its header")]


def test_keys_of_openssh() -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    (one,) = read(plain).others
    assert one.facts[:2] == [("encoding", "OpenSSH"), ("key", "ed25519")]
    names = [b"aes256-ctr", b"bcrypt", bytes(24)]
    public = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + key.public_key().public_bytes_raw()
    closed = b"".join([len(name).to_bytes(4, "big") + name for name in names]) + b"\0\0\0\1\0\0\0\x33" + public
    (two,) = read(pem(b"openssh-key-v1\0" + closed + bytes(64), "OPENSSH PRIVATE KEY")).others
    assert two.facts == [("encoding", "OpenSSH"), ("encrypted", "yes, aes256-ctr"), *one.facts[1:]]
    assert (one.findings, two.findings) == ([], [])
    long = [b"c" * 41, *names[1:]]
    closed = b"".join([len(name).to_bytes(4, "big") + name for name in long]) + b"\0\0\0\1\0\0\0\x33" + public
    (three,) = read(pem(b"openssh-key-v1\0" + closed, "OPENSSH PRIVATE KEY")).others
    assert three.facts[1] == ("encrypted", "yes, " + "c" * 40)
    (broken,) = read(pem(b"openssh-key-v1\0" + bytes(8), "OPENSSH PRIVATE KEY")).others
    assert broken.findings == [("key-unreadable", "error", "the key cannot be read")]


@pytest.mark.parametrize(
    ("data", "label", "kind"),
    [
        (csr(), "CERTIFICATE REQUEST", "certificate request"),
        (csr(), "NEW CERTIFICATE REQUEST", "certificate request"),
        (crl(), "X509 CRL", "revocation list"),
        (pkcs7(), "PKCS7", "PKCS#7"),
        (pkcs7(), "CMS", "PKCS#7"),
        (spkac(), "SPKAC", "SPKAC"),
        (spki(), "PUBLIC KEY", "public key"),
        (private_der(), "PRIVATE KEY", "private key"),
        (private_der(PrivateFormat.TraditionalOpenSSL), "EC PRIVATE KEY", "private key"),
        (b"anything", "EC PARAMETERS", "PEM block"),
        (b"anything", "ANY PRIVATE KEY", "private key"),
    ],
)
def test_other_blocks(data: bytes, label: str, kind: str) -> None:
    found = read(pem(data, label))
    assert [(other.kind, other.source, other.findings) for other in found.others] == [(kind, "x.pem", [])]
    assert found.certificates == []


@pytest.mark.parametrize(
    ("data", "holds"),
    [
        (csr(), "a certificate request"),
        (crl(), "a revocation list"),
        (pkcs7(), "PKCS#7"),
        (ocsp(), "an OCSP response"),
        (spkac(), "an SPKAC"),
        (private_der(), "a key"),
        (spki(), "a key"),
    ],
)
def test_a_wrong_label_is_named(data: bytes, holds: str) -> None:
    assert findings(read(pem(data)))[0] == ("pem-label", f"the block is labelled CERTIFICATE but holds {holds}")


def test_certificates_inside_a_block() -> None:
    assert read(pem(pkcs7(FIRST, SECOND), "PKCS7")).certificates == [
        (FIRST, "x.pem, number 1"),
        (SECOND, "x.pem, number 2"),
    ]


def test_a_block_that_cannot_be_read_hides_no_other() -> None:
    bomb = pkcs12_raw(encrypted_part(shrouded(1), b"x", 1000)).replace(b"\x02\x02\x03\xe8", b"\x02\x04\x7f\xff\xff\xff")
    envelope = seq(oid("1.2.840.113549.1.7.3"), tlv(0xA0, seq()))
    certificates, faults = only(pem(envelope, "PKCS7") + ONE)
    assert [data for data, _ in certificates] == [FIRST]
    message = "x.pem, line 1: PKCS#7 that is encrypted to recipients, so that it shows no certificates"
    assert faults == [("pem-unreadable", message)]
    assert only(pem(bomb, "PKCS12"))[1][0][0] == "pem-unreadable"


TRUST = seq(
    seq(oid("1.3.6.1.5.5.7.3.2"), oid("1.2.3")), tlv(0xA0, oid("1.3.6.1.5.5.7.3.1")), tlv(12, b"al\xff"), tlv(4, b"\1")
)


def test_trust_settings() -> None:
    found = read(pem(FIRST + TRUST, "TRUSTED CERTIFICATE"))
    assert found.certificates == [(FIRST, "x.pem")]
    (other,) = found.others
    assert (other.kind, other.source) == ("trust settings", "x.pem")
    assert other.facts == [
        ("trusted_for", "clientAuth"),
        ("trusted_for", "1.2.3"),
        ("rejected_for", "serverAuth"),
        ("alias", "al\\xff"),
    ]
    assert read(pem(FIRST + TRUST)).certificates == [(FIRST + TRUST, "x.pem")]
    (other,) = read(pem(FIRST + b"\x30\x05", "TRUSTED CERTIFICATE")).others
    assert other.facts == [("fault", "claims 5 bytes where 0 are left")]


def test_an_rsa_key_by_its_label() -> None:
    key = rsa.RSAPublicNumbers(65537, 2**2047 + 1).public_key()
    (other,) = read(key.public_bytes(Encoding.PEM, PublicFormat.PKCS1)).others
    assert (other.kind, other.facts[:2]) == ("public key", [("encoding", "PKCS#1"), ("key", "rsa2048")])


def test_review_a_hundred_thousand_blocks_are_read_and_one_more_is_not() -> None:
    block = b"-----BEGIN X-----\n"
    assert (
        len(read(block * 100_000 + b"-----END X-----\n").others) == 199_999
    )  # what each is, and that all but the last have no end
    with pytest.raises(InputError) as caught:
        read(block * 100_001)
    assert caught.value.message == "x.pem: holds 100001 blocks of PEM, where 100000 are read"
    assert caught.value.hint == "split the file"


@pytest.mark.parametrize(
    ("headers", "cipher"),
    [
        (b"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", "AES-128-CBC"),
        (b"Proc-Type: 4,ENCRYPTED\r\nDEK-Info: AES-128-CBC,00\r\n\r\n", "AES-128-CBC"),
        (b"Proc-Type: 4,ENCRYPTED\n\tand more\nDEK-Info: DES\n", "DES"),
        (b"Proc-Type: 4,ENCRYPTED\n and more\nDEK-Info: DES\n", "DES"),
        (b"DEK-Info:  DES \nProc-Type: 4,ENCRYPTED\n", "DES"),
        (b"DEK-Info: DES\r\nX: y,z\nProc-Type: 4,ENCRYPTED\n", "DES"),
        (b"Proc-Type: 4,ENCRYPTED\n", "by its header"),
        (b"Proc-Type: 4,ENCRYPTED\nDEK-Info: ,00\n", "by its header"),
    ],
)
def test_how_a_block_says_that_it_is_encrypted(headers: bytes, cipher: str) -> None:
    data = b"-----BEGIN RSA PRIVATE KEY-----\n" + headers + b"MAA=\n-----END RSA PRIVATE KEY-----\n"
    (other,) = read(data).others
    assert (other.kind, other.source) == ("private key", "x.pem")
    assert other.facts == [("encrypted", f"yes, {cipher}")]


@pytest.mark.parametrize(
    "headers", [b"A: b\n", b"\nA: b\n", b"A: b\nC: d\n", b"A: b\n\n", b"A: b\r\n\r\n", b"A:\n\tb\n"]
)
def test_headers_before_base64_are_left_out(headers: bytes) -> None:
    data = b"-----BEGIN X-----\n" + headers + b"MAA=\n-----END X-----\n"
    assert read(data).others[0].facts == [("label", "X"), ("size", "2 bytes")]


def test_a_header_stands_before_base64_and_nowhere_else() -> None:
    (other,) = read(b"-----BEGIN X-----\nAAAA\nA: b\nMAA=\n-----END X-----\n").others
    assert (other.kind, other.source, other.facts) == ("PEM block", "x.pem", [("label", "X")])
    assert other.findings == [("pem-damaged", "error", "the block X is not base64")]


def test_where_a_key_of_openssh_stands() -> None:
    block = b"-----BEGIN OPENSSH PRIVATE KEY-----\nMAA=\n-----END OPENSSH PRIVATE KEY-----\n"
    assert [other.source for other in read(block * 2).others] == ["x.pem, line 1", "x.pem, line 4"]
