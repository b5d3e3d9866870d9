"""Do derivations and signatures equal the ones that AWS publishes?

Sources: AWS General Reference, "Deriving the signing key" (2012-02-15 and 2015-08-30, service iam); Amazon S3 API
Reference, "Authenticating requests: using the Authorization header" (GET object, PUT object, GET bucket lifecycle,
GET bucket list objects) and "using query parameters" (GET object).  The values that `vendor-vectors.json` repeats are
compared with it, so that neither copy can be wrong alone.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

IAM_SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
S3_ID, S3_SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
S3_AT = "20130524T000000Z"

# name in vendor-vectors.json -> options of derive-subkey, key in hex
HARMFUL = ["--allow-harmful", "iam"]  # a key for iam is as wide as the access key, and must be asked for by name

DERIVED = {
    "aws kDate 20120215": (
        ["--date", "20120215", "--level", "date"],
        "969fbb94feb542b71ede6f87fe4d5fa29c789342b0f407474670f0c2489e0a0d",
    ),
    "aws kRegion us-east-1": (
        ["--date", "20120215", "--level", "region", "--region", "us-east-1"],
        "69daa0209cd9c5ff5c8ced464a696fd4252e981430b10e3d3fd8e2f197d7a70c",
    ),
    "aws kService iam": (
        ["--date", "20120215", "--level", "service", "--scope", "us-east-1/iam", *HARMFUL],
        "f72cfd46f26bc4643f06a11eabb6c0ba18780c19a8da0c31ace671265e3c87fa",
    ),
    "aws kSigning": (
        ["--date", "2012-02-15", "--scope", "us-east-1/iam", *HARMFUL],
        "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d",
    ),
    "aws kSigning 20150830 iam": (
        ["--date", "20150830", "--region", "us-east-1", "--service", "iam", *HARMFUL],
        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9",
    ),
}

# name in vendor-vectors.json (or "" where it has none) -> message, signed headers, signature
SIGNED = {
    "s3 GET object range": (
        b"GET /test.txt HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\nRange: bytes=0-9\r\n\r\n",
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    "s3 PUT object test$file.text": (
        b"PUT /test$file.text HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\n"
        b"Date: Fri, 24 May 2013 00:00:00 GMT\r\n"
        b"x-amz-storage-class: REDUCED_REDUNDANCY\r\n\r\nWelcome to Amazon S3.",
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    "": (
        b"GET /?lifecycle HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\n\r\n",
        "host;x-amz-content-sha256;x-amz-date",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
    "s3 GET list": (
        b"GET /?max-keys=2&prefix=J HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\n\r\n",
        "host;x-amz-content-sha256;x-amz-date",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
}
PRESIGNED = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"


def authkit(*words: str, key: tuple[str, str], stdin: bytes = b"") -> str:
    env = {"PATH": os.defpath, "PYTHONPATH": str(PROJECT / "cli"), "HOME": "/nonexistent"}
    env["AUTHKIT_ACCESS_KEY_ID"], env["AUTHKIT_SECRET_ACCESS_KEY"] = key
    done = subprocess.run(
        [sys.executable, "-m", "authkit", *words, "--key", "env:"],
        env=env,
        input=stdin,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode("ascii")


@pytest.mark.parametrize("name", DERIVED)
def test_derivation(name: str) -> None:
    options, key_hex = DERIVED[name]
    assert authkit("derive-subkey", *options, "--format", "hex", key=("AKIDEXAMPLE", IAM_SECRET)) == key_hex + "\n"


@pytest.mark.parametrize("name", SIGNED)
def test_s3_header_example(name: str) -> None:
    message, signed_headers, signature = SIGNED[name]
    words = ["sign", "http", "-", "--region", "us-east-1", "--service", "s3", "--at", S3_AT, "--json"]
    if b"PUT" in message:
        words += ["--no-sign-header", "content-length"]  # the example leaves it out
    signed = json.loads(authkit(*words, key=(S3_ID, S3_SECRET), stdin=message))
    assert signed["stages"]["canonical-request"].split("\n")[-2] == signed_headers
    assert signed["stages"]["signature"] == signature


def test_s3_presigned_example() -> None:
    url = "https://examplebucket.s3.amazonaws.com/test.txt"
    options = ["--region", "us-east-1", "--service", "s3", "--at", S3_AT, "--expires", "86400"]
    printed = authkit("sign", "url", *options, url, key=(S3_ID, S3_SECRET)).strip()
    assert printed.startswith(url + "?")
    assert set(printed.partition("?")[2].split("&")) == {
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request",
        "X-Amz-Date=20130524T000000Z",
        "X-Amz-Expires=86400",
        "X-Amz-SignedHeaders=host",
        f"X-Amz-Signature={PRESIGNED}",
    }


def test_every_aws_vector_is_here(vectors: Path) -> None:
    """The file's AWS derivations and S3 examples, all nine, with the values that the tests above expect."""
    listed = json.loads((vectors / "sigv4" / "vendor-vectors.json").read_text())
    published = {one["name"]: one["expected"] for one in listed if one["name"].startswith(("aws ", "s3 "))}
    ours = {name: key_hex for name, (_, key_hex) in DERIVED.items()}
    ours |= {name: signature for name, (_, _, signature) in SIGNED.items() if name}
    ours["s3 presign GET 86400"] = PRESIGNED
    assert published == ours
    assert len(published) == 9
