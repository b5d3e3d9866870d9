"""Does the written command make curl send the signed request, safe for shell and terminal?"""

import io
import subprocess
from collections.abc import Callable

import pytest

from authkit.curl.command import format_command, format_config, quote, run_words
from authkit.curl.config import parse_config
from authkit.curl.line import parse_line, split_line
from authkit.curl.request import CurlPlan, plan
from authkit.errors import InputError, Refused

U = "https://h.example/p"
START = "curl -q --path-as-is -g "
SIGNATURE = ("Authorization", 'AWS4 Credential="x\\y", $a')


def make(*words: str, form: bool = False) -> CurlPlan:
    return plan(
        parse_line(["curl", *words]),
        read=lambda name: io.BytesIO({"f": b"a\nb", "-": b"in"}[name]),
        have_stdin=True,
        unsigned_payload=form,
    )


def command(*words: str, form: bool = False) -> str:
    made = make(*words, form=form)
    return format_command(made, made.request)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([U], U),
        (["-I", U], f"-I {U}"),
        (["-I", "-X", "GET", U], f"-I -X GET {U}"),
        (["-X", "GET", U], U),
        (["-X", "PUT", U], f"-X PUT {U}"),
        (["-sSo", "a b", U], f"--silent --show-error --output 'a b' {U}"),
        (["-w", "%{x}\\n", U], f"--write-out '%{{x}}\\n' {U}"),
        (["-H", "A: b", "-H", "C;", "-H", "D:", U], f"-H 'A: b' -H 'C;' -H d: {U}"),
        (["-H", "Host: o", U], f"-H 'Host: o' {U}"),
        (["-H", "Host: h.example", U], U),
        (["-A", "", U], f"-H user-agent: {U}"),
        (["-d", "a", U], f"-H 'Content-Type: application/x-www-form-urlencoded' --data-raw a {U}"),
        (["-d", "", "-H", "content-type:", U], f"-H content-type: --data-raw '' {U}"),
        (["-d", "@f", "-H", "accept:", "-H", "content-type:", U], f"-H accept: -H content-type: --data-raw ab {U}"),
        (["-d", "a", "-X", "GET", "-H", "content-type;", U], f"-X GET -H 'content-type;' --data-raw a {U}"),
        (["--json", "{}", U],
         f"-H 'Content-Type: application/json' -H 'Accept: application/json' --data-raw '{{}}' {U}"),
        (["--data-binary", "@f", U],
         f"-H 'Content-Type: application/x-www-form-urlencoded' --data-binary @f {U}"),
        (["--data-raw", "@f", U], f"-H 'Content-Type: application/x-www-form-urlencoded' --data-raw @f {U}"),
        (["-T", "f", U], f"--upload-file f {U}"),
        (["-T", "f", "-X", "POST", U], f"-X POST --upload-file f {U}"),
        (["-T", "-", U], f"-X PUT -H content-type: --data-raw in {U}"),
        (["-F", "a=@f;type=x", "--form-string", "b=c", U], f"--form 'a=@f;type=x' --form-string 'b=c' {U}"),
        (["-G", "-d", "a=b c", U], f"'{U}?a=b%20c'"),
        (["-g", "https://h/[a]{b}'"], "'https://h/[a]{b}'\\'''"),
        (["--request-target", "*", "-X", "OPTIONS", U], f"-X OPTIONS --request-target '*' {U}"),
        (["-H", "X: é", "https://h/é"], "-H 'X: é' https://h/%C3%A9"),
    ],
)  # fmt: skip
def test_commands(words: "list[str]", expected: str) -> None:
    assert command(*words, form=True) == START + expected


def test_what_signing_added_goes_along() -> None:
    made = make("-H", "A: b", U)
    signed = made.request.with_headers((*made.request.headers, SIGNATURE, ("X-Empty", "")))
    expected = f"-H 'A: b' -H 'Authorization: AWS4 Credential=\"x\\y\", $a' -H 'X-Empty;' {U}"
    assert format_command(made, signed) == START + expected
    assert format_command(made, made.request.with_target("/q?X-Amz-Signature=1")) == (
        START + "-H 'A: b' 'https://h.example/q?X-Amz-Signature=1'"
    )


def test_a_signed_target_of_its_own() -> None:
    made = make("--request-target", "/x", U)
    assert format_command(made, made.request.with_target("/x?s=1")) == START + f"--request-target '/x?s=1' {U}"


def test_a_header_that_is_signed_after_all_is_not_taken_away() -> None:
    made = make("-H", "X-A:", "-d", "a", "-H", "content-type:", U)
    signed = made.request.with_headers((*made.request.headers, ("x-a", "1"), ("Content-Type", "t")))
    assert format_command(made, signed) == START + f"-H 'x-a: 1' -H 'Content-Type: t' --data-raw a {U}"


def test_a_body_that_no_argument_can_hold() -> None:
    start = f"{START}-H 'Content-Type: application/x-www-form-urlencoded' --data-binary @- {U}"
    for raw, text in ((b"a\0b", "'a\\000b'"), (b"%d\\n'\0\xff\n~ ", "'\\045d\\134n\\047\\000\\377\\012~ '")):
        made = make("-d", "a", U)
        made.body = ("data-binary", raw)
        assert format_command(made, made.request) == f"printf {text} | {start}"


def test_a_body_longer_than_an_argument() -> None:
    for length, piped in ((98304, False), (98305, True)):
        text = command("-d", "a" * length, U)
        assert text.startswith("printf '" + "a" * length + "' | curl -q ") == piped
        assert text.endswith(f"--data-raw {'a' * length} {U}") != piped


def test_secrets_are_not_printed() -> None:
    made = make("--pass", "hunter2", "-x", "http://u:p@x", U)
    with pytest.raises(Refused) as caught:
        format_command(made, made.request)
    assert caught.value.message == "the printed command would show the secret in curl's --pass, -x"
    assert caught.value.hint == "add --run, which prints nothing"
    assert b'pass = "hunter2"\n' in format_config(made, made.request)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (("X", "a\nb"), "the header 'X' holds a control character"),
        (("X", "a\0b"), "the header 'X' holds a control character"),
        (("X", "a\rb"), "the header 'X' holds a control character"),
        (("X", "\u0100"), "the header 'X' holds a character above U+00FF"),
        (("X\r\nY", "a"), "the header 'X\\r\\nY' has a name that no header can have"),
        (("", "a"), "the header '' has a name that no header can have"),
    ],
)
def test_a_header_that_no_request_can_hold(header: "tuple[str, str]", message: str) -> None:
    made = make(U)
    signed = made.request.with_headers((*made.request.headers, header))
    for form in (format_command, format_config):
        with pytest.raises(InputError) as caught:
            form(made, signed)
        assert caught.value.message == message


@pytest.mark.parametrize("target", ["/a b", "/a\n", "", "/\xe9"])
def test_a_target_that_no_request_can_hold(target: str) -> None:
    made = make(U)
    for form in (format_command, format_config):
        with pytest.raises(InputError, match="^the target holds what cannot stand in a request line$"):
            form(made, made.request.with_target(target))


WORDS = [
    ("", "''"),
    ("a", "a"),
    ("aZ09%+,-./:@_", "aZ09%+,-./:@_"),
    ("a b", "'a b'"),
    ("=a", "'=a'"),
    ("~", "'~'"),
    ("it's", "'it'\\''s'"),
    ('$x`y`"\\!', "'$x`y`\"\\!'"),
    ("a\nb\n", "'a\nb\n'"),
    ("é😀", "'é😀'"),
    ("\x1b[1m", "\"$(printf '\\033')\"'[1m'"),
    ("a\tb", "'a'\"$(printf '\\011')\"'b'"),
    ("\n\r\n", "'\n'\"$(printf '\\015')\"'\n'"),
    ("a\u202e\u200bb", "'a'\"$(printf '\\342\\200\\256\\342\\200\\213')\"'b'"),
    ("\udcff\x85", "\"$(printf '\\377\\302\\205')\""),
    ("\x7f", "\"$(printf '\\177')\""),
]


@pytest.mark.parametrize(("word", "expected"), WORDS)
def test_quoting(word: str, expected: str) -> None:
    assert quote(word) == expected
    assert all(char.isprintable() or char == "\n" for char in quote(word))


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh"])
def test_shells_read_what_was_quoted(shell: str, require_tool: Callable[[str], str]) -> None:
    script = "".join([f"printf '%s\\0' {quote(word)}\n" for word, _ in WORDS])
    done = subprocess.run([require_tool(shell)], input=script.encode("utf-8"), capture_output=True, check=True)
    assert done.stdout == b"".join([word.encode("utf-8", "surrogateescape") + b"\0" for word, _ in WORDS])


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh"])
def test_shells_write_any_body(shell: str, require_tool: Callable[[str], str]) -> None:
    raw = bytes(range(256)) * 2 + b"%s%%\\n\\101"
    made = make("--data-binary", "x", U)
    made.body = ("data-binary", raw)
    start, bar, _ = format_command(made, made.request).partition(" | ")
    assert bar
    done = subprocess.run([require_tool(shell)], input=start.encode("ascii"), capture_output=True, check=True)
    assert done.stdout == raw


def test_authkit_reads_its_own_command() -> None:
    made = make("-sd", "it's", "-H", "X: a$b", "-H", "Accept:", "https://h/a b?c=%2F")
    words = split_line(format_command(made, made.request))
    again = make(*words[1:])
    assert (again.request.headers, again.url, again.body) == (made.request.headers, made.url, made.body)
    assert (again.keep, again.removed) == (made.keep, made.removed)


def test_a_configuration() -> None:
    made = make("-sSw", 'a"b\\c\nd\r', "-H", "X: é", "-X", "PUT", "--data-binary", "@f", "-H", "Accept:", U)
    signed = made.request.with_headers((*made.request.headers, SIGNATURE, ("X-Empty", "")))
    assert format_config(made, signed).decode() == (
        "path-as-is\n"
        "globoff\n"
        'request = "PUT"\n'
        "silent\n"
        "show-error\n"
        'write-out = "a\\"b\\\\c\\nd\\r"\n'
        'header = "X: é"\n'
        'header = "Content-Type: application/x-www-form-urlencoded"\n'
        'header = "Authorization: AWS4 Credential=\\"x\\\\y\\", $a"\n'
        'header = "X-Empty;"\n'
        'header = "accept:"\n'
        'data-binary = "@f"\n'
        f'url = "{U}"\n'
    )


def test_the_configuration_of_a_form_and_an_upload() -> None:
    made = make("-F", "a=b", "--form-string", "c=@d", U, form=True)
    assert format_config(made, made.request).decode() == (
        f'path-as-is\ngloboff\nform = "a=b"\nform-string = "c=@d"\nurl = "{U}"\n'
    )
    made = make("-T", "f", "-s", U)
    assert format_config(made, made.request).decode() == (
        f'path-as-is\ngloboff\nsilent\nupload-file = "f"\nurl = "{U}"\n'
    )
    made = make("-I", "--no-keepalive", U)
    assert format_config(made, made.request).decode() == f'path-as-is\ngloboff\nhead\nno-keepalive\nurl = "{U}"\n'


@pytest.mark.parametrize(
    ("words", "body_fd", "last"),
    [
        (["-d", 'a"b\nc'], None, 'data-raw = "a\\"b\\nc"'),
        (["-d", "a"], 7, 'data-binary = "@/dev/fd/7"'),
        (["-d", ""], 7, 'data-raw = ""'),
        (["-d", "@-"], 8, 'data-binary = "@/dev/fd/8"'),
        (["--data-binary", "@f"], 7, f'url = "{U}"'),
        ([], 7, f'url = "{U}"'),
    ],
)
def test_the_body_comes_last(words: "list[str]", body_fd: "int | None", last: str) -> None:
    made = make(*words, U)
    assert format_config(made, made.request, body_fd).decode().split("\n")[-2:] == [last, ""]


def test_curls_reader_reads_what_was_written() -> None:
    value = '\udcffa"b\\c\nd\re\tf\vg é# =:'
    made = make("-w", value, U)
    assert ("write-out", value, 3) in parse_config(format_config(made, made.request), "f")


def test_what_a_configuration_cannot_hold() -> None:
    made = make("-d", "a", U)
    made.body = ("data-binary", b"a\0b")
    with pytest.raises(InputError, match="^the value of curl's --data-raw holds a NUL byte$"):
        format_config(made, made.request)
    assert b"@/dev/fd/9" in format_config(made, made.request, 9)
    # 100 KiB with the option's name, the quotes, the line end and the NUL that curl adds
    for length, whole in ((102387, True), (102388, False)):
        made = make("-H", "X: " + "a" * (length - 3), U)
        if whole:
            assert len(format_config(made, made.request).split(b"\n")[2] + b"\n") == 102399
        else:
            message = "^the value of curl's --header is longer than curl reads from a configuration file$"
            with pytest.raises(InputError, match=message):
                format_config(made, made.request)


def test_the_arguments_of_a_run_are_three() -> None:
    assert run_words(5) == ["-q", "-K", "/dev/fd/5"]
