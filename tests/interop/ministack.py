"""How is MiniStack, which plays AWS and checks its signatures, started and stopped on loopback?"""

import http.client
import os
import re
import subprocess
import time
from pathlib import Path
from urllib.parse import urlencode

from interop.swift import PROJECT, answers, free_ports

HOME = PROJECT / ".interop" / "ministack"
REGION = "us-east-1"
EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
# its root caller is believed without a signature, so it can set up the user whose signatures are checked
ROOT = "AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00"


def is_built() -> bool:
    """Return whether tests/interop/setup has built the server's own environment."""
    return (HOME / "built").is_file()


class MiniStack:
    """One process that answers for every service and refuses a wrong signature.

    Attributes:
        access_key_id, secret: of a user who may do everything; they are there once it has started.
    """

    region = REGION

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port = free_ports(1)[0]
        self.access_key_id, self.secret = "", ""
        self._process: "subprocess.Popen[bytes] | None" = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def start(self) -> None:
        """Start the server, and return once it answers and has the user."""
        env = {
            "PATH": os.defpath,
            "HOME": str(self.root),
            "TMPDIR": str(self.root),
            "LC_ALL": "C.UTF-8",
            "PYTHONWARNINGS": "ignore",
            "AUTH": "true",  # off by default: it would take any signature
            "BIND_HOST": "127.0.0.1",  # by default it listens everywhere
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "DOCKER_HOST": f"unix://{self.root}/no-docker",
        }
        with open(self.root / "log", "wb") as log:
            self._process = subprocess.Popen(
                [HOME / "bin" / "python", HOME / "bin" / "ministack"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=env,
                cwd=self.root,
            )
        deadline = time.monotonic() + 60
        while not answers(self.port):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"ministack did not start:\n{(self.root / 'log').read_text()[-4000:]}")
            time.sleep(0.05)
        self._make_user()

    def stop(self) -> None:
        """End the process that `start` started, and no other."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._process = None

    def send(self, method: str, target: str, headers: "dict[str, str]", body: bytes = b"") -> "tuple[int, str]":
        """Return status and body of the answer to one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, target, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def _make_user(self) -> None:
        self._as_root(Action="CreateUser", UserName="tester")
        self._as_root(Action="PutUserPolicy", UserName="tester", PolicyName="all", PolicyDocument=EVERYTHING)
        text = self._as_root(Action="CreateAccessKey", UserName="tester")
        found = [re.search(f"<{name}>(.*?)</{name}>", text) for name in ("AccessKeyId", "SecretAccessKey")]
        assert found[0] is not None
        assert found[1] is not None
        self.access_key_id, self.secret = found[0][1], found[1][1]

    def _as_root(self, **parameters: str) -> str:
        body = urlencode({"Version": "2010-05-08", **parameters}).encode()
        headers = {"Authorization": ROOT, "Content-Type": "application/x-www-form-urlencoded"}
        status, text = self.send("POST", "/", headers, body)
        assert status == 200, text
        return text
