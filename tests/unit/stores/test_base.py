"""What is the name of a key, and what is said when there is none?"""

import pytest

from authkit.secret import Secret
from authkit.stores.base import Entry, not_found


def test_an_entry_says_its_name_and_nothing_secret() -> None:
    entry = Entry("web", {"kind": "access-key"}, Secret(b"marked"))
    assert repr(entry) == "<Entry web>"
    assert (entry.verified, entry.protected, entry.error) == (False, True, None)


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        ([], "authkit list-keys shows what the store holds"),
        (["b"], "the store holds b"),
        (["b", "c", "d", "e", "f"], "the store holds b, c, d, e, f"),
        (["b", "c", "d", "e", "f", "g"], "authkit list-keys shows what the store holds"),
        (["A", "b"], "did you mean A?"),
    ],
)
def test_the_hint_for_an_unknown_name(names: list[str], hint: str) -> None:
    error = not_found("a", names)
    assert (error.message, error.hint, error.exit_code) == ("no key named a", hint, 4)
