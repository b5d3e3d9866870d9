"""Is what lies under a password of PKCS#12 seen before it is paid for?"""

import hashlib
import hmac

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4, TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.serialization import Encoding

from authkit.certs import der
from authkit.certs.formats import read_any
from authkit.certs.unlocked import decrypt, derive_pkcs12, is_authentic
from authkit.errors import InputError
from rawcert import made, oid, raw, seq, tlv
from samplesx509 import (
    DATA,
    ENCRYPTED,
    certificate_bag,
    encrypted,
    number,
    pbes2,
    pkcs12,
    pkcs12_raw,
    plain_part,
    shrouded,
)

SALT, PASSWORD = b"saltsalt", b"p\xc3\xa4ssword"


def pbe(arc: int, iterations: int = 3) -> bytes:
    return seq(oid(f"1.2.840.113549.1.12.1.{arc}"), seq(tlv(4, SALT), number(iterations)))


def padded(data: bytes, block: int) -> bytes:
    rest = block - len(data) % block
    return data + bytes([rest]) * rest


def bmp(password: bytes) -> bytes:
    return password.decode().encode("utf-16-be") + b"\0\0"


@pytest.mark.parametrize(
    ("password", "salt", "iterations", "purpose", "size", "expected"),
    [
        # from OpenSSL: openssl kdf -keylen N -kdfopt digest:SHA1 -kdfopt hexpass:… -kdfopt hexsalt:… -kdfopt iter:N
        # -kdfopt id:N PKCS12KDF
        ("0073006d006500670000", "0a58cf64530d823f", 1, 1, 24, "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3"),
        ("0073006d006500670000", "0a58cf64530d823f", 1, 2, 8, "79993dfe048d3b76"),
        ("0073006d006500670000", "642b99ab44fb4b1f", 1, 1, 24, "f3a95fec48d7711e985cfe67908c5ab79fa3d7c5caa5d966"),
        (
            "007100750065006500670000",
            "05dec959acff72f7",
            1000,
            1,
            24,
            "ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4",
        ),
        ("007100750065006500670000", "05dec959acff72f7", 1000, 2, 8, "11dedad7758d4860"),
    ],
)
def test_keys_as_published(password: str, salt: str, iterations: int, purpose: int, size: int, expected: str) -> None:
    found = derive_pkcs12(bytes.fromhex(password), bytes.fromhex(salt), iterations, purpose, size)
    assert found.hex() == expected


def test_a_key_longer_than_a_hash_goes_on() -> None:
    assert derive_pkcs12(b"", b"", 1, 1, 20) == hashlib.sha1(b"\1" * 64).digest()
    assert derive_pkcs12(b"", b"", 0, 1, 20) == derive_pkcs12(b"", b"", 1, 1, 20)
    long = derive_pkcs12(bmp(PASSWORD), SALT, 2, 1, 60)
    assert derive_pkcs12(bmp(PASSWORD), SALT, 2, 1, 21) == long[:21]
    assert len({long[:20], long[20:40], long[40:]}) == 3


@pytest.mark.parametrize("arc", [1, 2, 3, 4])
def test_the_ways_of_pkcs12_that_pyca_encrypts(arc: int) -> None:
    data = seq(b"\5\0")
    sizes = {1: 16, 2: 5, 3: 24, 4: 16}
    key, iv = (derive_pkcs12(bmp(PASSWORD), SALT, 3, purpose, size) for purpose, size in ((1, sizes[arc]), (2, 8)))
    if arc < 3:
        cipher = Cipher(ARC4(key), None).encryptor().update(data)
    else:
        triple = TripleDES(key if arc == 3 else key + key[:8])
        cipher = Cipher(triple, modes.CBC(iv)).encryptor().update(padded(data, 8))
    assert decrypt(pbe(arc), cipher, PASSWORD) == data
    assert decrypt(pbe(arc), cipher, b"other") != data
    assert decrypt(pbe(arc), cipher, None) != data


# made by OpenSSL 3: openssl enc -rc2-cbc (5) or -rc2-40-cbc (6), with the keys and IVs of openssl kdf … PKCS12KDF
RC2 = {
    5: "f3bfb01530d1057d9fd8c21402afd7e881c5b05f8b03d60ddcc9c7d6eaa8c858",
    6: "5d43cf921a2fcf322b42b6501e9f9d4c538ed2778ffb3c92f26f263782f24c6b",
}


@pytest.mark.parametrize("arc", RC2)
def test_the_ways_of_pkcs12_that_pyca_does_not_encrypt(arc: int) -> None:
    data = bytes.fromhex(RC2[arc])
    assert decrypt(pbe(arc), data, PASSWORD) == seq(b"\5\0") + b" and more than a block"
    assert decrypt(pbe(arc), data, b"other") == b""


def test_pbes2() -> None:
    assert decrypt(pbes2(1000), encrypted(b"hello", b"x"), b"x") == b"hello"
    assert decrypt(pbes2(1000), encrypted(b"hello", b""), None) == b"hello"
    assert decrypt(pbes2(1000), encrypted(b"hello", b"x"), b"y") == b""
    assert decrypt(pbes2(1000), b"", b"x") == b""
    for size in (15, 16, 17):
        assert decrypt(pbes2(1000), encrypted(b"h" * size, b"x"), b"x") == b"h" * size
    assert decrypt(pbes2(1000), encrypted(b"hello", b"x")[:-1], b"x") == b""


@pytest.mark.parametrize("tail", [b"\0", b"\x11" * 17, b"\x02\x01", b"\x01\x02"])
def test_padding_that_is_none_is_a_wrong_password(tail: bytes) -> None:
    whole = bytes(64 - len(tail)) + tail
    key = hashlib.pbkdf2_hmac("sha256", b"x", b"saltsalt", 1000, 32)
    cipher = Cipher(AES(key), modes.CBC(bytes(16))).encryptor().update(whole)
    assert decrypt(pbes2(1000), cipher, b"x") == (whole[:-1] if tail == b"\x02\x01" else b"")


def scheme(kdf: bytes, cipher: bytes) -> bytes:
    return seq(oid("1.2.840.113549.1.5.13"), seq(kdf, cipher))


def pbkdf2(*more: bytes) -> bytes:
    return seq(oid("1.2.840.113549.1.5.12"), seq(tlv(4, SALT), number(5), *more))


AES256 = seq(oid("2.16.840.1.101.3.4.1.42"), tlv(4, bytes(16)))
TRIPLE = seq(oid("1.2.840.113549.3.7"), tlv(4, bytes(8)))


def test_pbes2_with_the_default_hash_and_3des() -> None:
    key = hashlib.pbkdf2_hmac("sha1", PASSWORD, SALT, 5, 24)
    cipher = Cipher(TripleDES(key), modes.CBC(bytes(8))).encryptor().update(padded(b"hello", 8))
    assert decrypt(scheme(pbkdf2(), TRIPLE), cipher, PASSWORD) == b"hello"


@pytest.mark.parametrize(("arc", "size"), [(2, 16), (22, 24), (42, 32)])
def test_pbes2_with_each_size_of_aes(arc: int, size: int) -> None:
    key = hashlib.pbkdf2_hmac("sha512", PASSWORD, SALT, 5, size)
    cipher = Cipher(AES(key), modes.CBC(bytes(16))).encryptor().update(padded(b"hello", 16))
    aes = seq(oid(f"2.16.840.1.101.3.4.1.{arc}"), tlv(4, bytes(16)))
    assert decrypt(scheme(pbkdf2(seq(oid("1.2.840.113549.2.11"))), aes), cipher, PASSWORD) == b"hello"


# the second needs more memory than OpenSSL gives by itself
@pytest.mark.parametrize(("n", "r", "more"), [(16, 2, b""), (2**15, 8, b""), (16, 2, number(32))])
def test_pbes2_with_scrypt(n: int, r: int, more: bytes) -> None:
    key = hashlib.scrypt(PASSWORD, salt=SALT, n=n, r=r, p=1, dklen=32, maxmem=2**26)
    cipher = Cipher(AES(key), modes.CBC(bytes(16))).encryptor().update(padded(b"hello", 16))
    kdf = seq(oid("1.3.6.1.4.1.11591.4.11"), seq(tlv(4, SALT), number(n), number(r), number(1), more))
    assert decrypt(scheme(kdf, AES256), cipher, PASSWORD) == b"hello"


def test_scrypt_of_a_number_that_is_no_power_of_two() -> None:
    cipher = bytes(16)
    bad = seq(oid("1.3.6.1.4.1.11591.4.11"), seq(tlv(4, SALT), number(15), number(2), number(1)))
    with pytest.raises(der.Broken, match="^is encrypted in a way that cannot be$"):
        decrypt(scheme(bad, AES256), cipher, PASSWORD)


NOT_READ, NOT_KNOWN = "which is not read here", "which is not known here"


@pytest.mark.parametrize(
    ("algorithm", "message"),
    [
        (seq(), "names no algorithm"),
        (seq(oid("1.2.3")), "lacks a parameter"),
        (pbe(3)[:-3] + b"\4\1\3", "has a count that is no number"),
        (scheme(pbkdf2(), seq(oid("1.2.3"), tlv(4))), f"is encrypted with PBES2 PBKDF2 SHA-1 1.2.3, {NOT_READ}"),
        (scheme(pbkdf2(seq(oid("1.2.3"))), AES256), "is encrypted in a way that cannot be"),
        (scheme(seq(oid("1.2.3"), seq(tlv(4), number(1))), AES256), f"derives its key by 1.2.3, {NOT_KNOWN}"),
        (scheme(pbkdf2(), seq(oid("2.16.840.1.101.3.4.1.42"), tlv(4))), "is encrypted in a way that cannot be"),
    ],
)  # fmt: skip
def test_a_way_that_is_not_known_is_refused(algorithm: bytes, message: str) -> None:
    with pytest.raises(der.Broken, match=f"^{message}$"):
        decrypt(algorithm, bytes(16), b"x")


def test_a_password_that_is_not_utf_8_is_read_as_latin_1() -> None:
    key = derive_pkcs12(b"\0\xff\0\0", SALT, 3, 1, 16)
    assert decrypt(pbe(1), Cipher(ARC4(key), None).encryptor().update(b"hello"), b"\xff") == b"hello"


MANY = 10_000_001
REFUSED = f"a.p12: PBES2 PBKDF2 SHA-256 AES-256-CBC asks for {MANY} iterations, where 0 to 10000000 are borne"


def part(cipher: bytes, iterations: int = 1000) -> bytes:
    return seq(oid(ENCRYPTED), tlv(0xA0, seq(number(0), seq(oid(DATA), pbes2(iterations), cipher))))


@pytest.mark.parametrize(
    "inside",
    [
        seq(shrouded(MANY)),
        seq(certificate_bag(raw()), shrouded(MANY)),
        b"\x30\x80" + shrouded(MANY) + b"\0\0",
        seq(seq(oid("1.2.840.113549.1.12.10.1.6"), tlv(0xA0, seq(shrouded(MANY))))),
    ],
)
@pytest.mark.parametrize("password", [b"x", b""])
def test_a_count_inside_what_the_password_opens_is_refused(inside: bytes, password: bytes) -> None:
    cipher = encrypted(inside, password)
    half = len(cipher) // 2
    for data in (tlv(0x80, cipher), tlv(0xA0, tlv(4, cipher[:half]), tlv(4, cipher[half:]))):
        with pytest.raises(InputError) as caught:
            read_any(pkcs12_raw(part(data)), "a.p12", lambda: password)
        assert caught.value.message == REFUSED


def test_what_the_password_opens_is_read() -> None:
    data = pkcs12_raw(part(tlv(0x80, encrypted(seq(certificate_bag(raw())), b"x"))))
    assert read_any(data, "a.p12", lambda: b"x").certificates == [(raw(), "a.p12, number 1")]


def test_what_cannot_be_read_inside_is_not_tried() -> None:
    data = pkcs12_raw(part(tlv(0x80, encrypted(seq(seq()), b"x"))))
    with pytest.raises(InputError, match="^a.p12: PKCS#12 that holds an object identifier that cannot be read$"):
        read_any(data, "a.p12", lambda: b"x")
    other = pkcs12_raw(part(tlv(0x80, encrypted(b"hello", b"x"))))
    with pytest.raises(InputError, match="^a.p12: the password is wrong, or something in the PKCS#12 file"):
        read_any(other, "a.p12", lambda: b"x")


IN_PART = (
    "pkcs12-read-in-part",
    "error",
    "not all of it can be read, or the password is wrong; whether it was altered was not checked",
)


def test_a_certificate_is_shown_even_if_pyca_does_not_read_what_is_beside_it() -> None:
    bags = seq(shrouded(1000), certificate_bag(raw()), certificate_bag(b"\x30\0"))
    for one in (plain_part(bags), part(tlv(0x80, encrypted(bags, b"x")))):
        found = read_any(pkcs12_raw(one), "a.p12", lambda: b"x")
        assert found.certificates == [(raw(), "a.p12, number 1"), (b"\x30\0", "a.p12, number 2")]
        (other,) = found.others
        assert other.findings[-1] == IN_PART
    with pytest.raises(InputError, match="^a.p12: the password is wrong, or something in the PKCS#12 file"):
        read_any(pkcs12_raw(part(tlv(0x80, encrypted(bags, b"x")))), "a.p12", lambda: b"y")


@pytest.mark.parametrize("bag", [seq(), seq(oid("1.2.3")), seq(oid("1.2.3"), tlv(0xA0)), seq(oid("1.2.3"), b"\4\5")])
def test_a_certificate_that_is_none(bag: bytes) -> None:
    bags = seq(shrouded(1000), seq(oid("1.2.840.113549.1.12.10.1.3"), tlv(0xA0, bag)))
    with pytest.raises(InputError) as caught:
        read_any(pkcs12_raw(plain_part(bags)), "a.p12", lambda: b"x")
    assert caught.value.message == (
        "a.p12: PKCS#12 that claims 5 bytes where 0 are left"
        if bag.endswith(b"\4\5")
        else "a.p12: the password is wrong, or something in the PKCS#12 file cannot be read"
    )


def test_what_is_no_certificate_inside_a_bag_is_left_out() -> None:
    # an OCTET STRING is looked into only when a certificate is taken from it
    bag = seq(oid("1.2.840.113549.1.9.22.1"), tlv(0x80, b"\4\5"))
    bags = seq(shrouded(1000), seq(oid("1.2.840.113549.1.12.10.1.3"), tlv(0xA0, bag)))
    with pytest.raises(InputError, match="^a.p12: the password is wrong, or something in the PKCS#12 file"):
        read_any(pkcs12_raw(plain_part(bags)), "a.p12", lambda: b"x")


def test_files_of_pyca_are_opened() -> None:
    for legacy in (False, True):
        assert len(read_any(pkcs12(PASSWORD, legacy=legacy, key=True), "a.p12", lambda: PASSWORD).certificates) == 2


CONTENT = b"what a MAC is over"
SHA1, SHA256 = "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1"


def mac_data(algorithm: bytes, digest: bytes, *more: bytes) -> bytes:
    return seq(seq(algorithm, tlv(4, digest)), tlv(4, SALT), *more)


def pbmac1(digest: bytes, prf: str = "9", hash: str = "9", size: int = 32) -> bytes:
    kdf = pbkdf2(number(size), seq(oid(f"1.2.840.113549.2.{prf}")))
    return mac_data(
        seq(oid("1.2.840.113549.1.5.14"), seq(kdf, seq(oid(f"1.2.840.113549.2.{hash}")))), digest, number(1)
    )


# the hashes that a MAC may be made with, and the bytes of its key
MAC_KEYS = {
    "1.2.840.113549.2.5": ("md5", 16),
    "1.3.14.3.2.26": ("sha1", 20),
    "2.16.840.1.101.3.4.2.4": ("sha224", 28),
    "2.16.840.1.101.3.4.2.1": ("sha256", 32),
    "2.16.840.1.101.3.4.2.2": ("sha384", 48),
    "2.16.840.1.101.3.4.2.3": ("sha512", 64),
}


@pytest.mark.parametrize("algorithm", MAC_KEYS)
def test_a_mac_shows_which_password_is_right(algorithm: str) -> None:
    name, size = MAC_KEYS[algorithm]
    for password, text in ((PASSWORD, bmp(PASSWORD)), (None, b""), (b"", b"\0\0")):
        key = derive_pkcs12(text, SALT, 3, 3, size, name)
        data = mac_data(seq(oid(algorithm), tlv(5)), hmac.digest(key, CONTENT, name), number(3))
        assert [is_authentic(data, CONTENT, one) for one in (None, b"", PASSWORD)] == [
            one == password for one in (None, b"", PASSWORD)
        ]
        assert not is_authentic(data, CONTENT + b"x", password)


def test_a_mac_without_a_count_has_one_iteration() -> None:
    digest = hmac.digest(derive_pkcs12(bmp(PASSWORD), SALT, 1, 3, 20, "sha1"), CONTENT, "sha1")
    assert is_authentic(mac_data(seq(oid(SHA1)), digest), CONTENT, PASSWORD)


def test_pbmac1() -> None:
    for size in (20, 32, 100):
        digest = hmac.digest(hashlib.pbkdf2_hmac("sha256", PASSWORD, SALT, 5, size), CONTENT, "sha512")
        assert is_authentic(pbmac1(digest, hash="11", size=size), CONTENT, PASSWORD)
        assert not is_authentic(pbmac1(digest, hash="11", size=size), CONTENT, b"x")
        assert not is_authentic(pbmac1(digest, hash="11", size=size), CONTENT, None)
    digest = hmac.digest(hashlib.pbkdf2_hmac("sha256", b"", SALT, 5, 32), CONTENT, "sha256")
    assert is_authentic(pbmac1(digest), CONTENT, None)


def test_a_file_under_pbmac1_is_opened_by_pyca_too() -> None:
    content = seq(plain_part(seq(certificate_bag(made().public_bytes(Encoding.DER)))))
    digest = hmac.digest(hashlib.pbkdf2_hmac("sha256", b"x", SALT, 5, 32), content, "sha256")
    data = seq(number(3), seq(oid(DATA), tlv(0xA0, tlv(4, content))), pbmac1(digest))
    found = read_any(data, "a.p12", lambda: b"x")
    assert found.others[0].facts[1] == ("mac", "PBMAC1 PBKDF2 SHA-256, 5 iterations")
    assert found.others[0].findings == []
    assert read_any(data, "a.p12", lambda: b"y").others[0].findings == [IN_PART]


@pytest.mark.parametrize(
    "data",
    [
        mac_data(seq(oid("1.2.3")), bytes(20), number(3)),
        pbmac1(bytes(32), hash="99"),
        pbmac1(bytes(32), prf="99"),
        mac_data(seq(oid("1.2.840.113549.1.5.14"), seq(pbkdf2(number(32)), seq(oid("1.2.3")))), bytes(20), number(3)),
    ],
)
def test_a_mac_that_is_not_known_fits_nothing(data: bytes) -> None:
    for password in (None, b"", PASSWORD):
        assert is_authentic(data, CONTENT, password) is False


def test_a_mac_that_cannot_be_read() -> None:
    with pytest.raises(der.Broken, match="^has a count that is no number$"):
        is_authentic(mac_data(seq(oid(SHA1)), bytes(20), tlv(4)), CONTENT, None)


def test_a_salt_of_one_byte_fills_a_block() -> None:
    assert derive_pkcs12(b"", b"a", 1, 1, 20) == hashlib.sha1(b"\1" * 64 + b"a" * 64).digest()
    assert derive_pkcs12(b"", b"a" * 65, 1, 1, 20) == hashlib.sha1(b"\1" * 64 + b"a" * 128).digest()


def test_keys_of_a_wide_hash_as_published() -> None:
    # from OpenSSL: openssl kdf -keylen 64 -kdfopt digest:SHA512 -kdfopt hexpass:0073006d006500670000
    # -kdfopt hexsalt:73616c7473616c74 -kdfopt iter:3 -kdfopt id:3 PKCS12KDF; and 24 bytes more than one hash
    assert derive_pkcs12(bmp(b"smeg"), SALT, 3, 3, 64, "sha512").hex() == (
        "d4eac0a5fda6da757c1b01e61bcaf58ff76d2fde96afc7d8c8ee6dab117a505403c16add86d10b74"
        "db009ecc532c31457db0ecc31cd0264e864dc674f4e6f711"
    )
    assert derive_pkcs12(bmp(b"smeg"), SALT, 3, 1, 80, "sha384").hex() == (
        "1b7bfa5b00d7a686cb6d3bff87ee02bd2b658e6ca0c189f79f38cae220a9f3d297671639bbb24bad"
        "59d4ee2d94a9a32a59f89332bd92df2ca06465bc6d48f6e298ec38b3e06e4188b00a425e7eeac961"
    )
    assert (
        derive_pkcs12(bmp(b"smeg"), SALT, 3, 3, 32, "sha256").hex()
        == "be1d6b3c33316107b6c37afffb0b6aa7963798b99114b4ea8ddd002a35095e41"
    )
