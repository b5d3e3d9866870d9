"""Does the program itself keep its manners: with pipes, signals, terminals, and a poor environment?"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from agefile import PASSPHRASE
from sample import Sample

AUTHKIT = [sys.executable, "-m", "authkit"]
FULL = "/dev/full"
needs_full = pytest.mark.skipif(not os.path.exists(FULL), reason="there is no /dev/full")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    Sample().write(tmp_path)
    return tmp_path


def environment(here: Path, **more: "str | None") -> dict[str, str]:
    base = {
        "PATH": f"{here}/bin:{os.environ['PATH']}",
        "HOME": str(here),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "AUTHKIT_STORE": str(here / "store"),
        "AUTHKIT_PASSPHRASE_FILE": str(here / "pass"),
    }
    return {name: value for name, value in {**base, **more}.items() if value is not None}


def run(here: Path, *words: "str | bytes", options: "dict[str, Any] | None" = None, **environ: "str | None") -> Any:
    given: dict[str, Any] = {
        "cwd": here,
        "env": environment(here, **environ),
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "start_new_session": True,
        "timeout": 60,
        **(options or {}),
    }
    return subprocess.run([*AUTHKIT, *words], **given)


def triple(done: Any) -> tuple[str, str, int]:
    return done.stdout.decode(), done.stderr.decode(), done.returncode


SIGN = ("sign", "http", "get.http", "--key", "file:key.json", "--at", "2026-11-23T09:00:00Z")
CERTIFICATES = [
    ("list-certs", "--all", "--store", "cas"),
    ("export-cert", "root", "--store", "cas"),
    ("issue-crl", "--ca", "servers", "--store", "cas", "--at", "2026-11-24T10:00:00Z"),
    ("inspect-cert", "ada.pem", "revoked.crl"),
    ("inspect-cert", "ada.pem", "--json"),
    ("verify-cert", "ada.pem", "--trust-anchor", "root.pem", "--at", "2026-11-24T10:00:00Z"),
]


# pipes and signals


@pytest.mark.parametrize(
    "words", [("--help",), ("keygen", "--help"), ("list-keys",), SIGN, ("export-key", "web"), *CERTIFICATES]
)
def test_a_reader_that_went_away(words: tuple[str, ...], here: Path) -> None:
    out, into = os.pipe()
    os.close(out)
    done = run(here, *words, options={"stdout": into})
    os.close(into)
    assert (done.stderr, done.returncode) == (b"", 141)


@needs_full
@pytest.mark.parametrize(
    "words",
    [
        *[("--version",), ("keygen", "--help"), ("list-keys",), ("list-keys", "--json"), SIGN, ("keygen", "-o", "-")],
        *CERTIFICATES,
    ],
)
def test_a_full_device(words: tuple[str, ...], here: Path) -> None:
    with open(FULL, "wb") as full:
        done = run(here, *words, options={"stdout": full})
    message = "cannot write the result: no space left on device"
    if "--json" in words:
        expected = f'{{"error": {{"slug": "store", "message": "{message}", "hint": null}}}}\n'
    else:
        expected = f"authkit: error: {message}\n"
    assert (done.stderr.decode(), done.returncode) == (expected, 6)


@needs_full
def test_nobody_hears_the_error(here: Path) -> None:
    with open(FULL, "wb") as full:
        assert run(here, "keygem", options={"stderr": full}).returncode == 2
        done = run(here, "keygen", "new", options={"stderr": full})
    assert (done.returncode, len(done.stdout)) == (0, 21)


def test_an_interrupt(here: Path) -> None:
    (here / "bin").mkdir()
    (here / "bin" / "curl").write_text("#!/bin/sh\nkill -INT $PPID\n")
    (here / "bin" / "curl").chmod(0o755)
    done = run(here, "sign", "curl", "--run", "--key", "file:key.json", "https://b.s3.amazonaws.com/")
    assert triple(done) == ("", "", 130)


def test_a_termination(here: Path) -> None:
    (here / "bin").mkdir()
    (here / "bin" / "curl").write_text("#!/bin/sh\nkill -TERM $PPID\n")
    (here / "bin" / "curl").chmod(0o755)
    done = run(here, "sign", "curl", "--run", "--key", "file:key.json", "https://b.s3.amazonaws.com/")
    assert triple(done) == ("", "", -signal.SIGTERM)


# languages and bytes


@pytest.mark.parametrize(
    "environ",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"},
        {"LC_ALL": "xx_YY.latin1"},
    ],
)
def test_the_language_of_the_environment_changes_nothing(environ: dict[str, str], here: Path) -> None:
    for words in (("sign", "http", "--help"), ("--help",), ("list-keys", "--at", "2026-11-23T09:00:00Z"), ("é",)):
        done = run(here, *[os.fsencode(word) if word.isascii() else word.encode() for word in words], **environ)
        assert done.returncode == (2 if words == ("é",) else 0)
        if words == ("é",):
            assert done.stderr.startswith(
                (
                    "authkit: error: no such command 'é'\n".encode(),
                    b"authkit: error: no such command '\\udcc3\\udca9'\n",
                )
            )
        else:
            assert done.stderr == b""
            assert done.stdout.decode("utf-8")
        assert "…".encode() in done.stdout or words[0] not in ("sign", "--help")


@pytest.mark.parametrize(
    ("words", "stderr", "code"),
    [
        ((b"\xff\x1b[31m",), "no such command '\\udcff\\x1b[31m'", 2),
        ((b"keygen", b"a\xff"), "'a\\udcff' cannot be the name of a key", 2),
        ((b"sign", b"http", b"\xff"), "no such file: \\udcff", 3),
        ((b"inspect-subkey", b"./\xff\n"), "no such file: ./\\udcff\\x0a", 3),
        ((b"export-key", b"\xff"), "no key named \\udcff", 4),
        ((b"list-keys", b"--store", b"\xff"), "there is no store at \\udcff", 4),
        ((b"keygen", b"-o", b"none/\xff"), "cannot write none/\\udcff: no such file or directory", 6),
    ],
)
def test_words_that_are_not_utf_8(words: tuple[bytes, ...], stderr: str, code: int, here: Path) -> None:
    done = run(here, *words)
    assert (done.stdout, done.returncode) == (b"", code)
    assert done.stderr.decode().splitlines()[0] == f"authkit: error: {stderr}"


def test_a_file_name_that_is_not_utf_8(here: Path) -> None:
    name = b"k\xff.json"
    assert run(here, b"keygen", b"-o", name).returncode == 0
    assert os.path.exists(os.path.join(os.fsencode(here), name))
    done = run(here, b"keygen", b"-o", name)
    assert triple(done)[1:] == ("authkit: error: k\\udcff.json exists\nauthkit: hint: --force replaces it\n", 5)


# homes and folders


def test_no_home(here: Path) -> None:
    done = run(here, "list-keys", "--at", "2026-11-23T09:00:00Z", HOME=None)
    assert (done.returncode, done.stderr) == (0, b"")
    assert run(here, *SIGN, HOME=None).returncode == 0


def test_a_home_that_cannot_hold_anything(here: Path) -> None:
    done = run(here, "keygen", "new", "--unlock", "passphrase", HOME="/dev/null", AUTHKIT_STORE=None)
    message = "cannot make the folder /dev/null/.local/share/authkit: file exists"
    assert triple(done) == ("", f"authkit: error: {message}\n", 6)


def test_a_folder_that_was_deleted(here: Path) -> None:
    gone = here / "gone"
    words = [
        "--version",
        "list-keys --at 2026-11-23T09:00:00Z",
        "sign http none",
        "keygen -o new",
        f"keygen -o {here}/new",
    ]
    lines = "; ".join(f"{sys.executable} -m authkit {one}; echo $?" for one in words)
    gone.mkdir()
    done = subprocess.run(
        ["/bin/sh", "-c", f"rmdir {gone}; {lines}"],
        cwd=gone,
        env=environment(here),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=60,
    )
    assert [line for line in done.stdout.splitlines() if line.isdigit()] == ["0", "0", "3", "6", "0"]
    assert done.stderr.splitlines() == [
        "authkit: error: no such file: none",
        "authkit: error: cannot write new: no such file or directory",
    ]


# a terminal of its own


@pytest.fixture
def spawn(here: Path, require_module: Callable[[str], ModuleType]) -> "Callable[..., Any]":
    pexpect = require_module("pexpect")

    def start(*words: str, **environ: "str | None") -> Any:
        return pexpect.spawn(
            AUTHKIT[0],
            [*AUTHKIT[1:], *words],
            cwd=here,
            env=environment(here, **{"TERM": "xterm", **environ}),
            timeout=60,
            encoding="utf-8",
            dimensions=(40, 100),
        )

    return start


def finish(child: Any) -> tuple[str, "int | None"]:
    text = child.read().replace("\r\n", "\n")
    child.close()
    return text, child.exitstatus


def test_a_passphrase_is_asked_for_and_not_shown(spawn: "Callable[..., Any]") -> None:
    child = spawn("export-key", "pair", "--public", AUTHKIT_PASSPHRASE_FILE=None)
    child.expect_exact("passphrase of the store (about 1.5 s to check): ")
    assert child.waitnoecho(30)
    child.sendline(PASSPHRASE.decode())
    text, code = finish(child)
    assert code == 0
    assert text.startswith("\n-----BEGIN PUBLIC KEY-----\n")
    assert PASSPHRASE.decode() not in text


@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 5)])
def test_a_question_that_is_not_answered(key: str, code: int, spawn: "Callable[..., Any]") -> None:
    child = spawn("export-key", "web", "-o", "new", AUTHKIT_PASSPHRASE_FILE=None)
    child.expect_exact("to check): ")
    assert child.waitnoecho(30)
    child.send(key)
    text, found = finish(child)
    assert found == code
    assert ("authkit: error: no passphrase was given\n" in text) is (code == 5)
    assert "Traceback" not in text


def test_a_first_store(spawn: "Callable[..., Any]", here: Path) -> None:
    child = spawn("keygen", "web", "--unlock", "passphrase", "--store", "new", AUTHKIT_PASSPHRASE_FILE=None)
    child.expect(r"a passphrase made for you: ([a-z]+(?:-[a-z]+){9})\r\n")
    made = child.match[1]
    for _ in range(2):
        child.expect_exact("more: ")
        assert child.waitnoecho(30)
        child.sendline(made)
    text, code = finish(child)
    assert code == 0
    assert made not in text
    assert "authkit: note: stored as web\n" in text
    assert (here / "new" / "keys" / "web.json").stat().st_mode & 0o777 == 0o600


def test_a_key_is_deleted_once_its_name_is_typed(spawn: "Callable[..., Any]", here: Path) -> None:
    child = spawn("delete-key", "web")
    child.expect_exact("delete web for good; type its name: ")
    child.sendline("pair")
    assert finish(child) == ("pair\nauthkit: error: not confirmed\n", 5)
    assert (here / "store" / "keys" / "web.json").exists()
    child = spawn("delete-key", "web")
    child.expect_exact("type its name: ")
    child.sendline("web")
    assert finish(child) == ("web\n", 0)
    assert not (here / "store" / "keys" / "web.json").exists()


@pytest.mark.parametrize(("environ", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour(environ: dict[str, str], coloured: bool, spawn: "Callable[..., Any]") -> None:
    words = ("verify-signature", "signed.http", "--key", "file:day.subkeys", "--at", "2026-11-23T09:00:00Z")
    text, code = finish(spawn(*words, **environ))
    assert code == 0
    assert ("\x1b[32mvalid\x1b[0m" in text) is coloured
    assert ("\x1b" in text) is coloured


def test_a_secret_does_not_reach_the_terminal(spawn: "Callable[..., Any]") -> None:
    text, code = finish(spawn("export-key", "web"))
    assert (text.splitlines()[0], code) == ("authkit: error: the secret of web would appear on the terminal", 5)
    text, code = finish(spawn("export-key", "web", "--reveal"))
    assert (text[:11], code) == ('{"schema": ', 0)
