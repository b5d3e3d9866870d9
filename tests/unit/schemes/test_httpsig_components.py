"""Which components are there, and what are their values?"""

from typing import Any

import pytest

from authkit.errors import Rejected, UsageError
from authkit.messages.structured import Item, Token
from authkit.schemes.httpsig import components as module
from authkit.schemes.httpsig.components import (
    Component,
    components_of,
    is_known,
    make_component,
    parse_component,
    parse_components,
    signature_base,
)
from httpsigs import component_value, request, response

HEADERS = (("Host", "Example.COM:443"), ("X-Dict", "  a=1,b=2;x , c=(d  e)"), ("X-Two", " one "), ("x-two", "two\t"))


@pytest.fixture(autouse=True)
def nothing_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_lists", {})


def value(text: str, message: Any) -> str:
    (component,) = parse_components(text)
    return component_value(component, message)


def derived(text: str, message: Any) -> str:
    """Return the value of a derived component, whatever bytes are in it."""
    (component,) = parse_components(text)
    assert component.resolve is not None
    return component.resolve(component, message)


def refused(text: str, message: Any = None) -> tuple[str, str, str, str | None]:
    with pytest.raises(Rejected) as caught:
        parse_components(text) if message is None else value(text, message)
    return caught.value.verdict, caught.value.reason, caught.value.detail, caught.value.hint


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ('"@method"', "POST"),
        ('"@authority"', "example.com"),
        ('"@scheme"', "https"),
        ('"@target-uri"', "https://Example.COM:443/a%2fb/../c?q=1"),
        ('"@request-target"', "/a%2fb/../c?q=1"),
        ('"@path"', "/a%2fb/../c"),
        ('"@query"', "?q=1"),
        ('"@query-param";name="q"', "1"),
        ('"host"', "Example.COM:443"),
        ('"x-two"', "one, two"),
        ('"x-two";bs', ":b25l:, :dHdv:"),
        ('"x-dict"', "a=1,b=2;x , c=(d  e)"),
        ('"x-dict";sf', "a=1, b=2;x, c=(d e)"),
        ('"x-dict";key="b"', "2;x"),
        ('"x-dict";key="c"', "(d e)"),
        ('"x-dict";sf;key="a"', "1"),
    ],
)
def test_a_value_of_a_request(identifier: str, expected: str) -> None:
    message = request("POST", "/a%2fb/../c?q=1", HEADERS)
    assert value(identifier, message) == expected
    (component,) = parse_components(identifier)
    base = signature_base(message, (component,), "()")
    assert base == f'{identifier}: {expected}\n"@signature-params": ()'


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ('"@status"', "099"),
        ('"x-two"', "of response"),
        ('"x-two";req', "one, two"),
        ('"x-two";req;bs', ":b25l:, :dHdv:"),
        ('"x-dict";req;key="a"', "1"),
        ('"x-dict";req;sf', "a=1, b=2;x, c=(d e)"),
        ('"@method";req', "POST"),
        ('"@authority";req', "example.com"),
        ('"@scheme";req', "https"),
        ('"@target-uri";req', "https://Example.COM:443/p?q=1"),
        ('"@request-target";req', "/p?q=1"),
        ('"@path";req', "/p"),
        ('"@query";req', "?q=1"),
        ('"@query-param";name="q";req', "1"),
        ('"@query-param";req;name="q"', "1"),
    ],
)
def test_a_value_of_a_response(identifier: str, expected: str) -> None:
    message = response(99, (("X-Two", "of response"),), related=request("POST", "/p?q=1", HEADERS))
    assert value(identifier, message) == expected
    (component,) = parse_components(identifier)
    assert signature_base(message, (component,), "()") == f'{identifier}: {expected}\n"@signature-params": ()'


@pytest.mark.parametrize(
    ("target", "method", "path", "query", "uri", "authority", "scheme"),
    [
        ("/", "GET", "/", "?", "http://A.test:443/", "a.test:443", "http"),
        ("/p?", "GET", "/p", "?", "http://A.test:443/p?", "a.test:443", "http"),
        ("//p/./?x&y=?", "GET", "//p/./", "?x&y=?", "http://A.test:443//p/./?x&y=?", "a.test:443", "http"),
        ("HTTPS://B.test:0443/p?x", "GET", "/p", "?x", "HTTPS://B.test:0443/p?x", "b.test", "https"),
        ("http://b.test:8080", "GET", "/", "?", "http://b.test:8080/", "b.test:8080", "http"),
        ("http://b.test?/x", "GET", "/", "?/x", "http://b.test/?/x", "b.test", "http"),
        ("http://b.test", "OPTIONS", "/", "?", "http://b.test", "b.test", "http"),
        ("http://b.test?x=://y", "GET", "/", "?x=://y", "http://b.test/?x=://y", "b.test", "http"),
    ],
)
def test_forms_of_the_target(
    target: str, method: str, path: str, query: str, uri: str, authority: str, scheme: str
) -> None:
    message = request(method, target, (("Host", " A.test:443\t"),), b"", "http")
    names = ("@path", "@query", "@target-uri", "@authority", "@scheme", "@request-target")
    assert tuple(value(f'"{name}"', message) for name in names) == (path, query, uri, authority, scheme, target)


@pytest.mark.parametrize(
    ("target", "scheme", "found"),
    [("/a://b", "https", "https"), ("/a://b", "http", "http"), ("HTTP://a.test/?b=://c", "https", "http")],
)
def test_scheme(target: str, scheme: str, found: str) -> None:
    assert value('"@scheme"', request(target=target, scheme=scheme)) == found


def test_a_path_that_looks_like_a_url() -> None:
    assert value('"@authority"', request(target="/a://b", headers=HEADERS)) == "example.com"


def test_of_two_hosts_the_first_is_taken() -> None:
    """A verifier refuses them; what signs may have them still."""
    for target in ("/", "*"):
        message = request("OPTIONS", target, (("Host", "\xa0Xa.test"), ("Host", "b.test")), b"")
        assert derived('"@target-uri"', message) == f"https://\xa0Xa.test{target.strip('*')}"


def test_the_asterisk() -> None:
    message = request("OPTIONS", "*", (("Host", " A.test:443\t"),), b"", "https")
    names = ("@query", "@target-uri", "@authority", "@scheme", "@request-target")
    assert tuple(value(f'"{name}"', message) for name in names) == ("?", "https://A.test:443", "a.test", "https", "*")
    detail = '"@path": the target has no path'
    assert refused('"@path"', message) == ("malformed", "component", detail, "cover @request-target")


@pytest.mark.parametrize(
    ("host", "scheme", "expected"),
    [
        ("A.b:80", "http", "a.b"),
        ("A.b:80", "https", "a.b:80"),
        ("a.b:443", "https", "a.b"),
        ("a.b:443", "http", "a.b:443"),
        ("a.b:0443", "https", "a.b"),
        ("a.b:", "https", "a.b:"),
        ("[::1]", "https", "[::1]"),
        ("[::1]:443", "https", "[::1]"),
        ("\ta.b ", "https", "a.b"),
        ("Xa.bX", "https", "xa.bx"),
        ("\xa0a.b\x85", "https", "\xa0a.b\x85"),
        ("a.b:X443", "https", "a.b:x443"),
    ],
)
def test_authority(host: str, scheme: str, expected: str) -> None:
    assert derived('"@authority"', request(headers=(("Host", host),), scheme=scheme)) == expected


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        ("a=1", "a", "1"),
        ("a", "a", ""),
        ("a=", "a", ""),
        ("a=1=2", "a", "1%3D2"),
        ("&&a=1&", "a", "1"),
        ("=1", "", "1"),
        ("a=x+y%20z", "a", "x%20y%20z"),
        ("a=%7e%21~!'()*-._", "a", "%7E%21%7E%21%27%28%29*-._"),
        ("a%2Bb=c%26d", "a%2Bb", "c%26d"),
        ("fa%C3%A7ade%22%3A%20=x", "fa%C3%A7ade%22%3A%20", "x"),
        ("a=%c3%bc", "a", "%C3%BC"),
        ("b=2&a=1", "a", "1"),
    ],
)
def test_query_param(query: str, name: str, expected: str) -> None:
    assert value(f'"@query-param";name="{name}"', request(target=f"/p?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "verdict", "reason", "detail"),
    [
        ("a=1&a=1", "malformed", "ambiguous-query-param", '"@query-param";name="a"'),
        ("a=1&%61=2", "malformed", "ambiguous-query-param", '"@query-param";name="a"'),
        ("b=1", "invalid", "component-missing", '"@query-param";name="a"'),
        ("A=1", "invalid", "component-missing", '"@query-param";name="a"'),
        ("", "invalid", "component-missing", '"@query-param";name="a"'),
        ("a=%ff", "malformed", "component", '"@query-param";name="a": the query is not UTF-8'),
        ("%fe=1&a=1", "malformed", "component", '"@query-param";name="a": the query is not UTF-8'),
        ("a=%zz", "malformed", "target-syntax", "a '%' that no two hexadecimal digits follow"),
    ],
)
def test_query_param_is_refused(query: str, verdict: str, reason: str, detail: str) -> None:
    found = refused('"@query-param";name="a"', request(target=f"/p?{query}"))
    assert found[:3] == (verdict, reason, detail)
    assert found[3] == ("cover @query" if "UTF-8" in detail else found[3])


@pytest.mark.parametrize(
    ("identifier", "why"),
    [
        ('"@unknown"', "no component of that name can be covered"),
        ('"@signature-params"', "no component of that name can be covered"),
        ('"@"', "no component of that name can be covered"),
        ('"@Method"', "no component of that name can be covered"),
        ('"@method";sf', "it has a parameter that it cannot have, or lacks one"),
        ('"@method";name="x"', "it has a parameter that it cannot have, or lacks one"),
        ('"@method";tr', "it has a parameter that it cannot have, or lacks one"),
        ('"@method";x', "it has a parameter that it cannot have, or lacks one"),
        ('"@query-param"', "it has a parameter that it cannot have, or lacks one"),
        ('"@query-param";req', "it has a parameter that it cannot have, or lacks one"),
        ('"@query-param";name', "it has a parameter that it cannot have, or lacks one"),
        ('"@query-param";name=1', "it has a parameter that it cannot have, or lacks one"),
        ('"@query-param";name=tok', "it has a parameter that it cannot have, or lacks one"),
        ('"@query-param";name="a";sf', "it has a parameter that it cannot have, or lacks one"),
        ('"@status";req', "a request has no status"),
        ('"@method";req=1', "its parameter req has a value"),
        ('"date";sf=?0', "its parameter sf has a value"),
        ('"date";bs="x"', "its parameter bs has a value"),
        ('"date";tr=?0', "its parameter tr has a value"),
        ('"Date"', "its name is not that of a header in lower case"),
        ('""', "its name is not that of a header in lower case"),
        ('"a b"', "its name is not that of a header in lower case"),
        ('"a:"', "its name is not that of a header in lower case"),
        ('"date";name="x"', "a header has no parameter name"),
        ('"date";x', "a header has no parameter x"),
        ('"date";tr', "trailer fields are not supported"),
        ('"date";bs;sf', "bs stands beside sf or key"),
        ('"date";bs;key="x"', "bs stands beside sf or key"),
        ('"date";key', "its parameter key is not a string"),
        ('"date";key=tok', "its parameter key is not a string"),
        ("date", "its name is not a string"),
        ("1", "its name is not a string"),
        (":AA==:", "its name is not a string"),
    ],
)
def test_no_component(identifier: str, why: str) -> None:
    assert refused(identifier) == ("malformed", "component", f"{identifier}: {why}", None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"a"),("b"', "structured-field"),
        ('"a");x=("b"', "structured-field"),
        ('"a");x;y="("', "structured-field"),
        ('"a"), x;y=("b"', "structured-field"),
        ('"a', "structured-field"),
        ('"a";x;x', "duplicate-parameter"),
        ("é", "structured-field"),
    ],
)
def test_no_list_of_components(text: str, reason: str) -> None:
    assert refused(text)[:2] == ("malformed", reason)


def test_a_text_that_ends_the_list_is_named() -> None:
    detail = """'"a"),("b"' is not a list of components"""
    assert refused('"a"),("b"') == ("malformed", "structured-field", detail, None)
    assert refused('"a");x;y=("b"')[:2] == ("malformed", "structured-field")
    assert refused('), ("a"')[2] == """'), ("a"' is not a list of components"""


@pytest.mark.parametrize(
    ("identifier", "message", "verdict", "reason", "detail"),
    [
        ('"x-none"', request(), "invalid", "component-missing", "x-none"),
        ('"x-none";bs', request(), "invalid", "component-missing", '"x-none";bs'),
        ('"x-none";sf', request(), "invalid", "component-missing", '"x-none";sf'),
        ('"x-dict";key="z"', request(headers=HEADERS), "invalid", "component-missing", '"x-dict";key="z"'),
        ('"x-two";key="one"', request(headers=(("X-Two", "?"),)), "malformed", "structured-field", None),
        ('"x";key="a"', request(headers=(("X", "a=1, a=2"),)), "malformed", "duplicate-label", "a in x"),
        ('"x";key="a"', request(headers=(("X", "a;b;b"),)), "malformed", "duplicate-parameter", "b in x"),
        (
            '"x";sf',
            request(headers=(("X", "a=1, a=2"),)),
            "malformed",
            "structured-field",
            "x: Trailing text after item in list at position 1",
        ),
        ('"x";sf', request(headers=(("X", "?"),)), "malformed", "structured-field", None),
        ('"@authority"', request(headers=()), "invalid", "component-missing", '"@authority": there is no Host'),
        ('"@authority"', request(headers=(("Host", " "),)), "invalid", "component-missing", None),
        (
            '"@authority";req',
            response(related=request(headers=())),
            "invalid",
            "component-missing",
            '"@authority";req: there is no Host',
        ),
        ('"@status"', request(), "malformed", "component", '"@status": a request has no status'),
        ('"@method";req', request(), "malformed", "component", '"@method";req: a request answers no request'),
        ('"host";req', request(), "malformed", "component", '"host";req: a request answers no request'),
        ('"@method";req', response(), "cannot-check", "request-unavailable", '"@method";req'),
        ('"date";req', response(), "cannot-check", "request-unavailable", '"date";req'),
        ('"x-none";req', response(related=request()), "invalid", "component-missing", '"x-none";req'),
        (
            '"set-cookie"',
            response(headers=(("Set-Cookie", "a"), ("Set-Cookie", "b"))),
            "malformed",
            "component",
            '"set-cookie": several values, which joining would confuse',
        ),
    ],
)
def test_a_message_lacks_it(identifier: str, message: Any, verdict: str, reason: str, detail: str | None) -> None:
    found = refused(identifier, message)
    assert found[:2] == (verdict, reason)
    assert detail is None or found[2] == detail
    with pytest.raises(Rejected) as caught:
        signature_base(message, parse_components(identifier), "()")
    assert (caught.value.reason, caught.value.detail) == (reason, found[2])


@pytest.mark.parametrize(
    "name", ["@method", "@authority", "@scheme", "@target-uri", "@request-target", "@path", "@query"]
)
def test_a_response_has_its_request_s_parts_by_req_alone(name: str) -> None:
    detail = f'"{name}": a response has it only of its request, with ;req'
    for message in (response(), response(related=request())):
        assert refused(f'"{name}"', message) == ("malformed", "component", detail, None)
        with pytest.raises(Rejected) as caught:
            signature_base(message, parse_components(f'"@status" "{name}"'), "()")
        assert caught.value.detail == detail


def test_hints() -> None:
    assert refused('"@method";req', response())[3] == "give it with --request FILE"
    assert (
        refused('"set-cookie"', request(headers=(("Set-Cookie", "a"), ("Set-Cookie", "b"))))[3] == "cover it with ;bs"
    )
    assert refused('"@path"', request("OPTIONS", "*"))[3] == "cover @request-target"


def test_one_cookie_and_cookies_as_bytes() -> None:
    assert value('"set-cookie"', response(headers=(("Set-Cookie", " a=b, c "),))) == "a=b, c"
    two = response(headers=(("Set-Cookie", "a"), ("Set-Cookie", "b")))
    assert value('"set-cookie";bs', two) == ":YQ==:, :Yg==:"


@pytest.mark.parametrize("text", ["\xe9", "a\nb", "a\r\n\xe9"])
def test_a_value_that_no_base_can_hold(text: str) -> None:
    message = request(headers=(("Host", "a"), ("X-A", "fine"), ("X-B", text)))
    with pytest.raises(Rejected) as caught:
        signature_base(message, parse_components('"x-a" "x-b"'), "()")
    assert (caught.value.verdict, caught.value.reason) == ("malformed", "component")
    assert caught.value.detail == '"x-b": its value holds a byte that no signature covers so'
    assert caught.value.hint == "cover it with ;bs"
    assert signature_base(message, parse_components('"x-b";bs'), "()").isascii()


def test_only_space_and_tab_around_a_value_are_cut() -> None:
    message = request(headers=(("Host", "a"), ("X", " \t a \t b\t "), ("Y", "\xa0a\x85")))
    assert value('"x"', message) == "a \t b"
    assert signature_base(message, parse_components('"x"'), "()") == '"x": a \t b\n"@signature-params": ()'
    for headers in ((("Y", "\xa0a\x85"),), (("Y", "\xa0a"),), (("Y", "a\x85"),), (("Y", "\xa0a"), ("Y", "b\x85"))):
        with pytest.raises(Rejected, match="its value holds a byte"):
            signature_base(request(headers=headers), parse_components('"y"'), "()")
    for headers, found in (((("Z", "XaX"),), "XaX"), ((("Z", "XaX"), ("Z", "Xb")), "XaX, Xb")):
        assert signature_base(request(headers=headers), parse_components('"z"'), "()").startswith(f'"z": {found}\n')
        assert value('"z"', request(headers=headers)) == found


def test_a_base_of_nothing() -> None:
    assert signature_base(request(), (), "();created=1") == '"@signature-params": ();created=1'


def test_identifiers_are_the_same_in_any_order_of_their_parameters() -> None:
    one, other = (parse_components(text)[0] for text in ('"x";sf;key="a"', '"x";key="a";sf'))
    assert one == other
    assert hash(one) == hash(other)
    assert one.text != other.text
    for text in ('"x";sf', '"x";key="b";sf', '"y";sf;key="a"', '"x"'):
        assert parse_components(text)[0] != one
    assert one != '"x";sf;key="a"'
    assert repr(one) == '<Component "x";sf;key="a">'


@pytest.mark.parametrize(
    ("typed", "text", "shown"),
    [
        ("@method", '"@method"', "@method"),
        ("Content-Type", '"content-type"', "content-type"),
        (" date ", '"date"', "date"),
        ("X-AX", '"x-ax"', "x-ax"),
        ('"date"', '"date"', "date"),
        ("x-dict;sf", '"x-dict";sf', '"x-dict";sf'),
        ('@query-param;name="a"', '"@query-param";name="a"', '"@query-param";name="a"'),
        ('"@query-param";name="a\\"b"', '"@query-param";name="a\\"b"', '"@query-param";name="a\\"b"'),
        ("@method;req", '"@method";req', '"@method";req'),
    ],
)
def test_a_component_as_typed(typed: str, text: str, shown: str) -> None:
    found = parse_component(typed, "--cover")
    assert (found.text, found.shown) == (text, shown)
    assert parse_component(found.typed, "--cover") == found


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("@nothing", "--cover '@nothing': \"@nothing\": no component of that name can be covered"),
        ("date;tr", "--cover 'date;tr': \"date\";tr: trailer fields are not supported"),
        ('"Date"', '--cover \'"Date"\': "Date": its name is not that of a header in lower case'),
        ('"a" "b"', '--cover \'"a" "b"\' is not one component'),
    ],
)
def test_no_component_as_typed(typed: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_component(typed, "--cover")
    assert caught.value.message == message
    one = "give the option once for each"
    assert caught.value.hint == (one if "not one" in message else module._HINT)


def test_nothing_typed() -> None:
    for typed in ("", '"a', "a b", "\tdate"):
        with pytest.raises(UsageError):
            parse_component(typed, "--require")


def test_lists_are_remembered_where_they_are_canonical(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_lists", {})
    monkeypatch.setattr(module, "_MANY", 2)
    monkeypatch.setattr(module, "_MAX_KEPT", 4)
    for text, known in (('"a"', True), ('"ab"', True), ('"abc"', False), (' "a" ', False), ('"a"', True)):
        parse_components(text)
        assert is_known(text) is known
    assert parse_components('"a"') is parse_components('"a"')
    parse_components('"c"')
    assert list(module._lists) == ['"c"']


def test_components_of_what_was_parsed() -> None:
    found = components_of([Item("x", {"key": 'a"'}), Item("@method")])
    assert [one.text for one in found] == ['"x";key="a\\""', '"@method"']
    with pytest.raises(Rejected):
        components_of([Item(Token("x"))])


def test_long_texts_are_cut() -> None:
    name = "n" * 90
    assert refused(f'"{name}"', request())[2] == name[:80]
    assert refused(f'"{name}";bs', request())[2] == f'"{name}'[:80]
    assert refused(f'"{name}";key="a"', request(headers=((name, "b"),)))[2] == f'"{name}'[:80]
    assert refused(f'"@query-param";name="{name}"', request())[2] == f'"@query-param";name="{name}'[:80]
    twice = request(target=f"/?{name}&{name}")
    assert refused(f'"@query-param";name="{name}"', twice)[2] == f'"@query-param";name="{name}'[:80]
    assert refused(f'"{name}";req', response())[2] == f'"{name}'[:80]
    assert refused(f'"{name}";{"x" * 40}')[2] == f"{f'{chr(34)}{name}'[:80]}: a header has no parameter {'x' * 32}"
    listed = f'"{name}"), ("a"'
    assert refused(listed)[2] == f"{listed[:80]!r} is not a list of components"
    for typed in (name + ";tr", f'"{name}" "a"'):
        with pytest.raises(UsageError) as caught:
            parse_component(typed, "--cover")
        assert caught.value.message.startswith(f"--cover {typed[:80]!r}")


def test_an_escape_is_read() -> None:
    assert parse_components('"x";key="b\\\\"')[0].params == {"key": "b\\"}
    for strange in ("\xe9", "\t"):
        assert refused(f'"x";key="{strange}"')[:2] == ("malformed", "structured-field")


def test_make_component() -> None:
    found = make_component("date", {}, '"date"')
    assert isinstance(found, Component)
    assert (found.name, found.params, found.resolve) == ("date", {}, None)
