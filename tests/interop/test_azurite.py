"""Does Microsoft's emulator of Azure Storage accept what authkit signs, and refuse what was changed?"""

import base64
import http.client
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import schemejobs as jobs
from authkit.messages.request import Request
from authkit.schemes import azure_sharedkey
from interop.swift import build, free_ports

PROJECT = Path(__file__).resolve().parents[2]
HOME = PROJECT / ".interop/npm-azurite"
ACCOUNT = "devstoreaccount1"
# the emulator's own, which its manual publishes
SECRET = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
KEY = jobs.access_key(ACCOUNT, base64.b64decode(SECRET))
BLOB = (("x-ms-blob-type", "BlockBlob"), ("Content-Type", "text/plain"))


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], str]) -> Iterator[int]:
    """The port of a running emulator."""
    if not (HOME / "built").is_file():
        if os.environ.get("AUTHKIT_REQUIRE_INTEROP") != "1":
            pytest.skip("Azurite is not installed; run tests/interop/setup")
        build()
    (number,) = free_ports(1)
    words = ["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--blobHost", "127.0.0.1"]
    words += ["--blobPort", str(number), "--location", str(tmp_path_factory.mktemp("azurite"))]
    program = HOME / "node_modules/azurite/dist/src/blob/main.js"
    with subprocess.Popen([require_tool("node"), program, *words], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        while b"listens" not in (line := server.stdout.readline()):
            assert line, "Azurite ended"
        yield number
        server.terminate()


def ask(
    port: int,
    method: str,
    target: str,
    headers: "tuple[tuple[str, str], ...]" = (),
    body: bytes = b"",
    *,
    edit: "Callable[[Request], Request]" = lambda request: request,
    key: Any = KEY,
    content_md5: bool = False,
) -> int:
    """Return the status of the answer to a signed request that *edit* changed on its way."""
    watch = azure_sharedkey.watch(jobs.options(azure_sharedkey.SCHEME, "sign", content_md5=content_md5))
    length = (("Content-Length", str(len(body))),) if method == "PUT" else ()
    message = jobs.request(method, f"/{ACCOUNT}{target}", headers + length, body, watch=watch, host=f"127.0.0.1:{port}")
    at = datetime.fromtimestamp(int(time.time()), UTC)
    sent = edit(jobs.sign(azure_sharedkey.SCHEME, message, key, at, content_md5=content_md5).request)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest(sent.method, sent.target, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.headers:
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders(body)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.fixture(scope="module")
def container(port: int) -> str:
    assert ask(port, "PUT", "/box?restype=container") == 201
    return "/box"


def test_accepted(port: int, container: str) -> None:
    meta = (("x-ms-meta-a_b", "1"), ("x-ms-meta-a1", "2  2"), ("x-ms-meta-aB", "x y"))
    assert ask(port, "PUT", f"{container}/a%20b~c%2Fd", BLOB + meta, b"hello", content_md5=True) == 201
    assert ask(port, "GET", f"{container}/a%20b~c%2Fd", (("Range", "bytes=0-2"), ("If-Match", "*"))) == 206
    query = "restype=container&comp=list&prefix=%C3%A9&include=metadata%2Csnapshots&delimiter=%2F"
    assert ask(port, "GET", f"{container}?{query}") == 200
    assert ask(port, "PUT", f"{container}/empty?", BLOB) == 201


@pytest.mark.parametrize("edit", [
    lambda sent: sent.with_target(sent.target + "&prefix=x"),
    lambda sent: sent.with_target(sent.target.replace("box", "bux")),
    lambda sent: jobs.changed(sent, "x-ms-version", "2020-12-06"),
    lambda sent: jobs.added(sent, ("x-ms-client-request-id", "1")),
    lambda sent: jobs.added(sent, ("If-Match", "*")),
    lambda sent: jobs.without(sent, "authorization"),
])  # fmt: skip
def test_refused(port: int, container: str, edit: "Callable[[Request], Request]") -> None:
    assert ask(port, "GET", f"{container}?restype=container&comp=list", edit=edit) == 403


def test_another_key_is_refused(port: int, container: str) -> None:
    wrong = jobs.access_key(ACCOUNT, bytes(64))
    assert ask(port, "GET", f"{container}?restype=container&comp=list", key=wrong) == 403


def test_another_body_is_refused(port: int, container: str) -> None:
    """With Content-MD5 the body is covered: the emulator compares the two."""

    def edit(sent: Request) -> Request:
        return jobs.changed(sent, "content-md5", base64.b64encode(bytes(16)).decode())

    assert ask(port, "PUT", f"{container}/y", BLOB, b"hello", content_md5=True, edit=edit) == 403
