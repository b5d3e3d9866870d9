"""Is PKCS#12 opened only after its price is known, and is nothing of its key shown?"""

from base64 import b64encode

import pytest

from authkit.certs.describe import describe
from authkit.certs.formats import Found, read_any
from authkit.certs.formats.pkcs12 import outline
from authkit.errors import InputError
from rawcert import oid, private_key, raw, seq, tlv
from samplesx509 import (
    DATA,
    ENCRYPTED,
    SHROUDED,
    SIGNED,
    certificate_bag,
    encrypted_part,
    number,
    pbes2,
    pkcs12,
    pkcs12_raw,
    plain_part,
    shrouded,
)

MAC = seq(seq(seq(oid("2.16.840.1.101.3.4.2.1"), tlv(5)), tlv(4, bytes(32))), tlv(4, bytes(8)), number(2048))
MODERN = "PBES2 PBKDF2 SHA-256 AES-256-CBC, 1000 iterations"


def read(data: bytes, password: bytes = b"correct horse") -> "tuple[Found, int]":
    """Return what was found, and how often the password was asked for."""
    asked: list[int] = []

    def give() -> bytes:
        asked.append(1)
        return password

    return read_any(data, "a.p12", give), len(asked)


def test_a_modern_file() -> None:
    found, asked = read(pkcs12(b"correct horse", name="na\u00efve".encode(), key=True))
    assert asked == 1
    assert [describe(data).subject for data, _ in found.certificates] == ["CN=alice", "CN=Issuer"]
    assert [source for _, source in found.certificates] == ["a.p12, number 1", "a.p12, number 2"]
    whole, key = found.others
    assert (whole.kind, whole.source, whole.findings) == ("PKCS#12", "a.p12", [])
    assert whole.facts == [
        ("encryption", MODERN),
        ("mac", "HMAC sha256, 2048 iterations"),
        ("legacy", "no"),
        ("friendly_name", "na\u00efve"),
        ("friendly_name", "\u00e9\x1b"),
    ]
    assert (key.kind, key.source, key.facts[0]) == ("private key", "a.p12", ("key", "p256"))
    assert f"{private_key().private_numbers().private_value:x}" not in repr(key.facts)


def test_a_legacy_file() -> None:
    found, _ = read(pkcs12(b"correct horse", legacy=True, key=True))
    whole = found.others[0]
    assert whole.facts[:3] == [
        ("encryption", "PKCS#12 SHA-1 3DES, 1000 iterations"),
        ("mac", "HMAC sha1, 2048 iterations"),
        ("legacy", "yes"),
    ]
    message = "it is protected with PKCS#12 SHA-1 3DES, HMAC sha1, which is weak"
    assert whole.findings == [("legacy-encryption", "warning", message)]


def test_a_file_without_password_asks_for_none() -> None:
    found, asked = read(pkcs12())
    assert asked == 0
    assert [describe(data).subject for data, _ in found.certificates] == ["CN=Issuer"]
    (whole,) = found.others
    assert whole.facts[:3] == [("encryption", "none"), ("mac", "HMAC sha256, 2048 iterations"), ("legacy", "no")]
    assert whole.findings == []


def test_a_file_without_mac() -> None:
    data = pkcs12_raw(plain_part(seq(certificate_bag(raw()))))
    found = read_any(data, "a.p12", must_not_be_asked)
    assert found.certificates == [(raw(), "a.p12, number 1")]
    (whole,) = found.others
    assert whole.facts == [("encryption", "none"), ("mac", "none"), ("legacy", "no")]
    assert whole.findings == [("pkcs12-no-mac", "warning", "nothing shows whether it was altered")]


def test_base64_and_der_read_the_same() -> None:
    data = pkcs12(b"correct horse")
    assert read(b64encode(data))[0].certificates == read(data)[0].certificates


def test_a_wrong_password() -> None:
    asked: list[int] = []

    def wrong() -> bytes:
        asked.append(1)
        return b"wrong"

    with pytest.raises(InputError) as caught:
        read_any(pkcs12(b"correct horse"), "a.p12", wrong)
    assert caught.value.message == "a.p12: the password is wrong, or something in the PKCS#12 file cannot be read"
    assert caught.value.hint == "give the right one with --password-file"
    assert asked == [1]


def must_not_be_asked() -> bytes:
    raise AssertionError("asked for a password")


MANY = 10_000_001
REFUSED = f"a.p12: PBES2 PBKDF2 SHA-256 AES-256-CBC asks for {MANY} iterations, where 0 to 10000000 are borne"


def part_of(kind: str, *inside: bytes) -> bytes:
    return seq(oid(kind), *inside)


NESTED = "1.2.840.113549.1.12.10.1.6"


def nested(bags: bytes, depth: int) -> bytes:
    for _ in range(depth):
        bags = seq(seq(oid(NESTED), tlv(0xA0, bags)))
    return bags


@pytest.mark.parametrize(
    "data",
    [
        pkcs12_raw(part_of(ENCRYPTED, tlv(0xA0, seq(number(0), seq(oid(DATA), pbes2(MANY), tlv(0x80)))))),
        pkcs12_raw(plain_part(seq(shrouded(MANY)))),
        pkcs12_raw(plain_part(seq(shrouded(1), shrouded(MANY)))),
        pkcs12_raw(plain_part(nested(seq(shrouded(MANY)), 7))),
        pkcs12_raw(plain_part(seq()), plain_part(seq(shrouded(MANY)))),
        b"\x30\x80" + pkcs12_raw(plain_part(seq(shrouded(MANY))))[3:] + b"\0\0",
    ],
)
def test_too_many_iterations_are_refused_before_a_password_is_asked_for(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_any(data, "a.p12", must_not_be_asked)
    assert caught.value.message == REFUSED
    assert caught.value.hint == "a file like this is made to keep a machine busy; ask for another"


def test_too_many_iterations_of_the_mac() -> None:
    data = pkcs12_raw(plain_part(seq()), mac=seq(MAC[2:-4], number(2**31 - 1)))
    with pytest.raises(InputError) as caught:
        read_any(data, "a.p12", must_not_be_asked)
    assert caught.value.message == "a.p12: HMAC sha256 asks for 2147483647 iterations, where 0 to 10000000 are borne"


def test_ten_million_iterations_are_borne() -> None:
    other = outline(pkcs12_raw(plain_part(seq(shrouded(10_000_000))), mac=MAC), "a.p12")
    assert other.facts[0] == ("encryption", "PBES2 PBKDF2 SHA-256 AES-256-CBC, 10000000 iterations")


def test_each_way_of_encryption_is_named_once() -> None:
    three = plain_part(seq(shrouded(1), shrouded(2), shrouded(1), seq(oid("1.2.3"), tlv(0xA0))))
    assert [value for name, value in outline(pkcs12_raw(three), "x").facts if name == "encryption"] == [
        "PBES2 PBKDF2 SHA-256 AES-256-CBC, 1 iterations",
        "PBES2 PBKDF2 SHA-256 AES-256-CBC, 2 iterations",
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            pkcs12_raw(kind=SIGNED),
            "PKCS#12 that is signed with a key instead of a password, which is not read here",
        ),
        (pkcs12_raw(part_of("1.2.3", tlv(0xA0))), "PKCS#12 that has a part of a kind that is not known here: 1.2.3"),
        (pkcs12_raw(seq()), "PKCS#12 that holds an object identifier that cannot be read"),
        (pkcs12_raw(part_of(DATA)), "PKCS#12 that ends too early"),
        (pkcs12_raw(part_of(ENCRYPTED)), "PKCS#12 that ends too early"),
        (pkcs12_raw(part_of(ENCRYPTED, tlv(0xA0, seq(number(0), seq())))), "PKCS#12 that names no algorithm"),
        (pkcs12_raw(plain_part(seq(seq()))), "PKCS#12 that holds an object identifier that cannot be read"),
        (pkcs12_raw(plain_part(nested(seq(), 8))), "PKCS#12 that nests its parts too deep"),
        (pkcs12_raw(plain_part(seq()), mac=seq(seq())), "PKCS#12 that has a MAC without salt"),
        (seq(number(3), seq(oid(DATA))), "PKCS#12 that ends too early"),
        (seq(number(3), seq()), "PKCS#12 that holds an object identifier that cannot be read"),
        (pkcs12_raw(plain_part(seq(seq(oid(SHROUDED), tlv(0xA0, seq()))))), "PKCS#12 that names no algorithm"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_not_tried(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_any(data, "a.p12", must_not_be_asked)
    assert caught.value.message == f"a.p12: {message}"


def test_a_part_that_only_the_password_opens() -> None:
    with pytest.raises(InputError, match="^a.p12: the password is wrong, or something in the PKCS#12 file"):
        read(pkcs12_raw(encrypted_part(seq(), b"another")))
