"""Is a streamed body refused by name on the command line, as a message and as a line of a batch?

Each attack is one that a server was open to: CVE-2021-21390 (data used before its signature), CVE-2025-31489,
CVE-2026-40344 and CVE-2026-41145 (unsigned trailers taken for signed), and what their fixes had to add: chunks behind
the last one, trailers that nobody announced, sizes that nobody can hold.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commandline import run_here
from sample import Sample

AT = "--at 2026-11-23T09:00:00Z"
SCOPE = "--region us-east-1 --service s3"
BODY = bytes(range(251)) * 700
Change = Callable[[bytes], bytes]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    Sample().write(tmp_path)
    (tmp_path / "body").write_bytes(BODY)
    (tmp_path / "put.http").write_bytes(b"PUT /k HTTP/1.1\nHost: b.s3.amazonaws.com\nContent-Type: a/b\n\n")
    return tmp_path


def message(here: Path, payload: str, more: str = "--no-sign-header content-length") -> bytes:
    words = f"sign http put.http --body body --key file:key.json {SCOPE} {AT} --payload {payload} {more}"
    done = run_here(words, here)
    assert done.code == 0, done.stderr
    return done.stdout


def with_body(data: bytes, change: Change) -> bytes:
    """Change the body, and let Content-Length say how long it is."""
    head, mark, body = data.partition(b"\r\n\r\n")
    body = change(body)
    return re.sub(rb"\r\nContent-Length: \d+", b"\r\nContent-Length: %d" % len(body), head) + mark + body


def verdicts(here: Path, data: bytes, options: str = "") -> "list[dict[str, Any]]":
    """Return what verify-signature says of a message in a file, of the same on standard input, and in a batch."""
    (here / "message.http").write_bytes(data)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ")
    line = {
        "method": method,
        "target": target,
        "headers": [list(one.split(": ", 1)) for one in lines[1:]],
        "body_b64": b64encode(body).decode(),
    }
    (here / "batch").write_text(json.dumps(line) + "\n")
    found = []
    for words in ("message.http", "- <", "--batch batch"):
        stdin = data if words == "- <" else b""
        done = run_here(
            f"verify-signature {words.removesuffix(' <')} --key file:key.json {SCOPE} {AT} --json {options}",
            here,
            stdin=stdin,
        )
        said: dict[str, Any] = json.loads(done.stdout)
        assert done.code == {"valid": 0, "cannot-check": 4}.get(said["verdict"], 1)
        found.append(said)
    return found


ATTACKS: "list[tuple[str, str, Change, str]]" = [
    ("data of a chunk", "streaming", lambda b: b[:500] + b"X" + b[501:], "chunk-signature"),
    ("no signatures at all", "streaming", lambda b: re.sub(rb";chunk-signature=[0-9a-f]{64}", b"", b), "chunk-syntax"),
    ("signatures of others", "streaming", lambda b: re.sub(rb"=[0-9a-f]{64}", b"=" + b"0" * 64, b), "chunk-signature"),
    ("a signature that is no text", "streaming", lambda b: b[:30] + b"\xe4" + b[31:], "chunk-signature"),
    ("one chunk behind the last", "streaming", lambda b: b + b"1\r\nx\r\n", "chunk-syntax"),
    ("the whole body twice", "streaming", lambda b: b + b, "chunk-syntax"),
    ("an end in the middle", "streaming", lambda b: b[:65626] + b[b.rindex(b"0;chunk") :], "chunk-signature"),
    ("cut", "streaming", lambda b: b[:-300], "chunk-syntax"),
    ("cut behind a chunk", "streaming", lambda b: b[:65626], "chunk-syntax"),
    ("no body", "streaming", lambda b: b"", "chunk-syntax"),
    ("the body without its chunks", "streaming", lambda b: BODY, "chunk-syntax"),
    ("a size of 16 EiB", "streaming", lambda b: b"f" * 16 + b[5:], "chunk-syntax"),
    ("a size of 4 GiB", "streaming", lambda b: b"ffffffff" + b[5:], "decoded-length"),
    ("a line without end", "streaming", lambda b: b"0" * 70000 + b, "chunk-syntax"),
    ("a trailer where none was announced", "streaming", lambda b: b[:-2] + b"x-amz-acl:public-read\r\n\r\n",
     "trailer-mismatch"),
    ("another trailer", "streaming-trailer", lambda b: b.replace(b"crc32:", b"crc32c:"), "trailer-mismatch"),
    ("one trailer more", "streaming-trailer", lambda b: b.replace(b"x-amz-checksum",
     b"x-amz-acl:private\r\nx-amz-checksum"),
     "trailer-mismatch"),
    ("a trailer of others", "streaming-trailer", lambda b: re.sub(rb"crc32:.{8}", b"crc32:AAAAAA==", b),
     "trailer-signature"),
    ("no signature of the trailer", "streaming-trailer", lambda b: re.sub(rb"x-amz-trailer-sig.*\r\n", b"", b),
     "trailer-mismatch"),
    ("no trailer", "streaming-trailer", lambda b: b[: b.index(b"x-amz-checksum")] + b"\r\n", "trailer-mismatch"),
    ("an unsigned body in its place", "streaming-trailer", lambda b: b"1\r\nx\r\n0\r\n\r\n", "chunk-syntax"),
]  # fmt: skip


@pytest.mark.parametrize("what, payload, change, reason", ATTACKS, ids=[row[0] for row in ATTACKS])
def test_refused(here: Path, what: str, payload: str, change: Change, reason: str) -> None:
    for said in verdicts(here, with_body(message(here, payload), change), "--allow-unsigned-payload"):
        assert (said["verdict"] == "valid", said["reason"]) == (False, reason)
        assert (said["access_key_id"], said["covered"]) == ("AKIDEXAMPLE", [])


@pytest.mark.parametrize("payload", ["streaming", "streaming-trailer", "unsigned-trailer"])
def test_what_was_not_changed_is_valid(here: Path, payload: str) -> None:
    for said in verdicts(here, message(here, payload), "--allow-unsigned-payload"):
        assert (said["verdict"], said["reason"]) == ("valid", "ok")
        assert ("body" in said["covered"]) == (payload != "unsigned-trailer")


def test_an_unsigned_trailer_is_not_a_signed_body(here: Path) -> None:
    """With a right signature of the head, and with any other."""
    data = message(here, "unsigned-trailer")
    assert {said["reason"] for said in verdicts(here, data)} == {"unsigned-payload"}
    data = re.sub(rb"Signature=.{8}", b"Signature=00000000", data)
    assert {said["reason"] for said in verdicts(here, data)} == {"unsigned-payload"}
    assert {said["reason"] for said in verdicts(here, data, "--allow-unsigned-payload")} == {"signature-mismatch"}


def test_the_payload_word_cannot_be_weakened(here: Path) -> None:
    """It is signed: another word is another head."""
    data = message(here, "streaming-trailer")
    for word in (b"STREAMING-UNSIGNED-PAYLOAD-TRAILER", b"UNSIGNED-PAYLOAD"):
        changed = data.replace(b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", word)
        assert {said["reason"] for said in verdicts(here, changed, "--allow-unsigned-payload")} == {
            "signature-mismatch"
        }


def test_a_signature_in_the_query_signs_no_pieces(here: Path) -> None:
    """CVE-2026-41145: where the signature is read from and where it is demanded are one place."""
    url = run_here(f"sign url https://b.s3.amazonaws.com/k -X PUT --key file:key.json {AT} --reveal", here).stdout
    (target,) = re.findall(rb"amazonaws.com(\S+)", url)
    head = b"PUT %s HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n" % target
    head += b"X-Amz-Content-Sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nX-Amz-Trailer: x-amz-checksum-crc32\r\n"
    head += b"X-Amz-Decoded-Content-Length: 1\r\nContent-Length: 0\r\n\r\n"
    allowed = " ".join(f"--allow-unsigned {name}" for name in ("x-amz-content-sha256", "x-amz-trailer"))
    allowed += " --allow-unsigned x-amz-decoded-content-length --allow-unsigned-payload"
    assert {said["reason"] for said in verdicts(here, head)} == {"unsigned-x-amz-header"}
    assert {said["reason"] for said in verdicts(here, head, allowed)} == {"streaming-payload"}


def test_a_printed_curl_command_cannot_sign_pieces(here: Path) -> None:
    words = f"sign curl --key file:key.json {AT} --payload streaming -- -T body https://b.s3.amazonaws.com/k"
    assert run_here(words, here).triple == (
        "",
        "authkit: error: a printed curl command cannot sign a body chunk by chunk\n"
        "authkit: hint: add --run, or use sign http\n",
        5,
    )


def test_a_body_that_is_longer_than_the_system_says(here: Path) -> None:
    """What was announced cannot be sent; the error comes while the message is written, and the exit code is 3."""
    words = f"sign http put.http --body /dev/zero --key file:key.json {SCOPE} {AT} --payload streaming"
    done = run_here(words, here)
    assert done.code == 3
    assert done.stderr.endswith(b"authkit: error: the body is longer than the 0 octets that were announced\n")
    assert done.stdout.endswith(b"\r\n\r\n")


def test_a_body_over_a_pipe(here: Path) -> None:
    """verify-signature reads the message from standard input as it comes."""
    data = message(here, "streaming-trailer")
    done = run_here(f"verify-signature - --key file:key.json {SCOPE} {AT} --json", here, stdin=data)
    assert json.loads(done.stdout)["verdict"] == "valid"
