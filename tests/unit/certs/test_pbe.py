"""Is it known what a password costs before one is tried?"""

import re

import pytest

from authkit.certs import der
from authkit.certs.pbe import MOST_ITERATIONS, MOST_SCRYPT, Encryption, read_encryption, read_mac
from authkit.errors import InputError
from rawcert import oid, seq, tlv


def number(value: int) -> bytes:
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


SALT, SHA256 = tlv(4, b"saltsalt"), "1.2.840.113549.2.9"
PBKDF2, SCRYPT = "1.2.840.113549.1.5.12", "1.3.6.1.4.1.11591.4.11"
AES = "2.16.840.1.101.3.4.1.42"


def pbkdf2(iterations: int, *more: bytes) -> bytes:
    return seq(oid(PBKDF2), seq(SALT, number(iterations), *more))


def pbes2(kdf: bytes, cipher: str = AES) -> bytes:
    return seq(oid("1.2.840.113549.1.5.13"), seq(kdf, seq(oid(cipher), tlv(4, bytes(16)))))


def scrypt(n: int, r: int, p: int) -> bytes:
    return seq(oid(SCRYPT), seq(SALT, number(n), number(r), number(p)))


def pkcs12(arc: int, iterations: int) -> bytes:
    return seq(oid(f"1.2.840.113549.1.12.1.{arc}"), seq(SALT, number(iterations)))


@pytest.mark.parametrize(
    ("data", "name", "iterations", "legacy"),
    [
        (pbes2(pbkdf2(2048, seq(oid(SHA256), tlv(5)))), "PBES2 PBKDF2 SHA-256 AES-256-CBC", 2048, False),
        (pbes2(pbkdf2(600_000, number(32), seq(oid(SHA256)))), "PBES2 PBKDF2 SHA-256 AES-256-CBC", 600_000, False),
        (pbes2(pbkdf2(1)), "PBES2 PBKDF2 SHA-1 AES-256-CBC", 1, False),
        (pbes2(pbkdf2(1, seq(oid("1.2.3")))), "PBES2 PBKDF2 1.2.3 AES-256-CBC", 1, False),
        (pbes2(pbkdf2(1), "1.2.840.113549.3.7"), "PBES2 PBKDF2 SHA-1 3DES", 1, True),
        (pbes2(pbkdf2(1), "1.2.840.113549.3.2"), "PBES2 PBKDF2 SHA-1 RC2", 1, True),
        (pbes2(pbkdf2(1), "1.2.3"), "PBES2 PBKDF2 SHA-1 1.2.3", 1, False),
        (pbes2(scrypt(16384, 8, 2)), "PBES2 scrypt AES-256-CBC", 262144, False),
        (pkcs12(3, 2000), "PKCS#12 SHA-1 3DES", 2000, True),
        (pkcs12(6, 2000), "PKCS#12 SHA-1 RC2-40", 2000, True),
        (seq(oid("1.2.840.113549.1.5.3"), seq(SALT, number(7))), "PBES1 MD5 DES", 7, True),
        (seq(oid("1.2.3"), seq(SALT, number(7))), "1.2.3", 7, False),
        (seq(oid("1.2.3"), seq(SALT, number(7), number(8))), "1.2.3", 7, False),
    ],
)
def test_encryption(data: bytes, name: str, iterations: int, legacy: bool) -> None:
    found = read_encryption(data)
    assert (found.name, found.iterations, found.legacy) == (name, iterations, legacy)
    assert str(found) == f"{name}, {iterations} iterations"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (seq(), "names no algorithm"),
        (seq(tlv(4)), "names no algorithm"),
        (seq(oid("1.2.3")), "lacks a parameter"),
        (seq(oid("1.2.3"), seq(SALT)), "lacks a parameter"),
        (seq(oid("1.2.3"), seq(SALT, SALT)), "has a count that is no number"),
        (seq(oid("1.2.840.113549.1.5.13"), seq(pbkdf2(1))), "lacks a parameter"),
        (pbes2(seq(oid("1.2.3"), seq(SALT, number(1)))), "derives its key by 1.2.3, which is not known here"),
        (pbes2(seq(oid(PBKDF2), seq())), f"derives its key by {PBKDF2}, which is not known here"),
        (pbes2(seq(oid(PBKDF2), seq(SALT))), f"derives its key by {PBKDF2}, which is not known here"),
        (
            pbes2(seq(oid(SCRYPT), seq(SALT, number(1), number(1)))),
            f"derives its key by {SCRYPT}, which is not known here",
        ),
        (pbes2(seq(oid(PBKDF2), seq(SALT, SALT))), "has a count that is no number"),
        (b"\x30\x05\x06", "claims 5 bytes where 1 are left"),
    ],
)  # fmt: skip
def test_encryption_that_cannot_be_read(data: bytes, message: str) -> None:
    with pytest.raises(der.Broken, match=f"^{re.escape(message)}$"):
        read_encryption(data)


def mac(algorithm: bytes, *more: bytes) -> bytes:
    return seq(seq(algorithm, tlv(4, bytes(20))), SALT, *more)


@pytest.mark.parametrize(
    ("data", "name", "iterations", "legacy"),
    [
        (mac(seq(oid("2.16.840.1.101.3.4.2.1"), tlv(5)), number(2048)), "HMAC sha256", 2048, False),
        (mac(seq(oid("1.3.14.3.2.26")), number(5)), "HMAC sha1", 5, True),
        (mac(seq(oid("1.2.840.113549.2.5"))), "HMAC md5", 1, True),
        (mac(seq(oid("1.2.3"))), "HMAC 1.2.3", 1, False),
        (
            mac(
                seq(oid("1.2.840.113549.1.5.14"), seq(pbkdf2(9, number(32), seq(oid(SHA256))), seq(oid(SHA256)))),
                number(1),
            ),
            "PBMAC1 PBKDF2 SHA-256",
            9,
            False,
        ),
    ],
)
def test_mac(data: bytes, name: str, iterations: int, legacy: bool) -> None:
    found = read_mac(data)
    assert (found.name, found.iterations, found.legacy) == (name, iterations, legacy)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (seq(seq()), "has a MAC without salt"),
        (seq(seq(), SALT), "lacks a parameter"),
        (mac(seq(oid("1.2.3")), SALT), "has a count that is no number"),
        (mac(seq(oid("1.2.840.113549.1.5.14"))), "lacks a parameter"),
    ],
)
def test_mac_that_cannot_be_read(data: bytes, message: str) -> None:
    with pytest.raises(der.Broken, match=f"^{message}$"):
        read_mac(data)


@pytest.mark.parametrize("count", [0, 1, 10_000_000])
def test_a_cost_that_is_borne(count: int) -> None:
    assert MOST_ITERATIONS == 10_000_000
    assert MOST_SCRYPT == 2**20
    Encryption("x", count, False).check_cost("a.p12")
    Encryption("x", count, False, 3 * count).check_cost("a.p12")
    Encryption("PBES2 scrypt x", MOST_SCRYPT, False).check_cost("a.p12")


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (10_000_001, "10000001"),
        (2**31 - 1, "2147483647"),
        (2**64 - 1, "18446744073709551615"),
        (2**64, "2 to the 64"),
        (-1, "-1"),
    ],
)
def test_a_cost_that_is_refused(count: int, shown: str) -> None:
    assert str(Encryption("x", count, False)) == f"x, {shown} iterations"
    with pytest.raises(InputError) as caught:
        Encryption("PKCS#12 SHA-1 3DES", count, True).check_cost("a.p12")
    assert (
        caught.value.message == f"a.p12: PKCS#12 SHA-1 3DES asks for {shown} iterations, where 0 to 10000000 are borne"
    )
    assert caught.value.hint == "a file like this is made to keep a machine busy; ask for another"


def test_what_costs_nothing() -> None:
    assert (Encryption("x", 0, False).steps, Encryption("x", 0, False).in_python) == (0, False)


def test_a_count_that_python_does_not_write() -> None:
    assert str(Encryption("x", 1 << 40_000, False)) == "x, 2 to the 40000 iterations"


def test_a_memory_that_is_refused() -> None:
    asked = Encryption("PBES2 scrypt x", MOST_SCRYPT + 1, False)
    with pytest.raises(InputError) as caught:
        asked.check_cost("a.p12")
    assert caught.value.message == f"a.p12: {asked}, where 0 to {MOST_SCRYPT} are borne".replace("x,", "x asks for")
    assert 128 * MOST_SCRYPT == 2**27
    for one in (scrypt(2**17, 8, 1), scrypt(2**16, 16, 1), scrypt(2, 1, 1024), scrypt(1024, 1, 1024)):
        read_encryption(pbes2(one)).check_cost("a.p12")
    for one in (
        scrypt(2**17, 8, 2),
        scrypt(2**18, 8, 1),
        scrypt(2, 1, 1025),
        scrypt(1023, 1025, 1),
        scrypt(1, 1, 2**21),
    ):
        with pytest.raises(InputError, match=r"^a.p12: PBES2 scrypt AES-256-CBC asks for \d+ iterations, where 0 to"):
            read_encryption(pbes2(one)).check_cost("a.p12")


def test_scrypt_costs_what_it_costs_whatever_is_negative() -> None:
    for one in (scrypt(2**40, 8, 0), scrypt(2**40, 0, 1), scrypt(0, 1, 1), scrypt(2**40, -1, -1), scrypt(-1, 1, 1)):
        with pytest.raises(der.Broken, match="^has parameters of scrypt that are not positive$"):
            read_encryption(pbes2(one))
    found = read_encryption(pbes2(scrypt(2, 3, 5)))
    assert (found.iterations, found.steps, found.in_python) == (30, 1024 * 15, False)
    sized = seq(oid(SCRYPT), seq(SALT, number(2), number(3), number(5), number(32)))
    assert read_encryption(pbes2(sized)).iterations == 30


@pytest.mark.parametrize(
    ("data", "steps", "in_python"),
    [
        (pbes2(pbkdf2(7)), 14, False),
        (pbes2(pbkdf2(7, seq(oid("1.2.3")))), 14, False),
        (pbes2(pbkdf2(7, seq(oid("1.2.840.113549.2.8")))), 14, False),
        (pbes2(pbkdf2(7, seq(oid(SHA256)))), 7, False),
        (pbes2(pbkdf2(7, seq(oid("1.2.840.113549.2.10")))), 7, False),
        (pbes2(pbkdf2(7, seq(oid("1.2.840.113549.2.11")))), 7, False),
        (pkcs12(1, 7), 14, True),
        (pkcs12(3, 7), 21, True),
        (pkcs12(4, 7), 14, True),
        (pkcs12(6, 7), 14, True),
    ],
)
def test_how_many_hashes_a_key_takes(data: bytes, steps: int, in_python: bool) -> None:
    found = read_encryption(data)
    assert (found.steps, found.in_python) == (steps, in_python)


def pbmac1(*more: bytes) -> bytes:
    return mac(seq(oid("1.2.840.113549.1.5.14"), seq(pbkdf2(9, *more), seq(oid(SHA256)))), number(1))


def test_how_many_hashes_a_mac_takes() -> None:
    found = read_mac(mac(seq(oid("1.3.14.3.2.26")), number(5)))
    assert (found.steps, found.in_python) == (5, True)
    assert read_mac(mac(seq(oid("1.3.14.3.2.26")), number(0))).steps == 0
    assert read_mac(pbmac1(number(33), seq(oid("1.2.3")))).steps == 9 * 3
    assert read_mac(pbmac1(number(32))).steps == 9 * 2  # of SHA-1, the default
    for size, blocks in ((1, 1), (32, 1), (33, 2), (1024, 32)):
        found = read_mac(pbmac1(number(size), seq(oid(SHA256))))
        assert (found.steps, found.in_python) == (9 * blocks, False)


@pytest.mark.parametrize("more", [(), (seq(oid(SHA256)),), (number(0),), (number(-1),), (number(1025),)])
def test_review_a_mac_key_of_a_gigabyte_is_refused(more: "tuple[bytes, ...]") -> None:
    with pytest.raises(der.Broken, match="^names no length of its key from 1 to 1024$"):
        read_mac(pbmac1(*more))


def test_review_a_salt_of_more_than_a_kibibyte_is_refused() -> None:
    sha256 = seq(oid("2.16.840.1.101.3.4.2.1"))
    for size in (1024, 1025):
        salt = tlv(4, bytes(size))
        for read, data in (
            (read_encryption, seq(oid("1.2.840.113549.1.12.1.6"), seq(salt, number(1)))),
            (read_encryption, pbes2(seq(oid(PBKDF2), seq(salt, number(1))))),
            (read_encryption, pbes2(seq(oid(SCRYPT), seq(salt, number(2), number(1), number(1))))),
            (read_mac, seq(seq(sha256, tlv(4)), salt, number(1))),
        ):
            if size == 1024:
                read(data)
                continue
            with pytest.raises(der.Broken, match="^has a salt of 1025 bytes, where 1024 are borne$"):
                read(data)


SIMPLE = {
    "5.1": "PBES1 MD2 DES",
    "5.3": "PBES1 MD5 DES",
    "5.4": "PBES1 MD2 RC2-64",
    "5.6": "PBES1 MD5 RC2-64",
    "5.10": "PBES1 SHA-1 DES",
    "5.11": "PBES1 SHA-1 RC2-64",
    "12.1.1": "PKCS#12 SHA-1 RC4-128",
    "12.1.2": "PKCS#12 SHA-1 RC4-40",
    "12.1.3": "PKCS#12 SHA-1 3DES",
    "12.1.4": "PKCS#12 SHA-1 2-key 3DES",
    "12.1.5": "PKCS#12 SHA-1 RC2-128",
    "12.1.6": "PKCS#12 SHA-1 RC2-40",
}
CIPHERS = {
    "1.3.14.3.2.7": ("DES", True),
    "1.2.840.113549.3.2": ("RC2", True),
    "1.2.840.113549.3.7": ("3DES", True),
    "2.16.840.1.101.3.4.1.2": ("AES-128-CBC", False),
    "2.16.840.1.101.3.4.1.22": ("AES-192-CBC", False),
    "2.16.840.1.101.3.4.1.42": ("AES-256-CBC", False),
    "2.16.840.1.101.3.4.1.6": ("AES-128-GCM", False),
    "2.16.840.1.101.3.4.1.26": ("AES-192-GCM", False),
    "2.16.840.1.101.3.4.1.46": ("AES-256-GCM", False),
}
HASHES = {7: "SHA-1", 8: "SHA-224", 9: "SHA-256", 10: "SHA-384", 11: "SHA-512"}


@pytest.mark.parametrize("arcs", SIMPLE)
def test_each_way_of_old(arcs: str) -> None:
    found = read_encryption(seq(oid(f"1.2.840.113549.1.{arcs}"), seq(SALT, number(7))))
    assert (found.name, found.iterations, found.legacy) == (SIMPLE[arcs], 7, True)


@pytest.mark.parametrize("cipher", CIPHERS)
def test_each_cipher(cipher: str) -> None:
    name, legacy = CIPHERS[cipher]
    found = read_encryption(pbes2(pbkdf2(7), cipher))
    assert (found.name, found.legacy) == (f"PBES2 PBKDF2 SHA-1 {name}", legacy)


@pytest.mark.parametrize("arc", HASHES)
def test_each_hash(arc: int) -> None:
    kdf = pbkdf2(7, seq(oid(f"1.2.840.113549.2.{arc}")))
    assert read_encryption(pbes2(kdf)).name == f"PBES2 PBKDF2 {HASHES[arc]} AES-256-CBC"
