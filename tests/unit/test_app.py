"""Does every end of a run have its exit code, and no secret in what is said about it?"""

import json
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

import authkit
from authkit import app, errors
from authkit.commands import _quick
from commandline import Done, run_here

BUG = "authkit: hint: please report this line; it holds no secret\n"


def end_with(raised: "BaseException | None", folder: Path, words: str = "list-keys") -> Done:
    """Run a command whose work ends in *raised*."""

    def work(words: list[str]) -> int:
        if raised is not None:
            raise raised
        return 0

    with mock.patch.object(_quick, "run", work):
        return run_here(words, folder)


@pytest.mark.parametrize(
    ("raised", "stderr", "code"),
    [
        (None, "", 0),
        (errors.UsageError("a", "b"), "authkit: error: a\nauthkit: hint: b\n", 2),
        (errors.InputError("a"), "authkit: error: a\n", 3),
        (errors.NotFound("a\x1b[31m\u202e\nb"), "authkit: error: a\\x1b[31m\\u202e\\x0ab\n", 4),
        (errors.Refused("a", "b\r"), "authkit: error: a\nauthkit: hint: b\\x0d\n", 5),
        (errors.StoreError("\udcff é"), "authkit: error: \\udcff é\n", 6),
        (
            errors.Rejected("userinfo", "x", "y"),
            "authkit: error: the URL carries a user name before its host: x\nauthkit: hint: y\n",
            3,
        ),
        (KeyboardInterrupt(), "", 130),
        (BrokenPipeError(32, "Broken pipe"), "", 141),
        (OSError(5, "Input/output error"), "authkit: error: cannot read an input: input/output error\n", 3),
        (OSError(), f"authkit: error: cannot read an input: {os.strerror(0).lower()}\n", 3),
    ],
)
def test_how_a_run_ends(raised: "BaseException | None", stderr: str, code: int, tmp_path: Path) -> None:
    assert end_with(raised, tmp_path).triple == ("", stderr, code)


def test_an_error_as_json(tmp_path: Path) -> None:
    done = end_with(errors.Refused("é\x1b", None), tmp_path, "list-keys --json")
    assert done.triple == (
        "",
        '{"error": {"slug": "refused", "message": "\\u00e9\\u001b", "hint": null}}\n',
        5,
    )
    assert json.loads(done.stderr)["error"]["hint"] is None


@pytest.mark.parametrize(
    "kind", [ValueError, KeyError, RecursionError, MemoryError, UnicodeEncodeError, AssertionError]
)
def test_a_fault_names_its_place_and_nothing_else(kind: type[Exception], tmp_path: Path) -> None:
    raised = kind("utf-8", "wJalr-secret", 0, 1, "r") if kind is UnicodeEncodeError else kind("wJalr-secret")
    done = end_with(raised, tmp_path)
    assert (done.stdout, done.code) == (b"", 70)
    message, hint = done.stderr.decode().splitlines(keepends=True)
    assert hint == BUG
    assert message.startswith(f"authkit: error: a fault of authkit: {kind.__name__} at app.py:")
    assert " test_app.py:" in message
    assert "wJalr" not in message


def test_only_the_last_six_places_of_a_fault_are_named(tmp_path: Path) -> None:
    def deep(left: int) -> int:
        return deep(left - 1) if left else 1 // 0

    with mock.patch.object(_quick, "run", side_effect=lambda words: deep(9)):
        done = run_here("list-keys", tmp_path)
    message = done.stderr.decode().splitlines()[0]
    assert message.count(" test_app.py:") == 6
    assert "app.py:" not in message.replace("test_app.py:", "")


def test_a_fault_as_json(tmp_path: Path) -> None:
    found = json.loads(end_with(ValueError("wJalr-secret"), tmp_path, "list-keys --json").stderr)["error"]
    assert (found["slug"], found["hint"]) == ("bug", "please report this line; it holds no secret")


def test_an_error_that_nobody_reads_has_its_code(tmp_path: Path) -> None:
    def deaf(words: list[str]) -> int:
        os.close(2)
        return app.main(words)

    assert run_here("keygem", tmp_path, main=deaf).code == 2


@pytest.mark.parametrize(("number", "code"), [(0, 3), (1, 6), (2, 0)])
def test_no_file_takes_the_place_of_a_closed_stream(number: int, code: int, tmp_path: Path) -> None:
    seen = {}

    def without(words: list[str]) -> int:
        os.close(number)
        code = app.main(words)
        seen["place"] = os.readlink(f"/proc/self/fd/{number}") if sys.platform == "linux" else "/dev/null"
        return code

    words = "inspect-subkey -" if number == 0 else "--version"
    done = run_here(words, tmp_path, main=without)
    assert (done.code, seen) == (code, {"place": "/dev/null"})
    assert done.stdout == (b"" if number < 2 else b"authkit 0.1.0\n")
    if number < 2:
        assert b": bad file descriptor\n" in done.stderr


def test_the_words_of_the_process_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["authkit", "--version"])
    assert run_here("keygem", tmp_path, main=lambda words: app.main()).triple == ("authkit 0.1.0\n", "", 0)


@pytest.mark.parametrize(
    ("words", "place", "found"),
    [
        ("authkit key", "1", "plain,keygen\n"),
        ("authkit si", "1", "plain,sign\n"),
        ("authkit sign ", "2", "plain,curl\nplain,http\nplain,url\nplain,batch\nplain,form\nplain,webhook\n"),
        ("authkit sign url --placement ", "4", "plain,header\nplain,query\n"),
        ("authkit list-keys --j", "2", "plain,--json\n"),
    ],
)
def test_completion(words: str, place: str, found: str, tmp_path: Path) -> None:
    def main(line: list[str]) -> int:
        with pytest.raises(SystemExit) as ended:
            app.main(line)
        assert isinstance(ended.value.code, int)
        return ended.value.code

    environ = {"_AUTHKIT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": place}
    assert run_here("", tmp_path, environ=environ, main=main).triple == (found, "", 0)


def test_an_empty_request_for_completion_is_none(tmp_path: Path) -> None:
    assert run_here("--version", tmp_path, environ={"_AUTHKIT_COMPLETE": ""}).triple == ("authkit 0.1.0\n", "", 0)


def test_python_m_authkit(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "authkit", "keygem"]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr == "authkit: error: no such command 'keygem'\nauthkit: hint: did you mean keygen?\n"


def test_main_runs_the_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import runpy

    def module(words: list[str]) -> int:
        monkeypatch.setattr(sys, "argv", ["authkit", *words])
        with pytest.raises(SystemExit) as ended:
            runpy.run_module("authkit", run_name="__main__", alter_sys=False)
        assert isinstance(ended.value.code, int)
        return ended.value.code

    assert run_here("--version", tmp_path, main=module).triple == ("authkit 0.1.0\n", "", 0)


def test_importing_the_module_runs_nothing() -> None:
    import runpy

    assert runpy.run_module("authkit.__main__", run_name="imported")["__name__"] == "imported"


@pytest.mark.parametrize("name", authkit.__all__)
def test_the_public_names_are_there(name: str) -> None:
    found = getattr(authkit, name)
    assert getattr(found, "__name__", None) == name
    assert name in dir(authkit)


def test_the_public_names_are_those_of_the_table() -> None:
    assert sorted(authkit.__all__) == sorted(authkit._PLACES)
    assert dir(authkit) == sorted([*authkit.__all__, "__version__"])
    with pytest.raises(AttributeError, match="^module 'authkit' has no attribute 'nothing'$"):
        authkit.nothing  # noqa: B018


def test_why_something_carried_is_refused_is_a_word_for_scripts(tmp_path: Path) -> None:
    done = end_with(errors.Untrusted("replayed", "resp.age", hint="look"), tmp_path, "list-keys --json")
    message = "resp.age: it was taken in before (replayed)"
    row = {"slug": "refused", "message": message, "hint": "look", "reason": "replayed"}
    assert (done.code, json.loads(done.stderr)) == (5, {"error": row})
