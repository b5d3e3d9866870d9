"""Is every target taken apart, encoded and made canonical in one way only?"""

import pytest

from authkit.errors import InputError, Rejected
from authkit.messages import target

STRAY = "the request target holds something a target cannot hold: a '%' that no two hexadecimal digits follow"


def stray(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        target.decode(text)
    assert (caught.value.reason, caught.value.message) == ("target-syntax", STRAY)
    assert caught.value.hint == "write a percent sign as %25"


def test_is_target() -> None:
    assert [number for number in range(0x180) if target.is_target(chr(number))] == list(range(0x21, 0x7F))
    assert target.is_target("/a?b#c")
    for bad in ("", "/a b", "/é", "/a\x7f", "/\0", "/ａ"):
        assert not target.is_target(bad)


def test_encode() -> None:
    plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    assert target.encode(plain.encode()) == plain
    assert target.encode(b"") == ""
    assert target.encode(b"a b/+%=&*\xff\x00\n~") == "a%20b%2F%2B%25%3D%26%2A%FF%00%0A~"
    assert "".join(chr(byte) for byte in range(256) if target.encode(bytes([byte])) == chr(byte)) == "".join(
        sorted(plain)
    )
    for byte in range(256):
        assert target.decode(target.encode(bytes([byte]))) == bytes([byte])


def test_decode() -> None:
    assert target.decode("") == b""
    assert target.decode("a+b") == b"a+b"
    assert target.decode("%41%7a%7A%2f%00%FF\xff") == b"Azz/\x00\xff\xff"
    assert target.decode("%2541") == b"%41"
    assert target.decode("a%20") == b"a "


@pytest.mark.parametrize("text", ["%", "a%", "%4", "%g0", "%0g", "%-1", "% 1", "%%41", "%41%", "a%u0041", "%4\xb9"])
def test_decode_refuses(text: str) -> None:
    stray(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("/", ("/", "")),
        ("/a?b=c?d", ("/a", "b=c?d")),
        ("/a?", ("/a", "")),
        ("?a", ("", "a")),
        ("*", ("*", "")),
        ("", ("", "")),
        ("http://h/a?b", ("/a", "b")),
        ("HTTPS://h:1/a", ("/a", "")),
        ("http://h", ("/", "")),
        ("http://h?a", ("/", "a")),
        ("http://h?a/b", ("/", "a/b")),
        ("http://h/a?http://x/y", ("/a", "http://x/y")),
        ("ftp://h/a", ("ftp://h/a", "")),
        ("example.com:443", ("example.com:443", "")),
        ("/http://h/a", ("/http://h/a", "")),
    ],
)
def test_split(text: str, parts: tuple[str, str]) -> None:
    assert target.split(text) == parts


def test_strip_origin() -> None:
    assert target.strip_origin("http://h/a?b") == "/a?b"
    assert target.strip_origin("https://h?b/c") == "/?b/c"
    assert target.strip_origin("https://h") == "/"
    assert target.strip_origin("https://h?b?c/d") == "/?b?c/d"
    assert target.strip_origin("https:///a") == "/a"
    assert target.strip_origin("https://?a/b") == "/?a/b"
    assert target.strip_origin("/a") == "/a"
    assert target.strip_origin("ws://h/a") == "ws://h/a"


@pytest.mark.parametrize(
    ("path", "once", "double"),
    [
        ("", "/", "/"),
        ("/", "/", "/"),
        ("/a-b_c.d~e/", "/a-b_c.d~e/", "/a-b_c.d~e/"),
        ("/a%20b", "/a%20b", "/a%2520b"),
        ("/a+b", "/a%2Bb", "/a%2Bb"),
        ("/a%2Fb", "/a%2Fb", "/a%252Fb"),
        ("/a%2fb", "/a%2Fb", "/a%252fb"),
        ("/%41", "/A", "/%2541"),
        ("/%7E*", "/~%2A", "/%257E%2A"),
        ("/a=b&c", "/a%3Db%26c", "/a%3Db%26c"),
        ("//a/../b", "//a/../b", "//a/../b"),
        ("/\xe9", "/%E9", "/%E9"),
        ("*", "%2A", "%2A"),
    ],
)
def test_canonical_path(path: str, once: str, double: str) -> None:
    assert target.canonical_path(path, normalize=False, double=False) == once
    assert target.canonical_path(path, normalize=False, double=True) == double


@pytest.mark.parametrize("double", [False, True])
def test_canonical_path_refuses_a_stray_percent(double: bool) -> None:
    for path in ("/%", "/a%2", "/%zz", "/a%/b", "/%2/f"):
        with pytest.raises(Rejected) as caught:
            target.canonical_path(path, normalize=False, double=double)
        assert caught.value.message == STRAY


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("", ""),
        ("/", "/"),
        ("/a", "/a"),
        ("/a/", "/a/"),
        ("/a.b/c..d/", "/a.b/c..d/"),
        ("//", "/"),
        ("//a//b//", "/a/b/"),
        ("/.", "/"),
        ("/./", "/"),
        ("/..", "/"),
        ("/../", "/"),
        ("/../../a", "/a"),
        ("/a/.", "/a/"),
        ("/a/..", "/"),
        ("/a/b/..", "/a/"),
        ("/a/b/../", "/a/"),
        ("/a/./b/../c", "/a/c"),
        ("/a/../..", "/"),
        ("/a/b/../../c/", "/c/"),
        ("/.a/..b/...", "/.a/..b/..."),
        ("/./example", "/example"),
        ("/%2E%2E/a", "/%2E%2E/a"),
        ("/a/b/.", "/a/b/"),
        ("/a/b/..c", "/a/b/..c"),
    ],
)
def test_normal_path(path: str, normal: str) -> None:
    assert target.normal_path(path) == normal
    assert target.normal_path(normal) == normal
    assert target.is_normal(path) is (path == normal and "%2E" not in path)
    assert target.canonical_path(path, normalize=True, double=False) == target.canonical_path(
        normal, normalize=False, double=False
    )


@pytest.mark.parametrize("path", ["/%2e", "/a/%2E%2E/b", "/%2e./a", "/.%2E", "/a//b", "/a/.", "//", "/a/../b"])
def test_a_path_that_a_server_may_rewrite(path: str) -> None:
    assert not target.is_normal(path)


@pytest.mark.parametrize("path", ["/", "/a", "/a%2Fb", "/a%2Eb", "/%2Ea", "/a%2e", "/...", "/a%20b/", "/a%252E", ""])
def test_a_path_that_no_server_rewrites(path: str) -> None:
    assert target.is_normal(path)


@pytest.mark.parametrize(
    ("query", "data", "space"),
    [
        ("", "", ""),
        ("a", "a=", "a="),
        ("a=", "a=", "a="),
        ("b=2&a=1", "a=1&b=2", "a=1&b=2"),
        ("a=1&b=2", "a=1&b=2", "a=1&b=2"),
        ("a=2&a=1&a", "a=&a=1&a=2", "a=&a=1&a=2"),
        ("a=b=c", "a=b%3Dc", "a=b%3Dc"),
        ("=a", "=a", "=a"),
        ("&&a=1&", "a=1", "a=1"),
        ("a&b", "a=&b=", "a=&b="),
        ("a=b=c&d", "a=b%3Dc&d=", "a=b%3Dc&d="),
        ("a+b=c+d", "a%2Bb=c%2Bd", "a%20b=c%20d"),
        ("a%2Bb=c%2bd", "a%2Bb=c%2Bd", "a%2Bb=c%2Bd"),
        ("a%20b=%41", "a%20b=A", "a%20b=A"),
        ("x=%2F/?@:", "x=%2F%2F%3F%40%3A", "x=%2F%2F%3F%40%3A"),
        # sorted as pairs of encoded name and value, by byte
        ("a1=x&a=y", "a=y&a1=x", "a=y&a1=x"),
        ("a-=x&a=y", "a=y&a-=x", "a=y&a-=x"),
        ("a=1&A=2&_=3", "A=2&_=3&a=1", "A=2&_=3&a=1"),
        ("%E1%88%B4=b&a=b", "%E1%88%B4=b&a=b", "%E1%88%B4=b&a=b"),
        ("p=%7E&p=a", "p=a&p=~", "p=a&p=~"),
        ("a=b c", "a=b%20c", "a=b%20c"),
        ("a=1;b=2", "a=1%3Bb%3D2", "a=1%3Bb%3D2"),
    ],
)
def test_canonical_query(query: str, data: str, space: str) -> None:
    assert target.canonical_query(query, plus_is_space=False) == data
    assert target.canonical_query(query, plus_is_space=True) == space


@pytest.mark.parametrize("query", ["%", "a=%", "a=%2", "%g0=1", "a=1&b%=2", "a=1&b=%zz"])
def test_canonical_query_refuses_a_stray_percent(query: str) -> None:
    with pytest.raises(Rejected) as caught:
        target.canonical_query(query, plus_is_space=False)
    assert caught.value.message == STRAY


def test_encoded_pairs() -> None:
    assert target.encoded_pairs("b=+&a=%2b&&c", False) == [("a", "%2B"), ("b", "%2B"), ("c", "")]
    assert target.encoded_pairs("b=+&a=%2b&&c", True) == [("a", "%2B"), ("b", "%20"), ("c", "")]
    assert target.encoded_pairs("", True) == []


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("/a", "/a"),
        ("/a b", "/a%20b"),
        ("/\xc3\xa9?q=a b~", "/%C3%A9?q=a%20b~"),
        ("/%zz \xff", "/%zz%20%FF"),
        ("", ""),
        ("/!}~ ", "/!}~%20"),
    ],
)
def test_repair(text: str, repaired: str) -> None:
    assert target.repair(text) == repaired


@pytest.mark.parametrize("char", ["\0", "\t", "\n", "\r", "\x1f", "\x7f"])
def test_repair_refuses_controls(char: str) -> None:
    with pytest.raises(InputError) as caught:
        target.repair(f"/a{char}")
    assert caught.value.message == "the target holds a control character"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://h", ("http", "h", "/")),
        ("https://h/", ("https", "h", "/")),
        ("HTTPS://H.Example:443/A?b=C", ("https", "h.example", "/A?b=C")),
        ("http://h:80/a", ("http", "h", "/a")),
        ("http://h:443/a", ("http", "h:443", "/a")),
        ("https://h:80/a", ("https", "h:80", "/a")),
        ("https://h:00443/a", ("https", "h", "/a")),
        ("https://h:00000443/a", ("https", "h", "/a")),
        ("https://h:008443", ("https", "h:8443", "/")),
        ("https://h:1", ("https", "h:1", "/")),
        ("https://h:65535", ("https", "h:65535", "/")),
        ("https://h?a=b", ("https", "h", "/?a=b")),
        ("https://h?a/b", ("https", "h", "/?a/b")),
        ("https://h?a?b/c", ("https", "h", "/?a?b/c")),
        ("https://h#f", ("https", "h", "/")),
        ("https://h/a#f?b#c", ("https", "h", "/a")),
        ("https://h/a@b", ("https", "h", "/a@b")),
        ("https://[::1]/a", ("https", "[::1]", "/a")),
        ("https://[2001:DB8::1]:8443/a", ("https", "[2001:db8::1]:8443", "/a")),
        ("https://1.2.3.4:9/a", ("https", "1.2.3.4:9", "/a")),
        ("https://a-b_c.d~/", ("https", "a-b_c.d~", "/")),
        ("https://h/a://b", ("https", "h", "/a://b")),
    ],
)
def test_split_url(url: str, parts: tuple[str, str, str]) -> None:
    assert target.split_url(url) == parts


NO_URL = "not an http:// or https:// URL"
HOST = "the URL's host is missing or holds a character that a host cannot hold"
PORT = "the URL's port is not a number from 1 to 65535"


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("", NO_URL),
        ("/a", NO_URL),
        ("h/a", NO_URL),
        ("http:/h", NO_URL),
        ("ftp://h/a", NO_URL),
        (" https://h", NO_URL),
        ("https://", HOST),
        ("https:///a", HOST),
        ("https:///a@b", HOST),
        ("https://?a@b", HOST),
        ("https://[!::1]/", HOST),
        ("https://[::1!]/", HOST),
        ("https://?a", HOST),
        ("https://:443/", HOST),
        ("https://h h/", HOST),
        ("https://h%41/", HOST),
        ("https://h\xe9/", HOST),
        ("https://h\u0660/", HOST),
        ("https://h:80:80/", HOST),
        ("https://::1/", HOST),
        ("https://[]/", HOST),
        ("https://[::1/", HOST),
        ("https://::1]/", HOST),
        ("https://[::1]a/", HOST),
        ("https://[[::1]]/", HOST),
        ("https://h*/", HOST),
        ("https://h:/", PORT),
        ("https://h:0/", PORT),
        ("https://h:65536/", PORT),
        ("https://h:-1/", PORT),
        ("https://h:8a/", PORT),
        ("https://h:\xb2/", PORT),
        ("https://h:\u0661/", PORT),
        ("https://h:1000000/", PORT),
        ("https://h:00000165536/", PORT),
        ("https://[::1]:x/", PORT),
    ],
)
def test_split_url_refuses(url: str, detail: str) -> None:
    with pytest.raises(Rejected) as caught:
        target.split_url(url)
    assert (caught.value.reason, caught.value.detail, caught.value.hint) == ("target-syntax", detail, None)


@pytest.mark.parametrize(
    "url", ["https://u@h/", "https://u:p@h/a", "https://h\\@evil/", "https://h\\evil/", "http://@h"]
)
def test_a_user_name_is_refused(url: str) -> None:
    with pytest.raises(Rejected) as caught:
        target.split_url(url)
    assert (caught.value.reason, caught.value.detail) == ("userinfo", "the host is what stands behind the '@'")
    assert caught.value.hint == "remove the part before the '@'"
