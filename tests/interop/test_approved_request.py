"""Does a real S3 server accept one request that was approved in another home, and nothing else by the same answer?"""

import os
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from unittest import mock

import pytest

import ceremonies
from agefile import PASSPHRASE
from interop.program import Result, run, run_authkit
from interop.swift import Swift

Tool = Callable[[str], str]
BUCKET = "approved"


class Two:
    """A machine that asks and holds no key, and the one that holds the master secret; files are carried between."""

    def __init__(self, folder: Path, swift: Swift) -> None:
        self.web, self.air, self.url = folder / "web", folder / "air", swift.url
        with mock.patch.object(ceremonies, "MASTER", swift.access_key_id):
            for home in (self.web, self.air):
                home.mkdir()
                (home / "pass").write_bytes(PASSPHRASE)
                (home / "pass").chmod(0o600)
            ceremonies.make_web(self.web / "store")
            ceremonies.make_air(self.air / "store", secret=swift.secret)
        self.id, self.secret = swift.access_key_id, swift.secret.encode()

    def run(self, home: Path, *words: str) -> Result:
        return run_authkit(*words, home=home, env={"AUTHKIT_STORE": "store", "AUTHKIT_PASSPHRASE_FILE": "pass"})

    def ask(self, *words: str) -> None:
        scope = ["--access-key-id", self.id, "--region", "us-east-1", "--service", "s3"]
        done = self.run(self.web, "request-signature", *scope, "-o", "one.request", "--force", *words)
        assert (done.code, done.out) == (0, b""), done.err

    def approve(self) -> str:
        """Carry the request over, have it approved, carry the answer back; return what the operator saw."""
        os.replace(self.web / "one.request", self.air / "one.request")
        typed = ["--confirm", "web-1", "--confirm-date", f"{datetime.now(timezone.utc):%Y-%m-%d}"]
        done = self.run(self.air, "approve-signature", *typed, "-o", "one.answer", "--force", "one.request")
        assert (done.code, done.out) == (0, b""), done.err
        os.replace(self.air / "one.answer", self.web / "one.answer")
        assert self.secret not in (self.web / "one.answer").read_bytes()
        return done.err

    def send(self, *curl: str, options: tuple[str, ...] = ("--run",)) -> Result:
        words = ["-sS", "-w", "\\n%{http_code}" if "--run" not in options else "\n%{http_code}", *curl]
        return self.run(self.web, "sign", "curl", "--signature", "one.answer", *options, "--", *words)

    def whole(self, *curl: str, digest: bool = False) -> tuple[int, bytes]:
        """Ask, approve and send one request; return status and body of the answer."""
        self.ask(*(["--by-digest"] if digest else []), "--", "curl", *curl)
        self.approve()
        done = self.send(*curl)
        assert done.code == 0, done.err
        body, _, status = done.out.rpartition(b"\n")
        return int(status), body


@pytest.fixture(scope="module")
def two(swift: Swift, require_tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Two:
    require_tool("curl")
    made = Two(tmp_path_factory.mktemp("two"), swift)
    assert made.whole("-X", "PUT", f"{made.url}/{BUCKET}") == (200, b"")
    return made


def test_a_body_that_was_shown(two: Two) -> None:
    url = f"{two.url}/{BUCKET}/a%20b%2Bc"
    put = ["-X", "PUT", "-H", "Content-Type: text/plain", "-H", "X-Amz-Meta-By: two people", "--data-raw", "hello\n"]
    two.ask("--", "curl", *put, url)
    seen = two.approve()
    for line in (
        "METHOD:     | PUT\n",
        f"HOST:       | {url.split('/')[2]}\n",
        "PATH:       | /approved/a%20b%2Bc\n",
        "  decoded:  | /approved/a b+c\n",
        "QUERY:      none\n",
        "HEADER:     | Content-Type: text/plain\n",
        "HEADER:     | X-Amz-Meta-By: two people\n",
        "            | hello\n",
    ):
        assert line in seen
    done = two.send(*put, url)
    assert (done.code, done.out) == (0, b"\n200"), done.err
    assert two.whole(url) == (200, b"hello\n")


def test_a_body_by_its_digest(two: Two) -> None:
    (two.web / "big").write_bytes(os.urandom(200_000))
    url = f"{two.url}/{BUCKET}/big"
    two.ask("--by-digest", "--", "curl", "-T", "big", url)
    assert "BODY:       NOT SHOWN: only its digest came, SHA-256\n" in two.approve()
    done = two.send("-T", "big", url)
    assert (done.code, done.out) == (0, b"\n200"), done.err
    assert two.whole(url) == (200, (two.web / "big").read_bytes())


def test_printed_and_pasted(two: Two) -> None:
    url = f"{two.url}/{BUCKET}/pasted?x=%C3%A9&uploads"
    two.ask("--", "curl", "-X", "POST", url)
    two.approve()
    done = two.send("-X", "POST", url, options=())
    assert done.code == 0, done.err
    pasted = run(["sh", "-c", done.out.decode()], two.web)
    assert pasted.out.endswith(b"\n200"), pasted
    assert b"<UploadId>" in pasted.out


def test_a_url_that_lives_for_days(two: Two) -> None:
    url = f"{two.url}/{BUCKET}?max-keys=1"
    at = (datetime.now(timezone.utc) - timedelta(minutes=20)).strftime("%Y-%m-%dT%H:%M:%SZ")  # beyond any skew
    two.ask("--placement", "query", "--expires", "604800", "--at", at, url)
    assert "WARNING:    the body is not signed\n" in two.approve()
    made = two.run(two.web, "sign", "url", "--signature", "one.answer", url)
    assert made.code == 0, made.err
    got = run(["curl", "-q", "-sS", "-g", "-w", "\n%{http_code}", made.out.decode().strip()], two.web)
    assert got.out.endswith(b"\n200"), got
    assert b"<MaxKeys>1</MaxKeys>" in got.out


def test_http_message_in_and_out(two: Two) -> None:
    host = two.url.removeprefix("http://")
    (two.web / "draft").write_text(f"PUT /{BUCKET}/drafted HTTP/1.1\nHost: {host}\nContent-Type: a/b\n\nbody")
    two.ask("draft")
    two.approve()
    done = two.run(two.web, "sign", "http", "--signature", "one.answer", "draft")
    assert done.code == 0, done.err
    import socket

    name, _, port = host.partition(":")
    with socket.create_connection((name, int(port)), timeout=20) as connection:
        connection.sendall(done.out)
        assert connection.recv(64).startswith(b"HTTP/1.1 200 ")
    assert two.whole(f"{two.url}/{BUCKET}/drafted") == (200, b"body")


def test_the_server_refuses_what_was_not_approved(two: Two) -> None:
    """What authkit would not sign is no more accepted when somebody takes the signature out by hand."""
    url = f"{two.url}/{BUCKET}/mine"
    two.ask("--", "curl", "-X", "PUT", "--data-raw", "approved", url)
    two.approve()
    line = two.send("-X", "PUT", "--data-raw", "approved", url, options=()).out.decode()
    for one, other in (("--data-raw approved", "--data-raw smuggled"), ("/mine", "/yours"), ("-X PUT", "-X DELETE")):
        assert one in line
        assert run(["sh", "-c", line.replace(one, other)], two.web).out.rpartition(b"\n")[2] in (b"400", b"403")
    assert run(["sh", "-c", line], two.web).out.endswith(b"\n200")
