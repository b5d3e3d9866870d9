"""Does a file of keys open exactly as it was written, and in no other form?"""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authkit import base64, strictjson
from authkit.clock import UTC, format_compact, format_instant, parse_compact, parse_instant, parse_stamp
from authkit.errors import AuthkitError, InputError
from authkit.keys.access import AccessKey, encode_access_key, load_access_key
from authkit.keys.derive import derive_key, derive_tree
from authkit.keys.request import Wanted, derive_wanted, grid_keys, is_grid, read_pairs
from authkit.keys.scope import parse_credential, parse_scope
from authkit.keys.select import Key, describe_days
from authkit.keys.subkeys import Subkey, SubkeyFile, encode_subkeys, load_subkeys
from authkit.secret import MacKey, Secret
from samples import AT, CHAIN, CHAINS, ID, SCOPE, access_key, subkey

PARTS = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789._-", min_size=1, max_size=64)
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
IDS = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='/,="'), min_size=1, max_size=256
)
VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=60)
INSTANTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
SESSIONS = st.none() | st.tuples(VISIBLE, INSTANTS)


@st.composite
def scopes(draw: st.DrawFn) -> str:
    values = [CHAIN.format_day(draw(DAYS)), draw(PARTS), draw(PARTS), CHAIN.terminator]
    return "/".join(values[: draw(st.integers(1, 4))])


@given(scopes())
def test_a_scope_reads_as_it_is_written(text: str) -> None:
    scope = parse_scope(text, CHAIN)
    assert str(scope) == text
    assert scope.day == CHAIN.parse_day(text[:8])
    assert scope.reaches(scope)


@given(IDS, scopes())
def test_a_credential_reads_as_it_is_written(access_key_id: str, text: str) -> None:
    found = parse_credential(f"{access_key_id}/{text}", CHAIN)
    whole = text.count("/") == 3
    assert found == ((access_key_id, tuple(text.split("/"))) if whole else None)


@given(IDS, VISIBLE, SESSIONS, st.sampled_from([None, "derive"]), st.sampled_from([None, CHAIN.label]), st.booleans())
def test_an_access_key_file_reads_as_it_is_written(
    access_key_id: str,
    secret: str,
    session: "tuple[str, datetime] | None",
    use: "str | None",
    scheme: "str | None",
    raw: bool,
) -> None:
    token, ends = (None, None) if session is None else (Secret(session[0].encode()), session[1])
    key = AccessKey(
        access_key_id, Secret(secret.encode()), raw=raw, session_token=token, expires_at=ends, scheme=scheme, use=use
    )
    again = load_access_key(encode_access_key(key), "FILE")
    for name in AccessKey.__slots__:
        assert getattr(again, name) == getattr(key, name), name
    assert encode_access_key(again) == encode_access_key(key)


@given(st.sets(scopes(), min_size=1, max_size=5), IDS, INSTANTS, SESSIONS)
def test_a_subkey_file_reads_as_it_is_written(
    held: set[str], access_key_id: str, issued_at: datetime, session: "tuple[str, datetime] | None"
) -> None:
    token, ends = (None, None) if session is None else (session[0], session[1])
    made = [subkey(scope, access_key_id=access_key_id, token=token, expires_at=ends) for scope in held]
    written = encode_subkeys(SubkeyFile(CHAIN, access_key_id, issued_at, made))
    again = load_subkeys(written, CHAINS, "FILE")
    assert (again.access_key_id, again.issued_at) == (access_key_id, issued_at)
    assert [str(one.scope) for one in again.subkeys] == sorted(held)
    assert {str(one.scope): one.key for one in again.subkeys} == {str(one.scope): one.key for one in made}
    assert all((one.session_token, one.expires_at) == (made[0].session_token, ends) for one in again.subkeys)
    assert encode_subkeys(again) == written


FILE = encode_subkeys(SubkeyFile(CHAIN, ID, AT, [subkey(), subkey("20261124/us-east-1")]))


def test_every_truncation_of_a_subkey_file_fails() -> None:
    for length in range(len(FILE)):
        with pytest.raises(InputError):
            load_subkeys(FILE[:length], CHAINS, "FILE")


def test_every_flip_of_one_bit_of_a_subkey_file_fails() -> None:
    """Only `issued_at`, which no key is bound to, can become another instant unnoticed; no key can."""
    start = FILE.index(b'"2026-11-23T09:00:00Z"')
    unnoticed = 0
    for place in range(len(FILE)):
        for bit in range(8):
            data = bytearray(FILE)
            data[place] ^= 1 << bit
            try:
                found = load_subkeys(bytes(data), CHAINS, "FILE")
            except AuthkitError:
                continue
            assert start < place < start + 21
            assert [(str(one.scope), one.key) for one in found.subkeys] == [
                (SCOPE, subkey().key),
                ("20261124/us-east-1", subkey("20261124/us-east-1").key),
            ]
            unnoticed += 1
    assert unnoticed == 36


@given(
    st.binary(min_size=1, max_size=80), st.lists(PARTS, min_size=1, max_size=3), st.lists(PARTS, min_size=1, max_size=3)
)
def test_a_tree_of_keys_is_the_chain_of_each(secret: bytes, regions: list[str], services: list[str]) -> None:
    for scope, key in derive_tree(b"AWS4" + secret, ["20261123", "20261124"], regions, services, CHAIN):
        assert key == derive_key(MacKey(b"AWS4" + secret), tuple(scope.split("/"))).reveal()


@given(st.sets(st.tuples(PARTS, PARTS), min_size=1, max_size=4))
def test_the_fast_way_is_taken_only_where_it_gives_the_same(found: set[tuple[str, str]]) -> None:
    texts = tuple(f"{region}/{service}" for region, service in found)
    pairs = read_pairs(CHAIN, "signing", texts, {"region": (), "service": ()}, True)
    wanted = Wanted(CHAIN, "signing", [AT.date()], pairs)
    slow = [(str(one.scope), one.key.reveal()) for one in derive_wanted([access_key()], wanted)]
    assert slow == sorted(slow)
    if is_grid(wanted):
        assert grid_keys(access_key().secret.mac_key(CHAIN.prefix).reveal(), wanted, wanted.days) == slow


@given(scopes(), scopes())
def test_a_key_derives_only_what_it_reaches(held: str, asked: str) -> None:
    holder: "list[Key]" = [subkey(held)]
    target = parse_scope(asked, CHAIN)
    values = target.values
    wanted = Wanted(CHAIN, target.level, [target.day], [values[1:3] if len(values) > 1 else ()])
    reaches = asked == held or asked.startswith(held + "/")
    assert parse_scope(held, CHAIN).reaches(target) is reaches
    try:
        (one,) = derive_wanted(holder, wanted)
    except AuthkitError:
        assert not reaches
    else:
        assert reaches
        assert isinstance(one, Subkey)
        assert one.key == subkey(asked).key


# --------------------------------------------------------------------------------------------------------------- texts


@given(INSTANTS, st.integers(-23 * 60, 23 * 60))
def test_an_instant_reads_as_it_is_written(at: datetime, minutes: int) -> None:
    assert (
        parse_compact(format_compact(at)) == parse_stamp(format_instant(at)) == parse_instant(format_instant(at)) == at
    )
    try:
        there = at + timedelta(minutes=minutes)
    except OverflowError:
        return
    sign = "-" if minutes < 0 else "+"
    text = f"{there.isoformat()[:19]}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    assert parse_instant(text) == at


@given(st.binary(max_size=60), st.text("ABCDabcd01+/=-_ \n", max_size=12))
def test_base64_has_one_spelling(data: bytes, text: str) -> None:
    assert base64.decode(base64.encode(data)) == data
    found = base64.decode(text)
    assert found is None or base64.encode(found) == text


VALUES = st.recursive(
    st.booleans() | st.integers(0, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=3,
)


def nesting(value: object) -> int:
    if not isinstance(value, (list, dict)):
        return 0
    return 1 + max((nesting(one) for one in (value.values() if isinstance(value, dict) else value)), default=0)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), VALUES, max_size=4))
def test_strict_json_reads_as_it_is_written(value: dict[str, object]) -> None:
    try:
        again = strictjson.parse(strictjson.encode(value), "TEXT")
    except InputError:
        assert nesting(value) > 4
    else:
        assert nesting(value) <= 4
        assert again == value
        assert strictjson.encode(again) == strictjson.encode(value)


@given(st.sets(st.dates(date(2026, 1, 1), date(2026, 2, 28)), max_size=12))
def test_days_written_as_runs_are_those_days(days: set[date]) -> None:
    found: list[date] = []
    for run in describe_days(list(days)).split(", ") if days else []:
        first, _, last = run.partition(" to ")
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
        found += [start + timedelta(days=place) for place in range((end - start).days + 1)]
    assert found == sorted(days)
