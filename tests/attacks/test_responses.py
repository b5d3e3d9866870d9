"""Is a response of which one bit was flipped anywhere, on its way or by who could open it, refused?"""

from pathlib import Path

import pytest

import responses
from agefile import PASSPHRASE
from authkit import seal
from authkit.ceremony import accept, peers
from authkit.ceremony.places import Places
from authkit.commands import _sealed
from authkit.errors import Untrusted
from authkit.schemes.derived import CHAINS
from authkit.stores.folder import FolderStore
from authkit.unlock import passphrase
from responses import ASK, Answer, Place, make_place

WORDS = {"signature-mismatch", "signature-malformed", "not-signed", "unknown-signer", "namespace"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def opened(place: Place) -> FolderStore:
    return FolderStore(
        str(place.path / "store"), lambda info: passphrase.open_identity(info.identity_path, lambda _: PASSPHRASE)
    )


def an_answer(place: Place, days: int = 1) -> Answer:
    return place.issuer.answer(place.ask(ASK.replace("--days 7", f"--days {days}")))


def flipped(data: bytes, place: int, bit: int) -> bytes:
    altered = bytearray(data)
    altered[place] ^= 1 << bit
    return bytes(altered)


@pytest.mark.parametrize("days", [1, 2, 3])  # so that the armor ends in each of its three ways, or near it
def test_every_bit_of_the_sealed_file_counts(days: int, place: Place) -> None:
    sealed = an_answer(place, days).sealed
    store = opened(place)
    opener = _sealed.Opener(store)
    assert opener.open(sealed, "resp")[1] == seal.recipient_of(store.identity())
    reasons: dict[str, int] = {}
    first = sealed.index(b"\n")
    for number in range(len(sealed)):
        for bit in range(8):
            altered = flipped(sealed, number, bit)
            if not seal.is_sealed(altered):
                assert number < first  # then it is no age file any more, and no subkey file either
                continue
            with pytest.raises(Untrusted) as caught:
                opener.open(altered, "resp")
            reasons[caught.value.reason] = reasons.get(caught.value.reason, 0) + 1
    assert reasons.keys() == {"damaged", "not-for-us"}
    assert sum(reasons.values()) == 8 * (len(sealed) - first)


def test_every_bit_of_what_is_sealed_counts(place: Place) -> None:
    """Somebody who can open it flips a bit, and seals it to us again."""
    answer = an_answer(place)
    store = opened(place)
    places, own = Places(str(place.path / "store")), seal.recipient_of(store.identity())
    issuers, opener = peers.issuers(places), _sealed.Opener(store)
    assert accept.read_response(answer.plain, issuers, CHAINS, own, "resp").issued.sequence == 1
    seen: set[str] = set()
    for number in range(len(answer.plain)):
        altered = flipped(answer.plain, number, number % 8)
        plain, recipient = opener.open(seal.encrypt_to(own, altered).encode(), "resp")
        with pytest.raises(Untrusted) as caught:
            accept.read_response(plain, issuers, CHAINS, str(recipient), "resp")
        seen.add(caught.value.reason)
    assert seen <= WORDS
    assert "signature-mismatch" in seen


def test_the_command_line_refuses_a_flipped_bit_and_changes_nothing(place: Place) -> None:
    answer = an_answer(place)
    begin = answer.sealed.index(b"\n") + 1
    for number in range(begin, len(answer.sealed), 211):
        assert place.turned_away(flipped(answer.sealed, number, number % 8)) in ("damaged", "not-for-us")
    recipient = responses.members(place.ask(ASK.replace("build", "b2")))["recipient"]
    for number in range(0, len(answer.plain), 211):
        sealed = seal.encrypt_to(recipient, flipped(answer.plain, number, number % 8)).encode()
        assert place.turned_away(sealed) in WORDS
    assert place.take(answer).code == 0


@pytest.mark.parametrize("number", [0, 7, 33])
def test_what_is_no_age_file_any_more_is_an_input_error(number: int, place: Place) -> None:
    done = place.take(flipped(an_answer(place).sealed, number, 0))
    assert done.triple == ("", "authkit: error: answer.age: not a subkey file\n", 3)


def test_two_responses_in_one_file(place: Place) -> None:
    one, two = an_answer(place), an_answer(place)
    assert place.turned_away(one.sealed + two.sealed) == "damaged"
    recipient = responses.members(place.ask(ASK.replace("build", "b2")))["recipient"]
    both = seal.encrypt_to(recipient, one.plain + two.plain).encode()
    assert place.turned_away(both) == "signature-malformed"
