"""Are the demands that many schemes share the ones that the options say?"""

from typing import Any

import pytest

import schemejobs as jobs
from authkit.errors import InputError, Refused, Rejected, UsageError
from authkit.messages.request import Request
from authkit.schemes import acs3, demands, listed
from authkit.schemes.demands import Demands


def test_the_options_are_the_demands() -> None:
    given = {"authority": ("A.Example",), "max_skew": 7, "require": ("X-A",), "allow_unsigned": ("X-B",)}
    found = demands.demands_of(jobs.options(acs3.SCHEME, "verify", **given, scheme_override=True, body_unchecked=True))
    assert [getattr(found, name) for name in Demands.__slots__] == [
        ("a.example",),
        7,
        ("x-a",),
        ("x-b",),
        False,
        True,
        True,
    ]


def test_nothing_given_is_the_closed_policy() -> None:
    found = demands.demands_of(jobs.options(acs3.SCHEME, "verify"))
    assert [getattr(found, name) for name in Demands.__slots__] == [(), 300, (), (), False, False, False]
    plain = Demands()
    assert [getattr(plain, name) for name in Demands.__slots__] == [(), 300, (), (), False, False, False]


@pytest.mark.parametrize("skew", [-1, 901])
def test_a_skew_out_of_range(skew: int) -> None:
    with pytest.raises(UsageError, match=f"^--max-skew {skew} is not 0 to 900 seconds$"):
        demands.demands_of(jobs.options(acs3.SCHEME, "verify", max_skew=skew))


def test_refuse_signed() -> None:
    demands.refuse_signed(jobs.request(headers=(("X-A", "1"),)), "x-b")
    with pytest.raises(InputError, match=r"^the request has no Host header$") as caught:
        demands.refuse_signed(jobs.request(host=None))
    assert caught.value.hint == "add one, or say --origin https://HOST"
    with pytest.raises(InputError, match=r"^the request has the header host twice$"):
        demands.refuse_signed(jobs.request(headers=(("host", "b"),)))
    with pytest.raises(Refused, match=r"^the request already has the header x-b$") as refused:
        demands.refuse_signed(jobs.request(headers=(("X-B", "1"),)), "x-a", "x-b")
    assert refused.value.hint == "remove it: signing adds it"


def test_own_header() -> None:
    assert demands.own_header(jobs.request(), "X-Date", "now") == (("X-Date", "now"),)
    assert demands.own_header(jobs.request(headers=(("x-date", " now\t"),)), "X-Date", "now") == ()
    with pytest.raises(UsageError, match=r"^the request has X-Date then and is signed with now$") as caught:
        demands.own_header(jobs.request(headers=(("x-date", "then"),)), "X-Date", "now")
    assert caught.value.hint == "remove it"
    with pytest.raises(UsageError):
        demands.own_header(jobs.request(headers=(("x-date", "now"), ("X-Date", "now"))), "X-Date", "now")


def test_known_body() -> None:
    assert demands.known_body(jobs.request(body=b"ab"))[1] == 2
    for unknown in (jobs.request(body=None), Request("GET", "/", (), "0" * 64, None), Request("GET", "/", (), None, 1)):
        with pytest.raises(InputError, match=r"^the body is not known, so it cannot be signed$") as caught:
            demands.known_body(unknown)
        assert caught.value.hint == "give it with --body"


def test_without_session() -> None:
    plain = jobs.access_key()
    assert demands.without_session(plain, "eg1") is plain
    with pytest.raises(Refused, match=r"^AK has a session token, for which eg1 has no place$"):
        demands.without_session(jobs.access_key(token="t"), "eg1")


@pytest.mark.parametrize("target, host, good", [
    ("http://a.example/x", "a.example", True),
    ("http://a.example/x", "a.example:80", True),
    ("https://a.example/x", "A.example:443", True),
    ("https://a.example/x", "a.example:80", False),
    ("http://b.example/x", "a.example", False),
    ("/x", "a.example", True),
])  # fmt: skip
def test_the_host_of_the_target_is_the_one_that_counts(target: str, host: str, good: bool) -> None:
    message = jobs.request(target=target, host=host)
    if good:
        assert demands.check_host(message, ()) == ("authority-not-compared",)
        assert demands.check_host(message, (host.lower(),)) == ()
    else:
        with pytest.raises(Rejected) as caught:
            demands.check_host(message, ())
        assert caught.value.reason == "authority-mismatch"


def test_asterisk_form_has_no_host_of_its_own() -> None:
    assert demands.check_host(jobs.request("OPTIONS", "*"), ("example.com",)) == ()


@pytest.mark.parametrize("headers, target, words", [
    ((), "/", ()),
    ((), "/?a=1&a=2", ("duplicate-query",)),
    ((("X-A", "1"), ("x-a", "2")), "/", ("duplicate-header",)),
    ((), "/%0A", ("control",)),
    ((), "/%7F", ("control",)),
    ((), "/%20", ()),
    ((("X-A", "1"), ("x-a", "2")), "/%00?a&a", ("duplicate-query", "duplicate-header", "control")),
])  # fmt: skip
def test_oddities(headers: Any, target: str, words: tuple[str, ...]) -> None:
    assert demands.oddities(jobs.request(target=target, headers=headers)) == words


def test_a_header_to_sign_stands_once() -> None:
    message = jobs.request(headers=(("X-A", "1"), ("x-a", "2")))
    assert listed.check_signing(message, ["host"]) == ["host"]
    with pytest.raises(InputError, match=r"^the request has the header x-a twice$") as caught:
        listed.check_signing(message, ["host", "x-a"])
    assert caught.value.hint == "leave one of them"
