"""Can a secret leave its wrapper any way but by name?"""

import copy
import hmac
import pickle

import pytest

from authkit.secret import MacKey, Secret, mac_once

MARK = "marked-secret-0123456789"


@pytest.mark.parametrize("kind", [Secret, MacKey])
def test_nothing_shows_it(kind: type[Secret]) -> None:
    held = kind(MARK.encode())
    name = f"<{kind.__name__}>"
    assert [repr(held), str(held), f"{held}", f"{held:>40}", f"{held!r}", "%s" % held] == [name] * 6  # noqa: UP031
    assert held.reveal() == MARK.encode()
    assert len(held) == len(MARK)


@pytest.mark.parametrize("kind", [Secret, MacKey])
def test_it_cannot_be_pickled_or_hashed(kind: type[Secret]) -> None:
    held = kind(MARK.encode())
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="^a secret cannot be pickled$"):
            pickle.dumps(held, protocol)
    with pytest.raises(TypeError, match="^a secret cannot be pickled$"):
        copy.copy(held)
    with pytest.raises(TypeError, match="unhashable"):
        hash(held)
    with pytest.raises(AttributeError):
        held.note = MARK  # type: ignore[attr-defined]


def test_equality_is_of_the_bytes() -> None:
    assert Secret(b"a") == Secret(b"a")
    assert Secret(b"a") == MacKey(b"a")
    assert Secret(b"a") != Secret(b"b")
    assert Secret(b"a") != Secret(b"ab")
    assert Secret(b"a") != b"a"
    assert Secret(b"a") != "a"


def test_mac_key_puts_the_prefix_in_front() -> None:
    key = Secret(b"secret").mac_key(b"AWS4")
    assert type(key) is MacKey
    assert key.reveal() == b"AWS4secret"


@pytest.mark.parametrize(
    ("key", "message", "mac"),
    [
        # RFC 4231, test cases 1, 2 and 6
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ],
)
def test_mac_is_hmac_sha256(key: bytes, message: bytes, mac: str) -> None:
    held = MacKey(key)
    # the first is a plain HMAC, the second begins the states, the third goes on from them
    assert [held.mac(message).hex() for _ in range(3)] == [mac] * 3


@pytest.mark.parametrize("length", [1, 31, 32, 63, 64, 65, 66, 200])
def test_a_key_of_any_length_used_again(length: int) -> None:
    """The block of SHA-256 is 64 octets: a longer key is hashed first, one of 64 is not."""
    key = bytes(range(256))[:length]
    held = MacKey(key)
    for message in (b"", b"a", b"b" * 1000, b"", b"a"):
        assert held.mac(message) == hmac.digest(key, message, "sha256")


def test_states_are_begun_at_the_second_use() -> None:
    held = MacKey(b"k")
    assert (held._used, held._states) == (False, None)
    held.mac(b"m")
    assert (held._used, held._states) == (True, None)
    held.mac(b"m")
    assert held._states is not None
    states = held._states
    held.mac(b"n")
    assert held._states is states


@pytest.mark.parametrize("key", [bytes(32), b"\xff" * 32, bytes(range(32)), b"\x36\x5c" * 16])
def test_mac_once_is_hmac_sha256(key: bytes) -> None:
    for message in (b"", b"message", bytes(200)):
        assert mac_once(key, message) == hmac.digest(key, message, "sha256")


def test_a_mac_agrees_with_its_own_hex_alone() -> None:
    key = MacKey(b"key")
    made = key.mac(b"message").hex()
    assert key.agrees(b"message", made)
    assert not key.agrees(b"messagf", made)
    assert not key.agrees(b"message", made[:-1])
    assert not key.agrees(b"message", made.upper())
    assert not MacKey(b"kez").agrees(b"message", made)
