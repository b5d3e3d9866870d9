"""Are the words of a curl line read as a shell and curl read them, and refused where only they could tell?"""

import subprocess
from collections.abc import Callable

import pytest

from authkit.curl import options
from authkit.curl.line import parse_line, read_option, split_line
from authkit.errors import InputError, UsageError

OWN = frozenset({"--region", "--at", "--key", "--json"})


def names(words: "list[str]", own: frozenset[str] = OWN) -> "list[tuple[str, str, str | None, bool]]":
    return [(option.name, option.typed, option.value, option.on) for option in parse_line(words, own).options]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], []),
        (["curl"], []),
        (["/usr/bin/curl", "u"], [("url", "u", "u", True)]),
        (["u"], [("url", "u", "u", True)]),
        (["-s", "--", "-u"], [("silent", "-s", None, True), ("url", "-u", "-u", True)]),
        (["curl", "curl"], [("url", "curl", "curl", True)]),
        (["curl", "-XPOST"], [("request", "-X", "POST", True)]),
        (["curl", "-X", "POST"], [("request", "-X", "POST", True)]),
        (["curl", "-X", "-s"], [("request", "-X", "-s", True)]),
        (
            ["curl", "-sSo", "f"],
            [("silent", "-s", None, True), ("show-error", "-S", None, True), ("output", "-o", "f", True)],
        ),
        (["curl", "-sof", "u"], [("silent", "-s", None, True), ("output", "-o", "f", True), ("url", "u", "u", True)]),
        (["curl", "-N"], [("buffer", "-N", None, False)]),
        (["curl", "-NN"], [("buffer", "-N", None, False)] * 2),
        (["curl", "-i"], [("include", "-i", None, True)]),
        (["curl", "-#"], [("progress-bar", "-#", None, True)]),
        (["curl", "-:"], [("next", "-:", None, True)]),
        (["curl", "--no-buffer"], [("buffer", "--no-buffer", None, False)]),
        (["curl", "--buffer"], [("buffer", "--buffer", None, True)]),
        (["curl", "--noproxy", "*"], [("noproxy", "--noproxy", "*", True)]),
        (["curl", "--http1.0"], [("http1.0", "--http1.0", None, True)]),
        (["curl", "--data", ""], [("data", "--data", "", True)]),
        (["curl", "--data", "--", "u"], [("data", "--data", "--", True), ("url", "u", "u", True)]),
        (["curl", "--", "-s", "--"], [("url", "-s", "-s", True), ("url", "--", "--", True)]),
        (["curl", "--json", "1", "--key", "k"], [("json", "--json", "1", True), ("key", "--key", "k", True)]),
        (["curl", ""], [("url", "", "", True)]),
    ],
)
def test_words(words: "list[str]", expected: "list[tuple[str, str, str | None, bool]]") -> None:
    assert names(words) == expected
    assert {option.place for option in parse_line(words).options} <= {""}


@pytest.mark.parametrize(
    ("words", "disabled"),
    [
        (["curl", "-q"], True),
        (["curl", "-qs"], True),
        (["curl", "--disable"], True),
        (["curl", "-s", "-q"], False),
        (["curl", "--disable-epsv"], False),
        (["curl"], False),
    ],
)
def test_whether_the_configuration_file_is_read(words: "list[str]", disabled: bool) -> None:
    assert parse_line(words).disabled is disabled


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["-"], "a '-' alone is no option of curl's", None),
        (["-5"], "curl has no option -5", None),
        (["-s5"], "curl has no option -5", None),
        (["-X"], "curl's -X needs a value", None),
        (["-sX"], "curl's -X needs a value", None),
        (["--request"], "curl's --request needs a value", None),
        (["--dog"], "curl has no option --dog", None),
        (["--dog=1"], "curl has no option --dog", None),
        (["--DATA", "x"], "curl has no option --DATA", None),
        (["--no-data"], "curl has no option --no-data", "curl's --data cannot be turned off"),
        (["--no-http2"], "curl has no option --no-http2", "curl's --http2 cannot be turned off"),
        (["--no-"], "curl has no option --no-", None),
        (["--no-dog"], "curl has no option --no-dog", None),
        (
            ["--no-loc"],
            "curl's --no-loc is an abbreviation, which not every curl reads",
            "write --local-port or --location or --location-trusted",
        ),
        (["--reques-target", "x"], "curl has no option --reques-target", None),
        (["--head="], "curl's --head= is read by no curl before 8.16", "write --head VALUE"),
        (["--pass=hunter2"], "curl's --pass= is read by no curl before 8.16", "write --pass VALUE"),
        (["--insec"], "curl's --insec is an abbreviation, which not every curl reads", "write --insecure"),
        (
            ["--dat", "x"],
            "curl's --dat is an abbreviation, which not every curl reads",
            "write --data or --data-ascii or --data-binary or --data-raw",
        ),
        (
            ["--expand-data", "{{x}}"],
            "curl's --expand-data puts in text that does not stand on the line",
            "write the value itself",
        ),
        (["--region", "x"], "--region is not curl's option but authkit's", "authkit's options go before the curl line"),
        (["--at=now"], "--at is not curl's option but authkit's", "authkit's options go before the curl line"),
    ],
)
def test_words_that_curl_does_not_have(words: "list[str]", message: str, hint: "str | None") -> None:
    with pytest.raises(UsageError) as caught:
        names(["curl", *words])
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_an_option_is_named_as_typed_and_with_its_place() -> None:
    (found,), used = read_option("-L", None, "")
    assert (found.text, found.value) == ("", None)
    assert (str(found), used, found.fate) == ("curl's -L", False, options.ELSEWHERE)
    (found,), used = read_option("-X", "GET", "cfg line 2")
    assert (found.place, found.text, used) == ("cfg line 2", "GET", True)
    (found,), used = read_option("user", "a:b", "~/.curlrc line 3")
    assert (str(found), used, found.text) == ("~/.curlrc line 3: curl's user", True, "a:b")


@pytest.mark.parametrize(
    ("word", "following", "message"),
    [
        ("dog", None, "cfg line 2: curl has no such option"),
        ("-5", None, "cfg line 2: curl has no such option"),
        ("-", None, "cfg line 2: a '-' alone is no option of curl's"),
        ("--head=x", None, "cfg line 2: curl's --head= is read by no curl before 8.16"),
        ("-X", None, "cfg line 2: curl's -X needs a value"),
        ("url", None, "cfg line 2: curl's url needs a value"),
        ("no-url", "x", "cfg line 2: curl has no option no-url"),
        ("expand-url", "x", "cfg line 2: curl's expand-url puts in text that does not stand on the line"),
        ("--region", "x", "cfg line 2: curl has no such option"),
    ],
)
def test_a_fault_in_a_file_is_an_input_error(word: str, following: "str | None", message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_option(word, following, "cfg line 2", OWN)
    assert caught.value.message == message


SHELL_LINES = [
    ("", []),
    (" \t", []),
    ("curl u", ["curl", "u"]),
    ("  curl\tu  ", ["curl", "u"]),
    ("curl 'a b'\"c d\"e\\ f", ["curl", "a bc de f"]),
    ("curl '' \"\"", ["curl", "", ""]),
    ("curl \\\n -s \\\n u", ["curl", "-s", "u"]),
    ("curl a\\\nb", ["curl", "ab"]),
    ('curl "a\\\nb" "\\$x" "\\`" "\\"" "\\\\" "\\n"', ["curl", "ab", "$x", "`", '"', "\\", "\\n"]),
    ("curl '\\'", ["curl", "\\"]),
    ("curl 'a\nb'", ["curl", "a\nb"]),
    ("curl u\n", ["curl", "u"]),
    ("\n\ncurl u\n\n", ["curl", "u"]),
    ("curl u # a 'comment", ["curl", "u"]),
    ("curl u # one\n", ["curl", "u"]),
    ("# one\ncurl u # two\n", ["curl", "u"]),
    ("\n# one\ncurl u", ["curl", "u"]),
    ("# first\ncurl u#f", ["curl", "u#f"]),
    ("curl a~b http://h/~u", ["curl", "a~b", "http://h/~u"]),
    ("curl '~'", ["curl", "~"]),
    ("curl http://h/?a=*[x]!", ["curl", "http://h/?a=*[x]!"]),
    ("curl \\$x \\; \\& \\|", ["curl", "$x", ";", "&", "|"]),
    ("curl $'a\\tb\\n\\r\\v\\f\\a\\b\\e\\E\\\\\\'\\\"\\?'", ["curl", "a\tb\n\r\v\f\a\b\x1b\x1b\\'\"?"]),
    ("curl $'\\x41\\x4g\\101\\1012\\u00e9\\u41g\\U1F600'", ["curl", "A\x04gAA2é\x41g😀"]),
    ("curl $'\\x414\\u00411\\U0001F6000'", ["curl", "A4A1😀0"]),
    ("curl $'\\xc3\\xa9' $'\\377' $'\\x7f'", ["curl", "\udcc3\udca9", "\udcff", "\x7f"]),
    ("curl $''", ["curl", ""]),
    ("curl é", ["curl", "é"]),
]


@pytest.mark.parametrize(("text", "words"), SHELL_LINES)
def test_splitting(text: str, words: "list[str]") -> None:
    assert split_line(text) == words


@pytest.mark.parametrize(("text", "words"), [case for case in SHELL_LINES if "[x]" not in case[0]])
def test_bash_splits_alike(text: str, words: "list[str]", require_tool: Callable[[str], str]) -> None:
    script = f"curl() {{ printf 'curl\\0'; [ $# = 0 ] || printf '%s\\0' \"$@\"; }}\n{text}\n"
    done = subprocess.run(
        [require_tool("bash")], input=script.encode("utf-8"), capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )
    assert done.stdout == b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in words)


SHELL = "put the word in single quotes if it is meant as it stands"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("curl $x", "the curl line has a variable at character 6, which only a shell can work out"),
        ('curl "$x"', "the curl line has a variable at character 7, which only a shell can work out"),
        ('curl "`x`"', "the curl line has a command substitution at character 7, which only a shell can work out"),
        ("curl `x`", "the curl line has a command substitution at character 6, which only a shell can work out"),
        ("curl $(x)", "the curl line has a variable at character 6, which only a shell can work out"),
        ('curl $"x"', "the curl line has a variable at character 6, which only a shell can work out"),
        ("curl u|jq", "the curl line has a pipe at character 7, which only a shell can work out"),
        ("curl u;ls", "the curl line has a second command at character 7, which only a shell can work out"),
        ("curl u&", "the curl line has a background command at character 7, which only a shell can work out"),
        ("curl u>f", "the curl line has a redirection at character 7, which only a shell can work out"),
        ("curl <f", "the curl line has a redirection at character 6, which only a shell can work out"),
        ("curl (u", "the curl line has a subshell at character 6, which only a shell can work out"),
        ("curl u)", "the curl line has a subshell at character 7, which only a shell can work out"),
        ("curl {a,b}", "the curl line has a brace expansion at character 6, which only a shell can work out"),
        ("curl a}", "the curl line has a brace expansion at character 7, which only a shell can work out"),
        ("curl x=~", "the curl line has a home folder at character 8, which only a shell can work out"),
        ("curl ab=~", "the curl line has a home folder at character 9, which only a shell can work out"),
        ("curl x:~", "the curl line has a home folder at character 8, which only a shell can work out"),
        ("curl ~/f", "the curl line has a home folder at character 6, which only a shell can work out"),
    ],
)
def test_what_only_a_shell_can_work_out(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        split_line(text)
    assert (caught.value.message, caught.value.hint) == (message, SHELL)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("curl 'a", "the curl line has a ' that nothing closes"),
        ('curl "a', 'the curl line has a " that nothing closes'),
        ('curl "a\\"', 'the curl line has a " that nothing closes'),
        ("curl $'a", "the curl line has a $' that nothing closes"),
        ("curl a\\", "the curl line ends with a backslash"),
        ("curl u\nX", "the curl line is more than one line"),
        ("curl u\n\r", "the curl line is more than one line"),
        ("curl $'\\z'", "the curl line has an escape in $'…' at character 8 that is not known"),
        ("curl $'\\cA'", "the curl line has an escape in $'…' at character 8 that is not known"),
        ("curl $'\\x'", "the curl line has an escape in $'…' for a character that no argument can hold"),
        ("curl $'\\0'", "the curl line has an escape in $'…' for a character that no argument can hold"),
        ("curl $'\\400'", "the curl line has an escape in $'…' for a character that no argument can hold"),
        ("curl $'\\ud800'", "the curl line has an escape in $'…' for a character that no argument can hold"),
        ("curl $'\\udfff'", "the curl line has an escape in $'…' for a character that no argument can hold"),
        ("curl $'\\U110000'", "the curl line has an escape in $'…' for a character that no argument can hold"),
        ("curl $'\\", "the curl line has an escape in $'…' at character 8 that is not known"),
    ],
)
def test_a_line_that_is_not_whole(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        split_line(text)
    assert caught.value.message == message


def test_several_lines_are_joined_by_backslashes() -> None:
    with pytest.raises(InputError) as caught:
        split_line("curl u\nls")
    assert caught.value.hint == "end each line but the last with a backslash"


def test_the_last_characters_that_an_escape_can_name() -> None:
    assert split_line("$'\\ud7ff\\ue000\\U10ffff\\377\\x80'") == ["\ud7ff\ue000\U0010ffff\udcff\udc80"]
