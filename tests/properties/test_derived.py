"""Does each input of every derived-key scheme matter, and is whatever is signed verified, and nothing else?"""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authkit.errors import Rejected
from authkit.keys.derive import derive_key, derive_subkey, derive_tree
from authkit.keys.scope import Chain, parse_scope
from authkit.keys.subkeys import check_value
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.schemes import find
from authkit.schemes.base import SignJob
from authkit.schemes.derived import DERIVED
from authkit.secret import Secret
from samples import AT, ID, subkey

ROWS = sorted(DERIVED)
part = st.text("abcXYZ019._-", min_size=1, max_size=12)
secret = st.binary(min_size=1, max_size=80)
# what a target may hold, and no scheme has another meaning for: JDCloud's '+' and "//" are another test's
path = st.lists(st.text("ab~.-_%", min_size=1, max_size=6), max_size=4).map(
    lambda parts: "/" + "/".join([one.replace("%", "%41") if set(one) - set(".") else "x" for one in parts])
)
query = st.lists(
    st.tuples(st.text("abc", min_size=1, max_size=3), st.text("xyz~-", min_size=1, max_size=3)), max_size=4
)
header = st.text("abc XYZ;,=/", max_size=12)


def chained(chain: Chain, key: bytes, parts: "tuple[str, ...]") -> bytes:
    return derive_key(Secret(key).mac_key(chain.prefix), parts).reveal()


@pytest.mark.parametrize("name", ROWS)
@given(key=secret, parts=st.tuples(part, part, part), other=part, more=secret)
def test_each_input_of_the_derivation_matters(
    name: str, key: bytes, parts: "tuple[str, ...]", other: str, more: bytes
) -> None:
    chain = DERIVED[name].chain
    whole = (chain.format_day(AT.date()), *parts[1 : len(chain.parts)], chain.terminator)
    made = chained(chain, key, whole)
    for place in range(len(whole)):
        changed = (*whole[:place], other, *whole[place + 1 :])
        assert (chained(chain, key, changed) == made) == (other == whole[place])
        if place:
            assert chained(chain, key, (*whole[:place], *whole[place + 1 :])) != made
    # HMAC takes a key of up to 64 bytes and the same with zeros behind it for one (RFC 2104 §2)
    same = (chain.prefix + more).rstrip(b"\0") == (chain.prefix + key).rstrip(b"\0")
    if len(chain.prefix) + max(len(key), len(more)) <= 64:
        assert (chained(chain, more, whole) == made) == same


@pytest.mark.parametrize("name", ROWS)
@given(key=secret, parts=st.tuples(part, part))
def test_one_go_and_four_machines_give_the_same_key(name: str, key: bytes, parts: "tuple[str, ...]") -> None:
    chain = DERIVED[name].chain
    whole = parse_scope(
        "/".join((chain.format_day(AT.date()), *parts[: len(chain.parts) - 1], chain.terminator)), chain
    )
    made = chained(chain, key, whole.values)
    held = subkey(whole.values[0], secret="x", chain=chain)
    held = held.narrowed(held.scope, derive_key(Secret(key).mac_key(chain.prefix), held.scope.values))
    for count in range(2, len(whole.values) + 1):
        held = derive_subkey(held, parse_scope("/".join(whole.values[:count]), chain))
    assert held.key.reveal() == made
    regions = [parts[0]] if len(chain.parts) == 3 else []
    services = [whole.values[-2]]
    assert derive_tree(chain.prefix + key, [whole.values[0]], regions, services, chain) == [(str(whole), made)]


def test_no_two_rows_give_one_key() -> None:
    """But for the rows of a vendor that shares one derivation among its services."""
    made: dict[bytes, set[str]] = {}
    for name in ROWS:
        chain = DERIVED[name].chain
        whole = (chain.format_day(AT.date()), *("a", "b")[: len(chain.parts) - 1], chain.terminator)
        made.setdefault(chained(chain, b"secret", whole), set()).add(name)
    shared = [names for names in made.values() if len(names) > 1]
    assert sorted(map(sorted, shared)) == [["oss4", "sls4"], ["tos4", "volc"]]


@pytest.mark.parametrize("name", ROWS)
@given(label=part, access_key_id=part, scope=part)
def test_each_input_of_the_check_value_matters(name: str, label: str, access_key_id: str, scope: str) -> None:
    chain = DERIVED[name].chain
    key = subkey(chain.format_day(AT.date()), chain=chain).key
    mine = (chain.label, ID, "s")
    base = check_value(key, *mine)
    for place, other in enumerate((label, access_key_id, scope)):
        theirs = (*mine[:place], other, *mine[place + 1 :])
        assert (check_value(key, *theirs) == base) == (theirs == mine)


def options(name: str, kind: str, **given_: Any) -> SimpleNamespace:
    rows = {row[0][2:].replace("-", "_"): row[4] for row in getattr(find(name), f"{kind}_options")}
    return SimpleNamespace(**{"body_unchecked": False, **rows, **given_})


@pytest.mark.parametrize("name", ROWS)
@given(path=path, query=query, value=header, body=st.binary(max_size=20), data=st.data())
def test_what_is_signed_is_verified_and_nothing_else(
    name: str, path: str, query: list[tuple[str, str]], value: str, body: bytes, data: st.DataObject
) -> None:
    row = DERIVED[name]
    chain = row.chain
    place = {"region": "r-1", "service": "svc"}
    scope = "/".join([chain.format_day(AT.date()), *[place[part] for part in chain.parts[1:]], chain.terminator])
    held = subkey(scope, chain=chain)
    target = path + ("?" + "&".join([f"{one}={two}" for one, two in query]) if query else "")
    headers = (("Host", "h.example"), ("Content-Type", "a/b"), (f"{row.prefix}extra", value))
    request = Request("POST", target, headers, hash_bytes(body), len(body))
    signed = find(name).sign(SignJob(request, [held], options(name, "sign"), AT, bytes)).request
    loose = {"allow_unsigned_payload": True} if row.payload == "unsigned" else {}
    verifier = find(name).verifier([held], options(name, "verify", **loose))
    found = verifier.judge(signed, AT)
    assert found.scheme == name
    what = data.draw(st.sampled_from(["method", "target", "header", "signature"]))
    if what == "method":
        other = Request("PUT", signed.target, signed.headers, hash_bytes(body), len(body))
    elif what == "target":
        other = signed.with_target(signed.target + ("&" if query else "?") + "zz=1")
    else:
        names = ["host", "content-type", f"{row.prefix}extra"] if what == "header" else ["authorization"]
        chosen = data.draw(st.sampled_from(names))
        digit = "f" if signed.headers[-1][1][-1] != "f" else "e"
        other = signed.with_headers(
            tuple(
                [
                    (one, (text[:-1] + digit if chosen == "authorization" else f"{text}q"))
                    if one.lower() == chosen
                    else (one, text)
                    for one, text in signed.headers
                ]
            )
        )
    with pytest.raises(Rejected) as caught:
        verifier.judge(other, AT)
    assert caught.value.reason == "signature-mismatch"
