"""Are signed forms accepted by a server that checks them, sent by curl, and those of botocore by authkit?

MiniStack checks signature, expiry and every condition of a form.  Swift's S3 takes no forms at all, which is asserted,
so that it is noticed when it does.
"""

import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from authkit.keys.access import AccessKey
from authkit.schemes.forms.sign import Wanted
from authkit.secret import Secret
from formcase import body_of, reason, receiving, signing
from interop.loopback import Loopback
from interop.ministack import MiniStack, is_built
from interop.program import Authkit, Result, run, run_authkit
from interop.swift import Swift, build

BUCKET = "inbox"
SCOPE = ["--region", "us-east-1", "--service", "s3"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    """A running MiniStack, with a bucket."""
    if not is_built():
        if os.environ.get("AUTHKIT_REQUIRE_INTEROP") != "1":
            pytest.skip("MiniStack is not installed; run tests/interop/setup")
        build()
    server = MiniStack(tmp_path_factory.mktemp("ministack"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


class Client:
    """A machine that signs forms: it holds subkeys of today and tomorrow, and no secret."""

    def __init__(self, home: Path, stack: MiniStack, curl: str) -> None:
        self.home, self.stack, self.curl = home, stack, curl
        (home / "file.txt").write_bytes(b"hello")
        env = {"AUTHKIT_ACCESS_KEY_ID": stack.access_key_id, "AUTHKIT_SECRET_ACCESS_KEY": stack.secret}
        made = run_authkit(
            "derive-subkey", "--key", "env:", *SCOPE, "--days", "2", "-o", "s3.subkeys", home=home, env=env
        )
        assert made.code == 0, made.err
        url = f"{stack.url}/{BUCKET}"
        done = run_authkit("sign", "curl", "--key", "file:s3.subkeys", "--run", "-sS", "-X", "PUT", url, home=home)
        assert done.code == 0, done.err

    def form(self, *options: str, bucket: str = BUCKET) -> str:
        """Return the command line that authkit prints."""
        url = f"{self.stack.url}/{BUCKET}"
        words = ["sign", "form", "--key", "file:s3.subkeys", "--bucket", bucket, "--url", url, *options]
        done = run_authkit(*words, home=self.home)
        assert done.code == 0, done.err
        return done.out.decode()

    def send(self, line: str, file: str = "file.txt") -> "tuple[int, str]":
        """Give the line to a shell, with a file; return status and answer."""
        (self.home / "curl").unlink(missing_ok=True)
        line = line.replace("@FILE", f"@{file}").replace("curl -q", f"{self.curl} -q -sS -w '\\n%{{http_code}}'", 1)
        done = run(["sh", "-c", line], self.home)
        assert done.code == 0, done.err
        body, _, status = done.out.rpartition(b"\n")
        return int(status), body.decode()

    def get(self, key: str) -> Result:
        url = f"{self.stack.url}/{BUCKET}/{key}"
        return run_authkit("sign", "curl", "--key", "file:s3.subkeys", "--run", "-sS", "-i", url, home=self.home)


@pytest.fixture(scope="module")
def client(stack: MiniStack, tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], str]) -> Client:
    return Client(tmp_path_factory.mktemp("forms"), stack, require_tool("curl"))


# ------------------------------------------------------------------------------------------------------------- accepted


def test_one_object(client: Client) -> None:
    assert client.send(client.form("--object-key", "a.txt"))[0] == 204
    assert client.get("a.txt").out.endswith(b"\r\n\r\nhello")


def test_a_folder(client: Client) -> None:
    line = client.form(
        "--key-prefix", "2026/", "--content-length-range", "5,5", "--field", "x-amz-meta-a=b c",
        "--condition", '["starts-with","$Content-Type","text/"]', "--expires", "604800",
    )  # fmt: skip
    assert client.send(line.replace("-F ", "--form-string Content-Type=text/plain -F "))[0] == 204
    answer = client.get("2026/file.txt").out
    assert answer.endswith(b"\r\n\r\nhello")
    assert b"x-amz-meta-a: b c\r\n" in answer.replace(b"X-Amz-Meta-A", b"x-amz-meta-a")
    assert b"text/plain" in answer


@pytest.mark.parametrize("key", ["a b", "é", "a+b", "a%20b", "a'b", "@x", "<x", "a;type=b", 'a"b'])
def test_awkward_names(client: Client, key: str) -> None:
    status, said = client.send(client.form("--object-key", key))
    assert status == 204, said


# -------------------------------------------------------------------------------------------------------------- refused


def altered(line: str, name: str, value: str) -> str:
    """Return the line with another value of one field."""
    start = line.index(f"'{name}=")
    return f"{line[:start]}'{name}={value}{line[line.index(chr(39), start + 1) :]}"


def test_changed_forms(client: Client) -> None:
    line = client.form("--key-prefix", "in/", "--content-length-range", "1,5", "--field", "x-amz-meta-a=b")
    assert client.send(line)[0] == 204
    (client.home / "long.txt").write_bytes(b"hello!")
    (client.home / "empty.txt").write_bytes(b"")
    for changed, status, code in (
        (altered(line, "key", "out/x"), 403, "AccessDenied"),
        (altered(line, "x-amz-meta-a", "c"), 403, "AccessDenied"),
        (altered(line, "x-amz-date", "20261123T000000Z"), 400, "InvalidArgument"),
        (altered(line, "x-amz-signature", "0" * 64), 403, "SignatureDoesNotMatch"),
        (altered(line, "policy", "e30="), 403, "SignatureDoesNotMatch"),
        (line.replace("-F ", "--form-string acl=public-read -F "), 403, "AccessDenied"),
    ):
        found, said = client.send(changed)
        assert (found, f"<Code>{code}</Code>" in said) == (status, True), said
    assert client.send(line, "long.txt")[0] == 400
    assert client.send(line, "empty.txt")[0] == 400


def test_a_form_for_another_bucket(client: Client) -> None:
    assert client.send(client.form("--object-key", "a", bucket="outbox"))[0] == 403


def test_a_form_that_has_expired(client: Client) -> None:
    at = (datetime.now(timezone.utc) - timedelta(seconds=5)).strftime("%Y%m%dT%H%M%SZ")
    line = client.form("--object-key", "a", "--expires", "1", "--at", at)
    status, said = client.send(line)
    assert (status, "Policy expired" in said) == (403, True)


def test_a_condition_on_a_field_that_is_not_sent(client: Client) -> None:
    """As authkit's own verifier has it."""
    line = client.form("--object-key", "a", "--condition", '["starts-with","$x-amz-meta-a",""]')
    assert client.send(line)[0] == 403
    assert client.send(line.replace("-F ", "--form-string x-amz-meta-a= -F "))[0] == 204


def test_swift_takes_no_forms(swift: Swift, home: Path, require_tool: Callable[[str], str]) -> None:
    env = {"AUTHKIT_ACCESS_KEY_ID": swift.access_key_id, "AUTHKIT_SECRET_ACCESS_KEY": swift.secret}
    words = ["sign", "form", "--key", "env:", "--region", "us-east-1", "--bucket", "b", "--object-key", "a"]
    done = run_authkit(*words, "--url", f"{swift.url}/b", home=home, env=env)
    (home / "f").write_bytes(b"hello")
    line = done.out.decode().replace("@FILE", "@f").replace("curl -q", f"{require_tool('curl')} -q -sS", 1)
    # its S3 sees no signature in a form, and hands it on to Swift, which has no such path
    assert run(["sh", "-c", line], home).out == b"Bad URL"


# ------------------------------------------------------------------------------------- curl's form, judged by authkit


def test_what_curl_sends_is_judged(
    authkit: Authkit, loopback: Loopback, home: Path, require_tool: Callable[[str], str]
) -> None:
    key = {"schema": "authkit.access-key/v1", "access_key_id": "AKIDEXAMPLE", "secret": "secret"}
    (home / "key.json").write_text(json.dumps(key))
    (home / "key.json").chmod(0o600)
    (home / "photo.jpg").write_bytes(b"\r\n--------------------------" * 5000)
    words = ["--key", "file:key.json", "--region", "us-east-1", "--bucket", "inbox"]
    line = authkit("sign", "form", *words, "--key-prefix", "in/", "--url", loopback.url).out.decode()
    line = line.replace("@FILE", "@photo.jpg").replace("curl -q", f"{require_tool('curl')} -q -sS", 1)
    assert run(["sh", "-c", line], home).code == 0
    (home / "upload.http").write_bytes(loopback.take())
    judged = authkit("verify-signature", "--scheme", "sigv4-form", *words, "--json", "upload.http")
    found = json.loads(judged.out)
    assert (judged.code, found["reason"], found["object_key"]) == (0, "ok", "in/photo.jpg")
    assert found["warnings"] == []
    run(["sh", "-c", line.replace("key=in/", "key=out/")], home)
    (home / "upload.http").write_bytes(loopback.take())
    judged = authkit("verify-signature", "--scheme", "sigv4-form", *words, "--json", "upload.http")
    assert (judged.code, json.loads(judged.out)["reason"]) == (1, "condition-failed")


# ------------------------------------------------------------------------------------------- botocore's forms, likewise

POSTS: "list[tuple[str, dict[str, Any]]]" = [
    ("a.txt", {}),
    ("in/${filename}", {"ExpiresIn": 604800}),
    ("a.txt", {"Fields": {"acl": "public-read"}, "Conditions": [{"acl": "public-read"}]}),
    ("é", {"Conditions": [["content-length-range", 1, 5]]}),
    ("a", {"Fields": {"Content-Type": "image/png"}, "Conditions": [["starts-with", "$Content-Type", "image/"]]}),
]


@pytest.mark.parametrize("token", [None, "IQoJTOKEN=="])
@pytest.mark.parametrize("key, more", POSTS)
def test_forms_of_botocore(
    key: str, more: "dict[str, Any]", token: "str | None", require_module: Callable[[str], Any]
) -> None:
    session = require_module("botocore.session").get_session()
    made = session.create_client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
        aws_session_token=token,
        config=require_module("botocore.config").Config(signature_version="s3v4"),
    ).generate_presigned_post("inbox", key, **more)
    fields = list(made["fields"].items())
    session_token = None if token is None else Secret(token.encode())
    keys = [AccessKey("AKIDEXAMPLE", Secret(b"secret"), session_token=session_token)]
    now = datetime.now(timezone.utc).replace(microsecond=0)
    policy = {"at": now, "region": "eu-west-1", "bucket": "inbox"}
    assert receiving("sigv4", keys, fields, b"photo", **policy).access_key_id == "AKIDEXAMPLE"
    assert body_of(fields).count(b"form-data") == len(fields) + 1
    assert reason("sigv4", keys, [*fields, ("x-amz-meta-x", "")], **policy) == "field-unsigned: x-amz-meta-x"
    other = [AccessKey("AKIDEXAMPLE", Secret(b"Secret"), session_token=session_token)]
    assert reason("sigv4", other, fields, **policy) == "signature-mismatch"
    assert reason("sigv4", keys, fields, **{**policy, "bucket": "outbox"}).startswith("bucket-mismatch")
    late = now + timedelta(seconds=more.get("ExpiresIn", 3600) + 2)
    assert reason("sigv4", keys, fields, **{**policy, "at": late}).startswith("expired")


def test_botocore_signs_the_policy_as_authkit_does(require_module: Callable[[str], Any]) -> None:
    """The signature over one and the same policy."""
    form = dict(signing("sigv4", [AccessKey("AKIDEXAMPLE", Secret(b"secret"))], Wanted("inbox", "é/a")).fields)
    signer = require_module("botocore.auth").SigV4Auth(
        require_module("botocore.credentials").Credentials("AKIDEXAMPLE", "secret"), "s3", "us-east-1"
    )
    request = require_module("botocore.awsrequest").AWSRequest(method="POST", url="https://inbox.example.com/")
    request.context["timestamp"] = form["x-amz-date"]
    assert signer.signature(form["policy"], request) == form["x-amz-signature"]
