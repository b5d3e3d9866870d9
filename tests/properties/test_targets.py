"""Do the short ways to a canonical form give what the long way gives?"""

from urllib.parse import quote, unquote_to_bytes

from hypothesis import given
from hypothesis import strategies as st

from authkit.messages import target

PIECES = st.sampled_from(
    ["a", "B", "~", "-", "=", "&", "/", "+", "X", " ", "%20", "%2F", "%2f", "%41", "%7E", "%FF", "\xff"]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def recoded(text: str) -> str:
    return quote(unquote_to_bytes(text.encode("latin-1")), safe="~")


@given(TEXTS)
def test_a_query(query: str) -> None:
    pairs = sorted(
        (recoded(name), recoded(value)) for name, _, value in (pair.partition("=") for pair in query.split("&") if pair)
    )
    assert target.canonical_query(query, plus_is_space=False) == "&".join(f"{name}={value}" for name, value in pairs)


@given(TEXTS)
def test_a_path(text: str) -> None:
    path = "/" + text
    once = "/".join(recoded(segment) for segment in path.split("/"))
    assert target.canonical_path(path, normalize=False, double=False) == once
    twice = quote(path.encode("latin-1"), safe="/~")
    assert target.canonical_path(path, normalize=False, double=True) == twice


@given(st.binary(max_size=40))
def test_encoding(raw: bytes) -> None:
    assert target.encode(raw) == quote(raw, safe="~")
    assert target.decode(target.encode(raw)) == raw
    assert target.recode(target.encode(raw)) == target.encode(raw)
