"""The transcripts in tests/cli/transcripts: command lines as data, and how one is run.

`{here}` is the folder that a case runs in, which holds sample.py's files; `{today}` is the UTC date.
"""

import tomllib
from pathlib import Path
from typing import Any

from authkit import clock
from commandline import Done, Terminal, run_here

FOLDER = Path(__file__).parent / "cli" / "transcripts"
MEMBERS = {
    "run": str,  # the line, without "authkit"
    "code": int,
    "stdout": str,  # absent: nothing
    "stderr": str,  # absent: nothing
    "stdin": str,  # absent: nothing to read
    "closed": bool,  # standard input is closed
    "environ": dict,  # "" takes a variable away
    "files": dict,  # name -> content, written before
    "before": list,  # lines that are run before and succeed
    "screens": list,  # which of the streams 0, 1, 2 are a terminal
    "types": list,  # [what is waited for, what is typed] at the terminal
    "terminal": str,  # what the terminal showed
    "after": dict,  # name -> content, found afterwards
    "gone": list,  # names that are not there afterwards
}
ENVIRON = {
    "AUTHKIT_STORE": "{here}/store",
    "AUTHKIT_PASSPHRASE_FILE": "{here}/pass",
    "AUTHKIT_KEY_PASSPHRASE_FILE": "{here}/pass",
    "COLUMNS": "100",
    "TERM": "xterm",
}


def read_cases() -> dict[str, dict[str, Any]]:
    """Return the cases of every file: FILE/CASE -> case."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for name, case in tomllib.loads(path.read_text("utf-8")).items():
            if name != "codes":
                found[f"{path.stem}/{name}"] = case
    return found


CASES = read_cases()


def filled(value: Any, here: Path) -> Any:
    if isinstance(value, dict):
        return {name: filled(one, here) for name, one in value.items()}
    return value.replace("{here}", str(here)).replace("{today}", f"{clock.now():%Y-%m-%d}")


def environment(case: dict[str, Any], here: Path) -> dict[str, str]:
    return {name: value for name, value in filled({**ENVIRON, **case.get("environ", {})}, here).items() if value}


def perform(case: dict[str, Any], here: Path) -> Done:
    """Run a case in this process."""
    for name, content in case.get("files", {}).items():
        path = here / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(filled(content, here), "utf-8")
        path.chmod(0o700 if content.startswith("#!") else 0o600)
    environ = environment(case, here)
    for line in case.get("before", []):
        done = run_here(filled(line, here), here, environ=environ)
        assert done.code == 0, done.stderr
    terminal = None
    if "types" in case or "screens" in case:
        terminal = Terminal([(wanted, filled(answer, here)) for wanted, answer in case.get("types", [])])
    stdin = None if case.get("closed") else case.get("stdin", "").encode()
    line = filled(case["run"], here)
    return run_here(line, here, environ=environ, stdin=stdin, terminal=terminal, screens=case.get("screens", ()))
