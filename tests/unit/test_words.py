"""Is the word list the one that everybody else has?"""

import hashlib

import pytest

from authkit.words import COMPARE, ENROL, EVEN, ODD, fingerprint_words, same_words, words_of


def test_the_lists_are_whole() -> None:
    assert (len(EVEN), len(ODD)) == (256, 256)
    assert len({word.lower() for word in EVEN + ODD}) == 512
    assert all(word.isascii() and word.isalpha() for word in EVEN + ODD)


def test_known_bytes_have_their_words() -> None:
    pairs = {
        0x00: ("aardvark", "adroitness"),
        0x01: ("absurd", "adviser"),
        0x14: ("baboon", "belowground"),
        0x09: ("Algol", "applicant"),
        0x0A: ("allow", "Apollo"),
        0x30: ("chairlift", "commando"),
        0xFF: ("Zulu", "Yucatan"),
    }
    assert {byte: (EVEN[byte], ODD[byte]) for byte in pairs} == pairs


def test_the_example_that_everybody_quotes() -> None:
    fingerprint = bytes.fromhex("E58294F2E9A227486E8B061B31CC528FD7FA3F19")
    words = [(ODD if place % 2 else EVEN)[byte] for place, byte in enumerate(fingerprint)]
    assert " ".join(words) == (
        "topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa "
        "afflict bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless"
    )


def test_no_word_was_changed() -> None:
    text = "\n".join(EVEN + ODD).encode()
    assert hashlib.sha256(text).hexdigest() == "e9b7b0052233a74aa56724ed3f79c272036aed68d8f4c0856e833c8043b9ac62"


def test_words_stand_for_bytes_in_their_order() -> None:
    assert words_of(b"") == ""
    assert words_of(bytes.fromhex("e58294f2")) == "topmost Istanbul Pluto vagabond"


def test_a_fingerprint_is_over_kind_and_text() -> None:
    digest = hashlib.sha256(b"authkit-words-v1\nissuer\nssh-ed25519 AAAA").digest()
    assert fingerprint_words("issuer", b"ssh-ed25519 AAAA", ENROL) == words_of(digest[:16])
    assert fingerprint_words("issuer", b"ssh-ed25519 AAAA", COMPARE) == words_of(digest[:8])
    assert fingerprint_words("request", b"ssh-ed25519 AAAA", COMPARE) != words_of(digest[:8])
    assert fingerprint_words("issuer", b"ssh-ed25519 AAAB", COMPARE) != words_of(digest[:8])


@pytest.mark.parametrize(("other", "same"), [("Pluto  VAGABOND\n", True), ("pluto", False), ("vagabond pluto", False)])
def test_two_people_read_the_same_words(other: str, same: bool) -> None:
    assert same_words("Pluto vagabond", other) is same
