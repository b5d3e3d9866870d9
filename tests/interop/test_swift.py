"""Does a real S3 server accept what authkit signs with nothing but a subkey, and refuse everything else?"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from interop.program import Result, run, run_authkit
from interop.swift import Swift

BUCKET = "bkt"
Tool = Callable[[str], str]


class Client:
    """A machine that signs: its home holds one subkey file, and no master secret was ever in it."""

    def __init__(self, home: Path, swift: Swift, curl: str) -> None:
        self.home, self.swift, self.curl = home, swift, curl
        self.subkeys = home / "subkeys.json"
        self.key = f"file:{self.subkeys}"

    def authkit(self, *words: str, stdin: bytes = b"", env: "dict[str, str] | None" = None) -> Result:
        return run_authkit(*words, home=self.home, env=env, stdin=stdin)

    def url(self, target: str) -> str:
        return f"{self.swift.url}/{BUCKET}{target}"

    def send(
        self, target: str, *curl: str, key: "str | None" = None, options: tuple[str, ...] = ()
    ) -> tuple[int, bytes]:
        """Sign and send with `sign curl --run`; return the status and the body of the answer."""
        words = [*curl, "-sS", "--path-as-is", "-w", "\n%{http_code}", self.url(target)]
        done = self.authkit("sign", "curl", "--key", key or self.key, "--run", *options, "--", *words)
        assert done.code == 0, done.err
        return answer(done)

    def printed(self, target: str, *curl: str, options: tuple[str, ...] = ()) -> str:
        """Return the line that `sign curl` prints."""
        words = [*curl, "-sS", "--path-as-is", "-w", "\\n%{http_code}", self.url(target)]
        done = self.authkit("sign", "curl", "--key", self.key, *options, "--", *words)
        assert done.code == 0, done.err
        assert done.out.count(b"\n") == 1
        return done.out.decode()

    def paste(self, line: str) -> tuple[int, bytes]:
        """Give *line* to a shell."""
        done = run(["sh", "-c", line], self.home)
        assert done.code == 0, done.err
        return answer(done)

    def get_url(self, url: str, *curl: str) -> tuple[int, bytes]:
        """Fetch *url* with curl, which knows no key."""
        words = ["-q", "-g", "-sS", "--path-as-is", "-w", "\n%{http_code}", *curl, url]
        done = run([self.curl, *words], self.home)
        assert done.code == 0, done.err
        return answer(done)


def answer(done: Result) -> tuple[int, bytes]:
    body, _, status = done.out.rpartition(b"\n")
    return int(status), body


def derive(
    swift: Swift, home: Path, target: Path, *options: str, region: str = "us-east-1", service: str = "s3"
) -> None:
    """Derive on a machine of its own, the only one that holds the master secret, and carry out the file alone."""
    env = {"AUTHKIT_ACCESS_KEY_ID": swift.access_key_id, "AUTHKIT_SECRET_ACCESS_KEY": swift.secret}
    scope = ["--region", region, "--service", service, *options]
    done = run_authkit("derive-subkey", "--key", "env:", *scope, "-o", str(target), home=home, env=env)
    assert done.code == 0, done.err
    assert swift.secret.encode() not in target.read_bytes()


@pytest.fixture(scope="module")
def client(swift: Swift, require_tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """A client whose subkeys sign today and tomorrow, so that midnight may pass, and a bucket that it made."""
    home = tmp_path_factory.mktemp("client")
    made = Client(home, swift, require_tool("curl"))
    derive(swift, tmp_path_factory.mktemp("offline"), made.subkeys, "--days", "2")
    assert made.send("", "-X", "PUT") == (200, b"")
    return made


def keys_in(body: bytes) -> list[str]:
    return [unescape(key) for key in re.findall("<Key>(.*?)</Key>", body.decode())]


def error_code(body: bytes) -> str:
    found = re.search(rb"<Code>(.*?)</Code>", body)
    assert found is not None, body
    return found[1].decode()


# ------------------------------------------------------------------------------------------------------------- accepted

# What stands in the URL behind the bucket; the object's name is that, percent-decoded once.
AWKWARD = [
    "a=b",
    "a:b",
    "a+b",
    "a*b",
    "a(1)!",
    "a b",
    "a%20c",
    "a%252Fb",
    "é",
    "%C3%A8",
    "%c3%aa",
    "/x",
    "x/../y",
    "~",
    "'",
]
AWKWARD += ["a&b", "a,b;c@d$e", "%25", "%3F", "%23", "..", "a//b", '"<>', "%7E%41"]


def name_of(text: str) -> str:
    return unquote(text, errors="strict")


@pytest.mark.parametrize("pasted", [False, True], ids=["run", "pasted"])
@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_keys(client: Client, text: str, pasted: bool) -> None:
    """Put, get, list and delete an object, once through --run and once through a shell."""

    def send(*curl: str) -> tuple[int, bytes]:
        if pasted:
            return client.paste(client.printed(f"/{text}", *curl))
        return client.send(f"/{text}", *curl)

    body = f"this is {text}"
    assert send("-X", "PUT", "-H", "Content-Type: text/plain", "--data-raw", body) == (200, b"")
    assert send() == (200, body.encode())
    status, listed = client.send("?max-keys=1000")
    assert status == 200
    assert name_of(text) in keys_in(listed)
    assert send("-X", "DELETE") == (204, b"")
    status, said = send()
    assert (status, error_code(said)) == (404, "NoSuchKey")


@pytest.fixture(scope="module")
def listing(client: Client) -> list[str]:
    """Objects whose names tell the ways to read a query apart."""
    names = ["q/a b", "q/a+b", "q/a=b", "q/a:b", "q/é", "q/x/y"]
    for name in names:
        assert (
            client.send(f"/{name.replace('+', '%2B')}", "-X", "PUT", "-d", "", "-H", "Content-Type: text/plain")[0]
            == 200
        )
    return names


QUERIES = [
    ("?prefix=q/a%20b", ["q/a b"]),
    ("?prefix=q/a+b", ["q/a b"]),
    ("?prefix=q%2Fa%2Bb", ["q/a+b"]),
    ("?prefix=q%2fa%2bb", ["q/a+b"]),
    ("?prefix=q/a=b", ["q/a=b"]),
    ("?prefix=q/a:b", ["q/a:b"]),
    ("?prefix=q/é", ["q/é"]),
    ("?prefix=q/%c3%a9", ["q/é"]),
    ("?prefix=q/&delimiter=/&max-keys=2", ["q/a b", "q/a+b"]),
    ("?max-keys=1&prefix=q/x", ["q/x/y"]),
    ("?list-type=2&prefix=q%2Fx", ["q/x/y"]),
    ("?%70refix=q/x", ["q/x/y"]),
    ("?marker&prefix=q/x", ["q/x/y"]),
    ("?&&prefix=q/x&", ["q/x/y"]),
    ("?prefix=q/x?", []),
    ("?versioning", []),
    ("?acl", []),
    ("?uploads", []),
    ("?location=", []),
]


@pytest.mark.parametrize("pasted", [False, True], ids=["run", "pasted"])
@pytest.mark.parametrize("query, expected", QUERIES)
def test_awkward_queries(client: Client, listing: list[str], query: str, expected: list[str], pasted: bool) -> None:
    status, body = client.paste(client.printed(query)) if pasted else client.send(query)
    assert (status, keys_in(body)) == (200, expected), body


def test_subkey_from_the_environment(client: Client) -> None:
    """AUTHKIT_SUBKEYS alone is enough, and nothing else is there."""
    client.send("/env", "-X", "PUT", "-d", "x", "-H", "Content-Type: text/plain")
    scope = ["--scope", "us-east-1/s3", "--days", "1"]
    exported = client.authkit("derive-subkey", "--key", client.key, *scope, "--format", "env")
    assert exported.code == 0, exported.err
    found = re.search(rb"AUTHKIT_SUBKEYS='([^']+)'", exported.out)
    assert found is not None
    words = ["sign", "curl", "--key", "env:", "--run", "-sS", client.url("/env")]
    done = client.authkit(*words, env={"AUTHKIT_SUBKEYS": found[1].decode()})
    assert (done.code, done.out) == (0, b"x")


def test_copy(client: Client) -> None:
    assert client.send("/from me", "-X", "PUT", "-d", "copied", "-H", "Content-Type: text/plain")[0] == 200
    status, body = client.send("/to", "-X", "PUT", "-H", f"x-amz-copy-source: /{BUCKET}/from%20me")
    assert status == 200, body
    assert client.send("/to") == (200, b"copied")


def test_headers_that_are_rewritten_before_signing(client: Client) -> None:
    """White space, repeats and case of x-amz-meta: what the server reads is what was signed."""
    headers = ["-H", "X-Amz-Meta-Spaces:  a   b ", "-H", "X-AMZ-META-UPPER: U", "-H", "x-amz-meta-empty;"]
    assert client.send("/meta", "-X", "PUT", "-d", "x", "-H", "Content-Type: text/plain", *headers)[0] == 200
    status, body = client.send("/meta", "-I")
    assert status == 200
    assert re.search(rb"(?im)^x-amz-meta-upper: U\r$", body)


def test_multipart(client: Client) -> None:
    status, body = client.send("/mp?uploads", "-X", "POST")
    assert status == 200, body
    found = re.search(rb"<UploadId>(.*?)</UploadId>", body)
    assert found is not None
    upload = found[1].decode()
    part = ["-X", "PUT", "-H", "Content-Type: x/y", "--data-raw", "only part"]
    status, head = client.send(f"/mp?partNumber=1&uploadId={upload}", "-D", "-", *part)
    assert status == 200, head
    etag = re.search(rb'(?i)etag: "?([0-9a-f]+)', head)
    assert etag is not None
    parts = f"<Part><PartNumber>1</PartNumber><ETag>{etag[1].decode()}</ETag></Part>"
    xml = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>"
    status, body = client.send(
        f"/mp?uploadId={upload}", "-X", "POST", "-H", "Content-Type: text/xml", "--data-raw", xml
    )
    assert (status, b"CompleteMultipartUploadResult" in body) == (200, True), body
    assert client.send("/mp") == (200, b"only part")


def test_upload_of_a_file_and_of_standard_input(client: Client) -> None:
    (client.home / "file.bin").write_bytes(bytes(range(256)) * 300)
    assert client.send("/file", "-T", "file.bin")[0] == 200
    assert client.send("/file")[1] == bytes(range(256)) * 300
    words = [
        "sign",
        "curl",
        "--key",
        client.key,
        "--run",
        "-sS",
        "-X",
        "PUT",
        "-H",
        "Content-Type: x/y",
        "--data-binary",
        "@-",
    ]
    done = client.authkit(*words, client.url("/stdin"), stdin=b"from\nstdin\0\xff")
    assert (done.code, done.err) == (0, "")
    assert client.send("/stdin") == (200, b"from\nstdin\0\xff")


@pytest.mark.parametrize("text", AWKWARD)
def test_presigned(client: Client, text: str) -> None:
    """A presigned PUT and a presigned GET, used by a curl that knows no key."""

    def presign(method: str) -> str:
        done = client.authkit(
            "sign", "url", "--key", client.key, "-X", method, "--expires", "60", client.url(f"/p/{text}")
        )
        assert done.code == 0, done.err
        return done.out.decode().strip()

    body = f"presigned {text}"
    status, said = client.get_url(presign("PUT"), "-X", "PUT", "-H", "Content-Type:", "--data-raw", body)
    assert (status, said) == (200, b"")
    assert client.get_url(presign("GET")) == (200, body.encode())


def test_presigned_with_a_signed_header(client: Client) -> None:
    words = ["sign", "url", "--key", client.key, "-X", "PUT", "-H", "x-amz-meta-k: v", client.url("/h")]
    done = client.authkit(*words)
    assert done.code == 0, done.err
    url = done.out.decode().strip()
    put = ["-X", "PUT", "-H", "Content-Type:", "--data-raw", "x"]
    assert client.get_url(url, *put, "-H", "x-amz-meta-k: v")[0] == 200
    status, body = client.get_url(url, *put)
    assert (status, error_code(body)) == (403, "SignatureDoesNotMatch")


# -------------------------------------------------------------------------------------------------------------- refused


def test_wrong_day(client: Client, swift: Swift, tmp_path: Path) -> None:
    """A key of yesterday signs no request of today, and a request of yesterday is too old."""
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    derive(swift, tmp_path, tmp_path / "old.json", "--date", yesterday.date().isoformat())
    key = f"file:{tmp_path / 'old.json'}"
    done = client.authkit("sign", "curl", "--key", key, "--run", "-sS", client.url(""))
    assert (done.code, done.out) == (5, b"")
    assert yesterday.date().isoformat() in done.err or f"{yesterday:%Y%m%d}" in done.err
    status, body = client.send("", key=key, options=("--at", f"{yesterday:%Y%m%dT%H%M%SZ}"))
    assert (status, error_code(body)) == (403, "RequestTimeTooSkewed")


def test_key_of_yesterday_still_presigns(client: Client, swift: Swift, tmp_path: Path) -> None:
    """What 'dangerous until' means: a key whose day is over makes new URLs that S3 takes for seven days."""
    client.send("/danger", "-X", "PUT", "-d", "x", "-H", "Content-Type: text/plain")
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    derive(swift, tmp_path, tmp_path / "old.json", "--date", yesterday.date().isoformat())
    words = ["sign", "url", "--key", f"file:{tmp_path / 'old.json'}", "--at", f"{yesterday:%Y%m%dT235959Z}"]
    done = client.authkit(*words, "--expires", "604800", client.url("/danger"))
    assert done.code == 0, done.err
    assert client.get_url(done.out.decode().strip()) == (200, b"x")


@pytest.mark.parametrize("region, service, says", [("eu-west-1", "s3", "region"), ("us-east-1", "sqs", "service")])
def test_wrong_scope(client: Client, swift: Swift, tmp_path: Path, region: str, service: str, says: str) -> None:
    derive(swift, tmp_path, tmp_path / "other.json", "--days", "2", region=region, service=service)
    status, body = client.send("", key=f"file:{tmp_path / 'other.json'}", options=("--payload-header",))
    assert (status, error_code(body)) == (400, "AuthorizationHeaderMalformed")
    assert says in body.decode()


def test_a_subkey_does_not_reach_further(client: Client) -> None:
    """authkit itself refuses before anything is sent."""
    for option, value in (("--region", "eu-west-1"), ("--service", "sqs")):
        done = client.authkit("sign", "curl", "--key", client.key, option, value, "--run", "-sS", client.url(""))
        assert (done.code, done.out) == (5, b"")
        assert value in done.err


def test_expired_presigned_url(client: Client) -> None:
    then = datetime.now(timezone.utc) - timedelta(seconds=30)
    words = ["sign", "url", "--key", client.key, "--at", f"{then:%Y%m%dT%H%M%SZ}", "--expires", "10", client.url("/x")]
    done = client.authkit(*words)
    if done.code == 5:
        pytest.skip("the UTC day began less than 30 seconds ago, and no key signs yesterday's requests")
    status, body = client.get_url(done.out.decode().strip())
    assert (status, error_code(body)) == (403, "AccessDenied")
    assert b"Request has expired" in body


# what is changed in the pasted line; which line of the canonical request differs, and the cause
ALTERED = [
    ("method", "-X PUT", "-X DELETE", 1, "method"),
    ("path", "/alter", "/other", 2, "unknown"),
    ("query", "a=1", "a=2", 3, "unknown"),
    ("content type", "text/plain", "text/xml", 4, "header-changed"),
    ("host", " -H 'x-amz-meta-k: v'", " -H 'x-amz-meta-k: v' -H 'Host: proxy.example'", 5, "host"),
    ("meta changed", "x-amz-meta-k: v", "x-amz-meta-k: w", 8, "header-changed"),
]


def alter(line: str, old: str, new: str) -> str:
    assert line.count(old) == 1, line
    return line.replace(old, new)


@pytest.mark.parametrize("what, old, new, line_number, cause", ALTERED, ids=[row[0] for row in ALTERED])
def test_altered_request(client: Client, what: str, old: str, new: str, line_number: int, cause: str) -> None:
    """The server refuses, and inspect-signature says from the server's answer what was changed on the way."""
    words = ["-X", "PUT", "-H", "x-amz-meta-k: v", "-H", "Content-Type: text/plain", "--data-raw", "hello"]
    line = client.printed("/alter?a=1", *words)
    assert client.paste(line)[0] == 200
    status, body = client.paste(alter(line, old, new))
    assert (status, error_code(body)) == (403, "SignatureDoesNotMatch")
    difference = explain(client, line, body)
    assert (difference["stage"], difference["line"], difference["cause"]) == ("canonical-request", line_number, cause)
    assert difference["ours"] != difference["theirs"]


def test_removed_header(client: Client) -> None:
    """Swift does not say what it calculated when a signed header is gone; what arrived is enough to see it."""
    line = client.printed("/alter", "-X", "DELETE", "-H", "x-amz-meta-k: v")
    arrived = alter(line, " -H 'x-amz-meta-k: v'", "")
    status, body = client.paste(arrived)
    assert (status, error_code(body), b"CanonicalRequest" in body) == (403, "SignatureDoesNotMatch", False)
    assert explain(client, line, body)["cause"] == "unknown"
    assert explain(client, arrived, body)["cause"] == "header-missing"


def explain(client: Client, line: str, body: bytes) -> dict[str, Any]:
    (client.home / "line.txt").write_text(line)
    (client.home / "error.xml").write_bytes(body)
    done = client.authkit("inspect-signature", "line.txt", "--server-error", "error.xml", "--json")
    assert done.code == 0, done.err
    said: dict[str, Any] = json.loads(done.out)
    assert said["schema"] == "authkit.explained/v1"
    difference: dict[str, Any] = said["difference"]
    return difference


def test_altered_body(client: Client) -> None:
    words = ["-X", "PUT", "-H", "Content-Type: text/plain", "--data-raw", "hello"]
    line = client.printed("/alter", *words)
    status, body = client.paste(alter(line, "hello", "hellO"))
    assert (status, error_code(body)) == (400, "XAmzContentSHA256Mismatch")


def test_added_header(client: Client) -> None:
    """An x-amz header that the signature does not cover turns the request into another one."""
    line = client.printed("/copy", "-X", "PUT", "-H", "Content-Type: text/plain", "--data-raw", "x")
    added = line.rstrip("\n") + f" -H 'x-amz-copy-source: /{BUCKET}/alter'\n"
    status, body = client.paste(added)
    assert status == 403, body


def test_another_secret(client: Client, swift: Swift, tmp_path: Path) -> None:
    """Both sides rewrite the request alike, so it is the keys that differ."""
    env = {"AUTHKIT_ACCESS_KEY_ID": swift.access_key_id, "AUTHKIT_SECRET_ACCESS_KEY": "testinG"}
    scope = ["--scope", "us-east-1/s3", "--days", "2", "-o", str(tmp_path / "wrong.json")]
    assert run_authkit("derive-subkey", "--key", "env:", *scope, home=tmp_path, env=env).code == 0
    key = f"file:{tmp_path / 'wrong.json'}"
    done = client.authkit("sign", "curl", "--key", key, "--", "-sS", "-w", "\\n%{http_code}", client.url(""))
    assert done.code == 0, done.err
    status, body = client.paste(done.out.decode())
    assert (status, error_code(body)) == (403, "SignatureDoesNotMatch")
    assert explain(client, done.out.decode(), body)["cause"] == "secret"


def test_encoded_slash(client: Client) -> None:
    """A %2F in a path is data; Swift reads it as structure, refuses the signature, and the difference is named."""
    line = client.printed("/a%2Fb", "-X", "PUT", "-H", "Content-Type: text/plain", "--data-raw", "x")
    status, body = client.paste(line)
    assert (status, error_code(body)) == (403, "SignatureDoesNotMatch")
    difference = explain(client, line, body)
    assert (difference["cause"], difference["line"]) == ("path-encoding", 2)
    assert (difference["ours"], difference["theirs"]) == (f"/{BUCKET}/a%2Fb", f"/{BUCKET}/a/b")
