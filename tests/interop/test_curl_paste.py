"""Does real curl send the signed request, from the printed command and from --run?"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from authkit.curl.command import format_command
from authkit.curl.line import parse_line
from authkit.curl.request import plan
from authkit.errors import InputError
from authkit.hand_over.curl import run_curl
from interop.curl_lines import ADDED, REPAIRED, SAME, check, make, parts, place, sign, write_files
from interop.loopback import Loopback
from interop.program import PROJECT

Tool = Callable[[str], str]


@pytest.fixture
def folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_files(home)
    # printed commands start with -q, and lines given to curl as they are must not meet it either
    (home / ".curlrc").write_text("user-agent = from-curlrc\nlocation\n")
    monkeypatch.chdir(home)
    return home


def paste(shell: str, command: str) -> None:
    """Run *command* as a shell would that it was pasted into."""
    script = Path("pasted")
    script.write_bytes(command.encode("utf-8", "surrogateescape") + b"\n")
    with Path("pasted.out").open("wb") as out:
        done = subprocess.run([shell, str(script)], stdout=out, stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, b"curl: " in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize("words", SAME + REPAIRED, ids=" ".join)
def test_the_printed_command(words: "list[str]", folder: Path, loopback: Loopback, require_tool: Tool) -> None:
    require_tool("curl")
    made = make(words, loopback.url)
    signed = sign(made)
    for shell in ("sh", "bash", "zsh"):
        paste(require_tool(shell), format_command(made, signed))
        check(loopback.take(), signed, made)


def as_every_curl_sends_it(first: str) -> str:
    """Return a request line in the form that authkit's command has: escaped, and in the path in upper case."""
    escaped = "".join([char if char < "\x7f" else f"%{ord(char):02X}" for char in first])
    path, mark, query = escaped.partition("?")
    return re.sub("%[0-9a-f]{2}", lambda found: found[0].upper(), path, flags=re.IGNORECASE) + mark + query


@pytest.mark.parametrize("words", SAME, ids=" ".join)
def test_the_line_as_it_stands(words: "list[str]", folder: Path, loopback: Loopback, require_tool: Tool) -> None:
    made = make(words, loopback.url)
    done = subprocess.run(
        [require_tool("curl"), "-q", "-sS", *place(words, loopback.url)], capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    first, headers, body = parts(loopback.take())
    first = as_every_curl_sends_it(first)
    plain = [pair for pair in headers if pair[0].lower() not in made.generated]
    assert first == f"{made.request.method} {made.request.target} HTTP/1.1"
    assert sorted(plain) == sorted(made.request.headers)
    # what curl does add by itself is not claimed as the user's, nor the reverse
    assert {name.lower() for name, _ in headers} - {name.lower() for name, _ in plain} <= set(made.generated)
    assert len(body) == made.request.content_length


@pytest.mark.parametrize("words", SAME + REPAIRED, ids=" ".join)
def test_run(words: "list[str]", folder: Path, loopback: Loopback, require_tool: Tool, capfd: object) -> None:
    require_tool("curl")
    made = make(words, loopback.url)
    signed = sign(made)
    assert run_curl(made, signed, environ=os.environ) == 0
    check(loopback.take(), signed, made)


@pytest.mark.parametrize(
    ("words", "raw"),
    [
        (["-d", "@-", "URL/p"], b"in\nput\r\n"),
        (["--data-binary", "@-", "URL/p"], bytes(range(256)) * 800),
        (["--json", "@-", "URL/p"], b"[1]"),
        (["-d", "a=1", "--data-urlencode", "b@-", "URL/p"], b"x y"),
        (["-T", "-", "URL/up"], bytes(range(256))),
        (["-H", "@-", "URL/"], b"X-A: b\n"),
        (["-K", "-"], b"url = URL/k\nheader = \"X: 'y'\"\n"),
    ],
)
def test_run_with_standard_input(
    words: "list[str]", raw: bytes, folder: Path, loopback: Loopback, require_tool: Tool, capfd: object
) -> None:
    require_tool("curl")
    made = make(words, loopback.url, raw.replace(b"URL", loopback.url.encode()) if "-K" in words else raw)
    signed = sign(made)
    assert run_curl(made, signed, environ=os.environ) == 0
    check(loopback.take(), signed, made)


@pytest.mark.parametrize("words", [["URL/a?b=c"], ["--request-target", "/x?y", "URL/z"], ["-g", "URL/[a]"]])
def test_a_presigned_target(words: "list[str]", folder: Path, loopback: Loopback, require_tool: Tool) -> None:
    made = make(words, loopback.url)
    mark = "&" if "?" in made.request.target else "?"
    signed = made.request.with_target(f"{made.request.target}{mark}X-Amz-Credential=a%2Fb&X-Amz-Signature=0a")
    paste(require_tool("sh"), format_command(made, signed))
    check(loopback.take(), signed, made)
    assert run_curl(made, signed, environ=os.environ) == 0
    check(loopback.take(), signed, made)


def test_a_form(folder: Path, loopback: Loopback, require_tool: Tool) -> None:
    words = ["curl", "-F", "a=@body.txt;type=x/y", "--form-string", "b=@c;d", f"{loopback.url}/f"]
    made = plan(parse_line(words), read=None, unsigned_payload=True)
    signed = sign(made)
    paste(require_tool("sh"), format_command(made, signed))
    first, headers, body = parts(loopback.take())
    assert first == "POST /f HTTP/1.1"
    assert [value for name, value in headers if name == "Content-Type"][0].startswith("multipart/form-data; boundary=")
    assert b'name="a"; filename="body.txt"\r\nContent-Type: x/y\r\n\r\nline1\nline2\r\nend\0tail\r\n' in body
    assert b'name="b"\r\n\r\n@c;d\r\n' in body
    assert sorted(pair for pair in headers if pair[0].lower() not in made.generated) == sorted(signed.headers)


def test_the_longest_line_of_a_configuration_is_read_whole(
    folder: Path, loopback: Loopback, require_tool: Tool
) -> None:
    require_tool("curl")
    value = "a" * (102387 - len("X-Long: "))
    made = make(["-H", f"X-Long: {value}", "URL/"], loopback.url)
    assert run_curl(made, sign(made), environ=os.environ) == 0
    check(loopback.take(), sign(made), made)
    with pytest.raises(InputError):
        made = make(["-H", f"X-Long: {value}a", "URL/"], loopback.url)
        run_curl(made, sign(made), environ=os.environ)
    assert loopback.messages == []


RUN = """
import os, sys
from authkit.hand_over.curl import run_curl
from interop.curl_lines import make, sign
made = make(["-d", "marked-body", "-H", "X-Marked: marked-header", "URL/p?marked-query"], sys.argv[1])
code = run_curl(made, sign(made), environ=os.environ)
sys.exit(code or (sys.stdin.read() != "typed by the user"))
"""


def test_no_value_on_any_argument_list(folder: Path, loopback: Loopback, require_tool: Tool) -> None:
    require_tool("curl")
    words = [require_tool("strace"), "-f", "-qq", "-v", "-s", "100000", "-e", "trace=execve", "-o", "trace"]
    environ = os.environ | {
        "PYTHONPATH": f"{PROJECT / 'cli'}:{PROJECT / 'tests'}",
        "AWS_SECRET_ACCESS_KEY": "marked-secret",
        "AWS_SESSION_TOKEN": "marked-token",
        "AUTHKIT_ANYTHING": "marked-authkit",
    }
    done = subprocess.run(
        [*words, sys.executable, "-c", RUN, loopback.url], input=b"typed by the user", capture_output=True, env=environ
    )
    assert done.returncode == 0, done.stderr
    first, headers, body = parts(loopback.take())
    assert (first, body) == ("POST /p?marked-query HTTP/1.1", b"marked-body")
    assert set(ADDED) <= set(headers)
    started = [line for line in Path("trace").read_text().splitlines() if "/curl" in line]
    assert len(started) == 1
    assert '["' in started[0]
    assert '"-q", "-K", "/dev/fd/' in started[0]
    for marked in ("marked", "Authorization", "X-Amz-Date", loopback.url, "AUTHKIT_", "AWS_S"):
        assert marked not in started[0], marked
