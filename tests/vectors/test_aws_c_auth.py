"""Does the command line reproduce every stage of the AWS signing suite?

Source: awslabs/aws-c-auth 495329c, tests/aws-signing-test-suite/v4: 38 cases, each by header and by query.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

PROJECT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("AUTHKIT_VECTORS") or PROJECT.parent / "shared" / "vectors").resolve()
SUITE = VECTORS / "sigv4" / "aws-c-auth" / "v4"
CASES = sorted(path.name for path in SUITE.iterdir()) if SUITE.is_dir() else []
CONTEXT = set(
    "credentials expiration_in_seconds normalize region service sign_body timestamp omit_session_token".split()
)
PLACEMENTS = ("header", "query")


def command_line(case: str, placement: str) -> tuple[list[str], dict[str, str]]:
    """Return the words after `authkit`, and the environment, that *case* asks for."""
    context = json.loads((SUITE / case / "context.json").read_text())
    assert CONTEXT.issuperset(context), "a context member that this test does not know"
    words = ["sign", "http", str(SUITE / case / "request.txt"), "--key", "env:", "--at", context["timestamp"]]
    words += ["--region", context["region"], "--service", context["service"], "--no-double-encode"]
    words += ["--normalize-path" if context["normalize"] else "--no-normalize-path", "--placement", placement]
    if placement == "query":
        words += ["--expires", str(context["expiration_in_seconds"])]
    if context["sign_body"]:
        words.append("--payload-header")
    if context.get("omit_session_token"):
        words.append("--omit-session-token")
    credentials = context["credentials"]
    env = {"PATH": os.defpath, "PYTHONPATH": str(PROJECT / "cli"), "HOME": "/nonexistent"}
    env["AUTHKIT_ACCESS_KEY_ID"] = credentials["access_key_id"]
    env["AUTHKIT_SECRET_ACCESS_KEY"] = credentials["secret_access_key"]
    if "token" in credentials:
        env["AUTHKIT_SESSION_TOKEN"] = credentials["token"]
    return words, env


def run(case: str, placement: str, *more: str) -> bytes:
    words, env = command_line(case, placement)
    done = subprocess.run([sys.executable, "-m", "authkit", *words, *more], env=env, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def split_message(data: bytes) -> tuple[str, str, set[str], list[tuple[str, str]], bytes]:
    """Return method, path, parameters, headers and body of a message, told apart from how it is laid out.

    What may differ from the suite's file and mean the same: the order of headers and of parameters, white space
    around a value, a continuation line, and a byte of the target that cannot be sent as it is.
    """
    head, _, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    first, *lines = head.decode("latin-1").rstrip("\n").split("\n")
    method, target = first.removesuffix(" HTTP/1.1").split(" ", 1)
    path, _, query = quote(target, safe="/?&=%~:;,@!$'()*+-._", encoding="latin-1").partition("?")
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[0] in " \t":
            name, value = headers.pop()
            headers.append((name, f"{value} {line.strip()}"))
        else:
            name, _, value = line.partition(":")
            headers.append((name.lower(), value.strip()))
    return method, path, set(query.split("&")), sorted(headers, key=lambda pair: pair[0]), body


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("case", CASES)
def test_stages(case: str, placement: str) -> None:
    signed = json.loads(run(case, placement, "--json"))
    assert signed["schema"] == "authkit.signed/v1"
    for stage in ("canonical-request", "string-to-sign", "signature"):
        assert signed["stages"][stage] == (SUITE / case / f"{placement}-{stage}.txt").read_text("utf-8"), stage


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("case", CASES)
def test_signed_request(case: str, placement: str) -> None:
    ours = split_message(run(case, placement))
    theirs = split_message((SUITE / case / f"{placement}-signed-request.txt").read_bytes())
    assert ours == theirs


def test_count(vectors: Path) -> None:
    """38 cases, twice; a case cannot silently stop running."""
    assert vectors / "sigv4" / "aws-c-auth" / "v4" == SUITE
    assert len(CASES) == 38
    assert len(CASES) * len(PLACEMENTS) == 76
    contexts = [json.loads((SUITE / case / "context.json").read_text()) for case in CASES]
    assert sum(not context["normalize"] for context in contexts) == 7
    assert sum(context["sign_body"] for context in contexts) == 2
    assert sum(context.get("omit_session_token", False) for context in contexts) == 1
    assert sum("token" in context["credentials"] for context in contexts) == 3
