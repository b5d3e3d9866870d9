"""How is a real S3 server, OpenStack Swift with s3api, started and stopped on loopback?"""

import fcntl
import http.client
import os
import pwd
import socket
import subprocess
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
HOME = PROJECT / ".interop" / "swift"

ACCESS_KEY_ID = "test:tester"
SECRET = "testing"  # Swift's own name for its test user, on loopback only
REGION, SERVICE = "us-east-1", "s3"

# The ports that the oracle's configuration files carry, each replaced by a free one.
PORTS = {"object": 6210, "container": 6211, "account": 6212, "proxy": 8099}

# One process instead of nine calls of swift-ring-builder.
RINGS = """
import sys
from swift.common.ring import RingBuilder
root, ports = sys.argv[1], sys.argv[2:]
for name, port in zip(("object", "container", "account"), map(int, ports)):
    builder = RingBuilder(8, 1, 1)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1, "ip": "127.0.0.1", "port": port, "device": "d1",
                     "replication_ip": "127.0.0.1", "replication_port": port, "meta": ""})
    builder.rebalance()
    builder.get_ring().save(f"{root}/etc/{name}.ring.gz")
"""


def is_built() -> bool:
    """Return whether tests/interop/setup has built the server's own environment."""
    return (HOME / "built").is_file()


def build() -> None:
    """Run tests/interop/setup, which does nothing the second time; workers wait for the first of them."""
    HOME.parent.mkdir(exist_ok=True)
    with open(HOME.parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([PROJECT / "tests" / "interop" / "setup"], check=True, timeout=600)


def free_ports(count: int) -> list[int]:
    """Return *count* loopback ports that nothing listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Swift:
    """Four processes of one Swift: account, container and object servers, and the proxy that speaks S3."""

    access_key_id, secret, region, service = ACCESS_KEY_ID, SECRET, REGION, SERVICE

    def __init__(self, root: Path, configs: Path) -> None:
        self.root = root
        self._configs = configs
        self._ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def port(self) -> int:
        return self._ports["proxy"]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Write rings and configuration under the root, start the servers, and return once the proxy answers."""
        (self.root / "etc").mkdir(parents=True)
        (self.root / "dev" / "d1").mkdir(parents=True)
        self._write_configs()
        ports = [str(self._ports[name]) for name in ("object", "container", "account")]
        words = [HOME / "bin" / "python", "-c", RINGS, self.root, *ports]
        subprocess.run(words, check=True, timeout=60, env=self._env())
        log = open(self.root / "log", "wb")  # noqa: SIM115 - the children keep it
        for name in PORTS:
            program, config = HOME / "bin" / f"swift-{name}-server", self.root / "etc" / f"{name}.conf"
            self._processes.append(
                subprocess.Popen(
                    [HOME / "bin" / "python", program, config],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=self._env(),
                    cwd=self.root,
                )
            )
        log.close()
        self._wait()

    def stop(self) -> None:
        """End the processes that `start` started, and no others."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        self._processes.clear()

    def _write_configs(self) -> None:
        user = pwd.getpwuid(os.geteuid()).pw_name  # Swift changes to this user when it is started by root
        for name in [*PORTS, "swift"]:
            text = (self._configs / f"{name}.conf").read_text()
            text = text.replace("@ROOT@", str(self.root)).replace("user = root", f"user = {user}")
            assert "bind_ip = 127.0.0.1" in text or name == "swift"
            for other, port in PORTS.items():
                text = text.replace(f"bind_port = {port}", f"bind_port = {self._ports[other]}")
            (self.root / "etc" / f"{name}.conf").write_text(text)

    def _env(self) -> dict[str, str]:
        return {"PATH": os.defpath, "HOME": str(self.root), "LC_ALL": "C.UTF-8", "PYTHONWARNINGS": "ignore"}

    def _wait(self) -> None:
        # A put and a get through the proxy need all four, so health is not enough: each must accept a connection.
        deadline = time.monotonic() + 60
        for name, port in self._ports.items():
            while not answers(port):
                if time.monotonic() > deadline or any(process.poll() is not None for process in self._processes):
                    said = (self.root / "log").read_text()[-4000:]
                    raise RuntimeError(f"swift's {name} server did not start:\n{said}")
                time.sleep(0.05)


def answers(port: int) -> bool:
    """Return whether an HTTP server answers on *port* of loopback."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthcheck")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
