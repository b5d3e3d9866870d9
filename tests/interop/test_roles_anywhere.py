"""Does a certificate of authkit's own CA open a session, as IAM Roles Anywhere gives one?

The server here stands for the service: it holds the CA's certificate and nothing else, verifies what real curl sent,
and answers a right CreateSession as the service does.
"""

import json
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from asked import asked
from authkit.certs.presented import Presented
from authkit.errors import Rejected
from authkit.messages.request import parse_request
from authkit.schemes.aws4_x509 import SCHEME
from interop.office import Office
from interop.program import PROJECT, Authkit

Tool = Callable[[str], str]
ARNS = {
    "durationSeconds": 3600,
    "profileArn": "arn:aws:rolesanywhere:us-east-1:000000000000:profile/p",
    "roleArn": "arn:aws:iam::000000000000:role/r",
    "trustAnchorArn": "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/t",
}
CONVERT = (
    ".credentialSet[0].credentials | {Version: 1, AccessKeyId: .accessKeyId, SecretAccessKey: .secretAccessKey, "
    "SessionToken: .sessionToken, Expiration: .expiration}"
)


class Service:
    """A server on 127.0.0.1 that gives sessions to clients of one CA."""

    def __init__(self, anchors: "list[bytes]") -> None:
        self.presented = Presented(anchors)
        self.said: "list[str]" = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with socket.create_connection(self._socket.getsockname()) as wake:
            wake.sendall(b"stop")
        self._thread.join(30)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                connection.settimeout(30)
                data = connection.recv(65536)
                if data == b"stop":
                    return
                while b"\r\n\r\n" not in data:
                    data += connection.recv(65536)
                length = int((re.search(rb"(?i)\r\ncontent-length: *(\d+)", data) or [b"", b"0"])[1])
                while len(data.partition(b"\r\n\r\n")[2]) < length:
                    data += connection.recv(65536)
                status, answer = self._answer(data)
                body = json.dumps(answer).encode()
                head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                connection.sendall(head.encode() + body)

    def _answer(self, data: bytes) -> "tuple[str, Any]":
        now = datetime.now(timezone.utc).replace(microsecond=0)
        options = asked(SCHEME.verify_options, region="us-east-1", authority=(self.host,), presented=self.presented)
        try:
            request = parse_request(data, "http")
            found = SCHEME.verifier([], options).judge(request, now)
        except Rejected as rejected:
            self.said.append(rejected.reason)
            return "403 Forbidden", {"message": "Access denied"}
        right = json.loads(data.partition(b"\r\n\r\n")[2]) == ARNS and {"body", "content-type"} < set(found.covered)
        if (request.method, request.target, right) != ("POST", "/sessions", True):
            return "400 Bad Request", {"message": "not a CreateSession request"}
        self.said.append(str(found.more["certificate"]))
        return "201 Created", session(now + timedelta(hours=1))


def session(ends: datetime) -> "dict[str, Any]":
    """Return what the service answers to CreateSession."""
    credentials = {
        "accessKeyId": "ASROLESANYWHERE",
        "secretAccessKey": "secret/of+the+session",
        "sessionToken": "token/of+the+session==",
        "expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    user = {"arn": "arn:aws:sts::000000000000:assumed-role/r/1", "assumedRoleId": "AROA:1"}
    return {"credentialSet": [{"assumedRoleUser": user, "credentials": credentials, "roleArn": ARNS["roleArn"]}]}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = Office(tmp_path_factory.mktemp("office"))
    made.create_ca("root", "--common-name", "Root")
    made.create_ca("issuing", "--common-name", "Issuing", "--parent", "root")
    return made


@pytest.fixture
def service(office: Office) -> Iterator[Service]:
    anchors = x509.load_pem_x509_certificates(office.root("root"))
    made = Service([one.public_bytes(Encoding.DER) for one in anchors])
    try:
        yield made
    finally:
        made.close()


def key_file(office: Office, name: str, *words: str) -> "tuple[Path, x509.Certificate]":
    """Return one PEM with a key and its certificates, and the leaf."""
    made = office.issue(name, "issuing", "--profile", "roles-anywhere", "--email", f"{name}@example.com", *words)
    both = office.folder / f"{name}-both.pem"
    both.write_bytes(made.key.read_bytes() + made.chain.read_bytes())
    both.chmod(0o600)
    return both, made.certificate


def create_session(
    authkit: Authkit, service: Service, *key: "str | Path", data: "str | None" = None
) -> "tuple[int, bytes]":
    """Send the manual's request; return status and body of the answer."""
    words = ["--scheme", "aws4-x509", "--region", "us-east-1", *key, "--run", "--", "-sS", "-w", "\n%{http_code}"]
    body = json.dumps(ARNS) if data is None else data
    line = ["-H", "Content-Type: application/json", "-d", body, f"http://{service.host}/sessions"]
    done = authkit("sign", "curl", *words, *line)
    assert done.code == 0, done.err
    answer, _, status = done.out.rpartition(b"\n")
    return int(status), answer


@pytest.mark.parametrize("key_type", ["p256", "p384", "rsa3072"])
def test_a_session(authkit: Authkit, office: Office, service: Service, key_type: str) -> None:
    both, leaf = key_file(office, f"alice-{key_type}", "--key-type", key_type)
    status, answer = create_session(authkit, service, "--key", f"file:{both}")
    assert (status, service.said) == (201, [leaf.fingerprint(SHA256()).hex()])
    assert json.loads(answer)["credentialSet"][0]["credentials"]["accessKeyId"] == "ASROLESANYWHERE"


def test_the_session_signs(authkit: Authkit, office: Office, service: Service, require_tool: Tool, home: Path) -> None:
    """What the service answers is a key that import-key reads, and with jq what a credential process prints."""
    both, _ = key_file(office, "bob")
    _, answer = create_session(authkit, service, "--key", f"file:{both}")
    (home / "pass").write_text("a passphrase of 16 letters\n")
    (home / "pass").chmod(0o600)
    env = {"AUTHKIT_STORE": str(home / "store"), "AUTHKIT_PASSPHRASE_FILE": str(home / "pass")}
    done = authkit("import-key", "session", "-", "--unlock", "passphrase", env=env, stdin=answer)
    assert (done.code, done.out) == (0, b"ASROLESANYWHERE\n"), done.err
    made = subprocess.run([require_tool("jq"), CONVERT], input=answer, capture_output=True, check=True, timeout=60)
    process = json.loads(made.stdout)
    assert (process["Version"], set(process)) == (
        1,
        {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"},
    )
    done = authkit("import-key", "process", "-", env=env, stdin=made.stdout)
    assert (done.code, done.out) == (0, b"ASROLESANYWHERE\n"), done.err
    url = "https://bkt.s3.us-east-1.amazonaws.com/k"
    done = authkit("sign", "curl", "--key", "process", "--reveal", "--", url, env=env)
    assert b"Credential=ASROLESANYWHERE/" in done.out
    assert b"X-Amz-Security-Token: token/of+the+session==" in done.out


def test_certificates_in_a_file_of_their_own(authkit: Authkit, office: Office, service: Service) -> None:
    key_file(office, "carol")
    words = ["--key", f"file:{office.folder / 'carol.key'}", "--certificate", office.folder / "carol.pem"]
    assert create_session(authkit, service, *words)[0] == 201


def test_who_gets_no_session(authkit: Authkit, office: Office, service: Service) -> None:
    office.create_ca("other", "--common-name", "Other")
    made = office.issue("mallory", "other", "--email", "alice@example.com")
    both = office.folder / "mallory-both.pem"
    both.write_bytes(made.key.read_bytes() + made.chain.read_bytes())
    both.chmod(0o600)
    assert create_session(authkit, service, "--key", f"file:{both}")[0] == 403
    own, _ = key_file(office, "dave")
    words = ["--key", f"file:{own}", "--at", "2026-01-01T00:00:00Z"]
    assert create_session(authkit, service, *words)[0] == 403
    assert create_session(authkit, service, "--key", f"file:{own}", "--service", "sts")[0] == 403
    assert service.said == ["certificate-untrusted", "expired", "scope-service"]


def test_the_manual_has_this_recipe() -> None:
    text = (PROJECT / "man" / "man7" / "authkit-schemes.7").read_text().replace("\\-", "-")
    assert "--scheme aws4-x509" in text
    assert ".credentialSet[0].credentials" in text
