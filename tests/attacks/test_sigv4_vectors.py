"""Does the verifier reach the verdict and the reason that each attack vector expects?

Read the vectors so (vectors/README.md, SECURITY-DECISIONS A9): `error`, `unsupported`, `unknown-access-key` are
cannot-check; `X-or-Y` is either; `valid-if-allowed` is invalid, and valid with the option
that allows it.
"""

import hmac
import json
import os
import subprocess
import sys
from base64 import b64decode, b64encode
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from authkit import AccessKey, Policy, Rejected, Request, load_keys, verify_request
from authkit.clock import parse_compact
from authkit.messages.payload import hash_bytes
from authkit.secret import Secret

PROJECT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("AUTHKIT_VECTORS") or PROJECT.parent / "shared" / "vectors").resolve()
FILE = VECTORS / "attacks" / "sigv4.json"
LISTED: list[dict[str, Any]] = json.loads(FILE.read_text())["cases"] if FILE.is_file() else []
CASES = {one["id"]: one for one in LISTED}

VERDICTS = {
    "error": "cannot-check",
    "unsupported-or-invalid": "invalid",
    "valid-or-unsupported": "cannot-check",
    "valid-if-allowed": "invalid",
}
UNKNOWN = ("unknown-access-key",)  # reads as cannot-check whatever the verdict beside it

# The warning that a reason of the form "ok+warn-…" asks for.
WARNINGS = {"ok+warn-duplicate-query": "duplicate-query", "ok+warn-control": "control", "ok+warn-date": "date"}


def expected(case: dict[str, Any]) -> tuple[str, str]:
    verdict, reason = case["expect"]["verdict"], case["expect"]["reason"]
    if reason in UNKNOWN:
        return "cannot-check", reason
    return VERDICTS.get(verdict, verdict), "ok" if reason.startswith("ok") else reason


def batch_line(case: dict[str, Any]) -> str:
    """Return F12's line: a character is a byte, so one above U+00FF stands as its UTF-8 bytes do on the wire."""
    request = dict(case["request"], id=case["id"], at=case["context"]["now"])
    request["headers"] = [[name, as_bytes(value)] for name, value in request["headers"]]
    return json.dumps(request) + "\n"


def as_bytes(text: str) -> str:
    return text if all(ord(one) < 256 for one in text) else text.encode("utf-8").decode("latin-1")


def subkey_file(access_key_id: str, scope: str, key: bytes) -> str:
    """Return a subkey file (F1, F2), written here and not by authkit."""
    text = f"authkit-check-v1\nAWS4-HMAC-SHA256\n{access_key_id}\n{scope}"
    check = hmac.digest(key, text.encode(), "sha256")[:4].hex()
    entry = {"scope": scope, "key": b64encode(key).decode(), "check": check}
    head = {"schema": "authkit.subkeys/v1", "scheme": "AWS4-HMAC-SHA256", "access_key_id": access_key_id}
    return json.dumps({**head, "issued_at": "2026-01-15T00:00:00Z", "subkeys": [entry]}) + "\n"


def environment(context: dict[str, Any]) -> dict[str, str]:
    env = {"PATH": os.defpath, "PYTHONPATH": str(PROJECT / "cli"), "HOME": "/nonexistent"}
    if "subkey" in context:
        text = subkey_file(context["access_key"], context["subkey"]["scope"], bytes.fromhex(context["subkey"]["hex"]))
        return env | {"AUTHKIT_SUBKEYS": b64encode(text.encode()).decode()}
    env |= {"AUTHKIT_ACCESS_KEY_ID": context["access_key"], "AUTHKIT_SECRET_ACCESS_KEY": context["secret"]}
    if "session_token" in context:
        env["AUTHKIT_SESSION_TOKEN"] = context["session_token"]
    return env


def verify(cases: list[dict[str, Any]], *options: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Run verify-signature --batch over *cases*, which share a context but for their instants."""
    (context,) = {json.dumps({k: v for k, v in case["context"].items() if k != "now"}) for case in cases}
    code, lines = run_batch(json.loads(context), "".join(map(batch_line, cases)), *options)
    assert [line["id"] for line in lines] == [case["id"] for case in cases]
    return code, {line["id"]: line for line in lines}


def run_batch(context: dict[str, Any], lines: str, *options: str) -> tuple[int, list[dict[str, Any]]]:
    words = ["verify-signature", "--batch", "-", "--key", "env:", "--region", context["region"]]
    words += ["--service", context["service"], "--max-skew", str(context["max_skew_s"]), "--json", *options]
    done = subprocess.run(
        [sys.executable, "-m", "authkit", *words],
        env=environment(context),
        input=lines.encode("ascii"),
        capture_output=True,
        timeout=120,
    )
    assert (done.returncode in (0, 1, 4), done.stderr) == (True, b"")
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def groups() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for case in CASES.values():
        if case["context"].get("secret") != "":
            found.setdefault(json.dumps({k: v for k, v in case["context"].items() if k != "now"}), []).append(case)
    return found


@pytest.fixture(scope="session")
def verdicts(vectors: Path) -> dict[str, dict[str, Any]]:
    """Verdicts of all cases with a secret that is not empty, one run of the command line a context."""
    assert vectors / "attacks" / "sigv4.json" == FILE
    found: dict[str, dict[str, Any]] = {}
    for cases in groups().values():
        code, lines = verify(cases)
        said = {line["verdict"] for line in lines.values()}
        assert code == (1 if said & {"invalid", "malformed"} else 4 if "cannot-check" in said else 0)
        found |= lines
    return found


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["context"].get("secret") != ""])
def test_verdict_and_reason(name: str, verdicts: dict[str, dict[str, Any]]) -> None:
    line = verdicts[name]
    assert line["schema"] == "authkit.verified/v1"
    assert (line["verdict"], line["reason"]) == expected(CASES[name])


def verify_in_python(case: dict[str, Any]) -> tuple[str, str]:
    """Return the verdict and the reason of the public Python interface."""
    context, request = case["context"], case["request"]
    body, at = b64decode(request["body_b64"]), parse_compact(context["now"])
    assert at is not None
    headers = tuple((name, as_bytes(value)) for name, value in request["headers"])
    parsed = Request(request["method"], as_bytes(request["target"]), headers, hash_bytes(body), len(body))
    if "subkey" in context:
        text = subkey_file(context["access_key"], context["subkey"]["scope"], bytes.fromhex(context["subkey"]["hex"]))
        keys = load_keys(text.encode())
    else:
        token = Secret(context["session_token"].encode()) if "session_token" in context else None
        keys = [AccessKey(context["access_key"], Secret(context["secret"].encode()), session_token=token)]
    policy = Policy(region=context["region"], service=context["service"], max_skew=context["max_skew_s"])
    try:
        verified = verify_request(parsed, keys, policy, at=at)
    except Rejected as rejected:
        return rejected.verdict, rejected.reason
    assert verified.access_key_id == context["access_key"]
    return "valid", "ok"


@pytest.mark.parametrize("name", CASES)
def test_verdict_and_reason_in_python(name: str) -> None:
    assert verify_in_python(CASES[name]) == expected(CASES[name])


def test_a_character_that_is_no_byte_is_malformed_json(vectors: Path) -> None:
    """F12: a character above U+00FF in a line is no request at all; nothing is encoded for the user."""
    case = CASES["h-sig-fullwidth"]
    line = json.dumps(dict(case["request"], id=case["id"], at=case["context"]["now"])) + "\n"
    _, said = run_batch(case["context"], line)
    assert [(one["id"], one["verdict"], one["reason"]) for one in said] == [(case["id"], "malformed", "input")]


def test_empty_secret_in_the_environment_is_refused(vectors: Path) -> None:
    """The command line does not come as far as a verdict: it names the variable."""
    context = CASES["h-unset-secret-configured"]["context"]
    words = ["verify-signature", "--batch", "-", "--key", "env:", "--region", context["region"], "--service", "s3"]
    done = subprocess.run(
        [sys.executable, "-m", "authkit", *words], env=environment(context), input=b"", capture_output=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (4, b"")
    assert b"AUTHKIT_SECRET_ACCESS_KEY" in done.stderr


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["expect"]["reason"] in WARNINGS])
def test_warning(name: str, verdicts: dict[str, dict[str, Any]]) -> None:
    word = WARNINGS[CASES[name]["expect"]["reason"]]
    assert word in verdicts[name]["warnings"]
    assert word not in verdicts["h-valid"]["warnings"]


def test_unsigned_payload_is_valid_where_allowed(vectors: Path) -> None:
    case = CASES["h-payload-unsigned"]
    code, lines = verify([case], "--allow-unsigned-payload")
    assert (code, lines[case["id"]]["verdict"], lines[case["id"]]["reason"]) == (0, "valid", "ok")
    assert "body" in lines[case["id"]]["uncovered"]


def test_right_mac_does_not_make_a_request_valid(verdicts: dict[str, dict[str, Any]]) -> None:
    """The vectors with a right MAC and a verdict other than valid are the point of the suite."""
    refused = [name for name, case in CASES.items() if not case["expect"]["verdict"].startswith("valid")]
    traps = [name for name in refused if CASES[name]["math_ok"]]
    assert len(traps) == 51
    assert [name for name in traps if verdicts.get(name, {}).get("verdict") == "valid"] == []


def test_count(vectors: Path) -> None:
    assert len(CASES) == 97
    assert sum(len(cases) for cases in groups().values()) == 96
    said = Counter(expected(case)[0] for case in CASES.values())
    assert said == {"valid": 12, "invalid": 33, "malformed": 48, "cannot-check": 4}
