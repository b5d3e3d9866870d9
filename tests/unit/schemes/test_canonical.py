"""Is a request rewritten by the rules of its service, to the letter?"""

from hashlib import sha256

import pytest

from authkit.errors import Rejected
from authkit.messages.request import Request
from authkit.schemes.canonical import (
    bucket_stem,
    canonical_headers,
    canonical_path,
    canonical_query,
    canonical_request,
    is_normal_path,
    payload_line,
    rules_for,
    string_to_sign,
)
from authkit.schemes.derived import AWS4, CHAINS, DERIVED, Derived, Rules, is_among


def shape(rules: Rules) -> tuple[bool, bool, bool]:
    return rules.normalize_path, rules.double_encode, rules.plus_is_space


@pytest.mark.parametrize("service", ["s3", "s3-outposts", "s3-object-lambda", "s3express"])
def test_s3_takes_a_path_as_it_is(service: str) -> None:
    assert shape(rules_for(AWS4, service)) == (False, False, True)
    assert shape(rules_for(AWS4, service, True)) == (True, False, True)
    assert shape(rules_for(AWS4, service, None, True)) == (False, True, True)


@pytest.mark.parametrize("service", ["execute-api", "S3", "s3-control", "", None])
def test_every_other_service_normalises_and_encodes_twice(service: "str | None") -> None:
    assert shape(rules_for(AWS4, service)) == (True, True, False)
    assert shape(rules_for(AWS4, service, False)) == (False, True, False)
    assert shape(rules_for(AWS4, service, None, False)) == (True, False, False)
    assert shape(rules_for(AWS4, service, False, False)) == (False, False, False)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (["a"], "a"),
        ([" a  b\t c "], "a b c"),
        (["a\tb"], "a b"),
        ([" a"], "a"),
        (["\ta"], "a"),
        ([""], ""),
        (["a", "b"], "a,b"),
        ([" a ", "b  c"], "a,b c"),
        (["b", "a", ""], "b,a,"),
        (["a,b", "c"], "a,b,c"),
        (["A\xe9"], "A\xe9"),
    ],
)
def test_a_header(values: list[str], text: str) -> None:
    assert canonical_headers({"x": values, "y": ["1"]}, ["x"]) == f"x:{text}\n"
    assert canonical_headers({"x": values, "y": ["1"]}, ["x", "y"]) == f"x:{text}\ny:1\n"
    assert canonical_headers({"x": values}, []) == ""


def test_the_whole_request() -> None:
    request = Request("POST", "/a%20b/./c?y=1&x=+", (("Host", "h"), ("X-B", " 1  2 "), ("A", "z")))
    usual = canonical_request(request, ["host", "x-b"], "HASH", rules_for(AWS4, "sqs"))
    assert usual == "POST\n/a%2520b/c\nx=%2B&y=1\nhost:h\nx-b:1 2\n\nhost;x-b\nHASH"
    plain = canonical_request(request, ["host"], "HASH", rules_for(AWS4, "s3"))
    assert plain == "POST\n/a%20b/./c\nx=%20&y=1\nhost:h\n\nhost\nHASH"
    own = canonical_request(request, ["host"], "HASH", rules_for(AWS4, "s3"), {"host": ["other"]})
    assert own == "POST\n/a%20b/./c\nx=%20&y=1\nhost:other\n\nhost\nHASH"


def test_a_stray_percent_is_refused() -> None:
    for target in ("/%", "/a?b=%"):
        with pytest.raises(Rejected) as caught:
            canonical_request(Request("GET", target), [], "", rules_for(AWS4, "s3"))
        assert caught.value.reason == "target-syntax"


def test_string_to_sign() -> None:
    digest = sha256(b"GET\xe9").hexdigest()
    assert string_to_sign("LABEL", "STAMP", "SCOPE", "GET\xe9") == f"LABEL\nSTAMP\nSCOPE\n{digest}"


def test_a_row_makes_its_names_from_its_prefix() -> None:
    row = Derived("own", AWS4.chain, "X-Own-", plain_services=frozenset({"store"}))
    assert (row.chain, row.header_prefix, row.prefix, row.date) == (AWS4.chain, "X-Own-", "x-own-", "x-own-date")
    assert (row.content_sha256, row.security_token) == ("x-own-content-sha256", "x-own-security-token")
    assert shape(rules_for(row, "store")) == (False, False, True)
    assert shape(rules_for(row, "s3")) == (True, True, False)


def test_the_row_of_aws() -> None:
    assert DERIVED["sigv4"] is AWS4
    assert CHAINS["AWS4-HMAC-SHA256"] is AWS4.chain
    assert (AWS4.name, AWS4.guarded, AWS4.longest) == ("sigv4", ("x-amz-",), 604800)
    assert (AWS4.header_prefix, AWS4.prefix, AWS4.date) == ("X-Amz-", "x-amz-", "x-amz-date")
    assert (AWS4.content_sha256, AWS4.security_token) == ("x-amz-content-sha256", "x-amz-security-token")
    chain = AWS4.chain
    assert (chain.label, chain.prefix, chain.terminator) == ("AWS4-HMAC-SHA256", b"AWS4", "aws4_request")
    assert (chain.parts, chain.dashed, chain.lower_case) == (("date", "region", "service"), False, True)
    assert chain.max_expires == {"s3": 604800, "*": 604800}


@pytest.mark.parametrize(
    ("path", "rules", "expected"),
    [
        ("/a%20b/%7e", Rules(False, False, False, "wire"), "/a%20b/%7e"),
        ("", Rules(False, False, False, "wire"), "/"),
        ("/a%20b/%C3%A9+", Rules(False, False, False, "decoded"), "/a b/\xc3\xa9+"),
        ("", Rules(False, False, False, "decoded"), "/"),
        ("/a+b//c%2F%2Fd%2B~", Rules(False, False, False, "form"), "/a%20b/c/d%2B~"),
        ("", Rules(False, False, False, "form"), "/"),
        ("///", Rules(False, False, False, "form"), "/"),
        ("/a/", Rules(False, False, False, "form"), "/a/"),
        ("/a/../b", Rules(True, True, False), "/b"),
        ("/a%20b", Rules(False, True, False), "/a%2520b"),
    ],
)
def test_paths_as_schemes_write_them(path: str, rules: Rules, expected: str) -> None:
    assert canonical_path(path, rules) == expected


@pytest.mark.parametrize(
    ("query", "kind", "expected"),
    [
        ("b=2&a=%7e&&c", "wire", "b=2&a=%7e&&c"),
        ("b=2&a=%7e&c&d=", "bare", "a=~&b=2&c&d"),
        ("a+b=c+d", "bare", "a%20b=c%20d"),
        ("a-b=2&a=1", "bare", "a=1&a-b=2"),
        ("a=2&a=1", "bare", "a=1&a=2"),
        ("%20b=%20&a=1", "named", " b=%20&a=1"),
        ("a=&b", "named", "a&b"),
        ("a=&b&=c&=&d=e=f", "form", "a=&d=e%3Df"),
        ("", "form", ""),
        ("b&a=1", "pairs", "a=1&b="),
    ],
)
def test_queries_as_schemes_write_them(query: str, kind: str, expected: str) -> None:
    assert canonical_query(query, Rules(False, False, True, query=kind)) == expected


def test_a_plus_that_is_a_plus() -> None:
    assert canonical_query("a+b", Rules(False, False, False, query="bare")) == "a%2Bb"


@pytest.mark.parametrize(
    ("values", "expected"), [("collapsed", "a b,C d"), ("trimmed", "a  b,C\td"), ("lowered", "a  b,c\td")]
)
def test_header_values_as_schemes_write_them(values: str, expected: str) -> None:
    grouped = {"x": [" a  b\t", "C\td "], "y": ["\xc9E"]}
    last = "\xc9e" if values == "lowered" else "\xc9E"
    assert canonical_headers(grouped, ["x", "y"], values) == f"x:{expected}\ny:{last}\n"


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("/a/b", True),
        ("/", True),
        ("/a//b", False),
        ("/a+b", False),
        ("/a%2Fb", False),
        ("/a%2fb", False),
        ("/./a", True),
    ],
)
def test_paths_that_are_read_in_one_way(path: str, normal: bool) -> None:
    assert is_normal_path(path, Rules(False, False, False, "form")) is normal
    assert is_normal_path(path, Rules(False, False, False)) is True
    assert is_normal_path(path, Rules(False, False, False, "wire")) is True
    assert is_normal_path(path, Rules(False, False, False, "decoded")) is ("%2" not in path)


@pytest.mark.parametrize(
    ("host", "bucket", "stem"),
    [
        ("bkt.oss-cn-hangzhou.aliyuncs.com", None, "/bkt"),
        ("bkt.oss-cn-hangzhou-internal.aliyuncs.com:8080", None, "/bkt"),
        ("oss-cn-hangzhou.aliyuncs.com", None, ""),
        ("bkt.s3.oss-cn-hangzhou.aliyuncs.com", None, ""),
        ("bkt.cn-hangzhou.aliyuncs.com", None, ""),
        ("bkt.oss-cn-hangzhou.example.com", None, ""),
        ("aliyuncs.com", None, ""),
        ("files.example.com", "bkt", "/bkt"),
        ("bkt.oss-cn-hangzhou.aliyuncs.com", "other", "/other"),
    ],
)
def test_the_bucket_before_the_path(host: str, bucket: "str | None", stem: str) -> None:
    assert bucket_stem(host, DERIVED["oss4"], bucket) == stem


def test_no_other_scheme_has_a_bucket() -> None:
    for row in DERIVED.values():
        if row.name != "oss4":
            assert bucket_stem("bkt.oss-cn-hangzhou.aliyuncs.com", row) == ""


def test_what_stands_for_a_body() -> None:
    assert payload_line("UNSIGNED-PAYLOAD", DERIVED["tc3"]) == sha256(b"UNSIGNED-PAYLOAD").hexdigest()
    assert payload_line("ab", DERIVED["tc3"]) == "ab"
    assert payload_line("UNSIGNED-PAYLOAD", AWS4) == "UNSIGNED-PAYLOAD"
    assert AWS4.implies("s3", True) == "unsigned"
    assert (AWS4.implies("s3", False), AWS4.implies("sqs", True), AWS4.implies(None, True)) == ("hash", "hash", "hash")
    assert (DERIVED["oss4"].implies("oss", False), DERIVED["tos4"].implies(None, True)) == ("unsigned", "unsigned")


@pytest.mark.parametrize(
    ("name", "found"),
    [("host", True), ("x-a-b", True), ("x-a-", True), ("x-a", False), ("hosts", False), ("hos", False)],
)
def test_a_list_of_names_and_beginnings(name: str, found: bool) -> None:
    assert is_among(name, ("host", "x-a-")) is found


def test_what_begins_a_string_to_sign_begins_no_other_text() -> None:
    """No label begins with a double quote, as a signature base of RFC 9421 does, and none begins another (S7)."""
    labels = [row.chain.label for row in DERIVED.values()]
    assert not [label for label in labels if label.startswith('"')]
    assert len(set(labels)) == len(labels)
    assert not [(one, other) for one in labels for other in labels if one != other and other.startswith(f"{one}\n")]


def test_secrets_of_two_vendors_give_no_common_key() -> None:
    """Each prefix stands apart from every other, but for vendors without one, and those that share theirs (S5)."""
    by_prefix = {(row.chain.prefix, row.chain.terminator): row.chain.family for row in DERIVED.values()}
    prefixes = [prefix for prefix, _ in by_prefix if prefix]
    assert {b"AWS4", b"GOOG4", b"JDCLOUD3", b"OSC4", b"TC3", b"aliyun_v4"} <= set(prefixes)
    for one in prefixes:
        assert [other for other in prefixes if other.startswith(one)] == [one]
    assert set(by_prefix[(b"", "request")]) == {"HMAC-SHA256", "TOS4-HMAC-SHA256"}
    assert set(by_prefix[(b"aliyun_v4", "aliyun_v4_request")]) == {"OSS4-HMAC-SHA256", "SLS4-HMAC-SHA256"}
