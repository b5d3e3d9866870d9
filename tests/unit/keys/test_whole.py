"""Is the key of SigV4a the one that AWS derives, and does everything that goes into it change it?"""

import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key
from hypothesis import given
from hypothesis import strategies as st

from authkit.errors import Refused
from authkit.keys.whole import derive_scalar, encode_scalar
from authkit.secret import MacKey, Secret

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def scalar(secret: str, access_key_id: str) -> str:
    return derive_scalar(Secret(secret.encode()), access_key_id).reveal().hex()


# Source: awslabs/aws-c-auth 495329c, tests/key_derivation_tests.c
def test_known_answer() -> None:
    found = derive_scalar(Secret(b"q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom"), "AKISORANDOMAASORANDOM")
    assert found.reveal().hex() == "7fd3bd010c0d9c292141c2b77bfbde1042c92e6836fff749d1269ec890fca1bd"
    key = load_der_private_key(encode_scalar(found), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"
    numbers = key.public_key().public_numbers()
    assert f"{numbers.x:064x}" == "15d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb"
    assert f"{numbers.y:064x}" == "0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0"
    assert key.private_numbers().private_value == int.from_bytes(found.reveal(), "big")


def test_the_scalar_is_one_more_than_the_first_candidate() -> None:
    message = b"\0\0\0\1AWS4-ECDSA-P256-SHA256\0AKIDEXAMPLE\1\0\0\1\0"
    first = hmac.new(b"AWS4Asecret", message, "sha256").digest()
    assert int(scalar("secret", "AKIDEXAMPLE"), 16) == int.from_bytes(first, "big") + 1


class Fixed(Secret):
    """A secret whose MACs are given, one after the other."""

    def __init__(self, *candidates: int) -> None:
        super().__init__(b"x")
        self.left = list(candidates)
        self.asked: "list[bytes]" = []

    def mac_key(self, prefix: bytes) -> MacKey:
        assert prefix == b"AWS4A"
        return self  # type: ignore[return-value]

    def mac(self, message: bytes) -> bytes:
        self.asked.append(message)
        return self.left.pop(0).to_bytes(32, "big")


@pytest.mark.parametrize("candidate", [0, 1, ORDER - 3, ORDER - 2])
def test_the_largest_and_the_smallest_candidate_that_count(candidate: int) -> None:
    assert derive_scalar(Fixed(candidate), "A").reveal() == (candidate + 1).to_bytes(32, "big")


@pytest.mark.parametrize("candidate", [ORDER - 1, ORDER, 2**256 - 1])
def test_a_candidate_that_is_too_large_is_followed_by_the_next(candidate: int) -> None:
    secret = Fixed(candidate, 6)
    assert derive_scalar(secret, "A").reveal() == (7).to_bytes(32, "big")
    assert [one[-5] for one in secret.asked] == [1, 2]


def test_there_are_254_candidates() -> None:
    secret = Fixed(*[2**256 - 1] * 254)
    with pytest.raises(Refused, match="^the secret of AKID gives no SigV4a key$"):
        derive_scalar(secret, "AKID")
    assert len(set(secret.asked)) == 254
    assert derive_scalar(Fixed(*[2**256 - 1] * 253, 4), "AKID").reveal()[-1] == 5


TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@given(secret=TEXT, access_key_id=TEXT, other=TEXT)
def test_secret_and_id_each_change_the_key(secret: str, access_key_id: str, other: str) -> None:
    if other != access_key_id:
        assert scalar(secret, other) != scalar(secret, access_key_id)
    if other != secret:
        assert scalar(other, access_key_id) != scalar(secret, access_key_id)
    assert 1 <= int(scalar(secret, access_key_id), 16) < ORDER
