"""Are the headers of a curl line what curl would send, and refused where it would drop or double them?"""

import io

import pytest

from authkit.curl.body import Files
from authkit.curl.headers import RESERVED, has, one_host, user_headers
from authkit.curl.line import Option, parse_line, read_option
from authkit.errors import AuthkitError, InputError, Refused, UsageError

FILE = b"X-From-File: one\r\n\r\nX-Two:two\rX-Three;\nAccept:\n"


def read(name: str) -> io.BytesIO:
    return io.BytesIO({"f": FILE, "-": b"A: b", "bad": b"A b", "crlf": b"A: b\x1f"}[name])


def headers(*values: str, reserved: "tuple[str, ...]" = RESERVED) -> "tuple[list[tuple[str, str]], list[str]]":
    words = [word for value in values for word in ("-H", value)]
    return user_headers(parse_line(["curl", *words]).options, Files(read, False), reserved)


@pytest.mark.parametrize(
    ("values", "pairs", "removed"),
    [
        ([], [], []),
        (["X-A: b"], [("X-A", "b")], []),
        (["X-A:b"], [("X-A", "b")], []),
        (["X-A:  b c \t"], [("X-A", "b c")], []),
        (["X-A: b:c;"], [("X-A", "b:c;")], []),
        (["X-A: 1", "x-a: 2"], [("X-A", "1"), ("x-a", "2")], []),
        (["X-A;"], [("X-A", "")], []),
        (["User-Agent:"], [], ["user-agent"]),
        (["User-Agent: \t", "user-agent:", "Accept:"], [], ["user-agent", "accept"]),
        (["Host: x"], [("Host", "x")], []),
        (["X-A: é\udcff"], [("X-A", "\xc3\xa9\xff")], []),
        (["X-A: a\tb"], [("X-A", "a\tb")], []),
        (["@f"], [("X-From-File", "one"), ("X-Two", "two"), ("X-Three", "")], ["accept"]),
        (["@-", "C: d"], [("A", "b"), ("C", "d")], []),
    ],
)
def test_headers(values: "list[str]", pairs: "list[tuple[str, str]]", removed: "list[str]") -> None:
    assert headers(*values) == (pairs, removed)


LEAVE = "leave it out"


@pytest.mark.parametrize(
    ("value", "kind", "message", "hint"),
    [
        ("", UsageError, "curl's -H is not 'Name: value', and curl would not send it as a header", None),
        ("garbage", UsageError, "curl's -H is not 'Name: value', and curl would not send it as a header", None),
        ("X-A; ", UsageError, "curl's -H is not 'Name: value', and curl would not send it as a header", None),
        ("X-A;b", UsageError, "curl's -H is not 'Name: value', and curl would not send it as a header", None),
        (";", UsageError, "curl's -H is not 'Name: value', and curl would not send it as a header", None),
        (": x", UsageError, "curl's -H is not 'Name: value', and curl would not send it as a header", None),
        (" X: a", UsageError, "curl's -H is not 'Name: value', and curl would not send it as a header", None),
        ("X : a", UsageError, "curl's -H is not 'Name: value', and curl would not send it as a header", None),
        ("X\r\nY: a", UsageError, "curl's -H is not 'Name: value', and curl would not send it as a header", None),
        (
            "X: a\r\nY: b",
            UsageError,
            "curl's -H for X holds a control character, which could smuggle in another header",
            None,
        ),
        ("@bad", InputError, "curl's -H is not 'Name: value', and curl would not send it as a header", None),
        (
            "@crlf",
            InputError,
            "curl's -H for A holds a control character, which could smuggle in another header",
            None,
        ),
        ("Authorization: x", Refused, "curl's -H sets Authorization, which signing sets", LEAVE),
        ("authorization:", Refused, "curl's -H sets authorization, which signing sets", LEAVE),
        ("X-Amz-Date;", Refused, "curl's -H sets X-Amz-Date, which signing sets", LEAVE),
        ("x-amz-content-sha256: x", Refused, "curl's -H sets x-amz-content-sha256, which signing sets", LEAVE),
        ("X-AMZ-Security-Token: x", Refused, "curl's -H sets X-AMZ-Security-Token, which signing sets", LEAVE),
        (
            "Transfer-Encoding: chunked",
            Refused,
            "curl's -H sets Transfer-Encoding, and a body sent in chunks cannot be signed",
            LEAVE,
        ),
        ("Host:", Refused, "curl's -H takes away Host, which a signature must cover", None),
        ("host;", Refused, "curl's -H takes away Host, which a signature must cover", None),
    ],
)
def test_refusals(value: str, kind: "type[AuthkitError]", message: str, hint: "str | None") -> None:
    with pytest.raises(kind) as caught:
        headers(value)
    assert (type(caught.value), caught.value.message, caught.value.hint) == (kind, message, hint)


def test_another_scheme_reserves_other_names() -> None:
    assert headers("Authorization: x", reserved=("date",)) == ([("Authorization", "x")], [])
    with pytest.raises(Refused, match="^curl's -H sets Date, which signing sets$"):
        headers("Date: x", reserved=("date",))


def test_a_fault_in_a_configuration_file_is_an_input_error() -> None:
    found: "list[Option]"
    found, _ = read_option("header", "garbage", "~/.curlrc line 1")
    with pytest.raises(InputError) as caught:
        user_headers(found, Files(read, False), RESERVED)
    assert caught.value.message == (
        "~/.curlrc line 1: curl's header is not 'Name: value', and curl would not send it as a header"
    )


def test_the_host() -> None:
    assert one_host([]) is None
    assert one_host([("X", "y"), ("hOST", "z")]) == "z"
    with pytest.raises(Refused, match="^the curl line sets Host twice, and curl would send one of the two$"):
        one_host([("Host", "a"), ("host", "a")])


def test_having() -> None:
    assert has([("X-A", "b")], "x-a")
    assert not has([("X-A", "b")], "x-b")
