"""How is a real FreeRADIUS that lets people into a Wi-Fi by certificate started, asked and stopped on loopback?"""

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER_NAME = "radius.example.com"
SECRET = "testing123"  # the oracle's own, on loopback only
READY = "Ready to process requests"

NETWORK = """
network={{
  key_mgmt=WPA-EAP
  eap=TLS
  identity="anonymous@example.com"
  ca_cert="{ca}"
  domain_match="{name}"
{lines}
}}
"""


class Answer:
    """What came of one attempt.

    Attributes:
        success: whether the client got in, as both sides say.
        version: the TLS version that the client negotiated, such as "TLSv1.3"; "" if none was.
        seen: what the server read in the client's certificate, by FreeRADIUS's name without TLS-Client-Cert- in
            front; the leaf is the last that it reads.
        refusal: OpenSSL's number (X509_V_ERR_…) of why the server refused it; None if it did not.
    """

    def __init__(self, code: int, said: str, logged: str) -> None:
        assert (code == 0) == ("Login OK: " in logged), logged
        self.success = code == 0 and said.endswith("\nSUCCESS\n")
        self.version = "".join(re.findall(r"Using TLS version (\S+)", said)[-1:])
        self.seen = dict(re.findall(r"TLS-Client-Cert-(\S+) [:+]?= \"([^\"\n]*)\"", logged))
        numbers = re.findall(r"Login incorrect \(eap_tls: \(TLS\) OpenSSL says error (\d+) :", logged)
        self.refusal = int(numbers[0]) if numbers else None


class Radius:
    """One FreeRADIUS.

    Args:
        root: an empty folder.
        template: the oracle's radiusd.conf.in.
        certificate, key: the server's own, PEM files.
        authorities: PEM of the CAs whose clients it lets in, and of their CRLs.
        check_crl: whether it looks at CRLs.
    """

    def __init__(
        self, root: Path, template: Path, *, certificate: Path, key: Path, authorities: bytes, check_crl: bool
    ) -> None:
        self.root = root
        self.port = free_udp_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder = root / "raddb" / "certs"
        folder.mkdir(parents=True)
        (folder / "server.pem").write_bytes(certificate.read_bytes())
        (folder / "server.key").write_bytes(key.read_bytes())
        (folder / "ca.pem").write_bytes(authorities)
        text = template.read_text()
        assert "ipaddr = 127.0.0.1\n    port = 18120\n" in text
        for old, new in {
            "@ROOT@": str(root),
            "CAFILE": "ca.pem",
            "CHECKCRL": "yes" if check_crl else "no",
            "port = 18120": f"port = {self.port}",
        }.items():
            text = text.replace(old, new)
        (root / "raddb" / "radiusd.conf").write_text(text)

    @property
    def log(self) -> str:
        return (self.root / "log").read_text("utf-8", "replace")

    def start(self, program: str) -> None:
        """Start it, and return once it waits for requests."""
        words: list[str | Path] = [program, "-fxx", "-l", "stdout", "-d", self.root / "raddb"]
        with open(self.root / "log", "wb") as log:
            self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait(lambda: READY in self.log)

    def stop(self) -> None:
        """End the process that `start` started."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def join(self, program: str, ca: Path, folder: Path, *, tls: str, **settings: "str | Path") -> Answer:
        """Try to get in, with the highest TLS version *tls* and the certificate that *settings* name.

        Args:
            program: eapol_test.
            ca: the CA of this server, PEM.
            folder: where the client's configuration is written.
            settings: client_cert, private_key, private_key_passwd.
        """
        phase1 = {"1.2": "tls_disable_tlsv1_3=1", "1.3": "tls_disable_tlsv1_3=0"}[tls]
        lines = "\n".join(f'  {name}="{value}"' for name, value in {**settings, "phase1": phase1}.items())
        config = folder / "network.conf"
        config.write_text(NETWORK.format(ca=ca, name=SERVER_NAME, lines=lines))
        before = len(self.log)
        server = ("-a", "127.0.0.1", "-p", str(self.port), "-s", SECRET)
        done = subprocess.run([program, "-c", config, *server, "-t", "8"], capture_output=True, cwd=folder, timeout=60)
        self._wait(lambda: re.search("Sent Access-(Accept|Reject)", self.log[before:]) is not None)
        return Answer(done.returncode, done.stdout.decode("utf-8", "replace"), self.log[before:])

    def _wait(self, ready: "Callable[[], bool]") -> None:
        deadline = time.monotonic() + 30
        while not ready():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"FreeRADIUS does not answer:\n{self.log[-4000:]}")
            time.sleep(0.02)


def free_udp_port() -> int:
    """Return a loopback port for datagrams that nothing uses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def running(server: Radius, program: str) -> Iterator[Radius]:
    try:
        server.start(program)
        yield server
    finally:
        server.stop()
