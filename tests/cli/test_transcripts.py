"""Does each command line give exactly the output, the messages and the exit code that it promises?

A case is data: tests/cli/transcripts/COMMAND.toml.  `{here}` is the folder it runs in, which holds tests/sample.py's
files; `…` stands for one or more characters of a line that differ from run to run.
"""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from authkit import registry
from sample import Sample
from transcripts import CASES, FOLDER, MEMBERS, environment, filled, perform

# Summed up, so that no case can silently stop running.
COUNT = 1702
# What a person types needs a terminal of its own, which only the run in this process has.
# A passphrase for a new store costs the program seconds; tests/cli/test_process.py makes one.
ALONE = [
    name
    for name, case in CASES.items()
    if not {"types", "screens", "closed", "before"} & set(case) and "--unlock passphrase" not in case["run"]
]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir(mode=0o700)
    Sample().write(folder)
    return folder


def matches(wanted: str, found: str, here: Path) -> bool:
    pattern = "[^\n]+".join(re.escape(part) for part in filled(wanted, here).split("…"))
    return re.fullmatch(pattern, found) is not None


def judge(case: dict[str, Any], triple: tuple[str, str, int], here: Path) -> None:
    wanted = (case.get("stdout", ""), case.get("stderr", ""), case["code"])
    same = [matches(text, found, here) for text, found in zip(wanted[:2], triple[:2], strict=True)]
    if not all(same) or triple[2] != wanted[2]:
        assert triple == filled(dict(enumerate(wanted[:2])), here) | {2: wanted[2]}
    for name, content in case.get("after", {}).items():
        assert matches(content, (here / name).read_text("utf-8"), here), name
    for name in case.get("gone", []):
        assert not (here / name).exists()


@pytest.mark.parametrize("name", CASES)
def test_a_transcript(name: str, here: Path) -> None:
    case = CASES[name]
    done = perform(case, here)
    judge(case, done.triple, here)
    assert matches(case.get("terminal", ""), done.terminal, here), done.terminal


# Every seventh is enough to know that the program itself does what main() does.
@pytest.mark.parametrize("name", ALONE[::7])
def test_a_transcript_of_the_program(name: str, here: Path) -> None:
    case = CASES[name]
    perform({"run": "--version", "files": case.get("files", {})}, here)
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(here), "PYTHONPATH": ":".join(sys.path), **environment(case, here)}
    words = [sys.executable, "-c", "import sys; from authkit.app import main; sys.exit(main())"]
    done = subprocess.run(
        [*words, *shlex.split(filled(case["run"], here))],
        cwd=here,
        env=environ,
        input=case.get("stdin", "").encode(),
        capture_output=True,
        start_new_session=True,
        timeout=60,
    )
    judge(case, (done.stdout.decode(), done.stderr.decode(), done.returncode), here)


def test_every_case_is_understood() -> None:
    for name, case in CASES.items():
        assert {"run", "code"} <= set(case), name
        for member, value in case.items():
            assert isinstance(value, MEMBERS[member]), f"{name}: {member}"
        command = name.partition("/")[0].replace("sign-", "sign ")
        assert command == "authkit" or case["run"].startswith(command), name
    assert len(CASES) == COUNT


@pytest.mark.parametrize("name", registry.COMMANDS)
def test_every_exit_code_of_a_command_has_a_transcript(name: str) -> None:
    stem = name.replace(" ", "-")
    document = tomllib.loads((FOLDER / f"{stem}.toml").read_text("utf-8"))
    found = {case["code"] for key, case in CASES.items() if key.startswith(f"{stem}/")}
    assert sorted(found) == document["codes"]


@pytest.mark.parametrize("name", CASES)
def test_a_failure_leaves_standard_output_empty(name: str) -> None:
    case = CASES[name]
    judges = ("verify-signature", "derive-subkey", "verify-cert", "inspect-cert", "verify-ledger")
    verdict = name.partition("/")[0] in judges and case["code"] in (1, 4)
    # a batch answers each line, whatever is wrong with others
    batch = name.startswith("sign-batch/") and '"error": ' in case.get("stdout", "")
    if case["code"] and not verdict and not batch:
        assert case.get("stdout", "") == ""


def test_a_transcript_that_differs_is_seen(here: Path) -> None:
    case = {"run": "--version", "code": 0, "stdout": "authkit …\n"}
    judge(case, perform(case, here).triple, here)
    for other in (
        {"stdout": "authkit\n"},
        {"stdout": "authkit …"},
        {"code": 1},
        {"stderr": "x"},
        {"after": {"pass": "…"}},
    ):
        with pytest.raises(AssertionError):
            judge(case | other, perform(case, here).triple, here)
