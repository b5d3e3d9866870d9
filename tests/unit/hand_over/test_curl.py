"""Is curl started with nothing on its arguments, nothing secret in its environment, and the exact body?"""

import ast
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from authkit.curl.line import parse_line
from authkit.curl.request import CurlPlan, plan
from authkit.errors import InputError, NotFound
from authkit.hand_over.curl import child_environment, find_curl, run_curl

# Stands for curl: writes down what it was given, then ends as it was told.
CURL = """#!{python}
import os, signal, sys
with open({out!r}, "wb") as out:
    config = open(sys.argv[3], "rb").read() if {reads} else b""
    body = b""
    for line in config.split(b"\\n"):
        if line.startswith((b"data-binary", b"upload-file")):
            body = open(line.split(b'"')[1].lstrip(b"@"), "rb").read()
    stdin = sys.stdin.buffer.read() if {stdin} else b""
    names = " ".join(sorted(os.environ)).encode()
    out.write(repr((sys.argv[1:], config, body, stdin, names)).encode())
{end}
"""


def make(*words: str) -> CurlPlan:
    return plan(parse_line(["curl", *words]), read=lambda name: io.BytesIO(b"in\0put" * 50000), have_stdin=True)


class Stand:
    """A program named curl in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "bin"
        self.out = folder / "out"
        self.folder.mkdir()

    def install(self, end: str = "sys.exit(0)", *, reads: bool = True, stdin: bool = False) -> None:
        text = CURL.format(python=sys.executable, out=str(self.out), end=end, reads=reads, stdin=stdin)
        program = self.folder / "curl"
        program.write_text(text)
        program.chmod(0o700)

    def run(self, made: CurlPlan, **environ: str) -> int:
        signed = made.request.with_headers((*made.request.headers, ("Authorization", "marked")))
        return run_curl(made, signed, environ={"PATH": str(self.folder)} | environ)

    def seen(self) -> "tuple[list[str], bytes, bytes, bytes, str]":
        words, config, body, stdin, names = ast.literal_eval(self.out.read_text())
        return words, config, body, stdin, names.decode()


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def descriptors() -> "set[str]":
    # the folder's own descriptor is among them while it is listed
    return {name for name in os.listdir("/dev/fd") if os.path.exists(f"/dev/fd/{name}")}


def test_everything_goes_through_the_pipe(stand: Stand) -> None:
    stand.install()
    before = descriptors()
    assert stand.run(make("-H", "X: y", "https://h/?q=1")) == 0
    words, config, body, _, _ = stand.seen()
    assert words[:2] == ["-q", "-K"]
    assert words[2].startswith("/dev/fd/")
    assert len(words) == 3
    assert config == (
        b'path-as-is\ngloboff\nheader = "X: y"\nheader = "Authorization: marked"\nurl = "https://h/?q=1"\n'
    )
    assert body == b""
    assert descriptors() == before


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-d", "a\r\nb"], b"a\r\nb"),
        (["-d", "x" * 300000], b"x" * 300000),
        (["--data-binary", "@-"], b"in\0put" * 50000),
        (["-T", "-"], b"in\0put" * 50000),
        (["-d", ""], b""),
        (["--data-binary", "@/dev/null"], b""),
    ],
)
def test_the_body_goes_through_another(stand: Stand, words: "list[str]", expected: bytes) -> None:
    stand.install()
    assert stand.run(make(*words, "https://h/")) == 0
    assert stand.seen()[2] == expected


# ends with how many bytes came through the pipe that is neither standard nor the configuration's
THE_REST = """import stat
inherited = [name for name in os.listdir("/dev/fd") if int(name) > 2 and os.path.exists("/dev/fd/" + name)]
pipes = ["/dev/fd/" + name for name in inherited if stat.S_ISFIFO(os.stat("/dev/fd/" + name).st_mode)]
pipes.remove(sys.argv[3])
(rest,) = pipes
sys.exit(len(open(rest, "rb").read()))"""


@pytest.mark.parametrize(
    ("words", "size"),
    [([], 0), (["-T", "f"], 0), (["--data-binary", "@f"], 0), (["-d", ""], 0), (["-d", "abc"], 3)],
)
def test_the_other_pipe_holds_the_body_alone(stand: Stand, words: "list[str]", size: int) -> None:
    stand.install(THE_REST, reads=False)
    assert stand.run(make(*words, "https://h/")) == size


def test_a_long_configuration_does_not_block(stand: Stand) -> None:
    stand.install()
    headers = [word for number in range(20) for word in ("-H", f"X-{number}: " + "a" * 20000)]
    assert stand.run(make(*headers, "-d", "b" * 200000, "https://h/")) == 0
    _, config, body, _, _ = stand.seen()
    assert len(config) > 400000
    assert body == b"b" * 200000


def test_standard_input_stays_the_users(stand: Stand, tmp_path: Path) -> None:
    stand.install(stdin=True)
    typed = tmp_path / "typed"
    typed.write_bytes(b"from the user")
    saved = os.dup(0)
    descriptor = os.open(typed, os.O_RDONLY)
    try:
        os.dup2(descriptor, 0)
        assert stand.run(make("-d", "body", "https://h/")) == 0
    finally:
        os.dup2(saved, 0)
        os.close(saved)
        os.close(descriptor)
    assert stand.seen()[2:4] == (b"body", b"from the user")


def test_the_environment_has_no_secrets(stand: Stand) -> None:
    stand.install()
    environ = {"AUTHKIT_KEY": "x", "AUTHKIT_": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x", "KEPT": "x"}
    assert stand.run(make("https://h/"), **environ) == 0
    names = stand.seen()[4].split()
    assert "KEPT" in names
    assert not set(environ) - {"KEPT"} & set(names)


def test_what_is_withheld() -> None:
    environ = {"AUTHKIT_X": "1", "AUTHKITX": "2", "XAUTHKIT_": "3", "AWS_SESSION_TOKENS": "4", "AWS_ACCESS_KEY_ID": "5"}
    kept = {"AUTHKITX": "2", "XAUTHKIT_": "3", "AWS_SESSION_TOKENS": "4", "AWS_ACCESS_KEY_ID": "5"}
    assert child_environment(environ | {"AWS_SESSION_TOKEN": "6", "AWS_SECRET_ACCESS_KEY": "7"}) == kept


@pytest.mark.parametrize(
    ("end", "code"),
    [("sys.exit(22)", 22), ("sys.exit(0)", 0), ("os.kill(os.getpid(), signal.SIGTERM)", 143)],
)
def test_the_code_is_curls(stand: Stand, end: str, code: int) -> None:
    stand.install(end)
    assert stand.run(make("https://h/")) == code


def test_curl_may_end_before_it_reads(stand: Stand) -> None:
    stand.install("sys.exit(2)", reads=False)
    before = descriptors()
    headers = [word for number in range(20) for word in ("-H", f"X-{number}: " + "a" * 20000)]
    assert stand.run(make(*headers, "-d", "b" * 200000, "https://h/")) == 2
    assert descriptors() == before


def test_no_curl(tmp_path: Path) -> None:
    folder = tmp_path / "curl"
    folder.mkdir()
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "curl").write_text("#!/bin/sh\n")
    hint = "apt install curl, or leave --run out and paste the printed command"
    for path in ("", ".", "bin", str(tmp_path), str(tmp_path / "plain"), str(tmp_path / "nowhere")):
        with pytest.raises(NotFound) as caught:
            find_curl(path)
        assert (caught.value.message, caught.value.hint) == ("there is no curl on the PATH", hint)
    with pytest.raises(NotFound):
        run_curl(make("https://h/"), make("https://h/").request, environ={})


def test_the_first_curl_on_the_path(stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.install()
    other = Stand(tmp_path / "bin")
    other.install()
    monkeypatch.chdir(stand.folder)
    assert find_curl(f".:{tmp_path}::{stand.folder}:{other.folder}") == str(stand.folder / "curl")


def test_a_curl_that_does_not_start(stand: Stand) -> None:
    stand.install()
    (stand.folder / "curl").write_text("#!/nowhere/at/all\n")
    before = descriptors()
    with pytest.raises(InputError) as caught:
        stand.run(make("https://h/"))
    assert caught.value.message == f"{stand.folder}/curl cannot be started: No such file or directory"
    assert descriptors() == before


def test_nothing_is_started_for_what_cannot_be_written(stand: Stand) -> None:
    stand.install()
    made = make("https://h/")
    before = descriptors()
    with pytest.raises(InputError, match="^the target holds what cannot stand in a request line$"):
        run_curl(made, made.request.with_target("/a b"), environ={"PATH": str(stand.folder)})
    assert not stand.out.exists()
    assert descriptors() == before


# ------------------------------------------------------------------------------------- a body that is made on the way


@pytest.mark.parametrize("words", [["-T", "f"], ["-d", "abc"], ["-T", "-"], []])
def test_a_body_made_on_the_way_goes_through_the_pipe(stand: Stand, words: "list[str]") -> None:
    """Piece by piece, each taken before the next is made; the file that was named is not curl's to read."""
    stand.install()
    made = make(*words, "https://h/x")
    buffer = bytearray(100000)

    def pieces() -> "Iterator[bytes | memoryview]":
        for number in range(5):
            buffer[:] = bytes([number]) * len(buffer)
            yield memoryview(buffer)

    environ = {"PATH": str(stand.folder)}
    signed = made.request.with_headers((*made.request.headers, ("Content-Length", "500000")))
    assert run_curl(made, signed, environ=environ, pieces=pieces()) == 0
    _, config, body, _, _ = stand.seen()
    assert body == b"".join(bytes([number]) * 100000 for number in range(5))
    assert b'\nheader = "Transfer-Encoding:"\nupload-file = "/dev/fd/' in config
    assert config.count(b"upload-file") == 1
    assert not {b"data-raw", b"data-binary"} & set(config.replace(b"\n", b" ").split(b" "))
    method = {"-T": None, "-d": b"POST"}.get(words[0]) if words else b"GET"
    assert (b"\nrequest = " in config) == (method is not None)
    if method is not None:
        assert b'\nrequest = "%s"\n' % method in config


def test_a_body_made_on_the_way_that_cannot_be_made(stand: Stand) -> None:
    """curl is left with too little, and is waited for."""
    stand.install()
    made = make("-T", "f", "https://h/x")
    before = descriptors()

    def pieces() -> "Iterator[bytes]":
        yield b"first"
        raise InputError("the body is shorter than the 9 octets that were announced")

    with pytest.raises(InputError) as caught:
        run_curl(made, made.request, environ={"PATH": str(stand.folder)}, pieces=pieces())
    assert caught.value.message == "the body is shorter than the 9 octets that were announced"
    assert stand.seen()[2] == b"first"
    assert descriptors() == before


def test_a_body_made_on_the_way_that_curl_does_not_want(stand: Stand) -> None:
    """It is not made to its end when nobody reads it."""
    stand.install(reads=False)
    made = make("-T", "f", "https://h/x")
    count = 0

    def pieces() -> "Iterator[bytes]":
        nonlocal count
        while True:
            count += 1
            yield bytes(1 << 20)

    assert run_curl(made, made.request, environ={"PATH": str(stand.folder)}, pieces=pieces()) == 0
    assert count < 10
