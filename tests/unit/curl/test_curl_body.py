"""Are the bytes that curl would send worked out exactly, from words and from files?"""

import io

import pytest

from authkit.curl.body import Files, check_length, gather, strip_lines, urlencode, whole_file
from authkit.curl.line import Option, parse_line
from authkit.errors import InputError, Refused

FILES = {
    "body": b"line1\nline2\r\nend\0tail",
    "lines": b"a\r\nb\nc",
    "bin": bytes(range(256)),
    "empty": b"",
    "utf8": "é=ü".encode(),
    "x@y": b"z",
    "x@-": b"w",
    "X": b"aXb\n",
    "-": b"in\nput",
}


class Disk:
    """Files in memory, which remember whether they were closed."""

    def __init__(self) -> None:
        self.open: "dict[str, io.BytesIO]" = {}

    def __call__(self, name: str) -> io.BytesIO:
        if name not in FILES:
            raise InputError(f"{name}: no such file")
        self.open[name] = io.BytesIO(FILES[name])
        return self.open[name]


def data(*words: str) -> "list[Option]":
    return parse_line(["curl", *words]).options


@pytest.mark.parametrize(
    ("words", "body", "stdin"),
    [
        (["-d", "a"], b"a", False),
        (["-d", ""], b"", False),
        (["-d", "a\r\nb"], b"a\r\nb", False),
        (["-d", "a", "-d", "", "-d", "b"], b"a&&b", False),
        (["--data-ascii", "a", "--data-raw", "@lines", "--data-binary", "c"], b"a&@lines&c", False),
        (["-d", "\udcff\u00e9"], b"\xff\xc3\xa9", False),
        (["-d", "@body"], b"line1line2end", False),
        (["--data-ascii", "@lines"], b"abc", False),
        (["-d", "@empty"], b"", False),
        (["--data-binary", "@body"], FILES["body"], False),
        (["--json", "@body"], FILES["body"], False),
        (["--json", "[1", "--json", "]"], b"[1]", False),
        (["--json", "1", "-d", "2"], b"1&2", False),
        (["-d", "1", "--json", "2"], b"12", False),
        (["--data-urlencode", "a b&=c"], b"a b&=c", False),
        (["--data-urlencode", "=a b="], b"a+b%3D", False),
        (["--data-urlencode", "n o=a b"], b"n o=a+b", False),
        (["--data-urlencode", "a b"], b"a+b", False),
        (["--data-urlencode", ""], b"", False),
        (["--data-urlencode", "~-._é"], b"~-._%C3%A9", False),
        (["--data-urlencode", "@utf8"], b"%C3%A9%3D%C3%BC", False),
        (["--data-urlencode", "f@utf8"], b"f=%C3%A9%3D%C3%BC", False),
        (["--data-urlencode", "n@x@y"], b"n=z", False),
        (["--data-urlencode", "n@x@-"], b"n=w", False),
        (["--data-urlencode", "é\udcff=\udcff"], b"\xc3\xa9\xff=%FF", False),
        (["--data-urlencode", "\udcff"], b"%FF", False),
        (["--data-urlencode", "@body"], b"line1%0Aline2%0D%0Aend%00tail", False),
        (["--data-urlencode", "a@utf8=b"], b"a@utf8=b", False),
        (["-d", "@-"], b"input", True),
        (["--data-binary", "@-"], b"in\nput", True),
        (["--json", "@-"], b"in\nput", True),
        (["-d", "x", "-d", "@-", "-d", "y"], b"x&input&y", True),
        (["--data-urlencode", "@-"], b"in%0Aput", True),
        (["--data-urlencode", "n@-"], b"n=in%0Aput", True),
        (["--data-urlencode", "n=@-"], b"n=%40-", False),
        (["--data-raw", "@-"], b"@-", False),
        (["-d", "-"], b"-", False),
    ],
)
def test_data(words: "list[str]", body: bytes, stdin: bool) -> None:
    disk = Disk()
    assert gather(data(*words), Files(disk, True), [], to_query=False) == (body, stdin)
    assert {name: file.closed for name, file in disk.open.items() if file.closed != (name != "-")} == {}


def test_what_curl_loses_of_a_file_is_said() -> None:
    warnings: "list[str]" = []
    gather(data("-d", "@lines", "-d", "@X", "--data-binary", "@body"), Files(Disk(), False), warnings, to_query=False)
    assert warnings == []
    gather(data("-d", "@body"), Files(Disk(), False), warnings, to_query=False)
    assert warnings == [
        "curl's -d loses part of the file: curl stops at a NUL byte, and at a CR that ends no line",
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", b""),
        (b"a", b"a"),
        (b"a\nb\r\nc", b"abc"),
        (b"\nab", b"ab"),
        (b"a\rb\nc", b"ac"),
        (b"a\0b\nc\0", b"ac"),
        (b"a\0\rb\nc\r\0d", b"ac"),
        (b"\n\r\0", b""),
        (b"a" * 255 + b"\rb\nc", b"a" * 255 + b"c"),
        (b"a" * 254 + b"\r" + b"b" * 10, b"a" * 254 + b"b" * 10),
        (b"a" * 253 + b"\rx" + b"b" * 10, b"a" * 253 + b"b" * 10),
        (b"a" * 254 + b"\nb", b"a" * 254 + b"b"),
        (b"\0" + b"a" * 253 + b"\n\0b", b""),
        (b"\0" + b"a" * 254 + b"b", b"b"),
        (b"a\r" + b"b" * 300 + b"\nc", b"a" + b"b" * 47 + b"c"),
    ],
)
def test_stripping_a_file(raw: bytes, expected: bytes) -> None:
    assert strip_lines(raw) == expected


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--data-binary", "@f"], "f"),
        (["--json", "@f"], "f"),
        (["--data-binary", "@-"], None),
        (["--json", "@-"], None),
        (["--data-binary", "f"], None),
        (["-d", "@f"], None),
        (["--data-raw", "@f"], None),
        (["--data-urlencode", "@f"], None),
        (["--json", "@f", "--json", "@f"], None),
        (["--data-binary", ""], None),
    ],
)
def test_a_body_that_is_one_file(words: "list[str]", name: "str | None") -> None:
    assert whole_file(data(*words)) == name


def test_a_file_is_measured_without_being_kept() -> None:
    disk = Disk()
    (option,) = data("-T", "body")
    digest = "1de8c0ddd8e09400df3807302815e9fcd2097b010d321abfbb1eac9126a676ba"
    assert Files(disk, False).measure(option, "body") == (digest, 21)
    assert disk.open["body"].closed
    assert Files(disk, False).measure(option, "-")[1] == 6


HINT = "add --run, or name a file"


def test_standard_input_as_a_body_needs_run() -> None:
    for word in ("-d", "--data-binary", "--json", "--data-urlencode"):
        with pytest.raises(Refused) as caught:
            gather(data(word, "@-"), Files(Disk(), False), [], to_query=False)
        message = f"curl's {word} sends standard input, which a printed command cannot repeat"
        assert (caught.value.message, caught.value.hint) == (message, HINT)


def test_standard_input_in_the_query_is_repeated_by_the_printed_command() -> None:
    assert gather(data("-d", "@-"), Files(Disk(), False), [], to_query=True) == (b"input", True)


def test_standard_input_is_read_once() -> None:
    files = Files(Disk(), True)
    (option,) = data("-d", "@-")
    assert files.read(option, "-") == b"in\nput"
    with pytest.raises(Refused) as caught:
        files.read(option, "-")
    assert (caught.value.message, caught.value.hint) == ("curl's -d reads standard input a second time", None)
    assert files.read(option, "lines") == b"a\r\nb\nc"


@pytest.mark.parametrize("name", ["body", "-"])
def test_without_a_reader_nothing_is_opened(name: str) -> None:
    (option,) = data("-d", "@x")
    for call in (Files(None, True).read, Files(None, True).measure):
        with pytest.raises(Refused) as caught:
            call(option, name)
        message = "curl's -d names a file, and reading a curl line opens none"
        assert (caught.value.message, caught.value.hint) == (message, "add --read-files")


def test_a_missing_file_is_no_empty_body() -> None:
    for word in ("-d", "--data-binary", "--json", "--data-urlencode"):
        with pytest.raises(InputError, match="^nope: no such file$"):
            gather(data(word, "@nope"), Files(Disk(), False), [], to_query=False)


def test_url_query_takes_the_same_forms() -> None:
    (option,) = data("--url-query", "n=a b")
    assert urlencode(option, Files(None, False), body=False) == b"n=a+b"


@pytest.mark.parametrize(("values", "length"), [([], 3), ([], None), (["3"], 3), (["0"], 0)])
def test_a_true_length(values: "list[str]", length: "int | None") -> None:
    check_length(values, length)


@pytest.mark.parametrize(
    ("values", "length", "message", "hint"),
    [
        (["4"], 3, "the curl line's Content-Length is not true: the body has 3 bytes", "leave it out"),
        (["03"], 3, "the curl line's Content-Length is not true: the body has 3 bytes", "leave it out"),
        ([""], 0, "the curl line's Content-Length is not true: the body has 0 bytes", "leave it out"),
        (["3"], None, "the curl line's Content-Length is not true: curl alone knows the length", "leave it out"),
        (["3", "3"], 3, "the curl line sets Content-Length twice", None),
    ],
)
def test_a_length_that_lies(values: "list[str]", length: "int | None", message: str, hint: "str | None") -> None:
    with pytest.raises(Refused) as caught:
        check_length(values, length)
    assert (caught.value.message, caught.value.hint) == (message, hint)
