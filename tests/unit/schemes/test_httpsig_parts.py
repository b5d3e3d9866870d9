"""Digests, what counts as covered, and what the two fields say."""

from datetime import datetime, timezone
from hashlib import sha256, sha512
from typing import Any

import pytest

from authkit.base64 import encode
from authkit.errors import InputError, Rejected, UsageError
from authkit.messages import structured
from authkit.messages.request import Request
from authkit.messages.structured import Token
from authkit.schemes.httpsig.components import parse_component, parse_components
from authkit.schemes.httpsig.cover import Cover, body_header, counts
from authkit.schemes.httpsig.digest import check_digest, digest_of, format_digest, is_partial, read_digests, watchers
from authkit.schemes.httpsig.params import Input, read_bytes, read_inputs, read_signatures
from httpsigs import request, response

UPPER = "Signature-Input: Key cannot begin with an uppercase character at position 0"
BODY = b'{"hello": "world"}'
SHORT = encode(sha256(BODY).digest())
LONG = encode(sha512(BODY).digest())
OTHER = encode(sha256(b"other").digest())
OTHER_LONG = encode(sha512(b"other").digest())


def with_digest(*values: str, body: bytes | None = BODY, name: str = "Content-Digest") -> Request:
    return request(headers=(("Host", "a"), *[(name, one) for one in values]), body=body)


def refused(work: Any, *given: Any) -> tuple[str, str, str, str | None]:
    with pytest.raises(Rejected) as caught:
        work(*given)
    return caught.value.verdict, caught.value.reason, caught.value.detail, caught.value.hint


# digests


@pytest.mark.parametrize(
    "values",
    [
        (f"sha-256=:{SHORT}:",),
        (f"sha-512=:{LONG}:",),
        (f"sha-256=:{SHORT}:, sha-512=:{LONG}:",),
        (f"sha-512=:{LONG}:", f"sha-256=:{SHORT}:"),
        (f"md5=:AAAA:, sha-256=:{SHORT}:",),
        (f"sha-256=:{SHORT}:;note=1",),
        (f" sha-256=:{SHORT}: ",),
    ],
)
def test_a_right_digest(values: tuple[str, ...]) -> None:
    assert check_digest(with_digest(*values), "content-digest") is None
    assert check_digest(with_digest(*values, name="Repr-Digest"), "repr-digest") is None


@pytest.mark.parametrize(
    ("values", "verdict", "reason", "detail"),
    [
        ((f"sha-256=:{OTHER}:",), "invalid", "content-digest-mismatch", "content-digest: sha-256"),
        ((f"sha-512=:{OTHER_LONG}:",), "invalid", "content-digest-mismatch", "content-digest: sha-512"),
        ((f"sha-256=:{SHORT}:, sha-512=:{OTHER_LONG}:",), "invalid", "content-digest-mismatch", None),
        ((f"sha-256=:{OTHER}:, sha-512=:{LONG}:",), "invalid", "content-digest-mismatch", None),
        ((f"sha-256=:{SHORT[:-4]}:",), "invalid", "content-digest-mismatch", None),
        (("sha-256=::",), "invalid", "content-digest-mismatch", None),
        (("md5=:AAAA:",), "invalid", "digest-algorithm", "content-digest: 'md5=:AAAA:'"),
        (("foo=:AAAA:, sha=:AAAA:",), "invalid", "digest-algorithm", None),
        (("foo=:AAAA:", "sha=::"), "invalid", "digest-algorithm", "content-digest: 'foo=:AAAA:, sha=::'"),
        ((f"a=:{'A' * 80}:",), "invalid", "digest-algorithm", f"content-digest: {'a=:' + 'A' * 77!r}"),
        (("",), "invalid", "digest-algorithm", "content-digest: ''"),
        ((f"SHA-256=:{SHORT}:",), "malformed", "structured-field", None),
        ((f"sha-256={SHORT}",), "malformed", "structured-field", None),
        (('sha-256="x"',), "malformed", "structured-field", "content-digest: sha-256 is not a byte sequence"),
        ((f"sha-256=(:{SHORT}:)",), "malformed", "structured-field", None),
        ((f"sha-256=:{SHORT}:, sha-256=:{SHORT}:",), "malformed", "duplicate-label", "sha-256 in content-digest"),
        ((f"sha-256=:{OTHER}:", f"sha-256=:{SHORT}:"), "malformed", "duplicate-label", None),
        ((f"sha-256=:{SHORT}:;a;a",), "malformed", "duplicate-parameter", None),
        ((f"sha-256=:{SHORT.rstrip('=')}:",), "malformed", "base64", "content-digest: sha-256"),
        ((f"sha-256=:{SHORT}:, md5=:AAA:",), "malformed", "base64", "content-digest: md5"),
    ],
)
def test_a_wrong_digest(values: tuple[str, ...], verdict: str, reason: str, detail: str | None) -> None:
    found = refused(check_digest, with_digest(*values), "content-digest")
    assert found[:2] == (verdict, reason)
    assert detail is None or found[2] == detail
    assert found[3] == ("send sha-256 or sha-512" if reason == "digest-algorithm" else None)


@pytest.mark.parametrize(
    ("values", "body", "length", "missing"),
    [
        ((f"sha-256=:{SHORT}:",), None, None, "body"),
        ((f"sha-512=:{LONG}:",), BODY, len(BODY), "sha-512"),
        ((f"sha-512=:{LONG}:, sha-256=:{SHORT}:",), BODY, len(BODY), "sha-512"),
        ((f"sha-512=:{encode(sha512().digest())}:",), b"", 0, None),
    ],
)
def test_what_was_not_seen(
    values: tuple[str, ...], body: bytes | None, length: int | None, missing: str | None
) -> None:
    """The body, or the hash of it that the header is by."""
    hashed = None if body is None else sha256(body).hexdigest()
    headers = tuple(("Content-Digest", one) for one in values)
    assert check_digest(Request("POST", "/", headers, hashed, length), "content-digest") == missing


def test_an_unseen_hash_hides_no_mismatch_of_another() -> None:
    headers = (("Content-Digest", f"sha-512=:{LONG}:, sha-256=:{OTHER}:"),)
    message = Request("POST", "/", headers, sha256(BODY).hexdigest(), len(BODY))
    assert refused(check_digest, message, "content-digest")[1] == "content-digest-mismatch"


def test_an_unknown_body_hides_no_unknown_algorithm() -> None:
    assert refused(check_digest, with_digest("md5=:AAAA:", body=None), "content-digest")[1] == "digest-algorithm"


def test_digest_of() -> None:
    assert digest_of(request(body=None), "sha-256") is None
    assert digest_of(request(), "sha-256") == sha256(BODY).digest()
    assert digest_of(request(), "sha-512") == sha512(BODY).digest()
    assert digest_of(Request("GET", "/"), "sha-512") == sha512().digest()


def test_a_digest_is_made() -> None:
    assert format_digest(request(), "sha-256") == f"sha-256=:{SHORT}:"
    assert format_digest(request(), "sha-512") == f"sha-512=:{LONG}:"
    with pytest.raises(InputError, match="^the body is not known, so its digest cannot be signed$") as caught:
        format_digest(request(body=None), "sha-512")
    assert caught.value.hint == "give it, or --payload unsigned"
    with pytest.raises(UsageError, match="^the sha-512 digest of the body was not made$") as said:
        format_digest(Request("POST", "/", (), sha256(BODY).hexdigest(), len(BODY)), "sha-512")
    assert said.value.hint == "leave out --digest"


def test_digests_are_read_in_a_fixed_order() -> None:
    text = f"sha-512=:{LONG}:, x=:AAAA:, sha-256=:{SHORT}:"
    assert list(read_digests([text], "content-digest")) == ["sha-256", "sha-512"]
    assert read_digests(["md5=:AAAA:"], "content-digest") == {}


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        ((), []),
        ((("Content-Digest", "sha-256=:AAAA:"),), []),
        ((("Content-Digest", "sha-256=:AAAA:"), ("Content-Digest", "sha-512=:AAAA:")), ["sha-512"]),
        ((("Repr-Digest", "sha-512=:AAAA:"),), ["sha-512"]),
        ((("X-Digest", "sha-512=:AAAA:"),), []),
    ],
)
def test_watchers(headers: tuple[tuple[str, str], ...], names: list[str]) -> None:
    found: dict[str, Any] = watchers(Request("POST", "/", headers, None, None))
    assert list(found) == names
    if names:
        assert found["sha-512"].digest() == sha512().digest()


@pytest.mark.parametrize(
    ("message", "partial"),
    [
        (request(), False),
        (request(headers=(("Content-Range", "bytes 0-1/2"),)), True),
        (response(200), False),
        (response(206), True),
        (response(304), True),
        (response(205), False),
        (response(200, (("Content-Range", "bytes 0-1/2"),)), False),
        (response(200, related=request("HEAD")), True),
        (response(200, related=request("GET")), False),
    ],
)
def test_is_partial(message: Any, partial: bool) -> None:
    assert is_partial(message) is partial


# what counts as covered


@pytest.mark.parametrize(
    ("wanted", "covered", "target", "yes"),
    [
        ("@method", "@method", "/", True),
        ("@method", "@target-uri", "/", False),
        ("@authority", "@target-uri", "/", True),
        ("@path", "@target-uri", "/", True),
        ("@query", "@target-uri", "/", True),
        ("@scheme", "@target-uri", "/", False),
        ("@request-target", "@target-uri", "/", False),
        ("@authority", "@request-target", "/", False),
        ("@path", "@request-target", "/", True),
        ("@query", "@request-target", "/", True),
        ("@path", "@request-target", "http://a/", False),
        ("@query", "@request-target", "http://a/?", False),
        ("@path", "@request-target", "*", True),
        ("@path", "@query", "/", False),
        ("@query", '@query-param;name="a"', "/?a=1", False),
        ('@query-param;name="a"', "@query", "/?a=1", False),
        ('@query-param;name="a"', '@query-param;name="a"', "/?a=1", True),
        ("date", "date", "/", True),
        ("date", "date;bs", "/", True),
        ("date", "date;sf", "/", False),
        ("date", 'date;key="x"', "/", False),
        ("date;bs", "date", "/", False),
        ("date", "age;bs", "/", False),
        ("content-digest", "content-digest;sf", "/", True),
        ("content-digest", "content-digest;bs", "/", True),
        ("content-digest", 'content-digest;key="sha-256"', "/", False),
        ("repr-digest", "repr-digest;sf", "/", True),
        ("content-digest", "repr-digest;sf", "/", False),
        ('date;key="x"', "date", "/", False),
        ('date;sf;key="x"', 'date;key="x";sf', "/", True),
    ],
)
def test_counts(wanted: str, covered: str, target: str, yes: bool) -> None:
    one, other = parse_component(wanted, "x"), parse_component(covered, "x")
    assert counts(one, Cover((other,)), request("GET", target)) is yes


@pytest.mark.parametrize(
    ("wanted", "covered", "target", "yes"),
    [
        ('"@path";req', '"@target-uri";req', "/", True),
        ('"@path";req', '"@target-uri"', "/", False),
        ('"@path";req', '"@request-target";req', "/", True),
        ('"@path";req', '"@request-target";req', "http://a/", False),
        ('"@method";req', '"@method"', "/", False),
        ('"@method";req', '"@method";req', "/", True),
        ('"date";req', '"date";req;bs', "/", True),
        ('"date";req', '"date";bs', "/", False),
        ('"date"', '"date";req;bs', "/", False),
        ('"date"', '"date";req', "/", False),
    ],
)
def test_counts_in_a_response(wanted: str, covered: str, target: str, yes: bool) -> None:
    message = response(related=request("GET", target))
    assert counts(parse_components(wanted)[0], parse_components(covered), message) is yes


def test_a_request_that_is_not_known_counts_for_nothing() -> None:
    wanted, covered = parse_components('"@path";req'), parse_components('"@request-target";req')
    assert counts(wanted[0], covered, response()) is False


def test_cover() -> None:
    found = Cover(parse_components('"date" "content-digest";sf "content-digest";bs "repr-digest" "content-digest";req'))
    assert found.listed == '"date" "content-digest";sf "content-digest";bs "repr-digest" "content-digest";req'
    assert found.texts == {*found.listed.split(" ")}
    assert found.digests == ("content-digest", "repr-digest")
    assert found == tuple(found)


def test_body_header() -> None:
    text = '"content-digest" "repr-digest";sf "content-digest";req "content-digest";key="sha-256" "date"'
    assert body_header(parse_components(text)) == ["content-digest", "repr-digest"]
    assert body_header(parse_components('"content-digest";bs "date"')) == ["content-digest"]
    assert body_header(parse_components('"content-digest";req "content-digest";key="a"')) == []


# Signature-Input and Signature


@pytest.mark.parametrize(
    ("text", "label", "written", "params", "listed"),
    [
        ("sig1=()", "sig1", "()", {}, []),
        ('a=("@method" "x";sf);created=1;keyid="k"', "a", None, {"created": 1, "keyid": "k"}, ['"@method"', '"x";sf']),
        (' a1=("x") ', "a1", '("x")', {}, ['"x"']),
        ('*=("x";key=")" "y");tag="),a=("', "*", None, {"tag": "),a=("}, ['"x";key=")"', '"y"']),
        # read by the parser, and written anew
        ('a=( "x"   "y" );created=01', "a", '("x" "y");created=1', {"created": 1}, ['"x"', '"y"']),
        ('a=("x");  created=1;x=tok', "a", '("x");created=1;x=tok', {"created": 1, "x": Token("tok")}, ['"x"']),
        ('a=("x");nonce="\\"\\\\"', "a", '("x");nonce="\\"\\\\"', {"nonce": '"\\'}, ['"x"']),
        ('a=("x"; sf);n=-1;b=:AA==:;f=?0', "a", '("x";sf);n=-1;b=:AA==:;f=?0', None, ['"x";sf']),
        ('a=("x";key=")" "y";sf=?1);d=1.50', "a", '("x";key=")" "y";sf);d=1.5', None, ['"x";key=")"', '"y";sf']),
        ('a=("x");f=?1', "a", '("x");f', {"f": True}, ['"x"']),
    ],
)
def test_one_input(
    text: str, label: str, written: str | None, params: dict[str, Any] | None, listed: list[str]
) -> None:
    found = read_inputs(text)
    assert list(found) == [label]
    assert found[label].label == label
    assert found[label].text == (text.partition("=")[2] if written is None else written)
    assert params is None or found[label].params == params
    assert [one.text for one in found[label].components()] == listed


def test_what_is_usual_is_read_without_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs an import and ten times the time; whatever is not usual goes to it, and is judged by it alone."""

    def parse(*given: Any) -> Any:
        raise AssertionError(given)

    monkeypatch.setattr(structured, "_parse", parse)
    for text, expected in (
        ("a=()", {"a": "()"}),
        ('a=("@method" "@path");created=1;keyid="k"', {"a": '("@method" "@path");created=1;keyid="k"'}),
        ('a=("x)" ");(" "z"), b=("w")', {"a": '("x)" ");(" "z")', "b": '("w")'}),
        ('a=("n-1" "n-2");n-3=1;n-4;n-5="a=b"', {"a": '("n-1" "n-2");n-3=1;n-4;n-5="a=b"'}),
    ):
        assert {label: one.text for label, one in read_inputs(text).items()} == expected
    found = read_inputs(' a=("x";sf;key="=(");nonce="=(),;" ,  xb=("y");expires=7;tag="X,X";flag  ,c=();alg="z" ')
    assert {label: (one.text, one.params) for label, one in found.items()} == {
        "a": ('("x";sf;key="=(");nonce="=(),;"', {"nonce": "=(),;"}),
        "xb": ('("y");expires=7;tag="X,X";flag', {"expires": 7, "tag": "X,X", "flag": True}),
        "c": ('();alg="z"', {"alg": "z"}),
    }
    assert read_bytes(" a=:AAAA: ,xb=:Zm9v:") == {"a": b"\0\0\0", "xb": b"foo"}
    assert read_digests([f"sha-256=:{SHORT}:", "md5=::"], "content-digest") == {"sha-256": sha256(BODY).digest()}


def test_a_string_is_never_read_as_it_is_written_where_it_has_an_escape() -> None:
    found = read_inputs('a=("x";key="b\\\\");nonce="c\\\\"')["a"]
    assert found.params == {"nonce": "c\\"}
    assert found.components()[0].params == {"key": "b\\"}
    for strange in ("\xe9", "\t", "\x7f"):
        for text in (f'a=("x");nonce="{strange}"', f'a=("{strange}")', f'a=("x";key="{strange}")'):
            assert refused(read_inputs, text)[:2] == ("malformed", "structured-field")


def test_several_inputs() -> None:
    found = read_inputs('a=("x");created=1, b=();tag="t" ,c=("y";req)')
    assert [(label, one.text) for label, one in found.items()] == [
        ("a", '("x");created=1'),
        ("b", '();tag="t"'),
        ("c", '("y";req)'),
    ]


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ("a", "structured-field", "Signature-Input: a is not a list of components"),
        ('a="x"', "structured-field", "Signature-Input: a is not a list of components"),
        ('a=("x"', "structured-field", None),
        ('a=("x"),', "structured-field", None),
        ('a=("x") b=("y")', "structured-field", None),
        ('A=("x")', "structured-field", None),
        ('=("x")', "structured-field", None),
        ('a=("x"),a=("y")', "duplicate-label", "a in Signature-Input"),
        ('a=("x");created=1;created=2', "duplicate-parameter", "created in Signature-Input"),
        ('a=("x";sf;sf)', "duplicate-parameter", "sf in Signature-Input"),
        ('a=("x");created=1234567890123456', "parameter-type", None),
        ('a=("x");expires=99999999999999999', "parameter-type", None),
        ('a=("x");created=', "parameter-type", None),
        ('a=("x");other=1234567890123456', "structured-field", None),
        ('a=("x");created=1)', "structured-field", None),
        ('\ta=("x")', "structured-field", None),
    ],
)
def test_inputs_are_refused(text: str, reason: str, detail: str | None) -> None:
    found = refused(read_inputs, text)
    assert found[:2] == ("malformed", reason)
    assert detail is None or found[2] == detail


def test_components_of_an_input() -> None:
    assert [one.text for one in read_inputs('a=("x" "@method")')["a"].components()] == ['"x"', '"@method"']
    for text, reason, detail in (
        ('a=("x" "x")', "component", '"x" is covered twice'),
        ('a=("y" "x" "x")', "component", '"x" is covered twice'),
        ('a=("x";sf;key="a" "y" "x";key="a";sf)', "component", '"x";sf;key="a" is covered twice'),
        ('a=( "x" "x")', "component", '"x" is covered twice'),
        ("a=(x)", "component", "x: its name is not a string"),
        ('a=("X")', "component", '"X": its name is not that of a header in lower case'),
    ):
        assert refused(read_inputs(text)["a"].components) == ("malformed", reason, detail, None)


def test_a_component_of_two_parameters_that_is_named_twice() -> None:
    one = parse_components('"x";sf;key="a" "x";key="a";sf')
    assert one[0] == one[1]


@pytest.mark.parametrize(("count", "fine"), [(64, True), (65, False), (600, False)])
def test_number_of_components(count: int, fine: bool) -> None:
    text = " ".join([f'"x{number}"' for number in range(count)])
    found = Input("a", {}, f"({text})", text)
    if fine:
        assert len(found.components()) == count
    else:
        detail = f"{count} components" if count == 65 else "more than 64 components"
        assert refused(found.components) == ("malformed", "limit", detail, None)


@pytest.mark.parametrize("name", ["nonce", "alg", "keyid", "tag"])
def test_texts(name: str) -> None:
    assert Input("a", {name: "x"}, "", "").text_of(name) == "x"
    assert Input("a", {}, "", "").text_of(name) is None
    for value in (1, True, Token("x"), b"x"):
        detail = f"{name} is not a string"
        assert refused(Input("a", {name: value}, "", "").text_of, name) == ("malformed", "parameter-type", detail, None)


@pytest.mark.parametrize("name", ["created", "expires"])
def test_times(name: str) -> None:
    utc = timezone.utc
    assert Input("a", {name: 0}, "", "").time_of(name) == datetime(1970, 1, 1, tzinfo=utc)
    assert Input("a", {name: 253402300799}, "", "").time_of(name) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=utc)
    assert Input("a", {}, "", "").time_of(name) is None
    for value in (-1, 253402300800, True, "1", Token("x"), datetime(2026, 1, 1, tzinfo=utc)):
        detail = f"{name} is not an instant in Unix seconds"
        assert refused(Input("a", {name: value}, "", "").time_of, name) == ("malformed", "parameter-type", detail, None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a=:+/8=:", {"a": b"\xfb\xff"}),
        ("a=:AAAA:,b=::", {"a": b"\0\0\0", "b": b""}),
        ("a=:AAAA:;x=1", {"a": b"\0\0\0"}),
    ],
)
def test_signatures_of_a_field(text: str, found: dict[str, bytes]) -> None:
    assert read_bytes(text) == found


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ('a="AAAA"', "structured-field", "Signature: a is not a byte sequence"),
        ("a=(:AAAA:)", "structured-field", "Signature: a is not a byte sequence"),
        ("a", "structured-field", "Signature: a is not a byte sequence"),
        ("a=:-_8=:", "structured-field", None),
        ("a=:AAAA", "structured-field", None),
        ('keyId="x",signature="y"', "structured-field", None),
        ("a=:AAAA:, a=:AAAA:", "duplicate-label", "a in Signature"),
        ("a=:AAAA:;x;x", "duplicate-parameter", "x in Signature"),
        ("a=:AAA:", "base64", "a"),
        ("a=:AAA:;x", "base64", "a"),
        ("a=:AAB=:", "base64", "a"),
    ],
)
def test_signatures_of_a_field_are_refused(text: str, reason: str, detail: str | None) -> None:
    found = refused(read_bytes, text)
    assert found[:2] == ("malformed", reason)
    assert detail is None or found[2] == detail


def fields(inputs: tuple[str, ...], signatures: tuple[str, ...]) -> Request:
    lines = [("Signature-Input", one) for one in inputs] + [("Signature", one) for one in signatures]
    return request(headers=(("Host", "a"), *lines))


def test_both_fields() -> None:
    found = read_signatures(fields(('a=("x")', 'b=("y");created=1'), ("a=:AAAA:", "b=:Zm9v:")))
    assert {label: one.text for label, one in found[0].items()} == {"a": '("x")', "b": '("y");created=1'}
    assert found[1] == {"a": b"\0\0\0", "b": b"foo"}


@pytest.mark.parametrize(
    ("inputs", "signatures", "reason", "detail", "hint"),
    [
        ((), (), "no-signature", "", None),
        (("",), ("",), "no-signature", "", None),
        ((" ", "\t"), (), "no-signature", "", None),
        ((), ("a=:AAAA:",), "no-signature", "", "--scheme cavage checks what has a Signature header alone"),
        (("XX",), ("a=:AAAA:",), "structured-field", UPPER, None),
        (("a=()", "a=()"), ("a=:AAAA:",), "duplicate-label", "a in Signature-Input", None),
        (("a=()",), ("a=:AAAA:", "a=:AAAA:"), "duplicate-label", "a in Signature", None),
        (("a=()" + " " * 16381,), ("a=:AAAA:",), "limit", "signature-input is 16385 characters long", None),
        (("a=()",), ("a=:AAAA:" + " " * 16377,), "limit", "signature is 16385 characters long", None),
    ],
)
def test_fields_are_refused(
    inputs: tuple[str, ...], signatures: tuple[str, ...], reason: str, detail: str, hint: str | None
) -> None:
    assert refused(read_signatures, fields(inputs, signatures)) == ("malformed", reason, detail, hint)


def test_the_longest_fields() -> None:
    found = read_signatures(fields(("a=()" + " " * 16380,), ("a=:AAAA:" + " " * 16376,)))
    assert (list(found[0]), found[1]) == (["a"], {"a": b"\0\0\0"})
