"""What does a listing of keys say of a CA?"""

import pytest

from authkit.commands.list_keys import _row
from authkit.stores.base import Entry

CA = {"kind": "ca", "common_name": "Office", "fingerprint": "0123456789abcdef" * 4, "not_after": "2026-11-24T09:00:00Z"}


@pytest.mark.parametrize(
    ("change", "now", "state"),
    [
        ({}, "2026-11-24T09:00:00Z", "until 2026-11-24"),
        ({}, "2026-11-24T09:00:01Z", "expired"),
        ({"not_after": "", "fingerprint": ""}, "2026-11-24T09:00:00Z", "no certificate yet"),
    ],
)
def test_a_ca(change: dict[str, object], now: str, state: str) -> None:
    found = _row(Entry("office", {**CA, **change}), now)
    assert found == ("office", "ca", str({**CA, **change}["fingerprint"])[:16], "Office", state)


def test_a_ca_that_waits_for_its_certificate() -> None:
    entry = Entry("office", {"kind": "ca", "common_name": "Office"})
    assert _row(entry, "2026-11-24T09:00:00Z") == ("office", "ca", "", "Office", "no certificate yet")
