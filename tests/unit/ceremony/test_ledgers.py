"""Does the ledger say who was asked for what, and where we stand with each issuer?"""

from typing import Any

import pytest

from authkit.ceremony import ledgers
from authkit.errors import StoreError

A, B, C = "SHA256:a", "SHA256:b", "SHA256:c"


def lines(*events: dict[str, Any]) -> list[dict[str, object]]:
    """Return lines whose hash is the number of the line in hexadecimal, 64 digits."""
    return [{"n": n, "at": "2026-11-23T09:00:00Z", "prev": f"{n - 1:064x}", **one} for n, one in enumerate(events, 1)]


def request(number: int, issuer: str = A, name: str = "build") -> dict[str, Any]:
    found = {"event": "created", "kind": "request", "id": f"{number:032x}", "request": f"{number:064x}"}
    return {**found, "issuer": issuer, "name": name}


def imported(sequence: int, key: str = A, ledger: str = "41:x", request: str = "none") -> dict[str, Any]:
    found = {"event": "imported", "issuer": "vault", "key": key, "sequence": sequence, "request": request}
    return {**found, "response": f"r{sequence}", "ledger": ledger, "stored_as": f"s{sequence}"}


def changed(old: str, new: str) -> dict[str, Any]:
    return {"event": "issuer-changed", "name": "vault", "old": old, "new": new}


def test_requests_are_found_by_their_hash() -> None:
    other = [{"event": "created", "kind": "identity", "role": "requester"}, {"event": "trusted", "kind": "request"}]
    found = ledgers.asked(lines(*other, request(1), request(2, B, "")))
    assert list(found) == [f"{1:064x}", f"{2:064x}"]
    one, two = found.values()
    assert (one.id, one.request, one.issuer, one.name) == (f"{1:032x}", f"{1:064x}", A, "build")
    assert (two.id, two.issuer, two.name) == (f"{2:032x}", B, "")


def test_what_was_taken_in() -> None:
    one, two = ledgers.taken(lines(request(1), imported(1, request="q"), imported(2, B, "50:y")))
    assert (one.key, one.sequence, one.request, one.response, one.ledger, one.stored_as) == (
        A,
        1,
        "q",
        "r1",
        "41:x",
        "s1",
    )
    assert (two.key, two.sequence, two.request, two.ledger) == (B, 2, "none", "50:y")


def test_a_signature_that_was_taken_in_is_no_response() -> None:
    one = {"event": "imported", "kind": "signature", "issuer": "vault", "key": A, "id": "x", "response": "r"}
    both = lines(imported(1), one)
    assert [found.sequence for found in ledgers.taken(both)] == [1]
    assert ledgers.standing(both, A).previous == "r1"


def test_before_the_first_response() -> None:
    found = ledgers.standing([], A)
    assert (found.last, found.seen, found.previous) == (None, "0:none", "none")
    found = ledgers.standing(lines(request(1), imported(1, B)), A)
    assert (found.last, found.seen, found.previous) == (None, "0:none", "none")


def test_the_last_response_counts() -> None:
    found = ledgers.standing(lines(imported(1), imported(2, ledger="44:y"), imported(9, B, "99:z"), request(1)), A)
    assert found.last is not None
    assert (found.last.sequence, found.seen, found.previous) == (2, "44:y", "r2")


def test_a_new_key_counts_anew_and_its_ledger_goes_on() -> None:
    found = ledgers.standing(lines(imported(1), imported(2, ledger="44:y"), changed(A, B)), B)
    assert (found.last, found.seen, found.previous) == (None, "44:y", "none")
    found = ledgers.standing(lines(imported(1), changed(A, B), imported(1, B, "50:z")), B)
    assert found.last is not None
    assert (found.last.key, found.seen, found.previous) == (B, "50:z", "r1")


def test_the_keys_that_an_issuer_had() -> None:
    assert ledgers.keys_of([], A) == {A}
    both = lines(changed(A, B), changed("SHA256:x", "SHA256:y"), changed(B, C))
    assert ledgers.keys_of(both, C) == {A, B, C}
    assert ledgers.keys_of(both, B) == {A, B}
    assert ledgers.keys_of(both, A) == {A}


def test_the_head_that_the_ledger_had_at_a_line() -> None:
    three = lines(request(1), request(2), request(3))
    assert [ledgers.head_at(three, "3:end", number) for number in (1, 2, 3)] == [f"{1:064x}", f"{2:064x}", "end"]
    assert ledgers.split_head("41:ab") == (41, "ab")
    assert ledgers.split_head("0:none") == (0, "none")


@pytest.mark.parametrize("name", ["id", "request", "issuer", "name"])
def test_a_request_without_a_member(name: str) -> None:
    found = lines(request(1))
    for value in (None, 7):
        found[0][name] = value
        with pytest.raises(StoreError) as caught:
            ledgers.asked(found)
        assert caught.value.message == f"line 1 of the ledger (created) has no {name}"


@pytest.mark.parametrize("name", ["key", "sequence", "request", "response", "ledger", "stored_as"])
def test_a_response_without_a_member(name: str) -> None:
    found = lines(request(1), imported(1))
    del found[1][name]
    with pytest.raises(StoreError) as caught:
        ledgers.taken(found)
    assert caught.value.message == f"line 2 of the ledger (imported) has no {name}"


@pytest.mark.parametrize("name", ["old", "new"])
def test_a_change_without_a_member(name: str) -> None:
    found = lines(changed(A, B))
    del found[0][name]
    with pytest.raises(StoreError, match=f"^line 1 of the ledger .issuer-changed. has no {name}$"):
        ledgers.standing(found, B)
