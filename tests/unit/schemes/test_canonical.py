"""Is a request rewritten by the rules of its service, to the letter?"""

from hashlib import sha256

import pytest

from authkit.errors import Rejected
from authkit.messages.request import Request
from authkit.schemes.canonical import Rules, canonical_headers, canonical_request, rules_for, string_to_sign
from authkit.schemes.derived import AWS4, CHAINS, DERIVED, Derived


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
