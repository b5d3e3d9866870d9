"""Do chunks, trailers and events carry the signatures that AWS publishes?

Sources: Amazon S3 API Reference, "Signature calculations … transferring payload in multiple chunks" (66560 letters
'a' in chunks of 64 KiB) and "… including trailing headers"; aws-c-auth, test_chunked_signing.c (a trailer of three
fields, and the strings to sign of SigV4a) and test_event_signing.c.  The values that `vendor-vectors.json` repeats are
compared with it, so that neither copy can be wrong alone.
"""

import json
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from authkit.clock import UTC
from authkit.keys.derive import derive_key
from authkit.schemes.chunk_reader import ChunkReader
from authkit.schemes.chunks import Chain, Form, Plan, encode_chunks, form_of
from authkit.schemes.events import EventChain, EventReader, encode_event
from authkit.secret import MacKey

PROJECT = Path(__file__).resolve().parents[2]
ACCESS_KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
STAMP, SCOPE, LABEL = "20130524T000000Z", "20130524/us-east-1/s3/aws4_request", "AWS4-HMAC-SHA256"
KEY = derive_key(MacKey(b"AWS4" + SECRET.encode()), ("20130524", "us-east-1", "s3", "aws4_request"))
BODY = b"a" * 66560
DRAFT = (
    b"PUT /examplebucket/chunkObject.txt HTTP/1.1\nHost: s3.amazonaws.com\nx-amz-storage-class: REDUCED_REDUNDANCY\n\n"
)

SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
CHUNKS = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
]
TRAILER_SEED = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
TRAILER_CHUNKS = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
]
TRAILER_SIGNATURE = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"
THREE_FIELDS = "df5735bd9f3295cd9386572292562fefc93ba94e80a0a1ddcbd652c4e0a75e6c"
EVENT_SEED = "e1d8e8c8815e60969f2a34765c9a15945ffc0badbaa4b7e3b163ea19131e949b"
EVENTS = [
    "7aabf85b765e6a4d0d500b6e968657b14726fa3e1eb7e839302728ffd77629a5",
    "f72aa9642f571d24a6e1ae42f10f073ad9448d8a028b6bcd82da081335adda02",
]


def form(word: str) -> Form:
    found = form_of(word, LABEL)
    assert found is not None
    return found


def authkit(*words: str, key: tuple[str, str] = (ACCESS_KEY_ID, SECRET), stdin: bytes = b"") -> bytes:
    env = {"PATH": os.defpath, "PYTHONPATH": str(PROJECT / "cli"), "HOME": "/nonexistent"}
    env["AUTHKIT_ACCESS_KEY_ID"], env["AUTHKIT_SECRET_ACCESS_KEY"] = key
    command = [sys.executable, "-m", "authkit", *words, "--key", "env:"]
    done = subprocess.run(command, env=env, input=stdin, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def signatures(message: bytes) -> list[str]:
    return re.findall("[Ss]ignature[=:]([0-9a-f]{64})", message.decode("latin-1"))


def sign(tmp_path: Path, *options: str) -> bytes:
    (tmp_path / "body").write_bytes(BODY)
    words = ["sign", "http", "-", "--region", "us-east-1", "--service", "s3", "--at", STAMP]
    return authkit(*words, "--body", str(tmp_path / "body"), *options, stdin=DRAFT)


def test_chunks_of_the_documentation(tmp_path: Path) -> None:
    message = sign(tmp_path, "--payload", "streaming")
    assert signatures(message) == [SEED, *CHUNKS]
    head, _, body = message.partition(b"\r\n\r\n")
    assert b"\r\nContent-Length: 66824\r\n" in head + b"\r\n"
    assert len(body) == 66824
    words = ["--region", "us-east-1", "--service", "s3", "--at", STAMP]
    assert b"verdict:          valid" in authkit("verify-signature", "-", *words, stdin=message)


def test_trailer_of_the_documentation(tmp_path: Path) -> None:
    options = ["--payload", "streaming-trailer", "--trailer", "crc32c", "--no-sign-header", "content-length"]
    message = sign(tmp_path, *options)
    assert signatures(message) == [TRAILER_SEED, *TRAILER_CHUNKS, TRAILER_SIGNATURE]
    assert b"\r\nx-amz-checksum-crc32c:sOO8/Q==\r\n" in message
    words = ["--region", "us-east-1", "--service", "s3", "--at", STAMP]
    assert b"verdict:          valid" in authkit("verify-signature", "-", *words, stdin=message)


def test_trailer_of_three_fields() -> None:
    """The signature does not depend on the order in which the fields stand."""
    fields = [("first", "1st"), ("second", "2nd"), ("third", "3rd")]
    for some in (fields, fields[::-1]):
        chain = Chain(LABEL, STAMP, SCOPE, CHUNKS[-1])
        assert chain.sign(KEY, chain.trailer_text(some)) == THREE_FIELDS == chain.previous


def test_trailer_of_three_fields_is_verified() -> None:
    """The whole body of aws-c-auth's example, its first chunks signed without a trailer in mind."""
    plan = Plan(form("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), len(BODY), 65536)
    body = b"".join(map(bytes, encode_chunks(BytesIO(BODY), plan, Chain(LABEL, STAMP, SCOPE, SEED), KEY)))
    trailer = b"second: 2nd \r\nFirst:1st\r\nthird:\t3rd\r\nx-amz-trailer-signature:%s\r\n\r\n" % THREE_FIELDS.encode()
    reader = ChunkReader(
        form("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        len(BODY),
        ("first", "second", "third"),
        Chain(LABEL, STAMP, SCOPE, SEED),
        KEY,
    )
    reader.update(body[:-2] + trailer)
    reader.finish()
    assert reader.trailers == [("second", "2nd"), ("first", "1st"), ("third", "3rd")]


# SigV4a: the signature differs each time, so aws-c-auth publishes the strings to sign around it.
ECDSA = "AWS4-ECDSA-P256-SHA256"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ECDSA_HASHES = [
    ("bf718b6f653bebc184e1479f1935b8da974d701b893afcf49e701f3e2f9f9c5a", BODY[:65536]),
    ("2edc986847e209b4016e141a6dc8716d3207350f416969382d431539bf292e4a", BODY[:1024]),
    (EMPTY, b""),
]


@pytest.mark.parametrize("digest, data", ECDSA_HASHES)
def test_chunk_of_sigv4a(digest: str, data: bytes) -> None:
    chain = Chain(ECDSA, STAMP, "20130524/s3/aws4_request", "3045aa")
    expected = f"{ECDSA}-PAYLOAD\n20130524T000000Z\n20130524/s3/aws4_request\n3045aa\n{EMPTY}\n{digest}"
    assert chain.chunk_text(sha256(data).hexdigest()) == expected.encode()


def test_trailer_of_sigv4a() -> None:
    chain = Chain(ECDSA, STAMP, "20130524/s3/aws4_request", "3045aa")
    digest = "83d8f190334fb741bc8daf73c891689d320bd8017756bc730c540021ed48001f"
    expected = f"{ECDSA}-TRAILER\n20130524T000000Z\n20130524/s3/aws4_request\n3045aa\n{digest}"
    assert chain.trailer_text([("first", "1st"), ("second", "2nd"), ("third", "3rd")]) == expected.encode()


def test_events() -> None:
    key = derive_key(MacKey(b"AWS4secret"), ("19810116", "us-east-1", "demo", "aws4_request"))
    chain = EventChain("19810116/us-east-1/demo/aws4_request", EVENT_SEED)
    at = datetime(1981, 1, 16, 6, 30, 1, tzinfo=UTC)
    frames = [encode_event(chain, key, at + timedelta(seconds=n), one) for n, one in enumerate((b"A", b"B"))]
    assert [re.search(rb":chunk-signature\x06\x00\x20(.{32})", one, re.DOTALL)[1].hex() for one in frames] == EVENTS  # type: ignore[index]
    got: list[bytes] = []
    chain = EventChain("19810116/us-east-1/demo/aws4_request", EVENT_SEED)
    reader = EventReader(chain, key, at, at, timedelta(seconds=1), got.append)
    reader.update(b"".join(frames))
    assert got == [b"A", b"B"]


def test_head_of_events() -> None:
    draft = (
        b"POST /streaming HTTP/1.1\nHost: demo.us-east-1.amazonaws.com\n"
        b"Content-Encoding: application/vnd.amazon.eventstream\n\n"
    )
    words = ["sign", "http", "-", "--region", "us-east-1", "--service", "demo", "--at", "19810116T063000Z"]
    options = ["--payload", "events", "--no-sign-header", "content-length"]
    message = authkit(*words, *options, key=("access", "secret"), stdin=draft)
    assert signatures(message)[0] == EVENT_SEED
    assert b"SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date," in message


def test_every_vector_is_here(vectors: Path) -> None:
    listed = json.loads((vectors / "sigv4" / "vendor-vectors.json").read_text())
    published = {
        one["name"]: one["expected"] for one in listed if one["name"].startswith(("chunk", "trailer", "event"))
    }
    assert published == {
        "chunk seed": SEED,
        "chunk1": CHUNKS[0],
        "chunk2": CHUNKS[1],
        "chunk final": CHUNKS[2],
        "trailer sig (chained on plain final chunk)": THREE_FIELDS,
        "event seed": EVENT_SEED,
        "event 1": EVENTS[0],
        "event 2": EVENTS[1],
    }
