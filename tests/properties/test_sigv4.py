"""Does what was signed verify, and nothing else?"""

from datetime import date, datetime, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from authkit.errors import Rejected
from authkit.keys.access import AccessKey
from authkit.keys.derive import derive_subkey
from authkit.keys.request import Wanted, derive_wanted
from authkit.keys.scope import Scope
from authkit.keys.select import choose_signing
from authkit.messages import target
from authkit.messages.draft import format_head, parse_draft
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request, parse_request
from authkit.schemes.derived import AWS4
from authkit.schemes.policy import Policy, verify
from authkit.schemes.sigv4 import Settings, sign
from authkit.secret import Secret
from authkit.ui.printable import printable

AT = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)
MASTER = AccessKey("AKIDEXAMPLE", Secret(b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
NAMES = st.sampled_from(["Accept", "X-Amz-Meta-One", "x-amz-meta-two", "Range", "If-Match", "X_Odd", "Content-Type"])
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20)
VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#%?")
TEXTS = st.lists(VISIBLE | st.sampled_from(["/", "%2F", "%20", "%c3%a9", "%00"]), max_size=12).map("".join)
PARTS = st.text("abcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1, max_size=12)


@st.composite
def requests(draw: st.DrawFn, service: str) -> tuple[Request, bytes]:
    path = "/" + draw(TEXTS)
    if service != "s3":
        assume(target.is_normal(path))
    query = draw(st.one_of(st.just(""), TEXTS.map(lambda text: f"?{text}")))
    assume("x-amz" not in query.lower())
    headers = [("Host", "api.example.com"), *draw(st.lists(st.tuples(NAMES, VALUES), max_size=4))]
    body = draw(st.binary(max_size=30))
    method = draw(st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH"]))
    return Request(method, path + query, tuple(headers), hash_bytes(body), len(body)), body


def signed(request: Request, service: str, **settings: object) -> Request:
    credential = choose_signing([MASTER], AWS4.chain, AT, {"region": "us-east-1", "service": service}, dict)
    return sign(request, credential, Settings(**settings), AT).request  # type: ignore[arg-type]


def policy(service: str, **changes: object) -> Policy:
    return Policy("us-east-1", service, **changes)  # type: ignore[arg-type]


@given(st.data(), st.sampled_from(["s3", "notes"]))
def test_what_was_signed_is_valid_with_the_master_and_with_its_subkey(data: st.DataObject, service: str) -> None:
    request, _ = data.draw(requests(service))
    wanted = Wanted(AWS4.chain, "signing", [AT.date()], [("us-east-1", service)])
    for keys in ([MASTER], derive_wanted([MASTER], wanted)):
        assert verify(signed(request, service), list(keys), policy(service), AT).uncovered == ()


@given(st.data(), st.sampled_from(["s3", "notes"]))
def test_what_was_signed_in_the_query_is_valid(data: st.DataObject, service: str) -> None:
    request, body = data.draw(requests(service))
    presigned = signed(request, service, placement="query", expires=60)
    found = verify(presigned, [MASTER], policy(service, allow_unsigned_payload=True), AT)
    assert ("body" in found.covered, "body" in found.uncovered) == (service != "s3", service == "s3" and bool(body))


@given(st.data(), st.sampled_from(["s3", "notes"]))
def test_a_change_of_one_byte_of_anything_covered_is_refused(data: st.DataObject, service: str) -> None:
    request, body = data.draw(requests(service))
    ready = signed(request, service, payload_header=True)
    kind = data.draw(st.sampled_from(["method", "target", "value", "body"]))
    flip = data.draw(st.integers(1, 127))
    if kind == "method":
        changed = Request(ready.method + "X", ready.target, ready.headers, ready.payload_hash, ready.content_length)
    elif kind == "target":
        text = altered(data, ready.target, flip)
        assume(text.split("?")[0] != "" and rules(text, service) != rules(ready.target, service))
        changed = ready.with_target(text)
    elif kind == "value":
        place = data.draw(st.integers(0, len(ready.headers) - 1))
        name, value = ready.headers[place]
        assume(value)
        text = altered(data, value, flip)
        assume(" ".join(text.split()) != " ".join(value.split()))
        changed = ready.with_headers((*ready.headers[:place], (name, text), *ready.headers[place + 1 :]))
    else:
        assume(body)
        other = bytes([body[0] ^ flip]) + body[1:]
        changed = ready.with_body(hash_bytes(other), len(other))
    with pytest.raises(Rejected):
        verify(changed, [MASTER], policy(service), AT)


def altered(data: st.DataObject, text: str, flip: int) -> str:
    place = data.draw(st.integers(0, len(text) - 1))
    return text[:place] + chr(ord(text[place]) ^ flip) + text[place + 1 :]


def rules(text: str, service: str) -> "tuple[str, str] | None":
    """Return what a service reads in a target, or None where it can read nothing."""
    path, _, query = text.partition("?")
    plain = service == "s3"
    try:
        canonical = target.canonical_path(path, normalize=not plain, double=not plain)
        return canonical, target.canonical_query(query, plus_is_space=plain)
    except (Rejected, UnicodeEncodeError):
        return None


@given(st.data(), st.sampled_from(["s3", "notes"]))
def test_a_header_that_was_added_is_named_as_not_covered(data: st.DataObject, service: str) -> None:
    request, _ = data.draw(requests(service))
    ready = signed(request, service)
    ready = ready.with_headers((*ready.headers, ("X-Added", "one")))
    assert verify(ready, [MASTER], policy(service), AT).uncovered == ("x-added",)


@given(PARTS, PARTS, st.integers(0, 3))
def test_each_part_of_a_scope_changes_the_key(region: str, service: str, days: int) -> None:
    wanted = [(date(2026, 11, 20 + days), region, service), (date(2026, 11, 20 + days), service + "x", region)]
    keys = [
        derive_wanted([MASTER], Wanted(AWS4.chain, "signing", [day], [(one, other)]))[0].key.reveal()
        for day, one, other in [*wanted, (date(2026, 11, 25), region, service), (wanted[0][0], region, service + "x")]
    ]
    assert len(set(keys)) == 4


@given(PARTS, PARTS)
def test_deriving_at_once_is_deriving_on_four_machines(region: str, service: str) -> None:
    at_once = derive_wanted([MASTER], Wanted(AWS4.chain, "signing", [AT.date()], [(region, service)]))[0]
    step = derive_wanted([MASTER], Wanted(AWS4.chain, "date", [AT.date()], [()]))[0]
    for count in (2, 3, 4):
        step = derive_subkey(step, Scope(at_once.scope.values[:count], AWS4.chain))
    assert (step.scope, step.key) == (at_once.scope, at_once.key)


@given(TEXTS)
def test_a_canonical_query_is_its_own_canonical_form(text: str) -> None:
    once = target.canonical_query(text, plus_is_space=True)
    assert target.canonical_query(once, plus_is_space=True) == once


@given(TEXTS)
def test_a_canonical_path_is_its_own_canonical_form(text: str) -> None:
    once = target.canonical_path("/" + text, normalize=True, double=False)
    assert target.canonical_path(once, normalize=True, double=False) == once


@given(st.data())
def test_a_draft_is_read_back_as_it_is_written(data: st.DataObject) -> None:
    request, body = data.draw(requests("s3"))
    lines = [f"{request.method} {request.target}", *[f"{name}: {value}" for name, value in request.headers]]
    draft = parse_draft("\n".join(lines).encode("latin-1") + b"\n\n" + body)
    again = parse_request(format_head(draft.request) + draft.body)
    assert (again.method, again.target, again.payload_hash) == (request.method, request.target, request.payload_hash)
    assert again.headers == draft.request.headers


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_is_printed_shows_no_control_and_is_read_one_way(one: str, other: str) -> None:
    assert printable(one).isprintable()
    assert (printable(one) == printable(other)) == (one == other)
