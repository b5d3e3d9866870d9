"""Does verify-signature check what other programs upload piece by piece, and refuse it once it is changed?

restic signs with minio-go: chunks with signatures.  The S3 client of awscrt, and botocore, send unsigned chunks and a
checksum behind them.  awscrt signs the head of a request that authkit signs chunk by chunk.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from authkit import AccessKey, Request, Settings, sign_request
from authkit.schemes.checksums import SIZES, begin_checksum, format_checksum
from authkit.secret import Secret
from interop.loopback import serving
from interop.program import Authkit, run
from interop.test_signed_by_others import ID, MASTER, SECRET, assert_valid, verify

Tool = Callable[[str], str]
Module = Callable[[str], Any]
BODY = bytes(range(256)) * 1000


class Bucket:
    """An S3 server on loopback that stores nothing, and keeps every PUT as it came."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        bucket = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
                if self.command == "PUT" and body:
                    line = f"{self.command} {self.path} HTTP/1.1\r\n{head}\r\n"
                    bucket.messages.append(line.encode("latin-1") + body)
                self.send_response(200 if self.command == "PUT" else 404)
                self.send_header("ETag", '"00"')
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_HEAD = do_PUT = do_DELETE = _answer

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.authority = f"127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def serving(self) -> Iterator["Bucket"]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(30)


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with Bucket().serving() as served:
        yield served


def flip(message: bytes, place: int) -> bytes:
    """Change one bit of the body at *place*, which counts from its begin."""
    place += message.index(b"\r\n\r\n") + 4
    return message[:place] + bytes([message[place] ^ 1]) + message[place + 1 :]


def test_restic(authkit: Authkit, bucket: Bucket, require_tool: Tool, tmp_path: Path) -> None:
    """minio-go signs each chunk; it leaves Content-Type unsigned."""
    env = {"AWS_ACCESS_KEY_ID": ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1"}
    env |= {"RESTIC_PASSWORD": "x", "RESTIC_CACHE_DIR": str(tmp_path / "cache")}
    done = run([require_tool("restic"), "-r", f"s3:http://{bucket.authority}/bkt", "init"], tmp_path, env)
    assert done.code == 0, done.err
    assert [message.split(b" ")[1].split(b"/")[2] for message in bucket.messages] == [b"keys", b"config"]
    for message in bucket.messages:
        assert b";chunk-signature=" in message
        said = verify(authkit, message, "s3", "--allow-unsigned", "content-type")
        assert_valid(said, "s3")
        assert said["covered"][-1] == "body"
        said = verify(authkit, flip(message, 200), "s3", "--allow-unsigned", "content-type")
        assert (said["verdict"], said["reason"]) == ("invalid", "chunk-signature")


def upload(bucket: Bucket, require_module: Module, algorithm: str) -> bytes:
    """Upload with awscrt's S3 client, and return what it sent."""
    auth, http, io, s3 = (require_module(f"awscrt.{name}") for name in ("auth", "http", "io", "s3"))
    group = io.EventLoopGroup(1)
    provider = auth.AwsCredentialsProvider.new_static(ID, SECRET)
    client = s3.S3Client(
        bootstrap=io.ClientBootstrap(group, io.DefaultHostResolver(group)),
        region="us-east-1",
        tls_mode=s3.S3RequestTlsMode.DISABLED,
        credential_provider=provider,
    )
    fields = [("Host", bucket.authority), ("Content-Length", str(len(BODY))), ("Content-Type", "a/b")]
    asked = client.make_request(
        request=http.HttpRequest("PUT", "/bkt/key", http.HttpHeaders(fields), BytesIO(BODY)),
        type=s3.S3RequestType.DEFAULT,
        operation_name="PutObject",
        checksum_config=s3.S3ChecksumConfig(
            algorithm=s3.S3ChecksumAlgorithm[algorithm], location=s3.S3ChecksumLocation.TRAILER
        ),
        signing_config=auth.AwsSigningConfig(
            region="us-east-1",
            service="s3",
            credentials_provider=provider,
            signed_body_header_type=auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256,
            use_double_uri_encode=False,
            should_normalize_uri_path=False,
        ),
    )
    asked.finished_future.result(60)
    (message,) = bucket.messages
    return message


@pytest.mark.parametrize("algorithm", SIZES)
def test_awscrt(authkit: Authkit, bucket: Bucket, require_module: Module, algorithm: str) -> None:
    message = upload(bucket, require_module, algorithm.upper())
    checksum = begin_checksum(algorithm)
    checksum.update(BODY)
    assert f"\r\nx-amz-checksum-{algorithm}:{format_checksum(checksum)}\r\n".encode() in message
    said = verify(authkit, message, "s3", "--allow-unsigned-payload")
    assert_valid(said, "s3")
    assert said["uncovered"][-2:] == ["body", f"x-amz-checksum-{algorithm}"]
    assert verify(authkit, message, "s3")["reason"] == "unsigned-payload"
    said = verify(authkit, flip(message, 5000), "s3", "--allow-unsigned-payload")
    assert (said["verdict"], said["reason"]) == ("invalid", "checksum-mismatch")


def test_awscrt_with_a_checksum_that_is_not_known(authkit: Authkit, bucket: Bucket, require_module: Module) -> None:
    message = upload(bucket, require_module, "XXHASH64")
    said = verify(authkit, message, "s3", "--allow-unsigned-payload")
    assert (said["verdict"], said["reason"]) == ("cannot-check", "checksum-unsupported")


@pytest.mark.parametrize("algorithm", ["crc32", "sha256"])
def test_botocore(authkit: Authkit, require_module: Module, algorithm: str) -> None:
    """What botocore sends of an upload over TLS, in chunks of a size that is not ours."""
    auth, wrapper = require_module("botocore.auth"), require_module("botocore.httpchecksum").AwsChunkedWrapper
    keys = require_module("botocore.credentials").Credentials(ID, SECRET)
    name = f"x-amz-checksum-{algorithm}"
    checks = require_module("botocore.httpchecksum")._CHECKSUM_CLS
    body = wrapper(BytesIO(BODY), checksum_cls=checks[algorithm], checksum_name=name, chunk_size=100000)
    data = body.read()
    headers = {
        "Host": "bkt.s3.amazonaws.com",
        "Content-Encoding": "aws-chunked",
        "X-Amz-Decoded-Content-Length": str(len(BODY)),
        "X-Amz-Trailer": name,
        "Content-Length": str(len(data)),
    }
    request = require_module("botocore.awsrequest").AWSRequest(
        method="PUT", url="https://bkt.s3.amazonaws.com/key", headers=headers, data=b""
    )
    request.context["checksum"] = {"request_algorithm": {"in": "trailer", "algorithm": algorithm, "name": name}}
    auth.S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    message = f"PUT /key HTTP/1.1\r\n{head}\r\n".encode() + data
    assert b"STREAMING-UNSIGNED-PAYLOAD-TRAILER" in message
    assert_valid(verify(authkit, message, "s3", "--allow-unsigned-payload"), "s3")
    said = verify(authkit, flip(message, 150000), "s3", "--allow-unsigned-payload")
    assert said["reason"] == "checksum-mismatch"
    ours = authkit("verify-signature", "-", "--key", "env:", "--region", "us-east-1", "--service", "s3", "--json",
                   env=MASTER, stdin=message[:-1])  # fmt: skip
    assert json.loads(ours.out)["verdict"] != "valid"


WORDS = {
    "streaming": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "streaming-trailer": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "unsigned-trailer": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
}


@pytest.mark.parametrize("payload", WORDS)
def test_awscrt_signs_the_same_head(require_module: Module, payload: str) -> None:
    """The seed of the chain: awscrt signs the headers that authkit announces, and comes to the same signature."""
    auth, http = require_module("awscrt.auth"), require_module("awscrt.http")
    at = datetime(2026, 11, 23, 9, 0, 0, tzinfo=timezone.utc)
    first = (("Host", "bkt.s3.amazonaws.com"), ("X-Amz-Meta-A", "a  b"))
    request = Request("PUT", "/a%20key?x=1", first, None, len(BODY))
    keys = [AccessKey(ID, Secret(SECRET.encode()))]
    signed = sign_request(
        request, keys, at=at, region="us-east-1", service="s3", settings=Settings(payload=payload, chunk_size=8192)
    )
    own = ("x-amz-date", "x-amz-content-sha256", "authorization")
    fields = [(name, value) for name, value in signed.request.headers if name.lower() not in own]
    theirs = http.HttpRequest("PUT", request.target, http.HttpHeaders(fields))
    config = auth.AwsSigningConfig(
        region="us-east-1",
        service="s3",
        date=at,
        credentials_provider=auth.AwsCredentialsProvider.new_static(ID, SECRET),
        signed_body_value=WORDS[payload],
        signed_body_header_type=auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256,
        use_double_uri_encode=False,
        should_normalize_uri_path=False,
    )
    auth.aws_sign_request(theirs, config).result(60)
    assert theirs.headers.get("Authorization") == dict(signed.request.headers)["Authorization"]


def test_the_newest_libcurl_announces_the_length_that_is_signed(require_module: Module) -> None:
    """With Transfer-Encoding taken away and Content-Length given, as `sign curl --run` does it for a pipe."""
    pycurl = require_module("pycurl")
    with serving() as server:
        handle, body = pycurl.Curl(), BytesIO(BODY)
        for option, value in (
            (pycurl.URL, f"{server.url}/key"),
            (pycurl.UPLOAD, 1),
            (pycurl.READFUNCTION, body.read),
            (pycurl.HTTPHEADER, [f"Content-Length: {len(BODY)}", "Transfer-Encoding:"]),
            (pycurl.WRITEFUNCTION, lambda data: None),
        ):
            handle.setopt(option, value)
        handle.perform()
        handle.close()
        head, _, sent = server.take().partition(b"\r\n\r\n")
    assert sent == BODY
    assert f"\r\nContent-Length: {len(BODY)}\r\n".encode() in head + b"\r\n"
    assert b"transfer-encoding" not in head.lower()
