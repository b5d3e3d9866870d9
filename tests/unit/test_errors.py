"""Does every kind of failure have its own exit code and words?"""

import re

import pytest

from authkit import errors
from authkit.errors import CANNOT_CHECK, INVALID, MALFORMED, REASONS, AuthkitError, Rejected

KINDS = {
    errors.AuthkitError: (70, "bug"),
    errors.UsageError: (2, "usage"),
    errors.InputError: (3, "input"),
    errors.NotFound: (4, "not-found"),
    errors.Refused: (5, "refused"),
    errors.StoreError: (6, "store"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_kind(kind: type[AuthkitError]) -> None:
    error = kind("no key named web-1", "say which")
    assert (error.exit_code, error.slug) == KINDS[kind]
    assert (str(error), error.message, error.hint) == ("no key named web-1", "no key named web-1", "say which")
    assert kind("x").hint is None
    assert isinstance(error, AuthkitError)


@pytest.mark.parametrize("reason", REASONS)
def test_reason(reason: str) -> None:
    verdict, sentence = REASONS[reason]
    bare = Rejected(reason)
    assert verdict in (INVALID, MALFORMED, CANNOT_CHECK)
    assert (bare.reason, bare.verdict, bare.detail, bare.message, bare.hint) == (reason, verdict, "", sentence, None)
    assert (bare.exit_code, bare.slug) == (4 if verdict == "cannot-check" else 1, "rejected")
    assert bare.claim is None
    assert Rejected(reason, "here", "do that").message == f"{sentence}: here"
    assert Rejected(reason, "here", "do that").detail == "here"
    assert Rejected(reason, "here", "do that").hint == "do that"


def test_verdict_words_are_those_of_the_manual() -> None:
    assert (errors.VALID, INVALID, MALFORMED, CANNOT_CHECK) == ("valid", "invalid", "malformed", "cannot-check")


def test_sentences_are_one_line_without_full_stop_and_differ() -> None:
    sentences = [sentence for _, sentence in REASONS.values()]
    assert len(set(sentences)) == len(sentences)
    for reason, (_, sentence) in REASONS.items():
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", reason)
        assert re.fullmatch(r"[a-z][ -~]*[^.]", sentence), reason


def test_an_unknown_reason_is_a_bug() -> None:
    with pytest.raises(KeyError):
        Rejected("no-such-reason")


@pytest.mark.parametrize("reason", errors.AIRGAP_REASONS)
def test_a_reason_of_the_air_gap(reason: str) -> None:
    sentence = errors.AIRGAP_REASONS[reason]
    bare = errors.Untrusted(reason, "resp.age")
    assert (bare.reason, bare.exit_code, bare.slug, bare.hint) == (reason, 5, "refused", None)
    assert bare.message == f"resp.age: {sentence} ({reason})"
    full = errors.Untrusted(reason, "resp.age", "17", "do that")
    assert (full.message, full.hint) == (f"resp.age: {sentence} ({reason}: 17)", "do that")
    assert re.fullmatch("[a-z]+(-[a-z]+)*", reason)
    assert sentence[0].islower() or sentence.startswith("it")
    assert not sentence.endswith(".")
