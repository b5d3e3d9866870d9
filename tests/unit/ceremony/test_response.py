"""Does the response follow from the ledger's line alone, as the requester and ssh-keygen read it?"""

import json
import subprocess
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from authkit.ceremony import response
from authkit.clock import UTC
from authkit.errors import InputError, Refused, StoreError
from authkit.keys.access import AccessKey
from authkit.keys.request import derive_wanted
from authkit.keys.scope import Chains
from authkit.keys.sshsig import SUBKEYS, fingerprint_of, open_signed
from authkit.keys.subkeys import load_subkeys
from authkit.ledger import Ledger
from authkit.schemes.derived import AWS4
from authkit.secret import Secret
from ceremonies import AIR_PEM, EXAMPLE_RECIPIENT, SECRET, key_of, line_of

CHAINS = {"AWS4-HMAC-SHA256": AWS4.chain}
OURS = fingerprint_of(line_of(AIR_PEM))
MASTER = AccessKey("AKIDEXAMPLE", Secret(SECRET.encode()), use="derive")
ROW: "dict[str, Any]" = {
    "event": "approved",
    "kind": "subkeys",
    "requester": "web-1",
    "sequence": 2,
    "request": "ab" * 32,
    "previous": "cd" * 32,
    "recipient": EXAMPLE_RECIPIENT,
    "access_key_id": "AKIDEXAMPLE",
    "scheme": "AWS4-HMAC-SHA256",
    "level": "signing",
    "scopes": ["us-east-1/s3"],
    "days": "20261123-20261124",
    "policy": "ef" * 32,
    "requester_ledger": "0:none",
    "issued_at": "2026-11-22T09:00:00Z",
}
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def approved(tmp_path: Path, **changes: Any) -> response.Approved:
    ledger = Ledger(str(tmp_path / "ledger.jsonl"))
    ledger.append([{"event": "other"}, {name: one for name, one in {**ROW, **changes}.items() if one is not None}], AT)
    return response.read_approved(ledger.lines()[1], CHAINS, ledger.lines(), ledger.head())


def sign(found: response.Approved, key: AccessKey = MASTER) -> "tuple[bytes, str]":
    return response.sign_response(found, derive_wanted([key], found.wanted), key_of(AIR_PEM), OURS)


def test_the_response_is_the_file_of_the_format(tmp_path: Path) -> None:
    found = approved(tmp_path)
    signed, digest = sign(found)
    text, line = open_signed(signed, SUBKEYS, [line_of(AIR_PEM)], "response")
    assert (line, digest) == (line_of(AIR_PEM), sha256(text).hexdigest())
    top = json.loads(text)
    subkeys = top.pop("subkeys")
    last = (tmp_path / "ledger.jsonl").read_bytes().splitlines(keepends=True)[1]
    assert top == {
        "schema": "authkit.subkeys/v1",
        "scheme": "AWS4-HMAC-SHA256",
        "access_key_id": "AKIDEXAMPLE",
        "issued_at": "2026-11-22T09:00:00Z",
        "issuer": OURS,
        "recipient": EXAMPLE_RECIPIENT,
        "sequence": 2,
        "request": "ab" * 32,
        "previous": "cd" * 32,
        "ledger": f"2:{sha256(last).hexdigest()}",
    }
    assert [one["scope"] for one in subkeys] == [
        "20261123/us-east-1/s3/aws4_request",
        "20261124/us-east-1/s3/aws4_request",
    ]
    assert subkeys[0]["check"] == "773bbf39"  # FORMATS F2
    loaded = load_subkeys(signed, Chains(CHAINS, lambda *_: AWS4.chain), "response")
    assert loaded.issued is not None
    assert loaded.issued.sequence == 2


def test_the_same_line_gives_the_same_bytes(tmp_path: Path) -> None:
    found = approved(tmp_path)
    once = sign(found)
    ledger = Ledger(str(tmp_path / "ledger.jsonl"))
    ledger.append([response.issued_event(found, once[1])], AT)
    again = response.read_approved(ledger.lines()[1], CHAINS, ledger.lines(), ledger.head())
    assert again.head == found.head
    assert sign(again) == once
    assert ledger.lines()[2] == {
        "n": 3,
        "at": "2026-11-22T09:00:00Z",
        "prev": found.head[2:],
        "event": "created",
        "kind": "response",
        "requester": "web-1",
        "sequence": 2,
        "sha256": once[1],
    }


def test_ssh_keygen_agrees(tmp_path: Path, require_tool: "Callable[[str], str]") -> None:
    program = require_tool("ssh-keygen")
    signed, _ = sign(approved(tmp_path))
    text, mark, rest = signed.partition(b"-----BEGIN SSH")
    (tmp_path / "s").write_bytes(mark + rest)
    (tmp_path / "issuers").write_text(f"vault {line_of(AIR_PEM)}\n")
    line = [program, "-Y", "verify", "-f", "issuers", "-I", "vault", "-n", "authkit-subkeys-v1", "-s", "s"]
    done = subprocess.run(line, input=text, cwd=tmp_path, capture_output=True)
    assert (done.returncode, OURS.encode() in done.stdout) == (0, True)
    assert subprocess.run(line, input=text + b" ", cwd=tmp_path, capture_output=True).returncode != 0


def test_a_date_key(tmp_path: Path) -> None:
    found = approved(tmp_path, level="date", scopes=["-"], previous="none", request="none")
    signed, _ = sign(found)
    assert b'"scope": "20261124"' in signed


def test_a_session(tmp_path: Path) -> None:
    token = Secret(b"token")
    until = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    key = AccessKey("AKIDEXAMPLE", Secret(SECRET.encode()), session_token=token, expires_at=until)
    signed, _ = sign(approved(tmp_path), key)
    assert b'"session_token": "token", "expires_at": "2026-11-24T20:00:00Z"' in signed
    endless = AccessKey("AKIDEXAMPLE", Secret(SECRET.encode()), session_token=token)
    with pytest.raises(Refused, match="the session token has no end"):
        sign(approved(tmp_path / "x"), endless)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()


def test_another_access_key(tmp_path: Path) -> None:
    other = AccessKey("AKOTHER", Secret(SECRET.encode()))
    with pytest.raises(Refused, match="^the key is AKOTHER, and AKIDEXAMPLE was asked for$"):
        sign(approved(tmp_path), other)


@pytest.mark.parametrize(
    ("changes", "kind", "fault"),
    [
        ({"requester": None}, StoreError, "line 2 of the ledger (approved) has no requester"),
        ({"recipient": None}, StoreError, "line 2 of the ledger (approved) has no recipient"),
        ({"access_key_id": None}, StoreError, "line 2 of the ledger (approved) has no access_key_id"),
        ({"level": None}, StoreError, "line 2 of the ledger (approved) has no level"),
        ({"scheme": "OTHER"}, StoreError, "line 2 of the ledger: its scheme or scopes cannot be read here"),
        ({"scopes": "us-east-1/s3"}, StoreError, "line 2 of the ledger: its scheme or scopes cannot be read here"),
        (
            {"days": "20261124"},
            InputError,
            "line 2 of the ledger: days is not YYYYMMDD-YYYYMMDD, the first day before the last",
        ),
    ],
)
def test_a_line_that_is_none(changes: "dict[str, Any]", kind: "type[Exception]", fault: str, tmp_path: Path) -> None:
    with pytest.raises(kind) as caught:
        approved(tmp_path, **changes)
    assert str(caught.value) == fault


def test_a_line_without_its_time(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="^line 2 of the ledger: issued_at is not an instant$"):
        sign(approved(tmp_path, issued_at="today"))
