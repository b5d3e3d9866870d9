"""Does a PKCS#12 file hold what it should, and is nothing weak packed into it?"""

import os
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import pkcs12

from authkit.certs import p12
from authkit.errors import InputError, Refused, StoreError, UsageError
from ledgers import key_of, make_authority, make_leaf

CA = make_authority()
LEAF = make_leaf(CA, 5)
PASSWORD = b"abcdefghijklmnopqrst"
# OIDs in DER: PBES2, AES-256-CBC, SHA-256, HMAC-SHA-256; 3DES with SHA-1, SHA-1, RC2-40
PBES2, AES256, SHA256 = (
    bytes.fromhex("2a864886f70d01050d"),
    bytes.fromhex("60864801650304012a"),
    bytes.fromhex("608648016503040201"),
)
TRIPLE_DES, SHA1, RC2 = (
    bytes.fromhex("2a864886f70d010c0103"),
    bytes.fromhex("2b0e03021a"),
    bytes.fromhex("2a864886f70d010c0106"),
)


def test_a_password_has_a_hundred_bits() -> None:
    asked: list[int] = []

    def random(count: int) -> bytes:
        asked.append(count)
        return bytes(range(count))

    assert p12.generate_password(random) == "abcdefghijklmnopqrst"
    assert asked == [20]
    assert p12.generate_password(lambda count: bytes(range(224, 256))[:count]) == "abcdefghijklmnopqrst"
    assert p12.generate_password(lambda count: bytes([31, 63, 26, 25] * 5)) == "772z" * 5
    assert p12.generate_password(os.urandom) != p12.generate_password(os.urandom)


def test_a_chosen_password() -> None:
    assert p12.check_password(b"~" * 19 + b" ", "modern") == b"~" * 19 + b" "


@pytest.mark.parametrize(
    ("password", "encryption", "kind", "message"),
    [
        (b"x" * 19, "modern", Refused, "the password has fewer than 20 characters"),
        (b"", "modern", Refused, "the password has fewer than 20 characters"),
        (
            b"x" * 40,
            "legacy",
            Refused,
            "the legacy encryption is too weak for a password that somebody chose",
        ),
        (b"x" * 20 + b"\x7f", "modern", InputError, "the password holds something other than printable ASCII"),
        (b"x" * 20 + b"\x1f", "modern", InputError, "the password holds something other than printable ASCII"),
        ("é".encode() * 20, "modern", InputError, "the password holds something other than printable ASCII"),
    ],
)
def test_a_password_that_does_not_protect(password: bytes, encryption: str, kind: type[Refused], message: str) -> None:
    with pytest.raises(kind) as caught:
        p12.check_password(password, encryption)
    assert caught.value.message == message
    hints = {
        "the legacy": "leave out --password-file, so that one is generated, or --p12-encryption legacy",
        "the password has": "leave out --password-file, and one is generated",
    }
    assert caught.value.hint == next((hint for begin, hint in hints.items() if message.startswith(begin)), None)


@pytest.mark.parametrize("encryption", p12.ENCRYPTIONS)
@pytest.mark.parametrize("chain", [[], [CA.certificate], [CA.certificate, LEAF]])
def test_what_is_packed_comes_out(encryption: str, chain: list[x509.Certificate]) -> None:
    data = p12.encode_p12(key_of(number=1), LEAF, chain, PASSWORD, encryption, "Zoë — x")
    found = pkcs12.load_pkcs12(data, PASSWORD)
    assert found.key is not None
    assert found.key.public_key() == LEAF.public_key()
    assert found.cert is not None
    assert (found.cert.certificate, found.cert.friendly_name) == (LEAF, "Zoë — x".encode())
    assert [one.certificate for one in found.additional_certs] == chain
    with pytest.raises(ValueError):
        pkcs12.load_pkcs12(data, PASSWORD[:-1])


def test_the_two_encryptions() -> None:
    modern = p12.encode_p12(key_of(number=1), LEAF, [], PASSWORD, "modern", "alice")
    assert [one in modern for one in (PBES2, AES256, SHA256, TRIPLE_DES, SHA1, RC2)] == [True] * 3 + [False] * 3
    legacy = p12.encode_p12(key_of(number=1), LEAF, [], PASSWORD, "legacy", "alice")
    assert [one in legacy for one in (PBES2, AES256, SHA256, TRIPLE_DES, SHA1, RC2)] == [False] * 3 + [
        True,
        True,
        False,
    ]


def test_an_ed25519_key() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    leaf = make_leaf(CA, 6, key)
    assert pkcs12.load_pkcs12(p12.encode_p12(key, leaf, [], PASSWORD, "modern", "a"), PASSWORD).key is not None


def test_the_key_must_be_the_certificates() -> None:
    with pytest.raises(Refused, match=r"^the key is not the one of the certificate 'alice'$"):
        p12.encode_p12(key_of(number=2), LEAF, [], PASSWORD, "modern", "alice")


@pytest.mark.parametrize("name", ["x", "x" * 64, "\uffee", "a b"])
def test_a_friendly_name(name: str) -> None:
    data = p12.encode_p12(key_of(number=1), LEAF, [], PASSWORD, "modern", name)
    found = pkcs12.load_pkcs12(data, PASSWORD).cert
    assert found is not None
    assert found.friendly_name == name.encode()


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb", "a\x1b", "\U00010000", "\U0001f600"])
def test_what_cannot_be_a_friendly_name(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        p12.encode_p12(key_of(number=1), LEAF, [], PASSWORD, "modern", name)
    assert caught.value.message == f"{name[:64]!r} cannot be a friendly name"
    assert caught.value.hint == "use 1 to 64 printable characters"


class Opened:
    """What a file gives back, one part of it altered."""

    def __init__(self, whole: Any, **altered: Any) -> None:
        self.key = altered.get("key", whole.key)
        self.cert = altered.get("cert", whole.cert)
        self.additional_certs = altered.get("additional_certs", whole.additional_certs)


OTHER_LEAF = make_leaf(CA, 99)


@pytest.mark.parametrize(
    "altered",
    [
        {"key": None},
        {"key": key_of(number=2)},
        {"cert": None},
        {"cert": pkcs12.PKCS12Certificate(OTHER_LEAF, b"alice")},
        {"cert": pkcs12.PKCS12Certificate(LEAF, b"bob")},
        {"cert": pkcs12.PKCS12Certificate(LEAF, None)},
        {"additional_certs": []},
        {"additional_certs": [pkcs12.PKCS12Certificate(LEAF, None)]},
    ],
)
def test_a_file_that_gives_back_something_else(altered: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    really = pkcs12.load_pkcs12
    monkeypatch.setattr(pkcs12, "load_pkcs12", lambda data, password: Opened(really(data, password), **altered))
    with pytest.raises(StoreError, match=r"^the PKCS#12 file does not give back what was put in$"):
        p12.encode_p12(key_of(number=1), LEAF, [CA.certificate], PASSWORD, "modern", "alice")
