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

from authkit import AccessKey, Policy, Rejected, Request, verify_request
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
    settings = json.loads(context)
    words = ["verify-signature", "--batch", "-", "--key", "env:", "--region", settings["region"]]
    words += ["--service", settings["service"], "--max-skew", str(settings["max_skew_s"]), "--json", *options]
    done = subprocess.run(
        [sys.executable, "-m", "authkit", *words],
        env=environment(settings),
        input="".join(map(batch_line, cases)).encode("ascii"),
        capture_output=True,
        timeout=120,
    )
    assert done.returncode in (0, 1, 4), done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in lines] == [case["id"] for case in cases]
    return done.returncode, {line["id"]: line for line in lines}


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


def test_empty_secret_is_not_a_key(vectors: Path) -> None:
    """An access key whose secret is empty verifies nothing, whatever its MAC."""
    (case,) = [case for case in CASES.values() if case["context"].get("secret") == ""]
    assert case["math_ok"]
    assert expected(case) == ("cannot-check", "no-secret")
    context, request = case["context"], case["request"]
    body = b64decode(request["body_b64"])
    headers = tuple(map(tuple, request["headers"]))
    parsed = Request(request["method"], request["target"], headers, hash_bytes(body), len(body))
    policy = Policy(region=context["region"], service=context["service"], max_skew=context["max_skew_s"])
    at = parse_compact(context["now"])
    assert at is not None
    with pytest.raises(Rejected) as caught:
        verify_request(parsed, [AccessKey(context["access_key"], Secret(b""))], policy, at=at)
    assert (caught.value.verdict, caught.value.reason) == expected(case)


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
