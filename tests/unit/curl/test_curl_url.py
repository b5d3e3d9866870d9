"""Is a URL taken as curl takes it, and refused where curls differ?"""

import pytest

from authkit.curl.url import (
    Url,
    add_file_name,
    append_query,
    is_loopback,
    lower_escapes,
    read_url,
    remove_dots,
    upper_escapes,
)
from authkit.errors import AuthkitError, InputError, Refused, UsageError

DOTS = "the path has dot segments written as %2E, which newer curls remove: they are sent as they stand"
SPACE = "the URL holds a space, which curl refuses: it is sent as %20"
HTTP = "the URL names no scheme, so curl takes http://"


def read(text: str, scheme: "str | None" = None, globoff: bool = False, as_is: bool = False) -> Url:
    return read_url(text, default_scheme=scheme, globoff=globoff, path_as_is=as_is)


@pytest.mark.parametrize(
    ("text", "url", "notes"),
    [
        ("http://h", "http://h/", []),
        ("http://h/", "http://h/", []),
        ("HTTPS://H.Example/A", "https://h.example/A", []),
        ("http://aXb/c", "http://axb/c", []),
        ("http://h?x", "http://h/?x", []),
        ("http://h/?", "http://h/?", []),
        ("http://h/a?b?c", "http://h/a?b?c", []),
        ("http://h/#f", "http://h/", []),
        ("http://h/X", "http://h/X", []),
        ("http://h?a?b/c#d#e", "http://h/?a?b/c", []),
        ("http://h#f/g?q", "http://h/", []),
        ("http://h/a?b#f?c", "http://h/a?b", []),
        ("http://h:80/", "http://h/", []),
        ("http://h:0080/", "http://h/", []),
        ("http://h:443/", "http://h:443/", []),
        ("https://h:443/", "https://h/", []),
        ("https://h:80/", "https://h:80/", []),
        ("http://h:65535/", "http://h:65535/", []),
        ("http://h.:8080/", "http://h.:8080/", []),
        ("http://127.0.0.1:81/", "http://127.0.0.1:81/", []),
        ("http://255.255.255.255/", "http://255.255.255.255/", []),
        ("http://1.example/", "http://1.example/", []),
        ("http://[::1]/", "http://[::1]/", []),
        ("http://[2001:DB8:0:0::1]:81/", "http://[2001:db8::1]:81/", []),
        ("http://h/a/../b/./c", "http://h/b/c", []),
        ("http://h/a//b", "http://h/a//b", []),
        ("http://h/%2e%2E/%zz%?%2e", "http://h/%2E%2E/%zz%?%2e", [DOTS]),
        ("http://h/?a/../b", "http://h/?a/../b", []),
        ("http://h/a b?c d", "http://h/a%20b?c%20d", [SPACE]),
        ("http://h/# f", "http://h/", []),
        ("http://h/\xc3\xa9?\xff", "http://h/%C3%A9?%FF", []),
        ('http://h/|<>"^`\\~', 'http://h/|<>"^`\\~', []),
        ("h/x", "http://h/x", [HTTP]),
        ("h:81/x", "http://h:81/x", [HTTP]),
        ("localhost:81", "http://localhost:81/", [HTTP]),
        ("h/ ?u=http://x", "http://h/%20?u=http://x", [HTTP, SPACE]),
    ],
)
def test_reading(text: str, url: str, notes: "list[str]") -> None:
    found = read(text)
    assert found.origin + found.target == url
    assert found.notes == notes


def test_the_parts() -> None:
    found = read("https://h:81/a?b")
    assert (found.scheme, found.authority, found.path, found.query) == ("https", "h:81", "/a", "b")
    assert (found.origin, found.target) == ("https://h:81", "/a?b")
    assert read("https://h").query is None


def test_the_options() -> None:
    assert read("http://h/a/../b", as_is=True).path == "/a/../b"
    assert read("http://h/[a]{b}", globoff=True).path == "/[a]{b}"
    found = read("h/", scheme="HTTPS")
    assert (found.origin, found.notes) == ("https://h", ["the URL names no scheme, so curl takes https://"])
    assert read("ftp.h/", scheme="https").origin == "https://ftp.h"
    assert read("http://h/", scheme="https").origin == "http://h"


@pytest.mark.parametrize(
    ("text", "kind", "message", "hint"),
    [
        ("http://h/\x1f", InputError, "the URL holds a control character", None),
        ("http://h/\x7f", InputError, "the URL holds a control character", None),
        ("http://h/#\n", InputError, "the URL holds a control character", None),
        (
            "http:/h/",
            UsageError,
            "the URL does not have exactly two slashes behind its scheme",
            "write http://HOST/PATH",
        ),
        (
            "http:///h",
            UsageError,
            "the URL does not have exactly two slashes behind its scheme",
            "write http://HOST/PATH",
        ),
        ("ftp://h/", Refused, "curl speaks no HTTP for ftp://", "only http:// and https:// are signed"),
        (
            "FILE:///x",
            UsageError,
            "the URL does not have exactly two slashes behind its scheme",
            "write file://HOST/PATH",
        ),
        (
            "a+b-c.1://h/",
            Refused,
            "curl speaks no HTTP for a+b-c.1://",
            "only http:// and https:// are signed",
        ),
        ("Ftp.h/", Refused, "curl speaks no HTTP for ftp://", "only http:// and https:// are signed"),
        ("dict.h", Refused, "curl speaks no HTTP for dict://", "only http:// and https:// are signed"),
        ("ldap.h", Refused, "curl speaks no HTTP for ldap://", "only http:// and https:// are signed"),
        ("imap.h", Refused, "curl speaks no HTTP for imap://", "only http:// and https:// are signed"),
        ("smtp.h", Refused, "curl speaks no HTTP for smtp://", "only http:// and https:// are signed"),
        ("pop3.h", Refused, "curl speaks no HTTP for pop3://", "only http:// and https:// are signed"),
        (
            "http://u:p@h/",
            Refused,
            "curl would send the user name in the URL as an Authorization",
            "remove it, with its '@'",
        ),
        (
            "http://h/[1-2]",
            Refused,
            "curl would read the '[' in the URL as a pattern for several",
            "put -g on the curl line",
        ),
        (
            "http://h/?]",
            Refused,
            "curl would read the ']' in the URL as a pattern for several",
            "put -g on the curl line",
        ),
        (
            "http://h/{a}",
            Refused,
            "curl would read the '{' in the URL as a pattern for several",
            "put -g on the curl line",
        ),
        (
            "http://h/#}",
            Refused,
            "curl would read the '}' in the URL as a pattern for several",
            "put -g on the curl line",
        ),
        (
            "http://{a,b}/",
            Refused,
            "curl would read the '{' in the URL as a pattern for several",
            "put -g on the curl line",
        ),
        (
            "http://[::1]]/",
            Refused,
            "curl would read the ']' in the URL as a pattern for several",
            "put -g on the curl line",
        ),
        (
            "http://\xc3\xa9.example/",
            Refused,
            "curl would rewrite the host, which is not ASCII",
            "write the host in its xn-- form",
        ),
        ("http://h:/", UsageError, "the URL has a ':' behind its host and no port", None),
        (
            "http:///",
            UsageError,
            "the URL does not have exactly two slashes behind its scheme",
            "write http://HOST/PATH",
        ),
        ("http://?x", UsageError, "the URL's host is missing or holds a character that a host cannot hold", None),
        ("http://h%41/", UsageError, "the URL's host is missing or holds a character that a host cannot hold", None),
        (
            "http://h\\@x/",
            Refused,
            "curl would send the user name in the URL as an Authorization",
            "remove it, with its '@'",
        ),
        ("http://h\\x/", UsageError, "the URL's host holds a backslash", None),
        ("http://h:0/", UsageError, "the URL's port is not a number from 1 to 65535", None),
        ("http://h:65536/", UsageError, "the URL's port is not a number from 1 to 65535", None),
        ("http://[::g]/", UsageError, "the URL's host is not an IPv6 address", None),
        (
            "http://127.1/",
            Refused,
            "curl would rewrite the host 127.1 as a number",
            "write four decimal numbers, or a name",
        ),
        (
            "http://0x7f.0.0.1/",
            Refused,
            "curl would rewrite the host 0x7f.0.0.1 as a number",
            "write four decimal numbers, or a name",
        ),
        (
            "1h/x",
            Refused,
            "curl would rewrite the host 1h as a number",
            "write four decimal numbers, or a name",
        ),
        (
            "http://127.0.0.01/",
            Refused,
            "curl would rewrite the host 127.0.0.01 as a number",
            "write four decimal numbers, or a name",
        ),
        (
            "http://127.0.0.256/",
            Refused,
            "curl would rewrite the host 127.0.0.256 as a number",
            "write four decimal numbers, or a name",
        ),
        (
            "http://127.0.0.1./",
            Refused,
            "curl would rewrite the host 127.0.0.1. as a number",
            "write four decimal numbers, or a name",
        ),
        (
            "http://1.2.3.4567/",
            Refused,
            "curl would rewrite the host 1.2.3.4567 as a number",
            "write four decimal numbers, or a name",
        ),
    ],
)
def test_refusals(text: str, kind: "type[AuthkitError]", message: str, hint: "str | None") -> None:
    with pytest.raises(kind) as caught:
        read(text)
    assert (type(caught.value), caught.value.message, caught.value.hint) == (kind, message, hint)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("/a", "/a"),
        ("/a/", "/a/"),
        ("/.", "/"),
        ("/..", "/"),
        ("/./", "/"),
        ("/../", "/"),
        ("/../../a", "/a"),
        ("/a/.", "/a/"),
        ("/a/..", "/"),
        ("/a/../", "/"),
        ("/a/b/..", "/a/"),
        ("/a/b/../c", "/a/c"),
        ("/a//../b", "/a/b"),
        ("/a/..//./b//", "//b//"),
        ("/...", "/..."),
        ("/.a/..b", "/.a/..b"),
        ("/%2e/a", "/%2e/a"),
    ],
)
def test_dot_segments(path: str, expected: str) -> None:
    assert remove_dots(path) == expected


@pytest.mark.parametrize(
    ("url", "text", "target", "notes"),
    [
        ("http://h/a", "b=1", "/a?b=1", []),
        ("http://h/a?", "b=1", "/a?b=1", []),
        ("http://h/a?x", "b=1", "/a?x&b=1", []),
        ("http://h/a?x&", "b=1", "/a?x&b=1", []),
        ("http://h/a?x", "", "/a?x&", []),
        ("http://h/a?", "", "/a", []),
        ("http://h/a", "", "/a", []),
        ("http://h/a?%C3", "q=%C3%A9%", "/a?%C3&q=%c3%a9%", []),
        ("http://h/a", "b c\xe9", "/a?b%20c%E9", [SPACE]),
        ("http://h/a a", "b c", "/a%20a?b%20c", [SPACE]),
    ],
)
def test_appending_to_the_query(url: str, text: str, target: str, notes: "list[str]") -> None:
    found = append_query(read(url), text, "-d")
    assert (found.target, found.origin, found.notes) == (target, "http://h", notes)


def test_appending_forgets_that_the_path_was_to_stay() -> None:
    assert append_query(read("http://h/a/../b", as_is=True), "c", "-d").target == "/b?c"


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("a#b", Refused, "curl's -d has a '#', at which curl would cut the query"),
        ("a\nb", InputError, "curl's -d puts a control character into the query"),
        ("a\x1f", InputError, "curl's -d puts a control character into the query"),
        ("a\x7f", InputError, "curl's -d puts a control character into the query"),
    ],
)
def test_what_no_query_can_hold(text: str, kind: "type[AuthkitError]", message: str) -> None:
    with pytest.raises(kind) as caught:
        append_query(read("http://h/"), text, "-d")
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("url", "name", "target"),
    [
        ("http://h", "f", "/f"),
        ("http://h/", "a/b c.txt", "/b%20c.txt"),
        ("http://h/d/?q", "f", "/d/f?q"),
        ("http://h/d", "f", "/d"),
        ("http://h/D%2f/", "a\\b\xc3\xa9", "/D%2F/b%C3%A9"),
        ("http://h/d/../", "f~", "/f~"),
        ("http://h/d/..", "f", "/f"),
    ],
)
def test_the_name_of_an_uploaded_file(url: str, name: str, target: str) -> None:
    for as_is in (False, True):
        found = add_file_name(read(url, as_is=as_is), name)
        assert (found.target, found.origin) == (target, "http://h")


def test_an_upload_to_a_whole_path_leaves_its_dots() -> None:
    assert add_file_name(read("http://h/a/../b", as_is=True), "f").target == "/a/../b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), ("%AB%Cd%eF%1G", "%ab%cd%ef%1G"), ("%%AB", "%%ab"), ("%A", "%A"), ("AB%", "AB%"), ("%ABC", "%abC")],
)
def test_escapes_in_lower_case(text: str, expected: str) -> None:
    assert lower_escapes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), ("%ab%Cd%eF%1g", "%AB%CD%EF%1g"), ("%%ab", "%%AB"), ("%a", "%a"), ("ab%", "ab%"), ("%abc", "%ABc")],
)
def test_escapes_in_upper_case(text: str, expected: str) -> None:
    assert upper_escapes(text) == expected


@pytest.mark.parametrize(
    ("path", "noted"),
    [
        ("/%2e/a", True),
        ("/a/%2E", True),
        ("/.%2e/", True),
        ("/%2e%2e", True),
        ("/%2ea", False),
        ("/%2e%2e%2e/", False),
        ("/a/../b", False),
        ("/%2f..", False),
    ],
)
def test_dots_on_which_curls_differ(path: str, noted: bool) -> None:
    assert read("http://h" + path).notes == ([DOTS] if noted else [])
    assert read("http://h" + path, as_is=True).notes == []


@pytest.mark.parametrize(
    ("authority", "expected"),
    [
        ("localhost", True),
        ("localhost:81", True),
        ("127.0.0.1", True),
        ("127.9.8.7:81", True),
        ("[::1]", True),
        ("[::1]:81", True),
        ("128.0.0.1", False),
        ("127.example", False),
        ("127.0.0.1.example", False),
        ("[::2]", False),
        ("localhost.example", False),
        ("xlocalhost", False),
    ],
)
def test_loopback(authority: str, expected: bool) -> None:
    assert is_loopback(authority) is expected
