"""Does every row of the table sign, and refuse whatever was not signed, with the exact reason?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from authkit.clock import UTC
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.keys.select import Key
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.schemes import find
from authkit.schemes.base import SignJob
from authkit.schemes.derived import DERIVED, TC3, Derived
from authkit.schemes.endpoints import match_host
from authkit.schemes.policy import rebuild
from authkit.secret import Secret
from samples import AT, ID, SECRET, access_key, subkey

BODY = b'{"a": 1}'
OTHERS = [name for name in DERIVED if name != "sigv4"]
QUERIED = [name for name in OTHERS if DERIVED[name].query is not None]
USUAL = {"region": "cn-north-1", "service": "svc", "place": "x"}


def _place(row: Derived) -> "tuple[str, str]":
    """Return a host of the vendor, and the region and service that it says, "/" between them."""
    assert row.hosts
    shape, *said = row.hosts[-1].split(" ")
    known = USUAL | dict([word.split("=") for word in said])
    return shape.replace("*", "bkt").format(**known), "/".join([known[part] for part in row.chain.parts[1:]])


HOSTS, PLACES = [{name: _place(DERIVED[name])[which] for name in OTHERS} for which in (0, 1)]


def scope(name: str, day: datetime = AT) -> str:
    chain = DERIVED[name].chain
    return f"{chain.format_day(day.date())}/{PLACES[name]}/{chain.terminator}"


def key(name: str, day: datetime = AT, **kwargs: Any) -> Key:
    return subkey(scope(name, day), chain=DERIVED[name].chain, **kwargs)


def ask(
    name: str,
    method: str = "POST",
    target: str = "/p/a%20b?b=2&a=1",
    headers: "tuple[tuple[str, str], ...]" = (),
    body: "bytes | None" = BODY,
) -> Request:
    own = (("Host", HOSTS[name]), ("Content-Type", "application/json"), (f"{DERIVED[name].prefix}extra", "One  Two"))
    known = (None, None) if body is None else (hash_bytes(body), len(body))
    return Request(method, target, (*own, *headers), *known)


def declares(name: str) -> bool:
    """Say whether the hash of the body is sent as a header by default."""
    row = DERIVED[name]
    return row.declares or (row.declares is None and PLACES[name].split("/")[-1] in row.plain_services)


def options(name: str, kind: str, **given: Any) -> SimpleNamespace:
    rows = getattr(find(name), f"{kind}_options")
    found = {row[0][2:].replace("-", "_"): row[4] for row in rows}
    assert given.keys() <= found.keys() | {"body_unchecked", "region", "service"}
    return SimpleNamespace(**{"body_unchecked": False, **found, **given})


def sign(name: str, request: Request, *keys: Key, at: datetime = AT, **given: Any) -> Request:
    job = SignJob(request, list(keys or (key(name),)), options(name, "sign", **given), at, bytes)
    return find(name).sign(job).request


def judge(name: str, request: Request, *keys: Key, at: datetime = AT, **given: Any) -> Any:
    if DERIVED[name].payload == "unsigned":
        given = {"allow_unsigned_payload": True, **given}
    verifier = find(name).verifier(list(keys or (key(name),)), options(name, "verify", **given))
    return verifier.judge(request, at)


def refuse(name: str, request: Request, *keys: Key, at: datetime = AT, **given: Any) -> str:
    with pytest.raises(Rejected) as caught:
        judge(name, request, *keys, at=at, **given)
    return caught.value.reason


def with_header(request: Request, name: str, change: "Callable[[str], str | None]") -> Request:
    headers = []
    for own, value in request.headers:
        changed = change(value) if own.lower() == name.lower() else value
        if changed is not None:
            headers.append((own, changed))
    assert tuple(headers) != request.headers
    return request.with_headers(tuple(headers))


def by_authorization(request: Request, old: str, new: str) -> Request:
    return with_header(request, "authorization", lambda value: value.replace(old, new, 1))


# ---------------------------------------------------------------------------------------------------------------- valid


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_signed_in_headers_is_valid(name: str) -> None:
    row, request = DERIVED[name], sign(name, ask(name))
    found = judge(name, request)
    assert (found.scheme, found.access_key_id, found.scope) == (name, ID, scope(name))
    assert (found.signed_at, found.replayable_until) == (AT, AT + timedelta(seconds=300))
    covered = {"method", "path", "query", "host", "content-type", row.date, f"{row.prefix}extra"}
    covered |= {row.content_sha256} if declares(name) else set()
    covered |= {row.nonce} if row.nonce else set()
    covered |= set() if row.payload == "unsigned" else {"body"}
    assert set(found.covered) == covered
    assert found.uncovered == (("body",) if row.payload == "unsigned" else ())
    assert found.more == ({"nonce": "00" * 16} if row.nonce else {})
    value = dict(request.headers)["Authorization"]
    assert value.startswith(f"{row.chain.label} Credential={ID}/{scope(name)}{row.separator}")
    assert find(name).label == row.chain.label
    assert rebuild(request, row)["signature"] == value[-64:]


@pytest.mark.parametrize("name", QUERIED)
def test_what_is_signed_in_the_query_is_valid(name: str) -> None:
    request = sign(name, ask(name, "GET", "/p/a%20b?b=2&a=1", body=b""), placement="query", expires=600)
    found = judge(name, request)
    assert (found.signed_at, found.replayable_until) == (AT, AT + timedelta(seconds=600))
    assert {"method", "path", "query", "host", "content-type"} <= set(found.covered)
    assert found.uncovered == ()
    assert refuse(name, request, at=AT + timedelta(seconds=601)) == "expired"
    assert judge(name, request, at=AT + timedelta(seconds=600)).scheme == name


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize(
    "target", ["/", "/a", "/%C3%A9/x~y", "/p?", "/p?a=", "/p?a=b%3Dc%26d", "/p?a=1&a=2", "/p?x=%2F"]
)
def test_other_targets(name: str, target: str) -> None:
    assert judge(name, sign(name, ask(name, target=target))).scheme == name


@pytest.mark.parametrize("name", OTHERS)
def test_an_access_key_signs_for_what_the_host_says(name: str) -> None:
    row = DERIVED[name]
    known = match_host(HOSTS[name], row.hosts or ())
    given = {part: USUAL[part] for part in row.chain.parts[1:] if part not in known}
    request = sign(name, ask(name), access_key(scheme=row.chain.label), **given)
    assert judge(name, request).scope == scope(name)


# -------------------------------------------------------------------------------------------------------------- refused

CHANGES: "dict[str, tuple[Callable[[str, Request], Request], str]]" = {
    "method": (lambda name, one: Request("PUT", one.target, one.headers, *_body(one)), "signature-mismatch"),
    "path": (lambda name, one: one.with_target(one.target.replace("/p/", "/q/")), "signature-mismatch"),
    "path less": (lambda name, one: one.with_target(one.target.replace("/p/", "/")), "signature-mismatch"),
    "a value": (lambda name, one: one.with_target(one.target.replace("a=1", "a=3")), "signature-mismatch"),
    "a name": (lambda name, one: one.with_target(one.target.replace("a=1", "c=1")), "signature-mismatch"),
    "a parameter more": (lambda name, one: one.with_target(f"{one.target}&c=1"), "signature-mismatch"),
    "a parameter less": (lambda name, one: one.with_target(one.target.replace("&a=1", "")), "signature-mismatch"),
    "a header": (
        lambda name, one: with_header(one, f"{DERIVED[name].prefix}extra", lambda _: "x"),
        "signature-mismatch",
    ),
    "the host": (lambda name, one: with_header(one, "host", lambda _: "other.example"), "signature-mismatch"),
    "the type": (lambda name, one: with_header(one, "content-type", lambda _: "text/html"), "signature-mismatch"),
    "the label": (lambda name, one: by_authorization(one, DERIVED[name].chain.label, "AWS4-HMAC-SHA256"), "algorithm"),
    "the ID": (lambda name, one: by_authorization(one, ID, "AKOTHER"), "unknown-access-key"),
    "the service": (
        lambda name, one: by_authorization(one, "/" + PLACES[name], "/" + PLACES[name] + "x"),
        "subkey-out-of-scope",
    ),
    "the terminator": (
        lambda name, one: by_authorization(one, DERIVED[name].chain.terminator, "aws4_request"),
        "scope-format",
    ),
    "the day": (lambda name, one: by_authorization(one, "/2", "/3"), "scope-date-mismatch"),
    "a digit": (lambda name, one: _tampered(one), "signature-mismatch"),
    "a digit less": (lambda name, one: with_header(one, "authorization", lambda value: value[:-1]), "signature-format"),
    "a digit more": (
        lambda name, one: with_header(one, "authorization", lambda value: f"{value}0"),
        "signature-format",
    ),
    "capital digits": (
        lambda name, one: with_header(one, "authorization", lambda value: value[:-64] + value[-64:].upper()),
        "signature-format",
    ),
    "no authorization": (lambda name, one: with_header(one, "authorization", lambda _: None), "no-signature"),
    "two": (lambda name, one: one.with_headers((*one.headers, one.headers[-1])), "multiple-authorization"),
    "a field more": (
        lambda name, one: by_authorization(one, "Credential=", "Note=x,Credential="),
        "authorization-syntax",
    ),
    "a field twice": (
        lambda name, one: by_authorization(one, "Signature=", "Credential=x,Signature="),
        "authorization-syntax",
    ),
    "no signature": (
        lambda name, one: with_header(one, "authorization", lambda value: value[: -65 - len("Signature")]),
        "authorization-syntax",
    ),
    "no date": (lambda name, one: with_header(one, DERIVED[name].date, lambda _: None), "date-missing"),
    "another form of date": (
        lambda name, one: with_header(one, DERIVED[name].date, lambda _: "2026-11-23T09:00:00Z"),
        "date-format",
    ),
    "two dates": (
        lambda name, one: one.with_headers((*one.headers, (DERIVED[name].date_header, "x"))),
        "duplicate-header",
    ),
    "two hosts": (lambda name, one: one.with_headers((*one.headers, ("Host", "x"))), "duplicate-header"),
    "a token": (lambda name, one: one.with_headers((*one.headers, (DERIVED[name].token_header, "x"))), "token"),
    "an own header more": (
        lambda name, one: one.with_headers((*one.headers, (f"{DERIVED[name].prefix}more", "x"))),
        "own",
    ),
    "a stray percent": (lambda name, one: one.with_target(f"{one.target}%"), "stray"),
}
# what a scheme that lists nothing, or not all, must say instead
UNLISTED = {
    "a token": {"sls4": "token-unexpected", "oss4": "token-unexpected", "*": "token-not-signed"},
    "an own header more": {"sls4": "signature-mismatch", "oss4": "signature-mismatch", "*": "unsigned-x-amz-header"},
    "a stray percent": {"tc3": "signature-mismatch", "*": "target-syntax"},
}


def _body(request: Request) -> "tuple[str | None, int | None]":
    return request.payload_hash, request.content_length


def _tampered(request: Request) -> Request:
    def change(value: str) -> str:
        return value[:-1] + ("0" if value[-1] != "0" else "1")

    return with_header(request, "authorization", change)


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_refused(name: str, change: str) -> None:
    alter, reason = CHANGES[change]
    if change in UNLISTED:
        reason = UNLISTED[change].get(name, UNLISTED[change]["*"])
    request = alter(name, sign(name, ask(name)))
    assert refuse(name, request) == reason


@pytest.mark.parametrize("name", OTHERS)
def test_another_body(name: str) -> None:
    row, request = DERIVED[name], sign(name, ask(name))
    other = request.with_body(hash_bytes(b"other"), 5)
    unknown = request.with_body(None, None)
    if row.payload == "unsigned":
        assert refuse(name, request, allow_unsigned_payload=False) == "unsigned-payload"
        assert judge(name, other).uncovered == ("body",)
        empty = sign(name, ask(name, body=b""))
        assert judge(name, empty, allow_unsigned_payload=False).uncovered == ()
    elif declares(name):
        assert refuse(name, other) == "payload-mismatch"
        assert refuse(name, unknown) == "body-unavailable"
        assert judge(name, unknown, body_unchecked=True).uncovered == ("body",)
        gibberish = with_header(request, row.content_sha256, lambda _: "x")
        assert refuse(name, gibberish) == "payload-hash-format"
        word = with_header(request, row.content_sha256, lambda _: "UNSIGNED-PAYLOAD")
        assert refuse(name, word) == ("unsigned-payload" if row.unsigned else "payload-hash-format")
        assert refuse(name, with_header(request, row.content_sha256, lambda _: "")) == "payload-hash-format"
    else:
        assert refuse(name, other) == "signature-mismatch"
        assert refuse(name, unknown) == "body-unavailable"


@pytest.mark.parametrize("name", OTHERS)
def test_no_other_scheme_streams(name: str) -> None:
    word, row, request = "STREAMING-UNSIGNED-PAYLOAD-TRAILER", DERIVED[name], sign(name, ask(name))
    changed = [pair for pair in request.headers if pair[0].lower() != row.content_sha256]
    headers = (*changed, (row.payload_header, word))
    given = {} if not row.unsigned else {"allow_unsigned_payload": True}
    reason = refuse(name, request.with_headers(headers), **given)
    listed = row.listing == "SignedHeaders"
    assert reason == ("payload-hash-format" if declares(name) or not listed else "unsigned-x-amz-header")
    verifier = find(name).verifier([key(name)], options(name, "verify"))
    assert verifier.watch is not None
    assert verifier.watch(request.with_headers(headers), AT) == {}


@pytest.mark.parametrize("name", OTHERS)
def test_clocks(name: str) -> None:
    request = sign(name, ask(name))
    for seconds, reason in ((300, None), (301, "expired"), (-300, None), (-301, "not-yet-valid")):
        at = AT + timedelta(seconds=seconds)
        if reason is None:
            assert judge(name, request, at=at).scheme == name
        else:
            assert refuse(name, request, at=at) == reason


@pytest.mark.parametrize("name", OTHERS)
def test_a_request_of_the_day_before(name: str) -> None:
    yesterday = AT - timedelta(days=1)
    request = sign(name, ask(name), key(name, yesterday), at=yesterday)
    assert refuse(name, request, at=yesterday) == "subkey-out-of-scope"
    row = DERIVED[name]
    moved = with_header(request, row.date, lambda _: row.format_stamp(AT))
    assert refuse(name, moved, key(name, yesterday)) == "scope-date-mismatch"
    with pytest.raises(Refused) as caught:
        sign(name, ask(name), key(name, yesterday))
    assert caught.value.message == "no key for 2026-11-23T09:00:00Z: held are keys of 2026-11-22 (UTC)"


@pytest.mark.parametrize("name", OTHERS)
def test_another_key(name: str) -> None:
    request = sign(name, ask(name))
    assert (
        refuse(name, request, subkey(scope(name), chain=DERIVED[name].chain, secret="x" * 20)) == "signature-mismatch"
    )
    mine = {part: PLACES[name].split("/")[place] for place, part in enumerate(DERIVED[name].chain.parts[1:])}
    for part in mine:
        other = {**mine, part: "elsewhere"}
        assert refuse(name, request, access_key(), **other) == f"scope-{part}"
    assert judge(name, request, access_key(), **mine).scheme == name
    labelled = access_key(scheme="AWS4-HMAC-SHA256")
    assert refuse(name, request, labelled, **mine) == "subkey-out-of-scope"
    assert judge(name, request, labelled, scheme_override=True, **mine).scheme == name
    names = " and ".join([f"--{part}" for part in mine])
    with pytest.raises(UsageError) as caught:
        judge(name, request, access_key())
    assert (caught.value.message, caught.value.hint) == (
        "an access key opens more than one scope",
        f"say which is yours with {names}",
    )


@pytest.mark.parametrize("name", OTHERS)
def test_a_key_of_another_scheme_does_not_sign(name: str) -> None:
    label = DERIVED[name].chain.label
    given = dict(zip(DERIVED[name].chain.parts[1:], PLACES[name].split("/"), strict=True))
    with pytest.raises(Refused) as caught:
        sign(name, ask(name), access_key(scheme="AWS4-HMAC-SHA256"), **given)
    assert caught.value.message == f"{ID} is for AWS4-HMAC-SHA256 and the request for {label}"
    assert caught.value.hint == "--scheme-override insists, for once"
    request = sign(name, ask(name), access_key(scheme="AWS4-HMAC-SHA256"), scheme_override=True, **given)
    assert judge(name, request).scheme == name
    with pytest.raises(Refused) as caught:
        sign(name, ask(name), subkey())
    assert caught.value.message == f"the key is for AWS4-HMAC-SHA256 and the request for {label}"
    assert caught.value.hint is None


@pytest.mark.parametrize(("one", "other"), [("oss4", "sls4"), ("volc", "tos4")])
def test_one_vendor_is_one_family(one: str, other: str) -> None:
    for mine, theirs in ((one, other), (other, one)):
        request = sign(mine, ask(mine), access_key(scheme=DERIVED[theirs].chain.label))
        assert judge(mine, request).scheme == mine


@pytest.mark.parametrize("name", OTHERS)
def test_session_tokens(name: str) -> None:
    row, held = DERIVED[name], key(name, token="tok/en")
    request = sign(name, ask(name), held)
    assert request.values(row.security_token) == ["tok/en"]
    assert row.security_token in judge(name, request, held).covered
    assert refuse(name, request) == "token-unexpected"
    assert refuse(name, request, key(name, token="other")) == "token-mismatch"
    assert refuse(name, sign(name, ask(name)), held) == "token-missing"
    late = sign(name, ask(name), held, omit_session_token=True)
    # a scheme that signs its own headers without a list signs the token too
    expected = "signature-mismatch" if row.implicit else "token-not-signed"
    assert refuse(name, late, held) == expected


@pytest.mark.parametrize("name", QUERIED)
def test_the_query_is_refused(name: str) -> None:
    row = DERIVED[name]
    names = row.query
    assert names is not None
    url = sign(name, ask(name, "GET", body=b""), placement="query").target
    get = ask(name, "GET", body=b"")

    def reason(target: str, **given: Any) -> str:
        return refuse(name, get.with_target(target), **given)

    for required in (names.algorithm, names.credential, names.date, names.expires, names.signature):
        pair = next(one for one in url.partition("?")[2].split("&") if one.startswith(f"{required}="))
        # without the algorithm and the signature it is no signed query at all
        expected = "missing-parameter"
        assert reason(url.replace(f"&{pair}", "")) == expected
        assert reason(f"{url}&{pair}") == "duplicate-parameter"
        assert reason(f"{url}&{pair.swapcase()}") == "duplicate-parameter"
    listing = f"&{names.listing}="
    assert listing in url
    head, _, tail = url.partition(listing)
    without = head + tail[tail.index("&") :]
    assert reason(without) == ("host-not-signed" if row.implicit else "missing-parameter")
    assert (
        reason(url.replace(f"{names.algorithm}={row.chain.label}", f"{names.algorithm}=AWS4-HMAC-SHA256"))
        == "algorithm"
    )
    assert reason(url.replace("=900", "=604801")) == "expires-range"
    assert reason(url.replace("=900", "=0")) == "expires-range"
    assert reason(url.replace("=900", "=x")) == "expires-format"
    assert reason(url, max_expires=899) == "expires-range"
    assert reason(url.replace("=900", "=901")) == "signature-mismatch"
    assert reason(url.replace("?", "?zz=1&")) == "signature-mismatch"
    both = sign(name, ask(name)).with_target(url)
    assert refuse(name, both) == "multiple-auth-locations"
    with_body = get.with_target(url).with_body(hash_bytes(b"x"), 1)
    assert refuse(name, with_body, allow_unsigned_payload=False) in ("unsigned-payload", "signature-mismatch")


@pytest.mark.parametrize("name", [name for name in OTHERS if DERIVED[name].query is None])
def test_a_scheme_without_a_query_form(name: str) -> None:
    row = DERIVED[name]
    rows = [one[0] for one in (*find(name).sign_options, *find(name).verify_options)]
    assert not {"--placement", "--expires", "--max-expires"} & set(rows)
    with pytest.raises(UsageError) as caught:
        find(name).sign(
            SignJob(
                ask(name), [key(name)], SimpleNamespace(**vars(options(name, "sign")), placement="query"), AT, bytes
            )
        )
    assert caught.value.message == f"{name} has no signature in the query"
    assert refuse(name, ask(name, target=f"/?{row.header_prefix}Algorithm={row.chain.label}")) == "no-signature"


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_signed_already_or_does_not_fit(name: str) -> None:
    row = DERIVED[name]
    for header in ("Authorization", row.token_header):
        with pytest.raises(Refused) as caught:
            sign(name, ask(name, headers=((header, "x"),)))
        assert caught.value.message == f"the request already has the header {header.lower()}"
    with pytest.raises(UsageError) as usage:
        sign(name, ask(name, headers=((row.date_header, "x"),)))
    assert usage.value.message == f"the request has {row.date_header} x and is signed at {row.format_stamp(AT)}"
    kept = sign(name, ask(name, headers=((row.date_header, row.format_stamp(AT)),)))
    assert judge(name, kept).signed_at == AT
    if row.query is not None:
        with pytest.raises(Refused) as caught:
            sign(name, ask(name, target=f"/?{row.query.credential}=x"))
        assert caught.value.message == f"the query already has {row.query.credential}"
        with pytest.raises(UsageError) as usage:
            sign(name, ask(name, body=b""), placement="query", expires=row.longest + 1)
        assert usage.value.message == f"--expires {row.longest + 1} is not 1 to {row.longest} seconds"
    with pytest.raises(InputError) as wrong:
        sign(name, ask(name).with_headers((("Content-Type", "x"),)))
    assert wrong.value.message == "the request has no Host header"
    if row.payload == "hash":
        with pytest.raises(InputError) as wrong:
            sign(name, ask(name, body=None))
        assert wrong.value.message == "the body is not known, so its hash cannot be signed"
    if not row.unsigned:
        given = SimpleNamespace(**vars(options(name, "sign")), payload="unsigned")
        with pytest.raises(UsageError) as usage:
            find(name).sign(SignJob(ask(name), [key(name)], given, AT, bytes))
        assert usage.value.message == f"--payload unsigned: {name} has no word for a body that is not signed"


@pytest.mark.parametrize("name", OTHERS)
def test_streaming_is_not_for_it(name: str) -> None:
    given = SimpleNamespace(**{**vars(options(name, "sign")), "payload": "streaming"})
    with pytest.raises(UsageError) as caught:
        find(name).sign(SignJob(ask(name), [key(name)], given, AT, bytes))
    assert caught.value.message == f"--payload streaming: {name} does not sign a body piece by piece"
    rows = [row[0] for row in find(name).sign_options]
    assert not {"--chunk-size", "--trailer"} & set(rows)
    assert find(name).watch is None


def test_host_may_stay_unsigned_where_the_vendor_leaves_it() -> None:
    request = sign("oss4", ask("oss4"), no_sign_header=("host",))
    assert "AdditionalHeaders" not in dict(request.headers)["Authorization"]
    assert refuse("oss4", request) == "host-not-signed"
    assert "host" in judge("oss4", request, allow_unsigned=("host",)).uncovered
    gone = with_header(request, "host", lambda _: None)
    assert refuse("oss4", gone, allow_unsigned=("host",)) == "host-not-signed"
    for name in OTHERS:
        if name != "oss4":
            with pytest.raises(UsageError) as caught:
                sign(name, ask(name), no_sign_header=("host",))
            assert caught.value.message.startswith("--no-sign-header host: a signature that does not cover the host")
            if name != "sls4":
                unlisted = by_authorization(sign(name, ask(name)), ";host", "")
                assert refuse(name, unlisted, allow_unsigned=("host",)) == "host-not-signed"


# -------------------------------------------------------------------------------------------- what one scheme has alone


def test_a_list_of_what_is_not_implicit_alone() -> None:
    request = sign("oss4", ask("oss4", headers=(("Abc", "1"),)), sign_header=("abc",))
    assert ",AdditionalHeaders=abc;host," in dict(request.headers)["Authorization"]
    assert {"abc", "host", "content-type"} <= set(judge("oss4", request).covered)
    listed = by_authorization(request, "abc;host", "abc;content-type;host")
    assert refuse("oss4", listed) == "signed-headers"
    assert refuse("oss4", by_authorization(request, "abc;host", "host;abc")) == "signed-headers"
    assert refuse("oss4", by_authorization(request, "abc;host", "abc;gone;host")) == "signed-header-missing"
    assert refuse("oss4", by_authorization(request, "abc;host", "host")) == "signature-mismatch"
    with pytest.raises(UsageError) as caught:
        sign("oss4", ask("oss4"), no_sign_header=("content-type",))
    assert caught.value.message == "--no-sign-header content-type: oss4 signs this header wherever it is sent"


def test_a_scheme_without_a_list() -> None:
    with pytest.raises(UsageError) as caught:
        sign("sls4", ask("sls4", headers=(("Abc", "1"),)), sign_header=("abc",))
    assert caught.value.message == "--sign-header: sls4 has no list of signed headers, so no other can be signed"
    request = sign("sls4", ask("sls4"))
    assert (
        refuse("sls4", by_authorization(request, ",Signature=", ",SignedHeaders=host,Signature="))
        == "authorization-syntax"
    )
    assert refuse("sls4", with_header(request, "host", lambda _: None)) == "host-not-signed"


def test_a_bucket_belongs_to_the_path() -> None:
    request = sign("oss4", ask("oss4"))
    assert rebuild(request, DERIVED["oss4"])["canonical-request"].split("\n")[1] == "/bkt/p/a%20b"
    own = with_header(ask("oss4"), "host", lambda _: "files.example")
    assert rebuild(sign("oss4", own, bucket=None), DERIVED["oss4"])["canonical-request"].split("\n")[1] == "/p/a%20b"
    named = sign("oss4", own, bucket="bkt")
    assert refuse("oss4", named) == "signature-mismatch"
    assert refuse("oss4", named, bucket="other") == "signature-mismatch"
    assert judge("oss4", named, bucket="bkt").scheme == "oss4"
    assert rebuild(named, DERIVED["oss4"], bucket="bkt")["canonical-request"].split("\n")[1] == "/bkt/p/a%20b"


def test_tencent_signs_the_hash_of_the_word() -> None:
    request = sign("tc3", ask("tc3"), payload="unsigned")
    assert dict(request.headers)["X-TC-Content-SHA256"] == "UNSIGNED-PAYLOAD"
    digest = hash_bytes(b"UNSIGNED-PAYLOAD")
    assert rebuild(request, TC3)["canonical-request"].endswith(f"\n{digest}")
    assert refuse("tc3", request) == "unsigned-payload"
    assert judge("tc3", request, allow_unsigned_payload=True).uncovered == ("body",)
    declared = with_header(request, "x-tc-content-sha256", lambda _: digest)
    assert refuse("tc3", declared) == "signature-mismatch"


def test_tencent_needs_a_content_type() -> None:
    bare = ask("tc3").with_headers((("Host", HOSTS["tc3"]),))
    with pytest.raises(InputError) as caught:
        sign("tc3", bare)
    assert (caught.value.message, caught.value.hint) == (
        "the request has no Content-Type header, which tc3 signs",
        "add one",
    )
    request = sign("tc3", ask("tc3"), no_sign_header=("content-type",))
    assert refuse("tc3", request) == "content-type-unsigned"
    assert refuse("tc3", request, allow_unsigned=("content-type",)) == "required-component"
    with pytest.raises(Rejected) as refused:
        judge("tc3", request)
    assert refused.value.hint is None, "the option does not help where the scheme itself demands the header"


def test_tencent_writes_header_values_in_lower_case() -> None:
    request = sign("tc3", ask("tc3", headers=(("X-TC-Action", "Des\xc9cribe"),)))
    assert "\nx-tc-action:des\xc9cribe\n" in rebuild(request, TC3)["canonical-request"]


def test_tencent_covers_its_instant_in_any_case() -> None:
    request = sign("tc3", ask("tc3"), no_sign_header=("x-tc-timestamp",))
    found = judge("tc3", request)
    assert "x-tc-timestamp" not in found.covered + found.uncovered
    assert (
        refuse("tc3", with_header(request, "x-tc-timestamp", lambda value: str(int(value) + 1))) == "signature-mismatch"
    )


@pytest.mark.parametrize("text", ["", "-1", "01", "+1", "1.0", "\u0661", "1e9", "253402300800", "9999999999999", "x"])
def test_no_instant_of_unix(text: str) -> None:
    assert TC3.parse_stamp(text) is None


def test_instants_of_unix() -> None:
    assert TC3.parse_stamp("0") == datetime(1970, 1, 1, tzinfo=UTC)
    assert TC3.parse_stamp("253402300799") == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert TC3.format_stamp(AT) == "1795424400"
    assert TC3.parse_stamp("1795424400") == AT


@pytest.mark.parametrize("option", ["region"])
def test_a_scope_without_a_region(option: str) -> None:
    message = f"--{option}: a scope of tc3 has no {option}"
    assert "--region" not in [row[0] for row in (*find("tc3").sign_options, *find("tc3").verify_options)]
    with pytest.raises(UsageError) as caught:
        sign("tc3", ask("tc3"), region="x")
    assert (caught.value.message, caught.value.hint) == (message, "leave it out")
    with pytest.raises(UsageError) as caught:
        judge("tc3", sign("tc3", ask("tc3")), region="x")
    assert (caught.value.message, caught.value.hint) == (message, "leave it out")


@pytest.mark.parametrize("query", ["a", "=1", "b=2&a", "a&=", "="])
def test_jdcloud_leaves_parameters_out(query: str) -> None:
    job = SignJob(ask("jdcloud3", target=f"/p?{query}"), [key("jdcloud3")], options("jdcloud3", "sign"), AT, bytes)
    signed = find("jdcloud3").sign(job)
    first = next(pair for pair in query.split("&") if pair.find("=") < 1)
    assert signed.warnings == (f"the signature does not cover the parameter {first!r}: write it as NAME=",)
    with pytest.raises(Rejected) as caught:
        judge("jdcloud3", signed.request)
    assert (caught.value.reason, caught.value.detail) == ("parameter-not-signed", repr(first))


@pytest.mark.parametrize("path", ["/a//b", "/a%2Fb", "/a%2fb", "/a+b", "//"])
def test_jdcloud_reads_some_paths_as_others(path: str) -> None:
    job = SignJob(ask("jdcloud3", target=path), [key("jdcloud3")], options("jdcloud3", "sign"), AT, bytes)
    signed = find("jdcloud3").sign(job)
    assert len(signed.warnings) == 1
    with pytest.raises(Rejected) as caught:
        judge("jdcloud3", signed.request)
    assert (caught.value.reason, caught.value.detail) == ("path-not-normalised", repr(path))


@pytest.mark.parametrize("path", ["/a%2Fb", "/a%2fb", "/%2F"])
def test_the_log_service_reads_a_slash_that_is_data_as_one(path: str) -> None:
    """/a%2Fb and /a/b are two resources with one signature."""
    request = sign("sls4", ask("sls4", target=path))
    assert refuse("sls4", request) == "path-not-normalised"
    plain = request.with_target(path.replace("%2F", "/").replace("%2f", "/"))
    assert rebuild(plain, DERIVED["sls4"]) == rebuild(request, DERIVED["sls4"])


def test_jdclouds_nonce() -> None:
    own = ask("jdcloud3", headers=(("X-Jdcloud-Nonce", "mine"),))
    assert judge("jdcloud3", sign("jdcloud3", own)).more == {"nonce": "mine"}
    request = sign("jdcloud3", ask("jdcloud3"), no_sign_header=("x-jdcloud-nonce",))
    assert refuse("jdcloud3", request) == "unsigned-x-amz-header"
    found = judge("jdcloud3", request, allow_unsigned=("x-jdcloud-nonce",))
    assert "x-jdcloud-nonce" in found.uncovered
    assert judge("jdcloud3", with_header(request, "x-jdcloud-nonce", lambda _: None)).more == {"nonce": None}


@pytest.mark.parametrize("target", ["/a%0Ab", "/a%00", "/a%7F", "/p?a%0Ab=1", "/p?a%26b=1", "/p?a%3Db=1"])
def test_what_would_end_a_line_is_not_signed_undecoded(target: str) -> None:
    with pytest.raises(Rejected) as caught:
        sign("sls4", ask("sls4", target=target))
    what = "a parameter's name with a '=' or '&'" if "26" in target or "3D" in target else "a control character"
    assert (caught.value.reason, caught.value.detail) == ("target-syntax", f"{what}, which the scheme signs undecoded")


def test_the_query_of_tencent_is_signed_as_it_travels() -> None:
    for query in ("b=2&a=1", "a=%7e", "a+b=c", "&a=1&"):
        request = sign("tc3", ask("tc3", target=f"/?{query}"))
        assert rebuild(request, TC3)["canonical-request"].split("\n")[2] == query
    request = sign("tc3", ask("tc3", target="/?b=2&a=1"))
    assert refuse("tc3", request.with_target("/?a=1&b=2")) == "signature-mismatch"


def test_a_row_can_be_changed() -> None:
    row = DERIVED["goog4"].but(name="own", signature_length=None)
    assert (row.name, row.signature_length, row.chain, row.query) == (
        "own",
        None,
        DERIVED["goog4"].chain,
        DERIVED["goog4"].query,
    )
    assert isinstance(row, Derived)


def test_a_secret_behind_no_wrapper_is_not_shown() -> None:
    job = SignJob(ask("oss4"), [key("oss4", token="tok/en")], options("oss4", "sign"), AT, bytes)
    signed = find("oss4").sign(job)
    assert signed.bearer == ("tok/en",)
    assert SECRET not in repr(signed) + repr(job)
    assert isinstance(job.keys[0].session_token, Secret)  # type: ignore[union-attr]
