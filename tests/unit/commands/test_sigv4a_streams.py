"""Is a body that SigV4a signs chunk by chunk checked chunk by chunk, and its head before it?"""

import json
from pathlib import Path
from typing import Any

import pytest

from commandline import run_here
from sample import Sample

AT = "--at 2026-11-23T09:00:00Z"
BODY = bytes(range(256)) * 800  # four chunks of the usual size
PUT = b"PUT /k HTTP/1.1\nHost: b.s3.us-east-1.amazonaws.com\n\n"
SIGN = f"sign http --scheme sigv4a --key file:key.json --region-set us-* --body body {AT} put.http --payload"
VERIFY = f"verify-signature --scheme sigv4a --key file:key.json --service s3 {AT} --json signed --region"


@pytest.fixture
def here(home: Path) -> Path:
    Sample().write(home)
    (home / "body").write_bytes(BODY)
    (home / "put.http").write_bytes(PUT)
    return home


def sign(here: Path, how: str) -> bytes:
    done = run_here(f"{SIGN} {how}", here)
    assert done.code == 0, done.stderr
    return done.stdout


def verdict(here: Path, message: bytes, region: str = "us-east-1", more: str = "") -> "dict[str, Any]":
    (here / "signed").write_bytes(message)
    said: "dict[str, Any]" = json.loads(run_here(f"{VERIFY} {region} {more}", here).stdout)
    return said


@pytest.mark.parametrize("how, word, signatures", [
    ("streaming", b"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", 5),
    ("streaming-trailer", b"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER", 5),
])  # fmt: skip
def test_a_body_in_signed_chunks(here: Path, how: str, word: bytes, signatures: int) -> None:
    message = sign(here, how)
    assert b"\r\nX-Amz-Content-Sha256: " + word + b"\r\n" in message
    # the signatures differ in length, and are filled up to the longest that there can be
    sent = message.split(b";chunk-signature=")[1:]
    assert [len(one.partition(b"\r\n")[0]) for one in sent] == [144] * signatures
    said = verdict(here, message)
    assert (said["verdict"], said["region_set"], said["access_key_id"]) == ("valid", "us-*", "AKIDEXAMPLE")
    assert "body" in said["covered"]
    place = message.index(BODY[:1000])
    changed = message[: place + 70_000] + bytes([message[place + 70_000] ^ 1]) + message[place + 70_001 :]
    said = verdict(here, changed)
    assert (said["verdict"], said["reason"]) == ("invalid", "chunk-signature")


def test_a_region_set_that_does_not_name_the_region(here: Path) -> None:
    said = verdict(here, sign(here, "streaming"), "eu-west-1")
    assert (said["verdict"], said["reason"]) == ("invalid", "scope-region")


def test_a_trailer_that_nobody_signed_leaves_the_body_uncovered(here: Path) -> None:
    message = sign(here, "unsigned-trailer")
    said = verdict(here, message)
    assert (said["verdict"], said["reason"]) == ("invalid", "unsigned-payload")
    said = verdict(here, message, more="--allow-unsigned-payload")
    assert (said["verdict"], "body" in said["uncovered"]) == ("valid", True)
