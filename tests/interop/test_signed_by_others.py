"""Does verify-signature say valid to what other signers send, and name what is wrong with the rest?"""

import io
import json
import re
import subprocess
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from interop.loopback import Loopback
from interop.program import Authkit

ID, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1"
MASTER = {"AUTHKIT_ACCESS_KEY_ID": ID, "AUTHKIT_SECRET_ACCESS_KEY": SECRET}

Tool = Callable[[str], str]
Module = Callable[[str], Any]


def signing_keys(authkit: Authkit, service: str) -> dict[str, str]:
    """Return an environment that holds signing keys of *service* alone, for yesterday, today and tomorrow."""
    scope = ["--region", REGION, "--service", service, *(["--allow-harmful", "sts"] if service == "sts" else [])]
    words = ["derive-subkey", "--key", "env:", *scope, "--days", "3", "--format", "env"]
    today = datetime.now(timezone.utc).date()
    yesterday = today.fromordinal(today.toordinal() - 1)
    done = authkit(*words, "--date", yesterday.isoformat(), env=MASTER)
    assert done.code == 0, done.err
    found = re.search(rb"AUTHKIT_SUBKEYS='([^']+)'", done.out)
    assert found is not None
    return {"AUTHKIT_SUBKEYS": found[1].decode()}


def verify(authkit: Authkit, message: bytes, service: str, *options: str) -> dict[str, Any]:
    """Verify with a signing key that holds nothing but today's scope."""
    keys = signing_keys(authkit, service)
    done = authkit("verify-signature", "-", "--key", "env:", "--json", *options, env=keys, stdin=message)
    assert done.err == ""
    said: dict[str, Any] = json.loads(done.out)
    assert done.code == {"valid": 0, "invalid": 1, "malformed": 1, "cannot-check": 4}[said["verdict"]]
    return said


def assert_valid(said: dict[str, Any], service: str) -> None:
    assert (said["verdict"], said["reason"]) == ("valid", "ok")
    assert said["access_key_id"] == ID
    assert said["scope"].split("/")[1:] == [REGION, service, "aws4_request"]
    assert {"method", "path", "query", "host"} <= set(said["covered"])


# ----------------------------------------------------------------------------------------------------------------- curl

# Where curl --aws-sigv4 is right, from 7.88 on.
RIGHT = [
    *[("service", [target]) for target in ("/", "/a", "/~a", "/?a=1&b=2", "/?prefix=a%20b", "/?p=%3D&q=%C3%A9")],
    *[("s3", [target]) for target in ("/", "/a%20b", "/a%2Bb", "/%C3%A9", "//x", "/?a=1&b=2", "/?prefix=%2F")],
    ("service", ["/", "-X", "PUT", "-H", "Content-Type: x/y", "--data-binary", "hello"]),
    ("service", ["/", "-H", "X-Amz-Meta-B: 1", "-H", "X-Amz-Meta-A:  a   b"]),
    ("s3", ["/", "-I"]),
]

# Where curl 7.88 is wrong, and the cause that inspect-signature names.  A later curl may be right.
WRONG = [
    ("s3", "/a=b", "path-encoding"),
    ("s3", "/a:b", "path-encoding"),
    ("s3", "/a+b", "path-encoding"),
    ("s3", "/a*b", "path-encoding"),
    ("s3", "/a(1)!", "path-encoding"),
    ("s3", "/%c3%a9", "path-encoding"),
    ("service", "/a%20b", "path-encoding"),
    ("s3", "/?versioning", "query-encoding"),
    ("s3", "/?p=a+b", "query-encoding"),
    ("s3", "/?p=a=b", "query-encoding"),
    ("s3", "/?b=1&a=2", "query-order"),
]


def send_with_curl(curl: str, loopback: Loopback, service: str, target: str, *words: str) -> bytes:
    signer = ["--aws-sigv4", f"aws:amz:{REGION}:{service}", "--user", f"{ID}:{SECRET}", "--path-as-is"]
    words = ("-q", "-sS", "-o", "/dev/null", *signer, *words)
    subprocess.run([curl, *words, loopback.url + target], check=True, timeout=60)
    return loopback.take()


@pytest.mark.parametrize("service, words", RIGHT)
def test_curl(authkit: Authkit, loopback: Loopback, require_tool: Tool, service: str, words: list[str]) -> None:
    message = send_with_curl(require_tool("curl"), loopback, service, *words)
    said = verify(authkit, message, service)
    assert_valid(said, service)
    assert "body" in said["covered"]


def test_curl_leaves_content_type_unsigned(authkit: Authkit, loopback: Loopback, require_tool: Tool) -> None:
    message = send_with_curl(require_tool("curl"), loopback, "service", "/", "-d", "a=b")
    said = verify(authkit, message, "service")
    assert (said["verdict"], said["reason"]) == ("invalid", "content-type-unsigned")
    said = verify(authkit, message, "service", "--allow-unsigned", "content-type")
    assert_valid(said, "service")
    assert "content-type" in said["uncovered"]


@pytest.mark.parametrize("service, target, cause", WRONG)
def test_what_curl_gets_wrong_is_explained(
    authkit: Authkit, loopback: Loopback, require_tool: Tool, service: str, target: str, cause: str
) -> None:
    curl = require_tool("curl")
    message = send_with_curl(curl, loopback, service, target)
    said = verify(authkit, message, service)
    if said["verdict"] == "valid":
        version = subprocess.run([curl, "--version"], capture_output=True, text=True, check=True).stdout
        assert not version.startswith("curl 7.")
        return
    assert (said["verdict"], said["reason"]) == ("invalid", "signature-mismatch")
    keys = signing_keys(authkit, service)
    done = authkit("inspect-signature", "-", "--key", "env:", "--json", env=keys, stdin=message)
    assert done.code == 0, done.err
    assert json.loads(done.out)["difference"]["cause"] == cause


# ------------------------------------------------------------------------------------------------------------- botocore


def raw(method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> bytes:
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers)
    return head.encode("latin-1") + b"\r\n" + body


def client(require_module: Module, loopback: Loopback, service: str, version: str = "v4") -> Any:
    session = require_module("botocore.session").Session()
    settings = {"retries": {"max_attempts": 1}, "s3": {"addressing_style": "path"}, "signature_version": version}
    config = require_module("botocore.config").Config(**settings)
    keys = {"aws_access_key_id": ID, "aws_secret_access_key": SECRET}
    return session.create_client(service, region_name=REGION, endpoint_url=loopback.url, config=config, **keys)


# what a real client of AWS sends: operation, its parameters
CALLS = [
    ("s3", "put_object", {"Bucket": "bkt", "Key": "a b/c=d+é", "Body": b"hello", "Metadata": {"k": "v  w"}}),
    ("s3", "get_object", {"Bucket": "bkt", "Key": "a:(1)!*'~"}),
    ("s3", "list_objects_v2", {"Bucket": "bkt", "Prefix": "a b+c/=é", "Delimiter": "/"}),
    ("s3", "copy_object", {"Bucket": "bkt", "Key": "k", "CopySource": {"Bucket": "b", "Key": "a b"}}),
    ("s3", "delete_object", {"Bucket": "bkt", "Key": "k"}),
    ("sts", "get_caller_identity", {}),
    ("sqs", "send_message", {"QueueUrl": "http://127.0.0.1/q", "MessageBody": "hello"}),
    ("dynamodb", "list_tables", {}),
    ("lambda", "invoke", {"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:f", "Payload": b"{}"}),
]


@pytest.mark.parametrize("service, operation, parameters", CALLS)
@pytest.mark.filterwarnings("default")  # botocore's own are not ours to fail on
def test_botocore_client(
    authkit: Authkit,
    loopback: Loopback,
    require_module: Module,
    service: str,
    operation: str,
    parameters: dict[str, Any],
) -> None:
    made = client(require_module, loopback, service, "s3v4" if service == "s3" else "v4")
    try:
        getattr(made, operation)(**parameters)
    except (ValueError, KeyError, require_module("botocore.exceptions").BotoCoreError):
        pass  # the answer is not the service's own; what was sent is what counts
    finally:
        made.close()
    said = verify(authkit, loopback.take(), service)
    assert_valid(said, service)
    assert "body" in said["covered"]


@pytest.mark.parametrize("key", ["a b", "a=b:c+d", "é", "a%2Fb"])
def test_botocore_presigned_url(authkit: Authkit, loopback: Loopback, require_module: Module, key: str) -> None:
    made = client(require_module, loopback, "s3", "s3v4")
    url = made.generate_presigned_url("get_object", Params={"Bucket": "bkt", "Key": key}, ExpiresIn=60)
    made.close()
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    done = authkit("verify-signature", url, "--key", "env:", "--json", env=signing_keys(authkit, "s3"))
    said = json.loads(done.out)
    assert_valid(said, "s3")
    assert done.code == 0


# --------------------------------------------------------------------------------------------------------------- awscrt


def sign_with_awscrt(require_module: Module, service: str, target: str, body: bytes, in_query: bool) -> bytes:
    auth, http = require_module("awscrt.auth"), require_module("awscrt.http")
    kinds, plain = auth.AwsSignatureType, service == "s3"
    config = auth.AwsSigningConfig(
        signature_type=kinds.HTTP_REQUEST_QUERY_PARAMS if in_query else kinds.HTTP_REQUEST_HEADERS,
        credentials_provider=auth.AwsCredentialsProvider.new_static(ID, SECRET),
        region=REGION,
        service=service,
        use_double_uri_encode=not plain,
        should_normalize_uri_path=not plain,
        signed_body_value="UNSIGNED-PAYLOAD" if plain and in_query else None,
        expiration_in_seconds=60 if in_query else None,
    )
    lines = [("Host", "example.com"), ("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    headers = http.HttpHeaders(lines)
    request = http.HttpRequest("POST" if body else "GET", target, headers, io.BytesIO(body))
    auth.aws_sign_request(request, config).result(30)
    return raw(request.method, request.path, list(request.headers), body)


@pytest.mark.parametrize("in_query", [False, True], ids=["header", "query"])
@pytest.mark.parametrize("service", ["service", "s3"])
@pytest.mark.parametrize("target", ["/", "/a%20b/c%3Dd", "/?b=1&a=%2f&a=:", "/?versioning"])
def test_awscrt(authkit: Authkit, require_module: Module, service: str, target: str, in_query: bool) -> None:
    message = sign_with_awscrt(require_module, service, target, b"", in_query)
    assert_valid(verify(authkit, message, service), service)


def test_awscrt_body(authkit: Authkit, require_module: Module) -> None:
    message = sign_with_awscrt(require_module, "service", "/", b"hello", False)
    assert_valid(verify(authkit, message, "service"), "service")
    said = verify(authkit, message[:-1] + b"O", "service")
    # Without a declared hash the body's own is in the canonical request, so it is the signature that fails.
    assert (said["verdict"], said["reason"]) == ("invalid", "signature-mismatch")


def test_awscrt_presigned_body_is_not_covered(authkit: Authkit, require_module: Module) -> None:
    message = sign_with_awscrt(require_module, "s3", "/k", b"hello", True)
    said = verify(authkit, message, "s3")
    assert (said["verdict"], said["reason"]) == ("invalid", "unsigned-payload")
    said = verify(authkit, message, "s3", "--allow-unsigned-payload")
    assert_valid(said, "s3")
    assert "body" in said["uncovered"]


# ---------------------------------------------------------------------------------------------------- requests-aws4auth


@pytest.mark.parametrize("service", ["service", "s3"])
@pytest.mark.parametrize(
    "method, target, body, headers",
    [
        ("GET", "/", None, {}),
        ("GET", "/a%20b", None, {}),
        ("GET", "/?prefix=a%20b&acl", None, {}),
        ("PUT", "/k", b"hello", {"Content-Type": "text/plain", "X-Amz-Meta-A": "a  b"}),
        ("DELETE", "/k", None, {}),
    ],
)
def test_requests_aws4auth(
    authkit: Authkit,
    loopback: Loopback,
    require_module: Module,
    service: str,
    method: str,
    target: str,
    body: "bytes | None",
    headers: dict[str, str],
) -> None:
    requests, aws4auth = require_module("requests"), require_module("requests_aws4auth")
    auth = aws4auth.AWS4Auth(ID, SECRET, REGION, service)
    with requests.Session() as session:
        session.trust_env = False
        session.request(method, loopback.url + target, data=body, headers=headers, auth=auth, timeout=30)
    assert_valid(verify(authkit, loopback.take(), service), service)


# ------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "old, new, reason",
    [
        (b"PUT ", b"POST ", "signature-mismatch"),
        (b"/k?", b"/l?", "signature-mismatch"),
        (b"a=1", b"a=2", "signature-mismatch"),
        (b"X-Amz-Meta-A: 1", b"X-Amz-Meta-A: 2", "signature-mismatch"),
        (b"X-Amz-Meta-A: 1\r\n", b"X-Amz-Meta-A: 1\r\nX-Amz-Acl: public-read\r\n", "unsigned-x-amz-header"),
        (b"hello", b"hellO", "payload-mismatch"),
        (b"us-east-1/s3", b"eu-west-1/s3", "scope-region"),
        (b"us-east-1/s3", b"us-east-1/sqs", "scope-service"),
    ],
)
def test_altered(
    authkit: Authkit, loopback: Loopback, require_module: Module, old: bytes, new: bytes, reason: str
) -> None:
    """What another signer signed is refused once it is changed, for the reason that fits the change."""
    requests, aws4auth = require_module("requests"), require_module("requests_aws4auth")
    with requests.Session() as session:
        session.trust_env = False
        headers = {"X-Amz-Meta-A": "1"}
        auth = aws4auth.AWS4Auth(ID, SECRET, REGION, "s3")
        session.put(f"{loopback.url}/k?a=1", data=b"hello", headers=headers, auth=auth, timeout=30)
    message = loopback.take()
    assert message.count(old) == 1
    assert_valid(verify(authkit, message, "s3"), "s3")
    said = verify(authkit, message.replace(old, new), "s3", "--region", REGION, "--service", "s3")
    assert (said["verdict"], said["reason"]) == ("invalid", reason)
    if reason in ("scope-region", "scope-service"):
        # A verifier that is not told what it is knows only that none of its keys fits.
        said = verify(authkit, message.replace(old, new), "s3")
        assert (said["verdict"], said["reason"]) == ("cannot-check", "subkey-out-of-scope")
