"""Does the verifier reach the verdict and the reason that each attack vector on RFC 9421 expects?

Read the vectors so (vectors/README.md, SECURITY-DECISIONS A9): `unknown-key` is cannot-check; `X-or-Y` is either.
"""

import json
import os
from base64 import b64decode
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from authkit.errors import Rejected
from authkit.keys.access import AccessKey
from authkit.keys.prove import load_public
from authkit.messages.payload import hash_bytes
from authkit.messages.request import Request
from authkit.schemes.base import Verified
from authkit.schemes.rfc9421 import SCHEME
from authkit.secret import Secret
from httpsigs import to_verify

PROJECT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("AUTHKIT_VECTORS") or PROJECT.parent / "shared" / "vectors").resolve()
FILE = VECTORS / "attacks" / "rfc9421.json"
LISTED: list[dict[str, Any]] = json.loads(FILE.read_text())["cases"] if FILE.is_file() else []
CASES = {one["id"]: one for one in LISTED}
VERDICTS = {"valid-or-malformed": "malformed"}  # the stricter one


def expected(case: dict[str, Any]) -> tuple[str, str]:
    verdict, reason = case["expect"]["verdict"], case["expect"]["reason"]
    if reason == "unknown-key":
        return "cannot-check", reason
    return VERDICTS.get(verdict, verdict), "ok" if reason.startswith("ok") else reason


def keys_of(context: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    for name, row in context["keys"].items():
        if "secret_b64" in row:
            found.append(AccessKey(name, Secret(b64decode(row["secret_b64"])), raw=True))
        else:
            found.append(load_public(row["public_pem"].encode(), name, name))
    return found


def verify(case: dict[str, Any]) -> Verified:
    context, request = case["context"], case["request"]
    body, at = b64decode(request["body_b64"]), datetime.fromtimestamp(context["now"], timezone.utc)
    headers = tuple((name, value) for name, value in request["headers"])
    head = Request(request["method"], request["target"], headers, None, None)
    options = to_verify(
        label=context["label"],
        tag=context["tag"],
        max_age=context["max_age_s"],
        max_skew=context["max_skew_s"],
        require=tuple(context["required"]),
    )
    verifier = SCHEME.verifier(keys_of(context), options)
    assert verifier.watch is not None
    watched = verifier.watch(head, at)
    whole = head.with_body(hash_bytes(body, watched), len(body), watched)
    return verifier.judge(whole, at)


@pytest.mark.parametrize("name", CASES)
def test_verdict_and_reason(name: str) -> None:
    try:
        verify(CASES[name])
    except Rejected as rejected:
        found = rejected.verdict, rejected.reason
    else:
        found = "valid", "ok"
    assert found == expected(CASES[name])


def test_other_labels_are_named(vectors: Path) -> None:
    assert verify(CASES["label-second-signature-ignored"]).more["other_labels"] == ["evil"]
    assert verify(CASES["valid-hmac"]).more["other_labels"] == []


def test_right_mathematics_do_not_make_a_request_valid(vectors: Path) -> None:
    traps = [one["id"] for one in LISTED if one["math_ok"] and not one["expect"]["verdict"].startswith("valid")]
    assert len(traps) == 30
    for name in traps:
        with pytest.raises(Rejected):
            verify(CASES[name])


def test_count(vectors: Path) -> None:
    assert len(CASES) == 48
    said = Counter(expected(case)[0] for case in LISTED)
    assert said == {"valid": 9, "invalid": 18, "malformed": 19, "cannot-check": 2}
