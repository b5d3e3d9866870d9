"""Is a user's own scheme read to the letter, and everything else refused with its line (S5, S7, T12)?"""

import hashlib
import hmac
from datetime import datetime
from typing import Any

import pytest

from authkit.clock import UTC
from authkit.errors import InputError, Rejected
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.schemes.custom import MAX_BYTES, Section, read_definition, read_schemes, read_sections
from authkit.schemes.derived import COMPACT, DERIVED, UNIX, Derived
from authkit.schemes.policy import Policy, verify
from samples import AT, ID, SECRET, subkey

ACME = """\
# what our own API takes
[scheme.acme]
label = "ACME1-HMAC-SHA256"
prefix = "ACME1"
scope = ["date", "region", "service"]
terminator = "acme1_request"
header_prefix = "X-Acme-"
"""
OWN: dict[str, Any] = {
    "label": "ACME1-HMAC-SHA256",
    "prefix": "ACME1",
    "scope": ["date", "region", "service"],
    "terminator": "acme1_request",
    "header_prefix": "X-Acme-",
}
HEADER_PREFIX = (
    "line 7: [scheme.acme] header_prefix is not 3 to 64 characters that a header may begin with, '-' at the end"
)
PARTS = "line 5: [scheme.acme] scope holds another part than 'date', 'region' and 'service', or one twice"
NO_PART = "holds a character that is not a letter, digit, '.', '_' or '-'"
HOSTS = "which is not a host with {region} or {service}"
TAKEN, LABELS = frozenset({"sigv4", "rfc9421", "github"}), frozenset({"rfc9421", "SDK-HMAC-SHA256"})


def load(text: "str | bytes") -> list[Derived]:
    data = text if isinstance(text, bytes) else text.encode()
    return read_schemes(read_sections(data, "FILE", TAKEN), LABELS)


def fault(text: "str | bytes") -> str:
    with pytest.raises(InputError) as caught:
        load(text)
    return caught.value.message


def test_the_least_that_a_scheme_says() -> None:
    (row,) = load(ACME)
    chain = row.chain
    assert (row.name, chain.label, chain.prefix) == ("acme", "ACME1-HMAC-SHA256", b"ACME1")
    assert (chain.parts, chain.terminator, chain.dashed) == (("date", "region", "service"), "acme1_request", False)
    assert (chain.lower_case, chain.max_expires, chain.family) == (False, {"*": 0}, ("ACME1-HMAC-SHA256",))
    assert (row.date_header, row.payload_header, row.token_header) == (
        "X-Acme-Date",
        "X-Acme-Content-Sha256",
        "X-Acme-Security-Token",
    )
    assert (row.date, row.content_sha256, row.security_token) == (
        "x-acme-date",
        "x-acme-content-sha256",
        "x-acme-security-token",
    )
    assert (row.guarded, row.stamp, row.signed, row.implicit) == (("x-acme-",), COMPACT, (), ())
    assert (row.listing, row.separator, row.payload, row.declares) == ("SignedHeaders", ", ", "hash", False)
    assert (row.unsigned, row.query, row.nonce, row.required, row.hosts) == ("", None, "", (), ())
    assert (row.host_optional, row.date_listed, row.streams, row.signature_length) == (False, True, False, 64)
    rules = row.rules
    assert (rules.normalize_path, rules.double_encode, rules.plus_is_space) == (False, False, False)
    assert (rules.path, rules.query, rules.values) == ("switched", "pairs", "collapsed")


def test_all_that_a_scheme_can_say() -> None:
    (row,) = load(
        ACME.replace('"region", "service"', '"service"')
        + """\
date = "YYYY-MM-DD"
timestamp = "unix"
max_expires = 604800
normalize_path = true
double_encode = true
plus_is_space = true
collapse_spaces = false
signed_headers = ["x-other-"]
payload = "unsigned"
payload_header = true
unsigned_payload = true
hosts = ["{service}.api.acme.example", "*.acme.example service=web"]
"""
    )
    assert (row.chain.parts, row.chain.dashed, row.chain.max_expires) == (("date", "service"), True, {"*": 604800})
    assert (row.stamp, row.payload, row.declares, row.unsigned) == (UNIX, "unsigned", True, "UNSIGNED-PAYLOAD")
    rules = row.rules
    assert (rules.normalize_path, rules.double_encode, rules.plus_is_space, rules.values) == (
        True,
        True,
        True,
        "trimmed",
    )
    assert row.signed == ("content-type", "host", "x-acme-", "x-other-")
    assert row.hosts == ("{service}.api.acme.example", "*.acme.example service=web")
    assert row.query is not None
    assert (row.query.algorithm, row.query.signature) == ("X-Acme-Algorithm", "X-Acme-Signature")
    assert load("") == []


@pytest.mark.parametrize("member", list(OWN))
def test_what_must_be_said(member: str) -> None:
    text = "\n".join([line for line in ACME.split("\n") if not line.startswith(f"{member} =")])
    assert fault(text) == f"FILE: line 2: [scheme.acme] {member} is missing"


def changed(old: str, new: str) -> str:
    assert old in ACME
    return ACME.replace(old, new)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (changed('label = "ACME1-HMAC-SHA256"', 'label = ""'), "line 3: [scheme.acme] label is not 1 to 64 characters"),
        (changed("ACME1-HMAC-SHA256", "A B"), f"line 3: [scheme.acme] label {NO_PART}"),
        (
            changed('"ACME1-HMAC-SHA256"', "'\"ACME'"),
            "line 3: [scheme.acme] label begins with a double quote, as what RFC 9421 signs does: choose another",
        ),
        (changed('"ACME1-HMAC-SHA256"', "1"), "line 3: [scheme.acme] label is not text"),
        (
            changed("ACME1-HMAC-SHA256", "AWS4-HMAC-SHA256"),
            "line 3: [scheme.acme] label is the label of another scheme",
        ),
        (
            changed("ACME1-HMAC-SHA256", "aws4-hmac-sha256"),
            "line 3: [scheme.acme] label is the label of another scheme",
        ),
        (changed("ACME1-HMAC-SHA256", "sdk-hmac-sha256"), "line 3: [scheme.acme] label is the label of another scheme"),
        (changed('"ACME1"', '""'), "line 4: [scheme.acme] prefix is not 1 to 64 printable ASCII characters"),
        (changed('"ACME1"', f'"{"x" * 65}"'), "line 4: [scheme.acme] prefix is not 1 to 64 printable ASCII characters"),
        (changed('"ACME1"', '"A B"'), "line 4: [scheme.acme] prefix is not 1 to 64 printable ASCII characters"),
        (changed('"ACME1"', '"\\u00e9"'), "line 4: [scheme.acme] prefix is not 1 to 64 printable ASCII characters"),
        (changed('"ACME1"', '"A\\t"'), "line 4: [scheme.acme] prefix is not 1 to 64 printable ASCII characters"),
        (changed('"ACME1"', '"AWS4"'), "line 4: [scheme.acme] prefix and 'AWS4' of another scheme begin alike"),
        (changed('"ACME1"', '"AWS4X"'), "line 4: [scheme.acme] prefix and 'AWS4' of another scheme begin alike"),
        (changed('"ACME1"', '"A"'), "line 4: [scheme.acme] prefix and 'AWS4' of another scheme begin alike"),
        (
            changed('"ACME1"', '"aliyun_v40"'),
            "line 4: [scheme.acme] prefix and 'aliyun_v4' of another scheme begin alike",
        ),
        (changed('"ACME1"', '"TC"'), "line 4: [scheme.acme] prefix and 'TC3' of another scheme begin alike"),
        (changed('["date", "region", "service"]', "[]"), "line 5: [scheme.acme] scope does not begin with 'date'"),
        (changed('"date", "region"', '"region", "date"'), "line 5: [scheme.acme] scope does not begin with 'date'"),
        (changed('"region", "service"', '"region", "region"'), PARTS),
        (changed('"region", "service"', '"tenant"'), PARTS),
        (changed('["date", "region", "service"]', '"date"'), "line 5: [scheme.acme] scope is not a list of texts"),
        (changed('["date", "region", "service"]', '["date", 1]'), "line 5: [scheme.acme] scope is not a list of texts"),
        (changed('"acme1_request"', '""'), "line 6: [scheme.acme] terminator is not 1 to 64 characters"),
        (changed('"acme1_request"', '"a/b"'), f"line 6: [scheme.acme] terminator {NO_PART}"),
        (changed("X-Acme-", "X-Acme"), HEADER_PREFIX),
        (changed("X-Acme-", "X-"), HEADER_PREFIX),
        (changed("X-Acme-", "-x-"), HEADER_PREFIX),
        (changed("X-Acme-", "X A-"), HEADER_PREFIX),
        (changed("X-Acme-", "x" * 64 + "-"), HEADER_PREFIX),
        (ACME + "date = 'x'", "line 8: [scheme.acme] date is not YYYYMMDD or YYYY-MM-DD"),
        (ACME + "timestamp = 'x'", "line 8: [scheme.acme] timestamp is not YYYYMMDDThhmmssZ or unix"),
        (ACME + "payload = 'x'", "line 8: [scheme.acme] payload is not hash or unsigned"),
        (
            ACME + "payload = 'unsigned'",
            "line 8: [scheme.acme] payload is unsigned, which unsigned_payload = true must allow",
        ),
        (ACME + "max_expires = -1", "line 8: [scheme.acme] max_expires is not a number from 0 to 604800"),
        (ACME + "max_expires = 604801", "line 8: [scheme.acme] max_expires is not a number from 0 to 604800"),
        (ACME + "max_expires = true", "line 8: [scheme.acme] max_expires is not a number from 0 to 604800"),
        (ACME + "max_expires = 1.5", "line 8: [scheme.acme] max_expires is not a number from 0 to 604800"),
        (ACME + "normalize_path = 1", "line 8: [scheme.acme] normalize_path is neither true nor false"),
        (ACME + "collapse_spaces = 'no'", "line 8: [scheme.acme] collapse_spaces is neither true nor false"),
        (ACME + "signed_headers = 'x'", "line 8: [scheme.acme] signed_headers is not a list of texts"),
        (
            ACME + "signed_headers = ['X-A']",
            "line 8: [scheme.acme] signed_headers holds 'X-A', which is no header in lower case",
        ),
        (
            ACME + "signed_headers = ['a b']",
            "line 8: [scheme.acme] signed_headers holds 'a b', which is no header in lower case",
        ),
        (ACME + "hosts = ['{tenant}.x']", "line 8: [scheme.acme] hosts holds '{tenant}.x', " + HOSTS),
        (ACME + "hosts = ['x region']", "line 8: [scheme.acme] hosts holds 'x region', " + HOSTS),
        (ACME + "hosts = ['{region.x']", "line 8: [scheme.acme] hosts holds '{region.x', " + HOSTS),
        (ACME + "hosts = ['a/b']", "line 8: [scheme.acme] hosts holds 'a/b', " + HOSTS),
        (ACME + "hosts = ['x date=1']", "line 8: [scheme.acme] hosts holds 'x date=1', " + HOSTS),
        (ACME + "\n\ncolour = 'red'", "line 10: [scheme.acme] colour is not a member of a scheme"),
    ],
)
def test_what_a_scheme_cannot_say(text: str, message: str) -> None:
    assert fault(text) == f"FILE: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\xff", "not UTF-8 at byte 0"),
        ("[scheme", "not TOML: Expected ']' at the end of a table declaration (at end of document)"),
        ("a = 1\n", "line 1: 'a' is neither [scheme.NAME] nor [webhook.NAME]"),
        ("\n[other.x]\n", "line 2: 'other' is neither [scheme.NAME] nor [webhook.NAME]"),
        ("\nscheme = 1\n", "line 2: 'scheme' is neither [scheme.NAME] nor [webhook.NAME]"),
        ("[scheme]\nx = 1\n", "line 1: [scheme.x] is not a section"),
        ("[scheme.sigv4]\n", "line 1: [scheme.sigv4] defines a name that is taken"),
        ("[webhook.github]\n", "line 1: [webhook.github] defines a name that is taken"),
        ("[webhook.x]\n[scheme.x]\n", "line 2: [scheme.x] defines a name that is taken"),
        ("\n[scheme.Acme]\n", "line 2: [scheme.Acme] has a name that is not 1 to 64 of a-z, 0-9, '.', '_' and '-'"),
        ("[scheme.'a b']\n", "line 1: [scheme.a b] has a name that is not 1 to 64 of a-z, 0-9, '.', '_' and '-'"),
        ("#" * (MAX_BYTES + 1), "over 64 KiB"),
        ("a = " + "[" * 3000, "nested too deep"),
    ],
)
def test_what_the_file_cannot_be(text: "str | bytes", message: str) -> None:
    assert fault(text).startswith(f"FILE: {message}")


def test_how_long_things_may_be() -> None:
    assert len(load(ACME + "#" * (MAX_BYTES - len(ACME)))) == 1
    assert load(changed('"ACME1"', f'"{"x" * 64}"'))[0].chain.prefix == b"x" * 64
    assert load(changed("X-Acme-", "ab-"))[0].prefix == "ab-"
    assert load(changed("X-Acme-", "x" * 63 + "-"))[0].prefix == "x" * 63 + "-"


def test_what_is_long_is_cut() -> None:
    long = "y" * 70
    cut = "y" * 64
    assert fault(f"[{long}.x]") == f"FILE: line 1: {cut!r} is neither [scheme.NAME] nor [webhook.NAME]"
    assert fault(ACME + f"{long} = 1") == f"FILE: line 2: [scheme.acme] {cut} is not a member of a scheme"
    assert f"holds {'Y' * 64!r}, which" in fault(ACME + f"signed_headers = ['{'Y' * 70}']")
    assert f"holds {'/' * 64!r}, which" in fault(ACME + f"hosts = ['{'/' * 70}']")


def test_the_line_is_found_however_it_is_written() -> None:
    for head in ("[ scheme . acme ]", '[scheme."acme"]', "[scheme.'acme'] # ours"):
        text = f"[webhook.x]\nlabel = 1\n\n{ACME.replace('[scheme.acme]', head)}'date' = 'x'\n"
        assert fault(text) == "FILE: line 11: [scheme.acme] date is not YYYYMMDD or YYYY-MM-DD"
    inline = "scheme = { acme = { label = 1 } }"
    assert fault(inline) == "FILE: line 1: [scheme.acme] prefix is missing"


def test_two_of_one_file_stand_apart() -> None:
    other = ACME.replace("acme]", "acme2]")
    assert fault(ACME + other) == "FILE: line 10: [scheme.acme2] label is the label of another scheme"
    other = other.replace("ACME1-HMAC-SHA256", "OTHER")
    assert fault(ACME + other) == "FILE: line 11: [scheme.acme2] prefix and 'ACME1' of another scheme begin alike"
    assert fault(ACME + other.replace('"ACME1"', '"ACME12"')).startswith(
        "FILE: line 11: [scheme.acme2] prefix and 'ACME1'"
    )
    other = other.replace('"ACME1"', '"ACME2"')
    assert [row.name for row in load(ACME + other)] == ["acme", "acme2"]


def test_the_sections_of_webhooks_are_left_to_others() -> None:
    sections = read_sections(b"[webhook.x]\nmessage = '{body}'\n", "FILE", TAKEN)
    assert [(one.kind, one.name, one.table) for one in sections] == [("webhook", "x", {"message": "{body}"})]
    assert isinstance(sections[0], Section)
    assert read_schemes(sections, LABELS) == []


def test_no_builtin_row_could_be_defined_again() -> None:
    """Not by its label, and not by its prefix where it has one."""
    for row in DERIVED.values():
        text = changed("ACME1-HMAC-SHA256", row.chain.label)
        assert fault(text).endswith("label is the label of another scheme")
        if row.chain.prefix:
            assert fault(changed('"ACME1"', f'"{row.chain.prefix.decode()}"')).endswith("of another scheme begin alike")


# ------------------------------------------------------------------------------------------------- definitions in files


def definition(**changes: Any) -> dict[str, object]:
    (row,) = load(ACME)
    assert row.chain.definition is not None
    found = {**row.chain.definition, **changes}
    return {name: value for name, value in found.items() if value is not None}


def refused(**changes: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_definition(definition(**changes), "FILE")
    return caught.value.message


def test_a_definition_gives_the_scheme_back() -> None:
    row = read_definition(definition(), "FILE")
    assert (row.name, row.chain.definition) == ("acme", definition())
    assert set(definition()) == {
        *OWN,
        *"name date timestamp max_expires normalize_path double_encode plus_is_space collapse_spaces".split(),
        *"signed_headers payload payload_header unsigned_payload hosts".split(),
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": None}, "'name' is not the name of a scheme"),
        ({"name": 1}, "'name' is not the name of a scheme"),
        ({"name": "a b"}, "'name' is not the name of a scheme"),
        ({"hosts": None}, "'hosts' is missing"),
        ({"label": None}, "'label' is missing"),
        ({"colour": "red"}, "'colour' is not a member of a scheme"),
        ({"prefix": ""}, "'prefix' is not 1 to 64 printable ASCII characters"),
        ({"prefix": "AWS4"}, "'prefix' and 'AWS4' of another scheme begin alike"),
        ({"prefix": "AWS4A"}, "'prefix' and 'AWS4' of another scheme begin alike"),
        ({"label": '"x'}, "'label' begins with a double quote, as what RFC 9421 signs does: choose another"),
        ({"label": "TC3-HMAC-SHA256"}, "'label' is the label of another scheme"),
        ({"label": "acs3-hmac-sha256"}, "'label' is the label of another scheme"),
        ({"terminator": ""}, "'terminator' is not 1 to 64 characters"),
        ({"scope": ["region"]}, "'scope' does not begin with 'date'"),
        ({"max_expires": "1"}, "'max_expires' is not a number from 0 to 604800"),
    ],
)
def test_a_definition_is_judged_as_a_section_is(changes: dict[str, Any], message: str) -> None:
    assert refused(**changes) == f"FILE: member 'definition' {message}"


# -------------------------------------------------------------------------------------------------- by plain arithmetic


def plainly(parts: dict[str, str], secret: bytes, body: bytes) -> str:
    """Return a signature as authkit-schemes(5) tells it to those who write their own, and nothing of authkit."""

    def mac(key: bytes, text: str) -> bytes:
        return hmac.new(key, text.encode(), hashlib.sha256).digest()

    key = b"ACME1" + secret
    for part in parts["scope"].split("/"):
        key = mac(key, part)
    lines = [
        parts["method"],
        parts["path"],
        parts["query"],
        f"content-type:{parts['type']}",
        f"host:{parts['host']}",
        f"x-acme-date:{parts['stamp']}",
        "",
        "content-type;host;x-acme-date",
        hashlib.sha256(body).hexdigest(),
    ]
    canonical = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return mac(key, "\n".join([parts["label"], parts["stamp"], parts["scope"], canonical])).hex()


PLAIN = {
    "label": "ACME1-HMAC-SHA256",
    "scope": "20261123/eu-1/orders/acme1_request",
    "stamp": "20261123T090000Z",
    "method": "POST",
    "path": "/v1/a%20b",
    "query": "a=1&b=%2F",
    "type": "text/plain",
    "host": "orders.eu-1.api.acme.example",
}


def received(signature: str) -> Request:
    authorization = (
        f"{PLAIN['label']} Credential={ID}/{PLAIN['scope']}, SignedHeaders=content-type;host;x-acme-date, "
        f"Signature={signature}"
    )
    headers = (
        ("Host", PLAIN["host"]),
        ("Content-Type", PLAIN["type"]),
        ("X-Acme-Date", PLAIN["stamp"]),
        ("Authorization", authorization),
    )
    return Request(PLAIN["method"], "/v1/a%20b?b=%2f&a=1", headers, hash_bytes(b"one"), 3)


def test_what_the_manual_tells_others_to_calculate_is_verified() -> None:
    (row,) = load(ACME)
    key = subkey(PLAIN["scope"], chain=row.chain)
    found = verify(received(plainly(PLAIN, SECRET.encode(), b"one")), [key], Policy(), AT, row)
    assert (found.scheme, found.scope, found.uncovered) == ("acme", PLAIN["scope"], ())
    assert found.covered == ("method", "path", "query", "content-type", "host", "x-acme-date", "body")


@pytest.mark.parametrize("part", [*PLAIN, "secret", "body"])
def test_each_part_of_that_calculation_matters(part: str) -> None:
    (row,) = load(ACME)
    other = {**PLAIN, part: "x" + PLAIN.get(part, "")}
    secret, body = (b"x" if part == "secret" else SECRET.encode()), (b"x" if part == "body" else b"one")
    key = subkey(PLAIN["scope"], chain=row.chain)
    with pytest.raises(Rejected) as caught:
        verify(received(plainly(other, secret, body)), [key], Policy(), AT, row)
    assert caught.value.reason == "signature-mismatch"


@pytest.mark.parametrize(("stamp", "date", "fine"), [
    ("2026112300", "20261123", False),
    ("2026112300", "20340316", True),
    ("1795424400", "20261123", True),
])  # fmt: skip
def test_seconds_that_begin_like_the_day_are_not_of_that_day(stamp: str, date: str, fine: bool) -> None:
    (row,) = load(ACME + 'timestamp = "unix"\n')
    parts = {**PLAIN, "stamp": stamp, "scope": f"{date}/eu-1/orders/acme1_request"}
    text = received(plainly(parts, SECRET.encode(), b"one"))
    headers = [(name, value.replace(PLAIN["scope"], parts["scope"])) for name, value in text.headers]
    headers[2] = ("X-Acme-Date", stamp)
    sent = Request(text.method, text.target, tuple(headers), text.payload_hash, 3)
    key, at = subkey(parts["scope"], chain=row.chain), datetime.fromtimestamp(int(stamp), UTC)
    if fine:
        assert verify(sent, [key], Policy(), at, row).signed_at == at
        return
    with pytest.raises(Rejected) as caught:
        verify(sent, [key], Policy(), at, row)
    assert (caught.value.reason, caught.value.detail) == ("scope-date-mismatch", f"{date} and {stamp}")
