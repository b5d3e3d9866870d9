"""Does a real S3 server take bodies that authkit signs chunk by chunk, and refuse what was changed on the way?"""

import http.client
from collections.abc import Callable
from pathlib import Path

import pytest

from interop.program import Result, run_authkit
from interop.swift import Swift
from interop.test_swift import answer, derive, error_code

BUCKET = "chunks"
Tool = Callable[[str], str]
BODY = bytes(range(256)) * 800  # 204800 octets: three chunks and a part of one
WAYS = ("streaming", "streaming-trailer", "unsigned-trailer")
CHECKSUMS = ("crc32", "crc32c", "crc64nvme", "sha1", "sha256")


class Client:
    """A machine that holds one subkey file and no master secret."""

    def __init__(self, home: Path, swift: Swift) -> None:
        self.home, self.swift = home, swift
        self.key = f"file:{home / 'subkeys.json'}"

    def authkit(self, *words: str, stdin: bytes = b"") -> Result:
        return run_authkit(*words, home=self.home, stdin=stdin)

    def curl(self, target: str, *curl: str, options: tuple[str, ...] = (), stdin: bytes = b"") -> tuple[int, bytes]:
        """Sign and send with `sign curl --run`; return the status and the body of the answer."""
        words = [*curl, "-sS", "-w", "\n%{http_code}", f"{self.swift.url}/{BUCKET}{target}"]
        done = self.authkit("sign", "curl", "--key", self.key, "--run", *options, "--", *words, stdin=stdin)
        assert done.code == 0, done.err
        return answer(done)

    def message(self, target: str, body: bytes, *options: str) -> bytes:
        """Return the message that `sign http` writes for a PUT."""
        (self.home / "body").write_bytes(body)
        host = f"127.0.0.1:{self.swift.port}"
        draft = f"PUT /{BUCKET}{target} HTTP/1.1\nHost: {host}\nContent-Type: a/b\nConnection: close\n\n"
        words = ["sign", "http", "--key", self.key, "--body", str(self.home / "body"), *options, "-"]
        done = self.authkit(*words, stdin=draft.encode())
        assert done.code == 0, done.err
        return done.out

    def send(self, message: bytes) -> tuple[int, bytes]:
        """Put *message* on the wire as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.swift.port, timeout=30)
        try:
            connection.connect()
            connection.sock.sendall(message)
            got = http.client.HTTPResponse(connection.sock, method="PUT")
            got.begin()
            return got.status, got.read()
        finally:
            connection.close()

    def verdict(self, message: bytes) -> tuple[int, str]:
        """Return the exit code and the reason of verify-signature."""
        words = ["verify-signature", "--key", self.key, "--allow-unsigned-payload", "--json", "-"]
        done = self.authkit(*words, stdin=message)
        return done.code, done.out.decode().partition('"reason": "')[2].partition('"')[0]


@pytest.fixture(scope="module")
def client(swift: Swift, require_tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Client:
    require_tool("curl")
    home = tmp_path_factory.mktemp("client")
    derive(swift, tmp_path_factory.mktemp("offline"), home / "subkeys.json", "--days", "2")
    made = Client(home, swift)
    assert made.curl("", "-X", "PUT") == (200, b"")
    return made


@pytest.mark.parametrize("body", [BODY, b"", b"x", bytes(65536)], ids=["long", "empty", "one", "a chunk"])
@pytest.mark.parametrize("way", WAYS)
def test_message_is_accepted(client: Client, way: str, body: bytes) -> None:
    """What `sign http` writes is stored without its chunks, and verify-signature agrees with the server."""
    message = client.message("/message", body, "--payload", way)
    assert client.send(message) == (200, b"")
    assert client.curl("/message") == (200, body)
    assert client.verdict(message) == (0, "ok")


@pytest.mark.parametrize("checksum", CHECKSUMS)
@pytest.mark.parametrize("way", WAYS[1:])
def test_every_checksum_is_accepted(client: Client, way: str, checksum: str) -> None:
    message = client.message("/sum", BODY[:20000], "--payload", way, "--trailer", checksum, "--chunk-size", "8192")
    assert client.verdict(message) == (0, "ok")
    status, said = client.send(message)
    if status == 501 and b"not supported" in said:
        assert checksum in ("crc32c", "crc64nvme")  # Swift takes these from a library of the system's
    else:
        assert (status, said) == (200, b"")
        assert client.curl("/sum") == (200, BODY[:20000])


@pytest.mark.parametrize("curl", [("-T", "file.bin"), ("-X", "PUT", "--data-binary", "@file.bin")], ids=["T", "data"])
@pytest.mark.parametrize("way", WAYS)
def test_curl_sends_a_file(client: Client, way: str, curl: tuple[str, ...]) -> None:
    """curl reads the encoded body from a pipe and announces its length."""
    (client.home / "file.bin").write_bytes(BODY)
    words = (*curl, "-H", "Content-Type: a/b")
    assert client.curl("/curl", *words, options=("--payload", way)) == (200, b"")
    assert client.curl("/curl") == (200, BODY)


def test_curl_sends_standard_input(client: Client) -> None:
    words = ("-X", "PUT", "-H", "Content-Type: a/b", "--data-binary", "@-")
    assert client.curl("/stdin", *words, options=("--payload", "streaming"), stdin=BODY[:70000]) == (200, b"")
    assert client.curl("/stdin") == (200, BODY[:70000])


def flip(message: bytes, place: int) -> bytes:
    return message[:place] + bytes([message[place] ^ 1]) + message[place + 1 :]


CHANGES: "list[tuple[str, str, Callable[[bytes, int], bytes], int, str, str]]" = [
    ("first chunk", "streaming", lambda m, h: flip(m, h + 200), 403, "SignatureDoesNotMatch", "chunk-signature"),
    ("last chunk", "streaming", lambda m, h: flip(m, len(m) - 200), 403, "SignatureDoesNotMatch", "chunk-signature"),
    ("its end", "streaming", lambda m, h: flip(m, len(m) - 10), 403, "SignatureDoesNotMatch", "chunk-signature"),
    ("a trailer", "streaming-trailer", lambda m, h: flip(m, m.rindex(b"==") - 1), 403, "", "trailer-signature"),
    ("no signature", "streaming-trailer", lambda m, h: m.replace(b"x-amz-trailer-sig", b"x-amz-trailer-sib"),
     400, "MalformedTrailerError", "trailer-mismatch"),
    ("unsigned chunk", "unsigned-trailer", lambda m, h: flip(m, h + 200), 400, "BadDigest", "checksum-mismatch"),
]  # fmt: skip


@pytest.mark.parametrize("what, way, change, status, code, reason", CHANGES, ids=[row[0] for row in CHANGES])
def test_what_was_changed_is_refused(
    client: Client, what: str, way: str, change: Callable[[bytes, int], bytes], status: int, code: str, reason: str
) -> None:
    """Swift refuses, and so does authkit, with its reason; nothing is stored."""
    message = client.message("/changed", BODY, "--payload", way)
    changed = change(message, message.index(b"\r\n\r\n") + 4)
    assert len(changed) == len(message)
    assert changed != message
    got, said = client.send(changed)
    assert got == status, said
    if code:
        assert error_code(said) == code
    assert client.verdict(changed) == (1, reason)
    assert client.curl("/changed")[0] == 404
