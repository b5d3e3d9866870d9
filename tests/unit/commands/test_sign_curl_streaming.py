"""Does curl get a body as it was signed chunk by chunk, and nothing that it could send otherwise?"""

import re
import sys
from pathlib import Path

import pytest

from commandline import Done, run_here
from sample import Sample

AT = "--at 2026-11-23T09:00:00Z"
URL = "https://b.s3.amazonaws.com/k"
# Stands for curl: writes down its configuration and the body that this names.
CURL = """#!{python}
import sys
config = open(sys.argv[3], "rb").read()
open("config", "wb").write(config)
for line in config.split(b"\\n"):
    if line.startswith(b"upload-file"):
        open("sent", "wb").write(open(line.split(b'"')[1], "rb").read())
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    Sample().write(tmp_path)
    program = tmp_path / "bin" / "curl"
    program.parent.mkdir()
    program.write_text(CURL.format(python=sys.executable))
    program.chmod(0o700)
    (tmp_path / "body").write_bytes(b"z" * 70000)
    return tmp_path


def send(here: Path, words: str, payload: str = "streaming", stdin: bytes = b"") -> Done:
    line = f"sign curl --run --key file:key.json {AT} --payload {payload} -- {words} {URL}"
    return run_here(line, here, environ={"PATH": str(here / "bin")}, stdin=stdin)


def sent(here: Path) -> tuple[list[str], bytes]:
    return (here / "config").read_text().split("\n"), (here / "sent").read_bytes()


@pytest.mark.parametrize("words, stdin, chunks, method", [
    ("-T body", b"", ["10000", "1170", "0"], None),
    ("--data-binary @body", b"", ["10000", "1170", "0"], "POST"),
    ("-X PUT --data-binary @-", b"typed", ["5", "0"], None),
    ("-d hello", b"", ["5", "0"], "POST"),
    ("-X PUT", b"", ["0"], None),
])  # fmt: skip
def test_the_body_comes_in_chunks(
    here: Path, words: str, stdin: bytes, chunks: list[str], method: "str | None"
) -> None:
    done = send(here, words, stdin=stdin)
    assert done.triple == ("", "", 0)
    config, body = sent(here)
    assert re.findall(rb"([0-9a-f]+);chunk-signature=", body) == [size.encode() for size in chunks]
    assert f'header = "Content-Length: {len(body)}"' in config
    assert 'header = "Transfer-Encoding:"' in config
    assert 'header = "X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD"' in config
    assert [line for line in config if line.startswith("request")] == ([f'request = "{method}"'] if method else [])
    assert [line.partition(" ")[0] for line in config if line.startswith(("upload", "data"))] == ["upload-file"]


def test_a_signed_trailer(here: Path) -> None:
    assert send(here, "-T body", "streaming-trailer").code == 0
    config, body = sent(here)
    assert 'header = "X-Amz-Trailer: x-amz-checksum-crc32"' in config
    assert b"\r\nx-amz-trailer-signature:" in body


def test_a_body_as_it_is_goes_as_before(here: Path) -> None:
    assert send(here, "-T body", "hash").code == 0
    assert 'upload-file = "body"' in (here / "config").read_text()


def test_it_is_not_printed(here: Path) -> None:
    done = run_here(f"sign curl --key file:key.json {AT} --payload unsigned-trailer -- -T body {URL}", here)
    assert (done.code, done.stdout) == (5, b"")
    assert done.stderr == (
        b"authkit: error: a printed curl command cannot sign a body chunk by chunk\n"
        b"authkit: hint: add --run, or use sign http\n"
    )


@pytest.mark.parametrize("name", ["X-Amz-Trailer: x", "X-Amz-Decoded-Content-Length: 1"])
def test_what_signing_sets_may_not_be_there(here: Path, name: str) -> None:
    done = send(here, f"-T body -H '{name}'")
    assert (done.code, done.stdout) == (5, b"")
    assert f"the request already has the header {name.partition(':')[0].lower()}".encode() in done.stderr
