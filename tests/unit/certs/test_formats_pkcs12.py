"""Is PKCS#12 opened only after its price is known, and is nothing of its key shown?"""

import hmac
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from authkit.certs.describe import describe
from authkit.certs.formats import Found, read_any
from authkit.certs.formats.pkcs12 import _outline, _read
from authkit.certs.price import MOST_PYTHON_STEPS, MOST_STEPS, Password
from authkit.certs.unlocked import derive_pkcs12
from authkit.errors import InputError
from rawcert import made, oid, pem, private_key, raw, seq, tlv
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
    assert (found.format, asked) == ("pkcs12", 1)
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


def legacy(arc: int, iterations: int) -> bytes:
    return seq(oid(f"1.2.840.113549.1.12.1.{arc}"), seq(tlv(4, b"saltsalt"), number(iterations)))


def sealed(algorithm: bytes, size: int = 32) -> bytes:
    return seq(oid(ENCRYPTED), tlv(0xA0, seq(number(0), seq(oid(DATA), algorithm, tlv(0x80, bytes(size))))))


def mac_of(iterations: int) -> bytes:
    return seq(MAC[2:-4], number(iterations))


def spent(data: bytes) -> "tuple[int, int]":
    """Return the steps in C and in Python that are set aside for *data* before anything is tried."""
    purse, what = Password(must_not_be_asked), "a.p12"
    _read(data, what, purse)
    return MOST_STEPS - purse.steps, MOST_PYTHON_STEPS - purse.python_steps


FILE, EACH = 10_000, 1_000


@pytest.mark.parametrize(
    ("data", "steps", "in_python"),
    [
        (pkcs12_raw(plain_part(seq())), 0, 0),
        (pkcs12_raw(sealed(pbes2(7))), 3 * 2 * (EACH + 7), 0),
        (pkcs12_raw(sealed(pbes2(7)), sealed(pbes2(9))), 3 * 2 * (2 * EACH + 7 + 9), 0),
        (pkcs12_raw(sealed(pbes2(7)), mac=mac_of(5)), 2 * (EACH + 7) + EACH + 5, 2 * (EACH + 5)),
        (pkcs12_raw(sealed(legacy(3, 7))), 3 * (EACH + 21), 3 * (EACH + 21)),
        (pkcs12_raw(sealed(legacy(6, 7), 80)), 3 * (EACH + 14), 3 * (EACH + 14) + 3 * 640),
        (pkcs12_raw(sealed(legacy(6, 7), 80), mac=mac_of(5)), EACH + 14 + EACH + 5, EACH + 14 + 640 + 2 * (EACH + 5)),
        (pkcs12_raw(plain_part(seq(shrouded(7)))), 3 * (EACH + 7), 0),
        (pkcs12_raw(plain_part(seq(shrouded(7), shrouded(9), shrouded(8)))), 3 * (EACH + 9), 0),
        (pkcs12_raw(plain_part(seq(shrouded(7))), mac=mac_of(5)), 2 * EACH + 7 + 5, 2 * (EACH + 5)),
    ],
)
def test_every_derivation_is_counted(data: bytes, steps: int, in_python: int) -> None:
    assert spent(data) == (FILE + EACH + steps, in_python)


MILLION = 1_000_000


@pytest.mark.parametrize(
    "data",
    [
        # openssl pkcs12 -export -iter 1000000; and 2000000, -legacy, -certpbe PBE-SHA1-3DES
        pkcs12_raw(sealed(pbes2(MILLION)), plain_part(seq(shrouded(MILLION))), mac=mac_of(MILLION)),
        pkcs12_raw(sealed(pbes2(2 * MILLION)), plain_part(seq(shrouded(2 * MILLION))), mac=mac_of(2 * MILLION)),
        pkcs12_raw(sealed(legacy(6, MILLION), 1000), plain_part(seq(shrouded(MILLION))), mac=mac_of(MILLION)),
        pkcs12_raw(sealed(legacy(3, MILLION)), plain_part(seq(shrouded(3 * MILLION))), mac=mac_of(MILLION)),
        # certtool, NSS
        pkcs12_raw(sealed(pbes2(600_000)), sealed(pbes2(600_000)), mac=mac_of(600_000)),
        pkcs12_raw(sealed(legacy(6, 600_000), 9000), sealed(legacy(3, 600_000)), mac=mac_of(600_000)),
        # Java, a hundred keys
        pkcs12_raw(plain_part(seq(*[shrouded(50_000)] * 100)), sealed(pbes2(50_000)), mac=mac_of(100_000)),
        # no MAC
        pkcs12_raw(sealed(pbes2(MILLION)), plain_part(seq(shrouded(MILLION)))),
    ],
)
def test_what_programs_write_is_not_too_much(data: bytes) -> None:
    steps, in_python = spent(data)
    assert 0 < steps <= MOST_STEPS == 10_000_000
    assert 0 <= in_python <= MOST_PYTHON_STEPS == 6_000_000


@pytest.mark.parametrize(
    ("data", "way", "most"),
    [
        (pkcs12_raw(*[sealed(pbes2(MILLION))] * 50), "PBES2 PBKDF2 SHA-256 AES-256-CBC, 1000000", 10_000_000),
        (pkcs12_raw(*[sealed(pbes2(1))] * 5000, mac=MAC), "PBES2 PBKDF2 SHA-256 AES-256-CBC, 1", 10_000_000),
        (pkcs12_raw(sealed(pbes2(10 * MILLION))), "PBES2 PBKDF2 SHA-256 AES-256-CBC, 10000000", 10_000_000),
        (pkcs12_raw(sealed(legacy(6, 3 * MILLION)), mac=MAC), "PKCS#12 SHA-1 RC2-40, 3000000", 6_000_000),
        (pkcs12_raw(sealed(legacy(6, 1), 2**18)), "PKCS#12 SHA-1 RC2-40, 1", 6_000_000),
        (pkcs12_raw(*[sealed(legacy(5, 1), 2**17)] * 6, mac=MAC), "PKCS#12 SHA-1 RC2-128, 1", 6_000_000),
        (pkcs12_raw(mac=mac_of(10 * MILLION)), "HMAC sha256, 10000000", 10_000_000),
        (pkcs12_raw(mac=mac_of(3 * MILLION)), "HMAC sha256, 3000000", 6_000_000),
        (pkcs12_raw(plain_part(seq(shrouded(4 * MILLION)))), "PBES2 PBKDF2 SHA-256 AES-256-CBC, 4000000", 10_000_000),
    ],
)
def test_review_the_costs_of_all_parts_are_summed(data: bytes, way: str, most: int) -> None:
    with pytest.raises(InputError) as caught:
        read_any(data, "a.p12", must_not_be_asked)
    assert caught.value.message == (
        f"a.p12: with {way} iterations, opening it takes more than {most} hash steps in all"
    )
    assert caught.value.hint == "a file like this is made to keep a machine busy; ask for another"


def test_review_several_files_in_pem_share_what_may_be_spent() -> None:
    one = pem(pkcs12_raw(*[sealed(pbes2(1))] * 1000), "PKCS12")
    second = 1 + one.count(b"\n")
    found = read_any(one * 2, "x.pem", lambda: b"x")
    assert [other.findings[0][2] for other in found.others] == [
        "x.pem, line 1: the password is wrong, or something in the PKCS#12 file cannot be read",
        f"x.pem, line {second}: with PBES2 PBKDF2 SHA-256 AES-256-CBC, 1 iterations, opening it takes more "
        "than 10000000 hash steps in all",
    ]


def test_review_a_password_is_asked_for_once_for_all_files_in_pem() -> None:
    found, asked = read(pem(pkcs12(b"correct horse"), "PKCS12") * 3)
    assert asked == 1
    assert len(found.certificates) == 3


def test_review_many_small_files_in_pem_share_it_too() -> None:
    found = read_any(pem(pkcs12_raw(plain_part(seq())), "PKCS12") * 1000, "x.pem", lambda: b"x")
    refused = [one.findings[0][2] for one in found.others if "in all" in one.findings[0][2]]
    assert len(refused) == 1000 - 10_000_000 // (FILE + EACH)
    assert refused[-1].endswith("with PKCS#12, 0 iterations, opening it takes more than 10000000 hash steps in all")


def test_review_rc2_of_more_than_256_kib_is_refused() -> None:
    for arc, name in ((6, "RC2-40"), (5, "RC2-128")):
        _read(pkcs12_raw(sealed(legacy(arc, 1), 2**18), mac=MAC), "a.p12", Password(must_not_be_asked))
        with pytest.raises(InputError) as caught:
            read_any(pkcs12_raw(sealed(legacy(arc, 1), 2**18 + 1), mac=MAC), "a.p12", must_not_be_asked)
        assert caught.value.message == (
            f"a.p12: PKCS#12 that is encrypted with PKCS#12 SHA-1 {name} in more than 262144 bytes"
        )
    _read(pkcs12_raw(sealed(legacy(3, 1), 2**19)), "a.p12", Password(must_not_be_asked))


def test_review_the_elements_of_all_parts_are_counted_together() -> None:
    bag = seq(oid("1.2.3"), tlv(0xA0, seq(*[b"\x30\0"] * 150_000)))
    with pytest.raises(InputError, match="^a.p12: PKCS#12 that has more than 200000 elements$"):
        read_any(pkcs12_raw(plain_part(seq(bag)), plain_part(seq(bag))), "a.p12", must_not_be_asked)
    with pytest.raises(InputError, match="^a.p12: PKCS#12 that has more than 200000 elements$"):
        read_any(pkcs12_raw(plain_part(seq(bag)), encrypted_part(seq(bag), b"x")), "a.p12", lambda: b"x")


def test_pyca_opens_the_first_key_alone() -> None:
    # why only the costliest key is counted
    key = private_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    bags = seq(seq(oid(SHROUDED), tlv(0xA0, key)), shrouded(1000))
    assert load_pkcs12(pkcs12_raw(plain_part(bags)), b"x").key is not None


def test_a_mac_that_cannot_be_read_when_it_is_tried() -> None:
    kdf = seq(oid("1.2.840.113549.1.5.12"), seq(tlv(4, b"salt"), number(1), number(32)))
    bad = seq(seq(seq(oid("1.2.840.113549.1.5.14"), seq(kdf, seq())), tlv(4)), tlv(4))
    with pytest.raises(InputError, match="^a.p12: PKCS#12 that names no algorithm$"):
        read_any(pkcs12_raw(plain_part(seq()), mac=bad), "a.p12", must_not_be_asked)


def test_a_mac_made_with_no_password_over_what_pyca_does_not_read() -> None:
    content = seq(plain_part(seq(certificate_bag(b"\x30\0"))))
    digest = hmac.digest(derive_pkcs12(b"", b"salt", 3, 3, 32, "sha256"), content, "sha256")
    mac = seq(seq(seq(oid("2.16.840.1.101.3.4.2.1"), tlv(5)), tlv(4, digest)), tlv(4, b"salt"), number(3))
    found = read_any(seq(number(3), seq(oid(DATA), tlv(0xA0, tlv(4, content))), mac), "a.p12", must_not_be_asked)
    assert found.certificates == [(b"\x30\0", "a.p12, number 1")]
    assert found.others[0].findings[-1][0] == "pkcs12-read-in-part"


@pytest.mark.parametrize("given", [b"", None])
def test_a_mac_made_with_no_password_asks_for_none(given: "bytes | None") -> None:
    content = seq(plain_part(seq(certificate_bag(made(subject="x").public_bytes(Encoding.DER)))))
    key = derive_pkcs12(b"" if given is None else b"\0\0", b"salt", 3, 3, 32, "sha256")
    digest = hmac.digest(key, content, "sha256")
    mac = seq(seq(seq(oid("2.16.840.1.101.3.4.2.1"), tlv(5)), tlv(4, digest)), tlv(4, b"salt"), number(3))
    found = read_any(seq(number(3), seq(oid(DATA), tlv(0xA0, tlv(4, content))), mac), "a.p12", must_not_be_asked)
    assert len(found.certificates) == 1
    assert found.others[0].findings == []


def test_each_way_of_encryption_is_named_once() -> None:
    three = plain_part(seq(shrouded(1), shrouded(2), shrouded(1), seq(oid("1.2.3"), tlv(0xA0))))
    other = _outline(_read(pkcs12_raw(three), "x", Password(must_not_be_asked)), "x")
    assert [value for name, value in other.facts if name == "encryption"] == [
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


def test_what_lies_under_the_password_is_paid_for_too() -> None:
    purse = Password(lambda: b"x")
    read_any(pkcs12_raw(encrypted_part(seq(shrouded(7), shrouded(9), certificate_bag(raw())), b"x")), "a.p12", purse)
    assert MOST_STEPS - purse.steps == FILE + EACH + 3 * 2 * (EACH + 1000) + EACH + 9
    with pytest.raises(InputError) as caught:
        read(pkcs12_raw(encrypted_part(seq(shrouded(10 * MILLION)), b"x")), b"x")
    assert caught.value.message == (
        "a.p12: with PBES2 PBKDF2 SHA-256 AES-256-CBC, 10000000 iterations, opening it takes more than 10000000 hash "
        "steps in all"
    )


def test_reading_a_file_that_asks_for_nothing_is_paid_for() -> None:
    purse = Password(must_not_be_asked)
    purse.steps = FILE + EACH - 1
    with pytest.raises(InputError) as caught:
        read_any(pkcs12_raw(plain_part(seq())), "a.p12", purse)
    assert caught.value.message == (
        "a.p12: with PKCS#12, 0 iterations, opening it takes more than 10000000 hash steps in all"
    )


def test_certificates_of_several_parts() -> None:
    bags = [seq(certificate_bag(b"\x30\0")), seq(certificate_bag(raw()))]
    for parts in ([plain_part(one) for one in bags], [encrypted_part(one, b"x") for one in bags]):
        found, _ = read(pkcs12_raw(*parts), b"x")
        assert found.certificates == [(b"\x30\0", "a.p12, number 1"), (raw(), "a.p12, number 2")]


def test_the_elements_of_a_file_are_counted() -> None:
    purse = Password(must_not_be_asked)
    _read(pkcs12_raw(plain_part(seq()), plain_part(seq())), "a.p12", purse)
    # a list of two parts, each of four elements and of one inside
    assert 200_000 - len(list(purse.elements)) == 1 + 2 * 5


def test_a_name_that_is_no_text_is_left_out() -> None:
    for name, shown in ((b"\0a", [("friendly_name", "a")]), (b"\xd8\0", [])):
        value = tlv(0x31, seq(oid("1.2.840.113549.1.9.20"), tlv(0x31, tlv(30, name))))
        bag = seq(certificate_bag(made().public_bytes(Encoding.DER))[4:], value)
        found, _ = read(pkcs12_raw(plain_part(seq(bag))))
        assert len(found.certificates) == 1
        assert found.others[0].facts[3:] == shown
